//! Randomness from the platform's generator.

use crate::api::ApiError;

/// `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| ApiError::Unavailable { cause: format!("no randomness is to be had: {e}") })?;
    Ok(bytes)
}
