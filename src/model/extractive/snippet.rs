//! A chosen sentence with what belongs to it: the rest of its paragraph, its list with the introduction, the term it
//! explains, the rows of its table of keys and values. What answers a question often stands beside what matches it.

use super::analyze::{LINKED_PERCENT_MAX, WORDS_MAX, is_talk, mostly_words};
use super::sentences::{Sentence, word_count};
use std::ops::Range;

/// Longest quote, in characters: a little below what `research::analyze` takes.
const QUOTE_CHARS_MAX: usize = 590;
/// Words at which a paragraph has said enough: three or four sentences.
const WORDS_WANTED: usize = 70;
/// A list item with fewer words says little without the others.
const SHORT_ITEM_WORDS: usize = 14;

/// Sentences that are quoted together.
#[derive(Debug)]
pub(super) struct Snippet {
    /// Which passage.
    pub(super) passage: usize,
    /// Its bytes in that passage.
    pub(super) source: Range<usize>,
    /// Places of its sentences.
    pub(super) places: Range<usize>,
    /// What it says, without markup.
    pub(super) text: String,
}

/// The sentences of `seed`, neighbours that belong to them and are `free`, as far as one quote goes. `None` when there is
/// no such sentence.
pub(super) fn widened(
    sentences: &[Sentence],
    passages: &[String],
    seed: Range<usize>,
    free: impl Fn(usize) -> bool,
) -> Option<Snippet> {
    let last = sentences.get(seed.end.checked_sub(1)?)?;
    let passage = last.passage;
    let end = seed.end;
    let mut places = seed;
    let chars = |places: &Range<usize>| {
        let from = sentences.get(places.start).map_or(0, begin_of);
        let to = places.end.checked_sub(1).and_then(|at| sentences.get(at)).map_or(0, |s| s.source.end);
        passages.get(passage).and_then(|p| p.get(from..to)).map_or(usize::MAX, |quote| quote.chars().count())
    };
    if chars(&places) > QUOTE_CHARS_MAX {
        places = end.checked_sub(1)?..end;
    }
    let words = |places: &Range<usize>| -> usize {
        sentences.get(places.clone()).unwrap_or_default().iter().map(|s| word_count(&s.text)).sum()
    };
    let grouped = last.group > 0 && (last.row || word_count(&last.text) < SHORT_ITEM_WORDS);
    let belongs = |s: &Sentence| {
        s.passage == passage
            && s.row == last.row
            && if grouped { s.group == last.group } else { s.block == last.block && !s.row }
    };
    let fits = |at: usize, wider: &Range<usize>| {
        sentences.get(at).is_some_and(|s| belongs(s) && says(s))
            && free(at)
            && chars(wider) <= QUOTE_CHARS_MAX
    };
    loop {
        let before = places.end;
        let after = places.start..places.end + 1;
        if words(&after) <= WORDS_WANTED && fits(places.end, &after) {
            places = after;
        }
        if let (true, Some(start)) = (grouped, places.start.checked_sub(1)) {
            let wider = start..places.end;
            if words(&wider) <= WORDS_WANTED && fits(start, &wider) {
                places = wider;
                continue;
            }
        }
        if places.end == before {
            break;
        }
    }
    // A list is read with the sentence that introduces it.
    if let (true, Some(start)) = (grouped && !last.row, places.start.checked_sub(1)) {
        let introduces =
            |s: &&Sentence| s.passage == passage && s.text.ends_with([':', '…']) && s.group != last.group;
        let wider = start..places.end;
        if sentences.get(start).filter(introduces).is_some()
            && free(start)
            && chars(&wider) <= QUOTE_CHARS_MAX
        {
            places = wider;
        }
    }
    let first = sentences.get(places.start)?;
    let end = sentences.get(places.end.checked_sub(1)?)?.source.end;
    let (mut start, mut text) = (first.source.start, joined(sentences.get(places.clone())?));
    if let Some((at, term)) = &first.term {
        let quote = passages.get(passage)?.get(*at..end);
        if quote.is_some_and(|quote| quote.chars().count() <= QUOTE_CHARS_MAX) {
            (start, text) = (*at, format!("{}: {text}", term.trim_end_matches(':')));
        }
    }
    Some(Snippet { passage, source: start..end, places, text })
}

fn begin_of(sentence: &Sentence) -> usize {
    sentence.source.start
}

/// It may be quoted beside what was chosen.
fn says(sentence: &Sentence) -> bool {
    sentence.linked_percent <= LINKED_PERCENT_MAX
        && word_count(&sentence.text) <= WORDS_MAX
        && !is_talk(&sentence.text)
        && !sentence.text.ends_with(['?', ':'])
        && (sentence.row || sentence.group > 0 || mostly_words(&sentence.text))
}

/// Sentences one after the other; what has no stop of its own gets a semicolon.
fn joined(sentences: &[Sentence]) -> String {
    let mut text = String::new();
    for sentence in sentences {
        if !text.is_empty() {
            let open = !text.ends_with(['.', '!', '?', ':', ';', ',', '…', '。']);
            text.push_str(if open { "; " } else { " " });
        }
        text.push_str(&sentence.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sentences::sentences;
    use super::*;

    /// What the sentence that begins with `seed` becomes.
    fn around(page: &str, seed: &str) -> (String, String) {
        let passages = [page.to_owned()];
        let all = sentences(&passages);
        let at = all.iter().position(|s| s.text.starts_with(seed)).unwrap();
        let snippet = widened(&all, &passages, at..at + 1, |_| true).unwrap();
        (page.get(snippet.source).unwrap().to_owned(), snippet.text)
    }

    #[test]
    fn a_sentence_takes_the_rest_of_its_paragraph_along() {
        let page = "It began early. The collector counts allocations. It starts above *threshold0*. Then it stops for good.\n\nAnother matter.";
        let (quote, text) = around(page, "The collector");
        assert_eq!(
            quote,
            "The collector counts allocations. It starts above *threshold0*. Then it stops for good."
        );
        assert_eq!(
            text,
            "The collector counts allocations. It starts above threshold0. Then it stops for good."
        );
    }

    #[test]
    fn short_items_come_with_their_list_and_its_introduction() {
        let page = "A journal is hot if:\n\n- it exists, and\n- its size is greater than 512 bytes\n- its header is sound\n\nElse not.";
        let (_, text) = around(page, "its size");
        assert_eq!(
            text,
            "A journal is hot if: it exists, and; its size is greater than 512 bytes; its header is sound"
        );
    }

    #[test]
    fn an_explanation_begins_with_its_term() {
        let page = "`lock_wait` (`integer`)\n\n- The time to wait for a lock. The default is one second.\n\nMore of it.";
        let (quote, text) = around(page, "The time to wait");
        assert!(quote.starts_with("`lock_wait` (`integer`)\n\n- The time"), "{quote}");
        assert_eq!(text, "`lock_wait` (`integer`): The time to wait for a lock. The default is one second.");
    }

    #[test]
    fn rows_of_keys_and_values_are_read_together() {
        let page =
            "| | |\n|---|---|\n| Description: | Time a connection is kept |\n| Default: | `KeepFor 5` |\n";
        let (_, text) = around(page, "Description");
        assert_eq!(text, "Description: Time a connection is kept; Default: `KeepFor 5`");
    }
}
