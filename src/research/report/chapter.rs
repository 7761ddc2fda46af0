//! The chapters that a report may have, in their order.

use super::phrases::{Phrase, Phrases};
use serde::{Deserialize, Serialize};

/// A chapter. Those without anything to say are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chapter {
    /// The answer and the main points.
    Summary,
    /// What terms mean, as far as the findings do not say it.
    Context,
    /// What the sections say, one for each part of the question.
    Findings,
    /// Figures in a table.
    Statistics,
    /// What is expected to happen.
    Projections,
    /// Dangers, drawbacks and limitations.
    Risks,
    /// Findings that disagree.
    Conflicts,
    /// How it was made and how far it can be trusted.
    Methodology,
    /// What was not found out.
    Gaps,
    /// How old the evidence is.
    Temporal,
    /// Pages that were read in vain, where nothing was found at all.
    Unhelpful,
    /// The pages that are cited.
    Sources,
}

impl Chapter {
    const ALL: [Self; 12] = [
        Self::Summary,
        Self::Context,
        Self::Findings,
        Self::Statistics,
        Self::Projections,
        Self::Risks,
        Self::Conflicts,
        Self::Methodology,
        Self::Gaps,
        Self::Temporal,
        Self::Unhelpful,
        Self::Sources,
    ];

    /// Its heading.
    pub(super) const fn title(self) -> Phrase {
        match self {
            Self::Summary => Phrase::Summary,
            Self::Context => Phrase::Context,
            Self::Findings => Phrase::Findings,
            Self::Statistics => Phrase::Statistics,
            Self::Projections => Phrase::Projections,
            Self::Risks => Phrase::Risks,
            Self::Conflicts => Phrase::Conflicts,
            Self::Methodology => Phrase::Methodology,
            Self::Gaps => Phrase::Gaps,
            Self::Temporal => Phrase::Temporal,
            Self::Unhelpful => Phrase::Unhelpful,
            Self::Sources => Phrase::Sources,
        }
    }

    /// The chapter with this English heading: reports of older releases do not name theirs.
    pub(super) fn of_title(title: &str) -> Option<Self> {
        let english = Phrases::of(None);
        Self::ALL.into_iter().find(|chapter| english.get(chapter.title()) == title)
    }

    /// Whether everything in it is a statement about the subject, and so needs a source.
    pub(super) const fn states(self) -> bool {
        matches!(
            self,
            Self::Context
                | Self::Findings
                | Self::Statistics
                | Self::Projections
                | Self::Risks
                | Self::Conflicts
        )
    }
}
