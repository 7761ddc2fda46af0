//! Which words are names in a matter, learnt from its texts.

use crate::text::sentence::sentences;
use crate::text::{MONTHS, folded, term, words};
use std::collections::BTreeMap;

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
        for text in texts {
            for range in sentences(text) {
                for (_, word) in words(text.get(range).unwrap_or_default()).skip(1) {
                    let Some(term) = term(word) else { continue };
                    let (capital, small) = seen.entry(term).or_default();
                    let count = if is_capital(word) { capital } else { small };
                    *count = count.saturating_add(1);
                }
            }
        }
        Self { seen }
    }

    pub(super) fn is_name(&self, term: &str) -> bool {
        self.seen.get(term).is_some_and(|(capital, small)| capital > small)
    }

    pub(super) fn is_ordinary(&self, term: &str) -> bool {
        self.seen.get(term).is_some_and(|(capital, small)| small >= capital)
    }
}

/// Terms of the proper names in one sentence: known names however they are written, capitals in mid-sentence, and
/// `inner_Capitals` anywhere.
pub(super) fn names(statement: &str, lexicon: &Lexicon) -> Vec<String> {
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
        if (capital || inner || lexicon.is_name(&term)) && !is_calendar_name(&folded(word)) {
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
pub(super) fn is_calendar_name(folded: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    MONTHS.contains(&folded) || DAYS.contains(&folded)
}
