//! What a finished job answers in another API's words: the report, or the value that a schema asked for.

use crate::job::{Job, Timestamp};
use crate::research::report::Report;
use serde_json::Value;
use std::borrow::Cow;

/// The text of an answer and the report that it is, or that bears it out.
pub struct Answer<'a> {
    /// What the client shows.
    pub text: String,
    /// Its sources and citations.
    pub report: Cow<'a, Report>,
    /// The text is JSON in the shape of the caller's schema.
    pub structured: bool,
}

/// The answer of a job, at most about `tokens_max` tokens of a report; `structured` asks for the schema's value where there
/// is one. `None` when the job has no report.
#[must_use]
pub fn answer(job: &Job, tokens_max: Option<u32>, structured: bool) -> Option<Answer<'_>> {
    let report = job.report_within(tokens_max)?;
    let value = report.output.as_ref().filter(|_| structured).map(|output| output.content.to_string());
    let structured = value.is_some();
    Some(Answer { text: value.unwrap_or_else(|| report.markdown.clone()), report, structured })
}

/// A member of what was echoed, as a number of tokens.
#[must_use]
pub fn tokens_max(asked: Option<&Value>) -> Option<u32> {
    asked.and_then(Value::as_u64).map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX))
}

/// Whole seconds since 1970, as these APIs tell moments.
#[must_use]
pub fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}
