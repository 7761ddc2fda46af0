//! Google's Gemini API, `models.generateContent`.

use super::prompt::Prompt;
use super::wire::{
    self, Completion, Dialect, Endpoint, Feature, Finish, JsonMode, ModelFailure, Refusal, counted, garbage,
    refused,
};
use crate::job::budget::Tokens;
use crate::web::http::{HttpReply, HttpRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

/// What a model's name may hold in a path unencoded.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/');

/// The call for one prompt. JSON is asked for with `responseMimeType` and `responseSchema`, then with the type alone. The
/// key travels in a header, never in the URL: URLs end up in logs.
#[must_use]
pub fn request(endpoint: &Endpoint, prompt: &Prompt, dialect: Dialect) -> HttpRequest {
    let mut config = json!({"maxOutputTokens": dialect.reply_tokens(prompt)});
    if let (Some(members), Some(schema)) = (config.as_object_mut(), &prompt.schema) {
        if dialect.json <= JsonMode::Object {
            members.insert("responseMimeType".into(), "application/json".into());
        }
        if dialect.json == JsonMode::Schema {
            members.insert("responseSchema".into(), subset(schema));
        }
    }
    let contents = |text: &str| json!([{"role": "user", "parts": [{"text": text}]}]);
    let body = if dialect.system_in_user {
        let text = format!("{}\n\n{}", prompt.system, prompt.user);
        json!({"contents": contents(&text), "generationConfig": config})
    } else {
        json!({
            "systemInstruction": {"parts": [{"text": prompt.system}]},
            "contents": contents(&prompt.user),
            "generationConfig": config,
        })
    };
    let model = endpoint.model.trim_start_matches("models/");
    let path = format!("/models/{}:generateContent", utf8_percent_encode(model, PLAIN));
    let key = endpoint.api_key.as_deref().filter(|k| !k.is_empty());
    let own = key.map(|key| ("x-goog-api-key", key.to_owned())).into_iter().collect();
    wire::post(endpoint, wire::versioned(&endpoint.base_url, "v1beta", &path), own, &body)
}

/// Reads a reply.
///
/// # Errors
/// See [`ModelFailure`].
pub fn parse(reply: &HttpReply) -> Result<Completion, ModelFailure> {
    let body = wire::json_body(reply);
    let refusal = |status, body: Option<&Value>| {
        let retry_after_ms = body.and_then(waits_ms);
        Refusal { status, reply, body, retry_after_ms }.failure()
    };
    if !(200..300).contains(&reply.status) {
        return Err(refusal(reply.status, body.as_ref()));
    }
    let Some(body) = body else {
        return Err(garbage("the model server's reply is not JSON"));
    };
    if body.get("error").is_some_and(|e| !e.is_null()) {
        let code = body.pointer("/error/code").and_then(Value::as_u64).and_then(|c| u16::try_from(c).ok());
        return Err(refusal(code.unwrap_or(502), Some(&body)));
    }
    if let Some(reason) = body.pointer("/promptFeedback/blockReason").and_then(Value::as_str) {
        return Err(refused(&format!("the prompt was blocked ({reason})")));
    }
    let Some(candidate) = body.pointer("/candidates/0") else {
        return Err(garbage("the model server's reply holds no candidate"));
    };
    let finish = candidate.get("finishReason").and_then(Value::as_str).unwrap_or("STOP");
    let text = answer(candidate);
    match finish {
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE" => {
            return Err(refused(&format!("its answer was withheld ({finish})")));
        }
        "MAX_TOKENS" if text.trim().is_empty() => {
            return Err(ModelFailure::Unsupported {
                feature: Feature::ShortReply,
                cause: "the model used up its token limit before it wrote an answer".to_owned(),
            });
        }
        _ if text.trim().is_empty() => return Err(garbage("the model answered with nothing")),
        _ => {}
    }
    let thoughts = counted(&body, "/usageMetadata/thoughtsTokenCount");
    let tokens = Tokens {
        input: counted(&body, "/usageMetadata/promptTokenCount"),
        output: counted(&body, "/usageMetadata/candidatesTokenCount").saturating_add(thoughts),
        cached: counted(&body, "/usageMetadata/cachedContentTokenCount"),
    };
    let finish = if finish == "MAX_TOKENS" { Finish::Length } else { Finish::Stop };
    Ok(Completion { text, tokens, finish })
}

/// Text of a candidate without its thoughts.
fn answer(candidate: &Value) -> String {
    let parts = candidate.pointer("/content/parts").and_then(Value::as_array).map(Vec::as_slice);
    let said =
        parts.unwrap_or_default().iter().filter(|part| part.get("thought") != Some(&Value::Bool(true)));
    said.filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
}

/// The wait of a `google.rpc.RetryInfo` (`"34.07s"`), in milliseconds.
fn waits_ms(body: &Value) -> Option<u64> {
    let details = body.pointer("/error/details")?.as_array()?;
    let delay = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    let seconds: f64 = delay.trim().strip_suffix('s')?.parse().ok()?;
    // A cast from float to integer saturates, and NaN becomes 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some((seconds * 1_000.0).ceil() as u64)
}

/// A JSON schema in the subset of OpenAPI's that `responseSchema` takes: `nullable` rather than a list of types, nothing
/// about additional members, the order of members said.
fn subset(schema: &Value) -> Value {
    let Some(members) = schema.as_object() else { return schema.clone() };
    let mut out = Map::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("additionalProperties", _) => {}
            ("type", Value::Array(types)) => {
                let named = types.iter().filter(|t| t.as_str() != Some("null"));
                out.extend(named.take(1).map(|t| ("type".to_owned(), t.clone())));
                out.insert("nullable".into(), types.iter().any(|t| t.as_str() == Some("null")).into());
            }
            ("properties", Value::Object(properties)) => {
                let converted = properties.iter().map(|(name, schema)| (name.clone(), subset(schema)));
                out.insert("properties".into(), Value::Object(converted.collect()));
            }
            ("items", items) => {
                out.insert("items".into(), subset(items));
            }
            ("required", order) => {
                out.insert("propertyOrdering".into(), order.clone());
                out.insert("required".into(), order.clone());
            }
            (name, value) => {
                out.insert(name.to_owned(), value.clone());
            }
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Failure;
    use crate::model::chain::Api;
    use crate::model::wire::tests::{analysis, body_of, endpoint, plan, reply};

    fn dialect() -> Dialect {
        Dialect::of(&endpoint(Api::Gemini, ""))
    }

    #[test]
    fn a_base_url_works_with_and_without_its_version_and_never_holds_the_key() {
        for base in
            ["https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta/"]
        {
            let endpoint =
                Endpoint { model: "models/gemini-2.5-flash".into(), ..endpoint(Api::Gemini, base) };
            let request = request(&endpoint, &plan(), dialect());
            assert_eq!(
                request.url,
                "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
            );
            assert!(request.headers.contains(&("x-goog-api-key".into(), "sk-secret".into())));
        }
        let odd = Endpoint { model: "a?b#c d".into(), ..endpoint(Api::Gemini, "http://h") };
        assert!(request(&odd, &plan(), dialect()).url.ends_with("/models/a%3Fb%23c%20d:generateContent"));
    }

    #[test]
    fn the_schema_is_asked_for_in_the_subset_that_the_api_takes() {
        let body = body_of(&request(&endpoint(Api::Gemini, "http://h"), &analysis(), dialect()));
        let config = body.get("generationConfig").unwrap();
        assert_eq!(config.pointer("/responseMimeType"), Some(&json!("application/json")));
        assert_eq!(config.pointer("/maxOutputTokens"), Some(&json!(9_500)), "thoughts count");
        let claim = config.pointer("/responseSchema/properties/claims/items").unwrap();
        assert_eq!(claim.pointer("/properties/quote"), Some(&json!({"type": "string"})));
        assert_eq!(claim.pointer("/propertyOrdering/0"), Some(&json!("quote")));
        assert!(!config.to_string().contains("additionalProperties"), "{config}");
        assert!(body.pointer("/systemInstruction/parts/0/text").is_some());
        let weaker = dialect().without(Feature::ReplyFormat).unwrap();
        let body = body_of(&request(&endpoint(Api::Gemini, "http://h"), &plan(), weaker));
        assert_eq!(body.pointer("/generationConfig/responseSchema"), None);
        assert!(body.pointer("/generationConfig/responseMimeType").is_some());
    }

    #[test]
    fn parts_are_joined_without_thoughts_and_usage_is_counted() {
        let done = parse(&reply(
            200,
            r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"{\"a\":"},{"text":"1}"}]},
               "finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":50,"candidatesTokenCount":5,
               "thoughtsTokenCount":20,"cachedContentTokenCount":40,"totalTokenCount":75},"modelVersion":"gemini-2.5-flash"}"#,
        ))
        .unwrap();
        assert_eq!(done.text, r#"{"a":1}"#);
        assert_eq!(done.tokens, Tokens { input: 50, output: 25, cached: 40 });
    }

    #[test]
    fn what_was_blocked_is_declined_and_what_was_cut_is_told() {
        let of = |body: &str| parse(&reply(200, body));
        for body in [
            r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#,
            r#"{"candidates":[{"finishReason":"SAFETY","safetyRatings":[]}]}"#,
            r#"{"candidates":[{"finishReason":"RECITATION","content":{"parts":[{"text":"x"}]}}]}"#,
        ] {
            let failure = of(body).unwrap_err();
            assert!(matches!(&failure, ModelFailure::Failed(Failure::Declined { .. })), "{failure:?}");
        }
        let short =
            of(r#"{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}]}"#).unwrap_err();
        assert!(matches!(short, ModelFailure::Unsupported { feature: Feature::ShortReply, .. }), "{short:?}");
        let cut =
            of(r#"{"candidates":[{"content":{"parts":[{"text":"half"}]},"finishReason":"MAX_TOKENS"}]}"#);
        assert_eq!(cut.unwrap().finish, Finish::Length);
    }

    #[test]
    fn failures_are_told_apart_by_what_helps() {
        let error = |code: u16, status: &str, message: &str, details: Value| {
            let body =
                json!({"error": {"code": code, "message": message, "status": status, "details": details}});
            let reply = HttpReply { status: code, headers: Vec::new(), body: body.to_string().into_bytes() };
            parse(&reply).unwrap_err()
        };
        let wait = json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.0741s"}]);
        assert!(matches!(
            error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota", wait),
            ModelFailure::Failed(Failure::Transient { retry_after_ms: Some(34_075), .. })
        ));
        let key = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]);
        let refused = error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", key);
        assert!(
            matches!(&refused, ModelFailure::Failed(Failure::Permanent { cause }) if cause.contains("refused the key"))
        );
        let long = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
        assert!(matches!(
            error(400, "INVALID_ARGUMENT", long, json!([])),
            ModelFailure::ContextTooLong { .. }
        ));
        let schema = "Invalid JSON payload received. Unknown name \"responseSchema\" at 'generation_config'";
        assert!(matches!(
            error(400, "INVALID_ARGUMENT", schema, json!([])),
            ModelFailure::Unsupported { feature: Feature::ReplyFormat, .. }
        ));
        let range = "it has a maxOutputTokens value of 12000 but the supported range is from 1 to 8193";
        assert!(matches!(
            error(400, "INVALID_ARGUMENT", range, json!([])),
            ModelFailure::Unsupported { feature: Feature::LongReply, .. }
        ));
        assert!(matches!(
            error(503, "UNAVAILABLE", "The model is overloaded.", json!([])),
            ModelFailure::Failed(Failure::Transient { .. })
        ));
    }
}
