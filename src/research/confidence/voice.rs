//! Whether two findings come from two voices or from one that is heard twice.

use super::super::denial::Denials;
use super::super::figures::{Figures, Stated};
use super::super::{Finding, PageRecord};
use super::{SourceClass, source_class};
use crate::page::simhash::is_near;
use crate::text::{clip, folded, jaccard, term_set, words};
use std::collections::BTreeSet;

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
    pub(super) site: String,
    pub(super) class: SourceClass,
    terms: BTreeSet<String>,
    figures: Figures,
    stated: Stated,
    denials: Denials,
    quote_terms: BTreeSet<String>,
    simhash: Option<u64>,
    agency: Option<&'static str>,
    author: Option<String>,
}

impl<'a> Voice<'a> {
    pub(super) fn new(finding: &'a Finding, page: Option<&PageRecord>) -> Self {
        Self {
            finding,
            site: page.map_or_else(|| finding.page.to_string(), PageRecord::site),
            class: page.map_or(SourceClass::UserGenerated, source_class),
            terms: term_set(&finding.claim.fact),
            figures: Figures::of(&finding.claim.fact),
            stated: Stated::of(&finding.claim.fact),
            denials: Denials::of(&finding.claim.fact),
            quote_terms: term_set(&finding.claim.quote),
            simhash: page.and_then(|p| p.simhash),
            agency: page.and_then(|p| agency(p, &finding.claim.quote)),
            author: page.and_then(|p| p.author.as_deref()).and_then(full_name),
        }
    }

    /// Whether both say the same: like terms, and figures and denials that do not disagree.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        if !sizes_allow(self.terms.len(), other.terms.len(), SAME_FACT_LIKENESS) {
            return false;
        }
        jaccard(&self.terms, &other.terms) >= SAME_FACT_LIKENESS
            && self.figures_agree(other)
            && !self.denials.differ(&other.denials)
    }

    fn figures_agree(&self, other: &Self) -> bool {
        if self.figures.is_empty() || other.figures.is_empty() {
            return self.figures.is_empty() == other.figures.is_empty();
        }
        other.figures.vouch_for_stated(&self.stated) || self.figures.vouch_for_stated(&other.stated)
    }

    /// Whether both are one voice: one site, one text, one agency's report, or one author.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.site == other.site || self.repeats(other)
    }

    /// The same for two sites.
    fn repeats(&self, other: &Self) -> bool {
        let copied = self.quote_terms.len() >= COPIED_TERMS_MIN
            && sizes_allow(self.quote_terms.len(), other.quote_terms.len(), COPIED_LIKENESS)
            && jaccard(&self.quote_terms, &other.quote_terms) >= COPIED_LIKENESS;
        copied
            || self.simhash.zip(other.simhash).is_some_and(|(a, b)| is_near(a, b))
            || (self.agency.is_some() && self.agency == other.agency)
            || (self.author.is_some() && self.author == other.author)
    }
}

/// Whether two sets of these sizes can be alike enough at all; saves most comparisons.
#[allow(clippy::cast_precision_loss, reason = "sets of words are far below 2^52")]
fn sizes_allow(a: usize, b: usize, least: f64) -> bool {
    a.min(b) as f64 >= least * a.max(b) as f64
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

/// The agency whose report the page carries: its own site, its author, a credit in brackets in the quote or in the
/// first words of the page.
fn agency(page: &PageRecord, quote: &str) -> Option<&'static str> {
    let site = page.site();
    let author = page.author.as_deref().map(folded).unwrap_or_default();
    let texts = [folded(quote), folded(clip(&page.excerpt, DATELINE_CHARS))];
    AGENCIES.iter().find_map(|(agency, credits)| {
        let own = [
            "reuters.com",
            "apnews.com",
            "afp.com",
            "dpa.com",
            "upi.com",
            "ansa.it",
            "efe.com",
            "bloomberg.com",
        ]
        .iter()
        .any(|s| site == *s && s.starts_with(agency));
        let credited = credits.iter().any(|credit| {
            author == *credit || texts.iter().any(|text| text.contains(&format!("({credit})")))
        });
        (own || credited).then_some(*agency)
    })
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
