//! What of a heap of strings is prose, and which of it belongs together.

use super::{escaped, markup};
use crate::page::block::count_words;
use std::collections::BTreeSet;

/// Strings found to be prose, in the order of the data, each with the container that it stood in.
#[derive(Debug, Default)]
pub(super) struct Prose {
    pieces: Vec<Piece>,
    containers: Vec<Container>,
    seen: BTreeSet<String>,
    bytes: usize,
}

#[derive(Debug)]
struct Piece {
    container: u32,
    /// 0 for text, else the heading's level.
    level: u8,
    /// A name that only counts if text follows.
    is_label: bool,
    words: u32,
    html: String,
}

#[derive(Clone, Copy, Debug)]
struct Container {
    parent: u32,
    words: u32,
    /// The child with most words.
    heavy: u32,
}

/// The container of everything.
pub(super) const ROOT: u32 = 0;
/// Markup that is made of one page's data: a long book chapter.
const MARKUP_BYTES_MAX: usize = 262_144;
/// Containers of prose; one has at least eight words.
const CONTAINERS_MAX: usize = 20_000;
/// Pieces, as many as blocks of a page.
const PIECES_MAX: usize = 20_000;
/// Fewer words are a label of the user interface.
const PROSE_WORDS_MIN: u32 = 8;
/// A heading has no more.
const HEADING_WORDS_MAX: u32 = 25;
/// Data of fewer words is a teaser rather than a page.
const WORDS_MIN: u32 = 15;
/// A shorter label, such as "Home", stands in too many titles.
const TITLE_WORDS_MIN: u32 = 2;
/// What is called like the page and has this many words, and this part of all, is its text rather than a teaser of it.
const TITLED_WORDS_MIN: u32 = 60;
const TITLED_SHARE: u32 = 5;
/// A container with this share of its parent's words, in tenths, is the part that matters of it.
const HEAVY_TENTHS: u32 = 7;
/// Longer than any word, and shorter than keys, hashes and addresses.
const WORD_BYTES_MAX: usize = 60;
/// Two texts that begin with the same letters and digits are the same, one of them perhaps cut short.
const SAME_CHARS: usize = 48;

impl Prose {
    /// A container within another one.
    pub(super) fn container(&mut self, parent: u32) -> u32 {
        if self.containers.is_empty() {
            self.containers.push(Container { parent: ROOT, words: 0, heavy: ROOT });
        }
        if self.containers.len() >= CONTAINERS_MAX {
            return parent;
        }
        self.containers.push(Container { parent, words: 0, heavy: ROOT });
        u32::try_from(self.containers.len().saturating_sub(1)).unwrap_or(parent)
    }

    /// Whether a string alone is prose, or markup of it.
    pub(super) fn is_prose(text: &str) -> bool {
        if is_markup(text) {
            return count_words(&without_tags(text)) >= PROSE_WORDS_MIN;
        }
        count_words(text) >= PROSE_WORDS_MIN && reads_like_text(text)
    }

    /// Adds a string that was found to be prose.
    pub(super) fn text(&mut self, container: u32, text: &str) {
        let text = if text.contains("&lt;") { htmlize::unescape(text) } else { text.into() };
        let words = if is_markup(&text) { count_words(&without_tags(&text)) } else { count_words(&text) };
        let piece = Piece { container, level: 0, is_label: false, words, html: markup(&text).into_owned() };
        self.add(piece, &text);
    }

    /// Adds what a thing is called.
    pub(super) fn label(&mut self, container: u32, text: &str) {
        if !text.contains("://") {
            self.line_of(container, 2, true, text);
        }
    }

    /// Adds a line of rich text, a heading of some level unless that is 0.
    pub(super) fn line(&mut self, container: u32, level: u8, text: &str) {
        self.line_of(container, level, false, text);
    }

    fn line_of(&mut self, container: u32, level: u8, is_label: bool, text: &str) {
        let line = text.trim();
        let words = count_words(line);
        if words == 0 || (level > 0 && words > HEADING_WORDS_MAX) {
            return;
        }
        let html = if is_markup(line) { line.to_owned() } else { escaped(line) };
        let html = if level > 0 { format!("<h{level}>{html}</h{level}>") } else { format!("<p>{html}</p>") };
        self.add(Piece { container, level, is_label, words, html }, line);
    }

    fn add(&mut self, piece: Piece, text: &str) {
        let bytes = self.bytes.saturating_add(piece.html.len());
        if bytes > MARKUP_BYTES_MAX || self.pieces.len() >= PIECES_MAX {
            return;
        }
        let start: String =
            without_tags(text).chars().filter(|c| c.is_alphanumeric()).take(SAME_CHARS).collect();
        if !self.seen.insert(start.clone()) {
            // The teaser comes first mostly; what is longer is the text.
            let same = self
                .pieces
                .iter_mut()
                .rev()
                .take(RECENT_MAX)
                .find(|piece| piece.level == 0 && begins(&piece.html, &start));
            match same {
                Some(teaser) if teaser.words < piece.words => teaser.html.clear(),
                _ => return,
            }
        }
        self.bytes = bytes;
        self.pieces.push(piece);
    }

    /// The part of the prose that is called like the page, or else the one that most of it stands in, as markup.
    pub(super) fn into_markup(mut self, titles: &[&str]) -> String {
        let Some(main) = self.main_container(titles) else { return String::new() };
        let mut out = String::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            if !self.is_within(piece.container, main) {
                continue;
            }
            let next = self.pieces.get(at.saturating_add(1));
            let over_text = next.is_some_and(|next| !next.is_label && self.is_within(next.container, main));
            if !piece.is_label || over_text {
                out.push_str(&piece.html);
            }
        }
        self.pieces.clear();
        out
    }

    /// `None` when there is too little prose.
    fn main_container(&mut self, titles: &[&str]) -> Option<u32> {
        if self.containers.is_empty() {
            self.container(ROOT);
        }
        for piece in self.pieces.iter().filter(|piece| piece.level == 0 && !piece.html.is_empty()) {
            if let Some(container) = self.containers.get_mut(piece.container as usize) {
                container.words = container.words.saturating_add(piece.words);
            }
        }
        // Children stand behind their parents.
        for at in (1..self.containers.len()).rev() {
            let Some(child) = self.containers.get(at).copied() else { continue };
            let rival = |heavy: u32| self.containers.get(heavy as usize).map_or(0, |heavy| heavy.words);
            let heavier = self
                .containers
                .get(child.parent as usize)
                .is_some_and(|parent| parent.heavy == ROOT || rival(parent.heavy) < child.words);
            if let Some(parent) = self.containers.get_mut(child.parent as usize) {
                parent.words = parent.words.saturating_add(child.words);
                if heavier {
                    parent.heavy = u32::try_from(at).unwrap_or(ROOT);
                }
            }
        }
        let mut main = *self.containers.first()?;
        let mut place = ROOT;
        if main.words < WORDS_MIN {
            return None;
        }
        if let Some(titled) = self.titled(titles, main.words) {
            return Some(titled);
        }
        while main.heavy != ROOT {
            let heavy = *self.containers.get(main.heavy as usize)?;
            if heavy.words.saturating_mul(10) < main.words.saturating_mul(HEAVY_TENTHS) {
                break;
            }
            place = main.heavy;
            main = heavy;
        }
        Some(place)
    }

    /// The container with most words among those with a title that the page's own title says too.
    fn titled(&self, titles: &[&str], all: u32) -> Option<u32> {
        let titles: Vec<String> = titles.iter().map(|title| squeezed(title)).collect();
        let labels = self.pieces.iter().filter(|piece| piece.is_label && piece.words >= TITLE_WORDS_MIN);
        let same = labels.filter(|piece| {
            let label = squeezed(&without_tags(&piece.html));
            titles.iter().any(|title| title.contains(&label))
        });
        let words =
            |container: u32| self.containers.get(container as usize).map_or(0, |container| container.words);
        let best = same.map(|piece| piece.container).max_by_key(|container| words(*container))?;
        let enough = TITLED_WORDS_MIN.max(all.checked_div(TITLED_SHARE).unwrap_or_default());
        (words(best) >= enough).then_some(best)
    }

    fn is_within(&self, container: u32, main: u32) -> bool {
        let mut at = container;
        loop {
            if at == main {
                return true;
            }
            match self.containers.get(at as usize) {
                Some(container) if at != ROOT => at = container.parent,
                _ => return false,
            }
        }
    }
}

/// Pieces that are compared with one that begins like an earlier one: a teaser stands near its text.
const RECENT_MAX: usize = 64;

fn begins(html: &str, start: &str) -> bool {
    let letters: String =
        without_tags(html).chars().filter(|c| c.is_alphanumeric()).take(SAME_CHARS).collect();
    letters == start
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_markup(text: &str) -> bool {
    ["<p>", "<p ", "</p", "<br", "</li", "</h", "</div", "</a>", "</strong", "&lt;p"]
        .iter()
        .any(|tag| text.contains(tag))
}

/// Text between tags; good enough to count words.
fn without_tags(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            _ if inside => {}
            _ => out.push(c),
        }
    }
    out
}

/// Tells sentences from code, styles, settings, keys and addresses.
fn reads_like_text(text: &str) -> bool {
    let (mut letters, mut marks, mut shown) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        shown = shown.saturating_add(usize::from(!c.is_whitespace()));
        letters = letters.saturating_add(usize::from(c.is_alphabetic()));
        marks = marks.saturating_add(usize::from(matches!(
            c,
            '{' | '}' | ';' | '=' | '<' | '>' | '_' | '\\' | '|' | '[' | ']'
        )));
    }
    let long = text.is_ascii()
        && text.split_ascii_whitespace().any(|word| word.len() > WORD_BYTES_MAX && !word.contains("://"));
    // An address is one word of many.
    let sentence = !text.is_ascii() || text.trim().contains(char::is_whitespace);
    sentence
        && letters.saturating_mul(100) >= shown.saturating_mul(70)
        && marks.saturating_mul(50) <= shown
        && !long
}
