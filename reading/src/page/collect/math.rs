//! Formulas: TeX where the page states it, else the symbols in reading order.

use super::{Collector, Open};
use crate::page::block::{Math, Style};
use crate::page::tag::Tag;
use lol_html::html_content::Element;

/// Longer ones are documents.
const TEX_BYTES_MAX: usize = 8_192;

/// What a MathML element puts between or around its operands when it is told in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    None,
    Fraction,
    Power,
    Index,
    IndexAndPower,
    /// A row that is an operand.
    Group,
}

impl Collector {
    /// An element of a formula starts: a half is `1/2`, not 12.
    pub(super) fn operand(&mut self, open: &mut Open, element: &Element<'_, '_>) {
        let name = element.tag_name();
        open.operands = 0;
        open.operator = match name.as_str() {
            "mfrac" => Operator::Fraction,
            "msup" => Operator::Power,
            "msub" => Operator::Index,
            "msubsup" => Operator::IndexAndPower,
            _ => Operator::None,
        };
        let Some(parent) = self.open.last_mut() else { return };
        parent.operands = parent.operands.saturating_add(1);
        let parent = *parent;
        let sign = match (parent.operator, parent.operands) {
            (Operator::Fraction, 2) => "/",
            (Operator::Power, 2) | (Operator::IndexAndPower, 3) => "^",
            (Operator::Index | Operator::IndexAndPower, 2) => "_",
            _ => "",
        };
        if !sign.is_empty() {
            self.add(sign, parent);
        }
        if name == "msqrt" {
            self.add("\u{221a}", parent);
        }
        let grouped = !matches!(parent.operator, Operator::None | Operator::Group) && name == "mrow";
        if grouped || name == "msqrt" {
            open.operator = Operator::Group;
            self.add("(", parent);
        }
    }

    /// `<math>` starts: its `alttext` is TeX and stands for it.
    pub(super) fn formula(&mut self, open: &mut Open, element: &Element<'_, '_>) {
        open.display = element.get_attribute("display").is_some_and(|display| display.trim() == "block");
        let Some(alttext) = element.get_attribute("alttext") else { return };
        self.add_tex(&htmlize::unescape_attribute(&alttext), open.display, *open);
        open.skipped = true;
    }

    /// TeX in a formula's annotation says more than the symbols before it; other annotations say less.
    pub(super) fn annotate(&mut self, open: &mut Open, element: &Element<'_, '_>) {
        let is_tex = element
            .get_attribute("encoding")
            .is_some_and(|encoding| encoding.to_ascii_lowercase().contains("tex"));
        let math = self.open.iter().rev().find(|open| open.tag == Tag::Math);
        match math {
            Some(math) if is_tex && math.text_before <= self.block.text.len() => {
                self.block.truncate(math.text_before);
                open.style = Style { link: open.style.link, ..Style::default() };
                open.style.math = if math.display { Math::Display } else { Math::Inline };
            }
            _ => open.skipped = true,
        }
    }

    /// TeX from an attribute or a script. Delimiters and the wrapper that MediaWiki puts around it go.
    pub(super) fn add_tex(&mut self, tex: &str, display: bool, parent: Open) {
        let mut tex = tex.trim();
        for (begin, end) in
            [("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("{\\displaystyle ", "}")]
        {
            let inner = tex.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
            tex = inner.map_or(tex, str::trim);
        }
        if tex.is_empty() || tex.len() > TEX_BYTES_MAX {
            return;
        }
        let math = if display { Math::Display } else { Math::Inline };
        self.begin(parent);
        self.block.push_flow(tex, Style { math, ..Style::default() });
    }
}

#[cfg(test)]
mod tests {
    use crate::page::tests::after;

    #[test]
    fn formulas_show_their_tex() {
        for html in [
            "<math><semantics><mi>x</mi><mo>=</mo><annotation encoding=application/x-tex>x_1=\\pi</annotation></semantics></math>",
            "<math alttext='x_1=\\pi'><mi>x</mi></math>",
            "<span class=katex><span class=katex-mathml><math><semantics><mi>x</mi><annotation encoding=application/x-tex>x_1=\\pi</annotation></semantics></math></span><span class=katex-html aria-hidden=true>x</span></span>",
            "<span class=MathJax_Preview>x</span><script type=math/tex>x_1=\\pi</script>",
            "<span style='display: none'><math alttext='{\\displaystyle x_1=\\pi}'></math></span><img class=mwe-math-fallback-image-inline alt='{\\displaystyle x_1=\\pi}' src=x.svg>",
            "<img class=latex alt='x_1=\\pi' src=x.png>",
        ] {
            assert_eq!(after(&format!("<p>so {html} holds")), "so $x_1=\\pi$ holds", "{html}");
        }
        assert_eq!(after("<p>so <math display=block alttext='a*b'></math>"), "so $$a*b$$");
        assert_eq!(after("<p>so <math alttext='a<b'></math>"), "so $a< b$");
        assert_eq!(after("<p>costs $5 <math alttext='a*b'></math>"), "costs \\$5 $a*b$");
    }

    #[test]
    fn fractions_and_powers_without_tex_keep_their_meaning() {
        let html = "<math><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mrow><mn>2</mn><mo>+</mo><msup><mi>a</mi><mn>2</mn></msup></mrow></mfrac><msubsup><mi>b</mi><mi>i</mi><mn>3</mn></msubsup><msqrt><mi>c</mi></msqrt></math>";
        assert_eq!(after(&format!("<p>so {html} holds")), "so x=1/(2+a^2)b_i^3\u{221a}(c) holds");
    }

    #[test]
    fn formulas_without_tex_show_their_symbols() {
        assert_eq!(
            after(
                "<p>so <mjx-container><mjx-math aria-hidden=true>x</mjx-math><mjx-assistive-mml><math><mi>x</mi><mo>=</mo><mn>1</mn></math></mjx-assistive-mml></mjx-container> holds"
            ),
            "so x=1 holds"
        );
    }
}
