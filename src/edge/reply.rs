//! Values as HTTP responses.

use crate::account::Standing;
use crate::api::error::PROBLEM_JSON;
use crate::api::{ApiError, dialect};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Headers, Method, Request, RequestInit, Response, Result, Stub};

/// A JSON response.
pub fn json<T: Serialize>(status: u16, value: &T) -> Result<Response> {
    let response = Response::from_json(value)?.with_status(status);
    finish(response)
}

/// A text of a media type that is neither JSON nor a problem.
pub fn text(media_type: &str, body: String) -> Result<Response> {
    let mut response = finish(Response::ok(body)?)?;
    response.headers_mut().set("content-type", media_type)?;
    Ok(response)
}

/// A response that is there in bytes already: texts would go through JavaScript's.
pub fn bytes(media_type: &str, body: Vec<u8>) -> Result<Response> {
    let mut response = finish(Response::from_bytes(body)?)?;
    response.headers_mut().set("content-type", media_type)?;
    Ok(response)
}

/// An error response: problem details with the headers its status calls for.
pub fn error(error: &ApiError) -> Result<Response> {
    let mut response = finish(Response::from_json(&error.to_json())?.with_status(error.status()))?;
    let headers = response.headers_mut();
    headers.set("content-type", PROBLEM_JSON)?;
    advise(headers, error)?;
    Ok(response)
}

/// The same in the words of the APIs of others.
pub fn foreign_error(error: &ApiError) -> Result<Response> {
    let mut response = json(error.status(), &dialect::error_body(error))?;
    advise(response.headers_mut(), error)?;
    Ok(response)
}

fn advise(headers: &mut Headers, error: &ApiError) -> Result<()> {
    match error {
        ApiError::Method { allow } => headers.set("allow", allow)?,
        ApiError::Access(_) => headers.set("www-authenticate", "Bearer")?,
        ApiError::Unavailable { .. } => headers.set("retry-after", "2")?,
        ApiError::QuotaExceeded { retry_after_s, .. } => {
            headers.set("retry-after", &retry_after_s.to_string())?
        }
        _ => {}
    }
    Ok(())
}

/// A response without a body.
pub fn empty(status: u16) -> Result<Response> {
    finish(Response::empty()?.with_status(status))
}

/// The same response with the headers that tell how much of each quota is left.
pub fn with_standing(mut response: Response, standing: &Standing) -> Result<Response> {
    if let Some((policy, left)) = standing.headers() {
        response.headers_mut().set("ratelimit-policy", &policy)?;
        response.headers_mut().set("ratelimit", &left)?;
    }
    Ok(response)
}

/// The headers that every response carries: replies belong to one owner and are data, never markup.
pub fn finish(mut response: Response) -> Result<Response> {
    let headers = response.headers_mut();
    headers.set("cache-control", "no-store")?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("referrer-policy", "no-referrer")?;
    Ok(response)
}

/// A platform error as what the caller should know of it: the request may be repeated, the details are for the log.
pub fn unavailable(what: &str, error: &worker::Error) -> ApiError {
    crate::edge::log::unavailable(what, error);
    ApiError::Unavailable { cause: format!("{what} is not reachable at the moment: try again") }
}

/// Calls another object of this deployment with a JSON body. The path is a message name, the host is never resolved.
pub async fn call<T: Serialize>(
    stub: &Stub,
    method: Method,
    path: &str,
    body: Option<&T>,
) -> Result<Response> {
    let body = body.map(serde_json::to_string).transpose()?;
    sent(stub, method, path, body).await
}

/// The JSON body of a message to an object. Never `Request::json()`: it goes through JavaScript, whose numbers lose bits.
pub async fn message<T: DeserializeOwned>(request: &mut Request) -> Result<T> {
    Ok(serde_json::from_str(&text_of_request(request).await?)?)
}

/// The JSON body of another object's reply; `None` when it answered 404.
pub async fn decoded<T: DeserializeOwned>(response: Response) -> Result<Option<T>> {
    match response.status_code() {
        404 => Ok(None),
        200..=299 => Ok(Some(serde_json::from_str(&text_of_response(response).await?)?)),
        status => Err(worker::Error::RustError(format!("object answered {status}"))),
    }
}

// What follows returns boxed futures: any other is compiled into each of its thirty callers.

fn sent<'a>(
    stub: &'a Stub,
    method: Method,
    path: &'a str,
    body: Option<String>,
) -> LocalBoxFuture<'a, Result<Response>> {
    async move {
        let mut init = RequestInit::new();
        init.with_method(method);
        if let Some(body) = body {
            init.with_body(Some(body.into()));
            let headers = Headers::new();
            headers.set("content-type", "application/json")?;
            init.with_headers(headers);
        }
        stub.fetch_with_request(Request::new_with_init(&format!("http://object{path}"), &init)?).await
    }
    .boxed_local()
}

fn text_of_request(request: &mut Request) -> LocalBoxFuture<'_, Result<String>> {
    request.text().boxed_local()
}

fn text_of_response(mut response: Response) -> LocalBoxFuture<'static, Result<String>> {
    async move { response.text().await }.boxed_local()
}
