//! How well a statement answers a sub-question: weighted share of its words found, with BM25 for the order.
//!
//! A word that the page never uses weighs most: a page that lacks what makes the question particular must not pass on
//! the words that any page has.

use super::kind;
use super::sentences::Sentence;
use super::synonyms;
use super::terms::{Lexicon, Term};
use crate::text::clip;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A page must use at least this share of the telling words of a short and of a long sub-question, by weight.
const PAGE_SHARE_MIN: (f64, f64) = (0.45, 0.07);
/// And at least this share of those of the whole question.
const WHOLE_SHARE_MIN: f64 = 0.1;
/// A statement with its surroundings must cover at least this share of a short and of a long sub-question, by weight.
const COVER_MIN: (f64, f64) = (0.35, 0.1);
/// A sub-question with so many telling words or fewer is short, and few words must nearly all be met ...
const SHORT_TERMS: usize = 4;
/// ... and one with so many or more is long: meeting several of them is no chance, and paraphrase hides the others.
const LONG_TERMS: usize = 10;
/// Of which at least this share in its own words.
const OWN_MIN: f64 = 0.12;
/// How much a word counts that stands in the nearest heading or the neighbouring sentence.
const NEAR: f64 = 0.7;
/// How much a word counts that stands in the title, URL or an outer heading.
const FAR: f64 = 0.55;
/// How much a word counts for which the statement has one of the same meaning.
const SYNONYM: f64 = 0.6;
/// Of so many telling words or more, one alone is chance.
const MATTER_MANY: usize = 3;
/// Weight of a name that only says where.
const SCOPE_WEIGHT: f64 = 0.6;
/// How much a word counts that the page uses all over, though not here.
const TOPIC: f64 = 0.35;
/// A page uses a word all over when at least one in so many of its sentences has it.
const TOPIC_ONE_IN: usize = 12;
/// Share of a word's weight that stays however common it is on the page.
const RARITY_FLOOR: f64 = 0.35;
/// BM25's saturation of repeated words.
const K1: f64 = 1.2;
/// BM25's correction for length.
const B: f64 = 0.75;
/// Added when a figure is asked for and the statement has one.
const FIGURE_BONUS: f64 = 0.1;
/// Added when it has one with its unit.
const MEASURED_BONUS: f64 = 0.16;
/// Added when a meaning is asked for and the statement defines the word asked about.
const DEFINITION_BONUS: f64 = 0.12;
/// Added when a reason is asked for and the statement gives one.
const REASON_BONUS: f64 = 0.05;
/// What remains of the score when an aspect is asked for (costs, benefits, the best) and the statement names none.
const ASPECT_MISSED: f64 = 0.6;
/// Added when it does.
const ASPECT_BONUS: f64 = 0.08;
/// Taken off when the statement speaks of "we" and "you".
const PERSONAL_COST: f64 = 0.05;
/// Taken off an exclamation.
const EXCLAIMED_COST: f64 = 0.15;
/// Taken off a table row when no figure is asked for.
const ROW_COST: f64 = 0.1;
/// A lower score is no answer to a short and to a long sub-question.
const SCORE_MIN: (f64, f64) = (0.3, 0.1);

/// Aspects by the words that ask for them, and the beginnings of words by which a statement speaks of them.
const ASPECTS: &[(&[&str], &[&str])] = &[
    (
        &["trade-off", "tradeoff", "trade off", "pros and cons"],
        &[
            "trade",
            "cost",
            "overhead",
            "drawback",
            "downside",
            "disadvantage",
            "advantage",
            "benefit",
            "limit",
            "expens",
            "cheap",
            "slow",
            "fast",
            "however",
            "although",
            "instead",
            "but",
            "price",
            "penalt",
            "complex",
            "simpl",
            "better",
            "worse",
            "whereas",
            "rather",
            "performance",
            "improve",
            "fair",
        ],
    ),
    (
        &[
            "drawback",
            "disadvantage",
            "downside",
            "limitation",
            "risk",
            "danger",
            "pitfall",
            "weakness",
            "challenge",
            "problem",
        ],
        &[
            "drawback",
            "downside",
            "disadvantage",
            "limit",
            "risk",
            "danger",
            "pitfall",
            "weak",
            "cannot",
            "can't",
            "problem",
            "cost",
            "overhead",
            "expens",
            "slow",
            "fail",
            "unsafe",
            "leak",
            "vulnerab",
            "difficult",
            "hard",
            "corrupt",
            "however",
            "but",
            "not",
            "error",
            "wrong",
            "harm",
            "side",
        ],
    ),
    (
        &["benefit", "advantage", "strength", "upside"],
        &[
            "benefit",
            "advantage",
            "strength",
            "improve",
            "better",
            "fast",
            "efficien",
            "easier",
            "simpl",
            "safe",
            "reduc",
            "avoid",
            "allow",
            "enabl",
            "without",
            "prevent",
            "help",
            "cheap",
            "performance",
            "low",
        ],
    ),
    (
        &["cost", "price", "expensive"],
        &[
            "cost", "price", "expens", "cheap", "overhead", "fee", "pay", "$", "€", "dollar", "euro", "slow",
            "memory",
        ],
    ),
    (
        &["best", "most popular", "fastest", "cheapest", "recommended", "top "],
        &[
            "best",
            "popular",
            "fastest",
            "cheapest",
            "recommend",
            "leading",
            "prefer",
            "widely",
            "better",
            "rank",
            "award",
            "winner",
        ],
    ),
    (
        &["difference", "differ", "compare", "versus", " vs"],
        &[
            "differ", "compar", "unlike", "whereas", "while", "than", "instead", "contrast", "both",
            "versus", "vs", "same", "similar", "but", "however",
        ],
    ),
];

/// What asks for a number, a size, a span or a version.
const FIGURE_ASKED: &[&str] = &[
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
    "how wide",
    "default",
    "ceiling",
    "threshold",
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
    "which version",
    "which release",
    "since which",
];

/// What asks for a date.
const DATE_ASKED: &[&str] =
    &["what day", "which day", "what date", "which date", "what year", "which year", "what month"];

/// It asks for a number, a size, a span, a version or a date.
pub(crate) fn asks_for_figure(question: &str) -> bool {
    let lower = question.to_lowercase();
    FIGURE_ASKED.iter().any(|p| lower.contains(p)) || asks_for_date(question)
}

/// It asks for a date: `when` asks for one where it stands first and something happened.
pub(crate) fn asks_for_date(question: &str) -> bool {
    let lower = question.to_lowercase();
    let happened = ["was ", "were ", "did ", "will "];
    let asks = |rest: &str| happened.iter().any(|verb| rest.starts_with(verb));
    DATE_ASKED.iter().any(|p| lower.contains(p)) || lower.split("when ").skip(1).any(asks)
}

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

    /// The page uses enough of the whole question's telling words for its parts to be asked at all. A part torn from its
    /// question ("what exactly is limited?") would find something anywhere.
    pub(super) fn treats(&self, question: &str, lexicon: &Lexicon) -> bool {
        let terms = lexicon.terms(question);
        let sum = |used: bool| -> f64 {
            terms.iter().filter(|t| !t.generic() && (!used || self.has(&t.key))).map(|t| t.weight).sum()
        };
        sum(true) >= sum(false) * WHOLE_SHARE_MIN
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

    /// Many of the page's sentences use the word.
    fn is_topic(&self, key: &str) -> bool {
        self.documents.get(key).is_some_and(|df| *df > 1 && df * TOPIC_ONE_IN >= self.sentences.len())
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
    /// Share of `total` that a statement must cover.
    cover_min: f64,
    /// Lowest score of an answer.
    score_min: f64,
    /// How many telling words are the matter itself.
    matter: usize,
    figure: bool,
    definition: bool,
    reason: bool,
    /// Beginnings of words, when an aspect is asked for.
    aspect: Option<&'static [&'static str]>,
    /// Sum of the terms' weights as they are without the page.
    prior: f64,
}

impl Asked {
    /// `None` when the page does not use enough of the sub-question's telling words to be about it.
    pub(super) fn new(sub_question: &str, page: &PageTerms, lexicon: &Lexicon) -> Option<Self> {
        let terms = lexicon.terms(sub_question);
        let telling: Vec<&Term> = terms.iter().filter(|t| !t.generic()).collect();
        let all: f64 = telling.iter().map(|t| t.weight).sum();
        let used: f64 = telling.iter().filter(|t| page.has(&t.key)).map(|t| t.weight).sum();
        let least = all * least(PAGE_SHARE_MIN, telling.len());
        (!telling.is_empty() && used >= least).then(|| Self::demanding(sub_question, page, lexicon))
    }

    fn demanding(sub_question: &str, page: &PageTerms, lexicon: &Lexicon) -> Self {
        let terms = lexicon.terms(sub_question);
        let telling = terms.iter().filter(|t| !t.generic()).count();
        let mut scope = scope(sub_question, &terms, lexicon);
        if terms.iter().all(|t| t.generic() || scope.contains(&t.key)) {
            scope.clear();
        }
        let (cover_min, score_min) = (least(COVER_MIN, telling), least(SCORE_MIN, telling));
        let terms: Vec<(Term, f64)> = terms
            .into_iter()
            .map(|mut t| {
                if scope.contains(&t.key) {
                    t.weight = SCOPE_WEIGHT;
                }
                t
            })
            .map(|t| {
                let weight = t.weight * (RARITY_FLOOR + (1.0 - RARITY_FLOOR) * page.rarity(&t.key));
                (t, weight)
            })
            .collect();
        let matter = terms.iter().filter(|(t, _)| !t.generic() && !scope.contains(&t.key)).count();
        let lower = sub_question.to_lowercase();
        let has = |phrases: &[&str]| phrases.iter().any(|p| lower.contains(p));
        Self {
            scope,
            cover_min,
            score_min,
            matter,
            figure: asks_for_figure(sub_question),
            definition: has(&["what is", "what are", "what does", "define", "meaning of", "definition"]),
            aspect: ASPECTS.iter().find(|(asking, _)| has(asking)).map(|(_, spoken)| *spoken),
            prior: terms.iter().map(|(t, _)| t.weight).sum(),
            total: terms.iter().map(|(_, w)| w).sum(),
            terms,
            reason: has(&["why ", "reason", "cause"]),
        }
    }

    /// It asks for a number, a size, a span or a date.
    pub(super) fn wants_figure(&self) -> bool {
        self.figure
    }

    /// The question as a whole, as one page is asked it: it never refuses a statement that shares a word.
    pub(super) fn whole(question: &str, page: &PageTerms, lexicon: &Lexicon) -> Self {
        let mut whole = Self::demanding(question, page, lexicon);
        (whole.cover_min, whole.score_min) = (0.0, 0.0);
        whole
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
        let (mut said, mut meant, mut generic) = (0.0, 0.0, 0usize);
        for (term, weight) in &self.terms {
            let matter = usize::from(!term.generic() && !self.scope.contains(&term.key));
            let frequency: usize =
                range.clone().filter_map(|at| page.sentences.get(at)?.get(&term.key)).sum();
            if frequency > 0 {
                own += weight;
                cover += weight;
                said += term.weight;
                meant += term.weight;
                own_matter += matter;
                generic += usize::from(term.generic());
                let length: usize = range.clone().filter_map(|at| page.lengths.get(at)).sum();
                #[allow(clippy::cast_precision_loss)]
                let (frequency, length) = (frequency as f64, length as f64);
                bm25 += weight * frequency * (K1 + 1.0)
                    / (frequency + K1 * (1.0 - B + B * length / page.mean_length));
            } else if synonyms::of(&term.key).any(|other| range.clone().any(|at| page.in_sentence(at, other)))
            {
                let meaning = SYNONYM;
                own += weight * meaning;
                cover += weight * meaning;
                meant += term.weight * meaning;
                near_matter += matter;
            } else if near.contains(&term.key)
                || [before, after].into_iter().flatten().any(|at| page.in_sentence(at, &term.key))
            {
                cover += weight * NEAR;
                meant += term.weight * NEAR;
                near_matter += matter;
            } else if far.contains(&term.key) || page.title.contains(&term.key) {
                cover += weight * FAR;
                meant += term.weight * FAR;
            } else if page.is_topic(&term.key) {
                cover += weight * TOPIC;
                meant += term.weight * TOPIC;
            }
        }
        let alone = self.matter >= MATTER_MANY && own_matter + near_matter + generic < 2;
        if own_matter + near_matter == 0
            || alone
            || own < self.total * OWN_MIN
            || cover < self.total * self.cover_min
        {
            return None;
        }
        // Gates look at what is rare on this page; scores must compare across pages, so they do not.
        let mut score = 0.4 * meant / self.prior
            + 0.2 * said / self.prior
            + 0.2 * cover / self.total
            + 0.15 * (bm25 / (self.total * (K1 + 1.0))).min(1.0);
        let lower = text.to_lowercase();
        if self.figure && kind::detect(text).unit.is_some() {
            score += MEASURED_BONUS;
        } else if self.figure && text.chars().any(|c| c.is_ascii_digit()) {
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
            score += REASON_BONUS;
        }
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric() && !matches!(c, '$' | '€' | '\'' | '’')).collect();
        if let Some(spoken) = self.aspect {
            let speaks = words.iter().any(|w| spoken.iter().any(|s| w.starts_with(s)));
            score = if speaks { score + ASPECT_BONUS } else { score * ASPECT_MISSED };
        }
        if words.iter().any(|w| matches!(*w, "we" | "us" | "our" | "you" | "your" | "i")) {
            score -= PERSONAL_COST;
        }
        if text.ends_with('!') {
            score -= EXCLAIMED_COST;
        }
        if last.row && !self.figure {
            score -= ROW_COST;
        }
        (score >= self.score_min).then_some(score)
    }
}

/// Between the demand on a short and on a long sub-question, by its number of telling words.
fn least((short, long): (f64, f64), terms: usize) -> f64 {
    let beyond = terms.clamp(SHORT_TERMS, LONG_TERMS) - SHORT_TERMS;
    #[allow(clippy::cast_precision_loss)]
    let part = beyond as f64 / (LONG_TERMS - SHORT_TERMS) as f64;
    short + (long - short) * part
}

/// Names that follow a preposition of place in the sub-question.
fn scope(sub_question: &str, terms: &[Term], lexicon: &Lexicon) -> BTreeSet<String> {
    let mut scope = BTreeSet::new();
    let mut placing = false;
    for word in sub_question.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '#');
        let key = lexicon.key(bare);
        if placing && terms.iter().any(|t| t.key == key && t.name()) {
            scope.insert(key);
        } else {
            placing =
                matches!(bare.to_lowercase().as_str(), "in" | "on" | "for" | "with" | "within" | "under");
        }
    }
    scope
}
