//! Writing Markdown that says exactly what it is given: no HTML, no links or images but our own, no stray citations.

use std::fmt::Write as _;

/// `text` as one line of Markdown that renders as exactly that text. Addresses become code, so that no renderer turns
/// them into links; in code, `[9]` is written `[ 9 ]`, so that `[9]` in a report is always a citation.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (i, piece) in text.split([' ', '\n', '\t', '\r']).enumerate() {
        if i > 0 && !out.ends_with(' ') {
            out.push(' ');
        }
        if is_address(piece) {
            out.push_str(&code(piece));
        } else {
            escape_word(piece, &mut out);
        }
    }
    out
}

/// Like [`escape`], trimmed and safe at the start of a line, where `#`, `-` or `1.` would mean something.
pub(crate) fn escape_line(text: &str) -> String {
    at_line_start(escape(text).trim())
}

/// Guards already escaped `line` against being read as a heading, list, quote, rule or fence.
pub(crate) fn at_line_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let behind = line.get(digits..).unwrap_or_default();
    if digits > 0 && (behind.starts_with('.') || behind.starts_with(')')) {
        return format!("{}\\{behind}", line.get(..digits).unwrap_or_default());
    }
    if line.starts_with(['#', '-', '+', '>', '=', '~', ':']) { format!("\\{line}") } else { line.to_owned() }
}

/// `text` as a code span.
pub(crate) fn code(text: &str) -> String {
    let mut inner = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, tail) = rest.split_at(at);
        inner.push_str(before);
        let letter = usize::from(tail.starts_with("[F"));
        let digits = tail.bytes().skip(1 + letter).take_while(u8::is_ascii_digit).count();
        let behind = tail.get(1 + letter + digits..).unwrap_or_default();
        if digits > 0 && behind.starts_with(']') {
            let _ = write!(inner, "[ {} ", tail.get(1..=letter + digits).unwrap_or_default());
            rest = behind;
        } else {
            inner.push('[');
            rest = tail.get(1..).unwrap_or_default();
        }
    }
    inner.push_str(rest);
    let inner: String = inner.chars().map(|c| if is_invisible(c) { ' ' } else { c }).collect();
    let inner = inner.trim().replace('|', "\\|");
    let longest = inner.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if inner.starts_with('`') || inner.ends_with('`') || inner.is_empty() { " " } else { "" };
    format!("{fence}{pad}{inner}{pad}{fence}")
}

/// A link to one of the report's own sources; an address that is not http(s) is shown as code instead.
pub(crate) fn link(text: &str, url: &str) -> String {
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return format!("{} ({})", escape(text).trim(), code(url));
    }
    let mut target = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '<' | '>' | '(' | ')' | '[' | ']' | '|' | '\\' | ' ' | '"' | '\'' | '`' | '*' | '_' | '~'
                if c != '_' && c != '~' =>
            {
                let _ = write!(target, "%{:02X}", u32::from(c));
            }
            c if c.is_control() => {}
            c => target.push(c),
        }
    }
    format!("[{}]({target})", escape_label(text))
}

/// The label of a link; one such as `9` or `F9` would look like a citation in its brackets.
fn escape_label(text: &str) -> String {
    let label = escape(text).trim().to_owned();
    let number = label.strip_prefix('F').unwrap_or(&label);
    let looks_cited = number.bytes().all(|b| b.is_ascii_digit());
    if looks_cited { format!("Page {label}").trim_end().to_owned() } else { label }
}

/// The anchor that renderers give a heading: lower case, blanks to hyphens, other signs dropped.
pub(crate) fn anchor(heading: &str) -> String {
    heading
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

/// Whether what a parser takes for HTML is code written as prose, such as `Vec<u8>`: it is glued to the word before,
/// and is neither a closing tag, nor one with attributes, nor one that writers use for layout.
pub(crate) fn is_type_parameter(before: &str, html: &str) -> bool {
    let inner = html.trim_start_matches('<').trim_end_matches('>');
    before.ends_with(char::is_alphanumeric)
        && inner.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !matches!(
            inner.to_ascii_lowercase().as_str(),
            "br" | "b" | "i" | "em" | "strong" | "sub" | "sup" | "p"
        )
}

/// Control and private-use characters; some of the latter stand for marks while a report is made.
fn is_invisible(c: char) -> bool {
    c.is_control() || ('\u{e000}'..='\u{f8ff}').contains(&c)
}

fn is_address(piece: &str) -> bool {
    let lower = piece.to_lowercase();
    lower.contains("://")
        || lower.contains("www.")
        || ["javascript:", "data:", "mailto:"].iter().any(|scheme| lower.contains(scheme))
        || piece.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn escape_word(word: &str, out: &mut String) {
    let mut before: Option<char> = None;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match c {
            '<' => out.push_str("&lt;"),
            '&' if next.is_some_and(|n| n.is_ascii_alphanumeric() || n == '#') => out.push_str("&amp;"),
            '\\' | '*' | '`' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '_' if !(before.is_some_and(char::is_alphanumeric)
                && next.is_some_and(char::is_alphanumeric)) =>
            {
                out.push_str("\\_");
            }
            c if is_invisible(c) => {}
            c => out.push(c),
        }
        before = Some(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser};

    fn rendered(markdown: &str) -> (String, bool) {
        let mut text = String::new();
        let mut harmless = true;
        for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(t) | Event::Code(t) => text.push_str(&t),
                Event::Start(pulldown_cmark::Tag::Paragraph)
                | Event::End(pulldown_cmark::TagEnd::Paragraph) => {}
                _ => harmless = false,
            }
        }
        (text, harmless)
    }

    #[test]
    fn hostile_text_renders_as_itself() {
        for text in [
            "<b>x</b> [a](b) ![c](d) *e* _f_ `g` ~~h~~ &lt; a|b",
            "# no heading",
            "1. no list",
            "- no item",
            "==",
        ] {
            let (shown, harmless) = rendered(&escape_line(text));
            assert!(harmless, "{text}");
            assert_eq!(shown, text.replace('\n', " "));
        }
        assert_eq!(escape("see https://evil.example now"), "see `https://evil.example` now");
        assert_eq!(code("a[9] b[i]"), "`a[ 9 ] b[i]`");
        assert_eq!(link("a]b", "https://x.example/(1)"), "[a\\]b](https://x.example/%281%29)");
        assert!(!link("t", "javascript:alert(1)").contains("]("));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn escaped_text_is_one_plain_paragraph(text in "[ -~é]{0,40}") {
            let (_, harmless) = rendered(&escape_line(&text));
            prop_assert!(harmless, "{}", escape_line(&text));
        }
    }
}
