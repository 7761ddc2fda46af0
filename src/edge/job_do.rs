//! One object per job: loads the journal, performs what is due, commits what follows.
//!
//! A commit is a handful of synchronous SQL statements and the alarm, with no `.await` between them, which a Durable
//! Object makes durable as one unit and before any request that follows leaves (output gate). So an effect leaves only
//! after the fact that it was started is on disk, and a live job always owns an alarm. `alarm()` never fails for
//! anything expected: after six retries the platform forgets a failing alarm.

use crate::api::ApiError;
use crate::edge::perform::{Performed, Performer};
use crate::edge::slice::{self, ALARM_MS_MIN, EFFECTS_PER_SLICE, LEASE_MS, RETRY_MS, SLICE_MS, Turnstile};
use crate::edge::store::JobStore;
use crate::edge::{clock, reply, settings};
use crate::job::view::JobView;
use crate::job::{Event, Failure, Input, Job, Timestamp, WIDTH};
use crate::model::openai::JsonMode;
use crate::research::PageId;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::pin;
use worker::{DurableObject, Env, Error, Method, Request, Response, Result, State, durable_object};

/// A new job, as the entry hands it over.
#[derive(Serialize, Deserialize)]
pub struct Acceptance {
    /// Whose job it is.
    pub owner: String,
    /// Its first fact.
    pub accepted: Event,
}

/// While effects are out the job is looked at no more often than this: a retry may be due that finds no free place.
const WAKE_MS_MIN: u64 = 200;

/// The Durable Object of one job.
#[durable_object(alarm)]
pub struct JobObject {
    state: State,
    env: Env,
    store: JobStore,
    live: RefCell<Option<Live>>,
    draining: Turnstile,
}

struct Live {
    job: Job,
    next_seq: u64,
    /// The journal was read from disk by this isolate and what was in flight has not been given up yet.
    resumed: bool,
    /// The last view and the length of the journal it shows: pollers ask far more often than something happens.
    seen: Option<(u64, JobView)>,
}

impl Live {
    fn view(&mut self, now: Timestamp) -> JobView {
        match self.seen.as_mut().filter(|(seq, _)| *seq == self.next_seq) {
            Some((_, view)) => {
                self.job.age(view, now);
                view.clone()
            }
            None => {
                let view = self.job.view(now);
                self.seen = Some((self.next_seq, view.clone()));
                view
            }
        }
    }
}

impl DurableObject for JobObject {
    fn new(state: State, env: Env) -> Self {
        let store = JobStore::new(state.storage().sql());
        Self { state, env, store, live: RefCell::new(None), draining: Turnstile::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        match (request.method(), request.path().as_str()) {
            (Method::Post, "/accept") => {
                let acceptance: Acceptance = reply::message(&mut request).await?;
                self.accept(acceptance).await
            }
            (Method::Get, path) => match path.strip_prefix("/view/") {
                Some(id) => self.view(id).await,
                None => reply::error(&ApiError::NotFound { what: "research job" }),
            },
            _ => reply::error(&ApiError::NotFound { what: "research job" }),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if let Err(error) = self.drain().await {
            worker::console_error!("job {}: {error}", self.state.id());
            // What is in memory may be ahead of what is on disk: only the journal counts.
            self.live.replace(None);
            slice::set_alarm(&self.state, RETRY_MS).await?;
        }
        Response::empty()
    }
}

impl JobObject {
    async fn accept(&self, acceptance: Acceptance) -> Result<Response> {
        if !self.store.exists()? {
            self.store.create()?;
            self.store.set_owner(&acceptance.owner)?;
            self.store.append(0, &acceptance.accepted)?;
            slice::set_alarm(&self.state, ALARM_MS_MIN).await?;
        }
        Ok(Response::empty()?.with_status(204))
    }

    async fn view(&self, id: &str) -> Result<Response> {
        if !self.store.exists()? {
            return reply::error(&ApiError::NotFound { what: "research job" });
        }
        let loaded_now = match self.load() {
            Ok(loaded_now) => loaded_now,
            // An unreadable journal stays unreadable: pollers must not wait for it, and a 5xx would be told as a fault of ours.
            Err(error) => {
                worker::console_error!("job {}: {error}", self.state.id());
                let error = format!("the job cannot be read: {error}");
                return reply::json(
                    200,
                    &json!({ "id": id, "status": "failed", "state": "failed", "error": error }),
                );
            }
        };
        let (view, ended) = match self.live.borrow_mut().as_mut() {
            Some(live) => (live.view(clock::now()), live.job.is_terminal()),
            None => return Err(Error::RustError("the job was not loaded".into())),
        };
        if loaded_now && !ended {
            // Whatever was in flight died with an earlier isolate: no need to wait for the lease to run out.
            slice::set_alarm(&self.state, ALARM_MS_MIN).await?;
        }
        reply::json(200, &view)
    }

    /// Reads the journal unless this isolate has done so; says whether it did now.
    fn load(&self) -> Result<bool> {
        if self.live.borrow().is_some() {
            return Ok(false);
        }
        let events = self.store.load()?;
        let next_seq = events.len() as u64;
        let job = Job::fold(events)
            .ok_or_else(|| Error::RustError("the journal does not begin with acceptance".into()))?;
        self.live.replace(Some(Live { job, next_seq, resumed: true, seen: None }));
        Ok(true)
    }

    /// One slice of work: performs what is due until nothing is, the slice is used up or the job is over.
    async fn drain(&self) -> Result<()> {
        let Some(_pass) = self.draining.enter() else { return Ok(()) };
        if !self.store.exists()? {
            return Ok(());
        }
        self.load()?;
        let was_resumed =
            self.live.borrow_mut().as_mut().is_some_and(|live| std::mem::take(&mut live.resumed));
        // Before anything else: with broken settings nothing can be performed, but a job whose time is up can still end.
        self.commit(if was_resumed { Input::Resumed } else { Input::Woke }, None, 0).await?;
        let config = settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))?;
        let json_mode = Cell::new(JsonMode::Schema);
        let performer = Performer { env: self.env.clone(), config, owner: self.store.owner()?, json_mode };
        let piece = Piece { until: clock::now().plus_ms(SLICE_MS), performer: &performer };
        let spent = self.run(&piece).await?;
        match self.wake_at() {
            None => self.state.storage().delete_alarm().await,
            Some(_) if spent => slice::set_alarm(&self.state, ALARM_MS_MIN).await,
            Some(at) => slice::set_alarm(&self.state, at.ms_since(clock::now())).await,
        }
    }

    /// Performs until nothing is out; says whether the slice was used up, so that more could be started in a new one.
    async fn run(&self, piece: &Piece<'_>) -> Result<bool> {
        self.commit(Input::Woke, None, WIDTH).await?;
        let mut flying = BTreeSet::new();
        let mut answers: FuturesUnordered<LocalBoxFuture<'_, Performed>> = FuturesUnordered::new();
        let mut launched = 0_usize;
        loop {
            for effect in self.due() {
                if flying.insert((effect.step, effect.attempt)) {
                    launched += 1;
                    let stored = |page| self.page(page);
                    answers.push(piece.performer.perform(effect, stored).boxed_local());
                }
            }
            let spent = launched >= EFFECTS_PER_SLICE || clock::now() >= piece.until;
            if answers.is_empty() {
                return Ok(spent);
            }
            let now = clock::now();
            let wake_ms = self.wake_at().map_or(LEASE_MS, |at| at.ms_since(now)).clamp(WAKE_MS_MIN, LEASE_MS);
            let answer = match select(answers.next(), pin!(clock::sleep_ms(wake_ms))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => None,
            };
            // What a slice that is over started could not be performed in time.
            let room = if spent || clock::now() >= piece.until { 0 } else { WIDTH };
            match answer {
                Some(performed) => {
                    flying.remove(&(performed.step, performed.attempt));
                    let Performed { step, attempt, outcome, text } = performed;
                    self.commit(Input::StepFinished { step, attempt, outcome }, text, room).await?;
                }
                None => self.commit(Input::Woke, None, room).await?,
            }
        }
    }

    /// Decides and makes the decision durable, together with the page that came with it and the alarm that guards it.
    async fn commit(&self, input: Input, text: Option<(PageId, String)>, room: usize) -> Result<()> {
        {
            let mut live = self.live.borrow_mut();
            let live = live.as_mut().ok_or_else(|| Error::RustError("the job was not loaded".into()))?;
            let events = live.job.decide(input, clock::now(), room);
            if events.is_empty() {
                return Ok(());
            }
            if let Some((page, text)) = text {
                self.store.put_page(page, &text)?;
            }
            for event in &events {
                self.store.append(live.next_seq, event)?;
                live.next_seq += 1;
                live.job.apply(event);
            }
        }
        slice::set_alarm(&self.state, LEASE_MS).await
    }

    fn due(&self) -> Vec<crate::job::Effect> {
        self.live.borrow().as_ref().map(|live| live.job.due()).unwrap_or_default()
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.live.borrow().as_ref().and_then(|live| live.job.wake_at())
    }

    fn page(&self, page: PageId) -> std::result::Result<String, Failure> {
        let lost = || Failure::permanent(format!("the text of page {page} is not stored"));
        self.store.page(page).map_err(|e| Failure::transient(format!("storage: {e}")))?.ok_or_else(lost)
    }
}

struct Piece<'a> {
    until: Timestamp,
    performer: &'a Performer,
}
