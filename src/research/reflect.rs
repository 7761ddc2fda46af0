//! What is still missing, and whether looking further makes sense.

use super::figures::Figures;
use super::{Finding, PageId, PageRecord};
use crate::model::Coverage;
use crate::order::sort_by;
use crate::text::{jaccard, sizes_allow, term_set};
use std::collections::{BTreeMap, BTreeSet};

/// Most facts shown per sub-question.
pub const FACTS_SHOWN_MAX: usize = 12;
/// Likeness of two facts of which the second says nothing new.
const SAME_FACT_LIKENESS: f64 = 0.8;

/// What enough evidence for one sub-question means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Distinct facts from at least this many independent sites ...
    pub sites: usize,
    /// ... and at least this many of them; or ...
    pub facts: usize,
    /// ... this many distinct facts, when they come from at least two pages.
    pub facts_of_few_sites: usize,
}

impl Bar {
    /// Two sites that answer, or four facts of two pages; in deep mode three sites with five facts, or eight facts.
    #[must_use]
    pub fn of(deep: bool) -> Self {
        if deep {
            Self { sites: 3, facts: 5, facts_of_few_sites: 8 }
        } else {
            Self { sites: 2, facts: 2, facts_of_few_sites: 4 }
        }
    }
}

/// How well each sub-question is answered, in their order. Facts that say the same count once; opinions and forecasts
/// count like facts. Findings that name no sub-question of the list are left out.
#[must_use]
pub fn coverage(
    sub_questions: &[String],
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
    deep: bool,
) -> Vec<Coverage> {
    let bar = Bar::of(deep);
    sub_questions
        .iter()
        .zip(1_u32..)
        .map(|(sub_question, place)| {
            let mut own: Vec<&Finding> = findings.iter().filter(|f| f.claim.sub_question == place).collect();
            sort_by(&mut own, |a, b| b.claim.relevance.cmp(&a.claim.relevance).then(a.id.cmp(&b.id)));
            let sites: BTreeSet<String> =
                own.iter().filter_map(|f| pages.get(&f.page)).map(PageRecord::site).collect();
            let own_pages: BTreeSet<PageId> = own.iter().map(|f| f.page).collect();
            let facts = distinct(&own);
            let covered = (sites.len() >= bar.sites && facts.len() >= bar.facts)
                || (own_pages.len() >= 2 && facts.len() >= bar.facts_of_few_sites);
            Coverage {
                sub_question: sub_question.clone(),
                hosts: u32::try_from(sites.len()).unwrap_or(u32::MAX),
                covered,
                facts: facts.into_iter().take(FACTS_SHOWN_MAX).collect(),
            }
        })
        .collect()
}

/// The facts that say different things, best first. Compared with at most 64 kept ones, so the work stays linear.
fn distinct(findings: &[&Finding]) -> Vec<String> {
    const KEPT_MAX: usize = 64;
    let mut kept: Vec<(BTreeSet<String>, Figures, String)> = Vec::new();
    for finding in findings {
        let fact = &finding.claim.fact;
        let terms = term_set(fact);
        let known = kept.iter().any(|(t, figures, _)| {
            sizes_allow(t.len(), terms.len(), SAME_FACT_LIKENESS)
                && jaccard(t, &terms) >= SAME_FACT_LIKENESS
                && figures.vouch_for(fact)
        });
        if !known && kept.len() < KEPT_MAX {
            kept.push((terms, Figures::of(fact), fact.clone()));
        }
    }
    kept.into_iter().map(|(_, _, fact)| fact).collect()
}

/// Every sub-question is answered well enough.
#[must_use]
pub fn is_covered(coverage: &[Coverage]) -> bool {
    !coverage.is_empty() && coverage.iter().all(|c| c.covered)
}

/// Whether a round that added `findings` says that looking further is of no use. A deep job forgives its first round, since
/// its follow-up queries aim at the gaps.
#[must_use]
pub fn is_dry(round: u32, findings: u32, deep: bool) -> bool {
    findings == 0 && (round > 1 || !deep)
}

#[cfg(test)]
mod tests {
    use super::super::report::fixture::{finding, page};
    use super::*;
    use std::slice::from_ref;

    fn cover(facts: &[(&str, &str)], deep: bool) -> Coverage {
        let pages = facts.iter().zip(1..).map(|((url, _), n)| (PageId(n), page(url, "x"))).collect();
        let findings: Vec<Finding> =
            facts.iter().zip(1..).map(|((_, fact), n)| finding(n, n, fact, fact)).collect();
        coverage(&["How?".into()], &findings, &pages, deep).remove(0)
    }

    #[test]
    fn two_sites_with_different_facts_cover_a_sub_question_but_not_in_deep_mode() {
        let facts = [("https://a.example/", "Tokio steals work."), ("https://b.example/", "Smol is small.")];
        assert!(cover(&facts, false).covered);
        assert!(!cover(&facts, true).covered);
        assert_eq!(cover(&facts, false).hosts, 2);
    }

    #[test]
    fn the_same_fact_twice_or_one_page_is_not_enough() {
        let same =
            [("https://a.example/", "Tokio steals work."), ("https://b.example/", "Tokio steals work.")];
        assert!(!cover(&same, false).covered);
        assert!(!cover(&same[..1], false).covered);
        assert!(!cover(&[], false).covered);
    }

    #[test]
    fn the_search_stops_when_covered_or_dry() {
        let gap = Coverage { sub_question: "q".into(), facts: vec![], hosts: 0, covered: false };
        let done = Coverage { covered: true, ..gap.clone() };
        assert!(is_covered(from_ref(&done)));
        assert!(!is_covered(&[done, gap]) && !is_covered(&[]));
        assert!(is_dry(1, 0, false) && is_dry(2, 0, true));
        assert!(!is_dry(1, 0, true) && !is_dry(2, 5, false));
    }
}
