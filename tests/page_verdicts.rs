//! Every verdict with pages that deserve it and pages that only look so: `fixtures/verdicts/VERDICT/{true,false}/*.html`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use footnote::page::simhash::is_near;
use footnote::page::{Extractor, Language, Limits, Outcome, PageContext};
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

fn read(body: &[u8], limits: Limits) -> Outcome {
    let url = Url::parse("https://site.example/some/page").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let mut extractor = Extractor::new(context, limits).expect("HTML is read");
    extractor.push(body);
    extractor.outcome()
}

/// `reason` of the verdict as it is written, `ok` without one.
fn verdict(outcome: &Outcome) -> String {
    let Some(rejection) = &outcome.rejection else { return "ok".to_owned() };
    let json = serde_json::to_value(rejection).expect("JSON");
    json.get("reason").and_then(|reason| reason.as_str()).expect("a reason").to_owned()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn every_verdict_falls_on_the_pages_that_deserve_it_and_on_no_others() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/verdicts");
    let mut failed = Vec::new();
    for folder in entries(&root) {
        let wanted = name(&folder);
        for (kind, deserved) in [("true", true), ("false", false)] {
            let pages = entries(&folder.join(kind));
            assert!(pages.len() >= 3, "{wanted}/{kind} has too few pages");
            for path in pages {
                // `de--page.html`: German was asked for.
                let language = name(&path).split_once("--").and_then(|(tag, _)| Language::of_tag(tag));
                let limits = Limits { language, ..Limits::default() };
                let outcome = read(&fs::read(&path).expect("a page"), limits);
                let found = verdict(&outcome);
                let expected = if deserved { wanted.as_str() } else { "ok" };
                if found != expected {
                    failed.push(format!(
                        "{wanted}/{kind}/{}: {found} ({} words)",
                        name(&path),
                        outcome.page.words
                    ));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{} pages:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn copies_of_one_text_are_told_from_texts_on_one_subject() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/copies");
    let fingerprint = |path: &Path| {
        let page = read(&fs::read(path).expect("a page"), Limits::default()).page;
        page.simhash.unwrap_or_else(|| panic!("{}: {} words are too few", path.display(), page.words))
    };
    for (kind, deserved) in [("true", true), ("false", false)] {
        let pages = entries(&root.join(kind));
        assert!(pages.len() >= 6, "{kind} has too few pairs");
        for pair in pages.chunks(2) {
            let [a, b] = pair else { panic!("{kind} has a page without its pair") };
            let (x, y) = (fingerprint(a), fingerprint(b));
            assert_eq!(is_near(x, y), deserved, "{} and {}: {} bits", name(a), name(b), (x ^ y).count_ones());
        }
    }
}
