//! Showing a job: views, with or without waiting for news, and the stream of its facts.

use super::feed::{self, Words};
use super::{JobObject, Live, NO_JOB};
use crate::api::events::PREAMBLE;
use crate::api::rendering::{Format, Rendering};
use crate::api::responses::ResponseStream;
use crate::api::{ApiError, perplexity, responses};
use crate::edge::slice::{self, ALARM_MS_MIN};
use crate::edge::store::LoadError;
use crate::edge::{clock, reply};
use crate::job::Timestamp;
use crate::job::view::{JobView, Shown};
use crate::research::report::{self, HTML_POLICY};
use crate::research::wording::Dialect;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::rc::Rc;
use worker::{Response, Result};

/// A look at a job.
#[derive(Serialize, Deserialize)]
pub struct Look {
    /// Public id; shown when the job itself cannot be read.
    pub id: String,
    /// How long to wait for news, in milliseconds.
    pub wait_ms: u64,
    /// Number of facts that the caller has seen: without newer ones there is nothing to send. Without it, whoever waits
    /// waits for the end.
    pub seen: Option<u64>,
    /// In which form.
    #[serde(default)]
    pub rendering: Rendering,
    /// In whose words, where not in our own; no rendering then.
    #[serde(default)]
    pub dialect: Option<Dialect>,
}

/// A look at a job's facts.
#[derive(Serialize, Deserialize)]
pub struct Watch {
    /// The last fact that the watcher has.
    pub after: Option<u64>,
}

/// How often whoever waits for the end alone looks while the report is not even being written. Each look wakes the
/// isolate, which takes 0.3 ms of CPU.
const END_MS: u64 = 500;
/// When whoever wants a report that is not there yet may ask again, in seconds.
const RETRY_AFTER_S: &str = "3";

impl Live {
    fn view(&mut self, now: Timestamp) -> JobView {
        let mut view = self.job.view_rated(now, &mut self.rated);
        view.partial_report = self.partial_report(now);
        view
    }

    /// The view as it is sent; made once for each fact.
    fn shown(&mut self, now: Timestamp) -> Result<String> {
        if self.shown.as_ref().is_none_or(|(facts, _)| *facts != self.next_seq) {
            self.shown = Some((self.next_seq, Shown::of(&self.view(now))?));
        }
        let elapsed_ms = self.job.elapsed_ms(now);
        Ok(self.shown.as_ref().map(|(_, shown)| shown.at(elapsed_ms)).unwrap_or_default())
    }

    /// Made once for each round: it takes some milliseconds, and facts come by the dozen.
    fn partial_report(&mut self, now: Timestamp) -> Option<String> {
        let rounds = self.job.rounds_closed();
        if self.job.is_terminal() || rounds == 0 {
            return None;
        }
        if self.partial.as_ref().is_none_or(|(round, _)| *round != rounds) {
            self.partial = Some((rounds, self.job.partial_report(now)));
        }
        self.partial.as_ref().and_then(|(_, text)| text.clone())
    }
}

impl JobObject {
    /// The job as it stands, once there is news for whoever waits.
    pub(super) async fn look(&self, look: Look) -> Result<Response> {
        let until = clock::now().plus_ms(look.wait_ms);
        let watcher = self.watchers.come();
        loop {
            if !self.exists()? {
                return reply::error(&NO_JOB);
            }
            match self.load() {
                Ok(loaded_now) => self.wake_if_lost(loaded_now).await?,
                Err(LoadError::Storage(error)) => return Err(error),
                // An unreadable journal stays unreadable: pollers must not wait for it, and a 5xx would be told as a
                // fault of ours.
                Err(LoadError::Unreadable(error)) => {
                    self.say_error(&error);
                    let error = format!("the job cannot be read: {error}");
                    let view = match look.dialect {
                        Some(Dialect::OpenAi) => responses::unreadable(&look.id, &error),
                        Some(Dialect::Perplexity) => perplexity::unreadable(&look.id, &error),
                        None => {
                            json!({ "id": look.id, "status": "failed", "state": "failed", "error": error })
                        }
                    };
                    return reply::json(200, &view);
                }
            }
            let (facts, ended, closing) = match self.live.borrow().as_ref() {
                Some(live) => (live.next_seq, live.job.is_terminal(), live.job.is_writing()),
                None => return reply::error(&NO_JOB),
            };
            let news = look.seen.map_or(ended, |seen| seen != facts);
            if news || ended || clock::now() >= until {
                return match look.dialect {
                    Some(dialect) => self.told(dialect),
                    None if look.seen == Some(facts) => self.unchanged(facts),
                    None => self.shown(&look.rendering),
                };
            }
            let again_ms = if look.seen.is_none() && !closing { END_MS } else { watcher.news_ms() };
            clock::sleep_ms(again_ms).await;
        }
    }

    /// The view as a response that names how many facts it shows.
    pub(super) fn view(&self) -> Result<Response> {
        let (facts, view) = match self.live.borrow_mut().as_mut() {
            Some(live) => (live.next_seq, live.shown(clock::now())?),
            None => return reply::error(&NO_JOB),
        };
        let mut response = reply::bytes("application/json", view.into_bytes())?;
        response.headers_mut().set("etag", &etag(facts))?;
        Ok(response)
    }

    /// The job in the words of another API.
    fn told(&self, dialect: Dialect) -> Result<Response> {
        match (self.live.borrow().as_ref(), dialect) {
            (None, _) => reply::error(&NO_JOB),
            (Some(live), Dialect::OpenAi) => reply::json(200, &responses::response(&live.job)),
            (Some(live), Dialect::Perplexity) => reply::json(200, &perplexity::completion(&live.job)),
        }
    }

    /// The view, or the report alone, in the form that is wanted.
    fn shown(&self, rendering: &Rendering) -> Result<Response> {
        if *rendering == Rendering::default() {
            return self.view();
        }
        let mut live = self.live.borrow_mut();
        let Some(live) = live.as_mut() else { return reply::error(&NO_JOB) };
        let mut view = live.view(clock::now());
        let report = live.job.report_within(rendering.tokens_max);
        let mut response = match (rendering.format, report) {
            (Format::Json, Some(report)) if rendering.tokens_max.is_some() => {
                live.job.show(&mut view, &report, rendering.citations);
                reply::json(200, &view)?
            }
            (Format::Json, report) => {
                view.report = report.map(|report| report::styled(&report, rendering.citations));
                reply::json(200, &view)?
            }
            (Format::Markdown, Some(report)) => {
                reply::text(Format::Markdown.media_type(), report::styled(&report, rendering.citations))?
            }
            (Format::Html, Some(report)) => {
                let mut page =
                    reply::text(Format::Html.media_type(), report::html(&report, rendering.citations))?;
                page.headers_mut().set("content-security-policy", HTML_POLICY)?;
                page
            }
            (_, None) if view.status == "processing" => {
                let soon = json!({
                    "id": view.id, "status": view.status, "state": view.state, "phase": view.phase,
                    "progress": view.progress, "message": "the report is not there yet: ask again",
                });
                let mut soon = reply::json(202, &soon)?;
                soon.headers_mut().set("retry-after", RETRY_AFTER_S)?;
                soon
            }
            (_, None) => {
                let why = view.error.unwrap_or_default();
                let cause = format!("this job has no report ({why}): what there is of it comes as JSON");
                return reply::error(&ApiError::Conflict { cause });
            }
        };
        response.headers_mut().set("etag", &etag(live.next_seq))?;
        Ok(response)
    }

    /// What was asked.
    pub(super) fn request(&self) -> Result<Response> {
        self.ensure_loaded()?;
        match self.live.borrow().as_ref() {
            Some(live) => reply::json(200, live.job.request()),
            None => reply::error(&NO_JOB),
        }
    }

    fn unchanged(&self, facts: u64) -> Result<Response> {
        let mut response = Response::empty()?.with_status(304);
        response.headers_mut().set("etag", &etag(facts))?;
        Ok(response)
    }

    /// Whatever was in flight died with an earlier isolate: no need to wait for the lease to run out.
    async fn wake_if_lost(&self, loaded_now: bool) -> Result<()> {
        if loaded_now && self.wake_at().is_some() {
            slice::set_alarm(&self.state, ALARM_MS_MIN).await?;
        }
        Ok(())
    }

    /// All facts after the one that the watcher has, as they come. A watcher who has the last one of an ended job gets 204,
    /// which tells an `EventSource` not to come back.
    pub(super) fn events(&self, watch: Watch) -> Result<Response> {
        let next = watch.after.map_or(0, |after| after.saturating_add(1));
        self.committed.set(self.committed.get().max(self.store.length()?));
        let last = self.store.entries(self.committed.get().saturating_sub(1), 1)?;
        let over = last.first().is_some_and(|(seq, body)| *seq < next && feed::is_last(*seq, body));
        if over {
            return reply::finish(Response::empty()?.with_status(204));
        }
        self.feed(next, PREAMBLE, Words::Shared(Rc::clone(&self.frames)))
    }

    /// The events of a response as they come, those after the one that the watcher has. Their numbers follow from the whole
    /// journal, so it is told from its beginning.
    pub(super) fn response_events(&self, watch: &Watch) -> Result<Response> {
        self.committed.set(self.committed.get().max(self.store.length()?));
        let mut stream = ResponseStream::new(watch.after);
        self.feed(0, "", Words::Own(Box::new(move |fact| stream.tell(fact))))
    }
}

/// The version of a view: weak, since the elapsed time of a live job moves without it.
fn etag(facts: u64) -> String {
    format!("W/\"{facts}\"")
}
