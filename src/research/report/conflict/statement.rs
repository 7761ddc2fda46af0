//! A sentence of a finding, taken apart once so that it can be compared with many others.

use super::super::super::denial::Denials;
use super::date::{Date, dates};
use super::quantity::{Quantity, Version, read};
use super::token::{Token, tokens};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// A sentence with what it measures, when, and about what.
pub(super) struct Statement {
    pub(super) tokens: Vec<Token>,
    pub(super) quantities: Vec<Quantity>,
    pub(super) versions: Vec<Version>,
    pub(super) dates: Vec<Date>,
    pub(super) denials: Denials,
    /// Terms that are written as names.
    names: BTreeSet<String>,
    /// All terms, light ones included, figures and dates left out.
    all: BTreeSet<String>,
    /// Tokens that belong to a figure or a date.
    taken: Vec<Range<usize>>,
    /// Hashes of the telling terms, sorted: what most pairs are told apart by.
    hashes: Vec<u64>,
}

impl Statement {
    pub(super) fn new(sentence: &str, names: &BTreeSet<String>) -> Self {
        let tokens = tokens(sentence);
        let dates = dates(&tokens);
        let dated: Vec<Range<usize>> = dates.iter().map(|d| d.tokens.clone()).collect();
        let (quantities, versions) = read(&tokens, &dated, names);
        let figures = quantities.iter().map(|q| q.tokens.clone());
        let taken: Vec<Range<usize>> =
            dated.into_iter().chain(figures).chain(versions.iter().map(|v| v.tokens.clone())).collect();
        let free = |i: usize| !taken.iter().any(|range| range.contains(&i));
        let terms = || {
            let free = tokens.iter().enumerate().filter(|(i, _)| free(*i));
            free.filter_map(|(_, t)| Some((t, t.term.as_ref()?)))
        };
        let named = terms()
            .filter(|(t, _)| t.is_capital() && names.contains(&t.folded))
            .map(|(_, term)| term.clone());
        let mut hashes: Vec<u64> = terms()
            .filter(|(t, _)| !is_light(&t.folded) || names.contains(&t.folded))
            .map(|(_, term)| hash(term))
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        Self {
            names: named.collect(),
            all: terms().map(|(_, term)| term.clone()).collect(),
            denials: Denials::of(sentence),
            hashes,
            taken,
            quantities,
            versions,
            dates,
            tokens,
        }
    }

    /// How many telling terms both hold.
    pub(super) fn shared(&self, other: &Self) -> usize {
        let (mut a, mut b) = (self.hashes.iter().peekable(), other.hashes.iter().peekable());
        let mut shared = 0;
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => drop(a.next()),
                std::cmp::Ordering::Greater => drop(b.next()),
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    a.next();
                    b.next();
                }
            }
        }
        shared
    }

    /// Whether the parts around `at` here and `there` in the other are about the same thing.
    pub(super) fn same_subject(&self, at: usize, other: &Self, there: usize) -> bool {
        let (mine, theirs) = (self.part_around(at), other.part_around(there));
        let (a, b) = (self.telling(&mine), other.telling(&theirs));
        let shared: BTreeSet<&str> =
            a.iter().map(|(_, t)| *t).filter(|t| b.iter().any(|(_, other)| other == t)).collect();
        let own = |list: &[(usize, &str)], other: &Self| -> Vec<usize> {
            list.iter().filter(|(_, term)| !other.all.contains(*term)).map(|(i, _)| *i).collect()
        };
        let (only_a, only_b) = (own(&a, other), own(&b, self));
        let names =
            |only: &[usize], s: &Self| only.iter().any(|i| s.term(*i).is_some_and(|t| s.names.contains(t)));
        if shared.len() < SHARED_MIN
            || names(&only_a, self)
            || names(&only_b, other)
            || self.told_apart(&mine, other, &theirs)
            || self.modified(&only_a, &shared)
            || other.modified(&only_b, &shared)
            || self.scoped(&only_a)
            || other.scoped(&only_b)
            || self.heads(&only_a, &shared).intersection(&other.heads(&only_b, &shared)).next().is_some()
        {
            return false;
        }
        let (least, most) = (only_a.len().min(only_b.len()), only_a.len().max(only_b.len()));
        if least == 0 {
            most * 2 <= shared.len()
        } else {
            shared.len() > 2 && most * 2 <= shared.len() && least + most <= 3
        }
    }

    /// Whether the whole sentences are about the same thing: few terms stand in one of them only, and none sets a frame.
    pub(super) fn is_about_the_same(&self, other: &Self) -> bool {
        if self.shared(other) < SHARED_MIN.min(DENIAL_SHARED_MIN) {
            return false;
        }
        let whole = |s: &Self| 0..s.tokens.len();
        let (a, b) = (self.telling(&whole(self)), other.telling(&whole(other)));
        let only = |list: &[(usize, &str)], other: &[(usize, &str)]| -> Vec<usize> {
            list.iter().filter(|(_, t)| !other.iter().any(|(_, o)| o == t)).map(|(i, _)| *i).collect()
        };
        let (only_a, only_b) = (only(&a, &b), only(&b, &a));
        let same = only_a.is_empty() && only_b.is_empty();
        // "Stable" against "unstable" are two terms; where nothing is denied, they are what differs.
        let opposed = !self.denials.denies() && !other.denials.denies();
        self.shared(other) >= if same || opposed { SHARED_MIN } else { DENIAL_SHARED_MIN }
            && only_a.len() <= 1
            && only_b.len() <= 1
            && !self.scoped(&only_a)
            && !other.scoped(&only_b)
    }

    /// Whether it names a limit or a default: what holds until it is changed, not what was counted one day.
    pub(super) fn is_limit(&self) -> bool {
        self.tokens.iter().any(|t| {
            matches!(
                t.folded.as_str(),
                "limit" | "limited" | "limits" | "maximum" | "default" | "defaults" | "most" | "minimum"
            )
        }) || self.tokens.windows(2).any(|w| matches!(w, [a, b] if a.is("up") && b.is("to")))
    }

    /// Whether it speaks of what may come.
    pub(super) fn is_conditional(&self) -> bool {
        self.tokens.iter().any(|t| {
            CONDITIONAL.contains(&t.folded.as_str())
                || ["plan", "expect", "propos"].iter().any(|stem| t.term.as_deref() == Some(stem))
        })
    }

    /// The telling term at a token, if it is one.
    pub(super) fn term(&self, at: usize) -> Option<&str> {
        let token = self.tokens.get(at)?;
        let free = !self.taken.iter().any(|range| range.contains(&at));
        let term = token.term.as_deref()?;
        let name = token.is_capital() && (at > 0 || self.names.contains(term));
        Some(term).filter(|_| free && (name || !is_light(&token.folded)))
    }

    pub(super) fn is_name(&self, term: &str) -> bool {
        self.names.contains(term)
    }

    fn telling(&self, part: &Range<usize>) -> Vec<(usize, &str)> {
        part.clone().filter_map(|i| Some((i, self.term(i)?))).collect()
    }

    /// The part of the sentence around a token: up to a sign, or a word that begins another statement.
    fn part_around(&self, at: usize) -> Range<usize> {
        let breaks = |i: &usize| {
            self.tokens.get(*i).is_some_and(|t| {
                let next = self.tokens.get(*i + 1).map_or("", |t| t.folded.as_str());
                matches!(
                    t.folded.as_str(),
                    ";" | ":" | "(" | ")" | "—" | "–" | "while" | "whereas" | "but" | "although" | "because"
                ) || (t.is(",") && PARTING.contains(&next))
            })
        };
        let start = (0..at).rev().find(breaks).map_or(0, |i| i + 1);
        let end = (at..self.tokens.len()).find(breaks).unwrap_or(self.tokens.len());
        start..end
    }

    /// Whether they speak of different ones of a few: minimum here, maximum there. Where one side does not say which,
    /// nothing is known; only a maximum goes without saying.
    fn told_apart(&self, mine: &Range<usize>, other: &Self, theirs: &Range<usize>) -> bool {
        let said = |s: &Self, part: &Range<usize>, group: &[&str]| -> Vec<usize> {
            let tokens = s.tokens.get(part.clone()).unwrap_or_default();
            let said = |words: &str| tokens.iter().any(|t| words.split(' ').any(|w| t.is(w)));
            (0..).zip(group).filter(|(_, words)| said(words)).map(|(place, _)| place).collect()
        };
        GROUPS.iter().any(|group| {
            let (a, b) = (said(self, mine, group), said(other, theirs, group));
            let untold = a.is_empty() || b.is_empty();
            let maximum = untold && a.iter().chain(&b).all(|place| group.get(*place) == Some(&MAXIMUM));
            a != b && !maximum
        })
    }

    /// Whether a term of one side alone narrows a shared one: `page size` against `cache size`.
    fn modified(&self, only: &[usize], shared: &BTreeSet<&str>) -> bool {
        only.iter().any(|i| {
            let hyphen = usize::from(self.tokens.get(i + 1).is_some_and(|t| t.is("-")));
            self.term(i + 1 + hyphen).is_some_and(|t| shared.contains(t))
        })
    }

    /// Shared terms that a term of one side alone follows: `index build` against `index scan`.
    fn heads<'s>(&self, only: &[usize], shared: &BTreeSet<&'s str>) -> BTreeSet<&'s str> {
        let before = |i: &usize| i.checked_sub(1).and_then(|i| self.term(i));
        only.iter().filter_map(before).filter_map(|term| shared.get(term).copied()).collect()
    }

    /// Whether a term of one side alone stands behind a word that sets a frame: `on Windows`, `for large files`.
    fn scoped(&self, only: &[usize]) -> bool {
        only.iter().any(|i| {
            let mut determined = false;
            for token in
                (1..=SCOPE_WORDS_MAX).map_while(|n| i.checked_sub(n).and_then(|i| self.tokens.get(i)))
            {
                if !token.is_word() && !token.is("-") || (determined && token.term.is_some()) {
                    return false;
                }
                if FRAMES.contains(&token.folded.as_str()) {
                    return true;
                }
                // An article begins the phrase: what stands before it belongs to another one.
                determined |= matches!(token.folded.as_str(), "the" | "a" | "an");
            }
            false
        })
    }
}

/// Telling terms that two statements about the same thing share at least.
const SHARED_MIN: usize = 2;
/// The same for two of which one denies the other: what is denied is often said of other things too.
const DENIAL_SHARED_MIN: usize = 3;
/// How far before a term its preposition may stand: `for very large files`.
const SCOPE_WORDS_MAX: usize = 4;

/// Words that are names: written large where no sentence begins, in any of `texts`, or with a digit (`int64`).
pub(super) fn names<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for text in texts {
        let mut begins = true;
        for token in tokens(text) {
            let inner = token.text.chars().skip(1).any(char::is_uppercase);
            if token.term.is_some() && (token.has_digit() || (token.is_capital() && (!begins || inner))) {
                names.insert(token.folded.clone());
            }
            begins = matches!(token.folded.as_str(), "." | "!" | "?" | ":" | "(" | "\"" | "“" | "|");
        }
    }
    names
}

fn hash(term: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish()
}

/// Whether a word tells little about a subject: verbs of having and changing, nouns of kind, adverbs.
pub(super) fn is_light(folded: &str) -> bool {
    LIGHT.binary_search(&folded).is_ok() || (folded.len() > 4 && folded.ends_with("ly"))
}

const CONDITIONAL: [&str; 13] = [
    "will",
    "would",
    "could",
    "may",
    "might",
    "if",
    "upcoming",
    "future",
    "hypothetical",
    "scheduled",
    "rumoured",
    "rumored",
    "wird",
];
const PARTING: [&str; 14] = [
    "and", "but", "while", "whereas", "which", "so", "although", "with", "because", "compared", "making",
    "up", "down", "where",
];
const FRAMES: [&str; 17] = [
    "in", "on", "for", "under", "with", "within", "during", "across", "when", "if", "using", "by", "from",
    "of", "without", "among", "per",
];
const MAXIMUM: &str = "maximum max maximal";
/// Things of which a statement means one; words of one entry mean the same.
const GROUPS: [&[&str]; 15] = [
    &["minimum min minimal", MAXIMUM, "average mean avg", "median", "peak", "typical"],
    &["p50", "p90", "p95", "p99"],
    &["read reads reading", "write writes writing"],
    &["upload", "download"],
    &["male men boys", "female women girls"],
    &["import imports", "export exports"],
    &["before", "after"],
    &["input", "output"],
    &["first", "second", "third", "last"],
    &["daily", "weekly", "monthly", "annual annually yearly", "quarterly"],
    &["revenue sales", "profit income", "loss losses"],
    &["client clients", "server servers"],
    &["net", "gross"],
    &["urban", "rural"],
    &["single", "multi multiple"],
];
/// Words that tell little about a subject. In order, for the search.
#[rustfmt::skip]
const LIGHT: &[&str] = &[
    "about", "according", "achieve", "achieved", "achieves", "add", "added", "adds", "allow", "allowed", "allows",
    "almost", "amount", "amounts", "announce", "announced", "api", "approx", "approximately", "around", "autumn",
    "available", "became", "become", "becomes", "beginning", "benchmark", "benchmarks", "big", "boost", "boosted",
    "bound", "bring", "bringing", "brings", "brought", "came", "case", "cases", "change", "changed", "changes",
    "circa", "claim", "claimed", "claiming", "claims", "climb", "climbed", "come", "comes", "command", "common",
    "compared", "configure", "configured", "contain", "contained", "contains", "cost", "costs", "count", "counted",
    "counting", "counts", "crate", "current", "currently", "cut", "cuts", "cutting", "day", "days", "decrease",
    "decreased", "decreases", "default", "defaults", "deliver", "delivered", "delivers", "double", "doubled",
    "drop", "dropped", "drops", "early", "eight", "end", "estimate", "estimated", "estimates", "example",
    "examples", "exist", "existed", "exists", "fallen", "falls", "far", "features", "fell", "fewer", "figure",
    "figures", "find", "five", "found", "four", "framework", "full", "function", "functionality", "functions",
    "gain", "gained", "gains", "gave", "general", "get", "gets", "give", "given", "gives", "go", "goes", "going",
    "good", "got", "great", "grew", "grow", "grown", "grows", "had", "half", "halve", "halved", "handle",
    "handled", "handles", "has", "have", "held", "high", "hold", "holds", "improve", "improved", "improvement",
    "improves", "include", "included", "includes", "including", "increase", "increased", "increases", "increasing",
    "introduce", "introduced", "introduces", "jump", "jumped", "keep", "keeps", "kept", "kind", "kinds", "land",
    "landed", "lands", "language", "large", "late", "latest", "launch", "launched", "launches", "least", "less",
    "level", "levels", "libraries", "library", "limit", "limited", "limits", "list", "listed", "lists", "long",
    "lose", "loses", "lost", "low", "lower", "lowered", "lowers", "made", "main", "major", "make", "makes",
    "making", "manage", "max", "maximum", "measure", "measured", "measures", "method", "mid", "min", "minimum",
    "minor", "month", "months", "more", "most", "native", "nearly", "need", "needed", "needs", "new", "nine",
    "note", "notes", "now", "number", "numbers", "offer", "offered", "offers", "official", "old", "one", "overall",
    "package", "paid", "part", "parts", "pay", "pays", "per", "platform", "post", "processes", "program",
    "project", "provide", "provided", "provides", "public", "publish", "published", "publishes", "quarter",
    "raise", "raised", "raises", "ran", "reach", "reached", "reaches", "recent", "reduce", "reduced", "reduces",
    "reducing", "reduction", "release", "releases", "remain", "remained", "remains", "report", "reported",
    "reports", "require", "required", "requires", "result", "results", "rise", "risen", "rises", "rose", "roughly",
    "run", "running", "runs", "runtime", "said", "say", "says", "see", "seen", "sees", "serve", "served", "serves",
    "set", "sets", "setting", "seven", "ship", "shipped", "ships", "short", "show", "showed", "shown", "shows",
    "shrank", "shrink", "shrunk", "simple", "six", "small", "some", "spawn", "spawned", "spawns", "spring",
    "started", "starts", "state", "stated", "statement", "states", "stay", "stayed", "stays", "summer", "support",
    "supported", "supports", "survey", "take", "taken", "takes", "tall", "technology", "ten", "tested", "than",
    "thing", "things", "three", "threshold", "time", "times", "today", "took", "tool", "top", "total", "totals",
    "two", "type", "types", "typical", "up", "upper", "use", "used", "uses", "using", "value", "values", "version",
    "versions", "versus", "vs", "way", "ways", "went", "wide", "winter", "work", "worked", "working", "works",
    "year", "years",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_light_words_are_in_order_for_the_search() {
        assert!(LIGHT.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(is_light("spawns") && is_light("quickly") && !is_light("scheduler"));
    }

    #[test]
    fn a_name_is_written_large_within_a_sentence_or_has_a_digit() {
        let found = names(["The Tokio runtime. Threads of int64.", "PostgreSQL is fast."].into_iter());
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["int64", "postgresql", "tokio"]);
    }
}
