//! Which model gets which step, and what that costs, told as transcripts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::job::budget::{Prices, TokenPrices, Tokens};
use footnote::job::event::{Event, Evidence};
use footnote::job::step::StepId;
use footnote::job::{Failure, Input, Job, Reply, journal};
use footnote::model::Answer;
use footnote::model::chain::{Api, Chains, ModelRef};
use footnote::research::PageId;
use support::transcript::{Transcript, evidence, hits, page_read, plan, request, search, thought};

fn model(api: Api, name: &str) -> ModelRef {
    ModelRef { api, model: name.into(), context_tokens: 128_000, reasoning_tokens: 0, timeout_s: 0 }
}

/// Claude first, then GPT, for everything.
fn two() -> Chains {
    let chain = vec![model(Api::Anthropic, "claude"), model(Api::OpenAi, "gpt")];
    Chains { plan: chain.clone(), analyze: chain.clone(), write: chain }
}

fn begin(models: Chains, prices: Prices) -> Transcript {
    let mut t = Transcript::begin_by(models, request(), prices);
    t.feed(Input::Woke);
    t
}

/// The model that a step which is out was given to.
fn asked(t: &Transcript, step: StepId) -> Option<String> {
    t.job.due().into_iter().find(|e| e.step == step).and_then(|e| e.model).map(|m| m.to_string())
}

#[test]
fn a_model_that_refuses_is_replaced_by_the_next_and_the_reply_says_so_without_being_partial() {
    let mut t = begin(two(), Prices::default());
    assert_eq!(asked(&t, StepId::Plan).as_deref(), Some("anthropic:claude"));
    assert_eq!(
        t.fail(StepId::Plan, Failure::permanent("no such model")),
        ["plan to be retried: no such model", "plan started (2) by fallback 1"]
    );
    assert_eq!(asked(&t, StepId::Plan).as_deref(), Some("openai:gpt"));
    t.run_on();
    let view = t.view();
    assert_eq!((view.state, view.partial_reason), ("completed", None));
    assert_eq!(view.degraded.as_deref(), Some("gpt stood in for claude: no such model"));
    assert_eq!(view.warnings, ["gpt stood in for claude: no such model"]);
}

#[test]
fn a_model_that_is_down_gets_its_tries_then_the_next_gets_its_own_and_the_built_in_analyst_is_last() {
    let mut t = begin(two(), Prices::default());
    let mut seen = Vec::new();
    for _ in 0..9 {
        seen.push(asked(&t, StepId::Plan).unwrap_or_else(|| "built in".into()));
        t.fail(StepId::Plan, Failure::transient("503"));
        t.wait_ms(75_000);
        if asked(&t, StepId::Plan).is_none() {
            break;
        }
    }
    let count = |name: &str| seen.iter().filter(|s| s.as_str() == name).count();
    assert_eq!((count("anthropic:claude"), count("openai:gpt")), (4, 4), "{seen:?}");
    t.answer(StepId::Plan, plan());
    t.run_on();
    let view = t.view();
    assert_eq!(view.state, "partial");
    let degraded = view.degraded.unwrap();
    assert!(degraded.contains("the built-in analyst stood in for the model: 503"), "{degraded}");
    assert!(degraded.contains("gpt stood in for claude: 503"), "{degraded}");
}

#[test]
fn a_model_that_was_replaced_three_times_is_asked_no_more() {
    let mut t = begin(two(), Prices::default());
    t.fail(StepId::Plan, Failure::permanent("401"));
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two"]));
    for page in [1, 2].map(PageId) {
        t.answer(StepId::Read(page), page_read(page));
        assert_eq!(asked(&t, StepId::Analyze(page)).as_deref(), Some("anthropic:claude"), "one more try");
        t.fail(StepId::Analyze(page), Failure::permanent("401"));
        t.answer(StepId::Analyze(page), evidence(page));
    }
    let next = t.job.due().into_iter().find_map(|e| e.model).map(|m| m.to_string());
    assert_eq!(next.as_deref(), Some("openai:gpt"), "{:?}", t.job.due());
}

#[test]
fn what_a_model_declines_is_not_held_against_it() {
    let mut t = begin(two(), Prices::default());
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two"]));
    let declined = || Failure::Declined { cause: "the model refused".into() };
    for page in [1, 2].map(PageId) {
        t.answer(StepId::Read(page), page_read(page));
        t.fail(StepId::Analyze(page), declined());
        assert_eq!(asked(&t, StepId::Analyze(page)).as_deref(), Some("openai:gpt"));
        t.answer(StepId::Analyze(page), evidence(page));
    }
    assert_eq!(asked(&t, StepId::Summary).as_deref(), Some("anthropic:claude"));
    t.fail(StepId::Summary, declined());
    t.answer(StepId::Summary, thought(Answer::Text(String::new())));
    let next = t.job.due().into_iter().find_map(|e| e.model).map(|m| m.to_string());
    assert_eq!(next.as_deref(), Some("anthropic:claude"), "after three of them, too");
    assert_eq!(t.view().degraded.as_deref(), Some("gpt stood in for claude: the model refused"));
}

#[test]
fn a_model_that_answers_again_has_its_tries_again() {
    let mut t = begin(two(), Prices::default());
    t.fail(StepId::Plan, Failure::permanent("not now"));
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    t.answer(StepId::Read(PageId(2)), page_read(PageId(2)));
    t.fail(StepId::Analyze(PageId(2)), Failure::transient("503"));
    t.wait_ms(2_000);
    assert_eq!(asked(&t, StepId::Analyze(PageId(2))).as_deref(), Some("anthropic:claude"));
}

#[test]
fn each_duty_has_its_own_model() {
    let models = Chains {
        plan: vec![model(Api::Gemini, "flash")],
        analyze: Vec::new(),
        write: vec![model(Api::Anthropic, "opus")],
    };
    let mut t = begin(models, Prices::default());
    assert_eq!(asked(&t, StepId::Plan).as_deref(), Some("gemini:flash"));
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    assert_eq!(asked(&t, StepId::Analyze(PageId(1))), None, "the built-in analyst, as configured");
    t.answer(StepId::Analyze(PageId(1)), evidence(PageId(1)));
    if t.job.due().iter().any(|e| e.step == StepId::Reflect(1)) {
        assert_eq!(asked(&t, StepId::Reflect(1)).as_deref(), Some("gemini:flash"));
        t.answer(StepId::Reflect(1), thought(Answer::Queries(Vec::new())));
    }
    assert_eq!(asked(&t, StepId::Section(1)).as_deref(), Some("anthropic:opus"));
    t.run_on();
    let view = t.view();
    assert_eq!((view.state, view.degraded), ("completed", None));
    assert_eq!(view.analyst, "extractive, flash, opus");
}

#[test]
fn what_each_model_took_is_told_at_its_own_price() {
    let of = |input, output, cached| TokenPrices { input: Some(input), output: Some(output), cached };
    let prices = Prices {
        models: [
            ("claude".to_owned(), of(3_000_000, 15_000_000, Some(300_000))),
            ("gpt".to_owned(), of(1_000_000, 2_000_000, None)),
        ]
        .into(),
        ..Prices::default()
    };
    let mut t = begin(two(), prices);
    let answered = |input, output, cached| {
        let Reply::Thought { answer, .. } = plan() else { panic!() };
        Reply::Thought { answer, tokens: Tokens { input, output, cached }, loss: None }
    };
    t.answer(StepId::Plan, answered(10_000, 1_000, 9_000));
    let usage = t.view().usage;
    let claude = &usage.models[0];
    assert_eq!((claude.api, claude.model.as_str(), claude.calls), ("anthropic", "claude", 1));
    assert_eq!((claude.tokens.input, claude.tokens.cached, claude.tokens.output), (10_000, 9_000, 1_000));
    assert!((claude.cost_usd - (0.003 + 0.0027 + 0.015)).abs() < 1e-9, "{claude:?}");
    t.answer(search(1), hits(&["one"]));
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    t.fail(StepId::Analyze(PageId(1)), Failure::permanent("refused"));
    let Reply::Evidence(found) = evidence(PageId(1)) else { panic!() };
    let tokens = Tokens { input: 1_000, output: 100, cached: 500 };
    t.answer(StepId::Analyze(PageId(1)), Reply::Evidence(Evidence { tokens, ..found }));
    t.run_on();
    let usage = t.view().usage;
    let sum: f64 = usage.models.iter().map(|m| m.cost_usd).sum();
    assert!((sum - usage.cost.model_usd).abs() < 1e-9, "{usage:?}");
    let gpt = usage.models.iter().find(|m| m.model == "gpt").unwrap();
    assert!((gpt.cost_usd - 0.0012).abs() < 1e-9, "cached tokens cost what others do: {gpt:?}");
    assert_eq!(usage.models.iter().map(|m| u64::from(m.calls)).sum::<u64>(), usage.model_calls);
}

#[test]
fn an_answer_of_which_nothing_can_be_made_is_paid_all_the_same() {
    let claude = TokenPrices { input: Some(3_000_000), output: Some(15_000_000), cached: None };
    let prices = Prices { models: [("claude".to_owned(), claude)].into(), ..Prices::default() };
    let mut t = begin(two(), prices);
    let tokens = Tokens { input: 10_000, output: 1_000, cached: 0 };
    let gibberish = |again| Failure::Unreadable { cause: "no JSON".into(), tokens, again };
    t.fail(StepId::Plan, gibberish(true));
    t.wait_ms(2_000);
    assert_eq!(asked(&t, StepId::Plan).as_deref(), Some("anthropic:claude"), "it may do better");
    t.fail(StepId::Plan, gibberish(false));
    assert_eq!(asked(&t, StepId::Plan).as_deref(), Some("openai:gpt"), "then the next one");
    let usage = t.view().usage;
    let claude = usage.models.iter().find(|m| m.model == "claude").unwrap();
    assert_eq!((claude.tokens.input, claude.tokens.output, claude.calls), (20_000, 2_000, 2));
    assert!((claude.cost_usd - 2.0 * (0.03 + 0.015)).abs() < 1e-9, "{claude:?}");
    let fold = Job::fold(t.journal.clone()).unwrap();
    assert_eq!(fold.view(t.now).usage, t.view().usage, "the journal holds it");
}

#[test]
fn what_a_model_was_not_shown_is_said_once() {
    let mut t = begin(two(), Prices::default());
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one", "two"]));
    for page in [1, 2].map(PageId) {
        t.answer(StepId::Read(page), page_read(page));
        let Reply::Evidence(found) = evidence(page) else { panic!() };
        let loss = Some("pages were analysed in part: the context of claude holds no more".to_owned());
        t.answer(StepId::Analyze(page), Reply::Evidence(Evidence { loss, ..found }));
    }
    t.run_on();
    let view = t.view();
    assert_eq!(view.warnings, ["pages were analysed in part: the context of claude holds no more"]);
    assert_eq!((view.state, view.degraded), ("completed", None));
}

#[test]
fn a_small_context_reserves_a_call_for_each_part_of_a_page() {
    let small = ModelRef { context_tokens: 2_048, ..model(Api::OpenAi, "small") };
    let mut t = begin(Chains::of_one(small), Prices::default());
    t.answer(StepId::Plan, plan());
    t.answer(search(1), hits(&["one"]));
    let before = t.job.spent().model_calls;
    t.answer(StepId::Read(PageId(1)), page_read(PageId(1)));
    assert_eq!(t.job.spent().model_calls - before, 4);
}

#[test]
fn a_journal_that_names_only_its_analyst_goes_on_as_it_began() {
    let mut t = begin(Chains::named("m"), Prices::default());
    t.fail(StepId::Plan, Failure::permanent("401"));
    let old = |event: &Event, seq: u64| {
        let text = journal::encode(seq, event).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        strip(&mut value);
        journal::decode(seq, &value.to_string()).unwrap()
    };
    let events: Vec<Event> = (0..).zip(&t.journal).map(|(seq, event)| old(event, seq)).collect();
    assert!(matches!(&events[0], Event::Accepted { models, .. } if models.is_empty()));
    let job = Job::fold(events).unwrap();
    assert_eq!(job.view(t.now), t.view());
}

/// Takes out what older releases did not write.
fn strip(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.remove("models");
            members.values_mut().for_each(strip);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
