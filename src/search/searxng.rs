//! SearXNG's JSON API: `GET {base}/search?format=json`.

use crate::job::Failure;
use crate::search::phrasing::phrase;
use crate::search::reply::{explained, hits, json, list};
use crate::search::{Endpoint, Hit, Recency, SafeSearch, SearchQuery, Topic};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::Value;

/// Longest query text in characters; the engines behind cut at about 30 words or less.
const TEXT_CHARS_MAX: usize = 400;
/// Most words of a query.
const TEXT_WORDS_MAX: usize = 50;
/// Most silent engines that are named in a cause.
const NAMED_ENGINES_MAX: usize = 3;
/// Longest name of a silent engine in a cause, in characters.
const ENGINE_CHARS_MAX: usize = 60;

const WHO: &str = "SearXNG";
/// What to change when it does not speak JSON.
const FORMATS: &str =
    "add `json` to `search.formats` in its settings.yml, or let this client pass its bot detection";

/// The call for a query. Query parameters of the base URL, such as `engines=`, are kept.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let text = phrase(query, TEXT_CHARS_MAX, TEXT_WORDS_MAX);
    let mut parameters = vec![("q", text.as_str()), ("format", "json"), ("pageno", "1")];
    let options = &query.options;
    let locale = match (&query.language, &options.country) {
        (Some(language), Some(country)) => Some(format!("{language}-{country}")),
        (Some(language), None) => Some(language.clone()),
        // A country alone is no locale.
        (None, _) => None,
    };
    let categories = match query.topic {
        Some(Topic::News) => Some("general,news"),
        Some(Topic::Science) => Some("general,science"),
        Some(Topic::Code) => Some("general,it"),
        _ => None,
    };
    let safe = options.safe_search.map(|safe| match safe {
        SafeSearch::Off => "0",
        SafeSearch::Moderate => "1",
        SafeSearch::Strict => "2",
    });
    for (name, value) in [
        ("language", locale.as_deref()),
        ("time_range", options.recency.map(Recency::name)),
        ("safesearch", safe),
        ("categories", categories),
    ] {
        if let Some(value) = value {
            parameters.push((name, value));
        }
    }
    endpoint.get(&["search"], &parameters)
}

/// The hits of a reply, best first.
///
/// # Errors
/// Transient for a busy or unreadable instance, and when it found nothing because its engines did not answer; permanent
/// when it refuses the format or the client, with what to change.
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    explained(reply, WHO, explanation(reply.status))?;
    let body = json(reply, WHO).map_err(|failure| {
        let page = reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if page {
            Failure::transient(format!("{WHO} sent a page instead of JSON: {FORMATS}"))
        } else {
            failure
        }
    })?;
    let found = hits(list(&body, "results", WHO)?, "content");
    let silent =
        body.get("unresponsive_engines").and_then(Value::as_array).filter(|engines| !engines.is_empty());
    match silent {
        Some(silent) if found.is_empty() => Err(Failure::transient(format!(
            "{WHO} found nothing because its engines failed: {}",
            named(silent)
        ))),
        _ => Ok(found),
    }
}

fn explanation(status: u16) -> &'static str {
    match status {
        403 => FORMATS,
        429 => "its limiter is on; raise it or switch it off for this client",
        300..=399 => "it redirects; set the base URL to where it really lives",
        404 => "no search page there; check the base URL",
        _ => "",
    }
}

/// `bing (timeout), qwant (CAPTCHA)`; engines come as pairs of name and reason.
fn named(engines: &[Value]) -> String {
    let name = |engine: &Value| {
        let part = |place: usize| engine.get(place).and_then(Value::as_str).unwrap_or("unknown");
        format!("{} ({})", part(0), part(1)).chars().take(ENGINE_CHARS_MAX).collect::<String>()
    };
    engines.iter().take(NAMED_ENGINES_MAX).map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchOptions;
    use crate::search::codec::tests::{endpoint, query};
    use proptest::prelude::*;

    fn reply(status: u16, body: &[u8]) -> HttpReply {
        HttpReply { status, headers: Vec::new(), body: body.to_vec() }
    }

    fn parsed(body: &str) -> Result<Vec<Hit>, Failure> {
        parse(&reply(200, body.as_bytes()))
    }

    fn is_transient(result: &Result<Vec<Hit>, Failure>) -> bool {
        matches!(result, Err(Failure::Transient { .. }))
    }

    #[test]
    fn the_request_goes_to_the_search_page_below_the_base() {
        let query = SearchQuery { exclude_domains: vec!["x.com".into()], ..query("a&b ü") };
        for (base, url) in [
            (
                "http://127.0.0.1:8888",
                "http://127.0.0.1:8888/search?q=a%26b+%C3%BC+-site%3Ax.com&format=json&pageno=1",
            ),
            (
                "https://s.org/searx/?engines=bing#x",
                "https://s.org/searx/search?engines=bing&q=a%26b+%C3%BC+-site%3Ax.com&format=json&pageno=1#x",
            ),
        ] {
            assert_eq!(request(&endpoint(base), &query).url, url);
        }
    }

    #[test]
    fn options_become_parameters() {
        let options = SearchOptions {
            country: Some("CH".into()),
            recency: Some(Recency::Month),
            safe_search: Some(SafeSearch::Strict),
            ..SearchOptions::default()
        };
        let query =
            SearchQuery { language: Some("de".into()), topic: Some(Topic::Code), options, ..query("x") };
        assert_eq!(
            request(&endpoint("http://s.org"), &query).url,
            "http://s.org/search?q=x&format=json&pageno=1&language=de-CH&time_range=month&safesearch=2&categories=general%2Cit"
        );
    }

    #[test]
    fn results_become_hits_and_unusable_ones_are_passed_over() {
        let hits = parsed(
            r#"{"query":"x","number_of_results":0,"results":[
                {"url":"https://a.com/1","title":"One &amp; only","content":"the <b>first</b>","engine":"bing","score":1.0},
                {"url":"","title":"no url","content":""},
                {"url":null,"title":"null"},
                {"title":"missing"},
                "not an object",
                {"url":"magnet:?xt=1","title":"not the web"},
                {"url":"https://a.com/2","title":null,"content":null},
                {"url":"https://a.com/3","title":"Three","content":7}
            ],"answers":[],"corrections":[],"infoboxes":[],"suggestions":[],"unresponsive_engines":[["qwant","CAPTCHA"]]}"#,
        )
        .unwrap();
        let brief: Vec<_> =
            hits.iter().map(|h| (h.url.as_str(), h.title.as_str(), h.snippet.as_str())).collect();
        assert_eq!(
            brief,
            [
                ("https://a.com/1", "One & only", "the first"),
                ("https://a.com/2", "https://a.com/2", ""),
                ("https://a.com/3", "Three", ""),
            ]
        );
    }

    #[test]
    fn nothing_found_is_an_answer_but_silent_engines_are_a_failure() {
        assert_eq!(parsed(r#"{"results":[]}"#), Ok(Vec::new()));
        assert_eq!(parsed(r#"{"results":[],"unresponsive_engines":[]}"#), Ok(Vec::new()));
        let failed =
            parsed(r#"{"results":[],"unresponsive_engines":[["bing","timeout"],["qwant","CAPTCHA"],null]}"#);
        assert!(is_transient(&failed));
        assert_eq!(
            failed.unwrap_err().cause(),
            "SearXNG found nothing because its engines failed: bing (timeout), qwant (CAPTCHA), unknown (unknown)"
        );
    }

    #[test]
    fn refusals_say_what_to_change_and_hide_the_error_page() {
        let refused = parse(&reply(403, b"<!doctype html><title>403 Forbidden</title>")).unwrap_err();
        assert!(matches!(refused, Failure::Permanent { .. }));
        assert!(
            refused.cause().contains("search.formats") && !refused.cause().contains("doctype"),
            "{refused}"
        );
        let limited =
            HttpReply { status: 429, headers: vec![("retry-after".into(), "7".into())], body: vec![] };
        assert!(matches!(parse(&limited), Err(Failure::Transient { retry_after_ms: Some(7_000), .. })));
        assert!(matches!(parse(&reply(302, b"")), Err(Failure::Permanent { .. })));
        assert!(is_transient(&parse(&reply(502, b"<html>"))));
    }

    #[test]
    fn garbage_is_a_transient_failure() {
        let deep = "[".repeat(100_000);
        for body in [
            "",
            "<html></html>",
            "{\"results\":[{\"url\":\"https://a",
            "[]",
            "7",
            "{}",
            "{\"results\":{}}",
            &deep,
        ] {
            assert!(is_transient(&parsed(body)), "{}", body.chars().take(40).collect::<String>());
        }
        assert!(is_transient(&parse(&reply(200, b"{\"results\":[\"\xff\xfe\"]}"))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_body_makes_parsing_panic(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&reply(status, &body));
        }
    }
}
