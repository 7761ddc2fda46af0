//! The one pass over a page: elements and text come in, flat blocks, a skeleton and clues about the page come out.
//!
//! lol_html reports no implied end tags, so the open elements are kept here too, under HTML's own rules.

mod code;
mod hear;
mod insets;
mod labels;
mod links;
mod math;
mod unseen;

use super::attributes::{Attributes, Fed, name_of};
use super::block::{Block, Inset, Kind, Math, Style};
use super::clues::Clues;
use super::skeleton::{NameCache, Node, Skeleton, Traits, push_lean};
use super::tag::{Tag, still_open};
use code::LineEnd;
use hear::Listening;
use labels::Labels;
use lol_html::html_content::{Element, TextType};
use math::Operator;
use std::collections::{BTreeMap, BTreeSet};
use unseen::{Sight, shrinks, sight};
use url::Url;

/// Gathers everything that the decision and the rendering need.
pub(crate) struct Collector {
    /// Text in document order.
    pub(crate) blocks: Vec<Block>,
    /// The block-level elements.
    pub(crate) skeleton: Skeleton,
    /// Link targets; a style's `link` is 1-based into it.
    pub(crate) targets: Vec<String>,
    /// Distinct http(s) links without fragments.
    pub(crate) links: Vec<String>,
    /// What the page says about itself.
    pub(crate) clues: Clues,
    /// A cap was reached and text was lost.
    pub(crate) full: bool,
    text_bytes: usize,
    target_bytes: usize,
    links_max: usize,
    /// Hashes of `links`.
    links_seen: BTreeSet<u64>,
    /// Hashes of links as written that were resolved before, and their targets.
    hrefs: BTreeMap<u64, u32>,
    base: Url,
    base_given: bool,
    open: Vec<Open>,
    next_id: u32,
    block: Block,
    languages: Vec<String>,
    names: NameCache,
    raw: String,
    raw_type: TextType,
    note: String,
    listening: Option<Listening>,
    /// Elements that an address within the page can name and that may be footnotes, by that name.
    pub(super) notes: BTreeMap<String, u32>,
    /// What stands before the next block.
    insets: Vec<Inset>,
    /// What stood in the middle of this block, and is told behind it.
    insets_within: Vec<Inset>,
    insets_seen: BTreeSet<u64>,
    line_end: Option<LineEnd>,
    labels: Labels,
}

/// An open element and what text within it inherits.
#[derive(Clone, Copy, Debug)]
struct Open {
    id: u32,
    tag: Tag,
    node: u32,
    style: Style,
    role: Role,
    skipped: bool,
    /// Hidden until a script shows it: its text counts only if it is much.
    veiled: bool,
    /// Its own text is too small or of the wrong colour to be read.
    shrunk: bool,
    /// 1-based place in the list of programming languages; 0 is unknown.
    language: usize,
    /// For `ol` the number of the next item.
    next_number: u32,
    /// The length of the block's text when it began.
    text_before: usize,
    /// A formula that stands on a line of its own.
    display: bool,
    /// Line ends in its text are line breaks.
    keeps_lines: bool,
    /// It holds a line of code.
    line: bool,
    /// Within a formula what stands between the operands, and how many there were.
    operator: Operator,
    operands: u8,
}

/// What kind of block text within an element belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Flow,
    Heading(u8),
    Term,
    Code,
}

/// Browsers nest no deeper either; elements beyond it count as part of the deepest one.
const DEPTH_MAX: usize = 512;
/// Seven times the blocks of the largest of 1,497 real pages.
const BLOCKS_MAX: usize = 20_000;
/// Text that is kept, in bytes: a book of 500,000 words. With styles, skeleton and Markdown a page stays below 16 MB.
const TEXT_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Of a longer text this much is taken at a time.
const RAW_BYTES_MAX: usize = 64 * 1024;
/// Of a longer text so much is searched for a blank to part it at: a long name of a character and the word it stands in.
const ENTITY_BYTES_MAX: usize = 1_024;
/// A longer block is parted: rendering holds four bytes for each of its characters.
const BLOCK_BYTES_MAX: usize = 128 * 1024;
/// Even a tour of the world's languages shows fewer on one page.
const LANGUAGES_MAX: usize = 64;

const ROOT: Open = Open {
    id: 0,
    tag: Tag::Html,
    node: 0,
    style: Style { strong: false, em: false, code: false, sup: false, del: false, math: Math::None, link: 0 },
    role: Role::Flow,
    skipped: false,
    veiled: false,
    shrunk: false,
    language: 0,
    next_number: 0,
    text_before: 0,
    display: false,
    keeps_lines: false,
    line: false,
    operator: Operator::None,
    operands: 0,
};

impl Collector {
    pub(crate) fn new(url: &Url, links_max: usize) -> Self {
        Self {
            blocks: Vec::new(),
            skeleton: Skeleton::new(),
            targets: Vec::new(),
            links: Vec::new(),
            clues: Clues::default(),
            full: false,
            text_bytes: 0,
            target_bytes: 0,
            links_max,
            links_seen: BTreeSet::new(),
            hrefs: BTreeMap::new(),
            base: url.clone(),
            base_given: false,
            open: Vec::new(),
            next_id: 1,
            block: Block::default(),
            languages: Vec::new(),
            names: NameCache::default(),
            raw: String::new(),
            raw_type: TextType::Data,
            note: String::new(),
            listening: None,
            notes: BTreeMap::new(),
            insets: Vec::new(),
            insets_within: Vec::new(),
            insets_seen: BTreeSet::new(),
            line_end: None,
            labels: Labels::default(),
        }
    }

    /// An element starts. Returns an id to hand to [`Self::end`] if its end matters.
    pub(crate) fn start(&mut self, element: &Element<'_, '_>, fed: &Fed) -> Option<u32> {
        self.flush_text();
        let name = name_of(element, fed);
        let name = name.as_str();
        let tag = Tag::of(name);
        let kept = still_open(self.open.iter().map(|open| open.tag), tag);
        self.close_to(kept);
        let parent = self.top();
        if tag.is_block() {
            self.boundary(parent);
        }
        let is_span = tag == Tag::Inline && name == "span";
        self.labels.element(tag == Tag::A, is_span, &self.block.text);
        match tag {
            Tag::Br if !parent.skipped => self.break_line(parent),
            Tag::Meta => self.meta(element),
            Tag::Link => self.link(element),
            Tag::Base => self.set_base(element),
            Tag::Script | Tag::Form | Tag::Button | Tag::Skipped | Tag::Inline | Tag::Input | Tag::Iframe
                if !parent.skipped || parent.tag == Tag::Head =>
            {
                self.clues.marks.element(name, element);
            }
            Tag::Hr if !parent.skipped => self.rule(parent),
            Tag::Image if !parent.skipped => self.image(element, parent),
            _ => {}
        }
        match tag {
            Tag::Iframe if !parent.skipped => self.video(element, parent),
            Tag::Input if matches!(parent.tag, Tag::Li | Tag::P) && !parent.skipped => {
                self.checkbox(element, parent)
            }
            _ => {}
        }
        if !element.can_have_content()
            || matches!(tag, Tag::Br | Tag::Hr | Tag::Image | Tag::Input | Tag::Meta | Tag::Link | Tag::Base)
        {
            return None;
        }
        // Styles of what nobody sees change nothing.
        if parent.skipped && tag.is_inline() {
            return None;
        }
        // Within what nobody sees only elements that end it or say something about the page matter.
        let attributes = if parent.skipped && !matches!(tag, Tag::Script | Tag::Html) {
            Attributes::default()
        } else {
            Attributes::of(element, tag, fed)
        };
        self.clues.marks.names(name, tag, &attributes);
        let (names, look) = self.names.of_names(&attributes.class);
        let sight = sight(&attributes.style);
        let hides = !parent.skipped && self.hides(element, tag, &attributes, (names, sight), parent);
        if self.open.len() >= DEPTH_MAX && (parent.skipped || !hides) {
            return None;
        }
        let id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        let mut open =
            Open { id, tag, skipped: parent.skipped || hides, text_before: self.block.text.len(), ..parent };
        let shrinks = shrinks(&attributes.style);
        // Layouts shrink a wrapper to close the gaps between its boxes, and style sheets size and colour the text in these.
        open.shrunk = sight == Sight::Blended || shrinks.unwrap_or(parent.shrunk && !tag.is_block());
        open.veiled |= match sight {
            Sight::Faint => true,
            Sight::Invisible => self.veils(),
            Sight::Shown | Sight::Blended | Sight::Gone => false,
        };
        if !open.skipped {
            self.inherit(&mut open, element, &attributes, (names, look), parent);
        }
        let listens = self.listen(element, &attributes, names, open);
        let is_line = parent.role == Role::Code && code::is_line(&attributes.class);
        // Such an element changes nothing, and no rule of omitted end tags looks at it.
        let keeps = hides || listens || is_line || open.keeps_lines;
        if tag == Tag::Inline && !keeps && shrinks.is_none() && sight != Sight::Blended {
            return None;
        }
        open.line = is_line && tag == Tag::Inline;
        if open.line && !open.skipped {
            self.line_starts(false);
            open.text_before = self.block.text.len();
        }
        self.open.push(open);
        Some(id)
    }

    /// The element with this id ends, and with it everything still open inside.
    pub(crate) fn end(&mut self, id: u32) {
        self.flush_text();
        if let Ok(place) = self.open.binary_search_by_key(&id, |open| open.id) {
            self.close_to(place);
        }
    }

    /// A piece of text; `last` when its text node ends here.
    pub(crate) fn text(&mut self, text: &str, text_type: TextType, last: bool) {
        if !self.still_hears(text) && self.open.last().is_some_and(|top| top.skipped) {
            match text_type {
                TextType::ScriptData => self.clues.marks.script(text),
                TextType::Data => self.clues.aside(text),
                _ => {}
            }
            return;
        }
        let kept = self.text_bytes.saturating_add(self.block.text.len()).saturating_add(self.raw.len());
        if kept.saturating_add(text.len()) > TEXT_BYTES_MAX {
            self.full = true;
            return;
        }
        self.raw.push_str(text);
        self.raw_type = text_type;
        if last {
            self.flush_text();
        } else if self.raw.len() > RAW_BYTES_MAX {
            // Cut between words, so that no entity is cut; a longer word holds none, as no script does.
            let from = self.raw.len().saturating_sub(ENTITY_BYTES_MAX);
            let last_bytes = self.raw.as_bytes().get(from..).unwrap_or_default();
            let blank = last_bytes.iter().rposition(u8::is_ascii_whitespace);
            let end = blank
                .filter(|_| text_type.allows_html_entities())
                .map_or(self.raw.len(), |at| at.saturating_add(from));
            let rest = self.raw.split_off(end);
            self.flush_text();
            self.raw = rest;
        }
    }

    /// Everything gathered so far, leaving an empty collector.
    pub(crate) fn take(&mut self) -> Self {
        let blank = Self::new(&self.base, 0);
        std::mem::replace(self, blank)
    }

    /// The document is over.
    pub(crate) fn finish(&mut self) {
        self.flush_text();
        self.close_to(0);
        self.flush_block();
        self.lift_veil();
    }

    fn top(&self) -> Open {
        self.open.last().copied().unwrap_or(ROOT)
    }

    fn close_to(&mut self, kept: usize) {
        while self.open.len() > kept {
            let Some(closed) = self.open.pop() else { return };
            if self.listening.is_some_and(|listening| listening.id == closed.id) {
                self.tell();
            }
            let top = self.top();
            if closed.role == Role::Code && top.role == Role::Code && !top.skipped {
                self.line_ends(closed);
            } else if closed.tag.is_block() {
                self.flush_block();
            } else if closed.tag == Tag::Formula && closed.operator == Operator::Group && !closed.skipped {
                self.add(")", closed);
            } else if closed.tag == Tag::Quotation && !closed.skipped {
                self.add("\u{201d}", closed);
            }
        }
    }

    /// A block ends here; inside preformatted text it is only the end of a line.
    fn boundary(&mut self, parent: Open) {
        if parent.role != Role::Code || parent.skipped {
            self.flush_block();
        } else {
            self.line_starts(true);
        }
    }

    fn flush_block(&mut self) {
        self.line_end = None;
        self.labels = Labels::default();
        if self.block.text.is_empty() {
            self.block.kind = Kind::Text;
            return;
        }
        self.block.finish();
        if !self.block.text.trim().is_empty() {
            if self.blocks.len() >= BLOCKS_MAX || self.full {
                self.full = true;
            } else {
                self.text_bytes = self.text_bytes.saturating_add(self.block.text.len());
                // The copy is no longer than its text, and the block's own room serves the next one.
                let insets = std::mem::replace(&mut self.insets, std::mem::take(&mut self.insets_within));
                push_lean(&mut self.blocks, Block { insets, ..self.block.clone() });
            }
        }
        self.block.clear();
    }

    fn break_line(&mut self, parent: Open) {
        if parent.role == Role::Code {
            // Blank lines before the first one do not count.
            if !self.block.text.is_empty() {
                self.block.push_code("\n");
            }
        } else if self.block.text.ends_with('\n') {
            self.flush_block();
        } else {
            self.block.break_line();
        }
    }

    fn flush_text(&mut self) {
        if self.raw.is_empty() {
            return;
        }
        let raw = std::mem::take(&mut self.raw);
        let text = if self.raw_type.allows_html_entities() {
            htmlize::unescape(raw.as_str())
        } else {
            raw.as_str().into()
        };
        let top = self.top();
        self.overhear(&text);
        let shown = matches!(self.raw_type, TextType::Data | TextType::CDataSection)
            || (self.raw_type == TextType::RawText && top.role == Role::Code);
        if shown && !top.skipped && top.tag != Tag::Head {
            if top.shrunk {
                self.clues.aside(&text);
            } else {
                self.add(&text, top);
            }
        }
        self.raw = raw;
        self.raw.clear();
    }

    /// Settles what the block is before its first text.
    fn begin(&mut self, top: Open) {
        if self.block.text.is_empty() {
            self.block.node = top.node;
            self.block.veiled = top.veiled;
            self.block.kind = match top.role {
                Role::Flow => Kind::Text,
                Role::Heading(level) => Kind::Heading(level),
                Role::Term => Kind::Term,
                Role::Code => Kind::Code(self.language(top)),
            };
        }
    }

    fn add(&mut self, text: &str, top: Open) {
        self.begin(top);
        if top.role == Role::Code {
            self.add_code(text);
        } else if top.keeps_lines {
            for (number, line) in text.split('\n').enumerate() {
                if number > 0 {
                    self.break_line(top);
                }
                self.begin(top);
                self.block.push_flow(line, top.style);
            }
        } else {
            if self.labels.part(&self.block.text, text) && !top.style.code {
                self.block.text.push(' ');
            }
            self.block.push_flow(text, top.style);
        }
        if self.block.text.len() > BLOCK_BYTES_MAX {
            self.flush_block();
        }
    }

    fn inherit(
        &mut self,
        open: &mut Open,
        element: &Element<'_, '_>,
        attributes: &Attributes<'_>,
        (names, look): (Traits, u32),
        parent: Open,
    ) {
        if parent.role != Role::Code {
            let is_code = names.any(Traits::CODE) && open.tag == Tag::Div;
            let heading = || attributes.role.trim() == "heading" && open.tag.is_block();
            open.role = match tag_role(open.tag) {
                Some(role) => role,
                None if is_code => Role::Code,
                None if heading() => {
                    let level = number(element, "aria-level").and_then(|level| u8::try_from(level).ok());
                    Role::Heading(level.unwrap_or(2).clamp(1, 6))
                }
                None => open.role,
            };
        }
        open.keeps_lines |= !attributes.style.is_empty()
            && attributes.style.contains("white-space")
            && code::keeps_lines(&attributes.style);
        match open.tag {
            Tag::A => open.style.link = self.target(&attributes.href),
            Tag::Strong => open.style.strong = true,
            Tag::Em => open.style.em = true,
            Tag::Sup => open.style.sup = true,
            Tag::Del => open.style.del = true,
            Tag::Code => open.style.code = true,
            Tag::Quotation => self.add("\u{201c}", *open),
            Tag::Math => self.formula(open, element),
            Tag::Formula => self.operand(open, element),
            Tag::Annotation => self.annotate(open, element),
            Tag::Ol => open.next_number = number(element, "start").unwrap_or(1),
            _ => {}
        }
        if matches!(open.tag, Tag::Div | Tag::Figure | Tag::Table | Tag::Pre)
            || (open.tag == Tag::Code && open.role == Role::Code)
        {
            self.find_language(open, element, &attributes.class);
        }
        if open.tag.is_block() {
            let traits = Traits::of_tag(open.tag)
                .or(Traits::of_role(attributes.role.trim()))
                .or(names)
                .or(Traits::of_names(&attributes.id));
            let is_cell = matches!(open.tag, Tag::Cell { .. });
            let span = |name| if is_cell { number(element, name).unwrap_or(1).clamp(1, 255) } else { 1 };
            let item = if open.tag == Tag::Li { self.item_number(element) } else { 0 };
            open.node = self.skeleton.push(Node {
                parent: parent.node,
                tag: open.tag,
                traits,
                number: item,
                columns: u8::try_from(span("colspan")).unwrap_or(1),
                rows: u8::try_from(span("rowspan")).unwrap_or(1),
                look,
            });
        }
        self.name_note(*open, attributes);
    }

    /// The number of an item of the innermost list; 0 in a list without numbers.
    fn item_number(&mut self, element: &Element<'_, '_>) -> u32 {
        let list = self.open.iter_mut().rev().find(|open| matches!(open.tag, Tag::Ol | Tag::Ul));
        let Some(list) = list.filter(|list| list.tag == Tag::Ol) else { return 0 };
        let own = number(element, "value").unwrap_or(list.next_number);
        list.next_number = own.saturating_add(1);
        own
    }
}

fn tag_role(tag: Tag) -> Option<Role> {
    match tag {
        Tag::Pre => Some(Role::Code),
        Tag::Heading(level) => Some(Role::Heading(level)),
        Tag::Dt => Some(Role::Term),
        // A block within a heading is still the heading; these start afresh.
        Tag::Dd | Tag::Cell { .. } | Tag::Li => Some(Role::Flow),
        _ => None,
    }
}

fn number(element: &Element<'_, '_>, name: &str) -> Option<u32> {
    element.get_attribute(name)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::page::tests::{FILLER, after, markdown_of, read};

    #[test]
    fn what_no_reader_sees_is_dropped() {
        let html = "<p hidden>a</p><p style='Display : none'>b</p><p aria-hidden=true>c</p><template><p>d</p></template>\
            <script>e</script><span class=sr-only>f</span><svg><title>g</title></svg><!-- h --><p>seen";
        assert_eq!(after(html), "seen");
    }

    #[test]
    fn text_that_a_style_hides_is_dropped() {
        let html = "<p style='color:#fff;background:white'>a</p><div style='font-size:0'>b<span>c</span><p>seen</p></div>\
            <p><span style='position:absolute;left:-9999px'>d</span><span style='font-size:0px'>e</span>too</p>\
            <div><p style='opacity:0'>f</p></div><div style='height:0;width:0;overflow:hidden'><p>g</p></div>";
        assert_eq!(after(html), "seen\n\ntoo");
    }

    #[test]
    fn what_scripts_will_show_is_kept() {
        let moving = "<p style='opacity:0;transform:translateY(9px)'>moving</p>";
        assert_eq!(after(moving), "moving");
        // An anti-flicker wrapper around the whole page.
        assert_eq!(markdown_of(&format!("<div style='opacity:0'>{FILLER}</div>")), markdown_of(FILLER));
    }

    #[test]
    fn paragraphs_without_end_tags_are_told_apart() {
        assert_eq!(after("<p>a<p>b<div>c</div>d<br><br>e"), "a\n\nb\n\nc\n\nd\n\ne");
    }

    #[test]
    fn links_are_resolved_against_the_base() {
        let page = read(&format!(
            "<base href=/b/>{FILLER}read more at <a href=c#d>x</a><a href=c>y</a><a href='javascript:z'>z</a>"
        ));
        assert_eq!(page.links, ["https://e.com/b/c"]);
        assert!(
            page.markdown.ends_with("read more at [x](https://e.com/b/c#d)[y](https://e.com/b/c)z\n"),
            "{}",
            page.markdown
        );
    }

    #[test]
    fn line_numbers_are_not_code() {
        let html = "<pre><span class=lineno>1 </span>let a;\n<span class=lineno>2 </span>let b;</pre>";
        assert_eq!(after(html), "```\nlet a;\nlet b;\n```");
    }
}
