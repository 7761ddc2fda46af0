//! Quantities in a sentence: value, unit and how exactly they are meant.

use super::statement::is_light;
use super::token::Token;
use super::unit::{currency, number_word, scale_of, unit_of, value_of};
use crate::research::figures::is_figure_word;
use std::collections::BTreeSet;
use std::ops::Range;

/// A quantity as written.
#[derive(Clone, Debug)]
pub(super) struct Quantity {
    pub(super) dimension: Dimension,
    low: f64,
    high: f64,
    /// Half a unit of the last digit that is written: what rounding may hide.
    grain: f64,
    /// The figure ends in zeros, which may be exact or not.
    zeros: bool,
    bound: Bound,
    about: bool,
    /// The figure with its unit, but without what is counted.
    pub(super) tokens: Range<usize>,
}

/// What is measured, as far as the unit says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Dimension {
    /// A unit, or a currency.
    Unit(&'static str),
    /// So many of something: the terms that follow.
    Count(Vec<String>),
    /// A figure alone, behind `is`, `of`, `to`.
    Bare,
}

/// A version of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// The name before it, if any, in lower case.
    pub(super) product: Option<String>,
    pub(super) parts: Vec<u32>,
    /// The figure.
    pub(super) tokens: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Exact,
    /// `up to 512`: a limit, itself comparable with other limits.
    UpTo,
    Above,
    Below,
}

/// Least share by which figures differ that no word calls approximate; makes up for other bases and rounding.
const NEAR: f64 = 0.02;
/// The same for round figures (trailing zeros) and for bytes, where a thousand may be 1,024.
const ROUND: f64 = 0.08;
/// The same where a word calls one of them approximate.
const ABOUT: f64 = 0.15;

impl Quantity {
    /// Whether both can be true of one thing.
    pub(super) fn allows(&self, other: &Self) -> bool {
        let same_limit = self.bound == Bound::UpTo && other.bound == Bound::UpTo;
        let (a, b) = if same_limit {
            ((self.low, self.high), (other.low, other.high))
        } else {
            (self.span(), other.span())
        };
        if a.0 <= b.1 && b.0 <= a.1 {
            return true;
        }
        let (x, y) = if a.1 < b.0 { (a.1, b.0) } else { (a.0, b.1) };
        let gap = (x - y).abs();
        let share = gap / x.abs().max(y.abs()).max(f64::MIN_POSITIVE);
        let bytes = self.dimension == Dimension::Unit("byte");
        // The coarser figure may be the finer one rounded; one with zeros at its end only within reason.
        let coarser = if self.grain > other.grain { self } else { other };
        let rounded = self.grain != other.grain && gap <= coarser.grain && (!coarser.zeros || share <= ROUND);
        share <= NEAR
            || (bytes && share <= ROUND)
            || ((self.about || other.about) && share <= ABOUT)
            || rounded
    }

    /// What it may be, as a span.
    fn span(&self) -> (f64, f64) {
        match self.bound {
            Bound::Exact => (self.low, self.high),
            Bound::UpTo | Bound::Below => (f64::NEG_INFINITY, self.high),
            Bound::Above => (self.low, f64::INFINITY),
        }
    }

    /// Whether both measure the same kind of thing. Counts are told by what is counted: the last noun must be the same.
    pub(super) fn is_comparable(&self, other: &Self) -> bool {
        match (&self.dimension, &other.dimension) {
            (Dimension::Unit(a), Dimension::Unit(b)) => a == b,
            (Dimension::Count(a), Dimension::Count(b)) => a.last().is_some() && a.last() == b.last(),
            (Dimension::Bare, Dimension::Bare) => true,
            _ => false,
        }
    }
}

impl Version {
    /// Whether one may stand for the other: `1.85` for `1.85.0`, `1.x` for all of them.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.parts.iter().zip(&other.parts).all(|(a, b)| a == b)
    }

    /// Whether the first number is greater.
    pub(super) fn is_major_of(&self, other: &Self) -> bool {
        self.parts.first() > other.parts.first()
    }

    /// Whether they are of one thing, as far as they say.
    pub(super) fn is_of_same(&self, other: &Self) -> bool {
        self.product.is_none() || other.product.is_none() || self.product == other.product
    }
}

/// Quantities and versions of a sentence; `dated` says which tokens are dates.
/// `names` holds words that are names though they may be written small, in lower case.
pub(super) fn read(
    tokens: &[Token],
    dated: &[Range<usize>],
    names: &BTreeSet<String>,
) -> (Vec<Quantity>, Vec<Version>) {
    let (mut quantities, mut versions) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        if let Some(date) = dated.iter().find(|range| range.contains(&at)) {
            at = date.end.max(at + 1);
            continue;
        }
        let Some(figure) = Figure::at(tokens, at) else {
            at += 1;
            continue;
        };
        let end = if let Some(version) = figure.version(tokens, names) {
            let end = version.tokens.end;
            versions.push(version);
            end
        } else if let Some(quantity) = figure.quantity(tokens) {
            let end = quantity.tokens.end;
            quantities.push(quantity);
            end
        } else {
            figure.end
        };
        at = end.max(at + 1);
    }
    (quantities, versions)
}

/// A number, or a range of two.
struct Figure {
    start: usize,
    end: usize,
    text: String,
    low: f64,
    high: f64,
    grain: f64,
    /// A scale such as `million` was named.
    scaled: bool,
}

impl Figure {
    fn at(tokens: &[Token], at: usize) -> Option<Self> {
        let token = tokens.get(at)?;
        // Of "two hundred and five" no word is a figure of its own; runs of words are not read here.
        let numeral = |place: Option<usize>| {
            place.and_then(|i| tokens.get(i)).is_some_and(|t| t.is_word() && is_figure_word(&t.folded))
        };
        let before = at.checked_sub(1).and_then(|i| tokens.get(i));
        let in_run = numeral(at.checked_sub(1))
            || (before.is_some_and(|t| t.text == "-") && numeral(at.checked_sub(2)));
        let word = if token.is_word() && !in_run { number_word(&token.folded) } else { None };
        let text = word.map_or_else(|| token.text.clone(), |n| n.to_string());
        if word.is_none() && !token.is_number() {
            return None;
        }
        // Letters right before digits make a name: p99, utf8, B52.
        if token.glued && at.checked_sub(1).and_then(|i| tokens.get(i)).is_some_and(Token::is_word) {
            return None;
        }
        let (mut value, mut grain) = value_of(&text)?;
        let mut end = at + 1;
        let mut scaled = false;
        if let Some(factor) = tokens.get(end).and_then(scale_of) {
            (value, grain, end, scaled) = (value * factor, grain * factor, end + 1, true);
        }
        let mut figure = Self { start: at, end, text, low: value, high: value, grain, scaled };
        figure.extend(tokens);
        Some(figure)
    }

    /// `5-10`, `5 to 10`, `between 5 and 10`: one span.
    fn extend(&mut self, tokens: &[Token]) {
        let Some(joint) = tokens.get(self.end) else { return };
        let between = self.start.checked_sub(1).and_then(|i| tokens.get(i)).is_some_and(|t| t.is("between"));
        let joins =
            joint.is("-") || joint.is("–") || joint.is("—") || joint.is("to") || (joint.is("and") && between);
        let Some(second) = tokens.get(self.end + 1).filter(|t| joins && t.is_number()) else { return };
        let Some((mut value, _)) = value_of(&second.text) else { return };
        let mut end = self.end + 2;
        if let Some(factor) = tokens.get(end).and_then(scale_of) {
            value *= factor;
            end += 1;
            if !self.scaled {
                self.low *= factor;
            }
        }
        (self.low, self.high, self.end) = (self.low.min(value), self.low.max(value), end);
    }

    fn version(&self, tokens: &[Token], names: &BTreeSet<String>) -> Option<Version> {
        let dots = self.text.matches('.').count();
        if self.scaled || self.low < self.high || self.text.contains(',') || self.unit(tokens).is_some() {
            return None;
        }
        let before = self.start.checked_sub(1).and_then(|i| tokens.get(i));
        let says = before.is_some_and(|t| VERSION_WORDS.contains(&t.folded.as_str()));
        // The first word of a sentence is written large anyway, so only its dotted figure makes a version.
        let named = before.is_some_and(|t| {
            let known = names.contains(&t.folded);
            let large = t.is_capital() && (self.start > 1 || dots > 0 || known);
            (large || (known && dots > 0)) && t.term.is_some() && !NUMBERED.contains(&t.folded.as_str())
        });
        // "The latest release of Django is 5.2."
        let is = before
            .is_some_and(|t| matches!(t.folded.as_str(), "is" | "was" | "remains" | "at" | "ist" | "est"));
        let says = says || (is && self.names_version(tokens));
        let light = tokens.get(self.end).is_some_and(|t| is_light(&t.folded));
        let counted = dots == 0 && !light && self.counted(tokens).is_some();
        // The number of a heading is no version.
        if self.start == 0 || !(dots >= 2 || self.text.ends_with(".x") || says || (named && !counted)) {
            return None;
        }
        let parts: Vec<u32> = self.text.split('.').filter_map(|part| part.parse().ok()).collect();
        let name = if says { self.start.checked_sub(2).and_then(|i| tokens.get(i)) } else { before };
        let product = name
            .filter(|t| (t.is_capital() || names.contains(&t.folded)) && t.term.is_some())
            .map(|t| t.folded.clone());
        (!parts.is_empty()).then_some(Version { product, parts, tokens: self.start..self.end })
    }

    /// Whether a word for a version stands shortly before.
    fn names_version(&self, tokens: &[Token]) -> bool {
        let before = tokens.get(self.start.saturating_sub(VERSION_NEAR)..self.start).unwrap_or_default();
        before.iter().any(|t| VERSION_WORDS.contains(&t.folded.as_str()))
    }

    /// Whether a word for a limit stands shortly before: `the maximum size is`.
    fn is_limit(&self, tokens: &[Token]) -> bool {
        let before = tokens.get(self.start.saturating_sub(LIMIT_NEAR)..self.start).unwrap_or_default();
        before.iter().any(|t| matches!(t.folded.as_str(), "maximum" | "max" | "limit" | "limits" | "limited"))
    }

    fn quantity(&self, tokens: &[Token]) -> Option<Quantity> {
        let before = |n: usize| self.start.checked_sub(n).and_then(|i| tokens.get(i));
        let word_before = |n: usize| before(n).map_or("", |t| t.folded.as_str());
        if before(1).is_some_and(|t| t.is("#") || NUMBERED.contains(&t.folded.as_str())) {
            return None;
        }
        let (dimension, factor, end) = if let Some(currency) = before(1).and_then(|t| currency(&t.folded)) {
            (Dimension::Unit(currency), 1.0, self.end)
        } else if let Some((unit, factor, end)) = self.unit(tokens) {
            (Dimension::Unit(unit), factor, end)
        } else if let Some((terms, end)) = self.counted(tokens) {
            (Dimension::Count(terms), 1.0, end)
        } else if matches!(
            word_before(1),
            "is" | "was" | "are" | "of" | "to" | "at" | "=" | ":" | "be" | "port"
        ) {
            let near = tokens.get(self.start.saturating_sub(LIMIT_NEAR)..self.start).unwrap_or_default();
            let people = near.iter().any(|t| t.is("population"));
            (if people { Dimension::Unit("people") } else { Dimension::Bare }, 1.0, self.end)
        } else {
            return None;
        };
        let counted = matches!(dimension, Dimension::Count(_));
        let plus = tokens.get(self.end).is_some_and(|t| t.is("+"));
        let after = |n: usize| tokens.get(end + n).map_or("", |t| t.folded.as_str());
        let hedge = if before(1).is_some_and(|t| currency(&t.folded).is_some()) { 1 } else { 0 };
        let (one, two, three) = (word_before(1 + hedge), word_before(2 + hedge), word_before(3 + hedge));
        let bound = if plus || (after(0) == "or" && after(1) == "more") {
            Bound::Above
        } else {
            match bound_of(three, two, one) {
                Bound::Exact if self.is_limit(tokens) => Bound::UpTo,
                bound => bound,
            }
        };
        let about = matches!(
            one,
            "about"
                | "around"
                | "roughly"
                | "approximately"
                | "circa"
                | "ca"
                | "some"
                | "nearly"
                | "almost"
                | "~"
                | "≈"
                | "approx"
                | "estimated"
                | "etwa"
                | "rund"
                | "environ"
        ) || (one == "." && matches!(two, "approx" | "ca"));
        Some(Quantity {
            dimension,
            low: self.low * factor,
            high: self.high * factor,
            grain: self.grain * factor,
            zeros: self.low >= 10.0 && self.text.ends_with('0'),
            bound,
            about,
            tokens: self.start..if counted { self.end } else { end },
        })
    }

    /// Unit, factor to its base, and the token behind it.
    fn unit(&self, tokens: &[Token]) -> Option<(&'static str, f64, usize)> {
        let hyphen = tokens.get(self.end).is_some_and(|t| t.is("-") && t.glued);
        let at = self.end + usize::from(hyphen);
        let token = tokens.get(at)?;
        let next = tokens.get(at + 1);
        if token.is("percentage") || (token.is("per") && next.is_some_and(|t| t.is("cent"))) {
            return Some((if token.is("per") { "%" } else { "point" }, 1.0, at + 2));
        }
        let (unit, factor) = unit_of(token)?;
        // "4.2 megawatt hours"
        if unit == "watt" && next.is_some_and(|t| t.is("hour") || t.is("hours")) {
            return Some(("watt hour", factor, at + 2));
        }
        Some((unit, factor, at + 1))
    }

    /// The nouns behind the figure: up to three content words, ending at a word of grammar or a sign.
    fn counted(&self, tokens: &[Token]) -> Option<(Vec<String>, usize)> {
        let mut end = self.end;
        // "2-tuple", "64-bit": a kind, not a number of things.
        if tokens.get(end).is_some_and(|t| t.is("-") && t.glued) {
            return None;
        }
        end += usize::from(tokens.get(end).is_some_and(|t| t.is("+")));
        let mut terms = Vec::new();
        while let Some(token) = tokens.get(end).filter(|_| terms.len() < COUNTED_WORDS_MAX) {
            let Some(term) = token.term.clone().filter(|_| !VERBS.contains(&token.folded.as_str())) else {
                if token.is("-") && token.glued {
                    end += 1;
                    continue;
                }
                break;
            };
            terms.push(term);
            end += 1;
        }
        (!terms.is_empty()).then_some((terms, end))
    }
}

/// Content words behind a figure that may name what is counted: `512 blocking worker threads`.
const COUNTED_WORDS_MAX: usize = 3;
/// Verbs and adverbs that may follow a figure and are not what is counted.
const VERBS: [&str; 16] = [
    "depend",
    "depends",
    "depending",
    "run",
    "running",
    "using",
    "used",
    "today",
    "currently",
    "overall",
    "faster",
    "slower",
    "higher",
    "lower",
    "higher",
    "worldwide",
];
/// Tokens before a figure in which a word for a limit is looked for.
const LIMIT_NEAR: usize = 9;
/// Tokens before `is` in which a word for a version is looked for: `latest release of the project is`.
const VERSION_NEAR: usize = 8;
const VERSION_WORDS: [&str; 6] = ["version", "versions", "release", "releases", "v", "msrv"];
/// Words whose figure is a name.
const NUMBERED: [&str; 36] = [
    "rfc", "pep", "iso", "iec", "ieee", "page", "pages", "chapter", "section", "figure", "fig", "table",
    "issue", "step", "part", "volume", "vol", "article", "rule", "line", "no", "number", "level", "tier",
    "class", "type", "grade", "phase", "appendix", "question", "http", "error", "code", "status", "room",
    "top",
];

fn bound_of(three: &str, two: &str, one: &str) -> Bound {
    match (three, two, one) {
        (_, "up", "to")
        | (_, "at", "most")
        | (_, "maximum", "of")
        | (_, "limited", "to")
        | ("no", "more", "than") => Bound::UpTo,
        (_, "at", "least")
        | (_, "minimum", "of")
        | (_, "more", "than")
        | ("no", "fewer" | "less", "than") => Bound::Above,
        (_, _, "over" | "above" | "exceeding" | "exceeds" | ">" | "≥" | "least") => Bound::Above,
        (_, "less" | "fewer", "than") | (_, _, "under" | "below" | "<" | "≤") => Bound::Below,
        _ => Bound::Exact,
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn one(text: &str) -> Quantity {
        let (quantities, _) = read(&tokens(text), &[], &BTreeSet::new());
        assert_eq!(quantities.len(), 1, "{text}: {quantities:?}");
        quantities[0].clone()
    }

    fn allows(a: &str, b: &str) -> bool {
        let (a, b) = (one(a), one(b));
        assert!(a.is_comparable(&b), "{a:?} {b:?}");
        a.allows(&b) && b.allows(&a)
    }

    #[test]
    fn spellings_roundings_bounds_and_ranges_of_one_value_agree() {
        for (a, b) in [
            ("1,000 users", "1000 users"),
            ("1k users", "one of 1,000 users"),
            ("1 million users", "1,000,000 users"),
            ("1.5 million users", "1,500,000 users"),
            ("a 1.8x gain", "a 1.77x gain"),
            ("about 40 percent", "38 %"),
            ("at least 10 ms", "12 ms"),
            ("more than 10 ms", "more than 12 ms"),
            ("10+ users", "15 users"),
            ("5-10 ms", "7 ms"),
            ("between 5 and 10 ms", "8 to 12 ms"),
            ("1 s", "1000 ms"),
            ("64 KB", "65,536 bytes"),
            ("64 kB", "65.5 KB"),
            ("up to 512 threads", "256 threads"),
            ("$1.5 billion", "1,500 million dollars"),
            ("three users", "3 users"),
            ("4 weeks", "28 days"),
        ] {
            assert!(allows(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn other_values_do_not() {
        for (a, b) in [
            ("256 threads", "512 threads"),
            ("up to 256 threads", "up to 512 threads"),
            ("up to 256 threads", "512 threads"),
            ("40 percent", "25 percent"),
            ("about 40 percent", "60 %"),
            ("at least 10 ms", "8 ms"),
            ("5-10 ms", "12-15 ms"),
            ("1 s", "100 ms"),
            ("100 users", "128 users"),
            ("4 KB", "8 KB"),
            ("a 1.8x gain", "a 1.5x gain"),
            ("two users", "3 users"),
        ] {
            assert!(!allows(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn what_is_measured_is_told_by_unit_and_noun() {
        for (a, b) in [
            ("5 ms", "5 MB"),
            ("5 percent", "5 percentage points"),
            ("5 users", "5 threads"),
            ("5 percent", "5 users"),
            ("$5", "5 euros"),
        ] {
            assert!(!one(a).is_comparable(&one(b)), "{a} | {b}");
        }
        assert!(one("512 blocking threads").is_comparable(&one("256 threads")));
    }

    #[test]
    fn a_version_is_no_quantity() {
        let versions = |text: &str| read(&tokens(text), &[], &BTreeSet::new()).1;
        for (text, product) in [
            ("Rust 1.85.0 is out", Some("rust")),
            ("since version 2.3", None),
            ("the Tokio 2.0 timers", Some("tokio")),
            ("in PostgreSQL 15, it", Some("postgresql")),
            ("still at 1.38.1", None),
        ] {
            let found = versions(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!(found[0].product.as_deref(), product, "{text}");
        }
        for text in [
            "RFC 2739 says",
            "page 12",
            "About 50 users",
            "it is 1.77x slower",
            "it took 1.5 ms",
            "In May 20 users",
        ] {
            assert_eq!(versions(text), [], "{text}");
        }
        let (a, b, c) = (&versions("Rust 1.85.0")[0], &versions("Rust 1.85")[0], &versions("Rust 1.x")[0]);
        assert!(a.is_same(b) && b.is_same(c) && !a.is_same(&versions("Rust 1.75")[0]));
    }
}
