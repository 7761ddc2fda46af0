//! What readers do not see: by an element's name, attributes, class and inline style. Style sheets are not read: what a rule
//! there hides is taken for text.

use super::code::is_no_code;
use super::{Collector, Open, Role};
use crate::page::attributes::Attributes;
use crate::page::skeleton::Traits;
use crate::page::tag::Tag;
use lol_html::html_content::Element;

/// What an element's own style does to the text within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing that hides it.
    Shown,
    /// Its place is kept and nothing is seen there. Wrappers of whole pages begin like that until a script has run.
    Invisible,
    /// Seen through. Many pages fade their parts in like that.
    Faint,
    /// Its own text has the colour of its own background. Boxes in it may have other colours.
    Blended,
    /// Nobody ever sees it.
    Gone,
}

/// Anti-flicker styles hide a wrapper this near to the root until a script has run.
const VEIL_DEPTH_MAX: usize = 6;
/// Text that is invisible at first is shown later when it is this long, in words, or this share of the page's other text:
/// pages fade in, what is hidden for good is a line or two.
const VEILED_WORDS_MIN: u32 = 150;
const VEILED_SHARE: u32 = 4;
/// Of a longer style only this much is read.
const STYLE_BYTES_MAX: usize = 2_048;
/// Nothing at or below this many pixels can be read.
const TINY_PX: f32 = 1.0;
/// Text that is moved this many pixels or more is off every screen.
const AWAY_PX: f32 = -900.0;
/// Below this share of opacity nothing can be read.
const FAINT: f32 = 0.05;

impl Collector {
    /// Whether a reader never sees this element's text, or should not.
    pub(super) fn hides(
        &self,
        element: &Element<'_, '_>,
        tag: Tag,
        attributes: &Attributes<'_>,
        (names, sight): (Traits, Sight),
        parent: Open,
    ) -> bool {
        match tag {
            Tag::Skipped | Tag::Iframe | Tag::Script | Tag::Title | Tag::Noscript => return true,
            // Accordions put a heading's words in a button; behind other words it is a control.
            Tag::Button => {
                let names =
                    matches!(parent.role, Role::Heading(_) | Role::Term) || parent.tag == Tag::Summary;
                return !names || !self.block.text.is_empty();
            }
            Tag::Dialog => return !element.has_attribute("open"),
            Tag::Html | Tag::Head | Tag::Body => return false,
            _ => {}
        }
        let in_code = parent.role == Role::Code;
        if names.any(Traits::UNSEEN)
            || (names.any(Traits::GUTTER) && (in_code || matches!(tag, Tag::Cell { .. } | Tag::Pre)))
        {
            return true;
        }
        if in_code && is_no_code(&attributes.class) {
            return true;
        }
        // React streams content in hidden elements `S:0`, `S:1`... that a script then moves into place; the panels of
        // tabs and accordions wait for a click on a tab or heading that every reader sees.
        let role = attributes.role.trim();
        let panel = role == "tabpanel" || (role == "region" && element.has_attribute("aria-labelledby"));
        let shown_later = panel || attributes.id.starts_with("S:");
        (!shown_later && (attributes.hidden || attributes.aria_hidden))
            || match sight {
                Sight::Gone if panel => false,
                Sight::Shown | Sight::Blended => false,
                // Within a line nothing fades in by itself.
                Sight::Faint => tag.is_inline(),
                Sight::Invisible => !self.veils(),
                Sight::Gone => true,
            }
    }

    /// A wrapper of the whole page that is only made invisible, not taken out.
    pub(super) fn veils(&self) -> bool {
        self.open.len() <= VEIL_DEPTH_MAX && self.block.text.is_empty() && self.blocks.is_empty()
    }

    /// Drops veiled text that is too little to be shown later.
    pub(super) fn lift_veil(&mut self) {
        let words = |veiled: bool| {
            let blocks = self.blocks.iter().filter(|block| block.veiled == veiled);
            blocks.fold(0_u32, |sum, block| sum.saturating_add(block.words))
        };
        let veiled = words(true);
        if veiled < VEILED_WORDS_MIN && veiled.saturating_mul(VEILED_SHARE) < words(false) {
            self.blocks.retain(|block| !block.veiled);
        }
    }
}

/// What a `style` attribute does.
pub(super) fn sight(style: &str) -> Sight {
    // Nearly all styles have none of these words.
    if style.is_empty() {
        return Sight::Shown;
    }
    let end = crate::page::block::boundary_at_or_before(style, STYLE_BYTES_MAX);
    let style = style.get(..end).unwrap_or_default().to_ascii_lowercase();
    let mut seen = Declarations::default();
    for declaration in style.split(';') {
        if let Some((name, value)) = declaration.split_once(':') {
            seen.read(name.trim(), value.trim().trim_end_matches("!important").trim_end());
        }
    }
    seen.sight()
}

/// The size of text that a `style` attribute sets: whether it is too small to be read; `None` when it sets none.
pub(super) fn shrinks(style: &str) -> Option<bool> {
    if style.is_empty() {
        return None;
    }
    let at = style.find("font-size")?;
    let value = style.get(at..)?.split_once(':')?.1;
    let value = value.split(';').next()?.trim().trim_end_matches("!important").trim_end();
    pixels(value).map(|size| size <= TINY_PX)
}

#[derive(Default)]
struct Declarations<'a> {
    gone: bool,
    invisible: bool,
    faint: bool,
    /// Shown by a script or style sheet in steps.
    animated: bool,
    placed: bool,
    away: bool,
    clipped: bool,
    cut: bool,
    narrow: bool,
    low: bool,
    color: &'a str,
    background: &'a str,
    clips_background: bool,
}

impl<'a> Declarations<'a> {
    fn read(&mut self, name: &str, value: &'a str) {
        let tiny = |value| pixels(value).is_some_and(|size| size.abs() <= TINY_PX);
        let away = |value| pixels(value).is_some_and(|size| size <= AWAY_PX);
        match name {
            "display" => self.gone |= value == "none",
            "mso-hide" => self.gone |= value == "all",
            "content-visibility" => self.gone |= value == "hidden",
            "visibility" => self.invisible |= matches!(value, "hidden" | "collapse"),
            "opacity" => self.faint |= value.parse::<f32>().is_ok_and(|share| share < FAINT) || value == "0%",
            "transform" | "transition" | "animation" | "animation-name" | "will-change" | "filter"
            | "-webkit-transform" => {
                self.animated |= value != "none";
                self.gone |=
                    name == "transform" && matches!(value, "scale(0)" | "scale(0,0)" | "scale(0, 0)");
            }
            "position" => self.placed |= matches!(value, "absolute" | "fixed"),
            "left" | "top" | "right" | "bottom" | "margin-left" | "margin-top" => self.away |= away(value),
            "clip" => {
                self.clipped |= value.strip_prefix("rect(").is_some_and(|sides| {
                    sides.trim_end_matches(')').split([',', ' ']).filter(|side| !side.is_empty()).all(tiny)
                })
            }
            "clip-path" | "-webkit-clip-path" => {
                self.gone |= value.strip_prefix("inset(").is_some_and(|inset| {
                    let share = inset.trim_end_matches(')').trim().strip_suffix('%');
                    share.and_then(|share| share.parse::<f32>().ok()).is_some_and(|share| share >= 50.0)
                }) || value.starts_with("circle(0)")
                    || value.starts_with("circle(0 ");
            }
            "overflow" => self.cut |= matches!(value, "hidden" | "clip"),
            "width" | "max-width" => self.narrow |= tiny(value),
            "height" | "max-height" => self.low |= tiny(value),
            "color" => self.color = value,
            "background" | "background-color" => self.background = value,
            "background-clip" | "-webkit-background-clip" => self.clips_background |= value == "text",
            _ => {}
        }
    }

    fn sight(&self) -> Sight {
        let same_color = !self.clips_background
            && (self.color == "transparent"
                || (!self.color.is_empty()
                    && rgb(self.color).is_some_and(|color| Some(color) == rgb(self.background))));
        if self.gone || (self.placed && (self.away || self.clipped)) || (self.cut && self.narrow && self.low)
        {
            Sight::Gone
        } else if same_color {
            Sight::Blended
        } else if self.invisible {
            Sight::Invisible
        } else if self.faint && !self.animated {
            Sight::Faint
        } else {
            Sight::Shown
        }
    }
}

/// A length in pixels; other units are taken as if a letter had 16 of them.
fn pixels(value: &str) -> Option<f32> {
    let end =
        value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(end)?;
    let number: f32 = number.parse().ok()?;
    match unit.trim() {
        "" | "px" | "pt" => Some(number),
        "em" | "rem" | "ch" | "ex" => Some(number * 16.0),
        // A share of an unknown length; all of nothing is nothing, and ten screens away is away.
        "%" | "vw" | "vh" => Some(if number == 0.0 { 0.0 } else { number * 10.0 }),
        _ => None,
    }
}

/// The colour as written in the usual ways.
fn rgb(color: &str) -> Option<[u8; 3]> {
    let color = color.split_ascii_whitespace().next().filter(|_| !color.contains('(')).unwrap_or(color);
    match color {
        "white" => return Some([255; 3]),
        "black" => return Some([0; 3]),
        _ => {}
    }
    if let Some(hex) = color.strip_prefix('#') {
        let digits: Vec<u8> =
            hex.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
        return match digits.as_slice() {
            [r, g, b] => Some([r.saturating_mul(17), g.saturating_mul(17), b.saturating_mul(17)]),
            [r, s, g, h, b, c] => {
                let two = |high: &u8, low: &u8| high.saturating_mul(16).saturating_add(*low);
                Some([two(r, s), two(g, h), two(b, c)])
            }
            _ => None,
        };
    }
    let parts = color.strip_prefix("rgb(")?.strip_suffix(')')?;
    let mut parts =
        parts.split([',', ' ']).filter(|part| !part.is_empty()).map(|part| part.parse::<u8>().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::tests::after;

    #[test]
    fn panels_of_tabs_and_accordions_wait_for_a_click() {
        for panel in ["role=tabpanel hidden style='display:none'", "role=region aria-labelledby=a hidden"] {
            assert_eq!(after(&format!("<div {panel}><p>told later</div>")), "told later", "{panel}");
        }
        assert_eq!(after("<div role=region hidden><p>never told</div>"), "");
    }

    #[test]
    fn styles_that_hide_text_are_known() {
        for style in [
            "display:none",
            "DISPLAY : none !important",
            "position:absolute;left:-9999px",
            "position:fixed; top:-100em",
            "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)",
            "clip-path:inset(50%)",
            "width:0;height:0;overflow:hidden",
            "mso-hide:all",
            "transform:scale(0)",
            "content-visibility:hidden",
        ] {
            assert_eq!(sight(style), Sight::Gone, "{style}");
        }
        for style in
            ["color:#fff; background-color: white", "color:rgb(0, 0, 0);background:#000", "color:transparent"]
        {
            assert_eq!(sight(style), Sight::Blended, "{style}");
        }
        assert_eq!(sight("visibility: hidden"), Sight::Invisible);
        assert_eq!((sight("opacity:0"), sight("opacity: 0.01;")), (Sight::Faint, Sight::Faint));
    }

    #[test]
    fn styles_that_only_look_so_hide_nothing() {
        // Text that is moved out of its own box names the picture or colour in its place.
        for style in [
            "",
            "color:white",
            "color:#fff;background:#fff url(a.png)x",
            "color:#333;background:#fff",
            "position:absolute;left:-10px",
            "opacity:0;transform:translateY(20px)",
            "opacity:0.4",
            "height:0;overflow:hidden",
            "width:1px",
            "display:block",
            "color:transparent;background-clip:text",
            "left:-9999px",
            "clip:rect(0,0,0,0)",
            "text-indent:-9999px",
        ] {
            assert!(!matches!(sight(style), Sight::Gone | Sight::Blended), "{style}");
        }
        assert_eq!(sight("opacity:0;transform:translateY(20px)"), Sight::Shown);
    }

    #[test]
    fn sizes_are_told_from_nothing() {
        assert_eq!(shrinks("font-size:0"), Some(true));
        assert_eq!(shrinks("color:red; font-size: 1px !important"), Some(true));
        assert_eq!(shrinks("font-size:14px"), Some(false));
        assert_eq!(shrinks("font-size:small"), None);
        assert_eq!(shrinks("color:red"), None);
    }
}
