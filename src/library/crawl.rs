//! The state of one crawl: which pages of a site are known, waiting, handed out and done. Breadth first, bounded, and
//! small enough to be one row of a database.

use crate::web::canonical::{canonical_url, host_key};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use thiserror::Error;
use url::Url;

/// Most pages of one crawl.
pub const PAGES_MAX: u32 = 2_000;
/// Most links from the start page to a page.
pub const DEPTH_MAX: u32 = 20;
/// URLs admitted for each page wanted: every second one may fail or turn out to be something else.
const KNOWN_PER_PAGE: u32 = 2;
/// Longest URL that is followed, in bytes; longer ones are searches and sessions.
const URL_BYTES_MAX: usize = 512;
/// Most bytes of URLs waiting or handed out.
///
/// This bounds the serialized state: 600,000 bytes of URLs, 4,000 x 16 around them (`["",20],` and two quotes more at
/// most), 4,000 x 21 for known pages (a 64-bit number and a comma), 4,000 x 25 for paths (number, count, marks),
/// 50 x 1,400 for failures, 2,000 for the rest: 920,000 bytes, below the 1 MB of a stored value.
const WAITING_BYTES_MAX: usize = 600_000;
/// Most variants of one path that differ in their query: enough for pages of a list, few for a calendar without end.
const QUERY_VARIANTS_MAX: u32 = 32;
/// Most links of one page that are looked at.
const LINKS_PER_PAGE_MAX: usize = 2_000;
/// Restarts that a page may be in the middle of.
const INTERRUPTIONS_MAX: u32 = 3;
/// Failures that are kept word for word; all are counted.
const FAILURES_MAX: usize = 50;
/// Longest cause kept, in characters.
const CAUSE_CHARS_MAX: usize = 200;

/// Endings of files that are not pages.
const NOT_PAGES: [&str; 55] = [
    "7z", "apk", "avi", "avif", "bin", "bmp", "bz2", "css", "csv", "deb", "dmg", "doc", "docx", "eot",
    "epub", "exe", "gif", "gz", "ico", "iso", "jar", "jpeg", "jpg", "js", "json", "m4a", "map", "mjs", "mov",
    "mp3", "mp4", "msi", "ogg", "otf", "pdf", "png", "ppt", "pptx", "rar", "rpm", "rss", "svg", "tar", "tgz",
    "tif", "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "xls", "xml", "zip",
];

/// A crawl of the pages below one address.
///
/// A page belongs to it when it has the start URL's host and port (`http` or `https`, with or without `www.`) and lies in
/// its folder: `/docs/intro.html` and `/docs/` stand for `/docs/`, and `/docs`, being no file, for itself and `/docs/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crawl {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Pages read.
    pub read: u32,
    /// Pages that could not be read.
    pub failed: u32,
    /// Pages known and not yet handed out.
    pub waiting: u32,
    /// Pages handed out whose outcome is unknown.
    pub open: u32,
    /// Pages in scope that a bound of the crawl left out.
    pub left_out: u32,
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
    /// A crawl that will read at most `pages_max` pages (1 to 2,000), at most `depth_max` links (0 to 20) from `start`.
    ///
    /// # Errors
    /// [`CrawlError`] names the argument that is out of range.
    pub fn new(start: &Url, pages_max: u32, depth_max: u32) -> Result<Self, CrawlError> {
        if !(1..=PAGES_MAX).contains(&pages_max) {
            return Err(CrawlError::Pages);
        }
        if depth_max > DEPTH_MAX {
            return Err(CrawlError::Depth);
        }
        let mut crawl = Self {
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
        let open = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        let room = self.pages_max.saturating_sub(self.read.saturating_add(open));
        let count = n.min(usize::try_from(room).unwrap_or(usize::MAX)).min(self.waiting.len());
        let taken: Vec<(String, u32)> = self.waiting.drain(..count).collect();
        self.open.extend(taken.iter().cloned());
        taken.into_iter().map(|(url, depth)| CrawlTarget { url, depth }).collect()
    }

    /// Puts the pages whose outcome never came back in front of those waiting: after a restart. A page that was being read
    /// at three restarts may well be what brings the reader down: it counts as failed.
    pub fn resume(&mut self) {
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
            Visit::Failed { cause, links } => {
                self.failed = self.failed.saturating_add(1);
                self.follow(&url, depth, links);
                if self.failures.len() < FAILURES_MAX {
                    let readable = |c: char| if c.is_control() { ' ' } else { c };
                    let cause = cause.chars().take(CAUSE_CHARS_MAX).map(readable).collect();
                    self.failures.push(Failed { url, cause });
                }
            }
        }
    }

    /// Whether nothing is left to do: no page is open, and none is waiting or enough were read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.open.is_empty() && (self.waiting.is_empty() || self.read >= self.pages_max)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Progress {
            read: self.read,
            failed: self.failed,
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
        let key = digest(&canonical_url(&url));
        if self.known.contains(&key) {
            return;
        }
        let path = url.query().map(|_| digest(url.path()));
        let variants = path.and_then(|path| self.variants.get(&path)).copied().unwrap_or(0);
        let full = self.known.len() >= usize::try_from(self.pages_max * KNOWN_PER_PAGE).unwrap_or(usize::MAX);
        if full
            || variants >= QUERY_VARIANTS_MAX
            || self.waiting_bytes + url.as_str().len() > WAITING_BYTES_MAX
        {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        if let Some(path) = path {
            self.variants.insert(path, variants + 1);
        }
        self.known.insert(key);
        self.waiting_bytes += url.as_str().len();
        self.waiting.push_back((url.into(), depth));
    }
}

/// The folder a page lies in, without the final slash. A last name without a dot is a folder itself.
fn folder(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((above, name)) if name.is_empty() || name.contains('.') => above,
        _ => path,
    }
}

/// The URL as it is asked for, if it can be a page and is stored as written. A backslash would be stored as two bytes.
fn followable(mut url: Url) -> Option<Url> {
    url.set_fragment(None);
    let text = url.as_str();
    let fits = matches!(url.scheme(), "http" | "https")
        && text.len() <= URL_BYTES_MAX
        && !text.contains(['\\', '"']);
    (fits && url.has_host() && url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn is_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    !ending.is_some_and(|ending| NOT_PAGES.contains(&ending.as_str()))
}

/// 64 bits of SHA-256: among 4,000 keys the chance that any two collide is below 1 in 10^12.
fn digest(key: &str) -> u64 {
    Sha256::digest(key.as_bytes()).iter().take(8).fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn crawl(start: &str, pages_max: u32, depth_max: u32) -> Crawl {
        Crawl::new(&Url::parse(start).unwrap(), pages_max, depth_max).unwrap()
    }

    fn read(links: &[&str]) -> Visit {
        Visit::Read { links: links.iter().map(|link| (*link).to_owned()).collect() }
    }

    fn urls(targets: &[CrawlTarget]) -> Vec<&str> {
        targets.iter().map(|target| target.url.as_str()).collect()
    }

    /// What a crawl that starts at `start` follows of `links`.
    fn followed(start: &str, links: &[&str]) -> Vec<String> {
        let mut crawl = crawl(start, 100, 5);
        let first = crawl.next(1).remove(0).url;
        crawl.visited(&first, &read(links));
        crawl.next(100).into_iter().map(|target| target.url).collect()
    }

    #[test]
    fn a_page_that_brings_the_reader_down_is_given_up_after_three_restarts() {
        let start = Url::parse("https://a.com/index.html").unwrap();
        let mut crawl = Crawl::new(&start, 10, 2).unwrap();
        for restart in 1..3 {
            assert_eq!(crawl.next(6).len(), 1, "restart {restart}");
            crawl.resume();
        }
        assert_eq!(crawl.next(6).len(), 1);
        crawl.resume();
        assert_eq!((crawl.is_done(), crawl.progress().failed), (true, 1));
        assert!(crawl.failures()[0].cause.contains("interrupted 3 times"));
    }

    #[test]
    fn a_page_of_nothing_but_links_leads_on_although_it_is_not_read() {
        let start = Url::parse("https://a.com/index.html").unwrap();
        let mut crawl = Crawl::new(&start, 10, 2).unwrap();
        crawl.next(1);
        let links = vec!["https://a.com/1.html".to_owned(), "https://a.com/2.html".to_owned()];
        crawl.visited("https://a.com/index.html", &Visit::Failed { cause: "almost no text".into(), links });
        assert_eq!((crawl.progress().failed, crawl.progress().waiting), (1, 2));
    }

    #[test]
    fn pages_come_breadth_first_in_the_order_of_their_links() {
        let mut crawl = crawl("https://a.com/", 10, 2);
        assert_eq!(urls(&crawl.next(5)), ["https://a.com/"]);
        crawl.visited("https://a.com/", &read(&["/1", "/2"]));
        assert_eq!(urls(&crawl.next(1)), ["https://a.com/1"]);
        crawl.visited("https://a.com/1", &read(&["/1/1", "/2", "/"]));
        let level = crawl.next(5);
        assert_eq!(urls(&level), ["https://a.com/2", "https://a.com/1/1"]);
        assert_eq!(level[1].depth, 2);
        crawl.visited("https://a.com/1/1", &read(&["/too/deep"]));
        assert!(!crawl.is_done());
        crawl.visited("https://a.com/2", &read(&[]));
        assert!(crawl.is_done());
        assert_eq!(crawl.progress(), Progress { read: 4, failed: 0, waiting: 0, open: 0, left_out: 0 });
    }

    #[test]
    fn only_pages_of_the_same_host_and_folder_are_followed() {
        let links = [
            "b.html",
            "./sub/c",
            "/docs/",
            "/docs?x=1",
            "/docsearch",
            "/other",
            "../up",
            "http://www.a.com/docs/plain",
            "https://a.com:8443/docs/x",
            "https://b.com/docs/x",
            "https://sub.a.com/docs/x",
            "/docs/../secret",
            "/docs/%2e%2e/secret",
            "mailto:x@a.com",
            "javascript:1",
            "https://u:p@a.com/docs/y",
            "/docs/x.PNG",
            "/docs/archive.tar.gz",
            "/docs/v1.2",
            "b.html#part",
            "b.html?utm_source=x",
            "http://[bad",
        ];
        assert_eq!(
            followed("https://a.com/docs/intro.html", &links),
            [
                "https://a.com/docs/b.html",
                "https://a.com/docs/sub/c",
                "https://a.com/docs/",
                "https://a.com/docs?x=1",
                "http://www.a.com/docs/plain",
                "https://a.com/docs/v1.2",
            ]
        );
    }

    #[test]
    fn a_start_without_an_ending_stands_for_its_folder() {
        let links = ["/docs/a", "/docs/", "/docsearch", "/"];
        assert_eq!(followed("https://a.com/docs", &links), ["https://a.com/docs/a"]);
        assert_eq!(
            followed("http://127.0.0.1:8001/", &["/x", "http://127.0.0.1:8002/x"]),
            ["http://127.0.0.1:8001/x"]
        );
    }

    #[test]
    fn the_page_count_holds_whatever_is_open() {
        let mut crawl = crawl("https://a.com/", 3, 5);
        crawl.next(1);
        crawl.visited("https://a.com/", &read(&["/1", "/2", "/3", "/4", "/5", "/6", "/7"]));
        assert_eq!(crawl.next(9).len(), 2);
        assert!(crawl.next(9).is_empty());
        crawl.visited("https://a.com/1", &Visit::Failed { cause: "404".into(), links: Vec::new() });
        assert_eq!(urls(&crawl.next(9)), ["https://a.com/3"]);
        crawl.visited("https://a.com/2", &read(&[]));
        crawl.visited("https://a.com/3", &read(&[]));
        assert!(crawl.is_done());
        assert_eq!(crawl.progress(), Progress { read: 3, failed: 1, waiting: 2, open: 0, left_out: 2 });
    }

    #[test]
    fn an_outcome_counts_once_and_only_for_open_pages() {
        let mut crawl = crawl("https://a.com/", 3, 5);
        crawl.visited("https://a.com/", &read(&["/1"]));
        assert_eq!(crawl.progress().read, 0);
        crawl.next(1);
        crawl.visited("https://a.com/", &read(&["/1"]));
        crawl.visited("https://a.com/", &read(&["/2"]));
        assert_eq!((crawl.progress().read, crawl.progress().waiting), (1, 1));
    }

    #[test]
    fn after_a_restart_open_pages_come_again_first() {
        let mut crawl = crawl("https://a.com/", 9, 5);
        crawl.next(1);
        crawl.visited("https://a.com/", &read(&["/1", "/2", "/3"]));
        crawl.next(2);
        let mut again: Crawl = serde_json::from_str(&serde_json::to_string(&crawl).unwrap()).unwrap();
        assert_eq!(again, crawl);
        again.resume();
        assert_eq!(urls(&again.next(9)), ["https://a.com/1", "https://a.com/2", "https://a.com/3"]);
    }

    #[test]
    fn a_path_with_endless_queries_does_not_fill_the_crawl() {
        let mut links: Vec<String> = (0..90).map(|day| format!("/calendar?day={day}")).collect();
        links.push("/calendar".into());
        let links: Vec<&str> = links.iter().map(String::as_str).collect();
        assert_eq!(followed("https://a.com/", &links).len(), 33);
    }

    #[test]
    fn arguments_out_of_range_are_named() {
        let new =
            |start: &str, pages, depth| Crawl::new(&Url::parse(start).unwrap(), pages, depth).map(|_| ());
        assert_eq!(new("https://a.com/", 0, 1), Err(CrawlError::Pages));
        assert_eq!(new("https://a.com/", 2_001, 1), Err(CrawlError::Pages));
        assert_eq!(new("https://a.com/", 1, 21), Err(CrawlError::Depth));
        assert_eq!(new("ftp://a.com/", 1, 1), Err(CrawlError::Start));
        assert_eq!(new("data:x", 1, 1), Err(CrawlError::Start));
        assert_eq!(new(&format!("https://a.com/{}", "x".repeat(600)), 1, 1), Err(CrawlError::Start));
        assert_eq!(new("https://a.com/x.pdf", 2_000, 20), Ok(()));
    }

    #[test]
    fn waiting_pages_are_bounded_in_number_and_bytes() {
        let long: Vec<String> = (0..1_500).map(|n| format!("/{n:04}{}", "x".repeat(482))).collect();
        let mut crawl = crawl("https://a.com/", PAGES_MAX, DEPTH_MAX);
        crawl.next(1);
        crawl.visited("https://a.com/", &Visit::Read { links: long });
        assert_eq!(crawl.progress().waiting, 1_200);
        assert_eq!(crawl.progress().left_out, 300);
        assert!(crawl.waiting_bytes <= WAITING_BYTES_MAX);
        assert_eq!(
            followed("https://a.com/", &[&format!("/{}", "x".repeat(600)), "/a?\\", "/b"]),
            ["https://a.com/b"]
        );
    }

    #[test]
    fn the_largest_state_fits_into_a_row() {
        let mut crawl = crawl("https://a.com/", PAGES_MAX, DEPTH_MAX);
        let known = u64::from(PAGES_MAX * KNOWN_PER_PAGE);
        let url_bytes = WAITING_BYTES_MAX / usize::try_from(known).unwrap();
        crawl.host = "h".repeat(255);
        crawl.folder = "f".repeat(URL_BYTES_MAX);
        crawl.known = (0..known).map(|n| u64::MAX - n).collect();
        crawl.variants = (0..known).map(|n| (u64::MAX - n, QUERY_VARIANTS_MAX)).collect();
        crawl.waiting = vec![("u".repeat(url_bytes), DEPTH_MAX); usize::try_from(known).unwrap()].into();
        for n in 0..FAILURES_MAX {
            let url = format!("{n:0>URL_BYTES_MAX$}");
            crawl.open.push((url.clone(), DEPTH_MAX));
            crawl
                .visited(&url, &Visit::Failed { cause: "\u{1f980}\"\u{0}\\".repeat(500), links: Vec::new() });
        }
        assert_eq!(crawl.failures().len(), FAILURES_MAX);
        let bytes = serde_json::to_string(&crawl).unwrap().len();
        assert!((800_000..1_000_000).contains(&bytes), "{bytes}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_crawl_ends_within_its_bounds(
            pages_max in 1_u32..20, depth_max in 0_u32..4, step in 1_usize..5, seed in prop::collection::vec((0_u8..30, any::<bool>()), 1..40),
        ) {
            let mut crawl = crawl("https://a.com/", pages_max, depth_max);
            let mut handed_out = BTreeSet::new();
            let mut rounds = 0;
            while !crawl.is_done() {
                rounds += 1;
                prop_assert!(rounds <= 2 * pages_max, "no end");
                for target in crawl.next(step) {
                    prop_assert!(target.depth <= depth_max && handed_out.insert(target.url.clone()));
                    let (link, fails) = seed[handed_out.len() % seed.len()];
                    let links = (0..4).map(|n| format!("/{}", link + n)).collect();
                    let outcome = if fails { Visit::Failed { cause: String::new(), links: Vec::new() } } else { Visit::Read { links } };
                    crawl.visited(&target.url, &outcome);
                }
            }
            prop_assert!(crawl.progress().read <= pages_max);
        }
    }
}
