//! Webhooks on their way: rows in the account's storage, and the calls that carry them out.
//!
//! An attempt is written down before it leaves. One receiver gets one call at a time, and four receivers are called side by
//! side, so a slow one holds up nobody but itself.

use crate::account::Settlement;
use crate::api::webhook::{DeliveryListing, DeliveryPage, DeliveryView, EndpointView, SecretView};
use crate::api::{ApiError, webhook as wire};
use crate::config::Config;
use crate::edge::account_store::number;
use crate::edge::meter_store::MeterStore;
use crate::edge::{clock, entropy, log, reply};
use crate::job::{Failure, Timestamp};
use crate::log::{Level, Line};
use crate::webhook::delivery::{DeliveryState, LOST_MS};
use crate::webhook::signature::{self, ROTATION_MS};
use crate::webhook::{self, Delivery, Outcome};
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::pin::pin;
use url::Url;
use worker::{
    AbortSignal, Error, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response, Result,
    SqlStorage,
};

/// The deliveries of one account.
#[derive(Clone)]
pub struct Deliveries {
    sql: SqlStorage,
}

/// A receiver gets this long to answer; Standard Webhooks recommends 15 to 30 s.
const ATTEMPT_MS_MAX: u64 = 20_000;
/// Of an answer this much is read: enough to see what a receiver complains of.
const ANSWER_BYTES_MAX: usize = 20_000;
/// While receivers are waited for, new messages are looked for this often.
const LOOK_MS: u64 = 500;
/// Receivers called side by side, of the six connections that an invocation has.
const ABREAST: usize = 4;
/// Deliveries looked at in one go.
const DUE_AT_ONCE: i64 = 50;
/// Delivered and dead messages are kept for a week.
const KEPT_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Secrets that sign at once: the current one and two that were replaced within a day.
const SECRETS_MAX: i64 = 3;
/// Most messages kept in all; the oldest that are over go first.
const ROWS_MAX: i64 = 10_000;

#[derive(Deserialize)]
struct BodyRow {
    body: String,
}

#[derive(Deserialize)]
struct AtRow {
    at: Option<f64>,
}

#[derive(Deserialize)]
struct SecretRow {
    secret: String,
    retired_at: f64,
}

#[derive(Deserialize)]
struct EndpointRow {
    url: String,
    disabled_reason: String,
}

impl Deliveries {
    /// Over an account's storage; creates nothing.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Creates the tables that are missing.
    pub fn create(&self) -> Result<()> {
        for statement in [
            "CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, research_id TEXT NOT NULL, \
             state TEXT NOT NULL, next_at INTEGER NOT NULL, created_at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID",
            "CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, next_at)",
            "CREATE INDEX IF NOT EXISTS deliveries_by_age ON deliveries (created_at, id)",
            "CREATE TABLE IF NOT EXISTS secrets (secret TEXT PRIMARY KEY, retired_at INTEGER NOT NULL) WITHOUT ROWID",
            "CREATE TABLE IF NOT EXISTS endpoint (one INTEGER PRIMARY KEY, url TEXT NOT NULL, disabled_reason TEXT NOT NULL)",
        ] {
            self.sql.exec(statement, None)?;
        }
        Ok(())
    }

    /// A message about a job's end, to its own receiver or the account's, if there is one. Synchronous.
    pub fn enqueue(
        &self,
        settlement: &Settlement,
        own_url: Option<String>,
        base: &str,
        now: Timestamp,
    ) -> Result<()> {
        let endpoint = self.endpoint()?.filter(|e| e.disabled_reason.is_none()).map(|e| e.url);
        let Some(url) = own_url.or(endpoint) else { return Ok(()) };
        let id = signature::message_id(entropy::bytes().map_err(|e| Error::RustError(e.to_string()))?);
        let event = webhook::event_type(settlement);
        let body = webhook::body(settlement, base);
        self.put(&Delivery::new(id, settlement.job.id.clone(), event, url, body, now))
    }

    /// When the next attempt is due; `None` when nothing is on its way.
    pub fn next_at(&self) -> Result<Option<Timestamp>> {
        let tables =
            self.sql.exec("SELECT name AS body FROM sqlite_master WHERE name = 'deliveries'", None)?;
        if tables.to_array::<BodyRow>()?.is_empty() {
            return Ok(None);
        }
        let query = "SELECT MIN(next_at) AS at FROM deliveries WHERE state = 'pending'";
        let rows = self.sql.exec(query, None)?.to_array::<AtRow>()?;
        Ok(rows.first().and_then(|row| row.at).map(|at| Timestamp(at as i64)))
    }

    /// Makes every attempt that is due, and those that become due meanwhile, until nothing is or `until`.
    pub async fn run(&self, config: &Config, until: Timestamp) -> Result<()> {
        let mut called: BTreeSet<String> = BTreeSet::new();
        let mut calls = FuturesUnordered::new();
        loop {
            let now = clock::now();
            if now < until && calls.len() < ABREAST {
                for mut delivery in self.due(now)? {
                    let host =
                        Url::parse(&delivery.url).map(|u| u.authority().to_owned()).unwrap_or_default();
                    if calls.len() >= ABREAST || called.contains(&host) {
                        continue;
                    }
                    let leaves = delivery.begin(&config.webhook_retries_ms, now);
                    self.put(&delivery)?;
                    if leaves {
                        called.insert(host.clone());
                        calls.push(async move { (host, self.attempt(config, &delivery).await, delivery) });
                    }
                }
            }
            if calls.is_empty() {
                return Ok(());
            }
            // A job may end while a slow receiver is waited for: its message must not wait too.
            let answer = match select(calls.next(), pin!(clock::sleep_ms(LOOK_MS))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => None,
            };
            if let Some((host, outcome, delivery)) = answer {
                called.remove(&host);
                self.finish(config, delivery, &outcome)?;
            }
        }
    }

    /// Drops what is over and old.
    pub fn prune(&self, now: Timestamp) -> Result<()> {
        self.create()?;
        let before = now.0.saturating_sub_unsigned(KEPT_MS);
        self.sql.exec(
            "DELETE FROM deliveries WHERE state <> 'pending' AND (created_at < ?1 OR id IN \
             (SELECT id FROM deliveries WHERE state <> 'pending' ORDER BY created_at DESC, id LIMIT -1 OFFSET ?2))",
            vec![number(before)?, ROWS_MAX.into()],
        )?;
        let retired = now.0.saturating_sub_unsigned(ROTATION_MS);
        self.sql
            .exec("DELETE FROM secrets WHERE retired_at > 0 AND retired_at < ?", vec![number(retired)?])
            .map(drop)
    }

    /// Answers the messages under `/webhooks/`.
    pub async fn answer(&self, request: &mut Request, now: Timestamp) -> Result<Response> {
        let path = request.path();
        let parts: Vec<&str> = path.split('/').skip(2).collect();
        match (request.method(), parts.as_slice()) {
            (Method::Get, ["endpoint"]) => reply::json(200, &self.endpoint()?.unwrap_or_default()),
            (Method::Put, ["endpoint"]) => {
                let EndpointView { url, .. } = reply::message(request).await?;
                self.set_endpoint(&url, "")?;
                reply::json(200, &self.endpoint()?.unwrap_or_default())
            }
            (Method::Delete, ["endpoint"]) => {
                self.sql.exec("DELETE FROM endpoint", None)?;
                reply::empty(204)
            }
            (Method::Get, ["secret"]) => reply::json(200, &self.secret(now)?),
            (Method::Post, ["secret"]) => {
                self.secrets(now)?;
                self.sql
                    .exec("UPDATE secrets SET retired_at = ? WHERE retired_at = 0", vec![number(now.0)?])?;
                reply::json(200, &self.secret(now)?)
            }
            (Method::Post, ["deliveries"]) => {
                let listing: DeliveryListing = reply::message(request).await?;
                reply::json(200, &self.list(&listing)?)
            }
            (Method::Get, ["deliveries", id]) => match self.delivery(id)? {
                Some(delivery) => reply::json(200, &DeliveryView::whole(&delivery)),
                None => reply::error(&NO_DELIVERY),
            },
            (Method::Post, ["deliveries", id, "replay"]) => match self.delivery(id)? {
                None => reply::error(&NO_DELIVERY),
                Some(mut delivery) => {
                    if !delivery.replay(now) {
                        return reply::error(&ApiError::Conflict { cause: wire::NOT_REPLAYED.into() });
                    }
                    self.put(&delivery)?;
                    reply::json(202, &DeliveryView::whole(&delivery))
                }
            },
            _ => reply::error(&NO_DELIVERY),
        }
    }

    async fn attempt(&self, config: &Config, delivery: &Delivery) -> Outcome {
        // The rules may have changed since the address was taken, and they hold for every call that leaves.
        let url = match config.admission.admit(&delivery.url) {
            Ok(url) => url,
            Err(refused) => return Outcome::Forbidden { cause: refused.to_string() },
        };
        let now = clock::now();
        let signed = self.secrets(now).map_err(|e| e.to_string()).and_then(|secrets| {
            signature::headers(&secrets, &delivery.id, now.0.div_euclid(1_000), &delivery.body)
        });
        let headers = match signed {
            Ok(headers) => headers,
            Err(cause) => return Outcome::Unanswered { cause },
        };
        let sent = clock::within(ATTEMPT_MS_MAX, |signal| send(&url, &headers, &delivery.body, signal));
        sent.await.unwrap_or_else(|failure| Outcome::Unanswered { cause: failure.cause().to_owned() })
    }

    fn finish(&self, config: &Config, mut delivery: Delivery, outcome: &Outcome) -> Result<()> {
        delivery.finish(outcome, &config.webhook_retries_ms, clock::now());
        if delivery.is_gone() && self.endpoint()?.is_some_and(|e| e.url == delivery.url) {
            self.set_endpoint(&delivery.url, "it answered 410 Gone")?;
        }
        let taken = delivery.state == DeliveryState::Delivered;
        MeterStore::new(self.sql.clone()).update(|meter| meter.webhook_tried(taken))?;
        self.put(&delivery)?;
        let level = if taken { Level::Info } else { Level::Warn };
        let line = Line::new(level, "webhook", clock::now())
            .with("job_id", delivery.research_id.as_str())
            .with("delivery_id", delivery.id.as_str())
            .with("state", delivery.state.name());
        log::write(&match outcome {
            Outcome::Answered { status, .. } => line.with("status", *status),
            Outcome::Unanswered { cause } | Outcome::Forbidden { cause } => line.quoting("cause", cause),
        });
        Ok(())
    }

    fn due(&self, now: Timestamp) -> Result<Vec<Delivery>> {
        let query = "SELECT body FROM deliveries WHERE state = 'pending' AND next_at <= ? ORDER BY next_at, id LIMIT ?";
        self.read(query, vec![number(now.0)?, DUE_AT_ONCE.into()])
    }

    fn delivery(&self, id: &str) -> Result<Option<Delivery>> {
        let found = self.read("SELECT body FROM deliveries WHERE id = ?", vec![id.into()])?;
        Ok(found.into_iter().next())
    }

    fn list(&self, listing: &DeliveryListing) -> Result<DeliveryPage> {
        let (state, job) =
            (listing.state.clone().unwrap_or_default(), listing.research_id.clone().unwrap_or_default());
        let (before_at, before_id) =
            match listing.cursor.as_deref().and_then(crate::api::paging::split_cursor) {
                Some((at, id)) => (at.0, id.to_owned()),
                None => (i64::MAX, String::new()),
            };
        let found = self.read(
            "SELECT body FROM deliveries WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR research_id = ?2) \
             AND (created_at < ?3 OR (created_at = ?3 AND id < ?4)) ORDER BY created_at DESC, id DESC LIMIT ?5",
            vec![
                state.into(),
                job.into(),
                number(before_at)?,
                before_id.into(),
                i64::from(listing.limit.saturating_add(1)).into(),
            ],
        )?;
        Ok(DeliveryPage::new(&found, listing.limit))
    }

    fn read(&self, query: &str, bindings: Vec<worker::SqlStorageValue>) -> Result<Vec<Delivery>> {
        let rows = self.sql.exec(query, bindings)?.to_array::<BodyRow>()?;
        rows.iter().map(|row| Ok(serde_json::from_str(&row.body)?)).collect()
    }

    fn put(&self, delivery: &Delivery) -> Result<()> {
        self.sql
            .exec(
                "INSERT OR REPLACE INTO deliveries (id, research_id, state, next_at, created_at, body) \
                 VALUES (?, ?, ?, ?, ?, ?)",
                vec![
                    delivery.id.as_str().into(),
                    delivery.research_id.as_str().into(),
                    delivery.state.name().into(),
                    number(delivery.next_at.0)?,
                    number(delivery.created_at.0)?,
                    serde_json::to_string(delivery)?.into(),
                ],
            )
            .map(drop)
    }

    fn endpoint(&self) -> Result<Option<EndpointView>> {
        let rows =
            self.sql.exec("SELECT url, disabled_reason FROM endpoint", None)?.to_array::<EndpointRow>()?;
        Ok(rows.into_iter().next().map(|row| EndpointView {
            url: row.url,
            disabled_reason: (!row.disabled_reason.is_empty()).then_some(row.disabled_reason),
        }))
    }

    fn set_endpoint(&self, url: &str, disabled_reason: &str) -> Result<()> {
        let statement = "INSERT OR REPLACE INTO endpoint (one, url, disabled_reason) VALUES (1, ?, ?)";
        self.sql.exec(statement, vec![url.into(), disabled_reason.into()]).map(drop)
    }

    /// Secrets that sign now, the current one first; made when there is none.
    fn secrets(&self, now: Timestamp) -> Result<Vec<String>> {
        let valid = now.0.saturating_sub_unsigned(ROTATION_MS);
        let query = "SELECT secret, retired_at FROM secrets WHERE retired_at = 0 OR retired_at > ? \
                     ORDER BY retired_at = 0 DESC, retired_at DESC LIMIT ?";
        let rows = self.sql.exec(query, vec![number(valid)?, SECRETS_MAX.into()])?.to_array::<SecretRow>()?;
        let mut secrets: Vec<String> = Vec::new();
        if !rows.iter().any(|row| row.retired_at == 0.0) {
            let made = signature::secret(entropy::bytes().map_err(|e| Error::RustError(e.to_string()))?);
            let statement = "INSERT INTO secrets (secret, retired_at) VALUES (?, 0)";
            self.sql.exec(statement, vec![made.as_str().into()])?;
            secrets.push(made);
        }
        secrets.extend(rows.into_iter().map(|row| row.secret));
        Ok(secrets)
    }

    fn secret(&self, now: Timestamp) -> Result<SecretView> {
        let secrets = self.secrets(now)?;
        let retiring = secrets.len() > 1;
        Ok(SecretView { secret: secrets.into_iter().next().unwrap_or_default(), retiring })
    }
}

/// The answer to messages about what is not there.
const NO_DELIVERY: ApiError = ApiError::NotFound { what: "delivery" };

/// One attempt; every status is an outcome. The body is read to its cap and no further.
async fn send(
    url: &Url,
    signed: &[(&'static str, String)],
    body: &str,
    signal: AbortSignal,
) -> std::result::Result<Outcome, Failure> {
    let build = || -> Result<Request> {
        let headers = Headers::new();
        headers.set("content-type", "application/json")?;
        headers.set("user-agent", concat!("Footnote/", env!("CARGO_PKG_VERSION")))?;
        for (name, value) in signed {
            headers.set(name, value)?;
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_redirect(RequestRedirect::Manual)
            .with_body(Some(body.into()));
        Request::new_with_init(url.as_str(), &init)
    };
    let request = build().map_err(|e| Failure::permanent(format!("the request cannot be made: {e}")))?;
    let sent = Fetch::Request(request).send_with_signal(&signal).await;
    let mut response = sent.map_err(|e| Failure::transient(format!("no connection: {e}")))?;
    let status = response.status_code();
    let retry_after = response.headers().get("retry-after").ok().flatten();
    let retry_after_ms =
        retry_after.and_then(|s| s.trim().parse::<u64>().ok()).map(|s| s.saturating_mul(1_000));
    let mut said = Vec::new();
    if let Ok(mut stream) = response.stream() {
        while let Some(Ok(chunk)) = stream.next().await {
            said.extend_from_slice(&chunk);
            if said.len() >= ANSWER_BYTES_MAX {
                break;
            }
        }
    }
    said.truncate(ANSWER_BYTES_MAX);
    Ok(Outcome::Answered { status, retry_after_ms, said: String::from_utf8_lossy(&said).into_owned() })
}

// An attempt that is out must not count as lost.
const _: () = assert!(LOST_MS > ATTEMPT_MS_MAX);
