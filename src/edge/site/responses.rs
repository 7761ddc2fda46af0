//! OpenAI's Responses: `/v1/responses` and `/v1/models`.

use super::research::VIEW_MS_MAX;
use super::{Answer, Site, body, query, relay};
use crate::account::Standing;
use crate::api::dialect::models;
use crate::api::request::BODY_BYTES_MAX;
use crate::api::responses::{self, Asked, Retrieval};
use crate::api::{ApiError, account};
use crate::edge::job_do::{Look, Watch};
use crate::edge::start::Started;
use crate::edge::{clock, log, reply, settings};
use crate::job::Timestamp;
use crate::research::request::ResearchRequest;
use crate::research::wording::{Dialect, response_id};
use futures_util::stream;
use worker::{Env, Error, Method, Request, Response, Result};

/// A caller who waits for the end is looked for him this often, in milliseconds: with 15 minutes 45 calls to the job, of the
/// 50 that an invocation has on the free plan.
const LOOK_MS: u64 = 20_000;
/// Nobody waits longer, and no job that may be waited for lives as long (`responses::WAITED_S_MAX`).
const WAIT_MS_MAX: u64 = 17 * 60 * 1_000;
/// A failed look is repeated after this long: an object that was reset is back within half a second.
const RETRY_MS: u64 = 1_000;
/// Failed looks in a row after which the caller gets what was last known.
const FAILURES_MAX: u32 = 3;

impl Site<'_> {
    pub(in crate::edge) async fn create_response(&self, request: &mut Request) -> Answer {
        let key = request.headers().get("idempotency-key").ok().flatten();
        let body = body(request, BODY_BYTES_MAX).await?;
        let Asked { research, background, stream } = responses::response_request(&body)?;
        let claim = account::claim("responses", key.as_deref(), &body)?;
        let (id, standing) = match self.admit(research, claim).await? {
            Started::Accepted { id, standing } => (id, standing),
            Started::Mismatch => return Err(ApiError::Mismatch),
            Started::Refused { quota, retry_after_s, standing } => {
                return reply::foreign_error(&ApiError::QuotaExceeded { quota, retry_after_s })
                    .and_then(|r| reply::with_standing(r, &standing))
                    .map_err(|e| reply::unavailable("this deployment", &e));
            }
        };
        let answer = if stream {
            self.spoken(&id, None).await
        } else if background {
            self.told(&id, Dialect::OpenAi).await
        } else {
            self.at_its_end(&id).await
        };
        under_way(answer, &response_id(&id), &standing)
    }

    pub(in crate::edge) async fn get_response(&self, response: &str, request: &Request) -> Answer {
        let retrieval = responses::retrieval(&query(request)?)?;
        let id = self.response(response).await?;
        match retrieval {
            Retrieval::Whole => self.told(&id, Dialect::OpenAi).await,
            Retrieval::Stream { after } => self.spoken(&id, after).await,
        }
    }

    pub(in crate::edge) async fn cancel_response(&self, response: &str) -> Answer {
        let id = self.response(response).await?;
        let cancelled = self.ask_job(&id, "/cancel", VIEW_MS_MAX, &()).await?;
        match cancelled.status_code() {
            // What is over already is shown as it ended, as OpenAI does.
            200 | 409 => self.told(&id, Dialect::OpenAi).await,
            404 => Err(NO_RESPONSE),
            _ => {
                Err(ApiError::Unavailable { cause: "the response could not be cancelled: try again".into() })
            }
        }
    }

    pub(in crate::edge) async fn delete_response(&self, response: &str) -> Answer {
        let id = self.response(response).await?;
        match self.delete_research(&id).await?.status_code() {
            204 => reply::json(200, &responses::deleted(&id))
                .map_err(|e| reply::unavailable("this deployment", &e)),
            _ => Err(ApiError::Unavailable { cause: "the response could not be deleted: try again".into() }),
        }
    }

    pub(in crate::edge) async fn response_input(&self, response: &str, request: &Request) -> Answer {
        let wanted = responses::input_query(&query(request)?)?;
        let id = self.response(response).await?;
        let asked = self.ask_job(&id, "/request", VIEW_MS_MAX, &()).await?;
        let asked: Option<ResearchRequest> =
            reply::decoded(asked).await.map_err(|e| reply::unavailable("the job", &e))?;
        let asked = asked.ok_or(NO_RESPONSE)?;
        reply::json(200, &responses::input_items(&id, &asked, &wanted)?)
            .map_err(|e| reply::unavailable("this deployment", &e))
    }

    pub(in crate::edge) fn models(&self) -> Answer {
        reply::json(200, &models::list()).map_err(|e| reply::unavailable("this deployment", &e))
    }

    pub(in crate::edge) fn model(&self, name: &str) -> Answer {
        let model = models::one(name).ok_or(ApiError::NotFound { what: "model" })?;
        reply::json(200, &model).map_err(|e| reply::unavailable("this deployment", &e))
    }

    /// A job as it stands in another API's words.
    pub(super) async fn told(&self, id: &str, dialect: Dialect) -> Answer {
        of_job(self.patient_look(id, &looking(id, 0, dialect)).await?)
    }

    /// The events of a job as those of a response.
    async fn spoken(&self, id: &str, after: Option<u64>) -> Answer {
        of_job(self.patient_ask(id, "/response_events", VIEW_MS_MAX, &Watch { after }).await?)
    }

    /// The job of a response that is the caller's.
    async fn response(&self, response: &str) -> std::result::Result<String, ApiError> {
        let id = responses::job_id(response)?;
        match self.ensure_job(&id).await {
            Err(ApiError::NotFound { .. }) => Err(NO_RESPONSE),
            Err(other) => Err(other),
            Ok(()) => Ok(id),
        }
    }

    /// A reply whose body comes when the job is over. Blanks before it, which JSON allows, keep the connection alive.
    async fn at_its_end(&self, id: &str) -> Answer {
        let mut first = self.told(id, Dialect::OpenAi).await?;
        let last = first.text().await.map_err(|e| reply::unavailable("the job", &e))?;
        let wait = Wait {
            env: self.env.clone(),
            owner: self.owner.as_str().to_owned(),
            id: id.to_owned(),
            until: clock::now().plus_ms(WAIT_MS_MAX),
            last,
            failures: 0,
            state: Waiting::Begun,
        };
        let pieces = stream::unfold(wait, |mut wait| async move {
            let piece = wait.piece().await?;
            Some((Ok::<_, Error>(piece.into_bytes()), wait))
        });
        let build = || -> Result<Response> {
            let mut response = reply::finish(Response::from_stream(pieces)?)?;
            response.headers_mut().set("content-type", "application/json")?;
            Ok(response)
        };
        build().map_err(|e| reply::unavailable("this deployment", &e))
    }
}

/// What a job answered, or why it did not in words that the caller can use.
fn of_job(told: Response) -> Answer {
    match told.status_code() {
        200 => relay(told),
        404 => Err(NO_RESPONSE),
        _ => Err(ApiError::Unavailable { cause: "the job is not reachable at the moment: try again".into() }),
    }
}

/// The answer to whoever started a job. The clients of both APIs send a request again when it ends in 503, which would
/// start, and bill, a second job: where the first one only could not be looked at they are told not to, and its id.
pub(super) fn under_way(answer: Answer, id: &str, standing: &Standing) -> Answer {
    let build = || -> Result<Response> {
        let response = match answer {
            Ok(response) => response,
            Err(error) => {
                log::unavailable("a job that was just started", &error);
                let cause = format!("the research is under way and could not be looked at: ask for {id}");
                let mut response = reply::foreign_error(&ApiError::Unavailable { cause })?;
                response.headers_mut().set("x-should-retry", "false")?;
                response
            }
        };
        reply::with_standing(response, standing)
    };
    build().map_err(|e| reply::unavailable("this deployment", &e))
}

/// A response that is not there, or somebody else's.
const NO_RESPONSE: ApiError = ApiError::NotFound { what: "response" };

/// A caller who waits for a job's end.
struct Wait {
    env: Env,
    owner: String,
    id: String,
    until: Timestamp,
    /// The response as it was last seen.
    last: String,
    failures: u32,
    state: Waiting,
}

enum Waiting {
    Begun,
    On,
    Over,
}

impl Wait {
    async fn piece(&mut self) -> Option<String> {
        match self.state {
            Waiting::Over => return None,
            // The headers leave with the first piece.
            Waiting::Begun => self.state = Waiting::On,
            Waiting::On => match self.look().await {
                Ok(text) => {
                    self.failures = 0;
                    self.last = text;
                }
                Err(error) => {
                    log::unavailable("the job", &error);
                    self.failures = self.failures.saturating_add(1);
                    clock::sleep_ms(RETRY_MS).await;
                }
            },
        }
        let live = responses::is_live(&self.last);
        if live && self.failures < FAILURES_MAX && clock::now() < self.until {
            return Some(" ".to_owned());
        }
        self.state = Waiting::Over;
        Some(std::mem::take(&mut self.last))
    }

    async fn look(&self) -> std::result::Result<String, ApiError> {
        let stub = settings::job(&self.env, &self.owner, &self.id)
            .map_err(|e| reply::unavailable("the job store", &e))?;
        let look = looking(&self.id, LOOK_MS, Dialect::OpenAi);
        let call = reply::call(&stub, Method::Post, "/look", Some(&look));
        let mut told = super::within("the job", LOOK_MS.saturating_add(VIEW_MS_MAX), call).await?;
        match told.status_code() {
            200 => told.text().await.map_err(|e| reply::unavailable("the job", &e)),
            _ => Err(NO_RESPONSE),
        }
    }
}

fn looking(id: &str, wait_ms: u64, dialect: Dialect) -> Look {
    let dialect = Some(dialect);
    Look { id: id.to_owned(), wait_ms, seen: None, rendering: Default::default(), dialect }
}
