//! What a page says about itself is overheard while its text passes: metadata elements, and text within elements that
//! name a title, an author or a date.

use super::{Collector, Open};
use crate::page::attributes::Attributes;
use crate::page::block::{boundary_at_or_before, clean_line};
use crate::page::byline::leads_change;
use crate::page::clues::{Moment, Person, is_byline};
use crate::page::island::Form;
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
    /// A formula; on a line of its own?
    Tex(bool),
    Person(Person),
    /// A script that may turn out to be data.
    Code,
    Island(Form),
}

/// A title or byline is over long before this.
const NOTE_BYTES_MAX: usize = 2_048;
/// "Last updated on:" and the like before a date.
const LABEL_BYTES: usize = 32;
/// Forums put a whole thread there for readers without scripts.
const NOSCRIPT_BYTES_MAX: usize = 524_288;
/// News sites put about 20 KB of JSON-LD on a page, shops up to 200 KB.
const JSON_LD_BYTES_MAX: usize = 262_144;

impl Collector {
    /// Whether the next text of a script is wanted: its beginning tells data from code.
    pub(super) fn still_hears(&mut self, text: &str) -> bool {
        let Some(listening) = &mut self.listening else { return false };
        if listening.to == Ear::Code && !text.trim_start().is_empty() {
            match Form::of_code(text) {
                Some(form) => listening.to = Ear::Island(form),
                None => {
                    self.listening = None;
                    return false;
                }
            }
        }
        true
    }

    /// What a script that is no JSON-LD may hold for readers.
    fn data_of(&self, element: &Element<'_, '_>, kind: &str, attributes: &Attributes<'_>) -> Option<Ear> {
        if self.listening.is_some() || self.clues.islands.room() == 0 {
            return None;
        }
        let is_code = matches!(kind, "" | "text/javascript" | "application/javascript" | "module");
        match Form::of_element(kind, &attributes.id) {
            Some(form) => Some(Ear::Island(form)),
            None => (is_code && !element.has_attribute("src")).then_some(Ear::Code),
        }
    }

    /// Adds text to the clue that is being listened to, if any. Text beyond its cap is not taken.
    pub(super) fn overhear(&mut self, text: &str) {
        let Some(listening) = self.listening else { return };
        let room = match listening.to {
            Ear::JsonLd => JSON_LD_BYTES_MAX,
            Ear::Noscript => NOSCRIPT_BYTES_MAX,
            Ear::Title | Ear::Person(_) | Ear::Tex(_) => NOTE_BYTES_MAX,
            Ear::Code => 0,
            Ear::Island(_) => self.clues.islands.room(),
        };
        let room = room.saturating_sub(self.note.len());
        self.note.push_str(text.get(..boundary_at_or_before(text, room)).unwrap_or_default());
    }

    pub(super) fn meta(&mut self, element: &Element<'_, '_>) {
        let Some(content) = attribute(element, "content") else { return };
        if self.listening.is_some_and(|now| now.to == Ear::Person(Person::Itemprop))
            && element.get_attribute("itemprop").is_some_and(|name| name == "name")
        {
            self.clues.person(Person::Itemprop, &content, self.blocks.len());
        }
        self.clues.aside(&content);
        for key in ["name", "property", "itemprop", "http-equiv"] {
            if let Some(name) = element.get_attribute(key) {
                self.clues.meta(&name.trim().to_ascii_lowercase(), &content);
            }
        }
    }

    pub(super) fn link(&mut self, element: &Element<'_, '_>) {
        let rel = element.get_attribute("rel").unwrap_or_default();
        let is = |kind: &str| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(kind));
        let (is_canonical, is_licence) = (is("canonical"), is("license"));
        if (is_canonical || is_licence)
            && let Some(url) = element.get_attribute("href").and_then(|href| self.resolve(&href))
        {
            if is_canonical { self.clues.canonical(url.into()) } else { self.clues.licence(url.into()) }
        }
    }

    /// Starts to keep text for a clue, unless one is being kept already. Says whether it listens now.
    pub(super) fn listen(
        &mut self,
        element: &Element<'_, '_>,
        attributes: &Attributes<'_>,
        names: Traits,
        open: Open,
    ) -> bool {
        // Names and dates of neighbouring elements are not one word, and blocks stand on lines of their own.
        if self.listening.is_some_and(|now| matches!(now.to, Ear::Person(_)))
            && self.note.len() < NOTE_BYTES_MAX
        {
            self.note.push(if open.tag.is_block() { '\n' } else { ' ' });
        }
        if open.tag == Tag::Html && !attributes.lang.is_empty() {
            self.clues.html_language(&decoded(&attributes.lang));
        }
        if !attributes.datetime.is_empty() {
            let moment = self.moment(element, attributes);
            self.clues.time(&decoded(&attributes.datetime), moment, self.blocks.len());
        }
        let to = match open.tag {
            Tag::Title if !self.top().skipped => Ear::Title,
            Tag::Noscript if self.top().tag != Tag::Head => Ear::Noscript,
            Tag::Noscript => return false,
            Tag::Script => {
                let kind = element.get_attribute("type").unwrap_or_default();
                if kind.trim_start().starts_with("math/tex") && !self.top().skipped {
                    Ear::Tex(kind.contains("display"))
                } else if kind.trim().eq_ignore_ascii_case("application/ld+json") {
                    Ear::JsonLd
                } else {
                    self.clues.scripts = true;
                    match self.data_of(element, &kind, attributes) {
                        Some(ear) => ear,
                        None => return false,
                    }
                }
            }
            _ if open.skipped => return false,
            _ => {
                if open.tag == Tag::A {
                    self.licence(attributes);
                }
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

    /// A link to the licence, by its own word or because it leads to Creative Commons.
    fn licence(&mut self, attributes: &Attributes<'_>) {
        let says = attributes.rel.len() >= "license".len()
            && attributes.rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("license"));
        const COMMONS: &str = "creativecommons.org/";
        let leads = attributes.href.len() >= COMMONS.len() && attributes.href.contains(COMMONS);
        if (says || leads)
            && let Some(url) = self.resolve(&attributes.href)
            && (says || url.path().starts_with("/licenses/") || url.path().starts_with("/publicdomain/"))
        {
            self.clues.licence(url.into());
        }
    }

    /// What an element's date is the date of, by its names or the words before it.
    fn moment(&self, element: &Element<'_, '_>, attributes: &Attributes<'_>) -> Moment {
        let names = [&attributes.itemprop, &attributes.class].map(|names| names.to_ascii_lowercase());
        let has = |word: &str| names.iter().any(|names| names.contains(word));
        if has("publish") || has("datecreated") || element.has_attribute("pubdate") {
            Moment::Published
        } else if has("modified") || has("updated") {
            Moment::Modified
        } else {
            let text = &self.block.text;
            let from = text.len().saturating_sub(LABEL_BYTES);
            let label = (from..=text.len()).find_map(|at| text.get(at..)).unwrap_or_default();
            if leads_change(label) { Moment::Modified } else { Moment::Unsaid }
        }
    }

    /// Hands over what was listened to.
    pub(super) fn tell(&mut self) {
        let Some(listening) = self.listening.take() else { return };
        let note = std::mem::take(&mut self.note);
        match listening.to {
            Ear::Title => self.clues.title(&clean_line(&note, NOTE_BYTES_MAX)),
            Ear::JsonLd => self.clues.json_ld(&note),
            Ear::Noscript => self.clues.noscript(&note),
            Ear::Tex(display) => self.add_tex(&note, display, self.top()),
            Ear::Code => {}
            Ear::Island(form) => self.clues.islands.keep(form, note),
            Ear::Person(kind) => {
                self.clues.person(kind, &note, self.blocks.len());
            }
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
