//! Brave Search API: `GET {base}/res/v1/web/search`, keyed by `X-Subscription-Token`.

use crate::job::Failure;
use crate::search::phrasing::phrase;
use crate::search::plain::plain_text;
use crate::search::reply::{explained, hits, json};
use crate::search::{Hit, SearchQuery};
use crate::web::http::{HttpReply, HttpRequest, Method};
use serde_json::Value;
use url::Url;

/// Replies come within a second as a rule.
const TIMEOUT_MS: u64 = 10_000;
/// 20 results of about 3 KB each with all their fields; this is more than 30 times that.
const REPLY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Brave refuses longer queries.
const TEXT_CHARS_MAX: usize = 400;
/// Brave refuses queries of more words.
const TEXT_WORDS_MAX: usize = 50;
/// Brave refuses to send more at once.
const COUNT_MAX: u32 = 20;
/// A quota that returns later than this cannot help a running job: the longest deadline is as long.
const RESET_S_MAX: u64 = 15 * 60;
/// Longest error detail that is passed on, in characters.
const DETAIL_CHARS_MAX: usize = 120;

const WHO: &str = "Brave Search";

/// The call for a query.
#[must_use]
pub fn request(base_url: &Url, api_key: &str, query: &SearchQuery) -> HttpRequest {
    let mut url = base_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["res", "v1", "web", "search"]);
    }
    url.query_pairs_mut()
        .append_pair("q", &phrase(query, TEXT_CHARS_MAX, TEXT_WORDS_MAX))
        .append_pair("count", &query.count.clamp(1, COUNT_MAX).to_string())
        .append_pair("result_filter", "web")
        .append_pair("text_decorations", "false");
    HttpRequest {
        method: Method::Get,
        url: url.into(),
        headers: vec![
            ("accept".to_owned(), "application/json".to_owned()),
            ("x-subscription-token".to_owned(), api_key.to_owned()),
        ],
        body: None,
        timeout_ms: TIMEOUT_MS,
        reply_bytes_max: REPLY_BYTES_MAX,
    }
}

/// The hits of a reply, best first.
///
/// # Errors
/// Transient for 429 (with the wait that Brave names), 5xx and unreadable replies; permanent for a refused key or query,
/// and when the quota comes back later than any job lasts.
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    if reply.status == 429 {
        return Err(limited(reply));
    }
    let body = json(reply, WHO);
    explained(reply, WHO, &body.as_ref().map(explanation).unwrap_or_default())?;
    let body = body?;
    if body.get("type").and_then(Value::as_str) != Some("search") {
        return Err(Failure::transient(format!("{WHO} sent a reply that is not a search result")));
    }
    // A query without web results has no `web` at all.
    let results = body.get("web").and_then(|web| web.get("results")).and_then(Value::as_array);
    Ok(results.map(|results| hits(results, "description")).unwrap_or_default())
}

/// Code and detail of Brave's error reply. Nothing else of it: validation errors can echo the request.
fn explanation(body: &Value) -> String {
    let part = |name: &str| body.get("error").and_then(|error| error.get(name)).and_then(Value::as_str);
    let parts: Vec<String> = ["code", "detail"]
        .into_iter()
        .filter_map(part)
        .map(|text| plain_text(text, DETAIL_CHARS_MAX))
        .collect();
    parts.join(": ")
}

/// Rates are counted in several windows; headers list for each how many calls are left and when it begins anew.
fn limited(reply: &HttpReply) -> Failure {
    let numbers = |name: &str| -> Vec<u64> {
        reply.header(name).unwrap_or_default().split(',').map_while(|n| n.trim().parse().ok()).collect()
    };
    let (left, reset_s) = (numbers("x-ratelimit-remaining"), numbers("x-ratelimit-reset"));
    // A limit of 0 stands for "unlimited", and such a window has nothing left either.
    let limits = numbers("x-ratelimit-limit");
    let used_up = |place: usize| left.get(place) == Some(&0) && limits.get(place) != Some(&0);
    let wait_s = reset_s.iter().enumerate().filter(|(place, _)| used_up(*place)).map(|(_, s)| *s).max();
    match wait_s {
        Some(s) if s > RESET_S_MAX => Failure::permanent(format!("{WHO}: the plan's quota is used up")),
        Some(s) => Failure::Transient {
            cause: format!("{WHO} answered 429: too many calls"),
            retry_after_ms: Some(s.saturating_mul(1_000)),
        },
        None => explained(reply, WHO, "too many calls")
            .err()
            .unwrap_or_else(|| Failure::transient(format!("{WHO} answered 429"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> HttpReply {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        HttpReply { status, headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn the_key_travels_in_its_header_only() {
        let query = SearchQuery { text: "rust".into(), count: 99, ..SearchQuery::default() };
        let request = request(&Url::parse("https://api.search.brave.com/").unwrap(), "secret", &query);
        assert_eq!(
            request.url,
            "https://api.search.brave.com/res/v1/web/search?q=rust&count=20&result_filter=web&text_decorations=false"
        );
        assert!(request.headers.contains(&("x-subscription-token".into(), "secret".into())));
    }

    #[test]
    fn results_lose_tags_and_entities() {
        let body = r#"{"type":"search","query":{"original":"x"},"web":{"type":"search","results":[
            {"title":"<strong>Rust</strong> &amp; more","url":"https://rust-lang.org/","description":"It&#x27;s <strong>fast</strong>","age":"1 day"},
            {"title":"no url"}]}}"#;
        let hits = parse(&reply(200, &[], body)).unwrap();
        assert_eq!(
            hits,
            [Hit {
                url: "https://rust-lang.org/".into(),
                title: "Rust & more".into(),
                snippet: "It's fast".into(),
                document: None
            }]
        );
    }

    #[test]
    fn no_web_results_is_an_answer() {
        assert_eq!(parse(&reply(200, &[], r#"{"type":"search","query":{"original":"x"}}"#)), Ok(Vec::new()));
    }

    #[test]
    fn refusals_are_permanent_and_echo_nothing_of_the_request() {
        let body = r#"{"type":"ErrorResponse","error":{"id":"1","status":422,"code":"SUBSCRIPTION_TOKEN_INVALID",
            "detail":"The provided subscription token is invalid.","meta":{"errors":[{"input":"secret"}]}},"time":1}"#;
        for status in [401, 403, 422] {
            let failure = parse(&reply(status, &[], body)).unwrap_err();
            assert_eq!(
                failure,
                Failure::permanent(format!(
                    "Brave Search answered {status}: SUBSCRIPTION_TOKEN_INVALID: The provided subscription token is invalid."
                ))
            );
        }
        let page = parse(&reply(403, &[], "<html>secret</html>")).unwrap_err();
        assert_eq!(page, Failure::permanent("Brave Search answered 403"));
    }

    #[test]
    fn a_used_up_second_is_waited_for_but_a_used_up_month_is_not() {
        let limited = |left: &str, limit: &str| {
            let headers = [
                ("x-ratelimit-limit", limit),
                ("x-ratelimit-remaining", left),
                ("x-ratelimit-reset", "1, 1419704"),
            ];
            parse(&reply(429, &headers, "{}")).unwrap_err()
        };
        assert!(matches!(
            limited("0, 1000", "1, 2000"),
            Failure::Transient { retry_after_ms: Some(1_000), .. }
        ));
        assert!(matches!(limited("0, 0", "1, 0"), Failure::Transient { retry_after_ms: Some(1_000), .. }));
        assert!(matches!(limited("0, 0", "1, 2000"), Failure::Permanent { .. }));
        assert!(matches!(limited("junk", "junk"), Failure::Transient { retry_after_ms: None, .. }));
        let plain = parse(&reply(429, &[("retry-after", "3")], "")).unwrap_err();
        assert!(matches!(plain, Failure::Transient { retry_after_ms: Some(3_000), .. }));
    }

    #[test]
    fn garbage_is_a_transient_failure() {
        let deep = "{\"web\":".repeat(50_000);
        for body in [
            "",
            "<html>",
            "{\"type\":\"search\",\"web\":{\"results\":[",
            "[]",
            "{}",
            "{\"type\":\"ErrorResponse\"}",
            &deep,
        ] {
            assert!(matches!(parse(&reply(200, &[], body)), Err(Failure::Transient { .. })), "{:.40}", body);
        }
        assert_eq!(parse(&reply(200, &[], r#"{"type":"search","web":{"results":7}}"#)), Ok(Vec::new()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_reply_makes_parsing_panic(status in 100_u16..600, left in "[0-9, x]{0,30}", body in prop::collection::vec(any::<u8>(), 0..100)) {
            let headers = vec![("x-ratelimit-remaining".into(), left.clone()), ("x-ratelimit-reset".into(), left)];
            let _ = parse(&HttpReply { status, headers, body });
        }
    }
}
