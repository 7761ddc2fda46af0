//! What the replies of all web search engines have in common.

use crate::job::Failure;
use crate::search::Hit;
use crate::search::plain::plain_text;
use crate::web::admission::URL_CHARS_MAX;
use crate::web::http::HttpReply;
use serde_json::Value;

/// Most hits taken from one reply: `SearchQuery::count` asks for no more.
const HITS_MAX: usize = 20;
/// Longest title kept, in characters.
const TITLE_CHARS_MAX: usize = 300;
/// Longest snippet kept, in characters.
const SNIPPET_CHARS_MAX: usize = 600;

/// The reply's body as JSON. `who` names the provider in the cause.
///
/// # Errors
/// Transient when the body is not JSON: a cut reply, or the page of a proxy in between.
pub fn json(reply: &HttpReply, who: &str) -> Result<Value, Failure> {
    let unreadable = |error: serde_json::Error| {
        let what = if error.is_eof() { "a reply that was cut off" } else { "a reply that is not JSON" };
        Failure::transient(format!("{who} sent {what}"))
    };
    serde_json::from_slice(&reply.body).map_err(unreadable)
}

/// The usable ones of a list of results with `url`, `title` and the named snippet field, in their order, at most 20.
/// Results without an http(s) URL of reasonable length are passed over; a missing title is the URL.
#[must_use]
pub fn hits(results: &[Value], snippet_field: &str) -> Vec<Hit> {
    results.iter().filter_map(|result| hit(result, snippet_field)).take(HITS_MAX).collect()
}

fn hit(result: &Value, snippet_field: &str) -> Option<Hit> {
    let text = |field: &str| result.get(field).and_then(Value::as_str).unwrap_or_default();
    let url = url::Url::parse(text("url")).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if url.as_str().len() > URL_CHARS_MAX {
        return None;
    }
    let title = plain_text(text("title"), TITLE_CHARS_MAX);
    Some(Hit {
        title: if title.is_empty() { url.to_string() } else { title },
        url: url.into(),
        snippet: plain_text(text(snippet_field), SNIPPET_CHARS_MAX),
        document: None,
    })
}

/// A failed reply whose body is replaced by `explanation`, so that no error page or echoed key reaches a person.
///
/// # Errors
/// The failure that the status stands for; `Ok` for 2xx.
pub fn explained(reply: &HttpReply, who: &str, explanation: &str) -> Result<(), Failure> {
    let brief = HttpReply {
        status: reply.status,
        headers: reply.headers.clone(),
        body: explanation.as_bytes().to_vec(),
    };
    brief.success(who).map(|_| ())
}
