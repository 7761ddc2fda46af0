//! What the codes and glyph names of simple fonts stand for (ISO 32000-1, annex D; Adobe Glyph List).

use super::cmap::is_text;
use encoding_rs::{MACINTOSH, WINDOWS_1252};

/// A table from codes of one byte to characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Standard,
    WinAnsi,
    MacRoman,
    Symbol,
    /// That of strings outside of content.
    PdfDoc,
}

/// Standard, Symbol and PDFDoc encoding from code 0x20 on, a line each; U+FFFD where a code has no character.
const TABLES: &str = include_str!("encodings.txt");
/// `name HEX` lines in byte order: glyph names of more than one letter, those of TeX's fonts among them.
const GLYPHS: &str = include_str!("glyphs.txt");

impl Encoding {
    pub(crate) fn of_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"StandardEncoding" => Self::Standard,
            b"WinAnsiEncoding" => Self::WinAnsi,
            b"MacRomanEncoding" => Self::MacRoman,
            _ => return None,
        })
    }

    /// The character of a code.
    pub(crate) fn char(self, code: u8) -> Option<char> {
        let decoded = |encoding: &'static encoding_rs::Encoding| {
            encoding.decode_without_bom_handling(&[code]).0.chars().next()
        };
        let line = match self {
            Self::WinAnsi => return decoded(WINDOWS_1252).filter(|c| is_text(*c)),
            Self::MacRoman => return decoded(MACINTOSH).filter(|c| is_text(*c)),
            Self::Standard => 0,
            Self::Symbol => 1,
            Self::PdfDoc => 2,
        };
        let place = usize::from(code).checked_sub(0x20)?;
        TABLES.lines().nth(line)?.chars().nth(place).filter(|c| is_text(*c))
    }
}

/// The text that a glyph's name stands for: `eacute`, `f_f_i`, `uni00E9`, `u1F600`, `a.sc`.
pub(crate) fn glyph_text(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let base = name.split('.').next().filter(|base| !base.is_empty())?;
    let text: Option<String> = base.split('_').map(|part| named(part).or_else(|| unicode(part))).collect();
    text.filter(|text| !text.is_empty() && text.chars().all(is_text))
}

/// The code in names like `G65`, `a65` or `c65`, which some writers give to the glyphs of a subset.
pub(crate) fn code_in_name(name: &[u8]) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    if name.len().saturating_sub(digits.len()) > 2 || digits.len() == name.len() {
        return None;
    }
    digits.parse::<u8>().ok().map(char::from).filter(char::is_ascii_graphic)
}

/// A string outside of content: UTF-16 or UTF-8 with its mark, else PDFDoc encoding (ISO 32000-2, 7.9.2.2).
pub(crate) fn string_text(bytes: &[u8]) -> String {
    if let Some((unicode, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return unicode.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0.into_owned();
    }
    let char = |byte: &u8| match byte {
        b'\t' | b'\n' | b'\r' => Some(' '),
        code => Encoding::PdfDoc.char(*code),
    };
    bytes.iter().filter_map(char).collect()
}

fn named(name: &str) -> Option<String> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return letter.is_ascii_alphanumeric().then(|| letter.to_string());
    }
    // Both ends stay at beginnings of lines.
    let (mut low, mut high) = (0_usize, GLYPHS.len());
    while low < high {
        let middle = low.midpoint(high);
        let start =
            GLYPHS.get(low..middle)?.rfind('\n').map_or(low, |at| low.saturating_add(at).saturating_add(1));
        let line = GLYPHS.get(start..)?.lines().next()?;
        let (known, hex) = line.split_once(' ')?;
        match name.cmp(known) {
            std::cmp::Ordering::Equal => {
                return u32::from_str_radix(hex, 16).ok().and_then(char::from_u32).map(String::from);
            }
            std::cmp::Ordering::Less => high = start,
            std::cmp::Ordering::Greater => low = start.saturating_add(line.len()).saturating_add(1),
        }
    }
    None
}

fn unicode(name: &str) -> Option<String> {
    let char = |hex: &str| u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
    if let Some(hex) = name.strip_prefix("uni").filter(|hex| hex.len() >= 4 && hex.len() % 4 == 0) {
        return (0..hex.len()).step_by(4).map(|at| char(hex.get(at..at.saturating_add(4))?)).collect();
    }
    let hex = name.strip_prefix('u').filter(|hex| (4..=6).contains(&hex.len()))?;
    char(hex).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyph_names_become_text() {
        for (name, text) in [
            ("A", Some("A")),
            ("eacute", Some("\u{e9}")),
            ("zukatakana", None),
            ("AE", Some("\u{c6}")),
            ("zero", Some("0")),
            ("f_f_i", Some("ffi")),
            ("one.oldstyle", Some("1")),
            ("uni00E900E8", Some("\u{e9}\u{e8}")),
            ("u1F600", Some("\u{1f600}")),
            (".notdef", None),
            ("nonsense", None),
        ] {
            assert_eq!(glyph_text(name.as_bytes()).as_deref(), text, "{name}");
        }
        for line in GLYPHS.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            assert!(named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn codes_become_characters() {
        assert_eq!(Encoding::Standard.char(0x27), Some('\u{2019}'));
        assert_eq!(Encoding::WinAnsi.char(0x93), Some('\u{201c}'));
        assert_eq!(Encoding::MacRoman.char(0x8e), Some('\u{e9}'));
        assert_eq!(Encoding::Symbol.char(0x61), Some('\u{3b1}'));
        assert_eq!(Encoding::PdfDoc.char(0xe9), Some('\u{e9}'));
        assert_eq!(Encoding::Standard.char(0x80), None);
        assert_eq!(
            (code_in_name(b"G65"), code_in_name(b"glyph65"), code_in_name(b"65")),
            (Some('A'), None, None)
        );
    }
}
