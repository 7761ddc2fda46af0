//! The prompt that reads a page.

use super::{
    NOTE_CHARS_MAX, Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, fenced, language_line, object, opening,
};
use crate::model::AnalyzeTask;
use crate::text::clip;
use serde_json::json;

/// Reply cap of an analysis: 7 claims of 160 tokens (a quote of 60 words, and fields), and slack for other scripts.
const QUOTES_TOKENS_MAX: u32 = 1_500;
/// The same where each comes with a fact in another language: the most that any analysis may write.
pub const ANALYZE_TOKENS_MAX: u32 = 2_500;
/// Most characters of one passage: passages are cut by words long before this.
const PASSAGE_CHARS_MAX: usize = 20_000;
/// Most characters of all passages of one call: about 15,000 tokens, which fits small local contexts of 32k.
pub(super) const PASSAGES_CHARS_MAX: usize = 60_000;
/// Longest words of a link that are looked at, in characters: a long sentence.
const LABEL_CHARS_MAX: usize = 500;

pub(super) fn analyze(task: &AnalyzeTask, marker: &str) -> Prompt {
    // A quote that can be understood alone says it best, and in half the words. What the reader could not read is told.
    let (fact, shape) = match &task.restate_in {
        None => (String::new(), ""),
        Some(tag) => {
            let rule = "- `fact` says in one self-contained sentence what the quote says, with its figures, names and \
                        dates, and nothing that is not in the quote.";
            (format!("{rule} {}", language_line("Written in", Some(tag))), "\"fact\": \"...\", ")
        }
    };
    let system = format!(
        "You read one web page and note what it says about the sub-questions.\n{}\
         Rules:\n\
         - `quote` is copied character by character from the page: one or two whole sentences, at most \
         60 words, that can be understood without the rest: where a sentence only says \"it\" or \"this\", begin a sentence \
         earlier. Never shorten it with dots, never translate it, never join distant places.\n{fact}\
         - `sub_question` is the number of the sub-question that it helps to answer.\n\
         - `kind` is one of fact, statistic, definition, opinion, projection, risk.\n\
         - `relevance` is one of direct (answers the sub-question), partial (answers a part of it), background; leave out less.\n\
         - Use only this page, never your own knowledge. A page that does not help gets an empty list: that is a good \
         answer.\n\
         Reply with JSON only, in this shape:\n\
         {{\"claims\": [{{\"quote\": \"...\", {shape}\"sub_question\": 1, \"kind\": \"fact\", \"relevance\": \"direct\"}}]}}",
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
    let kinds = json!({"type": "string", "enum": ["fact", "statistic", "definition", "opinion", "projection", "risk"]});
    let text = || json!({"type": "string"});
    let fact = task.restate_in.as_ref().map(|_| ("fact", text()));
    let fields = [("quote", text())].into_iter().chain(fact).chain([
        ("sub_question", json!({"type": "integer"})),
        ("kind", kinds),
        ("relevance", json!({"type": "string", "enum": ["direct", "partial", "background"]})),
    ]);
    let claim = object(&fields.collect::<Vec<_>>());
    Prompt {
        system,
        user,
        schema_name: "claims",
        schema: Some(object(&[("claims", json!({"type": "array", "items": claim}))])),
        reply_tokens_max: if task.restate_in.is_some() { ANALYZE_TOKENS_MAX } else { QUOTES_TOKENS_MAX },
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
