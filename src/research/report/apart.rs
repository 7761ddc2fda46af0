//! Findings that have a chapter of their own: what terms mean, what is expected, what may go wrong.

use super::super::{Finding, FindingId, FindingKind};
use crate::order::sort_by_key;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many of the most relevant findings of a sub-question answer it, whatever their kind.
const ANSWERING: usize = 4;

/// The findings that no section is written from, since a chapter lists them: definitions, projections and risks beside
/// the most relevant findings of their sub-question. Where most of what was found for a sub-question is of one such
/// kind, that is what was asked for, and nothing of it is set apart.
#[must_use]
pub fn set_apart<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<FindingId> {
    let mut groups: BTreeMap<u32, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        groups.entry(finding.claim.sub_question).or_default().push(finding);
    }
    let mut apart = BTreeSet::new();
    for group in groups.values_mut() {
        sort_by_key(group, |f| (Reverse(f.claim.relevance), f.id));
        let of_kind = |kind| group.iter().filter(|f| f.claim.kind == kind).count();
        let asked = |kind| of_kind(kind) * 2 > group.len();
        let own = |f: &&&Finding| has_chapter(f.claim.kind) && !asked(f.claim.kind);
        apart.extend(group.iter().skip(ANSWERING).filter(own).map(|f| f.id));
    }
    apart
}

const fn has_chapter(kind: FindingKind) -> bool {
    matches!(kind, FindingKind::Definition | FindingKind::Projection | FindingKind::Risk)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::finding;
    use super::*;

    fn list(kinds: &[FindingKind]) -> Vec<Finding> {
        let one = |(id, kind): (u32, &FindingKind)| {
            let mut finding = finding(id, 1, "a", "a");
            finding.claim.kind = *kind;
            finding.claim.relevance = 100 - id;
            finding
        };
        (1..).zip(kinds).map(one).collect()
    }

    #[test]
    fn what_has_a_chapter_is_set_apart_unless_it_answers() {
        use FindingKind::{Definition, Fact, Projection, Risk};
        let findings = list(&[Risk, Fact, Fact, Fact, Risk, Fact, Definition, Projection]);
        let apart: Vec<u32> = set_apart(findings.iter()).into_iter().map(|id| id.0).collect();
        assert_eq!(apart, [5, 7, 8]);
    }

    #[test]
    fn a_question_about_risks_keeps_them() {
        use FindingKind::{Fact, Risk};
        let findings = list(&[Risk, Risk, Fact, Risk, Risk, Risk]);
        assert!(set_apart(findings.iter()).is_empty());
    }
}
