//! Which pages and queries come next.

use super::Draft;
use super::tail::Harvest;
use crate::job::budget::SOURCES_MAX;
use crate::job::event::ChosenPage;
use crate::job::step::StepId;
use crate::job::{Job, Timestamp, WIDTH};
use crate::research::PageId;
use crate::search::fusion::{self, DomainRules, List};
use crate::search::{Hit, Topic};
use crate::web::canonical::canonical_url;
use std::collections::BTreeSet;
use url::Url;

/// Share of the missing sources, in percent, that one round (but the last) goes for: the rest is kept for follow-ups.
const ROUND_PERCENT: u32 = 60;
/// Share of the pages that the first round goes for, in percent, that are read before there is a plan.
const FORESEEN_PERCENT: u32 = 50;
/// Pages chosen beyond those needed, in percent: about a third of all pages turn out unusable.
const SPARE_PERCENT: u32 = 30;
/// Longest title kept with a chosen page, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Weight of a list from a provider that knows another field than the topic's, in percent: papers and repositories come
/// behind what knows everything.
const ASIDE_PERCENT: u64 = 50;
/// Weight of a list of the round that is open when earlier ones have lists too, in percent: its queries go for what those
/// left out.
const FOLLOW_UP_PERCENT: u64 = 200;
/// Pages of one registrable domain in one choice, at least; more when a round needs many pages.
const PER_SITE_MIN: usize = 3;

impl Draft {
    /// The pages that the request names, as many as the report may rest on. The others come before any hit when one of
    /// these is of no use.
    pub(super) fn choose_start_pages(&self) -> Vec<ChosenPage> {
        let job = &self.job;
        let wanted = usize::try_from(job.limits.sources_max.min(job.limits.budget.pages)).unwrap_or(0);
        job.numbered(self.unread_start_pages(&mut job.seen()).into_iter().take(wanted))
    }

    /// The best of what the question's own words found: as many as the connections beside the plan's read at once, and no
    /// more than half of what the first round goes for, since the plan's queries know better.
    pub(super) fn choose_foreseen(&self) -> Vec<ChosenPage> {
        let most = percent(self.job.quota(1, 0), FORESEEN_PERCENT).min(self.job.limits.budget.pages);
        self.best_pages(1, usize::try_from(most).unwrap_or(0).min(WIDTH.saturating_sub(1)))
    }

    /// The best pages not yet chosen: as many as the round still needs, and a few more.
    pub(super) fn choose(&self, round: u32) -> Vec<ChosenPage> {
        let job = &self.job;
        let useful = job.useful_pages();
        let missing = job.pages_sought().saturating_sub(useful);
        let quota = job.quota(round, useful);
        let open = job.open_pages(round, self.now);
        let left = job.limits.budget.pages.saturating_sub(job.ledger.reserved.pages);
        let wanted = quota.saturating_add(percent(quota, SPARE_PERCENT)).min(missing).min(left);
        self.best_pages(round, usize::try_from(wanted.saturating_sub(open)).unwrap_or(0))
    }

    /// Pages beside those that are slow, while others are still open, as far as the round lacks them. Where everybody waits
    /// for models, in the place of those that were of no use, too.
    pub(super) fn choose_in_place(&self, round: u32) -> Vec<ChosenPage> {
        let job = &self.job;
        let useless = |p: &PageId| job.limits.overlaps && job.page_settled(*p) && !job.is_useful(*p);
        let lost = job.pages_of(round).iter().filter(|p| useless(p) || job.is_slow(**p, self.now)).count();
        let Harvest { useful, quota } = job.harvest(round);
        let counted_on = useful.saturating_add(job.open_pages(round, self.now));
        let left = job.limits.budget.pages.saturating_sub(job.ledger.reserved.pages);
        let lacking = usize::try_from(quota.saturating_sub(counted_on).min(left)).unwrap_or(0);
        self.best_pages(round, lacking.min(lost))
    }

    /// The `wanted` best pages not yet chosen.
    fn best_pages(&self, round: u32, wanted: usize) -> Vec<ChosenPage> {
        let job = &self.job;
        let mut seen = job.seen();
        let start_pages = self.unread_start_pages(&mut seen);
        let rules = job.domain_rules();
        let topic = job.request.topic.as_deref().and_then(Topic::from_name);
        let weight = |step: &StepId| match step {
            StepId::Search { provider, .. } if !provider.knows(topic) => ASIDE_PERCENT,
            StepId::Search { round: asked, .. } if round > 1 && *asked == round => FOLLOW_UP_PERCENT,
            _ => 100,
        };
        let weighed =
            |(step, hits): (&StepId, &Vec<Hit>)| List { hits: hits.clone(), weight_percent: weight(step) };
        let lists: Vec<List> = job.hits.iter().map(weighed).collect();
        let per_site_max = PER_SITE_MIN.max(wanted / 2);
        let hits = fusion::fuse(&lists, &rules, &seen, per_site_max);
        let hits = hits.into_iter().map(|c| (c.url, c.title, c.document));
        job.numbered(start_pages.into_iter().chain(hits).take(wanted))
    }

    /// Start pages that are not in `seen`, which they are added to. Whoever names a page means it, whatever domains are
    /// asked for, but an excluded domain stays excluded.
    fn unread_start_pages(&self, seen: &mut BTreeSet<String>) -> Vec<Unnumbered> {
        let rules = DomainRules { include: Vec::new(), ..self.job.domain_rules() };
        let named = self.job.request.start_urls.iter().filter_map(|url| Url::parse(url).ok());
        named
            .filter(|url| rules.allow(url) && seen.insert(canonical_url(url)))
            .map(|url| (url.to_string(), url.into(), None))
            .collect()
    }
}

/// A page to be chosen: its address, title, and document of the library.
type Unnumbered = (String, String, Option<String>);

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
    /// Canonical URLs of all pages that were ever chosen, but for those that were spared: they may be needed later.
    fn seen(&self) -> BTreeSet<String> {
        let asked = self.chosen.values().filter(|page| !self.is_spared(page.id));
        let urls = asked.filter_map(|page| Url::parse(&page.url).ok());
        urls.map(|url| canonical_url(&url)).collect()
    }

    /// Whether the hits that are known hold as many unread pages as the report still may rest on.
    pub(in crate::job) fn has_hits_enough(&self) -> bool {
        self.unread_hits() >= self.pages_sought().saturating_sub(self.useful_pages())
    }

    /// Pages among the hits that were never chosen.
    pub(super) fn unread_hits(&self) -> u32 {
        let mut seen = self.seen();
        let urls = self.hits.values().flatten().filter_map(|hit| Url::parse(&hit.url).ok());
        let unread = urls.filter(|url| seen.insert(canonical_url(url))).count();
        u32::try_from(unread).unwrap_or(u32::MAX)
    }

    /// Pages with the numbers that follow the last one.
    fn numbered(&self, pages: impl Iterator<Item = Unnumbered>) -> Vec<ChosenPage> {
        let next = self.chosen.keys().next_back().map_or(0, |page| page.0).saturating_add(1);
        let page = |(id, (url, title, document)): (u32, Unnumbered)| ChosenPage {
            id: PageId(id),
            url,
            title: title.chars().take(TITLE_CHARS_MAX).collect(),
            document,
        };
        (next..).zip(pages).map(page).collect()
    }

    /// Pages whose outcome is open: each may still become a source. One that is slow is no longer counted on.
    fn open_pages(&self, round: u32, now: Timestamp) -> u32 {
        let pages = self.pages_of(round).iter();
        let open = pages.filter(|page| !self.page_settled(**page) && !self.is_slow(**page, now));
        u32::try_from(open.count().saturating_add(self.outstanding(round).count())).unwrap_or(u32::MAX)
    }

    /// Pages that a round goes for when `useful` pages had brought findings before it.
    pub(in crate::job) fn quota(&self, round: u32, useful: u32) -> u32 {
        let missing = self.pages_sought().saturating_sub(useful);
        if round >= self.rounds_allowed() { missing } else { percent(missing, ROUND_PERCENT) }
    }
}
