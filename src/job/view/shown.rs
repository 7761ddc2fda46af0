//! A view for the many who ask between two facts: what does not change until the next one is made once.

use super::JobView;
use crate::job::{Job, Timestamp};
use crate::research::confidence::{self, Asked, Rating};
use crate::research::report::Report;
use crate::research::{Finding, FindingId};
use std::collections::BTreeMap;

/// The JSON of a view, cut where its age stands: of a live job only that moves without a fact.
pub struct Shown {
    head: String,
    tail: String,
}

/// What comes before the age. A view's own field comes first: what stands before it has no keys of others, and inside a
/// string the quotes would be escaped.
const AGE: &str = "\"elapsed_ms\":";

impl Shown {
    /// The view as it is sent. Fails where JSON cannot hold it, which no view does.
    pub fn of(view: &JobView) -> serde_json::Result<Self> {
        let mut head = serde_json::to_string(view)?;
        let at = head.find(AGE).map_or(head.len(), |at| at.saturating_add(AGE.len()));
        let rest = head.split_off(at);
        let tail = rest.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
        Ok(Self { head, tail })
    }

    /// The same after so many milliseconds.
    #[must_use]
    pub fn at(&self, elapsed_ms: u64) -> String {
        let Self { head, tail } = self;
        format!("{head}{elapsed_ms}{tail}")
    }
}

/// How far the findings of a live job can be trusted, as an earlier view found out: each is compared with all others,
/// which takes some milliseconds, and most facts bring none.
#[derive(Debug, Default)]
pub struct Rated {
    /// Findings and steerings: findings are only added, but where a steering drops some.
    of: Option<(usize, usize)>,
    ratings: BTreeMap<FindingId, Rating>,
}

impl Rated {
    /// The report's, or those of the findings so far.
    pub(super) fn of<'a>(
        &'a mut self,
        job: &Job,
        report: Option<&'a Report>,
    ) -> &'a BTreeMap<FindingId, Rating> {
        if let Some(report) = report {
            return &report.ratings;
        }
        let of = Some((job.findings.len(), job.steerings.len()));
        if self.of != of {
            let findings: Vec<Finding> = job.findings.values().cloned().collect();
            let asked = Asked::new(job.question(), &job.accepted_at.to_date());
            *self = Self { of, ratings: confidence::rate(&findings, &job.pages, &asked) };
        }
        &self.ratings
    }
}

impl Job {
    /// Since acceptance, in milliseconds; stands still at the end.
    #[must_use]
    pub fn elapsed_ms(&self, now: Timestamp) -> u64 {
        self.ended_at().unwrap_or(now).ms_since(self.accepted_at)
    }
}
