//! Fields without a model: the finding whose words are those of the field, and of it the part that fits the kind.

use crate::model::{FieldNote, FieldsTask, FindingNote};
use crate::order::sort_by;
use crate::research::figures::first_value;
use crate::research::structured::{FilledField, LeafKind, spoken};
use crate::text::term_set;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most elements of a list of texts: what a reader takes in.
const LISTED_MAX: usize = 5;
/// Share of the words of a field's name that a finding must have.
const SHARE_MIN: f64 = 0.5;

/// What the findings say of each field. Lists of objects and questions of yes or no need a judgement, and are left out.
pub(super) fn fields(task: &FieldsTask) -> Vec<FilledField> {
    task.fields.iter().flat_map(|field| filled(field, task)).collect()
}

fn filled(field: &FieldNote, task: &FieldsTask) -> Vec<FilledField> {
    let names: Vec<String> = field.path.split('/').filter(|s| *s != "*").map(str::to_owned).collect();
    let name = term_set(&spoken(&names));
    let wider = term_set(&format!("{} {}", field.description, task.question));
    let mut ranked: Vec<(f64, &FindingNote)> =
        task.findings.iter().filter_map(|note| Some((score(note, &name, &wider)?, note))).collect();
    sort_by(&mut ranked, |a, b| b.0.total_cmp(&a.0).then(a.1.id.cmp(&b.1.id)));
    let list = field.path.strip_suffix("/*");
    match list {
        None if field.path.contains("/*/") => Vec::new(),
        None => {
            let found = ranked.iter().find_map(|(_, note)| Some((value(field, note, &name)?, *note)));
            found.map(|(value, note)| proposed(field.path.clone(), value, note)).into_iter().collect()
        }
        Some(path) => {
            let found = ranked.iter().filter_map(|(_, note)| Some((value(field, note, &name)?, *note)));
            let place = |(at, (value, note))| proposed(format!("{path}/{at}"), value, note);
            (0..).zip(found.take(LISTED_MAX)).map(place).collect()
        }
    }
}

fn proposed(path: String, value: Value, note: &FindingNote) -> FilledField {
    FilledField { path, value, findings: vec![note.id] }
}

/// How much of the field's words a finding has; `None` when too little.
#[allow(clippy::cast_precision_loss, reason = "sets of words are far below 2^52")]
fn score(note: &FindingNote, name: &BTreeSet<String>, wider: &BTreeSet<String>) -> Option<f64> {
    let said = term_set(&format!("{} {}", note.fact, note.quote));
    let share = |of: &BTreeSet<String>| {
        if of.is_empty() { 0.0 } else { of.intersection(&said).count() as f64 / of.len() as f64 }
    };
    let (own, around) = (share(name), share(wider));
    (own >= SHARE_MIN).then_some(own + around + f64::from(note.relevance) / 1_000.0)
}

fn value(field: &FieldNote, note: &FindingNote, name: &BTreeSet<String>) -> Option<Value> {
    match &field.kind {
        LeafKind::Text => Some(json!(note.fact)),
        LeafKind::Number | LeafKind::Integer => nearest_number(&note.quote, name).map(|number| json!(number)),
        LeafKind::OneOf(words) => {
            let said = term_set(&note.quote);
            let stands = |word: &&String| {
                let own = term_set(word);
                !own.is_empty() && own.is_subset(&said)
            };
            words.iter().find(stands).map(|word| json!(word))
        }
        LeafKind::Boolean => None,
    }
}

/// The value of the figure that stands nearest behind or before the words of the field.
fn nearest_number(quote: &str, name: &BTreeSet<String>) -> Option<String> {
    let words: Vec<&str> = quote.split_whitespace().collect();
    let speaks = |word: &str| !term_set(word).is_disjoint(name);
    let places: Vec<usize> = (0..).zip(&words).filter(|(_, word)| speaks(word)).map(|(at, _)| at).collect();
    let distance = |at: usize| places.iter().map(|place| place.abs_diff(at)).min();
    // A figure and the word behind it, which may be "million".
    let number = |at: usize| first_value(&words.get(at..(at + 2).min(words.len()))?.join(" "));
    let has_digit = |word: &&str| word.contains(|c: char| c.is_ascii_digit());
    let figures = (0..).zip(&words).filter(|(_, word)| has_digit(word));
    let near = figures.filter_map(|(at, _)| Some((distance(at)?, number(at)?)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::{FindingId, FindingKind};

    fn note(id: u32, fact: &str) -> FindingNote {
        FindingNote {
            id: FindingId(id),
            fact: fact.into(),
            quote: fact.into(),
            source: "S".into(),
            host: "h".into(),
            sub_question: 1,
            kind: FindingKind::Fact,
            relevance: 50,
            published: None,
        }
    }

    fn filled(path: &str, kind: LeafKind) -> Vec<(String, Value, u32)> {
        let task = FieldsTask {
            question: "What is Tokio?".into(),
            fields: vec![FieldNote { path: path.into(), kind, description: String::new() }],
            findings: vec![
                note(1, "Tokio is published under the MIT licence."),
                note(2, "The runtime has at most 512 blocking threads and 4 workers."),
                note(3, "Tokio supports Linux."),
                note(4, "Tokio supports Windows."),
                note(5, "The first release cost 27 million crowns in 3 years."),
            ],
            today: "2026-11-26".into(),
        };
        fields(&task).into_iter().map(|f| (f.path, f.value, f.findings[0].0)).collect()
    }

    #[test]
    fn each_kind_takes_its_part_of_the_finding_that_speaks_of_the_field() {
        assert_eq!(
            filled("/maxBlockingThreads", LeafKind::Integer),
            [("/maxBlockingThreads".into(), json!("512"), 2)]
        );
        assert_eq!(
            filled("/release_cost", LeafKind::Number),
            [("/release_cost".into(), json!("27000000"), 5)]
        );
        let licences = LeafKind::OneOf(vec!["BSD".into(), "MIT".into()]);
        assert_eq!(filled("/licence", licences), [("/licence".into(), json!("MIT"), 1)]);
        let text = json!("Tokio is published under the MIT licence.");
        assert_eq!(filled("/licence", LeafKind::Text), [("/licence".into(), text, 1)]);
        let list = filled("/supports/*", LeafKind::Text);
        assert_eq!(
            list.iter().map(|f| (f.0.as_str(), f.2)).collect::<Vec<_>>(),
            [("/supports/0", 3), ("/supports/1", 4)]
        );
    }

    #[test]
    fn a_field_that_no_finding_speaks_of_stays_empty() {
        assert_eq!(filled("/headquarters", LeafKind::Text), []);
        assert_eq!(filled("/licence", LeafKind::Boolean), []);
        assert_eq!(filled("/licence", LeafKind::Number), []);
    }
}
