//! Running heads and feet, bare page numbers, and tables of contents.

use super::super::layout::Line;
use super::sizes::Sizes;
use std::collections::BTreeMap;

/// Lines at the top and at the bottom of a page that may be furniture.
const EDGE_LINES: usize = 3;
/// A line that stands at the edge of this many pages is furniture.
const PAGES_MIN: usize = 3;

/// Dots that lead from an entry of a table of contents to its page.
const LEADERS_MIN: usize = 5;

/// Drops what repeats at the edges of pages, numbers set aside, numbers that stand alone there, and lines that only lead to
/// pages.
pub(super) fn remove(pages: &mut [Vec<Line>], sizes: &Sizes) {
    let key = |line: &Line| if sizes.is_large(line.size) { line.text.clone() } else { numberless(line) };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages.iter() {
        let mut keys: Vec<String> = edges(page).into_iter().filter_map(|at| page.get(at)).map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let count = seen.entry(key).or_default();
            *count = count.saturating_add(1);
        }
    }
    for page in pages.iter_mut() {
        let edges = edges(page);
        let outermost = [edges.first().copied(), edges.last().copied()];
        let mut at = 0_usize;
        page.retain(|line| {
            let here = at;
            at = at.saturating_add(1);
            let repeats = || seen.get(&key(line)).is_some_and(|pages| *pages >= PAGES_MIN);
            let number = || outermost.contains(&Some(here)) && is_page_number(&line.text);
            !(edges.contains(&here) && (repeats() || number())) && !leads_on(&line.text)
        });
    }
}

/// Places of the highest and lowest lines, from above.
fn edges(page: &[Line]) -> Vec<usize> {
    let mut places: Vec<(f32, usize)> = page.iter().enumerate().map(|(at, line)| (line.y, at)).collect();
    places.sort_by(|a, b| b.0.total_cmp(&a.0));
    let bottom = places.len().saturating_sub(EDGE_LINES).max(EDGE_LINES.min(places.len()));
    let chosen = places.iter().take(EDGE_LINES).chain(places.iter().skip(bottom));
    chosen.map(|(_, at)| *at).collect()
}

/// The line without its numbers. Headings keep theirs: `Chapter 2` is not `Chapter 3`.
fn numberless(line: &Line) -> String {
    let mut key = String::new();
    for c in line.text.chars().flat_map(char::to_lowercase) {
        if c.is_numeric() {
            if !key.ends_with('#') {
                key.push('#');
            }
        } else if !c.is_whitespace() {
            key.push(c);
        }
    }
    key
}

/// `Chapter . . . . . . 12`.
fn leads_on(text: &str) -> bool {
    let before = text.trim_end().trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    let leaders =
        before.chars().rev().take_while(|c| matches!(c, '.' | ' ' | '\t' | '\u{2024}' | '\u{2026}'));
    before.len() < text.trim_end().len() && leaders.filter(|c| !c.is_whitespace()).count() >= LEADERS_MIN
}

/// `12`, `xii`, `- 12 -`, `Page 12 of 30`, `12/30`.
fn is_page_number(text: &str) -> bool {
    /// Words around a page's number; none has more in real documents.
    const WORDS_MAX: usize = 5;
    let text = text.to_lowercase();
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let number = |word: &str| {
        (word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()))
            || (word.len() <= 6 && word.bytes().all(|b| b"ivxl".contains(&b)))
    };
    let around =
        |word: &str| matches!(word, "page" | "of" | "seite" | "von" | "p" | "s" | "pagina" | "de" | "sur");
    words().count() <= WORDS_MAX && words().any(number) && words().all(|word| number(word) || around(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(texts: &[&str]) -> Vec<Line> {
        let line = |(at, text): (usize, &&str)| Line {
            text: (**text).into(),
            y: 700.0 - 12.0 * at as f32,
            ..Line::default()
        };
        texts.iter().enumerate().map(line).collect()
    }

    #[test]
    fn what_repeats_at_the_edges_is_dropped() {
        let mut pages: Vec<Vec<Line>> = (1..5)
            .map(|number| {
                let (head, own) = (
                    format!("Chapter {number} \u{2014} The book"),
                    format!("own words {}", "x".repeat(number)),
                );
                page(&[
                    &head,
                    &own,
                    "b",
                    "c",
                    "d",
                    "e",
                    "repeated in the middle",
                    "f",
                    "g",
                    "h",
                    &format!("{number}"),
                ])
            })
            .collect();
        let sizes = Sizes::of(&pages);
        remove(&mut pages, &sizes);
        for page in &pages {
            let texts: Vec<&str> = page.iter().map(|line| line.text.as_str()).collect();
            assert!(texts.first().is_some_and(|text| text.starts_with("own words")), "{texts:?}");
            assert!(texts.contains(&"repeated in the middle"));
            assert!(!texts.iter().any(|text| is_page_number(text)));
        }
    }

    #[test]
    fn tables_of_contents_are_dropped() {
        assert!(leads_on("3.1 A chapter . . . . . . . 12") && leads_on("Preface..........ix"));
        assert!(!leads_on("and so on ... 12") && !leads_on("He said ......") && !leads_on("12"));
    }

    #[test]
    fn numbers_of_pages_are_known() {
        for text in ["12", "xii", "- 12 -", "Page 12 of 30", "12/30", "Seite 3 von 9"] {
            assert!(is_page_number(text), "{text}");
        }
        for text in ["12345", "in 2024", "civil", "Figure 3", "-", "mix of it", "12 000 people"] {
            assert!(!is_page_number(text), "{text}");
        }
    }
}
