//! Words, terms and denials: how text is compared when the wording may differ but the meaning must not.

pub(crate) mod number;
pub(crate) mod sentence;

use rust_stemmers::{Algorithm, Stemmer};
use std::collections::BTreeSet;
use unicode_segmentation::UnicodeSegmentation;

/// The content terms of `text` in order: lower case, stemmed (English), without function words.
pub(crate) fn terms(text: &str) -> Vec<String> {
    words(text).filter_map(|(_, word)| term(word)).collect()
}

/// The content terms of `text` as a set, figures left out (they are compared by value, see [`number`]).
pub(crate) fn term_set(text: &str) -> BTreeSet<String> {
    terms(text).into_iter().filter(|t| !t.starts_with(|c: char| c.is_ascii_digit())).collect()
}

/// The words of `text` with their byte offsets; underscores that only emphasise are not part of a word.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.unicode_word_indices().filter_map(|(at, word)| {
        let inner = word.trim_start_matches('_');
        let start = at + (word.len() - inner.len());
        let inner = inner.trim_end_matches('_');
        (!inner.is_empty()).then_some((start, inner))
    })
}

/// The word as it is compared letter by letter: lower case, straight apostrophe, no invisible characters.
pub(crate) fn folded(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if matches!(c, '\u{2019}' | '\u{2018}' | '\u{02bc}') { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// The term a word stands for; `None` for function words and single letters.
pub(crate) fn term(word: &str) -> Option<String> {
    let mut lower = folded(word);
    if let Some(owner) = lower.strip_suffix("'s") {
        lower = owner.to_owned();
    }
    if FUNCTION_WORDS.binary_search(&lower.as_str()).is_ok() || lower.ends_with("n't") {
        return None;
    }
    let letters = lower.chars().count();
    if letters < 2 && lower.is_ascii() && !lower.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // The English algorithm knows only ASCII words; all others are compared as they are.
    if lower.bytes().all(|b| b.is_ascii_lowercase()) {
        return Some(Stemmer::create(Algorithm::English).stem(&lower).into_owned());
    }
    Some(lower)
}

/// Shared share of two sets: intersection over union, 0 to 1; 0 when both are empty.
#[allow(clippy::cast_precision_loss, reason = "sets of words are far below 2^52")]
pub(crate) fn jaccard(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let shared = a.intersection(b).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

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
    scope: BTreeSet<String>,
    open: BTreeSet<String>,
}

impl Denials {
    /// Whether this claim and the `quote` disagree.
    ///
    /// A disagreement is: a term that stands right behind a denial in one text and undenied in the other; a term that
    /// the other text turns round with a prefix (`safe`, `unsafe`); or a claim that denies where the quote denies
    /// nothing.
    pub(crate) fn differ(&self, quote: &Self) -> bool {
        if self.any && !quote.any && !quote.negative_cue {
            return true;
        }
        // "not safe" and "unsafe" say the same, so a text that denies is not also blamed for the prefix.
        self.turns(quote)
            || quote.turns(self)
            || self.opposes(quote)
            || (!self.any && quote.prefixed_in(self))
            || (!quote.any && self.prefixed_in(quote))
    }

    fn turns(&self, other: &Self) -> bool {
        self.scope
            .iter()
            .any(|t| other.open.contains(t) && !other.scope.contains(t) && !self.open.contains(t))
    }

    /// Whether one says `faster` where the other says only `slower`.
    fn opposes(&self, other: &Self) -> bool {
        let says = |d: &Self, t: &str| d.open.contains(t) || d.scope.contains(t);
        let turned = |a: &str, b: &str| says(self, a) && says(other, b) && !says(self, b) && !says(other, a);
        // "not slower" may well stand for "faster", so only plain statements are compared.
        !self.any && !other.any && OPPOSITES.iter().any(|(a, b)| turned(a, b) || turned(b, a))
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

    /// Takes in what another text denies and says.
    pub(crate) fn join(&mut self, other: &Self) {
        self.any |= other.any;
        self.negative_cue |= other.negative_cue;
        self.scope.extend(other.scope.iter().cloned());
        self.open.extend(other.open.iter().cloned());
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
                if denies(word) && !matches!(next, "only" | "just" | "merely" | "necessarily" | "least") {
                    found.any = true;
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
                found.negative_cue |= negative_cue(word);
                if terms_left > 0 && words_left > 0 {
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

/// Sorted, for binary search.
const FUNCTION_WORDS: [&str; 161] = [
    "a",
    "about",
    "above",
    "according",
    "across",
    "additionally",
    "after",
    "again",
    "against",
    "all",
    "also",
    "although",
    "am",
    "among",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "below",
    "between",
    "both",
    "but",
    "by",
    "can",
    "cannot",
    "could",
    "did",
    "do",
    "does",
    "doing",
    "done",
    "down",
    "during",
    "each",
    "either",
    "else",
    "etc",
    "even",
    "ever",
    "every",
    "few",
    "for",
    "from",
    "further",
    "furthermore",
    "had",
    "has",
    "have",
    "having",
    "he",
    "her",
    "here",
    "hers",
    "him",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "itself",
    "just",
    "may",
    "me",
    "might",
    "more",
    "moreover",
    "most",
    "much",
    "must",
    "my",
    "neither",
    "never",
    "no",
    "non",
    "none",
    "nor",
    "not",
    "of",
    "off",
    "on",
    "once",
    "one",
    "only",
    "onto",
    "or",
    "other",
    "our",
    "out",
    "over",
    "own",
    "per",
    "same",
    "shall",
    "she",
    "should",
    "since",
    "so",
    "some",
    "still",
    "such",
    "than",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "then",
    "there",
    "therefore",
    "these",
    "they",
    "this",
    "those",
    "though",
    "through",
    "thus",
    "to",
    "too",
    "toward",
    "towards",
    "under",
    "until",
    "up",
    "upon",
    "us",
    "very",
    "via",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "whereas",
    "whether",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "within",
    "without",
    "would",
    "yet",
    "you",
    "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_words_are_sorted_for_the_search() {
        assert!(FUNCTION_WORDS.is_sorted());
        assert_eq!(term("the"), None);
        assert_eq!(term("Runtimes").as_deref(), Some("runtim"));
    }

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
