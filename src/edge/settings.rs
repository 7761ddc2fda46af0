//! Settings and bindings from the platform's environment.

use crate::api::error::Misconfigured;
use crate::config::Config;
use js_sys::Reflect;
use worker::{Env, ObjectNamespace, Result, Stub};

/// Binding of the namespace of [`crate::edge::job_do::JobObject`].
const JOB_BINDING: &str = "JOB";
/// Binding of the namespace of [`crate::edge::library_do::LibraryObject`].
const LIBRARY_BINDING: &str = "LIBRARY";

/// All settings, validated.
pub fn config(env: &Env) -> std::result::Result<Config, Misconfigured> {
    // Not `env.var()`: it throws past Rust, and so hangs the request, when workerd's `fromEnvironment` gives null for a
    // variable that is not set.
    let lookup =
        |name: &str| Reflect::get(env.as_ref(), &name.into()).ok().and_then(|value| value.as_string());
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

fn named(namespace: ObjectNamespace, name: &str) -> Result<Stub> {
    namespace.id_from_name(name)?.get_stub()
}
