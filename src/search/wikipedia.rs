//! Wikipedia and every other MediaWiki: `GET {base}/w/api.php?action=query&list=search`.

use crate::job::Failure;
use crate::search::phrasing::keywords;
use crate::search::reply::{detail, explained, found, json, list, text, throttled, wait_s};
use crate::search::{Endpoint, Hit, SearchQuery};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::Value;
use url::Url;

/// Every word must be on the page: with more of them nothing is found.
const WORDS_MAX: usize = 6;
/// Most results asked for.
const COUNT_MAX: u32 = 20;
/// The edition that is asked when the request names no language.
const EDITION: &str = "en";
/// The host whose editions lie before it.
const HOST: &str = "wikipedia.org";
/// Codes of MediaWiki's errors that pass: the database lags, too many calls, a search back end that is busy.
const PASSING: [&str; 5] =
    ["maxlag", "ratelimited", "readonly", "internal_api_error", "cirrussearch-backend-error"];

const WHO: &str = "Wikipedia";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let endpoint = Endpoint { base_url: edition(endpoint, query), ..endpoint.clone() };
    let count = query.count.clamp(1, COUNT_MAX).to_string();
    endpoint.get(
        &["w", "api.php"],
        &[
            ("action", "query"),
            ("list", "search"),
            ("srsearch", &keywords(&query.text, WORDS_MAX)),
            ("srlimit", &count),
            ("srprop", "snippet"),
            ("format", "json"),
            ("formatversion", "2"),
            // Whoever is no hurried reader steps back when the replicas lag.
            ("maxlag", "5"),
        ],
    )
}

/// The wiki that is asked: the edition of the request's language, or the one whose address was set.
fn edition(endpoint: &Endpoint, query: &SearchQuery) -> Url {
    let mut url = endpoint.base_url.clone();
    if matches!(url.host_str(), Some(HOST | "www.wikipedia.org")) {
        let language = query.language.as_deref().unwrap_or(EDITION);
        // Norwegian Bokmål is called by its old name there.
        let language = if language == "nb" { "no" } else { language };
        // A language that makes no host name leaves the portal, which answers with a page and so with a failure.
        let _ = url.set_host(Some(&format!("{language}.{HOST}")));
    }
    url
}

/// The hits of a reply, best first. Their pages lie in the wiki that was asked.
///
/// # Errors
/// As in [`crate::search::codec::parse`]; MediaWiki reports errors with status 200 as well.
pub fn parse(endpoint: &Endpoint, query: &SearchQuery, reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    if let Some(error) = body.as_ref().ok().and_then(|body| body.get("error")) {
        let (code, info) = (text(error, "code"), detail(text(error, "info")));
        let why = format!("{code}: {info}");
        return Err(if matches!(code, "maxlag" | "ratelimited") {
            throttled(reply, WHO, &why, wait_s(reply))
        } else if PASSING.contains(&code) || code.starts_with("internal_api_error") || reply.status >= 500 {
            Failure::transient(format!("{WHO} failed: {why}"))
        } else {
            explained(reply, WHO, &why)
                .err()
                .unwrap_or_else(|| Failure::permanent(format!("{WHO} refused the search: {why}")))
        });
    }
    explained(reply, WHO, "")?;
    let body = body?;
    let results = list(body.get("query").unwrap_or(&Value::Null), "search", WHO)?;
    let wiki = edition(endpoint, query);
    let page = |title: &str| {
        let mut url = wiki.clone();
        url.set_query(None);
        let site =
            url.path().trim_end_matches('/').trim_end_matches("/api.php").trim_end_matches("/w").to_owned();
        url.set_path(&site);
        let title = title.replace(' ', "_");
        url.path_segments_mut().ok()?.pop_if_empty().push("wiki").extend(title.split('/'));
        Some(url.to_string())
    };
    let hits = results.iter().filter_map(|hit| {
        let title = Some(text(hit, "title")).filter(|title| !title.is_empty())?;
        Some((page(title)?, title, text(hit, "snippet")))
    });
    Ok(found(hits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::codec::tests::{endpoint, query, reply};

    #[test]
    fn the_language_picks_the_edition() {
        for (base, language, start) in [
            (
                "https://wikipedia.org",
                None,
                "https://en.wikipedia.org/w/api.php?action=query&list=search&srsearch=rust&",
            ),
            ("https://wikipedia.org", Some("pt"), "https://pt.wikipedia.org/w/api.php?"),
            ("https://wikipedia.org", Some("nb"), "https://no.wikipedia.org/w/api.php?"),
            ("https://de.wikipedia.org", Some("pt"), "https://de.wikipedia.org/w/api.php?"),
            ("http://127.0.0.1:80/wiki1", Some("pt"), "http://127.0.0.1/wiki1/w/api.php?"),
            ("https://de.wikipedia.org/w/api.php", None, "https://de.wikipedia.org/w/api.php?action="),
        ] {
            let asked = SearchQuery { language: language.map(str::to_owned), ..query("rust") };
            let request = request(&endpoint(base), &asked);
            assert!(request.url.starts_with(start), "{}", request.url);
            assert!(
                request
                    .headers
                    .contains(&("user-agent".into(), "Footnote/test (+https://f.example/)".into()))
            );
        }
    }

    #[test]
    fn titles_become_pages_of_the_wiki() {
        let body = r#"{"batchcomplete":true,"query":{"searchinfo":{"totalhits":2},"search":[
            {"ns":0,"title":"C++ & Rust?","pageid":1,"size":5,"wordcount":1,"snippet":"a <span class=\"searchmatch\">Rust</span> &amp; more","timestamp":"2024-01-01T00:00:00Z"},
            {"ns":0,"title":"Électricité/Sud","pageid":2}, {"ns":0}]}}"#;
        let hits = parse(&endpoint("https://wikipedia.org"), &query("rust"), &reply(200, body)).unwrap();
        let brief: Vec<_> = hits.iter().map(|h| (h.url.as_str(), h.snippet.as_str())).collect();
        assert_eq!(
            brief,
            [
                ("https://en.wikipedia.org/wiki/C++_&_Rust%3F", "a Rust & more"),
                ("https://en.wikipedia.org/wiki/%C3%89lectricit%C3%A9/Sud", ""),
            ]
        );
    }

    #[test]
    fn pages_lie_beside_the_api_whatever_was_set_as_its_address() {
        for base in ["https://w.example/x", "https://w.example/x/", "https://w.example/x/w/api.php"] {
            let body = r#"{"query":{"search":[{"title":"T"}]}}"#;
            let hits = parse(&endpoint(base), &query("rust"), &reply(200, body)).unwrap();
            assert_eq!(hits[0].url, "https://w.example/x/wiki/T", "{base}");
        }
    }

    #[test]
    fn errors_count_whatever_their_status() {
        let failed = |status, code: &str| {
            let body =
                format!(r#"{{"error":{{"code":"{code}","info":"Some words.","docref":"See the docs"}}}}"#);
            parse(&endpoint("https://wikipedia.org"), &query("x"), &reply(status, &body)).unwrap_err()
        };
        assert!(matches!(failed(200, "maxlag"), Failure::Transient { .. }));
        assert!(matches!(failed(200, "ratelimited"), Failure::Transient { .. }));
        assert!(matches!(failed(500, "internal_api_error_DBQueryError"), Failure::Transient { .. }));
        let refused = failed(200, "badvalue");
        assert_eq!(refused, Failure::permanent("Wikipedia refused the search: badvalue: Some words."));
    }
}
