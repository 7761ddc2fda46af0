//! Checking what was written against what was quoted, sentence by sentence, before anybody reads it.

mod draft;

use super::figures::has_digits;
use super::markdown::{at_line_start, escape};
use super::support::{Evidence, Lexicon, Statement};
use super::{Finding, FindingId};
use crate::text::sentence::sentences;
use crate::text::term_set;
use draft::{Block, Inline};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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
    audit_sparing(section_markdown, allowed, &BTreeSet::new(), 0)
}

/// Like [`audit`], but up to `most` marks of the findings in `spare` give way to others that bear the same words out.
pub(crate) fn audit_sparing(
    section_markdown: &str,
    allowed: &BTreeMap<FindingId, &Finding>,
    spare: &BTreeSet<FindingId>,
    most: u32,
) -> Audited {
    let first = pass(section_markdown, allowed, (spare, most), BTreeSet::new());
    let lost: BTreeSet<FindingId> = first.lost.difference(&first.cited).copied().collect();
    if lost.is_empty() {
        return first.result;
    }
    pass(section_markdown, allowed, (spare, most), lost).result
}

/// One reading of a draft; the facts of the findings in `restate` take the places of sentences that are not borne out.
fn pass(
    section_markdown: &str,
    allowed: &BTreeMap<FindingId, &Finding>,
    (spare, most): (&BTreeSet<FindingId>, u32),
    restate: BTreeSet<FindingId>,
) -> Audit {
    let facts = restate.iter().filter_map(|id| Some((*id, allowed.get(id)?.claim.fact.clone())));
    let mut audit = Audit {
        facts: facts.collect(),
        lost: BTreeSet::new(),
        cited: BTreeSet::new(),
        spare: spare.clone(),
        spare_left: most,
        statements_left: STATEMENTS_MAX,
        evidence: allowed.iter().map(|(id, f)| (*id, Evidence::new(&f.claim.quote, &f.claim.fact))).collect(),
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
    evidence: BTreeMap<FindingId, Evidence>,
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
        let all = Evidence::joined(cited.iter().filter_map(|id| self.evidence.get(id)));
        if kept.is_empty() || titles.is_empty() {
            return None;
        }
        // A column title is not cited, so it may state no figure that the rows' quotes do not hold.
        let titles = titles.iter().map(|t| if all.has_figures_of(t) { t.trim() } else { "" });
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
            .filter_map(|id| Some((*id, self.evidence.get(id)?)))
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
            .filter_map(|(id, e)| Some((e.near(statement)?, *id, e)))
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

#[cfg(test)]
mod tests {
    use super::super::report::fixture::finding;
    use super::*;

    fn findings() -> Vec<Finding> {
        vec![
            finding(
                1,
                1,
                "Tokio uses a work-stealing scheduler.",
                "Tokio uses a work-stealing scheduler with 512 blocking threads.",
            ),
            finding(
                2,
                2,
                "async-std has 1,754 dependents.",
                "async-std counts 1,754 public crates as dependents.",
            ),
            finding(
                3,
                3,
                "The async book is a draft.",
                "The official async book is still a draft and does not cover cancellation.",
            ),
        ]
    }

    fn run(text: &str) -> Audited {
        let list = findings();
        let audited = audit(text, &list.iter().map(|f| (f.id, f)).collect());
        assert_eq!(audited.total, audited.verified + audited.repaired + audited.dropped);
        audited
    }

    #[test]
    fn a_sentence_that_its_quote_bears_out_stays() {
        let a = run("Tokio uses a **work-stealing** scheduler [F1]. The async book is still a draft. [F3]");
        assert_eq!(
            a.markdown,
            "Tokio uses a **work-stealing** scheduler [F1]. The async book is still a draft [F3]."
        );
        assert_eq!((a.verified, a.dropped, a.unsupported_sentences), (2, 0, 0));
    }

    #[test]
    fn an_invented_mark_cannot_get_past() {
        let a = run(
            "Oracle bought Tokio for a billion dollars [F99]. Tokio uses a work-stealing scheduler [F1][F99].",
        );
        assert_eq!(a.markdown, "Tokio uses a work-stealing scheduler [F1].");
        assert_eq!((a.total, a.verified, a.dropped, a.unsupported_sentences), (3, 1, 2, 1));
    }

    #[test]
    fn a_swapped_or_missing_mark_is_put_right() {
        let a = run("Tokio uses a work-stealing scheduler [F2]. async-std counts 1754 crates as dependents.");
        assert_eq!(
            a.markdown,
            "Tokio uses a work-stealing scheduler [F1]. async-std counts 1754 crates as dependents [F2]."
        );
        assert_eq!((a.repaired, a.verified, a.dropped), (2, 0, 0));
        let a = run("Tokio has 512 blocking threads [F2], whereas async-std counts 1,754 dependents [F1].");
        assert_eq!(
            a.markdown,
            "Tokio has 512 blocking threads [F1], whereas async-std counts 1,754 dependents [F2]."
        );
    }

    #[test]
    fn a_changed_figure_name_or_denial_gives_way_to_what_the_finding_says() {
        for text in [
            "Tokio uses 256 blocking threads [F1].",
            "Smol uses a work-stealing scheduler [F1].",
            "Tokio never uses a work-stealing scheduler [F1].",
        ] {
            let a = run(text);
            assert_eq!(a.markdown, "Tokio uses a work-stealing scheduler [F1].", "{text}");
            assert_eq!((a.total, a.repaired, a.unsupported_sentences), (1, 1, 0), "{text}");
        }
    }

    #[test]
    fn what_no_finding_of_its_own_can_put_right_is_cut() {
        let said = "Tokio uses a work-stealing scheduler [F1].";
        for text in
            ["Tokio uses 256 blocking threads [F1].", "Rust is loved by everyone.", "Tokio is slow [F98]."]
        {
            let a = run(&format!("{said} {text}"));
            assert_eq!((a.markdown.as_str(), a.unsupported_sentences), (said, 1), "{text}");
        }
    }

    #[test]
    fn two_marks_may_bear_out_one_sentence_together() {
        let a = run("Tokio has 512 blocking threads and async-std counts 1,754 public dependents [F1, F2].");
        assert_eq!(a.verified, 2);
        assert!(a.markdown.ends_with("[F1][F2]."));
    }

    #[test]
    fn type_parameters_in_prose_are_not_taken_for_html() {
        let list = [finding(1, 1, "Buffers are Vec<u8>.", "Read buffers are of type Vec<u8>.")];
        let a = audit("Read buffers are Vec<u8> [F1].<br>", &list.iter().map(|f| (f.id, f)).collect());
        assert_eq!(a.markdown, "Read buffers are Vec&lt;u8> [F1].");
    }

    #[test]
    fn marks_on_the_parts_of_a_list_in_prose_join_behind_it() {
        let a =
            run("Tokio [F1] and async-std [F2], counting 512 blocking threads and 1,754 dependents, differ.");
        assert_eq!(
            a.markdown,
            "Tokio and async-std, counting 512 blocking threads and 1,754 dependents, differ [F1][F2]."
        );
    }

    #[test]
    fn lists_and_tables_are_checked_item_by_item_and_row_by_row() {
        let a = run(
            "- Tokio uses a work-stealing scheduler [F1]\n- Go is faster [F1]\n    - async-std counts 1,754 dependents [F2]\n\n\
             | What | Figure |\n|---|---|\n| async-std dependents | 1,754 [F2] |\n| Tokio dependents | 9,000 [F2] |\n",
        );
        assert_eq!(
            a.markdown,
            "- Tokio uses a work-stealing scheduler [F1]\n    - async-std counts 1,754 dependents [F2]\n\n\
             | What | Figure |\n| --- | --- |\n| async-std dependents | 1,754 [F2] |"
        );
        assert_eq!(a.unsupported_sentences, 2);
    }

    #[test]
    fn headings_code_links_images_html_and_foreign_citations_are_taken_out() {
        let a = run(
            "# Tokio wins\n\n<script>x</script>\n\n```\nrm -rf\n```\n\nTokio uses a [work-stealing](https://evil.example) \
             scheduler [9] ![x](http://t.example/p.png) [F1](https://evil.example).",
        );
        assert_eq!(a.markdown, "Tokio uses a work-stealing scheduler [F1].");
    }

    /// Drafts that once took memory or time with the square of their length, a little shorter than is read.
    #[test]
    fn drafts_near_the_limit_are_judged_in_bounded_work() {
        let filled = |unit: &str| unit.repeat(draft::DRAFT_BYTES_MAX / unit.len());
        let list: Vec<Finding> = (1..=400)
            .map(|n| {
                let said = format!("Tokio uses a work-stealing scheduler with {n} blocking threads.");
                finding(n, n, &said, &said)
            })
            .collect();
        let allowed: BTreeMap<FindingId, &Finding> = list.iter().map(|f| (f.id, f)).collect();
        for unit in [
            "1.",
            "x1",
            "www.a ",
            "[",
            "[F1](",
            "a [F1] b [F2] ",
            "1 ",
            "Tokio ",
            "more ",
            "Tokio uses a work-stealing scheduler with blocking threads of gold and silver [F7]. ",
        ] {
            let a = audit(&filled(unit), &allowed);
            assert!(a.unsupported_sentences as usize <= draft::DRAFT_BYTES_MAX / 4, "{unit}");
            assert!(a.verified + a.repaired <= STATEMENTS_MAX, "{unit}");
        }
    }

    #[test]
    fn no_more_statements_are_judged_than_a_long_section_has() {
        let a = run(&"Tokio uses a work-stealing scheduler [F1]. ".repeat(STATEMENTS_MAX as usize + 7));
        assert_eq!((a.verified, a.unsupported_sentences), (STATEMENTS_MAX, 7));
    }
}
