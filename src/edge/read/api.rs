//! Reading a page through its site's API: each call in the turn of the API's own host.

use super::{Read, Reader};
use crate::edge::visit::{Turn, Visit};
use crate::edge::{clock, log, outgoing};
use crate::job::Failure;
use crate::log::{Level, Line};
use crate::web::http::{HttpReply, HttpRequest};
use crate::web::known::Known;
use crate::web::politeness::Ended;
use crate::web::visit::{Brought, Reading, Validators};
use url::Url;
use worker::AbortSignal;

/// All calls for one page with their turns: two of about a second, a second apart, and the rest for a queue. What is left of
/// a step's 30 s is still enough for the page itself.
const API_MS_MAX: u64 = 12_000;
/// Redirects of one call: repositories that were renamed, articles under another title, READMEs on another host.
const HOPS_MAX: usize = 2;

impl Reader<'_> {
    /// The page through its site's API; none where the API does not give it, and the page itself is to be read.
    pub(super) async fn through_api(&self, known: &Known) -> Option<Read> {
        let first = known.request(self.visitor.apis, &[])?;
        let asked =
            clock::within(API_MS_MAX, |signal| async move { self.ask_api(known, first, &signal).await });
        match asked.await {
            Ok(read) => read,
            Err(failure) => {
                let line = Line::new(Level::Warn, "site_api", clock::now()).with("site", known.site().name());
                log::write(&line.quoting("cause", failure.cause()));
                None
            }
        }
    }

    async fn ask_api(
        &self,
        known: &Known,
        mut request: HttpRequest,
        signal: &AbortSignal,
    ) -> Result<Option<Read>, Failure> {
        let url = known.url().clone();
        let mut replies = Vec::new();
        let mut bytes = 0_u64;
        loop {
            let (reply, visit) = match self.call(known, request, signal).await? {
                Called::Known(Reading::Page { page, bytes, rendered }) => {
                    return Ok(Some(Read {
                        url,
                        page: *page,
                        bytes,
                        rendered,
                        validators: Validators::default(),
                    }));
                }
                Called::Known(_) => return Ok(None),
                Called::Answered(reply, visit) => (reply, visit),
            };
            bytes = bytes.saturating_add(reply.as_ref().map_or(0, |reply| reply.body.len() as u64));
            replies.push(reply);
            if let Some(next) = known.request(self.visitor.apis, &replies) {
                leave(visit, Brought::Nothing).await;
                request = next;
                continue;
            }
            let page = known.page(&replies, self.limits);
            let brought = page.as_ref().map_or(Brought::Nothing, |page| Brought::Found {
                reading: Reading::Page { page: Box::new(page.clone()), bytes, rendered: false },
                validators: Validators::default(),
            });
            leave(visit, brought).await;
            return match page {
                Ok(page) => {
                    Ok(Some(Read { url, page, bytes, rendered: false, validators: Validators::default() }))
                }
                Err(why) => Err(Failure::permanent(why.to_string())),
            };
        }
    }

    /// One call with its redirects, each request in the turn of its host.
    async fn call(
        &self,
        known: &Known,
        mut request: HttpRequest,
        signal: &AbortSignal,
    ) -> Result<Called, Failure> {
        let key = self.key(known.url());
        for _ in 0..=HOPS_MAX {
            let url =
                Url::parse(&request.url).map_err(|_| Failure::permanent("the API's address is no URL"))?;
            let with_robots = known.site().obeys_robots();
            let visit = match self.visitor.turn(&url, &key, with_robots, self.until, signal).await? {
                Turn::Known(reading) => return Ok(Called::Known(reading)),
                Turn::Disallowed => return Err(Failure::permanent("robots.txt does not allow it")),
                Turn::Go(visit, _) => visit,
            };
            let reply = match self.get(&url, &request).await {
                Ok(reply) => reply,
                Err(failure) => {
                    visit.leave(Ended::Failed, Brought::Nothing).await;
                    return Err(failure);
                }
            };
            let Some(reply) = reply else { return Ok(Called::Answered(None, Some(visit))) };
            if let Some(retry_after_ms) = known.throttled(&reply, clock::now()) {
                visit.leave(Ended::Throttled { retry_after_ms }, Brought::Nothing).await;
                return Ok(Called::Answered(Some(reply), None));
            }
            let location =
                reply.header("location").filter(|_| matches!(reply.status, 301 | 302 | 303 | 307 | 308));
            let Some(location) = location else { return Ok(Called::Answered(Some(reply), Some(visit))) };
            let to = self.visitor.admission.admit_redirect(&url, location);
            visit.leave(Ended::Answered, Brought::Nothing).await;
            let to = to.map_err(|e| Failure::permanent(format!("redirected to a refused address: {e}")))?;
            if to.origin() != url.origin() {
                request.headers.retain(|(name, _)| name != "authorization");
            }
            request.url = to.into();
        }
        Err(Failure::permanent(format!("more than {HOPS_MAX} redirects")))
    }

    /// The reply, whatever its status; none when it is too long.
    async fn get(&self, url: &Url, request: &HttpRequest) -> Result<Option<HttpReply>, Failure> {
        clock::within(request.timeout_ms, |signal| async move {
            let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let mut response = self.visitor.get(url, headers, &signal).await?;
            let (status, headers) = (response.status_code(), response.headers().entries().collect());
            let body = outgoing::body(&mut response, request.reply_bytes_max).await?;
            Ok(body.map(|body| HttpReply { status, headers, body }))
        })
        .await
    }
}

/// What became of a call.
enum Called {
    /// Nothing had to be asked: the page was read lately.
    Known(Reading),
    /// The reply, unless it was too long, and the visit, unless it is over.
    Answered(Option<HttpReply>, Option<Visit>),
}

async fn leave(visit: Option<Visit>, brought: Brought) {
    if let Some(visit) = visit {
        visit.leave(Ended::Answered, brought).await;
    }
}
