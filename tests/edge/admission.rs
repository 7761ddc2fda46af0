//! Which addresses the Worker may reach: whatever a caller, a link or a redirect names.

use crate::support::http::Reply;
use crate::support::{Config, Fault, Origin, Setup, Workerd, World, checks};
use serde_json::{Value, json};
use std::time::Duration;

/// A crawl that is refused ends at once; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that nobody may reach: every request in its ledger is a leak.
fn canary() -> Origin {
    Origin::start(1, |_| {
        Reply::html("<html><body><main><p>The secret of the inner network.</p></main></body></html>")
    })
}

/// `127.0.0.1` as attackers spell it, and the addresses that are as private.
fn spellings(port: u16) -> Vec<String> {
    let hosts = [
        // loopback, in every notation that URLs fold
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "127.255.255.254",
        "2130706433",
        "0x7f000001",
        "0X7F000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "0177.0.0.1",
        "0177.0.0.0x1",
        "017700000001",
        "00000177.0.0.1",
        "127.0.0.1%2e",
        "127%2e0%2e0%2e1",
        "%31%32%37.0.0.1",
        "\u{2460}\u{2461}\u{2466}.0.0.1",
        "\u{ff11}\u{ff12}\u{ff17}.\u{ff10}.\u{ff10}.\u{ff11}",
        "127\u{3002}0\u{3002}0\u{3002}1",
        "127\u{ff0e}0\u{ff0e}0\u{ff0e}1",
        "0.0.0.0",
        "0",
        "0x0",
        "00000000",
        // names that mean this machine or this network
        "localhost",
        "LOCALHOST.",
        "localhost.localdomain",
        "a.localhost",
        "loc%61lhost",
        "l\u{24de}calhost",
        "ip6-localhost",
        "metadata",
        "metadata.google.internal",
        "printer.local",
        "router.lan",
        "db.internal",
        "nas.home.arpa",
        "kubernetes.default.svc.cluster.local",
        // v6
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[0000:0000:0000:0000:0000:0000:0000:0001]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[100::1]",
        // as private
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "168.63.129.16",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.257",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        // with somebody in front of it
        "user:password@127.0.0.1",
        "public.example@127.0.0.1",
        "public.example%40@127.0.0.1",
        ":@127.0.0.1",
    ];
    hosts.iter().map(|host| format!("http://{host}:{port}/secret")).collect()
}

fn setup(config: Config, allowed: &str) -> Setup {
    let env = [
        ("ALLOW_ANONYMOUS", "1"),
        ("ALLOW_PRIVATE_HOSTS", allowed),
        ("SEARCH", "library"),
        ("MODEL", "extractive"),
    ];
    let env = env.into_iter().filter(|(_, value)| !value.is_empty());
    Setup { config, env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
}

#[track_caller]
fn assert_refused(workerd: &Workerd, canary: &Origin, url: &str) {
    let document = workerd.api().post("/v1/library/documents", &json!({"url": url}));
    assert!((400..600).contains(&document.status) && document.status != 500, "{url}: {document:?}");
    let crawl =
        workerd.api().post("/v1/library/crawls", &json!({"url": url, "max_pages": 1, "max_depth": 0}));
    if crawl.status == 202 {
        let crawl = workerd.api().await_crawl(&crawl.id(), PATIENCE);
        assert_eq!(checks::crawl_counts(&crawl).0, 0, "{url}: {crawl:#}");
    }
    assert!(canary.ledger().is_empty(), "{url} was reached: {:#?}", canary.ledger());
}

#[test]
fn no_spelling_of_a_private_address_is_reached_on_the_development_network() {
    let canary = canary();
    let workerd = Workerd::start(setup(Config::Dev, ""));
    for url in spellings(canary.port()) {
        assert_refused(&workerd, &canary, &url);
    }
}

#[test]
fn no_spelling_of_a_private_address_is_reached_on_the_serving_network() {
    let canary = canary();
    let workerd = Workerd::start(setup(Config::Serving, ""));
    for url in spellings(canary.port()) {
        assert_refused(&workerd, &canary, &url);
    }
}

/// What research is told to read first, and a `robots.txt` that leads inside.
#[test]
fn neither_start_urls_nor_a_robots_txt_lead_to_a_private_address() {
    let canary = canary();
    let world = World::start();
    let site = world.site("ferry");
    site.always("/robots.txt", Fault::Instead(Reply::redirect(&canary.url("/robots.txt"))));
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    for some in spellings(canary.port()).chunks(15) {
        let reply = api.post("/v1/research", &json!({"query": "What is the secret?", "start_urls": some}));
        assert!(matches!(reply.status, 400 | 403), "{some:?}: {reply:?}");
    }
    let asked = json!({"query": "How large is the battery?", "start_urls": [site.url("/battery.html")]});
    let job = api.research(&asked, PATIENCE);
    assert_eq!(job["status"], "completed", "{job:#}");
    assert!(
        site.ledger().iter().any(|entry| entry.request.path == "/battery.html"),
        "no rules forbid nothing"
    );
    assert!(canary.ledger().is_empty(), "{:#?}", canary.ledger());
}

#[test]
fn the_serving_network_refuses_even_a_host_that_is_allowed_by_name() {
    let canary = canary();
    let workerd = Workerd::start(setup(Config::Serving, &canary.host()));
    assert_refused(&workerd, &canary, &canary.url("/secret"));
}

#[test]
fn one_allowed_host_does_not_allow_its_neighbours() {
    let (allowed, canary) = (Origin::start(2, |_| Reply::status(404)), canary());
    let workerd = Workerd::start(setup(Config::Dev, &allowed.host()));
    assert_refused(&workerd, &canary, &canary.url("/secret"));
}

#[test]
fn a_redirect_to_a_private_address_is_not_followed() {
    let canary = canary();
    let world = World::start();
    let site = world.site("ferry");
    let workerd = Workerd::start(world.keyless());
    site.always("/battery.html", Fault::Instead(Reply::redirect(&canary.url("/secret"))));
    assert_refused(&workerd, &canary, &site.url("/battery.html"));
    for (place, url) in spellings(canary.port()).into_iter().enumerate() {
        let Ok(location) = url::Url::parse(&url) else { continue };
        let path = format!("/redirect-{place}");
        site.always(&path, Fault::Instead(Reply::redirect(location.as_str())));
        assert_refused(&workerd, &canary, &site.url(&path));
    }
    assert!(
        site.ledger().iter().any(|entry| entry.request.path == "/redirect-0"),
        "the redirect itself was read"
    );
}

#[test]
fn a_redirect_among_allowed_pages_is_followed_and_an_endless_one_is_left() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let (ferry, harbour) = (world.site("ferry"), world.site("harbour"));
    ferry.always("/moved.html", Fault::Instead(Reply::redirect(&harbour.url("/charging.html"))));
    let moved =
        workerd.api().post("/v1/library/documents", &json!({"url": ferry.url("/moved.html")})).expect(201);
    assert_eq!(
        moved.json["url"],
        harbour.url("/charging.html"),
        "the page is known by where it was read: {moved:?}"
    );

    ferry.always("/circle.html", Fault::Instead(Reply::redirect(&ferry.url("/circle.html"))));
    let circle = workerd.api().post("/v1/library/documents", &json!({"url": ferry.url("/circle.html")}));
    assert!((400..600).contains(&circle.status) && circle.status != 500, "{circle:?}");
    let asked = ferry.ledger().iter().filter(|entry| entry.request.path == "/circle.html").count();
    assert!(asked <= 20, "browsers stop after 20 redirects, this took {asked}");
}

#[test]
fn links_and_search_hits_that_name_a_private_address_are_not_followed() {
    let canary = canary();
    let world = World::start();
    let trap: String =
        spellings(canary.port()).iter().map(|url| format!("<li><a href=\"{url}\">more</a></li>")).collect();
    let page = format!(
        "<html><body><main><h1>Battery</h1><p>The battery of the ferry is large.</p><ul>{trap}</ul></main></body></html>"
    );
    world.site("ferry").always("/index.html", Fault::Instead(Reply::html(page)));
    let hits: Vec<Value> = spellings(canary.port())
        .iter()
        .map(|url| json!({"url": url, "title": "Battery of the ferry", "content": "battery of the ferry", "engine": "local", "score": 9.0}))
        .collect();
    let found = json!({"query": "q", "number_of_results": hits.len(), "results": hits, "answers": [], "unresponsive_engines": []});
    world.search.always("/search", Fault::Instead(Reply::json(200, &found)));

    let workerd = Workerd::start(world.with_model());
    let id = workerd
        .api()
        .post("/v1/library/crawls", &json!({"url": world.site("ferry").url("/index.html"), "max_pages": 50}));
    workerd.api().await_crawl(&id.expect(202).id(), PATIENCE);
    let id = workerd.api().post_research(&json!({"query": "How large is the battery of the ferry?"}));
    workerd.api().await_terminal(&id, PATIENCE);
    assert!(canary.ledger().is_empty(), "{:#?}", canary.ledger());
}
