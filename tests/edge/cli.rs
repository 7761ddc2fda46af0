//! `footnote`, the command line client, against the real Worker.

use crate::support::api::poll;
use crate::support::http::Reply;
use crate::support::{Fault, Workerd, World};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// A job over a handful of pages on loopback takes a few seconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const KEY: &str = "fn-test-key-62cc-cli";
const QUESTION: &str = "How large is the battery of the ferry?";

/// The program, built once.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "-p", "footnote-cli", "--message-format=json-render-diagnostics"])
            .current_dir(root)
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(built.status.success(), "the client does not build");
        let messages = String::from_utf8_lossy(&built.stdout).into_owned();
        let executable = messages.lines().rev().find_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            message["executable"].as_str().map(PathBuf::from)
        });
        executable.expect("cargo says where the client is")
    })
}

fn footnote(workerd: &Workerd, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env_clear().stdin(Stdio::null());
    command.env("FOOTNOTE_URL", workerd.api().base()).env("FOOTNOTE_KEY", KEY);
    command
}

#[track_caller]
fn ended(mut command: Command, code: i32) -> (String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the client runs");
    let (out, err) =
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned());
    assert_eq!(status.code(), Some(code), "{command:?}\n{out}\n{err}");
    (out, err)
}

fn keyed(world: &World) -> Workerd {
    let mut setup = world.with_model().with("API_KEYS", KEY);
    setup.env.remove("ALLOW_ANONYMOUS");
    Workerd::start(setup)
}

#[test]
fn a_question_on_the_command_line_becomes_a_report_in_every_form() {
    let (world, folder) = (World::start(), TempDir::new().expect("a folder"));
    let workerd = keyed(&world);

    let (report, told) = ended(footnote(&workerd, &[QUESTION, "--watch"]), 0);
    assert!(report.starts_with("# ") && report.contains("## "), "{report}");
    assert!(told.lines().next().is_some_and(|line| line.starts_with("res_")), "{told}");
    assert!(told.contains("100 %") && told.contains("pages read"), "{told}");

    let (json, told) =
        ended(footnote(&workerd, &[QUESTION, "--deep", "--json", "--max-sources", "4", "--quiet"]), 0);
    let job: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&job["status"], &job["deep"]), (&"completed".into(), &true.into()), "{job:#}");
    assert_eq!(job["limits"]["max_sources"], 4, "{job:#}");
    assert_eq!(told, "", "--quiet");

    let id = job["id"].as_str().expect("an id");
    let file = folder.path().join("report.html");
    let path = file.to_str().expect("a path");
    let (nothing, _) = ended(footnote(&workerd, &["--id", id, "--format", "html", "-o", path]), 0);
    assert_eq!(nothing, "");
    let page = std::fs::read_to_string(&file).expect("a file");
    assert!(page.to_lowercase().starts_with("<!doctype html>"), "{page}");
    let (bundle, _) = ended(footnote(&workerd, &["--id", id, "--format", "bundle"]), 0);
    assert!(bundle.lines().count() > 10 && bundle.contains(id));

    let mut asked = footnote(&workerd, &["-"]);
    let mut asked = asked.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the client runs");
    asked.stdin.take().expect("a pipe").write_all(QUESTION.as_bytes()).expect("it reads");
    assert!(asked.wait_with_output().expect("it ends").status.success());
}

#[test]
fn a_job_is_left_running_followed_again_and_cancelled() {
    let world = World::start();
    let workerd = keyed(&world);
    let api = workerd.api().with_key(KEY);
    world.latency(Duration::from_secs(20));

    let (id, _) = ended(footnote(&workerd, &[QUESTION, "--detach"]), 0);
    let id = id.trim();
    let (_, told) = ended(footnote(&workerd, &["--id", id, "--timeout", "1"]), 7);
    assert!(told.contains(&format!("footnote --id {id}")), "{told}");

    // Interrupted without a terminal: it leaves, and the job goes on.
    let interrupted = |arguments: &[&str]| {
        let mut command = footnote(&workerd, arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the client runs");
        std::thread::sleep(Duration::from_millis(700));
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        let output = child.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, told) = interrupted(&["--id", id]);
    assert_eq!(code, Some(130), "{told}");
    assert_eq!(api.get_research(id)["status"], "processing");

    let (code, told) = interrupted(&["--id", id, "--cancel-on-interrupt"]);
    assert_eq!(code, Some(6), "{told}");
    assert_eq!(api.get_research(id)["state"], "cancelled");
    let (json, _) = ended(footnote(&workerd, &["--id", id, "--json"]), 6);
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON")["state"], "cancelled");

    let (other, _) = ended(footnote(&workerd, &[QUESTION, "--detach"]), 0);
    ended(footnote(&workerd, &["--id", other.trim(), "--cancel"]), 6);
    assert_eq!(api.get_research(other.trim())["state"], "cancelled");
}

#[test]
fn a_restart_of_the_deployment_does_not_end_the_client() {
    let world = World::start();
    let mut workerd = keyed(&world);
    world.latency(Duration::from_millis(500));
    let mut command = footnote(&workerd, &[QUESTION]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the client runs");
    let list = workerd.api().with_key(KEY);
    poll(PATIENCE, || list.get("/v1/research").json["research"].get(0).map(drop)).expect("a job");
    workerd.restart();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_kind_of_trouble_has_its_exit_code() {
    let world = World::start();
    let workerd = keyed(&world);

    let mut wrong = footnote(&workerd, &[QUESTION]);
    wrong.env("FOOTNOTE_KEY", "wrong-key-of-enough-length");
    let (_, told) = ended(wrong, 3);
    assert!(told.contains("FOOTNOTE_KEY") && !told.contains("wrong-key"), "{told}");

    let mut nobody = footnote(&workerd, &[QUESTION]);
    nobody.env("FOOTNOTE_URL", "http://127.0.0.1:9");
    let (_, told) = ended(nobody, 4);
    assert!(told.contains("http://127.0.0.1:9 does not answer"), "{told}");
    let mut stranger = footnote(&workerd, &[QUESTION]);
    stranger.env("FOOTNOTE_URL", world.site("ferry").url(""));
    assert_ne!(stranger.output().expect("the client runs").status.code(), Some(0));

    let (_, told) = ended(footnote(&workerd, &["--id", "res_00000000000000000000000000000000"]), 5);
    assert!(told.contains("no research job"), "{told}");
    let (_, told) = ended(footnote(&workerd, &[QUESTION, "--start-url", "nonsense"]), 5);
    assert!(told.contains("start_urls"), "{told}");
    ended(footnote(&workerd, &[]), 2);
    ended(footnote(&workerd, &["--id", "../keys"]), 2);
    ended(footnote(&workerd, &[QUESTION, "--no-such-flag"]), 2);

    world.search.always("/search", Fault::Instead(Reply::status(403)));
    let (json, told) = ended(footnote(&workerd, &[QUESTION, "--json"]), 1);
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON")["state"], "failed");
    assert!(told.contains("the job failed: every search failed"), "{told}");
}
