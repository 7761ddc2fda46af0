//! What can be read before the end.

use crate::job::decide::Draft;
use crate::job::event::Event;
use crate::job::{Job, Timestamp};

impl Job {
    /// Rounds that are over.
    #[must_use]
    pub fn rounds_closed(&self) -> u32 {
        self.rounds_closed
    }

    /// A report on what is known at `now`, written by the built-in analyst and audited like any other; `None` before the
    /// first round is over, without findings, and once the report itself stands. Takes some milliseconds to compute.
    #[must_use]
    pub fn partial_report(&self, now: Timestamp) -> Option<String> {
        if self.is_terminal() || self.rounds_closed == 0 || self.findings.is_empty() {
            return None;
        }
        let mut draft = Draft { job: self.clone(), events: Vec::new(), now };
        draft.job.outline.clear();
        draft.job.drafts.clear();
        draft.job.steps.retain(|step, _| !step.is_writing());
        draft.end_at_deadline();
        let report = draft.events.into_iter().find_map(|event| match event {
            Event::Completed { report, .. } => Some(report),
            _ => None,
        })?;
        let rounds = self.rounds_closed;
        let note = format!("> **Partial report** after round {rounds}: the research is not over.");
        let (title, rest) = report.markdown.split_once('\n').unwrap_or((&report.markdown, ""));
        Some(format!("{title}\n\n{note}\n{rest}"))
    }
}
