//! `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header-07): repeating a request does not repeat its effect.

use super::Claim;
use crate::digest::sha256_hex;
use crate::order::sort_by;
use serde_json::Value;

/// How long a key is remembered, in milliseconds: a day, as Restate and others keep it.
pub const KEPT_MS: u64 = 24 * 60 * 60 * 1_000;
/// Longest key, in characters.
const KEY_CHARS_MAX: usize = 255;

/// What the header and the body claim on a route; `None` without a key. The payload's digest does not depend on blanks or
/// the order of members. Fails with a sentence that says what to send.
pub fn claim(route: &str, key: Option<&str>, body: &[u8]) -> Result<Option<Claim>, String> {
    let Some(key) = key else { return Ok(None) };
    let key = bare(key.trim()).ok_or_else(|| {
        format!(
            "`Idempotency-Key` must be 1 to {KEY_CHARS_MAX} visible ASCII characters, best a UUID in quotes"
        )
    })?;
    let payload = match serde_json::from_slice::<Value>(body) {
        Ok(value) => sha256_hex(sorted(value).to_string()),
        Err(_) => sha256_hex(body),
    };
    Ok(Some(Claim { key: sha256_hex(format!("{route}\n{key}")), payload }))
}

/// The key without the quotes of a structured-field string; clients that leave them out are common.
fn bare(header: &str) -> Option<&str> {
    let quoted = header.strip_prefix('"').map(|rest| rest.strip_suffix('"'));
    let key = match quoted {
        Some(inner) => inner?,
        None => header,
    };
    let fits = (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|b| matches!(b, 0x21..=0x7e));
    (fits && !key.contains('"')).then_some(key)
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            sort_by(&mut members, |(a, _), (b, _)| a.cmp(b));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, body: &str) -> Option<Claim> {
        claim("research", Some(key), body.as_bytes()).unwrap()
    }

    #[test]
    fn quotes_blanks_and_the_order_of_members_make_no_difference() {
        let claim = of("\"abc\"", r#"{"query":"q","deep":true}"#);
        assert_eq!(of("abc", "{ \"deep\": true,\n \"query\": \"q\" }"), claim);
        assert_ne!(of("abc", r#"{"query":"q"}"#).unwrap().payload, claim.clone().unwrap().payload);
        assert_ne!(of("abd", r#"{"query":"q","deep":true}"#).unwrap().key, claim.unwrap().key);
    }

    #[test]
    fn the_same_key_on_another_route_is_another_key() {
        let there = claim("research/res_1/fork", Some("abc"), b"{}").unwrap();
        assert_ne!(of("abc", "{}").unwrap().key, there.unwrap().key);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for key in ["", "\"\"", "\"open", "a b", "ä", "a\"b", &"x".repeat(256)] {
            let refused = claim("research", Some(key), b"{}").unwrap_err();
            assert!(refused.contains("Idempotency-Key"), "{key}: {refused}");
        }
        assert_eq!(claim("research", None, b"{}"), Ok(None));
    }
}
