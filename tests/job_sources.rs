//! Where a job looks: the sources that a request names, and the pages that are read first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::job::step::StepId;
use footnote::job::{Call, Failure, Input, Job, Reply};
use footnote::research::PageId;
use footnote::research::request::{Budget, ResearchRequest};
use support::transcript::{Transcript, evidence, hits, page_read, plan, request, search};

fn starting_at(pages: &[&str], more: ResearchRequest) -> Transcript {
    let start_urls = pages.iter().map(|name| format!("https://{name}.example/")).collect();
    let mut t = Transcript::begin(ResearchRequest { start_urls, ..more });
    t.feed(Input::Woke);
    t
}

#[test]
fn start_pages_are_read_while_the_searches_are_out() {
    let mut t = starting_at(&["mine", "yours"], ResearchRequest { max_sources: Some(4), ..request() });
    assert_eq!(
        t.answer(StepId::Plan, plan()),
        [
            "plan answered",
            "planned",
            "round 1 asks engines",
            "2 start page(s) chosen",
            "read.p1 started (1)",
            "read.p2 started (1)",
            "r1.search.1.library started (1)",
        ]
    );
    assert_eq!(
        t.answer(StepId::Read(PageId(1)), page_read(PageId(1))),
        ["read.p1 answered", "analyze.p1 started (1)"],
        "nothing waits for the search"
    );
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    assert_eq!(
        t.answer(search(1), hits(&["mine", "one", "two", "three", "four"])),
        [
            "r1.search.1.library answered",
            "round 1 chose 2 page(s)",
            "read.p3 started (1)",
            "read.p4 started (1)"
        ],
        "four sources are wanted, one is in and one is being read; a start page is not read twice"
    );
    let urls: Vec<_> = t.journal.iter().filter_map(chosen).flatten().collect();
    assert_eq!(
        urls,
        ["https://mine.example/", "https://yours.example/", "https://one.example/", "https://two.example/"]
    );
    assert_eq!(Job::fold(t.journal.clone()).as_ref(), Some(&t.job));
    t.run_on();
    assert_eq!(t.view().usage.pages, 4, "start pages are pages of the budget");
}

fn chosen(event: &footnote::job::Event) -> Option<Vec<String>> {
    match event {
        footnote::job::Event::StartPagesChosen { pages, .. }
        | footnote::job::Event::PagesChosen { pages, .. } => {
            Some(pages.iter().map(|page| page.url.clone()).collect())
        }
        _ => None,
    }
}

#[test]
fn a_search_that_is_down_does_not_cost_the_start_pages() {
    let mut t = starting_at(&["mine"], request());
    t.answer(StepId::Plan, plan());
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    assert_eq!(
        t.fail(search(1), Failure::permanent("401")),
        [
            "r1.search.1.library given up: 401",
            "round 1 chose 0 page(s)",
            "round 1 closed with 1 finding(s)",
            "stopped: Rounds",
            "outlined 1 section(s)",
            "summary started (1)",
            "section.1 started (1)"
        ]
    );
    t.run_on();
    assert_eq!((t.view().status, t.view().sources_count), ("completed", 1));
}

#[test]
fn start_pages_beyond_the_sources_wanted_replace_useless_ones() {
    let mut t = starting_at(&["a", "b", "c"], request());
    let facts = t.answer(StepId::Plan, plan());
    assert!(facts.contains(&"2 start page(s) chosen".to_owned()), "{facts:?}");
    t.answer(search(1), hits(&["one"]));
    t.answer(StepId::Read(PageId(2)), Reply::Rejected { reason: "404".into() });
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    assert_eq!(
        t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1))),
        ["analyze.p1 answered", "round 1 chose 1 page(s)", "read.p3 started (1)"]
    );
    assert_eq!(t.journal.iter().filter_map(chosen).flatten().last().as_deref(), Some("https://c.example/"));
}

#[test]
fn a_start_page_is_waited_for_when_enough_others_are_in() {
    let mut t = starting_at(&["slow"], ResearchRequest { max_sources: Some(2), ..request() });
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one"]));
    t.answer(StepId::Read(PageId(2)), page_read(PageId(2)));
    t.answer(StepId::Analyze(PageId(2)), evidence(PageId(2)));
    assert_eq!(t.wait_ms(10_000), [""; 0]);
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    t.run_on();
    assert_eq!(t.view().findings_count, 2);
}

#[test]
fn without_a_number_of_sources_start_pages_come_on_top() {
    let start_urls = vec!["https://a.example/".to_owned(), "https://b.example/".to_owned()];
    let t = Transcript::begin(ResearchRequest { start_urls, max_sources: None, ..request() });
    assert_eq!(t.view().limits.max_sources, 12);
}

#[test]
fn start_pages_stay_within_the_pages_of_the_budget() {
    let budget = Budget { pages_max: Some(1), ..Budget::default() };
    let mut t = starting_at(&["a", "b"], ResearchRequest { budget, ..request() });
    let facts = t.answer(StepId::Plan, plan());
    assert!(facts.contains(&"1 start page(s) chosen".to_owned()), "{facts:?}");
    t.run_on();
    assert_eq!((t.view().status, t.view().usage.pages), ("completed", 1));
}

#[test]
fn only_the_collections_that_were_named_are_searched() {
    for (sources, collections) in
        [(&["library:b", "library:a"][..], &["b", "a"][..]), (&["library:a", "library"], &[]), (&[], &[])]
    {
        let sources = sources.iter().map(|source| source.parse().unwrap()).collect();
        let mut t = Transcript::begin(ResearchRequest { sources, ..request() });
        t.feed(Input::Woke);
        t.answer(StepId::Plan, plan());
        let calls: Vec<Call> = t.job.due().into_iter().map(|effect| effect.call).collect();
        let [Call::Search(_, query)] = calls.as_slice() else { panic!("one search: {calls:?}") };
        let names: Vec<&str> = query.collections.iter().map(|name| name.as_str()).collect();
        assert_eq!(names, collections);
    }
}
