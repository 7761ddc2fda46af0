//! One error envelope for everything: RFC 9457 problem details, with the string `error` that webclaw's clients read.

use crate::account::QuotaKind;
use crate::config::ConfigError;
use crate::config::access::AccessError;
use crate::web::admission::Refusal;
use serde_json::{Value, json};
use thiserror::Error;

/// Why a request was not carried out, typed by the status it gets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// 400: the body or query is not what the route takes. All problems at once.
    #[error("{}", .problems.join("; "))]
    BadRequest {
        /// One sentence each: which field, what is wrong, what to send.
        problems: Vec<String>,
    },
    /// 401; 403 for a route that is the admin's.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// 403: the address may not be called from here.
    #[error("{cause}")]
    Refused {
        /// Why.
        cause: String,
    },
    /// 404: nothing under this path.
    #[error("nothing is served at `{path}`: see /openapi.json for the routes")]
    NoRoute {
        /// The path, shortened.
        path: String,
    },
    /// 404: no such job, document or crawl; also for those of other owners.
    #[error("there is no {what} with this id")]
    NotFound {
        /// `research job`, `document`, `crawl`.
        what: &'static str,
    },
    /// 405.
    #[error("this path takes {allow}")]
    Method {
        /// Value of the `Allow` header.
        allow: &'static str,
    },
    /// 409: not in the state that the thing is in.
    #[error("{cause}")]
    Conflict {
        /// Why, and what to do instead.
        cause: String,
    },
    /// 413.
    #[error("the body is longer than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// 415: the body is of a media type that the route does not take.
    #[error("the body is of the media type `{media_type}`: send {takes}")]
    MediaType {
        /// What came, shortened.
        media_type: String,
        /// What to send.
        takes: &'static str,
    },
    /// 422: an `Idempotency-Key` came with another body before.
    #[error("this Idempotency-Key was used for another request: send a new key, or the same body")]
    Mismatch,
    /// 429: a quota is used up.
    #[error("the quota `{}` of this account is used up: try again in {retry_after_s} s", .quota.name())]
    QuotaExceeded {
        /// Which.
        quota: QuotaKind,
        /// When it is worth another try.
        retry_after_s: u64,
    },
    /// 422: the page or document cannot be used.
    #[error("{cause}")]
    Unusable {
        /// Why.
        cause: String,
    },
    /// 422: the page's server did not give it.
    #[error("{cause}")]
    Upstream {
        /// Why.
        cause: String,
    },
    /// 500: the deployment's settings are wrong.
    #[error(transparent)]
    Settings(#[from] Misconfigured),
    /// 503: try again.
    #[error("{cause}")]
    Unavailable {
        /// Why.
        cause: String,
    },
}

/// The deployment's settings are wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Misconfigured(pub ConfigError);

/// Registered problem type (draft-ietf-httpapi-ratelimit-headers).
const QUOTA_PROBLEM: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
/// Media type of the envelope.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl ApiError {
    /// A 400 with one problem.
    pub fn bad_request(problem: impl Into<String>) -> Self {
        Self::BadRequest { problems: vec![problem.into()] }
    }

    /// What is said of a URL that was refused: 403 for a place that is not called, 400 for what is wrong in form.
    #[must_use]
    pub fn refused(what: &str, refusal: &Refusal) -> Self {
        let cause = format!("{what}: {refusal}");
        if refusal.is_of_place() { Self::Refused { cause } } else { Self::bad_request(cause) }
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.row().0
    }

    /// Stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.row().1
    }

    /// The body: `type`, `title`, `status`, `detail` (RFC 9457), and `error`, `message`, `code` for existing clients.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (status, code, title) = self.row();
        let detail = self.to_string();
        let kind = if matches!(self, Self::QuotaExceeded { .. }) { QUOTA_PROBLEM } else { "about:blank" };
        json!({
            "type": kind, "title": title, "status": status, "detail": detail,
            "error": detail, "message": detail, "code": code,
        })
    }

    fn row(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::BadRequest { .. } => (400, "bad_request", "Bad Request"),
            Self::Access(
                AccessError::NoAdmin
                | AccessError::NotAdmin
                | AccessError::NoMetrics
                | AccessError::NotMetrics,
            ) => (403, "forbidden", "Forbidden"),
            Self::Access(_) => (401, "unauthorized", "Unauthorized"),
            Self::Refused { .. } => (403, "address_refused", "Forbidden"),
            Self::NoRoute { .. } => (404, "no_route", "Not Found"),
            Self::NotFound { .. } => (404, "not_found", "Not Found"),
            Self::Method { .. } => (405, "method_not_allowed", "Method Not Allowed"),
            Self::Conflict { .. } => (409, "conflict", "Conflict"),
            Self::TooLarge { .. } => (413, "too_large", "Content Too Large"),
            Self::MediaType { .. } => (415, "media_type", "Unsupported Media Type"),
            Self::Mismatch => (422, "idempotency_mismatch", "Unprocessable Content"),
            Self::QuotaExceeded { .. } => (429, "quota_exceeded", "Too Many Requests"),
            Self::Unusable { .. } => (422, "unusable", "Unprocessable Content"),
            Self::Settings(_) => (500, "misconfigured", "Internal Server Error"),
            Self::Upstream { .. } => (422, "upstream", "Unprocessable Content"),
            Self::Unavailable { .. } => (503, "unavailable", "Service Unavailable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_has_a_string_error_and_agrees_with_its_status() {
        let error = ApiError::BadRequest {
            problems: vec!["`query` is required".into(), "`deep` is a number".into()],
        };
        let json = error.to_json();
        assert_eq!(json["status"], 400);
        assert_eq!(json["error"], "`query` is required; `deep` is a number");
        assert_eq!(json["error"], json["message"]);
        assert_eq!(json["code"], "bad_request");
    }
}
