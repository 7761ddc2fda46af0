use super::*;
use crate::research::confidence::{Asked, rate};
use crate::research::report::fixture::{finding, page};
use crate::research::{Finding, PageId, PageRecord};
use serde_json::json;
use std::collections::BTreeMap;

fn schema() -> OutputSchema {
    OutputSchema::parse(&json!({"type": "object", "properties": {
        "threads_max": {"type": "integer", "description": "most blocking threads of Tokio"},
        "licence": {"enum": ["MIT", "BSD"]},
        "is_fair": {"type": "boolean", "description": "whether the scheduler is fair"},
        "users": {"type": "array", "items": {"type": "object", "properties": {
            "name": {"type": "string"}, "since": {"type": "integer"}
        }}}
    }}))
    .unwrap()
}

fn filled(path: &str, value: Value, findings: &[u32]) -> FilledField {
    FilledField { path: path.into(), value, findings: findings.iter().map(|id| FindingId(*id)).collect() }
}

fn output(proposed: &[FilledField]) -> StructuredOutput {
    let text = |id, page, quote| finding(id, page, quote, quote);
    let list: Vec<Finding> = vec![
        text(1, 1, "Tokio starts at most 512 blocking threads."),
        text(2, 2, "Tokio is published under the MIT licence."),
        text(3, 2, "The scheduler of Tokio makes no promise to be fair."),
        text(4, 3, "Among its users are Discord, since 2020, and Cloudflare."),
    ];
    let findings: BTreeMap<FindingId, &Finding> = list.iter().map(|f| (f.id, f)).collect();
    let pages: BTreeMap<PageId, PageRecord> = [
        (PageId(1), page("https://docs.rs/tokio", "Tokio")),
        (PageId(2), page("https://dev.to/tokio", "A post")),
        (PageId(3), page("https://news.example/tokio", "News")),
    ]
    .into();
    let ratings = rate(&list, &pages, &Asked::new("", "2026-11-26"));
    let numbers = [(PageId(1), 7)].into();
    let material = Material {
        question: "What is Tokio?",
        findings: &findings,
        pages: &pages,
        ratings: &ratings,
        numbers: &numbers,
    };
    fill(&schema(), proposed, &material)
}

fn basis<'a>(output: &'a StructuredOutput, field: &str) -> &'a FieldBasis {
    output.basis.iter().find(|b| b.field == field).unwrap()
}

#[test]
fn a_value_that_its_quote_states_is_kept_with_the_proof() {
    let output = output(&[filled("/threads_max", json!("512"), &[1])]);
    assert_eq!(output.content["threads_max"], 512);
    let basis = basis(&output, "/threads_max");
    assert_eq!(basis.confidence, Some(Confidence::High));
    let citation = &basis.citations[0];
    assert_eq!((citation.n, citation.title.as_str()), (Some(7), "Tokio"));
    assert_eq!(citation.quote, "Tokio starts at most 512 blocking threads.");
    assert!(citation.text_fragment_url.as_deref().unwrap().starts_with("https://docs.rs/tokio#:~:text="));
}

#[test]
fn what_is_invented_swapped_or_of_the_wrong_kind_becomes_null_with_the_reason() {
    for wrong in [
        filled("/threads_max", json!(1024), &[1]),
        filled("/threads_max", json!("many"), &[1]),
        filled("/threads_max", json!(2020), &[99]),
        filled("/threads_max", json!(true), &[1]),
    ] {
        let output = output(std::slice::from_ref(&wrong));
        assert_eq!(output.content["threads_max"], Value::Null, "{wrong:?}");
        let basis = basis(&output, "/threads_max");
        assert_eq!((basis.confidence, basis.citations.len()), (None, 0));
        assert_eq!(basis.reason, "what was proposed is not borne out by any quote");
    }
    let nothing = output(&[]);
    assert_eq!(nothing.content, json!({"threads_max": null, "licence": null, "is_fair": null, "users": []}));
    assert!(nothing.basis.iter().all(|b| b.reason == "nothing that was read says it"));
    assert_eq!(nothing.basis.len(), 4);
}

#[test]
fn a_wrong_mark_gives_way_to_the_finding_that_states_the_value() {
    let output = output(&[filled("/licence", json!("mit"), &[1, 99])]);
    assert_eq!(output.content["licence"], "MIT");
    assert_eq!(basis(&output, "/licence").citations[0].finding, "F2");
}

#[test]
fn a_judgement_is_never_of_high_confidence_and_says_that_it_is_one() {
    let output = output(&[filled("/is_fair", json!(false), &[3])]);
    assert_eq!(output.content["is_fair"], false);
    let basis = basis(&output, "/is_fair");
    assert!(basis.confidence < Some(Confidence::High));
    assert!(basis.reason.starts_with("judged from a quote"), "{}", basis.reason);
}

#[test]
fn elements_of_which_nothing_holds_leave_no_hole_in_a_list() {
    let output = output(&[
        filled("/users/0/name", json!("Oracle"), &[4]),
        filled("/users/1/name", json!("Discord"), &[4]),
        filled("/users/1/since", json!(2020), &[4]),
        filled("/users/4/name", json!("Cloudflare"), &[4]),
        filled("/users/5/name", json!("Cloudflare"), &[4]),
    ]);
    assert_eq!(
        output.content["users"],
        json!([{"name": "Discord", "since": 2020}, {"name": "Cloudflare", "since": null}])
    );
    for (field, known) in [("/users/0/since", true), ("/users/1/name", true), ("/users/1/since", false)] {
        assert_eq!(basis(&output, field).confidence.is_some(), known, "{field}");
    }
}
