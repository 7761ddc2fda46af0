//! Ending, steering, copying and deleting jobs, and asking twice.

use crate::support::api::poll;
use crate::support::{Workerd, World, checks};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";
/// A request that had left before the cancel was answered may reach its server this much later.
const IN_THE_AIR: Duration = Duration::from_millis(150);

/// How many requests the servers have seen since `moment`.
fn requests_since(world: &World, moment: Instant) -> Vec<String> {
    world.entries().into_iter().filter(|(at, _)| *at > moment + IN_THE_AIR).map(|(_, line)| line).collect()
}

#[test]
fn a_cancel_in_any_phase_is_final() {
    for phase in ["planning", "searching", "reading", "reflecting", "writing"] {
        let world = World::start();
        world.latency(Duration::from_millis(500));
        let workerd = Workerd::start(world.with_model());
        let api = workerd.api();
        let id = api.post_research(&json!({"query": QUESTION}));
        let reached = poll(PATIENCE, || {
            let job = api.get_research(&id);
            (job["phase"] == phase || job["status"] != "processing").then_some(job)
        });
        assert_eq!(reached.unwrap()["phase"], phase, "{phase} was never seen");
        let cancelled = api.post(&format!("/v1/research/{id}/cancel"), &json!({})).expect(200).json;
        let moment = Instant::now();
        assert_eq!((&cancelled["status"], &cancelled["state"]), (&json!("failed"), &json!("cancelled")));
        assert!(cancelled["error"].as_str().unwrap().contains("cancel"), "{cancelled:#}");
        std::thread::sleep(Duration::from_secs(4));
        let later = requests_since(&world, moment);
        assert!(later.is_empty(), "{phase}: calls after the cancel was answered: {later:#?}");
        let job = api.get_research(&id);
        assert_eq!(job["state"], "cancelled", "{phase}: {job:#}");
        // Once more changes nothing.
        assert_eq!(
            api.post(&format!("/v1/research/{id}/cancel"), &json!({})).expect(200).json["state"],
            "cancelled"
        );
        let listed = api.get("/v1/research?state=cancelled").expect(200).json;
        assert_eq!(listed["research"][0]["id"], id, "{listed:#}");
    }
}

#[test]
fn a_job_that_is_over_cannot_be_cancelled_or_steered() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let job = api.research(&json!({"query": QUESTION}), PATIENCE);
    let id = job["id"].as_str().unwrap();
    for (path, body) in [("cancel", json!({})), ("steer", json!({"focus": "cost"}))] {
        let reply = api.post(&format!("/v1/research/{id}/{path}"), &body).expect(409);
        assert!(reply.json["error"].is_string(), "{reply:?}");
    }
    assert_eq!(api.get_research(id), job);
}

#[test]
fn a_deleted_job_is_gone_and_asks_nobody() {
    let world = World::start();
    world.latency(Duration::from_millis(400));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": QUESTION}));
    assert!(world.model.await_requests(1, PATIENCE));
    api.delete(&format!("/v1/research/{id}")).expect(204);
    let moment = Instant::now();
    let gone = api.get(&format!("/v1/research/{id}")).expect(404);
    let unknown = api.get(&format!("/v1/research/res_{}", "0".repeat(32))).expect(404);
    assert_eq!(gone.text, unknown.text);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(requests_since(&world, moment), Vec::<String>::new());
    assert_eq!(api.delete(&format!("/v1/research/{id}")).status, 404);
    assert_eq!(api.get("/v1/research").expect(200).json["research"], json!([]));
}

#[test]
fn fifty_requests_with_one_key_are_one_job() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api().with_header("idempotency-key", "\"order-66\"");
    let body = json!({"query": QUESTION});
    let ids: BTreeSet<String> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..50).map(|_| scope.spawn(|| api.post_research(&body))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1, "{ids:?}");
    let id = ids.first().unwrap();
    assert_eq!(workerd.api().await_terminal(id, PATIENCE)["status"], "completed");
    assert_eq!(workerd.api().get("/v1/research").expect(200).json["research"].as_array().unwrap().len(), 1);
    let plans = world.requests().into_iter().filter(|(line, _)| line.contains("chat/completions"));
    assert!(plans.into_iter().all(|(_, times)| times == 1), "nothing was paid twice");
    // The same key for something else is an error, other spacing is not something else.
    assert_eq!(api.post("/v1/research", &json!({"query": "Something else?"})).status, 422);
    let spaced = format!("{{ \"query\" : {} }}", json!(QUESTION));
    assert_eq!(api.send("POST", "/v1/research", "application/json", spaced.as_bytes()).expect(202).id(), *id);
    assert_ne!(workerd.api().post_research(&body), *id, "without the key it is another job");
}

#[test]
fn a_key_that_is_no_key_is_refused() {
    let workerd = Workerd::start(World::start().keyless());
    for key in ["", "\"\"", "\"unfinished", &"x".repeat(300)] {
        let api = workerd.api().with_header("idempotency-key", key);
        assert_eq!(api.post("/v1/research", &json!({"query": "x"})).status, 400, "{key:?}");
    }
}

#[test]
fn what_the_owner_blocks_is_not_cited_and_what_he_asks_is_looked_for() {
    let world = World::start();
    world.latency(Duration::from_millis(400));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": QUESTION, "max_iterations": 3}));
    assert!(world.model.await_requests(2, PATIENCE), "the first pages are never analysed");
    let blocked = world.site("energy").host();
    let blocked_host = blocked.split(':').next().unwrap();
    let steering =
        json!({"questions": ["How loud is the ferry Lysling at night?"], "exclude_domains": [blocked_host]});
    let steered = api.post(&format!("/v1/research/{id}/steer"), &steering).expect(200).json;
    assert_eq!(steered["id"], id);
    let job = api.await_terminal(&id, PATIENCE);
    assert_eq!(job["status"], "completed", "{job:#}");
    checks::citations(&job, |url| world.text_of(url));
    let asked: Vec<Value> = world.search.ledger().iter().map(|e| json!(e.request.query)).collect();
    assert!(
        asked.iter().any(|q| q.to_string().contains("loud")),
        "the added question was never asked: {asked:#?}"
    );
    for url in checks::source_urls(&job) {
        assert!(!url.contains(blocked_host), "{url} is blocked");
    }
}

#[test]
fn steering_that_says_nothing_is_refused() {
    let world = World::start();
    world.latency(Duration::from_millis(300));
    let workerd = Workerd::start(world.with_model());
    let id = workerd.api().post_research(&json!({"query": QUESTION}));
    for body in [json!({}), json!({"questions": "how?"}), json!({"exclude_domains": ["https://a.b/c"]})] {
        let reply = workerd.api().post(&format!("/v1/research/{id}/steer"), &body);
        assert_eq!(reply.status, 400, "{body}: {reply:?}");
    }
}

#[test]
fn a_fork_reads_nothing_again() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let parent = api.research(&json!({"query": QUESTION, "max_iterations": 1, "max_sources": 4}), PATIENCE);
    let id = parent["id"].as_str().unwrap();
    let read_before: BTreeSet<String> =
        world.requests().into_keys().filter(|line| line.contains("GET /")).collect();
    world.clear_ledgers();
    let changes = json!({"max_sources": 20, "max_iterations": 3, "questions": ["How many passengers does the ferry carry?"]});
    let fork = api
        .post(&format!("/v1/research/{id}/fork"), &json!({"from_round": 1, "changes": changes}))
        .expect(202)
        .id();
    assert_ne!(fork, id);
    let job = api.await_terminal(&fork, PATIENCE);
    assert_eq!(job["status"], "completed", "{job:#}");
    assert_eq!(job["forked_from"]["id"], id);
    checks::citations(&job, |url| world.text_of(url));
    for (line, _) in world.requests() {
        assert!(line.contains("/search") || !read_before.contains(&line), "{line} was fetched again");
    }
    assert_eq!(api.post(&format!("/v1/research/{id}/fork"), &json!({"from_round": 9})).status, 409);
    assert_eq!(api.post(&format!("/v1/research/{id}/fork"), &json!({})).status, 400);
}

#[test]
fn a_follow_up_starts_from_what_was_read() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let first = api.research(&json!({"query": QUESTION}), PATIENCE);
    let pages_of_first: BTreeSet<String> = checks::source_urls(&first).into_iter().collect();
    world.clear_ledgers();
    let body = json!({"query": "And how many minutes does charging take?", "previous_id": first["id"]});
    let job = api.research(&body, PATIENCE);
    assert_eq!(job["previous_id"], first["id"]);
    checks::citations(&job, |url| world.text_of(url));
    for (line, _) in world.requests() {
        let again = pages_of_first
            .iter()
            .any(|url| line.contains("GET ") && url.ends_with(line.split(['?', ' ']).nth(2).unwrap_or("-")));
        assert!(!again, "{line} was fetched again");
    }
    let unknown = json!({"query": "And?", "previous_id": format!("res_{}", "0".repeat(32))});
    assert_eq!(api.post("/v1/research", &unknown).status, 404);
}

#[test]
fn jobs_are_listed_newest_first_page_by_page() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    let api = workerd.api();
    let ids: Vec<String> = (0..5)
        .map(|n| api.post_research(&json!({"query": format!("{QUESTION} {n}"), "metadata": {"n": n}})))
        .collect();
    for id in &ids {
        api.await_terminal(id, PATIENCE);
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = api.get(&format!("/v1/research?limit=2{cursor}")).expect(200).json;
        listed.extend(
            page["research"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(listed, newest_first);
    assert_eq!(api.get_research(&ids[3])["metadata"], json!({"n": 3}));
    assert_eq!(api.get("/v1/research?state=nonsense").status, 400);
    // The account learns of the end a moment after the job itself.
    let settled = poll(PATIENCE, || {
        let page = api.get("/v1/research?state=completed").expect(200).json;
        (page["research"].as_array().unwrap().len() == 5).then_some(page)
    });
    assert!(settled.is_some(), "{:#}", api.get("/v1/research").json);
}
