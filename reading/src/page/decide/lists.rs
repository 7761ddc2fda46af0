//! Lists between kept texts. The model judges each item by itself, and short items say little about themselves.

use crate::page::block::{Block, Kind};
use crate::page::skeleton::Skeleton;
use crate::page::tag::Tag;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Of the bar, in percent, what the items' mean chance must reach: menus between texts stay below.
const MEAN_PERCENT_MIN: u64 = 20;

/// The items of one list.
struct List {
    words: u64,
    /// Chances by words.
    chances: u64,
    /// From the first to the last of its blocks.
    span: RangeInclusive<usize>,
}

/// Keeps a list right behind a kept block that leads in to it, or between two kept blocks, unless its items speak clearly
/// against it.
pub(super) fn keep_lists(
    blocks: &[Block],
    chances: &[u32],
    skeleton: &Skeleton,
    bar: u64,
    keep: &mut [bool],
) {
    let list_of: Vec<Option<u32>> = blocks.iter().map(|block| list_around(block.node, skeleton)).collect();
    let mut lists: BTreeMap<u32, List> = BTreeMap::new();
    for (index, ((block, chance), place)) in blocks.iter().zip(chances).zip(&list_of).enumerate() {
        let Some(place) = place else { continue };
        let list = lists.entry(*place).or_insert(List { words: 0, chances: 0, span: index..=index });
        let words = u64::from(block.words);
        list.words = list.words.saturating_add(words);
        list.chances = list.chances.saturating_add(words.saturating_mul(u64::from(*chance)));
        list.span = *list.span.start()..=index;
    }
    for (place, list) in lists {
        let mean = list.chances.checked_div(list.words).unwrap_or(0);
        if mean.saturating_mul(100) < bar.saturating_mul(MEAN_PERCENT_MIN) {
            continue;
        }
        let is_kept = |index: &usize| keep.get(*index).copied().unwrap_or(false);
        let before = list.span.start().checked_sub(1).filter(is_kept).and_then(|index| blocks.get(index));
        let Some(before) = before else { continue };
        if leads_in(before) || is_kept(&list.span.end().saturating_add(1)) {
            let items = list_of.get(list.span.clone()).unwrap_or_default().iter();
            for (kept, own) in keep.iter_mut().skip(*list.span.start()).zip(items) {
                *kept |= *own == Some(place);
            }
        }
    }
}

/// The innermost list of whose items the record is one, or in one.
pub(super) fn list_around(node: u32, skeleton: &Skeleton) -> Option<u32> {
    let (_, item) = skeleton.nearest(node, |node| matches!(node.tag, Tag::Li | Tag::Dt | Tag::Dd))?;
    let list = skeleton.nearest(item.parent, |node| matches!(node.tag, Tag::Ul | Tag::Ol | Tag::Dl))?;
    Some(list.0)
}

fn leads_in(block: &Block) -> bool {
    matches!(block.kind, Kind::Heading(_)) || block.text.ends_with([':', '\u{ff1a}'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::block::Style;
    use crate::page::skeleton::{Node, Traits};

    /// What is kept of a paragraph, a list of two items and a paragraph at a bar of 4,000.
    fn kept(before: &str, chances: [u32; 4]) -> Vec<bool> {
        let mut skeleton = Skeleton::new();
        let mut node = |tag, parent| {
            let traits = Traits::NONE;
            skeleton.push(Node { parent, tag, traits, number: 0, columns: 1, rows: 1, look: 0 })
        };
        let first = node(Tag::P, 0);
        let list = node(Tag::Ul, 0);
        let places = [first, node(Tag::Li, list), node(Tag::Li, list), node(Tag::P, 0)];
        let texts = [before, "an item", "another item", "the rest"];
        let blocks: Vec<Block> = places
            .into_iter()
            .zip(texts)
            .map(|(node, text)| {
                let mut block = Block { node, ..Block::default() };
                block.push_flow(text, Style::default());
                block.finish();
                block
            })
            .collect();
        let mut keep: Vec<bool> = chances.iter().map(|chance| *chance >= 4_000).collect();
        keep_lists(&blocks, &chances, &skeleton, 4_000, &mut keep);
        keep
    }

    #[test]
    fn a_list_stays_between_kept_texts_and_behind_a_word_that_leads_in() {
        assert_eq!(kept("Some words.", [9_000, 2_000, 2_000, 9_000]), [true; 4]);
        assert_eq!(kept("Some words:", [9_000, 2_000, 2_000, 0]), [true, true, true, false]);
    }

    #[test]
    fn a_list_goes_whose_items_speak_against_it_or_that_nothing_leads_to() {
        assert_eq!(kept("Some words:", [9_000, 500, 500, 9_000]), [true, false, false, true]);
        assert_eq!(kept("Some words.", [9_000, 2_000, 2_000, 0]), [true, false, false, false]);
        assert_eq!(kept("Some words:", [0, 2_000, 2_000, 9_000]), [false, false, false, true]);
    }
}
