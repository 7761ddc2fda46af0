//! Which passages are worth ranking: those with one of a question's rarer terms.
//!
//! The index reads all passages of a common word as quickly as it counts them, but ranks each for a hundred times as much.

use crate::library::query::rank::ROWS_MAX;
use crate::order::sort_by_key;

/// Passages of the rarer terms that are enough: fifty times as many as are looked at, so that those which hold several terms
/// of the question, and so come first, are among them. With ten times, one question in forty lost its page.
const ENOUGH: u64 = 50 * ROWS_MAX as u64;

/// The `MATCH` expression that a passage must meet to be worth ranking, for terms (see [`super::fts_terms`]) each with the
/// number of passages that hold it: one of the rarest terms, taken until they stand in 10,000 passages. `None` when that would
/// leave none out. What it lets through is ranked by all terms, as often as they stand in it.
#[must_use]
pub fn narrowed(terms: &[(String, u64)]) -> Option<String> {
    let mut terms: Vec<&(String, u64)> = terms.iter().collect();
    sort_by_key(&mut terms, |(_, passages)| *passages);
    let mut found = 0_u64;
    let rare = terms.iter().take_while(|(_, passages)| {
        let wanted = found < ENOUGH;
        found = found.saturating_add(*passages);
        wanted
    });
    let rare: Vec<&str> = rare.map(|(term, _)| term.as_str()).collect();
    if rare.len() == terms.len() {
        return None;
    }
    Some(rare.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(terms: &[(&str, u64)]) -> Option<String> {
        let terms: Vec<(String, u64)> = terms.iter().map(|(term, n)| (format!("\"{term}\""), *n)).collect();
        narrowed(&terms)
    }

    #[test]
    fn a_passage_needs_one_of_the_rarer_terms() {
        assert_eq!(
            expression(&[("rust", 30_000), ("race", 4_500), ("data", 12_000), ("sync", 6_000)]).as_deref(),
            Some("\"race\" OR \"sync\"")
        );
    }

    #[test]
    fn nothing_is_left_out_where_there_is_little_or_one_term() {
        assert_eq!(expression(&[("rust", 1_000), ("race", 900), ("data", 99)]), None);
        assert_eq!(expression(&[("rust", 90_000)]), None);
        assert_eq!(expression(&[]), None);
    }

    #[test]
    fn a_term_that_stands_nowhere_is_not_enough() {
        let narrow = expression(&[("duty", 0), ("code", 30_000), ("unsafe", 12_000)]);
        assert_eq!(narrow.as_deref(), Some("\"duty\" OR \"unsafe\""));
    }
}
