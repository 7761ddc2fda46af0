//! Does the evidence answer the question? A rule over the question's words and the quotes, whoever picked them.
//!
//! Quotes near a subject are easily found and easily taken for an answer to it. This rule asks of each sub-question what
//! an answer must have: its names somewhere in the evidence, a figure or date where one is asked for, and its telling words
//! together in one place. Without the first two there is no answer. Without the last there may be one in other words, but
//! nothing confirms it; words that many findings have, which are those of the subject, weigh little then.

use super::confidence::{Confidence, Rating};
use super::{Finding, FindingId, PageId, PageRecord};
use crate::model::extractive::{Lexicon, Term, asks_for_date, asks_for_figure, parts};
use crate::order::sort_by;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Share of a sub-question's telling words, by weight and rarity, that one finding with its page's title must hold. Half:
/// what holds less of them is shown, and said to be unconfirmed (quotes beside a subject were seen to hold up to 0.495).
const TOGETHER_MIN: f64 = 0.5;
/// The same, by weight alone, for what has to be there besides a figure or a date.
const NEAR_MIN: f64 = 0.34;
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
    /// There may be an answer in words other than the question's; nothing says so or denies it.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub unconfirmed: bool,
}

impl Answered {
    /// No part of the question has an answer.
    #[must_use]
    pub fn nothing(&self) -> bool {
        self.answered == 0 && !self.open.is_empty()
    }

    /// Nothing is known to lack an answer, but none is confirmed either.
    #[must_use]
    pub fn unconfirmed(&self) -> bool {
        self.nothing() && self.open.iter().all(|open| open.unconfirmed)
    }

    /// Takes the highest confidence from what cannot be an answer.
    pub(super) fn cap(&self, ratings: &mut BTreeMap<FindingId, Rating>) {
        if !self.nothing() {
            return;
        }
        for rating in ratings.values_mut().filter(|r| r.confidence == Confidence::High) {
            rating.lower(Confidence::Medium, "that it answers the question is not confirmed");
        }
    }
}

/// Judges each sub-question.
///
/// Whether the question has an answer at all is judged by its own words, not by what a plan made of them: a plan that asks
/// for something else is easily answered. Where it has none, its own parts are what is open.
#[must_use]
pub fn answered(
    question: &str,
    sub_questions: &[String],
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
) -> Answered {
    let lexicon = Lexicon::of(question);
    let evidence: Vec<Held> = findings.iter().map(|f| Held::new(f, pages.get(&f.page), &lexicon)).collect();
    let judge = |asked: &[String]| {
        let mut verdict = Answered::default();
        for sub_question in asked {
            match missing(sub_question, &evidence, &lexicon) {
                Some((reason, unconfirmed)) => {
                    verdict.open.push(Open { sub_question: sub_question.clone(), reason, unconfirmed });
                }
                None => verdict.answered = verdict.answered.saturating_add(1),
            }
        }
        verdict
    };
    let parts = parts(question);
    let of_question = judge(&parts);
    // The built-in analyst's plan is the parts, then what the owner asks besides.
    if sub_questions.starts_with(&parts) {
        return judge(sub_questions);
    }
    if sub_questions.is_empty() || of_question.nothing() {
        return of_question;
    }
    let of_plan = judge(sub_questions);
    Answered { answered: of_plan.answered.max(of_question.answered), ..of_plan }
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

    fn share(&self, telling: &[&Term], weight: impl Fn(&Term) -> f64) -> f64 {
        let all: f64 = telling.iter().map(|t| weight(t)).sum();
        let held: f64 = telling.iter().filter(|t| self.words.contains(t.key())).map(|t| weight(t)).sum();
        if all > 0.0 { held / all } else { 1.0 }
    }
}

/// Why the evidence does not answer a sub-question, and whether it may all the same.
fn missing(sub_question: &str, evidence: &[Held], lexicon: &Lexicon) -> Option<(String, bool)> {
    if evidence.is_empty() {
        return Some(("nothing was found on it".to_owned(), false));
    }
    let terms = lexicon.terms(sub_question);
    let telling: Vec<&Term> = terms.iter().filter(|t| !t.generic()).collect();
    let named = |some: &[&Term]| -> Vec<String> {
        some.iter().map(|t| t.surface().to_owned()).take(NAMED_MAX).collect()
    };
    let lacks = |t: &&Term| t.name() && !evidence.iter().any(|held| held.words.contains(t.key()));
    let unknown: Vec<&Term> = telling.iter().copied().filter(lacks).collect();
    if !unknown.is_empty() {
        return Some((format!("nothing that was found names {}", named(&unknown).join(" or ")), false));
    }
    let near = |held: &&Held| held.share(&telling, Term::weight) >= NEAR_MIN;
    if asks_for_date(sub_question) {
        // The day of another version, or of another thing of that name, is none of this one.
        let particular = |t: &&&Term| t.name() || t.surface().chars().any(|c| c.is_ascii_digit());
        let dated = |held: &Held| {
            held.date && telling.iter().filter(particular).all(|t| held.words.contains(t.key()))
        };
        // A date beside all that is particular to the question is an answer, whatever else the question says.
        let found = evidence.iter().filter(near).any(dated);
        return (!found).then(|| ("nothing that was found gives a date for it".to_owned(), false));
    }
    if asks_for_figure(sub_question) && !evidence.iter().filter(near).any(|held| held.figure) {
        return Some(("nothing that was found gives a figure for it".to_owned(), false));
    }
    let holders = |t: &Term| evidence.iter().filter(|held| held.words.contains(t.key())).count();
    let telling_most = |t: &Term| t.weight() * rarity(holders(t), evidence.len());
    let together = evidence.iter().map(|held| held.share(&telling, telling_most)).fold(0.0, f64::max);
    (together < TOGETHER_MIN).then(|| {
        let mut rare = telling.clone();
        sort_by(&mut rare, |a, b| telling_most(b).total_cmp(&telling_most(a)));
        (format!("nothing that was found holds {} together", named(&rare).join(", ")), true)
    })
}

/// BM25's inverse document frequency of a word that `held` of `all` findings have.
#[allow(clippy::cast_precision_loss)]
fn rarity(held: usize, all: usize) -> f64 {
    ((all as f64 - held as f64 + 0.5) / (held as f64 + 0.5)).ln_1p()
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
    fn the_day_of_another_version_is_no_answer() {
        let asked = "On which day was Debian 12 released?";
        let open = |text: &str| {
            let mut found = finding(1, 1, text, text);
            found.claim.date = Some("2021-08-14".into());
            let pages = BTreeMap::from([(PageId(1), page("https://docs.example/", "History"))]);
            answered(asked, &[asked.to_owned()], &[found], &pages).nothing()
        };
        assert!(open("Debian 11 was released on 14 August 2021."));
        assert!(!open("Debian 12 was released on 10 June 2023."));
    }

    #[test]
    fn words_spread_over_many_passages_answer_nothing() {
        let asked = "Which colours does the painter mix for the harbour at dawn in winter?";
        let apart = ["Dawn comes late.", "Colours fade.", "The harbour is old.", "Winter is long."];
        let open = verdict(asked, &apart);
        assert!(open.nothing() && open.unconfirmed(), "{open:?}");
        let together = ["For the harbour at dawn the painter mixes three colours."];
        assert!(!verdict(asked, &together).nothing());
    }

    #[test]
    fn without_findings_everything_is_open() {
        let asked = ["How does a heron fish?".to_owned(), "How does a heron sleep?".to_owned()];
        let verdict = answered("How does a heron fish and how does it sleep?", &asked, &[], &BTreeMap::new());
        assert_eq!((verdict.open.len(), verdict.nothing()), (2, true));
    }

    #[test]
    fn a_plan_that_asks_for_something_else_leaves_the_question_open() {
        let question = "How many checkpoints does MySQL make in an hour?";
        let pages =
            BTreeMap::from([(PageId(1), page("https://docs.example/wal.html", "Write-ahead logging"))]);
        let fact = "The planner keeps statistics of tables.";
        let evidence = [finding(1, 1, fact, fact)];
        let plan = ["What statistics of tables does the planner keep?".to_owned()];
        let open = answered(question, &plan, &evidence, &pages);
        assert!(open.nothing(), "{open:?}");
        assert_eq!(open.open[0].sub_question, question, "told in the question's own words");
        assert!(!answered(&plan[0], &[question.to_owned()], &evidence, &pages).nothing());
    }
}
