//! Markdown taken apart into sentences that remember their exact bytes.

use crate::text::{one_line, sentence, words_as_written};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Most sentences taken from one page's passages: 60 KB of prose have about 600.
const SENTENCES_MAX: usize = 2_000;
/// Most columns of a table whose rows are read as statements.
const COLUMNS_MAX: usize = 8;

/// More words are a sentence, even without its stop.
const LABEL_WORDS_MAX: usize = 8;

/// One statement of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence {
    /// Which passage it stands in.
    pub(super) passage: usize,
    /// Its bytes in that passage.
    pub(super) source: Range<usize>,
    /// Its words without markup; code keeps its backticks.
    pub(super) text: String,
    /// The headings above it, outermost first, and the term whose explanation it is.
    pub(super) headings: Vec<String>,
    /// Number of its paragraph, list item or table row on the page.
    pub(super) block: usize,
    /// It is a table row, read as `Header: cell; Header: cell`.
    pub(super) row: bool,
    /// Share of its characters that are link text, in percent.
    pub(super) linked_percent: usize,
    /// The list or the table of keys and values it is part of; 0 for none.
    pub(super) group: usize,
    /// Set on what comes first after the term it explains: where the term begins, and the term.
    pub(super) term: Option<(usize, String)>,
}

/// The statements of a page's passages in order. Code blocks, HTML and headings give none.
pub(super) fn sentences(passages: &[String]) -> Vec<Sentence> {
    let mut reader = Reader::default();
    for (place, passage) in passages.iter().enumerate() {
        reader.passage = place;
        reader.read(passage);
        if reader.out.len() >= SENTENCES_MAX {
            break;
        }
    }
    reader.out
}

/// A text without its Markdown, on one line; code keeps its backticks.
pub(crate) fn plain(markdown: &str) -> String {
    let mut out = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Text(text) => out.push_str(&text),
            Event::Code(code) => push_code(&mut out, &code),
            Event::SoftBreak | Event::HardBreak | Event::End(_) if !out.ends_with(' ') => {
                if matches!(
                    event,
                    Event::SoftBreak
                        | Event::HardBreak
                        | Event::End(
                            TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::Heading(_)
                        )
                ) {
                    out.push(' ');
                }
            }
            _ => {}
        }
    }
    one_line(&out)
}

/// A run of plain text and the source bytes it stands for.
struct Run {
    plain: Range<usize>,
    source: Range<usize>,
    /// With the markup that opens before it and closes behind it.
    outer: Range<usize>,
    /// Byte for byte the same as its source.
    verbatim: bool,
    linked: bool,
}

#[derive(Default)]
struct Reader {
    out: Vec<Sentence>,
    passage: usize,
    headings: Vec<(usize, String)>,
    blocks: usize,
    plain: String,
    runs: Vec<Run>,
    opened_at: Option<usize>,
    linked: usize,
    skip: usize,
    heading: Option<usize>,
    header: Vec<String>,
    cells: Vec<String>,
    in_row: bool,
    /// The last block, when it is short and no sentence: before a list it is the term that the list explains.
    label: Option<(usize, String)>,
    /// The term of the outermost list.
    term: Option<(usize, String)>,
    /// No sentence has come after the term yet.
    term_opens: bool,
    lists: usize,
    /// Number of the list or table that is open.
    group: usize,
    groups: usize,
}

impl Reader {
    fn read(&mut self, passage: &str) {
        self.plain.clear();
        self.runs.clear();
        (self.skip, self.linked, self.heading, self.in_row) = (0, 0, None, false);
        (self.label, self.term, self.lists, self.group) = (None, None, 0, 0);
        for (event, range) in Parser::new_ext(passage, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(tag) => self.start(&tag, &range),
                Event::End(tag) => self.end(passage, tag, &range),
                Event::Text(text) if self.skip == 0 => self.push(passage, &text, range, false),
                Event::Code(code) if self.skip == 0 => self.push(passage, &code, range, true),
                Event::SoftBreak | Event::HardBreak if self.skip == 0 => self.plain.push(' '),
                _ => {}
            }
            if self.out.len() >= SENTENCES_MAX {
                return;
            }
        }
        self.flush();
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Image { .. } | Tag::MetadataBlock(_) => self.skip += 1,
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(*level as usize);
            }
            Tag::Link { .. } => {
                self.linked += 1;
                self.opened_at.get_or_insert(range.start);
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                self.opened_at.get_or_insert(range.start);
            }
            Tag::Table(_) => {
                self.flush();
                self.header.clear();
                self.groups += 1;
                self.group = self.groups;
            }
            Tag::TableHead | Tag::TableRow => {
                self.cells.clear();
                self.in_row = true;
            }
            Tag::TableCell => {
                self.plain.clear();
                self.runs.clear();
            }
            Tag::List(_) => {
                self.flush();
                if self.lists == 0 {
                    self.term = self.label.take();
                    self.term_opens = self.term.is_some();
                    self.groups += 1;
                    self.group = self.groups;
                }
                self.lists += 1;
            }
            Tag::Paragraph | Tag::Item | Tag::BlockQuote(_) => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, passage: &str, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Image | TagEnd::MetadataBlock(_) => {
                self.skip = self.skip.saturating_sub(1);
            }
            TagEnd::Heading(_) => {
                let level = self.heading.take().unwrap_or(1);
                let text = one_line(&self.plain);
                self.headings.retain(|(above, _)| *above < level);
                self.headings.push((level, text));
                self.label = None;
                self.plain.clear();
                self.runs.clear();
                self.blocks += 1;
            }
            TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                if tag == TagEnd::Link {
                    self.linked = self.linked.saturating_sub(1);
                }
                if let Some(run) = self.runs.last_mut() {
                    run.outer.end = range.end;
                }
                self.opened_at = None;
            }
            // A table of one column is a box around prose.
            TagEnd::TableCell if self.header.len() == 1 => {
                self.in_row = false;
                self.flush();
                self.in_row = true;
            }
            TagEnd::TableCell => {
                self.cells.push(one_line(&self.plain));
                self.plain.clear();
                self.runs.clear();
            }
            TagEnd::TableHead => {
                self.header = std::mem::take(&mut self.cells);
                self.in_row = false;
            }
            TagEnd::TableRow => self.row(passage, range),
            TagEnd::List(_) => {
                self.flush();
                self.lists = self.lists.saturating_sub(1);
                if self.lists == 0 {
                    self.term = None;
                    self.group = 0;
                }
            }
            TagEnd::Table => self.group = 0,
            TagEnd::Paragraph | TagEnd::Item | TagEnd::BlockQuote(_) => self.flush(),
            _ => {}
        }
    }

    fn push(&mut self, passage: &str, text: &str, source: Range<usize>, code: bool) {
        let start = self.plain.len();
        if code {
            push_code(&mut self.plain, text);
        } else {
            self.plain.push_str(text);
        }
        let outer = self.opened_at.take().unwrap_or(source.start)..source.end;
        let verbatim = !code && passage.get(source.clone()) == Some(text);
        self.runs.push(Run {
            plain: start..self.plain.len(),
            source,
            outer,
            verbatim,
            linked: self.linked > 0,
        });
    }

    /// A table row becomes one statement when its header is known and it is small.
    fn row(&mut self, passage: &str, range: &Range<usize>) {
        let cells = std::mem::take(&mut self.cells);
        self.in_row = false;
        self.blocks += 1;
        if !(2..=COLUMNS_MAX).contains(&cells.len()) || cells.iter().filter(|c| !c.is_empty()).count() < 2 {
            return;
        }
        // Without a header the first of two cells is a key.
        let keyed = cells.len() == 2 && self.header.iter().all(String::is_empty);
        let named =
            cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).map(|(at, cell)| {
                match self.header.get(at).filter(|h| !h.is_empty()) {
                    Some(header) => format!("{header}: {cell}"),
                    None => cell.clone(),
                }
            });
        let text = match cells.as_slice() {
            [key, value] if keyed => format!("{}: {value}", key.trim_end_matches(':')),
            _ => named.collect::<Vec<_>>().join("; "),
        };
        let headings = self.headings.iter().map(|(_, h)| h.clone()).collect();
        let Some(source) = trimmed(passage, range.clone()) else { return };
        self.out.push(Sentence {
            passage: self.passage,
            source,
            text,
            headings,
            block: self.blocks,
            row: true,
            linked_percent: 0,
            group: if keyed { self.group } else { 0 },
            term: None,
        });
    }

    /// Ends a block of running text.
    fn flush(&mut self) {
        if self.heading.is_some() || self.in_row {
            return;
        }
        let plain = std::mem::take(&mut self.plain);
        let runs = std::mem::take(&mut self.runs);
        self.opened_at = None;
        if runs.is_empty() {
            return;
        }
        self.blocks += 1;
        self.label = label(&plain).and_then(|label| Some((runs.first().map(|run| run.outer.start)?, label)));
        let term = self.term.iter().map(|(_, term)| term);
        let headings: Vec<String> = self.headings.iter().map(|(_, h)| h).chain(term).cloned().collect();
        for range in sentence::sentences(&plain) {
            let (Some(start), Some(end)) = (source_start(&runs, range.start), source_end(&runs, range.end))
            else {
                continue;
            };
            let Some(text) = plain.get(range.clone()).filter(|_| start < end) else { continue };
            let linked: usize = runs.iter().filter(|r| r.linked).map(|r| overlap(&r.plain, &range)).sum();
            self.out.push(Sentence {
                passage: self.passage,
                source: start..end,
                text: one_line(text),
                headings: headings.clone(),
                block: self.blocks,
                row: false,
                linked_percent: linked * 100 / range.len().max(1),
                group: if self.lists > 0 { self.group } else { 0 },
                term: self.term.clone().filter(|_| std::mem::take(&mut self.term_opens)),
            });
        }
    }
}

/// The block as the label of what comes after it: few words that are no sentence.
fn label(plain: &str) -> Option<String> {
    let text = one_line(plain);
    let short = word_count(&text) <= LABEL_WORDS_MAX && !text.ends_with(['.', '!', '?', ':', ';']);
    (short && !text.is_empty()).then_some(text)
}

fn push_code(out: &mut String, code: &str) {
    // Code with backticks inside cannot be a single-tick span; without them it stays readable.
    if code.contains('`') {
        out.push_str(&code.replace('`', "'"));
    } else {
        out.push('`');
        out.push_str(code);
        out.push('`');
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

/// Source offset at which the plain offset `at` begins.
fn source_start(runs: &[Run], at: usize) -> Option<usize> {
    let run = runs.iter().find(|r| r.plain.end > at)?;
    Some(match at.checked_sub(run.plain.start) {
        Some(0) | None => run.outer.start,
        Some(inside) if run.verbatim => run.source.start + inside,
        Some(_) => run.source.start,
    })
}

/// Source offset behind the plain offset `at`.
fn source_end(runs: &[Run], at: usize) -> Option<usize> {
    let run = runs.iter().rev().find(|r| r.plain.start < at)?;
    Some(match run.plain.end.checked_sub(at) {
        Some(0) | None => run.outer.end,
        Some(_) if run.verbatim => run.source.start + (at - run.plain.start),
        Some(_) => run.source.end,
    })
}

fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let part = text.get(range.clone())?;
    let start = range.start + (part.len() - part.trim_start().len());
    let end = start + part.trim().len();
    (start < end).then_some(start..end)
}

/// Words of a text; a character of a script without spaces counts as half a word.
pub(super) fn word_count(text: &str) -> usize {
    let (mut words, mut wide) = (0usize, 0usize);
    for (_, word) in words_as_written(text) {
        if word
            .chars()
            .all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{0e00}'..='\u{0e7f}'))
        {
            wide += word.chars().count();
        } else {
            words += 1;
        }
    }
    words + wide / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(passage: &str) -> Vec<(String, String)> {
        let passages = [passage.to_owned()];
        sentences(&passages)
            .into_iter()
            .map(|s| (passage.get(s.source).unwrap().to_owned(), s.text))
            .collect()
    }

    fn texts(passage: &str) -> Vec<String> {
        read(passage).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn markup_stays_in_the_quote_and_leaves_the_text() {
        let found = read(
            "**Ownership** is a *set of rules*. See [the `String` type](x.html) for [more](y.html). Done\nnow &amp; here!",
        );
        let expected = [
            ("**Ownership** is a *set of rules*.", "Ownership is a set of rules."),
            ("See [the `String` type](x.html) for [more](y.html).", "See the `String` type for more."),
            ("Done\nnow &amp; here!", "Done now & here!"),
        ];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_table_of_one_column_is_a_box_around_prose() {
        let page =
            "| Note |\n| --- |\n| Large images are **slow**. You are asked above 128 MB. |\n\nOn it goes.";
        let expected = [
            ("Large images are **slow**.", "Large images are slow."),
            ("You are asked above 128 MB.", "You are asked above 128 MB."),
            ("On it goes.", "On it goes."),
        ];
        assert_eq!(read(page), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_term_stands_above_its_explanation_like_a_heading() {
        let page = "# Settings\n\n`save.interval` (integer)\n\n- Time between two saves.\n  - In seconds.\n\nThese are all of them.\n\n- No term.";
        let found = sentences(&[page.to_owned()]);
        let above = |text: &str| found.iter().find(|s| s.text == text).unwrap().headings.clone();
        assert_eq!(above("Time between two saves."), ["Settings", "`save.interval` (integer)"]);
        assert_eq!(above("In seconds."), ["Settings", "`save.interval` (integer)"]);
        assert_eq!(above("These are all of them."), ["Settings"]);
        assert_eq!(above("No term."), ["Settings"]);
    }

    #[test]
    fn dots_that_end_nothing_do_not_split() {
        let text = "Prof. J. Smith et al. measured 3.5 ms, e.g. on v1.2 of the U.S. grid (cf. Fig. 3). It uses `a. B` code. Is it so? Yes.";
        assert_eq!(
            texts(text),
            [
                "Prof. J. Smith et al. measured 3.5 ms, e.g. on v1.2 of the U.S. grid (cf. Fig. 3).",
                "It uses `a. B` code.",
                "Is it so?",
                "Yes."
            ]
        );
    }

    #[test]
    fn wide_scripts_split_at_their_own_marks() {
        assert_eq!(
            texts("所有権は規則です。値は一つの所有者を持つ。"),
            ["所有権は規則です。", "値は一つの所有者を持つ。"]
        );
        assert_eq!(word_count("所有権は規則です"), 4);
    }

    #[test]
    fn code_html_and_headings_are_never_sentences() {
        let page = "# Title here\n\nText one.\n\n```rust\n// A comment sentence.\nfn main() {}\n```\n\n    indented code.\n\n<div>Html block.</div>\n\n## Sub\n\n- item one\n- item **two**\n";
        assert_eq!(texts(page), ["Text one.", "item one", "item two"]);
        let all = sentences(&[page.to_owned()]);
        assert_eq!(all[0].headings, ["Title here"]);
        assert_eq!(all[2].headings, ["Title here", "Sub"]);
    }

    #[test]
    fn a_table_row_is_read_with_its_header() {
        let page = "| Limit | Value |\n|---|---|\n| columns | 1,600 |\n| rows | |\n";
        assert_eq!(
            read(page),
            [("| columns | 1,600 |".to_owned(), "Limit: columns; Value: 1,600".to_owned())]
        );
    }

    #[test]
    fn link_lists_are_known_as_such() {
        let page = [
            "[First chapter](a) [Second chapter](b)".to_owned(),
            "Plain text with [a link](b) in it.".to_owned(),
        ];
        let found = sentences(&page);
        assert!(found[0].linked_percent > 80 && found[1].linked_percent < 30, "{found:?}");
    }

    #[test]
    fn quotes_across_lines_of_a_block_quote_are_exact() {
        assert_eq!(
            read("> One two\n> three.\n"),
            [("One two\n> three.".to_owned(), "One two three.".to_owned())]
        );
    }
}
