//! What the schemas of requests take from the code: names of places, countries and time zones, what a schedule shares with a
//! question, and that null counts as left out.

use crate::schedule::time_zones;
use crate::search::{Provider, country};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Fills in what follows from code and settings.
pub(super) fn derive(known: &mut Map<String, Value>, providers: &[Provider]) {
    let mut places = vec![Provider::Library.name()];
    places.extend(providers.iter().map(|p| p.name()).filter(|name| *name != Provider::Library.name()));
    if places.len() > 1 {
        places.push("web");
    }
    set(known, "Place", "/anyOf/0/enum", places.into());
    set(known, "Country", "/enum", country::codes().collect());
    set(known, "TimeZone", "/enum", time_zones().collect());
    let mut shared = properties(known, "ResearchRequest");
    shared.remove("previous_id");
    shared.extend(properties(known, "NewSchedule"));
    set(known, "NewSchedule", "/properties", Value::Object(shared.clone()));
    set(known, "SchedulePatch", "/properties", Value::Object(shared));
}

fn set(known: &mut Map<String, Value>, name: &str, place: &str, value: Value) {
    let Some(schema) = known.get_mut(name) else { return };
    let (parent, member) = place.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Object(parent)) = schema.pointer_mut(parent) {
        parent.insert(member.to_owned(), value);
    }
}

fn properties(known: &Map<String, Value>, name: &str) -> Map<String, Value> {
    let properties = known.get(name).and_then(|schema| schema.get("properties"));
    properties.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Names of all schemas that bodies of requests are made of. `OutputSchema` is none of them: it describes what a schema looks
/// like, where null has a meaning of its own.
pub(super) fn asked(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let operations = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    let mut open: Vec<&Value> = operations
        .flat_map(|(_, item)| item.as_object().into_iter().flatten())
        .filter_map(|(_, operation)| operation.get("requestBody"))
        .collect();
    // Every name is gone into once, so this ends after as many turns as the document has values.
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let named = members.get("$ref").and_then(Value::as_str);
                let name = named.and_then(|pointer| pointer.strip_prefix("#/components/schemas/"));
                if let Some(name) = name.filter(|name| !name.starts_with("Output"))
                    && names.insert(name.to_owned())
                {
                    open.extend(document.pointer(&format!("/components/schemas/{name}")));
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    names
}

/// Says of every member that may be left out that it may be null.
pub(super) fn allow_null(schema: &mut Value) {
    let required: BTreeSet<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, member) in properties {
        if let Value::Object(member) = member
            && !required.contains(name)
        {
            or_null(member);
        }
    }
}

fn or_null(member: &mut Map<String, Value>) {
    let null = [("type", json!("null")), ("enum", Value::Null)];
    if null.iter().any(|(word, null)| {
        member.get(*word).and_then(Value::as_array).is_some_and(|list| list.contains(null))
    }) {
        return;
    }
    if let Some(reference) = member.remove("$ref") {
        member.insert("anyOf".into(), json!([{ "$ref": reference }, { "type": "null" }]));
        return;
    }
    if let Some(Value::Array(choices)) = member.get_mut("anyOf") {
        choices.push(json!({ "type": "null" }));
        return;
    }
    // A format is of texts: beside a list of types tools forget it.
    if member.contains_key("format") {
        let described = member.remove("description");
        let bare = std::mem::take(member);
        member.extend(described.map(|text| ("description".to_owned(), text)));
        member.insert("anyOf".into(), json!([bare, { "type": "null" }]));
        return;
    }
    match member.get_mut("type") {
        Some(Value::Array(kinds)) => kinds.push("null".into()),
        Some(kind) => *kind = json!([kind.take(), "null"]),
        None => {}
    }
    if let Some(Value::Array(words)) = member.get_mut("enum") {
        words.push(Value::Null);
    }
}
