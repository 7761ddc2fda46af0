//! Blocks that stand alike: the same kind of text in elements of the same look, wherever on the page. All paragraphs of
//! an article do, and so do all entries of a menu.

use super::tags::tag_code;
use super::{kind_code, permille};
use crate::page::block::Block;
use crate::page::skeleton::Skeleton;
use crate::page::sums::percent;

/// Per block the numbers of its group.
pub(super) struct Paths {
    group_of: Vec<u32>,
    groups: Vec<Group>,
    total: u32,
}

#[derive(Clone, Copy, Default)]
struct Group {
    count: u32,
    words: u32,
    links: u32,
    /// 1 for the group with the most words.
    rank: u32,
}

/// Numbers that describe a block's group.
pub(super) const PATH_NUMBERS: usize = 5;
/// Elements upwards from a block that make up its path: a paragraph, what holds it, and what holds that.
const LEVELS: usize = 3;

impl Paths {
    pub(super) fn of(blocks: &[Block], skeleton: &Skeleton) -> Self {
        let mut order: Vec<(u64, usize)> =
            blocks.iter().enumerate().map(|(index, block)| (path(block, skeleton), index)).collect();
        order.sort_unstable();
        let mut group_of = vec![0; blocks.len()];
        let mut groups: Vec<Group> = Vec::new();
        let mut total = 0_u32;
        for members in order.chunk_by(|a, b| a.0 == b.0) {
            let mut group = Group::default();
            for (_, index) in members {
                if let (Some(slot), Some(block)) = (group_of.get_mut(*index), blocks.get(*index)) {
                    *slot = u32::try_from(groups.len()).unwrap_or(u32::MAX);
                    group.count = group.count.saturating_add(1);
                    group.words = group.words.saturating_add(block.words);
                    group.links = group.links.saturating_add(block.link_words);
                }
            }
            total = total.saturating_add(group.words);
            groups.push(group);
        }
        let mut by_words: Vec<&mut Group> = groups.iter_mut().collect();
        // Groups of the same size keep the order of their paths, which is the same on every machine.
        by_words.sort_by_key(|group| std::cmp::Reverse(group.words));
        for (rank, group) in (1_u32..).zip(by_words) {
            group.rank = rank;
        }
        Self { group_of, groups, total }
    }

    /// Members, their share of the page's words, words of a member, link words in percent, rank.
    pub(super) fn numbers(&self, index: usize) -> [u64; PATH_NUMBERS] {
        let group = self.group_of.get(index).and_then(|place| self.groups.get(*place as usize));
        let group = group.copied().unwrap_or_default();
        [
            group.count.into(),
            permille(group.words, self.total),
            group.words.checked_div(group.count).unwrap_or(0).into(),
            percent(group.links, group.words),
            group.rank.into(),
        ]
    }
}

fn path(block: &Block, skeleton: &Skeleton) -> u64 {
    let start = u64::from(kind_code(block)).wrapping_add(0xcbf2_9ce4_8422_2325);
    skeleton.ancestry(block.node).take(LEVELS).fold(start, |hash, (_, node)| {
        let look = u64::from(node.look).wrapping_mul(64).wrapping_add(u64::from(tag_code(node.tag)));
        (hash ^ look).wrapping_mul(0x0100_0000_01b3)
    })
}
