//! Structured answers: the fields of the caller's schema, each with the quotes that bear it out.
//!
//! An analyst proposes values and the findings they rest on; what is kept, its confidence and its reason are computed
//! here. A value that no quote bears out becomes `null`, with the reason beside it.

mod build;
mod check;
mod schema;

pub use build::Material;
pub use build::fill;
pub(crate) use build::spoken;
pub use schema::{FIELDS_MAX, Leaf, LeafKind, Node, OutputSchema};

#[cfg(test)]
mod tests;

use super::FindingId;
use super::confidence::Confidence;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most elements of one list in an answer: more is a table, which a report states better.
pub const ITEMS_MAX: usize = 20;
/// Longest text of a field, in characters: one long paragraph.
pub const TEXT_CHARS_MAX: usize = 1_000;
/// Most quotes shown for one field.
pub const CITATIONS_PER_FIELD_MAX: usize = 4;

/// A value that an analyst proposes, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledField {
    /// Where it belongs: a JSON pointer (RFC 6901) such as `/founders/0/name`.
    pub path: String,
    /// The value.
    pub value: Value,
    /// What it rests on; may be empty: then a finding that bears it out is looked for.
    #[serde(default)]
    pub findings: Vec<FindingId>,
}

/// The answer in the shape of the caller's schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructuredOutput {
    /// What the schema asks for. A field for which nothing was found is `null`, a list then empty, whatever the schema
    /// says of required members.
    pub content: Value,
    /// What every field rests on, in the schema's order.
    pub basis: Vec<FieldBasis>,
}

/// What one field rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldBasis {
    /// JSON pointer into `content`.
    pub field: String,
    /// How far it can be trusted; `null` for a field without a value.
    pub confidence: Option<Confidence>,
    /// Why, one sentence.
    pub reason: String,
    /// The quotes that bear it out, at most four; empty for a field without a value.
    pub citations: Vec<FieldCitation>,
}

/// A quote behind a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldCitation {
    /// Number of the source in the report; `null` when the report does not cite that page.
    pub n: Option<u32>,
    /// The finding, `F701`.
    pub finding: String,
    /// The page's address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The page's words: its stored text at `start..end`.
    pub quote: String,
    /// Byte offset in the stored text.
    pub start: u32,
    /// Byte offset behind the quote.
    pub end: u32,
    /// Page of a PDF, from 1, on which the quote begins.
    pub page: Option<u32>,
    /// An address that opens the page at the quote, where the page is on the web.
    pub text_fragment_url: Option<String>,
}
