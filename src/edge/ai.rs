//! The binding of Workers AI. Text in, text out: `worker::Ai` makes maps of JSON objects, which the platform does not read.

use crate::model::wire::REPLY_BYTES_MAX;
use crate::model::workers_ai::BINDING;
use js_sys::{Function, JSON, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use worker::Env;
use worker::wasm_bindgen_futures::JsFuture;

/// Whether the binding is there.
#[must_use]
pub fn is_bound(env: &Env) -> bool {
    Reflect::get(env.as_ref(), &BINDING.into()).is_ok_and(|binding| run_of(&binding).is_some())
}

/// Runs a model on an input of JSON text and gives its output as JSON text.
///
/// # Errors
/// What was thrown, in words.
pub async fn run(env: &Env, model: &str, input: &str) -> Result<String, String> {
    let binding = Reflect::get(env.as_ref(), &BINDING.into()).map_err(said)?;
    let run = run_of(&binding).ok_or("the Worker has no binding of Workers AI")?;
    let input = JSON::parse(input).map_err(said)?;
    let promise: Promise = run.call2(&binding, &model.into(), &input).map_err(said)?.into();
    let output = JsFuture::from(Promise::resolve(&promise)).await.map_err(said)?;
    let text = JSON::stringify(&output).map_err(said)?.as_string().unwrap_or_default();
    if text.len() > REPLY_BYTES_MAX {
        return Err(format!("the reply is longer than {REPLY_BYTES_MAX} bytes"));
    }
    Ok(text)
}

fn run_of(binding: &JsValue) -> Option<Function> {
    Reflect::get(binding, &"run".into()).ok()?.dyn_into().ok()
}

fn said(thrown: JsValue) -> String {
    let message = Reflect::get(&thrown, &"message".into()).ok().and_then(|m| m.as_string());
    message.or_else(|| thrown.as_string()).unwrap_or_else(|| "the binding failed".to_owned())
}
