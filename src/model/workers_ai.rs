//! Cloudflare's Workers AI by its binding: what `run` is given, and what it gives back or throws.

use super::openai;
use super::prompt::Prompt;
use super::wire::{Completion, Dialect, Feature, Finish, JsonMode, ModelFailure, Refusal, counted, garbage};
use crate::job::Failure;
use crate::job::budget::Tokens;
use crate::web::http::HttpReply;
use serde_json::{Value, json};

/// Name of the binding.
pub const BINDING: &str = "AI";

/// The input of `run` for one prompt. JSON is asked for with `response_format`: the schema itself, then `json_object`.
#[must_use]
pub fn input(prompt: &Prompt, dialect: Dialect) -> Value {
    let messages = if dialect.system_in_user {
        json!([{"role": "user", "content": format!("{}\n\n{}", prompt.system, prompt.user)}])
    } else {
        json!([{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}])
    };
    // Without a limit the platform cuts after 256 tokens.
    let mut input =
        json!({"messages": messages, "max_tokens": dialect.reply_tokens(prompt), "stream": false});
    let format = prompt.schema.as_ref().and_then(|schema| match dialect.json {
        JsonMode::Schema => Some(json!({"type": "json_schema", "json_schema": schema})),
        JsonMode::Object => Some(json!({"type": "json_object"})),
        JsonMode::Instruction => None,
    });
    if let (Some(members), Some(format)) = (input.as_object_mut(), format) {
        members.insert("response_format".into(), format);
    }
    input
}

/// Reads what `run` gave back: `{response, usage}`, or a chat completion.
///
/// # Errors
/// See [`ModelFailure`].
pub fn parse(output: &str) -> Result<Completion, ModelFailure> {
    let Ok(body) = serde_json::from_str::<Value>(output) else {
        return Err(garbage("the model's reply is not JSON"));
    };
    if body.get("choices").is_some() {
        return openai::completion(&body);
    }
    let text = match body.get("response") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        // Asked for JSON, it is given parsed.
        Some(value) => value.to_string(),
    };
    let tokens = Tokens {
        input: counted(&body, "/usage/prompt_tokens"),
        output: counted(&body, "/usage/completion_tokens"),
        cached: counted(&body, "/usage/prompt_tokens_details/cached_tokens"),
    };
    if text.trim().is_empty() {
        return Err(garbage("the model answered with nothing"));
    }
    Ok(Completion { text, tokens, finish: Finish::Stop })
}

/// What something thrown by `run` means: its text begins with a code of Workers AI, or holds one.
#[must_use]
pub fn thrown(text: &str) -> ModelFailure {
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 4);
    // From Cloudflare's table of errors.
    let status = match code {
        Some("5007" | "3042") => 404,
        Some("5018" | "5016" | "3023" | "3041") => 403,
        Some("3006") => 413,
        Some("3007" | "3008") => 408,
        Some("3036" | "3040") => 429,
        Some("5004" | "5006" | "3003" | "3010" | "5021" | "5025") => 400,
        _ => 502,
    };
    let lower = text.to_lowercase();
    if code == Some("5025") || lower.contains("json mode") || lower.contains("json schema") {
        let cause = "the model does not take this reply format".to_owned();
        return ModelFailure::Unsupported { feature: Feature::ReplyFormat, cause };
    }
    if status == 403 {
        return ModelFailure::Failed(Failure::permanent("the account may not use this model of Workers AI"));
    }
    let body = json!({"error": {"message": text}});
    let reply = HttpReply { status, headers: Vec::new(), body: Vec::new() };
    Refusal { status, reply: &reply, body: Some(&body), retry_after_ms: None }.failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::chain::Api;
    use crate::model::wire::tests::{endpoint, plan};

    #[test]
    fn the_schema_stands_in_the_format_itself() {
        let dialect = Dialect::of(&endpoint(Api::WorkersAi, ""));
        let asked = input(&plan(), dialect);
        assert_eq!(asked.pointer("/response_format/type"), Some(&json!("json_schema")));
        assert_eq!(asked.pointer("/response_format/json_schema/type"), Some(&json!("object")));
        assert_eq!(asked.get("max_tokens"), Some(&json!(900)));
        let weaker = dialect.without(Feature::ReplyFormat).unwrap();
        assert_eq!(input(&plan(), weaker).pointer("/response_format"), Some(&json!({"type": "json_object"})));
    }

    #[test]
    fn both_shapes_of_a_reply_are_read() {
        let tokens = Tokens { input: 9, output: 2, cached: 0 };
        for (output, text) in [
            (r#"{"response":"Hi","usage":{"prompt_tokens":9,"completion_tokens":2}}"#, "Hi"),
            (
                r#"{"response":{"queries":["a"]},"usage":{"prompt_tokens":9,"completion_tokens":2}}"#,
                r#"{"queries":["a"]}"#,
            ),
            (
                r#"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#,
                "Hi",
            ),
        ] {
            let done = parse(output).unwrap();
            assert_eq!((done.text.as_str(), done.tokens), (text, tokens));
        }
        for output in ["", "null", "[]", r#"{"response":""}"#, &"[".repeat(10_000)] {
            assert!(
                matches!(parse(output), Err(ModelFailure::Failed(Failure::Transient { .. }))),
                "{output}"
            );
        }
    }

    #[test]
    fn what_is_thrown_is_told_apart_by_its_code() {
        let permanent = |text: &str| matches!(thrown(text), ModelFailure::Failed(Failure::Permanent { .. }));
        let transient = |text: &str| matches!(thrown(text), ModelFailure::Failed(Failure::Transient { .. }));
        assert!(permanent("AiError: 5007: No such model @cf/none or task"));
        assert!(permanent("3036: You have used up your daily free allocation of 10,000 neurons."));
        assert!(transient("InferenceUpstreamError: 3040: Capacity temporarily exceeded, please try again."));
        assert!(transient("Network connection lost."));
        let long = "5021: The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (7968).";
        assert!(matches!(thrown(long), ModelFailure::ContextTooLong { .. }), "{:?}", thrown(long));
        assert!(matches!(
            thrown("5025: This model doesn't support JSON Schema."),
            ModelFailure::Unsupported { feature: Feature::ReplyFormat, .. }
        ));
    }
}
