//! One object for the deployment: starts what is due, and has every account look after its jobs.
//!
//! `tick` may be called by anybody and as often as they like: by the object's own alarm, by the cron trigger, by hand. An
//! occurrence gets its row, with the id of its job, in the commit that decides it; the start itself is idempotent.

use crate::account::Claim;
use crate::api::ApiError;
use crate::api::id::{ID_BYTES, IdKind};
use crate::api::schedule::{NewSchedule, RunView, SchedulePatch, ScheduleView};
use crate::config::Config;
use crate::digest::sha256_hex;
use crate::edge::account_do::{Latest, LatestQuestion, Registration, Swept};
use crate::edge::meter_store::MeterStore;
use crate::edge::schedule_store::{Run, ScheduleStore};
use crate::edge::slice::{self, RETRY_MS, Turnstile};
use crate::edge::start::{self, Order, Started};
use crate::edge::{clock, entropy, log, reply, settings};
use crate::job::{Failure, Timestamp};
use crate::log::{Level, Line};
use crate::metrics::Meter;
use crate::schedule::{Notify, Occurrence, Schedule};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::cell::Cell;
use worker::{DurableObject, Env, Error, Method, Request, Response, Result, State, durable_object};

/// A message about an owner's schedules.
#[derive(Serialize, Deserialize)]
pub struct About {
    /// Whose.
    pub owner: String,
    /// Which; empty for all.
    #[serde(default)]
    pub id: String,
    /// To be made.
    #[serde(default)]
    pub new: Option<NewSchedule>,
    /// To be changed.
    #[serde(default)]
    pub patch: Option<SchedulePatch>,
}

/// Schedules of one owner.
const SCHEDULES_PER_OWNER_MAX: usize = 100;
/// Jobs started side by side.
const STARTS_ABREAST: usize = 4;
/// Accounts swept side by side.
const SWEEPS_ABREAST: usize = 4;
/// Accounts swept by one tick; more take turns.
const SWEPT_AT_ONCE: u32 = 500;
/// An account gets this long for a sweep.
const SWEEP_MS_MAX: u64 = 20_000;
/// Accounts are swept no more often than this: cron and alarm both call.
const SWEEP_MS_MIN: u64 = 45_000;
/// While there is anything to look after, the object looks at it this often.
const TICK_MS: u64 = 60_000;
/// Starts of one run that fail for reasons that may pass, such as an object that cannot be reached: with waits of 15 s,
/// doubled up to 10 minutes, three hours.
const TRIES_MAX: u32 = 20;
/// First wait before a start is tried again; doubles up to [`TRY_MS_MAX`].
const TRY_MS: u64 = 15_000;
/// Longest wait before a start is tried again.
const TRY_MS_MAX: u64 = 10 * 60_000;
/// Accounts at work that are asked when the numbers are read; those of others are as old as their last sweep, a minute or so.
const METERED_AT_ONCE: u32 = 100;
/// An account gets this long to tell its numbers: 100 of them, four side by side, stay below the 25 s that the reader waits
/// unless several hang.
const METER_MS_MAX: u64 = 2_000;
/// Storage is proven to take rows no more often than this, however many ask.
const PROOF_MS: u64 = 10_000;
/// Runs of one schedule that are listed.
const RUNS_LISTED: u32 = 50;

/// The Durable Object of all schedules.
#[durable_object(alarm)]
pub struct SchedulerObject {
    state: State,
    env: Env,
    store: ScheduleStore,
    meters: MeterStore,
    ticking: Turnstile,
    swept_at: Cell<Timestamp>,
    metering: Turnstile,
    proven_at: Cell<Timestamp>,
}

impl DurableObject for SchedulerObject {
    fn new(state: State, env: Env) -> Self {
        let store = ScheduleStore::new(state.storage().sql());
        let meters = MeterStore::new(state.storage().sql());
        let (ticking, metering) = (Turnstile::default(), Turnstile::default());
        let (swept_at, proven_at) = (Cell::default(), Cell::default());
        Self { state, env, store, meters, ticking, swept_at, metering, proven_at }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        self.create()?;
        let path = request.path();
        match (request.method(), path.as_str()) {
            (Method::Post, "/tick") => {
                self.tick().await?;
                reply::empty(204)
            }
            (Method::Post, "/register") => {
                let Registration { owner } = reply::message(&mut request).await?;
                self.store.register(&owner)?;
                self.wake().await?;
                reply::empty(204)
            }
            (Method::Post, "/prove") => self.prove(),
            (Method::Post, "/meter") => self.meter().await,
            (Method::Post, path) => {
                let about: About = reply::message(&mut request).await?;
                match path {
                    "/create" => self.make(about).await,
                    "/list" => self.list(&about.owner),
                    "/get" => self.get(&about),
                    "/patch" => self.patch(about).await,
                    "/delete" => self.delete(&about).await,
                    "/run" => self.run_now(&about).await,
                    "/runs" => self.runs(&about),
                    _ => reply::error(&NO_SCHEDULE),
                }
            }
            _ => reply::error(&NO_SCHEDULE),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        let ticked = match self.create() {
            Ok(()) => self.tick().await,
            Err(error) => Err(error),
        };
        if let Err(error) = ticked {
            log::error("scheduler", &error);
            slice::set_alarm(&self.state, RETRY_MS).await?;
        }
        Response::empty()
    }
}

/// The answer to whoever asks for a schedule that is not there, or is somebody else's.
const NO_SCHEDULE: ApiError = ApiError::NotFound { what: "schedule" };

impl SchedulerObject {
    async fn tick(&self) -> Result<()> {
        let Some(_pass) = self.ticking.enter() else { return Ok(()) };
        // Whatever happens below, somebody comes back.
        slice::set_alarm(&self.state, TICK_MS).await?;
        let now = clock::now();
        self.decide(now)?;
        match settings::config(&self.env) {
            Ok(config) => {
                self.start_due(&config, now).await?;
                self.sweep(now).await?;
            }
            Err(error) => log::error("scheduler", &error),
        }
        self.wake().await
    }

    fn create(&self) -> Result<()> {
        self.store.create()?;
        self.meters.create()
    }

    /// Writes a row where none was written lately. The answer leaves once it is on disk, so it proves that storage works.
    fn prove(&self) -> Result<Response> {
        let now = clock::now();
        if now.ms_since(self.proven_at.get()) >= PROOF_MS || now < self.proven_at.get() {
            self.meters.prove(now.0)?;
            self.proven_at.set(now);
        }
        reply::empty(204)
    }

    /// What all accounts have counted. Those at work are asked now; what the others counted is known since their last sweep.
    async fn meter(&self) -> Result<Response> {
        if let Some(_pass) = self.metering.enter() {
            let owners = self.store.registered(METERED_AT_ONCE)?;
            let told: Vec<(String, Option<Meter>)> = stream::iter(owners)
                .map(|owner| async move {
                    let meter = self.meter_of(&owner).await;
                    (owner, meter)
                })
                .buffer_unordered(SWEEPS_ABREAST)
                .collect()
                .await;
            for (owner, meter) in told {
                if let Some(meter) = meter {
                    self.meters.take(&owner, &meter)?;
                }
            }
        }
        let mut all = self.meters.own()?;
        all.schedules(self.store.count()?);
        reply::json(200, &all)
    }

    async fn meter_of(&self, owner: &str) -> Option<Meter> {
        let call = async {
            let stub = settings::account(&self.env, owner)?;
            reply::decoded(reply::call::<()>(&stub, Method::Post, "/meter", None).await?).await
        };
        let call =
            clock::in_time(METER_MS_MAX, async { call.await.map_err(|e| Failure::transient(e.to_string())) });
        call.await.unwrap_or_else(|failure| {
            log::error("meter", &failure.cause());
            None
        })
    }

    /// Everything that the clock decides, in one commit.
    fn decide(&self, now: Timestamp) -> Result<()> {
        for mut schedule in self.store.due(now)? {
            let tick = schedule.tick(now);
            if let Some(nominal) = tick.missed {
                let reason = "it was more than an hour late: nobody called in time".to_owned();
                let run = Run::missed(&schedule, nominal, reason);
                self.store.put_run(&run)?;
            }
            if let Some(occurrence) = tick.due {
                self.store.put_run(&Run::starting(&schedule, &occurrence, new_job_id()?, now))?;
            }
            self.store.put(&schedule)?;
        }
        Ok(())
    }

    /// Starts every run that has its row and no job yet, whoever wrote the row.
    async fn start_due(&self, config: &Config, now: Timestamp) -> Result<()> {
        let runs = self.store.starting(now)?;
        let started: Vec<Result<()>> = stream::iter(runs)
            .map(|run| self.start(config, run))
            .buffer_unordered(STARTS_ABREAST)
            .collect()
            .await;
        started.into_iter().collect()
    }

    async fn start(&self, config: &Config, mut run: Run) -> Result<()> {
        let Some(schedule) = self.store.schedule(&run.schedule)? else {
            run.refuse("the schedule was deleted");
            return self.store.put_run(&run);
        };
        let outcome = self.order(config, &schedule, &run).await;
        let now = clock::now();
        match outcome {
            Ok(Started::Accepted { id, .. }) => {
                let line = Line::new(Level::Info, "schedule_started", now).with("job_id", id.as_str());
                log::write(&line.with("schedule_id", schedule.id.as_str()).of(&schedule.owner));
                run.start(id);
            }
            Ok(Started::Refused { quota, .. }) => {
                run.refuse(&format!("the quota {} is used up", quota.name()))
            }
            Ok(Started::Mismatch) => run.refuse("another job was started under the same key"),
            Err(ApiError::Unavailable { cause }) if run.tries < TRIES_MAX => {
                let wait_ms = TRY_MS.saturating_mul(1 << run.tries.min(16)).min(TRY_MS_MAX);
                run.wait(cause, now.plus_ms(wait_ms));
            }
            Err(error) => run.refuse(&error.to_string()),
        }
        self.store.put_run(&run)
    }

    async fn order(
        &self,
        config: &Config,
        schedule: &Schedule,
        run: &Run,
    ) -> std::result::Result<Started, ApiError> {
        let latest = async {
            let stub = settings::account(&self.env, &schedule.owner)?;
            let question = LatestQuestion { schedule_id: schedule.id.clone() };
            reply::decoded::<Latest>(reply::call(&stub, Method::Post, "/latest", Some(&question)).await?)
                .await
        };
        let latest = clock::in_time(SWEEP_MS_MAX, async {
            latest.await.map_err(|e| Failure::transient(e.to_string()))
        });
        let baseline = latest
            .await
            .map_err(|failure| ApiError::Unavailable { cause: failure.cause().to_owned() })?
            .and_then(|latest| latest.id);
        let occurrence = Occurrence { schedule: schedule.id.clone(), nominal: run.nominal };
        let key = sha256_hex(format!("schedule/{}/{}", schedule.id, run.nominal.0));
        let order = Order {
            owner: schedule.owner.clone(),
            quotas: None,
            request: schedule.request.clone(),
            id: run.job.clone(),
            seed: u64::from_be_bytes(entropy::bytes::<8>()?),
            claim: Some(Claim { payload: key.clone(), key }),
            occurrence: Some(occurrence),
            only_changes: schedule.notify == Notify::OnChange,
            baseline,
            imports: Vec::new(),
        };
        start::start(&self.env, config, order).await
    }

    /// Has accounts look after their live jobs; those with nothing left to do are forgotten.
    async fn sweep(&self, now: Timestamp) -> Result<()> {
        // A clock that was set back must not stop the sweeps.
        let since = now.ms_since(self.swept_at.get());
        if since < SWEEP_MS_MIN && self.swept_at.get() <= now {
            return Ok(());
        }
        self.swept_at.set(now);
        let owners = self.store.registered(SWEPT_AT_ONCE)?;
        for owner in &owners {
            self.store.seen(owner, now)?;
        }
        let swept: Vec<(String, Option<Swept>)> = stream::iter(owners)
            .map(|owner| async move {
                let swept = self.sweep_account(&owner).await;
                (owner, swept)
            })
            .buffer_unordered(SWEEPS_ABREAST)
            .collect()
            .await;
        for (owner, swept) in swept {
            let Some(swept) = swept else { continue };
            self.meters.take(&owner, &swept.meter)?;
            if !swept.busy {
                self.store.unregister(&owner, now)?;
            }
        }
        Ok(())
    }

    async fn sweep_account(&self, owner: &str) -> Option<Swept> {
        let call = async {
            let stub = settings::account(&self.env, owner)?;
            let message = Registration { owner: owner.to_owned() };
            reply::decoded(reply::call(&stub, Method::Post, "/sweep", Some(&message)).await?).await
        };
        let call =
            clock::in_time(SWEEP_MS_MAX, async { call.await.map_err(|e| Failure::transient(e.to_string())) });
        match call.await {
            Ok(swept) => swept,
            Err(failure) => {
                log::error("sweep", &failure.cause());
                None
            }
        }
    }

    /// Sets the alarm for whatever comes first.
    async fn wake(&self) -> Result<()> {
        let now = clock::now();
        let busy = self.store.is_busy()?.then(|| now.plus_ms(TICK_MS));
        match [self.store.next_at()?, busy].into_iter().flatten().min() {
            None => self.state.storage().delete_alarm().await,
            Some(at) => slice::set_alarm(&self.state, at.ms_since(now)).await,
        }
    }

    async fn make(&self, about: About) -> Result<Response> {
        let Some(new) = about.new else { return reply::error(&NO_SCHEDULE) };
        if self.store.of(&about.owner)?.len() >= SCHEDULES_PER_OWNER_MAX {
            let cause = format!("there are {SCHEDULES_PER_OWNER_MAX} schedules already: delete one first");
            return reply::error(&ApiError::Conflict { cause });
        }
        let now = clock::now();
        let random = entropy::bytes::<ID_BYTES>().map_err(|e| Error::RustError(e.to_string()))?;
        let mut schedule = Schedule {
            id: IdKind::Schedule.format(random),
            owner: about.owner,
            name: new.name,
            request: new.request,
            cadence: new.cadence,
            notify: new.notify,
            paused: new.paused,
            created_at: now,
            next_at: None,
            last_nominal: None,
            runs: 0,
        };
        schedule.plan(now);
        self.store.put(&schedule)?;
        self.wake().await?;
        reply::json(201, &ScheduleView::new(&schedule, None))
    }

    fn list(&self, owner: &str) -> Result<Response> {
        let views: Result<Vec<ScheduleView>> = self.store.of(owner)?.iter().map(|s| self.view(s)).collect();
        reply::json(200, &json!({ "schedules": views? }))
    }

    fn get(&self, about: &About) -> Result<Response> {
        match self.owned(about)? {
            Some(schedule) => reply::json(200, &self.view(&schedule)?),
            None => reply::error(&NO_SCHEDULE),
        }
    }

    async fn patch(&self, about: About) -> Result<Response> {
        let (Some(schedule), Some(patch)) = (self.owned(&about)?, about.patch) else {
            return reply::error(&NO_SCHEDULE);
        };
        match patch.applied_to(schedule, clock::now()) {
            Ok(schedule) => {
                self.store.put(&schedule)?;
                self.wake().await?;
                reply::json(200, &self.view(&schedule)?)
            }
            Err(refused) => reply::error(&refused),
        }
    }

    async fn delete(&self, about: &About) -> Result<Response> {
        match self.owned(about)? {
            Some(schedule) => {
                self.store.delete(&schedule.id)?;
                self.wake().await?;
                reply::empty(204)
            }
            None => reply::error(&NO_SCHEDULE),
        }
    }

    async fn run_now(&self, about: &About) -> Result<Response> {
        let Some(schedule) = self.owned(about)? else { return reply::error(&NO_SCHEDULE) };
        let config = settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))?;
        let now = clock::now();
        let occurrence = Occurrence { schedule: schedule.id.clone(), nominal: now };
        let run = Run::starting(&schedule, &occurrence, new_job_id()?, now);
        self.store.put_run(&run)?;
        self.start(&config, run.clone()).await?;
        self.wake().await?;
        match self.store.run(&run.schedule, now)? {
            Some(run) if run.is_started() => reply::json(
                202,
                &json!({ "id": run.job, "status": "processing", "schedule_id": schedule.id }),
            ),
            Some(run) => reply::error(&ApiError::Conflict { cause: run.reason }),
            None => reply::error(&NO_SCHEDULE),
        }
    }

    fn runs(&self, about: &About) -> Result<Response> {
        match self.owned(about)? {
            Some(schedule) => {
                let runs = self.store.runs(&schedule.id, RUNS_LISTED)?;
                let views: Vec<RunView> = runs.iter().map(Run::view).collect();
                reply::json(200, &json!({ "runs": views }))
            }
            None => reply::error(&NO_SCHEDULE),
        }
    }

    fn owned(&self, about: &About) -> Result<Option<Schedule>> {
        Ok(self.store.schedule(&about.id)?.filter(|schedule| schedule.owner == about.owner))
    }

    fn view(&self, schedule: &Schedule) -> Result<ScheduleView> {
        let last = self.store.runs(&schedule.id, 1)?.first().map(Run::view);
        Ok(ScheduleView::new(schedule, last))
    }
}

fn new_job_id() -> Result<String> {
    let random = entropy::bytes::<ID_BYTES>().map_err(|e| Error::RustError(e.to_string()))?;
    Ok(IdKind::Research.format(random))
}
