//! What is remembered of one host: its `robots.txt`, why its door is closed, and what its pages said lately. Synchronous.

use crate::job::Timestamp;
use crate::web::politeness::Closed;
use crate::web::robots::RobotsFile;
use crate::web::visit::{Reading, Validators};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::{Result, SqlStorage, SqlStorageValue};

/// The storage of one host's object.
pub struct SiteStore {
    sql: SqlStorage,
}

/// A reading that is kept.
pub struct Kept {
    /// When it was made or last found unchanged.
    pub at: Timestamp,
    /// By what it can be compared.
    pub validators: Validators,
}

/// Readings of one host that are kept: what ten deep jobs cite of it.
const READINGS_MAX: u32 = 500;
/// A longer one is not kept: a row holds 2 MB, and no page has more than 0.9 MB of Markdown and 1,000 links.
const READING_BYTES_MAX: usize = 1_900_000;
/// Until then a reading can be found unchanged; nothing is kept longer.
const KEEP_MS: u64 = 24 * 60 * 60 * 1_000;

#[derive(Deserialize)]
struct KeptRow {
    validators: String,
    at: f64,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Count {
    count: u32,
}

/// `robots.txt` as it is kept.
#[derive(Serialize, Deserialize)]
struct RobotsNote {
    file: RobotsFile,
    at: Timestamp,
}

impl SiteStore {
    /// Over an object's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// The tables, unless they are there.
    pub fn create(&self) -> Result<()> {
        for table in [
            "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
            "CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL, \
             validators TEXT NOT NULL)",
        ] {
            self.sql.exec(table, None)?;
        }
        Ok(())
    }

    /// What `robots.txt` was when it was last asked for.
    pub fn robots(&self) -> Result<Option<(RobotsFile, Timestamp)>> {
        Ok(self.note::<RobotsNote>("robots")?.map(|note| (note.file, note.at)))
    }

    /// Remembers it.
    pub fn keep_robots(&self, file: RobotsFile, at: Timestamp) -> Result<()> {
        self.keep_note("robots", &RobotsNote { file, at })
    }

    /// Why the door is closed.
    pub fn closed(&self) -> Result<Closed> {
        Ok(self.note("closed")?.unwrap_or_default())
    }

    /// Remembers it.
    pub fn keep_closed(&self, closed: &Closed) -> Result<()> {
        self.keep_note("closed", closed)
    }

    /// Whether something is kept under `key`.
    pub fn kept(&self, key: &str) -> Result<Option<Kept>> {
        let rows = self.sql.exec("SELECT validators, at FROM readings WHERE key = ?", vec![key.into()])?;
        let row = rows.to_array::<KeptRow>()?.into_iter().next();
        let kept = row.map(|row| Kept {
            at: Timestamp(row.at as i64),
            validators: serde_json::from_str(&row.validators).unwrap_or_default(),
        });
        Ok(kept)
    }

    /// What is kept under `key`; `None` also for what another release wrote and this one cannot read.
    pub fn reading(&self, key: &str) -> Result<Option<Reading>> {
        let rows = self.sql.exec("SELECT body AS text FROM readings WHERE key = ?", vec![key.into()])?;
        let row = rows.to_array::<Text>()?.into_iter().next();
        Ok(row.and_then(|row| serde_json::from_str(&row.text).ok()))
    }

    /// Keeps a reading; the oldest make room for it.
    pub fn keep_reading(&self, key: &str, reading: &Reading, kept: &Kept) -> Result<()> {
        let body = serde_json::to_string(reading)?;
        if body.len() > READING_BYTES_MAX {
            return Ok(());
        }
        let validators = serde_json::to_string(&kept.validators)?;
        self.sql.exec(
            "INSERT OR REPLACE INTO readings (key, at, body, validators) VALUES (?, ?, ?, ?)",
            vec![key.into(), number(kept.at), body.into(), validators.into()],
        )?;
        let count = self.sql.exec("SELECT count(*) AS count FROM readings", None)?.to_array::<Count>()?;
        let over = count.first().map_or(0, |c| c.count).saturating_sub(READINGS_MAX);
        if over > 0 {
            self.sql.exec(
                "DELETE FROM readings WHERE key IN (SELECT key FROM readings ORDER BY at LIMIT ?)",
                vec![i64::from(over).into()],
            )?;
        }
        Ok(())
    }

    /// The page was found unchanged at `at`.
    pub fn confirm(&self, key: &str, at: Timestamp) -> Result<()> {
        self.sql.exec("UPDATE readings SET at = ? WHERE key = ?", vec![number(at), key.into()])?;
        Ok(())
    }

    /// Forgets what is older than a day; in how many milliseconds there is more to forget, if anything is left.
    pub fn prune(&self, now: Timestamp) -> Result<Option<u64>> {
        let oldest = Timestamp(now.0.saturating_sub_unsigned(KEEP_MS));
        self.sql.exec("DELETE FROM readings WHERE at <= ?", vec![number(oldest)])?;
        let count = self.sql.exec("SELECT count(*) AS count FROM readings", None)?.to_array::<Count>()?;
        Ok(count.first().is_some_and(|c| c.count > 0).then_some(KEEP_MS))
    }

    fn note<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let rows = self.sql.exec("SELECT text FROM notes WHERE name = ?", vec![name.into()])?;
        let row = rows.to_array::<Text>()?.into_iter().next();
        Ok(row.and_then(|row| serde_json::from_str(&row.text).ok()))
    }

    fn keep_note<T: Serialize>(&self, name: &str, note: &T) -> Result<()> {
        let text = serde_json::to_string(note)?;
        self.sql.exec(
            "INSERT OR REPLACE INTO notes (name, text) VALUES (?, ?)",
            vec![name.into(), text.into()],
        )?;
        Ok(())
    }
}

/// Milliseconds as SQLite keeps them: below 2^53 for the next 285,000 years.
fn number(at: Timestamp) -> SqlStorageValue {
    SqlStorageValue::Float(at.0 as f64)
}
