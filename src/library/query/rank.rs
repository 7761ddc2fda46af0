//! Passages that matched become documents in order, each with the words around its densest match.

use crate::library::collection::Collection;
use crate::library::query::terms;
use crate::order::sort_by_key;
use crate::search::Hit;
use crate::text::{one_line, stem, words_as_written};
use pulldown_cmark::{Event, Options, Parser, TagEnd};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest snippet, in characters.
const SNIPPET_CHARS_MAX: usize = 300;
/// Most rows looked at; a query asks the index for no more.
pub const ROWS_MAX: usize = 200;
/// How many passages beyond the best support their document.
const SUPPORTERS: usize = 2;
/// What a supporting passage counts against the best one: a quarter, so that many weak passages do not outweigh one good.
const SUPPORT_SHARE: u64 = 4;
/// What a document's score keeps of its worth, in thousandths, when it covers next to nothing of the question.
const COVER_FLOOR: u64 = 300;
/// Stems shorter than this must be whole words: `us` is no beginning of `useful`.
const PREFIX_CHARS_MIN: usize = 4;

/// A passage that matched, as the index gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassageRow {
    /// Id of its document.
    pub document: String,
    /// The document's absolute URL.
    pub url: String,
    /// The document's title.
    pub title: String,
    /// The document's collection.
    pub collection: Collection,
    /// Page of a PDF on which the passage begins.
    pub page: Option<u32>,
    /// Place of the passage in its document, from 0.
    pub passage: u32,
    /// Heading path.
    pub heading: String,
    /// Markdown of the passage.
    pub text: String,
    /// SQLite's `bm25()`: the lower, the better; below zero for a match.
    pub bm25: f64,
}

/// A document that was found, with what it says about the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The document, as a search result.
    #[serde(flatten)]
    pub hit: Hit,
    /// Where it belongs.
    pub collection: Collection,
    /// Its best passages, best first, at most 3.
    pub passages: Vec<FoundPassage>,
}

/// A passage that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundPassage {
    /// The headings it stands under, outermost first; empty before the first heading.
    pub heading: String,
    /// Its Markdown, at most 8 KB.
    pub text: String,
    /// Number of the page of a PDF on which it begins, from 1; null for everything else.
    pub page: Option<u32>,
    /// BM25 with title and headings weighed in: the higher, the better. Comparable within one search only.
    pub score: f64,
}

/// Passages shown of one document: the best and those that support it.
const PASSAGES_MAX: usize = 1 + SUPPORTERS;

/// The documents of the first 200 rows that are allowed, best first, at most `count`; the others count for the rarity of terms
/// only.
///
/// A document counts as much as its best passage, supported by a quarter of the next two, and by what its passages cover of
/// the question's terms, of which those that few of the rows hold weigh most; equal ones are ordered by id. The snippet is the stretch of the best passage that holds most
/// terms, at most 300 characters of plain text.
#[must_use]
pub fn rank_allowed(
    rows: &[PassageRow],
    question: &str,
    count: usize,
    allowed: impl Fn(&PassageRow) -> bool,
) -> Vec<Found> {
    let terms = Terms::new(question);
    let mut documents: BTreeMap<&str, Document<'_>> = BTreeMap::new();
    for row in rows.iter().take(ROWS_MAX) {
        let matched = terms.matched(&format!("{}\n{}\n{}", row.title, row.heading, row.text));
        let document = documents.entry(&row.document).or_default();
        document.matched.extend(&matched);
        document.passages.push(Scored {
            row,
            matched: matched.len(),
            terms: matched,
            score: micro_units(row.bm25),
        });
    }
    let rarity =
        Rarity::of(documents.values().flat_map(|d| d.passages.iter().map(|p| &p.terms)), terms.terms.len());
    let mut ranked: Vec<(&str, Document<'_>)> = documents.into_iter().collect();
    for (_, document) in &mut ranked {
        sort_by_key(&mut document.passages, |p| (std::cmp::Reverse((p.matched, p.score)), p.row.passage));
    }
    sort_by_key(&mut ranked, |(id, document)| (std::cmp::Reverse(document.score(&rarity)), *id));
    ranked.retain(|(_, document)| document.passages.first().is_some_and(|passage| allowed(passage.row)));
    ranked.iter().filter_map(|(_, document)| document.found(&terms)).take(count).collect()
}

#[derive(Default)]
struct Document<'a> {
    /// Places of the terms that any of its passages holds.
    matched: BTreeSet<usize>,
    passages: Vec<Scored<'a>>,
}

struct Scored<'a> {
    row: &'a PassageRow,
    matched: usize,
    terms: BTreeSet<usize>,
    score: u64,
}

/// How much each term tells among the passages that were found, in thousandths.
struct Rarity {
    weights: Vec<u64>,
}

impl Rarity {
    fn of<'a>(matched: impl Iterator<Item = &'a BTreeSet<usize>>, terms: usize) -> Self {
        let mut counts = vec![0.0_f64; terms];
        let mut all = 0.0;
        for places in matched {
            all += 1.0;
            for place in places {
                if let Some(count) = counts.get_mut(*place) {
                    *count += 1.0;
                }
            }
        }
        let weight = |count: &f64| (((all - count + 0.5) / (count + 0.5)).ln_1p() * 1_000.0) as u64;
        Self { weights: counts.iter().map(weight).collect() }
    }

    /// Share of all terms' weight that these have, in thousandths.
    fn share(&self, places: &BTreeSet<usize>) -> u64 {
        let of = |place: &usize| self.weights.get(*place).copied().unwrap_or(0);
        let all: u64 = self.weights.iter().sum();
        places.iter().map(of).sum::<u64>().saturating_mul(1_000) / all.max(1)
    }
}

impl Document<'_> {
    fn score(&self, rarity: &Rarity) -> u64 {
        let mut scores: Vec<u64> = self.passages.iter().map(|passage| passage.score).collect();
        scores.sort_unstable_by(|a, b| b.cmp(a));
        let best = scores.first().copied().unwrap_or(0);
        let support =
            scores.iter().skip(1).take(SUPPORTERS).fold(0_u64, |sum, score| sum.saturating_add(*score));
        let score = best.saturating_add(support / SUPPORT_SHARE);
        let share = rarity.share(&self.matched);
        let weighed = COVER_FLOOR.saturating_add((1_000 - COVER_FLOOR) * share.min(1_000) / 1_000);
        score.saturating_mul(weighed) / 1_000
    }

    fn found(&self, terms: &Terms) -> Option<Found> {
        let row = self.passages.first()?.row;
        let hit = Hit {
            url: row.url.clone(),
            title: if row.title.is_empty() { row.url.clone() } else { row.title.clone() },
            snippet: terms.snippet(&plain(&row.text)),
            document: Some(row.document.clone()),
        };
        let passage = |Scored { row, .. }: &Scored<'_>| FoundPassage {
            heading: row.heading.clone(),
            text: row.text.clone(),
            page: row.page,
            score: if row.bm25 < 0.0 { -row.bm25 } else { 0.0 },
        };
        let passages = self.passages.iter().take(PASSAGES_MAX).map(passage).collect();
        Some(Found { hit, collection: row.collection.clone(), passages })
    }
}

/// Whole numbers sort the same everywhere; NaN and positive scores count as no match.
fn micro_units(bm25: f64) -> u64 {
    // `as` saturates, and turns NaN into 0.
    (-bm25 * 1_000_000.0) as u64
}

/// The question's terms, each as the stems of its words.
struct Terms {
    terms: Vec<Vec<String>>,
    /// First letters of all stems: stemming changes no first letter, so a word with another one need not be stemmed.
    initials: BTreeSet<char>,
}

/// A word of a text: its stem and where it stands.
struct Word {
    stem: String,
    start: usize,
    end: usize,
}

impl Terms {
    fn new(question: &str) -> Self {
        let stems = |term: &String| term.split(' ').map(stem).collect();
        let terms: Vec<Vec<String>> = terms(question).iter().map(stems).collect();
        let initials = terms.iter().flatten().filter_map(|stem| stem.chars().next()).collect();
        Self { terms, initials }
    }

    /// The words of a text; the stem of one that no term can match is left empty.
    fn words(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        for (start, piece) in words_as_written(text) {
            let mut at = start;
            // The tokenizer divides at every mark inside a word, as in `3.5` and `max_connections`.
            for part in piece.split_inclusive(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()) {
                let word = part.trim_end_matches(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
                if !word.is_empty() {
                    let initial = word.chars().next().and_then(|c| c.to_lowercase().next());
                    let known = initial.is_some_and(|c| self.initials.contains(&c));
                    let stem = if known { stem(&word.to_lowercase()) } else { String::new() };
                    words.push(Word { stem, start: at, end: at + word.len() });
                }
                at += part.len();
            }
        }
        words
    }

    fn matched(&self, text: &str) -> BTreeSet<usize> {
        self.occurrences(&self.words(text)).into_iter().map(|(_, term)| term).collect()
    }

    /// Places in `words` at which a term begins, with the term's place, in text order.
    fn occurrences(&self, words: &[Word]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for at in 0..words.len() {
            let Some(rest) = words.get(at..) else { break };
            if rest.first().is_none_or(|word| word.stem.is_empty()) {
                continue;
            }
            for (place, term) in self.terms.iter().enumerate() {
                if rest.len() >= term.len()
                    && term.iter().zip(rest).all(|(stem, word)| is_match(stem, &word.stem))
                {
                    found.push((at, place));
                }
            }
        }
        found
    }

    /// The stretch of at most 300 characters with most distinct terms, the earliest of equals, with `…` where it is cut.
    fn snippet(&self, text: &str) -> String {
        if text.chars().count() <= SNIPPET_CHARS_MAX {
            return text.to_owned();
        }
        let words = self.words(text);
        let occurrences = self.occurrences(&words);
        let place = |at: usize| words.get(at).map_or(0, |word| word.start);
        let window = SNIPPET_CHARS_MAX * 2 / 3;
        let mut best = (0, 0, 0);
        for (index, (first, _)) in occurrences.iter().enumerate() {
            let from = place(*first);
            let near = || occurrences.iter().skip(index).take_while(|(at, _)| place(*at) < from + window);
            let distinct = near().map(|(_, term)| term).collect::<BTreeSet<_>>().len();
            if distinct > best.0 {
                let last = near().last().and_then(|(at, _)| words.get(*at)).map_or(from, |word| word.end);
                best = (distinct, from, last);
            }
        }
        cut_around(text, best.1, best.2)
    }
}

fn is_match(stem: &str, word: &str) -> bool {
    word.starts_with(stem) && (word.len() == stem.len() || stem.chars().count() >= PREFIX_CHARS_MIN)
}

/// At most 300 characters around `from..to`, from word to word, two characters kept for the marks of the cuts.
fn cut_around(text: &str, from: usize, to: usize) -> String {
    let room =
        SNIPPET_CHARS_MAX.saturating_sub(text.get(from..to).map_or(0, |middle| middle.chars().count()) + 2);
    let before = text.get(..from).unwrap_or_default();
    let lead = before.char_indices().rev().take(room / 3).last().map_or(from, |(at, _)| at);
    // A cut inside a word moves to the next blank.
    let lead = match before.get(lead..).and_then(|head| head.find(' ')) {
        Some(blank) if lead > 0 => lead + blank + 1,
        _ if lead > 0 => from,
        _ => 0,
    };
    let tail = text.get(lead..).unwrap_or_default();
    let end = tail.char_indices().nth(SNIPPET_CHARS_MAX - 2).map_or(text.len(), |(at, _)| lead + at);
    let end = if end == text.len() {
        end
    } else {
        text.get(lead..end).and_then(|kept| kept.rfind(' ')).map_or(end, |blank| lead + blank)
    };
    let open = if lead > 0 { "…" } else { "" };
    let close = if end < text.len() { "…" } else { "" };
    format!("{open}{}{close}", text.get(lead..end).unwrap_or_default().trim())
}

/// The words of a piece of Markdown, without its marks, white space collapsed.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => text.push(' '),
            _ => {}
        }
    }
    one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rank_documents(rows: &[PassageRow], question: &str, count: usize) -> Vec<Found> {
        rank_allowed(rows, question, count, |_| true)
    }

    fn row(document: &str, passage: u32, text: &str, bm25: f64) -> PassageRow {
        PassageRow {
            document: document.into(),
            url: format!("https://docs.example/{document}"),
            title: String::new(),
            collection: Collection::default(),
            page: Some(passage + 1),
            passage,
            heading: String::new(),
            text: text.into(),
            bm25,
        }
    }

    fn order(rows: &[PassageRow], question: &str) -> Vec<String> {
        rank_documents(rows, question, 9).into_iter().filter_map(|found| found.hit.document).collect()
    }

    #[test]
    fn covering_more_of_the_question_comes_first() {
        let rows = [
            row("narrow", 0, "connections connections connections", -9.0),
            row("wide", 0, "The default number", -4.0),
            row("wide", 3, "of max_connections", -4.0),
        ];
        assert_eq!(order(&rows, "default of max_connections"), ["wide", "narrow"]);
    }

    #[test]
    fn among_equal_coverage_the_best_passage_decides_and_others_support_it() {
        let rows = [
            row("a", 0, "rust", -5.0),
            row("b", 0, "rust", -4.9),
            row("b", 1, "rust", -1.0),
            row("c", 0, "rust", -2.0),
            row("c", 1, "rust", -2.0),
            row("c", 2, "rust", -2.0),
            row("c", 3, "rust", -2.0),
        ];
        assert_eq!(order(&rows, "rust"), ["b", "a", "c"]);
    }

    #[test]
    fn order_is_by_id_when_nothing_else_differs() {
        let rows = [row("b", 0, "rust", -1.0), row("a", 0, "rust", -1.0), row("c", 0, "rust", f64::NAN)];
        assert_eq!(order(&rows, "rust"), ["a", "b", "c"]);
        let mut reversed = rows.to_vec();
        reversed.reverse();
        assert_eq!(order(&reversed, "rust"), ["a", "b", "c"]);
    }

    #[test]
    fn word_forms_count_as_the_same_term_but_beginnings_of_other_words_do_not() {
        let terms = Terms::new("efficient engines of the U.S. write-ahead logging");
        let matched = |text: &str| terms.matched(text).len();
        assert_eq!(matched("The ENGINE's efficiency; write-ahead logs of the U.S."), 5);
        assert_eq!(matched("useful writing went ahead in time"), 0);
    }

    #[test]
    fn the_snippet_shows_the_densest_stretch_as_plain_text() {
        let filler = "Nothing of interest stands here at all. ".repeat(30);
        let text = format!(
            "{filler}\n\n## A `cache`\n\nThe **page cache** holds [dirty pages](https://x.example/y).\n\n{filler}"
        );
        let hits = rank_documents(&[row("a", 0, &text, -1.0)], "dirty pages in the page cache", 1);
        let snippet = &hits[0].hit.snippet;
        assert!(snippet.contains("A cache The page cache holds dirty pages."), "{snippet}");
        assert!(
            snippet.starts_with('…') && snippet.ends_with('…') && snippet.chars().count() <= 300,
            "{snippet}"
        );
        assert_eq!(hits[0].hit.title, "https://docs.example/a");
    }

    #[test]
    fn a_short_passage_is_its_own_snippet() {
        let hits = rank_documents(&[row("a", 0, "| a | b |\n|---|---|\n| *c* | d |", -1.0)], "c", 1);
        assert_eq!(hits[0].hit.snippet, "a b c d");
    }

    #[test]
    fn the_best_passages_come_with_their_document() {
        let rows: Vec<_> = [(0, -1.0), (1, -4.0), (2, -3.0), (3, -2.0)]
            .map(|(place, bm25)| row("a", place, "rust", bm25))
            .into();
        let found = rank_documents(&rows, "rust", 1).remove(0);
        let passages: Vec<_> = found.passages.iter().map(|p| (p.page, p.score)).collect();
        assert_eq!(passages, [(Some(2), 4.0), (Some(3), 3.0), (Some(4), 2.0)]);
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!((&json["document"], &json["collection"]), (&"a".into(), &"default".into()));
    }

    #[test]
    fn counts_are_bounded() {
        let rows: Vec<_> = (0..300).map(|n| row(&format!("d{n:03}"), 0, "rust", -1.0)).collect();
        assert_eq!(rank_documents(&rows, "rust", 1_000).len(), ROWS_MAX);
        assert_eq!(rank_documents(&rows, "rust", 7).len(), 7);
        assert_eq!(rank_documents(&[], "rust", 7), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_passage_gives_a_snippet_within_bounds(
            text in "([\\PC\\n ]|lorem ipsum |気候変動|[a-z]{60}|é ){0,120}", question in "\\PC{0,20}lorem 気候", bm25 in any::<f64>(),
        ) {
            let hits = rank_documents(&[row("a", 0, &text, bm25)], &question, 1);
            prop_assert!(hits[0].hit.snippet.chars().count() <= SNIPPET_CHARS_MAX, "{}", hits[0].hit.snippet);
        }
    }
}
