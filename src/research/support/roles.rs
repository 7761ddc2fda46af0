//! Who does what to whom, and what belongs to which figure: the same words in another order say something else.

use super::alike::holds;
use super::reading::{Clause, Measure, Reading, Token};
use super::scales::{crossed, sides};
use std::collections::BTreeSet;

/// How many words before a verb its "is" or "was" may stand, and behind it its "by".
const VOICE_WORDS: usize = 2;

/// Whether the statement turns round who acts and who is acted upon.
pub(super) fn reversed(statement: &Clause, quote: &Clause) -> bool {
    if from_to_turned(statement, quote) {
        return true;
    }
    let order = statement.has_order() || quote.has_order();
    let mut found = false;
    for (at, token) in statement.tokens.iter().enumerate() {
        let Some(stem) = token.stem.as_ref().filter(|_| !token.anchor) else {
            found |= verb_to_be(statement, at, quote);
            continue;
        };
        let mut same = quote.tokens.iter().enumerate().filter(|(_, t)| t.stem.as_ref() == Some(stem));
        let (Some((there, other)), None) = (same.next(), same.next()) else { continue };
        if other.anchor
            || is_noun(&statement.tokens, at)
            || is_noun(&quote.tokens, there)
            || mutual(&statement.tokens, at)
        {
            continue;
        }
        let (left, right) = sides(&statement.tokens, at, at + 1);
        let (left_there, right_there) = sides(&quote.tokens, there, there + 1);
        let turned = crossed(&left, &right, &left_there, &right_there)
            || takes_the_others_place(statement, (&left, &right), quote, (&left_there, &right_there));
        let straight = crossed(&left, &right, &right_there, &left_there);
        match passive(&statement.tokens, at) != passive(&quote.tokens, there) {
            // "A is read by B" for "B reads A": the order is turned round, and rightly so.
            true if turned => return false,
            true => found |= straight && !order,
            false => found |= turned && !order,
        }
    }
    found
}

/// Whether a name acts here that is acted upon there, upon another that the quote does not name: "Storvik replaced the
/// Lysling" for "it replaced the Storvik".
fn takes_the_others_place(
    statement: &Clause,
    (left, right): (&BTreeSet<String>, &BTreeSet<String>),
    quote: &Clause,
    (left_there, right_there): (&BTreeSet<String>, &BTreeSet<String>),
) -> bool {
    let name = |t: &&String| statement.anchors.contains(*t);
    let acts = left.iter().filter(name).any(|t| holds(right_there, t) && !holds(left_there, t));
    let unnamed = right.iter().filter(name).any(|t| !holds(&quote.terms, t));
    acts && unnamed
}

impl Clause {
    /// Whether words of order stand in it, which turn round with what they order.
    fn has_order(&self) -> bool {
        self.tokens.iter().any(|t| {
            matches!(t.word.as_str(), "before" | "after" | "than" | "when" | "if" | "because" | "unless")
        })
    }
}

/// "A is the parent of B": turned round when the names change places and the rest does not.
fn verb_to_be(statement: &Clause, at: usize, quote: &Clause) -> bool {
    let is = |t: &Token| matches!(t.word.as_str(), "is" | "are" | "was" | "were" | "ist" | "est" | "es");
    if !statement.tokens.get(at).is_some_and(is) {
        return false;
    }
    let Some(there) = quote.tokens.iter().position(is) else { return false };
    if passive_at(&statement.tokens, at) || passive_at(&quote.tokens, there) {
        return false;
    }
    let (left, right) = sides(&statement.tokens, at, at + 1);
    let (left_there, right_there) = sides(&quote.tokens, there, there + 1);
    let shared = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.iter().filter(|t| holds(b, t)).count();
    let same = shared(&left, &left_there) + shared(&right, &right_there);
    let comparing = statement.has_order() || quote.has_order() || !statement.marks.is_empty();
    !comparing && same > 0 && shared(&left, &right_there) > 0 && shared(&right, &left_there) > 0
}

/// A form of "to be" that a participle follows.
fn passive_at(tokens: &[Token], at: usize) -> bool {
    (at + 1..=at + VOICE_WORDS)
        .any(|i| tokens.get(i).is_some_and(|t| t.term.is_some() && participle(&t.word)))
}

fn is_noun(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| tokens.get(i)).map_or("", |t| t.word.as_str());
    let next = tokens.get(at + 1).map_or("", |t| t.word.as_str());
    before.ends_with("'s")
        || next == "of"
        || matches!(
            before,
            "the"
                | "a"
                | "an"
                | "its"
                | "their"
                | "this"
                | "these"
                | "his"
                | "her"
                | "of"
                | "each"
                | "every"
                | "der"
                | "die"
                | "das"
                | "le"
                | "la"
                | "el"
                | "un"
                | "une"
                | "ein"
                | "eine"
        )
}

/// "A works with B" says the same as "B works with A".
fn mutual(tokens: &[Token], at: usize) -> bool {
    tokens
        .get(at + 1)
        .is_some_and(|t| matches!(t.word.as_str(), "with" | "and" | "or" | "alongside" | "between"))
}

fn passive(tokens: &[Token], at: usize) -> bool {
    let from = at.saturating_sub(VOICE_WORDS);
    let be = tokens.get(from..at).unwrap_or_default().iter().any(|t| {
        matches!(
            t.word.as_str(),
            "is" | "are"
                | "was"
                | "were"
                | "be"
                | "been"
                | "being"
                | "wurde"
                | "wurden"
                | "wird"
                | "fue"
                | "fut"
        )
    });
    let by = tokens.get(at + 1..=at + VOICE_WORDS).unwrap_or_default().iter().any(|t| t.word == "by");
    by || (be && tokens.get(at).is_some_and(|t| participle(&t.word)))
}

fn participle(word: &str) -> bool {
    word.ends_with("ed")
        || word.ends_with("en")
        || matches!(
            word,
            "built"
                | "made"
                | "held"
                | "sent"
                | "found"
                | "bought"
                | "sold"
                | "kept"
                | "lost"
                | "won"
                | "led"
                | "paid"
                | "set"
                | "run"
                | "put"
                | "cut"
                | "lent"
                | "left"
                | "read"
                | "taught"
                | "caught"
                | "brought"
                | "thought"
                | "shown"
                | "known"
                | "drawn"
                | "beaten"
        )
}

/// "from A to B" against "from B to A".
fn from_to_turned(statement: &Clause, quote: &Clause) -> bool {
    let ends = |clause: &Clause| {
        let behind = |preposition: &[&str]| -> Option<String> {
            let at = clause.tokens.iter().position(|t| preposition.contains(&t.word.as_str()))?;
            let next = clause.tokens.get(at + 1..)?;
            next.iter()
                .take(3)
                .find(|t| t.term.is_some() || t.word.starts_with(|c: char| c.is_ascii_digit()))
                .map(|t| t.word.clone())
        };
        Some((
            behind(&["from", "von", "de", "desde"])?,
            behind(&["to", "into", "nach", "auf", "\u{e0}", "a"])?,
        ))
    };
    match (ends(statement), ends(quote)) {
        (Some((from, to)), Some((from_there, to_there))) => {
            from == to_there && to == from_there && from != to
        }
        _ => false,
    }
}

/// Whether a figure of the statement belongs, in the quotes, to something else than what the statement gives it to.
pub(super) fn misattributed(clause: &Clause, quotes: &[&Reading]) -> bool {
    let parts: Vec<&Clause> = quotes.iter().flat_map(|r| r.clauses()).collect();
    let words = |part: &Clause| -> usize {
        clause
            .terms
            .iter()
            .filter(|t| holds(&part.terms, t))
            .map(|t| 1 + usize::from(clause.anchors.contains(t)))
            .sum()
    };
    let holds_figure =
        |part: &Clause, m: &Measure| part.measures.iter().any(|q| q.figure.vouches_for(&m.figure));
    let foreign_figure = |part: &Clause, like: &Measure| {
        part.measures.iter().any(|q| {
            q.figure.is_year() == like.figure.is_year()
                && !clause.measures.iter().any(|m| q.figure.vouches_for(&m.figure))
        })
    };
    let closest = parts.iter().map(|p| words(p)).max().unwrap_or(0);
    for m in &clause.measures {
        let own = parts.iter().filter(|p| holds_figure(p, m)).map(|p| words(p)).max();
        let Some(own) = own else { continue };
        let elsewhere =
            parts.iter().any(|p| words(p) == closest && !holds_figure(p, m) && foreign_figure(p, m));
        if own < closest && elsewhere {
            return true;
        }
    }
    mixed(clause, &parts) || of_another_subject(clause, quotes)
}

/// Whether a part of the statement stands, in one sentence of the quotes, with another subject than the one that the
/// statement gives it, which has a part of its own there: "Anna wrote the first chapter and Boris the second".
fn of_another_subject(clause: &Clause, quotes: &[&Reading]) -> bool {
    let Some(subject) = subject(clause) else { return false };
    quotes.iter().flat_map(|r| &r.sentences).any(|sentence| {
        let (own, others): (Vec<&Clause>, Vec<&Clause>) =
            sentence.clauses().iter().partition(|part| holds(&part.terms, subject));
        let in_own = |term: &String| own.iter().any(|part| holds(&part.terms, term));
        let figure_in =
            |part: &Clause, m: &Measure| part.measures.iter().any(|q| q.figure.vouches_for(&m.figure));
        !own.is_empty()
            && others.iter().any(|part| {
                let foreign = self::subject(part).is_some_and(|s| !holds(&clause.terms, s));
                let same_unit = |o: &Clause| {
                    o.measures
                        .iter()
                        .any(|m| m.unit.is_some() && part.measures.iter().any(|q| q.unit == m.unit))
                };
                let parallel = own.iter().any(|o| {
                    same_unit(o) || o.terms.iter().any(|t| holds(&part.terms, t) && holds(&clause.terms, t))
                });
                let words = clause
                    .terms
                    .iter()
                    .any(|t| holds(&part.terms, t) && !in_own(t) && !SHARED_BY_PARTS.contains(&t.as_str()));
                let figures = clause
                    .measures
                    .iter()
                    .any(|m| figure_in(part, m) && !own.iter().any(|o| figure_in(o, m)));
                foreign && parallel && (words || figures)
            })
    })
}

/// What is said once and holds for all parts of a sentence: "by default", "on average".
const SHARED_BY_PARTS: [&str; 4] = ["default", "averag", "year", "number"];

/// The first content term of a clause that does not begin with a pronoun, a figure or a preposition.
fn subject(clause: &Clause) -> Option<&String> {
    let first = clause.tokens.iter().find(|t| {
        !matches!(
            t.word.as_str(),
            "the"
                | "a"
                | "an"
                | "and"
                | "but"
                | "while"
                | "whereas"
                | "its"
                | "their"
                | "all"
                | "some"
                | "each"
                | "every"
                | "most"
                | "many"
                | "both"
                | "und"
                | "et"
                | "y"
        )
    })?;
    first.term.as_ref()
}

/// Whether two names or figures of the statement stand in two parts of the quotes, each beside another that the statement
/// leaves out, and nowhere together.
fn mixed(clause: &Clause, parts: &[&Clause]) -> bool {
    #[derive(Clone)]
    enum Anchor<'a> {
        Name(&'a String),
        Figure(&'a Measure),
    }
    let mut anchors: Vec<Anchor<'_>> = clause.anchors.iter().map(Anchor::Name).collect();
    anchors.extend(clause.measures.iter().map(Anchor::Figure));
    let stands = |part: &Clause, anchor: &Anchor<'_>| match anchor {
        Anchor::Name(name) => holds(&part.terms, name),
        Anchor::Figure(m) => part.measures.iter().any(|q| q.figure.vouches_for(&m.figure)),
    };
    let foreign = |part: &Clause| {
        part.anchors.iter().any(|a| !holds(&clause.terms, a))
            || part.measures.iter().any(|q| !clause.measures.iter().any(|m| q.figure.vouches_for(&m.figure)))
    };
    for (i, a) in anchors.iter().enumerate() {
        for b in anchors.iter().skip(i + 1) {
            let with_a: Vec<&&Clause> = parts.iter().filter(|p| stands(p, a)).collect();
            let with_b: Vec<&&Clause> = parts.iter().filter(|p| stands(p, b)).collect();
            let together = with_a.iter().any(|p| stands(p, b));
            let all_foreign = |list: &[&&Clause]| !list.is_empty() && list.iter().all(|p| foreign(p));
            if !together && all_foreign(&with_a) && all_foreign(&with_b) {
                return true;
            }
        }
    }
    false
}
