//! Pages that only scripts make: rendered by a real Chromium, or rejected for what they are.

use crate::support::http::Reply;
use crate::support::renderer::{Renderer, TOKEN};
use crate::support::{Config, Fault, Origin, Setup, Workerd, search};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// A browser starts within a second or two; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const QUESTION: &str = "How many lighthouse keepers lived on the island of Grimsholm?";
const ANSWER: &str =
    "Eleven lighthouse keepers and their families lived on the island of Grimsholm until the year 1974";

/// A page that says nothing by itself. Its script loads the text, and meanwhile asks `elsewhere` for something.
fn shell(elsewhere: &str) -> Reply {
    Reply::html(format!(
        "<!doctype html><html><head><title>Grimsholm</title></head><body><div id=\"root\"></div>\
         <noscript>You need to enable JavaScript to run this app.</noscript><script>\
         fetch('{elsewhere}', {{mode: 'no-cors'}}).catch(() => 0).then(() =>\
         setTimeout(() => fetch('/text.json').then((reply) => reply.json()).then((parts) => {{\
         document.getElementById('root').innerHTML = parts.map((part) => '<p>' + part + '</p>').join('');\
         }}), 300));</script></body></html>"
    ))
}

fn text() -> Reply {
    let parts = [
        format!("{ANSWER}, when the light was made to work by itself."),
        "The houses of the keepers are let to visitors today, and the light itself can be seen from 19 miles.".into(),
        "A boat goes there twice a day in summer from the harbour of Varn, and once a week in winter.".into(),
    ];
    Reply::json(200, &json!(parts))
}

/// The island's site, with a canary that nobody may reach through it.
struct Island {
    site: Origin,
    canary: Origin,
    engine: Origin,
}

impl Island {
    fn start() -> Self {
        let canary = Origin::start(3, |_| Reply::json(200, &json!("secret")));
        let elsewhere = canary.url("/secret");
        let site = Origin::start(2, move |request| match request.path.as_str() {
            "/island" => shell(&elsewhere),
            "/text.json" => text(),
            "/plain" => Reply::html(format!(
                "<html><head><title>Plain</title></head><body><main><p>{ANSWER}, says a page that needs no script at \
                 all and is read as it was sent.</p></main></body></html>"
            )),
            _ => Reply::status(404),
        });
        let index = ["/island", "/plain"].map(|path| search::Entry {
            url: site.url(path),
            title: "Grimsholm".into(),
            text: "lighthouse keepers on the island of Grimsholm".into(),
        });
        let engine = Origin::start(1, move |request| search::searxng(&index, request));
        Self { site, canary, engine }
    }

    fn research(&self, more: &[(&str, &str)]) -> Value {
        let workerd = self.worker(more);
        let job = workerd.api().research(&json!({"query": QUESTION, "deep": false}), PATIENCE);
        assert!(!job.to_string().contains(TOKEN) && !workerd.log().contains(TOKEN), "the token leaked");
        job
    }

    fn worker(&self, more: &[(&str, &str)]) -> Workerd {
        let (engine, site) = (self.engine.url(""), self.site.host());
        let usual = [
            ("ALLOW_ANONYMOUS", "1"),
            ("ALLOW_PRIVATE_HOSTS", site.as_str()),
            ("SEARCH", "searxng"),
            ("SEARXNG_URL", engine.as_str()),
        ];
        let env =
            usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Workerd::start(Setup { config: Config::Dev, env })
    }

    fn asked(&self, path: &str) -> usize {
        self.site.ledger().iter().filter(|entry| entry.request.path == path).count()
    }
}

fn source<'a>(job: &'a Value, end: &str) -> Option<&'a Value> {
    job["sources"]
        .as_array()?
        .iter()
        .find(|source| source["url"].as_str().is_some_and(|url| url.ends_with(end)))
}

fn rejection(job: &Value, end: &str) -> String {
    let rejected = job["rejected_sources"].as_array().cloned().unwrap_or_default();
    let found = rejected.iter().find(|page| page["url"].as_str().is_some_and(|url| url.ends_with(end)));
    found.map(|page| page["reason"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

#[test]
fn a_page_that_only_scripts_make_yields_its_text_through_chromium() {
    let island = Island::start();
    let renderer = Renderer::start(&BTreeSet::from([island.site.host()]));
    let job = island.research(&[("RENDER_URL", renderer.url()), ("RENDER_TOKEN", TOKEN)]);
    let rendered = source(&job, "/island").unwrap_or_else(|| panic!("it is no source: {job:#}"));
    assert_eq!(rendered["rendered"], true, "{job:#}");
    assert!(job["report"].as_str().unwrap().contains("Eleven lighthouse keepers"), "{job:#}");
    // Once by us, once by the browser, which says whose it is and obeys the same rules.
    assert_eq!(island.asked("/island"), 2, "{:#?}", island.site.ledger());
    for entry in island.site.ledger() {
        assert!(entry.request.headers["user-agent"].starts_with("Footnote/"), "{entry:#?}");
    }
    assert!(
        island.canary.ledger().is_empty(),
        "a page's script reached this machine: {:#?}",
        island.canary.ledger()
    );
    if let Some(plain) = source(&job, "/plain") {
        assert_eq!(plain["rendered"], false);
    }
}

#[test]
fn the_renderer_reaches_nothing_private_that_it_was_not_told_of() {
    let canary = Origin::start(1, |_| Reply::html("<p>secret"));
    let away = canary.url("/secret");
    let site = Origin::start(2, move |_| Reply::redirect(&away));
    let renderer = Renderer::start(&BTreeSet::from([site.host()]));
    let (port, jump) = (canary.port(), site.url("/jump"));
    let spellings = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0"];
    let urls = spellings.map(|host| format!("http://{host}:{port}/secret"));
    for url in urls.iter().map(String::as_str).chain([jump.as_str(), "file:///etc/passwd"]) {
        let html = renderer.content(&json!({"url": url}));
        assert!(!html.contains("secret<") && !html.contains("root:"), "{url}: {html}");
    }
    assert!(canary.ledger().is_empty(), "{:#?}", canary.ledger());
}

#[test]
fn without_a_renderer_or_with_one_that_is_down_the_page_is_rejected_for_what_it_is() {
    let island = Island::start();
    let alone = rejection(&island.research(&[]), "/island");
    assert!(alone.starts_with("The page shows its content only with JavaScript"), "{alone}");
    let renderer = Origin::start(4, |_| Reply::status(500));
    for (fault, calls) in [
        (Fault::Fine, 1),
        (Fault::Reset, 1),
        (Fault::Cut { after: 1 }, 1),
        (Fault::Huge { bytes: 10_000_000 }, 1),
    ] {
        renderer.clear_ledger();
        renderer.always("/content", fault.clone());
        let job = island.research(&[("RENDER_URL", &renderer.url("/content")), ("RENDER_TOKEN", TOKEN)]);
        let why = rejection(&job, "/island");
        assert!(why.starts_with(&alone) && why.contains("Rendering it failed"), "{fault:?}: {why}");
        assert_eq!(renderer.ledger().len(), calls, "tried once: {:#?}", renderer.ledger());
    }
}

#[test]
fn cloudflares_shape_is_understood_and_what_it_sends_is_judged_like_any_page() {
    let island = Island::start();
    let page = island.site.url("/island");
    let html = format!(
        "<html><title>Grimsholm</title><main><p>{ANSWER}, and this is what a browser far away saw.</p></main>"
    );
    for (result, is_source) in
        [(html.as_str(), true), ("<html><body><div id=root></div><script src=a.js></script>", false)]
    {
        let body = json!({"success": true, "errors": [], "messages": [], "result": result});
        let renderer = Origin::start(4, move |_| Reply::json(200, &body));
        let address = renderer.url("/client/v4/accounts/a1/browser-rendering/content");
        let job = island.research(&[("RENDER_URL", &address), ("RENDER_TOKEN", TOKEN)]);
        let ledger = renderer.ledger();
        assert_eq!(ledger.len(), 1, "only the shell is sent, once: {ledger:#?}");
        assert_eq!(ledger[0].request.json()["url"], page.as_str());
        assert_eq!(ledger[0].request.headers["authorization"], format!("Bearer {TOKEN}"));
        assert!(ledger[0].request.query.is_empty(), "{ledger:#?}");
        assert_eq!(
            source(&job, "/island").is_some_and(|source| source["rendered"] == true),
            is_source,
            "{job:#}"
        );
        let why = rejection(&job, "/island");
        assert_eq!(why.starts_with("The page shows its content only with JavaScript"), !is_source, "{why}");
    }
}

#[test]
fn a_bot_check_that_comes_as_a_403_is_one_and_a_browser_gets_its_try() {
    let island = Island::start();
    let check = Reply::html("<html><title>Just a moment...</title><body>Checking your browser</body></html>");
    let check = Reply { status: 403, ..check }.header("cf-mitigated", "challenge");
    island.site.always("/island", Fault::Instead(check));
    let alone = rejection(&island.research(&[]), "/island");
    assert!(alone.starts_with("The site answered with a bot check"), "{alone}");
    let html = format!("<html><title>Grimsholm</title><main><p>{ANSWER}, as a browser was told.</p></main>");
    let renderer = Origin::start(4, move |_| Reply::html(html.clone()));
    let job = island.research(&[("RENDER_URL", &renderer.url("/content"))]);
    assert!(source(&job, "/island").is_some_and(|source| source["rendered"] == true), "{job:#}");
}
