//! Ceilings of a job. Everything is reserved before it is spent, so a crash can never raise what a job costs.

use crate::job::step::{ATTEMPTS_MAX, Analyst, StepId, StepKind};
use crate::research::request::ResearchRequest;
use crate::research::{QUERIES_PER_ROUND_MAX, SUB_QUESTIONS_MAX};
use crate::search::Provider;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a job may do, fixed when it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Rounds of searching and reading.
    pub rounds_max: u32,
    /// Pages the report may rest on.
    pub sources_max: u32,
    /// Queries of one round.
    pub queries_max: usize,
    /// Sub-questions of the brief.
    pub sub_questions_max: usize,
    /// Sections of key findings.
    pub sections_max: usize,
    /// Claims taken from one page; below 100, so that finding numbers stay apart.
    pub claims_per_page_max: usize,
    /// Passages of one page that are analysed, in bytes.
    pub passage_bytes_max: usize,
    /// Words of one section.
    pub section_words: usize,
    /// Words of the summary.
    pub summary_words: usize,
    /// The most that may be reserved.
    pub budget: Spend,
    /// From acceptance to the terminal state.
    pub deadline_ms: u64,
}

/// Rounds when the request names none (webclaw's documented default).
const ROUNDS: u32 = 3;
/// Rounds of deep research when the request names none: two more to follow what the first three turned up.
const ROUNDS_DEEP: u32 = 5;
/// Sources when the request names none (webclaw's documented default).
const SOURCES: u32 = 10;
/// Sources of deep research when the request names none (webclaw's documented default).
const SOURCES_DEEP: u32 = 50;
/// Most rounds anybody may ask for.
pub const ROUNDS_MAX: u32 = 10;
/// Most sources anybody may ask for (webclaw's highest tier).
pub const SOURCES_MAX: u32 = 100;
/// 15 min: inside the 20 min for which webclaw's SDKs poll.
const DEADLINE_MS: u64 = 15 * 60 * 1000;
/// 9 min 30 s: deep jobs are what webclaw's CLI and MCP start, and those stop polling after 10 min.
const DEADLINE_DEEP_MS: u64 = 9 * 60 * 1000 + 30 * 1000;
/// Share of the deadline, in percent, after which no new evidence is looked for: the rest is kept for writing.
const RESEARCH_PERCENT: u64 = 75;

impl Limits {
    /// The limits that a request gets from `providers` search providers. Numbers above the maximum are clamped to it.
    #[must_use]
    pub fn of(request: &ResearchRequest, providers: usize) -> Self {
        let deep = request.deep;
        let rounds_max =
            request.max_iterations.unwrap_or(if deep { ROUNDS_DEEP } else { ROUNDS }).clamp(1, ROUNDS_MAX);
        let sources_max =
            request.max_sources.unwrap_or(if deep { SOURCES_DEEP } else { SOURCES }).clamp(1, SOURCES_MAX);
        let sections_max = if deep { 12 } else { 8 };
        let providers = u32::try_from(providers.clamp(1, 16)).unwrap_or(1);
        let queries = u32::try_from(QUERIES_PER_ROUND_MAX).unwrap_or(1);
        // Twice the sources: about a third of all pages turn out unusable, and an interrupted read is paid again.
        let pages = sources_max.saturating_mul(2).saturating_add(6);
        Self {
            rounds_max,
            sources_max,
            queries_max: QUERIES_PER_ROUND_MAX,
            sub_questions_max: SUB_QUESTIONS_MAX,
            sections_max,
            claims_per_page_max: if deep { 8 } else { 6 },
            passage_bytes_max: 12_000,
            section_words: if deep { 700 } else { 450 },
            summary_words: if deep { 350 } else { 220 },
            budget: Spend {
                // Half again as many as planned, for retries, and a first round that is tried as often as may be.
                searches: (rounds_max.saturating_mul(3) / 2 + ATTEMPTS_MAX)
                    .saturating_mul(queries)
                    .saturating_mul(providers),
                pages,
                // Plan, outline, summary and one reflection a round, one call a page, one a section; half again for retries.
                model_calls: (3 + rounds_max + pages + u32::try_from(sections_max).unwrap_or(0))
                    .saturating_mul(3)
                    / 2,
            },
            deadline_ms: if deep { DEADLINE_DEEP_MS } else { DEADLINE_MS },
        }
    }

    /// From acceptance to the moment at which no new evidence is looked for.
    #[must_use]
    pub fn research_ms(&self) -> u64 {
        self.deadline_ms.saturating_mul(RESEARCH_PERCENT) / 100
    }

    /// Model calls that research may not touch: outline, sections and summary are always paid for.
    #[must_use]
    pub fn writing_reserve(&self) -> Spend {
        Spend {
            model_calls: u32::try_from(self.sections_max).unwrap_or(0).saturating_add(2),
            ..Spend::default()
        }
    }
}

/// What outside work costs in this deployment, in millionths of a US dollar. What is not listed costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// One call to a search provider.
    #[serde(default)]
    pub search_micros: BTreeMap<Provider, u64>,
    /// One page fetched.
    #[serde(default)]
    pub page_micros: u64,
    /// A million tokens read by the model.
    #[serde(default)]
    pub input_micros_per_mtok: u64,
    /// A million tokens written by the model.
    #[serde(default)]
    pub output_micros_per_mtok: u64,
}

/// An amount of outside work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    /// Calls to search providers.
    #[serde(default)]
    pub searches: u32,
    /// Pages fetched.
    #[serde(default)]
    pub pages: u32,
    /// Calls to a model.
    #[serde(default)]
    pub model_calls: u32,
}

impl Spend {
    /// What one attempt at a step costs at most.
    #[must_use]
    pub fn of(step: StepId, analyst: Analyst) -> Self {
        match (step.kind(), analyst) {
            (StepKind::Search, _) => Self { searches: 1, ..Self::default() },
            (StepKind::Read, _) => Self { pages: 1, ..Self::default() },
            (StepKind::Think, Analyst::Configured) => Self { model_calls: 1, ..Self::default() },
            (StepKind::Think, Analyst::Extractive) => Self::default(),
        }
    }

    /// The sum of two amounts; saturates.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            searches: self.searches.saturating_add(other.searches),
            pages: self.pages.saturating_add(other.pages),
            model_calls: self.model_calls.saturating_add(other.model_calls),
        }
    }

    /// No part of this is above the same part of `ceiling`.
    #[must_use]
    pub fn fits(self, ceiling: Self) -> bool {
        self.searches <= ceiling.searches
            && self.pages <= ceiling.pages
            && self.model_calls <= ceiling.model_calls
    }
}

/// Tokens that a model counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Read by the model.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
}

impl Tokens {
    /// The sum of two counts; saturates.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
        }
    }
}
