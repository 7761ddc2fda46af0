//! Attempts: started within the budget, answered, lost, late, repeated or given up.

use super::Draft;
use crate::job::budget::{Spend, Tokens};
use crate::job::event::{Event, Reply};
use crate::job::retry::RETRY;
use crate::job::step::{ATTEMPTS_MAX, Analyst, Step, StepId, StepKind, StepState};
use crate::job::{Failure, Job, Timestamp};
use crate::model::chain::ModelRef;
use crate::research::PageId;
use crate::web::canonical::host_key;
use url::Url;

/// Failures of a search that others answered with nothing: 1 + 2 + 4 s of waiting.
const SEARCH_FAILURES_MAX: u32 = 4;
/// Failures of a search when other providers have found something.
const SPARE_SEARCH_FAILURES_MAX: u32 = 2;

impl Draft {
    pub(super) fn finish_attempt(&mut self, step: StepId, attempt: u32, outcome: Result<Reply, Failure>) {
        match outcome {
            Ok(reply) => {
                let reply = self.job.without_copies(step, self.job.within_days(step, reply));
                let settled = self.job.settled_by(step, &reply);
                self.record(Event::StepSucceeded { step, attempt, reply, at: self.now, settled });
            }
            Err(failure) => {
                self.fail_attempt(step, attempt, &failure, self.job.settled_by_failure(step, &failure))
            }
        }
    }

    /// An attempt answered with a failure: again later, by the next analyst, or never.
    pub(super) fn fail_attempt(
        &mut self,
        step: StepId,
        attempt: u32,
        failure: &Failure,
        settled: Option<Spend>,
    ) {
        let Some(state) = self.job.steps.get(&step).cloned() else { return };
        let cause = failure.cause().to_owned();
        let failures = state.failures.saturating_add(1);
        let again = match failure {
            Failure::Transient { retry_after_ms, .. } => Some(*retry_after_ms),
            Failure::Unreadable { again: true, .. } => Some(None),
            _ => None,
        };
        let again = again.filter(|_| failures < self.failures_max(step, state.analyst));
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
                    at: self.now,
                    settled,
                    throttled: retry_after_ms.is_some(),
                    declined: false,
                    wasted: failure.wasted(),
                });
                if self.job.is_retry_late(step, retry_at) {
                    self.drop_step(step, attempt, failure.cause().to_owned(), false);
                }
            }
            _ => {
                self.give_up(step, attempt, &state, failure, settled);
            }
        }
    }

    /// The job goes on without a step, though nobody refused it; `unasked` when it was never to be started.
    pub(super) fn drop_step(&mut self, step: StepId, attempt: u32, cause: String, unasked: bool) {
        let (at, settled, refused) = (self.now, None, false);
        self.record(Event::StepFailed { step, attempt, cause, at, settled, refused, unasked });
    }

    /// Attempts at a step that may fail transiently. Nothing can be done before something was found, so until then a
    /// search is tried as often as any step may be started (1 + 2 + 4 + ... + 60 s: an outage of three minutes is
    /// survived), or four times where other providers answered with nothing; once others have found something, twice.
    /// Once a model had to be replaced, the steps after it give it one try each.
    pub(super) fn failures_max(&self, step: StepId, analyst: Analyst) -> u32 {
        match step.kind() {
            StepKind::Search if self.job.hits.is_empty() => ATTEMPTS_MAX,
            StepKind::Search if !self.job.found_anything() => SEARCH_FAILURES_MAX,
            StepKind::Search if self.job.can_do_without_search(step) => SPARE_SEARCH_FAILURES_MAX,
            StepKind::Think if self.job.replaced_at(step, analyst) > 0 => 1,
            kind => kind.failures_max(),
        }
    }

    /// No more attempts by whoever did it: thinking goes to the next model and at last to the built-in analyst, which cannot
    /// fail; the rest ends.
    pub(super) fn give_up(
        &mut self,
        step: StepId,
        attempt: u32,
        state: &Step,
        failure: &Failure,
        settled: Option<Spend>,
    ) {
        let cause = failure.cause().to_owned();
        if step.kind() == StepKind::Think && state.analyst != Analyst::Extractive {
            // Interrupted or refused so often, it is not tried by one model after the other.
            let exhausted = attempt >= ATTEMPTS_MAX;
            let analyst =
                if exhausted { Analyst::Extractive } else { self.job.next_analyst(step, state.analyst) };
            let (failed, retry_at) = (true, self.now);
            let declined = matches!(failure, Failure::Declined { .. });
            self.record(Event::StepRetried {
                step,
                attempt,
                cause,
                failed,
                retry_at,
                analyst,
                at: self.now,
                settled,
                throttled: false,
                declined,
                wasted: failure.wasted(),
            });
        } else {
            let refused = matches!(failure, Failure::Permanent { .. });
            self.record(Event::StepFailed {
                step,
                attempt,
                cause,
                at: self.now,
                settled,
                refused,
                unasked: false,
            });
        }
    }

    /// The isolate that performed these attempts is gone, and their answers with it.
    pub(super) fn lose_running(&mut self) {
        for (step, attempt, state) in self.running(|_| true) {
            let cause = "interrupted".to_owned();
            if attempt < ATTEMPTS_MAX {
                let analyst = state.analyst;
                let retry_at = self.now;
                self.record(Event::StepRetried {
                    step,
                    attempt,
                    cause,
                    failed: false,
                    retry_at,
                    analyst,
                    at: retry_at,
                    settled: None,
                    throttled: false,
                    declined: false,
                    wasted: Tokens::default(),
                });
            } else {
                let failure = Failure::transient(format!("interrupted {ATTEMPTS_MAX} times"));
                self.give_up(step, attempt, &state, &failure, None);
            }
        }
    }

    /// Attempts beyond their deadline count as failed even when their answer never comes.
    pub(super) fn expire(&mut self) {
        let now = self.now;
        for (step, attempt, known) in self.running(|deadline_at| deadline_at <= now) {
            let timeout_ms = self.timeout_ms(step, known.analyst);
            let failure = Failure::transient(format!("no answer within {timeout_ms} ms"));
            self.fail_attempt(step, attempt, &failure, None);
        }
    }

    /// One attempt is given up after this long: what its kind of work may take, or what its model may.
    fn timeout_ms(&self, step: StepId, analyst: Analyst) -> u64 {
        let model = self.job.model_of(step, analyst);
        model.map_or_else(|| step.kind().timeout_ms(), ModelRef::timeout_ms)
    }

    pub(super) fn running(&self, which: impl Fn(Timestamp) -> bool) -> Vec<(StepId, u32, Step)> {
        let steps = self.job.steps.iter().filter_map(|(id, s)| match s.state {
            StepState::Running { deadline_at } if which(deadline_at) => Some((*id, s.attempts, s.clone())),
            _ => None,
        });
        steps.collect()
    }

    /// Starts what is ready, as wide as allowed and as far as the budget goes.
    pub(super) fn start_steps(&mut self, room: usize) {
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
            if self.job.is_host_busy(step) || !self.job.is_its_turn(step, self.now) {
                continue;
            }
            let attempt = known.map_or(0, |s| s.attempts).saturating_add(1);
            let mut analyst = known.map_or_else(|| self.job.first_analyst(step), |s| s.analyst);
            if !self.affordable(step, analyst) {
                // Soft landing: what the budget no longer pays for is done by the analyst that costs nothing, but a page
                // more or less is not worth mixing its findings with a model's.
                if step.kind() == StepKind::Think && !self.can_do_without(step) {
                    analyst = Analyst::Extractive;
                } else {
                    self.drop_step(step, attempt, OVER_BUDGET.to_owned(), true);
                    continue;
                }
            }
            let reserved = self.job.cost_of(step, analyst);
            let deadline_at = self.now.plus_ms(self.timeout_ms(step, analyst)).min(self.job.deadline_at());
            self.record(Event::StepStarted { step, attempt, analyst, reserved, deadline_at, at: self.now });
            width = width.saturating_sub(1);
        }
    }

    /// Another page's analysis when pages have been analysed before or are being analysed.
    fn can_do_without(&self, step: StepId) -> bool {
        let others = |s: &StepId| matches!(s, StepId::Analyze(_)) && *s != step;
        matches!(step, StepId::Analyze(_))
            && (!self.job.findings.is_empty()
                || self
                    .running(|_| true)
                    .iter()
                    .any(|(s, _, state)| others(s) && state.analyst != Analyst::Extractive))
    }

    /// Whether one more attempt fits into the budget; research leaves alone what writing will need.
    pub(super) fn affordable(&self, step: StepId, analyst: Analyst) -> bool {
        self.affords(self.job.cost_of(step, analyst), step.is_writing())
    }

    /// Whether so much more fits into the budget.
    pub(super) fn affords(&self, cost: Spend, for_writing: bool) -> bool {
        let mut after = self.job.ledger.reserved.plus(cost);
        if !for_writing {
            after = after.plus(self.job.limits.writing_reserve(self.job.cost_of_writing()));
        }
        cost == Spend::default() || self.job.limits.allow(after)
    }

    /// Whether another page could be read and analysed.
    pub(super) fn affords_a_page(&self) -> bool {
        let analysis = match self.job.first_analyst(StepId::Analyze(PageId(0))) {
            Analyst::Extractive => Spend::default(),
            Analyst::Configured | Analyst::Fallback(_) => self.job.cost_of_analysis(),
        };
        let read = Spend { pages: 1, cost_micros: self.job.prices.page_micros, ..Spend::default() };
        self.affords(read.plus(analysis), false)
    }

    pub(super) fn jitter_seed(&self, step: StepId, attempt: u32) -> u64 {
        let place = step
            .to_string()
            .bytes()
            .fold(u64::from(attempt), |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        self.job.seed ^ place
    }
}

/// Why a step was not started.
pub(super) const OVER_BUDGET: &str = "the job's budget is used up";

impl Job {
    /// What an answer says that it took. A model that does not count is taken at its reservation.
    fn settled_by(&self, step: StepId, reply: &Reply) -> Option<Spend> {
        let tokens = match reply {
            Reply::Evidence(evidence) => evidence.tokens,
            Reply::Thought { tokens, .. } => *tokens,
            _ => return None,
        };
        self.settled_tokens(step, tokens)
    }

    /// What a failure says that it took. A call that is paid as such keeps all that was held for it; whoever else answers
    /// with a failure has computed nothing, unless it was an answer.
    fn settled_by_failure(&self, step: StepId, failure: &Failure) -> Option<Spend> {
        match failure {
            Failure::Unreadable { tokens, .. } => self.settled_tokens(step, *tokens),
            _ => (step.kind() == StepKind::Think).then(Spend::default),
        }
    }

    fn settled_tokens(&self, step: StepId, tokens: Tokens) -> Option<Spend> {
        let analyst = self.steps.get(&step).map_or(Analyst::Extractive, |s| s.analyst);
        let name = self.model_of(step, analyst).map_or("", |m| m.model.as_str());
        let cost = self.cost_of_tokens(name, tokens);
        (tokens.total() > 0).then_some(Spend { model_calls: 0, ..cost })
    }

    /// Another page of the same host is being read. A second one would only wait for its turn there, and take a place in
    /// which a page of another host, or an analysis, could go on.
    fn is_host_busy(&self, step: StepId) -> bool {
        let StepId::Read(page) = step else { return false };
        let Some(host) = self.host_of(page) else { return false };
        let running = self.steps.iter().filter(|(_, state)| state.is_running());
        let mut reads = running.filter_map(|(id, _)| match id {
            StepId::Read(page) => self.host_of(*page),
            _ => None,
        });
        reads.any(|other| other == host)
    }

    /// The host that a page is fetched from; none when its text lies in the library.
    fn host_of(&self, page: PageId) -> Option<String> {
        let chosen = self.chosen.get(&page).filter(|chosen| chosen.document.is_none())?;
        Url::parse(&chosen.url).ok().map(|url| host_key(&url))
    }
}
