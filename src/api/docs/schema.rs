//! Schemas as tables of fields and as phrases.

use super::markup::{escaped, inline};
use super::{members, text};
use serde_json::Value;
use std::fmt::Write;

/// Values of an `enum` that are shown; of countries and time zones one knows the rest.
const WORDS_SHOWN_MAX: usize = 12;
/// A pattern that is longer says nothing to a reader.
const PATTERN_CHARS_MAX: usize = 60;
/// Fields within fields are shown so deep; what is deeper has a schema of its own.
const DEPTH_MAX: usize = 3;

/// The table of an operation's parameters.
pub(super) fn parameters(parameters: &[Value]) -> String {
    let mut rows = String::new();
    for parameter in parameters {
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let place = format!(" <small>{}</small>", escaped(text(parameter, "in")));
        row(&mut rows, text(parameter, "name"), &place, required, schema, text(parameter, "description"));
    }
    table(&rows)
}

/// What a body is made of: a link to its schema, or its fields.
pub(super) fn fields(schema: &Value) -> String {
    if schema.get("$ref").is_some() {
        return format!("<p>{}</p>\n", kind(schema));
    }
    named(schema)
}

/// The fields of a schema, or its phrase where it has none.
pub(super) fn named(schema: &Value) -> String {
    let mut rows = String::new();
    rows_of(schema, "", 0, &mut rows);
    if rows.is_empty() { format!("<p>{}</p>\n", kind(schema)) } else { table(&rows) }
}

fn rows_of(schema: &Value, before: &str, depth: usize, rows: &mut String) {
    if depth >= DEPTH_MAX {
        return;
    }
    let required = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (name, member) in members(schema, "properties") {
        let path = format!("{before}{name}");
        let needed = required.iter().any(|r| r.as_str() == Some(name));
        row(rows, &path, "", needed, member, text(member, "description"));
        rows_of(member, &format!("{path}."), depth.saturating_add(1), rows);
        if let Some(items) = member.get("items") {
            rows_of(items, &format!("{path}[]."), depth.saturating_add(1), rows);
        }
    }
}

fn row(rows: &mut String, name: &str, place: &str, required: bool, schema: &Value, said: &str) {
    let needed = if required { " <small class=\"required\">required</small>" } else { "" };
    // Writing to a string cannot fail.
    let _ = writeln!(
        rows,
        "<tr><th scope=\"row\"><code>{}</code>{place}{needed}</th><td><span class=\"kind\">{}</span> {}</td></tr>",
        escaped(name),
        kind(schema),
        inline(said)
    );
}

fn table(rows: &str) -> String {
    format!("<table>\n{rows}</table>\n")
}

/// A schema in a few words, with links to those that have names.
pub(super) fn kind(schema: &Value) -> String {
    let named =
        schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/schemas/"));
    if let Some(path) = named {
        // A part of a schema is told by the schema that it is a part of.
        let (name, part) = path.split_once("/properties/").unwrap_or((path, ""));
        let dot = if part.is_empty() { "" } else { "." };
        return format!("<a href=\"#schema-{0}\">{0}{dot}{1}</a>", escaped(name), escaped(part));
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        if let Some(choices) = schema.get(word).and_then(Value::as_array)
            && schema.get("type").is_none()
        {
            let joint = if word == "allOf" { " and " } else { " or " };
            return choices.iter().map(kind).collect::<Vec<_>>().join(joint);
        }
    }
    let mut parts = vec![base(schema)];
    let bound = |name: &str| schema.get(name).map(Value::to_string);
    let mut limits: Vec<String> = Vec::new();
    limits.extend(bound("minimum").map(|n| format!("from {n}")));
    limits.extend(bound("exclusiveMinimum").map(|n| format!("above {n}")));
    limits.extend(bound("maximum").map(|n| format!("to {n}")));
    limits.extend(bound("minLength").filter(|n| n != "1").map(|n| format!("at least {n} characters")));
    limits.extend(bound("maxLength").map(|n| format!("at most {n} characters")));
    limits.extend(bound("maxItems").map(|n| format!("at most {n}")));
    limits.extend(bound("maxProperties").map(|n| format!("at most {n} members")));
    if !limits.is_empty() {
        parts.push(escaped(&limits.join(" ")));
    }
    let pattern = schema.get("pattern").and_then(Value::as_str);
    parts.extend(
        pattern
            .filter(|p| p.chars().count() <= PATTERN_CHARS_MAX)
            .map(|p| format!("<code>{}</code>", escaped(p))),
    );
    parts.extend(
        schema.get("default").map(|value| format!("default <code>{}</code>", escaped(&value.to_string()))),
    );
    parts.join(", ")
}

fn base(schema: &Value) -> String {
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", escaped(&value.to_string()));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let mut shown: Vec<String> = words
            .iter()
            .take(WORDS_SHOWN_MAX)
            .map(|word| format!("<code>{}</code>", escaped(&word.to_string())))
            .collect();
        if words.len() > WORDS_SHOWN_MAX {
            shown.push(format!("… ({} in all)", words.len()));
        }
        return shown.join(" ");
    }
    let kinds = match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "anything".to_owned(),
    };
    let of = schema.get("items").map(|items| format!(" of {}", kind(items))).unwrap_or_default();
    let format = schema.get("format").and_then(Value::as_str).map(|f| format!(" ({f})")).unwrap_or_default();
    format!("{}{}{of}", escaped(&kinds), escaped(&format))
}
