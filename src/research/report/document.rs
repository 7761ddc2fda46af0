//! The document: headings, figures about the work, and lists, all computed.

use super::super::answered::{Answered, Open};
use super::super::confidence::{Confidence, Rating, SourceClass, is_private};
use super::super::markdown::{anchor, code, escape_line, link};
use super::super::{Finding, FindingId, StopReason};
use super::chapter::Chapter;
use super::conflict::{Conflict, ledger};
use super::extract::Statistics;
use super::number::Numbering;
use super::{CitationAudit, RejectedPage, Report, ReportInput, Section};
use crate::model::Coverage;
use crate::text::one_line;
use crate::web::canonical::host_key;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use url::Url;

/// Longest title in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Most queries, rejected pages or other pages that are listed one by one.
const LISTED_MAX: usize = 30;
/// Most pages that did not answer which a report without an answer names: it should be short.
const UNHELPFUL_MAX: usize = 8;

/// What the document is built from.
pub(super) struct Parts<'a> {
    pub(super) input: &'a ReportInput,
    pub(super) findings: &'a BTreeMap<FindingId, &'a Finding>,
    pub(super) ratings: &'a BTreeMap<FindingId, Rating>,
    pub(super) coverage: &'a [Coverage],
    pub(super) answered: Answered,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) statistics: Statistics,
    pub(super) risks: String,
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
    let answered = !parts.sections.is_empty();
    let summary = if answered {
        format!("{}{}", without_answer(&parts.answered), numbering.number(&parts.summary))
    } else {
        nothing_found(&parts)
    };
    add(Chapter::Summary, summary);
    add(Chapter::Findings, numbering.number(&key_findings(&parts.sections)));
    add(Chapter::Statistics, numbering.number(&statistics_table(&parts.statistics)));
    add(Chapter::Risks, numbering.number(&parts.risks));
    add(
        Chapter::Conflicts,
        numbering.number(&ledger::chapter(&parts.conflicts, parts.findings, &parts.input.pages)),
    );
    let gaps = gaps(&parts);
    add(Chapter::Methodology, methodology(&parts, &numbering, tally));
    add(Chapter::Gaps, gaps.iter().map(|g| format!("- {}\n", escape_line(g))).collect());
    add(Chapter::Unhelpful, if answered { String::new() } else { unhelpful(&parts) });
    add(Chapter::Sources, source_list(&numbering));

    let findings_used = numbering.citations.iter().map(|c| c.finding).collect();
    Report {
        markdown: print(&parts, &numbering, &chapters),
        chapters: chapters.iter().map(|(chapter, _)| *chapter).collect(),
        language: None,
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
fn without_answer(verdict: &Answered) -> String {
    let reasons = || verdict.open.iter().map(|open| escape_line(&one_line(&open.reason))).collect::<Vec<_>>();
    if verdict.nothing() {
        return format!(
            "**The sources that were read do not answer this question:** {}. What follows is the nearest related \
             material.\n\n",
            reasons().join("; ")
        );
    }
    let open: Vec<String> =
        verdict.open.iter().map(|open| escape_line(&one_line(&open.sub_question))).collect();
    if open.is_empty() {
        return String::new();
    }
    format!("The sources that were read do not answer a part of the question: {}\n\n", open.join(" "))
}

fn print(parts: &Parts<'_>, numbering: &Numbering<'_>, chapters: &[(Chapter, String)]) -> String {
    let input = parts.input;
    let mut out = String::new();
    let title: String = one_line(&input.question).chars().take(TITLE_CHARS_MAX).collect();
    let title = escape_line(title.trim());
    let _ = writeln!(out, "# {}\n", if title.is_empty() { "Research report" } else { &title });
    let _ = writeln!(
        out,
        "**Classification:** Open research report  \n**Date:** {}  \n**Scope:** {}, {} asked, {} read  \n\
         **Evidence:** {}, {} of {} cited\n",
        input.finished_at.to_date(),
        plural(input.rounds, "round"),
        plural(input.queries.len(), "query"),
        plural(input.pages.len(), "page"),
        plural(numbering.sources.len(), "cited source"),
        numbering.citations.len(),
        plural(parts.findings.len(), "finding"),
    );
    if let Some(reason) = &input.degraded {
        let _ = writeln!(
            out,
            "> **Note:** this report is less than it should be: {}\n",
            escape_line(&one_line(reason))
        );
    }
    out.push_str("## Contents\n\n");
    for (i, (chapter, _)) in chapters.iter().enumerate() {
        let (n, title) = (i + 1, chapter.title());
        let _ = writeln!(out, "{n}. [{title}](#{})", anchor(&format!("{n}. {title}")));
    }
    for (i, (chapter, body)) in chapters.iter().enumerate() {
        // The subsections of the key findings learn their chapter's number only here.
        let body = body.replace(SECTION_PLACE, &(i + 1).to_string());
        let _ = write!(out, "\n## {}. {}\n\n{body}\n", i + 1, chapter.title());
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

fn statistics_table(statistics: &Statistics) -> String {
    if statistics.rows.is_empty() {
        return String::new();
    }
    let mut out = String::from("| What | Value | Confidence | Source |\n| --- | --- | --- | --- |\n");
    for row in &statistics.rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out
}

fn methodology(parts: &Parts<'_>, numbering: &Numbering<'_>, tally: CitationAudit) -> String {
    let input = parts.input;
    let mut out = String::new();
    let seconds = input.finished_at.ms_since(input.started_at) / 1000;
    let _ = writeln!(
        out,
        "- **Search:** {} with {} in {}; {}.",
        plural(input.rounds, "round"),
        plural(input.queries.len(), "query"),
        plural(seconds, "second"),
        stopped(input.stop_reason)
    );
    for warning in &input.warnings {
        let _ = writeln!(out, "- **Warning:** {}.", escape_line(&one_line(warning)));
    }
    let _ = writeln!(
        out,
        "- **Reading:** {} read, {} rejected, {} with a quote that stands in its page.",
        plural(input.pages.len(), "page"),
        input.rejected.len(),
        plural(parts.findings.len(), "finding")
    );
    let of_class = |class| numbering.sources.iter().filter(|s| s.source_class == class).count();
    let classes: Vec<String> = SourceClass::ALL
        .into_iter()
        .filter(|c| of_class(*c) > 0)
        .map(|c| plural(of_class(c), c.phrase()))
        .collect();
    if !classes.is_empty() {
        let _ = writeln!(
            out,
            "- **Sources cited:** {}, classed by a list of rules for addresses and by what the pages say of themselves.",
            classes.join(", ")
        );
    }
    let of_level = |level| parts.ratings.values().filter(|r| r.confidence == level).count();
    if !parts.ratings.is_empty() {
        let _ = writeln!(
            out,
            "- **Confidence of findings:** {} high, {} medium, {} low, by class of source, independent sites that \
             agree, kind of statement and age.",
            of_level(Confidence::High),
            of_level(Confidence::Medium),
            of_level(Confidence::Low)
        );
        let _ = writeln!(
            out,
            "- **Citation audit:** {} judged against their quotes: {} verified, {} repaired, {} dropped; {} cut as \
             not borne out.",
            plural(tally.total, "citation"),
            tally.verified,
            tally.repaired,
            tally.dropped,
            plural(tally.unsupported_sentences, "sentence")
        );
    }
    if let Some((n, uses)) = numbering.uses.iter().max_by_key(|(_, uses)| **uses) {
        let all: u32 = numbering.uses.values().sum();
        if numbering.sources.len() > 1 && uses * 2 > all {
            let _ = writeln!(
                out,
                "- **One-sided:** source {n} carries {uses} of {}; nothing else that was found could stand in for it.",
                plural(all, "citation")
            );
        }
    }
    let _ = writeln!(out, "- **Analyst:** {}.", escape_line(&one_line(&input.analyst)));
    if !input.queries.is_empty() {
        let queries: Vec<String> =
            input.queries.iter().filter(|q| !q.trim().is_empty()).take(LISTED_MAX).map(|q| code(q)).collect();
        let _ = writeln!(out, "- **Queries:** {}.", queries.join(", "));
    }
    // A report that found nothing names the pages it read in a section of their own.
    let named = |page: &&RejectedPage| {
        !numbering.sources.is_empty() || !input.pages.values().any(|read| read.url == page.url)
    };
    let rejected: Vec<&RejectedPage> = input.rejected.iter().filter(named).collect();
    if !rejected.is_empty() {
        out.push_str("\n**Rejected pages**\n\n");
        for page in rejected.iter().take(LISTED_MAX) {
            let _ = writeln!(out, "- {}: {}", code(&page.url), escape_line(&one_line(&page.reason)));
        }
        and_more(&mut out, rejected.len(), LISTED_MAX);
    }
    out
}

fn stopped(reason: Option<StopReason>) -> &'static str {
    match reason {
        Some(StopReason::Covered) => "stopped because every sub-question was covered",
        Some(StopReason::NothingNew) => "stopped because nothing new was found",
        Some(StopReason::Rounds) => "stopped after the rounds asked for",
        Some(StopReason::Sources) => "stopped at the number of sources asked for",
        Some(StopReason::Budget) => "stopped because the budget was used up",
        Some(StopReason::Deadline) => "stopped because time ran out",
        None => "not finished yet",
    }
}

/// What stayed open, one sentence each, plain text.
fn gaps(parts: &Parts<'_>) -> Vec<String> {
    let mut gaps = Vec::new();
    for coverage in parts.coverage.iter() {
        let question = one_line(&coverage.sub_question);
        let open = parts.answered.open.iter().find(|open| open.sub_question == coverage.sub_question);
        match (coverage.covered, coverage.facts.is_empty(), coverage.hosts, open) {
            (_, true, ..) => gaps.push(format!("Nothing was found on: {question}")),
            (_, _, _, Some(Open { reason, .. })) => {
                gaps.push(format!("Not answered by the sources that were read: {question} ({reason})"));
            }
            (false, _, 0 | 1, None) => gaps.push(format!("Rests on a single site: {question}")),
            (false, _, _, None) => gaps.push(format!("Thinly covered: {question}")),
            (true, ..) => {}
        }
    }
    gaps
}

fn nothing_found(parts: &Parts<'_>) -> String {
    let input = parts.input;
    let read = match input.pages.len() {
        0 => "No page could be read".to_owned(),
        n => format!("{} read", if n == 1 { "1 page was".to_owned() } else { format!("{n} pages were") }),
    };
    format!(
        "No answer to this question was found. {read}, {} rejected; none holds a passage that answers it and could be \
         quoted. Nothing is claimed here, so nothing is cited.",
        if input.rejected.len() == 1 { "1 was".to_owned() } else { format!("{} were", input.rejected.len()) }
    )
}

/// Pages in the order of reading: named, but not linked, for they are no sources.
fn unhelpful(parts: &Parts<'_>) -> String {
    let mut out = String::new();
    for page in parts.input.pages.values().take(UNHELPFUL_MAX) {
        let _ = writeln!(out, "- {} ({})", escape_line(&one_line(&page.title)), code(&page.url));
    }
    and_more(&mut out, parts.input.pages.len(), UNHELPFUL_MAX);
    out
}

fn and_more(out: &mut String, all: usize, listed_max: usize) {
    if all > listed_max {
        let _ = writeln!(out, "- and {} more", all - listed_max);
    }
}

fn source_list(numbering: &Numbering<'_>) -> String {
    let mut out = String::new();
    for source in &numbering.sources {
        let title = one_line(&source.title);
        let name = match Url::parse(&source.url) {
            Ok(url) if !is_private(&source.url) => host_key(&url),
            _ => "private library".to_owned(),
        };
        let _ = write!(out, "[{}] {}, {}", source.n, link(&title, &source.url), code(&name));
        if let Some(date) = source.published.as_deref().filter(|d| is_day(d)) {
            let _ = write!(out, ", published {date}");
        }
        let _ = write!(out, ", retrieved {}", source.retrieved_at.to_date());
        let _ = write!(out, " ({})", source.source_class.phrase());
        out.push_str("\n\n");
    }
    out
}

fn is_day(date: &str) -> bool {
    date.len() == 10 && date.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

fn plural<N: TryInto<u64>>(n: N, noun: &str) -> String {
    match n.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        n if noun.ends_with('y') => format!("{n} {}ies", noun.trim_end_matches('y')),
        n => format!("{n} {noun}s"),
    }
}
