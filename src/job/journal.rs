//! The durable form of facts: one JSON text each, cut into parts that fit a SQLite row.

use crate::job::Event;
use thiserror::Error;

/// A journal entry that cannot be read. The job must not be continued: it would fold to something that never was.
#[derive(Debug, Error)]
#[error("journal entry {seq} cannot be read: {cause}")]
pub struct JournalError {
    /// Sequence number of the entry.
    pub seq: u64,
    /// What the decoder said.
    pub cause: String,
}

/// Longest part of an entry, in bytes. A Durable Object's row holds 2 MB; half of that leaves room for the encoding.
pub const PART_BYTES_MAX: usize = 1_000_000;

/// A fact as JSON. Fails only when the fact holds something JSON cannot, which no event does.
pub fn encode(seq: u64, event: &Event) -> Result<String, JournalError> {
    serde_json::to_string(event).map_err(|e| JournalError { seq, cause: e.to_string() })
}

/// The fact that a JSON text holds. Unknown fields are ignored and missing ones take their defaults, so a release reads
/// what an older one wrote.
pub fn decode(seq: u64, text: &str) -> Result<Event, JournalError> {
    serde_json::from_str(text).map_err(|e| JournalError { seq, cause: e.to_string() })
}

/// Cuts a text into pieces of at most `bytes_max` bytes at character boundaries; joined they are the text again.
#[must_use]
pub fn parts(text: &str, bytes_max: usize) -> Vec<&str> {
    // A character has up to four bytes, so a smaller part might never advance.
    let bytes_max = bytes_max.max(4);
    let mut rest = text;
    let mut parts = Vec::new();
    while rest.len() > bytes_max {
        let (head, tail) = rest.split_at(rest.floor_char_boundary(bytes_max));
        parts.push(head);
        rest = tail;
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_to_the_text_and_never_split_a_character() {
        for text in ["", "abc", "äöü€𝄞äöü€𝄞", &"x𝄞".repeat(50)] {
            for max in 1..20 {
                let cut = parts(text, max);
                assert_eq!(cut.concat(), text, "max {max}");
                assert!(cut.iter().all(|p| p.len() <= max.max(4)), "max {max}: {cut:?}");
            }
        }
    }

    #[test]
    fn an_entry_of_nonsense_names_its_number() {
        let error = decode(7, "{\"exploded\":{}}").unwrap_err();
        assert!(error.to_string().starts_with("journal entry 7 cannot be read"), "{error}");
    }
}
