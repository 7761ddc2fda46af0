//! What a page says about itself: title, author, day, language, address. Sources are weighed at the end.

use super::block::clean_line;
use super::kind::{self, PageKind};
use super::verdict::Marks;
use super::{date, json_ld};
use url::Url;

/// Everything heard during the pass. Each field keeps the best or first of its source.
#[derive(Debug, Default)]
pub(crate) struct Clues {
    title: String,
    og_title: String,
    site_name: String,
    meta_author: String,
    meta_published: Option<String>,
    time_published: Option<String>,
    time_first: Option<String>,
    people: Vec<(Person, String)>,
    said: json_ld::Said,
    canonical: Option<String>,
    og_url: Option<String>,
    html_language: String,
    meta_language: String,
    noscript: String,
    og_type: String,
    generator: String,
    /// The page runs scripts.
    pub(crate) scripts: bool,
    /// What its elements say about its purpose.
    pub(crate) marks: Marks,
}

/// How an element says that its text names the author; best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Person {
    /// `rel=author`
    Rel,
    /// `itemprop=author`
    Itemprop,
    /// A class such as `byline`
    Byline,
}

/// Longest title that is kept; search engines show 60 characters.
const TITLE_CHARS_MAX: usize = 300;
/// Longest list of authors that is kept.
const AUTHOR_CHARS_MAX: usize = 200;
/// A name longer than this is a sentence.
const NAME_WORDS_MAX: usize = 8;
/// Site names at the end of a title, such as "The Rust Programming Language", have up to this many words.
const SUFFIX_WORDS_MAX: usize = 6;
/// A longer heading is a slogan.
const HEADING_WORDS_MAX: usize = 25;
/// Most elements that are remembered as naming an author; comments name many.
const PEOPLE_MAX: usize = 16;
/// Kept of the markup for readers without scripts.
const NOSCRIPT_BYTES_MAX: usize = 524_288;

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

    pub(crate) fn canonical(&mut self, url: String) {
        self.canonical.get_or_insert(url);
    }

    pub(crate) fn html_language(&mut self, tag: &str) {
        keep_first(&mut self.html_language, tag);
    }

    pub(crate) fn person(&mut self, kind: Person, text: &str) {
        if self.people.len() < PEOPLE_MAX
            && let Some(name) = name(text)
        {
            self.people.push((kind, name));
        }
    }

    pub(crate) fn time(&mut self, datetime: &str, published: bool) {
        let Some(day) = date::day(datetime) else { return };
        if published {
            self.time_published.get_or_insert(day.clone());
        }
        self.time_first.get_or_insert(day);
    }

    pub(crate) fn json_ld(&mut self, text: &str) {
        let said = json_ld::read(text);
        if self.said.authors.is_empty() {
            self.said.authors = said.authors;
        }
        self.said.published = self.said.published.take().or(said.published);
        self.said.headline = self.said.headline.take().or(said.headline);
        if said.body.len() > self.said.body.len() {
            self.said.body = said.body;
        }
        if self.said.kind == PageKind::Other {
            self.said.kind = said.kind;
        }
    }

    /// A `<meta>`: `key` is its name, property, itemprop or http-equiv in lower case.
    pub(crate) fn meta(&mut self, key: &str, content: &str) {
        match key {
            "og:title" | "twitter:title" | "citation_title" => keep_first(&mut self.og_title, content),
            "og:site_name" | "application-name" => keep_first(&mut self.site_name, content),
            "og:type" => keep_first(&mut self.og_type, content),
            "generator" => keep_first(&mut self.generator, content),
            "og:url" => {
                self.og_url.get_or_insert_with(|| content.to_owned());
            }
            "author" | "article:author" | "parsely-author" | "sailthru.author" | "dc.creator"
            | "dcterms.creator" | "citation_author" | "byl" => {
                if let Some(name) = name(content) {
                    keep_first(&mut self.meta_author, &name);
                }
            }
            "article:published_time"
            | "og:published_time"
            | "datepublished"
            | "date"
            | "pubdate"
            | "publishdate"
            | "publish-date"
            | "publish_date"
            | "dc.date"
            | "dc.date.issued"
            | "dcterms.created"
            | "dcterms.date"
            | "dcterms.issued"
            | "sailthru.date"
            | "parsely-pub-date"
            | "citation_publication_date"
            | "citation_date"
            | "article.published"
            | "published_date"
            | "article:published" => {
                self.meta_published = self.meta_published.take().or_else(|| date::day(content));
            }
            "content-language" | "og:locale" | "language" => keep_first(&mut self.meta_language, content),
            _ => {}
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

    /// The title without the site's name. `headings` are the first-level headings of the main content, `all` those of
    /// the page.
    pub(crate) fn best_title(&self, headings: &[&str], all: &[&str], host: &str) -> String {
        let first = headings.first().copied().unwrap_or_default();
        let stated = if self.og_title.is_empty() { &self.title } else { &self.og_title };
        let mut best = self.without_site(stated, headings, host);
        // Titles are written for search engines; the one heading of the page is what readers call it.
        if let [heading] = all
            && (2..=HEADING_WORDS_MAX).contains(&heading.split_whitespace().count())
            && !self.names_site(heading, host)
            && alike(heading, &best)
        {
            (*heading).clone_into(&mut best);
        }
        if best.is_empty() {
            best = if first.is_empty() {
                self.said.headline.clone().unwrap_or_default()
            } else {
                first.to_owned()
            };
        }
        clean_line(&htmlize::unescape(best.as_str()), TITLE_CHARS_MAX)
    }

    fn without_site(&self, title: &str, headings: &[&str], host: &str) -> String {
        const SEPARATORS: [&str; 9] = [
            " | ",
            " - ",
            " \u{2013} ",
            " \u{2014} ",
            " \u{b7} ",
            " :: ",
            " \u{bb} ",
            " \u{2022} ",
            " \u{2039} ",
        ];
        let mut title = title.trim();
        for heading in headings {
            if same_words(heading, title) {
                return title.to_owned();
            }
        }
        loop {
            let cut = SEPARATORS
                .iter()
                .filter_map(|separator| title.rfind(separator).map(|at| (at, *separator)))
                .max_by_key(|(at, _)| *at);
            let Some((at, separator)) = cut else { return title.to_owned() };
            let head = title.get(..at).unwrap_or_default().trim();
            let tail = title.get(at.saturating_add(separator.len())..).unwrap_or_default().trim();
            if head.is_empty() {
                return tail.to_owned();
            }
            if let Some(heading) = headings.iter().find(|h| same_words(h, head) || same_words(h, tail)) {
                return if same_words(heading, head) { head.to_owned() } else { tail.to_owned() };
            }
            if self.names_site(head, host) && !self.names_site(tail, host) {
                return tail.to_owned();
            }
            let words = tail.split_whitespace().count();
            if !self.names_site(tail, host) && words > SUFFIX_WORDS_MAX {
                return title.to_owned();
            }
            title = head;
            // Only bars part a chain of names; a dash further left is part of the title.
            if separator != " | " || !title.contains(" | ") {
                return title.to_owned();
            }
        }
    }

    fn names_site(&self, text: &str, host: &str) -> bool {
        let text = squeezed(text);
        let site = squeezed(&self.site_name);
        let host = host.trim_start_matches("www.");
        let label = squeezed(host.split('.').next().unwrap_or_default());
        !text.is_empty() && (text == site || text == squeezed(host) || (label.len() >= 3 && text == label))
    }

    /// The author's name, several joined by commas.
    pub(crate) fn best_author(&self, byline: Option<String>) -> Option<String> {
        let said: Vec<String> = self.said.authors.iter().filter_map(|author| name(author)).collect();
        if !said.is_empty() {
            return Some(clean_line(&said.join(", "), AUTHOR_CHARS_MAX));
        }
        let listed = || self.people.iter().min_by_key(|(kind, _)| *kind).map(|(_, name)| name.clone());
        Some(self.meta_author.clone()).filter(|name| !name.is_empty()).or_else(listed).or(byline)
    }

    /// The day of publication.
    pub(crate) fn best_day(&self, url: &Url, byline: Option<String>) -> Option<String> {
        self.said
            .published
            .as_deref()
            .and_then(date::day)
            .or_else(|| self.meta_published.clone())
            .or_else(|| date::day_in_path(url.path()))
            .or_else(|| self.canonical.as_deref().and_then(date::day_in_path))
            .or_else(|| self.time_published.clone())
            .or(byline)
            .or_else(|| self.time_first.clone())
    }

    /// The canonical URL, absolute.
    pub(crate) fn best_canonical(&self, url: &Url) -> Option<String> {
        self.canonical.clone().or_else(|| {
            let stated = url.join(self.og_url.as_deref()?).ok()?;
            matches!(stated.scheme(), "http" | "https").then(|| stated.into())
        })
    }

    /// The language tag: of the root element, else of the header, else of a `<meta>`.
    pub(crate) fn best_language(&self, header: Option<&str>) -> Option<String> {
        [self.html_language.as_str(), header.unwrap_or_default(), self.meta_language.as_str()]
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

/// A class that marks the author's name rather than a box about the author.
pub(crate) fn is_byline(class: &str) -> bool {
    class.split_ascii_whitespace().any(|name| {
        let name = name.to_ascii_lowercase();
        name.contains("byline")
            || matches!(name.as_str(), "author" | "author-name" | "post-author" | "entry-author")
    })
}

/// Says who runs the page rather than who wrote it.
pub(crate) fn is_furniture_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    [
        "posted",
        "published",
        "updated",
        "updates",
        "share",
        "sign",
        "subscribe",
        "follow",
        "about",
        "read",
        "continu",
        "using",
    ]
    .iter()
    .any(|word| lower.starts_with(word))
}

/// A person's name out of a byline; `None` when it is none.
pub(crate) fn name(text: &str) -> Option<String> {
    let mut text = clean_line(text, AUTHOR_CHARS_MAX);
    for lead in ["written by ", "posted by ", "by: ", "by ", "author: "] {
        if text.get(..lead.len()).is_some_and(|head| head.eq_ignore_ascii_case(lead)) {
            text = text.get(lead.len()..).unwrap_or_default().to_owned();
        }
    }
    let end = text.find([',', '|', '\u{2022}', '\u{b7}', '(']).unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default().trim();
    let words = text.split_whitespace().count();
    let lower = text.to_ascii_lowercase();
    let is_name = (1..=NAME_WORDS_MAX).contains(&words)
        && !text.contains(['@', '/', '{', '<'])
        && !text.contains(|c: char| c.is_ascii_digit())
        && !matches!(
            lower.as_str(),
            "admin"
                | "administrator"
                | "by"
                | "author"
                | "staff"
                | "unknown"
                | "null"
                | "posted by:"
                | "posted by"
        );
    is_name.then(|| text.to_owned())
}

fn keep_first(slot: &mut String, text: &str) {
    if slot.is_empty() {
        text.trim().clone_into(slot);
    }
}

/// Two titles that speak of the same: a third of the heading's longer words is in the title too.
fn alike(heading: &str, title: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.chars().count() > 3)
            .map(str::to_lowercase)
            .collect()
    };
    let (heading, title) = (words(heading), words(title));
    let shared = heading.iter().filter(|word| title.contains(word)).count();
    shared > 0 && shared.saturating_mul(3) >= heading.len()
}

fn same_words(a: &str, b: &str) -> bool {
    let a = squeezed(a);
    !a.is_empty() && a == squeezed(b)
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titled(title: &str, headings: &[&str]) -> String {
        let mut clues = Clues::default();
        clues.title(title);
        clues.best_title(headings, headings, "www.example.com")
    }

    #[test]
    fn the_sites_name_is_cut_from_the_title() {
        assert_eq!(titled("What is Ownership? - The Rust Programming Language", &[]), "What is Ownership?");
        assert_eq!(titled("Rates rise again | World | The Paper", &[]), "Rates rise again");
        assert_eq!(titled("Example: Home", &[]), "Example: Home");
        assert_eq!(titled("example.com - Prices of tin", &[]), "Prices of tin");
        assert_eq!(titled("The Paper | Rates rise again", &["Rates rise again"]), "Rates rise again");
        assert_eq!(titled("Rust - a language", &["Rust - a language"]), "Rust - a language");
        assert_eq!(titled("", &["Heading"]), "Heading");
    }

    #[test]
    fn names_are_told_from_other_bylines() {
        assert_eq!(name("By Ada  Lovelace | 3 min read").as_deref(), Some("Ada Lovelace"));
        assert_eq!(name("https://example.com/ada"), None);
        assert_eq!(name("Posted 3 days ago"), None);
    }

    #[test]
    fn better_sources_win() {
        let url = Url::parse("https://example.com/2020/01/02/x").expect("a URL");
        let mut clues = Clues::default();
        clues.person(Person::Byline, "By Carl");
        clues.time("2021-01-01", false);
        assert_eq!(clues.best_author(None).as_deref(), Some("Carl"));
        assert_eq!(clues.best_day(&url, None).as_deref(), Some("2020-01-02"));
        clues.person(Person::Rel, "Bea");
        assert_eq!(clues.best_author(None).as_deref(), Some("Bea"));
        clues.json_ld(r#"{"datePublished":"2019-05-06","author":"Ada"}"#);
        assert_eq!(clues.best_author(None).as_deref(), Some("Ada"));
        assert_eq!(clues.best_day(&url, None).as_deref(), Some("2019-05-06"));
    }

    #[test]
    fn language_tags_are_checked() {
        assert_eq!(language_tag("en_US").as_deref(), Some("en-US"));
        assert_eq!(language_tag("de, en").as_deref(), Some("de"));
        assert_eq!(language_tag("<script>"), None);
    }
}
