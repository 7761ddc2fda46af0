//! A client of the HTTP API that shows everything: status, headers, body.

use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};
use ureq::http::{Request, StatusCode};

/// How often a job is looked at: often enough to see its phases, seldom enough not to slow it.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// No reply of the API takes longer: webclaw's clients give up after 30 s.
const REPLY_PATIENCE: Duration = Duration::from_secs(30);

/// The client. Every reply is returned, whatever its status.
#[derive(Clone)]
pub(crate) struct Api {
    base: String,
    key: Option<String>,
    headers: Vec<(String, String)>,
    agent: ureq::Agent,
}

/// A reply.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    /// Null when the body is no JSON.
    pub(crate) json: Value,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// The `id` of the thing that was made.
    pub(crate) fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {self:?}")).to_owned()
    }

    /// Fails the test unless the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

impl Api {
    pub(crate) fn new(base: String) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(REPLY_PATIENCE))
            .build()
            .new_agent();
        Self { base, key: None, headers: Vec::new(), agent }
    }

    /// Where it sends to.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The same client with `Authorization: Bearer <key>`.
    pub(crate) fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// The same client that sends this header with everything.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Reads a stream for at most this long, then cuts the connection; what arrived until then.
    pub(crate) fn stream(&self, path: &str, at_most: Duration) -> (u16, String) {
        let mut request = Request::builder().method("GET").uri(format!("{}{path}", self.base));
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
        let request = self
            .agent
            .configure_request(request.body(()).expect("a request"))
            .timeout_global(Some(at_most))
            .build();
        let Ok(answer) = self.agent.run(request) else { return (0, String::new()) };
        let status = answer.status().as_u16();
        let mut body = answer.into_body().into_reader();
        let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(bytes @ 1..) = body.read(&mut buffer) {
            text.extend_from_slice(&buffer[..bytes]);
        }
        (status, String::from_utf8_lossy(&text).into_owned())
    }

    fn all_headers(&self) -> Vec<(String, String)> {
        let key = self.key.iter().map(|key| ("authorization".to_owned(), format!("Bearer {key}")));
        self.headers.iter().cloned().chain(key).collect()
    }

    /// Sends anything. An unreachable server is an `Err`; every status is a reply.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<Response, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let answer = if body.is_empty() && content_type.is_empty() {
            self.agent.run(request.body(())?)
        } else {
            self.agent.run(request.body(body)?)
        };
        let mut answer = answer?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let status = answer.status().as_u16();
        let text = String::from_utf8_lossy(&answer.body_mut().read_to_vec()?).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Response { status, headers, text, json })
    }

    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Response {
        self.try_send(method, path, content_type, body)
            .unwrap_or_else(|error| panic!("{method} {path} was not answered: {error}"))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Response {
        self.send("GET", path, "", b"")
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, "", b"")
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Response {
        self.send("POST", path, "application/json", body.to_string().as_bytes())
    }

    /// Waits until `GET /health` answers 200.
    pub(crate) fn await_health(&self, patience: Duration) -> bool {
        let healthy = || {
            let answer = self.try_send("GET", "/health", "", b"").ok()?;
            (answer.status == StatusCode::OK.as_u16()).then_some(())
        };
        poll(patience, healthy).is_some()
    }

    /// Starts a job and returns its id.
    #[track_caller]
    pub(crate) fn post_research(&self, body: &Value) -> String {
        self.post("/v1/research", body).expect(202).id()
    }

    #[track_caller]
    pub(crate) fn get_research(&self, id: &str) -> Value {
        self.get(&format!("/v1/research/{id}")).expect(200).json
    }

    /// Polls a job until it is `completed` or `failed`.
    #[track_caller]
    pub(crate) fn await_terminal(&self, id: &str, patience: Duration) -> Value {
        self.await_ended(&format!("/v1/research/{id}"), patience)
    }

    /// Asks, waits, and insists on `completed`.
    #[track_caller]
    pub(crate) fn research(&self, body: &Value, patience: Duration) -> Value {
        let id = self.post_research(body);
        let job = self.await_terminal(&id, patience);
        assert_eq!(job["status"], "completed", "{job:#}");
        job
    }

    /// Crawls a site into the library, and insists on `completed`.
    #[track_caller]
    pub(crate) fn crawl(&self, url: &str, pages_max: u32, patience: Duration) -> Value {
        let body = json!({"url": url, "max_pages": pages_max, "max_depth": 4});
        let id = self.post("/v1/library/crawls", &body).expect(202).id();
        let crawl = self.await_crawl(&id, patience);
        assert_eq!(crawl["status"], "completed", "{crawl:#}");
        crawl
    }

    /// Polls a crawl until it is `completed` or `failed`.
    #[track_caller]
    pub(crate) fn await_crawl(&self, id: &str, patience: Duration) -> Value {
        self.await_ended(&format!("/v1/library/crawls/{id}"), patience)
    }

    #[track_caller]
    fn await_ended(&self, path: &str, patience: Duration) -> Value {
        let mut last = Value::Null;
        let ended = poll(patience, || {
            last = self.get(path).expect(200).json;
            matches!(last["status"].as_str(), Some("completed" | "failed")).then(|| last.clone())
        });
        ended.unwrap_or_else(|| panic!("{path} did not end within {patience:?}; last seen: {last:#}"))
    }
}

/// Asks until there is an answer; none when `patience` runs out.
pub(crate) fn poll<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if started.elapsed() >= patience {
            return None;
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}
