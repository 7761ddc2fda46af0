//! What kind of document a body is, from its `Content-Type` and its first bytes.

use super::Rejection;
use encoding_rs::Encoding;

/// Kinds of documents that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Html,
    Markdown,
    Text,
    Pdf,
    /// No type was given: the first bytes decide.
    Unknown,
}

/// Most characters of a foreign content type that are repeated to a person.
const TYPE_CHARS_MAX: usize = 80;
/// A text may hold this many control bytes per 100 bytes (terminal logs, form feeds) before it counts as binary.
const CONTROL_PERCENT_MAX: usize = 5;

impl Media {
    /// From a raw `Content-Type` header.
    ///
    /// # Errors
    /// [`Rejection::UnsupportedType`] for everything but HTML, XHTML, Markdown, plain text and PDF.
    pub(crate) fn of_header(content_type: Option<&str>) -> Result<Self, Rejection> {
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        match essence.as_str() {
            "" => Ok(Self::Unknown),
            "text/html" | "application/xhtml+xml" => Ok(Self::Html),
            "text/markdown" | "text/x-markdown" => Ok(Self::Markdown),
            "text/plain" => Ok(Self::Text),
            "application/pdf" | "application/x-pdf" => Ok(Self::Pdf),
            _ => Err(Rejection::UnsupportedType {
                content_type: essence.chars().take(TYPE_CHARS_MAX).collect(),
            }),
        }
    }

    /// Settles an unknown type by the first bytes of the body, and refuses binary ones whatever they claim to be.
    ///
    /// # Errors
    /// [`Rejection::Binary`].
    pub(crate) fn sniff(self, prefix: &[u8]) -> Result<Self, Rejection> {
        // Its mark may stand behind some noise (ISO 32000-1, annex H.3.4), but not in a page that only speaks of it.
        let marked = |within: &[u8]| within.windows(5).any(|window| window == b"%PDF-");
        if prefix.starts_with(b"%PDF-") || (self == Self::Pdf && marked(prefix)) {
            return Ok(Self::Pdf);
        }
        if looks_binary(prefix) {
            return Err(Rejection::Binary);
        }
        let starts_with_markup = prefix.trim_ascii_start().starts_with(b"<")
            || Encoding::for_bom(prefix).is_some_and(|(encoding, mark)| {
                let (text, _) = encoding.decode_without_bom_handling(prefix.get(mark..).unwrap_or_default());
                text.trim_start().starts_with('<')
            });
        Ok(match self {
            Self::Unknown if starts_with_markup => Self::Html,
            // Servers that name every download so send a page of words instead when they refuse it.
            Self::Pdf if starts_with_markup => Self::Html,
            Self::Unknown | Self::Pdf => Self::Text,
            known => known,
        })
    }
}

fn looks_binary(prefix: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 7] =
        [b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xFF\xD8\xFF", b"\x1F\x8B", b"\0asm", b"RIFF"];
    if SIGNATURES.iter().any(|signature| prefix.starts_with(signature)) {
        return true;
    }
    if Encoding::for_bom(prefix).is_some_and(|(encoding, _)| !encoding.is_ascii_compatible()) {
        return false;
    }
    // ESC stays legal: ISO-2022-JP switches character sets with it.
    let control = prefix.iter().filter(|b| matches!(b, 1..=8 | 14..=26 | 28..=31 | 127)).count();
    prefix.contains(&0) || control.saturating_mul(100) > prefix.len().saturating_mul(CONTROL_PERCENT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_can_be_read_are_told_from_those_that_cannot() {
        assert_eq!(Media::of_header(Some("Text/HTML; charset=utf-8")), Ok(Media::Html));
        assert_eq!(Media::of_header(Some("application/xhtml+xml")), Ok(Media::Html));
        assert_eq!(Media::of_header(Some("text/plain")), Ok(Media::Text));
        assert_eq!(Media::of_header(None), Ok(Media::Unknown));
        assert_eq!(Media::of_header(Some("application/pdf")), Ok(Media::Pdf));
        let refused = Media::of_header(Some("image/png"));
        assert_eq!(refused, Err(Rejection::UnsupportedType { content_type: "image/png".into() }));
    }

    #[test]
    fn an_unknown_type_is_sniffed() {
        assert_eq!(Media::Unknown.sniff(b" \n<!doctype html>"), Ok(Media::Html));
        assert_eq!(Media::Unknown.sniff(b"\xFF\xFE<\0p\0"), Ok(Media::Html));
        assert_eq!(Media::Unknown.sniff(b"Plain words"), Ok(Media::Text));
    }

    #[test]
    fn a_pdf_is_known_by_its_mark_and_a_page_in_its_place_by_its_markup() {
        assert_eq!(Media::Html.sniff(b"%PDF-1.7"), Ok(Media::Pdf));
        assert_eq!(Media::Pdf.sniff(b"\r\n\0noise %PDF-1.4"), Ok(Media::Pdf));
        assert_eq!(Media::Pdf.sniff(b"<!doctype html><title>Sign in"), Ok(Media::Html));
        assert_eq!(Media::Text.sniff(b"A file begins with %PDF-1.7"), Ok(Media::Text));
    }

    #[test]
    fn binary_bodies_are_refused_whatever_they_claim_to_be() {
        assert_eq!(Media::Html.sniff(b"PK\x03\x04"), Err(Rejection::Binary));
        assert_eq!(Media::Text.sniff(b"abc\0def"), Err(Rejection::Binary));
        assert_eq!(Media::Text.sniff(b"\x01\x02\x03\x04words"), Err(Rejection::Binary));
        assert_eq!(Media::Text.sniff(b"\x1b[1mbold\x1b[0m log line"), Ok(Media::Text));
    }
}
