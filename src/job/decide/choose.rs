//! Which pages and queries come next.

use super::Draft;
use crate::job::Job;
use crate::job::budget::SOURCES_MAX;
use crate::job::event::ChosenPage;
use crate::research::PageId;
use crate::search::fusion;
use crate::web::canonical::canonical_url;
use std::collections::BTreeSet;
use url::Url;

/// Share of the missing sources, in percent, that one round (but the last) goes for: the rest is kept for follow-ups.
const ROUND_PERCENT: u32 = 60;
/// Pages chosen beyond those needed, in percent: about a third of all pages turn out unusable.
const SPARE_PERCENT: u32 = 30;
/// Longest title kept with a chosen page, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Pages of one registrable domain (or library host) in one choice, at least; more when a round needs many pages.
const PER_SITE_MIN: usize = 3;

impl Draft {
    /// The best pages not yet chosen: as many as the round still needs, and a few more.
    pub(super) fn choose(&self, round: u32) -> Vec<ChosenPage> {
        let job = &self.job;
        let useful = job.useful_pages();
        let missing = job.limits.sources_max.saturating_sub(useful);
        let quota = job.quota(round, useful);
        let left = job.limits.budget.pages.saturating_sub(job.ledger.reserved.pages);
        let wanted = quota.saturating_add(percent(quota, SPARE_PERCENT)).min(missing).min(left);
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let seen: BTreeSet<String> =
            job.chosen.values().filter_map(|p| Url::parse(&p.url).ok()).map(|u| canonical_url(&u)).collect();
        let rules = job.domain_rules();
        let lists: Vec<_> = job.hits.values().cloned().collect();
        let per_site_max = PER_SITE_MIN.max(wanted / 2);
        let next = job.chosen.keys().next_back().map_or(0, |p| p.0);
        let candidates = fusion::fuse(&lists, &rules, &seen, per_site_max);
        let numbered = (next.saturating_add(1)..).zip(candidates.into_iter().take(wanted));
        numbered
            .map(|(id, c)| ChosenPage {
                id: PageId(id),
                url: c.url,
                title: c.title.chars().take(TITLE_CHARS_MAX).collect(),
                document: c.document,
            })
            .collect()
    }
}

/// Queries that were not asked before, in order, each once; compared without case and outer blanks.
pub(super) fn fresh_queries(proposed: Vec<String>, asked: &[String], max: usize) -> Vec<String> {
    let key = |q: &str| q.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut known: BTreeSet<String> = asked.iter().map(|q| key(q)).collect();
    let mut fresh = Vec::new();
    for query in proposed {
        let k = key(&query);
        if !k.is_empty() && known.insert(k) && fresh.len() < max {
            fresh.push(query);
        }
    }
    fresh
}

/// `share` percent of `n`, rounded up.
pub(super) fn percent(n: u32, share: u32) -> u32 {
    n.min(SOURCES_MAX).saturating_mul(share).div_ceil(100)
}

impl Job {
    /// Pages that a round goes for when `useful` pages had brought findings before it.
    pub(in crate::job) fn quota(&self, round: u32, useful: u32) -> u32 {
        let missing = self.limits.sources_max.saturating_sub(useful);
        if round >= self.rounds_allowed() { missing } else { percent(missing, ROUND_PERCENT) }
    }
}
