//! The clock, and waiting for it.

use crate::job::{Failure, Timestamp};
use futures_util::future::{Either, select};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use worker::{AbortController, AbortSignal, Date, Delay};

/// Now. Inside one event it only moves across I/O; that is how Workers keep time.
pub fn now() -> Timestamp {
    Timestamp(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
}

/// A wait of `ms` milliseconds.
pub async fn sleep_ms(ms: u64) {
    Delay::from(Duration::from_millis(ms)).await;
}

/// Runs `call` for at most `timeout_ms`; then the signal it was given is aborted and the failure is transient.
pub async fn within<T, F>(timeout_ms: u64, call: impl FnOnce(AbortSignal) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let controller = AbortController::default();
    let call = pin!(call(controller.signal()));
    match select(call, pin!(sleep_ms(timeout_ms))).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => {
            controller.abort();
            Err(Failure::transient(format!("no complete answer within {timeout_ms} ms")))
        }
    }
}
