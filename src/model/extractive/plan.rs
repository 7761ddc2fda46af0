//! Takes a question apart by its clauses, and picks key words for the first queries.

use super::queries::queries;
use super::terms::{Lexicon, Term};
use crate::model::{Plan, PlanTask};
use crate::research::SUB_QUESTIONS_MAX;
use crate::text::{clip, one_line};
use std::collections::BTreeSet;

/// Most characters of one sub-question.
const SUB_QUESTION_CHARS_MAX: usize = 300;
/// Most words of the topic that a dependent clause is given.
const TOPIC_WORDS_MAX: usize = 6;
/// Most words of one item of a list such as "costs, risks and benefits".
const LIST_ITEM_WORDS_MAX: usize = 3;

/// Words that begin a question.
const ASKING: &[&str] = &["how", "what", "which", "why", "when", "where", "who", "whose", "whom"];
/// Verbs that begin a yes-or-no question, or stand behind the asking word.
const AUXILIARY: &[&str] = &[
    "is", "are", "was", "were", "do", "does", "did", "can", "could", "should", "would", "will", "has",
    "have", "must", "may",
];
/// Prepositions that may stand before an asking word ("in which", "by how much").
const PREPOSITIONS: &[&str] =
    &["in", "on", "by", "for", "from", "to", "at", "with", "through", "since", "under", "of", "until"];
/// Requests that end in a full stop but ask all the same.
const REQUESTS: &[&str] = &[
    "compare",
    "explain",
    "describe",
    "list",
    "summarize",
    "summarise",
    "evaluate",
    "analyze",
    "analyse",
    "find",
    "tell",
    "show",
    "outline",
];
/// Words that point at something named before.
const POINTING: &[&str] =
    &["it", "its", "they", "them", "their", "this", "these", "that", "those", "one", "ones"];
/// Verbs that end the subject of a "how does X ..." question; a topic phrase stops before them.
pub(super) const VERBS: &[&str] = &[
    "affect",
    "avoid",
    "behave",
    "change",
    "choose",
    "compare",
    "decide",
    "differ",
    "ensure",
    "guarantee",
    "handle",
    "help",
    "implement",
    "improve",
    "influence",
    "interact",
    "keep",
    "know",
    "make",
    "manage",
    "perform",
    "prevent",
    "protect",
    "reduce",
    "relate",
    "run",
    "scale",
    "schedule",
    "solve",
    "store",
    "support",
    "update",
    "use",
    "work",
];
/// What is asked about a thing rather than the thing itself.
const ASPECTS: &[&str] = &[
    "advantage",
    "alternative",
    "application",
    "benefit",
    "challenge",
    "con",
    "consequence",
    "cost",
    "danger",
    "difference",
    "disadvantage",
    "downside",
    "drawback",
    "effect",
    "example",
    "impact",
    "implication",
    "limit",
    "limitation",
    "pitfall",
    "price",
    "pro",
    "problem",
    "requirement",
    "risk",
    "strength",
    "trade",
    "off",
    "tradeoff",
    "upside",
    "use",
    "weakness",
];

/// The plan of a question: its clauses as sub-questions, and key words for the first queries. Nothing is asked that the
/// question does not ask. In languages other than English the question stays whole.
pub(super) fn plan(task: &PlanTask) -> Plan {
    let lexicon = Lexicon::of(&task.question);
    let question = one_line(&task.question);
    let sub_questions = sub_questions(&question, &lexicon, task.sub_questions_max);
    let queries = queries(&question, &sub_questions, &lexicon, task.queries_max.max(1));
    Plan { sub_questions, queries, evidence: Vec::new() }
}

/// See [`super::parts`].
pub(super) fn parts(question: &str) -> Vec<String> {
    sub_questions(&one_line(question), &Lexicon::of(question), SUB_QUESTIONS_MAX)
}

fn sub_questions(question: &str, lexicon: &Lexicon, max: usize) -> Vec<String> {
    let mut sub_questions =
        if lexicon.english() { standing_alone(question, lexicon) } else { vec![question.to_owned()] };
    sub_questions.truncate(max.max(1));
    for part in &mut sub_questions {
        *part = clip(part, SUB_QUESTION_CHARS_MAX).to_owned();
    }
    sub_questions
}

/// The distinct clauses of a question, each able to stand alone.
fn standing_alone(question: &str, lexicon: &Lexicon) -> Vec<String> {
    let spoken = statements(question);
    let asking: Vec<&String> = spoken.iter().filter(|s| asks(s)).collect();
    let background: String = spoken
        .iter()
        .filter(|s| !asks(s))
        .map(|s| s.trim_end_matches(['.', ':']))
        .collect::<Vec<_>>()
        .join(" ");
    if asking.is_empty() {
        return comparison(question).unwrap_or_else(|| vec![question.to_owned()]);
    }
    let mut parts: Vec<String> = Vec::new();
    for sentence in asking {
        for clause in clauses(sentence) {
            let topic = parts.first().filter(|_| background.is_empty()).unwrap_or(&background);
            let alone = if topic.is_empty() { clause } else { stand_alone(&clause, topic, lexicon) };
            parts.extend(listed(&alone));
        }
    }
    if let [only] = parts.as_slice() {
        if let Some(compared) = comparison(only) {
            return compared;
        }
        // A single part keeps the asker's own words.
        return vec![question.to_owned()];
    }
    let mut seen = BTreeSet::new();
    parts.retain(|p| seen.insert(p.to_lowercase()));
    parts
}

/// Sentences of the question; a leading "Topic:" counts as one.
fn statements(question: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current = String::new();
    let mut chars = question.chars().peekable();
    while let Some(c) = chars.next() {
        current.push(c);
        let ends = matches!(c, '?' | '.' | '!' | ';' | ':') && chars.peek().is_none_or(|n| n.is_whitespace());
        // "vs." and the like do not end a sentence, nor does a colon before a plain list.
        if ends && !(c == '.' && current.ends_with("vs.")) && current.split_whitespace().count() > 1 {
            out.push(std::mem::take(&mut current).trim().to_owned());
        }
    }
    if !current.trim().is_empty() {
        out.push(current.trim().to_owned());
    }
    out
}

fn asks(sentence: &str) -> bool {
    if sentence.ends_with('?') {
        return true;
    }
    let first = lower_words(sentence).into_iter().next().unwrap_or_default();
    ASKING.contains(&first.as_str()) || (!sentence.ends_with(':') && REQUESTS.contains(&first.as_str()))
}

fn lower_words(text: &str) -> Vec<String> {
    text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()).collect()
}

/// Splits where a conjunction or comma is followed by an asking word.
fn clauses(sentence: &str) -> Vec<String> {
    let words: Vec<&str> =
        sentence.trim_end_matches(['?', '.', '!', ';', ' ']).split(' ').filter(|w| !w.is_empty()).collect();
    let lower: Vec<String> =
        words.iter().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()).collect();
    let at = |i: usize| lower.get(i).map(String::as_str).unwrap_or_default();
    let begins = |i: usize, after_and: bool| {
        ASKING.contains(&at(i))
            || (PREPOSITIONS.contains(&at(i)) && ASKING.contains(&at(i + 1)))
            || (after_and && AUXILIARY.contains(&at(i)) && !ASKING.contains(&at(0)))
    };
    let mut clauses: Vec<Vec<&str>> = vec![Vec::new()];
    let mut inside = 0usize;
    for (place, word) in words.iter().enumerate() {
        inside += word.matches('(').count();
        let here = clauses.last().map_or(0, Vec::len);
        // "In debug mode, how long ..." is one question: what comes before the comma does not ask.
        let asking = clauses.last().is_some_and(|c| {
            let start = place.saturating_sub(c.len());
            let asks = |w: &&str| ASKING.contains(&w.to_lowercase().as_str());
            AUXILIARY.contains(&at(start)) || REQUESTS.contains(&at(start)) || c.iter().any(asks)
        });
        let joins =
            inside == 0 && matches!(at(place), "and" | "or" | "but") && here >= 2 && begins(place + 1, true);
        let comma = asking
            && clauses.last().and_then(|c| c.last()).is_some_and(|w| w.ends_with(','))
            && here >= 3
            && begins(place, false);
        if joins {
            clauses.push(Vec::new());
        } else {
            if comma {
                clauses.push(Vec::new());
            }
            if let Some(clause) = clauses.last_mut() {
                clause.push(word);
            }
        }
        inside = inside.saturating_sub(word.matches(')').count());
    }
    clauses.into_iter().filter(|c| !c.is_empty()).map(|c| asked(&c.join(" "))).collect()
}

/// With a capital at the beginning and a question mark at the end.
fn asked(clause: &str) -> String {
    let body = clause.trim_end_matches([',', ' ', '?', ';', '.', ':']);
    let mut chars = body.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let request = lower_words(body).first().is_some_and(|w| REQUESTS.contains(&w.as_str()));
    format!("{first}{}{}", chars.as_str(), if request { "." } else { "?" })
}

/// Gives a clause the subject it borrows from `topic`, the clause or sentence before it.
fn stand_alone(clause: &str, topic: &str, lexicon: &Lexicon) -> String {
    let own = lexicon.terms(clause);
    let topic_terms = lexicon.terms(topic);
    let shared = own.iter().any(|t| !t.generic() && topic_terms.iter().any(|o| o.key == t.key));
    let words = lower_words(clause);
    let points = words.iter().any(|w| POINTING.contains(&w.as_str()));
    let aspect = |t: &Term| t.generic() || ASPECTS.contains(&singular(&t.surface.to_lowercase()));
    let body = clause.trim_end_matches('?');
    let phrase = topic_phrase(topic, lexicon);
    if phrase.is_empty()
        || (shared
            && !points
            && (own.iter().any(Term::name) || own.iter().filter(|t| !aspect(t)).count() > 1))
    {
        clause.to_owned()
    } else if own.iter().all(aspect) && !points && words.len() <= 10 {
        format!("{body} of {phrase}?")
    } else if points || own.iter().filter(|t| !aspect(t)).count() < 2 {
        match place(topic).filter(|_| !points) {
            Some(place) if !own.iter().any(Term::name) => format!("{body} {place}?"),
            Some(_) => clause.to_owned(),
            None => format!(
                "{body} ({})?",
                if own.iter().any(Term::name) { phrase } else { label(topic, &phrase, lexicon) }
            ),
        }
    } else {
        clause.to_owned()
    }
}

/// The names of a topic, else its phrase.
fn label(topic: &str, phrase: &str, lexicon: &Lexicon) -> String {
    let names: Vec<String> =
        lexicon.terms(topic).into_iter().filter(Term::name).take(2).map(|t| t.surface).collect();
    if names.is_empty() || names.iter().any(|n| phrase.contains(n.as_str())) && phrase.split(' ').count() <= 3
    {
        phrase.to_owned()
    } else {
        names.join(" ")
    }
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// "in Rust", "for PostgreSQL": a preposition with the name behind it.
fn place(topic: &str) -> Option<String> {
    let words: Vec<&str> = topic.split_whitespace().collect();
    words.windows(2).find_map(|pair| match pair {
        [preposition, name]
            if PREPOSITIONS.contains(&preposition.to_lowercase().as_str())
                && name.starts_with(char::is_uppercase) =>
        {
            Some(format!(
                "{preposition} {}",
                name.trim_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '#')
            ))
        }
        _ => None,
    })
}

/// The noun phrase a clause is about: what follows the asking words, up to its verb.
fn topic_phrase(topic: &str, lexicon: &Lexicon) -> String {
    let mut phrase: Vec<&str> = Vec::new();
    let mut content = 0;
    for word in topic.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '#');
        let lower = bare.to_lowercase();
        if phrase.is_empty()
            && (bare.is_empty()
                || lexicon.stop(&lower)
                || PREPOSITIONS.contains(&lower.as_str())
                || REQUESTS.contains(&lower.as_str())
                || VERBS.contains(&lower.as_str()))
        {
            continue;
        }
        let verb = VERBS.contains(&lower.as_str()) || VERBS.contains(&singular(&lower));
        let ends = verb
            || AUXILIARY.contains(&lower.as_str())
            || matches!(lower.as_str(), "and" | "or" | "but" | "without" | "when" | "while" | "if");
        if ends || phrase.len() >= TOPIC_WORDS_MAX {
            break;
        }
        phrase.push(bare);
        content += usize::from(!lexicon.stop(&lower));
        if word.ends_with([',', '?', '.', ';', ':']) {
            break;
        }
    }
    while phrase
        .last()
        .is_some_and(|w| lexicon.stop(&w.to_lowercase()) || PREPOSITIONS.contains(&w.to_lowercase().as_str()))
    {
        phrase.pop();
    }
    if content == 0 { String::new() } else { phrase.join(" ") }
}

/// "What are the costs, risks and benefits of X?" becomes one question for each.
fn listed(clause: &str) -> Vec<String> {
    let whole = || vec![clause.to_owned()];
    let Some((head, rest)) =
        ["What are the ", "What is the "].iter().find_map(|h| clause.strip_prefix(h).map(|r| (*h, r)))
    else {
        return whole();
    };
    // "the cap on size and the cap on time": two things, each with a complement of its own.
    if let Some((left, right)) = rest.split_once(" and the ")
        && !left.contains(',')
        // "the impact on the UK and the rest of Europe" is one thing with two objects.
        && ![" between ", " of the ", " on the ", " in the ", " for the "].iter().any(|p| left.contains(p))
        && [left, right].iter().all(|side| [" of ", " for ", " in ", " on "].iter().any(|p| side.contains(p)))
    {
        return vec![asked(&format!("{head}{left}")), asked(&format!("{head}{right}"))];
    }
    let cut = [" of ", " for ", " in ", " when ", " between "].iter().filter_map(|p| rest.find(p)).min();
    let (Some(items), Some(tail)) = (cut.and_then(|at| rest.get(..at)), cut.and_then(|at| rest.get(at..)))
    else {
        return whole();
    };
    let items: Vec<&str> = items
        .split(", ")
        .flat_map(|i| i.split(" and "))
        .map(|i| i.trim().trim_start_matches("and ").trim_start_matches("the "))
        .filter(|i| !i.is_empty())
        .collect();
    let short = items.iter().all(|i| i.split(' ').count() <= LIST_ITEM_WORDS_MAX);
    // "pros and cons" are asked in one breath.
    if items.len() < 2 || !short || items.contains(&"pros") || tail.starts_with(" between ") {
        return whole();
    }
    items.iter().map(|item| format!("{head}{item}{tail}")).collect()
}

/// The comparison itself and each thing compared: "X vs Y", "compare X with Y", "difference between X and Y".
fn comparison(clause: &str) -> Option<Vec<String>> {
    let body = clause.trim_end_matches(['?', '.']);
    let lower = body.to_ascii_lowercase();
    let versus = [" vs. ", " vs ", " versus ", " compared to ", " compared with "]
        .iter()
        .find_map(|sep| lower.find(sep).map(|at| (0, at, at + sep.len())));
    let between = ["between ", "compare "].iter().find_map(|open| {
        let start = lower.find(open)? + open.len();
        let rest = lower.get(start..)?;
        [" and ", " with ", " to "]
            .iter()
            .find_map(|sep| rest.find(sep).map(|at| (start, start + at, start + at + sep.len())))
    });
    let (start, middle, behind) = versus.or(between)?;
    let subject = |text: &str| -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        let skipped = words.iter().take_while(|w| {
            let w = w.to_lowercase();
            ASKING.contains(&w.as_str())
                || AUXILIARY.contains(&w.as_str())
                || REQUESTS.contains(&w.as_str())
                || matches!(w.as_str(), "the" | "a" | "an")
        });
        let skipped = skipped.count();
        words.iter().skip(skipped).take(TOPIC_WORDS_MAX).copied().collect::<Vec<_>>().join(" ")
    };
    let left = subject(body.get(start..middle)?);
    let right_all = body.get(behind..)?;
    let cut = [" for ", " in ", " on ", " when ", " as ", " with regard "]
        .iter()
        .filter_map(|p| right_all.find(p))
        .min();
    let (right, scope) = cut.map_or((right_all, ""), |at| {
        (right_all.get(..at).unwrap_or_default(), right_all.get(at..).unwrap_or_default())
    });
    let right = subject(right);
    if left.is_empty() || right.is_empty() || left.split(' ').count() > 4 || right.split(' ').count() > 4 {
        return None;
    }
    let one = |thing: &str| format!("What characterizes {thing}{scope}?");
    Some(vec![clause.to_owned(), one(&left), one(&right)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(question: &str) -> Plan {
        plan(&PlanTask {
            question: question.into(),
            topic: None,
            today: "2026-11-22".into(),
            sub_questions_max: 6,
            queries_max: 6,
            language: None,
        })
    }

    fn sub_questions(question: &str) -> Vec<String> {
        planned(question).sub_questions
    }

    #[test]
    fn a_simple_question_stays_one() {
        for question in [
            "What is the capital of Mongolia?",
            "async runtimes in Rust",
            "How do I bake sourdough bread?",
            "Explain borrow checking in Rust.",
        ] {
            assert_eq!(sub_questions(question), [question]);
        }
    }

    #[test]
    fn clauses_become_sub_questions_that_stand_alone() {
        assert_eq!(
            sub_questions("How do async runtimes in Rust schedule tasks, and what are the trade-offs?"),
            [
                "How do async runtimes in Rust schedule tasks?",
                "What are the trade-offs of async runtimes in Rust?"
            ]
        );
        assert_eq!(
            sub_questions("What is ownership in Rust and how does borrowing work?"),
            ["What is ownership in Rust?", "How does borrowing work in Rust?"]
        );
        assert_eq!(
            sub_questions(
                "In which Python version was distutils deprecated, and in which one is it to disappear?"
            ),
            [
                "In which Python version was distutils deprecated?",
                "In which one is it to disappear (Python version)?"
            ]
        );
    }

    #[test]
    fn an_introduction_stays_with_its_question() {
        let question =
            "In asyncio's debug mode, how long does a callback have to run before it is logged as slow?";
        assert_eq!(sub_questions(question), [question]);
    }

    #[test]
    fn a_clause_in_brackets_stays_where_it_is() {
        let found = sub_questions(
            "Which module slows down failed logins in PostgreSQL (and by how much), and which view counts them?",
        );
        assert_eq!(
            found.first().map(String::as_str),
            Some("Which module slows down failed logins in PostgreSQL (and by how much)?")
        );
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn background_sentences_give_their_topic() {
        let found = sub_questions(
            "Long reports on our PostgreSQL replica keep getting cancelled. How long does a replica wait, and which view counts the cancellations?",
        );
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn listed_aspects_are_asked_one_by_one() {
        assert_eq!(
            sub_questions("What are the costs, risks and benefits of solar power?"),
            [
                "What are the costs of solar power?",
                "What are the risks of solar power?",
                "What are the benefits of solar power?"
            ]
        );
        assert_eq!(sub_questions("What are the pros and cons of Rust?").len(), 1);
    }

    #[test]
    fn two_things_with_a_complement_of_their_own_are_asked_one_by_one() {
        assert_eq!(
            sub_questions("What is the cap on body size and the limit of the inflation ratio?"),
            ["What is the cap on body size?", "What is the limit of the inflation ratio?"]
        );
        assert_eq!(
            sub_questions("What is the name and the size of the file?"),
            ["What is the name of the file?", "What is the size of the file?"],
            "one complement belongs to both"
        );
        for whole in [
            "What is the impact of Brexit on the UK and the rest of Europe?",
            "What is the history of the Rust compiler and the Go compiler in brief?",
        ] {
            assert!(sub_questions(whole).iter().all(|part| !part.starts_with("What is the rest")), "{whole}");
        }
    }

    #[test]
    fn comparisons_ask_about_both_sides() {
        assert_eq!(
            sub_questions("Tokio vs async-std for web servers"),
            [
                "Tokio vs async-std for web servers",
                "What characterizes Tokio for web servers?",
                "What characterizes async-std for web servers?"
            ]
        );
        assert_eq!(
            sub_questions("What is the difference between TCP and UDP?"),
            [
                "What is the difference between TCP and UDP?",
                "What characterizes TCP?",
                "What characterizes UDP?"
            ]
        );
    }

    #[test]
    fn other_languages_stay_whole() {
        let question = "Quelle est la capitale de la Mongolie et où se trouve-t-elle ?";
        let plan = planned(question);
        assert_eq!(plan.sub_questions, [question]);
        assert_eq!(plan.queries.first().map(String::as_str), Some(question));
        assert!(!planned("所有権とは何ですか").queries.is_empty());
    }
}
