//! Whether quoted words bear out a statement: figures, names, denials and most content words must agree.

use super::text::number::{Figures, has_digits};
use super::text::{denial_differs, folded, term, term_set, words};
use std::collections::BTreeSet;

/// Least share of a statement's content terms that the quotes themselves must hold: a third, so that a paraphrase
/// passes and a statement about something else does not.
const QUOTE_SHARE_MIN_PERCENT: usize = 34;
/// Least share that quotes and their surroundings (checked facts, headings, the lines before) must hold together.
const WIDE_SHARE_MIN_PERCENT: usize = 55;

/// What may bear out a statement. Quotes decide; the surroundings only lend names and words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    quotes: Vec<String>,
    figures: Figures,
    quoted: BTreeSet<String>,
    wide: BTreeSet<String>,
}

impl Evidence {
    /// A quote and what surrounds it: the checked fact, or the text before it on its page.
    pub(crate) fn new(quote: &str, surroundings: &str) -> Self {
        let quoted = term_set(quote);
        let mut wide = term_set(surroundings);
        wide.extend(quoted.iter().cloned());
        Self { quotes: vec![quote.to_owned()], figures: Figures::of(quote), quoted, wide }
    }

    /// This evidence and `other` together.
    pub(crate) fn join(&mut self, other: &Self) {
        for quote in &other.quotes {
            self.figures.add(quote);
            self.quotes.push(quote.clone());
        }
        self.quoted.extend(other.quoted.iter().cloned());
        self.wide.extend(other.wide.iter().cloned());
    }

    /// Whether the figures of `statement` all stand in the quotes.
    pub(crate) fn has_figures_of(&self, statement: &str) -> bool {
        self.figures.vouch_for(statement)
    }

    /// Whether this shares anything with `statement` and denies nothing in it: the least a mark must bring to a
    /// sentence that it bears out together with others.
    pub(crate) fn contributes(&self, statement: &str) -> bool {
        let terms = term_set(statement);
        let shared = terms.intersection(&self.quoted).count();
        shared * 5 >= terms.len() && shared > 0 && !self.denies(statement)
    }

    /// Whether the statement is borne out. `common` holds words known to be ordinary (seen in lower case), so that a
    /// capital at the start of a sentence does not make them names.
    pub(crate) fn supports(&self, statement: &str, common: &BTreeSet<String>) -> bool {
        if !self.figures.vouch_for(statement) {
            return false;
        }
        let terms = term_set(statement);
        if terms.is_empty() {
            return has_digits(statement);
        }
        let share = |of: &BTreeSet<String>, percent: usize| {
            terms.intersection(of).count() * 100 >= terms.len() * percent
        };
        share(&self.quoted, QUOTE_SHARE_MIN_PERCENT)
            && share(&self.wide, WIDE_SHARE_MIN_PERCENT)
            && names(statement, common).iter().all(|name| self.wide.contains(name))
            && !self.denies(statement)
    }

    /// How many of the statement's terms the quotes hold, for choosing among several.
    pub(crate) fn shared_terms(&self, statement: &str) -> usize {
        term_set(statement).intersection(&self.quoted).count()
    }

    fn denies(&self, statement: &str) -> bool {
        denial_differs(statement, &self.quotes.join("\n"))
    }
}

/// Words of `text` that stand there in lower case, as terms: what is ordinary in this matter.
pub(crate) fn common_words(text: &str) -> BTreeSet<String> {
    words(text).filter(|(_, w)| w.chars().all(|c| !c.is_uppercase())).filter_map(|(_, w)| term(w)).collect()
}

/// Terms of the proper names in one sentence.
fn names(statement: &str, common: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut at_start = true;
    let mut behind = 0;
    for (at, word) in words(statement) {
        if statement.get(behind..at).is_some_and(|gap| gap.contains(':') || gap.contains('\u{201c}')) {
            at_start = true;
        }
        behind = at + word.len();
        let starts = std::mem::replace(&mut at_start, false);
        let Some(term) = term(word) else { continue };
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let inner = word.chars().skip(1).any(|c| c.is_uppercase() || c == '_');
        let named = if starts && !inner {
            capital && !opens_sentences(word, &term, common)
        } else {
            capital || inner
        };
        if named && !is_calendar_word(word) {
            found.push(term);
        }
    }
    found
}

/// Whether a capitalised first word is ordinary: seen in lower case, an adverb, a gerund, or a word that reports use.
fn opens_sentences(word: &str, term: &str, common: &BTreeSet<String>) -> bool {
    const STEMS: [&str; 32] = [
        "accord",
        "author",
        "addit",
        "analyst",
        "benchmark",
        "case",
        "compani",
        "compar",
        "content",
        "contrast",
        "develop",
        "document",
        "engin",
        "exampl",
        "evid",
        "expert",
        "find",
        "initi",
        "librari",
        "maintain",
        "new",
        "overal",
        "page",
        "peopl",
        "recent",
        "report",
        "research",
        "similar",
        "sourc",
        "studi",
        "team",
        "user",
    ];
    let lower = folded(word);
    common.contains(term) || lower.ends_with("ly") || lower.ends_with("ing") || STEMS.contains(&term)
}

/// Months and days: a date is judged by its figures.
fn is_calendar_word(word: &str) -> bool {
    const NAMES: [&str; 19] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    NAMES.contains(&folded(word).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supported(statement: &str, quote: &str) -> bool {
        Evidence::new(quote, "").supports(statement, &common_words(quote))
    }

    #[test]
    fn a_paraphrase_with_the_same_figures_and_names_is_borne_out() {
        assert!(supported(
            "On average, Rust carries a 1.77x performance overhead over C.",
            "We find that Rust incurs a performance overhead of 1.77x on average compared to C."
        ));
    }

    #[test]
    fn another_figure_name_subject_or_denial_is_not_borne_out() {
        let quote = "Tokio uses a work-stealing scheduler with 512 blocking threads.";
        assert!(supported("Tokio uses a work-stealing scheduler.", quote));
        assert!(!supported("Tokio uses a work-stealing scheduler with 256 threads.", quote));
        assert!(!supported("The work-stealing scheduler of Smol uses blocking threads.", quote));
        assert!(!supported("Smol uses a work-stealing scheduler.", quote));
        assert!(!supported("Tokio never uses a work-stealing scheduler.", quote));
        assert!(!supported("Paris is the capital city of the French republic.", quote));
    }

    #[test]
    fn two_quotes_bear_out_together_what_neither_does_alone() {
        let mut both = Evidence::new("Tokio has 5 schedulers.", "");
        assert!(!both.has_figures_of("Tokio has 5 schedulers and smol has 7"));
        both.join(&Evidence::new("smol has 7 schedulers.", ""));
        assert!(both.supports("Tokio has 5 schedulers and smol has 7 schedulers.", &BTreeSet::new()));
    }
}
