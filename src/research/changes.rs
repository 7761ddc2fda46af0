//! What differs between two runs of the same question.

use crate::job::Timestamp;
use serde::{Deserialize, Serialize};

/// What an earlier run found, as far as a comparison needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The earlier job.
    pub job: String,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Its findings, those that its report cites first.
    pub findings: Vec<KnownFinding>,
}

/// A finding without the job around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFinding {
    /// The statement.
    pub fact: String,
    /// The page's words.
    pub quote: String,
    /// The page.
    pub url: String,
}

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The run compared with.
    pub previous_job: String,
    /// Findings that nothing of the earlier run says.
    pub new: Vec<KnownFinding>,
    /// Findings whose page now says something else.
    pub changed: Vec<ChangedFinding>,
    /// Findings of the earlier run that nothing says any more.
    pub gone: Vec<KnownFinding>,
    /// Findings of the earlier run that another source now contradicts.
    pub contradicted: Vec<ChangedFinding>,
    /// Findings that stayed the same.
    pub unchanged: u32,
}

/// The same thing, said differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFinding {
    /// As it was.
    pub old: KnownFinding,
    /// As it is.
    pub new: KnownFinding,
}

impl Changes {
    /// Nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty() && self.contradicted.is_empty()
    }

    /// How many of each.
    #[must_use]
    pub fn counts(&self) -> ChangeCounts {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        ChangeCounts {
            new: count(self.new.len()),
            changed: count(self.changed.len()),
            gone: count(self.gone.len()),
            contradicted: count(self.contradicted.len()),
            unchanged: self.unchanged,
        }
    }
}

/// [`Changes`] as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// See [`Changes::new`].
    pub new: u32,
    /// See [`Changes::changed`].
    pub changed: u32,
    /// See [`Changes::gone`].
    pub gone: u32,
    /// See [`Changes::contradicted`].
    pub contradicted: u32,
    /// See [`Changes::unchanged`].
    pub unchanged: u32,
}

impl ChangeCounts {
    /// Nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new == 0 && self.changed == 0 && self.gone == 0 && self.contradicted == 0
    }
}
