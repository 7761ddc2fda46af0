//! Bodies and replies about accounts: lists of jobs, usage, keys and quotas.

use crate::account::key::{KeyView, is_account};
use crate::account::{Claim, EndState, JobSummary, Limit, Quotas, Spent, idempotency};
use crate::api::ApiError;
use crate::api::paging::{Paging, paging};
use crate::api::request::{BODY_BYTES_MAX, Fields, json_object};
use crate::config::spending::micros;
use crate::job::Timestamp;
use crate::job::usage::{Usage, usd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The claim that a request makes with its `Idempotency-Key`.
pub fn claim(route: &str, key: Option<&str>, body: &[u8]) -> Result<Option<Claim>, ApiError> {
    idempotency::claim(route, key, body).map_err(ApiError::bad_request)
}

/// Which jobs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobListing {
    /// Only those in this state.
    pub state: Option<ListedState>,
    /// Only runs of this schedule.
    pub schedule_id: Option<String>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Jobs of one page.
    pub limit: u32,
}

/// A state by which jobs are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListedState {
    /// Not over.
    Running,
    /// Over, like this.
    Ended(EndState),
}

/// Longest name of a key.
const NAME_CHARS_MAX: usize = 100;

/// Reads the query of `GET /v1/research`.
pub fn job_listing(query: &BTreeMap<String, String>) -> Result<JobListing, ApiError> {
    let mut problems = Vec::new();
    let state = match query.get("state").map(String::as_str) {
        None => None,
        Some("running" | "processing" | "queued") => Some(ListedState::Running),
        Some("completed") => Some(ListedState::Ended(EndState::Completed)),
        Some("partial") => Some(ListedState::Ended(EndState::Partial)),
        Some("failed") => Some(ListedState::Ended(EndState::Failed)),
        Some("cancelled") => Some(ListedState::Ended(EndState::Cancelled)),
        Some(_) => {
            problems.push("`state` must be running, completed, partial, failed or cancelled".to_owned());
            None
        }
    };
    let Paging { cursor, limit } = paging(query, &mut problems);
    if !problems.is_empty() {
        return Err(ApiError::BadRequest { problems });
    }
    Ok(JobListing { state, schedule_id: query.get("schedule_id").cloned(), cursor, limit })
}

/// A job in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Public id.
    pub id: String,
    /// `processing`, `completed` or `failed`.
    pub status: String,
    /// `running`, `completed`, `partial`, `failed` or `cancelled`.
    pub state: String,
    /// The question, shortened.
    pub query: String,
    /// Deep research.
    pub deep: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; null while it lives.
    pub completed_at: Option<String>,
    /// The schedule that started it.
    pub schedule_id: Option<String>,
    /// US dollars; what it may still cost while it lives.
    pub cost_usd: f64,
}

impl JobRow {
    /// A row of the index as lists show it.
    #[must_use]
    pub fn new(job: JobSummary, end: Option<(EndState, Timestamp)>, cost_micros: u64) -> Self {
        let status = match end {
            None => "processing",
            Some((EndState::Completed | EndState::Partial, _)) => "completed",
            Some((EndState::Failed | EndState::Cancelled, _)) => "failed",
        };
        Self {
            id: job.id,
            status: status.to_owned(),
            state: end.map_or("running", |(state, _)| state.name()).to_owned(),
            query: job.query,
            deep: job.deep,
            created_at: job.created_at.to_rfc3339(),
            completed_at: end.map(|(_, at)| at.to_rfc3339()),
            schedule_id: job.schedule_id,
            cost_usd: usd(cost_micros),
        }
    }
}

/// `GET /v1/research`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobPage {
    /// Newest first.
    pub research: Vec<JobRow>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// `GET /v1/usage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UsageView {
    /// Jobs that are not over.
    pub live_jobs: u32,
    /// Since midnight UTC.
    pub today: PeriodView,
    /// Since the first of the month, UTC.
    pub month: PeriodView,
    /// Ever.
    pub total: PeriodView,
    /// Each quota that is set.
    pub quotas: Vec<QuotaView>,
}

/// What was done in a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeriodView {
    /// Jobs let in.
    pub jobs: u64,
    /// What those of them that are over have spent.
    #[serde(flatten)]
    pub usage: Usage,
}

impl PeriodView {
    /// So many jobs that spent so much.
    #[must_use]
    pub fn new(jobs: u64, spent: &Spent) -> Self {
        Self { jobs, usage: spent.into() }
    }
}

/// A quota and what is left of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotaView {
    /// `concurrent-jobs`, `jobs-per-day` or `spend-per-day` (in millionths of a US dollar).
    pub quota: &'static str,
    /// In all.
    pub limit: u64,
    /// Left.
    pub remaining: u64,
    /// Seconds until it is whole again; null for one that does not refill with time.
    pub resets_in_s: Option<u64>,
}

impl From<&Limit> for QuotaView {
    fn from(limit: &Limit) -> Self {
        Self {
            quota: limit.quota.name(),
            limit: limit.total,
            remaining: limit.left,
            resets_in_s: limit.resets_in_s,
        }
    }
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Whose; one of its own when none is named.
    pub account: Option<String>,
    /// What to call it.
    pub name: String,
    /// What the account may do, when it is to change.
    pub quotas: Option<Quotas>,
}

/// Reads the body of `POST /v1/keys`.
pub fn new_key(body: &[u8]) -> Result<NewKey, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut fields = Fields::of(&object);
    let account = fields.word("account", NAME_CHARS_MAX);
    if account.as_deref().is_some_and(|name| !is_account(name)) {
        fields.problems.push(ACCOUNT_RULE.to_owned());
    }
    let name = fields.text("name", NAME_CHARS_MAX).unwrap_or_default();
    let quotas = fields.get(&["quotas"]).is_some().then(|| fields.nested_quotas());
    fields.done(NewKey { account, name, quotas })
}

/// Reads the body of `PUT /v1/accounts/{account}/quotas`: the quotas themselves; what is missing is not limited.
pub fn new_quotas(account: &str, body: &[u8]) -> Result<Quotas, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut fields = Fields::of(&object);
    if !is_account(account) {
        fields.problems.push(ACCOUNT_RULE.to_owned());
    }
    let quotas = fields.quotas();
    fields.done(quotas)
}

/// What an account may be called.
const ACCOUNT_RULE: &str =
    "`account` must be at most 64 lower-case letters, digits, `-` and `_`, beginning with a letter or digit";

/// `POST /v1/keys`: the only reply that ever holds the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MadeKey {
    /// The key.
    pub key: String,
    /// What lists show of it.
    #[serde(flatten)]
    pub view: KeyView,
}

impl Fields<'_> {
    fn nested_quotas(&mut self) -> Quotas {
        match self.get(&["quotas"]) {
            Some((_, serde_json::Value::Object(members))) => {
                let mut inner = Fields::of(members);
                let quotas = inner.quotas();
                self.problems.extend(inner.problems.into_iter().map(|p| format!("in `quotas`: {p}")));
                quotas
            }
            _ => {
                self.problems.push("`quotas` must be an object such as {\"jobs_per_day\": 50}".into());
                Quotas::default()
            }
        }
    }

    fn quotas(&mut self) -> Quotas {
        let spend = self.get(&["spend_usd_per_day"]).map(|(_, value)| value.as_f64());
        if spend.is_some_and(|usd| usd.is_none_or(|usd| usd < 0.0)) {
            self.problems.push("`spend_usd_per_day` must be a number of US dollars".into());
        }
        Quotas {
            concurrent_jobs: self.count(&["concurrent_jobs"], u32::MAX),
            jobs_per_day: self.count(&["jobs_per_day"], u32::MAX),
            spend_micros_per_day: spend.flatten().map(micros),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn lists_are_asked_for_by_state_and_page() {
        let listing = job_listing(&query(&[("state", "partial"), ("limit", "500")])).unwrap();
        assert_eq!((listing.state, listing.limit), (Some(ListedState::Ended(EndState::Partial)), 100));
        for wrong in [("state", "done"), ("limit", "0"), ("limit", "x"), ("cursor", "y")] {
            assert_eq!(job_listing(&query(&[wrong])).unwrap_err().status(), 400, "{wrong:?}");
        }
    }

    #[test]
    fn a_key_names_its_account_and_what_that_may_do() {
        let key =
            new_key(br#"{"account":"acme","name":"ci","quotas":{"jobs_per_day":5,"spend_usd_per_day":0.5}}"#);
        let quotas = key.unwrap().quotas.unwrap();
        assert_eq!((quotas.jobs_per_day, quotas.spend_micros_per_day), (Some(5), Some(500_000)));
        assert_eq!(new_key(b"{}").unwrap().account, None);
        for body in [r#"{"account":"A B"}"#, r#"{"quotas":3}"#, r#"{"quotas":{"jobs_per_day":-1}}"#] {
            assert_eq!(new_key(body.as_bytes()).unwrap_err().status(), 400, "{body}");
        }
        assert!(new_quotas("@x", b"{}").is_err());
        assert!(new_quotas("x", br#"{"spend_usd_per_day":"much"}"#).is_err());
    }
}
