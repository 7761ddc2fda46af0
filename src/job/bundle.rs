//! The evidence of a job in one file: everything its report follows from, to be read and checked anywhere.
//!
//! The file is JSON lines. The first is the [`Head`], the last names the SHA-256 of all lines before it; between them
//! stand the facts of the journal, the texts of the pages and what was said to models and by them. [`Bundle::read`] takes
//! it apart, [`Bundle::replay`] makes the report anew from facts and pages alone.

mod lines;

pub use lines::{LineWriter, fact};

use super::{End, Event, Job, Timestamp};
use crate::digest::sha256_hex;
use crate::job::step::StepId;
use crate::model::exchange::Exchange;
use crate::research::report::{Report, check};
use crate::research::{PageId, PageRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// What the first line says of the form; a reader refuses any other.
pub const FORMAT: &str = "footnote-bundle/1";
/// Media type: newline-delimited JSON.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// What the file holds. The first line, and only that.
    Head(Head),
    /// A fact of the journal, in order.
    Fact {
        /// Its place, from 0.
        seq: u64,
        /// The fact.
        event: Box<Event>,
    },
    /// The stored text of a page that was read.
    Page {
        /// Its number.
        page: PageId,
        /// Lower-case hex SHA-256 of `text`.
        sha256: String,
        /// Markdown, as it was quoted from.
        text: String,
    },
    /// What a model was asked and what it said.
    Exchange(StepExchange),
    /// The last line.
    End {
        /// Lower-case hex SHA-256 of all lines before this one, line breaks included.
        sha256: String,
    },
}

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`FORMAT`].
    pub format: String,
    /// Public id of the job.
    pub id: String,
    /// Release that wrote it; another one may word a report differently.
    pub release: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// Facts in the file.
    pub facts: u64,
    /// Pages in the file.
    pub pages: u64,
    /// Exchanges with models in the file.
    pub exchanges: u64,
}

/// An exchange with a model, and the attempt that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepExchange {
    /// Which step.
    pub step: StepId,
    /// Which attempt.
    pub attempt: u32,
    /// What was said.
    #[serde(flatten)]
    pub exchange: Exchange,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its first line.
    pub head: Head,
    /// The journal.
    pub events: Vec<Event>,
    /// Stored texts.
    pub pages: BTreeMap<PageId, String>,
    /// What models were asked and said, by step and attempt.
    pub exchanges: Vec<StepExchange>,
}

/// A report made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// As it follows from facts and pages now.
    pub report: Box<Report>,
    /// It equals the recorded one, to the byte.
    pub is_identical: bool,
    /// What does not hold in it: quotes that do not stand in their pages, citations without sources. Empty when sound.
    pub wrong: Vec<String>,
}

/// Why a file proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BundleError {
    /// It is no such file.
    #[error("this is no evidence bundle of the form {FORMAT}: its first line says otherwise")]
    Form,
    /// A line is not what it should be.
    #[error("line {line} cannot be read: {cause}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
    /// The last line is missing.
    #[error("the bundle is cut: its last line is missing; download it again")]
    Cut,
    /// Lines were changed after it was written.
    #[error("the bundle was changed: its lines do not have the SHA-256 that its last line names")]
    Changed,
    /// A page is not the one that was read.
    #[error("the text of page {0} is not the one that was read: its SHA-256 differs from the journal's")]
    Page(PageId),
    /// The journal does not begin with acceptance.
    #[error("the journal does not begin with the acceptance of a job")]
    Headless,
    /// There is no report to make anew.
    #[error("the job has no report: {0}")]
    NoReport(String),
}

impl Bundle {
    /// Takes a file apart and checks that it is whole and unchanged.
    ///
    /// # Errors
    /// See [`BundleError`]; a page whose text differs from what the journal says was read is one.
    pub fn read(text: &str) -> Result<Self, BundleError> {
        let (body, last) = text.trim_end_matches('\n').rsplit_once('\n').ok_or(BundleError::Form)?;
        let mut lines = body.lines().enumerate();
        let first = lines.next().and_then(|(_, line)| serde_json::from_str(line).ok());
        let Some(Line::Head(head)) = first else { return Err(BundleError::Form) };
        if head.format != FORMAT {
            return Err(BundleError::Form);
        }
        let Ok(Line::End { sha256 }) = serde_json::from_str(last) else { return Err(BundleError::Cut) };
        if sha256_hex(format!("{body}\n")) != sha256 {
            return Err(BundleError::Changed);
        }
        let mut bundle = Self { head, events: Vec::new(), pages: BTreeMap::new(), exchanges: Vec::new() };
        for (at, line) in lines {
            let unreadable = |cause: String| BundleError::Line { line: at.saturating_add(1), cause };
            match serde_json::from_str(line).map_err(|e| unreadable(e.to_string()))? {
                Line::Fact { event, .. } => bundle.events.push(*event),
                Line::Page { page, text, .. } => {
                    bundle.pages.insert(page, text);
                }
                Line::Exchange(exchange) => bundle.exchanges.push(exchange),
                Line::Head(_) | Line::End { .. } => return Err(unreadable("it belongs elsewhere".into())),
            }
        }
        bundle.ensure_pages()?;
        Ok(bundle)
    }

    /// Makes the report anew from the facts before it.
    ///
    /// # Errors
    /// [`BundleError::NoReport`] when the job did not end with one.
    pub fn replay(&self) -> Result<Replay, BundleError> {
        let job = Job::fold(self.events.clone()).ok_or(BundleError::Headless)?;
        let (recorded, at) = match &job.end {
            Some(End::Completed { report, at, .. }) => (report, *at),
            Some(End::Failed { cause, .. }) => return Err(BundleError::NoReport(cause.clone())),
            Some(End::Cancelled { .. }) => return Err(BundleError::NoReport("it was cancelled".into())),
            None => return Err(BundleError::NoReport("it was not over when the bundle was written".into())),
        };
        let report = Box::new(job.assemble(at));
        let wrong = check(&report, |page| self.pages.get(&page).cloned());
        Ok(Replay { is_identical: report == *recorded, report, wrong })
    }

    fn ensure_pages(&self) -> Result<(), BundleError> {
        let job = Job::fold(self.events.clone()).ok_or(BundleError::Headless)?;
        let differs = |(page, record): &(&PageId, &PageRecord)| {
            self.pages.get(page).is_some_and(|text| sha256_hex(text) != record.sha256)
        };
        match job.pages.iter().find(differs) {
            Some((page, _)) => Err(BundleError::Page(*page)),
            None => Ok(()),
        }
    }
}
