//! Pages that a site's API gives better than the site: through the API, cited by their own address, read themselves when the
//! API does not help.

use crate::support::http::{Reply, Request};
use crate::support::{Config, Fault, Origin, Setup, Workerd, checks};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A page takes a second or two, since an API is asked a second apart; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const ARTICLE: &str = "https://en.wikipedia.org/wiki/Chain_ferry";
const ARTICLE_API: &str = "https://en.wikipedia.org/w/rest.php/v1/page/Chain_ferry/with_html";

fn fixture(file: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/known/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// The APIs of the real world by their public addresses, and pages in the place of those that they give.
fn answer(request: &Request) -> Reply {
    let api = |kind: &str, file: &str| Reply::new(200, kind, fixture(file));
    let json = |file: &str| api("application/json", file);
    match request.path.as_str() {
        ARTICLE_API => json("wikipedia.json"),
        "https://en.wikipedia.org/w/rest.php/v1/page/Floating_bridge/with_html" => {
            Reply::redirect("/w/rest.php/v1/page/Chain_ferry/with_html")
        }
        "https://export.arxiv.org/api/query" => api("application/atom+xml", "arxiv.xml"),
        "https://api.github.com/repos/fjord/old-tide/readme" => {
            Reply::redirect("https://api.github.com/repositories/17/readme")
        }
        "https://api.github.com/repositories/17/readme"
        | "https://api.github.com/repos/fjord/tide/readme" => {
            api("application/vnd.github.html; charset=utf-8", "github_readme.html")
        }
        "https://api.github.com/repos/fjord/tide" | "https://api.github.com/repos/fjord/old-tide" => {
            json("github_repository.json")
        }
        "https://api.stackexchange.com/2.3/questions/500" => json("stackexchange_question.json"),
        "https://api.stackexchange.com/2.3/questions/500/answers" => json("stackexchange_answers.json"),
        "https://hn.algolia.com/api/v1/items/9001" => json("hackernews.json"),
        "https://crates.io/api/v1/crates/tide-tables" => json("crates_io.json"),
        "https://crates.io/api/v1/crates/tide-tables/0.4.2/readme" => {
            Reply::redirect("https://static.crates.io/readmes/tide-tables/tide-tables-0.4.2.html")
        }
        "https://static.crates.io/readmes/tide-tables/tide-tables-0.4.2.html" => {
            api("text/html", "crates_io_readme.html")
        }
        ARTICLE
        | "https://github.com/fjord/tide"
        | "https://github.com/fjord/tide/issues/41"
        | "https://old.reddit.com/r/ferries/comments/1abcde/" => Reply::html(
            "<html><head><title>Ferries themselves</title></head><body><main><h1>Ferries themselves</h1><p>This is what the page \
             itself says of ferries: the first one that ran on a chain and on steam was built in 1832, and many people \
             came to the river to see it cross.</p></main></body></html>",
        ),
        _ => Reply::status(404),
    }
}

/// The Worker with that world around it.
fn started(more: &[(&str, &str)]) -> (Origin, Workerd) {
    let internet = Origin::start(1, answer);
    let env = [("ALLOW_ANONYMOUS", "1"), ("SEARCH", "library"), ("SITE_DELAY_MS", "0")]
        .into_iter()
        .chain(more.iter().copied());
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let workerd = Workerd::start(Setup { config: Config::Internet(internet.address()), env });
    (internet, workerd)
}

fn asked(internet: &Origin) -> Vec<String> {
    internet.ledger().into_iter().map(|entry| entry.request.path).collect()
}

/// One page read into the library: the document and its text.
fn read(workerd: &Workerd, url: &str) -> (Value, String) {
    workerd.api().crawl(url, 1, PATIENCE);
    let documents = checks::documents(&workerd.api());
    let document = documents.iter().find(|document| document["url"] == url);
    let document =
        document.unwrap_or_else(|| panic!("{url} is not among {documents:#?}\n{}", workerd.log())).clone();
    let text = checks::stored_in_library(&workerd.api())(url).unwrap();
    (document, text)
}

#[test]
fn a_job_cites_the_page_whose_text_an_api_gave() {
    let (internet, workerd) = started(&[]);
    let job = workerd.api().research(
        &json!({"query": "Who built the first steam driven chain ferry, and in which year?", "start_urls": [ARTICLE], "deep": false}),
        PATIENCE,
    );
    assert_eq!(job["sources"][0]["url"], ARTICLE, "{job:#}");
    assert_eq!(job["sources"][0]["title"], "Chain ferry");
    assert_eq!(
        (&job["sources"][0]["rendered"], &job["sources"][0]["modified"]),
        (&json!(false), &json!("2024-11-03"))
    );
    assert!(job["report"].as_str().unwrap().contains("James Meadows Rendel"), "{job:#}");
    let asked = asked(&internet);
    assert!(asked.contains(&ARTICLE_API.to_owned()) && !asked.contains(&ARTICLE.to_owned()), "{asked:#?}");
    assert!(!job.to_string().contains("rest.php"), "the API's address is nobody's business: {job:#}");
}

#[test]
fn every_kind_of_api_gives_its_page_under_the_pages_address() {
    let (internet, workerd) = started(&[("GITHUB_API_KEY", "gh-canary-51")]);
    for (url, title, says) in [
        ("https://en.wikipedia.org/wiki/Floating_bridge", "Chain ferry", "in 1832"),
        ("https://arxiv.org/abs/2101.00001", "Waves behind Ferries: Measured & Modelled", "31 buoys"),
        ("https://github.com/fjord/tide", "fjord/tide", "1,400 harbours"),
        ("https://github.com/fjord/old-tide", "fjord/tide", "1,400 harbours"),
        ("https://stackoverflow.com/questions/500/how-high", "How do I read", "Accepted answer by Liv"),
        ("https://news.ycombinator.com/item?id=9001", "Electric ferries now carry", "nine minutes"),
        ("https://crates.io/crates/tide-tables", "tide-tables", "## README"),
    ] {
        let (document, text) = read(&workerd, url);
        assert!(document["title"].as_str().unwrap().starts_with(title), "{document:#}");
        assert!(text.contains(says), "{url}: {text}");
    }
    for entry in internet.ledger() {
        let Request { path, headers, .. } = entry.request;
        assert!(headers["user-agent"].starts_with("Footnote/"), "{headers:?}");
        // An API for programs is no page: it is asked at once, without looking for robots.txt.
        assert!(!path.ends_with("/robots.txt"), "{path}");
        let told = headers.get("authorization").is_some_and(|value| value == "Bearer gh-canary-51");
        assert_eq!(told, path.starts_with("https://api.github.com/"), "{path} {headers:?}");
    }
    assert!(!workerd.log().contains("gh-canary-51"));
}

#[test]
fn an_api_that_does_not_help_costs_nothing_but_its_call() {
    let deep = "[".repeat(300_000);
    let faults = BTreeMap::from([
        ("down", Fault::Instead(Reply::status(500))),
        ("cut off", Fault::Cut { after: 700 }),
        ("no JSON", Fault::Instead(Reply::html("<p>Maintenance"))),
        ("another shape", Fault::Instead(Reply::json(200, &json!({"title": [], "html": 7})))),
        ("deep", Fault::Instead(Reply::new(200, "application/json", deep))),
        ("10 MB", Fault::Huge { bytes: 10_000_000 }),
    ]);
    for (what, fault) in faults {
        let (internet, workerd) = started(&[]);
        internet.always(ARTICLE_API, fault);
        let (document, text) = read(&workerd, ARTICLE);
        assert_eq!(document["title"], "Ferries themselves", "{what}");
        assert!(text.contains("what the page itself says"), "{what}: {text}");
        let calls = asked(&internet).into_iter().filter(|path| path == ARTICLE_API).count();
        assert_eq!(calls, 1, "{what}");
    }
}

#[test]
fn an_api_is_asked_no_faster_than_a_site_and_once_for_all_jobs() {
    // A third of what is a whole second here: arrival is not departure.
    const APART: Duration = Duration::from_millis(300);
    let (internet, workerd) = started(&[("SITE_DELAY_MS", "1000")]);
    let question = json!({"query": "Which column of a table of harmonic constants is the phase lag?",
        "start_urls": ["https://stackoverflow.com/questions/500/how-high"], "deep": false});
    let first = workerd.api().research(&question, PATIENCE);
    assert_eq!(first["sources"][0]["url"], "https://stackoverflow.com/questions/500/how-high", "{first:#}");
    let ledger = internet.ledger();
    assert_eq!(ledger.len(), 2, "question and answers: {ledger:#?}");
    assert!(ledger[1].at.duration_since(ledger[0].at) >= APART, "{ledger:#?}");
    let second = workerd.api().research(&question, PATIENCE);
    assert_eq!(second["sources"][0]["content_sha256"], first["sources"][0]["content_sha256"]);
    assert_eq!(internet.ledger().len(), 2, "{:#?}", internet.ledger());
}

#[test]
fn an_api_whose_calls_are_used_up_is_left_alone_and_its_pages_are_read() {
    let (internet, workerd) = started(&[]);
    let readme = "https://api.github.com/repos/fjord/tide/readme";
    let refusal = Reply::json(403, &json!({"message": "API rate limit exceeded"}));
    let refusal = refusal.header("x-ratelimit-remaining", "0").header("retry-after", "600");
    internet.always(readme, Fault::Instead(refusal));
    for url in ["https://github.com/fjord/tide", "https://github.com/fjord/tide/issues/41"] {
        let (document, _) = read(&workerd, url);
        assert_eq!(document["title"], "Ferries themselves");
    }
    let calls: Vec<String> =
        asked(&internet).into_iter().filter(|path| path.contains("api.github.com")).collect();
    assert_eq!(calls, [readme], "one refusal is enough");
}

#[test]
fn a_reddit_thread_that_is_refused_is_read_from_its_old_page_and_cited_by_its_own_address() {
    let (internet, workerd) = started(&[]);
    let (_, text) = read(&workerd, "https://www.reddit.com/r/ferries/comments/1abcde/is_the_new/");
    assert!(text.contains("what the page itself says"), "{text}");
    let asked = asked(&internet);
    // It is a form of the page, so robots.txt speaks about it.
    assert_eq!(asked[0], "https://www.reddit.com/robots.txt", "{asked:#?}");
    assert!(asked[1].ends_with("/r/ferries/comments/1abcde.json"), "{asked:#?}");
}

#[test]
fn one_setting_moves_an_api_or_switches_all_off() {
    let mirror = Origin::start(1, |request| match request.path.as_str() {
        "/mirror/w/rest.php/v1/page/Chain_ferry/with_html" => {
            Reply::new(200, "application/json", fixture("wikipedia.json"))
        }
        _ => Reply::status(404),
    });
    let apis = format!("wikipedia={}", mirror.url("/mirror"));
    let setup = [("ALLOW_ANONYMOUS", "1"), ("SEARCH", "library"), ("SITE_APIS", apis.as_str())];
    let env = setup.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let workerd = Workerd::start(Setup { config: Config::Dev, env });
    let (document, text) = read(&workerd, ARTICLE);
    assert_eq!(document["title"], "Chain ferry");
    assert!(text.contains("[cable ferry](https://en.wikipedia.org/wiki/Cable_ferry)"), "{text}");

    let (internet, workerd) = started(&[("SITE_APIS", "off")]);
    let (document, _) = read(&workerd, ARTICLE);
    assert_eq!(document["title"], "Ferries themselves");
    assert!(asked(&internet).iter().all(|path| !path.contains("rest.php")), "{:#?}", asked(&internet));
}
