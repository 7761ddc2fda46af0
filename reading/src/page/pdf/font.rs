//! Fonts: from the codes of a shown string to text and widths.

use super::cmap::{CMap, code, is_text};
use super::encoding::{Encoding, code_in_name, glyph_text};
use super::file::File;
use super::object::{Dict, Object, Parser};

/// What is needed of a font to read its text.
pub(crate) struct Font {
    codes: Codes,
    /// It is set in heavy strokes.
    pub(crate) bold: bool,
    /// All its glyphs are equally wide.
    pub(crate) mono: bool,
}

/// The first code of a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shown {
    /// Bytes of the code, at least one.
    pub(crate) bytes: usize,
    /// Width in parts of the font size.
    pub(crate) width: f64,
    /// The one-byte code 32, which word spacing widens.
    pub(crate) space: bool,
    /// The code says something; otherwise no text was added.
    pub(crate) known: bool,
}

enum Codes {
    Simple { texts: Vec<Box<str>>, widths: Vec<f32> },
    Composite { lengths: Lengths, unicode: Option<CMap>, widths: Vec<(u32, u32, f32)>, default: f32 },
}

/// How the codes of a composite font are read.
enum Lengths {
    /// Two bytes each, which are glyph numbers.
    Identity,
    /// As an embedded map says.
    Map(CMap),
    /// Two bytes each, which are UTF-16.
    Utf16,
    /// One or two bytes in a character set of East Asia.
    Charset(&'static encoding_rs::Encoding),
}

/// Ranges of widths of one font: no more glyphs fit two bytes.
const WIDTHS_MAX: usize = 65_536;

impl Font {
    /// Reads a font's dictionary.
    pub(crate) fn read(file: &mut File, dict: &Dict) -> Self {
        let name = file.get(dict, "BaseFont");
        let name =
            name.name().map(|name| String::from_utf8_lossy(name).to_ascii_lowercase()).unwrap_or_default();
        let composite = file.get(dict, "Subtype").is_name("Type0");
        let unicode = dict
            .get(b"ToUnicode".as_slice())
            .and_then(|map| file.stream(map))
            .map(|stream| CMap::parse(&stream.data))
            .filter(|map| map.ranges() > 0);
        let codes = if composite {
            composite_codes(file, dict, unicode)
        } else {
            simple_codes(file, dict, unicode, &name)
        };
        let has = |marks: &[&str]| marks.iter().any(|mark| name.contains(mark));
        Self {
            codes,
            bold: has(&["bold", "black", "heavy", "demi", "cmbx", "sfbx", "medi"]),
            mono: has(&["mono", "courier", "cmtt", "sftt", "consol", "typewriter", "menlo", "inconsolata"]),
        }
    }

    /// How much it holds, for budgets: about 32 bytes each.
    pub(crate) fn weight(&self) -> usize {
        match &self.codes {
            Codes::Simple { .. } => 256,
            Codes::Composite { lengths, unicode, widths, .. } => {
                let map = if let Lengths::Map(map) = lengths { map.ranges() } else { 0 };
                map.saturating_add(widths.len()).saturating_add(unicode.as_ref().map_or(0, CMap::ranges))
            }
        }
    }

    /// Reads the first code of `bytes` and adds its text; `None` at the end.
    pub(crate) fn show(&self, bytes: &[u8], out: &mut String) -> Option<Shown> {
        let first = *bytes.first()?;
        match &self.codes {
            Codes::Simple { texts, widths } => {
                let place = usize::from(first);
                let text = texts.get(place).map(AsRef::as_ref).unwrap_or_default();
                out.push_str(text);
                let width = f64::from(widths.get(place).copied().unwrap_or(0.0));
                Some(Shown { bytes: 1, width, space: first == 32, known: !text.is_empty() })
            }
            Codes::Composite { lengths, unicode, widths, default } => {
                let length = match lengths {
                    Lengths::Map(map) => map.code_bytes(bytes).unwrap_or(2),
                    Lengths::Charset(charset) => charset_bytes(charset, first),
                    _ => 2,
                };
                let used = bytes.get(..length).unwrap_or(bytes);
                let number = code(used);
                let known =
                    unicode.as_ref().is_some_and(|map| map.push_text(number, out)) || lengths.push(used, out);
                let glyph = match lengths {
                    Lengths::Identity => Some(number),
                    Lengths::Map(map) => map.glyph(number),
                    _ => None,
                };
                let width = glyph.and_then(|glyph| {
                    let at = widths.partition_point(|(low, ..)| *low <= glyph).checked_sub(1)?;
                    widths.get(at).filter(|(_, high, _)| glyph <= *high).map(|(.., width)| *width)
                });
                let width = f64::from(width.unwrap_or(*default));
                Some(Shown { bytes: used.len(), width, space: used == [32], known })
            }
        }
    }
}

impl Lengths {
    /// The text that a code is by itself, without any map.
    fn push(&self, bytes: &[u8], out: &mut String) -> bool {
        let decoded = match self {
            Self::Utf16 => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
            Self::Charset(charset) => charset.decode_without_bom_handling(bytes).0,
            _ => return false,
        };
        let known = decoded.chars().all(is_text);
        if known {
            out.push_str(&decoded);
        }
        known
    }
}

/// Bytes of a code in a character set whose first byte tells.
fn charset_bytes(charset: &'static encoding_rs::Encoding, first: u8) -> usize {
    let single = first < 0x80
        || (charset == encoding_rs::SHIFT_JIS && (first == 0x80 || (0xA0..=0xDF).contains(&first)));
    if single { 1 } else { 2 }
}

fn composite_codes(file: &mut File, dict: &Dict, unicode: Option<CMap>) -> Codes {
    let descendants = file.get(dict, "DescendantFonts");
    let descendant = descendants.array().and_then(<[Object]>::first).map(|font| file.resolve(font));
    let descendant = descendant.and_then(|font| font.dict().cloned()).unwrap_or_default();
    let default = file.get(&descendant, "DW").number().unwrap_or(1000.0);
    let stated = file.get(&descendant, "W");
    let widths = composite_widths(file, stated.array().unwrap_or_default());
    let lengths = match dict.get(b"Encoding".as_slice()) {
        Some(Object::Name(name)) => predefined(name),
        Some(reference) => {
            file.stream(reference).map_or(Lengths::Identity, |s| Lengths::Map(CMap::parse(&s.data)))
        }
        None => Lengths::Identity,
    };
    Codes::Composite { lengths, unicode, widths, default: (default / 1000.0) as f32 }
}

/// The predefined maps whose codes are text of themselves (ISO 32000-1, table 118).
fn predefined(name: &[u8]) -> Lengths {
    let name = String::from_utf8_lossy(name);
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if name.contains("-UCS2-") || name.contains("-UTF16-") {
        Lengths::Utf16
    } else if starts(&["GB-", "GBpc-", "GBK", "GBKp"]) {
        Lengths::Charset(encoding_rs::GBK)
    } else if starts(&["B5pc-", "ETen-B5", "ETenms-B5", "HKscs-B5"]) {
        Lengths::Charset(encoding_rs::BIG5)
    } else if starts(&["83pv-RKSJ", "90ms-RKSJ", "90msp-RKSJ", "90pv-RKSJ", "Add-RKSJ", "Ext-RKSJ"]) {
        Lengths::Charset(encoding_rs::SHIFT_JIS)
    } else if starts(&["EUC-"]) {
        Lengths::Charset(encoding_rs::EUC_JP)
    } else if starts(&["KSC-", "KSCms-", "KSCpc-"]) {
        Lengths::Charset(encoding_rs::EUC_KR)
    } else {
        Lengths::Identity
    }
}

/// `first [w w w]` and `first last w` (ISO 32000-1, 9.7.4.3), sorted by the first glyph.
fn composite_widths(file: &mut File, stated: &[Object]) -> Vec<(u32, u32, f32)> {
    let mut widths = Vec::new();
    let mut items = stated.iter();
    let whole = |object: &Object| object.count().and_then(|number| u32::try_from(number).ok());
    while let Some(first) = items.next().and_then(whole)
        && widths.len() < WIDTHS_MAX
    {
        match items.next().map(|item| file.resolve(item)) {
            Some(Object::Array(each)) => {
                for (glyph, width) in (first..).zip(&each) {
                    let width = width.number().unwrap_or(0.0);
                    widths.push((glyph, glyph, (width / 1000.0) as f32));
                }
            }
            Some(last) => {
                let width = items.next().and_then(Object::number).unwrap_or(0.0);
                widths.push((first, whole(&last).unwrap_or(first), (width / 1000.0) as f32));
            }
            None => break,
        }
    }
    widths.sort_by_key(|(low, ..)| *low);
    widths
}

fn simple_codes(file: &mut File, dict: &Dict, unicode: Option<CMap>, name: &str) -> Codes {
    let descriptor = file.dict(dict, "FontDescriptor").unwrap_or_default();
    let mut texts = base_texts(file, dict, &descriptor, name);
    if let Some(map) = unicode {
        for (code, text) in (0_u32..).zip(&mut texts) {
            let mut mapped = String::new();
            if map.push_text(code, &mut mapped) {
                *text = mapped.into();
            }
        }
    }
    // A glyph of a Type 3 font is measured in units of its own.
    let matrix = file.get(dict, "FontMatrix");
    let unit = matrix.array().and_then(|m| m.first()).and_then(Object::number);
    let unit = unit.filter(|_| dict.get(b"Subtype".as_slice()).is_some_and(|kind| kind.is_name("Type3")));
    let unit = unit.unwrap_or(0.001);
    let missing = file.get(&descriptor, "MissingWidth").number().unwrap_or(0.0);
    let first = file.get(dict, "FirstChar").count().unwrap_or(0);
    let widths = match file.get(dict, "Widths") {
        Object::Array(stated) => (0..256_usize)
            .map(|code| {
                let width =
                    code.checked_sub(first).and_then(|at| stated.get(at)).map(|width| file.resolve(width));
                (width.and_then(|width| width.number()).unwrap_or(missing) * unit) as f32
            })
            .collect(),
        _ => texts.iter().map(|text| standard_width(name, text)).collect(),
    };
    Codes::Simple { texts, widths }
}

/// What each code stands for by encoding and glyph names.
fn base_texts(file: &mut File, dict: &Dict, descriptor: &Dict, name: &str) -> Vec<Box<str>> {
    let encoding = file.get(dict, "Encoding");
    let stated = encoding.dict().cloned().unwrap_or_default();
    let base = encoding.name().and_then(Encoding::of_name);
    let base = base.or_else(|| stated.get(b"BaseEncoding".as_slice())?.name().and_then(Encoding::of_name));
    let program = descriptor.get(b"FontFile".as_slice()).filter(|_| base.is_none());
    let own = program.and_then(|program| file.stream(program)).map(|program| own_names(&program.data));
    let base = base.unwrap_or_else(|| {
        let truetype = dict.get(b"Subtype".as_slice()).is_some_and(|kind| kind.is_name("TrueType"));
        match () {
            () if name.contains("symbol") => Encoding::Symbol,
            () if truetype => Encoding::WinAnsi,
            () => Encoding::Standard,
        }
    });
    let mut texts: Vec<Box<str>> = (0..=255_u8)
        .map(|code| base.char(code).map(|c| spelt(&String::from(c))).unwrap_or_default().into())
        .collect();
    let mut set = |code: usize, name: &[u8]| {
        let text = glyph_text(name).or_else(|| code_in_name(name).map(String::from));
        if let (Some(place), Some(text)) = (texts.get_mut(code), text) {
            *place = spelt(&text).into();
        }
    };
    for (code, name) in own.unwrap_or_default() {
        set(code, &name);
    }
    let differences = file.get(&stated, "Differences");
    let mut code = 0_usize;
    for item in differences.array().unwrap_or_default() {
        match item {
            Object::Name(name) => {
                set(code, name);
                code = code.saturating_add(1);
            }
            other => code = other.count().unwrap_or(code),
        }
    }
    texts
}

/// Ligatures as letters.
pub(crate) fn spelt(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{fb00}' => out.push_str("ff"),
            '\u{fb01}' => out.push_str("fi"),
            '\u{fb02}' => out.push_str("fl"),
            '\u{fb03}' => out.push_str("ffi"),
            '\u{fb04}' => out.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => out.push_str("st"),
            c => out.push(c),
        }
    }
    out
}

/// The encoding that a Type 1 font program states in its clear text: `dup 65 /A put`.
fn own_names(program: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut names = Vec::new();
    let clear = program.windows(5).position(|window| window == b"eexec").unwrap_or(program.len());
    let clear = program.get(..clear).unwrap_or_default();
    let Some(start) = clear.windows(9).position(|window| window == b"/Encoding") else { return names };
    let mut parser = Parser::of_content(clear.get(start..).unwrap_or_default());
    let mut code = None;
    while let Some(object) = parser.next()
        && names.len() < 256
    {
        match object {
            Object::Number(_) => code = object.count(),
            Object::Name(name) => names.extend(code.take().map(|code| (code, name))),
            Object::Word(word) if word == b"readonly" || word == b"def" => break,
            _ => {}
        }
    }
    names
}

/// Widths of the characters from space to tilde in the fonts that need not be embedded (Adobe Core 14 metrics).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 222, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 222, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 333, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500,
    500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333,
    389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469,
    500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389,
    278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

fn standard_width(font: &str, text: &str) -> f32 {
    if font.contains("courier") {
        return 0.6;
    }
    let table = if font.contains("times") || font.contains("roman") { &TIMES } else { &HELVETICA };
    let place = text.bytes().next().and_then(|b| usize::from(b).checked_sub(0x20));
    let width = place.and_then(|place| table.get(place)).copied().unwrap_or(556);
    f32::from(width) / 1000.0
}
