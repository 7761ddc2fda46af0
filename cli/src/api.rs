//! The few calls that are made, and what can be wrong with them.

use serde_json::Value;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;
use thiserror::Error;
use ureq::Agent;
use ureq::http::{Request, Response};

/// Why there is no report, typed by what the caller can do.
#[derive(Debug, Error)]
pub enum Trouble {
    /// Change the command line.
    #[error("{0}")]
    Usage(String),
    /// Use another key.
    #[error("{0}")]
    Key(String),
    /// Try again later, or look at the address.
    #[error("{0}")]
    Unreachable(String),
    /// Change the request.
    #[error("{0}")]
    Refused(String),
    /// Wait longer.
    #[error("{0}")]
    TimedOut(String),
    /// Nothing: the user wanted it.
    #[error("{0}")]
    Interrupted(String),
}

impl Trouble {
    /// As `footnote --help` lists them.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Key(_) => 3,
            Self::Unreachable(_) => 4,
            Self::Refused(_) => 5,
            Self::TimedOut(_) => 7,
            Self::Interrupted(_) => 130,
        }
    }
}

/// A client of one deployment.
#[derive(Clone)]
pub struct Api {
    base: String,
    key: Option<String>,
    agent: Agent,
}

/// A job as it stands, and by which tag to ask for news of it.
pub struct Look {
    /// None when there is no news.
    pub job: Option<Value>,
    pub tag: Option<String>,
}

/// Longer than a deployment takes for anything: it holds a poll for 25 s at most.
const REPLY: Duration = Duration::from_secs(60);
/// How long one poll waits for news, in seconds.
const POLL_S: u32 = 20;
/// Waits before a request about a job is sent again that got no answer or a 5xx: together as long as a restart takes.
const AGAIN_MS: [u64; 5] = [300, 1_000, 3_000, 8_000, 15_000];
/// The same before there is a job: whoever waits is at the keyboard, and the address may be wrong.
const FIRST_MS: [u64; 2] = [300, 1_000];
/// A bundle holds the texts of all pages of a job; this is a hundred times a usual one.
const REPLY_BYTES_MAX: u64 = 256 * 1024 * 1024;

impl Api {
    pub fn new(url: &str, key: Option<&str>) -> Result<Self, Trouble> {
        let base = url.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(Trouble::Usage(format!(
                "{url} is no address: say such as https://research.example.org"
            )));
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(REPLY))
            .user_agent(concat!("footnote-cli/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let key = key.map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned);
        Ok(Self { base, key, agent })
    }

    /// Starts a job and gives its id. Sent again under the same key, so it is one job however often the answer is lost.
    pub fn start(&self, body: &Value) -> Result<String, Trouble> {
        let key = format!("cli-{:016x}{:016x}", random(), random());
        let answer =
            self.patiently(&FIRST_MS, "POST", "/v1/research", Some(body), &[("idempotency-key", &key)])?;
        let started = json(&answer.text)?;
        match started.get("id").and_then(Value::as_str) {
            Some(id) => Ok(id.to_owned()),
            None => Err(self.stranger()),
        }
    }

    /// The job: at once without a `tag`, else once there is news beyond it.
    pub fn look(&self, id: &str, tag: Option<&str>) -> Result<Look, Trouble> {
        let wait_s = if tag.is_some() { POLL_S } else { 0 };
        let path = format!("/v1/research/{}?wait={wait_s}", segment(id)?);
        let headers: Vec<(&str, &str)> = tag.map(|tag| ("if-none-match", tag)).into_iter().collect();
        let answer = self.patiently(&AGAIN_MS, "GET", &path, None, &headers)?;
        let tag = answer.tag.or_else(|| tag.map(str::to_owned));
        let job = if answer.status == 304 { None } else { Some(json(&answer.text)?) };
        Ok(Look { job, tag })
    }

    /// Ends the job; it as it stands afterwards.
    pub fn cancel(&self, id: &str) -> Result<Value, Trouble> {
        let path = format!("/v1/research/{}/cancel", segment(id)?);
        json(&self.patiently(&AGAIN_MS, "POST", &path, None, &[])?.text)
    }

    /// Another form of the report, or its bundle.
    pub fn text(&self, id: &str, rest: &str) -> Result<String, Trouble> {
        let path = format!("/v1/research/{}{rest}", segment(id)?);
        Ok(self.patiently(&AGAIN_MS, "GET", &path, None, &[])?.text)
    }

    /// Sends until there is an answer that repeating would not change.
    fn patiently(
        &self,
        waits_ms: &[u64],
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, Trouble> {
        let mut waits = waits_ms.iter();
        loop {
            match self.send(method, path, body, headers) {
                Err(trouble @ Trouble::Unreachable(_)) => match waits.next() {
                    Some(ms) => std::thread::sleep(Duration::from_millis(*ms)),
                    None => return Err(trouble),
                },
                other => return other,
            }
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, Trouble> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let unusable = |e: ureq::http::Error| Trouble::Usage(format!("the request cannot be made: {e}"));
        let sent = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(body.to_string()).map_err(unusable)?)
            }
            None if method == "POST" => self.agent.run(request.body(String::new()).map_err(unusable)?),
            None => self.agent.run(request.body(()).map_err(unusable)?),
        };
        let lost = |e: ureq::Error| Trouble::Unreachable(format!("{} does not answer: {e}", self.base));
        let mut answer = sent.map_err(lost)?;
        let (status, tag) = (answer.status().as_u16(), header(&answer, "etag"));
        let text = answer.body_mut().with_config().limit(REPLY_BYTES_MAX).read_to_string().map_err(lost)?;
        if status < 400 {
            return Ok(Answer { status, tag, text });
        }
        let problem = serde_json::from_str::<Value>(&text).unwrap_or_default();
        let told = |name: &str| problem.get(name).and_then(Value::as_str);
        let said = told("error").map_or_else(|| format!("{} answered {status}", self.base), str::to_owned);
        Err(match status {
            403 if told("code") == Some("address_refused") => Trouble::Refused(said),
            401 | 403 => Trouble::Key(format!("{said} (set FOOTNOTE_KEY)")),
            500..=599 => Trouble::Unreachable(said),
            _ => Trouble::Refused(said),
        })
    }

    fn stranger(&self) -> Trouble {
        Trouble::Unreachable(format!("what answers at {} is no Footnote", self.base))
    }
}

struct Answer {
    status: u16,
    tag: Option<String>,
    text: String,
}

fn header(answer: &Response<ureq::Body>, name: &str) -> Option<String> {
    answer.headers().get(name)?.to_str().ok().map(str::to_owned)
}

fn json(text: &str) -> Result<Value, Trouble> {
    serde_json::from_str(text)
        .map_err(|_| Trouble::Unreachable("the answer is no JSON: is this the address of a Footnote?".into()))
}

/// An id as part of a path: nothing that would lead elsewhere.
fn segment(id: &str) -> Result<&str, Trouble> {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if plain { Ok(id) } else { Err(Trouble::Usage(format!("{id:?} is no job's id"))) }
}

/// Different in every process; nothing secret hangs on it.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
