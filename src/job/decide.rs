//! Which facts follow from what happened.

use crate::job::budget::{ROUNDS_MAX, SOURCES_MAX, Spend};
use crate::job::event::{ChosenPage, Event, Input, Reply};
use crate::job::retry::RETRY;
use crate::job::step::{ATTEMPTS_MAX, Analyst, Step, StepId, StepKind, StepState};
use crate::job::{Call, Failure, Job, Phase, Timestamp};
use crate::model::{Answer, Plan, extractive};
use crate::research::{PageId, SectionPlan, StopReason, reflect};
use crate::search::fusion::{self, DomainRules};
use crate::web::canonical::canonical_url;
use std::collections::BTreeSet;
use url::Url;

impl Job {
    /// The facts that follow from `input` at `now`, in order, with at most `room` attempts out after them: whoever cannot
    /// perform what is started (its slice of time is used up) gives 0, and asks again when it can. Total; an answer to an
    /// attempt that is not out, and anything after the end, gives no facts.
    #[must_use]
    pub fn decide(&self, input: Input, now: Timestamp, room: usize) -> Vec<Event> {
        if self.is_terminal() {
            return Vec::new();
        }
        let mut draft = Draft { job: self.clone(), events: Vec::new(), now };
        match input {
            Input::Resumed => draft.lose_running(),
            Input::Woke => {}
            Input::StepFinished { step, attempt, outcome } => {
                if !self.is_running(step, attempt) {
                    return Vec::new();
                }
                draft.finish_attempt(step, attempt, outcome);
            }
        }
        draft.expire();
        draft.advance();
        draft.start_steps(room.min(WIDTH));
        // A step that the budget forbade is settled now, which may carry the job on.
        draft.advance();
        draft.start_steps(room.min(WIDTH));
        draft.events
    }
}

/// Attempts that are out at once. A Worker invocation has six outgoing connections.
pub const WIDTH: usize = 6;
/// Steps that the built-in analyst had to take over, after which it gets all others too: each may have cost 90 s of
/// waiting for a model that does not answer.
const FALLBACKS_MAX: u32 = 3;
/// Most phases that one input can carry a job through: every round can open, choose and close, then writing.
const ADVANCES_MAX: u32 = ROUNDS_MAX * 4 + 8;
/// Waves of pages in one round: the first choice, and two replacements for pages that turned out unusable.
const WAVES_MAX: u32 = 3;
/// Share of the missing sources, in percent, that one round (but the last) goes for: the rest is kept for follow-ups.
const ROUND_PERCENT: u32 = 60;
/// Pages chosen beyond those needed, in percent: about a third of all pages turn out unusable.
const SPARE_PERCENT: u32 = 30;
/// Share of the sources asked for, in percent, below which answered sub-questions are no reason to stop: whoever asks for
/// ten sources wants to see more than the first two agree.
const COVERED_PERCENT: u32 = 90;
/// Longest title kept with a chosen page, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Pages of one registrable domain (or library host) in one choice, at least; more when a round needs many pages.
const PER_SITE_MIN: usize = 3;

/// Facts being collected, and the job as it is after them.
struct Draft {
    job: Job,
    events: Vec<Event>,
    now: Timestamp,
}

impl Draft {
    fn record(&mut self, event: Event) {
        self.job.apply(&event);
        self.events.push(event);
    }

    fn finish_attempt(&mut self, step: StepId, attempt: u32, outcome: Result<Reply, Failure>) {
        match outcome {
            Ok(reply) => self.record(Event::StepSucceeded { step, attempt, reply, at: self.now }),
            Err(failure) => self.fail_attempt(step, attempt, &failure),
        }
    }

    /// An attempt answered with a failure: again later, by the built-in analyst, or never.
    fn fail_attempt(&mut self, step: StepId, attempt: u32, failure: &Failure) {
        let Some(state) = self.job.steps.get(&step).cloned() else { return };
        let cause = failure.cause().to_owned();
        let failures = state.failures.saturating_add(1);
        let again = match failure {
            Failure::Transient { retry_after_ms, .. } if failures < self.failures_max(step) => {
                Some(*retry_after_ms)
            }
            _ => None,
        };
        match again {
            Some(retry_after_ms) if attempt < ATTEMPTS_MAX => {
                let wait_ms = RETRY.wait_ms(failures, retry_after_ms, self.jitter_seed(step, attempt));
                let retry_at = self.now.plus_ms(wait_ms);
                self.record(Event::StepRetried {
                    step,
                    attempt,
                    cause,
                    failed: true,
                    retry_at,
                    analyst: state.analyst,
                });
            }
            _ => self.give_up(step, attempt, &state, cause),
        }
    }

    /// Attempts at a step that may fail transiently. Nothing can be done before something was found, so until then a
    /// search is tried as often as any step may be started (1 + 2 + 4 + ... + 60 s: an outage of three minutes is
    /// survived). Once a model had to be replaced, the steps after it give it one try each.
    fn failures_max(&self, step: StepId) -> u32 {
        match step.kind() {
            StepKind::Search if self.job.hits.is_empty() => ATTEMPTS_MAX,
            StepKind::Think if self.job.fallbacks > 0 => 1,
            kind => kind.failures_max(),
        }
    }

    /// No more attempts by whoever did it: thinking goes to the built-in analyst, which cannot fail, the rest ends.
    fn give_up(&mut self, step: StepId, attempt: u32, state: &Step, cause: String) {
        if step.kind() == StepKind::Think && state.analyst == Analyst::Configured {
            let (failed, retry_at, analyst) = (true, self.now, Analyst::Extractive);
            self.record(Event::StepRetried { step, attempt, cause, failed, retry_at, analyst });
        } else {
            self.record(Event::StepFailed { step, attempt, cause, at: self.now });
        }
    }

    /// The isolate that performed these attempts is gone, and their answers with it.
    fn lose_running(&mut self) {
        for (step, attempt, state) in self.running(|_| true) {
            let cause = "interrupted".to_owned();
            if attempt < ATTEMPTS_MAX {
                let analyst = state.analyst;
                let retry_at = self.now;
                self.record(Event::StepRetried { step, attempt, cause, failed: false, retry_at, analyst });
            } else {
                self.give_up(step, attempt, &state, format!("interrupted {ATTEMPTS_MAX} times"));
            }
        }
    }

    /// Attempts beyond their deadline count as failed even when their answer never comes.
    fn expire(&mut self) {
        let now = self.now;
        for (step, attempt, _) in self.running(|deadline_at| deadline_at <= now) {
            self.fail_attempt(
                step,
                attempt,
                &Failure::transient(format!("no answer within {} ms", step.kind().timeout_ms())),
            );
        }
    }

    fn running(&self, which: impl Fn(Timestamp) -> bool) -> Vec<(StepId, u32, Step)> {
        let steps = self.job.steps.iter().filter_map(|(id, s)| match s.state {
            StepState::Running { deadline_at } if which(deadline_at) => Some((*id, s.attempts, s.clone())),
            _ => None,
        });
        steps.collect()
    }

    /// Carries the job through every phase whose work is settled.
    fn advance(&mut self) {
        for _ in 0..ADVANCES_MAX {
            if self.job.is_terminal() {
                return;
            }
            let before = self.events.len();
            if self.now >= self.job.deadline_at() {
                self.end_at_deadline();
                return;
            }
            let research_until = self.job.accepted_at.plus_ms(self.job.limits.research_ms());
            if self.job.stop.is_none() && self.now >= research_until {
                self.stop(StopReason::Deadline);
            }
            match self.job.phase {
                Phase::Planning => self.advance_planning(),
                Phase::Searching(round) => self.advance_searching(round),
                Phase::Reading(round) => self.advance_reading(round),
                Phase::Reflecting(round) => self.advance_reflecting(round),
                Phase::Writing => self.advance_writing(),
                Phase::Ended => return,
            }
            if self.events.len() == before {
                return;
            }
        }
    }

    fn advance_planning(&mut self) {
        if !self.settled(StepId::Plan) {
            return;
        }
        let limits = &self.job.limits;
        let mut plan = match self.thought(StepId::Plan) {
            Some(Answer::Plan(plan)) => plan,
            _ => Plan { sub_questions: Vec::new(), queries: Vec::new() },
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
        self.record(Event::RoundOpened { round: 1, queries });
    }

    fn advance_searching(&mut self, round: u32) {
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
            self.record(Event::Failed { cause: format!("every search failed: {cause}"), at: self.now });
            return;
        }
        let pages = self.choose(round);
        self.record(Event::PagesChosen { round, pages });
    }

    fn advance_reading(&mut self, round: u32) {
        let Some(current) = self.job.rounds.last() else { return };
        let waves = current.waves;
        if !current.pages.iter().all(|p| self.page_settled(*p)) {
            return;
        }
        let usable = |pages: &[PageId]| {
            let found = pages.iter().filter(|p| self.job.findings.values().any(|f| f.page == **p)).count();
            u32::try_from(found).unwrap_or(u32::MAX)
        };
        let added = usable(&current.pages);
        let findings = self.job.findings.values().filter(|f| current.pages.contains(&f.page)).count();
        // When pages were read and none so far said anything, worse hits will not; unreadable ones are worth replacing.
        let hopeless =
            self.job.findings.is_empty() && current.pages.iter().any(|p| self.job.pages.contains_key(p));
        if !hopeless && waves < WAVES_MAX && self.affordable(StepId::Read(PageId(0)), Analyst::Configured) {
            // What the round went for counts without its own harvest.
            let quota = self.quota(round, self.job.useful_pages().saturating_sub(added));
            if added < quota {
                let pages = self.choose(round);
                if !pages.is_empty() {
                    self.record(Event::PagesChosen { round, pages });
                    return;
                }
            }
        }
        let findings = u32::try_from(findings).unwrap_or(u32::MAX);
        self.record(Event::RoundClosed { round, findings });
        if let Some(reason) = self.stop_after(round, findings) {
            self.stop(reason);
        }
    }

    fn stop_after(&self, round: u32, findings: u32) -> Option<StopReason> {
        let job = &self.job;
        if job.useful_pages() >= job.limits.sources_max {
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

    fn advance_reflecting(&mut self, round: u32) {
        if !self.settled(StepId::Reflect(round)) {
            return;
        }
        let asked = self.job.asked();
        let proposed = self.job.follow_ups.get(&round).cloned().unwrap_or_default();
        let queries = fresh_queries(proposed, &asked, self.job.limits.queries_max);
        let next = round.saturating_add(1);
        // Without anything new to ask, a round may still read the hits that earlier ones left.
        if queries.is_empty() && self.choose(next).is_empty() {
            self.stop(StopReason::NothingNew);
        } else if !self.affordable(
            StepId::Search { round: next, query: 1, provider: crate::search::Provider::Library },
            Analyst::Configured,
        ) {
            self.stop(StopReason::Budget);
        } else {
            self.record(Event::RoundOpened { round: next, queries });
        }
    }

    fn advance_writing(&mut self) {
        if self.job.findings.is_empty() {
            self.complete();
            return;
        }
        if self.job.outline.is_empty() {
            if !self.settled(StepId::Outline) {
                return;
            }
            let sections = match self.thought(StepId::Outline) {
                Some(Answer::Outline(sections)) => self.known_findings_only(sections),
                _ => Vec::new(),
            };
            let sections = if sections.is_empty() { self.one_section() } else { sections };
            self.record(Event::Outlined { sections });
        }
        if self.job.section_steps().iter().all(|s| self.settled(*s)) && self.settled(StepId::Summary) {
            self.complete();
        }
    }

    fn known_findings_only(&self, mut sections: Vec<SectionPlan>) -> Vec<SectionPlan> {
        for section in &mut sections {
            section.findings.retain(|id| self.job.findings.contains_key(id));
        }
        sections.retain(|s| !s.findings.is_empty());
        sections.truncate(self.job.limits.sections_max);
        sections
    }

    /// What an outline is when nobody made one: everything under the question.
    fn one_section(&self) -> Vec<SectionPlan> {
        let findings = self.job.findings.keys().copied().collect();
        vec![SectionPlan { title: self.job.question().to_owned(), findings }]
    }

    fn stop(&mut self, reason: StopReason) {
        self.record(Event::ResearchStopped { reason, at: self.now });
    }

    /// Time is up: whatever is unwritten is written by the built-in analyst here and now, from the evidence there is.
    fn end_at_deadline(&mut self) {
        if self.job.stop.is_none() {
            self.stop(StopReason::Deadline);
        }
        if self.job.findings.is_empty() {
            self.complete();
            return;
        }
        if self.job.outline.is_empty() {
            let sections = match self.think_here(StepId::Outline) {
                Some(Answer::Outline(sections)) => self.known_findings_only(sections),
                _ => Vec::new(),
            };
            let sections = if sections.is_empty() { self.one_section() } else { sections };
            self.record(Event::Outlined { sections });
        }
        let missing: Vec<StepId> = self.job.section_steps().into_iter().chain([StepId::Summary]).collect();
        for step in missing {
            if self.settled(step) {
                continue;
            }
            let attempt = self.job.steps.get(&step).map_or(0, |s| s.attempts).saturating_add(1);
            let (analyst, reserved) = (Analyst::Extractive, Spend::default());
            self.record(Event::StepStarted { step, attempt, analyst, reserved, deadline_at: self.now });
            if let Some(answer) = self.think_here(step) {
                let reply = Reply::Thought { answer, tokens: crate::job::budget::Tokens::default() };
                self.record(Event::StepSucceeded { step, attempt, reply, at: self.now });
            }
        }
        self.complete();
    }

    fn think_here(&self, step: StepId) -> Option<Answer> {
        match self.job.call(step)? {
            Call::Think(task) => Some(extractive::answer(&task)),
            _ => None,
        }
    }

    fn complete(&mut self) {
        let report = Box::new(self.job.assemble(self.now));
        self.record(Event::Completed { report, at: self.now });
    }

    /// Starts what is ready, as wide as allowed and as far as the budget goes.
    fn start_steps(&mut self, room: usize) {
        if self.job.is_terminal() {
            return;
        }
        let mut width = room.saturating_sub(self.running(|_| true).len());
        for step in self.job.open_steps() {
            if width == 0 {
                return;
            }
            let known = self.job.steps.get(&step);
            if let Some(StepState::Waiting { retry_at }) = known.map(|s| &s.state)
                && *retry_at > self.now
            {
                continue;
            }
            let attempt = known.map_or(0, |s| s.attempts).saturating_add(1);
            let mut analyst = known.map_or(self.job.first_analyst(), |s| s.analyst);
            if step.kind() == StepKind::Think && !self.affordable(step, analyst) {
                // Soft landing: what the budget no longer pays for is done by the analyst that costs nothing.
                analyst = Analyst::Extractive;
            } else if !self.affordable(step, analyst) {
                let cause = "the job's budget is used up".to_owned();
                self.record(Event::StepFailed { step, attempt, cause, at: self.now });
                continue;
            }
            let reserved = Spend::of(step, analyst);
            let deadline_at = self.now.plus_ms(step.kind().timeout_ms()).min(self.job.deadline_at());
            self.record(Event::StepStarted { step, attempt, analyst, reserved, deadline_at });
            width = width.saturating_sub(1);
        }
    }

    /// Whether one more attempt fits into the budget; research leaves alone what writing will need.
    fn affordable(&self, step: StepId, analyst: Analyst) -> bool {
        let mut after = self.job.reserved.plus(Spend::of(step, analyst));
        if !matches!(step, StepId::Outline | StepId::Section(_) | StepId::Summary) {
            after = after.plus(self.job.limits.writing_reserve());
        }
        Spend::of(step, analyst) == Spend::default() || after.fits(self.job.limits.budget)
    }

    fn settled(&self, step: StepId) -> bool {
        self.job.steps.get(&step).is_some_and(Step::is_settled)
    }

    fn page_settled(&self, page: PageId) -> bool {
        self.settled(StepId::Analyze(page))
            || (self.settled(StepId::Read(page)) && !self.job.pages.contains_key(&page))
    }

    /// The answer that this very input brought for a step whose answer the job does not keep.
    fn thought(&self, step: StepId) -> Option<Answer> {
        self.events.iter().rev().find_map(|e| match e {
            Event::StepSucceeded { step: s, reply: Reply::Thought { answer, .. }, .. } if *s == step => {
                Some(answer.clone())
            }
            _ => None,
        })
    }

    /// Pages that this round still goes for when `useful` pages have brought findings.
    fn quota(&self, round: u32, useful: u32) -> u32 {
        let missing = self.job.limits.sources_max.saturating_sub(useful);
        if round >= self.job.limits.rounds_max { missing } else { percent(missing, ROUND_PERCENT) }
    }

    /// The best pages not yet chosen: as many as the round still needs, and a few more.
    fn choose(&self, round: u32) -> Vec<ChosenPage> {
        let job = &self.job;
        let useful = job.useful_pages();
        let missing = job.limits.sources_max.saturating_sub(useful);
        let quota = self.quota(round, useful);
        let left = job.limits.budget.pages.saturating_sub(job.reserved.pages);
        let wanted = quota.saturating_add(percent(quota, SPARE_PERCENT)).min(missing).min(left);
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let seen: BTreeSet<String> =
            job.chosen.values().filter_map(|p| Url::parse(&p.url).ok()).map(|u| canonical_url(&u)).collect();
        let rules = DomainRules {
            include: job.request.include_domains.clone(),
            exclude: job.request.exclude_domains.clone(),
        };
        let lists: Vec<_> = job.hits.values().cloned().collect();
        let per_site_max = PER_SITE_MIN.max(wanted / 2);
        let next = job.chosen.keys().next_back().map_or(0, |p| p.0);
        let candidates = fusion::fuse(&lists, &rules, &seen, per_site_max);
        let numbered = (next.saturating_add(1)..).zip(candidates.into_iter().take(wanted));
        numbered
            .map(|(id, c)| ChosenPage {
                id: PageId(id),
                url: c.url,
                title: c.title.chars().take(TITLE_CHARS_MAX).collect(),
                document: c.document,
            })
            .collect()
    }

    fn jitter_seed(&self, step: StepId, attempt: u32) -> u64 {
        let place = step
            .to_string()
            .bytes()
            .fold(u64::from(attempt), |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        self.job.seed ^ place
    }
}

impl Job {
    fn searches(&self, round: u32) -> Vec<StepId> {
        let Some(current) = self.rounds.last() else { return Vec::new() };
        let queries = (1..).zip(&current.queries);
        queries
            .flat_map(|(query, _)| {
                self.providers.iter().map(move |p| StepId::Search { round, query, provider: *p })
            })
            .collect()
    }

    /// Who gets a step first: the configured analyst, which may be the built-in one.
    fn first_analyst(&self) -> Analyst {
        if self.analyst == extractive::NAME || self.fallbacks >= FALLBACKS_MAX {
            Analyst::Extractive
        } else {
            Analyst::Configured
        }
    }

    fn section_steps(&self) -> Vec<StepId> {
        (1..).zip(&self.outline).map(|(n, _)| StepId::Section(n)).collect()
    }

    /// Steps of this phase that are neither out nor settled, most urgent first: a page that was read is analysed before
    /// the next one is fetched.
    fn open_steps(&self) -> Vec<StepId> {
        let wanted: Vec<StepId> = match self.phase {
            Phase::Planning => vec![StepId::Plan],
            Phase::Searching(round) => self.searches(round),
            Phase::Reading(_) => {
                let pages: Vec<PageId> = self.rounds.last().map(|r| r.pages.clone()).unwrap_or_default();
                let read = pages.iter().filter(|p| self.pages.contains_key(p)).map(|p| StepId::Analyze(*p));
                read.chain(pages.iter().map(|p| StepId::Read(*p))).collect()
            }
            Phase::Reflecting(round) => vec![StepId::Reflect(round)],
            Phase::Writing if self.outline.is_empty() => vec![StepId::Outline],
            Phase::Writing => {
                let sections = self.section_steps();
                let written = sections.iter().all(|s| self.steps.get(s).is_some_and(Step::is_settled));
                if written { vec![StepId::Summary] } else { sections }
            }
            Phase::Ended => Vec::new(),
        };
        let open = |s: &StepId| self.steps.get(s).is_none_or(|s| !s.is_settled() && !s.is_running());
        wanted.into_iter().filter(open).collect()
    }
}

/// Queries that were not asked before, in order, each once; compared without case and outer blanks.
fn fresh_queries(proposed: Vec<String>, asked: &[String], max: usize) -> Vec<String> {
    let key = |q: &str| q.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut known: BTreeSet<String> = asked.iter().map(|q| key(q)).collect();
    let mut fresh = Vec::new();
    for query in proposed {
        let k = key(&query);
        if !k.is_empty() && known.insert(k) && fresh.len() < max {
            fresh.push(query);
        }
    }
    fresh
}

/// `share` percent of `n`, rounded up.
fn percent(n: u32, share: u32) -> u32 {
    n.min(SOURCES_MAX).saturating_mul(share).div_ceil(100)
}
