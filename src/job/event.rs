//! What can happen to a job ([`Input`]) and the facts that follow from it ([`Event`]).

use crate::job::budget::{Limits, Spend, Tokens};
use crate::job::step::{Analyst, StepId};
use crate::job::{Failure, Timestamp};
use crate::model::{Answer, Plan};
use crate::research::report::Report;
use crate::research::request::ResearchRequest;
use crate::research::{Claim, PageId, PageRecord, SectionPlan, StopReason};
use crate::search::{Hit, Provider};
use serde::{Deserialize, Serialize};

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The job was loaded into a fresh isolate: whatever was in flight is lost.
    Resumed,
    /// Time passed.
    Woke,
    /// An attempt ended.
    StepFinished {
        /// Which step.
        step: StepId,
        /// Which attempt; an answer to any other attempt than the current one changes nothing.
        attempt: u32,
        /// How.
        outcome: Result<Reply, Failure>,
    },
}

/// What a step brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To a search.
    Hits {
        /// Best first.
        hits: Vec<Hit>,
    },
    /// To a read: the page is stored.
    Page(PageRecord),
    /// To a read: the page was reached and is of no use.
    Rejected {
        /// Why, in a few words.
        reason: String,
    },
    /// To an analysis: claims whose quotes were found in the stored page.
    Evidence(Evidence),
    /// To any other thinking step.
    Thought {
        /// The analyst's answer.
        answer: Answer,
        /// What the model counted.
        #[serde(default)]
        tokens: Tokens,
    },
}

/// What an analysis brought back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Claims with the byte range of their quote in the stored text.
    pub claims: Vec<(Claim, u32, u32)>,
    /// Quotes that were put right from the page.
    pub repaired: u32,
    /// Claims whose quote is not in the page.
    pub dropped: u32,
    /// What the model counted.
    #[serde(default)]
    pub tokens: Tokens,
}

/// A page chosen for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenPage {
    /// Its number in this job.
    pub id: PageId,
    /// Where it is.
    pub url: String,
    /// Title as the search result gave it.
    pub title: String,
    /// Set when the text lies in the library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// A fact of the journal. Variants and fields are only ever added, with defaults, so that old journals still fold. Tagged
/// from outside: serde's inner tags go through a buffer that forgets that a map's keys are numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The job exists. Always the first entry, and only there.
    Accepted {
        /// Public id.
        id: String,
        /// What was asked.
        request: ResearchRequest,
        /// Where to search.
        providers: Vec<Provider>,
        /// Name of the configured analyst: `extractive` or the model.
        analyst: String,
        /// What it may do.
        limits: Limits,
        /// Source of all jitter.
        seed: u64,
        /// When.
        at: Timestamp,
    },
    /// An attempt begins; its effect leaves only after this is durable.
    StepStarted {
        /// Which step.
        step: StepId,
        /// From 1.
        attempt: u32,
        /// Who does it.
        analyst: Analyst,
        /// What it may cost.
        reserved: Spend,
        /// When it is given up.
        deadline_at: Timestamp,
    },
    /// An attempt brought an answer.
    StepSucceeded {
        /// Which step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// The answer.
        reply: Reply,
        /// When.
        at: Timestamp,
    },
    /// An attempt failed, was lost with its isolate or ran out of time; another may start at `retry_at`.
    StepRetried {
        /// Which step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// Why.
        cause: String,
        /// It answered with a failure (a lost attempt counts apart).
        failed: bool,
        /// Earliest next start.
        retry_at: Timestamp,
        /// Who does the next attempt.
        analyst: Analyst,
    },
    /// The step was given up.
    StepFailed {
        /// Which step.
        step: StepId,
        /// Which attempt was the last.
        attempt: u32,
        /// Why.
        cause: String,
        /// When.
        at: Timestamp,
    },
    /// The question was taken apart.
    Planned {
        /// How.
        plan: Plan,
    },
    /// A round of searching begins.
    RoundOpened {
        /// From 1.
        round: u32,
        /// What is searched for.
        queries: Vec<String>,
    },
    /// Pages are to be read in this round; may happen more than once in a round when pages turn out unusable.
    PagesChosen {
        /// Which round.
        round: u32,
        /// Which pages, best first; may be empty.
        pages: Vec<ChosenPage>,
    },
    /// Every page of the round was read and analysed, or given up.
    RoundClosed {
        /// Which round.
        round: u32,
        /// Findings that it added.
        findings: u32,
    },
    /// No more evidence is looked for.
    ResearchStopped {
        /// Why.
        reason: StopReason,
        /// When.
        at: Timestamp,
    },
    /// The findings are arranged into sections.
    Outlined {
        /// The sections, in order.
        sections: Vec<SectionPlan>,
    },
    /// The report stands. Terminal.
    Completed {
        /// The report.
        report: Box<Report>,
        /// When.
        at: Timestamp,
    },
    /// No report can be made. Terminal.
    Failed {
        /// Why, for a person.
        cause: String,
        /// When.
        at: Timestamp,
    },
}
