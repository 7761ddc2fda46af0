//! Words, terms and sentences: what text is made of, for whoever compares, searches or counts it.

pub(crate) mod sentence;
pub(crate) mod spelling;

use rust_stemmers::{Algorithm, Stemmer};
use std::collections::{BTreeMap, BTreeSet};
use unicode_segmentation::UnicodeSegmentation;

/// The content terms of `text` in order: lower case, stemmed (English), without function words.
pub(crate) fn terms(text: &str) -> Vec<String> {
    words(text).filter_map(|(_, word)| term(word)).collect()
}

/// The content terms of `text` as a set, figures left out (they are compared by value, see `research::figures`).
pub(crate) fn term_set(text: &str) -> BTreeSet<String> {
    terms(text).into_iter().filter(|t| !t.starts_with(|c: char| c.is_ascii_digit())).collect()
}

/// The words of `text` with their byte offsets; underscores that only emphasise are not part of a word.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.unicode_word_indices().filter_map(|(at, word)| {
        let inner = word.trim_start_matches('_');
        let start = at + (word.len() - inner.len());
        let inner = inner.trim_end_matches('_');
        (!inner.is_empty()).then_some((start, inner))
    })
}

/// The word as it is compared letter by letter: lower case, straight apostrophe, no invisible characters.
pub(crate) fn folded(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if matches!(c, '\u{2019}' | '\u{2018}' | '\u{02bc}') { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// The term a word stands for; `None` for function words and single letters.
pub(crate) fn term(word: &str) -> Option<String> {
    let mut lower = folded(word);
    if let Some(owner) = lower.strip_suffix("'s") {
        lower = owner.to_owned();
    }
    if is_function_word(&lower) || lower.ends_with("n't") {
        return None;
    }
    let letters = lower.chars().count();
    if letters < 2 && lower.is_ascii() && !lower.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // The English algorithm knows only ASCII words; all others are compared as they are.
    if lower.bytes().all(|b| b.is_ascii_lowercase()) {
        return Some(stem(&lower));
    }
    Some(lower)
}

/// Shared share of two sets: intersection over union, 0 to 1; 0 when both are empty.
#[allow(clippy::cast_precision_loss, reason = "sets of words are far below 2^52")]
pub(crate) fn jaccard(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let shared = a.intersection(b).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

/// The stem of a lower-case English word, British and American spelling as one.
pub(crate) fn stem(word: &str) -> String {
    Stemmer::create(Algorithm::English).stem(&spelling::american(word)).into_owned()
}

/// Terms of words that were seen before: a page repeats most of its words, and stemming one costs more than finding it.
#[derive(Default)]
pub(crate) struct TermMemo(BTreeMap<String, Option<String>>);

impl TermMemo {
    /// What [`term`] says of the word.
    pub(crate) fn term(&mut self, word: &str) -> Option<String> {
        if let Some(known) = self.0.get(word) {
            return known.clone();
        }
        let found = term(word);
        if self.0.len() < MEMO_WORDS_MAX {
            self.0.insert(word.to_owned(), found.clone());
        }
        found
    }
}

/// Words remembered: a 900 KB page holds some 15,000 different ones; 32,768 of them take about 4 MB.
const MEMO_WORDS_MAX: usize = 32_768;

/// Whether a lower-case word is one of grammar rather than of a subject.
pub(crate) fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.binary_search(&word).is_ok()
}

/// The text on one line: white space collapsed to single blanks, none at the ends.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first `chars_max` characters.
pub(crate) fn clip(text: &str, chars_max: usize) -> &str {
    text.char_indices().nth(chars_max).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The months in English, lower case, in their order.
#[rustfmt::skip]
pub(crate) const MONTHS: [&str; 12] = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
];

/// Words of grammar, which stand in every English text and tell nothing about its subject. Sorted, for binary search.
#[rustfmt::skip]
const FUNCTION_WORDS: &[&str] = &[
    "a", "about", "above", "according", "across", "additionally", "after", "again", "against", "all", "also",
    "although", "am", "among", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before",
    "being", "below", "between", "both", "but", "by", "can", "cannot", "could", "did", "do", "does", "doing",
    "done", "down", "during", "each", "either", "else", "etc", "even", "ever", "every", "few", "for", "from",
    "further", "furthermore", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how",
    "however", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "may", "me", "might", "more",
    "moreover", "most", "much", "must", "my", "neither", "never", "no", "non", "none", "nor", "not", "of",
    "off", "on", "once", "one", "only", "onto", "or", "other", "our", "ours", "out", "over", "own", "per",
    "same", "shall", "she", "should", "since", "so", "some", "still", "such", "than", "that", "the", "their",
    "theirs", "them", "then", "there", "therefore", "these", "they", "this", "those", "though", "through",
    "thus", "to", "too", "toward", "towards", "under", "until", "up", "upon", "us", "very", "via", "was", "we",
    "were", "what", "when", "where", "whereas", "whether", "which", "while", "who", "whom", "whose", "why",
    "will", "with", "within", "without", "would", "yet", "you", "your", "yours",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_words_are_sorted_for_the_search() {
        assert!(FUNCTION_WORDS.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(term("the"), None);
        assert_eq!(term("Runtimes").as_deref(), Some("runtim"));
    }
}
