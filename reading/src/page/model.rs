//! How likely each block is main content: gradient-boosted oblivious trees over the numbers of `features`.
//!
//! The tables are made by `train/train.py` from pages with hand-checked main content (WCXB development split, CC-BY-4.0;
//! `train/README.md`). Every level of an oblivious tree asks one question, so a tree is a table of 2^depth values and its
//! path needs no branch: many blocks go through at once.

use super::features::{COUNT, Features, NUMBER_MAX};

/// The model's tables, in the layout that `train/train.py` writes; all numbers little-endian.
const TABLES: &[u8] = include_bytes!("model.bin");
/// Blocks that are scored at once: a byte of two words for each. Words are worked on as wholes and loops over them written
/// out, since compilers that look to size make no vectors of loops.
const LANES: usize = 16;
/// Which of [`LANES`] blocks exceed a border, by the highest bits of their bytes.
type Exceeds = [u64; 2];
/// One number of each of [`LANES`] blocks, four in a word, each with its highest bit set, so that a difference never borrows
/// from its neighbour. Of the first eight blocks the odd ones stand in the first word and the even ones in the second.
type Column = [u64; 4];
/// The highest bits of four numbers in a word.
const TOPS: u64 = 0x8000_8000_8000_8000;
/// One in each of four numbers in a word.
const ONES: u64 = 0x0001_0001_0001_0001;
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
    let mut columns: [Column; COUNT] = [[TOPS; 4]; COUNT];
    let mut exceeds: [Exceeds; BORDERS] = [[0; 2]; BORDERS];
    // What exceeds a border is at least one more; one that no number reaches stands for a question that is not asked.
    let mut least = [0_u64; BORDERS];
    for (least, [_, low, high]) in least.iter_mut().zip(borders) {
        let border = u16::from_le_bytes([*low, *high]).min(NUMBER_MAX);
        *least = u64::from(border).wrapping_add(1).wrapping_mul(ONES);
    }
    for first in (0..blocks).step_by(LANES) {
        let lanes = LANES.min(blocks.saturating_sub(first));
        columns.fill([TOPS; 4]);
        for lane in 0..lanes {
            let word = lane / 8 * 2 + usize::from(lane % 2 == 0);
            let shift = lane % 8 / 2 * 16;
            features.row(first.saturating_add(lane), |place, number| {
                if let Some(word) = columns.get_mut(place).and_then(|column| column.get_mut(word)) {
                    *word |= u64::from(number) << shift;
                }
            });
        }
        // Trees share their borders: each is compared once.
        for ((exceeds, least), [place, ..]) in exceeds.iter_mut().zip(&least).zip(borders) {
            let [a, b, c, d] = columns.get(usize::from(*place)).copied().unwrap_or_default();
            let top = |numbers: u64| numbers.wrapping_sub(*least) & TOPS;
            *exceeds = [top(a) | (top(b) >> 8), top(c) | (top(d) >> 8)];
        }
        let mut sums = [bias(); LANES];
        for tree in trees.as_chunks::<TREE_BYTES>().0 {
            add_tree(tree, &exceeds, &mut sums);
        }
        scores.extend(sums.iter().take(lanes));
    }
    scores
}

#[inline(always)]
fn add_tree(tree: &[u8; TREE_BYTES], exceeds: &[Exceeds; BORDERS], sums: &mut [i32; LANES]) {
    let (questions, _) = tree.as_chunks::<2>();
    let (questions, values) = questions.split_at_checked(DEPTH).unwrap_or_default();
    let ([a, b, c, d, e, f], Some(values)) = (questions, values.first_chunk::<LEAVES>()) else { return };
    let answer = |question: &[u8; 2], level: u32| -> Exceeds {
        let place = usize::from(u16::from_le_bytes(*question));
        exceeds.get(place).map_or([0; 2], |[one, two]| [one >> (7 - level), two >> (7 - level)])
    };
    let leaves = [answer(a, 0), answer(b, 1), answer(c, 2), answer(d, 3), answer(e, 4), answer(f, 5)];
    let leaves = leaves.iter().fold([0_u64; 2], |all, answer| {
        let ([one, two], [more, others]) = (all, answer);
        [one | more, two | others]
    });
    let ([one, two], [first, second]) = (leaves, sums.as_chunks_mut::<8>().0) else { return };
    add_leaves(one, values, first);
    add_leaves(two, values, second);
}

#[inline(always)]
fn add_leaves(leaves: u64, values: &[[u8; 2]; LEAVES], sums: &mut [i32; 8]) {
    let add = |sum: &mut i32, leaf: u64| {
        if let Some(value) = values.get(leaf as usize % LEAVES) {
            *sum = sum.wrapping_add(i32::from(i16::from_le_bytes(*value)));
        }
    };
    let [a, b, c, d, e, f, g, h] = sums;
    add(a, leaves);
    add(b, leaves >> 8);
    add(c, leaves >> 16);
    add(d, leaves >> 24);
    add(e, leaves >> 32);
    add(f, leaves >> 40);
    add(g, leaves >> 48);
    add(h, leaves >> 56);
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
