//! The question as it was asked, after validation.

use serde::{Deserialize, Serialize};

/// A validated request for research. Built by `api::request`, kept in the journal's first entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Free-text hint such as `general`, `news`, `finance`, `security`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Only these domains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_domains: Vec<String>,
    /// Never these domains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_domains: Vec<String>,
}
