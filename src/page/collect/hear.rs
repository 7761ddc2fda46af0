//! What a page says about itself is overheard while its text passes: metadata elements, and text within elements that
//! name a title, an author or a date.

use super::{Collector, Open};
use crate::page::attributes::Attributes;
use crate::page::block::clean_line;
use crate::page::clues::{Person, is_byline};
use crate::page::skeleton::Traits;
use crate::page::tag::Tag;
use lol_html::html_content::Element;

/// Text that is kept for a clue while its element is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listening {
    pub(super) id: u32,
    to: Ear,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ear {
    Title,
    JsonLd,
    Noscript,
    Person(Person),
}

/// A title or byline is over long before this.
const NOTE_BYTES_MAX: usize = 2_048;
/// Forums put a whole thread there for readers without scripts.
const NOSCRIPT_BYTES_MAX: usize = 524_288;
/// News sites put about 20 KB of JSON-LD on a page, shops up to 200 KB.
const JSON_LD_BYTES_MAX: usize = 262_144;

impl Collector {
    /// Adds text to the clue that is being listened to, if any. Text beyond its cap is not taken.
    pub(super) fn overhear(&mut self, text: &str) {
        let Some(listening) = self.listening else { return };
        let room = match listening.to {
            Ear::JsonLd => JSON_LD_BYTES_MAX,
            Ear::Noscript => NOSCRIPT_BYTES_MAX,
            Ear::Title | Ear::Person(_) => NOTE_BYTES_MAX,
        };
        if self.note.len().saturating_add(text.len()) <= room {
            self.note.push_str(text);
        }
    }

    pub(super) fn meta(&mut self, element: &Element<'_, '_>) {
        let Some(content) = attribute(element, "content") else { return };
        for key in ["name", "property", "itemprop", "http-equiv"] {
            if let Some(name) = element.get_attribute(key) {
                self.clues.meta(&name.trim().to_ascii_lowercase(), &content);
            }
        }
    }

    pub(super) fn link(&mut self, element: &Element<'_, '_>) {
        let is_canonical = element.get_attribute("rel").is_some_and(|rel| {
            rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("canonical"))
        });
        if is_canonical && let Some(url) = element.get_attribute("href").and_then(|href| self.resolve(&href))
        {
            self.clues.canonical(url.into());
        }
    }

    /// Starts to keep text for a clue, unless one is being kept already. Says whether it listens now.
    pub(super) fn listen(
        &mut self,
        element: &Element<'_, '_>,
        attributes: &Attributes,
        names: Traits,
        open: Open,
    ) -> bool {
        if open.tag == Tag::Html && !attributes.lang.is_empty() {
            self.clues.html_language(&decoded(&attributes.lang));
        }
        if !attributes.datetime.is_empty() {
            let published = element.has_attribute("pubdate")
                || attributes.itemprop.eq_ignore_ascii_case("datePublished")
                || attributes.class.to_ascii_lowercase().contains("publish");
            self.clues.time(&decoded(&attributes.datetime), published);
        }
        let to = match open.tag {
            Tag::Title if !self.top().skipped => Ear::Title,
            Tag::Noscript if self.top().tag != Tag::Head => Ear::Noscript,
            Tag::Noscript => return false,
            Tag::Script => {
                let kind = element.get_attribute("type").unwrap_or_default();
                if !kind.trim().eq_ignore_ascii_case("application/ld+json") {
                    self.clues.scripts = true;
                    return false;
                }
                Ear::JsonLd
            }
            _ if open.skipped => return false,
            _ => {
                let has_word =
                    |value: &str| value.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case("author"));
                if has_word(&attributes.rel) {
                    Ear::Person(Person::Rel)
                } else if has_word(&attributes.itemprop) {
                    Ear::Person(Person::Itemprop)
                } else if names.any(Traits::BYLINE) && is_byline(&attributes.class) {
                    Ear::Person(Person::Byline)
                } else {
                    return false;
                }
            }
        };
        if self.listening.is_none_or(|now| matches!(now.to, Ear::Person(Person::Byline | Person::Itemprop))) {
            self.note.clear();
            self.listening = Some(Listening { id: open.id, to });
            return true;
        }
        false
    }

    /// Hands over what was listened to.
    pub(super) fn tell(&mut self) {
        let Some(listening) = self.listening.take() else { return };
        let note = std::mem::take(&mut self.note);
        match listening.to {
            Ear::Title => self.clues.title(&clean_line(&note, NOTE_BYTES_MAX)),
            Ear::JsonLd => self.clues.json_ld(&note),
            Ear::Noscript => self.clues.noscript(&note),
            Ear::Person(kind) => self.clues.person(kind, &clean_line(&note, NOTE_BYTES_MAX)),
        }
    }
}

/// An attribute's value with its entities decoded; absent when empty.
fn attribute(element: &Element<'_, '_>, name: &str) -> Option<String> {
    let value = decoded(&element.get_attribute(name)?);
    (!value.is_empty()).then_some(value)
}

fn decoded(value: &str) -> String {
    clean_line(&htmlize::unescape_attribute(value), NOTE_BYTES_MAX)
}
