//! The fields of a claim beside its fact: a value, its unit and a date are kept only as the quote has them.

use super::alike::holds;
use super::dates::days_and_months;
use super::units::{Unit, unit_at, unit_of};
use crate::research::figures::{Figures, Located, is_figure_word, located};
use crate::text::{folded, term, term_set, words};
use std::collections::BTreeSet;

/// How many words behind a figure what it counts may stand: "512 threads that block", "1,754 public crates as dependents".
const COUNTED_WORDS: usize = 5;
/// Most words of a unit: "kilowatt hours per year".
const UNIT_WORDS_MAX: usize = 4;

/// Whether the quote holds the figures of a value, with the units and the words that the value has itself.
pub(crate) fn states_value(quote: &str, value: &str) -> bool {
    if value.trim().is_empty() || !Figures::of(quote).vouch_for(value) {
        return false;
    }
    let figures = located(value);
    let quoted = term_set(quote);
    let said = |word: &str| {
        let low = folded(word);
        let known =
            is_figure_word(&low) || word.contains(|c: char| c.is_ascii_digit()) || unit_of(word).is_some();
        known || term(word).is_none_or(|t| holds(&quoted, &t))
    };
    let units = figures.iter().enumerate().all(|(i, figure)| {
        let next = figures.get(i + 1).map(|f| &f.range);
        unit_at(value, &figure.range, next).is_none_or(|unit| counts_in(quote, figure, unit))
    });
    units && words(value).all(|(_, word)| said(word))
}

/// Whether the unit stands, in the quote, with the figure that the value states.
pub(crate) fn states_unit(quote: &str, value: &str, unit: &str) -> bool {
    let figures = located(value);
    if figures.is_empty() {
        return false;
    }
    let wanted: Vec<&str> = words(unit).map(|(_, w)| w).take(UNIT_WORDS_MAX + 1).collect();
    figures.iter().all(|figure| {
        let known = unit_at(&format!("1 {}", unit.trim()), &(0..1), None);
        if let Some(known) = known {
            return counts_in(quote, figure, known);
        }
        !wanted.is_empty()
            && wanted.len() <= UNIT_WORDS_MAX
            && located(quote).iter().filter(|q| q.vouches_for(figure)).any(|q| {
                let behind = quote.get(q.range.end..).unwrap_or_default();
                let near: Vec<&str> = words(behind).map(|(_, w)| w).take(COUNTED_WORDS).collect();
                let same =
                    |a: &str, b: &str| folded(a) == folded(b) || (term(a).is_some() && term(a) == term(b));
                wanted.iter().all(|w| near.iter().any(|n| same(w, n)))
            })
    })
}

/// Whether the quote holds the figures of a date, and its months and days of the week.
pub(crate) fn states_date(quote: &str, date: &str) -> bool {
    let date = date.trim();
    let (days, quoted) = (days_and_months(date), days_and_months(quote));
    // The month of 2025-08-05 is no figure where the quote names it in words.
    let parts: Vec<&str> = date.split('-').collect();
    let figures = match parts.as_slice() {
        [year, month, rest @ ..]
            if year.len() == 4 && month.len() == 2 && rest.len() <= 1 && !days.is_empty() =>
        {
            format!("{year} {}", rest.first().unwrap_or(&""))
        }
        _ => date.to_owned(),
    };
    !date.is_empty() && Figures::of(quote).vouch_for(&figures) && days.is_subset(&quoted)
}

/// Whether the figure has this unit wherever the quote states it with one.
fn counts_in(quote: &str, figure: &Located, unit: Unit) -> bool {
    let quoted = located(quote);
    let units: BTreeSet<Unit> = quoted
        .iter()
        .enumerate()
        .filter(|(_, q)| q.vouches_for(figure))
        .filter_map(|(i, q)| unit_at(quote, &q.range, quoted.get(i + 1).map(|next| &next.range)))
        .collect();
    units.contains(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_one_that_stands_with_the_figure_in_the_quote() {
        let quote = "Buffers of up to 512 MB are shared by 8 blocking threads for 3.5 million euros.";
        for (value, unit) in [
            ("512", "MB"),
            ("512", "megabytes"),
            ("8", "threads"),
            ("3.5 million", "EUR"),
            ("3.5 million", "euros"),
        ] {
            assert!(states_unit(quote, value, unit), "{value} {unit}");
        }
        for (value, unit) in [
            ("512", "GB"),
            ("512", "threads"),
            ("8", "MB"),
            ("8", "users"),
            ("3.5 million", "USD"),
            ("9", "MB"),
        ] {
            assert!(!states_unit(quote, value, unit), "{value} {unit}");
        }
        assert!(states_unit("It costs $12 a month.", "12", "USD"));
        assert!(states_unit("28.6% of tasks", "28.6", "%"));
        assert!(states_unit("SLT runs 7.2 million queries in total.", "7.2 million", "queries"));
        assert!(states_unit("Latency fell to 42ms.", "42", "ms"));
        assert!(states_unit("It costs $1,200.", "1,200", "$"));
    }

    #[test]
    fn a_value_has_no_unit_or_word_of_its_own() {
        let quote = "Buffers of up to 512 MB are shared by 8 blocking threads.";
        for value in ["512", "512 MB", "up to 512 MB", "8 threads"] {
            assert!(states_value(quote, value), "{value}");
        }
        for value in ["512 GB", "8 users", "9", " "] {
            assert!(!states_value(quote, value), "{value}");
        }
    }

    #[test]
    fn a_date_has_the_month_and_day_of_the_quote() {
        let quote = "It was released on 5 August 2025.";
        for date in ["2025", "2025-08", "2025-08-05", "August 2025", "Aug 5, 2025"] {
            assert!(states_date(quote, date), "{date}");
        }
        for date in ["2025-05-08", "July 2025", "2025-08-06", "2024", "Monday"] {
            assert!(!states_date(quote, date), "{date}");
        }
    }
}
