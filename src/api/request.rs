//! The body of `POST /v1/research`: what clients send, in every spelling they send it.

use crate::api::ApiError;
use crate::job::budget::{ROUNDS_MAX, SOURCES_MAX};
use crate::research::request::ResearchRequest;
use serde_json::{Map, Value};

/// Longest body, in bytes: a question, a few numbers and two lists of domains.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest question, in characters.
pub const QUERY_CHARS_MAX: usize = 4_000;
/// Longest topic, in characters: it is a hint, not a second question.
const TOPIC_CHARS_MAX: usize = 100;
/// Most domains of one list.
const DOMAINS_MAX: usize = 50;
/// Longest domain (RFC 1035: 253), with room for a port.
const DOMAIN_CHARS_MAX: usize = 260;

/// Reads the body of `POST /v1/research`. Unknown fields are ignored; every problem of a known one is reported, all at
/// once. Numbers above the maximum are clamped to it (`limits` in the reply says what counts).
pub fn research_request(body: &[u8]) -> Result<ResearchRequest, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut fields = Fields { object: &object, problems: Vec::new() };
    let request = ResearchRequest {
        query: fields.query(),
        deep: fields.flag("deep"),
        max_iterations: fields.count(&["max_iterations", "maxIterations"], ROUNDS_MAX),
        max_sources: fields.count(&["max_sources", "maxSources"], SOURCES_MAX),
        topic: fields.topic(),
        include_domains: fields.domains(&["include_domains", "includeDomains"]),
        exclude_domains: fields.domains(&["exclude_domains", "excludeDomains"]),
        ..ResearchRequest::default()
    };
    if fields.problems.is_empty() {
        Ok(request)
    } else {
        Err(ApiError::BadRequest { problems: fields.problems })
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

pub(super) struct Fields<'a> {
    pub(super) object: &'a Map<String, Value>,
    pub(super) problems: Vec<String>,
}

impl Fields<'_> {
    /// The first of these names that is present and not null.
    pub(super) fn get(&self, names: &[&'static str]) -> Option<(&'static str, &Value)> {
        names.iter().find_map(|n| self.object.get(*n).filter(|v| !v.is_null()).map(|v| (*n, v)))
    }

    /// A text field, trimmed; blank counts as absent.
    pub(super) fn text(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let (name, value) = self.get(&[name])?;
        match value.as_str().map(str::trim) {
            Some("") => None,
            Some(text) if text.chars().count() <= chars_max => Some(text.to_owned()),
            Some(_) => {
                self.problems.push(format!("`{name}` is longer than {chars_max} characters"));
                None
            }
            None => {
                self.problems.push(format!("`{name}` must be a string"));
                None
            }
        }
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

    fn topic(&mut self) -> Option<String> {
        self.text("topic", TOPIC_CHARS_MAX)
    }

    fn flag(&mut self, name: &'static str) -> bool {
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

    fn domains(&mut self, names: &[&'static str]) -> Vec<String> {
        let Some((name, value)) = self.get(names) else { return Vec::new() };
        let listed: Option<Vec<String>> = match value {
            Value::Array(items) => {
                items.iter().map(|i| i.as_str().map(|s| s.trim().to_lowercase())).collect()
            }
            _ => None,
        };
        let acceptable = |d: &String| {
            !d.is_empty()
                && d.len() <= DOMAIN_CHARS_MAX
                && !d.contains(['/', '@', '?', '#', '"'])
                && !d.contains(char::is_whitespace)
        };
        match listed {
            Some(domains) if domains.len() <= DOMAINS_MAX && domains.iter().all(acceptable) => domains,
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
    fn old_clients_send_camel_case_and_strings_for_booleans() {
        let request =
            parse(r#"{"query":"q","deep":"True","maxIterations":2,"maxSources":500.0,"topic":"security"}"#)
                .unwrap();
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
        assert_eq!(research_request(&vec![b' '; BODY_BYTES_MAX + 1]).unwrap_err().status(), 413);
        assert_eq!(parse(&"[".repeat(5_000)).unwrap_err().status(), 400);
    }
}
