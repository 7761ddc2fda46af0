//! One object per job: loads the journal, performs what is due, commits what follows.
//!
//! A commit is a handful of synchronous SQL statements and the alarm, with no `.await` between them, which a Durable
//! Object makes durable as one unit and before any request that follows leaves (output gate). So an effect leaves only
//! after the fact that it was started is on disk, and a live job always owns an alarm. `alarm()` never fails for
//! anything expected: after six retries the platform forgets a failing alarm.
//!
//! `intake` accepts a job, with what it takes over from others; `watch` shows it, `feed` fact by fact; `bundle` gives all its evidence away;
//! `control` ends or steers it; `ending` tells the account and forgets the job when its time is up.

mod bundle;
mod control;
mod ending;
mod feed;
mod intake;
mod watch;

pub use intake::{Acceptance, Export, Import};
pub use watch::{Look, Watch};

use crate::api::ApiError;
use crate::edge::job_do::feed::{Frames, Watchers};
use crate::edge::perform::{Dialects, Performed, Performer};
use crate::edge::slice::{
    self, ALARM_MS_MIN, EFFECTS_PER_SLICE, LEASE_MS, Permit, RETRY_MS, SLICE_MS, Turnstile,
};
use crate::edge::store::{JobStore, LoadError};
use crate::edge::{clock, log, reply, settings, turn};
use crate::job::bundle::StepExchange;
use crate::job::fork;
use crate::job::journal::JournalError;
use crate::job::step::StepId;
use crate::job::view::{Rated, Shown};
use crate::job::{Effect, Event, Failure, Input, Job, Timestamp, WIDTH};
use crate::log::{Level, Line};
use crate::model::exchange::Exchange;
use crate::research::PageId;
use futures_util::FutureExt;
use futures_util::future::{AbortHandle, Abortable, Aborted, Either, LocalBoxFuture, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::rc::Rc;
use worker::{DurableObject, Env, Error, Method, Request, Response, Result, State, durable_object};

/// While effects are out the job is looked at no more often than this: a retry may be due that finds no free place.
const WAKE_MS_MIN: u64 = 200;
/// While effects are out the job is looked at this often: its owner may have ended it, and what is out is then broken off.
const WAKE_MS_MAX: u64 = 1_000;

/// The Durable Object of one job.
#[durable_object(alarm)]
pub struct JobObject {
    state: State,
    env: Env,
    store: JobStore,
    live: RefCell<Option<Live>>,
    draining: Turnstile,
    /// When the alarm comes that the handler run has set, once it has.
    leased_until: Cell<Option<Timestamp>>,
    /// Facts on disk, as far as this isolate knows: watchers look here before they ask the storage.
    committed: Rc<Cell<u64>>,
    /// Those who wait for more of them.
    watchers: Watchers,
    /// What the latest of them say in streams.
    frames: Rc<RefCell<Frames>>,
}

struct Live {
    job: Job,
    next_seq: u64,
    /// The journal was read from disk by this isolate and what was in flight has not been given up yet.
    resumed: bool,
    /// Withdrawn when the owner ends the job.
    permit: Permit,
    /// The last view as it was sent and the length of the journal it shows: pollers ask far more often than something
    /// happens.
    shown: Option<(u64, Shown)>,
    /// What its findings were found to be worth.
    rated: Rated,
    /// The report on what was known after a round.
    partial: Option<(u32, Option<String>)>,
}

impl DurableObject for JobObject {
    fn new(state: State, env: Env) -> Self {
        let store = JobStore::new(state.storage().sql());
        let committed = Rc::new(Cell::new(0));
        let (live, draining, leased_until) = (RefCell::new(None), Turnstile::default(), Cell::new(None));
        let (watchers, frames) = (Watchers::default(), Rc::default());
        Self { state, env, store, live, draining, leased_until, committed, watchers, frames }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let path = request.path();
        if path == "/accept" {
            return self.accept(reply::message(&mut request).await?).await;
        }
        if !self.exists()? {
            return reply::error(&NO_JOB);
        }
        match (request.method(), path.as_str()) {
            (Method::Post, "/look") => self.look(reply::message(&mut request).await?).await,
            (Method::Post, "/events") => self.events(reply::message(&mut request).await?),
            (Method::Post, "/response_events") => self.response_events(&reply::message(&mut request).await?),
            (Method::Post, "/request") => self.request(),
            (Method::Post, "/export") => self.export(reply::message(&mut request).await?),
            (Method::Post, "/bundle") => self.bundle(),
            (Method::Post, "/cancel") => self.cancel().await,
            (Method::Post, "/steer") => self.steer(reply::message(&mut request).await?).await,
            (Method::Post, "/delete") => self.delete().await,
            (Method::Post, "/revive") => self.revive().await,
            _ => reply::error(&NO_JOB),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if let Err(error) = self.drain().await {
            self.say_error(&error);
            // What is in memory may be ahead of what is on disk: only the journal counts.
            self.live.replace(None);
            self.frames.take();
            if self.store.exists().unwrap_or(true) {
                slice::set_alarm(&self.state, RETRY_MS).await?;
            }
        }
        Response::empty()
    }
}

/// The answer to whoever asks for a job that was never accepted here, or was deleted.
const NO_JOB: ApiError = ApiError::NotFound { what: "research job" };

impl JobObject {
    /// Reads the journal unless this isolate has done so; says whether it did now.
    fn load(&self) -> std::result::Result<bool, LoadError> {
        if self.live.borrow().is_some() {
            return Ok(false);
        }
        let events = self.store.load()?;
        let next_seq = events.len() as u64;
        let headless = || JournalError { seq: 0, cause: "it does not begin with acceptance".into() };
        let job = Job::fold(events).ok_or_else(headless)?;
        self.committed.set(next_seq);
        let permit = Permit::default();
        let rated = Rated::default();
        self.live.replace(Some(Live {
            job,
            next_seq,
            resumed: true,
            permit,
            shown: None,
            rated,
            partial: None,
        }));
        Ok(true)
    }

    /// Whether a job was ever accepted here, and not deleted since.
    fn exists(&self) -> Result<bool> {
        if self.live.borrow().is_some() { Ok(true) } else { self.store.exists() }
    }

    /// Something that nobody can be told of but whoever runs the deployment.
    fn say_error(&self, error: &dyn std::fmt::Display) {
        let id = self.store.mark(intake::ID).ok().flatten().unwrap_or_default();
        let line = Line::new(Level::Error, "job_trouble", clock::now()).with("job_id", id);
        log::write(&line.quoting("cause", &error.to_string()));
    }

    /// One slice of work: performs what is due until nothing is, the slice is used up or the job is over.
    async fn drain(&self) -> Result<()> {
        let Some(_pass) = self.draining.enter() else { return Ok(()) };
        self.leased_until.set(None);
        if !self.exists()? {
            return Ok(());
        }
        match self.load() {
            Ok(_) => {}
            Err(LoadError::Storage(error)) => return Err(error),
            Err(LoadError::Unreadable(error)) => return self.end_unreadable(&error).await,
        }
        // What is over has nothing left to begin, and what ends meanwhile waits no more.
        if self.live.borrow().as_ref().is_some_and(|live| live.resumed) {
            let may_wait = self.live.borrow().as_ref().is_some_and(|live| live.job.may_wait(clock::now()));
            if !turn::room(|| self.wake_at().is_some(), may_wait).await {
                return slice::set_alarm(&self.state, ALARM_MS_MIN).await;
            }
        }
        let _at_work = turn::AtWork::begin();
        let (was_resumed, permit) = match self.live.borrow_mut().as_mut() {
            Some(live) => (std::mem::take(&mut live.resumed), live.permit.clone()),
            None => return Ok(()),
        };
        // Before anything else: with broken settings nothing can be performed, but a job whose time is up can still end.
        self.commit(if was_resumed { Input::Resumed } else { Input::Woke }, Goods::default(), 0).await?;
        let config = settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))?;
        if self.wake_at().is_some() {
            let dialects = Dialects::default();
            let owner = self.store.owner()?;
            let performer =
                Performer { env: self.env.clone(), config: config.clone(), owner, dialects, permit };
            let piece = Piece { until: clock::now().plus_ms(SLICE_MS), performer: &performer };
            let spent = self.run(&piece).await?;
            if spent && self.wake_at().is_some() {
                return slice::set_alarm(&self.state, ALARM_MS_MIN).await;
            }
        }
        match self.wake_at() {
            Some(at) => slice::set_alarm(&self.state, at.ms_since(clock::now())).await,
            None => self.after_end(&config).await,
        }
    }

    /// Performs until nothing is out; says whether the slice was used up, so that more could be started in a new one.
    async fn run(&self, piece: &Piece<'_>) -> Result<bool> {
        self.commit(Input::Woke, Goods::default(), WIDTH).await?;
        let mut flying: BTreeMap<(StepId, u32), AbortHandle> = BTreeMap::new();
        let mut answers: FuturesUnordered<Flight<'_>> = FuturesUnordered::new();
        let mut launched = 0_usize;
        loop {
            let out = self.out();
            // Whatever the job no longer waits for is broken off: stragglers, and everything once it is over.
            flying.iter().filter(|(id, _)| !out.contains(id)).for_each(|(_, flight)| flight.abort());
            flying.retain(|id, _| out.contains(id));
            for id in out {
                if let std::collections::btree_map::Entry::Vacant(place) = flying.entry(id)
                    && let Some(effect) = self.effect(id.0)
                {
                    launched += 1;
                    let stored = |page| self.page(page);
                    let (handle, registration) = AbortHandle::new_pair();
                    place.insert(handle);
                    let work = piece.performer.perform(effect, stored);
                    answers.push(Abortable::new(work, registration).boxed_local());
                }
            }
            let spent = launched >= EFFECTS_PER_SLICE || clock::now() >= piece.until;
            if flying.is_empty() {
                return Ok(spent);
            }
            let now = clock::now();
            let wake_at = self.wake_at();
            let wake_ms = wake_at.map_or(0, |at| at.ms_since(now)).clamp(WAKE_MS_MIN, WAKE_MS_MAX);
            let answer = match select(answers.next(), pin!(clock::sleep_ms(wake_ms))).await {
                Either::Left((Some(Err(Aborted)), _)) => continue,
                Either::Left((answer, _)) => answer.and_then(std::result::Result::ok),
                Either::Right(_) => None,
            };
            // Deciding takes some milliseconds where a report is made.
            turn::give_way().await;
            // What a slice that is over started could not be performed in time.
            let room = if spent || clock::now() >= piece.until { 0 } else { WIDTH };
            match answer {
                Some(performed) => {
                    flying.remove(&(performed.step, performed.attempt));
                    let Performed { step, attempt, outcome, text, exchanges } = performed;
                    let goods = Goods { text, exchanges: said(step, attempt, exchanges) };
                    self.commit(Input::StepFinished { step, attempt, outcome }, goods, room).await?;
                }
                None if wake_at.is_some_and(|at| at <= clock::now()) => {
                    self.commit(Input::Woke, Goods::default(), room).await?;
                }
                None => {}
            }
        }
    }

    /// Decides and makes the decision durable, together with what came with it and the alarm that guards it.
    async fn commit(&self, input: Input, goods: Goods, room: usize) -> Result<()> {
        let over = {
            let mut live = self.live.borrow_mut();
            // It was deleted while a call was out.
            let Some(live) = live.as_mut() else { return Ok(()) };
            let events = live.job.decide(input, clock::now(), room);
            if events.is_empty() {
                return Ok(());
            }
            // The text of a copy of another page is not kept.
            if let Some((page, text)) = goods.text.filter(|(page, _)| fork::pages(&events).contains(page)) {
                self.store.put_page(page, &text)?;
            }
            self.store.add_exchanges(&goods.exchanges)?;
            self.record(live, &events)?;
            say_failures(live.job.id(), &events);
            live.job.is_terminal()
        };
        if over && !self.draining.is_taken() {
            // What remains is to tell the account, at once. A handler run does so by itself.
            return slice::set_alarm(&self.state, ALARM_MS_MIN).await;
        }
        self.hold_lease().await
    }

    /// Makes sure that somebody comes back if the isolate dies. An alarm is a row and a write to the disk of its own, so
    /// a handler run moves it only when half of its time is gone.
    async fn hold_lease(&self) -> Result<()> {
        let now = clock::now();
        let left_ms = self.leased_until.get().map_or(0, |until| until.ms_since(now));
        if self.draining.is_taken() && (LEASE_MS / 2..=LEASE_MS).contains(&left_ms) {
            return Ok(());
        }
        self.leased_until.set(Some(now.plus_ms(LEASE_MS)));
        slice::set_alarm(&self.state, LEASE_MS).await
    }

    /// Appends facts and folds them; synchronous, so that it is one commit with what its caller writes.
    fn record(&self, live: &mut Live, events: &[Event]) -> Result<()> {
        for event in events {
            self.store.append(live.next_seq, event)?;
            live.next_seq += 1;
            live.job.apply(event.clone());
        }
        self.committed.set(live.next_seq);
        Ok(())
    }

    fn out(&self) -> BTreeSet<(StepId, u32)> {
        self.live.borrow().as_ref().map(|live| live.job.out().collect()).unwrap_or_default()
    }

    fn effect(&self, step: StepId) -> Option<Effect> {
        self.live.borrow().as_ref()?.job.effect(step)
    }

    /// `None` when the job is over or gone.
    fn wake_at(&self) -> Option<Timestamp> {
        self.live.borrow().as_ref().and_then(|live| live.job.wake_at())
    }

    fn page(&self, page: PageId) -> std::result::Result<String, Failure> {
        let lost = || Failure::permanent(format!("the text of page {page} is not stored"));
        self.store.page(page).map_err(|e| Failure::transient(format!("storage: {e}")))?.ok_or_else(lost)
    }
}

/// What an attempt brought beside its outcome.
#[derive(Default)]
struct Goods {
    /// The text of a page.
    text: Option<(PageId, String)>,
    /// What a model was asked and what it said.
    exchanges: Vec<StepExchange>,
}

/// What went wrong outside, for whoever runs the deployment; the job itself goes on or says so.
fn say_failures(id: &str, events: &[Event]) {
    for event in events {
        let (step, attempt, cause, given_up) = match event {
            Event::StepRetried { step, attempt, failed: true, cause, .. } => (step, attempt, cause, false),
            Event::StepFailed { step, attempt, cause, .. } => (step, attempt, cause, true),
            _ => continue,
        };
        let line = Line::new(Level::Warn, "step_failed", clock::now())
            .with("job_id", id)
            .with("step", step.to_string())
            .with("attempt", *attempt)
            .with("given_up", given_up);
        log::write(&line.quoting("cause", cause));
    }
}

fn said(step: StepId, attempt: u32, exchanges: Vec<Exchange>) -> Vec<StepExchange> {
    exchanges.into_iter().map(|exchange| StepExchange { step, attempt, exchange }).collect()
}

/// An attempt that is out; breaking it off drops its connection.
type Flight<'a> = LocalBoxFuture<'a, std::result::Result<Performed, Aborted>>;

struct Piece<'a> {
    until: Timestamp,
    performer: &'a Performer,
}
