//! What can happen to a job ([`Input`]) and the facts that follow from it ([`Event`]).

use crate::job::budget::{Limits, Prices, Spend, Tokens};
use crate::job::step::{Analyst, StepId};
use crate::job::{Failure, Timestamp};
use crate::model::chain::Chains;
use crate::model::{Answer, Plan};
use crate::research::changes::{Baseline, Changes};
use crate::research::report::Report;
use crate::research::request::{ResearchRequest, Steering};
use crate::research::{Claim, PageId, PageRecord, SectionPlan, StopReason};
use crate::schedule::Occurrence;
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
    /// The owner wants it to end now. Final: after the fact that follows, nothing leaves any more.
    CancelRequested,
    /// The owner changes its course; refused (no facts) once no more evidence is looked for.
    Steered(Steering),
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
    Page(Box<PageRecord>),
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
        /// What the model was not shown because its context is too small for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loss: Option<String>,
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
    /// What the model was not shown because its context is too small for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<String>,
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

/// What an earlier job of the same owner found out, as a follow-up question needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// The earlier job.
    pub job: String,
    /// Its question.
    pub question: String,
    /// Its summary, plain text.
    pub summary: String,
}

/// A page that an earlier job read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InheritedPage {
    /// Its number and address in this job.
    pub chosen: ChosenPage,
    /// What is known of it.
    pub record: PageRecord,
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
        request: Box<ResearchRequest>,
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
        /// What outside work costs here.
        #[serde(default)]
        prices: Prices,
        /// Set when a schedule started it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        occurrence: Option<Occurrence>,
        /// Who thinks; without any, `analyst` does everything.
        #[serde(default, skip_serializing_if = "Chains::is_empty")]
        models: Box<Chains>,
    },
    /// The facts between acceptance and this one were copied from another job of the same owner; they cost this one
    /// nothing.
    Forked {
        /// The other job.
        from: String,
        /// Its last round that was copied.
        round: u32,
        /// When.
        at: Timestamp,
    },
    /// Pages that an earlier job of the same owner cited; their texts are stored with this job and are analysed under its
    /// own question before anything is fetched.
    Inherited {
        /// What the earlier job found out.
        previous: Previous,
        /// Its cited pages, numbered anew from 1.
        pages: Vec<InheritedPage>,
    },
    /// What the last run of the same schedule found, for the comparison at the end.
    BaselineRecalled {
        /// The earlier findings.
        baseline: Baseline,
    },
    /// The owner changed the course.
    Steered {
        /// How.
        steering: Steering,
        /// When.
        at: Timestamp,
    },
    /// The clock moved by more than a running job ever waits: the machine was down or its clock was set. Deadlines move
    /// along.
    TimeSkipped {
        /// By how much, in milliseconds; negative when the clock went back.
        by_ms: i64,
        /// The moment after the jump.
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
        /// When.
        #[serde(default)]
        at: Timestamp,
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
        /// What the attempt really took of tokens and money; without it, what was reserved stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settled: Option<Spend>,
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
        /// When.
        #[serde(default)]
        at: Timestamp,
        /// What the attempt really took of tokens and money; without it, what was reserved stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settled: Option<Spend>,
        /// The other side said when it wants to be asked again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        throttled: bool,
        /// What was asked is to blame, not who was asked.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        declined: bool,
        /// Paid for an answer of which nothing could be made.
        #[serde(default, skip_serializing_if = "Tokens::is_none")]
        wasted: Tokens,
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
        /// What the attempt really took of tokens and money; without it, what was reserved stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settled: Option<Spend>,
        /// The other side will say the same every time.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        refused: bool,
        /// It is no fault of the other side: the step was never asked.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unasked: bool,
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
        /// Sub-questions that steering added; they come after the plan's own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sub_questions: Vec<String>,
        /// When.
        #[serde(default)]
        at: Timestamp,
    },
    /// These queries of the first round are asked while the plan is still being made.
    Foreseen {
        /// What is searched for; the first round begins with them.
        queries: Vec<String>,
        /// When.
        #[serde(default)]
        at: Timestamp,
    },
    /// Pages that those queries found are read while the plan is still being made; they belong to the first round.
    PagesForeseen {
        /// Which pages, best first; may be empty.
        pages: Vec<ChosenPage>,
        /// When.
        #[serde(default)]
        at: Timestamp,
    },
    /// Pages that the request names are to be read in the round that was just opened, while its searches are out.
    StartPagesChosen {
        /// Which pages, in the order in which they were named.
        pages: Vec<ChosenPage>,
        /// When.
        #[serde(default)]
        at: Timestamp,
    },
    /// Pages are to be read in this round; may happen more than once in a round when pages turn out unusable.
    PagesChosen {
        /// Which round.
        round: u32,
        /// Which pages, best first; may be empty.
        pages: Vec<ChosenPage>,
        /// When.
        #[serde(default)]
        at: Timestamp,
    },
    /// Every page of the round was read and analysed, or given up.
    RoundClosed {
        /// Which round.
        round: u32,
        /// Findings that it added.
        findings: u32,
        /// When.
        #[serde(default)]
        at: Timestamp,
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
        /// What differs from the last run of the same schedule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        changes: Option<Box<Changes>>,
    },
    /// The owner ended it. Terminal.
    Cancelled {
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

impl Event {
    /// When it became known; the epoch for facts that follow at once from the one before them, and for those that an
    /// older release wrote without a moment.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Accepted { at, .. }
            | Self::Forked { at, .. }
            | Self::Steered { at, .. }
            | Self::TimeSkipped { at, .. }
            | Self::StepStarted { at, .. }
            | Self::StepSucceeded { at, .. }
            | Self::StepRetried { at, .. }
            | Self::StepFailed { at, .. }
            | Self::RoundOpened { at, .. }
            | Self::Foreseen { at, .. }
            | Self::PagesForeseen { at, .. }
            | Self::StartPagesChosen { at, .. }
            | Self::PagesChosen { at, .. }
            | Self::RoundClosed { at, .. }
            | Self::ResearchStopped { at, .. }
            | Self::Completed { at, .. }
            | Self::Cancelled { at }
            | Self::Failed { at, .. } => *at,
            Self::Inherited { .. }
            | Self::BaselineRecalled { .. }
            | Self::Planned { .. }
            | Self::Outlined { .. } => Timestamp::default(),
        }
    }
}
