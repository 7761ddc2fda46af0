//! What a text denies: two sentences may share every term and still say the opposite.

use super::support::{meaning, term_of};
use crate::text::{folded, sentence, words};
use std::collections::BTreeSet;
use std::ops::Bound;

/// Whether `claim` and `quote` disagree in what they deny; see [`Denials::differ`].
pub(crate) fn denial_differs(claim: &str, quote: &str) -> bool {
    Denials::of(claim).differ(&Denials::of(quote))
}

/// How many content terms behind a denial it is taken to deny.
const SCOPE_TERMS: usize = 2;
/// How many words behind a denial are looked at for those terms.
const SCOPE_WORDS: usize = 5;
/// Shortest term that a prefix turns round; `un` before less is mostly another word.
const PREFIXED_BYTES_MIN: usize = 4;

/// What a text denies and what it says without denying it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Denials {
    any: bool,
    /// Says that something needs something else, which two denials say too: nothing starts without it.
    needs: bool,
    /// Says that something is over, which "no longer" says too.
    over: bool,
    scope: BTreeSet<String>,
    open: BTreeSet<String>,
    /// Every term as the stemmer writes it, synonyms apart.
    stems: BTreeSet<String>,
    /// The terms of each part of a sentence.
    clauses: Vec<BTreeSet<String>>,
    /// Words that bar something without denying it: an error, forbidden.
    barred: Vec<Cue>,
    /// Words that deny in other words, those that bar among them: absent, avoids, only.
    cues: Vec<Cue>,
    denied: Vec<Denied>,
}

/// A denial.
#[derive(Clone, Debug, Default)]
struct Denied {
    /// The terms behind it.
    scope: BTreeSet<String>,
    clause: usize,
}

/// A word that says no without a denial.
#[derive(Clone, Debug)]
struct Cue {
    term: String,
    clause: usize,
}

impl Denials {
    /// Whether this claim and the `quote` disagree.
    ///
    /// A disagreement is: a term that stands right behind a denial in one text and undenied in the other; a term that
    /// the other text turns round with a prefix (`safe`, `unsafe`); or a claim that denies where the quote denies
    /// nothing.
    pub(crate) fn differ(&self, quote: &Self) -> bool {
        self.deny_otherwise(quote) || self.opposes(quote)
    }

    /// The same without opposites such as faster and slower.
    pub(crate) fn deny_otherwise(&self, quote: &Self) -> bool {
        let excused =
            |denied: &Denied| self.excuses(denied, quote, &quote.cues) || quote.has_prefixed(&denied.scope);
        if self.any && !quote.any && !self.denied.iter().all(excused) {
            return true;
        }
        let twice = |a: &Self, b: &Self| a.denied.len() == 2 && !b.any && b.needs;
        if (self.over && quote.over) || twice(self, quote) || twice(quote, self) {
            return false;
        }
        // "not safe" and "unsafe" say the same, so a text that denies is not also blamed for the prefix.
        self.turns(quote)
            || quote.turns(self)
            || (!self.any && quote.prefixed_in(self))
            || (!quote.any && self.prefixed_in(quote))
    }

    /// Whether anything is denied.
    pub(crate) fn denies(&self) -> bool {
        self.any
    }

    /// Whether both deny the same of something.
    pub(crate) fn deny_alike(&self, other: &Self) -> bool {
        self.denied.iter().any(|group| other.denied.iter().any(|d| !d.scope.is_disjoint(&group.scope)))
    }

    /// Whether this denies what the other says, and the other has no denial of the same.
    pub(crate) fn turns(&self, other: &Self) -> bool {
        let same = |group: &Denied| {
            let denied = other.denied.iter().any(|d| !d.scope.is_disjoint(&group.scope));
            // What cannot be done is an error, or forbidden.
            denied || self.excuses(group, other, &other.barred) || other.has_prefixed(&group.scope)
        };
        self.denied
            .iter()
            .filter(|group| !same(group))
            .flat_map(|group| &group.scope)
            .any(|t| other.open.contains(t) && !other.scope.contains(t) && !self.open.contains(t))
    }

    /// Whether one of the cues of the other text says no of the same: it stands in a part of a sentence that shares a
    /// word with the part that the denial stands in.
    fn excuses(&self, denied: &Denied, other: &Self, cues: &[Cue]) -> bool {
        let own = self.clauses.get(denied.clause);
        cues.iter().filter(|cue| !denied.scope.contains(&cue.term)).any(|cue| {
            let there = other.clauses.get(cue.clause);
            own.zip(there).is_some_and(|(own, there)| own.intersection(there).any(|t| *t != cue.term))
        })
    }

    /// Whether one of the terms stands here with a prefix that turns it round: `unsafe` for `safe`.
    fn has_prefixed(&self, terms: &BTreeSet<String>) -> bool {
        terms.iter().filter(|t| t.len() >= PREFIXED_BYTES_MIN).any(|t| {
            opposites_by_prefix(t)
                .any(|opposite| self.open.contains(&opposite) || self.scope.contains(&opposite))
        })
    }

    /// Whether one says `faster` where the other says only `slower`.
    fn opposes(&self, other: &Self) -> bool {
        let says = |d: &Self, t: &str| d.stems.contains(t);
        let turned = |a: &str, b: &str| says(self, a) && says(other, b) && !says(self, b) && !says(other, a);
        // "not slower" may well stand for "faster", so only plain statements are compared.
        !self.any && !other.any && OPPOSITES.iter().any(|(a, b)| turned(a, b) || turned(b, a))
    }

    fn prefixed_in(&self, other: &Self) -> bool {
        let turned = |t: &str, rest: &str, opposite: &str| {
            // The stemmer leaves the last letter of "safe" but takes that of "unsafe".
            let ending = t.get(rest.len()..).unwrap_or_default();
            ending.bytes().all(|b| b == b'e')
                && (ending.is_empty() || !opposite.ends_with('e'))
                && t.len() >= PREFIXED_BYTES_MIN
                && !other.open.contains(t)
                && !other.scope.contains(t)
        };
        other.open.iter().filter(|opposite| !self.open.contains(*opposite)).any(|opposite| {
            PREFIXES.iter().filter_map(|prefix| opposite.strip_prefix(prefix)).any(|rest| {
                let known = self.open.range::<str, _>((Bound::Included(rest), Bound::Unbounded));
                known.take_while(|t| t.starts_with(rest)).any(|t| turned(t, rest, opposite))
            })
        })
    }

    /// What `text` denies.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Self::default();
        for range in sentence::sentences(text) {
            let mut terms_left = 0;
            let mut words_left = 0;
            let sentence = text.get(range).unwrap_or_default();
            let places: Vec<(usize, &str)> = words(sentence).collect();
            let list: Vec<String> = places.iter().map(|(_, w)| folded(w)).collect();
            found.clauses.push(BTreeSet::new());
            let mut behind = 0;
            for (i, (word, (at, written))) in list.iter().zip(&places).enumerate() {
                let gap = sentence.get(behind..*at).unwrap_or_default();
                behind = at + written.len();
                if gap.contains([',', ';', ':', '(', ')', '\u{2014}', '\u{2013}']) || opens_clause(word) {
                    found.clauses.push(BTreeSet::new());
                }
                let clause = found.clauses.len().saturating_sub(1);
                let next = list.get(i + 1).map_or("", String::as_str);
                let bound = matches!(next, "more" | "fewer" | "less" | "later" | "earlier" | "sooner")
                    && list.get(i + 2).is_some_and(|w| w == "than");
                found.needs |= needs(word);
                found.over |= is_over(word)
                    || (word == "no" && next == "longer")
                    || (word == "used" && next == "to")
                    || (word == "any" && next == "more");
                let denies = denies(word) || (word == "yet" && next == "to") || cue_of_denial(word, next);
                if denies && !bound && !matches!(next, "only" | "just" | "merely" | "necessarily" | "least") {
                    found.any = true;
                    found.denied.push(Denied { clause, ..Denied::default() });
                    terms_left = SCOPE_TERMS;
                    words_left = SCOPE_WORDS;
                    continue;
                }
                if matches!(word.as_str(), "but" | "however" | "although" | "while" | "whereas") {
                    terms_left = 0;
                }
                let stem = term_of(word);
                if negative_cue(word, stem.as_deref()) {
                    let term = stem.as_deref().map_or(word.as_str(), meaning).to_owned();
                    found.cues.push(Cue { term, clause });
                }
                let Some(stem) = stem else {
                    words_left = usize::saturating_sub(words_left, 1);
                    continue;
                };
                let t = meaning(&stem).to_owned();
                if bars(&stem) {
                    found.barred.push(Cue { term: t.clone(), clause });
                }
                found.stems.insert(stem);
                if let Some(terms) = found.clauses.last_mut() {
                    terms.insert(t.clone());
                }
                if terms_left > 0 && words_left > 0 {
                    // "no longer" denies what follows, not the length.
                    if t == "longer" {
                        continue;
                    }
                    if let Some(group) = found.denied.last_mut() {
                        group.scope.insert(t.clone());
                    }
                    found.scope.insert(t);
                    terms_left -= 1;
                } else {
                    found.open.insert(t);
                }
                words_left = usize::saturating_sub(words_left, 1);
            }
        }
        found
    }
}

fn denies(word: &str) -> bool {
    word.ends_with("n't")
        || matches!(
            word,
            "not"
                | "no"
                | "never"
                | "cannot"
                | "without"
                | "none"
                | "neither"
                | "nor"
                | "nothing"
                | "nobody"
                | "non"
                | "nicht"
                | "nie"
                | "niemals"
                | "ohne"
                | "pas"
                | "jamais"
                | "aucun"
                | "aucune"
                | "nunca"
                | "jam\u{e1}s"
                | "ning\u{fa}n"
                | "ninguna"
                | "n\u{e3}o"
                | "nenhum"
                | "nessun"
                | "nessuno"
                | "nessuna"
                | "senza"
                | "niet"
                | "geen"
                | "nooit"
                | "zonder"
        )
        || (word.starts_with("kein") && word.len() <= 6)
}

/// "fails to connect", "lacks a check", "instead of waiting": denials in other words.
fn cue_of_denial(word: &str, next: &str) -> bool {
    match word {
        "fails" | "fail" | "failed" | "refuses" | "refused" | "unable" | "refuse" => next == "to",
        "lacks" | "lack" | "lacking" | "hardly" | "barely" | "rarely" | "seldom" => true,
        "instead" | "rather" => matches!(next, "of" | "than"),
        "nobody" | "nothing" => true,
        _ => false,
    }
}

/// Whether a stem is that of a word that bars something; whole stems, since a bank bans nothing.
fn bars(stem: &str) -> bool {
    matches!(
        stem,
        "forbid"
            | "forbidden"
            | "forbad"
            | "prohibit"
            | "prevent"
            | "error"
            | "panic"
            | "invalid"
            | "illeg"
            | "imposs"
            | "disallow"
            | "ban"
    )
}

/// Whether another part of a sentence begins with the word.
fn opens_clause(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "but"
            | "however"
            | "although"
            | "though"
            | "while"
            | "whereas"
            | "because"
            | "so"
            | "which"
            | "who"
    )
}

/// Prefixes that turn a word round.
const PREFIXES: [&str; 4] = ["un", "in", "im", "dis"];

/// The term with the prefixes that turn it round, as the stemmer writes them: it leaves the last letter of "safe" but
/// takes that of "unsafe".
fn opposites_by_prefix(term: &str) -> impl Iterator<Item = String> {
    PREFIXES.into_iter().flat_map(move |prefix| {
        let opposite = format!("{prefix}{term}");
        let shorter = opposite.trim_end_matches('e').to_owned();
        [opposite, shorter]
    })
}

fn needs(word: &str) -> bool {
    ["need", "requir", "must", "depend", "only", "necess"].iter().any(|s| word.starts_with(s))
}

fn is_over(word: &str) -> bool {
    matches!(
        word,
        "ended"
            | "ends"
            | "stopped"
            | "ceased"
            | "discontinued"
            | "former"
            | "formerly"
            | "previously"
            | "dropped"
            | "removed"
            | "anymore"
    )
}

fn negative_cue(word: &str, stem: Option<&str>) -> bool {
    const STEMS: [&str; 20] = [
        "absenc", "absent", "avoid", "block", "deni", "denial", "disabl", "drop", "exclud", "exclus", "fail",
        "failur", "inert", "lack", "miss", "omiss", "omit", "reject", "remov", "unabl",
    ];
    stem.is_some_and(|s| STEMS.contains(&s) || bars(s))
        || matches!(
            word,
            "only"
                | "hardly"
                | "rarely"
                | "few"
                | "little"
                | "instead"
                | "rather"
                | "zero"
                | "less"
                | "unless"
        )
}

/// Terms (stemmed) that cannot both be said of one thing.
const OPPOSITES: [(&str, &str); 24] = [
    ("accept", "reject"),
    ("add", "remov"),
    ("allow", "forbid"),
    ("allow", "prevent"),
    ("best", "worst"),
    ("better", "wors"),
    ("cheaper", "expens"),
    ("enabl", "disabl"),
    ("fast", "slow"),
    ("faster", "slower"),
    ("fastest", "slowest"),
    ("fell", "rose"),
    ("gain", "lost"),
    ("grew", "shrank"),
    ("high", "low"),
    ("higher", "lower"),
    ("highest", "lowest"),
    ("increas", "decreas"),
    ("larger", "smaller"),
    ("largest", "smallest"),
    ("longer", "shorter"),
    ("mutabl", "immut"),
    ("synchron", "asynchron"),
    ("won", "lost"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::term;

    #[test]
    fn a_denial_on_one_side_only_is_a_disagreement() {
        assert!(denial_differs("Tokio is fair.", "Tokio is not fair."));
        assert!(denial_differs("Tokio is not fair.", "Tokio is fair."));
        assert!(denial_differs("The call doesn't block.", "The call blocks until data arrives."));
        assert!(denial_differs("Sharing it is safe.", "Sharing it is unsafe."));
        assert!(denial_differs("It is not deprecated.", "It was released in 2019."));
    }

    #[test]
    fn opposites_disagree_and_are_written_as_the_stemmer_writes_them() {
        assert!(denial_differs("Tokio is faster than smol.", "Tokio is slower than smol."));
        assert!(denial_differs("Use increased by half.", "Use decreased by half."));
        assert!(denial_differs("References are mutable.", "References are immutable."));
        assert!(!denial_differs("Tokio is faster.", "Tokio is faster, smol slower."));
        let stems: Vec<&str> = OPPOSITES.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for word in [
            "accepts",
            "rejected",
            "removed",
            "adds",
            "allows",
            "forbids",
            "prevents",
            "worse",
            "expensive",
            "enabled",
            "disables",
            "increasing",
            "decreases",
            "immutable",
            "mutable",
            "asynchronous",
            "synchronous",
            "gained",
        ] {
            assert!(stems.contains(&term(word).unwrap_or_default().as_str()), "{word}");
        }
    }

    #[test]
    fn higher_in_one_text_and_fallen_in_another_is_no_disagreement() {
        assert!(!denial_differs("Prices are higher in Zurich.", "Prices fell in Zurich."));
        assert!(denial_differs("Prices are higher in Zurich.", "Prices are lower in Zurich."));
    }

    #[test]
    fn only_whole_words_that_bar_the_same_thing_stand_for_a_denial() {
        for (claim, quote) in [
            ("The band never released the album in 1999.", "The band released the album in 1999."),
            ("The bank did not approve the loan.", "The bank approved the loan."),
            ("The bandwidth was not measured.", "The bandwidth was measured in Bangladesh."),
            (
                "The council did not approve the plan.",
                "The council approved the plan, and an error stopped the vote.",
            ),
            ("The import does not include services.", "The import includes services of the industry."),
        ] {
            assert!(denial_differs(claim, quote), "{claim}");
        }
        assert!(!denial_differs("Mutating it twice is not possible.", "Mutating it twice is an error."));
        assert!(!denial_differs("Smoking is not allowed here.", "Smoking is forbidden here."));
    }

    #[test]
    fn the_same_denial_in_other_words_agrees() {
        assert!(!denial_differs("Tokio never blocks threads.", "Tokio does not block the thread."));
        assert!(!denial_differs("Sharing it is not safe.", "Sharing it is unsafe."));
        assert!(!denial_differs("It is fast and safe.", "It is not only fast but also safe."));
        assert!(!denial_differs("Futures are lazy.", "Futures are lazy: they do nothing unless polled."));
    }
}
