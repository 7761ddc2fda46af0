//! Code blocks: where their lines end when elements rather than text part them, what within them is no code, and their
//! language.

use super::{Collector, LANGUAGES_MAX, Open};
use crate::page::code_language;
use crate::page::tag::Tag;
use lol_html::html_content::Element;

/// Where in the block's text the last element that holds a line ended; the next one begins a new line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineEnd {
    at: usize,
    /// A block-level element: what follows it is on a new line whatever it is.
    block: bool,
}

impl Collector {
    /// An element that holds a line of code starts.
    pub(super) fn line_starts(&mut self, block: bool) {
        let at = self.block.text.len();
        let ended = self.line_end.take().is_some_and(|end| end.at == at);
        if at > 0 && (ended || (block && !self.block.text.ends_with('\n'))) {
            // A line's number stands beside it.
            let line = self.block.text.rsplit('\n').next().unwrap_or_default();
            let number = line.strip_suffix(' ').unwrap_or(line);
            let is_number = !ended && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            self.block.push_code(match is_number {
                true if line.len() > number.len() => "",
                true => " ",
                false => "\n",
            });
        }
    }

    /// An element that held a line of code, or several, ended.
    pub(super) fn line_ends(&mut self, closed: Open) {
        // Cells of one row stand on one line.
        let block = closed.tag.is_block() && !matches!(closed.tag, Tag::Cell { .. });
        if closed.skipped || !(block || closed.line) {
            return;
        }
        let at = self.block.text.len();
        let brought_its_end = at > closed.text_before && self.block.text.ends_with('\n');
        if !brought_its_end && at > 0 {
            self.line_end = Some(LineEnd { at, block });
        }
    }

    pub(super) fn add_code(&mut self, text: &str) {
        if let Some(end) = self.line_end.filter(|end| end.block && end.at == self.block.text.len()) {
            // White space between elements that are lines of their own only lays out the markup.
            if text.trim().is_empty() {
                return;
            }
            if end.at > 0 && !text.starts_with(['\n', '\r']) {
                self.block.push_code("\n");
            }
        }
        self.line_end = None;
        if text.contains('\u{a0}') {
            self.block.push_code(&text.replace('\u{a0}', " "));
        } else {
            self.block.push_code(text);
        }
    }

    pub(super) fn find_language(&mut self, open: &mut Open, element: &Element<'_, '_>, class: &str) {
        let found = match open.tag {
            Tag::Pre | Tag::Code => ["data-lang", "data-language", "data-enlighter-language"]
                .iter()
                .find_map(|name| code_language::clean(&element.get_attribute(name)?))
                .or_else(|| code_language::of_code(class))
                .or_else(|| code_language::known(&element.get_attribute("lang")?)),
            _ if class.is_empty() => None,
            // Wrappers such as `<div class="highlight-source-rust"><pre>` name it before the code begins.
            _ => code_language::of_wrapper(class),
        };
        let Some(found) = found else { return };
        let place = self.languages.iter().position(|known| *known == found).unwrap_or_else(|| {
            if self.languages.len() < LANGUAGES_MAX {
                self.languages.push(found);
            }
            self.languages.len().saturating_sub(1)
        });
        open.language = place.saturating_add(1);
    }

    pub(super) fn language(&self, open: Open) -> String {
        let place = open.language.checked_sub(1);
        place.and_then(|place| self.languages.get(place)).cloned().unwrap_or_default()
    }
}

/// Highlighters and editors put each line in an element; between them there need be no line end.
pub(super) fn is_line(class: &str) -> bool {
    class.split_ascii_whitespace().any(|name| {
        matches!(name, "line" | "token-line" | "code-line" | "view-line" | "cm-line" | "CodeMirror-line")
    })
}

/// Within code: line numbers, buttons, and what a book's examples leave out.
pub(super) fn is_no_code(class: &str) -> bool {
    class.split_ascii_whitespace().any(|name| {
        matches!(
            name,
            "boring" | "ln" | "lnt" | "lnlinks" | "hljs-ln-n" | "blob-num" | "line-num" | "linenum"
        ) || name.starts_with("copy-")
            || name.starts_with("copy_")
            || matches!(name, "copy" | "copybtn" | "toolbar" | "buttons")
            || name.contains("clipboard")
    })
}

/// `white-space: pre`, `pre-wrap`, `pre-line`.
pub(super) fn keeps_lines(style: &str) -> bool {
    style.split(';').any(|rule| {
        let Some((name, value)) = rule.split_once(':') else { return false };
        name.trim().eq_ignore_ascii_case("white-space") && value.trim_start().starts_with("pre")
    })
}

#[cfg(test)]
mod tests {
    use crate::page::tests::{FILLER, markdown_of};

    fn code(html: &str) -> String {
        let markdown = markdown_of(&format!("{FILLER}{html}"));
        let rest = markdown.strip_prefix(&markdown_of(FILLER)).unwrap_or_default().trim();
        let inner = rest.strip_prefix("```").and_then(|rest| rest.strip_suffix("\n```"));
        inner.and_then(|inner| inner.split_once('\n')).map_or(rest, |(_, code)| code).to_owned()
    }

    #[test]
    fn elements_that_hold_lines_end_them() {
        for html in [
            "<pre><code><span class=line>a</span><span class=line></span><span class=line>b</span></code></pre>",
            "<pre><code><span class=line>a</span>\n<span class=line></span>\n<span class=line>b</span></code></pre>",
            "<pre><span class=token-line>a<br></span><span class=token-line><br></span><span class=token-line>b<br></span></pre>",
            "<pre><div>a</div><div></div><div>b</div></pre>",
            "<pre><div>a\n</div><div>\n</div><div>b\n</div></pre>",
            "<pre><span class=line><span class=cl>a\n</span></span><span class=line><span class=cl>\n</span></span><span class=line>b</span></pre>",
            "<div class=cm-content><div class=cm-line>a</div><div class=cm-line><br></div><div class=cm-line>b</div></div>",
            "<div class=CodeMirror-code><pre class=CodeMirror-line>a</pre>\n<pre class=CodeMirror-line></pre>\n<pre class=CodeMirror-line>b</pre></div>",
            "<pre><br>a<br><br>b</pre>",
        ] {
            assert_eq!(code(html), "a\n\nb", "{html}");
        }
    }

    #[test]
    fn white_space_between_lines_is_layout_but_within_it_is_code() {
        assert_eq!(code("<pre>\n<div>a</div>\n<div>  b</div>\n</pre>"), "a\n  b");
        assert_eq!(code("<pre><b>a</b>&nbsp;&nbsp;<i>b</i></pre>"), "a  b");
    }

    #[test]
    fn numbers_and_buttons_are_not_code() {
        for html in [
            "<pre><button>Copy</button><code>a\nb</code></pre>",
            "<pre><code><span class=ln>1</span>a\n<span class=ln>2</span>b</code><span class=copy-btn>Copy</span></pre>",
            "<table><tr><td class=gutter><pre>1\n2</pre></td><td class=code><pre>a\nb</pre></td></table>",
            "<pre><table class=hljs-ln><tr><td class=hljs-ln-numbers>1</td><td>a</td></tr><tr><td class=hljs-ln-numbers>2</td><td>b</td></tr></table></pre>",
        ] {
            assert_eq!(code(html), "a\nb", "{html}");
        }
    }

    #[test]
    fn numbers_that_are_not_told_from_code_stay_beside_it() {
        let html = "<pre><div><span>1</span><div><div>a</div></div></div><div><span>2</span><div>b</div></div></pre>";
        assert_eq!(code(html), "1 a\n2 b");
        assert_eq!(code("<pre><div>1</div><div>2</div></pre>"), "1\n2");
    }

    #[test]
    fn text_that_keeps_its_lines_shows_them() {
        assert_eq!(code("<p style='white-space: pre-line'>a\nb\n\nc</p>"), "a  \nb\n\nc");
    }
}
