//! Bodies and replies of the `/v1/webhooks` routes.

use crate::api::ApiError;
use crate::api::paging::{Paging, cursor, paging};
use crate::api::request::{BODY_BYTES_MAX, Fields, json_object};
use crate::webhook::Delivery;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The receiver of everything that names none of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// Its address; empty when none is set.
    pub url: String,
    /// Why it is not called any more: it answered 410. Setting an address again enables it.
    #[serde(default)]
    pub disabled_reason: Option<String>,
}

/// The secret that signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretView {
    /// `whsec_` and base64.
    pub secret: String,
    /// The one before it still signs too.
    pub retiring: bool,
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryListing {
    /// `pending`, `delivered` or `dead`.
    pub state: Option<String>,
    /// Of one job.
    pub research_id: Option<String>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Deliveries of one page.
    pub limit: u32,
}

/// A delivery as replies show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
    /// `webhook-id`.
    pub id: String,
    /// The job.
    pub research_id: String,
    /// `research.completed` and its siblings.
    pub event: String,
    /// The receiver, without its query, which may hold a secret.
    pub url: String,
    /// `pending`, `delivered` or `dead`.
    pub state: &'static str,
    /// Attempts of the current schedule.
    pub tries: u32,
    /// Replays so far.
    pub replays: u32,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; null unless pending.
    pub next_attempt_at: Option<String>,
    /// The last attempts, oldest first; only when one delivery is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptView>,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttemptView {
    /// RFC 3339.
    pub at: String,
    /// What the receiver answered.
    pub status: Option<u16>,
    /// What went wrong, or the beginning of what it said.
    pub detail: String,
}

/// `GET /v1/webhooks/deliveries`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryPage {
    /// Newest first.
    pub deliveries: Vec<DeliveryView>,
    /// For the next page.
    pub next_cursor: Option<String>,
}

/// Why a delivery cannot be replayed.
pub const NOT_REPLAYED: &str = "it is on its way already, or was replayed too often";
impl DeliveryView {
    /// A delivery without its attempts.
    #[must_use]
    pub fn new(delivery: &Delivery) -> Self {
        use crate::webhook::DeliveryState;
        let pending = delivery.state == DeliveryState::Pending;
        Self {
            id: delivery.id.clone(),
            research_id: delivery.research_id.clone(),
            event: delivery.event.clone(),
            url: delivery.url.split('?').next().unwrap_or_default().to_owned(),
            state: delivery.state.name(),
            tries: delivery.tries,
            replays: delivery.replays,
            created_at: delivery.created_at.to_rfc3339(),
            next_attempt_at: pending.then(|| delivery.next_at.to_rfc3339()),
            attempts: Vec::new(),
        }
    }

    /// A delivery with its attempts.
    #[must_use]
    pub fn whole(delivery: &Delivery) -> Self {
        let attempts = delivery.attempts.iter().map(|a| AttemptView {
            at: a.at.to_rfc3339(),
            status: a.status,
            detail: a.detail.clone(),
        });
        Self { attempts: attempts.collect(), ..Self::new(delivery) }
    }
}

impl DeliveryPage {
    /// The first `limit` of these deliveries; one more means that another page follows.
    #[must_use]
    pub fn new(found: &[Delivery], limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let shown = found.get(..limit.min(found.len())).unwrap_or_default();
        let last = shown.last().filter(|_| found.len() > limit);
        Self {
            deliveries: shown.iter().map(DeliveryView::new).collect(),
            next_cursor: last.map(|d| cursor(d.created_at, &d.id)),
        }
    }
}

/// Reads the query of `GET /v1/webhooks/deliveries`.
pub fn delivery_listing(query: &BTreeMap<String, String>) -> Result<DeliveryListing, ApiError> {
    let mut problems = Vec::new();
    let state = query.get("state").cloned();
    if state.as_deref().is_some_and(|s| !["pending", "delivered", "dead"].contains(&s)) {
        problems.push("`state` must be pending, delivered or dead".to_owned());
    }
    let Paging { cursor, limit } = paging(query, &mut problems);
    if !problems.is_empty() {
        return Err(ApiError::BadRequest { problems });
    }
    Ok(DeliveryListing { state, research_id: query.get("research_id").cloned(), cursor, limit })
}

/// Reads the body of `PUT /v1/webhooks/endpoint`: `url`.
pub fn new_endpoint(body: &[u8]) -> Result<String, ApiError> {
    let mut object = json_object(body, BODY_BYTES_MAX)?;
    if let Some(url) = object.remove("url") {
        object.insert("webhook_url".into(), url);
    }
    let mut fields = Fields::of(&object);
    let url = fields.webhook_url();
    if url.is_none() && fields.problems.is_empty() {
        fields.problems.push("`url` is required: the address to be called".into());
    }
    fields.done(url.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Timestamp;

    #[test]
    fn a_view_keeps_the_query_of_an_address_to_itself() {
        let delivery = Delivery::new(
            "msg_1".into(),
            "res_1".into(),
            "research.completed".into(),
            "https://x.example/hook?token=secret".into(),
            "{}".into(),
            Timestamp(0),
        );
        let view = serde_json::to_string(&DeliveryView::whole(&delivery)).unwrap();
        assert!(view.contains("https://x.example/hook") && !view.contains("secret"), "{view}");

        let page = DeliveryPage::new(&[delivery.clone(), delivery], 1);
        assert_eq!((page.deliveries.len(), page.next_cursor.as_deref()), (1, Some("0.msg_1")));
    }

    #[test]
    fn an_endpoint_is_an_address() {
        assert_eq!(new_endpoint(br#"{"url":"https://x.example/h"}"#).unwrap(), "https://x.example/h");
        for body in ["{}", r#"{"url":"x"}"#, r#"{"url":7}"#] {
            assert_eq!(new_endpoint(body.as_bytes()).unwrap_err().status(), 400, "{body}");
        }
    }
}
