//! A job at a moment, driven by hand: what happened, and which facts followed.

use footnote::job::budget::{Prices, Tokens};
use footnote::job::event::Evidence;
use footnote::job::step::{Analyst, StepId};
use footnote::job::view::JobView;
use footnote::job::{Event, Failure, Input, Job, Reply, Terms, Timestamp, WIDTH};
use footnote::model::chain::Chains;
use footnote::model::{Answer, Plan};
use footnote::research::request::ResearchRequest;
use footnote::research::{Claim, PageId, PageRecord};
use footnote::search::{Hit, Provider};

use super::one_after_the_other;

pub const START: Timestamp = Timestamp(1_795_305_600_000);

/// A job at a moment, driven by hand.
pub struct Transcript {
    /// The job.
    pub job: Job,
    /// The clock.
    pub now: Timestamp,
    /// Everything that happened.
    pub journal: Vec<Event>,
}

impl Transcript {
    pub fn begin(request: ResearchRequest) -> Self {
        Self::begin_with(request, Prices::default())
    }

    pub fn begin_with(request: ResearchRequest, prices: Prices) -> Self {
        Self::begin_among(vec![Provider::Library], request, prices)
    }

    /// A job that searches these.
    pub fn begin_among(providers: Vec<Provider>, request: ResearchRequest, prices: Prices) -> Self {
        Self::begin_with_all(providers, Chains::named("m"), request, prices)
    }

    /// A job that these think for.
    pub fn begin_by(models: Chains, request: ResearchRequest, prices: Prices) -> Self {
        Self::begin_with_all(vec![Provider::Library], models, request, prices)
    }

    /// A job whose stages overlap, as those of models do.
    pub fn overlapping(request: ResearchRequest) -> Self {
        let (providers, models) = (vec![Provider::Library], Chains::named("m"));
        Self::of(providers, models, request, Prices::default(), |accepted| accepted)
    }

    fn begin_with_all(
        providers: Vec<Provider>,
        models: Chains,
        request: ResearchRequest,
        prices: Prices,
    ) -> Self {
        Self::of(providers, models, request, prices, one_after_the_other)
    }

    fn of(
        providers: Vec<Provider>,
        models: Chains,
        request: ResearchRequest,
        prices: Prices,
        change: fn(Event) -> Event,
    ) -> Self {
        let terms =
            Terms { id: "res_1".into(), request, providers, models, prices, seed: 7, occurrence: None };
        let accepted = change(Job::accept(terms, START));
        let journal = vec![accepted.clone()];
        Self { job: Job::fold([accepted]).unwrap(), now: START, journal }
    }

    /// Feeds one input and gives the facts that followed, one line each.
    pub fn feed(&mut self, input: Input) -> Vec<String> {
        self.events(input).iter().map(line).collect()
    }

    /// Feeds one input and gives the facts that followed.
    pub fn events(&mut self, input: Input) -> Vec<Event> {
        let events = self.job.decide(input, self.now, WIDTH);
        for event in &events {
            self.job.apply(event.clone());
            self.journal.push(event.clone());
        }
        events
    }

    pub fn answer(&mut self, step: StepId, reply: Reply) -> Vec<String> {
        self.finish(step, Ok(reply))
    }

    pub fn fail(&mut self, step: StepId, failure: Failure) -> Vec<String> {
        self.finish(step, Err(failure))
    }

    pub fn finish(&mut self, step: StepId, outcome: Result<Reply, Failure>) -> Vec<String> {
        let attempt = self
            .job
            .due()
            .into_iter()
            .find(|e| e.step == step)
            .unwrap_or_else(|| panic!("{step} is not out"))
            .attempt;
        self.feed(Input::StepFinished { step, attempt, outcome })
    }

    pub fn wait_ms(&mut self, ms: u64) -> Vec<String> {
        self.now = self.now.plus_ms(ms);
        self.feed(Input::Woke)
    }

    pub fn view(&self) -> JobView {
        self.job.view(self.now)
    }

    /// Answers every thinking step and read that is out with something plain, until nothing is out.
    pub fn run_on(&mut self) {
        for _ in 0..200 {
            let Some(effect) = self.job.due().into_iter().next() else { return };
            let reply = match effect.step {
                StepId::Search { .. } => hits(&["one", "two"]),
                StepId::Read(page) => page_read(page),
                StepId::Analyze(page) => evidence(page),
                StepId::Plan => plan(),
                StepId::Reflect(_) => thought(Answer::Queries(Vec::new())),
                StepId::Outline => thought(Answer::Outline(Vec::new())),
                StepId::Fields => thought(Answer::Fields(Vec::new())),
                StepId::Section(_) | StepId::Summary => {
                    thought(Answer::Text("Engines run on steam [F101].".into()))
                }
            };
            let before = self.view().progress.percent;
            self.answer(effect.step, reply);
            let after = self.view().progress.percent;
            assert!(before <= after, "progress went back from {before} to {after} at {}", effect.step);
        }
        panic!("the job does not end");
    }
}

pub fn line(event: &Event) -> String {
    match event {
        Event::Accepted { .. } => "accepted".into(),
        Event::StepStarted { step, attempt, analyst: Analyst::Configured, .. } => {
            format!("{step} started ({attempt})")
        }
        Event::StepStarted { step, attempt, analyst: Analyst::Fallback(n), .. } => {
            format!("{step} started ({attempt}) by fallback {n}")
        }
        Event::StepStarted { step, attempt, .. } => {
            format!("{step} started ({attempt}) by the built-in analyst")
        }
        Event::StepSucceeded { step, .. } => format!("{step} answered"),
        Event::StepRetried { step, cause, .. } => format!("{step} to be retried: {cause}"),
        Event::StepFailed { step, cause, .. } => format!("{step} given up: {cause}"),
        Event::Planned { .. } => "planned".into(),
        Event::RoundOpened { round, queries, .. } => format!("round {round} asks {}", queries.join(", ")),
        Event::Foreseen { queries, .. } => format!("foresees {}", queries.join(", ")),
        Event::PagesForeseen { pages, .. } => format!("foresees {} page(s)", pages.len()),
        Event::StartPagesChosen { pages, .. } => format!("{} start page(s) chosen", pages.len()),
        Event::PagesChosen { round, pages, .. } => format!("round {round} chose {} page(s)", pages.len()),
        Event::RoundClosed { round, findings, .. } => {
            format!("round {round} closed with {findings} finding(s)")
        }
        Event::ResearchStopped { reason, .. } => format!("stopped: {reason:?}"),
        Event::Outlined { sections } => format!("outlined {} section(s)", sections.len()),
        Event::Completed { .. } => "completed".into(),
        Event::Cancelled { .. } => "cancelled".into(),
        Event::Forked { from, round, .. } => format!("forked from {from} after round {round}"),
        Event::Inherited { pages, .. } => format!("inherited {} page(s)", pages.len()),
        Event::BaselineRecalled { baseline } => format!("compares with {}", baseline.job),
        Event::Steered { .. } => "steered".into(),
        Event::TimeSkipped { by_ms, .. } => format!("time skipped by {by_ms} ms"),
        Event::Failed { cause, .. } => format!("failed: {cause}"),
    }
}

pub fn request() -> ResearchRequest {
    ResearchRequest {
        query: "What do engines run on?".into(),
        deep: false,
        max_iterations: Some(1),
        max_sources: Some(2),
        ..ResearchRequest::default()
    }
}

pub fn thought(answer: Answer) -> Reply {
    Reply::Thought { answer, tokens: Tokens { input: 10, output: 5, cached: 0 }, loss: None }
}

pub fn plan() -> Reply {
    thought(Answer::Plan(Plan {
        evidence: Vec::new(),
        sub_questions: vec!["What do engines run on?".into()],
        queries: vec!["engines".into()],
    }))
}

pub fn hits(names: &[&str]) -> Reply {
    let hit = |name: &&str| Hit {
        url: format!("https://{name}.example/"),
        title: (*name).into(),
        snippet: String::new(),
        document: None,
    };
    Reply::Hits { hits: names.iter().map(hit).collect() }
}

pub fn page_read(page: PageId) -> Reply {
    Reply::Page(Box::new(PageRecord {
        url: format!("https://{page}.example/"),
        title: page.to_string(),
        author: None,
        modified: None,
        site_name: None,
        published: None,
        language: None,
        words: 5,
        excerpt: String::new(),
        retrieved_at: START,
        truncated: false,
        sha256: String::new(),
        bytes: 0,
        simhash: None,
        injection_flags: Vec::new(),
        page_starts: Vec::new(),
        rendered: false,
    }))
}

pub fn evidence(_: PageId) -> Reply {
    let text = "Engines run on steam.";
    let claim =
        Claim { fact: text.into(), quote: text.into(), sub_question: 1, relevance: 70, ..Claim::default() };
    Reply::Evidence(Evidence { claims: vec![(claim, 0, 21)], ..Evidence::default() })
}

pub fn search(query: u32) -> StepId {
    StepId::Search { round: 1, query, provider: Provider::Library }
}
