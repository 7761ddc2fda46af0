//! Steps: the units of outside work, named by their place in the job.

use crate::job::Timestamp;
use crate::job::budget::Spend;
use crate::model::chain::Duty;
use crate::research::PageId;
use crate::search::Provider;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A step's name. It follows from the step's place, never from arrival order, so that journals and ids are the same
/// however often the job was interrupted. Shown as `plan`, `r2.search.3.brave`, `read.p7`, `section.4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepId {
    /// Take the question apart.
    Plan,
    /// One query of a round at one provider; both counted from 1.
    Search {
        /// Round, from 1.
        round: u32,
        /// Place of the query in its round, from 1.
        query: u32,
        /// Which provider.
        provider: Provider,
    },
    /// Fetch and extract one page.
    Read(PageId),
    /// Find what one page says.
    Analyze(PageId),
    /// Ask for follow-up queries after a round.
    Reflect(u32),
    /// Arrange the findings.
    Outline,
    /// Write one section, from 1.
    Section(u32),
    /// Sum up.
    Summary,
    /// Fill the fields of the caller's schema.
    Fields,
}

impl StepId {
    /// Part of writing the report, for which the budget keeps a reserve.
    #[must_use]
    pub fn is_writing(self) -> bool {
        matches!(self, Self::Outline | Self::Section(_) | Self::Summary | Self::Fields)
    }

    /// What a thinking step asks of a model; `None` for other work.
    #[must_use]
    pub fn duty(self) -> Option<Duty> {
        match self {
            Self::Plan | Self::Reflect(_) => Some(Duty::Plan),
            Self::Analyze(_) => Some(Duty::Analyze),
            Self::Outline | Self::Section(_) | Self::Summary | Self::Fields => Some(Duty::Write),
            Self::Search { .. } | Self::Read(_) => None,
        }
    }

    /// What kind of work it is: decides its deadline, its retries and what it costs.
    #[must_use]
    pub fn kind(self) -> StepKind {
        match self {
            Self::Search { .. } => StepKind::Search,
            Self::Read(_) => StepKind::Read,
            Self::Plan
            | Self::Analyze(_)
            | Self::Reflect(_)
            | Self::Outline
            | Self::Section(_)
            | Self::Summary
            | Self::Fields => StepKind::Think,
        }
    }
}

/// The three kinds of outside work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// A call to a search provider.
    Search,
    /// The fetch of a page.
    Read,
    /// A task for an analyst.
    Think,
}

impl StepKind {
    /// One attempt is given up after this long. Search APIs answer in about a second, so 10 s are generous; a page has 15 s
    /// (`edge/read.rs`) after it waited for its host's turn for as long; thinking has what its model has (`ModelRef::timeout_ms`),
    /// and the built-in analyst as long as an ordinary one.
    #[must_use]
    pub fn timeout_ms(self) -> u64 {
        match self {
            Self::Search => 10_000,
            Self::Read => 30_000,
            Self::Think => 90_000,
        }
    }

    /// Attempts that may end in a transient failure before the step is given up (or handed to the built-in analyst).
    #[must_use]
    pub fn failures_max(self) -> u32 {
        match self {
            Self::Read => 2,
            Self::Search => 3,
            Self::Think => 4,
        }
    }
}

/// Most starts of one step, interrupted ones included: five kills in a row must not cost a page, a crash loop must end, and
/// nine tries with waits of 1, 2, 4, 8, 16, 32, 60 and 60 s outlast an outage of three minutes.
pub const ATTEMPTS_MAX: u32 = 9;

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => f.write_str("plan"),
            Self::Search { round, query, provider } => write!(f, "r{round}.search.{query}.{provider}"),
            Self::Read(page) => write!(f, "read.{page}"),
            Self::Analyze(page) => write!(f, "analyze.{page}"),
            Self::Reflect(round) => write!(f, "r{round}.reflect"),
            Self::Outline => f.write_str("outline"),
            Self::Section(n) => write!(f, "section.{n}"),
            Self::Summary => f.write_str("summary"),
            Self::Fields => f.write_str("fields"),
        }
    }
}

/// A text that is not a step's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a step")]
pub struct NotAStep(String);

impl FromStr for StepId {
    type Err = NotAStep;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bad = || NotAStep(s.chars().take(80).collect());
        let number = |t: &str, prefix: &str| -> Result<u32, NotAStep> {
            t.strip_prefix(prefix).and_then(|n| n.parse().ok()).ok_or_else(bad)
        };
        let parts: Vec<&str> = s.split('.').collect();
        match parts.as_slice() {
            ["plan"] => Ok(Self::Plan),
            ["outline"] => Ok(Self::Outline),
            ["summary"] => Ok(Self::Summary),
            ["fields"] => Ok(Self::Fields),
            ["read", p] => Ok(Self::Read(PageId(number(p, "p")?))),
            ["analyze", p] => Ok(Self::Analyze(PageId(number(p, "p")?))),
            ["section", n] => Ok(Self::Section(number(n, "")?)),
            [r, "reflect"] => Ok(Self::Reflect(number(r, "r")?)),
            [r, "search", q, provider] => Ok(Self::Search {
                round: number(r, "r")?,
                query: number(q, "")?,
                provider: Provider::from_name(provider).ok_or_else(bad)?,
            }),
            _ => Err(bad()),
        }
    }
}

impl Serialize for StepId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StepId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who does a thinking step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Analyst {
    /// The first model of the duty's chain.
    #[default]
    Configured,
    /// The model at this place of the chain, from 1: those before it failed for good.
    Fallback(u32),
    /// The built-in one: costs nothing, cannot fail.
    Extractive,
}

/// What is known of a step that was started at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Starts so far.
    pub attempts: u32,
    /// Attempts that ended in a transient failure.
    pub failures: u32,
    /// Who does it.
    pub analyst: Analyst,
    /// When its latest attempt began.
    pub started_at: Timestamp,
    /// What its latest attempt counts for in the job's spend.
    pub held: Spend,
    /// Where it stands.
    pub state: StepState,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    /// An attempt is out; its answer counts until `deadline_at`.
    Running {
        /// When the attempt is given up.
        deadline_at: Timestamp,
    },
    /// The last attempt failed or was lost; the next may start at `retry_at`.
    Waiting {
        /// Earliest next start.
        retry_at: Timestamp,
    },
    /// Answered.
    Done,
    /// Given up.
    Failed {
        /// Why.
        cause: String,
    },
}

impl Step {
    /// Answered or given up: nothing more will come of it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.state, StepState::Done | StepState::Failed { .. })
    }

    /// An attempt is out.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, StepState::Running { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_id_reads_back_as_itself() {
        let all = [
            StepId::Plan,
            StepId::Search { round: 2, query: 3, provider: Provider::Brave },
            StepId::Read(PageId(7)),
            StepId::Analyze(PageId(12)),
            StepId::Reflect(1),
            StepId::Outline,
            StepId::Section(4),
            StepId::Summary,
            StepId::Fields,
        ];
        for id in all {
            assert_eq!(id.to_string().parse(), Ok(id), "{id}");
        }
        assert_eq!(
            StepId::Search { round: 2, query: 3, provider: Provider::Brave }.to_string(),
            "r2.search.3.brave"
        );
    }

    #[test]
    fn a_text_that_names_no_step_is_refused() {
        for text in ["", "plan.1", "read.7", "r1.search.1.altavista", "rx.reflect", "section.", "r1.search.1"]
        {
            assert!(text.parse::<StepId>().is_err(), "{text}");
        }
    }
}
