//! Values for the caller's fields: as the flat list that was asked for, or as the form itself, which models write too.

use super::{find, list, member, number};
use crate::model::FieldsTask;
use crate::research::FindingId;
use crate::research::structured::{FIELDS_MAX, FilledField, ITEMS_MAX};
use serde_json::Value;

/// Most values that are looked at: every field of every element of a list.
const VALUES_MAX: usize = FIELDS_MAX * ITEMS_MAX;
/// Deepest nesting of a form that is walked.
const DEPTH_MAX: usize = 6;

/// The values in a reply; `None` when it holds none and no empty list either.
pub(super) fn fields(text: &str, task: &FieldsTask) -> Option<Vec<FilledField>> {
    find(text, flat).or_else(|| find(text, |value| form(value, task)))
}

fn flat(value: &Value) -> Option<Vec<FilledField>> {
    let objects = list(value, &["fields", "values", "answers"])?;
    let filled: Vec<FilledField> = objects
        .iter()
        .take(VALUES_MAX)
        .filter_map(|object| {
            let path = member(object, &["path", "field", "pointer"])?.as_str()?.trim();
            let value = object.get("value").filter(|value| !value.is_null())?.clone();
            let path =
                if path.starts_with('/') { path.to_owned() } else { format!("/{}", path.replace('.', "/")) };
            Some(FilledField { path, value, findings: refs(object) })
        })
        .collect();
    (objects.is_empty() || !filled.is_empty()).then_some(filled)
}

fn refs(object: &Value) -> Vec<FindingId> {
    let ids =
        member(object, &["refs", "findings", "finding_ids", "ids", "citations"]).and_then(Value::as_array);
    let ids = ids.into_iter().flatten().filter_map(number).filter_map(|n| u32::try_from(n).ok());
    ids.map(FindingId).collect()
}

/// The leaves of an object that has at least one of the fields.
fn form(value: &Value, task: &FieldsTask) -> Option<Vec<FilledField>> {
    let mut filled = Vec::new();
    walk(value, String::new(), 0, &mut filled);
    let known = |field: &FilledField| task.fields.iter().any(|note| matches(&note.path, &field.path));
    filled.retain(known);
    (!filled.is_empty()).then_some(filled)
}

fn walk(value: &Value, path: String, depth: usize, filled: &mut Vec<FilledField>) {
    if depth > DEPTH_MAX || filled.len() >= VALUES_MAX {
        return;
    }
    match value {
        Value::Object(members) => {
            if let Some(inner) = members.get("value").filter(|inner| !inner.is_object() && !inner.is_null()) {
                filled.push(FilledField { path, value: inner.clone(), findings: refs(value) });
                return;
            }
            for (name, member) in members {
                let segment = name.replace('~', "~0").replace('/', "~1");
                walk(member, format!("{path}/{segment}"), depth.saturating_add(1), filled);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate().take(ITEMS_MAX) {
                walk(item, format!("{path}/{at}"), depth.saturating_add(1), filled);
            }
        }
        Value::Null => {}
        leaf => filled.push(FilledField { path, value: leaf.clone(), findings: Vec::new() }),
    }
}

/// Whether `path` names a place of `pattern`, whose `*` stands for any number.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some("*"), Some(n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => {}
            (Some(a), Some(b)) if a == b => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldNote;
    use crate::research::structured::LeafKind;
    use serde_json::json;

    fn task() -> FieldsTask {
        let note =
            |path: &str| FieldNote { path: path.into(), kind: LeafKind::Text, description: String::new() };
        FieldsTask {
            question: "Who?".into(),
            fields: vec![note("/name"), note("/people/*/age")],
            findings: Vec::new(),
            today: "2026-11-26".into(),
        }
    }

    fn read(text: &str) -> Option<Vec<(String, Value, Vec<u32>)>> {
        let found = fields(text, &task())?;
        Some(
            found
                .into_iter()
                .map(|f| (f.path, f.value, f.findings.iter().map(|id| id.0).collect()))
                .collect(),
        )
    }

    #[test]
    fn a_flat_list_is_read_in_every_spelling() {
        let wanted = Some(vec![("/name".to_owned(), json!("Ada"), vec![12])]);
        for text in [
            r#"{"fields": [{"path": "/name", "value": "Ada", "refs": [12]}]}"#,
            r#"Here: ```json
               [{"field": "name", "value": "Ada", "findings": ["F12"]}]
               ```"#,
            r#"{"fields": [{"path": "/name", "value": "Ada", "refs": [12]}, {"path": "/x", "value": null, "refs": []}]}"#,
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
        assert_eq!(read(r#"{"fields": []}"#), Some(vec![]));
        assert_eq!(read("I cannot help with that."), None);
    }

    #[test]
    fn the_form_itself_is_read_without_what_is_not_in_it() {
        let text =
            r#"{"name": "Ada", "people": [{"age": {"value": 36, "refs": [3]}}, {"age": null}], "extra": 1}"#;
        assert_eq!(
            read(text),
            Some(vec![("/name".into(), json!("Ada"), vec![]), ("/people/0/age".into(), json!(36), vec![3])])
        );
    }
}
