//! One line of JSON for each request and each notable event: what operators search, and nothing that is a secret.
//!
//! Never in a line: keys, a question's words, bodies, paths as they came, or the whole of an address.

use crate::digest::sha256_hex;
use crate::job::Timestamp;
use serde_json::{Map, Value};
use std::fmt;

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It went as it should.
    Info,
    /// It did not, and is tried again or done without.
    Warn,
    /// It did not, and somebody should look.
    Error,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    level: Level,
    fields: Map<String, Value>,
}

/// Longest text of other programs in a line, in characters.
const TEXT_CHARS_MAX: usize = 300;
/// Longest request id: a UUID has 36 characters, trace ids up to 55.
const REQUEST_ID_CHARS_MAX: usize = 64;
/// Hex digits that name an owner: enough to tell millions apart, too few to look a digest up.
const OWNER_CHARS: usize = 12;

impl Line {
    /// A line about `event` at `at`.
    #[must_use]
    pub fn new(level: Level, event: &str, at: Timestamp) -> Self {
        let word = match level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let mut fields = Map::new();
        fields.insert("time".into(), at.to_rfc3339().into());
        fields.insert("level".into(), word.into());
        fields.insert("event".into(), event.into());
        Self { level, fields }
    }

    /// The same with one more field. For what Footnote itself wrote; anything else goes through [`Line::quoting`].
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The same with what another program said, cleaned.
    #[must_use]
    pub fn quoting(self, name: &str, text: &str) -> Self {
        self.with(name, cleaned(text))
    }

    /// The same with an owner, by a short digest of its name.
    #[must_use]
    pub fn of(self, owner: &str) -> Self {
        let name = match owner {
            "anonymous" => owner.to_owned(),
            owner => sha256_hex(owner).chars().take(OWNER_CHARS).collect(),
        };
        self.with("owner", name)
    }

    /// How loud it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.fields).unwrap_or_default())
    }
}

/// The id of a request: the caller's own, its unusual characters dropped and cut to length, else that of the proxy in
/// front, else `fresh`.
#[must_use]
pub fn request_id(given: Option<&str>, proxy_s: Option<&str>, fresh: u128) -> String {
    let usable = |id: &str| -> Option<String> {
        let id: String = id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
            .take(REQUEST_ID_CHARS_MAX)
            .collect();
        (!id.is_empty()).then_some(id)
    };
    given.and_then(usable).or_else(|| proxy_s.and_then(usable)).unwrap_or_else(|| format!("{fresh:032x}"))
}

/// What another program said, safe to keep: of addresses only scheme and host stay, since names, passwords and questions
/// stand in the rest; so does nothing that looks like a key.
#[must_use]
pub fn cleaned(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(word).collect();
    words.join(" ").chars().take(TEXT_CHARS_MAX).collect()
}

/// Runs of letters and digits from this length on may be keys; the longest words of English are shorter.
const KEY_CHARS_MIN: usize = 24;

fn word(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        return format!("{scheme}://{host}/...");
    }
    let is_key = |run: &str| run.chars().count() >= KEY_CHARS_MIN;
    if word.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_')).any(is_key) {
        return "...".to_owned();
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_of_json_whatever_it_quotes() {
        let line =
            Line::new(Level::Warn, "step_failed", Timestamp(0)).quoting("cause", "a\nb \"c\"").with("n", 3);
        let text = line.to_string();
        assert!(!text.contains('\n'), "{text}");
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["cause"], "a b \"c\"");
        assert_eq!(json["time"], "1970-01-01T00:00:00.000Z");
        assert_eq!((&json["level"], &json["n"]), (&"warn".into(), &3.into()));
    }

    #[test]
    fn of_an_address_only_scheme_and_host_are_kept() {
        assert_eq!(
            cleaned("no answer from https://me:secret@search.example:8/s?q=my+question#x in time"),
            "no answer from https://search.example:8/... in time"
        );
    }

    #[test]
    fn what_may_be_a_key_is_not_kept() {
        assert_eq!(cleaned("the key sk-proj-0123456789abcdefghij is wrong"), "the key ... is wrong");
        assert_eq!(cleaned("the server answered 401"), "the server answered 401");
        assert!(cleaned(&"long ".repeat(200)).chars().count() <= TEXT_CHARS_MAX);
    }

    #[test]
    fn a_request_keeps_its_id_if_that_is_harmless() {
        assert_eq!(request_id(Some("7f3a-01.b:c_d"), Some("ray"), 1), "7f3a-01.b:c_d");
        assert_eq!(request_id(Some("a b\"\r\nSet-Cookie: x"), None, 1), "abSet-Cookie:x");
        assert_eq!(request_id(Some(&"x".repeat(500)), None, 1).len(), REQUEST_ID_CHARS_MAX);
        assert_eq!(request_id(Some("\u{e9}"), Some("8a1b-FRA"), 1), "8a1b-FRA");
        assert_eq!(request_id(None, None, 255), format!("{:032x}", 255));
    }

    #[test]
    fn an_owner_is_named_by_a_short_digest() {
        let text = Line::new(Level::Info, "request", Timestamp(0)).of("@acme").to_string();
        assert!(!text.contains("acme") && text.contains("\"owner\":\""), "{text}");
    }
}
