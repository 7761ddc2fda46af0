//! Which facts follow from what happened.

mod analysts;
mod attempts;
mod choose;
mod phases;
mod refuse;
mod search_tail;
mod tail;

use crate::job::budget::ROUNDS_MAX;
use crate::job::event::{Event, Input, Reply};
use crate::job::step::{Step, StepId};
use crate::job::{Job, Phase, Timestamp};
use crate::model::Answer;
use crate::research::{PageId, StopReason};

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
        draft.notice_skipped_time();
        match input {
            Input::Resumed => draft.lose_running(),
            Input::Woke => {}
            Input::StepFinished { step, attempt, outcome } => {
                if !self.is_running(step, attempt) {
                    return draft.events;
                }
                draft.finish_attempt(step, attempt, outcome);
            }
            Input::CancelRequested => {
                draft.record(Event::Cancelled { at: now });
                return draft.events;
            }
            Input::Steered(steering) => {
                if !self.accepts_steering() {
                    return draft.events;
                }
                draft.record(Event::Steered { steering, at: now });
            }
        }
        draft.expire();
        draft.drop_stragglers();
        // A step that the budget forbade is settled at once, which may carry the job on to further ones that it forbids.
        for _ in 0..ADVANCES_MAX {
            let before = draft.events.len();
            draft.advance();
            draft.start_steps(room.min(WIDTH));
            if draft.events.len() == before {
                break;
            }
        }
        draft.events
    }
}

/// Attempts that are out at once. A Worker invocation has six outgoing connections.
pub const WIDTH: usize = 6;
/// Most phases that one input can carry a job through: every round can open, choose and close, then writing.
const ADVANCES_MAX: u32 = ROUNDS_MAX * 4 + 8;

/// A running job never waits longer than this for its next fact: attempts end within 600 s (`TIMEOUT_S_MAX`), retries wait at
/// most 72 s. When more has passed, nobody ran it, or the clock was set forward.
const SKIP_MS_MIN: u64 = 12 * 60 * 1_000;
/// Clocks are corrected by a second or so; when one goes back by more, plans move with it.
const SKIP_BACK_MS_MIN: u64 = 2_000;
/// Jumps forward that prolong a job: one that is revived more often has a machine that is down more than it runs.
const SKIPS_MAX: u32 = 5;

/// Facts being collected, and the job as it is after them.
pub(in crate::job) struct Draft {
    pub(in crate::job) job: Job,
    pub(in crate::job) events: Vec<Event>,
    pub(in crate::job) now: Timestamp,
}

impl Draft {
    /// Time in which nobody ran the job does not count: a clock that jumps a day must not end it early, one that is set
    /// back must not make it wait.
    fn notice_skipped_time(&mut self) {
        let (last, now) = (self.job.last_at, self.now);
        let (forward, back) = (now.ms_since(last), last.ms_since(now));
        let jumped = (forward > SKIP_MS_MIN && self.job.skips < SKIPS_MAX) || back > SKIP_BACK_MS_MIN;
        if jumped {
            let by_ms = now.0.saturating_sub(last.0);
            self.record(Event::TimeSkipped { by_ms, at: now });
        }
    }

    fn record(&mut self, event: Event) {
        self.job.apply(event.clone());
        self.events.push(event);
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
            let research_until = self.job.moment(self.job.limits.research_ms());
            if self.job.stop.is_none() && self.now >= research_until {
                self.stop(self.unless_enough(StopReason::Deadline));
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

    fn settled(&self, step: StepId) -> bool {
        self.job.settled(step)
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
}

impl Job {
    fn settled(&self, step: StepId) -> bool {
        self.steps.get(&step).is_some_and(Step::is_settled)
    }

    fn page_settled(&self, page: PageId) -> bool {
        self.settled(StepId::Analyze(page))
            || (self.settled(StepId::Read(page)) && !self.pages.contains_key(&page))
    }
}
