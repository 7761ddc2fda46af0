//! Brave Search API: `GET {base}/res/v1/web/search`, keyed by `X-Subscription-Token`.

use crate::job::Failure;
use crate::search::codec::merged;
use crate::search::phrasing::phrase;
use crate::search::reply::{detail, explained, hits, json, throttled};
use crate::search::{Endpoint, Hit, Recency, SearchQuery, Topic};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::Value;

/// Brave refuses longer queries.
const TEXT_CHARS_MAX: usize = 400;
/// Brave refuses queries of more words.
const TEXT_WORDS_MAX: usize = 50;
/// Brave refuses to send more at once.
const COUNT_MAX: u32 = 20;
/// The only countries that Brave takes; any other is refused.
const COUNTRIES: &str = "AR AU AT BE BR CA CL DK FI FR DE GR HK IN ID IT JP KR MY MX NL NZ NO CN PL PT PH RU SA ZA ES SE CH TW TR GB US";
/// The only languages that Brave takes by their own tag; any other is refused.
const LANGUAGES: &str = "ar eu bn bg ca hr cs da nl en et fi fr gl de el gu he hi hu is it kn ko lv lt ms ml mr nb pl pa ro ru sr sk sl es sv ta te th tr uk vi";

const WHO: &str = "Brave Search";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let options = &query.options;
    let text = phrase(query, TEXT_CHARS_MAX, TEXT_WORDS_MAX);
    let count = query.count.clamp(1, COUNT_MAX).to_string();
    // News come as a list of their own beside the web's.
    let filter = if query.topic == Some(Topic::News) { "news,web" } else { "web" };
    let mut parameters = vec![
        ("q", text.as_str()),
        ("count", &count),
        ("result_filter", filter),
        ("text_decorations", "false"),
    ];
    let country = options.country.as_deref().filter(|code| listed(COUNTRIES, code));
    let language = query.language.as_deref().and_then(|language| tag(language, country));
    let freshness = freshness(query);
    for (name, value) in [
        ("country", country),
        ("search_lang", language),
        ("freshness", freshness.as_deref()),
        ("safesearch", options.safe_search.map(crate::search::SafeSearch::name)),
    ] {
        if let Some(value) = value {
            parameters.push((name, value));
        }
    }
    let mut request = endpoint.get(&["res", "v1", "web", "search"], &parameters);
    request.headers.push(("x-subscription-token".to_owned(), endpoint.key().to_owned()));
    request
}

fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

/// The language as Brave writes it.
fn tag<'a>(language: &'a str, country: Option<&str>) -> Option<&'a str> {
    match language {
        "ja" => Some("jp"),
        "zh" if matches!(country, Some("TW" | "HK")) => Some("zh-hant"),
        "zh" => Some("zh-hans"),
        "pt" if country == Some("BR") => Some("pt-br"),
        "pt" => Some("pt-pt"),
        "no" => Some("nb"),
        other => Some(other).filter(|other| listed(LANGUAGES, other)),
    }
}

/// A span back from today, or a range of days; Brave knows no open one.
fn freshness(query: &SearchQuery) -> Option<String> {
    let options = &query.options;
    if let (Some(recency), None, None) = (options.recency, &options.after_date, &options.before_date) {
        let span = match recency {
            Recency::Day => "pd",
            Recency::Week => "pw",
            Recency::Month => "pm",
            Recency::Year => "py",
        };
        return Some(span.to_owned());
    }
    let (first, last) = (query.since(), options.before_date.clone());
    if first.is_none() && last.is_none() {
        return None;
    }
    let today = Some(query.today.clone()).filter(|today| !today.is_empty());
    Some(format!("{}to{}", first.unwrap_or_else(|| FIRST_DAY.to_owned()), last.or(today)?))
}

/// Older than every page of the web.
const FIRST_DAY: &str = "1970-01-01";

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
    // A query without results of a kind has no such part at all.
    let part = |name: &str| {
        let results = body.get(name).and_then(|part| part.get("results")).and_then(Value::as_array);
        Ok(results.map(|results| hits(results, "description")).unwrap_or_default())
    };
    merged(vec![part("news"), part("web")])
}

/// Code and detail of Brave's error reply. Nothing else of it: validation errors can echo the request.
fn explanation(body: &Value) -> String {
    let part = |name: &str| body.get("error").and_then(|error| error.get(name)).and_then(Value::as_str);
    let parts: Vec<String> = ["code", "detail"].into_iter().filter_map(part).map(detail).collect();
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
        Some(s) => throttled(reply, WHO, "too many calls", Some(s)),
        None => explained(reply, WHO, "too many calls")
            .err()
            .unwrap_or_else(|| Failure::transient(format!("{WHO} answered 429"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::codec::tests::{endpoint, query};
    use crate::search::{SafeSearch, SearchOptions};
    use proptest::prelude::*;

    fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> HttpReply {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        HttpReply { status, headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn the_key_travels_in_its_header_only() {
        let query = SearchQuery { count: 99, ..query("rust") };
        let request = request(&endpoint("https://api.search.brave.com/"), &query);
        assert_eq!(
            request.url,
            "https://api.search.brave.com/res/v1/web/search?q=rust&count=20&result_filter=web&text_decorations=false"
        );
        assert!(request.headers.contains(&("x-subscription-token".into(), "canary-key".into())));
    }

    #[test]
    fn options_are_passed_on_where_brave_takes_them() {
        let asked = |language: &str, options: SearchOptions| {
            let query = SearchQuery { language: Some(language.into()), options, ..query("x") };
            let url = request(&endpoint("https://b.example"), &query).url;
            url.split_once("text_decorations=false").unwrap().1.to_owned()
        };
        let options =
            |country: &str| SearchOptions { country: Some(country.into()), ..SearchOptions::default() };
        assert_eq!(asked("pt", options("BR")), "&country=BR&search_lang=pt-br");
        assert_eq!(asked("sw", options("KE")), "");
        let safe = SearchOptions {
            safe_search: Some(SafeSearch::Strict),
            recency: Some(Recency::Week),
            ..SearchOptions::default()
        };
        assert_eq!(asked("ja", safe), "&search_lang=jp&freshness=pw&safesearch=strict");
        let days = SearchOptions { after_date: Some("2024-01-02".into()), ..SearchOptions::default() };
        assert_eq!(asked("en", days), "&search_lang=en&freshness=2024-01-02to2026-03-01");
        let days = SearchOptions { before_date: Some("2024-01-02".into()), ..SearchOptions::default() };
        assert_eq!(asked("en", days), "&search_lang=en&freshness=1970-01-01to2024-01-02");
    }

    #[test]
    fn news_and_the_web_take_turns() {
        let query = SearchQuery { topic: Some(Topic::News), ..query("x") };
        assert!(request(&endpoint("https://b.example"), &query).url.contains("result_filter=news%2Cweb"));
        let list =
            |site: &str| format!(r#"{{"results":[{{"title":"{site}","url":"https://{site}.example/"}}]}}"#);
        let body = format!(r#"{{"type":"search","web":{},"news":{}}}"#, list("web"), list("news"));
        let titles: Vec<_> = parse(&reply(200, &[], &body)).unwrap().into_iter().map(|h| h.title).collect();
        assert_eq!(titles, ["news", "web"]);
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
