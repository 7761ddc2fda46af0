//! Starting, watching and steering research.

use super::{Answer, OBJECT_MS_MAX, Site, body, relay};
use crate::api::ApiError;
use crate::api::id::{ID_BYTES, IdKind};
use crate::api::request::{BODY_BYTES_MAX, research_request};
use crate::edge::job_do::Acceptance;
use crate::edge::{clock, entropy, reply, settings};
use crate::job::budget::Prices;
use crate::job::{Job, Terms};
use serde_json::json;
use worker::{Method, Request, Stub};

/// One try at reading a job's view: three of them and the waits between stay below `OBJECT_MS_MAX`.
const VIEW_MS_MAX: u64 = 8_000;
/// Waits before a failed reading of a view is repeated: an object that was reset is back within half a second.
const VIEW_WAITS_MS: [u64; 2] = [100, 400];

impl Site<'_> {
    pub(in crate::edge) async fn create_research(&self, request: &mut Request) -> Answer {
        let body = body(request, BODY_BYTES_MAX).await?;
        let research = research_request(&body)?;
        let id = IdKind::Research.format(entropy::bytes::<ID_BYTES>()?);
        let seed = u64::from_be_bytes(entropy::bytes::<8>()?);
        let providers = self.config.search.providers.clone();
        let analyst = self.config.model.name().to_owned();
        let terms = Terms {
            id: id.clone(),
            request: research,
            providers,
            analyst,
            prices: Prices::default(),
            seed,
            occurrence: None,
        };
        let accepted = Job::accept(terms, clock::now());
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

    pub(in crate::edge) async fn get_research(&self, id: &str) -> Answer {
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

    fn job(&self, id: &str) -> std::result::Result<Stub, ApiError> {
        settings::job(self.env, self.owner.as_str(), id).map_err(|e| reply::unavailable("the job store", &e))
    }
}
