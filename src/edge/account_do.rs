//! One object per account: lets jobs in, knows which there are and what they cost, and tells the world when they end.

use crate::account::quota::{self, day_of};
use crate::account::{Admission, Admitted, Quotas, Settlement, Standing};
use crate::api::account::{JobListing, PeriodView, UsageView};
use crate::api::{ApiError, account};
use crate::edge::account_store::AccountStore;
use crate::edge::delivery::Deliveries;
use crate::edge::meter_store::MeterStore;
use crate::edge::slice::{self, RETRY_MS, Turnstile};
use crate::edge::{clock, log, reply, settings};
use crate::job::{Failure, Timestamp};
use crate::metrics::Meter;
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::cell::{Cell, RefCell};
use worker::{DurableObject, Env, Error, Method, Request, Response, Result, State, durable_object};

/// The id of a job.
#[derive(Serialize, Deserialize)]
pub struct JobId {
    /// Public id.
    pub id: String,
}

/// The question what quotas leave.
#[derive(Serialize, Deserialize)]
pub struct UsageQuestion {
    /// What the account may do.
    pub quotas: Quotas,
}

/// The question for a schedule's last report.
#[derive(Serialize, Deserialize)]
pub struct LatestQuestion {
    /// The schedule.
    pub schedule_id: String,
}

/// Its answer.
#[derive(Serialize, Deserialize)]
pub struct Latest {
    /// The job; none when no run has brought a report yet.
    pub id: Option<String>,
}

/// Somebody who must be swept.
#[derive(Serialize, Deserialize)]
pub struct Registration {
    /// Owner of the account.
    pub owner: String,
}

/// What a sweep found.
#[derive(Serialize, Deserialize)]
pub struct Swept {
    /// Something is still to be done: jobs live, or messages are on their way.
    pub busy: bool,
    /// What the account has counted.
    #[serde(default)]
    pub meter: Meter,
}

/// Jobs woken by one sweep; with one sweep a minute 200 live jobs are each seen once a minute, more in turn.
const SWEPT_AT_ONCE: u32 = 200;
/// Jobs asked side by side.
const SWEPT_ABREAST: usize = 6;
/// A job gets this long to answer a sweep.
const REVIVE_MS_MAX: u64 = 5_000;
/// A row whose job does not exist this long after admission is one that nobody stored: the front Worker died in between.
const UNSTORED_MS: u64 = 60_000;
/// Milliseconds for which the alarm handler starts deliveries; with a receiver's 20 s it ends inside `entry.mjs`'s limit.
const DELIVER_MS: u64 = 60_000;

/// The Durable Object of one account.
#[durable_object(alarm)]
pub struct AccountObject {
    state: State,
    env: Env,
    store: AccountStore,
    meters: MeterStore,
    deliveries: Deliveries,
    delivering: Turnstile,
    /// The tables are there.
    is_ready: Cell<bool>,
    /// The scheduler knows of this account, as far as this isolate knows.
    registered: Cell<bool>,
    /// Where the last sweep ended.
    swept_to: RefCell<String>,
}

impl DurableObject for AccountObject {
    fn new(state: State, env: Env) -> Self {
        let store = AccountStore::new(state.storage().sql());
        let meters = MeterStore::new(state.storage().sql());
        let deliveries = Deliveries::new(state.storage().sql());
        Self {
            state,
            env,
            store,
            meters,
            deliveries,
            delivering: Turnstile::default(),
            is_ready: Cell::new(false),
            registered: Cell::new(false),
            swept_to: RefCell::default(),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let path = request.path();
        match (request.method(), path.as_str()) {
            (Method::Post, "/admit") => {
                let admission: Admission = reply::message(&mut request).await?;
                let admitted = self.admit(&admission)?;
                self.register(&admission.owner).await;
                reply::json(200, &admitted)
            }
            (Method::Post, "/settle") => {
                let settlement: Settlement = reply::message(&mut request).await?;
                self.settle(&settlement).await
            }
            (Method::Post, "/owns") => {
                let JobId { id } = reply::message(&mut request).await?;
                let owned = self.store.exists()? && self.store.job(&id)?.is_some();
                if owned { reply::empty(204) } else { reply::error(&NOT_THERE) }
            }
            (Method::Post, "/usage") => {
                let UsageQuestion { quotas } = reply::message(&mut request).await?;
                self.usage(&quotas)
            }
            _ if path.starts_with("/webhooks/") => {
                self.create()?;
                let answer = self.deliveries.answer(&mut request, clock::now()).await?;
                self.wake_for_deliveries().await?;
                Ok(answer)
            }
            _ if !self.store.exists()? => match path.as_str() {
                "/list" => reply::json(200, &json!({ "research": [], "next_cursor": null })),
                "/latest" => reply::json(200, &Latest { id: None }),
                "/sweep" => reply::json(200, &Swept { busy: false, meter: Meter::default() }),
                "/meter" => reply::json(200, &Meter::default()),
                _ => reply::error(&NOT_THERE),
            },
            (Method::Post, "/forget") => {
                let JobId { id } = reply::message(&mut request).await?;
                self.store.forget(&id)?;
                reply::empty(204)
            }
            (Method::Post, "/withdraw") => {
                let JobId { id } = reply::message(&mut request).await?;
                self.store.withdraw(&id)?;
                reply::empty(204)
            }
            (Method::Post, "/list") => {
                let listing: JobListing = reply::message(&mut request).await?;
                reply::json(200, &self.store.list(&listing)?)
            }
            (Method::Post, "/latest") => {
                let LatestQuestion { schedule_id } = reply::message(&mut request).await?;
                reply::json(200, &Latest { id: self.store.latest_run(&schedule_id)? })
            }
            (Method::Post, "/meter") => reply::json(200, &self.meter()?),
            (Method::Post, "/sweep") => {
                let Registration { owner } = reply::message(&mut request).await?;
                self.sweep(&owner).await
            }
            _ => reply::error(&NOT_THERE),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if let Err(error) = self.deliver().await {
            log::error("account_alarm", &error);
            slice::set_alarm(&self.state, RETRY_MS).await?;
        }
        Response::empty()
    }
}

/// The answer to messages about what is not there.
const NOT_THERE: ApiError = ApiError::NotFound { what: "research job" };

impl AccountObject {
    /// Lets a job in or not. Synchronous from the first look to the last row: fifty requests with one key are one job.
    fn admit(&self, admission: &Admission) -> Result<Admitted> {
        self.create()?;
        let now = admission.job.created_at;
        let standing = |tally| quota::standing(&admission.quotas, &tally, now);
        if let Some(claim) = &admission.idempotency
            && let Some((payload, id)) = self.store.claimed(claim, now)?
        {
            if payload != claim.payload {
                return Ok(Admitted::Mismatch);
            }
            return self.repeated(id, standing(self.store.tally(now)?));
        }
        if self.store.job(&admission.job.id)?.is_some() {
            return self.repeated(admission.job.id.clone(), standing(self.store.tally(now)?));
        }
        let tally = self.store.tally(now)?;
        match quota::admit(&admission.quotas, &tally, admission.cost_micros_max, now) {
            Ok(cost_micros_max) => {
                self.store.insert(admission, cost_micros_max)?;
                self.meters.update(Meter::job_created)?;
                Ok(Admitted::Fresh { cost_micros_max, standing: standing(tally.with(cost_micros_max)) })
            }
            Err(refusal) => Ok(Admitted::Refused {
                quota: refusal.quota,
                retry_after_s: refusal.retry_after_s,
                standing: standing(tally),
            }),
        }
    }

    fn repeated(&self, id: String, standing: Standing) -> Result<Admitted> {
        let known = self.store.job(&id)?.filter(|job| job.state == "live");
        let cost_micros_max = known.as_ref().map_or(0, |job| job.cost_micros as u64);
        Ok(Admitted::Repeated { id, live: known.is_some(), cost_micros_max, standing })
    }

    /// Tells the scheduler once in the life of an isolate that there is something to sweep here. A scheduler that cannot
    /// be reached is asked again with the next job.
    async fn register(&self, owner: &str) {
        if self.registered.get() {
            return;
        }
        let message = Registration { owner: owner.to_owned() };
        let call = async {
            let stub = settings::scheduler(&self.env)?;
            reply::call(&stub, Method::Post, "/register", Some(&message)).await
        };
        match clock::in_time(REVIVE_MS_MAX, async {
            call.await.map_err(|e| Failure::transient(e.to_string()))
        })
        .await
        {
            Ok(answer) if answer.status_code() == 204 => self.registered.set(true),
            Ok(answer) => log::error("scheduler", &answer.status_code()),
            Err(failure) => log::error("scheduler", &failure.cause()),
        }
    }

    /// A job is over: its spend is counted and its receiver told, in one commit, once.
    async fn settle(&self, settlement: &Settlement) -> Result<Response> {
        let config = settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))?;
        self.create()?;
        let known = self.store.job(&settlement.job.id)?;
        if known.as_ref().is_none_or(|job| job.state == "live") {
            self.store.settle(settlement, known.is_some())?;
            self.meters.update(|meter| meter.job_ended(settlement))?;
            let unchanged = settlement.changes.is_some_and(|changes| changes.is_empty());
            let silent = known.as_ref().is_some_and(|job| job.only_changes > 0) && unchanged;
            let own_url = known.map(|job| job.webhook_url).filter(|url| !url.is_empty());
            if !silent {
                let base =
                    config.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
                self.deliveries.enqueue(settlement, own_url, &base.unwrap_or_default(), clock::now())?;
            }
            self.wake_for_deliveries().await?;
        }
        reply::empty(204)
    }

    async fn deliver(&self) -> Result<()> {
        let Some(_pass) = self.delivering.enter() else { return Ok(()) };
        if !self.store.exists()? {
            return Ok(());
        }
        // Whatever happens below, somebody comes back.
        slice::set_alarm(&self.state, RETRY_MS).await?;
        let config = settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))?;
        self.deliveries.run(&config, clock::now().plus_ms(DELIVER_MS)).await?;
        match self.deliveries.next_at()? {
            None => self.state.storage().delete_alarm().await,
            Some(at) => slice::set_alarm(&self.state, at.ms_since(clock::now())).await,
        }
    }

    /// While the handler runs it looks for itself.
    async fn wake_for_deliveries(&self) -> Result<()> {
        match self.deliveries.next_at()? {
            Some(at) if !self.delivering.is_taken() => {
                slice::set_alarm(&self.state, at.ms_since(clock::now())).await
            }
            _ => Ok(()),
        }
    }

    /// Wakes every live job whose alarm was lost, forgets those that were never stored, and prunes what is old.
    async fn sweep(&self, owner: &str) -> Result<Response> {
        let config = settings::config(&self.env).map_err(|e| Error::RustError(e.to_string()))?;
        let now = clock::now();
        self.store.prune(now, config.retention_ms)?;
        self.deliveries.prune(now)?;
        let after = self.swept_to.borrow().clone();
        let live = self.store.live_after(&after, SWEPT_AT_ONCE)?;
        let whole = live.len() < SWEPT_AT_ONCE as usize;
        let last = live.last().filter(|_| !whole).map(|(id, _)| id.clone());
        self.swept_to.replace(last.unwrap_or_default());
        let revived: Vec<(String, Timestamp, Option<u16>)> = stream::iter(live)
            .map(|(id, created_at)| async move {
                let status = self.revive(owner, &id).await;
                (id, created_at, status)
            })
            .buffer_unordered(SWEPT_ABREAST)
            .collect()
            .await;
        for (id, created_at, status) in revived {
            // The object says that there is no such job, and nobody can be about to store it any more.
            if status == Some(404) && now.ms_since(created_at) > UNSTORED_MS {
                self.store.withdraw(&id)?;
            }
        }
        // An alarm for deliveries that was lost is set again here.
        self.wake_for_deliveries().await?;
        let busy = self.store.live()? > 0 || self.deliveries.next_at()?.is_some();
        if !busy {
            self.registered.set(false);
        }
        reply::json(200, &Swept { busy, meter: self.meter()? })
    }

    async fn revive(&self, owner: &str, id: &str) -> Option<u16> {
        let call = async {
            let stub = settings::job(&self.env, owner, id)?;
            reply::call::<()>(&stub, Method::Post, "/revive", None).await
        };
        let call = clock::in_time(REVIVE_MS_MAX, async {
            call.await.map_err(|e| Failure::transient(e.to_string()))
        });
        match call.await {
            Ok(answer) => Some(answer.status_code()),
            Err(failure) => {
                log::error("sweep_of_job", &failure.cause());
                None
            }
        }
    }

    fn usage(&self, quotas: &Quotas) -> Result<Response> {
        self.create()?;
        let now = clock::now();
        let tally = self.store.tally(now)?;
        let period = |first: i64| -> Result<PeriodView> {
            let (jobs, spent) = self.store.spent_since(first)?;
            Ok(PeriodView::new(jobs, &spent))
        };
        reply::json(
            200,
            &UsageView {
                live_jobs: tally.live_jobs,
                today: period(day_of(now))?,
                month: period(first_of_month(now))?,
                total: period(0)?,
                quotas: quota::standing(quotas, &tally, now)
                    .limits
                    .iter()
                    .map(account::QuotaView::from)
                    .collect(),
            },
        )
    }

    /// What the account has counted, and how it stands.
    fn meter(&self) -> Result<Meter> {
        self.create()?;
        let mut meter = self.meters.own()?;
        meter.jobs_running(u64::from(self.store.live()?));
        Ok(meter)
    }

    /// Creates the tables that are missing, once in the life of an isolate.
    fn create(&self) -> Result<()> {
        if !self.is_ready.get() {
            self.store.create()?;
            self.meters.create()?;
            self.deliveries.create()?;
            self.is_ready.set(true);
        }
        Ok(())
    }
}

/// The day on which the month of `now` began.
fn first_of_month(now: Timestamp) -> i64 {
    let day_of_month: i64 = now.to_date().rsplit('-').next().and_then(|d| d.parse().ok()).unwrap_or(1);
    day_of(now).saturating_sub(day_of_month.saturating_sub(1))
}
