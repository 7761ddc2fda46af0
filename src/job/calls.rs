//! How often a job called others, for its account's numbers.

use super::Job;
use crate::job::step::{StepId, StepKind, StepState};
use crate::metrics::{CallCounts, Calls};
use crate::model::chain::ModelRef;

impl Job {
    /// Attempts by whom they went to, but those of the job that this one was copied from. What the built-in analyst did is
    /// no call.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        let model = self.model_calls.iter().map(|(api, calls)| ((*api).to_owned(), *calls)).collect();
        let mut counts = CallCounts { model, ..CallCounts::default() };
        for (id, step) in &self.steps {
            let made = u64::from(step.attempts);
            let failed = made.saturating_sub(u64::from(step.state == StepState::Done));
            let place = match (id, id.kind()) {
                (StepId::Search { provider, .. }, _) => {
                    counts.search.entry(provider.name().to_owned()).or_default()
                }
                (_, StepKind::Read) => &mut counts.pages,
                _ => continue,
            };
            *place =
                Calls { made: place.made.saturating_add(made), failed: place.failed.saturating_add(failed) };
        }
        counts.since(&self.copied)
    }

    /// A model is called, or its call has failed.
    pub(super) fn called(&mut self, model: &ModelRef, begins: bool) {
        let calls = self.model_calls.entry(model.api.name()).or_default();
        let number = if begins { &mut calls.made } else { &mut calls.failed };
        *number = number.saturating_add(1);
    }

    /// The calls of the job that this one is a copy of, whose answers never come here: nor is it this one's that they failed.
    pub(super) fn calls_of_copy(&self) -> CallCounts {
        let mut copied = self.calls();
        for (id, step) in self.steps.iter().filter(|(_, step)| step.is_running()) {
            if let Some(model) = self.model_of(*id, step.analyst) {
                let calls = copied.model.entry(model.api.name().to_owned()).or_default();
                calls.failed = calls.failed.saturating_add(1);
            }
        }
        copied
    }

    /// All that is out is broken off.
    pub(super) fn calls_broken_off(&mut self) {
        let out = self.steps.iter().filter(|(_, step)| step.is_running());
        let out: Vec<StepId> = out.map(|(id, _)| *id).collect();
        for step in out {
            self.call_failed(step);
        }
    }

    /// The call that is out for a thinking step has failed, under the model that had it.
    pub(super) fn call_failed(&mut self, step: StepId) {
        let running = self.steps.get(&step).filter(|s| matches!(s.state, StepState::Running { .. }));
        if let Some(model) = running.and_then(|s| self.model_of(step, s.analyst)).cloned() {
            self.called(&model, false);
        }
    }
}
