//! arXiv: `GET {base}/api/query`, answered by an Atom feed.

use crate::job::Failure;
use crate::search::phrasing::keywords;
use crate::search::reply::{HITS_MAX, explained, found};
use crate::search::{Endpoint, Hit, SearchQuery};
use crate::web::http::{HttpReply, HttpRequest};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Every word must be in the record: with more of them nothing is found.
const WORDS_MAX: usize = 4;
/// Most results asked for.
const COUNT_MAX: u32 = 20;
/// Elements within elements; a feed has four.
const DEPTH_MAX: usize = 32;
/// Longest text of an element, in bytes; abstracts have up to 2 KB.
const TEXT_BYTES_MAX: usize = 8 * 1024;
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
    let entries = entries(&reply.body)?;
    if let Some(error) = entries.iter().find(|entry| entry.id.contains("/api/errors")) {
        return Err(Failure::permanent(format!(
            "{WHO} refused the search: {}",
            crate::search::reply::detail(&error.summary)
        )));
    }
    Ok(found(entries.into_iter().map(|entry| {
        let page = if entry.page.is_empty() { entry.id } else { entry.page };
        // The feed still names the old scheme, which redirects.
        let page = match page.strip_prefix("http://arxiv.org/") {
            Some(path) => format!("https://arxiv.org/{path}"),
            None => page,
        };
        (page, entry.title, entry.summary)
    })))
}

#[derive(Default)]
struct Entry {
    id: String,
    page: String,
    title: String,
    summary: String,
}

fn entries(feed: &[u8]) -> Result<Vec<Entry>, Failure> {
    let no_feed = || Failure::transient(format!("{WHO} sent a reply that is not a feed"));
    let cut = || Failure::transient(format!("{WHO} sent a feed that was cut off"));
    let mut reader = Reader::from_str(std::str::from_utf8(feed).map_err(|_| no_feed())?);
    let mut path: Vec<String> = Vec::new();
    let (mut entries, mut open, mut is_feed) = (Vec::new(), Entry::default(), false);
    loop {
        match reader.read_event().map_err(|_| no_feed())? {
            Event::Start(start) => {
                let name = name_of(&start);
                is_feed |= path.is_empty() && name == "feed";
                if !is_feed || path.len() >= DEPTH_MAX {
                    return Err(no_feed());
                }
                match_link(&path, &name, &start, &mut open);
                path.push(name);
            }
            Event::Empty(start) => match_link(&path, &name_of(&start), &start, &mut open),
            Event::End(_) => {
                path.pop();
                if path.len() == 1
                    && (!open.id.is_empty() || !open.page.is_empty())
                    && entries.len() < HITS_MAX
                {
                    entries.push(std::mem::take(&mut open));
                }
            }
            Event::Text(text) => add(&path, &mut open, &text),
            Event::CData(text) => add(&path, &mut open, &text),
            // `plain_text` decodes references later, as those of every other provider.
            Event::GeneralRef(name) => {
                add(&path, &mut open, &format!("&{};", &*name));
            }
            Event::Eof if is_feed && path.is_empty() => return Ok(entries),
            Event::Eof => return Err(if is_feed { cut() } else { no_feed() }),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn name_of(start: &BytesStart) -> String {
    start.local_name().as_ref().to_owned()
}

/// Keeps the address of the abstract's page: `<link rel="alternate" href="..">` of an entry.
fn match_link(path: &[String], name: &str, start: &BytesStart, entry: &mut Entry) {
    if name != "link" || path.len() != 2 {
        return;
    }
    let attribute = |wanted: &str| {
        let found = start.attributes().flatten().find(|a| a.key.as_ref() == wanted)?;
        Some(found.value.replace("&amp;", "&"))
    };
    if attribute("rel").is_none_or(|rel| rel == "alternate")
        && let Some(href) = attribute("href")
    {
        entry.page = href;
    }
}

/// Adds text to the entry's part in which it stands.
fn add(path: &[String], entry: &mut Entry, text: &str) {
    let [_, parent, name] = path else { return };
    if parent != "entry" {
        return;
    }
    let part = match name.as_str() {
        "id" => &mut entry.id,
        "title" => &mut entry.title,
        "summary" => &mut entry.summary,
        _ => return,
    };
    if part.len().saturating_add(text.len()) <= TEXT_BYTES_MAX {
        part.push_str(if name == "id" { text.trim() } else { text });
    }
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
