//! What an attempt may cost at most, before it leaves.

use crate::job::budget::{Spend, Tokens};
use crate::job::step::{Analyst, StepId, StepKind};
use crate::job::{Call, Job};
use crate::model::Task;
use crate::model::chain::{Duty, ModelRef};
use crate::model::fit::{self, Window};
use crate::model::prompt::{ANALYZE_TOKENS_MAX, FIELDS_TOKENS_MAX, OUTLINE_TOKENS_MAX};

/// Bytes that make a token at least. English has about four, code and markup about three, Chinese three bytes a character
/// and about a token each.
const BYTES_PER_TOKEN: u64 = 3;
/// Tokens that one call of writing reads: findings of its section or of the whole report, some 40 of them at 100 tokens.
const WRITING_INPUT_TOKENS: u64 = 4_000;
/// Tokens that an analysis reads beside its passages: rules, question and sub-questions.
const ANALYSIS_INPUT_TOKENS: u64 = 2_000;

/// The most tokens that a step's calls to this model read and write, and how many calls there are.
#[must_use]
fn most(call: &Call, model: &ModelRef) -> (Tokens, u32) {
    let window = Window::of(model);
    match call {
        Call::Search(..) | Call::Read { .. } => (Tokens::default(), 0),
        Call::Think(task) => {
            let (input, output) = fit::tokens_max(task, window);
            (Tokens { input, output, cached: 0 }, 1)
        }
        Call::Analyze { task, passage_bytes_max, .. } => {
            let room = fit::passage_room(task, *passage_bytes_max, window);
            let (bare, output) = fit::tokens_max(&Task::Analyze(task.clone()), window);
            let parts = u64::try_from(room.parts).unwrap_or(1);
            let passages = u64::try_from(room.bytes()).unwrap_or(u64::MAX).div_ceil(BYTES_PER_TOKEN);
            let input = bare.saturating_mul(parts).saturating_add(passages);
            let tokens = Tokens { input, output: output.saturating_mul(parts), cached: 0 };
            (tokens, u32::try_from(room.parts).unwrap_or(1))
        }
    }
}

impl Job {
    /// What one attempt at a step costs at most.
    pub(super) fn cost_of(&self, step: StepId, analyst: Analyst) -> Spend {
        match (step, step.kind(), analyst) {
            (StepId::Search { provider, .. }, ..) => {
                let cost_micros = self.prices.search_micros.get(&provider).copied().unwrap_or(0);
                Spend { searches: 1, cost_micros, ..Spend::default() }
            }
            (_, StepKind::Think, _) => match self.model_of(step, analyst) {
                Some(model) => {
                    let (tokens, model_calls) =
                        self.call(step).map(|call| most(&call, model)).unwrap_or_default();
                    Spend { model_calls, ..self.cost_of_tokens(&model.model, tokens) }
                }
                None => Spend::default(),
            },
            _ => Spend { pages: 1, cost_micros: self.prices.page_micros, ..Spend::default() },
        }
    }

    /// One call of a model that takes so many tokens.
    pub(super) fn cost_of_tokens(&self, model: &str, tokens: Tokens) -> Spend {
        let cost_micros = self.prices.tokens_micros(model, tokens);
        Spend { model_calls: 1, tokens: tokens.total(), cost_micros, ..Spend::default() }
    }

    /// The same for whichever model of the duty's chain it costs the most.
    fn dearest(&self, duty: Duty, tokens: Tokens) -> Spend {
        let costs = self.models.of(duty).iter().map(|m| self.cost_of_tokens(&m.model, tokens));
        costs.max_by_key(|spend| spend.cost_micros).unwrap_or_default()
    }

    /// What the analysis of a page that was not read yet may take: its passages and a whole reply, of whichever model of the
    /// chain costs the most.
    pub(super) fn cost_of_analysis(&self) -> Spend {
        self.dearest(Duty::Analyze, self.analysis_tokens())
    }

    fn analysis_tokens(&self) -> Tokens {
        let passages = u64::try_from(self.limits.passage_bytes_max).unwrap_or(0) / BYTES_PER_TOKEN;
        let input = passages.saturating_add(ANALYSIS_INPUT_TOKENS);
        Tokens { input, output: ANALYZE_TOKENS_MAX.into(), cached: 0 }
    }

    /// What writing the report may take: outline where one is asked for, every section that there may be, the summary, and the caller's fields.
    pub(super) fn cost_of_writing(&self) -> Spend {
        let words = |n: usize| u64::try_from(n).unwrap_or(0).saturating_mul(3).saturating_add(400);
        let call = |output: u64| {
            self.dearest(Duty::Write, Tokens { input: WRITING_INPUT_TOKENS, output, cached: 0 })
        };
        let section = call(words(self.words_told(self.limits.section_words)));
        let sections = (0..self.sections_max()).fold(Spend::default(), |sum, _| sum.plus(section));
        let outline =
            if self.asks_for_outline() { call(OUTLINE_TOKENS_MAX.into()) } else { Spend::default() };
        let fields =
            self.request.output_schema.as_ref().map_or(Spend::default(), |_| call(FIELDS_TOKENS_MAX.into()));
        let summary = call(words(self.words_told(self.limits.summary_words)));
        sections.plus(outline).plus(summary).plus(fields)
    }

    /// The most that the job may cost: its ceiling, or what all its calls would cost at most.
    #[must_use]
    pub fn cost_micros_max(&self) -> u64 {
        let Spend { searches, pages, model_calls, .. } = self.limits.budget;
        let dearest = self.providers.iter().filter_map(|p| self.prices.search_micros.get(p)).max();
        let call = Duty::ALL.iter().map(|duty| self.dearest(*duty, self.analysis_tokens()).cost_micros).max();
        let model = u64::from(model_calls).saturating_mul(call.unwrap_or(0));
        let all = u64::from(searches)
            .saturating_mul(dearest.copied().unwrap_or(0))
            .saturating_add(u64::from(pages).saturating_mul(self.prices.page_micros))
            .saturating_add(model);
        self.limits.cost_micros_max.map_or(all, |most| most.min(all))
    }
}
