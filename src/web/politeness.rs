//! One host's door: who may come in when, so that all jobs together are no burden to it.

use crate::job::Timestamp;
use crate::web::robots::{RobotsFile, Rules};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// How close together one host is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Least time between the starts of two requests, in milliseconds.
    pub delay_ms: u64,
    /// Most requests at once.
    pub connections: usize,
}

impl Default for Pace {
    /// What a person with a browser would hardly exceed.
    fn default() -> Self {
        Self { delay_ms: 1_000, connections: 1 }
    }
}

/// The answer to whoever wants to read a page of this host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Read it now; until this visit ends nobody else reads it.
    Go {
        /// Names the visit when it ends.
        visit: u64,
    },
    /// Ask for `robots.txt` now, say what it brought, and come back.
    Robots {
        /// Names the visit when it ends.
        visit: u64,
    },
    /// Come back after so long, with the ticket that keeps the place in the queue.
    Wait {
        /// The place in the queue.
        ticket: u64,
        /// In milliseconds, at most 1,000.
        wait_ms: u64,
    },
    /// `robots.txt` forbids it.
    Disallowed,
    /// Nothing of this host can be had for now.
    Closed {
        /// Why, for a person.
        cause: String,
        /// For how long, in milliseconds; none when nobody can tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The host answered, whatever it said of the page.
    Answered,
    /// 429 or 503: it wants to be left alone, for as long as it said or as long as seems right.
    Throttled {
        /// `Retry-After`, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// No answer, half of one, or another 5xx.
    Failed,
    /// Whoever visited went away before the host could answer, which says nothing of it.
    Abandoned,
}

/// A visit that nobody ended is over after this long: a page has 15 s, and whoever reads it may have died.
const VISIT_MS_MAX: u64 = 20_000;
/// Whoever has not asked for this long has left the queue: the longest wait between two looks is 1 s.
const TICKET_MS_MAX: u64 = 3_000;
/// The longest wait between two looks.
const WAIT_MS_MAX: u64 = 1_000;
/// The shortest, while others' visits go on: their end is not known beforehand.
const WAIT_MS_MIN: u64 = 25;
/// A quick page takes so long.
const VISIT_MS: u64 = 200;
/// Whoever would have to wait longer than this for a host that closed its door is told to come back instead.
const PATIENCE_MS: u64 = 2_000;
/// Places in one queue: about five jobs' pages at a time.
const QUEUE_MAX: usize = 500;
/// Failures in a row after which the host is taken to be down.
const FAILURES_MAX: u32 = 5;
/// A host that is down is left alone for this long, then twice as long, and so on.
const DOWN_MS: u64 = 30_000;
/// ... up to this: a quarter of an hour is the longest deadline of a job.
const DOWN_MS_MAX: u64 = 15 * 60 * 1_000;
/// A host that throttles without saying for how long is left alone for this long, doubled each time it does so again.
const THROTTLED_MS: u64 = 5_000;

/// The state of the door. Pure: time is handed in.
#[derive(Debug, Default)]
pub struct Gate {
    rules: Option<Rules>,
    visits: BTreeMap<u64, Visit>,
    queue: BTreeMap<u64, Timestamp>,
    last_id: u64,
    next_start_at: Timestamp,
    closed: Closed,
}

#[derive(Debug)]
struct Visit {
    key: String,
    until: Timestamp,
}

/// Why and until when the door is closed; survives the object in [`Gate::closed`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    until: Timestamp,
    cause: String,
    /// Failures and throttlings since the host last answered well.
    failures: u32,
    throttled: u32,
}

/// What `robots.txt` is called among the visits.
const ROBOTS_KEY: &str = "robots.txt";

impl Gate {
    /// The door of a host of which this much is remembered.
    #[must_use]
    pub fn new(rules: Option<Rules>, closed: Closed) -> Self {
        Self { rules, closed, ..Self::default() }
    }

    /// May `url` be read now? `key` is its name among the visits, so that one page is not read twice at once; `ticket` is
    /// the place in the queue that an earlier answer gave. APIs made for programs are entered with `with_robots` off.
    pub fn enter(
        &mut self,
        url: &Url,
        key: &str,
        ticket: Option<u64>,
        (pace, with_robots): (Pace, bool),
        now: Timestamp,
    ) -> Turn {
        self.visits.retain(|_, visit| now < visit.until);
        self.queue.retain(|_, seen| now.ms_since(*seen) <= TICKET_MS_MAX);
        let closed_ms = self.closed.until.ms_since(now);
        if closed_ms > PATIENCE_MS {
            return Turn::Closed { cause: self.closed.cause.clone(), retry_after_ms: Some(closed_ms) };
        }
        let rules = self.rules.as_ref().filter(|rules| rules.are_fresh(now));
        match rules.map(|rules| rules.allow(url)) {
            Some(Some(false)) if with_robots => return Turn::Disallowed,
            Some(None) if with_robots => {
                let cause = "its robots.txt cannot be read, so nothing of it may be".to_owned();
                // Most hosts without an answer have none in a minute either: whoever can do without it is not kept waiting.
                return Turn::Closed { cause, retry_after_ms: None };
            }
            _ => {}
        }
        let robots_first = with_robots && rules.is_none();
        let crawl_delay_ms = rules.filter(|_| with_robots).map_or(0, Rules::crawl_delay_ms);
        let key = if robots_first { ROBOTS_KEY } else { key };
        let ticket = ticket.filter(|t| *t <= self.last_id).unwrap_or_else(|| self.id());
        let is_next = self.queue.keys().next().is_none_or(|first| ticket <= *first);
        let is_free = self.visits.len() < pace.connections.max(1)
            && !self.visits.values().any(|visit| visit.key == key);
        // Settings may have changed since the last start, and a clock may have been set back.
        let delay_ms = pace.delay_ms.max(crawl_delay_ms);
        let early_ms = self.next_start_at.ms_since(now).min(delay_ms).max(closed_ms);
        if is_next && is_free && early_ms == 0 {
            self.queue.remove(&ticket);
            let visit = self.id();
            self.visits.insert(visit, Visit { key: key.to_owned(), until: now.plus_ms(VISIT_MS_MAX) });
            self.next_start_at = now.plus_ms(delay_ms);
            return if robots_first { Turn::Robots { visit } } else { Turn::Go { visit } };
        }
        if self.queue.len() >= QUEUE_MAX && !self.queue.contains_key(&ticket) {
            let cause = format!("{QUEUE_MAX} requests to it are waiting already");
            return Turn::Closed { cause, retry_after_ms: Some(DOWN_MS) };
        }
        self.queue.insert(ticket, now);
        // Whoever stands behind others asks again when half of them should have had their turns.
        let before = u64::try_from(self.queue.range(..ticket).count()).unwrap_or(u64::MAX);
        let connections = u64::try_from(pace.connections.max(1)).unwrap_or(1);
        let each_ms = delay_ms.max(VISIT_MS / connections);
        let wait_ms = early_ms.max(before.saturating_mul(each_ms) / 2).clamp(WAIT_MS_MIN, WAIT_MS_MAX);
        Turn::Wait { ticket, wait_ms }
    }

    /// Whoever asked for `robots.txt` says what it brought; the visit is over.
    pub fn learn(&mut self, visit: u64, file: &RobotsFile, now: Timestamp) {
        self.visits.remove(&visit);
        self.rules = Some(Rules::of(file, now));
    }

    /// A visit is over. Says whether what [`Gate::closed`] gives is another thing than before.
    pub fn leave(&mut self, visit: u64, ended: Ended, now: Timestamp) -> bool {
        self.visits.remove(&visit);
        let before = self.closed.clone();
        let closed = &mut self.closed;
        match ended {
            // An answer that was on its way when the host asked for a rest does not end the rest.
            Ended::Answered if now < closed.until => {}
            Ended::Answered => *closed = Closed::default(),
            Ended::Abandoned => {}
            Ended::Throttled { retry_after_ms } => {
                closed.throttled = closed.throttled.saturating_add(1);
                let ms = retry_after_ms.unwrap_or_else(|| doubled(THROTTLED_MS, closed.throttled));
                closed.until = closed.until.max(now.plus_ms(ms.clamp(1_000, DOWN_MS_MAX)));
                closed.cause = "it asked to be left alone for a while (429 or 503)".to_owned();
            }
            Ended::Failed => {
                closed.failures = closed.failures.saturating_add(1);
                if let Some(times) = closed.failures.checked_sub(FAILURES_MAX) {
                    closed.until = now.plus_ms(doubled(DOWN_MS, times.saturating_add(1)));
                    closed.cause = format!("it failed {} times in a row", closed.failures);
                }
            }
        }
        *closed != before
    }

    /// What is worth remembering when nobody visits.
    #[must_use]
    pub fn closed(&self) -> &Closed {
        &self.closed
    }

    /// What `robots.txt` said when it was last read.
    #[must_use]
    pub fn rules(&self) -> Option<&Rules> {
        self.rules.as_ref()
    }

    fn id(&mut self) -> u64 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }
}

/// `base_ms`, doubled with every time after the first, up to [`DOWN_MS_MAX`].
fn doubled(base_ms: u64, times: u32) -> u64 {
    base_ms.saturating_mul(1 << times.saturating_sub(1).min(16)).min(DOWN_MS_MAX)
}

#[cfg(test)]
mod tests;
