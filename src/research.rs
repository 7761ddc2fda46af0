//! What research means: the words of the trade, and the pure steps from a question to a checked report.
//!
//! Data flows one way: [`Plan`](crate::model::Plan) -> hits -> [`PageRecord`] -> [`Finding`] -> outline -> sections ->
//! [`Report`](report::Report).

pub mod analyze;
pub mod answered;
pub mod audit;
pub mod changes;
pub mod confidence;
mod denial;
pub(crate) mod figures;
mod markdown;
pub mod reflect;
pub mod report;
pub mod request;
pub mod sources;
pub mod structured;
mod support;
pub mod wording;

use crate::job::Timestamp;
use crate::page::InjectionFlag;
use crate::web::canonical::site_of;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// Most sub-questions of one plan: more than a reader can follow, and each costs a section.
pub const SUB_QUESTIONS_MAX: usize = 6;
/// Most queries of one round: 6 queries x 3 providers = 18 calls stays below half of a free plan's 50 sub-requests.
pub const QUERIES_PER_ROUND_MAX: usize = 6;

/// A page of this job, numbered from 1 in the order in which pages were chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageId(pub u32);

impl fmt::Display for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", self.0)
    }
}

/// A finding of this job; written `F12` in drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingId(pub u32);

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{}", self.0)
    }
}

/// What the journal keeps of a page that was read; its text is stored apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRecord {
    /// URL that was read, after redirects.
    pub url: String,
    /// Title; the URL when the page has none.
    pub title: String,
    /// Author, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Day of publication, `YYYY-MM-DD`, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// Day of the last change, `YYYY-MM-DD`, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// Name of the site, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// BCP 47 language tag, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Words of main content.
    pub words: u32,
    /// First words of the main content, plain text, at most 300 characters.
    pub excerpt: String,
    /// When it was read.
    pub retrieved_at: Timestamp,
    /// Only the beginning was read.
    pub truncated: bool,
    /// Lower-case hex SHA-256 of the stored text.
    pub sha256: String,
    /// Bytes of its body that were read, after decompression; 0 for a library document.
    #[serde(default)]
    pub bytes: u64,
    /// Fingerprint by which copies of one text are told; none for a short text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simhash: Option<u64>,
    /// What on the page spoke to models; it was taken out of the stored text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub injection_flags: Vec<InjectionFlag>,
    /// Byte offset in the stored text at which each page of a PDF begins, at most 501; empty for everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_starts: Vec<u32>,
    /// A browser made its text: the page itself is an empty shell or a bot check.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rendered: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

impl PageRecord {
    /// The page of a PDF, from 1, on which byte `at` of the stored text stands; `None` for everything else.
    #[must_use]
    pub fn page_number(&self, at: u32) -> Option<u32> {
        page_number(&self.page_starts, at)
    }

    /// The day of its text, see [`latest_day`].
    #[must_use]
    pub fn day(&self) -> Option<&str> {
        latest_day(self.published.as_deref(), self.modified.as_deref())
    }

    /// Who speaks on it: [`site_of`] its address.
    #[must_use]
    pub fn site(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| self.url.clone(), |url| site_of(&url))
    }
}

/// The day that the text of a page is of, `YYYY-MM-DD`: that of its last change or of its publication, whichever is later.
#[must_use]
pub fn latest_day<'a>(published: Option<&'a str>, modified: Option<&'a str>) -> Option<&'a str> {
    published.into_iter().chain(modified).filter(|day| is_day(day)).max()
}

/// Whether a text has the form `YYYY-MM-DD`.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

/// The page, from 1, on which byte `at` stands when pages begin at `page_starts`; `None` when there are none.
#[must_use]
pub fn page_number(page_starts: &[u32], at: u32) -> Option<u32> {
    let before = page_starts.partition_point(|start| *start <= at);
    u32::try_from(before).ok().filter(|number| *number > 0)
}

/// What kind of statement a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Something is so.
    #[default]
    Fact,
    /// A figure with a value and usually a unit.
    Statistic,
    /// What a term means.
    Definition,
    /// Somebody's judgement.
    Opinion,
    /// Something expected to happen.
    Projection,
    /// A danger, drawback or limitation.
    Risk,
}

/// What an analyst claims to have found, before its quote was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The statement in the analyst's words, one sentence.
    pub fact: String,
    /// The words of the page that say so.
    pub quote: String,
    /// Place of the sub-question it answers, from 1.
    pub sub_question: u32,
    /// What kind of statement.
    #[serde(default)]
    pub kind: FindingKind,
    /// The figure, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The date it holds for, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// How well it answers the sub-question in the analyst's eyes, 0 to 100.
    #[serde(default)]
    pub relevance: u32,
    /// The built-in analyst found it on a page of which a model had left it out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub built_in: bool,
}

/// A claim whose quote stands verbatim in the stored text of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Number within the job.
    pub id: FindingId,
    /// The page that says so.
    pub page: PageId,
    /// The claim; its `quote` equals the stored text at `start..end`.
    #[serde(flatten)]
    pub claim: Claim,
    /// Byte offset of the quote in the stored text.
    pub start: u32,
    /// Byte offset behind the quote.
    pub end: u32,
}

/// One section of the key findings: what to write from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionPlan {
    /// Heading.
    pub title: String,
    /// Findings to write from, never empty.
    pub findings: Vec<FindingId>,
}

/// Why the search for more evidence ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every sub-question has enough independent evidence.
    Covered,
    /// A round brought nothing that was not known, or no new query or page was left.
    NothingNew,
    /// The number of rounds asked for is used up.
    Rounds,
    /// The number of sources asked for is reached.
    Sources,
    /// The reserved budget is used up.
    Budget,
    /// Time ran out.
    Deadline,
}
