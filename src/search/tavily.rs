//! Tavily: `POST {base}/search`, keyed by a bearer token.

use crate::job::Failure;
use crate::search::phrasing::{plain_domains, words};
use crate::search::reply::{detail, explained, hits, json, list, text, throttled};
use crate::search::{Endpoint, Hit, SearchQuery, Topic, country};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::{Value, json as object};

/// Tavily refuses longer queries.
const TEXT_CHARS_MAX: usize = 400;
/// Tavily sends no more at once.
const COUNT_MAX: u32 = 20;

const WHO: &str = "Tavily";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let mut body = object!({
        "query": words(&query.text, TEXT_CHARS_MAX),
        "max_results": query.count.clamp(1, COUNT_MAX),
        "search_depth": "basic",
        "topic": match query.topic {
            Some(Topic::News) => "news",
            Some(Topic::Finance) => "finance",
            _ => "general",
        },
    });
    let mut set = |name: &str, value: Value| {
        if let Some(body) = body.as_object_mut() {
            body.insert(name.to_owned(), value);
        }
    };
    let options = &query.options;
    // Either a range of days or a span back from today.
    match (options.recency, &options.after_date, &options.before_date) {
        (Some(recency), None, None) => set("time_range", recency.name().into()),
        _ => {
            if let Some(since) = query.since() {
                set("start_date", since.into());
            }
            if let Some(before) = &options.before_date {
                set("end_date", before.as_str().into());
            }
        }
    }
    // Countries are known by name, and to general searches only.
    let general = !matches!(query.topic, Some(Topic::News | Topic::Finance));
    if let Some(name) = options.country.as_deref().and_then(country::name).filter(|_| general) {
        set("country", name.into());
    }
    if let Some(domains) = plain_domains(&query.include_domains).filter(|domains| !domains.is_empty()) {
        set("include_domains", domains.into());
    }
    let excluded: Vec<_> = query
        .exclude_domains
        .iter()
        .filter_map(|d| plain_domains(std::slice::from_ref(d)))
        .flatten()
        .collect();
    if !excluded.is_empty() {
        set("exclude_domains", excluded.into());
    }
    let mut request = endpoint.post(&["search"], &body);
    request.headers.push(("authorization".to_owned(), format!("Bearer {}", endpoint.key())));
    request
}

/// The hits of a reply, best first.
///
/// # Errors
/// As in [`crate::search::codec::parse`]; a plan's limit (432) and a spending limit (433) are permanent.
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    let why = body.as_ref().map(explanation).unwrap_or_default();
    if matches!(reply.status, 432 | 433) {
        return Err(throttled(reply, WHO, &why, Some(u64::MAX)));
    }
    explained(reply, WHO, &why)?;
    Ok(hits(list(&body?, "results", WHO)?, "content"))
}

/// `{"detail": {"error": ".."}}`, or a plain text in its place.
fn explanation(body: &Value) -> String {
    let Some(said) = body.get("detail") else { return detail(text(body, "error")) };
    detail(said.as_str().unwrap_or_else(|| text(said, "error")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::codec::tests::{endpoint, query, reply};
    use crate::search::{Recency, SearchOptions};

    fn sent(query: &SearchQuery) -> Value {
        let request = request(&endpoint("https://api.tavily.com"), query);
        assert_eq!(request.url, "https://api.tavily.com/search");
        assert!(request.headers.contains(&("authorization".into(), "Bearer canary-key".into())));
        serde_json::from_str(&request.body.unwrap()).unwrap()
    }

    #[test]
    fn a_plain_query_asks_for_no_more_than_results() {
        assert_eq!(
            sent(&query("rust")),
            object!({"query": "rust", "max_results": 10, "search_depth": "basic", "topic": "general"})
        );
    }

    #[test]
    fn options_are_passed_on() {
        let options = SearchOptions {
            country: Some("US".into()),
            after_date: Some("2024-01-01".into()),
            before_date: Some("2024-12-31".into()),
            ..SearchOptions::default()
        };
        let asked = sent(&SearchQuery {
            include_domains: vec!["*.a.com".into()],
            exclude_domains: vec!["b.com".into(), "127.0.0.1:80".into()],
            options,
            ..query("rust")
        });
        for (name, value) in [
            ("country", object!("united states")),
            ("start_date", object!("2024-01-01")),
            ("end_date", object!("2024-12-31")),
            ("include_domains", object!(["a.com"])),
            ("exclude_domains", object!(["b.com"])),
        ] {
            assert_eq!(asked[name], value, "{asked:#}");
        }
        let recent = SearchOptions {
            recency: Some(Recency::Week),
            country: Some("US".into()),
            ..SearchOptions::default()
        };
        let asked = sent(&SearchQuery { topic: Some(Topic::News), options: recent, ..query("rust") });
        assert_eq!((&asked["time_range"], &asked["topic"]), (&object!("week"), &object!("news")));
        assert!(asked.get("country").is_none() && asked.get("start_date").is_none(), "{asked:#}");
    }

    #[test]
    fn results_become_hits() {
        let body = r#"{"query":"x","answer":null,"images":[],"results":[
            {"title":"One","url":"https://a.com/1","content":"words","score":0.9,"raw_content":null},{"title":"no url"}],
            "response_time":0.4,"request_id":"r"}"#;
        let hits = parse(&reply(200, body)).unwrap();
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].title.as_str(), hits[0].snippet.as_str()), ("One", "words"));
    }

    #[test]
    fn a_used_up_plan_and_a_refused_key_are_final_and_say_why() {
        for status in [401, 432, 433] {
            let body = r#"{"detail":{"error":"This request exceeds your plan's set usage limit."}}"#;
            let failure = parse(&reply(status, body)).unwrap_err();
            assert!(matches!(failure, Failure::Permanent { .. }));
            assert!(failure.cause().contains("plan's set usage limit"), "{failure}");
        }
    }
}
