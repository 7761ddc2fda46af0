//! Whether two findings come from two voices or from one that is heard twice.

use super::super::denial::Denials;
use super::super::figures::{Figures, Stated};
use super::super::{Finding, PageRecord};
use super::source_class::answerable;
use super::{SourceClass, is_private, source_class};
use crate::page::simhash::is_near;
use crate::text::{clip, folded, jaccard, sizes_allow, term_set, words};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Least likeness (shared over all terms) of two facts that say the same.
const SAME_FACT_LIKENESS: f64 = 0.5;
/// Least likeness of two quotes of which one was copied from the other.
const COPIED_LIKENESS: f64 = 0.9;
/// Fewest terms from which a likeness of quotes means copying rather than chance.
const COPIED_TERMS_MIN: usize = 8;
/// Characters at the beginning of a page in which an agency is credited: a dateline such as "BERLIN (Reuters) -".
const DATELINE_CHARS: usize = 120;

/// A finding with what comparing needs, computed once.
pub(super) struct Voice<'a> {
    pub(super) finding: &'a Finding,
    pub(super) site: Cow<'a, str>,
    pub(super) class: SourceClass,
    terms: TermIds,
    /// Of the fact; most pairs share too few terms to be compared by more.
    closely: OnceCell<Closely>,
    quote_terms: OnceCell<BTreeSet<String>>,
    simhash: Option<u64>,
    /// Its place among [`AGENCIES`].
    agency: Option<usize>,
    author: Option<&'a str>,
}

/// What a fact is compared by once its terms are alike.
struct Closely {
    figures: Figures,
    stated: Stated,
    denials: Denials,
}

/// A page with what comparing its findings needs, computed once.
pub(super) struct Speaker {
    pub(super) site: String,
    pub(super) class: SourceClass,
    /// Who answers for it, if anybody does.
    pub(super) answers: Option<&'static str>,
    pub(super) is_private: bool,
    simhash: Option<u64>,
    agency: Option<usize>,
    author: Option<String>,
}

impl Speaker {
    pub(super) fn new(page: &PageRecord) -> Self {
        let site = page.site();
        Self {
            class: source_class(page),
            answers: answerable(page),
            is_private: is_private(&page.url),
            simhash: page.simhash,
            agency: agency_of(page, &site),
            author: page.author.as_deref().and_then(full_name),
            site,
        }
    }
}

/// Terms as numbers, so that comparing every finding with every other does not compare letters.
#[derive(Default)]
pub(super) struct Numbering(BTreeMap<String, u32>);

/// A set of terms: their numbers, sorted.
type TermIds = Vec<u32>;

impl Numbering {
    fn of(&mut self, terms: BTreeSet<String>) -> TermIds {
        let mut ids: TermIds = Vec::with_capacity(terms.len());
        for term in terms {
            let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
            ids.push(*self.0.entry(term).or_insert(next));
        }
        ids.sort_unstable();
        ids
    }
}

/// Shared share of two sets, as [`crate::text::jaccard`] has it.
#[allow(clippy::cast_precision_loss, reason = "sets of words are far below 2^52")]
fn likeness(a: &[u32], b: &[u32]) -> f64 {
    let (mut left, mut right, mut shared) = (a.iter().peekable(), b.iter().peekable(), 0_usize);
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        let order = x.cmp(y);
        shared += usize::from(order.is_eq());
        if order.is_le() {
            left.next();
        }
        if order.is_ge() {
            right.next();
        }
    }
    let all = a.len() + b.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

impl<'a> Voice<'a> {
    pub(super) fn new(finding: &'a Finding, speaker: Option<&'a Speaker>, numbering: &mut Numbering) -> Self {
        Self {
            finding,
            site: speaker.map_or_else(|| finding.page.to_string().into(), |s| s.site.as_str().into()),
            class: speaker.map_or(SourceClass::UserGenerated, |s| s.class),
            terms: numbering.of(term_set(&finding.claim.fact)),
            closely: OnceCell::new(),
            quote_terms: OnceCell::new(),
            simhash: speaker.and_then(|s| s.simhash),
            agency: speaker.and_then(|s| s.agency.into_iter().chain(agency_in(&finding.claim.quote)).min()),
            author: speaker.and_then(|s| s.author.as_deref()),
        }
    }

    /// Whether both say the same: like terms, and figures and denials that do not disagree.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        if !sizes_allow(self.terms.len(), other.terms.len(), SAME_FACT_LIKENESS) {
            return false;
        }
        likeness(&self.terms, &other.terms) >= SAME_FACT_LIKENESS && self.closely().agrees(other.closely())
    }

    fn closely(&self) -> &Closely {
        self.closely.get_or_init(|| {
            let fact = self.finding.claim.fact.as_str();
            Closely { figures: Figures::of(fact), stated: Stated::of(fact), denials: Denials::of(fact) }
        })
    }

    fn quote_terms(&self) -> &BTreeSet<String> {
        self.quote_terms.get_or_init(|| term_set(&self.finding.claim.quote))
    }

    /// Whether both are one voice: one site, one text, one agency's report, or one author.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.site == other.site || self.repeats(other)
    }

    /// The same for two sites.
    fn repeats(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.quote_terms(), other.quote_terms());
        let copied = mine.len() >= COPIED_TERMS_MIN
            && sizes_allow(mine.len(), theirs.len(), COPIED_LIKENESS)
            && jaccard(mine, theirs) >= COPIED_LIKENESS;
        copied
            || self.simhash.zip(other.simhash).is_some_and(|(a, b)| is_near(a, b))
            || (self.agency.is_some() && self.agency == other.agency)
            || (self.author.is_some() && self.author == other.author)
    }
}

impl Closely {
    /// Figures and denials that do not disagree.
    fn agrees(&self, other: &Self) -> bool {
        self.figures_agree(other) && !self.denials.differ(&other.denials)
    }

    fn figures_agree(&self, other: &Self) -> bool {
        if self.figures.is_empty() || other.figures.is_empty() {
            return self.figures.is_empty() == other.figures.is_empty();
        }
        other.figures.vouch_for_stated(&self.stated) || self.figures.vouch_for_stated(&other.stated)
    }
}

/// News agencies: how they are credited, and their own sites.
const AGENCIES: [(&str, &[&str]); 9] = [
    ("reuters", &["reuters"]),
    ("ap", &["ap", "associated press"]),
    ("afp", &["afp", "agence france-presse"]),
    ("dpa", &["dpa", "dpa-afx"]),
    ("upi", &["upi", "united press international"]),
    ("ansa", &["ansa"]),
    ("efe", &["efe", "agencia efe"]),
    ("bloomberg", &["bloomberg"]),
    ("xinhua", &["xinhua"]),
];

/// The agency whose report a page carries, its place in the list: its own site, its author, a credit in brackets in its
/// first words.
fn agency_of(page: &PageRecord, site: &str) -> Option<usize> {
    const OWN_SITES: [&str; 8] =
        ["reuters.com", "apnews.com", "afp.com", "dpa.com", "upi.com", "ansa.it", "efe.com", "bloomberg.com"];
    let author = page.author.as_deref().map(folded).unwrap_or_default();
    let own = AGENCIES.iter().position(|(agency, credits)| {
        OWN_SITES.iter().any(|s| site == *s && s.starts_with(agency))
            || credits.iter().any(|credit| author == *credit)
    });
    own.into_iter().chain(agency_in(clip(&page.excerpt, DATELINE_CHARS))).min()
}

/// The first of the agencies that a text credits in brackets.
fn agency_in(text: &str) -> Option<usize> {
    if !text.contains('(') {
        return None;
    }
    let text = folded(text);
    AGENCIES
        .iter()
        .position(|(_, credits)| credits.iter().any(|credit| text.contains(&format!("({credit})"))))
}

/// A name of at least two words, as it is compared; a single word is rather a nickname or a team.
fn full_name(author: &str) -> Option<String> {
    let name: Vec<String> = words(author).map(|(_, w)| folded(w)).collect();
    let team = name.iter().any(|w| {
        matches!(
            w.as_str(),
            "team" | "staff" | "editors" | "contributors" | "admin" | "redaktion" | "editorial"
        )
    });
    (name.len() >= 2 && !team).then(|| name.join(" "))
}
