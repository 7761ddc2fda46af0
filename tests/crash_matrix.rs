//! A job is interrupted at every boundary, at pairs of them, over and over, with faults: it always ends, and ends the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::job::Failure;
use footnote::job::step::ATTEMPTS_MAX;
use footnote::search::Provider;
use support::{World, assert_same, outcome, two_rounds};

fn world(seed: u64) -> World {
    World::new(seed, two_rounds())
}

#[test]
fn an_undisturbed_job_takes_two_rounds_and_cites_four_pages() {
    let mut world = world(7);
    let job = world.run();
    let view = outcome(&job);
    assert_eq!((view.status, view.iterations), ("completed", 2), "{view:#?}");
    assert_eq!(view.sources_count, 4, "{:#?}", view.report);
    assert!(world.ops > 60, "only {} boundaries: the matrix would prove little", world.ops);
    assert!(world.sent.values().all(|n| *n == 1), "a step ran twice undisturbed: {:?}", world.sent);
}

#[test]
fn a_crash_at_any_boundary_changes_nothing_a_poller_sees() {
    let mut clean = world(7);
    let expected = outcome(&clean.run());
    for boundary in 0..clean.ops {
        let mut world = world(7);
        world.crash_at = [boundary].into();
        assert_same(&outcome(&world.run()), &expected, &format!("crash at boundary {boundary}"));
        assert_eq!(world.crashes, 1, "boundary {boundary} was never reached");
        let repeated: u32 = world.sent.values().map(|n| n - 1).sum();
        assert!(
            repeated <= 6,
            "crash at {boundary}: {repeated} steps repeated, at most the six in flight may"
        );
    }
}

#[test]
fn two_crashes_anywhere_change_nothing_a_poller_sees() {
    let mut clean = world(11);
    let expected = outcome(&clean.run());
    // Every first boundary with a spread of second ones: all pairs would be the square for little more.
    for first in 0..clean.ops {
        for second in (first + 1..clean.ops + 8).step_by(7) {
            let mut world = world(11);
            world.crash_at = [first, second].into();
            assert_same(&outcome(&world.run()), &expected, &format!("crashes at {first} and {second}"));
        }
    }
}

#[test]
fn a_crash_while_a_provider_fails_throttles_or_refuses_changes_nothing_a_poller_sees() {
    let throttled = Failure::Transient { cause: "429".into(), retry_after_ms: Some(60_000) };
    for failure in [Failure::transient("503"), throttled, Failure::permanent("401")] {
        let run = |crash_at: Option<u32>| {
            let mut world = world(7);
            world.failing = Some((Provider::Searxng, failure.clone()));
            world.crash_at = crash_at.into_iter().collect();
            (outcome(&world.run()), world.ops)
        };
        let (expected, ops) = run(None);
        assert_eq!((expected.status, expected.warnings.len()), ("completed", 1), "{:?}", expected.warnings);
        for boundary in 0..ops {
            assert_same(
                &run(Some(boundary)).0,
                &expected,
                &format!("{failure}: crash at boundary {boundary}"),
            );
        }
    }
}

#[test]
fn the_order_in_which_answers_come_changes_nothing() {
    let expected = outcome(&world(1).run());
    for seed in 2..60 {
        assert_same(&outcome(&world(seed * 7919).run()), &expected, &format!("seed {}", seed * 7919));
    }
}

#[test]
fn a_crash_loop_ends_and_pays_for_no_step_more_than_its_attempts() {
    for every in 2..9 {
        let mut world = world(11);
        world.crash_at = (0..20_000).step_by(every).collect();
        let job = world.run();
        assert!(job.is_terminal());
        for (step, times) in &world.paid {
            assert!(*times <= ATTEMPTS_MAX, "crash every {every}: {step} was paid for {times} times");
        }
    }
}

#[test]
fn five_crashes_in_a_row_on_the_same_step_cost_no_page() {
    let mut clean = world(7);
    let expected = outcome(&clean.run());
    let mut world = world(7);
    // Each isolate passes its first commit (two boundaries), sends one call and dies.
    world.crash_at = (0..5).map(|n| 2 + n * 3).collect();
    assert_same(&outcome(&world.run()), &expected, "five crashes");
    assert_eq!(world.crashes, 5);
}

#[test]
fn faults_and_crashes_of_any_seed_end_in_a_report_within_the_attempts() {
    for seed in 1..150_u64 {
        let seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut world = world(seed);
        world.fault_percent = 20;
        world.crash_at = (0..3).map(|n| u32::try_from((seed >> (n * 8)) % 160).unwrap()).collect();
        let job = world.run();
        let view = outcome(&job);
        assert_eq!(view.status, "completed", "seed {seed}: {:?}", view.error);
        for (step, times) in &world.paid {
            assert!(*times <= ATTEMPTS_MAX, "seed {seed}: {step} was paid for {times} times");
        }
    }
}

#[test]
fn short_slices_cost_no_page_and_no_attempt() {
    let mut clean = world(7);
    let expected = outcome(&clean.run());
    for slice in 1..8 {
        let mut world = world(7);
        world.slice = slice;
        // Longer than a read may take: what was started and not performed would run out of time.
        world.answer_ms = 16_000;
        world.echo = false;
        let view = outcome(&world.run());
        assert_eq!(view.status, "completed");
        if slice == 1 {
            continue;
        }
        let mut world = self::world(7);
        world.slice = slice;
        assert_same(&outcome(&world.run()), &expected, &format!("slices of {slice} answers"));
        assert!(world.sent.values().all(|n| *n == 1), "slices of {slice}: {:?}", world.sent);
    }
}

#[test]
fn an_outage_of_three_minutes_ends_no_job() {
    let mut world = world(5);
    world.searches_down_until = world.now.plus_ms(180_000);
    let view = outcome(&world.run());
    assert_eq!((view.status, view.sources_count), ("completed", 4), "{:?}", view.error);
}

#[test]
fn a_world_in_which_everything_fails_ends_with_the_reason() {
    let mut world = world(3);
    world.fault_percent = 100;
    let view = outcome(&world.run());
    assert_eq!(view.status, "failed");
    assert_eq!(view.error.as_deref(), Some("every search failed: 503"));
}

#[test]
fn a_job_whose_answers_take_for_ever_ends_at_its_deadline() {
    let mut world = world(3);
    // Answers come 14 s apart: most attempts run out of time, and in the end the job does.
    world.answer_ms = 14_000;
    let view = outcome(&world.run());
    assert_eq!(view.status, "completed");
    assert!(world.now.ms_since(footnote::job::Timestamp(1_795_305_600_000)) <= 15 * 60 * 1000 + 60_000);
}

#[test]
fn a_journal_of_an_older_release_folds_and_its_job_goes_on_from_anywhere() {
    // Written by the release before budgets, steering and skipped time existed.
    let old: Vec<String> = include_str!("fixtures/journal_0.1.jsonl").lines().map(str::to_owned).collect();
    let mut whole = world(7);
    whole.disk.clone_from(&old);
    let view = whole.durable().view(whole.now);
    assert_eq!((view.status, view.sources_count), ("completed", 4), "{:?}", view.error);
    for length in 1..old.len() {
        let mut world = world(7);
        world.disk = old[..length].to_vec();
        // Texts are stored in the same commit as the fact that a page was read.
        world.restore_pages();
        let job = world.run();
        assert_eq!(job.view(world.now).status, "completed", "cut after {length} facts");
    }
}
