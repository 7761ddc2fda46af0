//! In whose words a job was asked for, where not in our own, so that replies and events come in the same.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Another API whose requests are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    /// OpenAI's Responses.
    #[serde(rename = "openai")]
    OpenAi,
    /// Perplexity's asynchronous chat completions.
    #[serde(rename = "perplexity")]
    Perplexity,
}

/// What replies repeat of such a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Whose words.
    pub dialect: Dialect,
    /// Members of the request's body as they came; no longer than the body (64 KB).
    pub echo: Map<String, Value>,
}

/// What stands before a job's 128 bits.
const JOB: &str = "res_";
/// What stands before them in OpenAI's words.
const RESPONSE: &str = "resp_";

/// The id under which OpenAI's clients know a job: `resp_` and the same digits.
#[must_use]
pub fn response_id(job: &str) -> String {
    format!("{RESPONSE}{}", digits(job))
}

/// The job that such an id names; `None` when it has not that form.
#[must_use]
pub fn job_of_response(id: &str) -> Option<String> {
    id.strip_prefix(RESPONSE).map(|digits| format!("{JOB}{digits}"))
}

/// What tells a job from others, for ids that are made of its own.
#[must_use]
pub fn digits(job: &str) -> &str {
    job.strip_prefix(JOB).unwrap_or(job)
}
