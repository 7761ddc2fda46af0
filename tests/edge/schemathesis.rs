//! The contract as a stranger's tool sees it: schemathesis makes requests of `/openapi.json` and holds every reply to it.
//!
//! Seeded, so that a run repeats. `SCHEMATHESIS_EXAMPLES=50 SCHEMATHESIS_SEED=7` (`make schemathesis`) makes more of it.

use crate::support::http::{Reply, Request};
use crate::support::{Config, Origin, Setup, Workerd};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const KEY: &str = "fn-test-key-51c0";
const ADMIN: &str = "fn-admin-key-7d21";

/// The whole internet: every address is a page of a few words.
fn answer(request: &Request) -> Reply {
    if request.path.ends_with("/robots.txt") {
        return Reply::status(404);
    }
    let words =
        "The ferry crosses the fjord in twenty minutes and carries cars, bicycles and people on foot. "
            .repeat(20);
    Reply::html(format!(
        "<html><head><title>Ferry</title></head><body><main><h1>Ferry</h1><p>{words}</p></main></body></html>"
    ))
}

fn started(env: &[(&str, &str)]) -> (Origin, Workerd) {
    let internet = Origin::start(1, answer);
    let always = [("SEARCH", "library"), ("SITE_DELAY_MS", "0"), ("WEBHOOK_RETRIES_S", "0")];
    let env =
        always.iter().chain(env).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let workerd = Workerd::start(Setup { config: Config::Internet(internet.address()), env });
    (internet, workerd)
}

fn tool(name: &str) -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools");
    let folders = std::fs::read_dir(tools).expect("run `make tools` first").flatten();
    let found = folders
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("python-schemathesis-"))
        .map(|entry| entry.path().join("bin").join(name))
        .find(|path| path.exists());
    found.expect("run `make tools` first")
}

/// Runs it over the operations that `more` names, with every check.
#[track_caller]
fn assert_no_failures(workerd: &Workerd, key: Option<&str>, more: &[&str]) {
    let setting = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let mut command = Command::new(tool("schemathesis"));
    // From the root, where its settings are.
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.arg("run").arg(format!("{}/openapi.json", workerd.api().base()));
    // With two workers the tool now and then crashes within Python 3.11 ("AST constructor recursion depth mismatch").
    command.args(["--checks", "all", "--no-color", "--generation-database", "none", "--workers", "1"]);
    command.args(["--max-examples", &setting("SCHEMATHESIS_EXAMPLES", "5")]);
    command.args(["--seed", &setting("SCHEMATHESIS_SEED", "20261126")]);
    command.args(more);
    if let Some(key) = key {
        command.args(["--header", &format!("Authorization: Bearer {key}")]);
    }
    let output = command.output().expect("schemathesis runs");
    let told = String::from_utf8_lossy(&output.stdout);
    eprintln!("{told}");
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains(" passed"), "nothing was asked: {told}");
}

#[test]
fn the_document_is_openapi_3_1() {
    let (_internet, workerd) = started(&[("API_KEYS", KEY)]);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, workerd.api().get("/openapi.json").expect(200).text).unwrap();
    let output = Command::new(tool("openapi-spec-validator")).arg("--schema").arg("3.1").arg(&file).output();
    let output = output.expect("openapi-spec-validator runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Bodies of these are those of others and more: in a short run, others go through every boundary of them.
const LIKE_OTHERS: [&str; 4] = ["estimateResearch", "forkResearch", "createSchedule", "patchSchedule"];

#[test]
fn every_boundary_of_what_an_owner_may_send_keeps_the_contract() {
    let (_internet, workerd) = started(&[("API_KEYS", KEY)]);
    let brief = env::var("SCHEMATHESIS_EXAMPLES").is_err();
    let left_out = LIKE_OTHERS.iter().filter(|_| brief).flat_map(|id| ["--exclude-operation-id", id]);
    let more: Vec<&str> =
        ["--exclude-tag", "admin", "--phases", "coverage"].into_iter().chain(left_out).collect();
    assert_no_failures(&workerd, Some(KEY), &more);
}

#[test]
fn every_request_and_reply_of_an_owner_keeps_the_contract() {
    let (_internet, workerd) = started(&[("API_KEYS", KEY)]);
    let more = ["--exclude-tag", "admin", "--phases", "examples,fuzzing,stateful"];
    assert_no_failures(&workerd, Some(KEY), &more);
}

#[test]
fn every_request_and_reply_of_the_admin_keeps_the_contract() {
    let (_internet, workerd) = started(&[("API_KEYS", KEY), ("ADMIN_KEY", ADMIN)]);
    assert_no_failures(&workerd, Some(ADMIN), &["--include-tag", "admin"]);
}

#[test]
fn every_request_without_a_key_is_refused_as_the_contract_says() {
    let (_internet, workerd) = started(&[("API_KEYS", KEY), ("ADMIN_KEY", ADMIN)]);
    assert_no_failures(&workerd, None, &["--phases", "examples,fuzzing"]);
}

#[test]
fn where_nobody_needs_a_key_the_contract_says_so() {
    let (_internet, workerd) = started(&[("ALLOW_ANONYMOUS", "1")]);
    assert_no_failures(&workerd, None, &["--exclude-tag", "admin", "--phases", "examples,fuzzing,stateful"]);
}
