//! Key words of a question for the first queries.

use super::synonyms;
use super::terms::{Lexicon, Term};
use crate::text::clip;
use std::collections::BTreeSet;

/// Most words of one query: engines weigh further words hardly at all.
const QUERY_WORDS_MAX: usize = 10;
/// Most characters of one query; search APIs cut at 400.
const QUERY_CHARS_MAX: usize = 160;

/// Distinct queries: the key words of the whole question, of each part, then subsets of them.
pub(super) fn queries(
    question: &str,
    parts: &[String],
    lexicon: &Lexicon,
    queries_max: usize,
) -> Vec<String> {
    let terms = lexicon.terms(question);
    let mut queries = Queries { list: Vec::new(), seen: BTreeSet::new(), queries_max };
    if lexicon.english() {
        queries.add(&terms);
    } else {
        queries.add_text(question, &terms);
    }
    let names: Vec<Term> = terms.iter().filter(|t| t.name()).take(2).cloned().collect();
    if parts.len() > 1 {
        for part in parts {
            let mut own = lexicon.terms(part);
            // "When did it come out?" finds anything.
            if own.iter().filter(|t| !t.generic() && !t.name()).count() < 2 {
                continue;
            }
            if !own.iter().any(Term::name) {
                own.extend(names.iter().cloned());
            }
            queries.add(&own);
        }
    }
    let telling: Vec<Term> = terms.iter().filter(|t| !t.generic()).cloned().collect();
    queries.add_text(&synonyms::in_other_words(&telling, lexicon), &[]);
    queries.add(&telling);
    if parts.len() == 1 && telling.len() > 3 {
        let half = telling.len() / 2;
        for side in [telling.get(..half), telling.get(half..)].into_iter().flatten() {
            let mut some = side.to_vec();
            some.extend(names.iter().filter(|n| !side.contains(n)).cloned());
            queries.add(&some);
        }
    }
    if queries.list.is_empty() {
        queries.list.push(clip(question, QUERY_CHARS_MAX).to_owned());
    }
    queries.list
}

struct Queries {
    list: Vec<String>,
    seen: BTreeSet<BTreeSet<String>>,
    queries_max: usize,
}

impl Queries {
    fn add(&mut self, terms: &[Term]) {
        let some: Vec<Term> = terms.iter().take(QUERY_WORDS_MAX).cloned().collect();
        let text = some.iter().map(|t| t.surface.as_str()).collect::<Vec<_>>().join(" ");
        self.add_text(&text, &some);
    }

    fn add_text(&mut self, text: &str, terms: &[Term]) {
        let keys: BTreeSet<String> = terms.iter().map(|t| t.key.clone()).collect();
        let telling = terms.is_empty() || terms.iter().any(|t| !t.generic()) || self.list.is_empty();
        if self.list.len() < self.queries_max && telling && !text.is_empty() && self.seen.insert(keys) {
            self.list.push(clip(text, QUERY_CHARS_MAX).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::extractive::plan::plan;
    use crate::model::{Plan, PlanTask};

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

    #[test]
    fn queries_are_distinct_key_words_within_the_bound() {
        let plan = planned("How do async runtimes in Rust schedule tasks, and what are the trade-offs?");
        assert_eq!(
            plan.queries.first().map(String::as_str),
            Some("async runtimes Rust schedule tasks trade offs")
        );
        let sets: BTreeSet<BTreeSet<&str>> = plan.queries.iter().map(|q| q.split(' ').collect()).collect();
        assert_eq!(sets.len(), plan.queries.len(), "{:?}", plan.queries);
        assert!((3..=6).contains(&plan.queries.len()), "{:?}", plan.queries);
        for odd in ["", "?", "the of", "a"] {
            let plan = planned(odd);
            assert!(plan.sub_questions.len() == 1 && plan.queries.len() == 1, "{plan:?}");
        }
    }
}
