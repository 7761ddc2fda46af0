//! Small pages, each about one kind of structure, against their Markdown.
//! `UPDATE_GOLDEN=1 cargo test --test page_structure` rewrites the expectations; read the difference before you commit it.

#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use footnote::page::{PageContext, extract};
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// Enough words for a page, before and after.
const FILLER: &str = "<p>These words only make the page long enough to be read, which takes at least twenty words in all, and here they are.</p>";

fn markdown_of(html: &str) -> String {
    let url = Url::parse("https://site.example/docs/page.html").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    extract(context, html.as_bytes()).expect("a page").markdown
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/structure");
    let mut pages: Vec<PathBuf> =
        fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "html"));
    pages.sort();
    pages
}

#[test]
fn every_structure_reads_as_expected() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let filler = markdown_of(FILLER);
    let filler = filler.trim_end();
    let pages = fixtures();
    assert!(pages.len() >= 11, "fixtures are missing");
    let mut wrong = Vec::new();
    for path in pages {
        let html = fs::read_to_string(&path).expect("a page");
        let markdown = markdown_of(&format!("{FILLER}\n{html}\n{FILLER}"));
        let inner = markdown.trim_end().strip_prefix(filler).and_then(|rest| rest.strip_suffix(filler));
        let actual = format!("{}\n", inner.expect("the words around it").trim_matches('\n'));
        let golden = path.with_extension("md");
        if update {
            fs::write(&golden, &actual).expect("golden written");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if actual != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- actual\n{actual}", golden.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
