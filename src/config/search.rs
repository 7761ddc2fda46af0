//! Where to search: `SEARCH`, and `NAME_URL` and `NAME_API_KEY` of each provider.

use crate::research::request::ResearchRequest;
use crate::research::sources::{self, Source, Unavailable};
use crate::search::provider::Need;
use crate::search::{Endpoint, Provider, Topic};
use crate::web::http::user_agent;
use std::collections::BTreeMap;
use url::Url;

/// Where to search.
#[derive(Clone, Debug)]
pub struct Search {
    /// In the order in which they are asked; never empty.
    pub providers: Vec<Provider>,
    /// `SEARCH` is set: all of them are asked, whatever the topic.
    named: bool,
    endpoints: BTreeMap<Provider, Endpoint>,
}

impl Search {
    /// Who is asked for a request. Providers that the operator or the request named are all asked. Otherwise those that know
    /// one field are asked about it, and about everything else only where no search engine covers the web.
    ///
    /// # Errors
    /// What the request's `sources` ask for and is not to be had.
    pub fn providers_for(&self, request: &ResearchRequest) -> Result<Vec<Provider>, Unavailable> {
        let topic = request.topic.as_deref().and_then(Topic::from_name);
        let covered = self.providers.iter().any(|p| p.is_web());
        let mut providers = sources::providers(&request.sources, &self.providers)?;
        providers.retain(|provider| {
            let named = self.named || request.sources.contains(&Source::Provider(*provider));
            named || provider.suits(topic, covered)
        });
        Ok(providers)
    }

    /// Where a provider is reached; `None` for the library and for what is not configured.
    #[must_use]
    pub fn endpoint(&self, provider: Provider) -> Option<&Endpoint> {
        self.endpoints.get(&provider)
    }
}

/// Reads the settings through `lookup`, which gives trimmed texts that are not blank; all problems at once. Without
/// `SEARCH`: the library, every provider whose key or address is set, and those that need neither.
pub fn search(lookup: impl Fn(&str) -> Option<String>) -> Result<Search, Vec<String>> {
    let mut problems = Vec::new();
    let agent = user_agent(lookup("PUBLIC_URL").and_then(|url| Url::parse(&url).ok()).as_ref());
    let setting =
        |provider: Provider, ending: &str| format!("{}_{ending}", provider.name().to_ascii_uppercase());
    let list = lookup("SEARCH");
    let named = list.is_some();
    let providers = match list {
        Some(list) => named_providers(&list, &mut problems),
        None => Provider::ALL
            .into_iter()
            .filter(|provider| match provider.need() {
                Need::Nothing | Need::OptionalKey => true,
                Need::Key => lookup(&setting(*provider, "API_KEY")).is_some(),
                Need::Url => lookup(&setting(*provider, "URL")).is_some(),
            })
            .collect(),
    };
    let mut endpoints = BTreeMap::new();
    for provider in Provider::ALL.into_iter().filter(|provider| *provider != Provider::Library) {
        let (url_name, key_name) = (setting(provider, "URL"), setting(provider, "API_KEY"));
        let base = match lookup(&url_name) {
            Some(text) => http_url(&text).or_else(|| {
                problems.push(format!(
                    "{url_name} is not an http(s) URL: set one such as https://search.example.org"
                ));
                None
            }),
            None => provider.public_url().and_then(|url| Url::parse(url).ok()),
        };
        let api_key = match provider.need() {
            Need::Key | Need::OptionalKey => lookup(&key_name),
            Need::Nothing | Need::Url => None,
        };
        if providers.contains(&provider) {
            if provider.need() == Need::Url && lookup(&url_name).is_none() {
                problems.push(format!(
                    "SEARCH names {provider} but {url_name} is not set: set the address of your instance"
                ));
            }
            if provider.need() == Need::Key && api_key.is_none() {
                problems.push(format!("SEARCH names {provider} but {key_name} is not set"));
            }
        }
        if api_key.as_deref().is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            problems.push(format!("{key_name} holds a character that no key has: set the key alone"));
        }
        let mailto = (provider == Provider::Openalex).then(|| lookup("OPENALEX_MAILTO")).flatten();
        if let Some(base_url) = base {
            endpoints.insert(provider, Endpoint { base_url, api_key, agent: agent.clone(), mailto });
        }
    }
    if problems.is_empty() { Ok(Search { providers, named, endpoints }) } else { Err(problems) }
}

fn named_providers(list: &str, problems: &mut Vec<String>) -> Vec<Provider> {
    let mut providers = Vec::new();
    let mut unknown = false;
    for name in list.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        match Provider::from_name(&name.to_ascii_lowercase()) {
            Some(provider) if !providers.contains(&provider) => providers.push(provider),
            Some(_) => {}
            None => unknown = true,
        }
    }
    let known = || Provider::ALL.map(Provider::name).join(", ");
    if unknown {
        problems.push(format!("SEARCH names an unknown provider: use {}, or several with commas", known()));
    } else if providers.is_empty() {
        problems.push(format!("SEARCH names no provider: use {}, or several with commas", known()));
    }
    providers
}

fn http_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Search, Vec<String>> {
        search(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    fn names(providers: &[Provider]) -> String {
        providers.iter().map(|p| p.name()).collect::<Vec<_>>().join(" ")
    }

    fn asked(search: &Search, topic: &str) -> String {
        let topic = Some(topic.to_owned()).filter(|topic| !topic.is_empty());
        names(&search.providers_for(&ResearchRequest { topic, ..ResearchRequest::default() }).unwrap())
    }

    #[test]
    fn nothing_set_asks_the_library_and_whoever_wants_no_key() {
        let search = read(&[]).unwrap();
        let everybody = "library wikipedia openalex arxiv hackernews stackexchange github";
        assert_eq!(names(&search.providers), everybody);
        assert_eq!(asked(&search, ""), everybody);
        assert_eq!(asked(&search, "code"), "library wikipedia hackernews stackexchange github");
        let sources = vec![Source::Web, Source::Provider(Provider::Arxiv)];
        let request = ResearchRequest { topic: Some("code".into()), sources, ..ResearchRequest::default() };
        let named = names(&search.providers_for(&request).unwrap());
        assert_eq!(named, "wikipedia arxiv hackernews stackexchange github");
    }

    #[test]
    fn a_key_alone_is_enough_and_web_search_replaces_what_knows_one_field() {
        let search = read(&[("TAVILY_API_KEY", "k"), ("SEARXNG_URL", "http://s.example")]).unwrap();
        assert_eq!(asked(&search, ""), "library searxng tavily wikipedia");
        assert_eq!(asked(&search, "science"), "library searxng tavily wikipedia openalex arxiv");
    }

    #[test]
    fn providers_that_were_named_are_all_asked() {
        let search = read(&[("SEARCH", "arxiv, GitHub,arxiv")]).unwrap();
        assert_eq!(asked(&search, "news"), "arxiv github");
    }

    #[test]
    fn addresses_and_keys_belong_to_their_provider() {
        let settings = [
            ("SEARCH", "exa,arxiv"),
            ("EXA_API_KEY", "exa-key"),
            ("EXA_URL", "http://127.0.0.1:1/exa"),
            ("ARXIV_API_KEY", "none of its business"),
            ("PUBLIC_URL", "https://f.example"),
        ];
        let search = read(&settings).unwrap();
        let exa = search.endpoint(Provider::Exa).unwrap();
        assert_eq!(
            (exa.base_url.as_str(), exa.api_key.as_deref()),
            ("http://127.0.0.1:1/exa", Some("exa-key"))
        );
        let arxiv = search.endpoint(Provider::Arxiv).unwrap();
        assert_eq!((arxiv.base_url.as_str(), arxiv.api_key.as_deref()), ("https://export.arxiv.org/", None));
        assert!(arxiv.agent.starts_with("Footnote/") && arxiv.agent.ends_with(" (+https://f.example/)"));
        assert!(search.endpoint(Provider::Library).is_none() && search.endpoint(Provider::Searxng).is_none());
    }

    #[test]
    fn every_problem_is_named_and_no_value_is() {
        let problems = read(&[
            ("SEARCH", "searxng,brave,altavista"),
            ("EXA_URL", "ftp://secret"),
            ("TAVILY_API_KEY", "secret\nkey"),
        ])
        .unwrap_err()
        .join("; ");
        for words in [
            "unknown provider",
            "SEARXNG_URL is not set",
            "BRAVE_API_KEY is not set",
            "EXA_URL",
            "TAVILY_API_KEY",
        ] {
            assert!(problems.contains(words), "{words} is missing in: {problems}");
        }
        assert!(!problems.contains("secret"), "{problems}");
        assert!(read(&[("SEARCH", ",")]).unwrap_err().join("").contains("names no provider"));
    }
}
