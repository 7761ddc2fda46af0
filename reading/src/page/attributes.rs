//! The attributes that extraction asks of every element, read in one go: asking lol_html for one by its name costs an
//! allocation, whether the element has it or not, and so does asking an attribute for its name.

use super::tag::Tag;
use lol_html::html_content::Element;

/// Values as written, entities not decoded; empty when absent. Of repeated attributes the first counts, as in HTML.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) class: String,
    pub(crate) id: String,
    pub(crate) role: String,
    pub(crate) style: String,
    /// Of links only.
    pub(crate) href: String,
    pub(crate) rel: String,
    pub(crate) itemprop: String,
    pub(crate) datetime: String,
    pub(crate) lang: String,
    /// `hidden`, whatever its value.
    pub(crate) hidden: bool,
    /// `aria-hidden=true`
    pub(crate) aria_hidden: bool,
}

impl Attributes {
    pub(crate) fn of(element: &Element<'_, '_>, tag: Tag) -> Self {
        let mut read = Self::default();
        for attribute in element.attributes() {
            // None of the names below has another length than these.
            let length = attribute.name_source_location().map_or(0, |name| name.bytes().len());
            if !matches!(length, 2..=6 | 8 | 11) {
                continue;
            }
            let name = attribute.name();
            let slot = match name.as_bytes() {
                b"class" => &mut read.class,
                b"id" => &mut read.id,
                b"role" => &mut read.role,
                b"style" => &mut read.style,
                b"href" if tag == Tag::A => &mut read.href,
                b"rel" => &mut read.rel,
                b"itemprop" => &mut read.itemprop,
                b"datetime" => &mut read.datetime,
                b"lang" if tag == Tag::Html => &mut read.lang,
                b"hidden" => {
                    read.hidden = true;
                    continue;
                }
                b"aria-hidden" => {
                    read.aria_hidden |= attribute.value().trim().eq_ignore_ascii_case("true");
                    continue;
                }
                _ => continue,
            };
            if slot.is_empty() {
                *slot = attribute.value();
            }
        }
        read
    }
}
