//! A job as a `Response`.

use super::output::{echo, output};
use crate::api::dialect::answer::seconds;
use crate::api::dialect::models;
use crate::job::Job;
use crate::research::wording::response_id;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The whole response as it stands.
#[must_use]
pub fn response(job: &Job) -> Value {
    response_with(job, output(job))
}

/// The response with these items.
pub(super) fn response_with(job: &Job, output: Vec<Value>) -> Value {
    let none = Map::new();
    let echo = echo(job).unwrap_or(&none);
    let given = |name: &str| echo.get(name).cloned().unwrap_or_default();
    let or = |name: &str, usual: Value| echo.get(name).cloned().unwrap_or(usual);
    let request = job.request();
    let status = status(job.state().1);
    let error = (status == "failed")
        .then(|| json!({ "code": "server_error", "message": job.failure().unwrap_or_default() }));
    json!({
        "id": response_id(job.id()),
        "object": "response",
        "created_at": seconds(job.accepted_at()),
        "status": status,
        "background": or("background", request.wording.is_none().into()),
        "completed_at": job.ended_at().filter(|_| status == "completed").map(seconds),
        "error": error,
        "incomplete_details": job.partial_word().map(|reason| json!({ "reason": reason })),
        "instructions": given("instructions"),
        "max_output_tokens": given("max_output_tokens"),
        "max_tool_calls": given("max_tool_calls"),
        "metadata": metadata(&request.metadata),
        "model": or("model", models::own(request.deep).into()),
        "output": output,
        "parallel_tool_calls": or("parallel_tool_calls", true.into()),
        "previous_response_id": request.previous_id.as_deref().map(response_id),
        "prompt_cache_key": given("prompt_cache_key"),
        "reasoning": or("reasoning", json!({ "effort": null, "summary": null })),
        "safety_identifier": given("safety_identifier"),
        "service_tier": "default",
        "store": true,
        "temperature": 1.0,
        "text": or("text", json!({ "format": { "type": "text" } })),
        "tool_choice": or("tool_choice", "auto".into()),
        "tools": or("tools", json!([])),
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": job.is_terminal().then(|| usage(job)),
        "user": given("user"),
    })
}

/// The reply to a deletion.
#[must_use]
pub fn deleted(job: &str) -> Value {
    json!({ "id": response_id(job), "object": "response", "deleted": true })
}

/// The response of a job whose journal cannot be read, which stays so.
#[must_use]
pub fn unreadable(job: &str, cause: &str) -> Value {
    json!({
        "id": response_id(job), "object": "response", "created_at": 0, "status": "failed", "model": models::own(false),
        "error": { "code": "server_error", "message": cause }, "incomplete_details": null, "instructions": null,
        "metadata": {}, "output": [], "parallel_tool_calls": true, "temperature": 1.0, "tool_choice": "auto",
        "tools": [], "top_p": 1.0, "usage": null,
    })
}

/// Whether a response, as JSON, is one that is not over.
#[must_use]
pub fn is_live(response: &str) -> bool {
    #[derive(Deserialize)]
    struct Status {
        status: String,
    }
    serde_json::from_str::<Status>(response)
        .is_ok_and(|r| matches!(r.status.as_str(), "queued" | "in_progress"))
}

/// A state of ours as one of OpenAI's six.
fn status(state: &str) -> &'static str {
    match state {
        "queued" => "queued",
        "running" => "in_progress",
        "completed" => "completed",
        "partial" => "incomplete",
        "cancelled" => "cancelled",
        _ => "failed",
    }
}

/// OpenAI's metadata are texts.
fn metadata(own: &Map<String, Value>) -> Map<String, Value> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    own.iter().map(|(key, value)| (key.clone(), text(value).into())).collect()
}

/// What models took; nothing where the built-in analyst did everything. Reasoning is no part of what models tell.
fn usage(job: &Job) -> Value {
    let usage = job.usage();
    let cached: u64 = usage.models.iter().map(|model| model.tokens.cached).sum();
    let (input, output) = (usage.tokens.input, usage.tokens.output);
    json!({
        "input_tokens": input,
        "input_tokens_details": { "cached_tokens": cached, "cache_write_tokens": 0 },
        "output_tokens": output,
        "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": input.saturating_add(output),
    })
}
