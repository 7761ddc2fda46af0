//! The prompt for the fields of the caller's schema. Values are asked for as a flat list, which small models manage and
//! no provider's schema mode stumbles over, whatever the caller's schema is made of.

use super::{NOTE_CHARS_MAX, Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, fenced, object, push_notes};
use crate::model::FieldsTask;
use crate::text::clip;
use serde_json::json;

/// Reply cap: 40 fields, lists of 20 elements with three members, at 40 tokens a value.
pub const FIELDS_TOKENS_MAX: u32 = 3_000;

pub(super) fn fields(task: &FieldsTask, marker: &str) -> Prompt {
    let system = format!(
        "You fill in a form from the findings of research.\n{UNTRUSTED_RULE}\
         Rules:\n\
         - Use only the findings. A field that no finding answers is left out: that is a good answer.\n\
         - `path` is the field's path. For a list, put the place of the element, from 0, where the path has `*`: `/items/0/name`, \
         `/items/1/name`.\n\
         - `value` is of the field's kind: a bare number for a number (no unit, no separators), true or false without quotes, \
         one of the words where words are given, a day as YYYY-MM-DD, else as few words as will do, in the words of the quote.\n\
         - `refs` are the numbers of the findings whose quotes say so.\n\
         Reply with JSON only, in this shape:\n\
         {{\"fields\": [{{\"path\": \"/name\", \"value\": \"...\", \"refs\": [12]}}]}}"
    );
    let mut user =
        format!("Today: {}\nQuestion: {}\nFields:\n", task.today, clip(&task.question, QUESTION_CHARS_MAX));
    for field in &task.fields {
        user.push_str(&format!("{} ({})", field.path, field.kind.phrase()));
        if !field.description.is_empty() {
            user.push_str(&format!(": {}", fenced(&field.description, marker, NOTE_CHARS_MAX)));
        }
        user.push('\n');
    }
    push_notes(&mut user, &task.findings, marker);
    user.push_str("Now the JSON.");
    let field = object(&[
        ("path", json!({"type": "string"})),
        ("value", json!({"type": ["string", "number", "boolean"]})),
        ("refs", json!({"type": "array", "items": {"type": "integer"}})),
    ]);
    Prompt {
        system,
        user,
        schema_name: "fields",
        schema: Some(object(&[("fields", json!({"type": "array", "items": field}))])),
        reply_tokens_max: FIELDS_TOKENS_MAX,
    }
}
