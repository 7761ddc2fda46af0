//! Questions become full-text queries, and the passages found become documents in order.
//!
//! The index is SQLite FTS5 with `tokenize = "porter unicode61"`, filled with [`index_text`] of each passage.

pub mod narrow;
pub mod rank;

use crate::text::{is_function_word, spelling};
use std::collections::BTreeSet;

/// Most terms of one query: beyond that each adds cost and hardly any sense.
pub const TERMS_MAX: usize = 24;
/// How much of a text is looked at, in characters: the longest question the API takes.
const TEXT_CHARS_MAX: usize = 4_000;
/// Longest term kept, in characters; the longest words of running text have some 60.
const TERM_CHARS_MAX: usize = 64;
/// Most words of one quoted phrase.
const PHRASE_WORDS_MAX: usize = 8;

/// What to look for in the index for free text: FTS5 `MATCH` expressions, at most 24, to be joined with `OR`; none when the
/// text holds no word. Each is a quoted term, or its two spellings. Words between double quotes stay a phrase; stop words are
/// left out unless nothing else remains. Nothing in the text acts as an operator.
///
/// ```
/// use footnote::library::query::fts_terms;
/// assert_eq!(fts_terms("What is a \"write-ahead log\"?"), ["\"write ahead log\""]);
/// assert_eq!(fts_terms("NEAR(b*) AND title:x"), ["\"near\"", "\"b\"", "\"title\"", "\"x\""]);
/// ```
#[must_use]
pub fn fts_terms(text: &str) -> Vec<String> {
    let spelled = |term: String| match spelling::other(&term) {
        Some(other) => format!("\"{term}\" OR \"{other}\""),
        None => format!("\"{term}\""),
    };
    terms(text).into_iter().map(spelled).collect()
}

/// The distinct terms of a text in their order, at most 24: lower case, stop words left out unless nothing else remains.
/// A term is one word, or the words of a compound or quoted phrase with single spaces between them (`write ahead`).
/// Chinese, Japanese and Korean have no spaces to go by: each pair of neighbouring characters is a term (`気 候`).
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    let all = all_terms(text);
    let telling: Vec<String> = all.iter().filter(|term| !is_function_word(term)).cloned().collect();
    let mut chosen = if telling.is_empty() { all } else { telling };
    chosen.truncate(TERMS_MAX);
    chosen
}

/// The text as it goes into the index: Chinese, Japanese and Korean characters set apart, since the tokenizer would take
/// a whole sentence of them for one word. Other text is unchanged.
#[must_use]
pub fn index_text(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if (is_spaceless(c) && !before.is_whitespace()) || (is_spaceless(before) && !c.is_whitespace()) {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    spaced
}

fn all_terms(text: &str) -> Vec<String> {
    let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end).unwrap_or(text);
    let parts: Vec<&str> = text.split(['"', '\u{201c}', '\u{201d}', '\u{201e}']).collect();
    let last = parts.len().saturating_sub(1);
    let mut found = Vec::new();
    for (place, part) in parts.into_iter().enumerate() {
        // Every second part stands between quotes, but a last one that was never closed does not.
        if place % 2 == 1 && place < last {
            let words = part.split(is_separator).flat_map(words_of);
            let phrase: Vec<String> = words.take(PHRASE_WORDS_MAX).collect();
            found.push(phrase.join(" "));
        } else {
            found.extend(part.split(is_separator).flat_map(word_terms));
        }
    }
    let mut known = BTreeSet::new();
    found.retain(|term| !term.is_empty() && known.insert(term.clone()));
    found
}

/// The terms of one blank-separated word: itself, its compound as a phrase, or its pairs of characters.
fn word_terms(word: &str) -> Vec<String> {
    let words: Vec<String> = words_of(word).collect();
    if !words.iter().any(|word| word.chars().any(is_spaceless)) {
        return vec![words.join(" ")];
    }
    match words.as_slice() {
        [single] => vec![single.clone()],
        _ => words.windows(2).map(|pair| pair.join(" ")).collect(),
    }
}

/// The simple words of a compound, lower case, as the index's tokenizer would divide them.
fn words_of(word: &str) -> impl Iterator<Item = String> {
    let words: Vec<String> = index_text(word)
        .split(|c: char| c.is_whitespace() || is_joiner(c))
        .filter(|part| part.chars().any(char::is_alphanumeric))
        .map(|part| part.chars().flat_map(char::to_lowercase).take(TERM_CHARS_MAX).collect())
        .collect();
    words.into_iter()
}

/// Characters inside a word that divide it but keep its parts together.
fn is_joiner(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | '\'' | '’' | '+' | '#' | '\u{2010}' | '\u{2011}')
}

/// Characters between words. Whatever is left, such as combining marks, stays inside a quoted term.
fn is_separator(c: char) -> bool {
    if is_joiner(c) {
        return false;
    }
    let punctuation = matches!(c, '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{30fb}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}');
    c.is_whitespace() || c.is_control() || punctuation || (c.is_ascii() && !c.is_ascii_alphanumeric())
}

/// Han, kana and Hangul.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn questions_become_their_telling_terms() {
        for (text, expected) in [
            (
                "What is the default of max_connections in PostgreSQL?",
                &["default", "max connections", "postgresql"][..],
            ),
            ("GPT-4 vs. GPT-3.5: which one's better?", &["gpt 4", "vs", "gpt 3 5", "one s", "better"]),
            ("AI/ML, C++ & C#", &["ai", "ml", "c"]),
            ("the \"is it\" of What", &["is it"]),
            ("what is it", &["what", "is", "it"]),
            ("rust Rust RUST", &["rust"]),
            ("an \"unclosed quote", &["unclosed", "quote"]),
            ("\u{201c}two words\u{201d} and more", &["two words"]),
            ("\"\" '' -- ... 🦀 ()", &[]),
            ("Ünïcode ÉTÉ Straße हिन्दी", &["ünïcode", "été", "straße", "हिन्दी"]),
            ("", &[]),
        ] {
            assert_eq!(terms(text), expected, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_searched_by_pairs() {
        assert_eq!(index_text("AI と気候変動。ok"), "AI と 気 候 変 動 。ok");
        assert_eq!(index_text("plain text, unchanged\n"), "plain text, unchanged\n");
        assert_eq!(terms("気候変動とは?"), ["気 候", "候 変", "変 動", "動 と", "と は"]);
        assert_eq!(terms("水"), ["水"]);
        assert_eq!(terms("\"気候 変動\""), ["気 候 変 動"]);
        assert_eq!(terms("Rust言語"), ["rust 言", "言 語"]);
    }

    #[test]
    fn operators_in_the_text_are_inert() {
        for (text, query) in [
            ("a AND b NOT c", "\"b\" OR \"c\""),
            (
                "text:secret -x ^y z* {a b}:c",
                "\"text\" OR \"secret\" OR \"x\" OR \"y\" OR \"z\" OR \"b\" OR \"c\"",
            ),
            ("\") OR (\"", "\"or\""),
            ("'; DROP TABLE t; --", "\"drop\" OR \"table\" OR \"t\""),
            ("\"\"\"", ""),
            ("\0a\0bc", "\"bc\""),
        ] {
            assert_eq!(fts_terms(text).join(" OR "), query, "{text}");
        }
    }

    #[test]
    fn terms_are_bounded_in_number_and_length() {
        let many = (0..100).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(terms(&many).len(), TERMS_MAX);
        assert_eq!(terms(&"x".repeat(10_000)), ["x".repeat(TERM_CHARS_MAX)]);
        assert_eq!(terms(&format!("\"{}\"", "ab ".repeat(50)))[0].split(' ').count(), PHRASE_WORDS_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn a_query_is_quoted_terms_joined_with_or(text in "(\\PC|[\"'()*:^{}+\\-\\x00 ]|NEAR|OR|AND|NOT|気|候){0,80}") {
            let terms = fts_terms(&text);
            prop_assert!(terms.len() <= TERMS_MAX);
            for term in &terms {
                for part in term.split(" OR ") {
                    let inner = part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                    prop_assert!(inner.is_some_and(|term| !term.contains(['"', '\0']) && term.chars().any(char::is_alphanumeric)), "{}", part);
                }
            }
        }

        #[test]
        fn spacing_out_loses_nothing(text in "(\\PC|[気候한])" ) {
            let bare = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(bare(&index_text(&text)), bare(&text));
        }
    }
}
