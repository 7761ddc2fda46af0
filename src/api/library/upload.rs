//! What comes with `POST /v1/library/documents`: JSON, or the document itself as the body.

use crate::api::ApiError;
use crate::api::request::{Fields, ensure_json, json_object};
use crate::library::collection::Collection;
use crate::library::ingest::{PDF_BYTES_MAX, TEXT_BYTES_MAX};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use url::Url;

/// What the sender says of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Where it belongs.
    pub collection: Collection,
    /// Title that overrides the document's own.
    pub title: Option<String>,
    /// Address under which it is cited; without one it gets an address of its own in this API.
    pub url: Option<Url>,
}

/// A document in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDocument {
    /// What is said of it.
    pub labels: Labels,
    /// What it is made from.
    pub content: Content,
}

/// What a document is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Fetched from its URL.
    Fetch,
    /// These bytes.
    Bytes {
        /// Their media type.
        content_type: String,
        /// The document.
        bytes: Vec<u8>,
    },
}

impl NewDocument {
    /// The same with what the query says where the body says nothing. An address in the query is never fetched.
    #[must_use]
    pub fn labelled(mut self, beside: Labels) -> Self {
        let Labels { collection, title, url } = beside;
        let own = &mut self.labels;
        own.title = own.title.take().or(title);
        own.url = own.url.take().or(url);
        if own.collection == Collection::default() {
            own.collection = collection;
        }
        self
    }
}

/// Longest JSON body: the longest PDF in base64, four bytes for three, and its labels.
pub const JSON_BYTES_MAX: usize = PDF_BYTES_MAX / 3 * 4 + 64 * 1024;
/// Longest URL.
const URL_CHARS_MAX: usize = 2_048;
/// Longest title.
const TITLE_CHARS_MAX: usize = 300;
/// Longest name of a media type.
const TYPE_CHARS_MAX: usize = 100;
/// What a body may be.
const TAKEN: &str = "JSON, or the file itself (not a form) as application/pdf, text/html, text/markdown or text/plain with \
                     `collection`, `title` and `url` in the query";
/// Media types of bodies that are the document itself.
const RAW_TYPES: [&str; 7] = [
    "application/pdf",
    "application/x-pdf",
    "application/xhtml+xml",
    "text/html",
    "text/markdown",
    "text/plain",
    "text/x-markdown",
];

/// The media type of a body that is the document itself; `None` for JSON, which needs none.
///
/// # Errors
/// 415 for a form, and for what is neither JSON nor a document.
pub fn raw_type(content_type: Option<&str>) -> Result<Option<&str>, ApiError> {
    let Some(content_type) = content_type else { return Ok(None) };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if RAW_TYPES.contains(&essence.as_str()) {
        return Ok(Some(content_type));
    }
    ensure_json(Some(content_type)).map(|()| None).map_err(|error| match error {
        ApiError::MediaType { media_type, .. } => ApiError::MediaType { media_type, takes: TAKEN },
        other => other,
    })
}

/// What the query says of a document that is the body itself: `collection`, `title`, `url`.
///
/// # Errors
/// 400 with every problem.
pub fn labels(query: &BTreeMap<String, String>) -> Result<Labels, ApiError> {
    let object = query.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let mut fields = Fields::of(&object);
    let labels = fields.labels();
    fields.done(labels)
}

/// Reads a document in JSON.
///
/// # Errors
/// 400 with every problem; 413.
pub fn new_document(body: &[u8]) -> Result<NewDocument, ApiError> {
    let object = json_object(body, JSON_BYTES_MAX)?;
    let mut fields = Fields::of(&object);
    let labels = fields.labels();
    let mut given = Vec::new();
    for (name, content_type) in [
        ("html", "text/html; charset=utf-8"),
        ("markdown", "text/markdown; charset=utf-8"),
        ("text", "text/plain; charset=utf-8"),
    ] {
        let bytes = fields.text(name, TEXT_BYTES_MAX).map(String::into_bytes);
        given.extend(bytes.map(|bytes| Content::Bytes { content_type: content_type.to_owned(), bytes }));
    }
    given.extend(fields.encoded());
    match (given.pop(), given.is_empty(), labels.url.is_some()) {
        _ if !fields.problems.is_empty() => Err(ApiError::BadRequest { problems: fields.problems }),
        (Some(content), true, _) => Ok(NewDocument { labels, content }),
        (None, _, true) => Ok(NewDocument { labels, content: Content::Fetch }),
        (Some(_), false, _) => {
            Err(ApiError::bad_request("send only one of `html`, `markdown`, `text` and `content_base64`"))
        }
        (None, _, false) => Err(ApiError::bad_request(
            "send `url` to have it fetched, or one of `html`, `markdown`, `text` and `content_base64`",
        )),
    }
}

impl Fields<'_> {
    fn labels(&mut self) -> Labels {
        let title = self.text("title", TITLE_CHARS_MAX);
        let url = self.word("url", URL_CHARS_MAX).and_then(|text| {
            let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            if url.is_none() {
                self.problems.push("`url` must be an absolute http(s) URL".into());
            }
            url
        });
        Labels { collection: self.collection().unwrap_or_default(), title, url }
    }

    /// The name of one collection.
    pub(super) fn collection(&mut self) -> Option<Collection> {
        let name = self.word("collection", usize::MAX)?;
        name.parse().map_err(|e| self.problems.push(format!("`collection`: {e}"))).ok()
    }

    /// `content_base64` with its `content_type`, a PDF unless it says otherwise.
    fn encoded(&mut self) -> Option<Content> {
        let text = self.text("content_base64", JSON_BYTES_MAX)?;
        let content_type =
            self.word("content_type", TYPE_CHARS_MAX).unwrap_or_else(|| "application/pdf".to_owned());
        let raw = raw_type(Some(&content_type)).ok().flatten().is_some();
        match STANDARD.decode(text) {
            Ok(bytes) if raw => Some(Content::Bytes { content_type, bytes }),
            Ok(_) => {
                self.problems.push(format!("`content_type` must be one of {}", RAW_TYPES.join(", ")));
                None
            }
            Err(_) => {
                self.problems.push("`content_base64` is no base64 (the standard alphabet, padded)".into());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(body: &str) -> String {
        let error = new_document(body.as_bytes()).unwrap_err();
        assert_eq!(error.status(), 400, "{body}");
        error.to_string()
    }

    #[test]
    fn a_document_comes_from_exactly_one_source() {
        let fetched = new_document(br#"{"url":"https://a.example/x"}"#).unwrap();
        assert_eq!((fetched.content, fetched.labels.collection), (Content::Fetch, Collection::default()));
        let given = new_document(
            br##"{"markdown":"# Hi","url":"https://a.example/x","title":"T","collection":"handbook"}"##,
        )
        .unwrap();
        let content_type = "text/markdown; charset=utf-8".to_owned();
        assert_eq!(given.content, Content::Bytes { content_type, bytes: b"# Hi".to_vec() });
        assert_eq!(given.labels.url.map(String::from).as_deref(), Some("https://a.example/x"));
        assert_eq!(given.labels.collection.as_str(), "handbook");
        for bad in ["{}", r#"{"html":"a","text":"b"}"#, r#"{"text":7}"#, r#"{"url":"ftp://a/"}"#] {
            problem(bad);
        }
    }

    #[test]
    fn a_file_may_come_in_base64() {
        let given = new_document(br#"{"content_base64":"JVBERi0="}"#).unwrap();
        let content_type = "application/pdf".to_owned();
        assert_eq!(given.content, Content::Bytes { content_type, bytes: b"%PDF-".to_vec() });
        assert!(problem(r#"{"content_base64":"@"}"#).contains("`content_base64` is no base64"));
        assert!(
            problem(r#"{"content_base64":"JVBERi0=","content_type":"image/png"}"#).contains("`content_type`")
        );
        assert!(problem(r#"{"text":"a","collection":"No Name"}"#).contains("`collection`"));
    }

    #[test]
    fn a_body_is_the_document_when_its_type_says_so() {
        for (content_type, raw) in [
            (None, false),
            (Some("application/json"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (Some("application/pdf"), true),
            (Some("Text/HTML; charset=utf-8"), true),
            (Some("text/plain"), true),
        ] {
            assert_eq!(raw_type(content_type).unwrap().is_some(), raw, "{content_type:?}");
        }
        for other in ["multipart/form-data; boundary=x", "image/png"] {
            assert_eq!(raw_type(Some(other)).unwrap_err().status(), 415, "{other}");
        }
        let query = |pairs: &[(&str, &str)]| {
            labels(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        let labels =
            query(&[("collection", "hr"), ("title", "Leave"), ("url", "https://a.example/")]).unwrap();
        assert_eq!((labels.collection.as_str(), labels.title.as_deref()), ("hr", Some("Leave")));
        assert_eq!(query(&[("collection", "../x"), ("url", "y")]).unwrap_err().status(), 400);
    }
}
