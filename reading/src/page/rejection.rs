//! Why a page is no source. `docs/verdicts.md` says what triggers each.

use serde::{Deserialize, Serialize};

/// Why a body gave no page. `Display` is one sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Rejection {
    /// The type is neither HTML, Markdown, plain text nor PDF.
    #[error("The page is of type {content_type}, which cannot be read.")]
    UnsupportedType {
        /// Type without parameters, lower case.
        content_type: String,
    },
    /// The bytes are no text, whatever their type says.
    #[error("The body is binary rather than text.")]
    Binary,
    /// Too little main content to quote from.
    #[error("The page has almost no text ({words} words).")]
    TooThin {
        /// Words of main content.
        words: u32,
    },
    /// A bot check or a refusal stands before the page.
    #[error("The site answered with a bot check instead of the page.")]
    ChallengePage,
    /// There is no such page, although the status said that all is well.
    #[error("The site says that there is no such page.")]
    NotFound,
    /// The content is only for those who log in or pay.
    #[error("The site shows the page only to those who log in or subscribe.")]
    LoginWall,
    /// A question about cookies stands before the page.
    #[error("The site shows a question about cookies instead of the page.")]
    ConsentWall,
    /// Nobody uses the domain.
    #[error("The domain is parked or shows only its host's greeting.")]
    ParkedDomain,
    /// Words without sentences, such as a dictionary or keywords for search engines.
    #[error("The page is a list of words rather than a text ({words} words).")]
    WordList {
        /// Words of main content outside tables.
        words: u32,
    },
    /// Another language than the one asked for.
    #[error("The page is in another language ({found}) than the one asked for ({asked}).")]
    WrongLanguage {
        /// BCP 47 tag.
        found: String,
        /// BCP 47 tag.
        asked: String,
    },
    /// The same phrases over and over.
    #[error("The page repeats the same phrases over and over ({words} words).")]
    RepeatedText {
        /// Words of main content outside tables.
        words: u32,
    },
    /// A PDF that is encrypted, with or without a password for reading.
    #[error("The PDF is encrypted.")]
    EncryptedPdf,
    /// A PDF of pictures, or of letters without meaning.
    #[error(
        "The PDF has no text layer that can be read ({pages} pages), as scans without text recognition have none."
    )]
    NoTextLayer {
        /// Pages that were looked at.
        pages: u32,
    },
    /// A PDF in which no page can be found, or one that was cut before its text.
    #[error("The PDF is damaged or cut off: no text can be found in it.")]
    BrokenPdf,
    /// The content is only made by scripts.
    #[error("The page shows its content only with JavaScript ({words} words without it).")]
    JavascriptShell {
        /// Words of main content without scripts.
        words: u32,
    },
}
