//! What must hold for every report, whatever was written: tests and callers ask here.

use super::super::PageId;
use super::Report;
use super::chapter::Chapter;
use super::reading::Reading;
use pulldown_cmark::{Event, Options, Parser, Tag};
use std::collections::BTreeSet;

/// Everything that is wrong with a report; empty when it is sound. `stored_text` gives the stored text of a page.
///
/// Checked: `[n]` in the text and the numbered sources are the same set, 1 to N in the order of first mention, each
/// cited before the list of sources; every citation's quote is the stored text at its place, its page is its source;
/// no image, no HTML, no link but to a source or inside the document, no mark left; the audit's figures add up; every
/// paragraph, item and row of a chapter that states something cites a source; the answer stands in the document.
#[must_use]
pub fn check(report: &Report, stored_text: impl Fn(PageId) -> Option<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let body = report.markdown.rfind("\n## ").and_then(|at| report.markdown.get(..at)).unwrap_or_default();
    let body = if report.sources.is_empty() { report.markdown.as_str() } else { body };

    let mut seen: Vec<u32> = Vec::new();
    for n in numbers(body) {
        if !seen.contains(&n) {
            seen.push(n);
        }
    }
    let listed: Vec<u32> = report.sources.iter().map(|s| s.n).collect();
    if seen != listed {
        wrong.push(format!("cited {seen:?}, listed {listed:?}"));
    }
    if !listed.iter().copied().eq((1..).take(listed.len())) {
        wrong.push(format!("numbers have holes: {listed:?}"));
    }
    if let Some(n) = numbers(&report.markdown).into_iter().find(|n| !listed.contains(n)) {
        wrong.push(format!("[{n}] has no source"));
    }
    for source in &report.sources {
        if !report.citations.iter().any(|c| c.n == source.n) {
            wrong.push(format!("source {} has no citation", source.n));
        }
    }
    for citation in &report.citations {
        let Some(source) = report.sources.iter().find(|s| s.n == citation.n && s.url == citation.url) else {
            wrong.push(format!("citation of {} names no source", citation.finding));
            continue;
        };
        let range = usize::try_from(citation.start).unwrap_or(0)..usize::try_from(citation.end).unwrap_or(0);
        let stored = stored_text(source.page);
        if stored.as_deref().and_then(|t| t.get(range)) != Some(citation.quote.as_str()) {
            wrong.push(format!("the quote of {} does not stand in page {}", citation.finding, source.page));
        }
    }
    let audit = report.audit;
    if audit.total != audit.verified.saturating_add(audit.repaired).saturating_add(audit.dropped) {
        wrong.push("the audit's figures do not add up".to_owned());
    }
    wrong.extend(markup(report));
    wrong.extend(statements(report));
    wrong
}

fn statements(report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let reading = Reading::of(report);
    for part in reading.chapters.iter().filter(|part| part.kind.is_some_and(Chapter::states)) {
        let bare = part.blocks().into_iter().filter(|block| numbers(block).is_empty());
        wrong.extend(bare.map(|block| format!("nothing is cited in {}: {block}", part.title)));
    }
    if let Some(answer) = report.answer.as_deref().filter(|answer| !report.markdown.contains(answer)) {
        wrong.push(format!("the answer is not in the report: {answer}"));
    }
    wrong
}

fn markup(report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let targets: BTreeSet<String> = report.sources.iter().map(|s| letters(&s.url)).collect();
    for event in Parser::new_ext(&report.markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => wrong.push(format!("HTML: {html}")),
            Event::Start(Tag::Image { dest_url, .. }) => wrong.push(format!("an image: {dest_url}")),
            Event::Start(Tag::Link { dest_url, .. })
                if !dest_url.starts_with('#') && !targets.contains(&letters(&dest_url)) =>
            {
                wrong.push(format!("a link to no source: {dest_url}"));
            }
            Event::Text(text) if text.contains("://") => wrong.push(format!("a bare address: {text}")),
            _ => {}
        }
    }
    if report.markdown.contains(['\u{e000}', '\u{e001}', '\u{e002}']) || has_mark(&report.markdown) {
        wrong.push("a mark was left".to_owned());
    }
    wrong
}

/// An address without what escaping may have changed.
fn letters(url: &str) -> String {
    let mut out = String::new();
    let mut skip = 0;
    for c in url.chars() {
        if skip > 0 {
            skip -= 1;
        } else if c == '%' {
            skip = 2;
        } else if c.is_ascii_alphanumeric() {
            out.push(c);
        }
    }
    out
}

/// The citations of a text, in order, as any client would find them: digits in brackets.
pub(super) fn numbers(text: &str) -> Vec<u32> {
    text.split('[')
        .skip(1)
        .filter_map(|t| t.split_once(']'))
        .filter(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        .filter_map(|(n, _)| n.parse().ok())
        .collect()
}

fn has_mark(text: &str) -> bool {
    text.split("[F")
        .skip(1)
        .filter_map(|t| t.split_once(']'))
        .any(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}
