//! Serper, Google's results: `POST {base}/search`, or `/news` by topic, keyed by `X-API-KEY`.

use crate::job::Failure;
use crate::search::phrasing::phrase;
use crate::search::reply::{detail, explained, found, json, list, text};
use crate::search::{Endpoint, Hit, Recency, SearchQuery, Topic};
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::{Value, json as object};

/// Google cuts queries at 2,048 characters; nothing useful is as long.
const TEXT_CHARS_MAX: usize = 400;
/// Google ignores words beyond.
const TEXT_WORDS_MAX: usize = 32;
/// Beyond ten results a call costs twice as much.
const COUNT_MAX: u32 = 10;

const WHO: &str = "Serper";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let path = if query.topic == Some(Topic::News) { "news" } else { "search" };
    let mut body = object!({
        "q": phrase(query, TEXT_CHARS_MAX, TEXT_WORDS_MAX),
        "num": query.count.clamp(1, COUNT_MAX),
    });
    let options = &query.options;
    let settings = [
        ("gl", options.country.as_deref().map(str::to_ascii_lowercase)),
        ("hl", query.language.clone()),
        ("tbs", span(query)),
    ];
    for (name, value) in settings {
        if let (Some(body), Some(value)) = (body.as_object_mut(), value) {
            body.insert(name.to_owned(), value.into());
        }
    }
    let mut request = endpoint.post(&[path], &body);
    request.headers.push(("x-api-key".to_owned(), endpoint.key().to_owned()));
    request
}

/// Google's own form of a span of time: `qdr:w`, or a range of days written the American way.
fn span(query: &SearchQuery) -> Option<String> {
    let options = &query.options;
    if let (Some(recency), None, None) = (options.recency, &options.after_date, &options.before_date) {
        let letter = match recency {
            Recency::Day => 'd',
            Recency::Week => 'w',
            Recency::Month => 'm',
            Recency::Year => 'y',
        };
        return Some(format!("qdr:{letter}"));
    }
    let american = |day: &str| {
        let mut parts = day.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        Some(format!("{}/{}/{year}", month.trim_start_matches('0'), day.trim_start_matches('0')))
    };
    let first = query.since().as_deref().and_then(american).map(|day| format!(",cd_min:{day}"));
    let last = options.before_date.as_deref().and_then(american).map(|day| format!(",cd_max:{day}"));
    if first.is_none() && last.is_none() {
        return None;
    }
    Some(format!("cdr:1{}{}", first.unwrap_or_default(), last.unwrap_or_default()))
}

/// The hits of a reply, best first.
///
/// # Errors
/// As in [`crate::search::codec::parse`].
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    explained(reply, WHO, &body.as_ref().map(|b| detail(text(b, "message"))).unwrap_or_default())?;
    let body = body?;
    let results = match body.get("news") {
        Some(Value::Array(news)) => news.as_slice(),
        _ => list(&body, "organic", WHO)?,
    };
    Ok(found(results.iter().map(|hit| (text(hit, "link"), text(hit, "title"), text(hit, "snippet")))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchOptions;
    use crate::search::codec::tests::{endpoint, query, reply};

    fn sent(query: &SearchQuery) -> (String, Value) {
        let request = request(&endpoint("https://google.serper.dev"), query);
        assert!(request.headers.contains(&("x-api-key".into(), "canary-key".into())));
        (request.url, serde_json::from_str(&request.body.unwrap()).unwrap())
    }

    #[test]
    fn options_are_passed_on_in_google_s_words() {
        let options = SearchOptions {
            country: Some("DE".into()),
            after_date: Some("2024-01-09".into()),
            before_date: Some("2024-12-31".into()),
            ..SearchOptions::default()
        };
        let asked = SearchQuery {
            language: Some("de".into()),
            include_domains: vec!["a.com".into()],
            options,
            ..query("rust")
        };
        assert_eq!(
            sent(&asked),
            (
                "https://google.serper.dev/search".into(),
                object!({"q": "rust site:a.com", "num": 10, "gl": "de", "hl": "de",
                    "tbs": "cdr:1,cd_min:1/9/2024,cd_max:12/31/2024"})
            )
        );
        let options = SearchOptions { recency: Some(Recency::Month), ..SearchOptions::default() };
        let (url, body) = sent(&SearchQuery { topic: Some(Topic::News), options, ..query("rust") });
        assert_eq!((url.as_str(), &body["tbs"]), ("https://google.serper.dev/news", &object!("qdr:m")));
    }

    #[test]
    fn organic_results_and_news_become_hits() {
        for name in ["organic", "news"] {
            let body = object!({"searchParameters": {"q": "x"}, "credits": 1,
                name: [{"title": "One", "link": "https://a.com/1", "snippet": "words", "position": 1}]});
            let hits = parse(&reply(200, &body.to_string())).unwrap();
            assert_eq!(
                (hits.len(), hits[0].url.as_str(), hits[0].snippet.as_str()),
                (1, "https://a.com/1", "words")
            );
        }
    }

    #[test]
    fn a_refused_key_is_final_and_says_why() {
        let failure = parse(&reply(403, r#"{"message":"Unauthorized.","statusCode":403}"#)).unwrap_err();
        assert_eq!(failure, Failure::permanent("Serper answered 403: Unauthorized."));
    }
}
