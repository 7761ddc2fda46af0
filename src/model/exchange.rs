//! One prompt and what came of it, kept for whoever wants to see what a model was told.

use super::prompt::Prompt;
use crate::text::clip;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;

/// Longest reply that is kept, in characters: 16,000 tokens of four; what is longer is no answer.
const REPLY_CHARS_MAX: usize = 64_000;

/// What a model was asked and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Its name.
    pub model: String,
    /// The fixed part of the prompt.
    pub system: String,
    /// The material of this call.
    pub user: String,
    /// What it said, at most 64,000 characters; none when no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Why no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The exchanges of one attempt, in their order.
pub type Record = RefCell<Vec<Exchange>>;

impl Exchange {
    /// The exchange over `prompt` with what came of it: the reply's text, or why there is none.
    #[must_use]
    pub fn of(model: &str, prompt: &Prompt, outcome: Result<&str, &str>) -> Self {
        Self {
            model: model.to_owned(),
            system: prompt.system.clone(),
            user: prompt.user.clone(),
            reply: outcome.ok().map(|text| clip(text, REPLY_CHARS_MAX).to_owned()),
            error: outcome.err().map(str::to_owned),
        }
    }
}
