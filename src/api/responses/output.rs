//! The items of a response's `output`: the plan, every search, every page that was opened, and the message.

use crate::api::dialect::answer::{Answer, answer, tokens_max};
use crate::job::Job;
use crate::job::view::{Course, Deed};
use crate::research::report::marks;
use crate::research::wording::{Wording, digits};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What was echoed of a request in OpenAI's words; nothing for a job that was asked for in others.
pub(super) fn echo(job: &Job) -> Option<&Map<String, Value>> {
    use crate::research::wording::Dialect::OpenAi;
    let wording: Option<&Wording> = job.request().wording.as_deref();
    wording.filter(|wording| wording.dialect == OpenAi).map(|wording| &wording.echo)
}

/// Everything that the job did and said so far. The message comes last, and only once it stands.
pub(super) fn output(job: &Job) -> Vec<Value> {
    let deeds = job.trail();
    deeds.iter().map(|deed| item(job, deed)).chain(message(job)).collect()
}

/// The item of one deed.
pub(super) fn item(job: &Job, deed: &Deed<'_>) -> Value {
    let digits = digits(job.id());
    let web = |id: String, action: Value| {
        let status = match job.course(deed) {
            Course::Underway => "in_progress",
            Course::Done => "completed",
            Course::Failed => "failed",
        };
        json!({ "id": id, "type": "web_search_call", "status": status, "action": action })
    };
    match deed {
        Deed::Planned { sub_questions } => {
            let summary: Vec<Value> =
                sub_questions.iter().map(|text| json!({ "type": "summary_text", "text": text })).collect();
            json!({ "id": format!("rs_{digits}"), "type": "reasoning", "summary": summary })
        }
        Deed::Searched { round, place, query } => {
            let mut action = json!({ "type": "search", "query": query, "queries": [query] });
            if wants_sources(job)
                && let Some(action) = action.as_object_mut()
            {
                let urls = job.found(*round, *place).into_iter();
                let sources: Vec<Value> = urls.map(|url| json!({ "type": "url", "url": url })).collect();
                action.insert("sources".into(), sources.into());
            }
            web(format!("ws_{digits}_r{round}q{place}"), action)
        }
        Deed::Opened { page, url } => {
            web(format!("ws_{digits}_{page}"), json!({ "type": "open_page", "url": url }))
        }
    }
}

/// The message, once there is a report.
pub(super) fn message(job: &Job) -> Option<Value> {
    let (text, annotations) = said(job)?;
    let status = if job.partial_word().is_some() { "incomplete" } else { "completed" };
    let content =
        json!([{ "type": "output_text", "text": text, "annotations": annotations, "logprobs": [] }]);
    Some(json!({
        "id": message_id(job), "type": "message", "role": "assistant", "status": status, "content": content,
    }))
}

/// Id of the message.
pub(super) fn message_id(job: &Job) -> String {
    format!("msg_{}", digits(job.id()))
}

/// The text of the message and its annotations.
pub(super) fn said(job: &Job) -> Option<(String, Vec<Value>)> {
    let echo = echo(job);
    let format = echo.and_then(|echo| echo.get("text")).and_then(|text| text.get("format"));
    let structured = format.and_then(|format| format.get("type")).is_some_and(|kind| kind == "json_schema");
    let tokens_max = tokens_max(echo.and_then(|echo| echo.get("max_output_tokens")));
    let answer = answer(job, tokens_max, structured)?;
    let annotations = if answer.structured { of_the_whole(&answer) } else { of_marks(&answer) };
    Some((answer.text, annotations))
}

/// One annotation for every `[n]` of the report: the characters (code points) of the mark, the end not included.
fn of_marks(answer: &Answer<'_>) -> Vec<Value> {
    let source = |n: u32| answer.report.sources.iter().find(|source| source.n == n);
    let marks = marks(&answer.report).into_iter();
    marks
        .filter_map(|mark| {
            let source = source(mark.n)?;
            Some(citation(mark.start, mark.end, &source.title, &source.url))
        })
        .collect()
}

/// A value in the caller's shape has no marks: every page that bears out a field is a source of the whole text.
fn of_the_whole(answer: &Answer<'_>) -> Vec<Value> {
    let chars = answer.text.chars().count();
    let basis = answer.report.output.iter().flat_map(|output| &output.basis);
    let mut seen = BTreeSet::new();
    basis
        .flat_map(|field| &field.citations)
        .filter(|citation| seen.insert(citation.url.as_str()))
        .map(|cited| citation(0, chars, &cited.title, &cited.url))
        .collect()
}

fn citation(start: usize, end: usize, title: &str, url: &str) -> Value {
    json!({ "type": "url_citation", "start_index": start, "end_index": end, "title": title, "url": url })
}

fn wants_sources(job: &Job) -> bool {
    let include = echo(job).and_then(|echo| echo.get("include")).and_then(Value::as_array);
    include.is_some_and(|include| include.iter().any(|one| one == "web_search_call.action.sources"))
}
