//! What a page tells about its text beside the text: its description, and its body in JSON-LD. A block that says the same
//! is content, and where the description stands the content begins.

use super::share;
use super::text::word_hashes;
use crate::page::block::Block;

/// Runs of words of a text, to be found again in blocks.
pub(super) struct Told {
    runs: Vec<u64>,
}

/// A description with fewer runs is a slogan that may stand anywhere.
const LEAD_RUNS_MIN: usize = 6;
/// Words per run: two in a row are shared by chance, three hardly ever.
const RUN_WORDS: usize = 3;
/// Of a text this many words are looked at: longer than all but a few of 1,497 real pages.
const TOLD_WORDS_MAX: usize = 20_000;

impl Told {
    pub(super) fn of(text: &str) -> Self {
        let mut runs: Vec<u64> = runs(text).take(TOLD_WORDS_MAX).collect();
        runs.sort_unstable();
        runs.dedup();
        Self { runs }
    }

    /// Share of the block's runs of words that the text has too, in percent.
    pub(super) fn overlap(&self, block: &Block) -> u16 {
        if self.runs.is_empty() {
            return 0;
        }
        let (mut all, mut found) = (0_usize, 0_usize);
        for run in runs(&block.text) {
            all = all.saturating_add(1);
            found = found.saturating_add(usize::from(self.runs.binary_search(&run).is_ok()));
        }
        u16::try_from(share(found, all)).unwrap_or(100)
    }

    /// Runs that were told.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.runs.len()).unwrap_or(u32::MAX)
    }

    /// The first block that has most of the text, or begins it, 1-based; 0 when none does.
    pub(super) fn leads(&self, blocks: &[Block]) -> u32 {
        let enough = self.runs.len().div_ceil(2);
        if self.runs.len() < LEAD_RUNS_MIN {
            return 0;
        }
        let leads = |block: &Block| {
            block.words as usize >= enough
                && runs(&block.text).filter(|run| self.runs.binary_search(run).is_ok()).count() >= enough
        };
        (1_u32..).zip(blocks).find(|(_, block)| leads(block)).map_or(0, |(number, _)| number)
    }
}

/// Hashes of all runs of [`RUN_WORDS`] words.
fn runs(text: &str) -> impl Iterator<Item = u64> {
    let mut last = [0_u64; RUN_WORDS];
    word_hashes(text).enumerate().filter_map(move |(index, word)| {
        last.rotate_left(1);
        if let Some(slot) = last.last_mut() {
            *slot = word;
        }
        (index.saturating_add(1) >= RUN_WORDS).then(|| {
            last.iter().fold(0, |run: u64, word| run.rotate_left(21).wrapping_mul(31).wrapping_add(*word))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::block::Style;

    #[test]
    fn what_the_page_tells_elsewhere_is_found_again() {
        let told = Told::of("The ferry runs on batteries, and it has done so since spring.");
        let block = |text: &str| {
            let mut block = Block::default();
            block.push_flow(text, Style::default());
            block.finish();
            block
        };
        assert_eq!(told.overlap(&block("The ferry runs on batteries")), 100);
        assert_eq!(told.overlap(&block("The ferry crosses the bay on batteries")), 0);
        assert_eq!(Told::of("").overlap(&block("The ferry runs")), 0);
    }
}
