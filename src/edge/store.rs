//! A job's rows: its journal and the text of its pages. All calls are synchronous, so several of them and the alarm that
//! follows are one atomic commit.

use crate::job::Event;
use crate::job::bundle::StepExchange;
use crate::job::journal::{self, JournalError, PART_BYTES_MAX};
use crate::research::PageId;
use serde::Deserialize;
use worker::{Error, Result, SqlStorage, SqlStorageValue};

/// The storage of one job.
#[derive(Clone)]
pub struct JobStore {
    sql: SqlStorage,
}

/// Why a journal could not be loaded.
pub enum LoadError {
    /// It never can: trying again is of no use.
    Unreadable(JournalError),
    /// The storage failed this time.
    Storage(Error),
}

impl From<JournalError> for LoadError {
    fn from(error: JournalError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Error> for LoadError {
    fn from(error: Error) -> Self {
        Self::Storage(error)
    }
}

/// Entries read of one journal at most: 100 pages and 10 rounds make about 1,500 facts when every step is tried nine times.
const ENTRIES_MAX: u64 = 100_000;
/// Notes that are no facts.
const MARKS: &str =
    "CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";

/// What models were asked and said, in the order in which it was noted.
const EXCHANGES: &str = "CREATE TABLE IF NOT EXISTS exchanges (place INTEGER, part INTEGER, body TEXT NOT NULL, \
     PRIMARY KEY (place, part)) WITHOUT ROWID";

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
            MARKS,
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
    pub fn load(&self) -> std::result::Result<Vec<Event>, LoadError> {
        let entries = self.entries(0, ENTRIES_MAX)?;
        Ok(entries
            .iter()
            .map(|(seq, body)| journal::decode(*seq, body))
            .collect::<std::result::Result<_, _>>()?)
    }

    /// At most `limit` entries as they are stored, from number `from` on.
    pub fn entries(&self, from: u64, limit: u64) -> Result<Vec<(u64, String)>> {
        let query = "SELECT seq, body FROM journal WHERE seq >= ? AND seq < ? ORDER BY seq, part";
        self.joined(query, vec![number(from)?, number(from.saturating_add(limit))?])
    }

    /// The rows of a query for `seq` and `body`, parts of one entry joined.
    fn joined(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Result<Vec<(u64, String)>> {
        let rows = self.sql.exec(query, bindings)?.to_array::<EntryRow>()?;
        let mut entries: Vec<(u64, String)> = Vec::with_capacity(rows.len());
        for row in rows {
            match entries.last_mut().filter(|(seq, _)| *seq == row.seq) {
                Some((_, body)) => body.push_str(&row.body),
                None => entries.push((row.seq, row.body)),
            }
        }
        Ok(entries)
    }

    /// Number of facts.
    pub fn length(&self) -> Result<u64> {
        self.count("SELECT COALESCE(MAX(seq) + 1, 0) AS seq, '' AS body FROM journal")
    }

    fn count(&self, query: &str) -> Result<u64> {
        let rows = self.sql.exec(query, None)?.to_array::<EntryRow>()?;
        Ok(rows.first().map_or(0, |r| r.seq))
    }

    /// Keeps what models were asked and said.
    pub fn add_exchanges(&self, exchanges: &[StepExchange]) -> Result<()> {
        if exchanges.is_empty() {
            return Ok(());
        }
        let next = self.exchanges_length()?;
        for (place, exchange) in (next..).zip(exchanges) {
            let text = serde_json::to_string(exchange)?;
            self.insert("INSERT INTO exchanges (place, part, body) VALUES (?, ?, ?)", place, &text)?;
        }
        Ok(())
    }

    /// Number of exchanges with models.
    pub fn exchanges_length(&self) -> Result<u64> {
        // Jobs of an older release have no such table.
        self.sql.exec(EXCHANGES, None)?;
        self.count("SELECT COALESCE(MAX(place) + 1, 0) AS seq, '' AS body FROM exchanges")
    }

    /// At most `limit` exchanges from number `from` on.
    pub fn exchanges(&self, from: u64, limit: u64) -> Result<Vec<StepExchange>> {
        let query =
            "SELECT place AS seq, body FROM exchanges WHERE place >= ? AND place < ? ORDER BY place, part";
        let rows = self.joined(query, vec![number(from)?, number(from.saturating_add(limit))?])?;
        Ok(rows.iter().map(|(_, body)| serde_json::from_str(body)).collect::<std::result::Result<_, _>>()?)
    }

    /// Numbers of the stored pages, in order.
    pub fn page_ids(&self) -> Result<Vec<PageId>> {
        let query = "SELECT page AS seq, '' AS body FROM pages WHERE part = 0 ORDER BY page";
        let rows = self.joined(query, Vec::new())?;
        Ok(rows.into_iter().filter_map(|(page, _)| u32::try_from(page).ok()).map(PageId).collect())
    }

    /// Whether something was noted under this name.
    pub fn mark(&self, name: &str) -> Result<Option<String>> {
        self.create_marks()?;
        let rows = self
            .sql
            .exec("SELECT value AS body FROM marks WHERE name = ?", vec![name.into()])?
            .to_array::<BodyRow>()?;
        Ok(rows.into_iter().next().map(|r| r.body))
    }

    /// Notes something that is no fact of the research: that the account was told, for instance.
    pub fn set_mark(&self, name: &str, value: &str) -> Result<()> {
        self.create_marks()?;
        let statement = "INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)";
        self.sql.exec(statement, vec![name.into(), value.into()]).map(drop)
    }

    /// Jobs of an older release have no such table.
    fn create_marks(&self) -> Result<()> {
        self.sql.exec(MARKS, None).map(drop)
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
            self.sql.exec(statement, vec![number(key)?, part.into(), body.into()])?;
        }
        Ok(())
    }
}

fn number(n: u64) -> Result<SqlStorageValue> {
    SqlStorageValue::try_from_i64(i64::try_from(n).unwrap_or(i64::MAX))
}
