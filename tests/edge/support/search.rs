//! Search engines over the little internet, in the shapes of SearXNG and of Brave.

use super::http::{Reply, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One page that can be found.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// Most hits of one reply.
const HITS_MAX: usize = 10;

/// `GET /search?q=..&format=json`, as a SearXNG instance answers it.
pub(crate) fn searxng(index: &[Entry], request: &Request) -> Reply {
    let (Some(query), "/search") = (request.parameter("q"), request.path.as_str()) else {
        return Reply::status(404);
    };
    if request.parameter("format").as_deref() != Some("json") {
        // What an instance says whose operator has not allowed the format.
        return Reply::status(403);
    }
    let results: Vec<Value> = find(index, &query)
        .into_iter()
        .map(|(entry, score)| {
            json!({"url": entry.url, "title": entry.title, "content": snippet(&entry.text), "engine": "local",
                "engines": ["local"], "score": score, "category": "general", "template": "default.html",
                "publishedDate": null})
        })
        .collect();
    Reply::json(
        200,
        &json!({"query": query, "number_of_results": results.len(), "results": results, "answers": [],
            "corrections": [], "infoboxes": [], "suggestions": [], "unresponsive_engines": []}),
    )
}

/// The same, for an engine that knows no better than to give everything it has, a page of it with each request.
pub(crate) fn everything(index: &[Entry], turn: usize, request: &Request) -> Reply {
    let (Some(query), "/search") = (request.parameter("q"), request.path.as_str()) else {
        return Reply::status(404);
    };
    let from = turn * EVERYTHING_HITS % index.len();
    let results: Vec<Value> = (index.iter().cycle().skip(from).take(EVERYTHING_HITS.min(index.len())))
        .map(|entry| json!({"url": entry.url, "title": entry.title, "content": snippet(&entry.text)}))
        .collect();
    Reply::json(200, &json!({"query": query, "results": results}))
}

/// Hits of one of its replies: the most that is taken of one.
const EVERYTHING_HITS: usize = 20;

/// `GET /res/v1/web/search?q=..` with `X-Subscription-Token`, as the Brave Search API answers it.
pub(crate) fn brave(index: &[Entry], key: &str, request: &Request) -> Reply {
    if request.headers.get("x-subscription-token").map(String::as_str) != Some(key) {
        let error = json!({"type": "ErrorResponse", "error": {"status": 422, "code": "SUBSCRIPTION_TOKEN_INVALID",
            "detail": "The provided subscription token is invalid."}});
        return Reply::json(422, &error);
    }
    let Some(query) = request.parameter("q") else { return Reply::status(422) };
    let results: Vec<Value> = find(index, &query)
        .into_iter()
        .map(|(entry, _)| {
            json!({"type": "search_result", "title": entry.title, "url": entry.url,
                "description": snippet(&entry.text), "language": "en", "family_friendly": true})
        })
        .collect();
    Reply::json(
        200,
        &json!({"type": "search", "query": {"original": query, "more_results_available": false},
            "web": {"type": "search", "results": results}}),
    )
}

/// Pages that share words with the query, best first: rare words count more.
pub(crate) fn find<'a>(index: &'a [Entry], query: &str) -> Vec<(&'a Entry, f64)> {
    let wanted = words(query);
    let pages: Vec<BTreeSet<String>> =
        index.iter().map(|entry| words(&format!("{} {}", entry.title, entry.text))).collect();
    #[expect(clippy::cast_precision_loss, reason = "a handful of pages")]
    let weight = |word: &String| {
        let holding = pages.iter().filter(|page| page.contains(word)).count();
        if holding == 0 { 0.0 } else { (1.0 + index.len() as f64 / holding as f64).ln() }
    };
    let mut hits: Vec<_> = index
        .iter()
        .zip(&pages)
        .map(|(entry, page)| (entry, wanted.intersection(page).map(weight).sum::<f64>()))
        .filter(|(_, score)| *score > 0.0)
        .collect();
    hits.sort_by(|(one, a), (other, b)| b.total_cmp(a).then_with(|| one.url.cmp(&other.url)));
    hits.truncate(HITS_MAX);
    hits
}

/// Lower-case words of four letters and more: the shorter ones are mostly grammar.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= 4)
        .map(str::to_lowercase)
        .collect()
}

pub(crate) fn snippet(text: &str) -> String {
    text.chars().take(160).collect()
}
