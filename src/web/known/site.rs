//! The sites with an API that is better than their pages, and where those APIs stand.

use crate::web::http::HttpRequest;
use std::collections::BTreeMap;
use std::fmt;
use url::{Url, form_urlencoded};

/// A site whose pages are read through its API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// Articles of every language's Wikipedia.
    Wikipedia,
    /// Abstracts of arXiv.
    Arxiv,
    /// Repositories, issues, pull requests and releases on GitHub.
    GitHub,
    /// Files of repositories on GitHub.
    GitHubFiles,
    /// Questions of the Stack Exchange network.
    StackExchange,
    /// Threads of Hacker News.
    HackerNews,
    /// Threads of Reddit.
    Reddit,
    /// Crates of crates.io.
    CratesIo,
    /// Projects of PyPI.
    PyPi,
    /// Packages of npm.
    Npm,
}

impl Site {
    /// All of them, in the order of docs/sites.md.
    pub const ALL: [Self; 10] = [
        Self::Wikipedia,
        Self::Arxiv,
        Self::GitHub,
        Self::GitHubFiles,
        Self::StackExchange,
        Self::HackerNews,
        Self::Reddit,
        Self::CratesIo,
        Self::PyPi,
        Self::Npm,
    ];

    /// Its name in `SITE_APIS`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wikipedia => "wikipedia",
            Self::Arxiv => "arxiv",
            Self::GitHub => "github",
            Self::GitHubFiles => "github-files",
            Self::StackExchange => "stackexchange",
            Self::HackerNews => "hackernews",
            Self::Reddit => "reddit",
            Self::CratesIo => "crates",
            Self::PyPi => "pypi",
            Self::Npm => "npm",
        }
    }

    /// Its name for a reader.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Wikipedia => "Wikipedia",
            Self::Arxiv => "arXiv",
            Self::GitHub | Self::GitHubFiles => "GitHub",
            Self::StackExchange => "Stack Exchange",
            Self::HackerNews => "Hacker News",
            Self::Reddit => "Reddit",
            Self::CratesIo => "crates.io",
            Self::PyPi => "PyPI",
            Self::Npm => "npm",
        }
    }

    /// Where its public API stands; none where every page's own host has one.
    #[must_use]
    pub fn public_api(self) -> Option<&'static str> {
        match self {
            Self::Wikipedia => None,
            Self::Arxiv => Some("https://export.arxiv.org"),
            Self::GitHub => Some("https://api.github.com"),
            Self::GitHubFiles => Some("https://raw.githubusercontent.com"),
            Self::StackExchange => Some("https://api.stackexchange.com"),
            Self::HackerNews => Some("https://hn.algolia.com"),
            Self::Reddit => Some("https://www.reddit.com"),
            Self::CratesIo => Some("https://crates.io"),
            Self::PyPi => Some("https://pypi.org"),
            Self::Npm => Some("https://registry.npmjs.org"),
        }
    }

    /// Whether its API is told to programs by the same robots.txt as its pages: it is no API of its own but another form
    /// of the page. The others are made for programs and keep their own rules (rate limits, a name in the User-Agent).
    #[must_use]
    pub fn obeys_robots(self) -> bool {
        self == Self::Reddit
    }
}

/// Where each site's API is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apis {
    off: bool,
    /// Only what differs from the default; no address: the site's pages are read as they are.
    changed: BTreeMap<Site, Option<Url>>,
    keys: Keys,
}

/// What raises the limits of APIs that answer without it too. Its `Debug` shows no key.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// `GITHUB_API_KEY`: 5,000 calls an hour instead of 60.
    pub github: Option<String>,
    /// `STACKEXCHANGE_API_KEY`: 10,000 calls a day instead of 300.
    pub stackexchange: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Apis {
    /// From `SITE_APIS`: blank for the public APIs, `off` for none, or with commas `name=off` and `name=https://address`
    /// for single sites.
    ///
    /// # Errors
    /// One sentence about what to change; it never repeats the setting, which may hold a secret by mistake.
    pub fn new(setting: &str, keys: Keys) -> Result<Self, String> {
        let mut apis = Self { keys, ..Self::default() };
        if setting.trim().eq_ignore_ascii_case("off") {
            return Ok(Self { off: true, ..apis });
        }
        for entry in setting.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let names = Site::ALL.map(Site::name).join(", ");
            let (name, address) = entry
                .split_once('=')
                .ok_or("SITE_APIS is neither off nor name=address pairs: set one such as github=off")?;
            let site = Site::ALL
                .into_iter()
                .find(|site| site.name().eq_ignore_ascii_case(name.trim()))
                .ok_or_else(|| format!("SITE_APIS names an unknown site: use {names}"))?;
            let address = address.trim();
            let base = if address.eq_ignore_ascii_case("off") {
                None
            } else {
                let url = Url::parse(address).ok().filter(|url| {
                    matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
                });
                Some(url.ok_or_else(|| {
                    let name = site.name();
                    format!("SITE_APIS: {name} is neither off nor an http(s) URL: set one such as {name}=https://api.example.org")
                })?)
            };
            apis.changed.insert(site, base);
        }
        Ok(apis)
    }

    /// Where the API of `site` stands; none where it is switched off. `own` is that of the page's own host, if it has one.
    #[must_use]
    pub fn base(&self, site: Site, own: Option<Url>) -> Option<Url> {
        if self.off {
            return None;
        }
        match self.changed.get(&site) {
            Some(base) => base.clone(),
            None => own.or_else(|| Url::parse(site.public_api()?).ok()),
        }
    }

    /// Adds the key for `site`, if any, where its API looks for it.
    pub(super) fn unlock(&self, site: Site, request: &mut HttpRequest) {
        match (site, &self.keys) {
            (Site::GitHub, Keys { github: Some(key), .. }) => {
                request.headers.push(("authorization".into(), format!("Bearer {key}")));
            }
            (Site::StackExchange, Keys { stackexchange: Some(key), .. }) => {
                let pair: String =
                    form_urlencoded::Serializer::new(String::new()).append_pair("key", key).finish();
                request.url.push('&');
                request.url.push_str(&pair);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(site: Site) -> Option<Url> {
        (site == Site::Wikipedia).then(|| Url::parse("https://de.wikipedia.org").expect("a URL"))
    }

    #[test]
    fn without_a_setting_the_public_apis_are_asked() {
        let apis = Apis::new("", Keys::default()).expect("blank is right");
        let base = |site| apis.base(site, own(site)).map(String::from);
        assert_eq!(base(Site::GitHub).as_deref(), Some("https://api.github.com/"));
        assert_eq!(base(Site::Wikipedia).as_deref(), Some("https://de.wikipedia.org/"));
    }

    #[test]
    fn one_setting_moves_apis_and_switches_them_off() {
        let apis = Apis::new("wikipedia=http://127.0.0.1:9000/w, GitHub = off", Keys::default())
            .expect("both are right");
        let base = |site| apis.base(site, own(site)).map(String::from);
        assert_eq!(base(Site::Wikipedia).as_deref(), Some("http://127.0.0.1:9000/w"));
        assert_eq!(base(Site::GitHub), None);
        assert!(base(Site::Npm).is_some());
        let off = Apis::new(" OFF ", Keys::default()).expect("off is right");
        assert!(Site::ALL.iter().all(|site| off.base(*site, own(*site)).is_none()));
    }

    #[test]
    fn a_wrong_setting_is_explained_without_being_repeated() {
        for (setting, says) in [
            ("on-secret", "neither off nor name=address"),
            ("altavista-secret=off", "use wikipedia, arxiv"),
            ("npm=secret", "npm is neither off nor an http(s) URL"),
            ("npm=ftp://secret", "npm is neither"),
        ] {
            let problem = Apis::new(setting, Keys::default()).expect_err(setting);
            assert!(problem.contains(says) && !problem.contains("secret"), "{problem}");
        }
    }
}
