//! Which pages count as found, and which of them the report rests on.

use super::Job;
use crate::job::event::ChosenPage;
use crate::job::step::StepId;
use crate::model::chain::Duty;
use crate::order::sort_by_key;
use crate::research::PageId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Findings below this relevance, of 100, are quoted, but a page that has no better one is no reason to stop looking.
const USEFUL_RELEVANCE_MIN: u32 = 40;

impl Job {
    /// The page says something to the point.
    pub(super) fn is_useful(&self, page: PageId) -> bool {
        self.findings.values().any(|f| f.page == page && f.claim.relevance >= USEFUL_RELEVANCE_MIN)
    }

    /// How many pages do.
    pub(super) fn useful_pages(&self) -> u32 {
        let pages: BTreeSet<PageId> = self.findings.values().map(|f| f.page).collect();
        u32::try_from(pages.into_iter().filter(|page| self.is_useful(*page)).count()).unwrap_or(u32::MAX)
    }

    /// Useful pages that research looks for. The built-in analyst costs nothing and cannot tell a good page by its hit, so
    /// it has half again as many to choose from as the report may cite.
    pub(super) fn pages_sought(&self) -> u32 {
        let most = self.limits.sources_max;
        if self.models.of(Duty::Analyze).is_empty() { most.saturating_add(most.div_ceil(2)) } else { most }
    }

    /// The page was chosen as a spare one and given up before anything was asked for it.
    pub(super) fn is_spared(&self, page: PageId) -> bool {
        let started = self.steps.get(&StepId::Read(page)).is_some_and(|step| step.attempts > 0);
        !started && self.rejected.contains_key(&page) && !self.pages.contains_key(&page)
    }

    /// The pages that were of no use, with the reason; a spare one that was chosen again counts under its new number only.
    pub(super) fn turned_down(&self) -> impl Iterator<Item = (&ChosenPage, &String)> {
        let again = |page: &ChosenPage| {
            self.is_spared(page.id)
                && self.chosen.range(page.id..).skip(1).any(|(_, later)| later.url == page.url)
        };
        let pages = self.rejected.iter().filter_map(|(page, reason)| Some((self.chosen.get(page)?, reason)));
        pages.filter(move |(page, _)| !again(page))
    }

    /// The pages that the report may cite, no more than were asked for: those that the request names, then the best for
    /// each sub-question in turn.
    pub(super) fn cited_pages(&self) -> BTreeSet<PageId> {
        let most = usize::try_from(self.limits.sources_max).unwrap_or(usize::MAX);
        let mut best: BTreeMap<u32, BTreeMap<PageId, u32>> = BTreeMap::new();
        for finding in self.findings.values() {
            let of_page =
                best.entry(finding.claim.sub_question).or_default().entry(finding.page).or_insert(0);
            *of_page = (*of_page).max(finding.claim.relevance);
        }
        let mut queues: Vec<std::vec::IntoIter<PageId>> = Vec::new();
        for pages in best.into_values() {
            let mut pages: Vec<(PageId, u32)> = pages.into_iter().collect();
            // Pages are numbered as they were chosen, so that a low number is a good hit; what they say counts twice as much.
            sort_by_key(&mut pages, |(page, relevance)| (Reverse(*relevance), *page));
            let ordered: BTreeSet<PageId> = pages.iter().map(|(page, _)| *page).collect();
            let hit = |page: PageId| ordered.range(..page).count();
            let mut placed: Vec<(usize, PageId)> =
                pages.iter().enumerate().map(|(place, (page, _))| (place * 2 + hit(*page), *page)).collect();
            placed.sort_unstable();
            queues.push(placed.into_iter().map(|(_, page)| page).collect::<Vec<_>>().into_iter());
        }
        let named = self.start_pages.iter().filter(|page| self.findings.values().any(|f| f.page == **page));
        let mut cited: BTreeSet<PageId> = named.take(most).copied().collect();
        while cited.len() < most {
            let before: usize = queues.iter().map(ExactSizeIterator::len).sum();
            if before == 0 {
                break;
            }
            for queue in &mut queues {
                if cited.len() < most {
                    // A page that another sub-question brought in costs no turn.
                    if let Some(page) = queue.find(|page| !cited.contains(page)) {
                        cited.insert(page);
                    }
                }
            }
        }
        cited
    }
}
