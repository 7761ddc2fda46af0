//! The prompt that sums up.

use super::section::WRITING_RULES;
use super::{Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, language_line, push_notes, text_tokens, wishes};
use crate::model::SummaryTask;
use crate::text::clip;

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
    user.push_str("Now the text of the summary.");
    Prompt { system, user, schema_name: "summary", schema: None, reply_tokens_max: text_tokens(task.words) }
}
