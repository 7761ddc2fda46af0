//! Every provider behind two functions: what to send for a query, and what came back.

use crate::job::Failure;
use crate::search::{
    Endpoint, Hit, Provider, SearchQuery, arxiv, brave, exa, github, hackernews, openalex, searxng, serper,
    stackexchange, tavily, wikipedia,
};
use crate::web::http::{HttpReply, HttpRequest, Method};

/// Search APIs answer in about a second and a SearXNG instance waits at most 10 s for its slowest engine; a search step has
/// no more than that either.
const TIMEOUT_MS: u64 = 10_000;
/// 20 or 30 results of 2 to 60 KB each with all their fields, the longest being issues with their whole text.
const REPLY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Stands for a key.
const REDACTED: &str = "[key]";

/// The calls for a query, to be made one after the other; none for the library, which is not asked by HTTP.
#[must_use]
pub fn requests(provider: Provider, endpoint: &Endpoint, query: &SearchQuery) -> Vec<HttpRequest> {
    match provider {
        Provider::Library => Vec::new(),
        Provider::Searxng => vec![searxng::request(endpoint, query)],
        Provider::Brave => vec![brave::request(endpoint, query)],
        Provider::Tavily => vec![tavily::request(endpoint, query)],
        Provider::Serper => vec![serper::request(endpoint, query)],
        Provider::Exa => vec![exa::request(endpoint, query)],
        Provider::Wikipedia => vec![wikipedia::request(endpoint, query)],
        Provider::Openalex => vec![openalex::request(endpoint, query)],
        Provider::Arxiv => vec![arxiv::request(endpoint, query)],
        Provider::Hackernews => vec![hackernews::request(endpoint, query)],
        Provider::Stackexchange => vec![stackexchange::request(endpoint, query)],
        Provider::Github => github::requests(endpoint, query),
    }
}

/// The hits of one reply, best first.
///
/// # Errors
/// Transient for a busy, failing or throttling provider and for replies that cannot be read; permanent when it refuses the
/// key or the query, and when a plan is used up for longer than any job lasts.
pub fn parse(
    provider: Provider,
    endpoint: &Endpoint,
    query: &SearchQuery,
    reply: &HttpReply,
) -> Result<Vec<Hit>, Failure> {
    let parsed = match provider {
        Provider::Library => Ok(Vec::new()),
        Provider::Searxng => searxng::parse(reply),
        Provider::Brave => brave::parse(reply),
        Provider::Tavily => tavily::parse(reply),
        Provider::Serper => serper::parse(reply),
        Provider::Exa => exa::parse(reply),
        Provider::Wikipedia => wikipedia::parse(endpoint, query, reply),
        Provider::Openalex => openalex::parse(reply),
        Provider::Arxiv => arxiv::parse(reply),
        Provider::Hackernews => hackernews::parse(reply),
        Provider::Stackexchange => stackexchange::parse(reply),
        Provider::Github => github::parse(reply),
    };
    parsed.map_err(|failure| endpoint.redacted(failure))
}

/// One answer of several: the hits in turns, best first.
///
/// # Errors
/// The first failure, when no part succeeded.
pub fn merged(parts: Vec<Result<Vec<Hit>, Failure>>) -> Result<Vec<Hit>, Failure> {
    let mut lists = Vec::new();
    let mut failed = None;
    for part in parts {
        match part {
            Ok(hits) => lists.push(hits.into_iter()),
            Err(failure) => failed = failed.or(Some(failure)),
        }
    }
    if let (true, Some(failure)) = (lists.is_empty(), failed) {
        return Err(failure);
    }
    let mut hits = Vec::new();
    loop {
        let before = hits.len();
        hits.extend(lists.iter_mut().filter_map(Iterator::next));
        if hits.len() == before {
            return Ok(hits);
        }
    }
}

impl Endpoint {
    /// A `GET` of `path` below the base with these query parameters behind the base's own.
    #[must_use]
    pub(super) fn get(&self, path: &[&str], parameters: &[(&str, &str)]) -> HttpRequest {
        let mut url = self.base_url.clone();
        // Whoever sets an address with the documented path, or its beginning, means the same.
        let set: Vec<&str> = url.path().trim_end_matches('/').split('/').collect();
        let known =
            (0..=path.len()).rev().find(|known| path.get(..*known).is_some_and(|path| set.ends_with(path)));
        let rest: Vec<&str> = path.iter().skip(known.unwrap_or(0)).copied().collect();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(rest);
        }
        url.query_pairs_mut().extend_pairs(parameters);
        HttpRequest {
            method: Method::Get,
            url: url.into(),
            headers: vec![
                ("accept".to_owned(), "application/json".to_owned()),
                ("user-agent".to_owned(), self.agent.clone()),
            ],
            body: None,
            timeout_ms: TIMEOUT_MS,
            reply_bytes_max: REPLY_BYTES_MAX,
        }
    }

    /// A `POST` of JSON to `path` below the base.
    #[must_use]
    pub(super) fn post(&self, path: &[&str], body: &serde_json::Value) -> HttpRequest {
        let mut request = self.get(path, &[]);
        request.url = request.url.trim_end_matches('?').to_owned();
        request.method = Method::Post;
        request.headers.push(("content-type".to_owned(), "application/json".to_owned()));
        request.body = Some(body.to_string());
        request
    }

    /// The failure without the key, which some providers quote when they refuse it.
    #[must_use]
    pub fn redacted(&self, mut failure: Failure) -> Failure {
        if let Some(key) = self.api_key.as_deref().filter(|key| !key.is_empty()) {
            let cause = failure.cause_mut();
            *cause = cause.replace(key, REDACTED);
        }
        failure
    }

    /// The key, or nothing.
    pub(super) fn key(&self) -> &str {
        self.api_key.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    pub(in crate::search) fn endpoint(base: &str) -> Endpoint {
        Endpoint {
            base_url: Url::parse(base).unwrap(),
            api_key: Some("canary-key".into()),
            agent: "Footnote/test (+https://f.example/)".into(),
            mailto: None,
        }
    }

    pub(in crate::search) fn query(text: &str) -> SearchQuery {
        SearchQuery { text: text.into(), count: 10, today: "2026-03-01".into(), ..SearchQuery::default() }
    }

    pub(in crate::search) fn reply(status: u16, body: &str) -> HttpReply {
        HttpReply { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn asked() -> impl Iterator<Item = Provider> {
        Provider::ALL.into_iter().filter(|provider| *provider != Provider::Library)
    }

    fn parsed(provider: Provider, reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
        parse(provider, &endpoint("https://w.example"), &query("x"), reply)
    }

    /// A body of the provider's documented shape with one result.
    fn good(provider: Provider) -> String {
        let hit = r#""title":"T","url":"https://a.example/""#;
        match provider {
            Provider::Brave => format!(r#"{{"type":"search","web":{{"results":[{{{hit}}}]}}}}"#),
            Provider::Serper => r#"{"organic":[{"title":"T","link":"https://a.example/"}]}"#.into(),
            Provider::Wikipedia => r#"{"query":{"search":[{"title":"T"}]}}"#.into(),
            Provider::Openalex => r#"{"results":[{"id":"https://a.example/","title":"T"}]}"#.into(),
            Provider::Arxiv => {
                "<feed><entry><id>https://a.example/</id><title>T</title></entry></feed>".into()
            }
            Provider::Hackernews => format!(r#"{{"hits":[{{"objectID":"1",{hit}}}]}}"#),
            Provider::Stackexchange => r#"{"items":[{"title":"T","link":"https://a.example/"}]}"#.into(),
            Provider::Github => r#"{"items":[{"title":"T","html_url":"https://a.example/"}]}"#.into(),
            _ => format!(r#"{{"results":[{{{hit}}}]}}"#),
        }
    }

    #[test]
    fn everybody_s_good_reply_is_read_and_every_request_is_honest_and_bounded() {
        for provider in asked() {
            let hits = parsed(provider, &reply(200, &good(provider))).unwrap();
            assert_eq!((hits.len(), hits[0].title.as_str()), (1, "T"), "{provider}");
            let requests = requests(provider, &endpoint("https://w.example/prefix"), &query("x"));
            assert!(!requests.is_empty(), "{provider}");
            for request in requests {
                assert!(request.url.starts_with("https://w.example/prefix/"), "{provider}: {}", request.url);
                let agent = ("user-agent".into(), "Footnote/test (+https://f.example/)".into());
                assert!(request.headers.contains(&agent), "{provider}");
                assert!(request.reply_bytes_max <= 2 << 20 && request.timeout_ms <= 10_000, "{provider}");
            }
        }
    }

    #[test]
    fn a_key_that_is_quoted_is_not_passed_on() {
        for (provider, body) in [
            (Provider::Tavily, r#"{"detail":{"error":"Unknown key canary-key."}}"#),
            (Provider::Exa, r#"{"error":"Unknown key canary-key."}"#),
            (Provider::Serper, r#"{"message":"Unknown key canary-key."}"#),
            (Provider::Openalex, r#"{"message":"Unknown key canary-key."}"#),
            (Provider::Stackexchange, r#"{"error_id":400,"error_message":"Unknown key canary-key."}"#),
            (Provider::Github, r#"{"message":"Unknown key canary-key."}"#),
        ] {
            let refused = parsed(provider, &reply(401, body)).unwrap_err();
            assert!(refused.cause().contains("Unknown key [key]."), "{provider}: {refused}");
        }
    }

    #[test]
    fn an_address_may_hold_the_documented_path_already() {
        for (base, path) in [
            ("https://x.example", "/v1/search"),
            ("https://x.example/v1/", "/v1/search"),
            ("https://x.example/p/v1/search", "/p/v1/search"),
            ("https://x.example/search", "/search/v1/search"),
        ] {
            let (get, post) = (
                endpoint(base).get(&["v1", "search"], &[]),
                endpoint(base).post(&["v1", "search"], &serde_json::Value::Null),
            );
            for url in [get.url, post.url] {
                assert_eq!(Url::parse(&url).unwrap().path(), path, "{base}");
            }
        }
    }

    #[test]
    fn replies_that_cannot_be_read_are_worth_another_try() {
        let deep_json = "[".repeat(200_000);
        let deep_object = "{\"results\":".repeat(100_000);
        let deep_feed = "<feed>".repeat(100_000);
        for provider in asked() {
            let good = good(provider);
            let half = good.get(..good.len() / 2).unwrap();
            let page = "<!doctype html><html><body><h1>Welcome</h1></body></html>";
            for body in [
                "",
                half,
                page,
                "[]",
                "7",
                "null",
                "{}",
                "{\"results\":7}",
                &deep_json,
                &deep_object,
                &deep_feed,
            ] {
                let outcome = parsed(provider, &reply(200, body));
                // Of a list in the wrong place Brave's own shape cannot be told from one without results.
                assert!(
                    matches!(outcome, Err(Failure::Transient { .. })),
                    "{provider}: {body:.40}: {outcome:?}"
                );
            }
            let broken = HttpReply { body: b"{\"results\":[\"\xff\xfe\"]}".to_vec(), ..reply(200, "") };
            assert!(matches!(parsed(provider, &broken), Err(Failure::Transient { .. })), "{provider}");
        }
    }

    #[test]
    fn failing_and_throttling_providers_are_told_from_refusing_ones() {
        for provider in asked() {
            for status in [500, 502, 503] {
                let outcome = parsed(provider, &reply(status, "<html>502 Bad Gateway canary</html>"));
                assert!(matches!(outcome, Err(Failure::Transient { .. })), "{provider}: {outcome:?}");
                assert!(!outcome.unwrap_err().cause().contains("canary"), "{provider}");
            }
            for body in ["", "{}", "Too many requests"] {
                let headers = vec![("retry-after".into(), "7".into())];
                let outcome = parsed(provider, &HttpReply { headers, ..reply(429, body) });
                let Err(Failure::Transient { cause, retry_after_ms }) = &outcome else {
                    panic!("{provider}: {outcome:?}")
                };
                assert_eq!(*retry_after_ms, Some(7_000), "{provider}");
                assert!(cause.contains("throttled") && cause.contains("429"), "{provider}: {cause}");
            }
            for status in [400, 401, 403, 404] {
                let outcome = parsed(provider, &reply(status, "{\"echo\":\"canary-key\"}"));
                assert!(
                    matches!(outcome, Err(Failure::Permanent { .. })),
                    "{provider} {status}: {outcome:?}"
                );
                assert!(!outcome.unwrap_err().cause().contains("canary"), "{provider}");
            }
        }
    }

    #[test]
    fn a_part_that_fails_costs_its_own_hits_only() {
        let hit = |n: u8| Hit {
            url: format!("https://a.example/{n}"),
            title: String::new(),
            snippet: String::new(),
            document: None,
        };
        let failed = || Err(Failure::transient("a"));
        assert_eq!(merged(vec![failed(), Err(Failure::permanent("b"))]), failed());
        assert_eq!(merged(vec![failed(), Ok(vec![hit(1)])]), Ok(vec![hit(1)]));
        let turns = merged(vec![Ok(vec![hit(1), hit(2), hit(3)]), Ok(vec![hit(4)])]).unwrap();
        assert_eq!(turns, [hit(1), hit(4), hit(2), hit(3)]);
        assert_eq!(merged(Vec::new()), Ok(Vec::new()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_reply_makes_any_codec_panic(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..200) {
            for provider in asked() {
                let _ = parsed(provider, &HttpReply { status, headers: Vec::new(), body: body.clone() });
                let good = good(provider).into_bytes();
                let mixed = [good.get(..cut.min(good.len())).unwrap_or_default(), &body].concat();
                let _ = parsed(provider, &HttpReply { status: 200, headers: Vec::new(), body: mixed });
            }
        }
    }
}
