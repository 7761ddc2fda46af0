//! A draft taken apart: paragraphs, list items and tables whose words are text and whose marks are known.

use super::super::markdown::{code, escape, is_type_parameter};
use super::FindingId;
use crate::text::sentence::{MARK_CLOSE, MARK_OPEN};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Most bytes of a draft that are read: 10,000 words, several times the longest section.
pub(super) const DRAFT_BYTES_MAX: usize = 64 * 1024;
/// Longest inside of a bracket that may be a list of marks: `F123, ` twenty times.
const BRACKET_BYTES_MAX: usize = 120;
/// Longest target of a link behind a mark: the longest address that servers commonly take.
const TARGET_BYTES_MAX: usize = 2_048;

/// Text with styles; marks stand in it as `MARK_OPEN 12 MARK_CLOSE`.
#[derive(Clone, Debug, Default)]
pub(super) struct Inline {
    pub(super) text: String,
    runs: Vec<Run>,
}

#[derive(Clone, Debug)]
struct Run {
    range: Range<usize>,
    strong: bool,
    code: bool,
}

/// One block of a draft.
pub(super) enum Block {
    Paragraph(Inline),
    Item { depth: usize, numbered: bool, text: Inline },
    Table { head: Vec<Inline>, rows: Vec<Vec<Inline>> },
}

/// Words up to a group of marks, and the marks.
pub(super) struct Piece {
    pub(super) words: Range<usize>,
    pub(super) marks: Vec<FindingId>,
}

impl Inline {
    fn push(&mut self, text: &str, strong: bool, code: bool) {
        let start = self.text.len();
        self.text.push_str(text);
        self.runs.push(Run { range: start..self.text.len(), strong, code });
    }

    /// The part in `range` as safe Markdown, marks left out.
    pub(super) fn render(&self, range: Range<usize>) -> String {
        let mut out = String::new();
        for run in &self.runs {
            let part = run.range.start.max(range.start)..run.range.end.min(range.end);
            if part.start >= part.end {
                continue;
            }
            let text = without_marks(self.text.get(part).unwrap_or_default());
            let words = text.trim();
            if words.is_empty() || !(run.strong || run.code) {
                out.push_str(&escape(&text));
                continue;
            }
            let lead = text.len() - text.trim_start().len();
            let tail = text.trim_end().len();
            let styled = if run.code { code(words) } else { escape(words) };
            out.push_str(text.get(..lead).unwrap_or_default());
            out.push_str(&if run.strong { format!("**{styled}**") } else { styled });
            out.push_str(text.get(tail..).unwrap_or_default());
        }
        out
    }

    /// The words without marks.
    pub(super) fn words(&self) -> String {
        without_marks(&self.text)
    }

    /// The marks, in order.
    pub(super) fn marks(&self) -> impl Iterator<Item = FindingId> {
        pieces(&self.text, 0..self.text.len()).into_iter().flat_map(|p| p.marks)
    }
}

/// The words of `range` cut behind each group of marks; the last part may have none.
pub(super) fn pieces(text: &str, range: Range<usize>) -> Vec<Piece> {
    let mut parts: Vec<Piece> = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let tail = text.get(at..range.end).unwrap_or_default();
        let words = tail.find(MARK_OPEN).unwrap_or(tail.len());
        let only_joints = tail.get(..words).unwrap_or_default().trim_matches([' ', ',', ';']).is_empty();
        let start = at;
        at += words;
        let mut marks = Vec::new();
        if let Some(mark) = text.get(at..range.end).and_then(|t| t.strip_prefix(MARK_OPEN)) {
            let digits = mark.find(MARK_CLOSE).unwrap_or(mark.len());
            marks.extend(mark.get(..digits).and_then(|d| d.parse().ok()).map(FindingId));
            at = (at + MARK_OPEN.len_utf8() + digits + MARK_CLOSE.len_utf8()).min(range.end);
        }
        match parts.last_mut() {
            Some(last) if only_joints && !last.marks.is_empty() && !marks.is_empty() => {
                last.marks.append(&mut marks);
            }
            _ => parts.push(Piece { words: start..start + words, marks }),
        }
    }
    parts
}

/// The blocks of a draft. Headings, code blocks, images and HTML are left out, of links only the words are kept.
pub(super) fn parse(markdown: &str) -> Vec<Block> {
    let end =
        (0..=markdown.len().min(DRAFT_BYTES_MAX)).rev().find(|i| markdown.is_char_boundary(*i)).unwrap_or(0);
    let prepared = with_marks(markdown.get(..end).unwrap_or_default());
    let mut reader = Reader::default();
    for event in Parser::new_ext(&prepared, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        reader.read(event);
    }
    reader.flush();
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    inline: Inline,
    lists: Vec<bool>,
    item_open: bool,
    strong: usize,
    hidden: usize,
    head: Vec<Inline>,
    rows: Vec<Vec<Inline>>,
    row: Vec<Inline>,
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.add(&text, false),
            Event::Code(text) => self.add(&text, true),
            Event::InlineHtml(html) if is_type_parameter(&self.inline.text, &html) => self.add(&html, false),
            Event::SoftBreak | Event::HardBreak => self.add(" ", false),
            _ => {}
        }
    }

    fn add(&mut self, text: &str, code: bool) {
        if self.hidden == 0 {
            self.inline.push(text, self.strong > 0, code);
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Image { .. } | Tag::HtmlBlock => {
                if !matches!(tag, Tag::Image { .. }) {
                    self.flush();
                }
                self.hidden += 1;
            }
            Tag::Strong => self.strong += 1,
            Tag::List(first) => {
                self.flush();
                self.lists.push(first.is_some());
            }
            Tag::Item => {
                self.flush();
                self.item_open = true;
            }
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::Table(_) => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Image | TagEnd::HtmlBlock => {
                self.hidden = self.hidden.saturating_sub(1);
            }
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Paragraph | TagEnd::BlockQuote(_) => self.flush(),
            TagEnd::Item => {
                self.flush();
                self.item_open = false;
            }
            TagEnd::TableCell => self.row.push(std::mem::take(&mut self.inline)),
            TagEnd::TableHead => self.head = std::mem::take(&mut self.row),
            TagEnd::TableRow => self.rows.push(std::mem::take(&mut self.row)),
            TagEnd::Table => {
                let (head, rows) = (std::mem::take(&mut self.head), std::mem::take(&mut self.rows));
                self.blocks.push(Block::Table { head, rows });
            }
            _ => {}
        }
    }

    fn flush(&mut self) {
        let inline = std::mem::take(&mut self.inline);
        if inline.text.trim().is_empty() {
            return;
        }
        let block = match (self.item_open, self.lists.last()) {
            (true, Some(numbered)) => {
                Block::Item { depth: self.lists.len() - 1, numbered: *numbered, text: inline }
            }
            _ => Block::Paragraph(inline),
        };
        self.item_open = false;
        self.blocks.push(block);
    }
}

/// The draft with `[F1]`, `[F1, F2]` and `【F1】` turned into marks, and citations that are none of ours taken out.
fn with_marks(markdown: &str) -> String {
    let clean: String = markdown.chars().filter(|c| !('\u{e000}'..='\u{f8ff}').contains(c)).collect();
    let mut out = String::with_capacity(clean.len());
    let mut rest = clean.as_str();
    while let Some(at) = rest.find(['[', '\u{3010}']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let open = tail.chars().next().map_or(1, char::len_utf8);
        let inside = tail.get(open..).unwrap_or_default();
        let near = inside.char_indices().take_while(|(at, _)| *at <= BRACKET_BYTES_MAX);
        let close = near.into_iter().find(|(_, c)| matches!(c, ']' | '\u{3011}')).map(|(at, _)| at);
        let content = close.and_then(|len| inside.get(..len)).unwrap_or_default();
        let behind = close.and_then(|len| {
            let close_len = inside.get(len..)?.chars().next()?.len_utf8();
            inside.get(len + close_len..)
        });
        match (marks_in(content), behind) {
            (Some(marks), Some(behind)) => {
                for id in marks {
                    out.push(MARK_OPEN);
                    out.push_str(&id.to_string());
                    out.push(MARK_CLOSE);
                }
                rest = without_target(behind);
            }
            (None, Some(behind)) if is_foreign(content) => rest = without_target(behind),
            _ => {
                out.push_str(tail.get(..open).unwrap_or_default());
                rest = inside;
            }
        }
    }
    out.push_str(rest);
    out
}

fn marks_in(content: &str) -> Option<Vec<u32>> {
    let mut marks = Vec::new();
    for word in content.split([',', ';', ' ']).filter(|w| !w.is_empty() && *w != "and") {
        marks.push(word.strip_prefix(['F', 'f'])?.parse().ok()?);
    }
    (!marks.is_empty()).then_some(marks)
}

/// `9`, `^1` or `1, 2`: a citation copied from a page or made up.
fn is_foreign(content: &str) -> bool {
    has_digit(content)
        && content.chars().all(|c| c.is_ascii_digit() || matches!(c, '^' | ',' | ' ' | '-' | '\u{2013}'))
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// Takes a link target that stands directly behind a mark off.
fn without_target(behind: &str) -> &str {
    let Some(inside) = behind.strip_prefix('(') else { return behind };
    let near = inside.char_indices().take_while(|(at, _)| *at <= TARGET_BYTES_MAX);
    let close = near.into_iter().find(|(_, c)| matches!(c, ')' | '\n' | ' '));
    close.filter(|(_, c)| *c == ')').and_then(|(at, _)| inside.get(at + 1..)).unwrap_or(behind)
}

/// The text without its marks, and without the blank before a mark that punctuation follows.
fn without_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mark)) = rest.split_once(MARK_OPEN) {
        out.push_str(before);
        rest = mark.split_once(MARK_CLOSE).map_or("", |(_, behind)| behind);
        if rest.starts_with([',', ';', '.', ':', ' ']) {
            out.truncate(out.trim_end().len());
        }
    }
    out.push_str(rest);
    out
}
