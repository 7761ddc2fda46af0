//! The evidence bundle: a report made anew from it is the report, and whatever was changed in it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::digest::sha256_hex;
use footnote::job::bundle::{Bundle, BundleError, FORMAT, Head, Line, LineWriter, StepExchange, fact};
use footnote::job::step::StepId;
use footnote::job::{Input, Timestamp, journal};
use footnote::model::exchange::Exchange;
use footnote::model::prompt::Prompt;
use footnote::research::request::ResearchRequest;
use support::transcript::{Transcript, request};
use support::{World, two_rounds};

/// The world's job as a file.
fn written(world: &World) -> String {
    let prompt = Prompt {
        system: "You plan.".into(),
        user: "Question: engines?".into(),
        schema_name: "plan",
        schema: None,
        reply_tokens_max: 10,
    };
    let exchange = Exchange::of("m", &prompt, Ok("{\"sub_questions\": []}"));
    let mut lines = vec![Line::Head(Head {
        format: FORMAT.into(),
        id: "res_1".into(),
        release: env!("CARGO_PKG_VERSION").into(),
        written_at: Timestamp(0),
        facts: world.disk.len() as u64,
        pages: world.pages.len() as u64,
        exchanges: 1,
    })];
    lines.extend((0..).zip(&world.disk).map(|(seq, body)| fact(seq, body).unwrap()));
    lines.extend(world.pages.iter().map(|(page, text)| Line::Page {
        page: *page,
        sha256: sha256_hex(text),
        text: text.clone(),
    }));
    lines.push(Line::Exchange(StepExchange { step: StepId::Plan, attempt: 1, exchange }));
    sealed(&lines)
}

fn sealed(lines: &[Line]) -> String {
    let mut writer = LineWriter::default();
    let mut text: String = lines.iter().map(|line| writer.line(line).unwrap()).collect();
    text.push_str(&writer.end().unwrap());
    text
}

fn finished(request: ResearchRequest) -> World {
    let mut world = World::new(3, request);
    world.run();
    world
}

#[test]
fn the_report_made_anew_is_the_recorded_one_to_the_byte() {
    let world = finished(two_rounds());
    let bundle = Bundle::read(&written(&world)).unwrap();
    assert_eq!(bundle.events.len(), world.disk.len());
    assert_eq!(bundle.exchanges[0].exchange.reply.as_deref(), Some("{\"sub_questions\": []}"));
    let replay = bundle.replay().unwrap();
    assert!(replay.is_identical);
    assert_eq!(replay.wrong, Vec::<String>::new());
    assert_eq!(Some(replay.report.markdown.as_str()), world.durable().view(world.now).report.as_deref());
    assert!(!replay.report.citations.is_empty(), "a report that cites nothing proves nothing");
}

#[test]
fn another_report_in_the_journal_is_not_identical() {
    let world = finished(two_rounds());
    let text = written(&world);
    let mut bundle = Bundle::read(&text).unwrap();
    for event in &mut bundle.events {
        if let footnote::job::Event::Completed { report, .. } = event {
            report.markdown.push_str("\nAnd all is well.\n");
        }
    }
    assert!(!bundle.replay().unwrap().is_identical);
}

#[test]
fn a_change_anywhere_a_cut_and_another_form_are_told() {
    let text = written(&finished(two_rounds()));
    assert_eq!(Bundle::read(&text.replacen("alpha", "omega", 1)), Err(BundleError::Changed));
    let cut: String = text.lines().take(5).map(|line| format!("{line}\n")).collect();
    assert_eq!(Bundle::read(&cut), Err(BundleError::Cut));
    for other in ["", "{}", "{\"id\": \"res_1\"}\n{}\n", &text.replacen("bundle/1", "bundle/9", 1)] {
        assert_eq!(Bundle::read(other), Err(BundleError::Form), "{other:.60}");
    }
}

#[test]
fn a_page_that_is_not_the_one_that_was_read_is_told_even_under_a_new_seal() {
    let mut world = finished(two_rounds());
    let (page, text) = world.pages.iter_mut().next().unwrap();
    text.push_str(" And more.");
    let page = *page;
    assert_eq!(Bundle::read(&written(&world)), Err(BundleError::Page(page)));
}

#[test]
fn a_job_without_a_report_says_so() {
    let mut t = Transcript::begin(request());
    t.feed(Input::Woke);
    t.feed(Input::CancelRequested);
    let disk: Vec<String> =
        (0..).zip(&t.journal).map(|(seq, event)| journal::encode(seq, event).unwrap()).collect();
    let mut world = World::default();
    world.disk = disk;
    let error = Bundle::read(&written(&world)).unwrap().replay().unwrap_err();
    assert_eq!(error.to_string(), "the job has no report: it was cancelled");
}

#[test]
fn where_the_owner_is_called_back_stays_behind() {
    let request =
        ResearchRequest { webhook_url: Some("https://hooks.example/secret-path".into()), ..two_rounds() };
    let text = written(&finished(request));
    assert!(!text.contains("secret-path"));
    assert!(Bundle::read(&text).unwrap().replay().unwrap().is_identical);
}
