//! Several search providers at once: who fails, throttles or hangs costs its own hits and little time.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this crate is a test"
)]

mod support;

use footnote::job::budget::Prices;
use footnote::job::step::StepId;
use footnote::job::{Call, Failure, Input, Reply};
use footnote::model::{Answer, Plan};
use footnote::research::request::ResearchRequest;
use footnote::research::{PageId, PageRecord};
use footnote::search::Provider::{
    self, Arxiv, Brave, Exa, Github, Hackernews, Library, Openalex, Stackexchange, Tavily, Wikipedia,
};
use footnote::search::SearchOptions;
use support::transcript::{Transcript, evidence, hits, page_read, request, thought};

const QUERIES: [&str; 4] = ["one", "two", "three", "four"];

/// A job whose first round's searches may begin.
fn searching(providers: &[Provider]) -> Transcript {
    searching_for(providers, request())
}

fn searching_for(providers: &[Provider], request: ResearchRequest) -> Transcript {
    let mut job = Transcript::begin_among(providers.to_vec(), request, Prices::default());
    job.feed(Input::Resumed);
    job.answer(
        StepId::Plan,
        thought(Answer::Plan(Plan {
            evidence: Vec::new(),
            sub_questions: vec!["What do engines run on?".into()],
            queries: QUERIES.map(str::to_owned).to_vec(),
        })),
    );
    job
}

fn search(query: u32, provider: Provider) -> StepId {
    StepId::Search { round: 1, query, provider }
}

/// The searches that are out at a provider.
fn out(job: &Transcript, provider: Provider) -> Vec<u32> {
    let due = job.job.due().into_iter().filter_map(|effect| match effect.step {
        StepId::Search { query, provider: p, .. } if p == provider => Some(query),
        _ => None,
    });
    due.collect()
}

/// Answers whatever is out at a provider until nothing more is.
fn answer_all(job: &mut Transcript, provider: Provider, reply: &Reply) {
    while let Some(query) = out(job, provider).first() {
        job.answer(search(*query, provider), reply.clone());
    }
}

/// Fails whatever is out at a provider until nothing more is.
fn fail_all(job: &mut Transcript, provider: Provider, failure: &Failure) -> u32 {
    let mut calls = 0;
    while let Some(query) = out(job, provider).first() {
        job.fail(search(*query, provider), failure.clone());
        calls += 1;
    }
    calls
}

/// Lets time pass, as the job asks to be woken, until it does not search any more; the milliseconds that took.
fn wait_it_out(job: &mut Transcript, mut at_each_wake: impl FnMut(&mut Transcript)) -> u64 {
    let begun = job.now;
    for _ in 0..500 {
        if job.view().phase != "searching" {
            return job.now.ms_since(begun);
        }
        let wake_at = job.job.wake_at().expect("a live job knows when to wake");
        let wait_ms = wake_at.ms_since(job.now);
        job.wait_ms(wait_ms);
        at_each_wake(job);
    }
    panic!("the round does not end");
}

fn throttled(retry_after_ms: u64) -> Failure {
    let cause = "Tavily throttled the search (429): slow down".to_owned();
    Failure::Transient { cause, retry_after_ms: Some(retry_after_ms) }
}

fn down() -> Failure {
    Failure::transient("no connection: refused")
}

#[test]
fn one_that_is_down_and_one_that_throttles_hold_nothing_up_and_are_named() {
    let mut job = searching(&[Brave, Tavily, Exa]);
    fail_all(&mut job, Brave, &down());
    fail_all(&mut job, Tavily, &throttled(30_000));
    answer_all(&mut job, Exa, &hits(&["one", "two"]));
    let waited_ms = wait_it_out(&mut job, |job| {
        fail_all(job, Brave, &down());
        fail_all(job, Tavily, &throttled(30_000));
        answer_all(job, Exa, &hits(&["one", "two"]));
    });
    assert!(waited_ms < 3_000, "{waited_ms} ms");
    assert_eq!(
        job.view().warnings,
        [
            "brave was left out of 4 of 4 searches: no connection: refused",
            "tavily was left out of 4 of 4 searches: Tavily throttled the search (429): slow down",
        ]
    );
    job.run_on();
    let view = job.view();
    assert_eq!((view.state, view.sources_count > 0, view.warnings.len()), ("completed", true, 2));
    assert!(view.report.unwrap().contains("tavily was left out of 4 of 4 searches"));
}

#[test]
fn a_long_pause_is_not_waited_for_in_the_next_round_either() {
    let request = ResearchRequest { max_iterations: Some(2), max_sources: Some(9), ..request() };
    let mut job = searching_for(&[Tavily, Exa], request);
    fail_all(&mut job, Tavily, &throttled(60_000));
    answer_all(&mut job, Exa, &hits(&["one", "two"]));
    while job.view().phase == "reading" {
        let effect = job.job.due().into_iter().next().expect("pages to read");
        let reply = match effect.step {
            StepId::Read(page) => page_read(page),
            StepId::Analyze(page) => evidence(page),
            other => panic!("{other}"),
        };
        job.answer(effect.step, reply);
    }
    job.answer(StepId::Reflect(1), thought(Answer::Queries(vec!["five".into(), "six".into()])));
    for query in [1, 2] {
        assert_eq!(out(&job, Tavily), Vec::<u32>::new());
        job.answer(StepId::Search { round: 2, query, provider: Exa }, hits(&["three"]));
    }
    assert_eq!(job.view().phase, "reading");
    assert_eq!(
        job.view().warnings,
        ["tavily was left out of 6 of 6 searches: Tavily throttled the search (429): slow down"]
    );
}

#[test]
fn a_short_pause_is_kept_and_then_one_search_after_the_other_is_asked() {
    let mut job = searching(&[Tavily, Exa]);
    let mut calls = fail_all(&mut job, Tavily, &throttled(1_000));
    answer_all(&mut job, Exa, &hits(&["one"]));
    wait_it_out(&mut job, |job| {
        while let [query, others @ ..] = out(job, Tavily).as_slice() {
            assert!(others.is_empty(), "a provider that throttled is asked one search at a time");
            job.answer(search(*query, Tavily), hits(&["two"]));
            calls += 1;
        }
    });
    assert_eq!((job.view().warnings.len(), calls), (0, 3 + 4), "{:?}", job.view().warnings);
}

#[test]
fn a_provider_that_hangs_is_given_up_before_its_time_is_up_and_takes_two_places_at_most() {
    let mut job = searching(&[Brave, Tavily, Exa]);
    assert_eq!(out(&job, Brave).len(), 2);
    answer_all(&mut job, Exa, &hits(&["one"]));
    answer_all(&mut job, Tavily, &hits(&["two"]));
    assert_eq!(job.view().phase, "searching", "a prompt answer would still count");
    let waited_ms = wait_it_out(&mut job, |_| {});
    assert_eq!(waited_ms, 8_000);
    assert_eq!(
        job.view().warnings,
        ["brave was left out of 4 of 4 searches: no answer in time, and others had answered"]
    );
}

#[test]
fn any_number_of_hanging_providers_leaves_places_to_those_that_answer() {
    let prompt = [Library, Wikipedia];
    let mut job = searching(&[Library, Openalex, Arxiv, Hackernews, Stackexchange, Github, Wikipedia]);
    let answer = |job: &mut Transcript| {
        for _ in 0..20 {
            prompt.iter().for_each(|provider| answer_all(job, *provider, &hits(&["one"])));
        }
    };
    answer(&mut job);
    let waited_ms = wait_it_out(&mut job, answer);
    assert_eq!(waited_ms, 8_000);
    let left_out = job.view().warnings;
    assert_eq!(left_out.len(), 5, "{left_out:?}");
}

#[test]
fn a_provider_is_waited_for_while_nobody_else_has_found_anything() {
    let mut job = searching(&[Tavily, Exa]);
    answer_all(&mut job, Exa, &hits(&[]));
    fail_all(&mut job, Tavily, &throttled(30_000));
    let waited_ms = wait_it_out(&mut job, |job| answer_all(job, Tavily, &hits(&["one"])));
    assert!(waited_ms >= 30_000, "{waited_ms} ms");
    assert!(job.view().warnings.is_empty());
}

#[test]
fn a_refused_key_is_not_tried_again() {
    let mut job = searching_for(&[Tavily, Exa], ResearchRequest { max_iterations: Some(3), ..request() });
    let refused = Failure::permanent("Tavily answered 401: Unauthorized");
    let together = out(&job, Tavily).len();
    assert_eq!(
        job.fail(search(1, Tavily), refused.clone())
            .iter()
            .filter(|line| line.contains("tavily started"))
            .count(),
        0
    );
    let calls = 1 + fail_all(&mut job, Tavily, &refused);
    assert_eq!(calls, u32::try_from(together).unwrap(), "what was out already");
    answer_all(&mut job, Exa, &hits(&["one"]));
    assert_eq!(job.view().phase, "reading");
    for _ in 0..100 {
        let Some(effect) = job.job.due().into_iter().next() else { break };
        assert!(!matches!(effect.step, StepId::Search { provider: Tavily, .. }), "{}", effect.step);
        let reply = match effect.step {
            StepId::Search { .. } => hits(&["more"]),
            StepId::Read(page) => page_read(page),
            StepId::Analyze(page) => evidence(page),
            StepId::Reflect(round) => thought(Answer::Queries(vec![format!("again {round}")])),
            StepId::Plan | StepId::Outline => thought(Answer::Outline(Vec::new())),
            StepId::Fields => thought(Answer::Fields(Vec::new())),
            StepId::Section(_) | StepId::Summary => thought(Answer::Text("Steam [F101].".into())),
        };
        job.answer(effect.step, reply);
    }
    let view = job.view();
    assert_eq!(view.state, "completed");
    let all = view.progress.queries;
    assert!(all > 4);
    assert_eq!(
        view.warnings,
        [format!("tavily was left out of {all} of {all} searches: Tavily answered 401: Unauthorized")]
    );
}

#[test]
fn a_query_that_one_refuses_costs_that_query_only() {
    let mut job = searching(&[Tavily]);
    job.answer(search(1, Tavily), hits(&["one"]));
    job.fail(search(2, Tavily), Failure::permanent("Tavily answered 400: query too long"));
    answer_all(&mut job, Tavily, &hits(&["two"]));
    assert_eq!(
        job.view().warnings,
        ["tavily was left out of 1 of 4 searches: Tavily answered 400: query too long"]
    );
}

#[test]
fn arxiv_is_asked_one_search_every_three_seconds_and_wikipedia_one_after_the_other() {
    let mut job = searching(&[Arxiv, Wikipedia]);
    assert_eq!((out(&job, Arxiv), out(&job, Wikipedia)), (vec![1], vec![1]));
    job.answer(search(1, Arxiv), hits(&["one"]));
    answer_all(&mut job, Wikipedia, &hits(&["two"]));
    assert_eq!(out(&job, Arxiv), Vec::<u32>::new());
    let wake_at = job.job.wake_at().unwrap();
    assert_eq!(wake_at.ms_since(job.now), 3_000);
    job.wait_ms(2_999);
    assert_eq!(out(&job, Arxiv), Vec::<u32>::new());
    job.wait_ms(1);
    assert_eq!(out(&job, Arxiv), [2]);
    job.answer(search(2, Arxiv), hits(&["three"]));
    assert_eq!(job.view().phase, "reading", "two queries of a round are enough for arXiv");
    assert!(job.view().warnings.is_empty());
}

#[test]
fn whoever_knows_another_field_comes_behind_who_knows_everything() {
    for (topic, first) in [(None, "https://article.example/"), (Some("science"), "https://a-paper.example/")]
    {
        let topic = topic.map(str::to_owned);
        let mut job = searching_for(&[Github, Wikipedia, Arxiv], ResearchRequest { topic, ..request() });
        for (provider, page) in [(Wikipedia, "article"), (Github, "a-repository"), (Arxiv, "a-paper")] {
            job.answer(search(1, provider), hits(&[page]));
            answer_all(&mut job, provider, &hits(&[]));
        }
        job.wait_ms(3_000);
        answer_all(&mut job, Arxiv, &hits(&[]));
        let read = job.job.due().into_iter().find_map(|effect| match effect.call {
            Call::Read { page: PageId(1), url, .. } => Some(url),
            _ => None,
        });
        assert_eq!(read.as_deref(), Some(first));
    }
}

#[test]
fn pages_of_days_that_nobody_asked_for_are_no_sources() {
    let options = SearchOptions { before_date: Some("2020-12-31".into()), ..SearchOptions::default() };
    let mut job = searching_for(&[Exa], ResearchRequest { options, ..request() });
    answer_all(&mut job, Exa, &hits(&["one", "two"]));
    let dated = |page: PageId, day: &str| match page_read(page) {
        Reply::Page(record) => {
            Reply::Page(Box::new(PageRecord { published: Some(day.to_owned()), ..*record }))
        }
        other => other,
    };
    job.answer(StepId::Read(PageId(1)), dated(PageId(1), "2021-05-01"));
    job.answer(StepId::Read(PageId(2)), dated(PageId(2), "2019-05-01"));
    job.run_on();
    let view = job.view();
    assert_eq!(view.sources_count, 1);
    let reasons: Vec<_> = view.rejected_sources.iter().map(|r| r.reason.as_str()).collect();
    assert_eq!(reasons, ["it is of 2021-05-01, and nothing after 2020-12-31 was asked for"]);
}
