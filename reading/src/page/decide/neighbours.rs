//! Blocks that belong to their neighbours: the rest of a kept table or list, code between kept blocks, headings of kept
//! sections. The model judges each block by itself and misses some.

use super::lists::list_around;
use crate::page::block::{Block, Kind};
use crate::page::skeleton::{Skeleton, Traits};
use crate::page::sums::percent;
use crate::page::tables::Tables;
use crate::page::tag::Tag;
use std::collections::BTreeMap;

/// Of a data table's words, in percent, when the rest follows.
const TABLE_PERCENT_MIN: u64 = 50;
/// Of the words of a list's own items, in percent, when the rest follows.
const LIST_PERCENT_MIN: u64 = 80;

/// Blocks between the page's heading and its text, at most: a table of contents of two hundred lines.
const LEAD_BLOCKS_MAX: usize = 250;
/// Fewer words are a label, a byline or a date.
const LEAD_WORDS_MIN: u32 = 10;
/// Of a lead's words within links, in percent, at most.
const LEAD_LINK_PERCENT_MAX: u64 = 40;

/// Keeps what belongs to kept blocks.
pub(crate) fn complete(blocks: &[Block], skeleton: &Skeleton, tables: &Tables, keep: &mut [bool]) {
    complete_groups(blocks, keep, TABLE_PERCENT_MIN, |block| tables.data_table(block));
    complete_groups(blocks, keep, LIST_PERCENT_MIN, |block| list_around(block.node, skeleton));
    keep_lead(blocks, skeleton, keep);
    keep_code(blocks, keep);
    keep_headings(blocks, skeleton, keep);
}

/// What is told between the page's heading and the first kept block, in an element like those of kept paragraphs, belongs
/// to the text, and the heading with it: the model misses a lead between a long table of contents and the rest.
fn keep_lead(blocks: &[Block], skeleton: &Skeleton, keep: &mut [bool]) {
    const AWAY: Traits = Traits::NAV
        .or(Traits::FOOTER)
        .or(Traits::ASIDE)
        .or(Traits::DIALOG)
        .or(Traits::FORM)
        .or(Traits::COOKIE)
        .or(Traits::SIDEBAR)
        .or(Traits::CONTENTS)
        .or(Traits::RELATED)
        .or(Traits::NEWSLETTER)
        .or(Traits::POPUP)
        .or(Traits::AD)
        .or(Traits::COMMENT)
        .or(Traits::LOGIN);
    let Some(first) = keep.iter().position(|kept| *kept) else { return };
    // The looks of a paragraph and of what holds it.
    let looks = |block: &Block| {
        let own = skeleton.get(block.node).filter(|node| matches!(node.tag, Tag::P | Tag::Div))?;
        let holder = skeleton.get(own.parent)?;
        Some((own.tag, own.look, holder.tag, holder.look))
    };
    let text = blocks.iter().skip(first).take(LEAD_BLOCKS_MAX).zip(keep.iter().skip(first));
    let of_text: Vec<_> = text
        .filter(|(block, kept)| **kept && !block.is_code())
        .filter_map(|(block, _)| looks(block))
        .collect();
    let before = blocks.iter().enumerate().take(first).rev().take(LEAD_BLOCKS_MAX);
    let mut told: Vec<usize> = Vec::new();
    for (index, block) in before {
        let away = skeleton.nearest(block.node, |node| node.traits.any(AWAY)).is_some();
        match block.kind {
            Kind::Heading(1 | 2) if !away => {
                if !told.is_empty() {
                    told.push(index);
                    for index in told {
                        if let Some(keep) = keep.get_mut(index) {
                            *keep = true;
                        }
                    }
                }
                return;
            }
            _ if away || percent(block.link_words, block.words) > LEAD_LINK_PERCENT_MAX => {}
            _ if block.words >= LEAD_WORDS_MIN && looks(block).is_some_and(|own| of_text.contains(&own)) => {
                told.push(index)
            }
            _ => {}
        }
    }
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
            block
                .push_flow("some words to be read, and then some more of them, to the end", Style::default());
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
    fn a_lead_below_the_heading_stays_with_it_where_it_stands_as_the_text_does() {
        let page = [("h1", 0, false), ("li", 0, false), ("p", 0, false), ("pre", 0, false), ("p", 0, true)];
        assert_eq!(completed(&page), [true, false, true, true, true]);
        let page =
            [("p", 0, false), ("h1", 0, false), ("section", 0, false), ("p", 3, false), ("p", 0, true)];
        assert_eq!(completed(&page), [false, false, false, true], "what stands elsewhere is no lead");
        let page = [("h1", 0, false), ("h2", 0, false), ("p", 0, false), ("h1", 0, false), ("p", 0, true)];
        assert_eq!(completed(&page), [false, false, false, false, true], "nothing is told below the heading");
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
