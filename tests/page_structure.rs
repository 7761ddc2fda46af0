//! Small pages, each about one kind of structure, against their Markdown.
//! `UPDATE_GOLDEN=1 cargo test --test page_structure` rewrites the expectations; read the difference before you commit it.

#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use footnote::page::{Extractor, Limits, Outcome, PageContext, extract};
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

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
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
    let pages = fixtures("structure");
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

fn outcome_of(body: &[u8], chunk: usize) -> Outcome {
    let url = Url::parse("https://site.example/docs/page.html").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let mut extractor = Extractor::new(context, Limits::default()).expect("HTML is read");
    for piece in body.chunks(chunk.max(1)) {
        extractor.push(piece);
    }
    extractor.outcome()
}

#[test]
fn a_page_cut_anywhere_is_read_to_there() {
    for path in fixtures("structure").into_iter().chain(fixtures("pages")) {
        let page = fs::read(&path).expect("a page");
        let whole = outcome_of(&page, usize::MAX).page.words;
        let mut most = 0;
        for end in (0..page.len()).step_by(7) {
            let body = page.get(..end).unwrap_or_default();
            let outcome = outcome_of(body, usize::MAX);
            assert_eq!(outcome_of(body, 11), outcome, "{} cut at {end}", path.display());
            most = most.max(outcome.page.words);
        }
        assert!(most * 10 >= whole * 9, "{}: {most} of {whole} words when cut near its end", path.display());
    }
}
