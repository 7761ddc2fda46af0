//! From glyphs to lines in reading order.
//!
//! The order of painting is the order of reading on most pages, and better than what geometry tells (columns, boxes, notes).
//! Only where it runs upwards again and again is the page cut into columns and bands instead.

mod accent;
mod order;

use super::content::{Glyph, Shown};
use super::font::spelt;

/// A line of text. Lengths in points, `y` upwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    /// A tab stands for a gap that is wider than between words, as between cells of a table.
    pub(crate) text: String,
    pub(crate) x0: f32,
    pub(crate) x1: f32,
    /// Baseline.
    pub(crate) y: f32,
    /// The size of most of its glyphs.
    pub(crate) size: f32,
    /// Mostly in heavy type.
    pub(crate) bold: bool,
    /// Mostly in type of one width.
    pub(crate) mono: bool,
    /// Where its wide gaps are, from and to; as many as tabs, but for the last.
    pub(crate) gaps: Vec<(f32, f32)>,
}

/// Lines of one page.
const LINES_MAX: usize = 5_000;
/// In parts of the size: a wider gap parts words. Kerning stays below 0.1, tight word spaces above 0.18.
const WORD_GAP_MIN: f32 = 0.15;
/// A wider gap parts cells or columns.
const CELL_GAP_MIN: f32 = 1.6;
/// Gaps of one line that are kept.
const GAPS_MAX: usize = 64;
/// Spaces that one gap in type of one width may be.
const SPACES_MAX: usize = 40;

/// The lines of a page, and what runs in other directions (stamps at the margin).
pub(crate) fn lines(shown: &Shown) -> (Vec<Line>, String) {
    let count = |turn: u8| shown.glyphs.iter().filter(|glyph| glyph.turn == turn).count();
    let main = (0..4_u8).max_by_key(|turn| (count(*turn), u8::MAX - turn)).unwrap_or(0);
    // Text that leaves no mark is the reading of a scan if there is little else; otherwise it is hidden.
    let invisible = shown.glyphs.iter().filter(|glyph| glyph.invisible).count();
    let scan = invisible.saturating_mul(2) > shown.glyphs.len();
    let mut writer = Writer::default();
    let mut aside = String::new();
    for glyph in shown.glyphs.iter().filter(|glyph| glyph.invisible == scan) {
        let text = shown.text.get(glyph.start as usize..glyph.end as usize).unwrap_or_default();
        if glyph.turn == main {
            writer.add(glyph, text);
        } else if aside.len() < 500 {
            aside.push_str(text);
        }
    }
    writer.finish_line();
    (order::ordered(writer.lines), aside)
}

#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    line: Line,
    /// Space glyphs since the last letter.
    spaces: usize,
    last: Glyph,
    /// Letters, bold ones, ones of one width, and a running majority of sizes.
    letters: usize,
    bold: usize,
    mono: usize,
    votes: usize,
}

impl Writer {
    fn add(&mut self, glyph: &Glyph, text: &str) {
        if text.chars().all(char::is_whitespace) {
            self.spaces = self.spaces.saturating_add(1);
            return;
        }
        let right_to_left = text.chars().next().is_some_and(
            |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'),
        );
        if self.line.text.is_empty() {
            self.begin(glyph);
        } else if !self.joins(glyph, text, right_to_left) {
            self.finish_line();
            self.begin(glyph);
        } else if self.is_double(glyph, text) {
            return;
        } else if let Some(whole) = self.accented(glyph, text) {
            self.line.text.pop();
            self.line.text.push(whole);
            self.line.x1 = self.line.x1.max(glyph.x1);
            self.spaces = 0;
            self.last = *glyph;
            return;
        } else {
            self.part(glyph, text, right_to_left);
        }
        self.spaces = 0;
        self.line.text.push_str(&spelt(text));
        self.line.x0 = self.line.x0.min(glyph.x0);
        self.line.x1 = self.line.x1.max(glyph.x1);
        self.letters = self.letters.saturating_add(1);
        self.bold = self.bold.saturating_add(usize::from(glyph.bold));
        self.mono = self.mono.saturating_add(usize::from(glyph.mono));
        self.vote(glyph);
        self.last = *glyph;
    }

    fn begin(&mut self, glyph: &Glyph) {
        self.line = Line { x0: glyph.x0, x1: glyph.x1, y: glyph.y, size: glyph.size, ..Line::default() };
        (self.letters, self.bold, self.mono, self.votes) = (0, 0, 0, 0);
        self.spaces = 0;
    }

    /// The size that most glyphs have, found in one pass (Boyer and Moore); its baseline is the line's.
    fn vote(&mut self, glyph: &Glyph) {
        if (glyph.size - self.line.size).abs() < 0.2 {
            self.votes = self.votes.saturating_add(1);
        } else if self.votes == 0 {
            self.line.size = glyph.size;
            self.line.y = glyph.y;
            self.votes = 1;
        } else {
            self.votes = self.votes.saturating_sub(1);
        }
    }

    /// Whether a glyph goes on with the line: to the right on its baseline, or as an index or exponent.
    fn joins(&self, glyph: &Glyph, text: &str, right_to_left: bool) -> bool {
        let large = glyph.size.max(self.last.size);
        let off = (glyph.y - self.line.y).abs().min((glyph.y - self.last.y).abs());
        let adjacent = (glyph.x0 - self.last.x1).abs() <= 0.6 * large;
        // The root sign of TeX hangs from its line.
        let level = off <= 0.25 * large || (adjacent && (off <= 0.65 * large || text == "\u{221a}"));
        let forward = glyph.x0 >= self.last.x1 - 0.75 * large;
        level && (forward || (right_to_left && glyph.x1 <= self.line.x0 + 0.75 * large))
    }

    /// The same letter at the same place again: type made bold by painting it twice.
    fn is_double(&self, glyph: &Glyph, text: &str) -> bool {
        (glyph.x0 - self.last.x0).abs() < 0.15 * glyph.size
            && self.spaces == 0
            && self.line.text.ends_with(text)
    }

    /// The letter under an accent that was painted before it: the two share one place.
    fn accented(&self, glyph: &Glyph, text: &str) -> Option<char> {
        let middle = |glyph: &Glyph| (glyph.x0 + glyph.x1) / 2.0;
        let under = glyph.x0 < self.last.x1 && (middle(glyph) - middle(&self.last)).abs() < 0.25 * glyph.size;
        let mut letters = text.chars();
        let letter = letters.next().filter(|_| under && self.spaces == 0 && letters.next().is_none())?;
        accent::composed(self.line.text.chars().next_back()?, letter)
    }

    /// Puts what stands between two glyphs.
    fn part(&mut self, glyph: &Glyph, text: &str, right_to_left: bool) {
        let size = glyph.size.max(self.last.size);
        let gap = if right_to_left && glyph.x1 <= self.line.x0 + size {
            self.line.x0 - glyph.x1
        } else {
            glyph.x0 - self.last.x1
        };
        if glyph.mono && self.last.mono {
            // `as` saturates; a gap is at most a page wide.
            let wide = (gap / (0.6 * size)).round().max(0.0) as usize;
            let spaces = wide.max(self.spaces).min(SPACES_MAX);
            self.line.text.extend(std::iter::repeat_n(' ', spaces));
        } else if gap > CELL_GAP_MIN * size {
            self.line.text.push('\t');
            if self.line.gaps.len() < GAPS_MAX {
                self.line.gaps.push((self.last.x1, glyph.x0));
            }
        } else {
            let dense = |c: Option<char>| c.is_some_and(is_dense);
            let east = dense(self.line.text.chars().next_back()) && dense(text.chars().next());
            let limit = if east { 0.6 } else { WORD_GAP_MIN };
            if self.spaces > 0 && !(east && gap < limit * size) || gap > limit * size {
                self.line.text.push(' ');
            }
        }
    }

    fn finish_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        self.spaces = 0;
        if line.text.is_empty() || self.lines.len() >= LINES_MAX {
            return;
        }
        line.bold = self.bold.saturating_mul(10) > self.letters.saturating_mul(8);
        line.mono = self.mono.saturating_mul(10) > self.letters.saturating_mul(8);
        // Shadows and type made bold by painting the whole line twice.
        let twice = |other: &Line| {
            let near = |a: f32, b: f32| (a - b).abs() < 0.3 * line.size;
            near(other.y, line.y) && near(other.x0, line.x0) && other.text == line.text
        };
        if !self.lines.iter().rev().take(4).any(twice) {
            self.lines.push(line);
        }
    }
}

/// Characters of scripts that put no space between words.
pub(crate) fn is_dense(c: char) -> bool {
    matches!(c as u32, 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF01..=0xFF60 | 0x20000..=0x3FFFF | 0x0E00..=0x0EFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of glyphs six points wide: text, left, baseline, size.
    fn shown(words: &[(&str, f32, f32, f32)]) -> Shown {
        let mut shown = Shown::default();
        for (word, x, y, size) in words {
            let mut x0 = *x;
            for c in word.chars() {
                let start = shown.text.len() as u32;
                shown.text.push(c);
                let end = shown.text.len() as u32;
                let x1 = x0 + size * 0.5;
                shown.glyphs.push(Glyph { x0, x1, y: *y, size: *size, start, end, ..Glyph::default() });
                x0 = x1;
            }
        }
        shown
    }

    fn texts(words: &[(&str, f32, f32, f32)]) -> Vec<String> {
        lines(&shown(words)).0.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn gaps_become_spaces_and_cells() {
        let row = [
            ("one", 0.0, 90.0, 10.0),
            ("two", 18.0, 90.0, 10.0),
            ("9", 80.0, 90.0, 10.0),
            ("next", 0.0, 78.0, 10.0),
        ];
        assert_eq!(texts(&row), ["one two\t9", "next"]);
    }

    #[test]
    fn exponents_stay_in_their_line() {
        assert_eq!(texts(&[("x", 0.0, 90.0, 10.0), ("2", 5.0, 94.0, 7.0), ("y", 8.5, 90.0, 10.0)]), ["x2y"]);
    }

    #[test]
    fn an_accent_goes_onto_the_letter_under_it() {
        assert_eq!(texts(&[("t\u{b4}", 0.0, 90.0, 10.0), ("e", 5.2, 90.0, 10.0)]), ["t\u{e9}"]);
        assert_eq!(texts(&[("\u{b4}", 0.0, 90.0, 10.0), ("e", 5.0, 90.0, 10.0)]), ["\u{b4}e"]);
    }

    #[test]
    fn doubled_type_is_read_once() {
        assert_eq!(texts(&[("bold", 0.0, 90.0, 10.0), ("bold", 0.4, 90.0, 10.0)]), ["bold"]);
        let mut glyphs = shown(&[("a", 0.0, 90.0, 10.0), ("a", 0.3, 90.0, 10.0), ("b", 5.0, 90.0, 10.0)]);
        assert_eq!(lines(&glyphs).0.first().map(|line| line.text.clone()).as_deref(), Some("ab"));
        // What leaves no mark is hidden where other text is seen.
        for glyph in glyphs.glyphs.iter_mut().take(1) {
            glyph.invisible = true;
        }
        assert_eq!(lines(&glyphs).0.first().map(|line| line.text.clone()).as_deref(), Some("ab"));
    }

    #[test]
    fn columns_painted_row_by_row_are_read_one_after_the_other() {
        let mut words = Vec::new();
        for row in 0..10_u8 {
            let y = 700.0 - 12.0 * f32::from(row);
            words.push(("left column words of a text", 50.0, y, 10.0));
            words.push(("right column words of a text", 320.0, y, 10.0));
        }
        let texts = texts(&words);
        assert_eq!(texts.len(), 20);
        assert!(texts.iter().take(10).all(|text| text.starts_with("left")), "{texts:?}");
    }

    #[test]
    fn a_page_painted_from_below_is_read_from_above() {
        let words: Vec<(&str, f32, f32, f32)> =
            (0..10_u8).map(|row| ("some words", 50.0, 100.0 + 12.0 * f32::from(row), 10.0)).collect();
        let ys: Vec<f32> = lines(&shown(&words)).0.iter().map(|line| line.y).collect();
        assert!(ys.is_sorted_by(|a, b| a > b), "{ys:?}");
    }
}
