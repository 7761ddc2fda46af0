//! Reddit: the thread's own address with `.json` behind it, and its old page where that is refused.

use super::hacker_news::COMMENTS_MAX;
use super::json::{day_of_seconds, items, json, list, text};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, is_name, needed};
use crate::web::http::HttpReply;
use serde_json::Value;
use url::Url;

/// A thread.
#[derive(Debug)]
struct Thread {
    /// `/r/rust/comments/abc123`.
    path: String,
}

/// Comments asked for; what lies deeper or below is only named by the reply.
const COMMENTS_ASKED: usize = 200;
/// Levels of answers asked for. Each is five levels of JSON, of which 128 are read.
const LEVELS_ASKED: usize = 10;

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    if !matches!(
        place.host,
        "reddit.com"
            | "old.reddit.com"
            | "new.reddit.com"
            | "np.reddit.com"
            | "m.reddit.com"
            | "sh.reddit.com"
    ) {
        return None;
    }
    let path = match place.path {
        ["r", sub, "comments", id] | ["r", sub, "comments", id, _] if is_name(sub) && is_name(id) => {
            format!("/r/{sub}/comments/{id}")
        }
        ["comments", id] | ["comments", id, _] if is_name(id) => format!("/comments/{id}"),
        _ => return None,
    };
    Some(Box::new(Thread { path }))
}

impl Source for Thread {
    fn site(&self) -> Site {
        Site::Reddit
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        if !replies.is_empty() {
            return None;
        }
        Call::json(format!("{}.json?raw_json=1&limit={COMMENTS_ASKED}&depth={LEVELS_ASKED}", self.path))
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let reply = json(body(replies, 0)?)?;
        let listing = |at: usize| children(reply.get(at));
        let post = listing(0).first().and_then(|child| child.get("data"));
        let post = post.ok_or_else(|| Unusable("there is no such thread".into()))?;
        let link = text(post, "url");
        let mut document = Document::new(About {
            title: needed(text(post, "title"), "title")?,
            author: text(post, "author"),
            published: day_of_seconds(post, "created_utc"),
            site_name: Site::Reddit.title().into(),
            ..About::default()
        });
        document.facts(&[
            ("Community", text(post, "subreddit_name_prefixed")),
            ("Link", if link.contains("reddit.com/") { String::new() } else { link }),
            ("Score", text(post, "score")),
        ]);
        said(&mut document, post, "selftext");
        let mut waiting: Vec<(&Value, u8)> = listing(1).iter().rev().map(|child| (child, 2)).collect();
        let mut kept = 0_usize;
        while let Some((child, level)) = waiting.pop() {
            // `more` only counts what was left out.
            let Some(comment) = child.get("data").filter(|_| text(child, "kind") == "t1") else { continue };
            kept = kept.saturating_add(1);
            if kept > COMMENTS_MAX {
                break;
            }
            let (author, day) = (text(comment, "author"), day_of_seconds(comment, "created_utc"));
            document.heading(level, &format!("{author}, {day}, score {}", text(comment, "score")));
            said(&mut document, comment, "body");
            let below = children(comment.get("replies"));
            waiting.extend(below.iter().rev().map(|child| (child, level.saturating_add(1))));
        }
        Ok(document)
    }

    fn elsewhere(&self) -> Option<Url> {
        Url::parse(&format!("https://old.reddit.com{}/", self.path)).ok()
    }
}

/// What is in a listing.
fn children(listing: Option<&Value>) -> &[Value] {
    listing.and_then(|listing| listing.get("data")).map_or(items(None), |data| list(data, "children"))
}

/// The text of a post or comment: its markup, or its Markdown where there is none.
fn said(document: &mut Document, value: &Value, field: &str) {
    let markup = text(value, &format!("{field}_html"));
    if markup.is_empty() {
        document.markdown(&text(value, field));
    } else {
        document.markup(&markup);
    }
}
