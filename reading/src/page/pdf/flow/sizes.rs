//! What the sizes of type say about headings.

use super::super::layout::Line;
use std::collections::BTreeMap;

/// The sizes of a document, in half points.
pub(super) struct Sizes {
    /// That of most letters.
    body: u32,
    /// Those of headings, largest first.
    headings: Vec<u32>,
    /// Bold lines are few enough to be headings.
    bold_tells: bool,
}

/// Heading sizes that are told apart.
const LEVELS_MAX: usize = 4;

impl Sizes {
    pub(super) fn of(pages: &[Vec<Line>]) -> Self {
        let mut letters: BTreeMap<u32, usize> = BTreeMap::new();
        let (mut all, mut bold) = (0_usize, 0_usize);
        for line in pages.iter().flatten() {
            let count = line.text.chars().count();
            let sum = letters.entry(half_points(line.size)).or_default();
            *sum = sum.saturating_add(count);
            all = all.saturating_add(count);
            bold = bold.saturating_add(if line.bold { count } else { 0 });
        }
        let body = letters.iter().max_by_key(|(_, count)| **count).map_or(0, |(size, _)| *size);
        let larger = letters.keys().rev().copied().filter(|size| is_larger(*size, body));
        // Sizes next to each other are one level, and the smallest levels share the last.
        let mut headings: Vec<u32> = Vec::new();
        for size in larger {
            if headings.last().is_none_or(|last| last.saturating_sub(size) > 1) {
                headings.push(size);
            }
        }
        headings.truncate(LEVELS_MAX);
        Self { body, headings, bold_tells: bold.saturating_mul(4) < all }
    }

    /// Whether type of this size stands out.
    pub(super) fn is_large(&self, size: f32) -> bool {
        is_larger(half_points(size), self.body)
    }

    /// The level of a heading of this size, if it is one.
    pub(super) fn level(&self, size: f32, bold: bool) -> Option<u8> {
        let size = half_points(size);
        let level = if is_larger(size, self.body) {
            self.headings
                .iter()
                .position(|heading| size.saturating_add(1) >= *heading)
                .unwrap_or(self.headings.len())
        } else if bold && self.bold_tells && size.saturating_mul(10) >= self.body.saturating_mul(9) {
            self.headings.len()
        } else {
            return None;
        };
        u8::try_from(level.saturating_add(1)).ok()
    }
}

fn half_points(size: f32) -> u32 {
    // `as` saturates.
    (size * 2.0).round() as u32
}

/// Larger by more than an eighth.
fn is_larger(size: u32, body: u32) -> bool {
    size.saturating_mul(8) > body.saturating_mul(9)
}
