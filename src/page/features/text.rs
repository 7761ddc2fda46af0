//! What a block's own text shows: its characters, the words of labels in it, the words of the title.

use super::share;
use crate::page::block::{Block, Kind};
use crate::page::sums::percent;

/// The characters of a text by class.
pub(super) struct Shape {
    pub(super) chars: u32,
    pub(super) letters: u32,
    pub(super) upper: u32,
    pub(super) digits: u32,
    pub(super) lines: u32,
    /// How it ends: 2 like a sentence, 1 with another mark, 0 with a letter.
    pub(super) ends: u16,
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        let mut shape = Self { chars: 0, letters: 0, upper: 0, digits: 0, lines: 1, ends: 0 };
        for c in text.chars() {
            shape.chars = shape.chars.saturating_add(1);
            if c.is_alphabetic() {
                shape.letters = shape.letters.saturating_add(1);
                shape.upper = shape.upper.saturating_add(u32::from(c.is_uppercase()));
            } else if c.is_ascii_digit() {
                shape.digits = shape.digits.saturating_add(1);
            } else if c == '\n' {
                shape.lines = shape.lines.saturating_add(1);
            }
        }
        shape.ends = match text
            .trim_end_matches(['"', '\'', ')', '\u{201d}', '\u{2019}', '\u{bb}'])
            .chars()
            .next_back()
        {
            Some('.' | '!' | '?' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}' | '\u{964}' | '\u{2026}') => 2,
            Some(c) if !c.is_alphanumeric() => 1,
            _ => 0,
        };
        shape
    }
}

/// Words that the furniture of English pages is made of, sorted.
pub(super) const LABELS: [&str; 128] = [
    "account",
    "ad",
    "add",
    "address",
    "ads",
    "advertisement",
    "advertising",
    "affiliate",
    "ago",
    "also",
    "app",
    "archive",
    "article",
    "articles",
    "author",
    "back",
    "basket",
    "blog",
    "browse",
    "buy",
    "by",
    "careers",
    "cart",
    "categories",
    "category",
    "checkout",
    "click",
    "close",
    "comment",
    "commented",
    "comments",
    "commission",
    "conditions",
    "contact",
    "cookie",
    "cookies",
    "copyright",
    "delivery",
    "disclaimer",
    "disclosure",
    "download",
    "edit",
    "email",
    "enter",
    "facebook",
    "faq",
    "featured",
    "feedback",
    "filter",
    "flag",
    "follow",
    "followers",
    "footer",
    "free",
    "help",
    "home",
    "hours",
    "inbox",
    "instagram",
    "join",
    "jump",
    "latest",
    "leave",
    "like",
    "likes",
    "linkedin",
    "links",
    "load",
    "log",
    "login",
    "logout",
    "mail",
    "menu",
    "mins",
    "more",
    "navigation",
    "newsletter",
    "newsletters",
    "next",
    "notify",
    "offers",
    "page",
    "password",
    "permalink",
    "pin",
    "pinterest",
    "policy",
    "popular",
    "post",
    "posted",
    "posts",
    "previous",
    "print",
    "privacy",
    "products",
    "promo",
    "published",
    "rate",
    "read",
    "recent",
    "recommended",
    "register",
    "related",
    "replies",
    "reply",
    "report",
    "reserved",
    "respond",
    "rights",
    "rss",
    "sale",
    "save",
    "search",
    "share",
    "shares",
    "shop",
    "sign",
    "signup",
    "site",
    "skip",
    "sponsored",
    "subscribe",
    "tags",
    "terms",
    "trending",
    "tweet",
    "twitter",
    "updated",
];

/// The longest of them is `advertisement`.
const LABEL_BYTES_MAX: usize = 13;
/// Longer texts are told, not labels.
pub(super) const LABEL_WORDS_MAX: u32 = 25;

pub(super) fn label_percent(block: &Block) -> u16 {
    if block.words == 0 || block.words > LABEL_WORDS_MAX {
        return 0;
    }
    let mut found = 0_u32;
    let mut word = String::with_capacity(16);
    let words = block.text.split(|c: char| !c.is_alphanumeric());
    for part in words.filter(|part| (1..=LABEL_BYTES_MAX).contains(&part.len())) {
        word.clear();
        word.extend(part.chars().map(|c| c.to_ascii_lowercase()));
        found = found.saturating_add(u32::from(LABELS.binary_search(&word.as_str()).is_ok()));
    }
    u16::try_from(percent(found, block.words)).unwrap_or(100)
}

pub(super) fn words_of_titles(titles: &[&str]) -> Vec<u64> {
    let mut words: Vec<u64> = titles.iter().flat_map(|title| word_hashes(title)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// FNV-1a of each word in lower case.
pub(super) fn word_hashes(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| {
        if word.is_ascii() {
            return word.bytes().fold(HASH_START, |hash, byte| mix(hash, byte.to_ascii_lowercase().into()));
        }
        word.chars().flat_map(char::to_lowercase).fold(HASH_START, |hash, c| mix(hash, c.into()))
    })
}

const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

fn mix(hash: u64, part: u32) -> u64 {
    (hash ^ u64::from(part)).wrapping_mul(0x0100_0000_01b3)
}

/// Titles are shorter than this.
pub(super) const TITLE_WORDS_MAX: u32 = 40;

pub(super) fn overlap(block: &Block, title: &[u64]) -> u16 {
    if block.words == 0 || block.words > TITLE_WORDS_MAX || title.is_empty() {
        return 0;
    }
    let found = word_hashes(&block.text).filter(|word| title.binary_search(word).is_ok()).count();
    u16::try_from(share(found, block.words as usize)).unwrap_or(100).min(100)
}

/// The first-level heading that says most of the title, else any heading or block that does.
pub(super) fn shows_title(blocks: &[Block], titled: &[u16], title_words: usize) -> u32 {
    let rate = |block: &Block, share: u16| {
        let heading = match block.kind {
            Kind::Heading(1) => 30,
            Kind::Heading(2) => 15,
            Kind::Heading(_) => 5,
            _ => 0,
        };
        let covers = u32::try_from(title_words).unwrap_or(u32::MAX).min(10);
        u32::from(share).saturating_mul(block.words.min(covers)) / covers.max(1) + heading
    };
    let mut best = (70_u32, 0_u32);
    for ((number, block), share) in (1_u32..).zip(blocks).zip(titled) {
        let rate = rate(block, *share);
        if rate > best.0 {
            best = (rate, number);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_no_longer_than_is_looked_at() {
        assert!(LABELS.is_sorted(), "binary search needs them sorted");
        let longest = LABELS.iter().map(|label| label.len()).max();
        assert_eq!(longest, Some(LABEL_BYTES_MAX));
    }

    #[test]
    fn words_hash_alike_in_any_case_and_script() {
        let hashes = |text: &str| word_hashes(text).collect::<Vec<_>>();
        assert_eq!(hashes("Rates RISE"), hashes("rates - rise"));
        assert_eq!(hashes("\u{c9}tude"), hashes("\u{e9}tude"));
        assert_ne!(hashes("a"), hashes("b"));
    }
}
