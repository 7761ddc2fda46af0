//! Keys that an admin makes, quotas, and what an account has spent.

use crate::support::api::poll;
use crate::support::{Api, Workerd, World};
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(120);
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";
const ADMIN: &str = "an-admin-key-for-tests-77";

fn start(world: &World) -> Workerd {
    let mut setup =
        world.with_model().with("ADMIN_KEY", ADMIN).with("PRICES", "input=1,output=2,searxng=5,page=0.1");
    setup.env.remove("ALLOW_ANONYMOUS");
    Workerd::start(setup)
}

/// A key for an account, and the client that uses it.
fn key(workerd: &Workerd, body: &Value) -> (String, Api) {
    let made = workerd.api().with_key(ADMIN).post("/v1/keys", body).expect(201).json;
    let key = made["key"].as_str().unwrap();
    (made["id"].as_str().unwrap().to_owned(), workerd.api().with_key(key))
}

#[test]
fn a_key_works_from_the_moment_it_is_made_until_it_is_revoked_and_survives_a_restart() {
    let world = World::start();
    let mut workerd = start(&world);
    workerd.api().get("/v1/usage").expect(401);
    let (id, _) = key(&workerd, &json!({"account": "acme", "name": "ci"}));
    let made = workerd.api().with_key(ADMIN).post("/v1/keys", &json!({"account": "acme"})).expect(201).json;
    let other = made["key"].as_str().unwrap().to_owned();
    workerd.api().with_key(&other).get("/v1/usage").expect(200);
    workerd.restart();
    let admin = workerd.api().with_key(ADMIN);
    let api = workerd.api().with_key(&other);
    let job = api.post_research(&json!({"query": QUESTION}));
    // Both keys are of one account; nobody else is.
    let (_, stranger) = key(&workerd, &json!({"account": "globex"}));
    let foreign = stranger.get(&format!("/v1/research/{job}")).expect(404);
    let unknown = stranger.get(&format!("/v1/research/res_{}", "0".repeat(32))).expect(404);
    assert_eq!(foreign.text, unknown.text);
    let listed = admin.get("/v1/keys").expect(200);
    assert!(!listed.text.contains(&other), "a list shows no keys");
    assert_eq!(listed.json["keys"].as_array().unwrap().len(), 3, "{listed:?}");
    let id_of_other = made["id"].as_str().unwrap();
    admin.delete(&format!("/v1/keys/{id_of_other}")).expect(204);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(api.get("/v1/usage").status, 401, "a revoked key works no longer than a second");
    assert_eq!(admin.delete(&format!("/v1/keys/{id_of_other}")).status, 404);
    admin.delete(&format!("/v1/keys/{id}")).expect(204);
}

#[test]
fn keys_are_the_admins_business() {
    let world = World::start();
    let workerd = start(&world);
    let (_, api) = key(&workerd, &json!({}));
    for (method, path) in
        [("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/key_1"), ("POST", "/v1/tick")]
    {
        let body: &[u8] = if method == "POST" { b"{}" } else { b"" };
        assert_eq!(api.send(method, path, "application/json", body).status, 403, "{method} {path}");
        assert_eq!(workerd.api().send(method, path, "application/json", body).status, 401, "{method} {path}");
    }
    assert_eq!(workerd.api().with_key(ADMIN).get("/v1/usage").status, 401, "the admin's key is not a user's");
    assert_eq!(workerd.api().with_key(ADMIN).post("/v1/keys", &json!({"account": "Not OK"})).status, 400);
}

#[test]
fn quotas_count_exactly_and_say_when_to_come_back() {
    let world = World::start();
    world.latency(Duration::from_millis(300));
    let workerd = start(&world);
    let (_, api) =
        key(&workerd, &json!({"account": "small", "quotas": {"jobs_per_day": 5, "concurrent_jobs": 100}}));
    let statuses: Vec<(u16, String)> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..30)
            .map(|n| {
                let api = api.clone();
                scope.spawn(move || {
                    let reply = api.post("/v1/research", &json!({"query": format!("{QUESTION} {n}")}));
                    (reply.status, reply.header("retry-after").to_owned())
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|(status, _)| *status == 202).count(), 5, "{statuses:?}");
    for (status, retry_after) in statuses.iter().filter(|(status, _)| *status != 202) {
        assert_eq!(*status, 429);
        assert!(retry_after.parse::<u64>().unwrap() >= 1, "{retry_after}");
    }
    let refused = api.post("/v1/research", &json!({"query": QUESTION})).expect(429);
    assert!(refused.json["type"].as_str().unwrap().ends_with("#quota-exceeded"), "{refused:?}");
    assert!(refused.header("ratelimit").contains("\"jobs-per-day\";r=0;t="), "{refused:?}");
    assert!(refused.header("ratelimit-policy").contains("\"jobs-per-day\";q=5;w=86400"), "{refused:?}");
    // Looking is never limited, and nobody else is.
    api.get("/v1/research").expect(200);
    let (_, neighbour) = key(&workerd, &json!({"account": "other"}));
    neighbour.post_research(&json!({"query": QUESTION}));
    // The admin may change it.
    let admin = workerd.api().with_key(ADMIN);
    admin.send("PUT", "/v1/accounts/small/quotas", "application/json", br#"{"jobs_per_day": 6}"#).expect(204);
    std::thread::sleep(Duration::from_secs(1));
    api.post("/v1/research", &json!({"query": QUESTION})).expect(202);
    api.post("/v1/research", &json!({"query": QUESTION})).expect(429);
}

#[test]
fn concurrent_jobs_are_let_in_as_others_end() {
    let world = World::start();
    let workerd = start(&world);
    let (_, api) = key(&workerd, &json!({"quotas": {"concurrent_jobs": 1}}));
    let first = api.post_research(&json!({"query": QUESTION}));
    let refused = api.post("/v1/research", &json!({"query": QUESTION}));
    assert_eq!(refused.status, 429, "{refused:?}");
    api.await_terminal(&first, PATIENCE);
    let second = poll(PATIENCE, || {
        let reply = api.post("/v1/research", &json!({"query": QUESTION}));
        (reply.status == 202).then(|| reply.id())
    });
    assert!(second.is_some(), "the place was never given back");
    api.post(&format!("/v1/research/{}/cancel", second.unwrap()), &json!({})).expect(200);
}

#[test]
fn what_was_spent_is_told_by_part_and_a_daily_cap_holds() {
    let world = World::start();
    let workerd = start(&world);
    let (_, api) = key(&workerd, &json!({"account": "payer"}));
    let job = api.research(&json!({"query": QUESTION}), PATIENCE);
    let usage = &job["usage"];
    assert!(usage["tokens"]["input"].as_u64() > Some(0) && usage["bytes"].as_u64() > Some(0), "{usage:#}");
    let parts: f64 =
        ["search_usd", "pages_usd", "model_usd"].iter().map(|p| usage["cost"][p].as_f64().unwrap()).sum();
    assert!(
        usage["cost_usd"].as_f64().unwrap() > 0.0
            && (usage["cost_usd"].as_f64().unwrap() - parts).abs() < 1e-9
    );
    let settled = poll(PATIENCE, || {
        let usage = api.get("/v1/usage").expect(200).json;
        (usage["live_jobs"] == 0).then_some(usage)
    });
    let account = settled.unwrap();
    assert_eq!(
        (&account["today"]["jobs"], &account["today"]["cost_usd"]),
        (&json!(1), &usage["cost_usd"]),
        "{account:#}"
    );
    assert_eq!(account["total"]["searches"], usage["searches"]);
    // A cap of two such jobs: the third gets what is left or nothing, and the sum stays below.
    let cap = usage["cost_usd"].as_f64().unwrap() * 2.0;
    let body = json!({"spend_usd_per_day": cap});
    let admin = workerd.api().with_key(ADMIN);
    admin
        .send("PUT", "/v1/accounts/payer/quotas", "application/json", body.to_string().as_bytes())
        .expect(204);
    std::thread::sleep(Duration::from_secs(1));
    for n in 0..4 {
        let reply = api.post("/v1/research", &json!({"query": format!("{QUESTION} {n}")}));
        if reply.status == 202 {
            let job = api.await_terminal(&reply.id(), PATIENCE);
            assert_eq!(job["status"], "completed", "a budget is no reason to fail: {job:#}");
        } else {
            assert_eq!(reply.status, 429, "{reply:?}");
        }
    }
    let spent = poll(PATIENCE, || {
        let usage = api.get("/v1/usage").expect(200).json;
        (usage["live_jobs"] == 0).then(|| usage["today"]["cost_usd"].as_f64().unwrap())
    });
    assert!(spent.unwrap() <= cap + 1e-9, "{spent:?} of {cap}");
}

#[test]
fn an_estimate_bounds_what_a_job_then_takes() {
    let world = World::start();
    let workerd = start(&world);
    let (_, api) = key(&workerd, &json!({}));
    let body = json!({"query": QUESTION, "budget": {"max_cost_usd": 0.2, "max_pages": 4}});
    let estimate = api.post("/v1/research/estimate", &body).expect(200).json;
    let (most, usual) = (&estimate["at_most"], &estimate["expected"]);
    assert!(
        usual["cost_usd"].as_f64() <= most["cost_usd"].as_f64() && most["cost_usd"].as_f64() <= Some(0.2),
        "{estimate:#}"
    );
    let job = api.research(&body, PATIENCE);
    assert!(job["usage"]["cost_usd"].as_f64() <= most["cost_usd"].as_f64(), "{:#}", job["usage"]);
    assert!(job["usage"]["pages"].as_u64() <= Some(4), "{:#}", job["usage"]);
    assert!(world.search.ledger().len() as u64 <= most["searches"].as_u64().unwrap());
    assert_eq!(api.post("/v1/research/estimate", &json!({"budget": {"max_cost_usd": -1}})).status, 400);
}

#[test]
fn the_smallest_budgets_end_in_a_report() {
    let world = World::start();
    let workerd = start(&world);
    let (_, api) = key(&workerd, &json!({}));
    for budget in [
        json!({"max_pages": 1}),
        json!({"max_tokens": 1}),
        json!({"max_tokens": 9000}),
        json!({"max_cost_usd": 0.000001}),
        json!({"max_seconds": 10}),
    ] {
        let job = api.research(&json!({"query": QUESTION, "budget": budget}), PATIENCE);
        let tokens = &job["usage"]["tokens"];
        let spent = tokens["input"].as_u64().unwrap() + tokens["output"].as_u64().unwrap();
        assert!(spent <= budget["max_tokens"].as_u64().unwrap_or(u64::MAX), "{budget}: {job:#}");
        assert!(
            job["usage"]["cost_usd"].as_f64() <= budget["max_cost_usd"].as_f64().or(Some(9.0)),
            "{budget}"
        );
        assert!(job["usage"]["pages"].as_u64() <= budget["max_pages"].as_u64().or(Some(99)), "{budget}");
        crate::support::checks::citations(&job, |url| world.text_of(url));
    }
}
