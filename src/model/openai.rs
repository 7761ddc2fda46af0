//! The OpenAI-compatible chat completions API, as spoken by OpenAI, Azure, OpenRouter, Groq, vLLM, llama.cpp and Ollama.

use super::prompt::Prompt;
use crate::job::Failure;
use crate::job::budget::Tokens;
use crate::text::one_line;
use crate::web::http::{HttpReply, HttpRequest, Method};
use serde_json::{Value, json};

/// Given up after this long: 4,000 reply tokens at a slow 50 tokens/s is 80 s.
pub const TIMEOUT_MS: u64 = 90_000;
/// A longer reply body fails the call: 16,000 tokens x 4 bytes, escaped and wrapped, is about 200 KB; reasoning text may
/// come on top of it.
pub const REPLY_BYTES_MAX: usize = 2_000_000;
/// Room for hidden reasoning where the limit counts it (`max_completion_tokens`).
const REASONING_TOKENS: u32 = 8_000;
/// Most characters of the other side's error text that are passed on to a person.
const CAUSE_CHARS_MAX: usize = 200;

/// Where a model answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Base URL with or without its version segment, such as `https://api.openai.com` or `http://127.0.0.1:8080/v1`.
    pub base_url: String,
    /// Bearer token, when the server wants one.
    pub api_key: Option<String>,
    /// Model name as the server knows it.
    pub model: String,
}

impl std::fmt::Debug for Endpoint {
    /// Never shows the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key.as_ref().map(|_| "set"))
            .field("model", &self.model)
            .finish()
    }
}

/// How the server is told to answer in JSON. Servers differ in what they support; start strong and weaken on
/// [`ModelFailure::SchemaUnsupported`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonMode {
    /// `response_format` with the schema.
    Schema,
    /// `response_format: json_object`.
    Object,
    /// By the prompt's words alone.
    Instruction,
}

impl JsonMode {
    /// The next weaker mode.
    #[must_use]
    pub fn weaker(self) -> Option<Self> {
        match self {
            Self::Schema => Some(Self::Object),
            Self::Object => Some(Self::Instruction),
            Self::Instruction => None,
        }
    }
}

/// Why the reply ends where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model was done, or the server does not say.
    Stop,
    /// Cut at the token limit; whole elements can still be used.
    Length,
}

/// A model's reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Its text, never empty.
    pub text: String,
    /// What it cost, hidden reasoning included; zero when the server does not say.
    pub tokens: Tokens,
    /// Whether it is whole.
    pub finish: Finish,
}

/// Why there is no usable reply, by what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelFailure {
    /// Wait and ask again, or give up, as the [`Failure`] says.
    Failed(Failure),
    /// Ask again with [`JsonMode::weaker`].
    SchemaUnsupported {
        /// One sentence for a person.
        cause: String,
    },
    /// This prompt never fits this model: ask with less material, or give up.
    ContextTooLong {
        /// One sentence for a person.
        cause: String,
    },
}

impl From<ModelFailure> for Failure {
    fn from(failure: ModelFailure) -> Self {
        match failure {
            ModelFailure::Failed(failure) => failure,
            ModelFailure::SchemaUnsupported { cause } | ModelFailure::ContextTooLong { cause } => {
                Self::Permanent { cause }
            }
        }
    }
}

/// The call for one prompt. No temperature is sent: reasoning models refuse any but their own. `json_mode` matters only
/// for prompts with a schema.
#[must_use]
pub fn request(endpoint: &Endpoint, prompt: &Prompt, json_mode: JsonMode) -> HttpRequest {
    let url = completions_url(&endpoint.base_url);
    let mut body = json!({
        "model": endpoint.model,
        "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        "stream": false,
    });
    if let Some(members) = body.as_object_mut() {
        if counts_reasoning(&url) {
            let limit = prompt.reply_tokens_max.saturating_add(REASONING_TOKENS);
            members.insert("max_completion_tokens".into(), limit.into());
        } else {
            members.insert("max_tokens".into(), prompt.reply_tokens_max.into());
        }
        if let Some(schema) = &prompt.schema {
            let format = match json_mode {
                JsonMode::Schema => Some(json!({
                    "type": "json_schema",
                    "json_schema": {"name": prompt.schema_name, "strict": true, "schema": schema},
                })),
                JsonMode::Object => Some(json!({"type": "json_object"})),
                JsonMode::Instruction => None,
            };
            if let Some(format) = format {
                members.insert("response_format".into(), format);
            }
        }
    }
    let mut headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    if let Some(key) = endpoint.api_key.as_deref().filter(|k| !k.is_empty()) {
        headers.push(("authorization".to_owned(), format!("Bearer {key}")));
    }
    HttpRequest {
        method: Method::Post,
        url,
        headers,
        body: Some(body.to_string()),
        timeout_ms: TIMEOUT_MS,
        reply_bytes_max: REPLY_BYTES_MAX,
    }
}

/// Reads a reply.
///
/// # Errors
/// See [`ModelFailure`]. Causes never hold the key: what a server says to a refused key is not passed on.
pub fn parse(reply: &HttpReply) -> Result<Completion, ModelFailure> {
    let text = String::from_utf8_lossy(&reply.body);
    let body: Option<Value> = serde_json::from_str(&text).ok();
    if !(200..300).contains(&reply.status) {
        return Err(refusal(reply, reply.status, body.as_ref()));
    }
    let Some(body) = body else {
        return Err(garbage("the model server's reply is not JSON"));
    };
    // Routers report an upstream's failure inside a 200.
    if body.get("error").is_some_and(|e| !e.is_null()) {
        let status = body
            .pointer("/error/code")
            .and_then(Value::as_u64)
            .and_then(|c| u16::try_from(c).ok())
            .unwrap_or(502);
        return Err(refusal(reply, status, Some(&body)));
    }
    let Some(choice) = body.pointer("/choices/0") else {
        return Err(garbage("the model server's reply holds no choice"));
    };
    if let Some(refused) =
        choice.pointer("/message/refusal").and_then(Value::as_str).filter(|r| !r.trim().is_empty())
    {
        return Err(ModelFailure::Failed(Failure::permanent(format!(
            "the model refused: {}",
            brief(refused)
        ))));
    }
    let finish = choice.get("finish_reason").and_then(Value::as_str).unwrap_or("stop");
    let content = content(choice.pointer("/message/content"));
    if content.trim().is_empty() {
        let cause = match finish {
            "length" => "the model used up its token limit before it wrote an answer",
            "content_filter" => "the model server's content filter withheld the answer",
            "tool_calls" | "function_call" => "the model called a tool though none was offered",
            _ => "the model answered with nothing",
        };
        return Err(garbage(cause));
    }
    let counted =
        |name: &str| body.get("usage").and_then(|u| u.get(name)).and_then(Value::as_u64).unwrap_or(0);
    Ok(Completion {
        text: content,
        tokens: Tokens { input: counted("prompt_tokens"), output: counted("completion_tokens") },
        finish: if finish == "length" { Finish::Length } else { Finish::Stop },
    })
}

/// Full URL of the completions call. A base that already has a version segment anywhere in its path is taken as it is.
fn completions_url(base: &str) -> String {
    let base = base.trim().trim_end_matches('/');
    if base.ends_with("/chat/completions") {
        return base.to_owned();
    }
    let path = base.split_once("://").map_or(base, |(_, rest)| rest);
    let versioned = path.split('/').skip(1).any(|segment| {
        segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    if versioned { format!("{base}/chat/completions") } else { format!("{base}/v1/chat/completions") }
}

/// OpenAI's and Azure's newer models refuse `max_tokens`; elsewhere `max_completion_tokens` is often unknown.
fn counts_reasoning(url: &str) -> bool {
    let host =
        url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
    host == "api.openai.com" || host.ends_with(".openai.azure.com")
}

/// Text of a message: a string, or parts of which only those of type text count.
fn content(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter(|p| {
                p.get("type").and_then(Value::as_str).is_none_or(|t| matches!(t, "text" | "output_text"))
            })
            .filter_map(|p| p.get("text").and_then(Value::as_str).or_else(|| p.as_str()))
            .collect::<Vec<_>>()
            .join(""),
        _ => String::new(),
    }
}

fn refusal(reply: &HttpReply, status: u16, body: Option<&Value>) -> ModelFailure {
    let message = body.and_then(error_message).map(|m| brief(&m)).unwrap_or_default();
    let lower = body
        .and_then(|b| b.get("error").or(Some(b)))
        .map(|e| e.to_string().to_lowercase())
        .unwrap_or_default();
    let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let colon = if message.is_empty() { String::new() } else { format!(": {message}") };
    let permanent = |cause: String| ModelFailure::Failed(Failure::Permanent { cause });
    match status {
        401 | 403 => permanent(format!(
            "the model server refused the key ({status}); check the model key and what it may use"
        )),
        402 => permanent(format!("the model account has no credit left (402){colon}")),
        404 | 405 => permanent(format!(
            "the model server knows no such model or path ({status}){colon}; check the model name and base URL"
        )),
        400 | 413 | 422
            if status == 413
                || says(&[
                    "context_length_exceeded",
                    "exceed_context_size",
                    "maximum context length",
                    "context window",
                    "prompt is too long",
                    "too many tokens",
                ]) =>
        {
            ModelFailure::ContextTooLong {
                cause: format!("the prompt is too long for the model ({status}){colon}"),
            }
        }
        400 | 415 | 422 | 500 | 501
            if says(&[
                "response_format",
                "json_schema",
                "json_object",
                "structured output",
                "grammar",
                "json mode",
            ]) =>
        {
            ModelFailure::SchemaUnsupported {
                cause: format!("the model server does not take this reply format ({status}){colon}"),
            }
        }
        // OpenAI says 429 to an empty account too; waiting does not fill it.
        429 if says(&["insufficient_quota"]) => {
            permanent(format!("the model account has no quota left (429){colon}"))
        }
        _ => {
            let quiet = HttpReply { status, headers: reply.headers.clone(), body: message.into_bytes() };
            match quiet.success("the model server") {
                Err(failure) => ModelFailure::Failed(failure),
                Ok(_) => garbage("the model server reported an error without a status"),
            }
        }
    }
}

fn error_message(body: &Value) -> Option<String> {
    let candidates = ["/error/message", "/error", "/message"];
    candidates.iter().find_map(|pointer| body.pointer(pointer).and_then(Value::as_str)).map(str::to_owned)
}

fn brief(text: &str) -> String {
    one_line(text).chars().take(CAUSE_CHARS_MAX).collect()
}

fn garbage(cause: &str) -> ModelFailure {
    ModelFailure::Failed(Failure::transient(cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::prompt::prompt;
    use crate::model::{PlanTask, Task};

    fn endpoint(base_url: &str) -> Endpoint {
        Endpoint { base_url: base_url.into(), api_key: Some("sk-secret".into()), model: "m".into() }
    }

    fn plan() -> Prompt {
        let task = PlanTask {
            question: "Why?".into(),
            topic: None,
            today: "2026-11-22".into(),
            sub_questions_max: 3,
            queries_max: 3,
        };
        prompt(&Task::Plan(task), "K")
    }

    fn reply(status: u16, body: &str) -> HttpReply {
        HttpReply {
            status,
            headers: vec![("retry-after".into(), "7".into())],
            body: body.as_bytes().to_vec(),
        }
    }

    fn body(request: &HttpRequest) -> Value {
        serde_json::from_str(request.body.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn a_base_url_works_with_and_without_its_version() {
        for (base, url) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/chat/completions"),
            ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/chat/completions"),
            ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"),
            (
                "https://generativelanguage.googleapis.com/v1beta/openai/",
                "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
            ),
            ("https://x.example/v1/chat/completions", "https://x.example/v1/chat/completions"),
        ] {
            assert_eq!(completions_url(base), url);
        }
    }

    #[test]
    fn each_json_mode_asks_for_its_own_format() {
        let e = endpoint("http://127.0.0.1:1");
        let schema = body(&request(&e, &plan(), JsonMode::Schema));
        assert_eq!(schema.pointer("/response_format/json_schema/name"), Some(&json!("plan")));
        assert_eq!(schema.pointer("/response_format/json_schema/schema/type"), Some(&json!("object")));
        let object = body(&request(&e, &plan(), JsonMode::Object));
        assert_eq!(object.pointer("/response_format"), Some(&json!({"type": "json_object"})));
        let words = body(&request(&e, &plan(), JsonMode::Instruction));
        assert_eq!(words.get("response_format"), None);
        assert_eq!(JsonMode::Schema.weaker().and_then(JsonMode::weaker), Some(JsonMode::Instruction));
        assert_eq!(JsonMode::Instruction.weaker(), None);
    }

    #[test]
    fn the_token_limit_has_the_name_that_the_server_knows() {
        let local = body(&request(&endpoint("http://127.0.0.1:1"), &plan(), JsonMode::Schema));
        assert_eq!(local.get("max_tokens"), Some(&json!(1_000)));
        let openai = body(&request(&endpoint("https://api.openai.com"), &plan(), JsonMode::Schema));
        assert_eq!(
            (openai.get("max_tokens"), openai.get("max_completion_tokens")),
            (None, Some(&json!(9_000)))
        );
        assert_eq!(openai.get("temperature"), None);
    }

    #[test]
    fn the_key_travels_in_its_header_and_is_never_printed() {
        let e = endpoint("http://127.0.0.1:1");
        let request = request(&e, &plan(), JsonMode::Schema);
        assert!(request.headers.contains(&("authorization".into(), "Bearer sk-secret".into())));
        assert!(!format!("{e:?}").contains("secret"));
    }

    #[test]
    fn a_plain_reply_is_read_with_its_usage() {
        let done = parse(&reply(
            200,
            r#"{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"Hi","reasoning_content":"hm"}}],"usage":{"prompt_tokens":11,"completion_tokens":3}}"#,
        ));
        let tokens = Tokens { input: 11, output: 3 };
        assert_eq!(done, Ok(Completion { text: "Hi".into(), tokens, finish: Finish::Stop }));
    }

    #[test]
    fn content_parts_are_joined_and_thoughts_left_out() {
        let text = r#"{"choices":[{"finish_reason":"length","message":{"content":[{"type":"thinking","text":"x"},{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}"#;
        let done = parse(&reply(200, text)).unwrap();
        assert_eq!((done.text.as_str(), done.finish, done.tokens), ("ab", Finish::Length, Tokens::default()));
    }

    #[test]
    fn an_unusable_reply_is_transient() {
        for text in [
            "",
            "<html>busy</html>",
            "[]",
            r#"{"choices":[]}"#,
            r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"1"}]},"finish_reason":"tool_calls"}]}"#,
            r#"{"choices":[{"message":{"content":"  "}}]}"#,
            r#"{"choices":[{"message":{"content":"half"#,
            r#"{"error":{"message":"upstream","code":502}}"#,
        ] {
            assert!(
                matches!(parse(&reply(200, text)), Err(ModelFailure::Failed(Failure::Transient { .. }))),
                "{text}"
            );
        }
        let deep = "[".repeat(10_000);
        assert!(matches!(parse(&reply(200, &deep)), Err(ModelFailure::Failed(Failure::Transient { .. }))));
        let invalid = HttpReply { status: 200, headers: vec![], body: vec![0xff, 0xfe, 0x00] };
        assert!(matches!(parse(&invalid), Err(ModelFailure::Failed(Failure::Transient { .. }))));
    }

    #[test]
    fn too_many_requests_carries_the_wait() {
        let failure = Failure::from(parse(&reply(429, r#"{"error":{"message":"slow down"}}"#)).unwrap_err());
        assert_eq!(
            failure,
            Failure::Transient {
                cause: "the model server answered 429: slow down".into(),
                retry_after_ms: Some(7_000)
            }
        );
        let empty = Failure::from(
            parse(&reply(429, r#"{"error":{"message":"pay","code":"insufficient_quota"}}"#)).unwrap_err(),
        );
        assert!(matches!(empty, Failure::Permanent { .. }));
        assert!(matches!(Failure::from(parse(&reply(503, "x")).unwrap_err()), Failure::Transient { .. }));
    }

    #[test]
    fn a_refused_key_says_what_to_set_and_not_the_key() {
        let failure = Failure::from(
            parse(&reply(401, r#"{"error":{"message":"Incorrect API key provided: sk-secret"}}"#))
                .unwrap_err(),
        );
        assert!(failure.cause().contains("check the model key") && !failure.cause().contains("sk-secret"));
        let unknown = Failure::from(
            parse(&reply(404, r#"{"error":{"message":"The model `m` does not exist"}}"#)).unwrap_err(),
        );
        assert!(
            matches!(&unknown, Failure::Permanent { cause } if cause.contains("does not exist") && cause.contains("model name"))
        );
    }

    #[test]
    fn an_unsupported_format_asks_for_a_weaker_mode() {
        for text in [
            r#"{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."}}"#,
            r#"{"error":{"message":"bad","param":"response_format"}}"#,
            r#"{"error":"This response_format type is unavailable now"}"#,
        ] {
            assert!(
                matches!(parse(&reply(400, text)), Err(ModelFailure::SchemaUnsupported { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn a_prompt_beyond_the_context_is_told_apart() {
        for text in [
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
            r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
        ] {
            let failure = parse(&reply(400, text)).unwrap_err();
            assert!(matches!(failure, ModelFailure::ContextTooLong { .. }), "{text}");
            assert!(matches!(Failure::from(failure), Failure::Permanent { .. }));
        }
    }

    #[test]
    fn a_refusal_is_permanent_and_quoted() {
        let failure = Failure::from(
            parse(&reply(200, r#"{"choices":[{"message":{"content":null,"refusal":"I cannot help."}}]}"#))
                .unwrap_err(),
        );
        assert_eq!(failure, Failure::permanent("the model refused: I cannot help."));
    }
}
