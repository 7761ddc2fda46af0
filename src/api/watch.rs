//! How a poller says what it knows and how long it wants to wait.

use crate::api::ApiError;
use crate::api::request::whole;

/// Longest wait for news, in seconds: below the 30 s after which Cloudflare and most clients give a request up.
pub const WAIT_S_MAX: u64 = 25;

/// `?wait=25` in milliseconds; longer waits are clamped to [`WAIT_S_MAX`].
pub fn wait_ms(wait: Option<&str>) -> Result<u64, ApiError> {
    let Some(wait) = wait else { return Ok(0) };
    match (wait, whole(wait)) {
        ("0", _) => Ok(0),
        (_, Some(seconds)) => Ok(u64::from(seconds).min(WAIT_S_MAX).saturating_mul(1_000)),
        _ => Err(ApiError::bad_request(format!(
            "`wait` must be a whole number of seconds, at most {WAIT_S_MAX}"
        ))),
    }
}

/// The number of facts that an `If-None-Match` names: the version of the view that the caller has. A header with anything
/// else in it, several versions included, counts as none.
#[must_use]
pub fn seen(if_none_match: Option<&str>) -> Option<u64> {
    let tag = if_none_match?.trim();
    tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_clamped_and_nonsense_is_refused() {
        assert_eq!(wait_ms(None), Ok(0));
        assert_eq!(wait_ms(Some("3")), Ok(3_000));
        assert_eq!(wait_ms(Some("600")), Ok(25_000));
        for text in ["", "-1", "soon", "1.5"] {
            assert_eq!(wait_ms(Some(text)).unwrap_err().status(), 400, "{text}");
        }
    }

    #[test]
    fn the_version_is_read_from_weak_and_strong_tags() {
        assert_eq!(seen(Some("W/\"12\"")), Some(12));
        assert_eq!(seen(Some(" \"12\" ")), Some(12));
        for header in [None, Some("*"), Some("12"), Some("W/\"x\""), Some("\"1\", \"2\"")] {
            assert_eq!(seen(header), None, "{header:?}");
        }
    }
}
