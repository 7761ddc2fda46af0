//! The little that is wanted from a page's JSON-LD: who wrote it and when, and its text where the page itself has none.

use super::kind::PageKind;
use serde_json::Value;
use std::collections::VecDeque;

/// What was found; fields are empty when nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Names of the authors of the most article-like object.
    pub(crate) authors: Vec<String>,
    /// `datePublished` as written.
    pub(crate) published: Option<String>,
    /// `headline` or `name` of an article.
    pub(crate) headline: Option<String>,
    /// What kind of page its objects speak of.
    pub(crate) kind: PageKind,
    /// The longest `articleBody`, `text` or `description`: plain text or HTML.
    pub(crate) body: String,
}

/// Objects looked at before giving up; big shops list some hundred.
const OBJECTS_MAX: usize = 2_000;
/// Papers with more authors are cited as "et al." anyway.
const AUTHORS_MAX: usize = 6;

/// Reads one block of JSON-LD; malformed blocks say nothing.
pub(crate) fn read(text: &str) -> Said {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text =
        text.trim().trim_start_matches("<!--").trim_start_matches("//<![CDATA[").trim_end_matches("-->");
    let Ok(root) = serde_json::from_str::<Value>(text.trim().trim_end_matches(';')) else {
        return Said::default();
    };
    let objects = objects(&root);
    let mut said = Said::default();
    let mut best = 0;
    let kind = objects.iter().map(|object| page_kind(object)).find(|kind| *kind != PageKind::Other);
    for object in &objects {
        let rank = rank(object);
        let published = text_of(object.get("datePublished").or_else(|| object.get("uploadDate")));
        let authors = object
            .get("author")
            .or_else(|| object.get("creator"))
            .map(|a| names(a, &objects))
            .unwrap_or_default();
        if rank < best || (published.is_none() && authors.is_empty()) {
            continue;
        }
        if rank > best {
            said = Said::default();
            best = rank;
        }
        said.published = said.published.or(published);
        if said.authors.is_empty() {
            said.authors = authors;
        }
        if rank == ARTICLE {
            said.headline = said.headline.or_else(|| text_of(object.get("headline")));
        }
    }
    said.kind = kind.unwrap_or_default();
    said.body = objects
        .iter()
        .flat_map(|object| ["articleBody", "text", "description"].map(|name| object.get(name)))
        .filter_map(|text| text?.as_str())
        .max_by_key(|text| text.len())
        .unwrap_or_default()
        .to_owned();
    said
}

fn page_kind(object: &Value) -> PageKind {
    match object.get("@type").and_then(Value::as_str).unwrap_or_default() {
        "DiscussionForumPosting" | "QAPage" => PageKind::Forum,
        "TechArticle" | "APIReference" => PageKind::Documentation,
        "Product" | "ProductGroup" => PageKind::Product,
        "CollectionPage" | "ItemList" | "OfferCatalog" => PageKind::Collection,
        kind if kind.ends_with("Article") || kind.ends_with("Posting") || kind == "Report" => {
            PageKind::Article
        }
        _ => PageKind::Other,
    }
}

const ARTICLE: u8 = 3;

/// How much an object speaks for the page itself.
fn rank(object: &Value) -> u8 {
    let kind = object.get("@type").map(|kind| match kind {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        other => other.as_str().unwrap_or_default().to_owned(),
    });
    match kind.as_deref().unwrap_or_default() {
        kind if kind.contains("Article") || kind.contains("Posting") || kind.contains("Report") => ARTICLE,
        kind if kind.contains("WebPage") || kind.contains("Recipe") || kind.contains("VideoObject") => 2,
        kind if kind.contains("Review") || kind.contains("Comment") || kind.contains("Answer") => 0,
        _ => 1,
    }
}

/// All objects, outer ones first.
fn objects(root: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut queue = VecDeque::from([root]);
    while let Some(value) = queue.pop_front() {
        match value {
            Value::Array(items) => queue.extend(items.iter().take(OBJECTS_MAX)),
            Value::Object(fields) => {
                found.push(value);
                queue.extend(fields.values().filter(|v| v.is_object() || v.is_array()));
            }
            _ => {}
        }
        if found.len() >= OBJECTS_MAX || queue.len() > OBJECTS_MAX.saturating_mul(4) {
            break;
        }
    }
    found
}

/// Names of people: a string, an object with a name, a reference to one, or a list of these.
fn names(author: &Value, objects: &[&Value]) -> Vec<String> {
    let many = match author {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut names: Vec<String> = Vec::new();
    for one in many.iter().take(AUTHORS_MAX) {
        let referred = one.get("@id").and_then(|id| {
            objects.iter().find(|o| o.get("@id") == Some(id) && o.get("name").is_some()).copied()
        });
        let name = text_of(Some(one))
            .or_else(|| text_of(one.get("name")))
            .or_else(|| text_of(referred?.get("name")));
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    names
}

fn text_of(value: Option<&Value>) -> Option<String> {
    let text = htmlize::unescape(value?.as_str()?).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_in_a_graph_beats_the_page_around_it() {
        let said = read(
            r##"{"@graph": [
              {"@type": "WebPage", "datePublished": "2020-01-01"},
              {"@type": ["NewsArticle"], "headline": "A &amp; B", "datePublished": "2024-03-01", "author": {"@id": "#p"}},
              {"@type": "Person", "@id": "#p", "name": "Ada Lovelace"}]}"##,
        );
        assert_eq!(said.published.as_deref(), Some("2024-03-01"));
        assert_eq!(said.authors, ["Ada Lovelace"]);
        assert_eq!(said.headline.as_deref(), Some("A & B"));
    }

    #[test]
    fn the_longest_text_is_the_body() {
        let said =
            read(r#"{"@type":"QAPage","description":"short","mainEntity":{"text":"<p>the question</p>"}}"#);
        assert_eq!(said.body, "<p>the question</p>");
    }

    #[test]
    fn authors_come_as_names_objects_and_lists() {
        let said = read(r#"{"@type":"Article","author":["Ada", {"name":"Bob"}, {"name":"Bob"}, 7]}"#);
        assert_eq!(said.authors, ["Ada", "Bob"]);
    }

    #[test]
    fn malformed_or_raw_text_says_nothing_or_is_mended() {
        assert_eq!(read("{oops"), Said::default());
        assert_eq!(read("{\"datePublished\":\"2024-\n03-01\"}").published.as_deref(), Some("2024- 03-01"));
        assert_eq!(read(&"[".repeat(100_000)), Said::default());
    }
}
