//! A query in the words of a search engine: bounded, without accidental commands, with domain operators; or cut down to
//! its key words for those that want every word.

use crate::order::sort_by_key;
use crate::search::SearchQuery;
use crate::text::{folded, is_function_word};
use url::Host;

/// Most domains that are asked for by operator; more make engines ignore or refuse the query, and fusion filters anyway.
const INCLUDED_MAX: usize = 3;
/// Most domains that are excluded by operator, for the same reason.
const EXCLUDED_MAX: usize = 5;

/// The text to send for a query: at most `chars_max` characters and `words_max` words, operators counted.
///
/// Words lose leading characters that search engines take for commands (`!bang`, `:language`, `<timeout`), since the
/// text comes from people and models who mean words. Domain rules become `site:` operators when all of them can be said
/// in that way; those that cannot are left to fusion, which filters by the same rules.
#[must_use]
pub fn phrase(query: &SearchQuery, chars_max: usize, words_max: usize) -> String {
    let operators = operators(query);
    let chars_left = chars_max.saturating_sub(operators.iter().map(|word| word.chars().count() + 1).sum());
    let words_left = words_max.saturating_sub(operators.len());
    let mut text = String::new();
    let mut chars = 0_usize;
    for word in
        query.text.split_whitespace().map(without_command).filter(|word| !word.is_empty()).take(words_left)
    {
        chars = chars.saturating_add(word.chars().count() + 1);
        if chars > chars_left.saturating_add(1) {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    for operator in operators {
        text.push(' ');
        text.push_str(&operator);
    }
    text.trim_start().to_owned()
}

/// The text to send to an engine that reads sentences: on one line, at most `chars_max` characters, whole words.
#[must_use]
pub fn words(text: &str, chars_max: usize) -> String {
    phrase(&SearchQuery { text: text.to_owned(), ..SearchQuery::default() }, chars_max, usize::MAX)
}

/// A query without `site:`, `OR` and quotes, for those that take them for words; as it is when nothing else is in it.
#[must_use]
pub fn without_operators(text: &str) -> String {
    let is_operator = |word: &str| word == "OR" || word.trim_start_matches('-').starts_with("site:");
    let kept: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_start_matches('('))
        .map(|word| if word.contains('(') { word } else { word.trim_end_matches(')') })
        .filter(|word| !is_operator(word))
        .map(|word| word.replace('"', ""))
        .filter(|word| !word.is_empty())
        .collect();
    if kept.is_empty() { text.to_owned() } else { kept.join(" ") }
}

/// The words that matter for an engine that wants every word on the page: without function words and punctuation, each
/// once, at most `words_max`. Names and figures go before other words and long words before short ones; their order stays.
/// A text of function words only is sent as it is.
#[must_use]
pub fn keywords(text: &str, words_max: usize) -> String {
    let mut kept: Vec<(usize, &str)> = Vec::new();
    for (place, word) in text.split_whitespace().take(WORDS_SEEN_MAX).enumerate() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#'));
        let lower = folded(word);
        let known = kept.iter().any(|(_, other)| folded(other) == lower);
        if !word.is_empty() && !known && !is_function_word(&lower) && word.chars().count() <= WORD_CHARS_MAX {
            kept.push((place, word));
        }
    }
    if kept.is_empty() {
        return words(text, WORD_CHARS_MAX);
    }
    let weight = |(place, word): &(usize, &str)| {
        let named = word.chars().any(char::is_numeric)
            || word.chars().skip(usize::from(*place == 0)).any(char::is_uppercase);
        (std::cmp::Reverse(named), std::cmp::Reverse(word.chars().count()), *place)
    };
    sort_by_key(&mut kept, weight);
    kept.truncate(words_max);
    kept.sort_unstable();
    kept.into_iter().map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

/// Words of a text that are looked at: a question of 4,000 characters has some 700.
const WORDS_SEEN_MAX: usize = 700;
/// Longest word that is searched for, in characters.
const WORD_CHARS_MAX: usize = 80;

/// The rules as bare names for an API that takes lists of domains; `None` when one of them is none (a port, an address),
/// since a list without it would mean something else.
#[must_use]
pub fn plain_domains(rules: &[String]) -> Option<Vec<String>> {
    rules.iter().map(|rule| plain_domain(rule)).collect()
}

fn without_command(word: &str) -> &str {
    word.trim_start_matches(['!', ':', '<', '?', '\\'])
}

fn operators(query: &SearchQuery) -> Vec<String> {
    let mut operators = Vec::new();
    let included: Option<Vec<String>> = query.include_domains.iter().map(|rule| plain_domain(rule)).collect();
    if let Some(included) = included.filter(|domains| (1..=INCLUDED_MAX).contains(&domains.len())) {
        let last = included.len() - 1;
        for (place, domain) in included.iter().enumerate() {
            let open = if place == 0 && last > 0 { "(" } else { "" };
            let close = if place == last && last > 0 { ")" } else { "" };
            operators.push(format!("{open}site:{domain}{close}"));
            if place < last {
                operators.push("OR".to_owned());
            }
        }
    }
    let excluded = query.exclude_domains.iter().filter_map(|rule| plain_domain(rule)).take(EXCLUDED_MAX);
    operators.extend(excluded.map(|domain| format!("-site:{domain}")));
    operators
}

/// The rule as a bare name, when it is one: no port, no address.
fn plain_domain(rule: &str) -> Option<String> {
    let rule = rule.trim();
    let rule = rule.strip_prefix('*').unwrap_or(rule);
    let rule = rule.strip_prefix('.').unwrap_or(rule);
    match Host::parse(rule) {
        Ok(Host::Domain(name)) if !name.is_empty() => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(text: &str, include: &[&str], exclude: &[&str]) -> SearchQuery {
        let own = |rules: &[&str]| rules.iter().map(|rule| (*rule).to_owned()).collect();
        SearchQuery {
            text: text.into(),
            count: 10,
            include_domains: own(include),
            exclude_domains: own(exclude),
            ..SearchQuery::default()
        }
    }

    #[test]
    fn domains_become_operators() {
        for (include, exclude, text) in [
            (&["a.com"][..], &[][..], "x site:a.com"),
            (&["*.a.com", "B.org"], &[], "x (site:a.com OR site:b.org)"),
            (&[], &["c.net", ".d.net"], "x -site:c.net -site:d.net"),
            (&["a.com"], &["docs.a.com"], "x site:a.com -site:docs.a.com"),
            (&["a.com", "b.com", "c.com", "d.com"], &[], "x"),
            (&["a.com", "127.0.0.1:80"], &[], "x"),
            (&[], &["127.0.0.1", "a b"], "x"),
        ] {
            assert_eq!(phrase(&query("x", include, exclude), 100, 50), text);
        }
    }

    #[test]
    fn operators_are_left_out_for_those_that_do_not_know_them() {
        for (text, left) in [
            ("\"work stealing\" tokio site:docs.rs", "work stealing tokio"),
            ("(tokio OR smol) scheduler -site:a.com", "tokio smol scheduler"),
            ("site:docs.rs", "site:docs.rs"),
            ("plain words or not", "plain words or not"),
        ] {
            assert_eq!(without_operators(text), left);
        }
        assert_eq!(phrase(&query("\"a b\" site:c.org", &[], &[]), 100, 50), "\"a b\" site:c.org");
    }

    #[test]
    fn command_characters_at_the_start_of_words_are_left_out() {
        let text = "!!g :fr <5 ?map !wp rust :: what? 1<2 a:b";
        assert_eq!(phrase(&query(text, &[], &[]), 100, 50), "g fr 5 map wp rust what? 1<2 a:b");
    }

    #[test]
    fn only_the_words_that_matter_are_left() {
        for (text, max, left) in [
            ("What is the borrow checker?", 5, "borrow checker"),
            (
                "total battery capacity of the ferry Lysling in Ostervik",
                4,
                "battery capacity Lysling Ostervik",
            ),
            ("C++ and C# in 2024, \"rust\" Rust", 5, "C++ C# 2024 rust"),
            ("to be or not", 5, "to be or not"),
            ("", 5, ""),
        ] {
            assert_eq!(keywords(text, max), left, "{text}");
        }
    }

    #[test]
    fn the_text_gives_way_to_the_operators() {
        assert_eq!(phrase(&query("one two three", &["a.com"], &[]), 19, 50), "one two site:a.com");
        assert_eq!(phrase(&query("one two three", &["a.com"], &[]), 100, 2), "one site:a.com");
        assert_eq!(phrase(&query("one two three", &[], &[]), 7, 50), "one two");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_text_exceeds_its_bounds(text in "\\PC{0,60}", chars in 0_usize..60, words in 0_usize..9) {
            let phrase = phrase(&query(&text, &[], &[]), chars, words);
            prop_assert!(phrase.chars().count() <= chars);
            prop_assert!(phrase.split_whitespace().count() <= words);
        }
    }
}
