//! Extracts many pages: `extract PATH > OUT.jsonl`. PATH is a folder of `ID.html`, `ID.html.gz` or `ID.pdf` files, or a file of
//! JSON lines `{id, url, html}`. Each line of the output has `id`, `url`, `markdown`, the page's metadata (`title`,
//! `author`, `published`, `published_from`, `modified`, `site_name`, `licence`, `paywalled`), `kind`, `language`,
//! `simhash`, `injection_flags`, `verdict`, `ms` (the extraction alone), `bytes` (of HTML) and `peak_bytes` (the most heap that the extraction
//! held at once). Markdown is printed whatever the verdict, so that the verdict can be judged too.

#![allow(clippy::disallowed_types, reason = "a command may measure its time")]

use flate2::read::GzDecoder;
use footnote::page::{Extractor, Limits, PageContext};
use peak_alloc::PeakAlloc;
use serde::Deserialize;
use serde_json::json;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use url::Url;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What the network hands over at a time.
const CHUNK_BYTES: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: extract PATH > OUT.jsonl")?;
    let path = Path::new(&path);
    let mut out = BufWriter::new(std::io::stdout().lock());
    if path.is_dir() {
        let mut files: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        files.sort();
        for file in files {
            if let Some((id, html)) = read_file(&file)? {
                writeln!(out, "{}", line(&id, None, &html))?;
            }
        }
    } else {
        for row in BufReader::new(File::open(path)?).lines() {
            let row = row?;
            if !row.trim().is_empty() {
                let row: Row = serde_json::from_str(&row)?;
                let id = row.id.as_str().map_or_else(|| row.id.to_string(), str::to_owned);
                writeln!(out, "{}", line(&id, row.url.as_deref(), row.html.as_bytes()))?;
            }
        }
    }
    Ok(out.flush()?)
}

#[derive(Deserialize)]
struct Row {
    id: serde_json::Value,
    url: Option<String>,
    html: String,
}

/// Id and HTML of a page file; `None` for other files.
fn read_file(file: &Path) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut html = Vec::new();
    let id = if let Some(id) = name.strip_suffix(".html.gz") {
        GzDecoder::new(File::open(file)?).read_to_end(&mut html)?;
        id
    } else if let Some(id) = name.strip_suffix(".html").or_else(|| name.strip_suffix(".pdf")) {
        File::open(file)?.read_to_end(&mut html)?;
        id
    } else {
        return Ok(None);
    };
    Ok(Some((id.to_owned(), html)))
}

fn line(id: &str, url: Option<&str>, html: &[u8]) -> serde_json::Value {
    let address = url.and_then(|url| Url::parse(url).ok());
    let Some(address) = address.or_else(|| Url::parse("https://page.invalid/").ok()) else {
        return json!({ "id": id, "verdict": "no_url" });
    };
    let context = PageContext { url: &address, content_type: Some("text/html"), content_language: None };
    let held = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let start = Instant::now();
    let outcome = Extractor::new(context, Limits::default()).map(|mut extractor| {
        for chunk in html.chunks(CHUNK_BYTES) {
            extractor.push(chunk);
        }
        extractor.outcome()
    });
    let ms = start.elapsed().as_secs_f64() * 1e3;
    let peak_bytes = HEAP.peak_usage().saturating_sub(held);
    let (page, rejection) = match outcome {
        Ok(outcome) => (outcome.page, outcome.rejection),
        Err(rejection) => (Default::default(), Some(rejection)),
    };
    json!({
        "id": id,
        "url": url,
        "markdown": page.markdown,
        "title": page.title,
        "author": page.author,
        "published": page.published,
        "published_from": page.published_from,
        "modified": page.modified,
        "site_name": page.site_name,
        "licence": page.licence,
        "paywalled": page.paywalled,
        "kind": page.kind,
        "language": page.language,
        "simhash": page.simhash,
        "injection_flags": page.injection_flags,
        "verdict": rejection.map_or_else(|| json!("ok"), |why| json!(why)),
        "ms": ms,
        "bytes": html.len(),
        "peak_bytes": peak_bytes,
    })
}
