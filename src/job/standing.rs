//! How each search provider fared in this job, and what a reader is told of it.

use crate::job::event::Event;
use crate::job::step::{StepId, StepState};
use crate::job::{Job, Phase, Timestamp};
use crate::search::Provider;

/// What is known of a provider. Folded from the facts about its searches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Searches that it answered.
    pub(super) answered: u32,
    /// Searches that it refused for good.
    refusals: u32,
    /// Why its latest search failed; none once it answered again.
    pub(super) trouble: Option<String>,
    /// It asked to be asked less: from then on it is asked one search at a time.
    pub(super) throttled: bool,
    /// It wants no search before.
    pub(super) resume_at: Timestamp,
    /// The latest round in which one of its searches was given up; none once it answered again.
    pub(super) given_up_in: Option<u32>,
}

impl Standing {
    /// It will not answer in this job: it refused before it ever answered (a wrong key), or more than once. A single
    /// refusal by one that answers may be the query's fault.
    pub(super) fn is_refused(&self) -> bool {
        self.refusals > u32::from(self.answered > 0)
    }
}

impl Job {
    /// What a fact says of a provider.
    pub(super) fn note_standing(&mut self, event: &Event) {
        match event {
            // Whoever copies a job may have mended a key in the meantime.
            Event::Forked { .. } => self.standings.clear(),
            Event::StepSucceeded { step: StepId::Search { provider, .. }, .. } => {
                let standing = self.standings.entry(*provider).or_default();
                standing.answered = standing.answered.saturating_add(1);
                (standing.trouble, standing.given_up_in) = (None, None);
            }
            Event::StepRetried {
                step: StepId::Search { provider, .. },
                failed: true,
                cause,
                retry_at,
                throttled,
                ..
            } => {
                let standing = self.standings.entry(*provider).or_default();
                standing.trouble = Some(cause.clone());
                if *throttled {
                    standing.throttled = true;
                    standing.resume_at = standing.resume_at.max(*retry_at);
                }
            }
            Event::StepFailed {
                step: StepId::Search { provider, round, .. },
                cause,
                refused,
                unasked,
                ..
            } => {
                if *unasked {
                    return;
                }
                let standing = self.standings.entry(*provider).or_default();
                standing.trouble = Some(cause.clone());
                standing.given_up_in = Some(*round);
                standing.refusals = standing.refusals.saturating_add(u32::from(*refused));
            }
            Event::TimeSkipped { by_ms, .. } => {
                for standing in self.standings.values_mut() {
                    standing.resume_at = Timestamp(standing.resume_at.0.saturating_add(*by_ms));
                }
            }
            _ => {}
        }
    }

    /// What is known of a provider; the default for one that was not asked yet.
    pub(super) fn standing(&self, provider: Provider) -> Standing {
        self.standings.get(&provider).cloned().unwrap_or_default()
    }

    /// What went wrong without ending the job, one plain sentence each: providers that were left out of searches, models that
    /// stood in for others, what was too long for a model.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let left_out = self.providers.iter().filter_map(|provider| self.left_out(*provider));
        left_out.chain(self.model_warnings()).collect()
    }

    fn left_out(&self, provider: Provider) -> Option<String> {
        let (mut all, mut out, mut why) = (0_u32, 0_u32, None);
        for (round, opened) in (1..).zip(&self.rounds) {
            let is_over = self.phase != Phase::Searching(round);
            for query in (1..).zip(&opened.queries).map(|(query, _)| query) {
                if query > u32::try_from(provider.pace().queries_max).unwrap_or(u32::MAX) {
                    break;
                }
                all = all.saturating_add(1);
                match self.steps.get(&StepId::Search { round, query, provider }).map(|step| &step.state) {
                    Some(StepState::Failed { cause }) => {
                        why = Some(cause.clone());
                        out = out.saturating_add(1);
                    }
                    Some(_) => {}
                    None => out = out.saturating_add(u32::from(is_over)),
                }
            }
        }
        // Without a failed search nobody was left out: a job that has just begun, or one that was ended.
        let why = why?;
        let searches = if all == 1 { "search" } else { "searches" };
        Some(format!("{provider} was left out of {out} of {all} {searches}: {why}"))
    }
}
