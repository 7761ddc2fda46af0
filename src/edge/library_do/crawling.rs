//! Crawls of a library: begun by a request, carried on by alarm, slice by slice.

use super::{LibraryObject, fetched};
use crate::api::ApiError;
use crate::api::library::CrawlView;
use crate::edge::clock;
use crate::edge::library_store::{CrawlRow, Known, Put};
use crate::edge::read::{NotRead, Read};
use crate::edge::slice::{self, ALARM_MS_MIN, EFFECTS_PER_SLICE, LEASE_MS, SLICE_MS};
use crate::edge::{entropy, reply};
use crate::job::{Failure, WIDTH};
use crate::library::crawl::{Crawl, CrawlTarget, Options, Visit};
use crate::web::canonical::canonical_url;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};
use url::Url;
use worker::{Error, Response, Result};

/// A crawl to be begun.
#[derive(Serialize, Deserialize)]
pub struct CrawlOrder {
    /// Its id.
    pub id: String,
    /// What it does beyond following links.
    pub options: Options,
    /// Where to start; admitted.
    pub start: Url,
    /// Most pages.
    pub max_pages: u32,
    /// Most links away.
    pub max_depth: u32,
}

/// Which crawl is to be carried on.
enum Ready {
    /// This one.
    Now(Box<CrawlRow>),
    /// One of them, in so many milliseconds.
    In(u64),
    /// None is open.
    Never,
}

/// Crawls that may wait at once: each may hold 1 MB of state.
const CRAWLS_OPEN_MAX: u32 = 20;

impl LibraryObject {
    pub(super) async fn begin_crawl(&self, order: CrawlOrder) -> Result<Response> {
        let crawl =
            match Crawl::new(&order.start, order.options, clock::now(), order.max_pages, order.max_depth) {
                Ok(crawl) => crawl,
                Err(error) => return reply::error(&ApiError::Unusable { cause: error.to_string() }),
            };
        self.store.create()?;
        if self.store.open_crawls()? >= CRAWLS_OPEN_MAX {
            let cause =
                format!("{CRAWLS_OPEN_MAX} crawls are waiting already: begin this one when one is done");
            return reply::error(&ApiError::Unavailable { cause });
        }
        let row = CrawlRow { id: order.id, url: order.start.to_string(), crawl };
        self.store.put_crawl(&row)?;
        slice::set_alarm(&self.state, ALARM_MS_MIN).await?;
        let location = format!("/v1/library/crawls/{}", row.id);
        let mut response = reply::json(202, &CrawlView::new(row.id, row.url, &row.crawl))?;
        response.headers_mut().set("location", &location)?;
        Ok(response)
    }

    /// One slice of the oldest open crawl whose site may be read. A page and the state that says it was read are one commit.
    pub(super) async fn crawl_slice(&self) -> Result<()> {
        let Some(_pass) = self.crawling.enter() else { return Ok(()) };
        if !self.store.open()? {
            return Ok(());
        }
        let mut row = match self.ready_crawl()? {
            Ready::Now(row) => *row,
            Ready::In(ms) => return slice::set_alarm(&self.state, ms).await,
            Ready::Never => return Ok(()),
        };
        slice::set_alarm(&self.state, LEASE_MS).await?;
        let config = self.config()?;
        let until = clock::now().plus_ms(SLICE_MS);
        row.crawl.resume();
        self.store.put_crawl(&row)?;
        let mut begun = self.read_sitemaps(&mut row, &config, until).await?;
        let width = config.reading.pace.connections.saturating_add(1).min(WIDTH);
        let mut reading = FuturesUnordered::new();
        loop {
            if clock::now() < until && row.crawl.resume_at() <= clock::now() {
                if let Some(sweep) = row.crawl.sweep() {
                    row.crawl.swept(&self.store.to_sweep(&sweep)?);
                    self.store.put_crawl(&row)?;
                }
                let room = width.saturating_sub(reading.len()).min(EFFECTS_PER_SLICE.saturating_sub(begun));
                let targets = row.crawl.next(room);
                if !targets.is_empty() {
                    // What is being read is on disk before it is read: a page that brings this isolate down is found out.
                    self.store.put_crawl(&row)?;
                }
                for CrawlTarget { url, .. } in targets {
                    begun += 1;
                    let known = self.known(&row, &url)?;
                    let config = &config;
                    reading.push(async move {
                        let compared = known.as_ref().and_then(Known::comparable);
                        (self.read(&url, config, compared.as_ref()).await, url)
                    });
                }
            }
            let Some((outcome, url)) = reading.next().await else { break };
            if !self.store.is_open_crawl(&row.id)? {
                // Its collection was deleted in the meantime.
                break;
            }
            let left_alone_ms = match &outcome {
                Err(NotRead::Failed(Failure::Transient { retry_after_ms, .. })) => *retry_after_ms,
                _ => None,
            };
            let now = clock::now();
            if !left_alone_ms.is_some_and(|ms| row.crawl.postpone(&url, now.plus_ms(ms), now)) {
                let visit = self.keep(&row, &url, outcome)?;
                row.crawl.visited(&url, &visit);
            }
            self.store.put_crawl(&row)?;
        }
        if self.store.open_crawl()?.is_some() {
            slice::set_alarm(&self.state, ALARM_MS_MIN).await
        } else {
            self.state.storage().delete_alarm().await
        }
    }

    /// The oldest open crawl whose site does not want to be left alone; those whose site does go to the back.
    fn ready_crawl(&self) -> Result<Ready> {
        let now = clock::now();
        let mut wait_ms = None;
        for _ in 0..self.store.open_crawls()? {
            let Some(row) = self.store.open_crawl()? else { break };
            let ms = row.crawl.resume_at().ms_since(now);
            if ms == 0 {
                return Ok(Ready::Now(Box::new(row)));
            }
            wait_ms = Some(wait_ms.unwrap_or(ms).min(ms));
            self.store.put_last(&row.id)?;
        }
        Ok(wait_ms.map_or(Ready::Never, Ready::In))
    }

    /// What is stored of a page in the crawl's collection.
    fn known(&self, row: &CrawlRow, url: &str) -> Result<Option<Known>> {
        let Ok(url) = Url::parse(url) else { return Ok(None) };
        self.store.known(&row.crawl.collection().key(&canonical_url(&url)))
    }

    fn keep(
        &self,
        row: &CrawlRow,
        asked: &str,
        outcome: std::result::Result<Option<Read>, NotRead>,
    ) -> Result<Visit> {
        let known = self.known(row, asked)?;
        Ok(match (outcome, known) {
            (Ok(Some(Read { url, page, validators, .. })), known) => {
                let links = page.links.clone();
                let fetched = fetched(&url, &page, validators);
                let put = self.put(new_id()?, &url, row.crawl.collection().clone(), page, Some(fetched))?;
                // It moved: the old address is no page of its own any more.
                if let Some(before) = known.filter(|known| !put.is(&known.id)) {
                    self.store.gone(&before, row.crawl.gone(), clock::now())?;
                }
                match put {
                    Put::Stored(_) => Visit::Read { links },
                    Put::Unchanged(_) => Visit::Unchanged { links },
                    Put::Full(cause) => Visit::Failed { cause, links },
                }
            }
            (Ok(None), Some(known)) => {
                self.store.confirm(&known, clock::now())?;
                Visit::Unchanged { links: known.links() }
            }
            (Ok(None), None) => {
                Visit::Failed { cause: "what was stored of it was deleted".to_owned(), links: Vec::new() }
            }
            (Err(NotRead::Rejected { gone: true, .. }), Some(known))
                if self.store.gone(&known, row.crawl.gone(), clock::now())? =>
            {
                Visit::Removed
            }
            (Err(NotRead::Rejected { reason, links, .. }), _) => Visit::Failed { cause: reason, links },
            (Err(NotRead::Failed(failure)), _) => {
                Visit::Failed { cause: failure.cause().to_owned(), links: Vec::new() }
            }
        })
    }
}

fn new_id() -> Result<String> {
    use crate::api::id::{ID_BYTES, IdKind};
    let random = entropy::bytes::<ID_BYTES>().map_err(|e| Error::RustError(e.to_string()))?;
    Ok(IdKind::Document.format(random))
}
