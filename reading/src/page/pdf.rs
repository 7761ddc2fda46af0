//! PDF: text in reading order, headings, page numbers, and what the file says about itself.
//!
//! `object`, `filter` and `file` read the syntax, `font`, `encoding` and `cmap` make text of codes, `content` finds
//! glyphs, `layout` makes lines of them and `flow` paragraphs, `about` reads title, author and day.
//!
//! Heap, at most, on any file: body 10 MB, places of objects 8, unpacked streams 8 + 4, fonts 5, glyphs of one page 4, lines
//! and text of all pages 6, Markdown 2: 47 MB of the 128 MB that an isolate has (`tests/pdf_bounds.rs` measures it).

mod about;
mod cmap;
mod content;
mod encoding;
mod file;
mod filter;
mod flow;
mod font;
mod layout;
mod object;
mod tree;

use super::block::{boundary_at_or_before, count_words};
use super::clues::Dated;
use super::inline::Place;
use super::simhash::simhash;
use super::{
    InjectionFlag, Limits, Outcome, Page, PageKind, Rejection, injection, kind, language, markdown, verdict,
};
use crate::digest::sha256_hex;
use about::About;
use content::Fonts;
use file::File;
use flow::Piece;
use layout::Line;
use url::Url;

/// Pages that are read. 900 KB of Markdown are 300 to 450 full pages.
pub(crate) const PAGES_MAX: usize = 500;
/// Lines of all pages; at 100 bytes and their text each this is 6 MB.
const LINES_MAX: usize = 40_000;
/// A document whose codes say nothing for more than this share of its glyphs is taken for one without text.
const UNREADABLE_PERCENT_MAX: usize = 40;

/// Reads a document. `stated` is the language that its response states, and `cut` says that its end is missing.
pub(crate) fn read(url: &Url, bytes: Vec<u8>, limits: Limits, stated: Option<String>, cut: bool) -> Outcome {
    let refused = |rejection| Outcome { page: Page::default(), rejection: Some(rejection) };
    let mut file = File::new(bytes);
    if file.trailer.contains_key(b"Encrypt".as_slice()) {
        return refused(Rejection::EncryptedPdf);
    }
    let root = file.trailer.clone();
    let root = file.dict(&root, "Root").unwrap_or_default();
    let tree = tree::pages(&mut file, &root);
    if tree.pages.is_empty() {
        return refused(Rejection::BrokenPdf);
    }
    let about = About::read(&mut file, &root);
    let text = Text::read(&mut file, &tree.pages, limits);
    let first = text.pages.iter().find(|lines| !lines.is_empty()).map(Vec::as_slice).unwrap_or_default();
    let title = about.title.clone().or_else(|| about::largest_text(first)).unwrap_or_default();
    let (published, published_from) = Dated::parted(about.day(first, &text.aside));
    let truncated = cut || tree.cut || text.cut || file.exhausted();
    drop(file);
    let pages = text.pages.len();
    let pieces = flow::pieces(text.pages);
    let tongue = language::of(pieces.iter().map(|piece| piece.block.text.as_str()));
    let mut written = Written::of(pieces, pages, limits.markdown_bytes_max);
    let words = written.words;
    let all = text.readable.saturating_add(text.unreadable);
    let unreadable = text.unreadable.saturating_mul(100) > all.saturating_mul(UNREADABLE_PERCENT_MAX);
    let rejection = if (words == 0 || unreadable) && cut {
        Some(Rejection::BrokenPdf)
    } else if words == 0 || unreadable {
        Some(Rejection::NoTextLayer { pages: u32::try_from(pages).unwrap_or(u32::MAX) })
    } else {
        (words < verdict::THIN_WORDS_MIN)
            .then_some(Rejection::TooThin { words })
            .or_else(|| verdict::reject_language(limits.language, tongue))
    };
    let mut clean = |text: String| injection::clean_text(&text, &mut written.flags);
    let page = Page {
        title: clean(title),
        author: about.author.map(clean),
        published,
        published_from,
        language: language::settle(about.language.or(stated), tongue),
        kind: match kind::of_address(url) {
            PageKind::Other => PageKind::Article,
            told => told,
        },
        words,
        sha256: sha256_hex(&written.markdown),
        simhash: simhash(&written.markdown),
        injection_flags: written.flags,
        markdown: written.markdown,
        page_starts: written.starts,
        truncated: truncated || written.cut,
        links: text.links,
        ..Page::default()
    };
    Outcome { page, rejection }
}

/// What the pages show.
#[derive(Default)]
struct Text {
    pages: Vec<Vec<Line>>,
    /// What runs along the margin of the first page.
    aside: String,
    links: Vec<String>,
    readable: usize,
    unreadable: usize,
    cut: bool,
}

impl Text {
    fn read(file: &mut File, pages: &[tree::PageNode], limits: Limits) -> Self {
        let mut text = Self::default();
        let mut fonts = Fonts::default();
        let (mut bytes, mut lines) = (0_usize, 0_usize);
        for page in pages {
            if bytes > limits.markdown_bytes_max || lines > LINES_MAX || file.exhausted() {
                text.cut = true;
                break;
            }
            let shown = content::read(file, &mut fonts, page);
            text.readable = text.readable.saturating_add(shown.glyphs.len());
            text.unreadable = text.unreadable.saturating_add(shown.unreadable);
            let (found, aside) = layout::lines(&shown);
            if text.pages.is_empty() {
                text.aside = aside;
            }
            tree::links(file, page, &mut text.links, limits.links_max);
            bytes = found.iter().fold(bytes, |sum, line| sum.saturating_add(line.text.len()));
            lines = lines.saturating_add(found.len());
            text.pages.push(found);
        }
        text
    }
}

/// The Markdown of a document, and where its pages begin in it.
#[derive(Default)]
struct Written {
    markdown: String,
    starts: Vec<u32>,
    words: u32,
    flags: Vec<InjectionFlag>,
    cut: bool,
}

impl Written {
    fn of(pieces: Vec<Piece>, pages: usize, bytes_max: usize) -> Self {
        let mut written = Self::default();
        let mut after_item = false;
        for mut piece in pieces {
            injection::clean_block(&mut piece.block, &mut written.flags);
            piece.block.finish();
            if piece.block.text.is_empty() {
                continue;
            }
            let gap = match (written.markdown.is_empty(), piece.item && after_item) {
                (true, _) => "",
                (_, true) => "\n",
                _ => "\n\n",
            };
            let mark = if piece.item { "- " } else { "" };
            let body = markdown::body(&piece.block, Place::default());
            // A line break within an item would end it.
            let body = if piece.item { body.replace("  \n", " ") } else { body };
            let length = written.markdown.len().saturating_add(gap.len() + mark.len() + body.len());
            if length >= bytes_max {
                written.cut = true;
                break;
            }
            written.markdown.push_str(gap);
            let start = written.markdown.len();
            written.begin(piece.page, start);
            written.markdown.push_str(mark);
            written.markdown.push_str(&body);
            for (page, at) in &piece.turns {
                // Escapes only make the text longer, so the place is looked for at or behind it.
                let next = piece.block.text.get(*at..).unwrap_or_default();
                let word = next.split_whitespace().next().unwrap_or_default();
                let from = start.saturating_add(*at).min(written.markdown.len());
                let found = written.markdown.get(from..).and_then(|tail| tail.find(word));
                let at = boundary_at_or_before(&written.markdown, from.saturating_add(found.unwrap_or(0)));
                written.begin(*page, at);
            }
            written.words = written.words.saturating_add(count_words(&piece.block.text));
            after_item = piece.item;
        }
        if !written.markdown.is_empty() {
            written.markdown.push('\n');
        }
        written.begin(pages.saturating_sub(1), written.markdown.len());
        written
    }

    /// Notes that `page` begins at `at`, and that those before it that are not noted yet are empty.
    fn begin(&mut self, page: usize, at: usize) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        while self.starts.len() <= page.min(PAGES_MAX) {
            self.starts.push(at);
        }
    }
}
