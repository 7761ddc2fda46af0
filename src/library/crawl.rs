//! The state of one crawl: which pages of a site are known, waiting, handed out and done. Breadth first, bounded, and
//! small enough to be one row of a database.

mod scope;
mod sitemaps;
#[cfg(test)]
mod tests;

pub use sitemaps::SitemapTarget;

use crate::job::Timestamp;
use crate::library::collection::Collection;
use crate::web::canonical::{canonical_url, host_key};
use scope::{URL_BYTES_MAX, digest, folder, followable, is_page};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use thiserror::Error;
use url::Url;

/// Most pages of one crawl.
pub const PAGES_MAX: u32 = 2_000;
/// Most links from the start page to a page.
pub const DEPTH_MAX: u32 = 20;
/// URLs admitted for each page wanted: every second one may fail or turn out to be something else.
const KNOWN_PER_PAGE: u32 = 2;
/// Most bytes of URLs waiting or handed out.
///
/// This bounds the serialized state: 600,000 bytes of URLs, 4,000 x 16 around them (`["",20],` and two quotes more at
/// most), 4,000 x 21 for known pages (a 64-bit number and a comma), 4,000 x 25 for paths (number, count, marks),
/// 50 x 1,400 for failures, 30,000 for sitemaps, 2,000 for the rest: 950,000 bytes, below the 1 MB of a stored value.
const WAITING_BYTES_MAX: usize = 600_000;
/// Most variants of one path that differ in their query: enough for pages of a list, few for a calendar without end.
const QUERY_VARIANTS_MAX: u32 = 32;
/// Most links of one page that are looked at.
const LINKS_PER_PAGE_MAX: usize = 2_000;
/// Restarts that a page may be in the middle of.
const INTERRUPTIONS_MAX: u32 = 3;
/// Times that a site may want to be left alone in one crawl: with waits that double from half a minute to a quarter of an
/// hour, about an hour in all.
const POSTPONED_MAX: u32 = 8;
/// Failures that are kept word for word; all are counted.
const FAILURES_MAX: usize = 50;
/// Longest cause kept, in characters.
const CAUSE_CHARS_MAX: usize = 200;

/// A crawl of the pages below one address.
///
/// A page belongs to it when it has the start URL's host and port (`http` or `https`, with or without `www.`) and lies in
/// its folder: `/docs/intro.html` and `/docs/` stand for `/docs/`, and `/docs`, being no file, for itself and `/docs/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crawl {
    /// Where its pages go.
    #[serde(default)]
    collection: Collection,
    /// When it was begun.
    #[serde(default)]
    started_at: Timestamp,
    host: String,
    /// Path of the folder, without the final slash.
    folder: String,
    pages_max: u32,
    depth_max: u32,
    /// Admitted and not yet handed out, in the order in which they were found, with their depth.
    waiting: VecDeque<(String, u32)>,
    /// Handed out, outcome unknown.
    open: Vec<(String, u32)>,
    /// Bytes of the URLs in `waiting` and `open`.
    waiting_bytes: usize,
    /// Digests of the canonical URLs of all pages ever admitted.
    known: BTreeSet<u64>,
    /// How many pages of a path (its digest) were admitted that have a query.
    variants: BTreeMap<u64, u32>,
    read: u32,
    failed: u32,
    left_out: u32,
    failures: Vec<Failed>,
    /// How often a page was being read when a restart came. Holds no more pages than are read at once.
    #[serde(default)]
    interruptions: BTreeMap<String, u32>,
    /// Pages whose text was there already, and has not changed.
    #[serde(default)]
    unchanged: u32,
    /// Pages that were there and are gone.
    #[serde(default)]
    removed: u32,
    /// What becomes of the documents of pages that are gone.
    #[serde(default)]
    gone: Gone,
    /// Sitemaps to be read before any page.
    #[serde(default)]
    sitemaps: sitemaps::Queue,
    /// The pages that the collection has and no link leads to were added.
    #[serde(default)]
    swept: bool,
    /// The site is left alone until then.
    #[serde(default)]
    resume_at: Timestamp,
    /// How often it wanted to be left alone.
    #[serde(default)]
    postponed: u32,
}

/// What becomes of a document whose page is gone (404 or 410).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// It is deleted.
    #[default]
    Remove,
    /// It stays, and says since when its page is gone.
    Mark,
}

/// What a crawl does beyond following links from its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Where its pages go.
    pub collection: Collection,
    /// Where its sitemaps are, if they are to be read.
    pub sitemap: Option<Sitemaps>,
    /// What becomes of the documents of pages that are gone.
    pub gone: Gone,
}

/// Where the sitemaps of a site are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sitemaps {
    /// Where its robots.txt says, else at `/sitemap.xml`.
    Found,
    /// There; still to be admitted like any other URL.
    At(Url),
}

/// A page to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrawlTarget {
    /// Absolute URL without fragment; still to be admitted like any other.
    pub url: String,
    /// Links between it and the start page.
    pub depth: u32,
}

/// What became of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visit {
    /// It was read, and links to these URLs.
    Read {
        /// Links, absolute or relative to the page, in document order.
        links: Vec<String>,
    },
    /// Its text is what is stored already.
    Unchanged {
        /// Links, as above.
        links: Vec<String>,
    },
    /// It is gone, and the document that was made of it was dealt with.
    Removed,
    /// It was not read.
    Failed {
        /// One sentence for a person.
        cause: String,
        /// Where it leads all the same: a contents page may hold nothing but links.
        links: Vec<String>,
    },
}

/// A page that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its URL.
    pub url: String,
    /// Why, in at most 200 characters.
    pub cause: String,
}

/// How far a crawl is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Pages read whose text was new.
    pub read: u32,
    /// Pages whose text was there already.
    pub unchanged: u32,
    /// Pages that were there and are gone.
    pub removed: u32,
    /// Pages that could not be read.
    pub failed: u32,
    /// Pages known and not yet handed out.
    pub waiting: u32,
    /// Pages handed out whose outcome is unknown.
    pub open: u32,
    /// Pages in scope that a bound of the crawl left out.
    pub left_out: u32,
    /// Sitemaps read.
    pub sitemaps: u32,
}

/// Stored pages that a crawl wants to look at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Their keys begin with this.
    pub key_prefix: String,
    /// They were last seen before this.
    pub checked_before: Timestamp,
    /// So many at most.
    pub count: u32,
}

/// Why a crawl cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CrawlError {
    /// The start is not a web page with a host.
    #[error("a crawl starts at an http or https URL of at most {URL_BYTES_MAX} bytes")]
    Start,
    /// The number of pages is out of range.
    #[error("a crawl reads 1 to {PAGES_MAX} pages")]
    Pages,
    /// The depth is out of range.
    #[error("a crawl follows links to a depth of 0 to {DEPTH_MAX}")]
    Depth,
}

impl Crawl {
    /// A crawl, begun now, that will read at most `pages_max` pages (1 to 2,000), at most `depth_max` links (0 to 20) from
    /// `start`. Pages of its sitemaps count as no link away.
    ///
    /// # Errors
    /// [`CrawlError`] names the argument that is out of range.
    pub fn new(
        start: &Url,
        options: Options,
        now: Timestamp,
        pages_max: u32,
        depth_max: u32,
    ) -> Result<Self, CrawlError> {
        if !(1..=PAGES_MAX).contains(&pages_max) {
            return Err(CrawlError::Pages);
        }
        if depth_max > DEPTH_MAX {
            return Err(CrawlError::Depth);
        }
        let Options { collection, sitemap, gone } = options;
        let mut crawl = Self {
            collection,
            started_at: now,
            gone,
            sitemaps: sitemaps::Queue::of(sitemap.as_ref(), start),
            unchanged: 0,
            removed: 0,
            swept: false,
            resume_at: Timestamp::default(),
            postponed: 0,
            host: host_key(start),
            folder: folder(start.path()).to_owned(),
            pages_max,
            depth_max,
            waiting: VecDeque::new(),
            open: Vec::new(),
            waiting_bytes: 0,
            known: BTreeSet::new(),
            variants: BTreeMap::new(),
            read: 0,
            failed: 0,
            left_out: 0,
            failures: Vec::new(),
            interruptions: BTreeMap::new(),
        };
        // The start is a page whatever its name looks like.
        let Some(url) = followable(start.clone()) else { return Err(CrawlError::Start) };
        crawl.admit(url, 0);
        Ok(crawl)
    }

    /// Hands out up to `n` pages, in the order in which they were found; never more than could still be read.
    pub fn next(&mut self, n: usize) -> Vec<CrawlTarget> {
        let room = usize::try_from(self.room()).unwrap_or(usize::MAX);
        let count = n.min(room).min(self.waiting.len());
        let taken: Vec<(String, u32)> = self.waiting.drain(..count).collect();
        self.open.extend(taken.iter().cloned());
        taken.into_iter().map(|(url, depth)| CrawlTarget { url, depth }).collect()
    }

    /// Puts the pages whose outcome never came back in front of those waiting: after a restart. A page that was being read
    /// at three restarts may well be what brings the reader down: it counts as failed.
    pub fn resume(&mut self) {
        self.resume_sitemap();
        for (url, depth) in std::mem::take(&mut self.open).into_iter().rev() {
            let times = self.interruptions.entry(url.clone()).or_default();
            *times = times.saturating_add(1);
            if *times < INTERRUPTIONS_MAX {
                self.waiting.push_front((url, depth));
            } else {
                self.open.push((url.clone(), depth));
                let cause = format!("its reading was interrupted {INTERRUPTIONS_MAX} times");
                self.visited(&url, &Visit::Failed { cause, links: Vec::new() });
            }
        }
    }

    /// Takes note of a page that was handed out, by the URL under which it was. Any other URL changes nothing, so an
    /// outcome may arrive twice.
    pub fn visited(&mut self, url: &str, outcome: &Visit) {
        let Some(place) = self.open.iter().position(|(open, _)| open == url) else { return };
        let (url, depth) = self.open.remove(place);
        self.interruptions.remove(&url);
        self.waiting_bytes = self.waiting_bytes.saturating_sub(url.len());
        match outcome {
            Visit::Read { links } => {
                self.read = self.read.saturating_add(1);
                self.follow(&url, depth, links);
            }
            Visit::Unchanged { links } => {
                self.unchanged = self.unchanged.saturating_add(1);
                self.follow(&url, depth, links);
            }
            Visit::Removed => self.removed = self.removed.saturating_add(1),
            Visit::Failed { cause, links } => {
                self.failed = self.failed.saturating_add(1);
                self.follow(&url, depth, links);
                self.note_failure(url, cause);
            }
        }
    }

    /// Where its pages go.
    #[must_use]
    pub fn collection(&self) -> &Collection {
        &self.collection
    }

    /// When it may go on: its site wants to be left alone until then.
    #[must_use]
    pub fn resume_at(&self) -> Timestamp {
        self.resume_at
    }

    /// The site wants to be left alone until `resume_at` before this page, which was handed out, can be read: it comes
    /// again first. `false` when the site wanted that too often.
    pub fn postpone(&mut self, url: &str, resume_at: Timestamp, now: Timestamp) -> bool {
        let Some(place) = self.open.iter().position(|(open, _)| open == url) else { return true };
        if self.resume_at <= now {
            if self.postponed >= POSTPONED_MAX {
                return false;
            }
            self.postponed = self.postponed.saturating_add(1);
        }
        self.resume_at = self.resume_at.max(resume_at);
        let page = self.open.remove(place);
        self.waiting.push_front(page);
        true
    }

    /// What becomes of the documents of pages that are gone.
    #[must_use]
    pub fn gone(&self) -> Gone {
        self.gone
    }

    /// Ends it: what is waiting or open is let go.
    pub fn stop(&mut self) {
        self.sitemaps.stop();
        self.waiting.clear();
        self.open.clear();
        self.waiting_bytes = 0;
        self.swept = true;
    }

    /// What to look at once no link leads further: the pages that the collection has of this folder and that this crawl
    /// has not come by. They may be gone. `None` when it is not time for that, or there is no room.
    #[must_use]
    pub fn sweep(&self) -> Option<Sweep> {
        let idle = self.sitemaps.is_done() && self.waiting.is_empty() && self.open.is_empty();
        (idle && !self.swept && self.room() > 0).then(|| Sweep {
            key_prefix: self.collection.key(&format!("{}{}", self.host, self.folder)),
            checked_before: self.started_at,
            count: self.room(),
        })
    }

    /// Adds the pages that were asked for by [`Crawl::sweep`]; links on them are not followed.
    pub fn swept(&mut self, urls: &[String]) {
        self.swept = true;
        let depth = self.depth_max;
        for url in urls.iter().filter_map(|url| Url::parse(url).ok()) {
            if let Some(url) = followable(url).filter(|url| self.is_in_scope(url)) {
                self.admit(url, depth);
            }
        }
    }

    /// Whether nothing is left to do: nothing is open, and nothing is waiting or enough pages were read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let nothing_waits = self.sitemaps.is_done() && self.waiting.is_empty() && self.swept;
        self.open.is_empty() && (nothing_waits || self.room() == 0)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Progress {
            read: self.read,
            unchanged: self.unchanged,
            removed: self.removed,
            failed: self.failed,
            sitemaps: self.sitemaps.read,
            waiting: count(self.waiting.len()),
            open: count(self.open.len()),
            left_out: self.left_out,
        }
    }

    /// The first 50 failures.
    #[must_use]
    pub fn failures(&self) -> &[Failed] {
        &self.failures
    }

    /// Pages that may still be handed out.
    fn room(&self) -> u32 {
        let open = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        let taken = self.read.saturating_add(self.unchanged).saturating_add(open);
        self.pages_max.saturating_sub(taken)
    }

    fn note_failure(&mut self, url: String, cause: &str) {
        if self.failures.len() < FAILURES_MAX {
            let readable = |c: char| if c.is_control() { ' ' } else { c };
            let cause = cause.chars().take(CAUSE_CHARS_MAX).map(readable).collect();
            self.failures.push(Failed { url, cause });
        }
    }

    fn follow(&mut self, page: &str, depth: u32, links: &[String]) {
        let Ok(page) = Url::parse(page) else { return };
        if depth >= self.depth_max {
            return;
        }
        for link in links.iter().take(LINKS_PER_PAGE_MAX) {
            let url = page.join(link).ok().filter(|url| self.is_in_scope(url)).and_then(followable);
            if let Some(url) = url {
                self.admit(url, depth + 1);
            }
        }
    }

    fn is_in_scope(&self, url: &Url) -> bool {
        let below = url
            .path()
            .strip_prefix(&self.folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below && host_key(url) == self.host && is_page(url.path())
    }

    fn admit(&mut self, url: Url, depth: u32) {
        let bytes = url.as_str().len();
        if self.register(&url, bytes) {
            self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
            self.waiting.push_back((url.into(), depth));
        }
    }

    /// Whether a page is new and within all bounds; then it is known from now on. `bytes` of it are to wait.
    fn register(&mut self, url: &Url, bytes: usize) -> bool {
        let key = digest(&canonical_url(url));
        if self.known.contains(&key) {
            return false;
        }
        let path = url.query().map(|_| digest(url.path()));
        let variants = path.and_then(|path| self.variants.get(&path)).copied().unwrap_or(0);
        let full = self.known.len() >= usize::try_from(self.pages_max * KNOWN_PER_PAGE).unwrap_or(usize::MAX);
        if full
            || variants >= QUERY_VARIANTS_MAX
            || self.waiting_bytes.saturating_add(bytes) > WAITING_BYTES_MAX
        {
            self.left_out = self.left_out.saturating_add(1);
            return false;
        }
        if let Some(path) = path {
            self.variants.insert(path, variants + 1);
        }
        self.known.insert(key);
        true
    }
}
