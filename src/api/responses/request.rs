//! The body of `POST /v1/responses` as a research request.

use super::tools::tools;
use crate::api::ApiError;
use crate::api::dialect::messages::{Asked as Messages, messages};
use crate::api::dialect::{echo, given, models, research, unknown};
use crate::api::id::IdKind;
use crate::api::request::{BODY_BYTES_MAX, json_object};
use crate::research::report::REPORT_TOKENS_MIN;
use crate::research::request::ResearchRequest;
use crate::research::wording::{Dialect, Wording, job_of_response};
use serde_json::{Map, Value, json};

/// A response to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be found out.
    pub research: ResearchRequest,
    /// The caller does not wait for its end.
    pub background: bool,
    /// The caller wants to hear of every step.
    pub stream: bool,
}

/// Most seconds of a job whose end its caller waits for, which are those of an ordinary one.
pub const WAITED_S_MAX: u64 = 15 * 60;

/// Members that mean something here, or that are kept and repeated.
const ECHOED: [&str; 24] = [
    "background",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "model",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "temperature",
    "user",
];
/// More of them, which have one sensible value.
const SETTLED: [&str; 2] = ["truncation", "top_logprobs"];
/// Members of our own requests that may stand beside OpenAI's (`extra_body` of the clients).
const OWN: [&str; 15] = [
    "max_sources",
    "max_iterations",
    "topic",
    "language",
    "country",
    "recency",
    "after_date",
    "before_date",
    "safe_search",
    "include_domains",
    "exclude_domains",
    "sources",
    "start_urls",
    "budget",
    "webhook_url",
];
/// Members that cannot be obeyed, with what to do instead.
const REFUSED: [(&str, &str); 8] = [
    ("access_programs", "leave it out"),
    ("background_options", "jobs start at once: leave it out"),
    ("context_management", "research has no context to manage: leave it out"),
    ("conversation", "ask on with `previous_response_id`"),
    ("image", "only text is read: leave it out"),
    ("moderation", "nothing is moderated here: leave it out"),
    ("prompt", "prompt templates are kept by OpenAI: send the question as `input`"),
    ("verbosity", "bound the report with `max_output_tokens`"),
];
/// What may be asked to be included, and is, as far as it exists.
const INCLUDABLE: [&str; 5] = [
    "web_search_call.action.sources",
    "file_search_call.results",
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "message.input_image.image_url",
];

/// Reads the body of `POST /v1/responses`. Every problem is reported, all at once, under OpenAI's names; members that
/// nobody knows are refused, as OpenAI does.
pub fn response_request(body: &[u8]) -> Result<Asked, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut reader = Reader { object: &object, own: Map::new(), problems: Vec::new() };
    reader.names();
    reader.model();
    reader.question();
    reader.previous();
    reader.format();
    reader.settled();
    let listed = tools(reader.given("tools"), reader.given("tool_choice"), &mut reader.problems);
    reader.own.extend(listed);
    for name in OWN {
        match given(&object, name) {
            Some(_) if reader.own.contains_key(name) => {
                reader.problems.push(format!("`{name}` says what `tools` say too: send one of them"));
            }
            Some(value) => drop(reader.own.insert(name.to_owned(), value.clone())),
            None => {}
        }
    }
    reader.limits();
    if let Some(metadata) = reader.given("metadata") {
        reader.own.insert("metadata".into(), metadata.clone());
    }
    let background = reader.flag("background");
    let stream = reader.flag("stream");
    reader.done(background, stream)
}

struct Reader<'a> {
    object: &'a Map<String, Value>,
    /// The body of our own request that it amounts to.
    own: Map<String, Value>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    fn given(&self, name: &str) -> Option<&'a Value> {
        given(self.object, name)
    }

    fn names(&mut self) {
        for (name, _) in self.object.iter().filter(|(_, value)| !value.is_null()) {
            let name = name.as_str();
            let known =
                ["metadata"].iter().chain(&ECHOED).chain(&SETTLED).chain(&OWN).any(|known| *known == name);
            match REFUSED.iter().find(|(refused, _)| *refused == name) {
                Some((_, instead)) => self.problems.push(format!("`{name}` is not supported: {instead}")),
                None if !known => self.problems.push(unknown(name)),
                None => {}
            }
        }
    }

    fn model(&mut self) {
        match models::deep(self.given("model"), "footnote, footnote-deep or a deep-research model") {
            Ok(deep) => drop(self.own.insert("deep".into(), deep.into())),
            Err(problem) => self.problems.push(problem),
        }
    }

    fn question(&mut self) {
        let asked = match self.given("input") {
            None => Ok(Messages::default()),
            Some(Value::String(text)) => Ok(Messages { question: vec![text.clone()], ..Messages::default() }),
            Some(Value::Array(items)) => {
                messages("input", items, &["input_text"], "ask on with `previous_response_id`")
            }
            Some(_) => Err(vec!["`input` must be a text or a list of messages".into()]),
        };
        let instructions = match self.given("instructions") {
            None => None,
            Some(Value::String(text)) => Some(text.as_str()),
            Some(_) => {
                self.problems.push("`instructions` must be a string".into());
                None
            }
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(problems) => return self.problems.extend(problems),
        };
        match asked.question("input") {
            Ok(question) => drop(self.own.insert("query".into(), question.into())),
            Err(problem) => self.problems.push(problem),
        }
        match asked.wishes(instructions, "instructions") {
            Ok(wishes) => drop(wishes.map(|text| self.own.insert("instructions".into(), text.into()))),
            Err(problem) => self.problems.push(problem),
        }
    }

    fn previous(&mut self) {
        let Some(value) = self.given("previous_response_id") else { return };
        let job = value.as_str().and_then(job_of_response).filter(|job| IdKind::Research.admits(job));
        match job {
            Some(job) => drop(self.own.insert("previous_id".into(), job.into())),
            None => self.problems.push(
                "`previous_response_id` must be the id of an earlier response, such as resp_...".into(),
            ),
        }
    }

    /// `text {format, verbosity}`
    fn format(&mut self) {
        let Some(text) = self.given("text") else { return };
        let Some(text) = text.as_object() else {
            self.problems.push("`text` must be an object".into());
            return;
        };
        if text.get("verbosity").is_some_and(|v| !v.is_null() && v != "medium") {
            self.problems
                .push("`text.verbosity` is not supported: bound the report with `max_output_tokens`".into());
        }
        let Some(format) = text.get("format").filter(|format| !format.is_null()) else { return };
        match format.get("type").and_then(Value::as_str) {
            Some("text") => {}
            Some("json_schema") => match format.get("schema") {
                Some(schema) => drop(self.own.insert("output_schema".into(), schema.clone())),
                None => {
                    self.problems.push("`text.format.schema` is required: a JSON Schema of the answer".into())
                }
            },
            Some("json_object") => self.problems.push(
                "`text.format.type`: json_object is not supported: send json_schema with a schema".into(),
            ),
            _ => self.problems.push("`text.format.type` must be text or json_schema".into()),
        }
    }

    fn limits(&mut self) {
        if let Some(calls) = self.whole("max_tool_calls", 1) {
            let mut budget =
                self.object.get("budget").and_then(Value::as_object).cloned().unwrap_or_default();
            budget.entry("max_pages").or_insert(calls.into());
            // A budget that is none is told of as it is.
            if self.given("budget").is_none_or(Value::is_object) {
                self.own.insert("budget".into(), budget.into());
            }
        }
        self.whole("max_output_tokens", u64::from(REPORT_TOKENS_MIN));
    }

    fn whole(&mut self, name: &str, least: u64) -> Option<u64> {
        let value = self.given(name)?;
        let number = value.as_u64().filter(|n| *n >= least);
        if number.is_none() {
            self.problems.push(format!("`{name}` must be a whole number from {least}"));
        }
        number
    }

    /// Members that clients send with the one value that is true here anyhow.
    fn settled(&mut self) {
        let one = |value: &Value| value.as_f64() == Some(1.0);
        let word = |value: &Value, words: &[&str]| value.as_str().is_some_and(|w| words.contains(&w));
        type Fits<'f> = &'f dyn Fn(&Value) -> bool;
        let rules: [(&str, Fits<'_>, &str); 10] = [
            (
                "store",
                &|v| *v == json!(true),
                "a job is kept until it is deleted or too old: leave it out, and delete the response",
            ),
            ("temperature", &one, "nothing is sampled at a temperature: leave it out"),
            ("top_p", &one, "nothing is sampled: leave it out"),
            ("top_logprobs", &|v| v.as_u64() == Some(0), "there are no log probabilities: leave it out"),
            ("truncation", &|v| word(v, &["auto", "disabled"]), "send auto or disabled"),
            ("service_tier", &|v| word(v, &["auto", "default"]), "there is one tier: send auto or default"),
            ("parallel_tool_calls", &Value::is_boolean, "send true or false"),
            ("reasoning", &Value::is_object, "send an object such as {\"summary\": \"auto\"}"),
            ("stream_options", &Value::is_object, "send an object"),
            (
                "include",
                &|v| v.as_array().is_some_and(|list| list.iter().all(|one| word(one, &INCLUDABLE))),
                "of what may be included there is only web_search_call.action.sources",
            ),
        ];
        for (name, fits, instead) in rules {
            if self.given(name).is_some_and(|value| !fits(value)) {
                self.problems.push(format!("`{name}`: this value is not supported: {instead}"));
            }
        }
        for name in ["prompt_cache_key", "safety_identifier", "user"] {
            if self.given(name).is_some_and(|value| !value.is_string()) {
                self.problems.push(format!("`{name}` must be a string"));
            }
        }
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.given(name) {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(_) => {
                self.problems.push(format!("`{name}` must be true or false"));
                false
            }
        }
    }

    fn done(self, background: bool, stream: bool) -> Result<Asked, ApiError> {
        let wording = Wording { dialect: Dialect::OpenAi, echo: echo(self.object, &ECHOED) };
        let names =
            [("in `output_schema`", "`text.format.schema`"), ("`previous_id`", "`previous_response_id`")];
        let research = research(self.own, self.problems, wording, &names)?;
        let waits = stream || !background;
        if waits && research.budget.seconds_max.is_some_and(|seconds| seconds > WAITED_S_MAX) {
            return Err(ApiError::bad_request(format!(
                "`budget.max_seconds` above {WAITED_S_MAX} needs `background` without `stream`: nobody is kept waiting longer"
            )));
        }
        Ok(Asked { research, background, stream })
    }
}

#[cfg(test)]
mod tests;
