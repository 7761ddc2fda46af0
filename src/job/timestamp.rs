//! Time as the core sees it: a number handed in, never read from a clock.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment plus `ms` milliseconds; saturates at the ends of time.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add_unsigned(ms))
    }

    /// Milliseconds from `earlier` to `self`; 0 when the clock went backwards.
    #[must_use]
    pub fn ms_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// RFC 3339 in UTC with milliseconds, such as `2026-11-21T23:57:52.000Z`.
    /// A moment outside chrono's range is shown as the epoch.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        DateTime::from_timestamp_millis(self.0)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The calendar day in UTC, such as `2026-11-21`.
    #[must_use]
    pub fn to_date(self) -> String {
        self.to_rfc3339().chars().take_while(|c| *c != 'T').collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_prints_as_rfc3339_and_as_a_day() {
        let t = Timestamp(1_795_305_472_123);
        assert_eq!(t.to_rfc3339(), "2026-11-21T23:57:52.123Z");
        assert_eq!(t.to_date(), "2026-11-21");
    }

    #[test]
    fn a_clock_that_went_back_gives_no_negative_span() {
        assert_eq!(Timestamp(5).ms_since(Timestamp(9)), 0);
        assert_eq!(Timestamp(i64::MAX).plus_ms(9), Timestamp(i64::MAX));
    }
}
