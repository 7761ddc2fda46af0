//! Bodies and replies of the `/v1/library` routes.

pub mod crawl;
pub mod search;
pub mod upload;

use crate::library::collection::Collection;
use crate::library::crawl::{Crawl, Failed};
use serde::{Deserialize, Serialize};

/// A document as listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentView {
    /// Public id.
    pub id: String,
    /// Where it belongs.
    pub collection: Collection,
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
    /// Pages of a PDF; 0 for everything else.
    pub pages: u32,
    /// RFC 3339; when its text came in.
    pub added_at: String,
    /// RFC 3339; when a crawl found that its page is no longer there. Null as long as it is.
    pub gone_at: Option<String>,
}

/// A document with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentText {
    /// What the list shows.
    #[serde(flatten)]
    pub document: DocumentView,
    /// The stored text.
    pub markdown: String,
    /// Byte offset in it at which each page of a PDF begins; empty for everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_starts: Vec<u32>,
}

/// A collection as listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionView {
    /// Its name.
    pub name: Collection,
    /// How many documents it holds.
    pub documents: u32,
    /// How many words they have.
    pub words: u64,
    /// RFC 3339; when the latest text came in.
    pub updated_at: String,
}

/// All collections of a library; a collection is there as long as it holds a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionList {
    /// In order of their names.
    pub collections: Vec<CollectionView>,
}

/// A page of the list of documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentList {
    /// In order of their ids.
    pub documents: Vec<DocumentView>,
    /// All documents of this library, or of the collection that was asked for.
    pub total: u32,
    /// Send it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A crawl as polled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrawlView {
    /// Public id.
    pub id: String,
    /// Where its pages go.
    pub collection: Collection,
    /// `processing`, `completed`, or `failed` when not one page could be read and none was there.
    pub status: &'static str,
    /// Where it started.
    pub url: String,
    /// Pages read and stored, whose text was new.
    pub pages_read: u32,
    /// Pages whose text was stored already and has not changed.
    pub pages_unchanged: u32,
    /// Pages that were stored and are gone (404 or 410).
    pub pages_removed: u32,
    /// Pages that could not be read.
    pub pages_failed: u32,
    /// Sitemaps read.
    pub sitemaps_read: u32,
    /// Pages known and not yet read.
    pub queued: u32,
    /// Pages in scope that a bound left out.
    pub left_out: u32,
    /// The first failures, of pages and of sitemaps, with their causes.
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
        let found = progress.read.saturating_add(progress.unchanged).saturating_add(progress.removed);
        let failed = crawl.is_done() && found == 0;
        let cause = failures.first().map_or("it was ended before", |failure| failure.cause.as_str());
        let error = failed.then(|| format!("no page could be read: {cause}"));
        Self {
            id,
            collection: crawl.collection().clone(),
            status: match (crawl.is_done(), failed) {
                (false, _) => "processing",
                (true, false) => "completed",
                (true, true) => "failed",
            },
            url,
            pages_read: progress.read,
            pages_unchanged: progress.unchanged,
            pages_removed: progress.removed,
            sitemaps_read: progress.sitemaps,
            pages_failed: progress.failed,
            queued: progress.waiting.saturating_add(progress.open),
            left_out: progress.left_out,
            error,
            failures,
        }
    }
}
