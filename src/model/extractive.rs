//! The built-in analyst: answers every task from the material alone, without a model, key or network.
//!
//! It only ever repeats what pages say, so its facts are quotes without markup; its craft is in choosing them, and in
//! choosing none from pages that do not answer. The same task always has the same answer.

mod analyze;
mod fields;
mod idioms;
mod kind;
mod outline;
mod plan;
mod queries;
mod rank;
mod reflect;
mod sentences;
mod snippet;
mod synonyms;
mod terms;
mod values;
mod write;

use super::{Answer, Task};

pub(crate) use kind::detect;
pub(crate) use rank::{asks_for_date, asks_for_figure};
pub(crate) use sentences::plain;
pub(crate) use terms::{Lexicon, Subject, Term};

/// Its name in settings and replies.
pub const NAME: &str = "extractive";

/// How much of one page it looks at, in bytes: reading costs it no tokens, and 48 KB take some milliseconds.
pub const PASSAGE_BYTES_MAX: usize = 48_000;

/// Answers a task. Total: any task has an answer of its kind; claims, queries, outlines and texts may be empty.
#[must_use]
pub fn answer(task: &Task) -> Answer {
    match task {
        Task::Plan(task) => Answer::Plan(plan::plan(task)),
        Task::Analyze(task) => Answer::Claims(analyze::analyze(task)),
        Task::Reflect(task) => Answer::Queries(reflect::reflect(task)),
        Task::Outline(task) => Answer::Outline(outline::outline(task)),
        Task::Section(task) => Answer::Text(write::section(task)),
        Task::Summary(task) => Answer::Text(write::summary(task)),
        Task::Fields(task) => Answer::Fields(fields::fields(task)),
    }
}

/// What a question asks in its own words, clause by clause: never empty, at most [`SUB_QUESTIONS_MAX`], and what the
/// built-in analyst's plan for it asks.
///
/// [`SUB_QUESTIONS_MAX`]: crate::research::SUB_QUESTIONS_MAX
#[must_use]
pub fn parts(question: &str) -> Vec<String> {
    plan::parts(question)
}
