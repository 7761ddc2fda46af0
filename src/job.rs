//! The durable job: a fold over its journal.
//!
//! [`Job::decide`] turns something that happened into facts, [`Job::apply`] folds one fact, [`Job::due`] says which
//! effects must be performed now, [`Job::wake_at`] when to look again, [`Job::view`] what polling shows. None of them
//! reads a clock, draws a number or does I/O, so a job can be simulated natively by the thousand.
//!
//! **The contract with the edge:** facts are committed before the effects they start are performed; after a load,
//! [`Input::Resumed`] comes first; every outcome goes through `decide` exactly as it came.

pub mod budget;
mod decide;
pub mod effect;
pub mod event;
pub mod journal;
pub mod retry;
pub mod step;
pub mod timestamp;
pub mod view;

pub use decide::WIDTH;
pub use effect::{Call, Effect};
pub use event::{Event, Input, Reply};
pub use retry::Failure;
pub use timestamp::Timestamp;

use crate::job::budget::{Limits, Spend, Tokens};
use crate::job::event::{ChosenPage, Evidence};
use crate::job::step::{Analyst, Step, StepId, StepState};
use crate::model::{Answer, Plan, extractive};
use crate::research::report::Report;
use crate::research::request::ResearchRequest;
use crate::research::{Finding, FindingId, PageId, PageRecord, SectionPlan, StopReason};
use crate::search::{Hit, Provider};
use std::collections::BTreeMap;

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
    rounds: Vec<Round>,
    hits: BTreeMap<StepId, Vec<Hit>>,
    chosen: BTreeMap<PageId, ChosenPage>,
    pages: BTreeMap<PageId, PageRecord>,
    rejected: BTreeMap<PageId, String>,
    findings: BTreeMap<FindingId, Finding>,
    follow_ups: BTreeMap<u32, Vec<String>>,
    stop: Option<StopReason>,
    outline: Vec<SectionPlan>,
    drafts: BTreeMap<StepId, String>,
    quotes_repaired: u32,
    quotes_dropped: u32,
    reserved: Spend,
    tokens: Tokens,
    degraded: Option<String>,
    fallbacks: u32,
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

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Completed { report: Box<Report>, at: Timestamp },
    Failed { cause: String, at: Timestamp },
}

/// Finding numbers are `page * 100 + place`, so they follow from places too; `Limits::claims_per_page_max` stays below.
const FINDINGS_PER_PAGE: u32 = 100;

impl Job {
    /// The first fact of a new job.
    #[must_use]
    pub fn accept(
        id: String,
        request: ResearchRequest,
        providers: Vec<Provider>,
        analyst: String,
        seed: u64,
        now: Timestamp,
    ) -> Event {
        let limits = Limits::of(&request, providers.len());
        Event::Accepted { id, request, providers, analyst, limits, seed, at: now }
    }

    /// The job that a journal tells of; `None` when the journal does not begin with [`Event::Accepted`].
    pub fn fold(journal: impl IntoIterator<Item = Event>) -> Option<Self> {
        let mut entries = journal.into_iter();
        let Event::Accepted { id, request, providers, analyst, limits, seed, at } = entries.next()? else {
            return None;
        };
        let mut job = Self {
            id,
            request,
            providers,
            analyst,
            limits,
            seed,
            accepted_at: at,
            phase: Phase::Planning,
            steps: BTreeMap::new(),
            plan: None,
            rounds: Vec::new(),
            hits: BTreeMap::new(),
            chosen: BTreeMap::new(),
            pages: BTreeMap::new(),
            rejected: BTreeMap::new(),
            findings: BTreeMap::new(),
            follow_ups: BTreeMap::new(),
            stop: None,
            outline: Vec::new(),
            drafts: BTreeMap::new(),
            quotes_repaired: 0,
            quotes_dropped: 0,
            reserved: Spend::default(),
            tokens: Tokens::default(),
            degraded: None,
            fallbacks: 0,
            end: None,
        };
        for event in entries {
            job.apply(&event);
        }
        Some(job)
    }

    /// Folds one fact. Total: a fact that does not fit changes nothing. Never decides.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Accepted { .. } => {}
            Event::StepStarted { step, attempt, analyst, reserved, deadline_at } => {
                self.reserved = self.reserved.plus(*reserved);
                let failures = self.steps.get(step).map_or(0, |s| s.failures);
                let state = StepState::Running { deadline_at: *deadline_at };
                if *analyst == Analyst::Extractive && self.analyst != extractive::NAME {
                    self.degraded.get_or_insert_with(|| "the built-in analyst stood in for the model: the budget for model calls is used up".to_owned());
                }
                self.steps.insert(*step, Step { attempts: *attempt, failures, analyst: *analyst, state });
            }
            Event::StepSucceeded { step, reply, .. } => {
                if let Some(s) = self.steps.get_mut(step) {
                    s.state = StepState::Done;
                }
                self.keep(*step, reply);
            }
            Event::StepRetried { step, failed, retry_at, analyst, cause, .. } => {
                if let Some(s) = self.steps.get_mut(step) {
                    s.failures += u32::from(*failed);
                    s.state = StepState::Waiting { retry_at: *retry_at };
                    if *analyst == Analyst::Extractive && s.analyst == Analyst::Configured {
                        s.analyst = Analyst::Extractive;
                        self.fallbacks = self.fallbacks.saturating_add(1);
                        self.degraded.get_or_insert_with(|| {
                            format!("the built-in analyst stood in for the model: {cause}")
                        });
                    }
                }
            }
            Event::StepFailed { step, attempt, cause, .. } => {
                // A step that the budget does not allow fails without ever having been started.
                let step_state = self.steps.entry(*step).or_insert(Step {
                    attempts: *attempt,
                    failures: 0,
                    analyst: Analyst::Configured,
                    state: StepState::Done,
                });
                step_state.state = StepState::Failed { cause: cause.clone() };
                if let StepId::Read(page) | StepId::Analyze(page) = step {
                    self.rejected.insert(*page, cause.clone());
                }
            }
            Event::Planned { plan } => self.plan = Some(plan.clone()),
            Event::RoundOpened { round, queries } => {
                self.rounds.push(Round { queries: queries.clone(), pages: Vec::new(), waves: 0 });
                self.phase = Phase::Searching(*round);
            }
            Event::PagesChosen { round, pages } => {
                for page in pages {
                    self.chosen.insert(page.id, page.clone());
                }
                if let Some(r) = self.rounds.last_mut() {
                    r.pages.extend(pages.iter().map(|p| p.id));
                    r.waves += 1;
                }
                self.phase = Phase::Reading(*round);
            }
            Event::RoundClosed { round, .. } => self.phase = Phase::Reflecting(*round),
            Event::ResearchStopped { reason, .. } => {
                self.stop = Some(*reason);
                self.phase = Phase::Writing;
                for step in self.steps.values_mut().filter(|s| !s.is_settled()) {
                    step.state = StepState::Failed { cause: "research was stopped".into() };
                }
            }
            Event::Outlined { sections } => self.outline.clone_from(sections),
            Event::Completed { report, at } => {
                self.finish(End::Completed { report: report.clone(), at: *at })
            }
            Event::Failed { cause, at } => self.finish(End::Failed { cause: cause.clone(), at: *at }),
        }
    }

    /// Effects of all attempts that are out. The edge performs those that it is not performing yet.
    #[must_use]
    pub fn due(&self) -> Vec<Effect> {
        let running = self.steps.iter().filter_map(|(id, s)| match s.state {
            StepState::Running { deadline_at } => Some((*id, s, deadline_at)),
            _ => None,
        });
        running
            .filter_map(|(step, s, deadline_at)| {
                let call = self.call(step)?;
                Some(Effect { step, attempt: s.attempts, deadline_at, analyst: s.analyst, call })
            })
            .collect()
    }

    /// When to look at the job again at the latest; `None` only when it is over.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        if self.is_terminal() {
            return None;
        }
        let steps = self.steps.values().filter_map(|s| match s.state {
            StepState::Running { deadline_at } => Some(deadline_at),
            StepState::Waiting { retry_at } => Some(retry_at),
            StepState::Done | StepState::Failed { .. } => None,
        });
        // A live job without any open step has just been accepted or was interrupted between two facts: at once.
        let next = steps.min().unwrap_or(self.accepted_at);
        Some(next.min(self.deadline_at()))
    }

    /// Over, one way or the other; nothing changes any more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.end.is_some()
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

    fn deadline_at(&self) -> Timestamp {
        self.accepted_at.plus_ms(self.limits.deadline_ms)
    }

    fn finish(&mut self, end: End) {
        if self.end.is_none() {
            self.end = Some(end);
            self.phase = Phase::Ended;
            self.steps.retain(|_, s| s.is_settled());
        }
    }

    fn keep(&mut self, step: StepId, reply: &Reply) {
        match (step, reply) {
            (StepId::Search { .. }, Reply::Hits { hits }) => {
                self.hits.insert(step, hits.clone());
            }
            (StepId::Read(page), Reply::Page(record)) => {
                self.pages.insert(page, record.clone());
            }
            (StepId::Read(page), Reply::Rejected { reason }) => {
                self.rejected.insert(page, reason.clone());
            }
            (StepId::Analyze(page), Reply::Evidence(evidence)) => self.keep_evidence(page, evidence),
            (_, Reply::Thought { answer, tokens }) => {
                self.tokens = self.tokens.plus(*tokens);
                match (step, answer) {
                    (StepId::Reflect(round), Answer::Queries(queries)) => {
                        self.follow_ups.insert(round, queries.clone());
                    }
                    (StepId::Section(_) | StepId::Summary, Answer::Text(text)) => {
                        self.drafts.insert(step, text.clone());
                    }
                    // Plan and outline are bounded by `decide` and come as facts of their own.
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn keep_evidence(&mut self, page: PageId, evidence: &Evidence) {
        self.tokens = self.tokens.plus(evidence.tokens);
        self.quotes_repaired = self.quotes_repaired.saturating_add(evidence.repaired);
        self.quotes_dropped = self.quotes_dropped.saturating_add(evidence.dropped);
        if evidence.claims.is_empty() {
            self.rejected.insert(page, "says nothing about the question".into());
        }
        for (place, (claim, start, end)) in (1..FINDINGS_PER_PAGE).zip(&evidence.claims) {
            let id = FindingId(page.0.saturating_mul(FINDINGS_PER_PAGE).saturating_add(place));
            self.findings.insert(id, Finding { id, page, claim: claim.clone(), start: *start, end: *end });
        }
    }

    fn question(&self) -> &str {
        &self.request.query
    }

    fn sub_questions(&self) -> &[String] {
        self.plan.as_ref().map_or(&[], |p| &p.sub_questions)
    }

    fn asked(&self) -> Vec<String> {
        self.rounds.iter().flat_map(|r| r.queries.iter().cloned()).collect()
    }

    /// Pages with at least one finding, each once.
    fn useful_pages(&self) -> u32 {
        let mut pages: Vec<PageId> = self.findings.values().map(|f| f.page).collect();
        pages.dedup();
        u32::try_from(pages.len()).unwrap_or(u32::MAX)
    }
}
