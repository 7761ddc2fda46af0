//! The body of `POST /v1/library/crawls`.

use crate::api::ApiError;
use crate::api::request::{BODY_BYTES_MAX, Fields, json_object};
use crate::library::crawl::{DEPTH_MAX, Gone, Options, PAGES_MAX, Sitemaps};
use serde_json::Value;
use url::Url;

/// A site to be crawled within its start URL's origin and folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCrawl {
    /// Where to start.
    pub url: String,
    /// Most pages read.
    pub max_pages: u32,
    /// Most links away from the start.
    pub max_depth: u32,
    /// What it does beyond following links.
    pub options: Options,
}

/// Longest URL: a crawl keeps 512 bytes of each, and its normal form may be a few bytes longer.
const URL_CHARS_MAX: usize = 500;
/// Pages of a crawl when none are named.
const CRAWL_PAGES: u32 = 100;
/// Depth of a crawl when none is named.
const CRAWL_DEPTH: u32 = 5;

/// Reads a crawl: `url`, `max_pages`, `max_depth`, `collection`, `sitemap` (true or a URL) and `gone` (`remove`, `mark`).
///
/// # Errors
/// 400 with every problem; 413.
pub fn new_crawl(body: &[u8]) -> Result<NewCrawl, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut fields = Fields::of(&object);
    let url = fields.text("url", URL_CHARS_MAX);
    if url.is_none() && fields.problems.is_empty() {
        fields.problems.push("`url` is required: send the address of the page to start from".into());
    }
    let collection = fields.collection().unwrap_or_default();
    let sitemap = fields.sitemap();
    let gone = match fields.word("gone", URL_CHARS_MAX).as_deref() {
        None | Some("remove") => Gone::Remove,
        Some("mark") => Gone::Mark,
        Some(_) => {
            fields.problems.push("`gone` must be \"remove\" or \"mark\"".into());
            Gone::default()
        }
    };
    let max_pages = fields.count(&["max_pages", "maxPages"], PAGES_MAX);
    let max_depth = match fields.get(&["max_depth", "maxDepth"]) {
        Some((_, zero)) if zero.as_f64() == Some(0.0) => Some(0),
        _ => fields.count(&["max_depth", "maxDepth"], DEPTH_MAX),
    };
    fields.done(NewCrawl {
        url: url.unwrap_or_default(),
        max_pages: max_pages.unwrap_or(CRAWL_PAGES),
        max_depth: max_depth.unwrap_or(CRAWL_DEPTH),
        options: Options { collection, sitemap, gone },
    })
}

impl Fields<'_> {
    fn sitemap(&mut self) -> Option<Sitemaps> {
        let (_, value) = self.get(&["sitemap"])?;
        let url =
            |text: &str| Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match value {
            Value::Bool(false) => None,
            Value::Bool(true) => Some(Sitemaps::Found),
            Value::String(text) if url(text).is_some() => url(text).map(Sitemaps::At),
            _ => {
                self.problems.push("`sitemap` must be true, false or the http(s) URL of a sitemap".into());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crawl_has_defaults_and_bounds() {
        let crawl = new_crawl(br#"{"url":"https://a.example/","max_pages":100000,"max_depth":0}"#).unwrap();
        assert_eq!((crawl.max_pages, crawl.max_depth, crawl.options), (PAGES_MAX, 0, Options::default()));
        assert_eq!(new_crawl(b"{}").unwrap_err().status(), 400);
    }

    #[test]
    fn a_crawl_may_go_by_sitemap_into_a_collection() {
        let options = |body: &str| new_crawl(body.as_bytes()).unwrap().options;
        let crawl =
            options(r#"{"url":"https://a.example/","sitemap":true,"collection":"docs","gone":"mark"}"#);
        assert_eq!((crawl.sitemap, crawl.gone), (Some(Sitemaps::Found), Gone::Mark));
        assert_eq!(crawl.collection.as_str(), "docs");
        let at = options(r#"{"url":"https://a.example/","sitemap":"https://a.example/s.xml"}"#).sitemap;
        assert_eq!(at, Some(Sitemaps::At(Url::parse("https://a.example/s.xml").unwrap())));
        assert_eq!(options(r#"{"url":"https://a.example/","sitemap":false}"#).sitemap, None);
        let problems =
            new_crawl(br#"{"url":"https://a.example/","sitemap":"s.xml","gone":"keep","collection":"A"}"#)
                .unwrap_err()
                .to_string();
        for name in ["`sitemap`", "`gone`", "`collection`"] {
            assert!(problems.contains(name), "{problems}");
        }
    }
}
