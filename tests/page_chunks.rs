//! A page reads the same however it arrives: every fixture in chunks of one size, and cut at random.

#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use footnote::page::{Extractor, Limits, Outcome, PageContext};
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use url::Url;

/// Every page under tests/fixtures, by path.
fn fixtures() -> &'static [(PathBuf, Vec<u8>)] {
    static FIXTURES: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    FIXTURES.get_or_init(|| {
        let mut found = Vec::new();
        let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder of fixtures") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "html") {
                    let html = fs::read(&path).expect("a fixture");
                    found.push((path, html));
                }
            }
        }
        assert!(found.len() > 8, "only {} fixtures", found.len());
        found.sort();
        found
    })
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let url = Url::parse("https://e.com/").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let mut extractor = Extractor::new(context, Limits::default()).expect("HTML is read");
    for piece in pieces {
        extractor.push(piece);
    }
    extractor.outcome()
}

#[test]
fn every_fixture_in_chunks_of_any_size_gives_the_same_answer() {
    for (path, html) in fixtures() {
        let whole = read([html.as_slice()]);
        for size in [1, 7, 1024] {
            assert_eq!(read(html.chunks(size)), whole, "{} in chunks of {size}", path.display());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fixture_cut_anywhere_gives_the_same_answer(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let (_, html) = which.get(fixtures());
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(html.len() + 1)).collect();
        places.extend([0, html.len()]);
        places.sort_unstable();
        let pieces = places.iter().zip(places.iter().skip(1)).filter_map(|(from, to)| html.get(*from..*to));
        prop_assert_eq!(read(pieces), read([html.as_slice()]));
    }
}
