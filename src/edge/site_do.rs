//! One object per web host: its `robots.txt`, one polite queue for all jobs, and what its pages said lately.
//!
//! It fetches nothing. Readers ask it for their turn, fetch and extract in their own context, where their owner can stop
//! them at once, and bring back what they found (`edge/visit.rs`).

use crate::edge::site_store::{Kept, SiteStore};
use crate::edge::{clock, reply, slice};
use crate::web::politeness::Gate;
use crate::web::robots::Rules;
use crate::web::visit::{Brought, Enter, Entered, Learned, Leave, Reading};
use std::cell::{Cell, RefCell};
use worker::{DurableObject, Env, Method, Request, Response, Result, State, durable_object};

/// The Durable Object of one host.
#[durable_object(alarm)]
pub struct SiteObject {
    state: State,
    store: SiteStore,
    gate: RefCell<Option<Gate>>,
    /// An alarm was set since this instance lives.
    watched: Cell<bool>,
}

impl DurableObject for SiteObject {
    fn new(state: State, _env: Env) -> Self {
        let store = SiteStore::new(state.storage().sql());
        Self { state, store, gate: RefCell::new(None), watched: Cell::new(false) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        self.watch().await?;
        match (request.method(), request.path().as_str()) {
            (Method::Post, "/enter") => reply::json(200, &self.enter(&reply::message(&mut request).await?)?),
            (Method::Post, "/robots") => {
                let Learned { visit, file } = reply::message(&mut request).await?;
                let now = clock::now();
                self.with_gate(|gate| gate.learn(visit, &file, now))?;
                self.store.keep_robots(file, now)?;
                reply::empty(204)
            }
            (Method::Post, "/leave") => reply::json(200, &self.leave(reply::message(&mut request).await?)?),
            (_, path) => Err(worker::Error::RustError(format!("{path} is not known here"))),
        }
    }

    /// Forgets what is old, and everything once nothing is left: hosts that nobody reads any more cost nothing.
    async fn alarm(&self) -> Result<Response> {
        self.store.create()?;
        match self.store.prune(clock::now())? {
            Some(ms) => slice::set_alarm(&self.state, ms).await?,
            None => {
                self.watched.set(false);
                self.state.storage().delete_all().await?;
            }
        }
        Response::empty()
    }
}

impl SiteObject {
    fn enter(&self, ask: &Enter) -> Result<Entered> {
        let now = clock::now();
        self.store.create()?;
        let kept = self.store.kept(&ask.key)?;
        if kept.as_ref().is_some_and(|kept| now.ms_since(kept.at) < ask.age_ms_max)
            && let Some(reading) = self.store.reading(&ask.key)?
        {
            return Ok(Entered::Known(reading));
        }
        let validators = kept.map(|kept| kept.validators).unwrap_or_default();
        let how = (ask.pace, ask.with_robots);
        let turn = self.with_gate(|gate| gate.enter(&ask.url, &ask.key, ask.ticket, how, now))?;
        Ok(Entered::Turn { turn, validators })
    }

    /// What is known of the page from now on.
    fn leave(&self, leave: Leave) -> Result<Option<Reading>> {
        let now = clock::now();
        self.store.create()?;
        let Leave { visit, key, ended, brought } = leave;
        let closed = self.with_gate(|gate| gate.leave(visit, ended, now).then(|| gate.closed().clone()))?;
        if let Some(closed) = closed {
            self.store.keep_closed(&closed)?;
        }
        match brought {
            Brought::Nothing => Ok(None),
            Brought::Unchanged => {
                self.store.confirm(&key, now)?;
                self.store.reading(&key)
            }
            Brought::Found { reading, validators } => {
                self.store.keep_reading(&key, &reading, &Kept { at: now, validators })?;
                Ok(None)
            }
        }
    }

    fn with_gate<T>(&self, act: impl FnOnce(&mut Gate) -> T) -> Result<T> {
        let mut gate = self.gate.borrow_mut();
        if gate.is_none() {
            self.store.create()?;
            let rules = self.store.robots()?.map(|(file, at)| Rules::of(&file, at));
            *gate = Some(Gate::new(rules, self.store.closed()?));
        }
        Ok(act(gate.get_or_insert_default()))
    }

    /// Sees to it that what will be kept is forgotten in time: the alarm stands before there is anything to forget.
    async fn watch(&self) -> Result<()> {
        if self.watched.get() {
            return Ok(());
        }
        if self.state.storage().get_alarm().await?.is_none() {
            slice::set_alarm(&self.state, PRUNE_MS).await?;
        }
        self.watched.set(true);
        Ok(())
    }
}

/// How often the object looks for what is to be forgotten.
const PRUNE_MS: u64 = 24 * 60 * 60 * 1_000;
