//! The body of `POST /v1/research`: what clients send, in every spelling they send it.

mod options;
mod sources;

use crate::api::ApiError;
use crate::api::id::IdKind;
use crate::config::spending::micros;
use crate::job::budget::{ROUNDS_MAX, SOURCES_MAX};
use crate::page::Language;
use crate::research::request::{Budget, ResearchRequest};
use crate::research::structured::OutputSchema;
use serde_json::{Map, Value};
use url::Url;

/// Longest body, in bytes: a question, a few numbers and two lists of domains.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest question, in characters.
pub const QUERY_CHARS_MAX: usize = 4_000;
/// Longest wishes about the text, in characters: the longest samples of system messages have about 3,000.
pub const INSTRUCTIONS_CHARS_MAX: usize = 10_000;
/// Longest topic, in characters: it is a hint, not a second question.
const TOPIC_CHARS_MAX: usize = 100;
/// Most seconds that may be asked for: a day, for models that write a few tokens a second.
const SECONDS_MAX: u32 = 24 * 60 * 60;
/// Most pages that may be asked for; no job reads more than 206 anyhow.
const PAGES_MAX: u32 = 1_000;
/// Most money that may be asked for, in US dollars; the account's quota and the operator's prices say what counts.
const COST_USD_MAX: f64 = 10_000.0;
/// Longest URL, in characters.
const URL_CHARS_MAX: usize = 2_000;
/// Of an unknown media type this much is shown.
const TYPE_CHARS_MAX: usize = 80;
/// Members of `metadata`, as OpenAI's API takes them.
const METADATA_MAX: usize = 16;
/// Longest key in `metadata`.
const METADATA_KEY_CHARS_MAX: usize = 64;
/// Longest text in `metadata`.
const METADATA_VALUE_CHARS_MAX: usize = 512;
/// Most domains of one list.
const DOMAINS_MAX: usize = 50;
/// Longest domain (RFC 1035: 253), with room for a port.
const DOMAIN_CHARS_MAX: usize = 260;

/// Reads the body of `POST /v1/research`. Unknown fields are ignored; every problem of a known one is reported, all at
/// once. Numbers above the maximum are clamped to it (`limits` in the reply says what counts).
pub fn research_request(body: &[u8]) -> Result<ResearchRequest, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut fields = Fields::of(&object);
    let request = fields.research();
    fields.done(request)
}

impl Fields<'_> {
    /// A whole request; its problems are noted.
    pub(super) fn research(&mut self) -> ResearchRequest {
        let fields = self;
        let exclude_domains = fields.domains(&["exclude_domains", "excludeDomains"]);
        ResearchRequest {
            query: fields.query(),
            deep: fields.flag("deep"),
            max_iterations: fields.count(&["max_iterations", "maxIterations"], ROUNDS_MAX),
            max_sources: fields.count(&["max_sources", "maxSources"], SOURCES_MAX),
            topic: fields.topic(),
            language: fields.language(),
            options: fields.search_options(),
            include_domains: fields.domains(&["include_domains", "includeDomains"]),
            sources: fields.sources(),
            start_urls: fields.start_urls(&exclude_domains),
            exclude_domains,
            budget: fields.budget(),
            webhook_url: fields.webhook_url(),
            metadata: fields.metadata(),
            previous_id: fields.previous_id(),
            output_schema: fields.output_schema(),
            instructions: fields.text("instructions", INSTRUCTIONS_CHARS_MAX),
            wording: None,
        }
    }

    /// The value, unless there were problems: then all of them. Members that only contradict each other are a 409.
    pub(super) fn done<T>(self, value: T) -> Result<T, ApiError> {
        let Self { mut problems, conflicts, .. } = self;
        if problems.is_empty() && conflicts.is_empty() {
            Ok(value)
        } else if problems.is_empty() {
            Err(ApiError::Conflict { cause: conflicts.join("; ") })
        } else {
            problems.extend(conflicts);
            Err(ApiError::BadRequest { problems })
        }
    }

    /// `budget {max_cost_usd, max_tokens, max_seconds, max_pages}`
    pub(super) fn budget(&mut self) -> Budget {
        let Some((_, value)) = self.get(&["budget"]) else { return Budget::default() };
        let Value::Object(parts) = value else {
            self.problems.push("`budget` must be an object such as {\"max_cost_usd\": 0.5}".into());
            return Budget::default();
        };
        let mut inner = Fields::of(parts);
        let budget = Budget {
            cost_micros_max: inner.usd(&["max_cost_usd", "maxCostUsd"]),
            tokens_max: inner.count(&["max_tokens", "maxTokens"], u32::MAX).map(u64::from),
            seconds_max: inner.count(&["max_seconds", "maxSeconds"], SECONDS_MAX).map(u64::from),
            pages_max: inner.count(&["max_pages", "maxPages"], PAGES_MAX),
        };
        self.problems.extend(inner.problems.into_iter().map(|p| format!("in `budget`: {p}")));
        budget
    }

    fn usd(&mut self, names: &[&'static str]) -> Option<u64> {
        let (name, value) = self.get(names)?;
        match value.as_f64() {
            Some(usd) if usd > 0.0 => Some(micros(usd.min(COST_USD_MAX))),
            _ => {
                self.problems.push(format!("`{name}` must be a number of US dollars above 0, such as 0.25"));
                None
            }
        }
    }

    pub(super) fn webhook_url(&mut self) -> Option<String> {
        let (name, value) = self.get(&["webhook_url", "webhookUrl"])?;
        let url = value
            .as_str()
            .filter(|text| text.len() <= URL_CHARS_MAX)
            .and_then(|text| Url::parse(text.trim()).ok());
        let fits = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        };
        match url {
            Some(url) if fits(&url) => Some(url.into()),
            _ => {
                self.problems.push(format!(
                    "`{name}` must be an http(s) URL of at most {URL_CHARS_MAX} characters without a user name"
                ));
                None
            }
        }
    }

    fn metadata(&mut self) -> Map<String, Value> {
        let Some((_, value)) = self.get(&["metadata"]) else { return Map::new() };
        let short = |text: &str, most: usize| text.chars().count() <= most;
        let fits = |(key, value): (&String, &Value)| {
            short(key, METADATA_KEY_CHARS_MAX)
                && match value {
                    Value::String(text) => short(text, METADATA_VALUE_CHARS_MAX),
                    Value::Bool(_) | Value::Number(_) => true,
                    Value::Null | Value::Array(_) | Value::Object(_) => false,
                }
        };
        match value {
            Value::Object(members) if members.len() <= METADATA_MAX && members.iter().all(fits) => {
                members.clone()
            }
            _ => {
                self.problems.push(format!(
                    "`metadata` must be an object of at most {METADATA_MAX} texts, numbers or booleans; keys have at most \
                     {METADATA_KEY_CHARS_MAX} characters, texts {METADATA_VALUE_CHARS_MAX}"
                ));
                Map::new()
            }
        }
    }

    pub(super) fn language(&mut self) -> Option<String> {
        let (name, value) = self.get(&["language"])?;
        let language = value.as_str().and_then(Language::of_tag);
        if language.is_none() {
            self.problems.push(format!("`{name}` must be a BCP 47 tag such as \"en\" or \"pt-BR\""));
        }
        language.map(|language| language.as_str().to_owned())
    }

    pub(super) fn output_schema(&mut self) -> Option<OutputSchema> {
        let (name, value) = self.get(&["output_schema", "outputSchema"])?;
        match OutputSchema::parse(value) {
            Ok(schema) if has_lists_of_words(value) => Some(schema),
            Ok(_) => {
                self.problems.push(format!("in `{name}`: `enum` must be a list of texts"));
                None
            }
            Err(problems) => {
                self.problems.extend(problems.into_iter().map(|p| format!("in `{name}`: {p}")));
                None
            }
        }
    }

    fn previous_id(&mut self) -> Option<String> {
        let (name, value) = self.get(&["previous_id", "previousId"])?;
        match value.as_str().filter(|id| IdKind::Research.admits(id)) {
            Some(id) => Some(id.to_owned()),
            None => {
                self.problems
                    .push(format!("`{name}` must be the id of an earlier research job, such as res_..."));
                None
            }
        }
    }
}

/// Whether a body of this media type is taken for JSON. One without a type is, and so is one with the type that curl gives
/// to `-d`: whether it is JSON shows when it is read.
///
/// # Errors
/// 415.
pub fn ensure_json(content_type: Option<&str>) -> Result<(), ApiError> {
    let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    match essence.as_str() {
        "" | "application/json" | "text/json" | "application/x-www-form-urlencoded" => Ok(()),
        other if other.starts_with("application/") && other.ends_with("+json") => Ok(()),
        other => Err(ApiError::MediaType {
            media_type: other.chars().take(TYPE_CHARS_MAX).collect(),
            takes: "application/json",
        }),
    }
}

/// The JSON object that a body holds.
pub(super) fn json_object(body: &[u8], bytes_max: usize) -> Result<Map<String, Value>, ApiError> {
    if body.len() > bytes_max {
        return Err(ApiError::TooLarge { bytes_max });
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::bad_request("the body must be a JSON object such as {\"query\": \"...\"}")),
        Err(e) => Err(ApiError::bad_request(format!("the body is not JSON: {e}"))),
    }
}

/// Whether every `enum` of a schema is a list. Schemas of older jobs may have others, which were taken for nothing.
fn has_lists_of_words(schema: &Value) -> bool {
    let Some(object) = schema.as_object() else { return true };
    let own = object.get("enum").is_none_or(Value::is_array);
    let parts =
        ["properties", "$defs", "definitions"].into_iter().filter_map(|name| object.get(name)?.as_object());
    let choices = ["anyOf", "oneOf"].into_iter().filter_map(|name| object.get(name)?.as_array());
    let inner = parts.flat_map(|part| part.values()).chain(choices.flatten()).chain(object.get("items"));
    // As deep as the body's JSON at most, which has 128 levels.
    own && inner.into_iter().all(has_lists_of_words)
}

/// A character that a reader does not see: NUL can neither be stored nor searched for.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// A whole number from 1 in a query; more than fits counts as the most that fits.
#[must_use]
pub fn whole(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX)).filter(|n| *n > 0)
}

pub(super) struct Fields<'a> {
    pub(super) object: &'a Map<String, Value>,
    pub(super) problems: Vec<String>,
    /// Members that are right alone and contradict each other.
    pub(super) conflicts: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(object: &'a Map<String, Value>) -> Self {
        Self { object, problems: Vec::new(), conflicts: Vec::new() }
    }
}

impl Fields<'_> {
    /// The first of these names that is present and not null.
    pub(super) fn get(&self, names: &[&'static str]) -> Option<(&'static str, &Value)> {
        names.iter().find_map(|n| self.object.get(*n).filter(|v| !v.is_null()).map(|v| (*n, v)))
    }

    /// A text field, trimmed; blank counts as absent. Its length counts as it was sent.
    pub(super) fn text(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let (name, value) = self.get(&[name])?;
        match value.as_str() {
            Some(text) if text.chars().count() > chars_max => {
                self.problems.push(format!("`{name}` is longer than {chars_max} characters"));
                None
            }
            Some(text) => Some(text.trim_matches(is_blank)).filter(|t| !t.is_empty()).map(str::to_owned),
            None => {
                self.problems.push(format!("`{name}` must be a string"));
                None
            }
        }
    }

    /// A text field that says something: unlike [`Fields::text`], it may be left out or null but not blank.
    pub(super) fn word(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let before = self.problems.len();
        let word = self.text(name, chars_max);
        if word.is_none() && self.problems.len() == before && self.get(&[name]).is_some() {
            self.problems.push(format!("`{name}` must not be blank: leave it out instead"));
        }
        word
    }

    fn query(&mut self) -> String {
        let before = self.problems.len();
        let query = self.text("query", QUERY_CHARS_MAX);
        if query.is_none() && self.problems.len() == before {
            self.problems.push("`query` is required: send the question as a non-empty string".into());
        }
        // NUL cannot be stored or searched for; other control characters are blanks to a reader.
        query.unwrap_or_default().replace(|c: char| c.is_control() && c != '\n', " ")
    }

    pub(super) fn topic(&mut self) -> Option<String> {
        self.text("topic", TOPIC_CHARS_MAX)
    }

    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        match self.get(&[name]).map(|(_, v)| v) {
            None => false,
            Some(Value::Bool(b)) => *b,
            // webclaw's MCP clients let a model fill this in, and models write strings.
            Some(Value::String(s)) if s.eq_ignore_ascii_case("true") => true,
            Some(Value::String(s)) if s.eq_ignore_ascii_case("false") => false,
            Some(_) => {
                self.problems.push(format!("`{name}` must be true or false"));
                false
            }
        }
    }

    /// A whole number from 1; above `max` it is clamped.
    pub(super) fn count(&mut self, names: &[&'static str], max: u32) -> Option<u32> {
        let (name, value) = self.get(names)?;
        let number = value
            .as_u64()
            .or_else(|| value.as_f64().filter(|f| f.fract() == 0.0 && *f >= 0.0).map(|f| f as u64));
        match number {
            Some(n @ 1..) => Some(u32::try_from(n).unwrap_or(max).min(max)),
            _ => {
                self.problems.push(format!("`{name}` must be a whole number from 1 to {max}"));
                None
            }
        }
    }

    pub(super) fn domains(&mut self, names: &[&'static str]) -> Vec<String> {
        let Some((name, value)) = self.get(names) else { return Vec::new() };
        let listed: Option<Vec<String>> = match value {
            Value::Array(items) => items.iter().map(|i| i.as_str().map(|s| s.trim().to_owned())).collect(),
            _ => None,
        };
        let acceptable = |d: &String| {
            (1..=DOMAIN_CHARS_MAX).contains(&d.chars().count())
                && !d.contains(['/', '@', '?', '#', '"'])
                && !d.contains(is_blank)
        };
        match listed {
            Some(domains) if domains.len() <= DOMAINS_MAX && domains.iter().all(acceptable) => {
                domains.iter().map(|domain| domain.to_lowercase()).collect()
            }
            _ => {
                self.problems.push(format!(
                    "`{name}` must be a list of at most {DOMAINS_MAX} domains such as \"example.org\" (no scheme, no path)"
                ));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<ResearchRequest, ApiError> {
        research_request(json.as_bytes())
    }

    #[test]
    fn a_bare_question_is_enough_and_unknown_fields_are_ignored() {
        let request = parse(r#"{"query": "  why?  ", "wibble": {"x": [1]}, "max_sources": null}"#).unwrap();
        assert_eq!((request.query.as_str(), request.deep, request.max_sources), ("why?", false, None));
    }

    #[test]
    fn a_body_is_json_unless_its_type_says_otherwise() {
        for fine in [
            None,
            Some(""),
            Some("Application/JSON; charset=utf-8"),
            Some("application/x-www-form-urlencoded"),
        ] {
            assert_eq!(ensure_json(fine), Ok(()), "{fine:?}");
        }
        for other in ["application/xml", "text/plain; charset=utf-8", "multipart/form-data; boundary=x"] {
            assert_eq!(ensure_json(Some(other)).unwrap_err().status(), 415, "{other}");
        }
    }

    #[test]
    fn old_clients_send_camel_case_and_strings_for_booleans() {
        let request =
            parse(r#"{"query":"q","deep":"True","maxIterations":2,"maxSources":500.0,"topic":"security","language":"pt-BR"}"#)
                .unwrap();
        assert_eq!(request.language.as_deref(), Some("pt"));
        assert_eq!(
            (request.deep, request.max_iterations, request.max_sources),
            (true, Some(2), Some(SOURCES_MAX))
        );
        assert_eq!(request.topic.as_deref(), Some("security"));
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let error =
            parse(r#"{"query":7,"deep":3,"max_iterations":0,"max_sources":"ten","include_domains":"a"}"#)
                .unwrap_err();
        let text = error.to_string();
        for field in ["query", "deep", "max_iterations", "max_sources", "include_domains"] {
            assert!(text.contains(&format!("`{field}`")), "{field} is missing in: {text}");
        }
    }

    #[test]
    fn budgets_and_what_else_comes_with_a_question_are_read() {
        let request = parse(
            r#"{"query":"q","budget":{"max_cost_usd":0.25,"max_tokens":5e4,"maxSeconds":90,"max_pages":7},
                "webhook_url":"https://x.example/hook?k=1","metadata":{"team":"a","n":3,"ok":true},
                "previous_id":"res_0123456789abcdef0123456789abcdef"}"#,
        )
        .unwrap();
        assert_eq!(
            request.budget,
            Budget {
                cost_micros_max: Some(250_000),
                tokens_max: Some(50_000),
                seconds_max: Some(90),
                pages_max: Some(7)
            }
        );
        assert_eq!(request.webhook_url.as_deref(), Some("https://x.example/hook?k=1"));
        assert_eq!(request.metadata.len(), 3);
        assert!(request.previous_id.is_some());
    }

    #[test]
    fn a_budget_of_nothing_and_other_nonsense_is_refused_by_name() {
        for (body, says) in [
            (r#"{"query":"q","language":"klingon!"}"#, "`language` must be a BCP 47 tag"),
            (r#"{"query":"q","budget":5}"#, "`budget` must be an object"),
            (r#"{"query":"q","budget":{"max_cost_usd":0}}"#, "`max_cost_usd`"),
            (r#"{"query":"q","budget":{"max_cost_usd":"NaN"}}"#, "`max_cost_usd`"),
            (r#"{"query":"q","budget":{"max_tokens":-1}}"#, "`max_tokens`"),
            (r#"{"query":"q","budget":{"max_pages":0,"max_seconds":1.5}}"#, "`max_seconds`"),
            (r#"{"query":"q","webhook_url":"ftp://x"}"#, "`webhook_url`"),
            (r#"{"query":"q","webhook_url":"https://u:p@x.example/"}"#, "`webhook_url`"),
            (r#"{"query":"q","metadata":{"a":{"b":1}}}"#, "`metadata`"),
            (r#"{"query":"q","previous_id":"42"}"#, "`previous_id`"),
        ] {
            let error = parse(body).unwrap_err();
            assert!(error.to_string().contains(says), "{body}: {error}");
        }
    }

    #[test]
    fn bodies_that_are_no_question_are_refused_with_what_to_send() {
        for (body, says) in [
            ("", "not JSON"),
            ("[]", "JSON object"),
            ("{\"query\":\"\"}", "`query` is required"),
            ("{}", "`query` is required"),
            ("{\"query\":\"x\",\"exclude_domains\":[\"https://a.b/c\"]}", "no scheme"),
        ] {
            let error = parse(body).unwrap_err();
            assert_eq!(error.status(), 400, "{body}");
            assert!(error.to_string().contains(says), "{body}: {error}");
        }
        let long = format!("{{\"query\":\"{}\"}}", "x".repeat(QUERY_CHARS_MAX + 1));
        assert!(parse(&long).unwrap_err().to_string().contains("4000 characters"));
        let blank = format!("{{\"query\":\"q\",\"topic\":\"{}\"}}", " ".repeat(TOPIC_CHARS_MAX + 1));
        assert!(parse(&blank).unwrap_err().to_string().contains("100 characters"), "as it was sent");
        assert_eq!(research_request(&vec![b' '; BODY_BYTES_MAX + 1]).unwrap_err().status(), 413);
        assert_eq!(parse(&"[".repeat(5_000)).unwrap_err().status(), 400);
    }
}
