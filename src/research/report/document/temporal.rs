//! The chapter on the age of the evidence: what a reader must know who asks later, or about today.

use super::super::Source;
use super::super::phrases::Phrase;
use super::Parts;
use std::fmt::Write as _;

/// Age from which a source is named as old, in years: software, prices and laws have changed since.
const OLD_YEARS: i64 = 3;

/// Sources go by their plain numbers: no quote of theirs says how old they are.
pub(super) fn chapter(parts: &Parts<'_>, sources: &[Source]) -> String {
    let phrases = parts.phrases;
    let today = parts.input.finished_at.to_date();
    let mut out = String::new();
    let mut bullet = |name: Phrase, text: String| {
        let _ = writeln!(out, "- {}: {text}.", phrases.head(name));
    };
    let mut dated: Vec<(&str, u32)> = Vec::new();
    let mut undated = Vec::new();
    for source in sources {
        match source.day() {
            Some(day) => dated.push((day, source.n)),
            None => undated.push(source.n),
        }
    }
    dated.sort_unstable();
    let (past, future): (Vec<_>, Vec<_>) = dated.into_iter().partition(|(day, _)| *day <= today.as_str());
    let said = |(day, n): &(&str, u32)| format!("{day} ({n})");
    if let [first, .., last] = past.as_slice() {
        bullet(Phrase::Oldest, said(first));
        bullet(Phrase::Newest, said(last));
    } else if let [only] = past.as_slice() {
        bullet(Phrase::Newest, said(only));
    }
    let old: Vec<String> = past.iter().filter(|(day, _)| is_old(day, &today)).map(said).collect();
    if !old.is_empty() {
        bullet(Phrase::Old, old.join(", "));
    }
    if !future.is_empty() {
        bullet(Phrase::Future, future.iter().map(said).collect::<Vec<_>>().join(", "));
    }
    if !undated.is_empty() {
        let numbers: Vec<String> = undated.iter().map(ToString::to_string).collect();
        let all = undated.len() == sources.len();
        let numbers = if all { String::new() } else { format!(" ({})", numbers.join(", ")) };
        bullet(Phrase::Undated, format!("{}/{}{numbers}", undated.len(), sources.len()));
    }
    let mut days: Vec<String> = sources.iter().map(|source| source.retrieved_at.to_date()).collect();
    days.sort_unstable();
    days.dedup();
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        let days = if first == last { first.clone() } else { format!("{first} – {last}") };
        bullet(Phrase::Retrieved, days);
    }
    out
}

/// Whether a day, `YYYY-MM-DD`, is more than so many years before another.
fn is_old(day: &str, today: &str) -> bool {
    let parts = |day: &str| Some((day.get(..4)?.parse::<i64>().ok()?, day.get(5..)?.to_owned()));
    match (parts(day), parts(today)) {
        (Some((year, rest)), Some((this_year, this_rest))) => {
            (year.saturating_add(OLD_YEARS), rest) < (this_year, this_rest)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_is_what_is_more_than_three_years_old() {
        assert!(is_old("2023-11-25", "2026-11-26") && is_old("1999-01-01", "2026-11-26"));
        assert!(!is_old("2023-11-26", "2026-11-26") && !is_old("nonsense", "2026-11-26"));
    }
}
