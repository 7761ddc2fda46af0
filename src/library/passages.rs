//! Markdown cut into passages: the unit that is indexed, searched, and shown to an analyst.

use crate::text::{one_line, words_as_written};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

/// Words at which a passage is worth closing: enough for a claim and its context.
const WORDS_WANTED: usize = 120;
/// Words a passage does not exceed if there is a place to cut: twice the wanted, some 330 tokens, so that a dozen fit
/// into a small model's context.
const WORDS_MAX: usize = 250;
/// Bytes a passage never exceeds: 250 long words of 10 letters in a three-byte script would be 7.5 KB. Keeps any code
/// block of up to a hundred lines whole, and lies far below a row's 2 MB.
const PASSAGE_BYTES_MAX: usize = 8 * 1024;
/// Most passages of one document: 1 MB of text makes about 800; a document of one-line sections makes more. What lies
/// behind the last is left out.
const PASSAGES_MAX: usize = 4_000;
/// Longest heading path, in characters.
const HEADING_CHARS_MAX: usize = 200;
/// Stands between the headings of a path.
const BELOW: &str = " > ";

/// A stretch of one document under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The headings it stands under, outermost first, as in `Chapter > Section`; empty before the first heading.
    pub heading: String,
    /// Its Markdown, without white space at either end; never empty. Equals the document at `start..start + text.len()`.
    pub text: String,
    /// Byte offset of the text in the document.
    pub start: usize,
}

impl Passage {
    /// The headings of its path, outermost first.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.heading.split(BELOW).filter(|heading| !heading.is_empty())
    }
}

/// Cuts a document into passages of about 120 to 250 words, in document order, at most 4,000 and at most 8 KB each.
///
/// Cuts lie before headings always, else between blocks, list items or table rows; inside a paragraph between sentences;
/// inside a code block only when it is longer than 8 KB. Headings themselves are in the path, not in the text.
#[must_use]
pub fn split(markdown: &str) -> Vec<Passage> {
    let mut passages = Packer { markdown, heading: String::new(), open: None, passages: Vec::new() };
    for unit in units(markdown) {
        match unit {
            Unit::Heading(path) => passages.begin_section(path),
            Unit::Text { start, end, code } => passages.add(start, end, code),
        }
    }
    passages.close();
    passages.passages.truncate(PASSAGES_MAX);
    passages.passages
}

/// What a document is made of, in order.
enum Unit {
    /// A heading; holds the path that is valid from here.
    Heading(String),
    /// Bytes that belong together: a paragraph, an item, a row, a code block.
    Text { start: usize, end: usize, code: bool },
}

fn units(markdown: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut path: Vec<(HeadingLevel, String)> = Vec::new();
    let mut open_heading: Option<(HeadingLevel, String)> = None;
    // Where the current unit begins, and whether it is code; a unit ends where the next begins.
    let (mut start, mut code) = (0, false);
    let mut depth = 0_usize;
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter();
    for (event, range) in events {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                units.push(Unit::Text { start, end: range.start, code });
                (start, code) = (range.end, false);
                open_heading = Some((level, String::new()));
                depth += 1;
            }
            Event::End(TagEnd::Heading(_)) if open_heading.is_some() => {
                depth = depth.saturating_sub(1);
                if let Some((level, text)) = open_heading.take() {
                    path.retain(|(above, _)| *above < level);
                    path.push((level, one_line(&text)));
                    units.push(Unit::Heading(joined(&path)));
                }
            }
            Event::Text(text) | Event::Code(text) if open_heading.is_some() => {
                if let Some((_, heading)) = open_heading.as_mut() {
                    heading.push_str(&text);
                }
            }
            Event::SoftBreak if open_heading.is_some() => {
                if let Some((_, heading)) = open_heading.as_mut() {
                    heading.push(' ');
                }
            }
            Event::Start(tag) => {
                if may_cut_before(&tag) && range.start > start {
                    units.push(Unit::Text { start, end: range.start, code });
                    start = range.start;
                }
                if may_cut_before(&tag) {
                    code = matches!(tag, Tag::CodeBlock(_));
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    units.push(Unit::Text { start, end: markdown.len(), code });
    units
}

fn may_cut_before(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::Item
            | Tag::List(_)
            | Tag::CodeBlock(_)
            | Tag::BlockQuote(_)
            | Tag::Table(_)
            | Tag::TableRow
            | Tag::HtmlBlock
    )
}

fn joined(path: &[(HeadingLevel, String)]) -> String {
    let named: Vec<&str> =
        path.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty()).collect();
    named.join(BELOW).chars().take(HEADING_CHARS_MAX).collect()
}

/// Fills passages with units.
struct Packer<'a> {
    markdown: &'a str,
    heading: String,
    /// Start, end and words of the passage being filled.
    open: Option<(usize, usize, usize)>,
    passages: Vec<Passage>,
}

impl Packer<'_> {
    fn begin_section(&mut self, heading: String) {
        self.close();
        self.heading = heading;
    }

    /// Adds a unit, in pieces when it is too long for one passage.
    fn add(&mut self, start: usize, end: usize, code: bool) {
        let Some(text) = self.markdown.get(start..end) else { return };
        if end - start <= PASSAGE_BYTES_MAX && (code || words(text) <= WORDS_MAX) {
            return self.add_piece(start, end);
        }
        let pieces: Vec<&str> =
            if code { text.split_inclusive('\n').collect() } else { text.split_sentence_bounds().collect() };
        let mut at = start;
        for piece in pieces {
            let mut rest = piece;
            while !rest.is_empty() {
                let cut = cut_before_limit(rest);
                let (head, tail) = rest.split_at_checked(cut).unwrap_or((rest, ""));
                self.add_piece(at, at + head.len());
                at += head.len();
                rest = tail;
            }
        }
    }

    fn add_piece(&mut self, start: usize, end: usize) {
        let count = self.markdown.get(start..end).map_or(0, words);
        if let Some((open_start, _, open_words)) = self.open {
            let full =
                open_words + count > WORDS_MAX && (open_words >= WORDS_WANTED || count >= WORDS_WANTED);
            if full || end - open_start > PASSAGE_BYTES_MAX {
                self.close();
            }
        }
        self.open = match self.open {
            Some((open_start, _, open_words)) => Some((open_start, end, open_words + count)),
            None => Some((start, end, count)),
        };
    }

    fn close(&mut self) {
        let Some((start, end, _)) = self.open.take() else { return };
        let Some(whole) = self.markdown.get(start..end) else { return };
        let text = whole.trim();
        if !text.is_empty() && self.passages.len() < PASSAGES_MAX {
            let start = start + (whole.len() - whole.trim_start().len());
            self.passages.push(Passage { heading: self.heading.clone(), text: text.to_owned(), start });
        }
    }
}

fn words(text: &str) -> usize {
    words_as_written(text).count()
}

/// Where to cut a sentence or line so that it fits: behind the last white space within the first 250 words and 8 KB, or
/// at a character when there is none.
fn cut_before_limit(text: &str) -> usize {
    let limit = PASSAGE_BYTES_MAX.min(text.len());
    let limit = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let head = text.get(..limit).unwrap_or(text);
    let end = head.unicode_word_indices().nth(WORDS_MAX).map_or(limit, |(at, _)| at);
    if end == text.len() {
        return end;
    }
    let space = head.get(..end).and_then(|head| head.char_indices().rfind(|(_, c)| c.is_whitespace()));
    space.map(|(at, c)| at + c.len_utf8()).unwrap_or(end).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sentence(words: usize) -> String {
        format!("The {}.", vec!["word"; words - 1].join(" "))
    }

    fn headings(passages: &[Passage]) -> Vec<&str> {
        passages.iter().map(|passage| passage.heading.as_str()).collect()
    }

    #[test]
    fn passages_stand_under_their_heading_path() {
        let passages = split(
            "Before.\n\n# Guide\n\nIntro.\n\n## Set `up`\n\nFirst.\n\nSecond.\n\n### Deep\n\nD.\n\n## Use *it*\n\nU.\n\nTitle two\n=========\n\nT.",
        );
        assert_eq!(
            headings(&passages),
            ["", "Guide", "Guide > Set up", "Guide > Set up > Deep", "Guide > Use it", "Title two"]
        );
        let texts: Vec<_> = passages.iter().map(|passage| passage.text.as_str()).collect();
        assert_eq!(texts, ["Before.", "Intro.", "First.\n\nSecond.", "D.", "U.", "T."]);
    }

    #[test]
    fn short_paragraphs_are_gathered_and_long_ones_cut_between_sentences() {
        let short = vec![sentence(40); 12].join("\n\n");
        let sizes: Vec<_> = split(&short).iter().map(|passage| words(&passage.text)).collect();
        assert_eq!(sizes, [240, 240]);
        let long = vec![sentence(30); 20].join(" ");
        let passages = split(&long);
        let sizes: Vec<_> = passages.iter().map(|passage| words(&passage.text)).collect();
        assert_eq!(sizes, [240, 240, 120]);
        assert!(passages.iter().all(|passage| passage.text.ends_with('.')));
    }

    #[test]
    fn a_code_block_stays_whole_with_what_looks_like_headings_in_it() {
        let code = format!("```sh\n{}\n```", "# not a heading\n\nrun --fast now\n".repeat(100));
        let passages = split(&format!("{}\n\n{code}\n\n{}", sentence(200), sentence(100)));
        assert_eq!(passages.iter().filter(|passage| passage.text.contains("```")).count(), 1);
        assert!(passages.iter().any(|passage| passage.text.contains(&code)));
        assert_eq!(headings(&passages), vec![""; passages.len()]);
    }

    #[test]
    fn a_huge_code_block_is_cut_between_lines() {
        let code = format!("```\n{}```", "let x = 1;\n".repeat(3_000));
        let passages = split(&code);
        assert!(passages.len() > 3);
        assert!(passages.iter().all(|passage| passage.text.len() <= PASSAGE_BYTES_MAX));
        assert!(passages.iter().skip(1).all(|passage| passage.text.starts_with("let x = 1;")));
    }

    #[test]
    fn lists_and_tables_are_cut_between_items_and_rows() {
        let items = format!("- {}\n", sentence(30)).repeat(20);
        assert!(split(&items).iter().all(|passage| passage.text.starts_with("- ")));
        assert_eq!(split(&items).len(), 3);
        let rows = format!("| a | b |\n|---|---|\n{}", format!("| {} | x |\n", sentence(30)).repeat(20));
        let passages = split(&rows);
        assert!(passages.len() >= 3, "{}", passages.len());
        assert!(passages.iter().skip(1).all(|passage| passage.text.starts_with("| The")));
    }

    #[test]
    fn a_wall_of_text_without_spaces_is_cut_at_characters() {
        let wall = "é".repeat(20_000);
        let passages = split(&wall);
        assert_eq!(passages.iter().map(|passage| passage.text.len()).sum::<usize>(), wall.len());
        assert!(passages.iter().all(|passage| passage.text.len() <= PASSAGE_BYTES_MAX));
        let chinese = "気候変動の影響。".repeat(500);
        assert!(split(&chinese).iter().all(|passage| words(&passage.text) <= WORDS_MAX));
    }

    #[test]
    fn the_number_of_passages_is_bounded() {
        assert_eq!(split(&"# H\n\nx\n\n".repeat(PASSAGES_MAX + 10)).len(), PASSAGES_MAX);
        assert_eq!(split(""), []);
        assert_eq!(split("# Only a heading\n"), []);
    }

    fn check(markdown: &str) {
        let mut behind = 0;
        for passage in split(markdown) {
            let end = passage.start + passage.text.len();
            assert_eq!(markdown.get(passage.start..end), Some(passage.text.as_str()));
            assert!(
                passage.start >= behind
                    && passage.text.len() <= PASSAGE_BYTES_MAX
                    && !passage.text.is_empty()
            );
            let between = markdown.get(behind..passage.start).unwrap();
            assert!(!between.contains("zz"), "lost text before {}", passage.start);
            behind = end;
        }
        assert!(!markdown.get(behind..).unwrap().contains("zz"), "lost text at the end");
    }

    #[test]
    fn deep_nesting_is_no_trouble() {
        check(&format!("{}zz", "> ".repeat(5_000)));
        check(&format!("{}zz", "- ".repeat(2_000)));
        check(&"[".repeat(20_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        // `zz` marks text that must not get lost.
        #[test]
        fn offsets_are_true_and_no_text_is_lost(parts in prop::collection::vec(prop_oneof![
            Just("\n\n# ab\n\n"), Just("zz zz. "), Just("\n\n"), Just("\n- zz\n"), Just("\n  - zz\n"), Just("\n> zz\n"),
            Just("\n```\nzz\n\nzz\n"), Just("\n| a | zz |\n|---|---|\n| zz | é |\n"), Just("<div>zz\n"), Just("    zz\n"),
            Just("\n~~~~ zz\n"), Just("zz\n===\n"), Just("\u{3000}日本zz。"), Just("[zz]: /x\n"), Just("***\n"), Just("\r\n"),
        ], 0..60)) {
            let text: String = parts.concat();
            // Set-ext headings are text that rightly leaves the passages.
            let text = text.replace("zz\n===", "ab\n===");
            let headings_hold_marks = pulldown_cmark::Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter()
                .any(|(event, range)| matches!(event, Event::Start(Tag::Heading { .. })) && text.get(range).unwrap().contains("zz"));
            if !headings_hold_marks {
                check(&text);
            }
        }
    }
}
