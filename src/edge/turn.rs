//! Taking turns, so that an isolate answers requests while its jobs work.

use crate::edge::clock::{now, sleep_ms};
use crate::job::Timestamp;
use std::cell::Cell;
use std::thread::LocalKey;

/// Computes something that takes more than a few milliseconds without holding up the isolate's other requests: one such
/// computation at a time, and between two of them the event loop gets to look at the network. Without it, a hundred
/// jobs that analyse at once answered a `POST` after 0.4 s.
pub async fn in_turn<T>(compute: impl FnOnce() -> T) -> T {
    let _turn = Turn::wait(&COMPUTING).await;
    let result = compute();
    sleep_ms(SHORTEST_MS).await;
    result
}

/// Waits until there is room for one more job at work: one begins at a time, and only when the event loop is not late. So
/// whoever asks for the five-hundredth job, or how the first one stands, is answered before the others begin, and jobs
/// that are at work get done instead of slowing each other down.
pub async fn room() {
    let turn = Turn::wait(&BEGINNING).await;
    let began = now();
    loop {
        let looked = now();
        sleep_ms(SHORTEST_MS).await;
        let calm = now().ms_since(looked) <= CALM_MS;
        if calm || now().ms_since(began) >= BEGINNING_MS_MAX {
            break;
        }
    }
    drop(turn);
}

/// The shortest timer: long enough for the event loop to run dry and poll.
const SHORTEST_MS: u64 = 1;
/// An event loop that answers the shortest timer within this has time to spare; a page's analysis takes about as long.
const CALM_MS: u64 = 4;
/// Where it never has, one more job begins every so often nevertheless: a hundred in ten seconds.
const BEGINNING_MS_MAX: u64 = 100;
/// Whoever has the floor for longer is gone: an object that was reset runs no destructor.
const TURN_MS_MAX: u64 = 1_000;
/// A turn takes about this long; who has others before him looks again when they should have had theirs.
const TURN_MS: u64 = 2;
/// The longest time between two looks.
const LOOK_MS_MAX: u64 = 250;
/// Waiting for a turn ends after this long even out of turn: below the 90 s that a thinking step has.
const WAIT_MS_MAX: u64 = 60_000;

thread_local! {
    static COMPUTING: Floor = const { Floor::new() };
    static BEGINNING: Floor = const { Floor::new() };
}

/// What one at a time has.
struct Floor {
    /// Since when somebody has it.
    taken_at: Cell<Option<Timestamp>>,
    /// The number of the last who came to wait.
    last: Cell<u64>,
    /// The highest number that had its turn.
    served: Cell<u64>,
}

impl Floor {
    const fn new() -> Self {
        Self { taken_at: Cell::new(None), last: Cell::new(0), served: Cell::new(0) }
    }
}

/// The floor, until it is dropped.
struct Turn(&'static LocalKey<Floor>);

impl Turn {
    async fn wait(floor: &'static LocalKey<Floor>) -> Self {
        let number = floor.with(|floor| {
            floor.last.set(floor.last.get().wrapping_add(1));
            floor.last.get()
        });
        let came = now();
        // Each waiter polls with a timer of its own: a waker called from another request's context would run this one's
        // code there, which the platform forbids. Hundreds that looked every few milliseconds would be a load of their
        // own, so each waits as long as those before it need.
        while now().ms_since(came) < WAIT_MS_MAX {
            let (free, before) = floor.with(|floor| {
                let free = floor.taken_at.get().is_none_or(|since| now().ms_since(since) > TURN_MS_MAX);
                (free, number.saturating_sub(floor.served.get().saturating_add(1)))
            });
            if free {
                break;
            }
            sleep_ms(before.saturating_mul(TURN_MS).clamp(SHORTEST_MS, LOOK_MS_MAX)).await;
        }
        floor.with(|floor| {
            floor.taken_at.set(Some(now()));
            floor.served.set(floor.served.get().max(number));
        });
        Self(floor)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.with(|floor| floor.taken_at.set(None));
    }
}
