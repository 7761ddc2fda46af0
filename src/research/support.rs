//! Whether quoted words bear out a statement: figures, names, denials, order and most content words must agree.

mod alike;
mod around;
mod dates;
mod hedges;
mod lexicon;
mod reading;
mod roles;
mod scales;
mod units;
mod values;

#[cfg(test)]
mod tests;

pub(crate) use alike::{meaning, term_of};
pub(crate) use lexicon::Lexicon;
pub(crate) use values::{states_date, states_unit, states_value};

use super::figures::{Figures, Stated, has_digits};
use crate::text::words;
use alike::holds;
use around::Around;
use dates::days_and_months;
use lexicon::names;
use reading::{Clause, Reading, Sentence, Token, hosts, without_addresses};
use scales::Mark;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use units::Unit;

/// Least share of a statement's content terms that the quotes themselves must hold, other forms and synonyms counted:
/// what a paraphrase keeps. With 34 %, sentences about something else passed.
const QUOTE_SHARE_MIN_PERCENT: usize = 45;
/// Least share that quotes and their surroundings (checked facts, headings, the lines before) must hold together.
const WIDE_SHARE_MIN_PERCENT: usize = 60;
/// Fewest terms of a part of a statement that is judged by itself.
const CLAUSE_TERMS_MIN: usize = 2;
/// Least share of such a part that quotes and surroundings must hold: one of two words, one of three, two of four.
const CLAUSE_SHARE_MIN_PERCENT: usize = 33;
/// Most words of a title that its findings have not: two could say something of their own ("Bribes paid").
const TITLE_TERMS_MAX: usize = 1;
/// How many terms a statement must share with a sentence to be that sentence with one word swapped.
const SWAP_TERMS_MIN: usize = 2;
/// How many words behind "is" or "was" its predicate is looked for.
const PREDICATE_WORDS: usize = 3;

/// Words that must be borne out, taken apart once and then held against many quotes.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    terms: BTreeSet<String>,
    names: Vec<String>,
    figures: Stated,
    days: BTreeSet<usize>,
    hosts: BTreeSet<String>,
    reading: Reading,
    has_digits: bool,
    /// Terms that are words of scales, with their places on them.
    marked: BTreeMap<String, Vec<Mark>>,
}

impl Statement {
    /// Takes one sentence, or a part of one, apart. The lexicon tells names from words that a sentence only begins with.
    pub(crate) fn new(text: &str, lexicon: &Lexicon) -> Self {
        let mut names = names(&without_addresses(text), lexicon);
        let mut reading = Reading::of(text);
        // Units, dates and words of grammar are no names, however they are written.
        let terms = reading.terms();
        names.retain(|name| terms.contains(name) || terms.contains(meaning(name)));
        names.sort_unstable();
        names.dedup();
        reading.name_only(&names);
        let marked = marked(&reading);
        Self {
            terms,
            names,
            figures: Stated::of(text),
            days: days_and_months(text),
            hosts: hosts(text),
            reading,
            has_digits: has_digits(text),
            marked,
        }
    }
}

fn marked(reading: &Reading) -> BTreeMap<String, Vec<Mark>> {
    let mut found: BTreeMap<String, Vec<Mark>> = BTreeMap::new();
    for clause in reading.clauses() {
        for mark in &clause.marks {
            for term in mark.tokens(&clause.tokens).iter().filter_map(|t| t.term.clone()) {
                found.entry(term).or_default().push(mark.clone());
            }
        }
    }
    found
}

/// What may bear out a statement. Quotes decide; the surroundings only lend names and words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    figures: Figures,
    quoted: BTreeSet<String>,
    days: BTreeSet<usize>,
    hosts: BTreeSet<String>,
    units: BTreeSet<Unit>,
    marks: Vec<Mark>,
    quotes: Vec<Rc<Reading>>,
    around: Vec<Rc<Around>>,
}

impl Evidence {
    /// A quote and what surrounds it: the checked fact, or the text before it on its page.
    pub(crate) fn new(quote: &str, surroundings: &str) -> Self {
        let reading = Reading::of(quote);
        Self {
            figures: Figures::of(quote),
            quoted: reading.terms(),
            days: days_and_months(quote),
            hosts: hosts(quote),
            units: reading.units.clone(),
            marks: reading.sentences.iter().flat_map(|s| &s.whole.marks).cloned().collect(),
            quotes: vec![Rc::new(reading)],
            around: vec![Rc::new(Around::new(surroundings))],
        }
    }

    /// All of `parts` together.
    pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.figures.join(&part.figures);
            all.quoted.extend(part.quoted.iter().cloned());
            all.days.extend(&part.days);
            all.hosts.extend(part.hosts.iter().cloned());
            all.units.extend(&part.units);
            all.marks.extend(part.marks.iter().cloned());
            all.quotes.extend(part.quotes.iter().cloned());
            all.around.extend(part.around.iter().cloned());
        }
        all
    }

    /// Whether the quotes have content words, and no more of all words than are compared.
    pub(crate) fn says_something(&self) -> bool {
        !self.quoted.is_empty() && self.quotes.iter().all(|quote| !quote.cut)
    }

    /// Whether the statement may stand over these as a title that nothing bears out: it has no figure, name or address
    /// that they have not, and hardly another word.
    pub(crate) fn may_head(&self, title: &Statement) -> bool {
        let unheard = title.terms.iter().filter(|t| !self.hears(t)).count();
        self.figures.vouch_for_stated(&title.figures)
            && title.names.iter().all(|name| self.hears_name(name))
            && title.hosts.is_subset(&self.hosts)
            && unheard <= TITLE_TERMS_MAX
    }

    /// Whether this holds at least a fifth of the statement's terms and denies nothing in it: the least a mark must
    /// bring to a statement that it bears out together with others.
    pub(crate) fn contributes(&self, statement: &Statement) -> bool {
        let shared = self.shared_terms(statement);
        let enough = shared > 0 && shared * 5 >= statement.terms.len();
        (enough || statement.terms.is_empty()) && !self.denies(statement)
    }

    /// Whether the statement is borne out.
    pub(crate) fn supports(&self, statement: &Statement) -> bool {
        self.objection(statement).is_none()
    }

    /// Why the statement is not borne out, in a word or two; `None` when it is.
    pub(crate) fn objection(&self, statement: &Statement) -> Option<&'static str> {
        if statement.reading.cut {
            return Some("too long");
        }
        if !self.figures.vouch_for_stated(&statement.figures) {
            return Some("figure");
        }
        if statement.terms.is_empty() {
            return (!statement.has_digits).then_some("nothing said");
        }
        let share = |has: &dyn Fn(&str) -> bool, percent: usize| {
            let held = statement.terms.iter().filter(|t| has(t) || self.says_otherwise(statement, t));
            held.count() * 100 >= statement.terms.len() * percent
        };
        if !share(&|t| holds(&self.quoted, t), QUOTE_SHARE_MIN_PERCENT)
            || !share(&|t| self.hears(t), WIDE_SHARE_MIN_PERCENT)
        {
            return Some("other words");
        }
        if !statement.names.iter().all(|name| self.hears_name(name)) {
            return Some("name");
        }
        if self.speaks_of_another(statement) {
            return Some("other subject");
        }
        if !statement.days.is_subset(&self.days) {
            return Some("date");
        }
        if !statement.hosts.is_subset(&self.hosts) {
            return Some("address");
        }
        if self.quotes_whole(statement) {
            // Words are told apart without their case, "20 mW" and "20 MW" are not.
            return (!statement.reading.clauses().all(|c| self.counts_the_same(c))).then_some("unit");
        }
        if self.denies(statement) {
            return Some("denial");
        }
        if self.is_overstated_by(statement) {
            return Some("overstated");
        }
        let quotes: Vec<&Reading> = self.quotes.iter().map(Rc::as_ref).collect();
        statement.reading.clauses().find_map(|clause| self.objection_to(statement, clause, &quotes))
    }

    /// Whether quotes or surroundings hold a term.
    fn hears(&self, term: &str) -> bool {
        holds(&self.quoted, term) || self.around.iter().any(|around| holds(around.terms(), term))
    }

    fn hears_name(&self, name: &str) -> bool {
        let has = |terms: &BTreeSet<String>| terms.contains(meaning(name)) || terms.contains(name);
        has(&self.quoted) || self.around.iter().any(|around| has(around.terms()))
    }

    /// Words of scales in quotes and surroundings.
    fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().chain(self.around.iter().flat_map(|around| around.marks()))
    }

    /// How many of the statement's terms the quotes hold, for choosing among several.
    pub(crate) fn shared_terms(&self, statement: &Statement) -> usize {
        statement.terms.iter().filter(|t| holds(&self.quoted, t)).count()
    }

    /// [`Self::shared_terms`], or `None` where so few of the statement's words or figures are here that it cannot be
    /// borne out: what is cheap to tell before [`Self::supports`].
    pub(crate) fn near(&self, statement: &Statement) -> Option<usize> {
        if statement.reading.cut || !self.figures.vouch_for_stated(&statement.figures) {
            return None;
        }
        let shared = self.shared_terms(statement);
        let held = shared + statement.marked.len();
        (held * 100 >= statement.terms.len() * QUOTE_SHARE_MIN_PERCENT).then_some(shared)
    }

    /// Whether every sentence of the statement is one of the quotes, word for word.
    fn quotes_whole(&self, statement: &Statement) -> bool {
        let words = |s: &reading::Sentence| -> Vec<String> {
            s.whole.tokens.iter().map(|t| t.word.clone()).collect()
        };
        statement
            .reading
            .sentences
            .iter()
            .all(|said| self.sentences().any(|quoted| words(quoted) == words(said)))
    }

    /// Whether the sentences of the quotes that are about the same deny what the statement says, or the other way round.
    fn denies(&self, statement: &Statement) -> bool {
        statement.reading.sentences.iter().any(|said| {
            let closest = closest_by(&said.whole, self.sentences(), |s| &s.whole);
            let denials = said.denials();
            let whole = |quote: &&Sentence| denials.deny_otherwise(quote.denials());
            if closest.is_empty() || !closest.iter().all(whole) {
                return false;
            }
            // What it denies may stand in another sentence of the quotes than the rest, if the rest does not say it.
            let silent = closest
                .iter()
                .all(|quote| !denials.turns(quote.denials()) && !quote.denials().turns(denials));
            !(silent && self.sentences().any(|s| denials.deny_alike(s.denials()) && !whole(&s)))
        })
    }

    /// Whether the statement goes further than the sentences, or the parts of them, that say most of it.
    fn is_overstated_by(&self, statement: &Statement) -> bool {
        statement.reading.sentences.iter().any(|said| {
            let parts = closest(&said.whole, self.sentences().flat_map(Sentence::clauses));
            let whole = closest(&said.whole, self.sentences().map(|s| &s.whole));
            let all = |quotes: &[&Clause], further: fn(&Clause, &Clause) -> bool| {
                !quotes.is_empty() && quotes.iter().all(|q| further(&said.whole, q))
            };
            all(&parts, hedges::drops_doubt)
                || all(&whole, hedges::drops_doubt)
                || all(&whole, hedges::overstates)
        })
    }

    fn objection_to(
        &self,
        statement: &Statement,
        clause: &Clause,
        quotes: &[&Reading],
    ) -> Option<&'static str> {
        let parts = closest(clause, self.sentences().flat_map(Sentence::clauses));
        let sentences = closest(clause, self.sentences().map(|s| &s.whole));
        let all = |quotes: &[&Clause], contradicts: fn(&Clause, &Clause) -> bool| {
            !quotes.is_empty() && quotes.iter().all(|q| contradicts(clause, q))
        };
        if all(&parts, scales::contradict) {
            return Some("opposite");
        }
        if all(&parts, roles::reversed) || all(&sentences, roles::reversed) {
            return Some("roles");
        }
        if scales::unheard(clause, |mark| self.marks().any(|quoted| quoted.agrees(mark))) {
            return Some("not said");
        }
        if !self.counts_the_same(clause) {
            return Some("unit");
        }
        if roles::misattributed(clause, quotes) {
            return Some("attribution");
        }
        if self.never_speaks_of(clause, statement) {
            return Some("invented part");
        }
        if self.swaps_a_word(clause) {
            return Some("swapped word");
        }
        self.predicate_unheard(clause).then_some("predicate")
    }

    /// Whether quotes and surroundings have hardly a word of a part of the statement.
    fn never_speaks_of(&self, clause: &Clause, statement: &Statement) -> bool {
        let heard = clause.terms.iter().filter(|t| self.hears(t) || self.is_on_a_scale(statement, t));
        clause.terms.len() >= CLAUSE_TERMS_MIN
            && heard.count() * 100 < clause.terms.len() * CLAUSE_SHARE_MIN_PERCENT
    }

    fn sentences(&self) -> impl Iterator<Item = &reading::Sentence> {
        self.quotes.iter().flat_map(|q| &q.sentences)
    }

    /// Whether a term is a word of a scale of which the quotes use another: "enabled" for "on", "limited to" for "at most".
    fn says_otherwise(&self, statement: &Statement, term: &str) -> bool {
        let marks = statement.marked.get(term).into_iter().flatten();
        marks.into_iter().any(|mark| self.marks().any(|quoted| quoted.agrees(mark)))
    }

    /// Whether a term is a word of a scale of which quotes or surroundings use a word too, whichever end.
    fn is_on_a_scale(&self, statement: &Statement, term: &str) -> bool {
        let marks = statement.marked.get(term).into_iter().flatten();
        marks.into_iter().any(|mark| self.marks().any(|quoted| quoted.is_of_scale_of(mark)))
    }

    /// Whether the statement is a sentence of the quotes with one word put in the place of another: one that they do not have
    /// at all, or that stands in another of their sentences.
    fn swaps_a_word(&self, clause: &Clause) -> bool {
        self.swaps_an_unheard_word(clause) || self.swaps_a_neighbours_word(clause)
    }

    /// A word of one sentence in the place of another's. Names aside, which [`Self::speaks_of_another`] judges.
    fn swaps_a_neighbours_word(&self, clause: &Clause) -> bool {
        let swapped = |part: &&Clause| {
            let missing =
                clause.terms.iter().filter(|t| !holds(&part.terms, t) && !clause.anchors.contains(*t));
            let left = part.terms.iter().filter(|t| !holds(&clause.terms, t) && !part.anchors.contains(*t));
            let missing: Vec<&String> = missing.collect();
            matches!(missing[..], [term] if holds(&self.quoted, term)) && left.count() == 1
        };
        let closest = closest(clause, self.home(clause).into_iter());
        clause.terms.len() > SWAP_TERMS_MIN && !closest.is_empty() && closest.iter().all(swapped)
    }

    fn swaps_an_unheard_word(&self, clause: &Clause) -> bool {
        let missing: Vec<(usize, &Token)> = clause
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, t)| t.term.as_ref().is_some_and(|term| !self.hears(term)))
            .collect();
        let [(at, word)] = missing.as_slice() else { return false };
        if clause.terms.len() <= SWAP_TERMS_MIN
            || clause.marks.iter().any(|m| m.covers(*at))
            || word.word.ends_with("ly")
        {
            return false;
        }
        let before = clause.tokens.get(..*at).unwrap_or_default();
        let first = before.iter().all(|t| t.term.is_none());
        // "The setting work_mem": what it is called stands behind it.
        let introduces = clause.tokens.get(at + 1).is_some_and(|t| t.anchor);
        let noun = first || before.last().is_some_and(|t| t.term.is_none() && !is_auxiliary(&t.word));
        let light = [&word.term, &word.stem].into_iter().flatten().any(|t| LIGHT_VERBS.contains(&t.as_str()));
        self.sentences().flat_map(|s| s.clauses().iter().chain([&s.whole])).any(|part| {
            let kept = clause.terms.iter().filter(|t| holds(&part.terms, t)).count();
            let left = part.terms.iter().filter(|t| !holds(&clause.terms, t)).count();
            kept + 1 == clause.terms.len()
                && ((left == 1 && (noun || !light)) || (left == 0 && first && !introduces))
        })
    }

    /// Whether a name of the statement stands only in other sentences than the one that says most of it, or around the
    /// quotes, and that sentence has a subject of its own by name.
    fn speaks_of_another(&self, statement: &Statement) -> bool {
        statement.reading.sentences.iter().any(|said| {
            let closest = closest(&said.whole, self.home(&said.whole).into_iter());
            let heard = |t: &String| closest.iter().any(|quote| holds(&quote.terms, t));
            let lent = said.whole.tokens.iter().position(|t| t.anchor && !t.term.as_ref().is_some_and(heard));
            let Some(lent) = lent else { return false };
            let terms = |tokens: &[Token]| -> BTreeSet<String> {
                tokens.iter().filter_map(|t| t.term.clone()).collect()
            };
            let before = terms(said.whole.tokens.get(..lent).unwrap_or_default());
            let mut behind = terms(said.whole.tokens.get(lent + 1..).unwrap_or_default());
            behind.retain(|t| !before.contains(t));
            // The quote's own name stands before what the statement says of the lent one.
            let named = |c: &&Clause| {
                let before =
                    c.tokens.iter().take_while(|t| !t.term.as_ref().is_some_and(|t| behind.contains(t)));
                before
                    .filter(|t| t.anchor)
                    .filter_map(|t| t.term.as_ref())
                    .any(|t| !holds(&statement.terms, t))
            };
            !closest.is_empty() && closest.iter().all(named)
        })
    }

    /// The sentences that give all figures of a clause, or all sentences where none does: what is said of a figure is said
    /// where it stands.
    fn home(&self, clause: &Clause) -> Vec<&Clause> {
        let gives = |quote: &&Clause| {
            clause.measures.iter().all(|m| quote.measures.iter().any(|q| q.figure.vouches_for(&m.figure)))
        };
        let sentences = || self.sentences().map(|s| &s.whole);
        let home: Vec<&Clause> = sentences().filter(gives).collect();
        if home.is_empty() { sentences().collect() } else { home }
    }

    /// Whether figures have the units that the quotes give them.
    fn counts_the_same(&self, clause: &Clause) -> bool {
        clause.measures.iter().all(|m| {
            let measures = self.sentences().flat_map(|s| &s.whole.measures);
            let quoted: Vec<Option<Unit>> =
                measures.filter(|q| q.figure.vouches_for(&m.figure)).map(|q| q.unit).collect();
            let Some(unit) = m.unit else {
                // "5 drachmas" for "5 euros": what it counts is heard of nowhere, and the quote counts something else.
                let unheard = m.counted.as_ref().is_some_and(|t| !self.hears(t));
                return !(unheard && !quoted.is_empty() && quoted.iter().all(Option::is_some));
            };
            quoted.is_empty()
                || quoted.contains(&Some(unit))
                || (quoted.contains(&None) && self.knows_unit(unit))
        })
    }

    fn knows_unit(&self, unit: Unit) -> bool {
        self.units.contains(unit) || self.around.iter().any(|around| around.units().contains(unit))
    }

    /// Whether "is" or "was" is followed by something that neither quotes nor surroundings speak of.
    fn predicate_unheard(&self, clause: &Clause) -> bool {
        clause.tokens.iter().enumerate().any(|(at, token)| {
            if matches!(token.word.as_str(), "wurde" | "wurden" | "wird" | "worden") {
                let last = clause.tokens.iter().rev().find_map(|t| t.term.as_ref());
                return last.is_some_and(|term| !self.hears(term));
            }
            if !matches!(token.word.as_str(), "is" | "are" | "was" | "were" | "been") {
                return false;
            }
            let behind = clause.tokens.iter().enumerate().skip(at + 1).take(PREDICATE_WORDS);
            let predicate = behind
                .take_while(|(_, t)| !is_preposition(&t.word))
                .filter(|(_, t)| !t.word.ends_with("ly"))
                .find_map(|(i, t)| Some((i, t.term.as_ref()?)));
            // Words of a scale were judged by their scale.
            let unheard =
                |(i, term): (usize, &String)| !self.hears(term) && !clause.marks.iter().any(|m| m.covers(i));
            predicate.is_some_and(unheard)
        })
    }
}

fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "is" | "are"
            | "was"
            | "were"
            | "be"
            | "been"
            | "has"
            | "have"
            | "had"
            | "can"
            | "may"
            | "will"
            | "must"
            | "should"
            | "could"
            | "would"
            | "does"
            | "do"
            | "did"
            | "not"
            | "it"
            | "they"
            | "to"
            | "also"
            | "that"
            | "which"
    )
}

/// Verbs that stand for many others and rarely change what a sentence says.
const LIGHT_VERBS: [&str; 40] = [
    "act", "becom", "bring", "call", "carri", "come", "came", "cut", "display", "end", "feel", "flow", "get",
    "give", "go", "happen", "help", "hold", "keep", "lack", "lie", "look", "make", "need", "own", "put",
    "run", "say", "seem", "serv", "set", "show", "sound", "start", "support", "take", "think", "turn", "use",
    "work",
];

fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "in" | "at"
            | "on"
            | "of"
            | "by"
            | "for"
            | "from"
            | "with"
            | "under"
            | "to"
            | "as"
            | "among"
            | "between"
    )
}

/// The parts of a quote that share most with a clause.
fn closest<'a>(clause: &Clause, parts: impl Iterator<Item = &'a Clause>) -> Vec<&'a Clause> {
    closest_by(clause, parts, |part| part)
}

fn closest_by<'a, T>(
    clause: &Clause,
    parts: impl Iterator<Item = &'a T>,
    words: impl Fn(&T) -> &Clause,
) -> Vec<&'a T> {
    let all: Vec<(usize, &T)> = parts.map(|part| (clause.shared(words(part)), part)).collect();
    let most = all.iter().map(|(n, _)| *n).max().unwrap_or(0);
    all.into_iter().filter(|(n, _)| *n == most).map(|(_, part)| part).collect()
}

/// The terms of a text, synonyms as one.
fn meanings(text: &str) -> BTreeSet<String> {
    let terms = words(text).filter_map(|(_, word)| term_of(word));
    let terms = terms.filter(|t| !t.starts_with(|c: char| c.is_ascii_digit()));
    terms.map(|t| if t.contains('_') { t } else { meaning(&t).to_owned() }).collect()
}
