//! Lines joined to running text; words that were cut at the end of a line are made whole.

use super::super::layout::{Line, is_dense};
use crate::page::block::{Block, Style};
use std::collections::BTreeSet;

/// Words with a hyphen that stand within lines: those keep it.
pub(super) struct Hyphens {
    words: BTreeSet<String>,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Plain,
    /// With a hyphen that may part a word; it is still in the text.
    Hyphen,
}

/// Words that are kept for comparison; at some 40 bytes each this is 0.8 MB.
const WORDS_MAX: usize = 20_000;

impl Hyphens {
    pub(super) fn of(pages: &[Vec<Line>]) -> Self {
        let mut words = BTreeSet::new();
        for line in pages.iter().flatten() {
            for word in line.text.split_whitespace().map(bare).filter(|word| word.contains('-')) {
                if words.len() < WORDS_MAX {
                    words.insert(word.to_lowercase());
                }
            }
        }
        Self { words }
    }

    /// Rows of cells stay lines, all others become one; and how it ends.
    pub(super) fn joined(&self, lines: &[Line]) -> (String, Ending) {
        let mut text = String::new();
        for line in lines {
            if line.text.contains('\t') || text.contains('\t') {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&line.text);
            } else {
                self.push(&mut text, &line.text);
            }
        }
        let ending = if ends_in_hyphen(&text) { Ending::Hyphen } else { Ending::Plain };
        (text, ending)
    }

    /// Goes on with a block's text; `turned` is told where the new text begins.
    pub(super) fn go_on(&self, block: &mut Block, end: Ending, text: &str, turned: impl FnOnce(usize)) {
        let before = block.text.len();
        let mut whole = std::mem::take(&mut block.text);
        if end == Ending::Hyphen {
            self.push(&mut whole, text);
        } else {
            push_plain(&mut whole, text);
        }
        let start = whole.len().saturating_sub(text.len());
        let mut joined = Block { kind: block.kind.clone(), ..Block::default() };
        joined.push_flow(&whole, Style::default());
        *block = joined;
        turned(start.max(before.saturating_sub(1)));
    }

    fn push(&self, text: &mut String, line: &str) {
        let next = line.split_whitespace().next().unwrap_or_default();
        if !ends_in_hyphen(text) || !next.chars().next().is_some_and(char::is_lowercase) {
            push_plain(text, line);
            return;
        }
        let start = text.rfind(char::is_whitespace).map_or(0, |at| at.saturating_add(1));
        let whole = format!("{}{}", text.get(start..).unwrap_or_default(), bare(next));
        let kept = self.words.contains(&bare(&whole).to_lowercase());
        if !kept {
            text.pop();
        }
        text.push_str(line);
    }
}

fn push_plain(text: &mut String, line: &str) {
    let before = text.chars().next_back();
    let dense = before.is_some_and(is_dense) && line.chars().next().is_some_and(is_dense);
    // `and/or`, a long address and a hyphen before a capital run on without a space.
    let glued = text.ends_with(['-', '\u{2010}'])
        && !text.ends_with(" -")
        && line.chars().next().is_some_and(char::is_alphanumeric);
    if before.is_some() && !dense && !glued {
        text.push(' ');
    }
    text.push_str(line);
}

/// A word without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

pub(super) fn ends_in_hyphen(text: &str) -> bool {
    let mut chars = text.chars().rev();
    matches!(chars.next(), Some('-' | '\u{2010}' | '\u{ad}')) && chars.next().is_some_and(char::is_alphabetic)
}
