//! What a page is called: its heading or its title, without the site's name.

use super::Clues;
use super::dates::Note;
use crate::page::block::clean_line;
use url::Url;

/// Longest title that is kept; search engines show 60 characters.
const TITLE_CHARS_MAX: usize = 300;
/// Site names at the end of a title, such as "The Rust Programming Language", have up to this many words.
const SUFFIX_WORDS_MAX: usize = 6;
/// A longer heading is a slogan.
const HEADING_WORDS_MAX: usize = 25;
/// Shares of words, in per cent, by which a heading and a title say some, half or all of the same; chosen on 318 of 1,497
/// pages on which one of the two is the title and the other is not.
const SOME_MIN: usize = 15;
const HALF_MIN: usize = 40;
const SAME_MIN: usize = 70;
/// The last segment of an address tells from this many words, if it covers one title by this much more than the other.
const SLUG_WORDS_MIN: usize = 2;
const SLUG_MARGIN: usize = 10;
/// Labels of a host that are looked at.
const LABELS_MAX: usize = 8;
/// What parts a title from the site's name.
const SEPARATORS: [&str; 15] = [
    " | ",
    " - ",
    " \u{2013} ",
    " \u{2014} ",
    " \u{b7} ",
    " :: ",
    " \u{bb} ",
    " \u{ab} ",
    " \u{2022} ",
    " \u{2039} ",
    " \u{203a} ",
    " / ",
    "| ",
    " |",
    "_",
];

impl Clues {
    /// The title without the site's name. `headings` are the first-level headings of the main content, `all` those of
    /// the page, `own` is the page's own address.
    pub(crate) fn best_title(&self, headings: &[&str], all: &[&str], own: &Url) -> String {
        let host = own.host_str().unwrap_or_default();
        let stated = self.stated_title(headings, all, host);
        let fitting = |heading: &&str| {
            let words = heading.split_whitespace().count();
            (1..=HEADING_WORDS_MAX).contains(&words) && !self.names_site(heading, host)
        };
        let one = |headings: &[&str]| match headings {
            [one] => Some(*one).filter(fitting).map(str::to_owned),
            many => {
                let alike = many
                    .iter()
                    .copied()
                    .filter(fitting)
                    .filter(|h| stated.is_empty() || likeness(h, &stated) > 0);
                alike.rev().max_by_key(|h| likeness(h, &stated)).map(str::to_owned)
            }
        };
        let heading = one(headings).filter(|_| headings.len() == 1).or_else(|| one(all));
        let best = match heading {
            _ if self.is_front_page(own) && !self.title.is_empty() => self.title.clone(),
            None => stated,
            Some(heading) if stated.is_empty() || self.names_site(&stated, host) => heading,
            Some(heading) if self.prefers(&heading, &stated, all.len(), own) => heading,
            Some(_) => stated,
        };
        // Documentation puts a link to the heading behind it.
        let best = best.trim_end_matches([' ', '\u{b6}', '\u{a7}', '\u{1f517}', '\u{f0c1}']).to_owned();
        let best = if best.is_empty() { self.said.headline.clone().unwrap_or_default() } else { best };
        clean_line(&htmlize::unescape(best.as_str()), TITLE_CHARS_MAX)
    }

    /// A page that names the root of its site as its address: the site's name is its title.
    fn is_front_page(&self, own: &Url) -> bool {
        (self.canonical.is_some() || self.og_url.is_some()) && matches!(own.path(), "" | "/")
    }

    /// Whether readers know the page by its heading. Titles are written for search engines, and an article's heading is what
    /// it is cited by; other pages greet their readers with a slogan. An address is made from the true title, mostly.
    fn prefers(&self, heading: &str, stated: &str, headings: usize, own: &Url) -> bool {
        let likeness = likeness(heading, stated);
        if self.said.headline.as_deref().is_some_and(|said| same_words(said, heading)) {
            return likeness > 0;
        }
        let slug = own
            .path_segments()
            .and_then(|parts| parts.rev().find(|part| !part.is_empty()))
            .unwrap_or_default();
        let slug = words(slug);
        if slug.len() >= SLUG_WORDS_MIN {
            let (of_heading, of_stated) = (covered(&slug, heading), covered(&slug, stated));
            if of_heading.abs_diff(of_stated) > SLUG_MARGIN && (of_stated > of_heading || likeness > 0) {
                return of_heading > of_stated;
            }
        }
        let is_slogan = |text: &str| text.trim_end().ends_with(['.', '!']);
        if (is_slogan(heading) && !is_slogan(stated)) || (headings > 2 && likeness < SAME_MIN) {
            return false;
        }
        let count = |text: &str| text.split_whitespace().count();
        if self.said.published.is_some() || self.dates.iter().any(Note::is_stated_publication) {
            return likeness >= SOME_MIN && (count(heading) > 4 || likeness >= SAME_MIN);
        }
        likeness >= HALF_MIN || (count(stated) <= 2 && likeness > 0)
    }

    /// The title that the page states, without the site's name: `og:title` unless a heading bears `<title>` out.
    fn stated_title(&self, headings: &[&str], all: &[&str], host: &str) -> String {
        let title = self.without_site(&self.title, headings, all, host);
        let shared = self.without_site(&self.og_title, headings, all, host);
        let borne_out = |title: &str| all.iter().any(|heading| likeness(heading, title) >= SAME_MIN);
        if shared.is_empty()
            || self.names_site(&shared, host)
            || (!title.is_empty() && borne_out(&title) && !borne_out(&shared))
        {
            if title.is_empty() { shared } else { title }
        } else {
            shared
        }
    }

    fn without_site(&self, title: &str, headings: &[&str], all: &[&str], host: &str) -> String {
        let mut title = title.trim();
        if all.iter().any(|heading| same_words(heading, title)) {
            return title.to_owned();
        }
        loop {
            let cut = SEPARATORS
                .iter()
                .filter_map(|separator| title.rfind(separator).map(|at| (at, *separator)))
                .max_by_key(|(at, separator)| (*at, separator.len()));
            let Some((at, separator)) = cut else { return title.to_owned() };
            let head = title.get(..at).unwrap_or_default().trim();
            let tail = title.get(at.saturating_add(separator.len())..).unwrap_or_default().trim();
            if head.is_empty() {
                return tail.to_owned();
            }
            let names_it = self.names_site(tail, host);
            // Without spaces around it only a name that is known shows that it parts anything.
            if separator.len() == 1 && !names_it {
                return title.to_owned();
            }
            if all.iter().any(|heading| same_words(heading, head)) {
                return head.to_owned();
            }
            // A heading outside of the content is the site's name.
            if !names_it && headings.iter().any(|heading| same_words(heading, tail)) {
                return tail.to_owned();
            }
            if self.names_site(head, host) && !names_it {
                return tail.to_owned();
            }
            let words = |text: &str| text.split_whitespace().count();
            if !names_it && (words(tail) > SUFFIX_WORDS_MAX || separator == " / ") {
                return title.to_owned();
            }
            title = head;
            // Only bars part a chain of names; a dash further left is part of the title.
            if !separator.contains('|') || !title.contains('|') {
                return title.to_owned();
            }
        }
    }

    /// Whether a text is the name of the site, as its metadata or its host have it.
    pub(super) fn names_site(&self, text: &str, host: &str) -> bool {
        let text = squeezed(text);
        let labels: Vec<&str> = host.trim_start_matches("www.").split('.').take(LABELS_MAX).collect();
        let in_host = (0..labels.len()).any(|from| {
            let label = labels.get(from).copied().unwrap_or_default();
            (label.len() > 3 && squeezed(label) == text)
                || labels.get(from..).is_some_and(|end| end.len() > 1 && squeezed(&end.concat()) == text)
        });
        let named = [Some(self.site_name.as_str()), self.said.site_name.as_deref()];
        !text.is_empty() && (in_host || named.into_iter().flatten().any(|name| squeezed(name) == text))
    }
}

/// How much two titles share, in per cent of the longer words of both.
fn likeness(a: &str, b: &str) -> usize {
    let (a, b) = (words(a), words(b));
    let shared = a.iter().filter(|word| b.contains(word)).count();
    let all = a.len().saturating_add(b.len()).saturating_sub(shared);
    shared.saturating_mul(100).checked_div(all).unwrap_or_default()
}

/// How many of a slug's words stand in a title, in per cent.
fn covered(slug: &[String], title: &str) -> usize {
    let title = words(title);
    let shared = slug.iter().filter(|word| title.contains(word)).count();
    shared.saturating_mul(100).checked_div(slug.len()).unwrap_or_default()
}

/// The longer words in lower case; of scripts without capitals all.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2);
    words.take(HEADING_WORDS_MAX.saturating_mul(2)).map(str::to_owned).collect()
}

fn same_words(a: &str, b: &str) -> bool {
    let a = squeezed(a);
    !a.is_empty() && a == squeezed(b)
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(path: &str) -> Url {
        Url::parse(&format!("https://www.example.com/{path}")).expect("a URL")
    }

    fn titled(title: &str, headings: &[&str]) -> String {
        let mut clues = Clues::default();
        clues.title(title);
        clues.best_title(headings, headings, &own("a/b"))
    }

    #[test]
    fn the_sites_name_is_cut_from_the_title() {
        for (title, headings, expected) in [
            ("What is Ownership? - The Rust Programming Language", &[][..], "What is Ownership?"),
            ("Rates rise again | World | The Paper", &[], "Rates rise again"),
            ("Rates rise again |The Paper", &[], "Rates rise again"),
            ("Example: Home", &[], "Example: Home"),
            ("example.com - Prices of tin", &[], "Prices of tin"),
            ("The Paper | Rates rise again", &["Rates rise again"], "Rates rise again"),
            ("Rust - a language", &["Rust - a language"], "Rust - a language"),
            ("利率再次上升_example", &[], "利率再次上升"),
            ("snake_case", &[], "snake_case"),
            ("", &["Heading\u{b6}"], "Heading"),
            ("Example", &["Prices of tin"], "Prices of tin"),
        ] {
            assert_eq!(titled(title, headings), expected, "{title}");
        }
    }

    #[test]
    fn an_articles_heading_and_a_shops_title_are_what_they_are_called() {
        let mut clues = Clues::default();
        clues.title("Drills: 9 best cordless drills of 2025 tested, compared and rated | Example");
        let headings = ["The best cordless drills for your home"];
        assert_eq!(
            clues.best_title(&headings, &headings, &own("a/b")),
            "Drills: 9 best cordless drills of 2025 tested, compared and rated"
        );
        clues.json_ld(r#"{"@type":"Article","datePublished":"2025-01-01"}"#);
        assert_eq!(
            clues.best_title(&headings, &headings, &own("a/b")),
            "The best cordless drills for your home"
        );
        let slogan = ["Make more of your garden"];
        assert_eq!(
            clues.best_title(&slogan, &slogan, &own("a/b")),
            "Drills: 9 best cordless drills of 2025 tested, compared and rated"
        );
    }

    #[test]
    fn a_heading_that_is_the_sites_name_is_no_title() {
        let mut clues = Clues::default();
        clues.title("Prices of tin - The Metal Blog");
        assert_eq!(clues.best_title(&[], &["The Metal Blog"], &own("a/b")), "Prices of tin");
    }

    #[test]
    fn the_address_tells_a_heading_from_a_title() {
        let mut clues = Clues::default();
        clues.title("Tin prices explained | Example");
        let headings = ["What tin costs and why it will cost more"];
        let titled = |path| clues.best_title(&headings, &headings, &own(path));
        assert_eq!(titled("blog/tin-prices-explained"), "Tin prices explained");
        assert_eq!(titled("blog/what-tin-costs"), "What tin costs and why it will cost more");
    }

    #[test]
    fn a_front_page_is_called_by_its_sites_name() {
        let mut clues = Clues::default();
        clues.title("Example - Tin for everyone");
        clues.canonical("https://www.example.com/".into());
        assert_eq!(clues.best_title(&["Tin!"], &["Tin!"], &own("")), "Example - Tin for everyone");
    }
}
