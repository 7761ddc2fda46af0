//! Words below each record of the skeleton.

use super::block::{Block, Kind};
use super::skeleton::Skeleton;

/// Sums over all blocks within each element; record 0 holds those of the page.
pub(crate) struct Sums {
    each: Vec<Sum>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    words: u32,
    links: u32,
    long: u32,
    count: u32,
}

/// A paragraph with at least this many words is told rather than labelled.
const LONG_WORDS_MIN: u32 = 20;

impl Sums {
    pub(crate) fn of<'a>(blocks: impl IntoIterator<Item = &'a Block>, skeleton: &Skeleton) -> Self {
        let mut each = vec![Sum::default(); skeleton.nodes().len()];
        for block in blocks {
            let long = if is_long(block) { block.words } else { 0 };
            let own = Sum { words: block.words, links: block.link_words, long, count: 1 };
            if let Some(sum) = each.get_mut(block.node as usize) {
                sum.add(own);
            }
        }
        for (place, node) in skeleton.nodes().iter().enumerate().skip(1).rev() {
            let own = each.get(place).copied().unwrap_or_default();
            if let Some(sum) = each.get_mut(node.parent as usize) {
                sum.add(own);
            }
        }
        Self { each }
    }

    fn at(&self, place: u32) -> Sum {
        self.each.get(place as usize).copied().unwrap_or_default()
    }

    pub(crate) fn words(&self, place: u32) -> u32 {
        self.at(place).words
    }

    /// Words within links.
    pub(crate) fn links(&self, place: u32) -> u32 {
        self.at(place).links
    }

    /// Words of long paragraphs.
    pub(crate) fn long(&self, place: u32) -> u32 {
        self.at(place).long
    }

    /// Blocks.
    pub(crate) fn count(&self, place: u32) -> u32 {
        self.at(place).count
    }

    pub(crate) fn link_percent(&self, place: u32) -> u64 {
        let sum = self.at(place);
        percent(sum.links, sum.words)
    }
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.words = self.words.saturating_add(other.words);
        self.links = self.links.saturating_add(other.links);
        self.long = self.long.saturating_add(other.long);
        self.count = self.count.saturating_add(other.count);
    }
}

pub(crate) fn percent(part: u32, whole: u32) -> u64 {
    u64::from(part).saturating_mul(100).checked_div(u64::from(whole)).unwrap_or(0)
}

pub(crate) fn is_long(block: &Block) -> bool {
    block.kind == Kind::Text && block.words >= LONG_WORDS_MIN && percent(block.link_words, block.words) < 33
}
