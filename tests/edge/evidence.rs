//! What the reply says of its evidence: who says so, who says otherwise, and how far it can be trusted.

use crate::support::{Workerd, World, checks};
use serde_json::{Value, json};
use std::time::Duration;

/// A job over a few documents takes a second; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const DOCUMENTS: [(&str, &str); 4] = [
    (
        "The year in async Rust",
        "Rust 1.85.0 was published in February 2025 and finally brought native async closures and AsyncFn traits to the \
         stable channel. Async closures remove a good part of the boilerplate that callers of async Rust had to write.",
    ),
    (
        "Where async Rust stands",
        "The most important step for the async language in 2024H2 was the stabilization of async closures. Before async \
         closures there were only workarounds with async blocks in async Rust.",
    ),
    (
        "Tokio takes the lead",
        "On the side of runtimes, Tokio 2.0 cut the overhead of timers by 40 percent. With Tokio 2.0 the scheduler of the \
         Tokio runtime serves more requests.",
    ),
    (
        "Releases of Tokio",
        "There is no Tokio 2.0. The latest release of the Tokio runtime in the registry is 1.47.1, which keeps the timers \
         of Tokio as they were.",
    ),
];

#[test]
fn sources_that_contradict_each_other_are_shown_side_by_side() {
    let world = World::start();
    let workerd = Workerd::start(world.keyless());
    let api = workerd.api();
    for (title, text) in DOCUMENTS {
        api.post("/v1/library/documents", &json!({"title": title, "text": text})).expect(201);
    }
    let query = "When were async closures stabilised in async Rust, and what does Tokio 2.0 change in the Tokio runtime?";
    let job = api.research(&json!({"query": query}), PATIENCE);
    checks::wire_types(&job);
    checks::citations(&job, checks::stored_in_library(&api));

    let conflicts = job["conflicts"].as_array().unwrap();
    let kinds: Vec<&str> = conflicts.iter().filter_map(|c| c["kind"].as_str()).collect();
    assert!(kinds.contains(&"date") && kinds.contains(&"existence"), "{conflicts:#?}\n{:#}", job["findings"]);
    for conflict in conflicts {
        assert!(conflict["reason"].is_string(), "{conflict:#}");
        let sides = conflict["sides"].as_array().unwrap();
        assert_eq!(sides.len(), 2, "{conflict:#}");
        for side in sides {
            evidence(side);
            assert!(side["fact"].is_string() && side["n"].is_u64(), "{side:#}");
        }
    }
    let report = job["report"].as_str().unwrap();
    assert!(report.contains("Conflicting Evidence") && report.contains("**The dates differ.**"), "{report}");

    for finding in job["findings"].as_array().unwrap() {
        let reason = finding["confidence_reason"].as_str().unwrap();
        assert!(reason.ends_with('.') && reason.starts_with(char::is_uppercase), "{reason}");
        finding["evidence"].as_array().unwrap().iter().for_each(evidence);
        assert_eq!(finding["evidence"][0]["source"], finding["source"]);
    }
    let disputed = |id: &Value| {
        let finding = job["findings"].as_array().unwrap().iter().find(|f| f["id"] == *id).unwrap();
        finding["confidence"] != "high"
            && finding["confidence_reason"].as_str().unwrap().contains("says otherwise")
    };
    for conflict in conflicts.iter().filter(|c| c["preferred"].is_null()) {
        assert!(
            conflict["sides"].as_array().unwrap().iter().all(|side| disputed(&side["finding"])),
            "{conflict:#}"
        );
    }
}

#[track_caller]
fn evidence(entry: &Value) {
    for field in ["source", "source_url", "source_class", "quote"] {
        assert!(entry[field].is_string(), "{field}: {entry:#}");
    }
    assert!(entry["start"].as_u64() < entry["end"].as_u64(), "{entry:#}");
}
