//! The part of JSON Schema that a question may ask its answer in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// Most fields of an answer, lists counted by the fields of one element: what a prompt of some 2,000 tokens can explain.
pub const FIELDS_MAX: usize = 40;
/// Deepest nesting: an object in a list in an object in the root.
const DEPTH_MAX: usize = 5;
/// Longest schema, in bytes of JSON: 40 fields with descriptions of 300 characters.
const SCHEMA_BYTES_MAX: usize = 16 * 1024;
/// Longest name of a field, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Longest description that is read, in characters.
const DESCRIPTION_CHARS_MAX: usize = 300;
/// Most values of an `enum`.
const ENUM_MAX: usize = 50;

/// Keywords that say nothing about which values fit, or what a reply is made to anyhow.
const ANNOTATIONS: [&str; 15] = [
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "default",
    "examples",
    "format",
    "required",
    "additionalProperties",
    "deprecated",
    "readOnly",
    "minItems",
    "strict",
];

/// A schema that was understood. Kept and shown as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct OutputSchema {
    source: Value,
    root: Node,
}

/// A part of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Members by name, in the schema's order.
    Object(Vec<(String, Node)>),
    /// A list whose elements are alike.
    List {
        /// What an element is.
        item: Box<Node>,
        /// Most elements, at most [`super::ITEMS_MAX`].
        items_max: usize,
    },
    /// A value.
    Leaf(Leaf),
}

/// A value of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// What it is.
    pub kind: LeafKind,
    /// What the caller says of it; may be empty.
    pub description: String,
    /// Least number.
    pub minimum: Option<Number>,
    /// Greatest number.
    pub maximum: Option<Number>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafKind {
    /// Words.
    Text,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// One of these words.
    OneOf(Vec<String>),
}

impl LeafKind {
    /// The kind in words, for a prompt.
    #[must_use]
    pub fn phrase(&self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Number => "number".into(),
            Self::Integer => "whole number".into(),
            Self::Boolean => "true or false".into(),
            Self::OneOf(words) => format!("one of: {}", words.join(" | ")),
        }
    }
}

impl OutputSchema {
    /// Reads a schema: an object with `properties`. Every problem is told, with the place where it is.
    ///
    /// # Errors
    /// Sentences that say what to change.
    pub fn parse(source: &Value) -> Result<Self, Vec<String>> {
        let mut reader = Reader { root: source, problems: Vec::new(), fields: 0 };
        if source.to_string().len() > SCHEMA_BYTES_MAX {
            return Err(vec![format!("it must have at most {SCHEMA_BYTES_MAX} bytes")]);
        }
        let root = reader.node(source, "#", 0);
        if !matches!(root, Some(Node::Object(_))) && reader.problems.is_empty() {
            reader
                .problems
                .push("it must describe an object: {\"type\": \"object\", \"properties\": {...}}".into());
        }
        if reader.fields > FIELDS_MAX {
            reader.problems.push(format!("it has {} fields; at most {FIELDS_MAX} are filled", reader.fields));
        }
        match root {
            Some(root) if reader.problems.is_empty() => Ok(Self { source: source.clone(), root }),
            _ => Err(reader.problems),
        }
    }

    /// What the answer is made of.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Every value that may be filled, in the schema's order: its path, with `*` for any element of a list, and the value.
    #[must_use]
    pub fn leaves(&self) -> Vec<(String, &Leaf)> {
        let mut leaves = Vec::new();
        collect(&self.root, String::new(), &mut leaves);
        leaves
    }
}

fn collect<'a>(node: &'a Node, path: String, leaves: &mut Vec<(String, &'a Leaf)>) {
    match node {
        Node::Object(members) => {
            for (name, member) in members {
                collect(member, format!("{path}/{}", escaped(name)), leaves);
            }
        }
        Node::List { item, .. } => collect(item, format!("{path}/*"), leaves),
        Node::Leaf(leaf) => leaves.push((path, leaf)),
    }
}

/// A name as a segment of a JSON pointer (RFC 6901, section 3).
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl TryFrom<Value> for OutputSchema {
    type Error = String;

    fn try_from(source: Value) -> Result<Self, String> {
        Self::parse(&source).map_err(|problems| problems.join("; "))
    }
}

impl From<OutputSchema> for Value {
    fn from(schema: OutputSchema) -> Self {
        schema.source
    }
}

struct Reader<'a> {
    root: &'a Value,
    problems: Vec<String>,
    fields: usize,
}

impl<'a> Reader<'a> {
    fn problem(&mut self, at: &str, what: impl std::fmt::Display) -> Option<Node> {
        self.problems.push(format!("at `{at}`: {what}"));
        None
    }

    fn node(&mut self, schema: &'a Value, at: &str, depth: usize) -> Option<Node> {
        if depth > DEPTH_MAX {
            return self.problem(at, "it is nested too deeply, or refers to itself");
        }
        // What may be null is what it is otherwise: a field without an answer is null anyhow.
        let Some(schema) = self.resolved(schema) else {
            return self.problem(at, "`$ref` must name one of the schema's own `$defs`");
        };
        let Some(object) = schema.as_object() else {
            return self.problem(at, "a schema must be an object such as {\"type\": \"string\"}");
        };
        if let Some(choices) = ["anyOf", "oneOf"].iter().find_map(|name| object.get(*name)) {
            let real: Vec<&Value> = choices
                .as_array()
                .into_iter()
                .flatten()
                .filter(|choice| choice.get("type").and_then(Value::as_str) != Some("null"))
                .collect();
            return match real.as_slice() {
                [one] => self.node(one, at, depth.saturating_add(1)),
                _ => self.problem(at, "of `anyOf` and `oneOf` only one choice and `null` are understood"),
            };
        }
        let node = match self.kind(object, at)? {
            "object" => self.object(object, at, depth),
            "array" => self.list(object, at, depth),
            kind => self.leaf(object, kind, at),
        };
        let known = |key: &str| {
            let own: &[&str] = match &node {
                Some(Node::Object(_)) => &["properties"],
                Some(Node::List { .. }) => &["items", "maxItems"],
                Some(Node::Leaf(leaf)) => match leaf.kind {
                    LeafKind::Number | LeafKind::Integer => &["minimum", "maximum"],
                    _ => &["enum", "const"],
                },
                None => return true,
            };
            ["type", "description"].contains(&key) || ANNOTATIONS.contains(&key) || own.contains(&key)
        };
        if let Some(unknown) = object.keys().find(|key| !known(key)) {
            return self.problem(at, format!("`{unknown}` is not understood here: leave it out"));
        }
        node
    }

    /// The schema that a `$ref` names, or the schema itself.
    fn resolved(&self, schema: &'a Value) -> Option<&'a Value> {
        match schema.get("$ref").map(|r| r.as_str().and_then(|r| r.strip_prefix('#'))) {
            None => Some(schema),
            Some(pointer) => {
                let named = pointer.filter(|p| p.starts_with("/$defs/") || p.starts_with("/definitions/"))?;
                self.root.pointer(named)
            }
        }
    }

    fn kind(&mut self, object: &'a Map<String, Value>, at: &str) -> Option<&'a str> {
        let named = match object.get("type") {
            Some(Value::String(kind)) => Some(kind.as_str()),
            Some(Value::Array(kinds)) => {
                let mut real = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
                real.next().filter(|_| real.next().is_none())
            }
            Some(_) => None,
            None if object.contains_key("properties") => Some("object"),
            None if object.contains_key("items") => Some("array"),
            None if object.contains_key("enum") || object.contains_key("const") => Some("string"),
            None => None,
        };
        const KINDS: [&str; 6] = ["object", "array", "string", "number", "integer", "boolean"];
        let known = named.filter(|kind| KINDS.contains(kind));
        if known.is_none() {
            self.problem(at, format!("`type` must be one of {}, or it and \"null\"", KINDS.join(", ")));
        }
        known
    }

    fn object(&mut self, object: &'a Map<String, Value>, at: &str, depth: usize) -> Option<Node> {
        let Some(properties) = object.get("properties").and_then(Value::as_object).filter(|p| !p.is_empty())
        else {
            return self.problem(at, "an object needs `properties`");
        };
        let mut members = Vec::new();
        for (name, schema) in properties {
            if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
                return self.problem(at, format!("names have 1 to {NAME_CHARS_MAX} characters"));
            }
            let member =
                self.node(schema, &format!("{at}/properties/{}", escaped(name)), depth.saturating_add(1));
            members.extend(member.map(|member| (name.clone(), member)));
        }
        Some(Node::Object(members))
    }

    fn list(&mut self, object: &'a Map<String, Value>, at: &str, depth: usize) -> Option<Node> {
        let Some(items) = object.get("items") else { return self.problem(at, "a list needs `items`") };
        let item = self.node(items, &format!("{at}/items"), depth.saturating_add(1))?;
        if matches!(item, Node::List { .. }) {
            return self.problem(at, "a list of lists is not understood: use a list of objects");
        }
        let wanted = object.get("maxItems").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let items_max = wanted.map_or(super::ITEMS_MAX, |n| n.clamp(1, super::ITEMS_MAX));
        Some(Node::List { item: Box::new(item), items_max })
    }

    fn leaf(&mut self, object: &'a Map<String, Value>, kind: &str, at: &str) -> Option<Node> {
        self.fields = self.fields.saturating_add(1);
        let constant = object.get("const").map(std::slice::from_ref);
        let words = constant.or_else(|| object.get("enum").and_then(Value::as_array).map(Vec::as_slice));
        let kind = match (kind, words) {
            ("string", Some(words)) => {
                let named: Vec<String> =
                    words.iter().filter_map(Value::as_str).take(ENUM_MAX).map(str::to_owned).collect();
                let others = words.iter().filter(|word| !word.is_null()).count();
                if named.is_empty() || named.len() != others {
                    return self.problem(at, format!("`enum` must be a list of 1 to {ENUM_MAX} texts"));
                }
                LeafKind::OneOf(named)
            }
            ("string", None) => LeafKind::Text,
            ("number", _) => LeafKind::Number,
            ("integer", _) => LeafKind::Integer,
            _ => LeafKind::Boolean,
        };
        let description = object.get("description").and_then(Value::as_str).unwrap_or_default();
        let bound = |name: &str| object.get(name).and_then(Value::as_number).cloned();
        Some(Node::Leaf(Leaf {
            kind,
            description: description.chars().take(DESCRIPTION_CHARS_MAX).collect(),
            minimum: bound("minimum"),
            maximum: bound("maximum"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(schema: &Value) -> Vec<String> {
        OutputSchema::parse(schema).unwrap().leaves().into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn a_schema_as_pydantic_writes_it_is_understood() {
        let schema = json!({
            "$defs": {"Person": {"type": "object", "title": "Person", "required": ["name"], "properties": {
                "name": {"type": "string", "title": "Name"},
                "since": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null}
            }}},
            "type": "object", "title": "Answer", "additionalProperties": false,
            "properties": {
                "founders": {"type": "array", "items": {"$ref": "#/$defs/Person"}, "maxItems": 3},
                "licence": {"enum": ["MIT", "Apache-2.0"]},
                "open": {"type": ["boolean", "null"]},
                "a/b": {"type": "number", "minimum": 0}
            },
            "required": ["founders"]
        });
        assert_eq!(paths(&schema), ["/founders/*/name", "/founders/*/since", "/licence", "/open", "/a~1b"]);
        let parsed = OutputSchema::parse(&schema).unwrap();
        let text = serde_json::to_string(&parsed).unwrap();
        assert_eq!(serde_json::from_str::<OutputSchema>(&text).unwrap(), parsed);
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        let told = |schema: Value| OutputSchema::parse(&schema).unwrap_err().join("; ");
        let of = |field: Value| told(json!({"type": "object", "properties": {"x": field}}));
        for (problem, part) in [
            (told(json!({"type": "string"})), "must describe an object"),
            (told(json!([1])), "must be an object"),
            (told(json!({"type": "object"})), "needs `properties`"),
            (
                of(json!({"type": "string", "pattern": "^a"})),
                "at `#/properties/x`: `pattern` is not understood",
            ),
            (of(json!({"type": "money"})), "`type` must be one of"),
            (of(json!({"type": "array"})), "a list needs `items`"),
            (of(json!({"anyOf": [{"type": "string"}, {"type": "number"}]})), "only one choice"),
            (of(json!({"$ref": "https://example.org/x"})), "`$ref` must name"),
            (of(json!({"enum": [1, 2]})), "list of 1 to 50 texts"),
        ] {
            assert!(problem.contains(part), "{problem}");
        }
        let endless = json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/A"}},
            "$defs": {"A": {"type": "object", "properties": {"x": {"$ref": "#/$defs/A"}}}}});
        assert!(told(endless).contains("refers to itself"));
        let many: Map<String, Value> = (0..41).map(|n| (n.to_string(), json!({"type": "string"}))).collect();
        assert!(told(json!({"type": "object", "properties": many})).contains("41 fields"));
    }
}
