//! A report for a small context: what matters least goes first, and what stays is as sound as before.

use super::chapter::Chapter;
use super::check::numbers;
use super::phrases::{Phrase, Phrases};
use super::reading::{LeftOut, Reading, number_of};
use super::style::replaced;
use super::{Citation, Report, Source};
use crate::order::sort_by_key;
use crate::text::sentence::sentences;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Fewest tokens that may be asked for: a title, one sentence and its sources.
pub const REPORT_TOKENS_MIN: u32 = 300;
/// Bytes that count as a token. English prose has more than four and addresses about three, so that a text is rather
/// shorter than asked for.
const BYTES_PER_TOKEN: usize = 3;

/// Whole chapters that go before anything of the findings does, in this order.
const CHAPTERS_FIRST: [Chapter; 9] = [
    Chapter::Methodology,
    Chapter::Temporal,
    Chapter::Unhelpful,
    Chapter::Gaps,
    Chapter::Context,
    Chapter::Projections,
    Chapter::Risks,
    Chapter::Statistics,
    Chapter::Conflicts,
];

/// The tokens that a text is taken to have.
#[must_use]
pub fn tokens(text: &str) -> u32 {
    u32::try_from(text.len().div_ceil(BYTES_PER_TOKEN)).unwrap_or(u32::MAX)
}

/// The report in about `tokens_max` tokens.
///
/// Left out, until it fits, in this order: the contents; methodology, temporal notes, pages that did not
/// answer, data gaps, context, projections, risks, statistics, conflicts, each whole; sentences, items and rows of the key findings, always from the end of the longest
/// section, until each has one; sections from the last on; the lines under the title; sentences of the summary from the
/// end. Title and first sentence stay in any case. Sources that nothing cites any more go too, the others are numbered
/// anew, and the last line says what was left out.
#[must_use]
pub fn fit(report: &Report, tokens_max: u32) -> Report {
    if tokens(&report.markdown) <= tokens_max {
        return report.clone();
    }
    let reading = Reading::of(report);
    let order = order(&reading);
    let (mut low, mut high) = (1, order.len());
    // Halving ends after log2 of the pieces.
    while low < high {
        let middle = low.midpoint(high);
        if tokens(&without(report, &reading, order.get(..middle).unwrap_or_default()).markdown) <= tokens_max
        {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    without(report, &reading, order.get(..low).unwrap_or_default())
}

/// What is left out together.
enum Cut {
    Contents,
    Head,
    /// Pieces of a chapter, by their places.
    Pieces(usize, Vec<usize>),
}

/// Everything that can be left out, what matters least first.
fn order(reading: &Reading) -> Vec<Cut> {
    let mut cuts = vec![Cut::Contents];
    let places = |kind: Option<Chapter>| {
        reading.chapters.iter().enumerate().filter(move |(_, part)| part.kind == kind).map(|(at, _)| at)
    };
    // A chapter that this release does not know is no finding.
    for kind in CHAPTERS_FIRST.into_iter().map(Some).chain([None]) {
        for chapter in places(kind) {
            let all = reading.chapters.get(chapter).map_or(0, |part| part.pieces.len());
            cuts.push(Cut::Pieces(chapter, (0..all).collect()));
        }
    }
    for chapter in places(Some(Chapter::Findings)) {
        cuts.extend(thinned(reading, chapter).into_iter().map(|place| Cut::Pieces(chapter, vec![place])));
    }
    cuts.push(Cut::Head);
    for chapter in places(Some(Chapter::Summary)) {
        let all = reading.chapters.get(chapter).map_or(0, |part| part.pieces.len());
        cuts.extend((1..all).rev().map(|place| Cut::Pieces(chapter, vec![place])));
    }
    cuts
}

/// Pieces of sections: the last of the longest first, the first of each section at the end, from the last section on.
fn thinned(reading: &Reading, chapter: usize) -> Vec<usize> {
    let Some(part) = reading.chapters.get(chapter) else { return Vec::new() };
    let mut sections: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, piece) in part.pieces.iter().enumerate().filter(|(_, piece)| !piece.heading) {
        sections.entry(piece.section).or_default().push(place);
    }
    let length = |places: &Vec<usize>| -> usize {
        places.iter().filter_map(|place| part.pieces.get(*place)).map(|piece| piece.text.len()).sum()
    };
    let mut gone = Vec::new();
    while let Some(places) =
        sections.values_mut().filter(|places| places.len() > 1).max_by_key(|places| length(places))
    {
        gone.extend(places.pop());
    }
    gone.extend(sections.into_values().rev().flatten());
    gone
}

fn without(report: &Report, reading: &Reading, cuts: &[Cut]) -> Report {
    let mut left_out: LeftOut = BTreeMap::new();
    let (mut contents, mut head) = (true, reading.head.clone());
    for cut in cuts {
        match cut {
            Cut::Contents => contents = false,
            Cut::Head => head.truncate(1),
            Cut::Pieces(chapter, places) => {
                let all = reading.chapters.get(*chapter).map_or(0, |part| part.pieces.len());
                let gone = left_out.entry(*chapter).or_insert_with(|| vec![false; all]);
                for place in places {
                    if let Some(gone) = gone.get_mut(*place) {
                        *gone = true;
                    }
                }
            }
        }
    }
    let mut shorter = Reading {
        head,
        contents: reading.contents.clone(),
        chapters: Vec::new(),
        note: Some(note(Phrases::of(report.language.as_deref()), reading, contents, &left_out)),
    };
    let mut kept: Vec<Chapter> = Vec::new();
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    for (at, part) in reading.chapters.iter().enumerate() {
        if part.kind == Some(Chapter::Sources) {
            continue;
        }
        let part = part.without(left_out.get(&at));
        if part.pieces.is_empty() {
            continue;
        }
        for piece in part.pieces.iter().filter(|piece| !piece.heading) {
            renumber(&piece.text, &mut numbers);
        }
        kept.extend(part.kind);
        shorter.chapters.push(part);
    }
    for part in &mut shorter.chapters {
        for piece in part.pieces.iter_mut().filter(|piece| !piece.heading) {
            piece.text = replaced(&piece.text, |group| {
                group.iter().filter_map(|n| numbers.get(n)).map(|n| format!("[{n}]")).collect()
            });
        }
    }
    if let Some(part) = reading.chapters.iter().find(|part| part.kind == Some(Chapter::Sources)) {
        let mut part = part.without(None);
        part.pieces.retain(|piece| number_of(&piece.text).is_some_and(|n| numbers.contains_key(&n)));
        sort_by_key(&mut part.pieces, |piece| number_of(&piece.text).and_then(|n| numbers.get(&n).copied()));
        for piece in &mut part.pieces {
            if let Some((old, rest)) = piece.text.split_once("] ") {
                let n = old.trim_start_matches('[').parse().ok().and_then(|n: u32| numbers.get(&n).copied());
                piece.text = format!("[{}] {rest}", n.unwrap_or(0));
            }
        }
        if !part.pieces.is_empty() {
            kept.push(Chapter::Sources);
            shorter.chapters.push(part);
        }
    }
    let markdown = shorter.print(contents, &LeftOut::new());
    numbered_anew(report, markdown, kept, &numbers)
}

/// Gives the numbers in a text new ones, in the order of first mention.
fn renumber(text: &str, known: &mut BTreeMap<u32, u32>) {
    for n in numbers(text) {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX).saturating_add(1);
        known.entry(n).or_insert(next);
    }
}

fn numbered_anew(
    report: &Report,
    markdown: String,
    chapters: Vec<Chapter>,
    numbers: &BTreeMap<u32, u32>,
) -> Report {
    let anew = |n: u32| numbers.get(&n).copied();
    let mut sources: Vec<Source> =
        report.sources.iter().filter_map(|s| Some(Source { n: anew(s.n)?, ..s.clone() })).collect();
    sort_by_key(&mut sources, |s| s.n);
    let citations: Vec<Citation> =
        report.citations.iter().filter_map(|c| Some(Citation { n: anew(c.n)?, ..c.clone() })).collect();
    let findings_used = citations.iter().map(|c| c.finding).collect();
    let answer = report.answer.as_deref().map(|answer| answer_of(answer, numbers, &markdown));
    let answer = answer.filter(|answer| !answer.is_empty());
    let mut output = report.output.clone();
    for citation in
        output.iter_mut().flat_map(|output| &mut output.basis).flat_map(|basis| &mut basis.citations)
    {
        citation.n = citation.n.and_then(anew);
    }
    Report { markdown, chapters, answer, sources, citations, findings_used, output, ..report.clone() }
}

/// The beginning of the answer that the shortened document still has, numbered anew.
fn answer_of(answer: &str, known: &BTreeMap<u32, u32>, markdown: &str) -> String {
    let mut ends: Vec<usize> = sentences(answer).into_iter().map(|range| range.end).collect();
    ends.reverse();
    let begun = ends.into_iter().filter_map(|end| answer.get(..end));
    let anew = begun.filter(|text| numbers(text).iter().all(|n| known.contains_key(n))).map(|text| {
        replaced(text, |group| group.iter().filter_map(|n| known.get(n)).map(|n| format!("[{n}]")).collect())
    });
    anew.into_iter().find(|text| markdown.contains(text.as_str())).unwrap_or_default()
}

fn note(phrases: Phrases, reading: &Reading, contents: bool, left_out: &LeftOut) -> String {
    let mut gone: Vec<String> = if contents { Vec::new() } else { vec![reading.contents.clone()] };
    for (at, part) in reading.chapters.iter().enumerate() {
        let Some(cut) = left_out.get(&at) else { continue };
        let all = part.pieces.iter().filter(|piece| !piece.heading).count();
        let cut = part.pieces.iter().zip(cut).filter(|(piece, cut)| !piece.heading && **cut).count();
        if cut == all {
            gone.push(part.title.clone());
        } else if cut > 0 {
            gone.push(format!("{} ({cut}/{all})", part.title));
        }
    }
    let mut out = String::new();
    let _ = write!(out, "*{}: {}.*", phrases.get(Phrase::Shortened), gone.join("; "));
    out
}
