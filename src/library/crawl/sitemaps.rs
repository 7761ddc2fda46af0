//! The sitemaps of a crawl: which are read, and what follows from them.

use super::scope::followable;
use super::{Crawl, INTERRUPTIONS_MAX, Sitemaps, digest};
use crate::library::sitemap::Sitemap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use url::Url;

/// A sitemap to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitemapTarget {
    /// Absolute URL without fragment; still to be admitted like any other.
    pub url: String,
    /// It is a robots.txt, which only names sitemaps.
    pub is_robots: bool,
    /// Indexes that it was reached through.
    level: u32,
}

/// Most sitemaps of one crawl: at up to 50,000 pages each, far more than its pages.
const SITEMAPS_MAX: usize = 50;
/// Indexes within indexes: the protocol has one level, some sites have two.
const LEVELS_MAX: u32 = 3;

/// Sitemaps that wait. As text 50 x (512 bytes of URL, 60 around it, 21 for its digest): 30,000 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Queue {
    waiting: VecDeque<SitemapTarget>,
    /// Handed out, outcome unknown, and how often a restart came in the meantime.
    open: Option<(SitemapTarget, u32)>,
    /// Digests of all that ever waited.
    known: BTreeSet<u64>,
    pub(super) read: u32,
}

impl Queue {
    pub(super) fn of(sitemaps: Option<&Sitemaps>, start: &Url) -> Self {
        let mut queue = Self::default();
        match sitemaps {
            None => {}
            Some(Sitemaps::At(url)) => queue.add(url.clone(), false, 0),
            Some(Sitemaps::Found) => queue.add_at(start, "/robots.txt", true),
        }
        queue
    }

    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.open.is_none()
    }

    pub(super) fn stop(&mut self) {
        self.waiting.clear();
        self.open = None;
    }

    fn add(&mut self, url: Url, is_robots: bool, level: u32) {
        if let Some(url) = followable(url)
            && level <= LEVELS_MAX
            && self.known.len() < SITEMAPS_MAX
            && self.known.insert(digest(url.as_str()))
        {
            self.waiting.push_back(SitemapTarget { url: url.into(), is_robots, level });
        }
    }

    fn add_at(&mut self, site: &Url, path: &str, is_robots: bool) {
        if let Ok(url) = site.join(path) {
            self.add(url, is_robots, 0);
        }
    }
}

impl Crawl {
    /// The sitemap that is to be read now: the same until its outcome is told.
    pub fn next_sitemap(&mut self) -> Option<SitemapTarget> {
        if self.sitemaps.open.is_none() {
            self.sitemaps.open = self.sitemaps.waiting.pop_front().map(|next| (next, 0));
        }
        self.sitemaps.open.as_ref().map(|(target, _)| target.clone())
    }

    /// Takes note of what the sitemap that was handed out lists, or why it could not be read. `current` gives the links of
    /// a page that is stored and has not changed since (its URL, its `lastmod`): such a page counts as unchanged unread.
    pub fn sitemap_read(
        &mut self,
        outcome: Result<Sitemap, String>,
        current: impl Fn(&Url, &str) -> Option<Vec<String>>,
    ) {
        let Some((target, _)) = self.sitemaps.open.take() else { return };
        let Ok(base) = Url::parse(&target.url) else { return };
        match outcome {
            // Where nothing is said there may be one at the usual place.
            Err(_) if target.is_robots => self.sitemaps.add_at(&base, "/sitemap.xml", false),
            Ok(named) if target.is_robots && named.sitemaps.is_empty() => {
                self.sitemaps.add_at(&base, "/sitemap.xml", false);
            }
            Err(cause) => self.note_failure(target.url, &cause),
            Ok(Sitemap { pages, sitemaps }) => {
                self.sitemaps.read = self.sitemaps.read.saturating_add(u32::from(!target.is_robots));
                for url in sitemaps.iter().filter_map(|url| base.join(url).ok()) {
                    self.sitemaps.add(url, false, target.level.saturating_add(1));
                }
                for page in pages {
                    let url =
                        Url::parse(&page.url).ok().filter(|url| self.is_in_scope(url)).and_then(followable);
                    let Some(url) = url else { continue };
                    match page.lastmod.and_then(|lastmod| current(&url, &lastmod)) {
                        Some(links) => self.pass_over(&url, &links),
                        None => self.admit(url, 0),
                    }
                }
            }
        }
    }

    /// A page that need not be read.
    fn pass_over(&mut self, url: &Url, links: &[String]) {
        if self.room() == 0 {
            self.left_out = self.left_out.saturating_add(1);
        } else if self.register(url, 0) {
            self.unchanged = self.unchanged.saturating_add(1);
            self.follow(url.as_str(), 0, links);
        }
    }

    /// After a restart: a sitemap that was being read comes again, but not for ever.
    pub(super) fn resume_sitemap(&mut self) {
        let Some((target, interrupted)) = self.sitemaps.open.take() else { return };
        let times = interrupted.saturating_add(1);
        if times < INTERRUPTIONS_MAX {
            self.sitemaps.open = Some((target, times));
        } else {
            self.note_failure(target.url, &format!("its reading was interrupted {INTERRUPTIONS_MAX} times"));
        }
    }
}
