//! Texts that are no texts: lists of words, and phrases repeated for search engines.

use crate::page::block::{Block, Kind};
use crate::page::skeleton::push_lean;
use crate::page::{Rejection, language, simhash};

/// Fewer words may be a short poem, a menu, a refrain.
const WORDS_MIN: u32 = 200;
/// Words that are looked at for repetition; sorting them three times costs some 0.1 ms.
const SAMPLE_WORDS: usize = 2_048;
/// Words of a phrase that is looked for again.
const PHRASE_WORDS: usize = 6;
/// Share of phrases that stood before, in percent. Of 1,497 real pages the most repetitive, terms of a shop's discounts,
/// have 73.
const REPEATED_PERCENT_MIN: usize = 80;
/// Share of the text that one phrase of three words makes up, in percent; the most on real pages was 21, a list of tents.
const STUFFED_PERCENT_MIN: usize = 30;
/// Share of one word that is none of grammar; the most on real pages was 16, in an index of programming languages.
const STUFFED_WORD_PERCENT_MIN: usize = 20;
/// Longer than nearly all words of grammar.
const TELLING_BYTES_MIN: usize = 5;
/// Words of a block that may be a dump by itself.
const RUN_WORDS_MIN: u32 = 40;
/// Share of such blocks, in percent.
const DUMP_PERCENT_MIN: u32 = 70;
/// A text has a sentence end at least every this many words; law texts come to 45.
const SENTENCE_WORDS_MAX: u32 = 60;
/// Words of grammar in a text of any language, in percent; lists of words have none.
const GRAMMAR_PERCENT_MIN: u32 = 3;
/// Entries of one or two words in lower case, each in its own block, from which on they are a dictionary rather than a
/// list within a page.
const ENTRIES_MIN: u32 = 500;

/// Main content without tables.
pub(super) fn judge<'a>(content: impl Iterator<Item = &'a Block>) -> Option<Rejection> {
    let content: Vec<&Block> = content.collect();
    let words = content.iter().fold(0_u32, |sum, block| sum.saturating_add(block.words));
    if words < WORDS_MIN {
        return None;
    }
    let within = |chosen: u32| chosen.saturating_mul(100) >= words.saturating_mul(DUMP_PERCENT_MIN);
    let listed = content
        .iter()
        .filter(|block| is_list_of_words(block))
        .fold(0_u32, |sum, block| sum.saturating_add(block.words));
    let entries = content
        .iter()
        .filter(|block| is_entry(block))
        .fold(0_u32, |sum, block| sum.saturating_add(block.words));
    if (listed >= WORDS_MIN && within(listed)) || (entries >= ENTRIES_MIN && within(entries)) {
        return Some(Rejection::WordList { words });
    }
    is_repetitive(&content).then_some(Rejection::RepeatedText { words })
}

/// Many words, no sentence, no grammar, and not the names of people or places.
fn is_list_of_words(block: &Block) -> bool {
    let coded = matches!(&block.kind, Kind::Code(language) if !language.is_empty());
    if coded || block.words < RUN_WORDS_MIN || block.link_words.saturating_mul(2) > block.words {
        return false;
    }
    let ends = block
        .text
        .chars()
        .filter(|c| {
            matches!(
                c,
                '.' | '!'
                    | '?'
                    | ';'
                    | ':'
                    | '='
                    | '('
                    | ')'
                    | '{'
                    | '}'
                    | '\u{3002}'
                    | '\u{ff01}'
                    | '\u{ff1f}'
                    | '\u{964}'
                    | '\u{61f}'
            )
        })
        .count();
    if ends.saturating_mul(SENTENCE_WORDS_MAX as usize) > block.words as usize {
        return false;
    }
    let tongue = language::of(std::iter::once(block.text.as_str()));
    let capital = capital_words(&block.text);
    tongue.words >= RUN_WORDS_MIN
        // Where no list of grammar knows the script, nothing can be said.
        && language::knows_script(&block.text)
        && tongue.grammar.saturating_mul(100) < tongue.words.saturating_mul(GRAMMAR_PERCENT_MIN)
        && capital.saturating_mul(2) < block.words
}

fn capital_words(text: &str) -> u32 {
    let capital = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.starts_with(char::is_uppercase))
        .count();
    u32::try_from(capital).unwrap_or(u32::MAX)
}

fn is_entry(block: &Block) -> bool {
    matches!(block.words, 1 | 2)
        && block.link_words == 0
        && !block.is_code()
        && block.text.starts_with(char::is_lowercase)
        && block.text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\''))
}

/// The same phrases over and over.
fn is_repetitive(content: &[&Block]) -> bool {
    // Menus and tables of contents name the same things again and again.
    let told = |block: &&&Block| !block.is_code() && block.link_words.saturating_mul(2) <= block.words;
    let texts = content.iter().filter(told).map(|block| block.text.as_str());
    // Half of each hash: of 2,048 words two share one by chance on one page in two thousand, and a share moves by one word.
    let mut hashes: Vec<u32> = Vec::new();
    let mut telling: Vec<u32> = Vec::new();
    for word in texts.flat_map(simhash::words).take(SAMPLE_WORDS) {
        let hash = half(word.hash);
        push_lean(&mut hashes, hash);
        // Words of grammar and numbers may be frequent.
        if word.bytes >= TELLING_BYTES_MIN && !word.is_number {
            push_lean(&mut telling, hash);
        }
    }
    if hashes.len() < WORDS_MIN as usize {
        return false;
    }
    let share = |part: usize, min: usize| part.saturating_mul(100) >= hashes.len().saturating_mul(min);
    share(longest_run(&sorted(telling)), STUFFED_WORD_PERCENT_MIN)
        || share(repeated(&sorted(phrases(&hashes, PHRASE_WORDS))), REPEATED_PERCENT_MIN)
        || share(longest_run(&sorted(phrases(&hashes, 3))).saturating_mul(3), STUFFED_PERCENT_MIN)
}

fn half(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(0)
}

fn repeated(sorted: &[u32]) -> usize {
    sorted.windows(2).filter(|pair| matches!(pair, [a, b] if a == b)).count()
}

fn phrases(hashes: &[u32], length: usize) -> Vec<u32> {
    let mixed = |words: &[u32]| {
        half(words.iter().fold(0_u64, |hash, word| {
            (hash.rotate_left(9) ^ u64::from(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        }))
    };
    hashes.windows(length).map(mixed).collect()
}

fn sorted(mut hashes: Vec<u32>) -> Vec<u32> {
    hashes.sort_unstable();
    hashes
}

/// How often the most frequent of sorted values stands there.
fn longest_run(sorted: &[u32]) -> usize {
    sorted.chunk_by(|a, b| a == b).map(<[u32]>::len).max().unwrap_or(0)
}
