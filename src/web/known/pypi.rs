//! PyPI: `GET /pypi/{name}/json`, or of one version `GET /pypi/{name}/{version}/json`.

use super::crates_io::{is_version, versions};
use super::json::{day, json, list, text};
use super::{About, Call, Document, Place, Site, Source, Unusable, body, is_name, needed};
use crate::order::sort_by;
use crate::web::http::HttpReply;
use serde_json::Value;

/// A project, maybe at a version.
#[derive(Debug)]
struct Project {
    name: String,
    version: Option<String>,
}

/// Addresses named.
const LINKS_MAX: usize = 12;

pub(super) fn recognise(place: Place<'_>) -> Option<Box<dyn Source>> {
    if place.host != "pypi.org" {
        return None;
    }
    let (name, version) = match place.path {
        ["project", name] | ["pypi", name] => (*name, None),
        ["project", name, version] if is_version(version) => (*name, Some((*version).to_owned())),
        _ => return None,
    };
    is_name(name).then(|| Box::new(Project { name: name.into(), version }) as Box<dyn Source>)
}

impl Source for Project {
    fn site(&self) -> Site {
        Site::PyPi
    }

    fn call(&self, replies: &[Option<HttpReply>]) -> Option<Call> {
        if !replies.is_empty() {
            return None;
        }
        let version = self.version.as_ref().map(|version| format!("/{version}")).unwrap_or_default();
        Call::json(format!("/pypi/{}{version}/json", self.name))
    }

    fn document(&self, replies: &[Option<HttpReply>]) -> Result<Document, Unusable> {
        let reply = json(body(replies, 0)?)?;
        let info = reply.get("info").ok_or_else(|| Unusable("there is no such project".into()))?;
        let uploaded = list(&reply, "urls").first().map(|file| day(&uploaded_at(file))).unwrap_or_default();
        let expression = text(info, "license_expression");
        let licence = if expression.is_empty() { text(info, "license") } else { expression };
        let mut document = Document::new(About {
            title: needed(text(info, "name"), "name")?,
            author: text(info, "author"),
            published: uploaded.clone(),
            site_name: Site::PyPi.title().into(),
            ..About::default()
        });
        document.paragraph(&text(info, "summary"));
        // Some projects put the whole text of their licence there.
        let licence = licence.lines().next().unwrap_or_default().to_owned();
        document.facts(&[
            ("Version", text(info, "version")),
            ("Released", uploaded),
            ("Licence", licence),
            ("Requires Python", text(info, "requires_python")),
            ("Homepage", text(info, "home_page")),
        ]);
        let links = info.get("project_urls").and_then(Value::as_object);
        let links: Vec<(String, String)> = links
            .map(|links| {
                let named =
                    links.iter().filter_map(|(name, url)| Some((name.clone(), url.as_str()?.to_owned())));
                named.take(LINKS_MAX).collect()
            })
            .unwrap_or_default();
        let facts: Vec<(&str, String)> =
            links.iter().map(|(name, url)| (name.as_str(), url.clone())).collect();
        document.facts(&facts);
        let description = text(info, "description");
        match text(info, "description_content_type").split(';').next().unwrap_or_default().trim() {
            "text/markdown" => document.markdown(&description),
            // What says nothing is reStructuredText, which reads well as it is.
            _ if !description.is_empty() && description != "UNKNOWN" => document.prose(&description),
            _ => {}
        }
        let releases = reply.get("releases").and_then(Value::as_object);
        let mut days: Vec<(String, String)> = releases
            .map(|releases| {
                let day = |files: &Value| files.as_array()?.first().map(|file| day(&uploaded_at(file)));
                releases.iter().filter_map(|(version, files)| Some((version.clone(), day(files)?))).collect()
            })
            .unwrap_or_default();
        sort_by(&mut days, |(_, a), (_, b)| b.cmp(a));
        versions(&mut document, days.into_iter());
        Ok(document)
    }
}

fn uploaded_at(file: &Value) -> String {
    let exact = text(file, "upload_time_iso_8601");
    if exact.is_empty() { text(file, "upload_time") } else { exact }
}
