//! JSON of APIs, read tolerantly: what is missing or of another type is empty.

use super::Unusable;
use chrono::DateTime;
use serde_json::Value;

/// The reply as JSON. Nesting beyond 128 levels is refused by the parser.
pub(super) fn json(body: &[u8]) -> Result<Value, Unusable> {
    serde_json::from_slice(body).map_err(|error| {
        Unusable(
            if error.is_eof() { "the API's reply was cut off" } else { "the API's reply is no JSON" }.into(),
        )
    })
}

/// The text of a field; empty when there is none. A number counts as text.
pub(super) fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The text of a field of a field.
pub(super) fn inner(value: &Value, field: &str, inner: &str) -> String {
    value.get(field).map(|value| text(value, inner)).unwrap_or_default()
}

/// The whole number of a field; fractions are cut off.
#[allow(clippy::cast_possible_truncation, reason = "a float saturates")]
pub(super) fn number(value: &Value, field: &str) -> Option<i64> {
    let value = value.get(field)?;
    value.as_i64().or_else(|| value.as_f64().map(|float| float as i64))
}

/// The items of a list field.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    items(value.get(field))
}

/// The items of a list.
pub(super) fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list field, at most `most`.
pub(super) fn texts(value: &Value, field: &str, most: usize) -> Vec<String> {
    let texts = list(value, field).iter().filter_map(Value::as_str).map(str::trim);
    texts.filter(|text| !text.is_empty()).take(most).map(str::to_owned).collect()
}

/// The day, `YYYY-MM-DD`, of a field with seconds since 1970; empty when there is none.
pub(super) fn day_of_seconds(value: &Value, field: &str) -> String {
    let moment = number(value, field).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    moment.map(|moment| moment.date_naive().to_string()).unwrap_or_default()
}

/// The day of an RFC 3339 moment; empty when it does not begin with one.
pub(super) fn day(moment: &str) -> String {
    let day: String = moment.chars().take(10).collect();
    let shaped = day.len() == 10
        && day.bytes().enumerate().all(
            |(at, byte)| {
                if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() }
            },
        );
    if shaped { day } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn missing_and_mistyped_fields_are_empty() {
        let reply =
            value!({"a": 1, "b": [" x ", 2, ""], "c": {"d": "e"}, "at": 1_700_000_000.9, "null": null});
        assert_eq!((text(&reply, "a").as_str(), text(&reply, "b").as_str()), ("1", ""));
        assert_eq!((inner(&reply, "c", "d").as_str(), inner(&reply, "a", "d").as_str()), ("e", ""));
        assert_eq!(texts(&reply, "b", 9), ["x"]);
        assert_eq!(list(&reply, "c"), &[] as &[Value]);
        assert_eq!(
            (day_of_seconds(&reply, "at").as_str(), day_of_seconds(&reply, "null").as_str()),
            ("2023-11-14", "")
        );
    }

    #[test]
    fn days_are_days_or_nothing() {
        assert_eq!(day("2024-05-06T07:08:09Z"), "2024-05-06");
        assert_eq!((day("yesterday at noon"), day("2024-5-6")), (String::new(), String::new()));
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_an_error() {
        for body in [
            "<html>",
            "{\"a\":",
            "",
            &"[".repeat(100_000),
            &format!("{}{}", "[".repeat(200), "]".repeat(200)),
        ] {
            assert!(json(body.as_bytes()).is_err());
        }
    }
}
