//! From a question to a report whose every citation checks out.

use crate::support::{Origin, Workerd, World, checks, openai, search};
use serde_json::json;
use std::time::Duration;

/// A job over a dozen pages on loopback takes a few seconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and how many minutes does charging take in Ostervik?";

#[test]
fn without_any_key_the_library_and_the_built_in_analyst_answer() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    let job = workerd.api().research(&json!({"query": QUESTION, "deep": false}), PATIENCE);
    checks::wire_types(&job);
    checks::citations(&job, checks::stored_in_library(&workerd.api()));
    checks::offsets(&job, checks::stored_in_library(&workerd.api()));
    let report = job["report"].as_str().unwrap();
    assert!(report.contains("4.2 megawatt hours"), "{report}");
    assert!(report.contains("nine minutes"), "{report}");
    assert!(job["sources_count"].as_u64() >= Some(2), "{job:#}");
    assert!(world.search.ledger().is_empty() && world.model.ledger().is_empty(), "nobody else was asked");
}

#[test]
fn pages_in_the_library_are_not_fetched_again() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    world.clear_ledgers();
    workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    assert!(world.requests().is_empty(), "{:#?}", world.requests());
}

#[test]
fn with_a_search_engine_and_a_model_the_answer_comes_from_the_web() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    checks::wire_types(&job);
    checks::citations(&job, |url| world.text_of(url));
    let report = job["report"].as_str().unwrap();
    assert!(report.contains("4.2 megawatt hours"), "{report}");
    assert!(report.contains("nine minutes"), "{report}");
    assert!(!world.search.ledger().is_empty() && !world.model.ledger().is_empty());
}

#[test]
fn brave_is_asked_with_its_key_and_the_key_is_told_to_nobody() {
    const KEY: &str = "brave-canary-7c21";
    let world = World::start();
    let index = world.index();
    let brave = Origin::start(1, move |request| search::brave(&index, KEY, request));
    let mut setup = world.keyless();
    let hosts = format!("{},{}", setup.env["ALLOW_PRIVATE_HOSTS"], brave.host());
    let more = [("SEARCH", "brave".into()), ("BRAVE_URL", brave.url("")), ("BRAVE_API_KEY", KEY.into())];
    setup.env.extend(more.map(|(name, value): (&str, String)| (name.to_owned(), value)));
    setup.env.insert("ALLOW_PRIVATE_HOSTS".into(), hosts);
    let workerd = Workerd::start(setup);
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    checks::citations(&job, |url| world.text_of(url));
    assert!(job["sources_count"].as_u64() >= Some(1), "{job:#}");
    assert!(
        brave.ledger().iter().all(|entry| entry.request.path == "/res/v1/web/search"),
        "{:#?}",
        brave.ledger()
    );
    assert!(!job.to_string().contains(KEY) && !workerd.log().contains(KEY), "the key leaked");
}

#[test]
fn the_key_of_the_model_goes_to_the_model_only() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    assert!(!job.to_string().contains(openai::KEY) && !workerd.log().contains(openai::KEY), "the key leaked");
    let elsewhere = ["ferry", "harbour", "energy", "survey"].map(|name| world.site(name).ledger()).concat();
    for entry in elsewhere.iter().chain(&world.search.ledger()) {
        assert!(!entry.request.headers.contains_key("authorization"), "{entry:#?}");
    }
}

#[test]
fn a_question_that_no_page_answers_gets_a_report_that_says_so() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    let query = "Which zirconium alloy does the Quetzalcoatlus fuselage prototype use?";
    let job = workerd.api().research(&json!({"query": query}), PATIENCE);
    checks::wire_types(&job);
    checks::citations(&job, checks::stored_in_library(&workerd.api()));
    assert_eq!(job["findings_count"], 0, "{job:#}");
    let report = job["report"].as_str().unwrap().to_lowercase();
    let honest =
        ["no source", "nothing", "not found", "no evidence", "could not", "no finding", "not answered"];
    assert!(honest.iter().any(|words| report.contains(words)), "{report}");
}

#[test]
fn the_limits_that_a_caller_sets_are_kept() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let body = json!({"query": QUESTION, "max_iterations": 1, "max_sources": 2});
    let job = workerd.api().research(&body, PATIENCE);
    assert!(job["iterations"].as_u64() <= Some(1), "{job:#}");
    assert!(job["sources_count"].as_u64() <= Some(2), "{job:#}");
    checks::citations(&job, |url| world.text_of(url));
}

#[test]
fn jobs_side_by_side_do_not_mix() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let questions = [
        QUESTION,
        "How much carbon dioxide did the diesel ferry Storvik emit before the electric ferry?",
        "What did passengers say about noise on the ferry Lysling?",
    ];
    let ids = questions.map(|query| workerd.api().post_research(&json!({"query": query})));
    for (id, query) in ids.iter().zip(questions) {
        let job = workerd.api().await_terminal(id, PATIENCE);
        assert_eq!((&job["status"], &job["query"]), (&json!("completed"), &json!(query)), "{job:#}");
        checks::citations(&job, |url| world.text_of(url));
    }
}

#[test]
fn a_report_comes_in_the_form_that_is_asked_for() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    let api = workerd.api();
    let job = api.research(&json!({"query": QUESTION}), PATIENCE);
    let path = format!("/v1/research/{}", job["id"].as_str().unwrap());
    let whole = job["report"].as_str().unwrap();

    let markdown = api.get(&format!("{path}?format=md")).expect(200);
    assert_eq!(markdown.header("content-type"), "text/markdown; charset=utf-8");
    assert_eq!(markdown.text, whole);
    let accepted = api.clone().with_header("accept", "text/markdown").get(&path).expect(200);
    assert_eq!(accepted.text, whole);

    let browser = api.clone().with_header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let page = browser.get(&path).expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(
        page.text.contains("4.2 megawatt hours") && page.text.contains("id=\"source-1\""),
        "{}",
        page.text
    );

    let short = api.get(&format!("{path}?max_tokens=400")).expect(200).json;
    checks::wire_types(&short);
    checks::citations(&short, checks::stored_in_library(&api));
    let text = short["report"].as_str().unwrap();
    assert!(text.len() <= 3 * 400 && text.len() < whole.len() && text.contains("*Shortened."), "{text}");

    let notes = api.get(&format!("{path}?citations=footnotes&format=md")).expect(200);
    assert!(notes.text.contains("[^1]: "), "{}", notes.text);
    let wrong = api.get(&format!("{path}?format=pdf&max_tokens=1")).expect(400);
    assert!(wrong.json["error"].as_str().unwrap().contains("json, md, html"), "{}", wrong.text);
}

#[test]
fn a_report_that_is_not_there_yet_is_told_from_one_that_never_will() {
    let world = World::start();
    world.latency(Duration::from_millis(1_500));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": QUESTION}));
    let soon = api.get(&format!("/v1/research/{id}?format=md")).expect(202);
    assert_eq!(soon.json["status"], "processing");
    assert!(!soon.header("retry-after").is_empty());
    api.post(&format!("/v1/research/{id}/cancel"), &json!({})).expect(200);
    let never = api.get(&format!("/v1/research/{id}?format=html")).expect(409);
    assert!(never.json["error"].as_str().unwrap().contains("cancelled"), "{}", never.text);
}
