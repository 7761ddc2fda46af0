//! A real browser behind the small server of `make renderer`.

use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The server. Killed when dropped; the browsers it started end with their pages.
pub(crate) struct Renderer {
    process: Child,
    url: String,
}

/// What it asks for.
pub(crate) const TOKEN: &str = "render-canary-5a0d";

impl Renderer {
    /// Starts on a port that the system chooses. Pages may come from these `host:port` pairs and from nowhere else on this
    /// machine.
    pub(crate) fn start(hosts: &BTreeSet<String>) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let mut process = Command::new("node")
            .arg("scripts/render.mjs")
            .current_dir(root)
            .env("PORT", "0")
            .env("TOKEN", TOKEN)
            .env("ALLOW_PRIVATE_HOSTS", hosts.join(","))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the renderer speaks");
        let url = line.trim().strip_prefix("Renders on ").map(str::to_owned);
        let url = url.unwrap_or_else(|| panic!("no renderer: run `make chromium` to get a browser"));
        Self { process, url }
    }

    /// What it answers, whatever the status.
    pub(crate) fn content(&self, body: &Value) -> String {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let url = format!("{}?token={TOKEN}", self.url);
        let mut reply = agent.post(&url).send_json(body).expect("the renderer answers");
        reply.body_mut().read_to_string().expect("text")
    }

    /// For `RENDER_URL`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
