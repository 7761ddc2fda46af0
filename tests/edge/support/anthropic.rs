//! A model server in the shape of Anthropic's `POST /v1/messages`.

use super::brain;
use super::http::{Reply, Request};
use super::origin::Origin;
use serde_json::{Value, json};

/// The key that the server asks for.
pub(crate) const KEY: &str = "sk-ant-canary-71bd";
/// The path of every request; faults are scripted on it.
pub(crate) const PATH: &str = "/v1/messages";

pub(crate) fn start() -> Origin {
    Origin::start(1, answer)
}

/// What the server answers: as the API does, it wants version and key, refuses members that it does not know, and answers
/// a forced tool with its input.
fn answer(request: &Request) -> Reply {
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    if request.method != "POST" || request.path != PATH {
        return error(404, "not_found_error", "Not found");
    }
    if header("x-api-key") != Some(KEY) {
        return error(401, "authentication_error", "invalid x-api-key");
    }
    if header("anthropic-version") != Some("2023-06-01") {
        return error(400, "invalid_request_error", "anthropic-version: header is required");
    }
    let asked = request.json();
    const KNOWN: [&str; 7] =
        ["model", "max_tokens", "system", "messages", "tools", "tool_choice", "output_config"];
    let members = asked.as_object().cloned().unwrap_or_default();
    if let Some(unknown) = members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return error(400, "invalid_request_error", &format!("{unknown}: Extra inputs are not permitted"));
    }
    if !asked["model"].is_string() || !asked["max_tokens"].is_u64() || !asked["messages"].is_array() {
        return error(400, "invalid_request_error", "messages: Field required");
    }
    message(&asked, &brain::answer(&chat(&asked)))
}

/// The same request as a chat, which is what the brain reads.
fn chat(asked: &Value) -> Value {
    let text = |parts: &Value| {
        let parts = parts.as_array().map(Vec::as_slice).unwrap_or_default();
        parts.iter().filter_map(|part| part["text"].as_str()).collect::<String>()
    };
    json!({
        "messages": [
            {"role": "system", "content": text(&asked["system"])},
            {"role": "user", "content": text(&asked["messages"][0]["content"])},
        ],
        "response_format": {"json_schema": {"name": asked["tool_choice"]["name"]}},
    })
}

/// A message with this answer, by the tool if one must be called.
pub(crate) fn message(asked: &Value, text: &str) -> Reply {
    let forced = asked["tool_choice"]["type"] == "tool";
    let (block, stop) = if forced {
        let input: Value = serde_json::from_str(text).unwrap_or_else(|_| json!({"text": text}));
        (
            json!({"type": "tool_use", "id": "toolu_1", "name": asked["tool_choice"]["name"], "input": input}),
            "tool_use",
        )
    } else {
        (json!({"type": "text", "text": text}), "end_turn")
    };
    let tokens = |text: &str| text.len().div_ceil(4);
    let cached = tokens(&asked["system"].to_string());
    Reply::json(
        200,
        &json!({
            "id": "msg_test", "type": "message", "role": "assistant", "model": asked["model"], "content": [block],
            "stop_reason": stop, "stop_sequence": null,
            "usage": {"input_tokens": tokens(&asked["messages"].to_string()), "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": cached, "output_tokens": tokens(text)},
        }),
    )
}

/// An error as Anthropic sends it.
pub(crate) fn error(status: u16, kind: &str, message: &str) -> Reply {
    let body =
        json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_test"});
    Reply::json(status, &body)
}
