//! Public ids: a prefix and 128 random bits, safe in a URL path without escaping.

use std::fmt::Write;

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// A research job.
    Research,
    /// A library document.
    Document,
    /// A crawl.
    Crawl,
    /// A schedule.
    Schedule,
    /// An API key that an admin made.
    Key,
    /// An account that was made for a key.
    Account,
}

/// Random bytes of an id: 128 bits cannot be guessed.
pub const ID_BYTES: usize = 16;

impl IdKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Research => "res_",
            Self::Document => "doc_",
            Self::Crawl => "crl_",
            Self::Schedule => "sch_",
            Self::Key => "key_",
            Self::Account => "acc_",
        }
    }

    /// The id that these random bytes make, such as `res_0123456789abcdef0123456789abcdef`.
    #[must_use]
    pub fn format(self, random: [u8; ID_BYTES]) -> String {
        random.iter().fold(self.prefix().to_owned(), |mut id, byte| {
            // Writing to a string cannot fail.
            let _ = write!(id, "{byte:02x}");
            id
        })
    }

    /// Whether a text has the form of such an id; anything else cannot name a thing and is not looked up.
    #[must_use]
    pub fn admits(self, text: &str) -> bool {
        text.strip_prefix(self.prefix()).is_some_and(|hex| {
            hex.len() == ID_BYTES * 2 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_own_form_and_no_other() {
        let id = IdKind::Research.format([0xA5; ID_BYTES]);
        assert_eq!(id, "res_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
        assert!(IdKind::Research.admits(&id));
        for other in [
            "",
            "res_",
            "res_A5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5",
            "doc_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5",
            "res_../x",
        ] {
            assert!(!IdKind::Research.admits(other), "{other}");
        }
    }
}
