//! What a job has spent, and what it tells its account at the end.

use crate::account::{EndState, JobSummary, QUERY_CHARS_LISTED, Settlement, Spent};
use crate::job::{End, Job};
use serde::Serialize;

/// Millionths of a US dollar as dollars.
#[must_use]
pub fn usd(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// What was spent, as replies show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Usage {
    /// Calls to search providers.
    pub searches: u64,
    /// Pages fetched.
    pub pages: u64,
    /// Bytes of pages, after decompression.
    pub bytes: u64,
    /// Calls to a model.
    pub model_calls: u64,
    /// Tokens of the model.
    pub tokens: TokensView,
    /// All parts of the cost.
    pub cost_usd: f64,
    /// The cost by part.
    pub cost: CostView,
    /// Each model's part; of jobs only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelUsage>,
}

/// What one model took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelUsage {
    /// Its API: `openai`, `anthropic`, `gemini` or `workers-ai`.
    pub api: &'static str,
    /// Its name there.
    pub model: String,
    /// Calls, those without an answer included.
    pub calls: u32,
    /// Tokens as it counted them.
    pub tokens: ModelTokens,
    /// US dollars.
    pub cost_usd: f64,
}

/// Tokens of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelTokens {
    /// Read.
    pub input: u64,
    /// Part of `input` that the provider had in its cache.
    pub cached: u64,
    /// Written.
    pub output: u64,
}

/// Tokens as the model counted them, or as they were reserved where its answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokensView {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
}

/// US dollars, by part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostView {
    /// Searches.
    pub search_usd: f64,
    /// Pages.
    pub pages_usd: f64,
    /// The model.
    pub model_usd: f64,
}

impl From<&Spent> for Usage {
    fn from(spent: &Spent) -> Self {
        Self {
            searches: spent.searches,
            pages: spent.pages,
            bytes: spent.bytes,
            model_calls: spent.model_calls,
            tokens: TokensView { input: spent.tokens_input, output: spent.tokens_output },
            cost_usd: usd(spent.cost_micros()),
            cost: CostView {
                search_usd: usd(spent.search_micros),
                pages_usd: usd(spent.page_micros),
                model_usd: usd(spent.model_micros),
            },
            models: Vec::new(),
        }
    }
}

impl Job {
    /// What the job has spent so far; attempts that were lost count, since they may have been billed.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.ledger.spent(self.pages.values().map(|p| p.bytes).sum())
    }

    /// What the job has spent so far, model by model.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let models = self.ledger.models.iter().map(|(model, spend)| ModelUsage {
            api: model.api.name(),
            model: model.model.clone(),
            calls: spend.calls,
            tokens: ModelTokens {
                input: spend.tokens.input,
                cached: spend.tokens.cached,
                output: spend.tokens.output,
            },
            cost_usd: usd(spend.cost_micros),
        });
        Usage { models: models.collect(), ..Usage::from(&self.spent()) }
    }

    /// What did not go as configured, and what was done instead.
    #[must_use]
    pub fn degradation(&self) -> Option<String> {
        let stand_ins = self.stand_ins();
        let all: Vec<String> = self.degraded.iter().cloned().chain(stand_ins).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Which models stood in for others, and what models were not shown.
    pub(super) fn model_warnings(&self) -> impl Iterator<Item = String> + '_ {
        self.stand_ins().chain(self.losses.iter().cloned())
    }

    fn stand_ins(&self) -> impl Iterator<Item = String> + '_ {
        let said = |((failed, next), cause): (&(String, String), &String)| {
            format!("{next} stood in for {failed}: {cause}")
        };
        self.stand_ins.iter().map(said)
    }

    /// The job as lists show it.
    #[must_use]
    pub fn summary(&self) -> JobSummary {
        JobSummary {
            id: self.id.clone(),
            query: self.request.query.chars().take(QUERY_CHARS_LISTED).collect(),
            deep: self.request.deep,
            created_at: self.accepted_at,
            schedule_id: self.occurrence.as_ref().map(|o| o.schedule.clone()),
        }
    }

    /// How the job ended, for its account; `None` while it lives.
    #[must_use]
    pub fn settlement(&self) -> Option<Settlement> {
        let (state, ended_at, reason, changes) = match self.end.as_ref()? {
            End::Completed { at, changes, .. } => match self.partial_reason() {
                Some(reason) => (EndState::Partial, *at, Some(reason), changes),
                None => (EndState::Completed, *at, None, changes),
            },
            End::Failed { cause, at } => (EndState::Failed, *at, Some(cause.clone()), &None),
            End::Cancelled { at } => (EndState::Cancelled, *at, None, &None),
        };
        Some(Settlement {
            job: self.summary(),
            state,
            ended_at,
            spent: self.spent(),
            changes: changes.as_ref().map(|c| c.counts()),
            reason,
            metadata: self.request.metadata.clone(),
            calls: self.calls(),
            dialect: self.request.wording.as_ref().map(|w| w.dialect),
        })
    }

    /// [`Job::partial_reason`] in one word for programs: `budget`, `deadline` or `degraded`.
    #[must_use]
    pub fn partial_word(&self) -> Option<&'static str> {
        use crate::research::StopReason;
        self.partial_reason().map(|_| match self.stop {
            Some(StopReason::Budget) => "budget",
            Some(StopReason::Deadline) => "deadline",
            _ => "degraded",
        })
    }

    /// Why the report is less than what was asked for; `None` when it is not, or when there is none.
    #[must_use]
    pub fn partial_reason(&self) -> Option<String> {
        use crate::research::StopReason;
        if !matches!(self.end, Some(End::Completed { .. })) {
            return None;
        }
        let cut = match self.stop {
            Some(StopReason::Budget) => Some("the budget was used up before the research was done"),
            Some(StopReason::Deadline) => Some("time ran out before the research was done"),
            _ => None,
        };
        let reasons: Vec<String> = self.degraded.iter().cloned().chain(cut.map(str::to_owned)).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}
