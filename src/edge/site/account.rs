//! The caller's account; keys and quotas for the admin.

use super::{Answer, OBJECT_MS_MAX, Site, body, query, relay};
use crate::account::key::{self, KeyView, is_account};
use crate::api::account::{MadeKey, job_listing, new_key, new_quotas};
use crate::api::id::{ID_BYTES, IdKind};
use crate::api::request::BODY_BYTES_MAX;
use crate::api::{ApiError, Verb};
use crate::edge::account_do::UsageQuestion;
use crate::edge::keyring_do::{About, KeptKey};
use crate::edge::site::Office;
use crate::edge::{clock, entropy, reply, settings};
use serde::Serialize;
use worker::{Method, Request, Response};

impl Site<'_> {
    pub(in crate::edge) async fn usage(&self) -> Answer {
        relay(self.ask_account("/usage", &UsageQuestion { quotas: *self.quotas }).await?)
    }

    pub(in crate::edge) async fn list_research(&self, request: &Request) -> Answer {
        relay(self.ask_account("/list", &job_listing(&query(request)?)?).await?)
    }

    pub(super) async fn ask_account<T: Serialize>(&self, path: &str, message: &T) -> Answer {
        let stub = settings::account(self.env, self.owner.as_str())
            .map_err(|e| reply::unavailable("the account", &e))?;
        self.object("the account", OBJECT_MS_MAX, reply::call(&stub, Method::Post, path, Some(message))).await
    }
}

impl Office<'_> {
    pub(in crate::edge) async fn keys(&self, verb: Verb, request: &mut Request) -> Answer {
        if verb == Verb::Get {
            return relay(self.ask("/list", &About { at: clock::now(), ..About::default() }).await?);
        }
        let new = new_key(&body(request, BODY_BYTES_MAX).await?)?;
        let account = match new.account {
            Some(account) => account,
            None => IdKind::Account.format(entropy::bytes::<ID_BYTES>()?),
        };
        let made = key::format(entropy::bytes()?);
        let view = KeyView {
            id: IdKind::Key.format(entropy::bytes::<ID_BYTES>()?),
            account,
            name: new.name,
            hint: key::hint(&made),
            created_at: clock::now(),
            revoked_at: None,
        };
        let digest = key::digest(&made).unwrap_or_default();
        let kept = self.ask("/keep", &KeptKey { digest, view: view.clone(), quotas: new.quotas }).await?;
        if kept.status_code() != 204 {
            return Err(ApiError::Unavailable { cause: "the key could not be stored: try again".into() });
        }
        reply::json(201, &MadeKey { key: made, view }).map_err(|e| reply::unavailable("this deployment", &e))
    }

    pub(in crate::edge) async fn revoke_key(&self, id: &str) -> Answer {
        let about = About { id: id.to_owned(), at: clock::now(), ..About::default() };
        relay(self.ask("/revoke", &about).await?)
    }

    pub(in crate::edge) async fn set_quotas(&self, account: &str, request: &mut Request) -> Answer {
        if !is_account(account) {
            return Err(ApiError::NotFound { what: "account" });
        }
        let quotas = new_quotas(account, &body(request, BODY_BYTES_MAX).await?)?;
        let about = About { account: account.to_owned(), quotas, at: clock::now(), ..About::default() };
        relay(self.ask("/set-quotas", &about).await?)
    }

    pub(in crate::edge) async fn tick(&self) -> Answer {
        let stub = settings::scheduler(self.env).map_err(|e| reply::unavailable("the scheduler", &e))?;
        let call = reply::call::<()>(&stub, Method::Post, "/tick", None);
        relay(super::within("the scheduler", OBJECT_MS_MAX, call).await?)
    }

    async fn ask<T: Serialize>(&self, path: &str, message: &T) -> std::result::Result<Response, ApiError> {
        let stub = settings::keyring(self.env).map_err(|e| reply::unavailable("the keyring", &e))?;
        super::within("the keyring", OBJECT_MS_MAX, reply::call(&stub, Method::Post, path, Some(message)))
            .await
    }
}
