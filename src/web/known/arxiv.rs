//! arXiv: `GET /api/query?id_list={id}`, an Atom feed with one entry. A paper's PDF is read itself; where it cannot be, the
//! abstract's page stands in for it ([`crate::web::abstracts`]) and is read here.

use super::json::day;
use super::{About, Call, Document, Place, Site, Source, Unusable, body, needed};
use crate::web::http::HttpReply;
use quick_xml::Reader;
use quick_xml::events::Event;

/// An abstract.
#[derive(Debug)]
struct Abstract {
    id: String,
}

/// Authors named; papers of large experiments have thousands.
const AUTHORS_MAX: usize = 20;
/// Subjects named; papers have up to about ten.
const SUBJECTS_MAX: usize = 20;
/// Elements within elements; a feed has four.
const DEPTH_MAX: usize = 32;

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
        let entry = entry(&feed)?;
        let fields = |name: &'static str| {
            entry.iter().filter(move |(field, _)| field == name).map(|(_, text)| plain(text))
        };
        let field = |name| fields(name).next().unwrap_or_default();
        // An error is an entry too, whose id leads to a page about errors.
        if field("id").contains("/api/errors") {
            return Err(Unusable("the API answered with an error".into()));
        }
        let mut authors: Vec<String> = fields("author/name").take(AUTHORS_MAX.saturating_add(1)).collect();
        if authors.len() > AUTHORS_MAX {
            authors.truncate(AUTHORS_MAX);
            authors.push("and others".into());
        }
        let author = authors.join(", ");
        let subjects: Vec<String> = fields("category").take(SUBJECTS_MAX).collect();
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

/// The first entry's texts by the names of their elements (`author/name` for one within another), in their order.
fn entry(feed: &str) -> Result<Vec<(String, String)>, Unusable> {
    let no_feed = || Unusable("the API's reply is no feed, or half of one".into());
    let mut reader = Reader::from_str(feed);
    let mut path: Vec<String> = Vec::new();
    let mut found: Vec<(String, String)> = Vec::new();
    loop {
        let within = matches!(path.as_slice(), [root, entry, ..] if root == "feed" && entry == "entry");
        let event = reader.read_event().map_err(|_| no_feed())?;
        match &event {
            Event::Start(start) if path.len() < DEPTH_MAX => {
                path.push(start.local_name().as_ref().to_owned());
                if within {
                    found.push((path.get(2..).unwrap_or_default().join("/"), String::new()));
                }
            }
            Event::Start(_) => return Err(no_feed()),
            Event::Empty(start) if within => {
                let term = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == "term");
                let name = start.local_name().as_ref().to_owned();
                found.extend(term.map(|term| (name, term.value.into_owned())));
            }
            Event::End(_) if within && path.len() == 2 => return Ok(found),
            Event::End(_) => drop(path.pop()),
            Event::Text(text) if within => add(&mut found, text),
            Event::CData(text) if within => add(&mut found, text),
            Event::GeneralRef(name) if within => add(&mut found, &format!("&{};", &**name)),
            Event::Eof => return Err(no_feed()),
            _ => {}
        }
    }
}

fn add(found: &mut [(String, String)], text: &str) {
    if let Some((_, last)) = found.last_mut() {
        last.push_str(text);
    }
}

/// One line of text, its references resolved.
fn plain(xml: &str) -> String {
    htmlize::unescape(xml).split_whitespace().collect::<Vec<_>>().join(" ")
}
