//! arXiv: `GET {base}/api/query`, answered by an Atom feed.

use crate::job::Failure;
use crate::search::phrasing::keywords;
use crate::search::reply::{HITS_MAX, explained, found};
use crate::search::{Endpoint, Hit, SearchQuery};
use crate::web::atom::{NotAFeed, entries};
use crate::web::http::{HttpReply, HttpRequest};

/// Every word must be in the record: with more of them nothing is found.
const WORDS_MAX: usize = 4;
/// Most results asked for.
const COUNT_MAX: u32 = 20;
/// The first and the last day that a range can name.
const FIRST_DAY: &str = "19910101";
const LAST_DAY: &str = "29991231";

const WHO: &str = "arXiv";

/// The call for a query.
#[must_use]
pub fn request(endpoint: &Endpoint, query: &SearchQuery) -> HttpRequest {
    let text = keywords(&query.text, WORDS_MAX);
    // Quotes, brackets and colons are the query language's own.
    let clean = text.replace(['"', '(', ')', ':', '[', ']'], " ");
    let mut terms: Vec<String> = clean.split_whitespace().map(|word| format!("all:{word}")).collect();
    let day = |day: &str| day.replace('-', "");
    let (first, last) = (query.since(), &query.options.before_date);
    if first.is_some() || last.is_some() {
        let first = first.as_deref().map_or(FIRST_DAY.to_owned(), day);
        let last = last.as_deref().map_or(LAST_DAY.to_owned(), day);
        terms.push(format!("submittedDate:[{first}0000 TO {last}2359]"));
    }
    let count = query.count.clamp(1, COUNT_MAX).to_string();
    let parameters = [
        ("search_query", terms.join(" AND ")),
        ("start", "0".to_owned()),
        ("max_results", count),
        ("sortBy", "relevance".to_owned()),
        ("sortOrder", "descending".to_owned()),
    ];
    let parameters = parameters.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut request = endpoint.get(&["api", "query"], &parameters);
    for (name, value) in &mut request.headers {
        if name == "accept" {
            "application/atom+xml".clone_into(value);
        }
    }
    request
}

/// The hits of a reply, best first.
///
/// # Errors
/// As in [`crate::search::codec::parse`]; arXiv reports errors as an entry of a feed as well.
pub fn parse(reply: &HttpReply) -> Result<Vec<Hit>, Failure> {
    explained(reply, WHO, "")?;
    let unreadable = |why: NotAFeed| Failure::transient(format!("{WHO} sent {why}"));
    let feed = std::str::from_utf8(&reply.body).map_err(|_| unreadable(NotAFeed::Other))?;
    let entries = entries(feed, HITS_MAX).map_err(unreadable)?;
    if let Some(error) = entries.iter().find(|entry| entry.text("id").contains("/api/errors")) {
        let detail = crate::search::reply::detail(&error.text("summary"));
        return Err(Failure::permanent(format!("{WHO} refused the search: {detail}")));
    }
    Ok(found(entries.into_iter().map(|entry| {
        let page = if entry.page.is_empty() { entry.text("id") } else { entry.page.clone() };
        // The feed still names the old scheme, which redirects.
        let page = match page.strip_prefix("http://arxiv.org/") {
            Some(path) => format!("https://arxiv.org/{path}"),
            None => page,
        };
        (page, entry.raw("title").to_owned(), entry.raw("summary").to_owned())
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchOptions;
    use crate::search::codec::tests::{endpoint, query, reply};

    #[test]
    fn words_and_days_become_arxiv_s_query() {
        let url = request(
            &endpoint("https://export.arxiv.org"),
            &query("What is the (quantum) error: correction?"),
        )
        .url;
        assert!(
            url.starts_with("https://export.arxiv.org/api/query?search_query=all%3Aquantum+AND+all%3Aerror+AND+all%3Acorrection&start=0&max_results=10&"),
            "{url}"
        );
        let options = SearchOptions { before_date: Some("2024-12-31".into()), ..SearchOptions::default() };
        let url =
            request(&endpoint("https://export.arxiv.org"), &SearchQuery { options, ..query("rust") }).url;
        assert!(
            url.contains("search_query=all%3Arust+AND+submittedDate%3A%5B199101010000+TO+202412312359%5D&"),
            "{url}"
        );
    }

    const FEED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?search_query%3Dall:x" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=all:x</title>
  <id>http://arxiv.org/api/cHxbiOdZaP56ODnBPIenZhzg5f8</id>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">2</opensearch:totalResults>
  <entry>
    <id>http://arxiv.org/abs/hep-ex/0307015v1</id>
    <published>2003-07-07T13:46:39-04:00</published>
    <title>Multi-Electron Production at
  High Q&amp;A</title>
    <summary>  Multi-electron production is &lt;b&gt;studied&lt;/b&gt;.
</summary>
    <author><name>H1 Collaboration</name><arxiv:affiliation xmlns:arxiv="http://arxiv.org/schemas/atom">X</arxiv:affiliation></author>
    <link href="http://arxiv.org/abs/hep-ex/0307015v1" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/hep-ex/0307015v1" rel="related" type="application/pdf"/>
  </entry>
  <entry><id>https://a.org/abs/2</id><title><![CDATA[Two]]></title></entry>
</feed>"#;

    #[test]
    fn entries_become_hits() {
        let hits = parse(&reply(200, FEED)).unwrap();
        let brief: Vec<_> =
            hits.iter().map(|h| (h.url.as_str(), h.title.as_str(), h.snippet.as_str())).collect();
        assert_eq!(
            brief,
            [
                (
                    "https://arxiv.org/abs/hep-ex/0307015v1",
                    "Multi-Electron Production at High Q&A",
                    "Multi-electron production is <b>studied</b>."
                ),
                ("https://a.org/abs/2", "Two", ""),
            ]
        );
    }

    #[test]
    fn a_feed_without_entries_is_an_answer_and_half_a_feed_is_none() {
        assert_eq!(parse(&reply(200, "<feed><title>x</title></feed>")), Ok(Vec::new()));
        for at in [20, 300, 900, FEED.len() - 8] {
            assert!(
                matches!(parse(&reply(200, FEED.get(..at).unwrap())), Err(Failure::Transient { .. })),
                "{at}"
            );
        }
    }

    #[test]
    fn an_entry_that_tells_of_an_error_is_no_hit() {
        let body = r#"<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#incorrect_id_format_for_1</id>
            <title>Error</title><summary>incorrect id format for 1</summary></entry></feed>"#;
        assert_eq!(
            parse(&reply(200, body)),
            Err(Failure::permanent("arXiv refused the search: incorrect id format for 1"))
        );
    }
}
