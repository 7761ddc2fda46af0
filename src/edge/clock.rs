//! The clock, and waiting for it.

use crate::job::{Failure, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use std::future::Future;
use std::pin::{Pin, pin};
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

/// Runs `call` for at most `timeout_ms`; then the failure is transient. The signal that the call was given is aborted when
/// this future ends or is dropped, so no request outlives whoever waits for it.
pub async fn within<T, F>(timeout_ms: u64, call: impl FnOnce(AbortSignal) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let controller = AbortController::default();
    let call = call(controller.signal());
    let _abort = AbortOnDrop(Some(controller));
    in_time(timeout_ms, call).await
}

/// Waits for `call` for at most `timeout_ms`; then the failure is transient. For calls that need no signal to end: making one
/// and aborting it costs more than asking an object does.
pub async fn in_time<T>(
    timeout_ms: u64,
    call: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timed(timeout_ms, pin!(call)).await
}

/// Compiled once for each kind of answer rather than into each caller.
fn timed<'a, T: 'a>(
    timeout_ms: u64,
    call: Pin<&'a mut (dyn Future<Output = Result<T, Failure>> + 'a)>,
) -> LocalBoxFuture<'a, Result<T, Failure>> {
    async move {
        match select(call, pin!(sleep_ms(timeout_ms))).await {
            Either::Left((result, _)) => result,
            Either::Right(((), _)) => Err(late(timeout_ms)),
        }
    }
    .boxed_local()
}

fn late(timeout_ms: u64) -> Failure {
    Failure::transient(format!("no complete answer within {timeout_ms} ms"))
}

struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}
