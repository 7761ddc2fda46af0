//! Text of search results as plain text: providers decorate it with tags, entities and invisible characters.

/// Elements that providers put into titles and snippets. Other text in angle brackets is content, as in `Vec<T>`.
const TAGS: [&str; 18] = [
    "a", "b", "br", "code", "div", "em", "i", "li", "mark", "p", "pre", "small", "span", "strong", "sub",
    "sup", "u", "ul",
];
/// A tag longer than this is content: the longest decoration seen is a `span` with a class.
const TAG_BYTES_MAX: usize = 200;

/// Without decorating tags, with entities decoded, white space collapsed, and characters that a reader cannot see left
/// out; cut behind `chars_max` characters.
#[must_use]
pub fn plain_text(text: &str, chars_max: usize) -> String {
    // An entity takes up to 32 bytes for one character; what lies further back cannot be part of the result.
    let reach = text.char_indices().nth(chars_max.saturating_mul(32)).map_or(text.len(), |(at, _)| at);
    let untagged = without_tags(text.get(..reach).unwrap_or(text));
    let decoded = htmlize::unescape(untagged.as_str());
    let mut plain = String::new();
    let words = decoded.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.map(|word| word.replace(is_invisible, "")).filter(|word| !word.is_empty()) {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(&word);
    }
    let end = plain.char_indices().nth(chars_max).map_or(plain.len(), |(at, _)| at);
    plain.truncate(end);
    plain.truncate(plain.trim_end().len());
    plain
}

fn without_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        kept.push_str(before);
        match tag_end(after) {
            Some((end, breaks)) => {
                if breaks {
                    kept.push(' ');
                }
                rest = after.get(end..).unwrap_or_default();
            }
            None => {
                kept.push('<');
                rest = after;
            }
        }
    }
    kept.push_str(rest);
    kept
}

/// Where the tag that begins before `text` ends, and whether it stands between words.
fn tag_end(text: &str) -> Option<(usize, bool)> {
    let end = text.bytes().take(TAG_BYTES_MAX).position(|byte| byte == b'>')?;
    let name = text.get(..end)?.trim_start_matches('/');
    let name = name.split([' ', '/', '\t', '\n']).next()?.to_ascii_lowercase();
    let breaks = matches!(name.as_str(), "br" | "div" | "li" | "p" | "pre" | "ul");
    TAGS.contains(&name.as_str()).then_some((end + 1, breaks))
}

/// Marks that steer direction or hide text. Joiners stay: Persian, Indic scripts and emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decoration_goes_and_content_stays() {
        for (decorated, plain) in [
            ("The <strong>Rust</strong> book", "The Rust book"),
            ("one<br/>two<BR>three", "one two three"),
            ("<span class=\"x\">a</span>&amp;b &lt;strong&gt; &#x27;c&#39;", "a&b <strong> 'c'"),
            ("Vec<T> and Option<&str> if a < b > c", "Vec<T> and Option<&str> if a < b > c"),
            ("  a \n\t b\u{a0}c\0d ", "a b c d"),
            ("in\u{200b}vis\u{202e}ible\u{e0041}", "invisible"),
            ("\u{6cc}\u{200c}\u{647}", "\u{6cc}\u{200c}\u{647}"),
            ("unclosed <strong", "unclosed <strong"),
            ("&nosuch; &", "&nosuch; &"),
            ("", ""),
        ] {
            assert_eq!(plain_text(decorated, 100), plain);
        }
    }

    #[test]
    fn the_cut_counts_characters() {
        assert_eq!(plain_text("ééé ééé", 4), "ééé");
        assert_eq!(plain_text(&"<b></b>x".repeat(1_000), 5), "xxxxx");
        assert_eq!(plain_text("abc", 0), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_text_stays_within_its_bound(text in "[\\PC<>&;/a-c\\s]{0,80}", max in 0_usize..40) {
            let plain = plain_text(&text, max);
            prop_assert!(plain.chars().count() <= max);
            prop_assert_eq!(plain.trim(), plain.as_str());
        }
    }
}
