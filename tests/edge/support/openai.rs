//! A model server in the shape of OpenAI's `POST /v1/chat/completions`, with an exchangeable brain.

use super::brain;
use super::http::{Reply, Request};
use super::origin::Origin;
use serde_json::{Value, json};

/// The key that the server asks for.
pub(crate) const KEY: &str = "sk-test-canary-0f3a";
/// The path of every request; faults are scripted on it.
pub(crate) const PATH: &str = "/v1/chat/completions";

/// Starts the server with the brain that answers Footnote's own tasks.
pub(crate) fn start() -> Origin {
    start_with(brain::answer)
}

/// Starts the server with another brain: from the request's JSON to the text of the answer.
pub(crate) fn start_with(brain: impl Fn(&Value) -> String + Send + Sync + 'static) -> Origin {
    Origin::start(1, move |request| answer(&brain, request))
}

fn answer(brain: &impl Fn(&Value) -> String, request: &Request) -> Reply {
    if request.method != "POST" || request.path != PATH {
        return Reply::json(404, &error("invalid_request_error", "Unknown request URL"));
    }
    if request.headers.get("authorization").map(String::as_str) != Some(&format!("Bearer {KEY}")) {
        return Reply::json(401, &error("invalid_api_key", "Incorrect API key provided"));
    }
    let asked = request.json();
    if !asked["messages"].is_array() || !asked["model"].is_string() {
        return Reply::json(400, &error("invalid_request_error", "messages and model are required"));
    }
    completion(&asked, &brain(&asked))
}

/// A completion with this text.
pub(crate) fn completion(asked: &Value, text: &str) -> Reply {
    let tokens = |text: &str| text.len().div_ceil(4);
    let (prompt, written) = (tokens(&asked["messages"].to_string()), tokens(text));
    Reply::json(
        200,
        &json!({
            "id": "chatcmpl-test", "object": "chat.completion", "created": 1_790_000_000, "model": asked["model"],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": null,
                "finish_reason": "stop"}],
            "usage": {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written},
        }),
    )
}

/// An error body as OpenAI sends it.
pub(crate) fn error(code: &str, message: &str) -> Value {
    json!({"error": {"message": message, "type": code, "param": null, "code": code}})
}
