//! A model's Markdown made safe and regular: no headings, no images, no live links or HTML, citations as `[F12]`.

use std::collections::BTreeSet;

/// Most lines of one text; 4,000 words in lines of one word each.
const LINES_MAX: usize = 4_000;
/// Most ids in one citation; more is a list of everything, which proves nothing.
const MARK_IDS_MAX: usize = 8;
/// Longest bracket that is looked at as a citation, in characters: 8 ids with separators and the word "findings".
const MARK_CHARS_MAX: usize = 80;
/// Longest link target or tag that is looked at, in characters; browsers and servers stop at about 2,000.
const TARGET_CHARS_MAX: usize = 2_048;

/// Cleans the text of a section or summary. `title` is the heading that code puts above it: a heading with the same
/// words is dropped, any other becomes a bold line. `[12]` is a citation if 12 is among the `known` findings; other
/// bare numbers are marks of the page that was copied from, and go.
pub(super) fn clean(text: &str, title: Option<&str>, known: &BTreeSet<u32>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fenced = false;
    for line in text.lines().take(LINES_MAX) {
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
            out.push_str("```\n");
        } else if fenced {
            out.push_str(line);
            out.push('\n');
        } else if let Some(line) = prose_line(line, title, known) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    if fenced {
        out.push_str("```\n");
    }
    collapse_blank_lines(&out)
}

/// One line outside code; `None` drops it.
fn prose_line(line: &str, title: Option<&str>, known: &BTreeSet<u32>) -> Option<String> {
    let bare = line.trim();
    if !bare.is_empty()
        && bare.len() >= 3
        && (bare.chars().all(|c| c == '=') || bare.chars().all(|c| c == '-'))
    {
        return None;
    }
    let level = bare.chars().take_while(|c| *c == '#').count();
    if (1..=6).contains(&level) {
        let heading = bare.trim_matches('#').trim();
        if bare.chars().nth(level).is_none_or(char::is_whitespace) {
            let same = title.is_some_and(|t| t.trim().eq_ignore_ascii_case(heading.trim_matches('*')));
            return (!same && !heading.is_empty())
                .then(|| format!("**{}**", inline(heading.trim_matches('*'), known)));
        }
    }
    // `[x]: https://...` defines a link target for elsewhere.
    if bare.starts_with('[') && bare.split_once("]:").is_some_and(|(label, _)| !label.contains(' ')) {
        return None;
    }
    Some(inline(line.trim_end(), known))
}

/// Rewrites the inline parts of a line; code spans pass untouched.
fn inline(line: &str, known: &BTreeSet<u32>) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let next = rest.get(c.len_utf8()..).unwrap_or_default();
        let step = match c {
            '`' => Some(
                code_span(rest)
                    .map_or_else(|| ("\\`".to_owned(), next), |(span, after)| (span.to_owned(), after)),
            ),
            '!' if next.starts_with('[') => bracket(next, '[', ']')
                .and_then(|(_, after)| target(after))
                .map(|after| (String::new(), after)),
            '\\' if next.starts_with(['[', ']']) => escaped_mark(next, known),
            '[' | '【' | '(' => bracketed(rest, c, out.chars().next_back(), known),
            '<' => angle(rest),
            'h' | 'H' | 'w' | 'W' if !out.ends_with(char::is_alphanumeric) => bare_url(rest),
            _ => None,
        };
        if let Some((text, after)) = step {
            out.push_str(&text);
            // A removed bracket leaves the space before a full stop behind.
            if text.is_empty() && after.starts_with(['.', ',', ';', ' ']) {
                out.truncate(out.trim_end_matches(' ').len());
            }
            rest = after;
        } else {
            out.push(c);
            rest = next;
        }
    }
    out
}

/// A code span with its delimiters.
fn code_span(text: &str) -> Option<(&str, &str)> {
    let ticks = text.chars().take_while(|c| *c == '`').count();
    let body = text.get(ticks..)?;
    let end = body.find(text.get(..ticks)?)?;
    let end = ticks + end + ticks;
    Some((text.get(..end)?, text.get(end..)?))
}

/// What stands between an opening bracket and its counterpart on this line, and what follows.
fn bracket(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices().take(TARGET_CHARS_MAX) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some((text.get(open.len_utf8()..at)?, text.get(at + c.len_utf8()..)?));
            }
        }
    }
    None
}

/// Skips `(target)` or `[label]` behind a link's text.
fn target(text: &str) -> Option<&str> {
    match text.chars().next() {
        Some('(') => bracket(text, '(', ')').map(|(_, after)| after),
        Some('[') => {
            bracket(text, '[', ']').filter(|(label, _)| ids(label).is_none()).map(|(_, after)| after)
        }
        _ => None,
    }
}

/// A citation, a link, or a bare number in brackets.
fn bracketed<'a>(
    text: &'a str,
    open: char,
    before: Option<char>,
    known: &BTreeSet<u32>,
) -> Option<(String, &'a str)> {
    let close = match open {
        '[' => ']',
        '【' => '】',
        _ => ')',
    };
    let (content, after) = bracket(text, open, close)?;
    let numbers = if open == '[' { known_numbers(content, known) } else { None };
    if let Some(ids) = ids(content).or(numbers) {
        let after =
            if open == '[' && after.starts_with('(') { target(after).unwrap_or(after) } else { after };
        return Some((ids.iter().map(|id| format!("[F{id}]")).collect(), after));
    }
    match open {
        '【' => Some((String::new(), after)),
        '[' if after.starts_with('(') => target(after).map(|after| (inline(content, known), after)),
        '[' => {
            let index = before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                && content.chars().all(|c| c.is_ascii_digit());
            let number = !content.is_empty()
                && content.chars().any(|c| c.is_ascii_digit())
                && content
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ' | '^' | ';' | '-' | '–'));
            (number && !index).then(|| (String::new(), after))
        }
        _ => None,
    }
}

/// `\[F12\]`, as models write that fear for their brackets.
fn escaped_mark<'a>(text: &'a str, known: &BTreeSet<u32>) -> Option<(String, &'a str)> {
    let body = text.strip_prefix('[')?;
    let (content, after) = body.split_once("\\]")?;
    let ids = ids(content).or_else(|| known_numbers(content, known))?;
    Some((ids.iter().map(|id| format!("[F{id}]")).collect(), after))
}

/// The ids of a citation such as `F12`, `f3, F9`, `Findings 3 and 9` or `F3-F5`; `None` when it is none.
fn ids(content: &str) -> Option<Vec<u32>> {
    if content.len() > MARK_CHARS_MAX || !content.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let lower = content.to_lowercase().replace("findings", "f").replace("finding", "f").replace('–', "-");
    if !lower.trim_start_matches([' ', '^', '[']).starts_with('f') {
        return None;
    }
    let mut ids = Vec::new();
    let mut range_from = None;
    let mut number = String::new();
    for c in lower.chars().chain(std::iter::once(' ')) {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        if let Ok(id) = std::mem::take(&mut number).parse::<u32>() {
            let from = range_from.take().unwrap_or(id);
            ids.extend((from.min(id)..=id).take(MARK_IDS_MAX).filter(|i| *i != from || from == id));
        }
        match c {
            '-' => range_from = ids.last().copied(),
            'f' | ' ' | ',' | ';' | '&' | 'a' | 'n' | 'd' | '[' | ']' | '^' | '#' => {}
            _ => return None,
        }
    }
    ids.truncate(MARK_IDS_MAX);
    (!ids.is_empty()).then_some(ids)
}

/// The known ones among bare numbers such as `12`, `3, 9` or `3-5`; `None` when there are none.
fn known_numbers(content: &str, known: &BTreeSet<u32>) -> Option<Vec<u32>> {
    if !content.trim_start_matches([' ', '^', '#']).starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut ids = ids(&format!("f{content}"))?;
    ids.retain(|id| known.contains(id));
    (!ids.is_empty()).then_some(ids)
}

/// Makes a tag or autolink inert.
fn angle(text: &str) -> Option<(String, &str)> {
    let body = text.get(1..)?;
    if !body.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return None;
    }
    let lower: String = body.chars().take(8).collect::<String>().to_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        let end = body.char_indices().take(TARGET_CHARS_MAX).find(|(_, c)| *c == '>')?.0;
        return Some((format!("`{}`", body.get(..end)?.replace('`', "")), body.get(end + 1..)?));
    }
    Some(("\\<".to_owned(), body))
}

/// A bare address becomes a code span, which no renderer turns into a link.
fn bare_url(text: &str) -> Option<(String, &str)> {
    let lower: String = text.chars().take(8).collect::<String>().to_lowercase();
    if !(lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("www.")) {
        return None;
    }
    let end = text
        .char_indices()
        .find(|(at, c)| {
            *at > TARGET_CHARS_MAX
                || c.is_whitespace()
                || matches!(c, '<' | '>' | '`' | '[' | ']' | '"' | '|' | '*')
        })
        .map_or(text.len(), |(at, _)| at);
    let url = text.get(..end)?.trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
    Some((format!("`{url}`"), text.get(url.len()..)?))
}

fn collapse_blank_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines() {
        let empty = line.trim().is_empty();
        if !(empty && blank) {
            out.push_str(line);
            out.push('\n');
        }
        blank = empty;
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> BTreeSet<u32> {
        BTreeSet::new()
    }

    #[test]
    fn citations_get_one_spelling() {
        for (text, expected) in [
            ("A [F12, F13].", "A [F12][F13]."),
            ("A (F12).", "A [F12]."),
            ("A [f12].", "A [F12]."),
            ("A 【F12】.", "A [F12]."),
            ("A 【12†source】.", "A."),
            ("A [F3-F5].", "A [F3][F4][F5]."),
            ("A [Findings 3 and 9].", "A [F3][F9]."),
            (r"A \[F7\].", "A [F7]."),
            ("A [F7](https://evil.example/).", "A [F7]."),
            ("A [^F7] and [F8; F9].", "A [F7] and [F8][F9]."),
            ("A [F3][F9].", "A [F3][F9]."),
        ] {
            assert_eq!(clean(text, None, &none()), expected, "{text}");
        }
    }

    #[test]
    fn bare_numbers_are_no_citations() {
        assert_eq!(clean("A [12]. B [1, 2], C [^3].", None, &none()), "A. B, C.");
        assert_eq!(clean("`v[0]` and v[0] and (12) stay.", None, &none()), "`v[0]` and v[0] and (12) stay.");
    }

    #[test]
    fn numbers_of_known_findings_are_citations() {
        let known = BTreeSet::from([3, 4, 12, 101]);
        for (text, expected) in [
            ("A [12].", "A [F12]."),
            ("A [3][12], B [3, 4]; C [3-4].", "A [F3][F12], B [F3][F4]; C [F3][F4]."),
            ("A. [101]", "A. [F101]"),
            ("A[12].", "A[F12]."),
            ("A [12, 99] and [7].", "A [F12] and."),
            ("A [12](https://evil.example/).", "A [F12]."),
            (r"A \[12\].", "A [F12]."),
            ("A [^12].", "A [F12]."),
            ("`v[3]`, v[0] and (12) stay; [12 ms] too.", "`v[3]`, v[0] and (12) stay; [12 ms] too."),
        ] {
            assert_eq!(clean(text, None, &known), expected, "{text}");
        }
    }

    #[test]
    fn headings_are_dropped_or_become_bold() {
        assert_eq!(
            clean("## Costs\n\nText [F1].\n\n### Detail\nMore [F2].\n---\nEnd", Some("costs"), &none()),
            "Text [F1].\n\n**Detail**\nMore [F2].\nEnd"
        );
        assert_eq!(clean("#1 is a number", None, &none()), "#1 is a number");
    }

    #[test]
    fn nothing_in_the_text_is_live() {
        assert_eq!(clean("See [the docs](https://a.example/x(1)) now.", None, &none()), "See the docs now.");
        assert_eq!(clean("![p](https://a.example/p.png?q=secret)Text", None, &none()), "Text");
        assert_eq!(
            clean("At https://a.example/x. Or <https://b.example>.", None, &none()),
            "At `https://a.example/x`. Or `https://b.example`."
        );
        assert_eq!(
            clean("<img src=x> and Vec<T> and 1 < 2", None, &none()),
            r"\<img src=x> and Vec\<T> and 1 < 2"
        );
        assert_eq!(clean("`Vec<T>` stays\n[a]: https://a.example", None, &none()), "`Vec<T>` stays");
    }

    #[test]
    fn an_open_code_fence_is_closed() {
        assert_eq!(clean("Text\n```rust\nlet a = v[0];", None, &none()), "Text\n```\nlet a = v[0];\n```");
    }
}
