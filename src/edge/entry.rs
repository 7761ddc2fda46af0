//! The front Worker: understands a request, lets its owner in, hands it to an object, answers.

use crate::api::id::{ID_BYTES, IdKind};
use crate::api::library::{DOCUMENT_BYTES_MAX, new_crawl, new_document};
use crate::api::request::{BODY_BYTES_MAX, research_request};
use crate::api::{ApiError, Route, openapi};
use crate::config::Config;
use crate::config::access::Owner;
use crate::edge::job_do::Acceptance;
use crate::edge::library_do::{Added, Addition, CrawlOrder, Listing};
use crate::edge::{clock, entropy, reply, settings};
use crate::job::{Failure, Job};
use crate::search::SearchQuery;
use futures_util::StreamExt;
use serde_json::json;
use std::collections::BTreeMap;
use worker::{Context, Env, Method, Request, Response, Result, Stub, event};

/// The page at `/`.
const PAGE: &str = include_str!("../ui/index.html");
/// The page runs nothing and loads nothing.
const PAGE_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The front Worker waits this long for an object: a hung object must not hang its callers.
const OBJECT_MS_MAX: u64 = 25_000;
/// One try at reading a job's view: three of them and the waits between stay below `OBJECT_MS_MAX`.
const VIEW_MS_MAX: u64 = 8_000;
/// Waits before a failed reading of a view is repeated: an object that was reset is back within half a second.
const VIEW_WAITS_MS: [u64; 2] = [100, 400];
/// An object that reads a page for the caller may take this much longer than a page read does.
const ADD_MS_MAX: u64 = 28_000;
/// Of a body that is too long this much is read and thrown away before the connection is closed.
const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Hits of a library search when none are asked for, and at most.
const SEARCH_HITS: u32 = 10;
/// Most hits of a library search.
const SEARCH_HITS_MAX: u32 = 20;

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: Context) -> Result<Response> {
    match answer(&mut request, &env).await {
        Ok(response) => Ok(response),
        Err(error) => reply::error(&error),
    }
}

async fn answer(request: &mut Request, env: &Env) -> std::result::Result<Response, ApiError> {
    let route = Route::parse(request.method().as_ref(), &request.path())?;
    let internal = |e| reply::unavailable("this deployment", &e);
    if route.is_public() {
        return public(&route, env).map_err(internal);
    }
    let config = settings::config(env)?;
    let authorization = request.headers().get("authorization").map_err(internal)?;
    let owner = config.access.authenticate(authorization.as_deref())?;
    let site = Site { env, config: &config, owner: &owner };
    match route {
        Route::CreateResearch => site.create_research(request).await,
        Route::GetResearch(id) => site.get_research(&id).await,
        Route::AddDocument => site.add_document(request).await,
        Route::ListDocuments => site.list_documents(request).await,
        Route::GetDocument(id) => site.document(Method::Get, &id).await,
        Route::DeleteDocument(id) => site.document(Method::Delete, &id).await,
        Route::CreateCrawl => site.create_crawl(request).await,
        Route::GetCrawl(id) => site.get_crawl(&id).await,
        Route::SearchLibrary => site.search(request).await,
        Route::Page | Route::Health | Route::OpenApi => public(&route, env).map_err(internal),
    }
}

fn public(route: &Route, env: &Env) -> Result<Response> {
    match route {
        Route::Page => {
            let mut page = reply::finish(Response::from_html(PAGE)?)?;
            page.headers_mut().set("content-security-policy", PAGE_CSP)?;
            Ok(page)
        }
        Route::OpenApi => {
            let mut document = reply::finish(Response::ok(openapi::DOCUMENT)?)?;
            document.headers_mut().set("content-type", "application/json")?;
            Ok(document)
        }
        // Health says whether jobs can run here: with broken settings they cannot, and the reply says what to mend.
        _ => match settings::config(env) {
            Ok(config) => reply::json(
                200,
                &json!({
                    "status": "ok",
                    "version": env!("CARGO_PKG_VERSION"),
                    "search": config.search.providers.iter().map(|p| p.name()).collect::<Vec<_>>(),
                    "analyst": config.model.name(),
                }),
            ),
            Err(error) => reply::error(&error.into()),
        },
    }
}

/// A request that was let in.
struct Site<'a> {
    env: &'a Env,
    config: &'a Config,
    owner: &'a Owner,
}

type Answer = std::result::Result<Response, ApiError>;

impl Site<'_> {
    async fn create_research(&self, request: &mut Request) -> Answer {
        let body = body(request, BODY_BYTES_MAX).await?;
        let research = research_request(&body)?;
        let id = IdKind::Research.format(entropy::bytes::<ID_BYTES>()?);
        let seed = u64::from_be_bytes(entropy::bytes::<8>()?);
        let providers = self.config.search.providers.clone();
        let analyst = self.config.model.name().to_owned();
        let accepted = Job::accept(id.clone(), research, providers, analyst, seed, clock::now());
        let acceptance = Acceptance { owner: self.owner.as_str().to_owned(), accepted };
        let stub = self.job(&id)?;
        let stored = self
            .object(
                "the job store",
                OBJECT_MS_MAX,
                reply::call(&stub, Method::Post, "/accept", Some(&acceptance)),
            )
            .await?;
        if stored.status_code() != 204 {
            return Err(ApiError::Unavailable { cause: "the job could not be stored: try again".into() });
        }
        let created = reply::json(202, &json!({ "id": id, "status": "processing" }));
        let location = format!("/v1/research/{id}");
        created
            .and_then(|mut r| r.headers_mut().set("location", &location).map(|()| r))
            .map_err(|e| reply::unavailable("this deployment", &e))
    }

    async fn get_research(&self, id: &str) -> Answer {
        if !IdKind::Research.admits(id) {
            return Err(ApiError::NotFound { what: "research job" });
        }
        // Most clients give a job up at the first 5xx of a poll, and reading is safe to repeat.
        let path = format!("/view/{id}");
        let mut view = self.view(id, &path).await;
        for wait_ms in VIEW_WAITS_MS {
            if view.as_ref().is_ok_and(|v| v.status_code() < 500) {
                break;
            }
            clock::sleep_ms(wait_ms).await;
            view = self.view(id, &path).await;
        }
        relay(view?)
    }

    async fn view(&self, id: &str, path: &str) -> Answer {
        // A stub whose call failed may stay broken: a new one each time.
        let stub = self.job(id)?;
        self.object("the job", VIEW_MS_MAX, reply::call::<()>(&stub, Method::Get, path, None)).await
    }

    async fn add_document(&self, request: &mut Request) -> Answer {
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

    async fn list_documents(&self, request: &Request) -> Answer {
        let query = query(request)?;
        let listing = Listing { cursor: query.get("cursor").cloned(), limit: number(&query, "limit")? };
        self.library_call(Method::Post, "/list", Some(&listing)).await
    }

    async fn document(&self, method: Method, id: &str) -> Answer {
        if !IdKind::Document.admits(id) {
            return Err(ApiError::NotFound { what: "document" });
        }
        self.library_call::<()>(method, &format!("/documents/{id}"), None).await
    }

    async fn create_crawl(&self, request: &mut Request) -> Answer {
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

    async fn get_crawl(&self, id: &str) -> Answer {
        if !IdKind::Crawl.admits(id) {
            return Err(ApiError::NotFound { what: "crawl" });
        }
        self.library_call::<()>(Method::Get, &format!("/crawls/{id}"), None).await
    }

    async fn search(&self, request: &Request) -> Answer {
        let query = query(request)?;
        let Some(text) = query.get("q").map(|q| q.trim().to_owned()).filter(|q| !q.is_empty()) else {
            return Err(ApiError::bad_request("`q` is required: send the words to search for"));
        };
        let count = number(&query, "limit")?.unwrap_or(SEARCH_HITS).clamp(1, SEARCH_HITS_MAX);
        let search = SearchQuery { text, count, include_domains: Vec::new(), exclude_domains: Vec::new() };
        let stub = self.library()?;
        let call = reply::call(&stub, Method::Post, "/search", Some(&search));
        let response = self.object("the library", OBJECT_MS_MAX, call).await?;
        let hits: Option<Vec<crate::search::Hit>> =
            reply::decoded(response).await.map_err(|e| reply::unavailable("the library", &e))?;
        let hits = hits.unwrap_or_default();
        reply::json(200, &json!({ "results": hits })).map_err(|e| reply::unavailable("this deployment", &e))
    }

    async fn library_call<T: serde::Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&T>,
    ) -> Answer {
        let stub = self.library()?;
        relay(self.object("the library", OBJECT_MS_MAX, reply::call(&stub, method, path, body)).await?)
    }

    fn job(&self, id: &str) -> std::result::Result<Stub, ApiError> {
        settings::job(self.env, self.owner.as_str(), id).map_err(|e| reply::unavailable("the job store", &e))
    }

    fn library(&self) -> std::result::Result<Stub, ApiError> {
        settings::library(self.env, self.owner.as_str()).map_err(|e| reply::unavailable("the library", &e))
    }

    /// Address under which this deployment is reached, without a trailing slash.
    fn origin(&self, request: &Request) -> String {
        match (&self.config.public_url, request.url()) {
            (Some(url), _) => url.as_str().trim_end_matches('/').to_owned(),
            (None, Ok(url)) => url.origin().ascii_serialization(),
            (None, Err(_)) => String::new(),
        }
    }

    async fn object(
        &self,
        what: &str,
        timeout_ms: u64,
        call: impl Future<Output = Result<Response>>,
    ) -> Answer {
        let call = clock::within(timeout_ms, |_| async {
            call.await.map_err(|e| Failure::transient(e.to_string()))
        });
        call.await.map_err(|failure| {
            reply::unavailable(what, &worker::Error::RustError(failure.cause().to_owned()))
        })
    }
}

/// An object's response as this deployment's own: its headers are immutable where it comes from.
fn relay(response: Response) -> Answer {
    let status = response.status_code();
    let problem = status >= 400;
    let kept: Vec<(&str, String)> = ["location", "retry-after"]
        .into_iter()
        .filter_map(|name| Some((name, response.headers().get(name).ok().flatten()?)))
        .collect();
    let (_, body) = response.into_parts();
    let build = || -> Result<Response> {
        let mut own = reply::finish(Response::from_body(body)?.with_status(status))?;
        if status != 204 {
            let kind = if problem { crate::api::error::PROBLEM_JSON } else { "application/json" };
            own.headers_mut().set("content-type", kind)?;
        }
        for (name, value) in &kept {
            own.headers_mut().set(name, value)?;
        }
        Ok(own)
    };
    build().map_err(|e| reply::unavailable("this deployment", &e))
}

/// The request's body. One that is too long is refused, but read to its end first (within reason): a connection that is
/// closed while the caller is still writing loses him the answer.
async fn body(request: &mut Request, bytes_max: usize) -> std::result::Result<Vec<u8>, ApiError> {
    let cut = |e| reply::unavailable("the request's body", &e);
    let mut body = Vec::new();
    let mut bytes = 0_usize;
    let Ok(mut stream) = request.stream() else { return Ok(body) };
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(cut)?;
        bytes = bytes.saturating_add(chunk.len());
        if bytes <= bytes_max {
            body.extend_from_slice(&chunk);
        } else if bytes > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if bytes > bytes_max { Err(ApiError::TooLarge { bytes_max }) } else { Ok(body) }
}

fn query(request: &Request) -> std::result::Result<BTreeMap<String, String>, ApiError> {
    let url = request.url().map_err(|e| ApiError::bad_request(format!("the address cannot be read: {e}")))?;
    Ok(url.query_pairs().into_owned().collect())
}

fn number(query: &BTreeMap<String, String>, name: &str) -> std::result::Result<Option<u32>, ApiError> {
    match query.get(name).map(|v| v.parse::<u32>()) {
        None => Ok(None),
        Some(Ok(n @ 1..)) => Ok(Some(n)),
        Some(_) => Err(ApiError::bad_request(format!("`{name}` must be a whole number from 1"))),
    }
}
