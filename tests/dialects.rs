//! Whole jobs in the words of other APIs: what a stream tells is what the response says at the end, a stream that was cut
//! goes on, and every position is that of its citation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use footnote::api::responses::{ResponseStream, response, response_request};
use footnote::api::{openapi, perplexity};
use footnote::job::{Job, journal};
use serde_json::{Value, json};
use support::{Chaos, World};

/// Characters of one, two, three and four bytes before every mark.
const QUESTION: &str = "How do the alpha and beta engines of Ærøskøbing \u{2192} \u{1f980} work?";

fn world(more: Value) -> World {
    let mut body = json!({"model": "o4-mini-deep-research", "input": QUESTION, "background": true,
        "include": ["web_search_call.action.sources"], "max_sources": 4, "max_iterations": 2});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    World::new(3, response_request(body.to_string().as_bytes()).unwrap().research)
}

/// The events that a stream tells of a journal, those after a number only.
fn told(world: &World, after: Option<u64>) -> Vec<Value> {
    let mut stream = ResponseStream::new(after);
    let facts = (0..).zip(&world.disk).map(|(seq, text)| journal::decode(seq, text).unwrap());
    let text: String = facts.map(|fact| stream.tell(&fact)).collect();
    let frames = text.split("\n\n").filter(|frame| !frame.is_empty());
    frames
        .map(|frame| {
            let (name, data) = frame.split_once("\ndata: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(name.strip_prefix("event: ").unwrap(), data["type"]);
            data
        })
        .collect()
}

fn kinds<'a>(events: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["type"] == kind)
}

/// What a client puts together from a stream alone.
fn assembled(events: &[Value]) -> Vec<Value> {
    let mut items: Vec<(u64, Value)> = kinds(events, "response.output_item.done")
        .map(|event| (event["output_index"].as_u64().unwrap(), event["item"].clone()))
        .collect();
    items.sort_by_key(|(place, _)| *place);
    assert!((0..).zip(&items).all(|(place, (index, _))| place == *index), "every place once");
    items.into_iter().map(|(_, item)| item).collect()
}

/// What a search found may grow after its round went on.
fn without_sources(mut items: Vec<Value>) -> Vec<Value> {
    for item in &mut items {
        if let Some(action) = item["action"].as_object_mut() {
            action.remove("sources");
        }
    }
    items
}

fn finished(world: &mut World) -> (Job, Value) {
    let job = world.run();
    let whole = response(&job);
    (job, whole)
}

#[test]
fn a_response_has_the_plan_every_search_every_page_and_the_report() {
    let (job, whole) = finished(&mut world(json!({})));
    assert_eq!(
        (&whole["id"], &whole["status"], &whole["object"]),
        (&json!("resp_1"), &json!("completed"), &json!("response"))
    );
    assert_eq!((&whole["model"], &whole["background"]), (&json!("o4-mini-deep-research"), &json!(true)));
    let output = whole["output"].as_array().unwrap();
    assert_eq!(output[0]["summary"][1]["text"], "How does beta work?");
    let calls = |action: &str| output.iter().filter(|i| i["action"]["type"] == action).count();
    assert!(calls("search") >= 3 && calls("open_page") >= 4, "{whole:#}");
    let search = output.iter().find(|item| item["action"]["type"] == "search").unwrap();
    assert_eq!(
        (&search["status"], &search["action"]["query"]),
        (&json!("completed"), &json!("alpha engine"))
    );
    assert!(search["action"]["sources"].as_array().unwrap().len() >= 3, "{search:#}");
    let message = output.last().unwrap();
    assert_eq!(message["content"][0]["text"], job.report().unwrap().markdown.as_str());
    let ids: std::collections::BTreeSet<&str> =
        output.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), output.len(), "ids are unique");
    assert!(whole["usage"]["total_tokens"].is_u64() && whole["completed_at"].is_i64());
}

#[test]
fn every_annotation_is_where_its_mark_is_in_characters() {
    let (job, whole) = finished(&mut world(json!({})));
    let report = job.report().unwrap();
    let part = &whole["output"].as_array().unwrap().last().unwrap()["content"][0];
    let text: Vec<char> = part["text"].as_str().unwrap().chars().collect();
    let annotations = part["annotations"].as_array().unwrap();
    assert!(annotations.len() >= report.sources.len(), "{annotations:#?}");
    for annotation in annotations {
        let at = |name: &str| usize::try_from(annotation[name].as_u64().unwrap()).unwrap();
        let mark: String = text[at("start_index")..at("end_index")].iter().collect();
        let n: u32 = mark.strip_prefix('[').and_then(|m| m.strip_suffix(']')).unwrap().parse().unwrap();
        let source = report.sources.iter().find(|s| s.n == n).unwrap();
        assert_eq!(
            (annotation["url"].as_str(), annotation["title"].as_str()),
            (Some(&*source.url), Some(&*source.title))
        );
    }
    let (body, list) = report.markdown.split_at(report.markdown.rfind("\n## ").unwrap());
    let marks = |text: &str| text.matches('[').count();
    assert!(annotations.len() <= marks(body) && marks(list) >= report.sources.len());
}

#[test]
fn a_stream_tells_what_the_response_says_and_goes_on_after_every_number() {
    let mut world = world(json!({}));
    let (_, whole) = finished(&mut world);
    let events = told(&world, None);
    let numbers: Vec<u64> = events.iter().map(|e| e["sequence_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
    assert_eq!(events[0]["type"], "response.created");
    assert_eq!(kinds(&events, "response.in_progress").count(), 1);
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["response"]), (&json!("response.completed"), &whole));
    assert_eq!(json!(assembled(&events)), whole["output"]);
    let text: String =
        kinds(&events, "response.output_text.delta").map(|e| e["delta"].as_str().unwrap()).collect();
    let part = &whole["output"].as_array().unwrap().last().unwrap()["content"][0];
    assert_eq!(json!(text), part["text"]);
    assert_eq!(
        kinds(&events, "response.output_text.annotation.added").count(),
        part["annotations"].as_array().unwrap().len()
    );
    for after in [0, 1, 7, numbers.len() as u64 - 2, numbers.len() as u64 - 1, 9_999] {
        let rest: Vec<Value> =
            events.iter().filter(|e| e["sequence_number"].as_u64() > Some(after)).cloned().collect();
        assert_eq!(told(&world, Some(after)), rest, "after {after}");
    }
}

#[test]
fn whatever_happens_to_a_job_its_stream_and_its_response_agree() {
    for seed in 1..24 {
        let mut world = world(json!({}));
        (world.chaos, world.rng) = (Some(Chaos::of(seed)), seed | 1);
        let (job, whole) = finished(&mut world);
        let events = told(&world, None);
        let output = whole["output"].as_array().unwrap().clone();
        assert_eq!(without_sources(assembled(&events)), without_sources(output), "seed {seed}");
        let expected = match job.state().1 {
            "completed" => ("completed", "response.completed"),
            "partial" => ("incomplete", "response.incomplete"),
            "cancelled" => ("cancelled", "response.failed"),
            _ => ("failed", "response.failed"),
        };
        assert_eq!(
            (whole["status"].as_str().unwrap(), events.last().unwrap()["type"].as_str().unwrap()),
            expected
        );
        let added: Vec<&Value> = kinds(&events, "response.output_item.added").collect();
        assert_eq!(added.len(), whole["output"].as_array().unwrap().len(), "seed {seed}");
    }
}

#[test]
fn a_schema_makes_the_message_its_value_and_a_limit_makes_the_report_shorter() {
    let schema = json!({"type": "object", "properties": {"maker": {"type": "string", "description": "Who makes the engine"}}});
    let format = json!({"text": {"format": {"type": "json_schema", "name": "a", "schema": schema}}});
    let (_, whole) = finished(&mut world(format));
    let part = &whole["output"].as_array().unwrap().last().unwrap()["content"][0];
    let value: Value = serde_json::from_str(part["text"].as_str().unwrap()).unwrap();
    assert!(value["maker"].is_string(), "{value}");
    let whole_text = part["text"].as_str().unwrap().chars().count();
    assert_eq!(
        (&part["annotations"][0]["start_index"], &part["annotations"][0]["end_index"]),
        (&json!(0), &json!(whole_text))
    );
    assert_eq!(whole["text"]["format"]["name"], "a");

    let length = |more: Value| {
        let (_, whole) = finished(&mut world(more));
        whole["output"].as_array().unwrap().last().unwrap()["content"][0]["text"].as_str().unwrap().len()
    };
    assert!(length(json!({"max_output_tokens": 300})) < length(json!({})));
}

#[test]
fn a_job_asked_in_our_own_words_is_a_response_too() {
    let job = World::new(3, support::two_rounds()).run();
    let whole = response(&job);
    assert_eq!(
        (&whole["model"], &whole["tools"], &whole["status"]),
        (&json!("footnote"), &json!([]), &json!("completed"))
    );
}

#[test]
fn a_completion_cites_its_sources_by_their_places() {
    let body = json!({"request": {"model": "sonar-pro", "max_sources": 4, "max_iterations": 2,
        "messages": [{"role": "user", "content": QUESTION}]}});
    let mut world =
        World::new(3, perplexity::completion_request(body.to_string().as_bytes()).unwrap().research);
    let early = perplexity::completion(&world.durable());
    assert_eq!(
        (&early["status"], &early["response"], &early["started_at"]),
        (&json!("CREATED"), &json!(null), &json!(null))
    );
    let job = world.run();
    let whole = perplexity::completion(&job);
    assert_eq!(
        (&whole["id"], &whole["status"], &whole["model"]),
        (&json!("res_1"), &json!("COMPLETED"), &json!("sonar-pro"))
    );
    let (response, report) = (&whole["response"], job.report().unwrap());
    assert_eq!(response["choices"][0]["message"]["content"], report.markdown.as_str());
    for (place, source) in report.sources.iter().enumerate() {
        assert_eq!((source.n as usize, &response["citations"][place]), (place + 1, &json!(source.url)));
        assert_eq!(response["search_results"][place]["title"], source.title.as_str());
    }
    assert!(response["usage"]["cost"]["total_cost"].as_f64() > Some(0.0));
}

#[test]
fn the_contract_names_every_member_of_a_response() {
    let document = openapi::value(&openapi::Deployment::default());
    let members = |schema: &str| document["components"]["schemas"][schema]["properties"].clone();
    let (job, whole) = finished(&mut world(json!({})));
    for (schema, value) in [("Response", whole), ("Completion", perplexity::completion(&job))] {
        let known = members(schema);
        for name in value.as_object().unwrap().keys() {
            assert!(known.get(name).is_some(), "{schema} has `{name}`, of which openapi.json says nothing");
        }
    }
}
