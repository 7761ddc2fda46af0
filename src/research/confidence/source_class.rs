//! What kind of source a page is: rules over its address, and what the page says of itself.

use super::super::PageRecord;
use super::rules::listed;
use crate::web::canonical::host_key;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// What kind of source a page is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceClass {
    /// Written by anyone and judged by nobody: social networks, open blog platforms.
    UserGenerated,
    /// Written by anyone but judged by others: question sites, issue trackers, forums, wikis.
    Community,
    /// A site that no rule lists.
    Website,
    /// An established publisher: news agencies, newspapers, trade press, universities, preprint servers.
    Publisher,
    /// An encyclopedia, dictionary, database or register.
    Reference,
    /// A journal or conference whose papers were reviewed.
    PeerReviewed,
    /// Official or first-hand: government, standards, a project's own documentation, the owner's own library.
    #[serde(alias = "official")]
    Primary,
}

impl SourceClass {
    /// All of them, strongest first.
    pub const ALL: [Self; 7] = [
        Self::Primary,
        Self::PeerReviewed,
        Self::Reference,
        Self::Publisher,
        Self::Website,
        Self::Community,
        Self::UserGenerated,
    ];

    /// Its head in `classes.txt`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UserGenerated => "user_generated",
            Self::Community => "community",
            Self::Website => "website",
            Self::Publisher => "publisher",
            Self::Reference => "reference",
            Self::PeerReviewed => "peer_reviewed",
            Self::Primary => "official",
        }
    }

    /// The class in words, for a count of one.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::UserGenerated => "user-generated page",
            Self::Community => "community source",
            Self::Website => "unlisted website",
            Self::Publisher => "established publisher",
            Self::Reference => "reference work",
            Self::PeerReviewed => "peer-reviewed source",
            Self::Primary => "first-hand source",
        }
    }

    /// The same with its article.
    #[must_use]
    pub fn phrase_with_article(self) -> &'static str {
        match self {
            Self::UserGenerated => "a user-generated page",
            Self::Community => "a community source",
            Self::Website => "an unlisted website",
            Self::Publisher => "an established publisher",
            Self::Reference => "a reference work",
            Self::PeerReviewed => "a peer-reviewed source",
            Self::Primary => "a first-hand source",
        }
    }
}

/// The page's class: a private document is first-hand; then the rules of `classes.txt` decide by its address; of a page
/// that nothing lists, a DOI in its address makes a paper, and all else is a website. Rules that hold for any site do
/// not reach into the own network, whose paths say little.
#[must_use]
pub fn source_class(page: &PageRecord) -> SourceClass {
    if is_private(&page.url) {
        return SourceClass::Primary;
    }
    let Ok(url) = Url::parse(&page.url) else { return SourceClass::Website };
    if is_own_network(&url) {
        return SourceClass::Website;
    }
    let key = host_key(&url);
    let host = key.split(':').next().unwrap_or_default();
    let path = url.path().to_lowercase();
    listed(host, &path).unwrap_or(if has_doi(&path) {
        SourceClass::PeerReviewed
    } else {
        SourceClass::Website
    })
}

/// Whether the address is that of a private document rather than of a web page.
#[must_use]
pub fn is_private(url: &str) -> bool {
    !(url.starts_with("http://") || url.starts_with("https://"))
}

/// Who answers for a website that nothing lists, as a part of a sentence; `None` when the page does not say.
pub(super) fn answerable(page: &PageRecord) -> Option<&'static str> {
    let url = Url::parse(&page.url).ok()?;
    if is_own_network(&url) {
        return Some("of the own network");
    }
    let signed = page.author.as_deref().is_some_and(|a| !a.trim().is_empty());
    let dated = page.published.is_some() || page.modified.is_some();
    (signed && dated).then_some("which names its author and day")
}

/// An address, or a name that the public internet does not resolve.
fn is_own_network(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            !name.trim_end_matches('.').contains('.')
                || [".local", ".localhost", ".internal", ".lan", ".home.arpa", ".corp", ".intranet"]
                    .iter()
                    .any(|end| name.trim_end_matches('.').ends_with(end))
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Whether a part of the path is the prefix of a DOI (ISO 26324: `10.` and four digits or more) with a name behind it.
fn has_doi(path: &str) -> bool {
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let registrant =
            part.strip_prefix("10.").filter(|r| r.len() >= 4 && r.bytes().all(|b| b.is_ascii_digit()));
        if registrant.is_some() && parts.peek().is_some_and(|name| !name.is_empty()) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::super::report::fixture::page;
    use super::*;

    #[test]
    fn the_class_follows_the_address() {
        use SourceClass::*;
        for (url, class) in [
            ("https://doc.rust-lang.org/book/", Primary),
            ("https://users.rust-lang.org/t/1", Community),
            ("https://www.bls.gov/x", Primary),
            ("https://cam.ac.uk/x", Publisher),
            ("https://en.wikipedia.org/wiki/Rust", Reference),
            ("https://github.com/rust-lang/rfcs/issues/2739", Community),
            ("https://corrode.dev/blog/async/", Website),
            ("https://dev.to/someone/post", UserGenerated),
            ("library:notes.md", Primary),
            ("https://notreddit.com/", Website),
            ("https://arxiv.org/abs/2602.22764", Publisher),
            ("https://journal.example.org/article/10.5555/12345678", PeerReviewed),
            ("https://journal.example.org/release/10.5/notes", Website),
            ("https://www.bbc.co.uk/news/1", Publisher),
            ("https://www.service-public.fr/x", Primary),
            ("https://www.planalto.gov.br/x", Primary),
            ("http://127.0.0.1:8001/docs/x", Website),
            ("http://wiki.corp/docs/x", Website),
            ("https://forum.arduino.cc/t/1", Community),
            ("https://www.reuters.com:443/x", Publisher),
        ] {
            assert_eq!(source_class(&page(url, "t")), class, "{url}");
        }
    }

    #[test]
    fn names_of_older_journals_still_parse() {
        for (text, class) in [
            ("community", SourceClass::Community),
            ("publisher", SourceClass::Publisher),
            ("reference", SourceClass::Reference),
            ("primary", SourceClass::Primary),
        ] {
            assert_eq!(serde_json::from_value::<SourceClass>(text.into()).unwrap(), class);
        }
    }

    #[test]
    fn a_website_answers_for_itself_when_it_is_signed_and_dated_or_of_the_own_network() {
        let mut signed = page("https://corrode.dev/blog/async/", "t");
        assert_eq!(answerable(&signed), None);
        signed.author = Some("Matthias Endler".into());
        assert_eq!(answerable(&signed), None);
        signed.published = Some("2024-02-01".into());
        assert!(answerable(&signed).is_some());
        assert!(answerable(&page("http://10.0.0.7/x", "t")).is_some());
    }
}
