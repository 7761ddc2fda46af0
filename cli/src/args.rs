//! What may stand on the command line.

use clap::{Parser, ValueEnum};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Exit codes, for scripts.
const CODES: &str = "Exit codes:
  0    there is a report (with less than was asked for, standard error says why)
  1    the job failed
  2    the command line is wrong
  3    the key is missing or not known there
  4    the deployment does not answer
  5    the request was refused: standard error says what to change
  6    the job was cancelled
  7    --timeout is over; the job goes on
  130  interrupted; the job goes on

Ctrl-C leaves the job running and says how to follow it again; a second one within 3 s cancels it.";

/// Ask a Footnote deployment: deep research whose every citation was checked.
#[derive(Debug, Parser)]
#[command(name = "footnote", version, after_help = CODES)]
pub struct Args {
    /// What to find out; `-` reads it from standard input
    #[arg(conflicts_with = "id")]
    pub question: Option<String>,

    /// Where the deployment is
    #[arg(long, env = "FOOTNOTE_URL", default_value = "http://127.0.0.1:8787")]
    pub url: String,
    /// Your key; better in the environment than on the command line, where others can see it
    #[arg(long, env = "FOOTNOTE_KEY", hide_env_values = true)]
    pub key: Option<String>,

    /// More rounds, more sources, a longer report
    #[arg(long)]
    pub deep: bool,
    /// Where to look: `web`, `library`, `library:NAME`, a provider
    #[arg(long, value_delimiter = ',')]
    pub sources: Vec<String>,
    /// Pages to read first
    #[arg(long = "start-url", value_name = "URL")]
    pub start_urls: Vec<String>,
    /// Sources at most
    #[arg(long, value_name = "N")]
    pub max_sources: Option<u32>,
    /// Language of the report, such as `de`
    #[arg(long)]
    pub language: Option<String>,
    /// US dollars at most
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<f64>,
    /// Seconds of research at most
    #[arg(long, value_name = "S")]
    pub max_seconds: Option<u32>,
    /// A follow-up to this job
    #[arg(long, value_name = "ID")]
    pub previous: Option<String>,
    /// A whole request body as JSON; what stands on the command line counts more
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    pub request: Option<PathBuf>,

    /// Follow a job that was started before
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// With --id: cancel it
    #[arg(long, requires = "id")]
    pub cancel: bool,
    /// Print the job's id and leave
    #[arg(long, conflicts_with_all = ["id", "watch"])]
    pub detach: bool,

    /// Tell on standard error what the job does
    #[arg(long)]
    pub watch: bool,
    /// Nothing on standard error but errors
    #[arg(long, short, conflicts_with = "watch")]
    pub quiet: bool,
    /// Stop waiting after so many seconds; the job goes on
    #[arg(long, value_name = "S")]
    pub timeout: Option<u64>,
    /// The first Ctrl-C, or SIGTERM, cancels the job
    #[arg(long)]
    pub cancel_on_interrupt: bool,

    /// The whole reply: --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Md)]
    pub format: Format,
    /// Where to put it instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The report as Markdown
    Md,
    /// The report as one HTML page
    Html,
    /// The whole reply, with findings, sources and usage
    Json,
    /// All evidence in one file: journal, pages, prompts and replies
    Bundle,
}

impl Args {
    /// What is printed.
    pub fn form(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Writes what was said on the command line into a request.
    pub fn put_into(&self, fields: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        put("deep", self.deep.then(|| json!(true)));
        put("sources", (!self.sources.is_empty()).then(|| json!(self.sources)));
        put("start_urls", (!self.start_urls.is_empty()).then(|| json!(self.start_urls)));
        put("max_sources", self.max_sources.map(|n| json!(n)));
        put("language", self.language.as_ref().map(|language| json!(language)));
        put("previous_id", self.previous.as_ref().map(|id| json!(id)));
        for (name, limit) in [
            ("max_cost_usd", self.max_cost.map(|n| json!(n))),
            ("max_seconds", self.max_seconds.map(|n| json!(n))),
        ] {
            let Some(limit) = limit else { continue };
            let budget = fields.entry("budget").or_insert_with(|| json!({}));
            if let Some(budget) = budget.as_object_mut() {
                budget.insert(name.to_owned(), limit);
            }
        }
    }
}
