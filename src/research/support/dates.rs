//! Months and days of the week, however they are written.

use crate::text::{MONTHS, folded, words};
use std::collections::BTreeSet;

/// Letters of a month's short form.
const SHORT_CHARS: usize = 3;

/// Months that a text names in words or in a date such as `2025-08-05`, 1 to 12, and days of the week, 13 to 19.
pub(super) fn days_and_months(text: &str) -> BTreeSet<usize> {
    let list: Vec<(usize, &str)> = words(text).collect();
    let digit =
        |word: Option<&(usize, &str)>| word.is_some_and(|(_, w)| w.starts_with(|c: char| c.is_ascii_digit()));
    let mut found = BTreeSet::new();
    for (i, (at, word)) in list.iter().enumerate() {
        let beside = digit(list.get(i + 1)) || digit(i.checked_sub(1).and_then(|before| list.get(before)));
        // "may" and "march" are words of other kinds too.
        let sure = beside || (i > 0 && word.starts_with(char::is_uppercase)) || word.chars().count() > 5;
        let low = folded(word);
        let short = |month: &str| beside && low.chars().count() == SHORT_CHARS && month.starts_with(&low);
        let named = MONTHS
            .iter()
            .zip(ELSEWHERE)
            .position(|(month, others)| low == *month || short(month) || others.contains(&low.as_str()));
        found.extend(named.filter(|_| sure).map(|month| month + 1));
        found.extend(text.get(*at..).and_then(iso_month));
        found.extend(
            DAYS.iter().position(|day| low.strip_suffix('s').unwrap_or(&low) == *day).map(|day| day + 13),
        );
    }
    found
}

/// The month of a date such as `2025-08-05` at the start of `text`.
fn iso_month(text: &str) -> Option<usize> {
    let year = text.get(..4)?.bytes().all(|b| b.is_ascii_digit());
    let month = text.get(4..)?.strip_prefix('-')?.get(..2)?.parse().ok()?;
    (year && (1..=12).contains(&month)).then_some(month)
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Months in German, French, Spanish, Italian, Portuguese and Dutch.
#[rustfmt::skip]
const ELSEWHERE: [&[&str]; 12] = [
    &["januar", "janvier", "enero", "gennaio", "janeiro", "januari"],
    &["februar", "f\u{e9}vrier", "febrero", "febbraio", "fevereiro", "februari"],
    &["m\u{e4}rz", "mars", "marzo", "mar\u{e7}o", "maart"],
    &["avril", "abril", "aprile"],
    &["mai", "mayo", "maggio", "maio", "mei"],
    &["juni", "juin", "junio", "giugno", "junho"],
    &["juli", "juillet", "julio", "luglio", "julho"],
    &["ao\u{fb}t", "agosto", "augustus"],
    &["septembre", "septiembre", "settembre", "setembro"],
    &["oktober", "octobre", "octubre", "ottobre", "outubro"],
    &["novembre", "noviembre", "novembro"],
    &["dezember", "d\u{e9}cembre", "diciembre", "dicembre", "dezembro"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_the_same_in_words_short_or_in_figures() {
        for text in
            ["in August 2025", "on 5 Aug 2025", "2025-08-05", "le 5 ao\u{fb}t 2025", "it was August then"]
        {
            assert_eq!(days_and_months(text), BTreeSet::from([8]), "{text}");
        }
        assert_eq!(days_and_months("It closes on Sundays."), BTreeSet::from([19]));
        assert!(days_and_months("It may march on in 12 steps, as it may.").is_empty());
    }
}
