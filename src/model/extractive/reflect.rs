//! Follow-up queries for what is not yet answered: other subsets of its words, with words that the facts brought up.

use super::terms::{Lexicon, Term};
use crate::model::ReflectTask;
use crate::order::sort_by;
use std::collections::{BTreeMap, BTreeSet};

/// Most words of one query.
const WORDS_MAX: usize = 8;
/// Most words from facts that are tried for one sub-question.
const SALIENT_MAX: usize = 3;
/// Longer words from pages are debris, or worse.
const WORD_CHARS_MAX: usize = 30;

/// Queries nobody asked yet, for uncovered sub-questions in turn; empty when everything is covered or tried.
pub(super) fn reflect(task: &ReflectTask) -> Vec<String> {
    let lexicon = Lexicon::of(&task.question);
    let question = lexicon.terms(&task.question);
    let mut seen: BTreeSet<BTreeSet<String>> =
        task.asked.iter().map(|q| lexicon.terms(q).into_iter().map(|t| t.key).collect()).collect();
    let mut wishes: Vec<Vec<Vec<Term>>> = Vec::new();
    for coverage in task.coverage.iter().filter(|c| !c.covered) {
        let mut own = lexicon.terms(&coverage.sub_question);
        if !own.iter().any(Term::name) {
            own.extend(
                question
                    .iter()
                    .filter(|t| t.name() && !own.iter().any(|o| o.key == t.key))
                    .take(2)
                    .cloned()
                    .collect::<Vec<_>>(),
            );
        }
        let facts = task
            .coverage
            .iter()
            .filter(|c| c.sub_question == coverage.sub_question || coverage.facts.is_empty());
        let salient = salient(facts.flat_map(|c| &c.facts), &own, &lexicon);
        wishes.push(variants(&own, &salient));
    }
    let mut queries = Vec::new();
    let rounds = wishes.iter().map(Vec::len).max().unwrap_or(0);
    for round in 0..rounds {
        for terms in wishes.iter().filter_map(|w| w.get(round)) {
            let keys: BTreeSet<String> = terms.iter().map(|t| t.key.clone()).collect();
            if queries.len() < task.queries_max && terms.iter().any(|t| !t.generic()) && seen.insert(keys) {
                queries.push(terms.iter().map(|t| t.surface.as_str()).collect::<Vec<_>>().join(" "));
            }
        }
    }
    queries
}

/// Words that several facts share and the sub-question lacks, most shared first; names count double.
fn salient<'a>(facts: impl Iterator<Item = &'a String>, own: &[Term], lexicon: &Lexicon) -> Vec<Term> {
    let mut counts: BTreeMap<String, (usize, Term)> = BTreeMap::new();
    for fact in facts {
        for term in lexicon.terms(fact) {
            let plain =
                term.surface.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '+' | '#'));
            let wordy = term.surface.chars().any(char::is_alphabetic)
                && term.surface.chars().count() <= WORD_CHARS_MAX;
            if term.generic() || !plain || !wordy || own.iter().any(|o| o.key == term.key) {
                continue;
            }
            let weight = if term.name() { 2 } else { 1 };
            counts.entry(term.key.clone()).or_insert((0, term)).0 += weight;
        }
    }
    let mut ranked: Vec<(usize, Term)> = counts.into_values().filter(|(count, _)| *count > 1).collect();
    sort_by(&mut ranked, |a, b| b.0.cmp(&a.0).then_with(|| a.1.key.cmp(&b.1.key)));
    ranked.into_iter().take(SALIENT_MAX).map(|(_, term)| term).collect()
}

/// Term sets worth asking for, most promising first.
fn variants(own: &[Term], salient: &[Term]) -> Vec<Vec<Term>> {
    let telling: Vec<Term> = own.iter().filter(|t| !t.generic()).take(WORDS_MAX).cloned().collect();
    let names: Vec<Term> = own.iter().filter(|t| t.name()).cloned().collect();
    let mut heavy = telling.clone();
    sort_by(&mut heavy, |a, b| b.weight.total_cmp(&a.weight).then(b.surface.len().cmp(&a.surface.len())));
    heavy.truncate(3);
    let mut variants = vec![own.iter().take(WORDS_MAX).cloned().collect(), telling.clone()];
    for word in salient {
        let mut with: Vec<Term> = heavy.clone();
        with.push(word.clone());
        variants.push(with);
    }
    variants.push(heavy);
    // Leaving out one word at a time finds pages that say it otherwise.
    if telling.len() > 2 {
        for left_out in telling.iter().filter(|t| !names.contains(t)).take(WORDS_MAX) {
            variants.push(telling.iter().filter(|t| *t != left_out).cloned().collect());
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Coverage;

    fn coverage(sub_question: &str, facts: &[&str], covered: bool) -> Coverage {
        Coverage {
            sub_question: sub_question.into(),
            facts: facts.iter().map(|f| (*f).to_owned()).collect(),
            hosts: 1,
            covered,
        }
    }

    fn task(asked: &[&str], coverage: Vec<Coverage>) -> ReflectTask {
        ReflectTask {
            question: "How do async runtimes in Rust schedule tasks, and what are the trade-offs?".into(),
            coverage,
            asked: asked.iter().map(|a| (*a).to_owned()).collect(),
            today: "2026-11-22".into(),
            queries_max: 4,
            evidence: Vec::new(),
        }
    }

    #[test]
    fn uncovered_parts_are_asked_with_words_that_the_facts_brought_up() {
        let facts =
            ["Tokio uses a work-stealing scheduler.", "The Tokio scheduler keeps one queue per worker."];
        let queries = reflect(&task(
            &["async runtimes Rust schedule tasks"],
            vec![coverage("How do async runtimes in Rust schedule tasks?", &facts, false)],
        ));
        assert!(queries.iter().any(|q| q.contains("Tokio")), "{queries:?}");
        assert!(!queries.contains(&"async runtimes Rust schedule tasks".to_owned()));
    }

    #[test]
    fn no_query_comes_back_in_another_order_or_form() {
        let covered = vec![coverage("How do async runtimes in Rust schedule tasks?", &[], false)];
        let first = reflect(&task(&[], covered.clone()));
        let mut asked: Vec<String> =
            first.iter().map(|q| q.split(' ').rev().collect::<Vec<_>>().join(" ").to_uppercase()).collect();
        for _ in 0..20 {
            let refs: Vec<&str> = asked.iter().map(String::as_str).collect();
            let more = reflect(&task(&refs, covered.clone()));
            if more.is_empty() {
                return;
            }
            for query in &more {
                assert!(!asked.iter().any(|a| a.eq_ignore_ascii_case(query)), "{query}");
            }
            asked.extend(more);
        }
        panic!("never runs out: {asked:?}");
    }

    #[test]
    fn nothing_is_asked_when_all_is_covered() {
        assert_eq!(
            reflect(&task(&[], vec![coverage("What are the trade-offs?", &["Fact."], true)])),
            Vec::<String>::new()
        );
    }
}
