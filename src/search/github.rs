//! GitHub: `GET {base}/search/repositories` and `GET {base}/search/issues`.

use crate::job::Failure;
use crate::search::phrasing::keywords;
use crate::search::reply::{detail, explained, found, json, list, text, throttled, until_s, wait_s};
use crate::search::{Endpoint, Hit, SearchQuery};
use crate::web::http::{HttpReply, HttpRequest};

/// Every word must be there: with more of them nothing is found.
const WORDS_MAX: usize = 4;
/// Results of both kinds together.
const COUNT_MAX: u32 = 20;
/// Searches are counted by the minute.
const WINDOW_S: u64 = 60;

const WHO: &str = "GitHub";

/// The calls for a query: repositories, then issues.
#[must_use]
pub fn requests(endpoint: &Endpoint, query: &SearchQuery) -> Vec<HttpRequest> {
    let words = keywords(&query.text, WORDS_MAX);
    let count = query.count.clamp(1, COUNT_MAX).div_ceil(2).to_string();
    let days = match (query.since(), query.options.before_date.as_deref()) {
        (Some(first), Some(last)) => Some(format!("{first}..{last}")),
        (Some(first), None) => Some(format!(">={first}")),
        (None, Some(last)) => Some(format!("<={last}")),
        (None, None) => None,
    };
    // A repository is as old as its last commit.
    let within = |what: &str| days.as_ref().map(|days| format!(" {what}:{days}")).unwrap_or_default();
    let ask = |kind: &str, q: String| {
        let mut request = endpoint.get(&["search", kind], &[("q", &q), ("per_page", &count)]);
        for (name, value) in &mut request.headers {
            if name == "accept" {
                "application/vnd.github+json".clone_into(value);
            }
        }
        request.headers.push(("x-github-api-version".to_owned(), "2022-11-28".to_owned()));
        if let Some(key) = &endpoint.api_key {
            request.headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        }
        request
    };
    vec![
        ask("repositories", format!("{words}{}", within("pushed"))),
        ask("issues", format!("{words} is:issue{}", within("created"))),
    ]
}

/// The hits of either reply, best first.
///
/// # Errors
/// As in [`crate::search::codec::parse`]; 403 stands for too many calls when its headers or its words say so.
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    let body = json(reply, WHO);
    let why = body.as_ref().map(|b| detail(text(b, "message"))).unwrap_or_default();
    if matches!(reply.status, 403 | 429) {
        let used_up = reply.header("x-ratelimit-remaining").map(str::trim) == Some("0");
        if used_up
            || reply.status == 429
            || reply.header("retry-after").is_some()
            || why.contains("rate limit")
        {
            let reset = reply.header("x-ratelimit-reset").and_then(|s| s.trim().parse().ok());
            let wait_s = wait_s(reply).or_else(|| until_s(reply, reset?)).unwrap_or(WINDOW_S);
            return Err(throttled(reply, WHO, &why, Some(wait_s)));
        }
    }
    explained(reply, WHO, &why)?;
    let body = body?;
    let items = list(&body, "items", WHO)?;
    Ok(found(items.iter().map(|item| {
        let title = [text(item, "title"), text(item, "full_name")].into_iter().find(|t| !t.is_empty());
        let about = [text(item, "body"), text(item, "description")].into_iter().find(|t| !t.is_empty());
        (text(item, "html_url"), title.unwrap_or_default(), about.unwrap_or_default())
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchOptions;
    use crate::search::codec::tests::{endpoint, query, reply};

    #[test]
    fn both_kinds_are_asked_for() {
        let options = SearchOptions { after_date: Some("2024-01-01".into()), ..SearchOptions::default() };
        let requests =
            requests(&endpoint("https://api.github.com"), &SearchQuery { options, ..query("rust") });
        let urls: Vec<_> = requests.iter().map(|r| r.url.as_str()).collect();
        assert_eq!(
            urls,
            [
                "https://api.github.com/search/repositories?q=rust+pushed%3A%3E%3D2024-01-01&per_page=5",
                "https://api.github.com/search/issues?q=rust+is%3Aissue+created%3A%3E%3D2024-01-01&per_page=5",
            ]
        );
        assert!(requests[0].headers.contains(&("authorization".into(), "Bearer canary-key".into())));
    }

    #[test]
    fn repositories_and_issues_become_hits() {
        let body = r#"{"total_count":2,"incomplete_results":false,"items":[
            {"full_name":"a/b","html_url":"https://github.com/a/b","description":"A tool","stargazers_count":1},
            {"title":"It fails","html_url":"https://github.com/a/b/issues/1","body":"When I run it","state":"open"}]}"#;
        let hits = parse(&reply(200, body)).unwrap();
        let brief: Vec<_> = hits.iter().map(|h| (h.title.as_str(), h.snippet.as_str())).collect();
        assert_eq!(brief, [("a/b", "A tool"), ("It fails", "When I run it")]);
    }

    #[test]
    fn a_403_for_too_many_calls_is_waited_for_until_its_reset() {
        let limited = |headers: &[(&str, &str)], message: &str| {
            let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let body = format!(r#"{{"message":"{message}","documentation_url":"https://docs.github.com"}}"#)
                .into_bytes();
            parse(&HttpReply { status: 403, headers, body }).unwrap_err()
        };
        let reset = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1795662030"),
            ("date", "Thu, 26 Nov 2026 03:00:00 GMT"),
        ];
        let failure = limited(&reset, "API rate limit exceeded for 1.2.3.4.");
        assert!(matches!(failure, Failure::Transient { retry_after_ms: Some(30_000), .. }), "{failure:?}");
        let failure = limited(&[], "You have exceeded a secondary rate limit.");
        assert!(matches!(failure, Failure::Transient { retry_after_ms: Some(60_000), .. }), "{failure:?}");
        let failure = limited(&[("retry-after", "5")], "slow down");
        assert!(matches!(failure, Failure::Transient { retry_after_ms: Some(5_000), .. }), "{failure:?}");
        assert!(matches!(limited(&[("x-ratelimit-remaining", "9")], "Forbidden"), Failure::Permanent { .. }));
    }
}
