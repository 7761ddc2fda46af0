//! Turns of phrase by which people ask, as the single words that pages use: nothing is said about a box by who asks what
//! happens "out of the box".

use std::borrow::Cow;
use std::sync::LazyLock;

/// Most words of one turn of phrase.
const PHRASE_WORDS_MAX: usize = 5;

/// Phrases in lower case, and the word in their place; longer ones first where one begins like another.
const PHRASES: &[(&str, &str)] = &[
    ("out of the box", "default"),
    ("left at its default", "default"),
    ("left alone", "default"),
    ("left unset", "default"),
    ("left as it is", "default"),
    ("unless told otherwise", "default"),
    ("unless configured otherwise", "default"),
    ("unless set otherwise", "default"),
    ("when none is given", "default"),
    ("if none is given", "default"),
    ("when nothing is given", "default"),
    ("if nothing is given", "default"),
    ("when none is specified", "default"),
    ("if not specified", "default"),
    ("without being told", "default"),
    ("at most", "maximum"),
    ("no more than", "maximum"),
    ("at least", "minimum"),
    ("no less than", "minimum"),
    ("no fewer than", "minimum"),
    ("turn off", "disable"),
    ("turned off", "disabled"),
    ("switch off", "disable"),
    ("switched off", "disabled"),
    ("shut off", "disable"),
    ("turn on", "enable"),
    ("turned on", "enabled"),
    ("switch on", "enable"),
    ("switched on", "enabled"),
    ("log in", "login"),
    ("logs in", "login"),
    ("logging in", "login"),
    ("logged in", "login"),
    ("sign in", "login"),
    ("set up", "configure"),
    ("setting up", "configure"),
    ("get rid of", "remove"),
    ("getting rid of", "remove"),
    ("side by side", "concurrently"),
    ("at the same time", "concurrently"),
    ("how often", "interval"),
    ("come out", "released"),
    ("came out", "released"),
    ("by hand", "manually"),
    ("of its own accord", "automatically"),
    ("carry on", "continue"),
    ("run out of", "exhausted"),
    ("runs out of", "exhausted"),
    ("make sure", "ensure"),
];

/// The text with turns of phrase replaced; pages are read as questions are.
pub(super) fn plain(question: &str) -> Cow<'_, str> {
    let words: Vec<&str> = question.split_whitespace().collect();
    let at = |place: usize| phrase_at(words.get(place..).unwrap_or_default());
    if (0..words.len()).all(|place| at(place).is_none()) {
        return Cow::Borrowed(question);
    }
    let mut out: Vec<&str> = Vec::new();
    let mut place = 0;
    while let Some(word) = words.get(place) {
        match at(place) {
            Some((len, plain)) => {
                out.push(plain);
                // What closes a clause closes it still.
                let last = words.get(place + len - 1).copied().unwrap_or_default();
                let mark = last.trim_start_matches(|c: char| c.is_alphanumeric());
                out.extend((!mark.is_empty()).then_some(mark));
                place += len;
            }
            None => {
                out.push(word);
                place += 1;
            }
        }
    }
    Cow::Owned(out.join(" "))
}

/// The turn of phrase that words begin with: how many it has, and the word in their place.
fn phrase_at(words: &[&str]) -> Option<(usize, &'static str)> {
    let first = bare(words.first()?);
    // Most words begin no phrase, and are told by their first letter and length.
    let letter = first.bytes().next()?.to_ascii_lowercase();
    let lengths = OPENERS.get(usize::from(letter.wrapping_sub(b'a'))).copied().unwrap_or(0);
    if first.is_ascii() && lengths & length_bit(first) == 0 {
        return None;
    }
    PHRASES.iter().find_map(|(phrase, plain)| Some((begins(words, phrase)?, *plain)))
}

/// Lengths of the first words of all phrases, a bit each, by their first letter.
static OPENERS: LazyLock<[u32; 26]> = LazyLock::new(|| {
    let mut openers = [0; 26];
    for word in PHRASES.iter().filter_map(|(phrase, _)| phrase.split(' ').next()) {
        let letter = word.bytes().next().map_or(u8::MAX, |first| first.wrapping_sub(b'a'));
        if let Some(lengths) = openers.get_mut(usize::from(letter)) {
            *lengths |= length_bit(word);
        }
    }
    openers
});

/// All lengths from 31 on are one.
fn length_bit(word: &str) -> u32 {
    1 << word.len().min(31)
}

/// How many words the phrase has, if the text begins with it; a mark between its words parts them ("what does it log, in
/// which format").
fn begins(written: &[&str], phrase: &str) -> Option<usize> {
    let mut count = 0;
    for word in phrase.split(' ').take(PHRASE_WORDS_MAX) {
        let marked = count > 0 && written.get(count - 1)?.ends_with(|c: char| !c.is_alphanumeric());
        (is_word(bare(written.get(count)?), word) && !marked).then_some(())?;
        count += 1;
    }
    Some(count)
}

/// Whether a word is this one, which is in lower case.
fn is_word(written: &str, lower: &str) -> bool {
    if written.is_ascii() { written.eq_ignore_ascii_case(lower) } else { written.to_lowercase() == lower }
}

fn bare(word: &str) -> &str {
    // Most words have nothing around them.
    let ends = word.as_bytes().first().zip(word.as_bytes().last());
    if ends.is_some_and(|(first, last)| first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric()) {
        return word;
    }
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_of_phrase_become_the_words_that_pages_use() {
        for (asked, told) in [
            ("At most how many tables may a join have?", "maximum how many tables may a join have?"),
            ("How large is it, out of the box?", "How large is it, default ?"),
            ("How does one turn off the cache?", "How does one disable the cache?"),
            ("What stands in the box?", "What stands in the box?"),
            ("What does it log, in which format?", "What does it log, in which format?"),
        ] {
            assert_eq!(plain(asked), told);
        }
    }

    #[test]
    fn no_phrase_is_longer_than_is_looked_for() {
        assert!(PHRASES.iter().all(|(phrase, _)| phrase.split(' ').count() <= PHRASE_WORDS_MAX));
    }
}
