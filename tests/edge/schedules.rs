//! Research that repeats.

use crate::support::api::poll;
use crate::support::http::Reply;
use crate::support::{Api, Origin, Workerd, World};
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(150);
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling?";
const ADMIN: &str = "an-admin-key-for-tests-77";

fn start(world: &World) -> Workerd {
    Workerd::start(world.with_model().with("ADMIN_KEY", ADMIN))
}

fn runs(api: &Api, id: &str) -> Vec<Value> {
    api.get(&format!("/v1/schedules/{id}/runs")).expect(200).json["runs"].as_array().unwrap().clone()
}

#[test]
fn a_schedule_is_made_shown_changed_and_deleted() {
    let world = World::start();
    let workerd = start(&world);
    let api = workerd.api();
    let body = json!({"query": QUESTION, "cron": "0 7 * * 1-5", "time_zone": "Europe/Berlin", "name": "ferry", "max_sources": 4});
    let made = api.post("/v1/schedules", &body).expect(201);
    let id = made.id();
    assert_eq!(made.header("location"), format!("/v1/schedules/{id}"));
    assert!(made.json["next_run_at"].is_string(), "{made:?}");
    let path = format!("/v1/schedules/{id}");
    assert_eq!(api.get(&path).expect(200).json["name"], "ferry");
    let patch = |body: &Value| api.send("PATCH", &path, "application/json", body.to_string().as_bytes());
    let paused = patch(&json!({"paused": true})).expect(200).json;
    assert_eq!((&paused["paused"], &paused["next_run_at"]), (&json!(true), &Value::Null));
    let hourly = patch(&json!({"paused": false, "interval_minutes": 60})).expect(200).json;
    assert_eq!((&hourly["interval_seconds"], &hourly["cron"]), (&json!(3600), &Value::Null));
    assert_eq!(patch(&json!({"cron": "never"})).status, 400);
    assert_eq!(api.get("/v1/schedules").expect(200).json["schedules"].as_array().unwrap().len(), 1);
    api.delete(&path).expect(204);
    let gone = api.get(&path).expect(404);
    let unknown = api.get(&format!("/v1/schedules/sch_{}", "0".repeat(32))).expect(404);
    assert_eq!(gone.text, unknown.text);
    for wrong in [
        json!({"query": QUESTION}),
        json!({"cron": "* * * * *"}),
        json!({"query": QUESTION, "cron": "61 * * * *"}),
    ] {
        assert_eq!(api.post("/v1/schedules", &wrong).status, 400, "{wrong}");
    }
}

#[test]
fn an_occurrence_starts_one_job_however_often_the_clock_is_looked_at() {
    let world = World::start();
    let mut workerd = start(&world);
    let id = workerd
        .api()
        .post("/v1/schedules", &json!({"query": QUESTION, "cron": "* * * * *", "max_iterations": 1}))
        .expect(201)
        .id();
    let admin = workerd.api().with_key(ADMIN);
    // Wait for the minute, and call from many sides at once around it.
    let first = poll(PATIENCE, || {
        admin.post("/v1/tick", &json!({})).expect(204);
        runs(&workerd.api(), &id).into_iter().find(|run| run["state"] == "started")
    });
    let first = first.expect("the minute came and nothing was started");
    std::thread::scope(|scope| {
        for _ in 0..10 {
            let admin = admin.clone();
            scope.spawn(move || admin.post("/v1/tick", &json!({})).expect(204));
        }
    });
    let of_minute =
        |api: &Api| runs(api, &id).into_iter().filter(|run| run["nominal_at"] == first["nominal_at"]).count();
    assert_eq!(of_minute(&workerd.api()), 1);
    workerd.restart();
    workerd.api().with_key(ADMIN).post("/v1/tick", &json!({})).expect(204);
    assert_eq!(of_minute(&workerd.api()), 1);
    let job = workerd.api().await_terminal(first["research_id"].as_str().unwrap(), PATIENCE);
    assert_eq!((&job["status"], &job["schedule_id"]), (&json!("completed"), &json!(id)));
    let listed = workerd.api().get(&format!("/v1/research?schedule_id={id}")).expect(200).json;
    let started = runs(&workerd.api(), &id).into_iter().filter(|run| run["state"] == "started").count();
    assert_eq!(listed["research"].as_array().unwrap().len(), started, "{listed:#}");
}

#[test]
fn a_run_tells_what_differs_from_the_last_one_and_keeps_silent_when_nothing_does() {
    let world = World::start();
    let sink = Origin::start(9, |_| Reply::new(204, "text/plain", ""));
    let mut setup = world.with_model();
    let hosts = format!("{},{}", setup.env["ALLOW_PRIVATE_HOSTS"], sink.host());
    setup.env.insert("ALLOW_PRIVATE_HOSTS".into(), hosts);
    let workerd = Workerd::start(setup);
    let api = workerd.api();
    let body = json!({"query": QUESTION, "interval_minutes": 600, "max_iterations": 1, "notify": "on_change",
        "webhook_url": sink.url("/hook")});
    let id = api.post("/v1/schedules", &body).expect(201).id();
    let run = || {
        let started = api.post(&format!("/v1/schedules/{id}/run"), &json!({})).expect(202);
        let job = api.await_terminal(&started.id(), PATIENCE);
        assert_eq!(job["status"], "completed", "{job:#}");
        // The account learns of it a moment later, and the next run compares with what the account knows.
        let settled = poll(PATIENCE, || {
            let listed = api.get("/v1/research?state=completed").expect(200).json;
            let known = listed["research"].as_array().unwrap().iter().any(|j| j["id"] == job["id"]);
            known.then_some(())
        });
        assert!(settled.is_some());
        job
    };
    let first = run();
    assert!(first["changes"].is_null(), "there is nothing to compare with: {:#}", first["changes"]);
    let second = run();
    let changes = &second["changes"];
    assert_eq!(changes["previous_job"], first["id"], "{changes:#}");
    for kind in ["new", "changed", "gone", "contradicted"] {
        assert_eq!(changes[kind], json!([]), "{changes:#}");
    }
    // Now the page says something else.
    let page = world.html("ferry", "/index.html");
    let other = page.replace("4.2", "5.9");
    assert_ne!(page, other);
    world.site("ferry").always("/index.html", crate::support::Fault::Instead(Reply::html(other)));
    let third = run();
    let changed = third["changes"]["changed"].as_array().unwrap();
    assert!(
        changed.iter().any(|c| c["old"]["quote"].to_string().contains("4.2")
            && c["new"]["quote"].to_string().contains("5.9")),
        "{:#}",
        third["changes"]
    );
    assert!(sink.await_requests(2, PATIENCE), "the first and the third run are told");
    std::thread::sleep(Duration::from_secs(2));
    let told: Vec<Value> = sink.ledger().iter().map(|e| e.request.json()["data"]["id"].clone()).collect();
    assert_eq!(told, [first["id"].clone(), third["id"].clone()]);
}

#[test]
fn another_owners_schedule_does_not_exist() {
    const KEYS: [&str; 2] = ["fn-test-key-51c0", "fn-test-key-99aa"];
    let world = World::start();
    let mut setup = world.with_model().with("API_KEYS", &KEYS.join(","));
    setup.env.remove("ALLOW_ANONYMOUS");
    let workerd = Workerd::start(setup);
    let (owner, other) = (workerd.api().with_key(KEYS[0]), workerd.api().with_key(KEYS[1]));
    let id = owner.post("/v1/schedules", &json!({"query": QUESTION, "interval_minutes": 5})).expect(201).id();
    for (method, path) in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/run"), ("GET", "/runs")] {
        let body: &[u8] = if method == "PATCH" { br#"{"paused": true}"# } else { b"" };
        let kind = if method == "PATCH" { "application/json" } else { "" };
        let foreign = other.send(method, &format!("/v1/schedules/{id}{path}"), kind, body).expect(404);
        let unknown = other
            .send(method, &format!("/v1/schedules/sch_{}{path}", "0".repeat(32)), kind, body)
            .expect(404);
        assert_eq!(foreign.text, unknown.text);
    }
    assert_eq!(other.get("/v1/schedules").expect(200).json["schedules"], json!([]));
    owner.get(&format!("/v1/schedules/{id}")).expect(200);
}

#[test]
fn thirty_silent_minutes_are_caught_up_by_one_job() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model().with("ADMIN_KEY", ADMIN).with_faults());
    let api = workerd.api();
    let body = json!({"query": QUESTION, "cron": "* * * * *", "max_iterations": 1});
    let id = api.post("/v1/schedules", &body).expect(201).id();
    let before = runs(&api, &id).len();
    workerd.fault("", "", "clock", 30);
    for _ in 0..3 {
        api.clone().with_key(ADMIN).post("/v1/tick", &json!({})).expect(204);
    }
    let after = runs(&api, &id);
    assert_eq!(after.len(), before + 1, "{after:#?}");
    // The machine's own clock, by which alarms fire, did not move: the job exists, and would begin in half an hour.
    api.get_research(after[0]["research_id"].as_str().unwrap());
}
