//! Where a job looks: `sources` of a request, such as `library:handbook` and `web`.

use crate::library::collection::Collection;
use crate::search::Provider;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One place to look in. Shown as `library`, `library:handbook`, `web`, `brave`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// The owner's whole library.
    Library,
    /// One collection of it.
    Collection(Collection),
    /// Every provider that is configured besides the library.
    Web,
    /// One provider, if it is configured.
    Provider(Provider),
}

/// A text that names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no source: there are `library`, `library:<collection>`, `web` and the names of search providers"
)]
pub struct NotASource(String);

/// Why a deployment cannot look where a request says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Nothing but the library is configured.
    #[error("`sources` names `web`, but this deployment has no web search: its setting SEARCH names none")]
    Web,
    /// A provider that is not configured.
    #[error("`sources` names `{0}`, which is not configured here: use `web`, `library`, or one of {1}")]
    Provider(Provider, String),
}

/// Longest text of an unknown source that is shown.
const SHOWN_CHARS_MAX: usize = 80;
/// What stands before a collection's name.
const COLLECTION: &str = "library:";

/// The providers to ask, in the order of the configured ones; the library is always there. No sources mean all that are
/// configured.
///
/// # Errors
/// What is asked for and not to be had.
pub fn providers(sources: &[Source], configured: &[Provider]) -> Result<Vec<Provider>, Unavailable> {
    if sources.is_empty() {
        return Ok(configured.to_vec());
    }
    let mut wanted = Vec::new();
    for source in sources {
        match source {
            Source::Library | Source::Collection(_) => wanted.push(Provider::Library),
            Source::Web => {
                let web = configured.iter().copied().filter(|p| *p != Provider::Library);
                let before = wanted.len();
                wanted.extend(web);
                if wanted.len() == before {
                    return Err(Unavailable::Web);
                }
            }
            Source::Provider(provider) if configured.contains(provider) => wanted.push(*provider),
            Source::Provider(provider) => {
                let names: Vec<&str> = configured.iter().map(|p| p.name()).collect();
                return Err(Unavailable::Provider(*provider, names.join(", ")));
            }
        }
    }
    let library = (!configured.contains(&Provider::Library)).then_some(Provider::Library);
    Ok(library.into_iter().chain(configured.iter().copied()).filter(|p| wanted.contains(p)).collect())
}

/// The collections to search, each once; empty means all of them.
#[must_use]
pub fn collections(sources: &[Source]) -> Vec<Collection> {
    if sources.contains(&Source::Library) {
        return Vec::new();
    }
    let mut named: Vec<Collection> = Vec::new();
    for source in sources {
        if let Source::Collection(collection) = source
            && !named.contains(collection)
        {
            named.push(collection.clone());
        }
    }
    named
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library => f.write_str("library"),
            Self::Collection(name) => write!(f, "{COLLECTION}{name}"),
            Self::Web => f.write_str("web"),
            Self::Provider(provider) => f.write_str(provider.name()),
        }
    }
}

impl FromStr for Source {
    type Err = NotASource;

    fn from_str(text: &str) -> Result<Self, NotASource> {
        let unknown = || NotASource(text.chars().take(SHOWN_CHARS_MAX).collect());
        match text.strip_prefix(COLLECTION) {
            Some(name) => name.parse().map(Self::Collection).map_err(|_| unknown()),
            None => match (text, Provider::from_name(text)) {
                ("web", _) => Ok(Self::Web),
                (_, Some(Provider::Library)) => Ok(Self::Library),
                (_, Some(provider)) => Ok(Self::Provider(provider)),
                (_, None) => Err(unknown()),
            },
        }
    }
}

impl TryFrom<String> for Source {
    type Error = NotASource;

    fn try_from(text: String) -> Result<Self, NotASource> {
        text.parse()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Provider::{Brave, Library, Searxng};

    fn sources(texts: &[&str]) -> Vec<Source> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_source_reads_back_as_itself() {
        for text in ["library", "library:handbook", "web", "brave", "searxng"] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        for text in ["", "library:", "library:A b", "intranet", "Web", "web:x", "library:a:b"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_library_is_always_there_and_the_web_only_where_it_is_configured() {
        for (named, configured, asked) in [
            (&[][..], &[Searxng, Brave][..], &[Searxng, Brave][..]),
            (&["library"], &[Brave], &[Library]),
            (&["library:a", "library:b"], &[Library, Brave], &[Library]),
            (&["web"], &[Library, Searxng, Brave], &[Searxng, Brave]),
            (&["web", "library:a"], &[Searxng], &[Library, Searxng]),
            (&["brave", "brave"], &[Library, Searxng, Brave], &[Brave]),
        ] {
            assert_eq!(providers(&sources(named), configured).as_deref(), Ok(asked), "{named:?}");
        }
        assert_eq!(providers(&sources(&["web"]), &[Library]), Err(Unavailable::Web));
        let problem = providers(&sources(&["brave"]), &[Library, Searxng]).unwrap_err().to_string();
        assert!(problem.contains("`brave`") && problem.contains("library, searxng"), "{problem}");
    }

    #[test]
    fn the_whole_library_holds_all_collections() {
        let named = |texts: &[&str]| -> Vec<String> {
            collections(&sources(texts)).into_iter().map(String::from).collect()
        };
        assert_eq!(named(&["library:b", "web", "library:a", "library:b"]), ["b", "a"]);
        assert_eq!(named(&["library:b", "library"]), [""; 0]);
        assert_eq!(named(&["web"]), [""; 0]);
    }
}
