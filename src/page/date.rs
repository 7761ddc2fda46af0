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

/// The first day that is written out in a line of text, in English or one of the languages of [`month`], or as
/// `2024-03-01`, `1.3.2024` or `2024\u{5e74}3\u{6708}1\u{65e5}`. Numbers parted by slashes are left: 1/3/2024 has two meanings.
pub(crate) fn day_in_text(text: &str) -> Option<String> {
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .take(TEXT_PARTS_MAX)
        .collect();
    let written = parts.windows(3).find_map(named);
    // Languages with "de" between: 1 de marzo de 2024.
    let bare: Vec<&str> =
        parts.iter().copied().filter(|part| !matches!(*part, "de" | "del" | "of")).collect();
    written.or_else(|| bare.windows(3).find_map(named)).or_else(|| {
        text.split(|c: char| c.is_whitespace() || "|(),\u{2022}".contains(c)).find_map(|word| {
            let mut numbers: Vec<&str> =
                word.split(['-', '.', '\u{5e74}', '\u{6708}', '\u{65e5}', 't']).take(4).collect();
            if numbers.first().is_some_and(|first| first.len() <= 2) && word.contains('.') {
                numbers.get_mut(..3)?.reverse();
            }
            let [year, month, day, ..] = numbers.as_slice() else { return None };
            (year.len() == 4).then(|| ymd(year, month, day)).flatten()
        })
    })
}

/// The name of a month, in any of the languages.
pub(crate) fn is_month(word: &str) -> bool {
    month(word).is_some()
}

/// A line of text has no more words and numbers than this before its day.
const TEXT_PARTS_MAX: usize = 60;

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
    const MONTHS: [&[&str]; 12] = [
        &[
            "january",
            "jan",
            "januar",
            "janvier",
            "enero",
            "gennaio",
            "januari",
            "janeiro",
            "stycznia",
            "\u{44f}\u{43d}\u{432}\u{430}\u{440}\u{44f}",
            "\u{3b9}\u{3b1}\u{3bd}\u{3bf}\u{3c5}\u{3b1}\u{3c1}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "february",
            "feb",
            "februar",
            "f\u{e9}vrier",
            "febrero",
            "febbraio",
            "februari",
            "fevereiro",
            "lutego",
            "\u{444}\u{435}\u{432}\u{440}\u{430}\u{43b}\u{44f}",
            "\u{3c6}\u{3b5}\u{3b2}\u{3c1}\u{3bf}\u{3c5}\u{3b1}\u{3c1}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "march",
            "mar",
            "m\u{e4}rz",
            "mars",
            "marzo",
            "maart",
            "mar\u{e7}o",
            "marca",
            "\u{43c}\u{430}\u{440}\u{442}\u{430}",
            "\u{3bc}\u{3b1}\u{3c1}\u{3c4}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "april",
            "apr",
            "avril",
            "abril",
            "aprile",
            "kwietnia",
            "\u{430}\u{43f}\u{440}\u{435}\u{43b}\u{44f}",
            "\u{3b1}\u{3c0}\u{3c1}\u{3b9}\u{3bb}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "may",
            "mai",
            "mayo",
            "maggio",
            "mei",
            "maio",
            "maja",
            "\u{43c}\u{430}\u{44f}",
            "\u{3bc}\u{3b1}\u{390}\u{3bf}\u{3c5}",
        ],
        &[
            "june",
            "jun",
            "juni",
            "juin",
            "junio",
            "giugno",
            "junho",
            "czerwca",
            "\u{438}\u{44e}\u{43d}\u{44f}",
            "\u{3b9}\u{3bf}\u{3c5}\u{3bd}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "july",
            "jul",
            "juli",
            "juillet",
            "julio",
            "luglio",
            "julho",
            "lipca",
            "\u{438}\u{44e}\u{43b}\u{44f}",
            "\u{3b9}\u{3bf}\u{3c5}\u{3bb}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "august",
            "aug",
            "ao\u{fb}t",
            "agosto",
            "augustus",
            "sierpnia",
            "\u{430}\u{432}\u{433}\u{443}\u{441}\u{442}\u{430}",
            "\u{3b1}\u{3c5}\u{3b3}\u{3bf}\u{3cd}\u{3c3}\u{3c4}\u{3bf}\u{3c5}",
        ],
        &[
            "september",
            "sep",
            "sept",
            "septembre",
            "septiembre",
            "settembre",
            "setembro",
            "wrze\u{15b}nia",
            "\u{441}\u{435}\u{43d}\u{442}\u{44f}\u{431}\u{440}\u{44f}",
            "\u{3c3}\u{3b5}\u{3c0}\u{3c4}\u{3b5}\u{3bc}\u{3b2}\u{3c1}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "october",
            "oct",
            "oktober",
            "okt",
            "octobre",
            "octubre",
            "ottobre",
            "outubro",
            "pa\u{17a}dziernika",
            "\u{43e}\u{43a}\u{442}\u{44f}\u{431}\u{440}\u{44f}",
            "\u{3bf}\u{3ba}\u{3c4}\u{3c9}\u{3b2}\u{3c1}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "november",
            "nov",
            "novembre",
            "noviembre",
            "novembro",
            "listopada",
            "\u{43d}\u{43e}\u{44f}\u{431}\u{440}\u{44f}",
            "\u{3bd}\u{3bf}\u{3b5}\u{3bc}\u{3b2}\u{3c1}\u{3af}\u{3bf}\u{3c5}",
        ],
        &[
            "december",
            "dec",
            "dezember",
            "d\u{e9}cembre",
            "diciembre",
            "dicembre",
            "dezembro",
            "grudnia",
            "\u{434}\u{435}\u{43a}\u{430}\u{431}\u{440}\u{44f}",
            "\u{3b4}\u{3b5}\u{3ba}\u{3b5}\u{3bc}\u{3b2}\u{3c1}\u{3af}\u{3bf}\u{3c5}",
        ],
    ];
    const NUMBERS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
    let name = name.to_lowercase();
    let known = MONTHS.iter().zip(NUMBERS).find(|(names, _)| names.contains(&name.as_str()));
    known.map(|(_, number)| number)
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
