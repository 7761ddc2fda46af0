//! The parts of a page that are worth an analyst's time.

use super::super::markdown::escape_line;
use crate::library::passages::{Passage, split};
use crate::order::sort_by;
use crate::text::{term, terms, words};
use std::collections::{BTreeMap, BTreeSet};

/// Levels of headings that Markdown has.
const HEADING_LEVELS: usize = 6;
/// How much the words of the question count against those of a sub-question.
const QUESTION_WEIGHT: f64 = 0.5;
/// BM25's saturation of repeated terms; the usual value.
const K1: f64 = 1.2;
/// BM25's correction for length; the usual value.
const B: f64 = 0.75;

/// The passages of a page, and in which order they are wanted: ranked once for every size that is asked for.
#[derive(Clone, Debug)]
pub struct Ranked {
    passages: Vec<String>,
    order: Vec<usize>,
}

impl Ranked {
    /// Ranks the passages of a page by what they have of question and sub-questions.
    #[must_use]
    pub fn of(markdown: &str, sub_questions: &[String], question: &str) -> Self {
        let passages: Vec<String> = split(markdown).iter().map(in_context).collect();
        let counts: Vec<BTreeMap<String, u32>> = passages.iter().map(|p| term_counts(p)).collect();
        let scorer = Scorer::new(&counts);
        let asked: Vec<BTreeSet<String>> =
            sub_questions.iter().map(|q| terms(q).into_iter().collect()).collect();
        let whole: BTreeSet<String> = terms(question).into_iter().collect();

        let mut order: Vec<usize> = Vec::new();
        let mut total: Vec<f64> = counts.iter().map(|c| QUESTION_WEIGHT * scorer.score(c, &whole)).collect();
        for wanted in &asked {
            let scores: Vec<f64> = counts.iter().map(|c| scorer.score(c, wanted)).collect();
            let best = scores
                .iter()
                .enumerate()
                .filter(|(_, s)| **s > 0.0)
                .max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
            order.extend(best.map(|(i, _)| i));
            for (sum, score) in total.iter_mut().zip(&scores) {
                *sum += score;
            }
        }
        let mut rest: Vec<(usize, f64)> = total.into_iter().enumerate().filter(|(_, s)| *s > 0.0).collect();
        sort_by(&mut rest, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        order.extend(rest.into_iter().map(|(i, _)| i));
        Self { passages, order }
    }

    /// Those that matter most, in page order, together at most `max_bytes`.
    ///
    /// Every sub-question first gets its best passage, then the best of the rest follow. A page that shares no content
    /// word with question and sub-questions gives none.
    #[must_use]
    pub fn within(&self, max_bytes: usize) -> Vec<String> {
        let mut chosen = BTreeSet::new();
        let mut bytes = 0;
        for i in &self.order {
            let size = self.passages.get(*i).map_or(0, String::len);
            if !chosen.contains(i) && bytes + size <= max_bytes {
                bytes += size;
                chosen.insert(*i);
            }
        }
        chosen.into_iter().filter_map(|i| self.passages.get(i).cloned()).collect()
    }
}

fn term_counts(text: &str) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for term in words(text).filter_map(|(_, word)| term(word)) {
        *counts.entry(term).or_insert(0) += 1;
    }
    counts
}

/// BM25 over the passages of one page.
struct Scorer {
    passages: f64,
    words_mean: f64,
    holders: BTreeMap<String, u32>,
}

#[allow(clippy::cast_precision_loss, reason = "a page has far fewer than 2^52 passages")]
impl Scorer {
    fn new(counts: &[BTreeMap<String, u32>]) -> Self {
        let mut holders = BTreeMap::new();
        for term in counts.iter().flat_map(BTreeMap::keys) {
            *holders.entry(term.clone()).or_insert(0) += 1;
        }
        let words: u32 = counts.iter().flat_map(BTreeMap::values).sum();
        let passages = counts.len().max(1) as f64;
        Self { passages, words_mean: (f64::from(words) / passages).max(1.0), holders }
    }

    fn score(&self, passage: &BTreeMap<String, u32>, wanted: &BTreeSet<String>) -> f64 {
        let words = f64::from(passage.values().sum::<u32>());
        let mut score = 0.0;
        for term in wanted {
            let Some(count) = passage.get(term) else { continue };
            let holders = f64::from(self.holders.get(term).copied().unwrap_or(0));
            let rare = ((self.passages - holders + 0.5) / (holders + 0.5)).ln_1p();
            let count = f64::from(*count);
            score += rare * count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * words / self.words_mean));
        }
        score
    }
}

/// A passage under its headings, for a reader who sees nothing else of the page.
fn in_context(passage: &Passage) -> String {
    let mut text = String::new();
    for (place, heading) in passage.headings().enumerate() {
        let level = (place + 1).min(HEADING_LEVELS);
        text.push_str(&format!("{} {}\n\n", "#".repeat(level), escape_line(heading)));
    }
    text.push_str(&passage.text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page() -> String {
        let filler = "Lorem ipsum dolor sit amet consectetur. ".repeat(25);
        format!(
            "# Guide\n\n{filler}\n\n## Schedulers\n\nTokio steals work between threads.\n\n{filler}\n\n## Licence\n\n\
             | name | licence |\n|---|---|\n| tokio | MIT |\n\n{filler}\n"
        )
    }

    #[test]
    fn only_passages_that_share_words_with_the_questions_are_kept_in_page_order() {
        let got = Ranked::of(&page(), &["Which licence?".into(), "How do schedulers steal?".into()], "tokio")
            .within(10_000);
        assert_eq!(got.len(), 2);
        assert!(got[0].starts_with("# Guide\n\n## Schedulers\n\nTokio steals work"), "{got:?}");
        assert!(got[1].starts_with("# Guide\n\n## Licence\n\n| name | licence |"), "{got:?}");
    }

    #[test]
    fn a_page_about_something_else_gives_nothing() {
        assert!(Ranked::of(&page(), &["quantum gravity".into()], "black holes").within(10_000).is_empty());
        assert!(Ranked::of("", &["x".into()], "y").within(100).is_empty());
    }

    #[test]
    fn every_sub_question_gets_its_best_passage_before_any_gets_a_second() {
        let page =
            format!("alpha alpha alpha {0}\n\nalpha alpha {0}\n\nbeta {0}\n", "word filler text ".repeat(45));
        let one = page.split("\n\n").next().unwrap_or_default().len();
        let got = Ranked::of(&page, &["alpha".into(), "beta".into()], "").within(one * 2 + 10);
        assert!(got.iter().any(|p| p.starts_with("beta")), "{got:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn passages_are_ordered_and_bounded(
            page in "(# [a-z]{1,6}\n|[a-zé世]{1,6} |[a-z]{1,6}\\. |\n\n|```\n|\\| a \\| b \\|\n){0,200}",
            max in 0usize..2000,
        ) {
            let got = Ranked::of(&page, &["a b".into()], "[a-z] e é 世").within(max);
            prop_assert!(got.iter().map(String::len).sum::<usize>() <= max);
            let all: Vec<String> = split(&page).iter().map(in_context).collect();
            let mut rest = all.iter();
            prop_assert!(got.iter().all(|passage| rest.any(|other| other == passage)));
        }
    }
}
