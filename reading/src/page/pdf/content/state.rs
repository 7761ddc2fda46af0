//! The part of the graphics state that decides where text stands (ISO 32000-1, 8.4 and 9.3).

use super::super::font::Font;
use super::super::object::Object;
use std::rc::Rc;

/// An affine map: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    e: f64,
    f: f64,
}

impl Matrix {
    const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    /// Of six numbers; what is missing or none is taken from the identity.
    pub(super) fn of(numbers: &[Object]) -> Self {
        let number = |at: usize, default: f64| numbers.get(at).and_then(Object::number).unwrap_or(default);
        Self {
            a: number(0, 1.0),
            b: number(1, 0.0),
            c: number(2, 0.0),
            d: number(3, 1.0),
            e: number(4, 0.0),
            f: number(5, 0.0),
        }
    }

    /// A page seen after quarter turns clockwise.
    pub(super) fn turned(quarters: u8) -> Self {
        let (cos, sin) = match quarters % 4 {
            0 => (1.0, 0.0),
            1 => (0.0, -1.0),
            2 => (-1.0, 0.0),
            _ => (0.0, 1.0),
        };
        Self { a: cos, b: sin, c: -sin, d: cos, e: 0.0, f: 0.0 }
    }

    /// First this, then `next`.
    pub(super) fn then(&self, next: &Self) -> Self {
        Self {
            a: self.a * next.a + self.b * next.c,
            b: self.a * next.b + self.b * next.d,
            c: self.c * next.a + self.d * next.c,
            d: self.c * next.b + self.d * next.d,
            e: self.e * next.a + self.f * next.c + next.e,
            f: self.e * next.b + self.f * next.d + next.f,
        }
    }

    pub(super) fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        (self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)
    }

    /// Where a step to the right leads.
    pub(super) fn across(&self) -> (f64, f64) {
        (self.a, self.b)
    }

    /// How long a step upwards becomes.
    pub(super) fn height(&self) -> f64 {
        self.c.hypot(self.d)
    }
}

/// What `q` saves and `Q` brings back, and the two matrices of text.
#[derive(Clone)]
pub(super) struct State {
    pub(super) ctm: Matrix,
    text: Matrix,
    line: Matrix,
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f64,
    pub(super) char_space: f64,
    pub(super) word_space: f64,
    /// 1 is the font's own width.
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
    pub(super) invisible: bool,
    /// Fills leave white.
    pub(super) white: bool,
}

impl State {
    /// At the beginning of a page.
    pub(super) fn on(ctm: Matrix) -> Self {
        Self {
            ctm,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            invisible: false,
            white: false,
        }
    }

    pub(super) fn begin_text(&mut self) {
        self.set_line(Matrix::IDENTITY);
    }

    pub(super) fn set_line(&mut self, line: Matrix) {
        self.line = line;
        self.text = line;
    }

    pub(super) fn move_line(&mut self, x: f64, y: f64) {
        self.set_line(Matrix { e: x, f: y, ..Matrix::IDENTITY }.then(&self.line));
    }

    pub(super) fn next_line(&mut self) {
        self.move_line(0.0, -self.leading);
    }

    /// Moves on by a distance in unscaled text space.
    pub(super) fn advance(&mut self, distance: f64) {
        self.text = Matrix { e: distance * self.stretch, ..Matrix::IDENTITY }.then(&self.text);
    }

    pub(super) fn advance_glyph(&mut self, width: f64, space: bool) {
        let word = if space { self.word_space } else { 0.0 };
        self.advance(width * self.size + self.char_space + word);
    }

    /// Where the next glyph stands.
    pub(super) fn origin(&self) -> (f64, f64) {
        self.axes().apply(0.0, self.rise)
    }

    /// From text to the page.
    pub(super) fn axes(&self) -> Matrix {
        self.text.then(&self.ctm)
    }
}
