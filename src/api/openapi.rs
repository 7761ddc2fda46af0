//! The OpenAPI 3.1 document, put together from one file a family of routes (`openapi/*.json`) and from the code itself:
//! errors, keys and the version are what the types say.

mod complete;
mod errors;

use serde_json::{Map, Value};
use std::sync::OnceLock;

/// The document as JSON text: `GET /openapi.json`. Where `anonymous` use is allowed, it says that a key is optional.
#[must_use]
pub fn document(anonymous: bool) -> &'static str {
    static KEYED: OnceLock<String> = OnceLock::new();
    static OPEN: OnceLock<String> = OnceLock::new();
    let kept = if anonymous { &OPEN } else { &KEYED };
    kept.get_or_init(|| value(anonymous).to_string())
}

/// The document as a value.
#[must_use]
pub fn value(anonymous: bool) -> Value {
    let mut document = Value::Object(Map::new());
    for part in PARTS {
        // That each is JSON is tested.
        merge(&mut document, serde_json::from_str(part).unwrap_or_default());
    }
    complete::complete(&mut document, anonymous);
    document
}

/// What is said of the whole, then the families of routes in the order in which one needs them.
const PARTS: [&str; 11] = [
    include_str!("openapi/document.json"),
    include_str!("openapi/research.json"),
    include_str!("openapi/control.json"),
    include_str!("openapi/schedules.json"),
    include_str!("openapi/webhooks.json"),
    include_str!("openapi/library.json"),
    include_str!("openapi/accounts.json"),
    include_str!("openapi/mcp.json"),
    include_str!("openapi/responses.json"),
    include_str!("openapi/completions.json"),
    include_str!("openapi/service.json"),
];

/// Objects are joined member by member; of anything else the later counts.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                match into.get_mut(&name) {
                    Some(there) => merge(there, value),
                    None => drop(into.insert(name, value)),
                }
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests;
