//! The OpenAPI 3.1 document, put together from one file a family of routes (`openapi/*.json`) and from the code itself:
//! errors, keys and the version are what the types say.

mod complete;
mod errors;
mod schemas;

use crate::search::Provider;
use serde_json::{Map, Value};
use std::sync::OnceLock;

/// What the document says of one deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// A key is optional.
    pub anonymous: bool,
    /// Where a request may look.
    pub providers: Vec<Provider>,
}

/// The document as JSON text: `GET /openapi.json`. Made once: settings do not change while a Worker runs.
#[must_use]
pub fn document(deployment: &Deployment) -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| value(deployment).to_string())
}

/// The document as a value.
#[must_use]
pub fn value(deployment: &Deployment) -> Value {
    let mut document = Value::Object(Map::new());
    for part in PARTS {
        // That each is JSON is tested.
        merge(&mut document, serde_json::from_str(part).unwrap_or_default());
    }
    complete::complete(&mut document, deployment);
    document
}

/// What is said of the whole, then the families of routes in the order in which one needs them.
const PARTS: [&str; 12] = [
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
    include_str!("openapi/examples.json"),
];

/// Objects are joined member by member, lists one behind the other; of anything else the later counts.
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
        (Value::Array(into), Value::Array(from)) => into.extend(from),
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests;
