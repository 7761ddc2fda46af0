//! GitHub: a repository's README and description, issues and pull requests with their comments, releases; all as HTML
//! (`application/vnd.github.html+json`). Files come from the raw host, which has no such narrow limit. Without `GITHUB_API_KEY`
//! GitHub allows 60 calls an hour, after which its pages are read instead.

use super::json::{day, inner, items, json, list, number, text, texts};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, is_name, is_number, needed};
use crate::web::http::HttpReply;
use serde_json::Value;

/// A page of a repository.
#[derive(Debug)]
struct Item {
    /// `owner/name`.
    repository: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Repository,
    /// An issue or pull request; the API knows both by one number.
    Issue(String),
    /// The end of the path: `releases?..`, `releases/latest`, `releases/tags/v1`.
    Release(String),
    /// Branch or tag and path, escaped as in the URL.
    File(String),
}

/// First parts of paths that are no owner.
const RESERVED: [&str; 26] = [
    "about",
    "apps",
    "collections",
    "contact",
    "customer-stories",
    "enterprise",
    "events",
    "explore",
    "features",
    "issues",
    "login",
    "marketplace",
    "notifications",
    "orgs",
    "pricing",
    "pulls",
    "readme",
    "resources",
    "search",
    "security",
    "settings",
    "site",
    "solutions",
    "sponsors",
    "topics",
    "trending",
];
/// The answer as HTML within JSON, or for a README as HTML alone.
const ACCEPT: &str = "application/vnd.github.html+json";
/// Comments asked for; the API gives no more at once.
const COMMENTS_ASKED: usize = 100;
/// Releases asked for.
const RELEASES_ASKED: usize = 10;
/// Labels and topics named.
const LABELS_MAX: usize = 20;

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    if place.host != "github.com" {
        return None;
    }
    let [owner, name, rest @ ..] = place.path else { return None };
    if !is_name(owner) || !is_name(name) || RESERVED.contains(&owner.to_ascii_lowercase().as_str()) {
        return None;
    }
    let kind = match rest {
        [] => Kind::Repository,
        ["issues" | "pull", number] if is_number(number) => Kind::Issue((*number).to_owned()),
        ["releases"] => Kind::Release(format!("releases?per_page={RELEASES_ASKED}")),
        ["releases", "latest"] => Kind::Release("releases/latest".into()),
        ["releases", "tag", tag @ ..] if !tag.is_empty() => {
            Kind::Release(format!("releases/tags/{}", tag.join("/")))
        }
        ["blob", reference, path @ ..] if !path.is_empty() => {
            Kind::File(format!("{reference}/{}", path.join("/")))
        }
        _ => return None,
    };
    let name = name.strip_suffix(".git").unwrap_or(name);
    Some(Box::new(Item { repository: format!("{owner}/{name}"), kind }))
}

impl Source for Item {
    fn site(&self) -> Site {
        if matches!(self.kind, Kind::File(_)) { Site::GitHubFiles } else { Site::GitHub }
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        let path = format!("/repos/{}", self.repository);
        let path = match (&self.kind, replies) {
            (Kind::Repository, []) => format!("{path}/readme"),
            (Kind::Repository, [_]) => {
                body(replies, 0).ok()?;
                path
            }
            (Kind::Issue(number), []) => format!("{path}/issues/{number}"),
            (Kind::Issue(number), [_]) => {
                let comments =
                    json(body(replies, 0).ok()?).ok().and_then(|issue| self::number(&issue, "comments"))?;
                if comments == 0 {
                    return None;
                }
                format!("{path}/issues/{number}/comments?per_page={COMMENTS_ASKED}")
            }
            (Kind::Release(end), []) => format!("{path}/{end}"),
            (Kind::File(file), []) => {
                return Some(Call { path: format!("/{}/{file}", self.repository), accept: "text/plain" });
            }
            _ => return None,
        };
        Some(Call { path, accept: ACCEPT })
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let first = body(replies, 0)?;
        match &self.kind {
            Kind::Repository => self.readme(first, &json(body(replies, 1)?)?),
            Kind::Issue(number) => {
                let issue = json(first)?;
                let none = self::number(&issue, "comments") == Some(0);
                let comments = if none { Value::Null } else { json(body(replies, 1)?)? };
                self.issue(number, &issue, items(Some(&comments)))
            }
            Kind::Release(_) => self.releases(&json(first)?),
            Kind::File(file) => self.file(file, first),
        }
    }
}

impl Item {
    fn readme(&self, readme: &[u8], about: &Value) -> Result<Document, Unusable> {
        let licence = inner(about, "license", "spdx_id");
        let mut document = Document::new(About {
            title: needed(text(about, "full_name"), "full_name")?,
            author: inner(about, "owner", "login"),
            published: day(&text(about, "created_at")),
            modified: day(&text(about, "pushed_at")),
            base: format!("https://github.com/{}/blob/HEAD/", self.repository),
            site_name: Site::GitHub.title().into(),
            ..About::default()
        });
        document.paragraph(&text(about, "description"));
        document.facts(&[
            ("Licence", if licence == "NOASSERTION" { String::new() } else { licence }),
            ("Language", text(about, "language")),
            ("Stars", text(about, "stargazers_count")),
            ("Homepage", text(about, "homepage")),
            ("Topics", texts(about, "topics", LABELS_MAX).join(", ")),
            (
                "Archived",
                if about.get("archived") == Some(&Value::Bool(true)) { "yes".into() } else { String::new() },
            ),
        ]);
        document.markup(&String::from_utf8_lossy(readme));
        Ok(document)
    }

    fn issue(&self, number: &str, issue: &Value, comments: &[Value]) -> Result<Document, Unusable> {
        let title = needed(text(issue, "title"), "title")?;
        let mut document = Document::new(About {
            title: format!("{title} (#{number}, {})", self.repository),
            author: inner(issue, "user", "login"),
            published: day(&text(issue, "created_at")),
            modified: day(&text(issue, "updated_at")),
            site_name: Site::GitHub.title().into(),
            ..About::default()
        });
        let labels: Vec<String> =
            list(issue, "labels").iter().map(|label| text(label, "name")).take(LABELS_MAX).collect();
        let merged = issue.get("pull_request").map(|pull| day(&text(pull, "merged_at"))).unwrap_or_default();
        let reason = text(issue, "state_reason").replace('_', " ");
        let state = text(issue, "state");
        document.facts(&[
            ("State", if reason.is_empty() { state } else { format!("{state} ({reason})") }),
            ("Merged", merged),
            ("Closed", day(&text(issue, "closed_at"))),
            ("Labels", labels.join(", ")),
        ]);
        said(&mut document, issue);
        for comment in comments.iter().take(COMMENTS_ASKED) {
            let (author, day) = (inner(comment, "user", "login"), day(&text(comment, "created_at")));
            document.heading(2, &format!("{author}, {day}"));
            said(&mut document, comment);
        }
        Ok(document)
    }

    fn releases(&self, reply: &Value) -> Result<Document, Unusable> {
        let all = match reply {
            Value::Array(releases) => releases.as_slice(),
            one => std::slice::from_ref(one),
        };
        let newest = all.first().ok_or_else(|| Unusable("there is no release".into()))?;
        let tag = needed(text(newest, "tag_name"), "tag_name")?;
        let title = if reply.is_array() { "Releases".to_owned() } else { named(newest, &tag) };
        let mut document = Document::new(About {
            title: format!("{title} ({})", self.repository),
            author: inner(newest, "author", "login"),
            published: day(&text(newest, "published_at")),
            site_name: Site::GitHub.title().into(),
            ..About::default()
        });
        for release in all.iter().take(RELEASES_ASKED) {
            let tag = text(release, "tag_name");
            document.heading(2, &named(release, &tag));
            let early = release.get("prerelease") == Some(&Value::Bool(true));
            document.facts(&[
                ("Tag", tag),
                ("Published", day(&text(release, "published_at"))),
                ("Pre-release", if early { "yes".into() } else { String::new() }),
            ]);
            said(&mut document, release);
        }
        Ok(document)
    }

    fn file(&self, file: &str, bytes: &[u8]) -> Result<Document, Unusable> {
        let content = std::str::from_utf8(bytes).map_err(|_| Unusable("the file is no text".into()))?;
        let (folder, name) = file.rsplit_once('/').unwrap_or_default();
        let mut document = Document::new(About {
            title: format!("{name} ({})", self.repository),
            base: format!("https://github.com/{}/blob/{folder}/", self.repository),
            site_name: Site::GitHub.title().into(),
            ..About::default()
        });
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "md" | "markdown" => document.markdown(content),
            "" | "txt" | "rst" | "adoc" | "org" => document.prose(content),
            _ => document.code(content),
        }
        Ok(document)
    }
}

/// A release's name; its tag when it has none.
fn named(release: &Value, tag: &str) -> String {
    let name = text(release, "name");
    if name.is_empty() { tag.to_owned() } else { name }
}

/// What somebody wrote: as HTML, or as Markdown where the API gives only that.
fn said(document: &mut Document, value: &Value) {
    let markup = text(value, "body_html");
    if markup.is_empty() {
        document.markdown(&text(value, "body"));
    } else {
        document.markup(&markup);
    }
}
