//! In which form a caller wants a report: `?format=`, or the `Accept` header, `?max_tokens=` and `?citations=`.

use crate::api::ApiError;
use crate::api::request::whole;
use crate::research::report::{CitationStyle, REPORT_TOKENS_MIN};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a reply is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// The job, the report in it.
    #[default]
    Json,
    /// The report alone, as Markdown.
    Markdown,
    /// The report alone, as a page.
    Html,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// How a report is to be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendering {
    /// What the reply is made of.
    pub format: Format,
    /// The report has about so many tokens at most.
    pub tokens_max: Option<u32>,
    /// How its citations are written.
    pub citations: CitationStyle,
}

/// Reads the query and the `Accept` header. Every problem of the query is reported, all at once; a header that asks for
/// nothing we have counts for nothing.
pub fn rendering(query: &BTreeMap<String, String>, accept: Option<&str>) -> Result<Rendering, ApiError> {
    let mut problems = Vec::new();
    let word = |name: &str| query.get(name).map(|value| value.trim().to_ascii_lowercase());
    let format = match word("format").as_deref() {
        None => accept.map(accepted).unwrap_or_default(),
        Some("json") => Format::Json,
        Some("md" | "markdown") => Format::Markdown,
        Some("html") => Format::Html,
        Some(_) => {
            problems.push("`format` must be one of json, md, html".to_owned());
            Format::Json
        }
    };
    let tokens_max = word("max_tokens").and_then(|value| match whole(&value) {
        Some(tokens) if tokens >= REPORT_TOKENS_MIN => Some(tokens),
        _ => {
            problems.push(format!("`max_tokens` must be a whole number from {REPORT_TOKENS_MIN}"));
            None
        }
    });
    let citations = match word("citations") {
        None => CitationStyle::default(),
        Some(wanted) => {
            let known = CitationStyle::ALL.into_iter().find(|(name, _)| *name == wanted);
            known.map(|(_, style)| style).unwrap_or_else(|| {
                let names = CitationStyle::ALL.map(|(name, _)| name).join(", ");
                problems.push(format!("`citations` must be one of {names}"));
                CitationStyle::default()
            })
        }
    };
    if problems.is_empty() {
        Ok(Rendering { format, tokens_max, citations })
    } else {
        Err(ApiError::BadRequest { problems })
    }
}

/// The form that an `Accept` header likes best (RFC 9110, 12.5.1); JSON where it likes another no better.
fn accepted(accept: &str) -> Format {
    let mut best = (0, Format::Json);
    for format in [Format::Json, Format::Markdown, Format::Html] {
        let weight = weight(accept, format.media_type().split(';').next().unwrap_or_default());
        if weight > best.0 {
            best = (weight, format);
        }
    }
    best.1
}

/// What the header says of a media type, in thousandths: its most exact range counts.
fn weight(accept: &str, media_type: &str) -> u32 {
    let family = media_type.split('/').next().unwrap_or_default();
    let mut found = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let exactness = match name.as_str() {
            name if name == media_type => 3,
            name if name.strip_suffix("/*") == Some(family) => 2,
            "*/*" => 1,
            _ => continue,
        };
        let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(1_000, thousandths);
        if exactness > found.0 {
            found = (exactness, quality);
        }
    }
    found.1
}

/// `0.75` as 750; what is no such number counts as nothing.
fn thousandths(quality: &str) -> u32 {
    let (whole, rest) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    let digits: String = rest.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(rest)) => whole.saturating_mul(1_000).saturating_add(rest).min(1_000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(accept: &str) -> Format {
        rendering(&BTreeMap::new(), Some(accept)).unwrap().format
    }

    #[test]
    fn clients_get_json_and_browsers_a_page() {
        for accept in [
            "application/json",
            "*/*",
            "",
            "application/json, text/plain, */*",
            "image/png",
            "text/plain",
            "nonsense;;",
        ] {
            assert_eq!(format(accept), Format::Json, "{accept}");
        }
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert_eq!(format(browser), Format::Html);
        assert_eq!(format("text/markdown"), Format::Markdown);
        assert_eq!(format("text/html;q=0.5, text/markdown;q=0.75, */*;q=0.1"), Format::Markdown);
        assert_eq!(format("text/html, application/json"), Format::Json);
        assert_eq!(format("text/html;q=0"), Format::Json);
    }

    #[test]
    fn the_query_goes_before_the_header_and_says_what_is_allowed() {
        let query = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let read = rendering(
            &query(&[("format", "MD"), ("max_tokens", "2000"), ("citations", "author_date")]),
            Some("text/html"),
        );
        let expected = Rendering {
            format: Format::Markdown,
            tokens_max: Some(2_000),
            citations: CitationStyle::AuthorDate,
        };
        assert_eq!(read, Ok(expected));
        let wrong = query(&[("format", "pdf"), ("max_tokens", "12"), ("citations", "apa")]);
        let Err(ApiError::BadRequest { problems }) = rendering(&wrong, None) else { panic!() };
        assert_eq!(
            problems,
            [
                "`format` must be one of json, md, html",
                "`max_tokens` must be a whole number from 300",
                "`citations` must be one of numeric, footnotes, links, author_date, none",
            ]
        );
    }
}
