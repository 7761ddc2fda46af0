//! What a page tells about its text beside the text: its description, its body in JSON-LD, its author. A block that says
//! the same is content, where the description stands the content begins, and what names the author is often a byline or
//! a note about them.

use super::share;
use super::text::{label_percent, overlap, word_hashes, words_of};
use crate::page::block::Block;
use crate::page::clues::Clues;

/// What each block has in common with what is told elsewhere.
pub(super) struct Told {
    /// Per block the share of it that the body tells too, that the description tells too, and the share of the author's
    /// name that it holds, in percent.
    shares: Vec<[u16; 3]>,
    /// Per block the words that are in the title too, in percent.
    pub(super) titled: Vec<u16>,
    /// Per block the words that labels of a page's furniture are made of, in percent.
    pub(super) labels: Vec<u16>,
    /// The first block that has most of the description, 1-based; 0 when none does.
    pub(super) lead_at: u32,
    /// Words of the body, about.
    pub(super) words: u32,
}

/// Words per run: two in a row are shared by chance, three hardly ever.
const RUN_WORDS: usize = 3;
/// Of a text this many words are looked at: longer than all but a few of 1,497 real pages.
const TOLD_WORDS_MAX: usize = 20_000;
/// A description with fewer runs is a slogan that may stand anywhere.
const LEAD_RUNS_MIN: usize = 6;
/// A longer block that names the author is told by them rather than about them.
const NAMING_WORDS_MAX: u32 = 150;

impl Told {
    pub(super) fn of(blocks: &[Block], clues: &Clues, title_words: &[u64]) -> Self {
        let body = runs_of(clues.said_body());
        let description = runs_of(clues.description());
        let author = words_of(&[&clues.best_author(Vec::new(), None, "").unwrap_or_default()]);
        let enough = description.sorted.len().div_ceil(2);
        let mut told = Self {
            shares: Vec::with_capacity(blocks.len()),
            titled: Vec::with_capacity(blocks.len()),
            labels: Vec::with_capacity(blocks.len()),
            lead_at: 0,
            words: u32::try_from(body.sorted.len()).unwrap_or(u32::MAX),
        };
        let mut words: Vec<u64> = Vec::new();
        for (number, block) in (1_u32..).zip(blocks) {
            words.clear();
            words.extend(word_hashes(&block.text));
            told.titled.push(overlap(block, &words, title_words));
            told.labels.push(label_percent(block, &words));
            let (mut all, mut in_body, mut in_description) = (0_usize, 0_usize, 0_usize);
            for run in runs(&words) {
                all = all.saturating_add(1);
                in_body = in_body.saturating_add(usize::from(body.has(run)));
                in_description = in_description.saturating_add(usize::from(description.has(run)));
            }
            if told.lead_at == 0 && description.sorted.len() >= LEAD_RUNS_MIN && in_description >= enough {
                told.lead_at = number;
            }
            let named = if block.words > NAMING_WORDS_MAX {
                0
            } else {
                author.iter().filter(|name| words.contains(*name)).count()
            };
            let percent = |part, whole| u16::try_from(share(part, whole)).unwrap_or(100);
            told.shares.push([
                percent(in_body, all),
                percent(in_description, all),
                percent(named, author.len()),
            ]);
        }
        told
    }

    pub(super) fn shares(&self, index: usize) -> [u16; 3] {
        self.shares.get(index).copied().unwrap_or_default()
    }
}

/// The runs of a text.
struct Runs {
    sorted: Vec<u64>,
    /// A bit for each run, by its own highest bits: most runs of other texts have none here, and need not be looked up.
    seen: [u64; RUNS_SEEN / 64],
}

/// Twice the runs of a body of 500 words.
const RUNS_SEEN: usize = 1_024;

impl Runs {
    fn has(&self, run: u64) -> bool {
        let (word, bit) = Self::place(run);
        self.seen.get(word).is_some_and(|seen| seen & bit != 0) && self.sorted.binary_search(&run).is_ok()
    }

    fn place(run: u64) -> (usize, u64) {
        let place = usize::try_from(run >> 54).unwrap_or(0);
        (place / 64, 1 << (place % 64))
    }
}

fn runs_of(text: &str) -> Runs {
    let words: Vec<u64> = word_hashes(text).take(TOLD_WORDS_MAX).collect();
    let mut sorted: Vec<u64> = runs(&words).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut seen = [0; RUNS_SEEN / 64];
    for run in &sorted {
        let (word, bit) = Runs::place(*run);
        if let Some(seen) = seen.get_mut(word) {
            *seen |= bit;
        }
    }
    Runs { sorted, seen }
}

/// Hashes of all runs of [`RUN_WORDS`] words.
fn runs(words: &[u64]) -> impl Iterator<Item = u64> {
    words.windows(RUN_WORDS).map(|window| {
        window.iter().fold(0, |run: u64, word| run.rotate_left(21).wrapping_mul(31).wrapping_add(*word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::block::Style;

    #[test]
    fn what_the_page_tells_elsewhere_is_found_again() {
        let mut clues = Clues::default();
        clues.meta("description", "The ferry runs on batteries, and it has done so since spring.");
        clues.meta("author", "Ada Lovelace");
        let blocks =
            ["By Ada Lovelace", "The ferry runs on batteries, and it has done so since May", "A ferry"];
        let blocks = blocks.map(|text| {
            let mut block = Block::default();
            block.push_flow(text, Style::default());
            block.finish();
            block
        });
        let told = Told::of(&blocks, &clues, &words_of(&["A ferry"]));
        assert_eq!(told.shares(0), [0, 0, 100]);
        assert_eq!(told.shares(1), [0, 90, 0]);
        assert_eq!(told.shares(2), [0, 0, 0]);
        assert_eq!((told.lead_at, told.words), (2, 0));
        assert_eq!(told.titled, [0, 8, 100]);
    }
}
