//! The streams of a job's facts. Many may watch one job: what a fact says is made once for all of them, and the more they are,
//! the less often each looks.

use super::JobObject;
use crate::api::events::{self, PING, PING_MS};
use crate::edge::store::JobStore;
use crate::edge::{clock, log, reply};
use crate::job::event::Event;
use crate::job::{Timestamp, journal};
use futures_util::stream;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use worker::{Error, Response, Result};

/// How often a waiting caller looks for news. Each has a timer of its own: waking it from another request's context would
/// run its code there, which the platform forbids.
const NEWS_MS_MIN: u64 = 100;
/// The same where many wait.
const NEWS_MS_MAX: u64 = 400;
/// Each that waits makes the looks of all rarer by this much, so that 100 look 250 times a second together and not 1,000.
const NEWS_MS_EACH: u64 = 4;
/// A stream is closed after this long, which only jobs that were given more time than usual reach; watchers come back with
/// the number of the last fact.
const STREAM_MS_MAX: u64 = 30 * 60 * 1_000;
/// Facts of one piece of a stream.
const FACTS_PER_PIECE: u64 = 50;
/// Frames kept for all: with a page's findings in each some 200 kB, while somebody watches.
const FRAMES_MAX: u64 = 64;

/// How many wait for news of one job.
#[derive(Clone, Default)]
pub(super) struct Watchers(Rc<Cell<u64>>);

impl Watchers {
    /// One more, until it is dropped.
    pub(super) fn come(&self) -> Watcher {
        self.0.set(self.0.get().saturating_add(1));
        Watcher(self.clone())
    }
}

/// One of them.
pub(super) struct Watcher(Watchers);

impl Watcher {
    /// When to look again, in milliseconds.
    pub(super) fn news_ms(&self) -> u64 {
        self.0.0.get().saturating_mul(NEWS_MS_EACH).clamp(NEWS_MS_MIN, NEWS_MS_MAX)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.0.set(self.0.0.get().saturating_sub(1));
    }
}

/// The frames of the latest facts, and whether a fact is the last one.
#[derive(Default)]
pub(super) struct Frames(BTreeMap<u64, (Rc<str>, bool)>);

impl Frames {
    fn get(&self, seq: u64) -> Option<(Rc<str>, bool)> {
        self.0.get(&seq).cloned()
    }

    fn keep(&mut self, seq: u64, frame: Rc<str>, is_last: bool) {
        self.0.insert(seq, (frame, is_last));
        let newest = self.0.last_key_value().map_or(seq, |(newest, _)| *newest);
        self.0 = self.0.split_off(&newest.saturating_sub(FRAMES_MAX - 1));
    }
}

/// Who says what a fact means to a watcher.
pub(super) enum Words {
    /// The journal's own frames, the same for all.
    Shared(Rc<RefCell<Frames>>),
    /// The watcher's own, which may be nothing.
    Own(Box<dyn FnMut(&Event) -> String>),
}

impl JobObject {
    /// What is said of each fact from `next` on, as they come.
    pub(super) fn feed(&self, next: u64, preamble: &'static str, words: Words) -> Result<Response> {
        let now = clock::now();
        let feed = Feed {
            store: self.store.clone(),
            committed: Rc::clone(&self.committed),
            watcher: self.watchers.come(),
            next,
            preamble,
            words,
            over: false,
            until: now.plus_ms(STREAM_MS_MAX),
            ping_at: now.plus_ms(PING_MS),
        };
        let pieces = stream::unfold(feed, |mut feed| async move {
            let piece = feed.piece().await?;
            Some((Ok::<_, Error>(piece.into_bytes()), feed))
        });
        let mut response = reply::finish(Response::from_stream(pieces)?)?;
        response.headers_mut().set("content-type", "text/event-stream; charset=utf-8")?;
        Ok(response)
    }
}

/// A watcher's place in the stream of facts.
struct Feed {
    store: JobStore,
    committed: Rc<Cell<u64>>,
    watcher: Watcher,
    next: u64,
    /// Said first.
    preamble: &'static str,
    words: Words,
    over: bool,
    until: Timestamp,
    ping_at: Timestamp,
}

impl Feed {
    /// The next piece of the stream; none when it is over. Pulled by the watcher's connection, so a slow one holds no
    /// more than one piece.
    async fn piece(&mut self) -> Option<String> {
        let preamble = std::mem::take(&mut self.preamble);
        if !preamble.is_empty() {
            return Some(preamble.to_owned());
        }
        loop {
            let now = clock::now();
            if self.over || now >= self.until {
                return None;
            }
            if self.committed.get() > self.next {
                self.ping_at = now.plus_ms(PING_MS);
                let before = self.next;
                let text = match self.facts() {
                    Ok(text) => text,
                    // The job was deleted, with its tables.
                    Err(_) if !self.store.exists().unwrap_or(true) => return None,
                    Err(error) => {
                        log::error("stream_broken", &error);
                        return None;
                    }
                };
                // The job was deleted when its rows are gone.
                if self.next == before {
                    return None;
                }
                if !text.is_empty() {
                    return Some(text);
                }
                // A long journal of which nothing is said must not hold up the isolate's other jobs.
                clock::sleep_ms(1).await;
                continue;
            }
            if now >= self.ping_at {
                self.ping_at = now.plus_ms(PING_MS);
                return Some(PING.to_owned());
            }
            clock::sleep_ms(self.watcher.news_ms()).await;
        }
    }

    fn facts(&mut self) -> Result<String> {
        let mut text = String::new();
        let end = self.committed.get().min(self.next.saturating_add(FACTS_PER_PIECE));
        if let Words::Shared(frames) = &self.words {
            let frames = frames.borrow();
            while let Some((frame, is_last)) = frames.get(self.next).filter(|_| self.next < end) {
                text.push_str(&frame);
                self.next = self.next.saturating_add(1);
                self.over = is_last;
            }
        }
        if self.next >= end {
            return Ok(text);
        }
        for (seq, body) in self.store.entries(self.next, end.saturating_sub(self.next))? {
            let event = journal::decode(seq, &body).map_err(|e| Error::RustError(e.to_string()))?;
            self.over = is_end(&event);
            match &mut self.words {
                Words::Own(tell) => text.push_str(&tell(&event)),
                Words::Shared(frames) => {
                    let frame: Rc<str> = events::frame(seq, &event).into();
                    text.push_str(&frame);
                    frames.borrow_mut().keep(seq, frame, self.over);
                }
            }
            self.next = seq.saturating_add(1);
        }
        Ok(text)
    }
}

/// Whether an entry is the fact after which none comes.
pub(super) fn is_last(seq: u64, body: &str) -> bool {
    journal::decode(seq, body).is_ok_and(|event| is_end(&event))
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::Completed { .. } | Event::Failed { .. } | Event::Cancelled { .. })
}
