//! Blocks that belong to their neighbours: the rest of a kept table or list, code between kept blocks, headings of kept
//! sections. The model judges each block by itself and misses some.

use crate::page::block::{Block, Kind};
use crate::page::skeleton::Skeleton;
use crate::page::sums::percent;
use crate::page::tables::Tables;
use crate::page::tag::Tag;
use std::collections::BTreeMap;

/// Of a data table's words, in percent, when the rest follows.
const TABLE_PERCENT_MIN: u64 = 50;
/// Of the words of a list's own items, in percent, when the rest follows.
const LIST_PERCENT_MIN: u64 = 80;

/// Keeps what belongs to kept blocks.
pub(crate) fn complete(blocks: &[Block], skeleton: &Skeleton, tables: &Tables, keep: &mut [bool]) {
    complete_groups(blocks, keep, TABLE_PERCENT_MIN, |block| tables.data_table(block));
    complete_groups(blocks, keep, LIST_PERCENT_MIN, |block| {
        let item = skeleton.nearest(block.node, |node| matches!(node.tag, Tag::Li | Tag::Dt | Tag::Dd))?;
        let list = skeleton.nearest(item.1.parent, |node| matches!(node.tag, Tag::Ul | Tag::Ol | Tag::Dl))?;
        Some(list.0)
    });
    keep_code(blocks, keep);
    keep_headings(blocks, skeleton, keep);
}

/// Keeps whole groups of which most is kept.
fn complete_groups(
    blocks: &[Block],
    keep: &mut [bool],
    percent_min: u64,
    group: impl Fn(&Block) -> Option<u32>,
) {
    let mut words: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    let groups: Vec<Option<u32>> = blocks.iter().map(group).collect();
    for ((block, kept), group) in blocks.iter().zip(keep.iter()).zip(&groups) {
        let Some(group) = group else { continue };
        let (all, of_kept) = words.entry(*group).or_default();
        *all = all.saturating_add(block.words);
        *of_kept = of_kept.saturating_add(if *kept { block.words } else { 0 });
    }
    for (kept, group) in keep.iter_mut().zip(&groups) {
        let sums = group.and_then(|group| words.get(&group));
        *kept |= sums.is_some_and(|(all, of_kept)| *of_kept > 0 && percent(*of_kept, *all) >= percent_min);
    }
}

/// Code with kept blocks on both sides.
fn keep_code(blocks: &[Block], keep: &mut [bool]) {
    let mut before = false;
    let mut waiting: Vec<usize> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        if keep.get(index).copied().unwrap_or(false) {
            for index in waiting.drain(..) {
                if let Some(keep) = keep.get_mut(index) {
                    *keep = true;
                }
            }
            before = true;
        } else if before && block.is_code() {
            waiting.push(index);
        } else {
            before = false;
            waiting.clear();
        }
    }
}

/// A heading right above a kept block of its own section, if something is kept before it too.
fn keep_headings(blocks: &[Block], skeleton: &Skeleton, keep: &mut [bool]) {
    let Some(first) = keep.iter().position(|kept| *kept) else { return };
    let mut below: Option<u32> = None;
    for (index, block) in blocks.iter().enumerate().skip(first).rev() {
        let Some(keep) = keep.get_mut(index) else { return };
        if !*keep && matches!(block.kind, Kind::Heading(_)) {
            let section = skeleton.get(block.node).map_or(0, |node| node.parent);
            *keep = below.is_some_and(|below| skeleton.ancestry(below).any(|(place, _)| place == section));
        }
        below = keep.then_some(block.node);
    }
}

#[cfg(test)]
mod tests {
    use crate::page::block::{Block, Kind, Style};
    use crate::page::skeleton::{Node, Skeleton, Traits};
    use crate::page::tables::Tables;
    use crate::page::tag::Tag;

    /// Blocks of these elements, each in its own record right below the last container before it.
    fn completed(elements: &[(&str, u32, bool)]) -> Vec<bool> {
        let mut skeleton = Skeleton::new();
        let (mut blocks, mut keep) = (Vec::new(), Vec::new());
        for (name, parent, kept) in elements {
            let tag = Tag::of(name);
            let node = skeleton.push(Node {
                parent: *parent,
                tag,
                traits: Traits::NONE,
                number: 0,
                columns: 1,
                rows: 1,
                look: 0,
            });
            if matches!(tag, Tag::Ul | Tag::Section | Tag::Figure) {
                continue;
            }
            let kind = match tag {
                Tag::Heading(level) => Kind::Heading(level),
                Tag::Pre => Kind::Code(String::new()),
                _ => Kind::Text,
            };
            let mut block = Block { node, kind, ..Block::default() };
            block.push_flow("some words to be read", Style::default());
            block.finish();
            blocks.push(block);
            keep.push(*kept);
        }
        let tables = Tables::find(&skeleton, &blocks);
        super::complete(&blocks, &skeleton, &tables, &mut keep);
        keep
    }

    #[test]
    fn a_list_that_is_mostly_kept_is_kept_whole() {
        let list = [
            ("ul", 0, false),
            ("li", 1, false),
            ("li", 1, true),
            ("li", 1, true),
            ("li", 1, true),
            ("li", 1, true),
        ];
        assert_eq!(completed(&list), [true; 5]);
        let list = [("ul", 0, false), ("li", 1, false), ("li", 1, false), ("li", 1, true)];
        assert_eq!(completed(&list), [false, false, true]);
    }

    #[test]
    fn code_stays_between_kept_blocks() {
        let page = [("p", 0, true), ("pre", 0, false), ("p", 0, true), ("pre", 0, false)];
        assert_eq!(completed(&page), [true, true, true, false]);
    }

    #[test]
    fn a_heading_stays_above_kept_text_of_its_own_section() {
        let page = [("p", 0, true), ("section", 0, false), ("h2", 2, false), ("p", 2, true)];
        assert_eq!(completed(&page), [true, true, true]);
        let page = [("p", 0, true), ("section", 0, false), ("h2", 2, false), ("p", 0, true)];
        assert_eq!(completed(&page), [true, false, true]);
    }
}
