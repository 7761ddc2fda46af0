//! What extraction costs beyond the parser: the same pages through lol_html with handlers that read class, id, role and
//! href of every element and do nothing, and through the extractor. `PAGES=FOLDER` names a folder of `.html` or `.html.gz`
//! files; without it the fixtures are read.
//!
//! Prints a ratio, since machines differ and are busy: 1 means that extraction costs nothing on top.

#![allow(clippy::disallowed_types, reason = "measuring time is what a bench is for")]

use flate2::read::GzDecoder;
use footnote::page::{Extractor, Limits, PageContext};
use lol_html::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, Settings};
use std::borrow::Cow;
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
/// What the network hands over at a time.
const CHUNK_BYTES: usize = 64 * 1024;

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
    let mut out = std::io::stdout();
    std::io::Write::write_fmt(
        &mut out,
        format_args!(
            "{} pages, {:.1} MB: parser alone {:.0} MB/s, extraction {:.0} MB/s, ratio {:.2} (median page {:.2})\n",
            pages.len(),
            bytes as f64 / 1e6,
            rate(parse),
            rate(extract),
            parse.as_secs_f64() / extract.as_secs_f64(),
            ratios.get(ratios.len() / 2).copied().unwrap_or_default(),
        ),
    )?;
    Ok(())
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

fn read_and_do_nothing(html: &[u8]) {
    let Ok(everything) = "*".parse() else { return };
    let settings = Settings::new()
        .append_element_content_handler((
            Cow::Owned(everything),
            ElementContentHandlers::default().element(
                |element: &mut lol_html::html_content::Element<'_, '_>| {
                    for name in ["class", "id", "role", "href"] {
                        black_box(element.get_attribute(name));
                    }
                    if let Some(handlers) = element.end_tag_handlers() {
                        handlers.push(Box::new(|_: &mut lol_html::html_content::EndTag<'_>| Ok(())));
                    }
                    Ok(())
                },
            ),
        ))
        .append_document_content_handler(DocumentContentHandlers::default().text(
            |chunk: &mut lol_html::html_content::TextChunk<'_>| {
                black_box(chunk.as_str());
                Ok(())
            },
        ))
        .with_strict(false);
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| ());
    for chunk in html.chunks(CHUNK_BYTES) {
        if rewriter.write(chunk).is_err() {
            return;
        }
    }
    black_box(rewriter.end().is_ok());
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
