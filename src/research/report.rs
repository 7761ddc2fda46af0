//! The report: everything that must be right is computed here from findings; prose is let in only through the audit.

mod answer;
mod apart;
mod balance;
mod chapter;
mod check;
mod conflict;
mod document;
mod extract;
mod fit;
mod html;
mod marks;
mod number;
mod phrases;
mod reading;
mod style;

pub use apart::set_apart;
pub use chapter::Chapter;
pub use check::check;
pub use conflict::{Because, Conflict, ConflictKind};
pub use fit::{REPORT_TOKENS_MIN, fit, tokens};
pub use html::{HTML_POLICY, html};
pub use marks::{Mark, marks};
pub use number::{quote_url, source};
pub use style::{CitationStyle, styled};

use super::answered::{Answered, answered};
use super::audit::{Audited, Book, audit_with};
use super::confidence::{Asked, Rating, SourceClass, dispute, rate};
use super::reflect::coverage;
use super::structured::{self, FilledField, OutputSchema, StructuredOutput};
use super::{Finding, FindingId, FindingKind, PageId, PageRecord, StopReason, latest_day};
use crate::job::Timestamp;
use crate::page::InjectionFlag;
use phrases::Phrases;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most findings one report is made from; see `confidence::FINDINGS_COMPARED_MAX`, which it equals.
pub const FINDINGS_MAX: usize = 400;
/// Most sections of the key findings; an outline asks for fewer.
pub const SECTIONS_MAX: usize = 24;

/// Everything a report is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportInput {
    /// The question as it was asked.
    pub question: String,
    /// Its parts.
    pub sub_questions: Vec<String>,
    /// Deep mode: a higher bar for what counts as covered.
    pub deep: bool,
    /// What was written, in the outline's order; empty makes a report of the findings themselves.
    pub sections: Vec<SectionDraft>,
    /// The summary as it was written, citing `[F12]`; may be empty.
    pub summary: String,
    /// All findings, with quotes that stand in the stored text. Those beyond [`FINDINGS_MAX`] are left out.
    pub findings: Vec<Finding>,
    /// All pages that were read.
    pub pages: BTreeMap<PageId, PageRecord>,
    /// Pages that were looked at and not used.
    pub rejected: Vec<RejectedPage>,
    /// Rounds of search that were done.
    pub rounds: u32,
    /// Queries that were asked, in order.
    pub queries: Vec<String>,
    /// Why the search ended; `None` while it goes on.
    pub stop_reason: Option<StopReason>,
    /// When the job was begun.
    pub started_at: Timestamp,
    /// When writing ended.
    pub finished_at: Timestamp,
    /// Who read and wrote: the name of a model, or `extractive`.
    pub analyst: String,
    /// A model writes: what its texts leave out is listed below them.
    pub told: bool,
    /// Why this is less than it should be, one sentence for a person.
    pub degraded: Option<String>,
    /// What went wrong on the way, one sentence for a person each.
    pub warnings: Vec<String>,
    /// The shape in which the answer was asked for, and what was proposed for its fields.
    pub output: Option<(OutputSchema, Vec<FilledField>)>,
    /// BCP 47 tag of the reader's language, when known.
    #[serde(default)]
    pub language: Option<String>,
}

/// A written section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionDraft {
    /// Heading.
    pub title: String,
    /// What it may cite.
    pub findings: Vec<FindingId>,
    /// Text citing `[F12]`, untrusted; empty makes a section of its findings themselves.
    pub markdown: String,
}

/// A page that was looked at and not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedPage {
    /// Its address.
    pub url: String,
    /// Why, a few words.
    pub reason: String,
}

/// A finished report with all that proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The whole document.
    pub markdown: String,
    /// Its chapters in order; empty in reports of older releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<Chapter>,
    /// BCP 47 tag of the language of its headings; `None` for English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The answer in one paragraph, its numbers those of the document; `None` when the evidence does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Cited pages only; `n` counts from 1 in the order of first mention.
    pub sources: Vec<Source>,
    /// What each number rests on: one entry per finding cited, in the order of first mention.
    pub citations: Vec<Citation>,
    /// How the writing fared under the audit.
    pub audit: CitationAudit,
    /// Findings that the report cites, in the order of first mention.
    pub findings_used: Vec<FindingId>,
    /// How far each finding, used or not, can be trusted.
    pub ratings: BTreeMap<FindingId, Rating>,
    /// Findings that disagree.
    pub conflicts: Vec<Conflict>,
    /// What was not found out, one sentence each.
    pub gaps: Vec<String>,
    /// Which sub-questions the evidence answers.
    #[serde(default)]
    pub answered: Answered,
    /// The answer in the shape that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<StructuredOutput>,
}

impl Report {
    /// Numbers of the sources that the answer cites, each once, in its order.
    #[must_use]
    pub fn answer_citations(&self) -> Vec<u32> {
        let mut numbers = check::numbers(self.answer.as_deref().unwrap_or_default());
        let mut seen = BTreeSet::new();
        numbers.retain(|n| seen.insert(*n));
        numbers
    }
}

/// A page that the report cites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its number in the text.
    pub n: u32,
    /// The page.
    pub page: PageId,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Words of main content.
    pub words: u32,
    /// First words of the page.
    pub summary: String,
    /// The same, under the name that newer clients read.
    pub excerpt: String,
    /// Author, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Day of publication, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// Day of the last change, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// Name of the site, when stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// BCP 47 language tag, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When it was read.
    pub retrieved_at: Timestamp,
    /// Only its beginning was read.
    pub truncated: bool,
    /// Lower-case hex SHA-256 of the stored text.
    pub content_sha256: String,
    /// What kind of source it is.
    pub source_class: SourceClass,
    /// What on the page spoke to models; it was taken out of the stored text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub injection_flags: Vec<InjectionFlag>,
    /// A browser made its text.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub rendered: bool,
}

impl Source {
    /// The day of its text, see [`latest_day`].
    #[must_use]
    pub fn day(&self) -> Option<&str> {
        latest_day(self.published.as_deref(), self.modified.as_deref())
    }
}

/// The proof behind one number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// Number of the source.
    pub n: u32,
    /// The finding.
    pub finding: FindingId,
    /// The page's words: its stored text at `start..end`.
    pub quote: String,
    /// Byte offset in the stored text.
    pub start: u32,
    /// Byte offset behind the quote.
    pub end: u32,
    /// The page's address.
    pub url: String,
    /// Page of a PDF, from 1, on which the quote begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// An address that opens the page at the quote, where the page is on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_fragment_url: Option<String>,
}

/// Sums of the audits of all sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitationAudit {
    /// Marks judged.
    pub total: u32,
    /// Bore out their statement.
    pub verified: u32,
    /// Put in by the audit in place of a wrong or missing one.
    pub repaired: u32,
    /// Taken out.
    pub dropped: u32,
    /// Sentences and table rows cut.
    pub unsupported_sentences: u32,
}

impl CitationAudit {
    fn add(&mut self, audited: &Audited) {
        self.total = self.total.saturating_add(audited.total);
        self.verified = self.verified.saturating_add(audited.verified);
        self.repaired = self.repaired.saturating_add(audited.repaired);
        self.dropped = self.dropped.saturating_add(audited.dropped);
        self.unsupported_sentences = self.unsupported_sentences.saturating_add(audited.unsupported_sentences);
    }
}

/// Makes the report. Total: any input gives a report that [`check`] finds nothing wrong with, provided the findings'
/// quotes stand in the stored text.
///
/// Drafts are audited here; a section of which nothing is left is made from its findings. Findings of pages that are
/// not in `pages` are not used. Without any usable finding the report says what was searched and that nothing
/// answered, and cites nothing.
#[must_use]
pub fn assemble(input: &ReportInput) -> Report {
    let findings: Vec<Finding> = input
        .findings
        .iter()
        .filter(|f| input.pages.contains_key(&f.page))
        .take(FINDINGS_MAX)
        .cloned()
        .collect();
    let by_id: BTreeMap<FindingId, &Finding> = findings.iter().map(|f| (f.id, f)).collect();
    let today = input.finished_at.to_date();
    let mut ratings = rate(&findings, &input.pages, &Asked::new(&input.question, &today));
    let conflicts = conflict::conflicts(&findings, &input.pages, &ratings);
    dispute(&mut ratings, &conflicts);
    let answered = answered(&input.question, &input.sub_questions, &findings, &input.pages);
    answered.cap(&mut ratings);
    let coverage = coverage(&input.sub_questions, &findings, &input.pages, input.deep);

    let (mut tally, book) = (CitationAudit::default(), Book::default());
    let phrases = Phrases::of(input.language.as_deref());
    let sections = write_sections(input, &by_id, &ratings, phrases, (&mut tally, &book));
    let summary = write_summary(input, &by_id, &ratings, &sections, (&mut tally, &book));
    let (summary, sections) = balance::spread(summary, sections, &by_id, &book);
    let (answer, summary) = answer::lead(&summary).unzip();
    // A model's answer may be one in other words than the question's: it stands, and the report says that nothing confirms it.
    let withheld = answered.nothing() && !(input.told && answered.unconfirmed());
    let answer = answer.filter(|_| !withheld && !sections.is_empty());
    let summary = summary.unwrap_or_default();
    // What the built-in analyst leaves out it found not worth a line.
    let sections = if input.told {
        extract::with_rest(sections, &summary, &by_id, &ratings, (&mut tally, &book))
    } else {
        sections
    };
    let said = extract::said(&sections, &summary);
    let mut own_chapter = |kind| extract::of_kind(kind, &said, &by_id, &ratings, (&mut tally, &book));
    let parts = document::Parts {
        input,
        phrases,
        findings: &by_id,
        ratings: &ratings,
        coverage: &coverage,
        answered,
        conflicts,
        statistics: extract::statistics(&by_id, &ratings, &book),
        context: own_chapter(FindingKind::Definition),
        projections: own_chapter(FindingKind::Projection),
        risks: own_chapter(FindingKind::Risk),
        answer,
        summary,
        sections,
    };
    tally.add(&parts.statistics.audited());
    let mut report = document::build(parts, tally);
    report.output = input.output.as_ref().map(|(schema, proposed)| {
        let numbers = report.sources.iter().map(|source| (source.page, source.n)).collect();
        let material = structured::Material {
            question: &input.question,
            findings: &by_id,
            pages: &input.pages,
            ratings: &ratings,
            numbers: &numbers,
        };
        structured::fill(schema, proposed, &material)
    });
    report
}

/// Pairs of findings that cannot both be right, the one of better standing first.
#[must_use]
pub fn disputes(
    question: &str,
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
    today: &str,
) -> Vec<(FindingId, FindingId)> {
    let ratings = rate(findings, pages, &Asked::new(question, today));
    conflict::conflicts(findings, pages, &ratings).into_iter().map(|c| (c.a, c.b)).collect()
}

/// A section ready to be printed.
pub(crate) struct Section {
    pub(crate) title: String,
    /// Safe Markdown citing `[F12]`, never empty.
    pub(crate) markdown: String,
    pub(crate) allowed: Vec<FindingId>,
    /// It is the list of its findings, for want of a text.
    pub(crate) is_list: bool,
}

fn write_sections(
    input: &ReportInput,
    findings: &BTreeMap<FindingId, &Finding>,
    ratings: &BTreeMap<FindingId, Rating>,
    phrases: Phrases,
    (tally, book): (&mut CitationAudit, &Book),
) -> Vec<Section> {
    let mut sections = Vec::new();
    for draft in input.sections.iter().take(SECTIONS_MAX) {
        let allowed: BTreeMap<FindingId, &Finding> =
            draft.findings.iter().filter_map(|id| Some((*id, *findings.get(id)?))).collect();
        let mut audited = audit_with(&draft.markdown, &allowed, book);
        tally.add(&audited);
        let is_list = audited.markdown.is_empty();
        if is_list {
            audited = audit_with(&extract::bullets(&allowed, ratings), &allowed, book);
            tally.add(&audited);
        }
        if !audited.markdown.is_empty() {
            let title = extract::heading(&draft.title, &allowed, &input.sub_questions, phrases);
            sections.push(Section {
                title,
                markdown: audited.markdown,
                allowed: allowed.into_keys().collect(),
                is_list,
            });
        }
    }
    if sections.is_empty() {
        sections = extract::sections(input, findings, ratings, phrases, (tally, book));
    }
    sections
}

fn write_summary(
    input: &ReportInput,
    findings: &BTreeMap<FindingId, &Finding>,
    ratings: &BTreeMap<FindingId, Rating>,
    sections: &[Section],
    (tally, book): (&mut CitationAudit, &Book),
) -> String {
    let mut audited = audit_with(&input.summary, findings, book);
    tally.add(&audited);
    if audited.markdown.is_empty() && !sections.is_empty() {
        audited = audit_with(&extract::summary(findings, ratings), findings, book);
        tally.add(&audited);
    }
    audited.markdown
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use crate::research::Claim;

    /// A finding on page `page` whose quote is the whole stored text.
    pub(crate) fn finding(id: u32, page: u32, fact: &str, quote: &str) -> Finding {
        let claim = Claim {
            fact: fact.into(),
            quote: quote.into(),
            sub_question: 1,
            relevance: 50,
            ..Claim::default()
        };
        let end = u32::try_from(quote.len()).unwrap_or(0);
        Finding { id: FindingId(id), page: PageId(page), claim, start: 0, end }
    }

    /// A page at `url`.
    pub(crate) fn page(url: &str, title: &str) -> PageRecord {
        PageRecord {
            url: url.into(),
            title: title.into(),
            author: None,
            published: None,
            modified: None,
            site_name: None,
            language: None,
            words: 100,
            excerpt: "First words.".into(),
            retrieved_at: Timestamp(1_795_305_472_123),
            truncated: false,
            sha256: "ab".into(),
            bytes: 0,
            simhash: None,
            injection_flags: Vec::new(),
            page_starts: Vec::new(),
            rendered: false,
        }
    }
}

#[cfg(test)]
mod tests;
