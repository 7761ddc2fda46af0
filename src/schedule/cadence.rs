//! Rhythms: cron expressions in a time zone, and plain intervals.

use super::zone::{self, Zone};
use crate::job::Timestamp;
use chrono::{DateTime, TimeZone, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

/// A rhythm. Only made by [`Cadence::cron`] and [`Cadence::every`], which check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Five fields: minute, hour, day of the month, month, day of the week (0 or 7 is Sunday). When both days are given,
    /// either will do, as POSIX says. A time that a change of the clocks leaves out is made up for right after it; one
    /// that comes twice counts once.
    Cron {
        /// The five fields.
        expression: String,
        /// IANA name.
        time_zone: String,
    },
    /// From the moment of making, again and again.
    Every {
        /// Distance, in seconds.
        seconds: u64,
    },
}

/// The IANA names of all time zones that a cron expression may be meant in.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    zone::names()
}

/// Whether a name is one of [`time_zones`].
#[must_use]
pub fn is_time_zone(name: &str) -> bool {
    Zone::named(name).is_some()
}

/// Shortest distance between two occurrences, in seconds: what a cron expression can say.
const SECONDS_MIN: u64 = 60;
/// Longest interval, in seconds: a leap year.
const SECONDS_MAX: u64 = 366 * 24 * 60 * 60;

impl Cadence {
    /// A cron expression in an IANA time zone. Fails with a sentence that says what to send.
    pub fn cron(expression: &str, time_zone: &str) -> Result<Self, String> {
        let zone = Zone::named(time_zone).ok_or_else(|| {
            format!("`time_zone` must be an IANA name such as Europe/Berlin, not `{time_zone}`")
        })?;
        let cron = parse(expression).map_err(|e| {
            format!("`cron` must have five fields (minute hour day month weekday) such as `0 7 * * 1-5`: {e}")
        })?;
        // Any moment will do: a date that exists comes within a few leap years.
        let start = zone.timestamp_opt(0, 0).single().ok_or("the time zone has no beginning")?;
        if cron.find_next_occurrence(&start, false).is_err() {
            return Err(format!("`cron`: `{expression}` names a day that never comes"));
        }
        Ok(Self::Cron { expression: expression.to_owned(), time_zone: zone.name().to_owned() })
    }

    /// An interval. Fails with a sentence that says what to send.
    pub fn every(seconds: u64) -> Result<Self, String> {
        if (SECONDS_MIN..=SECONDS_MAX).contains(&seconds) {
            Ok(Self::Every { seconds })
        } else {
            Err(format!("the interval must be {SECONDS_MIN} to {SECONDS_MAX} seconds"))
        }
    }

    /// The first occurrence after `at`; intervals count from `anchor`. `None` when there is none.
    #[must_use]
    pub fn next_after(&self, at: Timestamp, anchor: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every { seconds } => {
                let step_ms = seconds.saturating_mul(1_000).max(1);
                let passed = at.ms_since(anchor) / step_ms;
                Some(anchor.plus_ms(passed.saturating_add(1).saturating_mul(step_ms)))
            }
            Self::Cron { expression, time_zone } => {
                let zone = Zone::named(time_zone)?;
                let from: DateTime<Zone> = DateTime::<Utc>::from_timestamp_millis(at.0)?.with_timezone(&zone);
                let next = parse(expression).ok()?.find_next_occurrence(&from, false).ok()?;
                Some(Timestamp(next.timestamp_millis()))
            }
        }
    }
}

fn parse(expression: &str) -> Result<Cron, String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(expression).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rfc3339: &str) -> Timestamp {
        Timestamp(DateTime::parse_from_rfc3339(rfc3339).unwrap().timestamp_millis())
    }

    fn next(expression: &str, zone: &str, from: &str) -> String {
        let cadence = Cadence::cron(expression, zone).unwrap();
        cadence.next_after(at(from), Timestamp(0)).unwrap().to_rfc3339()
    }

    #[test]
    fn mornings_are_those_of_the_time_zone_in_summer_and_winter() {
        assert_eq!(next("0 7 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z"), "2026-07-01T05:00:00.000Z");
        assert_eq!(next("0 7 * * *", "Europe/Berlin", "2026-12-01T00:00:00Z"), "2026-12-01T06:00:00.000Z");
    }

    #[test]
    fn weekdays_count_from_sunday_and_either_day_will_do() {
        // 2026-11-22 is a Sunday.
        assert_eq!(next("0 17 * * 1", "UTC", "2026-11-22T00:00:00Z"), "2026-11-23T17:00:00.000Z");
        assert_eq!(next("0 17 * * 7", "UTC", "2026-11-22T00:00:00Z"), "2026-11-22T17:00:00.000Z");
        assert_eq!(next("0 0 1 * 2", "UTC", "2026-11-22T00:00:00Z"), "2026-11-24T00:00:00.000Z");
    }

    #[test]
    fn a_time_that_the_clocks_leave_out_comes_right_after_and_one_that_comes_twice_counts_once() {
        // Berlin: 2027-03-28 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00.
        assert_eq!(next("30 2 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z"), "2027-03-28T01:00:00.000Z");
        let first = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z");
        let second = next("30 2 * * *", "Europe/Berlin", &first);
        assert_eq!(
            (first.as_str(), second.as_str()),
            ("2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z")
        );
    }

    #[test]
    fn what_is_no_rhythm_is_refused_with_what_to_send() {
        for expression in ["", "* * * *", "0 0 7 * * *", "61 * * * *", "0 7 * * MOON", "0 0 31 2 *"] {
            assert!(Cadence::cron(expression, "UTC").unwrap_err().contains("`cron`"), "{expression}");
        }
        assert!(Cadence::cron("* * * * *", "Mars/Olympus").unwrap_err().contains("`time_zone`"));
        assert!(
            Cadence::every(59).is_err() && Cadence::every(u64::MAX).is_err() && Cadence::every(60).is_ok()
        );
    }

    #[test]
    fn intervals_count_from_their_beginning() {
        let hourly = Cadence::every(3_600).unwrap();
        let anchor = Timestamp(1_000);
        assert_eq!(hourly.next_after(Timestamp(1_000), anchor), Some(Timestamp(3_601_000)));
        assert_eq!(hourly.next_after(Timestamp(3_601_000), anchor), Some(Timestamp(7_201_000)));
        assert_eq!(hourly.next_after(Timestamp(0), anchor), Some(Timestamp(3_601_000)));
    }
}
