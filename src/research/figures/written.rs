//! Figures written in words: runs such as "two million", "twenty-five" and "one hundred and five", read as one.

use crate::text::{folded, words};
use std::ops::Range;

/// Most words of one run: "nine hundred and ninety-nine million nine hundred and ninety-nine thousand and one" has thirteen.
const RUN_WORDS_MAX: usize = 16;

/// Every figure in words with its place, in order.
pub(super) fn written(text: &str) -> Vec<(Range<usize>, u64)> {
    let list: Vec<(usize, &str, Kind)> =
        words(text).map(|(at, word)| (at, word, kind(&folded(word)))).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < list.len() {
        let (taken, value) = run(text, list.get(at..).unwrap_or_default());
        let first = list.get(at);
        let last = list.get(at + taken.max(1) - 1);
        if let (Some(value), Some((start, ..)), Some((end, word, _))) = (value, first, last) {
            // "half a million", but not "in the second half two goals".
            let behind_half =
                at.checked_sub(1).and_then(|i| list.get(i)).is_some_and(|(_, w, _)| folded(w) == "half");
            let halved = behind_half && list.get(at).is_some_and(|(.., kind)| *kind == Kind::Article);
            found.push((*start..end + word.len(), if halved { value / 2 } else { value }));
        }
        at += taken.max(1);
    }
    found
}

/// Whether a lower-case word is one of those that figures are written with.
pub(super) fn is_number_word(word: &str) -> bool {
    matches!(kind(word), Kind::Small(_) | Kind::Dozen | Kind::Hundred | Kind::Scale(_))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Below a hundred.
    Small(u64),
    /// "fifth" in "twenty-fifth".
    Ordinal(u64),
    Dozen,
    Hundred,
    Scale(u64),
    /// "a", which is one before a hundred.
    Article,
    And,
    Other,
}

/// How many words from the first on make one figure, and its value.
fn run(text: &str, list: &[(usize, &str, Kind)]) -> (usize, Option<u64>) {
    let at = |i: usize| list.get(i).map_or(Kind::Other, |(_, _, kind)| *kind);
    let joined = |i: usize| -> bool {
        let Some(((from, word, _), (to, ..))) = i.checked_sub(1).and_then(|b| list.get(b)).zip(list.get(i))
        else {
            return false;
        };
        text.get(from + word.len()..*to).is_some_and(|gap| gap.chars().all(|c| c.is_whitespace() || c == '-'))
    };
    let hyphened = |i: usize| {
        list.get(i).is_some_and(|(start, ..)| text.get(..*start).is_some_and(|before| before.ends_with('-')))
    };
    let (mut total, mut part) = match (at(0), at(1)) {
        (Kind::Small(value), _) => (0_u64, value),
        (Kind::Article, Kind::Dozen | Kind::Hundred | Kind::Scale(_)) => (0, 1),
        _ => return (1, None),
    };
    let mut before = at(0);
    let mut taken = 1;
    while taken < RUN_WORDS_MAX && joined(taken) {
        let open = matches!(before, Kind::Hundred | Kind::Scale(_));
        match (before, at(taken)) {
            (Kind::Small(20..), Kind::Small(unit @ 1..=9)) if part % 10 == 0 => {
                part = part.saturating_add(unit);
            }
            // "twenty third-party crates" are twenty.
            (Kind::Small(20..), Kind::Ordinal(unit)) if part % 10 == 0 && hyphened(taken) => {
                part = part.saturating_add(unit);
            }
            (_, Kind::Small(value)) if open => part = part.saturating_add(value),
            (_, Kind::Dozen) if (1..100).contains(&part) => part = part.saturating_mul(12),
            (_, Kind::Hundred) if (1..100).contains(&part) => part = part.saturating_mul(100),
            (_, Kind::Scale(scale)) if part > 0 => {
                total = total.saturating_add(part.saturating_mul(scale));
                part = 0;
            }
            // "between one hundred and five hundred" names two figures.
            (_, Kind::And)
                if open
                    && joined(taken + 1)
                    && matches!(at(taken + 1), Kind::Small(_))
                    && at(taken + 2) != Kind::Hundred
                    && !matches!((before, at(taken + 2)), (Kind::Scale(a), Kind::Scale(b)) if b >= a) =>
            {
                taken += 1;
                continue;
            }
            _ => break,
        }
        before = at(taken);
        taken += 1;
    }
    (taken, Some(total.saturating_add(part)))
}

fn kind(word: &str) -> Kind {
    Kind::Small(match word {
        "one" => 1,
        "two" | "twice" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        "first" => return Kind::Ordinal(1),
        "third" => return Kind::Ordinal(3),
        "fourth" => return Kind::Ordinal(4),
        "fifth" => return Kind::Ordinal(5),
        "sixth" => return Kind::Ordinal(6),
        "seventh" => return Kind::Ordinal(7),
        "eighth" => return Kind::Ordinal(8),
        "ninth" => return Kind::Ordinal(9),
        "dozen" => return Kind::Dozen,
        "hundred" => return Kind::Hundred,
        "thousand" => return Kind::Scale(1_000),
        "million" => return Kind::Scale(1_000_000),
        "billion" => return Kind::Scale(1_000_000_000),
        "trillion" => return Kind::Scale(1_000_000_000_000),
        "a" | "an" => return Kind::Article,
        "and" => return Kind::And,
        _ => return Kind::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_make_one_figure_are_read_as_one() {
        for (text, values) in [
            ("two people", vec![2]),
            ("Two million people", vec![2_000_000]),
            ("twenty-five ships and seventeen boats", vec![25, 17]),
            ("one hundred and five thousand three hundred", vec![105_300]),
            ("between one hundred and five hundred", vec![100, 500]),
            ("between one million and two million", vec![1_000_000, 2_000_000]),
            ("one million and two thousand", vec![1_002_000]),
            ("a thirty-second timeout and twenty third-party crates", vec![30, 20]),
            ("on the twenty-fifth", vec![25]),
            ("in the second half two goals were scored", vec![2]),
            ("a hundred, a dozen, half a million", vec![100, 12, 500_000]),
            ("two, three or four hundred", vec![2, 3, 400]),
            ("the twenty-fifth of the twenty firms", vec![25, 20]),
            ("27 million, several hundred and hundreds of a kind", vec![]),
            ("two and three", vec![2, 3]),
            ("nineteen and ninety", vec![19, 90]),
        ] {
            let read: Vec<u64> = written(text).into_iter().map(|(_, value)| value).collect();
            assert_eq!(read, values, "{text}");
        }
        let text = "It has two million, five hundred users.";
        let places: Vec<&str> =
            written(text).into_iter().map(|(range, _)| text.get(range).unwrap()).collect();
        assert_eq!(places, ["two million", "five hundred"]);
        assert!(written(&"hundred million and twenty ".repeat(1_000)).len() <= 1_000);
    }
}
