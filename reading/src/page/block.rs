//! A flat block of text with its inline styles, and the cleaning of text on its way in.

use std::ops::Range;

/// A stretch of text between two block boundaries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// Place in the skeleton of the element that holds it.
    pub(crate) node: u32,
    /// What it is.
    pub(crate) kind: Kind,
    /// Clean text: entities decoded; white space collapsed except in code; `\n` is a line break.
    pub(crate) text: String,
    /// Styles, each from its start to the start of the next; empty for code.
    pub(crate) runs: Vec<Run>,
    /// Words of the text.
    pub(crate) words: u32,
    /// Words within links.
    pub(crate) link_words: u32,
    /// Marks that end or part sentences.
    pub(crate) marks: u32,
    /// It stands in a wrapper that is invisible until a script has run.
    pub(crate) veiled: bool,
    /// Pictures and rules between the block before and this one.
    pub(crate) insets: Vec<Inset>,
}

/// What a block is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Running text; its place in the skeleton tells list items and cells from paragraphs.
    #[default]
    Text,
    /// A heading of this level.
    Heading(u8),
    /// A term of a definition list.
    Term,
    /// Preformatted text in this language, empty when unknown.
    Code(String),
}

/// Where a style begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Byte offset in the block's text.
    pub(crate) start: u32,
    /// How it looks from there on.
    pub(crate) style: Style,
}

/// How inline text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Strong importance.
    pub(crate) strong: bool,
    /// Stress.
    pub(crate) em: bool,
    /// Code.
    pub(crate) code: bool,
    /// Superscript.
    pub(crate) sup: bool,
    /// Struck out.
    pub(crate) del: bool,
    /// A formula in TeX.
    pub(crate) math: Math,
    /// 1-based place in the list of link targets; 0 is no link.
    pub(crate) link: u32,
}

/// How a formula stands in its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Math {
    /// It is none.
    #[default]
    None,
    /// Within a line.
    Inline,
    /// On a line of its own.
    Display,
}

/// What stands before a block and is no text of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inset {
    /// Place in the skeleton of the element that holds it.
    pub(crate) node: u32,
    /// What it is.
    pub(crate) kind: InsetKind,
}

/// What an inset is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InsetKind {
    /// A change of subject, `<hr>`.
    Rule,
    /// A picture that says something: its text, possibly empty, and its absolute URL.
    Image(String, String),
    /// A film that is shown elsewhere: its title and its absolute URL.
    Video(String, String),
}

/// Changes of style in one block; what follows is plain. Rendering holds some 100 bytes for each.
const RUNS_MAX: usize = 4_096;

/// Room for text that a block keeps for the next one: a long paragraph.
const ROOM_BYTES_MAX: usize = 2_048;

impl Block {
    pub(crate) fn is_code(&self) -> bool {
        matches!(self.kind, Kind::Code(_))
    }

    pub(crate) fn has_math(&self) -> bool {
        self.runs.iter().any(|run| run.style.math != Math::None)
    }

    /// Adds clean text in a style; white space collapses across calls.
    pub(crate) fn push_flow(&mut self, text: &str, style: Style) {
        let mut cleaner = Cleaner::after(&self.text);
        let mut rest = text;
        loop {
            let spaces = rest.bytes().take_while(u8::is_ascii_whitespace).count();
            let after_space = self.text.is_empty() || self.text.ends_with([' ', '\n']);
            if spaces > 0 {
                rest = rest.get(spaces..).unwrap_or_default();
                cleaner.previous = ' ';
                if !after_space {
                    self.mark_run(style);
                    self.text.push(' ');
                }
            }
            // Most text is plain: whole runs of it go in at once.
            let plain = if style.sup { 0 } else { plain_bytes(rest) };
            if plain > 0 {
                let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
                self.mark_run(style);
                self.text.push_str(run);
                cleaner = Cleaner::after(run);
                rest = after;
                continue;
            }
            let Some(c) = rest.chars().next() else { break };
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            let Some(c) = cleaner.keep(c) else { continue };
            let c = if c.is_whitespace() {
                if self.text.is_empty() || self.text.ends_with([' ', '\n']) {
                    continue;
                }
                ' '
            } else if style.sup {
                superscript(c).unwrap_or(c)
            } else {
                c
            };
            self.mark_run(style);
            self.text.push(c);
        }
    }

    /// Adds preformatted text as it is.
    pub(crate) fn push_code(&mut self, text: &str) {
        let mut cleaner = Cleaner::after(&self.text);
        let mut after_return = false;
        for c in text.chars() {
            match c {
                '\r' => self.text.push('\n'),
                '\n' if after_return => {}
                '\n' | '\t' => self.text.push(c),
                _ => self.text.extend(cleaner.keep(c)),
            }
            after_return = c == '\r';
        }
    }

    /// Starts a new line within the block.
    pub(crate) fn break_line(&mut self) {
        if !self.is_code() {
            self.trim_end();
            if self.text.is_empty() {
                return;
            }
        }
        self.text.push('\n');
    }

    /// Becomes an empty block that keeps its room, unless that is much.
    pub(crate) fn clear(&mut self) {
        let (mut text, mut runs) = (std::mem::take(&mut self.text), std::mem::take(&mut self.runs));
        text.clear();
        runs.clear();
        text.shrink_to(ROOM_BYTES_MAX);
        runs.shrink_to(ROOM_BYTES_MAX / size_of::<Run>());
        *self = Self { text, runs, ..Self::default() };
    }

    /// Forgets everything behind `length` bytes.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.text.truncate(boundary_at_or_before(&self.text, length));
        let end = self.text.len();
        self.runs.retain(|run| (run.start as usize) < end);
    }

    /// Puts other text in place of a range; it takes the style that the range begins with.
    pub(crate) fn replace(&mut self, range: Range<usize>, with: &str) {
        let Range { start, end } = range;
        if start > end || !self.text.is_char_boundary(start) || !self.text.is_char_boundary(end) {
            return;
        }
        self.text.replace_range(start..end, with);
        let behind = start.saturating_add(with.len());
        let moved = |at: usize| match at {
            at if at <= start => at,
            at if at < end => behind,
            at => at.saturating_sub(end).saturating_add(behind),
        };
        for run in &mut self.runs {
            run.start = u32::try_from(moved(run.start as usize)).unwrap_or(u32::MAX);
        }
        // Of those that begin at one place the last is what follows.
        let mut next: Option<u32> = None;
        self.runs.reverse();
        self.runs.retain(|run| next.replace(run.start) != Some(run.start));
        self.runs.reverse();
        let length = self.text.len();
        self.runs.retain(|run| (run.start as usize) < length.max(1));
        self.words = count_words(&self.text);
    }

    /// Trims its end and counts words. To be called once, when the block is complete.
    pub(crate) fn finish(&mut self) {
        if self.is_code() {
            self.text.truncate(self.text.trim_end_matches('\n').len());
            let begin = self.text.len().saturating_sub(self.text.trim_start_matches('\n').len());
            self.text.drain(..begin);
        } else {
            self.trim_end();
        }
        (self.words, self.marks) = count(&self.text);
        self.link_words = match self.runs.as_slice() {
            [] => 0,
            [Run { style, .. }] => {
                if style.link == 0 {
                    0
                } else {
                    self.words
                }
            }
            _ => self
                .styled()
                .filter(|(style, _)| style.link != 0)
                .fold(0, |sum, (_, text)| sum.saturating_add(count_words(text))),
        };
    }

    /// The text in pieces of one style each.
    pub(crate) fn styled(&self) -> impl Iterator<Item = (Style, &str)> {
        let ends = self.runs.iter().skip(1).map(|run| run.start as usize).chain([self.text.len()]);
        self.runs.iter().zip(ends).filter_map(|(run, end)| {
            let text = self.text.get(run.start as usize..end)?;
            Some((run.style, text))
        })
    }

    fn trim_end(&mut self) {
        let end = self.text.trim_end_matches([' ', '\n']).len();
        self.truncate(end);
    }

    fn mark_run(&mut self, style: Style) {
        let style = if self.runs.len() < RUNS_MAX { style } else { Style::default() };
        if self.runs.last().is_none_or(|run| run.style != style) {
            // Bodies are capped far below 4 GiB.
            let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
            self.runs.push(Run { start, style });
        }
    }
}

/// The last place at or before `bytes` where `text` may be cut.
pub(crate) fn boundary_at_or_before(text: &str, bytes: usize) -> usize {
    let end = bytes.min(text.len());
    (0..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Text without control, zero-width, bidi and tag characters; line ends become `\n`.
pub(crate) fn clean_lines(text: &str) -> String {
    let mut block = Block::default();
    block.push_code(text);
    block.text
}

/// Text on one line with single spaces, at most `chars_max` characters.
pub(crate) fn clean_line(text: &str, chars_max: usize) -> String {
    let mut block = Block::default();
    block.push_flow(text, Style::default());
    let end = block.text.char_indices().nth(chars_max).map_or(block.text.len(), |(at, _)| at);
    block.truncate(end);
    block.trim_end();
    block.text
}

/// Words: runs of letters and digits; scripts written without spaces count every character.
pub(crate) fn count_words(text: &str) -> u32 {
    count(text).0
}

/// Words, and marks that end or part sentences.
fn count(text: &str) -> (u32, u32) {
    let (mut words, mut marks) = (0_u32, 0_u32);
    let mut inside = false;
    let mut rest = text;
    loop {
        let mut ascii = 0_usize;
        for byte in rest.bytes() {
            let Some(class) = ASCII.get(usize::from(byte)) else { break };
            let part = *class == LETTER || (inside && *class == JOINER);
            words = words.wrapping_add(u32::from(part && !inside));
            marks = marks.wrapping_add(u32::from(*class == MARK));
            inside = part;
            ascii = ascii.saturating_add(1);
        }
        let mut foreign = rest.get(ascii..).unwrap_or_default().chars();
        let Some(c) = foreign.next() else { return (words, marks) };
        rest = foreign.as_str();
        let alone = is_word(c);
        let part = c.is_alphanumeric() || (inside && c == '\u{2019}');
        words = words.saturating_add(u32::from(part && (alone || !inside)));
        let mark = matches!(
            c,
            '\u{60c}'
                | '\u{61f}'
                | '\u{964}'
                | '\u{3001}'
                | '\u{3002}'
                | '\u{ff01}'
                | '\u{ff0c}'
                | '\u{ff1a}'
                | '\u{ff1b}'
                | '\u{ff1f}'
        );
        marks = marks.saturating_add(u32::from(mark));
        inside = part && !alone;
    }
}

const LETTER: u8 = 1;
const JOINER: u8 = 2;
const MARK: u8 = 3;

/// What the ASCII characters are to words and sentences.
const ASCII: [u8; 128] = {
    let mut classes = [0; 128];
    let mut rest = classes.as_mut_slice();
    let mut byte = 0_u8;
    while let Some((class, behind)) = rest.split_first_mut() {
        *class = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            b'\'' | b'_' => JOINER,
            b'.' | b'!' | b'?' | b';' | b':' | b',' => MARK,
            _ => 0,
        };
        byte = byte.saturating_add(1);
        rest = behind;
    }
    classes
};

/// How many bytes at the start of a text stay as they are: visible characters, and single spaces between them.
fn plain_bytes(text: &str) -> usize {
    let mut after_space = true;
    let mut at = 0_usize;
    while let Some(rest) = text.as_bytes().get(at..) {
        for byte in rest {
            match byte {
                b'!'..=b'~' => after_space = false,
                b' ' if !after_space => after_space = true,
                _ => break,
            }
            at = at.saturating_add(1);
        }
        // No white space, no controls, no marks of direction or width.
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(c @ ('\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{61b}' | '\u{3001}'..='\u{d7ff}')) => {
                after_space = false;
                at = at.saturating_add(c.len_utf8());
            }
            _ => return at,
        }
    }
    at
}

/// Whether a character of a script without spaces counts as a word of its own: Thai, Lao, Khmer, kana, Han.
pub(crate) fn is_word(c: char) -> bool {
    matches!(c as u32, 0x0E00..=0x0EFF | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

struct Cleaner {
    previous: char,
}

impl Cleaner {
    fn after(text: &str) -> Self {
        Self { previous: text.chars().next_back().unwrap_or(' ') }
    }

    /// Drops characters that no reader sees. Joiners stay after a foreign letter or an emoji, where they spell words.
    fn keep(&mut self, c: char) -> Option<char> {
        let unseen = match c {
            '\t' | '\n' | '\r' | '\u{c}' => false,
            '\u{200C}' | '\u{200D}' => {
                self.previous.is_ascii()
                    || self.previous.is_whitespace()
                    || matches!(self.previous, '\u{200C}' | '\u{200D}')
            }
            '\u{AD}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}' => true,
            other => other.is_control(),
        };
        if unseen {
            return None;
        }
        self.previous = c;
        Some(c)
    }
}

/// The superscript form of a digit or sign: `10<sup>6</sup>` must not become 106.
fn superscript(c: char) -> Option<char> {
    Some(match c {
        '0' => '\u{2070}',
        '1' => '\u{b9}',
        '2' => '\u{b2}',
        '3' => '\u{b3}',
        '4'..='9' => char::from_u32(0x2070_u32.saturating_add(c.to_digit(10)?))?,
        '+' => '\u{207a}',
        '-' | '\u{2212}' => '\u{207b}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(parts: &[&str]) -> String {
        let mut block = Block::default();
        for part in parts {
            block.push_flow(part, Style::default());
        }
        block.finish();
        block.text
    }

    #[test]
    fn white_space_collapses_across_pieces() {
        assert_eq!(flow(&["  a \n", " b\u{a0}", "\tc "]), "a b c");
    }

    #[test]
    fn unseen_characters_vanish_but_joiners_that_spell_stay() {
        assert_eq!(flow(&["pass\u{200b}word\u{202e}\u{e0041}\u{ad}"]), "password");
        assert_eq!(flow(&["\u{645}\u{6cc}\u{200c}\u{62e}\u{648}"]), "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}");
        assert_eq!(flow(&["a\u{200d}b\u{645}\u{200d}\u{200d}"]), "ab\u{645}\u{200d}");
    }

    #[test]
    fn what_is_replaced_takes_its_styles_along() {
        let mut block = Block::default();
        let strong = Style { strong: true, ..Style::default() };
        for (text, style) in
            [("one ", Style::default()), ("two", strong), (" three ", Style::default()), ("four", strong)]
        {
            block.push_flow(text, style);
        }
        block.replace(4..13, "x");
        let styled: Vec<(bool, &str)> = block.styled().map(|(style, text)| (style.strong, text)).collect();
        assert_eq!(styled, [(false, "one "), (true, "x"), (false, " "), (true, "four")]);
    }

    #[test]
    fn powers_keep_their_meaning() {
        let mut block = Block::default();
        block.push_flow("10", Style::default());
        block.push_flow("-6", Style { sup: true, ..Style::default() });
        assert_eq!(block.text, "10\u{207b}\u{2076}");
    }

    #[test]
    fn code_keeps_its_white_space() {
        let mut block = Block { kind: Kind::Code(String::new()), ..Block::default() };
        block.push_code("fn a() {\r\n\tb  c\u{200b}\n}\n\n");
        block.finish();
        assert_eq!(block.text, "fn a() {\n\tb  c\n}");
    }

    #[test]
    fn words_are_counted_in_scripts_with_and_without_spaces() {
        assert_eq!(count_words("It's 3.5 words, isn\u{2019}t it?"), 6);
        assert_eq!(count_words("\u{65e5}\u{672c}\u{8a9e} ok"), 4);
        assert_eq!(count_words(" -- "), 0);
    }
}
