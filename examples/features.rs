//! Writes what the trainer of the page model reads: `features FOLDER OUT`, with FOLDER of `ID.html.gz` files. `OUT.jsonl`
//! has a line `{id, texts, words, kept}` per page, `OUT.u16` the numbers of all blocks one after the other,
//! `OUT.i32` their scores, both little-endian, and `OUT.columns` how many numbers a block has.

use flate2::read::GzDecoder;
use footnote::page::training::{COUNT, samples};
use serde_json::json;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, out] = arguments.as_slice() else { return Err("usage: features FOLDER OUT".into()) };
    let url = Url::parse("https://page.invalid/")?;
    let mut texts = BufWriter::new(File::create(format!("{out}.jsonl"))?);
    let mut numbers = BufWriter::new(File::create(format!("{out}.u16"))?);
    let mut scores = BufWriter::new(File::create(format!("{out}.i32"))?);
    fs::write(format!("{out}.columns"), COUNT.to_string())?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let Some(id) = name.strip_suffix(".html.gz") else { continue };
        let mut html = Vec::new();
        GzDecoder::new(File::open(&file)?).read_to_end(&mut html)?;
        let page = samples(&url, &html);
        for number in page.iter().flat_map(|sample| &sample.row) {
            numbers.write_all(&number.to_le_bytes())?;
        }
        for sample in &page {
            scores.write_all(&sample.score.to_le_bytes())?;
        }
        let line = json!({
            "id": id,
            "texts": page.iter().map(|s| s.text.as_str()).collect::<Vec<_>>(),
            "words": page.iter().map(|s| s.words).collect::<Vec<_>>(),
            "kept": page.iter().map(|s| u8::from(s.kept)).collect::<Vec<_>>(),
        });
        writeln!(texts, "{line}")?;
    }
    texts.flush()?;
    scores.flush()?;
    Ok(numbers.flush()?)
}
