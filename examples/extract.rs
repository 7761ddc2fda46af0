//! Reads an HTML page from standard input and prints its main content as Markdown: `extract [URL] < page.html`.
//! With `--json`, prints the whole page record instead.

use footnote::page::{PageContext, extract};
use std::error::Error;
use std::io::{Read, Write};
use url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address =
        arguments.iter().find(|a| !a.starts_with("--")).map_or("https://example.com/", String::as_str);
    let url = Url::parse(address)?;
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let page = extract(PageContext { url: &url, content_type: None, content_language: None }, &body)?;
    let mut out = std::io::stdout();
    if arguments.iter().any(|a| a == "--json") {
        serde_json::to_writer(&mut out, &page)?;
    } else {
        out.write_all(page.markdown.as_bytes())?;
    }
    Ok(())
}
