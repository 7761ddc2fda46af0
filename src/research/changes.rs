//! What differs between two runs of the same question.

use crate::job::Timestamp;
use crate::order::sort_by;
use crate::research::denial::denial_differs;
use crate::research::figures::Figures;
use crate::text::{folded, jaccard, term_set, words};
use crate::web::canonical::{canonical_url, site_of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;

/// What is new, changed, gone or contradicted in `new` against the `old` run. At most [`FINDINGS_MAX`] findings of each
/// side count. Total; the order of findings, blanks and the shape of quotation marks make no difference.
#[must_use]
pub fn compare(old: &Baseline, new: &[KnownFinding]) -> Changes {
    let before: Vec<Seen<'_>> = old.findings.iter().take(FINDINGS_MAX).map(Seen::new).collect();
    let after: Vec<Seen<'_>> = new.iter().take(FINDINGS_MAX).map(Seen::new).collect();
    let mut changes = Changes { previous_job: old.job.clone(), ..Changes::default() };
    let mut pairs = Pairs { before: vec![false; before.len()], after: vec![false; after.len()] };
    // The same words, wherever they stand now.
    pairs.each(&before, &after, |a, b| (a.words == b.words).then_some(1.0), |_, _| changes.unchanged += 1);
    // The same page about the same thing: it says the same in other words, or something else.
    pairs.each(&before, &after, Seen::same_place, |a, b| {
        if a.disagrees(b) { changes.changed.push(a.changed_to(b)) } else { changes.unchanged += 1 }
    });
    // Another site about the same thing.
    pairs.each(&before, &after, Seen::same_subject, |a, b| {
        if a.disagrees(b) { changes.contradicted.push(a.changed_to(b)) } else { changes.unchanged += 1 }
    });
    // What is new may contradict what still stands.
    for (place, b) in pairs.left(&pairs.after, &after) {
        let against =
            before.iter().find(|a| a.site != b.site && a.same_subject(b).is_some() && a.disagrees(b));
        match against {
            Some(a) => changes.contradicted.push(a.changed_to(b)),
            None => changes.new.extend(after.get(place).map(|seen| seen.finding.clone())),
        }
    }
    changes.gone.extend(pairs.left(&pairs.before, &before).map(|(_, a)| a.finding.clone()));
    changes
}

/// Findings of one run that are compared: 150 x 150 pairs of some ten words each take a few hundredths of a second.
pub const FINDINGS_MAX: usize = 150;
/// Longest text of a finding that is kept for a comparison, in characters.
pub const TEXT_CHARS_MAX: usize = 600;
/// Least likeness, figures aside, at which two findings of one page are about the same thing.
const SAME_PLACE_LIKENESS: f64 = 0.6;
/// The same for two sites; as high as for conflicts within one report.
const SAME_SUBJECT_LIKENESS: f64 = 0.7;
/// Fewest shared terms from which a likeness means anything.
const SHARED_TERMS_MIN: usize = 3;

/// A finding with what comparing needs, computed once.
struct Seen<'a> {
    finding: &'a KnownFinding,
    words: Vec<String>,
    terms: BTreeSet<String>,
    figures: Figures,
    page: String,
    site: String,
}

impl<'a> Seen<'a> {
    fn new(finding: &'a KnownFinding) -> Self {
        let url = Url::parse(&finding.url).ok();
        Self {
            finding,
            words: words(&finding.quote).map(|(_, word)| folded(word)).collect(),
            terms: term_set(&finding.quote),
            figures: Figures::of(&finding.quote),
            page: url.as_ref().map_or_else(|| finding.url.clone(), canonical_url),
            site: url.as_ref().map_or_else(|| finding.url.clone(), site_of),
        }
    }

    fn likeness(&self, other: &Self, least: f64) -> Option<f64> {
        let shared = self.terms.intersection(&other.terms).count();
        let likeness = jaccard(&self.terms, &other.terms);
        (shared >= SHARED_TERMS_MIN && likeness >= least).then_some(likeness)
    }

    fn same_place(&self, other: &Self) -> Option<f64> {
        if self.page == other.page { self.likeness(other, SAME_PLACE_LIKENESS) } else { None }
    }

    fn same_subject(&self, other: &Self) -> Option<f64> {
        self.likeness(other, SAME_SUBJECT_LIKENESS)
    }

    /// Figures that were there are not there any more, or one denies what the other says.
    fn disagrees(&self, other: &Self) -> bool {
        let figures = match (self.figures.is_empty(), other.figures.is_empty()) {
            (false, false) => {
                !self.figures.vouch_for(&other.finding.quote) || !other.figures.vouch_for(&self.finding.quote)
            }
            _ => false,
        };
        figures || denial_differs(&self.finding.quote, &other.finding.quote)
    }

    fn changed_to(&self, other: &Self) -> ChangedFinding {
        ChangedFinding { old: self.finding.clone(), new: other.finding.clone() }
    }
}

/// Which findings of both sides have their counterpart.
struct Pairs {
    before: Vec<bool>,
    after: Vec<bool>,
}

impl Pairs {
    /// Pairs what is still single, the likest first; each finding has one counterpart at most.
    fn each<'a>(
        &mut self,
        before: &[Seen<'a>],
        after: &[Seen<'a>],
        likeness: impl Fn(&Seen<'a>, &Seen<'a>) -> Option<f64>,
        mut paired: impl FnMut(&Seen<'a>, &Seen<'a>),
    ) {
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        for (i, a) in self.left(&self.before, before) {
            for (j, b) in self.left(&self.after, after) {
                found.extend(likeness(a, b).map(|like| (like, i, j)));
            }
        }
        sort_by(&mut found, |x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        for (_, i, j) in found {
            let (Some(one), Some(other)) = (self.before.get_mut(i), self.after.get_mut(j)) else { continue };
            if *one || *other {
                continue;
            }
            (*one, *other) = (true, true);
            if let (Some(a), Some(b)) = (before.get(i), after.get(j)) {
                paired(a, b);
            }
        }
    }

    fn left<'s, 'a>(
        &self,
        taken: &[bool],
        all: &'s [Seen<'a>],
    ) -> impl Iterator<Item = (usize, &'s Seen<'a>)> {
        let taken = taken.to_vec();
        all.iter().enumerate().filter(move |(place, _)| taken.get(*place) == Some(&false))
    }
}

/// What an earlier run found, as far as a comparison needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The earlier job.
    pub job: String,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Its findings, those that its report cites first.
    pub findings: Vec<KnownFinding>,
}

/// A finding without the job around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFinding {
    /// The statement.
    pub fact: String,
    /// The page's words.
    pub quote: String,
    /// The page.
    pub url: String,
}

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The run compared with.
    pub previous_job: String,
    /// Findings that nothing of the earlier run says.
    pub new: Vec<KnownFinding>,
    /// Findings whose page now says something else.
    pub changed: Vec<ChangedFinding>,
    /// Findings of the earlier run that nothing says any more.
    pub gone: Vec<KnownFinding>,
    /// Findings of the earlier run that another source now contradicts.
    pub contradicted: Vec<ChangedFinding>,
    /// Findings that stayed the same.
    pub unchanged: u32,
}

/// The same thing, said differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFinding {
    /// As it was.
    pub old: KnownFinding,
    /// As it is.
    pub new: KnownFinding,
}

impl Changes {
    /// Nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty() && self.contradicted.is_empty()
    }

    /// How many of each.
    #[must_use]
    pub fn counts(&self) -> ChangeCounts {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        ChangeCounts {
            new: count(self.new.len()),
            changed: count(self.changed.len()),
            gone: count(self.gone.len()),
            contradicted: count(self.contradicted.len()),
            unchanged: self.unchanged,
        }
    }
}

/// [`Changes`] as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// See [`Changes::new`].
    pub new: u32,
    /// See [`Changes::changed`].
    pub changed: u32,
    /// See [`Changes::gone`].
    pub gone: u32,
    /// See [`Changes::contradicted`].
    pub contradicted: u32,
    /// See [`Changes::unchanged`].
    pub unchanged: u32,
}

impl ChangeCounts {
    /// Nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new == 0 && self.changed == 0 && self.gone == 0 && self.contradicted == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(url: &str, quote: &str) -> KnownFinding {
        KnownFinding { fact: quote.into(), quote: quote.into(), url: url.into() }
    }

    fn baseline(findings: Vec<KnownFinding>) -> Baseline {
        Baseline { job: "res_1".into(), ended_at: Timestamp(0), findings }
    }

    const BATTERY: &str = "The ferry Lysling carries a battery of 4.2 megawatt hours.";
    const ROUTE: &str = "The crossing from Ostervik to Sund takes thirty minutes in summer.";

    #[test]
    fn the_same_run_twice_has_no_changes_in_whatever_order_and_typography() {
        let old =
            baseline(vec![finding("https://a.example/x", BATTERY), finding("https://b.example/", ROUTE)]);
        let new = vec![
            finding(
                "https://b.example/",
                "The crossing  from Ostervik to Sund takes thirty minutes in summer.",
            ),
            finding(
                "https://a.example/x#top",
                &BATTERY.replace("ferry Lysling", "ferry \u{201c}Lysling\u{201d}"),
            ),
        ];
        let changes = compare(&old, &new);
        assert!(changes.is_empty(), "{changes:#?}");
        assert_eq!(changes.unchanged, 2);
    }

    #[test]
    fn a_page_that_names_another_figure_has_changed_and_both_quotes_are_told() {
        let old = baseline(vec![finding("https://a.example/x", BATTERY)]);
        let changes = compare(&old, &[finding("https://a.example/x", &BATTERY.replace("4.2", "5.6"))]);
        assert_eq!((changes.changed.len(), changes.new.len(), changes.gone.len()), (1, 0, 0), "{changes:#?}");
        assert!(changes.changed[0].old.quote.contains("4.2") && changes.changed[0].new.quote.contains("5.6"));
    }

    #[test]
    fn other_words_for_the_same_are_no_change() {
        let old = baseline(vec![finding("https://a.example/x", BATTERY)]);
        let new = "A battery of 4.2 megawatt hours is carried by the ferry Lysling.";
        assert!(compare(&old, &[finding("https://a.example/x", new)]).is_empty());
    }

    #[test]
    fn what_only_one_run_found_is_new_or_gone() {
        let old = baseline(vec![finding("https://a.example/x", BATTERY)]);
        let changes = compare(&old, &[finding("https://b.example/", ROUTE)]);
        assert_eq!((changes.new.len(), changes.gone.len()), (1, 1), "{changes:#?}");
        assert_eq!(changes.counts(), ChangeCounts { new: 1, gone: 1, ..ChangeCounts::default() });
    }

    #[test]
    fn another_site_that_says_otherwise_contradicts_what_still_stands() {
        let old = baseline(vec![finding("https://a.example/x", BATTERY)]);
        let denial = "The ferry Lysling does not carry a battery of 4.2 megawatt hours.";
        let new = [finding("https://a.example/x", BATTERY), finding("https://c.example/", denial)];
        let changes = compare(&old, &new);
        assert_eq!(
            (changes.contradicted.len(), changes.new.len(), changes.unchanged),
            (1, 0, 1),
            "{changes:#?}"
        );
        assert_eq!(changes.contradicted[0].new.url, "https://c.example/");
    }
}
