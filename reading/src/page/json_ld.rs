//! What a page's JSON-LD says of it: who wrote it, when, for whom, and its text where the page itself has none.

mod body;

use super::json;
use super::kind::PageKind;
use serde_json::Value;
use std::collections::VecDeque;

/// What was found; fields are empty when nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// How much the object that the rest was read from speaks for the page.
    rank: u8,
    /// The authors of the page's main object.
    pub(crate) authors: Vec<Named>,
    /// `datePublished` as written.
    pub(crate) published: Option<String>,
    /// `dateModified` as written.
    pub(crate) modified: Option<String>,
    /// `headline` of an article.
    pub(crate) headline: Option<String>,
    /// Name of the publisher or the site.
    pub(crate) site_name: Option<String>,
    /// `inLanguage`
    pub(crate) language: Option<String>,
    /// `license`
    pub(crate) licence: Option<String>,
    /// `isAccessibleForFree` is denied.
    pub(crate) paywalled: bool,
    /// What kind of page its objects speak of.
    pub(crate) kind: PageKind,
    /// The longest text of an object that speaks for the page: markup.
    pub(crate) body: String,
}

/// Someone with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    /// A firm rather than a person.
    pub(crate) is_organisation: bool,
}

/// Objects looked at before giving up; big shops list some hundred.
const OBJECTS_MAX: usize = 2_000;
/// Papers with more authors are cited as "et al." anyway.
const AUTHORS_MAX: usize = 6;

/// Reads one block of JSON-LD, as much of it as can be read.
pub(crate) fn read(text: &str) -> Said {
    // Some programs escape the quotes too.
    let head = text.trim_start().get(..16).unwrap_or_default();
    let roots = if head.contains("&quot;") || head.contains("&#34;") {
        json::values(&htmlize::unescape(text))
    } else {
        json::values(text)
    };
    let objects = objects(&roots);
    let mut said = Said::default();
    for (object, place) in &objects {
        let rank = rank(object, *place);
        if said.kind == PageKind::Other && *place != Place::Aside {
            said.kind = page_kind(object);
        }
        said.paywalled |= *place != Place::Aside && object.get("isAccessibleForFree").is_some_and(is_denied);
        if said.site_name.is_none() {
            said.site_name = if is_a(object, "WebSite") {
                text_of(object.get("name"))
            } else {
                names(object.get("publisher"), &objects).into_iter().next().map(|publisher| publisher.name)
            };
        }
        let found = Said {
            rank,
            published: first_text(object, &["datePublished", "dateCreated", "uploadDate", "datePosted"]),
            modified: text_of(object.get("dateModified")),
            authors: names(object.get("author").or_else(|| object.get("creator")), &objects),
            headline: (rank == MAIN).then(|| first_text(object, &["headline", "name"])).flatten(),
            language: text_of(object.get("inLanguage")),
            licence: text_of(object.get("license")),
            ..Said::default()
        };
        said.add(found);
        if *place == Place::Main && rank > 0 {
            let body = body::of(object);
            if body.len() > said.body.len() {
                said.body = body;
            }
        }
    }
    said
}

impl Said {
    /// Adds what another object or block says. Where both speak, the one that speaks more for the page counts, else the first.
    pub(crate) fn add(&mut self, other: Self) {
        let says = other.published.is_some() || !other.authors.is_empty();
        if says && other.rank > self.rank {
            self.rank = other.rank;
            // Who and when belong together: an article by nobody was not written by the author of the page around it.
            self.published = other.published.or(self.published.take());
            self.modified = other.modified.or(self.modified.take());
            self.headline = other.headline.or(self.headline.take());
            if !other.authors.is_empty() {
                self.authors = other.authors;
            }
        } else if other.rank > 0 {
            self.published = self.published.take().or(other.published);
            self.modified = self.modified.take().or(other.modified);
            self.headline = self.headline.take().or(other.headline);
            if self.authors.is_empty() {
                self.authors = other.authors;
            }
        }
        self.site_name = self.site_name.take().or(other.site_name);
        self.language = self.language.take().or(other.language);
        self.licence = self.licence.take().or(other.licence);
        self.paywalled |= other.paywalled;
        if other.body.len() > self.body.len() {
            self.body = other.body;
        }
        if self.kind == PageKind::Other {
            self.kind = other.kind;
        }
    }
}

/// How an object hangs together with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the top, in a graph, or named as the main entity.
    Main,
    /// A part of such an object.
    Part,
    /// A comment, an item of a list, another page, a person: says nothing about the page.
    Aside,
}

fn page_kind(object: &Value) -> PageKind {
    kinds(object)
        .map(|kind| match kind {
            "DiscussionForumPosting" | "QAPage" => PageKind::Forum,
            "TechArticle" | "APIReference" => PageKind::Documentation,
            "Product" | "ProductGroup" => PageKind::Product,
            "CollectionPage" | "ItemList" | "OfferCatalog" => PageKind::Collection,
            kind if kind.ends_with("Article") || kind.ends_with("Posting") || kind == "Report" => {
                PageKind::Article
            }
            _ => PageKind::Other,
        })
        .find(|kind| *kind != PageKind::Other)
        .unwrap_or_default()
}

/// The page's own text.
const MAIN: u8 = 4;

/// How much an object speaks for the page itself; 0 for not at all.
fn rank(object: &Value, place: Place) -> u8 {
    if place == Place::Aside {
        return 0;
    }
    let best = kinds(object)
        .map(|kind| match kind {
            "DiscussionForumPosting" | "Question" | "Recipe" | "HowTo" | "Report" => MAIN,
            "JobPosting" | "VideoObject" | "PodcastEpisode" | "Product" | "Book" | "Course" | "Dataset"
            | "Review" | "SoftwareSourceCode" | "Event" => 3,
            "Comment" | "Answer" | "Person" | "Organization" | "WebSite" | "BreadcrumbList"
            | "ImageObject" | "ItemList" | "Offer" | "AggregateRating" | "ListItem" => 0,
            kind if kind.ends_with("Article") || kind.ends_with("Posting") => MAIN,
            kind if kind.ends_with("Page") => 2,
            _ => 1,
        })
        .max()
        .unwrap_or(1);
    if place == Place::Part { best.min(1) } else { best }
}

fn kinds(object: &Value) -> impl Iterator<Item = &str> {
    let kinds = match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    // `http://schema.org/Article`, `schema:Article`
    kinds.iter().filter_map(Value::as_str).map(|kind| kind.rsplit(['/', ':']).next().unwrap_or(kind))
}

fn is_a(object: &Value, kind: &str) -> bool {
    kinds(object).any(|known| known == kind)
}

fn is_denied(value: &Value) -> bool {
    match value {
        Value::Bool(free) => !free,
        Value::String(text) => text.to_ascii_lowercase().ends_with("false"),
        _ => false,
    }
}

/// All objects with their places, outer ones first.
fn objects(roots: &[Value]) -> Vec<(&Value, Place)> {
    let mut found = Vec::new();
    let mut queue: VecDeque<(&Value, Place)> = roots.iter().map(|root| (root, Place::Main)).collect();
    while let Some((value, place)) = queue.pop_front() {
        match value {
            Value::Array(items) => queue.extend(items.iter().take(OBJECTS_MAX).map(|item| (item, place))),
            Value::Object(fields) => {
                found.push((value, place));
                for (name, field) in fields.iter().filter(|(_, field)| field.is_object() || field.is_array())
                {
                    queue.push_back((field, place_of(name, place)));
                }
            }
            _ => {}
        }
        if found.len() >= OBJECTS_MAX || queue.len() > OBJECTS_MAX.saturating_mul(4) {
            break;
        }
    }
    found
}

fn place_of(field: &str, parent: Place) -> Place {
    match field {
        "@graph" | "mainEntity" | "mainEntityOfPage" => parent,
        "comment" | "suggestedAnswer" | "acceptedAnswer" | "review" | "reviews" | "itemListElement"
        | "isPartOf" | "blogPost" | "blogPosts" | "author" | "publisher" | "creator" | "citation"
        | "isRelatedTo" | "relatedLink" | "about" | "mentions" | "image" | "logo" | "subjectOf" | "item"
        | "isSimilarTo" | "itemReviewed" => Place::Aside,
        _ if parent == Place::Main => Place::Part,
        _ => parent,
    }
}

/// Names of people: a string, an object with a name, a reference to one, or a list of these.
fn names(author: Option<&Value>, objects: &[(&Value, Place)]) -> Vec<Named> {
    let many = match author {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mut names: Vec<Named> = Vec::new();
    for one in many.iter().take(AUTHORS_MAX) {
        let referred = || {
            let id = one.get("@id")?;
            objects
                .iter()
                .map(|(object, _)| *object)
                .find(|o| o.get("@id") == Some(id) && o.get("name").is_some())
        };
        let bearer = if one.get("name").is_some() { Some(one) } else { referred() };
        let name = text_of(Some(one)).or_else(|| text_of(bearer?.get("name")));
        if let Some(name) = name.filter(|name| names.iter().all(|known| known.name != *name)) {
            let is_organisation = bearer.unwrap_or(one).get("@type").is_some()
                && bearer.is_some_and(|bearer| {
                    kinds(bearer).all(|kind| kind != "Person") && kinds(bearer).next().is_some()
                });
            names.push(Named { name, is_organisation });
        }
    }
    names
}

fn first_text(object: &Value, fields: &[&str]) -> Option<String> {
    fields.iter().find_map(|field| text_of(object.get(field)))
}

/// A text with its entities resolved; of a list its first.
fn text_of(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let value = value.as_array().map_or(Some(value), |items| items.first())?;
    let text = htmlize::unescape(value.as_str().or_else(|| value.get("@value")?.as_str())?).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(said: &Said) -> Vec<&str> {
        said.authors.iter().map(|author| author.name.as_str()).collect()
    }

    #[test]
    fn an_article_in_a_graph_beats_the_page_around_it() {
        let said = read(
            r##"{"@graph": [
              {"@type": "WebPage", "datePublished": "2020-01-01", "author": {"@type": "Organization", "name": "E Inc"}},
              {"@type": "WebSite", "name": "The Paper"},
              {"@type": ["NewsArticle"], "headline": "A &amp; B", "datePublished": "2024-03-01", "author": {"@id": "#p"},
               "isAccessibleForFree": "False", "license": "https://e.com/licence", "inLanguage": "de",
               "comment": [{"@type": "Comment", "datePublished": "2025-01-01", "author": "Troll"}]},
              {"@type": "Person", "@id": "#p", "name": "Ada Lovelace"}]}"##,
        );
        assert_eq!(said.published.as_deref(), Some("2024-03-01"));
        assert_eq!(said.authors, [Named { name: "Ada Lovelace".into(), is_organisation: false }]);
        assert_eq!(said.headline.as_deref(), Some("A & B"));
        assert_eq!(said.site_name.as_deref(), Some("The Paper"));
        assert_eq!(
            (said.language.as_deref(), said.licence.as_deref()),
            (Some("de"), Some("https://e.com/licence"))
        );
        assert!(said.paywalled);
    }

    #[test]
    fn items_of_a_list_do_not_date_the_page() {
        let said = read(
            r#"{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item":
               {"@type": "Article", "datePublished": "2024-03-01", "author": "Ada"}}]}"#,
        );
        assert_eq!((said.published, said.authors), (None, Vec::new()));
    }

    #[test]
    fn a_later_block_about_the_article_beats_an_earlier_one_about_the_page() {
        let mut said = read(r#"{"@type":"WebPage","datePublished":"2020-01-01","author":"Web Master"}"#);
        said.add(read(r#"{"@type":"BlogPosting","datePublished":"2024-03-01","author":{"@type":"Person","name":"Ada"}}"#));
        assert_eq!((said.published.as_deref(), people(&said)), (Some("2024-03-01"), vec!["Ada"]));
    }

    #[test]
    fn authors_come_as_names_objects_and_lists() {
        let said = read(
            r#"{"@type":"Article","author":["Ada", {"name":"Bob"}, {"name":"Bob"}, 7, {"name":["Eve"]}]}"#,
        );
        assert_eq!(people(&said), ["Ada", "Bob", "Eve"]);
    }

    #[test]
    fn what_stands_before_a_fault_is_read() {
        assert_eq!(read("{oops"), Said::default());
        assert_eq!(read("{\"datePublished\":\"2024-\n03-01\"}").published.as_deref(), Some("2024-\n03-01"));
        assert_eq!(read(&"[".repeat(100_000)), Said::default());
        let cut = r#"{"@type":"Article","author":{"name":"Ada"},"datePublished":"2024-03-01","articleBody":"It was"#;
        assert_eq!((read(cut).published.as_deref(), people(&read(cut))), (Some("2024-03-01"), vec!["Ada"]));
        let quoted =
            r#"{&quot;@type&quot;:&quot;Article&quot;,&quot;datePublished&quot;:&quot;2024-03-01&quot;}"#;
        assert_eq!(read(quoted).published.as_deref(), Some("2024-03-01"));
    }
}
