//! The answer in one paragraph: how the summary begins.

use crate::text::sentence::sentences;

/// Longest answer in words, where it has more than one sentence.
const WORDS_MAX: usize = 80;
/// The same in characters, for languages that put no blanks between words.
const CHARS_MAX: usize = 640;

/// The first sentences of a summary, and the summary with these as its first paragraph; `None` without a summary.
pub(super) fn lead(summary: &str) -> Option<(String, String)> {
    let (first, rest) = summary.split_once("\n\n").unwrap_or((summary, ""));
    let first = first.trim();
    if first.is_empty() {
        return None;
    }
    if first.starts_with(['-', '|'])
        || first.starts_with(|c: char| c.is_ascii_digit()) && first.contains('\n')
    {
        // A list answers with its first item.
        let item = first.lines().next().unwrap_or_default();
        let number = item.trim_start_matches(|c: char| c.is_ascii_digit());
        let item = number.strip_prefix(". ").or_else(|| item.strip_prefix("- ")).unwrap_or(item);
        return (!first.starts_with('|')).then(|| (item.to_owned(), summary.to_owned()));
    }
    let (mut end, mut words, mut chars) = (0, 0, 0);
    for range in sentences(first) {
        let sentence = first.get(range.clone()).unwrap_or_default();
        words += sentence.split_whitespace().count();
        chars += sentence.chars().count();
        // Emphasis across a full stop would be torn.
        let torn = first.get(..end).is_some_and(|lead| lead.matches("**").count() % 2 == 1);
        if end > 0 && !torn && (words > WORDS_MAX || chars > CHARS_MAX) {
            break;
        }
        end = range.end;
    }
    let (answer, behind) = first.split_at_checked(end).unwrap_or((first, ""));
    let parts = [answer, behind.trim(), rest.trim()];
    let whole: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some((answer.to_owned(), whole.join("\n\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_paragraph_answers_and_stands_once() {
        let (answer, whole) = lead("Tokio steals work [F1]. It is fast [F2].\n\nMore [F3].").unwrap();
        assert_eq!(answer, "Tokio steals work [F1]. It is fast [F2].");
        assert_eq!(whole, "Tokio steals work [F1]. It is fast [F2].\n\nMore [F3].");
    }

    #[test]
    fn a_long_paragraph_is_divided_behind_a_sentence() {
        let long = "Tokio steals work from other threads whenever its own queue is empty [F1]. ".repeat(9);
        let (answer, whole) = lead(long.trim()).unwrap();
        assert!(answer.split_whitespace().count() <= WORDS_MAX && answer.ends_with("[F1]."), "{answer}");
        assert_eq!(whole.replace("\n\n", " "), long.trim());
        assert!(whole.starts_with(&format!("{answer}\n\n")));
    }

    #[test]
    fn a_list_answers_with_its_first_item_and_nothing_with_nothing() {
        let (answer, whole) = lead("- One [F1].\n- Two [F2].").unwrap();
        assert_eq!((answer.as_str(), whole.as_str()), ("One [F1].", "- One [F1].\n- Two [F2]."));
        assert_eq!(lead("1. One [F1].\n2. Two [F2].").unwrap().0, "One [F1].");
        assert_eq!(lead(""), None);
    }
}
