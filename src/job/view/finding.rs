//! What polling shows of findings: each with the words of the pages that say so, and those that say otherwise.

use crate::job::Job;
use crate::research::confidence::{self, Rating, SourceClass};
use crate::research::report::{Conflict, ConflictKind, Report, quote_url};
use crate::research::{Finding, FindingId, FindingKind, PageId, PageRecord};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A finding in both spellings that webclaw's clients read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingView {
    /// `F701`.
    pub id: String,
    /// The statement (Python, JS).
    pub fact: String,
    /// The same (Go).
    pub claim: String,
    /// Page (Python, JS).
    pub source_url: String,
    /// The same (Go).
    pub source: String,
    /// `high`, `medium` or `low`.
    pub confidence: &'static str,
    /// The rule's reason, one sentence.
    pub confidence_reason: String,
    /// The same as a number (Go decodes a float here).
    pub relevance: f64,
    /// What kind of statement.
    pub kind: FindingKind,
    /// Which sub-question it answers.
    pub sub_question: String,
    /// The built-in analyst found it on a page of which the job's model had left it out.
    #[serde(skip_serializing_if = "crate::research::is_false")]
    pub built_in: bool,
    /// The words of its page, then those of other sites that say the same, at most [`EVIDENCE_MAX`].
    pub evidence: Vec<EvidenceView>,
}

/// Most entries of one finding's evidence: three independent sites are all that the rule of confidence asks for, and
/// one more shows that there are more.
const EVIDENCE_MAX: usize = 4;

/// The words of a page that carry a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceView {
    /// Page.
    pub source: String,
    /// The same, as webclaw's newer clients call it.
    pub source_url: String,
    /// Number of the page in `sources`; null while the report does not cite it.
    pub n: Option<u32>,
    /// What kind of source it is.
    pub source_class: SourceClass,
    /// Day of publication, when stated.
    pub published: Option<String>,
    /// Verbatim.
    pub quote: String,
    /// Byte offset in the stored text.
    pub start: u32,
    /// Byte offset behind.
    pub end: u32,
    /// Number of the page of a PDF, from 1; null for everything else.
    pub page: Option<u32>,
    /// An address that opens the page at the quote; null for what is not on the web.
    pub text_fragment_url: Option<String>,
}

/// Two findings that cannot both be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConflictView {
    /// What they disagree in.
    pub kind: ConflictKind,
    /// The finding that this report goes by, `F701`; null when neither has the better standing.
    pub preferred: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// Both sides, the preferred one first.
    pub sides: Vec<SideView>,
}

/// One side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SideView {
    /// The finding, `F701`.
    pub finding: String,
    /// What it says.
    pub fact: String,
    /// How far it can be trusted.
    pub confidence: &'static str,
    /// The words of its page.
    #[serde(flatten)]
    pub evidence: EvidenceView,
}

impl Job {
    pub(super) fn findings_view(
        &self,
        report: Option<&Report>,
        rated: &BTreeMap<FindingId, Rating>,
    ) -> Vec<FindingView> {
        let numbers = numbers(report);
        let sub_questions = self.sub_questions();
        let origins = self.origins();
        let views = self.findings.values().filter_map(|f| {
            let own = self.evidence(f, &numbers, &origins)?;
            let rating = rated.get(&f.id)?;
            let place = usize::try_from(f.claim.sub_question.saturating_sub(1)).ok()?;
            Some(FindingView {
                id: f.id.to_string(),
                fact: f.claim.fact.clone(),
                claim: f.claim.fact.clone(),
                source_url: own.source.clone(),
                source: own.source.clone(),
                confidence: rating.confidence.name(),
                confidence_reason: rating.reason.clone(),
                relevance: rating.confidence.relevance(),
                kind: f.claim.kind,
                sub_question: sub_questions.get(place).cloned().unwrap_or_default(),
                built_in: f.claim.built_in,
                evidence: self.with_agreeing(f, own, rating, (&numbers, &origins)),
            })
        });
        views.collect()
    }

    pub(super) fn conflicts_view(&self, report: Option<&Report>) -> Vec<ConflictView> {
        let Some(report) = report else { return Vec::new() };
        let (numbers, origins) = (numbers(Some(report)), self.origins());
        let side = |id: FindingId| {
            let finding = self.findings.get(&id)?;
            Some(SideView {
                finding: id.to_string(),
                fact: finding.claim.fact.clone(),
                confidence: report.ratings.get(&id)?.confidence.name(),
                evidence: self.evidence(finding, &numbers, &origins)?,
            })
        };
        let view = |conflict: &Conflict| {
            Some(ConflictView {
                kind: conflict.kind,
                preferred: conflict.preferred.map(|id| id.to_string()),
                reason: conflict.reason.clone(),
                sides: vec![side(conflict.a)?, side(conflict.b)?],
            })
        };
        report.conflicts.iter().filter_map(view).collect()
    }

    /// Its own words, then one entry for each other site that says the same.
    fn with_agreeing(
        &self,
        finding: &Finding,
        own: EvidenceView,
        rating: &Rating,
        (numbers, origins): (&BTreeMap<PageId, u32>, &Origins),
    ) -> Vec<EvidenceView> {
        let site = |page: PageId| origins.get(&page).map(|(_, site)| site.as_str());
        let mut sites: BTreeSet<Option<&str>> = BTreeSet::from([site(finding.page)]);
        let mut entries = vec![own];
        for other in rating.agrees_with.iter().filter_map(|id| self.findings.get(id)) {
            if entries.len() < EVIDENCE_MAX && sites.insert(site(other.page)) {
                entries.extend(self.evidence(other, numbers, origins));
            }
        }
        entries
    }

    /// Class and site of each page, told once for all findings on it.
    fn origins(&self) -> Origins {
        let origin = |page: &PageRecord| (confidence::source_class(page), page.site());
        self.pages.iter().map(|(id, page)| (*id, origin(page))).collect()
    }

    fn evidence(
        &self,
        finding: &Finding,
        numbers: &BTreeMap<PageId, u32>,
        origins: &Origins,
    ) -> Option<EvidenceView> {
        let page = self.pages.get(&finding.page)?;
        Some(EvidenceView {
            source: page.url.clone(),
            source_url: page.url.clone(),
            n: numbers.get(&finding.page).copied(),
            source_class: origins.get(&finding.page)?.0,
            published: page.published.clone(),
            quote: finding.claim.quote.clone(),
            start: finding.start,
            end: finding.end,
            page: page.page_number(finding.start),
            text_fragment_url: quote_url(page, finding),
        })
    }
}

/// What kind of source each page is, and on which site.
type Origins = BTreeMap<PageId, (SourceClass, String)>;

fn numbers(report: Option<&Report>) -> BTreeMap<PageId, u32> {
    report.into_iter().flat_map(|r| &r.sources).map(|source| (source.page, source.n)).collect()
}
