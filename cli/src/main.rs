//! `footnote "question"`: asks a deployment, shows the work, prints the report.
#![allow(clippy::disallowed_types, reason = "a program at a terminal may look at the clock")]

mod api;
mod args;
mod follow;
mod output;

use crate::api::{Api, Trouble};
use crate::args::Args;
use clap::Parser;
use serde_json::Value;
use std::io::Read;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(code) => ExitCode::from(code),
        Err(trouble) => {
            eprintln!("footnote: {trouble}");
            ExitCode::from(trouble.exit_code())
        }
    }
}

/// Longest question that is read from standard input, in bytes; a deployment takes no body beyond 64 KB.
const QUESTION_BYTES_MAX: u64 = 64 * 1024;

fn run(args: &Args) -> Result<u8, Trouble> {
    let api = Api::new(&args.url, args.key.as_deref())?;
    let id = match &args.id {
        Some(id) if args.cancel => {
            let job = api.cancel(id)?;
            output::write(args, &api, id, &job)?;
            return Ok(output::exit_code(&job));
        }
        Some(id) => id.clone(),
        None => api.start(&body(args)?)?,
    };
    if args.detach {
        println!("{id}");
        return Ok(0);
    }
    let job = follow::to_the_end(args, &api, &id)?;
    output::write(args, &api, &id, &job)?;
    Ok(output::exit_code(&job))
}

/// The request: that of `--request`, with what the command line says on top.
fn body(args: &Args) -> Result<Value, Trouble> {
    let mut body = match &args.request {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|e| Trouble::Usage(format!("{} cannot be read: {e}", path.display())))?;
            serde_json::from_str(&text)
                .map_err(|e| Trouble::Usage(format!("{} is no JSON: {e}", path.display())))?
        }
        None => serde_json::json!({}),
    };
    let Some(fields) = body.as_object_mut() else {
        return Err(Trouble::Usage("the request must be a JSON object".into()));
    };
    if let Some(question) = question(args)? {
        fields.insert("query".into(), question.into());
    }
    if !fields.contains_key("query") {
        return Err(Trouble::Usage("say what to ask: footnote \"question\"".into()));
    }
    args.put_into(fields);
    Ok(body)
}

fn question(args: &Args) -> Result<Option<String>, Trouble> {
    match args.question.as_deref() {
        Some("-") => {
            let mut text = String::new();
            std::io::stdin()
                .take(QUESTION_BYTES_MAX)
                .read_to_string(&mut text)
                .map_err(|e| Trouble::Usage(format!("standard input cannot be read: {e}")))?;
            Ok(Some(text.trim().to_owned()))
        }
        given => Ok(given.map(str::to_owned)),
    }
}
