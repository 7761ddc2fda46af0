//! Failures typed by what the caller must do next.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why an outside call gave no usable answer.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Failure {
    /// The same call may succeed later: a timeout, 429, 5xx, a cut or unreadable reply.
    #[error("{cause}")]
    Transient {
        /// One sentence for a person; never holds a key or a page's text.
        cause: String,
        /// What the other side asked for in `Retry-After`, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// The same call will fail again: refused, unknown, not allowed.
    #[error("{cause}")]
    Permanent {
        /// One sentence for a person; never holds a key or a page's text.
        cause: String,
    },
}

impl Failure {
    /// A transient failure without a `Retry-After`.
    pub fn transient(cause: impl Into<String>) -> Self {
        Self::Transient { cause: cause.into(), retry_after_ms: None }
    }

    /// A permanent failure.
    pub fn permanent(cause: impl Into<String>) -> Self {
        Self::Permanent { cause: cause.into() }
    }

    /// The sentence that says what went wrong.
    #[must_use]
    pub fn cause(&self) -> &str {
        match self {
            Self::Transient { cause, .. } | Self::Permanent { cause } => cause,
        }
    }
}
