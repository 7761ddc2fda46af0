//! Whether a proposed value fits its field, and whether a quote bears it out.

use super::TEXT_CHARS_MAX;
use super::schema::{Leaf, LeafKind};
use crate::research::Finding;
use crate::research::figures::Figures;
use crate::research::support::{Evidence, Lexicon, Statement};
use crate::text::{MONTHS, clip, folded, one_line, term_set, words};
use serde_json::{Number, Value};
use std::collections::BTreeSet;

/// Statements of fewer terms must stand in the quote word by word.
const SHORT_TERMS_MAX: usize = 3;

/// How far a quote bears a value out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bearing {
    /// It speaks of the matter; that the value follows is the analyst's judgement.
    Judged,
    /// It states the value.
    Stated,
}

/// The value as the field wants it; `None` when it cannot be one.
pub(super) fn coerced(leaf: &Leaf, value: &Value) -> Option<Value> {
    match &leaf.kind {
        LeafKind::Text => text_of(value).map(Value::String),
        LeafKind::Number => number_of(value).filter(|n| within(leaf, n)).map(Value::Number),
        LeafKind::Integer => {
            let whole = number_of(value).filter(|n| within(leaf, n))?;
            whole_of(&whole).map(Value::Number)
        }
        LeafKind::Boolean => match value {
            Value::Bool(yes) => Some(Value::Bool(*yes)),
            Value::String(word) => match folded(word.trim()).as_str() {
                "true" | "yes" => Some(Value::Bool(true)),
                "false" | "no" => Some(Value::Bool(false)),
                _ => None,
            },
            _ => None,
        },
        LeafKind::OneOf(words) => {
            let said = folded(&text_of(value)?);
            words.iter().find(|word| folded(word) == said).map(|word| Value::String(word.clone()))
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => one_line(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let text = clip(&text, TEXT_CHARS_MAX).trim().to_owned();
    let empty =
        ["null", "none", "n/a", "unknown", "not found", "not specified"].contains(&folded(&text).as_str());
    (!empty && text.chars().any(char::is_alphanumeric)).then_some(text)
}

/// A number, also when it is written as text: `"1,234.5"`, `"€ 20"`.
fn number_of(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let digits: String = text
                .chars()
                .skip_while(|c| !c.is_ascii_digit() && *c != '-')
                .take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | ',' | '_'))
                .filter(|c| !matches!(c, ',' | '_'))
                .collect();
            serde_json::from_str(digits.trim_end_matches('.')).ok()
        }
        _ => None,
    }
}

fn whole_of(number: &Number) -> Option<Number> {
    if number.is_i64() || number.is_u64() {
        return Some(number.clone());
    }
    let real = number.as_f64().filter(|real| real.fract() == 0.0 && real.abs() < 9e15)?;
    // Below 2^53 a whole float is exact.
    #[allow(clippy::cast_possible_truncation)]
    Some(Number::from(real as i64))
}

fn within(leaf: &Leaf, number: &Number) -> bool {
    let Some(real) = number.as_f64() else { return false };
    leaf.minimum.as_ref().and_then(Number::as_f64).is_none_or(|least| real >= least)
        && leaf.maximum.as_ref().and_then(Number::as_f64).is_none_or(|most| real <= most)
}

/// Whether the finding bears the value out. `asked` are the terms of the field's name, its description and the question:
/// a quote that shares none of them speaks of something else.
pub(super) fn bearing(
    leaf: &Leaf,
    value: &Value,
    finding: &Finding,
    asked: &BTreeSet<String>,
) -> Option<Bearing> {
    let (quote, fact) = (&finding.claim.quote, &finding.claim.fact);
    let mut said = term_set(quote);
    said.extend(term_set(fact));
    if said.is_disjoint(asked) {
        return None;
    }
    match (&leaf.kind, value) {
        (LeafKind::Boolean, _) => Some(Bearing::Judged),
        (LeafKind::OneOf(_), Value::String(word)) => {
            let stated = states_words(quote, word);
            Some(if stated { Bearing::Stated } else { Bearing::Judged })
        }
        (_, Value::Number(number)) => {
            Figures::of(quote).vouch_for(&number.to_string()).then_some(Bearing::Stated)
        }
        (_, Value::String(text)) => {
            let stated = match iso_day(text) {
                Some(day) => states_day(quote, &day),
                None if term_set(text).len() < SHORT_TERMS_MAX => states_words(quote, text),
                None => {
                    let lexicon = Lexicon::of([quote.as_str(), fact.as_str()]);
                    Evidence::new(quote, fact).supports(&Statement::new(text, &lexicon))
                }
            };
            stated.then_some(Bearing::Stated)
        }
        _ => None,
    }
}

/// Whether every word of `text` stands in the quote, figures by their value.
fn states_words(quote: &str, text: &str) -> bool {
    let quoted: BTreeSet<String> = words(quote).map(|(_, word)| folded(word)).collect();
    let known = |word: &str| {
        let folded = folded(word);
        quoted.contains(&folded) || term_set(quote).is_superset(&term_set(word)) && !term_set(word).is_empty()
    };
    let mut said = words(text).filter(|(_, word)| !word.starts_with(|c: char| c.is_ascii_digit()));
    said.all(|(_, word)| known(word)) && Figures::of(quote).vouch_for(text)
}

/// `YYYY-MM` or `YYYY-MM-DD` in parts.
fn iso_day(text: &str) -> Option<Vec<u32>> {
    let parts: Vec<&str> = text.split('-').collect();
    let sized = matches!(parts.as_slice(), [y, m] | [y, m, _] if y.len() == 4 && m.len() == 2);
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| part.parse().ok()).collect();
    numbers.filter(|n| sized && n.get(1).is_some_and(|month| (1..=12).contains(month)))
}

/// Whether year, month and day stand in the quote, the month by number or by its English name.
fn states_day(quote: &str, day: &[u32]) -> bool {
    let figures = Figures::of(quote);
    let stands = |n: &u32| figures.vouch_for(&n.to_string());
    let month = day.get(1).and_then(|m| MONTHS.get(usize::try_from(*m).ok()?.checked_sub(1)?));
    let named = month.is_some_and(|name| {
        words(quote).any(|(_, word)| {
            let word = folded(word);
            word == **name || (word.chars().count() == 3 && name.starts_with(&word))
        })
    });
    let iso = day.iter().map(|n| format!("{n:02}")).collect::<Vec<_>>().join("-");
    quote.contains(&iso)
        || (day.first().is_some_and(stands)
            && (named || day.get(1).is_some_and(stands))
            && day.get(2).is_none_or(stands))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::report::fixture::finding;
    use serde_json::json;

    fn leaf(kind: LeafKind) -> Leaf {
        Leaf { kind, description: String::new(), minimum: None, maximum: None }
    }

    fn borne(kind: LeafKind, value: &Value, quote: &str) -> Option<Bearing> {
        let asked = term_set("engine release licence threads");
        bearing(&leaf(kind), value, &finding(1, 1, quote, quote), &asked)
    }

    #[test]
    fn values_take_the_form_of_their_field_or_none() {
        let one_of = LeafKind::OneOf(vec!["MIT".into(), "BSD".into()]);
        for (kind, value, wanted) in [
            (LeafKind::Integer, json!("1,024 threads"), Some(json!(1024))),
            (LeafKind::Integer, json!(3.0), Some(json!(3))),
            (LeafKind::Integer, json!(3.5), None),
            (LeafKind::Number, json!("about 2.5 s"), Some(json!(2.5))),
            (LeafKind::Number, json!("many"), None),
            (LeafKind::Boolean, json!("Yes"), Some(json!(true))),
            (LeafKind::Boolean, json!("perhaps"), None),
            (LeafKind::Text, json!(" a \n b "), Some(json!("a b"))),
            (LeafKind::Text, json!("N/A"), None),
            (LeafKind::Text, json!(["a"]), None),
            (one_of.clone(), json!("mit"), Some(json!("MIT"))),
            (one_of, json!("GPL"), None),
        ] {
            assert_eq!(coerced(&leaf(kind.clone()), &value), wanted, "{kind:?} {value}");
        }
        let bounded = Leaf { minimum: Number::from_f64(1.0), ..leaf(LeafKind::Number) };
        assert_eq!(coerced(&bounded, &json!(0.5)), None);
    }

    #[test]
    fn a_quote_bears_out_what_it_states_and_nothing_else() {
        let quote =
            "The engine was released on 17 February 2024 under the MIT licence with 1.2 million threads.";
        let stated = Some(Bearing::Stated);
        assert_eq!(borne(LeafKind::Integer, &json!(1_200_000), quote), stated);
        assert_eq!(borne(LeafKind::Integer, &json!(1_300_000), quote), None);
        assert_eq!(borne(LeafKind::Text, &json!("2024-02-17"), quote), stated);
        assert_eq!(borne(LeafKind::Text, &json!("2024-03-17"), quote), None);
        assert_eq!(borne(LeafKind::Text, &json!("2024-02-18"), quote), None);
        assert_eq!(borne(LeafKind::Text, &json!("MIT"), quote), stated);
        assert_eq!(borne(LeafKind::Text, &json!("Apache"), quote), None);
        assert_eq!(borne(LeafKind::Text, &json!("released under the MIT licence"), quote), stated);
        assert_eq!(borne(LeafKind::Boolean, &json!(true), quote), Some(Bearing::Judged));
        assert_eq!(borne(LeafKind::Boolean, &json!(true), "Bread needs salt and water."), None);
        let one_of = LeafKind::OneOf(vec!["MIT".into()]);
        assert_eq!(borne(one_of.clone(), &json!("MIT"), quote), stated);
        assert_eq!(borne(one_of, &json!("MIT"), "The engine is free."), Some(Bearing::Judged));
    }
}
