//! Reading a page: admitted, redirects followed by hand, streamed through the extractor, stopped at its cap.

use crate::edge::clock;
use crate::edge::slice::Permit;
use crate::job::Failure;
use crate::page::{Extractor, Flow, Limits, Outcome, Page, PageContext, Rejection};
use crate::web::abstracts::abstract_page;
use crate::web::admission::Admission;
use crate::web::http::HttpReply;
use futures_util::StreamExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use url::Url;
use worker::{AbortSignal, Fetch, Headers, Request, RequestInit, RequestRedirect, Response};

/// A page that was read, and where it was in the end.
pub struct Read {
    /// URL after redirects.
    pub url: Url,
    /// What it says.
    pub page: Page,
    /// Bytes of its body that were read, after decompression.
    pub bytes: u64,
}

/// Why a page was not read.
pub enum NotRead {
    /// It was reached and is of no use, or may not be reached at all: trying again changes nothing.
    Rejected {
        /// Why, for a person.
        reason: String,
        /// Where it leads: a contents page is no source, but the way to others.
        links: Vec<String>,
    },
    /// Trying again may help.
    Failed(Failure),
}

impl NotRead {
    fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into(), links: Vec::new() }
    }
}

impl From<Rejection> for NotRead {
    fn from(rejection: Rejection) -> Self {
        Self::rejected(rejection.to_string())
    }
}

/// Redirects followed; RFC 9309 and browsers' practice both need at least five.
const HOPS_MAX: usize = 5;
/// What the page's server is told we read.
const ACCEPT: &str =
    "text/html,application/xhtml+xml,text/markdown,text/plain;q=0.9,application/pdf;q=0.8,*/*;q=0.1";

/// Reads the page at `url` up to `limits` within `timeout_ms`, all redirects and the body included. `contact` is the deployment's own
/// address, named in the User-Agent so that a site's owner knows whom to ask.
pub async fn page(
    url: &str,
    limits: Limits,
    admission: &Admission,
    contact: Option<&Url>,
    timeout_ms: u64,
    permit: &Permit,
) -> Result<Read, NotRead> {
    let agent = match contact {
        Some(url) => format!("Footnote/{} (+{url})", env!("CARGO_PKG_VERSION")),
        None => format!("Footnote/{}", env!("CARGO_PKG_VERSION")),
    };
    let read = clock::within(timeout_ms, |signal| async move {
        // A rejection is an answer as far as time is concerned.
        let mut read = follow(url, limits, admission, &agent, permit, &signal).await;
        let instead = Url::parse(url).ok().and_then(|url| abstract_page(&url));
        if let (Err(NotRead::Rejected { .. }), Some(page)) = (&read, instead) {
            // A paper that cannot be read is cited by its abstract; where that fails too, the paper's own reason counts.
            if let Ok(page) = follow(page.as_str(), limits, admission, &agent, permit, &signal).await {
                read = Ok(page);
            }
        }
        match read {
            Ok(read) => Ok(Ok(read)),
            Err(NotRead::Failed(failure)) => Err(failure),
            Err(rejected) => Ok(Err(rejected)),
        }
    });
    match read.await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(rejected)) => Err(rejected),
        Err(failure) => Err(NotRead::Failed(failure)),
    }
}

async fn follow(
    start: &str,
    limits: Limits,
    admission: &Admission,
    agent: &str,
    permit: &Permit,
    signal: &AbortSignal,
) -> Result<Read, NotRead> {
    let mut url = admission.admit(start).map_err(|e| NotRead::rejected(e.to_string()))?;
    for _ in 0..=HOPS_MAX {
        permit.check().map_err(NotRead::Failed)?;
        let mut response = get(&url, agent, signal).await?;
        let status = response.status_code();
        if let (301 | 302 | 303 | 307 | 308, Some(location)) = (status, header(&response, "location")) {
            url = admission
                .admit_redirect(&url, &location)
                .map_err(|e| NotRead::rejected(format!("redirected to a refused address: {e}")))?;
            // Dropping the stream cancels the body: an unread one would hold its connection.
            drop(response.stream());
            continue;
        }
        if let Err(refused) = judge_status(&response) {
            drop(response.stream());
            return Err(refused);
        }
        let (page, bytes) = extract(&url, limits, &mut response).await?;
        return Ok(Read { url, page, bytes });
    }
    Err(NotRead::rejected(format!("more than {HOPS_MAX} redirects")))
}

async fn get(url: &Url, agent: &str, signal: &AbortSignal) -> Result<Response, NotRead> {
    let build = || -> worker::Result<Request> {
        let headers = Headers::new();
        headers.set("user-agent", agent)?;
        headers.set("accept", ACCEPT)?;
        let mut init = RequestInit::new();
        init.with_headers(headers).with_redirect(RequestRedirect::Manual);
        Request::new_with_init(url.as_str(), &init)
    };
    let request = build().map_err(|e| NotRead::rejected(format!("the address cannot be requested: {e}")))?;
    Fetch::Request(request)
        .send_with_signal(signal)
        .await
        .map_err(|e| NotRead::Failed(Failure::transient(format!("no connection: {e}"))))
}

fn judge_status(response: &Response) -> Result<(), NotRead> {
    let headers =
        header(response, "retry-after").map(|v| ("retry-after".to_owned(), v)).into_iter().collect();
    let head = HttpReply { status: response.status_code(), headers, body: Vec::new() };
    match head.success("the page's server") {
        Ok(_) => Ok(()),
        Err(Failure::Permanent { cause }) => Err(NotRead::rejected(cause)),
        Err(failure) => Err(NotRead::Failed(failure)),
    }
}

async fn extract(url: &Url, limits: Limits, response: &mut Response) -> Result<(Page, u64), NotRead> {
    let content_type = header(response, "content-type");
    let content_language = header(response, "content-language");
    let context = PageContext {
        url,
        content_type: content_type.as_deref(),
        content_language: content_language.as_deref(),
    };
    let mut extractor = Extractor::new(context, limits)?;
    let mut bytes = 0_u64;
    let mut held = Held::default();
    if let Ok(mut stream) = response.stream() {
        while let Some(chunk) = stream.next().await {
            let chunk =
                chunk.map_err(|e| NotRead::Failed(Failure::transient(format!("the page was cut: {e}"))))?;
            bytes = bytes.saturating_add(chunk.len() as u64);
            let flow = extractor.push(&chunk);
            if !held.grow_to(extractor.held_bytes()) {
                return Err(NotRead::Failed(Failure::transient("too many PDFs are being read at once")));
            }
            if flow == Flow::Full {
                break;
            }
        }
    }
    let Outcome { page, rejection } = extractor.outcome();
    match rejection {
        None => Ok((page, bytes)),
        Some(why) => Err(NotRead::Rejected { reason: why.to_string(), links: page.links }),
    }
}

/// What all PDFs on their way into this isolate may hold together: three of the longest. With one that is being read this
/// is 67 MB of 128.
const HELD_BYTES_MAX: usize = 30_000_000;
/// What they hold. Isolates run one thread.
static HELD_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The share of one PDF.
#[derive(Default)]
struct Held(usize);

impl Held {
    /// `false` when there is no room.
    fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.0);
        let all = HELD_BYTES.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        self.0 = self.0.saturating_add(more);
        more == 0 || all <= HELD_BYTES_MAX
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD_BYTES.fetch_sub(self.0, Ordering::Relaxed);
    }
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}
