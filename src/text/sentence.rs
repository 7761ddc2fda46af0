//! Where sentences end, in prose that may carry citation marks before or behind the full stop.

use std::ops::Range;

/// Opens a citation mark inside prepared text (a private-use character that pages are cleaned of).
pub(crate) const MARK_OPEN: char = '\u{e000}';
/// Closes a citation mark.
pub(crate) const MARK_CLOSE: char = '\u{e001}';

/// Byte ranges of the sentences of `text`, in order, without the blanks between them; together they hold every
/// character that is not white space. A line break ends a sentence. Marks directly behind a full stop belong to the
/// sentence before them.
pub(crate) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut resume = 0;
    for (at, c) in text.char_indices() {
        if at < resume {
            continue;
        }
        if c == '\n' {
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

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}')
}

/// Bytes behind a stop that still belong to its sentence: more stops, closing quotes and brackets, marks.
fn closing_len(tail: &str) -> usize {
    let mut end = 0;
    let mut in_mark = false;
    for (at, c) in tail.char_indices() {
        let behind = at + c.len_utf8();
        if in_mark {
            end = behind;
            in_mark = c != MARK_CLOSE;
        } else if is_stop(c) || matches!(c, '"' | '\'' | '\u{201d}' | '\u{2019}' | ')' | ']' | '\u{bb}' | '*')
        {
            end = behind;
        } else if c == MARK_OPEN {
            end = behind;
            in_mark = true;
        } else if c != ' ' {
            break;
        }
    }
    end
}

fn ends_here(text: &str, start: usize, at: usize, stop: char, closed: usize) -> bool {
    let tail = text.get(closed..).unwrap_or_default();
    let Some(next) = tail.chars().next() else { return true };
    if !stop.is_ascii() || next == '\n' {
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
    if begin.is_some_and(|c| c.is_lowercase() && c.is_ascii()) {
        return false;
    }
    if stop != '.' || closed > at + 1 {
        return true;
    }
    let before = text.get(start..at).unwrap_or_default();
    let word = before.rsplit([' ', '(', '\u{a0}', '\n', '"']).next().unwrap_or_default();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    !(initial || is_abbreviation(word))
}

fn is_abbreviation(word: &str) -> bool {
    let lower = word.to_lowercase();
    matches!(
        lower.as_str(),
        "e.g"
            | "i.e"
            | "cf"
            | "vs"
            | "dr"
            | "mr"
            | "mrs"
            | "ms"
            | "prof"
            | "st"
            | "fig"
            | "figs"
            | "sec"
            | "ch"
            | "no"
            | "nos"
            | "vol"
            | "pp"
            | "al"
            | "approx"
            | "ca"
            | "inc"
            | "ltd"
            | "corp"
            | "co"
            | "jr"
            | "sr"
            | "jan"
            | "feb"
            | "mar"
            | "apr"
            | "jun"
            | "jul"
            | "aug"
            | "sep"
            | "sept"
            | "oct"
            | "nov"
            | "dec"
            | "u.s"
            | "u.k"
            | "ed"
            | "eds"
            | "eq"
            | "resp"
            | "incl"
            | "est"
    ) && !(lower == "no" && word == "no")
}

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
    fn marks_behind_the_full_stop_belong_to_the_sentence_before() {
        let text = "It is fast. \u{e000}1\u{e001}\u{e000}2\u{e001} It is safe \u{e000}3\u{e001}. End";
        assert_eq!(
            split(text),
            ["It is fast. \u{e000}1\u{e001}\u{e000}2\u{e001}", "It is safe \u{e000}3\u{e001}.", "End"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn sentences_hold_every_visible_character(text in "[a-zA-Zé0-9 .!?\n\"')\u{e000}\u{e001}。]{0,80}") {
            let joined: String = split(&text).concat().split_whitespace().collect();
            let all: String = text.split_whitespace().collect();
            prop_assert_eq!(joined, all);
        }
    }
}
