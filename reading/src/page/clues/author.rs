//! Who wrote a page: names told from job titles, dates, firms and the furniture around them.

use super::Clues;
use crate::page::block::clean_line;
use crate::page::date::{self, lists};

/// How an element says that its text names the author; best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Person {
    /// `rel=author`
    Rel,
    /// `itemprop=author`
    Itemprop,
    /// A class such as `byline`
    Byline,
}

/// Longest list of authors that is kept.
const AUTHOR_CHARS_MAX: usize = 200;
/// A byline's line is over long before.
const LINE_CHARS_MAX: usize = 300;
/// Lines of an element that names an author: "By", the name, the date.
const LINES_MAX: usize = 6;
/// A name longer than this is a sentence.
const NAME_WORDS_MAX: usize = 6;
/// Names of one line that are kept, as of JSON-LD.
const NAMES_MAX: usize = 8;
/// Most elements that are remembered as naming an author; comments name many.
const PEOPLE_MAX: usize = 16;
/// Blocks before the title in which an author is the page's own and not that of a teaser in a menu.
const BEFORE_TITLE: usize = 8;

/// An element's text that names someone, and how many blocks stood before it.
#[derive(Debug)]
pub(super) struct Heard {
    kind: Person,
    place: usize,
    names: Vec<String>,
}

impl Clues {
    pub(crate) fn person(&mut self, kind: Person, text: &str, place: usize) {
        if self.people.len() < PEOPLE_MAX {
            let names = names(text);
            if !names.is_empty() {
                self.people.push(Heard { kind, place, names });
            }
        }
    }

    pub(super) fn meta_author(&mut self, content: &str) {
        for name in names(content) {
            if self.meta_authors.len() < NAMES_MAX && !self.meta_authors.contains(&name) {
                self.meta_authors.push(name);
            }
        }
    }

    /// The author's name, several joined by commas. A person is preferred to the site's own name, whoever tells it.
    pub(crate) fn best_author(
        &self,
        byline: Vec<String>,
        title_at: Option<usize>,
        host: &str,
    ) -> Option<String> {
        let mut said: Vec<String> = Vec::new();
        let mut firms: Vec<String> = Vec::new();
        for author in &self.said.authors {
            let found = names(&author.name);
            if author.is_organisation { firms.extend(found) } else { said.extend(found) }
        }
        let from = title_at.unwrap_or_default().saturating_sub(BEFORE_TITLE);
        let mut people: Vec<&Heard> = self.people.iter().filter(|heard| heard.place >= from).collect();
        people.sort_by_key(|heard| heard.kind);
        let heard = people.first().map(|first| first.names.clone()).unwrap_or_default();
        let candidates = [said, self.meta_authors.clone(), heard, byline, firms];
        let is_person =
            |names: &&Vec<String>| names.iter().any(|name| !is_generic(name) && !self.names_site(name, host));
        let best = candidates
            .iter()
            .find(is_person)
            .or_else(|| candidates.iter().find(|names| !names.is_empty()))?;
        let mut kept: Vec<&str> = Vec::new();
        for name in best.iter().take(NAMES_MAX) {
            if !kept.contains(&name.as_str()) {
                kept.push(name);
            }
        }
        Some(clean_line(&kept.join(", "), AUTHOR_CHARS_MAX))
    }
}

/// A class that marks the author's name rather than a box about the author or the field of a comment's form.
pub(crate) fn is_byline(class: &str) -> bool {
    const ENDS: &str = "author authors authorname authorlink writer writername contributorname";
    class.split_ascii_whitespace().any(|name| {
        let name: String =
            name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        !name.contains("comment")
            && (name.contains("byline") || ENDS.split(' ').any(|end| name.ends_with(end)))
    })
}

/// Says who runs the page rather than who wrote it.
pub(crate) fn is_furniture_name(name: &str) -> bool {
    const STARTS: [&str; 33] = [
        "posted",
        "published",
        "updated",
        "updates",
        "share",
        "sign",
        "subscribe",
        "follow",
        "about",
        "read",
        "continu",
        "using",
        "view",
        "see ",
        "more",
        "all ",
        "click",
        "comment",
        "reply",
        "menu",
        "search",
        "home",
        "contact",
        "written",
        "latest",
        "print",
        "email",
        "photo",
        "image",
        "credit",
        "source",
        "the author",
        "name *",
    ];
    let lower = name.to_lowercase();
    STARTS.iter().any(|word| lower.starts_with(word))
}

/// What leads a name in, in the languages of most pages; longer ones first.
const LEADS: [&str; 52] = [
    "written and photographed by",
    "words and photos by",
    "medically reviewed by",
    "article written by",
    "contributed by",
    "submitted by",
    "published by",
    "reviewed by",
    "thread starter",
    "started by",
    "article by",
    "written by",
    "posted by",
    "edited by",
    "created by",
    "author(s):",
    "author(s)",
    "authors:",
    "author:",
    "words by",
    "story by",
    "text by",
    "authors",
    "author",
    "by:",
    "by",
    "geschrieben von",
    "verfasst von",
    "autorin:",
    "autor:",
    "text:",
    "von",
    "\u{e9}crit par",
    "publi\u{e9} par",
    "par",
    "escrito por",
    "por",
    "scritto da",
    "di",
    "door",
    "автор:",
    "автор",
    "autor",
    "napisał",
    "συντάκτης:",
    "συντάκτης",
    "γράφει ο",
    "γράφει η",
    "作者：",
    "作者:",
    "记者",
    "記者",
];

/// The rest of a line behind "By" or the like; `None` when nothing leads a name in.
pub(crate) fn behind_lead(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let first = line.chars().next()?.to_lowercase();
    // Most lines begin like none of them.
    let alike =
        LEADS.iter().filter(|lead| lead.chars().next().is_some_and(|c| c.to_lowercase().eq(first.clone())));
    alike.into_iter().find_map(|lead| {
        let mut letters = line.chars();
        let same =
            lead.chars().all(|c| letters.next().is_some_and(|own| own.to_lowercase().eq(c.to_lowercase())));
        let rest = letters.as_str();
        let parted = lead.ends_with([':', '：', '者'])
            || rest.is_empty()
            || rest.starts_with(|c: char| c.is_whitespace() || c == ':');
        (same && parted)
            .then(|| rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：')))
    })
}

/// The names in a byline, cleaned, of its first line that has any; empty when it names nobody. Degrees stay with their
/// bearer: "Ada Lovelace, PhD".
pub(crate) fn names(text: &str) -> Vec<String> {
    let lines = text.lines().take(LINES_MAX).map(|line| names_in(&clean_line(line, LINE_CHARS_MAX)));
    lines.into_iter().find(|names| !names.is_empty()).unwrap_or_default()
}

fn names_in(line: &str) -> Vec<String> {
    let mut rest = line.trim();
    while let Some(behind) = behind_lead(rest) {
        rest = behind;
    }
    // Papers list "Lovelace, Ada".
    if let Some((last, first)) = rest.split_once(", ")
        && [last, first].iter().all(|part| !part.contains(' ') && is_name(part) && !is_degree(part))
    {
        return vec![format!("{first} {last}")];
    }
    let mut names: Vec<String> = Vec::new();
    let bare = without_aside(rest);
    for piece in pieces(&bare) {
        let piece = until_label(piece.trim()).trim_end_matches(['.', ':']).trim();
        match names.last_mut() {
            Some(bearer) if is_degree(piece) => {
                bearer.push_str(", ");
                bearer.push_str(piece);
                continue;
            }
            _ => {}
        }
        let alone = names.iter().all(|name| !name.contains(' ')) && piece.starts_with(char::is_uppercase);
        let sound =
            is_name(piece) && (names.is_empty() || is_full_name(piece) || (alone && !piece.contains(' ')));
        if !sound || names.len() >= NAMES_MAX {
            break;
        }
        names.push(piece.to_owned());
    }
    names
}

/// "Ada (Countess) Lovelace" without the bracket; one at the end is cut with what follows.
fn without_aside(line: &str) -> String {
    let Some((head, rest)) = line.split_once('(') else { return line.to_owned() };
    match rest.split_once(')') {
        Some((_, tail)) if tail.trim_start().starts_with(char::is_uppercase) => {
            format!("{head}{}", tail.trim_start())
        }
        _ => head.to_owned(),
    }
}

/// Parts of a list of names; what follows a bar, a bullet or a bracket is no name any more.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let end = line.find(['|', '\u{2022}', '\u{b7}', '[', '\u{2014}', '\u{2013}']).unwrap_or(line.len());
    let line = line.get(..end).unwrap_or_default();
    let line = line.split(" - ").next().unwrap_or_default();
    line.split([',', ';', '、', '，'])
        .flat_map(|part| part.split(" & "))
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" with "))
        .flat_map(|part| part.split(" und "))
        .flat_map(|part| part.split(" et "))
        .flat_map(|part| part.split(" и "))
        .flat_map(|part| part.split(" και "))
        .map(|part| part.trim().trim_start_matches("and "))
        .filter(|part| !part.is_empty())
}

/// A name without the date, the verb or the heading that the line goes on with.
fn until_label(piece: &str) -> &str {
    const LABELS: &str = "on in at is has says wrote from Updated updated Published published Posted posted Last Modified Reviewed Edited";
    let digit = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let mut from = 0_usize;
    for (count, word) in piece.split(' ').enumerate() {
        let rest = piece.get(from..).unwrap_or_default();
        let next = rest.split(' ').nth(1).unwrap_or_default();
        let ends = digit(word)
            || (date::is_month(word.trim_end_matches('.')) && digit(next))
            || (word == "for" && count > 1)
            || lists(LABELS, word);
        if count > 0 && ends {
            return piece.get(..from).unwrap_or(piece).trim_end();
        }
        from = from.saturating_add(word.len()).saturating_add(1);
    }
    piece
}

/// "PhD", "M.D.", "RDN", "Jr."
fn is_degree(text: &str) -> bool {
    const KNOWN: &str = "phd jr sr esq msc bsc dr edd psyd pharmd";
    let plain = text.to_ascii_lowercase().replace('.', "");
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    let small = text.chars().filter(|c| c.is_lowercase()).count();
    lists(KNOWN, &plain)
        || (text.chars().count() <= 10 && capitals >= 2 && capitals > small && !text.contains(' '))
}

/// Two words or more, each like a part of a name.
fn is_full_name(text: &str) -> bool {
    const SMALL: &str = "de van von der den da di la le bin al del dos";
    let words: Vec<&str> = text.split_whitespace().collect();
    let alone = words.len() == 1 && text.chars().all(|c| !c.is_ascii());
    let of_name = |word: &&str| !word.starts_with(char::is_lowercase) || lists(SMALL, word);
    (alone || (2..=5).contains(&words.len())) && words.iter().all(of_name) && !is_post(text)
}

/// A post that someone holds rather than someone.
fn is_post(text: &str) -> bool {
    const POSTS: &str = "editor writer reporter correspondent journalist contributor director manager officer president founder \
        cofounder specialist expert analyst engineer professor columnist strategist consultant ceo cto redakteur freelance \
        senior executive producer marketing representative";
    has_word(text, POSTS)
}

/// Like a name of someone or something.
fn is_name(text: &str) -> bool {
    const NOBODY: [&str; 48] = [
        "admin",
        "administrator",
        "by",
        "author",
        "staff",
        "unknown",
        "null",
        "none",
        "undefined",
        "anonymous",
        "guest",
        "user",
        "webmaster",
        "root",
        "on",
        "in",
        "at",
        "the",
        "a",
        "an",
        "and",
        "or",
        "for",
        "from",
        "to",
        "of",
        "with",
        "this",
        "is",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "today",
        "yesterday",
        "default",
        "test",
        "n/a",
    ];
    let lower = text.to_lowercase();
    let words = text.split_whitespace().count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (1..=NAME_WORDS_MAX).contains(&words)
        && text.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && !text.contains(['@', '/', '{', '<', '=', '?', '!', '%', '"', '*'])
        // A user may be called `ada_1815`; a line with other numbers is a date or a count.
        && ((digits == 0 && !text.contains('_')) || (words == 1 && text.starts_with(char::is_alphabetic)))
        && !NOBODY.contains(&lower.as_str())
        && !is_furniture_name(text)
}

/// A firm, a team, a post or nobody in particular.
fn is_generic(name: &str) -> bool {
    const WORDS: &str = "admin team staff editors editorial redaktion redakcja redacci\u{f3}n r\u{e9}daction redazione redactie newsroom \
        desk inc llc ltd gmbh company group media news association foundation society university institute department office \
        agency contributors guest support blog magazine редакция com";
    has_word(name, WORDS) || is_post(name)
}

fn has_word(text: &str, words: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| !word.is_empty() && lists(words, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_stands_around_them() {
        for (text, expected) in [
            ("By Ada  Lovelace | 3 min read", &["Ada Lovelace"][..]),
            ("Written by: Ada Lovelace and Mary Somerville", &["Ada Lovelace", "Mary Somerville"]),
            ("Ada Lovelace, PhD, RDN", &["Ada Lovelace, PhD, RDN"]),
            ("Ada Lovelace, Senior Editor", &["Ada Lovelace"]),
            (
                "Ada Lovelace, Mary Somerville, Charles Babbage",
                &["Ada Lovelace", "Mary Somerville", "Charles Babbage"],
            ),
            ("Lovelace, Ada", &["Ada Lovelace"]),
            ("Автор: Ада Лавлейс", &["Ада Лавлейс"]),
            ("Von Ada Lovelace", &["Ada Lovelace"]),
            ("作者：李明", &["李明"]),
            ("Ada Lovelace 4 August 2010", &["Ada Lovelace"]),
            ("By\nAda Lovelace\nDec 4, 2025", &["Ada Lovelace"]),
            ("Ada Lovelace Dec 4, 2025", &["Ada Lovelace"]),
            ("Ada Lovelace for The Paper", &["Ada Lovelace"]),
            ("Ada (Countess) Lovelace", &["Ada Lovelace"]),
            ("Ada & Mary", &["Ada", "Mary"]),
            ("ada_1815", &["ada_1815"]),
            ("Name *", &[]),
            ("https://example.com/ada", &[]),
            ("Posted 3 days ago", &[]),
            ("admin", &[]),
            ("ops@example.com", &[]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn a_person_is_preferred_to_the_site() {
        let mut clues = Clues::default();
        clues.meta("og:site_name", "The Paper");
        clues.json_ld(r#"{"@type":"Article","author":{"@type":"Organization","name":"The Paper"}}"#);
        let best = |clues: &Clues, byline: &[&str]| {
            clues.best_author(byline.iter().map(|name| (*name).to_owned()).collect(), Some(20), "e.com")
        };
        assert_eq!(best(&clues, &[]).as_deref(), Some("The Paper"));
        assert_eq!(best(&clues, &["Carl Gauss"]).as_deref(), Some("Carl Gauss"));
        clues.person(Person::Byline, "By Teaser Author", 3);
        clues.person(Person::Byline, "By Bea Stein", 21);
        assert_eq!(best(&clues, &["Carl Gauss"]).as_deref(), Some("Bea Stein"));
        clues.person(Person::Rel, "Dora Maar", 90);
        assert_eq!(best(&clues, &[]).as_deref(), Some("Dora Maar"));
        clues.meta("author", "Ada Lovelace");
        assert_eq!(best(&clues, &[]).as_deref(), Some("Ada Lovelace"));
    }

    #[test]
    fn classes_that_name_authors_are_known_in_all_spellings() {
        for class in [
            "byline",
            "post__meta-author-name",
            "PostsAuthors-authorName",
            "entry-author x",
            "p-author h-card",
        ] {
            assert!(is_byline(class), "{class}");
        }
        for class in ["author-box", "authority", "meta", "comment-author"] {
            assert!(!is_byline(class), "{class}");
        }
    }
}
