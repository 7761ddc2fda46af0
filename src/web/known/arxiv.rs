//! arXiv: `GET /api/query?id_list={id}`, an Atom feed with one entry. A paper's PDF is read itself; where it cannot be, the
//! abstract's page stands in for it ([`crate::web::abstracts`]) and is read here.

use super::json::day;
use super::{About, Call, Document, Place, Site, Source, Unusable, body, needed};
use crate::web::atom::entries;
use crate::web::http::HttpReply;

/// An abstract.
#[derive(Debug)]
struct Abstract {
    id: String,
}

/// Authors named; papers of large experiments have thousands.
const AUTHORS_MAX: usize = 20;
/// Subjects named; papers have up to about ten.
const SUBJECTS_MAX: usize = 20;

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    if !matches!(place.host, "arxiv.org" | "export.arxiv.org") {
        return None;
    }
    let id = match place.path {
        ["abs", id] if is_new(id) => (*id).to_owned(),
        ["abs", archive, number] if is_old(archive, number) => format!("{archive}/{number}"),
        _ => return None,
    };
    Some(Box::new(Abstract { id }))
}

/// `1706.03762`, `1706.03762v5`.
fn is_new(id: &str) -> bool {
    let Some((month, number)) = versionless(id).split_once('.') else { return false };
    month.len() == 4 && (4..=5).contains(&number.len()) && is_digits(month) && is_digits(number)
}

/// `hep-th/9901001`, `math.GT/0309136v2`.
fn is_old(archive: &str, number: &str) -> bool {
    let number = versionless(number);
    archive.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'.'))
        && number.len() == 7
        && is_digits(number)
}

fn versionless(id: &str) -> &str {
    match id.split_once('v') {
        Some((id, version)) if !version.is_empty() && is_digits(version) => id,
        _ => id,
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Source for Abstract {
    fn site(&self) -> Site {
        Site::Arxiv
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        let path = format!("/api/query?id_list={}&max_results=1", self.id);
        replies.is_empty().then_some(Call { path, accept: "application/atom+xml" })
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let feed = String::from_utf8_lossy(body(replies, 0)?);
        let entries = entries(&feed, 1).map_err(|why| Unusable(format!("the API sent {why}")))?;
        let entry = entries.into_iter().next().unwrap_or_default();
        let field = |name| entry.text(name);
        // An error is an entry too, whose id leads to a page about errors.
        if field("id").contains("/api/errors") {
            return Err(Unusable("the API answered with an error".into()));
        }
        let mut authors: Vec<String> =
            entry.texts("author/name").take(AUTHORS_MAX.saturating_add(1)).collect();
        if authors.len() > AUTHORS_MAX {
            authors.truncate(AUTHORS_MAX);
            authors.push("and others".into());
        }
        let author = authors.join(", ");
        let subjects: Vec<String> = entry.texts("category").take(SUBJECTS_MAX).collect();
        let doi = field("doi");
        let mut document = Document::new(About {
            title: needed(field("title"), "title")?,
            author: author.clone(),
            published: day(&field("published")),
            modified: day(&field("updated")),
            site_name: Site::Arxiv.title().into(),
            language: "en".into(),
            ..About::default()
        });
        document.paragraph(&needed(field("summary"), "summary")?);
        document.facts(&[
            ("Authors", author),
            ("Submitted", day(&field("published"))),
            ("Last revised", day(&field("updated"))),
            ("Subjects", subjects.join(", ")),
            ("Comments", field("comment")),
            ("Journal reference", field("journal_ref")),
            ("DOI", if doi.is_empty() { doi } else { format!("https://doi.org/{doi}") }),
            ("PDF", format!("https://arxiv.org/pdf/{}", self.id)),
        ]);
        Ok(document)
    }
}
