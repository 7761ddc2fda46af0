//! Failures typed by what the caller must do next.

use crate::job::budget::Tokens;
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
    /// A model answered, which is paid, and nothing can be made of what it said.
    #[error("{cause}")]
    Unreadable {
        /// One sentence for a person; never holds a key or a page's text.
        cause: String,
        /// What is paid.
        tokens: Tokens,
        /// It may do better when it is asked once more.
        again: bool,
    },
    /// The same call will fail again because of what it asks; calls that ask something else may succeed.
    #[error("{cause}")]
    Declined {
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

    /// What was paid for nothing.
    #[must_use]
    pub fn wasted(&self) -> Tokens {
        if let Self::Unreadable { tokens, .. } = self { *tokens } else { Tokens::default() }
    }

    /// The sentence, to be changed.
    pub fn cause_mut(&mut self) -> &mut String {
        match self {
            Self::Transient { cause, .. }
            | Self::Permanent { cause }
            | Self::Unreadable { cause, .. }
            | Self::Declined { cause } => cause,
        }
    }

    /// The sentence that says what went wrong.
    #[must_use]
    pub fn cause(&self) -> &str {
        match self {
            Self::Transient { cause, .. }
            | Self::Permanent { cause }
            | Self::Unreadable { cause, .. }
            | Self::Declined { cause } => cause,
        }
    }
}

/// When a failed call may be made again. Pure: jitter comes from the job's seed and the step's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Wait after the first failure; doubles with each further one.
    pub base_ms: u64,
    /// No wait is longer than this.
    pub wait_ms_max: u64,
}

/// 1 s, 2 s, 4 s, ... up to a minute.
pub const RETRY: RetryPolicy = RetryPolicy { base_ms: 1_000, wait_ms_max: 60_000 };

impl RetryPolicy {
    /// Wait before the next attempt after `failures` failures (1 or more), in milliseconds: exponential, up to 20 % jitter
    /// on top, never shorter than what the other side asked for unless that exceeds `wait_ms_max`.
    #[must_use]
    pub fn wait_ms(&self, failures: u32, retry_after_ms: Option<u64>, seed: u64) -> u64 {
        let doublings = failures.saturating_sub(1).min(16);
        let wait = self
            .base_ms
            .saturating_mul(1 << doublings)
            .max(retry_after_ms.unwrap_or(0))
            .min(self.wait_ms_max);
        wait.saturating_add(wait.saturating_mul(mix(seed) % 21) / 100)
    }
}

/// SplitMix64's finaliser: spreads neighbouring seeds over all bits.
pub(crate) fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_with_jitter_and_stay_below_the_cap() {
        for seed in 0..200 {
            for failures in 1..40 {
                let wait = RETRY.wait_ms(failures, None, seed);
                let base = (1_000_u64 << (failures - 1).min(16)).min(60_000);
                assert!((base..=base * 6 / 5).contains(&wait), "failures {failures}, seed {seed}: {wait}");
            }
        }
    }

    #[test]
    fn retry_after_is_honoured_within_the_cap() {
        assert!(RETRY.wait_ms(1, Some(30_000), 7) >= 30_000);
        assert!(RETRY.wait_ms(1, Some(3_600_000), 7) <= 72_000);
    }
}
