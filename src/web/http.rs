//! HTTP requests and replies as plain values: codecs build and read them, the edge performs them.

use crate::job::Failure;
use crate::text::one_line;
use crate::web::robots::PRODUCT;
use url::Url;

/// Most characters of another side's error text that are passed on to a person.
const CAUSE_CHARS_MAX: usize = 200;
/// A `Retry-After` beyond this is treated as this: longer than any job's deadline is as good as never.
const RETRY_AFTER_MS_MAX: u64 = 15 * 60 * 1000;

/// How we introduce ourselves to sites and providers: `robots.txt` knows us by the name, and `contact`, the deployment's own
/// address, says whom to ask.
#[must_use]
pub fn user_agent(contact: Option<&Url>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(url) => format!("{PRODUCT}/{version} (+{url})"),
        None => format!("{PRODUCT}/{version}"),
    }
}

/// HTTP method of an outgoing call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

/// An outgoing call to a provider (search or model). Pages are fetched by URL and streamed instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute URL, query included.
    pub url: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// Body, if any.
    pub body: Option<String>,
    /// The whole call, reply body included, is given up after this long.
    pub timeout_ms: u64,
    /// A reply body longer than this fails the call.
    pub reply_bytes_max: usize,
}

/// A complete reply to an [`HttpRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// Status code.
    pub status: u16,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// Whole body, within the request's cap.
    pub body: Vec<u8>,
}

impl HttpReply {
    /// First value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// `Ok` for 2xx; otherwise the failure that the status stands for: 408, 425, 429 and 5xx are transient and carry
    /// `Retry-After` (whole seconds only, clamped to 15 min), every other status is permanent. `who` names the
    /// provider in the cause.
    pub fn success(&self, who: &str) -> Result<&Self, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let text = String::from_utf8_lossy(&self.body);
        let brief: String = one_line(&text).chars().take(CAUSE_CHARS_MAX).collect();
        let cause = if brief.is_empty() {
            format!("{who} answered {}", self.status)
        } else {
            format!("{who} answered {}: {brief}", self.status)
        };
        if matches!(self.status, 408 | 425 | 429 | 500..=599) {
            let seconds = self.header("retry-after").and_then(|v| v.trim().parse::<u64>().ok());
            let retry_after_ms = seconds.map(|s| s.saturating_mul(1000).min(RETRY_AFTER_MS_MAX));
            Err(Failure::Transient { cause, retry_after_ms })
        } else {
            Err(Failure::Permanent { cause })
        }
    }
}
