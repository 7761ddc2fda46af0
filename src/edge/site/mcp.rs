//! `POST /mcp`: tools of the Model Context Protocol over the same calls that the REST routes make.

use super::{Answer, Site, body};
use crate::api::ApiError;
use crate::api::mcp::{self, MESSAGE_BYTES_MAX, Message, Progress, Tool};
use crate::api::rendering::{Format, Rendering};
use crate::edge::job_do::Look;
use crate::edge::{clock, reply, settings};
use crate::job::Timestamp;
use futures_util::stream;
use serde_json::Value;
use worker::{Env, Error, Method, Request, Response, Result};

/// How often a waiting client hears of progress.
const PROGRESS_MS: u64 = 1_000;
/// One look at a job takes no longer than this beyond its wait.
const LOOK_MS_MAX: u64 = 8_000;

impl Site<'_> {
    pub(in crate::edge) async fn mcp(&self, request: &mut Request) -> Answer {
        ensure_same_origin(request)?;
        match mcp::message(&body(request, MESSAGE_BYTES_MAX).await?) {
            Message::Notification => reply::empty(202),
            Message::Answered(answer) => reply::json(200, &answer),
            Message::Refused(answer) => reply::json(400, &answer),
            Message::Call { id, tool, progress_token } => match (tool, progress_token) {
                (Tool::Status { id: job, wait_ms }, Some(token)) if wait_ms > 0 => {
                    match self.ensure_job(&job).await {
                        Ok(()) => self.waiting(id, job, wait_ms, token),
                        Err(error) => reply::json(200, &mcp::result(&id, &mcp::refused(&error))),
                    }
                }
                (tool, _) => {
                    let result = self.called(tool).await.unwrap_or_else(|error| mcp::refused(&error));
                    reply::json(200, &mcp::result(&id, &result))
                }
            },
        }
        .map_err(|e| reply::unavailable("this deployment", &e))
    }

    async fn called(&self, tool: Tool) -> std::result::Result<Value, ApiError> {
        match tool {
            Tool::Start(request) => {
                let started = parsed(self.begin(*request, None).await?).await?;
                Ok(mcp::started(started.get("id").and_then(Value::as_str).unwrap_or_default()))
            }
            Tool::Status { id, wait_ms } => {
                self.ensure_job(&id).await?;
                Ok(mcp::status(
                    &parsed(self.look(&id, &looking(&id, wait_ms, Rendering::default())).await?).await?,
                ))
            }
            Tool::Report { id, tokens_max, sections } => {
                self.ensure_job(&id).await?;
                // Chapters that are named are cut out of the whole.
                let tokens_max_all = sections.is_empty().then_some(tokens_max);
                let rendering = Rendering {
                    format: Format::Markdown,
                    tokens_max: tokens_max_all,
                    ..Rendering::default()
                };
                let mut answer = self.look(&id, &looking(&id, 0, rendering)).await?;
                match answer.status_code() {
                    200 => {
                        let text = answer.text().await.map_err(|e| reply::unavailable("the job", &e))?;
                        Ok(mcp::report(&text, &sections, tokens_max))
                    }
                    202 => Ok(mcp::failed("the report is not there yet: wait with research_status")),
                    _ => Ok(mcp::failed(&problem(&parsed_any(answer).await?))),
                }
            }
            Tool::Search(search) => {
                let found = parsed(self.found(&search).await?).await?;
                Ok(mcp::found(&found))
            }
        }
    }

    /// Waits for a job's end and tells how far it is meanwhile.
    fn waiting(&self, id: Value, job: String, wait_ms: u64, token: Value) -> Result<Response> {
        let wait = Wait {
            env: self.env.clone(),
            owner: self.owner.as_str().to_owned(),
            job,
            id,
            token,
            until: clock::now().plus_ms(wait_ms),
            told: None,
            over: false,
        };
        let pieces = stream::unfold(wait, |mut wait| async move {
            let piece = wait.piece().await?;
            Some((Ok::<_, Error>(piece.into_bytes()), wait))
        });
        let mut response = reply::finish(Response::from_stream(pieces)?)?;
        response.headers_mut().set("content-type", "text/event-stream; charset=utf-8")?;
        Ok(response)
    }
}

/// A client that waits for a job's end.
struct Wait {
    env: Env,
    owner: String,
    job: String,
    id: Value,
    token: Value,
    until: Timestamp,
    told: Option<Progress>,
    over: bool,
}

impl Wait {
    /// The next message: progress when there is some, the result when the job or the time is over.
    async fn piece(&mut self) -> Option<String> {
        while !self.over {
            let left_ms = self.until.ms_since(clock::now());
            let view = match self.view(left_ms.min(PROGRESS_MS)).await {
                Ok(view) => view,
                Err(error) => {
                    self.over = true;
                    return Some(mcp::frame(&mcp::result(&self.id, &mcp::refused(&error))));
                }
            };
            if view.get("status").and_then(Value::as_str) != Some("processing") || clock::now() >= self.until
            {
                self.over = true;
                return Some(mcp::frame(&mcp::result(&self.id, &mcp::status(&view))));
            }
            let progress = Progress::of(&view);
            if self.told.as_ref() != Some(&progress) {
                let notification = mcp::progress(&self.token, &progress);
                self.told = Some(progress);
                return Some(mcp::frame(&notification));
            }
        }
        None
    }

    async fn view(&self, wait_ms: u64) -> std::result::Result<Value, ApiError> {
        let stub = settings::job(&self.env, &self.owner, &self.job)
            .map_err(|e| reply::unavailable("the job store", &e))?;
        let look = looking(&self.job, wait_ms, Rendering::default());
        let call = reply::call(&stub, Method::Post, "/look", Some(&look));
        parsed(super::within("the job", LOOK_MS_MAX.saturating_add(wait_ms), call).await?).await
    }
}

fn looking(id: &str, wait_ms: u64, rendering: Rendering) -> Look {
    Look { id: id.to_owned(), wait_ms, seen: None, rendering, dialect: None }
}

/// A page in somebody's browser must not reach a server on that machine (specification, "Security warning").
fn ensure_same_origin(request: &Request) -> std::result::Result<(), ApiError> {
    let header = |name: &str| request.headers().get(name).ok().flatten();
    let (Some(origin), Some(host)) = (header("origin"), header("host")) else { return Ok(()) };
    let same = origin.split_once("://").is_some_and(|(_, rest)| rest == host);
    let why = "requests of pages of another origin are refused: leave the `Origin` header out";
    if same { Ok(()) } else { Err(ApiError::bad_request(why)) }
}

/// The JSON of a reply; what is a problem is told as one.
async fn parsed(answer: Response) -> std::result::Result<Value, ApiError> {
    let status = answer.status_code();
    let value = parsed_any(answer).await?;
    if status < 400 { Ok(value) } else { Err(ApiError::Conflict { cause: problem(&value) }) }
}

async fn parsed_any(mut answer: Response) -> std::result::Result<Value, ApiError> {
    let text = answer.text().await.map_err(|e| reply::unavailable("this deployment", &e))?;
    serde_json::from_str(&text)
        .map_err(|e| ApiError::Unavailable { cause: format!("the reply is no JSON: {e}") })
}

fn problem(value: &Value) -> String {
    value.get("error").and_then(Value::as_str).unwrap_or("it cannot be done now: try again").to_owned()
}
