//! What a job asks of the world, complete in itself.

use crate::job::step::StepId;
use crate::job::{Job, Timestamp, WIDTH};
use crate::model::chain::{Duty, ModelRef};
use crate::model::{
    AnalyzeTask, FieldNote, FieldsTask, FindingNote, OutlineTask, PlanTask, ReflectTask, SectionTask,
    SummaryTask, Task,
};
use crate::order::sort_by_key;
use crate::page::{Language, language_of_question};
use crate::research::report::{self, RejectedPage, Report, ReportInput, SectionDraft};
use crate::research::structured::Leaf;
use crate::research::{Finding, FindingId, PageId, PageRecord, SectionPlan, reflect, sources};
use crate::search::fusion::DomainRules;
use crate::search::phrasing::without_operators;
use crate::search::{Provider, SearchQuery, Topic};
use crate::web::canonical::host_key;
use url::Url;

/// One attempt to be performed. Its answer comes back as `Input::StepFinished` with the same step and attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Which step.
    pub step: StepId,
    /// Which attempt.
    pub attempt: u32,
    /// The attempt must be given up then.
    pub deadline_at: Timestamp,
    /// Which model does a thinking step; none for the built-in analyst.
    pub model: Option<ModelRef>,
    /// What to do.
    pub call: Call,
}

/// What an attempt does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Ask a search provider. Answered by `Reply::Hits`.
    Search(Provider, SearchQuery),
    /// Fetch, extract and store a page. Answered by `Reply::Page` or `Reply::Rejected`.
    Read {
        /// Number under which the text is stored.
        page: PageId,
        /// Where it is.
        url: String,
        /// Set when the text lies in the library.
        document: Option<String>,
        /// Pages in another language are to be rejected.
        language: Option<Language>,
        /// What others read lately will not do: a run of a schedule tells what has changed since the last one.
        fresh: bool,
    },
    /// Find what a stored page says. `task.passages` is empty: whoever performs this picks them from the stored text, at
    /// most `passage_bytes_max` bytes, and checks the quotes against it. Answered by `Reply::Evidence`.
    Analyze {
        /// Which page.
        page: PageId,
        /// The task without its passages.
        task: AnalyzeTask,
        /// How much of the page may be shown to the analyst.
        passage_bytes_max: usize,
    },
    /// Any other thinking. Answered by `Reply::Thought`.
    Think(Task),
}

/// Hits asked of a provider for one query: one result page of every provider.
const HITS_PER_QUERY: u32 = 10;
/// The same in deep research, which needs about five times the pages; the most that every codec can ask for.
const HITS_PER_QUERY_DEEP: u32 = 20;
/// Words that a finding carries when its sentence is quoted.
const WORDS_PER_FINDING: usize = 45;
/// The same when a model writes, in a sentence of its own: everybody waits for the longest section.
const WORDS_PER_FINDING_TOLD: usize = 25;
/// Most words of a section, or of the summary, that a model writes for a usual report: six of them, side by side, take 6.5 s
/// at 80 tokens a second. What a section leaves out is listed below its text.
const WORDS_TOLD_MAX: usize = 240;
/// Fewest words that a section is asked for: a paragraph.
const SECTION_WORDS_MIN: usize = 120;
/// Findings that a summary may cite: about four times what 350 words can hold.
const SUMMARY_FINDINGS_MAX: usize = 40;
/// Findings from which fields are filled: with some 60 tokens each about 5,000 tokens.
const FIELDS_FINDINGS_MAX: usize = 80;

/// Whether a page is known to be written in another language than `tag`.
fn speaks_another(page: &PageRecord, tag: &str) -> bool {
    let languages = page.language.as_deref().and_then(Language::of_tag).zip(Language::of_tag(tag));
    languages.is_some_and(|(its, own)| its != own)
}

impl Job {
    /// What a step asks for. `None` when the journal does not hold what the step needs, which `decide` never lets happen.
    pub(super) fn call(&self, step: StepId) -> Option<Call> {
        let today = self.accepted_at.to_date();
        let question = self.question().to_owned();
        Some(match step {
            StepId::Plan => Call::Think(Task::Plan(PlanTask {
                question,
                topic: self.request.topic.clone(),
                today,
                sub_questions_max: self.limits.sub_questions_max,
                queries_max: self.limits.queries_max,
                language: self.language(),
            })),
            StepId::Search { round, query, provider } => {
                let text = self.queries_of(round).get(usize::try_from(query.checked_sub(1)?).ok()?)?;
                let text = if provider.takes_operators() { text.clone() } else { without_operators(text) };
                let DomainRules { include: include_domains, exclude: exclude_domains } = self.domain_rules();
                let count = if self.request.deep { HITS_PER_QUERY_DEEP } else { HITS_PER_QUERY };
                let collections = match provider {
                    Provider::Library => sources::collections(&self.request.sources),
                    _ => Vec::new(),
                };
                let query = SearchQuery {
                    text,
                    count,
                    include_domains,
                    exclude_domains,
                    collections,
                    language: self.request.language.clone(),
                    topic: self.request.topic.as_deref().and_then(Topic::from_name),
                    options: self.request.options.clone(),
                    today,
                };
                Call::Search(provider, query)
            }
            StepId::Read(page) => {
                let chosen = self.chosen.get(&page)?;
                let language = self.request.language.as_deref().and_then(Language::of_tag);
                let (url, document) = (chosen.url.clone(), chosen.document.clone());
                Call::Read { page, url, document, language, fresh: self.occurrence.is_some() }
            }
            StepId::Analyze(page) => {
                let record = self.pages.get(&page)?;
                let task = AnalyzeTask {
                    question,
                    sub_questions: self.sub_questions(),
                    title: record.title.clone(),
                    url: record.url.clone(),
                    published: record.published.clone(),
                    today,
                    passages: Vec::new(),
                    claims_max: self.limits.claims_per_page_max,
                    restate_in: self.language().filter(|own| speaks_another(record, own)),
                };
                Call::Analyze { page, task, passage_bytes_max: self.limits.passage_bytes_max }
            }
            StepId::Reflect(_) => Call::Think(Task::Reflect(ReflectTask {
                question,
                coverage: self.coverage_to_extend(),
                asked: self.asked(),
                today,
                queries_max: self.limits.queries_max,
                evidence: self.plan.as_ref().map(|plan| plan.evidence.clone()).unwrap_or_default(),
            })),
            StepId::Outline => Call::Think(Task::Outline(OutlineTask {
                question,
                sub_questions: self.sub_questions(),
                findings: self.notes(self.findings_for_sections()),
                sections_max: self.sections_max(),
                today,
                language: self.language(),
            })),
            StepId::Section(n) => {
                let place = usize::try_from(n.checked_sub(1)?).ok()?;
                let section = self.outline.get(place)?;
                let others = self.outline.iter().enumerate().filter(|(i, _)| *i != place);
                Call::Think(Task::Section(SectionTask {
                    question,
                    title: section.title.clone(),
                    other_titles: others.map(|(_, s)| s.title.clone()).collect(),
                    findings: self.notes(section.findings.iter().copied()),
                    words: self.section_words(section),
                    today,
                    conflicts: self.conflicts_within(section),
                    language: self.language(),
                    instructions: self.request.instructions.clone(),
                }))
            }
            StepId::Summary => Call::Think(Task::Summary(SummaryTask {
                question,
                findings: self.best_notes(SUMMARY_FINDINGS_MAX),
                words: self.words_told(self.limits.summary_words),
                today,
                language: self.language(),
                instructions: self.request.instructions.clone(),
            })),
            StepId::Fields => {
                let leaves = self.request.output_schema.as_ref()?.leaves().into_iter();
                let note = |(path, leaf): (String, &Leaf)| FieldNote {
                    path,
                    kind: leaf.kind.clone(),
                    description: leaf.description.clone(),
                };
                Call::Think(Task::Fields(FieldsTask {
                    question,
                    fields: leaves.map(note).collect(),
                    findings: self.best_notes(FIELDS_FINDINGS_MAX),
                    today,
                }))
            }
        })
    }

    /// The same for who looks for follow-up queries: what is covered is open all the same while more pages are wanted than
    /// the known hits hold.
    fn coverage_to_extend(&self) -> Vec<crate::model::Coverage> {
        let enough = self.has_hits_enough();
        self.coverage()
            .into_iter()
            .map(|c| crate::model::Coverage { covered: c.covered && enough, ..c })
            .collect()
    }

    pub(super) fn coverage(&self) -> Vec<crate::model::Coverage> {
        let findings: Vec<Finding> = self.findings.values().cloned().collect();
        reflect::coverage(&self.sub_questions(), &findings, &self.pages, self.request.deep)
    }

    /// The report on all that is known, drafts audited; `now` is when it was finished.
    pub(super) fn assemble(&self, now: Timestamp) -> Report {
        let section = |(n, plan): (u32, &SectionPlan)| SectionDraft {
            title: plan.title.clone(),
            findings: plan.findings.clone(),
            markdown: self.drafts.get(&StepId::Section(n)).cloned().unwrap_or_default(),
        };
        let rejected = self
            .turned_down()
            .map(|(page, reason)| RejectedPage { url: page.url.clone(), reason: reason.clone() });
        let cited = self.cited_pages();
        report::assemble(&ReportInput {
            question: self.question().to_owned(),
            sub_questions: self.sub_questions(),
            deep: self.request.deep,
            sections: (1..).zip(&self.outline).map(section).collect(),
            summary: self.drafts.get(&StepId::Summary).cloned().unwrap_or_default(),
            findings: self.findings.values().filter(|f| cited.contains(&f.page)).cloned().collect(),
            pages: self.pages.clone(),
            rejected: rejected.collect(),
            rounds: u32::try_from(self.rounds.len()).unwrap_or(u32::MAX),
            queries: self.asked(),
            stop_reason: self.stop,
            started_at: self.accepted_at,
            finished_at: now,
            analyst: self.analyst.clone(),
            told: self.is_told(),
            degraded: self.degraded.clone(),
            warnings: self.warnings(),
            output: self.request.output_schema.clone().map(|schema| (schema, self.fields.clone())),
            language: self.language(),
        })
    }

    /// Words of a section: what its findings carry, and no more than the limit.
    fn section_words(&self, section: &SectionPlan) -> usize {
        let each = if self.is_told() { WORDS_PER_FINDING_TOLD } else { WORDS_PER_FINDING };
        let carried = section.findings.len().saturating_mul(each).max(SECTION_WORDS_MIN);
        self.words_told(carried.min(self.limits.section_words))
    }

    /// Sections of a usual report are written side by side with the summary, on as many connections as there are.
    pub(super) fn sections_max(&self) -> usize {
        let most = self.limits.sections_max;
        if self.is_told() && !self.request.deep { most.min(WIDTH.saturating_sub(1)) } else { most }
    }

    /// Everybody waits for the longest text that a model writes.
    pub(super) fn words_told(&self, words: usize) -> usize {
        if self.is_told() && !self.request.deep { words.min(WORDS_TOLD_MAX) } else { words }
    }

    /// Whether a model writes the report.
    pub(super) fn is_told(&self) -> bool {
        !self.models.of(Duty::Write).is_empty()
    }

    /// Findings of a section that contradict each other.
    fn conflicts_within(&self, section: &SectionPlan) -> Vec<(FindingId, FindingId)> {
        let findings: Vec<Finding> =
            section.findings.iter().filter_map(|id| self.findings.get(id)).cloned().collect();
        report::disputes(self.question(), &findings, &self.pages, &self.accepted_at.to_date())
    }

    /// The reader's language: the one asked for, or the question's own.
    pub(super) fn language(&self) -> Option<String> {
        self.request.language.clone().or_else(|| language_of_question(&self.request.query).map(str::to_owned))
    }

    /// Findings that sections are written from: those without a chapter of their own.
    fn findings_for_sections(&self) -> impl Iterator<Item = FindingId> {
        let apart = report::set_apart(self.findings.values());
        self.findings.keys().copied().filter(move |id| !apart.contains(id))
    }

    fn notes(&self, ids: impl Iterator<Item = FindingId>) -> Vec<FindingNote> {
        let cited = self.cited_pages();
        ids.filter_map(|id| {
            let finding = self.findings.get(&id).filter(|finding| cited.contains(&finding.page))?;
            let page = self.pages.get(&finding.page)?;
            Some(FindingNote {
                id,
                fact: finding.claim.fact.clone(),
                quote: finding.claim.quote.clone(),
                source: page.title.clone(),
                host: Url::parse(&page.url).map(|url| host_key(&url)).unwrap_or_default(),
                sub_question: finding.claim.sub_question,
                published: page.day().map(str::to_owned),
                kind: finding.claim.kind,
                relevance: finding.claim.relevance,
            })
        })
        .collect()
    }

    fn best_notes(&self, most: usize) -> Vec<FindingNote> {
        let mut notes = self.notes(self.findings.keys().copied());
        sort_by_key(&mut notes, |n| (std::cmp::Reverse(n.relevance), n.id));
        notes.truncate(most);
        notes
    }
}
