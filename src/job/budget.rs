//! Ceilings of a job. Everything is reserved before it is spent, so a crash can never raise what a job costs.

use crate::account::Spent;
use crate::job::step::{ATTEMPTS_MAX, StepKind};
use crate::model::chain::ModelRef;
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
    /// The most calls that may be reserved; its money and tokens mean nothing.
    pub budget: Spend,
    /// From acceptance to the terminal state.
    pub deadline_ms: u64,
    /// Stages overlap, since a model takes seconds for each: the first search and reads go out beside the plan, and a round
    /// that has what it went for leaves analyses that are out to the next. What a report rests on then depends on who was
    /// quick.
    #[serde(default, skip_serializing_if = "crate::research::is_false")]
    pub overlaps: bool,
    /// The most tokens that may be reserved; none for no ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_max: Option<u64>,
    /// The most money that may be reserved, in millionths of a US dollar; none for no ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros_max: Option<u64>,
}

/// Rounds when the request names none (webclaw's documented default).
const ROUNDS: u32 = 3;
/// Rounds of deep research when the request names none: two more to follow what the first three turned up.
const ROUNDS_DEEP: u32 = 5;
/// Sources when the request names none (webclaw's documented default).
const SOURCES: u32 = 10;
/// Sources of deep research when the request names none (webclaw's documented default).
const SOURCES_DEEP: u32 = 50;
/// Sections of a report, and words of each, at most: 10 x 650 of the built-in analyst and 20 x 900 in deep mode, with
/// summary, tables and lists, are the 5,000 to 8,000 words of a report and the 15,000 and more of a deep one, where the
/// findings carry them. A usual report of a model has fewer, see `words_told` in `job/effect.rs`.
const SECTIONS: usize = 10;
const SECTIONS_DEEP: usize = 20;
const SECTION_WORDS: usize = 650;
const SECTION_WORDS_DEEP: usize = 900;
/// Most rounds anybody may ask for.
pub const ROUNDS_MAX: u32 = 10;
/// Most sources anybody may ask for (webclaw's highest tier).
pub const SOURCES_MAX: u32 = 100;
/// 15 min: inside the 20 min for which webclaw's SDKs poll.
const DEADLINE_MS: u64 = 15 * 60 * 1000;
/// 9 min 30 s: deep jobs are what webclaw's CLI and MCP start, and those stop polling after 10 min.
const DEADLINE_DEEP_MS: u64 = 9 * 60 * 1000 + 30 * 1000;
/// Whoever asks for more than usual, for a slow model, gets it up to a day: what a request may name.
const DEADLINE_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// A job that has less time could not even read a page.
const DEADLINE_MS_MIN: u64 = 10_000;
/// Share of each ceiling, in percent, that research leaves for writing at most: whoever sets a tight one gets a short
/// report on some evidence rather than none.
const WRITING_PERCENT_MAX: u64 = 40;
/// Share of the deadline, in percent, after which no new evidence is looked for: the rest is kept for writing.
const RESEARCH_PERCENT: u64 = 75;

impl Limits {
    /// The limits that a request gets from `providers` search providers. Numbers above the maximum are clamped to it.
    #[must_use]
    pub fn of(request: &ResearchRequest, providers: usize) -> Self {
        let deep = request.deep;
        let rounds_max =
            request.max_iterations.unwrap_or(if deep { ROUNDS_DEEP } else { ROUNDS }).clamp(1, ROUNDS_MAX);
        // Pages that the request names come on top: they are read besides what is searched for.
        let named = u32::try_from(request.start_urls.len()).unwrap_or(SOURCES_MAX);
        let usual = if deep { SOURCES_DEEP } else { SOURCES }.saturating_add(named);
        let sources_max = request.max_sources.unwrap_or(usual).clamp(1, SOURCES_MAX);
        let sections_max = if deep { SECTIONS_DEEP } else { SECTIONS };
        let providers = u32::try_from(providers.clamp(1, 16)).unwrap_or(1);
        let queries = u32::try_from(QUERIES_PER_ROUND_MAX).unwrap_or(1);
        // Twice the sources: about a third of all pages turn out unusable, and an interrupted read is paid again.
        let pages = sources_max.saturating_mul(2).saturating_add(6);
        let pages = request.budget.pages_max.map_or(pages, |most| pages.min(most));
        let deadline_ms = if deep { DEADLINE_DEEP_MS } else { DEADLINE_MS };
        let fields = u32::from(request.output_schema.is_some());
        let seconds_max = request.budget.seconds_max.map(|s| s.saturating_mul(1_000));
        Self {
            rounds_max,
            sources_max,
            queries_max: QUERIES_PER_ROUND_MAX,
            sub_questions_max: SUB_QUESTIONS_MAX,
            sections_max,
            claims_per_page_max: if deep { 16 } else { 12 },
            passage_bytes_max: 12_000,
            section_words: if deep { SECTION_WORDS_DEEP } else { SECTION_WORDS },
            summary_words: if deep { 400 } else { 260 },
            budget: Spend {
                // Half again as many as planned, for retries, and a first round that is tried as often as may be.
                searches: (rounds_max.saturating_mul(3) / 2 + ATTEMPTS_MAX)
                    .saturating_mul(queries)
                    .saturating_mul(providers),
                pages,
                // Plan, outline, summary, fields and one reflection a round, one call a page, one a section; half again for
                // retries.
                model_calls: (3 + fields + rounds_max + pages + u32::try_from(sections_max).unwrap_or(0))
                    .saturating_mul(3)
                    / 2,
                ..Spend::default()
            },
            deadline_ms: seconds_max.map_or(deadline_ms, |ms| ms.clamp(DEADLINE_MS_MIN, DEADLINE_MS_MAX)),
            overlaps: false,
            tokens_max: request.budget.tokens_max,
            cost_micros_max: request.budget.cost_micros_max,
        }
    }

    /// From acceptance to the moment at which no new evidence is looked for.
    #[must_use]
    pub fn research_ms(&self) -> u64 {
        self.deadline_ms.saturating_mul(RESEARCH_PERCENT) / 100
    }

    /// What research may not touch: the model calls that `writing` will take, and the tokens and the money that
    /// `writing` will take, though no more of a ceiling than a fixed share of it.
    #[must_use]
    pub fn writing_reserve(&self, writing: Spend) -> Spend {
        let share = |ceiling: Option<u64>| ceiling.unwrap_or(0).saturating_mul(WRITING_PERCENT_MAX) / 100;
        Spend {
            model_calls: writing.model_calls,
            tokens: writing.tokens.min(share(self.tokens_max)),
            cost_micros: writing.cost_micros.min(share(self.cost_micros_max)),
            ..Spend::default()
        }
    }

    /// Whether so much may be reserved in all.
    #[must_use]
    pub fn allow(&self, spend: Spend) -> bool {
        let below = |part: u64, ceiling: Option<u64>| ceiling.is_none_or(|most| part <= most);
        spend.searches <= self.budget.searches
            && spend.pages <= self.budget.pages
            && spend.model_calls <= self.budget.model_calls
            && below(spend.tokens, self.tokens_max)
            && below(spend.cost_micros, self.cost_micros_max)
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
    /// A million tokens that the provider had in its cache; as other tokens that are read when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_micros_per_mtok: Option<u64>,
    /// What is known of single models, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, TokenPrices>,
}

/// What a million tokens of one model cost, in millionths of a US dollar; what is not known costs what others do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenPrices {
    /// Read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<u64>,
    /// Written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// Read from the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<u64>,
}

impl Prices {
    /// What so many tokens of a model cost, rounded up.
    #[must_use]
    pub fn tokens_micros(&self, model: &str, tokens: Tokens) -> u64 {
        let own = self.models.get(model).copied().unwrap_or_default();
        let input = own.input.unwrap_or(self.input_micros_per_mtok);
        let output = own.output.unwrap_or(self.output_micros_per_mtok);
        // A model with a price of its own for reading is not cached at another's.
        let cached =
            own.cached.or(self.cached_micros_per_mtok.filter(|_| own.input.is_none())).unwrap_or(input);
        let from_cache = tokens.cached.min(tokens.input);
        let part = |n: u64, per_mtok: u64| n.saturating_mul(per_mtok).div_ceil(1_000_000);
        part(tokens.input.saturating_sub(from_cache), input)
            .saturating_add(part(from_cache, cached))
            .saturating_add(part(tokens.output, output))
    }
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
    /// Tokens of a model, read and written.
    #[serde(default)]
    pub tokens: u64,
    /// Money, in millionths of a US dollar.
    #[serde(default)]
    pub cost_micros: u64,
}

impl Spend {
    /// The sum of two amounts; saturates.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            searches: self.searches.saturating_add(other.searches),
            pages: self.pages.saturating_add(other.pages),
            model_calls: self.model_calls.saturating_add(other.model_calls),
            tokens: self.tokens.saturating_add(other.tokens),
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
        }
    }

    /// This amount with tokens and money of `held` replaced by those of `settled`; the calls were made in any case.
    #[must_use]
    pub fn settle(self, held: Self, settled: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(held.tokens).saturating_add(settled.tokens),
            cost_micros: self
                .cost_micros
                .saturating_sub(held.cost_micros)
                .saturating_add(settled.cost_micros),
            ..self
        }
    }
}

/// What a job has committed: everything that was started, settled where the answer told what it really took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// In all.
    pub reserved: Spend,
    /// Money for searches, part of `reserved`.
    pub search_micros: u64,
    /// Money for pages, part of `reserved`.
    pub page_micros: u64,
    /// Tokens that models counted.
    pub counted: Tokens,
    /// Each model's part, in the order of their names.
    pub models: BTreeMap<ModelRef, ModelSpend>,
}

/// What one model has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelSpend {
    /// Calls that were reserved.
    pub calls: u32,
    /// Tokens that it counted.
    pub tokens: Tokens,
    /// Money, in millionths of a US dollar: settled, or still reserved.
    pub cost_micros: u64,
}

impl Ledger {
    /// An attempt begins, by `model` when it is one of a model.
    pub fn hold(&mut self, kind: StepKind, model: Option<&ModelRef>, held: Spend) {
        self.reserved = self.reserved.plus(held);
        match kind {
            StepKind::Search => self.search_micros = self.search_micros.saturating_add(held.cost_micros),
            StepKind::Read => self.page_micros = self.page_micros.saturating_add(held.cost_micros),
            StepKind::Think => {}
        }
        // Copied facts cost nothing, and nobody was called for them.
        if let Some(model) = model.filter(|_| held.model_calls > 0) {
            let spend = self.models.entry(model.clone()).or_default();
            spend.calls = spend.calls.saturating_add(held.model_calls);
            spend.cost_micros = spend.cost_micros.saturating_add(held.cost_micros);
        }
    }

    /// What an attempt really took, in place of what was held for it.
    pub fn settle(&mut self, model: Option<&ModelRef>, held: Spend, settled: Spend) {
        self.reserved = self.reserved.settle(held, settled);
        if let Some(spend) = model.and_then(|model| self.models.get_mut(model)) {
            spend.cost_micros =
                spend.cost_micros.saturating_sub(held.cost_micros).saturating_add(settled.cost_micros);
        }
    }

    /// A model counted what it took.
    pub fn count(&mut self, model: Option<&ModelRef>, tokens: Tokens) {
        self.counted = self.counted.plus(tokens);
        if let Some(spend) = model.and_then(|model| self.models.get_mut(model)) {
            spend.tokens = spend.tokens.plus(tokens);
        }
    }

    /// As accounts count it; `bytes` of pages are known to the job only.
    #[must_use]
    pub fn spent(&self, bytes: u64) -> Spent {
        let others = self.search_micros.saturating_add(self.page_micros);
        Spent {
            searches: self.reserved.searches.into(),
            pages: self.reserved.pages.into(),
            bytes,
            model_calls: self.reserved.model_calls.into(),
            tokens_input: self.counted.input,
            tokens_output: self.counted.output,
            search_micros: self.search_micros,
            page_micros: self.page_micros,
            model_micros: self.reserved.cost_micros.saturating_sub(others),
        }
    }
}

/// Tokens that a model counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Read by the model.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Part of `input` that the provider had in its cache.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Tokens {
    /// Nothing was counted.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Both together.
    #[must_use]
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// The sum of two counts; saturates.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cached: self.cached.saturating_add(other.cached),
        }
    }
}
