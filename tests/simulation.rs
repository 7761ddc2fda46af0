//! Jobs in a hostile world, by the thousand: crashes between any two writes, alarms that are lost, late or come twice,
//! answers that come late or twice, clocks that jump, owners who steer and cancel. `SEEDS` sets how many (`make soak`
//! takes 100,000); a failure prints its seed, and `SEED` runs that one alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::job::step::{ATTEMPTS_MAX, StepId};
use footnote::job::{Event, Job, Timestamp, journal};
use footnote::research::request::{Budget, ResearchRequest};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use support::{Chaos, World, two_rounds};

/// Worlds of one run of the tests.
const SEEDS: u64 = 2_000;
/// Neighbouring numbers give unlike worlds.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[test]
fn whatever_happens_a_job_ends_once_and_pays_for_nothing_twice() {
    let number = |name: &str| std::env::var(name).ok().map(|n| n.parse::<u64>().expect("a number"));
    let (first, count) = match number("SEED") {
        Some(seed) => (seed, 1),
        None => (1, number("SEEDS").unwrap_or(SEEDS)),
    };
    let mut ends: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in first..first + count {
        let end = catch_unwind(AssertUnwindSafe(|| live(seed)));
        match end {
            Ok(state) => *ends.entry(state).or_default() += 1,
            Err(cause) => {
                eprintln!("failed with SEED={seed}");
                std::panic::resume_unwind(cause);
            }
        }
    }
    println!("{count} worlds ended: {ends:?}");
    if count >= SEEDS {
        for state in ["completed", "partial", "failed", "cancelled"] {
            assert!(ends.contains_key(state), "no world ended {state}: {ends:?}");
        }
    }
}

/// One world from acceptance to the end; the state that it ended in.
fn live(seed: u64) -> &'static str {
    let begin = if seed.is_multiple_of(2) { World::overlapping } else { World::new };
    let mut world = begin(seed.wrapping_mul(SPREAD), request(seed));
    world.chaos = Some(Chaos::of(seed));
    world.fault_percent = if seed.is_multiple_of(50) { 100 } else { seed % 40 };
    let job = world.run();
    let facts: Vec<Event> =
        (0..).zip(&world.disk).map(|(seq, text)| journal::decode(seq, text).unwrap()).collect();
    ends_once(&facts);
    no_step_runs_after_it_succeeded(&facts);
    for (step, times) in &world.paid {
        assert!(*times <= ATTEMPTS_MAX, "{step} was paid for {times} times");
    }
    assert_eq!(world.sent_after_cancel, 0, "calls left after the cancel at {:?}", world.cancelled_at);
    ends_in_time(&world, &job);
    let view = job.view(world.now);
    assert!(["completed", "failed"].contains(&view.status), "{}", view.status);
    let (usage, limits) = (&view.usage, &view.limits);
    assert!(
        usage.pages <= limits.max_pages.into() && usage.searches <= limits.max_searches.into(),
        "{usage:?}"
    );
    assert!(usage.tokens.input + usage.tokens.output <= limits.max_tokens.unwrap_or(u64::MAX), "{usage:?}");
    assert!(usage.cost_usd <= limits.max_cost_usd.unwrap_or(f64::MAX), "{usage:?} within {limits:?}");
    assert_eq!(Job::fold(facts).unwrap(), job, "the journal tells of another job");
    view.state
}

fn request(seed: u64) -> ResearchRequest {
    let budget = match seed % 5 {
        0 => Budget { pages_max: Some(1 + u32::try_from(seed % 4).unwrap()), ..Budget::default() },
        1 => Budget { seconds_max: Some(30 + seed % 300), ..Budget::default() },
        2 => Budget { tokens_max: Some(1_000 + seed % 60_000), ..Budget::default() },
        3 => Budget { cost_micros_max: Some(seed % 20_000), ..Budget::default() },
        _ => Budget::default(),
    };
    let start_urls =
        (0..seed % 4).map(|n| format!("https://start{n}.example/{}", ["page", "gone"][n as usize % 2]));
    ResearchRequest { deep: seed.is_multiple_of(7), budget, start_urls: start_urls.collect(), ..two_rounds() }
}

fn ends_once(facts: &[Event]) {
    let is_end =
        |e: &&Event| matches!(e, Event::Completed { .. } | Event::Failed { .. } | Event::Cancelled { .. });
    assert_eq!(facts.iter().filter(is_end).count(), 1, "a job ends once");
    assert!(is_end(&facts.last().unwrap()), "nothing follows the end");
}

fn no_step_runs_after_it_succeeded(facts: &[Event]) {
    let mut done: BTreeMap<StepId, u32> = BTreeMap::new();
    for fact in facts {
        match fact {
            Event::StepStarted { step, attempt, .. } => {
                assert!(
                    !done.contains_key(step),
                    "{step} was started again ({attempt}) after it had succeeded"
                );
            }
            Event::StepSucceeded { step, attempt, .. } => {
                assert!(done.insert(*step, *attempt).is_none(), "{step} succeeded twice");
            }
            _ => {}
        }
    }
}

/// The deadline counts the time in which the job could run: not what the clock jumped, nor how long nobody woke it.
fn ends_in_time(world: &World, job: &Job) {
    const GRACE_MS: u64 = 60_000;
    let ended_at = job.view(world.now).completed_at;
    assert!(ended_at.is_some());
    let ran_ms = world.ran_ms;
    let deadline_ms = job.view(Timestamp(0)).limits.deadline_ms;
    assert!(ran_ms <= deadline_ms + GRACE_MS + world.overslept_ms, "ran for {ran_ms} ms of {deadline_ms}");
}
