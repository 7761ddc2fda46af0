//! Links: resolved once each, kept for the text and for crawling.

use super::Collector;
use crate::page::skeleton::push_lean;
use lol_html::html_content::Element;
use std::hash::{DefaultHasher, Hasher};
use url::Url;

/// Link targets kept for the text, 20 times the links that are reported.
const TARGETS_MAX: usize = 20_000;
/// Their bytes: 20,000 of an ordinary length.
const TARGET_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Longer URLs carry state rather than name pages; servers commonly refuse them too.
const HREF_BYTES_MAX: usize = 2_048;

impl Collector {
    /// The 1-based place of a link's target, 0 when it leads to no page.
    pub(super) fn target(&mut self, href: &str) -> u32 {
        if href.is_empty() {
            return 0;
        }
        let written = hash(href);
        if let Some(known) = self.hrefs.get(&written) {
            return *known;
        }
        let target = self.new_target(href);
        if self.hrefs.len() < TARGETS_MAX {
            self.hrefs.insert(written, target);
        }
        target
    }

    fn new_target(&mut self, href: &str) -> u32 {
        let (url, page) = if is_resolved(href) {
            (href.to_owned(), href.to_owned())
        } else {
            let Some(url) = self.resolve(href) else { return 0 };
            let mut page = url.clone();
            page.set_fragment(None);
            (url.into(), page.into())
        };
        if self.links.len() < self.links_max && self.links_seen.insert(hash(&page)) {
            push_lean(&mut self.links, page);
        }
        self.target_bytes = self.target_bytes.saturating_add(url.len());
        if self.targets.len() >= TARGETS_MAX || self.target_bytes > TARGET_BYTES_MAX {
            return 0;
        }
        push_lean(&mut self.targets, url);
        u32::try_from(self.targets.len()).unwrap_or(0)
    }

    /// An http(s) URL, absolute.
    pub(super) fn resolve(&self, href: &str) -> Option<Url> {
        if href.len() > HREF_BYTES_MAX {
            return None;
        }
        let url = self.base.join(htmlize::unescape_attribute(href).trim()).ok()?;
        matches!(url.scheme(), "http" | "https")
            .then_some(url)
            .filter(|url| url.as_str().len() <= HREF_BYTES_MAX)
    }

    pub(super) fn set_base(&mut self, element: &Element<'_, '_>) {
        if self.base_given {
            return;
        }
        if let Some(base) = element.get_attribute("href").and_then(|href| self.resolve(&href)) {
            self.base = base;
            self.base_given = true;
            self.hrefs.clear();
        }
    }
}

/// Whether a link is an absolute URL that stays as it is when it is resolved: a plain host and a plain path. Half of all
/// links are, and parsing takes twenty times as long.
fn is_resolved(href: &str) -> bool {
    let rest = href.strip_prefix("https://").or_else(|| href.strip_prefix("http://"));
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
    // Numbers may be addresses of machines, and names that begin with `xn--` are checked.
    let is_name = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_lowercase())
            && !label.starts_with("xn--")
            && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let is_step = |step: &str| {
        !matches!(step, "." | "..")
            && step
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
    };
    href.len() <= HREF_BYTES_MAX && host.split('.').all(is_name) && path.split('/').all(is_step)
}

/// The same on every machine: what is kept must not depend on it.
pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_are_taken_as_they_are_stay_so_when_they_are_parsed() {
        for href in ["https://e.com/", "http://a.b-c.example/x/y.html", "https://e.com/a//b/~c_d/.e"] {
            assert!(is_resolved(href), "{href}");
            assert_eq!(Url::parse(href).expect("a URL").as_str(), href);
        }
        for href in [
            "https://e.com",
            "/a",
            "HTTP://e.com/",
            "https://E.com/",
            "https://e.com/a/../b",
            "https://e.com/./a",
            "https://e.com/%2e/a",
            "https://1.2/",
            "https://e.com:443/",
            "https://u@e.com/",
            "https://e.com/a b",
            "https://e.com/a#b",
            "https://e.com/a?b",
            "https://xn--a.com/",
            "ftp://e.com/",
            "https://e.com/&amp;",
            "https://e..com/",
            "https:///a",
        ] {
            assert!(!is_resolved(href), "{href}");
        }
    }
}
