//! What happened once, to what: two sentences that date one event differently cannot both be right.

use super::statement::{Statement, is_light};

/// Something that happens to a thing once.
pub(super) struct Event {
    class: usize,
    /// The noun phrases that it may have happened to, each as its telling terms.
    objects: Vec<Phrase>,
}

/// The telling terms of a noun phrase, in order.
#[derive(Debug, PartialEq, Eq)]
struct Phrase {
    terms: Vec<String>,
    named: bool,
}

/// Most words before or behind an event that are its object.
const OBJECT_WORDS_MAX: usize = 9;
/// Place of releases in [`EVENTS`]: each version has its own, so they are compared for one version only.
const RELEASE: usize = 1;

/// The events that a sentence tells of.
pub(super) fn events(statement: &Statement) -> Vec<Event> {
    let mut found = Vec::new();
    for (at, token) in statement.tokens.iter().enumerate() {
        let Some(term) = token.term.as_deref() else { continue };
        let folded = token.folded.as_str();
        let reached = if folded == "stable" { reaches(statement, at) } else { None };
        let Some(class) = EVENTS.iter().position(|words| words.contains(&term) || words.contains(&folded))
        else {
            if let Some(start) = reached {
                found.extend(Event::new(0, statement, Before(start)));
            }
            continue;
        };
        let verb = folded.ends_with("ed") || IRREGULAR.contains(&folded);
        found.extend(Event::new(class, statement, object_of(statement, at, verb)));
    }
    found
}

impl Event {
    /// Whether both are one event.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let alone = |e: &Self| e.objects.len() == 1;
        self.class == other.class
            && self.objects.iter().any(|a| {
                other.objects.iter().any(|b| {
                    a.terms == b.terms
                        && (a.terms.len() > 1 || a.named || b.named || (alone(self) && alone(other)))
                })
            })
    }

    /// Whether each version has an event of this kind.
    pub(super) fn is_of_version(&self) -> bool {
        self.class == RELEASE
    }

    fn new(class: usize, statement: &Statement, object: Object) -> Option<Self> {
        let objects = phrases(statement, &object);
        (!objects.is_empty()).then_some(Self { class, objects })
    }
}

/// Where the object of an event stands.
enum Object {
    Before(usize),
    Behind(usize),
}
use Object::{Before, Behind};

fn object_of(statement: &Statement, at: usize, verb: bool) -> Object {
    let word = |i: Option<usize>| i.and_then(|i| statement.tokens.get(i)).map_or("", |t| t.folded.as_str());
    if !verb {
        return if word(Some(at + 1)) == "of" { Behind(at + 2) } else { Before(at) };
    }
    let mut before = at;
    while let Some(i) = before.checked_sub(1).filter(|i| {
        let word = word(Some(*i));
        matches!(word, "first" | "finally" | "also" | "not" | "been" | "then" | "only")
            || word.ends_with("ly")
    }) {
        before = i;
    }
    let auxiliary = word(before.checked_sub(1));
    if matches!(auxiliary, "was" | "were" | "is" | "are" | "be" | "being" | "get" | "got") {
        return Before(before.saturating_sub(1));
    }
    if matches!(auxiliary, "has" | "have" | "had") && word(Some(before)) == "been" {
        return Before(before.saturating_sub(1));
    }
    let next = statement.tokens.get(at + 1);
    let intransitive =
        next.is_none_or(|t| !t.is_word() || t.term.is_none() && ENDS.contains(&t.folded.as_str()));
    if matches!(auxiliary, "(" | ",") {
        Before(before.saturating_sub(1))
    } else if intransitive {
        Before(before)
    } else {
        Behind(at + 1)
    }
}

/// `to the stable channel`, `became stable`: where the thing that became it ends.
fn reaches(statement: &Statement, at: usize) -> Option<usize> {
    let back = (1..=3).find_map(|n| {
        let i = at.checked_sub(n)?;
        let word = statement.tokens.get(i)?.folded.as_str();
        matches!(word, "to" | "on" | "in" | "reached" | "became" | "become" | "into" | "hit").then_some(i)
    })?;
    Some(back)
}

/// Noun phrases next to an event: parted by words of grammar and light verbs, up to a sign.
fn phrases(statement: &Statement, object: &Object) -> Vec<Phrase> {
    let mut range: Vec<usize> = match object {
        Before(end) => (0..*end).rev().take(OBJECT_WORDS_MAX).collect(),
        Behind(start) => (*start..statement.tokens.len()).take(OBJECT_WORDS_MAX).collect(),
    };
    let ends = |i: usize| {
        let Some(token) = statement.tokens.get(i) else { return true };
        let sign = !token.is_word()
            && !token.is_number()
            && !matches!(token.text.as_str(), "-" | "\"" | "“" | "”" | "(");
        let behind = matches!(object, Behind(_));
        sign || (behind && ENDS.contains(&token.folded.as_str()) && token.folded != "of")
            || (behind && token.is("("))
    };
    let len = range.iter().position(|i| ends(*i)).unwrap_or(range.len());
    range.truncate(len);
    range.sort_unstable();
    let mut found: Vec<Phrase> = Vec::new();
    let mut terms: Vec<String> = Vec::new();
    let mut named = false;
    for i in range.into_iter().map(Some).chain([None]) {
        let token = i.and_then(|i| statement.tokens.get(i));
        let term = i.and_then(|i| statement.term(i));
        if let Some(term) = term {
            named |= statement.is_name(term) || token.is_some_and(|t| t.is_capital() && i != Some(0));
            terms.push(term.to_owned());
            continue;
        }
        // Light adjectives and nouns of kind within a phrase do not part it; words of grammar and verbs do.
        let within = token.is_some_and(|t| {
            t.is("-")
                || t.is_number()
                || (is_light(&t.folded) && !t.folded.ends_with("ing") && !t.folded.ends_with("ed"))
        });
        if !within && !terms.is_empty() {
            found.push(Phrase { terms: std::mem::take(&mut terms), named });
            named = false;
        }
    }
    found
}

/// What ends an object: prepositions, and what begins another clause.
const ENDS: [&str; 24] = [
    "in", "on", "at", "with", "by", "from", "since", "as", "to", "after", "during", "for", "before", "until",
    "under", "that", "which", "who", "when", "where", "while", "of", "into", "than",
];

/// Words of one event, as terms or as written; whatever ends in `ed` is read as a verb.
const EVENTS: [&[&str]; 34] = [
    &["stabil"],
    &["releas", "launch", "ship", "shipped"],
    &["introduc", "added", "landed", "debut"],
    &["founded", "founding", "establish", "incorpor"],
    &["deprec"],
    &["remov", "removed", "discontinu", "discontinued"],
    &["born", "birth"],
    &["died", "death"],
    &["acquir", "acquisit", "bought"],
    &["won"],
    &["opened", "inaugur"],
    &["closed", "dissolv"],
    &["discov", "discoveri", "discovered"],
    &["invent", "invented", "invention"],
    &["signed"],
    &["elected"],
    &["adopt", "ratifi", "enact"],
    &["creat", "created", "creation"],
    &["complet", "completed", "built"],
    &["began", "begun", "started"],
    &["ended"],
    &["publish", "publication"],
    &["announc"],
    &["premier"],
    &["merged", "merger"],
    &["renam", "renamed"],
    &["marri", "married", "wedding"],
    &["approv"],
    &["passed"],
    &["destroy", "destruct"],
    &["assassin"],
    &["graduat"],
    &["appointed"],
    &["crowned"],
];
/// Verbs of these that do not end in `ed`.
const IRREGULAR: [&str; 7] = ["born", "bought", "won", "built", "debut", "began", "begun"];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn of(text: &str) -> Vec<Event> {
        events(&Statement::new(text, &BTreeSet::new()))
    }

    fn same(a: &str, b: &str) -> bool {
        of(a).iter().any(|x| of(b).iter().any(|y| x.is_same(y)))
    }

    #[test]
    fn one_event_is_told_in_many_ways() {
        let plain = "Async closures were stabilised in 2024.";
        for other in [
            "The release finally brought native async closures and AsyncFn traits to the stable channel in 2025.",
            "The stabilization of async closures came in 2025.",
            "Rust 1.85 stabilized async closures in 2025.",
            "Features such as async closures (stabilized in 2025) help.",
            "Async closures, stabilized in 2025, help.",
        ] {
            assert!(same(plain, other), "{other}");
        }
        assert!(same("The Tokio runtime was first released in 2016.", "Tokio launched in 2017."));
        assert!(same("Ada Lovelace was born in 1815.", "The birth of Ada Lovelace was in 1816."));
    }

    #[test]
    fn another_object_is_another_event() {
        for (a, b) in [
            (
                "The compiler team stabilised let chains in 2025.",
                "The compiler team stabilised async traits in 2023.",
            ),
            ("Tokio was released in 2016.", "The Tokio console was released in 2021."),
            ("The foundation was founded in 2021.", "The foundation was dissolved in 2024."),
            ("Async closures were stabilised in 2024.", "Async iterators were stabilised in 2025."),
        ] {
            assert!(!same(a, b), "{a} | {b}");
        }
    }
}
