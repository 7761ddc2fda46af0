//! Whether quoted words bear out a statement: figures, names, denials and most content words must agree.

use super::denial::Denials;
use super::figures::{Figures, Stated, has_digits};
use crate::text::sentence::sentences;
use crate::text::{MONTHS, TermMemo, folded, term, term_set, words};
use std::collections::{BTreeMap, BTreeSet};

/// Least share of a statement's content terms that the quotes themselves must hold: a third, so that a paraphrase
/// passes and a statement about something else does not.
const QUOTE_SHARE_MIN_PERCENT: usize = 34;
/// Least share that quotes and their surroundings (checked facts, headings, the lines before) must hold together.
const WIDE_SHARE_MIN_PERCENT: usize = 55;

/// Words that must be borne out, taken apart once and then held against many quotes.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    terms: BTreeSet<String>,
    names: Vec<String>,
    figures: Stated,
    denials: Denials,
    has_digits: bool,
}

impl Statement {
    /// Takes one sentence, or a part of one, apart. The lexicon tells names from words that a sentence only begins with.
    pub(crate) fn new(text: &str, lexicon: &Lexicon) -> Self {
        Self {
            terms: term_set(text),
            names: names(text, lexicon),
            figures: Stated::of(text),
            denials: Denials::of(text),
            has_digits: has_digits(text),
        }
    }
}

/// What may bear out a statement. Quotes decide; the surroundings only lend names and words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    figures: Figures,
    quoted: BTreeSet<String>,
    wide: BTreeSet<String>,
    denials: Denials,
}

impl Evidence {
    /// A quote and what surrounds it: the checked fact, or the text before it on its page.
    pub(crate) fn new(quote: &str, surroundings: &str) -> Self {
        let quoted = term_set(quote);
        let mut wide = term_set(surroundings);
        wide.extend(quoted.iter().cloned());
        Self { figures: Figures::of(quote), quoted, wide, denials: Denials::of(quote) }
    }

    /// All of `parts` together.
    pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.figures.join(&part.figures);
            all.quoted.extend(part.quoted.iter().cloned());
            all.wide.extend(part.wide.iter().cloned());
            all.denials.join(&part.denials);
        }
        all
    }

    /// Whether the figures of `text` all stand in the quotes.
    pub(crate) fn has_figures_of(&self, text: &str) -> bool {
        self.figures.vouch_for(text)
    }

    /// Whether this holds at least a fifth of the statement's terms and denies nothing in it: the least a mark must
    /// bring to a statement that it bears out together with others.
    pub(crate) fn contributes(&self, statement: &Statement) -> bool {
        let shared = self.shared_terms(statement);
        let enough = shared > 0 && shared * 5 >= statement.terms.len();
        (enough || statement.terms.is_empty()) && !statement.denials.differ(&self.denials)
    }

    /// Whether the statement is borne out.
    pub(crate) fn supports(&self, statement: &Statement) -> bool {
        if !self.figures.vouch_for_stated(&statement.figures) {
            return false;
        }
        if statement.terms.is_empty() {
            return statement.has_digits;
        }
        let share = |of: &BTreeSet<String>, percent: usize| {
            statement.terms.intersection(of).count() * 100 >= statement.terms.len() * percent
        };
        share(&self.quoted, QUOTE_SHARE_MIN_PERCENT)
            && share(&self.wide, WIDE_SHARE_MIN_PERCENT)
            && statement.names.iter().all(|name| self.wide.contains(name))
            && !statement.denials.differ(&self.denials)
    }

    /// How many of the statement's terms the quotes hold, for choosing among several.
    pub(crate) fn shared_terms(&self, statement: &Statement) -> usize {
        statement.terms.intersection(&self.quoted).count()
    }
}

/// Which words are names in this matter, learnt from how texts write them in mid-sentence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    /// Times written with a capital and without, by term.
    seen: BTreeMap<String, (u32, u32)>,
}

impl Lexicon {
    /// Learns from `texts`; the first word of a sentence teaches nothing.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut seen: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        let mut memo = TermMemo::default();
        for text in texts {
            for range in sentences(text) {
                for (_, word) in words(text.get(range).unwrap_or_default()).skip(1) {
                    let Some(term) = memo.term(word) else { continue };
                    let (capital, small) = seen.entry(term).or_default();
                    let count = if is_capital(word) { capital } else { small };
                    *count = count.saturating_add(1);
                }
            }
        }
        Self { seen }
    }

    fn is_name(&self, term: &str) -> bool {
        self.seen.get(term).is_some_and(|(capital, small)| capital > small)
    }

    fn is_ordinary(&self, term: &str) -> bool {
        self.seen.get(term).is_some_and(|(capital, small)| small >= capital)
    }
}

/// Terms of the proper names in one sentence: known names however they are written, capitals in mid-sentence, and
/// `inner_Capitals` anywhere.
fn names(statement: &str, lexicon: &Lexicon) -> Vec<String> {
    let mut found = Vec::new();
    let mut at_start = true;
    let mut behind = 0;
    for (at, word) in words(statement) {
        if statement.get(behind..at).is_some_and(|gap| gap.contains([':', '\u{201c}'])) {
            at_start = true;
        }
        behind = at + word.len();
        let starts = std::mem::replace(&mut at_start, false);
        let Some(term) = term(word) else { continue };
        let inner = word.chars().skip(1).any(|c| c.is_uppercase() || c == '_');
        let capital = is_capital(word) && !(starts && opens_sentences(word, &term, lexicon));
        if (capital || inner || lexicon.is_name(&term)) && !is_calendar_word(word) {
            found.push(term);
        }
    }
    found
}

fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// Whether a capitalised first word is ordinary: seen in lower case, an adverb, a gerund, or a word that reports use.
fn opens_sentences(word: &str, term: &str, lexicon: &Lexicon) -> bool {
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
    lexicon.is_ordinary(term) || lower.ends_with("ly") || lower.ends_with("ing") || STEMS.contains(&term)
}

/// Months and days: a date is judged by its figures.
fn is_calendar_word(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let name = folded(word);
    MONTHS.contains(&name.as_str()) || DAYS.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supported(statement: &str, quote: &str) -> bool {
        Evidence::new(quote, "").supports(&Statement::new(statement, &Lexicon::of([quote])))
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
        let one = Evidence::new("Tokio has 5 schedulers.", "");
        let other = Evidence::new("smol has 7 schedulers.", "");
        let statement =
            Statement::new("Tokio has 5 schedulers and smol has 7 schedulers.", &Lexicon::default());
        assert!(!one.supports(&statement) && !other.supports(&statement));
        assert!(Evidence::joined([&one, &other]).supports(&statement));
    }

    #[test]
    fn a_name_is_known_again_in_small_letters() {
        let quote = "async-std counts 1,754 dependents.";
        let lexicon = Lexicon::of([quote, "Most crates use Tokio today.", "The crate tokio is old."]);
        let other = Statement::new("tokio counts 1,754 dependents.", &Lexicon::of(["Many use Tokio."]));
        assert!(!Evidence::new(quote, "").supports(&other));
        assert!(lexicon.is_ordinary("depend") && !lexicon.is_name("depend"));
    }

    #[test]
    fn ordinary_paraphrases_of_technical_prose_are_borne_out() {
        for (statement, quote) in [
            (
                "Calling `block_on` from within an async context panics.",
                "This function panics if called within an asynchronous execution context: block_on must not be used there.",
            ),
            (
                "A `Mutex` is poisoned when a thread panics while holding the lock.",
                "The mutexes in this module implement a strategy called \u{201c}poisoning\u{201d} where a mutex becomes poisoned if it is recognized that the thread holding it panicked.",
            ),
            (
                "Async closures were stabilized in the second half of 2024.",
                "Async closures were stabilized in 2024H2, the second half of the year.",
            ),
            (
                "Progress on Return Type Notation has been slowed by technical debt in the compiler.",
                "Return Type Notation (RTN) progress has been slowed by technical debt in the Rust compiler's type system.",
            ),
            (
                "In Rust, futures are inert and make progress only when they are polled.",
                "Futures are inert in Rust and make progress only when polled. Dropping a future stops it from making further progress.",
            ),
            (
                "RustForger resolves 28.6% of tasks, an improvement of 34.9% over the strongest baseline.",
                "RustForger, using Claude-Sonnet-3.7, resolves 28.6% of tasks, a 34.9% improvement over the strongest baseline.",
            ),
            (
                "Unlike `Rc`, `Arc` can be shared safely between threads because its counter is atomic.",
                "Unlike Rc<T>, Arc<T> uses atomic operations for its reference counting. This means that it is thread-safe and can be shared between threads.",
            ),
            (
                "The unsafe keyword does not turn off the borrow checker.",
                "It\u{2019}s important to understand that unsafe doesn\u{2019}t turn off the borrow checker or disable any of Rust\u{2019}s other safety checks.",
            ),
        ] {
            assert!(supported(statement, quote), "{statement}");
        }
    }
}
