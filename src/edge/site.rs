//! What the front Worker does for a caller who was let in: one file a family of routes.

mod account;
mod completions;
mod library;
mod mcp;
mod operations;
pub mod page;
pub(in crate::edge) mod reference;
mod research;
mod responses;
mod schedule;
mod sources;
mod webhook;

use crate::account::Quotas;
use crate::api::ApiError;
use crate::api::request::{ensure_json, whole};
use crate::config::Config;
use crate::config::access::Owner;
use crate::edge::{clock, reply};
use crate::job::{Failure, bundle};
use futures_util::StreamExt;
use std::collections::BTreeMap;
use worker::{Env, Request, Response, Result};

/// A request that was let in.
pub struct Site<'a> {
    pub env: &'a Env,
    pub config: &'a Config,
    pub owner: &'a Owner,
    pub quotas: &'a Quotas,
}

/// A request of whoever runs the deployment.
pub struct Office<'a> {
    pub env: &'a Env,
}

pub type Answer = std::result::Result<Response, ApiError>;

/// The front Worker waits this long for an object: a hung object must not hang its callers.
const OBJECT_MS_MAX: u64 = 25_000;
/// Of a body that is too long this much is read and thrown away before the connection is closed.
const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Media types beside JSON in which objects answer.
const OTHER_KINDS: [&str; 4] = ["text/event-stream", "text/markdown", "text/html", bundle::MEDIA_TYPE];

impl Site<'_> {
    /// Address under which this deployment is reached, without a trailing slash.
    fn origin(&self, request: &Request) -> String {
        match (&self.config.public_url, request.url()) {
            (Some(url), _) => url.as_str().trim_end_matches('/').to_owned(),
            (None, Ok(url)) => url.origin().ascii_serialization(),
            (None, Err(_)) => String::new(),
        }
    }

    async fn object(
        &self,
        what: &str,
        timeout_ms: u64,
        call: impl Future<Output = Result<Response>>,
    ) -> Answer {
        within(what, timeout_ms, call).await
    }
}

/// A call to an object, within its time.
async fn within(what: &str, timeout_ms: u64, call: impl Future<Output = Result<Response>>) -> Answer {
    let call =
        clock::in_time(timeout_ms, async { call.await.map_err(|e| Failure::transient(e.to_string())) });
    call.await
        .map_err(|failure| reply::unavailable(what, &worker::Error::RustError(failure.cause().to_owned())))
}

/// An object's response as this deployment's own: its headers are immutable where it comes from.
fn relay(response: Response) -> Answer {
    let status = response.status_code();
    let problem = status >= 400;
    let kept: Vec<(&str, String)> =
        ["location", "retry-after", "etag", "content-disposition", "content-security-policy"]
            .into_iter()
            .filter_map(|name| Some((name, response.headers().get(name).ok().flatten()?)))
            .collect();
    let kind = response.headers().get("content-type").ok().flatten();
    let (_, body) = response.into_parts();
    let build = || -> Result<Response> {
        let mut own = reply::finish(Response::from_body(body)?.with_status(status))?;
        if !matches!(status, 204 | 304) {
            let kind = match &kind {
                _ if problem => crate::api::error::PROBLEM_JSON,
                Some(kind) if OTHER_KINDS.iter().any(|other| kind.starts_with(other)) => kind.as_str(),
                _ => "application/json",
            };
            own.headers_mut().set("content-type", kind)?;
        }
        for (name, value) in &kept {
            own.headers_mut().set(name, value)?;
        }
        Ok(own)
    };
    build().map_err(|e| reply::unavailable("this deployment", &e))
}

/// The request's body, which is JSON unless its type says otherwise. One that is too long or of another type is refused, but
/// read to its end first (within reason): a connection that is closed while the caller is still writing loses him the
/// answer.
async fn body(request: &mut Request, bytes_max: usize) -> std::result::Result<Vec<u8>, ApiError> {
    let cut = |e| reply::unavailable("the request's body", &e);
    let mut body = Vec::new();
    let mut bytes = 0_usize;
    let kind = ensure_json(request.headers().get("content-type").ok().flatten().as_deref());
    let kept_max = if kind.is_ok() { bytes_max } else { 0 };
    let Ok(mut stream) = request.stream() else { return kind.map(|()| body) };
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(cut)?;
        bytes = bytes.saturating_add(chunk.len());
        if bytes <= kept_max {
            body.extend_from_slice(&chunk);
        } else if bytes > DISCARDED_BYTES_MAX {
            break;
        }
    }
    kind?;
    if bytes > bytes_max { Err(ApiError::TooLarge { bytes_max }) } else { Ok(body) }
}

fn query(request: &Request) -> std::result::Result<BTreeMap<String, String>, ApiError> {
    let url = request.url().map_err(|e| ApiError::bad_request(format!("the address cannot be read: {e}")))?;
    Ok(url.query_pairs().into_owned().collect())
}

fn number(query: &BTreeMap<String, String>, name: &str) -> std::result::Result<Option<u32>, ApiError> {
    match query.get(name).map(|text| whole(text)) {
        None => Ok(None),
        Some(Some(n)) => Ok(Some(n)),
        Some(None) => Err(ApiError::bad_request(format!("`{name}` must be a whole number from 1"))),
    }
}
