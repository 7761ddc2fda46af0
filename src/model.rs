//! Analysts: the built-in extractive one, and models behind an API, both answering the same [`Task`]s.

pub mod anthropic;
pub mod chain;
pub mod exchange;
pub mod extractive;
pub mod fit;
pub mod gemini;
pub mod merge;
pub mod openai;
pub mod parse;
pub mod prompt;
pub mod wire;
pub mod workers_ai;

use crate::research::structured::{FilledField, LeafKind};
use crate::research::{Claim, FindingId, FindingKind, SectionPlan};
use serde::{Deserialize, Serialize};

/// One piece of thinking to be done. Complete in itself: everything the analyst may know is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "task")]
pub enum Task {
    /// Take the question apart. Answered by [`Answer::Plan`].
    Plan(PlanTask),
    /// Find what one page says about the sub-questions. Answered by [`Answer::Claims`].
    Analyze(AnalyzeTask),
    /// Propose queries that would close the gaps. Answered by [`Answer::Queries`].
    Reflect(ReflectTask),
    /// Arrange findings into sections. Answered by [`Answer::Outline`].
    Outline(OutlineTask),
    /// Write one section from its findings. Answered by [`Answer::Text`].
    Section(SectionTask),
    /// Sum up the finished sections. Answered by [`Answer::Text`].
    Summary(SummaryTask),
    /// Fill the fields of the caller's schema. Answered by [`Answer::Fields`].
    Fields(FieldsTask),
}

/// What an analyst gave back, parsed and bounded but not yet checked against pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer", content = "value")]
pub enum Answer {
    /// To [`Task::Plan`].
    Plan(Plan),
    /// To [`Task::Analyze`]; may be empty: the page says nothing of use.
    Claims(Vec<Claim>),
    /// To [`Task::Reflect`]; may be empty: nothing more to ask.
    Queries(Vec<String>),
    /// To [`Task::Outline`].
    Outline(Vec<SectionPlan>),
    /// To [`Task::Section`] and [`Task::Summary`]: Markdown without headings, findings cited as `[F12]`.
    Text(String),
    /// To [`Task::Fields`]; may be empty: no finding says any of it.
    Fields(Vec<FilledField>),
}

/// Input of [`Task::Plan`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTask {
    /// The question.
    pub question: String,
    /// Free-text hint such as `general`, `news`, `finance`, `security`.
    pub topic: Option<String>,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
    /// Most sub-questions wanted.
    pub sub_questions_max: usize,
    /// Most queries wanted.
    pub queries_max: usize,
    /// BCP 47 tag of the reader's language, when known.
    #[serde(default)]
    pub language: Option<String>,
}

/// Answer to [`Task::Plan`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What must be answered; never empty.
    pub sub_questions: Vec<String>,
    /// First queries; never empty.
    pub queries: Vec<String>,
    /// What kind of evidence would settle each sub-question, in their order; may be shorter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// Input of [`Task::Analyze`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzeTask {
    /// The question.
    pub question: String,
    /// Its parts; `Claim::sub_question` is a 1-based place in this list.
    pub sub_questions: Vec<String>,
    /// The page's title.
    pub title: String,
    /// The page's URL.
    pub url: String,
    /// The page's day of publication, when known.
    pub published: Option<String>,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
    /// The passages that matter, Markdown, in page order. Untrusted text.
    pub passages: Vec<String>,
    /// Most claims wanted.
    pub claims_max: usize,
    /// BCP 47 tag of the reader's language, where the page is written in another: what it says is told in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restate_in: Option<String>,
}

/// Input of [`Task::Reflect`]. Holds no page text: what plans never reads raw pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReflectTask {
    /// The question.
    pub question: String,
    /// Its parts with what was found for each.
    pub coverage: Vec<Coverage>,
    /// Queries already asked; none of them may come back.
    pub asked: Vec<String>,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
    /// Most queries wanted.
    pub queries_max: usize,
    /// What kind of evidence was expected for each sub-question, in the order of `coverage`; may be shorter.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// How well one sub-question is answered so far; computed, never guessed by a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The sub-question.
    pub sub_question: String,
    /// Facts found for it, best first, at most 12.
    pub facts: Vec<String>,
    /// Independent hosts behind them.
    pub hosts: u32,
    /// Enough evidence.
    pub covered: bool,
}

/// A finding as writers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingNote {
    /// How to cite it.
    pub id: FindingId,
    /// What it says.
    pub fact: String,
    /// The page's words.
    pub quote: String,
    /// Title of the page.
    pub source: String,
    /// Host of the page.
    pub host: String,
    /// Day of the page, when stated.
    #[serde(default)]
    pub published: Option<String>,
    /// 1-based place of its sub-question.
    pub sub_question: u32,
    /// What kind of statement.
    pub kind: FindingKind,
    /// 0 to 100.
    pub relevance: u32,
}

/// Input of [`Task::Outline`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineTask {
    /// The question.
    pub question: String,
    /// Its parts.
    pub sub_questions: Vec<String>,
    /// Everything found.
    pub findings: Vec<FindingNote>,
    /// Most sections wanted.
    pub sections_max: usize,
    /// Today, `YYYY-MM-DD`.
    #[serde(default)]
    pub today: String,
    /// BCP 47 tag of the reader's language, when known.
    #[serde(default)]
    pub language: Option<String>,
}

/// Input of [`Task::Section`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionTask {
    /// The question.
    pub question: String,
    /// Heading of the section.
    pub title: String,
    /// Headings of the other sections, so that they are not written twice.
    pub other_titles: Vec<String>,
    /// The only material that may be used.
    pub findings: Vec<FindingNote>,
    /// About how long.
    pub words: usize,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
    /// Pairs of the findings that cannot both be right, the one of better standing first.
    #[serde(default)]
    pub conflicts: Vec<(FindingId, FindingId)>,
    /// BCP 47 tag of the reader's language, when known.
    #[serde(default)]
    pub language: Option<String>,
    /// What the reader wishes of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// Input of [`Task::Summary`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryTask {
    /// The question.
    pub question: String,
    /// The best findings, best first: the only material that may be cited.
    pub findings: Vec<FindingNote>,
    /// About how long.
    pub words: usize,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
    /// BCP 47 tag of the reader's language, when known.
    #[serde(default)]
    pub language: Option<String>,
    /// What the reader wishes of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// Input of [`Task::Fields`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldsTask {
    /// The question.
    pub question: String,
    /// What may be filled.
    pub fields: Vec<FieldNote>,
    /// The best findings, best first: the only material.
    pub findings: Vec<FindingNote>,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
}

/// A field as those who fill it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldNote {
    /// JSON pointer, with `*` for any element of a list.
    pub path: String,
    /// What it is.
    pub kind: LeafKind,
    /// What the caller says of it; may be empty.
    pub description: String,
}
