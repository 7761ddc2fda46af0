//! Wikipedia: `GET /w/rest.php/v1/page/{title}/with_html` of the article's own wiki, which gives the text without the site
//! around it, the day of its last change and its licence. Redirects among titles are HTTP redirects.

use super::json::{day, inner, json, text};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, needed};
use crate::web::http::HttpReply;
use url::Url;

/// An article.
#[derive(Debug)]
struct Article {
    /// The wiki's host.
    host: String,
    /// Escaped as in the URL.
    title: String,
}

/// Pages about pages, by the names that work in every language. Whatever else stands before a colon may be part of a title.
const NAMESPACES: [&str; 18] = [
    "special",
    "media",
    "talk",
    "user",
    "user_talk",
    "project",
    "wikipedia",
    "wikipedia_talk",
    "file",
    "file_talk",
    "mediawiki",
    "template",
    "template_talk",
    "help",
    "category",
    "category_talk",
    "module",
    "draft",
];

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    let wiki = place.host.strip_suffix(".wikipedia.org")?;
    let language = wiki.strip_suffix(".m").unwrap_or(wiki);
    if language.is_empty() || !language.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
        return None;
    }
    let ["wiki", first, rest @ ..] = place.path else { return None };
    // Another revision, or the page about the page.
    if place.url.query_pairs().any(|(name, _)| matches!(name.as_ref(), "oldid" | "diff" | "action" | "curid"))
    {
        return None;
    }
    let namespace = first.split_once(':').map(|(before, _)| before.to_ascii_lowercase());
    if namespace.is_some_and(|name| NAMESPACES.contains(&name.as_str())) {
        return None;
    }
    // A slash belongs to the title.
    let title = std::iter::once(first).chain(rest).copied().collect::<Vec<_>>().join("%2F");
    Some(Box::new(Article { host: format!("{language}.wikipedia.org"), title }))
}

impl Source for Article {
    fn site(&self) -> Site {
        Site::Wikipedia
    }

    fn own_api(&self) -> Option<Url> {
        Url::parse(&format!("https://{}", self.host)).ok()
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        if !replies.is_empty() {
            return None;
        }
        Call::json(format!("/w/rest.php/v1/page/{}/with_html", self.title))
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let reply = json(body(replies, 0)?)?;
        let mut document = Document::new(About {
            title: needed(text(&reply, "title"), "title")?.replace('_', " "),
            modified: day(&inner(&reply, "latest", "timestamp")),
            site_name: Site::Wikipedia.title().into(),
            licence: inner(&reply, "license", "url"),
            language: self.host.split('.').next().unwrap_or_default().into(),
            base: format!("https://{}/wiki/", self.host),
            is_raw: true,
            ..About::default()
        });
        document.markup(&needed(text(&reply, "html"), "html")?);
        Ok(document)
    }
}
