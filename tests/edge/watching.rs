//! Watching a job: the stream of its facts, waiting for news, versions of its view.

use crate::support::{Api, Workerd, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
struct Event {
    id: u64,
    name: String,
    data: Value,
}

/// The complete events of a piece of a stream; what was cut in the middle does not count.
fn events(text: &str) -> Vec<Event> {
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
        Some(Event {
            id: field("id: ")?.parse().unwrap(),
            name: field("event: ")?.to_owned(),
            data: serde_json::from_str(field("data: ")?).unwrap(),
        })
    };
    whole.split("\n\n").filter_map(event).collect()
}

/// Watches to the end over connections that are cut after `cut`; every event that came, in order.
fn watch(api: &Api, id: &str, cut: Duration) -> Vec<Event> {
    let path = format!("/v1/research/{id}/events");
    let mut seen: Vec<Event> = Vec::new();
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let api = match seen.last() {
            Some(last) => api.clone().with_header("last-event-id", &last.id.to_string()),
            None => api.clone(),
        };
        let (status, text) = api.stream(&path, cut);
        if status == 204 {
            return seen;
        }
        seen.extend(events(&text));
    }
    panic!("the stream never ended: {seen:#?}");
}

#[test]
fn a_stream_that_is_cut_again_and_again_has_no_gaps_and_no_repeats() {
    let world = World::start();
    world.latency(Duration::from_millis(400));
    let workerd = Workerd::start(world.with_model());
    let id = workerd.api().post_research(&json!({"query": QUESTION}));
    let cut = watch(&workerd.api(), &id, Duration::from_millis(900));
    let ids: Vec<u64> = cut.iter().map(|e| e.id).collect();
    assert_eq!(ids, (0..ids.len() as u64).collect::<Vec<_>>());
    assert_eq!(cut.first().unwrap().name, "accepted");
    assert_eq!(cut.last().unwrap().name, "completed");
    let whole = watch(&workerd.api(), &id, PATIENCE);
    assert_eq!(whole, cut, "the same facts, whoever watches");
    let job = workerd.api().get_research(&id);
    let findings: usize = cut.iter().filter_map(|e| e.data["findings"].as_array()).map(Vec::len).sum();
    assert_eq!(job["findings_count"], findings, "findings arrive in the stream");
    let mut ended: BTreeMap<&str, usize> = BTreeMap::new();
    for event in cut.iter().filter(|e| e.name == "step_succeeded") {
        *ended.entry(event.data["step"].as_str().unwrap()).or_default() += 1;
    }
    assert!(ended.values().all(|times| *times == 1), "{ended:#?}");
}

#[test]
fn a_watcher_says_where_to_go_on_in_the_address_too() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let job = api.research(&json!({"query": QUESTION}), PATIENCE);
    let path = format!("/v1/research/{}/events", job["id"].as_str().unwrap());
    let all = events(&api.stream(&path, PATIENCE).1);
    let rest = events(&api.stream(&format!("{path}?starting_after=3"), PATIENCE).1);
    assert_eq!(rest, all[4..]);
    assert_eq!(api.get(&format!("{path}?starting_after=x")).status, 400);
    let last = all.last().unwrap().id;
    assert_eq!(api.get(&format!("{path}?starting_after={last}")).status, 204);
}

#[test]
fn whoever_waits_is_answered_at_the_end_and_not_before() {
    let world = World::start();
    world.latency(Duration::from_millis(100));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": QUESTION}));
    let mut looks = 0;
    let job = loop {
        looks += 1;
        let job = api.get(&format!("/v1/research/{id}?wait=25")).expect(200).json;
        if job["status"] != "processing" {
            break job;
        }
        assert!(looks < 6, "{job:#}");
    };
    assert_eq!(job["status"], "completed");
    // Ended: nobody waits.
    let started = Instant::now();
    api.get(&format!("/v1/research/{id}?wait=25")).expect(200);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(api.get(&format!("/v1/research/{id}?wait=soon")).status, 400);
}

#[test]
fn a_view_that_the_caller_has_is_not_sent_again() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let job = api.research(&json!({"query": QUESTION}), PATIENCE);
    let path = format!("/v1/research/{}", job["id"].as_str().unwrap());
    let first = api.get(&path).expect(200);
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{first:?}");
    let again = api.clone().with_header("if-none-match", &tag).get(&path);
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
    let other = api.clone().with_header("if-none-match", "W/\"1\"").get(&path);
    assert_eq!(other.status, 200);
}

#[test]
fn with_a_version_the_wait_ends_at_the_next_fact() {
    let world = World::start();
    world.latency(Duration::from_millis(300));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": QUESTION}));
    let path = format!("/v1/research/{id}?wait=20");
    let mut tag = api.get(&format!("/v1/research/{id}")).header("etag").to_owned();
    let mut versions = 0;
    loop {
        let reply = api.clone().with_header("if-none-match", &tag).get(&path).expect(200);
        assert_ne!(reply.header("etag"), tag, "the wait ended without news");
        tag = reply.header("etag").to_owned();
        versions += 1;
        if reply.json["status"] == "completed" {
            break;
        }
    }
    assert!(versions > 5, "only {versions} versions were seen");
}

#[test]
fn after_each_round_there_is_a_report_to_read() {
    let world = World::start();
    world.latency(Duration::from_millis(300));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": QUESTION, "max_iterations": 3}));
    let early = crate::support::api::poll(PATIENCE, || {
        let job = api.get_research(&id);
        (job["status"] != "processing" || job["partial_report"].is_string()).then_some(job)
    });
    let early = early.unwrap();
    assert_eq!(early["status"], "processing", "the job ended before a partial report was seen: {early:#}");
    assert!(early["report"].is_null());
    let text = early["partial_report"].as_str().unwrap();
    assert!(text.contains("[1]") && text.to_lowercase().contains("partial"), "{text}");
    let job = api.await_terminal(&id, PATIENCE);
    assert!(job["partial_report"].is_null(), "the report itself stands");
}
