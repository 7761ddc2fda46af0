//! npm: `GET /{package}` of the registry, which holds the README; where that is too long, as it is for packages of many
//! hundred versions, `GET /{package}/latest`.

use super::crates_io::{KEYWORDS_MAX, is_version, versions};
use super::json::{day, inner, json, text, texts};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, is_name, needed};
use crate::order::sort_by;
use crate::web::http::HttpReply;
use serde_json::Value;

/// A package, maybe at a version.
#[derive(Debug)]
struct Package {
    name: String,
    version: Option<String>,
}

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    if place.host != "npmjs.com" {
        return None;
    }
    let scoped = |scope: &str, name: &str| {
        let plain = scope.strip_prefix('@').or_else(|| scope.strip_prefix("%40"))?;
        (is_name(plain) && is_name(name)).then(|| format!("@{plain}/{name}"))
    };
    let plain = |name: &str| is_name(name).then(|| name.to_owned());
    let (name, version) = match place.path {
        ["package", name] => (plain(name)?, None),
        ["package", scope, name] => (scoped(scope, name)?, None),
        ["package", name, "v", version] => (plain(name)?, Some(*version)),
        ["package", scope, name, "v", version] => (scoped(scope, name)?, Some(*version)),
        _ => return None,
    };
    if version.is_some_and(|version| !is_version(version)) {
        return None;
    }
    Some(Box::new(Package { name, version: version.map(str::to_owned) }))
}

impl Source for Package {
    fn site(&self) -> Site {
        Site::Npm
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        let name = self.name.replace('/', "%2F");
        match replies {
            [] => Call::json(format!("/{name}")),
            [None] => Call::json(format!("/{name}/{}", self.version.as_deref().unwrap_or("latest"))),
            _ => None,
        }
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let whole = replies.first().is_some_and(Option::is_some);
        let reply = json(body(replies, usize::from(!whole))?)?;
        let latest = inner(&reply, "dist-tags", "latest");
        let shown = self.version.clone().unwrap_or(if whole { latest } else { text(&reply, "version") });
        let manifest =
            if whole { reply.get("versions").and_then(|all| all.get(&shown)) } else { Some(&reply) };
        let manifest = manifest.ok_or_else(|| Unusable("there is no such version".into()))?;
        let released = |version: &str| day(&inner(&reply, "time", version));
        let author = inner(manifest, "author", "name");
        let mut document = Document::new(About {
            title: needed(text(&reply, "name"), "name")?,
            author: if author.is_empty() { text(manifest, "author") } else { author },
            published: released(&shown),
            site_name: Site::Npm.title().into(),
            ..About::default()
        });
        document.paragraph(&text(manifest, "description"));
        let repository = inner(manifest, "repository", "url");
        document.facts(&[
            ("Version", shown.clone()),
            ("Published", released(&shown)),
            ("First published", released("created")),
            ("Licence", text(manifest, "license")),
            ("Repository", repository.trim_start_matches("git+").trim_end_matches(".git").to_owned()),
            ("Homepage", text(manifest, "homepage")),
            ("Keywords", texts(manifest, "keywords", KEYWORDS_MAX).join(", ")),
            ("Deprecated", text(manifest, "deprecated")),
        ]);
        document.markdown(&text(&reply, "readme"));
        let mut days: Vec<(String, String)> = reply
            .get("time")
            .and_then(Value::as_object)
            .map(|times| {
                let of_versions =
                    times.iter().filter(|(name, _)| !matches!(name.as_str(), "created" | "modified"));
                of_versions.map(|(name, at)| (name.clone(), day(at.as_str().unwrap_or_default()))).collect()
            })
            .unwrap_or_default();
        sort_by(&mut days, |(_, a), (_, b)| b.cmp(a));
        versions(&mut document, days.into_iter());
        Ok(document)
    }
}
