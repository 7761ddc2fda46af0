//! What a job did, in the order in which it did it: for replies that list the calls of tools.

use crate::job::step::{StepId, StepState};
use crate::job::{End, Job, Phase, Timestamp};
use crate::research::PageId;
use std::collections::BTreeSet;

/// One thing that a job does. New ones are only ever added behind those there are, and an order once seen stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed<'a> {
    /// It took the question apart.
    Planned {
        /// The sub-questions.
        sub_questions: &'a [String],
    },
    /// It searches.
    Searched {
        /// Round, from 1.
        round: u32,
        /// Place among the round's queries, from 1.
        place: u32,
        /// What for.
        query: &'a str,
    },
    /// It opens a page.
    Opened {
        /// The page's number in this job.
        page: PageId,
        /// Its address.
        url: &'a str,
    },
}

/// How something goes. What is over stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Not over.
    Underway,
    /// It brought something.
    Done,
    /// It brought nothing.
    Failed,
}

impl Job {
    /// What the job did so far. At most one entry a plan, a query and a page: some 300.
    #[must_use]
    pub fn trail(&self) -> Vec<Deed<'_>> {
        let mut trail = Vec::new();
        if let Some(plan) = &self.plan {
            trail.push(Deed::Planned { sub_questions: &plan.sub_questions });
        }
        for (round, opened) in (1..).zip(&self.rounds) {
            let queries = (1..).zip(&opened.queries);
            trail.extend(queries.map(|(place, query)| Deed::Searched { round, place, query }));
            let pages = opened.pages.iter().filter_map(|page| self.chosen.get(page));
            trail.extend(pages.map(|chosen| Deed::Opened { page: chosen.id, url: &chosen.url }));
        }
        trail
    }

    /// How a deed goes.
    #[must_use]
    pub fn course(&self, deed: &Deed<'_>) -> Course {
        match deed {
            Deed::Planned { .. } => Course::Done,
            Deed::Searched { round, place, .. } => self.course_of_query(*round, *place),
            Deed::Opened { page, .. } => self.course_of_page(*page),
        }
    }

    /// Addresses that a query brought so far, each once, at most 20 of each provider; some answer late.
    #[must_use]
    pub fn found(&self, round: u32, query: u32) -> Vec<&str> {
        let steps =
            self.providers.iter().map(|provider| StepId::Search { round, query, provider: *provider });
        let mut seen = BTreeSet::new();
        let urls = steps.filter_map(|step| self.hits.get(&step)).flatten().map(|hit| hit.url.as_str());
        urls.filter(|url| seen.insert(*url)).collect()
    }

    /// When it was accepted.
    #[must_use]
    pub fn accepted_at(&self) -> Timestamp {
        self.accepted_at
    }

    /// When it ended; `None` while it lives.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.end.as_ref().map(|end| match end {
            End::Completed { at, .. } | End::Failed { at, .. } | End::Cancelled { at } => *at,
        })
    }

    /// Over with its round's searching when a provider has answered it, else with its round.
    fn course_of_query(&self, round: u32, query: u32) -> Course {
        let answered = self.providers.iter().any(|provider| {
            let step = StepId::Search { round, query, provider: *provider };
            self.steps.get(&step).is_some_and(|s| s.state == StepState::Done)
        });
        match self.phase {
            Phase::Searching(open) if open == round => Course::Underway,
            Phase::Reading(open) if open == round && !answered => Course::Underway,
            _ if answered => Course::Done,
            _ => Course::Failed,
        }
    }

    fn course_of_page(&self, page: PageId) -> Course {
        let settled = self.steps.get(&StepId::Read(page)).is_some_and(super::Step::is_settled);
        match (self.pages.contains_key(&page), self.rejected.contains_key(&page)) {
            (true, _) => Course::Done,
            (false, true) => Course::Failed,
            (false, false) if settled || self.is_terminal() => Course::Failed,
            (false, false) => Course::Underway,
        }
    }
}
