//! Who calls: keys of the configuration are known at once, those that an admin made are in the keyring.

use crate::account::{Quotas, key};
use crate::api::ApiError;
use crate::config::Config;
use crate::config::access::{AccessError, Authenticated, Owner};
use crate::edge::keyring_do::{About, Holder};
use crate::edge::{clock, reply, settings};
use crate::job::{Failure, Timestamp};
use std::cell::RefCell;
use std::collections::BTreeMap;
use worker::{Env, Method};

/// Somebody who was let in.
pub struct Caller {
    /// Whose jobs and documents are meant.
    pub owner: Owner,
    /// What the owner may do.
    pub quotas: Quotas,
}

/// What the keyring said is believed for this long: a revoked key works no longer than a second.
const BELIEVED_MS: u64 = 500;
/// Answers remembered; when it is full it begins anew.
const REMEMBERED_MAX: usize = 1_000;
/// The keyring gets this long to answer.
const KEYRING_MS_MAX: u64 = 5_000;

thread_local! {
    static HOLDERS: RefCell<BTreeMap<String, (Timestamp, Option<Holder>)>> = const { RefCell::new(BTreeMap::new()) };
}

/// Lets a caller in by the value of the `Authorization` header.
pub async fn authenticate(
    env: &Env,
    config: &Config,
    authorization: Option<&str>,
) -> Result<Caller, ApiError> {
    match config.access.authenticate(authorization)? {
        Authenticated::Owner(owner) => Ok(Caller { owner, quotas: config.quotas }),
        Authenticated::Lookup { digest } => match holder(env, &digest).await? {
            Some(Holder { account, quotas }) => {
                Ok(Caller { owner: Owner::of_account(&account), quotas: quotas.unwrap_or(config.quotas) })
            }
            None => Err(AccessError::Unknown.into()),
        },
    }
}

/// What an owner may do, when nobody's key is at hand: a schedule starts a job.
pub async fn quotas(env: &Env, config: &Config, owner: &str) -> Result<Quotas, ApiError> {
    let Some(account) = key::account_of(owner) else { return Ok(config.quotas) };
    let about = About { account: account.to_owned(), at: clock::now(), ..About::default() };
    let quotas: Option<Option<Quotas>> = ask(env, "/quotas", &about).await?;
    Ok(quotas.flatten().unwrap_or(config.quotas))
}

async fn holder(env: &Env, digest: &str) -> Result<Option<Holder>, ApiError> {
    let now = clock::now();
    let known = HOLDERS.with(|holders| {
        let holders = holders.borrow();
        holders.get(digest).filter(|(at, _)| now.ms_since(*at) < BELIEVED_MS && *at <= now).cloned()
    });
    if let Some((_, holder)) = known {
        return Ok(holder);
    }
    let about = About { digest: digest.to_owned(), at: now, ..About::default() };
    let holder: Option<Holder> = ask(env, "/resolve", &about).await?;
    HOLDERS.with(|holders| {
        let mut holders = holders.borrow_mut();
        if holders.len() >= REMEMBERED_MAX {
            holders.clear();
        }
        holders.insert(digest.to_owned(), (now, holder.clone()));
    });
    Ok(holder)
}

async fn ask<T: serde::de::DeserializeOwned>(
    env: &Env,
    path: &str,
    about: &About,
) -> Result<Option<T>, ApiError> {
    let call = clock::in_time(KEYRING_MS_MAX, async {
        let answer = async {
            let stub = settings::keyring(env)?;
            reply::decoded(reply::call(&stub, Method::Post, path, Some(about)).await?).await
        };
        answer.await.map_err(|e| Failure::transient(e.to_string()))
    });
    call.await.map_err(|failure| {
        crate::edge::log::error("keyring", &failure.cause());
        ApiError::Unavailable { cause: "the keys cannot be looked up at the moment: try again".into() }
    })
}
