//! What polling shows: webclaw's `GET /v1/research/{id}` shape in every spelling its clients read, and our own fields.

mod finding;
mod render;
mod shown;
mod trail;

pub use finding::{ConflictView, EvidenceView, FindingView, SideView};
pub use shown::{Rated, Shown};
pub use trail::{Course, Deed};

use crate::job::budget::Limits;
use crate::job::step::{Step, StepId};
use crate::job::usage::{Usage, usd};
use crate::job::{End, Job, Phase, Timestamp};
use crate::page::InjectionFlag;
use crate::research::StopReason;
use crate::research::answered::Open;
use crate::research::changes::Changes;
use crate::research::confidence::SourceClass;
use crate::research::report::{self, Citation, CitationAudit, Report, Source};
use crate::research::structured::StructuredOutput;
use serde::Serialize;

/// The wire form of a job. Counts and times are integers: a float or a string in their place breaks webclaw's clients.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JobView {
    /// Public id.
    pub id: String,
    /// `processing`, `completed` or `failed`; clients stop on the last two and choke on any other word.
    pub status: &'static str,
    /// The fine state: `queued`, `running`, `completed`, `partial`, `failed`, `cancelled`.
    pub state: &'static str,
    /// What is being done: `planning`, `searching`, `reading`, `reflecting`, `writing`, `done`.
    pub phase: &'static str,
    /// How far.
    pub progress: Progress,
    /// The question.
    pub query: String,
    /// Deep research.
    pub deep: bool,
    /// The report in Markdown; null until it stands.
    pub report: Option<String>,
    /// The answer in one paragraph, as the report begins; null until it stands, and when the evidence does not answer.
    pub answer: Option<String>,
    /// Numbers of the sources that the answer cites, in its order.
    pub answer_citations: Vec<u32>,
    /// Cited sources in the order of their numbers; while processing, the pages that brought findings so far.
    pub sources: Vec<SourceView>,
    /// Findings by page; while processing, those so far.
    pub findings: Vec<FindingView>,
    /// Every citation with its quote; empty until the report stands.
    pub citations: Vec<CitationView>,
    /// How the citations fared when they were checked; null until the report stands.
    pub citation_audit: Option<CitationAudit>,
    /// Findings that cannot both be right, with both sides; empty until the report stands.
    pub conflicts: Vec<ConflictView>,
    /// What was not found out, one sentence each; empty until the report stands.
    pub gaps: Vec<String>,
    /// Sub-questions that nothing found answers, or that nothing confirms an answer to; empty until the report stands.
    pub unanswered: Vec<Open>,
    /// Pages that were chosen and brought nothing, with the reason.
    pub rejected_sources: Vec<RejectedView>,
    /// Length of `sources`.
    pub sources_count: usize,
    /// Length of `findings`.
    pub findings_count: usize,
    /// Rounds begun.
    pub iterations: usize,
    /// Pages read and extracted.
    pub total_pages_analyzed: usize,
    /// Since acceptance; stands still at the end.
    pub elapsed_ms: u64,
    /// When it was accepted, RFC 3339.
    pub created_at: String,
    /// When it ended, RFC 3339.
    pub completed_at: Option<String>,
    /// Why no more evidence was looked for.
    pub stop_reason: Option<StopReason>,
    /// The report is less than what was asked for, and why; null when it is not.
    pub partial_reason: Option<String>,
    /// While processing, after each round: a report on what is known so far, by the built-in analyst. Not made here, since
    /// it takes time: see [`Job::partial_report`].
    pub partial_report: Option<String>,
    /// The answer in the shape of `output_schema`, with what each field rests on; null without a schema, and until the
    /// report stands.
    pub output: Option<StructuredOutput>,
    /// What differs from the last run of the same schedule; null when it was not compared.
    pub changes: Option<Changes>,
    /// The schedule that started it.
    pub schedule_id: Option<String>,
    /// The earlier job that this one follows up.
    pub previous_id: Option<String>,
    /// The job that this one was copied from.
    pub forked_from: Option<ForkView>,
    /// Changes of course so far.
    pub steerings: usize,
    /// The owner's own words about the job, as they came.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Something did not go as configured, and what was done instead; null when all went well.
    pub degraded: Option<String>,
    /// What went wrong without ending the job, one sentence each: search providers that were left out, models that
    /// stood in for others, what was too long for a model.
    pub warnings: Vec<String>,
    /// Who analysed: `extractive` or the model's name.
    pub analyst: String,
    /// What was spent, interrupted attempts included.
    pub usage: Usage,
    /// What the job may do.
    pub limits: LimitsView,
    /// Why it failed; null otherwise.
    pub error: Option<String>,
}

/// Where a copied job comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForkView {
    /// The other job.
    pub id: String,
    /// Its last round that was copied.
    pub round: u32,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// 0 to 100; never goes back.
    pub percent: u32,
    /// Round, from 1; 0 while planning.
    pub round: u32,
    /// Rounds at most.
    pub rounds_max: u32,
    /// Queries asked.
    pub queries: usize,
    /// Pages chosen for reading.
    pub pages_chosen: usize,
    /// Pages read.
    pub pages_read: usize,
    /// Pages that were of no use.
    pub pages_rejected: usize,
    /// Findings so far.
    pub findings: usize,
    /// Sections written.
    pub sections_written: usize,
    /// Sections to be written; 0 until they are known.
    pub sections: usize,
}

/// A source, in every spelling that webclaw's clients read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceView {
    /// Its `[n]` in the report; while processing, its place so far.
    pub n: u32,
    /// Page, after redirects.
    pub url: String,
    /// Title.
    pub title: String,
    /// Words of main content.
    pub words: u32,
    /// Beginning of the text (Go, old JS).
    pub summary: String,
    /// The same (new JS).
    pub excerpt: String,
    /// Author, when stated.
    pub author: Option<String>,
    /// Day of publication, when stated.
    pub published: Option<String>,
    /// Day of the last change, when stated.
    pub modified: Option<String>,
    /// Name of the site, when stated.
    pub site_name: Option<String>,
    /// BCP 47 language tag, when known.
    pub language: Option<String>,
    /// When it was read, RFC 3339.
    pub retrieved_at: String,
    /// Only its beginning was read.
    pub truncated: bool,
    /// SHA-256 of the stored text.
    pub content_sha256: String,
    /// What kind of source it is.
    pub source_class: SourceClass,
    /// What on the page spoke to models; it was taken out of the stored text.
    pub injection_flags: Vec<InjectionFlag>,
    /// A browser made its text: the page itself shows it only with JavaScript.
    pub rendered: bool,
}

impl From<&Source> for SourceView {
    fn from(source: &Source) -> Self {
        Self {
            n: source.n,
            url: source.url.clone(),
            title: source.title.clone(),
            words: source.words,
            summary: source.summary.clone(),
            excerpt: source.excerpt.clone(),
            author: source.author.clone(),
            published: source.published.clone(),
            modified: source.modified.clone(),
            site_name: source.site_name.clone(),
            language: source.language.clone(),
            retrieved_at: source.retrieved_at.to_rfc3339(),
            truncated: source.truncated,
            content_sha256: source.content_sha256.clone(),
            source_class: source.source_class,
            injection_flags: source.injection_flags.clone(),
            rendered: source.rendered,
        }
    }
}

/// The proof behind one `[n]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CitationView {
    /// Number of the source.
    pub n: u32,
    /// The finding, `F701`.
    pub finding: String,
    /// The page's words: its stored text at `start..end`.
    pub quote: String,
    /// Byte offset in the stored text.
    pub start: u32,
    /// Byte offset behind.
    pub end: u32,
    /// Page.
    pub url: String,
    /// Number of the page of a PDF, from 1; null for everything else.
    pub page: Option<u32>,
    /// An address that opens the page at the quote.
    pub text_fragment_url: Option<String>,
}

impl From<&Citation> for CitationView {
    fn from(citation: &Citation) -> Self {
        Self {
            n: citation.n,
            finding: citation.finding.to_string(),
            quote: citation.quote.clone(),
            start: citation.start,
            end: citation.end,
            url: citation.url.clone(),
            page: citation.page,
            text_fragment_url: citation.text_fragment_url.clone(),
        }
    }
}

/// A page that brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedView {
    /// Page.
    pub url: String,
    /// Why, in a few words.
    pub reason: String,
    /// What on a page that was read spoke to models.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub injection_flags: Vec<InjectionFlag>,
}

/// What a job may do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitsView {
    /// Rounds.
    pub max_iterations: u32,
    /// Pages the report may rest on.
    pub max_sources: u32,
    /// From acceptance to the end.
    pub deadline_ms: u64,
    /// The same in seconds.
    pub max_seconds: u64,
    /// Pages fetched.
    pub max_pages: u32,
    /// Calls to search providers.
    pub max_searches: u32,
    /// Calls to a model.
    pub max_model_calls: u32,
    /// Tokens; null for no ceiling.
    pub max_tokens: Option<u64>,
    /// Money; null for no ceiling.
    pub max_cost_usd: Option<f64>,
}

impl From<&Limits> for LimitsView {
    fn from(limits: &Limits) -> Self {
        Self {
            max_iterations: limits.rounds_max,
            max_sources: limits.sources_max,
            deadline_ms: limits.deadline_ms,
            max_seconds: limits.deadline_ms / 1_000,
            max_pages: limits.budget.pages,
            max_searches: limits.budget.searches,
            max_model_calls: limits.budget.model_calls,
            max_tokens: limits.tokens_max,
            max_cost_usd: limits.cost_micros_max.map(usd),
        }
    }
}

impl Job {
    /// What polling shows at `now`.
    #[must_use]
    pub fn view(&self, now: Timestamp) -> JobView {
        self.view_rated(now, &mut Rated::default())
    }

    /// The same with what an earlier view of the job found out about its findings.
    #[must_use]
    pub fn view_rated(&self, now: Timestamp, known: &mut Rated) -> JobView {
        let partial_reason = self.partial_reason();
        let (status, state) = self.state();
        let (report, ended_at, error) = (self.report(), self.ended_at(), self.failure());
        let sources: Vec<SourceView> = match report {
            Some(report) => report.sources.iter().map(SourceView::from).collect(),
            None => self.sources_so_far(),
        };
        let findings = self.findings_view(report, known.of(self, report));
        JobView {
            id: self.id.clone(),
            status,
            state,
            phase: match self.phase {
                Phase::Planning => "planning",
                Phase::Searching(_) => "searching",
                Phase::Reading(_) => "reading",
                Phase::Reflecting(_) => "reflecting",
                Phase::Writing => "writing",
                Phase::Ended => "done",
            },
            progress: self.progress(),
            query: self.question().to_owned(),
            deep: self.request.deep,
            report: report.map(|r| r.markdown.clone()),
            answer: report.and_then(|r| r.answer.clone()),
            answer_citations: report.map(Report::answer_citations).unwrap_or_default(),
            sources_count: sources.len(),
            sources,
            findings_count: findings.len(),
            findings,
            citations: report
                .map(|r| r.citations.iter().map(CitationView::from).collect())
                .unwrap_or_default(),
            citation_audit: report.map(|r| r.audit),
            conflicts: self.conflicts_view(report),
            gaps: report.map(|r| r.gaps.clone()).unwrap_or_default(),
            unanswered: report.map(|r| r.answered.open.clone()).unwrap_or_default(),
            rejected_sources: self.rejected_view(),
            iterations: self.rounds.len(),
            total_pages_analyzed: self.pages.len(),
            elapsed_ms: self.elapsed_ms(now),
            created_at: self.accepted_at.to_rfc3339(),
            completed_at: ended_at.map(Timestamp::to_rfc3339),
            stop_reason: self.stop,
            partial_reason,
            partial_report: None,
            output: report.and_then(|r| r.output.clone()),
            changes: match &self.end {
                Some(End::Completed { changes, .. }) => changes.as_deref().cloned(),
                _ => None,
            },
            schedule_id: self.occurrence.as_ref().map(|o| o.schedule.clone()),
            previous_id: self.request.previous_id.clone(),
            forked_from: self
                .forked_from
                .as_ref()
                .map(|(id, round)| ForkView { id: id.clone(), round: *round }),
            steerings: self.steerings.len(),
            metadata: self.request.metadata.clone(),
            degraded: self.degradation(),
            warnings: self.warnings(),
            analyst: self.analyst.clone(),
            usage: self.usage(),
            limits: LimitsView::from(&self.limits),
            error,
        }
    }

    /// `status` and `state` of the view.
    #[must_use]
    pub fn state(&self) -> (&'static str, &'static str) {
        match &self.end {
            None if self.steps.is_empty() => ("processing", "queued"),
            None => ("processing", "running"),
            Some(End::Completed { .. }) if self.partial_reason().is_some() => ("completed", "partial"),
            Some(End::Completed { .. }) => ("completed", "completed"),
            Some(End::Failed { .. }) => ("failed", "failed"),
            Some(End::Cancelled { .. }) => ("failed", "cancelled"),
        }
    }

    /// Why it has no report though it is over.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match self.end.as_ref()? {
            End::Completed { .. } => None,
            End::Failed { cause, .. } => Some(cause.clone()),
            End::Cancelled { .. } => Some("cancelled by its owner".to_owned()),
        }
    }

    /// Pages that brought findings, in the order in which they were chosen.
    fn sources_so_far(&self) -> Vec<SourceView> {
        let useful = self.pages.iter().filter(|(page, _)| self.findings.values().any(|f| f.page == **page));
        (1..)
            .zip(useful)
            .map(|(n, (page, record))| SourceView::from(&report::source(n, *page, record)))
            .collect()
    }

    fn rejected_view(&self) -> Vec<RejectedView> {
        let views = self.turned_down().map(|(page, reason)| {
            let read = self.pages.get(&page.id);
            RejectedView {
                url: page.url.clone(),
                reason: reason.clone(),
                injection_flags: read.map(|record| record.injection_flags.clone()).unwrap_or_default(),
            }
        });
        views.collect()
    }

    fn progress(&self) -> Progress {
        let written = self.sections_written();
        let round = u32::try_from(self.rounds.len()).unwrap_or(u32::MAX);
        Progress {
            percent: self.percent,
            round,
            rounds_max: self.limits.rounds_max,
            queries: self.rounds.iter().map(|r| r.queries.len()).sum(),
            pages_chosen: self.chosen.len(),
            pages_read: self.pages.len(),
            pages_rejected: self.turned_down().count(),
            findings: self.findings.len(),
            sections_written: written,
            sections: self.outline.len(),
        }
    }

    /// Research is the first three quarters, a round an equal share of it; writing is the rest. A job that stops early jumps.
    pub(super) fn percent_now(&self) -> u32 {
        let written = self.sections_written();
        let share = 70 / self.limits.rounds_max.max(1);
        let round_begin = |round: u32| 5 + share * round.saturating_sub(1);
        match self.phase {
            Phase::Planning => 1,
            Phase::Searching(round) => round_begin(round),
            Phase::Reading(round) => {
                let pages = self.rounds.last().map_or(&[][..], |r| &r.pages);
                let done =
                    pages.iter().filter(|p| self.rejected.contains_key(p) || self.analyzed(**p)).count();
                let part = if pages.is_empty() { 0 } else { done * 100 / pages.len() };
                round_begin(round) + share * (10 + u32::try_from(part).unwrap_or(0) * 8 / 10) / 100
            }
            Phase::Reflecting(round) => round_begin(round) + share * 95 / 100,
            Phase::Writing if self.outline.is_empty() => 76,
            Phase::Writing => 78 + u32::try_from(written * 18 / self.outline.len()).unwrap_or(0),
            Phase::Ended => 100,
        }
    }

    fn sections_written(&self) -> usize {
        let settled = |n: u32| self.steps.get(&StepId::Section(n)).is_some_and(Step::is_settled);
        (1..).zip(&self.outline).filter(|(n, _)| settled(*n)).count()
    }

    fn analyzed(&self, page: crate::research::PageId) -> bool {
        self.steps.get(&StepId::Analyze(page)).is_some_and(Step::is_settled)
    }
}
