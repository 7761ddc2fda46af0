//! What a crawl reads, and what it leaves out.

use super::*;
use crate::library::sitemap::{Entry, Sitemap};
use proptest::prelude::*;

fn crawl(start: &str, pages_max: u32, depth_max: u32) -> Crawl {
    begin(start, Options::default(), pages_max, depth_max)
}

const START: Timestamp = Timestamp(1_795_305_600_000);

/// A crawl into a collection that holds nothing yet.
fn begin(start: &str, options: Options, pages_max: u32, depth_max: u32) -> Crawl {
    let mut crawl = Crawl::new(&Url::parse(start).unwrap(), options, START, pages_max, depth_max).unwrap();
    crawl.swept(&[]);
    crawl
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
    let mut crawl = crawl("https://a.com/index.html", 10, 2);
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
    let mut crawl = crawl("https://a.com/index.html", 10, 2);
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
    assert_eq!(
        crawl.progress(),
        Progress { read: 4, failed: 0, waiting: 0, left_out: 0, ..Progress::default() }
    );
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
    assert_eq!(
        crawl.progress(),
        Progress { read: 3, failed: 1, waiting: 2, left_out: 2, ..Progress::default() }
    );
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
    let new = |start: &str, pages, depth| {
        Crawl::new(&Url::parse(start).unwrap(), Options::default(), START, pages, depth).map(|_| ())
    };
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

fn listed(pages: &[(&str, Option<&str>)], sitemaps: &[&str]) -> Result<Sitemap, String> {
    let page = |(url, lastmod): &(&str, Option<&str>)| Entry {
        url: (*url).to_owned(),
        lastmod: lastmod.map(str::to_owned),
    };
    Ok(Sitemap {
        pages: pages.iter().map(page).collect(),
        sitemaps: sitemaps.iter().map(|url| (*url).to_owned()).collect(),
    })
}

const NOTHING_STORED: fn(&Url, &str) -> Option<Vec<String>> = |_, _| None;

#[test]
fn sitemaps_are_found_by_robots_txt_and_their_pages_count_as_no_link_away() {
    let options = Options { sitemap: Some(Sitemaps::Found), ..Options::default() };
    let mut crawl = begin("https://a.com/docs/", options, 10, 0);
    let robots = crawl.next_sitemap().unwrap();
    assert_eq!((robots.url.as_str(), robots.is_robots), ("https://a.com/robots.txt", true));
    assert_eq!(crawl.next_sitemap().as_ref(), Some(&robots), "the same until its outcome is told");
    assert!(!crawl.is_done());
    crawl.sitemap_read(listed(&[], &["https://a.com/index.xml"]), NOTHING_STORED);
    assert_eq!(crawl.next_sitemap().unwrap().url, "https://a.com/index.xml");
    crawl.sitemap_read(listed(&[], &["/1.xml.gz", "/index.xml", "https://b.com/2.xml"]), NOTHING_STORED);
    assert_eq!(crawl.next_sitemap().unwrap().url, "https://a.com/1.xml.gz");
    let pages =
        [("https://a.com/docs/1", None), ("https://a.com/other", None), ("https://b.com/docs/2", None)];
    crawl.sitemap_read(listed(&pages, &[]), NOTHING_STORED);
    assert_eq!(crawl.next_sitemap().unwrap().url, "https://b.com/2.xml");
    crawl.sitemap_read(Err("503".into()), NOTHING_STORED);
    assert_eq!(crawl.next_sitemap(), None);
    assert_eq!(urls(&crawl.next(9)), ["https://a.com/docs/", "https://a.com/docs/1"]);
    assert_eq!((crawl.progress().sitemaps, crawl.progress().failed), (2, 0));
    assert_eq!(crawl.failures()[0].url, "https://b.com/2.xml");
}

#[test]
fn a_site_that_names_no_sitemap_may_have_one_at_the_usual_place() {
    for robots in [Err("404".to_owned()), listed(&[], &[])] {
        let options = Options { sitemap: Some(Sitemaps::Found), ..Options::default() };
        let mut crawl = begin("https://a.com/docs/", options, 10, 0);
        crawl.next_sitemap();
        crawl.sitemap_read(robots, NOTHING_STORED);
        assert_eq!(crawl.next_sitemap().unwrap().url, "https://a.com/sitemap.xml");
        assert!(crawl.failures().is_empty());
    }
}

#[test]
fn a_page_that_has_not_changed_since_it_was_stored_is_not_read() {
    let options = Options {
        sitemap: Some(Sitemaps::At(Url::parse("https://a.com/s.xml").unwrap())),
        ..Options::default()
    };
    let mut crawl = begin("https://a.com/", options, 3, 1);
    crawl.next_sitemap();
    let pages = [("https://a.com/old", Some("2024-01-01")), ("https://a.com/new", Some("2026-01-01"))];
    crawl.sitemap_read(listed(&pages, &[]), |url, lastmod| {
        (url.path() == "/old" && lastmod == "2024-01-01").then(|| vec!["/linked".to_owned()])
    });
    assert_eq!(crawl.progress().unchanged, 1);
    assert_eq!(urls(&crawl.next(9)), ["https://a.com/", "https://a.com/linked"], "two more of three");
}

#[test]
fn a_sitemap_that_brings_the_reader_down_is_given_up_and_loops_of_indexes_end() {
    let options = Options { sitemap: Some(Sitemaps::Found), ..Options::default() };
    let mut crawl = begin("https://a.com/", options, 10, 0);
    for _ in 0..3 {
        assert!(crawl.next_sitemap().is_some());
        crawl.resume();
    }
    assert_eq!(crawl.next_sitemap(), None);
    let options = Options {
        sitemap: Some(Sitemaps::At(Url::parse("https://a.com/0.xml").unwrap())),
        ..Options::default()
    };
    let mut crawl = begin("https://a.com/", options, 10, 0);
    let mut read = 0;
    while let Some(target) = crawl.next_sitemap() {
        read += 1;
        let further: Vec<String> = (0..90).map(|n| format!("{}{n}.xml", target.url)).collect();
        crawl.sitemap_read(Ok(Sitemap { sitemaps: further, ..Sitemap::default() }), NOTHING_STORED);
    }
    assert_eq!(read, 50);
}

#[test]
fn a_crawl_that_comes_again_counts_what_has_not_changed_and_what_is_gone() {
    let mut crawl = crawl("https://a.com/", 10, 2);
    crawl.next(1);
    crawl.visited("https://a.com/", &Visit::Unchanged { links: vec!["/1".into(), "/2".into()] });
    crawl.next(2);
    crawl.visited("https://a.com/1", &Visit::Removed);
    crawl.visited("https://a.com/2", &read(&[]));
    assert!(crawl.is_done());
    let Progress { read, unchanged, removed, failed, .. } = crawl.progress();
    assert_eq!((read, unchanged, removed, failed), (1, 1, 1, 0));
}

#[test]
fn pages_that_no_link_leads_to_any_more_are_looked_at_last() {
    let start = Url::parse("https://a.com/docs/").unwrap();
    let options = Options { collection: "hr".parse().unwrap(), ..Options::default() };
    let mut crawl = Crawl::new(&start, options, START, 3, 2).unwrap();
    assert_eq!(crawl.sweep(), None, "not before the links were followed");
    crawl.next(1);
    crawl.visited("https://a.com/docs/", &read(&[]));
    assert!(!crawl.is_done());
    let sweep = crawl.sweep().unwrap();
    assert_eq!((sweep.key_prefix.as_str(), sweep.checked_before, sweep.count), ("hr|a.com/docs", START, 2));
    crawl.swept(&[
        "https://a.com/docs/old".into(),
        "https://a.com/docsearch".into(),
        "https://a.com/docs/".into(),
    ]);
    assert_eq!(urls(&crawl.next(9)), ["https://a.com/docs/old"]);
    crawl.visited("https://a.com/docs/old", &read(&["/docs/further"]));
    assert!(crawl.is_done() && crawl.sweep().is_none());
    let mut full = Crawl::new(&start, Options::default(), START, 1, 2).unwrap();
    full.next(1);
    full.visited("https://a.com/docs/", &read(&[]));
    assert!(full.is_done() && full.sweep().is_none(), "no room for more");
}

#[test]
fn a_site_that_wants_to_be_left_alone_is_come_back_to_but_not_for_ever() {
    let mut crawl = crawl("https://a.com/", 9, 5);
    crawl.next(1);
    crawl.visited("https://a.com/", &read(&["/1", "/2"]));
    let mut now = START;
    for _ in 0..POSTPONED_MAX {
        assert_eq!(urls(&crawl.next(2)), ["https://a.com/1", "https://a.com/2"]);
        let until = now.plus_ms(60_000);
        assert!(
            crawl.postpone("https://a.com/2", until, now) && crawl.postpone("https://a.com/1", until, now)
        );
        assert_eq!((crawl.resume_at(), crawl.progress().failed, crawl.is_done()), (until, 0, false));
        now = until;
    }
    crawl.next(1);
    assert!(!crawl.postpone("https://a.com/1", now.plus_ms(60_000), now));
    crawl.visited("https://a.com/1", &Visit::Failed { cause: "429".into(), links: Vec::new() });
    assert_eq!((crawl.progress().failed, crawl.progress().waiting), (1, 1));
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
    let url = |n: usize| Url::parse(&format!("https://a.com/{n:0>490}")).unwrap().to_string();
    let sitemaps = Sitemap { sitemaps: (0..60).map(url).collect(), ..Sitemap::default() };
    crawl.sitemaps = sitemaps::Queue::of(Some(&Sitemaps::Found), &Url::parse("https://a.com/").unwrap());
    crawl.next_sitemap();
    crawl.sitemap_read(Ok(sitemaps), NOTHING_STORED);
    for n in 0..FAILURES_MAX {
        let url = format!("{n:0>URL_BYTES_MAX$}");
        crawl.open.push((url.clone(), DEPTH_MAX));
        crawl.visited(&url, &Visit::Failed { cause: "\u{1f980}\"\u{0}\\".repeat(500), links: Vec::new() });
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
