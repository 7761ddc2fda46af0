//! The providers: their names, what they are good for, and how hard they may be asked.

use crate::search::Topic;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a list of hits comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// The deployment's own documents (FTS5 in the `LibraryObject`).
    Library,
    /// A SearXNG instance's JSON API.
    Searxng,
    /// Brave Search API.
    Brave,
    /// Tavily's search API.
    Tavily,
    /// Google's results by Serper.
    Serper,
    /// Exa's search API.
    Exa,
    /// Wikipedia, or any other MediaWiki.
    Wikipedia,
    /// OpenAlex: papers of all fields.
    Openalex,
    /// arXiv: preprints.
    Arxiv,
    /// Hacker News, by Algolia.
    Hackernews,
    /// Stack Overflow and its sisters.
    Stackexchange,
    /// GitHub's repositories and issues.
    Github,
}

/// How hard one job may ask a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Searches out at once.
    pub at_once: usize,
    /// From the start of one search to the start of the next, in milliseconds.
    pub gap_ms: u64,
    /// Queries of one round, the first ones.
    pub queries_max: usize,
}

/// A provider without limits of its own: the job's width and the round's queries bound it.
const FREE: Pace = Pace { at_once: usize::MAX, gap_ms: 0, queries_max: usize::MAX };

impl Provider {
    /// Every provider, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::Library,
        Self::Searxng,
        Self::Brave,
        Self::Tavily,
        Self::Serper,
        Self::Exa,
        Self::Wikipedia,
        Self::Openalex,
        Self::Arxiv,
        Self::Hackernews,
        Self::Stackexchange,
        Self::Github,
    ];

    /// Whether `site:`, `OR` and quotes in a query mean something to it: search engines for the whole web.
    #[must_use]
    pub fn takes_operators(self) -> bool {
        matches!(self, Self::Searxng | Self::Brave | Self::Serper)
    }

    /// The name used in settings, step ids and replies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Searxng => "searxng",
            Self::Brave => "brave",
            Self::Tavily => "tavily",
            Self::Serper => "serper",
            Self::Exa => "exa",
            Self::Wikipedia => "wikipedia",
            Self::Openalex => "openalex",
            Self::Arxiv => "arxiv",
            Self::Hackernews => "hackernews",
            Self::Stackexchange => "stackexchange",
            Self::Github => "github",
        }
    }

    /// The provider of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// What it needs before it can be asked.
    #[must_use]
    pub fn need(self) -> Need {
        match self {
            Self::Searxng => Need::Url,
            Self::Brave | Self::Tavily | Self::Serper | Self::Exa => Need::Key,
            Self::Openalex | Self::Stackexchange | Self::Github => Need::OptionalKey,
            Self::Library | Self::Wikipedia | Self::Arxiv | Self::Hackernews => Need::Nothing,
        }
    }

    /// Where its public API is; none for what has no public address.
    #[must_use]
    pub fn public_url(self) -> Option<&'static str> {
        match self {
            Self::Library | Self::Searxng => None,
            Self::Brave => Some("https://api.search.brave.com"),
            Self::Tavily => Some("https://api.tavily.com"),
            Self::Serper => Some("https://google.serper.dev"),
            Self::Exa => Some("https://api.exa.ai"),
            // The language's edition is put in front.
            Self::Wikipedia => Some("https://wikipedia.org"),
            Self::Openalex => Some("https://api.openalex.org"),
            Self::Arxiv => Some("https://export.arxiv.org"),
            Self::Hackernews => Some("https://hn.algolia.com"),
            Self::Stackexchange => Some("https://api.stackexchange.com"),
            Self::Github => Some("https://api.github.com"),
        }
    }

    /// Whether it knows the field of a topic. Web search engines, the library and Wikipedia know all, the rest one.
    #[must_use]
    pub fn knows(self, topic: Option<Topic>) -> bool {
        match self {
            Self::Openalex | Self::Arxiv => topic == Some(Topic::Science),
            Self::Stackexchange | Self::Github => topic == Some(Topic::Code),
            Self::Hackernews => matches!(topic, Some(Topic::Code | Topic::News)),
            _ => true,
        }
    }

    /// Whether it is asked about a topic when nobody said where to search: those that know one field are asked about
    /// everything only where nothing else covers the web.
    #[must_use]
    pub fn suits(self, topic: Option<Topic>, web_is_covered: bool) -> bool {
        self.knows(topic) || !(web_is_covered || matches!(topic, Some(Topic::Science | Topic::Code)))
    }

    /// Whether it searches the whole web.
    #[must_use]
    pub fn is_web(self) -> bool {
        matches!(self, Self::Searxng | Self::Brave | Self::Tavily | Self::Serper | Self::Exa)
    }

    /// How hard one job may ask it.
    #[must_use]
    pub fn pace(self) -> Pace {
        match self {
            // "No more than one request every three seconds, and a single connection at a time."
            Self::Arxiv => Pace { at_once: 1, gap_ms: 3_000, queries_max: 2 },
            // 10 searches a minute without a token, and a query takes two: repositories and issues.
            Self::Github => Pace { at_once: 1, gap_ms: 0, queries_max: 2 },
            // 300 a day without a key.
            Self::Stackexchange => Pace { at_once: 2, gap_ms: 0, queries_max: 3 },
            // 100 searches a day without a key.
            Self::Openalex => Pace { at_once: 2, gap_ms: 0, queries_max: 3 },
            // "Requests in series rather than in parallel."
            Self::Wikipedia => Pace { at_once: 1, ..FREE },
            _ => FREE,
        }
    }
}

/// What a provider needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// Nothing, but with a key it allows more.
    OptionalKey,
    /// A key.
    Key,
    /// The address of an instance.
    Url,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_settings_and_journals() {
        for provider in Provider::ALL {
            assert_eq!(Provider::from_name(provider.name()), Some(provider));
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.name());
        }
    }

    #[test]
    fn a_topic_picks_those_who_know_it() {
        let asked = |topic, covered| -> Vec<&str> {
            let keyless =
                Provider::ALL.into_iter().filter(|p| p.need() != Need::Key && *p != Provider::Searxng);
            keyless.filter(|p| p.suits(topic, covered)).map(Provider::name).collect()
        };
        assert_eq!(
            asked(Some(Topic::Code), false),
            ["library", "wikipedia", "hackernews", "stackexchange", "github"]
        );
        assert_eq!(asked(Some(Topic::Science), true), ["library", "wikipedia", "openalex", "arxiv"]);
        assert_eq!(asked(None, true), ["library", "wikipedia"]);
        assert_eq!(asked(None, false).len(), 7);
        assert_eq!(asked(Some(Topic::Finance), false).len(), 7);
    }
}
