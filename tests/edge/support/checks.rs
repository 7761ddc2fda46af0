//! What holds for every reply about a job.

use super::Api;
use super::pages::collapse;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Types and words that webclaw's clients rely on: integers where Go decodes integers, both spellings of a finding.
#[track_caller]
pub(crate) fn wire_types(job: &Value) {
    let status = job["status"].as_str().unwrap_or_default();
    assert!(["processing", "completed", "failed"].contains(&status), "status of {job:#}");
    for member in ["id", "query", "state", "phase", "created_at"] {
        assert!(job[member].is_string(), "{member} is no string in {job:#}");
    }
    for member in ["sources_count", "findings_count", "iterations", "elapsed_ms"] {
        assert!(job[member].is_u64(), "{member} is no integer in {job:#}");
    }
    for member in ["percent", "round", "queries", "pages_read", "findings"] {
        assert!(job["progress"][member].is_u64(), "progress.{member} is no integer in {job:#}");
    }
    if status != "completed" {
        return;
    }
    assert!(!job["report"].as_str().unwrap_or_default().is_empty(), "no report in {job:#}");
    assert!(job["stop_reason"].is_string(), "no stop_reason in {job:#}");
    assert_eq!(job["sources_count"].as_u64(), Some(list(job, "sources").len() as u64), "{job:#}");
    assert_eq!(job["findings_count"].as_u64(), Some(list(job, "findings").len() as u64), "{job:#}");
    for source in list(job, "sources") {
        assert!(source["url"].is_string() && source["title"].is_string(), "{source:#}");
        assert!(source["words"].is_u64(), "words is no integer in {source:#}");
    }
    for finding in list(job, "findings") {
        assert!(finding["fact"].is_string() && finding["fact"] == finding["claim"], "{finding:#}");
        assert!(
            finding["source_url"].is_string() && finding["source_url"] == finding["source"],
            "{finding:#}"
        );
        assert!(
            ["high", "medium", "low"].contains(&finding["confidence"].as_str().unwrap_or("")),
            "{finding:#}"
        );
        assert!(finding["relevance"].is_number(), "{finding:#}");
    }
    for member in ["total", "verified", "repaired", "dropped", "unsupported_sentences"] {
        assert!(job["citation_audit"][member].is_u64(), "citation_audit.{member} is no integer in {job:#}");
    }
}

/// Every mark of the report leads to a numbered source, every source is cited, and every citation's quote stands in the
/// text that `stored` has for its page.
#[track_caller]
pub(crate) fn citations(job: &Value, stored: impl Fn(&str) -> Option<String>) {
    let report = job["report"].as_str().expect("a completed job has a report");
    let sources: BTreeMap<u64, &str> = (1..)
        .zip(list(job, "sources"))
        .map(|(place, source)| {
            (source["n"].as_u64().unwrap_or(place), source["url"].as_str().expect("a source has a url"))
        })
        .collect();
    let marks = marks(report);
    for n in &marks {
        assert!(sources.contains_key(n), "[{n}] leads nowhere in {report}");
    }
    let cited: BTreeSet<u64> =
        list(job, "citations").iter().filter_map(|citation| citation["n"].as_u64()).collect();
    assert_eq!(marks, cited, "the marks of the report and the citations differ:\n{report}");
    assert_eq!(cited, sources.keys().copied().collect(), "only cited sources are numbered:\n{report}");
    for citation in list(job, "citations") {
        let n = citation["n"].as_u64().unwrap_or_else(|| panic!("no n in {citation:#}"));
        let url = without_fragment(sources[&n]);
        assert_eq!(without_fragment(citation["url"].as_str().unwrap_or_default()), url, "{citation:#}");
        let quote = collapse(citation["quote"].as_str().unwrap_or_default());
        let text = stored(url).unwrap_or_else(|| panic!("{url} was never read"));
        assert!(!quote.is_empty() && collapse(&text).contains(&quote), "{quote:?} does not stand in {url}");
    }
}

/// Every citation's quote is the very text at its offsets in what `stored` has for its page.
#[track_caller]
pub(crate) fn offsets(job: &Value, stored: impl Fn(&str) -> Option<String>) {
    for citation in list(job, "citations") {
        let place = |member: &str| usize::try_from(citation[member].as_u64()?).ok();
        let (Some(start), Some(end)) = (place("start"), place("end")) else {
            panic!("no offsets in {citation:#}")
        };
        let text = stored(without_fragment(citation["url"].as_str().unwrap_or_default())).unwrap_or_default();
        assert_eq!(text.get(start..end), citation["quote"].as_str(), "{citation:#}");
    }
}

/// What the library has stored for a page, by URL.
pub(crate) fn stored_in_library(api: &Api) -> impl Fn(&str) -> Option<String> {
    let ids: BTreeMap<String, String> = documents(api)
        .iter()
        .filter_map(|document| {
            Some((document["url"].as_str()?.to_owned(), document["id"].as_str()?.to_owned()))
        })
        .collect();
    let api = api.clone();
    move |url| {
        let stored = api.get(&format!("/v1/library/documents/{}", ids.get(url)?)).expect(200).json;
        stored["markdown"].as_str().map(str::to_owned)
    }
}

/// Every document of the library, page after page of the list.
#[track_caller]
pub(crate) fn documents(api: &Api) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("/v1/library/documents{cursor}")).expect(200).json;
        all.extend_from_slice(list(&page, "documents"));
        match page["next_cursor"].as_str() {
            Some(next) => {
                let next = url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>();
                cursor = format!("?cursor={next}");
            }
            None => return all,
        }
    }
}

/// How many pages a crawl has read, how many it could not read, and how many wait.
#[track_caller]
pub(crate) fn crawl_counts(crawl: &Value) -> (u64, u64, u64) {
    let count = |member: &str| crawl[member].as_u64().unwrap_or_else(|| panic!("no {member} in {crawl:#}"));
    (count("pages_read"), count("pages_failed"), count("queued"))
}

/// The URLs of the cited sources.
pub(crate) fn source_urls(job: &Value) -> BTreeSet<String> {
    list(job, "sources").iter().filter_map(|source| source["url"].as_str().map(str::to_owned)).collect()
}

/// A member that is a list; none counts as empty.
pub(crate) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The numbers in `[1]`, `[2]`; a link such as `[2](..)` is none of them.
fn marks(report: &str) -> BTreeSet<u64> {
    let pieces = report.split('[').skip(1);
    let closed = pieces.filter_map(|piece| piece.split_once(']'));
    closed.filter(|(_, rest)| !rest.starts_with('(')).filter_map(|(number, _)| number.parse().ok()).collect()
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

#[test]
fn a_mark_is_a_number_in_brackets_that_is_no_link() {
    assert_eq!(
        marks("One [1][3]. Two [link](http://x/) [2](http://y/) [a] [12]"),
        BTreeSet::from([1, 3, 12])
    );
}
