//! Reading a page: admitted, in its host's turn, redirects followed by hand, streamed through the extractor, stopped at its
//! cap.

mod api;
mod browser;

use crate::edge::visit::{Turn, Visitor};
use crate::edge::{clock, turn};
use crate::job::{Failure, Timestamp};
use crate::page::{Extractor, Flow, Limits, Outcome, Page, PageContext, Rejection};
use crate::web::abstracts::abstract_page;
use crate::web::http::HttpReply;
use crate::web::known::known;
use crate::web::politeness::Ended;
use crate::web::visit::{Brought, Reading, Validators};
use futures_util::StreamExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use url::Url;
use worker::{AbortSignal, Response};

/// A page that was read, and where it was in the end.
pub struct Read {
    /// URL after redirects.
    pub url: Url,
    /// What it says.
    pub page: Page,
    /// Bytes of its body that were read, after decompression.
    pub bytes: u64,
    /// A browser made its text.
    pub rendered: bool,
    /// What the page can be compared by later.
    pub validators: Validators,
}

/// What a caller has of a page already.
pub struct Known {
    /// Where the page was, redirects followed.
    pub url: Url,
    /// What it can be compared by.
    pub validators: Validators,
}

/// Why a page was not read.
pub enum NotRead {
    /// It was reached and is of no use, or may not be reached at all: trying again changes nothing.
    Rejected {
        /// Why, for a person.
        reason: String,
        /// Where it leads: a contents page is no source, but the way to others.
        links: Vec<String>,
        /// There is no such page any more (404 or 410).
        gone: bool,
    },
    /// Trying again may help.
    Failed(Failure),
}

impl NotRead {
    fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into(), links: Vec::new(), gone: false }
    }
}

impl From<Failure> for NotRead {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Redirects followed; RFC 9309 and browsers' practice both need at least five.
const HOPS_MAX: usize = 5;
/// One page, from its request to its last byte: pages answer in 0.2 to 1.2 s.
const PAGE_MS_MAX: u64 = 15_000;
/// Of the time for a page this much is not spent waiting for its host's turn: four times what most pages take.
const KEPT_MS: u64 = 5_000;
/// What the page's server is told we read.
const ACCEPT: &str =
    "text/html,application/xhtml+xml,text/markdown,text/plain;q=0.9,application/pdf;q=0.8,*/*;q=0.1";

/// Reads the page at `url` up to `limits` within `timeout_ms`: the wait for its host's turn, all redirects and the body
/// included.
pub async fn page(
    visitor: &Visitor<'_>,
    url: &str,
    limits: Limits,
    timeout_ms: u64,
) -> Result<Read, NotRead> {
    let gone = || NotRead::Failed(Failure::transient(LOST));
    again(visitor, url, limits, timeout_ms, None).await?.ok_or_else(gone)
}

/// The same for a page that the caller may have already: `None` when it has not changed.
pub async fn again(
    visitor: &Visitor<'_>,
    url: &str,
    limits: Limits,
    timeout_ms: u64,
    known: Option<&Known>,
) -> Result<Option<Read>, NotRead> {
    let until = clock::now().plus_ms(timeout_ms.saturating_sub(KEPT_MS));
    let read = clock::within(timeout_ms, |signal| async move {
        let reader = Reader { visitor, limits, known, until, signal };
        // A rejection is an answer as far as time is concerned.
        let mut read = reader.follow(url).await;
        let instead = Url::parse(url).ok().and_then(|url| abstract_page(&url));
        if let (Err(NotRead::Rejected { .. }), Some(page)) = (&read, instead) {
            // A paper that cannot be read is cited by its abstract; where that fails too, the paper's own reason counts.
            if let Ok(page) = reader.follow(page.as_str()).await {
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

/// A host that says 304 when nothing can be compared, or when what is kept was just forgotten.
const LOST: &str = "what was kept of the page is gone";

struct Reader<'a> {
    visitor: &'a Visitor<'a>,
    limits: Limits,
    known: Option<&'a Known>,
    /// Turns are waited for until then.
    until: Timestamp,
    signal: AbortSignal,
}

impl Reader<'_> {
    /// `None` when the page is as the caller knows it.
    async fn follow(&self, start: &str) -> Result<Option<Read>, NotRead> {
        let admission = self.visitor.admission;
        let mut url = admission.admit(start).map_err(|e| NotRead::rejected(e.to_string()))?;
        // The address under which the page is cited, where it is read at another one.
        let mut own = None;
        for _ in 0..=HOPS_MAX {
            if let Some(known) = known(&url).filter(|_| own.is_none()) {
                if let Some(read) = self.through_api(&known).await {
                    return Ok(Some(read));
                }
                if let Some(elsewhere) = known.elsewhere() {
                    own = Some(url);
                    url =
                        admission.admit(elsewhere.as_str()).map_err(|e| NotRead::rejected(e.to_string()))?;
                }
            }
            let Some((reading, validators)) = self.reading(&url).await? else { return Ok(None) };
            match reading {
                Reading::Page { page, bytes, rendered } => {
                    let url = own.unwrap_or(url);
                    return Ok(Some(Read { url, page: *page, bytes, rendered, validators }));
                }
                Reading::Rejected { reason, links, gone } => {
                    return Err(NotRead::Rejected { reason, links, gone });
                }
                Reading::Moved { location } => {
                    url = admission
                        .admit_redirect(&url, &location)
                        .map_err(|e| NotRead::rejected(format!("redirected to a refused address: {e}")))?;
                }
            }
        }
        Err(NotRead::rejected(format!("more than {HOPS_MAX} redirects")))
    }

    /// What one URL says: known already, or asked for in its host's turn; `None` when it is as the caller knows it.
    async fn reading(&self, url: &Url) -> Result<Option<(Reading, Validators)>, NotRead> {
        let key = self.key(url);
        let turn = self.visitor.turn(url, &key, true, self.until, &self.signal).await?;
        let (visit, validators) = match turn {
            Turn::Known(reading) => return Ok(Some((reading, Validators::default()))),
            Turn::Disallowed => return Err(NotRead::rejected("the site's robots.txt does not allow it")),
            Turn::Go(visit, validators) => (visit, validators),
        };
        // What is kept for all is whole; what the caller has spares the body where nothing is kept.
        let own = self.known.filter(|known| validators.is_empty() && known.url == *url);
        let sent = own.map_or(&validators, |known| &known.validators);
        let asked = clock::within(PAGE_MS_MAX, |signal| async move { self.ask(url, sent, &signal).await });
        match asked.await {
            Ok(Answer::Unchanged) if own.is_some() => {
                visit.leave(Ended::Answered, Brought::Nothing).await;
                Ok(None)
            }
            Ok(Answer::Unchanged) => {
                let reading = visit.unchanged().await?.ok_or_else(|| Failure::transient(LOST))?;
                Ok(Some((reading, validators)))
            }
            Ok(Answer::Found { reading, validators, may_be_kept }) => {
                let found = || Brought::Found { reading: reading.clone(), validators: validators.clone() };
                let brought = if may_be_kept { found() } else { Brought::Nothing };
                visit.leave(Ended::Answered, brought).await;
                Ok(Some((reading, validators)))
            }
            Ok(Answer::NotNow(failure, ended)) => {
                visit.leave(ended, Brought::Nothing).await;
                Err(failure.into())
            }
            // The host is not to blame for what was ended here.
            Err(failure @ (Failure::Permanent { .. } | Failure::Declined { .. })) => Err(failure.into()),
            Err(failure) => {
                visit.leave(Ended::Failed, Brought::Nothing).await;
                Err(failure.into())
            }
        }
    }

    /// The name under which a reading is kept: pages in another language are rejected, so it depends on what was asked for.
    fn key(&self, url: &Url) -> String {
        match self.limits.language {
            Some(language) => format!("{url} {}", language.as_str()),
            None => url.to_string(),
        }
    }

    async fn ask(&self, url: &Url, validators: &Validators, signal: &AbortSignal) -> Result<Answer, Failure> {
        let until = clock::now().plus_ms(PAGE_MS_MAX);
        let headers = validators.headers().chain([("accept", ACCEPT)]);
        let mut response = self.visitor.get(url, headers, signal).await?;
        let status = response.status_code();
        let moved = match (status, header(&response, "location")) {
            (301 | 302 | 303 | 307 | 308, Some(location)) => Some(Reading::Moved { location }),
            _ => None,
        };
        let reading = match (moved, judge_status(&response)) {
            (Some(moved), _) => moved,
            (None, Ok(())) => return self.extract(url, response, until).await,
            (None, Err(_)) if status == 304 && !validators.is_empty() => return Ok(Answer::Unchanged),
            (None, Err(_)) if is_challenge(&response) => {
                drop(response.stream());
                return Ok(self.refused(url, Rejection::ChallengePage, Vec::new(), until).await);
            }
            (None, Err(Failure::Permanent { cause })) => {
                Reading::Rejected { reason: cause, links: Vec::new(), gone: matches!(status, 404 | 410) }
            }
            (None, Err(failure)) => {
                drop(response.stream());
                let Failure::Transient { retry_after_ms, .. } = failure else { return Err(failure) };
                return if matches!(status, 429 | 503) {
                    Ok(Answer::NotNow(failure, Ended::Throttled { retry_after_ms }))
                } else {
                    Err(failure)
                };
            }
        };
        // Dropping the stream cancels the body: an unread one would hold its connection.
        drop(response.stream());
        let may_be_kept = may_be_kept(&response);
        Ok(Answer::Found { reading, validators: Validators::default(), may_be_kept })
    }

    async fn extract(&self, url: &Url, mut response: Response, until: Timestamp) -> Result<Answer, Failure> {
        let content_type = header(&response, "content-type");
        let content_language = header(&response, "content-language");
        let context = PageContext {
            url,
            content_type: content_type.as_deref(),
            content_language: content_language.as_deref(),
        };
        let validators = Validators::of(|name| header(&response, name));
        let may_be_kept = may_be_kept(&response);
        let mut extractor = match Extractor::new(context, self.limits) {
            Ok(extractor) => extractor,
            Err(rejection) => {
                drop(response.stream());
                let reading =
                    Reading::Rejected { reason: rejection.to_string(), links: Vec::new(), gone: false };
                return Ok(Answer::Found { reading, validators, may_be_kept });
            }
        };
        let mut bytes = 0_u64;
        let mut held = Held::default();
        if let Ok(mut stream) = response.stream() {
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|e| Failure::transient(format!("the page was cut: {e}")))?;
                bytes = bytes.saturating_add(chunk.len() as u64);
                turn::give_way().await;
                let flow = extractor.push(&chunk);
                if !held.grow_to(extractor.held_bytes()) {
                    let failure = Failure::transient("too many PDFs are being read at once");
                    return Ok(Answer::NotNow(failure, Ended::Abandoned));
                }
                if flow == Flow::Full {
                    break;
                }
            }
        }
        turn::give_way().await;
        let Outcome { page, rejection } = extractor.outcome();
        let Some(why) = rejection else {
            let reading = Reading::Page { page: Box::new(page), bytes, rendered: false };
            return Ok(Answer::Found { reading, validators, may_be_kept });
        };
        Ok(match self.refused(url, why, page.links, until).await {
            Answer::Found { reading, may_be_kept: true, .. } => {
                Answer::Found { reading, validators, may_be_kept }
            }
            other => other,
        })
    }

    /// What becomes of a page that is none: a browser may help, else it stays rejected.
    async fn refused(&self, url: &Url, why: Rejection, links: Vec<String>, until: Timestamp) -> Answer {
        let (reading, may_be_kept) = match self.rendered(url, &why, until).await {
            Ok(Some(reading)) => (reading, true),
            Ok(None) => (Reading::Rejected { reason: why.to_string(), links, gone: false }, true),
            Err(failure) => {
                let reason = format!("{why} Rendering it failed: {failure}.");
                // Others may have more luck.
                (Reading::Rejected { reason, links, gone: false }, false)
            }
        };
        Answer::Found { reading, validators: Validators::default(), may_be_kept }
    }
}

/// What a host answered.
enum Answer {
    /// A page, or why there is none.
    Found { reading: Reading, validators: Validators, may_be_kept: bool },
    /// What is kept of it is what it says.
    Unchanged,
    /// Nothing for now, and how the visit ended for the host.
    NotNow(Failure, Ended),
}

fn judge_status(response: &Response) -> Result<(), Failure> {
    let headers =
        header(response, "retry-after").map(|v| ("retry-after".to_owned(), v)).into_iter().collect();
    let head = HttpReply { status: response.status_code(), headers, body: Vec::new() };
    head.success("the page's server").map(|_| ())
}

/// Cloudflare's checks say so, whatever their status.
fn is_challenge(response: &Response) -> bool {
    header(response, "cf-mitigated").is_some_and(|kind| kind.eq_ignore_ascii_case("challenge"))
}

/// What a server calls private or not to be stored is for one reader only (RFC 9111 5.2.2).
fn may_be_kept(response: &Response) -> bool {
    let said = header(response, "cache-control").unwrap_or_default().to_ascii_lowercase();
    !said.split(',').map(str::trim).any(|word| word == "no-store" || word.starts_with("private"))
}

/// What all PDFs on their way into this isolate may hold together: three of the longest. With one that is being read this
/// is 67 MB of 128.
const HELD_BYTES_MAX: usize = 30_000_000;
/// What they hold. Isolates run one thread.
static HELD_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The share of one PDF.
#[derive(Default)]
pub struct Held(usize);

impl Held {
    /// `false` when there is no room.
    pub fn grow_to(&mut self, bytes: usize) -> bool {
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
