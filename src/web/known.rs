//! Sites whose API says more than their pages do: which pages those are, what is asked, and the page made of the answers.
//!
//! Everything is a value here; the edge makes the calls. A page that the API does not give, for whatever reason, is read as
//! any other page.

mod arxiv;
mod crates_io;
mod document;
mod github;
mod hacker_news;
mod json;
mod npm;
mod pypi;
mod reddit;
mod site;
mod stack_exchange;
mod wikipedia;

pub use site::{Apis, Keys, Site};

use crate::job::Timestamp;
use crate::page::{Limits, Page};
use crate::web::http::{HttpReply, HttpRequest, Method};
use document::{About, Document};
use std::fmt;
use url::Url;

/// A page that is read through its site's API.
#[derive(Debug)]
pub struct Known {
    url: Url,
    source: Box<dyn Source>,
}

/// Calls for one page: what it says, and what was answered to it.
pub const CALLS_MAX: usize = 2;
/// An API answers within a second or two; a page that it does not give is still to be read in the step's 30 s.
const TIMEOUT_MS: u64 = 8_000;
/// The longest answers are threads of some thousand comments and lists of some thousand versions. As JSON values they take
/// about six times this, and six are read at once at most: 72 MB of 128.
const REPLY_BYTES_MAX: usize = 2_000_000;

/// An API is not left alone for longer than the longest deadline of a job.
const QUIET_MS_MAX: u64 = 15 * 60 * 1_000;

/// The API's page, if `url` is one: told by host and path, strictly. What looks alike is left to the ordinary way.
#[must_use]
pub fn known(url: &Url) -> Option<Known> {
    if !matches!(url.scheme(), "http" | "https") || url.port().is_some() {
        return None;
    }
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let path: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let place = Place { url, host, path: &path };
    let source = wikipedia::recognise(place)
        .or_else(|| arxiv::recognise(place))
        .or_else(|| github::recognise(place))
        .or_else(|| stack_exchange::recognise(place))
        .or_else(|| hacker_news::recognise(place))
        .or_else(|| reddit::recognise(place))
        .or_else(|| crates_io::recognise(place))
        .or_else(|| pypi::recognise(place))
        .or_else(|| npm::recognise(place))?;
    let mut url = url.clone();
    url.set_fragment(None);
    Some(Known { url, source })
}

impl Known {
    /// Whose page it is.
    #[must_use]
    pub fn site(&self) -> Site {
        self.source.site()
    }

    /// The next call, after the answers to those before it: none for one that failed or was too long. At most
    /// [`CALLS_MAX`] in all, and none at all where the API is switched off.
    #[must_use]
    pub fn request(&self, apis: &Apis, replies: &[Option<HttpReply>]) -> Option<HttpRequest> {
        if replies.len() >= CALLS_MAX {
            return None;
        }
        let base = apis.base(self.site(), self.source.own_api())?;
        let Call { path, accept } = self.source.call(replies)?;
        let mut request = HttpRequest {
            method: Method::Get,
            url: format!("{}{path}", base.as_str().trim_end_matches('/')),
            headers: vec![("accept".into(), accept.into())],
            body: None,
            timeout_ms: TIMEOUT_MS,
            reply_bytes_max: REPLY_BYTES_MAX,
        };
        apis.unlock(self.site(), &mut request);
        Some(request)
    }

    /// The page, under its own address, made of the answers to all calls.
    ///
    /// # Errors
    /// [`Unusable`]: read the page itself.
    pub fn page(&self, replies: &[Option<HttpReply>], limits: Limits) -> Result<Page, Unusable> {
        self.source.document(replies)?.page(&self.url, limits)
    }

    /// Whether a reply asks to leave the API alone, and for how many milliseconds if it says so.
    #[must_use]
    pub fn throttled(&self, reply: &HttpReply, now: Timestamp) -> Option<Option<u64>> {
        let ms = |seconds: u64| seconds.saturating_mul(1_000).min(QUIET_MS_MAX);
        if let Some(backoff) = self.source.backoff_s(reply) {
            return Some(Some(ms(backoff)));
        }
        let header = |name: &str| reply.header(name).and_then(|value| value.trim().parse::<u64>().ok());
        // GitHub refuses with 403 once the calls of this hour are used up, and says when the next hour begins.
        let used_up = reply.status == 403 && header("x-ratelimit-remaining") == Some(0);
        let now_s = u64::try_from(now.0 / 1_000).unwrap_or(0);
        let reset = header("x-ratelimit-reset").filter(|_| used_up).map(|at| at.saturating_sub(now_s));
        (used_up || matches!(reply.status, 429 | 503)).then(|| header("retry-after").or(reset).map(ms))
    }

    /// Its own address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the page is read when the API does not give it, if not at its own address. Not yet admitted.
    #[must_use]
    pub fn elsewhere(&self) -> Option<Url> {
        self.source.elsewhere()
    }
}

/// Why the API's answers give no page. For whoever looks into it: the page itself is read next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

/// Where a page stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    url: &'a Url,
    /// Without `www.`.
    host: &'a str,
    /// The parts of its path that are not empty, escaped as in the URL.
    path: &'a [&'a str],
}

/// One kind of page.
trait Source: fmt::Debug {
    fn site(&self) -> Site;
    /// Where the API stands, for a site whose every host has one.
    fn own_api(&self) -> Option<Url> {
        None
    }
    /// The next call.
    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call>;
    /// What the answers say.
    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable>;
    fn elsewhere(&self) -> Option<Url> {
        None
    }
    /// Seconds for which a reply asks to make no further call, in a way of its own.
    fn backoff_s(&self, _reply: &HttpReply) -> Option<u64> {
        None
    }
}

/// A call to a site's API.
struct Call {
    /// With query; begins with `/`.
    path: String,
    accept: &'static str,
}

impl Call {
    fn json(path: String) -> Option<Self> {
        Some(Self { path, accept: "application/json" })
    }
}

/// The answer to call number `at`, if it is one that says something.
fn body(replies: &[Option<HttpReply>], at: usize) -> Result<&[u8], Unusable> {
    let reply = replies.get(at).and_then(Option::as_ref);
    let reply = reply.ok_or_else(|| Unusable("the API gave no answer".into()))?;
    if !(200..300).contains(&reply.status) {
        return Err(Unusable(format!("the API answered {}", reply.status)));
    }
    if reply.body.len() > REPLY_BYTES_MAX {
        return Err(Unusable("the API's answer is too long".into()));
    }
    Ok(&reply.body)
}

/// A field that must be there: without it the reply is not what it should be.
fn needed(text: String, what: &str) -> Result<String, Unusable> {
    if text.is_empty() { Err(Unusable(format!("the API's answer has no {what}"))) } else { Ok(text) }
}

/// Whether a part of a path is a name as repositories and packages have them.
fn is_name(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a part of a path is a plain number.
fn is_number(text: &str) -> bool {
    (1..=NUMBER_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// npm allows 214, the others less.
const NAME_BYTES_MAX: usize = 214;
/// What a 64-bit number has at most.
const NUMBER_DIGITS_MAX: usize = 19;

#[cfg(test)]
mod tests;
