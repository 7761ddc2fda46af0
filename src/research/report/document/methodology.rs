//! The chapter on how the report was made and how far its evidence can be trusted.

use super::super::super::StopReason;
use super::super::super::confidence::Confidence;
use super::super::super::markdown::{code, escape, escape_line};
use super::super::number::Numbering;
use super::super::phrases::{Phrase, Phrases};
use super::super::{CitationAudit, RejectedPage};
use super::{LISTED_MAX, NONE, Parts, and_more, class_name, tabulated};
use crate::text::{clip, one_line};
use std::fmt::Write as _;

/// Longest title in the table of sources, in characters.
const TITLE_CHARS_MAX: usize = 70;

pub(super) fn chapter(parts: &Parts<'_>, numbering: &Numbering<'_>, tally: CitationAudit) -> String {
    let (input, phrases) = (parts.input, parts.phrases);
    let words = |phrase| phrases.get(phrase);
    let mut out = String::new();
    let mut bullet = |name: Phrase, text: String| {
        let _ = writeln!(out, "- **{}:** {text}.", words(name));
    };
    let seconds = input.finished_at.ms_since(input.started_at) / 1000;
    let search = [
        phrases.count(Phrase::Rounds, input.rounds),
        phrases.count(Phrase::Queries, input.queries.len()),
        phrases.count(Phrase::Seconds, seconds),
        words(stopped(input.stop_reason)).to_owned(),
    ];
    bullet(Phrase::Search, search.join("; "));
    for warning in &input.warnings {
        bullet(Phrase::Warning, escape_line(one_line(warning).trim_end_matches('.')));
    }
    let reading = [
        phrases.count(Phrase::PagesRead, input.pages.len()),
        phrases.count(Phrase::PagesRejected, input.rejected.len()),
        phrases.count(Phrase::FindingsMade, parts.findings.len()),
    ];
    bullet(Phrase::Reading, reading.join("; "));
    if !parts.ratings.is_empty() {
        let all = parts.ratings.values().map(|rating| rating.confidence);
        bullet(Phrase::ConfidenceOfFindings, levels(phrases, all, true));
        let audit = [
            (Phrase::Verified, tally.verified),
            (Phrase::Repaired, tally.repaired),
            (Phrase::Dropped, tally.dropped),
            (Phrase::Cut, tally.unsupported_sentences),
        ];
        bullet(Phrase::Audit, audit.map(|(name, n)| phrases.count(name, n)).join("; "));
    }
    if let Some((n, uses)) = numbering.uses.iter().max_by_key(|(_, uses)| **uses) {
        let all: u32 = numbering.uses.values().sum();
        if numbering.sources.len() > 1 && uses * 2 > all {
            bullet(Phrase::OneSided, format!("{uses}/{all} ({n})"));
        }
    }
    bullet(Phrase::Analyst, escape_line(&one_line(&input.analyst)));
    if !input.queries.is_empty() {
        let queries: Vec<String> =
            input.queries.iter().filter(|q| !q.trim().is_empty()).take(LISTED_MAX).map(|q| code(q)).collect();
        bullet(Phrase::QueriesAsked, queries.join(", "));
    }
    if !parts.ratings.is_empty() {
        let _ = write!(out, "\n{}\n", words(Phrase::Rule));
    }
    let rejected = rejected(parts, numbering);
    let tables = [
        (Phrase::CoverageOf, coverage(parts)),
        (Phrase::Sources, sources(parts, numbering)),
        (Phrase::RejectedPages, rejected),
    ];
    for (name, table) in tables.into_iter().filter(|(_, table)| !table.is_empty()) {
        let _ = write!(out, "\n**{}**\n\n{table}", words(name));
    }
    out
}

/// How many of each level: all three, or those that there are.
fn levels(phrases: Phrases, all: impl Iterator<Item = Confidence>, complete: bool) -> String {
    let all: Vec<Confidence> = all.collect();
    let counts = [Confidence::High, Confidence::Medium, Confidence::Low].map(|level| {
        let name = phrases.named(level.name()).unwrap_or(level.name());
        (name, all.iter().filter(|own| **own == level).count())
    });
    let counts = counts.into_iter().filter(|(_, n)| complete || *n > 0);
    counts.map(|(name, n)| format!("{name}: {n}")).collect::<Vec<_>>().join("; ")
}

/// What was found for each part of the question.
fn coverage(parts: &Parts<'_>) -> String {
    if parts.findings.is_empty() {
        return String::new();
    }
    let rows = (1..).zip(parts.coverage).map(|(place, coverage)| {
        let findings = parts.findings.values().filter(|f| f.claim.sub_question == place).count();
        let open = parts.answered.open.iter().any(|open| open.sub_question == coverage.sub_question);
        let covered = if coverage.covered && !open { Phrase::Yes } else { Phrase::No };
        vec![
            escape(&one_line(&coverage.sub_question)).trim().to_owned(),
            findings.to_string(),
            coverage.hosts.to_string(),
            parts.phrases.get(covered).to_owned(),
        ]
    });
    let heads = [Phrase::SubQuestion, Phrase::FindingsMade, Phrase::Sites, Phrase::Covered];
    tabulated(parts.phrases, &heads, rows)
}

/// What each cited source is, and what was found on it.
fn sources(parts: &Parts<'_>, numbering: &Numbering<'_>) -> String {
    let phrases = parts.phrases;
    let rows = numbering.sources.iter().map(|source| {
        let own = || parts.findings.values().filter(|f| f.page == source.page);
        let ratings = own().filter_map(|f| parts.ratings.get(&f.id)).map(|rating| rating.confidence);
        let title = one_line(&source.title);
        vec![
            // Plain numbers: the quotes of a source bear out nothing of what is said about it.
            format!("{}. {}", source.n, escape(clip(&title, TITLE_CHARS_MAX)).trim()),
            class_name(phrases, source.source_class).to_owned(),
            source.day().unwrap_or(NONE).to_owned(),
            own().count().to_string(),
            levels(phrases, ratings, false),
        ]
    });
    let heads = [Phrase::Source, Phrase::Class, Phrase::Dated, Phrase::FindingsMade, Phrase::ConfidenceOf];
    tabulated(phrases, &heads, rows)
}

fn rejected(parts: &Parts<'_>, numbering: &Numbering<'_>) -> String {
    // A report that found nothing names the pages it read in a section of their own.
    let named = |page: &&RejectedPage| {
        !numbering.sources.is_empty() || !parts.input.pages.values().any(|read| read.url == page.url)
    };
    let rejected: Vec<&RejectedPage> = parts.input.rejected.iter().filter(named).collect();
    let mut out = String::new();
    for page in rejected.iter().take(LISTED_MAX) {
        let _ = writeln!(out, "- {}: {}", code(&page.url), escape_line(&one_line(&page.reason)));
    }
    and_more(&mut out, parts.phrases, rejected.len(), LISTED_MAX);
    out
}

const fn stopped(reason: Option<StopReason>) -> Phrase {
    match reason {
        Some(StopReason::Covered) => Phrase::StopCovered,
        Some(StopReason::NothingNew) => Phrase::StopNothingNew,
        Some(StopReason::Rounds) => Phrase::StopRounds,
        Some(StopReason::Sources) => Phrase::StopSources,
        Some(StopReason::Budget) => Phrase::StopBudget,
        Some(StopReason::Deadline) => Phrase::StopDeadline,
        None => Phrase::StopNot,
    }
}
