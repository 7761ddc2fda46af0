//! What is asked in a list of messages: one question, and what the asker wishes beside it.

use crate::api::request::{INSTRUCTIONS_CHARS_MAX, QUERY_CHARS_MAX};
use serde_json::Value;

/// Most messages of one request; a question with a few words on how to answer it has three.
const MESSAGES_MAX: usize = 50;
/// What a list of messages holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What users said, paragraphs in their order.
    pub question: Vec<String>,
    /// What system and developer messages said.
    pub guidance: Vec<String>,
}

impl Asked {
    /// What was wished, `more` before it; `None` for nothing. Else what to change about `field`.
    pub fn wishes(&self, more: Option<&str>, field: &str) -> Result<Option<String>, String> {
        let wishes: Vec<&str> = more.into_iter().chain(self.guidance.iter().map(String::as_str)).collect();
        let wishes = wishes.join("\n\n");
        match wishes.trim() {
            "" => Ok(None),
            text if text.chars().count() <= INSTRUCTIONS_CHARS_MAX => Ok(Some(text.to_owned())),
            _ => {
                Err(format!("`{field}`: system messages have more than {INSTRUCTIONS_CHARS_MAX} characters"))
            }
        }
    }

    /// The question, if it can be one; else what to change about `field`.
    pub fn question(&self, field: &str) -> Result<String, String> {
        let question = self.question.join("\n\n");
        let question = question.trim();
        match question.chars().count() {
            0 => Err(format!("`{field}` is required: send the question as a text or a user message")),
            chars if chars > QUERY_CHARS_MAX => Err(format!(
                "`{field}`: the question has {chars} characters, and may have {QUERY_CHARS_MAX}: put wishes about the \
                 report into a system message or `instructions`"
            )),
            _ => Ok(question.to_owned()),
        }
    }
}

/// Reads messages: `{role, content}` with a text or a list of parts of text. `text_parts` are the types of such parts,
/// `elsewhere` says how to follow up an earlier answer. Every problem is reported.
pub fn messages(
    field: &str,
    items: &[Value],
    text_parts: &[&str],
    elsewhere: &str,
) -> Result<Asked, Vec<String>> {
    if items.len() > MESSAGES_MAX {
        return Err(vec![format!("`{field}` has more than {MESSAGES_MAX} messages")]);
    }
    let (mut asked, mut problems) = (Asked::default(), Vec::new());
    for (place, item) in items.iter().enumerate() {
        let at = format!("{field}[{place}]");
        match item.get("type").and_then(Value::as_str).unwrap_or("message") {
            "message" => {}
            other => {
                let other: String = other.chars().take(40).collect();
                problems.push(format!("`{at}.type`: `{other}` is not supported, only messages: {elsewhere}"));
                continue;
            }
        }
        let texts = match texts(&at, item.get("content"), text_parts) {
            Ok(texts) => texts,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        match item.get("role").and_then(Value::as_str) {
            Some("user") => asked.question.extend(texts),
            Some("system" | "developer") => asked.guidance.extend(texts),
            Some("assistant") => problems.push(format!(
                "`{at}.role`: an earlier answer is not supported in a question, which is researched anew: {elsewhere}"
            )),
            _ => problems.push(format!("`{at}.role` must be user, system or developer")),
        }
    }
    if problems.is_empty() { Ok(asked) } else { Err(problems) }
}

fn texts(at: &str, content: Option<&Value>, text_parts: &[&str]) -> Result<Vec<String>, String> {
    let parts = match content {
        Some(Value::String(text)) => return Ok(vec![text.clone()]),
        Some(Value::Array(parts)) => parts,
        _ => return Err(format!("`{at}.content` must be a text or a list of parts of text")),
    };
    let text = |part: &Value| {
        let known = part.get("type").and_then(Value::as_str).is_some_and(|t| text_parts.contains(&t));
        part.get("text").and_then(Value::as_str).filter(|_| known).map(str::to_owned)
    };
    let texts: Option<Vec<String>> = parts.iter().map(text).collect();
    texts.ok_or_else(|| {
        format!(
            "`{at}.content`: only parts {{\"type\": \"{}\", \"text\": ...}} are taken",
            text_parts.join("\" or \"")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(items: Value) -> Result<Asked, Vec<String>> {
        messages("input", items.as_array().unwrap(), &["input_text"], "ask on with `previous_response_id`")
    }

    #[test]
    fn users_ask_and_developers_wish() {
        let asked = read(json!([
            {"role": "developer", "content": [{"type": "input_text", "text": "Be brief."}]},
            {"role": "user", "content": "Why?"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "And how?"}]},
        ]))
        .unwrap();
        assert_eq!(asked.question("input").unwrap(), "Why?\n\nAnd how?");
        assert_eq!(asked.guidance, ["Be brief."]);
    }

    #[test]
    fn what_is_no_question_is_refused_by_its_place() {
        for (items, says) in [
            (json!([{"role": "assistant", "content": "x"}]), "`input[0].role`"),
            (json!([{"role": "user", "content": 7}]), "`input[0].content`"),
            (
                json!([{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]),
                "`input[0].content`",
            ),
            (json!([{"type": "reasoning", "summary": []}]), "`input[0].type`"),
            (json!([7]), "`input[0].content`"),
        ] {
            let problems = read(items).unwrap_err();
            assert!(problems[0].contains(says), "{problems:?}");
        }
        assert!(Asked::default().question("input").unwrap_err().contains("is required"));
        let long = Asked { question: vec!["x".repeat(QUERY_CHARS_MAX + 1)], ..Asked::default() };
        assert!(long.question("input").unwrap_err().contains("4001 characters"));
    }
}
