//! Text that a page holds as data for its scripts, read without running them.

use std::borrow::Cow;

/// Markup of a text that may be markup already: plain text gets a paragraph for each of its lines.
pub(crate) fn markup(text: &str) -> Cow<'_, str> {
    if text.contains("</") || text.contains("<br") {
        return text.into();
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| format!("<p>{}</p>", line.replace('&', "&amp;").replace('<', "&lt;")))
        .collect::<String>()
        .into()
}
