//! What stands around a block: siblings that look alike, and the elements that may hold the content.

use super::tags::tag_code;
use crate::page::block::Block;
use crate::page::skeleton::{Skeleton, Traits};
use crate::page::sums::{Sums, is_long, percent};

/// All siblings of one look together.
#[derive(Clone, Copy, Default)]
pub(super) struct Alike {
    pub(super) count: u32,
    pub(super) words: u32,
    pub(super) links: u32,
}

pub(super) fn alike(skeleton: &Skeleton, sums: &Sums) -> Vec<Alike> {
    let mut order: Vec<(u32, u32, u32)> = (0_u32..)
        .zip(skeleton.nodes())
        .map(|(place, node)| (node.parent, node.look.wrapping_add(u32::from(tag_code(node.tag))), place))
        .collect();
    order.sort_unstable();
    let mut found = vec![Alike::default(); order.len()];
    for group in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let mut total = Alike::default();
        for (_, _, place) in group {
            total.count = total.count.saturating_add(u32::from(sums.words(*place) > 0));
            total.words = total.words.saturating_add(sums.words(*place));
            total.links = total.links.saturating_add(sums.links(*place));
        }
        for (_, _, place) in group {
            if let Some(slot) = found.get_mut(*place as usize) {
                *slot = total;
            }
        }
    }
    found
}

/// Elements that may hold the content: the one whose children tell most (as Readability finds it), the deepest with 80
/// and with 50 % of the long paragraphs, and the largest `main` or `article`.
pub(super) fn candidates(blocks: &[Block], skeleton: &Skeleton, sums: &Sums) -> [u32; 4] {
    let mut told = vec![0_u32; skeleton.nodes().len()];
    let parent = |place: u32| skeleton.get(place).map_or(0, |node| node.parent);
    for block in blocks.iter().filter(|block| is_long(block)) {
        let holder = parent(block.node);
        for (place, words) in [(holder, block.words), (parent(holder), block.words / 2)] {
            if let Some(slot) = told.get_mut(place as usize) {
                *slot = slot.saturating_add(words);
            }
        }
    }
    let top = (0_u32..).zip(&told).max_by_key(|(place, told)| {
        let text = 100_u64.saturating_sub(sums.link_percent(*place));
        (u64::from(**told).saturating_mul(text), std::cmp::Reverse(*place))
    });
    let deepest = |share: u64| {
        (0_u32..)
            .zip(skeleton.nodes())
            .filter(|(place, _)| sums.long(0) > 0 && percent(sums.long(*place), sums.long(0)) >= share)
            .map(|(place, _)| place)
            .last()
            .unwrap_or(0)
    };
    let named = (1_u32..)
        .zip(skeleton.nodes().iter().skip(1))
        .filter(|(_, node)| node.traits.any(Traits::MAIN.or(Traits::ARTICLE)))
        .max_by_key(|(place, _)| (sums.words(*place), std::cmp::Reverse(*place)))
        .map_or(0, |(place, _)| place);
    [top.map_or(0, |(place, _)| place), deepest(80), deepest(50), named]
}

/// Per record how many levels above `candidate` the nearest element stands that holds both; 0 within it.
pub(super) fn distances(skeleton: &Skeleton, candidate: u32) -> Vec<u8> {
    let mut far: Vec<u8> = vec![u8::MAX; skeleton.nodes().len()];
    let chain = skeleton.ancestry(candidate).map(|(place, _)| place).chain([0]);
    for (level, place) in (0_u8..=60).zip(chain) {
        if let Some(slot) = far.get_mut(place as usize) {
            *slot = level.min(*slot);
        }
    }
    for (place, node) in skeleton.nodes().iter().enumerate() {
        let above = far.get(node.parent as usize).copied().unwrap_or(u8::MAX);
        if let Some(slot) = far.get_mut(place).filter(|slot| **slot == u8::MAX) {
            *slot = above;
        }
    }
    far
}
