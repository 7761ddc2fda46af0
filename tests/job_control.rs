//! What owners do to their jobs, told as transcripts: cancel, steer, fork, follow up, compare.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::job::event::{Event, Reply};
use footnote::job::step::StepId;
use footnote::job::{Input, Job, Terms, carry, fork};
use footnote::model::Answer;
use footnote::research::PageId;
use footnote::research::changes::Baseline;
use footnote::research::request::{ResearchRequest, Steering};
use support::one_after_the_other;
use support::transcript::{START, Transcript, evidence, hits, page_read, plan, request, search, thought};

fn wide() -> ResearchRequest {
    ResearchRequest { max_sources: Some(4), max_iterations: Some(2), ..request() }
}

fn questions(text: &str) -> Input {
    Input::Steered(Steering { questions: vec![text.into()], ..Steering::default() })
}

fn without(domain: &str) -> Input {
    Input::Steered(Steering { exclude_domains: vec![domain.into()], ..Steering::default() })
}

/// A job whose first page has been analysed while the second is out.
fn half_read() -> Transcript {
    let mut t = Transcript::begin(wide());
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["p1", "p2"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    t
}

fn finished() -> Transcript {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.run_on();
    assert_eq!(t.view().state, "completed");
    t
}

fn terms(id: &str, request: ResearchRequest) -> Terms {
    Terms {
        id: id.into(),
        request,
        providers: vec![footnote::search::Provider::Library],
        models: footnote::model::chain::Chains::named("m"),
        prices: footnote::job::budget::Prices::default(),
        seed: 7,
        occurrence: None,
    }
}

/// A new job that begins with these facts.
fn with_facts(request: ResearchRequest, facts: Vec<Event>) -> Transcript {
    let journal: Vec<Event> =
        [one_after_the_other(Job::accept(terms("res_2", request), START))].into_iter().chain(facts).collect();
    Transcript { job: Job::fold(journal.clone()).unwrap(), now: START, journal }
}

#[test]
fn a_cancelled_job_is_over_and_keeps_what_it_found() {
    let mut t = half_read();
    assert_eq!(t.feed(Input::CancelRequested), ["cancelled"]);
    assert!(t.job.due().is_empty() && t.job.wake_at().is_none());
    let view = t.view();
    assert_eq!((view.status, view.state, view.findings_count), ("failed", "cancelled", 1));
    assert!(view.error.unwrap().contains("cancelled"));
    // Nothing that comes later counts.
    for input in [Input::CancelRequested, Input::Woke, Input::Resumed, questions("More?")] {
        assert_eq!(t.feed(input), Vec::<String>::new());
    }
    assert_eq!(t.job.settlement().unwrap().state.name(), "cancelled");
}

#[test]
fn an_added_question_is_asked_in_the_next_round_even_when_enough_is_known() {
    let mut t = half_read();
    assert_eq!(t.feed(questions("How loud are engines?")), ["steered"]);
    t.answer(StepId::Read(PageId(2)), page_read(PageId(2)));
    let facts = t.answer(StepId::Analyze(PageId(2)), evidence(PageId(2)));
    assert!(
        facts.contains(&"r1.reflect started (1)".to_owned()) || facts.last().unwrap().contains("reflect"),
        "{facts:?}"
    );
    let facts = t.answer(StepId::Reflect(1), thought(Answer::Queries(Vec::new())));
    assert_eq!(facts[1], "round 2 asks How loud are engines?", "{facts:?}");
    let opened = t.journal.iter().rev().find_map(|e| match e {
        Event::RoundOpened { sub_questions, .. } => Some(sub_questions.clone()),
        _ => None,
    });
    assert_eq!(opened.unwrap(), ["How loud are engines?"]);
}

#[test]
fn a_steering_in_the_last_round_opens_another_one() {
    let mut t = Transcript::begin(ResearchRequest { max_iterations: Some(1), ..wide() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["p1"]));
    t.feed(questions("How loud are engines?"));
    t.run_on();
    assert_eq!(t.view().iterations, 2);
    assert_eq!(t.view().status, "completed");
}

#[test]
fn what_an_excluded_domain_said_is_forgotten_and_what_is_out_to_it_does_not_count() {
    let mut t = half_read();
    assert_eq!(t.view().findings_count, 1);
    assert_eq!(t.feed(without("p1.example"))[0], "steered");
    assert_eq!(t.view().findings_count, 0);
    assert!(t.job.due().iter().any(|e| e.step == StepId::Read(PageId(2))), "the other page is still out");
    t.feed(without("p2.example"));
    assert!(t.job.due().iter().all(|e| e.step != StepId::Read(PageId(2))), "nobody waits for it");
    t.run_on();
    let report = t.view().report.unwrap();
    assert!(!report.contains("[1]") && t.view().sources.is_empty(), "{report}");
}

#[test]
fn once_the_report_is_being_written_steering_is_refused() {
    let mut t = Transcript::begin(ResearchRequest { max_sources: Some(1), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["p1"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    assert!(!t.job.accepts_steering());
    assert_eq!(t.feed(questions("More?")), Vec::<String>::new());
}

#[test]
fn a_job_takes_no_more_than_so_many_steerings() {
    let mut t = half_read();
    let taken = (0..30).filter(|n| !t.feed(questions(&format!("And {n}?"))).is_empty()).count();
    assert_eq!(taken, footnote::job::STEERINGS_MAX);
    t.run_on();
    assert_eq!(t.view().status, "completed");
}

#[test]
fn a_fork_goes_on_from_a_round_with_all_its_evidence_and_none_of_its_cost() {
    let mut parent = Transcript::begin(wide());
    parent.feed(Input::Woke);
    parent.run_on();
    let facts = fork::prefix(parent.journal.clone(), 1).unwrap();
    assert_eq!(fork::pages(&facts), [PageId(1), PageId(2)]);
    let mut facts = facts;
    facts.push(Event::Forked { from: "res_1".into(), round: 1, at: START });
    let mut t = with_facts(ResearchRequest { max_sources: Some(9), ..wide() }, facts);
    let view = t.view();
    assert_eq!((view.findings_count, view.usage.pages, view.usage.model_calls), (2, 0, 0));
    assert_eq!(view.forked_from.unwrap().id, "res_1");
    t.feed(Input::Resumed);
    t.run_on();
    assert_eq!(t.view().status, "completed");
    assert!(t.view().usage.pages == 0, "nothing is read twice");
    let error = fork::prefix(parent.journal, 7).unwrap_err();
    assert!(error.to_string().starts_with("round 7 is not closed"), "{error}");
}

#[test]
fn a_fork_that_excludes_a_domain_does_not_cite_it() {
    let mut parent = Transcript::begin(wide());
    parent.feed(Input::Woke);
    parent.run_on();
    let mut facts = fork::prefix(parent.journal, 1).unwrap();
    facts.push(Event::Forked { from: "res_1".into(), round: 1, at: START });
    let steering = Steering { exclude_domains: vec!["p1.example".into()], ..Steering::default() };
    facts.push(Event::Steered { steering, at: START });
    let t = with_facts(wide(), facts);
    assert_eq!(t.view().findings_count, 1);
}

#[test]
fn a_follow_up_analyses_what_was_read_before_and_fetches_the_rest() {
    let inheritance = carry::inheritance(&finished().job).unwrap();
    assert_eq!(inheritance.texts, [(PageId(1), PageId(1))], "what is cited");
    let mut t = with_facts(wide(), vec![inheritance.event]);
    t.feed(Input::Resumed);
    t.answer(StepId::Plan, plan());
    let facts = t.answer(search(1), hits(&["three"]));
    assert!(facts.contains(&"round 1 chose 2 page(s)".to_owned()), "{facts:?}");
    assert!(facts.contains(&"analyze.p1 started (1)".to_owned()), "{facts:?}");
    assert!(!facts.iter().any(|f| f.starts_with("read.p1")), "{facts:?}");
    t.run_on();
    assert_eq!((t.view().status, t.view().usage.pages), ("completed", 1));
}

#[test]
fn a_follow_up_may_have_start_pages_of_its_own() {
    let inheritance = carry::inheritance(&finished().job).unwrap();
    let start_urls = ["https://p1.example/", "https://mine.example/"].map(str::to_owned).into();
    let mut t = with_facts(ResearchRequest { start_urls, ..wide() }, vec![inheritance.event]);
    t.feed(Input::Resumed);
    let facts = t.answer(StepId::Plan, plan());
    assert!(facts.contains(&"1 start page(s) chosen".to_owned()), "the other is there already: {facts:?}");
    assert!(facts.contains(&"read.p2 started (1)".to_owned()), "{facts:?}");
    let facts = t.answer(search(1), hits(&["three"]));
    assert!(facts.contains(&"round 1 chose 2 page(s)".to_owned()), "{facts:?}");
    t.run_on();
    assert_eq!((t.view().status, t.view().usage.pages), ("completed", 2));
    let facts = fork::prefix(t.journal.clone(), 1).unwrap();
    let copy = with_facts(wide(), facts);
    assert_eq!(copy.view().findings_count, t.view().findings_count, "a copy has them too");
}

#[test]
fn an_unfinished_job_has_nothing_to_hand_on() {
    let t = half_read();
    assert!(carry::inheritance(&t.job).is_none() && t.job.baseline().is_none());
}

#[test]
fn a_run_that_finds_the_same_has_no_changes_and_one_that_does_not_says_which() {
    let baseline = finished().job.baseline().unwrap();
    assert_eq!(baseline.findings.len(), 2);
    let mut same = with_facts(request(), vec![Event::BaselineRecalled { baseline: baseline.clone() }]);
    same.feed(Input::Resumed);
    same.run_on();
    assert!(same.view().changes.unwrap().is_empty());
    let other = Baseline { findings: Vec::new(), ..baseline };
    let mut t = with_facts(request(), vec![Event::BaselineRecalled { baseline: other }]);
    t.feed(Input::Resumed);
    t.run_on();
    let changes = t.view().changes.unwrap();
    assert_eq!((changes.new.len(), changes.gone.len()), (2, 0));
    assert_eq!(t.job.settlement().unwrap().changes.unwrap().new, 2);
}

#[test]
fn after_a_round_there_is_a_partial_report_until_the_report_stands() {
    let mut t = half_read();
    assert_eq!(t.job.partial_report(t.now), None);
    t.answer(StepId::Read(PageId(2)), Reply::Rejected { reason: "404".into() });
    assert_eq!(t.job.rounds_closed(), 1);
    let text = t.job.partial_report(t.now).unwrap();
    assert!(text.contains("Partial report") && text.contains("[1]"), "{text}");
    t.run_on();
    assert_eq!(t.job.partial_report(t.now), None);
}

#[test]
fn a_fork_keeps_to_its_own_number_of_rounds() {
    let mut parent = Transcript::begin(ResearchRequest { max_iterations: Some(1), ..wide() });
    parent.feed(Input::Woke);
    parent.run_on();
    let mut facts = fork::prefix(parent.journal, 1).unwrap();
    facts.push(Event::Forked { from: "res_1".into(), round: 1, at: START });
    let mut t = with_facts(ResearchRequest { max_iterations: Some(1), ..wide() }, facts);
    t.feed(Input::Resumed);
    t.run_on();
    assert_eq!((t.view().status, t.view().iterations), ("completed", 1));
}
