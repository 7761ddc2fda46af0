//! What the document says of every operation alike: its key, and the errors that follow from key, body and settings.

use super::{Deployment, errors, schemas};
use crate::api::{Audience, Route};
use serde_json::{Map, Value, json};

/// Completes every operation, the shared error responses and the version.
pub(super) fn complete(document: &mut Value, deployment: &Deployment) {
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        info.insert("version".into(), env!("CARGO_PKG_VERSION").into());
    }
    for (path, item) in members(document.get_mut("paths")) {
        for (method, operation) in members(Some(item)) {
            // A name in braces is a segment like any other.
            let Ok(route) = Route::parse(&method.to_uppercase(), path) else { continue };
            if let Some(operation) = operation.as_object_mut() {
                finish(operation, route.audience(), deployment.anonymous, path);
            }
        }
    }
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("responses".into(), errors::responses());
        if let Some(Value::Object(known)) = components.get_mut("schemas") {
            schemas::derive(known, &deployment.providers);
        }
    }
    let asked = schemas::asked(document);
    if let Some(Value::Object(known)) = document.pointer_mut("/components/schemas") {
        for name in asked {
            known.get_mut(&name).into_iter().for_each(schemas::allow_null);
        }
    }
}

fn finish(operation: &mut Map<String, Value>, audience: Audience, anonymous: bool, path: &str) {
    let security = match audience {
        Audience::Anybody => json!([]),
        Audience::Owner if anonymous => json!([{ "key": [] }, {}]),
        Audience::Owner => json!([{ "key": [] }]),
        Audience::Admin => json!([{ "admin": [] }]),
        Audience::Monitor => json!([{ "metrics": [] }, { "admin": [] }]),
    };
    operation.insert("security".into(), security);
    let of_audience: &[u16] = match audience {
        Audience::Anybody => &[],
        Audience::Owner => &[401, 500, 503],
        Audience::Admin | Audience::Monitor => &[401, 403, 500, 503],
    };
    let of_body: &[u16] = if operation.contains_key("requestBody") { &[400, 413, 415] } else { &[] };
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    for status in of_audience.iter().chain(of_body) {
        responses.entry(status.to_string()).or_insert_with(|| errors::reference(*status, path));
    }
    responses.sort_keys();
}

fn members(value: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    value.and_then(Value::as_object_mut).into_iter().flatten()
}
