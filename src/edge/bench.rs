//! Stands in for the edge in the wasm that `make bench` runs inside workerd: the parser alone, the extractor, and the fold
//! of a journal. The Worker is never built with the feature `bench`.
#![allow(unsafe_code, reason = "wasm-bindgen's generated glue")]

use crate::job::{Job, journal};
use crate::page::{Extractor, Limits, PageContext};
use footnote_reading::noop;
use std::hint::black_box;
use url::Url;
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads a page this many times and does nothing with it.
#[wasm_bindgen]
pub fn parse(html: &[u8], passes: u32) {
    for _ in 0..passes {
        noop::read_and_do_nothing(html);
    }
}

/// Extracts a page this many times; the answer is the length of its Markdown in bytes.
#[wasm_bindgen]
#[must_use]
pub fn extract(html: &[u8], passes: u32) -> usize {
    let mut bytes = 0;
    for _ in 0..passes {
        bytes = black_box(extracted(html)).unwrap_or(0);
    }
    bytes
}

/// Reads a journal, one fact a line, and folds it, this many times; the answer is how many facts there were, 0 when they
/// make no job.
#[wasm_bindgen]
#[must_use]
pub fn fold(facts: &str, passes: u32) -> usize {
    let mut count = 0;
    for _ in 0..passes {
        let events: Vec<_> =
            (0..).zip(facts.lines()).filter_map(|(seq, fact)| journal::decode(seq, fact).ok()).collect();
        count = events.len();
        if black_box(Job::fold(events)).is_none() {
            return 0;
        }
    }
    count
}

fn extracted(html: &[u8]) -> Option<usize> {
    let url = Url::parse("https://page.invalid/").ok()?;
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let mut extractor = Extractor::new(context, Limits::default()).ok()?;
    for chunk in html.chunks(noop::CHUNK_BYTES) {
        extractor.push(chunk);
    }
    Some(extractor.outcome().page.markdown.len())
}
