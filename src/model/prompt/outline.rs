//! The prompt that arranges findings.

use super::{
    NOTE_CHARS_MAX, Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, fenced, language_line, object, opening,
};
use crate::model::{FindingNote, OutlineTask};
use crate::order::sort_by_key;
use crate::text::clip;
use serde_json::json;

/// Reply cap: 400 numbers of 3 tokens and 24 headings of 15, doubled; a model that counts on and on ends here.
pub const OUTLINE_TOKENS_MAX: u32 = 3_200;
/// Most findings shown: as many as a report is made of.
const FINDINGS_MAX: usize = 400;

pub(super) fn outline(task: &OutlineTask, marker: &str) -> Prompt {
    let system = format!(
        "You arrange research findings into the sections of a report.\n{}\
         Rules:\n\
         - Headings are short noun phrases (2 to 8 words) that say what the section is about; no numbers, no question marks.\n\
         - The sections together answer the question. Those on one sub-question stand together, in the order of the \
         sub-questions; within one, the most important first. A sub-question with more than 12 findings gets several sections, \
         each with a theme of its own.\n\
         - Each finding stands in one section. Findings that contradict each other stand in the same one. Leave out only \
         near-duplicates and findings beside the point.\n\
         - No introduction, summary, conclusion or source list: those are made elsewhere.\n\
         Reply with JSON only, in this shape:\n\
         {{\"sections\": [{{\"title\": \"Work stealing in Tokio\", \"refs\": [3, 12]}}]}}\n\
         where `refs` are the numbers of the findings.",
        UNTRUSTED_RULE
    );
    let mut user = format!(
        "Today: {}\n{}Question: {}\nSub-questions:\n",
        task.today,
        language_line("Headings in", task.language.as_deref()),
        clip(&task.question, QUESTION_CHARS_MAX)
    );
    for (place, sub_question) in task.sub_questions.iter().enumerate() {
        user.push_str(&format!("{}. {}\n", place + 1, clip(sub_question, NOTE_CHARS_MAX)));
    }
    user.push_str(&format!("At most {} sections.\n{}", task.sections_max, opening(marker)));
    let mut notes: Vec<&FindingNote> = task.findings.iter().take(FINDINGS_MAX).collect();
    sort_by_key(&mut notes, |n| n.sub_question);
    let mut heading = None;
    for note in notes {
        if heading.replace(note.sub_question) != Some(note.sub_question) {
            user.push_str(&format!("On sub-question {}:\n", note.sub_question));
        }
        user.push_str(&format!("[{}] {}\n", note.id.0, fenced(&note.fact, marker, 300)));
    }
    user.push_str(&format!("{marker}>>>\nNow the JSON."));
    let refs = json!({"type": "array", "items": {"type": "integer"}});
    let item = object(&[("title", json!({"type": "string"})), ("refs", refs)]);
    Prompt {
        system,
        user,
        schema_name: "outline",
        schema: Some(object(&[("sections", json!({"type": "array", "items": item}))])),
        reply_tokens_max: OUTLINE_TOKENS_MAX,
    }
}
