//! A page as the trainer of the page model sees it. Only built with the feature `training`.

use super::charset::Utf8Stream;
use super::choice::Choice;
use super::features::{self, Features};
use super::model;
use super::stream::HtmlStream;
use super::{Limits, Outcome, PREFIX_BYTES, PageContext, Rejection};
use std::cell::RefCell;
use url::Url;

thread_local! {
    static GIVEN: RefCell<Option<Vec<u32>>> = const { RefCell::new(None) };
}

/// What the extractor makes of an HTML page whose blocks have these chances instead of the model's, one for each of
/// [`samples`], in parts of 10,000: so a model is judged on pages that it has not seen.
///
/// # Errors
/// As [`super::Extractor::new`].
pub fn outcome_given(url: &Url, html: &[u8], chances: Vec<u32>) -> Result<Outcome, Rejection> {
    let context = PageContext { url, content_type: Some("text/html"), content_language: None };
    let mut extractor = super::Extractor::new(context, Limits::default())?;
    extractor.push(html);
    GIVEN.set(Some(chances));
    let outcome = extractor.outcome();
    GIVEN.set(None);
    Ok(outcome)
}

/// The chances that were given for a page of this many blocks, if any were.
pub(super) fn given_chances(blocks: usize) -> Option<Vec<u32>> {
    GIVEN.with_borrow(|given| given.clone().filter(|given| given.len() == blocks))
}

/// One block of a page.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its text.
    pub text: String,
    /// Its words, as the extractor counts them.
    pub words: u32,
    /// Its numbers, as the model sees them.
    pub row: Vec<u16>,
    /// What the model makes of them.
    pub score: i32,
    /// What the rules by zones would keep.
    pub kept: bool,
}

/// Numbers per block.
pub const COUNT: usize = features::COUNT;

/// The blocks of an HTML page.
#[must_use]
pub fn samples(url: &Url, html: &[u8]) -> Vec<Sample> {
    let limits = Limits::default();
    let prefix = html.get(..PREFIX_BYTES.min(html.len())).unwrap_or_default();
    let mut stream = HtmlStream::new(url, Utf8Stream::new(None, prefix), limits.links_max);
    stream.push(html.get(..limits.body_bytes_max).unwrap_or(html));
    let (choice, _) = Choice::best(url, stream, limits);
    let collected = &choice.collected;
    let features =
        Features::of(&collected.blocks, &collected.skeleton, &choice.tables, &collected.clues, &choice.ruled);
    let scores = model::scores(&features, collected.blocks.len());
    let blocks = collected.blocks.iter().zip(&choice.ruled).zip(scores);
    blocks
        .enumerate()
        .map(|(index, ((block, kept), score))| {
            let mut row = Vec::with_capacity(features::COUNT);
            features.row(index, |_, number| row.push(number));
            Sample { text: block.text.clone(), words: block.words, row, score, kept: *kept }
        })
        .collect()
}
