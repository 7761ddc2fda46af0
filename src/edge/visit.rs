//! A visit to a host: waits for its turn at the host's object, obeys `robots.txt`, and says at the end how it went.

use crate::edge::slice::Permit;
use crate::edge::{clock, outgoing, reply, settings};
use crate::job::{Failure, Timestamp};
use crate::web::admission::Admission;
use crate::web::http::user_agent;
use crate::web::known::Apis;
use crate::web::politeness::{self, Ended, Pace};
use crate::web::render::Renderer;
use crate::web::robots::{ROBOTS_BYTES_MAX, RobotsFile};
use crate::web::visit::{Brought, Enter, Entered, Learned, Leave, Reading, Validators};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use url::Url;
use worker::{
    AbortSignal, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response, Stub,
};

/// Whoever reads pages for somebody.
pub struct Visitor<'a> {
    /// The platform's bindings.
    pub env: &'a Env,
    /// Which URLs may be fetched.
    pub admission: &'a Admission,
    /// How close together a host is visited.
    pub pace: Pace,
    /// What somebody read no longer ago than this, in milliseconds, will do.
    pub age_ms_max: u64,
    /// Sites that are read through their API.
    pub apis: &'a Apis,
    /// Who renders pages that only scripts make.
    pub renderer: Option<&'a Renderer>,
    /// The deployment's own address, named in the User-Agent so that a site's owner knows whom to ask.
    pub contact: Option<&'a Url>,
    /// Withdrawn when nothing may leave any more.
    pub permit: &'a Permit,
}

/// What asking a host for a turn brought.
pub enum Turn {
    /// It is known what the page says.
    Known(Reading),
    /// Read it now. With validators, a 304 says that what is kept has not changed.
    Go(Visit, Validators),
    /// `robots.txt` forbids it.
    Disallowed,
}

/// Redirects of one `robots.txt` that are followed (RFC 9309 2.3.1.2).
const ROBOTS_HOPS_MAX: usize = 5;
/// A `robots.txt` that takes longer is unreachable.
const ROBOTS_MS_MAX: u64 = 10_000;
/// Looks at the queue: with the shortest wait of 25 ms this is longer than any read may take.
const LOOKS_MAX: u32 = 1_200;

impl Visitor<'_> {
    /// Waits for the turn to read `url`, until `until` at the latest.
    ///
    /// # Errors
    /// Transient when the host's door is closed or the turn does not come in time; permanent when the permit is withdrawn.
    pub async fn turn(
        &self,
        url: &Url,
        key: &str,
        with_robots: bool,
        until: Timestamp,
        signal: &AbortSignal,
    ) -> Result<Turn, Failure> {
        let stub = Rc::new(settings::site(self.env, url).map_err(|e| object_down(&e))?);
        let mut ask = Enter {
            url: url.clone(),
            key: key.to_owned(),
            ticket: None,
            pace: self.pace,
            with_robots,
            age_ms_max: self.age_ms_max,
        };
        for _ in 0..LOOKS_MAX {
            self.permit.check()?;
            let entered: Entered = told(&stub, "/enter", &ask).await?;
            let (turn, validators) = match entered {
                Entered::Known(reading) => return Ok(Turn::Known(reading)),
                Entered::Turn { turn, validators } => (turn, validators),
            };
            match turn {
                politeness::Turn::Disallowed => return Ok(Turn::Disallowed),
                politeness::Turn::Closed { cause, retry_after_ms } => {
                    return Err(Failure::Transient {
                        cause: format!("{} is left alone for now: {cause}", host(url)),
                        retry_after_ms,
                    });
                }
                politeness::Turn::Go { visit } => {
                    return Ok(Turn::Go(Visit::new(stub, visit, key), validators));
                }
                politeness::Turn::Robots { visit } => {
                    let visit = Visit::new(Rc::clone(&stub), visit, key);
                    let file = self.robots_file(url, signal).await?;
                    visit.learned(file).await?;
                }
                politeness::Turn::Wait { ticket, wait_ms } => {
                    if clock::now().plus_ms(wait_ms) >= until {
                        break;
                    }
                    ask.ticket = Some(ticket);
                    clock::sleep_ms(wait_ms).await;
                }
            }
        }
        Err(Failure::transient(format!("too many pages of {} are waiting to be read", host(url))))
    }

    /// A GET without following redirects; leaves at once, and not when the permit is withdrawn.
    pub async fn get(
        &self,
        url: &Url,
        headers: impl IntoIterator<Item = (&str, &str)>,
        signal: &AbortSignal,
    ) -> Result<Response, Failure> {
        let build = || -> worker::Result<Request> {
            let all = Headers::new();
            all.set("user-agent", &user_agent(self.contact))?;
            for (name, value) in headers {
                all.set(name, value)?;
            }
            let mut init = RequestInit::new();
            init.with_headers(all).with_redirect(RequestRedirect::Manual);
            Request::new_with_init(url.as_str(), &init)
        };
        let request =
            build().map_err(|e| Failure::permanent(format!("the address cannot be requested: {e}")))?;
        self.permit.check()?;
        Fetch::Request(request).send_with_signal(signal).await.map_err(|e| outgoing::no_connection(&e))
    }

    async fn robots_file(&self, page: &Url, signal: &AbortSignal) -> Result<RobotsFile, Failure> {
        let asked = clock::in_time(ROBOTS_MS_MAX, self.ask_robots(page, signal)).await;
        self.permit.check()?;
        // Whatever went wrong, the file could not be reached, and nothing else of the host is asked for.
        Ok(asked.unwrap_or(RobotsFile::Unreachable))
    }

    async fn ask_robots(&self, page: &Url, signal: &AbortSignal) -> Result<RobotsFile, Failure> {
        let Ok(mut url) = page.join("/robots.txt") else { return Ok(RobotsFile::Unavailable) };
        for _ in 0..=ROBOTS_HOPS_MAX {
            let mut response = self.get(&url, [("accept", "text/plain,*/*;q=0.1")], signal).await?;
            let status = response.status_code();
            match (status, response.headers().get("location").ok().flatten()) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    drop(response.stream());
                    match self.admission.admit_redirect(&url, &location) {
                        Ok(to) => url = to,
                        Err(_) => return Ok(RobotsFile::Unavailable),
                    }
                }
                (200..=299, _) => {
                    let bytes = outgoing::beginning(&mut response, ROBOTS_BYTES_MAX).await?;
                    return Ok(RobotsFile::Found(String::from_utf8_lossy(&bytes).into_owned()));
                }
                _ => {
                    drop(response.stream());
                    return Ok(RobotsFile::of_status(status));
                }
            }
        }
        Ok(RobotsFile::Unavailable)
    }
}

/// A turn that was given. Whoever drops it without a word leaves too.
pub struct Visit {
    stub: Option<Rc<Stub>>,
    id: u64,
    key: String,
}

impl Visit {
    fn new(stub: Rc<Stub>, id: u64, key: &str) -> Self {
        Self { stub: Some(stub), id, key: key.to_owned() }
    }

    /// The visit is over; what it brought is kept for others. Where the host's object does not hear of it, nothing is lost
    /// but that: the visit ends by itself.
    pub async fn leave(mut self, ended: Ended, brought: Brought) {
        if let Some((stub, leave)) = self.farewell(ended, brought) {
            say(&stub, &leave).await;
        }
    }

    /// The host said 304: the reading that is kept.
    pub async fn unchanged(mut self) -> Result<Option<Reading>, Failure> {
        match self.farewell(Ended::Answered, Brought::Unchanged) {
            Some((stub, leave)) => told(&stub, "/leave", &leave).await,
            None => Ok(None),
        }
    }

    async fn learned(mut self, file: RobotsFile) -> Result<(), Failure> {
        let Some(stub) = self.stub.take() else { return Ok(()) };
        let learned = Learned { visit: self.id, file };
        let reply = reply::call(&stub, Method::Post, "/robots", Some(&learned)).await;
        reply.map(|_| ()).map_err(|e| object_down(&e))
    }

    /// What is to be said at the end, once.
    fn farewell(&mut self, ended: Ended, brought: Brought) -> Option<(Rc<Stub>, Leave)> {
        let stub = self.stub.take()?;
        let key = std::mem::take(&mut self.key);
        Some((stub, Leave { visit: self.id, key, ended, brought }))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some((stub, leave)) = self.farewell(Ended::Abandoned, Brought::Nothing) {
            worker::wasm_bindgen_futures::spawn_local(async move { say(&stub, &leave).await });
        }
    }
}

async fn say(stub: &Stub, leave: &Leave) {
    if let Err(error) = reply::call(stub, Method::Post, "/leave", Some(leave)).await {
        crate::edge::log::error("visit", &error);
    }
}

async fn told<Q: Serialize, A: DeserializeOwned>(
    stub: &Stub,
    path: &str,
    question: &Q,
) -> Result<A, Failure> {
    let reply = reply::call(stub, Method::Post, path, Some(question)).await.map_err(|e| object_down(&e))?;
    let answer = reply::decoded(reply).await.map_err(|e| object_down(&e))?;
    answer.ok_or_else(|| Failure::transient("the queue of its host is not reachable at the moment"))
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

fn object_down(error: &worker::Error) -> Failure {
    crate::edge::log::error("site", error);
    Failure::transient("the queue of its host is not reachable at the moment")
}
