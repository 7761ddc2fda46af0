//! The evidence of a job in one file, downloaded and checked as anybody would.

use crate::support::{Workerd, World, openai};
use footnote::job::bundle::Bundle;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(120);
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";

#[test]
fn the_bundle_of_a_job_gives_its_report_anew_and_says_what_the_model_was_told() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let job = api.research(&json!({"query": QUESTION}), PATIENCE);
    let id = job["id"].as_str().unwrap();
    let reply = api.get(&format!("/v1/research/{id}/bundle")).expect(200);
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    assert!(reply.header("content-disposition").contains(id), "{}", reply.header("content-disposition"));
    assert!(!reply.text.contains(openai::KEY));

    let bundle = Bundle::read(&reply.text).unwrap();
    let replay = bundle.replay().unwrap();
    assert!(replay.is_identical, "the report made anew differs");
    assert_eq!(replay.wrong, Vec::<String>::new());
    assert_eq!(job["report"], replay.report.markdown);
    assert_eq!(bundle.head.id, id);

    let steps: BTreeSet<String> = bundle.exchanges.iter().map(|e| e.step.to_string()).collect();
    for step in ["plan", "section.1", "summary"] {
        assert!(steps.contains(step), "{step} is not in {steps:?}");
    }
    assert!(steps.iter().any(|step| step.starts_with("analyze.")), "{steps:?}");
    for said in &bundle.exchanges {
        assert!(said.exchange.system.len() > 100 && !said.exchange.user.is_empty(), "{said:?}");
        assert!(said.exchange.reply.is_some() != said.exchange.error.is_some(), "{said:?}");
    }
    assert_eq!(job["usage"]["model_calls"], bundle.exchanges.len(), "{:#}", job["usage"]);
}

#[test]
fn the_bundle_of_an_unknown_job_is_not_found_and_one_without_a_report_says_so() {
    let world = World::start();
    world.latency(Duration::from_millis(500));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    api.get(&format!("/v1/research/res_{}/bundle", "0".repeat(32))).expect(404);
    let id = api.post_research(&json!({"query": QUESTION}));
    let early = api.get(&format!("/v1/research/{id}/bundle")).expect(200);
    let error = Bundle::read(&early.text).unwrap().replay().unwrap_err();
    assert!(error.to_string().contains("not over"), "{error}");
    api.post(&format!("/v1/research/{id}/cancel"), &json!({})).expect(200);
    let late = api.get(&format!("/v1/research/{id}/bundle")).expect(200);
    let error = Bundle::read(&late.text).unwrap().replay().unwrap_err();
    assert!(error.to_string().contains("cancelled"), "{error}");
}

#[test]
fn bundles_of_library_pages_forks_and_follow_ups_give_their_reports_anew_too() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    let api = workerd.api();
    let replayed = |job: &serde_json::Value| {
        let id = job["id"].as_str().unwrap();
        let bundle = Bundle::read(&api.get(&format!("/v1/research/{id}/bundle")).expect(200).text).unwrap();
        let replay = bundle.replay().unwrap();
        assert!(replay.is_identical, "{id}: the report made anew differs");
        assert_eq!(replay.wrong, Vec::<String>::new(), "{id}");
        assert_eq!(job["report"], replay.report.markdown, "{id}");
        assert!(bundle.exchanges.is_empty(), "{id}: no model was asked");
    };
    let first = api.research(&json!({"query": QUESTION, "max_iterations": 2}), PATIENCE);
    replayed(&first);
    let id = first["id"].as_str().unwrap();
    let fork =
        api.post(&format!("/v1/research/{id}/fork"), &json!({"from_round": 1, "changes": {}})).expect(202);
    replayed(&api.await_terminal(&fork.id(), PATIENCE));
    replayed(&api.research(&json!({"query": "How long does charging take?", "previous_id": id}), PATIENCE));
}
