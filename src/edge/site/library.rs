//! Documents, collections, crawls and searches of the caller's library.

use super::{Answer, OBJECT_MS_MAX, Site, body, number, query, relay};
use crate::api::ApiError;
use crate::api::id::{ID_BYTES, IdKind};
use crate::api::library::crawl::new_crawl;
use crate::api::library::search::{library_search, library_search_body};
use crate::api::library::upload::{
    Content, JSON_BYTES_MAX, Labels, NewDocument, labels, new_document, raw_type,
};
use crate::api::request::BODY_BYTES_MAX;
use crate::edge::library_do::{Added, Addition, CrawlOrder, Listing};
use crate::edge::read::Held;
use crate::edge::{entropy, reply, settings, turn};
use crate::library::collection::Collection;
use crate::library::crawl::Sitemaps;
use crate::library::ingest::{Upload, bytes_max};
use crate::library::query::rank::Found;
use crate::page::Page;
use crate::search::SearchQuery;
use futures_util::StreamExt;
use serde_json::json;
use url::Url;
use worker::{Method, Request, Stub};

/// An object that reads a page for the caller may take this much longer than a page read does.
const ADD_MS_MAX: u64 = 28_000;

impl Site<'_> {
    pub(in crate::edge) async fn add_document(&self, request: &mut Request) -> Answer {
        let id = IdKind::Document.format(entropy::bytes::<ID_BYTES>()?);
        let own_url =
            Url::parse(&format!("{}/v1/library/documents/{id}", self.origin(request))).map_err(|_| {
                ApiError::Unavailable { cause: "this deployment does not know its address".into() }
            })?;
        let content_type = request.headers().get("content-type").ok().flatten();
        let (Labels { collection, title, url }, page) = match raw_type(content_type.as_deref())? {
            Some(raw) => {
                let labels = labels(&query(request)?)?;
                let page = uploaded(request, labels.url.as_ref().unwrap_or(&own_url), raw).await?;
                (labels, Some(page))
            }
            None => {
                let beside = labels(&query(request)?)?;
                let document = new_document(&body(request, JSON_BYTES_MAX).await?)?.labelled(beside);
                let NewDocument { labels, content } = document;
                let page = match content {
                    Content::Fetch => None,
                    Content::Bytes { content_type, bytes } => {
                        let url = labels.url.as_ref().unwrap_or(&own_url);
                        Some(given(url, &content_type, bytes).await?)
                    }
                };
                (labels, page)
            }
        };
        let addition =
            Addition { id, url: url.unwrap_or(own_url), collection, title, page: page.map(Box::new) };
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
            Some(Added::Full(cause)) => Err(ApiError::Conflict { cause }),
            None => Err(ApiError::Unavailable { cause: "the library gave no answer: try again".into() }),
        }
    }

    pub(in crate::edge) async fn list_documents(&self, request: &Request) -> Answer {
        let query = query(request)?;
        let collection = query.get("collection").map(|name| collection(name)).transpose()?;
        let listing =
            Listing { collection, cursor: query.get("cursor").cloned(), limit: number(&query, "limit")? };
        self.library_call(Method::Post, "/list", Some(&listing)).await
    }

    pub(in crate::edge) async fn document(&self, method: Method, id: &str) -> Answer {
        if !IdKind::Document.admits(id) {
            return Err(ApiError::NotFound { what: "document" });
        }
        self.library_call::<()>(method, &format!("/documents/{id}"), None).await
    }

    pub(in crate::edge) async fn list_collections(&self) -> Answer {
        self.library_call::<()>(Method::Get, "/collections", None).await
    }

    pub(in crate::edge) async fn delete_collection(&self, name: &str) -> Answer {
        let Ok(collection) = name.parse::<Collection>() else {
            return Err(ApiError::NotFound { what: "collection" });
        };
        self.library_call::<()>(Method::Delete, &format!("/collections/{collection}"), None).await
    }

    pub(in crate::edge) async fn create_crawl(&self, request: &mut Request) -> Answer {
        let crawl = new_crawl(&body(request, BODY_BYTES_MAX).await?)?;
        let start = self.config.admission.admit(&crawl.url).map_err(|e| ApiError::refused("`url`", &e))?;
        if let Some(Sitemaps::At(url)) = &crawl.options.sitemap {
            self.config.admission.admit(url.as_str()).map_err(|e| ApiError::refused("`sitemap`", &e))?;
        }
        let id = IdKind::Crawl.format(entropy::bytes::<ID_BYTES>()?);
        let (max_pages, max_depth, options) = (crawl.max_pages, crawl.max_depth, crawl.options);
        let order = CrawlOrder { id, options, start, max_pages, max_depth };
        self.library_call(Method::Post, "/crawls", Some(&order)).await
    }

    pub(in crate::edge) async fn get_crawl(&self, id: &str) -> Answer {
        if !IdKind::Crawl.admits(id) {
            return Err(ApiError::NotFound { what: "crawl" });
        }
        self.library_call::<()>(Method::Get, &format!("/crawls/{id}"), None).await
    }

    pub(in crate::edge) async fn search(&self, request: &mut Request) -> Answer {
        let search: SearchQuery = if request.method() == Method::Post {
            library_search_body(&body(request, BODY_BYTES_MAX).await?)?
        } else {
            library_search(&query(request)?)?
        };
        self.found(&search).await
    }

    /// What the library holds on a query.
    pub(super) async fn found(&self, search: &SearchQuery) -> Answer {
        let stub = self.library()?;
        let call = reply::call(&stub, Method::Post, "/find", Some(search));
        let response = self.object("the library", OBJECT_MS_MAX, call).await?;
        let found: Option<Vec<Found>> =
            reply::decoded(response).await.map_err(|e| reply::unavailable("the library", &e))?;
        let found = found.unwrap_or_default();
        reply::json(200, &json!({ "results": found })).map_err(|e| reply::unavailable("this deployment", &e))
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

    pub(super) fn library(&self) -> std::result::Result<Stub, ApiError> {
        settings::library(self.env, self.owner.as_str()).map_err(|e| reply::unavailable("the library", &e))
    }
}

fn collection(name: &str) -> std::result::Result<Collection, ApiError> {
    name.parse().map_err(|e| ApiError::bad_request(format!("`collection`: {e}")))
}

/// The document that is the request's body, read as it comes in.
async fn uploaded(request: &mut Request, url: &Url, media: &str) -> std::result::Result<Page, ApiError> {
    let bytes_max = bytes_max(media);
    let mut upload = Upload::begin(url, media).map_err(|e| ApiError::Unusable { cause: e.to_string() })?;
    let mut held = Held::default();
    let (mut bytes, mut crowded) = (0_usize, false);
    if let Ok(mut stream) = request.stream() {
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|e| reply::unavailable("the request's body", &e))?;
            bytes = bytes.saturating_add(chunk.len());
            // What is too much is read to its end all the same: a connection closed early loses the caller the answer.
            if bytes <= bytes_max && !crowded {
                upload.push(&chunk);
                crowded = !held.grow_to(upload.held_bytes());
            } else if bytes > super::DISCARDED_BYTES_MAX {
                break;
            }
        }
    }
    if bytes > bytes_max {
        return Err(ApiError::TooLarge { bytes_max });
    }
    if crowded {
        return Err(ApiError::Unavailable {
            cause: "too many PDFs are being read at once: try again".into(),
        });
    }
    finish(upload).await
}

/// A document that came in JSON.
async fn given(url: &Url, media: &str, bytes: Vec<u8>) -> std::result::Result<Page, ApiError> {
    let bytes_max = bytes_max(media);
    if bytes.len() > bytes_max {
        return Err(ApiError::TooLarge { bytes_max });
    }
    let mut upload = Upload::begin(url, media).map_err(|e| ApiError::Unusable { cause: e.to_string() })?;
    upload.push(&bytes);
    drop(bytes);
    let mut held = Held::default();
    if !held.grow_to(upload.held_bytes()) {
        return Err(ApiError::Unavailable {
            cause: "too many PDFs are being read at once: try again".into(),
        });
    }
    finish(upload).await
}

async fn finish(upload: Upload) -> std::result::Result<Page, ApiError> {
    let page = turn::in_turn_for_request(|| upload.finish()).await;
    page.map_err(|rejection| ApiError::Unusable { cause: rejection.to_string() })
}
