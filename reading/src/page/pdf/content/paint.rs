//! What lies under text: white letters can be read on a dark ground only.

use super::super::object::Object;
use super::state::{Matrix, State};

/// The painted grounds of a page.
#[derive(Default)]
pub(super) struct Paint {
    /// Boxes around what was painted: left, bottom, right, top.
    grounds: Vec<[f64; 4]>,
    /// Box around the current path.
    path: Option<[f64; 4]>,
    /// Too many grounds to keep: everything counts as painted.
    everywhere: bool,
}

/// Grounds of one page; each white glyph is compared with all.
const GROUNDS_MAX: usize = 256;
/// As light as paper.
const WHITE_MIN: f64 = 0.97;

impl Paint {
    /// Takes path, fill and colour operators; ignores all others.
    pub(super) fn operator(&mut self, word: &[u8], operands: &[Object], state: &mut State) {
        let numbers = || operands.iter().filter_map(Object::number);
        let number = |at: usize| operands.get(at).and_then(Object::number).unwrap_or(0.0);
        match word {
            b"m" | b"l" => self.reach(state.ctm.apply(number(0), number(1))),
            b"c" => self.reach(state.ctm.apply(number(4), number(5))),
            b"v" | b"y" => self.reach(state.ctm.apply(number(2), number(3))),
            b"re" => {
                let (x, y) = (number(0), number(1));
                self.reach(state.ctm.apply(x, y));
                self.reach(state.ctm.apply(x + number(2), y + number(3)));
            }
            b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => {
                if let Some(ground) = self.path.take().filter(|_| !state.white) {
                    self.add(ground);
                }
            }
            b"n" | b"S" | b"s" => self.path = None,
            b"g" => state.white = number(0) >= WHITE_MIN,
            b"rg" => state.white = operands.len() == 3 && numbers().all(|n| n >= WHITE_MIN),
            b"k" => state.white = operands.len() == 4 && numbers().all(|n| n <= 1.0 - WHITE_MIN),
            b"sc" | b"scn" => {
                state.white = match numbers().count() {
                    3 => numbers().all(|n| n >= WHITE_MIN),
                    4 => numbers().all(|n| n <= 1.0 - WHITE_MIN),
                    // One number may be grey, where 1 is white, or an ink, where 1 is full.
                    _ => false,
                };
            }
            b"cs" => state.white = false,
            _ => {}
        }
    }

    /// An image fills the unit square.
    pub(super) fn image(&mut self, ctm: &Matrix) {
        let path = self.path.take();
        self.reach(ctm.apply(0.0, 0.0));
        self.reach(ctm.apply(1.0, 1.0));
        if let Some(ground) = std::mem::replace(&mut self.path, path) {
            self.add(ground);
        }
    }

    /// Whether something dark may lie at a point.
    pub(super) fn covers(&self, x: f64, y: f64) -> bool {
        /// A baseline may stand on the edge of its ground.
        const EDGE: f64 = 2.0;
        self.everywhere
            || self.grounds.iter().any(|[left, bottom, right, top]| {
                x >= left - EDGE && x <= right + EDGE && y >= bottom - EDGE && y <= top + EDGE
            })
    }

    fn add(&mut self, ground: [f64; 4]) {
        if self.grounds.len() < GROUNDS_MAX {
            self.grounds.push(ground);
        } else {
            self.everywhere = true;
        }
    }

    fn reach(&mut self, (x, y): (f64, f64)) {
        let [left, bottom, right, top] = self.path.unwrap_or([x, y, x, y]);
        self.path = Some([left.min(x), bottom.min(y), right.max(x), top.max(y)]);
    }
}
