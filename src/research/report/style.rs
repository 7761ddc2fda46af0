//! How citations are written: `[1]` as the report has them, or as readers of other habits want them.

use super::super::confidence::is_private;
use super::super::markdown::{escape, link};
use super::phrases::{Phrase, Phrases};
use super::reading::number_of;
use super::{Report, Source};
use crate::text::one_line;
use crate::web::canonical::host_key;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// A way of writing citations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitationStyle {
    /// `[1]`, and a numbered list of sources.
    #[default]
    Numeric,
    /// Markdown footnotes, `[^1]`, whose texts are the list of sources.
    Footnotes,
    /// A link to the page in round brackets: `([docs.rs](https://docs.rs/tokio))`.
    Links,
    /// `(Jane Doe, 2024)`, by author, site or host; `n.d.` where the page states no day.
    AuthorDate,
    /// None in the text; the list of sources stays.
    None,
}

impl CitationStyle {
    /// Every style with its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("numeric", Self::Numeric),
        ("footnotes", Self::Footnotes),
        ("links", Self::Links),
        ("author_date", Self::AuthorDate),
        ("none", Self::None),
    ];
}

/// Longest author in a citation, in characters; longer ones are lists of names.
const AUTHOR_CHARS_MAX: usize = 40;

/// The report's Markdown with its citations written in `style`.
#[must_use]
pub fn styled(report: &Report, style: CitationStyle) -> String {
    if style == CitationStyle::Numeric || report.sources.is_empty() {
        return report.markdown.clone();
    }
    let (body, list) = at_sources(report);
    let phrases = Phrases::of(report.language.as_deref());
    let labels = labels(&report.sources, phrases);
    let source = |n: &u32| report.sources.iter().find(|s| s.n == *n);
    let mut out = replaced(body, |group| match style {
        CitationStyle::Numeric | CitationStyle::None => String::new(),
        CitationStyle::Footnotes => group.iter().map(|n| format!("[^{n}]")).collect(),
        CitationStyle::Links => {
            let links: Vec<String> =
                group.iter().filter_map(source).map(|s| link(&site_name(s, phrases), &s.url)).collect();
            format!("({})", links.join(", "))
        }
        CitationStyle::AuthorDate => {
            let labels: Vec<String> = group.iter().filter_map(|n| labels.get(n)).map(|l| escape(l)).collect();
            format!("({})", labels.join("; "))
        }
    });
    for line in list.lines() {
        match (number_of(line), line.split_once("] ")) {
            (Some(n), Some((_, rest))) => out.push_str(&match style {
                CitationStyle::Footnotes => format!("[^{n}]: {rest}"),
                CitationStyle::AuthorDate => {
                    format!("- {}: {rest}", labels.get(&n).map(|l| escape(l)).unwrap_or_default())
                }
                _ => format!("- {rest}"),
            }),
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// The document in two: before the list of sources, and from its heading on. Without sources the second is empty.
pub(super) fn at_sources(report: &Report) -> (&str, &str) {
    let at = if report.sources.is_empty() { None } else { report.markdown.rfind("\n## ") };
    report.markdown.split_at_checked(at.unwrap_or(report.markdown.len())).unwrap_or_default()
}

/// `text` with every group of numbers that stand together, `[1][2]`, given to `written`. Where that is nothing, the
/// blank before the group goes as well.
pub(super) fn replaced(text: &str, mut written: impl FnMut(&[u32]) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, mut tail) = rest.split_at(at);
        out.push_str(before);
        let mut group = Vec::new();
        while let Some((n, behind)) = mark(tail) {
            group.push(n);
            tail = behind;
        }
        if group.is_empty() {
            out.push('[');
            tail = tail.get(1..).unwrap_or_default();
        } else {
            let text = written(&group);
            if text.is_empty() {
                out.truncate(out.trim_end_matches(' ').len());
            }
            out.push_str(&text);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// `[12]` at the beginning of a text, and what stands behind it.
pub(super) fn mark(text: &str) -> Option<(u32, &str)> {
    let (number, behind) = text.strip_prefix('[')?.split_once(']')?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    Some((number.parse().ok().filter(|_| digits)?, behind))
}

/// What a page is called in one word: its host.
pub(super) fn site_name(source: &Source, phrases: Phrases) -> String {
    match Url::parse(&source.url) {
        Ok(url) if !is_private(&source.url) => host_key(&url),
        _ => phrases.get(Phrase::Private).to_owned(),
    }
}

/// `Jane Doe, 2024` for each source; where two would be the same, the years get letters.
pub(super) fn labels(sources: &[Source], phrases: Phrases) -> BTreeMap<u32, String> {
    let label = |source: &Source| {
        let mut named = [&source.author, &source.site_name].into_iter().flatten().map(|name| one_line(name));
        let name = named.find(|n| !n.is_empty() && n.chars().count() <= AUTHOR_CHARS_MAX);
        let day = source.published.as_deref().or(source.modified.as_deref());
        let year = day.and_then(|day| day.get(..4)).filter(|year| year.bytes().all(|b| b.is_ascii_digit()));
        (name.unwrap_or_else(|| site_name(source, phrases)), year.unwrap_or("n.d.").to_owned())
    };
    let all: Vec<(u32, (String, String))> = sources.iter().map(|s| (s.n, label(s))).collect();
    all.iter()
        .map(|(n, own)| {
            let before = all.iter().filter(|(other, label)| label == own && other < n).count();
            let alone = all.iter().filter(|(_, label)| label == own).count() == 1;
            let letter = if alone { String::new() } else { letters(before) };
            (*n, format!("{}, {}{letter}", own.0, own.1))
        })
        .collect()
}

/// a to z, then aa, ab and so on.
fn letters(place: usize) -> String {
    let letter = |n: usize| char::from(b'a'.saturating_add(u8::try_from(n % 26).unwrap_or(0)));
    if place < 26 {
        letter(place).to_string()
    } else {
        format!("{}{}", letter(place / 26 - 1), letter(place))
    }
}
