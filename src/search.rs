//! Search: one codec per provider, and the fusion of their lists.

pub mod brave;
pub mod fusion;
pub mod phrasing;
pub mod plain;
pub mod reply;
pub mod searxng;

use crate::library::collection::Collection;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a list of hits comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// The deployment's own documents (FTS5 in the `LibraryObject`).
    Library,
    /// A SearXNG instance's JSON API.
    Searxng,
    /// Brave Search API.
    Brave,
}

impl Provider {
    /// The name used in settings, step ids and replies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Searxng => "searxng",
            Self::Brave => "brave",
        }
    }

    /// The provider of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Library, Self::Searxng, Self::Brave].into_iter().find(|p| p.name() == name)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One query for one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// Words to search for, in the provider's free-text syntax.
    pub text: String,
    /// How many hits are wanted, 1 to 20.
    pub count: u32,
    /// Only these registrable domains or hosts (and their subdomains); empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_domains: Vec<String>,
    /// Never these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_domains: Vec<String>,
    /// Only these collections, where the library is asked; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<Collection>,
}

/// One search result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Absolute http(s) URL as the provider gave it.
    pub url: String,
    /// Title, plain text.
    pub title: String,
    /// A few words around the match, plain text; may be empty.
    pub snippet: String,
    /// Set when the text lies in the library and need not be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}
