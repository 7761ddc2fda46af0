//! `examples/clients`: each runs as it stands against the real Worker.

use crate::support::api::poll;
use crate::support::http::Reply;
use crate::support::{Fault, Origin, Workerd, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;
use yaml_rust2::{Yaml, YamlLoader};

const PATIENCE: Duration = Duration::from_secs(60);
const KEY: &str = "fn-test-key-38ae-examples";
const QUESTION: &str = "What is the total battery capacity of the ferry Lysling?";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn example(name: &str) -> PathBuf {
    root().join("examples/clients").join(name)
}

fn keyed(world: &World) -> Workerd {
    let mut setup = world.with_model().with("API_KEYS", KEY).with("PAGE_CACHE_S", "0");
    setup.env.remove("ALLOW_ANONYMOUS");
    Workerd::start(setup)
}

fn output(command: &mut Command) -> (bool, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.success(), text(&stdout), text(&stderr))
}

/// Asks by a client, with the right key and with a wrong one.
#[track_caller]
fn assert_asks(world: &World, program: &str, arguments: &[&str]) {
    let workerd = keyed(world);
    let run = |key: &str| {
        let mut command = Command::new(program);
        let url = workerd.api().base().to_owned();
        output(command.args(arguments).arg(QUESTION).env("FOOTNOTE_URL", url).env("FOOTNOTE_KEY", key))
    };
    let (well, report, told) = run(KEY);
    assert!(well, "{told}");
    assert!(report.starts_with("# ") && report.contains("## "), "{report}");
    assert!(told.contains("[1] “"), "citations: {told}");
    let (well, report, told) = run("not-the-key-of-anybody");
    assert!(!well && report.is_empty(), "{report}");
    assert!(told.contains("this key is not known here"), "{told}");
}

#[test]
fn the_python_client_asks() {
    assert_asks(&World::start(), "python3", &[example("research.py").to_str().unwrap()]);
}

#[test]
fn the_shell_client_asks() {
    assert_asks(&World::start(), "bash", &[example("research.sh").to_str().unwrap()]);
}

#[test]
fn the_typescript_client_asks() {
    // Node takes TypeScript as it is from version 22.18 on; where it is older the types are taken off first.
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("research.mjs");
    let (well, _, told) = output(
        Command::new(root().join("node_modules/.bin/esbuild"))
            .arg(example("research.ts"))
            .args(["--format=esm", "--platform=node", "--target=node18"])
            .arg(format!("--outfile={}", script.display())),
    );
    assert!(well, "{told}");
    assert_asks(&World::start(), "node", &[script.to_str().unwrap()]);
}

/// A workflow of GitHub's, as far as this one needs it.
struct Workflow {
    document: Yaml,
    /// What expressions such as `secrets.FOOTNOTE_KEY` stand for.
    known: BTreeMap<&'static str, String>,
    folder: TempDir,
}

impl Workflow {
    fn text(&self, yaml: &Yaml) -> String {
        let mut text = yaml.as_str().unwrap_or_else(|| panic!("no text: {yaml:?}")).to_owned();
        for (name, value) in &self.known {
            text = text.replace(&format!("${{{{ {name} }}}}"), value);
        }
        assert!(!text.contains("${{"), "an expression that nobody knows: {text}");
        text
    }

    fn env(&self, yaml: &Yaml) -> Vec<(String, String)> {
        let pairs = yaml.as_hash().into_iter().flatten();
        pairs.map(|(name, value)| (name.as_str().unwrap().to_owned(), self.text(value))).collect()
    }

    /// Runs every step whose condition holds, as a runner does: one folder, files for outputs and summary.
    fn run(&self, github_api: &str) {
        let folder = self.folder.path();
        for file in ["output", "summary"] {
            std::fs::write(folder.join(file), "").unwrap();
        }
        let job = &self.document["jobs"]["research"];
        // GitHub runs `bash -e` where no shell is named, and this where bash is.
        let shell: &[&str] = match self.document["defaults"]["run"]["shell"].as_str() {
            Some("bash") => &["--noprofile", "--norc", "-eo", "pipefail"],
            other => panic!("a shell that this test does not know: {other:?}"),
        };
        for step in job["steps"].as_vec().expect("steps") {
            let outputs = std::fs::read_to_string(folder.join("output")).unwrap();
            match step["if"].as_str() {
                None => {}
                Some("steps.diff.outputs.changes != '0'") if outputs.contains("changes=0\n") => continue,
                Some("steps.diff.outputs.changes != '0'") => {}
                Some(other) => panic!("a condition that nobody knows: {other}"),
            }
            let script = step["run"].as_str().expect("every step is a script");
            let (well, said, told) = output(
                Command::new("bash")
                    .args(shell)
                    .args(["-c", script])
                    .current_dir(folder)
                    .envs(self.env(&job["env"]))
                    .envs(self.env(&step["env"]))
                    .env("GITHUB_REPOSITORY", "acme/watch")
                    .env("GITHUB_API_URL", github_api)
                    .env("GITHUB_OUTPUT", folder.join("output"))
                    .env("GITHUB_STEP_SUMMARY", folder.join("summary")),
            );
            assert!(well, "{:?}: {said}\n{told}", step["name"]);
        }
    }

    fn summary(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("summary")).unwrap()
    }
}

#[test]
fn the_action_posts_what_changed_since_last_week() {
    let world = World::start();
    let workerd = keyed(&world);
    let github =
        Origin::start(9, |_| Reply::json(201, &json!({"html_url": "https://github.example/issues/7"})));
    let text = std::fs::read_to_string(example("weekly-diff.yml")).unwrap();
    let document = YamlLoader::load_from_str(&text).expect("YAML").remove(0);
    assert_eq!(document["on"]["schedule"][0]["cron"].as_str(), Some("0 6 * * 1"), "every Monday");
    let known = [
        ("vars.FOOTNOTE_URL", workerd.api().base().to_owned()),
        ("vars.FOOTNOTE_QUESTION", QUESTION.to_owned()),
        ("secrets.FOOTNOTE_KEY", KEY.to_owned()),
        ("secrets.GITHUB_TOKEN", "ghs-test".to_owned()),
    ];
    let workflow = Workflow { document, known: known.into(), folder: TempDir::new().unwrap() };

    let settled = |jobs: usize| {
        let listed = || workerd.api().with_key(KEY).get("/v1/research?state=completed").expect(200).json;
        let known = || (listed()["research"].as_array().unwrap().len() >= jobs).then_some(());
        poll(PATIENCE, known).expect("the account learns of the run");
    };
    workflow.run(&github.url(""));
    assert!(workflow.summary().contains("nothing to compare with yet"), "{}", workflow.summary());
    settled(1);
    workflow.run(&github.url(""));
    assert!(workflow.summary().contains("findings are as they were"), "{}", workflow.summary());
    settled(2);
    assert_eq!(github.ledger().len(), 0, "nothing changed, nobody is told");

    let other = world.html("ferry", "/index.html").replace("4.2", "5.9");
    world.site("ferry").always("/index.html", Fault::Instead(Reply::html(other)));
    workflow.run(&github.url(""));
    let summary = workflow.summary();
    assert!(summary.contains("### Changed") && summary.contains("5.9"), "{summary}");
    let posted = github.ledger();
    assert_eq!(posted.len(), 1, "one issue");
    assert!(posted[0].request.line().starts_with("POST /repos/acme/watch/issues"), "{:?}", posted[0].request);
    let issue: Value = posted[0].request.json();
    assert!(issue["title"].as_str().is_some_and(|title| title.contains(QUESTION)), "{issue:#}");
    assert_eq!(issue["body"].as_str(), Some(summary.as_str()));
    let schedules = workerd.api().with_key(KEY).get("/v1/schedules").expect(200).json;
    assert_eq!(schedules["schedules"].as_array().unwrap().len(), 1, "one schedule for all weeks");
}
