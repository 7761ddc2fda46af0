//! The tools: what each takes, and how its arguments are read.

use crate::api::ApiError;
use crate::api::id::IdKind;
use crate::api::library::search::library_search_body;
use crate::api::request::research_request;
use crate::research::report::REPORT_TOKENS_MIN;
use crate::research::request::ResearchRequest;
use crate::search::SearchQuery;
use serde_json::{Map, Value, json};

/// Tokens of a report when none are asked for: a tenth of a usual context.
pub const REPORT_TOKENS: u32 = 8_000;
/// Longest wait for an end, in seconds: clients give a tool call up after 60 s, proxies after 30.
const WAIT_S_MAX: u64 = 25;
/// Most chapters that may be named.
const SECTIONS_MAX: usize = 20;

/// A call, its arguments checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    /// Begin research; a follow-up names its predecessor in the request.
    Start(Box<ResearchRequest>),
    /// How far a job is.
    Status {
        /// Its id.
        id: String,
        /// How long to wait for its end, in milliseconds.
        wait_ms: u64,
    },
    /// Its report, or chapters of it.
    Report {
        /// Its id.
        id: String,
        /// About so many tokens at most.
        tokens_max: u32,
        /// Numbers or titles of chapters; empty for all.
        sections: Vec<String>,
    },
    /// Look into the library.
    Search(Box<SearchQuery>),
}

/// Why a call is none.
pub(super) enum BadCall {
    /// No such tool.
    Unknown(String),
    /// Wrong arguments, each with what to change.
    Arguments(Vec<String>),
}

impl Tool {
    pub(super) fn parse(params: &Map<String, Value>) -> Result<Self, BadCall> {
        let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
        let none = Map::new();
        let arguments = params.get("arguments").and_then(Value::as_object).unwrap_or(&none);
        match name {
            "research_start" => Ok(Self::Start(Box::new(request(arguments.clone())?))),
            "research_followup" => {
                let previous = id(arguments)?;
                let mut body = arguments.clone();
                body.remove("id");
                body.insert("previous_id".into(), previous.into());
                Ok(Self::Start(Box::new(request(body)?)))
            }
            "research_status" => {
                let wait_s = arguments.get("wait_s").and_then(Value::as_u64).unwrap_or(WAIT_S_MAX);
                let wait_ms = wait_s.min(WAIT_S_MAX).saturating_mul(1_000);
                Ok(Self::Status { id: id(arguments)?, wait_ms })
            }
            "research_report" => {
                let asked = arguments.get("max_tokens").and_then(Value::as_u64);
                let tokens_max = asked.map_or(REPORT_TOKENS, |n| u32::try_from(n).unwrap_or(u32::MAX));
                Ok(Self::Report {
                    id: id(arguments)?,
                    tokens_max: tokens_max.max(REPORT_TOKENS_MIN),
                    sections: sections(arguments.get("sections"))?,
                })
            }
            "library_search" => {
                let body = Value::Object(arguments.clone()).to_string();
                library_search_body(body.as_bytes()).map(|q| Self::Search(Box::new(q))).map_err(problems)
            }
            other => Err(BadCall::Unknown(other.chars().take(80).collect())),
        }
    }
}

fn request(arguments: Map<String, Value>) -> Result<ResearchRequest, BadCall> {
    research_request(Value::Object(arguments).to_string().as_bytes()).map_err(problems)
}

fn problems(error: ApiError) -> BadCall {
    match error {
        ApiError::BadRequest { problems } => BadCall::Arguments(problems),
        other => BadCall::Arguments(vec![other.to_string()]),
    }
}

fn id(arguments: &Map<String, Value>) -> Result<String, BadCall> {
    let id = arguments.get("id").and_then(Value::as_str).filter(|id| IdKind::Research.admits(id));
    let wrong = || BadCall::Arguments(vec!["`id` must be the id that research_start gave: res_...".into()]);
    id.map(str::to_owned).ok_or_else(wrong)
}

fn sections(value: Option<&Value>) -> Result<Vec<String>, BadCall> {
    let named: Option<Vec<String>> = match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(list)) if list.len() <= SECTIONS_MAX => list
            .iter()
            .map(|one| match one {
                Value::String(title) => Some(title.trim().to_owned()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect(),
        Some(_) => None,
    };
    let wrong = || format!("`sections` must list at most {SECTIONS_MAX} numbers or titles of chapters");
    named.ok_or_else(|| BadCall::Arguments(vec![wrong()]))
}

/// What `tools/list` tells.
#[must_use]
pub fn definitions() -> Vec<Value> {
    let id = json!({ "type": "string", "pattern": "^res_[0-9a-f]{32}$", "description": "The job's id" });
    let texts = |what: &str| json!({ "type": "array", "items": { "type": "string" }, "description": what });
    let question =
        |what: &str| json!({ "type": "string", "minLength": 1, "maxLength": 4000, "description": what });
    let options = json!({
        "deep": { "type": "boolean", "description": "More sources and rounds; takes several times as long" },
        "max_sources": { "type": "integer", "minimum": 1, "description": "Most pages that the report may cite" },
        "topic": { "type": "string", "description": "general, news, finance, science or code" },
        "language": { "type": "string", "description": "BCP 47 tag of sources and report, such as de" },
        "include_domains": texts("Only these domains"),
        "exclude_domains": texts("Never these domains"),
        "sources": texts("Where to look: library, library:<collection>, web, or a provider"),
        "start_urls": texts("Pages to be read first"),
    });
    let with = |first: Value| {
        let mut all = first.as_object().cloned().unwrap_or_default();
        all.extend(options.as_object().cloned().unwrap_or_default());
        Value::Object(all)
    };
    let tool =
        |name: &str, title: &str, description: &str, properties: Value, required: &[&str], reads: bool| {
            json!({
                "name": name,
                "title": title,
                "description": description,
                "inputSchema": { "type": "object", "properties": properties, "required": required },
                "annotations": { "readOnlyHint": reads, "openWorldHint": !reads },
            })
        };
    vec![
        tool(
            "research_start",
            "Start research",
            "Starts research on a question and returns at once with the job's id. Searches, reads pages, and writes a report \
             in which every citation was checked against its page. Takes from seconds to some minutes.",
            with(json!({ "query": question("The question, self-contained") })),
            &["query"],
            false,
        ),
        tool(
            "research_status",
            "Wait for research",
            "Says how far a job is. Waits up to 25 seconds for its end; call it again while it says processing.",
            json!({ "id": id, "wait_s": { "type": "integer", "minimum": 0, "maximum": WAIT_S_MAX, "description": "Seconds to wait" } }),
            &["id"],
            true,
        ),
        tool(
            "research_report",
            "Read a report",
            "The report of a completed job as Markdown, with its sources, cut to fit a context. Name sections to read only \
             those chapters.",
            json!({
                "id": id,
                "max_tokens": { "type": "integer", "minimum": REPORT_TOKENS_MIN, "description": "About so many tokens at most; 8000 without it" },
                "sections": { "type": "array", "items": { "type": ["string", "integer"] }, "maxItems": SECTIONS_MAX,
                    "description": "Numbers or titles of chapters, as the table of contents has them" },
            }),
            &["id"],
            true,
        ),
        tool(
            "research_followup",
            "Ask on",
            "Starts research on a question that follows up a completed job: what that job read is used first.",
            with(json!({ "id": id, "query": question("The new question") })),
            &["id", "query"],
            false,
        ),
        tool(
            "library_search",
            "Search the library",
            "Full-text search in the account's own documents: titles, addresses and the passages that match best.",
            json!({
                "query": question("Words to look for"),
                "collection": texts("Only these collections"),
                "limit": { "type": "integer", "minimum": 1, "maximum": 20 },
            }),
            &["query"],
            true,
        ),
    ]
}
