//! Any bytes under any content type and in any chunks: no panic, one answer, bounded and valid Markdown.
#![no_main]

use footnote::page::{Extractor, Limits, Outcome, PageContext};
use libfuzzer_sys::fuzz_target;
use pulldown_cmark::{Event, Options, Parser};
use url::Url;

/// The first byte chooses one of these and, with its upper bits, the size of the chunks.
const CONTENT_TYPES: [Option<&str>; 8] = [
    Some("text/html"),
    None,
    Some("text/html; charset=utf-8"),
    Some("text/html; charset=windows-1251"),
    Some("text/html; charset=gb18030"),
    Some("application/xhtml+xml"),
    Some("text/plain"),
    Some("text/markdown"),
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let content_type = CONTENT_TYPES[usize::from(choice % 8)];
    let limits = Limits { body_bytes_max: 100_000, markdown_bytes_max: 20_000, links_max: 20, ..Limits::default() };
    let whole = read(body, usize::MAX, content_type, limits);
    let chunk = 1 + usize::from(choice / 8) * 7;
    assert!(read(body, chunk, content_type, limits) == whole, "chunks of {chunk} read otherwise");
    let Some(outcome) = whole else { return };
    assert!(outcome.page.markdown.len() <= limits.markdown_bytes_max);
    assert!(outcome.page.links.len() <= limits.links_max);
    if choice % 8 < 6 && outcome.rejection.is_none() {
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
        for event in Parser::new_ext(&outcome.page.markdown, options) {
            let is_markup = matches!(event, Event::Html(_) | Event::InlineHtml(_));
            assert!(!is_markup || content_type.is_none(), "markup leaked: {event:?}");
        }
    }
});

fn read(body: &[u8], chunk: usize, content_type: Option<&str>, limits: Limits) -> Option<Outcome> {
    let url = Url::parse("https://e.com/a/b?c").ok()?;
    let context = PageContext { url: &url, content_type, content_language: None };
    let mut extractor = Extractor::new(context, limits).ok()?;
    for piece in body.chunks(chunk) {
        extractor.push(piece);
    }
    Some(extractor.outcome())
}
