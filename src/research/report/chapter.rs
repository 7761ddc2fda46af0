//! The chapters that a report may have, in their order.

use serde::{Deserialize, Serialize};

/// A chapter. Those without anything to say are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chapter {
    /// The answer and the main points.
    Summary,
    /// What the sections say, one for each part of the question.
    Findings,
    /// Figures in a table.
    Statistics,
    /// Dangers, drawbacks and limitations.
    Risks,
    /// Findings that disagree.
    Conflicts,
    /// How it was made and how far it can be trusted.
    Methodology,
    /// What was not found out.
    Gaps,
    /// Pages that were read in vain, where nothing was found at all.
    Unhelpful,
    /// The pages that are cited.
    Sources,
}

impl Chapter {
    /// Its heading.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Summary => "Executive Summary",
            Self::Findings => "Key Findings",
            Self::Statistics => "Data & Statistics",
            Self::Risks => "Risk Factors",
            Self::Conflicts => "Conflicting Evidence",
            Self::Methodology => "Methodology & Data Quality",
            Self::Gaps => "Data Gaps",
            Self::Unhelpful => "Pages Read That Did Not Answer",
            Self::Sources => "Sources",
        }
    }

    /// The chapter with this heading: reports of older releases do not name theirs.
    pub(super) fn of_title(title: &str) -> Option<Self> {
        const ALL: [Chapter; 9] = [
            Chapter::Summary,
            Chapter::Findings,
            Chapter::Statistics,
            Chapter::Risks,
            Chapter::Conflicts,
            Chapter::Methodology,
            Chapter::Gaps,
            Chapter::Unhelpful,
            Chapter::Sources,
        ];
        ALL.into_iter().find(|chapter| chapter.title() == title)
    }
}
