//! Webhooks: the account's receiver, its secret, and what became of every message.

use super::{Answer, OBJECT_MS_MAX, Site, body, query, relay};
use crate::api::request::BODY_BYTES_MAX;
use crate::api::webhook::{EndpointView, delivery_listing, new_endpoint};
use crate::api::{ApiError, Verb};
use crate::edge::{reply, settings};
use serde::Serialize;
use worker::{Method, Request};

impl Site<'_> {
    pub(in crate::edge) async fn webhook_endpoint(&self, verb: Verb, request: &mut Request) -> Answer {
        match verb {
            Verb::Put => {
                let url = new_endpoint(&body(request, BODY_BYTES_MAX).await?)?;
                self.ensure_callable(&url)?;
                let view = EndpointView { url, disabled_reason: None };
                relay(self.ask_webhooks(Method::Put, "endpoint", Some(&view)).await?)
            }
            Verb::Delete => relay(self.ask_webhooks::<()>(Method::Delete, "endpoint", None).await?),
            _ => relay(self.ask_webhooks::<()>(Method::Get, "endpoint", None).await?),
        }
    }

    pub(in crate::edge) async fn webhook_secret(&self, rotate: bool) -> Answer {
        let method = if rotate { Method::Post } else { Method::Get };
        relay(self.ask_webhooks::<()>(method, "secret", None).await?)
    }

    pub(in crate::edge) async fn deliveries(&self, request: &Request) -> Answer {
        let listing = delivery_listing(&query(request)?)?;
        relay(self.ask_webhooks(Method::Post, "deliveries", Some(&listing)).await?)
    }

    pub(in crate::edge) async fn delivery(&self, id: &str) -> Answer {
        relay(self.ask_webhooks::<()>(Method::Get, &format!("deliveries/{id}"), None).await?)
    }

    pub(in crate::edge) async fn replay_delivery(&self, id: &str) -> Answer {
        relay(self.ask_webhooks::<()>(Method::Post, &format!("deliveries/{id}/replay"), None).await?)
    }

    /// Whether a receiver's address may be called at all; it is checked again before every attempt.
    pub(super) fn ensure_callable(&self, url: &str) -> std::result::Result<(), ApiError> {
        let admitted = self.config.admission.admit(url);
        admitted.map(drop).map_err(|e| ApiError::refused("the webhook's address is refused", &e))
    }

    async fn ask_webhooks<T: Serialize>(&self, method: Method, path: &str, message: Option<&T>) -> Answer {
        let stub = settings::account(self.env, self.owner.as_str())
            .map_err(|e| reply::unavailable("the account", &e))?;
        let path = format!("/webhooks/{path}");
        self.object("the account", OBJECT_MS_MAX, reply::call(&stub, method, &path, message)).await
    }
}
