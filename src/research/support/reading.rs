//! Text taken apart for comparison: sentences, their clauses, and what stands where in them.

use super::alike::{holds, meaning, term_of};
use super::hedges::Hedges;
use super::lexicon::is_calendar_name;
use super::scales::{Mark, marks};
use super::units::{Unit, is_unit, mentioned, unit_at};
use crate::research::denial::Denials;
use crate::research::figures::{Located, is_figure_word, located};
use crate::text::sentence::sentences;
use crate::text::{folded, words};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// Most words of one text that are compared: twice the longest quote at 5 characters a word.
const WORDS_MAX: usize = 240;
/// Most figures of one sentence that are compared: a row of thirty cells with two in each.
const FIGURES_MAX: usize = 60;
/// Bytes between the end of a figure and its unit, with a word of scale between them: `2.4 million euros`.
const UNIT_GAP_BYTES: usize = 10;
/// Fewest content terms of a clause without a figure; less joins the clause before it.
const CLAUSE_TERMS_MIN: usize = 2;

/// Characters of the surroundings that are read closely: two or three sentences.
const TAIL_CHARS: usize = 400;

/// One word of a clause.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// As it is compared letter by letter.
    pub(super) word: String,
    /// What it stands for; `None` for words of grammar.
    pub(super) term: Option<String>,
    /// The same before synonyms were made one.
    pub(super) stem: Option<String>,
    /// A name or an identifier.
    pub(super) anchor: bool,
    /// Written with a capital.
    pub(super) capital: bool,
    /// A comma stands before it.
    pub(super) after_comma: bool,
    at: usize,
}

/// A figure with what it counts.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    pub(super) figure: Located,
    pub(super) unit: Option<Unit>,
    /// The content word right behind the figure, if no unit is known: what it counts.
    pub(super) counted: Option<String>,
}

/// A sentence, or the part of one that says one thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Clause {
    pub(super) tokens: Vec<Token>,
    pub(super) terms: BTreeSet<String>,
    pub(super) anchors: BTreeSet<String>,
    pub(super) measures: Vec<Measure>,
    pub(super) marks: Vec<Mark>,
    pub(super) hedges: Hedges,
}

/// A sentence, taken apart further once that is asked for: most statements are quotes word for word.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence {
    pub(super) whole: Clause,
    text: String,
    /// Its words, without what stands before the first and behind the last.
    written: Range<usize>,
    clauses: OnceCell<Vec<Clause>>,
    denials: OnceCell<Denials>,
}

/// A text as it is compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) sentences: Vec<Sentence>,
    /// Every unit that the text names, with a figure or without.
    pub(super) units: BTreeSet<Unit>,
    /// The text has more words or figures than are compared.
    pub(super) cut: bool,
}

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        let text = without_addresses(text);
        let mut left = Left { words: WORDS_MAX, cut: false };
        let mut sentences_read = Vec::new();
        for range in sentences(&text) {
            if left.cut {
                break;
            }
            sentences_read.push(Sentence::of(text.get(range).unwrap_or_default(), &mut left));
        }
        Self { sentences: sentences_read, units: mentioned(&text), cut: left.cut }
    }

    /// Units and words of scales at the end of a longer text: what stands nearest to what follows it.
    pub(super) fn of_tail(text: &str) -> (BTreeSet<Unit>, Vec<Mark>) {
        let start = text.char_indices().rev().nth(TAIL_CHARS).map_or(0, |(at, _)| at);
        let text = without_addresses(text.get(start..).unwrap_or_default());
        let mut left = Left { words: WORDS_MAX, cut: false };
        let mut found = Vec::new();
        for range in sentences(&text) {
            if left.cut {
                break;
            }
            found.extend(marks(&Sentence::tokens(text.get(range).unwrap_or_default(), &mut left).0));
        }
        (mentioned(&text), found)
    }

    /// Takes only `names` for names: who states something knows them better than the spelling tells.
    pub(super) fn name_only(&mut self, names: &[String]) {
        for sentence in &mut self.sentences {
            let clauses = sentence.clauses.get_mut().into_iter().flatten();
            clauses.chain([&mut sentence.whole]).for_each(|clause| clause.name_only(names));
        }
    }

    /// Content terms, synonyms as one, without units and dates.
    pub(super) fn terms(&self) -> BTreeSet<String> {
        self.sentences.iter().flat_map(|s| s.whole.terms.iter().cloned()).collect()
    }

    pub(super) fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.sentences.iter().flat_map(Sentence::clauses)
    }
}

/// What of a text may still be read.
struct Left {
    words: usize,
    cut: bool,
}

impl Sentence {
    fn of(text: &str, left: &mut Left) -> Self {
        let (tokens, measures) = Self::tokens(text, left);
        let start = tokens.first().map_or(0, |t| t.at);
        let end = tokens.last().map_or(0, |t| t.at + t.word.len()).min(text.len());
        let words = start..end.max(start);
        let written = if text.get(words.clone()).is_some() { words } else { 0..text.len() };
        let (clauses, denials) = (OnceCell::new(), OnceCell::new());
        Self { whole: Clause::of(tokens, measures), text: text.to_owned(), written, clauses, denials }
    }

    /// Its parts; a sentence that says one thing is its only one.
    pub(super) fn clauses(&self) -> &[Clause] {
        self.clauses.get_or_init(|| {
            // What belongs to what is told by order then, not by clauses.
            if self.whole.tokens.iter().any(|t| t.word == "respectively") {
                vec![self.whole.clone()]
            } else {
                self.whole.split(&self.text)
            }
        })
    }

    /// What it denies.
    pub(super) fn denials(&self) -> &Denials {
        let written = self.text.get(self.written.clone()).unwrap_or_default();
        self.denials.get_or_init(|| Denials::of(written))
    }

    /// Words and figures, units told from words.
    fn tokens(text: &str, left: &mut Left) -> (Vec<Token>, Vec<Measure>) {
        let tokens = tokens(text, left);
        let mut figures = located(text);
        figures.retain(|f| tokens.last().is_some_and(|t| f.range.start <= t.at + t.word.len()));
        left.cut |= figures.len() > FIGURES_MAX;
        figures.truncate(FIGURES_MAX);
        let mut measures: Vec<Measure> = Vec::new();
        for (i, figure) in figures.iter().enumerate() {
            let unit = unit_at(text, &figure.range, figures.get(i + 1).map(|f| &f.range));
            let behind = tokens.iter().find(|t| t.at >= figure.range.end);
            let gap = behind.and_then(|t| text.get(figure.range.end..t.at));
            let near = gap.is_some_and(|gap| matches!(gap, " " | "\u{a0}" | "\u{202f}" | "-"));
            let counted = behind.filter(|_| near && unit.is_none()).and_then(|t| t.term.clone());
            measures.push(Measure { figure: figure.clone(), unit, counted });
        }
        let mut tokens = tokens;
        for token in &mut tokens {
            // What a figure counts by is judged with the figure.
            if measures.iter().any(|m| {
                m.unit.is_some()
                    && token.at >= m.figure.range.start
                    && token.at <= m.figure.range.end + UNIT_GAP_BYTES
            }) && is_unit(&token.word)
            {
                (token.term, token.stem) = (None, None);
            }
        }
        (tokens, measures)
    }
}

impl Clause {
    /// How much a part of a quote has of this clause; names and figures count twice.
    pub(super) fn shared(&self, part: &Self) -> usize {
        let words = self.terms.iter().filter(|t| holds(&part.terms, t));
        let words: usize = words.map(|t| 1 + usize::from(self.anchors.contains(t))).sum();
        let stands = |m: &&Measure| part.measures.iter().any(|q| q.figure.vouches_for(&m.figure));
        words + 2 * self.measures.iter().filter(stands).count()
    }

    fn name_only(&mut self, names: &[String]) {
        let named = |term: &String| names.iter().any(|n| n == term || meaning(n) == term);
        self.anchors.retain(named);
        for token in &mut self.tokens {
            token.anchor = token.anchor && token.term.as_ref().is_some_and(named);
        }
    }

    fn of(tokens: Vec<Token>, measures: Vec<Measure>) -> Self {
        Self {
            terms: tokens.iter().filter_map(|t| t.term.clone()).collect(),
            anchors: tokens.iter().filter(|t| t.anchor).filter_map(|t| t.term.clone()).collect(),
            marks: marks(&tokens),
            hedges: Hedges::of(&tokens),
            tokens,
            measures,
        }
    }

    /// Cuts a sentence where another statement begins: at semicolons, at conjunctions between parts that both say
    /// something, and at commas between parts that both have figures.
    fn split(&self, text: &str) -> Vec<Self> {
        let mut parts: Vec<Vec<Token>> = vec![Vec::new()];
        let mut end = 0;
        for token in &self.tokens {
            let gap = text.get(end..token.at).unwrap_or_default();
            let opens = matches!(
                token.word.as_str(),
                "and"
                    | "but"
                    | "while"
                    | "whereas"
                    | "which"
                    | "who"
                    | "although"
                    | "though"
                    | "because"
                    | "when"
                    | "if"
                    | "unless"
                    | "und"
                    | "aber"
                    | "et"
                    | "mais"
                    | "y"
                    | "pero"
                    | "e"
                    | "ma"
                    | "en"
                    | "maar"
            );
            let cut = gap.contains([';', ':', '(', ')', '\u{2014}', '\u{2013}', '|']) || opens;
            let subject = matches!(
                token.word.as_str(),
                "the" | "a" | "an" | "its" | "der" | "die" | "das" | "le" | "la" | "el"
            );
            let comma = gap.contains(',') && (self.measures.len() > 1 || subject);
            if cut || comma {
                parts.push(Vec::new());
            }
            end = token.at + token.word.len();
            if let Some(part) = parts.last_mut() {
                part.push(token.clone());
            }
        }
        let starts: Vec<usize> = parts.iter().filter_map(|p| p.first()).map(|t| t.at).collect();
        let mut clauses: Vec<Self> = Vec::new();
        let parts = parts.into_iter().filter(|p| !p.is_empty());
        let mut pending: Vec<Token> = Vec::new();
        for (n, part) in parts.enumerate() {
            let from = pending.first().or(part.first()).map_or(0, |t| t.at);
            let to = starts.get(n + 1).copied().unwrap_or(usize::MAX);
            pending.extend(part);
            let says = |tokens: &[Token], own: &[Measure]| {
                let terms = tokens.iter().filter(|t| t.term.is_some()).count();
                let counts = own.len() > 1 || own.iter().any(|m| m.unit.is_some());
                terms >= CLAUSE_TERMS_MIN || (!own.is_empty() && (terms > 0 || counts))
            };
            let own: Vec<Measure> = self
                .measures
                .iter()
                .filter(|m| (from..to).contains(&m.figure.range.start))
                .cloned()
                .collect();
            if pending.len() == self.tokens.len() && own.len() == self.measures.len() {
                return vec![self.clone()];
            }
            if says(&pending, &own) {
                clauses.push(Self::of(std::mem::take(&mut pending), own));
            } else if let Some(last) = clauses.pop() {
                let mut tokens = last.tokens;
                tokens.append(&mut pending);
                let mut measures = last.measures;
                measures.extend(own);
                clauses.push(Self::of(tokens, measures));
            }
        }
        if clauses.is_empty() { vec![self.clone()] } else { clauses }
    }
}

fn tokens(text: &str, left: &mut Left) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut end = 0;
    for (at, word) in words(text) {
        if found.len() >= left.words {
            left.cut = true;
            break;
        }
        let gap = text.get(end..at).unwrap_or_default();
        let inner = word.chars().skip(1).any(|c| c.is_uppercase() || c == '_')
            || (word.contains(|c: char| c.is_ascii_digit()) && word.starts_with(char::is_alphabetic));
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let low = folded(word);
        let stem = term_of(word).filter(|t| !t.starts_with(|c: char| c.is_ascii_digit()));
        let stem =
            stem.filter(|_| !is_grammar_elsewhere(&low) && !is_figure_word(&low) && !is_calendar_name(&low));
        // "Series B" and "Series A" are two things.
        let label =
            capital && word.len() == 1 && found.last().is_some_and(|t| t.term.is_some() && gap == " ");
        let stem = stem.or_else(|| label.then(|| format!("{low}'")));
        found.push(Token {
            word: low,
            anchor: stem.is_some() && (inner || capital),
            term: stem.as_ref().map(|t| if inner { t.clone() } else { meaning(t).to_owned() }),
            stem,
            capital,
            after_comma: gap.contains(','),
            at,
        });
        end = at + word.len();
    }
    left.words = left.words.saturating_sub(found.len());
    found
}

/// Words of grammar of other languages, those left out that mean something in English.
fn is_grammar_elsewhere(word: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "als", "am", "au", "auf", "aus", "aux", "bei", "che", "con", "da", "dans", "das", "dat", "de", "del", "dem", "den", "der", "des", "di",
        "du", "een", "ein", "eine", "einem", "einen", "einer", "el", "en", "es", "est", "et", "fue", "fut", "f\u{fc}r", "gli", "ha", "hat", "het", "il", "im", "ist", "la",
        "las", "le", "les", "lo", "los", "mit", "nach", "op", "ou", "par", "pour", "que", "qui", "se", "sind", "sont", "sur", "te", "um", "un", "una",
        "und", "une", "van", "vom", "von", "wie", "wird", "worden", "wurde", "wurden", "y", "zu", "zum", "zur", "\u{e8}", "\u{e9}t\u{e9}",
    ];
    debug_assert!(WORDS.is_sorted(), "for the search");
    WORDS.binary_search(&word).is_ok()
}

/// The text with addresses and the targets of links blanked out: they are no words that bear anything out.
pub(super) fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, mark)) = next_address(rest) {
        let head = rest.get(..at).unwrap_or_default();
        let scheme = head.len() - head.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len();
        let (kept, tail) = match mark {
            "](" => (at + 1, rest.get(at + 1..).unwrap_or_default()),
            "://" => (at - scheme, rest.get(at - scheme..).unwrap_or_default()),
            _ => (at, rest.get(at..).unwrap_or_default()),
        };
        out.push_str(rest.get(..kept).unwrap_or_default());
        let stop: &[char] =
            if mark == "](" { &[')', '\n'] } else { &[' ', '\n', '\t', ')', ']', '>', '"', '`', '|'] };
        let len = tail.find(stop).unwrap_or(tail.len()).max(mark.len().min(tail.len()));
        out.extend(std::iter::repeat_n(' ', len));
        rest = tail.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Where the next address or target of a link is told by which sign.
fn next_address(text: &str) -> Option<(usize, &'static str)> {
    text.match_indices([']', ':', 'w']).find_map(|(at, _)| {
        let tail = text.get(at..)?;
        ["](", "://", "www."].into_iter().find(|mark| tail.starts_with(mark)).map(|mark| (at, mark))
    })
}

/// Hosts and addresses that a text names, lower case, without scheme and without what follows the host.
pub(super) fn hosts(text: &str) -> BTreeSet<String> {
    let piece = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    text.split(|c: char| !piece(c))
        .map(|p| p.trim_matches(['.', '-']).to_ascii_lowercase())
        .filter(|p| {
            let labels: Vec<&str> = p.split('.').collect();
            labels.len() >= 2
                && labels.iter().all(|l| !l.is_empty())
                && labels.last().is_some_and(|l| TOP_LEVEL.contains(l))
        })
        .collect()
}

/// Endings that make dotted words an address wherever they stand: the common ones and those kept for examples.
const TOP_LEVEL: [&str; 15] = [
    "com", "org", "net", "io", "dev", "example", "test", "info", "edu", "gov", "invalid", "app", "site",
    "xyz", "eu",
];
