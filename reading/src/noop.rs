//! What the parser alone costs: lol_html with handlers that read class, id, role and href of every element, hear of every
//! end tag and piece of text, and do nothing. It stands here, beside what it is compared with, to be optimised like it.

use lol_html::html_content::{Element, EndTag, TextChunk};
use lol_html::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, Settings};
use std::borrow::Cow;
use std::hint::black_box;

/// What the network hands over at a time.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// One pass of the parser over a page.
pub fn read_and_do_nothing(html: &[u8]) {
    let Ok(everything) = "*".parse() else { return };
    let on_element = |element: &mut Element<'_, '_>| {
        for name in ["class", "id", "role", "href"] {
            black_box(element.get_attribute(name));
        }
        if let Some(handlers) = element.end_tag_handlers() {
            handlers.push(Box::new(|_: &mut EndTag<'_>| Ok(())));
        }
        Ok(())
    };
    let on_text = |chunk: &mut TextChunk<'_>| {
        black_box(chunk.as_str());
        Ok(())
    };
    let settings = Settings::new()
        .append_element_content_handler((
            Cow::Owned(everything),
            ElementContentHandlers::default().element(on_element),
        ))
        .append_document_content_handler(DocumentContentHandlers::default().text(on_text))
        .with_strict(false);
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| ());
    for chunk in html.chunks(CHUNK_BYTES) {
        if rewriter.write(chunk).is_err() {
            return;
        }
    }
    black_box(rewriter.end().is_ok());
}
