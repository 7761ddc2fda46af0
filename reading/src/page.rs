//! A page's bytes become text with structure: one streaming pass through lol_html, no DOM, bounded memory.
//!
//! Three steps: the pass collects flat blocks, a skeleton of their containers and clues about the page (`collect`);
//! at the end it is decided which blocks are main content (`decide`); those become Markdown (`markdown`).

mod attributes;
mod block;
mod byline;
mod charset;
mod choice;
mod clues;
mod code_language;
mod collect;
mod date;
mod decide;
mod features;
mod injection;
mod inline;
mod island;
mod json;
mod json_ld;
mod kind;
mod language;
mod markdown;
mod media;
mod model;
mod notes;
mod pdf;
mod plain;
mod rejection;
#[cfg(test)]
mod round_trip;
pub mod simhash;
mod skeleton;
mod stream;
mod sums;
mod tables;
mod tag;
#[cfg(feature = "training")]
pub mod training;
mod verdict;

pub use clues::DateSource;
pub use injection::{InjectionFlag, InjectionReason};
pub use kind::PageKind;
pub use language::{Language, language_of_question};
pub use rejection::Rejection;

use crate::digest::sha256_hex;
use block::{Block, Kind};
use charset::Utf8Stream;
use choice::Choice;
use clues::Dated;
use date::Order;
use inline::Place;
use media::Media;
use notes::Notes;
use serde::{Deserialize, Serialize};
use stream::HtmlStream;
use url::Url;

/// A page that was read and extracted. All text is UTF-8 with `\n` line ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Main content as CommonMark with GFM tables.
    pub markdown: String,
    /// Title without the site's suffix; empty when the page has none.
    pub title: String,
    /// Author's name, when the page states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Day of publication, `YYYY-MM-DD`; where the page only says when it was changed, that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// Where `published` was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_from: Option<DateSource>,
    /// Day of the last change, `YYYY-MM-DD`, when the page states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// Where `modified` was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_from: Option<DateSource>,
    /// Name of the site, when the page states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// Absolute URL of the licence that the page says it is under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The page says that only subscribers read all of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub paywalled: bool,
    /// Absolute canonical URL, when the page states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// BCP 47 language tag: what the page or its header states, unless its text is clearly in another language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What kind of page it is.
    #[serde(default)]
    pub kind: PageKind,
    /// Words in `markdown`'s text.
    pub words: u32,
    /// Lower-case hex SHA-256 of `markdown`.
    pub sha256: String,
    /// Fingerprint by which copies of one text are told; none for a short text. See [`simhash`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simhash: Option<u64>,
    /// The body was longer than the cap and only its beginning was read.
    pub truncated: bool,
    /// What spoke to models and was taken out of the text, at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub injection_flags: Vec<InjectionFlag>,
    /// Byte offset in `markdown` at which each page of a PDF begins, ascending, at most 501; empty for everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_starts: Vec<u32>,
    /// Absolute http(s) links in document order, duplicates removed, at most `Limits::links_max` (crawling needs them).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Reads a page chunk by chunk. The result does not depend on where the chunks are cut.
///
/// Memory stays below 16 MB, whatever the page (`tests/page_bounds.rs`); nineteen of twenty real pages need less than three
/// times their size.
pub struct Extractor {
    url: Url,
    content_type: Option<String>,
    content_language: Option<String>,
    limits: Limits,
    media: Media,
    state: State,
    taken: usize,
    truncated: bool,
    /// Nothing of the page is furniture or a wall.
    all_content: bool,
}

/// Where a page comes from and what its response's header said.
#[derive(Clone, Copy, Debug)]
pub struct PageContext<'a> {
    /// Final URL, after redirects.
    pub url: &'a Url,
    /// Raw `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// Raw `Content-Language` header.
    pub content_language: Option<&'a str>,
}

/// How much is read and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of body that are read, after decompression. Default 6 MB: the longest of 1,497 real pages has 5.3 MB. What
    /// is held of them is bounded on its own.
    pub body_bytes_max: usize,
    /// Bytes of a PDF, which is held whole. Default 10 MB: with what reading it takes this is 47 MB (`page/pdf.rs`).
    pub pdf_bytes_max: usize,
    /// Bytes of [`Page::markdown`]. Default 900 KB: with the rest of its record it stays below 1 MB, so that it
    /// fits one SQLite row of 2 MB with room to spare.
    pub markdown_bytes_max: usize,
    /// Entries of [`Page::links`]. Default 1,000.
    pub links_max: usize,
    /// Pages that are clearly in another language are rejected. Default none: every language will do.
    pub language: Option<Language>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 6_000_000,
            pdf_bytes_max: 10_000_000,
            markdown_bytes_max: 900_000,
            links_max: 1_000,
            language: None,
        }
    }
}

/// What a body gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was read, however little.
    pub page: Page,
    /// Why it cannot be used as a source, if so.
    pub rejection: Option<Rejection>,
}

/// What the caller should do after a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Read on.
    More,
    /// Nothing more will be taken: stop reading and call [`Extractor::finish`].
    Full,
}

/// The first bytes decide about type and encoding. HTML asks for `<meta charset>` within 1,024 bytes; pages put scripts and
/// comments before it, and browsers look farther too.
const PREFIX_BYTES: usize = 4096;
/// Fonts, pictures and archives show what they are in fewer bytes.
const SNIFF_BYTES: usize = 1024;
/// A PDF's buffer grows by this much: ten times at most.
const PDF_STEP_BYTES: usize = 1_000_000;

enum State {
    /// Waiting for the first [`PREFIX_BYTES`].
    Prefix(Vec<u8>),
    Html(Box<HtmlStream>),
    Text(Utf8Stream, Vec<u8>),
    Pdf(Vec<u8>),
    Refused(Rejection),
}

impl Extractor {
    /// Starts a page.
    ///
    /// # Errors
    /// [`Rejection::UnsupportedType`], so that a body that cannot be read need not be fetched.
    pub fn new(context: PageContext<'_>, limits: Limits) -> Result<Self, Rejection> {
        Ok(Self {
            url: context.url.clone(),
            content_type: context.content_type.map(str::to_owned),
            content_language: context.content_language.map(str::to_owned),
            limits,
            media: Media::of_header(context.content_type)?,
            state: State::Prefix(Vec::new()),
            taken: 0,
            truncated: false,
            all_content: false,
        })
    }

    /// Starts a page whose HTML was put together from what a site's API said: all of it is content, and whatever it says it
    /// is no wall. Everything else is as with any page.
    ///
    /// # Errors
    /// As [`Extractor::new`].
    pub fn of_content(context: PageContext<'_>, limits: Limits) -> Result<Self, Rejection> {
        Ok(Self { all_content: true, ..Self::new(context, limits)? })
    }

    /// Takes the next bytes of the body. Bytes beyond [`Limits::body_bytes_max`] are ignored and mark the page truncated.
    pub fn push(&mut self, chunk: &[u8]) -> Flow {
        let pdf = self.media == Media::Pdf;
        let bytes_max = if pdf { self.limits.pdf_bytes_max } else { self.limits.body_bytes_max };
        let room = bytes_max.saturating_sub(self.taken);
        let part = chunk.get(..room).unwrap_or(chunk);
        self.taken = self.taken.saturating_add(part.len());
        self.truncated |= part.len() < chunk.len();
        if !part.is_empty() && !self.take(part) {
            return Flow::Full;
        }
        if self.truncated { Flow::Full } else { Flow::More }
    }

    /// Bytes of body that are held until its end: those of a PDF, which is read from its end.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        if let State::Pdf(held) = &self.state { held.capacity() } else { 0 }
    }

    /// The body is over.
    ///
    /// # Errors
    /// Why the body gave no usable page.
    pub fn finish(self) -> Result<Page, Rejection> {
        let Outcome { page, rejection } = self.outcome();
        rejection.map_or(Ok(page), Err)
    }

    /// The body is over: what was read of it, and why it is no usable page, if so.
    #[must_use]
    pub fn outcome(mut self) -> Outcome {
        if let State::Prefix(prefix) = &mut self.state {
            let prefix = std::mem::take(prefix);
            self.begin(&prefix);
        }
        let state = std::mem::replace(&mut self.state, State::Prefix(Vec::new()));
        match state {
            State::Html(stream) => self.finish_html(*stream),
            State::Text(decoder, mut bytes) => {
                decoder.finish(&mut bytes);
                let text = String::from_utf8_lossy(&bytes);
                let tongue = language::of(std::iter::once(text.as_ref()));
                let rejection = verdict::reject_text(&text)
                    .or_else(|| verdict::reject_language(self.limits.language, tongue));
                let mut page = match self.media {
                    Media::Markdown => plain::markdown_page(&self.url, &text, self.limits),
                    _ => plain::text_page(&text, self.limits),
                };
                page.truncated |= self.truncated;
                let stated = self.content_language.as_deref().and_then(clues::language_tag);
                page.language = language::settle(stated, tongue);
                Outcome { page, rejection }
            }
            State::Pdf(bytes) => {
                let stated = self.content_language.as_deref().and_then(clues::language_tag);
                pdf::read(&self.url, bytes, self.limits, stated, self.truncated)
            }
            State::Refused(rejection) => Outcome { page: Page::default(), rejection: Some(rejection) },
            State::Prefix(_) => {
                Outcome { page: Page::default(), rejection: Some(Rejection::TooThin { words: 0 }) }
            }
        }
    }

    /// `false` once nothing more can be read.
    fn take(&mut self, bytes: &[u8]) -> bool {
        match &mut self.state {
            State::Prefix(prefix) => {
                let room = PREFIX_BYTES.saturating_sub(prefix.len());
                let (head, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
                prefix.extend_from_slice(head);
                if prefix.len() < PREFIX_BYTES {
                    return true;
                }
                let prefix = std::mem::take(prefix);
                self.begin(&prefix);
                self.take(rest)
            }
            State::Html(stream) => stream.push(bytes),
            State::Text(decoder, out) => {
                decoder.push(bytes, out);
                true
            }
            State::Pdf(held) => {
                // Doubling would hold up to 24 MB for 10.
                if held.capacity().saturating_sub(held.len()) < bytes.len() {
                    held.reserve_exact(bytes.len().max(PDF_STEP_BYTES));
                }
                held.extend_from_slice(bytes);
                true
            }
            State::Refused(_) => false,
        }
    }

    /// Settles type and encoding by the beginning of the body, and reads it.
    fn begin(&mut self, prefix: &[u8]) {
        self.state = match self.media.sniff(prefix.get(..SNIFF_BYTES).unwrap_or(prefix)) {
            Err(rejection) => State::Refused(rejection),
            Ok(media) => {
                self.media = media;
                let decoder = Utf8Stream::new(self.content_type.as_deref(), prefix);
                match media {
                    Media::Pdf => State::Pdf(Vec::new()),
                    Media::Html => {
                        State::Html(Box::new(HtmlStream::new(&self.url, decoder, self.limits.links_max)))
                    }
                    _ => State::Text(decoder, Vec::new()),
                }
            }
        };
        self.take(prefix);
    }

    fn finish_html(self, stream: HtmlStream) -> Outcome {
        let (choice, gave_up) =
            if self.all_content { Choice::all(stream) } else { Choice::best(&self.url, stream, self.limits) };
        let Choice { mut collected, tables, keep, words, .. } = choice;
        decide::drop_insets(&mut collected.blocks, &keep, &collected.skeleton);
        let clues = &collected.clues;
        let kept_texts = collected.blocks.iter().zip(&keep).filter(|(_, keep)| **keep);
        let tongue = language::of(kept_texts.map(|(block, _)| block.text.as_str()));
        let rejection = if self.all_content {
            verdict::reject_thin(words)
        } else {
            verdict::reject(clues, &collected.blocks, &collected.skeleton, &keep, words)
        };
        let rejection = rejection.or_else(|| verdict::reject_language(self.limits.language, tongue));
        let mut injection_flags = Vec::new();
        for (block, _) in collected.blocks.iter_mut().zip(&keep).filter(|(_, keep)| **keep) {
            injection::clean_block(block, &mut injection_flags);
        }
        let words =
            if injection_flags.is_empty() { words } else { decide::words_kept(&collected.blocks, &keep) };
        let clues = &collected.clues;
        let kept: Vec<&Block> =
            collected.blocks.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(block, _)| block).collect();
        let mut address = self.url.clone();
        address.set_fragment(None);
        let place = Place { targets: &collected.targets, page: address.as_str(), ..Place::default() };
        let notes = Notes::find(&kept, &collected.skeleton, &collected.notes, place);
        let place = Place { notes: Some(&notes), ..place };
        let (markdown, cut) =
            markdown::render(&kept, &collected.skeleton, &tables, place, self.limits.markdown_bytes_max);
        // What was cut off is not on the page any more.
        let words = if cut { block::count_words(&markdown) } else { words };
        let first_level = |block: &&Block| block.kind == Kind::Heading(1);
        let headings: Vec<&str> =
            kept.iter().copied().filter(first_level).map(|block| block.text.as_str()).collect();
        let all: Vec<&str> =
            collected.blocks.iter().filter(first_level).map(|block| block.text.as_str()).collect();
        let canonical_url = clues.best_canonical(&self.url);
        let own = canonical_url.as_deref().and_then(|url| Url::parse(url).ok());
        let own = own.as_ref().unwrap_or(&self.url);
        let host = own.host_str().unwrap_or_default();
        let title = clues.best_title(&headings, &all, own);
        let title_at = collected
            .blocks
            .iter()
            .position(|block| block.text == title)
            .or_else(|| collected.blocks.iter().position(|block| block.kind == Kind::Heading(1)));
        let language = language::settle(clues.best_language(self.content_language.as_deref()), tongue);
        let order = Order::of(language.as_deref(), host);
        let byline = byline::read(&collected.blocks, &collected.targets, title_at, order);
        let days = clues.best_days(&self.url, order, &byline, title_at);
        let (published, published_from) = Dated::parted(days.published);
        let (modified, modified_from) = Dated::parted(days.modified);
        let mut clean = |text: String| injection::clean_text(&text, &mut injection_flags);
        let page = Page {
            author: clues.best_author(byline.authors, title_at, host).map(&mut clean),
            title: clean(title),
            published,
            published_from,
            modified,
            modified_from,
            site_name: clues.best_site_name().map(clean),
            licence: clues.best_licence(&self.url),
            paywalled: clues.is_paywalled(),
            canonical_url,
            kind: clues.best_kind(),
            language,
            words,
            sha256: sha256_hex(&markdown),
            simhash: simhash::simhash(&markdown),
            markdown,
            truncated: self.truncated || gave_up || cut || collected.full,
            page_starts: Vec::new(),
            links: collected.links,
            injection_flags: Vec::new(),
        };
        injection::flag_unseen(collected.clues.asides(), &mut injection_flags);
        let page = Page { injection_flags, ..page };
        Outcome { page, rejection }
    }
}

/// Reads a whole body at once, with the default [`Limits`].
///
/// # Errors
/// Why the body gave no usable page.
pub fn extract(context: PageContext<'_>, body: &[u8]) -> Result<Page, Rejection> {
    let mut extractor = Extractor::new(context, Limits::default())?;
    extractor.push(body);
    extractor.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const FILLER: &str = "<p>These words only make the page long enough to be read, which takes at least twenty words in all, and here they are.</p>";

    /// What is read of a page, whatever the verdict on it.
    pub(crate) fn read(html: &str) -> Page {
        let url = Url::parse("https://e.com/").expect("a URL");
        let context =
            PageContext { url: &url, content_type: Some("text/html"), content_language: Some("de") };
        let mut extractor = Extractor::new(context, Limits::default()).expect("HTML is read");
        extractor.push(html.as_bytes());
        extractor.outcome().page
    }

    /// The Markdown of what stands behind [`FILLER`].
    pub(crate) fn after(html: &str) -> String {
        let markdown = markdown_of(&format!("{FILLER}{html}"));
        markdown.strip_prefix(&markdown_of(FILLER)).unwrap_or_default().trim().to_owned()
    }

    pub(crate) fn markdown_of(html: &str) -> String {
        read(html).markdown
    }

    #[test]
    fn a_page_carries_its_words_language_and_hash() {
        let page = read(FILLER);
        assert_eq!((page.words, page.language.as_deref(), page.truncated), (23, Some("de"), false));
        assert_eq!(page.sha256, sha256_hex(&page.markdown));
    }

    #[test]
    fn a_type_that_cannot_be_read_is_refused_before_its_body() {
        let url = Url::parse("https://e.com/a.png").expect("a URL");
        let context = PageContext { url: &url, content_type: Some("image/png"), content_language: None };
        let refused = Extractor::new(context, Limits::default()).err();
        assert_eq!(
            refused.map(|r| r.to_string()).as_deref(),
            Some("The page is of type image/png, which cannot be read.")
        );
    }

    #[test]
    fn text_and_markdown_responses_are_kept_as_they_are() {
        let url = Url::parse("https://e.com/").expect("a URL");
        let body = format!("# Title\n\n{}", "some plain words ".repeat(10));
        for content_type in ["text/plain", "text/markdown"] {
            let context = PageContext { url: &url, content_type: Some(content_type), content_language: None };
            let page = extract(context, body.as_bytes()).expect("a page");
            assert_eq!(page.markdown, format!("{}\n", body.trim_end()));
        }
    }
}
