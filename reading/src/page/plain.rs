//! Documents that come as Markdown or plain text: kept as they are but for characters that no reader sees.

use super::block::{boundary_at_or_before, clean_line, clean_lines, count_words};
use super::simhash::simhash;
use super::{InjectionFlag, Limits, Page, injection};
use crate::digest::sha256_hex;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use url::Url;

/// A first line longer than this is a paragraph rather than a title.
const TITLE_CHARS_MAX: usize = 120;

/// A document given as Markdown. The text is kept; title and links are read from it, links resolved against `url`.
pub(crate) fn markdown_page(url: &Url, text: &str, limits: Limits) -> Page {
    let (markdown, truncated, injection_flags) = kept(text, limits);
    let mut title = String::new();
    let mut title_level = None;
    let mut in_heading = false;
    let mut spoken = String::new();
    let mut links = Vec::new();
    let mut seen = BTreeSet::new();
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut in_front_matter = false;
    let mut stated = None;
    for event in Parser::new_ext(&markdown, options) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                in_heading = title_level.is_none()
                    || (level == HeadingLevel::H1 && title_level > Some(HeadingLevel::H1));
                if in_heading {
                    title.clear();
                    title_level = Some(level);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                in_heading = false;
                spoken.push(' ');
            }
            Event::Start(Tag::MetadataBlock(_)) => in_front_matter = true,
            Event::End(TagEnd::MetadataBlock(_)) => in_front_matter = false,
            Event::Start(Tag::Link { dest_url, .. }) if links.len() < limits.links_max => {
                if let Ok(mut link) = url.join(&dest_url) {
                    link.set_fragment(None);
                    if matches!(link.scheme(), "http" | "https") && seen.insert(link.clone()) {
                        links.push(String::from(link));
                    }
                }
            }
            Event::Text(text) if in_front_matter => {
                stated = text.lines().find_map(|line| {
                    Some(line.strip_prefix("title:")?.trim().trim_matches(['"', '\'']).to_owned())
                });
            }
            Event::Text(text) | Event::Code(text) => {
                if in_heading {
                    title.push_str(&text);
                }
                spoken.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_) => spoken.push(' '),
            _ => {}
        }
    }
    let title = clean_line(&stated.filter(|title| !title.is_empty()).unwrap_or(title), TITLE_CHARS_MAX);
    Page {
        title,
        words: count_words(&spoken),
        sha256: sha256_hex(&markdown),
        simhash: simhash(&markdown),
        markdown,
        truncated,
        injection_flags,
        links,
        ..Page::default()
    }
}

/// A document given as plain text, kept line by line; its title is its first line if that is short.
pub(crate) fn text_page(text: &str, limits: Limits) -> Page {
    let (markdown, truncated, injection_flags) = kept(text, limits);
    let first = markdown.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let title = if first.chars().count() <= TITLE_CHARS_MAX { first.to_owned() } else { String::new() };
    Page {
        title,
        words: count_words(&markdown),
        sha256: sha256_hex(&markdown),
        simhash: simhash(&markdown),
        markdown,
        truncated,
        injection_flags,
        ..Page::default()
    }
}

/// Clean text within the limit, whether it was cut, and what spoke to models in it.
fn kept(text: &str, limits: Limits) -> (String, bool, Vec<InjectionFlag>) {
    let mut flags = Vec::new();
    let mut clean = injection::clean_text(&clean_lines(text), &mut flags);
    let end = clean.trim_end().len();
    let cut = boundary_at_or_before(&clean, end.min(limits.markdown_bytes_max.saturating_sub(1)));
    clean.truncate(cut);
    if !clean.is_empty() {
        clean.push('\n');
    }
    (clean, cut < end, flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Url {
        Url::parse("https://example.com/docs/a").expect("a URL")
    }

    #[test]
    fn markdown_keeps_its_text_and_gives_title_and_links() {
        let page = markdown_page(
            &url(),
            "intro\r\n\r\n## Part\n\n# The `Title`\n\n[x](b#c) [y](b) [z](mailto:a@b)\n",
            Limits::default(),
        );
        assert_eq!(page.title, "The Title");
        assert_eq!(page.links, ["https://example.com/docs/b"]);
        assert!(page.markdown.starts_with("intro\n\n## Part"));
        assert_eq!(page.words, 7);
        assert!(!page.truncated);
    }

    #[test]
    fn front_matter_may_state_the_title() {
        assert_eq!(
            markdown_page(&url(), "---\ntitle: \"Stated\"\n---\n\n# Other\n", Limits::default()).title,
            "Stated"
        );
    }

    #[test]
    fn text_is_kept_and_cut_at_the_limit() {
        let page = text_page("Heading\n\n  indented\u{200b} line\n\n", Limits::default());
        assert_eq!(
            (page.title.as_str(), page.markdown.as_str()),
            ("Heading", "Heading\n\n  indented line\n")
        );
        let limits = Limits { markdown_bytes_max: 4, ..Limits::default() };
        let page = text_page("\u{e9}\u{e9}\u{e9}", limits);
        assert_eq!((page.markdown.as_str(), page.truncated), ("\u{e9}\n", true));
    }
}
