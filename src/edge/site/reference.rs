//! The contract for programs and for people: `/openapi.json` and `/docs`. Neither needs a key.

use crate::api::docs;
use crate::api::error::ApiError;
use crate::api::openapi::{self, Deployment};
use crate::edge::{reply, settings};
use worker::{Env, Request, Response, Result};

pub(in crate::edge) fn document(env: &Env) -> Result<Response> {
    reply::text("application/json", openapi::document(&deployment(env)).to_owned())
}

pub(in crate::edge) fn page(env: &Env, request: &Request) -> Result<Response> {
    let origin = match settings::config(env).ok().and_then(|config| config.public_url.clone()) {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => request.url()?.origin().ascii_serialization(),
    };
    let html = docs::document_page(&deployment(env)).replace(docs::ORIGIN_MARK, &docs::escaped(&origin));
    let mut page = reply::text("text/html; charset=utf-8", html)?;
    page.headers_mut().set("content-security-policy", docs::CSP)?;
    Ok(page)
}

pub(in crate::edge) fn file(name: &str) -> Result<Response> {
    match docs::file(name) {
        Some((media_type, text)) => reply::text(media_type, text.to_owned()),
        None => reply::error(&ApiError::NotFound { what: "file" }),
    }
}

/// How it is set up; broken settings are told by `/health`.
fn deployment(env: &Env) -> Deployment {
    let deployment = settings::config(env).map(|config| Deployment {
        anonymous: config.access.is_anonymous(),
        providers: config.search.providers.clone(),
    });
    deployment.unwrap_or_default()
}
