//! The OpenAI-compatible chat completions API, as spoken by OpenAI, Azure, OpenRouter, Groq, Together, vLLM, llama.cpp,
//! Ollama and Workers AI's compatible endpoint.

use super::prompt::Prompt;
use super::wire::{
    self, Completion, Dialect, Endpoint, Feature, Finish, JsonMode, ModelFailure, Refusal, counted, garbage,
    refused,
};
use crate::job::budget::Tokens;
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::{Value, json};

/// The call for one prompt. JSON is asked for with `response_format`: the schema, then `json_object`.
#[must_use]
pub fn request(endpoint: &Endpoint, prompt: &Prompt, dialect: Dialect) -> HttpRequest {
    let messages = if dialect.system_in_user {
        json!([{"role": "user", "content": format!("{}\n\n{}", prompt.system, prompt.user)}])
    } else {
        json!([{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}])
    };
    let mut body = json!({"model": endpoint.model, "messages": messages, "stream": false});
    if let Some(members) = body.as_object_mut() {
        let limit = if dialect.completion_tokens { "max_completion_tokens" } else { "max_tokens" };
        members.insert(limit.into(), dialect.reply_tokens(prompt).into());
        let format = prompt.schema.as_ref().and_then(|schema| match dialect.json {
            JsonMode::Schema => Some(json!({
                "type": "json_schema",
                "json_schema": {"name": prompt.schema_name, "strict": true, "schema": schema},
            })),
            JsonMode::Object => Some(json!({"type": "json_object"})),
            JsonMode::Instruction => None,
        });
        if let Some(format) = format {
            members.insert("response_format".into(), format);
        }
    }
    let key = endpoint.api_key.as_deref().filter(|k| !k.is_empty());
    let own = key.map(|key| ("authorization", format!("Bearer {key}")));
    wire::post(endpoint, completions_url(&endpoint.base_url), own.into_iter().collect(), &body)
}

/// Reads a reply.
///
/// # Errors
/// See [`ModelFailure`].
pub fn parse(reply: &HttpReply) -> Result<Completion, ModelFailure> {
    let body = wire::json_body(reply);
    let refusal = |status, body| Refusal { status, reply, body, retry_after_ms: waits_ms(reply) }.failure();
    if !(200..300).contains(&reply.status) {
        return Err(refusal(reply.status, body.as_ref()));
    }
    let Some(body) = body else {
        return Err(garbage("the model server's reply is not JSON"));
    };
    // Routers report an upstream's failure inside a 200, for the whole reply or for the choice.
    let told = [body.get("error"), body.pointer("/choices/0/error")];
    if let Some(error) = told.into_iter().flatten().find(|e| !e.is_null()) {
        let wrapped = json!({"error": error});
        return Err(refusal(status_of(error), Some(&wrapped)));
    }
    completion(&body)
}

/// The completion that a body in OpenAI's shape holds; Workers AI's newer models answer their binding in it, too.
pub(super) fn completion(body: &Value) -> Result<Completion, ModelFailure> {
    let Some(choice) = body.pointer("/choices/0") else {
        return Err(garbage("the model server's reply holds no choice"));
    };
    // Its words are not told on: they repeat what was asked, which no log may hold.
    let declined = choice.pointer("/message/refusal").and_then(Value::as_str);
    if declined.is_some_and(|why| !why.trim().is_empty()) {
        return Err(refused("it declined to answer this prompt"));
    }
    let finish = choice.get("finish_reason").and_then(Value::as_str).unwrap_or("stop");
    let content = content(choice.pointer("/message/content"));
    if content.trim().is_empty() {
        return Err(match finish {
            "length" => ModelFailure::Unsupported {
                feature: Feature::ShortReply,
                cause: "the model used up its token limit before it wrote an answer".to_owned(),
            },
            "content_filter" => refused("the server's content filter withheld the answer"),
            "tool_calls" | "function_call" => garbage("the model called a tool though none was offered"),
            _ => garbage("the model answered with nothing"),
        });
    }
    let cached = counted(body, "/usage/prompt_tokens_details/cached_tokens")
        .max(counted(body, "/usage/prompt_cache_hit_tokens"));
    let tokens = Tokens {
        input: counted(body, "/usage/prompt_tokens"),
        output: counted(body, "/usage/completion_tokens"),
        cached,
    };
    let finish = if finish == "length" { Finish::Length } else { Finish::Stop };
    Ok(Completion { text: content, tokens, finish })
}

/// Full URL of the completions call. A base that already has a version segment anywhere in its path is taken as it is.
fn completions_url(base: &str) -> String {
    wire::versioned(base, "v1", "/chat/completions")
}

/// OpenAI's and Azure's newer models refuse `max_tokens` and count hidden reasoning; elsewhere `max_completion_tokens` is
/// often unknown.
pub(super) fn counts_reasoning(base: &str) -> bool {
    let host =
        base.split_once("://").map_or(base, |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
    host == "api.openai.com" || host.ends_with(".openai.azure.com")
}

/// The status that an error inside a 200 stands for: OpenRouter writes numbers, others names.
fn status_of(error: &Value) -> u16 {
    let number = |code: &Value| code.as_u64().or_else(|| code.as_str()?.parse().ok());
    let code = error.get("code").or_else(|| error.get("status"));
    if let Some(status) = code.and_then(number).and_then(|n| u16::try_from(n).ok()) {
        return status;
    }
    let text = error.to_string().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if says(&["rate_limit", "rate limit", "overloaded"]) {
        429
    } else if says(&["invalid_request", "context_length", "bad request"]) {
        400
    } else if says(&["authentication", "invalid_api_key", "unauthorized"]) {
        401
    } else if says(&["model_not_found", "not found"]) {
        404
    } else {
        502
    }
}

/// OpenAI also says in milliseconds when to come back.
fn waits_ms(reply: &HttpReply) -> Option<u64> {
    reply.header("retry-after-ms")?.trim().parse().ok()
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
        // Asked for JSON, some servers give it parsed.
        Some(object @ Value::Object(_)) => object.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Failure;
    use crate::model::chain::Api;
    use crate::model::wire::tests::{body_of, endpoint, plan, reply};

    fn of(base_url: &str) -> Endpoint {
        endpoint(Api::OpenAi, base_url)
    }

    fn asked(base_url: &str, adapt: impl Fn(Dialect) -> Option<Dialect>) -> Value {
        let dialect = adapt(Dialect::of(&of(base_url))).unwrap();
        body_of(&request(&of(base_url), &plan(), dialect))
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
        let base = "http://127.0.0.1:1";
        let schema = asked(base, Some);
        assert_eq!(schema.pointer("/response_format/json_schema/name"), Some(&json!("plan")));
        assert_eq!(schema.pointer("/response_format/json_schema/schema/type"), Some(&json!("object")));
        let object = asked(base, |d| d.without(Feature::ReplyFormat));
        assert_eq!(object.pointer("/response_format"), Some(&json!({"type": "json_object"})));
        let words = asked(base, |d| d.without(Feature::ReplyFormat)?.without(Feature::ReplyFormat));
        assert_eq!(words.get("response_format"), None);
        assert_eq!(JsonMode::Instruction.weaker(), None);
    }

    #[test]
    fn the_token_limit_has_the_name_that_the_server_knows() {
        let local = asked("http://127.0.0.1:1", Some);
        assert_eq!(local.get("max_tokens"), Some(&json!(900)));
        let renamed = asked("http://127.0.0.1:1", |d| d.without(Feature::TokenLimitName));
        let newer = asked("https://api.openai.com", Some);
        for body in [renamed, newer] {
            assert_eq!(
                (body.get("max_tokens"), body.get("max_completion_tokens")),
                (None, Some(&json!(8_900))),
                "with room for reasoning"
            );
            assert_eq!(body.get("temperature"), None);
        }
        let twice = Dialect::of(&of("http://h")).without(Feature::TokenLimitName).unwrap();
        assert_eq!(twice.without(Feature::TokenLimitName), None);
    }

    #[test]
    fn a_model_without_a_system_role_is_told_the_rules_by_the_user() {
        let body = asked("http://127.0.0.1:1", |d| d.without(Feature::SystemRole));
        assert_eq!(body.pointer("/messages/1"), None);
        let told = body.pointer("/messages/0/content").and_then(Value::as_str).unwrap();
        assert!(told.starts_with("You plan") && told.ends_with("Why?"), "{told}");
    }

    #[test]
    fn the_key_travels_in_its_header_and_is_never_printed() {
        let e = of("http://127.0.0.1:1");
        let request = request(&e, &plan(), Dialect::of(&e));
        assert!(request.headers.contains(&("authorization".into(), "Bearer sk-secret".into())));
        assert!(!format!("{e:?}").contains("secret"));
    }

    #[test]
    fn a_plain_reply_is_read_with_its_usage() {
        let done = parse(&reply(
            200,
            r#"{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"Hi","reasoning_content":"hm"}}],"usage":{"prompt_tokens":11,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":8}}}"#,
        ));
        let tokens = Tokens { input: 11, output: 3, cached: 8 };
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
                matches!(
                    parse(&reply(400, text)),
                    Err(ModelFailure::Unsupported { feature: Feature::ReplyFormat, .. })
                ),
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
            assert!(matches!(Failure::from(failure), Failure::Declined { .. }));
        }
    }

    #[test]
    fn a_refusal_is_declined_and_its_words_are_kept_to_itself() {
        let failure = Failure::from(
            parse(&reply(200, r#"{"choices":[{"message":{"content":null,"refusal":"I cannot help."}}]}"#))
                .unwrap_err(),
        );
        assert_eq!(
            failure,
            Failure::Declined { cause: "the model refused: it declined to answer this prompt".into() }
        );
    }

    #[test]
    fn an_error_inside_a_200_is_an_error() {
        let of = |body: &str| Failure::from(parse(&reply(200, body)).unwrap_err());
        for transient in [
            r#"{"error":{"code":"rate_limit_exceeded","message":"slow"}}"#,
            r#"{"error":"model is loading"}"#,
            r#"{"choices":[{"error":{"code":502,"message":"Provider returned error"},"finish_reason":"error"}]}"#,
        ] {
            assert!(matches!(of(transient), Failure::Transient { .. }), "{transient}");
        }
        for permanent in [
            r#"{"error":{"code":"invalid_api_key","message":"no"}}"#,
            r#"{"error":{"code":402,"message":"Insufficient credits"}}"#,
            r#"{"error":"model 'qwen9' not found"}"#,
        ] {
            assert!(matches!(of(permanent), Failure::Permanent { .. }), "{permanent}");
        }
    }

    #[test]
    fn every_server_s_way_of_putting_an_error_is_read() {
        for (status, body, said) in [
            (404, r#"{"error":"model 'x' not found, try pulling it first"}"#, "try pulling"),
            (400, r#"{"object":"error","message":"bad value","code":400}"#, "bad value"),
            (422, r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, "field required"),
            (
                500,
                r#"{"errors":[{"message":"upstream broke","code":3040}],"success":false}"#,
                "upstream broke",
            ),
            (400, r#"[{"error":{"code":400,"message":"wrong array"}}]"#, "wrong array"),
        ] {
            let failure = Failure::from(parse(&reply(status, body)).unwrap_err());
            assert!(failure.cause().contains(said), "{failure:?}");
        }
    }

    #[test]
    fn what_a_server_does_not_understand_is_named() {
        let feature = |status, message: &str| {
            let body = json!({"error": {"message": message, "type": "invalid_request_error"}}).to_string();
            match parse(&reply(status, &body)) {
                Err(ModelFailure::Unsupported { feature, .. }) => Some(feature),
                _ => None,
            }
        };
        let renamed = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        assert_eq!(feature(400, renamed), Some(Feature::TokenLimitName));
        let long = "max_tokens is too large: 9000. This model supports at most 4096 completion tokens.";
        assert_eq!(feature(400, long), Some(Feature::LongReply));
        assert_eq!(feature(400, "System role not supported"), Some(Feature::SystemRole));
        let thought = r#"{"choices":[{"message":{"content":"","reasoning_content":"hm hm"},"finish_reason":"length"}]}"#;
        assert!(matches!(
            parse(&reply(200, thought)),
            Err(ModelFailure::Unsupported { feature: Feature::ShortReply, .. })
        ));
    }
}
