//! What a request will probably take and can take at most, before anything is started.

use crate::job::budget::{Prices, Spend};
use crate::job::usage::usd;
use crate::job::{Job, Terms, Timestamp};
use crate::model::chain::Chains;
use crate::research::request::ResearchRequest;
use crate::search::Provider;
use serde::Serialize;

/// An estimate. Nothing is promised but the bounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// No job of this request takes more, whatever happens.
    pub at_most: Amounts,
    /// What a usual job takes.
    pub expected: Amounts,
}

/// Amounts of work, money and time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Amounts {
    /// Calls to search providers.
    pub searches: u64,
    /// Pages fetched.
    pub pages: u64,
    /// Calls to a model.
    pub model_calls: u64,
    /// Tokens of the model, read and written; null where only money and calls are bounded.
    pub tokens: Option<u64>,
    /// US dollars.
    pub cost_usd: f64,
    /// From acceptance to the end.
    pub seconds: u64,
}

/// Rounds that a usual job takes: most stop after the second because everything is answered or nothing new turns up.
const ROUNDS: u64 = 2;
/// Queries of a usual round.
const QUERIES: u64 = 4;
/// Pages fetched for each source wanted, in percent: about a third are of no use, and the spare ones.
const PAGES_PERCENT: u64 = 150;
/// Pages that are analysed, of those fetched, in percent: the rest is refused as it is read.
const ANALYZED_PERCENT: u64 = 75;
/// Sections of a usual report.
const SECTIONS: u64 = 5;
/// Share of the most tokens that a usual call takes, in percent: passages and replies rarely fill their room.
const TOKENS_PERCENT: u64 = 45;
/// Seconds of a model's call, of a page's reading and of a search, as they add up along a job's longest path.
const MODEL_S: u64 = 8;
/// See [`MODEL_S`].
const READ_S: u64 = 2;

/// Estimates a request for this deployment.
#[must_use]
pub fn estimate(
    request: &ResearchRequest,
    providers: &[Provider],
    prices: &Prices,
    models: &Chains,
) -> Option<Estimate> {
    let terms = Terms {
        id: String::new(),
        request: request.clone(),
        providers: providers.to_vec(),
        models: models.clone(),
        prices: prices.clone(),
        seed: 0,
        occurrence: None,
    };
    let job = Job::fold([Job::accept(terms, Timestamp::default())])?;
    let limits = &job.limits;
    let has_model = !models.is_empty();
    let model = |calls: u64| if has_model { calls } else { 0 };
    let Spend { searches, pages, model_calls, .. } = limits.budget;
    let most_tokens = u64::from(model_calls).saturating_mul(job.cost_of_analysis().tokens);
    let at_most = Amounts {
        searches: searches.into(),
        pages: pages.into(),
        model_calls: model(model_calls.into()),
        tokens: has_model.then(|| limits.tokens_max.map_or(most_tokens, |most| most.min(most_tokens))),
        cost_usd: usd(job.cost_micros_max()),
        seconds: limits.deadline_ms / 1_000,
    };
    let rounds = ROUNDS.min(limits.rounds_max.into());
    let searched = rounds.saturating_mul(QUERIES).saturating_mul(providers.len() as u64);
    let fetched = (u64::from(limits.sources_max).saturating_mul(PAGES_PERCENT) / 100).min(pages.into());
    let analyzed = (fetched.saturating_mul(ANALYZED_PERCENT) / 100).max(1);
    let sections = SECTIONS.min(limits.sections_max as u64);
    let fields = u64::from(request.output_schema.is_some());
    let writing = job.cost_of_writing();
    let share = |n: u64| n.saturating_mul(TOKENS_PERCENT) / 100;
    let analysis = job.cost_of_analysis();
    let tokens = share(analysis.tokens.saturating_mul(analyzed).saturating_add(writing.tokens));
    let model_micros =
        share(analysis.cost_micros.saturating_mul(analyzed).saturating_add(writing.cost_micros));
    let search_micros: u64 = providers.iter().filter_map(|p| prices.search_micros.get(p)).sum();
    let cost_micros = search_micros
        .saturating_mul(rounds.saturating_mul(QUERIES))
        .saturating_add(prices.page_micros.saturating_mul(fetched))
        .saturating_add(if has_model { model_micros } else { 0 });
    // Six at a time: the plan, pages and their analyses in waves, a reflection, in deep mode an outline, then all that is
    // written side by side.
    let outlines = u64::from(job.asks_for_outline());
    let waves = analyzed.div_ceil(crate::job::WIDTH as u64);
    let thinking = if has_model { MODEL_S } else { 0 };
    let seconds = waves
        .saturating_mul(READ_S.saturating_add(thinking))
        .saturating_add(thinking.saturating_mul(3 + outlines));
    let expected = Amounts {
        searches: searched.min(at_most.searches),
        pages: fetched,
        model_calls: model(
            // Beside them a plan, a reflection less than there are rounds, and a summary.
            analyzed
                .saturating_add(rounds)
                .saturating_add(sections)
                .saturating_add(1 + outlines)
                .saturating_add(fields),
        )
        .min(at_most.model_calls),
        tokens: at_most.tokens.map(|most| tokens.min(most)),
        cost_usd: usd(cost_micros.min(job.cost_micros_max())),
        seconds: seconds.max(1).min(at_most.seconds),
    };
    Some(Estimate { at_most, expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::extractive;
    use crate::research::request::Budget;

    fn prices() -> Prices {
        Prices {
            search_micros: [(Provider::Brave, 5_000)].into(),
            page_micros: 0,
            input_micros_per_mtok: 150_000,
            output_micros_per_mtok: 600_000,
            ..Prices::default()
        }
    }

    fn of(request: &ResearchRequest, analyst: &str) -> Estimate {
        estimate(request, &[Provider::Brave], &prices(), &Chains::named(analyst)).unwrap()
    }

    #[test]
    fn what_is_expected_stays_within_the_bounds_and_grows_with_the_request() {
        let normal = of(&ResearchRequest::default(), "m");
        let deep = of(&ResearchRequest { deep: true, ..ResearchRequest::default() }, "m");
        for estimate in [&normal, &deep] {
            let (most, usual) = (&estimate.at_most, &estimate.expected);
            assert!(usual.cost_usd > 0.0 && usual.cost_usd <= most.cost_usd, "{estimate:?}");
            assert!(
                usual.tokens <= most.tokens && usual.pages <= most.pages && usual.seconds <= most.seconds
            );
        }
        assert!(deep.expected.cost_usd > normal.expected.cost_usd);
    }

    #[test]
    fn without_a_model_only_the_searches_cost() {
        let estimate = of(&ResearchRequest::default(), extractive::NAME);
        assert_eq!((estimate.expected.model_calls, estimate.expected.tokens), (0, None));
        assert!(estimate.expected.cost_usd > 0.0);
    }

    #[test]
    fn the_caller_s_ceilings_are_bounds() {
        let budget = Budget {
            cost_micros_max: Some(10_000),
            tokens_max: Some(20_000),
            seconds_max: Some(60),
            pages_max: Some(3),
        };
        let estimate = of(&ResearchRequest { budget, ..ResearchRequest::default() }, "m");
        assert_eq!(
            (
                estimate.at_most.cost_usd,
                estimate.at_most.tokens,
                estimate.at_most.seconds,
                estimate.at_most.pages
            ),
            (0.01, Some(20_000), 60, 3)
        );
        assert!(estimate.expected.cost_usd <= 0.01);
    }
}
