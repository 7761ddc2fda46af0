//! What an account may do and has done: keys, quotas, idempotent requests, spend.
//!
//! The account is asked before a job is stored and told when it is over; between the two it holds what the job may cost.

pub mod idempotency;
pub mod key;
pub mod quota;

use crate::job::Timestamp;
use crate::metrics::CallCounts;
use crate::research::changes::ChangeCounts;
use crate::research::wording::Dialect;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How much an account may do. What is not set is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotas {
    /// Jobs that are not over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent_jobs: Option<u32>,
    /// Jobs started in one UTC day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_per_day: Option<u32>,
    /// Money in one UTC day, in millionths of a US dollar; what live jobs may still cost counts as spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_micros_per_day: Option<u64>,
}

/// A job asks to be let in. Carrying it out twice has no further effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// Whose account it is, for the sweeper.
    pub owner: String,
    /// The job as lists show it.
    pub job: JobSummary,
    /// The caller's `Idempotency-Key` and what it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<Claim>,
    /// The most that the job may cost by its own limits.
    pub cost_micros_max: u64,
    /// What the account may do.
    pub quotas: Quotas,
    /// Where its end is told; none when neither the request nor the account names an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// A scheduled run whose findings are those of the last one is not told of.
    #[serde(default)]
    pub only_changes: bool,
}

/// An `Idempotency-Key` and the request that came with it, as digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// SHA-256 of route and key.
    pub key: String,
    /// SHA-256 of the body.
    pub payload: String,
}

/// What the account answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admitted {
    /// Let in under the id it asked for.
    Fresh {
        /// The most that it may cost here, which may be less than it asked for.
        cost_micros_max: u64,
        /// For the reply's headers.
        standing: Standing,
    },
    /// The same request was let in before under this id.
    Repeated {
        /// The earlier job.
        id: String,
        /// It is not over, so storing it again does no harm and may be needed.
        live: bool,
        /// The most that it may cost, as it was granted then.
        cost_micros_max: u64,
        /// For the reply's headers.
        standing: Standing,
    },
    /// The same key came with another body.
    Mismatch,
    /// A quota is used up.
    Refused {
        /// Which.
        quota: QuotaKind,
        /// When it is worth another try.
        retry_after_s: u64,
        /// For the reply's headers.
        standing: Standing,
    },
}

/// Which quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaKind {
    /// [`Quotas::concurrent_jobs`]
    ConcurrentJobs,
    /// [`Quotas::jobs_per_day`]
    JobsPerDay,
    /// [`Quotas::spend_micros_per_day`]
    SpendPerDay,
}

impl QuotaKind {
    /// The word on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ConcurrentJobs => "concurrent-jobs",
            Self::JobsPerDay => "jobs-per-day",
            Self::SpendPerDay => "spend-per-day",
        }
    }
}

/// How much of each quota is left, for the `RateLimit` headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// One entry for each quota that is set.
    pub limits: Vec<Limit>,
}

/// One quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Which.
    pub quota: QuotaKind,
    /// How much there is in all.
    pub total: u64,
    /// How much is left.
    pub left: u64,
    /// Seconds until it is whole again; none for a quota that does not refill with time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_in_s: Option<u64>,
}

/// A job as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSummary {
    /// Public id.
    pub id: String,
    /// The question, shortened to [`QUERY_CHARS_LISTED`] characters.
    pub query: String,
    /// Deep research.
    pub deep: bool,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The schedule that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
}

/// Characters of a question that lists show.
pub const QUERY_CHARS_LISTED: usize = 200;

/// How a job ended; the words of `state` in replies and of the webhook's event types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndState {
    /// With a report that is all that was asked for.
    Completed,
    /// With a report that is less, and says why.
    Partial,
    /// Without a report.
    Failed,
    /// By its owner.
    Cancelled,
}

impl EndState {
    /// The word on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job tells its account that it is over. Repeated until it is acknowledged; only the first one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The job; known to the account unless an older release accepted it.
    pub job: JobSummary,
    /// How it ended.
    pub state: EndState,
    /// When.
    pub ended_at: Timestamp,
    /// What it spent.
    pub spent: Spent,
    /// For a scheduled run: how it differs from the last one; none when there was none to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangeCounts>,
    /// Why it failed or is partial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The owner's own words about the job.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// Whom it called, how often, and how often in vain.
    #[serde(default, skip_serializing_if = "CallCounts::is_empty")]
    pub calls: CallCounts,
    /// In whose words its end is told, where not in our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
}

/// What a job spent, by part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Calls to search providers.
    pub searches: u64,
    /// Pages fetched.
    pub pages: u64,
    /// Bytes of pages, after decompression.
    pub bytes: u64,
    /// Calls to a model.
    pub model_calls: u64,
    /// Tokens read by the model.
    pub tokens_input: u64,
    /// Tokens written by the model.
    pub tokens_output: u64,
    /// Millionths of a US dollar for searches.
    pub search_micros: u64,
    /// For pages.
    pub page_micros: u64,
    /// For the model.
    pub model_micros: u64,
}

impl Spent {
    /// The sum of two, part by part; saturates.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            searches: self.searches.saturating_add(other.searches),
            pages: self.pages.saturating_add(other.pages),
            bytes: self.bytes.saturating_add(other.bytes),
            model_calls: self.model_calls.saturating_add(other.model_calls),
            tokens_input: self.tokens_input.saturating_add(other.tokens_input),
            tokens_output: self.tokens_output.saturating_add(other.tokens_output),
            search_micros: self.search_micros.saturating_add(other.search_micros),
            page_micros: self.page_micros.saturating_add(other.page_micros),
            model_micros: self.model_micros.saturating_add(other.model_micros),
        }
    }

    /// All parts of the cost, in millionths of a US dollar.
    #[must_use]
    pub fn cost_micros(&self) -> u64 {
        self.search_micros.saturating_add(self.page_micros).saturating_add(self.model_micros)
    }
}
