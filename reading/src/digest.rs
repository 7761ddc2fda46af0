//! Names for bytes: equal bytes have one name, and no two others share it.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Length of [`sha256_hex`]: two digits for each of 32 bytes.
pub const SHA256_HEX_CHARS: usize = 64;

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex(Sha256::digest(bytes))
}

/// Bytes in lower-case hex.
#[must_use]
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::with_capacity(SHA256_HEX_CHARS), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_published_one_in_lower_case_hex() {
        assert_eq!(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256_hex([]).len(), SHA256_HEX_CHARS);
    }
}
