//! Who thinks: which model of a duty's chain gets a step, and when the built-in analyst does.

use crate::job::Job;
use crate::job::step::{Analyst, StepId, StepKind};
use crate::model::chain::ModelRef;

/// Steps in a row at which a model had to be replaced, after which it is asked no more: each may have cost 90 s of waiting
/// for a model that does not answer.
const REPLACED_MAX: u32 = 3;

impl Job {
    /// The models that may get a thinking step, best first.
    pub(in crate::job) fn chain(&self, step: StepId) -> &[ModelRef] {
        step.duty().map_or(&[], |duty| self.models.of(duty))
    }

    /// Which model an analyst is at a step; `None` for the built-in one.
    pub(in crate::job) fn model_of(&self, step: StepId, analyst: Analyst) -> Option<&ModelRef> {
        self.chain(step).get(place(analyst)?)
    }

    /// How often the model behind an analyst was replaced since it last answered.
    pub(super) fn replaced_at(&self, step: StepId, analyst: Analyst) -> u32 {
        self.model_of(step, analyst).and_then(|m| self.replaced.get(m)).copied().unwrap_or(0)
    }

    /// Who gets a step first: the best model that did not fail too often.
    pub(super) fn first_analyst(&self, step: StepId) -> Analyst {
        self.usable_from(step, 0)
    }

    /// Who gets a step after this one.
    pub(super) fn next_analyst(&self, step: StepId, analyst: Analyst) -> Analyst {
        place(analyst).map_or(Analyst::Extractive, |at| self.usable_from(step, at.saturating_add(1)))
    }

    fn usable_from(&self, step: StepId, from: usize) -> Analyst {
        // What is not thought is nobody's; it counts as configured, as journals always had it.
        if step.kind() != StepKind::Think {
            return Analyst::Configured;
        }
        let usable = |m: &ModelRef| self.replaced.get(m).copied().unwrap_or(0) < REPLACED_MAX;
        let at = self.chain(step).iter().enumerate().skip(from).find(|(_, m)| usable(m)).map(|(at, _)| at);
        match at {
            None => Analyst::Extractive,
            Some(0) => Analyst::Configured,
            Some(at) => Analyst::Fallback(u32::try_from(at).unwrap_or(u32::MAX)),
        }
    }
}

/// An analyst's place in its chain; `None` for the built-in one.
fn place(analyst: Analyst) -> Option<usize> {
    match analyst {
        Analyst::Configured => Some(0),
        Analyst::Fallback(at) => usize::try_from(at).ok(),
        Analyst::Extractive => None,
    }
}
