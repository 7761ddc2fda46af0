//! What a text denies: two sentences may share every term and still say the opposite.

use super::support::meaning;
use crate::text::{folded, sentence, term, words};
use std::collections::BTreeSet;

/// Whether `claim` and `quote` disagree in what they deny; see [`Denials::differ`].
pub(crate) fn denial_differs(claim: &str, quote: &str) -> bool {
    Denials::of(claim).differ(&Denials::of(quote))
}

/// How many content terms behind a denial it is taken to deny.
const SCOPE_TERMS: usize = 2;
/// How many words behind a denial are looked at for those terms.
const SCOPE_WORDS: usize = 5;

/// What a text denies and what it says without denying it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Denials {
    any: bool,
    negative_cue: bool,
    /// Says that something needs something else, which two denials say too: nothing starts without it.
    needs: bool,
    /// Says that something is over, which "no longer" says too.
    over: bool,
    scope: BTreeSet<String>,
    open: BTreeSet<String>,
    /// Words that bar something without denying it: an error, forbidden.
    barred: BTreeSet<String>,
    /// The terms behind each denial.
    denied: Vec<BTreeSet<String>>,
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
        if self.any && !quote.any && !quote.negative_cue {
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
        self.denied.iter().any(|group| other.denied.iter().any(|d| !d.is_disjoint(group)))
    }

    /// Whether this denies what the other says, and the other has no denial of the same.
    pub(crate) fn turns(&self, other: &Self) -> bool {
        let same = |group: &BTreeSet<String>| {
            let denied = other.denied.iter().any(|d| !d.is_disjoint(group));
            // What cannot be done is an error, or forbidden.
            denied || other.barred.iter().any(|cue| !group.contains(cue))
        };
        self.denied
            .iter()
            .filter(|group| !same(group))
            .flatten()
            .any(|t| other.open.contains(t) && !other.scope.contains(t) && !self.open.contains(t))
    }

    /// Whether one says `faster` where the other says only `slower`.
    fn opposes(&self, other: &Self) -> bool {
        let says = |d: &Self, t: &str| d.open.contains(t) || d.scope.contains(t);
        let turned = |a: &str, b: &str| says(self, a) && says(other, b) && !says(self, b) && !says(other, a);
        // "not slower" may well stand for "faster", so only plain statements are compared.
        !self.any
            && !other.any
            && OPPOSITES
                .iter()
                .map(|(a, b)| (meaning(a), meaning(b)))
                .any(|(a, b)| turned(a, b) || turned(b, a))
    }

    fn prefixed_in(&self, other: &Self) -> bool {
        self.open.iter().any(|t| {
            t.len() >= 4
                && !other.open.contains(t)
                && !other.scope.contains(t)
                && ["un", "in", "im", "dis"].iter().any(|p| {
                    // The stemmer leaves the last letter of "safe" but takes that of "unsafe".
                    let opposite = format!("{p}{t}");
                    let shorter = opposite.trim_end_matches('e');
                    [opposite.as_str(), shorter]
                        .iter()
                        .any(|o| other.open.contains(*o) && !self.open.contains(*o))
                })
        })
    }

    /// What `text` denies.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Self::default();
        for range in sentence::sentences(text) {
            let mut terms_left = 0;
            let mut words_left = 0;
            let list: Vec<String> =
                words(text.get(range).unwrap_or_default()).map(|(_, w)| folded(w)).collect();
            for (i, word) in list.iter().enumerate() {
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
                    found.denied.push(BTreeSet::new());
                    terms_left = SCOPE_TERMS;
                    words_left = SCOPE_WORDS;
                    continue;
                }
                if matches!(word.as_str(), "but" | "however" | "although" | "while" | "whereas") {
                    terms_left = 0;
                }
                let Some(t) = term(word) else {
                    words_left = usize::saturating_sub(words_left, 1);
                    continue;
                };
                let t = meaning(&t).to_owned();
                found.negative_cue |= negative_cue(word);
                if bars(word) {
                    found.barred.insert(t.clone());
                }
                if terms_left > 0 && words_left > 0 {
                    // "no longer" denies what follows, not the length.
                    if t == "longer" {
                        continue;
                    }
                    if let Some(group) = found.denied.last_mut() {
                        group.insert(t.clone());
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

fn bars(word: &str) -> bool {
    ["forbid", "prohibit", "prevent", "error", "panic", "invalid", "illegal", "impossib", "disallow", "ban"]
        .iter()
        .any(|s| word.starts_with(s))
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

fn negative_cue(word: &str) -> bool {
    const STEMS: [&str; 20] = [
        "absen", "avoid", "ban", "block", "deni", "deny", "disab", "exclu", "fail", "forbid", "lack", "miss",
        "omit", "prevent", "prohibit", "reject", "remov", "unab", "without", "drop",
    ];
    STEMS.iter().any(|s| word.starts_with(s))
        || (word.len() > 5 && ["un", "in", "im", "dis"].iter().any(|p| word.starts_with(p)))
        || matches!(
            word,
            "only" | "hardly" | "rarely" | "few" | "little" | "instead" | "rather" | "zero" | "less"
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
    fn the_same_denial_in_other_words_agrees() {
        assert!(!denial_differs("Tokio never blocks threads.", "Tokio does not block the thread."));
        assert!(!denial_differs("Sharing it is not safe.", "Sharing it is unsafe."));
        assert!(!denial_differs("It is fast and safe.", "It is not only fast but also safe."));
        assert!(!denial_differs("Futures are lazy.", "Futures are lazy: they do nothing unless polled."));
    }
}
