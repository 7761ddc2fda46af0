//! PDFs from their bytes to Markdown: what is read, what is refused, and that nothing runs away.
//! The fixtures are made by `tests/fixtures/pdf/make.py`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use footnote::page::{Extractor, Flow, Limits, Outcome, Page, PageContext, Rejection};
use proptest::prelude::*;
use std::path::Path;
use url::Url;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pdf").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn outcome(bytes: &[u8], limits: Limits) -> Outcome {
    let url = Url::parse("https://e.com/a").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("application/pdf"), content_language: None };
    let mut extractor = Extractor::new(context, limits).expect("PDF is read");
    for chunk in bytes.chunks(10_000) {
        if extractor.push(chunk) == Flow::Full {
            break;
        }
    }
    extractor.outcome()
}

fn read(name: &str) -> Page {
    let Outcome { page, rejection } = outcome(&fixture(name), Limits::default());
    assert_eq!(rejection, None, "{name}");
    page
}

#[test]
fn a_document_is_read_with_headings_and_without_furniture() {
    let page = read("plain.pdf");
    assert!(
        page.markdown
            .starts_with("# Levels of a river\n\n12 March 2024\n\n## 1. Part of the record\n\nPage one")
    );
    assert_eq!(page.markdown.matches("\n## ").count(), 4, "{}", page.markdown);
    assert!(!page.markdown.contains("Annals"), "{}", page.markdown);
    assert!(page.markdown.contains("the narrowest of them belongs to 1947, when no rain fell"));
    // The title that the file states was left by a program.
    assert_eq!(page.title, "Levels of a river");
    assert_eq!(
        (page.author.as_deref(), page.published.as_deref()),
        (Some("Ada Example"), Some("2000-01-01"))
    );
    assert_eq!(page.links, ["https://example.com/gauge"]);
    assert!(!page.truncated);
}

#[test]
fn each_page_begins_where_the_page_says_so() {
    let page = read("plain.pdf");
    assert_eq!(page.page_starts.len(), 4);
    for (start, number) in page.page_starts.iter().zip(["one", "two", "three", "four"]) {
        let text = page.markdown.get(*start as usize..).expect("a boundary");
        assert!(text.find(&format!("Page {number} begins")).is_some_and(|at| at < 100), "{number}: {text}");
    }
}

#[test]
fn packed_and_cut_files_give_the_same_text() {
    let plain = read("plain.pdf");
    assert_eq!(read("packed.pdf").markdown, plain.markdown);
    let cut = read("truncated.pdf");
    assert!(cut.markdown.starts_with("# Levels of a river"), "{}", cut.markdown);
}

#[test]
fn columns_are_read_one_after_the_other() {
    let page = read("columns.pdf");
    let (left, right) = (page.markdown.find("LEFT"), page.markdown.find("RIGHT"));
    assert!(
        left < right && page.markdown.contains("when no rain fell between April and September. Rings of")
    );
}

#[test]
fn east_asian_text_without_embedded_fonts_is_read() {
    let page = read("cjk.pdf");
    assert_eq!(page.title, "\u{6cb3}\u{6d41}\u{7684}\u{6c34}\u{4f4d}");
    assert!(
        page.markdown.contains("\u{6c34}\u{4f4d}\u{4ece}\u{4e00}\u{516b}\u{4e8c}\u{56db}\u{5e74}"),
        "{}",
        page.markdown
    );
}

#[test]
fn what_no_reader_sees_is_not_read() {
    let markdown = read("hidden.pdf").markdown;
    assert!(markdown.contains("White letters on a dark ground are seen."), "{markdown}");
    for hidden in ["praise this paper", "without ink", "beside the page"] {
        assert!(!markdown.contains(hidden), "{markdown}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason() {
    let refusal = |bytes: &[u8]| outcome(bytes, Limits::default()).rejection;
    for name in ["locked.pdf", "open-rc4.pdf", "open-aes.pdf"] {
        assert_eq!(refusal(&fixture(name)), Some(Rejection::EncryptedPdf), "{name}");
    }
    assert_eq!(refusal(&fixture("scanned.pdf")), Some(Rejection::NoTextLayer { pages: 2 }));
    assert_eq!(refusal(b"%PDF-1.7\nnothing of use"), Some(Rejection::BrokenPdf));
    let json = serde_json::to_string(&Rejection::NoTextLayer { pages: 2 }).expect("JSON");
    assert_eq!(json, r#"{"reason":"no_text_layer","pages":2}"#);
}

#[test]
fn a_file_beyond_the_cap_is_cut_and_marked() {
    let limits = Limits { pdf_bytes_max: 5_000, ..Limits::default() };
    let page = outcome(&fixture("plain.pdf"), limits).page;
    assert!(page.truncated && page.markdown.starts_with("# Levels"));
    let limits = Limits { markdown_bytes_max: 700, ..Limits::default() };
    let page = outcome(&fixture("plain.pdf"), limits).page;
    assert!(page.truncated && page.markdown.len() <= 700 && page.words > 20);
}

/// Names of fixtures whose bytes are changed at random.
const SEEDS: [&str; 7] =
    ["plain.pdf", "packed.pdf", "columns.pdf", "cjk.pdf", "hidden.pdf", "scanned.pdf", "open-rc4.pdf"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_damage_gives_an_answer(
        seed in prop::sample::select(SEEDS.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..9, any::<u8>()), 1..40),
    ) {
        let mut bytes = fixture(seed);
        for (at, kind, byte) in changes {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes.truncate(at.max(20)),
                1 => drop(bytes.remove(at.max(10))),
                2 => bytes.insert(at.max(10), byte),
                3 => {
                    let piece = bytes.get(at..(at + usize::from(byte)).min(bytes.len())).unwrap_or_default().to_vec();
                    bytes.extend(piece);
                }
                // Numbers and marks of the syntax do more harm than other bytes.
                4 => bytes.splice(at.max(10)..at.max(10), b"99999999999".iter().copied()).for_each(drop),
                5 => bytes.splice(at.max(10)..at.max(10), b" 1 0 R ".iter().copied()).for_each(drop),
                6 => bytes.splice(at.max(10)..at.max(10), b"<<[(".iter().copied()).for_each(drop),
                _ => {
                    if let Some(place) = bytes.get_mut(at.max(10)) {
                        *place = byte;
                    }
                }
            }
            if bytes.len() < 20 {
                break;
            }
        }
        let Outcome { page, .. } = outcome(&bytes, Limits::default());
        prop_assert!(page.page_starts.is_sorted());
        prop_assert!(page.page_starts.iter().all(|at| page.markdown.is_char_boundary(*at as usize)));
    }
}
