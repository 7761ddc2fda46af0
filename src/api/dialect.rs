//! What the other APIs that are spoken here have in common: their routes, their models, their errors.

pub mod answer;
pub mod messages;
pub mod models;

use crate::account::QuotaKind;
use crate::api::ApiError;
use crate::api::request::research_request;
use crate::config::access::AccessError;
use crate::research::request::ResearchRequest;
use crate::research::wording::{Dialect, Wording};
use serde_json::{Map, Value, json};

/// In whose words whatever is said on a path is to be said; `None` for our own.
#[must_use]
pub fn of_path(path: &str) -> Option<Dialect> {
    let under =
        |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if under("/v1/responses") || under("/v1/models") {
        Some(Dialect::OpenAi)
    } else if under("/async") || under("/v1/async") {
        Some(Dialect::Perplexity)
    } else {
        None
    }
}

/// The body of an error, `{"error": {message, type, param, code}}`: the clients of both APIs look for it there, and choose
/// the class of their exception by the status alone.
#[must_use]
pub fn error_body(error: &ApiError) -> Value {
    let message = error.to_string();
    let (kind, code) = match error {
        ApiError::BadRequest { problems } => ("invalid_request_error", code_of(problems)),
        ApiError::Access(AccessError::NoAdmin | AccessError::NotAdmin) => {
            ("invalid_request_error", error.code())
        }
        ApiError::Access(_) => ("invalid_request_error", "invalid_api_key"),
        ApiError::QuotaExceeded { quota: QuotaKind::ConcurrentJobs, .. } => {
            ("requests", "rate_limit_exceeded")
        }
        ApiError::QuotaExceeded { .. } => ("insufficient_quota", "insufficient_quota"),
        _ if error.status() >= 500 => ("server_error", error.code()),
        _ => ("invalid_request_error", error.code()),
    };
    let param = match error {
        ApiError::BadRequest { problems } => problems.first().and_then(|problem| named(problem)),
        _ => None,
    };
    json!({ "error": { "message": message, "type": kind, "param": param, "code": code } })
}

/// A member of a body that is there and not null.
pub(crate) fn given<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

/// The members of `body` that replies repeat.
pub(crate) fn echo(body: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), given(body, name)?.clone()))).collect()
}

/// The research that a body amounts to: `own` is the body of our own request, `problems` what was wrong so far. What our own
/// reader finds wrong is told under the other API's `names` for our members.
pub(crate) fn research(
    mut own: Map<String, Value>,
    mut problems: Vec<String>,
    wording: Wording,
    names: &[(&str, &str)],
) -> Result<ResearchRequest, ApiError> {
    let renamed =
        |told: &str| names.iter().fold(told.to_owned(), |told, (ours, theirs)| told.replace(ours, theirs));
    // With a question in its place the rest is checked too.
    own.entry("query").or_insert("?".into());
    match research_request(Value::Object(own).to_string().as_bytes()) {
        Ok(mut research) if problems.is_empty() => {
            research.wording = Some(Box::new(wording));
            Ok(research)
        }
        Ok(_) => Err(ApiError::BadRequest { problems }),
        Err(ApiError::BadRequest { problems: more }) => {
            problems.extend(more.iter().map(|problem| renamed(problem)));
            Err(ApiError::BadRequest { problems })
        }
        Err(ApiError::Conflict { cause }) if problems.is_empty() => {
            Err(ApiError::Conflict { cause: renamed(&cause) })
        }
        Err(ApiError::Conflict { cause }) => {
            problems.push(renamed(&cause));
            Err(ApiError::BadRequest { problems })
        }
        Err(other) => Err(other),
    }
}

/// What is said of a field that nobody here knows.
pub(crate) fn unknown(name: &str) -> String {
    let name: String = name.chars().take(80).collect();
    format!("`{name}` is not known here: leave it out")
}

fn code_of(problems: &[String]) -> &'static str {
    let first = problems.first().map(String::as_str).unwrap_or_default();
    if first.contains("is required") {
        "missing_required_parameter"
    } else if first.starts_with("`model`: there is no") {
        "model_not_found"
    } else if first.contains("is not known here") {
        "unknown_parameter"
    } else if first.contains("is not supported") {
        "unsupported_parameter"
    } else {
        "invalid_value"
    }
}

/// The first name in backticks of a sentence.
fn named(problem: &str) -> Option<&str> {
    problem.split('`').nth(1).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_whose_words_are_wanted() {
        for (path, dialect) in [
            ("/v1/responses", Some(Dialect::OpenAi)),
            ("/v1/responses/resp_1/cancel", Some(Dialect::OpenAi)),
            ("/v1/models", Some(Dialect::OpenAi)),
            ("/async/chat/completions", Some(Dialect::Perplexity)),
            ("/v1/async/sonar/res_1", Some(Dialect::Perplexity)),
            ("/v1/responsesque", None),
            ("/v1/research", None),
        ] {
            assert_eq!(of_path(path), dialect, "{path}");
        }
    }

    #[test]
    fn an_error_says_which_parameter_is_wrong_and_how() {
        let body = |problem: &str| error_body(&ApiError::bad_request(problem));
        let error = body("`model` is required: send footnote");
        assert_eq!(
            (&error["error"]["param"], &error["error"]["code"]),
            (&json!("model"), &json!("missing_required_parameter"))
        );
        assert_eq!(body(&unknown("wibble"))["error"]["code"], "unknown_parameter");
        assert_eq!(body("`stop` is not supported: leave it out")["error"]["code"], "unsupported_parameter");
        assert_eq!(body("nothing named")["error"]["param"], Value::Null);
        let quota = ApiError::QuotaExceeded { quota: QuotaKind::JobsPerDay, retry_after_s: 9 };
        assert_eq!(error_body(&quota)["error"]["type"], "insufficient_quota");
        assert_eq!(error_body(&AccessError::Unknown.into())["error"]["code"], "invalid_api_key");
    }
}
