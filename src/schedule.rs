//! Research that repeats: when an occurrence is due, and that it starts one job.

use crate::job::Timestamp;
use serde::{Deserialize, Serialize};

/// One planned start of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The schedule.
    pub schedule: String,
    /// When it was due; the moment of the call for a start by hand.
    pub nominal: Timestamp,
}
