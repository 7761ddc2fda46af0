//! Taking turns, so that an isolate answers requests while its jobs work.

use crate::edge::clock::{now, sleep_ms};
use crate::floor::{Callers, Floor};
use std::cell::{Cell, RefCell};
use std::thread::LocalKey;

/// Computes something that takes more than a few milliseconds without holding up the isolate's other requests: one such
/// computation at a time, and between two of them the event loop gets to look at the network, and requests that have come
/// are answered. Without it, a hundred jobs that analyse at once answered a `POST` after 0.4 s.
pub async fn in_turn<T>(compute: impl FnOnce() -> T) -> T {
    in_line(give_way, compute).await
}

/// The same where a request waits for it, which need not let itself pass.
pub async fn in_turn_for_request<T>(compute: impl FnOnce() -> T) -> T {
    in_line(|| async {}, compute).await
}

async fn in_line<T>(way: impl AsyncFnOnce(), compute: impl FnOnce() -> T) -> T {
    let turn = Turn::come(&COMPUTING);
    if !turn.wait(|| true).await {
        turn.take();
    }
    way().await;
    let result = compute();
    sleep_ms(SHORTEST_MS).await;
    result
}

/// Waits until there is room for one more job at work, or it is no longer `wanted`: one begins at a time, and only when the
/// event loop is not late, or next to none is at work. So whoever asks for the five-hundredth job, or how the first one
/// stands, is answered before the others begin, and jobs that are at work get done instead of slowing each other down.
/// `false` when there was none for a minute: whoever `may_wait` comes again, anybody else begins then.
pub async fn room(wanted: impl Fn() -> bool, may_wait: bool) -> bool {
    let came = now();
    let turn = Turn::come(&BEGINNING);
    let is_late = || now().ms_since(came) >= WAIT_MS_MAX;
    if !turn.wait(&wanted).await {
        if wanted() && may_wait {
            return false;
        }
        turn.take();
    }
    let began = now();
    while wanted() {
        let looked = now();
        sleep_ms(SHORTEST_MS).await;
        let calm = now().ms_since(looked) <= CALM_MS && !are_pressing();
        let alone = AT_WORK.get() < AT_WORK_MIN && now().ms_since(began) >= BEGINNING_MS_MAX;
        if calm || alone || (is_late() && !may_wait) {
            break;
        }
        if is_late() {
            return false;
        }
        turn.keep();
    }
    true
}

/// A job at work, until it is dropped.
pub struct AtWork(());

impl AtWork {
    /// One more.
    pub fn begin() -> Self {
        AT_WORK.set(AT_WORK.get().saturating_add(1));
        Self(())
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        AT_WORK.set(AT_WORK.get().saturating_sub(1));
    }
}

/// Lets the requests that have come pass before something else is done that takes some milliseconds.
pub async fn give_way() {
    let since = now();
    let mut wait_ms = SHORTEST_MS;
    while are_pressing() && now().ms_since(since) < GIVEN_WAY_MS_MAX {
        sleep_ms(wait_ms).await;
        // Many may be waiting, and each look takes time from those whom they let pass.
        wait_ms = wait_ms.saturating_mul(2);
    }
}

/// A request that wants an answer, until it is dropped.
pub struct Caller(u64);

impl Caller {
    /// One has come.
    pub fn come() -> Self {
        Self(CALLERS.with_borrow_mut(|callers| callers.come(now())))
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        CALLERS.with_borrow_mut(|callers| callers.leave(self.0));
    }
}

fn are_pressing() -> bool {
    CALLERS.with_borrow(|callers| callers.are_pressing(now()))
}

/// The shortest timer: long enough for the event loop to run dry and poll.
const SHORTEST_MS: u64 = 1;
/// An event loop that answers the shortest timer within this has time to spare; a page's analysis takes about as long.
const CALM_MS: u64 = 4;
/// Where it never has, a job begins after so long nevertheless while fewer are at work than [`AT_WORK_MIN`].
const BEGINNING_MS_MAX: u64 = 100;
/// Jobs that may be at work however late the event loop is: what they wait for outside is some nine tenths of their time.
const AT_WORK_MIN: u32 = 8;
/// Whoever computes lets requests pass for no longer than this, so that a steady stream of them holds up no job: a
/// computation takes about as long.
const GIVEN_WAY_MS_MAX: u64 = 10;
/// Waiting for a turn ends after this long: below the 90 s that a thinking step has.
const WAIT_MS_MAX: u64 = 60_000;

thread_local! {
    static COMPUTING: RefCell<Floor> = const { RefCell::new(Floor::new(2, 250)) };
    // Nobody begins more often than this, and hundreds may wait for long.
    static BEGINNING: RefCell<Floor> = const { RefCell::new(Floor::new(4, 1_000)) };
    static AT_WORK: Cell<u32> = const { Cell::new(0) };
    static CALLERS: RefCell<Callers> = const { RefCell::new(Callers::new()) };
}

/// A place in the line, and then the floor, until it is dropped.
struct Turn {
    floor: &'static LocalKey<RefCell<Floor>>,
    number: u64,
}

impl Turn {
    /// A place at the end of the line.
    fn come(floor: &'static LocalKey<RefCell<Floor>>) -> Self {
        Self { floor, number: floor.with_borrow_mut(|floor| floor.come(now())) }
    }

    /// Waits for the floor for as long as it is `wanted`; `false` when it did not come.
    async fn wait(&self, wanted: impl Fn() -> bool) -> bool {
        let came = now();
        // Each waiter polls with a timer of its own: a waker called from another request's context would run this one's
        // code there, which the platform forbids.
        while wanted() && now().ms_since(came) < WAIT_MS_MAX {
            let look = self.floor.with_borrow_mut(|floor| floor.look(self.number, now()));
            let Some(again_ms) = look else { return true };
            sleep_ms(again_ms).await;
        }
        false
    }

    /// Takes the floor out of turn.
    fn take(&self) {
        self.floor.with_borrow_mut(|floor| floor.take(self.number, now()));
    }

    /// Says that it is still needed.
    fn keep(&self) {
        self.floor.with_borrow_mut(|floor| floor.keep(self.number, now()));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.floor.with_borrow_mut(|floor| floor.leave(self.number));
    }
}
