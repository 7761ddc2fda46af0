//! What the replies of all search providers have in common.

use crate::job::Failure;
use crate::search::Hit;
use crate::search::plain::plain_text;
use crate::web::admission::URL_CHARS_MAX;
use crate::web::http::HttpReply;
use chrono::DateTime;
use serde_json::Value;

/// Most hits taken from one reply: `SearchQuery::count` asks for no more.
pub(super) const HITS_MAX: usize = 20;
/// Longest title kept, in characters.
const TITLE_CHARS_MAX: usize = 300;
/// Longest snippet kept, in characters.
const SNIPPET_CHARS_MAX: usize = 600;
/// A quota that returns later than this cannot help a running job: the longest deadline is as long.
const WAIT_S_MAX: u64 = 15 * 60;
/// Longest explanation of another side that is passed on, in characters.
const DETAIL_CHARS_MAX: usize = 120;

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

/// The list under a name of a successful reply.
///
/// # Errors
/// Transient when there is none: the reply has another schema.
pub fn list<'a>(body: &'a Value, name: &str, who: &str) -> Result<&'a [Value], Failure> {
    let list = body.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or_else(|| Failure::transient(format!("{who} sent a reply without {name}")))
}

/// The usable ones of a list of results with `url`, `title` and the named snippet field, in their order, at most 20.
/// Results without an http(s) URL of reasonable length are passed over; a missing title is the URL.
#[must_use]
pub fn hits(results: &[Value], snippet_field: &str) -> Vec<Hit> {
    found(
        results
            .iter()
            .map(|result| (text(result, "url"), text(result, "title"), text(result, snippet_field))),
    )
}

/// The same of URLs, titles and snippets, which may be marked up.
pub fn found<A: AsRef<str>, B: AsRef<str>, C: AsRef<str>>(
    results: impl IntoIterator<Item = (A, B, C)>,
) -> Vec<Hit> {
    let hits = results.into_iter().filter_map(|(url, title, snippet)| {
        let url =
            url::Url::parse(url.as_ref()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        if url.as_str().len() > URL_CHARS_MAX {
            return None;
        }
        let title = plain_text(title.as_ref(), TITLE_CHARS_MAX);
        Some(Hit {
            title: if title.is_empty() { url.to_string() } else { title },
            url: url.into(),
            snippet: plain_text(snippet.as_ref(), SNIPPET_CHARS_MAX),
            document: None,
        })
    });
    hits.take(HITS_MAX).collect()
}

/// A text of an object; empty when it has none of that name.
#[must_use]
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Words of another side as they may be passed on: one line, short.
#[must_use]
pub fn detail(words: &str) -> String {
    plain_text(words, DETAIL_CHARS_MAX)
}

/// A failed reply whose body is replaced by `explanation`, so that no error page or echoed key reaches a person.
///
/// # Errors
/// The failure that the status stands for; `Ok` for 2xx.
pub fn explained(reply: &HttpReply, who: &str, explanation: &str) -> Result<(), Failure> {
    if reply.status == 429 {
        return Err(throttled(reply, who, explanation, wait_s(reply)));
    }
    let brief = HttpReply {
        status: reply.status,
        headers: reply.headers.clone(),
        body: explanation.as_bytes().to_vec(),
    };
    brief.success(who).map(|_| ())
}

/// The failure of a provider that wants to be asked less, in `wait_s` seconds again.
#[must_use]
pub fn throttled(reply: &HttpReply, who: &str, explanation: &str, wait_s: Option<u64>) -> Failure {
    let status = reply.status;
    let why = if explanation.is_empty() { String::new() } else { format!(": {explanation}") };
    match wait_s {
        Some(s) if s > WAIT_S_MAX => {
            Failure::permanent(format!("{who} has no quota left for now ({status}){why}"))
        }
        _ => Failure::Transient {
            cause: format!("{who} throttled the search ({status}){why}"),
            retry_after_ms: wait_s.map(|s| s.saturating_mul(1_000)),
        },
    }
}

/// `Retry-After` in seconds, also when it is a date: counted from the reply's own `Date`.
#[must_use]
pub fn wait_s(reply: &HttpReply) -> Option<u64> {
    let after = reply.header("retry-after")?.trim();
    after.parse().ok().or_else(|| until_s(reply, DateTime::parse_from_rfc2822(after).ok()?.timestamp()))
}

/// Seconds from the reply's `Date` to a moment in seconds since 1970; at least 1.
#[must_use]
pub fn until_s(reply: &HttpReply, unix_s: i64) -> Option<u64> {
    let now = DateTime::parse_from_rfc2822(reply.header("date")?.trim()).ok()?.timestamp();
    Some(u64::try_from(unix_s.saturating_sub(now)).unwrap_or(0).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(headers: &[(&str, &str)]) -> Failure {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        explained(&HttpReply { status: 429, headers, body: Vec::new() }, "X", "slow down").unwrap_err()
    }

    #[test]
    fn a_retry_after_counts_in_seconds_and_as_a_date() {
        for headers in [
            &[("retry-after", "7")][..],
            &[("retry-after", "Thu, 26 Nov 2026 03:00:07 GMT"), ("date", "Thu, 26 Nov 2026 03:00:00 GMT")],
        ] {
            let Failure::Transient { cause, retry_after_ms } = limited(headers) else {
                panic!("{headers:?}")
            };
            assert_eq!(
                (cause.as_str(), retry_after_ms),
                ("X throttled the search (429): slow down", Some(7_000))
            );
        }
        assert!(matches!(
            limited(&[("retry-after", "soon")]),
            Failure::Transient { retry_after_ms: None, .. }
        ));
        assert!(matches!(limited(&[]), Failure::Transient { retry_after_ms: None, .. }));
    }

    #[test]
    fn a_wait_beyond_every_job_is_final() {
        assert!(matches!(limited(&[("retry-after", "86400")]), Failure::Permanent { .. }));
    }
}
