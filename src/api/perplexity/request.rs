//! The body of `POST /async/chat/completions` as a research request.

use crate::api::ApiError;
use crate::api::dialect::messages::messages;
use crate::api::dialect::{echo, given, models, research, unknown};
use crate::api::request::{BODY_BYTES_MAX, json_object};
use crate::research::report::REPORT_TOKENS_MIN;
use crate::research::request::ResearchRequest;
use crate::research::wording::{Dialect, Wording};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// A completion to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be found out.
    pub research: ResearchRequest,
    /// `idempotency_key` of the body.
    pub idempotency_key: Option<String>,
}

/// Members that have a counterpart in our own request.
const MAPPED: [&str; 14] = [
    "model",
    "messages",
    "max_tokens",
    "response_format",
    "search_domain_filter",
    "search_recency_filter",
    "search_after_date_filter",
    "search_before_date_filter",
    "search_language_filter",
    "search_mode",
    "safe_search",
    "country",
    "web_search_options",
    "reasoning_effort",
];
/// Members that change nothing here when they have one of these values, which clients send to say what is usual.
const USUAL: [(&str, &[&str]); 17] = [
    ("stream", &["false"]),
    ("stream_mode", &["\"full\""]),
    ("n", &["1"]),
    ("best_of", &["1"]),
    ("temperature", &["0.2", "1", "1.0"]),
    ("top_p", &["0.9", "1", "1.0"]),
    ("top_k", &["0"]),
    ("presence_penalty", &["0", "0.0"]),
    ("frequency_penalty", &["0", "0.0", "1", "1.0"]),
    ("return_images", &["false"]),
    ("has_image_url", &["false"]),
    ("return_related_questions", &["false"]),
    ("disable_search", &["false"]),
    ("enable_search_classifier", &["false"]),
    ("use_threads", &["false"]),
    ("logprobs", &["false"]),
    ("tool_choice", &["\"auto\""]),
];
/// Members of our own requests that may stand beside Perplexity's.
const OWN: [&str; 12] = [
    "max_sources",
    "max_iterations",
    "topic",
    "language",
    "recency",
    "after_date",
    "before_date",
    "include_domains",
    "exclude_domains",
    "sources",
    "start_urls",
    "budget",
];
/// More of them.
const OWN_TOO: [&str; 3] = ["webhook_url", "metadata", "previous_id"];
/// How days are written in filters.
const DAY: &str = "%m/%d/%Y";

/// Reads the body: `request` and `idempotency_key`. Every problem is reported, all at once, under Perplexity's names.
pub fn completion_request(body: &[u8]) -> Result<Asked, ApiError> {
    let mut object = json_object(body, BODY_BYTES_MAX)?;
    let mut problems = Vec::new();
    for name in object.keys().filter(|name| !["request", "idempotency_key"].contains(&name.as_str())) {
        problems.push(format!("{}; what is asked stands in `request`", unknown(name)));
    }
    let idempotency_key = match object.remove("idempotency_key") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) => Some(key),
        Some(_) => {
            problems.push("`idempotency_key` must be a string".into());
            None
        }
    };
    let Some(Value::Object(request)) = object.remove("request") else {
        problems.push("`request` is required: an object with `model` and `messages`".into());
        return Err(ApiError::BadRequest { problems });
    };
    let mut reader = Reader { request: &request, own: Map::new(), problems };
    reader.names();
    reader.model();
    reader.question();
    reader.format();
    reader.filters();
    for name in OWN.iter().chain(&OWN_TOO) {
        if let Some(value) = reader.given(name) {
            reader.own.insert((*name).to_owned(), value.clone());
        }
    }
    let research = reader.done()?;
    Ok(Asked { research, idempotency_key })
}

struct Reader<'a> {
    request: &'a Map<String, Value>,
    /// The body of our own request that it amounts to.
    own: Map<String, Value>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    fn given(&self, name: &str) -> Option<&'a Value> {
        given(self.request, name)
    }

    fn names(&mut self) {
        for (name, value) in self.request.iter().filter(|(_, value)| !value.is_null()) {
            let name = name.as_str();
            if MAPPED.iter().chain(&OWN).chain(&OWN_TOO).any(|known| *known == name) {
                continue;
            }
            match USUAL.iter().find(|(usual, _)| *usual == name) {
                Some((_, values)) if values.contains(&value.to_string().as_str()) => {}
                Some(_) => self.problems.push(format!("`{name}`: this value is not supported: leave it out")),
                None => self.problems.push(unknown(name)),
            }
        }
    }

    fn model(&mut self) {
        match models::deep(self.given("model"), "sonar-deep-research, sonar-pro or sonar") {
            Ok(deep) => drop(self.own.insert("deep".into(), deep.into())),
            Err(problem) => self.problems.push(problem),
        }
        if self.given("reasoning_effort").is_some_and(|effort| !effort.is_string()) {
            self.problems.push("`reasoning_effort` must be a string".into());
        }
    }

    fn question(&mut self) {
        let asked = match self.given("messages") {
            Some(Value::Array(items)) => {
                messages("messages", items, &["text"], "name the earlier job as `previous_id`")
            }
            _ => Err(vec!["`messages` is required: a list with a user message".into()]),
        };
        match asked {
            Ok(asked) => {
                match asked.question("messages") {
                    Ok(question) => drop(self.own.insert("query".into(), question.into())),
                    Err(problem) => self.problems.push(problem),
                }
                match asked.wishes(None, "messages") {
                    Ok(wishes) => {
                        drop(wishes.map(|text| self.own.insert("instructions".into(), text.into())))
                    }
                    Err(problem) => self.problems.push(problem),
                }
            }
            Err(problems) => self.problems.extend(problems),
        }
        let most = u64::from(REPORT_TOKENS_MIN);
        if self.given("max_tokens").is_some_and(|tokens| tokens.as_u64().is_none_or(|tokens| tokens < most)) {
            self.problems.push(format!("`max_tokens` must be a whole number from {most}"));
        }
    }

    fn format(&mut self) {
        let Some(format) = self.given("response_format") else { return };
        match format.get("type").and_then(Value::as_str) {
            Some("text") => {}
            Some("json_schema") => match format.get("json_schema").and_then(|schema| schema.get("schema")) {
                Some(schema) => drop(self.own.insert("output_schema".into(), schema.clone())),
                None => self.problems.push(
                    "`response_format.json_schema.schema` is required: a JSON Schema of the answer".into(),
                ),
            },
            _ => self
                .problems
                .push("`response_format.type`: this value is not supported: send text or json_schema".into()),
        }
    }

    fn filters(&mut self) {
        self.domains();
        match self.given("search_recency_filter").map(Value::as_str) {
            Some(Some("hour")) => self
                .problems
                .push("`search_recency_filter`: hour is not supported: send day, week, month or year".into()),
            Some(Some(recency)) => drop(self.own.insert("recency".into(), recency.into())),
            Some(None) => self.problems.push("`search_recency_filter` must be a string".into()),
            None => {}
        }
        for (theirs, ours) in
            [("search_after_date_filter", "after_date"), ("search_before_date_filter", "before_date")]
        {
            let Some(value) = self.given(theirs) else { continue };
            match value.as_str().and_then(|day| NaiveDate::parse_from_str(day.trim(), DAY).ok()) {
                Some(day) => drop(self.own.insert(ours.into(), day.to_string().into())),
                None => {
                    self.problems.push(format!("`{theirs}` must be a day such as 1/31/2026 (month first)"))
                }
            }
        }
        match self.given("search_mode").map(Value::as_str) {
            None | Some(Some("web")) => {}
            Some(Some("academic")) => drop(self.own.insert("topic".into(), "science".into())),
            Some(_) => {
                self.problems.push("`search_mode`: this value is not supported: send web or academic".into())
            }
        }
        match self.given("search_language_filter").map(|value| (value.as_array().map(Vec::as_slice), value)) {
            None => {}
            Some((Some([one]), _)) => drop(self.own.insert("language".into(), one.clone())),
            Some(_) => self.problems.push("`search_language_filter` must be a list of one language".into()),
        }
        if let Some(safe) = self.given("safe_search") {
            self.own.insert("safe_search".into(), safe.clone());
        }
        if self.given("web_search_options").is_some_and(|options| !options.is_object()) {
            self.problems.push("`web_search_options` must be an object".into());
        }
        let place = self.given("web_search_options").and_then(|options| options.get("user_location"));
        let country = place.and_then(|place| place.get("country")).or(self.given("country"));
        if let Some(country) = country.filter(|country| !country.is_null()) {
            self.own.insert("country".into(), country.clone());
        }
    }

    /// `example.org` is wanted, `-example.org` is not.
    fn domains(&mut self) {
        let Some(value) = self.given("search_domain_filter") else { return };
        let named: Option<Vec<&str>> =
            value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        let Some(named) = named else {
            self.problems.push("`search_domain_filter` must be a list of domains such as \"example.org\" or \"-example.org\"".into());
            return;
        };
        let (out, within): (Vec<&str>, Vec<&str>) =
            named.into_iter().partition(|domain| domain.starts_with('-'));
        let out: Vec<&str> = out.iter().filter_map(|domain| domain.strip_prefix('-')).collect();
        for (name, domains) in [("include_domains", within), ("exclude_domains", out)] {
            if !domains.is_empty() {
                self.own.insert(name.into(), json!(domains));
            }
        }
    }

    fn done(self) -> Result<ResearchRequest, ApiError> {
        let echo = echo(self.request, &["model", "max_tokens", "response_format"]);
        let names = [
            ("in `output_schema`", "`response_format.json_schema.schema`"),
            ("`recency`", "`search_recency_filter`"),
        ];
        research(self.own, self.problems, Wording { dialect: Dialect::Perplexity, echo }, &names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(request: Value) -> Result<Asked, ApiError> {
        completion_request(json!({ "request": request }).to_string().as_bytes())
    }

    #[test]
    fn a_question_with_filters_is_one_of_ours() {
        let body = json!({"idempotency_key": "k-1", "request": {
            "model": "sonar-deep-research",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "Why?"}]}],
            "search_domain_filter": ["example.org", "-pinterest.com"], "search_recency_filter": "month",
            "search_after_date_filter": "1/31/2026", "search_mode": "academic", "reasoning_effort": "low",
            "web_search_options": {"search_context_size": "low", "user_location": {"country": "DE"}},
            "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}},
            "stream": false, "temperature": 0.2, "return_images": null, "max_tokens": 900,
        }});
        let Asked { research, idempotency_key } = completion_request(body.to_string().as_bytes()).unwrap();
        assert_eq!(
            (research.query.as_str(), research.deep, idempotency_key.as_deref()),
            ("Why?", true, Some("k-1"))
        );
        assert_eq!(
            (research.include_domains, research.exclude_domains),
            (vec!["example.org".into()], vec!["pinterest.com".into()])
        );
        assert_eq!(
            (research.options.after_date.as_deref(), research.options.country.as_deref()),
            (Some("2026-01-31"), Some("DE"))
        );
        assert_eq!(research.topic.as_deref(), Some("science"));
        assert_eq!(research.instructions.as_deref(), Some("Be brief."));
        assert!(research.options.recency.is_some() && research.output_schema.is_some());
        assert_eq!(research.wording.unwrap().echo["max_tokens"], 900);
    }

    #[test]
    fn what_cannot_be_done_is_refused_under_its_own_name() {
        for (more, says) in [
            (json!({"model": "gpt-5"}), "`model`: there is no `gpt-5` here"),
            (json!({"messages": []}), "`messages` is required"),
            (json!({"messages": "Why?"}), "`messages` is required"),
            (json!({"messages": [{"role": "assistant", "content": "x"}]}), "`messages[0].role`"),
            (json!({"stream": true}), "`stream`: this value is not supported"),
            (json!({"return_images": true}), "`return_images`: this value is not supported"),
            (json!({"wibble": 1}), "`wibble` is not known here"),
            (json!({"search_recency_filter": "hour"}), "`search_recency_filter`"),
            (json!({"search_recency_filter": "decade"}), "`search_recency_filter`"),
            (json!({"search_after_date_filter": "2026-01-31"}), "`search_after_date_filter`"),
            (json!({"search_mode": "sec"}), "`search_mode`"),
            (json!({"search_domain_filter": "example.org"}), "`search_domain_filter`"),
            (json!({"response_format": {"type": "regex"}}), "`response_format.type`"),
            (json!({"max_tokens": 1}), "`max_tokens`"),
        ] {
            let mut request = json!({"model": "sonar", "messages": [{"role": "user", "content": "q"}]});
            request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let error = read(request).unwrap_err();
            assert!(error.to_string().starts_with(says), "{more}: {error}");
        }
        let flat = completion_request(br#"{"model":"sonar","messages":[]}"#).unwrap_err().to_string();
        assert!(flat.contains("what is asked stands in `request`"), "{flat}");
    }
}
