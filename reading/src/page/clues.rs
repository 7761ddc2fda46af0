//! What a page says about itself: title, author, days, language, address, licence. Sources are weighed at the end.

mod author;
mod dates;
mod title;

pub(crate) use author::{Person, behind_lead, is_byline, is_furniture_name, names};
pub use dates::DateSource;
pub(crate) use dates::{Dated, Moment};

use super::block::clean_line;
use super::island::Islands;
use super::kind::{self, PageKind};
use super::verdict::Marks;
use super::{injection, json_ld};
use author::Heard;
use dates::Note;
use url::Url;

/// Everything heard during the pass. Each field keeps the best or first of its source.
#[derive(Debug, Default)]
pub(crate) struct Clues {
    title: String,
    og_title: String,
    site_name: String,
    meta_authors: Vec<String>,
    /// Key of the `<meta>` that names the author because another one, before it, says so.
    author_label: String,
    dates: Vec<Note>,
    people: Vec<Heard>,
    said: json_ld::Said,
    canonical: Option<String>,
    og_url: Option<String>,
    /// `rel=license`, else a link to Creative Commons.
    licence: Option<String>,
    meta_licence: String,
    html_language: String,
    meta_language: String,
    noscript: String,
    description: String,
    og_type: String,
    generator: String,
    /// A `<meta>` says that only subscribers read on.
    paywall: bool,
    /// What its scripts hold as data.
    pub(crate) islands: Islands,
    /// The page runs scripts.
    pub(crate) scripts: bool,
    /// What its elements say about its purpose.
    pub(crate) marks: Marks,
    /// Of what no reader sees (hidden text, comments, metadata, alternative texts) that which may speak to models.
    aside: String,
}

/// Kept of the markup for readers without scripts.
const NOSCRIPT_BYTES_MAX: usize = 524_288;
/// Longest name of a site or address of a licence that is kept.
const NAME_CHARS_MAX: usize = 200;

/// An attack speaks in a sentence or two; descriptions and comments that only may be one take the rest.
const ASIDE_BYTES_MAX: usize = 16_384;

impl Clues {
    pub(crate) fn title(&mut self, text: &str) {
        keep_first(&mut self.title, text);
    }

    pub(crate) fn noscript(&mut self, text: &str) {
        if self.noscript.len().saturating_add(text.len()) < NOSCRIPT_BYTES_MAX {
            self.noscript.push_str(text);
            self.noscript.push(' ');
        }
    }

    /// Takes note of words that no reader sees, if they may speak to models.
    pub(crate) fn aside(&mut self, text: &str) {
        let room = ASIDE_BYTES_MAX.saturating_sub(self.aside.len());
        if room > text.len() && injection::is_suspicious(text) {
            self.aside.push_str(text);
            self.aside.push('\n');
        }
    }

    /// What was taken note of, a line each.
    pub(crate) fn asides(&self) -> &str {
        &self.aside
    }

    pub(crate) fn canonical(&mut self, url: String) {
        self.canonical.get_or_insert(url);
    }

    /// A link that says it leads to the licence.
    pub(crate) fn licence(&mut self, url: String) {
        self.licence.get_or_insert(url);
    }

    pub(crate) fn html_language(&mut self, tag: &str) {
        keep_first(&mut self.html_language, tag);
    }

    pub(crate) fn json_ld(&mut self, text: &str) {
        self.said.add(json_ld::read(text));
    }

    /// A `<meta>`: `key` is its name, property, itemprop or http-equiv in lower case.
    pub(crate) fn meta(&mut self, key: &str, content: &str) {
        match key {
            "og:title" | "twitter:title" | "citation_title" => keep_first(&mut self.og_title, content),
            "og:site_name" | "application-name" | "citation_journal_title" | "dc.publisher" | "cre" => {
                keep_first(&mut self.site_name, content);
            }
            "description" | "og:description" | "twitter:description" => {
                keep_first(&mut self.description, content);
            }
            "og:type" => keep_first(&mut self.og_type, content),
            "generator" => keep_first(&mut self.generator, content),
            "og:url" => {
                self.og_url.get_or_insert_with(|| content.to_owned());
            }
            "author"
            | "article:author"
            | "og:article:author"
            | "article_author"
            | "parsely-author"
            | "sailthru.author"
            | "dc.creator"
            | "dcterms.creator"
            | "citation_author"
            | "byl"
            | "cxenseparse:author"
            | "authors"
            | "dc.contributor.author"
            | "dc.contributor"
            | "creator"
            | "author_name" => self.meta_author(content),
            // "Written by" and who did, as Yoast tells Twitter.
            _ if key.starts_with("twitter:label") && behind_lead(content).is_some_and(str::is_empty) => {
                keep_first(&mut self.author_label, &key.replace("label", "data"));
            }
            _ if !self.author_label.is_empty() && key == self.author_label => {
                if self.meta_authors.is_empty() {
                    self.meta_author(content);
                }
            }
            "article:content_tier" if matches!(content, "locked" | "metered") => self.paywall = true,
            "license" | "licence" | "dc.rights.license" | "dcterms.license" | "dc.rights"
            | "dcterms.rights" => {
                keep_first(&mut self.meta_licence, content);
            }
            "content-language" | "og:locale" | "language" | "dc.language" => {
                keep_first(&mut self.meta_language, content);
            }
            _ => {
                self.meta_date(key, content);
            }
        }
    }

    /// Markup shown to readers without scripts.
    pub(crate) fn noscript_text(&self) -> &str {
        &self.noscript
    }

    /// The page's text as its JSON-LD tells it: plain text or HTML.
    pub(crate) fn said_body(&self) -> &str {
        &self.said.body
    }

    /// What the page is about, in its own words; often how its text begins.
    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    /// The `<title>` as written.
    pub(crate) fn raw_title(&self) -> &str {
        &self.title
    }

    /// What kind of page it is by its type, by the program that made it, and by its own address. The address that it
    /// was fetched from is not asked: most pages name their own.
    pub(crate) fn kinds(&self) -> [PageKind; 3] {
        let address =
            self.canonical.as_deref().or(self.og_url.as_deref()).and_then(|url| Url::parse(url).ok());
        [
            kind::of_type(&self.og_type),
            kind::of_generator(&self.generator),
            address.map_or(PageKind::Other, |url| kind::of_address(&url)),
        ]
    }

    /// The depth of the page's own address: 0 when it names none, 1 at the root.
    pub(crate) fn depth(&self) -> u16 {
        let address =
            self.canonical.as_deref().or(self.og_url.as_deref()).and_then(|url| Url::parse(url).ok());
        address.map_or(0, |url| {
            let segments = url.path().split('/').filter(|segment| !segment.is_empty()).count();
            u16::try_from(segments.saturating_add(1)).unwrap_or(u16::MAX)
        })
    }

    /// The one kind that the most telling of these names.
    pub(crate) fn best_kind(&self) -> PageKind {
        let [by_type, by_generator, by_address] = self.kinds();
        [by_generator, self.said.kind, by_address, by_type]
            .into_iter()
            .find(|kind| *kind != PageKind::Other)
            .unwrap_or_default()
    }

    /// What the page calls itself, in several ways.
    pub(crate) fn titles(&self) -> [&str; 2] {
        [&self.title, &self.og_title]
    }

    /// The canonical URL, absolute.
    pub(crate) fn best_canonical(&self, url: &Url) -> Option<String> {
        self.canonical.clone().or_else(|| {
            let stated = url.join(self.og_url.as_deref()?).ok()?;
            matches!(stated.scheme(), "http" | "https").then(|| stated.into())
        })
    }

    /// The name of the site as it writes it itself.
    pub(crate) fn best_site_name(&self) -> Option<String> {
        let said = self.said.site_name.as_deref().unwrap_or_default();
        let names =
            [self.site_name.as_str(), said].map(|name| clean_line(&htmlize::unescape(name), NAME_CHARS_MAX));
        names.into_iter().find(|name| !name.is_empty() && !name.starts_with("http"))
    }

    /// The absolute address of the licence that the page is under.
    pub(crate) fn best_licence(&self, url: &Url) -> Option<String> {
        let stated = [self.said.licence.as_deref(), Some(self.meta_licence.as_str())];
        let linked = stated.into_iter().flatten().find_map(|text| {
            let text = text.trim();
            let address = text.split_whitespace().find(|word| word.starts_with("http")).unwrap_or(text);
            (address.starts_with("http") || address.starts_with('/'))
                .then(|| url.join(address).ok().map(String::from))?
        });
        self.licence.clone().or(linked).filter(|licence| licence.len() <= NAME_CHARS_MAX)
    }

    /// Whether the page says that only subscribers read all of it.
    pub(crate) fn is_paywalled(&self) -> bool {
        self.paywall || self.said.paywalled
    }

    /// The language tag: of the root element, else of the header, of a `<meta>`, of JSON-LD.
    pub(crate) fn best_language(&self, header: Option<&str>) -> Option<String> {
        let said = self.said.language.as_deref().unwrap_or_default();
        [self.html_language.as_str(), header.unwrap_or_default(), self.meta_language.as_str(), said]
            .iter()
            .find_map(|tag| language_tag(tag))
    }
}

/// A BCP 47 tag from the first of a comma-separated list.
pub(crate) fn language_tag(text: &str) -> Option<String> {
    let tag = text.split(',').next()?.trim().replace('_', "-");
    let parts: Vec<&str> = tag.split('-').collect();
    let sound =
        parts.iter().all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    let primary = parts
        .first()
        .is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    (sound && primary && parts.len() <= 4).then_some(tag)
}

fn keep_first(slot: &mut String, text: &str) {
    if slot.is_empty() {
        text.trim().clone_into(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_checked() {
        assert_eq!(language_tag("en_US").as_deref(), Some("en-US"));
        assert_eq!(language_tag("de, en").as_deref(), Some("de"));
        assert_eq!(language_tag("<script>"), None);
    }

    #[test]
    fn licence_site_and_paywall_are_read_from_where_pages_state_them() {
        let url = Url::parse("https://e.com/a/b").expect("a URL");
        let mut clues = Clues::default();
        assert_eq!(
            (clues.best_licence(&url), clues.best_site_name(), clues.is_paywalled()),
            (None, None, false)
        );
        clues.meta("dc.rights", "All rights reserved");
        assert_eq!(clues.best_licence(&url), None);
        clues.json_ld(r#"{"@type":"Article","license":"/terms","publisher":{"name":"The &amp; Paper"},"isAccessibleForFree":false}"#);
        assert_eq!(clues.best_licence(&url).as_deref(), Some("https://e.com/terms"));
        assert_eq!(clues.best_site_name().as_deref(), Some("The & Paper"));
        assert!(clues.is_paywalled());
        clues.licence("https://creativecommons.org/licenses/by/4.0/".into());
        assert_eq!(clues.best_licence(&url).as_deref(), Some("https://creativecommons.org/licenses/by/4.0/"));
        let mut metered = Clues::default();
        metered.meta("article:content_tier", "metered");
        assert!(metered.is_paywalled());
    }
}
