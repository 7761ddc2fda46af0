//! The kept blocks as one Markdown text: list and quote nesting comes from the skeleton.

use super::block::{Block, InsetKind, Kind};
use super::inline::{Place, destination, inline};
use super::notes::Notes;
use super::skeleton::{Skeleton, Traits};
use super::tables::Tables;
use super::tag::Tag;
use std::collections::BTreeMap;

/// Renders the kept blocks; the flag says that `bytes_max` cut the text short.
pub(crate) fn render(
    blocks: &[&Block],
    skeleton: &Skeleton,
    tables: &Tables,
    place: Place<'_>,
    bytes_max: usize,
) -> (String, bool) {
    let mut writer =
        Writer { out: String::new(), bytes_max, full: false, frames: Vec::new(), in_text: false };
    let place = Place { math: blocks.iter().any(|block| block.has_math()), ..place };
    let mut in_tables: BTreeMap<u32, Vec<&Block>> = BTreeMap::new();
    for block in blocks {
        if let Some(table) = tables.data_table(block) {
            in_tables.entry(table).or_default().push(block);
        }
    }
    for block in blocks {
        if writer.full {
            break;
        }
        for inset in &block.insets {
            let frames = frames_of(skeleton, place.notes, inset.node);
            let text = inset_text(&inset.kind, !frames.is_empty());
            writer.write(frames, &text, false);
        }
        if let Some(table) = tables.data_table(block) {
            if let Some(cells) = in_tables.remove(&table)
                && let Some(text) = tables.render(table, skeleton, &cells, place, bytes_max)
            {
                writer.write(frames_of(skeleton, place.notes, table), &text, false);
            }
            continue;
        }
        let mut around = skeleton.ancestry(block.node).take(TITLE_DEPTH_MAX);
        let title = around.any(|(_, node)| node.traits.any(Traits::CALLOUT_TITLE));
        let place = Place { title, ..place };
        let room = bytes_max.saturating_sub(writer.out.len());
        let mut text = body(block, place);
        let too_long = text.len() > room;
        if too_long {
            // A third of the room leaves space for escapes and line breaks.
            let mut start = Block::clone(block);
            start.truncate(room / 3);
            text = body(&start, place);
        }
        writer.write(frames_of(skeleton, place.notes, block.node), &text, block.kind == Kind::Text);
        writer.full |= too_long;
    }
    if !writer.out.is_empty() {
        writer.out.push('\n');
    }
    (writer.out, writer.full)
}

/// Between the title of a callout and its words stand few wrappers.
const TITLE_DEPTH_MAX: usize = 3;

/// Deeper nesting of lists and quotes is flattened: every level costs each line two or more bytes.
const FRAMES_MAX: usize = 12;

/// A list item or quote around a block.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Frame {
    node: u32,
    kind: FrameKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FrameKind {
    Quote,
    /// Number 0 is a bullet; `alternate` tells a list from one right before it.
    Item {
        list: u32,
        number: u32,
        alternate: bool,
    },
    /// A footnote of this label.
    Note(String),
}

fn frames_of(skeleton: &Skeleton, notes: Option<&Notes>, node: u32) -> Vec<Frame> {
    let label = |node: u32| notes.and_then(|notes| notes.label_of(node));
    let mut in_note = None;
    let mut frames: Vec<Frame> = skeleton
        .ancestry(node)
        .take_while(|(place, _)| {
            // Footnotes stand outside of all lists and quotes.
            if in_note.is_none() {
                in_note = label(*place)
                    .map(|label| Frame { node: *place, kind: FrameKind::Note(label.to_owned()) });
            }
            in_note.is_none()
        })
        .filter_map(|(place, node)| {
            let kind = match node.tag {
                Tag::Blockquote => FrameKind::Quote,
                _ if node.traits.any(Traits::CALLOUT) => FrameKind::Quote,
                Tag::Li | Tag::Dd => {
                    let list =
                        skeleton.nearest(node.parent, |n| matches!(n.tag, Tag::Ul | Tag::Ol | Tag::Dl));
                    let list = list.map_or(node.parent, |(place, _)| place);
                    // CommonMark allows nine digits.
                    FrameKind::Item { list, number: node.number.min(999_999_999), alternate: false }
                }
                _ => return None,
            };
            Some(Frame { node: place, kind })
        })
        .collect();
    frames.extend(in_note);
    frames.reverse();
    frames.truncate(FRAMES_MAX);
    frames
}

/// The nesting of a record: `q`uotes, `i`tems, `n`otes.
#[cfg(test)]
pub(crate) fn path_of(skeleton: &Skeleton, notes: Option<&Notes>, node: u32) -> String {
    let letter = |frame: &Frame| match frame.kind {
        FrameKind::Quote => 'q',
        FrameKind::Item { .. } => 'i',
        FrameKind::Note(_) => 'n',
    };
    frames_of(skeleton, notes, node).iter().map(letter).collect()
}

/// One block without what it is nested in.
pub(crate) fn body(block: &Block, place: Place<'_>) -> String {
    match &block.kind {
        Kind::Code(language) => {
            let longest = block.text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.saturating_add(1).max(3));
            format!("{fence}{language}\n{}\n{fence}", block.text)
        }
        Kind::Heading(level) => {
            format!("{} {}", "#".repeat(usize::from((*level).clamp(1, 6))), inline(block, place))
        }
        Kind::Text | Kind::Term => inline(block, place),
    }
}

fn inset_text(kind: &InsetKind, nested: bool) -> String {
    let mut out = String::new();
    match kind {
        // Behind a bullet dashes would be one rule with it.
        InsetKind::Rule => out.push_str(if nested { "___" } else { "---" }),
        InsetKind::Image(text, source) => {
            out.push_str("![");
            label(&mut out, text);
            out.push(']');
            destination(&mut out, source);
        }
        InsetKind::Video(title, source) => {
            out.push('[');
            label(&mut out, title);
            out.push(']');
            destination(&mut out, source);
        }
    }
    out
}

/// Text between brackets: every sign that could mean something is escaped.
fn label(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '[' | ']' | '\\' | '`' | '*' | '_' | '<' | '&' | '!' | '$' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
}

struct Writer {
    out: String,
    bytes_max: usize,
    full: bool,
    frames: Vec<Frame>,
    /// The last block was plain text, so that a list item may follow on the next line.
    in_text: bool,
}

impl Writer {
    fn write(&mut self, mut frames: Vec<Frame>, body: &str, is_text: bool) {
        if body.trim().is_empty() {
            return;
        }
        let common = self.frames.iter().zip(&frames).take_while(|(old, new)| old.node == new.node).count();
        // What both share keeps the marker it was opened with.
        for (new, old) in frames.iter_mut().zip(&self.frames).take(common) {
            *new = old.clone();
        }
        let tight = self.in_text && is_text && self.may_follow_on(&frames, common);
        self.part_lists(&mut frames, common);
        let mut piece = String::new();
        if !self.out.is_empty() {
            piece.push('\n');
            if !tight {
                piece.push_str(prefix(&frames, common, common).trim_end());
                piece.push('\n');
            }
        }
        for (number, line) in body.split('\n').enumerate() {
            let opened = if number == 0 { common } else { frames.len() };
            let prefix = prefix(&frames, opened, frames.len());
            let prefix = if line.is_empty() { prefix.trim_end() } else { &prefix };
            // Two bytes are kept for the ends of lines.
            let length =
                piece.len().saturating_add(prefix.len()).saturating_add(line.len()).saturating_add(2);
            if self.out.len().saturating_add(length) > self.bytes_max {
                self.full = true;
                break;
            }
            if number > 0 {
                piece.push('\n');
            }
            piece.push_str(prefix);
            piece.push_str(line);
        }
        if self.full && piece.trim().is_empty() {
            return;
        }
        self.out.push_str(&piece);
        self.frames = frames;
        self.in_text = is_text;
    }

    /// The new block opens an item right below or right behind the item of the last block.
    fn may_follow_on(&self, frames: &[Frame], common: usize) -> bool {
        let Some(FrameKind::Item { list, number, .. }) = frames.get(common).map(|f| &f.kind) else {
            return false;
        };
        match self.frames.get(common).map(|f| &f.kind) {
            Some(FrameKind::Item { list: before, .. }) => before == list,
            Some(FrameKind::Quote | FrameKind::Note(_)) => false,
            // A nested list may only interrupt the item's text if it starts with 1.
            None => {
                common > 0
                    && *number <= 1
                    && matches!(self.frames.last().map(|f| &f.kind), Some(FrameKind::Item { .. }))
            }
        }
    }

    /// Gives a list right behind another one the other marker, or they would read as one list.
    fn part_lists(&self, frames: &mut [Frame], common: usize) {
        let Some(Frame { kind: FrameKind::Item { list: before, alternate: was, .. }, .. }) =
            self.frames.get(common)
        else {
            return;
        };
        if let Some(Frame { kind: FrameKind::Item { list, alternate, .. }, .. }) = frames.get_mut(common) {
            *alternate = if list == before { *was } else { !*was };
        }
    }
}

/// The beginning of a line within the first `upto` frames; frames from `opened` on begin on this line.
fn prefix(frames: &[Frame], opened: usize, upto: usize) -> String {
    let mut prefix = String::new();
    for (depth, frame) in frames.iter().take(upto).enumerate() {
        match &frame.kind {
            FrameKind::Quote => prefix.push_str("> "),
            FrameKind::Note(label) if depth >= opened => {
                prefix.push_str("[^");
                prefix.push_str(label);
                prefix.push_str("]: ");
            }
            FrameKind::Note(_) => prefix.push_str("    "),
            FrameKind::Item { number, alternate, .. } => {
                let marker = match (number, alternate) {
                    (0, false) => "- ".to_owned(),
                    (0, true) => "* ".to_owned(),
                    (number, false) => format!("{number}. "),
                    (number, true) => format!("{number}) "),
                };
                if depth >= opened {
                    prefix.push_str(&marker);
                } else {
                    prefix.push_str(&" ".repeat(marker.len()));
                }
            }
        }
    }
    prefix
}

#[cfg(test)]
mod tests {
    use crate::page::tests::{FILLER, markdown_of};
    use crate::page::{Extractor, Limits, PageContext};

    fn rendered(html: &str) -> String {
        let markdown = markdown_of(&format!("{FILLER}{html}"));
        markdown.strip_prefix(&markdown_of(FILLER)).unwrap_or_default().trim().to_owned()
    }

    #[test]
    fn lists_nest_and_keep_their_numbers() {
        let html = "<ol start=9><li>a<ul><li>b<li>c</ul><li value=12>d</ol>";
        assert_eq!(rendered(html), "9. a\n   - b\n   - c\n12. d");
    }

    #[test]
    fn neighbouring_lists_stay_apart() {
        assert_eq!(rendered("<ul><li>a</ul><ul><li>b</ul>"), "- a\n\n* b");
    }

    #[test]
    fn items_hold_paragraphs_quotes_and_code() {
        let html = "<ul><li><p>a</p><p>b</p><blockquote>q</blockquote><pre>x\n\n y</pre></ul>";
        assert_eq!(rendered(html), "- a\n\n  b\n\n  > q\n\n  ```\n  x\n\n   y\n  ```");
    }

    #[test]
    fn what_does_not_fit_is_cut_at_a_line_or_within_its_text() {
        let cut = |html: &str| {
            let url = url::Url::parse("https://e.com/").expect("a URL");
            let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
            let limits = Limits { markdown_bytes_max: 200, ..Limits::default() };
            let mut extractor = Extractor::new(context, limits).expect("HTML is read");
            extractor.push(html.as_bytes());
            let page = extractor.finish().expect("a page");
            assert!(page.truncated && page.markdown.len() <= 200, "{}", page.markdown);
            page.markdown
        };
        assert!(
            cut(&format!("<ul><li><ul><li><pre>{}</pre></ul></ul>", "x\n".repeat(90))).lines().count() > 20
        );
        assert!(cut(&format!("<p>{}", "more_ *words* ".repeat(40))).starts_with("more\\_"));
        assert!(cut(&format!("<table>{}</table>", "<tr><td>a<td>b".repeat(60))).ends_with("| a | b |\n"));
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        assert_eq!(rendered("<pre>````</pre>"), "`````\n````\n`````");
    }
}
