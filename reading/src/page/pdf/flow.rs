//! From lines to paragraphs, headings, items and code, over all pages of a document.

mod furniture;
mod join;
mod sizes;

use super::layout::Line;
use crate::page::block::{Block, Kind, Style, count_words};
use join::{Ending, Hyphens};
use sizes::Sizes;

/// A piece of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    pub(crate) block: Block,
    /// It is an item of a list.
    pub(crate) item: bool,
    /// Page that it begins on, from 0.
    pub(crate) page: usize,
    /// Where the following pages begin in its text: page and byte offset.
    pub(crate) turns: Vec<(usize, usize)>,
}

/// Lines that may be one heading.
const HEADING_LINES_MAX: usize = 4;
/// Characters that may be one heading.
const HEADING_CHARS_MAX: usize = 200;
/// In parts of the usual distance of lines: a wider one parts paragraphs.
const LEADING_MAX: f32 = 1.25;
/// In parts of the size: a smaller shift of the left edge is none.
const INDENT_MIN: f32 = 0.7;

/// The document as pieces, in reading order.
pub(crate) fn pieces(mut pages: Vec<Vec<Line>>) -> Vec<Piece> {
    let sizes = Sizes::of(&pages);
    furniture::remove(&mut pages, &sizes);
    let hyphens = Hyphens::of(&pages);
    let mut flow = Flow { pieces: Vec::new(), open: None, hyphens };
    for (number, lines) in pages.iter().enumerate() {
        for column in columns(lines) {
            for (place, group) in groups(column).into_iter().enumerate() {
                // Within a column a new paragraph is one, however the one before ends.
                flow.open = flow.open.filter(|_| place == 0);
                flow.add(number, group, &sizes);
            }
        }
    }
    flow.pieces
}

/// Stretches of lines that run down one column.
fn columns(lines: &[Line]) -> Vec<&[Line]> {
    let follows = |a: &Line, b: &Line| {
        let below = a.y - b.y;
        below > -0.5 * a.size && (a.x1.min(b.x1) > a.x0.max(b.x0) || below < 2.0 * a.size)
    };
    lines.chunk_by(follows).collect()
}

/// Lines of one paragraph each.
fn groups(column: &[Line]) -> Vec<&[Line]> {
    let left = column.iter().map(|line| line.x0).fold(f32::INFINITY, f32::min);
    let right = column.iter().map(|line| line.x1).fold(f32::NEG_INFINITY, f32::max);
    let leading = leading(column);
    let mut groups = Vec::new();
    let mut rest = column;
    while !rest.is_empty() {
        let mut length = 1_usize;
        while let Some(pair) = rest.get(length.saturating_sub(1)..)
            && let [a, b, after @ ..] = pair
            && !parted(a, b, after.first(), Bounds { left, right, leading, first: length == 1 })
        {
            length = length.saturating_add(1);
        }
        let (group, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        groups.push(group);
        rest = behind;
    }
    groups
}

/// The column that two lines stand in.
#[derive(Clone, Copy)]
struct Bounds {
    left: f32,
    right: f32,
    /// Usual distance of its lines in parts of their size.
    leading: f32,
    /// The upper line is the first of its paragraph.
    first: bool,
}

/// Whether a paragraph ends between two lines that follow each other.
fn parted(a: &Line, b: &Line, after: Option<&Line>, bounds: Bounds) -> bool {
    let size = a.size.max(b.size);
    if (a.size - b.size).abs() > 0.12 * size || a.mono != b.mono {
        return true;
    }
    let distance = (a.y - b.y) / size;
    if distance > bounds.leading * LEADING_MAX + 0.05 {
        return true;
    }
    if a.mono {
        return false;
    }
    if a.bold != b.bold || starts_item(&b.text) {
        return true;
    }
    let (row, next_row) = (a.text.contains('\t'), b.text.contains('\t'));
    if row || next_row {
        return row != next_row;
    }
    let indent = INDENT_MIN * size;
    if b.x0 > a.x0 + indent {
        // The first line of a paragraph is indented when the next one is not; otherwise the others hang.
        let returns = after.is_none_or(|after| after.x0 < b.x0 - indent);
        return returns && b.x0 > bounds.left + indent;
    }
    if b.x0 < a.x0 - indent && !bounds.first {
        return true;
    }
    if join::ends_in_hyphen(&a.text) {
        return false;
    }
    // A line that ends early, though the next word had fitted, is the last one of its paragraph.
    let letters = b.text.chars().count().max(1) as f32;
    let word = b.text.split_whitespace().next().unwrap_or_default().chars().count() as f32;
    let needed = (word + 1.5) * (b.x1 - b.x0) / letters;
    bounds.right - a.x1 > needed.max(0.6 * size)
}

/// The usual distance of the lines of a column, in parts of their size.
fn leading(column: &[Line]) -> f32 {
    let mut steps: Vec<f32> = column
        .iter()
        .zip(column.iter().skip(1))
        .filter(|(a, b)| (a.size - b.size).abs() < 0.1 * a.size)
        .map(|(a, b)| (a.y - b.y) / a.size)
        .filter(|step| *step > 0.5 && *step < 2.5)
        .collect();
    steps.sort_by(f32::total_cmp);
    // Below the middle: in a column of headings and short paragraphs the wide steps are many.
    steps.get(steps.len() * 2 / 5).copied().unwrap_or(1.3)
}

/// Whether a line begins with a bullet or a number in the manner of lists.
fn starts_item(text: &str) -> bool {
    bullet(text).is_some() || is_numbered(text)
}

/// What follows a bullet.
fn bullet(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let mark = chars.next()?;
    let rest = chars.as_str();
    let known = "\u{2022}\u{25cf}\u{25e6}\u{25aa}\u{25a0}\u{2023}\u{2043}\u{2219}\u{b7}\u{2217}\u{25b8}\u{25ba}\u{27a4}".contains(mark);
    let spaced = rest.starts_with([' ', '\t']);
    (known || (spaced && matches!(mark, '\u{2013}' | '-' | '*')))
        .then(|| rest.trim_start())
        .filter(|rest| !rest.is_empty())
}

/// `1. `, `(a) `, `12) `, `[3] `.
fn is_numbered(text: &str) -> bool {
    let Some((mark, _)) = text.split_once([' ', '\t']) else { return false };
    let inner = mark.trim_start_matches(['(', '[']).trim_end_matches(['.', ')', ']']);
    let closed =
        mark.ends_with([')', ']']) || (mark.ends_with('.') && inner.chars().all(|c| c.is_ascii_digit()));
    closed && !inner.is_empty() && inner.len() <= 3 && inner.chars().all(|c| c.is_ascii_alphanumeric())
}

struct Flow {
    pieces: Vec<Piece>,
    /// The last piece may go on: it is running text of this size that ended within a sentence.
    open: Option<(f32, Ending)>,
    hyphens: Hyphens,
}

impl Flow {
    fn add(&mut self, page: usize, lines: &[Line], sizes: &Sizes) {
        let Some(first) = lines.first() else { return };
        if lines.iter().all(|line| line.mono) {
            self.add_code(page, lines);
            return;
        }
        let (text, ending) = self.hyphens.joined(lines);
        if let Some(level) = heading(lines, &text, sizes) {
            let text = text.replace(['\t', '\n'], " ");
            let mut block = Block { kind: Kind::Heading(level), ..Block::default() };
            block.push_flow(&text, Style::default());
            self.push(page, block, false);
            return;
        }
        if let Some((size, end)) = self.open
            && (size - first.size).abs() < 0.06 * size
            && text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
            && !starts_item(&text)
            && let Some(last) = self.pieces.last_mut()
        {
            self.hyphens.go_on(&mut last.block, end, &text, |at| {
                if page > last.page && last.turns.last().is_none_or(|(turn, _)| *turn < page) {
                    last.turns.push((page, at));
                }
            });
            self.open = goes_on(&text).then_some((first.size, ending));
            return;
        }
        let (body, item) = match bullet(&text) {
            Some(rest) => (rest, true),
            None => (text.as_str(), false),
        };
        let mut block = Block::default();
        for (at, line) in body.split('\n').enumerate() {
            if at > 0 {
                block.break_line();
            }
            block.push_flow(line, Style::default());
        }
        let goes_on = goes_on(&text);
        self.push(page, block, item);
        self.open = goes_on.then_some((first.size, ending));
    }

    /// Lines of code keep their indentation, counted from the leftmost.
    fn add_code(&mut self, page: usize, lines: &[Line]) {
        const INDENT_SPACES_MAX: f32 = 60.0;
        let left = lines.iter().map(|line| line.x0).fold(f32::INFINITY, f32::min);
        let mut text = String::new();
        for line in lines {
            let spaces = ((line.x0 - left) / (0.6 * line.size)).round().clamp(0.0, INDENT_SPACES_MAX);
            text.extend(std::iter::repeat_n(' ', spaces as usize));
            text.push_str(&line.text);
            text.push('\n');
        }
        if let Some(last) = self.pieces.last_mut().filter(|last| last.block.is_code() && last.page == page) {
            last.block.push_code("\n");
            last.block.push_code(&text);
        } else {
            let mut block = Block { kind: Kind::Code(String::new()), ..Block::default() };
            block.push_code(&text);
            self.push(page, block, false);
        }
        self.open = None;
    }

    fn push(&mut self, page: usize, block: Block, item: bool) {
        self.open = None;
        if count_words(&block.text) > 0 {
            self.pieces.push(Piece { block, item, page, turns: Vec::new() });
        }
    }
}

/// Whether running text stops within a sentence.
fn goes_on(text: &str) -> bool {
    !text.contains('\n')
        && !text
            .trim_end_matches(['"', '\u{201d}', '\u{2019}', ')', ']'])
            .ends_with(['.', '!', '?', ':', '\u{3002}'])
}

/// The level of a heading, if the lines are one.
fn heading(lines: &[Line], text: &str, sizes: &Sizes) -> Option<u8> {
    let words = text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    let plausible = lines.len() <= HEADING_LINES_MAX
        && text.chars().count() <= HEADING_CHARS_MAX
        && words.take(1).count() == 1
        && !text.ends_with(['.', ',', ';'])
        && !lines.iter().any(|line| line.gaps.len() > 1)
        && bullet(text).is_none();
    let first = lines.first().filter(|_| plausible)?;
    sizes.level(first.size, lines.iter().all(|line| line.bold) && lines.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of ten points at a left edge, twelve points apart.
    fn page(lines: &[(&str, f32)]) -> Vec<Line> {
        let mut y = 700.0;
        let line = |(text, x0): &(&str, f32)| {
            y -= 12.0;
            let x1 = x0 + 5.0 * text.chars().count() as f32;
            Line { text: (*text).into(), x0: *x0, x1, y, size: 10.0, ..Line::default() }
        };
        lines.iter().map(line).collect()
    }

    fn texts(pages: Vec<Vec<Line>>) -> Vec<String> {
        pieces(pages).into_iter().map(|piece| piece.block.text).collect()
    }

    #[test]
    fn lines_become_paragraphs_by_indent_and_length() {
        let lines = page(&[
            ("the first line of a paragraph that is long and", 0.0),
            ("the second line of it which ends.", 0.0),
            ("another paragraph that begins behind a short one", 0.0),
            ("and has a second line of about the same length", 0.0),
            ("indented first lines begin a paragraph as well", 10.0),
            ("and go on at the left edge of the column, so so", 0.0),
        ]);
        let texts = texts(vec![lines]);
        assert_eq!(texts.len(), 3, "{texts:?}");
        assert!(texts.iter().all(|text| text.split(' ').count() > 12));
    }

    #[test]
    fn words_cut_at_the_end_of_a_line_are_made_whole() {
        let cut = texts(vec![page(&[
            ("a well-known way of hyphen-", 0.0),
            ("ation, and a well-", 0.0),
            ("known one", 0.0),
        ])]);
        assert_eq!(cut, ["a well-known way of hyphenation, and a well-known one"]);
    }

    #[test]
    fn a_sentence_goes_on_over_the_page() {
        let first = page(&[("some words of a sentence that is not ended on", 0.0)]);
        let second = page(&[("this page but goes on over there.", 0.0)]);
        let pieces = pieces(vec![first, second]);
        let [piece] = pieces.as_slice() else { return assert_eq!(pieces.len(), 1) };
        assert_eq!(piece.turns, [(1, 46)]);
        assert_eq!(piece.block.text.get(46..50), Some("this"));
    }

    #[test]
    fn large_and_bold_lines_are_headings() {
        let mut lines = page(&[
            ("Title", 0.0),
            ("plain words that are the body of this text here", 0.0),
            ("Bold words", 0.0),
            ("and more plain words of the body of this text", 0.0),
        ]);
        for (line, (size, bold)) in
            lines.iter_mut().zip([(18.0, false), (10.0, false), (10.0, true), (10.0, false)])
        {
            (line.size, line.bold) = (size, bold);
        }
        let kinds: Vec<Kind> = pieces(vec![lines]).into_iter().map(|piece| piece.block.kind).collect();
        assert_eq!(kinds, [Kind::Heading(1), Kind::Text, Kind::Heading(2), Kind::Text]);
    }

    #[test]
    fn code_keeps_its_lines_and_indents() {
        let mut lines = page(&[("fn a() {", 0.0), ("b();", 24.0), ("}", 0.0)]);
        lines.iter_mut().for_each(|line| line.mono = true);
        assert_eq!(texts(vec![lines]), ["fn a() {\n    b();\n}\n"]);
    }

    #[test]
    fn marks_of_lists_are_known() {
        for text in ["\u{2022} a", "- a", "1. a", "(a) b", "[12] c", "a) b"] {
            assert!(starts_item(text), "{text}");
        }
        for text in ["a. b", "1.5 m", "-5 m", "word (a) b", "2024. b", "x"] {
            assert!(!starts_item(text), "{text}");
        }
    }
}
