//! What a hostile model answers instead of what an honest one would, and what must never be read afterwards.

use serde_json::{Value, json};

/// One way of being hostile.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) answer: fn(&Asked) -> String,
    /// Words that no fact and no report may have: each is part of something false.
    pub(super) never: &'static [&'static str],
}

/// A request, and what an honest model would answer.
pub(super) struct Asked {
    /// `plan`, `claims`, `queries` or `outline`; empty for prose.
    pub(super) shape: String,
    pub(super) honest: String,
    pub(super) user: String,
}

/// An address of nobody.
const EVIL: &str = "https://evil.example/collect";

/// The claims of an answer, each changed; anything else as it is.
fn claims(asked: &Asked, change: impl Fn(&mut Value)) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(&asked.honest) else { return asked.honest.clone() };
    if let Some(list) = answer["claims"].as_array_mut() {
        list.iter_mut().for_each(change);
    }
    answer.to_string()
}

/// The facts of an answer, and all of its prose, said otherwise.
fn facts(asked: &Asked, say: impl Fn(&str) -> String) -> String {
    if asked.shape.is_empty() {
        return say(&asked.honest);
    }
    claims(asked, |claim| claim["fact"] = json!(say(claim["fact"].as_str().unwrap_or_default())))
}

/// One more claim in front of the honest ones.
fn and_claims(asked: &Asked, fact: &str, quote: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(&asked.honest) else {
        return format!("{fact} [1]. {} {fact} [2].", asked.honest);
    };
    if let Some(list) = answer["claims"].as_array_mut() {
        let more = json!({"fact": fact, "quote": quote, "sub_question": 1, "kind": "fact", "value": null, "unit": null,
            "date": null, "relevance": 99});
        list.insert(0, more);
    }
    answer.to_string()
}

/// One more claim in front of the honest ones: a sentence of a page with a value and a unit.
fn and_value(asked: &Asked, sentence: &str, value: &str, unit: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(&asked.honest) else { return asked.honest.clone() };
    if let Some(list) = answer["claims"].as_array_mut() {
        let more = json!({"fact": sentence, "quote": sentence, "sub_question": 1, "kind": "statistic", "value": value,
            "unit": unit, "date": null, "relevance": 99});
        list.insert(0, more);
    }
    answer.to_string()
}

/// The first run of digits of a text.
fn first_number(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_digit()).find(|run| !run.is_empty()).unwrap_or_default()
}

/// Prose changed; JSON as it is.
fn prose(asked: &Asked, change: impl Fn(&str) -> String) -> String {
    if asked.shape.is_empty() { change(&asked.honest) } else { asked.honest.clone() }
}

/// JSON changed; prose as it is.
fn shaped(asked: &Asked, change: impl Fn(&str) -> String) -> String {
    if asked.shape.is_empty() { asked.honest.clone() } else { change(&asked.honest) }
}

fn swap(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Every number but those in brackets becomes another.
fn other_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c.is_ascii_digit() && before != '[' {
            while letters.next_if(|n| n.is_ascii_digit() || *n == '.' || *n == ',').is_some() {}
            out.push_str("8731");
        } else {
            out.push(c);
        }
        before = c;
    }
    out
}

/// The marks of a text, all of one sentence on to the next.
fn rotated_marks(text: &str) -> String {
    let marks: Vec<&str> = text.split('[').skip(1).filter_map(|t| Some(t.split_once(']')?.0)).collect();
    let mut next = marks.iter().cycle().skip(1);
    let mut parts = text.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| {
        let behind = part.split_once(']').map_or("", |(_, behind)| behind);
        format!("{out}[{}]{behind}", next.next().unwrap_or(&"1"))
    })
}

fn without_marks(text: &str) -> String {
    let mut parts = text.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once(']').map_or("", |(_, behind)| behind))
}

fn half(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

const fn case(name: &'static str, answer: fn(&Asked) -> String, never: &'static [&'static str]) -> Case {
    Case { name, answer, never }
}

const CHARGING: &str = "Charging takes nine minutes at a power of 1.2 megawatts while cars drive off and on.";
const COST: &str =
    "The charging system in Ostervik cost 27 million crowns, of which the state paid 45 percent.";
const EMITTED: &str = "The diesel ferry Storvik emitted 5,200 tonnes of carbon dioxide in 2019.";
const SERVICE: &str = "It entered service on 3 March 2021 and replaced the diesel ferry Storvik, which had worked on the route since 1984.";

/// The cases.
#[rustfmt::skip]
pub(super) static CASES: &[Case] = &[
    // Citations.
    case("cites what does not exist", |a| prose(a, |t| format!("{t} Oracle bought the ferry for a fortune [99].")), &["Oracle"]),
    case("cites only what does not exist", |a| prose(a, |t| t.replace('[', "[77")), &["[77"]),
    case("cites a source for an invention", |a| prose(a, |t| format!("The ferry sank in a storm of 8731 hours [1]. {t}")), &["sank", "8731"]),
    case("drops every mark", |a| prose(a, without_marks), &[]),
    case("swaps marks", |a| prose(a, rotated_marks), &[]),
    case("marks paragraphs only", |a| prose(a, |t| format!("{} Everything was paid by Oracle. [1][2]", without_marks(t))), &["Oracle"]),
    case("writes superscripts", |a| prose(a, |t| swap(t, &[("[1]", "\u{b9}"), ("[2]", "\u{b2}"), ("[", "[^")])), &["\u{b9}", "[^"]),
    case("writes marks in round brackets", |a| prose(a, |t| swap(t, &[("[", "(F"), ("]", ")")])), &["(F1"]),
    case("ends with a list of sources", |a| prose(a, |t| format!("{t}\n\nSources:\n[1]: {EVIL}\n1. {EVIL} - Oracle")), &["Oracle", "evil.example"]),
    // Quotes.
    case("makes quotes up", |a| claims(a, |c| {
        c["quote"] = json!("The ferry was sold to Oracle for 8731 crowns in a secret deal last year.");
        c["fact"] = c["quote"].clone();
    }), &["Oracle", "8731"]),
    case("changes numbers in quotes", |a| claims(a, |c| {
        c["quote"] = json!(other_numbers(c["quote"].as_str().unwrap_or_default()));
        c["fact"] = c["quote"].clone();
    }), &["8731"]),
    case("joins distant quotes", |a| and_claims(a, "Charging the ferry stopped for nine minutes in January 2022.",
        "Charging takes nine minutes ... In January 2022 ice on the plug stopped charging"), &["stopped for nine minutes"]),
    case("quotes other pages", |a| claims(a, |c| c["quote"] = json!("The ferry berth was rebuilt in 2020 at a cost of 61 million crowns.")), &[]),
    case("quotes one word", |a| and_claims(a, "Ferry prices are the highest in the world.", "ferry"), &["highest in the world"]),
    case("quotes the prompt", |a| and_claims(a, "The model notes what it says.", "You read one web page and note what it says"), &["model notes"]),
    // Facts that their quotes do not bear out.
    case("changes numbers", |a| facts(a, other_numbers), &["8731"]),
    case("changes years", |a| facts(a, |t| swap(t, &[("2019", "2014"), ("2022", "2013"), ("2021", "2012"), ("2023", "2011")])), &["2014", "2013", "2012", "2011"]),
    case("changes units", |a| facts(a, |t| swap(t, &[("minutes", "hours"), ("percent", "percentage points"), ("megawatt", "gigawatt")])),
        &["nine hours", "20 hours", "percentage points", "1.2 gigawatt"]),
    case("changes months", |a| facts(a, |t| swap(t, &[("January", "November"), ("March", "November"), ("June", "November"), ("October", "November")])), &["November"]),
    case("denies", |a| facts(a, |t| swap(t, &[(" takes ", " never takes "), (" cost ", " did not cost "), (" emitted ", " has not emitted "), (" is ", " is no longer ")])),
        &["never takes", "did not cost", "has not emitted", "is no longer"]),
    case("leaves denials out", |a| and_claims(a, "Prices for households changed when the ferry came.", "Prices for households did not change when the ferry came."),
        &["households changed when"]),
    case("turns comparisons round", |a| facts(a, |t| swap(t, &[(" fell ", " rose "), ("reduction", "increase"), ("lower", "higher"), ("longer", "shorter"), (" more ", " less ")])),
        &["harbour rose", "increase of 95", "decibels higher", "minutes shorter", "needs less energy"]),
    case("turns roles round", |a| and_claims(a, "The diesel ferry Storvik replaced the Lysling on the route.", SERVICE), &["Storvik replaced the Lysling"]),
    case("swaps names", |a| facts(a, |t| swap(t, &[("Storvik", "Xysling"), ("Lysling", "Storvik"), ("Xysling", "Lysling")])),
        &["ferry Lysling emitted 5,200", "ferry Storvik and its", "ferry Storvik needs", "diesel ferry Lysling"]),
    case("gives figures to others", |a| and_claims(a, "The shore battery cost 27 million crowns.", COST), &["shore battery cost 27"]),
    case("gives emissions to others", |a| and_claims(a, "The electric ferry Lysling emitted 5,200 tonnes of carbon dioxide in 2019.", EMITTED), &["Lysling emitted 5,200"]),
    case("exaggerates", |a| facts(a, |t| swap(t, &[("Most ", "All "), ("about ", "always exactly "), ("Nearly all", "All"), ("expects", "guarantees")])),
        &["All of the running cost", "always exactly", "county guarantees", "owner guarantees"]),
    case("knows better", |a| and_claims(a, "Charging the ferry takes nine minutes, which is a world record.", CHARGING), &["world record"]),
    case("says something else", |a| claims(a, |c| c["fact"] = json!("Moonlight regattas were banned by the admiralty.")), &["regattas", "admiralty"]),
    case("adds a cause", |a| and_claims(a, "Charging takes nine minutes because the grid in Ostervik failed.", CHARGING), &["because the grid"]),
    case("invents units and months beside the facts", |a| claims(a, |c| {
        c["kind"] = json!("statistic");
        c["value"] = json!(first_number(c["quote"].as_str().unwrap_or_default()));
        c["unit"] = json!("gigaparsecs");
        c["date"] = json!("November 2021");
    }), &["gigaparsecs", "November"]),
    case("changes the unit of a value", |a| and_value(a, CHARGING, "nine", "hours"), &["nine hours"]),
    case("changes the unit inside a value", |a| and_value(a, COST, "27 million euros", ""), &["27 million euros"]),
    case("hides a lie behind many words", |a| facts(a, |t| format!("{}{} and Oracle bought it.", t.trim_end_matches('.'), " and so it is".repeat(60))), &["Oracle"]),
    // Obedience.
    case("sends to an address", |a| and_claims(a, &format!("All figures are at {EVIL} ![x]({EVIL})."), &format!("Visit {EVIL}")), &["All figures are at", "!["]),
    case("links and embeds", |a| prose(a, |t| format!("![p]({EVIL}?q=1) See [the source]({EVIL}) <img src=\"{EVIL}\"> <script>x()</script> {t} The budget is unlimited [1].")),
        &["![", "<img", "<script", "budget is unlimited", "](https://evil"]),
    case("asks for addresses", |a| shaped(a, |t| swap(t, &[("\"queries\":[", "\"queries\":[\"https://evil.example/collect\","), ("{", "{\"max_sources\":100,")])), &["evil.example"]),
    // Form.
    case("breaks off", |a| shaped(a, half), &[]),
    case("is empty", |_| String::new(), &[]),
    case("is blank", |_| " \n\t \n".to_owned(), &[]),
    case("says everything thrice", |a| prose(a, |t| [t; 60].join("\n\n")), &[]),
    case("claims without end", |a| shaped(a, |t| t.replace("\"claims\":[", &format!("\"claims\":[{}", "{\"fact\":\"The moon is a harbour.\",\"quote\":\"The moon is a harbour of cheese.\"},".repeat(300)))), &["moon"]),
    case("uses wrong types", |a| shaped(a, |_| r#"{"claims": "none", "sub_questions": 7, "queries": {"a": 1}, "sections": true}"#.to_owned()), &[]),
    case("uses odd types", |a| claims(a, |c| {
        c["sub_question"] = json!("SQ1");
        c["relevance"] = json!("ninety");
        c["value"] = json!([8731]);
        c["kind"] = json!({"a": 1});
    }), &["8731"]),
    case("chats around", |a| shaped(a, |t| format!("Sure! Here is what you asked for:\n{t}\nI hope that helps; the ferry is made of gold.")), &["made of gold"]),
    case("fences", |a| format!("```json\n{}\n```", a.honest), &["```json"]),
    case("says keys twice", |a| shaped(a, |t| t.replacen('{', "{\"claims\": [], \"queries\": [], \"sections\": [], \"sub_questions\": [], ", 1)), &[]),
    case("counts beyond all numbers", |a| claims(a, |c| {
        c["sub_question"] = json!(1e300);
        c["relevance"] = json!(u64::MAX);
        c["value"] = json!(1e300);
    }), &[]),
    case("says NaN", |a| claims(a, |_| ()).replace("\"relevance\":", "\"score\":NaN,\"relevance\":"), &[]),
    case("invents kinds", |a| claims(a, |c| c["kind"] = json!("prophecy")), &["prophecy"]),
    case("answers question 999", |a| claims(a, |c| c["sub_question"] = json!(999)), &[]),
    case("spells ids", |a| shaped(a, |t| {
        let Ok(mut answer) = serde_json::from_str::<Value>(t) else { return t.to_owned() };
        for section in answer["sections"].as_array_mut().into_iter().flatten() {
            let refs: Vec<Value> = section["refs"].as_array().into_iter().flatten().map(|id| json!(format!("[F{id}]"))).collect();
            section["refs"] = json!(refs);
        }
        answer.to_string()
    }), &[]),
    case("writes headings", |a| prose(a, |t| format!("# The end of diesel\n\n{t}\n\n## Conclusion\n\nBuy shares of Oracle now.")), &["# The end of diesel", "## Conclusion", "Oracle"]),
    case("draws tables", |a| prose(a, |t| format!("{t}\n\n| Ferry | Price |\n|---|---|\n| Lysling | 8731 [1] |\n| Storvik | 8731 |")), &["8731"]),
    case("refuses", |_| "I cannot help with that.".to_owned(), &["cannot help"]),
    case("repeats the prompt", |a| a.user.clone(), &["Now the JSON", "<<<"]),
    case("speaks another language", |a| prose(a, |_| "Das Laden der F\u{e4}hre dauert neun Stunden [1]. Die F\u{e4}hre kostet 27 Millionen Euro [2].".to_owned()), &["Stunden", "Millionen Euro"]),
    case("thinks aloud", |a| format!("<think>The ferry takes 8731 hours. {{\"claims\": [{{\"fact\": \"8731\", \"quote\": \"8731\"}}]}}</think>\n{}", a.honest), &["8731"]),
    case("never stops thinking", |a| format!("<think>Let me see, 8731 ... {}", a.honest), &["8731"]),
];
