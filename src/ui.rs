//! The page at `/`: its files, as they are in `src/ui`, and what a browser may do with them.

use crate::digest::sha256_hex;
use std::sync::LazyLock;

/// One file that the page loads, from `/ui/{version}/{name}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name in `src/ui`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub body: &'static str,
}

const JS: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! files {
    ($($name:literal as $media_type:ident),* $(,)?) => {
        /// All of them. Modules import each other by relative addresses, so one version holds them together.
        pub const FILES: &[File] =
            &[$(File { name: $name, media_type: $media_type, body: include_str!(concat!("ui/", $name)) }),*];
    };
}

files![
    "icon.svg" as SVG,
    "palette.css" as CSS,
    "base.css" as CSS,
    "views.css" as CSS,
    "report.css" as CSS,
    "app.js" as JS,
    "api.js" as JS,
    "dom.js" as JS,
    "words.js" as JS,
    "events.js" as JS,
    "markdown.js" as JS,
    "cite.js" as JS,
    "dialogs.js" as JS,
    "ask.js" as JS,
    "options.js" as JS,
    "research.js" as JS,
    "timeline.js" as JS,
    "report.js" as JS,
    "evidence.js" as JS,
    "jobs.js" as JS,
    "schedules.js" as JS,
    "schedule.js" as JS,
    "library.js" as JS,
    "documents.js" as JS,
];

/// What stands for the version in the page's own text.
const VERSION_MARK: &str = "/ui/-/";
/// Digits of a version: 64 bits tell releases apart.
const VERSION_CHARS: usize = 16;

/// What a browser may do with the page: run and load its own files, and ask this deployment. Markup that a script would
/// make of a text is refused by the browser itself.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The page, and the name of this release of it and its files.
pub struct Page {
    /// The first digits of a digest over everything.
    pub version: String,
    /// The page itself, in HTML.
    pub html: String,
}

/// The page. Put together once in each isolate.
pub static PAGE: LazyLock<Page> = LazyLock::new(|| {
    let html = include_str!("ui/index.html");
    let all: String = FILES.iter().map(|file| file.body).chain([html]).collect();
    let version: String = sha256_hex(all).chars().take(VERSION_CHARS).collect();
    let html = html.replace(VERSION_MARK, &format!("/ui/{version}/"));
    Page { version, html }
});

/// The file of that name.
#[must_use]
pub fn file(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui");
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(name == "index.html" || file(&name).is_some(), "{name} is not in `FILES`");
        }
    }

    #[test]
    fn what_the_page_and_its_modules_load_is_there() {
        for text in FILES.iter().map(|f| f.body).chain([PAGE.html.as_str()]) {
            let start = format!("/ui/{}/", PAGE.version);
            let loaded = text.split(&start).skip(1).chain(text.split("from \"./").skip(1));
            for name in loaded.filter_map(|rest| rest.split('"').next()) {
                assert!(file(name).is_some(), "{name} is loaded and not served");
            }
        }
        assert!(PAGE.html.contains("app.js") && !PAGE.html.contains(VERSION_MARK));
    }

    #[test]
    fn the_page_holds_nothing_that_its_policy_refuses() {
        let html = PAGE.html.as_str();
        for refused in ["<style", "style=", "onclick", "javascript:", "http://", "https://"] {
            assert!(!html.contains(refused), "{refused}");
        }
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script type=\"module\" src=\"/ui/").count()
        );
        for file in FILES {
            for sink in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "DOMParser",
                "srcdoc",
            ] {
                assert!(!file.body.contains(sink), "{}: {sink}", file.name);
            }
        }
    }

    #[test]
    fn no_file_is_longer_than_one_can_hold_in_mind() {
        for file in FILES {
            assert!(file.body.lines().count() <= 600, "{}", file.name);
        }
    }
}
