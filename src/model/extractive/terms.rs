//! Words as the analyst counts them: stemmed when the text is English, weighted by how much they can tell.

use super::idioms;
use crate::text::{is_function_word, stem, words_as_written};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Most terms kept of one question: 60 content words are a page of text, not a question.
const QUESTION_TERMS_MAX: usize = 60;
/// Weight of a word that could stand in any question ("best", "work", "default").
const GENERIC_WEIGHT: f64 = 0.3;
/// Weight of a bare number: versions and years narrow a question but pages seldom repeat them.
const NUMBER_WEIGHT: f64 = 0.6;
/// Weight of an ordinary content word.
const WORD_WEIGHT: f64 = 1.0;
/// Weight of a name: capitalised inside a sentence, mixed case, or with digits.
const NAME_WEIGHT: f64 = 1.4;

/// Words that fill a question and are none of grammar. Sorted.
const FILLERS: &[&str] = &[
    "don't", "get", "gets", "got", "i'm", "let", "lets", "like", "many", "now", "often", "please", "tell",
    "two", "unless",
];

/// English content words that any topic has; a match on these alone proves nothing. Sorted.
const GENERIC: &[&str] = &[
    "able",
    "advantage",
    "advantages",
    "allow",
    "allows",
    "approach",
    "approaches",
    "available",
    "bad",
    "basic",
    "benefit",
    "benefits",
    "best",
    "better",
    "big",
    "call",
    "called",
    "case",
    "cases",
    "cause",
    "causes",
    "change",
    "changes",
    "choose",
    "common",
    "compare",
    "compared",
    "comparison",
    "consider",
    "current",
    "currently",
    "default",
    "defaults",
    "describe",
    "detail",
    "details",
    "difference",
    "differences",
    "different",
    "differ",
    "disadvantages",
    "do",
    "done",
    "easy",
    "example",
    "examples",
    "exactly",
    "exist",
    "explain",
    "fact",
    "facts",
    "feature",
    "features",
    "find",
    "first",
    "general",
    "give",
    "given",
    "go",
    "good",
    "great",
    "happen",
    "happens",
    "help",
    "helps",
    "high",
    "idea",
    "important",
    "include",
    "including",
    "information",
    "issue",
    "issues",
    "item",
    "keep",
    "key",
    "kind",
    "kinds",
    "know",
    "known",
    "large",
    "largest",
    "last",
    "latest",
    "list",
    "long",
    "look",
    "low",
    "main",
    "major",
    "make",
    "makes",
    "making",
    "matter",
    "maximum",
    "mean",
    "means",
    "method",
    "methods",
    "minimum",
    "modern",
    "name",
    "need",
    "needed",
    "needs",
    "new",
    "number",
    "old",
    "order",
    "others",
    "overview",
    "part",
    "parts",
    "people",
    "point",
    "popular",
    "possible",
    "problem",
    "problems",
    "pros",
    "cons",
    "provide",
    "provides",
    "purpose",
    "question",
    "reason",
    "reasons",
    "recent",
    "related",
    "result",
    "results",
    "right",
    "role",
    "second",
    "set",
    "show",
    "simple",
    "size",
    "small",
    "start",
    "state",
    "step",
    "steps",
    "take",
    "takes",
    "thing",
    "things",
    "time",
    "today",
    "top",
    "tradeoff",
    "tradeoffs",
    "trade",
    "offs",
    "try",
    "turn",
    "type",
    "types",
    "understand",
    "use",
    "used",
    "useful",
    "user",
    "users",
    "uses",
    "using",
    "various",
    "way",
    "ways",
    "well",
    "whole",
    "work",
    "working",
    "works",
    "world",
    "year",
    "years",
];

/// Function words of other languages written in Latin letters that English lacks. Sorted.
const FOREIGN: &[&str] = &[
    "auf", "avec", "che", "como", "con", "cuál", "cómo", "dans", "das", "dei", "del", "della", "der", "des",
    "die", "een", "ein", "eine", "el", "er", "est", "et", "für", "het", "il", "ist", "jak", "la", "las",
    "le", "les", "los", "mit", "nicht", "och", "op", "os", "para", "per", "por", "pour", "que", "quel",
    "quelle", "qué", "sind", "son", "sont", "sur", "um", "uma", "un", "una", "und", "une", "van", "von",
    "warum", "was", "welche", "wie", "y", "zu",
];

/// A word of a question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    /// Stem in lower case: equal keys mean the same word.
    pub(super) key: String,
    /// As it was written.
    pub(super) surface: String,
    /// How much a match tells, before the page is known.
    pub(super) weight: f64,
}

impl Term {
    /// Could stand in any question.
    pub(crate) fn generic(&self) -> bool {
        self.weight <= GENERIC_WEIGHT
    }

    /// What it is compared by.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// As the question has it.
    pub(crate) fn surface(&self) -> &str {
        &self.surface
    }

    /// How much a match tells.
    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    /// A name or other identifier.
    pub(crate) fn name(&self) -> bool {
        self.weight >= NAME_WEIGHT
    }
}

/// How to read the words of one job: English with stems, or any other language as written.
pub(crate) struct Lexicon {
    english: bool,
}

impl Lexicon {
    /// The lexicon for the language that `text` looks like.
    pub(crate) fn of(text: &str) -> Self {
        Self { english: looks_english(text) }
    }

    /// The text is read as English.
    pub(super) fn english(&self) -> bool {
        self.english
    }

    fn plain<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.english { idioms::plain(text) } else { text.into() }
    }

    /// Key of one word.
    pub(super) fn key(&self, word: &str) -> String {
        let lower = word.to_lowercase().replace('\u{2019}', "'");
        let lower = lower.strip_suffix("'s").unwrap_or(&lower).trim_matches('\'');
        if self.english && lower.is_ascii() && lower.len() > 2 { stem(lower) } else { lower.to_owned() }
    }

    /// Distinct meaningful words of a question in their order, at most [`QUESTION_TERMS_MAX`].
    pub(crate) fn terms(&self, question: &str) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::new();
        let mut start = true;
        for word in words(&self.plain(question)) {
            let lower = word.text.to_lowercase().replace('\u{2019}', "'");
            let lower = lower.strip_suffix("'s").unwrap_or(&lower);
            let first = std::mem::replace(&mut start, word.ends_sentence);
            let digits = word.text.chars().any(|c| c.is_ascii_digit());
            if self.stop(lower) && !(word.text.chars().count() > 1 && mixed_case(word.text)) {
                continue;
            }
            let weight = if word.text.chars().all(|c| c.is_ascii_digit() || c == '.') && !is_year(word.text) {
                NUMBER_WEIGHT
            } else if is_year(word.text) {
                WORD_WEIGHT
            } else if digits
                || mixed_case(word.text)
                || (!first && starts_upper(word.text))
                || word.text.contains(['_', '+', '#', '/'])
            {
                NAME_WEIGHT
            } else if self.english && GENERIC.contains(&lower) {
                GENERIC_WEIGHT
            } else {
                WORD_WEIGHT
            };
            let key = self.key(word.text);
            let surface =
                word.text.strip_suffix("'s").or(word.text.strip_suffix("\u{2019}s")).unwrap_or(word.text);
            let room = terms.len() < QUESTION_TERMS_MAX;
            match terms.iter_mut().find(|t| t.key == key) {
                Some(known) => known.weight = known.weight.max(weight),
                None if room => {
                    terms.push(Term { key, surface: surface.to_owned(), weight });
                }
                None => break,
            }
        }
        terms
    }

    /// Keys of all words of a text, parts of identifiers included, repeated as often as they occur.
    pub(crate) fn keys(&self, text: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for word in words(&self.plain(text)) {
            keys.push(self.key(word.text));
            if word.text.contains(['_', '.', '/']) {
                keys.extend(word.text.split(['_', '.', '/']).filter(|p| !p.is_empty()).map(|p| self.key(p)));
            }
        }
        keys
    }

    /// Keys of the meaningful words of a text.
    pub(super) fn content(&self, text: &str) -> BTreeSet<String> {
        words(&self.plain(text))
            .filter(|w| !self.stop(&w.text.to_lowercase()))
            .map(|w| self.key(w.text))
            .collect()
    }

    /// Says nothing by itself.
    pub(super) fn stop(&self, lower: &str) -> bool {
        if self.english {
            is_stop_word(lower)
                || (lower.len() == 1 && lower.is_ascii() && !lower.starts_with(|c: char| c.is_ascii_digit()))
        } else {
            FOREIGN.binary_search(&lower).is_ok()
                || (lower.is_ascii() && lower.len() < 3 && !lower.starts_with(|c: char| c.is_ascii_digit()))
        }
    }
}

/// A word with its place.
struct Word<'a> {
    text: &'a str,
    /// A sentence ends between this word and the next.
    ends_sentence: bool,
}

/// Words of a text; `C++`, `C#` and `HTTP/3` stay whole.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut behind = 0usize;
    words_as_written(text).filter_map(move |(at, word)| {
        if at < behind {
            return None;
        }
        let after = at + word.len();
        let rest = text.get(after..).unwrap_or_default();
        let extra = if rest.starts_with("++") {
            2
        } else if rest.starts_with('#') && word.len() == 1 {
            1
        } else if rest.starts_with('/') && word.chars().all(|c| c.is_ascii_uppercase()) {
            let digits = rest.chars().skip(1).take_while(|c| c.is_ascii_digit() || *c == '.').count();
            if digits > 0 { digits + 1 } else { 0 }
        } else {
            0
        };
        behind = after + extra;
        let text_of_word = text.get(at..behind).unwrap_or(word).trim_end_matches('.');
        let rest = text.get(behind..).unwrap_or_default();
        let ends_sentence =
            rest.trim_start_matches(['"', ')', '”']).starts_with(['.', '?', '!', ':', '。', '？', '！']);
        Some(Word { text: text_of_word, ends_sentence })
    })
}

/// Without meaning of its own in English.
fn is_stop_word(lower: &str) -> bool {
    is_function_word(lower) || FILLERS.binary_search(&lower).is_ok()
}

/// Years narrow a question as much as words do, and pages of that year name them.
fn is_year(word: &str) -> bool {
    word.len() == 4
        && (word.starts_with("19") || word.starts_with("20"))
        && word.chars().all(|c| c.is_ascii_digit())
}

fn starts_upper(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// An upper-case letter behind the first character.
fn mixed_case(word: &str) -> bool {
    word.chars().skip(1).any(char::is_uppercase)
}

/// Nearly all letters are ASCII and English function words are not outnumbered by others.
fn looks_english(text: &str) -> bool {
    let (mut letters, mut ascii, mut english, mut foreign) = (0usize, 0usize, 0usize, 0usize);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        ascii += usize::from(c.is_ascii());
    }
    for (_, word) in words_as_written(text) {
        let lower = word.to_lowercase();
        let (stop, other) = (is_stop_word(&lower), FOREIGN.binary_search(&lower.as_str()).is_ok());
        english += usize::from(stop && !other);
        foreign += usize::from(other && !stop);
    }
    letters > 0 && ascii * 100 >= letters * 95 && english >= foreign
}

/// The meaningful words of a text, to be held against many others.
pub(crate) struct Subject {
    lexicon: Lexicon,
    words: BTreeSet<String>,
}

impl Subject {
    /// Of a question or a heading.
    pub(crate) fn of(text: &str) -> Self {
        let lexicon = Lexicon::of(text);
        Self { words: lexicon.content(text), lexicon }
    }

    /// How many of them another text has, read in the same language.
    pub(crate) fn shared_with(&self, text: &str) -> usize {
        self.lexicon.content(text).intersection(&self.words).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_lists_can_be_searched() {
        for list in [FILLERS, FOREIGN] {
            assert!(list.windows(2).all(|w| w[0] < w[1]), "{:?}", list.windows(2).find(|w| w[0] >= w[1]));
        }
    }

    fn surfaces(question: &str) -> Vec<(String, bool, bool)> {
        let lexicon = Lexicon::of(question);
        lexicon.terms(question).into_iter().map(|t| (t.surface.clone(), t.generic(), t.name())).collect()
    }

    #[test]
    fn names_weigh_more_and_common_words_less() {
        let expected = [
            ("best", true, false),
            ("async", false, false),
            ("runtime", false, false),
            ("Rust", false, true),
        ];
        let expected: Vec<(String, bool, bool)> =
            expected.iter().map(|(s, g, n)| ((*s).to_owned(), *g, *n)).collect();
        assert_eq!(surfaces("What is the best async runtime in Rust?"), expected);
    }

    #[test]
    fn identifiers_stay_whole_in_a_question() {
        let found: Vec<String> = surfaces("Does C++ beat C# over HTTP/3 with max_columns in Cargo.toml?")
            .into_iter()
            .map(|(s, _, _)| s)
            .collect();
        assert_eq!(found, ["C++", "beat", "C#", "HTTP/3", "max_columns", "Cargo.toml"]);
    }

    #[test]
    fn english_words_share_their_stem_and_others_stay_as_written() {
        let english = Lexicon::of("How are tasks scheduled?");
        assert_eq!(english.key("schedules"), english.key("scheduling"));
        assert_eq!(english.key("PostgreSQL's"), english.key("postgresql"));
        let german = Lexicon::of("Wie funktioniert die Speicherverwaltung?");
        assert!(!german.english());
        assert_eq!(german.key("Häuser"), "häuser");
    }

    #[test]
    fn languages_are_told_apart() {
        assert!(looks_english("tokio async runtime"));
        assert!(looks_english("What is the capital of Mongolia?"));
        assert!(!looks_english("Quelle est la capitale de la Mongolie?"));
        assert!(!looks_english("Что такое владение?"));
        assert!(!looks_english("所有権とは何ですか"));
    }
}
