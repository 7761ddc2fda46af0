//! Documents, crawls and searches of the caller's library.

use super::{Answer, OBJECT_MS_MAX, Site, body, number, query, relay};
use crate::api::ApiError;
use crate::api::id::{ID_BYTES, IdKind};
use crate::api::library::{DOCUMENT_BYTES_MAX, new_crawl, new_document};
use crate::api::request::BODY_BYTES_MAX;
use crate::edge::library_do::{Added, Addition, CrawlOrder, Listing};
use crate::edge::{entropy, reply, settings};
use crate::search::SearchQuery;
use serde_json::json;
use worker::{Method, Request, Stub};

/// An object that reads a page for the caller may take this much longer than a page read does.
const ADD_MS_MAX: u64 = 28_000;
/// Hits of a library search when none are asked for, and at most.
const SEARCH_HITS: u32 = 10;
/// Most hits of a library search.
const SEARCH_HITS_MAX: u32 = 20;

impl Site<'_> {
    pub(in crate::edge) async fn add_document(&self, request: &mut Request) -> Answer {
        let origin = self.origin(request);
        let document = new_document(&body(request, DOCUMENT_BYTES_MAX).await?)?;
        let id = IdKind::Document.format(entropy::bytes::<ID_BYTES>()?);
        let own_url = format!("{origin}/v1/library/documents/{id}");
        let addition = Addition { id, own_url, document };
        let stub = self.library()?;
        let call = reply::call(&stub, Method::Post, "/documents", Some(&addition));
        let response = self.object("the library", ADD_MS_MAX, call).await?;
        let added: Option<Added> =
            reply::decoded(response).await.map_err(|e| reply::unavailable("the library", &e))?;
        match added {
            Some(Added::Stored(view)) => {
                let location = format!("/v1/library/documents/{}", view.id);
                reply::json(201, &view)
                    .and_then(|mut r| r.headers_mut().set("location", &location).map(|()| r))
                    .map_err(|e| reply::unavailable("this deployment", &e))
            }
            Some(Added::Rejected(cause)) => Err(ApiError::Unusable { cause }),
            Some(Added::Failed(cause)) => Err(ApiError::Upstream { cause }),
            None => Err(ApiError::Unavailable { cause: "the library gave no answer: try again".into() }),
        }
    }

    pub(in crate::edge) async fn list_documents(&self, request: &Request) -> Answer {
        let query = query(request)?;
        let listing = Listing { cursor: query.get("cursor").cloned(), limit: number(&query, "limit")? };
        self.library_call(Method::Post, "/list", Some(&listing)).await
    }

    pub(in crate::edge) async fn document(&self, method: Method, id: &str) -> Answer {
        if !IdKind::Document.admits(id) {
            return Err(ApiError::NotFound { what: "document" });
        }
        self.library_call::<()>(method, &format!("/documents/{id}"), None).await
    }

    pub(in crate::edge) async fn create_crawl(&self, request: &mut Request) -> Answer {
        let crawl = new_crawl(&body(request, BODY_BYTES_MAX).await?)?;
        let start = self
            .config
            .admission
            .admit(&crawl.url)
            .map_err(|e| ApiError::Unusable { cause: e.to_string() })?;
        let id = IdKind::Crawl.format(entropy::bytes::<ID_BYTES>()?);
        let order = CrawlOrder { id, start, max_pages: crawl.max_pages, max_depth: crawl.max_depth };
        self.library_call(Method::Post, "/crawls", Some(&order)).await
    }

    pub(in crate::edge) async fn get_crawl(&self, id: &str) -> Answer {
        if !IdKind::Crawl.admits(id) {
            return Err(ApiError::NotFound { what: "crawl" });
        }
        self.library_call::<()>(Method::Get, &format!("/crawls/{id}"), None).await
    }

    pub(in crate::edge) async fn search(&self, request: &Request) -> Answer {
        let query = query(request)?;
        let Some(text) = query.get("q").map(|q| q.trim().to_owned()).filter(|q| !q.is_empty()) else {
            return Err(ApiError::bad_request("`q` is required: send the words to search for"));
        };
        let count = number(&query, "limit")?.unwrap_or(SEARCH_HITS).clamp(1, SEARCH_HITS_MAX);
        let search = SearchQuery { text, count, ..SearchQuery::default() };
        let stub = self.library()?;
        let call = reply::call(&stub, Method::Post, "/search", Some(&search));
        let response = self.object("the library", OBJECT_MS_MAX, call).await?;
        let hits: Option<Vec<crate::search::Hit>> =
            reply::decoded(response).await.map_err(|e| reply::unavailable("the library", &e))?;
        let hits = hits.unwrap_or_default();
        reply::json(200, &json!({ "results": hits })).map_err(|e| reply::unavailable("this deployment", &e))
    }

    pub(in crate::edge) async fn library_call<T: serde::Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&T>,
    ) -> Answer {
        let stub = self.library()?;
        relay(self.object("the library", OBJECT_MS_MAX, reply::call(&stub, method, path, body)).await?)
    }

    fn library(&self) -> std::result::Result<Stub, ApiError> {
        settings::library(self.env, self.owner.as_str()).map_err(|e| reply::unavailable("the library", &e))
    }
}
