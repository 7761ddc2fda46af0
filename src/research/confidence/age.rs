//! How old a page is against what was asked.

use super::super::{FindingKind, PageRecord};
use super::Modifier;
use crate::text::{folded, words};
use std::ops::RangeInclusive;

/// Age in years from which a page no longer counts as current for figures.
pub(super) const STALE_YEARS: i32 = 4;
/// The same for anything, where the question asks for the present.
pub(super) const STALE_NOW_YEARS: i32 = 2;
/// Years that a question may name.
const YEARS: RangeInclusive<i32> = 1900..=2199;

/// What was asked and when: what age means depends on both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    today: String,
    /// A past year that the question names; the last of several.
    year: Option<i32>,
    /// The question asks for the present.
    now: bool,
}

impl Asked {
    /// Reads the question; `today` is `YYYY-MM-DD`.
    #[must_use]
    pub fn new(question: &str, today: &str) -> Self {
        let this_year = year_of(today);
        let list: Vec<String> = words(question).map(|(_, w)| folded(w)).collect();
        let years: Vec<i32> =
            list.iter().filter_map(|w| w.parse().ok()).filter(|y| YEARS.contains(y)).collect();
        let named_now = this_year.is_some_and(|y| years.contains(&y));
        let now = named_now || list.iter().any(|w| NOW.contains(&w.as_str()));
        let past = years.iter().copied().filter(|y| this_year.is_some_and(|t| *y < t)).max();
        Self { today: today.to_owned(), year: past.filter(|_| !now), now }
    }

    /// What the age of `page` does to a finding of this kind that holds for `date`.
    pub(super) fn judge(
        &self,
        page: &PageRecord,
        kind: FindingKind,
        date: Option<&str>,
    ) -> Option<(Modifier, String)> {
        let ahead = |day: &&String| day.len() == self.today.len() && **day > self.today;
        if let Some(day) = page.published.as_ref().filter(ahead) {
            return Some((Modifier::DatedAhead, format!("its page is dated {day}, which is yet to come")));
        }
        let this_year = year_of(&self.today)?;
        let holds_for = date.and_then(last_year);
        if let Some(year) = holds_for.filter(|y| *y > this_year && kind != FindingKind::Projection) {
            return Some((Modifier::YetToCome, format!("it speaks of {year}, which is yet to come")));
        }
        let day = page.modified.iter().chain(&page.published).filter(|d| !ahead(d)).max();
        let written = day.and_then(|d| year_of(d));
        if let Some((asked, written)) = self.year.zip(written).filter(|(asked, written)| written < asked) {
            let why = format!("its page is of {written}, the question about {asked}");
            return Some((Modifier::BeforeQuestion, why));
        }
        if kind == FindingKind::Definition || self.year.is_some() {
            return None;
        }
        let holds = if kind == FindingKind::Statistic { holds_for.or(written) } else { written }?;
        let age = this_year.saturating_sub(holds);
        if self.now && age > STALE_NOW_YEARS {
            let why = format!("it is of {holds}, and the question asks for the present");
            return Some((Modifier::OldForQuestion, why));
        }
        let old = kind == FindingKind::Statistic && age > STALE_YEARS;
        old.then(|| {
            (Modifier::StaleFigure, format!("the figure is of {holds}, more than {STALE_YEARS} years ago"))
        })
    }
}

/// Words that ask for the present, in the languages most asked in.
const NOW: [&str; 40] = [
    "latest",
    "newest",
    "current",
    "currently",
    "today",
    "now",
    "nowadays",
    "recent",
    "recently",
    "present",
    "today's",
    "aktuell",
    "aktuelle",
    "aktuellen",
    "aktueller",
    "derzeit",
    "derzeitige",
    "heute",
    "neueste",
    "neuesten",
    "neuester",
    "momentan",
    "actuel",
    "actuelle",
    "actuellement",
    "aujourd'hui",
    "dernière",
    "derniers",
    "récent",
    "actual",
    "actualmente",
    "hoy",
    "última",
    "reciente",
    "attuale",
    "attualmente",
    "oggi",
    "atual",
    "atualmente",
    "hoje",
];

fn year_of(day: &str) -> Option<i32> {
    day.split('-').next().filter(|y| y.len() == 4).and_then(|y| y.parse().ok())
}

/// The last year that a date as written names.
fn last_year(date: &str) -> Option<i32> {
    date.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| YEARS.contains(year))
        .max()
}

#[cfg(test)]
mod tests {
    use super::super::super::report::fixture::page;
    use super::*;

    const TODAY: &str = "2026-11-22";

    fn judged(question: &str, published: &str, kind: FindingKind, date: Option<&str>) -> Option<Modifier> {
        let mut page = page("https://a.example/", "t");
        page.published = Some(published.to_owned());
        Asked::new(question, TODAY).judge(&page, kind, date).map(|(modifier, _)| modifier)
    }

    #[test]
    fn a_page_is_old_only_against_what_was_asked() {
        use FindingKind::{Definition, Fact, Projection, Statistic};
        for (question, published, kind, date, expected) in [
            ("How does a scheduler work?", "2010-01-01", Fact, None, None),
            ("What is the latest version?", "2022-01-01", Fact, None, Some(Modifier::OldForQuestion)),
            ("Was ist die aktuelle Version?", "2022-01-01", Fact, None, Some(Modifier::OldForQuestion)),
            ("What changed in 2026?", "2022-01-01", Fact, None, Some(Modifier::OldForQuestion)),
            ("What is the latest version?", "2025-01-01", Fact, None, None),
            ("What does latest mean?", "2010-01-01", Definition, None, None),
            ("How many users are there?", "2019-01-01", Statistic, None, Some(Modifier::StaleFigure)),
            ("How many users are there?", "2025-01-01", Statistic, Some("2015"), Some(Modifier::StaleFigure)),
            ("How many users were there in 2015?", "2019-01-01", Statistic, None, None),
            ("Who won in 2022?", "2021-05-01", Fact, None, Some(Modifier::BeforeQuestion)),
            ("Who won in 2022?", "2022-12-01", Fact, None, None),
            ("Who won?", "2027-01-01", Fact, None, Some(Modifier::DatedAhead)),
            ("Who won?", "2026-01-01", Fact, Some("in 2030"), Some(Modifier::YetToCome)),
            ("Who will win?", "2026-01-01", Projection, Some("2030"), None),
        ] {
            assert_eq!(judged(question, published, kind, date), expected, "{question} {published}");
        }
    }

    #[test]
    fn a_page_without_a_day_is_not_called_old() {
        let undated = page("https://a.example/", "t");
        assert_eq!(Asked::new("latest?", TODAY).judge(&undated, FindingKind::Statistic, None), None);
    }
}
