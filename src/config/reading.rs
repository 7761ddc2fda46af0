//! How pages are read: how close together a host is visited, and how long others' readings will do.

use crate::web::politeness::Pace;

/// How pages are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// `SITE_DELAY_MS`, `SITE_CONNECTIONS`: how close together all jobs visit one host.
    pub pace: Pace,
    /// `PAGE_CACHE_S`, in milliseconds: a page that any job read so lately is not asked for again.
    pub cache_ms: u64,
}

/// A page that was read within a quarter of an hour: what the jobs of one deadline share.
const CACHE_S: u64 = 15 * 60;
/// What is older is forgotten anyhow.
const CACHE_S_MAX: u64 = 24 * 60 * 60;
/// A longer delay than a site itself may ask for would end most reads.
const DELAY_MS_MAX: u64 = 30_000;
/// An invocation has no more connections.
const CONNECTIONS_MAX: u64 = 6;

/// Reads the settings through `lookup`; all problems at once.
///
/// # Errors
/// A sentence for each setting that is no whole number in its range.
pub fn reading(lookup: impl Fn(&str) -> Option<String>) -> Result<Reading, Vec<String>> {
    let mut problems = Vec::new();
    let mut whole = |name: &str, usual: u64, least: u64, most: u64| match lookup(name) {
        None => usual,
        Some(text) => match text.parse::<u64>() {
            Ok(n) if (least..=most).contains(&n) => n,
            _ => {
                problems
                    .push(format!("{name} must be a whole number from {least} to {most}, such as {usual}"));
                usual
            }
        },
    };
    let usual = Pace::default();
    let delay_ms = whole("SITE_DELAY_MS", usual.delay_ms, 0, DELAY_MS_MAX);
    let connections = whole("SITE_CONNECTIONS", usual.connections as u64, 1, CONNECTIONS_MAX);
    let cache_ms = whole("PAGE_CACHE_S", CACHE_S, 0, CACHE_S_MAX).saturating_mul(1_000);
    let pace = Pace { delay_ms, connections: usize::try_from(connections).unwrap_or(usual.connections) };
    if problems.is_empty() { Ok(Reading { pace, cache_ms }) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn a_host_is_visited_once_a_second_by_one_unless_the_operator_says_otherwise() {
        assert_eq!(reading(set(&[])), Ok(Reading { pace: Pace::default(), cache_ms: 900_000 }));
        let own = reading(set(&[("SITE_DELAY_MS", "0"), ("SITE_CONNECTIONS", "6"), ("PAGE_CACHE_S", "0")]));
        assert_eq!(own, Ok(Reading { pace: Pace { delay_ms: 0, connections: 6 }, cache_ms: 0 }));
    }

    #[test]
    fn every_setting_that_is_out_of_range_is_named() {
        let wrong = set(&[("SITE_DELAY_MS", "1s"), ("SITE_CONNECTIONS", "7"), ("PAGE_CACHE_S", "-1")]);
        let problems = reading(wrong).unwrap_err().join("; ");
        for name in ["SITE_DELAY_MS", "SITE_CONNECTIONS", "PAGE_CACHE_S"] {
            assert!(problems.contains(name), "{name}: {problems}");
        }
    }
}
