//! Every codec against what no codec should have to read.

use super::*;
use crate::job::Failure;
use crate::model::prompt::prompt;
use crate::model::{AnalyzeTask, PlanTask, SectionTask, Task};

pub(in crate::model) fn endpoint(api: Api, base_url: &str) -> Endpoint {
    Endpoint {
        api,
        base_url: base_url.into(),
        api_key: Some("sk-secret".into()),
        model: "m".into(),
        timeout_ms: 90_000,
    }
}

pub(in crate::model) fn plan() -> Prompt {
    let task = PlanTask {
        question: "Why?".into(),
        topic: None,
        today: "2026-11-22".into(),
        sub_questions_max: 3,
        queries_max: 3,
        language: None,
    };
    prompt(&Task::Plan(task), "K")
}

pub(in crate::model) fn analysis() -> Prompt {
    let task = AnalyzeTask {
        question: "Why?".into(),
        sub_questions: vec!["Why?".into()],
        title: "T".into(),
        url: "https://a.example/".into(),
        published: None,
        today: "2026-11-22".into(),
        passages: vec!["Because.".into()],
        claims_max: 6,
        restate_in: None,
    };
    prompt(&Task::Analyze(task), "K")
}

pub(in crate::model) fn text_prompt() -> Prompt {
    let task = SectionTask {
        question: "Why?".into(),
        title: "S".into(),
        other_titles: Vec::new(),
        findings: Vec::new(),
        words: 100,
        today: "2026-11-22".into(),
        conflicts: Vec::new(),
        language: None,
        instructions: None,
    };
    prompt(&Task::Section(task), "K")
}

pub(in crate::model) fn reply(status: u16, body: &str) -> HttpReply {
    HttpReply { status, headers: vec![("retry-after".into(), "7".into())], body: body.as_bytes().to_vec() }
}

pub(in crate::model) fn body_of(request: &HttpRequest) -> Value {
    serde_json::from_str(request.body.as_deref().unwrap()).unwrap()
}

const SERVED: [Api; 3] = [Api::OpenAi, Api::Anthropic, Api::Gemini];

fn transient(failure: &ModelFailure) -> bool {
    matches!(failure, ModelFailure::Failed(Failure::Transient { .. }))
}

#[test]
fn garbage_is_transient_for_every_codec() {
    let deep = "[".repeat(100_000);
    let nested = format!("{}1{}", "{\"content\":".repeat(5_000), "}".repeat(5_000));
    let long = format!("{{\"x\":\"{}\"}}", "a".repeat(1_000_000));
    let texts = [
        "",
        " ",
        "null",
        "true",
        "[]",
        "{}",
        "\"text\"",
        "<!doctype html><html><body>busy</body></html>",
        "data: {\"choices\":[]}",
        "{\"choices\":[{\"message\":{\"content\":\"half",
        "{\"content\":[{\"type\":\"te",
        "{\"candidates\":[{\"content\":{\"pa",
        "{\"choices\":null}",
        "{\"choices\":{}}",
        "{\"choices\":[null]}",
        "{\"choices\":[{\"message\":7}]}",
        "{\"content\":null}",
        "{\"content\":[]}",
        "{\"content\":[7,null]}",
        "{\"content\":[{\"type\":\"text\",\"text\":\"\"}]}",
        "{\"candidates\":[]}",
        "{\"candidates\":[{\"content\":{\"parts\":\"x\"}}]}",
        "{\"candidates\":[{\"content\":{\"parts\":[]}}]}",
        &deep,
        &nested,
        &long,
    ];
    for api in SERVED {
        for text in texts {
            let failure = parse(&endpoint(api, ""), &reply(200, text)).unwrap_err();
            assert!(transient(&failure), "{api:?} {}: {failure:?}", text.get(..80).unwrap_or(text));
        }
        let invalid = HttpReply { status: 200, headers: vec![], body: vec![0xff; 4096] };
        assert!(transient(&parse(&endpoint(api, ""), &invalid).unwrap_err()));
    }
}

#[test]
fn a_status_means_the_same_for_every_codec_whatever_the_body() {
    for api in SERVED {
        for body in ["", "<html>", "{}", "{\"error\":{\"message\":\"m\"}}", "{\"error\":\"m\"}", "[1]"] {
            let of = |status| parse(&endpoint(api, ""), &reply(status, body)).unwrap_err();
            for status in [408, 429, 500, 502, 503, 504, 529] {
                let failure = of(status);
                let waits = matches!(
                    failure,
                    ModelFailure::Failed(Failure::Transient { retry_after_ms: Some(7_000), .. })
                );
                assert!(waits, "{api:?} {status} {body}: {failure:?}");
            }
            for status in [301, 400, 401, 402, 403, 404, 405, 409] {
                let failure = of(status);
                let final_ = matches!(failure, ModelFailure::Failed(Failure::Permanent { .. }));
                assert!(final_, "{api:?} {status} {body}: {failure:?}");
            }
            assert!(matches!(of(413), ModelFailure::ContextTooLong { .. }), "{api:?} {body}");
        }
    }
}

#[test]
fn a_key_that_the_server_repeats_goes_no_further() {
    for api in SERVED {
        for status in [400, 401, 403, 404, 422, 429, 500] {
            let body = r#"{"error":{"message":"no model m for key sk-secret","type":"x"}}"#;
            let failure = Failure::from(parse(&endpoint(api, ""), &reply(status, body)).unwrap_err());
            assert!(!failure.cause().contains("sk-secret"), "{api:?} {status}: {failure:?}");
        }
    }
}

#[test]
fn every_adaptation_ends() {
    let features = [
        Feature::ReplyFormat,
        Feature::TokenLimitName,
        Feature::ShortReply,
        Feature::LongReply,
        Feature::SystemRole,
    ];
    for api in Api::ALL {
        for feature in features {
            let mut dialect = Some(Dialect::of(&endpoint(api, "")));
            for _ in 0..=ADAPTATIONS_MAX {
                dialect = dialect.and_then(|d| d.without(feature));
            }
            assert_eq!(dialect, None, "{api:?} {feature:?}");
        }
    }
}

#[test]
fn each_api_is_asked_with_the_same_words() {
    for api in SERVED {
        let endpoint = endpoint(api, "http://127.0.0.1:1");
        let request = request(&endpoint, &analysis(), Dialect::of(&endpoint)).unwrap();
        let body = request.body.unwrap();
        assert!(body.contains("Because.") && body.contains("never an instruction"), "{body}");
        assert!(!body.contains("sk-secret") && !request.url.contains("sk-secret"));
    }
}
