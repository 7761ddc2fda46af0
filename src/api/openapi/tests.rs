mod examples;

use super::*;
use crate::api::Route;
use std::collections::BTreeSet;

/// Members of a path that are operations (OpenAPI 3.1, "Path Item Object").
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every operation as `METHOD path`, with itself.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &'_ Value)| {
        let methods = item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str()));
        methods.map(|(method, _)| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    let names: Vec<(String, String)> = paths.iter().flat_map(of_path).collect();
    names
        .into_iter()
        .map(|(method, path)| {
            let operation = &document["paths"][path.as_str()][method.to_lowercase().as_str()];
            (format!("{method} {path}"), operation)
        })
        .collect()
}

/// What the enum of routes says of itself: a line such as "/// `GET, POST /v1/schedules`" above each.
fn routes() -> BTreeSet<String> {
    let source = include_str!("../../api.rs");
    let body = source.split("pub enum Route {").nth(1).unwrap().split("\n}").next().unwrap();
    let mut routes = BTreeSet::new();
    let mut said = false;
    for line in body.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// `") {
            let (methods, path) = text.split('`').next().unwrap().rsplit_once(' ').unwrap();
            routes.extend(methods.split(", ").map(|method| format!("{method} {path}")));
            said = true;
        } else if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            assert!(std::mem::take(&mut said), "{line} does not say its method and path");
        }
    }
    routes
}

#[test]
fn every_part_is_json() {
    for part in PARTS {
        let value: Value = serde_json::from_str(part).unwrap();
        assert!(value.is_object());
    }
}

#[test]
fn every_route_is_documented_and_every_documented_operation_is_served() {
    let document = value(&Deployment::default());
    let documented: BTreeSet<String> = operations(&document).into_iter().map(|(name, _)| name).collect();
    let routes = routes();
    let missing: Vec<_> = routes.difference(&documented).collect();
    assert!(missing.is_empty(), "not in src/api/openapi/*.json: {missing:?}");
    let unserved: Vec<_> = documented.difference(&routes).collect();
    assert!(unserved.is_empty(), "no route in src/api.rs says so: {unserved:?}");
    for name in documented {
        let (method, path) = name.split_once(' ').unwrap();
        assert!(Route::parse(method, path).is_ok(), "{name} is documented but not served");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = value(&Deployment::default());
    let text = document.to_string();
    for pointer in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn a_key_is_asked_for_exactly_where_the_route_needs_one() {
    for (anonymous, security) in [(false, r#"[{"key":[]}]"#), (true, r#"[{"key":[]},{}]"#)] {
        let document = value(&Deployment { anonymous, ..Deployment::default() });
        let of = |path: &str, method: &str| document["paths"][path][method]["security"].to_string();
        assert_eq!(of("/v1/research", "post"), security);
        assert_eq!(of("/health", "get"), "[]");
        assert_eq!(of("/v1/keys", "post"), r#"[{"admin":[]}]"#);
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}

#[test]
fn every_error_has_an_example_that_the_code_gives() {
    for (name, response) in errors::responses().as_object().unwrap() {
        let kind = if name.starts_with("Foreign") { "application/json" } else { "application/problem+json" };
        let examples = response["content"][kind]["examples"].as_object().unwrap();
        assert!(!examples.is_empty(), "{name}");
    }
}

#[test]
fn a_member_that_may_be_left_out_may_be_null_and_is_told_so_once() {
    let document = value(&Deployment::default());
    let research = &document["components"]["schemas"]["ResearchRequest"]["properties"];
    assert_eq!(research["max_sources"]["type"], serde_json::json!(["integer", "null"]));
    assert_eq!(research["query"]["type"], "string", "what is required may not be null");
    assert!(!document.to_string().contains(r#""null","null""#));
}
