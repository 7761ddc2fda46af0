//! What an attempt may cost at most, before it leaves.

use crate::job::budget::{Spend, Tokens};
use crate::job::step::{Analyst, StepId, StepKind};
use crate::job::{Call, Job};
use crate::model::{Task, prompt};

/// Bytes that make a token at least. English has about four, code and markup about three, Chinese three bytes a character
/// and about a token each.
const BYTES_PER_TOKEN: u64 = 3;
/// Tokens beside the prompt: roles, the schema of the reply.
const OVERHEAD_TOKENS: u64 = 400;
/// Tokens that one call of writing reads: findings of its section or of the whole report, some 40 of them at 100 tokens.
const WRITING_INPUT_TOKENS: u64 = 4_000;
/// Tokens that an analysis takes beside its passages: rules, question, sub-questions and up to 4,000 of reply.
const ANALYSIS_TOKENS: u64 = 6_000;
/// Stands for the random marker that delimits untrusted text: 16 characters.
const MARKER: &str = "0000000000000000";

/// The most tokens that a call reads and writes.
#[must_use]
pub(super) fn tokens_max(call: &Call) -> Tokens {
    let of_task = |task: &Task, more_bytes: usize| {
        let prompt = prompt::prompt(task, MARKER);
        let bytes = prompt.system.len().saturating_add(prompt.user.len()).saturating_add(more_bytes);
        let input = u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(BYTES_PER_TOKEN);
        Tokens { input: input.saturating_add(OVERHEAD_TOKENS), output: prompt.reply_tokens_max.into() }
    };
    match call {
        Call::Search(..) | Call::Read { .. } => Tokens::default(),
        Call::Think(task) => of_task(task, 0),
        Call::Analyze { task, passage_bytes_max, .. } => {
            of_task(&Task::Analyze(task.clone()), *passage_bytes_max)
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
            (_, StepKind::Think, Analyst::Configured) => {
                let tokens = self.call(step).map(|call| tokens_max(&call)).unwrap_or_default();
                self.cost_of_tokens(tokens)
            }
            (_, StepKind::Think, Analyst::Extractive) => Spend::default(),
            _ => Spend { pages: 1, cost_micros: self.prices.page_micros, ..Spend::default() },
        }
    }

    /// One call of the model that takes so many tokens.
    pub(super) fn cost_of_tokens(&self, tokens: Tokens) -> Spend {
        let cost_micros = self.prices.tokens_micros(tokens);
        Spend { model_calls: 1, tokens: tokens.total(), cost_micros, ..Spend::default() }
    }

    /// What the analysis of a page that was not read yet may take: its passages and a whole reply.
    pub(super) fn cost_of_analysis(&self) -> Spend {
        let passages = u64::try_from(self.limits.passage_bytes_max).unwrap_or(0) / BYTES_PER_TOKEN;
        self.cost_of_tokens(Tokens { input: passages.saturating_add(ANALYSIS_TOKENS), output: 0 })
    }

    /// What writing the report may take: outline, every section that there may be, and the summary.
    pub(super) fn cost_of_writing(&self) -> Spend {
        let words = |n: usize| u64::try_from(n).unwrap_or(0).saturating_mul(3).saturating_add(400);
        let call = |output: u64| self.cost_of_tokens(Tokens { input: WRITING_INPUT_TOKENS, output });
        let section = call(words(self.limits.section_words));
        let sections = (0..self.limits.sections_max).fold(Spend::default(), |sum, _| sum.plus(section));
        sections.plus(call(1_600)).plus(call(words(self.limits.summary_words)))
    }

    /// The most that the job may cost: its ceiling, or what all its calls would cost at most.
    #[must_use]
    pub fn cost_micros_max(&self) -> u64 {
        let Spend { searches, pages, model_calls, .. } = self.limits.budget;
        let dearest = self.providers.iter().filter_map(|p| self.prices.search_micros.get(p)).max();
        let model = if self.analyst == crate::model::extractive::NAME {
            0
        } else {
            u64::from(model_calls).saturating_mul(self.cost_of_analysis().cost_micros)
        };
        let all = u64::from(searches)
            .saturating_mul(dearest.copied().unwrap_or(0))
            .saturating_add(u64::from(pages).saturating_mul(self.prices.page_micros))
            .saturating_add(model);
        self.limits.cost_micros_max.map_or(all, |most| most.min(all))
    }
}
