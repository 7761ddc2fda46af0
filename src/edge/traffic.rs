//! Each request from its arrival to the first byte of its answer: its id, its line in the log, its place in the numbers.

use crate::edge::turn::Caller;
use crate::edge::{clock, entropy, log};
use crate::job::Timestamp;
use crate::log::{Level, Line, request_id};
use crate::metrics::Meter;
use std::cell::RefCell;
use worker::{Request, Response, Result};

/// Carries a request's id, from the caller and back to it.
pub const REQUEST_ID: &str = "x-request-id";

/// A request on its way.
pub struct Visit {
    id: String,
    method: &'static str,
    began_at: Timestamp,
    /// The route's pattern; never the path as it came.
    pub route: &'static str,
    /// Whose request it is, once that is known.
    pub owner: Option<String>,
    /// The stable word of the error.
    pub code: Option<&'static str>,
    /// Others let it pass.
    _caller: Caller,
}

/// Methods by their names; whatever else is sent counts as one.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

thread_local! {
    static METER: RefCell<Meter> = RefCell::default();
}

/// What this process answered since it started.
pub fn meter() -> Meter {
    METER.with(|meter| meter.borrow().clone())
}

impl Visit {
    /// A request arrived.
    pub fn begin(request: &Request) -> Self {
        let header = |name: &str| request.headers().get(name).ok().flatten();
        let fresh = entropy::bytes::<16>().map_or(0, u128::from_be_bytes);
        // As it was sent: `Request::method` takes what it does not know for GET.
        let name = request.inner().method();
        Self {
            id: request_id(header(REQUEST_ID).as_deref(), header("cf-ray").as_deref(), fresh),
            method: METHODS.into_iter().find(|method| *method == name).unwrap_or("OTHER"),
            began_at: clock::now(),
            route: "unmatched",
            owner: None,
            code: None,
            _caller: Caller::come(),
        }
    }

    /// It is answered.
    pub fn end(self, mut response: Response) -> Result<Response> {
        response.headers_mut().set(REQUEST_ID, &self.id)?;
        let (now, status) = (clock::now(), response.status_code());
        let ms = now.ms_since(self.began_at);
        METER.with(|meter| meter.borrow_mut().request_answered(self.method, self.route, status, ms));
        let level = if status >= 500 { Level::Error } else { Level::Info };
        let mut line = Line::new(level, "request", now)
            .with("request_id", self.id)
            .with("method", self.method)
            .with("route", self.route)
            .with("status", status)
            .with("ms", ms);
        if let Some(owner) = &self.owner {
            line = line.of(owner);
        }
        if let Some(code) = self.code {
            line = line.with("code", code);
        }
        // What was made has its place in this header: `/v1/research/res_...`.
        let made = response.headers().get("location").ok().flatten().filter(|_| status == 202);
        if let Some(id) = made.as_deref().and_then(|place| place.rsplit('/').next()) {
            line = line.with("job_id", id);
        }
        log::write(&line);
        Ok(response)
    }
}
