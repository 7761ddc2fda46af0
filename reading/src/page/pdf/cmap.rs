//! Character maps: from codes to text (`ToUnicode`) and from codes to glyph numbers (ISO 32000-1, 9.7.5 and 9.10.3).

use super::object::{Object, Parser};

/// A map of codes.
#[derive(Debug, Default)]
pub(crate) struct CMap {
    /// Lengths of codes: bytes, first code, last code.
    spaces: Vec<(usize, u32, u32)>,
    /// Sorted by their first code.
    texts: Vec<(u32, u32, Target)>,
    /// Sorted by their first code: first code, last code, first glyph.
    glyphs: Vec<(u32, u32, u32)>,
}

/// What the first code of a range stands for; the others follow.
#[derive(Debug)]
enum Target {
    Char(u32),
    Text(Box<str>),
}

/// Ranges of one map: there are no more codes of two bytes. At 32 bytes each this is 2 MB.
const RANGES_MAX: usize = 65_536;
/// Ranges of code lengths; real maps have one to eight.
const SPACES_MAX: usize = 64;
/// Characters that one code may stand for; `ffi` has three.
const TEXT_CHARS_MAX: usize = 8;
/// Operands of one operator: 100 lines of three, and some writers put a whole font into one.
const OPERANDS_MAX: usize = 200_000;

impl CMap {
    /// Reads a map as far as it makes sense.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut parser = Parser::of_content(bytes);
        let mut operands: Vec<Object> = Vec::new();
        while let Some(object) = parser.next() {
            let Object::Word(word) = object else {
                if operands.len() < OPERANDS_MAX {
                    operands.push(object);
                }
                continue;
            };
            match word.as_slice() {
                b"endcodespacerange" => {
                    for pair in operands.chunks_exact(2).take(SPACES_MAX) {
                        let [Object::Text(low), Object::Text(high)] = pair else { continue };
                        map.spaces.push((low.len().clamp(1, 4), code(low), code(high)));
                    }
                }
                b"endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        let [Object::Text(from), to] = pair else { continue };
                        map.add_text(code(from), code(from), to);
                    }
                }
                b"endbfrange" => {
                    for three in operands.chunks_exact(3) {
                        let [Object::Text(low), Object::Text(high), to] = three else { continue };
                        match to {
                            Object::Array(each) => {
                                for (from, to) in (code(low)..=code(high)).zip(each) {
                                    map.add_text(from, from, to);
                                }
                            }
                            to => map.add_text(code(low), code(high), to),
                        }
                    }
                }
                b"endcidchar" => {
                    for pair in operands.chunks_exact(2) {
                        let [Object::Text(from), Object::Number(to)] = pair else { continue };
                        map.add_glyph(code(from), code(from), *to);
                    }
                }
                b"endcidrange" => {
                    for three in operands.chunks_exact(3) {
                        let [Object::Text(low), Object::Text(high), Object::Number(to)] = three else {
                            continue;
                        };
                        map.add_glyph(code(low), code(high), *to);
                    }
                }
                _ => {}
            }
            operands.clear();
        }
        map.texts.sort_by_key(|(low, ..)| *low);
        map.glyphs.sort_by_key(|(low, ..)| *low);
        map
    }

    /// How much it holds, for budgets.
    pub(crate) fn ranges(&self) -> usize {
        self.texts.len().saturating_add(self.glyphs.len())
    }

    /// Length in bytes of the code that `bytes` begins with, if the map says so.
    pub(crate) fn code_bytes(&self, bytes: &[u8]) -> Option<usize> {
        let fits = |(length, low, high): &&(usize, u32, u32)| {
            let given = bytes.get(..*length).map(code);
            given.is_some_and(|given| (*low..=*high).contains(&given))
        };
        self.spaces.iter().find(fits).map(|(length, ..)| *length)
    }

    /// Adds the text of a code; `false` when it has none.
    pub(crate) fn push_text(&self, code: u32, out: &mut String) -> bool {
        let at = self.texts.partition_point(|(low, ..)| *low <= code);
        let Some((low, high, target)) = at.checked_sub(1).and_then(|at| self.texts.get(at)) else {
            return false;
        };
        if code > *high {
            return false;
        }
        let offset = code.saturating_sub(*low);
        match target {
            Target::Char(first) => match char::from_u32(first.saturating_add(offset)) {
                Some(c) if is_text(c) => out.push(c),
                _ => return false,
            },
            Target::Text(text) => {
                // The last character counts on through the range.
                let mut chars: Vec<char> = text.chars().collect();
                if let Some(last) = chars.last_mut() {
                    *last = char::from_u32((*last as u32).saturating_add(offset)).unwrap_or(*last);
                }
                out.extend(chars);
            }
        }
        true
    }

    /// The glyph of a code.
    pub(crate) fn glyph(&self, code: u32) -> Option<u32> {
        let at = self.glyphs.partition_point(|(low, ..)| *low <= code);
        let (low, high, first) = at.checked_sub(1).and_then(|at| self.glyphs.get(at))?;
        (code <= *high).then(|| first.saturating_add(code.saturating_sub(*low)))
    }

    fn add_text(&mut self, low: u32, high: u32, to: &Object) {
        let Object::Text(to) = to else { return };
        if self.texts.len() >= RANGES_MAX {
            return;
        }
        let units: Vec<u16> = to
            .chunks(2)
            .map(|pair| pair.iter().fold(0_u16, |sum, byte| sum << 8 | u16::from(*byte)))
            .collect();
        let mut chars = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        let text: String = chars.by_ref().take(TEXT_CHARS_MAX).collect();
        let mut each = text.chars();
        let target = match (each.next(), each.next()) {
            (None, _) => return,
            (Some(one), None) => Target::Char(one as u32),
            _ => Target::Text(text.into()),
        };
        self.texts.push((low, high, target));
    }

    fn add_glyph(&mut self, low: u32, high: u32, to: f64) {
        if self.glyphs.len() < RANGES_MAX && to >= 0.0 {
            // `as` saturates.
            self.glyphs.push((low, high, to as u32));
        }
    }
}

/// A code as a number; only its last four bytes count.
pub(crate) fn code(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

/// Whether a character says something: maps of fonts made to hide their text lead to nothing, or to private characters.
pub(crate) fn is_text(c: char) -> bool {
    !matches!(c, '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{f0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(map: &CMap, code: u32) -> String {
        let mut out = String::new();
        map.push_text(code, &mut out);
        out
    }

    #[test]
    fn codes_become_text_one_by_one_and_in_ranges() {
        let map = CMap::parse(
            b"1 begincodespacerange <00> <7F> <8000> <FFFF> endcodespacerange
              2 beginbfchar <01> <0041> <02> <006600660069> endbfchar
              3 beginbfrange <10> <12> <0061> <20> <21> [<0058> <D83DDE00>] <8001> <8003> <00660061> endbfrange",
        );
        assert_eq!((text(&map, 1), text(&map, 2)), ("A".into(), "ffi".into()));
        assert_eq!((text(&map, 0x12), text(&map, 0x13)), ("c".into(), String::new()));
        assert_eq!((text(&map, 0x20), text(&map, 0x21)), ("X".into(), "\u{1f600}".into()));
        assert_eq!(text(&map, 0x8002), "fb");
        assert_eq!((map.code_bytes(b"\x01\x02"), map.code_bytes(b"\x81\x02")), (Some(1), Some(2)));
    }

    #[test]
    fn codes_become_glyphs() {
        let map =
            CMap::parse(b"1 begincidrange <0020> <007e> 231 endcidrange 1 begincidchar <1234> 5 endcidchar");
        assert_eq!((map.glyph(0x21), map.glyph(0x1234), map.glyph(0x7f)), (Some(232), Some(5), None));
    }
}
