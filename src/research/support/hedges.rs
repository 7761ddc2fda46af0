//! How far a statement goes: some or all, may or will. A statement may say less than its quote, never more.

use super::alike::holds;
use super::reading::{Clause, Token};
use crate::research::figures::is_figure_word;
use std::collections::BTreeSet;

/// Words behind a hedge in which what it hedges stands.
const SCOPE_WORDS: usize = 4;

/// How far a clause goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Hedges {
    all: bool,
    always: bool,
    only: bool,
    /// Says in other words that nothing else does.
    bounded: bool,
    must: bool,
    will: bool,
    weak: bool,
    possible: bool,
    /// What stands right behind a word of doubt or part: `may reduce`, `some patients`.
    doubted: BTreeSet<String>,
    planned: bool,
}

impl Hedges {
    pub(super) fn of(tokens: &[Token]) -> Self {
        let mut found = Self::default();
        for (at, token) in tokens.iter().enumerate() {
            let word = token.word.as_str();
            let next = tokens.get(at + 1).map_or("", |t| t.word.as_str());
            // The month is no doubt, and "some 300" is a figure. "Version 2 may" doubts.
            let month = word == "may" && ((token.capital && at > 0) || (is_figure(next) && next != "one"));
            if month || (word == "some" && is_figure(next)) {
                continue;
            }
            found.all |= matches!(
                word,
                "all"
                    | "every"
                    | "each"
                    | "everyone"
                    | "everybody"
                    | "everything"
                    | "any"
                    | "alle"
                    | "jeder"
                    | "jede"
                    | "jedes"
                    | "tous"
                    | "toutes"
                    | "todos"
                    | "todas"
                    | "tutti"
                    | "tutte"
            );
            found.always |= (matches!(word, "every" | "each") && next == "time")
                || matches!(
                    word,
                    "always"
                        | "invariably"
                        | "constantly"
                        | "immer"
                        | "toujours"
                        | "siempre"
                        | "sempre"
                        | "altijd"
                );
            found.only |= matches!(
                word,
                "only"
                    | "solely"
                    | "exclusively"
                    | "alone"
                    | "just"
                    | "sole"
                    | "nur"
                    | "seulement"
                    | "solo"
                    | "\u{fa}nicamente"
            );
            found.bounded |= matches!(word, "unless" | "except" | "until" | "must" | "without");
            found.must |= matches!(
                word,
                "must"
                    | "required"
                    | "requires"
                    | "require"
                    | "mandatory"
                    | "needs"
                    | "need"
                    | "necessary"
                    | "compulsory"
                    | "obliged"
                    | "shall"
                    | "muss"
                    | "m\u{fc}ssen"
                    | "doit"
                    | "doivent"
                    | "debe"
                    | "deben"
            ) || (matches!(word, "have" | "has") && next == "to");
            found.will |= matches!(word, "will" | "wird" | "werden" | "shall") || word.ends_with("'ll");
            let epistemic = matches!(
                word,
                "might"
                    | "could"
                    | "possibly"
                    | "perhaps"
                    | "probably"
                    | "presumably"
                    | "allegedly"
                    | "reportedly"
                    | "sometimes"
                    | "occasionally"
                    | "rarely"
                    | "seldom"
                    | "k\u{f6}nnte"
                    | "k\u{f6}nnten"
                    | "vielleicht"
                    | "pourrait"
                    | "pourraient"
                    | "podr\u{ed}a"
                    | "podr\u{ed}an"
                    | "potrebbe"
                    | "manchmal"
                    | "parfois"
            );
            // "may be set" permits, "may reduce" doubts.
            let may = matches!(word, "may") && !matches!(next, "be" | "not" | "also" | "only");
            let part = matches!(
                word,
                "some"
                    | "few"
                    | "several"
                    | "einige"
                    | "manche"
                    | "certains"
                    | "certaines"
                    | "algunos"
                    | "algunas"
                    | "alcuni"
                    | "alcune"
            );
            found.possible |= epistemic
                || matches!(
                    word,
                    "may"
                        | "can"
                        | "would"
                        | "should"
                        | "up"
                        | "potentially"
                        | "possible"
                        | "likely"
                        | "expected"
                        | "able"
                        | "chance"
                        | "risk"
                        | "suggest"
                        | "suggests"
                        | "kann"
                        | "peut"
                        | "puede"
                );
            found.weak |= epistemic
                || part
                || may
                || matches!(
                    word,
                    "most"
                        | "many"
                        | "often"
                        | "usually"
                        | "typically"
                        | "generally"
                        | "mostly"
                        | "largely"
                        | "normally"
                        | "partly"
                        | "partially"
                        | "half"
                        | "majority"
                        | "minority"
                        | "frequently"
                        | "commonly"
                        | "nearly"
                        | "almost"
                        | "meist"
                        | "meistens"
                        | "oft"
                        | "souvent"
                        | "frecuentemente"
                        | "certain"
                        | "portion"
                        | "part"
                );
            found.planned |= matches!(
                word,
                "plans"
                    | "plan"
                    | "planned"
                    | "planning"
                    | "intends"
                    | "intend"
                    | "intended"
                    | "proposed"
                    | "proposes"
                    | "considers"
                    | "considering"
                    | "hopes"
                    | "aims"
                    | "wants"
                    | "planea"
                    | "pr\u{e9}voit"
            );
            if epistemic || may || part {
                let scope = tokens.get(at + 1..).unwrap_or_default().iter().take(SCOPE_WORDS);
                found.doubted.extend(scope.filter_map(|t| t.term.clone()).take(2));
            }
        }
        found
    }

    /// Whether the clause says anything that it may have to take back.
    fn hedged(&self) -> bool {
        self.weak || self.possible
    }
}

fn is_figure(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) || is_figure_word(word)
}

/// Whether the statement goes further than what it is held against.
pub(super) fn overstates(statement: &Clause, quote: &Clause) -> bool {
    let (said, quoted) = (&statement.hedges, &quote.hedges);
    let further = [
        said.all && !quoted.all && quoted.weak,
        said.always && !quoted.always,
        said.only && !quoted.only && !quoted.bounded,
        said.must && !quoted.must && !said.possible && quoted.possible,
        said.will && !quoted.will && quoted.hedged(),
        quoted.planned && !said.planned && !said.will && !said.hedged(),
    ];
    further.contains(&true)
}

/// Whether the statement says without a doubt what the quote says with one.
pub(super) fn drops_doubt(statement: &Clause, quote: &Clause) -> bool {
    !statement.hedges.hedged() && quote.hedges.doubted.iter().any(|term| holds(&statement.terms, term))
}
