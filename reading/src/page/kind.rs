//! What kind of page it is, by what it says of itself: `og:type`, its own address, the program that made it.

use serde::{Deserialize, Serialize};
use url::Url;

/// Kinds of pages that are read differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Nothing tells.
    #[default]
    Other,
    /// One text by an author.
    Article,
    /// Questions, answers, posts of many.
    Forum,
    /// A manual or reference.
    Documentation,
    /// One thing for sale.
    Product,
    /// Many things, each with a line or two.
    Collection,
}

/// What `og:type` says.
pub(crate) fn of_type(og_type: &str) -> PageKind {
    match og_type.trim().to_ascii_lowercase().as_str() {
        "article" | "blog" | "news" | "newsarticle" | "post" | "book" => PageKind::Article,
        "product" | "og:product" | "product.item" | "item" => PageKind::Product,
        "product.group" | "product.category" | "collection" => PageKind::Collection,
        _ => PageKind::Other,
    }
}

/// What `<meta name=generator>` says.
pub(crate) fn of_generator(generator: &str) -> PageKind {
    let generator = generator.to_ascii_lowercase();
    let has = |names: &[&str]| names.iter().any(|name| generator.contains(name));
    if has(&[
        "discourse",
        "vbulletin",
        "phpbb",
        "xenforo",
        "mybb",
        "simple machines",
        "flarum",
        "nodebb",
        "vanilla",
    ]) {
        PageKind::Forum
    } else if has(&[
        "docusaurus",
        "mkdocs",
        "sphinx",
        "vuepress",
        "gitbook",
        "antora",
        "javadoc",
        "rustdoc",
        "mdbook",
    ]) {
        PageKind::Documentation
    } else {
        PageKind::Other
    }
}

/// What the page's own address says.
pub(crate) fn of_address(url: &Url) -> PageKind {
    let host = url.host_str().unwrap_or_default();
    let label = host.trim_start_matches("www.").split('.').next().unwrap_or_default();
    match label {
        "docs" | "doc" | "developer" | "developers" | "learn" | "wiki" | "api" | "man" => {
            return PageKind::Documentation;
        }
        "forum" | "forums" | "community" | "discuss" | "discourse" | "answers" | "talk" | "users" => {
            return PageKind::Forum;
        }
        "blog" | "news" => return PageKind::Article,
        _ => {}
    }
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in &segments {
        let segment = segment.to_ascii_lowercase();
        match segment.as_str() {
            "docs" | "doc" | "documentation" | "reference" | "guide" | "guides" | "manual" | "tutorial"
            | "tutorials" | "api" | "man" | "wiki" => return PageKind::Documentation,
            "forum" | "forums" | "thread" | "threads" | "topic" | "topics" | "questions" | "t"
            | "showthread.php" | "viewtopic.php" | "discussion" | "discussions" | "comments"
            | "community" => return PageKind::Forum,
            "product" | "products" | "p" | "dp" | "itm" | "item" => return PageKind::Product,
            "collection" | "collections" | "category" | "categories" | "shop" | "search" | "browse" | "c"
            | "tag" | "s" => return PageKind::Collection,
            "blog" | "blogs" | "news" | "article" | "articles" | "story" | "stories" | "post" | "posts"
            | "opinion" => {
                return PageKind::Article;
            }
            _ => {}
        }
    }
    let dated = segments.iter().any(|segment| {
        segment.len() == 4
            && (segment.starts_with("20") || segment.starts_with("19"))
            && segment.bytes().all(|b| b.is_ascii_digit())
    });
    let slug = segments.last().is_some_and(|last| last.matches('-').count() >= 4);
    if dated || slug { PageKind::Article } else { PageKind::Other }
}

/// A number for each kind, by how much of its pages is told text.
pub(crate) fn code(kind: PageKind) -> u16 {
    match kind {
        PageKind::Article => 5,
        PageKind::Documentation => 4,
        PageKind::Other => 3,
        PageKind::Forum => 2,
        PageKind::Product => 1,
        PageKind::Collection => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_speak_of_kinds() {
        for (url, kind) in [
            ("https://docs.rs/url", PageKind::Documentation),
            ("https://e.com/t/how-do-i/12", PageKind::Forum),
            ("https://e.com/products/shoe", PageKind::Product),
            ("https://e.com/collections/shoes", PageKind::Collection),
            ("https://e.com/2024/03/rates", PageKind::Article),
            ("https://e.com/rates-rise-again-in-spring", PageKind::Article),
            ("https://e.com/", PageKind::Other),
        ] {
            assert_eq!(of_address(&Url::parse(url).expect("a URL")), kind, "{url}");
        }
    }
}
