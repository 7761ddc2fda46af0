//! One object per owner's library: documents in, documents found, sites crawled by alarm.

mod crawling;
mod sitemaps;

use crate::api::ApiError;
use crate::api::library::{CollectionList, CrawlView, DocumentList, DocumentView};
use crate::config::Config;
use crate::edge::library_store::{Fetched, LibraryStore, NewRow, Put};
use crate::edge::read::{self, NotRead, Read};
use crate::edge::slice::{self, Permit, RETRY_MS, Turnstile};
use crate::edge::visit::Visitor;
use crate::edge::{clock, reply, settings, turn};
use crate::library::collection::Collection;
use crate::library::query::rank::Found;
use crate::page::{Limits, Page};
use crate::search::{Hit, SearchQuery};
use crate::web::canonical::{canonical_url, host_key};
use crate::web::visit::Validators;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use url::Url;
use worker::{DurableObject, Env, Error, Method, Request, Response, Result, State, durable_object};

pub use crawling::CrawlOrder;

/// A document to be added, as the entry hands it over.
#[derive(Serialize, Deserialize)]
pub struct Addition {
    /// Id it gets unless its URL is known already.
    pub id: String,
    /// Address under which it is cited.
    pub url: Url,
    /// Where it belongs.
    pub collection: Collection,
    /// Title that overrides the document's own.
    pub title: Option<String>,
    /// The document, read; without one it is fetched from its URL.
    pub page: Option<Box<Page>>,
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
    /// There is no room for it.
    Full(String),
}

/// A page of the list.
#[derive(Serialize, Deserialize)]
pub struct Listing {
    /// Only this collection.
    pub collection: Option<Collection>,
    /// Last id of the page before.
    pub cursor: Option<String>,
    /// How many.
    pub limit: Option<u32>,
}

/// Documents on one page of the list.
const LIST_LIMIT: u32 = 50;
/// Most documents on one page of the list.
const LIST_LIMIT_MAX: u32 = 100;
/// One page of a crawl, or one that its caller waits for, is given up after this long, the wait for its host's turn included.
const READ_MS_MAX: u64 = 25_000;
/// Documents deleted in one go: at some 20 rows of the index each this takes a few milliseconds.
const DELETED_AT_ONCE: u32 = 50;
/// Goes in which the largest collection is deleted: 50,000 documents, 50 at once.
const DELETIONS_MAX: u32 = 1_000;
/// Most bytes of a document's links that are kept: 1,000 of them, of 64 bytes.
const LINKS_BYTES_MAX: usize = 64 * 1024;

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
                let found = self.find(&reply::message(&mut request).await?).await?;
                reply::json(200, &found.into_iter().map(|found| found.hit).collect::<Vec<Hit>>())
            }
            (Method::Post, "/find") => {
                reply::json(200, &self.find(&reply::message(&mut request).await?).await?)
            }
            (Method::Post, "/crawls") => self.begin_crawl(reply::message(&mut request).await?).await,
            (Method::Get, "/collections") => reply::json(200, &self.collections()?),
            (method, path) => self.one(method, path).await,
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if let Err(error) = self.crawl_slice().await {
            crate::edge::log::error("library_alarm", &error);
            slice::set_alarm(&self.state, RETRY_MS).await?;
        }
        Response::empty()
    }
}

impl LibraryObject {
    /// One document, crawl or collection.
    async fn one(&self, method: Method, path: &str) -> Result<Response> {
        if !self.store.open()? {
            return not_found(path);
        }
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method, parts.as_slice()) {
            (Method::Get, ["documents", id]) => match self.store.document(id)? {
                Some(document) => reply::json(200, &document),
                None => not_found(path),
            },
            (Method::Delete, ["documents", id]) if self.store.delete(id)? => {
                Ok(Response::empty()?.with_status(204))
            }
            (Method::Get, ["crawls", id]) => match self.store.crawl(id)? {
                Some(row) => reply::json(200, &CrawlView::new(row.id, row.url, &row.crawl)),
                None => not_found(path),
            },
            (Method::Delete, ["collections", name]) => match name.parse() {
                Ok(collection) if self.delete_collection(&collection).await? => {
                    Ok(Response::empty()?.with_status(204))
                }
                _ => not_found(path),
            },
            _ => not_found(path),
        }
    }

    async fn add(&self, addition: Addition) -> Result<Added> {
        let Addition { id, url, collection, title, page } = addition;
        let (url, mut page, fetched) = match page {
            Some(page) => (url, *page, None),
            None => match self.read(url.as_str(), self.config()?.as_ref(), None).await {
                Ok(Some(Read { url, page, validators, .. })) => {
                    let fetched = fetched(&url, &page, validators);
                    (url, page, Some(fetched))
                }
                Ok(None) => return Ok(Added::Failed("the page's server sent no page".to_owned())),
                Err(NotRead::Rejected { reason, .. }) => return Ok(Added::Rejected(reason)),
                Err(NotRead::Failed(failure)) => return Ok(Added::Failed(failure.cause().to_owned())),
            },
        };
        if let Some(title) = title {
            page.title = title;
        }
        self.store.create()?;
        Ok(match self.put(id, &url, collection, page, fetched)? {
            Put::Stored(view) | Put::Unchanged(view) => Added::Stored(view),
            Put::Full(cause) => Added::Full(cause),
        })
    }

    fn put(
        &self,
        id: String,
        url: &Url,
        collection: Collection,
        page: Page,
        fetched: Option<Fetched>,
    ) -> Result<Put> {
        let Page {
            markdown, title, author, published, language, words, sha256, truncated, page_starts, ..
        } = page;
        let key = collection.key(&canonical_url(url));
        let view = DocumentView {
            id,
            collection,
            url: url.to_string(),
            title: if title.is_empty() { url.to_string() } else { title },
            words,
            content_sha256: sha256,
            published,
            author,
            language,
            truncated,
            pages: u32::try_from(page_starts.len()).unwrap_or(u32::MAX),
            added_at: clock::now().to_rfc3339(),
            gone_at: None,
        };
        self.store.put(NewRow { view, key, markdown, page_starts, fetched })
    }

    async fn find(&self, query: &SearchQuery) -> Result<Vec<Found>> {
        if !self.store.open()? {
            return Ok(Vec::new());
        }
        turn::in_turn_for_request(|| self.store.search(query)).await
    }

    fn list(&self, listing: &Listing) -> Result<DocumentList> {
        if !self.store.open()? {
            return Ok(DocumentList { documents: Vec::new(), total: 0, next_cursor: None });
        }
        let within = listing.collection.as_ref();
        let limit = listing.limit.unwrap_or(LIST_LIMIT).clamp(1, LIST_LIMIT_MAX);
        // One more than asked for tells whether there is a next page.
        let mut documents = self.store.list(within, listing.cursor.as_deref().unwrap_or(""), limit + 1)?;
        let more = documents.len() > limit as usize;
        documents.truncate(limit as usize);
        let next_cursor = documents.last().filter(|_| more).map(|d| d.id.clone());
        Ok(DocumentList { documents, total: self.store.count(within)?, next_cursor })
    }

    fn collections(&self) -> Result<CollectionList> {
        let collections = if self.store.open()? { self.store.collections()? } else { Vec::new() };
        Ok(CollectionList { collections })
    }

    /// Deletes all documents of a collection and ends its crawls; says whether there was anything.
    async fn delete_collection(&self, collection: &Collection) -> Result<bool> {
        let mut was_there = self.store.close_crawls(collection)?;
        for _ in 0..DELETIONS_MAX {
            let deleted =
                turn::in_turn_for_request(|| self.store.delete_some(collection, DELETED_AT_ONCE)).await?;
            was_there |= deleted > 0;
            if deleted == 0 {
                break;
            }
        }
        Ok(was_there)
    }

    fn visitor<'a>(&'a self, config: &'a Config, permit: &'a Permit) -> Visitor<'a> {
        Visitor {
            env: &self.env,
            admission: &config.admission,
            pace: config.reading.pace,
            // Whoever adds a page or crawls a site wants it as it is now.
            age_ms_max: 0,
            apis: &config.reading.apis,
            renderer: config.reading.renderer.as_ref(),
            contact: config.public_url.as_ref(),
            permit,
        }
    }

    /// The page at `url`; `None` when it is as `known` says.
    async fn read(
        &self,
        url: &str,
        config: &Config,
        known: Option<&read::Known>,
    ) -> std::result::Result<Option<Read>, NotRead> {
        // Nobody can call a crawl off yet.
        let permit = Permit::default();
        let visitor = self.visitor(config, &permit);
        read::again(&visitor, url, Limits::default(), READ_MS_MAX, known).await
    }

    fn config(&self) -> Result<Rc<Config>> {
        settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))
    }
}

/// What is kept of how a page came.
fn fetched(url: &Url, page: &Page, validators: Validators) -> Fetched {
    let host = host_key(url);
    let same_host = |link: &&String| Url::parse(link).is_ok_and(|link| host_key(&link) == host);
    let mut bytes = 0_usize;
    let fits = |link: &&String| {
        bytes = bytes.saturating_add(link.len());
        bytes <= LINKS_BYTES_MAX
    };
    let links = page.links.iter().filter(same_host).take_while(fits).cloned().collect();
    Fetched { validators, links }
}

fn not_found(path: &str) -> Result<Response> {
    let what = match path.split('/').nth(1) {
        Some("crawls") => "crawl",
        Some("collections") => "collection",
        _ => "document",
    };
    reply::error(&ApiError::NotFound { what })
}
