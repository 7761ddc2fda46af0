//! Who wrote a page and when, read off the lines around its title as a reader would: for pages whose markup does not say.

use super::block::Block;
use super::clues::{is_furniture_name, name};
use super::date;

/// What the lines around the title say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Byline {
    pub(crate) author: Option<String>,
    /// `YYYY-MM-DD`
    pub(crate) published: Option<String>,
}

/// Blocks before the title that are looked at: a date often stands above it.
const BEFORE: usize = 8;
/// Blocks behind the title that are looked at.
const BEHIND: usize = 16;
/// A longer block is the text itself.
const LINE_WORDS_MAX: u32 = 30;
/// Names have no more words than this.
const NAME_WORDS_MAX: usize = 5;

/// Reads the lines around the block at `title_at`; around the beginning when no block shows the title.
pub(crate) fn read(blocks: &[Block], targets: &[String], title_at: Option<usize>) -> Byline {
    let at = title_at.unwrap_or(BEFORE);
    let range = at.saturating_sub(BEFORE)..at.saturating_add(BEHIND).min(blocks.len());
    let near = blocks.get(range).unwrap_or_default();
    let lines = || near.iter().filter(|block| block.words <= LINE_WORDS_MAX);
    let author = near
        .iter()
        .zip(near.iter().skip(1).map(Some).chain([None]))
        .filter(|(block, _)| block.words <= LINE_WORDS_MAX)
        .find_map(|(block, next)| named_in(&block.text, next.map(|next| next.text.as_str())))
        .or_else(|| lines().find_map(|block| linked(block, targets)));
    let dated = |wanted: Label| lines().find_map(|block| day_in(&block.text, wanted));
    let published = dated(Label::Published).or_else(|| dated(Label::None)).or_else(|| dated(Label::Updated));
    Byline { author, published }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Published,
    None,
    Updated,
}

/// The day in a line that is labelled so.
fn day_in(text: &str, wanted: Label) -> Option<String> {
    let lower = text.to_lowercase();
    let published =
        ["publish", "posted", "first ", "created", "written"].iter().find_map(|word| lower.find(word));
    let updated =
        ["updated", "modified", "reviewed", "revised", "edited"].iter().find_map(|word| lower.find(word));
    match wanted {
        Label::Published => date::day_in_text(lower.get(published?..)?),
        Label::Updated => updated.and_then(|_| date::day_in_text(&lower)),
        Label::None if published.is_none() && updated.is_none() => date::day_in_text(&lower),
        Label::None => {
            // "1 March 2024, updated 3 May 2024"
            let before = updated.and_then(|end| lower.get(..end)).filter(|_| published.is_none())?;
            date::day_in_text(before)
        }
    }
}

/// What leads a name in.
const LEADS: [&str; 20] = [
    "by",
    "by:",
    "written by",
    "written by:",
    "words by",
    "posted by",
    "posted by:",
    "story by",
    "author:",
    "author",
    "authors:",
    "reviewed by",
    "von",
    "par",
    "por",
    "di",
    "door",
    "autor:",
    "text:",
    "article by",
];

/// The name behind "By", in the line itself or in the next one.
fn named_in(text: &str, next: Option<&str>) -> Option<String> {
    let line = text.lines().next().unwrap_or_default().trim();
    let lower = line.to_lowercase();
    for lead in LEADS {
        if lower == lead {
            return next.and_then(|next| leading_name(next.lines().next().unwrap_or_default()));
        }
        // Lower-casing may change lengths only outside ASCII; leads are ASCII.
        let rest = lower.strip_prefix(lead).filter(|rest| rest.starts_with(char::is_whitespace));
        if rest.is_some() && lead.len() > 1 {
            return leading_name(line.get(lead.len()..).unwrap_or_default().trim());
        }
    }
    // "March 1, 2024 by Ada Lovelace"
    let at = lower.rfind(" by ").filter(|_| line.is_ascii())?;
    let before = lower.get(..at).unwrap_or_default();
    (date::day_in_text(before).is_some() || before.ends_with("written") || before.ends_with("posted"))
        .then(|| leading_name(line.get(at.saturating_add(4)..).unwrap_or_default()))
        .flatten()
}

/// The capitalised words that a line starts with.
fn leading_name(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches([':', '-', '\u{2013}']).trim();
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        let small =
            matches!(word, "de" | "van" | "von" | "der" | "den" | "da" | "di" | "la" | "le" | "bin" | "al");
        let capital =
            word.chars().next().is_some_and(|c| c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase()));
        let ends = word.ends_with([',', ';', '|', ':']) || (word.ends_with('.') && word.len() > 3);
        let bare = word.trim_end_matches([',', ';', '|', ':']);
        let month = date::is_month(bare);
        let label = matches!(
            bare.to_lowercase().as_str(),
            "on" | "in"
                | "updated"
                | "published"
                | "posted"
                | "last"
                | "for"
                | "at"
                | "min"
                | "senior"
                | "staff"
                | "editor"
        );
        if !(capital || (small && !words.is_empty())) || month || label || words.len() >= NAME_WORDS_MAX {
            break;
        }
        words.push(bare);
        if ends {
            break;
        }
    }
    while words.last().is_some_and(|word| word.chars().next().is_some_and(char::is_lowercase)) {
        words.pop();
    }
    let found = name(&words.join(" "))?;
    (!is_furniture_name(&found)).then_some(found)
}

/// A name that links to its bearer's page.
fn linked(block: &Block, targets: &[String]) -> Option<String> {
    block.styled().find_map(|(style, text)| {
        let target = targets.get(style.link.checked_sub(1)? as usize)?;
        let path = target.split('?').next().unwrap_or_default();
        let leads_to_person = [
            "/author/",
            "/authors/",
            "/contributor/",
            "/contributors/",
            "/writer/",
            "/by/",
            "/staff/",
            "/team/",
            "/people/",
        ]
        .iter()
        .any(|part| path.contains(part));
        leads_to_person.then(|| leading_name(text)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::block::Style;

    fn lines(texts: &[&str]) -> Byline {
        let blocks: Vec<Block> = texts
            .iter()
            .map(|text| {
                let mut block = Block::default();
                block.push_flow(text, Style::default());
                block.finish();
                block
            })
            .collect();
        read(&blocks, &[], Some(0))
    }

    #[test]
    fn names_and_days_are_read_from_lines() {
        for (texts, author, day) in [
            (&["Title", "By Ada Lovelace", "March 1, 2024"][..], Some("Ada Lovelace"), Some("2024-03-01")),
            (&["Title", "by Ada de Lovelace on March 1, 2024"], Some("Ada de Lovelace"), Some("2024-03-01")),
            (&["Title", "Written by", "Ada Lovelace, PhD"], Some("Ada Lovelace"), None),
            (&["Title", "Updated May 3, 2024 \u{2022} Published March 1, 2024"], None, Some("2024-03-01")),
            (&["Title", "Posted on March 1, 2024 by Ada Lovelace"], Some("Ada Lovelace"), Some("2024-03-01")),
            (&["Title", "By far the best of all"], None, None),
            (&["Title", "Veröffentlicht am 1. März 2024"], None, Some("2024-03-01")),
        ] {
            let found = lines(texts);
            assert_eq!((found.author.as_deref(), found.published.as_deref()), (author, day), "{texts:?}");
        }
    }
}
