//! What surrounds a quote, taken apart only when it is asked for: most statements need no more than the quote itself.

use super::meanings;
use super::reading::{Reading, without_addresses};
use super::scales::Mark;
use super::units::Unit;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// The checked fact, or the text before a quote on its page.
#[derive(Clone, Debug)]
pub(super) struct Around {
    text: String,
    terms: OnceCell<BTreeSet<String>>,
    tail: OnceCell<(BTreeSet<Unit>, Vec<Mark>)>,
}

impl Around {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), terms: OnceCell::new(), tail: OnceCell::new() }
    }

    /// Its terms, synonyms as one.
    pub(super) fn terms(&self) -> &BTreeSet<String> {
        self.terms.get_or_init(|| meanings(&without_addresses(&self.text)))
    }

    /// The units that its end speaks of.
    pub(super) fn units(&self) -> &BTreeSet<Unit> {
        &self.tail().0
    }

    /// The words of scales at its end.
    pub(super) fn marks(&self) -> &[Mark] {
        &self.tail().1
    }

    fn tail(&self) -> &(BTreeSet<Unit>, Vec<Mark>) {
        self.tail.get_or_init(|| Reading::of_tail(&self.text))
    }
}
