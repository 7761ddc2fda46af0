//! Telling somebody that a job is over: what is said, how it is signed, when it is tried again.
//!
//! The wire is Standard Webhooks 1.0: thin events, `webhook-id`, `webhook-timestamp`, `webhook-signature`.

pub mod delivery;
mod openai;
pub mod signature;

pub use delivery::{Delivery, DeliveryState, Outcome};

use crate::account::{EndState, Settlement};
use crate::research::wording::Dialect;
use serde_json::{Value, json};

/// Longest body, in bytes: Standard Webhooks asks for less than 20 kB.
pub const BODY_BYTES_MAX: usize = 20_000;
/// Longest reason that is told, in characters.
const REASON_CHARS_MAX: usize = 500;

/// The body that tells of a job's end: what ended, how, and where to read it, never the report itself. `base` is the
/// deployment's address without a trailing slash; empty gives paths. Metadata that does not fit is left out and named
/// under `truncated`.
#[must_use]
pub fn body(settlement: &Settlement, base: &str) -> String {
    if settlement.dialect == Some(Dialect::OpenAi) {
        return openai::body(settlement).to_string();
    }
    let whole = notice(settlement, base, true);
    if whole.len() < BODY_BYTES_MAX { whole } else { notice(settlement, base, false) }
}

/// `research.completed` and its siblings; `response.completed` and its for a job that was asked for in OpenAI's words.
#[must_use]
pub fn event_type(settlement: &Settlement) -> String {
    match settlement.dialect {
        Some(Dialect::OpenAi) => openai::event_type(settlement.state).to_owned(),
        Some(Dialect::Perplexity) | None => format!("research.{}", settlement.state.name()),
    }
}

fn notice(settlement: &Settlement, base: &str, with_metadata: bool) -> String {
    let Settlement { job, state, ended_at, spent, changes, reason, metadata, .. } = settlement;
    let status =
        if matches!(state, EndState::Completed | EndState::Partial) { "completed" } else { "failed" };
    let mut data = json!({
        "id": job.id,
        "status": status,
        "state": state.name(),
        "url": format!("{base}/v1/research/{}", job.id),
        "cost_usd": crate::job::usage::usd(spent.cost_micros()),
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let (Some(data), Some(value)) = (data.as_object_mut(), value) {
            data.insert(name.to_owned(), value);
        }
    };
    add("schedule_id", job.schedule_id.clone().map(Value::from));
    add("changes", changes.map(|c| json!(c)));
    add("reason", reason.as_ref().map(|r| r.chars().take(REASON_CHARS_MAX).collect::<String>().into()));
    if !metadata.is_empty() {
        let kept =
            if with_metadata { ("metadata", json!(metadata)) } else { ("truncated", json!(["metadata"])) };
        add(kept.0, Some(kept.1));
    }
    json!({ "type": event_type(settlement), "timestamp": ended_at.to_rfc3339(), "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{JobSummary, Spent};
    use crate::job::Timestamp;

    fn settlement() -> Settlement {
        Settlement {
            job: JobSummary {
                id: "res_1".into(),
                query: "a secret question".into(),
                deep: false,
                created_at: Timestamp(0),
                schedule_id: None,
            },
            state: EndState::Partial,
            ended_at: Timestamp(1_795_305_472_123),
            spent: Spent::default(),
            changes: None,
            reason: Some("the model stayed down".into()),
            metadata: serde_json::Map::new(),
            calls: crate::metrics::CallCounts::default(),
            dialect: None,
        }
    }

    #[test]
    fn an_event_says_what_ended_and_where_to_read_it_and_nothing_else() {
        let event: Value = serde_json::from_str(&body(&settlement(), "https://x.example")).unwrap();
        assert_eq!(event["type"], "research.partial");
        assert_eq!(event["timestamp"], "2026-11-21T23:57:52.123Z");
        assert_eq!(event["data"]["url"], "https://x.example/v1/research/res_1");
        assert_eq!(
            (&event["data"]["status"], &event["data"]["state"]),
            (&json!("completed"), &json!("partial"))
        );
        assert!(!event.to_string().contains("secret question"));
    }

    #[test]
    fn a_body_stays_thin_whatever_comes_with_the_job() {
        let mut fat = settlement();
        fat.reason = Some("x".repeat(100_000));
        fat.metadata.insert("note".into(), "y".repeat(30_000).into());
        let text = body(&fat, "");
        assert!(text.len() < BODY_BYTES_MAX, "{}", text.len());
        assert!(text.contains("truncated"));
    }

    #[test]
    fn the_end_of_a_response_is_told_in_openai_s_words() {
        let mut told = settlement();
        told.dialect = Some(Dialect::OpenAi);
        for (state, event) in [
            (EndState::Completed, "response.completed"),
            (EndState::Partial, "response.incomplete"),
            (EndState::Failed, "response.failed"),
            (EndState::Cancelled, "response.cancelled"),
        ] {
            told.state = state;
            assert_eq!(event_type(&told), event);
            let said: Value = serde_json::from_str(&body(&told, "https://x.example")).unwrap();
            assert_eq!(
                said,
                json!({"id": "evt_1", "object": "event", "created_at": 1_795_305_472_u64, "type": event, "data": {"id": "resp_1"}})
            );
        }
    }
}
