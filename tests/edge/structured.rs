//! Answers in the caller's own shape, with a model and without.

use crate::support::{Workerd, World};
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(120);
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "battery_capacity": {"type": "string", "description": "total battery capacity of the ferry Lysling"},
            "charging_cost": {"type": "number", "description": "what the charging system in Ostervik cost"},
            "home_planet": {"type": "string", "description": "moon colony zorblax"},
            "ferries": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
        },
        "required": ["battery_capacity", "home_planet"]
    })
}

/// What holds of every structured answer: each value has a quote that stands in its page, and what has none is null.
#[track_caller]
fn sound(world: &World, job: &Value) {
    let output = &job["output"];
    for basis in output["basis"].as_array().unwrap() {
        let value = output["content"].pointer(basis["field"].as_str().unwrap()).unwrap();
        let citations = basis["citations"].as_array().unwrap();
        assert!(basis["reason"].as_str().unwrap().len() > 10, "{basis}");
        if basis["confidence"].is_null() {
            assert!((value.is_null() || *value == json!([])) && citations.is_empty(), "{basis}: {value}");
            continue;
        }
        assert!(!value.is_null() && !citations.is_empty(), "{basis}: {value}");
        for citation in citations {
            let text = world.text_of(citation["url"].as_str().unwrap()).unwrap();
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let quote = words(citation["quote"].as_str().unwrap());
            assert!(words(&text).contains(&quote), "{quote} is not in {text}");
            let n = citation["n"].as_u64();
            let source = job["sources"].as_array().unwrap().iter().find(|s| s["n"].as_u64() == n);
            assert!(n.is_none() || source.unwrap()["url"] == citation["url"], "{citation}");
        }
    }
}

#[test]
fn a_model_fills_the_callers_fields_and_what_no_quote_bears_out_is_null() {
    let world = World::start();
    let workerd = Workerd::start(world.with_model());
    let job = workerd.api().research(&json!({"query": QUESTION, "output_schema": schema()}), PATIENCE);
    assert_eq!(job["status"], "completed");
    sound(&world, &job);
    let content = &job["output"]["content"];
    assert!(content["battery_capacity"].as_str().unwrap().len() > 20, "{content:#}");
    let members: Vec<&String> = content.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 4, "{members:?}");
}

#[test]
fn the_built_in_analyst_fills_what_the_findings_say_in_the_words_of_the_field() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    let job = workerd.api().research(&json!({"query": QUESTION, "output_schema": schema()}), PATIENCE);
    sound(&world, &job);
    let content = &job["output"]["content"];
    assert!(content["battery_capacity"].as_str().unwrap().contains("4.2 megawatt hours"), "{content:#}");
    assert_eq!(content["charging_cost"], 27_000_000, "{content:#}");
    assert!(content["home_planet"].is_null(), "{content:#}");
    assert_eq!(content["ferries"], json!([]));
}

#[test]
fn a_schema_that_is_not_understood_is_refused_with_the_place_and_without_one_there_is_no_output() {
    let world = World::start();
    let workerd = world.start_with_library(PATIENCE);
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "x"}, "b": {"type": "array"}}});
    let refused =
        workerd.api().post("/v1/research", &json!({"query": QUESTION, "output_schema": schema})).expect(400);
    for part in ["#/properties/a", "`pattern`", "#/properties/b", "`items`"] {
        assert!(refused.text.contains(part), "{part}: {}", refused.text);
    }
    let job = workerd.api().research(&json!({"query": QUESTION}), PATIENCE);
    assert!(job["output"].is_null());
}
