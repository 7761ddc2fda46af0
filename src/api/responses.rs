//! OpenAI's Responses API over the same jobs: `POST /v1/responses`, so that OpenAI's clients work by their base URL.
//!
//! Pure translation: a body to a research request, a job to a `Response`, the journal to the events of a stream.
//! Written after the types of the official Python client 3.57; docs/clients.md has the table of what maps to what.

mod input;
mod output;
mod request;
mod stream;
mod tools;
mod view;

pub use input::{InputQuery, input_items, input_query};
pub use request::{Asked, WAITED_S_MAX, response_request};
pub use stream::ResponseStream;
pub use view::{deleted, is_live, response, unreadable};

use crate::api::ApiError;
use crate::api::events::resume_after;
use crate::api::id::IdKind;
use crate::research::wording::job_of_response;
use std::collections::BTreeMap;

/// The job that the id of a response names.
pub fn job_id(response: &str) -> Result<String, ApiError> {
    let job = job_of_response(response).filter(|job| IdKind::Research.admits(job));
    job.ok_or(ApiError::NotFound { what: "response" })
}

/// How `GET /v1/responses/{id}` is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retrieval {
    /// As it stands.
    Whole,
    /// As a stream of events, those after a number only.
    Stream {
        /// The last event that the caller has.
        after: Option<u64>,
    },
}

/// Reads the query of `GET /v1/responses/{id}`: `stream`, `starting_after`. What else may be included does not exist here.
pub fn retrieval(query: &BTreeMap<String, String>) -> Result<Retrieval, ApiError> {
    let mut problems = Vec::new();
    let stream = match query.get("stream").map(String::as_str) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            problems.push("`stream` must be true or false".to_owned());
            false
        }
    };
    let after =
        resume_after(None, query.get("starting_after").map(String::as_str)).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
    if !problems.is_empty() {
        return Err(ApiError::BadRequest { problems });
    }
    Ok(if stream { Retrieval::Stream { after } } else { Retrieval::Whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_jobs_under_another_prefix() {
        let digits = "0123456789abcdef".repeat(2);
        assert_eq!(job_id(&format!("resp_{digits}")), Ok(format!("res_{digits}")));
        for other in [format!("res_{digits}"), "resp_".into(), "resp_../x".into(), format!("resp_{digits}0")]
        {
            assert_eq!(job_id(&other).unwrap_err().status(), 404, "{other}");
        }
    }

    #[test]
    fn a_stream_goes_on_after_a_number() {
        let query = |pairs: &[(&str, &str)]| {
            retrieval(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
        };
        assert_eq!(query(&[("include[]", "x")]), Ok(Retrieval::Whole));
        assert_eq!(query(&[("stream", "true")]), Ok(Retrieval::Stream { after: None }));
        assert_eq!(
            query(&[("stream", "true"), ("starting_after", "7")]),
            Ok(Retrieval::Stream { after: Some(7) })
        );
        for wrong in [
            &[("stream", "1")][..],
            &[("starting_after", "x")],
            &[("stream", "true"), ("starting_after", "-1")],
        ] {
            assert_eq!(query(wrong).unwrap_err().status(), 400, "{wrong:?}");
        }
    }
}
