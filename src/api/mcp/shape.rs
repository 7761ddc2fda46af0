//! Results sized for a context: what a model needs to go on, and no more.

use crate::research::report::tokens;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Longest passage of a search result, in characters: three of ten documents are some 4,000 tokens.
const PASSAGE_CHARS_MAX: usize = 600;
/// Most warnings that a status tells.
const WARNINGS_MAX: usize = 3;

/// How far a job is, for a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// 0 to 100; never goes back.
    pub percent: u64,
    /// What is being done.
    pub message: String,
}

impl Progress {
    /// Of a job's view.
    #[must_use]
    pub fn of(view: &Value) -> Self {
        let count =
            |name: &str| view.pointer(&format!("/progress/{name}")).and_then(Value::as_u64).unwrap_or(0);
        let phase = view["phase"].as_str().unwrap_or("processing");
        let message = format!(
            "{phase}: round {}, {} pages read, {} findings",
            count("round"),
            count("pages_read"),
            count("findings")
        );
        Self { percent: count("percent"), message }
    }
}

/// `notifications/progress` (specification, "Progress").
#[must_use]
pub fn progress(token: &Value, progress: &Progress) -> Value {
    json!({
        "jsonrpc": "2.0",
        "method": "notifications/progress",
        "params": {
            "progressToken": token, "progress": progress.percent, "total": 100, "message": progress.message,
        },
    })
}

/// The result of starting a job.
#[must_use]
pub fn started(id: &str) -> Value {
    let told = json!({ "id": id, "status": "processing" });
    said(&format!("Research {id} has begun. Call research_status with this id to wait for its end."), &told)
}

/// The result of looking at a job; `view` is what `GET /v1/research/{id}` shows.
#[must_use]
pub fn status(view: &Value) -> Value {
    let status = view["status"].as_str().unwrap_or_default();
    let id = view["id"].as_str().unwrap_or_default();
    let Progress { percent, message } = Progress::of(view);
    let warnings: Vec<&Value> =
        view["warnings"].as_array().into_iter().flatten().take(WARNINGS_MAX).collect();
    let told = json!({
        "id": id, "status": status, "state": view["state"], "phase": view["phase"], "percent": percent,
        "rounds": view["iterations"], "pages_read": view["total_pages_analyzed"],
        "findings": view["findings_count"], "sources": view["sources_count"], "answer": view["answer"],
        "partial_reason": view["partial_reason"], "degraded": view["degraded"], "error": view["error"],
        "warnings": warnings, "output": view["output"],
    });
    let text = match status {
        "completed" => {
            let mut text = format!(
                "Research {id} is completed: {} sources, {} findings.",
                view["sources_count"], view["findings_count"]
            );
            if let Some(answer) = view["answer"].as_str() {
                let _ = write!(text, " Answer: {answer}");
            }
            text + " Read it with research_report."
        }
        "failed" => {
            format!("Research {id} failed: {}", view["error"].as_str().unwrap_or("no reason is known"))
        }
        _ => format!("Research {id} is {percent} % done ({message}). Call research_status again."),
    };
    said(&text, &told)
}

/// The result of reading a report: all of `markdown`, or the chapters that are named with the sources that they cite.
#[must_use]
pub fn report(markdown: &str, sections: &[String], tokens_max: u32) -> Value {
    if sections.is_empty() {
        return plain(markdown);
    }
    let chapters = chapters(markdown);
    let picked: Vec<&str> = chapters
        .iter()
        .filter(|c| sections.iter().any(|wanted| is_named(c.0, wanted)))
        .map(|c| c.1)
        .collect();
    if picked.is_empty() {
        let titles: Vec<&str> = chapters.iter().map(|c| c.0).collect();
        return super::failed(&format!("no chapter is named so; there are: {}", titles.join("; ")));
    }
    let mut text = String::new();
    let (mut left_out, mut is_cut) = (0_usize, false);
    for chapter in picked {
        let longer = format!("{text}{chapter}\n");
        if tokens(&longer) <= tokens_max {
            text = longer;
        } else if text.is_empty() {
            text = beginning(chapter, tokens_max);
            is_cut = true;
        } else {
            left_out = left_out.saturating_add(1);
        }
    }
    // Whatever the language of its heading: the last chapter whose lines begin with their numbers.
    let is_list = |chapter: &&(&str, &str)| chapter.1.lines().any(|line| line.starts_with("[1] "));
    let sources = chapters.iter().rev().find(is_list).map_or("", |c| c.1);
    let cited = numbers(&text);
    let lines = sources
        .lines()
        .filter(|line| numbers(line).first().is_some_and(|n| cited.contains(n)) && line.starts_with('['));
    let lines: Vec<&str> = lines.collect();
    if !lines.is_empty() && !text.contains(sources) {
        let _ = write!(text, "\nSources cited here:\n\n{}\n", lines.join("\n\n"));
    }
    if is_cut {
        text.push_str("\n(The chapter goes on: raise `max_tokens`, or name its sections.)\n");
    }
    if left_out > 0 {
        let _ = write!(
            text,
            "\n({left_out} more of the chapters named did not fit: raise `max_tokens` or name fewer.)\n"
        );
    }
    plain(&text)
}

/// The first blocks of a chapter, as many as fit; its heading and one block at least.
fn beginning(chapter: &str, tokens_max: u32) -> String {
    let mut text = String::new();
    for (at, block) in chapter.split("\n\n").enumerate() {
        let longer = format!("{text}{block}\n\n");
        if at > 1 && tokens(&longer) > tokens_max {
            break;
        }
        text = longer;
    }
    text
}

/// The result of a library search; `results` is what `GET /v1/library/search` shows.
#[must_use]
pub fn found(results: &Value) -> Value {
    let list = results["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() {
        return plain("Nothing in the library matches.");
    }
    let mut text = String::new();
    for (n, document) in (1..).zip(list) {
        let title = document["title"].as_str().unwrap_or_default();
        let _ = write!(text, "{n}. {title}\n   {}\n", document["url"].as_str().unwrap_or_default());
        for passage in document["passages"].as_array().into_iter().flatten() {
            let words: String =
                passage["text"].as_str().unwrap_or_default().chars().take(PASSAGE_CHARS_MAX).collect();
            let page = passage["page"].as_u64().map(|page| format!(" (page {page})")).unwrap_or_default();
            let _ = writeln!(text, "   >{page} {}", words.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    plain(&text)
}

fn plain(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn said(text: &str, structured: &Value) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "structuredContent": structured })
}

/// Chapters and sections of a report: heading and text, headings included; a section is in its chapter, too.
fn chapters(markdown: &str) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    let headings: Vec<(usize, usize, &str)> = lines_with_places(markdown)
        .filter_map(|(at, line)| {
            let level = line.bytes().take_while(|b| *b == b'#').count();
            let title = line.get(level..)?.strip_prefix(' ')?;
            matches!(level, 2 | 3).then_some((at, level, title.trim()))
        })
        .collect();
    for (place, (at, level, title)) in headings.iter().enumerate() {
        let next = headings.iter().skip(place.saturating_add(1)).find(|(_, other, _)| other <= level);
        let end = next.map_or(markdown.len(), |(at, _, _)| *at);
        found.push((*title, markdown.get(*at..end).unwrap_or_default()));
    }
    found
}

fn lines_with_places(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0_usize;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at = at.saturating_add(line.len());
        (start, line.trim_end())
    })
}

/// By number (`2`, `2.1`) or by words of the title.
fn is_named(title: &str, wanted: &str) -> bool {
    let number = title.split(' ').next().unwrap_or_default().trim_end_matches('.');
    let wanted = wanted.trim().trim_end_matches('.');
    !wanted.is_empty()
        && (number == wanted || title.to_lowercase().contains(&wanted.to_lowercase()) && wanted.len() >= 3)
}

/// The `[n]` of a text.
fn numbers(text: &str) -> BTreeSet<u32> {
    text.split('[').skip(1).filter_map(|t| t.split_once(']')?.0.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "# Q\n\n## 1. Executive Summary\n\nA [2].\n\n## 2. Key Findings\n\n### 2.1 Cost\n\nIt costs 5 [1].\n\n\
        ### 2.2 Size\n\nIt is big [2].\n\n## 3. Sources\n\n[1] One\n\n[2] Two\n";

    fn text(value: &Value) -> &str {
        value["content"][0]["text"].as_str().unwrap()
    }

    #[test]
    fn named_chapters_come_with_the_sources_that_they_cite() {
        for wanted in ["2.1", "cost"] {
            let result = report(REPORT, &[wanted.into()], 1_000);
            assert_eq!(
                text(&result),
                "### 2.1 Cost\n\nIt costs 5 [1].\n\n\n\nSources cited here:\n\n[1] One\n",
                "{wanted}"
            );
        }
        assert!(text(&report(REPORT, &["2".into()], 1_000)).contains("It is big [2]"));
        assert_eq!(text(&report(REPORT, &[], 1_000)), REPORT);
        let none = report(REPORT, &["History".into()], 1_000);
        assert_eq!(none["isError"], true);
        assert!(text(&none).contains("2.1 Cost"), "{none}");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let result = report(REPORT, &["2.1".into(), "2.2".into()], 12);
        assert!(text(&result).contains("1 more of the chapters"), "{result}");
        let long = REPORT.replace("It is big [2].", &"It is big [2].\n\n".repeat(90));
        let cut = report(&long, &["2.2".into()], 100);
        assert!(text(&cut).contains("The chapter goes on") && text(&cut).contains("[2] Two"), "{cut}");
        assert!(tokens(text(&cut)) < 160, "{cut}");
    }

    #[test]
    fn sources_come_along_in_every_language() {
        let german =
            REPORT.replace("Executive Summary", "Zusammenfassung").replace("3. Sources", "3. Quellen");
        assert!(text(&report(&german, &["2.1".into()], 1_000)).contains("[1] One"));
    }

    #[test]
    fn a_status_says_what_to_do_next() {
        let running = json!({ "id": "res_1", "status": "processing", "phase": "reading",
            "progress": { "percent": 40, "round": 1, "pages_read": 3, "findings": 7 } });
        assert!(text(&status(&running)).contains("40 % done (reading: round 1, 3 pages read, 7 findings)"));
        let done = json!({ "id": "res_1", "status": "completed", "sources_count": 3, "findings_count": 9, "answer": "42 [1]." });
        assert!(text(&status(&done)).contains("Answer: 42 [1]. Read it with research_report."));
        let filled = json!({ "id": "res_1", "status": "completed", "output": { "content": { "a": 1 } } });
        assert_eq!(status(&filled)["structuredContent"]["output"]["content"]["a"], 1);
        let failed = json!({ "id": "res_1", "status": "failed", "error": "cancelled" });
        assert!(text(&status(&failed)).contains("failed: cancelled"));
    }
}
