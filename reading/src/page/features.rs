//! What the model sees of a block: numbers about its text, its place, its neighbours and the containers around it.
//!
//! All are whole numbers, so that the trainer and this code agree to the bit, and none knows a language's words except
//! the small list of labels: the rest must hold for Greek and Chinese pages too.

mod around;
mod paths;
mod tags;
mod text;
mod told;

use super::block::{Block, Kind};
use super::clues::Clues;
use super::kind;
use super::skeleton::{Skeleton, fingerprint};
use super::sums::{Sums, is_long, percent};
use super::tables::Tables;
use super::tag::Tag;
use around::{Alike, alike, candidates, distances};
use paths::{PATH_NUMBERS, Paths};
use tags::{TAGS, tag_code, tag_slot};
use text::{Shape, shows_title, words_of};
use told::Told;

/// Numbers per block, as [`Features::row`] gives them.
pub(crate) const COUNT: usize = 197 + PATH_NUMBERS + 5;

/// Larger numbers count as this one: the model compares several at once, each with a bit to spare.
pub(crate) const NUMBER_MAX: u16 = 0x7ffe;

/// Everything about a page that a block's numbers are taken from.
pub(crate) struct Features<'a> {
    blocks: &'a [Block],
    skeleton: &'a Skeleton,
    tables: &'a Tables,
    /// Per block whether the rules by zones would keep it.
    ruled: &'a [bool],
    sums: Sums,
    /// Per block the words before it.
    words_before: Vec<u32>,
    /// Per block: the heading that it stands under, 1-based, and blocks since then.
    under: Vec<u32>,
    /// Per block the last long one at or before it, 1-based.
    long_before: Vec<u32>,
    /// Per block the next long one at or behind it, 1-based.
    long_after: Vec<u32>,
    /// Per block how many blocks of the page say the same.
    same: Vec<u16>,
    told: Told,
    paths: Paths,
    /// The block that shows the title, 1-based; 0 when none does.
    title_at: u32,
    /// Per record how many siblings look the same, with the words and link words of all of them.
    alike: Vec<Alike>,
    /// Per record how far up one must go from the candidate to reach an element around the record.
    far: [Vec<u8>; 4],
    /// The whole page in numbers.
    document: [u16; 18],
}

/// Traits are told apart up to this many levels above a block.
const REACH: u16 = 16;
/// Containers around a block that are described: each holds more words than the one within.
const RINGS: usize = 4;
/// Deeper ancestors say nothing new about a block.
const CLIMB_MAX: usize = 48;

impl<'a> Features<'a> {
    pub(crate) fn of(
        blocks: &'a [Block],
        skeleton: &'a Skeleton,
        tables: &'a Tables,
        clues: &Clues,
        ruled: &'a [bool],
    ) -> Self {
        let titles = clues.titles();
        let sums = Sums::of(blocks, skeleton);
        let title_words = words_of(&titles);
        let told = Told::of(blocks, clues, &title_words);
        let title_at = shows_title(blocks, &told.titled, title_words.len());
        let mut words_before = Vec::with_capacity(blocks.len());
        let mut under = Vec::with_capacity(blocks.len());
        let mut long_before = Vec::with_capacity(blocks.len());
        let (mut words, mut heading, mut long) = (0_u32, 0_u32, 0_u32);
        for (number, block) in (1_u32..).zip(blocks) {
            words_before.push(words);
            words = words.saturating_add(block.words);
            under.push(heading);
            if matches!(block.kind, Kind::Heading(_)) {
                heading = number;
            }
            if is_long(block) {
                long = number;
            }
            long_before.push(long);
        }
        let mut long_after = vec![0; blocks.len()];
        let mut long = 0;
        for ((index, slot), block) in long_after.iter_mut().enumerate().zip(blocks).rev() {
            if is_long(block) {
                long = u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX);
            }
            *slot = long;
        }
        let far = candidates(blocks, skeleton, &sums).map(|candidate| distances(skeleton, candidate));
        let document = document(blocks, skeleton, &sums, title_at, clues);
        Self {
            same: repeats(blocks),
            alike: alike(skeleton, &sums),
            blocks,
            skeleton,
            tables,
            ruled,
            sums,
            words_before,
            under,
            long_before,
            long_after,
            told,
            paths: Paths::of(blocks, skeleton),
            title_at,
            far,
            document,
        }
    }

    /// Gives the numbers of the block at `index`, each with its place in the row.
    pub(crate) fn row(&self, index: usize, give: impl FnMut(usize, u16)) {
        let Some(block) = self.blocks.get(index) else { return };
        let mut out = Writer { give, at: 0 };
        self.text(index, block, &mut out);
        self.place(index, block, &mut out);
        for offset in [-3_isize, -2, -1, 1, 2, 3] {
            self.neighbour(index, block, offset, &mut out);
        }
        self.ancestors(block, &mut out);
        for number in self.document {
            out.put(number);
        }
        self.told(index, &mut out);
        debug_assert_eq!(out.at, COUNT, "COUNT must say how many numbers are written");
    }

    fn text(&self, index: usize, block: &Block, out: &mut Writer<impl FnMut(usize, u16)>) {
        let shape = Shape::of(&block.text);
        out.put32(block.words);
        out.put32(shape.chars);
        out.put64(percent(block.link_words, block.words));
        out.put32(block.marks);
        out.put64(percent(block.marks, block.words));
        out.put64(percent(shape.letters, block.words.saturating_mul(10)));
        out.put64(percent(shape.upper, shape.letters));
        out.put64(percent(shape.digits, shape.chars));
        out.put(kind_code(block));
        out.put(shape.ends);
        out.put32(shape.lines);
        let links = block.runs.iter().filter(|run| run.style.link != 0).count();
        out.put_size(links);
        let strong = block.styled().filter(|(style, _)| style.strong).map(|(_, text)| text.len()).sum();
        out.put64(share(strong, block.text.len()));
        out.put(at(&self.told.labels, index));
        out.put(at(&self.same, index));
        out.put(at(&self.told.titled, index));
        out.put(u16::from(self.tables.data_table(block).is_some()));
        out.put(u16::from(self.ruled.get(index).copied().unwrap_or(false)));
        let near = index.saturating_sub(4)..index.saturating_add(5);
        let ruled = self.ruled.get(near.start..near.end.min(self.ruled.len())).unwrap_or_default();
        out.put_size(ruled.iter().filter(|kept| **kept).count());
    }

    fn place(&self, index: usize, block: &Block, out: &mut Writer<impl FnMut(usize, u16)>) {
        let total = self.sums.words(0);
        let before = self.words_before.get(index).copied().unwrap_or(0);
        let behind = total.saturating_sub(before).saturating_sub(block.words);
        out.put64(permille(before, total));
        out.put32(before);
        out.put32(behind);
        out.put_size(index);
        out.put_size(self.blocks.len().saturating_sub(index));
        let number = u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX);
        out.put32(blocks_from(self.title_at, number));
        let under = self.under.get(index).copied().unwrap_or(0);
        let heading = under.checked_sub(1).and_then(|place| self.blocks.get(place as usize));
        out.put32(if under == 0 { 60_000 } else { number.saturating_sub(under) });
        out.put(heading.map_or(0, kind_code));
        out.put(heading.map_or(0, |_| at(&self.told.labels, under.saturating_sub(1) as usize)));
        out.put64(heading.map_or(0, |heading| percent(heading.link_words, heading.words)));
        out.put(heading.map_or(0, |_| at(&self.told.titled, under.saturating_sub(1) as usize)));
        let long_before = self.long_before.get(index).copied().unwrap_or(0);
        let long_after = self.long_after.get(index).copied().unwrap_or(0);
        out.put32(if long_before == 0 { 60_000 } else { number.saturating_sub(long_before) });
        out.put32(if long_after == 0 { 60_000 } else { long_after.saturating_sub(number) });
        // Whether the long ones around stand in the same element.
        for long in [long_before, long_after] {
            let other = long.checked_sub(1).and_then(|place| self.blocks.get(place as usize));
            out.put(other.map_or(0, |other| self.kinship(block, other)));
        }
    }

    fn told(&self, index: usize, out: &mut Writer<impl FnMut(usize, u16)>) {
        let number = u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX);
        out.put32(blocks_from(self.told.lead_at, number));
        for share in self.told.shares(index) {
            out.put(share);
        }
        out.put32(self.told.words);
        for number in self.paths.numbers(index) {
            out.put64(number);
        }
    }

    fn neighbour(
        &self,
        index: usize,
        block: &Block,
        offset: isize,
        out: &mut Writer<impl FnMut(usize, u16)>,
    ) {
        let place = index.checked_add_signed(offset);
        match place.and_then(|place| Some((place, self.blocks.get(place)?))) {
            Some((place, other)) => {
                out.put32(other.words);
                out.put64(percent(other.link_words, other.words));
                out.put(kind_code(other));
                if offset.abs() < 3 {
                    out.put64(percent(other.marks, other.words));
                    out.put(at(&self.told.labels, place));
                    out.put(self.kinship(block, other));
                }
            }
            None => {
                for number in [60_000, 0, 0, 0, 0, 0].iter().take(if offset.abs() < 3 { 6 } else { 3 }) {
                    out.put(*number);
                }
            }
        }
    }

    /// How near two blocks' elements are: 3 the same, 2 siblings, 1 the same grandparent, 0 farther.
    fn kinship(&self, block: &Block, other: &Block) -> u16 {
        let parent = |node: u32| self.skeleton.get(node).map_or(0, |node| node.parent);
        let (a, b) = (block.node, other.node);
        if a == b {
            3
        } else if parent(a) == parent(b) {
            2
        } else {
            u16::from(parent(parent(a)) == parent(parent(b)) || parent(parent(a)) == parent(b))
        }
    }

    fn ancestors(&self, block: &Block, out: &mut Writer<impl FnMut(usize, u16)>) {
        let mut traits = [0_u16; 64];
        let mut tags = [0_u16; TAGS];
        let mut near = [0_u16; 3];
        let mut depth = 0_u16;
        let total = self.sums.words(0);
        let mut rings = [0_u16; RINGS * RING_NUMBERS];
        let mut ring_slots = rings.chunks_exact_mut(RING_NUMBERS);
        let mut ring_words = block.words;
        let mut groups = [0_u16; 3 * GROUP_NUMBERS];
        let mut group_slots = groups.chunks_exact_mut(GROUP_NUMBERS);
        for (place, node) in self.skeleton.ancestry(block.node).take(CLIMB_MAX) {
            let strength = REACH.saturating_sub(depth).max(1);
            let mut bits = node.traits.bits();
            while bits != 0 {
                if let Some(slot) = traits.get_mut(bits.trailing_zeros() as usize) {
                    *slot = (*slot).max(strength);
                }
                bits &= bits.wrapping_sub(1);
            }
            if let Some(slot) = tag_slot(node.tag).and_then(|slot| tags.get_mut(slot)) {
                *slot = slot.saturating_add(1);
            }
            if let Some(slot) = near.get_mut(usize::from(depth)) {
                *slot = tag_code(node.tag);
            }
            let words = self.sums.words(place);
            if words > ring_words || depth == 0 {
                if let Some(slot) = ring_slots.next() {
                    self.ring(place, depth, total, slot);
                }
                ring_words = words;
            }
            let group = self.alike.get(place as usize).copied().unwrap_or_default();
            if group.count > 1
                && let Some(slot) = group_slots.next()
            {
                let links = percent(group.links, group.words);
                let each = group.words.checked_div(group.count).unwrap_or(0);
                fill(slot, [group.count.into(), links, each.into(), depth.into()]);
            }
            depth = depth.saturating_add(1);
        }
        for bit in TRAIT_BITS {
            out.put(traits.get(usize::from(bit)).copied().unwrap_or(0));
        }
        for numbers in [tags.as_slice(), near.as_slice(), rings.as_slice(), groups.as_slice()] {
            for number in numbers {
                out.put(*number);
            }
        }
        out.put(depth);
        for far in &self.far {
            out.put(u16::from(far.get(block.node as usize).copied().unwrap_or(u8::MAX)));
        }
    }

    fn ring(&self, place: u32, depth: u16, total: u32, slot: &mut [u16]) {
        let words = self.sums.words(place);
        let numbers = [
            u64::from(words),
            self.sums.link_percent(place),
            percent(self.sums.long(place), words),
            permille(words, total),
            u64::from(depth),
            u64::from(self.sums.count(place)),
            u64::from(words.checked_div(self.sums.count(place)).unwrap_or(0)),
        ];
        fill(slot, numbers);
    }
}

const RING_NUMBERS: usize = 7;
const GROUP_NUMBERS: usize = 4;

/// The bits of [`Traits`] that are shown to the model.
const TRAIT_BITS: [u8; 46] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25, 26, 27, 28, 32, 33, 34, 35,
    36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
];

struct Writer<G> {
    give: G,
    at: usize,
}

impl<G: FnMut(usize, u16)> Writer<G> {
    fn put(&mut self, number: u16) {
        (self.give)(self.at, number.min(NUMBER_MAX));
        self.at = self.at.saturating_add(1);
    }

    fn put32(&mut self, number: u32) {
        self.put(u16::try_from(number).unwrap_or(u16::MAX));
    }

    fn put64(&mut self, number: u64) {
        self.put(u16::try_from(number).unwrap_or(u16::MAX));
    }

    fn put_size(&mut self, number: usize) {
        self.put(u16::try_from(number).unwrap_or(u16::MAX));
    }
}

fn fill<const N: usize>(slots: &mut [u16], numbers: [u64; N]) {
    for (slot, number) in slots.iter_mut().zip(numbers) {
        *slot = u16::try_from(number).unwrap_or(u16::MAX);
    }
}

fn at(list: &[u16], index: usize) -> u16 {
    list.get(index).copied().unwrap_or(0)
}

/// Blocks from a mark, 1-based, to here; 1000 is at the mark, less is before it, 0 is no mark.
fn blocks_from(mark: u32, number: u32) -> u32 {
    if mark == 0 { 0 } else { number.saturating_add(1_000).saturating_sub(mark).clamp(1, 4_000) }
}

fn permille(part: u32, whole: u32) -> u64 {
    u64::from(part).saturating_mul(1_000).checked_div(u64::from(whole)).unwrap_or(0)
}

fn share(part: usize, whole: usize) -> u64 {
    u64::try_from(part.saturating_mul(100).checked_div(whole).unwrap_or(0)).unwrap_or(100)
}

fn kind_code(block: &Block) -> u16 {
    match block.kind {
        Kind::Text => 10,
        Kind::Heading(level) => u16::from(level),
        Kind::Term => 8,
        Kind::Code(_) => 12,
    }
}

/// How often each block's text occurs on the page.
fn repeats(blocks: &[Block]) -> Vec<u16> {
    let mut order: Vec<(u64, u32)> =
        blocks.iter().map(|block| fingerprint(block.text.as_bytes())).zip(0_u32..).collect();
    order.sort_unstable();
    let mut found = vec![1; blocks.len()];
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let count = u16::try_from(group.len()).unwrap_or(u16::MAX);
        for (_, index) in group {
            if let Some(slot) = found.get_mut(*index as usize) {
                *slot = count;
            }
        }
    }
    found
}

fn document(blocks: &[Block], skeleton: &Skeleton, sums: &Sums, title_at: u32, clues: &Clues) -> [u16; 18] {
    let count =
        |wanted: &dyn Fn(Tag) -> bool| skeleton.nodes().iter().filter(|node| wanted(node.tag)).count() as u64;
    let texts = |wanted: &dyn Fn(&Block) -> bool| blocks.iter().filter(|block| wanted(block)).count() as u64;
    let [by_type, by_generator, by_address] = clues.kinds();
    let mut numbers = [0; 18];
    fill(
        &mut numbers,
        [
            u64::from(sums.words(0)),
            blocks.len() as u64,
            sums.link_percent(0),
            percent(sums.long(0), sums.words(0)),
            u64::from(sums.long(0)),
            texts(&is_long),
            count(&|tag| tag == Tag::Article),
            count(&|tag| tag == Tag::Main),
            texts(&|block| matches!(block.kind, Kind::Heading(1))),
            texts(&|block| matches!(block.kind, Kind::Heading(_))),
            texts(&Block::is_code),
            count(&|tag| tag == Tag::Li),
            count(&|tag| matches!(tag, Tag::Cell { .. })),
            u64::from(title_at),
            u64::from(kind::code(by_type)),
            u64::from(kind::code(by_generator)),
            u64::from(kind::code(by_address)),
            u64::from(clues.depth()),
        ],
    );
    numbers
}
