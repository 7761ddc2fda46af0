//! JSON as pages hold it: cut off at a cap, with commas too many, line breaks in strings, comments around it, or written
//! as JavaScript. What can be read of it is read; nothing is an error.

use serde_json::{Map, Number, Value};
use std::borrow::Cow;

/// Walks through a text token by token, in one pass, without holding what it passed.
pub(crate) struct Walk<'a> {
    rest: &'a str,
}

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    /// `{` or `(`: calls carry their arguments in it.
    Object,
    /// `[`
    List,
    /// The end of either.
    End,
    /// What stands before a colon.
    Key(Cow<'a, str>),
    /// A string, its escapes resolved.
    Text(Cow<'a, str>),
    /// A number, `true`, `null` or any other bare word.
    Bare(&'a str),
}

/// Deeper values are passed over; the deepest rich text of real pages has some forty levels.
pub(crate) const DEPTH_MAX: usize = 100;
/// Values that are kept of one text; JSON-LD of big shops has some ten thousand.
const VALUES_MAX: usize = 20_000;
/// White space between a quote and what shows that it ends a string.
const LOOK_AHEAD_CHARS: usize = 64;

impl<'a> Walk<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// A string from behind its quote to its end. A quote within that nothing fitting follows belongs to the text.
    fn string(&mut self, quote: u8) -> Cow<'a, str> {
        let whole = self.rest;
        let bytes = whole.as_bytes();
        let mut owned: Option<String> = None;
        let mut from = 0;
        let mut at = 0;
        loop {
            let found = bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == quote || *b == b'\\'));
            let Some(place) = found.map(|found| at.saturating_add(found)) else {
                self.rest = "";
                return joined(owned, whole.get(from..).unwrap_or_default());
            };
            let after = place.saturating_add(1);
            if bytes.get(place) == Some(&quote) {
                let tail = whole.get(after..).unwrap_or_default();
                let next = tail.chars().take(LOOK_AHEAD_CHARS).find(|c| !c.is_whitespace());
                if next.is_none_or(|c| matches!(c, ',' | ':' | '}' | ']' | ')' | ';' | '+' | '<' | '/')) {
                    let text = joined(owned, whole.get(from..place).unwrap_or_default());
                    self.rest = tail;
                    return text;
                }
                at = after;
                continue;
            }
            let text = owned.get_or_insert_default();
            text.push_str(whole.get(from..place).unwrap_or_default());
            let used = unescape(whole.get(after..).unwrap_or_default(), text);
            from = after.saturating_add(used);
            at = from;
        }
    }

    /// The bytes of a comment or of a mark that hides scripts from old browsers, if one stands here.
    fn aside(&self, first: char) -> Option<usize> {
        let until =
            |end: &str| self.rest.find(end).map_or(self.rest.len(), |at| at.saturating_add(end.len()));
        match first {
            '<' => {
                ["<![CDATA[", "<!--"].iter().find(|mark| self.rest.starts_with(**mark)).map(|mark| mark.len())
            }
            ']' if self.rest.starts_with("]]>") => Some(3),
            '/' if self.rest.starts_with("/*") => Some(until("*/")),
            '/' if self.rest.starts_with("//<![") || self.rest.starts_with("//]]>") => Some(2),
            '/' if self.rest.starts_with("//") => Some(until("\n")),
            _ => None,
        }
    }

    fn is_key(&self) -> bool {
        self.rest.chars().take(LOOK_AHEAD_CHARS).find(|c| !c.is_whitespace()) == Some(':')
    }

    fn token_of(&self, text: Cow<'a, str>) -> Token<'a> {
        if self.is_key() { Token::Key(text) } else { Token::Text(text) }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest.chars().next()?;
            if let Some(bytes) = self.aside(first) {
                self.skip(bytes);
                continue;
            }
            match first {
                '{' | '(' | '[' | '}' | ')' | ']' => {
                    self.skip(1);
                    return Some(match first {
                        '[' => Token::List,
                        '{' | '(' => Token::Object,
                        _ => Token::End,
                    });
                }
                '"' | '\'' | '`' => {
                    self.skip(1);
                    let text = self.string(u8::try_from(first).unwrap_or(b'"'));
                    return Some(self.token_of(text));
                }
                c if is_bare(c) => {
                    let end = self.rest.find(|c| !is_bare(c)).unwrap_or(self.rest.len());
                    let word = self.rest.get(..end).unwrap_or_default();
                    self.skip(end);
                    return Some(if self.is_key() { Token::Key(word.into()) } else { Token::Bare(word) });
                }
                other => self.skip(other.len_utf8()),
            }
        }
    }
}

/// All values of a text, several if they stand beside one another.
pub(crate) fn values(text: &str) -> Vec<Value> {
    let mut roots = Vec::new();
    let mut open: Vec<(Value, String)> = Vec::new();
    let mut key = String::new();
    let mut kept = 0_usize;
    let mut too_deep = 0_usize;
    for token in Walk::new(text) {
        kept = kept.saturating_add(1);
        if kept > VALUES_MAX {
            break;
        }
        let container = |value| if open.len() < DEPTH_MAX { Some(value) } else { None };
        match token {
            Token::Key(name) => key = name.into_owned(),
            Token::Object | Token::List => {
                let empty =
                    if token == Token::List { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
                match container(empty) {
                    Some(value) => open.push((value, std::mem::take(&mut key))),
                    None => too_deep = too_deep.saturating_add(1),
                }
            }
            Token::End if too_deep > 0 => too_deep = too_deep.saturating_sub(1),
            Token::End => {
                if let Some((value, name)) = open.pop() {
                    put(&mut open, &mut roots, name, value);
                }
            }
            _ if too_deep > 0 => {}
            Token::Text(text) => {
                put(&mut open, &mut roots, std::mem::take(&mut key), Value::String(text.into_owned()));
            }
            Token::Bare(word) => {
                let value = match word {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    _ => word.parse::<Number>().map_or(Value::Null, Value::Number),
                };
                put(&mut open, &mut roots, std::mem::take(&mut key), value);
            }
        }
    }
    while let Some((value, name)) = open.pop() {
        put(&mut open, &mut roots, name, value);
    }
    roots
}

fn put(open: &mut [(Value, String)], roots: &mut Vec<Value>, key: String, value: Value) {
    match open.last_mut() {
        Some((Value::Array(items), _)) => items.push(value),
        Some((Value::Object(fields), _)) => {
            fields.entry(key).or_insert(value);
        }
        _ if value.is_object() || value.is_array() => roots.push(value),
        _ => {}
    }
}

fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '-' | '@' | '!')
}

fn joined<'a>(owned: Option<String>, last: &'a str) -> Cow<'a, str> {
    match owned {
        Some(mut text) => {
            text.push_str(last);
            Cow::Owned(text)
        }
        None => Cow::Borrowed(last),
    }
}

/// Resolves the escape behind a backslash. Returns how many bytes it has.
fn unescape(rest: &str, out: &mut String) -> usize {
    let Some(first) = rest.chars().next() else { return 0 };
    let hex = |from: usize, to: usize| u32::from_str_radix(rest.get(from..to)?, 16).ok();
    match first {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' | 'b' | 'f' | 'v' => out.push(' '),
        'u' => {
            let Some(unit) = hex(1, 5) else { return 1 };
            if let Some(c) = char::from_u32(unit) {
                out.push(c);
                return 5;
            }
            let low = rest.get(5..7).filter(|mark| *mark == "\\u").and_then(|_| hex(7, 11));
            let Some(low) = low.filter(|low| (0xDC00..0xE000).contains(low)) else { return 5 };
            let code = (unit & 0x3FF).wrapping_shl(10) | (low & 0x3FF);
            out.extend(char::from_u32(code.saturating_add(0x1_0000)));
            return 11;
        }
        'x' => {
            out.extend(hex(1, 3).and_then(char::from_u32));
            return 3.min(rest.len());
        }
        other => out.push(other),
    }
    first.len_utf8()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sound_json_reads_as_it_is() {
        let text = r#"{"a": [1, "b\u00e9\ud83d\ude00\n\"c\"", {"d": null, "e": true}], "f": -2.5}"#;
        assert_eq!(values(text), [json!({"a": [1, "bé😀\n\"c\"", {"d": null, "e": true}], "f": -2.5})]);
    }

    #[test]
    fn broken_json_is_mended() {
        for (text, expected) in [
            ("\u{feff}<!-- {\"a\": \"b\",} -->", json!({"a": "b"})),
            ("//<![CDATA[\n{\"a\": \"b\"}\n//]]>", json!({"a": "b"})),
            ("{\"a\": \"one\ntwo\"}", json!({"a": "one\ntwo"})),
            ("{\"a\": \"he said \"no\" twice\", \"b\": 1};", json!({"a": "he said \"no\" twice", "b": 1})),
            ("/* c */ {a: 'b', 'c': undefined}", json!({"a": "b", "c": null})),
            ("{\"a\": [\"b\", {\"c\": \"cut o", json!({"a": ["b", {"c": "cut o"}]})),
        ] {
            assert_eq!(values(text), [expected], "{text}");
        }
        assert_eq!(values("{\"a\":1}\n{\"b\":2}"), [json!({"a": 1}), json!({"b": 2})]);
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        assert!(values(&"[".repeat(100_000)).len() <= 1);
        let mut value = &values(&format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000))).remove(0);
        let mut depth = 0;
        while let Some(inner) = value.get(0) {
            value = inner;
            depth += 1;
        }
        assert!(depth < DEPTH_MAX);
        let many = values(&format!("[{}]", "1,".repeat(100_000)));
        assert!(many.first().and_then(Value::as_array).is_some_and(|items| items.len() <= VALUES_MAX));
    }
}
