//! Extracts pages by models that have not seen their sites: `out_of_fold FOLDER PREFIX > OUT.jsonl`, with FOLDER of
//! `ID.html.gz` files and PREFIX as `examples/features.rs` and `train.py cv` wrote it. Lines are like those of
//! `examples/extract.rs`, without what that measures.

use flate2::read::GzDecoder;
use footnote::page::training::outcome_given;
use serde::Deserialize;
use serde_json::json;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use url::Url;

#[derive(Deserialize)]
struct Row {
    id: String,
    words: Vec<u32>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, prefix] = arguments.as_slice() else {
        return Err("usage: out_of_fold FOLDER PREFIX > OUT.jsonl".into());
    };
    let url = Url::parse("https://page.invalid/")?;
    let bytes = fs::read(format!("{prefix}.oof"))?;
    let (chances, _) = bytes.as_chunks::<4>();
    let mut chances = chances.iter().map(|chance| u32::from_le_bytes(*chance));
    let mut out = std::io::stdout().lock();
    for row in BufReader::new(File::open(format!("{prefix}.jsonl"))?).lines() {
        let row: Row = serde_json::from_str(&row?)?;
        let mut html = Vec::new();
        GzDecoder::new(File::open(Path::new(folder).join(format!("{}.html.gz", row.id)))?)
            .read_to_end(&mut html)?;
        let given = chances.by_ref().take(row.words.len()).collect();
        let outcome = outcome_given(&url, &html, given).map_err(|why| why.to_string())?;
        let line = json!({
            "id": row.id,
            "markdown": outcome.page.markdown,
            "title": outcome.page.title,
            "author": outcome.page.author,
            "published": outcome.page.published,
            "verdict": outcome.rejection.map_or_else(|| json!("ok"), |why| json!(why)),
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
