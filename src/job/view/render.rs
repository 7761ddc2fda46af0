//! The report in the form that a caller wants.

use crate::job::view::{CitationView, JobView, SourceView};
use crate::job::{End, Job};
use crate::research::report::{self, CitationStyle, Report};
use std::borrow::Cow;
use std::collections::BTreeSet;

impl Job {
    /// The report; `None` when there is none.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self.end.as_ref()? {
            End::Completed { report, .. } => Some(report),
            End::Failed { .. } | End::Cancelled { .. } => None,
        }
    }

    /// The report, no longer than wanted; `None` when there is none.
    #[must_use]
    pub fn report_within(&self, tokens_max: Option<u32>) -> Option<Cow<'_, Report>> {
        let report = self.report()?;
        Some(match tokens_max {
            Some(tokens_max) => Cow::Owned(report::fit(report, tokens_max)),
            None => Cow::Borrowed(report),
        })
    }

    /// The view with `report` in place of its own, citations written in `style`. Sources, citations, findings and
    /// conflicts become those that this report cites.
    pub fn show(&self, view: &mut JobView, report: &Report, style: CitationStyle) {
        let used: BTreeSet<String> = report.findings_used.iter().map(ToString::to_string).collect();
        view.report = Some(report::styled(report, style));
        view.answer.clone_from(&report.answer);
        view.answer_citations = report.answer_citations();
        view.sources = report.sources.iter().map(SourceView::from).collect();
        view.citations = report.citations.iter().map(CitationView::from).collect();
        view.findings = self.findings_view(Some(report), &report.ratings);
        view.findings.retain(|finding| used.contains(&finding.id));
        view.conflicts = self.conflicts_view(Some(report));
        view.conflicts.retain(|conflict| conflict.sides.iter().all(|side| used.contains(&side.finding)));
        view.output.clone_from(&report.output);
        view.sources_count = view.sources.len();
        view.findings_count = view.findings.len();
    }
}
