//! A library's rows: documents, their passages in a full-text index, and crawls. All calls are synchronous.

use crate::api::library::{DocumentText, DocumentView};
use crate::library::crawl::Crawl;
use crate::library::passages;
use crate::library::query::rank::{PassageRow, ROWS_MAX, rank_documents};
use crate::library::query::{fts_query, index_text};
use crate::search::fusion::DomainRules;
use crate::search::{Hit, SearchQuery};
use serde::Deserialize;
use url::Url;
use worker::{Error, Result, SqlStorage, SqlStorageValue};

/// The storage of one library.
pub struct LibraryStore {
    sql: SqlStorage,
}

/// A document to be stored.
pub struct NewRow {
    /// What the list shows.
    pub view: DocumentView,
    /// The same page has the same key.
    pub key: String,
    /// Its text.
    pub markdown: String,
}

/// A crawl as stored.
pub struct CrawlRow {
    /// Public id.
    pub id: String,
    /// Where it started.
    pub url: String,
    /// Its state.
    pub crawl: Crawl,
}

const DOCUMENT_COLUMNS: &str =
    "id, url, title, words, sha256 AS content_sha256, published, author, language, truncated, added_at";
/// What a match in the title, the heading path and the text counts, in `bm25()`: titles and headings are few words that
/// say what a passage is about.
const BM25: &str = "bm25(passages, 0.0, 0.0, 4.0, 2.0, 1.0)";

#[derive(Deserialize)]
struct DocumentRow {
    id: String,
    url: String,
    title: String,
    words: u32,
    content_sha256: String,
    published: Option<String>,
    author: Option<String>,
    language: Option<String>,
    truncated: u32,
    added_at: String,
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
struct SpanRow {
    id: String,
    first_passage: i64,
    last_passage: i64,
}

#[derive(Deserialize)]
struct StoredCrawl {
    id: String,
    url: String,
    state: String,
}

impl LibraryStore {
    /// Over an object's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Creates the tables unless they exist. Only what adds something calls it: reading an empty library leaves no table.
    pub fn create(&self) -> Result<()> {
        for table in [
            "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, url TEXT NOT NULL, \
             title TEXT NOT NULL, words INTEGER NOT NULL, sha256 TEXT NOT NULL, published TEXT, author TEXT, \
             language TEXT, truncated INTEGER NOT NULL, added_at TEXT NOT NULL, markdown TEXT NOT NULL, \
             first_passage INTEGER NOT NULL, last_passage INTEGER NOT NULL)",
            "CREATE VIRTUAL TABLE IF NOT EXISTS passages USING fts5(document UNINDEXED, place UNINDEXED, title, heading, \
             text, original UNINDEXED, tokenize = 'porter unicode61')",
            "CREATE TABLE IF NOT EXISTS crawls (id TEXT PRIMARY KEY, url TEXT NOT NULL, state TEXT NOT NULL, \
             done INTEGER NOT NULL)",
        ] {
            self.sql.exec(table, None)?;
        }
        Ok(())
    }

    /// Whether anything was ever added.
    pub fn exists(&self) -> Result<bool> {
        let tables =
            self.sql.exec("SELECT name AS body FROM sqlite_master WHERE name = 'documents'", None)?;
        Ok(!tables.to_array::<TextRow>()?.is_empty())
    }

    /// Stores a document and indexes its passages. A document with the same key is replaced and keeps its id.
    pub fn put(&self, row: NewRow) -> Result<DocumentView> {
        let NewRow { mut view, key, markdown } = row;
        if let Some(earlier) = self.span("key", &key)? {
            self.remove(&earlier)?;
            view.id = earlier.id;
        }
        let passages = passages::split(&markdown);
        let first = self.next_passage()?;
        let last = first.saturating_add(i64::try_from(passages.len()).unwrap_or(0)).saturating_sub(1);
        // The document first: its span keeps later ones off these passages whatever happens between two rows.
        self.sql.exec(
            "INSERT INTO documents (id, key, url, title, words, sha256, published, author, language, truncated, \
             added_at, markdown, first_passage, last_passage) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                view.id.clone().into(),
                key.into(),
                view.url.clone().into(),
                view.title.clone().into(),
                i64::from(view.words).into(),
                view.content_sha256.clone().into(),
                view.published.clone().into(),
                view.author.clone().into(),
                view.language.clone().into(),
                i64::from(view.truncated).into(),
                view.added_at.clone().into(),
                markdown.clone().into(),
                SqlStorageValue::try_from_i64(first)?,
                SqlStorageValue::try_from_i64(last)?,
            ],
        )?;
        for (place, passage) in (0_i64..).zip(passages) {
            let text = index_text(&passage.text);
            // Kept apart only where the index needs another spelling (scripts without spaces).
            let original = (text != passage.text).then_some(passage.text);
            self.sql.exec(
                "INSERT INTO passages (rowid, document, place, title, heading, text, original) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                vec![
                    SqlStorageValue::try_from_i64(first.saturating_add(place))?,
                    view.id.clone().into(),
                    place.into(),
                    index_text(&view.title).into(),
                    index_text(&passage.heading).into(),
                    text.into(),
                    original.into(),
                ],
            )?;
        }
        Ok(view)
    }

    /// A document with its text.
    pub fn document(&self, id: &str) -> Result<Option<DocumentText>> {
        let query = format!("SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?");
        let rows = self.sql.exec(&query, vec![id.into()])?.to_array::<DocumentRow>()?;
        let text = self.sql.exec("SELECT markdown AS body FROM documents WHERE id = ?", vec![id.into()])?;
        let text = text.to_array::<TextRow>()?.into_iter().next();
        Ok(rows
            .into_iter()
            .next()
            .zip(text)
            .map(|(row, text)| DocumentText { document: row.into(), markdown: text.body }))
    }

    /// Up to `limit` documents whose id is greater than `after`.
    pub fn list(&self, after: &str, limit: u32) -> Result<Vec<DocumentView>> {
        let query = format!("SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id > ? ORDER BY id LIMIT ?");
        let rows =
            self.sql.exec(&query, vec![after.into(), i64::from(limit).into()])?.to_array::<DocumentRow>()?;
        Ok(rows.into_iter().map(DocumentView::from).collect())
    }

    /// How many documents there are.
    pub fn count(&self) -> Result<u32> {
        let rows = self.sql.exec("SELECT count(*) AS count FROM documents", None)?.to_array::<CountRow>()?;
        Ok(rows.first().map_or(0, |r| r.count))
    }

    /// Deletes a document with its passages; says whether there was one.
    pub fn delete(&self, id: &str) -> Result<bool> {
        let span = self.span("id", id)?;
        span.map_or(Ok(false), |span| self.remove(&span).map(|()| true))
    }

    /// The documents that answer a query best.
    pub fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>> {
        let Some(expression) = fts_query(&query.text) else { return Ok(Vec::new()) };
        let statement = format!(
            "SELECT p.document, d.url, d.title, p.place AS passage, p.heading, coalesce(p.original, p.text) AS text, {BM25} AS bm25 \
             FROM passages p JOIN documents d ON d.id = p.document WHERE passages MATCH ? ORDER BY bm25 LIMIT ?"
        );
        let limit = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX);
        let rows =
            self.sql.exec(&statement, vec![expression.into(), limit.into()])?.to_array::<PassageRow>()?;
        let rules =
            DomainRules { include: query.include_domains.clone(), exclude: query.exclude_domains.clone() };
        let allowed = |hit: &Hit| Url::parse(&hit.url).is_ok_and(|url| rules.allow(&url));
        let count = usize::try_from(query.count).unwrap_or(0);
        Ok(rank_documents(&rows, &query.text, ROWS_MAX).into_iter().filter(allowed).take(count).collect())
    }

    /// Stores the state of a crawl.
    pub fn put_crawl(&self, row: &CrawlRow) -> Result<()> {
        let state = serde_json::to_string(&row.crawl)?;
        self.sql.exec(
            "INSERT INTO crawls (id, url, state, done) VALUES (?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, done = excluded.done",
            vec![
                row.id.clone().into(),
                row.url.clone().into(),
                state.into(),
                i64::from(row.crawl.is_done()).into(),
            ],
        )?;
        Ok(())
    }

    /// A crawl by its id.
    pub fn crawl(&self, id: &str) -> Result<Option<CrawlRow>> {
        self.one_crawl("SELECT id, url, state FROM crawls WHERE id = ?", vec![id.into()])
    }

    /// The oldest crawl that is not done. One whose state cannot be read is closed: it must not hold up the others.
    pub fn open_crawl(&self) -> Result<Option<CrawlRow>> {
        let query = "SELECT id, url, state FROM crawls WHERE done = 0 ORDER BY rowid LIMIT 1";
        for _ in 0..self.open_crawls()? {
            match self.one_crawl(query, Vec::new()) {
                Ok(row) => return Ok(row),
                Err(error) => {
                    worker::console_error!("a crawl is closed: {error}");
                    let oldest = "(SELECT rowid FROM crawls WHERE done = 0 ORDER BY rowid LIMIT 1)";
                    self.sql.exec(&format!("UPDATE crawls SET done = 1 WHERE rowid = {oldest}"), None)?;
                }
            }
        }
        Ok(None)
    }

    /// How many crawls are not done.
    pub fn open_crawls(&self) -> Result<u32> {
        let rows = self
            .sql
            .exec("SELECT count(*) AS count FROM crawls WHERE done = 0", None)?
            .to_array::<CountRow>()?;
        Ok(rows.first().map_or(0, |r| r.count))
    }

    fn one_crawl(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Result<Option<CrawlRow>> {
        let rows = self.sql.exec(query, bindings)?.to_array::<StoredCrawl>()?;
        let Some(StoredCrawl { id, url, state }) = rows.into_iter().next() else { return Ok(None) };
        let crawl = serde_json::from_str(&state).map_err(|e| Error::RustError(format!("crawl {id}: {e}")))?;
        Ok(Some(CrawlRow { id, url, crawl }))
    }

    fn span(&self, column: &str, value: &str) -> Result<Option<SpanRow>> {
        let query = format!("SELECT id, first_passage, last_passage FROM documents WHERE {column} = ?");
        Ok(self.sql.exec(&query, vec![value.into()])?.to_array::<SpanRow>()?.into_iter().next())
    }

    fn remove(&self, span: &SpanRow) -> Result<()> {
        let rows = vec![
            SqlStorageValue::try_from_i64(span.first_passage)?,
            SqlStorageValue::try_from_i64(span.last_passage)?,
        ];
        self.sql.exec("DELETE FROM passages WHERE rowid BETWEEN ? AND ?", rows)?;
        self.sql.exec("DELETE FROM documents WHERE id = ?", vec![span.id.clone().into()])?;
        Ok(())
    }

    fn next_passage(&self) -> Result<i64> {
        let query = "SELECT '' AS id, 0 AS first_passage, coalesce(max(last_passage), 0) AS last_passage FROM documents";
        let rows = self.sql.exec(query, None)?.to_array::<SpanRow>()?;
        Ok(rows.first().map_or(0, |r| r.last_passage).saturating_add(1))
    }
}

impl From<DocumentRow> for DocumentView {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            url: row.url,
            title: row.title,
            words: row.words,
            content_sha256: row.content_sha256,
            published: row.published,
            author: row.author,
            language: row.language,
            truncated: row.truncated != 0,
            added_at: row.added_at,
        }
    }
}
