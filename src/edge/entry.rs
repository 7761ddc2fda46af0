//! The front Worker: understands a request, lets its owner in, hands it to an object, answers.

use crate::api::{ApiError, Route, openapi};
use crate::edge::site::Site;
use crate::edge::{reply, settings};
use serde_json::json;
use worker::{Context, Env, Method, Request, Response, Result, event};

/// The page at `/`.
const PAGE: &str = include_str!("../ui/index.html");
/// The page runs nothing and loads nothing.
const PAGE_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
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
