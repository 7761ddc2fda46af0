//! How well a statement answers a sub-question: weighted share of its words found, with BM25 for the order.
//!
//! A word that the page never uses weighs most: a page that lacks what makes the question particular must not pass on
//! the words that any page has.

use super::kind;
use super::sentences::{Sentence, clip};
use super::terms::{Lexicon, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A page must use at least this share of the sub-question's telling words, by weight.
const PAGE_SHARE_MIN: f64 = 0.5;
/// A statement with its surroundings must cover at least this share of the sub-question, by weight.
const COVER_MIN: f64 = 0.45;
/// Of which at least this share in its own words.
const OWN_MIN: f64 = 0.18;
/// How much a word counts that stands in the nearest heading or the neighbouring sentence.
const NEAR: f64 = 0.7;
/// How much a word counts that stands in the title, URL or an outer heading.
const FAR: f64 = 0.55;
/// Of so many telling words or more, one alone is chance.
const MATTER_MANY: usize = 3;
/// Share of a word's weight that stays however common it is on the page.
const RARITY_FLOOR: f64 = 0.35;
/// BM25's saturation of repeated words.
const K1: f64 = 1.2;
/// BM25's correction for length.
const B: f64 = 0.75;
/// Added when a figure is asked for and the statement has one.
const FIGURE_BONUS: f64 = 0.1;
/// Added when a meaning is asked for and the statement defines the word asked about.
const DEFINITION_BONUS: f64 = 0.12;

/// The words of a page's sentences, counted once for all sub-questions.
pub(super) struct PageTerms {
    sentences: Vec<BTreeMap<String, usize>>,
    lengths: Vec<usize>,
    mean_length: f64,
    documents: BTreeMap<String, usize>,
    headings: Vec<(BTreeSet<String>, BTreeSet<String>)>,
    title: BTreeSet<String>,
}

impl PageTerms {
    pub(super) fn new(sentences: &[Sentence], title: &str, url: &str, lexicon: &Lexicon) -> Self {
        let mut page = Self {
            sentences: Vec::with_capacity(sentences.len()),
            lengths: Vec::with_capacity(sentences.len()),
            mean_length: 1.0,
            documents: BTreeMap::new(),
            headings: Vec::with_capacity(sentences.len()),
            title: lexicon.keys(clip(title, 300)).into_iter().collect(),
        };
        let address: String =
            clip(url, 300).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        page.title.extend(lexicon.keys(&address));
        let mut known: BTreeMap<&[String], (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
        let mut total = 0usize;
        for sentence in sentences {
            let keys = lexicon.keys(&sentence.text);
            total += keys.len();
            page.lengths.push(keys.len());
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for key in keys {
                *counts.entry(key).or_default() += 1;
            }
            for key in counts.keys() {
                *page.documents.entry(key.clone()).or_default() += 1;
            }
            page.sentences.push(counts);
            let headings = known.entry(&sentence.headings).or_insert_with(|| {
                let (last, outer) =
                    sentence.headings.split_last().map_or((None, &[][..]), |(l, o)| (Some(l), o));
                let keys = |h: &String| lexicon.keys(h);
                (
                    last.map(keys).unwrap_or_default().into_iter().collect(),
                    outer.iter().flat_map(keys).collect(),
                )
            });
            page.headings.push(headings.clone());
        }
        #[allow(clippy::cast_precision_loss)]
        if total > 0 {
            page.mean_length = total as f64 / sentences.len() as f64;
        }
        page
    }

    fn has(&self, key: &str) -> bool {
        self.documents.contains_key(key)
            || self.title.contains(key)
            || self.headings.iter().any(|(near, far)| near.contains(key) || far.contains(key))
    }

    /// BM25's inverse document frequency over the page's sentences, scaled to 0..1; 1 for a word the page lacks.
    fn rarity(&self, key: &str) -> f64 {
        #[allow(clippy::cast_precision_loss)]
        let (n, df) = (self.sentences.len() as f64, self.documents.get(key).copied().unwrap_or(0) as f64);
        let idf = |df: f64| (1.0 + (n - df + 0.5) / (df + 0.5)).ln();
        idf(df) / idf(0.0)
    }

    fn in_sentence(&self, place: usize, key: &str) -> bool {
        self.sentences.get(place).is_some_and(|s| s.contains_key(key))
    }
}

/// A sub-question as one page is asked it.
pub(super) struct Asked {
    terms: Vec<(Term, f64)>,
    total: f64,
    /// Keys of names that only say where ("in Rust"): context, never the matter itself.
    scope: BTreeSet<String>,
    /// How many telling words are the matter itself.
    matter: usize,
    figure: bool,
    definition: bool,
    reason: bool,
}

impl Asked {
    /// `None` when the page does not use enough of the sub-question's telling words to be about it.
    pub(super) fn new(sub_question: &str, page: &PageTerms, lexicon: &Lexicon) -> Option<Self> {
        let terms = lexicon.terms(sub_question);
        let telling: Vec<&Term> = terms.iter().filter(|t| !t.generic()).collect();
        let all: f64 = telling.iter().map(|t| t.weight).sum();
        let used: f64 = telling.iter().filter(|t| page.has(&t.key)).map(|t| t.weight).sum();
        if telling.is_empty() || used < all * PAGE_SHARE_MIN {
            return None;
        }
        let terms: Vec<(Term, f64)> = terms
            .into_iter()
            .map(|t| {
                let weight = t.weight * (RARITY_FLOOR + (1.0 - RARITY_FLOOR) * page.rarity(&t.key));
                (t, weight)
            })
            .collect();
        let mut scope = scope(sub_question, &terms, lexicon);
        if terms.iter().all(|(t, _)| t.generic() || scope.contains(&t.key)) {
            scope.clear();
        }
        let matter = terms.iter().filter(|(t, _)| !t.generic() && !scope.contains(&t.key)).count();
        let lower = sub_question.to_lowercase();
        let has = |phrases: &[&str]| phrases.iter().any(|p| lower.contains(p));
        Some(Self {
            total: terms.iter().map(|(_, w)| w).sum(),
            terms,
            scope,
            matter,
            figure: has(&[
                "how many",
                "how much",
                "how long",
                "how large",
                "how often",
                "how big",
                "how fast",
                "how old",
                "how high",
                "how frequently",
                "what majority",
                "maximum",
                "minimum",
                "largest",
                "smallest",
                "limit",
                "percent",
                "number of",
                "what size",
                "which port",
                "at most",
                "when ",
                "which version",
                "which release",
                "what day",
                "which day",
                "since which",
                "what year",
            ]),
            definition: has(&["what is", "what are", "what does", "define", "meaning of", "definition"]),
            reason: has(&["why ", "reason", "cause"]),
        })
    }

    /// 0 to about 1 for the statement made of the sentences in `range`; `None` when it does not treat the sub-question.
    pub(super) fn score(
        &self,
        page: &PageTerms,
        sentences: &[Sentence],
        range: Range<usize>,
        text: &str,
    ) -> Option<f64> {
        let last = sentences.get(range.end.checked_sub(1)?)?;
        let (near, far) = page.headings.get(range.end.checked_sub(1)?)?;
        let neighbour = |place: Option<usize>| {
            place.filter(|at| sentences.get(*at).is_some_and(|s| s.block == last.block))
        };
        let (before, after) = (neighbour(range.start.checked_sub(1)), neighbour(Some(range.end)));
        let (mut own, mut cover, mut bm25, mut own_matter, mut near_matter) = (0.0, 0.0, 0.0, 0usize, 0usize);
        for (term, weight) in &self.terms {
            let matter = usize::from(!term.generic() && !self.scope.contains(&term.key));
            let frequency: usize =
                range.clone().filter_map(|at| page.sentences.get(at)?.get(&term.key)).sum();
            if frequency > 0 {
                own += weight;
                cover += weight;
                own_matter += matter;
                let length: usize = range.clone().filter_map(|at| page.lengths.get(at)).sum();
                #[allow(clippy::cast_precision_loss)]
                let (frequency, length) = (frequency as f64, length as f64);
                bm25 += weight * frequency * (K1 + 1.0)
                    / (frequency + K1 * (1.0 - B + B * length / page.mean_length));
            } else if near.contains(&term.key)
                || [before, after].into_iter().flatten().any(|at| page.in_sentence(at, &term.key))
            {
                cover += weight * NEAR;
                near_matter += matter;
            } else if far.contains(&term.key) || page.title.contains(&term.key) {
                cover += weight * FAR;
            }
        }
        let alone = self.matter >= MATTER_MANY && own_matter + near_matter < 2;
        if own_matter == 0 || alone || own < self.total * OWN_MIN || cover < self.total * COVER_MIN {
            return None;
        }
        let mut score = 0.55 * cover / self.total
            + 0.25 * own / self.total
            + 0.15 * (bm25 / (self.total * (K1 + 1.0))).min(1.0);
        let lower = text.to_lowercase();
        if self.figure && text.chars().any(|c| c.is_ascii_digit()) {
            score += FIGURE_BONUS;
        }
        if self.definition && self.terms.iter().any(|(t, _)| !t.generic() && kind::defines(text, &t.surface))
        {
            score += DEFINITION_BONUS;
        }
        if self.reason
            && ["because", "since ", "due to", "so that", "reason", "therefore"]
                .iter()
                .any(|w| lower.contains(w))
        {
            score += 0.05;
        }
        Some(score)
    }
}

/// Names that follow a preposition of place in the sub-question.
fn scope(sub_question: &str, terms: &[(Term, f64)], lexicon: &Lexicon) -> BTreeSet<String> {
    let mut scope = BTreeSet::new();
    let mut placing = false;
    for word in sub_question.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '#');
        let key = lexicon.key(bare);
        if placing && terms.iter().any(|(t, _)| t.key == key && t.name()) {
            scope.insert(key);
        } else {
            placing =
                matches!(bare.to_lowercase().as_str(), "in" | "on" | "for" | "with" | "within" | "under");
        }
    }
    scope
}
