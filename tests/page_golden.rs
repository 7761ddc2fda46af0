//! Pages in the style of real ones, read at every chunk size, against their Markdown and metadata.
//! `UPDATE_GOLDEN=1 cargo test --test page_golden` rewrites the expectations; read the difference before you commit it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use footnote::page::{Extractor, Limits, Page, PageContext, Rejection, extract};
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

fn read(body: &[u8], chunk: usize) -> Result<Page, Rejection> {
    let url = Url::parse("https://site.example/news/page.html").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let mut extractor = Extractor::new(context, Limits::default())?;
    for piece in body.chunks(chunk.max(1)) {
        extractor.push(piece);
    }
    extractor.finish()
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let mut pages: Vec<PathBuf> =
        fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "html"));
    pages.sort();
    pages
}

#[test]
fn pages_read_as_expected_however_they_are_cut() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let pages = fixtures();
    assert!(pages.len() >= 8, "fixtures are missing");
    for path in pages {
        let body = fs::read(&path).expect("a page");
        let page =
            read(&body, body.len()).unwrap_or_else(|rejection| panic!("{}: {rejection}", path.display()));
        for chunk in [1, 2, 7, 64] {
            assert_eq!(read(&body, chunk).as_ref(), Ok(&page), "{} in chunks of {chunk}", path.display());
        }
        let metadata = Page { markdown: String::new(), ..page.clone() };
        let metadata = serde_json::to_string_pretty(&metadata).expect("JSON") + "\n";
        for (extension, actual) in [("md", page.markdown), ("json", metadata)] {
            let golden = path.with_extension(extension);
            if update {
                fs::write(&golden, &actual).expect("golden written");
            }
            let expected = fs::read_to_string(&golden).unwrap_or_default();
            assert_eq!(actual, expected, "{}", golden.display());
        }
    }
}

#[test]
fn a_whole_body_reads_like_its_pieces() {
    let body = fs::read(fixtures().first().expect("a fixture")).expect("a page");
    let url = Url::parse("https://site.example/news/page.html").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    assert_eq!(extract(context, &body), read(&body, 3));
}
