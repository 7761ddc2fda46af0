//! The HTTP surface: routes, wire types and errors. Pure: the edge turns these values into responses.

pub mod account;
pub mod control;
pub mod dialect;
pub mod docs;
pub mod error;
pub mod events;
pub mod id;
pub mod library;
pub mod mcp;
pub mod openapi;
pub mod paging;
mod pattern;
pub mod perplexity;
pub mod rendering;
pub mod request;
pub mod responses;
pub mod schedule;
pub mod watch;
pub mod webhook;

pub use error::ApiError;

/// A request's path and method, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET /`
    Page,
    /// `GET /ui/{version}/{name}`: a file that the page loads
    PageFile(String, String),
    /// `GET /health`
    Health,
    /// `GET /ready`
    Ready,
    /// `GET /metrics`; for the admin and whoever has the metrics token
    Metrics,
    /// `GET /openapi.json`
    OpenApi,
    /// `GET /docs`
    Docs,
    /// `GET /docs/{name}`: a file that the reference loads
    DocsFile(String),
    /// `POST /v1/research`
    CreateResearch,
    /// `GET /v1/research`
    ListResearch,
    /// `POST /v1/research/estimate`
    Estimate,
    /// `GET /v1/research/{id}`
    GetResearch(String),
    /// `DELETE /v1/research/{id}`
    DeleteResearch(String),
    /// `GET /v1/research/{id}/events`
    ResearchEvents(String),
    /// `GET /v1/research/{id}/bundle`
    ResearchBundle(String),
    /// `POST /v1/research/{id}/cancel`
    CancelResearch(String),
    /// `POST /v1/research/{id}/steer`
    SteerResearch(String),
    /// `POST /v1/research/{id}/fork`
    ForkResearch(String),
    /// `GET /v1/usage`
    Usage,
    /// `GET, POST /v1/schedules`
    Schedules(Verb),
    /// `GET, PATCH, DELETE /v1/schedules/{id}`
    Schedule(Verb, String),
    /// `POST /v1/schedules/{id}/run`
    RunSchedule(String),
    /// `GET /v1/schedules/{id}/runs`
    ScheduleRuns(String),
    /// `GET, PUT, DELETE /v1/webhooks/endpoint`
    WebhookEndpoint(Verb),
    /// `GET /v1/webhooks/secret`
    WebhookSecret,
    /// `POST /v1/webhooks/secret/rotate`
    RotateWebhookSecret,
    /// `GET /v1/webhooks/deliveries`
    Deliveries,
    /// `GET /v1/webhooks/deliveries/{id}`
    Delivery(String),
    /// `POST /v1/webhooks/deliveries/{id}/replay`
    ReplayDelivery(String),
    /// `GET, POST /v1/keys`; for the admin
    Keys(Verb),
    /// `DELETE /v1/keys/{id}`; for the admin
    RevokeKey(String),
    /// `PUT /v1/accounts/{account}/quotas`; for the admin
    SetQuotas(String),
    /// `POST /mcp`
    Mcp,
    /// `POST /v1/responses`
    CreateResponse,
    /// `GET, DELETE /v1/responses/{id}`
    Response(Verb, String),
    /// `POST /v1/responses/{id}/cancel`
    CancelResponse(String),
    /// `GET /v1/responses/{id}/input_items`
    ResponseInput(String),
    /// `GET /v1/models`
    Models,
    /// `GET /v1/models/{id}`
    Model(String),
    /// `GET, POST /async/chat/completions`, also under `/v1`, and `/v1/async/sonar`
    Completions(Verb),
    /// `GET /async/chat/completions/{id}` and the same
    Completion(String),
    /// `POST /v1/tick`; for the admin
    Tick,
    /// `POST /v1/library/documents`
    AddDocument,
    /// `GET /v1/library/documents`
    ListDocuments,
    /// `GET /v1/library/documents/{id}`
    GetDocument(String),
    /// `DELETE /v1/library/documents/{id}`
    DeleteDocument(String),
    /// `POST /v1/library/crawls`
    CreateCrawl,
    /// `GET /v1/library/crawls/{id}`
    GetCrawl(String),
    /// `GET /v1/library/collections`
    ListCollections,
    /// `DELETE /v1/library/collections/{name}`
    DeleteCollection(String),
    /// `GET, POST /v1/library/search`
    SearchLibrary,
}

/// A method that a route with several of them was called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `GET` and `HEAD`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Verb {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Get, "GET"),
        (Self::Post, "POST"),
        (Self::Put, "PUT"),
        (Self::Patch, "PATCH"),
        (Self::Delete, "DELETE"),
    ];
}

/// Whose key a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Nobody's.
    Anybody,
    /// That of an owner of jobs and documents.
    Owner,
    /// The deployment's admin key.
    Admin,
    /// The admin key, or the metrics token.
    Monitor,
}

impl Route {
    /// The route of a method and path. `HEAD` counts as `GET`; one trailing slash is tolerated.
    pub fn parse(method: &str, path: &str) -> Result<Self, ApiError> {
        use Verb::{Delete, Get, Patch, Post, Put};
        let method = if method == "HEAD" { "GET" } else { method };
        let verb = Verb::ALL.into_iter().find(|(_, name)| *name == method).map(|(verb, _)| verb);
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let id = |id: &&str| (*id).to_owned();
        // What the path takes, and the route if the method is among it.
        let (allow, route) = match parts.as_slice() {
            [] => ("GET", only(verb, Get, || Self::Page)),
            ["ui", version, name] => ("GET", only(verb, Get, || Self::PageFile(id(version), id(name)))),
            ["health"] => ("GET", only(verb, Get, || Self::Health)),
            ["ready"] => ("GET", only(verb, Get, || Self::Ready)),
            ["metrics"] => ("GET", only(verb, Get, || Self::Metrics)),
            ["openapi.json"] => ("GET", only(verb, Get, || Self::OpenApi)),
            ["docs"] => ("GET", only(verb, Get, || Self::Docs)),
            ["docs", name] => ("GET", only(verb, Get, || Self::DocsFile(id(name)))),
            ["v1", "usage"] => ("GET", only(verb, Get, || Self::Usage)),
            ["v1", "tick"] => ("POST", only(verb, Post, || Self::Tick)),
            ["mcp"] => ("POST", only(verb, Post, || Self::Mcp)),
            ["v1", "responses"] => ("POST", only(verb, Post, || Self::CreateResponse)),
            ["v1", "responses", response] => {
                ("GET, DELETE", among(verb, &[Get, Delete]).map(|verb| Self::Response(verb, id(response))))
            }
            ["v1", "responses", response, "cancel"] => {
                ("POST", only(verb, Post, || Self::CancelResponse(id(response))))
            }
            ["v1", "responses", response, "input_items"] => {
                ("GET", only(verb, Get, || Self::ResponseInput(id(response))))
            }
            ["v1", "models"] => ("GET", only(verb, Get, || Self::Models)),
            ["v1", "models", model] => ("GET", only(verb, Get, || Self::Model(id(model)))),
            ["async", "chat", "completions"]
            | ["v1", "async", "chat", "completions"]
            | ["v1", "async", "sonar"] => ("GET, POST", among(verb, &[Get, Post]).map(Self::Completions)),
            ["async", "chat", "completions", job]
            | ["v1", "async", "chat", "completions", job]
            | ["v1", "async", "sonar", job] => ("GET", only(verb, Get, || Self::Completion(id(job)))),
            ["v1", "research"] => match verb {
                Some(Get) => ("GET, POST", Some(Self::ListResearch)),
                _ => ("GET, POST", only(verb, Post, || Self::CreateResearch)),
            },
            ["v1", "research", "estimate"] => ("POST", only(verb, Post, || Self::Estimate)),
            ["v1", "research", job] => match verb {
                Some(Get) => ("GET, DELETE", Some(Self::GetResearch(id(job)))),
                _ => ("GET, DELETE", only(verb, Delete, || Self::DeleteResearch(id(job)))),
            },
            ["v1", "research", job, "events"] => ("GET", only(verb, Get, || Self::ResearchEvents(id(job)))),
            ["v1", "research", job, "bundle"] => ("GET", only(verb, Get, || Self::ResearchBundle(id(job)))),
            ["v1", "research", job, "cancel"] => ("POST", only(verb, Post, || Self::CancelResearch(id(job)))),
            ["v1", "research", job, "steer"] => ("POST", only(verb, Post, || Self::SteerResearch(id(job)))),
            ["v1", "research", job, "fork"] => ("POST", only(verb, Post, || Self::ForkResearch(id(job)))),
            ["v1", "schedules"] => ("GET, POST", among(verb, &[Get, Post]).map(Self::Schedules)),
            ["v1", "schedules", schedule] => (
                "GET, PATCH, DELETE",
                among(verb, &[Get, Patch, Delete]).map(|verb| Self::Schedule(verb, id(schedule))),
            ),
            ["v1", "schedules", schedule, "run"] => {
                ("POST", only(verb, Post, || Self::RunSchedule(id(schedule))))
            }
            ["v1", "schedules", schedule, "runs"] => {
                ("GET", only(verb, Get, || Self::ScheduleRuns(id(schedule))))
            }
            ["v1", "webhooks", "endpoint"] => {
                ("GET, PUT, DELETE", among(verb, &[Get, Put, Delete]).map(Self::WebhookEndpoint))
            }
            ["v1", "webhooks", "secret"] => ("GET", only(verb, Get, || Self::WebhookSecret)),
            ["v1", "webhooks", "secret", "rotate"] => {
                ("POST", only(verb, Post, || Self::RotateWebhookSecret))
            }
            ["v1", "webhooks", "deliveries"] => ("GET", only(verb, Get, || Self::Deliveries)),
            ["v1", "webhooks", "deliveries", one] => ("GET", only(verb, Get, || Self::Delivery(id(one)))),
            ["v1", "webhooks", "deliveries", one, "replay"] => {
                ("POST", only(verb, Post, || Self::ReplayDelivery(id(one))))
            }
            ["v1", "keys"] => ("GET, POST", among(verb, &[Get, Post]).map(Self::Keys)),
            ["v1", "keys", key] => ("DELETE", only(verb, Delete, || Self::RevokeKey(id(key)))),
            ["v1", "accounts", account, "quotas"] => {
                ("PUT", only(verb, Put, || Self::SetQuotas(id(account))))
            }
            ["v1", "library", "documents"] => match verb {
                Some(Get) => ("GET, POST", Some(Self::ListDocuments)),
                _ => ("GET, POST", only(verb, Post, || Self::AddDocument)),
            },
            ["v1", "library", "documents", document] => match verb {
                Some(Get) => ("GET, DELETE", Some(Self::GetDocument(id(document)))),
                _ => ("GET, DELETE", only(verb, Delete, || Self::DeleteDocument(id(document)))),
            },
            ["v1", "library", "crawls"] => ("POST", only(verb, Post, || Self::CreateCrawl)),
            ["v1", "library", "crawls", crawl] => ("GET", only(verb, Get, || Self::GetCrawl(id(crawl)))),
            ["v1", "library", "collections"] => ("GET", only(verb, Get, || Self::ListCollections)),
            ["v1", "library", "collections", name] => {
                ("DELETE", only(verb, Delete, || Self::DeleteCollection(id(name))))
            }
            ["v1", "library", "search"] => {
                ("GET, POST", among(verb, &[Get, Post]).map(|_| Self::SearchLibrary))
            }
            _ => return Err(ApiError::NoRoute { path: path.chars().take(200).collect() }),
        };
        route.ok_or(ApiError::Method { allow })
    }

    /// Whose key the route needs.
    #[must_use]
    pub fn audience(&self) -> Audience {
        match self {
            Self::Page | Self::PageFile(..) | Self::Health | Self::Ready | Self::OpenApi => Audience::Anybody,
            Self::Docs | Self::DocsFile(_) => Audience::Anybody,
            Self::Metrics => Audience::Monitor,
            Self::Keys(_) | Self::RevokeKey(_) | Self::SetQuotas(_) | Self::Tick => Audience::Admin,
            _ => Audience::Owner,
        }
    }
}

fn only(verb: Option<Verb>, wanted: Verb, route: impl FnOnce() -> Route) -> Option<Route> {
    (verb == Some(wanted)).then(route)
}

fn among(verb: Option<Verb>, wanted: &[Verb]) -> Option<Verb> {
    verb.filter(|v| wanted.contains(v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_found_by_its_method_and_path() {
        for (method, path, route) in [
            ("GET", "/", Route::Page),
            ("GET", "/ui/0123/app.js", Route::PageFile("0123".into(), "app.js".into())),
            ("GET", "/health", Route::Health),
            ("GET", "/ready", Route::Ready),
            ("GET", "/metrics", Route::Metrics),
            ("POST", "/v1/research", Route::CreateResearch),
            ("POST", "/v1/research/", Route::CreateResearch),
            ("GET", "/v1/research/res_1", Route::GetResearch("res_1".into())),
            ("HEAD", "/v1/research/res_1", Route::GetResearch("res_1".into())),
            ("DELETE", "/v1/library/documents/doc_1", Route::DeleteDocument("doc_1".into())),
            ("DELETE", "/v1/library/collections/hr", Route::DeleteCollection("hr".into())),
            ("POST", "/v1/library/search", Route::SearchLibrary),
            ("GET", "/v1/research", Route::ListResearch),
            ("POST", "/v1/research/estimate", Route::Estimate),
            ("POST", "/mcp", Route::Mcp),
            ("GET", "/v1/research/res_1/bundle", Route::ResearchBundle("res_1".into())),
            ("DELETE", "/v1/research/res_1", Route::DeleteResearch("res_1".into())),
            ("POST", "/v1/research/res_1/cancel", Route::CancelResearch("res_1".into())),
            ("PATCH", "/v1/schedules/sch_1", Route::Schedule(Verb::Patch, "sch_1".into())),
            ("PUT", "/v1/webhooks/endpoint", Route::WebhookEndpoint(Verb::Put)),
            ("POST", "/v1/responses", Route::CreateResponse),
            ("DELETE", "/v1/responses/resp_1", Route::Response(Verb::Delete, "resp_1".into())),
            ("POST", "/v1/responses/resp_1/cancel", Route::CancelResponse("resp_1".into())),
            ("GET", "/async/chat/completions", Route::Completions(Verb::Get)),
            ("GET", "/v1/async/sonar/res_1", Route::Completion("res_1".into())),
        ] {
            assert_eq!(Route::parse(method, path), Ok(route), "{method} {path}");
        }
    }

    #[test]
    fn an_unknown_path_and_a_wrong_method_are_told_apart() {
        assert!(matches!(Route::parse("GET", "/v2/research"), Err(ApiError::NoRoute { .. })));
        assert!(matches!(Route::parse("GET", "/v1/research/a/b"), Err(ApiError::NoRoute { .. })));
        assert_eq!(Route::parse("PUT", "/v1/research"), Err(ApiError::Method { allow: "GET, POST" }));
        assert_eq!(
            Route::parse("PATCH", "/v1/library/documents"),
            Err(ApiError::Method { allow: "GET, POST" })
        );
    }
}
