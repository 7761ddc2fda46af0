//! Clients written for other services, as they are published, pointed here by their base URL and nothing else.

use crate::support::api::poll;
use crate::support::http::Reply;
use crate::support::{Origin, Setup, Workerd, World};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const KEY: &str = "k-123456789012345678901234567890";
const ADMIN: &str = "an-admin-key-for-tests-77";
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling \u{2192} and how many minutes does charging take in Ostervik?";
const PATIENCE: Duration = Duration::from_secs(60);

/// A deployment with keys, one of which may start nothing more today.
struct Deployment {
    _world: World,
    workerd: Workerd,
    poor: String,
}

impl Deployment {
    fn start() -> Self {
        Self::start_with(World::start(), |setup| setup)
    }

    fn start_with(world: World, more: impl FnOnce(Setup) -> Setup) -> Self {
        let mut setup = more(world.with_model().with("API_KEYS", KEY).with("ADMIN_KEY", ADMIN));
        setup.env.remove("ALLOW_ANONYMOUS");
        let workerd = Workerd::start(setup);
        let poor = json!({"account": "poor", "quotas": {"jobs_per_day": 1}});
        let made = workerd.api().with_key(ADMIN).post("/v1/keys", &poor).json;
        let poor = made["key"].as_str().unwrap_or_else(|| panic!("no key in {made}")).to_owned();
        let only = json!({"query": QUESTION, "max_iterations": 1, "max_sources": 1});
        workerd.api().with_key(&poor).post_research(&only);
        Self { _world: world, workerd, poor }
    }

    fn url(&self) -> String {
        self.workerd.api().base().to_owned()
    }
}

/// A deployment whose settings are wrong: every request is answered with 500.
fn broken() -> Workerd {
    let setup = World::start().with_model().with("MODEL", "no-such-model");
    Workerd::start_unhealthy(setup)
}

fn script(name: &str) -> (PathBuf, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("tests/edge/clients").join(name);
    if name.ends_with(".mjs") {
        return ("node".into(), script);
    }
    let tools = std::fs::read_dir(root.join(".tools")).expect("run `make tools` first");
    let mut pythons = tools
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("installed").exists() && path.to_string_lossy().contains("python-clients-"));
    (pythons.next().expect("run `make tools` first").join("bin/python"), script)
}

/// What a script saw: the JSON that it prints.
fn seen(name: &str, arguments: &[&str], input: &str) -> Value {
    let (program, script) = script(name);
    let mut child = Command::new(&program)
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let run = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{name}: {}\n{said}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_str(said.trim()).unwrap_or_else(|error| panic!("{name}: {error}: {said}"))
}

/// The class of an exception, and whether it says this.
#[track_caller]
fn assert_raised(error: &Value, class: &str, status: Option<u16>, says: &str) {
    assert_eq!((&error["class"], &error["status"]), (&json!(class), &json!(status)), "{error}");
    assert!(error.to_string().contains(says), "{says} is missing in {error}");
}

#[track_caller]
fn assert_webclaw_job(job: &Value) {
    assert_eq!(job["status"], "completed", "{job:#}");
    assert!(job["report"].as_str().unwrap().contains("4.2 megawatt hours"), "{job:#}");
    for count in ["iterations", "elapsed_ms", "sources_count", "findings_count", "total_pages_analyzed"] {
        assert!(job[count].is_u64(), "{count} of {job:#}");
    }
    for source in job["sources"].as_array().unwrap() {
        assert!(source["url"].is_string() && source["words"].is_u64() && source["summary"].is_string());
    }
    for finding in job["findings"].as_array().unwrap() {
        assert!(finding["fact"].is_string() && finding["source_url"].is_string(), "{finding}");
        assert!(finding["relevance"].is_number() && finding["evidence"][0]["quote"].is_string(), "{finding}");
    }
}

#[test]
fn webclaw_s_python_client_researches_and_knows_every_error() {
    let (here, broken) = (Deployment::start(), broken());
    let (url, broken) = (here.url(), broken.api().base().to_owned());
    let seen = seen("webclaw_sdk.py", &[&url, KEY, &here.poor, &broken, QUESTION], "");
    for job in [
        &seen["research"],
        &seen["deep"],
        &seen["waited"],
        &seen["async"]["research"],
        &seen["async"]["seen"],
    ] {
        assert_webclaw_job(job);
    }
    assert_eq!(seen["research"]["query"], QUESTION);
    assert_eq!((&seen["early"]["status"], &seen["early"]["error"]), (&json!("processing"), &json!(null)));
    assert_eq!(seen["async"]["again"]["id"], seen["async"]["research"]["id"]);
    assert_raised(&seen["impatient"], "TimeoutError", None, "did not complete within");
    assert_raised(&seen["cancelled"], "WebclawError", None, "cancelled by its owner");
    assert_raised(&seen["nothing asked"], "WebclawError", Some(400), "`query` is required");
    assert_raised(&seen["unknown key"], "AuthenticationError", Some(401), "key");
    assert_raised(&seen["unknown job"], "NotFoundError", Some(404), "no research job with this id");
    assert_raised(&seen["admin's"], "ScopeError", Some(403), "admin");
    assert_raised(&seen["no jobs left"], "RateLimitError", Some(429), "quota");
    assert_raised(&seen["broken"], "WebclawError", Some(500), "MODEL");
    assert_raised(&seen["slow"], "TimeoutError", None, "timed out");
    assert_raised(&seen["nobody"], "WebclawError", None, "Transport error");
}

#[test]
fn webclaw_s_javascript_client_finds_what_it_looks_for_on_the_wire() {
    let here = Deployment::start();
    let seen = seen("webclaw_wire.mjs", &[&here.url(), KEY, &here.poor, QUESTION], "");
    for job in [&seen["newer"], &seen["older"]] {
        assert_webclaw_job(job);
        assert!(job["sources_count"].as_u64() <= Some(2), "{job:#}");
        assert!(job["deep"].is_boolean() && job["created_at"].is_string());
    }
    assert_raised(&seen["nothing asked"], "WebclawError", Some(400), "`query` is required");
    assert_raised(&seen["unknown key"], "AuthenticationError", Some(401), "key");
    assert_raised(&seen["unknown job"], "NotFoundError", Some(404), "no research job");
    assert_raised(&seen["admin's"], "ScopeError", Some(403), "admin");
    assert_raised(&seen["no jobs left"], "RateLimitError", Some(429), "quota");
    assert!(seen["no jobs left"]["wait"].is_u64(), "{}", seen["no jobs left"]);
}

/// A finished response of either client.
#[track_caller]
fn assert_response(response: &Value) {
    assert_eq!(response["status"], "completed", "{response:#}");
    let text = response["text"].as_str().unwrap();
    assert!(text.starts_with("# ") && text.contains("4.2 megawatt hours"), "{text}");
    let items = response["items"].as_array().unwrap();
    assert_eq!((items.first().unwrap(), items.last().unwrap()), (&json!("reasoning"), &json!("message")));
    let cited = response["cited"].as_array().unwrap();
    assert!(!cited.is_empty(), "{response:#}");
    for citation in cited {
        let mark = citation["mark"].as_str().unwrap();
        assert!(text.contains(&format!("\n{mark} ")), "{mark} is a number of the list of sources");
        let line = text.lines().find(|line| line.starts_with(&format!("{mark} "))).unwrap();
        let url = citation["url"].as_str().unwrap();
        assert!(line.contains(url), "{line} is not about {url}");
    }
}

#[test]
fn openai_s_python_client_runs_responses_in_the_background() {
    let (here, broken) = (Deployment::start(), broken());
    let (url, broken) = (here.url(), broken.api().base().to_owned());
    let seen = seen("openai_sdk.py", &[&url, KEY, &here.poor, &broken, QUESTION], "");
    let created = &seen["created"];
    assert!(matches!(created["status"].as_str(), Some("queued" | "in_progress")), "{created}");
    assert_eq!((&created["background"], &created["metadata"]), (&json!(true), &json!({"team": "ferry"})));
    assert!(created["id"].as_str().unwrap().starts_with("resp_") && created["tokens"].is_null());
    for name in ["whole", "streamed", "helper", "waited", "follow-up"] {
        assert_response(&seen[name]);
    }
    let whole = &seen["whole"];
    assert_eq!(whole["id"], created["id"]);
    assert!(whole["tokens"].as_u64() > Some(0) && !whole["queries"].as_array().unwrap().is_empty());
    assert!(whole["opened"].as_array().unwrap().iter().any(|url| url.as_str().unwrap().starts_with("http")));
    let input = &seen["input"];
    assert_eq!((&input[0]["role"], &input[1]["content"][0]["text"]), (&json!("developer"), &json!(QUESTION)));

    let events = seen["events"].as_array().unwrap();
    assert!((0..).zip(events).all(|(number, event)| event[0] == number), "{events:?}");
    assert_eq!(events.last().unwrap()[1], "response.completed");
    assert_eq!(seen["deltas"], seen["helper"]["text"]);
    let parsed = &seen["parsed"];
    let said: Value = serde_json::from_str(parsed["text"].as_str().unwrap()).unwrap();
    assert!(said["battery_capacity"].is_string() && said == parsed["value"], "{parsed}");
    assert!(!parsed["cited"].as_array().unwrap().is_empty(), "{parsed}");
    assert_eq!(seen["follow-up"]["previous"], created["id"]);
    assert_eq!(seen["twice"][0], seen["twice"][1]);
    for cancelled in seen["cancelled"].as_array().unwrap() {
        assert_eq!(cancelled["status"], "cancelled");
    }
    assert_eq!((&seen["late"]["status"], &seen["deleted"]), (&json!("completed"), &json!(null)));
    assert!(seen["models"].as_array().unwrap().contains(&json!("o3-deep-research")));
    assert_eq!(seen["async"]["class"], "Response");

    let errors = &seen["errors"];
    assert_raised(&errors["model"], "BadRequestError", Some(400), "footnote-deep");
    assert_eq!(
        (&errors["model"]["param"], &errors["model"]["code"], &errors["model"]["type"]),
        (&json!("model"), &json!("model_not_found"), &json!("invalid_request_error"))
    );
    assert_raised(&errors["unknown field"], "BadRequestError", Some(400), "wibble");
    assert_raised(&errors["nothing before"], "NotFoundError", Some(404), "no previous research job");
    assert_raised(&errors["deleted"], "NotFoundError", Some(404), "no response with this id");
    assert_raised(&errors["unknown"], "NotFoundError", Some(404), "no response with this id");
    assert_raised(&errors["key"], "AuthenticationError", Some(401), "invalid_api_key");
    assert_raised(&errors["no jobs left"], "RateLimitError", Some(429), "quota");
    assert_raised(&errors["other body"], "UnprocessableEntityError", Some(422), "Idempotency-Key");
    assert_raised(&errors["broken"], "InternalServerError", Some(500), "MODEL");
    assert_raised(&errors["slow"], "APITimeoutError", None, "timed out");
    assert_raised(&errors["nobody"], "APIConnectionError", None, "Connection error");
}

#[test]
fn openai_s_javascript_client_runs_responses_in_the_background() {
    let here = Deployment::start();
    let seen = seen("openai_sdk.mjs", &[&here.url(), KEY, &here.poor, QUESTION], "");
    for name in ["whole", "streamed", "waited"] {
        assert_response(&seen[name]);
    }
    let types = seen["types"].as_array().unwrap();
    assert_eq!(
        (&types[0], types.last().unwrap()),
        (&json!("response.created"), &json!("response.completed"))
    );
    assert_eq!(seen["resumed"], json!([[-1, types[types.len() - 2]], [0, "response.completed"]]));
    assert_eq!(seen["cancelled"]["status"], "cancelled");
    let errors = &seen["errors"];
    assert_raised(&errors["model"], "BadRequestError", Some(400), "footnote-deep");
    assert_eq!(errors["model"]["param"], "model");
    assert_raised(&errors["deleted"], "NotFoundError", Some(404), "no response with this id");
    assert_raised(&errors["key"], "AuthenticationError", Some(401), "key");
    assert_raised(&errors["no jobs left"], "RateLimitError", Some(429), "quota");
}

#[test]
fn both_of_openai_s_clients_unwrap_the_webhook_of_a_response() {
    let sink = Origin::start(9, |_| Reply::new(204, "text/plain", ""));
    let host = sink.host();
    let here = Deployment::start_with(World::start(), move |mut setup| {
        let hosts = format!("{},{host}", setup.env["ALLOW_PRIVATE_HOSTS"]);
        setup.env.insert("ALLOW_PRIVATE_HOSTS".into(), hosts);
        setup
    });
    let api = here.workerd.api().with_key(KEY);
    let endpoint = json!({"url": sink.url("/hook")}).to_string();
    api.send("PUT", "/v1/webhooks/endpoint", "application/json", endpoint.as_bytes()).expect(200);
    let secret = api.get("/v1/webhooks/secret").expect(200).json["secret"].clone();
    let ask = json!({"model": "footnote", "input": QUESTION, "background": true, "max_iterations": 1});
    let id = api.post("/v1/responses", &ask).expect(200).id();
    let told =
        poll(PATIENCE, || sink.ledger().first().cloned()).expect("the end of the response is told").request;
    let message =
        json!({"headers": told.headers, "body": String::from_utf8_lossy(&told.body), "secret": secret})
            .to_string();
    for script in ["openai_webhook.py", "openai_webhook.mjs"] {
        let event = seen(script, &[], &message);
        assert_eq!((&event["type"], &event["id"]), (&json!("response.completed"), &json!(id)), "{event}");
        assert_eq!((&event["object"], &event["forged"]), (&json!("event"), &json!("refused")), "{event}");
    }
    assert_eq!(seen("openai_webhook.py", &[], &message)["class"], "ResponseCompletedWebhookEvent");
    let job = id.replace("resp_", "res_");
    let sent = api.get(&format!("/v1/webhooks/deliveries?research_id={job}")).expect(200).json;
    assert_eq!(sent["deliveries"][0]["event"], "response.completed");
}

#[test]
fn perplexity_s_client_runs_completions_with_and_without_v1() {
    let here = Deployment::start();
    let seen = seen("perplexity_sdk.py", &[&here.url(), KEY, &here.poor, QUESTION], "");
    for name in ["plain", "versioned"] {
        let seen = &seen[name];
        let (created, whole) = (&seen["created"], &seen["whole"]);
        assert!(matches!(created["status"].as_str(), Some("CREATED" | "IN_PROGRESS")), "{created}");
        assert_eq!((&seen["again"], &whole["id"]), (&created["id"], &created["id"]));
        assert_eq!((&whole["status"], &whole["model"]), (&json!("COMPLETED"), &json!("sonar-deep-research")));
        let content = seen["content"].as_str().unwrap();
        assert!(content.contains("4.2 megawatt hours"), "{content}");
        let citations = seen["citations"].as_array().unwrap();
        for (n, url) in (1..).zip(citations) {
            let line = content.lines().find(|line| line.starts_with(&format!("[{n}] "))).unwrap();
            assert!(line.contains(url.as_str().unwrap()), "{line} is not about {url}");
        }
        assert_eq!(seen["results"].as_array().unwrap().len(), citations.len());
        assert!(seen["listed"].as_array().unwrap().contains(&created["id"]), "{seen:#}");
    }
    let errors = &seen["errors"];
    assert_raised(&errors["model"], "BadRequestError", Some(400), "sonar-deep-research");
    assert_raised(&errors["stream"], "BadRequestError", Some(400), "`stream`");
    assert_raised(&errors["unknown"], "NotFoundError", Some(404), "with this id");
    assert_raised(&errors["key"], "AuthenticationError", Some(401), "key");
    assert_raised(&errors["no jobs left"], "RateLimitError", Some(429), "quota");
}
