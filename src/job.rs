//! The durable job: a fold over its journal.
//!
//! [`Job::decide`] turns something that happened into facts, [`Job::apply`] folds one fact, [`Job::due`] says which
//! effects must be performed now, [`Job::wake_at`] when to look again, [`Job::view`] what polling shows. None of them
//! reads a clock, draws a number or does I/O, so a job can be simulated natively by the thousand.
//!
//! **The contract with the edge:** facts are committed before the effects they start are performed; after a load,
//! [`Input::Resumed`] comes first; every outcome goes through `decide` exactly as it came.

pub mod budget;
pub mod bundle;
mod calls;
pub mod carry;
mod cost;
mod decide;
pub mod effect;
pub mod estimate;
pub mod event;
mod fold;
pub mod fork;
pub mod journal;
mod partial;
mod rests;
pub mod retry;
mod standing;
mod steer;
pub mod step;
pub mod timestamp;
pub mod usage;
pub mod view;

pub use decide::WIDTH;
pub use effect::{Call, Effect};
pub use event::{Event, Input, Reply};
pub use retry::Failure;
pub use timestamp::Timestamp;

use crate::job::budget::{Ledger, Limits, Prices, ROUNDS_MAX};
use crate::job::event::{ChosenPage, Previous};
use crate::job::standing::Standing;
use crate::job::step::{Step, StepId, StepState};
use crate::metrics::{CallCounts, Calls};
use crate::model::Plan;
use crate::model::chain::{Chains, Duty, ModelRef};
use crate::research::changes::{Baseline, Changes};
use crate::research::report::Report;
use crate::research::request::{ResearchRequest, Steering};
use crate::research::structured::FilledField;
use crate::research::{Finding, FindingId, PageId, PageRecord, SectionPlan, StopReason};
use crate::schedule::Occurrence;
use crate::search::fusion::DomainRules;
use crate::search::{Hit, Provider};
use std::collections::{BTreeMap, BTreeSet};

/// One research job. Equal journals give equal jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    id: String,
    request: ResearchRequest,
    providers: Vec<Provider>,
    analyst: String,
    limits: Limits,
    seed: u64,
    accepted_at: Timestamp,
    phase: Phase,
    steps: BTreeMap<StepId, Step>,
    plan: Option<Plan>,
    /// What is searched for and read before there is a plan; the first round begins with it.
    foreseen: Option<Foreseen>,
    rounds: Vec<Round>,
    rounds_closed: u32,
    hits: BTreeMap<StepId, Vec<Hit>>,
    chosen: BTreeMap<PageId, ChosenPage>,
    /// Those of them that the request names, read in any case.
    start_pages: BTreeSet<PageId>,
    pages: BTreeMap<PageId, PageRecord>,
    rejected: BTreeMap<PageId, String>,
    findings: BTreeMap<FindingId, Finding>,
    follow_ups: BTreeMap<u32, Vec<String>>,
    stop: Option<StopReason>,
    outline: Vec<SectionPlan>,
    drafts: BTreeMap<StepId, String>,
    /// What was proposed for the fields of the caller's schema.
    fields: Vec<FilledField>,
    quotes_repaired: u32,
    quotes_dropped: u32,
    ledger: Ledger,
    degraded: Option<String>,
    /// How each search provider fared.
    standings: BTreeMap<Provider, Standing>,
    /// Who thinks.
    models: Chains,
    /// At how many steps each model was replaced since it last answered.
    replaced: BTreeMap<ModelRef, u32>,
    /// Which model stood in for which, and why.
    stand_ins: BTreeMap<(String, String), String>,
    /// Calls of models by the name of their API, each attempt under the one that had it.
    model_calls: BTreeMap<&'static str, Calls>,
    /// What was called before this job was copied from another.
    copied: CallCounts,
    /// What models were not shown because their contexts are too small.
    losses: BTreeSet<String>,
    prices: Prices,
    occurrence: Option<Occurrence>,
    previous: Option<Previous>,
    forked_from: Option<(String, u32)>,
    baseline: Option<Baseline>,
    steerings: Vec<Steering>,
    /// Steerings up to here count in the round that is open.
    steerings_applied: usize,
    /// Sub-questions that steering added.
    added_questions: Vec<String>,
    /// Time that passed while nobody ran the job, in milliseconds; deadlines are that much later.
    skipped_ms: i64,
    /// How often the clock jumped forward.
    skips: u32,
    /// The moment of the latest fact.
    last_at: Timestamp,
    /// How far it ever was, 0 to 100: more pages to read are no step back.
    percent: u32,
    end: Option<End>,
}

/// Where a job stands. Only ever moves down this list, but for the loop over rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The question is being taken apart.
    Planning,
    /// Queries of this round are out.
    Searching(u32),
    /// Pages of this round are being read and analysed.
    Reading(u32),
    /// Follow-up queries after this round are being thought of.
    Reflecting(u32),
    /// The report is being written.
    Writing,
    /// Over.
    Ended,
}

/// One round.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Round {
    queries: Vec<String>,
    pages: Vec<PageId>,
    waves: u32,
}

/// Work of the first round that is done while the plan is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Foreseen {
    queries: Vec<String>,
    /// Once they were chosen.
    pages: Option<Vec<PageId>>,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Completed { report: Box<Report>, changes: Option<Box<Changes>>, at: Timestamp },
    Failed { cause: String, at: Timestamp },
    Cancelled { at: Timestamp },
}

/// Changes of course that one job takes: each may cost a round.
pub const STEERINGS_MAX: usize = 10;

/// What a job is accepted on.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Public id.
    pub id: String,
    /// What was asked.
    pub request: ResearchRequest,
    /// Where to search.
    pub providers: Vec<Provider>,
    /// Who thinks.
    pub models: Chains,
    /// What outside work costs.
    pub prices: Prices,
    /// Source of all jitter.
    pub seed: u64,
    /// Set when a schedule starts it.
    pub occurrence: Option<Occurrence>,
}

impl Job {
    /// The first fact of a new job.
    #[must_use]
    pub fn accept(terms: Terms, now: Timestamp) -> Event {
        let Terms { id, request, providers, models, prices, seed, occurrence } = terms;
        let thinks = |duty| !models.of(duty).is_empty();
        let overlaps = thinks(Duty::Plan) || thinks(Duty::Analyze);
        let limits = Limits { overlaps, ..Limits::of(&request, providers.len()) };
        let (request, analyst, models) = (Box::new(request), models.name(), Box::new(models));
        Event::Accepted { id, request, providers, analyst, limits, seed, at: now, prices, occurrence, models }
    }

    /// All attempts that are out. The edge performs those that it is not performing yet.
    pub fn out(&self) -> impl Iterator<Item = (StepId, u32)> {
        self.steps.iter().filter(|(_, s)| s.is_running()).map(|(id, s)| (*id, s.attempts))
    }

    /// What the attempt at a step that is out is to do; made anew each time, a section's from all its findings.
    #[must_use]
    pub fn effect(&self, step: StepId) -> Option<Effect> {
        let s = self.steps.get(&step)?;
        let StepState::Running { deadline_at } = s.state else { return None };
        let call = self.call(step)?;
        let model = self.model_of(step, s.analyst).cloned();
        Some(Effect { step, attempt: s.attempts, deadline_at, model, call })
    }

    /// Effects of all attempts that are out.
    #[must_use]
    pub fn due(&self) -> Vec<Effect> {
        self.out().filter_map(|(step, _)| self.effect(step)).collect()
    }

    /// When to look at the job again at the latest; `None` only when it is over.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        if self.is_terminal() {
            return None;
        }
        let steps = self.steps.iter().filter_map(|(step, s)| match s.state {
            StepState::Running { deadline_at } => Some(deadline_at),
            // What waits for another search of its provider is looked at when that one ends.
            StepState::Waiting { retry_at } => self.turn_at(*step).map(|turn_at| retry_at.max(turn_at)),
            StepState::Done | StepState::Failed { .. } => None,
        });
        let steps = steps.chain(self.straggler_at()).chain(self.next_turn_at());
        // A live job without any open step has just been accepted or was interrupted between two facts: at once.
        let next = steps.min().unwrap_or(self.last_at);
        Some(next.min(self.deadline_at()))
    }

    /// Whether its work may still wait for others': half of its time is left.
    #[must_use]
    pub fn may_wait(&self, now: Timestamp) -> bool {
        now < self.moment(self.limits.deadline_ms / 2)
    }

    /// Over, one way or the other; nothing changes any more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.end.is_some()
    }

    /// The report is being written: the end comes with the texts that are out.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.phase == Phase::Writing
    }

    /// Whether the attempt is out and its answer would count.
    #[must_use]
    pub fn is_running(&self, step: StepId, attempt: u32) -> bool {
        self.steps.get(&step).is_some_and(|s| s.is_running() && s.attempts == attempt)
    }

    /// Public id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it still makes sense to change the job's course: evidence is being looked for.
    #[must_use]
    pub fn accepts_steering(&self) -> bool {
        !self.is_terminal() && self.stop.is_none() && self.steerings.len() < STEERINGS_MAX
    }

    /// Steering that no round has taken into account yet.
    fn is_steered(&self) -> bool {
        self.steerings.len() > self.steerings_applied
    }

    /// Rounds that the job may take: those asked for, and one more for each steering that came too late for them.
    fn rounds_allowed(&self) -> u32 {
        let opened = u32::try_from(self.rounds.len()).unwrap_or(u32::MAX);
        let steered = if self.is_steered() { opened.saturating_add(1) } else { opened };
        self.limits.rounds_max.max(steered).min(ROUNDS_MAX)
    }

    /// What was asked, as it was accepted.
    #[must_use]
    pub fn request(&self) -> &ResearchRequest {
        &self.request
    }

    fn deadline_at(&self) -> Timestamp {
        self.moment(self.limits.deadline_ms)
    }

    /// The moment at which the job has had `ms` milliseconds to run.
    fn moment(&self, ms: u64) -> Timestamp {
        Timestamp(self.accepted_at.plus_ms(ms).0.saturating_add(self.skipped_ms))
    }

    fn question(&self) -> &str {
        &self.request.query
    }

    /// The plan's, and those that steering added.
    fn sub_questions(&self) -> Vec<String> {
        let planned = self.plan.iter().flat_map(|p| &p.sub_questions);
        planned.chain(&self.added_questions).cloned().collect()
    }

    /// What the request says of domains, and what steering added.
    fn domain_rules(&self) -> DomainRules {
        let steered = |pick: fn(&Steering) -> &Vec<String>| self.steerings.iter().flat_map(pick).cloned();
        let (include, exclude) = (&self.request.include_domains, &self.request.exclude_domains);
        DomainRules {
            include: include.iter().cloned().chain(steered(|s| &s.include_domains)).collect(),
            exclude: exclude.iter().cloned().chain(steered(|s| &s.exclude_domains)).collect(),
        }
    }

    fn asked(&self) -> Vec<String> {
        self.rounds.iter().flat_map(|r| r.queries.iter().cloned()).collect()
    }

    fn opened(&self, round: u32) -> Option<&Round> {
        usize::try_from(round).ok().and_then(|n| self.rounds.get(n.checked_sub(1)?))
    }

    /// The pages of a round, from 1; none before it is opened.
    fn pages_of(&self, round: u32) -> &[PageId] {
        self.opened(round).map_or(&[], |round| round.pages.as_slice())
    }

    /// The queries of a round, from 1; of the first also what is asked of it before it is opened.
    fn queries_of(&self, round: u32) -> &[String] {
        let foreseen = self.foreseen.as_ref().filter(|_| round == 1).map(|foreseen| &foreseen.queries);
        self.opened(round).map(|round| &round.queries).or(foreseen).map_or(&[], Vec::as_slice)
    }
}
