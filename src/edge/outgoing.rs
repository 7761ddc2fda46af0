//! Calls to providers: an `HttpRequest` out, an `HttpReply` back, within its time and size.

use crate::edge::clock;
use crate::edge::slice::Permit;
use crate::job::Failure;
use crate::web::http::{HttpReply, HttpRequest, Method};
use futures_util::StreamExt;
use worker::{AbortSignal, Fetch, Headers, Request, RequestInit, RequestRedirect, Response};

/// Performs a call. A reply of any status is `Ok`; no reply, a cut one or one beyond the cap is a failure.
pub async fn send(request: &HttpRequest, permit: &Permit) -> Result<HttpReply, Failure> {
    clock::within(request.timeout_ms, |signal| exchange(request, permit, signal)).await
}

async fn exchange(request: &HttpRequest, permit: &Permit, signal: AbortSignal) -> Result<HttpReply, Failure> {
    let outgoing =
        build(request).map_err(|e| Failure::permanent(format!("the request cannot be made: {e}")))?;
    permit.check()?;
    let mut response =
        Fetch::Request(outgoing).send_with_signal(&signal).await.map_err(|e| no_connection(&e))?;
    let headers = response.headers().entries().collect();
    let bytes_max = request.reply_bytes_max;
    let too_long = || Failure::transient(format!("the reply is longer than {bytes_max} bytes"));
    let body = body(&mut response, bytes_max).await?.ok_or_else(too_long)?;
    Ok(HttpReply { status: response.status_code(), headers, body })
}

/// Why nothing came back, as far as it helps whoever reads it: the platform's "internal error" and its number do not.
pub fn no_connection(error: &worker::Error) -> Failure {
    let said = error.to_string();
    if said.contains("internal error") {
        crate::edge::log::error("no_connection", &said);
        return Failure::transient("no connection");
    }
    Failure::transient(format!("no connection: {}", said.trim_start_matches("Error: ")))
}

fn build(request: &HttpRequest) -> worker::Result<Request> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_method(match request.method {
            Method::Get => worker::Method::Get,
            Method::Post => worker::Method::Post,
        })
        .with_body(request.body.as_deref().map(Into::into));
    Request::new_with_init(&request.url, &init)
}

/// A whole body; none when it is longer than that.
pub async fn body(response: &mut Response, bytes_max: usize) -> Result<Option<Vec<u8>>, Failure> {
    // The byte beyond says that there is more.
    let body = beginning(response, bytes_max.saturating_add(1)).await?;
    Ok((body.len() <= bytes_max).then_some(body))
}

/// The first bytes of a body, at most so many; the rest is not waited for.
pub async fn beginning(response: &mut Response, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let cut = |e: worker::Error| Failure::transient(format!("the reply was cut: {e}"));
    let mut bytes = Vec::new();
    let Ok(mut stream) = response.stream() else { return Ok(bytes) };
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(cut)?;
        let room = bytes_max.saturating_sub(bytes.len());
        bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if bytes.len() >= bytes_max {
            break;
        }
    }
    Ok(bytes)
}
