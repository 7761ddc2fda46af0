//! Footnotes: which links refer to them, which elements hold them, and what they are called.

use super::block::{Block, Style};
use super::inline::Place;
use super::skeleton::Skeleton;
use std::collections::{BTreeMap, BTreeSet};

/// The footnotes of a page that are shown together with a reference to them.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Labels by the 1-based place of the link target that refers to them.
    labels: BTreeMap<u32, String>,
    /// Labels by the skeleton record that holds the note.
    holders: BTreeMap<u32, String>,
    /// Per skeleton record that lies within a note the note's record.
    within: BTreeMap<u32, u32>,
    /// Link targets within the page, by their 1-based place.
    own: BTreeSet<u32>,
}

/// What a link is to footnotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role<'a> {
    /// A reference to the note of this label.
    Reference(&'a str),
    /// From a note back to its reference.
    BackLink,
    /// Neither.
    None,
}

/// References are numbers, letters or signs.
const LABEL_CHARS_MAX: usize = 5;

impl Notes {
    /// `names` are the elements that may be notes, by the names that references use.
    pub(crate) fn find(
        kept: &[&Block],
        skeleton: &Skeleton,
        names: &BTreeMap<String, u32>,
        place: Place<'_>,
    ) -> Self {
        let mut found = Self::default();
        if names.is_empty() {
            return found;
        }
        let mut notes: BTreeMap<u32, u32> = BTreeMap::new();
        for (number, target) in (1_u32..).zip(place.targets) {
            let Some(name) = target.strip_prefix(place.page).and_then(|rest| rest.strip_prefix('#')) else {
                continue;
            };
            found.own.insert(number);
            if let Some(node) = names.get(name) {
                notes.insert(number, *node);
            }
        }
        // A name on an anchor or term stands for the element around it only if that is no list or section of notes.
        let candidates: BTreeSet<u32> = notes.values().copied().collect();
        let mut shown: BTreeSet<u32> = BTreeSet::new();
        for block in kept {
            let holder = skeleton.ancestry(block.node).find(|(at, _)| candidates.contains(at));
            if let Some((holder, _)) = holder {
                if tells(block) {
                    shown.insert(holder);
                }
                found.within.insert(block.node, holder);
            }
        }
        let mut used: BTreeSet<String> = BTreeSet::new();
        for block in kept {
            for (style, text) in block.styled().filter(|(style, _)| style.link != 0) {
                let Some(note) = notes.get(&style.link).filter(|note| shown.contains(note)) else { continue };
                let within = found.within.get(&block.node) == Some(note);
                let Some(label) = label(text).filter(|_| !within) else { continue };
                if !found.holders.contains_key(note) {
                    let free = |label: &String| !used.contains(label);
                    let mut number = found.holders.len().saturating_add(1);
                    while used.contains(&number.to_string()) {
                        number = number.saturating_add(1);
                    }
                    let label = Some(label).filter(free).unwrap_or_else(|| number.to_string());
                    used.insert(label.clone());
                    found.holders.insert(*note, label);
                }
                if let Some(label) = found.holders.get(note) {
                    found.labels.insert(style.link, label.clone());
                }
            }
        }
        let holders = &found.holders;
        found.within.retain(|_, note| holders.contains_key(note));
        found
    }

    /// The label of the note that a skeleton record holds.
    pub(crate) fn label_of(&self, node: u32) -> Option<&str> {
        self.holders.get(&node).map(String::as_str)
    }

    /// What a stretch of a block's text with this link is.
    pub(crate) fn role(&self, block: &Block, link: u32, text: &str) -> Role<'_> {
        if link == 0 || self.holders.is_empty() {
            return Role::None;
        }
        let note = self.within.get(&block.node);
        if note.is_some() && self.own.contains(&link) {
            let own_label = label(text).as_deref() == note.and_then(|note| self.label_of(*note));
            let arrow = text
                .trim()
                .starts_with(['\u{21a9}', '\u{2191}', '^', '\u{21b5}', '\u{23ce}', '\u{2934}', '\u{21b2}']);
            let says_so =
                matches!(text.trim().to_lowercase().as_str(), "jump up" | "back" | "return" | "jump back");
            if arrow || says_so || (own_label && block.text.trim_start().starts_with(text.trim())) {
                return Role::BackLink;
            }
        }
        match self.labels.get(&link) {
            Some(name) if label(text).is_some() => Role::Reference(name),
            _ => Role::None,
        }
    }
}

/// Whether a block of a note says more than what the note is called and where to go back to.
fn tells(block: &Block) -> bool {
    let says = |text: &str| text.chars().any(char::is_alphanumeric) && label(text).is_none();
    let linked = |piece: &(Style, &str)| piece.0.link != 0;
    let own: String = block.styled().filter(|piece| !linked(piece)).map(|(_, text)| text).collect();
    block.is_code() || says(&own) || block.styled().filter(linked).any(|(_, text)| says(text))
}

/// What a reference's text calls its note: `1`, `[1]`, a raised `1`, `a`, `*`.
fn label(text: &str) -> Option<String> {
    let bare = text.trim().trim_matches(|c: char| "[](){}^.\u{2020}*".contains(c) || c.is_whitespace());
    let label: String = bare.chars().map(lowered).collect();
    let sound = !label.is_empty()
        && label.chars().count() <= LABEL_CHARS_MAX
        && label.chars().all(|c| c.is_ascii_alphanumeric());
    if sound {
        return Some(label);
    }
    // Signs have no label of their own; any unused number will do.
    let sign =
        bare.is_empty() && text.contains(['*', '\u{2020}']) && text.trim().chars().count() <= LABEL_CHARS_MAX;
    sign.then(|| "1".to_owned())
}

/// A raised digit as a digit.
fn lowered(c: char) -> char {
    match c {
        '\u{b9}' => '1',
        '\u{b2}' => '2',
        '\u{b3}' => '3',
        '\u{2070}' => '0',
        '\u{2074}'..='\u{2079}' => {
            let digit = (c as u32).saturating_sub(0x2070);
            char::from_digit(digit, 10).unwrap_or(c)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::page::tests::after;

    #[test]
    fn references_and_notes_find_each_other_in_every_common_shape() {
        for html in [
            "<p>Said<sup><a href=#fn1 id=fnref1>1</a></sup> so.</p><ol><li id=fn1><p>A <em>note</em>. <a href=#fnref1>\u{21a9}\u{fe0e}</a></p></ol>",
            "<p>Said<sup id=fnref:1><a href=#fn:1 class=footnote-ref role=doc-noteref>1</a></sup> so.</p><section><ol><li id=fn:1>A <em>note</em>.&nbsp;<a href=#fnref:1>\u{21a9}</a></ol></section>",
            "<p>Said<sup id=cite_ref-1><a href=#cite_note-1><span>[</span>1<span>]</span></a></sup> so.</p><ol class=references><li id=cite_note-1><span class=mw-cite-backlink><b><a href=#cite_ref-1>^</a></b></span> <span>A <em>note</em>.</span></ol>",
            "<p>Said[<a href=#_ftn1>1</a>] so.</p><p><a id=_ftn1 href=#_ftnref1>[1]</a> A <em>note</em>.</p>",
            "<p>Said<a href=#footnote-1 id=footnote-anchor-1>1</a> so.</p><div class=footnote><a id=footnote-1 href=#footnote-anchor-1>1</a><div><p>A <em>note</em>.</p></div></div>",
            "<p>Said<a class='footnote-reference brackets' href=#id2 id=id1>1</a> so.</p><div class='footnote brackets' id=id2 role=doc-footnote><span class=label><span>[</span><a href=#id1>1</a><span>]</span></span><p>A <em>note</em>.</p></div>",
        ] {
            assert_eq!(after(html), "Said[^1] so.\n\n[^1]: A *note*.", "{html}");
        }
    }

    #[test]
    fn a_note_holds_all_its_paragraphs() {
        let html =
            "<p>Said<sup><a href=#fn1>1</a></sup> so.</p><ol><li id=fn1><p>One.</p><pre>x\n\ny</pre></ol>";
        assert_eq!(after(html), "Said[^1] so.\n\n[^1]: One.\n\n    ```\n    x\n\n    y\n    ```");
    }

    #[test]
    fn links_to_places_that_are_no_notes_stay_links() {
        let html =
            "<p>See <a href=#part>2</a> and <a href=#fn9>9</a>.</p><div id=part><p>Part two.</p></div>";
        assert!(!after(html).contains("[^"), "{}", after(html));
    }
}
