//! Who wrote a page and when, read off the lines around its title as a reader would: for pages whose markup does not say.

use super::block::Block;
use super::clues::{behind_lead, is_furniture_name, names};
use super::date::{self, Order};

/// What the lines around the title say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Byline {
    pub(crate) authors: Vec<String>,
    /// `YYYY-MM-DD`
    pub(crate) published: Option<String>,
    /// `YYYY-MM-DD`
    pub(crate) modified: Option<String>,
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
pub(crate) fn read(blocks: &[Block], targets: &[String], title_at: Option<usize>, order: Order) -> Byline {
    let at = title_at.unwrap_or(BEFORE);
    let range = at.saturating_sub(BEFORE)..at.saturating_add(BEHIND).min(blocks.len());
    let near = blocks.get(range).unwrap_or_default();
    let lines = || near.iter().filter(|block| block.words <= LINE_WORDS_MAX);
    let authors = near
        .iter()
        .zip(near.iter().skip(1).map(Some).chain([None]))
        .filter(|(block, _)| block.words <= LINE_WORDS_MAX)
        .map(|(block, next)| named_in(&block.text, next.map(|next| next.text.as_str()), order))
        .find(|names| !names.is_empty())
        .or_else(|| lines().map(|block| linked(block, targets)).find(|names| !names.is_empty()));
    let labelled: Vec<Labelled> = lines().filter_map(|block| Labelled::of(&block.text)).collect();
    let dated = |wanted: Label| labelled.iter().find_map(|line| line.day(wanted, order));
    let modified = dated(Label::Updated);
    let published = dated(Label::Published).or_else(|| dated(Label::None));
    Byline { authors: authors.unwrap_or_default(), published, modified }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Published,
    None,
    Updated,
}

/// What says that a day is that of publication, in lower case.
const PUBLISHED: [&str; 16] = [
    "publish",
    "posted",
    "first ",
    "created",
    "written",
    "ver\u{f6}ffentlicht",
    "erstellt am",
    "publi\u{e9}",
    "publicado",
    "pubblicato",
    "опубликован",
    "δημοσιε",
    "opublikowan",
    "发布",
    "發布",
    "公開",
];
/// What says that a day is that of a change.
const UPDATED: [&str; 22] = [
    "updated",
    "modified",
    "reviewed",
    "revised",
    "edited",
    "last update",
    "aktualisiert",
    "zuletzt",
    "stand:",
    "mis \u{e0} jour",
    "actualizado",
    "actualizaci\u{f3}n",
    "atualizado",
    "aggiornato",
    "обновлен",
    "обновлён",
    "изменен",
    "ενημ",
    "aktualizacja",
    "更新",
    "修改",
    "bijgewerkt",
];

/// What begins a date of something else: a member's years, a right, an event.
const OTHER: [&str; 8] =
    ["joined", "member since", "registered", "\u{a9}", "copyright", "born", "expires", "deadline"];

/// Where a line is labelled with one of these words.
fn label_in(lower: &str, words: &[&str]) -> Option<usize> {
    words.iter().filter_map(|word| lower.find(word)).min()
}

/// Whether the text right before a date says that it is that of a change.
pub(crate) fn leads_change(text: &str) -> bool {
    label_in(&text.to_lowercase(), &UPDATED).is_some()
}

/// A line that may hold a day, in lower case, and where it says of what.
struct Labelled {
    lower: String,
    published: Option<usize>,
    updated: Option<usize>,
}

impl Labelled {
    fn of(text: &str) -> Option<Self> {
        // Most lines hold no figure and so no day.
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let lower = text.to_lowercase();
        if label_in(&lower, &OTHER).is_some() {
            return None;
        }
        let (published, updated) = (label_in(&lower, &PUBLISHED), label_in(&lower, &UPDATED));
        Some(Self { lower, published, updated })
    }

    /// The day that is labelled so.
    fn day(&self, wanted: Label, order: Order) -> Option<String> {
        let Self { lower, published, updated } = self;
        let (published, updated) = (*published, *updated);
        let between = |from: usize, to: Option<usize>| {
            let to = to.filter(|to| *to > from).unwrap_or(lower.len());
            date::day(lower.get(from..to)?, order)
        };
        match wanted {
            Label::Published => between(published?, updated),
            Label::Updated => between(updated?, published)
                .or_else(|| date::day(lower, order).filter(|_| published.is_none())),
            Label::None if published.is_none() && updated.is_none() => date::day(lower, order),
            // "1 March 2024, updated 3 May 2024"
            Label::None => date::day(lower.get(..updated.filter(|_| published.is_none())?)?, order),
        }
    }
}

/// The names behind "By", in the line itself or in the next one.
fn named_in(text: &str, next: Option<&str>, order: Order) -> Vec<String> {
    let line = text.lines().next().unwrap_or_default().trim();
    if let Some(rest) = behind_lead(line) {
        return match next {
            Some(next) if rest.is_empty() => leading_names(next.lines().next().unwrap_or_default()),
            _ => leading_names(rest),
        };
    }
    let lower = line.to_lowercase();
    // "March 1, 2024 by Ada Lovelace"; lower-casing may change lengths only outside ASCII.
    let Some(at) = lower.rfind(" by ").filter(|_| line.is_ascii()) else {
        return beside_day(line, order);
    };
    let before = lower.get(..at).unwrap_or_default();
    if date::day(before, order).is_some() || before.ends_with("written") || before.ends_with("posted") {
        return leading_names(line.get(at.saturating_add(4)..).unwrap_or_default());
    }
    Vec::new()
}

/// "Dec. 19, 2025 \u{b7} Ada Lovelace" or "Ada Lovelace | Staff | Dec. 19, 2025": a line of a day and a full name.
fn beside_day(line: &str, order: Order) -> Vec<String> {
    let sides: Vec<&str> = line.split(['\u{b7}', '|', '\u{2022}']).take(SIDES_MAX).collect();
    let Some(day_at) = sides.iter().position(|side| date::day(side, order).is_some()) else {
        return Vec::new();
    };
    let name_at = usize::from(day_at == 0);
    let found =
        sides.get(name_at).filter(|_| name_at != day_at).map(|side| leading_names(side)).unwrap_or_default();
    if found.iter().all(|name| (2..=4).contains(&name.split_whitespace().count())) {
        found
    } else {
        Vec::new()
    }
}

/// A byline has no more parts between bars.
const SIDES_MAX: usize = 5;

/// The names that a line starts with.
fn leading_names(text: &str) -> Vec<String> {
    let listed = names(text);
    if listed.iter().any(|name| name.contains(char::is_whitespace))
        && listed.iter().all(|name| starts_names(name))
    {
        return listed;
    }
    leading_name(text).into_iter().collect()
}

/// All its words look like parts of a name.
fn starts_names(name: &str) -> bool {
    leading_name(name.split(',').next().unwrap_or_default()).is_some_and(|lead| {
        name.starts_with(&lead)
            && (lead.len() == name.len() || name.get(lead.len()..).is_some_and(|rest| rest.starts_with(',')))
    })
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
        let month = date::is_month(bare) && (!words.is_empty() || bare.len() > 6);
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
    let found = names(&words.join(" ")).into_iter().next()?;
    (!is_furniture_name(&found)).then_some(found)
}

/// A name that links to its bearer's page.
fn linked(block: &Block, targets: &[String]) -> Vec<String> {
    let found = block.styled().find_map(|(style, text)| {
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
    });
    found.into_iter().collect()
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
        read(&blocks, &[], Some(0), Order::MonthFirst)
    }

    #[test]
    fn names_and_days_are_read_from_lines() {
        for (texts, authors, published, modified) in [
            (
                &["Title", "By Ada Lovelace", "March 1, 2024"][..],
                &["Ada Lovelace"][..],
                Some("2024-03-01"),
                None,
            ),
            (
                &["Title", "by Ada de Lovelace on March 1, 2024"],
                &["Ada de Lovelace"],
                Some("2024-03-01"),
                None,
            ),
            (&["Title", "Written by", "Ada Lovelace, PhD"], &["Ada Lovelace, PhD"], None, None),
            (
                &["Title", "By Ada Lovelace and Mary Somerville"],
                &["Ada Lovelace", "Mary Somerville"],
                None,
                None,
            ),
            (
                &["Title", "Updated May 3, 2024 \u{2022} Published March 1, 2024"],
                &[],
                Some("2024-03-01"),
                Some("2024-05-03"),
            ),
            (&["Title", "1 March 2024, updated 3 May 2024"], &[], Some("2024-03-01"), Some("2024-05-03")),
            (
                &["Title", "Posted on March 1, 2024 by Ada Lovelace"],
                &["Ada Lovelace"],
                Some("2024-03-01"),
                None,
            ),
            (&["Title", "Mar. 1, 2024 \u{b7} Ada Lovelace"], &["Ada Lovelace"], Some("2024-03-01"), None),
            (
                &["Title", "Ada Lovelace | Senior Writer | March 1, 2024"],
                &["Ada Lovelace"],
                Some("2024-03-01"),
                None,
            ),
            (&["Title", "Member since March 1, 2004"], &[], None, None),
            (&["Title", "By far the best of all"], &[], None, None),
            (&["Title", "Veröffentlicht am 1. März 2024"], &[], Some("2024-03-01"), None),
        ] {
            let found = lines(texts);
            assert_eq!(
                (found.authors.as_slice(), found.published.as_deref(), found.modified.as_deref()),
                (&authors.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..], published, modified),
                "{texts:?}"
            );
        }
    }
}
