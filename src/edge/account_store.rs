//! An account's rows: its jobs, what they spent day by day, the keys of idempotent requests. Synchronous, so that several
//! calls without an `.await` between them are one commit.

use crate::account::idempotency::KEPT_MS;
use crate::account::quota::{Tally, day_of};
use crate::account::{Admission, Claim, EndState, JobSummary, Settlement, Spent};
use crate::api::account::{JobListing, JobPage, JobRow, ListedState};
use crate::api::paging::{cursor, split_cursor};
use crate::job::Timestamp;
use serde::Deserialize;
use std::cell::Cell;
use worker::{Result, SqlStorage, SqlStorageValue};

/// The storage of one account.
pub struct AccountStore {
    sql: SqlStorage,
    /// The last tally and its day, until something is written that moves it otherwise than by a job that is let in:
    /// counting takes a look at each live job.
    tallied: Cell<Option<(i64, Tally)>>,
}

/// A job's row as an admission or a settlement needs it.
#[derive(Deserialize)]
pub struct KnownJob {
    /// `live`, or how it ended.
    pub state: String,
    /// What it may cost while it lives, what it did cost afterwards.
    pub cost_micros: f64,
    /// Where its end is told; empty for nowhere of its own.
    pub webhook_url: String,
    /// 1 when a run without changes is not told of.
    pub only_changes: u32,
}

/// The word for a job that is not over.
const LIVE: &str = "live";
/// Ended jobs are pruned so many at a time.
const PRUNED_AT_ONCE: u32 = 500;

#[derive(Deserialize)]
struct ListedRow {
    id: String,
    query: String,
    deep: u32,
    schedule_id: String,
    state: String,
    created_at: f64,
    ended_at: f64,
    cost_micros: f64,
}

#[derive(Deserialize)]
struct Count {
    n: f64,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct ClaimRow {
    payload: String,
    id: String,
}

#[derive(Deserialize)]
struct DayRow {
    jobs: f64,
    searches: f64,
    pages: f64,
    bytes: f64,
    model_calls: f64,
    tokens_input: f64,
    tokens_output: f64,
    search_micros: f64,
    page_micros: f64,
    model_micros: f64,
}

impl AccountStore {
    /// Over an object's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql, tallied: Cell::new(None) }
    }

    /// Creates the tables that are missing.
    pub fn create(&self) -> Result<()> {
        for statement in [
            "CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, query TEXT NOT NULL, deep INTEGER NOT NULL, \
             schedule_id TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, \
             cost_micros INTEGER NOT NULL, webhook_url TEXT NOT NULL, only_changes INTEGER NOT NULL) WITHOUT ROWID",
            "CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (created_at, id)",
            "CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, created_at, id)",
            "CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, payload TEXT NOT NULL, id TEXT NOT NULL, \
             at INTEGER NOT NULL) WITHOUT ROWID",
            "CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY, jobs INTEGER NOT NULL DEFAULT 0, \
             searches INTEGER NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, \
             model_calls INTEGER NOT NULL DEFAULT 0, tokens_input INTEGER NOT NULL DEFAULT 0, \
             tokens_output INTEGER NOT NULL DEFAULT 0, search_micros INTEGER NOT NULL DEFAULT 0, \
             page_micros INTEGER NOT NULL DEFAULT 0, model_micros INTEGER NOT NULL DEFAULT 0)",
        ] {
            self.sql.exec(statement, None)?;
        }
        Ok(())
    }

    /// Whether anything was ever stored.
    pub fn exists(&self) -> Result<bool> {
        let tables = self.sql.exec("SELECT name AS id FROM sqlite_master WHERE name = 'jobs'", None)?;
        Ok(!tables.to_array::<Id>()?.is_empty())
    }

    /// What counts against the quotas at `now`.
    pub fn tally(&self, now: Timestamp) -> Result<Tally> {
        let day = day_of(now);
        if let Some((_, tally)) = self.tallied.get().filter(|(tallied, _)| *tallied == day) {
            return Ok(tally);
        }
        let midnight = number(day.saturating_mul(86_400_000))?;
        let live = self.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'live'", vec![])?;
        let jobs =
            self.count("SELECT COALESCE(SUM(jobs), 0) AS n FROM days WHERE day = ?", vec![number(day)?])?;
        let settled = self.count(
            "SELECT COALESCE(SUM(search_micros + page_micros + model_micros), 0) AS n FROM days WHERE day = ?",
            vec![number(day)?],
        )?;
        let held = self.count(
            "SELECT COALESCE(SUM(cost_micros), 0) AS n FROM jobs WHERE state = 'live' AND created_at >= ?",
            vec![midnight],
        )?;
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let tally = Tally {
            live_jobs: small(live),
            jobs_today: small(jobs),
            committed_micros: settled.saturating_add(held),
        };
        self.tallied.set(Some((day, tally)));
        Ok(tally)
    }

    /// What a claim's key stands for, unless it has expired: the payload and the job.
    pub fn claimed(&self, claim: &Claim, now: Timestamp) -> Result<Option<(String, String)>> {
        let since = now.0.saturating_sub_unsigned(KEPT_MS);
        let query = "SELECT payload, id FROM claims WHERE key = ? AND at > ?";
        let rows =
            self.sql.exec(query, vec![claim.key.as_str().into(), number(since)?])?.to_array::<ClaimRow>()?;
        Ok(rows.into_iter().next().map(|row| (row.payload, row.id)))
    }

    /// Lets a job in that may cost `granted` at most.
    pub fn insert(&self, admission: &Admission, granted: u64) -> Result<()> {
        let job = &admission.job;
        let before = self.tallied.take().filter(|(day, _)| *day == day_of(job.created_at));
        let webhook = admission.webhook_url.clone().unwrap_or_default();
        self.insert_row(job, LIVE, 0, granted, &webhook, admission.only_changes)?;
        self.add_to_day(job.created_at, 1, &Spent::default())?;
        if let Some(claim) = &admission.idempotency {
            self.sql.exec(
                "INSERT OR REPLACE INTO claims (key, payload, id, at) VALUES (?, ?, ?, ?)",
                vec![
                    claim.key.as_str().into(),
                    claim.payload.as_str().into(),
                    job.id.as_str().into(),
                    number(job.created_at.0)?,
                ],
            )?;
        }
        self.tallied.set(before.map(|(day, tally)| (day, tally.with(granted))));
        Ok(())
    }

    /// The job's row.
    pub fn job(&self, id: &str) -> Result<Option<KnownJob>> {
        let query = "SELECT state, cost_micros, webhook_url, only_changes FROM jobs WHERE id = ?";
        Ok(self.sql.exec(query, vec![id.into()])?.to_array::<KnownJob>()?.into_iter().next())
    }

    /// The job is over. Called once: its spend goes to the day on which it was let in.
    pub fn settle(&self, settlement: &Settlement, known: bool) -> Result<()> {
        self.tallied.set(None);
        let Settlement { job, state, ended_at, spent, .. } = settlement;
        if known {
            self.sql.exec(
                "UPDATE jobs SET state = ?, ended_at = ?, cost_micros = ? WHERE id = ?",
                vec![
                    state.name().into(),
                    number(ended_at.0)?,
                    whole(spent.cost_micros())?,
                    job.id.as_str().into(),
                ],
            )?;
            self.add_to_day(job.created_at, 0, spent)
        } else {
            self.insert_row(job, state.name(), ended_at.0, spent.cost_micros(), "", false)?;
            self.add_to_day(job.created_at, 1, spent)
        }
    }

    /// The job's row goes; what it spent stays counted.
    pub fn forget(&self, id: &str) -> Result<()> {
        self.tallied.set(None);
        self.sql.exec("DELETE FROM jobs WHERE id = ?", vec![id.into()]).map(drop)
    }

    /// As if the job had never been asked for.
    pub fn withdraw(&self, id: &str) -> Result<()> {
        self.tallied.set(None);
        let rows = self
            .sql
            .exec("SELECT created_at AS n FROM jobs WHERE id = ? AND state = 'live'", vec![id.into()])?
            .to_array::<Count>()?;
        if let Some(row) = rows.first() {
            let day = day_of(Timestamp(row.n as i64));
            self.sql.exec("UPDATE days SET jobs = MAX(jobs - 1, 0) WHERE day = ?", vec![number(day)?])?;
            self.forget(id)?;
            self.sql.exec("DELETE FROM claims WHERE id = ?", vec![id.into()])?;
        }
        Ok(())
    }

    /// Jobs that are not over, from one id on.
    pub fn live_after(&self, after: &str, limit: u32) -> Result<Vec<(String, Timestamp)>> {
        #[derive(Deserialize)]
        struct Row {
            id: String,
            created_at: f64,
        }
        let query = "SELECT id, created_at FROM jobs WHERE state = 'live' AND id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, vec![after.into(), i64::from(limit).into()])?.to_array::<Row>()?;
        Ok(rows.into_iter().map(|row| (row.id, Timestamp(row.created_at as i64))).collect())
    }

    /// Number of jobs that are not over.
    pub fn live(&self) -> Result<u32> {
        let live = self.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'live'", vec![])?;
        Ok(u32::try_from(live).unwrap_or(u32::MAX))
    }

    /// The last run of a schedule that brought a report.
    pub fn latest_run(&self, schedule_id: &str) -> Result<Option<String>> {
        let query = "SELECT id FROM jobs WHERE schedule_id = ? AND state IN ('completed', 'partial') \
                     ORDER BY ended_at DESC LIMIT 1";
        Ok(self.sql.exec(query, vec![schedule_id.into()])?.to_array::<Id>()?.into_iter().next().map(|r| r.id))
    }

    /// One page of the account's jobs, newest first.
    pub fn list(&self, listing: &JobListing) -> Result<JobPage> {
        let state = match listing.state {
            None => "",
            Some(ListedState::Running) => LIVE,
            Some(ListedState::Ended(state)) => state.name(),
        };
        let schedule = listing.schedule_id.clone().unwrap_or_default();
        let (before_at, before_id) = match listing.cursor.as_deref().and_then(split_cursor) {
            Some((at, id)) => (at.0, id.to_owned()),
            None => (9_007_199_254_740_991, String::new()),
        };
        let rows = self
            .sql
            .exec(
                "SELECT id, query, deep, schedule_id, state, created_at, ended_at, cost_micros FROM jobs \
                 WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR schedule_id = ?2) \
                 AND (created_at < ?3 OR (created_at = ?3 AND id < ?4)) ORDER BY created_at DESC, id DESC LIMIT ?5",
                vec![
                    state.into(),
                    schedule.into(),
                    number(before_at)?,
                    before_id.into(),
                    i64::from(listing.limit.saturating_add(1)).into(),
                ],
            )?
            .to_array::<ListedRow>()?;
        let more = rows.len() > usize::try_from(listing.limit).unwrap_or(usize::MAX);
        let shown: Vec<ListedRow> = rows.into_iter().take(listing.limit as usize).collect();
        let next_cursor =
            shown.last().filter(|_| more).map(|r| cursor(Timestamp(r.created_at as i64), &r.id));
        Ok(JobPage { research: shown.into_iter().map(job_row).collect(), next_cursor })
    }

    /// Jobs and spend of the days from `first` on.
    pub fn spent_since(&self, first: i64) -> Result<(u64, Spent)> {
        let query = "SELECT COALESCE(SUM(jobs), 0) AS jobs, COALESCE(SUM(searches), 0) AS searches, \
                     COALESCE(SUM(pages), 0) AS pages, COALESCE(SUM(bytes), 0) AS bytes, \
                     COALESCE(SUM(model_calls), 0) AS model_calls, COALESCE(SUM(tokens_input), 0) AS tokens_input, \
                     COALESCE(SUM(tokens_output), 0) AS tokens_output, COALESCE(SUM(search_micros), 0) AS search_micros, \
                     COALESCE(SUM(page_micros), 0) AS page_micros, COALESCE(SUM(model_micros), 0) AS model_micros \
                     FROM days WHERE day >= ?";
        let rows = self.sql.exec(query, vec![number(first)?])?.to_array::<DayRow>()?;
        let Some(row) = rows.first() else { return Ok((0, Spent::default())) };
        let spent = Spent {
            searches: row.searches as u64,
            pages: row.pages as u64,
            bytes: row.bytes as u64,
            model_calls: row.model_calls as u64,
            tokens_input: row.tokens_input as u64,
            tokens_output: row.tokens_output as u64,
            search_micros: row.search_micros as u64,
            page_micros: row.page_micros as u64,
            model_micros: row.model_micros as u64,
        };
        Ok((row.jobs as u64, spent))
    }

    /// Drops what is older than it is kept for: expired claims, and ended jobs beyond their retention.
    pub fn prune(&self, now: Timestamp, retention_ms: Option<u64>) -> Result<()> {
        let since = now.0.saturating_sub_unsigned(KEPT_MS);
        self.sql.exec("DELETE FROM claims WHERE at <= ?", vec![number(since)?])?;
        if let Some(retention_ms) = retention_ms {
            self.sql.exec(
                "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state <> 'live' AND ended_at < ? LIMIT ?)",
                vec![number(now.0.saturating_sub_unsigned(retention_ms))?, i64::from(PRUNED_AT_ONCE).into()],
            )?;
        }
        Ok(())
    }

    fn insert_row(
        &self,
        job: &JobSummary,
        state: &str,
        ended_at: i64,
        cost_micros: u64,
        webhook_url: &str,
        only_changes: bool,
    ) -> Result<()> {
        self.sql
            .exec(
                "INSERT OR IGNORE INTO jobs (id, query, deep, schedule_id, state, created_at, ended_at, cost_micros, \
                 webhook_url, only_changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                vec![
                    job.id.as_str().into(),
                    job.query.as_str().into(),
                    i64::from(job.deep).into(),
                    job.schedule_id.clone().unwrap_or_default().into(),
                    state.into(),
                    number(job.created_at.0)?,
                    number(ended_at)?,
                    whole(cost_micros)?,
                    webhook_url.into(),
                    i64::from(only_changes).into(),
                ],
            )
            .map(drop)
    }

    fn add_to_day(&self, at: Timestamp, jobs: u32, spent: &Spent) -> Result<()> {
        let day = number(day_of(at))?;
        self.sql.exec("INSERT OR IGNORE INTO days (day) VALUES (?)", vec![day.clone()])?;
        self.sql
            .exec(
                "UPDATE days SET jobs = jobs + ?, searches = searches + ?, pages = pages + ?, bytes = bytes + ?, \
                 model_calls = model_calls + ?, tokens_input = tokens_input + ?, tokens_output = tokens_output + ?, \
                 search_micros = search_micros + ?, page_micros = page_micros + ?, model_micros = model_micros + ? \
                 WHERE day = ?",
                vec![
                    i64::from(jobs).into(),
                    whole(spent.searches)?,
                    whole(spent.pages)?,
                    whole(spent.bytes)?,
                    whole(spent.model_calls)?,
                    whole(spent.tokens_input)?,
                    whole(spent.tokens_output)?,
                    whole(spent.search_micros)?,
                    whole(spent.page_micros)?,
                    whole(spent.model_micros)?,
                    day,
                ],
            )
            .map(drop)
    }

    fn count(&self, query: &str, bindings: Vec<SqlStorageValue>) -> Result<u64> {
        let rows = self.sql.exec(query, bindings)?.to_array::<Count>()?;
        Ok(rows.first().map_or(0, |row| row.n as u64))
    }
}

fn job_row(row: ListedRow) -> JobRow {
    let schedule_id = (!row.schedule_id.is_empty()).then_some(row.schedule_id);
    let created_at = Timestamp(row.created_at as i64);
    let job = JobSummary { id: row.id, query: row.query, deep: row.deep > 0, created_at, schedule_id };
    let states = [EndState::Completed, EndState::Partial, EndState::Failed, EndState::Cancelled];
    let end = states.into_iter().find(|state| state.name() == row.state);
    JobRow::new(job, end.map(|state| (state, Timestamp(row.ended_at as i64))), row.cost_micros as u64)
}

/// An integer that SQLite and JavaScript both hold exactly.
pub fn number(n: i64) -> Result<SqlStorageValue> {
    SqlStorageValue::try_from_i64(n.clamp(-9_007_199_254_740_991, 9_007_199_254_740_991))
}

/// The same for amounts.
pub fn whole(n: u64) -> Result<SqlStorageValue> {
    number(i64::try_from(n).unwrap_or(i64::MAX))
}
