//! A library's rows: documents, their passages in a full-text index, and crawls. All calls are synchronous.

mod crawls;
mod known;
mod schema;
mod search;

pub use crawls::CrawlRow;
pub use known::Known;

use crate::api::library::{CollectionView, DocumentText, DocumentView};
use crate::library::collection::Collection;
use crate::library::passages::{self, Passage};
use crate::library::query::index_text;
use crate::web::visit::Validators;
use serde::Deserialize;
use std::cell::Cell;
use worker::{Result, SqlStorage, SqlStorageValue};

/// The storage of one library.
pub struct LibraryStore {
    sql: SqlStorage,
    /// The tables are there and up to date.
    is_ready: Cell<bool>,
}

/// A document to be stored.
pub struct NewRow {
    /// What the list shows.
    pub view: DocumentView,
    /// The same page of a collection has the same key.
    pub key: String,
    /// Its text.
    pub markdown: String,
    /// Byte offsets in it at which the pages of a PDF begin.
    pub page_starts: Vec<u32>,
    /// How it came from its URL, if it did.
    pub fetched: Option<Fetched>,
}

/// How a text came from its URL.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// What the page can be compared by.
    pub validators: Validators,
    /// Same-host links of the page.
    pub links: Vec<String>,
}

/// What became of a document that was to be stored.
pub enum Put {
    /// It is new, or its text is.
    Stored(DocumentView),
    /// Its text was there already.
    Unchanged(DocumentView),
    /// There is no room for it.
    Full(String),
}

impl Put {
    /// Whether it is this document.
    pub fn is(&self, id: &str) -> bool {
        matches!(self, Self::Stored(view) | Self::Unchanged(view) if view.id == id)
    }
}

/// Most documents of a library. An object's storage ends at 10 GB: 200 KB each, text and index, of which a usual page
/// takes a tenth.
const DOCUMENTS_MAX: u32 = 50_000;
/// Most collections of a library: more than a person can tell apart.
const COLLECTIONS_MAX: u32 = 100;
/// What the list shows of a document.
const DOCUMENT_COLUMNS: &str = "id, collection, url, title, words, sha256 AS content_sha256, published, author, language, \
     truncated, coalesce(json_array_length(page_starts), 0) AS pages, added_at, gone_at";

#[derive(Deserialize)]
struct DocumentRow {
    id: String,
    collection: Collection,
    url: String,
    title: String,
    words: u32,
    content_sha256: String,
    published: Option<String>,
    author: Option<String>,
    language: Option<String>,
    truncated: u32,
    pages: u32,
    added_at: String,
    gone_at: Option<String>,
}

#[derive(Deserialize)]
struct StoredText {
    markdown: String,
    page_starts: Option<String>,
}

#[derive(Deserialize)]
struct TextRow {
    body: String,
}

#[derive(Deserialize)]
struct CountRow {
    count: u32,
}

#[derive(Deserialize)]
struct NumberRow {
    number: i64,
}

impl LibraryStore {
    /// Over an object's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql, is_ready: Cell::new(false) }
    }

    /// Stores a document and indexes its passages. A document with the same key is replaced and keeps its id; one that
    /// says the same is not indexed again.
    pub fn put(&self, row: NewRow) -> Result<Put> {
        let NewRow { mut view, key, markdown, page_starts, fetched } = row;
        let earlier = self.known(&key)?;
        match &earlier {
            None => {
                if let Some(cause) = self.want_of_room(&view.collection)? {
                    return Ok(Put::Full(cause));
                }
            }
            Some(earlier) => {
                view.id.clone_from(&earlier.id);
                if earlier.sha256 == view.content_sha256 && earlier.title == view.title {
                    view.added_at.clone_from(&earlier.added_at);
                    self.describe(&view, &page_starts, fetched.as_ref())?;
                    return Ok(Put::Unchanged(view));
                }
                self.remove(earlier)?;
            }
        }
        let passages = passages::split(&markdown);
        let query = "SELECT coalesce(max(last_passage), 0) + 1 AS number FROM documents";
        let first = self.number(query)?;
        let last = first.saturating_add(i64::try_from(passages.len()).unwrap_or(0)).saturating_sub(1);
        // The document first: its span keeps later ones off these passages whatever happens between two rows.
        self.sql.exec(
            "INSERT INTO documents (id, key, collection, url, title, words, sha256, truncated, added_at, markdown, \
             first_passage, last_passage) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                view.id.clone().into(),
                key.into(),
                view.collection.as_str().into(),
                view.url.clone().into(),
                view.title.clone().into(),
                i64::from(view.words).into(),
                view.content_sha256.clone().into(),
                i64::from(view.truncated).into(),
                view.added_at.clone().into(),
                markdown.into(),
                SqlStorageValue::try_from_i64(first)?,
                SqlStorageValue::try_from_i64(last)?,
            ],
        )?;
        self.describe(&view, &page_starts, fetched.as_ref())?;
        for (place, passage) in (0_i64..).zip(passages) {
            self.index(first.saturating_add(place), place, &view, &passage, &page_starts)?;
        }
        Ok(Put::Stored(view))
    }

    /// Everything of a stored document that may change while its text stays.
    fn describe(&self, view: &DocumentView, page_starts: &[u32], fetched: Option<&Fetched>) -> Result<()> {
        let starts = (!page_starts.is_empty()).then(|| serde_json::to_string(page_starts)).transpose()?;
        let of_server = |pick: fn(&Fetched) -> Option<String>| fetched.and_then(pick);
        self.sql.exec(
            "UPDATE documents SET url = ?, published = ?, author = ?, language = ?, page_starts = ?, fetched = ?, \
             etag = ?, last_modified = ?, links = ?, checked_at = ?, gone_at = NULL WHERE id = ?",
            vec![
                view.url.clone().into(),
                view.published.clone().into(),
                view.author.clone().into(),
                view.language.clone().into(),
                starts.into(),
                i64::from(fetched.is_some()).into(),
                of_server(|f| f.validators.etag.clone()).into(),
                of_server(|f| f.validators.last_modified.clone()).into(),
                of_server(|f| Some(f.links.join("\n"))).into(),
                crate::edge::clock::now().to_rfc3339().into(),
                view.id.clone().into(),
            ],
        )?;
        Ok(())
    }

    fn index(
        &self,
        row: i64,
        place: i64,
        view: &DocumentView,
        passage: &Passage,
        page_starts: &[u32],
    ) -> Result<()> {
        let text = index_text(&passage.text);
        // Kept apart only where the index needs another spelling (scripts without spaces).
        let original = (text != passage.text).then(|| passage.text.clone());
        self.sql.exec(
            "INSERT INTO passages (rowid, document, place, title, heading, text, original) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            vec![
                SqlStorageValue::try_from_i64(row)?,
                view.id.clone().into(),
                place.into(),
                index_text(&view.title).into(),
                index_text(&passage.heading).into(),
                text.into(),
                original.into(),
            ],
        )?;
        let at = u32::try_from(passage.start).unwrap_or(u32::MAX);
        if let Some(page) = crate::research::page_number(page_starts, at) {
            let values = vec![SqlStorageValue::try_from_i64(row)?, i64::from(page).into()];
            self.sql.exec("INSERT OR REPLACE INTO passage_pages (passage, page) VALUES (?, ?)", values)?;
        }
        Ok(())
    }

    /// Why another document does not fit into this collection, if so.
    fn want_of_room(&self, collection: &Collection) -> Result<Option<String>> {
        if self.count(None)? >= DOCUMENTS_MAX {
            return Ok(Some(format!("the library holds {DOCUMENTS_MAX} documents: delete some first")));
        }
        if self.count(Some(collection))? > 0 {
            return Ok(None);
        }
        let others = self.number("SELECT count(DISTINCT collection) AS number FROM documents")?;
        let full = others >= i64::from(COLLECTIONS_MAX);
        Ok(full.then(|| format!("the library has {COLLECTIONS_MAX} collections: delete one first")))
    }

    /// A document with its text.
    pub fn document(&self, id: &str) -> Result<Option<DocumentText>> {
        let query = format!("SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?");
        let rows = self.sql.exec(&query, vec![id.into()])?.to_array::<DocumentRow>()?;
        let query = "SELECT markdown, page_starts FROM documents WHERE id = ?";
        let text = self.sql.exec(query, vec![id.into()])?.to_array::<StoredText>()?;
        Ok(rows.into_iter().next().zip(text.into_iter().next()).map(|(row, text)| DocumentText {
            document: row.into(),
            markdown: text.markdown,
            page_starts: text.page_starts.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default(),
        }))
    }

    /// Up to `limit` documents whose id is greater than `after`, of one collection or all.
    pub fn list(&self, within: Option<&Collection>, after: &str, limit: u32) -> Result<Vec<DocumentView>> {
        let (of, mut values) = of(within);
        let query =
            format!("SELECT {DOCUMENT_COLUMNS} FROM documents WHERE {of} AND id > ? ORDER BY id LIMIT ?");
        values.extend([after.into(), i64::from(limit).into()]);
        let rows = self.sql.exec(&query, values)?.to_array::<DocumentRow>()?;
        Ok(rows.into_iter().map(DocumentView::from).collect())
    }

    /// How many documents there are, in one collection or all.
    pub fn count(&self, within: Option<&Collection>) -> Result<u32> {
        let (of, values) = of(within);
        let query = format!("SELECT count(*) AS count FROM documents WHERE {of}");
        let rows = self.sql.exec(&query, values)?.to_array::<CountRow>()?;
        Ok(rows.first().map_or(0, |r| r.count))
    }

    /// All collections that hold a document, at most [`COLLECTIONS_MAX`].
    pub fn collections(&self) -> Result<Vec<CollectionView>> {
        let query = "SELECT collection AS name, count(*) AS documents, sum(words) AS words, \
                     max(added_at) AS updated_at FROM documents GROUP BY collection ORDER BY collection";
        self.sql.exec(query, None)?.to_array::<CollectionView>()
    }

    /// Deletes a document with its passages; says whether there was one.
    pub fn delete(&self, id: &str) -> Result<bool> {
        match self.known_as(id)? {
            Some(document) => self.remove(&document).map(|()| true),
            None => Ok(false),
        }
    }

    /// Deletes up to `count` documents of a collection; says how many.
    pub fn delete_some(&self, collection: &Collection, count: u32) -> Result<usize> {
        let some = self.list(Some(collection), "", count)?;
        for document in &some {
            self.delete(&document.id)?;
        }
        Ok(some.len())
    }

    fn remove(&self, document: &Known) -> Result<()> {
        for table in ["passages WHERE rowid", "passage_pages WHERE passage"] {
            let span = vec![
                SqlStorageValue::try_from_i64(document.first_passage)?,
                SqlStorageValue::try_from_i64(document.last_passage)?,
            ];
            self.sql.exec(&format!("DELETE FROM {table} BETWEEN ? AND ?"), span)?;
        }
        self.sql.exec("DELETE FROM documents WHERE id = ?", vec![document.id.clone().into()])?;
        Ok(())
    }

    fn number(&self, query: &str) -> Result<i64> {
        let rows = self.sql.exec(query, None)?.to_array::<NumberRow>()?;
        Ok(rows.first().map_or(0, |r| r.number))
    }
}

/// The condition that a document belongs there, with what it binds.
fn of(within: Option<&Collection>) -> (&'static str, Vec<SqlStorageValue>) {
    match within {
        Some(collection) => ("collection = ?", vec![collection.as_str().into()]),
        None => ("1", Vec::new()),
    }
}

impl From<DocumentRow> for DocumentView {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            collection: row.collection,
            url: row.url,
            title: row.title,
            words: row.words,
            content_sha256: row.content_sha256,
            published: row.published,
            author: row.author,
            language: row.language,
            truncated: row.truncated != 0,
            pages: row.pages,
            added_at: row.added_at,
            gone_at: row.gone_at,
        }
    }
}
