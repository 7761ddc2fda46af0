//! Text of the document as HTML.

/// A text in which nothing is markup.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The same with what stands between backticks as code.
pub(super) fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(place, part)| match place % 2 {
            0 => escaped(part),
            _ => format!("<code>{}</code>", escaped(part)),
        })
        .collect()
}

/// The same as paragraphs; nothing for an empty text.
pub(super) fn paragraphs(text: &str) -> String {
    let filled = text.split("\n\n").filter(|part| !part.trim().is_empty());
    filled.map(|part| format!("<p>{}</p>\n", inline(part))).collect()
}
