//! What things cost and how much may be done: prices, quotas, retention, the webhooks' schedule.

use crate::account::Quotas;
use crate::job::budget::Prices;
use crate::search::Provider;
use crate::webhook::delivery::RETRIES_MS;

/// Attempts of one schedule at most.
const RETRIES_MAX: usize = 20;
/// Longest wait of a schedule, in seconds: a week.
const RETRY_S_MAX: u64 = 7 * 24 * 60 * 60;
/// Days for which a finished job is kept when nothing is set.
const RETENTION_DAYS: u64 = 30;
/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// Beyond this a price is a typing error: 10,000 US dollars for a million tokens or a thousand calls.
const PRICE_USD_MAX: f64 = 10_000.0;

/// `PRICES`: `input=0.15,output=0.60,brave=5,claude-sonnet-4-5.input=3`. US dollars for a million tokens read (`input`), read
/// from the provider's cache (`cached`) and written (`output`) by a model, by one of a name (`NAME.input`), for a thousand
/// calls of a search provider by its name, and for a thousand pages fetched (`page`).
pub fn prices(text: &str) -> Result<Prices, String> {
    let mut prices = Prices::default();
    for (place, part) in (1..).zip(text.split(',').map(str::trim).filter(|p| !p.is_empty())) {
        let said = || format!("PRICES: part {place} is not a price: write such as input=0.15 or brave=5");
        let (name, usd) = part.split_once('=').ok_or_else(said)?;
        let usd: f64 = usd.trim().parse().map_err(|_| said())?;
        if !(0.0..=PRICE_USD_MAX).contains(&usd) {
            return Err(said());
        }
        let (per_mtok, per_call) = (micros(usd), micros(usd / 1_000.0));
        match name.trim() {
            "input" => prices.input_micros_per_mtok = per_mtok,
            "output" => prices.output_micros_per_mtok = per_mtok,
            "cached" => prices.cached_micros_per_mtok = Some(per_mtok),
            "page" => prices.page_micros = per_call,
            name if let Some((model, kind)) = of_model(name) => {
                let own = prices.models.entry(model.to_owned()).or_default();
                match kind {
                    "input" => own.input = Some(per_mtok),
                    "output" => own.output = Some(per_mtok),
                    _ => own.cached = Some(per_mtok),
                }
            }
            name => {
                let provider = Provider::from_name(name).ok_or_else(|| {
                    format!(
                        "PRICES: part {place} is neither input, output, cached, page, a search provider nor a model's such as gpt-5-mini.input"
                    )
                })?;
                prices.search_micros.insert(provider, per_call);
            }
        }
    }
    Ok(prices)
}

/// The model and which of its prices: `gpt-4.1.input`.
fn of_model(name: &str) -> Option<(&str, &str)> {
    let (model, kind) = name.rsplit_once('.')?;
    let (model, kind) = (model.trim(), kind.trim());
    (!model.is_empty() && matches!(kind, "input" | "output" | "cached")).then_some((model, kind))
}

/// US dollars as millionths, rounded up so that nothing counts as free that is not.
#[must_use]
pub fn micros(usd: f64) -> u64 {
    // A cast from float to integer saturates.
    (usd * 1e6).ceil() as u64
}

/// `QUOTA_CONCURRENT_JOBS`, `QUOTA_JOBS_PER_DAY`, `QUOTA_SPEND_USD_PER_DAY`; all problems at once.
pub fn quotas(lookup: impl Fn(&str) -> Option<String>) -> Result<Quotas, Vec<String>> {
    let mut problems = Vec::new();
    let mut whole = |name: &str| {
        let parsed = lookup(name).map(|text| text.parse::<u32>());
        parsed.and_then(|n| n.map_err(|_| problems.push(format!("{name} must be a whole number"))).ok())
    };
    let (concurrent_jobs, jobs_per_day) = (whole("QUOTA_CONCURRENT_JOBS"), whole("QUOTA_JOBS_PER_DAY"));
    let spend_micros_per_day = match lookup("QUOTA_SPEND_USD_PER_DAY").map(|text| text.parse::<f64>()) {
        None => None,
        Some(Ok(usd)) if usd.is_finite() && usd >= 0.0 => Some(micros(usd)),
        Some(_) => {
            problems.push("QUOTA_SPEND_USD_PER_DAY must be a number of US dollars such as 2.50".into());
            None
        }
    };
    if problems.is_empty() {
        Ok(Quotas { concurrent_jobs, jobs_per_day, spend_micros_per_day })
    } else {
        Err(problems)
    }
}

/// `RETENTION_DAYS`: how long a finished job is kept, in milliseconds; 0 days means for ever.
pub fn retention_ms(text: Option<&str>) -> Result<Option<u64>, String> {
    match text.map(str::parse::<u64>) {
        None => Ok(Some(RETENTION_DAYS * DAY_MS)),
        Some(Ok(0)) => Ok(None),
        Some(Ok(days)) => Ok(Some(days.saturating_mul(DAY_MS))),
        Some(Err(_)) => Err("RETENTION_DAYS must be a whole number of days, 0 to keep jobs for ever".into()),
    }
}

/// `WEBHOOK_RETRIES_S`: waits before each attempt, in seconds, in place of the published schedule.
pub fn webhook_retries_ms(text: Option<&str>) -> Result<Vec<u64>, String> {
    let Some(text) = text else { return Ok(RETRIES_MS.to_vec()) };
    let waits: Result<Vec<u64>, _> = text.split(',').map(|wait| wait.trim().parse::<u64>()).collect();
    match waits {
        Ok(waits) if waits.len() <= RETRIES_MAX && waits.iter().all(|s| *s <= RETRY_S_MAX) => {
            Ok(waits.into_iter().map(|s| s.saturating_mul(1_000)).collect())
        }
        _ => Err(format!(
            "WEBHOOK_RETRIES_S must be 1 to {RETRIES_MAX} waits in seconds such as 0,5,300, none above {RETRY_S_MAX}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::budget::Tokens;

    #[test]
    fn prices_are_given_as_providers_publish_them() {
        let prices = prices("input=0.15, output=0.6,brave=5,page=0").unwrap();
        assert_eq!((prices.input_micros_per_mtok, prices.output_micros_per_mtok), (150_000, 600_000));
        assert_eq!(prices.search_micros.get(&Provider::Brave), Some(&5_000));
        assert_eq!(super::prices("").unwrap(), Prices::default());
        for wrong in ["input", "input=x", "input=-1", "altavista=5", "output=1e9"] {
            let said = super::prices(&format!("page=1,{wrong}")).unwrap_err();
            assert!(said.starts_with("PRICES: part 2 is") && !said.contains("altavista"), "{said}");
        }
    }

    #[test]
    fn a_model_has_prices_of_its_own_and_the_others_share_the_plain_ones() {
        let text = "input=1,output=2,cached=0.5,claude-sonnet-4-5.input=3,claude-sonnet-4-5.output=15,\
            claude-sonnet-4-5.cached=0.3,@cf/meta/llama-3.1.output=4";
        let prices = prices(text).unwrap();
        let tokens = Tokens { input: 1_000_000, output: 1_000_000, cached: 400_000 };
        let usd = |model: &str| prices.tokens_micros(model, tokens);
        assert_eq!(usd("claude-sonnet-4-5"), 1_800_000 + 120_000 + 15_000_000);
        assert_eq!(usd("gpt-5-mini"), 600_000 + 200_000 + 2_000_000);
        assert_eq!(usd("@cf/meta/llama-3.1"), 600_000 + 200_000 + 4_000_000);
        for wrong in [".input=1", "gpt.outputs=1", "gpt.input=-1", "gpt.=1"] {
            assert!(super::prices(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_set_is_not_limited_and_kept_for_a_month() {
        assert_eq!(quotas(|_| None), Ok(Quotas::default()));
        assert_eq!(retention_ms(None), Ok(Some(30 * DAY_MS)));
        assert_eq!(retention_ms(Some("0")), Ok(None));
        assert_eq!(webhook_retries_ms(None).unwrap().len(), 10);
        assert_eq!(webhook_retries_ms(Some("0, 1,2")), Ok(vec![0, 1_000, 2_000]));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let problems = quotas(|_| Some("many".into())).unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(retention_ms(Some("-1")).is_err());
        for wrong in ["", "0,x", "9999999", &"1,".repeat(30)] {
            assert!(webhook_retries_ms(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
