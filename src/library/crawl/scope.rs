//! Which URLs belong to a crawl.

use sha2::{Digest, Sha256};
use url::Url;

/// Longest URL that is followed, in bytes; longer ones are searches and sessions.
pub(super) const URL_BYTES_MAX: usize = 512;
/// Endings of files that are not pages.
const NOT_PAGES: [&str; 54] = [
    "7z", "apk", "avi", "avif", "bin", "bmp", "bz2", "css", "csv", "deb", "dmg", "doc", "docx", "eot",
    "epub", "exe", "gif", "gz", "ico", "iso", "jar", "jpeg", "jpg", "js", "json", "m4a", "map", "mjs", "mov",
    "mp3", "mp4", "msi", "ogg", "otf", "png", "ppt", "pptx", "rar", "rpm", "rss", "svg", "tar", "tgz", "tif",
    "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "xls", "xml", "zip",
];

/// The folder a page lies in, without the final slash. A last name without a dot is a folder itself.
pub(super) fn folder(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((above, name)) if name.is_empty() || name.contains('.') => above,
        _ => path,
    }
}

/// The URL as it is asked for, if it can be a page and is stored as written. A backslash would be stored as two bytes.
pub(super) fn followable(mut url: Url) -> Option<Url> {
    url.set_fragment(None);
    let text = url.as_str();
    let fits = matches!(url.scheme(), "http" | "https")
        && text.len() <= URL_BYTES_MAX
        && !text.contains(['\\', '"']);
    (fits && url.has_host() && url.username().is_empty() && url.password().is_none()).then_some(url)
}

pub(super) fn is_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    !ending.is_some_and(|ending| NOT_PAGES.contains(&ending.as_str()))
}

/// 64 bits of SHA-256: among 4,000 keys the chance that any two collide is below 1 in 10^12.
pub(super) fn digest(key: &str) -> u64 {
    Sha256::digest(key.as_bytes()).iter().take(8).fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
}
