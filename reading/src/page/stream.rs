//! Bytes to lol_html: decoding before it, and pieces of one size, so that a page reads the same however it arrives.

use super::attributes::Fed;
use super::charset::Utf8Stream;
use super::collect::Collector;
use lol_html::html_content::{Comment, Element, EndTag, TextChunk};
use lol_html::{
    DocumentContentHandlers, ElementContentHandlers, HandlerResult, HtmlRewriter, MemorySettings, Selector,
    Settings,
};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use url::Url;

/// A page on its way through the parser.
pub(crate) struct HtmlStream {
    collector: Rc<RefCell<Collector>>,
    /// Gone once the parser gave up.
    rewriter: Option<Rewriter>,
    decoder: Utf8Stream,
    /// What was fed last and what waits.
    fed: Rc<RefCell<Fed>>,
    /// Bytes at the beginning of it that were fed.
    fed_bytes: usize,
    gave_up: bool,
}

/// What lol_html may hold. The longest tag seen in 1,497 real pages has 1.3 MB; 32,000 unclosed elements fit too.
const PARSER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The parser is always fed pieces of this size: what its memory limit counts must not depend on the network's chunks.
/// Small, since decoded text waits here while a small page may hold little.
const PIECE_BYTES: usize = 4 * 1024;
/// Of what was fed so much is held, for tags that go on in the next piece. Longer ones are asked for of the parser.
const KEPT_BYTES: usize = 512;

/// Its output is thrown away.
type Rewriter = HtmlRewriter<'static, fn(&[u8])>;

impl HtmlStream {
    pub(crate) fn new(url: &Url, decoder: Utf8Stream, links_max: usize) -> Self {
        let collector = Rc::new(RefCell::new(Collector::new(url, links_max)));
        let fed = Rc::new(RefCell::new(Fed::default()));
        let rewriter = rewriter(&collector, &fed);
        Self { collector, gave_up: rewriter.is_none(), rewriter, decoder, fed, fed_bytes: 0 }
    }

    /// Reads a chunk; `false` once nothing more can be read.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> bool {
        for part in chunk.chunks(PIECE_BYTES) {
            self.decoder.push(part, &mut self.fed.borrow_mut().bytes);
            self.feed(PIECE_BYTES);
        }
        !self.gave_up
    }

    /// The document is over. The flag says that the parser's limit cut it short.
    pub(crate) fn finish(mut self) -> (Collector, bool) {
        let decoder = std::mem::replace(&mut self.decoder, Utf8Stream::new(None, &[]));
        decoder.finish(&mut self.fed.borrow_mut().bytes);
        self.feed(PIECE_BYTES);
        self.feed(1);
        if let Some(rewriter) = self.rewriter.take() {
            self.gave_up |= rewriter.end().is_err();
        }
        let mut collector = self.collector.borrow_mut().take();
        collector.finish();
        (collector, self.gave_up)
    }

    /// Feeds whole pieces while at least `bytes_min` are waiting.
    fn feed(&mut self, bytes_min: usize) {
        while let Some(rewriter) = &mut self.rewriter {
            let fed = self.fed.borrow();
            let waiting = fed.bytes.get(self.fed_bytes..).unwrap_or_default();
            if waiting.len() < bytes_min || waiting.is_empty() {
                break;
            }
            let piece = waiting.get(..PIECE_BYTES).unwrap_or(waiting);
            self.fed_bytes = self.fed_bytes.saturating_add(piece.len());
            if rewriter.write(piece).is_err() {
                // A rewriter that failed must not be used again.
                self.rewriter = None;
                self.gave_up = true;
            }
        }
        let gone = self.fed_bytes.saturating_sub(if self.gave_up { 0 } else { KEPT_BYTES });
        let mut fed = self.fed.borrow_mut();
        fed.drop_first(gone);
        self.fed_bytes = self.fed_bytes.saturating_sub(gone);
        if self.gave_up {
            fed.bytes.clear();
        }
    }
}

fn rewriter(collector: &Rc<RefCell<Collector>>, fed: &Rc<RefCell<Fed>>) -> Option<Rewriter> {
    let everything: Selector = "*".parse().ok()?;
    let for_elements = Rc::clone(collector);
    let fed = Rc::clone(fed);
    let on_element = move |element: &mut Element<'_, '_>| -> HandlerResult {
        let id = for_elements.borrow_mut().start(element, &fed.borrow());
        if let (Some(id), Some(handlers)) = (id, element.end_tag_handlers()) {
            let for_end = Rc::clone(&for_elements);
            handlers.push(Box::new(move |_: &mut EndTag<'_>| {
                for_end.borrow_mut().end(id);
                Ok(())
            }));
        }
        Ok(())
    };
    let for_comments = Rc::clone(collector);
    let on_comment = move |comment: &mut Comment<'_>| -> HandlerResult {
        for_comments.borrow_mut().clues.aside(&comment.text());
        Ok(())
    };
    let for_text = Rc::clone(collector);
    let on_text = move |chunk: &mut TextChunk<'_>| -> HandlerResult {
        for_text.borrow_mut().text(chunk.as_str(), chunk.text_type(), chunk.last_in_text_node());
        Ok(())
    };
    let settings = Settings::new()
        .append_element_content_handler((
            Cow::Owned(everything),
            ElementContentHandlers::default().element(on_element),
        ))
        .append_document_content_handler(
            DocumentContentHandlers::default().text(on_text).comments(on_comment),
        )
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(PARSER_BYTES_MAX))
        .with_strict(false);
    Some(HtmlRewriter::new(settings, discard as fn(&[u8])))
}

fn discard(_: &[u8]) {}
