//! The tables of a library, and how those of older releases become them.

use super::{LibraryStore, TextRow};
use worker::Result;

/// All tables, for a library that has none.
const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, url TEXT NOT NULL, \
     title TEXT NOT NULL, words INTEGER NOT NULL, sha256 TEXT NOT NULL, published TEXT, author TEXT, \
     language TEXT, truncated INTEGER NOT NULL, added_at TEXT NOT NULL, markdown TEXT NOT NULL, \
     first_passage INTEGER NOT NULL, last_passage INTEGER NOT NULL)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS passages USING fts5(document UNINDEXED, place UNINDEXED, title, heading, \
     text, original UNINDEXED, tokenize = 'porter unicode61')",
    "CREATE TABLE IF NOT EXISTS crawls (id TEXT PRIMARY KEY, url TEXT NOT NULL, state TEXT NOT NULL, \
     done INTEGER NOT NULL)",
    // Where passages of PDFs begin; a full-text table takes no further columns.
    "CREATE TABLE IF NOT EXISTS passage_pages (passage INTEGER PRIMARY KEY, page INTEGER NOT NULL)",
];
/// What documents have had since there are collections. Those of before were all in one, and nothing is known of where
/// their text came from. A page is in two collections under two keys (`Collection::key`), so the key stays unique.
const COLUMNS: [&str; 8] = [
    "collection TEXT NOT NULL DEFAULT 'default'",
    // JSON list of the byte offsets of a PDF's pages.
    "page_starts TEXT",
    // Whether the text was fetched from the URL, and what its server and its page said.
    "fetched INTEGER NOT NULL DEFAULT 0",
    "etag TEXT",
    "last_modified TEXT",
    // Same-host links, one a line: where an unchanged page leads is not read again.
    "links TEXT",
    "checked_at TEXT",
    "gone_at TEXT",
];
/// For lists and counts of one collection.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS documents_by_collection ON documents (collection, id)";

impl LibraryStore {
    /// Whether anything was ever added. Tables of an older release are brought up to date.
    pub fn open(&self) -> Result<bool> {
        if self.is_ready.get() {
            return Ok(true);
        }
        let query = "SELECT sql AS body FROM sqlite_master WHERE name = 'documents'";
        let Some(TextRow { body }) = self.sql.exec(query, None)?.to_array::<TextRow>()?.into_iter().next()
        else {
            return Ok(false);
        };
        // The table's own text says which columns it has: one look serves every later release.
        let missing: Vec<&str> = COLUMNS
            .into_iter()
            .filter(|column| {
                let name = column.split(' ').next().unwrap_or_default();
                !body.contains(&format!(", {name} "))
            })
            .collect();
        if !missing.is_empty() {
            for table in TABLES {
                self.sql.exec(table, None)?;
            }
            for column in missing {
                self.sql.exec(&format!("ALTER TABLE documents ADD COLUMN {column}"), None)?;
            }
            self.sql.exec(INDEX, None)?;
        }
        self.is_ready.set(true);
        Ok(true)
    }

    /// Creates the tables unless they exist. Only what adds something calls it: reading an empty library leaves no table.
    pub fn create(&self) -> Result<()> {
        if self.open()? {
            return Ok(());
        }
        for table in TABLES {
            self.sql.exec(table, None)?;
        }
        self.open().map(|_| ())
    }
}
