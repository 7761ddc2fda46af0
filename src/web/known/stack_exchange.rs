//! Stack Exchange: `GET /2.3/questions/{id}` and its `/answers`, both with the built-in filter `withbody`.

use super::json::{day_of_seconds, inner, json, list, number, text, texts};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, is_number, needed};
use crate::order::sort_by_key;
use crate::web::http::HttpReply;
use serde_json::Value;

/// A question with its answers.
#[derive(Debug)]
struct Question {
    /// The site's domain, by which the API knows it too.
    site: String,
    id: String,
}

/// Answers asked for, best first; few questions have more.
const ANSWERS_MAX: usize = 30;
/// Whoever called too often is locked out for about a minute at least.
const THROTTLED_S: u64 = 60;
/// Tags named; a question has five at most.
const TAGS_MAX: usize = 5;
/// The network's sites with a domain of their own.
const DOMAINS: [&str; 7] = [
    "stackoverflow.com",
    "serverfault.com",
    "superuser.com",
    "askubuntu.com",
    "mathoverflow.net",
    "stackapps.com",
    "stackexchange.com",
];

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    let under = |domain: &&str| {
        place.host.strip_suffix(*domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    };
    // The domain of all sites has no questions of its own.
    if !DOMAINS.iter().any(under) || place.host == "stackexchange.com" {
        return None;
    }
    let id = match place.path {
        ["questions", id] | ["questions", id, _] | ["questions", id, _, _] | ["q", id] | ["q", id, _] => *id,
        _ => return None,
    };
    is_number(id).then(|| Box::new(Question { site: place.host.into(), id: id.into() }) as Box<dyn Source>)
}

impl Source for Question {
    fn site(&self) -> Site {
        Site::StackExchange
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        let (site, id) = (&self.site, &self.id);
        if replies.is_empty() {
            return Call::json(format!("/2.3/questions/{id}?site={site}&filter=withbody"));
        }
        let question = json(body(replies, 0).ok()?).ok()?;
        // Asked not to come again for some seconds: one call will have to do.
        if number(&question, "backoff").is_some() {
            return None;
        }
        let answers = number(list(&question, "items").first()?, "answer_count")?;
        if answers == 0 {
            return None;
        }
        let query = format!("site={site}&filter=withbody&sort=votes&order=desc&pagesize={ANSWERS_MAX}");
        Call::json(format!("/2.3/questions/{id}/answers?{query}"))
    }

    fn backoff_s(&self, reply: &HttpReply) -> Option<u64> {
        let reply = json(&reply.body).ok()?;
        if let Some(seconds) = number(&reply, "backoff") {
            return u64::try_from(seconds).ok();
        }
        // `throttle_violation` comes with 400 and a sentence about how long it lasts.
        (text(&reply, "error_name") == "throttle_violation").then_some(THROTTLED_S)
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let reply = json(body(replies, 0)?)?;
        let question =
            list(&reply, "items").first().ok_or_else(|| Unusable("there is no such question".into()))?;
        let answers =
            if number(question, "answer_count") == Some(0) { Value::Null } else { json(body(replies, 1)?)? };
        let licence = text(question, "content_license");
        let mut document = Document::new(About {
            // The API escapes what is no markup.
            title: plain(&needed(text(question, "title"), "title")?),
            author: plain(&inner(question, "owner", "display_name")),
            published: day_of_seconds(question, "creation_date"),
            modified: day_of_seconds(question, "last_edit_date"),
            site_name: self.site.clone(),
            ..About::default()
        });
        document.facts(&[
            ("Score", text(question, "score")),
            ("Tags", texts(question, "tags", TAGS_MAX).join(", ")),
            ("Licence", licence),
        ]);
        document.markup(&needed(text(question, "body"), "body")?);
        let mut answers: Vec<&Value> = list(&answers, "items").iter().take(ANSWERS_MAX).collect();
        let accepted = |answer: &Value| answer.get("is_accepted").and_then(Value::as_bool).unwrap_or(false);
        sort_by_key(&mut answers, |answer| {
            (!accepted(answer), std::cmp::Reverse(number(answer, "score").unwrap_or(0)))
        });
        for answer in answers {
            let mut heading = String::from(if accepted(answer) { "Accepted answer" } else { "Answer" });
            let author = plain(&inner(answer, "owner", "display_name"));
            for (before, what) in [
                (" by ", author),
                (", ", day_of_seconds(answer, "creation_date")),
                (", score ", text(answer, "score")),
            ] {
                if !what.is_empty() {
                    heading.push_str(before);
                    heading.push_str(&what);
                }
            }
            document.heading(2, &heading);
            document.markup(&text(answer, "body"));
        }
        Ok(document)
    }
}

fn plain(escaped: &str) -> String {
    htmlize::unescape(escaped).into_owned()
}
