//! `kill -9` in the middle of a job, and a restart on the same data folder.

use crate::support::{Workerd, World, checks};
use serde_json::json;
use std::time::Duration;

/// A job with every reply 150 ms late takes a few seconds; the rest is for a busy machine and for leases to run out.
const PATIENCE: Duration = Duration::from_secs(240);
/// Slow enough that a kill finds calls in flight.
const LATENCY: Duration = Duration::from_millis(150);
/// Most steps in flight at once, hence most that a kill may repeat.
const IN_FLIGHT_MAX: usize = 6;

const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";

/// When to kill: the server that has to be asked so many times first.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Right after the 202.
    Accepted,
    /// While the search engine is asked.
    Searching,
    /// While pages are read.
    Reading,
    /// While the first pages are analysed.
    Analyzing,
    /// While sections are written.
    Writing,
}

impl Moment {
    fn await_in(self, world: &World) {
        let reached = match self {
            Self::Accepted => true,
            Self::Searching => world.search.await_requests(1, PATIENCE),
            Self::Reading => world.site("ferry").await_requests(2, PATIENCE),
            Self::Analyzing => world.model.await_requests(3, PATIENCE),
            Self::Writing => world.model.await_text("Now the text of", PATIENCE),
        };
        assert!(reached, "{self:?} was never reached");
    }
}

#[test]
fn a_job_survives_kill_9_at_any_moment_and_repeats_no_finished_step() {
    let world = World::start();
    world.latency(LATENCY);
    let undisturbed =
        Workerd::start(world.with_model()).api().research(&json!({"query": QUESTION}), PATIENCE);
    let expected = checks::source_urls(&undisturbed);
    assert!(!expected.is_empty(), "{undisturbed:#}");

    for moment in [Moment::Accepted, Moment::Searching, Moment::Reading, Moment::Analyzing, Moment::Writing] {
        world.clear_ledgers();
        let mut workerd = Workerd::start(world.with_model());
        let id = workerd.api().post_research(&json!({"query": QUESTION}));
        moment.await_in(&world);
        workerd.restart();
        let job = workerd.api().await_terminal(&id, PATIENCE);
        assert_eq!(job["status"], "completed", "killed while {moment:?}: {job:#}");
        assert_eq!(checks::source_urls(&job), expected, "killed while {moment:?}");
        checks::citations(&job, |url| world.text_of(url));
        assert_repeats_at_most(&world, IN_FLIGHT_MAX, moment);
    }
}

#[test]
fn a_job_survives_five_kills_in_a_row() {
    let world = World::start();
    world.latency(LATENCY);
    let mut workerd = Workerd::start(world.with_model());
    let id = workerd.api().post_research(&json!({"query": QUESTION}));
    let moments = [Moment::Accepted, Moment::Searching, Moment::Reading, Moment::Analyzing, Moment::Writing];
    for moment in moments {
        moment.await_in(&world);
        workerd.restart();
    }
    let job = workerd.api().await_terminal(&id, PATIENCE);
    assert_eq!(job["status"], "completed", "{job:#}");
    checks::wire_types(&job);
    checks::citations(&job, |url| world.text_of(url));
    assert_repeats_at_most(&world, IN_FLIGHT_MAX * moments.len(), Moment::Writing);
}

#[test]
fn a_finished_report_is_the_same_after_a_restart() {
    let world = World::start();
    let mut workerd = Workerd::start(world.with_model());
    let id = workerd.api().post_research(&json!({"query": QUESTION}));
    let before = workerd.api().await_terminal(&id, PATIENCE);
    world.clear_ledgers();
    workerd.restart();
    assert_eq!(workerd.api().get_research(&id), before);
    assert!(world.requests().is_empty(), "a finished job asks nobody: {:#?}", world.requests());
}

#[test]
fn a_crawl_survives_kill_9() {
    let world = World::start();
    world.latency(LATENCY);
    let mut workerd = Workerd::start(world.keyless());
    let body = json!({"url": world.site("energy").url("/index.html"), "max_pages": 3, "max_depth": 2});
    let id = workerd.api().post("/v1/library/crawls", &body).expect(202).id();
    assert!(world.site("energy").await_requests(2, PATIENCE), "the crawl never began");
    workerd.restart();
    let crawl = workerd.api().await_crawl(&id, PATIENCE);
    assert_eq!((&crawl["status"], checks::crawl_counts(&crawl).0), (&json!("completed"), 3), "{crawl:#}");
}

#[track_caller]
fn assert_repeats_at_most(world: &World, most: usize, moment: Moment) {
    let repeated: Vec<_> = world.requests().into_iter().filter(|(_, times)| *times > 1).collect();
    let repeats: usize = repeated.iter().map(|(_, times)| times - 1).sum();
    assert!(repeats <= most, "killed while {moment:?}: {repeats} requests were repeated: {repeated:#?}");
}
