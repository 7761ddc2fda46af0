//! Figures compared by value: `1,000`, `1000`, `1 thousand` and `1k` are one number.

mod written;

use crate::order::sort_by_key;
use crate::text::folded;
use std::collections::BTreeSet;
use std::ops::Range;
use written::{is_number_word, written};

/// Longest run of digits and separators that is one figure: 39 digits (2 to the 128th) with 13 separators make 52 bytes.
const TOKEN_BYTES_MAX: usize = 64;
/// Most parts of a version by which it may be shortened: `1.82.0-rc.1` has four, and nobody writes six and leaves some out.
const PREFIX_PARTS_MAX: usize = 6;

/// The figures a text states, ready to vouch for the figures of another text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    values: BTreeSet<String>,
}

impl Figures {
    /// Every figure in `text`, number words included.
    pub(crate) fn of(text: &str) -> Self {
        let mut values: BTreeSet<String> = scan(text).into_iter().flat_map(|n| n.vouches).collect();
        values.extend(written(text).into_iter().map(|(_, value)| value.to_string()));
        Self { values }
    }

    /// Whether every figure that `text` states is among these. A number word from two to twelve may count what the
    /// quote lists, so it passes where these hold no figure at all; `one` is never a figure.
    pub(crate) fn vouch_for(&self, text: &str) -> bool {
        self.vouch_for_stated(&Stated::of(text))
    }

    /// The same for figures that were read before.
    pub(crate) fn vouch_for_stated(&self, stated: &Stated) -> bool {
        stated.digits.iter().all(|readings| readings.iter().any(|r| self.values.contains(r)))
            && stated.words.iter().all(|v| {
                *v == 1 || self.values.contains(&v.to_string()) || (*v <= 12 && self.values.is_empty())
            })
    }

    /// Takes in the figures of another text.
    pub(crate) fn join(&mut self, other: &Self) {
        self.values.extend(other.values.iter().cloned());
    }

    /// Whether there is no figure.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The figures a text claims, each in every way it may be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated {
    digits: Vec<Vec<String>>,
    words: Vec<u64>,
}

impl Stated {
    /// Every figure in `text`.
    pub(crate) fn of(text: &str) -> Self {
        let digits = scan(text).into_iter().map(|n| n.claims).collect();
        Self { digits, words: written(text).into_iter().map(|(_, value)| value).collect() }
    }
}

/// The value of the first figure in `text`: 27000000 for "27 million".
pub(crate) fn first_value(text: &str) -> Option<String> {
    scan(text).into_iter().next()?.claims.into_iter().next()
}

/// Whether a lower-case word is a number.
pub(crate) fn is_figure_word(word: &str) -> bool {
    is_number_word(word)
}

/// Whether `text` states a figure in digits.
pub(crate) fn has_digits(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// One figure: how it may be read when it is claimed, and what it vouches for when it is quoted.
struct Number {
    claims: Vec<String>,
    vouches: Vec<String>,
}

/// A figure where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    /// Bytes of its digits, or of its word.
    pub(crate) range: Range<usize>,
    claims: Vec<String>,
    vouches: Vec<String>,
}

impl Located {
    /// Whether this, quoted, is the figure that `claim` states.
    pub(crate) fn vouches_for(&self, claim: &Self) -> bool {
        claim.claims.iter().any(|reading| self.vouches.contains(reading))
    }

    /// Whether it looks like a year.
    pub(crate) fn is_year(&self) -> bool {
        self.claims.iter().any(|v| v.len() == 4 && v.parse::<u16>().is_ok_and(|y| (1500..2200).contains(&y)))
    }
}

/// Every figure of `text` in digits, and every one in words from two on, in order.
pub(crate) fn located(text: &str) -> Vec<Located> {
    let digits = scan_places(text).into_iter().map(|(range, n)| Located {
        range,
        claims: n.claims,
        vouches: n.vouches,
    });
    let written = written(text).into_iter().filter(|(_, value)| *value > 1).map(|(range, value)| {
        let value = value.to_string();
        Located { range, claims: vec![value.clone()], vouches: vec![value] }
    });
    let mut all: Vec<Located> = digits.chain(written).collect();
    sort_by_key(&mut all, |figure| figure.range.start);
    all
}

fn scan(text: &str) -> Vec<Number> {
    scan_places(text).into_iter().map(|(_, number)| number).collect()
}

fn scan_places(text: &str) -> Vec<(Range<usize>, Number)> {
    let mut numbers = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|t| t.find(|c: char| c.is_ascii_digit())) {
        let start = from + at;
        let tail = text.get(start..).unwrap_or_default();
        let len = token_len(tail).max(1);
        let token = tail.get(..len).unwrap_or_default();
        from = start + len;
        if let Some(number) = read(token, text.get(from..).unwrap_or_default()) {
            numbers.push((start..from, number));
        }
    }
    numbers
}

/// Bytes of the digits at the start of `tail` with the separators that stand between digits.
fn token_len(tail: &str) -> usize {
    let mut end = 0;
    let mut chars = tail.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if at >= TOKEN_BYTES_MAX {
            break;
        }
        let next_is_digit = chars.peek().is_some_and(|(_, n)| n.is_ascii_digit());
        if c.is_ascii_digit() || (is_separator(c) && next_is_digit) {
            end = at + c.len_utf8();
        } else {
            break;
        }
    }
    end
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | ',' | '\'' | '\u{2019}' | '_' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

fn read(token: &str, after: &str) -> Option<Number> {
    let dots = token.matches('.').count();
    if dots >= 2 && !token.contains(',') {
        if token.split('.').skip(1).all(|part| part.len() == 3) {
            return Some(plain(&token.replace('.', ""), after));
        }
        // A version: 1.82.0 also vouches for 1.82, the way versions are shortened.
        let parts: Vec<&str> = token.split('.').collect();
        let mut vouches: Vec<String> = (2..=parts.len().min(PREFIX_PARTS_MAX))
            .map(|n| parts.iter().take(n).map(|p| trimmed(p)).collect::<Vec<_>>().join("."))
            .collect();
        let short = parts.iter().take(2).copied().collect::<Vec<_>>().join(".");
        vouches.push(value(&short, 0)?);
        let whole = parts.iter().map(|p| trimmed(p)).collect::<Vec<_>>().join(".");
        vouches.push(whole.clone());
        return Some(Number { claims: vec![whole], vouches });
    }
    let thousands = |sep: char| {
        token.contains(sep)
            && token
                .split('.')
                .next()
                .is_some_and(|whole| whole.split(sep).skip(1).all(|part| part.len() == 3))
    };
    let mut digits = token.to_owned();
    for sep in ['\'', '\u{2019}', '_', '\u{a0}', '\u{202f}', '\u{2009}'] {
        digits = digits.replace(sep, "");
    }
    if thousands(',') {
        digits = digits.replace(',', "");
    } else {
        digits = digits.replace(',', ".");
    }
    Some(plain(&digits, after))
}

fn plain(digits: &str, after: &str) -> Number {
    let (scale, sure) = scale_of(after);
    let scaled = value(digits, scale);
    let bare = value(digits, 0);
    let mut readings: Vec<String> = scaled.into_iter().collect();
    if !sure {
        readings.extend(bare);
    }
    Number { claims: readings.clone(), vouches: readings }
}

/// Power of ten that the text behind a figure adds, and whether it can mean nothing else.
fn scale_of(after: &str) -> (usize, bool) {
    let glued: String = after.chars().take_while(|c| c.is_alphabetic()).take(12).collect();
    match glued.as_str() {
        "k" | "K" => return (3, true),
        "bn" | "Bn" | "BN" => return (9, true),
        "M" | "m" | "mn" => return (6, false),
        "B" => return (9, false),
        "T" => return (12, false),
        _ => {}
    }
    if !glued.is_empty() {
        return (0, true);
    }
    let word: String = after
        .trim_start_matches([' ', '\u{a0}', '-'])
        .chars()
        .take_while(|c| c.is_alphabetic())
        .take(12)
        .collect();
    match folded(&word).as_str() {
        "thousand" => (3, true),
        "million" | "millions" | "mn" => (6, true),
        "billion" | "billions" | "bn" => (9, true),
        "trillion" | "trillions" => (12, true),
        _ => (0, true),
    }
}

/// `digits` (with at most one dot) times ten to the `scale`, written without needless zeros.
fn value(digits: &str, scale: usize) -> Option<String> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.replace('.', "");
    let mut moved: String = whole.to_owned();
    let mut left: Vec<char> = fraction.chars().rev().collect();
    for _ in 0..scale {
        moved.push(left.pop().unwrap_or('0'));
    }
    let tail: String = left.into_iter().rev().collect();
    let tail = tail.trim_end_matches('0');
    let whole = trimmed(&moved);
    if !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(if tail.is_empty() { whole.to_owned() } else { format!("{whole}.{tail}") })
}

fn trimmed(digits: &str) -> &str {
    let short = digits.trim_start_matches('0');
    if short.is_empty() { "0" } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vouches(quote: &str, claim: &str) -> bool {
        Figures::of(quote).vouch_for(claim)
    }

    #[test]
    fn the_same_value_in_another_notation_is_the_same_number() {
        assert!(vouches("about 1,000 users", "1000 users"));
        assert!(vouches("10k stars", "10,000 stars"));
        assert!(vouches("$1.5 billion", "1,500 million dollars"));
        assert!(vouches("1\u{202f}754 crates", "1754 crates"));
        assert!(vouches("since 2025-08-05", "August 5, 2025"));
        assert!(vouches("three rounds", "3 rounds"));
        assert!(vouches("3.50 USD", "3.5 USD"));
        assert!(vouches("Rust 1.82.0", "Rust 1.82"));
        assert!(vouches("twenty-five ships", "25 ships"));
        assert!(vouches("two million people", "2,000,000 people"));
        assert!(vouches("17 ships", "seventeen ships"));
    }

    #[test]
    fn another_value_is_another_number() {
        assert!(!vouches("28.6 %", "28.9 %"));
        assert!(!vouches("5 workers", "5 million workers"));
        assert!(!vouches("10 users", "10k users"));
        assert!(!vouches("1.82.0", "1.8"));
        assert!(!vouches("2019", "2020"));
        assert!(!vouches("three rounds", "four rounds"));
        assert!(!vouches("no figure", "7 figures"));
        assert!(!vouches("Two million people", "Two people"));
        assert!(!vouches("twenty-five ships", "twenty ships"));
        assert!(!vouches("twenty ships", "sixteen ships"));
    }

    #[test]
    fn a_small_number_word_may_count_what_a_quote_lists() {
        assert!(vouches("multi-threaded and current-thread", "two schedulers"));
        assert!(!vouches("three schedulers", "two schedulers"));
        assert!(!vouches("schedulers", "fifty schedulers"));
    }

    #[test]
    fn a_dotted_run_without_end_takes_memory_in_proportion_to_its_length() {
        for text in ["1.".repeat(32 * 1024), "1,".repeat(32 * 1024), "7".repeat(64 * 1024)] {
            let bytes: usize = scan(&text).iter().flat_map(|n| &n.vouches).map(String::len).sum();
            assert!(bytes <= 3 * text.len(), "{bytes} of {}", text.len());
            assert!(vouches(&text, &text));
        }
        assert!(vouches("1.2.3.4.5.6.7.8", "1.2.3.4.5.6.7.8"));
        assert!(!vouches("1.2.3.4.5.6.7.8", "1.2.3.4.5.6.7.9"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn every_text_vouches_for_itself(text in "[0-9a-zé .,'_kMb%-]{0,60}") {
            prop_assert!(vouches(&text, &text));
        }
    }
}
