//! One object per owner's library: documents in, documents found, sites crawled by alarm.

use crate::api::ApiError;
use crate::api::library::{Content, CrawlView, DocumentList, DocumentView, NewDocument};
use crate::config::Config;
use crate::edge::library_store::{CrawlRow, LibraryStore, NewRow};
use crate::edge::read::{self, NotRead, Read};
use crate::edge::slice::{
    self, ALARM_MS_MIN, EFFECTS_PER_SLICE, LEASE_MS, Permit, RETRY_MS, SLICE_MS, Turnstile,
};
use crate::edge::visit::Visitor;
use crate::edge::{clock, reply, settings};
use crate::job::WIDTH;
use crate::library::crawl::{Crawl, CrawlTarget, Visit};
use crate::page::{self, Limits, Page, PageContext};
use crate::search::{Hit, SearchQuery};
use crate::web::canonical::canonical_url;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};
use url::Url;
use worker::{DurableObject, Env, Error, Method, Request, Response, Result, State, durable_object};

/// A document to be added, as the entry hands it over.
#[derive(Serialize, Deserialize)]
pub struct Addition {
    /// Id it gets unless its URL is known already.
    pub id: String,
    /// Address under which it is cited when it has no other.
    pub own_url: String,
    /// What was sent.
    pub document: NewDocument,
}

/// What became of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Added {
    /// It is stored and can be found.
    Stored(DocumentView),
    /// It is of no use, or may not be fetched.
    Rejected(String),
    /// Its server did not give it.
    Failed(String),
}

/// A page of the list.
#[derive(Serialize, Deserialize)]
pub struct Listing {
    /// Last id of the page before.
    pub cursor: Option<String>,
    /// How many.
    pub limit: Option<u32>,
}

/// A crawl to be begun.
#[derive(Serialize, Deserialize)]
pub struct CrawlOrder {
    /// Its id.
    pub id: String,
    /// Where to start; admitted.
    pub start: Url,
    /// Most pages.
    pub max_pages: u32,
    /// Most links away.
    pub max_depth: u32,
}

/// Documents on one page of the list.
const LIST_LIMIT: u32 = 50;
/// Most documents on one page of the list.
const LIST_LIMIT_MAX: u32 = 100;
/// Crawls that may wait at once: each may hold 1 MB of state.
const CRAWLS_OPEN_MAX: u32 = 20;
/// One page of a crawl, or one that its caller waits for, is given up after this long.
const READ_MS_MAX: u64 = 15_000;
/// The Durable Object of one library.
#[durable_object(alarm)]
pub struct LibraryObject {
    state: State,
    env: Env,
    store: LibraryStore,
    crawling: Turnstile,
}

impl DurableObject for LibraryObject {
    fn new(state: State, env: Env) -> Self {
        let store = LibraryStore::new(state.storage().sql());
        Self { state, env, store, crawling: Turnstile::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let path = request.path();
        match (request.method(), path.as_str()) {
            (Method::Post, "/documents") => {
                reply::json(200, &self.add(reply::message(&mut request).await?).await?)
            }
            (Method::Post, "/list") => reply::json(200, &self.list(&reply::message(&mut request).await?)?),
            (Method::Post, "/search") => {
                let query: SearchQuery = reply::message(&mut request).await?;
                let hits = clock::in_turn(|| self.search(&query)).await?;
                reply::json(200, &hits)
            }
            (Method::Post, "/crawls") => self.begin_crawl(reply::message(&mut request).await?).await,
            (method, path) => match (method, path.strip_prefix("/documents/"), path.strip_prefix("/crawls/"))
            {
                (_, Some(_), _) | (_, _, Some(_)) if !self.store.exists()? => not_found(path),
                (Method::Get, Some(id), _) => match self.store.document(id)? {
                    Some(document) => reply::json(200, &document),
                    None => not_found(path),
                },
                (Method::Delete, Some(id), _) if self.store.delete(id)? => {
                    Ok(Response::empty()?.with_status(204))
                }
                (Method::Get, _, Some(id)) => match self.store.crawl(id)? {
                    Some(row) => reply::json(200, &CrawlView::new(row.id, row.url, &row.crawl)),
                    None => not_found(path),
                },
                _ => not_found(path),
            },
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if let Err(error) = self.crawl_slice().await {
            worker::console_error!("library {}: {error}", self.state.id());
            slice::set_alarm(&self.state, RETRY_MS).await?;
        }
        Response::empty()
    }
}

impl LibraryObject {
    async fn add(&self, addition: Addition) -> Result<Added> {
        let Addition { id, own_url, document: NewDocument { content, title, url } } = addition;
        let given_url = match url.as_deref().map(Url::parse) {
            None => Url::parse(&own_url)?,
            Some(Ok(url)) if matches!(url.scheme(), "http" | "https") => url,
            Some(_) => return Ok(Added::Rejected("`url` must be an absolute http(s) URL".into())),
        };
        let html = |text: &str| {
            let context = PageContext {
                url: &given_url,
                content_type: Some("text/html; charset=utf-8"),
                content_language: None,
            };
            page::extract(context, text.as_bytes())
        };
        let (url, mut page) = match content {
            Content::Fetch => match self.read(given_url.as_str(), &self.config()?).await {
                Ok(Read { url, page, .. }) => (url, page),
                Err(NotRead::Rejected { reason, .. }) => return Ok(Added::Rejected(reason)),
                Err(NotRead::Failed(failure)) => return Ok(Added::Failed(failure.cause().to_owned())),
            },
            Content::Html(text) => match html(&text) {
                Ok(page) => (given_url, page),
                Err(rejection) => return Ok(Added::Rejected(rejection.to_string())),
            },
            Content::Markdown(text) => {
                let page = page::from_markdown(&given_url, &text);
                (given_url, page)
            }
            Content::Text(text) => (given_url, page::from_text(&text)),
        };
        if let Some(title) = title {
            page.title = title;
        }
        self.store.create()?;
        self.put(id, &url, page).map(Added::Stored)
    }

    fn put(&self, id: String, url: &Url, page: Page) -> Result<DocumentView> {
        let Page { markdown, title, author, published, language, words, sha256, truncated, .. } = page;
        let view = DocumentView {
            id,
            url: url.to_string(),
            title: if title.is_empty() { url.to_string() } else { title },
            words,
            content_sha256: sha256,
            published,
            author,
            language,
            truncated,
            added_at: clock::now().to_rfc3339(),
        };
        self.store.put(NewRow { view, key: canonical_url(url), markdown })
    }

    fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>> {
        if self.store.exists()? { self.store.search(query) } else { Ok(Vec::new()) }
    }

    fn list(&self, listing: &Listing) -> Result<DocumentList> {
        if !self.store.exists()? {
            return Ok(DocumentList { documents: Vec::new(), total: 0, next_cursor: None });
        }
        let limit = listing.limit.unwrap_or(LIST_LIMIT).clamp(1, LIST_LIMIT_MAX);
        // One more than asked for tells whether there is a next page.
        let mut documents = self.store.list(listing.cursor.as_deref().unwrap_or(""), limit + 1)?;
        let more = documents.len() > limit as usize;
        documents.truncate(limit as usize);
        let next_cursor = documents.last().filter(|_| more).map(|d| d.id.clone());
        Ok(DocumentList { documents, total: self.store.count()?, next_cursor })
    }

    async fn begin_crawl(&self, order: CrawlOrder) -> Result<Response> {
        let crawl = match Crawl::new(&order.start, order.max_pages, order.max_depth) {
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

    /// One slice of the oldest open crawl. A page and the state that says it was read are one commit.
    async fn crawl_slice(&self) -> Result<()> {
        let Some(_pass) = self.crawling.enter() else { return Ok(()) };
        if !self.store.exists()? {
            return Ok(());
        }
        let Some(mut row) = self.store.open_crawl()? else { return Ok(()) };
        slice::set_alarm(&self.state, LEASE_MS).await?;
        let config = self.config()?;
        let until = clock::now().plus_ms(SLICE_MS);
        row.crawl.resume();
        self.store.put_crawl(&row)?;
        let mut begun = 0;
        let mut reading = FuturesUnordered::new();
        loop {
            if clock::now() < until {
                let room = WIDTH.saturating_sub(reading.len()).min(EFFECTS_PER_SLICE.saturating_sub(begun));
                let targets = row.crawl.next(room);
                if !targets.is_empty() {
                    // What is being read is on disk before it is read: a page that brings this isolate down is found out.
                    self.store.put_crawl(&row)?;
                }
                for CrawlTarget { url, .. } in targets {
                    begun += 1;
                    let config = &config;
                    reading.push(async move { (self.read(&url, config).await, url) });
                }
            }
            let Some((outcome, url)) = reading.next().await else { break };
            let visit = self.keep(outcome)?;
            row.crawl.visited(&url, &visit);
            self.store.put_crawl(&row)?;
        }
        if self.store.open_crawl()?.is_some() {
            slice::set_alarm(&self.state, ALARM_MS_MIN).await
        } else {
            self.state.storage().delete_alarm().await
        }
    }

    fn keep(&self, outcome: std::result::Result<Read, NotRead>) -> Result<Visit> {
        Ok(match outcome {
            Ok(Read { url, page, .. }) => {
                let links = page.links.clone();
                let id = new_id()?;
                self.put(id, &url, page)?;
                Visit::Read { links }
            }
            Err(NotRead::Rejected { reason, links }) => Visit::Failed { cause: reason, links },
            Err(NotRead::Failed(failure)) => {
                Visit::Failed { cause: failure.cause().to_owned(), links: Vec::new() }
            }
        })
    }

    async fn read(&self, url: &str, config: &Config) -> std::result::Result<Read, NotRead> {
        let visitor = Visitor {
            env: &self.env,
            admission: &config.admission,
            pace: config.reading.pace,
            // Whoever adds a page or crawls a site wants it as it is now.
            age_ms_max: 0,
            apis: &config.reading.apis,
            renderer: config.reading.renderer.as_ref(),
            contact: config.public_url.as_ref(),
            // Nobody can call a crawl off yet.
            permit: &Permit::default(),
        };
        read::page(&visitor, url, Limits::default(), READ_MS_MAX).await
    }

    fn config(&self) -> Result<Config> {
        settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))
    }
}

fn new_id() -> Result<String> {
    use crate::api::id::{ID_BYTES, IdKind};
    let random = crate::edge::entropy::bytes::<ID_BYTES>().map_err(|e| Error::RustError(e.to_string()))?;
    Ok(IdKind::Document.format(random))
}

fn not_found(path: &str) -> Result<Response> {
    let what = if path.starts_with("/crawls/") { "crawl" } else { "document" };
    reply::error(&ApiError::NotFound { what })
}
