//! The prompt that reads a page.

use super::{NOTE_CHARS_MAX, Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, fenced, object, opening};
use crate::model::AnalyzeTask;
use crate::text::clip;
use serde_json::json;

/// Reply cap of an analysis: 20 claims of about 150 tokens (fact, quote, fields), and slack.
const ANALYZE_TOKENS_MAX: u32 = 4_000;
/// Most characters of one passage: passages are cut by words long before this.
const PASSAGE_CHARS_MAX: usize = 20_000;
/// Most characters of all passages of one call: about 15,000 tokens, which fits small local contexts of 32k.
pub(super) const PASSAGES_CHARS_MAX: usize = 60_000;
/// Longest words of a link that are looked at, in characters: a long sentence.
const LABEL_CHARS_MAX: usize = 500;

pub(super) fn analyze(task: &AnalyzeTask, marker: &str) -> Prompt {
    let system = format!(
        "You read one web page and note what it says about the sub-questions.\n{}\
         Rules:\n\
         - `quote` is copied character by character from the page: one or two whole sentences, or one table row, at most \
         60 words. Never shorten it with dots, never translate it, never join distant places.\n\
         - `fact` says in one self-contained sentence what the quote says, with its figures, names and dates, in the \
         question's language. Nothing that is not in the quote.\n\
         - `sub_question` is the number of the sub-question that it helps to answer.\n\
         - `kind` is one of fact, statistic, definition, opinion, projection, risk.\n\
         - `value`, `unit` and `date` as written in the quote, or null.\n\
         - `relevance` is 0 to 100: 90 answers the sub-question directly, 50 is useful background; leave out less.\n\
         - Use only this page, never your own knowledge. A page that does not help gets an empty list: that is a good \
         answer.\n\
         Reply with JSON only, in this shape:\n\
         {{\"claims\": [{{\"fact\": \"...\", \"quote\": \"...\", \"sub_question\": 1, \"kind\": \"fact\", \"value\": null, \
         \"unit\": null, \"date\": null, \"relevance\": 90}}]}}",
        UNTRUSTED_RULE
    );
    let mut user = format!(
        "Today: {}\nQuestion: {}\nSub-questions:\n",
        task.today,
        clip(&task.question, QUESTION_CHARS_MAX)
    );
    for (place, sub_question) in task.sub_questions.iter().enumerate() {
        user.push_str(&format!("{}. {}\n", place + 1, clip(sub_question, NOTE_CHARS_MAX)));
    }
    user.push_str(&format!("At most {} claims, the best ones.\n{}", task.claims_max, opening(marker)));
    user.push_str(&format!("Title: {}\n", fenced(&task.title, marker, 300)));
    user.push_str(&format!("URL: {}\n", fenced(&task.url, marker, 500)));
    if let Some(published) = &task.published {
        user.push_str(&format!("Published: {}\n", fenced(published, marker, 40)));
    }
    let mut left = PASSAGES_CHARS_MAX;
    for passage in &task.passages {
        let text = fenced(&without_targets(passage), marker, left.min(PASSAGE_CHARS_MAX));
        left = left.saturating_sub(text.chars().count());
        user.push_str(&format!("\n{text}\n"));
        if left == 0 {
            break;
        }
    }
    user.push_str(&format!("{marker}>>>\nNow the JSON."));
    let nullable = || json!({"type": ["string", "null"]});
    let kinds = json!({"type": "string", "enum": ["fact", "statistic", "definition", "opinion", "projection", "risk"]});
    let claim = object(&[
        ("fact", json!({"type": "string"})),
        ("quote", json!({"type": "string"})),
        ("sub_question", json!({"type": "integer"})),
        ("kind", kinds),
        ("value", nullable()),
        ("unit", nullable()),
        ("date", nullable()),
        ("relevance", json!({"type": "integer"})),
    ]);
    Prompt {
        system,
        user,
        schema_name: "claims",
        schema: Some(object(&[("claims", json!({"type": "array", "items": claim}))])),
        reply_tokens_max: ANALYZE_TOKENS_MAX,
    }
}

/// Markdown whose links are their words: addresses cost tokens, and models stumble over them when they copy a quote.
pub(super) fn without_targets(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some((before, target)) = rest.split_once("](http") {
        out.push_str(before);
        // Pages are written so that an address without angle brackets holds no bracket of its own.
        let end = target.find(|c: char| c == ')' || c.is_whitespace());
        let after = end.and_then(|end| target.get(end..)).and_then(|t| t.strip_prefix(')'));
        match (after, label_start(&out)) {
            (Some(after), Some(open)) => {
                out.remove(open);
                rest = after;
            }
            _ => {
                out.push_str("](http");
                rest = target;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Where the bracket opens that a link's words stand in.
fn label_start(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices().rev().take(LABEL_CHARS_MAX) {
        match c {
            '[' if depth == 0 => return Some(at),
            '[' => depth -= 1,
            ']' => depth += 1,
            _ => {}
        }
    }
    None
}
