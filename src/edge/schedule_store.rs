//! The scheduler's rows: schedules, their runs, and the accounts to be swept. Synchronous, so that several calls without an
//! `.await` between them are one commit.

use crate::api::schedule::RunView;
use crate::edge::account_store::number;
use crate::job::Timestamp;
use crate::schedule::{Occurrence, Schedule};
use serde::{Deserialize, Serialize};
use worker::{Result, SqlStorage, SqlStorageValue};

/// The storage of the scheduler.
pub struct ScheduleStore {
    sql: SqlStorage,
}

/// One start of a schedule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// The schedule.
    pub schedule: String,
    /// When it was due.
    pub nominal: Timestamp,
    /// The job that it starts; empty when it starts none.
    pub job: String,
    /// Where it stands.
    state: RunState,
    /// Why it was not started (yet).
    pub reason: String,
    /// Starts that failed for a reason that may pass.
    pub tries: u32,
    /// The next start.
    retry_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RunState {
    Starting,
    Started,
    Refused,
    Missed,
}

impl RunState {
    fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Refused => "refused",
            Self::Missed => "missed",
        }
    }
}

impl Run {
    /// A run whose job is to be started.
    pub fn starting(schedule: &Schedule, occurrence: &Occurrence, job: String, now: Timestamp) -> Self {
        Self {
            schedule: schedule.id.clone(),
            nominal: occurrence.nominal,
            job,
            state: RunState::Starting,
            reason: String::new(),
            tries: 0,
            retry_at: now,
        }
    }

    /// A run that nobody called in time.
    pub fn missed(schedule: &Schedule, nominal: Timestamp, reason: String) -> Self {
        let (schedule, state, retry_at) = (schedule.id.clone(), RunState::Missed, Timestamp::default());
        Self { schedule, nominal, job: String::new(), state, reason, tries: 0, retry_at }
    }

    /// Its job exists.
    pub fn start(&mut self, job: String) {
        (self.state, self.job, self.reason) = (RunState::Started, job, String::new());
    }

    /// It will have no job.
    pub fn refuse(&mut self, reason: &str) {
        (self.state, self.reason) = (RunState::Refused, reason.to_owned());
    }

    /// Its start failed, and is tried again.
    pub fn wait(&mut self, reason: String, retry_at: Timestamp) {
        self.tries = self.tries.saturating_add(1);
        (self.reason, self.retry_at) = (reason, retry_at);
    }

    /// Its job exists.
    pub fn is_started(&self) -> bool {
        self.state == RunState::Started
    }

    /// As replies show it.
    pub fn view(&self) -> RunView {
        RunView {
            research_id: (self.state == RunState::Started).then(|| self.job.clone()),
            nominal_at: self.nominal.to_rfc3339(),
            state: self.state.name().to_owned(),
            reason: (!self.reason.is_empty()).then(|| self.reason.clone()),
        }
    }
}

/// Schedules or runs looked at in one tick; the rest comes with the next, a moment later.
const AT_ONCE: i64 = 200;
/// Runs kept for one schedule.
const RUNS_KEPT: i64 = 200;

#[derive(Deserialize)]
struct BodyRow {
    body: String,
}

#[derive(Deserialize)]
struct AtRow {
    at: Option<f64>,
}

impl ScheduleStore {
    /// Over an object's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Creates the tables that are missing.
    pub fn create(&self) -> Result<()> {
        for statement in [
            "CREATE TABLE IF NOT EXISTS schedules (id TEXT PRIMARY KEY, owner TEXT NOT NULL, next_at INTEGER, \
             body TEXT NOT NULL) WITHOUT ROWID",
            "CREATE INDEX IF NOT EXISTS schedules_due ON schedules (next_at)",
            "CREATE INDEX IF NOT EXISTS schedules_by_owner ON schedules (owner, id)",
            "CREATE TABLE IF NOT EXISTS runs (schedule TEXT NOT NULL, nominal INTEGER NOT NULL, retry_at INTEGER, \
             body TEXT NOT NULL, PRIMARY KEY (schedule, nominal)) WITHOUT ROWID",
            "CREATE INDEX IF NOT EXISTS runs_due ON runs (retry_at)",
            "CREATE TABLE IF NOT EXISTS accounts (owner TEXT PRIMARY KEY, swept_at INTEGER NOT NULL) WITHOUT ROWID",
        ] {
            self.sql.exec(statement, None)?;
        }
        Ok(())
    }

    /// Stores a schedule, in place of what it was.
    pub fn put(&self, schedule: &Schedule) -> Result<()> {
        let next_at = match schedule.next_at.filter(|_| !schedule.paused) {
            Some(at) => number(at.0)?,
            None => SqlStorageValue::Null,
        };
        self.sql
            .exec(
                "INSERT OR REPLACE INTO schedules (id, owner, next_at, body) VALUES (?, ?, ?, ?)",
                vec![
                    schedule.id.as_str().into(),
                    schedule.owner.as_str().into(),
                    next_at,
                    serde_json::to_string(schedule)?.into(),
                ],
            )
            .map(drop)
    }

    /// Schedules with an occurrence that is due.
    pub fn due(&self, now: Timestamp) -> Result<Vec<Schedule>> {
        let query = "SELECT body FROM schedules WHERE next_at <= ? ORDER BY next_at LIMIT ?";
        self.read(query, vec![number(now.0)?, AT_ONCE.into()])
    }

    /// A schedule.
    pub fn schedule(&self, id: &str) -> Result<Option<Schedule>> {
        Ok(self.read("SELECT body FROM schedules WHERE id = ?", vec![id.into()])?.into_iter().next())
    }

    /// All schedules of an owner.
    pub fn of(&self, owner: &str) -> Result<Vec<Schedule>> {
        self.read("SELECT body FROM schedules WHERE owner = ? ORDER BY id", vec![owner.into()])
    }

    /// Number of schedules, all owners' together.
    pub fn count(&self) -> Result<u64> {
        let rows = self.sql.exec("SELECT COUNT(*) AS at FROM schedules", None)?.to_array::<AtRow>()?;
        Ok(rows.first().and_then(|row| row.at).map_or(0, |n| n as u64))
    }

    /// A schedule and its runs go; jobs that were started stay.
    pub fn delete(&self, id: &str) -> Result<()> {
        self.sql.exec("DELETE FROM schedules WHERE id = ?", vec![id.into()])?;
        self.sql.exec("DELETE FROM runs WHERE schedule = ?", vec![id.into()]).map(drop)
    }

    /// Stores a run, in place of what it was; the oldest of its schedule go.
    pub fn put_run(&self, run: &Run) -> Result<()> {
        let retry_at =
            if run.state == RunState::Starting { number(run.retry_at.0)? } else { SqlStorageValue::Null };
        self.sql.exec(
            "INSERT OR REPLACE INTO runs (schedule, nominal, retry_at, body) VALUES (?, ?, ?, ?)",
            vec![
                run.schedule.as_str().into(),
                number(run.nominal.0)?,
                retry_at,
                serde_json::to_string(run)?.into(),
            ],
        )?;
        self.sql
            .exec(
                "DELETE FROM runs WHERE schedule = ?1 AND retry_at IS NULL AND nominal NOT IN \
                 (SELECT nominal FROM runs WHERE schedule = ?1 ORDER BY nominal DESC LIMIT ?2)",
                vec![run.schedule.as_str().into(), RUNS_KEPT.into()],
            )
            .map(drop)
    }

    /// Runs whose job is to be started now.
    pub fn starting(&self, now: Timestamp) -> Result<Vec<Run>> {
        let query = "SELECT body FROM runs WHERE retry_at <= ? ORDER BY retry_at LIMIT ?";
        self.read(query, vec![number(now.0)?, AT_ONCE.into()])
    }

    /// A run.
    pub fn run(&self, schedule: &str, nominal: Timestamp) -> Result<Option<Run>> {
        let query = "SELECT body FROM runs WHERE schedule = ? AND nominal = ?";
        Ok(self.read(query, vec![schedule.into(), number(nominal.0)?])?.into_iter().next())
    }

    /// The latest runs of a schedule, newest first.
    pub fn runs(&self, schedule: &str, limit: u32) -> Result<Vec<Run>> {
        let query = "SELECT body FROM runs WHERE schedule = ? ORDER BY nominal DESC LIMIT ?";
        self.read(query, vec![schedule.into(), i64::from(limit).into()])
    }

    /// When something is due next.
    pub fn next_at(&self) -> Result<Option<Timestamp>> {
        let query = "SELECT MIN(at) AS at FROM (SELECT MIN(next_at) AS at FROM schedules UNION ALL \
                     SELECT MIN(retry_at) AS at FROM runs)";
        let rows = self.sql.exec(query, None)?.to_array::<AtRow>()?;
        Ok(rows.first().and_then(|row| row.at).map(|at| Timestamp(at as i64)))
    }

    /// Whether some account is to be swept.
    pub fn is_busy(&self) -> Result<bool> {
        let rows =
            self.sql.exec("SELECT owner AS body FROM accounts LIMIT 1", None)?.to_array::<BodyRow>()?;
        Ok(!rows.is_empty())
    }

    /// The account has something to be looked after.
    pub fn register(&self, owner: &str) -> Result<()> {
        self.sql
            .exec("INSERT OR REPLACE INTO accounts (owner, swept_at) VALUES (?, 0)", vec![owner.into()])
            .map(drop)
    }

    /// Accounts to be swept, those first whose last sweep is longest ago.
    pub fn registered(&self, limit: u32) -> Result<Vec<String>> {
        let query = "SELECT owner AS body FROM accounts ORDER BY swept_at, owner LIMIT ?";
        let rows = self.sql.exec(query, vec![i64::from(limit).into()])?.to_array::<BodyRow>()?;
        Ok(rows.into_iter().map(|row| row.body).collect())
    }

    /// The account is being swept.
    pub fn seen(&self, owner: &str, now: Timestamp) -> Result<()> {
        let statement = "UPDATE accounts SET swept_at = ? WHERE owner = ?";
        self.sql.exec(statement, vec![number(now.0)?, owner.into()]).map(drop)
    }

    /// The sweep that began at `swept_at` found nothing to be looked after; what was registered since then stays.
    pub fn unregister(&self, owner: &str, swept_at: Timestamp) -> Result<()> {
        let statement = "DELETE FROM accounts WHERE owner = ? AND swept_at = ?";
        self.sql.exec(statement, vec![owner.into(), number(swept_at.0)?]).map(drop)
    }

    fn read<T: serde::de::DeserializeOwned>(
        &self,
        query: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<T>> {
        let rows = self.sql.exec(query, bindings)?.to_array::<BodyRow>()?;
        rows.iter().map(|row| Ok(serde_json::from_str(&row.body)?)).collect()
    }
}
