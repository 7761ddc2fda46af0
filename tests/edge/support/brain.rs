//! A brain without knowledge: it answers Footnote's seven tasks from the prompt's own sentences, always in the same way.

use super::search::words;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The answer to a chat request. The task is told by the name of the schema asked for; without one it is prose.
pub(crate) fn answer(request: &Value) -> String {
    let message = |role: &str| {
        let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of_role = messages.iter().filter(|message| message["role"] == role);
        of_role.filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n")
    };
    let (system, user) = (message("system"), message("user"));
    match shape(request, &system) {
        "plan" => plan(&user),
        "claims" => claims(&user),
        "queries" => queries(&user),
        "outline" => outline(&user),
        "fields" => fields(&user),
        _ => return prose(&user),
    }
    .to_string()
}

/// The same request again has another fence marker: this takes the markers out, so that repeats can be told.
pub(crate) fn without_markers(request: &str) -> String {
    let mut text = request.to_owned();
    while let Some((_, rest)) = text.split_once(FENCE) {
        let marker: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        text = text.replace(&format!("{FENCE}{marker}"), "");
        if !marker.is_empty() {
            text = text.replace(&marker, "");
        }
    }
    text
}

/// Opens text that came from pages; the marker follows at once, and closes it again: `<<<k3f9 .. k3f9>>>`.
const FENCE: &str = "<<<";

/// The shape that a chat request asks for; empty for prose.
pub(crate) fn shape_of(request: &Value) -> String {
    let system = request["messages"][0]["content"].as_str().unwrap_or_default();
    shape(request, system).to_owned()
}

fn shape<'a>(request: &'a Value, system: &str) -> &'a str {
    if let Some(name) = request["response_format"]["json_schema"]["name"].as_str() {
        return name;
    }
    let shown = [
        ("\"sub_questions\"", "plan"),
        ("\"claims\"", "claims"),
        ("\"sections\"", "outline"),
        ("\"queries\"", "queries"),
        ("\"fields\"", "fields"),
    ];
    shown.into_iter().find(|(member, _)| system.contains(member)).map_or("", |(_, name)| name)
}

/// What stands between the markers; all of it when there are none.
fn fenced(user: &str) -> String {
    let mut inside = Vec::new();
    for part in user.split(FENCE).skip(1) {
        let Some((marker, rest)) = part.split_once('\n') else { continue };
        if let Some((text, _)) = rest.split_once(&format!("{marker}>>>")) {
            inside.push(text);
        }
    }
    if inside.is_empty() { user.to_owned() } else { inside.join("\n") }
}

fn line_after<'a>(user: &'a str, label: &str) -> &'a str {
    user.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_default().trim()
}

/// The number in "At most 6 queries".
fn at_most(user: &str, otherwise: usize) -> usize {
    let number = user.split_once("At most ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    number.unwrap_or(otherwise)
}

/// The lines that begin with `1. `, `2. `, ...
fn numbered(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.split_once(". "))
        .filter(|(number, _)| number.parse::<u32>().is_ok())
        .map(|(_, rest)| rest)
        .collect()
}

fn plan(user: &str) -> Value {
    let question = line_after(user, "Question: ");
    let parts: Vec<String> = question
        .trim_end_matches('?')
        .split(" and ")
        .map(str::trim)
        .filter(|part| words(part).len() >= 2)
        .take(4)
        .map(|part| format!("{part}?"))
        .collect();
    let mut queries: Vec<String> = parts.iter().map(|part| keywords(part)).collect();
    queries.insert(0, keywords(question));
    queries.dedup();
    let parts = if parts.is_empty() { vec![question.to_owned()] } else { parts };
    json!({"sub_questions": parts, "queries": queries})
}

/// Words of a text in their own order, as a person would type them.
fn keywords(text: &str) -> String {
    let kept: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|w| w.len() >= 4).take(8).collect();
    kept.join(" ")
}

fn claims(user: &str) -> Value {
    let asked: Vec<_> =
        numbered(user.split(FENCE).next().unwrap_or_default()).into_iter().map(words).collect();
    let page = fenced(user);
    let mut found: Vec<(usize, usize, &str)> = page
        .lines()
        .filter(|line| {
            !["Title: ", "URL: ", "Published: ", "#", "|"].iter().any(|mark| line.starts_with(mark))
        })
        .flat_map(sentences)
        .filter_map(|sentence| {
            let said = words(sentence);
            let shared = |asked: &std::collections::BTreeSet<String>| asked.intersection(&said).count();
            let (place, shared) =
                asked.iter().map(shared).enumerate().max_by_key(|(place, n)| (*n, usize::MAX - place))?;
            (shared >= 2).then_some((shared, place + 1, sentence))
        })
        .collect();
    found.sort_by_key(|(shared, ..)| std::cmp::Reverse(*shared));
    found.truncate(at_most(user, 8).min(6));
    let claims: Vec<Value> = found
        .into_iter()
        .map(|(shared, sub_question, sentence)| {
            json!({"fact": sentence, "quote": sentence, "sub_question": sub_question, "kind": "fact", "value": null,
                "unit": null, "date": null, "relevance": (50 + 10 * shared).min(95)})
        })
        .collect();
    json!({"claims": claims})
}

/// Whole sentences of a line, their full stop included.
fn sentences(line: &str) -> impl Iterator<Item = &str> {
    line.split_inclusive(". ")
        .map(str::trim)
        .filter(|sentence| sentence.len() >= 25 && sentence.ends_with('.'))
}

fn queries(user: &str) -> Value {
    let open = fenced(user);
    let open = open.lines().filter(|line| line.contains("(NOT covered"));
    let wanted =
        open.map(|line| format!("{} details", keywords(line.split("(NOT").next().unwrap_or_default())));
    let fresh: Vec<String> =
        wanted.filter(|query| !user.contains(&format!("- {query}\n"))).take(at_most(user, 3)).collect();
    json!({"queries": fresh})
}

fn outline(user: &str) -> Value {
    let asked = numbered(user.split(FENCE).next().unwrap_or_default());
    let mut sections: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    let findings = fenced(user);
    let mut place = 0;
    for line in findings.lines() {
        if let Some(next) = line.strip_prefix("On sub-question ") {
            place = next.trim_end_matches(':').parse().unwrap_or(0);
        } else if let Some((id, _)) = marked(line) {
            sections.entry(place).or_default().push(id);
        }
    }
    let sections: Vec<Value> = sections
        .into_iter()
        .map(|(place, findings)| {
            let title = place
                .checked_sub(1)
                .and_then(|at| asked.get(at))
                .map_or_else(String::new, |asked| keywords(asked));
            json!({"title": if title.is_empty() { "Findings".into() } else { title }, "refs": findings})
        })
        .collect();
    json!({"sections": sections})
}

/// Whatever the form wants is filled from the first finding, which fits some of it: a whole fact, and its first number.
fn fields(user: &str) -> Value {
    let findings = fenced(user);
    let Some((id, fact)) = findings.lines().find_map(marked) else { return json!({"fields": []}) };
    let number: String =
        fact.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let form = user.split(FENCE).next().unwrap_or_default();
    let filled: Vec<Value> = form
        .lines()
        .filter(|line| line.starts_with('/'))
        .filter_map(|line| line.split_once(" ("))
        .map(|(path, kind)| {
            let value = if kind.contains("number") { json!(number) } else { json!(fact) };
            json!({"path": path.replace('*', "0"), "value": value, "refs": [id]})
        })
        .collect();
    json!({"fields": filled})
}

/// One sentence for each of the first findings, with its mark.
fn prose(user: &str) -> String {
    let findings = fenced(user);
    let cited = findings.lines().filter_map(marked);
    let sentences = cited.map(|(id, fact)| format!("{} [{id}].", fact.trim_end_matches('.')));
    sentences.take(6).collect::<Vec<_>>().join(" ")
}

/// `[12] What it says`.
fn marked(line: &str) -> Option<(u32, &str)> {
    let (id, fact) = line.strip_prefix('[')?.split_once("] ")?;
    Some((id.parse().ok()?, fact.trim()))
}

#[test]
fn the_brain_quotes_only_what_stands_between_the_markers() {
    let user = "Today: 2026-11-22\nQuestion: How long does charging the ferry take?\nSub-questions:\n\
        1. How long does charging the ferry take?\nAt most 4 claims, the best ones.\n<<<k7\nTitle: Charging the ferry\n\n\
        Charging the ferry takes nine minutes. The office is open from eight in the morning.\nk7>>>\nNow the JSON.";
    let request = json!({"messages": [{"role": "user", "content": user}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "claims"}}});
    let answer: Value = serde_json::from_str(&answer(&request)).unwrap();
    assert_eq!(answer["claims"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["claims"][0]["quote"], "Charging the ferry takes nine minutes.");
}

#[test]
fn a_request_repeated_with_another_marker_is_the_same_request() {
    assert_eq!(without_markers("a <<<k7x\\nb k7x>>>"), without_markers("a <<<p22\\nb p22>>>"));
}
