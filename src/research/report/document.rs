//! The document: headings, figures about the work, and lists, all computed.

mod methodology;
mod temporal;

use super::super::answered::{Answered, Open};
use super::super::confidence::{Rating, SourceClass};
use super::super::markdown::{anchor, code, escape_line, link};
use super::super::{Finding, FindingId, is_day};
use super::chapter::Chapter;
use super::conflict::Conflict;
use super::conflict::ledger::Ledger;
use super::extract::Statistics;
use super::number::Numbering;
use super::phrases::{Phrase, Phrases};
use super::style::site_name;
use super::{CitationAudit, Report, ReportInput, Section};
use crate::model::Coverage;
use crate::text::one_line;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Longest title in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Most queries, rejected pages or other pages that are listed one by one.
const LISTED_MAX: usize = 30;
/// Most pages that did not answer which a report without an answer names: it should be short.
const UNHELPFUL_MAX: usize = 8;

/// What the document is built from.
pub(super) struct Parts<'a> {
    pub(super) input: &'a ReportInput,
    pub(super) phrases: Phrases,
    pub(super) findings: &'a BTreeMap<FindingId, &'a Finding>,
    pub(super) ratings: &'a BTreeMap<FindingId, Rating>,
    pub(super) coverage: &'a [Coverage],
    pub(super) answered: Answered,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) statistics: Statistics,
    pub(super) context: String,
    pub(super) projections: String,
    pub(super) risks: String,
    /// The first paragraph of the summary.
    pub(super) answer: Option<String>,
    pub(super) summary: String,
    pub(super) sections: Vec<Section>,
}

pub(super) fn build(parts: Parts<'_>, tally: CitationAudit) -> Report {
    let mut numbering = Numbering::new(parts.findings, &parts.input.pages);
    let mut chapters: Vec<(Chapter, String)> = Vec::new();
    let mut add = |chapter: Chapter, body: String| {
        if !body.trim().is_empty() {
            chapters.push((chapter, body.trim().to_owned()));
        }
    };
    // Numbers are given in the order of reading.
    let found = !parts.sections.is_empty();
    let answer = parts.answer.as_deref().map(|answer| numbering.number(answer));
    // It is the beginning of the summary, and its marks count there.
    numbering.uses.clear();
    let summary = if found {
        format!("{}{}", without_answer(&parts), numbering.number(&parts.summary))
    } else {
        nothing_found(&parts)
    };
    add(Chapter::Summary, summary);
    add(Chapter::Context, numbering.number(&parts.context));
    add(Chapter::Findings, numbering.number(&key_findings(&parts.sections)));
    add(Chapter::Statistics, numbering.number(&statistics_table(&parts)));
    add(Chapter::Projections, numbering.number(&parts.projections));
    add(Chapter::Risks, numbering.number(&parts.risks));
    add(Chapter::Conflicts, numbering.number(&conflict_list(&parts)));
    let gaps = gaps(&parts);
    add(Chapter::Methodology, methodology::chapter(&parts, &numbering, tally));
    add(Chapter::Gaps, gaps.iter().map(|g| format!("- {}\n", escape_line(g))).collect());
    add(Chapter::Temporal, temporal::chapter(&parts, &numbering.sources));
    add(Chapter::Unhelpful, if found { String::new() } else { unhelpful(&parts) });
    add(Chapter::Sources, source_list(&numbering, parts.phrases));

    let findings_used = numbering.citations.iter().map(|c| c.finding).collect();
    Report {
        markdown: print(&parts, &numbering, &chapters),
        chapters: chapters.iter().map(|(chapter, _)| *chapter).collect(),
        language: Some(parts.phrases.tag().to_owned()).filter(|tag| tag != "en"),
        answer,
        sources: numbering.sources,
        citations: numbering.citations,
        audit: tally,
        findings_used,
        ratings: parts.ratings.clone(),
        conflicts: parts.conflicts,
        gaps,
        answered: parts.answered,
        output: None,
    }
}

/// What a reader must know before the summary: that the question, or a part of it, has no answer here.
fn without_answer(parts: &Parts<'_>) -> String {
    let (phrases, open) = (parts.phrases, &parts.answered.open);
    let listed = |text: fn(&Open) -> &String| -> Vec<String> {
        open.iter().map(|open| escape_line(&one_line(text(open)))).collect()
    };
    if parts.answered.nothing() {
        let mut reasons = listed(|open| &open.reason);
        reasons.dedup();
        let (said, then) = if parts.answered.unconfirmed() {
            (Phrase::NotConfirmed, Phrase::Closest)
        } else {
            (Phrase::NotAnswered, Phrase::Nearest)
        };
        let reasons = reasons.join("; ");
        return format!("**{}:** {reasons}. {}\n\n", phrases.get(said), phrases.get(then));
    }
    let part = open.iter().filter(|open| !open.unconfirmed);
    let part: Vec<String> = part.map(|open| escape_line(&one_line(&open.sub_question))).collect();
    if part.is_empty() {
        return String::new();
    }
    let questions = part.join(" ");
    format!("{}\n\n", phrases.count(Phrase::NotAnsweredPart, questions))
}

fn print(parts: &Parts<'_>, numbering: &Numbering<'_>, chapters: &[(Chapter, String)]) -> String {
    let (input, phrases) = (parts.input, parts.phrases);
    let words = |phrase| phrases.get(phrase);
    let mut out = String::new();
    let title: String = one_line(&input.question).chars().take(TITLE_CHARS_MAX).collect();
    let title = escape_line(title.trim());
    let _ = writeln!(out, "# {}\n", if title.is_empty() { words(Phrase::Report) } else { &title });
    let lines = [
        (Phrase::Classification, words(Phrase::Open).to_owned()),
        (Phrase::Date, input.finished_at.to_date()),
        (
            Phrase::Scope,
            [
                phrases.count(Phrase::Rounds, input.rounds),
                phrases.count(Phrase::Queries, input.queries.len()),
                phrases.count(Phrase::PagesRead, input.pages.len()),
            ]
            .join("; "),
        ),
        (
            Phrase::Evidence,
            [
                phrases.count(Phrase::SourcesCited, numbering.sources.len()),
                phrases.count(Phrase::FindingsMade, parts.findings.len()),
                phrases.count(Phrase::FindingsCited, numbering.citations.len()),
            ]
            .join("; "),
        ),
    ];
    let lines = lines.map(|(name, value)| format!("**{}:** {value}", words(name)));
    let _ = writeln!(out, "{}\n", lines.join("  \n"));
    if let Some(reason) = &input.degraded {
        let _ = writeln!(
            out,
            "> **{}:** {}: {}\n",
            words(Phrase::Note),
            words(Phrase::Degraded),
            escape_line(&one_line(reason))
        );
    }
    let _ = writeln!(out, "## {}\n", words(Phrase::Contents));
    for (i, (chapter, _)) in chapters.iter().enumerate() {
        let (n, title) = (i + 1, words(chapter.title()));
        let _ = writeln!(out, "{n}. [{title}](#{})", anchor(&format!("{n}. {title}")));
    }
    for (i, (chapter, body)) in chapters.iter().enumerate() {
        // The subsections of the key findings learn their chapter's number only here.
        let body = body.replace(SECTION_PLACE, &(i + 1).to_string());
        let _ = write!(out, "\n## {}. {}\n\n{body}\n", i + 1, words(chapter.title()));
    }
    out
}

/// Stands for the chapter's number in the headings below it; a private-use character that no page text keeps.
const SECTION_PLACE: char = '\u{e002}';

fn key_findings(sections: &[Section]) -> String {
    let mut out = String::new();
    for (i, section) in sections.iter().enumerate() {
        let _ = write!(out, "### {SECTION_PLACE}.{} {}\n\n{}\n\n", i + 1, section.title, section.markdown);
    }
    out
}

fn statistics_table(parts: &Parts<'_>) -> String {
    let rows = &parts.statistics.rows;
    if rows.is_empty() {
        return String::new();
    }
    let dated = rows.iter().any(|row| row.as_of.is_some());
    let table = rows.iter().map(|row| {
        let mut cells = vec![row.what.clone(), row.value.clone()];
        cells.extend(dated.then(|| row.as_of.clone().unwrap_or_else(|| NONE.to_owned())));
        cells.push(parts.phrases.named(row.confidence).unwrap_or(row.confidence).to_owned());
        cells.push(format!("[{}]", row.finding));
        cells
    });
    let mut heads = vec![Phrase::What, Phrase::Value];
    heads.extend(dated.then_some(Phrase::AsOf));
    heads.extend([Phrase::ConfidenceOf, Phrase::Source]);
    tabulated(parts.phrases, &heads, table)
}

fn conflict_list(parts: &Parts<'_>) -> String {
    let sections: String = parts.sections.iter().map(|s| s.markdown.as_str()).collect();
    let text = format!("{}{sections}", parts.summary);
    let (findings, ratings, phrases) = (parts.findings, parts.ratings, parts.phrases);
    let ledger = Ledger { findings, pages: &parts.input.pages, ratings, phrases, text };
    ledger.chapter(&parts.conflicts)
}

/// What an empty cell says.
const NONE: &str = "–";

/// A table whose cells are Markdown already; empty without rows.
fn tabulated(phrases: Phrases, heads: &[Phrase], rows: impl Iterator<Item = Vec<String>>) -> String {
    let rows: String = rows.map(|cells| format!("| {} |\n", cells.join(" | "))).collect();
    if rows.is_empty() {
        return rows;
    }
    let names: Vec<String> = heads.iter().map(|head| phrases.head(*head)).collect();
    format!("| {} |\n|{}\n{rows}", names.join(" | "), " --- |".repeat(heads.len()))
}

/// A class of sources in the report's language.
pub(super) fn class_name(phrases: Phrases, class: SourceClass) -> &'static str {
    let name = serde_json::to_value(class).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    phrases.named(&format!("class_{name}")).unwrap_or(class.phrase())
}

/// What stayed open, one sentence each, plain text.
fn gaps(parts: &Parts<'_>) -> Vec<String> {
    let mut gaps = Vec::new();
    for coverage in parts.coverage.iter() {
        let open = parts.answered.open.iter().find(|open| open.sub_question == coverage.sub_question);
        let question = one_line(&coverage.sub_question);
        let gap = match (coverage.covered, coverage.facts.is_empty(), coverage.hosts, open) {
            (_, true, ..) => Phrase::GapNothing,
            (_, _, _, Some(Open { unconfirmed: true, reason, .. })) => {
                gaps.push(parts.phrases.count(Phrase::GapUnsure, format!("{question} ({reason})")));
                continue;
            }
            (_, _, _, Some(Open { reason, .. })) => {
                gaps.push(parts.phrases.count(Phrase::GapOpen, format!("{question} ({reason})")));
                continue;
            }
            (false, _, 0 | 1, None) => Phrase::GapSingle,
            (false, _, _, None) => Phrase::GapThin,
            (true, ..) => continue,
        };
        gaps.push(parts.phrases.count(gap, question));
    }
    gaps
}

fn nothing_found(parts: &Parts<'_>) -> String {
    let phrases = parts.phrases;
    format!(
        "{} {}; {}. {}",
        phrases.get(Phrase::NoAnswer),
        phrases.count(Phrase::PagesRead, parts.input.pages.len()),
        phrases.count(Phrase::PagesRejected, parts.input.rejected.len()),
        phrases.get(Phrase::NothingClaimed)
    )
}

/// Pages in the order of reading: named, but not linked, for they are no sources.
fn unhelpful(parts: &Parts<'_>) -> String {
    let mut out = String::new();
    for page in parts.input.pages.values().take(UNHELPFUL_MAX) {
        let _ = writeln!(out, "- {} ({})", escape_line(&one_line(&page.title)), code(&page.url));
    }
    and_more(&mut out, parts.phrases, parts.input.pages.len(), UNHELPFUL_MAX);
    out
}

fn and_more(out: &mut String, phrases: Phrases, all: usize, listed_max: usize) {
    if all > listed_max {
        let _ = writeln!(out, "- … + {} {}", all - listed_max, phrases.get(Phrase::More));
    }
}

fn source_list(numbering: &Numbering<'_>, phrases: Phrases) -> String {
    let mut out = String::new();
    for source in &numbering.sources {
        let title = one_line(&source.title);
        let name = site_name(source, phrases);
        let _ = write!(out, "[{}] {}, {}", source.n, link(&title, &source.url), code(&name));
        if let Some(date) = source.published.as_deref().filter(|d| is_day(d)) {
            let _ = write!(out, ", {} {date}", phrases.get(Phrase::Published));
        }
        let retrieved = source.retrieved_at.to_date();
        let _ = write!(out, ", {} {retrieved}", phrases.get(Phrase::Retrieved));
        let _ = write!(out, " ({})", class_name(phrases, source.source_class));
        out.push_str("\n\n");
    }
    out
}
