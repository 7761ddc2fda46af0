//! One message on its way to one receiver: tried at published intervals until it is taken or given up.

use crate::job::Timestamp;
use crate::job::retry::mix;
use serde::{Deserialize, Serialize};

/// A message, what became of it so far, and when it is tried next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// `webhook-id`: the same for every attempt.
    pub id: String,
    /// The job that it tells of.
    pub research_id: String,
    /// `research.completed` and its siblings.
    pub event: String,
    /// The receiver.
    pub url: String,
    /// The exact bytes that are signed and sent.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts of the current schedule.
    pub tries: u32,
    /// Schedules begun by hand.
    pub replays: u32,
    /// The last [`ATTEMPTS_KEPT`] attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The next attempt; means nothing unless `state` is pending.
    pub next_at: Timestamp,
    /// When the job ended.
    pub created_at: Timestamp,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be tried (again).
    Pending,
    /// The receiver answered 2xx.
    Delivered,
    /// Given up; can be replayed by hand.
    Dead,
}

impl DeliveryState {
    /// The word on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it left.
    pub at: Timestamp,
    /// What the receiver answered; none when no answer came.
    pub status: Option<u16>,
    /// What went wrong, or the beginning of what the receiver said.
    pub detail: String,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// HTTP status; redirects are not followed.
        status: u16,
        /// `Retry-After`, in milliseconds.
        retry_after_ms: Option<u64>,
        /// The beginning of the body.
        said: String,
    },
    /// No answer came.
    Unanswered {
        /// Why.
        cause: String,
    },
    /// The address may not be called (any more).
    Forbidden {
        /// Why.
        cause: String,
    },
}

/// The published schedule: waits before each attempt, in milliseconds; ten attempts over 75 h 35 min 5 s (the example of
/// Standard Webhooks 1.0).
pub const RETRIES_MS: [u64; 10] = [
    0,
    5_000,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
];
const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
/// An attempt whose end was never written down counts as lost after this long: its timeout of 20 s and as much again for
/// the isolate to be restarted, and a little more.
pub const LOST_MS: u64 = 45_000;
/// Attempts kept in the log: two whole schedules.
const ATTEMPTS_KEPT: usize = 20;
/// Replays of one message: whoever needs more has a receiver that will never take it.
pub const REPLAYS_MAX: u32 = 20;
/// Jitter around each wait, in percent to either side.
const JITTER_PERCENT: u64 = 20;
/// Longest detail of an attempt, in characters.
const DETAIL_CHARS_MAX: usize = 200;
/// The receiver says that it is gone for good.
const GONE: u16 = 410;

impl Delivery {
    /// A message to be sent at once.
    #[must_use]
    pub fn new(
        id: String,
        research_id: String,
        event: String,
        url: String,
        body: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            research_id,
            event,
            url,
            body,
            state: DeliveryState::Pending,
            tries: 0,
            replays: 0,
            attempts: Vec::new(),
            next_at: now,
            created_at: now,
        }
    }

    /// Whether it should be tried now.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state == DeliveryState::Pending && self.next_at <= now
    }

    /// An attempt begins: written down before it leaves, so that a crash cannot make more of them than planned. `false`
    /// when the schedule is used up (the last attempt was lost): then it is dead and nothing may leave.
    pub fn begin(&mut self, retries_ms: &[u64], now: Timestamp) -> bool {
        if self.state != DeliveryState::Pending {
            return false;
        }
        if self.tries as usize >= retries_ms.len() {
            self.state = DeliveryState::Dead;
            return false;
        }
        self.tries = self.tries.saturating_add(1);
        let detail = "no answer was written down".to_owned();
        self.attempts.push(Attempt { at: now, status: None, detail });
        let surplus = self.attempts.len().saturating_sub(ATTEMPTS_KEPT);
        self.attempts.drain(..surplus);
        self.next_at = now.plus_ms(LOST_MS);
        true
    }

    /// The attempt that began last has ended.
    pub fn finish(&mut self, outcome: &Outcome, retries_ms: &[u64], now: Timestamp) {
        if self.state != DeliveryState::Pending {
            return;
        }
        let (status, detail, retry_after_ms) = match outcome {
            Outcome::Answered { status, retry_after_ms, said } => (Some(*status), said, *retry_after_ms),
            Outcome::Unanswered { cause } | Outcome::Forbidden { cause } => (None, cause, None),
        };
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.status = status;
            attempt.detail = detail.chars().filter(|c| !c.is_control()).take(DETAIL_CHARS_MAX).collect();
        }
        let next_wait_ms = retries_ms.get(self.tries as usize);
        self.state = match (status, outcome, next_wait_ms) {
            (Some(200..=299), ..) => DeliveryState::Delivered,
            (Some(GONE), ..) | (_, Outcome::Forbidden { .. }, _) | (_, _, None) => DeliveryState::Dead,
            (_, _, Some(wait_ms)) => {
                self.next_at = now.plus_ms(self.wait_ms(*wait_ms, retry_after_ms));
                DeliveryState::Pending
            }
        };
    }

    /// The receiver said that it is gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.state == DeliveryState::Dead && self.attempts.last().is_some_and(|a| a.status == Some(GONE))
    }

    /// One more whole schedule, begun by hand. `false` when that was done too often or it is on its way anyhow.
    pub fn replay(&mut self, now: Timestamp) -> bool {
        if self.state == DeliveryState::Pending || self.replays >= REPLAYS_MAX {
            return false;
        }
        (self.state, self.tries, self.next_at) = (DeliveryState::Pending, 0, now);
        self.replays = self.replays.saturating_add(1);
        true
    }

    /// `base_ms` with its jitter; what the receiver asks for counts between the base and twice the base.
    fn wait_ms(&self, base_ms: u64, retry_after_ms: Option<u64>) -> u64 {
        let seed =
            self.id.bytes().fold(u64::from(self.tries), |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        let spread = base_ms.saturating_mul(JITTER_PERCENT) / 100;
        let jitter = mix(seed) % spread.saturating_mul(2).saturating_add(1);
        let wait_ms = base_ms.saturating_sub(spread).saturating_add(jitter);
        match retry_after_ms {
            Some(asked_ms) => wait_ms.max(asked_ms.clamp(base_ms, base_ms.saturating_mul(2))),
            None => wait_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp(1_795_305_600_000);

    fn delivery() -> Delivery {
        Delivery::new(
            "msg_1".into(),
            "res_1".into(),
            "research.completed".into(),
            "u".into(),
            "{}".into(),
            START,
        )
    }

    fn answered(status: u16) -> Outcome {
        Outcome::Answered { status, retry_after_ms: None, said: String::new() }
    }

    #[test]
    fn nine_failures_and_a_success_take_75_hours() {
        let (mut delivery, mut now) = (delivery(), START);
        for attempt in 1..=10 {
            assert!(delivery.is_due(now), "attempt {attempt}");
            assert!(delivery.begin(&RETRIES_MS, now));
            delivery.finish(&answered(if attempt < 10 { 500 } else { 204 }), &RETRIES_MS, now);
            if let Some(base) = RETRIES_MS.get(attempt).filter(|_| attempt < 10) {
                let wait = delivery.next_at.ms_since(now);
                assert!((base * 8 / 10..=base * 12 / 10).contains(&wait), "attempt {attempt}: {wait}");
                now = delivery.next_at;
            }
        }
        assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Delivered, 10));
        let hours = now.ms_since(START) / HOUR_MS;
        assert!((60..=91).contains(&hours), "{hours} h");
    }

    #[test]
    fn a_receiver_that_is_gone_is_left_alone() {
        let mut delivery = delivery();
        delivery.begin(&RETRIES_MS, START);
        delivery.finish(&answered(410), &RETRIES_MS, START);
        assert!(delivery.is_gone());
        assert!(!delivery.begin(&RETRIES_MS, START));
    }

    #[test]
    fn a_redirect_is_a_failure_and_a_forbidden_address_the_end() {
        let mut delivery = delivery();
        delivery.begin(&RETRIES_MS, START);
        delivery.finish(&answered(301), &RETRIES_MS, START);
        assert_eq!(delivery.state, DeliveryState::Pending);
        delivery.begin(&RETRIES_MS, START);
        delivery.finish(&Outcome::Forbidden { cause: "private".into() }, &RETRIES_MS, START);
        assert_eq!(delivery.state, DeliveryState::Dead);
        assert!(!delivery.is_gone());
    }

    #[test]
    fn what_the_receiver_asks_for_counts_within_bounds() {
        for (asked_ms, at_least, at_most) in
            [(0, 4_000, 6_000), (7_000, 7_000, 7_000), (86_400_000, 10_000, 10_000)]
        {
            let mut delivery = delivery();
            delivery.begin(&RETRIES_MS, START);
            let outcome =
                Outcome::Answered { status: 503, retry_after_ms: Some(asked_ms), said: String::new() };
            delivery.finish(&outcome, &RETRIES_MS, START);
            let wait = delivery.next_at.ms_since(START);
            assert!((at_least..=at_most).contains(&wait), "asked for {asked_ms}: {wait}");
        }
    }

    #[test]
    fn a_dead_message_is_replayed_under_its_id_but_not_for_ever() {
        let mut delivery = delivery();
        for _ in 0..REPLAYS_MAX {
            delivery.state = DeliveryState::Dead;
            assert!(delivery.replay(START));
            assert!(!delivery.replay(START), "it is on its way");
            assert_eq!((delivery.id.as_str(), delivery.tries), ("msg_1", 0));
        }
        delivery.state = DeliveryState::Dead;
        assert!(!delivery.replay(START));
    }

    proptest! {
        #[test]
        fn whatever_happens_no_more_leaves_than_was_planned(
            steps in proptest::collection::vec((0_u16..6, 0_u64..200_000_000), 1..60),
        ) {
            let (mut delivery, mut now, mut left) = (delivery(), START, 0);
            for (what, pause_ms) in steps {
                now = now.plus_ms(pause_ms);
                if !delivery.is_due(now) || !delivery.begin(&RETRIES_MS, now) {
                    continue;
                }
                left += 1;
                match what {
                    0 => {} // The isolate died.
                    1 => delivery.finish(&Outcome::Unanswered { cause: "x".into() }, &RETRIES_MS, now),
                    n => delivery.finish(&answered(n * 100), &RETRIES_MS, now),
                }
                prop_assert!(delivery.next_at > now || delivery.state != DeliveryState::Pending);
            }
            prop_assert!(left <= RETRIES_MS.len());
        }
    }
}
