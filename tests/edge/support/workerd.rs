//! The process under test.

use super::Api;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// Which network the Worker gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Config {
    /// Public and private addresses: `workerd.dev.capnp`.
    Dev,
    /// Public addresses only: `workerd.capnp`.
    Serving,
    /// As `Dev`, with faults on demand: `tests/edge/fault/workerd.capnp`.
    Faulty,
    /// Every request goes to this server, as to a proxy: `tests/edge/internet/workerd.capnp`.
    Internet(SocketAddr),
    /// As `Dev`, with a binding of Workers AI: `tests/edge/ai/workerd.capnp`.
    WithAi,
}

/// What to start.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) config: Config,
    /// The whole environment: nothing of the test's own is passed on.
    pub(crate) env: BTreeMap<String, String>,
}

impl Setup {
    /// The same with faults on demand.
    pub(crate) fn with_faults(mut self) -> Self {
        self.config = Config::Faulty;
        self
    }

    /// The same with one more setting.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// A running `workerd` with its data folder. Killed when dropped; its log is shown if the test fails.
pub(crate) struct Workerd {
    setup: Setup,
    data: TempDir,
    port: u16,
    process: Option<Process>,
    log: Arc<Mutex<String>>,
}

/// From start to the first answer on `/health`; the Wasm is compiled in this time, on a machine that runs other tests too.
const START_PATIENCE: Duration = Duration::from_secs(30);

impl Workerd {
    /// Starts on a fresh data folder and a port that the system chooses, and waits until it answers.
    pub(crate) fn start(setup: Setup) -> Self {
        let workerd = Self::start_unhealthy(setup);
        workerd.assert_healthy();
        workerd
    }

    /// The same with settings that `/health` will complain about.
    pub(crate) fn start_unhealthy(mut setup: Setup) -> Self {
        // What is searched when nothing is set lies beyond this machine.
        setup.env.entry("SEARCH".into()).or_insert_with(|| "library".into());
        let data = TempDir::new().expect("a folder for the data");
        let mut workerd = Self { setup, data, port: 0, process: None, log: Arc::default() };
        workerd.spawn();
        workerd
    }

    /// A client without a key.
    pub(crate) fn api(&self) -> Api {
        Api::new(format!("http://127.0.0.1:{}", self.port))
    }

    /// Ends the process as a power cut would end it: no handler runs, nothing is flushed.
    pub(crate) fn kill9(&mut self) {
        self.process = None;
    }

    /// Starts again on the same data folder and port.
    pub(crate) fn restart(&mut self) {
        self.kill9();
        self.spawn();
        self.assert_healthy();
    }

    /// Ends the process, spoils what one class of objects has stored, and starts again.
    pub(crate) fn spoil_storage(&mut self, class: &str) {
        self.kill9();
        let folder =
            std::fs::read_dir(self.data.path().join(class)).expect("the objects have stored something");
        // Without its list of alarms workerd itself would not start.
        for file in
            folder.flatten().filter(|file| !file.file_name().to_string_lossy().starts_with("metadata"))
        {
            std::fs::write(file.path(), "no database ".repeat(1_000)).expect("a file can be written");
        }
        self.spawn();
        self.assert_healthy();
    }

    /// The most memory that the process ever held; none where the system does not tell.
    pub(crate) fn memory_peak_bytes(&self) -> Option<u64> {
        let pid = self.process.as_ref()?.0.id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    }

    /// Makes an object misbehave; see `tests/edge/fault/entry.mjs`.
    #[track_caller]
    pub(crate) fn fault(&self, object: &str, name: &str, fault: &str, times: u32) {
        let order = serde_json::json!({"object": object, "name": name, "fault": fault, "times": times});
        self.api().post("/__fault", &order).expect(204);
    }

    /// Names of all files in the data folder.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![self.data.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the data folder is there").flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => drop(found.insert(path.display().to_string())),
                }
            }
        }
        found
    }

    /// What the process wrote so far, the Worker's log and workerd's own complaints.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("the log is only appended to").clone()
    }

    fn spawn(&mut self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for built in ["build/index.js", "build/index_bg.wasm"] {
            assert!(root.join(built).exists(), "{built} is missing: run `make build` first");
        }
        let config = match self.setup.config {
            Config::Dev => "workerd.dev.capnp",
            Config::Serving => "workerd.capnp",
            Config::Faulty => "tests/edge/fault/workerd.capnp",
            Config::WithAi => "tests/edge/ai/workerd.capnp",
            Config::Internet(_) => "tests/edge/internet/workerd.capnp",
        };
        let internet = match self.setup.config {
            Config::Internet(address) => Some(format!("--external-addr=internet={address}")),
            _ => None,
        };
        let mut child = Command::new(binary(root))
            .args(["serve", config, "--control-fd=1"])
            .arg(format!("--socket-addr=http=127.0.0.1:{}", self.port))
            .arg(format!("--directory-path=data={}", self.data.path().display()))
            .args(internet)
            .current_dir(root)
            .env_clear()
            .envs(&self.setup.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("workerd starts");
        collect(child.stderr.take().expect("stderr is piped"), Arc::clone(&self.log), |_| false);
        let control = child.stdout.take().expect("stdout is piped");
        self.process = Some(Process(child));
        self.port = self.await_port(control);
    }

    fn assert_healthy(&self) {
        let health = self.api().await_health(START_PATIENCE);
        assert!(health, "workerd listens on {} but /health does not answer 200\n{}", self.port, self.log());
    }

    /// Reads the control messages until the one that names the port; what else is written there belongs to the log.
    fn await_port(&self, control: impl Read + Send + 'static) -> u16 {
        let (sender, ports) = mpsc::channel();
        collect(control, Arc::clone(&self.log), move |line| {
            let message: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            let is_control = message["event"].is_string() && message["time"].is_null();
            if message["event"] == "listen" {
                let _ = sender.send(message["port"].as_u64());
            }
            is_control
        });
        match ports.recv_timeout(START_PATIENCE) {
            Ok(Some(port)) => u16::try_from(port).expect("a port has 16 bits"),
            Ok(None) => panic!("workerd did not name its port\n{}", self.log()),
            Err(RecvTimeoutError::Timeout) => panic!("workerd did not listen in time\n{}", self.log()),
            Err(RecvTimeoutError::Disconnected) => panic!("workerd ended at once\n{}", self.log()),
        }
    }
}

/// Reads a stream to its end, so that its pipe never fills up; every line that `taken` does not want goes to the log.
fn collect(
    stream: impl Read + Send + 'static,
    log: Arc<Mutex<String>>,
    taken: impl Fn(&str) -> bool + Send + 'static,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if !taken(&line) {
                let mut log = log.lock().expect("the log is only appended to");
                log.push_str(&line);
                log.push('\n');
            }
        }
    });
}

impl Drop for Workerd {
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            eprintln!("--- what workerd wrote ---\n{}", self.log());
        }
    }
}

/// Killed and waited for when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program itself: the script that npm puts beside it would survive a kill of its child, and the other way round.
fn binary(root: &Path) -> PathBuf {
    let package = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => "workerd-darwin-arm64",
        ("macos", _) => "workerd-darwin-64",
        (_, "aarch64") => "workerd-linux-arm64",
        _ => "workerd-linux-64",
    };
    let path = root.join("node_modules/@cloudflare").join(package).join("bin/workerd");
    assert!(path.exists(), "{} is missing: run `make build` first", path.display());
    path
}
