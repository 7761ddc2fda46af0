//! `sources` and `start_urls` of a request: where to look, and what to read first.

use super::{Fields, URL_CHARS_MAX};
use crate::research::request::START_URLS_MAX;
use crate::research::sources::Source;
use crate::search::fusion::DomainRules;
use serde_json::Value;
use url::Url;

/// Most sources of one request: a library's collections and a handful of providers.
const SOURCES_MAX: usize = 32;

impl Fields<'_> {
    /// A list such as `["library:handbook", "web"]`; a single text counts as a list of one.
    pub(in crate::api) fn sources(&mut self) -> Vec<Source> {
        let Some(names) =
            self.listed(&["sources"], SOURCES_MAX, "sources such as \"library:handbook\" or \"web\"")
        else {
            return Vec::new();
        };
        let mut sources: Vec<Source> = Vec::new();
        for name in names {
            match name.trim().parse() {
                Ok(source) if sources.contains(&source) => {}
                Ok(source) => sources.push(source),
                Err(error) => self.problems.push(format!("in `sources`: {error}")),
            }
        }
        sources
    }

    /// A list of absolute http(s) URLs, each once, without fragments. Whether they may be fetched is for the deployment's
    /// admission rule to say.
    pub(super) fn start_urls(&mut self, exclude_domains: &[String]) -> Vec<String> {
        let names = ["start_urls", "startUrls"];
        let Some(texts) = self.listed(&names, START_URLS_MAX, "http(s) URLs") else { return Vec::new() };
        let rules = DomainRules { include: Vec::new(), exclude: exclude_domains.to_vec() };
        let mut urls: Vec<String> = Vec::new();
        for (place, text) in (1..).zip(texts) {
            let url = Url::parse(text.trim()).ok().filter(|url| {
                matches!(url.scheme(), "http" | "https") && url.has_host() && text.len() <= URL_CHARS_MAX
            });
            match url {
                Some(url) if !rules.allow(&url) => self.conflicts.push(format!(
                    "URL {place} of `start_urls` is of a domain in `exclude_domains`: leave one of them out"
                )),
                Some(mut url) => {
                    url.set_fragment(None);
                    if !urls.contains(&String::from(url.clone())) {
                        urls.push(url.into());
                    }
                }
                None => self.problems.push(format!(
                    "URL {place} of `start_urls` is no absolute http(s) URL of at most {URL_CHARS_MAX} characters"
                )),
            }
        }
        urls
    }

    fn listed(&mut self, names: &[&'static str], most: usize, what: &str) -> Option<Vec<String>> {
        let (name, value) = self.get(names)?;
        let texts: Option<Vec<String>> = match value {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(items) if items.len() <= most => {
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        if texts.is_none() {
            self.problems.push(format!("`{name}` must be a list of at most {most} {what}"));
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::super::research_request;

    fn problem(body: &str) -> String {
        research_request(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn sources_and_start_urls_are_lists_without_repetitions() {
        let request = research_request(
            br#"{"query":"q","sources":["library:handbook"," web","web"],
                 "startUrls":["https://a.example/x#y","https://a.example/x","http://b.example"]}"#,
        )
        .unwrap();
        let sources: Vec<String> = request.sources.into_iter().map(String::from).collect();
        assert_eq!(sources, ["library:handbook", "web"]);
        assert_eq!(request.start_urls, ["https://a.example/x", "http://b.example/"]);
        let none = research_request(br#"{"query":"q","sources":[],"start_urls":null}"#).unwrap();
        assert!(none.sources.is_empty() && none.start_urls.is_empty());
        assert_eq!(research_request(br#"{"query":"q","sources":"library"}"#).unwrap().sources.len(), 1);
    }

    #[test]
    fn what_is_no_source_and_no_page_is_refused_by_name() {
        for (body, says) in [
            (r#"{"query":"q","sources":["intranet"]}"#, "`intranet` is no source"),
            (r#"{"query":"q","sources":["library:No Name"]}"#, "`library:No Name` is no source"),
            (r#"{"query":"q","sources":[7]}"#, "`sources` must be a list"),
            (r#"{"query":"q","start_urls":{"a":1}}"#, "`start_urls` must be a list"),
            (r#"{"query":"q","start_urls":["https://a.example/","ftp://b/"]}"#, "URL 2 of `start_urls`"),
            (r#"{"query":"q","start_urls":["/relative"]}"#, "URL 1 of `start_urls`"),
            (
                r#"{"query":"q","start_urls":["https://x.a.example/"],"exclude_domains":["a.example"]}"#,
                "`exclude_domains`",
            ),
        ] {
            let problem = problem(body);
            assert!(problem.contains(says), "{body}: {problem}");
        }
        let many: Vec<String> = (0..21).map(|n| format!("\"https://a.example/{n}\"")).collect();
        assert!(
            problem(&format!(r#"{{"query":"q","start_urls":[{}]}}"#, many.join(","))).contains("at most 20")
        );
    }
}
