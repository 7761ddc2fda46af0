//! Exa: `POST {base}/search`, keyed by `x-api-key`.

use crate::job::Failure;
use crate::search::phrasing::{plain_domains, words};
use crate::search::reply::{detail, explained, found, json, list, text};
use crate::search::{Endpoint, Hit, SafeSearch, SearchQuery, Topic};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::{Value, json as object};

/// Longest query: Exa takes sentences, but no essays.
const TEXT_CHARS_MAX: usize = 1_000;
/// Beyond this a call costs more.
const COUNT_MAX: u32 = 25;

const WHO: &str = "Exa";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let mut body = object!({
        "query": words(&query.text, TEXT_CHARS_MAX),
        "type": "auto",
        "numResults": query.count.clamp(1, COUNT_MAX),
    });
    let options = &query.options;
    let category = match query.topic {
        Some(Topic::News) => Some("news"),
        Some(Topic::Finance) => Some("financial report"),
        Some(Topic::Science) => Some("research paper"),
        _ => None,
    };
    let included = plain_domains(&query.include_domains).filter(|domains| !domains.is_empty());
    let excluded: Vec<_> = query
        .exclude_domains
        .iter()
        .filter_map(|d| plain_domains(std::slice::from_ref(d)))
        .flatten()
        .collect();
    let moderated = options.safe_search.filter(|safe| *safe != SafeSearch::Off);
    let settings: [(&str, Option<Value>); 7] = [
        ("category", category.map(Value::from)),
        ("userLocation", options.country.as_deref().map(Value::from)),
        ("startPublishedDate", query.since().map(|day| format!("{day}T00:00:00.000Z").into())),
        ("endPublishedDate", options.before_date.as_ref().map(|day| format!("{day}T23:59:59.999Z").into())),
        ("includeDomains", included.map(Value::from)),
        ("excludeDomains", (!excluded.is_empty()).then(|| excluded.into())),
        ("moderation", moderated.map(|_| true.into())),
    ];
    for (name, value) in settings {
        if let (Some(body), Some(value)) = (body.as_object_mut(), value) {
            body.insert(name.to_owned(), value);
        }
    }
    let mut request = endpoint.post(&["search"], &body);
    request.headers.push(("x-api-key".to_owned(), endpoint.key().to_owned()));
    request
}

/// The hits of a reply, best first.
///
/// # Errors
/// As in [`crate::search::codec::parse`].
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    explained(reply, WHO, &body.as_ref().map(|b| detail(text(b, "error"))).unwrap_or_default())?;
    let body = body?;
    let hit = |hit: &Value| {
        let highlights = hit.get("highlights").and_then(Value::as_array).into_iter().flatten();
        let highlights: Vec<&str> = highlights.filter_map(Value::as_str).collect();
        let snippet = match highlights.as_slice() {
            [] => [text(hit, "summary"), text(hit, "text")]
                .into_iter()
                .find(|t| !t.is_empty())
                .unwrap_or_default()
                .to_owned(),
            found => found.join(" "),
        };
        (text(hit, "url").to_owned(), text(hit, "title").to_owned(), snippet)
    };
    Ok(found(list(&body, "results", WHO)?.iter().map(hit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::codec::tests::{endpoint, query, reply};
    use crate::search::{Recency, SearchOptions};

    #[test]
    fn options_are_passed_on() {
        let options = SearchOptions {
            country: Some("US".into()),
            recency: Some(Recency::Week),
            before_date: Some("2026-02-28".into()),
            safe_search: Some(SafeSearch::Strict),
            ..SearchOptions::default()
        };
        let asked = SearchQuery {
            include_domains: vec!["a.com".into()],
            exclude_domains: vec!["b.com".into()],
            topic: Some(Topic::Science),
            options,
            ..query("rust")
        };
        let request = request(&endpoint("https://api.exa.ai/"), &asked);
        assert_eq!(request.url, "https://api.exa.ai/search");
        assert!(request.headers.contains(&("x-api-key".into(), "canary-key".into())));
        let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
        assert_eq!(
            body,
            object!({"query": "rust", "type": "auto", "numResults": 10,
                "category": "research paper",
                "userLocation": "US", "startPublishedDate": "2026-02-22T00:00:00.000Z",
                "endPublishedDate": "2026-02-28T23:59:59.999Z", "includeDomains": ["a.com"],
                "excludeDomains": ["b.com"], "moderation": true})
        );
    }

    #[test]
    fn results_become_hits() {
        let body = r#"{"requestId":"r","resolvedSearchType":"neural","results":[
            {"id":"1","title":"One","url":"https://a.com/1","publishedDate":"2024-01-01T00:00:00.000Z","author":null,
             "score":0.3,"highlights":["first","second"],"highlightScores":[0.4,0.2]},
            {"id":"2","title":null,"url":"https://a.com/2","text":"body"}],"costDollars":{"total":0.005}}"#;
        let hits = parse(&reply(200, body)).unwrap();
        let brief: Vec<_> = hits.iter().map(|h| (h.title.as_str(), h.snippet.as_str())).collect();
        assert_eq!(brief, [("One", "first second"), ("https://a.com/2", "body")]);
    }

    #[test]
    fn a_refused_key_is_final_and_says_why() {
        let body = r#"{"requestId":"r","error":"Invalid API key","tag":"INVALID_API_KEY"}"#;
        assert_eq!(parse(&reply(401, body)), Err(Failure::permanent("Exa answered 401: Invalid API key")));
    }
}
