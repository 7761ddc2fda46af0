//! Settings and bindings from the platform's environment.

use crate::api::error::Misconfigured;
use crate::config::Config;
use crate::edge::{ai, clock};
use crate::job::Timestamp;
use crate::model::workers_ai;
use js_sys::Reflect;
use std::cell::RefCell;
use std::rc::Rc;
use url::Url;
use worker::{Env, ObjectNamespace, Result, Stub};

/// Binding of the namespace of [`crate::edge::job_do::JobObject`].
const JOB_BINDING: &str = "JOB";
/// Binding of the namespace of [`crate::edge::library_do::LibraryObject`].
const LIBRARY_BINDING: &str = "LIBRARY";

/// Binding of the namespace of [`crate::edge::account_do::AccountObject`].
const ACCOUNT_BINDING: &str = "ACCOUNT";
/// Binding of the namespace of [`crate::edge::keyring_do::KeyringObject`].
const KEYRING_BINDING: &str = "KEYRING";
/// Binding of the namespace of [`crate::edge::scheduler_do::SchedulerObject`].
const SCHEDULER_BINDING: &str = "SCHEDULER";

/// Binding of the namespace of [`crate::edge::site_do::SiteObject`].
const SITE_BINDING: &str = "SITE";

thread_local! {
    /// The settings as they were lately. Reading them anew takes some sixty looks into the environment.
    static CONFIG: RefCell<Option<(Timestamp, Rc<Config>)>> = const { RefCell::new(None) };
}

/// How long settings are believed: the platform may give a living isolate other ones, and a key that was replaced must not
/// be good any longer than one that was withdrawn (`BELIEVED_MS` of `caller.rs`).
const BELIEVED_MS: u64 = 500;

/// All settings, validated.
pub fn config(env: &Env) -> std::result::Result<Rc<Config>, Misconfigured> {
    let now = clock::now();
    let known = CONFIG.with_borrow(|known| {
        known.as_ref().filter(|(at, _)| *at <= now && now.ms_since(*at) < BELIEVED_MS).cloned()
    });
    if let Some((_, config)) = known {
        return Ok(config);
    }
    let config = Rc::new(read(env)?);
    CONFIG.set(Some((now, config.clone())));
    Ok(config)
}

fn read(env: &Env) -> std::result::Result<Config, Misconfigured> {
    // Not `env.var()`: it throws past Rust, and so hangs the request, when workerd's `fromEnvironment` gives null for a
    // variable that is not set.
    let text = |name: &str| Reflect::get(env.as_ref(), &name.into()).ok().and_then(|value| value.as_string());
    let lookup = |name: &str| match name {
        workers_ai::BINDING => ai::is_bound(env).then(|| "bound".to_owned()),
        name => text(name),
    };
    Config::from_lookup(lookup).map_err(Misconfigured)
}

/// The object of one job. The owner is part of its name, so another owner's id leads to another, empty object.
pub fn job(env: &Env, owner: &str, id: &str) -> Result<Stub> {
    named(env.durable_object(JOB_BINDING)?, &format!("{owner}/{id}"))
}

/// The object of one owner's documents.
pub fn library(env: &Env, owner: &str) -> Result<Stub> {
    named(env.durable_object(LIBRARY_BINDING)?, owner)
}

/// The object of one owner's account.
pub fn account(env: &Env, owner: &str) -> Result<Stub> {
    named(env.durable_object(ACCOUNT_BINDING)?, owner)
}

/// The object of all keys.
pub fn keyring(env: &Env) -> Result<Stub> {
    named(env.durable_object(KEYRING_BINDING)?, "keyring")
}

/// The object of all schedules.
pub fn scheduler(env: &Env) -> Result<Stub> {
    named(env.durable_object(SCHEDULER_BINDING)?, "scheduler")
}

/// The object of the host that a URL is on. A port of its own is a host of its own, as for `robots.txt`.
pub fn site(env: &Env, url: &Url) -> Result<Stub> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    named(env.durable_object(SITE_BINDING)?, &format!("{host}:{port}"))
}

fn named(namespace: ObjectNamespace, name: &str) -> Result<Stub> {
    namespace.id_from_name(name)?.get_stub()
}
