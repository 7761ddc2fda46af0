//! A job as an asynchronous chat completion.

use crate::api::account::JobPage;
use crate::api::dialect::answer::{Answer, answer, seconds, tokens_max};
use crate::api::dialect::models;
use crate::job::Job;
use crate::research::wording::Dialect;
use chrono::DateTime;
use serde_json::{Map, Value, json};

/// The whole completion as it stands.
#[must_use]
pub fn completion(job: &Job) -> Value {
    let echo = echo(job);
    let status = status(job.state().1);
    let ended_at = job.ended_at().map(seconds);
    let created_at = seconds(job.accepted_at());
    let model = echo.and_then(|echo| echo.get("model")).cloned();
    let model = model.unwrap_or(models::own(job.request().deep).into());
    json!({
        "id": job.id(), "model": model, "status": status, "created_at": created_at,
        "started_at": (status != "CREATED").then_some(created_at),
        "completed_at": ended_at.filter(|_| status == "COMPLETED"),
        "failed_at": ended_at.filter(|_| status == "FAILED"),
        "error_message": job.failure(),
        "response": said(job, echo).map(|answer| response(job, &model, &answer)),
    })
}

/// A page of the account's jobs. Rows do not tell by which model a job was asked for, only which of our two it was.
#[must_use]
pub fn completions(page: &JobPage) -> Value {
    let moment = |text: &str| DateTime::parse_from_rfc3339(text).map(|at| at.timestamp()).ok();
    let rows: Vec<Value> = page
        .research
        .iter()
        .map(|row| {
            let status = status(&row.state);
            let (created_at, ended_at) =
                (moment(&row.created_at), row.completed_at.as_deref().and_then(moment));
            json!({
                "id": row.id, "model": models::own(row.deep), "status": status, "created_at": created_at,
                "started_at": created_at, "completed_at": ended_at.filter(|_| status == "COMPLETED"),
                "failed_at": ended_at.filter(|_| status == "FAILED"),
            })
        })
        .collect();
    json!({ "requests": rows, "next_token": page.next_cursor })
}

/// The completion of a job whose journal cannot be read, which stays so.
#[must_use]
pub fn unreadable(job: &str, cause: &str) -> Value {
    json!({
        "id": job, "model": models::own(false), "status": "FAILED", "created_at": 0, "started_at": null,
        "completed_at": null, "failed_at": 0, "error_message": cause, "response": null,
    })
}

fn status(state: &str) -> &'static str {
    match state {
        "queued" => "CREATED",
        "running" => "IN_PROGRESS",
        "completed" | "partial" => "COMPLETED",
        _ => "FAILED",
    }
}

fn echo(job: &Job) -> Option<&Map<String, Value>> {
    let wording = job.request().wording.as_deref();
    wording.filter(|wording| wording.dialect == Dialect::Perplexity).map(|wording| &wording.echo)
}

fn said<'a>(job: &'a Job, echo: Option<&Map<String, Value>>) -> Option<Answer<'a>> {
    let format = echo.and_then(|echo| echo.get("response_format")).and_then(|format| format.get("type"));
    let structured = format.is_some_and(|kind| kind == "json_schema");
    answer(job, tokens_max(echo.and_then(|echo| echo.get("max_tokens"))), structured)
}

/// `[n]` in the content is the n-th of `citations` and of `search_results`.
fn response(job: &Job, model: &Value, answer: &Answer<'_>) -> Value {
    let sources = &answer.report.sources;
    let citations: Vec<&str> = sources.iter().map(|source| source.url.as_str()).collect();
    let results: Vec<Value> = sources
        .iter()
        .map(|source| {
            json!({
                "title": source.title, "url": source.url, "date": source.published, "last_updated": source.modified,
                "snippet": source.summary, "source": "web",
            })
        })
        .collect();
    let message = json!({ "role": "assistant", "content": answer.text });
    let cut = job.partial_word().is_some();
    json!({
        "id": job.id(), "model": model, "object": "chat.completion",
        "created": job.ended_at().map_or(0, seconds),
        "choices": [{
            "index": 0, "finish_reason": if cut { "length" } else { "stop" }, "message": message,
            "delta": { "role": "assistant", "content": "" },
        }],
        "citations": citations, "search_results": results, "usage": usage(job),
    })
}

fn usage(job: &Job) -> Value {
    let usage = job.usage();
    let (input, output) = (usage.tokens.input, usage.tokens.output);
    let spent: (f64, f64) = (usage.cost.model_usd, usage.cost.search_usd);
    json!({
        "prompt_tokens": input, "completion_tokens": output, "total_tokens": input.saturating_add(output),
        "num_search_queries": usage.searches,
        // What models cost is not split by direction: it all stands with the output.
        "cost": {
            "input_tokens_cost": 0.0, "output_tokens_cost": spent.0, "search_queries_cost": spent.1,
            "request_cost": usage.cost.pages_usd, "total_cost": usage.cost_usd,
        },
    })
}
