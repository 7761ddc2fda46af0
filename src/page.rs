//! A page's bytes become text with structure: one streaming pass through lol_html, no DOM, bounded memory.

use serde::{Deserialize, Serialize};

/// A page that was read and extracted. All text is UTF-8 with `\n` line ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Main content as CommonMark with GFM tables.
    pub markdown: String,
    /// Title without the site's suffix; empty when the page has none.
    pub title: String,
    /// Author's name, when the page states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Day of publication, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// Absolute canonical URL, when the page states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// BCP 47 language tag from the page or its header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Words in `markdown`'s text.
    pub words: u32,
    /// Lower-case hex SHA-256 of `markdown`.
    pub sha256: String,
    /// The body was longer than the cap and only its beginning was read.
    pub truncated: bool,
    /// Absolute http(s) links in document order, duplicates removed, at most `Limits::links_max` (crawling needs them).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
}
