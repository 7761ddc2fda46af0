//! Taking turns, so that an isolate answers requests while its jobs work.

use crate::edge::clock::{now, sleep_ms};
use crate::floor::Floor;
use std::cell::RefCell;
use std::thread::LocalKey;

/// Computes something that takes more than a few milliseconds without holding up the isolate's other requests: one such
/// computation at a time, and between two of them the event loop gets to look at the network. Without it, a hundred
/// jobs that analyse at once answered a `POST` after 0.4 s.
pub async fn in_turn<T>(compute: impl FnOnce() -> T) -> T {
    let _turn = Turn::wait(&COMPUTING, || true).await;
    let result = compute();
    sleep_ms(SHORTEST_MS).await;
    result
}

/// Waits until there is room for one more job at work, or it is no longer `wanted`: one begins at a time, and only when the
/// event loop is not late. So whoever asks for the five-hundredth job, or how the first one stands, is answered before the
/// others begin, and jobs that are at work get done instead of slowing each other down.
pub async fn room(wanted: impl Fn() -> bool) {
    let turn = Turn::wait(&BEGINNING, &wanted).await;
    let began = now();
    while wanted() {
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
/// Waiting for a turn ends after this long even out of turn: below the 90 s that a thinking step has.
const WAIT_MS_MAX: u64 = 60_000;

thread_local! {
    static COMPUTING: RefCell<Floor> = const { RefCell::new(Floor::new()) };
    static BEGINNING: RefCell<Floor> = const { RefCell::new(Floor::new()) };
}

/// A place in the line, and then the floor, until it is dropped.
struct Turn {
    floor: &'static LocalKey<RefCell<Floor>>,
    number: u64,
}

impl Turn {
    /// Waits for the floor for as long as it is `wanted`.
    async fn wait(floor: &'static LocalKey<RefCell<Floor>>, wanted: impl Fn() -> bool) -> Self {
        let came = now();
        let turn = Self { floor, number: floor.with_borrow_mut(|floor| floor.come(came)) };
        // Each waiter polls with a timer of its own: a waker called from another request's context would run this one's
        // code there, which the platform forbids.
        while wanted() {
            if now().ms_since(came) >= WAIT_MS_MAX {
                floor.with_borrow_mut(|floor| floor.take(turn.number, now()));
                break;
            }
            let Some(again_ms) = floor.with_borrow_mut(|floor| floor.look(turn.number, now())) else { break };
            sleep_ms(again_ms).await;
        }
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.floor.with_borrow_mut(|floor| floor.leave(self.number));
    }
}
