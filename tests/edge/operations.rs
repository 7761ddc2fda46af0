//! What whoever runs a deployment sees: readiness, numbers, and a log that gives nothing away.

use crate::support::api::{Api, poll};
use crate::support::http::Reply;
use crate::support::{Config, Fault, Origin, Setup, Workerd, World, openai};
use serde_json::{Value, json};
use std::time::Duration;

/// A job over a handful of pages on loopback takes a few seconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const KEY: &str = "fn-test-key-7d20-operations";
const ADMIN: &str = "admin-key-41c7-operations";
const METRICS: &str = "metrics-token-93e5-operations";

fn guarded(world: &World) -> Setup {
    let mut setup = world.with_model();
    setup.env.remove("ALLOW_ANONYMOUS");
    setup.with("API_KEYS", KEY).with("ADMIN_KEY", ADMIN).with("METRICS_TOKEN", METRICS)
}

/// The number of one series, as Prometheus would read it.
#[track_caller]
fn number(metrics: &Api, series: &str) -> f64 {
    let text = metrics.get("/metrics").expect(200).text;
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{series} is missing in:\n{text}")).parse().expect("a number")
}

fn lines(workerd: &Workerd) -> Vec<Value> {
    workerd.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn the_numbers_are_for_whoever_has_the_token_and_survive_a_kill() {
    let world = World::start();
    let mut workerd = Workerd::start(guarded(&world));
    let (owner, metrics) = (workerd.api().with_key(KEY), workerd.api().with_key(METRICS));
    workerd.api().get("/metrics").expect(401);
    for closed in [owner.clone(), workerd.api().with_key("something-else-entirely")] {
        assert_eq!(closed.get("/metrics").expect(403).json["code"], "forbidden");
    }
    workerd.api().with_key(ADMIN).get("/metrics").expect(200);
    assert_eq!(metrics.get("/v1/research").status, 401, "the token opens nothing else");
    assert_eq!(metrics.get("/v1/keys").status, 403, "the token opens nothing else");
    assert_eq!(number(&metrics, "footnote_jobs_created_total"), 0.0);

    let job = owner.research(&json!({"query": "How large is the battery of the ferry?"}), PATIENCE);
    world.latency(Duration::from_secs(20));
    let other = owner.post_research(&json!({"query": "What does the harbour cost?"}));
    assert_eq!(number(&metrics, "footnote_jobs_running"), 1.0);
    owner.post(&format!("/v1/research/{other}/cancel"), &json!({})).expect(200);
    world.latency(Duration::ZERO);

    let is_told = || metrics.get("/metrics").text.contains("state=\"cancelled\"").then_some(());
    poll(PATIENCE, is_told).expect("the cancelled job is counted");
    let counted = |metrics: &Api| {
        for (series, n) in [
            ("footnote_jobs_created_total", 2.0),
            ("footnote_jobs_running", 0.0),
            ("footnote_jobs_ended_total{state=\"completed\"}", 1.0),
            ("footnote_jobs_ended_total{state=\"cancelled\"}", 1.0),
            ("footnote_job_duration_seconds_count", 2.0),
            ("footnote_job_duration_seconds_bucket{le=\"+Inf\"}", 2.0),
        ] {
            assert_eq!(number(metrics, series), n, "{series}");
        }
        let pages = job["usage"]["pages"].as_f64().expect("a number of pages");
        assert!(pages > 0.0 && number(metrics, "footnote_pages_read_total") >= pages);
        assert!(number(metrics, "footnote_search_calls_total{provider=\"searxng\"}") > 0.0);
        assert!(number(metrics, "footnote_model_calls_total{provider=\"openai\"}") > 0.0);
    };
    counted(&metrics);
    let answered = "footnote_http_requests_total{method=\"POST\",route=\"/v1/research\",status=\"202\"}";
    assert_eq!(number(&metrics, answered), 2.0);
    workerd.restart();
    counted(&metrics);
}

#[test]
fn readiness_needs_right_settings_and_a_storage_that_takes_rows() {
    let mut workerd = Workerd::start(Setup { config: Config::Serving, env: Default::default() });
    assert_eq!(workerd.api().get("/ready").expect(200).json["status"], "ready");
    workerd.restart();
    workerd.api().get("/ready").expect(200);

    let wrong = Setup { config: Config::Serving, env: Default::default() }.with("MODEL", "openai");
    let workerd = Workerd::start_unhealthy(wrong);
    let reply = workerd.api().get("/ready").expect(503);
    assert!(reply.json["error"].as_str().is_some_and(|error| error.contains("OPENAI_MODEL")), "{reply:?}");

    let mut workerd = Workerd::start(Setup { config: Config::Serving, env: Default::default() });
    workerd.api().get("/ready").expect(200);
    workerd.spoil_storage("footnote-scheduler");
    let reply = workerd.api().get("/ready").expect(503);
    assert!(!reply.json["error"].as_str().unwrap_or_default().is_empty(), "{reply:?}");
    workerd.api().get("/health").expect(200);
}

#[test]
fn every_request_has_an_id_and_one_line_in_the_log() {
    let workerd = Workerd::start(Setup { config: Config::Serving, env: Default::default() });
    let given = workerd.api().with_header("x-request-id", "trace-1.a:b_c");
    assert_eq!(given.get("/health").expect(200).header("x-request-id"), "trace-1.a:b_c");
    assert_eq!(given.get("/v1/research/res_secret").expect(401).header("x-request-id"), "trace-1.a:b_c");
    let long = workerd.api().with_header("x-request-id", &"y<".repeat(300));
    assert_eq!(long.get("/health").expect(200).header("x-request-id"), "y".repeat(64));
    let own = workerd.api().get("/nowhere/else?token=hunter2").expect(404).header("x-request-id").to_owned();
    assert_eq!(own.len(), 32, "{own}");

    let of = |id: &str| -> Vec<Value> {
        lines(&workerd).into_iter().filter(|line| line["request_id"] == id).collect()
    };
    let seen = poll(PATIENCE, || Some(of(&own)).filter(|lines| !lines.is_empty())).expect("a line");
    assert_eq!(seen.len(), 1, "{seen:?}");
    let line = &seen[0];
    assert_eq!((&line["event"], &line["route"]), (&"request".into(), &"unmatched".into()), "{line}");
    assert_eq!((&line["status"], &line["code"]), (&404.into(), &"no_route".into()), "{line}");
    assert!(line["ms"].is_u64() && line["time"].is_string() && line["level"] == "info", "{line}");
    let both = of("trace-1.a:b_c");
    assert_eq!(both.len(), 2, "{both:?}");
    assert_eq!(both[1]["route"], "/v1/research/{id}");
    assert!(!workerd.log().contains("hunter2") && !workerd.log().contains("res_secret"));
}

#[test]
fn the_log_tells_of_jobs_but_no_key_no_question_and_no_address() {
    const ADDRESS: &str = "https://reader:sesame-7719@pages.example/private-path-5521?q=zanzibar";
    let world = World::start();
    let receiver = Origin::start(9, |_| Reply::status(500));
    let setup = guarded(&world)
        .with("PRICES", "input=1,output=2")
        .with("WEBHOOK_RETRIES_S", "0,1")
        .with("BRAVE_API_KEY", "brave-key-0f3a-secret");
    let hosts = format!("{},{}", setup.env["ALLOW_PRIVATE_HOSTS"], receiver.host());
    let workerd = Workerd::start(setup.with("ALLOW_PRIVATE_HOSTS", &hosts));
    world.model.first(openai::PATH, [Fault::Instead(Reply::status(503))]);
    let owner = workerd.api().with_key(KEY);
    let made = workerd.api().with_key(ADMIN).post("/v1/keys", &json!({"account": "zebra-co"})).expect(201);
    let made = made.json["key"].as_str().expect("a key").to_owned();
    let secret = owner.get("/v1/webhooks/secret").expect(200).json["secret"].as_str().expect("it").to_owned();

    let body = json!({
        "query": "How large is the battery of the quixotic ferry?",
        "start_urls": [world.site("ferry").url("/no-such-page-8842.html")],
        "webhook_url": receiver.url("/hook-path-6613"),
    });
    let id = owner.post_research(&body);
    let job = owner.await_terminal(&id, PATIENCE);
    assert_eq!(job["status"], "completed", "{job:#}");
    owner.post("/v1/research", &json!({"query": "x", "start_urls": [ADDRESS]})).expect(400);
    owner.post("/v1/library/documents", &json!({"url": ADDRESS}));
    workerd.api().with_key(&made).get("/v1/research").expect(200);
    workerd.api().with_key("wrong-key-2209-guess").get("/v1/research").expect(401);
    workerd.api().get("/v1/research?api_key=key-in-url-3318").expect(401);

    let events = |name: &str| -> Vec<Value> {
        lines(&workerd).into_iter().filter(|line| line["event"] == name && line["job_id"] == id).collect()
    };
    for name in ["job_accepted", "job_ended", "step_failed", "webhook"] {
        poll(PATIENCE, || events(name).pop()).unwrap_or_else(|| panic!("no {name}\n{}", workerd.log()));
    }
    assert_eq!(events("job_ended")[0]["state"], job["state"]);
    let started = events("request");
    assert!(started.iter().any(|line| line["status"] == 202), "the job's id is on its request: {started:?}");
    assert!(started.iter().all(|line| line["owner"].as_str().is_some_and(|o| o.len() == 12)), "{started:?}");

    let log = workerd.log();
    for secret in [
        KEY,
        ADMIN,
        METRICS,
        openai::KEY,
        "brave-key-0f3a",
        &made,
        &secret,
        "wrong-key-2209",
        "key-in-url-3318",
        "sesame",
        "private-path",
        "zanzibar",
        "quixotic",
        "hook-path",
        "no-such-page",
        "zebra",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
    // What workerd says of itself begins with the name of its file.
    let ours = log.lines().filter(|line| !line.starts_with("workerd/"));
    let strays: Vec<&str> = ours.filter(|line| serde_json::from_str::<Value>(line).is_err()).collect();
    assert!(strays.is_empty(), "lines that are no JSON: {strays:#?}");
}
