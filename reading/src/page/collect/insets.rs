//! What stands between blocks and is no text: pictures that say something, films, rules; and marks in the text that an
//! element rather than a character makes.

use super::links::hash;
use super::{Collector, Open, Role};
use crate::page::attributes::Attributes;
use crate::page::block::{Inset, InsetKind, Style, clean_line, count_words};
use crate::page::injection;
use crate::page::tag::Tag;
use lol_html::html_content::Element;

/// Of a page, three times the pictures with a text on the richest of 1,497 real pages.
const INSETS_MAX: usize = 300;
/// Guidelines for alternative texts ask for at most 150.
const ALT_CHARS_MAX: usize = 300;
/// An alternative text of fewer words names the picture rather than tells it.
const ALT_WORDS_MIN: u32 = 3;
/// Smaller pictures, in CSS pixels, are icons.
const ICON_PX_MAX: u32 = 64;
/// Footnotes of the longest encyclopedia articles.
const NOTES_MAX: usize = 2_000;
/// How the names of footnotes begin, as word processors, wikis and blogs make them.
const NOTE_NAMES: [&str; 9] =
    ["fn", "ftn", "foot", "note", "cite_note", "endnote", "edn", "easy-foot", "sdfootnote"];
/// Longer names are generated, and not for footnotes.
const NOTE_NAME_BYTES_MAX: usize = 128;

impl Collector {
    pub(super) fn rule(&mut self, parent: Open) {
        if self.insets.last().is_none_or(|last| last.kind != InsetKind::Rule) {
            self.inset(parent, InsetKind::Rule);
        }
    }

    fn inset(&mut self, parent: Open, kind: InsetKind) {
        if self.insets_seen.len().saturating_add(self.insets.len()) < INSETS_MAX
            && matches!(parent.role, Role::Flow)
        {
            let list = if self.block.text.is_empty() { &mut self.insets } else { &mut self.insets_within };
            list.push(Inset { node: parent.node, kind });
        }
    }

    /// A picture counts when it has a text of several words, or stands in a figure, whose caption then decides.
    pub(super) fn image(&mut self, element: &Element<'_, '_>, parent: Open) {
        let mut seen = Picture::default();
        for attribute in element.attributes() {
            let slot = match attribute.name().as_str() {
                "alt" => &mut seen.alt,
                "class" => &mut seen.class,
                "src" => &mut seen.src,
                "data-src" | "data-lazy-src" | "data-original" => &mut seen.lazy,
                "srcset" | "data-srcset" => &mut seen.srcset,
                "width" => &mut seen.width,
                "height" => &mut seen.height,
                _ => continue,
            };
            if slot.is_empty() {
                *slot = attribute.value();
            }
        }
        let alt = self.alternative(&seen.alt);
        let is_formula = seen.class.split_ascii_whitespace().any(|name| {
            matches!(name, "latex" | "tex" | "math") || name.starts_with("mwe-math-fallback-image")
        });
        if is_formula && !alt.is_empty() {
            self.add_tex(&htmlize::unescape_attribute(&seen.alt), seen.class.contains("display"), parent);
            return;
        }
        let in_figure = self
            .open
            .iter()
            .rev()
            .take_while(|open| !opens_flow(open.tag))
            .any(|open| open.tag == Tag::Figure);
        if (count_words(&alt) < ALT_WORDS_MIN && !in_figure)
            || seen.is_furniture(&alt)
            || !self.may_hold_picture()
        {
            return;
        }
        let Some(source) = self.source(&seen) else { return };
        if self.insets_seen.len() < INSETS_MAX && self.insets_seen.insert(hash(&source)) {
            self.inset(parent, InsetKind::Image(alt, source));
        }
    }

    /// An attribute's text as it stands for a picture, without what speaks to models.
    fn alternative(&mut self, text: &str) -> String {
        let text = clean_line(&htmlize::unescape_attribute(text), ALT_CHARS_MAX);
        self.clues.aside(&text);
        injection::clean_text(&text, &mut Vec::new())
    }

    /// A film on another site, if its title says what it shows.
    pub(super) fn video(&mut self, element: &Element<'_, '_>, parent: Open) {
        const PLAYERS: [&str; 5] = [
            "youtube.com/embed",
            "youtube-nocookie.com/embed",
            "player.vimeo.com",
            "dailymotion.com",
            "ted.com/",
        ];
        let source =
            element.get_attribute("src").or_else(|| element.get_attribute("data-src")).unwrap_or_default();
        if !PLAYERS.iter().any(|player| source.contains(player)) {
            return;
        }
        let title = element.get_attribute("title").unwrap_or_default();
        let title = self.alternative(&title);
        let generic = ["youtube video player", "video player", "embedded video", "vimeo-player", "player"];
        if count_words(&title) < ALT_WORDS_MIN && title.len() < 8
            || generic.contains(&title.to_lowercase().as_str())
        {
            return;
        }
        if let Some(source) = self.resolve(&source)
            && self.may_hold_picture()
            && self.insets_seen.insert(hash(source.as_str()))
        {
            self.inset(parent, InsetKind::Video(title, source.into()));
        }
    }

    /// Task lists show a box that cannot be changed.
    pub(super) fn checkbox(&mut self, element: &Element<'_, '_>, parent: Open) {
        let is_box =
            element.get_attribute("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("checkbox"));
        if is_box && element.has_attribute("disabled") && self.block.text.is_empty() {
            let mark = if element.has_attribute("checked") { "[x] " } else { "[ ] " };
            self.begin(parent);
            self.block.push_flow(mark, Style::default());
        }
    }

    /// Remembers an element that may be a footnote, by the name that references use.
    pub(super) fn name_note(&mut self, open: Open, attributes: &Attributes<'_>) {
        if attributes.id.is_empty()
            || attributes.id.len() > NOTE_NAME_BYTES_MAX
            || self.notes.len() >= NOTES_MAX
        {
            return;
        }
        let holds = open.tag.is_block() || (open.tag == Tag::A && attributes.href.starts_with('#'));
        let is_note = || {
            let id = attributes.id.trim_start_matches('_');
            NOTE_NAMES.iter().any(|start| starts_with(id, start))
                || attributes.role.starts_with("doc-footnote")
                || attributes.role.starts_with("doc-endnote")
                || attributes.class.split_ascii_whitespace().any(|name| name == "footnote")
        };
        // Where references point back to is no note.
        if holds && is_note() && !attributes.id.contains("ref") && !attributes.id.contains("anchor") {
            // The element that a name stands in is the note when its own is only an anchor.
            self.notes.entry(attributes.id.to_string()).or_insert(open.node);
        }
    }

    /// Not in cells, not before an item's own text: its first line names the item.
    fn may_hold_picture(&self) -> bool {
        let holder = self.open.iter().rev().find(|open| opens_flow(open.tag));
        match holder {
            Some(open) if open.tag == Tag::Li => {
                !self.block.text.is_empty() || self.blocks.last().is_some_and(|block| block.node >= open.node)
            }
            Some(open) => !matches!(open.tag, Tag::Cell { .. } | Tag::Dt | Tag::Dd),
            None => true,
        }
    }

    /// The picture's own address rather than that of the blank that stands in for it until it is scrolled to.
    fn source(&self, seen: &Picture) -> Option<String> {
        let first = seen.srcset.split([',', ' ']).find(|part| !part.trim().is_empty()).unwrap_or_default();
        [seen.lazy.as_str(), seen.src.as_str(), first]
            .into_iter()
            .filter(|source| !source.is_empty() && !source.trim_start().starts_with("data:"))
            .find_map(|source| self.resolve(source))
            .map(String::from)
    }
}

/// What a picture's tag says.
#[derive(Debug, Default)]
struct Picture {
    alt: String,
    class: String,
    src: String,
    lazy: String,
    srcset: String,
    width: String,
    height: String,
}

impl Picture {
    /// Icons, portraits of commenters, logos, counters.
    fn is_furniture(&self, alt: &str) -> bool {
        const NAMES: [&str; 10] =
            ["avatar", "gravatar", "icon", "logo", "emoji", "smiley", "sprite", "spacer", "pixel", "badge"];
        let small = |size: &str| size.trim().parse::<u32>().is_ok_and(|size| size <= ICON_PX_MAX);
        let file = self.src.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let class = self.class.to_ascii_lowercase();
        let alt = alt.to_ascii_lowercase();
        small(&self.width)
            || small(&self.height)
            || NAMES.iter().any(|name| class.contains(name) || file.contains(name))
            || alt
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| matches!(word, "logo" | "icon" | "avatar"))
    }
}

/// In whatever case.
fn starts_with(name: &str, start: &str) -> bool {
    name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// Elements that begin a flow of their own.
fn opens_flow(tag: Tag) -> bool {
    matches!(tag, Tag::Li | Tag::Cell { .. } | Tag::Dt | Tag::Dd)
}
