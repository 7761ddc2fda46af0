//! A finished report read back: its chapters, and the pieces of which some can be left out.

use super::super::markdown::anchor;
use super::Report;
use super::chapter::Chapter;
use crate::text::sentence::sentences;
use std::collections::BTreeMap;

/// A report taken apart. Printed whole it is the very text that was read.
pub(super) struct Reading {
    /// Title, then what stands between it and the contents.
    pub(super) head: Vec<String>,
    /// Heading of the list of contents.
    pub(super) contents: String,
    /// Chapters in order.
    pub(super) chapters: Vec<Part>,
    /// What stands behind the sources: that something was left out.
    pub(super) note: Option<String>,
}

/// A chapter.
pub(super) struct Part {
    /// Which, when it is known.
    pub(super) kind: Option<Chapter>,
    /// Its heading without the number.
    pub(super) title: String,
    /// What it holds, in order.
    pub(super) pieces: Vec<Piece>,
}

/// The least that is left out alone: a sentence, an item of a list or a row of a table; or a heading, which goes with the
/// last piece under it.
#[derive(Clone)]
pub(super) struct Piece {
    /// Place of its section in the chapter, from 1; 0 above the first.
    pub(super) section: usize,
    /// The heading of that section.
    pub(super) heading: bool,
    /// Blanks before it.
    joint: &'static str,
    pub(super) text: String,
}

/// The places of pieces that are left out: of each chapter, by its place.
pub(super) type LeftOut = BTreeMap<usize, Vec<bool>>;

impl Reading {
    pub(super) fn of(report: &Report) -> Self {
        let mut reading =
            Self { head: Vec::new(), contents: String::new(), chapters: Vec::new(), note: None };
        let mut pieces: Vec<Piece> = Vec::new();
        let mut section = 0;
        for block in blocks(&report.markdown) {
            if let Some(title) = block.strip_prefix("## ") {
                if let Some(open) = reading.chapters.last_mut() {
                    open.pieces = std::mem::take(&mut pieces);
                }
                pieces.clear();
                section = 0;
                let number = format!("{}. ", reading.chapters.len() + 1);
                match title.strip_prefix(&number) {
                    Some(title) => {
                        let kind = report.chapters.get(reading.chapters.len()).copied();
                        let kind = kind.or_else(|| Chapter::of_title(title));
                        reading.chapters.push(Part { kind, title: title.to_owned(), pieces: Vec::new() });
                    }
                    None => reading.contents = title.to_owned(),
                }
            } else if reading.contents.is_empty() && reading.chapters.is_empty() {
                reading.head.push(block.to_owned());
            } else if let Some(title) = block.strip_prefix("### ") {
                section += 1;
                let title = title.split_once(' ').map_or(title, |(_, title)| title);
                pieces.push(Piece { section, heading: true, joint: "\n\n", text: title.to_owned() });
            } else {
                // Titles of sources hold full stops of their own.
                let sources = reading.chapters.last().is_some_and(|part| part.kind == Some(Chapter::Sources));
                let split = if sources { vec![("", block.to_owned())] } else { split(block) };
                pieces.extend(split.into_iter().enumerate().map(|(i, (joint, text))| Piece {
                    section,
                    heading: false,
                    joint: if i == 0 { "\n\n" } else { joint },
                    text,
                }));
            }
        }
        if let Some(open) = reading.chapters.last_mut() {
            open.pieces = pieces;
            // The list of sources ends the report; only a note may stand behind it.
            if open.kind == Some(Chapter::Sources)
                && open.pieces.last().is_some_and(|p| number_of(&p.text).is_none())
            {
                reading.note = open.pieces.pop().map(|piece| piece.text);
            }
        }
        reading
    }

    /// The document without what is left out. Chapters and sections are numbered anew; a heading that nothing is left
    /// under is left out as well.
    pub(super) fn print(&self, contents: bool, left_out: &LeftOut) -> String {
        let kept: Vec<(&Part, Vec<&Piece>)> = self
            .chapters
            .iter()
            .enumerate()
            .map(|(at, part)| (part, part.kept(left_out.get(&at))))
            .filter(|(_, pieces)| !pieces.is_empty())
            .collect();
        let mut out = self.head.join("\n\n");
        if contents && !self.contents.is_empty() {
            out.push_str(&format!("\n\n## {}\n", self.contents));
            for (i, (part, _)) in kept.iter().enumerate() {
                let heading = format!("{}. {}", i + 1, part.title);
                out.push_str(&format!("\n{}. [{}](#{})", i + 1, part.title, anchor(&heading)));
            }
        }
        for (i, (part, pieces)) in kept.iter().enumerate() {
            out.push_str(&format!("\n\n## {}. {}", i + 1, part.title));
            let mut section = 0;
            for piece in pieces {
                if piece.heading {
                    section += 1;
                    out.push_str(&format!("\n\n### {}.{section} {}", i + 1, piece.text));
                } else {
                    out.push_str(piece.joint);
                    out.push_str(&piece.text);
                }
            }
        }
        if let Some(note) = &self.note {
            out.push_str(&format!("\n\n{note}"));
        }
        out.push('\n');
        out
    }
}

impl Part {
    /// Paragraphs, items and rows, each whole.
    pub(super) fn blocks(&self) -> Vec<String> {
        let mut blocks: Vec<String> = Vec::new();
        for piece in self.pieces.iter().filter(|piece| !piece.heading) {
            match blocks.last_mut().filter(|_| piece.joint == " ") {
                Some(open) => {
                    open.push(' ');
                    open.push_str(&piece.text);
                }
                None => blocks.push(piece.text.clone()),
            }
        }
        blocks
    }

    /// The chapter without what is left out.
    pub(super) fn without(&self, left_out: Option<&Vec<bool>>) -> Self {
        let pieces = self.kept(left_out).into_iter().cloned().collect();
        Self { kind: self.kind, title: self.title.clone(), pieces }
    }

    fn kept(&self, left_out: Option<&Vec<bool>>) -> Vec<&Piece> {
        let gone = |at: usize| left_out.and_then(|gone| gone.get(at)).copied().unwrap_or(false);
        let full = |section: usize| {
            self.pieces.iter().enumerate().any(|(at, p)| p.section == section && !p.heading && !gone(at))
        };
        self.pieces
            .iter()
            .enumerate()
            .filter(|(at, piece)| if piece.heading { full(piece.section) } else { !gone(*at) })
            .map(|(_, piece)| piece)
            .collect()
    }
}

/// Number of the source that a line of the list of sources is about.
pub(super) fn number_of(line: &str) -> Option<u32> {
    let (number, _) = line.strip_prefix('[')?.split_once("] ")?;
    number.parse().ok()
}

/// What blank lines divide.
fn blocks(markdown: &str) -> impl Iterator<Item = &str> {
    markdown.split("\n\n").map(|block| block.trim_matches('\n')).filter(|block| !block.is_empty())
}

/// A block as pieces, each with what stands between it and the one before.
fn split(block: &str) -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = block.lines().collect();
    if block.starts_with('|') {
        // Without its head a row means nothing.
        let (head, rows) = lines.split_at(lines.len().min(3));
        let first = std::iter::once(("\n", head.join("\n")));
        return first.chain(rows.iter().map(|row| ("\n", (*row).to_owned()))).collect();
    }
    if lines.iter().all(|line| is_item(line)) {
        return lines.into_iter().map(|line| ("\n", line.to_owned())).collect();
    }
    let parts: Vec<&str> = sentences(block).into_iter().filter_map(|range| block.get(range)).collect();
    // Emphasis across a full stop holds sentences together, and what is set in lines stays so.
    let whole = lines.len() == 1
        && parts.iter().all(|p| p.matches("**").count() % 2 == 0)
        && parts.join(" ") == block;
    if whole {
        parts.into_iter().map(|p| (" ", p.to_owned())).collect()
    } else {
        vec![("\n\n", block.to_owned())]
    }
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    line.starts_with("- ") || (digits > 0 && line.get(digits..).is_some_and(|rest| rest.starts_with(". ")))
}
