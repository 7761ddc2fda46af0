//! One at a time, in the order of coming: who computes next of those that share a thread and can only look now and then.

use crate::job::Timestamp;
use std::collections::BTreeMap;

/// What one at a time has, and who waits for it. Pure: whoever waits looks, and is told when to look again.
///
/// At most as many entries as there are waiters; those who stopped looking are forgotten after [`GONE_MS`].
#[derive(Debug)]
pub struct Floor {
    /// Who has it, since when.
    holder: Option<(u64, Timestamp)>,
    /// The number of the last who came.
    last: u64,
    /// When each of those who wait last looked.
    waiting: BTreeMap<u64, Timestamp>,
    /// A turn takes about this long; who has others before him looks again when they should have had theirs.
    turn_ms: u64,
    /// The longest time between two looks.
    look_ms_max: u64,
}

/// Whoever has the floor for longer is gone: an object that was reset runs no destructor.
const HELD_MS_MAX: u64 = 1_000;
/// Whoever has not looked for so long waits no more, and holds up nobody behind him; looks are at most a second
/// apart, on a thread that may be late by seconds.
const GONE_MS: u64 = 5_000;
/// The shortest time between two looks.
const LOOK_MS_MIN: u64 = 1;

impl Floor {
    /// Nobody has it. Turns take `turn_ms` or more, else it is idle between two; nobody looks less often than every
    /// `look_ms_max`, which is at most a fifth of [`GONE_MS`].
    #[must_use]
    pub const fn new(turn_ms: u64, look_ms_max: u64) -> Self {
        Self { holder: None, last: 0, waiting: BTreeMap::new(), turn_ms, look_ms_max }
    }

    /// Somebody comes to wait; the answer is his number.
    pub fn come(&mut self, now: Timestamp) -> u64 {
        self.last = self.last.wrapping_add(1);
        self.waiting.insert(self.last, now);
        self.last
    }

    /// Somebody looks whether it is his turn: he has the floor when the answer is `None`, else he looks again after so many
    /// milliseconds.
    pub fn look(&mut self, number: u64, now: Timestamp) -> Option<u64> {
        self.waiting.insert(number, now);
        let first = |waiting: &BTreeMap<u64, Timestamp>| waiting.first_key_value().map(|(n, at)| (*n, *at));
        while let Some((gone, _)) = first(&self.waiting).filter(|(_, at)| now.ms_since(*at) > GONE_MS) {
            self.waiting.remove(&gone);
        }
        let is_free = self.holder.is_none_or(|(_, since)| now.ms_since(since) > HELD_MS_MAX);
        let before = self.waiting.range(..number).count();
        if is_free && before == 0 {
            self.take(number, now);
            return None;
        }
        let before = u64::try_from(before).unwrap_or(u64::MAX);
        Some(before.saturating_mul(self.turn_ms).clamp(LOOK_MS_MIN, self.look_ms_max))
    }

    /// Somebody takes the floor, whoever has it.
    pub fn take(&mut self, number: u64, now: Timestamp) {
        self.waiting.remove(&number);
        self.holder = Some((number, now));
    }

    /// Somebody who has the floor still needs it.
    pub fn keep(&mut self, number: u64, now: Timestamp) {
        if let Some((holder, since)) = &mut self.holder
            && *holder == number
        {
            *since = now;
        }
    }

    /// Somebody is done, or waits no more. The floor of another stays with him.
    pub fn leave(&mut self, number: u64) {
        self.waiting.remove(&number);
        self.holder = self.holder.filter(|(holder, _)| *holder != number);
    }
}

/// Requests that wait for their answer: whoever computes lets those that came lately pass first, since an answer is made in
/// several short runs and would wait for a computation between any two of them.
///
/// At most as many entries as there are requests; those that were broken off are forgotten after [`FORGOTTEN_MS`].
#[derive(Debug, Default)]
pub struct Callers {
    last: u64,
    waiting: BTreeMap<u64, Timestamp>,
}

/// A request that takes longer waits for something else: news of a job, a page, a slow sender.
const PRESSING_MS: u64 = 20;
/// The longest that the front Worker works at one request: a request that was broken off runs no destructor.
const FORGOTTEN_MS: u64 = 60_000;

impl Callers {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: 0, waiting: BTreeMap::new() }
    }

    /// A request has come; the answer is its number.
    pub fn come(&mut self, now: Timestamp) -> u64 {
        let first = |waiting: &BTreeMap<u64, Timestamp>| waiting.first_key_value().map(|(n, at)| (*n, *at));
        while let Some((gone, _)) = first(&self.waiting).filter(|(_, at)| now.ms_since(*at) > FORGOTTEN_MS) {
            self.waiting.remove(&gone);
        }
        self.last = self.last.wrapping_add(1);
        self.waiting.insert(self.last, now);
        self.last
    }

    /// It is answered.
    pub fn leave(&mut self, number: u64) {
        self.waiting.remove(&number);
    }

    /// Whether one that came lately has no answer yet.
    #[must_use]
    pub fn are_pressing(&self, now: Timestamp) -> bool {
        self.waiting.last_key_value().is_some_and(|(_, at)| now.ms_since(*at) < PRESSING_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    #[test]
    fn who_came_first_goes_first_whoever_looks_first() {
        let mut floor = Floor::new(2, 250);
        let [a, b, c] = [(); 3].map(|()| floor.come(at(0)));
        assert_eq!(floor.look(c, at(1)), Some(4), "two are before him");
        assert_eq!(floor.look(a, at(1)), None);
        assert_eq!(floor.look(b, at(2)), Some(1), "next, but it is taken");
        floor.leave(a);
        assert_eq!(floor.look(c, at(3)), Some(2));
        assert_eq!(floor.look(b, at(3)), None);
        floor.leave(b);
        assert_eq!(floor.look(c, at(4)), None);
    }

    #[test]
    fn hundreds_of_waiters_look_no_more_often_than_their_place_asks_for() {
        let mut floor = Floor::new(2, 250);
        let numbers: Vec<u64> = (0..500).map(|_| floor.come(at(0))).collect();
        floor.take(0, at(0));
        let looks: u64 = numbers.iter().map(|n| 1_000 / floor.look(*n, at(1)).unwrap()).sum();
        assert!(looks < 6_000, "{looks} looks a second");
    }

    #[test]
    fn a_request_is_let_pass_until_it_is_answered_or_takes_long() {
        let mut callers = Callers::new();
        assert!(!callers.are_pressing(at(0)));
        let [slow, quick] = [callers.come(at(0)), callers.come(at(15))];
        assert!(callers.are_pressing(at(34)));
        callers.leave(quick);
        assert!(
            callers.are_pressing(at(19)) && !callers.are_pressing(at(34)),
            "the slow one waits for something else"
        );
        callers.leave(slow);
        assert!(!callers.are_pressing(at(19)));
    }

    #[test]
    fn who_waits_no_more_holds_up_nobody() {
        let mut floor = Floor::new(2, 250);
        let [a, b, c] = [(); 3].map(|()| floor.come(at(0)));
        floor.leave(a);
        assert_eq!(floor.look(c, at(4_000)), Some(2), "the second may look again");
        assert_eq!(floor.look(c, at(5_001)), None, "nobody heard of him for five seconds");
        floor.leave(c);
        assert_eq!(floor.look(b, at(5_002)), None, "he was only late");
    }

    #[test]
    fn a_floor_whose_holder_is_gone_is_free_and_he_cannot_free_it_for_the_next() {
        let mut floor = Floor::new(2, 250);
        let [a, b, c] = [(); 3].map(|()| floor.come(at(0)));
        assert_eq!(floor.look(a, at(0)), None);
        floor.keep(a, at(1));
        assert_eq!(floor.look(b, at(1_001)), Some(1));
        assert_eq!(floor.look(b, at(1_002)), None);
        floor.keep(a, at(1_003));
        floor.leave(a);
        assert_eq!(floor.look(c, at(1_003)), Some(1), "one at a time");
    }
}
