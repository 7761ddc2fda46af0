//! The page at `/` and its files, for anybody.

use crate::api::ApiError;
use crate::edge::reply;
use crate::ui::{self, PAGE};
use worker::{Request, Response, Result};

/// A file under its version never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The page is asked for again each time, and not sent again while it is the same.
const ASK_AGAIN: &str = "no-cache";

/// The page itself.
pub fn page(request: &Request) -> Result<Response> {
    let mut page = kept(request, ASK_AGAIN, "text/html; charset=utf-8", &PAGE.html)?;
    page.headers_mut().set("content-security-policy", ui::POLICY)?;
    Ok(page)
}

/// A file that the page loads. One that is asked for under another version is that of the page of another release, which
/// is being replaced just now: it gets ours, and keeps it for no longer than it needs.
pub fn file(version: &str, name: &str, request: &Request) -> Result<Response> {
    match ui::file(name) {
        Some(file) => {
            let keep = if version == PAGE.version { FOR_EVER } else { ASK_AGAIN };
            kept(request, keep, file.media_type, file.body)
        }
        None => reply::error(&ApiError::NoRoute { path: request.path().chars().take(200).collect() }),
    }
}

/// The body, unless the browser has it.
fn kept(request: &Request, keep: &str, media_type: &str, body: &str) -> Result<Response> {
    let tag = format!("\"{}\"", PAGE.version);
    let has_it = request.headers().get("if-none-match")?.is_some_and(|tags| tags.contains(&tag));
    let mut response = match has_it {
        true => reply::empty(304)?,
        false => reply::text(media_type, body.to_owned())?,
    };
    let headers = response.headers_mut();
    headers.set("cache-control", keep)?;
    headers.set("etag", &tag)?;
    Ok(response)
}
