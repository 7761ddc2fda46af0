//! Findings that disagree about the same thing.

pub(super) mod ledger;

use super::super::confidence::Rating;
use super::super::confidence::voice::Voice;
use super::super::denial::denial_differs;
use super::super::{Finding, FindingId, PageId, PageRecord};
use crate::text::jaccard;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Most conflicts shown; a longer list means that the rule misjudges, not that the world is so divided.
const CONFLICTS_MAX: usize = 10;
/// Least likeness of two facts, figures aside, that are about the same thing. High: a missed conflict is a loss, a
/// false one is a lie.
const SAME_SUBJECT_LIKENESS: f64 = 0.7;
/// Fewest terms from which a likeness means the same subject.
const SUBJECT_TERMS_MIN: usize = 3;

/// Two findings of different pages that cannot both be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What they disagree in.
    pub kind: ConflictKind,
    /// One finding; the one to prefer when `preferred` says so.
    pub a: FindingId,
    /// The other.
    pub b: FindingId,
    /// The one with the better standing or the later page; `None` when neither has it.
    pub preferred: Option<FindingId>,
    /// Why, a few words.
    pub reason: String,
}

/// What two findings disagree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// A figure.
    Figure,
    /// A year.
    Date,
    /// Whether it is so at all.
    Denial,
}

/// Pairs of findings of different sites about the same thing whose figures, years or denials differ. Figures stated
/// for different years do not conflict. One finding is in at most one conflict.
pub(super) fn conflicts(
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
    ratings: &BTreeMap<FindingId, Rating>,
) -> Vec<Conflict> {
    let compared: Vec<Voice<'_>> = findings.iter().map(|f| Voice::new(f, pages.get(&f.page))).collect();
    let mut found: Vec<Conflict> = Vec::new();
    for (i, one) in compared.iter().enumerate() {
        for other in compared.iter().skip(i + 1) {
            let taken = |id: FindingId| found.iter().any(|c| c.a == id || c.b == id);
            if found.len() >= CONFLICTS_MAX || taken(one.finding.id) || taken(other.finding.id) {
                continue;
            }
            let Some(kind) = disagreement(one, other) else { continue };
            found.push(weigh(kind, one.finding, other.finding, pages, ratings));
        }
    }
    found
}

fn disagreement(a: &Voice<'_>, b: &Voice<'_>) -> Option<ConflictKind> {
    let shared = a.terms.intersection(&b.terms).count();
    if a.site == b.site || shared < SUBJECT_TERMS_MIN || jaccard(&a.terms, &b.terms) < SAME_SUBJECT_LIKENESS {
        return None;
    }
    let (years_a, years_b) = (a.figures.years(), b.figures.years());
    let (rest_a, rest_b) = (a.figures.without_years(), b.figures.without_years());
    if !rest_a.is_empty() && !rest_b.is_empty() {
        let same_time = years_a.is_empty() || years_b.is_empty() || years_a == years_b;
        let dates_differ =
            matches!((&a.finding.claim.date, &b.finding.claim.date), (Some(x), Some(y)) if x != y);
        return (same_time && !dates_differ && rest_a.is_disjoint(&rest_b)).then_some(ConflictKind::Figure);
    }
    if !years_a.is_empty() && !years_b.is_empty() && rest_a.is_empty() && rest_b.is_empty() {
        return years_a.is_disjoint(&years_b).then_some(ConflictKind::Date);
    }
    denial_differs(&a.finding.claim.fact, &b.finding.claim.fact).then_some(ConflictKind::Denial)
}

fn weigh(
    kind: ConflictKind,
    a: &Finding,
    b: &Finding,
    pages: &BTreeMap<PageId, PageRecord>,
    ratings: &BTreeMap<FindingId, Rating>,
) -> Conflict {
    let standing = |f: &Finding| ratings.get(&f.id).map(|r| (r.confidence, r.source_class, r.sites));
    let published = |f: &Finding| pages.get(&f.page).and_then(|p| p.published.clone());
    let mut pair = [a, b];
    pair.sort_by_key(|f| Reverse((standing(f), published(f))));
    let [best, rest] = pair;
    let (preferred, reason) = if standing(best) != standing(rest) {
        (Some(best.id), "better standing of its source")
    } else if published(best) != published(rest) && published(rest).is_some() {
        (Some(best.id), "later page")
    } else {
        (None, "neither source has the better standing")
    };
    Conflict { kind, a: best.id, b: rest.id, preferred, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::super::confidence::{Asked, rate};
    use super::super::fixture::{finding, page};
    use super::*;

    fn kinds(a: &str, b: &str) -> Vec<(ConflictKind, Option<FindingId>)> {
        let pages =
            [(PageId(1), page("https://dev.to/x", "x")), (PageId(2), page("https://docs.rs/y", "y"))].into();
        let list = [finding(1, 1, a, a), finding(2, 2, b, b)];
        let ratings = rate(&list, &pages, &Asked::new("", "2026-11-22"));
        conflicts(&list, &pages, &ratings).into_iter().map(|c| (c.kind, c.preferred)).collect()
    }

    #[test]
    fn figures_years_and_denials_about_the_same_thing_conflict() {
        let docs = Some(FindingId(2));
        assert_eq!(
            kinds("Tokio spawns 256 blocking threads at most.", "Tokio spawns 512 blocking threads at most."),
            [(ConflictKind::Figure, docs)]
        );
        assert_eq!(
            kinds("Tokio runtime was released in 2016.", "Tokio runtime was released in 2017."),
            [(ConflictKind::Date, docs)]
        );
        assert_eq!(
            kinds("The Tokio scheduler is fair.", "The Tokio scheduler is not fair."),
            [(ConflictKind::Denial, docs)]
        );
    }

    #[test]
    fn other_subjects_other_years_and_the_same_value_do_not_conflict() {
        assert!(kinds("Tokio spawns 256 blocking threads.", "Smol keeps 512 timers.").is_empty());
        assert!(
            kinds("Tokio had 100 crates depending in 2019.", "Tokio had 900 crates depending in 2024.")
                .is_empty()
        );
        assert!(kinds("Tokio has 1,000 crates depending.", "Tokio has 1000 crates depending.").is_empty());
    }
}
