//! The sitemaps of a crawl, read in their host's turn like its pages.

use super::LibraryObject;
use crate::config::Config;
use crate::edge::library_store::CrawlRow;
use crate::edge::slice::{EFFECTS_PER_SLICE, Permit};
use crate::edge::visit::{Turn, Visitor};
use crate::edge::{clock, outgoing, turn};
use crate::job::{Failure, Timestamp};
use crate::library::crawl::SitemapTarget;
use crate::library::sitemap::{self, BYTES_MAX, Sitemap};
use crate::web::admission::Refusal;
use crate::web::canonical::canonical_url;
use crate::web::politeness::Ended;
use crate::web::robots::{RobotsFile, Rules};
use crate::web::visit::Brought;
use worker::{AbortSignal, Response, Result};

/// One sitemap is given up after this long, its host's turn included: 10 MB at 1 MB/s, and a queue.
const SITEMAP_MS_MAX: u64 = 25_000;
/// Redirects followed, as for pages.
const HOPS_MAX: usize = 5;
/// Sitemaps of one robots.txt that are looked at: as many as a crawl reads.
const NAMED_MAX: usize = 50;
/// What the server is told we read.
const ACCEPT: &str = "application/xml,text/xml,text/plain;q=0.9,*/*;q=0.1";

impl LibraryObject {
    /// Reads the sitemaps that wait, one after the other, until `until`; says how many.
    pub(super) async fn read_sitemaps(
        &self,
        row: &mut CrawlRow,
        config: &Config,
        until: Timestamp,
    ) -> Result<usize> {
        let permit = Permit::default();
        let visitor = self.visitor(config, &permit);
        for begun in 0..EFFECTS_PER_SLICE {
            if clock::now() >= until {
                return Ok(begun);
            }
            let Some(target) = row.crawl.next_sitemap() else { return Ok(begun) };
            // As for a page: what brings this isolate down is found out.
            self.store.put_crawl(row)?;
            let (visitor, target) = (&visitor, &target);
            let read =
                clock::within(SITEMAP_MS_MAX, |signal| async move { read(visitor, target, &signal).await });
            let outcome = read.await.map_err(|failure| failure.cause().to_owned());
            if !self.store.is_open_crawl(&row.id)? {
                // Its collection was deleted in the meantime.
                row.crawl.stop();
                return Ok(begun);
            }
            let collection = row.crawl.collection().clone();
            // What cannot be looked up is read.
            row.crawl.sitemap_read(outcome, |url, lastmod| {
                let known = self.store.known(&collection.key(&canonical_url(url))).ok().flatten()?;
                let checked_at = known.checked_at.as_deref().filter(|_| known.fetched != 0)?;
                sitemap::is_current(lastmod, checked_at).then(|| known.links())
            });
            self.store.put_crawl(row)?;
        }
        Ok(EFFECTS_PER_SLICE)
    }
}

/// What a sitemap lists, or which ones a robots.txt names.
async fn read(
    visitor: &Visitor<'_>,
    target: &SitemapTarget,
    signal: &AbortSignal,
) -> std::result::Result<Sitemap, Failure> {
    let body = body(visitor, target, signal).await?;
    if target.is_robots {
        let file = RobotsFile::Found(String::from_utf8_lossy(&body).into_owned());
        let named = Rules::of(&file, clock::now()).sitemaps(NAMED_MAX);
        return Ok(Sitemap { sitemaps: named.into_iter().map(String::from).collect(), pages: Vec::new() });
    }
    turn::in_turn(|| sitemap::read(&body)).await.map_err(|e| Failure::permanent(e.to_string()))
}

/// A file as far as it counts.
async fn body(
    visitor: &Visitor<'_>,
    target: &SitemapTarget,
    signal: &AbortSignal,
) -> std::result::Result<Vec<u8>, Failure> {
    let refused = |e: Refusal| Failure::permanent(e.to_string());
    let mut url = visitor.admission.admit(&target.url).map_err(refused)?;
    let until = clock::now().plus_ms(SITEMAP_MS_MAX);
    for _ in 0..=HOPS_MAX {
        // Nothing is kept under this name; a robots.txt is there to be read, whatever it says.
        let key = format!("{url} sitemap");
        let visit = match visitor.turn(&url, &key, !target.is_robots, until, signal).await? {
            Turn::Go(visit, _) => visit,
            Turn::Disallowed => return Err(Failure::permanent("the site's robots.txt does not allow it")),
            Turn::Known(_) => return Err(Failure::permanent("it is a page")),
        };
        let mut response = visitor.get(&url, [("accept", ACCEPT)], signal).await?;
        let status = response.status_code();
        let location = response.headers().get("location").ok().flatten();
        let found = if (200..300).contains(&status) {
            Some(outgoing::beginning(&mut response, BYTES_MAX).await?)
        } else {
            None
        };
        if found.is_none() {
            // Dropping the stream cancels the body: an unread one would hold its connection.
            drop(response.stream());
        }
        let ended = match status {
            429 | 503 => Ended::Throttled { retry_after_ms: retry_after_ms(&response) },
            500.. => Ended::Failed,
            _ => Ended::Answered,
        };
        visit.leave(ended, Brought::Nothing).await;
        match (found, location) {
            (Some(body), _) => return Ok(body),
            (None, Some(location)) if (300..400).contains(&status) => {
                url = visitor.admission.admit_redirect(&url, &location).map_err(refused)?;
            }
            _ => return Err(Failure::permanent(format!("its server answered {status}"))),
        }
    }
    Err(Failure::permanent(format!("more than {HOPS_MAX} redirects")))
}

/// `Retry-After` in whole seconds, in milliseconds.
fn retry_after_ms(response: &Response) -> Option<u64> {
    let said = response.headers().get("retry-after").ok().flatten()?;
    said.trim().parse::<u64>().ok().map(|seconds| seconds.saturating_mul(1_000))
}
