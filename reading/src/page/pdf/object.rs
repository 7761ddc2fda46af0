//! Objects of a PDF and the one parser for them, for files, content streams and character maps alike.

use std::collections::BTreeMap;

/// Keys without their slash.
pub(crate) type Dict = BTreeMap<Vec<u8>, Object>;

/// A parsed object (ISO 32000-1, 7.3).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Object {
    /// Also what stands for everything that is missing or broken.
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    /// Bytes of a string, escapes resolved.
    Text(Vec<u8>),
    /// Without its slash.
    Name(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    /// Number of an indirect object; generations are not told apart.
    Reference(u32),
    /// A bare word: an operator of a content stream, or `endobj` and its like.
    Word(Vec<u8>),
}

impl Object {
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A number that is no less than 0, cut to a whole one.
    pub(crate) fn count(&self) -> Option<usize> {
        // `as` saturates.
        self.number().filter(|number| *number >= 0.0).map(|number| number as usize)
    }

    pub(crate) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    pub(crate) fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    pub(crate) fn is_name(&self, name: &str) -> bool {
        self.name() == Some(name.as_bytes())
    }
}

/// Deepest nesting of arrays and dictionaries; real files stay below 10.
const DEPTH_MAX: usize = 48;
/// Objects within one object. A width array of a CJK font has some 20,000; at 32 bytes each this is 3.2 MB.
const NODES_MAX: usize = 100_000;
/// Longest string; a line of text has some hundred bytes, and writers cut at 64 KB (ISO 32000-1, annex C: 32,767 bytes).
const STRING_BYTES_MAX: usize = 65_536;

/// Reads one object after the other. It only goes forward: a caller that goes on where it stopped reads a file in linear time.
pub(crate) struct Parser<'a> {
    bytes: &'a [u8],
    /// Where it will read next.
    pub(crate) at: usize,
    nodes: usize,
    references: bool,
}

impl<'a> Parser<'a> {
    /// For the body of a file, where `3 0 R` is a reference.
    pub(crate) fn of_file(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, nodes: 0, references: true }
    }

    /// For content streams and character maps, which have no references.
    pub(crate) fn of_content(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, nodes: 0, references: false }
    }

    /// The next object or word; `None` at the end and where nothing sensible stands.
    pub(crate) fn next(&mut self) -> Option<Object> {
        self.nodes = NODES_MAX;
        self.object(0)
    }

    /// Passes white space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.at = self.at.saturating_add(1);
            } else if byte == b'%' {
                self.skip_while(|b| !matches!(b, b'\r' | b'\n'));
            } else {
                break;
            }
        }
    }

    /// Passes `word` if it stands next.
    pub(crate) fn take(&mut self, word: &[u8]) -> bool {
        let there = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if there {
            self.at = self.at.saturating_add(word.len());
        }
        there
    }

    /// Passes the data of an inline image, up to and with its `EI` (ISO 32000-1, 8.9.7).
    pub(crate) fn skip_image(&mut self) {
        while let Some(rest) = self.bytes.get(self.at..).filter(|rest| !rest.is_empty()) {
            let alone = |byte: Option<&u8>| byte.is_none_or(|b| is_space(*b));
            let before = self.at.checked_sub(1).and_then(|before| self.bytes.get(before));
            if rest.starts_with(b"EI") && alone(before) && alone(rest.get(2)) {
                self.at = self.at.saturating_add(2);
                break;
            }
            self.at = self.at.saturating_add(1);
        }
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        self.nodes = self.nodes.checked_sub(1).filter(|_| depth < DEPTH_MAX)?;
        self.skip_space();
        match self.peek()? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.string().map(Object::Text),
            b'<' if self.take(b"<<") => self.dict(depth),
            b'<' => self.hex().map(Object::Text),
            b'[' => {
                self.bump();
                self.array(depth)
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => Some(self.number_or_reference()),
            byte if is_delimiter(byte) => {
                self.bump();
                Some(Object::Word(vec![byte]))
            }
            _ => {
                let word = self.word();
                Some(match word {
                    b"true" => Object::Bool(true),
                    b"false" => Object::Bool(false),
                    b"null" => Object::Null,
                    word => Object::Word(word.to_vec()),
                })
            }
        }
    }

    /// A word within an array or dictionary is the end of a broken one, and is left to be read next.
    fn array(&mut self, depth: usize) -> Option<Object> {
        let mut array = Vec::new();
        loop {
            self.skip_space();
            if self.take(b"]") {
                break;
            }
            let start = self.at;
            match self.object(depth.saturating_add(1))? {
                Object::Word(_) => {
                    self.at = start;
                    break;
                }
                object => array.push(object),
            }
        }
        Some(Object::Array(array))
    }

    fn dict(&mut self, depth: usize) -> Option<Object> {
        let mut dict = Dict::new();
        loop {
            self.skip_space();
            if self.take(b">>") {
                break;
            }
            if self.peek()? != b'/' {
                // A stray value is passed over; a word ends a broken dictionary.
                let start = self.at;
                if let Object::Word(_) = self.object(depth.saturating_add(1))? {
                    self.at = start;
                    break;
                }
                continue;
            }
            let key = self.name()?;
            self.skip_space();
            if self.peek() == Some(b'>') {
                continue;
            }
            let start = self.at;
            match self.object(depth.saturating_add(1))? {
                Object::Word(_) => {
                    self.at = start;
                    break;
                }
                object => {
                    dict.insert(key, object);
                }
            }
        }
        Some(Object::Dict(dict))
    }

    fn number_or_reference(&mut self) -> Object {
        let whole = self.peek().is_some_and(|b| b.is_ascii_digit());
        let (first, digits_only) = self.number();
        if !(self.references && whole && digits_only) {
            return Object::Number(first);
        }
        let behind = self.at;
        self.skip_while(is_space);
        let generation = self.at;
        self.skip_while(|b| b.is_ascii_digit());
        if self.at > generation && self.at > behind {
            self.skip_while(is_space);
            let ends =
                self.bytes.get(self.at.saturating_add(1)).is_none_or(|b| is_space(*b) || is_delimiter(*b));
            if ends && self.take(b"R") && first <= f64::from(u32::MAX) {
                return Object::Reference(first as u32);
            }
        }
        self.at = behind;
        Object::Number(first)
    }

    /// A number, and whether it was digits alone. Broken ones (`--5`, `1.2.3`) are read as far as they make sense.
    fn number(&mut self) -> (f64, bool) {
        let (mut value, mut scale, mut negative, mut digits_only) = (0.0_f64, 0.0_f64, false, true);
        while let Some(byte) = self.peek() {
            match byte {
                b'0'..=b'9' if scale == 0.0 => value = value * 10.0 + f64::from(byte - b'0'),
                b'0'..=b'9' => {
                    value += f64::from(byte - b'0') * scale;
                    scale /= 10.0;
                }
                b'.' if scale == 0.0 => {
                    scale = 0.1;
                    digits_only = false;
                }
                b'-' | b'+' if value == 0.0 => {
                    negative |= byte == b'-';
                    digits_only = false;
                }
                b'.' | b'-' | b'+' => {
                    // What follows is noise.
                    self.skip_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
                    digits_only = false;
                    break;
                }
                _ => break,
            }
            self.bump();
        }
        let value = if value.is_finite() { value } else { 0.0 };
        (if negative { -value } else { value }, digits_only)
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        self.bump();
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|b| !is_space(*b) && !is_delimiter(*b)) {
            self.bump();
            let escaped = (byte == b'#').then(|| {
                let high = hex_digit(*self.bytes.get(self.at)?)?;
                let low = hex_digit(*self.bytes.get(self.at.saturating_add(1))?)?;
                Some(high << 4 | low)
            });
            if let Some(escaped) = escaped.flatten() {
                self.at = self.at.saturating_add(2);
                name.push(escaped);
            } else {
                name.push(byte);
            }
            if name.len() > STRING_BYTES_MAX {
                return None;
            }
        }
        Some(name)
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        self.bump();
        let mut text = Vec::new();
        let mut open = 1_usize;
        loop {
            let byte = self.peek()?;
            self.bump();
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return Some(text);
                    }
                }
                b'\\' => {
                    text.extend(self.escape());
                    continue;
                }
                _ => {}
            }
            text.push(byte);
            if text.len() > STRING_BYTES_MAX {
                return None;
            }
        }
    }

    /// What a backslash and the characters behind it stand for (ISO 32000-1, table 3).
    fn escape(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.bump();
        Some(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            b'\r' => {
                self.take(b"\n");
                return None;
            }
            b'\n' => return None,
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit) = self.peek().filter(|b| (b'0'..=b'7').contains(b)) else { break };
                    self.bump();
                    code = code * 8 + u32::from(digit - b'0');
                }
                // High-order overflow is ignored.
                (code & 0xFF) as u8
            }
            other => other,
        })
    }

    fn hex(&mut self) -> Option<Vec<u8>> {
        self.bump();
        let mut text = Vec::new();
        let mut high: Option<u8> = None;
        loop {
            let byte = self.peek()?;
            self.bump();
            if byte == b'>' {
                break;
            }
            let Some(digit) = hex_digit(byte) else { continue };
            match high.take() {
                None => high = Some(digit),
                Some(first) => text.push(first << 4 | digit),
            }
            if text.len() > STRING_BYTES_MAX {
                return None;
            }
        }
        text.extend(high.map(|digit| digit << 4));
        Some(text)
    }

    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        self.skip_while(|b| !is_space(b) && !is_delimiter(b));
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn skip_while(&mut self, is: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is) {
            self.bump();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn bump(&mut self) {
        self.at = self.at.saturating_add(1);
    }
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

pub(crate) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Object> {
        Parser::of_file(text.as_bytes(), 0).next()
    }

    #[test]
    fn objects_are_read_as_the_standard_writes_them() {
        let text = |bytes: &[u8]| Object::Text(bytes.to_vec());
        assert_eq!(parsed(" % note\n-12.5"), Some(Object::Number(-12.5)));
        assert_eq!(parsed(r"(a\(b\)(c)\101\n\z)"), Some(text(b"a(b)(c)A\nz")));
        assert_eq!(parsed("<48 65 6>"), Some(text(b"He`")));
        assert_eq!(parsed("/A#42#zz"), Some(Object::Name(b"AB#zz".to_vec())));
        let Some(Object::Dict(dict)) = parsed("<</Kids[3 0 R 4 5]/N null/T true>>") else {
            return assert_eq!(parsed(""), Some(Object::Null));
        };
        assert_eq!(
            dict.get(b"Kids".as_slice()),
            Some(&Object::Array(vec![Object::Reference(3), Object::Number(4.0), Object::Number(5.0)]))
        );
        assert_eq!(dict.get(b"T".as_slice()), Some(&Object::Bool(true)));
    }

    #[test]
    fn broken_containers_end_at_the_next_word() {
        let mut parser = Parser::of_file(b"<</A [1 2 /B 3 endobj 7", 0);
        assert!(matches!(parser.next(), Some(Object::Dict(_))));
        assert_eq!(parser.next(), Some(Object::Word(b"endobj".to_vec())));
    }

    #[test]
    fn nesting_and_strings_without_end_are_given_up() {
        assert_eq!(parsed(&"[".repeat(1_000_000)), None);
        assert_eq!(parsed(&"<</A".repeat(1_000_000)), None);
        assert_eq!(parsed(&format!("({}", "(".repeat(1_000_000))), None);
        assert_eq!(parsed(&format!("[{}]", "1 ".repeat(NODES_MAX))), None);
    }
}
