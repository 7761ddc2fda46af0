//! The HTTP contract: routes, keys, error bodies, and the types that webclaw's clients decode.

use crate::support::api::{Response, poll};
use crate::support::{Config, Setup, Workerd, World, checks};
use serde_json::{Value, json};
use std::time::Duration;

/// A job over a dozen pages on loopback takes a few seconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const KEY: &str = "fn-test-key-51c0";

/// The body of every error: RFC 9457, and the members that webclaw's clients read, all of them strings.
#[track_caller]
fn assert_problem(reply: &Response) {
    let problem = &reply.json;
    assert!(reply.header("content-type").starts_with("application/problem+json"), "{reply:?}");
    assert_eq!(problem["status"].as_u64(), Some(u64::from(reply.status)), "{reply:?}");
    for member in ["type", "title", "detail", "error", "message", "code"] {
        assert!(!problem[member].as_str().unwrap_or_default().is_empty(), "{member} is no text in {reply:?}");
    }
    let told = reply.text.to_lowercase();
    assert!(!told.contains("panicked") && !told.contains(".rs:") && !told.contains("    at "), "{reply:?}");
}

fn keyed() -> Workerd {
    let env = [("API_KEYS".to_owned(), KEY.to_owned())].into();
    Workerd::start(Setup { config: Config::Serving, env })
}

fn open() -> Workerd {
    let env = [("ALLOW_ANONYMOUS".to_owned(), "1".to_owned())].into();
    Workerd::start(Setup { config: Config::Serving, env })
}

/// Every route that needs a key.
const CLOSED: [(&str, &str); 11] = [
    ("POST", "/mcp"),
    ("POST", "/v1/research"),
    ("GET", "/v1/research/res_1"),
    ("POST", "/v1/library/documents"),
    ("GET", "/v1/library/documents"),
    ("GET", "/v1/library/documents/doc_1"),
    ("DELETE", "/v1/library/documents/doc_1"),
    ("POST", "/v1/library/crawls"),
    ("GET", "/v1/library/crawls/crawl_1"),
    ("GET", "/v1/library/search?q=ferry"),
    ("GET", "/v1/library/search"),
];

#[track_caller]
fn assert_closed(workerd: &Workerd, key: Option<&str>) {
    let api = key.map_or_else(|| workerd.api(), |key| workerd.api().with_key(key));
    for (method, path) in CLOSED {
        let body: &[u8] = if method == "POST" { br#"{"query":"x","url":"http://x.example/"}"# } else { b"" };
        let reply = api.send(method, path, if method == "POST" { "application/json" } else { "" }, body);
        assert_eq!(reply.status, 401, "{method} {path}: {reply:?}");
        assert_problem(&reply);
    }
}

#[test]
fn a_worker_that_nobody_configured_is_closed_but_healthy() {
    let workerd = Workerd::start(Setup { config: Config::Serving, env: Default::default() });
    let health = workerd.api().get("/health").expect(200);
    assert_eq!(health.json["status"], "ok");
    assert_closed(&workerd, None);
    assert_closed(&workerd, Some("anything"));
    assert_closed(&workerd, Some(""));
}

#[test]
fn only_a_configured_key_opens() {
    let workerd = keyed();
    assert_closed(&workerd, None);
    assert_closed(&workerd, Some("fn-test-key-51c"));
    assert_closed(&workerd, Some("fn-test-key-51c00"));
    let in_url = workerd.api().get(&format!("/v1/library/documents?api_key={KEY}&key={KEY}"));
    assert_eq!(in_url.status, 401, "a key in a URL ends up in logs: {in_url:?}");
    workerd.api().with_key(KEY).get("/v1/library/documents").expect(200);
}

#[test]
fn what_belongs_to_one_key_does_not_exist_for_another() {
    const OTHER: &str = "fn-test-key-99aa";
    let world = World::start();
    let mut setup = world.keyless();
    setup.env.remove("ALLOW_ANONYMOUS");
    setup.env.insert("API_KEYS".into(), format!("{KEY},{OTHER}"));
    let workerd = Workerd::start(setup);
    let (owner, other) = (workerd.api().with_key(KEY), workerd.api().with_key(OTHER));
    let job = owner.post_research(&json!({"query": "How large is the battery?"}));
    let url = world.site("survey").url("/noise.html");
    let document = owner.post("/v1/library/documents", &json!({"url": url})).expect(201).id();
    for (own, unknown) in [
        (format!("/v1/research/{job}"), format!("/v1/research/res_{}", "0".repeat(32))),
        (
            format!("/v1/library/documents/{document}"),
            format!("/v1/library/documents/doc_{}", "0".repeat(32)),
        ),
    ] {
        owner.get(&own).expect(200);
        let (foreign, unknown) = (other.get(&own).expect(404), other.get(&unknown).expect(404));
        assert_eq!(foreign.text, unknown.text, "the reply tells whether {own} exists");
    }
    assert_eq!(other.delete(&format!("/v1/library/documents/{document}")).status, 404);
    owner.get(&format!("/v1/library/documents/{document}")).expect(200);
    assert_eq!(checks::documents(&other), [] as [Value; 0]);
    let found = other.get("/v1/library/search?q=noise").expect(200).json;
    assert_eq!(found["results"], json!([]), "{found:#}");
}

#[test]
fn the_page_and_the_openapi_document_need_no_key() {
    let workerd = keyed();
    let page = workerd.api().get("/").expect(200);
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    assert!(page.header("content-security-policy").contains("default-src 'none'"), "{page:?}");
    let reference = workerd.api().get("/docs").expect(200);
    assert!(reference.header("content-security-policy").contains("script-src 'self'"), "{reference:?}");
    assert!(reference.text.contains("id=\"createResearch\""), "{reference:?}");
    for name in ["docs.css", "docs.js"] {
        assert!(reference.text.contains(&format!("\"/docs/{name}\"")), "{name} is not loaded");
        workerd.api().get(&format!("/docs/{name}")).expect(200);
    }
    assert_problem(&workerd.api().get("/docs/other.js").expect(404));
    let document = workerd.api().get("/openapi.json").expect(200).json;
    assert!(document["openapi"].is_string() && document["paths"]["/v1/research"].is_object(), "{document:#}");
}

#[test]
fn what_does_not_exist_is_404_and_what_is_not_offered_is_405() {
    let workerd = open();
    let api = workerd.api();
    for path in [
        "/nowhere",
        "/v1",
        "/v1/research/res_unknown",
        "/v1/research/..%2f..%2fhealth",
        "/v1/research/%00",
        "/v1/library/documents/unknown",
        "/v1/library/crawls/unknown",
    ] {
        let reply = api.get(path);
        assert_eq!(reply.status, 404, "{path}: {reply:?}");
        assert_problem(&reply);
    }
    for (method, path) in [
        ("PUT", "/v1/research"),
        ("PATCH", "/v1/research/res_1"),
        ("POST", "/health"),
        ("PUT", "/v1/library/documents"),
        ("DELETE", "/v1/library/search"),
    ] {
        let reply = api.send(method, path, "", b"");
        assert_eq!(reply.status, 405, "{method} {path}: {reply:?}");
        assert_problem(&reply);
        assert!(!reply.header("allow").is_empty(), "{method} {path} does not say what is allowed: {reply:?}");
    }
}

#[test]
fn a_bad_question_is_the_callers_fault_and_said_so() {
    let workerd = open();
    let api = workerd.api();
    let long = json!({"query": "long ".repeat(1_000)}).to_string();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [&[u8]; 14] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"query\"",
        b"{}",
        br#"{"query":""}"#,
        br#"{"query":"  \n "}"#,
        br#"{"query":7}"#,
        br#"{"query":["a"]}"#,
        b"{\"query\":\"\xff\xfe\"}",
        br#"{"query":"a","max_sources":"many"}"#,
        long.as_bytes(),
        deep.as_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
        let reply = api.send("POST", "/v1/research", "application/json", body);
        assert!(matches!(reply.status, 400 | 413 | 422), "{shown}: {reply:?}");
        assert_problem(&reply);
    }
    let huge = json!({"query": "a", "padding": "x".repeat(1_000_000)});
    let reply = api.post("/v1/research", &huge);
    assert_eq!(reply.status, 413, "{reply:?}");
    assert_problem(&reply);
    assert_eq!(api.get("/health").status, 200);
}

#[test]
fn whatever_webclaws_clients_send_is_accepted() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let query = "How long does charging take?";
    for body in [
        json!({"query": query}),
        json!({"query": query, "deep": false}),
        json!({"query": query, "deep": true, "max_iterations": 2, "max_sources": 5, "topic": "general"}),
        json!({"query": query, "maxIterations": 2, "maxSources": 5, "topic": "security and tech"}),
        json!({"query": query, "nobody": {"knows": ["this"]}, "max_sources": null}),
    ] {
        let reply = workerd.api().post("/v1/research", &body).expect(202);
        assert_eq!(reply.json["status"], "processing", "{reply:?}");
        let id = reply.id();
        // Clients paste it into the path as it is.
        assert!(
            id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)),
            "{id} is not safe in a URL"
        );
    }
}

#[test]
fn every_reply_about_a_job_has_the_types_that_clients_decode() {
    let world = World::start();
    world.latency(Duration::from_millis(50));
    let workerd = Workerd::start(world.with_model());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": "How large is the battery of the ferry Lysling?"}));
    let mut percents = Vec::new();
    let done = poll(PATIENCE, || {
        let job = api.get_research(&id);
        checks::wire_types(&job);
        assert_eq!(job["id"], id.as_str());
        percents.push(job["progress"]["percent"].as_u64());
        (job["status"] != "processing").then_some(job)
    });
    let done = done.expect("the job ends in time");
    assert_eq!(done["status"], "completed", "{done:#}");
    assert_eq!(percents.last(), Some(&Some(100)), "{percents:?}");
    assert!(percents.is_sorted(), "progress never goes back: {percents:?}");
    assert_eq!(api.get_research(&id), done, "a finished job does not change");
}

#[test]
fn asking_often_is_never_refused() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let id = api.post_research(&json!({"query": "How large is the battery?"}));
    // webclaw's older clients give up at the first reply that is no 200.
    for _ in 0..200 {
        api.get(&format!("/v1/research/{id}")).expect(200);
    }
}

#[test]
fn an_empty_library_has_empty_lists() {
    let workerd = open();
    let documents = workerd.api().get("/v1/library/documents").expect(200).json;
    assert_eq!(documents["documents"], json!([]), "{documents:#}");
    let found = workerd.api().get("/v1/library/search?q=ferry&limit=3").expect(200).json;
    assert_eq!(found["results"], json!([]), "{found:#}");
}
