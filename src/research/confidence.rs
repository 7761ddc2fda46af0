//! How far a finding can be trusted: a stated rule over data, never a model's mood.

mod source_class;

pub use source_class::{SourceClass, is_private, source_class};

use super::denial::denial_differs;
use super::figures::Figures;
use super::{Finding, FindingId, PageId, PageRecord};
use crate::text::{jaccard, term_set};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most findings that are compared with each other; n squared over two comparisons of small sets stay in milliseconds.
pub const FINDINGS_COMPARED_MAX: usize = 400;
/// Least likeness (shared over all terms) of two facts that say the same.
const SAME_FACT_LIKENESS: f64 = 0.5;
/// Least likeness of two quotes of which one was copied from the other.
const COPIED_LIKENESS: f64 = 0.9;
/// Fewest terms from which a likeness of quotes means copying rather than chance.
const COPIED_TERMS_MIN: usize = 8;
/// Age from which a page whose subject is figures no longer counts as current, in years.
const STALE_YEARS: i32 = 4;

/// How far a finding can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// One source of little standing, or stale.
    Low,
    /// One source of standing, or two that agree.
    Medium,
    /// A first-hand source, or several independent ones that agree.
    High,
}

impl Confidence {
    /// The word used in replies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The number that clients know as `relevance`: 0.9, 0.6 or 0.3.
    #[must_use]
    pub fn relevance(self) -> f64 {
        match self {
            Self::Low => 0.3,
            Self::Medium => 0.6,
            Self::High => 0.9,
        }
    }
}

/// A confidence with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The level.
    pub confidence: Confidence,
    /// One sentence that says why.
    pub reason: String,
    /// Class of the page it was read on.
    pub source_class: SourceClass,
    /// Independent sites that say the same, this one included.
    pub sites: u32,
    /// Findings that say the same, this one left out.
    pub agrees_with: Vec<FindingId>,
}

/// Rates every finding; `today` is `YYYY-MM-DD`.
///
/// The rule: a first-hand source is high, or any three independent sites, or two of which one is an established
/// publisher or reference; an established publisher or reference alone, or two community sites, is medium; community
/// alone is low. An opinion or projection is never high. A page more than four years old takes one level off a
/// statistic. Sites that carry the same words count once. A finding whose page is unknown is low.
#[must_use]
pub fn rate(
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
    today: &str,
) -> BTreeMap<FindingId, Rating> {
    let compared: Vec<Compared<'_>> =
        findings.iter().take(FINDINGS_COMPARED_MAX).map(|f| Compared::new(f, pages.get(&f.page))).collect();
    findings
        .iter()
        .map(|finding| {
            let mut sites: BTreeSet<&str> = BTreeSet::new();
            let mut strongest = SourceClass::Community;
            let mut agrees_with = Vec::new();
            if let Some(own) = compared.iter().find(|c| c.finding.id == finding.id) {
                sites.insert(&own.site);
                for other in compared.iter().filter(|o| o.finding.id != finding.id && own.agrees(o)) {
                    agrees_with.push(other.finding.id);
                    if !own.copied(other) && sites.insert(&other.site) {
                        strongest = strongest.max(other.class);
                    }
                }
            }
            let count = u32::try_from(sites.len().max(1)).unwrap_or(u32::MAX);
            (finding.id, rating(finding, pages.get(&finding.page), count, strongest, agrees_with, today))
        })
        .collect()
}

fn rating(
    finding: &Finding,
    page: Option<&PageRecord>,
    sites: u32,
    others: SourceClass,
    agrees_with: Vec<FindingId>,
    today: &str,
) -> Rating {
    let Some(page) = page else {
        let reason = "its page is not known".to_owned();
        let source_class = SourceClass::Community;
        return Rating { confidence: Confidence::Low, reason, source_class, sites, agrees_with };
    };
    let class = source_class(page);
    let standing = class.max(others);
    let mut confidence = match (class, sites) {
        (SourceClass::Primary, _) | (_, 3..) => Confidence::High,
        (_, 2) if standing >= SourceClass::Publisher => Confidence::High,
        (_, 2) | (SourceClass::Publisher | SourceClass::Reference, _) => Confidence::Medium,
        (SourceClass::Community, _) => Confidence::Low,
    };
    let mut reason = match sites {
        1 => format!("stated by one {}", class.phrase()),
        n => format!("stated by {n} independent sites, here by {}", class.phrase_with_article()),
    };
    use super::FindingKind::{Opinion, Projection, Statistic};
    if matches!(finding.claim.kind, Opinion | Projection) && confidence == Confidence::High {
        confidence = Confidence::Medium;
        reason.push_str("; a judgement or forecast, not a fact");
    }
    if finding.claim.kind == Statistic && age_years(page.published.as_deref(), today) > STALE_YEARS {
        confidence = if confidence == Confidence::High { Confidence::Medium } else { Confidence::Low };
        reason.push_str("; the page is more than four years old");
    }
    Rating { confidence, reason, source_class: class, sites, agrees_with }
}

fn age_years(published: Option<&str>, today: &str) -> i32 {
    let year = |date: &str| date.split('-').next().and_then(|y| y.parse::<i32>().ok());
    match (published.and_then(year), year(today)) {
        (Some(then), Some(now)) => now.saturating_sub(then),
        _ => 0,
    }
}

/// A finding with what comparing needs, computed once.
pub(crate) struct Compared<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) site: String,
    pub(crate) terms: BTreeSet<String>,
    pub(crate) figures: Figures,
    quote_terms: BTreeSet<String>,
    class: SourceClass,
}

impl<'a> Compared<'a> {
    pub(crate) fn new(finding: &'a Finding, page: Option<&PageRecord>) -> Self {
        Self {
            finding,
            site: page.map_or_else(|| finding.page.to_string(), PageRecord::site),
            terms: term_set(&finding.claim.fact),
            figures: Figures::of(&finding.claim.fact),
            quote_terms: term_set(&finding.claim.quote),
            class: page.map_or(SourceClass::Community, source_class),
        }
    }

    /// Whether both say the same: like terms, and figures and denials that do not disagree.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let figures_agree = if self.figures.is_empty() || other.figures.is_empty() {
            self.figures.is_empty() == other.figures.is_empty()
        } else {
            other.figures.vouch_for(&self.finding.claim.fact)
                || self.figures.vouch_for(&other.finding.claim.fact)
        };
        figures_agree
            && jaccard(&self.terms, &other.terms) >= SAME_FACT_LIKENESS
            && !denial_differs(&self.finding.claim.fact, &other.finding.claim.fact)
    }

    fn copied(&self, other: &Self) -> bool {
        self.quote_terms.len() >= COPIED_TERMS_MIN
            && jaccard(&self.quote_terms, &other.quote_terms) >= COPIED_LIKENESS
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::fixture::{finding, page};
    use super::*;
    use crate::research::FindingKind;

    fn rate_first(facts: &[(&str, &str)]) -> Rating {
        let pages = facts.iter().zip(1..).map(|((url, _), n)| (PageId(n), page(url, "x"))).collect();
        let findings: Vec<Finding> =
            facts.iter().zip(1..).map(|((_, fact), n)| finding(n, n, fact, fact)).collect();
        rate(&findings, &pages, "2026-11-22").remove(&FindingId(1)).expect("rated")
    }

    #[test]
    fn one_community_page_is_low_and_a_first_hand_page_is_high() {
        let fact = "Tokio cut timer work by 40 percent.";
        assert_eq!(rate_first(&[("https://dev.to/x", fact)]).confidence, Confidence::Low);
        assert_eq!(rate_first(&[("https://blog.example.com/x", fact)]).confidence, Confidence::Medium);
        let high = rate_first(&[("https://docs.rs/tokio", fact)]);
        assert_eq!(
            (high.confidence, high.reason.as_str()),
            (Confidence::High, "stated by one first-hand source")
        );
    }

    #[test]
    fn independent_sites_raise_and_the_same_site_or_copied_words_do_not() {
        let a = "Tokio cut timer work by 40 percent.";
        let b = "Timer work was cut by 40 percent in Tokio.";
        assert_eq!(
            rate_first(&[("https://dev.to/x", a), ("https://reddit.com/y", b)]).confidence,
            Confidence::Medium
        );
        assert_eq!(
            rate_first(&[("https://dev.to/x", a), ("https://news.example.com/y", b)]).confidence,
            Confidence::High
        );
        assert_eq!(rate_first(&[("https://dev.to/x/1", a), ("https://dev.to/x/2", b)]).sites, 1);
        let long = "Tokio cut the timer wheel wakeup processing work across benchmark machines by forty percent overall.";
        assert_eq!(rate_first(&[("https://dev.to/x", long), ("https://copy.example.com/y", long)]).sites, 1);
        assert_eq!(
            rate_first(&[
                ("https://dev.to/x", a),
                ("https://b.example.com/", "Tokio cut timer work by 41 percent.")
            ])
            .sites,
            1
        );
    }

    #[test]
    fn a_forecast_is_never_high_and_an_old_statistic_loses_a_level() {
        let mut f = finding(1, 1, "Use will double.", "Use will double.");
        f.claim.kind = FindingKind::Projection;
        let mut p = page("https://docs.rs/x", "x");
        p.published = Some("2019-01-01".into());
        let pages: BTreeMap<_, _> = [(PageId(1), p)].into();
        assert_eq!(rate(&[f.clone()], &pages, "2026-11-22")[&FindingId(1)].confidence, Confidence::Medium);
        f.claim.kind = FindingKind::Statistic;
        assert_eq!(rate(&[f], &pages, "2026-11-22")[&FindingId(1)].confidence, Confidence::Medium);
    }
}
