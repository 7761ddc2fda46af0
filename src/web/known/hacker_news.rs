//! Hacker News: `GET /api/v1/items/{id}` of Algolia's API, the item with everything below it.

use super::json::{day, json, list, number, text};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, is_number, needed};
use crate::web::http::HttpReply;
use serde_json::Value;

/// An item with what was answered.
#[derive(Debug)]
struct Thread {
    id: String,
}

/// Comments kept of one thread, in their order: some 30,000 words, more than is ever looked at.
pub(super) const COMMENTS_MAX: usize = 400;

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    if place.host != "news.ycombinator.com" || place.path != ["item"] {
        return None;
    }
    let (_, id) = place.url.query_pairs().find(|(name, _)| name == "id")?;
    is_number(&id).then(|| Box::new(Thread { id: id.into_owned() }) as Box<dyn Source>)
}

impl Source for Thread {
    fn site(&self) -> Site {
        Site::HackerNews
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        if !replies.is_empty() {
            return None;
        }
        Call::json(format!("/api/v1/items/{}", self.id))
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let item = json(body(replies, 0)?)?;
        let author = needed(text(&item, "author"), "author")?;
        let title = text(&item, "title");
        let mut document = Document::new(About {
            title: if title.is_empty() { format!("Comment by {author}") } else { title },
            author,
            published: day(&text(&item, "created_at")),
            site_name: Site::HackerNews.title().into(),
            language: "en".into(),
            ..About::default()
        });
        let points = number(&item, "points").map(|points| points.to_string()).unwrap_or_default();
        document.facts(&[("Link", text(&item, "url")), ("Points", points)]);
        document.markup(&text(&item, "text"));
        // Depth first, as the page shows it.
        let mut waiting: Vec<(&Value, u8)> =
            list(&item, "children").iter().rev().map(|child| (child, 2)).collect();
        let mut kept = 0_usize;
        while let Some((comment, level)) = waiting.pop() {
            let (author, said) = (text(comment, "author"), text(comment, "text"));
            if !author.is_empty() && !said.is_empty() {
                kept = kept.saturating_add(1);
                if kept > COMMENTS_MAX {
                    break;
                }
                document.heading(level, &format!("{author}, {}", day(&text(comment, "created_at"))));
                document.markup(&said);
            }
            waiting
                .extend(list(comment, "children").iter().rev().map(|child| (child, level.saturating_add(1))));
        }
        Ok(document)
    }
}
