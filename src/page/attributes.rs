//! The attributes that extraction asks of every element, read in one go: asking lol_html for one by its name costs an
//! allocation, whether the element has it or not.

use lol_html::html_content::Element;

/// Values as written, entities not decoded; empty when absent. Of repeated attributes the first counts, as in HTML.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) class: String,
    pub(crate) id: String,
    pub(crate) role: String,
    pub(crate) style: String,
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
    pub(crate) fn of(element: &Element<'_, '_>) -> Self {
        let mut read = Self::default();
        for attribute in element.attributes() {
            let name = attribute.name();
            let slot = match name.as_str() {
                "class" => &mut read.class,
                "id" => &mut read.id,
                "role" => &mut read.role,
                "style" => &mut read.style,
                "href" => &mut read.href,
                "rel" => &mut read.rel,
                "itemprop" => &mut read.itemprop,
                "datetime" => &mut read.datetime,
                "lang" => &mut read.lang,
                "hidden" => {
                    read.hidden = true;
                    continue;
                }
                "aria-hidden" => {
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
