//! The names of models that requests of other APIs may say: each stands for one of our two ways of researching.

use chrono::NaiveDate;
use serde_json::{Value, json};

/// Every name with whether it asks for deep research. OpenAI's may carry the date of a snapshot.
const MODELS: [(&str, bool); 9] = [
    ("footnote", false),
    ("footnote-deep", true),
    ("o4-mini-deep-research", false),
    ("o3-deep-research", true),
    ("sonar", false),
    ("sonar-pro", false),
    ("sonar-reasoning", false),
    ("sonar-reasoning-pro", false),
    ("sonar-deep-research", true),
];
/// When the names were first taken, in seconds: lists of models have a date.
const SINCE_S: u64 = 1_795_219_200;
/// Longest unknown name that is shown.
const SHOWN_CHARS_MAX: usize = 80;

/// Whether a model's name asks for deep research. Fails with a sentence that lists what is taken.
pub fn is_deep(model: &str) -> Result<bool, String> {
    let name = undated(model);
    let known = MODELS.iter().find(|(known, _)| *known == name).map(|(_, deep)| *deep);
    known.ok_or_else(|| {
        let names = MODELS.map(|(name, _)| name).join(", ");
        let model: String = model.chars().take(SHOWN_CHARS_MAX).collect();
        format!("`model`: there is no `{model}` here, which researches in two ways: send one of {names}")
    })
}

/// Whether the `model` of a body asks for deep research; `send` says which to name where there is none.
pub(crate) fn deep(model: Option<&Value>, send: &str) -> Result<bool, String> {
    match model.map(Value::as_str) {
        Some(Some(model)) => is_deep(model),
        Some(None) => Err("`model` must be a string".into()),
        None => Err(format!("`model` is required: send {send}")),
    }
}

/// `o3-deep-research-2025-06-26` without its date.
fn undated(model: &str) -> &str {
    let split = model.len().checked_sub(10).and_then(|at| model.split_at_checked(at));
    match split {
        Some((name, date)) if NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok() => {
            name.strip_suffix('-').unwrap_or(model)
        }
        _ => model,
    }
}

/// The name of a job's model in a list whose rows do not say what was asked for.
#[must_use]
pub fn own(deep: bool) -> &'static str {
    if deep { "footnote-deep" } else { "footnote" }
}

/// `GET /v1/models`.
#[must_use]
pub fn list() -> Value {
    json!({ "object": "list", "data": MODELS.map(|(name, _)| row(name)) })
}

/// `GET /v1/models/{id}`; `None` for an unknown name.
#[must_use]
pub fn one(model: &str) -> Option<Value> {
    is_deep(model).is_ok().then(|| row(model))
}

fn row(name: &str) -> Value {
    json!({ "id": name, "object": "model", "created": SINCE_S, "owned_by": "footnote" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_choose_between_the_two_ways_and_others_are_told_which_there_are() {
        for (model, deep) in [
            ("o3-deep-research", true),
            ("o3-deep-research-2025-06-26", true),
            ("o4-mini-deep-research-2025-06-26", false),
            ("sonar-deep-research", true),
            ("footnote", false),
        ] {
            assert_eq!(is_deep(model), Ok(deep), "{model}");
        }
        for model in [
            "gpt-5",
            "o3-deep-research-2025-13-26",
            "",
            "-2025-06-26",
            "\u{1f980}2025-06-26",
            "o3-deep-research2025-06-26x",
        ] {
            let said = is_deep(model).unwrap_err();
            assert!(said.starts_with("`model`") && said.contains("footnote-deep"), "{said}");
        }
        assert!(one("o3-deep-research-2025-06-26").is_some() && one("gpt-5").is_none());
    }
}
