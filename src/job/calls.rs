//! How often a job called others, for its account's numbers.

use super::Job;
use crate::job::step::{StepId, StepKind, StepState};
use crate::metrics::{CallCounts, Calls};

impl Job {
    /// Attempts by whom they went to. A thinking step counts for the model that had it last; what the built-in analyst did
    /// is no call.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        let mut counts = CallCounts::default();
        for (id, step) in &self.steps {
            let made = u64::from(step.attempts);
            let failed = made.saturating_sub(u64::from(step.state == StepState::Done));
            let place = match (id, id.kind()) {
                (StepId::Search { provider, .. }, _) => {
                    counts.search.entry(provider.name().to_owned()).or_default()
                }
                (_, StepKind::Read) => &mut counts.pages,
                _ => match self.model_of(*id, step.analyst) {
                    Some(model) => counts.model.entry(model.api.name().to_owned()).or_default(),
                    None => continue,
                },
            };
            *place =
                Calls { made: place.made.saturating_add(made), failed: place.failed.saturating_add(failed) };
        }
        counts
    }
}
