//! Names of collections: how a library is divided.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The name of a collection of one library's documents: 1 to 63 lower-case letters, digits, `-` and `_`, the first a
/// letter or digit. It stands in URLs and in `library:<name>` as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Collection(String);

/// Longest name: that of a DNS label, so that no name is too long for anything.
const CHARS_MAX: usize = 63;
/// Where documents are that name no collection, and all those that were added before there were any.
const DEFAULT: &str = "default";

/// A text that is no name of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a collection's name is 1 to {CHARS_MAX} of a-z, 0-9, `-` and `_`, the first a letter or digit")]
pub struct NotACollection;

impl Collection {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key under which this collection has the page with such a [`canonical_url`](crate::web::canonical::canonical_url):
    /// every collection may have a version of its own. No URL holds a `|` there, and the default collection's keys are those
    /// of libraries that knew no others.
    #[must_use]
    pub fn key(&self, canonical_url: &str) -> String {
        if self.0 == DEFAULT { canonical_url.to_owned() } else { format!("{}|{canonical_url}", self.0) }
    }
}

impl Default for Collection {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Collection {
    type Err = NotACollection;

    fn from_str(name: &str) -> Result<Self, NotACollection> {
        let first = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let all = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if first && all && name.len() <= CHARS_MAX { Ok(Self(name.to_owned())) } else { Err(NotACollection) }
    }
}

impl TryFrom<String> for Collection {
    type Error = NotACollection;

    fn try_from(name: String) -> Result<Self, NotACollection> {
        name.parse()
    }
}

impl From<Collection> for String {
    fn from(collection: Collection) -> Self {
        collection.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for name in ["handbook", "a", "2026", "team-a_b", &"x".repeat(63)] {
            assert_eq!(name.parse::<Collection>().map(String::from).as_deref(), Ok(name));
        }
        for name in ["", "-a", "_a", "A", "a b", "a/b", "a|b", "é", "a:b", &"x".repeat(64)] {
            assert_eq!(name.parse::<Collection>(), Err(NotACollection), "{name}");
        }
    }

    #[test]
    fn the_default_collection_keeps_the_keys_that_there_were() {
        assert_eq!(Collection::default().key("a.com/x"), "a.com/x");
        assert_eq!("hr".parse::<Collection>().unwrap().key("a.com/x"), "hr|a.com/x");
    }
}
