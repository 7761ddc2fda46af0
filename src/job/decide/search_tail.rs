//! Searching at a provider's pace, and the tail of it: providers that fail, throttle or hang are not waited for when others
//! have answered.

use crate::job::standing::Standing;
use crate::job::step::{Step, StepId, StepState};
use crate::job::{Job, Phase, Timestamp, WIDTH};
use crate::search::{Hit, Provider};

/// Search engines answer in a second; a SearXNG instance with slow engines takes up to 6. Also the longest wait for another
/// try that is worth it when others have answered.
const PATIENCE_MS: u64 = 8_000;
/// The same for a provider that was given up before and has not answered since.
const PATIENCE_AGAIN_MS: u64 = 3_000;
impl Job {
    /// The searches of a round in the order in which they are asked. A provider that refused for good is asked no more.
    pub(super) fn searches(&self, round: u32) -> Vec<StepId> {
        let numbered = (1..).zip(self.queries_of(round)).enumerate();
        let all = numbered.flat_map(|(place, (query, _))| {
            let asked = self.providers.iter().filter(move |provider| place < provider.pace().queries_max);
            asked.map(move |provider| StepId::Search { round, query, provider: *provider })
        });
        all.filter(|step| self.steps.contains_key(step) || !self.is_refused(*step)).collect()
    }

    fn is_refused(&self, step: StepId) -> bool {
        matches!(step, StepId::Search { provider, .. } if self.standing(provider).is_refused())
    }

    /// Whether a step may start at `now` as far as its provider goes.
    pub(super) fn is_its_turn(&self, step: StepId, now: Timestamp) -> bool {
        self.turn_at(step).is_some_and(|at| at <= now)
    }

    /// When the next search may start that only waits for its provider's pause.
    pub(in crate::job) fn next_turn_at(&self) -> Option<Timestamp> {
        let Phase::Searching(round) = self.phase else { return None };
        let unstarted = self.searches(round).into_iter().filter(|step| !self.steps.contains_key(step));
        // What may start at once waits for a free place, not for a moment.
        unstarted.filter_map(|step| self.turn_at(step)).filter(|at| *at > self.last_at).min()
    }

    /// When a step may start; `None` while its provider has as many out as it may.
    pub(in crate::job) fn turn_at(&self, step: StepId) -> Option<Timestamp> {
        let StepId::Search { provider, .. } = step else { return Some(Timestamp::default()) };
        let (pace, standing) = (provider.pace(), self.standing(provider));
        // Of several providers each has places of its own: those that hang cannot take them all.
        let share = WIDTH.checked_div(self.providers.len()).unwrap_or(WIDTH).max(1);
        let at_once = if standing.throttled { 1 } else { pace.at_once.min(share) };
        let siblings = self.steps.iter().filter(|(id, _)| is_of(**id, provider));
        let out = siblings.clone().filter(|(_, s)| s.is_running()).count();
        // Whether a provider that failed answers again is found out by what was asked already.
        let on_trial = standing.trouble.is_some() && !self.steps.contains_key(&step);
        let open = siblings.clone().filter(|(_, s)| !s.is_settled()).count();
        if out >= at_once || (on_trial && open > 0) {
            return None;
        }
        let last_at = siblings.filter(|(_, s)| s.attempts > 0).map(|(_, s)| s.started_at).max();
        let paused = last_at.filter(|_| pace.gap_ms > 0).map(|at| at.plus_ms(pace.gap_ms));
        Some(standing.resume_at.max(paused.unwrap_or_default()))
    }

    /// Searches of the open round that it can do without, with their attempt and the moment until which they are waited for.
    ///
    /// When a search of a provider was given up, those of its others that are not out are hopeless, whoever else answers. As
    /// soon as other providers have found something and nothing but failing or hanging ones is open, those are waited for
    /// for a short while only.
    pub(super) fn late_searches(&self) -> Vec<(StepId, u32, Timestamp)> {
        let Phase::Searching(round) = self.phase else { return Vec::new() };
        let settled = |step: &StepId| self.steps.get(step).is_some_and(Step::is_settled);
        let open: Vec<StepId> = self.searches(round).into_iter().filter(|step| !settled(step)).collect();
        let late = |step: &StepId, until| (*step, self.steps.get(step).map_or(0, |s| s.attempts), until);
        let hopeless: Vec<_> = open.iter().filter(|step| self.is_hopeless(**step, round)).collect();
        if !hopeless.is_empty() {
            return hopeless.into_iter().map(|step| late(step, Timestamp::default())).collect();
        }
        let moments: Option<Vec<Timestamp>> = open.iter().map(|step| self.late_at(*step, round)).collect();
        let Some(until) = moments.and_then(|moments| moments.into_iter().max()) else { return Vec::new() };
        open.iter().map(|step| late(step, until)).collect()
    }

    /// Whether another try of a failed search at `retry_at` is worth waiting for: others have answered, and it would be
    /// long after this one began.
    pub(super) fn is_retry_late(&self, step: StepId, retry_at: Timestamp) -> bool {
        let StepId::Search { round, provider, .. } = step else { return false };
        let patience_ms = self.standing(provider).patience_ms();
        let begun_at = self.steps.get(&step).map_or(retry_at, |s| s.started_at);
        retry_at.ms_since(begun_at) > patience_ms && self.others_found(provider, round)
    }

    /// Why a search that is late is given up.
    pub(super) fn late_cause(&self, step: StepId) -> String {
        let trouble = match step {
            StepId::Search { provider, .. } => self.standing(provider).trouble,
            _ => None,
        };
        let running = self.steps.get(&step).is_some_and(Step::is_running);
        trouble
            .filter(|_| !running)
            .unwrap_or_else(|| "no answer in time, and others had answered".to_owned())
    }

    fn is_hopeless(&self, step: StepId, round: u32) -> bool {
        let StepId::Search { provider, .. } = step else { return false };
        let standing = self.standing(provider);
        let state = self.steps.get(&step);
        let was_lost = state.is_some_and(|s| s.attempts > 0 && s.failures == 0);
        standing.given_up_in == Some(round) && !was_lost && !state.is_some_and(Step::is_running)
    }

    /// The moment until which a search is waited for; `None` when it may still be needed or will go on by itself.
    fn late_at(&self, step: StepId, round: u32) -> Option<Timestamp> {
        let StepId::Search { provider, .. } = step else { return None };
        if !self.others_found(provider, round) {
            return None;
        }
        let standing = self.standing(provider);
        let patience_ms = standing.patience_ms();
        let Some(state) = self.steps.get(&step) else {
            // Its turn comes after the provider's others, or when a pause is over that an earlier round was told to keep.
            let open = self.steps.iter().filter(|(id, s)| is_of(**id, provider) && !s.is_settled());
            let moments: Option<Vec<Timestamp>> = open.map(|(id, _)| self.late_at(*id, round)).collect();
            let is_paused = standing.resume_at.ms_since(self.last_at) > patience_ms;
            return moments?.into_iter().max().or_else(|| is_paused.then_some(self.last_at));
        };
        match &state.state {
            StepState::Running { .. } => Some(state.started_at.plus_ms(patience_ms)),
            StepState::Waiting { retry_at } => {
                let wait_ms = (*retry_at).max(standing.resume_at).ms_since(state.started_at);
                (state.failures > 0 && wait_ms > patience_ms).then_some(state.started_at)
            }
            StepState::Done | StepState::Failed { .. } => None,
        }
    }

    /// Whether another provider answered in this round, and others have found something so far.
    pub(super) fn others_found(&self, provider: Provider, round: u32) -> bool {
        let answered = self.steps.iter().any(|(id, state)| match id {
            StepId::Search { round: r, provider: p, .. } => {
                *r == round && *p != provider && state.state == StepState::Done
            }
            _ => false,
        });
        let found = |(id, hits): (&StepId, &Vec<Hit>)| !hits.is_empty() && !is_of(*id, provider);
        answered && self.hits.iter().any(found)
    }

    /// Whether a search is one of a provider that others can stand in for.
    pub(super) fn can_do_without_search(&self, step: StepId) -> bool {
        matches!(step, StepId::Search { round, provider, .. } if self.others_found(provider, round))
    }

    /// Whether any search found anything.
    pub(super) fn found_anything(&self) -> bool {
        self.hits.values().any(|hits| !hits.is_empty())
    }
}

impl Standing {
    fn patience_ms(&self) -> u64 {
        if self.given_up_in.is_some() { PATIENCE_AGAIN_MS } else { PATIENCE_MS }
    }
}

fn is_of(step: StepId, provider: Provider) -> bool {
    matches!(step, StepId::Search { provider: p, .. } if p == provider)
}
