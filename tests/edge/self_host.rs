//! `deploy/`: installed into an empty folder, started by the container's own command, killed, backed up, restored elsewhere.

use crate::support::Api;
use crate::support::api::poll;
use serde_json::json;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A job over one document takes a second; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const KEY: &str = "self-host-key-5d3a-test";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A process that was started from an image; killed when dropped.
struct Served {
    process: Child,
    port: u16,
}

impl Served {
    /// By the Dockerfile's command, its root and its volume moved.
    fn start(image: &Path, data: &Path) -> Self {
        let dockerfile = std::fs::read_to_string(root().join("deploy/Dockerfile")).expect("a Dockerfile");
        let command =
            dockerfile.lines().find_map(|line| line.strip_prefix("ENTRYPOINT ")).expect("a command");
        let words: Vec<String> = serde_json::from_str(command).expect("a list of words");
        // Free a moment ago; nobody else here takes ports by number.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let moved = |word: &String| {
            word.replace("/opt/", &format!("{}/opt/", image.display()))
                .replace("=/data", &format!("={}", data.display()))
                .replace("*:8787", &format!("127.0.0.1:{port}"))
        };
        let words: Vec<String> = words.iter().map(moved).collect();
        let process = Command::new(&words[0])
            .args(&words[1..])
            .env_clear()
            .envs([("API_KEYS", KEY), ("SEARCH", "library")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the image's program starts");
        let served = Self { process, port };
        let ready = image.join("opt/footnote/bin/ready");
        let is_ready = || {
            let asked = Command::new(&ready).arg(port.to_string()).stderr(Stdio::null()).status();
            asked.expect("the health check runs").success().then_some(())
        };
        poll(PATIENCE, is_ready).expect("the container's health check passes");
        served
    }

    fn api(&self) -> Api {
        Api::new(format!("http://127.0.0.1:{}", self.port)).with_key(KEY)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // SIGKILL.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[track_caller]
fn run(program: &str, arguments: &[&str]) {
    let ran = Command::new(program).args(arguments).current_dir(root()).output().expect("it starts");
    assert!(ran.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("a path of plain characters")
}

#[test]
fn an_installed_footnote_survives_kill_backup_restore_and_upgrade() {
    let folder = TempDir::new().expect("a folder");
    let (image, data, restored) =
        (folder.path().join("image"), folder.path().join("data"), folder.path().join("restored"));
    for made in [&data, &restored] {
        std::fs::create_dir(made).expect("a folder");
    }
    run("deploy/install.sh", &[shown(&image)]);

    let served = Served::start(&image, &data);
    let page = "<h1>Winch</h1><p>The winch of the lifeboat pulls 2400 kilograms in calm water.</p>";
    let body = json!({"url": "https://winch.example/", "html": page});
    let document = served.api().post("/v1/library/documents", &body).expect(201).id();
    let job = served.api().post_research(&json!({"query": "How much does the winch of the lifeboat pull?"}));
    drop(served);

    // The backup of docs/self-host.md.
    let backup = folder.path().join("footnote.tar.gz");
    run("tar", &["-C", shown(&data), "-czf", shown(&backup), "."]);
    run("tar", &["-C", shown(&restored), "-xzf", shown(&backup)]);
    std::fs::remove_dir_all(&data).expect("the old data goes");

    // An upgrade puts the new release in place of the old one.
    run("deploy/install.sh", &[shown(&image)]);
    let served = Served::start(&image, &restored);
    let ended = served.api().await_terminal(&job, PATIENCE);
    assert_eq!(ended["status"], "completed", "{ended:#}");
    assert!(ended["report"].as_str().is_some_and(|report| report.contains("2400")), "{ended:#}");
    served.api().get(&format!("/v1/library/documents/{document}")).expect(200);
}
