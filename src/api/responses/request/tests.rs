use super::*;
use crate::research::sources::Source;

fn read(body: Value) -> Result<Asked, ApiError> {
    response_request(body.to_string().as_bytes())
}

#[test]
fn the_sample_of_openai_s_guide_is_understood() {
    let asked = read(json!({
        "model": "o3-deep-research-2025-06-26",
        "input": [
            {"role": "developer", "content": [{"type": "input_text", "text": "You are a researcher."}]},
            {"role": "user", "content": [{"type": "input_text", "text": "What does semaglutide cost?"}]},
        ],
        "reasoning": {"summary": "auto"},
        "tools": [
            {"type": "web_search_preview", "search_context_size": "medium"},
            {"type": "code_interpreter", "container": {"type": "auto", "file_ids": []}},
        ],
        "background": true,
    }))
    .unwrap();
    assert_eq!((asked.research.query.as_str(), asked.research.deep), ("What does semaglutide cost?", true));
    assert_eq!((asked.background, asked.stream), (true, false));
    assert_eq!(asked.research.instructions.as_deref(), Some("You are a researcher."));
    let wording = asked.research.wording.unwrap();
    assert_eq!(
        (wording.dialect, &wording.echo["model"]),
        (Dialect::OpenAi, &json!("o3-deep-research-2025-06-26"))
    );
}

#[test]
fn what_has_a_counterpart_here_gets_it() {
    let digits = "0123456789abcdef".repeat(2);
    let asked = read(json!({
        "model": "o4-mini-deep-research", "input": "q", "max_tool_calls": 7, "metadata": {"team": "a"},
        "previous_response_id": format!("resp_{digits}"), "max_output_tokens": 2000,
        "tools": [
            {"type": "web_search", "filters": {"allowed_domains": ["example.org"]}, "user_location": {"type": "approximate", "country": "DE"}},
            {"type": "file_search", "vector_store_ids": ["handbook"]},
        ],
        "text": {"format": {"type": "json_schema", "name": "a", "strict": true, "schema": {"type": "object", "properties": {"cost": {"type": "string"}}, "required": ["cost"], "additionalProperties": false}}},
        "budget": {"max_seconds": 60}, "webhook_url": "https://x.example/hook", "temperature": 1, "user": null, "store": true,
    }))
    .unwrap()
    .research;
    assert_eq!(asked.budget.pages_max, Some(7));
    assert_eq!(asked.budget.seconds_max, Some(60));
    assert_eq!(asked.include_domains, ["example.org"]);
    assert_eq!(asked.options.country.as_deref(), Some("DE"));
    assert_eq!(asked.sources, ["library:handbook".parse::<Source>().unwrap(), Source::Web]);
    assert_eq!(asked.previous_id, Some(format!("res_{digits}")));
    assert_eq!(asked.metadata["team"], "a");
    assert!(asked.output_schema.is_some() && !asked.deep);
    assert_eq!(asked.webhook_url.as_deref(), Some("https://x.example/hook"));
}

#[test]
fn what_cannot_be_done_is_refused_under_its_own_name() {
    for (more, says) in [
        (json!({"model": "gpt-5"}), "`model`: there is no `gpt-5` here"),
        (json!({"model": 7}), "`model` must be a string"),
        (json!({"input": ""}), "`input` is required"),
        (json!({"input": 7}), "`input` must be"),
        (json!({"wibble": 1}), "`wibble` is not known here"),
        (json!({"conversation": "conv_1"}), "`conversation` is not supported: ask on"),
        (json!({"temperature": 0.2}), "`temperature`: this value is not supported"),
        (json!({"store": false}), "`store`: this value is not supported"),
        (json!({"include": ["message.output_text.logprobs"]}), "`include`"),
        (json!({"tools": [{"type": "function", "name": "f"}]}), "`tools[0].type`"),
        (json!({"tools": {"type": "web_search"}}), "`tools` must be a list"),
        (json!({"tool_choice": "none"}), "`tool_choice`"),
        (json!({"text": {"format": {"type": "json_object"}}}), "`text.format.type`"),
        (
            json!({"text": {"format": {"type": "json_schema", "schema": {"type": "string"}}}}),
            "`text.format.schema`",
        ),
        (json!({"max_output_tokens": 16}), "`max_output_tokens` must be a whole number from 300"),
        (json!({"max_tool_calls": 0}), "`max_tool_calls`"),
        (json!({"previous_response_id": "resp_1"}), "`previous_response_id`"),
        (json!({"background": "yes"}), "`background` must be true or false"),
        (json!({"metadata": {"a": {"b": 1}}}), "`metadata`"),
        (json!({"webhook_url": "ftp://x"}), "`webhook_url`"),
    ] {
        let mut body = json!({"model": "footnote", "input": "q"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let error = read(body).unwrap_err();
        assert_eq!(error.status(), 400);
        assert!(error.to_string().starts_with(says), "{more}: {error}");
    }
    let both = read(json!({"tools": 7, "max_sources": 0})).unwrap_err().to_string();
    for name in ["`model`", "`input`", "`tools`", "`max_sources`"] {
        assert!(both.contains(name), "{name} is missing in {both}");
    }
}
