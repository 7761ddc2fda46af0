//! `GET /v1/responses/{id}/input_items`: what was asked, as items.

use crate::api::ApiError;
use crate::api::request::whole;
use crate::research::request::ResearchRequest;
use crate::research::wording::digits;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which items are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputQuery {
    after: Option<String>,
    limit: usize,
    newest_first: bool,
}

/// Items of one page when none are asked for, and at most (OpenAI's API reference, "List input items").
const LIMIT: usize = 20;
const LIMIT_MAX: usize = 100;

/// Reads the query: `after`, `limit`, `order`.
pub fn input_query(query: &BTreeMap<String, String>) -> Result<InputQuery, ApiError> {
    let mut problems = Vec::new();
    let limit = match query.get("limit").map(|text| whole(text).and_then(|n| usize::try_from(n).ok())) {
        None => LIMIT,
        Some(Some(limit @ 1..=LIMIT_MAX)) => limit,
        Some(_) => {
            problems.push(format!("`limit` must be a whole number from 1 to {LIMIT_MAX}"));
            LIMIT
        }
    };
    let newest_first = match query.get("order").map(String::as_str) {
        None | Some("desc") => true,
        Some("asc") => false,
        Some(_) => {
            problems.push("`order` must be asc or desc".to_owned());
            true
        }
    };
    if problems.is_empty() {
        Ok(InputQuery { after: query.get("after").cloned(), limit, newest_first })
    } else {
        Err(ApiError::BadRequest { problems })
    }
}

/// A page of what the job was asked; of one that was asked in our own words its question.
pub fn input_items(job: &str, request: &ResearchRequest, query: &InputQuery) -> Result<Value, ApiError> {
    let input = request.wording.as_ref().and_then(|wording| wording.echo.get("input"));
    let mut items: Vec<Value> = match input {
        Some(Value::Array(items)) => {
            items.iter().enumerate().map(|(place, item)| message(job, place, item)).collect()
        }
        _ => vec![message(job, 0, &json!({ "role": "user", "content": request.query }))],
    };
    if query.newest_first {
        items.reverse();
    }
    let id = |item: &Value| item.get("id").and_then(Value::as_str).map(str::to_owned);
    let place = |after: &String| items.iter().position(|item| id(item).as_ref() == Some(after));
    let skipped = match query.after.as_ref().map(place) {
        None => 0,
        Some(Some(place)) => place.saturating_add(1),
        Some(None) => return Err(ApiError::bad_request("`after` names no item of this response")),
    };
    let rest = items.get(skipped..).unwrap_or_default();
    let shown = rest.get(..query.limit.min(rest.len())).unwrap_or_default();
    Ok(json!({
        "object": "list", "data": shown, "has_more": rest.len() > shown.len(),
        "first_id": shown.first().and_then(id), "last_id": shown.last().and_then(id),
    }))
}

fn message(job: &str, place: usize, item: &Value) -> Value {
    let content = match item.get("content") {
        Some(Value::String(text)) => json!([{ "type": "input_text", "text": text }]),
        content => content.cloned().unwrap_or(json!([])),
    };
    json!({
        "id": format!("msg_{}_in{place}", digits(job)), "type": "message", "status": "completed",
        "role": item.get("role").cloned().unwrap_or("user".into()), "content": content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::wording::{Dialect, Wording};

    fn query(pairs: &[(&str, &str)]) -> Result<InputQuery, ApiError> {
        input_query(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn input_comes_in_pages_newest_first() {
        let items = json!([{"role": "developer", "content": "Be brief."}, {"role": "user", "content": [{"type": "input_text", "text": "Why?"}]}]);
        let echo = json!({"input": items}).as_object().unwrap().clone();
        let wording = Some(Box::new(Wording { dialect: Dialect::OpenAi, echo }));
        let request = ResearchRequest { wording, ..ResearchRequest::default() };
        let page = input_items("res_1", &request, &query(&[("limit", "1")]).unwrap()).unwrap();
        assert_eq!((&page["data"][0]["role"], &page["has_more"]), (&json!("user"), &json!(true)));
        let after = page["last_id"].as_str().unwrap();
        let next = input_items("res_1", &request, &query(&[("after", after)]).unwrap()).unwrap();
        assert_eq!(next["data"][0]["content"][0]["text"], "Be brief.");
        let foreign = query(&[("after", "msg_of_another")]).unwrap();
        assert_eq!(input_items("res_1", &request, &foreign).unwrap_err().status(), 400);
        assert_eq!((next["data"].as_array().unwrap().len(), &next["has_more"]), (1, &json!(false)));
        let own = ResearchRequest { query: "why?".into(), ..ResearchRequest::default() };
        assert_eq!(
            input_items("res_1", &own, &query(&[("order", "asc")]).unwrap()).unwrap()["data"][0]["content"]
                [0]["text"],
            "why?"
        );
        for wrong in [("limit", "0"), ("limit", "101"), ("order", "up")] {
            assert_eq!(query(&[wrong]).unwrap_err().status(), 400, "{wrong:?}");
        }
    }
}
