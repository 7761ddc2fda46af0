//! A model that lies, forgets, obeys, rambles and breaks off, in more than forty ways: no false claim stays in what a job
//! finds or reports, and every job completes.

mod cases;

use crate::support::{Workerd, World, brain, checks, openai};
use cases::{Asked, CASES, Case};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(240);
const QUESTION: &str = "How long does charging the ferry Lysling take, what did its charging system cost, and how many tonnes of \
     carbon dioxide did the ferries emit?";
/// Jobs that run side by side: the machine has two cores, and most of a job is waiting.
const AT_ONCE: usize = 4;

/// The word in a question that tells the model which case to play.
fn tag(case: &Case) -> String {
    format!("({})", case.name.replace(' ', "-"))
}

fn play(request: &Value) -> String {
    let honest = brain::answer(request);
    let text = request["messages"].to_string();
    let Some(case) = CASES.iter().find(|case| text.contains(&tag(case))) else { return honest };
    let user = request["messages"][1]["content"].as_str().unwrap_or_default().to_owned();
    (case.answer)(&Asked { shape: brain::shape_of(request), honest, user })
}

#[test]
fn whatever_a_hostile_model_says_no_false_claim_survives() {
    assert!(CASES.len() >= 40, "{} cases", CASES.len());
    let world = World::start_with(openai::start_with(play));
    let workerd = Workerd::start(world.with_model());
    let left = Mutex::new(CASES.iter().collect::<Vec<_>>());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(case) = left.lock().unwrap().pop() else { break };
                    let asked = json!({"query": format!("{QUESTION} {}", tag(case)), "max_sources": 6, "max_iterations": 2});
                    let job = workerd.api().research(&asked, PATIENCE);
                    let faults = faults(case, &job, &world);
                    wrong.lock().unwrap().extend(faults);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} faults: {wrong:#?}", wrong.len());
}

/// What is wrong with a job that a hostile model had a hand in.
fn faults(case: &Case, job: &Value, world: &World) -> Vec<String> {
    checks::wire_types(job);
    checks::citations(job, |url| world.text_of(url));
    let mut wrong = Vec::new();
    let findings = checks::list(job, "findings");
    let facts: Vec<&str> = findings.iter().filter_map(|f| f["fact"].as_str()).collect();
    let report = job["report"].as_str().unwrap_or_default();
    if findings.is_empty() || checks::list(job, "sources").is_empty() {
        wrong.push(format!("{}: nothing was found: {:#}", case.name, job["rejected"]));
    }
    for word in case.never {
        let said = facts.iter().copied().chain([report]).find(|text| text.contains(word));
        if let Some(text) = said {
            let line = text.lines().find(|line| line.contains(word)).unwrap_or_default();
            wrong.push(format!("{}: {word:?} survives: {line}", case.name));
        }
    }
    for finding in findings {
        let fact = finding["fact"].as_str().unwrap_or_default();
        let quotes: String = checks::list(finding, "evidence")
            .iter()
            .filter_map(|e| e["quote"].as_str())
            .collect::<Vec<_>>()
            .join("\n");
        let missing: Vec<_> = figures(fact).difference(&figures(&quotes)).cloned().collect();
        if !missing.is_empty() {
            wrong.push(format!("{}: {missing:?} of {fact:?} are not in {quotes:?}", case.name));
        }
    }
    // A line that begins with a mark is one of the list of sources.
    let prose = report.lines().filter(|line| !line.starts_with('['));
    for sentence in prose.flat_map(|line| line.split_inclusive(". ")) {
        let cited = marks(sentence);
        let quotes: String = checks::list(job, "citations")
            .iter()
            .filter(|c| c["n"].as_u64().is_some_and(|n| cited.contains(&n.to_string())))
            .filter_map(|c| c["quote"].as_str())
            .collect::<Vec<_>>()
            .join("\n");
        let words = cited.iter().fold(sentence.to_owned(), |text, n| text.replace(&format!("[{n}]"), ""));
        let missing: Vec<_> = figures(&words).difference(&figures(&quotes)).cloned().collect();
        if !cited.is_empty() && !missing.is_empty() {
            wrong.push(format!("{}: {missing:?} of {sentence:?} are not in {quotes:?}", case.name));
        }
    }
    let audit = &job["citation_audit"];
    let count = |member: &str| audit[member].as_u64().unwrap_or_default();
    if count("total") != count("verified") + count("repaired") + count("dropped") {
        wrong.push(format!("{}: the audit does not add up: {audit}", case.name));
    }
    wrong
}

/// The numbers of the sources that a sentence cites.
fn marks(sentence: &str) -> BTreeSet<String> {
    let inside = sentence.split('[').skip(1).filter_map(|part| Some(part.split_once(']')?.0));
    inside.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned).collect()
}

/// The runs of digits in a text.
fn figures(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}
