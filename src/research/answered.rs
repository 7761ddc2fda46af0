//! Does the evidence answer the question? A rule over the question's words and the quotes, whoever picked them.
//!
//! Quotes near a subject are easily found and easily taken for an answer to it. This rule asks of each sub-question what
//! an answer must have: its names somewhere in the evidence, its telling words together in one place, and a figure or date
//! where one is asked for.

use super::confidence::{Confidence, Rating};
use super::{Finding, FindingId, PageId, PageRecord};
use crate::model::extractive::{Lexicon, Term, asks_for_date, asks_for_figure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Share of a sub-question's telling words, by weight, that one finding with its page's title must hold.
const TOGETHER_MIN: f64 = 0.34;
/// Most words named in a reason.
const NAMED_MAX: usize = 4;

/// Which sub-questions the evidence answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Those that it does not answer, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Open>,
    /// How many it answers.
    #[serde(default)]
    pub answered: u32,
}

/// A sub-question without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The sub-question.
    pub sub_question: String,
    /// What is missing, a sentence for a person.
    pub reason: String,
}

impl Answered {
    /// No part of the question has an answer.
    #[must_use]
    pub fn nothing(&self) -> bool {
        self.answered == 0 && !self.open.is_empty()
    }

    /// Takes the highest confidence from what cannot be an answer.
    pub(super) fn cap(&self, ratings: &mut BTreeMap<FindingId, Rating>) {
        if !self.nothing() {
            return;
        }
        for rating in ratings.values_mut().filter(|r| r.confidence == Confidence::High) {
            rating.lower(Confidence::Medium, "it is related to the question, but no answer to it");
        }
    }
}

/// Judges each sub-question.
#[must_use]
pub fn answered(
    question: &str,
    sub_questions: &[String],
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
) -> Answered {
    let lexicon = Lexicon::of(question);
    let evidence: Vec<Held> = findings.iter().map(|f| Held::new(f, pages.get(&f.page), &lexicon)).collect();
    let whole = [question.to_owned()];
    let asked = if sub_questions.is_empty() { &whole[..] } else { sub_questions };
    let mut verdict = Answered::default();
    for sub_question in asked {
        match missing(sub_question, &evidence, &lexicon) {
            Some(reason) => verdict.open.push(Open { sub_question: sub_question.clone(), reason }),
            None => verdict.answered = verdict.answered.saturating_add(1),
        }
    }
    verdict
}

/// The words of a finding and of what its page is called.
struct Held {
    words: BTreeSet<String>,
    figure: bool,
    date: bool,
}

impl Held {
    fn new(finding: &Finding, page: Option<&PageRecord>, lexicon: &Lexicon) -> Self {
        let claim = &finding.claim;
        let mut words: BTreeSet<String> = lexicon.keys(&claim.quote).into_iter().collect();
        words.extend(lexicon.keys(&claim.fact));
        if let Some(page) = page {
            words.extend(lexicon.keys(&page.title));
            let address: String =
                page.url.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
            words.extend(lexicon.keys(&address));
        }
        let figure = claim.quote.chars().any(|c| c.is_ascii_digit());
        Self { words, figure, date: claim.date.is_some() }
    }

    fn share(&self, telling: &[&Term]) -> f64 {
        let all: f64 = telling.iter().map(|t| t.weight()).sum();
        let held: f64 = telling.iter().filter(|t| self.words.contains(t.key())).map(|t| t.weight()).sum();
        if all > 0.0 { held / all } else { 1.0 }
    }
}

/// Why the evidence cannot answer a sub-question.
fn missing(sub_question: &str, evidence: &[Held], lexicon: &Lexicon) -> Option<String> {
    if evidence.is_empty() {
        return Some("nothing was found on it".to_owned());
    }
    let terms = lexicon.terms(sub_question);
    let telling: Vec<&Term> = terms.iter().filter(|t| !t.generic()).collect();
    let unknown: Vec<&str> = telling
        .iter()
        .filter(|t| t.name() && !evidence.iter().any(|held| held.words.contains(t.key())))
        .map(|t| t.surface())
        .take(NAMED_MAX)
        .collect();
    if !unknown.is_empty() {
        return Some(format!("no passage that was found names {}", unknown.join(" or ")));
    }
    let near: Vec<&Held> = evidence.iter().filter(|held| held.share(&telling) >= TOGETHER_MIN).collect();
    if near.is_empty() {
        let words: Vec<&str> = telling.iter().map(|t| t.surface()).take(NAMED_MAX).collect();
        return Some(format!("no passage that was found treats {} together", words.join(", ")));
    }
    if asks_for_date(sub_question) && !near.iter().any(|held| held.date || held.figure) {
        return Some("no passage that was found gives a date for it".to_owned());
    }
    if asks_for_figure(sub_question) && !near.iter().any(|held| held.figure) {
        return Some("no passage that was found gives a figure for it".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::report::fixture::{finding, page};
    use super::*;

    fn verdict(question: &str, facts: &[&str]) -> Answered {
        let pages =
            BTreeMap::from([(PageId(1), page("https://docs.example/wal.html", "Write-ahead logging"))]);
        let findings: Vec<Finding> = facts.iter().zip(1..).map(|(f, n)| finding(n, 1, f, f)).collect();
        answered(question, &[question.to_owned()], &findings, &pages)
    }

    #[test]
    fn a_name_that_no_quote_holds_leaves_the_question_open() {
        let verdict = verdict(
            "How fast is the checkpoint of Postgres beside MySQL?",
            &["A checkpoint of Postgres writes all dirty pages within 300 seconds."],
        );
        assert!(verdict.nothing());
        assert!(verdict.open[0].reason.contains("MySQL"), "{verdict:?}");
    }

    #[test]
    fn a_figure_that_is_asked_for_must_be_there() {
        let asked = "How many checkpoints does the server make in an hour?";
        assert!(verdict(asked, &["The server makes checkpoints in an hour of little load."]).nothing());
        assert!(!verdict(asked, &["The server makes 12 checkpoints in an hour."]).nothing());
    }

    #[test]
    fn words_spread_over_many_passages_answer_nothing() {
        let asked = "Which colours does the painter mix for the harbour at dawn in winter?";
        let apart = ["Dawn comes late.", "Colours fade.", "The harbour is old.", "Winter is long."];
        assert!(verdict(asked, &apart).nothing());
        let together = ["For the harbour at dawn the painter mixes three colours."];
        assert!(!verdict(asked, &together).nothing());
    }

    #[test]
    fn without_findings_everything_is_open() {
        let verdict = answered("How?", &["How a?".into(), "How b?".into()], &[], &BTreeMap::new());
        assert_eq!((verdict.open.len(), verdict.nothing()), (2, true));
    }
}
