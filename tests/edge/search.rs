//! Search providers through the real Worker: every API in its documented shape, and several of them failing at once.

use crate::support::http::Reply;
use crate::support::{Fault, Origin, Workerd, World, checks, engines};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A job over a dozen pages on loopback takes a few seconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and how many minutes does charging take in Ostervik?";
/// Every provider that is asked by HTTP.
const PROVIDERS: [&str; 11] = [
    "searxng",
    "brave",
    "tavily",
    "serper",
    "exa",
    "wikipedia",
    "openalex",
    "arxiv",
    "hackernews",
    "stackexchange",
    "github",
];
const CONTACT: &str = "https://footnote.example/";

/// The world's pages behind these APIs, and a Worker that searches them all.
fn start(world: &World, providers: &[&'static str]) -> (BTreeMap<&'static str, Origin>, Workerd) {
    start_with(world, providers, &providers.join(","))
}

/// The same with another `SEARCH`.
fn start_with(
    world: &World,
    providers: &[&'static str],
    search: &str,
) -> (BTreeMap<&'static str, Origin>, Workerd) {
    let started = providers.iter().map(|provider| (*provider, engines::start(provider, world.index())));
    let origins: BTreeMap<_, _> = started.collect();
    let mut setup = world.keyless().with("SEARCH", search).with("PUBLIC_URL", CONTACT);
    let mut hosts = vec![setup.env["ALLOW_PRIVATE_HOSTS"].clone()];
    for (provider, origin) in &origins {
        setup.env.extend(engines::settings(provider, origin));
        hosts.push(origin.host());
    }
    setup.env.insert("ALLOW_PRIVATE_HOSTS".into(), hosts.join(","));
    let workerd = Workerd::start(setup);
    (origins, workerd)
}

fn warnings(job: &Value) -> Vec<&str> {
    job["warnings"].as_array().unwrap().iter().map(|warning| warning.as_str().unwrap()).collect()
}

#[test]
fn every_provider_is_asked_as_it_wants_and_its_answer_becomes_sources() {
    let world = World::start();
    let (origins, workerd) = start(&world, &PROVIDERS);
    for provider in PROVIDERS {
        let body = json!({"query": QUESTION, "sources": [provider], "max_sources": 3, "max_iterations": 1});
        let job = workerd.api().research(&body, PATIENCE);
        checks::wire_types(&job);
        assert_eq!(warnings(&job), Vec::<&str>::new(), "{provider}");
        assert!(job["sources_count"].as_u64() >= Some(1), "{provider}: {job:#}");
        assert!(!job.to_string().contains(engines::KEY), "{provider}: the key leaked");
    }
    for (provider, origin) in &origins {
        let ledger = origin.ledger();
        assert!(!ledger.is_empty(), "{provider}");
        for entry in ledger {
            let agent = &entry.request.headers["user-agent"];
            assert!(
                agent.starts_with("Footnote/") && agent.ends_with(&format!(" (+{CONTACT})")),
                "{provider}: {agent}"
            );
        }
    }
    assert!(!workerd.log().contains(engines::KEY), "a key leaked");
}

#[test]
fn with_nothing_set_whoever_needs_no_key_is_asked_by_topic() {
    let world = World::start();
    let keyless = ["wikipedia", "openalex", "arxiv", "hackernews", "stackexchange", "github"];
    let (origins, workerd) = start_with(&world, &keyless, "");
    let health = workerd.api().get("/health").expect(200).json;
    assert_eq!(health["search"].as_array().unwrap().len(), 7, "{health:#}");
    let job = workerd.api().research(&json!({"query": QUESTION, "topic": "code"}), PATIENCE);
    assert!(job["sources_count"].as_u64() >= Some(1), "{job:#}");
    assert_eq!(warnings(&job), Vec::<&str>::new());
    for (provider, origin) in &origins {
        let for_science = matches!(*provider, "openalex" | "arxiv");
        assert_eq!(origin.ledger().is_empty(), for_science, "{provider}");
    }
}

#[test]
fn with_one_provider_down_and_one_throttled_the_third_s_sources_make_the_report() {
    let world = World::start();
    let (origins, workerd) = start(&world, &["brave", "tavily", "exa"]);
    origins["brave"].always("/res/v1/web/search", Fault::Reset);
    let busy = json!({"detail": {"error": "Your request has been blocked due to excessive requests."}});
    let busy = Reply::json(429, &busy).header("retry-after", "60");
    origins["tavily"].always("/search", Fault::Instead(busy));
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    checks::wire_types(&job);
    checks::citations(&job, |url| world.text_of(url));
    assert_eq!(job["state"], "completed", "{job:#}");
    assert!(job["report"].as_str().unwrap().contains("4.2 megawatt hours"), "{job:#}");
    let warnings = warnings(&job);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("brave was left out of "), "{warnings:?}");
    assert!(
        warnings[1].starts_with("tavily was left out of ") && warnings[1].contains("(429)"),
        "{warnings:?}"
    );
    assert!(job["report"].as_str().unwrap().contains("tavily was left out of "), "{job:#}");
}

#[test]
fn replies_of_the_wrong_kind_cost_their_own_hits_only() {
    let world = World::start();
    let (origins, workerd) = start(&world, &["tavily", "serper", "exa", "brave", "hackernews", "searxng"]);
    origins["tavily"].always("/search", Fault::Huge { bytes: 10 << 20 });
    origins["serper"]
        .always("/search", Fault::Instead(Reply::html("<html><body>502 Bad Gateway</body></html>")));
    origins["exa"].always("/search", Fault::Cut { after: 60 });
    let deep = Reply::new(200, "application/json", "{\"web\":".repeat(200_000));
    origins["brave"].always("/res/v1/web/search", Fault::Instead(deep));
    origins["hackernews"].always("/api/v1/search", Fault::Instead(Reply::json(200, &json!({"items": []}))));
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    checks::citations(&job, |url| world.text_of(url));
    assert!(job["report"].as_str().unwrap().contains("4.2 megawatt hours"), "{job:#}");
    let named: Vec<_> = warnings(&job).iter().map(|w| w.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(named, ["tavily", "serper", "exa", "brave", "hackernews"], "{job:#}");
}

#[test]
fn a_refused_key_is_told_and_not_tried_again() {
    let world = World::start();
    let (origins, workerd) = start(&world, &["exa", "searxng"]);
    let refused = json!({"requestId": "r", "error": "Invalid API key", "tag": "INVALID_API_KEY"});
    origins["exa"].always("/search", Fault::Instead(Reply::json(401, &refused)));
    let job = workerd.api().research(&json!({"query": QUESTION, "deep": true}), PATIENCE);
    let warnings = warnings(&job);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].ends_with("searches: Exa answered 401: Invalid API key"), "{warnings:?}");
    // What was out already when the first answer came.
    assert!(origins["exa"].ledger().len() <= 3, "{}", origins["exa"].ledger().len());
}

#[test]
fn options_of_a_request_reach_the_providers_that_know_them() {
    let world = World::start();
    let (origins, workerd) = start(&world, &["tavily", "searxng"]);
    let body = json!({"query": QUESTION, "country": "NO", "language": "en", "after_date": "2020-01-31",
        "beforeDate": "2030-12-31", "safe_search": "strict", "topic": "general", "exclude_domains": ["example.org"]});
    workerd.api().research(&body, PATIENCE);
    let asked = origins["tavily"].ledger()[0].request.json();
    assert_eq!(
        [&asked["country"], &asked["start_date"], &asked["end_date"], &asked["exclude_domains"]],
        [&json!("norway"), &json!("2020-01-31"), &json!("2030-12-31"), &json!(["example.org"])],
        "{asked:#}"
    );
    let asked = origins["searxng"].ledger()[0].request.clone();
    assert_eq!(asked.parameter("language").as_deref(), Some("en-NO"));
    assert_eq!(asked.parameter("safesearch").as_deref(), Some("2"));
    let refused = workerd.api().post("/v1/research", &json!({"query": QUESTION, "recency": "hour"}));
    assert_eq!(refused.status, 400, "{refused:?}");
}
