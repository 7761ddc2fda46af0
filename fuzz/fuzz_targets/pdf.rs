//! Any bytes that claim to be a PDF, in any chunks: no panic and one answer, within its bounds.
#![no_main]

use footnote::page::{Extractor, Limits, Outcome, PageContext};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { body_bytes_max: 100_000, markdown_bytes_max: 20_000, links_max: 20, ..Limits::default() };
    let body = [b"%PDF-1.7\n".as_slice(), data].concat();
    let whole = read(&body, usize::MAX, limits);
    assert!(read(&body, 97, limits) == whole, "chunks read otherwise");
    let Some(outcome) = whole else { return };
    assert!(outcome.page.markdown.len() <= limits.markdown_bytes_max);
});

fn read(body: &[u8], chunk: usize, limits: Limits) -> Option<Outcome> {
    let url = Url::parse("https://e.com/a.pdf").ok()?;
    let context = PageContext { url: &url, content_type: Some("application/pdf"), content_language: None };
    let mut extractor = Extractor::new(context, limits).ok()?;
    for piece in body.chunks(chunk) {
        extractor.push(piece);
    }
    Some(extractor.outcome())
}
