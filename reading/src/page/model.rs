//! How likely each block is main content: gradient-boosted oblivious trees over the numbers of `features`.
//!
//! The tables are made by `train/train.py` from pages with hand-checked main content (WCXB development split, CC-BY-4.0;
//! `train/README.md`). Every level of an oblivious tree asks one question, so a tree is a table of 2^depth values and its
//! path needs no branch: many blocks go through at once.

use super::features::{COUNT, Features, Row};

/// The model's tables, in the layout that `train/train.py` writes; all numbers little-endian.
const TABLES: &[u8] = include_bytes!("model.bin");
/// Blocks that are scored at once: two vectors of bytes.
const LANES: usize = 32;
/// Questions that a tree asks.
const DEPTH: usize = 6;
const LEAVES: usize = 1 << DEPTH;
/// Steps of the table that turns a score into a chance.
const CHANCES: usize = 256;
/// Bias and step of the scores, the chances, and how many borders there are.
const HEAD_BYTES: usize = 8 + CHANCES * 2 + 2;
/// Borders that trees ask for. Each is one number's place (1 byte) and what it must exceed (2 bytes).
const BORDERS: usize = match TABLES.split_at(HEAD_BYTES).0.last_chunk::<2>() {
    Some(count) => u16::from_le_bytes(*count) as usize,
    None => 0,
};
const BORDER_BYTES: usize = 3;
/// A tree: per question the place of its border (2 bytes), then its values (2 bytes each).
const TREE_BYTES: usize = DEPTH * 2 + LEAVES * 2;

/// A chance of 1.
pub(crate) const CERTAIN: u32 = 10_000;

/// Per block its chance of being main content, in parts of [`CERTAIN`].
pub(crate) fn chances(features: &Features<'_>, blocks: usize) -> Vec<u32> {
    #[cfg(feature = "training")]
    if let Some(given) = super::training::given_chances(blocks) {
        return given;
    }
    scores(features, blocks).into_iter().map(chance).collect()
}

/// Per block its raw score, a sum of table values: the trainer gets the same to the bit.
pub(super) fn scores(features: &Features<'_>, blocks: usize) -> Vec<i32> {
    let (borders, trees) =
        TABLES.split_at_checked(HEAD_BYTES.saturating_add(BORDERS * BORDER_BYTES)).unwrap_or_default();
    let (borders, _) = borders.get(HEAD_BYTES..).unwrap_or_default().as_chunks::<BORDER_BYTES>();
    let mut scores = Vec::with_capacity(blocks);
    let mut row: Row = [0; COUNT];
    let mut columns = [[0_i16; LANES]; COUNT];
    let mut exceeds = [[0_u8; LANES]; BORDERS];
    for first in (0..blocks).step_by(LANES) {
        let lanes = LANES.min(blocks.saturating_sub(first));
        for lane in 0..lanes {
            features.row(first.saturating_add(lane), &mut row);
            for (column, number) in columns.iter_mut().zip(row) {
                if let Some(slot) = column.get_mut(lane) {
                    *slot = signed(number);
                }
            }
        }
        // Trees share their borders: each is compared once.
        for (exceeds, [place, low, high]) in exceeds.iter_mut().zip(borders) {
            let Some(column) = columns.get(usize::from(*place)) else { continue };
            let border = signed(u16::from_le_bytes([*low, *high]));
            for (exceeds, number) in exceeds.iter_mut().zip(column) {
                *exceeds = if *number > border { u8::MAX } else { 0 };
            }
        }
        let mut sums = [bias(); LANES];
        for tree in trees.as_chunks::<TREE_BYTES>().0 {
            add_tree(tree, &exceeds, &mut sums);
        }
        scores.extend(sums.iter().take(lanes));
    }
    scores
}

fn add_tree(tree: &[u8; TREE_BYTES], exceeds: &[[u8; LANES]; BORDERS], sums: &mut [i32; LANES]) {
    let (questions, _) = tree.as_chunks::<2>();
    let (questions, values) = questions.split_at_checked(DEPTH).unwrap_or_default();
    let Some(values) = values.first_chunk::<LEAVES>() else { return };
    let mut leaves = [0_u8; LANES];
    for (level, question) in questions.iter().enumerate() {
        let Some(exceeds) = exceeds.get(usize::from(u16::from_le_bytes(*question))) else { return };
        for (leaf, exceeds) in leaves.iter_mut().zip(exceeds) {
            *leaf |= exceeds & (1 << level);
        }
    }
    for (sum, leaf) in sums.iter_mut().zip(leaves) {
        let value = values.get(usize::from(leaf) % LEAVES).copied().unwrap_or_default();
        *sum = sum.wrapping_add(i32::from(i16::from_le_bytes(value)));
    }
}

/// The same order in signed numbers: the oldest vector instructions compare no others.
fn signed(number: u16) -> i16 {
    (number ^ 0x8000).cast_signed()
}

fn bias() -> i32 {
    number(0)
}

fn number(at: usize) -> i32 {
    let bytes = TABLES.get(at..).and_then(|rest| rest.first_chunk::<4>());
    bytes.map_or(0, |bytes| i32::from_le_bytes(*bytes))
}

/// The chance that a block with this score is main content, in parts of [`CERTAIN`].
pub(super) fn chance(score: i32) -> u32 {
    let middle = i32::try_from(CHANCES / 2).unwrap_or(0);
    let step = score.checked_div_euclid(number(4)).unwrap_or(0).saturating_add(middle);
    let step = usize::try_from(step.max(0)).unwrap_or(0).min(CHANCES - 1);
    let at = step.saturating_mul(2).saturating_add(8);
    let bytes = TABLES.get(at..).and_then(|rest| rest.first_chunk::<2>());
    bytes.map_or(0, |bytes| u32::from(u16::from_le_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        let (borders, trees) = TABLES[HEAD_BYTES..].split_at(BORDERS * BORDER_BYTES);
        assert!(borders.chunks_exact(BORDER_BYTES).all(|border| usize::from(border[0]) < COUNT));
        assert_eq!(trees.len() % TREE_BYTES, 0, "{} bytes are no whole number of trees", trees.len());
        assert!(trees.len() / TREE_BYTES >= 100, "{} trees", trees.len() / TREE_BYTES);
        for tree in trees.chunks_exact(TREE_BYTES) {
            for question in tree[..DEPTH * 2].chunks_exact(2) {
                let border = usize::from(u16::from_le_bytes([question[0], question[1]]));
                assert!(border < BORDERS, "a question about border {border}");
            }
        }
    }

    #[test]
    fn a_higher_score_is_a_higher_chance() {
        let chances: Vec<u32> = (-200..200).map(|step| chance(step * number(4))).collect();
        assert!(chances.is_sorted(), "{chances:?}");
        assert!(chances[0] < 100 && chances[399] > 9_900, "{} to {}", chances[0], chances[399]);
        assert!((4_000..6_000).contains(&chance(0)), "{}", chance(0));
    }
}
