//! Days as pages write them.

use chrono::{Datelike, NaiveDate};

/// Nothing on the web was published before, and years beyond a century ahead are mistakes.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2099;

/// The first day found in a machine-readable or English date, as `YYYY-MM-DD`: `2024-03-01T10:00Z`, `2024/3/1`,
/// `20240301`, `Fri, 01 Mar 2024 10:00 GMT`, `March 1, 2024`. The day is taken as written, whatever its time zone.
pub(crate) fn day(text: &str) -> Option<String> {
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).take(8).collect();
    let compact = parts.first().and_then(|first| {
        let digits = first.get(..8).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        ymd(digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?)
    });
    compact
        .or_else(|| {
            let [year, month, day, ..] = parts.as_slice() else { return None };
            // `2024-03-01T10:00` leaves the hour on the day.
            (year.len() == 4).then_some(())?;
            ymd(year, month, day.split(['T', 't']).next()?)
        })
        .or_else(|| parts.windows(3).find_map(named))
}

/// A day in a URL's path: `/2024/03/01/title` or `/2024-03-01-title`.
pub(crate) fn day_in_path(path: &str) -> Option<String> {
    let numbers: Vec<&str> = path.split(['/', '-', '_']).collect();
    numbers.windows(3).find_map(|parts| {
        let [year, month, day] = parts else { return None };
        (year.len() == 4 && month.len() == 2 && day.len() == 2).then(|| ymd(year, month, day)).flatten()
    })
}

/// `1 March 2024` or `March 1 2024`, with `1st` and three-letter months.
fn named(parts: &[&str]) -> Option<String> {
    let [a, b, year] = parts else { return None };
    let (month, day) = match (month(a), month(b)) {
        (Some(month), None) => (month, b),
        (None, Some(month)) => (month, a),
        _ => return None,
    };
    let day = day.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    ymd(year, month, day)
}

fn month(name: &str) -> Option<&'static str> {
    const MONTHS: [(&str, &str); 12] = [
        ("january", "1"),
        ("february", "2"),
        ("march", "3"),
        ("april", "4"),
        ("may", "5"),
        ("june", "6"),
        ("july", "7"),
        ("august", "8"),
        ("september", "9"),
        ("october", "10"),
        ("november", "11"),
        ("december", "12"),
    ];
    let name = name.to_ascii_lowercase();
    let known = |full: &str| {
        full == name || full.get(..3) == Some(name.as_str()) || (name == "sept" && full == "september")
    };
    MONTHS.iter().find(|(full, _)| known(full)).map(|(_, number)| *number)
}

fn ymd(year: &str, month: &str, day: &str) -> Option<String> {
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    YEARS.contains(&date.year()).then(|| date.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_in_the_forms_that_pages_use() {
        for text in [
            "2024-03-01",
            "2024-03-01T23:59:00-08:00",
            "2024/3/1",
            "20240301",
            "20240301T101500Z",
            "Fri, 01 Mar 2024 10:00:00 GMT",
            "March 1st, 2024",
            "Published on 1 March 2024",
            "Mar. 1, 2024",
        ] {
            assert_eq!(day(text).as_deref(), Some("2024-03-01"), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_not_taken_for_one() {
        for text in ["", "yesterday", "2024", "2024-13-01", "2024-02-30", "12345678", "\u{fc}2024-1", "3 May"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_may_hold_the_day() {
        assert_eq!(day_in_path("/news/2024/03/01/title").as_deref(), Some("2024-03-01"));
        assert_eq!(day_in_path("/2024-03-01-title").as_deref(), Some("2024-03-01"));
        assert_eq!(day_in_path("/issue/2024/03/"), None);
    }
}
