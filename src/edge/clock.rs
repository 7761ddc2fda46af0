//! The clock, and waiting for it.

use crate::job::{Failure, Timestamp};
use futures_util::future::{Either, select};
use std::cell::Cell;
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

/// Runs `call` for at most `timeout_ms`; then the failure is transient. The signal that the call was given is aborted when
/// this future ends or is dropped, so no request outlives whoever waits for it.
pub async fn within<T, F>(timeout_ms: u64, call: impl FnOnce(AbortSignal) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let controller = AbortController::default();
    let call = pin!(call(controller.signal()));
    let _abort = AbortOnDrop(Some(controller));
    match select(call, pin!(sleep_ms(timeout_ms))).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => {
            Err(Failure::transient(format!("no complete answer within {timeout_ms} ms")))
        }
    }
}

/// Computes something that takes more than a few milliseconds without holding up the isolate's other requests: one such
/// computation at a time, and between two of them the event loop gets to look at the network. Without it, a hundred
/// jobs that analyse at once answered a `POST` after 0.4 s.
pub async fn in_turn<T>(compute: impl FnOnce() -> T) -> T {
    // Each waiter polls with a timer of its own: a waker called from another request's context would run this one's
    // code there, which the platform forbids.
    for waits in 1..=TURN_TRIES_MAX {
        let free = FLOOR.with(|floor| floor.get().is_none_or(|since| now().ms_since(since) > TURN_MS_MAX));
        if free {
            break;
        }
        // Longer and longer: hundreds of waiters that look every millisecond would be a load of their own.
        sleep_ms(TURN_WAIT_MS.saturating_mul(waits).min(TURN_WAIT_MS_MAX)).await;
    }
    FLOOR.with(|floor| floor.set(Some(now())));
    let _release = Release;
    let result = compute();
    sleep_ms(TURN_WAIT_MS).await;
    result
}

/// The shortest timer: long enough for the event loop to run dry and poll.
const TURN_WAIT_MS: u64 = 1;
/// Whoever had the floor for longer is gone: an object that was reset runs no destructor.
const TURN_MS_MAX: u64 = 1_000;
/// The longest time between two looks.
const TURN_WAIT_MS_MAX: u64 = 50;
/// Looks before the work goes on even out of turn: about a minute, below the 90 s that a thinking step has.
const TURN_TRIES_MAX: u64 = 1_200;

thread_local! {
    /// Since when a computation has the floor.
    static FLOOR: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

struct Release;

impl Drop for Release {
    fn drop(&mut self) {
        FLOOR.with(|floor| floor.set(None));
    }
}

struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}
