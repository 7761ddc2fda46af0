//! The prompt that sums up.

use super::section::WRITING_RULES;
use super::{
    Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, fenced, language_line, opening, push_notes, text_tokens,
    wishes,
};
use crate::model::SummaryTask;
use crate::text::clip;

/// Most characters of one finished section shown to the summary.
const SECTION_CHARS_MAX: usize = 6_000;

pub(super) fn summary(task: &SummaryTask, marker: &str) -> Prompt {
    let system = format!(
        "You write the summary that opens a research report.\n{}Rules:\n{WRITING_RULES}\
         - The first paragraph answers the question: one to three sentences, 60 words at most, as direct as the findings \
         allow, understandable alone. Then, after a blank line, the main points; at last what stays open or disputed.\n\
         Reply with the text of the summary only.",
        UNTRUSTED_RULE
    );
    let mut user = format!(
        "Today: {}\n{}Question: {}\nAbout {} words.\n",
        task.today,
        language_line("Write in", task.language.as_deref()),
        clip(&task.question, QUESTION_CHARS_MAX),
        task.words
    );
    user.push_str(&wishes(task.instructions.as_deref()));
    push_notes(&mut user, &task.findings, marker);
    user.push_str(&format!("The finished sections:\n{}", opening(marker)));
    for (title, text) in &task.sections {
        user.push_str(&format!(
            "## {}\n{}\n\n",
            fenced(title, marker, 200),
            fenced(&numbers(text), marker, SECTION_CHARS_MAX)
        ));
    }
    user.push_str(&format!("{marker}>>>\nNow the text of the summary."));
    Prompt { system, user, schema_name: "summary", schema: None, reply_tokens_max: text_tokens(task.words) }
}

/// A finished text with its marks `[F12]` in the spelling that models are shown and asked for: `[12]`.
pub(super) fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split("[F");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let id = part.split_once(']').map(|(id, _)| id).unwrap_or_default();
        let mark = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        out.push_str(if mark { "[" } else { "[F" });
        out.push_str(part);
    }
    out
}
