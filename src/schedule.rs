//! Research that repeats: when an occurrence is due, and that it starts one job.

pub mod cadence;
mod zone;

pub use cadence::{Cadence, is_time_zone, time_zones};

use crate::job::Timestamp;
use crate::research::request::ResearchRequest;
use serde::{Deserialize, Serialize};

/// A question that is asked again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Public id, `sch_...`.
    pub id: String,
    /// Whose.
    pub owner: String,
    /// What its owner calls it.
    #[serde(default)]
    pub name: String,
    /// What is asked.
    pub request: ResearchRequest,
    /// When.
    pub cadence: Cadence,
    /// Which ends its receiver is told of.
    pub notify: Notify,
    /// Nothing is started while it is.
    pub paused: bool,
    /// When it was made; intervals count from here.
    pub created_at: Timestamp,
    /// The next occurrence; none when the cadence has no more.
    pub next_at: Option<Timestamp>,
    /// The latest occurrence that was started or skipped: never goes back, whatever the clock does.
    pub last_nominal: Option<Timestamp>,
    /// Jobs started.
    pub runs: u64,
}

/// Which ends of scheduled runs a receiver is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// All.
    #[default]
    Always,
    /// Those with findings that differ from the last run's, and those that failed.
    OnChange,
}

/// One planned start of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The schedule.
    pub schedule: String,
    /// When it was due; the moment of the call for a start by hand.
    pub nominal: Timestamp,
}

/// What a look at the clock came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// To be started now, once.
    pub due: Option<Occurrence>,
    /// The first occurrence of those that are too late to be started.
    pub missed: Option<Timestamp>,
}

/// An occurrence that is this late is not started any more: whoever wants research of this morning does not want it at
/// night. Below it, one late start stands for all that were missed.
pub const LATE_MS_MAX: u64 = 60 * 60 * 1_000;
/// Occurrences within [`LATE_MS_MAX`]: one a minute at most.
const LATE_MAX: u32 = 62;

impl Schedule {
    /// Looks at the clock: what must be started, and when to look again (`next_at`). Looking twice starts nothing twice.
    pub fn tick(&mut self, now: Timestamp) -> Tick {
        let mut tick = Tick::default();
        let Some(planned) = self.next_at.filter(|at| *at <= now && !self.paused) else { return tick };
        let limit = Timestamp(now.0.saturating_sub_unsigned(LATE_MS_MAX));
        let mut latest = Some(planned);
        if planned < limit {
            tick.missed = Some(planned);
            latest = self.cadence.next_after(limit, self.created_at);
        }
        for _ in 0..LATE_MAX {
            let next = latest.and_then(|at| self.cadence.next_after(at, self.created_at));
            match next {
                Some(next) if next <= now => latest = Some(next),
                _ => break,
            }
        }
        let fresh = |at: &Timestamp| *at <= now && self.last_nominal.is_none_or(|last| last < *at);
        if let Some(nominal) = latest.filter(fresh) {
            tick.due = Some(Occurrence { schedule: self.id.clone(), nominal });
            self.last_nominal = Some(nominal);
            self.runs = self.runs.saturating_add(1);
        }
        let seen = self.last_nominal.map_or(now, |last| last.max(now));
        self.next_at = self.cadence.next_after(seen, self.created_at);
        tick
    }

    /// Plans anew from `now` on: after a change of cadence, or a pause. Occurrences that have been started stay behind.
    pub fn plan(&mut self, now: Timestamp) {
        let seen = self.last_nominal.map_or(now, |last| last.max(now));
        self.next_at = self.cadence.next_after(seen, self.created_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T12:00:00Z
    const NOON: Timestamp = Timestamp(1_795_348_800_000);
    const MINUTE_MS: u64 = 60_000;

    fn every_minute() -> Schedule {
        let mut schedule = Schedule {
            id: "sch_1".into(),
            owner: "o".into(),
            name: String::new(),
            request: ResearchRequest::default(),
            cadence: Cadence::cron("* * * * *", "UTC").unwrap(),
            notify: Notify::Always,
            paused: false,
            created_at: NOON,
            next_at: None,
            last_nominal: None,
            runs: 0,
        };
        schedule.plan(NOON);
        schedule
    }

    fn nominal(tick: &Tick) -> Option<u64> {
        tick.due.as_ref().map(|o| o.nominal.ms_since(NOON) / MINUTE_MS)
    }

    #[test]
    fn two_ticks_for_one_minute_start_one_job() {
        let mut schedule = every_minute();
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(59_999))), None, "too early");
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(60_000))), Some(1));
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(60_000))), None);
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(90_000))), None);
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(120_500))), Some(2));
    }

    #[test]
    fn thirty_silent_minutes_are_caught_up_by_one_job() {
        let mut schedule = every_minute();
        let tick = schedule.tick(NOON.plus_ms(30 * MINUTE_MS));
        assert_eq!((nominal(&tick), tick.missed), (Some(30), None));
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(30 * MINUTE_MS + 1))), None);
        assert_eq!(schedule.runs, 1);
    }

    #[test]
    fn what_is_late_by_more_than_an_hour_is_missed_and_told() {
        let mut daily = every_minute();
        daily.cadence = Cadence::cron("0 13 * * *", "UTC").unwrap();
        daily.plan(NOON);
        let tick = daily.tick(NOON.plus_ms(150 * MINUTE_MS));
        assert_eq!((tick.due, tick.missed), (None, Some(NOON.plus_ms(60 * MINUTE_MS))));
        assert_eq!(daily.next_at, Some(NOON.plus_ms(25 * 60 * MINUTE_MS)));
        let tick = daily.tick(NOON.plus_ms((25 * 60 + 59) * MINUTE_MS));
        assert_eq!(nominal(&tick), Some(25 * 60), "59 minutes late is started");
    }

    #[test]
    fn a_clock_that_goes_back_starts_nothing_again() {
        let mut schedule = every_minute();
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(61 * MINUTE_MS))), Some(61));
        for minute in 0..=61 {
            assert_eq!(nominal(&schedule.tick(NOON.plus_ms(minute * MINUTE_MS))), None, "{minute}");
        }
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(62 * MINUTE_MS))), Some(62));
    }

    #[test]
    fn a_pause_starts_nothing_and_leaves_nothing_to_catch_up() {
        let mut schedule = every_minute();
        schedule.paused = true;
        assert_eq!(schedule.tick(NOON.plus_ms(5 * MINUTE_MS)), Tick::default());
        schedule.paused = false;
        schedule.plan(NOON.plus_ms(10 * MINUTE_MS));
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(10 * MINUTE_MS))), None);
        assert_eq!(nominal(&schedule.tick(NOON.plus_ms(11 * MINUTE_MS))), Some(11));
    }
}
