//! Stages of a job that overlap, and pages that are read beside or in place of others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::job::step::StepId;
use footnote::job::view::{Rated, Shown};
use footnote::job::{Input, Job, Reply, Timestamp};
use footnote::research::PageId;
use footnote::research::request::{ResearchRequest, Steering};
use support::transcript::{Transcript, evidence, hits, page_read, plan, request, search};

/// Everything that a plan, a search and two pages of a job with models may meet, in one course.
#[test]
fn stages_of_a_job_with_models_overlap() {
    let mut t = Transcript::overlapping(ResearchRequest {
        max_sources: Some(3),
        max_iterations: Some(2),
        ..request()
    });
    assert_eq!(
        t.feed(Input::Woke),
        ["plan started (1)", "foresees engines run", "r1.search.1.library started (1)"],
        "the question's own words are searched for while the plan is made"
    );
    assert_eq!(
        t.answer(search(1), hits(&["one", "two", "three", "four"])),
        ["r1.search.1.library answered", "foresees 1 page(s)", "read.p1 started (1)"],
        "half of what the first round goes for"
    );
    assert_eq!(t.answer(StepId::Read(PageId(1)), page_read(PageId(1))), ["read.p1 answered"]);
    assert_eq!(
        t.answer(StepId::Plan, plan()),
        [
            "plan answered",
            "planned",
            "round 1 asks engines run, engines",
            "r1.search.2.library started (1)",
            "analyze.p1 started (1)"
        ],
        "what was foreseen is not asked again, and what was read waits for no search"
    );
    assert_eq!(
        t.answer(search(2), hits(&["five"])),
        [
            "r1.search.2.library answered",
            "round 1 chose 2 page(s)",
            "read.p2 started (1)",
            "read.p3 started (1)"
        ],
        "one more than the round goes for"
    );
    t.answer(StepId::Read(PageId(2)), page_read(PageId(2)));
    t.answer(StepId::Read(PageId(3)), page_read(PageId(3)));
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    assert_eq!(
        t.answer(StepId::Analyze(PageId(2)), evidence(PageId(2))),
        ["analyze.p2 answered", "round 1 closed with 2 finding(s)", "r1.reflect started (1)"],
        "two of three pages are enough for a first round; the third is still being analysed"
    );
    assert_eq!(
        t.answer(StepId::Analyze(PageId(3)), evidence(PageId(3))),
        ["analyze.p3 answered"],
        "and counts when it comes"
    );
    assert_eq!(t.view().findings_count, 3);
    assert_eq!(Job::fold(t.journal.clone()).as_ref(), Some(&t.job));
    t.run_on();
    assert_eq!((t.view().state, t.view().findings_count), ("completed", 3));
}

#[test]
fn another_page_is_read_beside_a_slow_one_that_may_be_needed() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two", "three", "four"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    assert_eq!(t.job.wake_at(), Some(t.now.plus_ms(2_500)), "the job looks again when the page is slow");
    assert_eq!(t.wait_ms(2_500), ["round 1 chose 1 page(s)", "read.p3 started (1)"]);
    assert_eq!(t.wait_ms(1_000), [""; 0], "one beside each slow page");
    t.answer(StepId::Read(PageId(2)), page_read(PageId(2)));
    assert_eq!(t.view().rejected_sources, [], "it counts when it comes");
}

/// A round of two pages, the first foreseen, whose stages overlap.
fn overlapping_round() -> Transcript {
    let mut t = Transcript::overlapping(request());
    t.feed(Input::Woke);
    t.answer(search(1), hits(&["one", "two", "three", "four"]));
    t.answer(StepId::Plan, plan());
    let facts = t.answer(search(2), hits(&["five"]));
    assert_eq!(facts.last().map(String::as_str), Some("read.p2 started (1)"), "{facts:?}");
    t
}

#[test]
fn where_stages_overlap_a_page_that_failed_is_replaced_while_others_are_open() {
    let mut t = overlapping_round();
    assert_eq!(
        t.answer(StepId::Read(PageId(2)), Reply::Rejected { reason: "404".into() }),
        ["read.p2 answered", "round 1 chose 1 page(s)", "read.p3 started (1)"]
    );
    assert_eq!(t.wait_ms(1_000), [""; 0], "one in its place");
}

#[test]
fn the_last_round_waits_for_an_analysis_that_it_can_do_without_for_half_a_minute() {
    let mut t = overlapping_round();
    t.answer(StepId::Read(PageId(2)), page_read(PageId(2)));
    assert_eq!(t.wait_ms(2_500), ["round 1 chose 1 page(s)", "read.p3 started (1)"], "the first is slow");
    t.answer(StepId::Read(PageId(3)), page_read(PageId(3)));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Analyze(PageId(2)), evidence(PageId(2)));
    assert_eq!(t.answer(StepId::Analyze(PageId(3)), evidence(PageId(3))), ["analyze.p3 answered"]);
    assert_eq!(t.wait_ms(29_999), [""; 0], "it is paid, and may be the best of all");
    let facts = t.wait_ms(1);
    assert_eq!(facts[0], "analyze.p1 given up: not waited for: enough other pages were in", "{facts:?}");
    assert!(facts.iter().any(|f| f.starts_with("round 1 closed")), "{facts:?}");
}

#[test]
fn what_is_kept_of_a_view_says_what_one_made_anew_would() {
    let mut asked = ResearchRequest { max_sources: Some(3), max_iterations: Some(2), ..request() };
    asked.query = "What does \"elapsed_ms\":7 mean for engines?".into();
    asked.metadata.insert("elapsed_ms".into(), 7.into());
    let mut t = Transcript::overlapping(asked);
    let mut rated = Rated::default();
    let mut same = |t: &Transcript| {
        let shown = Shown::of(&t.job.view_rated(t.now, &mut rated)).unwrap();
        let later = Timestamp(t.now.0 + 1_234);
        let anew = serde_json::to_string(&t.job.view(later)).unwrap();
        assert_eq!(shown.at(t.job.elapsed_ms(later)), anew);
    };
    same(&t);
    t.feed(Input::Woke);
    t.answer(search(1), hits(&["one", "two", "three", "four"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Plan, plan());
    t.answer(search(2), hits(&["five"]));
    t.answer(StepId::Read(PageId(2)), page_read(PageId(2)));
    for page in [1, 2] {
        t.answer(StepId::Analyze(PageId(page)), evidence(PageId(page)));
        same(&t);
    }
    assert_eq!(t.view().findings_count, 2);
    let exclude = vec![t.view().findings[0].source_url.split('/').nth(2).unwrap().to_owned()];
    t.feed(Input::Steered(Steering { exclude_domains: exclude, ..Steering::default() }));
    same(&t);
    t.run_on();
    assert_eq!(t.view().status, "completed");
    same(&t);
}
