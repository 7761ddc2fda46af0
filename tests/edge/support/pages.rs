//! The pages of the little internet: files under `tests/edge/pages/<site>/`, about the (invented) Halden ferry.

use super::http::{Reply, Request};
use std::collections::BTreeMap;
use std::path::Path;

/// One page.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) html: String,
    /// The words a reader sees, separated by single spaces.
    pub(crate) text: String,
}

/// The pages of one host by path.
pub(crate) type Site = BTreeMap<String, Document>;

/// Folders under `tests/edge/pages/`; each becomes a host of its own.
pub(crate) const SITES: [&str; 4] = ["ferry", "harbour", "energy", "survey"];

/// Reads one of [`SITES`].
pub(crate) fn site(name: &str) -> Site {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/pages").join(name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files
        .map(|file| {
            let path = file.expect("a readable folder").path();
            let html = std::fs::read_to_string(&path).expect("a readable page");
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            let title = between(&html, "<title>", "</title>").unwrap_or(&name).to_owned();
            let text = visible(&html);
            (format!("/{name}"), Document { title, html, text })
        })
        .collect()
}

/// Answers `GET` for the pages of a site, with `/` as its `index.html` and a robots.txt that allows everything.
pub(crate) fn answer(site: &Site, request: &Request) -> Reply {
    let path = if request.path == "/" { "/index.html" } else { &request.path };
    match (request.method.as_str(), site.get(path)) {
        ("GET", Some(document)) => Reply::html(document.html.clone()),
        ("GET", None) if path == "/robots.txt" => Reply::new(200, "text/plain", "User-agent: *\nAllow: /\n"),
        ("GET", None) => Reply::status(404),
        _ => Reply::status(405),
    }
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    Some(rest.split_once(close)?.0)
}

/// Markup removed, white space collapsed. Enough for pages that we wrote ourselves.
fn visible(html: &str) -> String {
    let body = html.split_once("<body>").map_or(html, |(_, body)| body);
    let mut text = String::new();
    let mut in_tag = false;
    for letter in body.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            _ if !in_tag => text.push(letter),
            _ => {}
        }
    }
    collapse(&text)
}

/// Words separated by single spaces.
pub(crate) fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
