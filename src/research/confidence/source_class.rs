//! What kind of source a page is, by a rule over its address.

use super::super::PageRecord;
use crate::web::canonical::host_key;
use serde::{Deserialize, Serialize};
use url::Url;

/// What kind of source a page is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceClass {
    /// Written by anyone: forums, issue threads, question sites, open blog platforms.
    Community,
    /// A site with an editor or an owner who signs.
    Publisher,
    /// An encyclopedia or dictionary.
    Reference,
    /// First-hand: official documentation, standards, law and government, universities, papers, the owner's own library.
    Primary,
}

impl SourceClass {
    /// The class in words, for a count of one.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Community => "community source",
            Self::Publisher => "publisher",
            Self::Reference => "reference work",
            Self::Primary => "first-hand source",
        }
    }

    pub(super) fn phrase_with_article(self) -> &'static str {
        match self {
            Self::Community => "a community source",
            Self::Publisher => "a publisher",
            Self::Reference => "a reference work",
            Self::Primary => "a first-hand source",
        }
    }
}

/// The page's class by a small rule over its address: library documents and the addresses listed below; a
/// documentation address (`docs.`, `doc.`, `developer.` hosts, `/docs/`, `/rfc`) is first-hand; all others publish.
#[must_use]
pub fn source_class(page: &PageRecord) -> SourceClass {
    if is_private(&page.url) {
        return SourceClass::Primary;
    }
    let Ok(url) = Url::parse(&page.url) else { return SourceClass::Publisher };
    let (host, path) = (host_key(&url), url.path().to_lowercase());
    if host == "github.com" || host == "gitlab.com" {
        // A project's own files speak for the project; its issues and discussions are written by anyone.
        let file = ["/blob/", "/tree/", "/releases"].iter().any(|p| path.contains(p));
        return if file { SourceClass::Primary } else { SourceClass::Community };
    }
    if under(&host, &COMMUNITY)
        || ["forum.", "forums.", "community.", "discuss.", "users.", "internals."]
            .iter()
            .any(|p| host.starts_with(p))
    {
        return SourceClass::Community;
    }
    if under(&host, &REFERENCE) {
        return SourceClass::Reference;
    }
    let official = ["gov", "mil", "edu", "int"];
    let mut labels = host.rsplit('.');
    let (last, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    let by_name =
        official.contains(&last) || (last.len() == 2 && (official.contains(&second) || second == "ac"));
    let documentation = ["docs.", "doc.", "developer.", "developers.", "spec.", "standards."]
        .iter()
        .any(|p| host.starts_with(p))
        || ["/docs/", "/doc/", "/documentation/", "/reference/", "/rfc"].iter().any(|p| path.contains(p));
    if by_name || documentation || under(&host, &PRIMARY) {
        SourceClass::Primary
    } else {
        SourceClass::Publisher
    }
}

/// Whether the address is that of a private document rather than of a web page.
#[must_use]
pub fn is_private(url: &str) -> bool {
    !(url.starts_with("http://") || url.starts_with("https://"))
}

fn under(host: &str, domains: &[&str]) -> bool {
    domains.iter().any(|d| host == *d || host.strip_suffix(d).is_some_and(|rest| rest.ends_with('.')))
}

const COMMUNITY: [&str; 17] = [
    "blogspot.com",
    "dev.to",
    "discord.com",
    "facebook.com",
    "hashnode.dev",
    "linkedin.com",
    "lobste.rs",
    "medium.com",
    "news.ycombinator.com",
    "quora.com",
    "reddit.com",
    "stackexchange.com",
    "stackoverflow.com",
    "substack.com",
    "twitter.com",
    "x.com",
    "youtube.com",
];
const REFERENCE: [&str; 6] = [
    "britannica.com",
    "merriam-webster.com",
    "wikidata.org",
    "wikipedia.org",
    "wiktionary.org",
    "wikibooks.org",
];
const PRIMARY: [&str; 22] = [
    "acm.org",
    "arxiv.org",
    "crates.io",
    "docs.rs",
    "doi.org",
    "ecma-international.org",
    "europa.eu",
    "ieee.org",
    "ietf.org",
    "iso.org",
    "man7.org",
    "nature.com",
    "nih.gov",
    "oecd.org",
    "rfc-editor.org",
    "rust-lang.org",
    "science.org",
    "un.org",
    "unicode.org",
    "w3.org",
    "whatwg.org",
    "who.int",
];

#[cfg(test)]
mod tests {
    use super::super::super::report::fixture::page;
    use super::*;

    #[test]
    fn the_class_follows_the_address() {
        let class = |url: &str| source_class(&page(url, "t"));
        assert_eq!(class("https://doc.rust-lang.org/book/"), SourceClass::Primary);
        assert_eq!(class("https://users.rust-lang.org/t/1"), SourceClass::Community);
        assert_eq!(class("https://www.bls.gov/x"), SourceClass::Primary);
        assert_eq!(class("https://cam.ac.uk/x"), SourceClass::Primary);
        assert_eq!(class("https://en.wikipedia.org/wiki/Rust"), SourceClass::Reference);
        assert_eq!(class("https://github.com/rust-lang/rfcs/issues/2739"), SourceClass::Community);
        assert_eq!(class("https://corrode.dev/blog/async/"), SourceClass::Publisher);
        assert_eq!(class("library:notes.md"), SourceClass::Primary);
        assert_eq!(class("https://notreddit.com/"), SourceClass::Publisher);
    }
}
