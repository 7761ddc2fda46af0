//! The caller's schedules.

use super::{Answer, OBJECT_MS_MAX, Site, body, relay};
use crate::api::id::IdKind;
use crate::api::request::BODY_BYTES_MAX;
use crate::api::schedule::{new_schedule, schedule_patch};
use crate::api::{ApiError, Verb};
use crate::edge::scheduler_do::About;
use crate::edge::{reply, settings};
use worker::{Method, Request};

impl Site<'_> {
    pub(in crate::edge) async fn schedules(&self, verb: Verb, request: &mut Request) -> Answer {
        if verb == Verb::Get {
            return relay(self.ask_scheduler("/list", &self.about("")).await?);
        }
        let new = new_schedule(&body(request, BODY_BYTES_MAX).await?)?;
        self.ensure_sources(&new.request).await?;
        if let Some(url) = &new.request.webhook_url {
            self.ensure_callable(url)?;
        }
        let mut made = self.ask_scheduler("/create", &About { new: Some(new), ..self.about("") }).await?;
        if made.status_code() != 201 {
            return relay(made);
        }
        let text = made.text().await.map_err(|e| reply::unavailable("the scheduler", &e))?;
        let view: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let location =
            format!("/v1/schedules/{}", view.get("id").and_then(|id| id.as_str()).unwrap_or_default());
        reply::json(201, &view)
            .and_then(|mut r| r.headers_mut().set("location", &location).map(|()| r))
            .map_err(|e| reply::unavailable("this deployment", &e))
    }

    pub(in crate::edge) async fn schedule(&self, verb: Verb, id: &str, request: &mut Request) -> Answer {
        let about = self.about_one(id)?;
        match verb {
            Verb::Patch => {
                let patch = schedule_patch(&body(request, BODY_BYTES_MAX).await?)?;
                let url = patch.members.get("webhook_url").and_then(|url| url.as_str());
                url.map_or(Ok(()), |url| self.ensure_callable(url))?;
                self.ensure_sources(&patch.places()).await?;
                relay(self.ask_scheduler("/patch", &About { patch: Some(patch), ..about }).await?)
            }
            Verb::Delete => relay(self.ask_scheduler("/delete", &about).await?),
            _ => relay(self.ask_scheduler("/get", &about).await?),
        }
    }

    pub(in crate::edge) async fn run_schedule(&self, id: &str) -> Answer {
        relay(self.ask_scheduler("/run", &self.about_one(id)?).await?)
    }

    pub(in crate::edge) async fn schedule_runs(&self, id: &str) -> Answer {
        relay(self.ask_scheduler("/runs", &self.about_one(id)?).await?)
    }

    fn about(&self, id: &str) -> About {
        About { owner: self.owner.as_str().to_owned(), id: id.to_owned(), new: None, patch: None }
    }

    fn about_one(&self, id: &str) -> std::result::Result<About, ApiError> {
        if IdKind::Schedule.admits(id) {
            Ok(self.about(id))
        } else {
            Err(ApiError::NotFound { what: "schedule" })
        }
    }

    async fn ask_scheduler(&self, path: &str, about: &About) -> Answer {
        let stub = settings::scheduler(self.env).map_err(|e| reply::unavailable("the scheduler", &e))?;
        self.object("the scheduler", OBJECT_MS_MAX, reply::call(&stub, Method::Post, path, Some(about))).await
    }
}
