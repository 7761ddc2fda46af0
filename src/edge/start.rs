//! Starting a job, for whoever asks: the account lets it in, then its object stores it.
//!
//! Both messages may be repeated. When this fails between the two, the caller's repetition (same id or same
//! `Idempotency-Key`) stores the job; without one, the account's sweep releases what it held for it.

use crate::account::{Admission, Admitted, Claim, QuotaKind, Quotas, Standing};
use crate::api::ApiError;
use crate::config::Config;
use crate::edge::job_do::{Acceptance, Export, Import};
use crate::edge::{caller, clock, reply, settings};
use crate::job::{Failure, Job, Terms};
use crate::research::request::ResearchRequest;
use crate::schedule::Occurrence;
use worker::{Env, Method, Response, Result, Stub};

/// A job to be started.
pub struct Order {
    /// Whose job.
    pub owner: String,
    /// What the owner may do; `None` asks the keyring.
    pub quotas: Option<Quotas>,
    /// What was asked.
    pub request: ResearchRequest,
    /// The id it gets, unless the claim has been honoured before under another.
    pub id: String,
    /// Source of all jitter.
    pub seed: u64,
    /// Makes repetitions of the order one job.
    pub claim: Option<Claim>,
    /// Set when a schedule starts it.
    pub occurrence: Option<Occurrence>,
    /// Its end is not told when nothing changed.
    pub only_changes: bool,
    /// The job that it is compared with.
    pub baseline: Option<String>,
    /// What else it takes over from other jobs of the owner.
    pub imports: Vec<Import>,
}

/// How it went.
pub enum Started {
    /// The job exists and is safe.
    Accepted {
        /// Its id.
        id: String,
        /// For the reply's headers.
        standing: Standing,
    },
    /// The claim's key came with another body before.
    Mismatch,
    /// A quota is used up.
    Refused {
        /// Which.
        quota: QuotaKind,
        /// When it is worth another try.
        retry_after_s: u64,
        /// For the reply's headers.
        standing: Standing,
    },
}

/// Each of the two objects gets this long to answer.
const OBJECT_MS_MAX: u64 = 12_000;

/// Starts a job. An `Err` other than 503 will come again however often it is repeated.
pub async fn start(env: &Env, config: &Config, order: Order) -> std::result::Result<Started, ApiError> {
    let Order {
        owner,
        quotas,
        mut request,
        id,
        seed,
        claim,
        occurrence,
        only_changes,
        baseline,
        mut imports,
    } = order;
    let quotas = match quotas {
        Some(quotas) => quotas,
        None => caller::quotas(env, config, &owner).await?,
    };
    let providers =
        config.search.providers_for(&request).map_err(|e| ApiError::bad_request(e.to_string()))?;
    let terms = |request: ResearchRequest, id: String| Terms {
        id,
        request,
        providers: providers.clone(),
        models: config.models.chains.clone(),
        prices: config.prices.clone(),
        seed,
        occurrence: occurrence.clone(),
    };
    let now = clock::now();
    let planned = Job::fold([Job::accept(terms(request.clone(), id), now)]).ok_or_else(unstarted)?;
    let admission = Admission {
        owner: owner.clone(),
        job: planned.summary(),
        idempotency: claim,
        cost_micros_max: planned.cost_micros_max(),
        quotas,
        webhook_url: request.webhook_url.clone(),
        only_changes,
    };
    let account = settings::account(env, &owner).map_err(|e| reply::unavailable("the account", &e))?;
    let answer = ask(&account, "/admit", &admission).await?;
    let admitted: Option<Admitted> =
        reply::decoded(answer).await.map_err(|e| reply::unavailable("the account", &e))?;
    let (id, cost_micros_max, standing) = match admitted.ok_or_else(unstarted)? {
        Admitted::Fresh { cost_micros_max, standing } => {
            (admission.job.id.clone(), cost_micros_max, standing)
        }
        Admitted::Repeated { id, live: true, cost_micros_max, standing } => (id, cost_micros_max, standing),
        Admitted::Repeated { id, standing, .. } => return Ok(Started::Accepted { id, standing }),
        Admitted::Mismatch => return Ok(Started::Mismatch),
        Admitted::Refused { quota, retry_after_s, standing } => {
            return Ok(Started::Refused { quota, retry_after_s, standing });
        }
    };
    // The account holds no more than this for the job, so it may not spend more.
    if cost_micros_max < admission.cost_micros_max {
        request.budget.cost_micros_max = Some(cost_micros_max);
    }
    let import = |from: String, export, required| Import { from, export, required };
    imports.extend(request.previous_id.clone().map(|from| import(from, Export::Evidence, true)));
    imports.extend(baseline.map(|from| import(from, Export::Baseline, false)));
    let accepted = Job::accept(terms(request, id.clone()), now);
    let stub = settings::job(env, &owner, &id).map_err(|e| reply::unavailable("the job store", &e))?;
    let acceptance = Acceptance { owner, id: id.clone(), accepted, imports };
    let mut stored = ask(&stub, "/accept", &acceptance).await?;
    match stored.status_code() {
        204 => Ok(Started::Accepted { id, standing }),
        // What it was to build on refuses: nothing was stored, and nothing is held for it any longer.
        400..=499 => {
            let cause = stored.text().await.ok().and_then(|text| cause_of(&text));
            ask(&account, "/withdraw", &serde_json::json!({ "id": id })).await?;
            Err(ApiError::Conflict { cause: cause.unwrap_or_else(|| "the earlier job refused".into()) })
        }
        _ => Err(unstarted()),
    }
}

async fn ask<T: serde::Serialize>(
    stub: &Stub,
    path: &str,
    message: &T,
) -> std::result::Result<Response, ApiError> {
    let call = clock::in_time(OBJECT_MS_MAX, async {
        let answer: Result<Response> = reply::call(stub, Method::Post, path, Some(message)).await;
        answer.map_err(|e| Failure::transient(e.to_string()))
    });
    call.await.map_err(|failure| {
        crate::edge::log::error("job_start", &failure.cause());
        unstarted()
    })
}

fn unstarted() -> ApiError {
    ApiError::Unavailable { cause: "the job could not be stored: try again".into() }
}

fn cause_of(problem: &str) -> Option<String> {
    let problem: serde_json::Value = serde_json::from_str(problem).ok()?;
    problem.get("error")?.as_str().map(str::to_owned)
}
