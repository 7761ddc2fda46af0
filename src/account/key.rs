//! Keys that an admin hands out: made from random bytes, shown once, kept as digests.

use crate::digest::sha256_hex;
use crate::job::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Random bytes of a key: 256 bits, so that a plain digest of it cannot be reversed by trying.
pub const KEY_BYTES: usize = 32;
/// By this, scanners for leaked secrets know it, and the front Worker that it is worth a look into the keyring.
const PREFIX: &str = "fnk_";
/// Characters behind the prefix that are shown to tell keys apart.
const HINT_CHARS: usize = 6;
/// Longest account name.
const ACCOUNT_CHARS_MAX: usize = 64;
/// What an account's name begins with when it owns something: no digest and no `anonymous` does.
const OWNER_MARK: char = '@';

/// The key that these random bytes make.
#[must_use]
pub fn format(random: [u8; KEY_BYTES]) -> String {
    random.iter().fold(PREFIX.to_owned(), |mut key, byte| {
        // Writing to a string cannot fail.
        let _ = write!(key, "{byte:02x}");
        key
    })
}

/// The digest of a text that has the form of a key; anything else is not looked up.
#[must_use]
pub fn digest(key: &str) -> Option<String> {
    let hex = key.strip_prefix(PREFIX)?;
    let formed = hex.len() == KEY_BYTES * 2 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    formed.then(|| sha256_hex(key))
}

/// The first characters of a key, for people to tell keys apart.
#[must_use]
pub fn hint(key: &str) -> String {
    key.chars().take(PREFIX.len() + HINT_CHARS).chain("...".chars()).collect()
}

/// Whether a text can name an account: lower-case letters, digits, `-` and `_`, beginning with a letter or digit.
#[must_use]
pub fn is_account(name: &str) -> bool {
    name.len() <= ACCOUNT_CHARS_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

/// What an account's jobs and documents are owned by.
#[must_use]
pub fn owner_of(account: &str) -> String {
    format!("{OWNER_MARK}{account}")
}

/// The account behind an owner; `None` for keys of the configuration and for anonymous use.
#[must_use]
pub fn account_of(owner: &str) -> Option<&str> {
    owner.strip_prefix(OWNER_MARK)
}

/// A key as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Public id, `key_...`.
    pub id: String,
    /// Whose key.
    pub account: String,
    /// What its maker called it.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at: Timestamp,
    /// When it stopped working.
    pub revoked_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form_and_its_digest() {
        let key = format([7; KEY_BYTES]);
        assert_eq!(digest(&key), Some(sha256_hex(&key)));
        assert_eq!(hint(&key), "fnk_070707...");
        for other in ["", "fnk_", "fnk_07", &key.to_uppercase(), &format!("{key}0"), "sk-0707"] {
            assert_eq!(digest(other), None, "{other}");
        }
    }

    #[test]
    fn an_account_cannot_pass_for_another_kind_of_owner() {
        assert_eq!(account_of(&owner_of("acme")), Some("acme"));
        assert_eq!(account_of("anonymous"), None);
        assert_eq!(account_of(&sha256_hex("x")), None);
        for name in ["acme", "a-1_b", "0"] {
            assert!(is_account(name), "{name}");
        }
        for name in ["", "-a", "Acme", "a/b", "@a", &"a".repeat(65)] {
            assert!(!is_account(name), "{name}");
        }
    }
}
