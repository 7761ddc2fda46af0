//! The Model Context Protocol, spoken by its official client.

use crate::support::{Config, Setup, Workerd, World};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const KEY: &str = "k-123456789012345678901234567890";
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and what did the charging system in Ostervik cost?";

/// What the official client saw.
fn scenario(workerd: &Workerd) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/mcp/client.mjs");
    let run = Command::new("node").arg(script).args([workerd.api().base(), "", QUESTION]).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{}\n{said}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_str(said.trim()).unwrap()
}

#[test]
fn the_official_client_researches_reads_asks_on_and_searches() {
    let world = World::start();
    world.latency(Duration::from_millis(150));
    let workerd = Workerd::start(world.with_model());
    let seen = scenario(&workerd);
    assert_eq!(seen["server"], "footnote");
    assert_eq!(seen["tools"].as_array().unwrap().len(), 5);
    let text = |name: &str| seen[name]["text"].as_str().unwrap();
    assert!(text("early").contains("not there yet"), "{}", seen["early"]);
    let told = &seen["status"]["structuredContent"];
    assert_eq!((&told["status"], &told["percent"]), (&json!("completed"), &json!(100)));
    let percents: Vec<u64> =
        seen["progress"].as_array().unwrap().iter().filter_map(|p| p["progress"].as_u64()).collect();
    assert!(!percents.is_empty(), "no progress was told");
    let report = text("report");
    assert!(report.starts_with("# ") && report.contains("[1]") && report.contains("Sources"), "{report}");
    assert!(text("short").len() < report.len(), "{}", text("short"));
    let summary = text("summary");
    assert!(summary.starts_with("## 1. ") && summary.contains("Sources cited here:"), "{summary}");
    assert_eq!(seen["second"]["structuredContent"]["status"], "completed", "{}", seen["second"]);
    assert_ne!(seen["followup"]["structuredContent"]["id"], seen["started"]["structuredContent"]["id"]);
    assert!(text("library").contains("Nothing in the library"), "{}", seen["library"]);
    assert_eq!(seen["wrong"]["isError"], true);
    assert!(text("wrong").contains("`query`"), "{}", seen["wrong"]);
    assert!(text("unknown").contains("no research job with this id"), "{}", seen["unknown"]);
}

#[test]
fn keys_are_those_of_the_rest_and_a_foreign_page_is_refused() {
    let env = [("API_KEYS".to_owned(), KEY.to_owned())].into();
    let workerd = Workerd::start(Setup { config: Config::Serving, env });
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    workerd.api().post("/mcp", &ping).expect(401);
    let api = workerd.api().with_key(KEY);
    assert_eq!(api.post("/mcp", &ping).expect(200).json["result"], json!({}));
    api.clone().with_header("origin", "https://evil.example").post("/mcp", &ping).expect(400);
    let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(api.post("/mcp", &note).status, 202);
    let get = api.get("/mcp").expect(405);
    assert_eq!(get.header("allow"), "POST");
}
