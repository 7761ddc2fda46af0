//! Anthropic's Messages API.

use super::prompt::Prompt;
use super::wire::{
    self, Completion, Dialect, Endpoint, Feature, Finish, JsonMode, ModelFailure, Refusal, counted, garbage,
    refused,
};
use crate::job::budget::Tokens;
use crate::web::http::{HttpReply, HttpRequest};
use serde_json::{Value, json};

/// The version of the API that is spoken; the only one that is generally available.
const VERSION: &str = "2023-06-01";

/// The call for one prompt. JSON is asked for by a tool that the model must call, then by `output_config.format`. Tool and
/// system text are the same for every call of one kind and marked for caching.
#[must_use]
pub fn request(endpoint: &Endpoint, prompt: &Prompt, dialect: Dialect) -> HttpRequest {
    let mut body = json!({
        "model": endpoint.model,
        "max_tokens": dialect.reply_tokens(prompt),
        "system": [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": prompt.user}]}],
    });
    if let (Some(members), Some(schema)) = (body.as_object_mut(), &prompt.schema) {
        match dialect.json {
            JsonMode::Schema => {
                let tool = json!({
                    "name": prompt.schema_name,
                    "description": "Takes the reply. Call it once, with the whole reply.",
                    "input_schema": schema,
                });
                members.insert("tools".into(), json!([tool]));
                members.insert("tool_choice".into(), json!({"type": "tool", "name": prompt.schema_name}));
            }
            JsonMode::Object => {
                let format = json!({"format": {"type": "json_schema", "schema": schema}});
                members.insert("output_config".into(), format);
            }
            JsonMode::Instruction => {}
        }
    }
    let mut own = vec![("anthropic-version", VERSION.to_owned())];
    if let Some(key) = endpoint.api_key.as_deref().filter(|k| !k.is_empty()) {
        own.push(("x-api-key", key.to_owned()));
    }
    wire::post(endpoint, wire::versioned(&endpoint.base_url, "v1", "/messages"), own, &body)
}

/// Reads a reply.
///
/// # Errors
/// See [`ModelFailure`].
pub fn parse(reply: &HttpReply) -> Result<Completion, ModelFailure> {
    let body = wire::json_body(reply);
    let refusal = |status, body| Refusal { status, reply, body, retry_after_ms: None }.failure();
    if !(200..300).contains(&reply.status) {
        return Err(refusal(reply.status, body.as_ref()));
    }
    let Some(body) = body else {
        return Err(garbage("the model server's reply is not JSON"));
    };
    if body.get("error").is_some_and(|e| !e.is_null()) {
        return Err(refusal(status_of(&body), Some(&body)));
    }
    let Some(blocks) = body.get("content").and_then(Value::as_array) else {
        return Err(garbage("the model server's reply holds no content"));
    };
    let stop = body.get("stop_reason").and_then(Value::as_str).unwrap_or("end_turn");
    match stop {
        "refusal" => return Err(refused("it declined to answer this prompt")),
        "model_context_window_exceeded" => {
            let cause = "the prompt and its reply are too long for the model".to_owned();
            return Err(ModelFailure::ContextTooLong { cause });
        }
        _ => {}
    }
    let cut = stop == "max_tokens";
    let text = answer(blocks);
    if text.trim().is_empty() {
        return Err(if cut {
            ModelFailure::Unsupported {
                feature: Feature::ShortReply,
                cause: "the model used up its token limit before it wrote an answer".to_owned(),
            }
        } else {
            garbage("the model answered with nothing")
        });
    }
    // What was read from the cache and what was written to it is not part of `input_tokens`.
    let cached = counted(&body, "/usage/cache_read_input_tokens");
    let written = counted(&body, "/usage/cache_creation_input_tokens");
    let input = counted(&body, "/usage/input_tokens").saturating_add(cached).saturating_add(written);
    let tokens = Tokens { input, output: counted(&body, "/usage/output_tokens"), cached };
    Ok(Completion { text, tokens, finish: if cut { Finish::Length } else { Finish::Stop } })
}

/// What the tool was called with; without a call, the text.
fn answer(blocks: &[Value]) -> String {
    let of_type = |name: &'static str| {
        blocks.iter().filter(move |b| b.get("type").and_then(Value::as_str) == Some(name))
    };
    let inputs = of_type("tool_use").filter_map(|block| block.get("input"));
    let input = inputs.into_iter().find(|input| input.as_object().is_some_and(|members| !members.is_empty()));
    match input {
        Some(input) => input.to_string(),
        None => of_type("text").filter_map(|b| b.get("text").and_then(Value::as_str)).collect(),
    }
}

/// The status that an error inside a 200 stands for.
fn status_of(body: &Value) -> u16 {
    match body.pointer("/error/type").and_then(Value::as_str).unwrap_or_default() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        _ => 529,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Failure;
    use crate::model::chain::Api;
    use crate::model::wire::tests::{body_of, endpoint, plan, reply, text_prompt};

    fn asked(dialect: Dialect) -> Value {
        body_of(&request(&endpoint(Api::Anthropic, "http://127.0.0.1:1"), &plan(), dialect))
    }

    fn dialect() -> Dialect {
        Dialect::of(&endpoint(Api::Anthropic, ""))
    }

    #[test]
    fn a_base_url_works_with_and_without_its_version() {
        for base in
            ["https://api.anthropic.com", "https://api.anthropic.com/", "https://api.anthropic.com/v1"]
        {
            let request = request(&endpoint(Api::Anthropic, base), &plan(), dialect());
            assert_eq!(request.url, "https://api.anthropic.com/v1/messages");
        }
    }

    #[test]
    fn the_key_and_the_version_travel_in_headers_and_the_rules_are_marked_for_caching() {
        let request = request(&endpoint(Api::Anthropic, "http://127.0.0.1:1"), &plan(), dialect());
        let header = |name: &str| request.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        assert_eq!(
            (header("x-api-key"), header("anthropic-version")),
            (Some("sk-secret"), Some("2023-06-01"))
        );
        let body = body_of(&request);
        assert_eq!(body.pointer("/system/0/cache_control/type"), Some(&json!("ephemeral")));
        assert_eq!(body.pointer("/max_tokens"), Some(&json!(900)));
        assert_eq!(body.get("temperature"), None);
    }

    #[test]
    fn json_is_asked_for_by_a_tool_then_by_a_format_then_by_words() {
        let schema = asked(dialect());
        assert_eq!(schema.pointer("/tool_choice"), Some(&json!({"type": "tool", "name": "plan"})));
        assert_eq!(schema.pointer("/tools/0/input_schema/type"), Some(&json!("object")));
        let weaker = dialect().without(Feature::ReplyFormat).unwrap();
        let format = asked(weaker);
        assert_eq!(format.pointer("/output_config/format/type"), Some(&json!("json_schema")));
        assert_eq!(format.get("tools"), None);
        let words = asked(weaker.without(Feature::ReplyFormat).unwrap());
        assert_eq!((words.get("tools"), words.get("output_config")), (None, None));
        let prose = body_of(&request(&endpoint(Api::Anthropic, ""), &text_prompt(), dialect()));
        assert_eq!(prose.get("tools"), None, "prose is no tool's business");
    }

    #[test]
    fn the_tools_input_is_the_answer_and_cached_tokens_count_as_read() {
        let done = parse(&reply(
            200,
            r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"Sure."},
               {"type":"tool_use","id":"t","name":"plan","input":{"queries":["a"]}}],"stop_reason":"tool_use",
               "usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":7}}"#,
        ))
        .unwrap();
        assert_eq!(done.text, r#"{"queries":["a"]}"#);
        assert_eq!(done.tokens, Tokens { input: 115, output: 7, cached: 100 });
        assert_eq!(done.finish, Finish::Stop);
    }

    #[test]
    fn text_is_read_without_thoughts_and_a_cut_is_told() {
        let text = r#"{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"a"},{"type":"text","text":"b"}],"stop_reason":"max_tokens"}"#;
        let done = parse(&reply(200, text)).unwrap();
        assert_eq!((done.text.as_str(), done.finish), ("ab", Finish::Length));
        let nothing =
            r#"{"content":[{"type":"tool_use","name":"plan","input":{}}],"stop_reason":"max_tokens"}"#;
        let failure = parse(&reply(200, nothing)).unwrap_err();
        assert!(
            matches!(failure, ModelFailure::Unsupported { feature: Feature::ShortReply, .. }),
            "{failure:?}"
        );
    }

    #[test]
    fn failures_are_told_apart_by_what_helps() {
        let error = |kind: &str, message: &str| {
            json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
                .to_string()
        };
        let of = |status, body: &str| parse(&reply(status, body)).unwrap_err();
        for (status, kind) in
            [(429, "rate_limit_error"), (500, "api_error"), (504, "timeout_error"), (529, "overloaded_error")]
        {
            let failure = of(status, &error(kind, "later"));
            assert!(
                matches!(
                    &failure,
                    ModelFailure::Failed(Failure::Transient { retry_after_ms: Some(7_000), .. })
                ),
                "{failure:?}"
            );
        }
        assert!(matches!(
            of(200, &error("overloaded_error", "Overloaded")),
            ModelFailure::Failed(Failure::Transient { .. })
        ));
        for (status, kind, message) in [
            (401, "authentication_error", "invalid x-api-key"),
            (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
            (404, "not_found_error", "model: claude-none"),
            (403, "permission_error", "no"),
        ] {
            let failure = of(status, &error(kind, message));
            assert!(matches!(&failure, ModelFailure::Failed(Failure::Permanent { .. })), "{failure:?}");
        }
        for (status, message) in [
            (400, "prompt is too long: 208310 tokens > 200000 maximum"),
            (
                400,
                "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
            ),
            (413, "Request exceeds the maximum size"),
        ] {
            let failure = of(status, &error("invalid_request_error", message));
            assert!(matches!(failure, ModelFailure::ContextTooLong { .. }), "{failure:?}");
        }
        let failure = of(
            400,
            &error("invalid_request_error", "Thinking may not be enabled when tool_choice forces tool use."),
        );
        assert!(
            matches!(failure, ModelFailure::Unsupported { feature: Feature::ReplyFormat, .. }),
            "{failure:?}"
        );
        let refusal = of(200, r#"{"content":[],"stop_reason":"refusal"}"#);
        assert!(matches!(refusal, ModelFailure::Failed(Failure::Declined { .. })));
        let window = of(
            200,
            r#"{"content":[{"type":"text","text":"x"}],"stop_reason":"model_context_window_exceeded"}"#,
        );
        assert!(matches!(window, ModelFailure::ContextTooLong { .. }));
    }
}
