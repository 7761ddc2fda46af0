//! Bodies and replies of the `/v1/library` routes.

use crate::api::ApiError;
use crate::api::request::{Fields, json_object};
use crate::library::crawl::{Crawl, Failed};
use serde::{Deserialize, Serialize};

/// A document to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDocument {
    /// Where it is or what it is.
    pub content: Content,
    /// Title that overrides the document's own.
    #[serde(default)]
    pub title: Option<String>,
    /// Address under which it is cited; without one it gets an address of its own in this API.
    #[serde(default)]
    pub url: Option<String>,
}

/// What a document is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Fetched from its URL.
    Fetch,
    /// HTML, extracted like a page.
    Html(String),
    /// Markdown, kept as it is.
    Markdown(String),
    /// Plain text.
    Text(String),
}

/// A site to be crawled within its start URL's origin and folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCrawl {
    /// Where to start.
    pub url: String,
    /// Most pages read.
    pub max_pages: u32,
    /// Most links away from the start.
    pub max_depth: u32,
}

/// A document as listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentView {
    /// Public id.
    pub id: String,
    /// Address under which it is cited.
    pub url: String,
    /// Title.
    pub title: String,
    /// Words of main content.
    pub words: u32,
    /// SHA-256 of the stored Markdown.
    pub content_sha256: String,
    /// Day of publication, when stated.
    pub published: Option<String>,
    /// Author, when stated.
    pub author: Option<String>,
    /// Language, when known.
    pub language: Option<String>,
    /// Only the beginning was read.
    pub truncated: bool,
    /// RFC 3339.
    pub added_at: String,
}

/// A document with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentText {
    /// What the list shows.
    #[serde(flatten)]
    pub document: DocumentView,
    /// The stored text.
    pub markdown: String,
}

/// A page of the list of documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentList {
    /// In order of their ids.
    pub documents: Vec<DocumentView>,
    /// All documents of this library.
    pub total: u32,
    /// Send it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A crawl as polled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrawlView {
    /// Public id.
    pub id: String,
    /// `processing`, `completed`, or `failed` when not one page could be read.
    pub status: &'static str,
    /// Where it started.
    pub url: String,
    /// Pages read and stored.
    pub pages_read: u32,
    /// Pages that could not be read.
    pub pages_failed: u32,
    /// Pages known and not yet read.
    pub queued: u32,
    /// Pages in scope that a bound left out.
    pub left_out: u32,
    /// The first failures, with their causes.
    pub failures: Vec<Failed>,
    /// Why it failed; null otherwise.
    pub error: Option<String>,
}

impl CrawlView {
    /// What polling shows of a crawl.
    #[must_use]
    pub fn new(id: String, url: String, crawl: &Crawl) -> Self {
        let progress = crawl.progress();
        let failures = crawl.failures().to_vec();
        let failed = crawl.is_done() && progress.read == 0;
        Self {
            id,
            status: match (crawl.is_done(), failed) {
                (false, _) => "processing",
                (true, false) => "completed",
                (true, true) => "failed",
            },
            url,
            pages_read: progress.read,
            pages_failed: progress.failed,
            queued: progress.waiting.saturating_add(progress.open),
            left_out: progress.left_out,
            error: failures.first().filter(|_| failed).map(|f| format!("no page could be read: {}", f.cause)),
            failures,
        }
    }
}

/// Longest body of a new document, in bytes: as much HTML as a page may have.
pub const DOCUMENT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Longest URL.
const URL_CHARS_MAX: usize = 2_048;
/// Longest title.
const TITLE_CHARS_MAX: usize = 300;
/// Pages of a crawl when none are named.
const CRAWL_PAGES: u32 = 100;
/// Depth of a crawl when none is named.
const CRAWL_DEPTH: u32 = 5;

/// Reads the body of `POST /v1/library/documents`.
pub fn new_document(body: &[u8]) -> Result<NewDocument, ApiError> {
    let object = json_object(body, DOCUMENT_BYTES_MAX)?;
    let mut fields = Fields { object: &object, problems: Vec::new() };
    let title = fields.text("title", TITLE_CHARS_MAX);
    let url = fields.text("url", URL_CHARS_MAX);
    let html = fields.text("html", DOCUMENT_BYTES_MAX).map(Content::Html);
    let markdown = fields.text("markdown", DOCUMENT_BYTES_MAX).map(Content::Markdown);
    let text = fields.text("text", DOCUMENT_BYTES_MAX).map(Content::Text);
    let mut given: Vec<Content> = [html, markdown, text].into_iter().flatten().collect();
    match (given.pop(), given.is_empty(), url.is_some()) {
        _ if !fields.problems.is_empty() => Err(ApiError::BadRequest { problems: fields.problems }),
        (Some(content), true, _) => Ok(NewDocument { content, title, url }),
        (None, _, true) => Ok(NewDocument { content: Content::Fetch, title, url }),
        (Some(_), false, _) => Err(ApiError::bad_request("send only one of `html`, `markdown` and `text`")),
        (None, _, false) => {
            Err(ApiError::bad_request("send `url` to have it fetched, or one of `html`, `markdown`, `text`"))
        }
    }
}

/// Reads the body of `POST /v1/library/crawls`.
pub fn new_crawl(body: &[u8]) -> Result<NewCrawl, ApiError> {
    let object = json_object(body, crate::api::request::BODY_BYTES_MAX)?;
    let mut fields = Fields { object: &object, problems: Vec::new() };
    let url = fields.text("url", URL_CHARS_MAX);
    if url.is_none() && fields.problems.is_empty() {
        fields.problems.push("`url` is required: send the address of the page to start from".into());
    }
    let max_pages = fields.count(&["max_pages", "maxPages"], crate::library::crawl::PAGES_MAX);
    let max_depth = match fields.get(&["max_depth", "maxDepth"]) {
        Some((_, zero)) if zero.as_u64() == Some(0) => Some(0),
        _ => fields.count(&["max_depth", "maxDepth"], crate::library::crawl::DEPTH_MAX),
    };
    if !fields.problems.is_empty() {
        return Err(ApiError::BadRequest { problems: fields.problems });
    }
    Ok(NewCrawl {
        url: url.unwrap_or_default(),
        max_pages: max_pages.unwrap_or(CRAWL_PAGES),
        max_depth: max_depth.unwrap_or(CRAWL_DEPTH),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_from_exactly_one_source() {
        let fetched = new_document(br#"{"url":"https://a.example/x"}"#).unwrap();
        assert_eq!(fetched.content, Content::Fetch);
        let given =
            new_document(br##"{"markdown":"# Hi","url":"https://a.example/x","title":"T"}"##).unwrap();
        assert_eq!(given.content, Content::Markdown("# Hi".into()));
        assert_eq!(given.url.as_deref(), Some("https://a.example/x"));
        for bad in ["{}", r#"{"html":"a","text":"b"}"#, r#"{"text":7}"#] {
            assert_eq!(new_document(bad.as_bytes()).unwrap_err().status(), 400, "{bad}");
        }
    }

    #[test]
    fn a_crawl_has_defaults_and_bounds() {
        let crawl = new_crawl(br#"{"url":"https://a.example/","max_pages":100000,"max_depth":0}"#).unwrap();
        assert_eq!((crawl.max_pages, crawl.max_depth), (crate::library::crawl::PAGES_MAX, 0));
        assert_eq!(new_crawl(b"{}").unwrap_err().status(), 400);
    }
}
