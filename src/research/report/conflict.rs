//! Findings that cannot both be right.

mod date;
mod event;
mod existence;
pub(super) mod ledger;
mod quantity;
mod statement;
mod token;
mod unit;

use super::super::confidence::{Confidence, Rating, SourceClass};
use super::super::{Finding, FindingId, FindingKind, PageId, PageRecord};
use crate::order::sort_by;
use crate::text::sentence::sentences;
use date::Date;
use event::Event;
use existence::Denied;
use serde::{Deserialize, Serialize};
use statement::{Statement, names};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Most conflicts shown; a longer list means that the rule misjudges, not that the world is so divided.
const CONFLICTS_MAX: usize = 10;
/// Most sentences of one finding that are compared.
const SENTENCES_MAX: usize = 4;
/// Days of publication so many years apart make two figures two measurements.
const SAME_TIME_YEARS: i32 = 2;

/// Two findings of different pages that cannot both be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What they disagree in.
    pub kind: ConflictKind,
    /// One finding; the one to prefer when `preferred` says so.
    pub a: FindingId,
    /// The other.
    pub b: FindingId,
    /// The one with the better standing or the later page; `None` when neither has it.
    pub preferred: Option<FindingId>,
    /// Why, as a part of a sentence.
    pub reason: String,
    /// The same as one word.
    #[serde(default)]
    pub because: Because,
}

/// What decided which side of a conflict is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The class of its source.
    Class,
    /// The number of independent sites.
    Sites,
    /// Its confidence.
    Confidence,
    /// The day of its page.
    Later,
    /// Nothing: neither is preferred.
    #[default]
    Even,
}

/// What two findings disagree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// A figure.
    Figure,
    /// When something happened.
    Date,
    /// Whether it is so at all.
    Denial,
    /// Since which version.
    Version,
    /// Whether a version exists.
    Existence,
}

/// Pairs of findings of different pages about the same thing whose figures, dates, versions or denials exclude each
/// other, those of the best standing first. One finding is in at most one conflict.
///
/// A false conflict is a lie and a missed one a loss, so what is not known to be the same thing is taken for another:
/// figures of other units, times, versions or frames, ranges that overlap, what rounding or `at least` explains.
/// Opinions and projections may differ.
pub(super) fn conflicts(
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
    ratings: &BTreeMap<FindingId, Rating>,
) -> Vec<Conflict> {
    let names = names(findings.iter().flat_map(|f| [f.claim.fact.as_str(), f.claim.quote.as_str()]));
    let facts =
        findings.iter().filter(|f| !matches!(f.claim.kind, FindingKind::Opinion | FindingKind::Projection));
    let mut sides: Vec<Side<'_>> =
        facts.filter_map(|f| Some(Side::new(f, pages.get(&f.page)?, &names, ratings.get(&f.id)?))).collect();
    sort_by(&mut sides, |a, b| b.standing().cmp(&a.standing()).then(a.finding.id.cmp(&b.finding.id)));
    let mut taken: BTreeSet<FindingId> = BTreeSet::new();
    let mut found = Vec::new();
    for (i, best) in sides.iter().enumerate() {
        for rest in sides.iter().skip(i.saturating_add(1)) {
            if found.len() >= CONFLICTS_MAX || taken.contains(&best.finding.id) {
                break;
            }
            if taken.contains(&rest.finding.id) || !best.is_other_page(rest) {
                continue;
            }
            if let Some(kind) = best.disagrees(rest) {
                taken.extend([best.finding.id, rest.finding.id]);
                found.push(best.against(rest, kind));
            }
        }
    }
    found
}

/// A finding with what it states and how much that weighs.
struct Side<'a> {
    finding: &'a Finding,
    rating: &'a Rating,
    site: String,
    /// Parts of the page's path that begin with a number: versions, days.
    numbers: BTreeSet<String>,
    statements: Vec<(Statement, Vec<Event>)>,
    /// When the statement holds, as the analyst noted it.
    holds: Vec<Date>,
    /// Day of its page.
    day: Option<String>,
}

impl<'a> Side<'a> {
    fn new(finding: &'a Finding, page: &'a PageRecord, names: &BTreeSet<String>, rating: &'a Rating) -> Self {
        let fact = finding.claim.fact.as_str();
        let statements = sentences(fact).into_iter().take(SENTENCES_MAX).filter_map(|range| {
            let statement = Statement::new(fact.get(range)?, names);
            let events = event::events(&statement);
            Some((statement, events))
        });
        let noted = finding.claim.date.as_deref().unwrap_or_default();
        Self {
            finding,
            rating,
            site: page.site(),
            numbers: numbers_in_path(&page.url),
            statements: statements.collect(),
            holds: date::dates(&token::tokens(noted)),
            day: page.day().map(str::to_owned),
        }
    }

    fn standing(&self) -> (Confidence, SourceClass, u32, Option<&str>) {
        (self.rating.confidence, self.rating.source_class, self.rating.sites, self.day.as_deref())
    }

    /// Another site, or another page of this site that is not the same page of another version or day.
    fn is_other_page(&self, other: &Self) -> bool {
        if self.finding.page == other.finding.page {
            return false;
        }
        self.site != other.site || self.numbers == other.numbers
    }

    fn disagrees(&self, other: &Self) -> Option<ConflictKind> {
        self.statements.iter().find_map(|(a, events)| {
            other.statements.iter().find_map(|(b, theirs)| {
                if a.shared(b) == 0 {
                    return None;
                }
                let exists = || {
                    (self.denies_existence(a, other, b) || other.denies_existence(b, self, a))
                        .then_some(ConflictKind::Existence)
                };
                exists()
                    .or_else(|| self.latest_differ(a, other, b).then_some(ConflictKind::Version))
                    .or_else(|| self.dates_differ(a, events, other, b, theirs))
                    .or_else(|| self.figures_differ(a, other, b).then_some(ConflictKind::Figure))
                    .or_else(|| is_denied(a, b).then_some(ConflictKind::Denial))
            })
        })
    }

    fn denies_existence(&self, mine: &Statement, other: &Self, theirs: &Statement) -> bool {
        let said = |side: &Self, s: &Statement| {
            s.dates.first().cloned().or_else(|| side.day.as_deref().and_then(date::of_day))
        };
        let changed = |denied: &Denied<'_>| {
            denied.may_have_changed(said(self, mine).as_ref(), said(other, theirs).as_ref())
        };
        existence::denied(mine).is_some_and(|denied| denied.is_contradicted_by(theirs) && !changed(&denied))
    }

    /// Whether both name a latest version at one time, as far as they say when.
    fn latest_differ(&self, a: &Statement, other: &Self, b: &Statement) -> bool {
        let dated = |side: &Self, s: &Statement| !s.dates.is_empty() || side.day.is_some();
        !(dated(self, a) && dated(other, b))
            && existence::denied(a).zip(existence::denied(b)).is_some_and(|(a, b)| a.is_other_latest(&b))
    }

    /// Whether both tell of one event and give it other dates, or other versions.
    fn dates_differ(
        &self,
        a: &Statement,
        events: &[Event],
        other: &Self,
        b: &Statement,
        theirs: &[Event],
    ) -> Option<ConflictKind> {
        let event = events.iter().find(|mine| theirs.iter().any(|event| mine.is_same(event)))?;
        if a.is_conditional() || b.is_conditional() {
            return None;
        }
        let versions = versions(a, b);
        let (mine, others) = (self.dates(a), other.dates(b));
        if event.is_of_version() && !matches!(versions, Versions::None | Versions::Same) {
            return None;
        }
        if !mine.is_empty() && !others.is_empty() {
            let apart = mine.iter().all(|x| others.iter().all(|y| x.excludes(y)));
            return apart.then_some(ConflictKind::Date);
        }
        (versions == Versions::Other).then_some(ConflictKind::Version)
    }

    fn dates<'s>(&'s self, statement: &'s Statement) -> &'s [Date] {
        if statement.dates.is_empty() { &self.holds } else { &statement.dates }
    }

    /// Whether both measure one thing at one time and get values that exclude each other.
    fn figures_differ(&self, a: &Statement, other: &Self, b: &Statement) -> bool {
        let pairs = || {
            a.quantities
                .iter()
                .flat_map(|x| b.quantities.iter().filter(move |y| x.is_comparable(y)).map(move |y| (x, y)))
        };
        let Some((x, y)) = pairs().next() else { return false };
        if pairs().any(|(x, y)| x.allows(y)) || a.is_conditional() != b.is_conditional() {
            return false;
        }
        let (mine, others) = (self.dates(a), other.dates(b));
        let one_time = match (mine.is_empty(), others.is_empty()) {
            (true, true) => self.is_of_same_time(other) || a.is_limit() && b.is_limit(),
            (false, false) => mine.iter().any(|x| others.iter().any(|y| !x.excludes(y))),
            _ => false,
        };
        one_time
            && matches!(versions(a, b), Versions::None | Versions::Same)
            && a.same_subject(x.tokens.start, b, y.tokens.start)
    }

    fn is_of_same_time(&self, other: &Self) -> bool {
        let year = |side: &Self| side.day.as_deref().and_then(|d| d.get(..4)?.parse::<i32>().ok());
        year(self).zip(year(other)).is_none_or(|(a, b)| a.abs_diff(b) < SAME_TIME_YEARS.unsigned_abs())
    }

    /// The conflict of this side, which stands no worse, with the other.
    fn against(&self, other: &Self, kind: ConflictKind) -> Conflict {
        let (mine, theirs) = (self.rating, other.rating);
        let class = |r: &Rating| r.source_class.phrase_with_article();
        let (because, reason) = if mine.source_class > theirs.source_class
            && mine.confidence >= theirs.confidence
        {
            (Because::Class, format!("it comes from {} and the other from {}", class(mine), class(theirs)))
        } else if mine.sites > theirs.sites && mine.confidence >= theirs.confidence {
            (Because::Sites, format!("{} independent sites say so, against {}", mine.sites, theirs.sites))
        } else if mine.confidence > theirs.confidence {
            let (best, rest) = (mine.confidence.name(), theirs.confidence.name());
            (Because::Confidence, format!("its confidence is {best} and that of the other {rest}"))
        } else if let Some((later, earlier)) =
            self.day.as_ref().zip(other.day.as_ref()).filter(|(a, b)| a > b)
        {
            let days = format!("of {later} against {earlier}");
            (Because::Later, format!("both sources weigh the same and its page is the later one, {days}"))
        } else {
            (Because::Even, "neither source has the better standing".to_owned())
        };
        let preferred = (because != Because::Even).then_some(self.finding.id);
        Conflict { kind, a: self.finding.id, b: other.finding.id, preferred, reason, because }
    }
}

fn numbers_in_path(url: &str) -> BTreeSet<String> {
    let url = Url::parse(url).ok();
    let parts = url.as_ref().map_or("", Url::path).split('/');
    let number = |p: &&str| p.trim_start_matches(['v', 'V', 'r']).starts_with(|c: char| c.is_ascii_digit());
    parts.filter(number).map(str::to_owned).collect()
}

/// How the versions that two sentences name stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Versions {
    None,
    Same,
    Other,
    /// Only one names any.
    OneSided,
}

fn versions(a: &Statement, b: &Statement) -> Versions {
    match (a.versions.is_empty(), b.versions.is_empty()) {
        (true, true) => Versions::None,
        (false, false) => {
            let same = |x: &quantity::Version, y: &quantity::Version| x.is_of_same(y) && x.is_same(y);
            let any = a.versions.iter().any(|x| b.versions.iter().any(|y| same(x, y)));
            let comparable = a.versions.iter().all(|x| b.versions.iter().all(|y| x.is_of_same(y)));
            if any {
                Versions::Same
            } else if comparable {
                Versions::Other
            } else {
                Versions::OneSided
            }
        }
        _ => Versions::OneSided,
    }
}

/// Whether one denies what the other says, all else being equal.
fn is_denied(a: &Statement, b: &Statement) -> bool {
    let both = a.denials.denies() && b.denials.denies();
    // What most pairs lack, and cheapest to tell, comes first.
    if both
        || !a.is_about_the_same(b)
        || !(a.denials.differ(&b.denials) || b.denials.differ(&a.denials))
        || a.is_conditional()
        || b.is_conditional()
    {
        return false;
    }
    let figures = a.quantities.len() == b.quantities.len()
        && a.quantities.iter().all(|x| b.quantities.iter().any(|y| x.is_comparable(y) && x.allows(y)));
    let times =
        a.dates.len() == b.dates.len() && a.dates.iter().all(|x| b.dates.iter().any(|y| !x.excludes(y)));
    figures && times && matches!(versions(a, b), Versions::None | Versions::Same)
}

#[cfg(test)]
mod tests;
