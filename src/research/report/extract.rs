//! What can be said without a writer: findings set down as they are.

use super::super::audit::{Audited, Book, audit_with};
use super::super::confidence::Rating;
use super::super::figures::Figures;
use super::super::markdown::{at_line_start, code, escape, escape_line, is_type_parameter};
use super::super::support::{Lexicon, Statement, states_date, states_unit, states_value};
use super::super::{Finding, FindingId, FindingKind};
use super::phrases::{Phrase, Phrases};
use super::{CitationAudit, ReportInput, Section, balance};
use crate::order::sort_by_key;
use crate::text::one_line;
use crate::text::sentence::sentences;
use pulldown_cmark::{Event, Parser};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Most bullets of a section made from findings; more is a dump.
const BULLETS_MAX: usize = 12;
/// Most bullets below a section's text: with those that the text cites a third of all findings of a usual report.
const REST_MAX: usize = 24;
/// Most sentences of a summary made from findings.
const SUMMARY_SENTENCES_MAX: usize = 6;
/// Most rows of the statistics table.
const STATISTICS_MAX: usize = 40;
/// Most findings of one kind that have a chapter of their own.
const OWN_CHAPTER_MAX: usize = 15;
/// Longest heading in characters.
const HEADING_CHARS_MAX: usize = 120;

type ById<'a> = BTreeMap<FindingId, &'a Finding>;
type Ratings = BTreeMap<FindingId, Rating>;

/// One bullet per fact, best first, facts that agree set down once with all their marks.
pub(super) fn bullets(findings: &ById<'_>, ratings: &Ratings) -> String {
    list(findings, ratings, BULLETS_MAX)
}

fn list(findings: &ById<'_>, ratings: &Ratings, max: usize) -> String {
    let lines = statements(findings, ratings, max);
    lines.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
}

/// What summary and sections cite.
pub(super) fn said(sections: &[Section], summary: &str) -> BTreeSet<FindingId> {
    let texts = sections.iter().map(|section| section.markdown.as_str()).chain([summary]);
    texts.flat_map(balance::marks).collect()
}

/// Sections with what their writers left out below their text, best first: prose of a bounded length cannot hold all that
/// was found, and whoever paid for a page should see what it says.
pub(super) fn with_rest(
    sections: Vec<Section>,
    summary: &str,
    findings: &ById<'_>,
    ratings: &Ratings,
    (tally, book): (&mut CitationAudit, &Book),
) -> Vec<Section> {
    let mut said = said(&sections, summary);
    let complete = |section: Section| {
        if section.is_list {
            return section;
        }
        let rest = section.allowed.iter().filter(|id| is_new(**id, &said, ratings));
        let rest: ById<'_> = rest.filter_map(|id| Some((*id, *findings.get(id)?))).collect();
        let audited = audit_with(&list(&rest, ratings, REST_MAX), &rest, book);
        tally.add(&audited);
        if audited.markdown.is_empty() {
            return section;
        }
        said.extend(balance::marks(&audited.markdown));
        let markdown = format!("{}\n\n{}", section.markdown, audited.markdown);
        Section { markdown, ..section }
    };
    sections.into_iter().map(complete).collect()
}

/// Whether neither a finding nor one that agrees with it is in `said`.
fn is_new(id: FindingId, said: &BTreeSet<FindingId>, ratings: &Ratings) -> bool {
    let agreeing = ratings.get(&id).into_iter().flat_map(|rating| &rating.agrees_with);
    !said.contains(&id) && !agreeing.into_iter().any(|other| said.contains(other))
}

/// The best fact of each sub-question.
pub(super) fn summary(findings: &ById<'_>, ratings: &Ratings) -> String {
    let mut first: ById<'_> = BTreeMap::new();
    for place in findings.values().map(|f| f.claim.sub_question).collect::<BTreeSet<_>>() {
        let best = ranked(findings, ratings).into_iter().find(|f| f.claim.sub_question == place);
        first.extend(best.map(|f| (f.id, f)));
    }
    statements(&first, ratings, SUMMARY_SENTENCES_MAX).join(" ")
}

/// One section per sub-question from its findings, and one for findings that name none.
pub(super) fn sections(
    input: &ReportInput,
    findings: &ById<'_>,
    ratings: &Ratings,
    phrases: Phrases,
    (tally, book): (&mut CitationAudit, &Book),
) -> Vec<Section> {
    let known = u32::try_from(input.sub_questions.len()).unwrap_or(u32::MAX);
    let mut sections = Vec::new();
    let places = (1..=known).map(Some).chain([None]);
    for place in places {
        let own: ById<'_> = findings
            .iter()
            .filter(|(_, f)| match place {
                Some(place) => f.claim.sub_question == place,
                None => f.claim.sub_question == 0 || f.claim.sub_question > known,
            })
            .map(|(id, f)| (*id, *f))
            .collect();
        let audited = audit_with(&bullets(&own, ratings), &own, book);
        tally.add(&audited);
        if !audited.markdown.is_empty() {
            let title = place
                .and_then(|p| input.sub_questions.get(usize::try_from(p).ok()?.checked_sub(1)?))
                .map_or_else(|| phrases.get(Phrase::Further).to_owned(), |q| heading(q, &own, &[], phrases));
            let (markdown, allowed) = (audited.markdown, own.into_keys().collect());
            sections.push(Section { title, markdown, allowed, is_list: true });
        }
    }
    sections
}

/// Findings of a kind that nothing in the text `said` cites, as bullets, audited; empty when there are none.
pub(super) fn of_kind(
    kind: FindingKind,
    said: &BTreeSet<FindingId>,
    findings: &ById<'_>,
    ratings: &Ratings,
    (tally, book): (&mut CitationAudit, &Book),
) -> String {
    let own: ById<'_> = findings
        .iter()
        .filter(|(id, f)| f.claim.kind == kind && is_new(**id, said, ratings))
        .map(|(id, f)| (*id, *f))
        .collect();
    let audited = audit_with(&list(&own, ratings, OWN_CHAPTER_MAX), &own, book);
    tally.add(&audited);
    audited.markdown
}

/// The figures that were found.
pub(super) struct Statistics {
    pub(super) rows: Vec<Row>,
}

/// A figure; texts are Markdown.
pub(super) struct Row {
    pub(super) what: String,
    pub(super) value: String,
    /// The date that it holds for, where its quote says so.
    pub(super) as_of: Option<String>,
    pub(super) confidence: &'static str,
    pub(super) finding: FindingId,
}

impl Statistics {
    /// The rows' marks as an audit counts them: every row was checked before it was let in.
    pub(super) fn audited(&self) -> Audited {
        let total = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        Audited { total, verified: total, ..Audited::default() }
    }
}

/// Statistic findings with a value, facts that agree once. A row whose fact or value its quote does not bear out is
/// left out.
pub(super) fn statistics(findings: &ById<'_>, ratings: &Ratings, book: &Book) -> Statistics {
    let mut rows = Vec::new();
    let mut said: BTreeSet<FindingId> = BTreeSet::new();
    let mut order = ranked(findings, ratings);
    sort_by_key(&mut order, |f| f.claim.sub_question);
    for finding in order {
        let claim = &finding.claim;
        let Some(value) = claim.value.as_deref().filter(|_| claim.kind == FindingKind::Statistic) else {
            continue;
        };
        let sound = book
            .evidence(finding)
            .supports(&Statement::new(&claim.fact, &Lexicon::of([claim.quote.as_str()])))
            && states_value(&claim.quote, value);
        if !sound || said.contains(&finding.id) || rows.len() >= STATISTICS_MAX {
            continue;
        }
        let rating = ratings.get(&finding.id);
        said.extend(rating.into_iter().flat_map(|r| r.agrees_with.iter().copied()));
        let unit = claim.unit.as_deref().filter(|u| !value.contains(u.trim()));
        let unit = unit.filter(|u| states_unit(&claim.quote, value, u));
        let value = match unit {
            Some("%") => format!("{value} %"),
            Some(unit) => format!("{value} {unit}"),
            None => value.to_owned(),
        };
        let what =
            stating(claim.fact.trim(), claim.value.as_deref().unwrap_or_default()).trim_end_matches('.');
        let confidence = rating.map_or("low", |r| r.confidence.name());
        let date = claim.date.as_deref().map(str::trim).filter(|date| !date.is_empty());
        rows.push(Row {
            what: with_code(what),
            value: escape(&value).trim().to_owned(),
            as_of: date
                .filter(|date| states_date(&claim.quote, date))
                .map(|date| escape(date).trim().to_owned()),
            confidence,
            finding: finding.id,
        });
    }
    Statistics { rows }
}

/// A heading from untrusted text: plain, short, and stating no figure that its findings do not hold. Falls back to the
/// sub-question most of the findings answer.
pub(super) fn heading(
    title: &str,
    findings: &ById<'_>,
    sub_questions: &[String],
    phrases: Phrases,
) -> String {
    let mut quoted = Figures::default();
    findings.values().for_each(|f| quoted.join(&Figures::of(&f.claim.quote)));
    let asked = findings
        .values()
        .find_map(|f| sub_questions.get(usize::try_from(f.claim.sub_question).ok()?.checked_sub(1)?));
    let title = plain(title);
    let chosen =
        if quoted.vouch_for(&title) || asked.is_none() { title } else { plain(asked.map_or("", |q| q)) };
    let short: String = chosen.chars().take(HEADING_CHARS_MAX).collect();
    let escaped = escape_line(
        short.trim().trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ' | '#')),
    );
    if escaped.is_empty() { phrases.get(Phrase::Findings).to_owned() } else { escaped }
}

/// Text without its Markdown, on one line.
pub(super) fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in Parser::new(markdown) {
        match event {
            Event::Text(t) | Event::Code(t) => text.push_str(&t),
            Event::InlineHtml(html) if is_type_parameter(&text, &html) => text.push_str(&html),
            Event::SoftBreak | Event::HardBreak | Event::End(_) if !text.ends_with(' ') => text.push(' '),
            _ => {}
        }
    }
    one_line(&text)
}

/// [`plain`] text as Markdown, but code spans stay what they are.
fn with_code(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    if markdown.matches('`').count() % 2 == 1 || markdown.contains("``") {
        return escape(&plain(markdown)).trim().to_owned();
    }
    for (at, part) in markdown.split('`').enumerate() {
        if at % 2 == 1 {
            out.push_str(&code(part));
            continue;
        }
        let text = escape(&plain(part));
        if part.starts_with(char::is_whitespace) && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(text.trim());
        if part.ends_with(char::is_whitespace) && !text.trim().is_empty() {
            out.push(' ');
        }
    }
    out.trim().to_owned()
}

/// The sentence of a text that states the figure; all of it where none does alone.
fn stating<'a>(text: &'a str, value: &str) -> &'a str {
    let states = |sentence: &&str| Figures::of(sentence).vouch_for(value);
    sentences(text).into_iter().filter_map(|range| text.get(range)).find(states).unwrap_or(text)
}

/// Best first: confidence, then relevance, then order of finding.
fn ranked<'a>(findings: &ById<'a>, ratings: &Ratings) -> Vec<&'a Finding> {
    let mut list: Vec<&Finding> = findings.values().copied().collect();
    sort_by_key(&mut list, |f| {
        (Reverse(ratings.get(&f.id).map(|r| r.confidence)), Reverse(f.claim.relevance), f.id)
    });
    list
}

fn statements(findings: &ById<'_>, ratings: &Ratings, max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut said: BTreeSet<FindingId> = BTreeSet::new();
    for finding in ranked(findings, ratings) {
        if lines.len() >= max || !said.insert(finding.id) {
            continue;
        }
        let mut marks = format!("[{}]", finding.id);
        for other in ratings.get(&finding.id).into_iter().flat_map(|r| &r.agrees_with) {
            if findings.contains_key(other) && said.insert(*other) {
                marks.push_str(&format!("[{other}]"));
            }
        }
        let body = with_code(&finding.claim.fact);
        let body = body.trim_end_matches(['.', '!', '?', ' ']);
        if !body.is_empty() {
            lines.push(format!("{} {marks}.", at_line_start(body)));
        }
    }
    lines
}
