//! Perplexity's asynchronous chat completions over the same jobs: `POST /async/chat/completions` and its siblings.
//!
//! Pure translation, after the types of the official client `perplexityai` 0.46 and the API reference
//! (`/v1/async/sonar`, the newer name of the same routes). Ids are those of jobs.

mod request;
mod view;

pub use request::{Asked, completion_request};
pub use view::{completion, completions, unreadable};

use crate::api::ApiError;
use crate::api::account::JobListing;
use crate::api::paging::{Paging, paging};
use std::collections::BTreeMap;

/// Reads the query of the list: `limit`, `next_token`.
pub fn listing(query: &BTreeMap<String, String>) -> Result<JobListing, ApiError> {
    let mut query = query.clone();
    if let Some(token) = query.remove("next_token") {
        query.insert("cursor".into(), token);
    }
    let mut problems = Vec::new();
    let Paging { cursor, limit } = paging(&query, &mut problems);
    if !problems.is_empty() {
        let problems = problems.iter().map(|problem| problem.replace("`cursor`", "`next_token`")).collect();
        return Err(ApiError::BadRequest { problems });
    }
    Ok(JobListing { cursor, limit, ..JobListing::default() })
}
