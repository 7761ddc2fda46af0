//! Sites in a library: read by sitemap, and read again without reading twice what has not changed.

use crate::support::http::{Reply, Request};
use crate::support::{Api, Fault, Origin, Setup, Workerd, World, checks};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A crawl of a handful of pages on loopback takes a second; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a site serves, by path; changed while it runs.
type Shelf = Arc<Mutex<BTreeMap<String, Reply>>>;

/// A site of one's own, whose pages carry an `ETag` of their text and answer 304 to it.
struct Site {
    origin: Origin,
    shelf: Shelf,
}

impl Site {
    fn start() -> Self {
        let shelf = Shelf::default();
        let served = Arc::clone(&shelf);
        let answer = move |request: &Request| {
            let Some(reply) = served.lock().unwrap().get(&request.path).cloned() else {
                return Reply::status(404);
            };
            let etag = reply.headers.iter().find(|(name, _)| name == "etag").map(|(_, value)| value);
            match (request.headers.get("if-none-match"), etag) {
                (Some(seen), Some(etag)) if seen == etag => {
                    Reply::new(304, "text/html", "").header("etag", etag)
                }
                _ => reply,
            }
        };
        Self { origin: Origin::start(20, answer), shelf }
    }

    fn put(&self, path: &str, reply: Reply) {
        self.shelf.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// A page of some length about a subject, with links.
    fn page(&self, path: &str, subject: &str, links: &[&str]) {
        let links: String =
            links.iter().map(|link| format!("<li><a href=\"{link}\">{link}</a></li>")).collect();
        let text = format!(
            "The {subject} is checked every morning before the first crossing, and whoever checks it signs the log. A \
             {subject} that fails the check is taken out of service and replaced within the hour, because the harbour \
             master allows no crossing without it. Spare parts are kept in the shed behind the pier."
        );
        let html = format!(
            "<html><head><title>The {subject}</title></head><body><main><h1>The {subject}</h1><p>{text}</p></main>\
             <nav><ul>{links}</ul></nav></body></html>"
        );
        let etag = format!("\"{}-{}\"", subject.replace(' ', "-"), links.len());
        self.put(path, Reply::html(html).header("etag", &etag));
    }

    fn gone(&self, path: &str) {
        self.shelf.lock().unwrap().remove(path);
    }

    fn setup(&self, world: &World) -> Setup {
        let setup = world.keyless();
        let hosts = format!("{},{}", setup.env["ALLOW_PRIVATE_HOSTS"], self.origin.host());
        setup.with("ALLOW_PRIVATE_HOSTS", &hosts)
    }

    /// Paths that were asked for, and what they were compared by, without robots.txt.
    fn asked(&self) -> Vec<(String, Option<String>)> {
        let entries = self.origin.ledger().into_iter().map(|entry| entry.request);
        let pages = entries.filter(|request| request.path != "/robots.txt");
        pages.map(|r| (r.path.clone(), r.headers.get("if-none-match").cloned())).collect()
    }
}

#[track_caller]
fn crawl(api: &Api, body: &Value) -> Value {
    let id = api.post("/v1/library/crawls", body).expect(202).id();
    let crawl = api.await_crawl(&id, PATIENCE);
    assert_eq!(crawl["status"], "completed", "{crawl:#}");
    crawl
}

/// Read, unchanged, removed, failed.
#[track_caller]
fn counts(crawl: &Value) -> [u64; 4] {
    ["pages_read", "pages_unchanged", "pages_removed", "pages_failed"]
        .map(|member| crawl[member].as_u64().unwrap_or_else(|| panic!("no {member} in {crawl:#}")))
}

fn titles(api: &Api) -> BTreeSet<String> {
    let titles =
        checks::documents(api).into_iter().map(|document| document["title"].as_str().unwrap().to_owned());
    titles.collect()
}

fn urlset(pages: &[(String, &str)]) -> String {
    let page =
        |(url, lastmod): &(String, &str)| format!("<url><loc>{url}</loc><lastmod>{lastmod}</lastmod></url>");
    let pages: String = pages.iter().map(page).collect();
    format!(
        "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{pages}</urlset>"
    )
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn a_site_is_read_by_the_sitemaps_that_its_robots_txt_names() {
    let world = World::start();
    let site = Site::start();
    for (path, subject) in
        [("/docs/index.html", "bell"), ("/docs/winch.html", "winch"), ("/docs/lamp.html", "lamp")]
    {
        site.page(path, subject, &[]);
    }
    site.page("/shop/rope.html", "rope", &[]);
    let url = |path: &str| site.origin.url(path);
    let robots = format!("User-agent: *\nDisallow: /docs/lamp.html\nSitemap: {}\n", url("/index.xml"));
    site.put("/robots.txt", Reply::new(200, "text/plain", robots));
    let index =
        format!("<sitemapindex><sitemap><loc>{}</loc></sitemap></sitemapindex>", url("/pages.xml.gz"));
    site.put("/index.xml", Reply::new(200, "application/xml", index));
    let pages =
        ["/docs/winch.html", "/docs/lamp.html", "/shop/rope.html"].map(|path| (url(path), "2026-01-01"));
    site.put("/pages.xml.gz", Reply::new(200, "application/gzip", gzipped(&urlset(&pages))));

    let workerd = Workerd::start(site.setup(&world));
    let api = workerd.api();
    let body = json!({"url": url("/docs/index.html"), "sitemap": true, "max_depth": 0, "collection": "docs"});
    let done = crawl(&api, &body);
    assert_eq!((counts(&done), &done["sitemaps_read"]), ([2, 0, 0, 1], &json!(2)), "{done:#}");
    assert_eq!(done["collection"], "docs");
    assert_eq!(titles(&api), ["The bell", "The winch"].map(str::to_owned).into());
    assert!(done["failures"][0]["cause"].as_str().unwrap().contains("robots.txt"), "{done:#}");
    let asked: BTreeSet<String> = site.asked().into_iter().map(|(path, _)| path).collect();
    assert!(!asked.contains("/docs/lamp.html") && !asked.contains("/shop/rope.html"), "{asked:?}");

    // Seen after the day of their last change: not one page of the sitemap is asked for again.
    site.origin.clear_ledger();
    let again = crawl(&api, &body);
    assert_eq!(counts(&again), [0, 2, 0, 1], "{again:#}");
    let asked: Vec<String> = site.asked().into_iter().map(|(path, _)| path).collect();
    assert!(!asked.contains(&"/docs/winch.html".to_owned()), "{asked:?}");
}

#[test]
fn a_sitemap_that_is_none_is_reported_and_links_are_followed_all_the_same() {
    let world = World::start();
    let site = Site::start();
    site.page("/index.html", "bell", &["/winch.html"]);
    site.page("/winch.html", "winch", &[]);
    site.put("/sitemap.xml", Reply::html("<html><body>No such page, but status 200</body></html>"));
    let workerd = Workerd::start(site.setup(&world));
    let done = crawl(&workerd.api(), &json!({"url": site.origin.url("/index.html"), "sitemap": true}));
    assert_eq!((counts(&done), &done["sitemaps_read"]), ([2, 0, 0, 0], &json!(0)), "{done:#}");
    assert_eq!(done["failures"][0]["url"], site.origin.url("/sitemap.xml"), "{done:#}");
    assert!(done["failures"][0]["cause"].as_str().unwrap().contains("no sitemap"), "{done:#}");
}

#[test]
fn a_crawl_that_comes_again_reads_what_changed_and_removes_what_is_gone() {
    let world = World::start();
    let site = Site::start();
    site.page("/index.html", "bell", &["/winch.html", "/lamp.html", "/rope.html"]);
    for subject in ["winch", "lamp", "rope"] {
        site.page(&format!("/{subject}.html"), subject, &[]);
    }
    let mut workerd = Workerd::start(site.setup(&world));
    let body = json!({"url": site.origin.url("/index.html")});
    assert_eq!(counts(&crawl(&workerd.api(), &body)), [4, 0, 0, 0]);
    let before = checks::documents(&workerd.api());
    // Handed in, not fetched: no page of the site may take it away.
    let note = json!({"url": site.origin.url("/note.html"), "text": "Ask for the key at the desk."});
    workerd.api().post("/v1/library/documents", &note).expect(201);

    // What readers share is forgotten within a day: the library goes by what it stored itself.
    workerd.kill9();
    for file in workerd.files().iter().filter(|file| file.contains("footnote-site")) {
        std::fs::remove_file(file).unwrap();
    }
    workerd.restart();
    let api = workerd.api();
    site.page("/lamp.html", "lantern", &[]);
    site.gone("/rope.html");
    site.origin.clear_ledger();
    let again = crawl(&api, &body);
    assert_eq!(counts(&again), [1, 2, 1, 0], "{again:#}");
    assert_eq!(
        titles(&api),
        ["The bell", "The winch", "The lantern", "Ask for the key at the desk."].map(str::to_owned).into()
    );
    let asked = site.asked();
    assert_eq!(asked.len(), 4, "each page once, and none of a note: {asked:?}");
    assert!(asked.iter().all(|(_, compared)| compared.is_some()), "every page was compared: {asked:?}");
    let winch = |documents: &[Value]| documents.iter().find(|d| d["title"] == "The winch").cloned().unwrap();
    assert_eq!(winch(&checks::documents(&api)), winch(&before), "what has not changed is not touched");
    let found = api.get("/v1/library/search?q=rope").expect(200).json;
    assert!(!found.to_string().contains("/rope.html"), "{found:#}");
}

#[test]
fn a_page_that_nothing_links_to_any_more_is_looked_after_and_may_be_kept_with_a_mark() {
    let world = World::start();
    let site = Site::start();
    site.page("/index.html", "bell", &["/winch.html", "/lamp.html"]);
    site.page("/winch.html", "winch", &[]);
    site.page("/lamp.html", "lamp", &[]);
    let workerd = Workerd::start(site.setup(&world));
    let api = workerd.api();
    let body = json!({"url": site.origin.url("/index.html"), "gone": "mark"});
    crawl(&api, &body);
    site.page("/index.html", "bell", &["/lamp.html"]);
    site.gone("/winch.html");
    let again = crawl(&api, &body);
    assert_eq!(counts(&again)[2], 1, "{again:#}");
    let gone: Vec<_> = checks::documents(&api).into_iter().filter(|d| d["gone_at"].is_string()).collect();
    assert_eq!(gone.len(), 1, "{gone:#?}");
    assert_eq!(gone[0]["title"], "The winch");
    site.page("/winch.html", "winch", &[]);
    crawl(&api, &body);
    assert!(checks::documents(&api).iter().all(|d| d["gone_at"].is_null()), "it is back");
    site.gone("/winch.html");
    let removed = crawl(&api, &json!({"url": site.origin.url("/index.html")}));
    assert_eq!(counts(&removed)[2], 1, "{removed:#}");
    assert_eq!(checks::documents(&api).len(), 2);
}

#[test]
fn a_site_that_throttles_is_left_alone_and_come_back_to() {
    let world = World::start();
    let site = Site::start();
    site.page("/index.html", "bell", &["/winch.html", "/lamp.html"]);
    site.page("/winch.html", "winch", &[]);
    site.page("/lamp.html", "lamp", &[]);
    let throttled = Reply::status(429).header("retry-after", "4");
    site.origin.first("/winch.html", [Fault::Instead(throttled)]);
    let workerd = Workerd::start(site.setup(&world));
    let done = crawl(&workerd.api(), &json!({"url": site.origin.url("/index.html")}));
    assert_eq!(counts(&done), [3, 0, 0, 0], "{done:#}");
    let at = |path: &str, nth: usize| {
        site.origin.ledger().into_iter().filter(|e| e.request.path == path).map(|e| e.at).nth(nth).unwrap()
    };
    let waited = at("/winch.html", 1).duration_since(at("/winch.html", 0));
    assert!(waited >= Duration::from_secs(3), "{waited:?}");
}

#[test]
fn a_crawl_reads_pdfs_too_and_no_sitemap_that_may_not_be_fetched() {
    let world = World::start();
    let site = Site::start();
    site.page("/index.html", "bell", &["/manual.pdf"]);
    let pdf = include_bytes!("../fixtures/pdf/plain.pdf");
    site.put("/manual.pdf", Reply::new(200, "application/pdf", pdf.as_slice()));
    let workerd = Workerd::start(site.setup(&world));
    let api = workerd.api();
    let url = site.origin.url("/index.html");
    assert_eq!(counts(&crawl(&api, &json!({"url": url}))), [2, 0, 0, 0]);
    assert!(checks::documents(&api).iter().any(|document| document["pages"] == 4));
    let refused = json!({"url": url, "sitemap": "http://169.254.169.254/sitemap.xml"});
    let reply = api.post("/v1/library/crawls", &refused).expect(403);
    assert!(reply.json["error"].as_str().unwrap().contains("`sitemap`"), "{reply:?}");
}

#[test]
fn a_collection_that_is_deleted_ends_its_crawl() {
    let world = World::start();
    let site = Site::start();
    let links: Vec<String> = (0..30).map(|n| format!("/{n}.html")).collect();
    site.page("/index.html", "bell", &links.iter().map(String::as_str).collect::<Vec<_>>());
    for (n, link) in links.iter().enumerate() {
        site.page(link, &format!("winch number {n}"), &[]);
    }
    site.origin.latency(Duration::from_millis(200));
    let workerd = Workerd::start(site.setup(&world));
    let api = workerd.api();
    let body = json!({"url": site.origin.url("/index.html"), "collection": "docs"});
    let id = api.post("/v1/library/crawls", &body).expect(202).id();
    assert!(site.origin.await_requests(6, PATIENCE));
    api.delete("/v1/library/collections/docs").expect(204);
    let ended = api.await_crawl(&id, PATIENCE);
    assert!(ended["queued"] == 0, "{ended:#}");
    assert_eq!(checks::documents(&api), [] as [Value; 0]);
    assert!(site.asked().len() < 31, "it ended before its time");
}
