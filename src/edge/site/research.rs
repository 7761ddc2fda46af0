//! Starting, watching and controlling research.

use super::{Answer, Site, body, query, relay};
use crate::account::Claim;
use crate::api::control::{fork_order, steering};
use crate::api::events::resume_after;
use crate::api::id::{ID_BYTES, IdKind};
use crate::api::rendering::rendering;
use crate::api::request::{BODY_BYTES_MAX, research_request};
use crate::api::watch::{seen, wait_ms};
use crate::api::{ApiError, account};
use crate::edge::job_do::{Export, Import, Look, Watch};
use crate::edge::start::{self, Order, Started};
use crate::edge::{clock, entropy, ownership, reply, settings};
use crate::job::estimate;
use crate::research::request::ResearchRequest;
use serde::Serialize;
use serde_json::json;
use worker::{Method, Request, Stub};

/// One try at reading a job's view takes this long beyond what the caller wants to wait.
pub(super) const VIEW_MS_MAX: u64 = 8_000;
/// Waits before a failed reading of a view is repeated: an object that was reset is back within half a second.
const VIEW_WAITS_MS: [u64; 2] = [100, 400];

impl Site<'_> {
    pub(in crate::edge) async fn create_research(&self, request: &mut Request) -> Answer {
        let key = request.headers().get("idempotency-key").ok().flatten();
        let body = body(request, BODY_BYTES_MAX).await?;
        let research = research_request(&body)?;
        let claim = account::claim("research", key.as_deref(), &body)?;
        self.begin(research, claim).await
    }

    /// Starts research that was understood.
    pub(super) async fn begin(&self, research: ResearchRequest, claim: Option<Claim>) -> Answer {
        answered(&self.admit(research, claim).await?)
    }

    /// The same for callers who want another answer.
    pub(super) async fn admit(
        &self,
        research: ResearchRequest,
        claim: Option<Claim>,
    ) -> std::result::Result<Started, ApiError> {
        self.ensure_sources(&research).await?;
        if let Some(previous) = &research.previous_id {
            self.ensure_owned(previous, "previous research job").await?;
        }
        self.start(research, claim, Vec::new()).await
    }

    pub(in crate::edge) async fn estimate(&self, request: &mut Request) -> Answer {
        let research = research_request(&body(request, BODY_BYTES_MAX).await?)?;
        self.ensure_sources(&research).await?;
        let config = self.config;
        let providers =
            config.search.providers_for(&research).map_err(|e| ApiError::bad_request(e.to_string()))?;
        let estimate = estimate::estimate(&research, &providers, &config.prices, &config.models.chains)
            .ok_or_else(|| ApiError::Unavailable { cause: "nothing could be estimated".into() })?;
        reply::json(200, &estimate).map_err(|e| reply::unavailable("this deployment", &e))
    }

    pub(in crate::edge) async fn get_research(&self, id: &str, request: &Request) -> Answer {
        self.ensure_owned(id, JOB).await?;
        let query = query(request)?;
        let header = |name: &str| request.headers().get(name).ok().flatten();
        let rendering = rendering(&query, header("accept").as_deref())?;
        let wait_ms = wait_ms(query.get("wait").map(String::as_str))?;
        let seen = seen(header("if-none-match").as_deref());
        let look = Look { id: id.to_owned(), wait_ms, seen, rendering, dialect: None };
        let mut view = relay(self.patient_look(id, &look).await?)?;
        // Without `format` the header chooses.
        view.headers_mut().set("vary", "accept").map_err(|e| reply::unavailable("this deployment", &e))?;
        Ok(view)
    }

    pub(super) async fn patient_look(&self, id: &str, look: &Look) -> Answer {
        self.patient_ask(id, "/look", VIEW_MS_MAX.saturating_add(look.wait_ms), look).await
    }

    pub(super) async fn look(&self, id: &str, look: &Look) -> Answer {
        let timeout_ms = VIEW_MS_MAX.saturating_add(look.wait_ms);
        self.ask_job(id, "/look", timeout_ms, look).await
    }

    /// Asks a job what is safe to repeat: most clients give a job up at the first 5xx of a poll.
    pub(super) async fn patient_ask<T: Serialize>(
        &self,
        id: &str,
        path: &str,
        timeout_ms: u64,
        message: &T,
    ) -> Answer {
        let mut told = self.ask_job(id, path, timeout_ms, message).await;
        for wait_ms in VIEW_WAITS_MS {
            if told.as_ref().is_ok_and(|told| told.status_code() < 500) {
                break;
            }
            clock::sleep_ms(wait_ms).await;
            told = self.ask_job(id, path, timeout_ms, message).await;
        }
        told
    }

    pub(in crate::edge) async fn research_events(&self, id: &str, request: &Request) -> Answer {
        self.ensure_owned(id, JOB).await?;
        let last_event_id = request.headers().get("last-event-id").ok().flatten();
        let query = query(request)?;
        let after = resume_after(last_event_id.as_deref(), query.get("starting_after").map(String::as_str))
            .map_err(ApiError::bad_request)?;
        relay(self.ask_job(id, "/events", VIEW_MS_MAX, &Watch { after }).await?)
    }

    pub(in crate::edge) async fn research_bundle(&self, id: &str) -> Answer {
        self.ensure_owned(id, JOB).await?;
        relay(self.ask_job(id, "/bundle", VIEW_MS_MAX, &()).await?)
    }

    pub(in crate::edge) async fn cancel_research(&self, id: &str) -> Answer {
        self.ensure_owned(id, JOB).await?;
        relay(self.ask_job(id, "/cancel", VIEW_MS_MAX, &()).await?)
    }

    pub(in crate::edge) async fn steer_research(&self, id: &str, request: &mut Request) -> Answer {
        self.ensure_owned(id, JOB).await?;
        let steering = steering(&body(request, BODY_BYTES_MAX).await?)?;
        relay(self.ask_job(id, "/steer", VIEW_MS_MAX, &steering).await?)
    }

    pub(in crate::edge) async fn delete_research(&self, id: &str) -> Answer {
        self.ensure_owned(id, JOB).await?;
        let deleted = self.ask_job(id, "/delete", super::OBJECT_MS_MAX, &()).await?;
        // 404: deleted by an earlier try whose answer was lost.
        if !matches!(deleted.status_code(), 204 | 404) {
            return relay(deleted);
        }
        ownership::forget(self.owner.as_str(), id);
        let forgotten = self.ask_account("/forget", &json!({ "id": id })).await?;
        match forgotten.status_code() {
            204 => reply::empty(204).map_err(|e| reply::unavailable("this deployment", &e)),
            _ => Err(ApiError::Unavailable { cause: "the job could not be deleted: try again".into() }),
        }
    }

    pub(in crate::edge) async fn fork_research(&self, id: &str, request: &mut Request) -> Answer {
        self.ensure_owned(id, JOB).await?;
        let key = request.headers().get("idempotency-key").ok().flatten();
        let body = body(request, BODY_BYTES_MAX).await?;
        let order = fork_order(&body)?;
        let claim = account::claim(&format!("research/{id}/fork"), key.as_deref(), &body)?;
        let parent = self.ask_job(id, "/request", VIEW_MS_MAX, &()).await?;
        let parent: Option<ResearchRequest> =
            reply::decoded(parent).await.map_err(|e| reply::unavailable("the job", &e))?;
        let parent = parent.ok_or(ApiError::NotFound { what: JOB })?;
        let (research, round, steering) = order.applied_to(parent);
        self.ensure_sources(&research).await?;
        let export = Export::Fork { round, steering, at: clock::now() };
        let import = Import { from: id.to_owned(), export, required: true };
        answered(&self.start(research, claim, vec![import]).await?)
    }

    async fn start(
        &self,
        request: ResearchRequest,
        claim: Option<Claim>,
        imports: Vec<Import>,
    ) -> std::result::Result<Started, ApiError> {
        request.webhook_url.as_deref().map_or(Ok(()), |url| self.ensure_callable(url))?;
        let order = Order {
            owner: self.owner.as_str().to_owned(),
            quotas: Some(*self.quotas),
            request,
            id: IdKind::Research.format(entropy::bytes::<ID_BYTES>()?),
            seed: u64::from_be_bytes(entropy::bytes::<8>()?),
            claim,
            occurrence: None,
            only_changes: false,
            baseline: None,
            imports,
        };
        start::start(self.env, self.config, order).await
    }

    /// Whether the caller has such a research job.
    pub(super) async fn ensure_job(&self, id: &str) -> std::result::Result<(), ApiError> {
        self.ensure_owned(id, JOB).await
    }

    /// Whether the caller has such a job. The account is asked, since looking into the object of an unknown job would
    /// create it; what it said yes to is remembered for a while.
    async fn ensure_owned(&self, id: &str, what: &'static str) -> std::result::Result<(), ApiError> {
        let owner = self.owner.as_str();
        if !IdKind::Research.admits(id) {
            return Err(ApiError::NotFound { what });
        }
        if ownership::is_known(owner, id) {
            return Ok(());
        }
        let answer = self.ask_account("/owns", &json!({ "id": id })).await?;
        match answer.status_code() {
            204 => {
                ownership::remember(owner, id);
                Ok(())
            }
            404 => Err(ApiError::NotFound { what }),
            _ => Err(ApiError::Unavailable { cause: "the account is not reachable: try again".into() }),
        }
    }

    pub(super) async fn ask_job<T: Serialize>(
        &self,
        id: &str,
        path: &str,
        timeout_ms: u64,
        message: &T,
    ) -> Answer {
        // A stub whose call failed may stay broken: a new one each time.
        let stub: Stub = settings::job(self.env, self.owner.as_str(), id)
            .map_err(|e| reply::unavailable("the job store", &e))?;
        self.object("the job", timeout_ms, reply::call(&stub, Method::Post, path, Some(message))).await
    }
}

/// The answer to whoever started a job.
fn answered(started: &Started) -> Answer {
    let internal = |e| reply::unavailable("this deployment", &e);
    match started {
        Started::Accepted { id, standing } => {
            let location = format!("/v1/research/{id}");
            reply::json(202, &json!({ "id": id, "status": "processing" }))
                .and_then(|mut r| r.headers_mut().set("location", &location).map(|()| r))
                .and_then(|r| reply::with_standing(r, standing))
                .map_err(internal)
        }
        Started::Mismatch => Err(ApiError::Mismatch),
        Started::Refused { quota, retry_after_s, standing } => {
            reply::error(&ApiError::QuotaExceeded { quota: *quota, retry_after_s: *retry_after_s })
                .and_then(|r| reply::with_standing(r, standing))
                .map_err(internal)
        }
    }
}

/// What a job is called in errors.
const JOB: &str = "research job";
