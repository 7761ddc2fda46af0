//! Lists page by page, newest first.

use crate::api::request::whole;
use crate::job::Timestamp;
use std::collections::BTreeMap;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Entries of one page.
    pub limit: u32,
}

/// Entries of one page when no number is asked for.
const LIMIT: u32 = 20;
/// Most entries of one page.
const LIMIT_MAX: u32 = 100;

/// Digits of a moment in milliseconds, at most: fifteen last until the year 33,658.
const MOMENT_DIGITS_MAX: usize = 15;
/// Longest id in a cursor; ours have 36 characters.
const ID_BYTES_MAX: usize = 64;

/// Reads `cursor` and `limit`; what is wrong goes on the list.
pub fn paging(query: &BTreeMap<String, String>, problems: &mut Vec<String>) -> Paging {
    let limit = match query.get("limit").map(|text| whole(text)) {
        None => LIMIT,
        Some(Some(limit)) => limit.min(LIMIT_MAX),
        Some(None) => {
            problems.push(format!("`limit` must be a whole number from 1 to {LIMIT_MAX}"));
            LIMIT
        }
    };
    let cursor = query.get("cursor").cloned();
    if cursor.as_deref().is_some_and(|c| split_cursor(c).is_none()) {
        problems.push("`cursor` must be the `next_cursor` of an earlier page".to_owned());
    }
    Paging { cursor, limit }
}

/// The place behind an entry.
#[must_use]
pub fn cursor(created_at: Timestamp, id: &str) -> String {
    format!("{}.{id}", created_at.0)
}

/// What a cursor points behind.
#[must_use]
pub fn split_cursor(cursor: &str) -> Option<(Timestamp, &str)> {
    let (at, id) = cursor.split_once('.')?;
    let moment = (1..=MOMENT_DIGITS_MAX).contains(&at.len()) && at.bytes().all(|b| b.is_ascii_digit());
    let entry =
        (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !moment || !entry {
        return None;
    }
    Some((Timestamp(at.parse().ok()?), id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_and_nonsense_is_named() {
        assert_eq!(split_cursor(&cursor(Timestamp(7), "res_1")), Some((Timestamp(7), "res_1")));
        for odd in ["7.", ".res_1", "+7.res_1", "7.res 1", "7", "7777777777777777.res_1", ""] {
            assert_eq!(split_cursor(odd), None, "{odd}");
        }
        let query = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let mut problems = Vec::new();
        assert_eq!(paging(&query(&[("limit", "500")]), &mut problems), Paging { cursor: None, limit: 100 });
        assert!(problems.is_empty());
        paging(&query(&[("limit", "0"), ("cursor", "y")]), &mut problems);
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
