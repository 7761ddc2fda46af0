//! Examples are real: they fit their schemas, and the code takes those of requests.

use super::operations;
use crate::api::openapi::{Deployment, value};
use crate::api::{account, control, library, mcp, perplexity, request, responses, schedule, webhook};
use crate::search::Provider;
use serde_json::{Map, Value, json};

fn document() -> Value {
    value(&Deployment { anonymous: false, providers: Provider::ALL.to_vec() })
}

/// What a schema of the document says against a value.
fn problems(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let root = json!({ "components": document["components"], "allOf": [schema] });
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&root).expect("a schema");
    validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

/// The examples of a media type, with their names.
fn examples(media: &Value) -> Vec<(String, &Value)> {
    let named = media["examples"].as_object().into_iter().flatten();
    let one = media.get("example").map(|value| ("example".to_owned(), value));
    named.map(|(name, example)| (name.clone(), &example["value"])).chain(one).collect()
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str().and_then(|pointer| pointer.strip_prefix('#'));
    reference.map_or(value, |pointer| document.pointer(pointer).expect("it leads somewhere"))
}

#[test]
fn every_reply_has_an_example_that_fits_its_schema_and_nothing_undeclared() {
    let document = document();
    let mut wrong = Vec::new();
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let none = Map::new();
            let response = resolved(&document, response);
            for (kind, media) in response["content"].as_object().unwrap_or(&none) {
                let examples = examples(media);
                // An example of a page, of its files, or of the document in itself would show nothing.
                let file =
                    ["text/html", "text/css", "text/javascript", "image/svg+xml"].contains(&kind.as_str());
                let shown = !file && name != "GET /openapi.json" && !status.starts_with('4');
                if shown && examples.is_empty() {
                    wrong.push(format!("{name} {status} {kind} has no example"));
                }
                let Some(schema) = media.get("schema") else { continue };
                for (example, value) in examples {
                    let at = format!("{name} {status} {example}");
                    wrong.extend(
                        problems(&document, schema, value).iter().map(|problem| format!("{at}: {problem}")),
                    );
                    undeclared(&document, schema, value, &at, &mut wrong);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Notes each member that an object schema with members does not name.
fn undeclared(document: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let schema = resolved(document, schema);
    let parts = ["allOf", "anyOf", "oneOf"].iter().filter_map(|word| schema[*word].as_array()).flatten();
    let parts: Vec<&Value> = parts.map(|part| resolved(document, part)).chain([schema]).collect();
    match value {
        Value::Object(members) => {
            let known: Vec<&Map<String, Value>> =
                parts.iter().filter_map(|part| part["properties"].as_object()).collect();
            for (name, member) in members.iter().filter(|_| !known.is_empty()) {
                let at = format!("{at}/{name}");
                match known.iter().find_map(|properties| properties.get(name)) {
                    Some(declared) => undeclared(document, declared, member, &at, wrong),
                    None => wrong.push(format!("{at} is not in the schema")),
                }
            }
        }
        Value::Array(items) => {
            let of = parts.iter().find_map(|part| part.get("items"));
            for item in items {
                of.into_iter().for_each(|of| undeclared(document, of, item, at, wrong));
            }
        }
        _ => {}
    }
}

/// Whether the code that reads a request's body takes it.
fn is_taken(operation: &str, body: &[u8]) -> Result<(), String> {
    let told = |error: crate::api::ApiError| error.to_string();
    match operation {
        "createResearch" | "estimateResearch" => request::research_request(body).map(drop).map_err(told),
        "steerResearch" => control::steering(body).map(drop).map_err(told),
        "forkResearch" => control::fork_order(body).map(drop).map_err(told),
        "createSchedule" => schedule::new_schedule(body).map(drop).map_err(told),
        "patchSchedule" => schedule::schedule_patch(body).map(drop).map_err(told),
        "setWebhookEndpoint" => webhook::new_endpoint(body).map(drop).map_err(told),
        "addDocument" => library::upload::new_document(body).map(drop).map_err(told),
        "createCrawl" => library::crawl::new_crawl(body).map(drop).map_err(told),
        "searchLibraryByBody" => library::search::library_search_body(body).map(drop).map_err(told),
        "createKey" => account::new_key(body).map(drop).map_err(told),
        "setQuotas" => account::new_quotas("acme", body).map(drop).map_err(told),
        "createResponse" => responses::response_request(body).map(drop).map_err(told),
        "createCompletion" => perplexity::completion_request(body).map(drop).map_err(told),
        "mcp" => match mcp::message(body) {
            mcp::Message::Refused(error) => Err(error.to_string()),
            _ => Ok(()),
        },
        other => panic!("say here what reads the body of {other}"),
    }
}

#[test]
fn every_request_has_an_example_that_fits_its_schema_and_is_taken() {
    let document = document();
    for (name, operation) in operations(&document) {
        let Some(media) = operation["requestBody"]["content"].get("application/json") else { continue };
        let examples = examples(media);
        assert!(!examples.is_empty(), "{name} has no example");
        for (example, value) in examples {
            let problems = problems(&document, &media["schema"], value);
            assert!(problems.is_empty(), "{name} {example}: {problems:#?}");
            let id = operation["operationId"].as_str().unwrap();
            assert_eq!(is_taken(id, value.to_string().as_bytes()), Ok(()), "{name} {example}");
        }
    }
}

#[test]
fn messages_to_receivers_fit_their_schema() {
    let document = document();
    for (name, item) in document["webhooks"].as_object().unwrap() {
        let media = &item["post"]["requestBody"]["content"]["application/json"];
        assert!(!examples(media).is_empty(), "{name}");
        for (example, value) in examples(media) {
            let problems = problems(&document, &media["schema"], value);
            assert!(problems.is_empty(), "{name} {example}: {problems:#?}");
        }
    }
}

#[test]
fn every_operation_says_what_it_is_for_and_what_it_takes() {
    let document = document();
    let tags: Vec<&str> =
        document["tags"].as_array().unwrap().iter().filter_map(|t| t["name"].as_str()).collect();
    let mut ids = std::collections::BTreeSet::new();
    for (name, operation) in operations(&document) {
        for member in ["operationId", "summary", "description"] {
            assert!(operation[member].as_str().is_some_and(|text| !text.is_empty()), "{name}: {member}");
        }
        assert!(ids.insert(operation["operationId"].to_string()), "{name}: its operationId is not its own");
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(&tag), "{name}: the tag `{tag}` is not described");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(&document, parameter);
            assert!(
                parameter["description"].is_string() && parameter["schema"].is_object(),
                "{name}: {parameter}"
            );
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(resolved(&document, response)["description"].is_string(), "{name} {status}");
            for (_, link) in response["links"].as_object().into_iter().flatten() {
                assert!(link["operationId"].is_string(), "{name} {status}: {link}");
            }
        }
    }
}

/// A limit that the document states is the one that the code keeps.
#[test]
fn texts_and_lists_may_be_as_long_as_the_document_says_and_no_longer() {
    let document = document();
    let research = &document["components"]["schemas"]["ResearchRequest"]["properties"];
    let taken = |body: Value| request::research_request(body.to_string().as_bytes()).is_ok();
    for name in ["query", "topic"] {
        let most = usize::try_from(research[name]["maxLength"].as_u64().unwrap()).unwrap();
        for (chars, fits) in [(most, true), (most + 1, false)] {
            let mut body = json!({ "query": "q" });
            body[name] = "x".repeat(chars).into();
            assert_eq!(taken(body), fits, "{name} of {chars} characters");
        }
    }
    let schemas = &document["components"]["schemas"];
    for (name, list, item) in [
        ("include_domains", &schemas["Domains"], "example.org"),
        ("sources", &schemas["Sources"]["anyOf"][1], "library"),
        ("start_urls", &research["start_urls"]["anyOf"][1], "https://example.org/"),
    ] {
        let most = usize::try_from(list["maxItems"].as_u64().unwrap()).unwrap();
        for (items, fits) in [(most, true), (most + 1, false)] {
            let mut body = json!({ "query": "q" });
            body[name] = vec![item; items].into();
            assert_eq!(taken(body), fits, "{items} {name}");
        }
    }
}
