//! Folding the journal: what each fact means for the job. Only ever grows, so that an older release's facts still fold.

use super::{End, Foreseen, Job, Phase, Round};
use crate::job::Timestamp;
use crate::job::budget::{Ledger, Spend, Tokens};
use crate::job::event::{ChosenPage, Event, Evidence, InheritedPage, Reply};
use crate::job::step::{Analyst, Step, StepId, StepState};
use crate::metrics::CallCounts;
use crate::model::Answer;
use crate::model::chain::Chains;
use crate::research::{Finding, FindingId, PageId};
use std::collections::{BTreeMap, BTreeSet};

/// Finding numbers are `page * 100 + place`, so they follow from places too; `Limits::claims_per_page_max` stays below.
const FINDINGS_PER_PAGE: u32 = 100;

impl Job {
    /// The job that a journal tells of; `None` when the journal does not begin with [`Event::Accepted`].
    pub fn fold(journal: impl IntoIterator<Item = Event>) -> Option<Self> {
        let mut entries = journal.into_iter();
        let Event::Accepted { id, request, providers, analyst, limits, seed, at, prices, occurrence, models } =
            entries.next()?
        else {
            return None;
        };
        let models = if models.is_empty() { Chains::named(&analyst) } else { *models };
        let mut job = Self {
            id,
            request: *request,
            providers,
            analyst,
            limits,
            seed,
            accepted_at: at,
            phase: Phase::Planning,
            steps: BTreeMap::new(),
            plan: None,
            foreseen: None,
            rounds: Vec::new(),
            rounds_closed: 0,
            hits: BTreeMap::new(),
            chosen: BTreeMap::new(),
            start_pages: BTreeSet::new(),
            pages: BTreeMap::new(),
            rejected: BTreeMap::new(),
            findings: BTreeMap::new(),
            follow_ups: BTreeMap::new(),
            stop: None,
            outline: Vec::new(),
            drafts: BTreeMap::new(),
            fields: Vec::new(),
            quotes_repaired: 0,
            quotes_dropped: 0,
            ledger: Ledger::default(),
            degraded: None,
            standings: BTreeMap::new(),
            models,
            replaced: BTreeMap::new(),
            stand_ins: BTreeMap::new(),
            model_calls: BTreeMap::new(),
            copied: CallCounts::default(),
            losses: BTreeSet::new(),
            prices,
            occurrence,
            previous: None,
            forked_from: None,
            baseline: None,
            steerings: Vec::new(),
            steerings_applied: 0,
            added_questions: Vec::new(),
            skipped_ms: 0,
            skips: 0,
            last_at: at,
            percent: 1,
            end: None,
        };
        for event in entries {
            job.apply(event);
        }
        Some(job)
    }

    /// Folds one fact. Total: a fact that does not fit changes nothing. Never decides.
    pub fn apply(&mut self, event: Event) {
        self.last_at = self.last_at.max(event.at());
        self.note_standing(&event);
        match event {
            Event::Accepted { .. } => {}
            Event::Forked { from, round, at } => {
                self.forked_from = Some((from, round));
                self.copied = self.calls_of_copy();
                self.drop_excluded(at);
            }
            Event::Inherited { previous, pages } => {
                self.previous = Some(previous);
                for InheritedPage { chosen, record } in pages {
                    self.pages.insert(chosen.id, record);
                    self.chosen.insert(chosen.id, chosen);
                }
            }
            Event::BaselineRecalled { baseline } => self.baseline = Some(baseline),
            Event::Steered { steering, at } => {
                let excludes = !steering.exclude_domains.is_empty();
                self.steerings.push(steering);
                if excludes {
                    self.drop_excluded(at);
                }
            }
            Event::TimeSkipped { by_ms, at } => self.skip(by_ms, at),
            Event::StepStarted { step, attempt, analyst, reserved, deadline_at, at } => {
                let model = self.model_of(step, analyst).cloned();
                self.ledger.hold(step.kind(), model.as_ref(), reserved);
                if let Some(model) = &model {
                    self.called(model, true);
                }
                let failures = self.steps.get(&step).map_or(0, |s| s.failures);
                let state = StepState::Running { deadline_at };
                if analyst == Analyst::Extractive && !self.chain(step).is_empty() {
                    self.degraded.get_or_insert_with(|| "the built-in analyst stood in for the model: the budget for model calls is used up".to_owned());
                }
                let (attempts, started_at, held) = (attempt, at, reserved);
                self.steps.insert(step, Step { attempts, failures, analyst, started_at, held, state });
            }
            Event::StepSucceeded { step, reply, settled, .. } => {
                if let Some(s) = self.steps.get_mut(&step) {
                    s.state = StepState::Done;
                    let analyst = s.analyst;
                    if let Some(model) = self.model_of(step, analyst).cloned() {
                        self.replaced.remove(&model);
                    }
                }
                self.settle(step, settled);
                self.keep(step, reply);
            }
            Event::StepRetried {
                step, failed, retry_at, analyst, cause, settled, declined, wasted, ..
            } => {
                self.settle(step, settled);
                self.count(step, wasted, None);
                self.call_failed(step);
                if let Some(s) = self.steps.get_mut(&step) {
                    s.failures += u32::from(failed);
                    if !failed {
                        // Lost, not slow: its patience begins anew.
                        s.started_at = retry_at;
                    }
                    s.state = StepState::Waiting { retry_at };
                    let before = std::mem::replace(&mut s.analyst, analyst);
                    if before != analyst {
                        // The next one has its own tries.
                        s.failures = 0;
                        self.replace(step, before, analyst, (&cause, declined));
                    }
                }
            }
            Event::StepFailed { step, attempt, cause, settled, at, .. } => {
                self.settle(step, settled);
                self.call_failed(step);
                // A step that the budget does not allow fails without ever having been started.
                let step_state = self.steps.entry(step).or_insert(Step {
                    attempts: attempt,
                    failures: 0,
                    analyst: Analyst::Configured,
                    started_at: at,
                    held: Spend::default(),
                    state: StepState::Done,
                });
                step_state.state = StepState::Failed { cause: cause.clone() };
                if let StepId::Read(page) | StepId::Analyze(page) = step {
                    self.rejected.insert(page, cause);
                }
            }
            Event::Planned { plan } => self.plan = Some(plan),
            Event::Foreseen { queries, .. } => self.foreseen = Some(Foreseen { queries, pages: None }),
            Event::PagesForeseen { pages, .. } => {
                if let Some(foreseen) = &mut self.foreseen {
                    foreseen.pages = Some(pages.iter().map(|page| page.id).collect());
                }
                self.chosen.extend(pages.into_iter().map(|page| (page.id, page)));
            }
            Event::RoundOpened { round, queries, sub_questions, .. } => {
                self.added_questions.extend(sub_questions);
                self.steerings_applied = self.steerings.len();
                let foreseen = self.foreseen.as_ref().filter(|_| round == 1);
                let pages = foreseen.and_then(|foreseen| foreseen.pages.clone()).unwrap_or_default();
                self.rounds.push(Round { queries, pages, waves: 0 });
                self.phase = Phase::Searching(round);
            }
            Event::StartPagesChosen { pages, .. } => {
                self.start_pages.extend(pages.iter().map(|p| p.id));
                self.add_to_round(pages);
            }
            Event::PagesChosen { round, pages, .. } => {
                self.add_to_round(pages);
                if let Some(r) = self.rounds.last_mut() {
                    r.waves += 1;
                }
                self.phase = Phase::Reading(round);
            }
            Event::RoundClosed { round, .. } => {
                self.rounds_closed = round;
                self.phase = Phase::Reflecting(round);
                // What was not waited for is not waited for, but for analyses: they are paid, and count when they come.
                let ended = |(id, step): &(&StepId, &mut Step)| {
                    !step.is_settled() && !matches!(id, StepId::Analyze(_))
                };
                for (_, step) in self.steps.iter_mut().filter(ended) {
                    step.state = StepState::Failed { cause: "its round was closed".into() };
                }
            }
            Event::ResearchStopped { reason, .. } => {
                self.stop = Some(reason);
                self.phase = Phase::Writing;
                self.calls_broken_off();
                for step in self.steps.values_mut().filter(|s| !s.is_settled()) {
                    step.state = StepState::Failed { cause: "research was stopped".into() };
                }
            }
            Event::Outlined { sections } => self.outline = sections,
            Event::Completed { report, at, changes } => self.finish(End::Completed { report, changes, at }),
            Event::Cancelled { at } => self.finish(End::Cancelled { at }),
            Event::Failed { cause, at } => self.finish(End::Failed { cause, at }),
        }
        self.percent = self.percent.max(self.percent_now());
    }

    fn add_to_round(&mut self, pages: Vec<ChosenPage>) {
        if let Some(round) = self.rounds.last_mut() {
            round.pages.extend(pages.iter().map(|p| p.id));
        }
        self.chosen.extend(pages.into_iter().map(|page| (page.id, page)));
    }

    fn finish(&mut self, end: End) {
        if self.end.is_none() {
            self.end = Some(end);
            self.phase = Phase::Ended;
            self.calls_broken_off();
            self.steps.retain(|_, s| s.is_settled());
        }
    }

    fn keep(&mut self, step: StepId, reply: Reply) {
        match (step, reply) {
            (StepId::Search { .. }, Reply::Hits { hits }) => {
                self.hits.insert(step, hits);
            }
            (StepId::Read(page), Reply::Page(record)) => {
                self.pages.insert(page, *record);
            }
            (StepId::Read(page), Reply::Rejected { reason }) => {
                self.rejected.insert(page, reason);
            }
            (StepId::Analyze(page), Reply::Evidence(evidence)) => self.keep_evidence(page, evidence),
            (_, Reply::Thought { answer, tokens, loss }) => {
                self.count(step, tokens, loss);
                match (step, answer) {
                    (StepId::Reflect(round), Answer::Queries(queries)) => {
                        self.follow_ups.insert(round, queries);
                    }
                    (StepId::Section(_) | StepId::Summary, Answer::Text(text)) => {
                        self.drafts.insert(step, text);
                    }
                    (StepId::Fields, Answer::Fields(fields)) => self.fields = fields,
                    // Plan and outline are bounded by `decide` and come as facts of their own.
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn keep_evidence(&mut self, page: PageId, evidence: Evidence) {
        self.count(StepId::Analyze(page), evidence.tokens, evidence.loss);
        self.quotes_repaired = self.quotes_repaired.saturating_add(evidence.repaired);
        self.quotes_dropped = self.quotes_dropped.saturating_add(evidence.dropped);
        if evidence.claims.is_empty() {
            self.rejected.insert(page, "says nothing about the question".into());
        }
        for (place, (claim, start, end)) in (1..FINDINGS_PER_PAGE).zip(evidence.claims) {
            let id = FindingId(page.0.saturating_mul(FINDINGS_PER_PAGE).saturating_add(place));
            self.findings.insert(id, Finding { id, page, claim, start, end });
        }
    }

    /// What an attempt really took, where that is known, in place of what was held for it.
    fn settle(&mut self, step: StepId, settled: Option<Spend>) {
        let Some((settled, state)) = settled.zip(self.steps.get(&step)) else { return };
        let (held, model) = (state.held, self.model_of(step, state.analyst).cloned());
        self.ledger.settle(model.as_ref(), held, settled);
        if let Some(state) = self.steps.get_mut(&step) {
            state.held = settled;
        }
    }

    fn count(&mut self, step: StepId, tokens: Tokens, loss: Option<String>) {
        let analyst = self.steps.get(&step).map_or(Analyst::Extractive, |s| s.analyst);
        let model = self.model_of(step, analyst).cloned();
        self.ledger.count(model.as_ref(), tokens);
        self.losses.extend(loss);
    }

    /// Another analyst takes a step over.
    fn replace(&mut self, step: StepId, before: Analyst, after: Analyst, (cause, declined): (&str, bool)) {
        let Some(failed) = self.model_of(step, before).cloned() else { return };
        match self.model_of(step, after).cloned() {
            None => {
                self.degraded
                    .get_or_insert_with(|| format!("the built-in analyst stood in for the model: {cause}"));
            }
            Some(next) => {
                let names = (failed.model.clone(), next.model);
                self.stand_ins.entry(names).or_insert_with(|| cause.to_owned());
            }
        }
        if !declined {
            let replaced = self.replaced.entry(failed).or_default();
            *replaced = replaced.saturating_add(1);
        }
    }

    /// Everything that is planned for a moment happens `by_ms` later.
    fn skip(&mut self, by_ms: i64, at: Timestamp) {
        self.skipped_ms = self.skipped_ms.saturating_add(by_ms);
        self.skips = self.skips.saturating_add(u32::from(by_ms > 0));
        self.last_at = at;
        for step in self.steps.values_mut() {
            step.started_at = Timestamp(step.started_at.0.saturating_add(by_ms));
            match &mut step.state {
                StepState::Running { deadline_at: moment } | StepState::Waiting { retry_at: moment } => {
                    *moment = Timestamp(moment.0.saturating_add(by_ms));
                }
                StepState::Done | StepState::Failed { .. } => {}
            }
        }
    }
}
