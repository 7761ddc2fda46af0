//! What readers and the host's object say to each other: may I come in, and this is what I found.

use crate::page::Page;
use crate::web::politeness::{Ended, Pace, Turn};
use crate::web::robots::RobotsFile;
use serde::{Deserialize, Serialize};
use url::Url;

/// What came of asking a host for one URL; kept for a while for whoever asks next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// A page, extracted.
    Page {
        /// What it says.
        page: Box<Page>,
        /// Bytes of its body that were read, after decompression; 0 when it had not changed since it was read last.
        bytes: u64,
        /// A browser made its text.
        #[serde(default)]
        rendered: bool,
    },
    /// Of no use, and asking again changes nothing.
    Rejected {
        /// Why, for a person.
        reason: String,
        /// Where it leads: a contents page is no source, but the way to others.
        links: Vec<String>,
        /// There is no such page any more (404 or 410).
        #[serde(default)]
        gone: bool,
    },
    /// Somewhere else; not yet admitted.
    Moved {
        /// The `Location`, as it was sent.
        location: String,
    },
}

/// What a host said by which it can tell later whether the page has changed (RFC 9110 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// Longest validator that is kept, in bytes: an opaque name or a date.
const VALIDATOR_BYTES_MAX: usize = 512;

impl Validators {
    /// Those of a response, by its headers; unusable ones are left out.
    #[must_use]
    pub fn of(header: impl Fn(&str) -> Option<String>) -> Self {
        let short = |name: &str| header(name).filter(|v| !v.is_empty() && v.len() <= VALIDATOR_BYTES_MAX);
        Self { etag: short("etag"), last_modified: short("last-modified") }
    }

    /// Nothing to compare by.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The header fields of a conditional request.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("if-none-match", self.etag.as_deref()), ("if-modified-since", self.last_modified.as_deref())]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// May I read this?
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enter {
    /// Admitted URL, on the object's own host.
    pub url: Url,
    /// The name under which what is found is kept: the URL, and whatever else the reading depends on.
    pub key: String,
    /// The place in the queue that an earlier answer gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<u64>,
    /// How close together the host is visited.
    pub pace: Pace,
    /// Whether `robots.txt` counts: for everything but APIs that are made for programs.
    pub with_robots: bool,
    /// A reading no older than this, in milliseconds, will do.
    pub age_ms_max: u64,
}

/// The answer to [`Enter`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entered {
    /// Somebody has read it lately.
    Known(Reading),
    /// Whose turn it is.
    Turn {
        /// What to do now.
        turn: Turn,
        /// What the reading that is kept can be compared by; empty when none is.
        #[serde(default, skip_serializing_if = "Validators::is_empty")]
        validators: Validators,
    },
}

/// What `robots.txt` brought.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learned {
    /// The visit that ends with it.
    pub visit: u64,
    /// The file.
    pub file: RobotsFile,
}

/// A visit is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Leave {
    /// Which.
    pub visit: u64,
    /// As in [`Enter`].
    pub key: String,
    /// How it went.
    pub ended: Ended,
    /// What it brought.
    pub brought: Brought,
}

/// What a visit brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brought {
    /// Nothing that is to be kept.
    Nothing,
    /// The host said that what is kept has not changed: the answer is that reading.
    Unchanged,
    /// What others may have too.
    Found {
        /// It.
        reading: Reading,
        /// What it can be compared by later.
        #[serde(default, skip_serializing_if = "Validators::is_empty")]
        validators: Validators,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_host_said_is_sent_back_to_it() {
        let said = Validators::of(|name| (name == "etag").then(|| "W/\"7\"".to_owned()));
        assert_eq!(said.headers().collect::<Vec<_>>(), [("if-none-match", "W/\"7\"")]);
        assert!(Validators::of(|_| Some("x".repeat(600))).is_empty());
        assert!(Validators::of(|_| None).is_empty());
    }
}
