//! What a finished job hands on: its evidence to a follow-up, its findings to the next run of its schedule.

use crate::job::event::{ChosenPage, Event, InheritedPage, Previous};
use crate::job::{End, Job};
use crate::research::PageId;
use crate::research::changes::{Baseline, Changes, FINDINGS_MAX, KnownFinding, TEXT_CHARS_MAX, compare};
use crate::research::report::Report;
use crate::research::{Finding, FindingId};
use std::collections::BTreeSet;

/// Pages that a follow-up starts with: twice what a usual report cites.
const PAGES_MAX: usize = 20;
/// Longest summary that a follow-up is told, in characters.
const SUMMARY_CHARS_MAX: usize = 2_000;

/// What a follow-up inherits.
pub struct Inheritance {
    /// The fact for its journal.
    pub event: Event,
    /// Which stored texts go with it: their number here and there.
    pub texts: Vec<(PageId, PageId)>,
}

/// Question, summary and cited pages of a job that has a report.
#[must_use]
pub fn inheritance(job: &Job) -> Option<Inheritance> {
    let report = job.report()?;
    let cited = report.sources.iter().map(|s| s.page).take(PAGES_MAX);
    let texts: Vec<(PageId, PageId)> = cited.zip((1..).map(PageId)).collect();
    let page = |(here, there): &(PageId, PageId)| {
        let record = job.pages.get(here)?.clone();
        let document = job.chosen.get(here)?.document.clone();
        let chosen =
            ChosenPage { id: *there, url: record.url.clone(), title: record.title.clone(), document };
        Some(InheritedPage { chosen, record })
    };
    let summary = job.drafts.get(&crate::job::step::StepId::Summary).cloned().unwrap_or_default();
    let previous = Previous {
        job: job.id.clone(),
        question: job.request.query.clone(),
        summary: summary.chars().take(SUMMARY_CHARS_MAX).collect(),
    };
    let pages = texts.iter().filter_map(page).collect();
    Some(Inheritance { event: Event::Inherited { previous, pages }, texts })
}

impl Job {
    /// The findings of a job that has a report, those that it cites first, for a later run to compare with.
    #[must_use]
    pub fn baseline(&self) -> Option<Baseline> {
        let (Some(End::Completed { at, .. }), Some(report)) = (&self.end, self.report()) else { return None };
        Some(Baseline { job: self.id.clone(), ended_at: *at, findings: self.known_findings(report) })
    }

    /// What differs from the last run; `None` when there is none to compare with.
    pub(super) fn changes(&self, report: &Report) -> Option<Changes> {
        Some(compare(self.baseline.as_ref()?, &self.known_findings(report)))
    }

    fn known_findings(&self, report: &Report) -> Vec<KnownFinding> {
        let cited: BTreeSet<FindingId> = report.findings_used.iter().copied().collect();
        let first = report.findings_used.iter().filter_map(|id| self.findings.get(id));
        let rest = self.findings.values().filter(|f| !cited.contains(&f.id));
        let clip = |text: &str| text.chars().take(TEXT_CHARS_MAX).collect();
        let known = |f: &Finding| {
            let url = self.pages.get(&f.page)?.url.clone();
            Some(KnownFinding { fact: clip(&f.claim.fact), quote: clip(&f.claim.quote), url })
        };
        first.chain(rest).filter_map(known).take(FINDINGS_MAX).collect()
    }
}
