//! Accepting a job, with what it takes over from others of the same owner.

use super::{JobObject, NO_JOB};
use crate::api::ApiError;
use crate::edge::slice::{self, ALARM_MS_MIN};
use crate::edge::store::LoadError;
use crate::edge::{clock, log, reply, settings};
use crate::job::{Event, Job, carry, fork};
use crate::log::{Level, Line};
use crate::research::PageId;
use crate::research::changes::Baseline;
use serde::{Deserialize, Serialize};
use worker::{Error, Method, Response, Result};

/// A new job, as it is handed over.
#[derive(Serialize, Deserialize)]
pub struct Acceptance {
    /// Whose job it is.
    pub owner: String,
    /// Public id.
    pub id: String,
    /// Its first fact.
    pub accepted: Event,
    /// What it builds on.
    #[serde(default)]
    pub imports: Vec<Import>,
}

/// What a new job takes over from another one of the same owner.
#[derive(Clone, Serialize, Deserialize)]
pub struct Import {
    /// The other job.
    pub from: String,
    /// What of it.
    pub export: Export,
    /// Without it the new job cannot be accepted; otherwise it does without.
    pub required: bool,
}

/// What one job gives to another.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Export {
    /// Everything up to the end of a round, and a steering that the copy begins with.
    Fork {
        /// Last round that is copied.
        round: u32,
        /// Applied right after it.
        steering: Option<crate::research::request::Steering>,
        /// The moment of the copy.
        at: crate::job::Timestamp,
    },
    /// Its question, its summary and the pages that it cites.
    Evidence,
    /// Its findings, to compare with.
    Baseline,
}

/// What was given: facts for the new journal, and the texts that they speak of.
#[derive(Serialize, Deserialize)]
struct Exported {
    events: Vec<Event>,
    pages: Vec<(PageId, String)>,
}

/// Under this name the job's own id is noted, for the case that its journal cannot be read.
pub(super) const ID: &str = "id";

impl JobObject {
    /// Stores a new job and wakes it. Repeating it changes nothing.
    pub(super) async fn accept(&self, acceptance: Acceptance) -> Result<Response> {
        let Acceptance { owner, id, accepted, imports } = acceptance;
        if self.store.exists()? {
            return Ok(Response::empty()?.with_status(204));
        }
        let (mut events, mut pages) = (vec![accepted], Vec::new());
        let asked = !imports.is_empty();
        for import in imports {
            match self.import(&owner, &import).await? {
                Ok(exported) => {
                    events.extend(exported.events);
                    pages.extend(exported.pages);
                }
                Err(refusal) if import.required => return Ok(refusal),
                Err(_) => {}
            }
        }
        // Somebody else may have stored it while the other jobs were asked.
        if !asked || !self.store.exists()? {
            self.store.create()?;
            self.store.set_owner(&owner)?;
            self.store.set_mark(ID, &id)?;
            for (seq, event) in (0..).zip(&events) {
                self.store.append(seq, event)?;
            }
            for (page, text) in &pages {
                self.store.put_page(*page, text)?;
            }
            slice::set_alarm(&self.state, ALARM_MS_MIN).await?;
            let line = Line::new(Level::Info, "job_accepted", clock::now());
            log::write(&line.with("job_id", id.as_str()).of(&owner));
        }
        Ok(Response::empty()?.with_status(204))
    }

    /// Asks another job; the inner error is its refusal, to be passed on.
    async fn import(&self, owner: &str, import: &Import) -> Result<std::result::Result<Exported, Response>> {
        let stub = settings::job(&self.env, owner, &import.from)?;
        let mut answer = reply::call(&stub, Method::Post, "/export", Some(&import.export)).await?;
        match answer.status_code() {
            200..=299 => Ok(Ok(serde_json::from_str(&answer.text().await?)?)),
            status @ 400..=499 => {
                let text = answer.text().await?;
                Ok(Err(Response::ok(text)?.with_status(status)))
            }
            status => Err(Error::RustError(format!("the other job answered {status}"))),
        }
    }

    /// What another job takes over from this one.
    pub(super) fn export(&self, export: Export) -> Result<Response> {
        match self.load() {
            Ok(_) => {}
            Err(LoadError::Storage(error)) => return Err(error),
            Err(LoadError::Unreadable(_)) => return reply::error(&NO_JOB),
        }
        let live = self.live.borrow();
        let Some(live) = live.as_ref() else { return reply::error(&NO_JOB) };
        let exported = match export {
            Export::Fork { round, steering, at } => {
                let Ok(events) = self.store.load() else { return reply::error(&NO_JOB) };
                match fork::prefix(events, round) {
                    Ok(mut events) => {
                        let pages = fork::pages(&events);
                        events.push(Event::Forked { from: live.job.id().to_owned(), round, at });
                        events.extend(steering.map(|steering| Event::Steered { steering, at }));
                        Exported { events, pages: self.texts(pages.into_iter().map(|p| (p, p)))? }
                    }
                    Err(refusal) => return conflict(refusal.to_string()),
                }
            }
            Export::Evidence => match carry::inheritance(&live.job) {
                Some(inheritance) => Exported {
                    pages: self.texts(inheritance.texts.iter().map(|(old, new)| (*old, *new)))?,
                    events: vec![inheritance.event],
                },
                None => return conflict(unfinished(&live.job)),
            },
            Export::Baseline => match live.job.baseline() {
                Some(baseline) => compared_with(baseline),
                None => return conflict(unfinished(&live.job)),
            },
        };
        reply::json(200, &exported)
    }

    fn texts(&self, pages: impl Iterator<Item = (PageId, PageId)>) -> Result<Vec<(PageId, String)>> {
        let mut texts = Vec::new();
        for (here, there) in pages {
            if let Some(text) = self.store.page(here)? {
                texts.push((there, text));
            }
        }
        Ok(texts)
    }
}

fn compared_with(baseline: Baseline) -> Exported {
    Exported { events: vec![Event::BaselineRecalled { baseline }], pages: Vec::new() }
}

fn unfinished(job: &Job) -> String {
    format!("{} has no report to build on: wait until it is completed", job.id())
}

fn conflict(cause: String) -> Result<Response> {
    reply::error(&ApiError::Conflict { cause })
}
