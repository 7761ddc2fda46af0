//! What a caller may ask of search providers beside words and domains.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// Options that are passed on to every provider that can express them; `docs/providers.md` says which can.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchOptions {
    /// ISO 3166-1 code in capitals, such as `DE`: results as they are wanted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Only what is at most so old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recency: Option<Recency>,
    /// Only what was published on this day or later, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_date: Option<String>,
    /// Only what was published on this day or earlier, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_date: Option<String>,
    /// How much is filtered for the young.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_search: Option<SafeSearch>,
}

impl SearchOptions {
    /// Nothing is asked for.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// The first day that is wanted: `after_date`, or `recency` counted back from `today`, whichever is later.
    #[must_use]
    pub fn since(&self, today: &str) -> Option<String> {
        let recent = self.recency.and_then(|recency| {
            let today = NaiveDate::parse_from_str(today, DAY).ok()?;
            Some(today.checked_sub_days(Days::new(recency.days()))?.format(DAY).to_string())
        });
        // Days in this form are in order as texts.
        self.after_date.clone().max(recent)
    }

    /// Why a page of this day is not wanted; `None` when it is, or when its day is unknown. `modified` is the day of its last
    /// change: a page that was changed in time is recent.
    #[must_use]
    pub fn refuse(&self, published: Option<&str>, modified: Option<&str>, today: &str) -> Option<String> {
        let last = published.max(modified)?;
        if let Some(since) = self.since(today).filter(|since| last < since.as_str()) {
            return Some(format!("it is of {last}, and nothing before {since} was asked for"));
        }
        let before = self.before_date.as_deref()?;
        let first = published.filter(|day| *day > before)?;
        Some(format!("it is of {first}, and nothing after {before} was asked for"))
    }
}

/// The form of days in requests and replies.
pub const DAY: &str = "%Y-%m-%d";

/// Seconds since 1970 at the beginning of a day, UTC.
#[must_use]
pub fn unix_s(day: &str) -> Option<i64> {
    Some(NaiveDate::parse_from_str(day, DAY).ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp())
}

/// How old a result may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recency {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 365 days.
    Year,
}

impl Recency {
    /// All, by the names used in requests.
    pub const ALL: [(&'static str, Self); 4] =
        [("day", Self::Day), ("week", Self::Week), ("month", Self::Month), ("year", Self::Year)];

    /// The name used in requests, which most providers use too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn days(self) -> u64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        }
    }
}

/// How much is filtered for the young.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SafeSearch {
    /// Nothing.
    Off,
    /// Explicit pictures.
    Moderate,
    /// Explicit pictures and text.
    Strict,
}

impl SafeSearch {
    /// All, by the names used in requests.
    pub const ALL: [(&'static str, Self); 3] =
        [("off", Self::Off), ("moderate", Self::Moderate), ("strict", Self::Strict)];

    /// The name used in requests, which Brave uses too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Moderate => "moderate",
            Self::Strict => "strict",
        }
    }
}

/// What kind of sources is wanted. Any other topic of a request is a hint to the analyst only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Anything.
    General,
    /// What happened lately.
    News,
    /// Companies, markets, money.
    Finance,
    /// Papers.
    Science,
    /// Software.
    Code,
}

impl Topic {
    /// The topic of that name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "general" => Some(Self::General),
            "news" => Some(Self::News),
            "finance" => Some(Self::Finance),
            "science" => Some(Self::Science),
            "code" => Some(Self::Code),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_day_and_recency_counts() {
        let options = |after: Option<&str>, recency| SearchOptions {
            after_date: after.map(str::to_owned),
            recency,
            ..SearchOptions::default()
        };
        for (after, recency, since) in [
            (None, None, None),
            (Some("2020-02-03"), None, Some("2020-02-03")),
            (None, Some(Recency::Week), Some("2026-02-22")),
            (Some("2020-02-03"), Some(Recency::Day), Some("2026-02-28")),
            (Some("2026-02-28"), Some(Recency::Year), Some("2026-02-28")),
        ] {
            assert_eq!(options(after, recency).since("2026-03-01").as_deref(), since);
        }
        assert_eq!(options(None, Some(Recency::Day)).since("nonsense"), None);
    }

    #[test]
    fn a_page_outside_the_window_is_refused_and_one_without_a_day_is_not() {
        let window = SearchOptions {
            after_date: Some("2024-01-01".into()),
            before_date: Some("2024-12-31".into()),
            ..SearchOptions::default()
        };
        let refused = |published, modified| window.refuse(published, modified, "2026-03-01");
        assert_eq!(refused(None, None), None);
        assert_eq!(refused(Some("2024-06-01"), None), None);
        assert_eq!(refused(Some("2020-06-01"), Some("2024-02-02")), None);
        assert!(refused(Some("2023-12-31"), None).unwrap().contains("nothing before 2024-01-01"));
        assert!(refused(Some("2025-01-01"), None).unwrap().contains("nothing after 2024-12-31"));
        assert_eq!(SearchOptions::default().refuse(Some("1999-01-01"), None, "2026-03-01"), None);
    }

    #[test]
    fn days_become_seconds() {
        assert_eq!(unix_s("1970-01-02"), Some(86_400));
        assert_eq!(unix_s("2024-13-01"), None);
    }

    #[test]
    fn other_topics_stay_hints() {
        assert_eq!(Topic::from_name(" Code "), Some(Topic::Code));
        assert_eq!(Topic::from_name("security"), None);
    }
}
