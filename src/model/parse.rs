//! From a model's words to an [`Answer`]: forgiving about form, strict about bounds. Nothing here is checked against
//! pages yet.

mod fields;
mod json;
mod prose;

use super::extractive::{Subject, plain};
use super::{Answer, FindingNote, OutlineTask, Plan, Task};
use crate::research::{Claim, FindingId, FindingKind, SectionPlan};
use crate::text::{clip, one_line};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Longest reply looked at, in bytes: 4,000 reply tokens are about 16 KB, reasoning text before them ten times that.
const REPLY_BYTES_MAX: usize = 400_000;
/// Longest sub-question, in characters: about 50 words.
const SUB_QUESTION_CHARS_MAX: usize = 300;
/// Longest query, in characters; search APIs cut at 400, and a short query cannot carry page text out.
const QUERY_CHARS_MAX: usize = 160;
/// Longest fact, in characters: one long sentence.
const FACT_CHARS_MAX: usize = 600;
/// Longest quote, in characters: two long sentences or a table row.
const QUOTE_CHARS_MAX: usize = 1_200;
/// Longest value, unit or date, in characters.
const FIELD_CHARS_MAX: usize = 60;
/// Longest heading, in characters.
const TITLE_CHARS_MAX: usize = 120;
/// Longest text of a section or summary, in characters: 4,000 words.
const TEXT_CHARS_MAX: usize = 30_000;
/// Longest kind of evidence, in characters: a few words.
const EVIDENCE_CHARS_MAX: usize = 120;
/// Fewer claims may well be about one thing.
const TOLD_APART_MIN: usize = 3;
/// Relevance of a claim for which the model gave none.
const RELEVANCE_DEFAULT: u32 = 50;

/// Reads a model's reply to `task`. Every list and string of the answer is within the task's and this file's bounds.
///
/// # Errors
/// One sentence that says why the reply is of no use; asking again may help.
pub fn answer(task: &Task, text: &str) -> Result<Answer, String> {
    let text = without_thoughts(head(text, REPLY_BYTES_MAX)).trim();
    if text.is_empty() {
        return Err("the model's reply is empty".to_owned());
    }
    if is_html(text) {
        return Err("the model's reply is an HTML page".to_owned());
    }
    match task {
        Task::Plan(t) => {
            let fits = |v: &Value| {
                let sub_questions = strings(
                    member(v, &["sub_questions", "subquestions", "questions"]),
                    SUB_QUESTION_CHARS_MAX,
                );
                let queries = queries(member(v, &["queries", "search_queries"]), t.queries_max);
                let evidence = strings(member(v, &["evidence", "expected_evidence"]), EVIDENCE_CHARS_MAX);
                (!sub_questions.is_empty() || !queries.is_empty()).then_some((
                    sub_questions,
                    queries,
                    evidence,
                ))
            };
            let (mut sub_questions, mut queries, mut evidence) =
                find(text, fits).ok_or("the model's reply holds no plan")?;
            // A list of another length belongs to other questions.
            let asked = sub_questions.len();
            let whole = clip(t.question.trim(), SUB_QUESTION_CHARS_MAX);
            distinct(&mut sub_questions);
            sub_questions.truncate(t.sub_questions_max.max(1));
            if evidence.len() != asked || sub_questions.len() != asked {
                evidence.clear();
            }
            if sub_questions.is_empty() {
                sub_questions.push(whole.to_owned());
            }
            if queries.is_empty() {
                queries = sub_questions
                    .iter()
                    .take(t.queries_max.max(1))
                    .map(|q| clip(q, QUERY_CHARS_MAX).to_owned())
                    .collect();
            }
            Ok(Answer::Plan(Plan { sub_questions, queries, evidence }))
        }
        Task::Analyze(t) => {
            let fits = |v: &Value| {
                let objects = list(v, &["claims", "findings", "facts", "results", "items"])?;
                let claims = objects.iter().take(t.claims_max).filter_map(|o| claim(o, &t.sub_questions));
                let claims = told_apart(claims.collect(), &t.sub_questions);
                (objects.is_empty() || !claims.is_empty()).then_some(claims)
            };
            find(text, fits)
                .map(Answer::Claims)
                .ok_or_else(|| "the model's reply holds no list of claims".to_owned())
        }
        Task::Reflect(t) => {
            let fits = |v: &Value| {
                let member = member(v, &["queries", "search_queries", "follow_up_queries"])
                    .or(v.is_array().then_some(v))?;
                let all = member.as_array()?;
                let queries = queries(Some(member), t.queries_max);
                (all.is_empty() || !queries.is_empty()).then_some(queries)
            };
            find(text, fits)
                .map(Answer::Queries)
                .ok_or_else(|| "the model's reply holds no list of queries".to_owned())
        }
        Task::Outline(t) => find(text, |v| outline(v, t))
            .map(Answer::Outline)
            .ok_or_else(|| "the model's reply holds no outline with known findings".to_owned()),
        Task::Section(t) => prose_text(text, Some(&t.title), &t.findings),
        Task::Summary(t) => prose_text(text, None, &t.findings),
        Task::Fields(t) => fields::fields(text, t)
            .map(Answer::Fields)
            .ok_or_else(|| "the model's reply holds no fields".to_owned()),
    }
}

/// First value in the text that `fits`; a non-empty fenced block goes before what stands around it.
fn find<T>(text: &str, fits: impl Fn(&Value) -> Option<T>) -> Option<T> {
    let fenced = text.split_once("```").map(|(_, rest)| rest).unwrap_or_default();
    json::values(fenced).find_map(|v| fits(&v)).or_else(|| json::values(text).find_map(|v| fits(&v)))
}

fn member<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| value.get(name))
}

/// The list under one of `names`, the value itself if it is a list of objects, or a single object as a list of one.
fn list<'a>(value: &'a Value, names: &[&str]) -> Option<Vec<&'a Value>> {
    match member(value, names) {
        Some(Value::Array(list)) => Some(list.iter().collect()),
        Some(object @ Value::Object(_)) => Some(vec![object]),
        Some(Value::Null) => Some(Vec::new()),
        Some(_) => None,
        None => match value {
            Value::Array(list) => Some(list.iter().collect()),
            Value::Object(members) if !members.is_empty() => Some(vec![value]),
            _ => None,
        },
    }
}

/// A scalar as one clean line, or nothing.
fn line(value: Option<&Value>, chars_max: usize) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let visible: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !invisible(*c)).collect();
    let text = one_line(&visible);
    let text = clip(&text, chars_max).trim();
    let empty = text.is_empty() || ["null", "none", "n/a"].iter().any(|w| text.eq_ignore_ascii_case(w));
    (!empty).then(|| text.to_owned())
}

/// Control characters, zero-width characters and those that turn the direction of writing.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Lines of a list whose elements are strings, or objects with a telling member.
fn strings(value: Option<&Value>, chars_max: usize) -> Vec<String> {
    let telling = ["question", "sub_question", "query", "text", "q"];
    match value {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|v| line(if v.is_object() { member(v, &telling) } else { Some(v) }, chars_max))
            .collect(),
        Some(text @ Value::String(_)) => line(Some(text), chars_max).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Queries without addresses, distinct, within bounds.
fn queries(value: Option<&Value>, queries_max: usize) -> Vec<String> {
    let mut queries = strings(value, QUERY_CHARS_MAX);
    queries.retain(|q| !q.contains("://") && q.chars().any(char::is_alphanumeric));
    distinct(&mut queries);
    queries.truncate(queries_max);
    queries
}

fn distinct(lines: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    lines.retain(|line| seen.insert(line.to_lowercase()));
}

fn claim(value: &Value, sub_questions: &[String]) -> Option<Claim> {
    let quote = member(value, &["quote", "evidence", "text"]).and_then(Value::as_str)?;
    // Line breaks stay: the quote must be found in the page as it is.
    let quote = clip(quote.trim(), QUOTE_CHARS_MAX).trim();
    if !quote.chars().any(char::is_alphanumeric) {
        return None;
    }
    let said = line(member(value, &["fact", "claim", "statement"]), FACT_CHARS_MAX);
    // A row without the heads of its columns says nothing; the built-in analyst reads it with them.
    if said.is_none() && quote.starts_with('|') {
        return None;
    }
    let fact = said.unwrap_or_else(|| clip(&plain(quote), FACT_CHARS_MAX).to_owned());
    let place = member(value, &["sub_question", "subquestion", "sub_question_id", "question"]);
    let sub_question = place
        .and_then(number)
        .filter(|n| (1..=sub_questions.len()).contains(n))
        .unwrap_or_else(|| likeliest(&fact, sub_questions).map_or(1, |(n, _)| n));
    let relevance = member(value, &["relevance", "score"]).and_then(relevance).unwrap_or(RELEVANCE_DEFAULT);
    Some(Claim {
        fact,
        quote: quote.to_owned(),
        sub_question: u32::try_from(sub_question).unwrap_or(1),
        kind: kind(value.get("kind").or(value.get("type")).and_then(Value::as_str).unwrap_or_default()),
        // Not asked for: what the quote gives is seen without a model. Whoever says it all the same may know better.
        value: line(value.get("value"), FIELD_CHARS_MAX),
        unit: line(value.get("unit"), FIELD_CHARS_MAX),
        date: line(value.get("date"), FIELD_CHARS_MAX),
        relevance,
        built_in: false,
    })
}

/// The sub-question, from 1, that shares most words with a fact, the first of several, and how many.
fn likeliest(fact: &str, sub_questions: &[String]) -> Option<(usize, usize)> {
    let shared = (1..).zip(sub_questions).map(|(n, q)| (n, Subject::of(q).shared_with(fact)));
    shared.max_by_key(|(n, shared)| (*shared, Reverse(*n)))
}

/// Claims that all name the first of several sub-questions were not told apart, as small models do not: each goes to one
/// that it shares more words with.
fn told_apart(mut claims: Vec<Claim>, sub_questions: &[String]) -> Vec<Claim> {
    if claims.len() < TOLD_APART_MIN || claims.iter().any(|claim| claim.sub_question != 1) {
        return claims;
    }
    for claim in &mut claims {
        let own = sub_questions.first().map_or(0, |q| Subject::of(q).shared_with(&claim.fact));
        if let Some((n, _)) = likeliest(&claim.fact, sub_questions).filter(|(_, shared)| *shared > own) {
            claim.sub_question = u32::try_from(n).unwrap_or(claim.sub_question);
        }
    }
    claims
}

/// Percent: what the words asked for stand for, or a number all the same.
fn relevance(value: &Value) -> Option<u32> {
    let word = value.as_str().unwrap_or_default().trim().to_lowercase();
    let words = [("direct", 90), ("partial", 70), ("background", 50)];
    let named = words.iter().find(|(name, _)| word.starts_with(name)).map(|(_, percent)| *percent);
    named.or_else(|| number(value).map(|n| u32::try_from(n.min(100)).unwrap_or(100)))
}

/// A whole number, however it is written: `3`, `3.0`, `"3"`, `"SQ3"`, `"80%"`. Shares of one (`0.8`) become percents.
fn number(value: &Value) -> Option<usize> {
    let real = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => {
            let digits: String = text
                .chars()
                .skip_while(|c| !c.is_ascii_digit())
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            digits.trim_end_matches('.').parse().ok()?
        }
        _ => return None,
    };
    let real = if real > 0.0 && real < 1.0 { real * 100.0 } else { real };
    // Float to integer casts saturate; NaN becomes 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = real.round() as usize;
    Some(whole)
}

fn kind(name: &str) -> FindingKind {
    let name = name.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if is(&["stat", "number", "figure", "metric", "quant"]) {
        FindingKind::Statistic
    } else if is(&["defin"]) {
        FindingKind::Definition
    } else if is(&["opinion", "judg", "recommend", "view"]) {
        FindingKind::Opinion
    } else if is(&["project", "forecast", "predict", "expect"]) {
        FindingKind::Projection
    } else if is(&["risk", "limit", "drawback", "danger", "warn"]) {
        FindingKind::Risk
    } else {
        FindingKind::Fact
    }
}

/// Sections with known findings only, each finding once. Too many sections are merged into the last. An outline whose
/// numbers are all unknown still has its headings: the findings then go where their words are.
fn outline(value: &Value, task: &OutlineTask) -> Option<Vec<SectionPlan>> {
    let objects = list(value, &["sections", "outline", "items"])?;
    let mut left: BTreeSet<u32> = task.findings.iter().map(|n| n.id.0).collect();
    let mut sections: Vec<SectionPlan> = Vec::new();
    for object in &objects {
        let ids = member(object, &["refs", "findings", "finding_ids", "ids"]).and_then(Value::as_array);
        let mut findings: Vec<FindingId> = Vec::new();
        for id in ids.into_iter().flatten().filter_map(number).filter_map(|n| u32::try_from(n).ok()) {
            if left.remove(&id) {
                findings.push(FindingId(id));
            }
        }
        if findings.is_empty() {
            continue;
        }
        let full = sections.len() >= task.sections_max.max(1);
        match sections.last_mut() {
            Some(last) if full => last.findings.extend(findings),
            _ => {
                let title = title(object).unwrap_or_else(|| format!("Section {}", sections.len() + 1));
                sections.push(SectionPlan { title, findings });
            }
        }
    }
    if sections.is_empty() {
        let titles = objects.iter().filter_map(|o| title(o)).take(task.sections_max.max(1));
        sections = titles.map(|title| SectionPlan { title, findings: Vec::new() }).collect();
    }
    rehome(&left, task, &mut sections);
    sections.retain(|s| !s.findings.is_empty());
    (!sections.is_empty()).then_some(sections)
}

fn title(object: &Value) -> Option<String> {
    let title = line(member(object, &["title", "heading", "name"]), TITLE_CHARS_MAX)?;
    let title = title.trim_matches(['#', '*', ' ', '?', '"']);
    (!title.is_empty()).then(|| title.to_owned())
}

/// What the model left out goes to the section that holds most of its sub-question, then to the one whose heading
/// shares its words, then to the shortest: a model forgets more often than it judges.
fn rehome(left: &BTreeSet<u32>, task: &OutlineTask, sections: &mut [SectionPlan]) {
    let sub_question = |id: FindingId| task.findings.iter().find(|n| n.id == id).map(|n| n.sub_question);
    // Counted before anything moves: else the first to get one would get them all.
    let held: Vec<Vec<u32>> =
        sections.iter().map(|s| s.findings.iter().filter_map(|f| sub_question(*f)).collect()).collect();
    let subjects: Vec<Subject> = sections.iter().map(|s| Subject::of(&s.title)).collect();
    for note in task.findings.iter().filter(|n| left.contains(&n.id.0)) {
        let places = sections.iter_mut().zip(&subjects).zip(&held).enumerate();
        let home = places.max_by_key(|(at, ((section, subject), held))| {
            let same = held.iter().filter(|q| **q == note.sub_question).count();
            (same, subject.shared_with(&note.fact), Reverse(section.findings.len()), Reverse(*at))
        });
        if let Some((_, ((section, _), _))) = home {
            section.findings.push(note.id);
        }
    }
}

fn prose_text(text: &str, title: Option<&str>, notes: &[FindingNote]) -> Result<Answer, String> {
    let unwrapped = if text.starts_with('{') || text.starts_with("```json") {
        find(text, |v| {
            member(v, &["text", "markdown", "content", "section", "summary"])
                .and_then(Value::as_str)
                .map(str::to_owned)
        })
    } else {
        None
    };
    let text = unwrapped.as_deref().unwrap_or_else(|| without_outer_fence(text));
    let visible: String = text.chars().filter(|c| *c == '\n' || *c == '\t' || !invisible(*c)).collect();
    let text = prose::clean(clip(&visible, TEXT_CHARS_MAX), title, &notes.iter().map(|n| n.id.0).collect());
    if text.chars().any(char::is_alphanumeric) {
        Ok(Answer::Text(text))
    } else {
        Err("the model's reply holds no text".to_owned())
    }
}

/// The body of a reply that is one fenced block.
fn without_outer_fence(text: &str) -> &str {
    let body = text.strip_prefix("```").and_then(|t| t.split_once('\n')).map(|(_, body)| body);
    body.and_then(|b| b.trim_end().strip_suffix("```")).filter(|b| !b.contains("```")).unwrap_or(text)
}

/// What follows the last end of reasoning; nothing when the reasoning never ends.
fn without_thoughts(text: &str) -> &str {
    let open = ["<think>", "<thinking>", "<reasoning>"];
    let close = ["</think>", "</thinking>", "</reasoning>"];
    let after = close.iter().filter_map(|tag| text.rfind(tag).map(|at| at + tag.len())).max();
    match after {
        Some(at) => text.get(at..).unwrap_or_default(),
        None if open.iter().any(|tag| text.trim_start().starts_with(tag)) => "",
        None => text,
    }
}

fn is_html(text: &str) -> bool {
    let head: String = text.chars().take(15).collect::<String>().to_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.starts_with("<head")
        || head.starts_with("<body")
}

/// The first `bytes_max` bytes, or less where that would split a character.
fn head(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
