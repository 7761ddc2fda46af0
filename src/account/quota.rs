//! Whether one more job may start, and what the reply says of it.

use super::{Limit, QuotaKind, Quotas, Standing};
use crate::job::Timestamp;

/// What an account has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Jobs that are not over.
    pub live_jobs: u32,
    /// Jobs let in since midnight UTC.
    pub jobs_today: u32,
    /// Millionths of a US dollar spent by the jobs let in since midnight, those that are not over counted in full with
    /// what they may cost.
    pub committed_micros: u64,
}

impl Tally {
    /// The same with one more job, let in now, that may cost so much.
    #[must_use]
    pub fn with(self, cost_micros: u64) -> Self {
        Self {
            live_jobs: self.live_jobs.saturating_add(1),
            jobs_today: self.jobs_today.saturating_add(1),
            committed_micros: self.committed_micros.saturating_add(cost_micros),
        }
    }
}

/// A job that may not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The quota that is used up.
    pub quota: QuotaKind,
    /// When it is worth another try.
    pub retry_after_s: u64,
}

/// Milliseconds of a UTC day; leap seconds do not exist in Unix time.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// A job ends within 15 minutes, unless it was given more, and most within two, so a full house is worth another look after half a minute.
const CONCURRENT_RETRY_S: u64 = 30;
/// Whoever has less than a hundredth of a job's ceiling left is told to wait: the job could not even plan.
const WORTHWHILE_SHARE: u64 = 100;

/// The UTC day of a moment, counted from 1970-01-01.
#[must_use]
pub fn day_of(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// What a job that may cost `cost_micros_max` is granted: that, or what is left of the day's money.
pub fn admit(quotas: &Quotas, tally: &Tally, cost_micros_max: u64, now: Timestamp) -> Result<u64, Refusal> {
    if quotas.concurrent_jobs.is_some_and(|most| tally.live_jobs >= most) {
        return Err(Refusal { quota: QuotaKind::ConcurrentJobs, retry_after_s: CONCURRENT_RETRY_S });
    }
    let retry_after_s = seconds_to_midnight(now);
    if quotas.jobs_per_day.is_some_and(|most| tally.jobs_today >= most) {
        return Err(Refusal { quota: QuotaKind::JobsPerDay, retry_after_s });
    }
    let Some(most) = quotas.spend_micros_per_day else { return Ok(cost_micros_max) };
    let left = most.saturating_sub(tally.committed_micros);
    if cost_micros_max > 0 && left.saturating_mul(WORTHWHILE_SHARE) < cost_micros_max.max(1) {
        return Err(Refusal { quota: QuotaKind::SpendPerDay, retry_after_s });
    }
    Ok(cost_micros_max.min(left))
}

/// How much is left of each quota that is set.
#[must_use]
pub fn standing(quotas: &Quotas, tally: &Tally, now: Timestamp) -> Standing {
    let reset = Some(seconds_to_midnight(now));
    let limit = |quota, total: Option<u64>, used: u64, resets_in_s| {
        total.map(|total| Limit { quota, total, left: total.saturating_sub(used), resets_in_s })
    };
    let limits = [
        limit(
            QuotaKind::ConcurrentJobs,
            quotas.concurrent_jobs.map(u64::from),
            u64::from(tally.live_jobs),
            None,
        ),
        limit(QuotaKind::JobsPerDay, quotas.jobs_per_day.map(u64::from), u64::from(tally.jobs_today), reset),
        limit(QuotaKind::SpendPerDay, quotas.spend_micros_per_day, tally.committed_micros, reset),
    ];
    Standing { limits: limits.into_iter().flatten().collect() }
}

impl Standing {
    /// Values of `RateLimit-Policy` and `RateLimit` (IETF draft-ietf-httpapi-ratelimit-headers); none when nothing is
    /// limited. Money counts in millionths of a US dollar.
    #[must_use]
    pub fn headers(&self) -> Option<(String, String)> {
        if self.limits.is_empty() {
            return None;
        }
        let policy = |l: &Limit| {
            let window = l.resets_in_s.map_or(String::new(), |_| format!(";w={}", DAY_MS / 1_000));
            format!("\"{}\";q={}{window}", l.quota.name(), l.total)
        };
        let left = |l: &Limit| {
            let reset = l.resets_in_s.map_or(String::new(), |s| format!(";t={s}"));
            format!("\"{}\";r={}{reset}", l.quota.name(), l.left)
        };
        let list =
            |each: &dyn Fn(&Limit) -> String| self.limits.iter().map(each).collect::<Vec<_>>().join(", ");
        Some((list(&policy), list(&left)))
    }
}

/// At least 1.
fn seconds_to_midnight(now: Timestamp) -> u64 {
    let gone_ms = now.0.rem_euclid(DAY_MS);
    u64::try_from(DAY_MS.saturating_sub(gone_ms)).unwrap_or(1).div_ceil(1_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp(1_795_262_400_000);

    fn quotas() -> Quotas {
        Quotas { concurrent_jobs: Some(2), jobs_per_day: Some(5), spend_micros_per_day: Some(1_000_000) }
    }

    #[test]
    fn what_is_not_limited_is_let_in() {
        let busy = Tally { live_jobs: 9_999, jobs_today: 9_999, committed_micros: u64::MAX };
        assert_eq!(admit(&Quotas::default(), &busy, 7, NOON), Ok(7));
        assert_eq!(standing(&Quotas::default(), &busy, NOON).headers(), None);
    }

    #[test]
    fn each_quota_refuses_by_its_name_and_says_when_to_come_back() {
        let tally = Tally { live_jobs: 2, ..Tally::default() };
        let refusal = admit(&quotas(), &tally, 0, NOON).unwrap_err();
        assert_eq!((refusal.quota, refusal.retry_after_s), (QuotaKind::ConcurrentJobs, 30));
        let tally = Tally { jobs_today: 5, ..Tally::default() };
        let refusal = admit(&quotas(), &tally, 0, NOON).unwrap_err();
        assert_eq!((refusal.quota, refusal.retry_after_s), (QuotaKind::JobsPerDay, 12 * 3_600));
        let tally = Tally { committed_micros: 1_000_000, ..Tally::default() };
        assert_eq!(admit(&quotas(), &tally, 1, NOON).unwrap_err().quota, QuotaKind::SpendPerDay);
        assert_eq!(admit(&quotas(), &tally, 0, NOON), Ok(0), "what costs nothing needs no money");
    }

    #[test]
    fn a_job_gets_no_more_than_is_left_of_the_day() {
        let tally = Tally { committed_micros: 900_000, ..Tally::default() };
        assert_eq!(admit(&quotas(), &tally, 500_000, NOON), Ok(100_000));
    }

    #[test]
    fn the_headers_are_structured_fields() {
        let tally = Tally { live_jobs: 1, jobs_today: 2, committed_micros: 0 };
        let limited = Quotas { spend_micros_per_day: None, ..quotas() };
        let (policy, left) = standing(&limited, &tally, NOON).headers().unwrap();
        assert_eq!(policy, "\"concurrent-jobs\";q=2, \"jobs-per-day\";q=5;w=86400");
        assert_eq!(left, "\"concurrent-jobs\";r=1, \"jobs-per-day\";r=3;t=43200");
    }

    proptest! {
        #[test]
        fn however_jobs_come_and_go_no_quota_is_exceeded(
            moves in proptest::collection::vec((any::<bool>(), 0_u64..600_000, 0_u64..100), 0..80),
        ) {
            let quotas = quotas();
            let (mut live, mut jobs, mut settled) = (Vec::new(), 0_u32, 0_u64);
            for (starts, cost, share) in moves {
                let reserved: u64 = live.iter().sum();
                let tally =
                    Tally { live_jobs: live.len() as u32, jobs_today: jobs, committed_micros: settled + reserved };
                if starts {
                    if let Ok(granted) = admit(&quotas, &tally, cost, NOON) {
                        prop_assert!(granted <= cost);
                        live.push(granted);
                        jobs += 1;
                    }
                } else if let Some(granted) = live.pop() {
                    settled += granted * share / 100;
                }
                prop_assert!(live.len() <= 2 && jobs <= 5);
                prop_assert!(settled + live.iter().sum::<u64>() <= 1_000_000);
            }
        }
    }
}
