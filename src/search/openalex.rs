//! OpenAlex, papers of all fields: `GET {base}/works?search=..`.

use crate::job::Failure;
use crate::search::phrasing::keywords;
use crate::search::reply::{detail, explained, found, json, list, text, throttled, wait_s};
use crate::search::{Endpoint, Hit, SearchQuery};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every word must be in title, abstract or full text.
const WORDS_MAX: usize = 8;
/// Most results asked for.
const COUNT_MAX: u32 = 20;
/// What is sent of each work: whole records have tens of kilobytes.
const FIELDS: &str = "id,doi,display_name,publication_date,primary_location,best_oa_location,open_access,abstract_inverted_index";
/// Words of an abstract that are put together again.
const ABSTRACT_WORDS_MAX: usize = 100;

const WHO: &str = "OpenAlex";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let text = keywords(&query.text, WORDS_MAX);
    let count = query.count.clamp(1, COUNT_MAX).to_string();
    let filters = [
        ("from_publication_date", query.since()),
        ("to_publication_date", query.options.before_date.clone()),
        ("language", query.language.clone()),
    ];
    let filters: Vec<_> =
        filters.into_iter().filter_map(|(name, value)| Some(format!("{name}:{}", value?))).collect();
    let filter = filters.join(",");
    let mut parameters = vec![("search", text.as_str()), ("per-page", &count), ("select", FIELDS)];
    if !filter.is_empty() {
        parameters.push(("filter", &filter));
    }
    if let Some(mailto) = &endpoint.mailto {
        parameters.push(("mailto", mailto));
    }
    if let Some(key) = &endpoint.api_key {
        parameters.push(("api_key", key));
    }
    endpoint.get(&["works"], &parameters)
}

/// The hits of a reply, best first.
///
/// # Errors
/// As in [`crate::search::codec::parse`]; 403 stands for too many calls when the reply says so.
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    let why = body.as_ref().map(|b| detail(text(b, "message"))).unwrap_or_default();
    if reply.status == 403 && why.to_ascii_lowercase().contains("limit") {
        return Err(throttled(reply, WHO, &why, wait_s(reply)));
    }
    explained(reply, WHO, &why)?;
    let body = body?;
    let works = list(&body, "results", WHO)?;
    Ok(found(works.iter().map(|work| (address(work), title(work), abstract_of(work)))))
}

fn title(work: &Value) -> &str {
    [text(work, "display_name"), text(work, "title")].into_iter().find(|t| !t.is_empty()).unwrap_or_default()
}

/// The best of a work's addresses: where its full text can be read by anybody, its page, its DOI, its record.
fn address(work: &Value) -> &str {
    let part = |name: &str, field: &str| work.get(name).map(|part| text(part, field)).unwrap_or_default();
    let addresses = [
        part("open_access", "oa_url"),
        part("best_oa_location", "landing_page_url"),
        part("best_oa_location", "pdf_url"),
        part("primary_location", "landing_page_url"),
        text(work, "doi"),
        text(work, "id"),
    ];
    addresses.into_iter().find(|url| url.starts_with("http")).unwrap_or_default()
}

/// The beginning of the abstract, which comes as an index of words and their places.
fn abstract_of(work: &Value) -> String {
    let Some(index) = work.get("abstract_inverted_index").and_then(Value::as_object) else {
        return String::new();
    };
    let mut words: BTreeMap<u64, &str> = BTreeMap::new();
    for (word, places) in index {
        let places = places.as_array().into_iter().flatten().filter_map(Value::as_u64);
        words.extend(
            places.filter(|place| *place < ABSTRACT_WORDS_MAX as u64).map(|place| (place, word.as_str())),
        );
    }
    words.into_values().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchOptions;
    use crate::search::codec::tests::{endpoint, query, reply};

    #[test]
    fn days_and_language_become_filters() {
        let options = SearchOptions {
            after_date: Some("2020-01-01".into()),
            before_date: Some("2024-12-31".into()),
            ..SearchOptions::default()
        };
        let asked = SearchQuery { language: Some("en".into()), options, ..query("rust") };
        let anonymous = Endpoint {
            api_key: None,
            mailto: Some("a@b.example".into()),
            ..endpoint("https://api.openalex.org")
        };
        let url = request(&anonymous, &asked).url;
        assert!(url.starts_with("https://api.openalex.org/works?search=rust&per-page=10&select="), "{url}");
        assert!(
            url.ends_with("&filter=from_publication_date%3A2020-01-01%2Cto_publication_date%3A2024-12-31%2Clanguage%3Aen&mailto=a%40b.example"),
            "{url}"
        );
        assert!(request(&endpoint("https://api.openalex.org"), &asked).url.ends_with("&api_key=canary-key"));
    }

    #[test]
    fn works_become_hits_at_their_best_address() {
        let body = r#"{"meta":{"count":3,"page":1},"results":[
            {"id":"https://openalex.org/W1","doi":"https://doi.org/10.1/x","display_name":"One <i>x</i>",
             "open_access":{"is_oa":true,"oa_url":"https://a.org/1.pdf"},"primary_location":{"landing_page_url":"https://a.org/1"},
             "abstract_inverted_index":{"words":[1],"First":[0],"again":[2,4],"and":[3]}},
            {"id":"https://openalex.org/W2","doi":"https://doi.org/10.1/y","title":"Two","open_access":{"oa_url":null},
             "primary_location":null,"abstract_inverted_index":null},
            {"id":"https://openalex.org/W3","display_name":null}]}"#;
        let hits = parse(&reply(200, body)).unwrap();
        let brief: Vec<_> =
            hits.iter().map(|h| (h.url.as_str(), h.title.as_str(), h.snippet.as_str())).collect();
        assert_eq!(
            brief,
            [
                ("https://a.org/1.pdf", "One x", "First words again and again"),
                ("https://doi.org/10.1/y", "Two", ""),
                ("https://openalex.org/W3", "https://openalex.org/W3", ""),
            ]
        );
    }

    #[test]
    fn a_403_for_too_many_calls_passes_and_any_other_does_not() {
        let failed = |message: &str| {
            let body = format!(r#"{{"error":"Forbidden","message":"{message}"}}"#);
            parse(&reply(403, &body)).unwrap_err()
        };
        assert!(matches!(failed("Rate limit exceeded"), Failure::Transient { .. }));
        assert!(matches!(failed("Invalid API key"), Failure::Permanent { .. }));
    }
}
