//! How far a finding can be trusted: a stated rule over data, never a model's mood. `docs/confidence.md` has its tables.

mod age;
mod rules;
mod source_class;
mod voice;

pub use age::Asked;
pub use rules::rules_of;
pub use source_class::{SourceClass, is_private, source_class};

use super::report::Conflict;
use super::{Finding, FindingId, FindingKind, PageId, PageRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use voice::{Numbering, Speaker, Voice};

/// Most findings that are compared with each other; n squared over two comparisons of small sets stay in milliseconds.
pub const FINDINGS_COMPARED_MAX: usize = 400;

/// How far a finding can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// One source of little standing.
    Low,
    /// One source of standing, or two that agree.
    Medium,
    /// A first-hand or reviewed source, or several independent ones that agree.
    High,
}

impl Confidence {
    /// The word used in replies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The number that clients know as `relevance`: 0.9, 0.6 or 0.3.
    #[must_use]
    pub fn relevance(self) -> f64 {
        match self {
            Self::Low => 0.3,
            Self::Medium => 0.6,
            Self::High => 0.9,
        }
    }

    fn lowered(self) -> Self {
        if self == Self::High { Self::Medium } else { Self::Low }
    }
}

/// A confidence with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The level.
    pub confidence: Confidence,
    /// One sentence that says what decided.
    pub reason: String,
    /// Class of the page it was read on.
    pub source_class: SourceClass,
    /// Independent sites that say the same, this one included.
    pub sites: u32,
    /// Findings that say the same, this one left out.
    pub agrees_with: Vec<FindingId>,
}

impl Rating {
    /// Leaves at most `most`, and says why.
    pub(crate) fn lower(&mut self, most: Confidence, why: &str) {
        let link = if most < self.confidence { "; lowered, since" } else { "; note that" };
        self.reason = format!("{}{link} {why}.", self.reason.trim_end_matches('.'));
        self.confidence = self.confidence.min(most);
    }
}

/// The level that the strongest of so many independent sites gives. `answerable` matters for a single website only: it
/// says who wrote the page and when, or it stands in the own network.
#[must_use]
pub fn level(strongest: SourceClass, sites: u32, answerable: bool) -> Confidence {
    use Confidence::{High, Low, Medium};
    use SourceClass::{Community, PeerReviewed, Primary, Publisher, Reference, UserGenerated, Website};
    match (strongest, sites) {
        (Primary | PeerReviewed, _) | (Reference | Publisher, 2..) | (Website | Community, 3..) => High,
        (Website, 0 | 1) if !answerable => Low,
        (Reference | Publisher, _) | (Website | Community, 2) | (Website, _) | (UserGenerated, 3..) => Medium,
        (Community | UserGenerated, _) => Low,
    }
}

/// What changes the level that class and number of sites give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// A judgement or a forecast, not a fact.
    Judgement,
    /// Another finding says otherwise, and this one has not the better standing.
    Disputed,
    /// The page is dated after today.
    DatedAhead,
    /// It states as a fact what is yet to come.
    YetToCome,
    /// The question asks for the present, the page is old.
    OldForQuestion,
    /// The question is about a year, the page is of an earlier one.
    BeforeQuestion,
    /// A figure that has aged.
    StaleFigure,
}

impl Modifier {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Judgement,
        Self::Disputed,
        Self::DatedAhead,
        Self::YetToCome,
        Self::OldForQuestion,
        Self::BeforeQuestion,
        Self::StaleFigure,
    ];

    /// When it applies.
    #[must_use]
    pub fn when(self) -> String {
        match self {
            Self::Judgement => "an opinion or a projection".to_owned(),
            Self::Disputed => {
                "another source says otherwise, unless this report prefers this side".to_owned()
            }
            Self::DatedAhead => "the page is dated after today".to_owned(),
            Self::YetToCome => "a year to come is spoken of, and the statement is no projection".to_owned(),
            Self::OldForQuestion => format!(
                "the question asks for the present (\"latest\", \"current\", this year), the page is more than {} years old",
                age::STALE_NOW_YEARS
            ),
            Self::BeforeQuestion => "the question names a past year, the page is older than that".to_owned(),
            Self::StaleFigure => format!(
                "a statistic is more than {} years old, and the question names no year",
                age::STALE_YEARS
            ),
        }
    }

    /// The most that is left of a level.
    #[must_use]
    pub fn after(self, confidence: Confidence) -> Confidence {
        match self {
            Self::Judgement | Self::Disputed | Self::YetToCome => confidence.min(Confidence::Medium),
            Self::DatedAhead | Self::OldForQuestion | Self::BeforeQuestion | Self::StaleFigure => {
                confidence.lowered()
            }
        }
    }
}

/// Rates every finding.
///
/// The rule: [`level`] of the strongest source and the number of independent sites that say the same, then every
/// [`Modifier`] that applies. Sites that carry the same words, the same text, one agency's report or one author's
/// article count once. A finding whose page is unknown is low. Conflicts come later, by [`dispute`].
#[must_use]
pub fn rate(
    findings: &[Finding],
    pages: &BTreeMap<PageId, PageRecord>,
    asked: &Asked,
) -> BTreeMap<FindingId, Rating> {
    let mut speakers: BTreeMap<PageId, Speaker> = BTreeMap::new();
    for finding in findings {
        if let Some(page) = pages.get(&finding.page) {
            speakers.entry(finding.page).or_insert_with(|| Speaker::new(page));
        }
    }
    let mut numbering = Numbering::default();
    let compared = findings.iter().take(FINDINGS_COMPARED_MAX);
    let voices: Vec<Voice<'_>> =
        compared.map(|f| Voice::new(f, speakers.get(&f.page), &mut numbering)).collect();
    findings
        .iter()
        .map(|finding| {
            let heard = voices.iter().find(|v| v.finding.id == finding.id);
            let heard = heard.map_or_else(Heard::default, |own| Heard::of(own, &voices));
            let page = pages.get(&finding.page).zip(speakers.get(&finding.page));
            (finding.id, rating(finding, page, heard, asked))
        })
        .collect()
}

/// Takes into account which findings disagree: no side but the preferred one stays high.
pub fn dispute(ratings: &mut BTreeMap<FindingId, Rating>, conflicts: &[Conflict]) {
    for conflict in conflicts {
        for (own, other) in [(conflict.a, conflict.b), (conflict.b, conflict.a)] {
            let Some(rating) = ratings.get_mut(&own) else { continue };
            let why = match conflict.preferred {
                Some(id) if id == own => format!("another source says otherwise and weighs less ({other})"),
                Some(_) => format!("another source says otherwise and weighs more ({other})"),
                None => format!("another source says otherwise and weighs as much ({other})"),
            };
            let preferred = conflict.preferred == Some(own);
            let most =
                if preferred { rating.confidence } else { Modifier::Disputed.after(rating.confidence) };
            rating.lower(most, &why);
        }
    }
}

/// Who else says what one finding says.
#[derive(Default)]
struct Heard {
    agrees_with: Vec<FindingId>,
    /// Class and site of each further voice.
    others: Vec<(SourceClass, String)>,
    /// Other sites that only repeat one of the voices.
    repeated: u32,
}

impl Heard {
    fn of(own: &Voice<'_>, voices: &[Voice<'_>]) -> Self {
        let mut heard = Self::default();
        let mut counted: Vec<&Voice<'_>> = vec![own];
        for other in voices.iter().filter(|o| o.finding.id != own.finding.id && own.agrees(o)) {
            heard.agrees_with.push(other.finding.id);
            if counted.iter().any(|c| c.site == other.site) {
                continue;
            }
            if counted.iter().any(|c| c.is_same(other)) {
                heard.repeated = heard.repeated.saturating_add(1);
            } else {
                heard.others.push((other.class, other.site.clone().into_owned()));
                counted.push(other);
            }
        }
        heard
    }
}

fn rating(finding: &Finding, page: Option<(&PageRecord, &Speaker)>, heard: Heard, asked: &Asked) -> Rating {
    let sites = u32::try_from(heard.others.len().saturating_add(1)).unwrap_or(u32::MAX);
    let agrees_with = heard.agrees_with;
    let Some((page, speaker)) = page else {
        let reason = "Its page is not known.".to_owned();
        let source_class = SourceClass::UserGenerated;
        return Rating { confidence: Confidence::Low, reason, source_class, sites, agrees_with };
    };
    let class = speaker.class;
    let own =
        (class, if speaker.is_private { "the private library".to_owned() } else { speaker.site.clone() });
    let (strongest, site) = heard.others.into_iter().filter(|(other, _)| *other > class).max().unwrap_or(own);
    let answers = speaker.answers;
    let confidence = level(strongest, sites, answers.is_some());
    let mut reason = if sites == 1 {
        let more =
            answers.filter(|_| class == SourceClass::Website).map_or(String::new(), |a| format!(" {a}"));
        format!("Stated by one {}{more}, {site}", class.phrase())
    } else {
        let which = if sites == 2 { "the stronger" } else { "the strongest" };
        format!("Stated by {sites} independent sites, {which} {}, {site}", strongest.phrase_with_article())
    };
    if heard.repeated > 0 {
        let n = heard.repeated;
        reason.push_str(&format!(
            "; {n} more with the same text {} not count",
            if n == 1 { "does" } else { "do" }
        ));
    }
    let judgement = matches!(finding.claim.kind, FindingKind::Opinion | FindingKind::Projection)
        .then(|| (Modifier::Judgement, "it is a judgement or forecast, not a fact".to_owned()));
    let aged = asked.judge(page, finding.claim.kind, finding.claim.date.as_deref());
    reason.push('.');
    let mut rating = Rating { confidence, reason, source_class: class, sites, agrees_with };
    for (modifier, why) in judgement.into_iter().chain(aged) {
        rating.lower(modifier.after(rating.confidence), &why);
    }
    rating
}

#[cfg(test)]
mod tests {
    use super::super::report::fixture::{finding, page};
    use super::super::report::{Because, ConflictKind};
    use super::*;

    fn asked() -> Asked {
        Asked::new("How fast is Tokio?", "2026-11-22")
    }

    fn rate_first(facts: &[(&str, &str)]) -> Rating {
        rate_pages(&facts.iter().map(|(url, fact)| (page(url, "x"), *fact)).collect::<Vec<_>>())
    }

    fn rate_pages(facts: &[(PageRecord, &str)]) -> Rating {
        let pages = facts.iter().zip(1..).map(|((page, _), n)| (PageId(n), page.clone())).collect();
        let findings: Vec<Finding> =
            facts.iter().zip(1..).map(|((_, fact), n)| finding(n, n, fact, fact)).collect();
        rate(&findings, &pages, &asked()).remove(&FindingId(1)).expect("rated")
    }

    const A: &str = "Tokio cut timer work by 40 percent.";
    const B: &str = "Timer work was cut by 40 percent in Tokio.";
    const C: &str = "By 40 percent timer work was cut in Tokio.";

    #[test]
    fn one_site_counts_as_much_as_its_class() {
        for (url, confidence, reason) in [
            ("https://docs.rs/tokio", Confidence::High, "Stated by one first-hand source, docs.rs."),
            ("https://doi.org/10.1/x", Confidence::High, "Stated by one peer-reviewed source, doi.org."),
            (
                "https://en.wikipedia.org/x",
                Confidence::Medium,
                "Stated by one reference work, wikipedia.org.",
            ),
            (
                "https://www.bbc.co.uk/x",
                Confidence::Medium,
                "Stated by one established publisher, bbc.co.uk.",
            ),
            (
                "http://10.0.0.7/x",
                Confidence::Medium,
                "Stated by one unlisted website of the own network, 10.0.0.7.",
            ),
            ("https://blog.example.com/x", Confidence::Low, "Stated by one unlisted website, example.com."),
            (
                "https://stackoverflow.com/q/1",
                Confidence::Low,
                "Stated by one community source, stackoverflow.com.",
            ),
            ("https://dev.to/x", Confidence::Low, "Stated by one user-generated page, dev.to/x."),
            ("library:notes.md", Confidence::High, "Stated by one first-hand source, the private library."),
        ] {
            let rating = rate_first(&[(url, A)]);
            assert_eq!((rating.confidence, rating.reason.as_str()), (confidence, reason), "{url}");
        }
        let mut signed = page("https://corrode.dev/x", "x");
        (signed.author, signed.published) = (Some("Ann Author".into()), Some("2026-01-01".into()));
        assert_eq!(rate_pages(&[(signed, A)]).confidence, Confidence::Medium);
    }

    #[test]
    fn independent_sites_that_agree_raise_it() {
        let two = rate_first(&[("https://stackoverflow.com/x", A), ("https://reddit.com/y", B)]);
        assert_eq!(two.confidence, Confidence::Medium);
        let better = rate_first(&[("https://dev.to/x", A), ("https://www.bbc.com/y", B)]);
        assert_eq!(
            (better.confidence, better.reason.as_str()),
            (
                Confidence::High,
                "Stated by 2 independent sites, the stronger an established publisher, bbc.com."
            )
        );
        let rumour = [("https://dev.to/x", A), ("https://reddit.com/y", B), ("https://medium.com/z/1", C)];
        assert_eq!(rate_first(&rumour).confidence, Confidence::Medium);
        assert_eq!(rate_first(&[("https://dev.to/x/1", A), ("https://dev.to/x/2", B)]).sites, 1);
        let other = "Tokio cut timer work by 41 percent.";
        assert_eq!(rate_first(&[("https://dev.to/x", A), ("https://b.example.com/", other)]).sites, 1);
    }

    #[test]
    fn what_was_copied_counts_once() {
        let long = "Tokio cut the timer wheel wakeup processing work across benchmark machines by forty percent overall.";
        let copied = rate_first(&[("https://dev.to/x", long), ("https://copy.example.com/y", long)]);
        assert_eq!(copied.sites, 1);
        assert!(copied.reason.ends_with("1 more with the same text does not count."), "{}", copied.reason);
        let two = |change: &dyn Fn(&mut PageRecord)| {
            let mut pages = [page("https://a.example.com/", "x"), page("https://b.example.org/", "x")];
            pages.iter_mut().for_each(change);
            let [a, b] = pages;
            rate_pages(&[(a, A), (b, B)]).sites
        };
        assert_eq!(two(&|_| {}), 2);
        assert_eq!(two(&|p| p.excerpt = "BERLIN (Reuters) - The project said".into()), 1);
        assert_eq!(two(&|p| p.author = Some("Associated Press".into())), 1);
        assert_eq!(two(&|p| p.author = Some("Ann Author".into())), 1);
        assert_eq!(two(&|p| p.author = Some("admin".into())), 2);
        assert_eq!(two(&|p| p.simhash = Some(77)), 1);
    }

    #[test]
    fn a_forecast_is_never_high_and_an_old_statistic_loses_a_level() {
        let mut f = finding(1, 1, "Use will double.", "Use will double.");
        f.claim.kind = FindingKind::Projection;
        let mut p = page("https://docs.rs/x", "x");
        let rated = |f: &Finding, p: &PageRecord| {
            rate(std::slice::from_ref(f), &[(PageId(1), p.clone())].into(), &asked())
                .remove(&FindingId(1))
                .unwrap()
        };
        assert_eq!(rated(&f, &p).confidence, Confidence::Medium);
        f.claim.kind = FindingKind::Statistic;
        p.published = Some("2019-01-01".into());
        let old = rated(&f, &p);
        assert_eq!(old.confidence, Confidence::Medium);
        assert!(
            old.reason.ends_with("; lowered, since the figure is of 2019, more than 4 years ago."),
            "{}",
            old.reason
        );
        p.published = Some("2027-01-01".into());
        let ahead = rated(&f, &p);
        assert!(ahead.confidence == Confidence::Medium && ahead.reason.contains("yet to come"));
    }

    #[test]
    fn of_two_that_disagree_only_the_preferred_stays_high() {
        let list = [finding(1, 1, A, A), finding(2, 2, "Other.", "Other.")];
        let pages =
            [(PageId(1), page("https://docs.rs/a", "a")), (PageId(2), page("https://www.w3.org/b", "b"))];
        let rated = |preferred: Option<u32>| {
            let conflict = Conflict {
                kind: ConflictKind::Figure,
                a: FindingId(1),
                b: FindingId(2),
                preferred: preferred.map(FindingId),
                reason: String::new(),
                because: Because::default(),
            };
            let mut ratings = rate(&list, &pages.clone().into(), &asked());
            dispute(&mut ratings, &[conflict]);
            ratings.remove(&FindingId(1)).unwrap()
        };
        assert_eq!(rated(Some(1)).confidence, Confidence::High);
        assert_eq!(rated(None).confidence, Confidence::Medium);
        assert_eq!(
            rated(Some(2)).reason,
            "Stated by one first-hand source, docs.rs; lowered, since another source says otherwise and weighs more (F2)."
        );
        assert!(
            rated(Some(1))
                .reason
                .ends_with("; note that another source says otherwise and weighs less (F2).")
        );
    }
}
