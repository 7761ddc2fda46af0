//! Where sentences end, in prose that may carry citation marks before or behind the full stop.

use std::ops::Range;

/// Opens a citation mark inside prepared text (a private-use character that pages are cleaned of).
pub(crate) const MARK_OPEN: char = '\u{e000}';
/// Closes a citation mark.
pub(crate) const MARK_CLOSE: char = '\u{e001}';

/// Byte ranges of the sentences of `text`, in order, without the blanks between them; together they hold every
/// character that is not white space. A line break ends a sentence, a stop inside a code span does not. Marks
/// directly behind a full stop belong to the sentence before them.
pub(crate) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut resume = 0;
    for (at, c) in text.char_indices() {
        if at < resume {
            continue;
        }
        if c == '`' {
            resume = behind_code(text, at);
        } else if c == '\n' {
            push(text, start..at, &mut ranges);
            start = at + 1;
        } else if is_stop(c) {
            let after = at + c.len_utf8();
            let tail = text.get(after..).unwrap_or_default();
            let closed = after + closing_len(tail);
            if ends_here(text, start, at, c, closed) {
                push(text, start..closed, &mut ranges);
                start = closed;
                resume = closed;
            }
        }
    }
    push(text, start..text.len(), &mut ranges);
    ranges
}

fn push(text: &str, range: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (part.len() - part.trim_start().len());
    let end = range.end - (part.len() - part.trim_end().len());
    if start < end {
        ranges.push(start..end);
    }
}

/// Where the code span ends that the backtick at `at` opens; behind the backtick when the line does not close it.
fn behind_code(text: &str, at: usize) -> usize {
    let inside = text.get(at + 1..).unwrap_or_default();
    let line = inside.split('\n').next().unwrap_or_default();
    line.find('`').map_or(at + 1, |length| at + 1 + length + 1)
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '\u{2026}' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}')
}

/// Quotes, brackets and emphasis that close behind a stop.
const CLOSING: [char; 9] = ['"', '\'', '\u{201d}', '\u{2019}', ')', ']', '\u{bb}', '\u{300d}', '*'];

/// Bytes behind a stop that still belong to its sentence: more stops, closing quotes and brackets, marks.
fn closing_len(tail: &str) -> usize {
    let mut end = 0;
    let mut in_mark = false;
    for (at, c) in tail.char_indices() {
        let behind = at + c.len_utf8();
        if in_mark {
            end = behind;
            in_mark = c != MARK_CLOSE;
        } else if at == end && (is_stop(c) || CLOSING.contains(&c)) {
            end = behind;
        } else if c == MARK_OPEN {
            end = behind;
            in_mark = true;
        } else if let Some(length) = written_mark_len(tail.get(at..).unwrap_or_default()) {
            end = at + length;
        } else if at < end {
            // Inside a written mark.
        } else if c != ' ' {
            break;
        }
    }
    end
}

/// Bytes of a citation as it is written, `[12]` or `[F12]`, at the beginning of a text; a link's words are none.
fn written_mark_len(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?.split_once(']').map(|(inside, _)| inside)?;
    let digits = inside.strip_prefix('F').unwrap_or(inside);
    let length = inside.len() + 2;
    let is_link = text.get(length..).is_some_and(|behind| behind.starts_with('('));
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && !is_link).then_some(length)
}

fn ends_here(text: &str, start: usize, at: usize, stop: char, closed: usize) -> bool {
    let tail = text.get(closed..).unwrap_or_default();
    let Some(next) = tail.chars().next() else { return true };
    if matches!(stop, '\u{3002}' | '\u{ff01}' | '\u{ff1f}') || next == '\n' {
        return true;
    }
    if !next.is_whitespace() {
        return false;
    }
    let begin = tail
        .trim_start()
        .chars()
        .find(|c| !matches!(c, '"' | '\'' | '(' | '[' | '\u{201c}' | '\u{ab}' | '*' | '`'));
    let marked = text
        .get(start..closed)
        .is_some_and(|t| t.ends_with(MARK_CLOSE) || t.trim_end_matches(stop).ends_with(MARK_CLOSE));
    if marked {
        // Names such as async-std open sentences in lower case; behind a mark there is no abbreviation to mistake.
        return true;
    }
    if begin.is_some_and(|c| c.is_lowercase() || matches!(c, ',' | ';' | ':' | ')')) {
        return false;
    }
    if stop != '.' || closed > at + 1 {
        return true;
    }
    let before = text.get(start..at).unwrap_or_default();
    let outside = |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '\u{201c}');
    let word = before.rsplit(outside).next().unwrap_or_default();
    let initial =
        word.chars().count() == 1 && word.chars().all(char::is_uppercase) && !matches!(word, "I" | "C" | "X");
    let numbering = before.trim().chars().all(|c| c.is_ascii_digit());
    !(initial || numbering || is_abbreviation(word, tail.trim_start()))
}

/// Whether a sentence goes on behind `word` and its dot; `next` is what comes then.
fn is_abbreviation(word: &str, next: &str) -> bool {
    let lower = word.to_lowercase();
    match lower.as_str() {
        "no" | "nos" => next.starts_with(|c: char| c.is_ascii_digit()),
        // Written small, these are units of time.
        "ms" | "sec" => word != lower,
        other => ABBREVIATIONS.binary_search(&other).is_ok(),
    }
}

/// Abbreviations behind which a sentence goes on; lower case, without their last dot. Sorted.
const ABBREVIATIONS: &[&str] = &[
    "a.k.a", "a.m", "al", "approx", "apr", "aug", "ca", "cf", "ch", "co", "corp", "dec", "dept", "dr", "e.g",
    "ed", "eds", "eq", "est", "feb", "fig", "figs", "gen", "i.e", "inc", "incl", "jan", "jr", "jul", "jun",
    "ltd", "mar", "mr", "mrs", "nov", "oct", "p", "p.m", "ph.d", "pp", "prof", "resp", "sect", "sep", "sept",
    "sr", "st", "u.k", "u.s", "v", "viz", "vol", "vs",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().filter_map(|r| text.get(r)).collect()
    }

    #[test]
    fn sentences_end_at_stops_and_not_at_abbreviations_or_decimals() {
        assert_eq!(
            split("It took 3.5 s, e.g. On Linux. Dr. Who agreed! Is it so? Yes."),
            ["It took 3.5 s, e.g. On Linux.", "Dr. Who agreed!", "Is it so?", "Yes."]
        );
        assert_eq!(split("one line\nanother line"), ["one line", "another line"]);
        assert_eq!(split("see foo.rs and v1.2.3 now"), ["see foo.rs and v1.2.3 now"]);
    }

    #[test]
    fn dots_that_end_nothing_do_not_split() {
        let text = "Prof. J. Smith et al. measured 3.5 ms, e.g. on v1.2 of the U.S. grid (cf. Fig. 3).";
        assert_eq!(split(text), [text]);
        assert_eq!(
            split("1. It uses `a. B` code. No. 5 took 3 ms. Done."),
            ["1. It uses `a. B` code.", "No. 5 took 3 ms.", "Done."]
        );
        assert_eq!(split("Said no. \"One.\" \"Two\" `x. Y"), ["Said no.", "\"One.\"", "\"Two\" `x.", "Y"]);
        assert!(ABBREVIATIONS.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn marks_behind_the_full_stop_belong_to_the_sentence_before() {
        let text = "It is fast. \u{e000}1\u{e001}\u{e000}2\u{e001} It is safe \u{e000}3\u{e001}. End";
        assert_eq!(
            split(text),
            ["It is fast. \u{e000}1\u{e001}\u{e000}2\u{e001}", "It is safe \u{e000}3\u{e001}.", "End"]
        );
    }

    #[test]
    fn written_citations_behind_a_stop_belong_to_the_sentence_before() {
        assert_eq!(
            split("He called it \u{201c}freezing.\u{201d} [1][F12] Next thing [2]. It ended ... [3]. So."),
            [
                "He called it \u{201c}freezing.\u{201d} [1][F12]",
                "Next thing [2].",
                "It ended ... [3].",
                "So."
            ]
        );
        assert_eq!(
            split("It is so. [1](https://a.example) says more."),
            ["It is so.", "[1](https://a.example) says more."]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn sentences_hold_every_visible_character(text in "[a-zA-Zé0-9 .!?\n\"'()\\[\\]F\u{e000}\u{e001}。]{0,80}") {
            let joined: String = split(&text).concat().split_whitespace().collect();
            let all: String = text.split_whitespace().collect();
            prop_assert_eq!(joined, all);
        }
    }
}
