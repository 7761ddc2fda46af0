//! Meters as rows: an account's own, or the scheduler's, with what each account said last. One row a meter, so that a job's
//! end costs one row more and not thirty.

use crate::edge::log;
use crate::metrics::Meter;
use serde::Deserialize;
use worker::{Result, SqlStorage};

/// The meters of one object.
#[derive(Clone)]
pub struct MeterStore {
    sql: SqlStorage,
}

/// The row of the object's own meter; no owner has this name.
const OWN: &str = "";

#[derive(Deserialize)]
struct BodyRow {
    body: String,
}

impl MeterStore {
    /// Over an object's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Creates the tables that are missing.
    pub fn create(&self) -> Result<()> {
        for statement in [
            "CREATE TABLE IF NOT EXISTS meters (owner TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
            "CREATE TABLE IF NOT EXISTS proof (one INTEGER PRIMARY KEY, at INTEGER NOT NULL)",
        ] {
            self.sql.exec(statement, None)?;
        }
        Ok(())
    }

    /// What was counted here, or the sum of what was taken.
    pub fn own(&self) -> Result<Meter> {
        Ok(self.get(OWN)?.unwrap_or_default())
    }

    /// Counts. Synchronous, so that it is one commit with what is counted.
    pub fn update(&self, count: impl FnOnce(&mut Meter)) -> Result<()> {
        let mut meter = self.own()?;
        count(&mut meter);
        self.put(OWN, &meter)
    }

    /// Takes what an account says now in place of what it said before. Answers may overtake each other, so what says less
    /// than is known already is old, and left.
    pub fn take(&self, owner: &str, now: &Meter) -> Result<()> {
        // What was said before and cannot be read is in the sum already: only what follows is counted.
        let Some(before) = self.get(owner)? else { return self.put(owner, now) };
        if before == *now || now.is_older_than(&before) {
            return Ok(());
        }
        self.update(|sum| sum.replace(&before, now))?;
        self.put(owner, now)
    }

    /// Writes a row, so that whoever is answered afterwards knows that the storage takes one.
    pub fn prove(&self, at_ms: i64) -> Result<()> {
        let at = crate::edge::account_store::number(at_ms)?;
        self.sql.exec("INSERT OR REPLACE INTO proof (one, at) VALUES (1, ?)", vec![at]).map(drop)
    }

    /// A row's meter, empty without a row; none where the row cannot be read, which the log tells.
    fn get(&self, owner: &str) -> Result<Option<Meter>> {
        let query = "SELECT body FROM meters WHERE owner = ?";
        let rows = self.sql.exec(query, vec![owner.into()])?.to_array::<BodyRow>()?;
        let Some(row) = rows.first() else { return Ok(Some(Meter::default())) };
        Ok(serde_json::from_str(&row.body).map_err(|error| log::error("meter_unreadable", &error)).ok())
    }

    fn put(&self, owner: &str, meter: &Meter) -> Result<()> {
        let body = serde_json::to_string(meter)?;
        let statement = "INSERT OR REPLACE INTO meters (owner, body) VALUES (?, ?)";
        self.sql.exec(statement, vec![owner.into(), body.into()]).map(drop)
    }
}
