//! Faults of the platform under many jobs: kills at random moments, traps, lost alarms, alarms that throw, outages.
//!
//! `KILL_ROUNDS` sets the number of kills (`make soak` takes 200).

use crate::support::api::poll;
use crate::support::{Api, Fault, Workerd, World, checks, openai};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(420);
const ADMIN: &str = "an-admin-key-for-tests-77";
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";
/// Kills of one run of the tests; enough to hit each phase, and a minute long.
const KILL_ROUNDS: u64 = 15;
/// Most steps that one job has out at once, hence most that a kill may repeat for it.
const IN_FLIGHT_MAX: u64 = 6;
/// Lease, sweep interval and a busy machine: an alarm that is lost is set again after at most this long.
const REVIVED_WITHIN: Duration = Duration::from_secs(20 + 90);
/// Traps sprung while the jobs run.
const TRAPS: u32 = 3;
/// A job that shares its isolate with one that traps goes on within this time.
const DELAYED_AT_MOST: Duration = Duration::from_secs(150);

fn kill_rounds() -> u64 {
    std::env::var("KILL_ROUNDS")
        .map_or(KILL_ROUNDS, |rounds| rounds.parse().expect("KILL_ROUNDS is a number"))
}

/// Alarms that throw: as many as it takes in `make soak`, where there is time for it.
fn throws() -> u32 {
    if kill_rounds() > KILL_ROUNDS { 7 } else { 2 }
}

/// A small generator: the moments of the kills follow from the seed, which is printed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// What the journal of a job says of its steps: starts and successes of each.
fn steps(api: &Api, id: &str) -> BTreeMap<String, (u64, u64)> {
    let (_, text) = api.stream(&format!("/v1/research/{id}/events"), PATIENCE);
    let mut steps: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for block in text.split("\n\n") {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let data: Value = serde_json::from_str(field("data: ")).unwrap_or_default();
        let Some(step) = data["step"].as_str() else { continue };
        let counts = steps.entry(step.to_owned()).or_default();
        match field("event: ") {
            "step_started" => {
                assert_eq!(counts.1, 0, "{step} was started again after it had succeeded, in {id}");
                counts.0 += 1;
            }
            "step_succeeded" => counts.1 += 1,
            _ => {}
        }
    }
    steps
}

#[test]
fn kills_at_random_moments_lose_no_job_and_repeat_no_finished_step() {
    let seed = 0x5EED_F007;
    let rounds = kill_rounds();
    let mut random = Random(seed);
    let world = World::start();
    world.latency(Duration::from_millis(120));
    let mut workerd = Workerd::start(world.with_model());
    // Jobs of which each kill finds some accepted just now, some in the middle and some at their end.
    let mut accepted: Vec<String> = Vec::new();
    let mut alive_at_kill = 0_u64;
    for round in 0..rounds {
        for n in 0..=random.below(2) {
            let body =
                json!({"query": format!("{QUESTION} ({round}.{n})"), "max_iterations": 1, "max_sources": 3});
            accepted.push(workerd.api().post_research(&body));
        }
        std::thread::sleep(Duration::from_millis(random.below(1_500)));
        let live = workerd.api().get("/v1/research?state=running&limit=100").json;
        alive_at_kill += live["research"].as_array().map_or(0, Vec::len) as u64;
        workerd.restart();
    }
    let (mut lost, mut repeats) = (Vec::new(), 0_u64);
    for id in &accepted {
        let job = workerd.api().await_terminal(id, PATIENCE);
        if job["status"] != "completed" {
            lost.push((id.clone(), job["error"].clone()));
        }
        checks::citations(&job, |url| world.text_of(url));
        for (step, (starts, successes)) in steps(&workerd.api(), id) {
            assert!(successes <= 1, "seed {seed:#x}: {step} of {id} succeeded {successes} times");
            repeats += starts.saturating_sub(1);
        }
    }
    assert!(lost.is_empty(), "seed {seed:#x}: {lost:#?}");
    assert!(alive_at_kill > rounds / 2, "only {alive_at_kill} live jobs were hit by {rounds} kills");
    assert!(
        repeats <= alive_at_kill * IN_FLIGHT_MAX,
        "seed {seed:#x}: {repeats} repeats for {alive_at_kill} live jobs"
    );
    println!(
        "{rounds} kills, {} jobs accepted, 0 lost, {alive_at_kill} hit alive, {repeats} steps repeated",
        accepted.len()
    );
}

#[test]
fn a_trap_in_one_job_costs_the_others_nothing() {
    let world = World::start();
    world.latency(Duration::from_millis(250));
    let workerd = Workerd::start(world.with_model().with_faults());
    let api = workerd.api();
    let ids: Vec<String> = (0..11)
        .map(|n| {
            api.post_research(
                &json!({"query": format!("{QUESTION} ({n})"), "max_iterations": 1, "max_sources": 3}),
            )
        })
        .collect();
    let started = Instant::now();
    for _ in 0..TRAPS {
        std::thread::sleep(Duration::from_secs(1));
        workerd.fault("", "", "trap", 1);
    }
    for id in &ids {
        let job = api.await_terminal(id, PATIENCE);
        assert_eq!(job["status"], "completed", "{job:#}");
        assert!(started.elapsed() < DELAYED_AT_MOST, "{id} took {:?}", started.elapsed());
        for (step, (_, successes)) in steps(&api, id) {
            assert!(successes <= 1, "{step} of {id} succeeded {successes} times");
        }
    }
    assert!(workerd.log().contains("was lost with its wasm instance"), "no trap was sprung");
}

#[test]
fn a_job_whose_alarm_is_gone_is_revived() {
    let world = World::start();
    world.latency(Duration::from_millis(200));
    let workerd = Workerd::start(world.with_model().with_faults());
    let api = workerd.api();
    let deleted = api.post_research(&json!({"query": QUESTION}));
    let thrown = api.post_research(&json!({"query": format!("{QUESTION} (thrown)")}));
    // After seven throws in a row, 137 s later, the platform forgets an alarm.
    workerd.fault("JOB", &format!("anonymous/{thrown}"), "throw", throws());
    // The alarm of a job that waits for its lease, not of one that is being run: that one sets another at once.
    world.model.always(openai::PATH, Fault::Silence);
    assert!(world.model.await_requests(1, PATIENCE));
    std::thread::sleep(Duration::from_secs(2));
    for id in [&deleted, &thrown] {
        workerd.fault("JOB", &format!("anonymous/{id}"), "delete_alarm", 1);
    }
    world.model.always(openai::PATH, Fault::Fine);
    let lost = Instant::now();
    for id in [&deleted, &thrown] {
        let job = api.await_terminal(id, PATIENCE);
        assert_eq!(job["status"], "completed", "{job:#}");
        println!("ended {:?} after its alarm was deleted", lost.elapsed());
    }
    let platform_gives_up = Duration::from_secs(160);
    assert!(lost.elapsed() < REVIVED_WITHIN * 2 + platform_gives_up, "{:?}", lost.elapsed());
}

#[test]
fn a_provider_that_is_down_for_three_minutes_ends_no_job() {
    let world = World::start();
    world.search.always("/search", Fault::Instead(crate::support::http::Reply::status(503)));
    let workerd = Workerd::start(world.with_model());
    let id = workerd.api().post_research(&json!({"query": QUESTION}));
    std::thread::sleep(Duration::from_secs(180));
    assert_eq!(workerd.api().get_research(&id)["status"], "processing");
    world.search.always("/search", Fault::Fine);
    let job = workerd.api().await_terminal(&id, PATIENCE);
    assert_eq!((&job["status"], &job["state"]), (&json!("completed"), &json!("completed")), "{job:#}");
    assert!(job["sources_count"].as_u64() > Some(0), "{job:#}");
}

#[test]
fn a_model_that_stays_down_ends_in_a_partial_report_that_says_so() {
    let world = World::start();
    world.model.always(openai::PATH, Fault::Instead(crate::support::http::Reply::status(503)));
    let workerd = Workerd::start(world.with_model());
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    assert_eq!(job["state"], "partial", "{job:#}");
    assert!(job["partial_reason"].as_str().unwrap().contains("503"), "{job:#}");
    checks::citations(&job, |url| world.text_of(url));
}

#[test]
fn a_page_that_hangs_holds_nobody_up() {
    let world = World::start();
    world.site("energy").always("/index.html", Fault::Silence);
    world.site("harbour").always("/cost.html", Fault::Drip { bytes: 1, every: Duration::from_millis(500) });
    let workerd = Workerd::start(world.with_model());
    let started = Instant::now();
    let body = json!({"query": QUESTION, "max_iterations": 2, "max_sources": 4});
    let job = workerd.api().research(&body, PATIENCE);
    checks::citations(&job, |url| world.text_of(url));
    // Two rounds with at most one straggler's wait and one read's bound (15 s) each.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn looking_for_what_is_not_there_leaves_nothing_behind() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    let own = api.post_research(&json!({"query": QUESTION}));
    api.await_terminal(&own, PATIENCE);
    let settled = poll(PATIENCE, || {
        let listed = api.get("/v1/research?state=completed").expect(200).json;
        (!listed["research"].as_array().unwrap().is_empty()).then_some(())
    });
    assert!(settled.is_some());
    let before = workerd.files();
    for n in 0..20 {
        let id = format!("res_{n:032x}");
        for (method, path) in [
            ("GET", ""),
            ("DELETE", ""),
            ("GET", "/events"),
            ("POST", "/cancel"),
            ("POST", "/steer"),
            ("POST", "/fork"),
        ] {
            let body: &[u8] = if method == "POST" { br#"{"focus": "x", "from_round": 1}"# } else { b"" };
            let kind = if method == "POST" { "application/json" } else { "" };
            let reply = api.send(method, &format!("/v1/research/{id}{path}"), kind, body);
            assert_eq!(reply.status, 404, "{method} {path}: {reply:?}");
        }
    }
    let new: BTreeSet<String> = workerd.files().difference(&before).cloned().collect();
    assert_eq!(new, BTreeSet::new(), "files that looking left behind");
}

#[test]
fn a_finished_job_is_forgotten_when_its_time_is_up() {
    let world = World::start();
    let workerd =
        Workerd::start(world.with_model().with("RETENTION_DAYS", "2").with("ADMIN_KEY", ADMIN).with_faults());
    let api = workerd.api();
    let job = api.research(&json!({"query": QUESTION, "max_iterations": 1}), PATIENCE);
    let id = job["id"].as_str().unwrap();
    let look = || api.get(&format!("/v1/research/{id}"));
    let name = format!("anonymous/{id}");
    // A day later it is still there, two days and a bit later it is not.
    workerd.fault("", "", "clock", 24 * 60);
    workerd.fault("JOB", &name, "wake", 1);
    std::thread::sleep(Duration::from_secs(2));
    look().expect(200);
    workerd.fault("", "", "clock", 25 * 60);
    workerd.fault("JOB", &name, "wake", 1);
    assert!(poll(PATIENCE, || (look().status == 404).then_some(())).is_some());
    api.clone().with_key(ADMIN).post("/v1/tick", &json!({})).expect(204);
    assert_eq!(api.get("/v1/research").expect(200).json["research"], json!([]));
    assert_eq!(api.get("/v1/usage").expect(200).json["total"]["jobs"], 1, "what was spent stays counted");
}
