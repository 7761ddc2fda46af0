//! Content streams: which glyphs a page shows, and where (ISO 32000-1, 8 and 9).

mod paint;
mod state;

use super::encoding::string_text;
use super::file::File;
use super::font::Font;
use super::object::{Dict, Object, Parser};
use super::tree::PageNode;
use paint::Paint;
use state::{Matrix, State};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What one page shows.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// The text of all glyphs, in the order in which they are painted.
    pub(crate) text: String,
    pub(crate) glyphs: Vec<Glyph>,
    /// Glyphs whose code says nothing.
    pub(crate) unreadable: usize,
}

/// A glyph, its axes turned so that its line runs to the right. Lengths in points, `y` upwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) x0: f32,
    pub(crate) x1: f32,
    /// Baseline.
    pub(crate) y: f32,
    /// Font size.
    pub(crate) size: f32,
    /// Byte offsets in the page's text.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Quarter turns of its line against the page, counter-clockwise.
    pub(crate) turn: u8,
    pub(crate) bold: bool,
    pub(crate) mono: bool,
    /// It leaves no mark: the text layer over a scan is set like that.
    pub(crate) invisible: bool,
}

/// Glyphs of one page; a full page of a newspaper has 20,000. At 32 bytes each this is 3.2 MB.
const GLYPHS_MAX: usize = 100_000;
/// Bytes of one page's text.
const TEXT_BYTES_MAX: usize = 400_000;
/// Forms within forms; real pages have at most four.
const FORMS_DEPTH_MAX: usize = 8;
/// Saved states; the standard asks for 28 (ISO 32000-1, annex C).
const STATES_MAX: usize = 64;
/// Marked content within marked content.
const MARKS_MAX: usize = 64;
/// Operands of one operator: the standard has at most 33.
const OPERANDS_MAX: usize = 64;
/// Parts of one page's content.
const PARTS_MAX: usize = 1_000;
/// What the fonts of a document may weigh together, at 32 bytes: 4.8 MB. Beyond it they are read anew.
const FONTS_WEIGHT_MAX: usize = 150_000;
/// A line that leans more than this against the axes is a watermark: sine of 10 degrees.
const LEAN_MAX: f64 = 0.17;
/// Nobody reads smaller type, in points.
const SIZE_MIN: f64 = 0.8;

/// The fonts of a document, each read once.
#[derive(Default)]
pub(crate) struct Fonts {
    read: BTreeMap<u32, Rc<Font>>,
    weight: usize,
}

impl Fonts {
    fn get(&mut self, file: &mut File, object: &Object) -> Option<Rc<Font>> {
        let number = if let Object::Reference(number) = object { Some(*number) } else { None };
        if let Some(font) = number.and_then(|number| self.read.get(&number)) {
            return Some(Rc::clone(font));
        }
        let Object::Dict(dict) = file.resolve(object) else { return None };
        let font = Rc::new(Font::read(file, &dict));
        if let Some(number) = number {
            self.weight = self.weight.saturating_add(font.weight());
            if self.weight > FONTS_WEIGHT_MAX {
                self.read.clear();
                self.weight = font.weight();
            }
            self.read.insert(number, Rc::clone(&font));
        }
        Some(font)
    }
}

/// Reads the content of a page.
pub(crate) fn read(file: &mut File, fonts: &mut Fonts, page: &PageNode) -> Shown {
    let page = page.load(file);
    let parts = match page.dict.get(b"Contents".as_slice()) {
        Some(one @ Object::Reference(_)) => match file.resolve(one) {
            Object::Array(parts) => parts,
            _ => vec![one.clone()],
        },
        Some(Object::Array(parts)) => parts.clone(),
        _ => Vec::new(),
    };
    let ctm = Matrix::turned(page.turned);
    let region = page.region.map(|[left, bottom, right, top]| {
        let ((x0, y0), (x1, y1)) = (ctm.apply(left, bottom), ctm.apply(right, top));
        [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)]
    });
    let mut reader = Reader {
        file,
        fonts,
        shown: Shown::default(),
        state: State::on(ctm),
        saved: Vec::new(),
        marks: Vec::new(),
        paint: Paint::default(),
        region,
    };
    let mut scope = Scope { resources: page.resources, fonts: BTreeMap::new(), depth: 0 };
    let mut operands = Vec::new();
    for part in parts.iter().take(PARTS_MAX) {
        if let Some(stream) = reader.file.stream(part) {
            reader.run(&stream.data, &mut scope, &mut operands);
        }
    }
    reader.shown
}

/// The names that a content stream may use.
struct Scope {
    resources: Dict,
    fonts: BTreeMap<Vec<u8>, Option<Rc<Font>>>,
    depth: usize,
}

/// A stretch of marked content.
#[derive(Default)]
struct Mark {
    /// Running heads, page numbers and watermarks, as the writer itself says.
    furniture: bool,
    /// What the glyphs of the stretch mean together; taken by the first of them.
    actual: Option<String>,
    replaced: bool,
}

struct Reader<'a> {
    file: &'a mut File,
    fonts: &'a mut Fonts,
    shown: Shown,
    state: State,
    saved: Vec<State>,
    marks: Vec<Mark>,
    paint: Paint,
    /// What of the page is shown: left, bottom, right, top.
    region: Option<[f64; 4]>,
}

impl Reader<'_> {
    fn run(&mut self, content: &[u8], scope: &mut Scope, operands: &mut Vec<Object>) {
        let mut parser = Parser::of_content(content);
        while let Some(object) = parser.next() {
            match object {
                Object::Word(word) if word == b"BI" => {
                    self.paint.image(&self.state.ctm);
                    while let Some(object) = parser.next() {
                        if object == Object::Word(b"ID".to_vec()) {
                            break;
                        }
                    }
                    parser.skip_image();
                    operands.clear();
                }
                Object::Word(word) => {
                    self.operator(&word, operands, scope);
                    operands.clear();
                }
                operand if operands.len() < OPERANDS_MAX => operands.push(operand),
                _ => {}
            }
        }
    }

    fn operator(&mut self, word: &[u8], operands: &[Object], scope: &mut Scope) {
        let number = |at: usize| operands.get(at).and_then(Object::number).unwrap_or(0.0);
        let first = operands.first();
        match word {
            b"q" => {
                if self.saved.len() < STATES_MAX {
                    self.saved.push(self.state.clone());
                }
            }
            b"Q" => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
            b"cm" => self.state.ctm = Matrix::of(operands).then(&self.state.ctm),
            b"BT" => self.state.begin_text(),
            b"Tf" => {
                self.state.font = first.and_then(Object::name).and_then(|name| self.font(name, scope));
                self.state.size = number(1);
            }
            b"Td" => self.state.move_line(number(0), number(1)),
            b"TD" => {
                self.state.leading = -number(1);
                self.state.move_line(number(0), number(1));
            }
            b"Tm" => self.state.set_line(Matrix::of(operands)),
            b"T*" => self.state.next_line(),
            b"Tc" => self.state.char_space = number(0),
            b"Tw" => self.state.word_space = number(0),
            b"Tz" => self.state.stretch = number(0) / 100.0,
            b"TL" => self.state.leading = number(0),
            b"Ts" => self.state.rise = number(0),
            b"Tr" => self.state.invisible = matches!(number(0) as u8, 3 | 7),
            b"Tj" => self.show(first.and_then(Object::text)),
            b"'" => {
                self.state.next_line();
                self.show(first.and_then(Object::text));
            }
            b"\"" => {
                self.state.word_space = number(0);
                self.state.char_space = number(1);
                self.state.next_line();
                self.show(operands.get(2).and_then(Object::text));
            }
            b"TJ" => {
                for item in first.and_then(Object::array).unwrap_or_default() {
                    match item {
                        Object::Number(back) => self.state.advance(-back / 1000.0 * self.state.size),
                        item => self.show(item.text()),
                    }
                }
            }
            b"BMC" | b"BDC" => self.mark(operands, scope),
            b"EMC" => drop(self.marks.pop()),
            b"Do" => self.object(first, scope),
            b"sh" => self.paint.image(&self.state.ctm),
            _ => self.paint.operator(word, operands, &mut self.state),
        }
    }

    fn font(&mut self, name: &[u8], scope: &mut Scope) -> Option<Rc<Font>> {
        if let Some(font) = scope.fonts.get(name) {
            return font.clone();
        }
        let fonts = self.file.dict(&scope.resources, "Font").unwrap_or_default();
        let font = fonts.get(name).and_then(|font| self.fonts.get(self.file, font));
        scope.fonts.insert(name.to_vec(), font.clone());
        font
    }

    fn mark(&mut self, operands: &[Object], scope: &Scope) {
        if self.marks.len() >= MARKS_MAX {
            return;
        }
        let properties = match operands.get(1) {
            Some(Object::Dict(dict)) => dict.clone(),
            Some(Object::Name(name)) => {
                let known = self.file.dict(&scope.resources, "Properties").unwrap_or_default();
                known
                    .get(name)
                    .map(|dict| self.file.resolve(dict))
                    .and_then(|d| d.dict().cloned())
                    .unwrap_or_default()
            }
            _ => Dict::new(),
        };
        let is =
            |key: &str, name: &str| properties.get(key.as_bytes()).is_some_and(|value| value.is_name(name));
        let artifact = operands.first().is_some_and(|tag| tag.is_name("Artifact"));
        let furniture = artifact && (is("Type", "Pagination") || is("Subtype", "Watermark"));
        let actual = properties.get(b"ActualText".as_slice()).and_then(Object::text).map(string_text);
        self.marks.push(Mark { furniture, actual, replaced: false });
    }

    /// Paints a form or an image (ISO 32000-1, 8.8 and 8.10).
    fn object(&mut self, name: Option<&Object>, scope: &Scope) {
        let Some(name) = name.and_then(Object::name) else { return };
        let objects = self.file.dict(&scope.resources, "XObject").unwrap_or_default();
        let Some(reference) = objects.get(name) else { return };
        let Object::Dict(dict) = self.file.resolve(reference) else { return };
        if !dict.get(b"Subtype".as_slice()).is_some_and(|kind| kind.is_name("Form")) {
            self.paint.image(&self.state.ctm);
            return;
        }
        if scope.depth >= FORMS_DEPTH_MAX {
            return;
        }
        let Some(form) = self.file.stream(reference) else { return };
        let resources = self.file.dict(&form.dict, "Resources").unwrap_or_else(|| scope.resources.clone());
        let (before, saved, marks) = (self.state.clone(), std::mem::take(&mut self.saved), self.marks.len());
        let matrix = self.file.get(&form.dict, "Matrix");
        if let Some(matrix) = matrix.array() {
            self.state.ctm = Matrix::of(matrix).then(&self.state.ctm);
        }
        let mut inner = Scope { resources, fonts: BTreeMap::new(), depth: scope.depth.saturating_add(1) };
        self.run(&form.data, &mut inner, &mut Vec::new());
        self.state = before;
        self.saved = saved;
        self.marks.truncate(marks);
    }

    fn show(&mut self, text: Option<&[u8]>) {
        let (Some(mut rest), Some(font)) = (text, self.state.font.clone()) else { return };
        while self.shown.glyphs.len() < GLYPHS_MAX && self.shown.text.len() < TEXT_BYTES_MAX {
            let start = self.shown.text.len();
            let Some(code) = font.show(rest, &mut self.shown.text) else { break };
            rest = rest.get(code.bytes..).unwrap_or_default();
            self.replace(start);
            let from = self.state.origin();
            self.state.advance_glyph(code.width, code.space);
            if self.shown.text.len() == start {
                self.shown.unreadable = self.shown.unreadable.saturating_add(usize::from(!code.known));
                continue;
            }
            let glyph = self
                .glyph(from, code.width, start, &font)
                .filter(|_| !self.marks.iter().any(|m| m.furniture));
            match glyph {
                Some(glyph) => self.shown.glyphs.push(glyph),
                None => self.shown.text.truncate(start),
            }
        }
    }

    /// Puts what the innermost stretch says of itself in the place of what its glyphs say.
    fn replace(&mut self, start: usize) {
        let Some(mark) = self.marks.iter_mut().rev().find(|mark| mark.replaced || mark.actual.is_some())
        else {
            return;
        };
        self.shown.text.truncate(start);
        if let Some(actual) = mark.actual.take() {
            mark.replaced = true;
            self.shown.text.push_str(&actual);
        }
    }

    fn glyph(&self, (x, y): (f64, f64), width: f64, start: usize, font: &Font) -> Option<Glyph> {
        let axes = self.state.axes();
        let (across, up) = axes.across();
        let length = across.hypot(up);
        let size = axes.height() * self.state.size.abs();
        let (turn, lean) = match (across / length, up / length) {
            (cos, sin) if cos > 0.0 && sin.abs() <= cos => (0, sin),
            (cos, sin) if sin > 0.0 && cos.abs() <= sin => (1, cos),
            (cos, sin) if cos < 0.0 && sin.abs() <= -cos => (2, sin),
            (cos, _) => (3, cos),
        };
        // Whatever is no number fails too.
        let sound = size >= SIZE_MIN && lean.abs() <= LEAN_MAX && [size, x, y].iter().all(|n| n.is_finite());
        if !sound {
            return None;
        }
        let outside = |[left, bottom, right, top]: [f64; 4]| x < left || y < bottom || x > right || y > top;
        if self.region.is_some_and(outside) || (self.state.white && !self.paint.covers(x, y)) {
            return None;
        }
        let (x, y) = match turn {
            0 => (x, y),
            1 => (y, -x),
            2 => (-x, -y),
            _ => (-y, x),
        };
        let end = x + (width * self.state.size * self.state.stretch * length).abs();
        Some(Glyph {
            x0: x as f32,
            x1: end as f32,
            y: y as f32,
            size: size as f32,
            start: u32::try_from(start).ok()?,
            end: u32::try_from(self.shown.text.len()).ok()?,
            turn,
            bold: font.bold,
            mono: font.mono,
            invisible: self.state.invisible,
        })
    }
}
