//! Keeping one source from speaking for all, where others say the same.

use super::super::audit::{Audited, Book, audit_sparing};
use super::super::{Finding, FindingId, PageId};
use super::Section;
use std::collections::{BTreeMap, BTreeSet};

/// Fewest marks from which a share means anything.
const MARKS_MIN: u32 = 4;

/// Summary and sections with marks of a source that holds more than half of them given to other findings that bear
/// the same words out, as far as there are such and no further than half.
pub(super) fn spread(
    summary: String,
    sections: Vec<Section>,
    findings: &BTreeMap<FindingId, &Finding>,
    book: &Book,
) -> (String, Vec<Section>) {
    let mut uses: BTreeMap<PageId, u32> = BTreeMap::new();
    for text in sections.iter().map(|s| s.markdown.as_str()).chain([summary.as_str()]) {
        for id in marks(text) {
            if let Some(finding) = findings.get(&id) {
                *uses.entry(finding.page).or_insert(0) += 1;
            }
        }
    }
    let total: u32 = uses.values().sum();
    let Some((page, most)) = uses.into_iter().max_by_key(|(_, n)| *n) else { return (summary, sections) };
    if total < MARKS_MIN || most * 2 <= total {
        return (summary, sections);
    }
    let spare: BTreeSet<FindingId> = findings.values().filter(|f| f.page == page).map(|f| f.id).collect();
    let mut left = most - total / 2;
    let mut relieve = |text: String, allowed: &BTreeMap<FindingId, &Finding>| {
        let before = count_of(&text, &spare);
        let audited: Audited = audit_sparing(&text, allowed, (&spare, left), book);
        if audited.unsupported_sentences > 0 {
            return text;
        }
        left = left.saturating_sub(before.saturating_sub(count_of(&audited.markdown, &spare)));
        audited.markdown
    };
    let sections = sections
        .into_iter()
        .map(|section| {
            let allowed = section.allowed.iter().filter_map(|id| Some((*id, *findings.get(id)?))).collect();
            Section { markdown: relieve(section.markdown, &allowed), ..section }
        })
        .collect();
    (relieve(summary, findings), sections)
}

fn count_of(text: &str, ids: &BTreeSet<FindingId>) -> u32 {
    u32::try_from(marks(text).filter(|id| ids.contains(id)).count()).unwrap_or(u32::MAX)
}

/// The marks of audited text.
pub(super) fn marks(text: &str) -> impl Iterator<Item = FindingId> {
    text.split("[F").skip(1).filter_map(|t| t.split_once(']')?.0.parse().ok().map(FindingId))
}
