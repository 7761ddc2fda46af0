//! Documents that their owner hands in: what is taken, and what is refused that a page of the web would be refused for.

use crate::page::{Extractor, Limits, Outcome, Page, PageContext, Rejection};
use url::Url;

/// Longest HTML, Markdown or text, in bytes: as much as is read of any page.
pub const TEXT_BYTES_MAX: usize = 6_000_000;
/// Longest PDF, in bytes: as long as those that are read off the web.
pub const PDF_BYTES_MAX: usize = 10_000_000;

/// A document whose bytes are coming in.
pub struct Upload {
    extractor: Extractor,
    is_pdf: bool,
}

impl Upload {
    /// Begins a document of this media type, to be cited under `url`.
    ///
    /// # Errors
    /// [`Rejection::UnsupportedType`].
    pub fn begin(url: &Url, content_type: &str) -> Result<Self, Rejection> {
        let context = PageContext { url, content_type: Some(content_type), content_language: None };
        let limits =
            Limits { body_bytes_max: TEXT_BYTES_MAX, pdf_bytes_max: PDF_BYTES_MAX, ..Limits::default() };
        Ok(Self { extractor: Extractor::new(context, limits)?, is_pdf: is_pdf(content_type) })
    }

    /// The next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        // Whoever pushes more than the type's most has refused it before; what is behind is ignored.
        self.extractor.push(chunk);
    }

    /// Bytes that are held until the end.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.extractor.held_bytes()
    }

    /// The bytes are all there.
    ///
    /// # Errors
    /// Why no text can be had from them. That a text is short, or a list, is no reason: its owner knows what it is.
    pub fn finish(self) -> Result<Page, Rejection> {
        let Outcome { page, rejection } = self.extractor.outcome();
        match rejection {
            // What claims to be a PDF and is none is read as text otherwise.
            _ if self.is_pdf && page.words > 0 && page.page_starts.is_empty() => Err(Rejection::BrokenPdf),
            None => Ok(page),
            Some(
                Rejection::TooThin { .. }
                | Rejection::WordList { .. }
                | Rejection::RepeatedText { .. }
                | Rejection::WrongLanguage { .. },
            ) if page.words > 0 => Ok(page),
            Some(rejection) => Err(rejection),
        }
    }
}

/// The most bytes of a document of this media type.
#[must_use]
pub fn bytes_max(content_type: &str) -> usize {
    if is_pdf(content_type) { PDF_BYTES_MAX } else { TEXT_BYTES_MAX }
}

fn is_pdf(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/pdf") || essence.eq_ignore_ascii_case("application/x-pdf")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, bytes: &[u8]) -> Result<Page, Rejection> {
        let url = Url::parse("https://docs.example/x").unwrap();
        let mut upload = Upload::begin(&url, content_type)?;
        upload.push(bytes);
        upload.finish()
    }

    #[test]
    fn a_short_note_is_a_document() {
        for (content_type, bytes, markdown) in [
            ("text/plain", "Ring twice.".as_bytes(), "Ring twice.\n"),
            (
                "text/markdown; charset=utf-8",
                "# Door\n\nRing *twice*.".as_bytes(),
                "# Door\n\nRing *twice*.\n",
            ),
            ("text/plain; charset=latin1", b"Caf\xe9 at nine.".as_slice(), "Café at nine.\n"),
        ] {
            assert_eq!(read(content_type, bytes).map(|page| page.markdown), Ok(markdown.to_owned()));
        }
        let html =
            read("text/html", b"<title>Door</title><main><h1>Door</h1><p>Ring twice.</p></main>").unwrap();
        assert_eq!((html.title.as_str(), html.markdown.contains("Ring twice.")), ("Door", true));
    }

    #[test]
    fn a_pdf_knows_where_its_pages_begin() {
        let page = read("application/pdf", include_bytes!("../../tests/fixtures/pdf/plain.pdf")).unwrap();
        assert!(page.page_starts.len() > 1, "{:?}", page.page_starts);
    }

    #[test]
    fn what_holds_no_text_is_refused() {
        assert_eq!(read("text/plain", b" \n ").unwrap_err(), Rejection::TooThin { words: 0 });
        assert_eq!(read("application/pdf", b"%PDF-1.7 nothing").unwrap_err(), Rejection::BrokenPdf);
        assert_eq!(read("application/pdf", b"These are plain words.").unwrap_err(), Rejection::BrokenPdf);
        assert!(matches!(read("image/png", b"x"), Err(Rejection::UnsupportedType { .. })));
        let locked = include_bytes!("../../tests/fixtures/pdf/locked.pdf");
        assert_eq!(read("application/pdf", locked).unwrap_err(), Rejection::EncryptedPdf);
    }
}
