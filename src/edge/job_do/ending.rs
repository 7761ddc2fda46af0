//! After the end: the account is told until it knows, and the job is forgotten when its time is up.

use super::JobObject;
use crate::account::{EndState, JobSummary, Settlement, Spent};
use crate::config::Config;
use crate::edge::slice::{self, RETRY_MS};
use crate::edge::{clock, log, reply, settings};
use crate::job::Timestamp;
use crate::job::journal::JournalError;
use crate::log::{Level, Line};
use crate::metrics::CallCounts;
use worker::{Error, Method, Result};

/// Noted when the account has acknowledged the end: the moment, in milliseconds.
const SETTLED: &str = "settled";
/// The account gets this long to answer.
const SETTLE_MS_MAX: u64 = 10_000;

impl JobObject {
    /// Tells the account, and sets the alarm for the day on which the job is forgotten.
    pub(super) async fn after_end(&self, config: &Config) -> Result<()> {
        let Some(settlement) = self.live.borrow().as_ref().and_then(|live| live.job.settlement()) else {
            return Ok(());
        };
        let forgotten_at = config.retention_ms.map(|ms| settlement.ended_at.plus_ms(ms));
        // Set first: whatever happens now, somebody comes back.
        self.hold_lease().await?;
        let told = self.settle().await;
        // It was deleted meanwhile, and no alarm brings it back.
        if !self.exists()? {
            return Ok(());
        }
        let now = clock::now();
        match (told, forgotten_at) {
            // An account that could not be told until now never will be.
            (_, Some(at)) if at <= now => self.forget().await,
            (Err(error), _) => {
                self.say_error(&error);
                slice::set_alarm(&self.state, RETRY_MS).await
            }
            (Ok(()), None) => self.state.storage().delete_alarm().await,
            (Ok(()), Some(at)) => slice::set_alarm(&self.state, at.ms_since(now)).await,
        }
    }

    /// Tells the account how the job ended, once. `Err` when it did not acknowledge.
    pub(super) async fn settle(&self) -> Result<()> {
        let settlement = self.live.borrow().as_ref().and_then(|live| live.job.settlement());
        match settlement {
            Some(settlement) => self.tell(&settlement).await,
            None => Ok(()),
        }
    }

    /// A job whose journal cannot be read has failed: it is told once and never looked at again.
    pub(super) async fn end_unreadable(&self, error: &JournalError) -> Result<()> {
        self.say_error(error);
        if let Some(id) = self.store.mark(super::intake::ID)? {
            let (now, query) = (clock::now(), "(its journal cannot be read)".to_owned());
            let job = JobSummary { id, query, deep: false, created_at: Timestamp(0), schedule_id: None };
            self.tell(&Settlement {
                job,
                state: EndState::Failed,
                ended_at: now,
                spent: Spent::default(),
                changes: None,
                reason: Some(error.to_string()),
                metadata: serde_json::Map::new(),
                calls: CallCounts::default(),
                dialect: None,
            })
            .await?;
        }
        self.state.storage().delete_alarm().await
    }

    async fn tell(&self, settlement: &Settlement) -> Result<()> {
        if self.store.mark(SETTLED)?.is_some() {
            return Ok(());
        }
        let stub = settings::account(&self.env, &self.store.owner()?)?;
        let call = clock::in_time(SETTLE_MS_MAX, async {
            let told = reply::call(&stub, Method::Post, "/settle", Some(settlement)).await;
            told.map_err(|e| crate::job::Failure::transient(e.to_string()))
        });
        let answer = call.await.map_err(|failure| Error::RustError(failure.cause().to_owned()))?;
        match answer.status_code() {
            200..=299 => {
                // It was deleted meanwhile: a mark would be a table of its own.
                if !self.exists()? {
                    return Ok(());
                }
                self.store.set_mark(SETTLED, &clock::now().0.to_string())?;
                let Settlement { job, state, ended_at, spent, .. } = settlement;
                let level = if *state == EndState::Failed { Level::Warn } else { Level::Info };
                let line = Line::new(level, "job_ended", clock::now())
                    .with("job_id", job.id.as_str())
                    .with("state", state.name())
                    .with("ms", ended_at.ms_since(job.created_at))
                    .with("pages", spent.pages)
                    .with("searches", spent.searches)
                    .with("model_calls", spent.model_calls)
                    .with("cost_micros", spent.cost_micros());
                log::write(&match &settlement.reason {
                    Some(reason) => line.quoting("reason", reason),
                    None => line,
                });
                Ok(())
            }
            status => Err(Error::RustError(format!("the account answered {status} to a settlement"))),
        }
    }

    /// Nothing of the job is left, not even its tables.
    pub(super) async fn forget(&self) -> Result<()> {
        self.live.replace(None);
        self.frames.take();
        self.state.storage().delete_alarm().await?;
        self.state.storage().delete_all().await
    }
}
