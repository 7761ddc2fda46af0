//! Finding a quote in a page whose writer spelt it a little differently.

use super::{QUOTE_CHARS_MAX, QUOTE_CHARS_MIN};
use crate::text::sentence::sentences;
use crate::text::{folded, words};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

/// Least words of a common run that make a misquotation recognisable: five in a row are still a common phrase.
const RUN_WORDS_MIN: usize = 6;
/// Least share of the quote that the run must be.
const RUN_PERCENT_MIN: usize = 60;
/// Most words of a quote that are compared: twice the longest quote at 5 characters a word.
const QUOTE_WORDS_MAX: usize = 240;
/// Most words of a page that are indexed: 1 MB of text, more than any stored page.
const PAGE_WORDS_MAX: usize = 200_000;
/// Most bytes between two parts of a quote that an ellipsis joins.
const GAP_BYTES_MAX: usize = 300;

/// A page's text with its words indexed once, so that each quote costs only its own length.
pub(super) struct PageText<'a> {
    text: &'a str,
    /// Made for the first quote that does not stand there to the letter.
    index: OnceCell<Index>,
}

struct Index {
    spans: Vec<Range<usize>>,
    places: BTreeMap<String, Vec<usize>>,
}

/// Where a quote stands.
pub(super) struct Found {
    /// Byte range in the page.
    pub(super) range: Range<usize>,
    /// The page's words differ from what was claimed.
    pub(super) repaired: bool,
}

impl<'a> PageText<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, index: OnceCell::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self.text))
    }

    /// The place of `quote`, or `None` when the page does not say that.
    pub(super) fn find(&self, quote: &str) -> Option<Found> {
        let quote = quote.trim();
        if let Some(range) = self.verbatim(quote).and_then(|range| self.bounded(range)) {
            let repaired = self.text.get(range.clone()) != Some(quote);
            return Some(Found { range, repaired });
        }
        let parts: Vec<&str> = quote
            .split("...")
            .flat_map(|p| p.split('\u{2026}'))
            .filter(|p| words(p).next().is_some())
            .collect();
        let range = self.parts(&parts).or_else(|| self.longest_run(quote))?;
        Some(Found { range: self.bounded(range)?, repaired: true })
    }

    /// The first occurrence that does not begin or end inside a word or a figure.
    fn verbatim(&self, quote: &str) -> Option<Range<usize>> {
        if quote.chars().take(QUOTE_CHARS_MIN).count() < QUOTE_CHARS_MIN {
            return None;
        }
        let whole = |range: &Range<usize>| {
            let before = self.text.get(..range.start).and_then(|t| t.chars().next_back());
            let behind = self.text.get(range.end..).unwrap_or_default();
            !glued(before, quote.chars().next())
                && !glued(quote.chars().next_back(), behind.chars().next())
                && !goes_on(quote, behind)
        };
        self.text.match_indices(quote).map(|(at, m)| at..at + m.len()).find(whole)
    }

    /// All parts of a quote cut by ellipses, in order and near each other; a single part when there is no ellipsis.
    fn parts(&self, parts: &[&str]) -> Option<Range<usize>> {
        let mut whole: Option<Range<usize>> = None;
        let mut from = 0;
        for part in parts {
            let (first, last) = self.run_of(part, from)?;
            let range = self.index().spans.get(first)?.start..self.index().spans.get(last)?.end;
            whole = Some(match whole {
                None => range,
                Some(w) if range.start.saturating_sub(w.end) <= GAP_BYTES_MAX => w.start..range.end,
                Some(_) => return None,
            });
            from = last + 1;
        }
        whole
    }

    /// The words of `part` in a row, first place at or behind word `from`.
    fn run_of(&self, part: &str, from: usize) -> Option<(usize, usize)> {
        let wanted: Vec<String> = words(part).take(QUOTE_WORDS_MAX).map(|(_, w)| folded(w)).collect();
        let starts = self.index().places.get(wanted.first()?)?;
        let holds = |word: &String, at: usize| {
            self.index().places.get(word).is_some_and(|p| p.binary_search(&at).is_ok())
        };
        let first = *starts
            .iter()
            .filter(|s| **s >= from)
            .find(|s| wanted.iter().enumerate().all(|(i, w)| holds(w, **s + i)))?;
        Some((first, first + wanted.len() - 1))
    }

    /// The sentences of the page around the longest run of words it shares with the quote.
    fn longest_run(&self, quote: &str) -> Option<Range<usize>> {
        let wanted: Vec<String> = words(quote).take(QUOTE_WORDS_MAX).map(|(_, w)| folded(w)).collect();
        let mut best = (0, 0);
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        for word in &wanted {
            let mut now = BTreeMap::new();
            for at in self.index().places.get(word).map(Vec::as_slice).unwrap_or_default() {
                let run = at.checked_sub(1).and_then(|p| before.get(&p)).copied().unwrap_or(0) + 1;
                now.insert(*at, run);
                if run > best.0 {
                    best = (run, *at);
                }
            }
            before = now;
        }
        let (run, last) = best;
        if run < RUN_WORDS_MIN || run * 100 < wanted.len() * RUN_PERCENT_MIN {
            return None;
        }
        let start = self.index().spans.get(last + 1 - run)?.start;
        let end = self.index().spans.get(last)?.end;
        Some(self.sentences_around(start..end))
    }

    /// `range` widened to whole sentences of its lines, unless that is too long to quote.
    fn sentences_around(&self, range: Range<usize>) -> Range<usize> {
        let line_start = self.text.get(..range.start).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
        let line_end = self
            .text
            .get(range.end..)
            .and_then(|t| t.find('\n'))
            .map_or(self.text.len(), |at| range.end + at);
        let lines = self.text.get(line_start..line_end).unwrap_or_default();
        let touched: Vec<Range<usize>> = sentences(lines)
            .into_iter()
            .map(|s| line_start + s.start..line_start + s.end)
            .filter(|s| s.start < range.end && s.end > range.start)
            .collect();
        let wide = match (touched.first(), touched.last()) {
            (Some(first), Some(last)) => first.start.min(range.start)..last.end.max(range.end),
            _ => range.clone(),
        };
        let fits = self.text.get(wide.clone()).is_some_and(|t| t.chars().count() <= QUOTE_CHARS_MAX);
        if fits { wide } else { range }
    }

    /// The range within the bounds of a quote: whole sentences are left off the end until it is short enough.
    fn bounded(&self, range: Range<usize>) -> Option<Range<usize>> {
        let text = self.text.get(range.clone())?;
        let chars = text.chars().count();
        if chars <= QUOTE_CHARS_MAX {
            return (chars >= QUOTE_CHARS_MIN).then_some(range);
        }
        let limit = text.char_indices().nth(QUOTE_CHARS_MAX).map_or(text.len(), |(at, _)| at);
        let end = sentences(text).into_iter().map(|s| s.end).take_while(|end| *end <= limit).last()?;
        Some(range.start..range.start + end)
    }
}

impl Index {
    fn of(text: &str) -> Self {
        let mut spans = Vec::new();
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let targets = link_targets(text);
        let mut target = targets.iter().peekable();
        for (at, word) in words(text).take(PAGE_WORDS_MAX) {
            while target.next_if(|t| t.end <= at).is_some() {}
            if target.peek().is_some_and(|t| t.start <= at) {
                continue;
            }
            places.entry(folded(word)).or_default().push(spans.len());
            spans.push(at..at + word.len());
        }
        Self { spans, places }
    }
}

fn glued(left: Option<char>, right: Option<char>) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    inside(left) && inside(right)
}

/// Whether a figure at the end of the quote goes on behind it, as `1` does in `1.5`.
fn goes_on(quote: &str, behind: &str) -> bool {
    let mut next = behind.chars();
    quote.ends_with(|c: char| c.is_ascii_digit())
        && matches!(next.next(), Some('.' | ','))
        && next.next().is_some_and(|c| c.is_ascii_digit())
}

/// Byte ranges of the targets of inline links, which a reader of the page does not see.
fn link_targets(text: &str) -> Vec<Range<usize>> {
    let mut targets = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|t| t.find("](")) {
        let start = from + at + 2;
        let tail = text.get(start..).unwrap_or_default();
        match tail.find([')', '\n']) {
            Some(len) if tail.get(len..).is_some_and(|t| t.starts_with(')')) => {
                targets.push(start..start + len)
            }
            _ => {}
        }
        from = start;
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str, quote: &str) -> Option<(String, bool)> {
        PageText::new(page)
            .find(quote)
            .map(|f| (page.get(f.range).unwrap_or_default().to_owned(), f.repaired))
    }

    #[test]
    fn a_quote_does_not_end_inside_a_figure_or_word() {
        assert_eq!(found("it costs 150 euros", "it costs 15"), None);
        assert_eq!(found("it costs 1.5 euros", "it costs 1"), None);
        assert_eq!(found("it costs 15. Then", "it costs 15"), Some(("it costs 15".into(), false)));
    }

    #[test]
    fn an_ellipsis_joins_parts_that_stand_near_each_other() {
        let page = "Tokio is fast because it was built by many people over years, and it is stable.";
        assert_eq!(
            found(page, "Tokio is fast \u{2026} it is stable").map(|f| f.0).as_deref(),
            page.strip_suffix('.')
        );
        let far = format!("Tokio is fast. {} it is stable.", "x ".repeat(400));
        assert_eq!(found(&far, "Tokio is fast ... it is stable"), None);
    }

    #[test]
    fn the_target_of_a_link_is_not_read() {
        let page = "see [the long guide](https://a.example/x) for all the details";
        assert_eq!(
            found(page, "the long guide for all the details").map(|f| f.0).as_deref(),
            Some("the long guide](https://a.example/x) for all the details")
        );
    }

    #[test]
    fn a_quote_that_is_too_long_is_cut_to_whole_sentences() {
        let page = format!("{} End of it.", "This sentence is repeated often enough. ".repeat(20));
        let (quote, repaired) = found(&page, &page).expect("a part of it");
        assert!(repaired && quote.ends_with("enough.") && quote.chars().count() <= QUOTE_CHARS_MAX);
    }
}
