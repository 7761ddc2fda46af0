//! The names and attributes that extraction asks of every element, read in one go and where they stand: asking lol_html for
//! one costs an allocation, whether the element has it or not.

use super::tag::Tag;
use lol_html::html_content::{Attribute, Element};
use std::borrow::Cow;
use std::ops::Range;

/// The bytes that the parser is being fed, with some of those before them.
#[derive(Debug, Default)]
pub(crate) struct Fed {
    /// Place of the first of them in the document.
    start: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Fed {
    /// Drops bytes from the beginning.
    pub(crate) fn drop_first(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        self.start = self.start.saturating_add(count);
    }

    /// What stands at a place of the document; `None` where it is not held any more.
    fn at(&self, place: Range<usize>) -> Option<&[u8]> {
        let place = place.start.checked_sub(self.start)?..place.end.checked_sub(self.start)?;
        self.bytes.get(place)
    }
}

/// An element's name in lower case.
pub(crate) fn name_of(element: &Element<'_, '_>, fed: &Fed) -> ElementName {
    let place = element.source_location().bytes();
    let name = place.start.saturating_add(1)..place.end.min(place.start.saturating_add(NAME_BYTES_MAX));
    let known = fed.at(name).and_then(|text| {
        let end = text.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-'))?;
        // Other bytes may be part of a name too, which is for the parser to say.
        let ends = matches!(text.get(end)?, b' ' | b'>' | b'/' | b'\n' | b'\t');
        let mut letters = [0; NAME_BYTES_MAX];
        let name = text.get(..end).filter(|name| ends && !name.is_empty())?;
        letters.get_mut(..end)?.copy_from_slice(name);
        letters.make_ascii_lowercase();
        Some(ElementName::Short(letters, end))
    });
    known.unwrap_or_else(|| ElementName::Long(element.tag_name()))
}

/// Longer than the names of all elements of HTML.
const NAME_BYTES_MAX: usize = 16;

/// The name of an element, without an allocation if it is short.
pub(crate) enum ElementName {
    Short([u8; NAME_BYTES_MAX], usize),
    Long(String),
}

impl ElementName {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Short(letters, length) => {
                letters.get(..*length).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
            }
            Self::Long(name) => name,
        }
    }
}

/// Values as written, entities not decoded; empty when absent. Of repeated attributes the first counts, as in HTML.
#[derive(Debug, Default)]
pub(crate) struct Attributes<'a> {
    pub(crate) class: Cow<'a, str>,
    pub(crate) id: Cow<'a, str>,
    pub(crate) role: Cow<'a, str>,
    pub(crate) style: Cow<'a, str>,
    /// Of links only.
    pub(crate) href: Cow<'a, str>,
    pub(crate) rel: Cow<'a, str>,
    pub(crate) itemprop: Cow<'a, str>,
    pub(crate) datetime: Cow<'a, str>,
    pub(crate) lang: Cow<'a, str>,
    /// `hidden`, whatever its value.
    pub(crate) hidden: bool,
    /// `aria-hidden=true`
    pub(crate) aria_hidden: bool,
}

impl<'a> Attributes<'a> {
    pub(crate) fn of(element: &Element<'_, '_>, tag: Tag, fed: &'a Fed) -> Self {
        let mut read = Self::default();
        for attribute in element.attributes() {
            // None of the names below has another length than these.
            let place = attribute.name_source_location().map(|name| name.bytes());
            if !matches!(place.as_ref().map_or(0, Range::len), 2..=6 | 8 | 11) {
                continue;
            }
            let name = place.and_then(|place| fed.at(place));
            let name = name.map_or_else(|| Cow::Owned(attribute.name().into_bytes()), Cow::Borrowed);
            let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
            let slot = match name.len() {
                2 if is("id") => &mut read.id,
                3 if is("rel") => &mut read.rel,
                4 if is("href") && tag == Tag::A => &mut read.href,
                4 if is("role") => &mut read.role,
                4 if is("lang") && tag == Tag::Html => &mut read.lang,
                5 if is("class") => &mut read.class,
                5 if is("style") => &mut read.style,
                6 if is("hidden") => {
                    read.hidden = true;
                    continue;
                }
                8 if is("itemprop") => &mut read.itemprop,
                8 if is("datetime") => &mut read.datetime,
                11 if is("aria-hidden") => {
                    read.aria_hidden |= value(attribute, fed).trim().eq_ignore_ascii_case("true");
                    continue;
                }
                _ => continue,
            };
            if slot.is_empty() {
                *slot = value(attribute, fed);
            }
        }
        read
    }
}

fn value<'a>(attribute: &Attribute<'_>, fed: &'a Fed) -> Cow<'a, str> {
    let place = attribute.value_source_location().map(|place| place.bytes());
    let text = match place {
        Some(place) => fed.at(place).and_then(|bytes| std::str::from_utf8(bytes).ok()),
        None => Some("").filter(|_| attribute.name_source_location().is_some()),
    };
    text.map_or_else(|| attribute.value().into(), Cow::Borrowed)
}
