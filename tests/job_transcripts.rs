//! A job told as a transcript: what happened, and which facts followed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::job::step::StepId;
use footnote::job::{Failure, Input, Reply, Timestamp};
use footnote::model::Answer;
use footnote::research::request::ResearchRequest;
use footnote::research::structured::{FilledField, OutputSchema};
use footnote::research::{FindingId, PageId};
use support::transcript::{
    START, Transcript, evidence, hits, line, page_read, plan, request, search, thought,
};

#[test]
fn from_a_question_to_a_report() {
    let mut t = Transcript::begin(request());
    assert_eq!(t.feed(Input::Woke), ["plan started (1)"]);
    assert_eq!(
        t.job.wake_at(),
        Some(t.now.plus_ms(90_000)),
        "an attempt is looked after when its time is up"
    );
    assert_eq!(
        t.answer(StepId::Plan, plan()),
        ["plan answered", "planned", "round 1 asks engines", "r1.search.1.library started (1)"]
    );
    assert_eq!(
        t.answer(search(1), hits(&["one", "two"])),
        [
            "r1.search.1.library answered",
            "round 1 chose 2 page(s)",
            "read.p1 started (1)",
            "read.p2 started (1)"
        ]
    );
    assert_eq!(
        t.answer(StepId::Read(PageId(2)), page_read(PageId(2))),
        ["read.p2 answered", "analyze.p2 started (1)"]
    );
    assert_eq!(t.answer(StepId::Analyze(PageId(2)), evidence(PageId(2))), ["analyze.p2 answered"]);
    assert_eq!(
        (t.view().status, t.view().findings_count, t.view().report),
        ("processing", 1, None),
        "findings show while it runs"
    );
    assert_eq!(
        t.answer(StepId::Read(PageId(1)), page_read(PageId(1))),
        ["read.p1 answered", "analyze.p1 started (1)"]
    );
    assert_eq!(
        t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1))),
        [
            "analyze.p1 answered",
            "round 1 closed with 2 finding(s)",
            "stopped: Sources",
            "outlined 1 section(s)",
            "summary started (1)",
            "section.1 started (1)"
        ],
        "sections are the sub-questions that were answered, and the summary does not wait for them"
    );
    assert_eq!(
        t.answer(StepId::Section(1), thought(Answer::Text("Engines run on steam [F101].".into()))),
        ["section.1 answered"]
    );
    assert_eq!(
        t.answer(StepId::Summary, thought(Answer::Text(String::new()))),
        ["summary answered", "completed"]
    );
    let view = t.view();
    assert_eq!((view.status, view.state, view.progress.percent), ("completed", "completed", 100));
    assert_eq!(t.job.due(), []);
    assert_eq!(t.job.wake_at(), None);
}

#[test]
fn the_outline_of_a_deep_report_is_asked_for_and_an_empty_one_puts_everything_under_the_question() {
    let mut t = Transcript::begin(ResearchRequest { deep: true, max_sources: Some(1), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    let facts = t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    assert_eq!(facts.last().map(String::as_str), Some("outline started (1)"), "{facts:?}");
    assert_eq!(
        t.answer(StepId::Outline, thought(Answer::Outline(Vec::new()))),
        ["outline answered", "outlined 1 section(s)", "summary started (1)", "section.1 started (1)"]
    );
}

#[test]
fn the_callers_fields_are_filled_beside_the_sections_and_the_summary() {
    let schema = serde_json::json!({"type": "object", "properties": {"power": {"type": "string"}}});
    let schema = OutputSchema::parse(&schema).unwrap();
    let mut t = Transcript::begin(ResearchRequest { output_schema: Some(schema), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two"]));
    for page in [PageId(1), PageId(2)] {
        t.answer(StepId::Read(page), page_read(page));
        t.answer(StepId::Analyze(page), evidence(page));
    }
    let out: Vec<_> = t.job.due().into_iter().map(|e| e.step).collect();
    assert_eq!(out, [StepId::Section(1), StepId::Summary, StepId::Fields]);
    let filled = FilledField { path: "/power".into(), value: "steam".into(), findings: vec![FindingId(101)] };
    t.answer(StepId::Section(1), thought(Answer::Text("Engines run on steam [F101].".into())));
    t.answer(StepId::Summary, thought(Answer::Text(String::new())));
    assert_eq!(t.view().status, "processing", "the fields are still out");
    assert_eq!(
        t.answer(StepId::Fields, thought(Answer::Fields(vec![filled]))),
        ["fields answered", "completed"]
    );
    let output = t.view().output.unwrap();
    assert_eq!(output.content["power"], "steam");
    assert_eq!(output.basis[0].citations[0].finding, "F101");
}

#[test]
fn a_throttled_search_waits_as_long_as_it_was_told() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    let throttled = Failure::Transient { cause: "429".into(), retry_after_ms: Some(30_000) };
    assert_eq!(t.fail(search(1), throttled), ["r1.search.1.library to be retried: 429"]);
    assert!(t.job.wake_at().unwrap().ms_since(t.now) >= 30_000);
    assert_eq!(t.wait_ms(29_000), [""; 0], "not before its time");
    assert_eq!(t.wait_ms(8_000), ["r1.search.1.library started (2)"]);
}

#[test]
fn a_model_that_refuses_is_replaced_by_the_built_in_analyst_and_the_reply_says_so() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    assert_eq!(
        t.fail(StepId::Plan, Failure::permanent("the model's server answered 401")),
        ["plan to be retried: the model's server answered 401", "plan started (2) by the built-in analyst"]
    );
    t.run_on();
    assert_eq!(t.view().status, "completed");
    let degraded = t.view().degraded.unwrap();
    assert_eq!(degraded, "the built-in analyst stood in for the model: the model's server answered 401");
}

#[test]
fn a_page_that_cannot_be_read_is_replaced_by_the_next_best() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two", "three", "four"]));
    assert_eq!(
        t.answer(StepId::Read(PageId(1)), page_read(PageId(1))),
        ["read.p1 answered", "analyze.p1 started (1)"]
    );
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    assert_eq!(
        t.answer(StepId::Read(PageId(2)), Reply::Rejected { reason: "404".into() }),
        ["read.p2 answered", "round 1 chose 1 page(s)", "read.p3 started (1)"]
    );
    assert_eq!(t.view().rejected_sources[0].reason, "404");
}

#[test]
fn an_answer_to_an_attempt_that_is_not_out_changes_nothing() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    for (step, attempt) in [(StepId::Plan, 2), (StepId::Plan, 0), (StepId::Summary, 1)] {
        assert_eq!(
            t.feed(Input::StepFinished { step, attempt, outcome: Ok(plan()) }),
            [""; 0],
            "{step} {attempt}"
        );
    }
}

#[test]
fn what_was_in_flight_when_the_isolate_died_is_started_again() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    assert_eq!(t.feed(Input::Resumed), ["plan to be retried: interrupted", "plan started (2)"]);
}

#[test]
fn a_search_that_finds_nothing_ends_in_an_honest_report() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    assert_eq!(
        t.answer(search(1), hits(&[])),
        [
            "r1.search.1.library answered",
            "round 1 chose 0 page(s)",
            "round 1 closed with 0 finding(s)",
            "stopped: Rounds",
            "completed"
        ]
    );
    let view = t.view();
    assert_eq!((view.status, view.sources_count, view.findings_count), ("completed", 0, 0));
    assert!(view.report.unwrap().contains("No answer to this question was found"));
}

#[test]
fn time_that_runs_out_while_writing_is_met_with_a_report_on_what_there_is() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    // Nobody answers any more; a leap of the whole time at once would count as time in which nobody ran the job.
    let facts: Vec<String> = (0..15).flat_map(|_| t.wait_ms(60 * 1000)).collect();
    assert_eq!(facts.last().map(String::as_str), Some("completed"), "{facts:?}");
    assert_eq!((t.view().state, t.view().elapsed_ms), ("partial", 15 * 60 * 1000));
    assert!(t.view().report.unwrap().contains("Engines run on steam [1]"));
}

#[test]
fn a_clock_that_goes_back_disturbs_nothing() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.now = Timestamp(START.0 - 3_600_000);
    t.run_on();
    assert_eq!((t.view().status, t.view().elapsed_ms), ("completed", 0));
}

#[test]
fn a_page_read_that_the_budget_forbids_is_given_up_and_the_job_goes_on() {
    let mut t = Transcript::begin(ResearchRequest { max_sources: Some(1), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two"]));
    // One source allows eight page reads, one attempt fewer than a step may have.
    assert_eq!(t.view().limits.max_pages, 8);
    for attempt in 2..=8 {
        let again = ["read.p1 to be retried: interrupted".to_owned(), format!("read.p1 started ({attempt})")];
        assert_eq!(t.feed(Input::Resumed), again);
    }
    let facts = t.feed(Input::Resumed);
    assert_eq!(facts[1], "read.p1 given up: the job's budget is used up", "{facts:?}");
    assert_eq!(facts.last().map(String::as_str), Some("completed"), "{facts:?}");
    assert_eq!(t.view().usage.pages, 8);
}

#[test]
fn searches_that_the_budget_forbids_are_given_up_once_each_and_the_job_ends() {
    let mut t =
        Transcript::begin(ResearchRequest { max_iterations: Some(10), max_sources: Some(30), ..request() });
    t.feed(Input::Woke);
    let mut facts = t.answer(StepId::Plan, plan());
    // From the second round on every search needs three attempts, and a fourth in two rounds that are interrupted too. That
    // is made to leave five of 144 searches for the six queries of round 9.
    for _ in 0..2_000 {
        if t.job.is_terminal() {
            break;
        }
        let Some(effect) = t.job.due().into_iter().next() else {
            facts.extend(t.wait_ms(5_000));
            continue;
        };
        facts.extend(match effect.step {
            StepId::Search { round: 2..=3, query: 1, .. } if effect.attempt == 1 => t.feed(Input::Resumed),
            StepId::Search { round: 1, .. } => t.answer(effect.step, hits(&["one"])),
            StepId::Search { round, query, .. } if effect.attempt == if round <= 3 { 4 } else { 3 } => {
                let page = format!("h{round}");
                let found: &[&str] = if query == 1 { &[&page] } else { &[] };
                t.answer(effect.step, hits(found))
            }
            StepId::Search { .. } => t.fail(effect.step, Failure::transient("503")),
            StepId::Read(page) => t.answer(effect.step, page_read(page)),
            StepId::Analyze(page) => t.answer(effect.step, evidence(page)),
            StepId::Reflect(n) => {
                let queries = (0..6).map(|q| format!("query {n}.{q}")).collect();
                t.answer(effect.step, thought(Answer::Queries(queries)))
            }
            step => t.answer(step, thought(Answer::Text("Engines run on steam [F101].".into()))),
        });
    }
    let view = t.view();
    assert_eq!(view.status, "completed", "{:?}", facts.iter().rev().take(9).collect::<Vec<_>>());
    assert!(view.usage.searches <= u64::from(view.limits.max_searches));
    let forbidden = facts.iter().filter(|f| f.ends_with("given up: the job's budget is used up"));
    let forbidden: std::collections::BTreeSet<&String> = forbidden.collect();
    let never_started = "r9.search.6.library given up: the job's budget is used up".to_owned();
    assert!(forbidden.contains(&never_started), "{forbidden:?}");
    assert!(!facts.contains(&"r9.search.6.library started (1)".to_owned()));
    for fact in forbidden {
        assert_eq!(facts.iter().filter(|f| *f == fact).count(), 1, "{fact}");
    }
}

#[test]
fn without_room_facts_are_recorded_and_nothing_is_started() {
    let mut t = Transcript::begin(request());
    assert!(t.job.decide(Input::Woke, t.now, 0).is_empty());
    t.feed(Input::Woke);
    let facts =
        t.job.decide(Input::StepFinished { step: StepId::Plan, attempt: 1, outcome: Ok(plan()) }, t.now, 0);
    assert_eq!(
        facts.iter().map(line).collect::<Vec<_>>(),
        ["plan answered", "planned", "round 1 asks engines"]
    );
}

#[test]
fn a_model_that_keeps_failing_is_asked_less_and_less() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    for attempt in 1..4 {
        t.fail(StepId::Plan, Failure::transient("503"));
        assert_eq!(t.wait_ms(70_000), [format!("plan started ({})", attempt + 1)]);
    }
    let facts = t.fail(StepId::Plan, Failure::transient("503"));
    assert_eq!(facts, ["plan to be retried: 503", "plan started (5) by the built-in analyst"]);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    assert_eq!(
        t.fail(StepId::Analyze(PageId(1)), Failure::transient("503")),
        ["analyze.p1 to be retried: 503", "analyze.p1 started (2) by the built-in analyst"],
        "one try each after the first replacement"
    );
}

#[test]
fn progress_never_goes_back_when_pages_are_replaced() {
    let mut t = Transcript::begin(ResearchRequest { max_sources: Some(4), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two", "three", "four", "five", "six", "seven", "eight"]));
    let mut percents = vec![t.view().progress.percent];
    for page in (1..=4).map(PageId) {
        t.answer(StepId::Read(page), Reply::Rejected { reason: "404".into() });
        percents.push(t.view().progress.percent);
    }
    assert!(t.view().progress.pages_chosen > 4, "others were chosen in their place");
    assert!(percents.is_sorted(), "{percents:?}");
    t.run_on();
}

#[test]
fn one_text_on_two_sites_counts_once() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two", "three", "four"]));
    let read = |page: PageId, simhash: u64| {
        let Reply::Page(mut record) = page_read(page) else { panic!("a page") };
        record.simhash = Some(simhash);
        Reply::Page(record)
    };
    let text = 0x0123_4567_89ab_cdef;
    t.answer(StepId::Read(PageId(1)), read(PageId(1), text));
    assert_eq!(
        t.answer(StepId::Read(PageId(2)), read(PageId(2), text ^ 0b1011)),
        ["read.p2 answered"],
        "a copy is not analysed"
    );
    let rejected = &t.view().rejected_sources[0];
    assert_eq!(
        (rejected.url.as_str(), rejected.reason.as_str()),
        ("https://two.example/", "The page says the same as https://p1.example/.")
    );
    // The decision is in the journal: it folds to the same job, whatever later releases think of copies.
    assert_eq!(footnote::job::Job::fold(t.journal.clone()).as_ref(), Some(&t.job));
    assert_eq!(
        t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1))),
        ["analyze.p1 answered", "round 1 chose 1 page(s)", "read.p3 started (1)"],
        "another page is read in its place"
    );
    assert_eq!(
        t.answer(StepId::Read(PageId(3)), read(PageId(3), !text)),
        ["read.p3 answered", "analyze.p3 started (1)"],
        "another text is a second source"
    );
}

#[test]
fn the_language_that_was_asked_for_goes_along_with_every_read() {
    let mut t = Transcript::begin(ResearchRequest { language: Some("de".into()), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one"]));
    let reads: Vec<_> = t.job.due().into_iter().map(|effect| effect.call).collect();
    let [footnote::job::Call::Read { language: Some(language), .. }] = reads.as_slice() else {
        panic!("one read: {reads:?}")
    };
    assert_eq!(language.as_str(), "de");
}

#[test]
fn pages_of_one_host_are_read_one_after_the_other_and_others_go_on() {
    let mut t = Transcript::begin(ResearchRequest { max_sources: Some(8), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    let at = |url: &str| footnote::search::Hit {
        url: url.into(),
        title: url.into(),
        snippet: String::new(),
        document: None,
    };
    let found =
        ["https://a.example/1", "https://www.a.example/2", "http://a.example:8080/3", "https://b.example/4"];
    let facts = t.answer(search(1), Reply::Hits { hits: found.map(at).into() });
    let started =
        |facts: &[String]| facts.iter().filter(|f| f.contains("read.") && f.contains("started")).count();
    // The second page of a.example waits; another port is another host.
    assert_eq!(started(&facts), 3, "{facts:?}");
    let reading: Vec<StepId> = t.job.due().into_iter().map(|effect| effect.step).collect();
    assert_eq!(reading, [1, 3, 4].map(|n| StepId::Read(PageId(n))));
    let facts = t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    assert!(facts.iter().any(|f| f.contains("read.p2") && f.contains("started")), "{facts:?}");
}

/// Hits of a search at these addresses.
fn found(urls: &[&str]) -> Reply {
    let hit = |url: &&str| footnote::search::Hit {
        url: (*url).into(),
        title: (*url).into(),
        snippet: String::new(),
        document: None,
    };
    Reply::Hits { hits: urls.iter().map(hit).collect() }
}

/// Answers whatever is out but one step, until nothing else is, or the job looks for follow-up queries.
fn answer_all_but(t: &mut Transcript, hanging: StepId) {
    for _ in 0..100 {
        let due = t.job.due().into_iter().map(|effect| effect.step);
        let Some(step) = due.into_iter().find(|step| *step != hanging && !matches!(step, StepId::Reflect(_)))
        else {
            return;
        };
        let reply = match step {
            StepId::Read(page) => page_read(page),
            StepId::Analyze(page) => evidence(page),
            other => panic!("{other} is out"),
        };
        t.answer(step, reply);
    }
    panic!("the round does not end");
}

#[test]
fn a_spare_page_that_was_never_asked_for_is_chosen_again_when_more_are_wanted() {
    let mut t =
        Transcript::begin(ResearchRequest { max_sources: Some(10), max_iterations: Some(2), ..request() });
    t.feed(Input::Woke);
    t.answer(StepId::Plan, plan());
    let spare = "https://slow.example/8";
    let mut urls: Vec<String> = (1..=6).map(|n| format!("https://b{n}.example/")).collect();
    urls.extend(["https://slow.example/7".to_owned(), spare.to_owned()]);
    t.answer(search(1), found(&urls.iter().map(String::as_str).collect::<Vec<_>>()));
    answer_all_but(&mut t, StepId::Read(PageId(7)));
    t.wait_ms(7_000);
    let turned_down = |t: &Transcript| -> Vec<String> {
        t.view().rejected_sources.into_iter().map(|page| page.url).collect()
    };
    assert_eq!(turned_down(&t), ["https://slow.example/7", spare], "enough others were in");
    t.answer(StepId::Reflect(1), thought(Answer::Queries(vec!["more engines".into()])));
    t.answer(
        StepId::Search { round: 2, query: 1, provider: footnote::search::Provider::Library },
        found(&[]),
    );
    let reading: Vec<StepId> = t.job.due().into_iter().map(|effect| effect.step).collect();
    assert_eq!(reading, [StepId::Read(PageId(9))], "the one that hung is not asked again");
    t.answer(StepId::Read(PageId(9)), page_read(PageId(9)));
    assert_eq!(turned_down(&t), ["https://slow.example/7"], "it counts under its new number only");
    assert_eq!(t.view().progress.pages_rejected, 1);
}

#[test]
fn what_is_covered_stays_open_to_follow_up_queries_while_the_hits_are_too_few() {
    for (hits, covered) in [(4, false), (40, true)] {
        let mut t = Transcript::begin(ResearchRequest {
            max_sources: Some(12),
            max_iterations: Some(2),
            ..request()
        });
        t.feed(Input::Woke);
        t.answer(StepId::Plan, plan());
        let urls: Vec<String> = (1..=hits).map(|n| format!("https://b{n}.example/")).collect();
        t.answer(search(1), found(&urls.iter().map(String::as_str).collect::<Vec<_>>()));
        for _ in 0..100 {
            let Some(effect) = t.job.due().into_iter().find(|e| !matches!(e.step, StepId::Reflect(_))) else {
                break;
            };
            match effect.step {
                StepId::Analyze(page) => {
                    let Reply::Evidence(mut said) = evidence(page) else { panic!() };
                    said.claims[0].0.fact = format!("Engine {page} runs on fuel of kind {page}{page}.");
                    t.answer(effect.step, Reply::Evidence(said))
                }
                // Of no use, so that the round brings in less than what is wanted.
                StepId::Read(page) if page.0 % 4 == 0 => {
                    t.answer(effect.step, Reply::Rejected { reason: "too thin".into() })
                }
                StepId::Read(page) => t.answer(effect.step, page_read(page)),
                other => panic!("{other} is out"),
            };
        }
        let reflect = t.job.due().into_iter().find_map(|effect| match effect.call {
            footnote::job::Call::Think(footnote::model::Task::Reflect(task)) => Some(task),
            _ => None,
        });
        assert_eq!(reflect.unwrap().coverage[0].covered, covered, "{hits} hits");
    }
}
