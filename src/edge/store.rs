//! A job's rows: its journal and the text of its pages. All calls are synchronous, so several of them and the alarm that
//! follows are one atomic commit.

use crate::job::Event;
use crate::job::journal::{self, PART_BYTES_MAX};
use crate::research::PageId;
use serde::Deserialize;
use worker::{Error, Result, SqlStorage, SqlStorageValue};

/// The storage of one job.
pub struct JobStore {
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct EntryRow {
    seq: u64,
    body: String,
}

#[derive(Deserialize)]
struct BodyRow {
    body: String,
}

impl JobStore {
    /// Over an object's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Creates the tables. Called once, when a job is accepted: looking for an unknown job must leave no table.
    pub fn create(&self) -> Result<()> {
        for table in [
            "CREATE TABLE journal (seq INTEGER, part INTEGER, body TEXT NOT NULL, PRIMARY KEY (seq, part)) WITHOUT ROWID",
            "CREATE TABLE pages (page INTEGER, part INTEGER, body TEXT NOT NULL, PRIMARY KEY (page, part)) WITHOUT ROWID",
            "CREATE TABLE owner (name TEXT NOT NULL)",
        ] {
            self.sql.exec(table, None)?;
        }
        Ok(())
    }

    /// Whether a job was ever accepted here.
    pub fn exists(&self) -> Result<bool> {
        let tables = self.sql.exec("SELECT name AS body FROM sqlite_master WHERE name = 'journal'", None)?;
        Ok(!tables.to_array::<BodyRow>()?.is_empty())
    }

    /// Appends one fact.
    pub fn append(&self, seq: u64, event: &Event) -> Result<()> {
        let text = journal::encode(seq, event).map_err(|e| Error::RustError(e.to_string()))?;
        self.insert("INSERT INTO journal (seq, part, body) VALUES (?, ?, ?)", seq, &text)
    }

    /// All facts in order.
    pub fn load(&self) -> Result<Vec<Event>> {
        let rows = self
            .sql
            .exec("SELECT seq, body FROM journal ORDER BY seq, part", None)?
            .to_array::<EntryRow>()?;
        let mut entries: Vec<EntryRow> = Vec::with_capacity(rows.len());
        for row in rows {
            match entries.last_mut().filter(|e| e.seq == row.seq) {
                Some(entry) => entry.body.push_str(&row.body),
                None => entries.push(row),
            }
        }
        entries
            .iter()
            .map(|e| journal::decode(e.seq, &e.body).map_err(|e| Error::RustError(e.to_string())))
            .collect()
    }

    /// Whose job it is.
    pub fn set_owner(&self, owner: &str) -> Result<()> {
        self.sql.exec("INSERT INTO owner (name) VALUES (?)", vec![owner.into()]).map(drop)
    }

    /// Whose job it is.
    pub fn owner(&self) -> Result<String> {
        let rows = self.sql.exec("SELECT name AS body FROM owner", None)?.to_array::<BodyRow>()?;
        rows.into_iter().next().map(|r| r.body).ok_or_else(|| Error::RustError("the job has no owner".into()))
    }

    /// Stores the text of a page, in place of an earlier one.
    pub fn put_page(&self, page: PageId, text: &str) -> Result<()> {
        self.sql.exec("DELETE FROM pages WHERE page = ?", vec![i64::from(page.0).into()])?;
        self.insert("INSERT INTO pages (page, part, body) VALUES (?, ?, ?)", page.0.into(), text)
    }

    /// The text of a page.
    pub fn page(&self, page: PageId) -> Result<Option<String>> {
        let query = "SELECT body FROM pages WHERE page = ? ORDER BY part";
        let rows = self.sql.exec(query, vec![i64::from(page.0).into()])?.to_array::<BodyRow>()?;
        Ok((!rows.is_empty()).then(|| rows.into_iter().map(|r| r.body).collect()))
    }

    fn insert(&self, statement: &str, key: u64, text: &str) -> Result<()> {
        for (part, body) in (0_i64..).zip(journal::parts(text, PART_BYTES_MAX)) {
            let key = SqlStorageValue::try_from_i64(i64::try_from(key).unwrap_or(i64::MAX))?;
            self.sql.exec(statement, vec![key, part.into(), body.into()])?;
        }
        Ok(())
    }
}
