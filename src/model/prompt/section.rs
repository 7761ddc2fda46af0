//! The prompt that writes a section, and the rules for all writing.

use super::{Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, language_line, push_notes, text_tokens, wishes};
use crate::model::SectionTask;
use crate::text::clip;

/// Most pairs of findings named as contradicting each other: as many as a report shows.
const CONFLICTS_MAX: usize = 10;

/// Rules that sections and the summary share.
pub(super) const WRITING_RULES: &str = "- Every sentence that states something ends with the number of the finding it comes from in brackets, such as [12], or \
     [3][9] when several say so. Cite only numbers from the list. A sentence without a finding is left out.\n\
     - Say only what the findings say, with their figures, names and dates unchanged; no knowledge of your own. Where \
     findings disagree, say so and give both with their numbers.\n\
     - Where it depends on time, say as of when: sources state their day, and today's date is given. What an older source \
     says gives way to a newer one; a source dated after today proves nothing about today.\n\
     - Plain, exact prose in the language that is named, else in the question's: no filler, no praise, no advice, no \
     repetition.\n\
     - Markdown paragraphs; a bullet list only for things of one kind. No headings, no links, no images, no tables, no \
     list of sources, no code fence around the reply.\n";

pub(super) fn section(task: &SectionTask, marker: &str) -> Prompt {
    let system = format!(
        "You write a section of a research report from numbered findings.\n{}Rules:\n{WRITING_RULES}\
         - Lead with what matters most for the question; group what belongs together in paragraphs of three to six sentences; \
         merge duplicates and cite all of them; use every finding that adds something.\n\
         Reply with the text of the section only.",
        UNTRUSTED_RULE
    );
    let mut user = format!(
        "Today: {}\n{}Question: {}\nSection: {}\n",
        task.today,
        language_line("Write in", task.language.as_deref()),
        clip(&task.question, QUESTION_CHARS_MAX),
        clip(&task.title, 200)
    );
    if !task.other_titles.is_empty() {
        let others: Vec<String> = task.other_titles.iter().map(|t| clip(t, 200).to_owned()).collect();
        user.push_str(&format!("Other sections, written elsewhere: {}\n", others.join("; ")));
    }
    user.push_str(&format!("About {} words, fewer when the findings carry less.\n", task.words));
    user.push_str(&wishes(task.instructions.as_deref()));
    push_notes(&mut user, &task.findings, marker);
    let conflicts = task.conflicts.iter().map(|(a, b)| format!("[{}] and [{}]", a.0, b.0));
    let conflicts: Vec<String> = conflicts.take(CONFLICTS_MAX).collect();
    if !conflicts.is_empty() {
        user.push_str(&format!(
            "These contradict each other, the first has the better standing: {}. Say so, with both.\n",
            conflicts.join("; ")
        ));
    }
    user.push_str("Now the text of the section.");
    Prompt { system, user, schema_name: "section", schema: None, reply_tokens_max: text_tokens(task.words) }
}
