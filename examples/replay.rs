//! Makes the report of an evidence bundle anew, offline: `replay BUNDLE [REPORT.md]`. The bundle is what
//! `GET /v1/research/{id}/bundle` gave. Fails unless the file is whole and unchanged, every page is the one that was read,
//! every citation's quote stands in its page, and the report is the recorded one to the byte. With a second argument the
//! report is written there.

use footnote::job::bundle::Bundle;
use std::error::Error;
use std::fs;
use std::io::{Write, stdout};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: replay BUNDLE [REPORT.md]")?;
    let text = fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))?;
    let bundle = Bundle::read(&text)?;
    let replay = bundle.replay()?;
    if let Some(path) = arguments.next() {
        fs::write(&path, &replay.report.markdown).map_err(|e| format!("{path}: {e}"))?;
    }
    if !replay.wrong.is_empty() {
        return Err(format!("the report does not hold: {}", replay.wrong.join("; ")).into());
    }
    if !replay.is_identical {
        let (written, here) = (&bundle.head.release, env!("CARGO_PKG_VERSION"));
        let hint = if written == here { "" } else { ": another release may word a report differently" };
        return Err(format!(
            "the report differs from the recorded one (written by {written}, made anew by {here}{hint})"
        )
        .into());
    }
    let report = &replay.report;
    writeln!(
        stdout(),
        "{}: the same report, {} sources, {} citations, each quote in its page; {} facts, {} pages, {} exchanges with models",
        bundle.head.id,
        report.sources.len(),
        report.citations.len(),
        bundle.events.len(),
        bundle.pages.len(),
        bundle.exchanges.len()
    )?;
    Ok(())
}
