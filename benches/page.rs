//! What extraction costs beyond the parser, natively: the same pages through lol_html with handlers that do nothing, and
//! through the extractor. `PAGES=FOLDER` names a folder of `.html` or `.html.gz` files; without it the fixtures are read.
//! `make bench` does the same in wasm inside workerd and prints both (`benches/page/measure.mjs`).
//!
//! Writes a ratio to `target/bench/native.json`, since machines differ and are busy: 1 means that extraction costs nothing
//! on top.

#![allow(clippy::disallowed_types, reason = "measuring time is what a bench is for")]

use flate2::read::GzDecoder;
use footnote::page::{Extractor, Limits, PageContext};
use footnote_reading::noop::{CHUNK_BYTES, read_and_do_nothing};
use serde_json::json;
use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use url::Url;

/// Passes over all pages; each page counts with its fastest.
const PASSES: usize = 5;
/// Most pages that are read from a folder, evenly spread.
const PAGES_MAX: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::var_os("PAGES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pages")),
        PathBuf::from,
    );
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".html") || file.to_string_lossy().ends_with(".gz"));
    files.sort();
    let step = files.len().div_ceil(PAGES_MAX).max(1);
    let pages: Vec<Vec<u8>> = files.iter().step_by(step).map(|file| read(file)).collect::<Result<_, _>>()?;
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let mut parsing = vec![Duration::MAX; pages.len()];
    let mut extracting = vec![Duration::MAX; pages.len()];
    for _ in 0..PASSES {
        for ((page, parse), extract) in pages.iter().zip(&mut parsing).zip(&mut extracting) {
            *parse = timed(|| read_and_do_nothing(page)).min(*parse);
            *extract = timed(|| extracted(page)).min(*extract);
        }
    }
    let (parse, extract) = (parsing.iter().sum::<Duration>(), extracting.iter().sum::<Duration>());
    let mut ratios: Vec<f64> =
        parsing.iter().zip(&extracting).map(|(p, e)| p.as_secs_f64() / e.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    let report = json!({
        "pages": pages.len(),
        "bytes": bytes,
        "parser_mb_per_s": rate(parse),
        "extraction_mb_per_s": rate(extract),
        "ratio": parse.as_secs_f64() / extract.as_secs_f64(),
        "median_page_ratio": ratios.get(ratios.len() / 2),
    });
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench"));
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join("native.json"), report.to_string())?)
}

fn read(file: &PathBuf) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut html = Vec::new();
    if file.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(File::open(file)?).read_to_end(&mut html)?;
    } else {
        File::open(file)?.read_to_end(&mut html)?;
    }
    Ok(html)
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn extracted(html: &[u8]) {
    let Ok(url) = Url::parse("https://page.invalid/") else { return };
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let Ok(mut extractor) = Extractor::new(context, Limits::default()) else { return };
    for chunk in html.chunks(CHUNK_BYTES) {
        extractor.push(chunk);
    }
    black_box(extractor.outcome());
}
