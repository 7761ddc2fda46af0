//! Checking what was written against what was quoted, sentence by sentence, before anybody reads it.

mod draft;
#[cfg(test)]
mod tests;

use super::figures::has_digits;
use super::markdown::{at_line_start, escape};
use super::support::{Evidence, Lexicon, Statement};
use super::{Finding, FindingId};
use crate::text::sentence::sentences;
use crate::text::term_set;
use draft::{Block, Inline};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// Fewest content terms that make a part of a sentence a statement of its own; shorter parts join the next.
const STATEMENT_TERMS_MIN: usize = 3;
/// Most marks of one statement that are judged: nobody reads a sixth, and each costs a comparison.
const MARKS_PER_STATEMENT_MAX: usize = 6;
/// Most marks of one statement that are looked at for those: four times as many.
const MARKS_READ_MAX: usize = 24;
/// Most sentences and table rows of one draft that are judged; what follows is cut. A section of 2,000 words has some 130.
const STATEMENTS_MAX: u32 = 500;
/// Most findings that are compared closely with a statement whose own marks do not hold, those with most of its words first.
const REPAIRS_TRIED_MAX: usize = 12;
/// Longest column title: eight words. A longer one is a statement, and stands in no column.
const TITLE_CHARS_MAX: usize = 60;
/// Deepest list that is kept; deeper items move up.
const LIST_DEPTH_MAX: usize = 3;

/// A section that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audited {
    /// Safe Markdown of paragraphs, lists and tables, in which every statement carries a mark `[F12]` that bears it
    /// out. May be empty.
    pub markdown: String,
    /// Marks judged: those in the draft and those put to bare statements. `verified + repaired + dropped`.
    pub total: u32,
    /// Marks that bore out their statement and stayed.
    pub verified: u32,
    /// Marks put in by the audit, in place of a wrong or a missing one.
    pub repaired: u32,
    /// Marks taken out: unknown, not bearing out their statement, or cut with it.
    pub dropped: u32,
    /// Sentences and table rows cut because nothing bears them out.
    pub unsupported_sentences: u32,
}

/// Checks a section, or a summary, against the findings it may cite.
///
/// A mark answers for the words before it, back to the previous mark. It stays if the quote holds every figure and
/// name of those words, enough of the rest, and denies nothing of it. Where no mark of a statement holds, another
/// finding that bears the statement out takes its place; where there is none, the whole sentence gives way to the fact
/// of a finding that it cited and that is cited nowhere else, or is cut. Headings, code blocks, links, images and HTML
/// are taken out; so are citations that are not marks.
#[must_use]
pub fn audit(section_markdown: &str, allowed: &BTreeMap<FindingId, &Finding>) -> Audited {
    audit_with(section_markdown, allowed, &Book::default())
}

/// [`audit`] with a book that other audits of the same findings use too.
pub(crate) fn audit_with(
    section_markdown: &str,
    allowed: &BTreeMap<FindingId, &Finding>,
    book: &Book,
) -> Audited {
    audit_sparing(section_markdown, allowed, (&BTreeSet::new(), 0), book)
}

/// What findings bear out, each taken apart once for all audits of a report.
#[derive(Default)]
pub(crate) struct Book(RefCell<BTreeMap<FindingId, Rc<Evidence>>>);

impl Book {
    /// The same finding must have the same number each time.
    pub(crate) fn evidence(&self, finding: &Finding) -> Rc<Evidence> {
        let mut known = self.0.borrow_mut();
        let anew = || Rc::new(Evidence::new(&finding.claim.quote, &finding.claim.fact));
        Rc::clone(known.entry(finding.id).or_insert_with(anew))
    }
}

/// Like [`audit`], but up to `most` marks of the findings in `spare` give way to others that bear the same words out.
pub(crate) fn audit_sparing(
    section_markdown: &str,
    allowed: &BTreeMap<FindingId, &Finding>,
    spare: (&BTreeSet<FindingId>, u32),
    book: &Book,
) -> Audited {
    let first = pass(section_markdown, allowed, spare, BTreeSet::new(), book);
    let lost: BTreeSet<FindingId> = first.lost.difference(&first.cited).copied().collect();
    if lost.is_empty() {
        return first.result;
    }
    pass(section_markdown, allowed, spare, lost, book).result
}

/// One reading of a draft; the facts of the findings in `restate` take the places of sentences that are not borne out.
fn pass(
    section_markdown: &str,
    allowed: &BTreeMap<FindingId, &Finding>,
    (spare, most): (&BTreeSet<FindingId>, u32),
    restate: BTreeSet<FindingId>,
    book: &Book,
) -> Audit {
    let facts = restate.iter().filter_map(|id| Some((*id, allowed.get(id)?.claim.fact.clone())));
    let mut audit = Audit {
        facts: facts.collect(),
        lost: BTreeSet::new(),
        cited: BTreeSet::new(),
        spare: spare.clone(),
        spare_left: most,
        statements_left: STATEMENTS_MAX,
        evidence: allowed.iter().map(|(id, f)| (*id, book.evidence(f))).collect(),
        lexicon: Lexicon::of(allowed.values().flat_map(|f| [f.claim.quote.as_str(), f.claim.fact.as_str()])),
        result: Audited::default(),
    };
    let mut page = Page::default();
    for block in draft::parse(section_markdown) {
        match block {
            Block::Paragraph(inline) => {
                if let Some(text) = audit.prose(&inline) {
                    page.paragraph(&text);
                }
            }
            Block::Item { depth, numbered, text } => {
                if let Some(text) = audit.prose(&text) {
                    page.item(depth, numbered, &text);
                }
            }
            Block::Table { head, rows } => {
                if let Some(table) = audit.table(&head, &rows) {
                    page.paragraph(&table);
                }
            }
        }
    }
    audit.result.markdown = page.text;
    audit
}

struct Audit {
    /// Facts that may still take the place of a sentence.
    facts: BTreeMap<FindingId, String>,
    /// Findings that sentences cited which were cut.
    lost: BTreeSet<FindingId>,
    cited: BTreeSet<FindingId>,
    spare: BTreeSet<FindingId>,
    spare_left: u32,
    statements_left: u32,
    evidence: BTreeMap<FindingId, Rc<Evidence>>,
    lexicon: Lexicon,
    result: Audited,
}

/// Words of one statement and the marks that answer for it.
struct Part {
    words: Range<usize>,
    text: String,
    marks: Vec<FindingId>,
}

/// What became of the marks of one statement.
struct Judged {
    marks: Vec<FindingId>,
    verified: u32,
    repaired: u32,
    dropped: u32,
}

impl Audit {
    fn prose(&mut self, inline: &Inline) -> Option<String> {
        let mut kept = Vec::new();
        for range in sentences(&inline.text) {
            let statements = statements(&inline.text, range);
            let judged: Option<Vec<Judged>> =
                statements.iter().map(|s| self.judge(&s.text, &s.marks)).collect();
            match judged {
                Some(judged) => {
                    let mut sentence = String::new();
                    for (statement, judged) in statements.iter().zip(judged) {
                        self.count(&judged);
                        cite(&mut sentence, &inline.render(statement.words.clone()), &judged.marks);
                    }
                    kept.push(sentence.trim().to_owned());
                }
                None => {
                    let marks = unique(statements.iter().flat_map(|s| s.marks.iter().copied()));
                    match self.restated(&marks) {
                        Some(sentence) => kept.push(sentence),
                        None => self.cut(marks),
                    }
                }
            }
        }
        kept.retain(|s| !s.is_empty());
        (!kept.is_empty()).then(|| kept.join(" "))
    }

    fn table(&mut self, head: &[Inline], rows: &[Vec<Inline>]) -> Option<String> {
        let mut kept: Vec<String> = Vec::new();
        let mut cited: BTreeSet<FindingId> = BTreeSet::new();
        for row in rows {
            let cells: Vec<String> = row.iter().map(Inline::words).collect();
            let marks = unique(row.iter().flat_map(Inline::marks));
            match self.judge(&cells.join(": "), &marks) {
                Some(judged) => {
                    self.count(&judged);
                    cited.extend(&judged.marks);
                    let mut line = String::from("|");
                    for (i, cell) in row.iter().enumerate() {
                        let mut text = cell.render(0..cell.text.len());
                        if i + 1 == row.len() {
                            let words = std::mem::take(&mut text);
                            cite(&mut text, &words, &judged.marks);
                        }
                        line.push_str(&format!(" {} |", text.trim()));
                    }
                    kept.push(line);
                }
                None => self.cut(marks),
            }
        }
        let titles: Vec<String> = head.iter().map(|cell| cell.render(0..cell.text.len())).collect();
        let all = Evidence::joined(cited.iter().filter_map(|id| self.evidence.get(id)).map(Rc::as_ref));
        if kept.is_empty() || titles.is_empty() {
            return None;
        }
        // A column title is not cited, so it may say little that the rows' quotes do not hold.
        let titles = titles.iter().zip(head).map(|(title, cell)| {
            let words = cell.words();
            let statement = Statement::new(&beyond_heading(&words), &self.lexicon);
            let short = words.chars().count() <= TITLE_CHARS_MAX;
            if short && all.may_head(&statement) { title.trim() } else { "" }
        });
        let titles = format!("| {} |", titles.collect::<Vec<_>>().join(" | "));
        let rule = format!("|{}", " --- |".repeat(head.len()));
        Some(format!("{titles}\n{rule}\n{}", kept.join("\n")))
    }

    /// The marks that bear out `text`, or `None` when nothing does.
    fn judge(&mut self, text: &str, marks: &[FindingId]) -> Option<Judged> {
        self.statements_left = self.statements_left.checked_sub(1)?;
        let statement = Statement::new(text, &self.lexicon);
        if self.spare_left > 0 && marks.iter().any(|id| self.spare.contains(id)) {
            let others: Vec<FindingId> =
                marks.iter().filter(|id| !self.spare.contains(id)).copied().collect();
            if let Some(judged) = self.judge_among(&statement, &others, &self.spare) {
                self.spare_left -= 1;
                return Some(judged);
            }
        }
        self.judge_among(&statement, marks, &BTreeSet::new())
    }

    fn judge_among(
        &self,
        statement: &Statement,
        marks: &[FindingId],
        never: &BTreeSet<FindingId>,
    ) -> Option<Judged> {
        let in_draft = count(marks.len());
        let known: Vec<(FindingId, &Evidence)> = marks
            .iter()
            .filter_map(|id| Some((*id, self.evidence.get(id)?.as_ref())))
            .take(MARKS_READ_MAX)
            .filter(|(_, e)| e.contributes(statement))
            .take(MARKS_PER_STATEMENT_MAX)
            .collect();
        let alone: Vec<FindingId> =
            known.iter().filter(|(_, e)| e.supports(statement)).map(|(id, _)| *id).collect();
        let kept = if alone.is_empty() { together(known, statement) } else { Some(alone) };
        if let Some(marks) = kept {
            let verified = count(marks.len());
            return Some(Judged { marks, verified, repaired: 0, dropped: in_draft.saturating_sub(verified) });
        }
        let mut others: Vec<(usize, FindingId, &Evidence)> = self
            .evidence
            .iter()
            .filter(|(id, _)| !marks.contains(id) && !never.contains(id))
            .filter_map(|(id, e)| Some((e.near(statement)?, *id, e.as_ref())))
            .collect();
        others.sort_by_key(|(shared, id, _)| (Reverse(*shared), *id));
        let best = others.into_iter().take(REPAIRS_TRIED_MAX).find(|(_, _, e)| e.supports(statement));
        let (_, id, _) = best?;
        Some(Judged { marks: vec![id], verified: 0, repaired: 1, dropped: in_draft.saturating_sub(1) })
    }

    fn count(&mut self, judged: &Judged) {
        self.cited.extend(&judged.marks);
        let result = &mut self.result;
        result.verified = result.verified.saturating_add(judged.verified);
        result.repaired = result.repaired.saturating_add(judged.repaired);
        result.dropped = result.dropped.saturating_add(judged.dropped);
        result.total = result.verified.saturating_add(result.repaired).saturating_add(result.dropped);
    }

    /// The fact of the first of the findings whose fact may be stated here, with its mark.
    fn restated(&mut self, marks: &[FindingId]) -> Option<String> {
        let (id, fact) = marks.iter().find_map(|id| Some((*id, self.facts.remove(id)?)))?;
        let borne_out = self.evidence.get(&id)?.supports(&Statement::new(&fact, &self.lexicon));
        borne_out.then(|| {
            let dropped = count(marks.len()).saturating_sub(1);
            self.count(&Judged { marks: vec![id], verified: 0, repaired: 1, dropped });
            let mut sentence = String::new();
            cite(&mut sentence, &escape(&fact), &[id]);
            sentence
        })
    }

    fn cut(&mut self, marks: Vec<FindingId>) {
        self.count(&Judged { marks: Vec::new(), verified: 0, repaired: 0, dropped: count(marks.len()) });
        self.lost.extend(marks.into_iter().filter(|id| self.evidence.contains_key(id)));
        self.result.unsupported_sentences = self.result.unsupported_sentences.saturating_add(1);
    }
}

/// What a title says beyond heading a column: without the words that do no more, and without the capital of its first word.
fn beyond_heading(title: &str) -> String {
    let word = |(at, word): (usize, &str)| {
        let small = word.to_lowercase();
        let inner = word.chars().skip(1).any(char::is_uppercase);
        let heads = TITLE_WORDS.contains(&small.trim_end_matches('s'));
        (!heads).then(|| if at == 0 && !inner { small } else { word.to_owned() })
    };
    title.split_whitespace().enumerate().filter_map(word).collect::<Vec<_>>().join(" ")
}

/// Words that head columns, in the singular.
#[rustfmt::skip]
const TITLE_WORDS: [&str; 64] = [
    "amount", "average", "capacity", "category", "change", "cost", "count", "country", "date", "day", "default", "description", "detail", "duration",
    "effect", "feature", "figure", "finding", "growth", "item", "key", "kind", "latency", "length", "level", "limit", "location", "maximum", "measure",
    "metric", "minimum", "model", "month", "name", "note", "number", "option", "parameter", "part", "percent", "percentage", "period", "place", "point",
    "price", "range", "rate", "reason", "region", "result", "revenue", "role", "setting", "share", "size", "source", "speed", "statu", "time", "total", "type",
    "unit", "value", "year",
];

/// The fewest of the marks that bear the statement out together.
fn together(mut marks: Vec<(FindingId, &Evidence)>, statement: &Statement) -> Option<Vec<FindingId>> {
    let bear_out = |marks: &[(FindingId, &Evidence)]| {
        marks.len() > 1 && Evidence::joined(marks.iter().map(|(_, e)| *e)).supports(statement)
    };
    if !bear_out(&marks) {
        return None;
    }
    for (id, _) in marks.clone() {
        let others: Vec<(FindingId, &Evidence)> = marks.iter().filter(|m| m.0 != id).copied().collect();
        if bear_out(&others) {
            marks = others;
        }
    }
    Some(marks.into_iter().map(|(id, _)| id).collect())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn unique(marks: impl Iterator<Item = FindingId>) -> Vec<FindingId> {
    let mut seen = BTreeSet::new();
    marks.filter(|id| seen.insert(*id)).collect()
}

/// The sentence cut behind its groups of marks. Parts too short to state anything join their neighbour; words behind
/// the last mark belong to it.
fn statements(text: &str, sentence: Range<usize>) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    let mut open: Option<Part> = None;
    let mut terms: BTreeSet<String> = BTreeSet::new();
    let mut digits = false;
    for piece in draft::pieces(text, sentence) {
        let mut statement = match open.take() {
            None => Part { words: piece.words.clone(), text: String::new(), marks: Vec::new() },
            Some(open) => open,
        };
        statement.words.end = piece.words.end;
        let words = text.get(piece.words).unwrap_or_default();
        statement.text.push_str(words);
        digits |= has_digits(words);
        terms.extend(term_set(words));
        let closes = !piece.marks.is_empty();
        statement.marks.extend(piece.marks);
        if closes && (digits || terms.len() >= STATEMENT_TERMS_MIN) {
            statement.marks = unique(statement.marks.into_iter());
            found.push(statement);
            (terms, digits) = (BTreeSet::new(), false);
        } else {
            open = Some(statement);
        }
    }
    if let Some(rest) = open {
        match found.last_mut() {
            Some(last) => {
                last.words.end = rest.words.end;
                last.text.push_str(&rest.text);
                last.marks = unique(last.marks.iter().copied().chain(rest.marks));
            }
            None => found.push(Part { marks: unique(rest.marks.into_iter()), ..rest }),
        }
    }
    found
}

/// Adds `words` to the sentence with its marks before the full stop.
fn cite(sentence: &mut String, words: &str, marks: &[FindingId]) {
    let body = words.trim_end();
    let stop =
        if body.ends_with("...") { "" } else { body.get(body.len().saturating_sub(1)..).unwrap_or_default() };
    let stop = if matches!(stop, "." | "!" | "?" | "," | ";" | ":") { stop } else { "" };
    sentence.push_str(body.strip_suffix(stop).unwrap_or(body).trim_end());
    if !marks.is_empty() && !sentence.is_empty() {
        sentence.push(' ');
    }
    sentence.extend(marks.iter().map(|id| format!("[{id}]")));
    sentence.push_str(stop);
}

/// The checked blocks, put together again.
#[derive(Default)]
struct Page {
    text: String,
    counters: Vec<u32>,
}

impl Page {
    fn paragraph(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.counters.clear();
        self.text.push_str(&at_line_start(text));
    }

    fn item(&mut self, depth: usize, numbered: bool, text: &str) {
        if !self.text.is_empty() {
            self.text.push_str(if self.counters.is_empty() { "\n\n" } else { "\n" });
        }
        // An item whose parent was cut must not be indented like code.
        let depth = depth.min(self.counters.len()).min(LIST_DEPTH_MAX);
        self.counters.truncate(depth + 1);
        if self.counters.len() <= depth {
            self.counters.push(0);
        }
        let number = self.counters.last_mut().map_or(1, |n| {
            *n += 1;
            *n
        });
        let bullet = if numbered { format!("{number}.") } else { "-".to_owned() };
        self.text.push_str(&format!("{}{bullet} {}", "    ".repeat(depth), at_line_start(text)));
    }
}
