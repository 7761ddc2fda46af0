//! Slices of work: a handler does a bounded piece and leaves an alarm for the next.

use crate::job::Failure;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use worker::{Result, State};

/// A handler run begins nothing new after this long: with the longest effect (a model's 600 s, `TIMEOUT_S_MAX`) it ends after
/// 625 s, 685 s where it waited for room, inside the 700 s at which `entry.mjs` gives a job's handler up, and the 15 minutes at which the platform does.
pub const SLICE_MS: u64 = 25_000;
/// A handler run begins no more than this. Most effects are one sub-request, a page up to six (redirects): 40 stay far
/// below a paid plan's 10,000 and, with the usual one each, below a free plan's 50.
pub const EFFECTS_PER_SLICE: usize = 40;
/// The alarm that stands while a handler runs. If the isolate dies, the work is taken up again after this long at the latest.
pub const LEASE_MS: u64 = 20_000;
/// The shortest alarm: an offset of zero inside `alarm()` was reported to be dropped (workerd #6866).
pub const ALARM_MS_MIN: u64 = 1;
/// A slice that fails is tried again after this long: what is on disk does not get better by hurrying.
pub const RETRY_MS: u64 = 60_000;

/// Sets the object's only alarm, `offset_ms` from now, at least [`ALARM_MS_MIN`]. The call reaches the platform before the
/// first `.await`, so rows written just before it are part of the same commit.
pub async fn set_alarm(state: &State, offset_ms: u64) -> Result<()> {
    state.storage().set_alarm(Duration::from_millis(offset_ms.max(ALARM_MS_MIN))).await
}

/// Lets one slice of an object run at a time.
#[derive(Default)]
pub struct Turnstile(Cell<bool>);

impl Turnstile {
    /// The right to run until it is dropped; `None` while somebody has it.
    pub fn enter(&self) -> Option<Pass<'_>> {
        (!self.0.replace(true)).then_some(Pass(&self.0))
    }

    /// Somebody has it.
    pub fn is_taken(&self) -> bool {
        self.0.get()
    }
}

/// See [`Turnstile::enter`].
pub struct Pass<'a>(&'a Cell<bool>);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// The right to send outside calls for somebody. Once it is withdrawn nothing leaves any more, not even the next hop of a
/// redirect; what is on its way already may still arrive.
#[derive(Clone, Default)]
pub struct Permit {
    withdrawn: Rc<Cell<bool>>,
}

impl Permit {
    /// From now on nothing leaves.
    pub fn withdraw(&self) {
        self.withdrawn.set(true);
    }

    /// Asked right before a call leaves, with no `.await` between.
    pub fn check(&self) -> std::result::Result<(), Failure> {
        if self.withdrawn.get() { Err(Failure::permanent("ended by its owner")) } else { Ok(()) }
    }
}
