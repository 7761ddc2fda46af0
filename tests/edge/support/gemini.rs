//! A model server in the shape of Gemini's `POST /v1beta/models/{model}:generateContent`.

use super::brain;
use super::http::{Reply, Request};
use super::origin::Origin;
use serde_json::{Value, json};

/// The key that the server asks for.
pub(crate) const KEY: &str = "AIza-canary-93c4";
/// The model that it has.
pub(crate) const MODEL: &str = "gemini-test";
/// The path of every request; faults are scripted on it.
pub(crate) const PATH: &str = "/v1beta/models/gemini-test:generateContent";

pub(crate) fn start() -> Origin {
    Origin::start(1, answer)
}

/// What the server answers: as the API does, it takes the key from its header and a schema only in its own subset.
fn answer(request: &Request) -> Reply {
    if request.method != "POST" || request.path != PATH {
        return error(404, "NOT_FOUND", "models/x is not found for API version v1beta");
    }
    if request.headers.get("x-goog-api-key").map(String::as_str) != Some(KEY) || !request.query.is_empty() {
        return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.");
    }
    let asked = request.json();
    let schema = &asked["generationConfig"]["responseSchema"];
    if schema.to_string().contains("additionalProperties") {
        return error(
            400,
            "INVALID_ARGUMENT",
            "Unknown name \"additionalProperties\" at 'generation_config.response_schema'",
        );
    }
    let asks_json = asked["generationConfig"]["responseMimeType"] == "application/json";
    if schema.is_object() && !asks_json {
        return error(400, "INVALID_ARGUMENT", "response_schema needs response_mime_type application/json");
    }
    content(&asked, &brain::answer(&chat(&asked)), "STOP")
}

/// The same request as a chat, which is what the brain reads; the rules tell it the task.
fn chat(asked: &Value) -> Value {
    let text = |parts: &Value| parts["parts"][0]["text"].clone();
    json!({"messages": [
        {"role": "system", "content": text(&asked["systemInstruction"])},
        {"role": "user", "content": text(&asked["contents"][0])},
    ]})
}

/// A reply with this text.
pub(crate) fn content(asked: &Value, text: &str, finish: &str) -> Reply {
    let tokens = |text: &str| text.len().div_ceil(4);
    let (prompt, written) = (tokens(&asked["contents"].to_string()), tokens(text));
    Reply::json(
        200,
        &json!({
            "candidates": [{"content": {"role": "model", "parts": [{"text": "Let me think.", "thought": true}, {"text": text}]},
                "finishReason": finish, "index": 0}],
            "usageMetadata": {"promptTokenCount": prompt, "candidatesTokenCount": written, "thoughtsTokenCount": 4,
                "cachedContentTokenCount": prompt / 2, "totalTokenCount": prompt + written + 4},
            "modelVersion": MODEL,
        }),
    )
}

/// An error as Google sends it.
pub(crate) fn error(code: u16, status: &str, message: &str) -> Reply {
    Reply::json(code, &json!({"error": {"code": code, "message": message, "status": status, "details": []}}))
}
