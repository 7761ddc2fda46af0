//! Words, terms and sentences: what text is made of, for whoever compares, searches or counts it.

mod memo;
pub(crate) mod sentence;
pub(crate) mod spelling;

use memo::Memo;
use rust_stemmers::{Algorithm, Stemmer};
use std::cell::RefCell;
use std::collections::BTreeSet;
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
    words_as_written(text).filter_map(|(at, word)| {
        let inner = word.trim_start_matches('_');
        let start = at + (word.len() - inner.len());
        let inner = inner.trim_end_matches('_');
        (!inner.is_empty()).then_some((start, inner))
    })
}

/// The words of `text` with their byte offsets, by the rules of Unicode (UAX #29).
pub(crate) fn words_as_written(text: &str) -> impl Iterator<Item = (usize, &str)> {
    pieces(text)
        .flat_map(|(from, piece)| piece.unicode_word_indices().map(move |(at, word)| (from + at, word)))
}

/// The text in pieces that no word crosses, with their byte offsets: a single curly quote makes the segmentation of what it
/// stands in five times as slow, so that is kept small.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    // Each line is looked at once, however many pieces it has: a page may be a single one.
    let (mut line_end, mut whole) = (0, false);
    std::iter::from_fn(move || {
        let at = text.len() - rest.len();
        if at >= line_end {
            let line = rest.find('\n').map_or(rest.len(), |end| end + 1);
            line_end = at + line;
            whole = rest.as_bytes().get(..line).is_some_and(<[u8]>::is_ascii);
        }
        let len = if whole {
            line_end - at
        } else {
            rest.as_bytes().windows(2).position(parts_words).map_or(rest.len(), |gap| gap + 1)
        };
        let (piece, behind) = rest.split_at_checked(len).unwrap_or((rest, ""));
        rest = behind;
        (!piece.is_empty()).then_some((at, piece))
    })
}

/// A blank before what cannot join it: further blanks and combining marks do.
fn parts_words(pair: &[u8]) -> bool {
    matches!(pair, [b' ' | b'\n', next] if next.is_ascii() && *next != b' ')
}

/// The word as it is compared letter by letter: lower case, straight apostrophe, no invisible characters.
pub(crate) fn folded(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if matches!(c, '\u{2019}' | '\u{2018}' | '\u{02bc}') { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// The term a word stands for; `None` for function words and single letters.
pub(crate) fn term(word: &str) -> Option<String> {
    TERMS.with_borrow_mut(|memo| memo.look_up(word, term_anew))
}

fn term_anew(word: &str) -> Option<String> {
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

/// Whether two sets of these sizes can have so much in common ([`jaccard`]) at all; saves most comparisons.
#[allow(clippy::cast_precision_loss, reason = "sets of words are far below 2^52")]
pub(crate) fn sizes_allow(a: usize, b: usize, least: f64) -> bool {
    a.min(b) as f64 >= least * a.max(b) as f64
}

/// The stem of a lower-case English word, British and American spelling as one.
pub(crate) fn stem(word: &str) -> String {
    STEMS.with_borrow_mut(|memo| memo.look_up(word, |word| Some(stem_anew(word)))).unwrap_or_default()
}

fn stem_anew(word: &str) -> String {
    Stemmer::create(Algorithm::English).stem(&spelling::american(word)).into_owned()
}

thread_local! {
    static TERMS: RefCell<Memo> = const { RefCell::new(Memo::new()) };
    static STEMS: RefCell<Memo> = const { RefCell::new(Memo::new()) };
}

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
    use proptest::prelude::*;

    #[test]
    fn the_function_words_are_sorted_for_the_search() {
        assert!(FUNCTION_WORDS.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(term("the"), None);
        assert_eq!(term("Runtimes").as_deref(), Some("runtim"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_words_of_the_pieces_are_those_of_the_whole(
            text in "[a-cA-C0-9 \n\r\t.,:;'_/é世ア\u{e0}\u{301}\u{345}\u{200d}\u{ad}\u{2019}\u{201c}\u{5d0}\"\u{1f1e6}\u{a0}\u{3000}\u{2028}]{0,40}",
        ) {
            let whole: Vec<(usize, &str)> = text.unicode_word_indices().collect();
            prop_assert_eq!(words_as_written(&text).collect::<Vec<_>>(), whole);
        }
    }
}
