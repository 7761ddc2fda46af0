//! The front Worker: understands a request, lets its owner in, hands it to an object, answers.

use crate::api::{ApiError, Audience, Route, Verb, dialect};
use crate::edge::caller::{self, Caller};
use crate::edge::site::{Office, Site, page, reference};
use crate::edge::traffic::Visit;
use crate::edge::{clock, log, reply, settings};
use crate::log::{Level, Line};
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
        return Office { env }.ready().await;
    }
    if route.audience() == Audience::Anybody {
        return public(&route, request, env).map_err(internal);
    }
    let config = settings::config(env)?;
    let authorization = request.headers().get("authorization").map_err(internal)?;
    if route.audience() == Audience::Monitor {
        config.access.authenticate_metrics(authorization.as_deref())?;
        return Office { env }.metrics().await;
    }
    if route.audience() == Audience::Admin {
        config.access.authenticate_admin(authorization.as_deref())?;
        let office = Office { env };
        return match route {
            Route::Keys(verb) => office.keys(verb, request).await,
            Route::RevokeKey(id) => office.revoke_key(&id).await,
            Route::SetQuotas(account) => office.set_quotas(&account, request).await,
            _ => office.tick().await,
        };
    }
    let Caller { owner, quotas } = caller::authenticate(env, &config, authorization.as_deref()).await?;
    visit.owner = Some(owner.as_str().to_owned());
    let site = Site { env, config: &config, owner: &owner, quotas: &quotas };
    match route {
        Route::CreateResearch => site.create_research(request).await,
        Route::ListResearch => site.list_research(request).await,
        Route::Estimate => site.estimate(request).await,
        Route::GetResearch(id) => site.get_research(&id, request).await,
        Route::DeleteResearch(id) => site.delete_research(&id).await,
        Route::ResearchEvents(id) => site.research_events(&id, request).await,
        Route::ResearchBundle(id) => site.research_bundle(&id).await,
        Route::CancelResearch(id) => site.cancel_research(&id).await,
        Route::SteerResearch(id) => site.steer_research(&id, request).await,
        Route::ForkResearch(id) => site.fork_research(&id, request).await,
        Route::Usage => site.usage().await,
        Route::Schedules(verb) => site.schedules(verb, request).await,
        Route::Schedule(verb, id) => site.schedule(verb, &id, request).await,
        Route::RunSchedule(id) => site.run_schedule(&id).await,
        Route::ScheduleRuns(id) => site.schedule_runs(&id).await,
        Route::WebhookEndpoint(verb) => site.webhook_endpoint(verb, request).await,
        Route::WebhookSecret => site.webhook_secret(false).await,
        Route::RotateWebhookSecret => site.webhook_secret(true).await,
        Route::Deliveries => site.deliveries(request).await,
        Route::Delivery(id) => site.delivery(&id).await,
        Route::ReplayDelivery(id) => site.replay_delivery(&id).await,
        Route::AddDocument => site.add_document(request).await,
        Route::ListDocuments => site.list_documents(request).await,
        Route::GetDocument(id) => site.document(Method::Get, &id).await,
        Route::DeleteDocument(id) => site.document(Method::Delete, &id).await,
        Route::ListCollections => site.list_collections().await,
        Route::DeleteCollection(name) => site.delete_collection(&name).await,
        Route::CreateCrawl => site.create_crawl(request).await,
        Route::GetCrawl(id) => site.get_crawl(&id).await,
        Route::SearchLibrary => site.search(request).await,
        Route::Mcp => site.mcp(request).await,
        Route::CreateResponse => site.create_response(request).await,
        Route::Response(Verb::Delete, id) => site.delete_response(&id).await,
        Route::Response(_, id) => site.get_response(&id, request).await,
        Route::CancelResponse(id) => site.cancel_response(&id).await,
        Route::ResponseInput(id) => site.response_input(&id, request).await,
        Route::Models => site.models(),
        Route::Model(id) => site.model(&id),
        Route::Completions(Verb::Post) => site.create_completion(request).await,
        Route::Completions(_) => site.list_completions(request).await,
        Route::Completion(id) => site.get_completion(&id).await,
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
        | Route::Tick => public(&route, request, env).map_err(internal),
    }
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
