//! Pages, search engines and models that misbehave.

use crate::support::http::Reply;
use crate::support::{Fault, Origin, Workerd, World, bomb, brain, checks, openai};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Time for pages that never answer to be given up, and for a few retries with back-off.
const PATIENCE: Duration = Duration::from_secs(180);

const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and how many minutes does charging take in Ostervik?";

/// Asks with the model, and checks whatever comes.
#[track_caller]
fn research(world: &World) -> Value {
    let workerd = Workerd::start(world.with_model());
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    checks::wire_types(&job);
    checks::citations(&job, |url| world.text_of(url));
    job
}

#[test]
fn pages_that_misbehave_cost_their_own_evidence_only() {
    let world = World::start();
    world.site("ferry").always("/index.html", Fault::Silence);
    world.site("ferry").always("/route.html", Fault::Drip { bytes: 1, every: Duration::from_millis(500) });
    world.site("energy").always("/index.html", Fault::Reset);
    world.site("energy").always("/winter.html", Fault::Huge { bytes: 1 << 30 });
    world.site("energy").always(
        "/emissions.html",
        Fault::Instead(Reply::new(200, "application/octet-stream", vec![0; 4096])),
    );
    world.site("survey").always("/index.html", Fault::Instead(Reply::html([0xff, 0xfe, 0x00].repeat(4096))));
    world.site("survey").always("/noise.html", Fault::Instead(Reply::html("<div>".repeat(200_000))));
    world.site("harbour").always("/cost.html", Fault::Instead(Reply::status(503).header("retry-after", "1")));
    let job = research(&world);
    assert!(job["report"].as_str().unwrap().contains("nine minutes"), "{job:#}");
}

#[test]
fn a_page_cut_off_in_the_middle_is_not_taken_for_whole() {
    let world = World::start();
    world.site("harbour").always("/charging.html", Fault::Cut { after: 700 });
    let workerd = Workerd::start(world.keyless());
    let url = world.site("harbour").url("/charging.html");
    let reply = workerd.api().post("/v1/library/documents", &json!({"url": url}));
    if reply.status == 201 {
        let stored = workerd.api().get(&format!("/v1/library/documents/{}", reply.id())).expect(200).json;
        assert_eq!(stored["truncated"], true, "{stored:#}");
    }
}

#[test]
fn a_page_without_end_costs_neither_time_nor_memory() {
    const GIB: usize = 1 << 30;
    /// What Cloudflare gives an isolate for everything; a whole page here would cost at least twice this.
    const MEMORY_MAX: u64 = 128 << 20;
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let site = world.site("survey");
    site.always("/plain.html", Fault::Huge { bytes: GIB });
    site.always("/bomb.html", Fault::Instead(bomb::gzip_page(GIB / 4)));
    site.always("/deep.html", Fault::Instead(Reply::html("<div>".repeat(400_000))));
    let add = |path: &str| workerd.api().post("/v1/library/documents", &json!({"url": site.url(path)}));
    // The first page makes the process grow to its usual size.
    add("/noise.html").expect(201);
    let before = workerd.memory_peak_bytes();
    for path in ["/plain.html", "/bomb.html", "/deep.html"] {
        let started = Instant::now();
        let reply = add(path);
        assert!(reply.status != 500, "{path}: {reply:?}");
        assert!(started.elapsed() < Duration::from_secs(15), "{path} took {:?}", started.elapsed());
    }
    if let (Some(before), Some(after)) = (before, workerd.memory_peak_bytes()) {
        assert!(after - before < MEMORY_MAX, "{} MB more than before", (after - before) >> 20);
    }
}

#[test]
fn a_search_engine_that_fails_at_first_is_asked_again() {
    let world = World::start();
    let html = Reply::html("<html><body>Too many requests</body></html>");
    world.search.first(
        "/search",
        [Fault::Instead(Reply::status(429).header("retry-after", "1")), Fault::Reset, Fault::Instead(html)],
    );
    let job = research(&world);
    assert!(job["sources_count"].as_u64() >= Some(1), "{job:#}");
}

#[test]
fn a_model_that_says_when_to_come_back_is_left_alone_until_then() {
    let world = World::start();
    let busy =
        Reply::json(429, &openai::error("rate_limit_exceeded", "Slow down")).header("retry-after", "2");
    world.model.first(openai::PATH, [Fault::Instead(busy)]);
    research(&world);
    let ledger = world.model.ledger();
    let line = |at: usize| brain::without_markers(&ledger[at].request.line());
    let again = (1..ledger.len()).find(|at| line(*at) == line(0)).expect("the refused call is made again");
    assert!(
        ledger[again].at - ledger[0].at >= Duration::from_secs(2),
        "{:?}",
        ledger[again].at - ledger[0].at
    );
}

#[test]
fn a_model_that_fails_now_and_then_does_not_end_the_job() {
    let world = World::start();
    let whole = openai::completion(&json!({"model": "m", "messages": []}), "{\"sub_questions\": [\"How la");
    world.model.first(
        openai::PATH,
        [
            Fault::Instead(Reply::status(500)),
            Fault::Fine,
            Fault::Reset,
            Fault::Instead(Reply::html("<html><body>502 Bad Gateway</body></html>")),
            Fault::Instead(Reply::new(200, "application/json", "")),
            Fault::Instead(Reply::new(200, "application/json", vec![0xff; 64])),
            Fault::Instead(whole),
            Fault::Cut { after: 100 },
            Fault::Late(Duration::from_secs(3)),
        ],
    );
    research(&world);
}

#[test]
fn a_model_that_writes_nonsense_gets_no_nonsense_into_the_report() {
    let asked = AtomicUsize::new(0);
    let model = openai::start_with(move |request| {
        let usual = brain::answer(request);
        // Whatever is not JSON is prose: marks without findings, foreign links, claims nobody made.
        if serde_json::from_str::<Value>(&usual).is_err() {
            asked.fetch_add(1, Ordering::Relaxed);
            return format!(
                "{usual} The ferry can fly [F9999]. See [here](http://evil.example/) ![x](http://evil.example/x.png). \
                 The battery holds 77.7 terawatt hours [F1]."
            );
        }
        usual.replace("\"quote\":\"Each", "\"quote\":\"Never written: each")
    });
    let world = World::start_with(model);
    let job = research(&world);
    let report = job["report"].as_str().unwrap();
    for invented in ["F9999", "evil.example", "can fly", "77.7", "Never written"] {
        assert!(!report.contains(invented), "{invented} in {report}");
    }
    assert!(!job["citations"].to_string().contains("Never written"), "{job:#}");
}

#[test]
fn a_wrong_key_for_the_model_ends_soon_and_says_why() {
    let world = World::start_with(Origin::start(1, |_| {
        Reply::json(401, &openai::error("invalid_api_key", "Incorrect API key provided"))
    }));
    let workerd = Workerd::start(world.with_model());
    let started = Instant::now();
    let id = workerd.api().post_research(&json!({"query": QUESTION}));
    let job = workerd.api().await_terminal(&id, PATIENCE);
    assert!(started.elapsed() < Duration::from_secs(90), "no retry mends a wrong key");
    let told = job.to_string().to_lowercase();
    assert!(told.contains("401") || told.contains("key") || told.contains("unauthorized"), "{job:#}");
}
