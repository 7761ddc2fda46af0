//! Each API of a model, its failures, and what happens when the first model of a chain does not answer.

use crate::support::http::Reply;
use crate::support::{
    Config, Fault, Origin, Setup, Workerd, World, anthropic, brain, checks, gemini, openai,
};
use serde_json::{Value, json};
use std::time::Duration;

/// A job over a dozen pages takes a few seconds; the rest is for retries with back-off on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

const QUESTION: &str = "What is the total battery capacity of the ferry Lysling and how many minutes does charging take in Ostervik?";

const KEYS: [&str; 3] = [openai::KEY, anthropic::KEY, gemini::KEY];

/// Settings for all three servers; `MODEL` says who is asked.
fn setup(world: &World, claude: &Origin, flash: &Origin, more: &[(&str, &str)]) -> Setup {
    let mut setup = world.with_model();
    let settings = [
        ("ANTHROPIC_BASE_URL", claude.url("")),
        ("ANTHROPIC_API_KEY", anthropic::KEY.into()),
        ("ANTHROPIC_MODEL", "claude-test".into()),
        ("GEMINI_BASE_URL", flash.url("")),
        ("GEMINI_API_KEY", gemini::KEY.into()),
        ("GEMINI_MODEL", gemini::MODEL.into()),
    ];
    setup.env.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    more.iter().fold(setup, |setup, (name, value)| setup.with(name, value))
}

/// Researches, checks what comes, and that no key shows anywhere.
#[track_caller]
fn research(world: &World, workerd: &Workerd) -> Value {
    let id = workerd.api().post_research(&json!({"query": QUESTION}));
    let job = workerd.api().await_terminal(&id, PATIENCE);
    checks::wire_types(&job);
    checks::citations(&job, |url| world.text_of(url));
    let (_, events) = workerd.api().stream(&format!("/v1/research/{id}/events"), Duration::from_secs(3));
    assert!(events.contains("accepted"), "{events}");
    for key in KEYS {
        for text in [job.to_string(), events.clone(), workerd.log()] {
            assert!(!text.contains(key), "{key} in {text}");
        }
    }
    job
}

/// No prompt, no search and no page saw a key, and each server saw its own only.
#[track_caller]
fn keys_stay_in_their_headers(servers: &[(&Origin, &str)]) {
    for (server, own) in servers {
        for entry in server.ledger() {
            let line = entry.request.line();
            let headers = format!("{:?}", entry.request.headers);
            for key in KEYS {
                assert!(!line.contains(key), "{line}");
                assert!(key == *own || !headers.contains(key), "{headers}");
            }
        }
    }
}

#[test]
fn anthropic_answers_by_a_tool_and_its_cached_tokens_are_told() {
    let (world, claude, flash) = (World::start(), anthropic::start(), gemini::start());
    let prices = [
        ("MODEL", "anthropic"),
        ("PRICES", "claude-test.input=3,claude-test.output=15,claude-test.cached=0.3"),
    ];
    let workerd = Workerd::start(setup(&world, &claude, &flash, &prices));
    let job = research(&world, &workerd);
    assert!(job["report"].as_str().unwrap().contains("nine minutes"), "{job:#}");
    assert_eq!(
        (&job["state"], &job["degraded"], &job["warnings"]),
        (&json!("completed"), &Value::Null, &json!([]))
    );
    let usage = &job["usage"]["models"][0];
    assert_eq!((&usage["api"], &usage["model"]), (&json!("anthropic"), &json!("claude-test")));
    assert!(usage["tokens"]["cached"].as_u64() > Some(0), "{usage:#}");
    assert!(usage["tokens"]["input"].as_u64() > usage["tokens"]["cached"].as_u64(), "{usage:#}");
    assert!(usage["cost_usd"].as_f64() > Some(0.0), "{usage:#}");
    let bodies: Vec<Value> = claude.ledger().iter().map(|entry| entry.request.json()).collect();
    let systems = |name: &str| {
        let of = bodies.iter().filter(|body| body["tool_choice"]["name"] == name);
        let mut systems: Vec<String> = of.map(|body| body["system"].to_string()).collect();
        systems.dedup();
        systems.len()
    };
    assert_eq!(systems("claims"), 1, "the same to the byte for every page, so that it can be cached");
    assert!(world.model.ledger().is_empty() && flash.ledger().is_empty(), "nobody else was asked");
    keys_stay_in_their_headers(&[(&claude, anthropic::KEY), (&world.search, "")]);
}

#[test]
fn gemini_answers_by_its_schema_with_the_key_in_a_header() {
    let (world, claude, flash) = (World::start(), anthropic::start(), gemini::start());
    let workerd = Workerd::start(setup(&world, &claude, &flash, &[("MODEL", "gemini")]));
    let job = research(&world, &workerd);
    assert!(job["report"].as_str().unwrap().contains("nine minutes"), "{job:#}");
    assert_eq!((&job["state"], &job["degraded"]), (&json!("completed"), &Value::Null));
    assert!(job["usage"]["models"][0]["tokens"]["cached"].as_u64() > Some(0), "{:#}", job["usage"]);
    assert!(flash.ledger().iter().all(|entry| entry.request.query.is_empty()));
    keys_stay_in_their_headers(&[(&flash, gemini::KEY), (&world.search, "")]);
}

#[test]
fn workers_ai_answers_through_its_binding() {
    let world = World::start();
    let platform = Origin::start(1, |request| {
        let asked = request.json();
        let (model, input) = (&asked["model"], &asked["input"]);
        if !model.as_str().is_some_and(|m| m.starts_with("@cf/")) || !input["messages"].is_array() {
            return Reply::new(400, "text/plain", "5006: Error: required properties at '/' are 'messages'");
        }
        let named = json!({"messages": input["messages"]});
        let text = brain::answer(&named);
        // Asked for JSON, the platform gives it parsed.
        let parsed = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone()));
        let response = if input["response_format"].is_object() { parsed } else { Value::String(text) };
        Reply::json(
            200,
            &json!({"response": response, "usage": {"prompt_tokens": 90, "completion_tokens": 9, "total_tokens": 99}}),
        )
    });
    platform.first(
        "/run",
        [Fault::Instead(Reply::new(429, "text/plain", "3040: Capacity temporarily exceeded"))],
    );
    let model = format!("@cf/test/{}", platform.host());
    let mut setup = world.with_model().with("MODEL", "workers-ai").with("WORKERS_AI_MODEL", &model);
    setup.config = Config::WithAi;
    let workerd = Workerd::start(setup);
    let job = research(&world, &workerd);
    assert!(job["report"].as_str().unwrap().contains("nine minutes"), "{job:#}");
    assert_eq!((&job["state"], &job["degraded"]), (&json!("completed"), &Value::Null));
    assert_eq!(job["usage"]["models"][0]["api"], "workers-ai");
}

#[test]
fn workers_ai_without_its_binding_is_a_setting_to_mend() {
    let world = World::start();
    let setup = world.keyless().with("MODEL", "workers-ai:@cf/meta/llama");
    let workerd = Workerd::start_unhealthy(setup);
    let reply = workerd.api().get("/health");
    assert!(reply.status >= 500 && reply.text.contains("no binding AI"), "{reply:?}");
}

#[test]
fn when_the_first_model_is_down_the_second_finishes_the_job_and_the_reply_says_so() {
    let (world, claude, flash) = (World::start(), anthropic::start(), gemini::start());
    claude.always(anthropic::PATH, Fault::Instead(anthropic::error(529, "overloaded_error", "Overloaded")));
    let workerd =
        Workerd::start(setup(&world, &claude, &flash, &[("MODEL", "anthropic,openai:gpt-test,gemini")]));
    let job = research(&world, &workerd);
    assert_eq!((&job["status"], &job["state"]), (&json!("completed"), &json!("completed")), "{job:#}");
    let said = "gpt-test stood in for claude-test: the model server answered 529: Overloaded";
    assert!(job["degraded"].as_str().unwrap().contains(said), "{job:#}");
    assert!(job["warnings"].to_string().contains(said), "{job:#}");
    assert!(job["report"].as_str().unwrap().contains("nine minutes"), "{job:#}");
    assert!(!world.model.ledger().is_empty() && flash.ledger().is_empty(), "the third was not needed");
    // Four tries for the plan, then one for each of two more steps (others may be out by then), then none.
    let tries = claude.ledger().len();
    assert!((6..=16).contains(&tries), "{tries}");
    keys_stay_in_their_headers(&[(&claude, anthropic::KEY), (&world.model, openai::KEY)]);
}

#[test]
fn when_every_model_refuses_its_key_the_built_in_analyst_writes_the_report() {
    let (world, claude, flash) = (World::start(), anthropic::start(), gemini::start());
    let wrong = [
        ("MODEL", "anthropic,gemini"),
        ("ANTHROPIC_API_KEY", "wrong-canary-11"),
        ("GEMINI_API_KEY", "wrong-canary-22"),
    ];
    let workerd = Workerd::start(setup(&world, &claude, &flash, &wrong));
    let job = research(&world, &workerd);
    assert_eq!((&job["status"], &job["state"]), (&json!("completed"), &json!("partial")), "{job:#}");
    assert!(job["degraded"].as_str().unwrap().contains("refused the key"), "{job:#}");
    for text in [job.to_string(), workerd.log()] {
        assert!(!text.contains("wrong-canary"), "{text}");
    }
}

#[test]
fn each_task_goes_to_the_model_that_is_set_for_it() {
    let (world, claude, flash) = (World::start(), anthropic::start(), gemini::start());
    let duties = [("MODEL", "anthropic"), ("MODEL_PLAN", "openai"), ("MODEL_ANALYZE", "gemini")];
    let workerd = Workerd::start(setup(&world, &claude, &flash, &duties));
    let job = research(&world, &workerd);
    assert_eq!((&job["state"], &job["degraded"]), (&json!("completed"), &Value::Null), "{job:#}");
    let says =
        |server: &Origin, words: &str| server.ledger().iter().any(|e| e.request.line().contains(words));
    assert!(says(&world.model, "You plan web research") && !says(&world.model, "You read one web page"));
    assert!(says(&flash, "You read one web page") && !says(&flash, "You write"));
    assert!(says(&claude, "You write the summary") && !says(&claude, "You plan"));
    let models: Vec<&str> =
        job["usage"]["models"].as_array().unwrap().iter().filter_map(|m| m["model"].as_str()).collect();
    assert_eq!(models, ["test-model", "claude-test", gemini::MODEL]);
}

/// Whatever a server does now and then, the job completes with checked citations.
#[track_caller]
fn survives(api: &str, path: &str, faults: Vec<Fault>) {
    let (world, claude, flash) = (World::start(), anthropic::start(), gemini::start());
    let server = match api {
        "anthropic" => &claude,
        "gemini" => &flash,
        _ => &world.model,
    };
    server.first(path, faults);
    let workerd = Workerd::start(setup(&world, &claude, &flash, &[("MODEL", api)]));
    let job = research(&world, &workerd);
    assert_eq!(job["status"], "completed", "{job:#}");
    // Who was refused or cut twice may have been stood in for; whatever was done, it rests on quotes.
    assert!(job["sources_count"].as_u64() >= Some(1), "{job:#}");
    assert!(job["usage"]["models"][0]["tokens"]["output"].as_u64() > Some(0), "{:#}", job["usage"]);
}

/// What any server may do, each once.
fn broken() -> Vec<Fault> {
    vec![
        Fault::Instead(Reply::html("<html><body>502 Bad Gateway</body></html>")),
        Fault::Fine,
        Fault::Cut { after: 60 },
        Fault::Huge { bytes: 10 << 20 },
        Fault::Instead(Reply::new(200, "application/json", "[".repeat(200_000))),
        Fault::Instead(Reply::json(200, &json!({"wrong": "schema"}))),
        Fault::Reset,
        Fault::Instead(Reply::status(500)),
        Fault::Instead(Reply::new(200, "application/json", "")),
    ]
}

#[test]
fn an_openai_server_that_fails_now_and_then_or_speaks_an_older_dialect_does_not_end_the_job() {
    let refuses =
        |message: &str| Fault::Instead(Reply::json(400, &openai::error("invalid_request_error", message)));
    let chat = |message: Value, finish: &str| {
        Fault::Instead(Reply::json(200, &json!({"choices": [{"message": message, "finish_reason": finish}]})))
    };
    let mut faults = vec![
        refuses(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        ),
        refuses("response_format type json_schema is not supported"),
        chat(json!({"content": "", "reasoning_content": "hm"}), "length"),
        Fault::Fine,
        Fault::Instead(Reply::json(200, &json!({"error": {"code": 429, "message": "upstream is busy"}}))),
        refuses("This model's maximum context length is 4096 tokens."),
        chat(json!({"content": "{\"claims\": [{\"fact\": \"cut in the mid"}), "length"),
    ];
    faults.extend(broken());
    survives("openai", openai::PATH, faults);
}

#[test]
fn anthropic_that_fails_now_and_then_does_not_end_the_job() {
    let mut faults = vec![
        Fault::Instead(anthropic::error(429, "rate_limit_error", "slow down").header("retry-after", "1")),
        Fault::Fine,
        Fault::Instead(anthropic::error(
            400,
            "invalid_request_error",
            "prompt is too long: 208310 tokens > 200000 maximum",
        )),
        Fault::Instead(Reply::json(
            200,
            &json!({"type": "message", "content": [], "stop_reason": "refusal"}),
        )),
        Fault::Instead(Reply::json(
            200,
            &json!({"type": "message", "content": [{"type": "tool_use", "name": "claims", "input": {}}], "stop_reason": "max_tokens"}),
        )),
    ];
    faults.extend(broken());
    survives("anthropic", anthropic::PATH, faults);
}

#[test]
fn gemini_that_fails_now_and_then_does_not_end_the_job() {
    let busy = json!({"error": {"code": 429, "message": "You exceeded your current quota", "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.2s"}]}});
    let mut faults = vec![
        Fault::Instead(Reply::json(429, &busy)),
        Fault::Fine,
        Fault::Instead(gemini::error(
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        )),
        Fault::Instead(Reply::json(200, &json!({"promptFeedback": {"blockReason": "SAFETY"}}))),
        Fault::Instead(gemini::content(&json!({}), "", "MAX_TOKENS")),
    ];
    faults.extend(broken());
    survives("gemini", gemini::PATH, faults);
}

#[test]
fn a_server_that_says_when_to_come_back_is_left_alone_until_then() {
    let (world, claude, flash) = (World::start(), anthropic::start(), gemini::start());
    let busy = anthropic::error(529, "overloaded_error", "Overloaded").header("retry-after", "3");
    claude.first(anthropic::PATH, [Fault::Instead(busy)]);
    let workerd = Workerd::start(setup(&world, &claude, &flash, &[("MODEL", "anthropic")]));
    research(&world, &workerd);
    let ledger = claude.ledger();
    assert!(ledger[1].at - ledger[0].at >= Duration::from_secs(3), "{:?}", ledger[1].at - ledger[0].at);
}

#[test]
fn a_small_context_is_never_overflowed_and_what_is_left_out_is_said() {
    const WINDOW: usize = 2_048;
    let world = World::start_with(Origin::start(1, |request| {
        let asked = request.json();
        // Three bytes a token are more than any text of this world has.
        let tokens =
            asked["messages"].to_string().len() / 4 + asked["max_tokens"].as_u64().unwrap_or(0) as usize;
        if tokens > WINDOW {
            let message = format!(
                "This model's maximum context length is {WINDOW} tokens, however you requested {tokens}."
            );
            return Reply::json(400, &openai::error("context_length_exceeded", &message));
        }
        openai::completion(&asked, &brain::answer(&asked))
    }));
    let workerd = Workerd::start(world.with_model().with("CONTEXT_TOKENS", "2048"));
    let job = research(&world, &workerd);
    assert_eq!((&job["status"], &job["degraded"]), (&json!("completed"), &Value::Null), "{job:#}");
    assert!(
        job["warnings"].to_string().contains("the context of test-model holds no more"),
        "{:#}",
        job["warnings"]
    );
    assert!(job["report"].as_str().unwrap().contains("nine minutes"), "{job:#}");
}
