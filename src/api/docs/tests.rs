use super::*;
use crate::api::openapi::{Deployment, value};
use std::collections::BTreeSet;

fn reference() -> String {
    page(&value(&Deployment::default()), "https://footnote.example")
}

#[test]
fn every_operation_and_schema_has_its_place_and_every_link_leads_to_one() {
    let document = value(&Deployment::default());
    let html = reference();
    let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "an id is there twice");
    for (_, item) in members(&document, "paths") {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(known.contains(id), "{method} {id}");
        }
    }
    for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(known.contains(target), "nothing is at #{target}");
    }
}

#[test]
fn the_page_runs_and_loads_nothing_but_its_own_files() {
    let html = reference();
    for inline in ["<style", " style=\"", " onclick", "javascript:", "<script>"] {
        assert!(!html.contains(inline), "{inline}");
    }
    for source in html.split(" src=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(file(source.trim_start_matches("/docs/")).is_some(), "{source}");
    }
    assert!(CSP.contains("default-src 'none'") && !CSP.contains("unsafe"));
}

#[test]
fn what_the_document_says_is_text_and_never_markup() {
    let mut document = value(&Deployment::default());
    document["info"]["description"] = "<img src=x onerror=alert(1)> `<b>`".into();
    document["components"]["schemas"]["Flag"]["description"] = "\"><script>alert(1)</script>".into();
    let html = page(&document, "https://\"><script>x.example");
    assert_eq!(html.matches("<script").count(), 1, "only its own");
    assert!(!html.contains("<img") && html.contains("<code>&lt;b&gt;</code>"));
}

#[test]
fn an_operation_shows_its_call_its_fields_and_its_answers() {
    let html = reference();
    let create =
        html.split("<article id=\"createResearch\">").nth(1).unwrap().split("</article>").next().unwrap();
    for part in [
        "<code>/v1/research</code>",
        "Authorization: Bearer $KEY",
        "curl &#39;https://footnote.example/v1/research&#39;",
        "<a href=\"#schema-ResearchRequest\">",
        "Idempotency-Key",
        "<b>202</b>",
        "<b>429</b>",
    ] {
        assert!(create.contains(part), "{part} is missing in {create}");
    }
    let request = html.split("<article id=\"schema-ResearchRequest\">").nth(1).unwrap();
    assert!(request.contains("at most 4000 characters"), "the bounds of a field are told");
}
