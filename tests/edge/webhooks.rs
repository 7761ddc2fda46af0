//! Webhooks: signed, retried as published, and in nobody's way. Signatures are checked by the standard's own library.

use crate::support::api::poll;
use crate::support::http::{Reply, Request};
use crate::support::{Api, Fault, Origin, Workerd, World};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling?";
/// The published schedule at a thousandth of its length or less: ten attempts within half a minute.
const FAST: &str = "0,1,1,1,1,2,2,2,2,3";

/// A receiver, and a Worker that may call it.
fn start(world: &World, retries: &str) -> (Origin, Workerd) {
    let sink = Origin::start(9, |_| Reply::new(204, "text/plain", ""));
    let mut setup = world.with_model().with("WEBHOOK_RETRIES_S", retries);
    let hosts = format!("{},{}", setup.env["ALLOW_PRIVATE_HOSTS"], sink.host());
    setup.env.insert("ALLOW_PRIVATE_HOSTS".into(), hosts);
    (sink, Workerd::start(setup))
}

fn ask(api: &Api, url: &str) -> String {
    api.post_research(
        &json!({"query": QUESTION, "max_iterations": 1, "webhook_url": url, "metadata": {"team": "ferry"}}),
    )
}

fn secret(api: &Api) -> String {
    api.get("/v1/webhooks/secret").expect(200).json["secret"].as_str().unwrap().to_owned()
}

/// The one delivery of a job, once it is in this state.
fn delivery(api: &Api, job: &str, state: &str) -> Value {
    let mut last = Value::Null;
    let found = poll(PATIENCE, || {
        last = api.get(&format!("/v1/webhooks/deliveries?research_id={job}")).expect(200).json;
        let one = &last["deliveries"][0];
        (one["state"] == state).then(|| one["id"].as_str().unwrap().to_owned())
    });
    let id = found.unwrap_or_else(|| panic!("no {state} delivery of {job}: {last:#}"));
    api.get(&format!("/v1/webhooks/deliveries/{id}")).expect(200).json
}

#[track_caller]
fn verify(secret: &str, request: &Request) {
    let mut headers = ureq::http::HeaderMap::new();
    for (name, value) in &request.headers {
        let name = ureq::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    Webhook::new(secret).unwrap().verify(&request.body, &headers).expect("the signature is the standard's");
}

#[test]
fn the_end_of_a_job_is_told_once_signed_and_thin() {
    let world = World::start();
    let (sink, workerd) = start(&world, FAST);
    let api = workerd.api();
    let job = ask(&api, &sink.url("/hook?token=s3cret"));
    let sent = delivery(&api, &job, "delivered");
    let ledger = sink.ledger();
    assert_eq!(ledger.len(), 1);
    let request = &ledger[0].request;
    verify(&secret(&api), request);
    assert_eq!(request.headers["webhook-id"], sent["id"].as_str().unwrap());
    let event = request.json();
    assert_eq!((&event["type"], &event["data"]["id"]), (&json!("research.completed"), &json!(job)));
    assert_eq!(event["data"]["metadata"], json!({"team": "ferry"}));
    assert!(request.body.len() < 20_000 && event["data"]["report"].is_null());
    assert!(!sent.to_string().contains("s3cret"), "{sent:#}");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(sink.ledger().len(), 1, "once is enough");
}

#[test]
fn nine_failures_and_a_success_are_ten_attempts_with_one_id() {
    let world = World::start();
    let (sink, workerd) = start(&world, FAST);
    sink.first("/hook", (0..9).map(|_| Fault::Instead(Reply::status(500))));
    let api = workerd.api();
    let job = ask(&api, &sink.url("/hook"));
    let sent = delivery(&api, &job, "delivered");
    assert_eq!(sent["attempts"].as_array().unwrap().len(), 10, "{sent:#}");
    let ledger = sink.ledger();
    let ids: Vec<&String> = ledger.iter().map(|e| &e.request.headers["webhook-id"]).collect();
    assert!(ids.len() == 10 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let bases: Vec<f64> = FAST.split(',').map(|s| s.parse().unwrap()).collect();
    for (pair, base) in ledger.windows(2).zip(&bases[1..]) {
        let waited = (pair[1].at - pair[0].at).as_secs_f64();
        assert!(waited >= base * 0.8 - 0.05 && waited <= base * 1.2 + 2.0, "waited {waited} s of {base}");
    }
}

#[test]
fn a_receiver_that_is_gone_is_called_once() {
    let world = World::start();
    let (sink, workerd) = start(&world, FAST);
    sink.always("/hook", Fault::Instead(Reply::status(410)));
    let api = workerd.api();
    let body = json!({"url": sink.url("/hook")}).to_string();
    api.send("PUT", "/v1/webhooks/endpoint", "application/json", body.as_bytes()).expect(200);
    let job = api.post_research(&json!({"query": QUESTION, "max_iterations": 1}));
    delivery(&api, &job, "dead");
    let endpoint = api.get("/v1/webhooks/endpoint").expect(200).json;
    assert!(endpoint["disabled_reason"].as_str().unwrap().contains("410"), "{endpoint:#}");
    api.research(&json!({"query": QUESTION, "max_iterations": 1}), PATIENCE);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(sink.ledger().len(), 1, "nobody calls it again");
}

#[test]
fn redirects_are_not_followed_and_large_answers_not_read() {
    let world = World::start();
    let (sink, workerd) = start(&world, "0,1");
    sink.always("/moved", Fault::Instead(Reply::status(301).header("location", &sink.url("/there"))));
    sink.always("/large", Fault::Huge { bytes: 20 << 20 });
    let api = workerd.api();
    let moved = ask(&api, &sink.url("/moved"));
    let sent = delivery(&api, &moved, "dead");
    assert_eq!(sent["attempts"][0]["status"], 301, "{sent:#}");
    assert!(sink.ledger().iter().all(|e| e.request.path == "/moved"));
    let large = ask(&api, &sink.url("/large"));
    let sent = delivery(&api, &large, "delivered");
    assert!(sent["attempts"][0]["detail"].as_str().unwrap().chars().count() <= 200, "{sent:#}");
}

#[test]
fn a_receiver_that_hangs_delays_nobody() {
    let world = World::start();
    let (sink, workerd) = start(&world, "0,1");
    sink.always("/hang", Fault::Silence);
    let api = workerd.api();
    let hanging = ask(&api, &sink.url("/hang"));
    assert!(sink.await_requests(1, PATIENCE));
    let started = Instant::now();
    // Another receiver of the same account: another authority, for which the world's model server may stand.
    let other = ask(&api, &world.model.url("/hook"));
    assert_eq!(api.await_terminal(&other, PATIENCE)["status"], "completed");
    let told = poll(PATIENCE, || {
        let ledger = world.model.ledger();
        ledger.iter().any(|e| e.request.path == "/hook").then_some(())
    });
    assert!(told.is_some() && started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    // Cut after 20 s, twice.
    let sent = delivery(&api, &hanging, "dead");
    assert_eq!(sent["attempts"].as_array().unwrap().len(), 2, "{sent:#}");
}

#[test]
fn a_dead_message_is_listed_and_replayed_by_hand_with_its_id() {
    let world = World::start();
    let (sink, workerd) = start(&world, "0,1");
    sink.always("/hook", Fault::Reset);
    let api = workerd.api();
    let job = ask(&api, &sink.url("/hook"));
    let dead = delivery(&api, &job, "dead");
    let listed = api.get("/v1/webhooks/deliveries?state=dead").expect(200).json;
    assert_eq!(listed["deliveries"].as_array().unwrap().len(), 1, "{listed:#}");
    sink.always("/hook", Fault::Fine);
    let id = dead["id"].as_str().unwrap();
    api.post(&format!("/v1/webhooks/deliveries/{id}/replay"), &json!({})).expect(202);
    let sent = delivery(&api, &job, "delivered");
    assert_eq!((&sent["id"], &sent["replays"]), (&dead["id"], &json!(1)));
    assert_eq!(api.post("/v1/webhooks/deliveries/msg_0/replay", &json!({})).status, 404);
}

#[test]
fn after_a_crash_a_message_may_come_twice_but_never_not() {
    let world = World::start();
    let (sink, mut workerd) = start(&world, "0,1,1,1,1");
    sink.always("/hook", Fault::Late(Duration::from_millis(800)));
    let job = ask(&workerd.api(), &sink.url("/hook"));
    assert!(sink.await_requests(1, PATIENCE));
    workerd.restart();
    sink.always("/hook", Fault::Fine);
    delivery(&workerd.api(), &job, "delivered");
    let ledger = sink.ledger();
    assert!((2..=3).contains(&ledger.len()), "{}", ledger.len());
    assert!(
        ledger.iter().all(|e| e.request.headers["webhook-id"] == ledger[0].request.headers["webhook-id"])
    );
}

#[test]
fn while_a_secret_is_replaced_both_verify() {
    let world = World::start();
    let (sink, workerd) = start(&world, FAST);
    let api = workerd.api();
    let old = secret(&api);
    let new = api.post("/v1/webhooks/secret/rotate", &json!({})).expect(200).json["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(old, new);
    assert_eq!(secret(&api), new);
    let job = ask(&api, &sink.url("/hook"));
    delivery(&api, &job, "delivered");
    let request = sink.ledger()[0].request.clone();
    verify(&old, &request);
    verify(&new, &request);
}

#[test]
fn private_receivers_and_nonsense_are_refused_at_once() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    for (url, status) in [
        ("http://127.0.0.1:1/hook", 403),
        ("http://[::1]/", 403),
        ("ftp://x.example/", 400),
        ("nonsense", 400),
    ] {
        let reply = api.post("/v1/research", &json!({"query": QUESTION, "webhook_url": url}));
        assert_eq!(reply.status, status, "{url}: {reply:?}");
        let body = json!({"url": url}).to_string();
        let reply = api.send("PUT", "/v1/webhooks/endpoint", "application/json", body.as_bytes());
        assert_eq!(reply.status, status, "{url}: {reply:?}");
    }
}

#[test]
fn a_cancelled_job_is_told_too() {
    let world = World::start();
    world.latency(Duration::from_millis(400));
    let (sink, workerd) = start(&world, FAST);
    let api = workerd.api();
    let job = ask(&api, &sink.url("/hook"));
    api.post(&format!("/v1/research/{job}/cancel"), &json!({})).expect(200);
    delivery(&api, &job, "delivered");
    assert_eq!(sink.ledger()[0].request.json()["type"], "research.cancelled");
}
