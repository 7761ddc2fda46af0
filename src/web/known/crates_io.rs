//! crates.io: `GET /api/v1/crates/{name}`, then the newest version's README as HTML.

use super::json::{day, inner, json, list, text, texts};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, is_name, needed};
use crate::web::http::HttpReply;
use serde_json::Value;

/// A crate, maybe at a version.
#[derive(Debug)]
struct Package {
    name: String,
    version: Option<String>,
}

/// Versions listed, newest first.
pub(super) const VERSIONS_MAX: usize = 20;
/// Keywords named; crates.io allows five, others any number.
pub(super) const KEYWORDS_MAX: usize = 20;

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    if place.host != "crates.io" {
        return None;
    }
    let (name, version) = match place.path {
        ["crates", name] | ["crates", name, "versions"] => (*name, None),
        ["crates", name, version] if version.starts_with(|c: char| c.is_ascii_digit()) => {
            (*name, Some(*version))
        }
        _ => return None,
    };
    let version = version.map(str::to_owned);
    is_name(name).then(|| Box::new(Package { name: name.into(), version }) as Box<dyn Source>)
}

impl Package {
    /// The version that is shown: the one asked for, or the newest stable one.
    fn shown(&self, reply: &Value) -> Option<String> {
        let about = reply.get("crate")?;
        let named =
            [text(about, "max_stable_version"), text(about, "newest_version"), text(about, "max_version")];
        self.version.clone().or_else(|| named.into_iter().find(|version| !version.is_empty()))
    }
}

impl Source for Package {
    fn site(&self) -> Site {
        Site::CratesIo
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        if replies.is_empty() {
            return Call::json(format!("/api/v1/crates/{}", self.name));
        }
        let version =
            self.shown(&json(body(replies, 0).ok()?).ok()?).filter(|version| is_version(version))?;
        Some(Call { path: format!("/api/v1/crates/{}/{version}/readme", self.name), accept: "text/html" })
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let reply = json(body(replies, 0)?)?;
        let about = reply.get("crate").ok_or_else(|| Unusable("there is no such crate".into()))?;
        let name = needed(text(about, "name"), "name")?;
        let shown = self.shown(&reply).unwrap_or_default();
        let version = list(&reply, "versions").iter().find(|version| text(version, "num") == shown);
        let of = |field: &str| version.map(|version| text(version, field)).unwrap_or_default();
        let repository = text(about, "repository");
        let mut document = Document::new(About {
            title: name,
            author: version.map(|version| inner(version, "published_by", "name")).unwrap_or_default(),
            published: day(&of("created_at")),
            site_name: Site::CratesIo.title().into(),
            base: repository.clone(),
            ..About::default()
        });
        document.paragraph(&text(about, "description"));
        document.facts(&[
            ("Version", shown.clone()),
            ("Published", day(&of("created_at"))),
            ("First published", day(&text(about, "created_at"))),
            ("Licence", of("license")),
            ("Rust version", of("rust_version")),
            ("Downloads", text(about, "downloads")),
            ("Repository", repository),
            ("Homepage", text(about, "homepage")),
            ("Documentation", text(about, "documentation")),
            ("Keywords", texts(about, "keywords", KEYWORDS_MAX).join(", ")),
        ]);
        // Without a README the second answer is a refusal, which is no news.
        if let Ok(readme) = body(replies, 1) {
            document.heading(2, "README");
            document.markup(&String::from_utf8_lossy(readme));
        }
        versions(
            &mut document,
            list(&reply, "versions").iter().map(|version| {
                let yanked = version.get("yanked").and_then(Value::as_bool).unwrap_or(false);
                (
                    text(version, "num") + if yanked { " (yanked)" } else { "" },
                    day(&text(version, "created_at")),
                )
            }),
        );
        Ok(document)
    }
}

/// Whether a version may stand in a path.
pub(super) fn is_version(text: &str) -> bool {
    is_name(&text.replace('+', "-"))
}

/// The newest versions with their days.
pub(super) fn versions(document: &mut Document, versions: impl Iterator<Item = (String, String)>) {
    let versions: Vec<(String, String)> = versions.take(VERSIONS_MAX).collect();
    if !versions.is_empty() {
        document.heading(2, "Versions");
        let facts: Vec<(&str, String)> =
            versions.iter().map(|(name, day)| (name.as_str(), day.clone())).collect();
        document.facts(&facts);
    }
}
