//! The front Worker: understands a request, lets its owner in, hands it to an object, answers.

use crate::api::{ApiError, Audience, Route, Verb, dialect};
use crate::edge::caller::{self, Caller};
use crate::edge::site::{Office, Site, page, reference};
use crate::edge::traffic::Visit;
use crate::edge::{clock, log, reply, settings};
use crate::log::{Level, Line};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::json;
use worker::{Context, Env, Method, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: Context) -> Result<Response> {
    let mut visit = Visit::begin(&request);
    let response = match answer(&mut request, &env, &mut visit).await {
        Ok(response) => response,
        Err(error) => {
            visit.code = Some(error.code());
            match dialect::of_path(&request.path()) {
                Some(_) => reply::foreign_error(&error)?,
                None => reply::error(&error)?,
            }
        }
    };
    visit.end(response)
}

/// Once a minute: starts what is due and has lost alarms found. On plain workerd the scheduler wakes itself.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    log::write(&Line::new(Level::Info, "cron", clock::now()));
    if let Err(error) = (Office { env: &env }).tick().await {
        log::error("tick", &error);
    }
}

async fn answer(
    request: &mut Request,
    env: &Env,
    visit: &mut Visit,
) -> std::result::Result<Response, ApiError> {
    // As it was sent: `Request::method` takes a method that it does not know, such as QUERY, for GET.
    let route = Route::parse(&request.inner().method(), &request.path())?;
    visit.route = route.pattern();
    let internal = |e| reply::unavailable("this deployment", &e);
    if route == Route::Ready {
        return Office { env }.ready().boxed_local().await;
    }
    if route.audience() == Audience::Anybody {
        return public(&route, request, env).map_err(internal);
    }
    let config = settings::config(env)?;
    let authorization = request.headers().get("authorization").map_err(internal)?;
    if route.audience() == Audience::Monitor {
        config.access.authenticate_metrics(authorization.as_deref())?;
        return Office { env }.metrics().boxed_local().await;
    }
    if route.audience() == Audience::Admin {
        config.access.authenticate_admin(authorization.as_deref())?;
        let office = Office { env };
        return match route {
            Route::Keys(verb) => office.keys(verb, request).boxed_local().await,
            Route::RevokeKey(id) => office.revoke_key(&id).boxed_local().await,
            Route::SetQuotas(account) => office.set_quotas(&account, request).boxed_local().await,
            _ => office.tick().boxed_local().await,
        };
    }
    let Caller { owner, quotas } = caller::authenticate(env, &config, authorization.as_deref()).await?;
    visit.owner = Some(owner.as_str().to_owned());
    let site = Site { env, config: &config, owner: &owner, quotas: &quotas };
    // Each route's code by itself: in one piece, V8 would compile all of it for the first request.
    let answer: LocalBoxFuture<'_, std::result::Result<Response, ApiError>> = match &route {
        Route::CreateResearch => site.create_research(request).boxed_local(),
        Route::ListResearch => site.list_research(request).boxed_local(),
        Route::Estimate => site.estimate(request).boxed_local(),
        Route::GetResearch(id) => site.get_research(id, request).boxed_local(),
        Route::DeleteResearch(id) => site.delete_research(id).boxed_local(),
        Route::ResearchEvents(id) => site.research_events(id, request).boxed_local(),
        Route::ResearchBundle(id) => site.research_bundle(id).boxed_local(),
        Route::CancelResearch(id) => site.cancel_research(id).boxed_local(),
        Route::SteerResearch(id) => site.steer_research(id, request).boxed_local(),
        Route::ForkResearch(id) => site.fork_research(id, request).boxed_local(),
        Route::Usage => site.usage().boxed_local(),
        Route::Schedules(verb) => site.schedules(*verb, request).boxed_local(),
        Route::Schedule(verb, id) => site.schedule(*verb, id, request).boxed_local(),
        Route::RunSchedule(id) => site.run_schedule(id).boxed_local(),
        Route::ScheduleRuns(id) => site.schedule_runs(id).boxed_local(),
        Route::WebhookEndpoint(verb) => site.webhook_endpoint(*verb, request).boxed_local(),
        Route::WebhookSecret => site.webhook_secret(false).boxed_local(),
        Route::RotateWebhookSecret => site.webhook_secret(true).boxed_local(),
        Route::Deliveries => site.deliveries(request).boxed_local(),
        Route::Delivery(id) => site.delivery(id).boxed_local(),
        Route::ReplayDelivery(id) => site.replay_delivery(id).boxed_local(),
        Route::AddDocument => site.add_document(request).boxed_local(),
        Route::ListDocuments => site.list_documents(request).boxed_local(),
        Route::GetDocument(id) => site.document(Method::Get, id).boxed_local(),
        Route::DeleteDocument(id) => site.document(Method::Delete, id).boxed_local(),
        Route::ListCollections => site.list_collections().boxed_local(),
        Route::DeleteCollection(name) => site.delete_collection(name).boxed_local(),
        Route::CreateCrawl => site.create_crawl(request).boxed_local(),
        Route::GetCrawl(id) => site.get_crawl(id).boxed_local(),
        Route::SearchLibrary => site.search(request).boxed_local(),
        Route::Mcp => site.mcp(request).boxed_local(),
        Route::CreateResponse => site.create_response(request).boxed_local(),
        Route::Response(Verb::Delete, id) => site.delete_response(id).boxed_local(),
        Route::Response(_, id) => site.get_response(id, request).boxed_local(),
        Route::CancelResponse(id) => site.cancel_response(id).boxed_local(),
        Route::ResponseInput(id) => site.response_input(id, request).boxed_local(),
        Route::Models => return site.models(),
        Route::Model(id) => return site.model(id),
        Route::Completions(Verb::Post) => site.create_completion(request).boxed_local(),
        Route::Completions(_) => site.list_completions(request).boxed_local(),
        Route::Completion(id) => site.get_completion(id).boxed_local(),
        Route::Page
        | Route::PageFile(..)
        | Route::Health
        | Route::Ready
        | Route::Metrics
        | Route::OpenApi
        | Route::Docs
        | Route::DocsFile(_)
        | Route::Keys(_)
        | Route::RevokeKey(_)
        | Route::SetQuotas(_)
        | Route::Tick => return public(&route, request, env).map_err(internal),
    };
    answer.await
}

fn public(route: &Route, request: &Request, env: &Env) -> Result<Response> {
    match route {
        Route::Page => page::page(request),
        Route::PageFile(version, name) => page::file(version, name, request),
        Route::OpenApi => reference::document(env),
        Route::Docs => reference::page(env, request),
        Route::DocsFile(name) => reference::file(name),
        // Health says whether jobs can run here: with broken settings they cannot, and the reply says what to mend.
        _ => match settings::config(env) {
            Ok(config) => reply::json(
                200,
                &json!({
                    "status": "ok",
                    "version": env!("CARGO_PKG_VERSION"),
                    "search": config.search.providers.iter().map(|p| p.name()).collect::<Vec<_>>(),
                    "analyst": config.models.chains.name(),
                }),
            ),
            Err(error) => reply::error(&error.into()),
        },
    }
}
