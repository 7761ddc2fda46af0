//! The error responses that operations refer to: each with a body that the code really gives.

use crate::account::QuotaKind;
use crate::api::error::{Misconfigured, PROBLEM_JSON};
use crate::api::request::BODY_BYTES_MAX;
use crate::api::{ApiError, dialect};
use crate::config::ConfigError;
use crate::config::access::AccessError;
use serde_json::{Map, Value, json};

/// What is under `components.responses`.
pub(super) fn responses() -> Value {
    let own =
        NAMES.iter().map(|row| (row.1.to_owned(), response(row, PROBLEM_JSON, "Problem", ApiError::to_json)));
    let foreign = NAMES.iter().map(|row| {
        (
            format!("{FOREIGN}{}", row.1),
            response(row, "application/json", "ForeignError", dialect::error_body),
        )
    });
    Value::Object(own.chain(foreign).collect())
}

/// What stands before the names of responses on routes of other APIs, whose clients want another body.
const FOREIGN: &str = "Foreign";

fn response(
    (status, _, description): &(u16, &str, &str),
    media_type: &str,
    schema: &str,
    body: impl Fn(&ApiError) -> Value,
) -> Value {
    let examples: Map<String, Value> = examples()
        .into_iter()
        .filter(|error| error.status() == *status)
        .map(|error| (error.code().to_owned(), json!({ "value": body(&error) })))
        .collect();
    let mut response = json!({
        "description": description,
        "content": { media_type: {
            "schema": { "$ref": format!("#/components/schemas/{schema}") },
            "examples": examples,
        } },
    });
    if let (Some(headers), Some(response)) = (headers(*status), response.as_object_mut()) {
        response.insert("headers".into(), headers);
    }
    response
}

/// A reference to the response of a status on a path.
pub(super) fn reference(status: u16, path: &str) -> Value {
    let name = NAMES.iter().find(|(known, _, _)| *known == status).map_or("", |(_, name, _)| name);
    let foreign = if dialect::of_path(path).is_some() { FOREIGN } else { "" };
    json!({ "$ref": format!("#/components/responses/{foreign}{name}") })
}

/// Status, name and meaning where an operation says nothing of its own.
const NAMES: [(u16, &str, &str); 12] = [
    (400, "BadRequest", "What is wrong with the request, all of it at once"),
    (401, "Unauthorized", "No key, an unknown key, or a deployment without keys"),
    (
        403,
        "Forbidden",
        "Another key is needed (the admin's, or the metrics token), or an address is not of the public internet",
    ),
    (404, "NotFound", "There is no such thing, or it belongs to somebody else"),
    (405, "MethodNotAllowed", "The path exists, but not with this method; `Allow` says which"),
    (409, "Conflict", "Not possible in the state that the thing is in"),
    (413, "TooLarge", "The body is longer than 65,536 bytes"),
    (415, "UnsupportedMediaType", "The body is of a media type that the route does not take"),
    (422, "Unprocessable", "Understood, but it cannot be done with what was sent"),
    (429, "QuotaExceeded", "A quota is used up; `Retry-After` says when it is worth another try"),
    (500, "Misconfigured", "The deployment's settings are wrong; the reply names every problem"),
    (503, "Unavailable", "A part of the deployment did not answer: try again after `Retry-After` seconds"),
];

fn examples() -> Vec<ApiError> {
    let wrong = "`max_sources` must be a whole number from 1 to 200";
    let refused = "the webhook's address is refused: 127.0.0.1 is not a public address";
    let unread = "No text can be had from it: the PDF is encrypted.";
    let setting = "MODEL must be `extractive` or name a configured model";
    vec![
        ApiError::bad_request(wrong),
        AccessError::Missing.into(),
        AccessError::NotAdmin.into(),
        ApiError::Refused { cause: refused.into() },
        ApiError::NotFound { what: "research job" },
        ApiError::Method { allow: "GET, POST" },
        ApiError::Conflict { cause: "the job is over already".into() },
        ApiError::TooLarge { bytes_max: BODY_BYTES_MAX },
        ApiError::MediaType { media_type: "application/xml".into(), takes: "application/json" },
        ApiError::Mismatch,
        ApiError::Unusable { cause: unread.into() },
        ApiError::QuotaExceeded { quota: QuotaKind::JobsPerDay, retry_after_s: 3_600 },
        Misconfigured(ConfigError { problems: vec![setting.to_owned()] }).into(),
        ApiError::Upstream { cause: "the page's server answered 404".into() },
        ApiError::Unavailable { cause: "the job could not be stored: try again".into() },
    ]
}

fn headers(status: u16) -> Option<Value> {
    let integer = |description: &str| json!({ "description": description, "required": true, "schema": { "type": "integer", "minimum": 0 } });
    let text = |description: &str| json!({ "description": description, "required": true, "schema": { "type": "string" } });
    Some(match status {
        401 => json!({ "WWW-Authenticate": text("`Bearer`") }),
        405 => json!({ "Allow": text("The methods that the path takes") }),
        429 => json!({
            "Retry-After": integer("Seconds until another try may succeed"),
            "RateLimit": text("What is left of each quota that is set"),
            "RateLimit-Policy": text("The quotas that are set"),
        }),
        503 => json!({ "Retry-After": integer("Seconds until another try may succeed") }),
        _ => return None,
    })
}
