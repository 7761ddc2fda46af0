//! The journal as server-sent events: every fact is one event, its place in the journal the event's `id`.

use crate::job::event::{ChosenPage, Event, Reply};
use crate::model::Answer;
use serde_json::{Value, json};

/// One fact as an event of the stream (WHATWG HTML, 9.2): `id`, `event`, `data` and an empty line. Texts of pages, prompts
/// and drafts stay out; what a watcher shows (queries, pages, findings, verdicts) is in.
#[must_use]
pub fn frame(seq: u64, event: &Event) -> String {
    let (name, mut data) = describe(event);
    if let Some(data) = data.as_object_mut()
        && event.at().0 > 0
    {
        data.insert("at".into(), event.at().to_rfc3339().into());
    }
    // JSON holds no line break, so one `data` line is enough.
    format!("id: {seq}\nevent: {name}\ndata: {data}\n\n")
}

/// The first thing in a stream: after a cut, clients come back this soon.
pub const PREAMBLE: &str = "retry: 1000\n\n";
/// A line that says only that the connection lives.
pub const PING: &str = ": ping\n\n";
/// Silence in a stream after which [`PING`] is sent, in milliseconds: proxies tend to close after 30 to 60 s.
pub const PING_MS: u64 = 15_000;

/// The number after which a watcher wants to go on: `Last-Event-ID`, else `starting_after`. Fails with what to send.
pub fn resume_after(
    last_event_id: Option<&str>,
    starting_after: Option<&str>,
) -> Result<Option<u64>, String> {
    let given = |name: &str, text: &str| {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // A number beyond all events is one that nothing comes after.
        let number = digits.then(|| text.parse().unwrap_or(u64::MAX));
        number.map(Some).ok_or_else(|| format!("`{name}` must be the number of an event"))
    };
    match (last_event_id.filter(|t| !t.trim().is_empty()), starting_after) {
        (Some(text), _) => given("Last-Event-ID", text),
        (None, Some(text)) => given("starting_after", text),
        (None, None) => Ok(None),
    }
}

fn chosen(round: u32, pages: &[ChosenPage]) -> Value {
    let pages: Vec<Value> =
        pages.iter().map(|p| json!({ "page": p.id, "url": p.url, "title": p.title })).collect();
    json!({ "round": round, "pages": pages })
}

fn describe(event: &Event) -> (&'static str, Value) {
    match event {
        Event::Accepted { id, request, analyst, providers, .. } => (
            "accepted",
            json!({ "id": id, "query": request.query, "deep": request.deep, "analyst": analyst, "providers": providers }),
        ),
        Event::Forked { from, round, .. } => ("forked", json!({ "from": from, "round": round })),
        Event::Inherited { previous, pages } => {
            ("inherited", json!({ "from": previous.job, "pages": pages.len() }))
        }
        Event::BaselineRecalled { baseline } => {
            ("baseline_recalled", json!({ "job": baseline.job, "findings": baseline.findings.len() }))
        }
        Event::Steered { steering, .. } => ("steered", json!(steering)),
        Event::TimeSkipped { by_ms, .. } => ("time_skipped", json!({ "by_ms": by_ms })),
        Event::StepStarted { step, attempt, analyst, .. } => {
            ("step_started", json!({ "step": step, "attempt": attempt, "analyst": analyst }))
        }
        Event::StepSucceeded { step, attempt, reply, .. } => {
            let mut data = json!({ "step": step, "attempt": attempt });
            if let (Some(data), Value::Object(brought)) = (data.as_object_mut(), brought(reply)) {
                data.extend(brought);
            }
            ("step_succeeded", data)
        }
        Event::StepRetried { step, attempt, cause, retry_at, .. } => (
            "step_retried",
            json!({ "step": step, "attempt": attempt, "cause": cause, "retry_at": retry_at.to_rfc3339() }),
        ),
        Event::StepFailed { step, attempt, cause, .. } => {
            ("step_failed", json!({ "step": step, "attempt": attempt, "cause": cause }))
        }
        Event::Planned { plan } => ("planned", json!({ "sub_questions": plan.sub_questions })),
        Event::RoundOpened { round, queries, sub_questions, .. } => (
            "round_opened",
            json!({ "round": round, "queries": queries, "added_sub_questions": sub_questions }),
        ),
        Event::Foreseen { queries, .. } => ("foreseen", json!({ "queries": queries })),
        // Only the first round has such pages.
        Event::StartPagesChosen { pages, .. } | Event::PagesForeseen { pages, .. } => {
            ("pages_chosen", chosen(1, pages))
        }
        Event::PagesChosen { round, pages, .. } => ("pages_chosen", chosen(*round, pages)),
        Event::RoundClosed { round, findings, .. } => {
            ("round_closed", json!({ "round": round, "findings": findings }))
        }
        Event::ResearchStopped { reason, .. } => ("research_stopped", json!({ "reason": reason })),
        Event::Outlined { sections } => {
            let titles: Vec<&str> = sections.iter().map(|s| s.title.as_str()).collect();
            ("outlined", json!({ "sections": titles }))
        }
        Event::Completed { report, .. } => {
            ("completed", json!({ "sources": report.sources.len(), "citations": report.citations.len() }))
        }
        Event::Cancelled { .. } => ("cancelled", json!({})),
        Event::Failed { cause, .. } => ("failed", json!({ "cause": cause })),
    }
}

/// What a step brought, as a watcher shows it.
fn brought(reply: &Reply) -> Value {
    match reply {
        Reply::Hits { hits } => json!({ "hits": hits.len() }),
        Reply::Page(page) => json!({ "url": page.url, "title": page.title, "words": page.words }),
        Reply::Rejected { reason } => json!({ "rejected": reason }),
        Reply::Evidence(evidence) => {
            let findings: Vec<Value> = evidence
                .claims
                .iter()
                .map(|(claim, _, _)| json!({ "fact": claim.fact, "quote": claim.quote }))
                .collect();
            json!({ "findings": findings, "dropped": evidence.dropped })
        }
        Reply::Thought { answer, .. } => match answer {
            Answer::Queries(queries) => json!({ "queries": queries }),
            Answer::Text(text) => json!({ "words": text.split_whitespace().count() }),
            _ => json!({}),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Timestamp;
    use crate::research::StopReason;

    #[test]
    fn a_fact_is_one_frame_with_its_place_as_id() {
        let event = Event::ResearchStopped { reason: StopReason::Covered, at: Timestamp(1_795_305_472_123) };
        assert_eq!(
            frame(41, &event),
            "id: 41\nevent: research_stopped\ndata: {\"reason\":\"covered\",\"at\":\"2026-11-21T23:57:52.123Z\"}\n\n"
        );
    }

    #[test]
    fn a_text_with_line_breaks_stays_one_line() {
        let event = Event::Failed { cause: "a\r\nid: 7\n\nevent: x".into(), at: Timestamp(1) };
        let frame = frame(3, &event);
        assert_eq!(frame.lines().count(), 4, "{frame}");
        assert!(frame.ends_with("\n\n"));
    }

    #[test]
    fn a_watcher_goes_on_where_it_was_cut() {
        assert_eq!(resume_after(Some("12"), Some("3")), Ok(Some(12)));
        assert_eq!(resume_after(Some(""), Some("3")), Ok(Some(3)));
        assert_eq!(resume_after(None, None), Ok(None));
        assert!(resume_after(Some("x"), None).unwrap_err().contains("Last-Event-ID"));
        assert!(resume_after(None, Some("-1")).unwrap_err().contains("starting_after"));
    }
}
