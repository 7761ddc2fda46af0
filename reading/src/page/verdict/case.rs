//! What the rules look at: a short page's title, headings and text in one spelling.

use super::Marks;
use crate::page::block::{Block, Kind, boundary_at_or_before};
use crate::page::clues::Clues;
use crate::page::kind::PageKind;

/// Pages with more words of main content than this are what they say they are.
pub(super) const WORDS_MAX: u32 = 400;
/// Of the text of a short page this much is searched for phrases; 400 words have half as much.
const TEXT_BYTES_MAX: usize = 6_144;
/// First headings that are looked at.
const HEADINGS_MAX: usize = 4;

/// A short page as the rules see it. All text is in lower case with straight apostrophes and single blanks.
pub(crate) struct Case {
    /// The whole title, and its parts between bars and dashes.
    pub(super) titles: Vec<String>,
    /// The first headings of the first or second level.
    pub(super) headings: Vec<String>,
    /// The beginning of all text.
    pub(super) text: String,
    /// The beginning of the main content.
    pub(super) content: String,
    /// The beginning of what readers without scripts are shown.
    pub(super) noscript: String,
    /// What elements say.
    pub(super) marks: Marks,
    /// The page runs scripts.
    pub(super) scripts: bool,
    /// Words of all text.
    pub(super) all: u32,
    /// Words of main content.
    pub(super) kept: u32,
    /// Words of main content in blocks that do not speak of cookies or consent.
    pub(super) other: u32,
    /// The page says that it is an article, a manual or a thread.
    pub(super) told: bool,
}

impl Case {
    pub(super) fn of<'a>(
        clues: &'a Clues,
        blocks: &'a [Block],
        content: impl Iterator<Item = &'a Block>,
        kept: u32,
    ) -> Self {
        let title = normal(clues.raw_title());
        let mut titles: Vec<String> = title
            .split(['|', '\u{2013}', '\u{2014}', '\u{b7}', '\u{bb}', '\u{2022}'])
            .flat_map(|part| part.split(" - "))
            .flat_map(|part| part.split(": "))
            .map(bare)
            .collect();
        titles.push(bare(&title));
        let ranked = |rank: u8| blocks.iter().filter(move |block| block.kind == Kind::Heading(rank));
        let headings =
            ranked(1).chain(ranked(2)).take(HEADINGS_MAX).map(|block| bare(&normal(&block.text))).collect();
        let mut main = String::new();
        let mut other = 0_u32;
        for block in content {
            let text = normal(&block.text);
            if !super::consent::speaks_of_consent(&text) {
                other = other.saturating_add(block.words);
            }
            if main.len() < TEXT_BYTES_MAX {
                main.push_str(&text);
                main.push(' ');
            }
        }
        let mut text = String::new();
        for block in blocks.iter().take_while({
            let mut bytes = 0_usize;
            move |block| {
                bytes = bytes.saturating_add(block.text.len());
                bytes < TEXT_BYTES_MAX
            }
        }) {
            text.push_str(&normal(&block.text));
            text.push(' ');
        }
        Self {
            titles,
            headings,
            text,
            content: main,
            noscript: normal(clues.noscript_text()),
            marks: clues.marks,
            scripts: clues.scripts,
            all: blocks.iter().fold(0_u32, |sum, block| sum.saturating_add(block.words)),
            kept,
            other,
            told: matches!(clues.best_kind(), PageKind::Article | PageKind::Documentation | PageKind::Forum),
        }
    }

    /// The title, a part of it or a heading is one of these words.
    pub(super) fn is_titled(&self, names: &[&str]) -> bool {
        self.titles.iter().any(|title| names.contains(&title.as_str()))
    }

    /// A heading is one of these.
    pub(super) fn is_headed(&self, names: &[&str]) -> bool {
        self.headings.iter().any(|heading| names.contains(&heading.as_str()))
    }

    /// How many of these stand in the text, which is main content where `main` says so.
    pub(super) fn says(&self, phrases: &[&str], main: bool) -> u32 {
        let text = if main { &self.content } else { &self.text };
        let found = phrases.iter().filter(|phrase| text.contains(**phrase)).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    }
}

/// The beginning of a text in one spelling.
fn normal(text: &str) -> String {
    let text = text.get(..boundary_at_or_before(text, TEXT_BYTES_MAX)).unwrap_or_default();
    let lower = text.to_lowercase().replace(['\u{2019}', '\u{2018}', '\u{60}', '\u{b4}'], "'");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without the marks around it.
fn bare(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}
