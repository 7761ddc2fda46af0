//! What comes out, and where.

use crate::api::{Api, Trouble};
use crate::args::{Args, Format};
use serde_json::Value;
use std::io::{ErrorKind, Write};

/// Prints the job in the form that was asked for, and says on standard error what is wrong with it.
pub fn write(args: &Args, api: &Api, id: &str, job: &Value) -> Result<(), Trouble> {
    let completed = text(job, "status") == "completed";
    match (text(job, "state"), args.quiet) {
        ("partial", false) => eprintln!("footnote: less than was asked for: {}", text(job, "partial_reason")),
        ("cancelled", false) => eprintln!("footnote: the job was cancelled"),
        _ if !completed => eprintln!("footnote: the job failed: {}", text(job, "error")),
        _ => {}
    }
    let content = match args.form() {
        // A job without a report is shown, too: programs read why.
        Format::Json => Some(serde_json::to_string_pretty(job).unwrap_or_default()),
        Format::Bundle => Some(api.text(id, "/bundle")?),
        Format::Html if completed => Some(api.text(id, "?format=html")?),
        Format::Md if completed => Some(text(job, "report").to_owned()),
        Format::Html | Format::Md => None,
    };
    let Some(mut content) = content else { return Ok(()) };
    if !content.ends_with('\n') {
        content.push('\n');
    }
    let lost = |e: std::io::Error| Trouble::Usage(format!("the output cannot be written: {e}"));
    match &args.output {
        Some(path) => std::fs::write(path, content).map_err(lost),
        None => match std::io::stdout().lock().write_all(content.as_bytes()) {
            // Whoever reads has had enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(lost),
        },
    }
}

/// As `footnote --help` lists them.
pub fn exit_code(job: &Value) -> u8 {
    match (text(job, "status"), text(job, "state")) {
        ("completed", _) => 0,
        (_, "cancelled") => 6,
        _ => 1,
    }
}

fn text<'a>(job: &'a Value, name: &str) -> &'a str {
    job.get(name).and_then(Value::as_str).unwrap_or_default()
}
