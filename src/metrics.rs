//! What a deployment has done, in numbers: counted by accounts as jobs end, added up by the scheduler, shown to Prometheus.
//!
//! An account counts in the commit in which the thing itself becomes durable, so a number is neither lost nor counted twice
//! when a process dies. The scheduler keeps the sum over all accounts: what an account said last goes, what it says now comes.

use crate::account::Settlement;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Media type of [`Meter::exposition`]: Prometheus' text format.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Numbers by the name of their series, as in `footnote_jobs_ended_total{state="failed"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Meter(BTreeMap<String, u64>);

/// Series of one meter: 11 providers and 4 model APIs in two families, 22 others, and for requests about 50 routes with a
/// handful of methods and statuses. What would come beyond is not counted.
const SERIES_MAX: usize = 1_000;

/// A number of one name, with labels where it has several series.
struct Family {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    /// What is counted in whole small units is shown in base units.
    divisor: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram(&'static [u64]),
}

/// Upper bounds of a job's duration, in milliseconds: seconds without a model, minutes with one, an hour at most.
const JOB_BUCKETS_MS: &[u64] =
    &[1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];
/// Upper bounds of a request's duration, in milliseconds: reads take a few, `?wait=25` takes 25 s.
const REQUEST_BUCKETS_MS: &[u64] = &[5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000];

const fn counter(name: &'static str, help: &'static str) -> Family {
    Family { name, kind: Kind::Counter, help, divisor: 1 }
}

const FAMILIES: [Family; 18] = [
    counter("footnote_jobs_created_total", "Research jobs let in."),
    counter("footnote_jobs_ended_total", "Research jobs that are over, by how they ended."),
    Family {
        name: "footnote_jobs_running",
        kind: Kind::Gauge,
        help: "Research jobs that are not over.",
        divisor: 1,
    },
    Family {
        name: "footnote_job_duration_seconds",
        kind: Kind::Histogram(JOB_BUCKETS_MS),
        help: "From the acceptance of a job to its end.",
        divisor: 1_000,
    },
    Family {
        name: "footnote_spend_usd_total",
        kind: Kind::Counter,
        help: "US dollars spent by jobs that are over, at the prices in PRICES.",
        divisor: 1_000_000,
    },
    counter("footnote_pages_read_total", "Pages fetched by jobs that are over."),
    counter("footnote_page_bytes_total", "Bytes of those pages, after decompression."),
    counter("footnote_page_failures_total", "Tries at pages that brought none, interrupted ones included."),
    counter("footnote_search_calls_total", "Calls to search providers by jobs that are over."),
    counter("footnote_search_failures_total", "Those of them without an answer, interrupted ones included."),
    counter("footnote_model_calls_total", "Calls to models by jobs that are over, by API."),
    counter("footnote_model_failures_total", "Those of them without an answer, interrupted ones included."),
    counter("footnote_model_tokens_total", "Tokens read and written by models for jobs that are over."),
    counter(
        "footnote_webhook_attempts_total",
        "Attempts at webhooks, by whether the receiver took the message.",
    ),
    Family { name: "footnote_schedules", kind: Kind::Gauge, help: "Schedules kept.", divisor: 1 },
    counter(
        "footnote_http_requests_total",
        "Requests answered by this process since it started (on Cloudflare: by one of many isolates).",
    ),
    Family {
        name: "footnote_http_request_duration_seconds",
        kind: Kind::Histogram(REQUEST_BUCKETS_MS),
        help: "From a request's arrival to the first byte of its answer, in this process.",
        divisor: 1_000,
    },
    Family { name: "footnote_build_info", kind: Kind::Gauge, help: "The release that runs.", divisor: 1 },
];

/// Calls of one kind to one provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Calls that left.
    pub made: u64,
    /// Those without an answer: refused, too late, or interrupted.
    pub failed: u64,
}

/// What was called, for [`Settlement::calls`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounts {
    /// Search providers by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub search: BTreeMap<String, Calls>,
    /// Models, by the name of their API.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub model: BTreeMap<String, Calls>,
    /// Pages.
    #[serde(default)]
    pub pages: Calls,
}

impl CallCounts {
    /// What was called beyond an earlier count.
    #[must_use]
    pub fn since(mut self, earlier: &Self) -> Self {
        let less = |calls: &mut Calls, before: Option<&Calls>| {
            let before = before.copied().unwrap_or_default();
            calls.made = calls.made.saturating_sub(before.made);
            calls.failed = calls.failed.saturating_sub(before.failed);
        };
        self.search.iter_mut().for_each(|(name, calls)| less(calls, earlier.search.get(name)));
        self.model.iter_mut().for_each(|(name, calls)| less(calls, earlier.model.get(name)));
        less(&mut self.pages, Some(&earlier.pages));
        self
    }

    /// Nothing was called, or an older release did not say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Meter {
    /// A job was let in.
    pub fn job_created(&mut self) {
        self.add("footnote_jobs_created_total", &[], 1);
    }

    /// A job is over.
    pub fn job_ended(&mut self, settlement: &Settlement) {
        let Settlement { job, state, ended_at, spent, calls, .. } = settlement;
        self.add("footnote_jobs_ended_total", &[("state", state.name())], 1);
        self.observe("footnote_job_duration_seconds", JOB_BUCKETS_MS, ended_at.ms_since(job.created_at));
        for (kind, micros) in
            [("search", spent.search_micros), ("pages", spent.page_micros), ("model", spent.model_micros)]
        {
            self.add("footnote_spend_usd_total", &[("kind", kind)], micros);
        }
        self.add("footnote_pages_read_total", &[], spent.pages);
        self.add("footnote_page_bytes_total", &[], spent.bytes);
        self.add("footnote_page_failures_total", &[], calls.pages.failed);
        self.add("footnote_model_tokens_total", &[("kind", "input")], spent.tokens_input);
        self.add("footnote_model_tokens_total", &[("kind", "output")], spent.tokens_output);
        for (provider, calls) in &calls.search {
            self.add("footnote_search_calls_total", &[("provider", provider)], calls.made);
            self.add("footnote_search_failures_total", &[("provider", provider)], calls.failed);
        }
        for (api, calls) in &calls.model {
            self.add("footnote_model_calls_total", &[("provider", api)], calls.made);
            self.add("footnote_model_failures_total", &[("provider", api)], calls.failed);
        }
    }

    /// An attempt at a webhook is over.
    pub fn webhook_tried(&mut self, taken: bool) {
        let outcome = if taken { "delivered" } else { "failed" };
        self.add("footnote_webhook_attempts_total", &[("outcome", outcome)], 1);
    }

    /// A request was answered.
    pub fn request_answered(&mut self, method: &str, route: &str, status: u16, ms: u64) {
        let labels = [("method", method), ("route", route), ("status", &status.to_string())];
        self.add("footnote_http_requests_total", &labels, 1);
        self.observe("footnote_http_request_duration_seconds", REQUEST_BUCKETS_MS, ms);
    }

    /// Jobs that are not over at the moment.
    pub fn jobs_running(&mut self, jobs: u64) {
        self.set("footnote_jobs_running", &[], jobs);
    }

    /// Schedules that are kept at the moment.
    pub fn schedules(&mut self, schedules: u64) {
        self.set("footnote_schedules", &[], schedules);
    }

    /// The release that runs.
    pub fn build(&mut self, version: &str) {
        self.set("footnote_build_info", &[("version", version)], 1);
    }

    /// What one account said before goes, what it says now comes.
    pub fn replace(&mut self, before: &Self, now: &Self) {
        for (series, n) in &before.0 {
            if let Some(sum) = self.0.get_mut(series) {
                *sum = sum.saturating_sub(*n);
            }
        }
        self.merge(now);
    }

    /// Whether another meter of the same owner counted more of anything: counters never fall, only gauges do.
    #[must_use]
    pub fn is_older_than(&self, other: &Self) -> bool {
        let gauge = |series: &str| {
            let name = series.split('{').next().unwrap_or(series);
            FAMILIES.iter().any(|family| family.name == name && family.kind == Kind::Gauge)
        };
        let fell =
            |(series, n): (&String, &u64)| self.0.get(series).copied().unwrap_or(0) < *n && !gauge(series);
        other.0.iter().any(fell)
    }

    /// Adds another meter's numbers.
    pub fn merge(&mut self, other: &Self) {
        for (series, n) in &other.0 {
            self.count(series.clone(), *n);
        }
    }

    /// Prometheus' text format: every family with its help and type, also those that have no number yet.
    #[must_use]
    pub fn exposition(&self) -> String {
        let mut text = String::new();
        for family in &FAMILIES {
            let (name, help) = (family.name, family.help);
            let kind = match family.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram(_) => "histogram",
            };
            // Writing to a string cannot fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
            match family.kind {
                Kind::Histogram(bounds) => self.write_histogram(&mut text, family, bounds),
                _ => self.write_plain(&mut text, family),
            }
        }
        text
    }

    fn write_plain(&self, text: &mut String, family: &Family) {
        let mut none = true;
        for (series, n) in &self.0 {
            let Some(rest) = series.strip_prefix(family.name) else { continue };
            if rest.is_empty() || rest.starts_with('{') {
                let _ = writeln!(text, "{series} {}", shown(*n, family.divisor));
                none = false;
            }
        }
        // A counter that begins with its first event hides that event from rate(); with labels there is no telling which.
        if none && !LABELLED.contains(&family.name) {
            let _ = writeln!(text, "{} 0", family.name);
        }
    }

    fn write_histogram(&self, text: &mut String, family: &Family, bounds: &[u64]) {
        let name = family.name;
        let count = self.get(&format!("{name}_count"));
        for bound in bounds {
            let le = shown(*bound, family.divisor);
            let series = bucket(name, &le);
            let _ = writeln!(text, "{series} {}", self.get(&series));
        }
        let _ = writeln!(text, "{} {count}", bucket(name, "+Inf"));
        let sum = shown(self.get(&format!("{name}_sum")), family.divisor);
        let _ = write!(text, "{name}_sum {sum}\n{name}_count {count}\n");
    }

    fn observe(&mut self, name: &str, bounds: &[u64], ms: u64) {
        for bound in bounds.iter().filter(|bound| ms <= **bound) {
            self.count(bucket(name, &shown(*bound, 1_000)), 1);
        }
        self.add(&format!("{name}_sum"), &[], ms);
        self.add(&format!("{name}_count"), &[], 1);
    }

    fn add(&mut self, name: &str, labels: &[(&str, &str)], n: u64) {
        self.count(series(name, labels), n);
    }

    fn set(&mut self, name: &str, labels: &[(&str, &str)], n: u64) {
        let series = series(name, labels);
        self.0.remove(&series);
        self.count(series, n);
    }

    fn count(&mut self, series: String, n: u64) {
        let room = self.0.len() < SERIES_MAX;
        match self.0.get_mut(&series) {
            Some(sum) => *sum = sum.saturating_add(n),
            None if room => drop(self.0.insert(series, n)),
            None => {}
        }
    }

    fn get(&self, series: &str) -> u64 {
        self.0.get(series).copied().unwrap_or(0)
    }
}

/// Families whose series all have labels: without an event there is none.
const LABELLED: [&str; 10] = [
    "footnote_jobs_ended_total",
    "footnote_spend_usd_total",
    "footnote_search_calls_total",
    "footnote_search_failures_total",
    "footnote_model_calls_total",
    "footnote_model_failures_total",
    "footnote_model_tokens_total",
    "footnote_webhook_attempts_total",
    "footnote_http_requests_total",
    "footnote_build_info",
];

fn series(name: &str, labels: &[(&str, &str)]) -> String {
    let mut series = name.to_owned();
    for (place, (label, value)) in labels.iter().enumerate() {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = write!(series, "{}{label}=\"{value}\"", if place == 0 { '{' } else { ',' });
    }
    if !labels.is_empty() {
        series.push('}');
    }
    series
}

fn bucket(name: &str, le: &str) -> String {
    series(&format!("{name}_bucket"), &[("le", le)])
}

fn shown(n: u64, divisor: u64) -> String {
    if divisor <= 1 { n.to_string() } else { (n as f64 / divisor as f64).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{EndState, JobSummary, Spent};
    use crate::job::Timestamp;

    #[test]
    fn what_counted_less_is_older_but_a_gauge_may_fall() {
        let meter = |jobs: u64, running: u64| {
            let mut meter = Meter::default();
            (0..jobs).for_each(|_| meter.job_created());
            meter.jobs_running(running);
            meter
        };
        assert!(meter(1, 1).is_older_than(&meter(2, 0)));
        assert!(!meter(2, 0).is_older_than(&meter(2, 3)) && !meter(3, 0).is_older_than(&meter(2, 1)));
        assert!(Meter::default().is_older_than(&meter(1, 0)));
    }

    fn settlement(state: EndState, ms: u64) -> Settlement {
        let created_at = Timestamp(1_000);
        let job =
            JobSummary { id: "res_1".into(), query: "q".into(), deep: false, created_at, schedule_id: None };
        let calls = CallCounts {
            search: [("brave".to_owned(), Calls { made: 3, failed: 1 })].into(),
            ..CallCounts::default()
        };
        Settlement {
            job,
            state,
            ended_at: created_at.plus_ms(ms),
            spent: Spent { pages: 4, model_micros: 1_500_000, ..Spent::default() },
            changes: None,
            reason: None,
            metadata: serde_json::Map::new(),
            dialect: None,
            calls,
        }
    }

    fn line<'a>(text: &'a str, series: &str) -> &'a str {
        text.lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
            .unwrap_or_else(|| panic!("{series} is missing in:\n{text}"))
    }

    #[test]
    fn an_ended_job_is_counted_with_all_that_it_took() {
        let mut meter = Meter::default();
        meter.job_created();
        meter.job_ended(&settlement(EndState::Partial, 20_000));
        let text = meter.exposition();
        for (series, n) in [
            ("footnote_jobs_created_total", "1"),
            ("footnote_jobs_ended_total{state=\"partial\"}", "1"),
            ("footnote_spend_usd_total{kind=\"model\"}", "1.5"),
            ("footnote_pages_read_total", "4"),
            ("footnote_search_failures_total{provider=\"brave\"}", "1"),
            ("footnote_job_duration_seconds_bucket{le=\"15\"}", "0"),
            ("footnote_job_duration_seconds_bucket{le=\"30\"}", "1"),
            ("footnote_job_duration_seconds_bucket{le=\"+Inf\"}", "1"),
            ("footnote_job_duration_seconds_sum", "20"),
            ("footnote_jobs_running", "0"),
        ] {
            assert_eq!(line(&text, series), n, "{series}");
        }
    }

    #[test]
    fn the_sum_over_accounts_follows_each_account() {
        let (mut first, mut second, mut all) = (Meter::default(), Meter::default(), Meter::default());
        first.job_created();
        first.jobs_running(1);
        all.replace(&Meter::default(), &first);
        second.job_created();
        second.jobs_running(1);
        all.replace(&Meter::default(), &second);
        let before = first.clone();
        first.job_ended(&settlement(EndState::Completed, 10));
        first.jobs_running(0);
        all.replace(&before, &first);
        all.replace(&first, &first.clone());
        let text = all.exposition();
        assert_eq!(line(&text, "footnote_jobs_created_total"), "2");
        assert_eq!(line(&text, "footnote_jobs_running"), "1");
        assert_eq!(line(&text, "footnote_jobs_ended_total{state=\"completed\"}"), "1");
    }

    #[test]
    fn labels_cannot_break_out_and_series_are_bounded() {
        let mut meter = Meter::default();
        meter.request_answered("GET", "a\"b\\c\nd", 200, 3);
        assert!(meter.exposition().contains(r#"route="a\"b\\c\nd""#));
        for n in 0..2_000 {
            meter.request_answered("GET", &n.to_string(), 200, 3);
        }
        assert_eq!(meter.0.len(), SERIES_MAX);
    }

    #[test]
    fn every_family_is_told_once_with_its_type() {
        let text = Meter::default().exposition();
        for family in &FAMILIES {
            assert_eq!(text.matches(&format!("# TYPE {} ", family.name)).count(), 1, "{}", family.name);
        }
    }
}
