//! The end of a job that was asked for in OpenAI's words, as OpenAI tells it.

use crate::account::{EndState, Settlement};
use crate::research::wording::{digits, response_id};
use serde_json::json;

/// The event that `client.webhooks.unwrap` of OpenAI's clients reads: what ended, never how it was answered.
pub(super) fn body(settlement: &Settlement) -> String {
    json!({
        "id": format!("evt_{}", digits(&settlement.job.id)),
        "object": "event",
        "created_at": settlement.ended_at.0.div_euclid(1_000),
        "type": event_type(settlement.state),
        "data": { "id": response_id(&settlement.job.id) },
    })
    .to_string()
}

/// One of the four events of a background response.
pub(super) fn event_type(state: EndState) -> &'static str {
    match state {
        EndState::Completed => "response.completed",
        EndState::Partial => "response.incomplete",
        EndState::Failed => "response.failed",
        EndState::Cancelled => "response.cancelled",
    }
}
