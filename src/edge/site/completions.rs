//! Perplexity's asynchronous chat completions.

use super::responses::under_way;
use super::{Answer, Site, body, query};
use crate::api::account::JobPage;
use crate::api::perplexity::{self, Asked};
use crate::api::request::BODY_BYTES_MAX;
use crate::api::{ApiError, account};
use crate::edge::reply;
use crate::edge::start::Started;
use crate::research::wording::Dialect;
use worker::Request;

impl Site<'_> {
    pub(in crate::edge) async fn create_completion(&self, request: &mut Request) -> Answer {
        let header = request.headers().get("idempotency-key").ok().flatten();
        let body = body(request, BODY_BYTES_MAX).await?;
        let Asked { research, idempotency_key } = perplexity::completion_request(&body)?;
        let key = idempotency_key.or(header);
        let claim = account::claim("completions", key.as_deref(), &body)?;
        let internal = |e| reply::unavailable("this deployment", &e);
        match self.admit(research, claim).await? {
            Started::Accepted { id, standing } => {
                under_way(self.told(&id, Dialect::Perplexity).await, &id, &standing)
            }
            Started::Mismatch => Err(ApiError::Mismatch),
            Started::Refused { quota, retry_after_s, standing } => {
                reply::foreign_error(&ApiError::QuotaExceeded { quota, retry_after_s })
                    .and_then(|r| reply::with_standing(r, &standing))
                    .map_err(internal)
            }
        }
    }

    pub(in crate::edge) async fn get_completion(&self, id: &str) -> Answer {
        self.ensure_job(id).await?;
        self.told(id, Dialect::Perplexity).await
    }

    pub(in crate::edge) async fn list_completions(&self, request: &Request) -> Answer {
        let listed = self.ask_account("/list", &perplexity::listing(&query(request)?)?).await?;
        let page: Option<JobPage> =
            reply::decoded(listed).await.map_err(|e| reply::unavailable("the account", &e))?;
        let page = page.unwrap_or(JobPage { research: Vec::new(), next_cursor: None });
        reply::json(200, &perplexity::completions(&page))
            .map_err(|e| reply::unavailable("this deployment", &e))
    }
}
