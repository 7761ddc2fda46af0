//! Days, months, quarters, halves and years in a sentence, each as the span of days that it may mean.

use super::token::Token;
use std::ops::Range;

/// Days by which two dates may differ and still be one: an evening here is a morning elsewhere.
const SLACK_DAYS: i32 = 1;
/// What may be a year.
const YEARS: Range<i32> = 1500..2200;

/// A date as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Date {
    /// First and last day, counted from an arbitrary one.
    first: i32,
    last: i32,
    /// Where it stands.
    pub(super) tokens: Range<usize>,
}

impl Date {
    /// Whether no day can be meant by both.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let days = self.first == self.last && other.first == other.last;
        let slack = if days { SLACK_DAYS } else { 0 };
        self.last + slack < other.first || other.last + slack < self.first
    }

    /// Whether all of it lies before the other.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.last + SLACK_DAYS < other.first
    }
}

/// The dates in a sentence. A year that only names something (`the 2024 edition`) is none.
pub(super) fn dates(tokens: &[Token]) -> Vec<Date> {
    let mut found: Vec<Date> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let date = by_numbers(tokens, at).or_else(|| with_month(tokens, at)).or_else(|| of_year(tokens, at));
        match date {
            Some(date) => {
                at = date.tokens.end.max(at + 1);
                found.push(date);
            }
            None => at += 1,
        }
    }
    found
}

/// The day of `YYYY-MM-DD`.
pub(super) fn of_day(day: &str) -> Option<Date> {
    let mut parts = day.split('-').map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    span((year, month, Some(day)), 0..0)
}

/// `2025-02-20`, `2025/02/20`.
fn by_numbers(tokens: &[Token], at: usize) -> Option<Date> {
    let number = |i: usize| tokens.get(i).filter(|t| t.is_number()).and_then(|t| t.text.parse::<i32>().ok());
    let dash = |i: usize| tokens.get(i).is_some_and(|t| t.glued && (t.is("-") || t.is("/")));
    if !dash(at + 1) || !dash(at + 3) {
        return None;
    }
    let year = year(tokens.get(at)?)?;
    span((year, number(at + 2)?, Some(number(at + 4)?)), at..at + 5)
}

/// `February 2025`, `20 February 2025`, `February 20, 2025`, `20. Februar 2025`.
fn with_month(tokens: &[Token], at: usize) -> Option<Date> {
    let token = tokens.get(at)?;
    let day_of = |t: &Token| t.text.parse::<i32>().ok().filter(|d| t.is_number() && (1..=31).contains(d));
    let skip = |i: usize, signs: &[&str]| {
        if tokens.get(i).is_some_and(|t| signs.contains(&t.folded.as_str())) { i + 1 } else { i }
    };
    if let Some(day) = day_of(token) {
        let then = skip(skip(at + 1, &[".", "th", "st", "nd", "rd"]), &["of", "de"]);
        let month = month(tokens.get(then)?)?;
        let then = skip(skip(then + 1, &[".", ","]), &["of", "de"]);
        return span((year(tokens.get(then)?)?, month, Some(day)), at..then + 1);
    }
    let month = month(token)?;
    let then = skip(at + 1, &[".", "of", "de", ","]);
    if let Some(day) = tokens.get(then).and_then(day_of) {
        let after = skip(skip(then + 1, &["th", "st", "nd", "rd"]), &[","]);
        if let Some(year) = tokens.get(after).and_then(year) {
            return span((year, month, Some(day)), at..after + 1);
        }
    }
    span((year(tokens.get(then)?)?, month, None), at..then + 1)
}

/// `2024H2`, `Q3 2024`, `late 2024`, `in 2024`.
fn of_year(tokens: &[Token], at: usize) -> Option<Date> {
    let year = year(tokens.get(at)?)?;
    let word = |i: Option<usize>| i.and_then(|i| tokens.get(i)).map_or("", |t| t.folded.as_str());
    let back = |n: usize| word(at.checked_sub(n));
    let months = |first: i32, last: i32, tokens: Range<usize>| {
        Some(Date { first: days(year, first, 1), last: days(year, last + 1, 1) - 1, tokens })
    };
    if let Some((first, last)) = part(word(Some(at + 1))) {
        return months(first, last, at..at + 2);
    }
    if let Some((first, last)) = part(back(1)) {
        return months(first, last, at - 1..at + 1);
    }
    let of = usize::from(back(1) == "of");
    let half = match (back(of + 2), back(of + 1)) {
        ("first", "half") => Some((1, 6)),
        ("second" | "latter", "half") => Some((7, 12)),
        ("first", "quarter") => Some((1, 3)),
        ("second", "quarter") => Some((4, 6)),
        ("third", "quarter") => Some((7, 9)),
        ("fourth" | "last", "quarter") => Some((10, 12)),
        (_, "early" | "beginning" | "start" | "spring") => Some((1, 6)),
        (_, "mid" | "summer" | "-") if back(of + 1) != "-" || back(of + 2) == "mid" => Some((4, 9)),
        (_, "late" | "end" | "autumn" | "fall") => Some((7, 12)),
        _ => None,
    };
    if let Some((first, last)) = half {
        return months(first, last, at..at + 1);
    }
    let next = tokens.get(at + 1);
    // "The 2024 edition": the year is a part of a name. "In 2024 the team": it is a date.
    let told = DATING.contains(&back(1));
    let names =
        !told && next.is_some_and(|t| t.is_word() && !t.glued && (t.term.is_some() || t.is_capital()));
    let unit = next.is_some_and(|t| t.glued && (t.is_word() || t.is("%")));
    (!names && !unit && (told || next.is_none_or(|t| !t.is_number()))).then(|| months(1, 12, at..at + 1))?
}

/// Words behind which four digits are a year.
const DATING: [&str; 26] = [
    "in", "since", "from", "by", "until", "till", "during", "before", "after", "of", "year", "circa",
    "through", "and", "to", "between", "for", "seit", "im", "en", "desde", "depuis", "nel", "em", "ab", "(",
];

/// First and last month of `H2` or `Q3`.
fn part(word: &str) -> Option<(i32, i32)> {
    Some(match word {
        "h1" => (1, 6),
        "h2" => (7, 12),
        "q1" => (1, 3),
        "q2" => (4, 6),
        "q3" => (7, 9),
        "q4" => (10, 12),
        _ => return None,
    })
}

fn year(token: &Token) -> Option<i32> {
    let year = token.text.parse::<i32>().ok().filter(|_| token.is_number() && token.text.len() == 4)?;
    YEARS.contains(&year).then_some(year)
}

fn month(token: &Token) -> Option<i32> {
    if !token.is_word() {
        return None;
    }
    let place = MONTHS.iter().position(|names| names.contains(&token.folded.as_str()))?;
    // "may" and "mars" are words of their own unless they are written as names.
    let common = matches!(token.folded.as_str(), "may" | "mar" | "dec" | "mai") && !token.is_capital();
    i32::try_from(place + 1).ok().filter(|_| !common)
}

const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro"],
    &["february", "feb", "februar", "février", "febrero", "febbraio", "fevereiro"],
    &["march", "mar", "märz", "mars", "marzo", "março"],
    &["april", "apr", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio", "maio"],
    &["june", "jun", "juni", "juin", "junio", "giugno", "junho"],
    &["july", "jul", "juli", "juillet", "julio", "luglio", "julho"],
    &["august", "aug", "août", "agosto"],
    &["september", "sep", "sept", "septembre", "septiembre", "settembre", "setembro"],
    &["october", "oct", "okt", "oktober", "octobre", "octubre", "ottobre", "outubro"],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &["december", "dec", "dez", "dezember", "décembre", "diciembre", "dicembre", "dezembro"],
];

fn span((year, month, day): (i32, i32, Option<i32>), tokens: Range<usize>) -> Option<Date> {
    if !YEARS.contains(&year) || !(1..=12).contains(&month) || day.is_some_and(|d| !(1..=31).contains(&d)) {
        return None;
    }
    let first = days(year, month, day.unwrap_or(1));
    let last = if day.is_some() { first } else { days(year, month + 1, 1) - 1 };
    Some(Date { first, last, tokens })
}

/// Days since 1 March of the year 0 (Howard Hinnant's `days_from_civil` without its eras); month 13 is January.
fn days(year: i32, month: i32, day: i32) -> i32 {
    let (year, month) = if month > 12 { (year + 1, month - 12) } else { (year, month) };
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn only(text: &str) -> Date {
        let found = dates(&tokens(text));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found[0].clone()
    }

    #[test]
    fn a_date_means_a_span_of_days() {
        for (a, b) in [
            ("in February 2025", "on 20 February 2025"),
            ("on Feb. 20, 2025", "2025-02-20"),
            ("on 20 February 2025", "on February 21st, 2025"),
            ("in 2024", "in 2024H2"),
            ("in Q3 2024", "in the second half of 2024"),
            ("late 2024", "in October 2024"),
            ("am 20. Februar 2025", "in Q1 2025"),
            ("since 2019", "(2019)"),
        ] {
            assert!(!only(a).excludes(&only(b)), "{a} | {b}");
        }
        for (a, b) in [
            ("in February 2025", "in 2024"),
            ("in February 2025", "2024H2 brought"),
            ("in early 2024", "in late 2024"),
            ("on 20 February 2025", "on 23 February 2025"),
            ("in May 2020", "in June 2020"),
            ("2019.", "2020."),
        ] {
            assert!(only(a).excludes(&only(b)), "{a} | {b}");
        }
        assert!(of_day("2024-12-31").unwrap().is_before(&only("March 2026")));
    }

    #[test]
    fn four_digits_are_not_always_a_year() {
        for text in [
            "the 2024 Edition",
            "The 2024 roadmap",
            "2048 bytes",
            "a 2000x gain",
            "it may 1,999",
            "port 8080",
        ] {
            assert_eq!(dates(&tokens(text)), [], "{text}");
        }
    }
}
