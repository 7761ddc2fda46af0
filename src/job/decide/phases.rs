//! Phases: what follows when all work of one is settled.

use super::Draft;
use super::attempts::OVER_BUDGET;
use super::choose::{fresh_queries, percent};
use super::tail::CAUSE;
use crate::job::budget::Spend;
use crate::job::event::{ChosenPage, Event, Reply};
use crate::job::step::{Analyst, StepId, StepState};
use crate::job::{Call, Job, Phase};
use crate::model::{Answer, Plan, extractive};
use crate::research::{PageId, SectionPlan, StopReason, reflect};

/// Queries that are asked before there is a plan: the question's own words.
const FORESEEN_QUERIES_MAX: usize = 1;
/// Waves of pages in one round: the first choice, and two replacements for pages that turned out unusable.
pub(super) const WAVES_MAX: u32 = 3;
/// Pages of one round that are read in place of those that say little, in times of what it goes for: beyond twice as many,
/// other queries find more than worse hits of the same ones.
const READ_TIMES_MAX: u32 = 2;
/// Share of the sources asked for, in percent, below which answered sub-questions are no reason to stop: whoever asks for
/// ten sources wants to see more than the first two agree.
const COVERED_PERCENT: u32 = 90;

impl Draft {
    pub(super) fn advance_planning(&mut self) {
        if !self.settled(StepId::Plan) {
            self.foresee();
            return;
        }
        let limits = &self.job.limits;
        let mut plan = match self.thought(StepId::Plan) {
            Some(Answer::Plan(plan)) => plan,
            _ => Plan { sub_questions: Vec::new(), queries: Vec::new(), evidence: Vec::new() },
        };
        plan.sub_questions.retain(|q| !q.trim().is_empty());
        plan.sub_questions.truncate(limits.sub_questions_max);
        plan.queries = fresh_queries(plan.queries, &[], limits.queries_max);
        // A plan that plans nothing still leaves the question itself to be looked up.
        if plan.sub_questions.is_empty() {
            plan.sub_questions.push(self.job.question().to_owned());
        }
        if plan.queries.is_empty() {
            plan.queries.push(self.job.question().to_owned());
        }
        let queries = plan.queries.clone();
        self.record(Event::Planned { plan });
        self.open_round(1, queries);
    }

    /// A model takes seconds for a plan, in which the question's own words can be searched for, and the best of what they
    /// find be read: any plan would ask for that. The built-in analyst plans at once.
    fn foresee(&mut self) {
        let Some(foreseen) = &self.job.foreseen else {
            let is_new = self.job.previous.is_none() && self.job.forked_from.is_none();
            if self.job.limits.overlaps
                && is_new
                && self.job.steps.contains_key(&StepId::Plan)
                && self.job.first_analyst(StepId::Plan) != Analyst::Extractive
            {
                let own = match self.think_here(StepId::Plan) {
                    Some(Answer::Plan(plan)) => plan.queries,
                    _ => Vec::new(),
                };
                let queries = fresh_queries(own, &[], FORESEEN_QUERIES_MAX);
                self.record(Event::Foreseen { queries, at: self.now });
            }
            return;
        };
        let searches = self.job.searches(1);
        let found = searches.iter().any(|step| self.job.hits.get(step).is_some_and(|hits| !hits.is_empty()));
        if foreseen.pages.is_none() && found && searches.iter().all(|step| self.settled(*step)) {
            let pages = self.choose_foreseen();
            self.record(Event::PagesForeseen { pages, at: self.now });
        }
    }

    /// Begins a round; steering that came in the meantime counts from here on.
    fn open_round(&mut self, round: u32, queries: Vec<String>) {
        let sub_questions = self.job.steered_questions();
        // What is out already keeps its place; then comes what the owner asks for.
        let foreseen = self.job.queries_of(round).to_vec();
        let proposed = [foreseen, self.job.steered_queries(), queries].concat();
        let asked = if round == 1 { Vec::new() } else { self.job.asked() };
        let queries = fresh_queries(proposed, &asked, self.job.limits.queries_max);
        self.record(Event::RoundOpened { round, queries, sub_questions, at: self.now });
        if round == 1 {
            let pages = self.choose_start_pages();
            if !pages.is_empty() {
                self.record(Event::StartPagesChosen { pages, at: self.now });
            }
        }
    }

    pub(super) fn advance_searching(&mut self, round: u32) {
        let searches = self.job.searches(round);
        if !searches.iter().all(|s| self.settled(*s)) {
            return;
        }
        let failed = |s: &StepId| match self.job.steps.get(s).map(|s| &s.state) {
            Some(StepState::Failed { cause }) => Some(cause.clone()),
            _ => None,
        };
        let causes: Vec<String> = searches.iter().filter_map(failed).collect();
        if !searches.is_empty() && causes.len() == searches.len() && self.job.hits.is_empty() {
            let cause = causes.first().cloned().unwrap_or_default();
            if cause == OVER_BUDGET || !self.job.pages.is_empty() || !self.job.start_pages.is_empty() {
                // No budget is no reason to fail, and what is there already is worth a report.
                let pages = self.inherited(round);
                self.record(Event::PagesChosen { round, pages, at: self.now });
                return;
            }
            self.record(Event::Failed { cause: format!("every search failed: {cause}"), at: self.now });
            return;
        }
        let mut pages = self.inherited(round);
        pages.extend(self.choose(round));
        self.record(Event::PagesChosen { round, pages, at: self.now });
    }

    /// Pages that came with the job belong to its first round: they are analysed, and need not be fetched.
    fn inherited(&self, round: u32) -> Vec<ChosenPage> {
        let in_first = round == 1 && self.job.previous.is_some();
        let inherited = |page: &&ChosenPage| in_first && !self.job.start_pages.contains(&page.id);
        self.job.chosen.values().filter(inherited).cloned().collect()
    }

    pub(super) fn advance_reading(&mut self, round: u32) {
        let Some(current) = self.job.rounds.last() else { return };
        let pages = current.pages.clone();
        let harvest = self.job.harvest(round);
        let enough = harvest.is_enough();
        let replaces = !enough && current.waves < WAVES_MAX && self.affords_a_page();
        let open: Vec<PageId> = pages.iter().copied().filter(|p| !self.job.page_settled(*p)).collect();
        if replaces && !open.is_empty() {
            let chosen = self.choose_in_place(round);
            if !chosen.is_empty() {
                self.record(Event::PagesChosen { round, pages: chosen, at: self.now });
                return;
            }
        }
        let leaves = enough && self.job.may_leave(round);
        let waits_for = |p: &PageId| !(leaves && self.job.is_thought_about(*p));
        if open.iter().any(waits_for) || (!leaves && self.job.outstanding(round).next().is_some()) {
            return;
        }
        let read = pages.iter().filter(|p| self.job.pages.contains_key(p)).count();
        let read = u32::try_from(read).unwrap_or(u32::MAX);
        // When pages were read and none so far said anything, worse hits will not; unreadable ones are worth replacing.
        let hopeless = self.job.findings.is_empty() && read > 0;
        if replaces && !hopeless && read < harvest.quota.saturating_mul(READ_TIMES_MAX) {
            let chosen = self.choose(round);
            if !chosen.is_empty() {
                self.record(Event::PagesChosen { round, pages: chosen, at: self.now });
                return;
            }
        }
        let findings = self.job.findings.values().filter(|f| pages.contains(&f.page)).count();
        let findings = u32::try_from(findings).unwrap_or(u32::MAX);
        self.record(Event::RoundClosed { round, findings, at: self.now });
        if let Some(reason) = self.stop_after(round, findings) {
            self.stop(reason);
        }
    }

    pub(super) fn stop_after(&self, round: u32, findings: u32) -> Option<StopReason> {
        let job = &self.job;
        // What it would choose among is no lack where the report may cite as much as was asked for.
        let wanted = if self.affords_a_page() { job.pages_sought() } else { job.limits.sources_max };
        if !self.affords_a_page() && job.useful_pages() < job.limits.sources_max {
            Some(StopReason::Budget)
        } else if job.is_steered() && round < job.rounds_allowed() {
            None
        } else if job.useful_pages() >= wanted {
            Some(StopReason::Sources)
        } else if round >= job.limits.rounds_max {
            Some(StopReason::Rounds)
        } else {
            let covered = reflect::is_covered(&job.coverage());
            let broad = job.useful_pages() >= percent(job.limits.sources_max, COVERED_PERCENT);
            let dry = reflect::is_dry(round, findings, job.request.deep);
            match (covered, broad || dry, dry) {
                (true, true, _) => Some(StopReason::Covered),
                (false, _, true) => Some(StopReason::NothingNew),
                _ => None,
            }
        }
    }

    /// Why research ends: a limit that is met when the report may cite all that was asked for cut nothing short.
    pub(super) fn unless_enough(&self, limit: StopReason) -> StopReason {
        if self.job.useful_pages() >= self.job.limits.sources_max { StopReason::Sources } else { limit }
    }

    pub(super) fn advance_reflecting(&mut self, round: u32) {
        // A copy of a job begins here, with rounds of its own.
        if round >= self.job.rounds_allowed() {
            self.stop(StopReason::Rounds);
            return;
        }
        if !self.settled(StepId::Reflect(round)) {
            return;
        }
        let asked = self.job.asked();
        let proposed = self.job.follow_ups.get(&round).cloned().unwrap_or_default();
        let queries = fresh_queries(proposed, &asked, self.job.limits.queries_max);
        let next = round.saturating_add(1);
        // Without anything new to ask, a round may still read the hits that earlier ones left.
        if queries.is_empty() && !self.job.is_steered() && self.choose(next).is_empty() {
            if self.job.outstanding(next).next().is_none() {
                self.stop(StopReason::NothingNew);
            }
        } else if !self.affordable(
            StepId::Search { round: next, query: 1, provider: crate::search::Provider::Library },
            Analyst::Configured,
        ) {
            self.stop(self.unless_enough(StopReason::Budget));
        } else {
            self.open_round(next, queries);
        }
    }

    pub(super) fn advance_writing(&mut self) {
        if self.job.findings.is_empty() {
            self.complete();
            return;
        }
        if self.job.outline.is_empty() {
            let outline = if self.job.asks_for_outline() {
                if !self.settled(StepId::Outline) {
                    return;
                }
                self.thought(StepId::Outline)
            } else {
                self.think_here(StepId::Outline)
            };
            self.arrange(outline);
        }
        if self.job.writing_steps().iter().all(|s| self.settled(*s)) {
            self.complete();
        }
    }

    /// Takes an outline over, as far as its findings are known; without one everything stands under the question.
    fn arrange(&mut self, outline: Option<Answer>) {
        let sections = match outline {
            Some(Answer::Outline(sections)) => self.known_findings_only(sections),
            _ => Vec::new(),
        };
        let sections = if sections.is_empty() { self.one_section() } else { sections };
        self.record(Event::Outlined { sections });
    }

    pub(super) fn known_findings_only(&self, mut sections: Vec<SectionPlan>) -> Vec<SectionPlan> {
        for section in &mut sections {
            section.findings.retain(|id| self.job.findings.contains_key(id));
        }
        sections.retain(|s| !s.findings.is_empty());
        sections.truncate(self.job.limits.sections_max);
        sections
    }

    /// What an outline is when nobody made one: everything under the question.
    pub(super) fn one_section(&self) -> Vec<SectionPlan> {
        let findings = self.job.findings.keys().copied().collect();
        vec![SectionPlan { title: self.job.question().to_owned(), findings }]
    }

    pub(super) fn stop(&mut self, reason: StopReason) {
        // At the deadline nothing stands in for what is out, and the job says so itself.
        let out = self.job.steps.iter().filter(|(id, s)| matches!(id, StepId::Analyze(_)) && !s.is_settled());
        let out: Vec<_> = out.map(|(id, step)| (*id, step.attempts)).collect();
        for (step, attempt) in out.into_iter().filter(|_| reason != StopReason::Deadline) {
            self.drop_step(step, attempt, CAUSE.to_owned(), false);
        }
        self.record(Event::ResearchStopped { reason, at: self.now });
    }

    /// Time is up: whatever is unwritten is written by the built-in analyst here and now, from the evidence there is.
    pub(in crate::job) fn end_at_deadline(&mut self) {
        if self.job.stop.is_none() {
            self.stop(StopReason::Deadline);
        }
        if self.job.findings.is_empty() {
            self.complete();
            return;
        }
        if self.job.outline.is_empty() {
            let outline = self.think_here(StepId::Outline);
            self.arrange(outline);
        }
        for step in self.job.writing_steps() {
            if self.settled(step) {
                continue;
            }
            let attempt = self.job.steps.get(&step).map_or(0, |s| s.attempts).saturating_add(1);
            let (analyst, reserved) = (Analyst::Extractive, Spend::default());
            let (deadline_at, at) = (self.now, self.now);
            self.record(Event::StepStarted { step, attempt, analyst, reserved, deadline_at, at });
            if let Some(answer) = self.think_here(step) {
                let reply =
                    Reply::Thought { answer, tokens: crate::job::budget::Tokens::default(), loss: None };
                self.record(Event::StepSucceeded { step, attempt, reply, at: self.now, settled: None });
            }
        }
        self.complete();
    }

    pub(super) fn think_here(&self, step: StepId) -> Option<Answer> {
        match self.job.call(step)? {
            Call::Think(task) => Some(extractive::answer(&task)),
            _ => None,
        }
    }

    pub(super) fn complete(&mut self) {
        let report = Box::new(self.job.assemble(self.now));
        let changes = self.job.changes(&report).map(Box::new);
        self.record(Event::Completed { report, at: self.now, changes });
    }
}

impl Job {
    /// The steps that the pages of the round need next: of those that were read, or came with the job, and of the others.
    fn page_steps(&self) -> (Vec<StepId>, Vec<StepId>) {
        let pages = self.rounds.last().map_or(&[][..], |round| &round.pages);
        let (read, unread): (Vec<PageId>, Vec<PageId>) =
            pages.iter().partition(|p| self.pages.contains_key(p));
        (read.into_iter().map(StepId::Analyze).collect(), unread.into_iter().map(StepId::Read).collect())
    }

    pub(super) fn section_steps(&self) -> Vec<StepId> {
        (1..).zip(&self.outline).map(|(n, _)| StepId::Section(n)).collect()
    }

    /// Whether the outline is worth a call to a model, which everything that is written waits for: sections of a usual
    /// report are its sub-questions, but the many findings of a deep one want themes.
    pub(in crate::job) fn asks_for_outline(&self) -> bool {
        self.request.deep
    }

    /// All that is written once there is an outline, side by side. The summary rests on findings, as sections do: waiting for
    /// those would take as long again.
    fn writing_steps(&self) -> Vec<StepId> {
        let fields = self.request.output_schema.as_ref().map(|_| StepId::Fields);
        [StepId::Summary].into_iter().chain(self.section_steps()).chain(fields).collect()
    }

    /// Steps of this phase that are neither out nor settled, most urgent first: a page that was read is analysed before
    /// the next one is fetched.
    pub(super) fn open_steps(&self) -> Vec<StepId> {
        let wanted: Vec<StepId> = match self.phase {
            Phase::Planning => {
                let pages = self.foreseen.iter().filter_map(|foreseen| foreseen.pages.as_ref()).flatten();
                let reads =
                    pages.filter(|page| !self.pages.contains_key(page)).map(|page| StepId::Read(*page));
                [StepId::Plan].into_iter().chain(self.searches(1)).chain(reads).collect()
            }
            // Searches come before analyses, which take ten times as long: pages are read while those are out.
            Phase::Searching(round) => {
                let (read, unread) = self.page_steps();
                unread
                    .into_iter()
                    .chain(self.searches(round))
                    .chain(self.outstanding(round))
                    .chain(read)
                    .collect()
            }
            Phase::Reading(round) => {
                let (read, unread) = self.page_steps();
                self.outstanding(round).chain(read).chain(unread).collect()
            }
            Phase::Reflecting(round) => [StepId::Reflect(round)]
                .into_iter()
                .chain(self.outstanding(round.saturating_add(1)))
                .collect(),
            Phase::Writing if !self.outline.is_empty() => self.writing_steps(),
            Phase::Writing if self.asks_for_outline() => vec![StepId::Outline],
            Phase::Writing => Vec::new(),
            Phase::Ended => Vec::new(),
        };
        let open = |s: &StepId| self.steps.get(s).is_none_or(|s| !s.is_settled() && !s.is_running());
        wanted.into_iter().filter(open).collect()
    }
}
