//! Hacker News by Algolia: `GET {base}/api/v1/search`.

use crate::job::Failure;
use crate::search::options::unix_s;
use crate::search::phrasing::keywords;
use crate::search::reply::{detail, explained, found, json, list, text};
use crate::search::{Endpoint, Hit, SearchQuery};
use crate::web::http::{HttpReply, HttpRequest};

/// Every word must be in the story: with more of them nothing is found.
const WORDS_MAX: usize = 5;
/// Most results asked for.
const COUNT_MAX: u32 = 20;
/// Seconds of a day.
const DAY_S: i64 = 24 * 60 * 60;
/// Where a story without a page of its own is discussed.
const THREAD: &str = "https://news.ycombinator.com/item?id=";

const WHO: &str = "Hacker News search";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let words = keywords(&query.text, WORDS_MAX);
    let count = query.count.clamp(1, COUNT_MAX).to_string();
    let first = query.since().as_deref().and_then(unix_s).map(|s| format!("created_at_i>={s}"));
    let last = query.options.before_date.as_deref().and_then(unix_s);
    let last = last.map(|s| format!("created_at_i<{}", s.saturating_add(DAY_S)));
    let filters = first.into_iter().chain(last).collect::<Vec<_>>().join(",");
    let mut parameters = vec![("query", words.as_str()), ("tags", "story"), ("hitsPerPage", &count)];
    if !filters.is_empty() {
        parameters.push(("numericFilters", &filters));
    }
    endpoint.get(&["api", "v1", "search"], &parameters)
}

/// The hits of a reply, best first: the pages that stories point to, and the threads of those that are only text.
///
/// # Errors
/// As in [`crate::search::codec::parse`].
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    explained(reply, WHO, &body.as_ref().map(|b| detail(text(b, "message"))).unwrap_or_default())?;
    let body = body?;
    let hits = list(&body, "hits", WHO)?.iter().filter_map(|hit| {
        let id = text(hit, "objectID");
        let url = match text(hit, "url") {
            "" if id.is_empty() => return None,
            "" => format!("{THREAD}{id}"),
            url => url.to_owned(),
        };
        Some((url, text(hit, "title"), text(hit, "story_text")))
    });
    Ok(found(hits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchOptions;
    use crate::search::codec::tests::{endpoint, query, reply};

    #[test]
    fn days_become_seconds() {
        let options = SearchOptions {
            after_date: Some("1970-01-02".into()),
            before_date: Some("1970-01-03".into()),
            ..SearchOptions::default()
        };
        let url = request(&endpoint("https://hn.algolia.com"), &SearchQuery { options, ..query("rust") }).url;
        assert_eq!(
            url,
            "https://hn.algolia.com/api/v1/search?query=rust&tags=story&hitsPerPage=10&numericFilters=created_at_i%3E%3D86400%2Ccreated_at_i%3C259200"
        );
    }

    #[test]
    fn stories_become_their_pages_or_their_threads() {
        let body = r#"{"hits":[
            {"objectID":"1","title":"One","url":"https://a.com/1","author":"x","points":9,"num_comments":3,"created_at":"2024-01-01T00:00:00Z"},
            {"objectID":"2","title":"Ask HN","url":null,"story_text":"a <p>question</p>"},{"title":"nothing"}],
            "nbHits":2,"page":0,"nbPages":1,"hitsPerPage":10}"#;
        let hits = parse(&reply(200, body)).unwrap();
        let brief: Vec<_> = hits.iter().map(|h| (h.url.as_str(), h.snippet.as_str())).collect();
        assert_eq!(
            brief,
            [("https://a.com/1", ""), ("https://news.ycombinator.com/item?id=2", "a question")]
        );
    }
}
