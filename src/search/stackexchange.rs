//! Stack Exchange: `GET {base}/2.3/search/advanced`.

use crate::job::Failure;
use crate::search::options::unix_s;
use crate::search::phrasing::keywords;
use crate::search::reply::{detail, explained, found, json, list, text, throttled};
use crate::search::{Endpoint, Hit, SearchQuery};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::Value;

/// Every word must be in the question: with more of them nothing is found.
const WORDS_MAX: usize = 5;
/// Most results asked for.
const COUNT_MAX: u32 = 20;
/// Seconds of a day.
const DAY_S: i64 = 24 * 60 * 60;
/// The site that is asked unless the base URL names another by `?site=`.
const SITE: &str = "stackoverflow";
/// "An application makes too many requests."
const THROTTLE: i64 = 502;
/// "An unexpected error", "temporarily unavailable".
const PASSING: [i64; 2] = [500, 503];

const WHO: &str = "Stack Exchange";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let words = keywords(&query.text, WORDS_MAX);
    let count = query.count.clamp(1, COUNT_MAX).to_string();
    let first = query.since().as_deref().and_then(unix_s).map(|s| s.to_string());
    let last = query.options.before_date.as_deref().and_then(unix_s);
    let last = last.map(|s| s.saturating_add(DAY_S).to_string());
    let mut parameters = vec![
        ("q", words.as_str()),
        ("order", "desc"),
        ("sort", "relevance"),
        ("pagesize", &count),
        ("filter", "withbody"),
    ];
    if !endpoint.base_url.query_pairs().any(|(name, _)| name == "site") {
        parameters.push(("site", SITE));
    }
    for (name, value) in [("fromdate", &first), ("todate", &last), ("key", &endpoint.api_key)] {
        if let Some(value) = value {
            parameters.push((name, value));
        }
    }
    endpoint.get(&["2.3", "search", "advanced"], &parameters)
}

/// The hits of a reply, best first.
///
/// # Errors
/// As in [`crate::search::codec::parse`]. Errors come with their own numbers and mostly with status 400.
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    if let Some(id) = body.as_ref().ok().and_then(|body| body.get("error_id")).and_then(Value::as_i64) {
        let body = body.as_ref().map_or(&Value::Null, |body| body);
        let why = detail(text(body, "error_message"));
        return Err(if id == THROTTLE || reply.status == 429 {
            throttled(reply, WHO, &why, back_off_s(body))
        } else if PASSING.contains(&id) || reply.status >= 500 {
            Failure::transient(format!("{WHO} failed: {why}"))
        } else {
            Failure::permanent(format!("{WHO} refused the search: {why}"))
        });
    }
    explained(reply, WHO, "")?;
    let body = body?;
    let questions = list(&body, "items", WHO)?;
    Ok(found(questions.iter().map(|item| (text(item, "link"), text(item, "title"), text(item, "body")))))
}

/// The wait in seconds: `backoff`, or the number in "more requests available in 61234 seconds".
fn back_off_s(body: &Value) -> Option<u64> {
    let said = || {
        let (_, after) = text(body, "error_message").rsplit_once(" in ")?;
        after.split_whitespace().next()?.parse().ok()
    };
    body.get("backoff").and_then(Value::as_u64).or_else(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::codec::tests::{endpoint, query, reply};

    #[test]
    fn the_base_may_name_another_site() {
        let anonymous = |base: &str| Endpoint { api_key: None, ..endpoint(base) };
        assert_eq!(
            request(&anonymous("https://api.stackexchange.com"), &query("rust")).url,
            "https://api.stackexchange.com/2.3/search/advanced?q=rust&order=desc&sort=relevance&pagesize=10&filter=withbody&site=stackoverflow"
        );
        assert_eq!(
            request(&endpoint("https://api.stackexchange.com?site=superuser"), &query("rust")).url,
            "https://api.stackexchange.com/2.3/search/advanced?site=superuser&q=rust&order=desc&sort=relevance&pagesize=10&filter=withbody&key=canary-key"
        );
    }

    #[test]
    fn questions_become_hits() {
        let body = r#"{"items":[{"question_id":1,"title":"What&#39;s a &quot;borrow&quot;?","link":"https://stackoverflow.com/questions/1/x",
            "body":"<p>I have <code>x</code>.</p>","tags":["rust"],"score":3,"is_answered":true}],
            "has_more":false,"quota_max":300,"quota_remaining":299,"backoff":10}"#;
        let hits = parse(&reply(200, body)).unwrap();
        assert_eq!((hits[0].title.as_str(), hits[0].snippet.as_str()), ("What's a \"borrow\"?", "I have x."));
    }

    #[test]
    fn a_throttle_violation_says_how_long_to_wait() {
        let failed = |id: i64, message: &str| {
            let body = format!(
                r#"{{"error_id":{id},"error_message":"{message}","error_name":"throttle_violation"}}"#
            );
            parse(&reply(400, &body)).unwrap_err()
        };
        let short = failed(502, "too many requests from this IP, more requests available in 12 seconds");
        assert!(matches!(short, Failure::Transient { retry_after_ms: Some(12_000), .. }), "{short:?}");
        let long = failed(502, "too many requests from this IP, more requests available in 61234 seconds");
        assert!(matches!(long, Failure::Permanent { .. }), "{long:?}");
        assert!(matches!(failed(503, "temporarily unavailable"), Failure::Transient { .. }));
        assert!(matches!(failed(400, "`key` is not valid"), Failure::Permanent { .. }));
    }
}
