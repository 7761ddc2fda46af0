//! A forgiving JSON reader: what models write instead of JSON, and as much of a cut reply as is whole.

use serde_json::{Map, Value};
use std::iter::Peekable;
use std::str::Chars;

/// Deepest nesting read; the deepest reply asked for has 4 levels, and recursion stays within a small stack.
const DEPTH_MAX: usize = 24;
/// Most elements kept of one list or object; the longest list asked for (finding ids of an outline) has a few hundred.
const ELEMENTS_MAX: usize = 4_096;
/// Most places tried as the start of a value: prose before the JSON holds a few brackets at most.
const STARTS_MAX: usize = 16;
/// Most characters looked at behind a quotation mark to tell whether it closes its string.
const LOOKAHEAD_MAX: usize = 64;

/// The JSON values that begin in `text`, in order of their beginning, at most [`STARTS_MAX`], nested ones included.
/// Tolerated: prose around them, trailing commas, single quotes, unescaped quotes and line breaks in strings, bare
/// words, `NaN`, Python's literals, and a missing end: whole elements of a cut list are kept, a cut element is not.
pub(super) fn values(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.char_indices().filter(|(_, c)| matches!(c, '{' | '[')).take(STARTS_MAX).filter_map(|(at, _)| {
        let mut reader = Reader { chars: text.get(at..)?.chars().peekable(), cut: false };
        reader.value(0)
    })
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    /// The text ended, or stopped making sense, inside a value: unwind with what is whole.
    cut: bool,
}

impl Reader<'_> {
    /// Reads one value. `None` when there is none; then `cut` is set.
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        let first = self.chars.peek().copied();
        if depth > DEPTH_MAX {
            self.cut = true;
            return None;
        }
        match first {
            Some('[') => Some(self.list(depth)),
            Some('{') => Some(self.object(depth)),
            Some(quote @ ('"' | '\'')) => self.string(quote).map(Value::String),
            Some(_) => self.bare(),
            None => {
                self.cut = true;
                None
            }
        }
    }

    fn list(&mut self, depth: usize) -> Value {
        self.chars.next();
        let mut list = Vec::new();
        loop {
            self.skip_separators();
            match self.chars.peek() {
                Some(']') => {
                    self.chars.next();
                    break;
                }
                None => {
                    self.cut = true;
                    break;
                }
                Some(_) => {
                    let value = self.value(depth + 1);
                    if self.cut {
                        break;
                    }
                    if let Some(value) = value.filter(|_| list.len() < ELEMENTS_MAX) {
                        list.push(value);
                    }
                }
            }
        }
        // Nothing whole before the cut is not the same as an empty list.
        if self.cut && list.is_empty() { Value::Null } else { Value::Array(list) }
    }

    fn object(&mut self, depth: usize) -> Value {
        self.chars.next();
        let mut members = Map::new();
        loop {
            self.skip_separators();
            let key = match self.chars.peek().copied() {
                Some('}') => {
                    self.chars.next();
                    break;
                }
                Some(quote @ ('"' | '\'')) => self.string(quote),
                Some(c) if c.is_alphanumeric() || c == '_' => Some(self.word()),
                _ => None,
            };
            self.skip_space();
            let Some(key) = key.filter(|_| !self.cut && self.chars.next_if_eq(&':').is_some()) else {
                self.cut = true;
                break;
            };
            let value = self.value(depth + 1);
            // A cut list inside still holds whole elements; any other cut member is worthless.
            let worth = !self.cut || matches!(&value, Some(Value::Array(_)));
            if let Some(value) = value.filter(|_| worth && members.len() < ELEMENTS_MAX) {
                members.insert(key, value);
            }
            if self.cut {
                break;
            }
        }
        Value::Object(members)
    }

    fn string(&mut self, quote: char) -> Option<String> {
        self.chars.next();
        let mut out = String::new();
        loop {
            match self.chars.next() {
                None => {
                    self.cut = true;
                    return None;
                }
                Some('\\') => match self.chars.next() {
                    Some('n' | 'r') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('b' | 'f') => out.push(' '),
                    Some('u') => out.push(self.escaped_unit()),
                    Some(c) => out.push(c),
                    None => {}
                },
                Some(c) if c == quote && self.closes() => return Some(out),
                Some(c) => out.push(c),
            }
        }
    }

    /// A quotation mark closes its string only where JSON can go on; others were left unescaped by the model.
    fn closes(&self) -> bool {
        let mut ahead = self.chars.clone().take(LOOKAHEAD_MAX).skip_while(|c| c.is_whitespace());
        matches!(ahead.next(), None | Some(',' | '}' | ']' | ':'))
    }

    fn escaped_unit(&mut self) -> char {
        let high = self.hex4();
        if (0xD800..0xDC00).contains(&high) && self.chars.next_if_eq(&'\\').is_some() {
            if self.chars.next_if_eq(&'u').is_some() {
                let low = self.hex4();
                return char::decode_utf16([high, low])
                    .next()
                    .and_then(Result::ok)
                    .unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            return char::REPLACEMENT_CHARACTER;
        }
        char::from_u32(u32::from(high)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> u16 {
        let mut unit = 0u16;
        for _ in 0..4 {
            let Some(digit) = self.chars.peek().and_then(|c| c.to_digit(16)) else { break };
            self.chars.next();
            unit = (unit << 4) | u16::try_from(digit).unwrap_or(0);
        }
        unit
    }

    /// A number, a literal, or a word that lost its quotes.
    fn bare(&mut self) -> Option<Value> {
        let mut word = String::new();
        while let Some(c) = self.chars.next_if(|c| !matches!(c, ',' | ']' | '}' | '\n' | '{' | '[' | '"')) {
            word.push(c);
        }
        let word = word.trim();
        if word.is_empty() {
            self.cut = true;
            return None;
        }
        // A number or word at the very end of the text may go on.
        if self.chars.peek().is_none() {
            self.cut = true;
            return None;
        }
        Some(match word {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "null" | "None" | "NaN" | "nan" | "Infinity" | "-Infinity" | "undefined" => Value::Null,
            _ => match (word.parse::<i64>(), word.parse::<f64>()) {
                (Ok(whole), _) => Value::from(whole),
                (_, Ok(real)) => serde_json::Number::from_f64(real).map_or(Value::Null, Value::Number),
                _ => Value::String(word.to_owned()),
            },
        })
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.chars.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            word.push(c);
        }
        word
    }

    fn skip_space(&mut self) {
        while self.chars.next_if(|c| c.is_whitespace()).is_some() {}
    }

    fn skip_separators(&mut self) {
        while self.chars.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn first(text: &str) -> Value {
        values(text).next().unwrap()
    }

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a":[1,-2.5,"x\n\u00e9\ud83d\ude00",true,null,{}],"b":{"c":"q\"q"}}"#;
        assert_eq!(first(text), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn what_models_write_instead_is_understood() {
        assert_eq!(first("{'a': 1, b: [2, 3,],}"), json!({"a": 1, "b": [2, 3]}));
        assert_eq!(
            first(r#"{"a": NaN, "b": None, "c": True, "d": high}"#),
            json!({"a": null, "b": null, "c": true, "d": "high"})
        );
        assert_eq!(first("{\"a\": \"two\nlines\"}"), json!({"a": "two\nlines"}));
        assert_eq!(
            first(r#"{"a": "He said "no" to it", "b": 1}"#),
            json!({"a": "He said \"no\" to it", "b": 1})
        );
    }

    #[test]
    fn whole_elements_of_a_cut_list_survive() {
        assert_eq!(
            first(r#"{"claims": [{"a": 1}, {"a": 2}, {"a": "thr"#),
            json!({"claims": [{"a": 1}, {"a": 2}]})
        );
        assert_eq!(first(r#"["a", "b", "c"#), json!(["a", "b"]));
        assert_eq!(first(r#"{"a": 1, "b": 12"#), json!({"a": 1}));
    }

    #[test]
    fn nesting_beyond_the_bound_ends_quietly() {
        assert_eq!(values(&"[".repeat(100_000)).count(), STARTS_MAX);
        assert_eq!(values(&"{\"a\":".repeat(100_000)).count(), STARTS_MAX);
    }
}
