//! What an owner can do to a job: end it, steer it, have it forgotten; and what the sweeper does: wake it.

use super::{Goods, JobObject, NO_JOB};
use crate::api::ApiError;
use crate::edge::slice::{self, ALARM_MS_MIN, LEASE_MS};
use crate::edge::store::LoadError;
use crate::edge::{clock, reply};
use crate::job::{Input, Timestamp};
use crate::research::request::Steering;
use worker::{Error, Response, Result};

/// No alarm of a live job lies further ahead while nobody works at it: a retry waits 72 s at most, a lease is 20 s.
const WAIT_MS_MAX: u64 = 95_000;

impl JobObject {
    /// Ends the job. When the answer is sent no call leaves any more.
    pub(super) async fn cancel(&self) -> Result<Response> {
        self.ensure_loaded()?;
        let state = match self.live.borrow_mut().as_mut() {
            None => return reply::error(&NO_JOB),
            Some(live) if live.job.is_terminal() => Some(live.job.view(clock::now()).state),
            Some(live) => {
                live.permit.withdraw();
                None
            }
        };
        match state {
            Some("cancelled") => {}
            Some(state) => {
                let cause = format!("the job is over already: it is {state}");
                return reply::error(&ApiError::Conflict { cause });
            }
            None => self.commit(Input::CancelRequested, Goods::default(), 0).await?,
        }
        self.view()
    }

    /// Changes the job's course from the next round on.
    pub(super) async fn steer(&self, steering: Steering) -> Result<Response> {
        self.ensure_loaded()?;
        let accepts = self.live.borrow().as_ref().is_some_and(|live| live.job.accepts_steering());
        if !accepts {
            let cause = "the job takes no more steering: it is over, its report is being written, or it was steered \
                         too often. Ask a follow-up with `previous_id`, or fork it";
            return reply::error(&ApiError::Conflict { cause: cause.into() });
        }
        self.commit(Input::Steered(steering), Goods::default(), 0).await?;
        if !self.draining.is_taken() {
            // The commit guards itself with a lease, but nobody is at work who would look sooner.
            slice::set_alarm(&self.state, ALARM_MS_MIN).await?;
        }
        self.view()
    }

    /// Forgets the job and everything that it read; the account is told what it spent first.
    pub(super) async fn delete(&self) -> Result<Response> {
        match self.load() {
            Ok(_) => {
                if let Some(live) = self.live.borrow().as_ref() {
                    live.permit.withdraw();
                }
                self.commit(Input::CancelRequested, Goods::default(), 0).await?;
                self.settle().await?;
            }
            Err(LoadError::Storage(error)) => return Err(error),
            Err(LoadError::Unreadable(error)) => self.say_error(&error),
        }
        self.forget().await?;
        Ok(Response::empty()?.with_status(204))
    }

    /// Wakes a job whose alarm was lost: none is set, it is overdue by more than a handler run may take to come, or it is
    /// further off than a job ever waits, since the clock was set back under it.
    pub(super) async fn revive(&self) -> Result<Response> {
        let lost = |at: i64| {
            let (at, now) = (Timestamp(at), clock::now());
            now.ms_since(at) > LEASE_MS || at.ms_since(now) > WAIT_MS_MAX
        };
        // While a handler runs there is no alarm, or the lease that it set.
        if self.state.storage().get_alarm().await?.is_none_or(lost) && !self.draining.is_taken() {
            slice::set_alarm(&self.state, ALARM_MS_MIN).await?;
        }
        Ok(Response::empty()?.with_status(204))
    }

    pub(super) fn ensure_loaded(&self) -> Result<()> {
        match self.load() {
            Ok(_) => Ok(()),
            Err(LoadError::Storage(error)) => Err(error),
            Err(LoadError::Unreadable(error)) => Err(Error::RustError(error.to_string())),
        }
    }
}
