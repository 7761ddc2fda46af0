//! Search: one codec per provider, and the fusion of their lists.

pub mod arxiv;
pub mod brave;
pub mod codec;
pub mod country;
pub mod exa;
pub mod fusion;
pub mod github;
pub mod hackernews;
pub mod openalex;
pub mod options;
pub mod phrasing;
pub mod plain;
pub mod provider;
pub mod reply;
pub mod searxng;
pub mod serper;
pub mod stackexchange;
pub mod tavily;
pub mod wikipedia;

pub use options::{Recency, SafeSearch, SearchOptions, Topic};
pub use provider::Provider;

use crate::library::collection::Collection;
use serde::{Deserialize, Serialize};
use url::Url;

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
    /// The first part of a BCP 47 tag, such as `pt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What kind of sources is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    /// Country, days and the like.
    #[serde(default, skip_serializing_if = "SearchOptions::is_unset")]
    pub options: SearchOptions,
    /// The day on which it is asked, `YYYY-MM-DD`: what `options.recency` counts back from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub today: String,
}

impl SearchQuery {
    /// The first day that is wanted, for providers that know days only: see [`SearchOptions::since`].
    #[must_use]
    pub fn since(&self) -> Option<String> {
        self.options.since(&self.today)
    }
}

/// Where a provider is reached, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and prefix; the path that the API documents comes behind it.
    pub base_url: Url,
    /// Its key, where it wants or takes one.
    pub api_key: Option<String>,
    /// The `User-Agent`: who calls, and where to complain.
    pub agent: String,
    /// An address for the provider's own mail, which OpenAlex asks for.
    pub mailto: Option<String>,
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
