//! What a site's owner sees of us: who asks, how often, how many at once, and what is left alone.

use crate::support::http::{Reply, Request};
use crate::support::{Fault, Origin, Workerd, World, search};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(180);

/// A host of pages about one invented town, which counts how many requests it has at once.
struct Town {
    origin: Origin,
    log: Arc<Log>,
    pages: Vec<search::Entry>,
}

#[derive(Default)]
struct Log {
    open: AtomicUsize,
    open_max: AtomicUsize,
    open_at_all: Arc<AtomicUsize>,
    all_max: Arc<AtomicUsize>,
    validated: Mutex<Vec<String>>,
}

impl Log {
    fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.open_max.fetch_max(open, Ordering::SeqCst);
        let all = self.open_at_all.fetch_add(1, Ordering::SeqCst) + 1;
        self.all_max.fetch_max(all, Ordering::SeqCst);
        let answer = work();
        self.open.fetch_sub(1, Ordering::SeqCst);
        self.open_at_all.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

/// What a page says: enough of it to be a source, and on every page in other words, so that none is a copy of another.
fn text(town: usize, page: usize) -> String {
    let mut state = (town * 97 + page) as u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let syllables = [
            "ba", "ren", "to", "mil", "sa", "kor", "vi", "lun", "de", "par", "gos", "ti", "fen", "ula",
            "mor", "nes",
        ];
        (0..3).map(|n| syllables[(state >> (8 + n * 6)) as usize % syllables.len()]).collect::<String>()
    };
    let sentence = |n: usize| {
        let words: Vec<String> = (0..12).map(|_| word()).collect();
        format!(
            "<p>In {} the {} harbour of Town{town} handled {} tonnes of timber, {}, and berth {page} kept {} percent.</p>",
            1900 + town * 7 + n,
            words[0],
            1_000 + town * 131 + page * 17 + n * 3,
            words[1..].join(" "),
            3 + (town * page + n) % 90,
        )
    };
    (1..=8).map(sentence).collect()
}

impl Town {
    /// Pages `/p1`.. of which every third is disallowed. Each takes a while, so that requests overlap if they may.
    fn start(town: usize, pages: usize, all: &Arc<Log>) -> Self {
        let log = Arc::new(Log {
            open_at_all: Arc::clone(&all.open_at_all),
            all_max: Arc::clone(&all.all_max),
            ..Log::default()
        });
        let counted = Arc::clone(&log);
        let host = u8::try_from(town + 10).unwrap();
        let origin = Origin::start(host, move |request| counted.during(|| answer(&counted, town, request)));
        let entry = |page: usize| search::Entry {
            url: origin.url(&format!("/p{page}")),
            title: format!("Timber in Town{town}, berth {page}"),
            text: format!("Timber tonnes harbour Varn coast Town{town} berth {page}"),
        };
        let pages = (1..=pages).map(entry).collect();
        Self { origin, log, pages }
    }
}

fn answer(log: &Log, town: usize, request: &Request) -> Reply {
    std::thread::sleep(Duration::from_millis(40));
    if request.path == "/robots.txt" {
        return Reply::new(
            200,
            "text/plain",
            "User-agent: footnote\nDisallow: /p3$\nDisallow: /p6$\n\nUser-agent: *\nDisallow: /\n",
        );
    }
    let etag = format!("\"{town}{}\"", request.path);
    if request.headers.get("if-none-match") == Some(&etag) {
        log.validated.lock().unwrap().push(request.path.clone());
        return Reply::status(304);
    }
    let page = request.path.trim_start_matches("/p").parse().unwrap_or(0);
    let html = format!(
        "<html><head><title>Town{town}, berth {page}</title></head><body><main><h1>Timber</h1>{}</main></body></html>",
        text(town, page)
    );
    Reply::html(html).header("etag", &etag)
}

/// Many towns, a search engine that knows them, and the Worker with these settings more.
fn towns(count: usize, pages: usize, more: &[(&str, &str)]) -> (Vec<Town>, Origin, Workerd, Arc<Log>) {
    let all = Arc::new(Log::default());
    let towns: Vec<Town> = (0..count).map(|town| Town::start(town, pages, &all)).collect();
    let index: Vec<search::Entry> = towns.iter().flat_map(|t| t.pages.iter().cloned()).collect();
    let asked = AtomicUsize::new(0);
    let engine = Origin::start(1, move |request| {
        search::everything(&index, asked.fetch_add(1, Ordering::SeqCst), request)
    });
    let world = World::start();
    let mut setup = world.setup([("SEARCH", "searxng".into()), ("SEARXNG_URL", engine.url(""))]);
    let hosts: Vec<String> = towns.iter().map(|t| t.origin.host()).chain([engine.host()]).collect();
    setup.env.insert("ALLOW_PRIVATE_HOSTS".into(), hosts.join(","));
    setup.env.remove("SITE_DELAY_MS");
    setup.env.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    (towns, engine, Workerd::start(setup), all)
}

const QUESTION: &str = "How many tonnes of timber did the harbours of the Varn coast handle?";

#[test]
fn fifty_pages_of_twelve_hosts_are_read_politely_and_once() {
    let (towns, _engine, workerd, all) = towns(12, 6, &[]);
    let asked = json!({"query": QUESTION, "deep": true, "max_sources": 50, "max_iterations": 2});
    let job = workerd.api().research(&asked, PATIENCE);
    assert_eq!(job["status"], "completed", "{job:#}");
    let mut pages = 0;
    for town in &towns {
        let ledger = town.origin.ledger();
        assert!(town.log.open_max.load(Ordering::SeqCst) <= 1, "one connection to each host");
        assert_eq!(
            ledger.first().map(|e| e.request.path.as_str()),
            Some("/robots.txt"),
            "it is asked for first"
        );
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &ledger {
            *times.entry(&entry.request.path).or_default() += 1;
            let agent = &entry.request.headers["user-agent"];
            assert!(agent.starts_with("Footnote/"), "{agent}");
        }
        assert!(times.values().all(|n| *n == 1), "{times:?}");
        assert!(!times.contains_key("/p3") && !times.contains_key("/p6"), "disallowed: {times:?}");
        let starts: Vec<Instant> = ledger.iter().map(|entry| entry.at).collect();
        // A third of what is a whole second here: arrival is not departure, least of all of the first request, which twelve
        // hosts get at the same moment.
        let apart = |pair: &[Instant]| pair[1] - pair[0] > Duration::from_millis(300);
        assert!(starts.windows(2).skip(1).all(apart), "{starts:?}");
        pages += times.len() - 1;
    }
    assert!(all.all_max.load(Ordering::SeqCst) <= 6, "six connections of one object at most");
    assert!(pages >= 40, "{pages} pages: {job:#}");
    let reasons = job["rejected_sources"].to_string();
    assert!(reasons.contains("robots.txt does not allow it"), "{reasons}");

    towns.iter().for_each(|town| town.origin.clear_ledger());
    let again = workerd.api().research(&asked, PATIENCE);
    let requests: Vec<_> = towns.iter().flat_map(|town| town.origin.ledger()).collect();
    assert!(requests.is_empty(), "a second job reads what the first one read: {requests:#?}");
    assert_eq!(again["sources_count"], job["sources_count"]);
}

#[test]
fn a_page_that_has_not_changed_is_not_sent_again() {
    let (towns, _engine, workerd, _) = towns(2, 2, &[("PAGE_CACHE_S", "0"), ("SITE_DELAY_MS", "0")]);
    let asked = json!({"query": QUESTION, "max_sources": 4, "max_iterations": 1});
    let job = workerd.api().research(&asked, PATIENCE);
    let again = workerd.api().research(&asked, PATIENCE);
    assert_eq!(job["sources_count"], again["sources_count"], "{again:#}");
    for town in &towns {
        let mut validated = town.log.validated.lock().unwrap().clone();
        validated.sort();
        assert_eq!(validated, ["/p1", "/p2"], "each was asked for with its ETag");
        let robots = town.origin.ledger().iter().filter(|e| e.request.path == "/robots.txt").count();
        assert_eq!(robots, 1, "robots.txt counts for an hour");
    }
}

#[test]
fn two_jobs_at_once_share_what_they_read() {
    let (towns, _engine, workerd, _) = towns(3, 2, &[("SITE_DELAY_MS", "50")]);
    let asked = json!({"query": QUESTION, "max_sources": 6, "max_iterations": 1});
    let api = workerd.api();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (api, asked) = (&api, &asked);
            scope.spawn(move || assert_eq!(api.research(asked, PATIENCE)["status"], "completed"));
        }
    });
    for town in &towns {
        assert_eq!(
            town.origin.ledger().len(),
            3,
            "robots.txt and two pages, each once: {:#?}",
            town.origin.ledger()
        );
        assert_eq!(town.log.open_max.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_host_that_throttles_is_left_alone_as_long_as_it_asks() {
    let (towns, _engine, workerd, _) = towns(2, 2, &[("SITE_DELAY_MS", "0")]);
    let rest = Duration::from_secs(5);
    let throttled = Reply::status(429).header("retry-after", "5");
    towns[0].origin.first("/p1", [Fault::Instead(throttled)]);
    let asked = json!({"query": QUESTION, "max_sources": 4, "max_iterations": 1});
    let job = workerd.api().research(&asked, PATIENCE);
    assert_eq!(job["status"], "completed", "{job:#}");
    let ledger = towns[0].origin.ledger();
    let at = ledger.iter().position(|e| e.request.path == "/p1").expect("it was asked for");
    if let Some(next) = ledger.get(at + 1) {
        assert!(next.at - ledger[at].at >= rest - Duration::from_millis(100), "{ledger:#?}");
    }
}

#[test]
fn a_host_whose_robots_txt_fails_is_not_read() {
    let (towns, _engine, workerd, _) = towns(2, 2, &[("SITE_DELAY_MS", "0")]);
    towns[0].origin.always("/robots.txt", Fault::Instead(Reply::status(503)));
    towns[1].origin.always("/robots.txt", Fault::Instead(Reply::status(404)));
    let asked =
        json!({"query": QUESTION, "max_sources": 4, "max_iterations": 1, "budget": {"max_seconds": 20}});
    let job = workerd.api().research(&asked, PATIENCE);
    let paths = |town: &Town| -> Vec<String> {
        town.origin.ledger().into_iter().map(|e| e.request.path).filter(|p| p != "/robots.txt").collect()
    };
    assert!(paths(&towns[0]).is_empty(), "{:?}", paths(&towns[0]));
    assert_eq!(paths(&towns[1]).len(), 2, "no robots.txt forbids nothing: {job:#}");
}
