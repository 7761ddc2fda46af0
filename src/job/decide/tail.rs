//! The tail of a round: who is not waited for.
//!
//! A round is as slow as its slowest page only when that page is needed. Everything here goes by how long an attempt has
//! been out, never by the order of answers: whatever is prompt is counted, whoever comes first. Only where stages overlap
//! does a round that another may follow not wait for analyses: the next one has them.

use super::Draft;
use super::phases::WAVES_MAX;
use crate::job::step::{StepId, StepState};
use crate::job::{Job, Phase, Timestamp};
use crate::research::PageId;

/// Pages answer in 0.2 to 1.2 s; one that takes four times as long is waited for only when it is needed: by then others
/// have been analysed.
const STRAGGLER_READ_MS: u64 = 5_000;
/// Models analyse a page in 5 to 20 s.
const STRAGGLER_ANALYZE_MS: u64 = 30_000;
/// A page that has been out for so long is slow, and another is read beside it where it may be needed.
const SLOW_READ_MS: u64 = 2_500;
/// Why a step was given up.
pub(super) const CAUSE: &str = "not waited for: enough other pages were in";

/// Pages of a round that are of use, beside how many it goes for.
#[derive(Clone, Copy)]
pub(super) struct Harvest {
    pub(super) useful: u32,
    pub(super) quota: u32,
}

impl Harvest {
    /// The round has what it went for.
    pub(super) fn is_enough(self) -> bool {
        self.useful >= self.quota
    }
}

impl Draft {
    /// Gives up what the round does not need and has waited for long enough.
    pub(super) fn drop_stragglers(&mut self) {
        let late = self.job.late_searches().into_iter().map(|late| (late, self.job.late_cause(late.0)));
        let stragglers = self.job.stragglers().into_iter().map(|late| (late, CAUSE.to_owned()));
        let due: Vec<_> =
            late.chain(stragglers).filter(|((.., give_up_at), _)| *give_up_at <= self.now).collect();
        for ((step, attempt, _), cause) in due {
            self.drop_step(step, attempt, cause, false);
        }
    }
}

impl Job {
    /// The next moment at which a straggler may be given up, or a page turns out to be slow.
    pub(in crate::job) fn straggler_at(&self) -> Option<Timestamp> {
        let given_up = self.stragglers().into_iter().chain(self.late_searches()).map(|(_, _, at)| at);
        given_up.chain(self.slow_at()).min()
    }

    /// When the next page that is being read is slow, where another may be read beside it.
    fn slow_at(&self) -> Option<Timestamp> {
        let Phase::Reading(round) = self.phase else { return None };
        let reads = self.steps.iter().filter(|(id, step)| matches!(id, StepId::Read(_)) && step.is_running());
        let moments = reads.map(|(_, step)| step.started_at.plus_ms(SLOW_READ_MS));
        let next = moments.filter(|at| *at > self.last_at).min()?;
        let waves = self.rounds.last().map_or(0, |round| round.waves);
        let replaces = !self.harvest(round).is_enough() && waves < WAVES_MAX && self.unread_hits() > 0;
        replaces.then_some(next)
    }

    /// What a round has brought so far, beside what it goes for.
    pub(super) fn harvest(&self, round: u32) -> Harvest {
        let useful = self.pages_of(round).iter().filter(|page| self.is_useful(**page)).count();
        let useful = u32::try_from(useful).unwrap_or(u32::MAX);
        // What it goes for counts without what it has brought.
        let quota = self.quota(round, self.useful_pages().saturating_sub(useful));
        Harvest { useful, quota }
    }

    /// Whether a round may leave analyses that are out to the one that follows. At the end there is none: they are paid, and
    /// one of them may be the best of all.
    pub(super) fn may_leave(&self, round: u32) -> bool {
        self.limits.overlaps && round < self.rounds_allowed() && self.useful_pages() < self.pages_sought()
    }

    /// Whether a page's read is out, and has been for longer than pages take.
    pub(super) fn is_slow(&self, page: PageId, now: Timestamp) -> bool {
        let step = self.steps.get(&StepId::Read(page)).filter(|step| step.is_running());
        step.is_some_and(|step| step.started_at.plus_ms(SLOW_READ_MS) <= now)
    }

    /// Whether a page is being analysed: that is paid, and counts whenever it comes.
    pub(super) fn is_thought_about(&self, page: PageId) -> bool {
        self.steps.get(&StepId::Analyze(page)).is_some_and(|step| !step.is_settled())
    }

    /// Analyses of rounds before `round` that did not wait for them.
    pub(super) fn outstanding(&self, round: u32) -> impl Iterator<Item = StepId> {
        let own = self.pages_of(round);
        let open = self.steps.iter().filter(|(_, step)| !step.is_settled()).map(|(id, _)| *id);
        open.filter(move |id| matches!(id, StepId::Analyze(page) if !own.contains(page)))
    }

    /// Steps of the open round that it can do without, with their attempt and the moment until which they are waited for.
    /// None as long as every step may be needed; never those of pages that the request names.
    fn stragglers(&self) -> Vec<(StepId, u32, Timestamp)> {
        let Phase::Reading(round) = self.phase else { return Vec::new() };
        // Enough is in when the round has what it went for, or when something is in and nothing but reads that are out or
        // wait for another try is left.
        let harvest = self.harvest(round);
        let enough = harvest.is_enough();
        let pages: Vec<&PageId> =
            self.pages_of(round).iter().filter(|p| !self.start_pages.contains(p)).collect();
        let own = pages.iter().flat_map(|p| self.open_steps_of(**p));
        let open: Vec<StepId> = own.chain(self.outstanding(round)).collect();
        let only_reads = harvest.useful > 0 && open.iter().all(|s| self.is_late_read(*s));
        if !enough && !only_reads {
            return Vec::new();
        }
        let never_started = |p: &&&PageId| {
            enough && !self.steps.contains_key(&StepId::Read(***p)) && !self.pages.contains_key(**p)
        };
        let spare = pages.iter().filter(never_started);
        let spare: Vec<_> = spare.map(|p| (StepId::Read(**p), 0, Timestamp::default())).collect();
        let waited = |step: &StepId| {
            let state = self.steps.get(step)?;
            let patience_ms = match step {
                StepId::Read(_) => STRAGGLER_READ_MS,
                _ if self.may_leave(round) => return None,
                _ => STRAGGLER_ANALYZE_MS,
            };
            Some((*step, state.attempts, state.started_at.plus_ms(patience_ms)))
        };
        open.iter().filter_map(waited).chain(spare).collect()
    }

    /// What of a page is neither done nor given up; an analysis that was never started does not count.
    fn open_steps_of(&self, page: PageId) -> impl Iterator<Item = StepId> {
        let steps = [StepId::Read(page), StepId::Analyze(page)];
        steps.into_iter().filter(|s| self.steps.get(s).is_some_and(|s| !s.is_settled()))
    }

    /// A read that was started: it is out, or it waits for another try.
    fn is_late_read(&self, step: StepId) -> bool {
        let state = self.steps.get(&step).map(|s| &s.state);
        matches!(step, StepId::Read(_))
            && matches!(state, Some(StepState::Running { .. } | StepState::Waiting { .. }))
    }
}
