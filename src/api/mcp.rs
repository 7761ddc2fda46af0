//! The Model Context Protocol at `POST /mcp`: JSON-RPC 2.0 over streamable HTTP, without sessions.
//!
//! Written after the specification of 2025-06-18 ("Base protocol", "Streamable HTTP", "Tools"). Each request is answered
//! by one JSON object, or by an event stream when the client wants to hear of progress.

mod shape;
mod tools;

pub use shape::{Progress, found, progress, report, started, status};
pub use tools::{REPORT_TOKENS, Tool, definitions};

use crate::api::ApiError;
use serde_json::{Map, Value, json};

/// Longest message, in bytes: a question of 4,000 characters with a schema of 16 KB, and room.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Versions of the protocol that are spoken, newest first. What is used of them is the same in all.
const VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// What a model that has these tools is told once.
const INSTRUCTIONS: &str = "Deep research with checked citations. Start with research_start, wait with research_status until it says completed \
     (a job takes from seconds to some minutes), then read research_report. Every [n] in a report was checked against the page it names. \
     Ask on with research_followup; library_search looks into the account's own documents.";

/// A message of a client, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Answered at once, with this.
    Answered(Value),
    /// No message of the protocol; answered with the error that says so, as a 400.
    Refused(Value),
    /// A tool is called.
    Call {
        /// To be echoed in the reply.
        id: Value,
        /// Which, with its arguments.
        tool: Tool,
        /// Under which progress is told, when the client wants to hear of it.
        progress_token: Option<Value>,
    },
    /// Wants no answer.
    Notification,
}

/// JSON-RPC's own codes (section 5.1).
const PARSE_ERROR: i32 = -32_700;
const INVALID_REQUEST: i32 = -32_600;
const METHOD_NOT_FOUND: i32 = -32_601;
const INVALID_PARAMS: i32 = -32_602;

/// Reads a message. Total: what is no message is answered with the error that says so.
#[must_use]
pub fn message(body: &[u8]) -> Message {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Message::Refused(error(&Value::Null, PARSE_ERROR, "the body is not JSON"));
    };
    let Some(object) = value.as_object() else {
        let what = "send one JSON-RPC message at a time: batches were taken out of the protocol";
        return Message::Refused(error(&Value::Null, INVALID_REQUEST, what));
    };
    let refused = |what| Message::Refused(error(&Value::Null, INVALID_REQUEST, what));
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return refused("`jsonrpc` must be \"2.0\"");
    }
    let id = match object.get("id") {
        None => Value::Null,
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        // Not even null: the protocol is stricter here than JSON-RPC.
        Some(_) => return refused("`id` must be a text or a number"),
    };
    let Some(method) = object.get("method").and_then(Value::as_str) else {
        // A reply to something that was never asked.
        return if object.contains_key("result") || object.contains_key("error") {
            Message::Notification
        } else {
            Message::Refused(error(&id, INVALID_REQUEST, "`method` is missing"))
        };
    };
    if object.get("params").is_some_and(|params| !params.is_object()) {
        return Message::Refused(error(&id, INVALID_PARAMS, "`params` must be an object"));
    }
    if id.is_null() {
        return Message::Notification;
    }
    let none = Map::new();
    let params = object.get("params").and_then(Value::as_object).unwrap_or(&none);
    match method {
        "initialize" => Message::Answered(result(&id, &initialized(params))),
        "ping" => Message::Answered(result(&id, &json!({}))),
        "tools/list" => Message::Answered(result(&id, &json!({ "tools": definitions() }))),
        "tools/call" => match Tool::parse(params) {
            Ok(tool) => {
                let progress_token =
                    params.get("_meta").and_then(|meta| meta.get("progressToken")).filter(|t| !t.is_null());
                Message::Call { id, tool, progress_token: progress_token.cloned() }
            }
            Err(tools::BadCall::Unknown(name)) => {
                Message::Answered(error(&id, INVALID_PARAMS, &format!("there is no tool `{name}`")))
            }
            // The model can mend its arguments, so it must see what is wrong with them.
            Err(tools::BadCall::Arguments(problems)) => {
                Message::Answered(result(&id, &failed(&problems.join("; "))))
            }
        },
        other => Message::Answered(error(&id, METHOD_NOT_FOUND, &format!("`{other}` is not offered here"))),
    }
}

/// The reply to a request.
#[must_use]
pub fn result(id: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// A tool's result that says what went wrong, so that the model sees it.
#[must_use]
pub fn failed(why: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": why }], "isError": true })
}

/// The same for an error of ours.
#[must_use]
pub fn refused(error: &ApiError) -> Value {
    failed(&error.to_string())
}

/// One message of an event stream (WHATWG HTML, 9.2).
#[must_use]
pub fn frame(message: &Value) -> String {
    format!("event: message\ndata: {message}\n\n")
}

fn error(id: &Value, code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// The version that the client asks for where it is spoken here, else the newest: the client then decides.
fn initialized(params: &Map<String, Value>) -> Value {
    let asked = params.get("protocolVersion").and_then(Value::as_str);
    let version = VERSIONS.into_iter().find(|version| Some(*version) == asked).unwrap_or("2025-06-18");
    json!({
        "protocolVersion": version,
        "capabilities": { "tools": { "listChanged": false } },
        "serverInfo": { "name": "footnote", "title": "Footnote", "version": env!("CARGO_PKG_VERSION") },
        "instructions": INSTRUCTIONS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(body: &str) -> Value {
        match message(body.as_bytes()) {
            Message::Answered(value) | Message::Refused(value) => value,
            other => panic!("{other:?}"),
        }
    }

    fn call(name: &str, arguments: &Value) -> String {
        let params = json!({ "name": name, "arguments": arguments, "_meta": { "progressToken": "p1" } });
        json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params }).to_string()
    }

    #[test]
    fn a_client_is_answered_in_the_version_that_it_asks_for_or_in_ours() {
        let asked = |version: &str| {
            let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": {} });
            answered(
                &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }).to_string(),
            )
        };
        assert_eq!(asked("2025-03-26")["result"]["protocolVersion"], "2025-03-26");
        assert_eq!(asked("2099-01-01")["result"]["protocolVersion"], "2025-06-18");
        assert_eq!(asked("2025-06-18")["result"]["serverInfo"]["name"], "footnote");
    }

    #[test]
    fn a_call_names_its_tool_and_where_progress_is_wanted() {
        let body = call("research_status", &json!({ "id": format!("res_{}", "a".repeat(32)), "wait_s": 99 }));
        let Message::Call { id, tool, progress_token } = message(body.as_bytes()) else { panic!("{body}") };
        assert_eq!((id, progress_token), (json!(7), Some(json!("p1"))));
        assert_eq!(tool, Tool::Status { id: format!("res_{}", "a".repeat(32)), wait_ms: 25_000 });
    }

    #[test]
    fn wrong_arguments_are_a_result_that_the_model_can_read() {
        let wrong = answered(&call("research_start", &json!({ "query": "" })));
        assert_eq!(wrong["result"]["isError"], true);
        assert!(wrong["result"]["content"][0]["text"].as_str().unwrap().contains("`query`"), "{wrong}");
        let wrong = answered(&call("research_status", &json!({ "id": "x" })));
        assert!(wrong["result"]["content"][0]["text"].as_str().unwrap().contains("`id`"), "{wrong}");
    }

    #[test]
    fn what_is_no_message_gets_the_protocols_error_and_notifications_get_nothing() {
        for (body, code) in [
            ("{", PARSE_ERROR),
            ("[]", INVALID_REQUEST),
            ("{\"id\": 1}", INVALID_REQUEST),
            ("{\"jsonrpc\": \"2.0\", \"id\": 1}", INVALID_REQUEST),
            ("{\"jsonrpc\": \"2.0\", \"id\": null, \"method\": \"ping\"}", INVALID_REQUEST),
            ("{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\", \"params\": [1]}", INVALID_PARAMS),
            ("{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"resources/list\"}", METHOD_NOT_FOUND),
            (&call("launch_rocket", &json!({})), INVALID_PARAMS),
        ] {
            assert_eq!(answered(body)["error"]["code"], code, "{body}");
        }
        for body in [
            "{\"jsonrpc\": \"2.0\", \"method\": \"notifications/initialized\"}",
            "{\"jsonrpc\": \"2.0\", \"id\": 3, \"result\": {}}",
        ] {
            assert_eq!(message(body.as_bytes()), Message::Notification, "{body}");
        }
    }

    #[test]
    fn every_tool_says_what_it_takes() {
        let definitions = definitions();
        let names: Vec<&str> = definitions.iter().filter_map(|d| d["name"].as_str()).collect();
        assert_eq!(
            names,
            ["research_start", "research_status", "research_report", "research_followup", "library_search"]
        );
        for definition in &definitions {
            assert_eq!(definition["inputSchema"]["type"], "object");
            assert!(definition["description"].as_str().unwrap().len() > 40, "{definition}");
            assert!(definition["inputSchema"]["required"].is_array(), "{definition}");
        }
    }
}
