//! The question as it was asked, after validation.

use crate::research::sources::Source;
use crate::research::structured::OutputSchema;
use crate::research::wording::Wording;
use crate::search::SearchOptions;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A validated request for research. Built by `api::request`, kept in the journal's first entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResearchRequest {
    /// The question, trimmed, 1 to 4,000 characters.
    pub query: String,
    /// Wider and longer research.
    #[serde(default)]
    pub deep: bool,
    /// Most rounds of searching and reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_iterations: Option<u32>,
    /// Most pages that the report may cite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_sources: Option<u32>,
    /// Free-text hint. `general`, `news`, `finance`, `science` and `code` also choose where to search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// BCP 47 tag: pages that are clearly in another language are no sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Country, days and the like, for the providers that can express them.
    #[serde(default, skip_serializing_if = "SearchOptions::is_unset")]
    pub options: SearchOptions,
    /// Only these domains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_domains: Vec<String>,
    /// Never these domains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_domains: Vec<String>,
    /// Where to look; empty means wherever the deployment looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Pages to be read first, absolute http(s) URLs, at most [`START_URLS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start_urls: Vec<String>,
    /// Ceilings that the caller sets beside `max_sources` and `max_iterations`.
    #[serde(default, skip_serializing_if = "Budget::is_unset")]
    pub budget: Budget,
    /// Told when the job is over, in place of the account's own endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// Echoed in every reply and never read.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// The shape in which the answer is wanted beside the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<OutputSchema>,
    /// An earlier job of the same owner that this question follows up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<String>,
    /// What the reader wishes of the text; models that write are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Set when it was asked in another API's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<Box<Wording>>,
}

/// Most pages that a request may name to be read first: twice what a usual report cites.
pub const START_URLS_MAX: usize = 20;

/// What a caller is willing to spend. A part that is not set is bounded by the deployment alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Money, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros_max: Option<u64>,
    /// Tokens read and written by the model, together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_max: Option<u64>,
    /// From acceptance to the end, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_max: Option<u64>,
    /// Pages fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages_max: Option<u32>,
}

impl Budget {
    /// No part is set.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

/// A change of course while a job runs; counts from the next round on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steering {
    /// What to look at more closely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// More sub-questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
    /// Domains added to those asked for; where none were asked for, these only from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_domains: Vec<String>,
    /// Domains never to be read from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_domains: Vec<String>,
}
