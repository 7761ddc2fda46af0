//! A simulated world: everything an isolate can lose is lost on a crash, everything durable stays.
#![allow(unreachable_pub, dead_code, reason = "a test crate has no outside, and none uses everything")]

pub mod transcript;

use footnote::account::Spent;
use footnote::digest::sha256_hex;
use footnote::job::budget::{Prices, Tokens};
use footnote::job::event::Evidence;
use footnote::job::step::{StepId, StepKind};
use footnote::job::view::JobView;
use footnote::job::{Call, Effect, Event, Failure, Input, Job, Reply, Terms, Timestamp, WIDTH, journal};
use footnote::model::chain::Chains;
use footnote::model::{Answer, Plan, Task};
use footnote::research::request::{ResearchRequest, Steering};
use footnote::research::structured::FilledField;
use footnote::research::{Claim, PageId, PageRecord, SectionPlan, analyze};
use footnote::search::{Hit, Provider, SearchQuery};
use std::collections::{BTreeMap, BTreeSet};

/// An isolate that runs longer than this many answers is a live-lock.
const ANSWERS_MAX: u32 = 2_000;
/// A job that needs more isolates than this will never end.
const ISOLATES_MAX: u32 = 3_000;
/// No job waits longer than its longest attempt for anything, which is 90 s with the models here.
const WAIT_MS_MAX: u64 = 95_000;
/// What the edge keeps as the alarm while a handler runs.
const LEASE_MS: u64 = 20_000;

/// The world around one job.
#[derive(Default)]
pub struct World {
    /// The journal, as text: the only thing besides `pages` and `alarm` that survives a crash.
    pub disk: Vec<String>,
    /// The fold of `disk`, kept up entry by entry.
    shadow: Option<Job>,
    /// Stored page texts.
    pub pages: BTreeMap<PageId, String>,
    /// The platform's alarm.
    pub alarm: Option<Timestamp>,
    /// The clock.
    pub now: Timestamp,
    /// I/O boundaries passed so far.
    pub ops: u32,
    /// Boundaries at which the isolate dies.
    pub crash_at: BTreeSet<u32>,
    /// Crashes so far.
    pub crashes: u32,
    /// Percentage of calls that fail transiently.
    pub fault_percent: u64,
    /// Deliver every answer twice, and answers of lost attempts late.
    pub echo: bool,
    /// Calls that left, by step.
    pub sent: BTreeMap<StepId, u32>,
    /// Those of them that cost money.
    pub paid: BTreeMap<StepId, u32>,
    /// State of the generator that orders completions.
    pub rng: u64,
    /// Answers after which an isolate may start nothing more; 0 for no limit.
    pub slice: u32,
    /// Until then every search fails.
    pub searches_down_until: Timestamp,
    /// This provider answers every search with a failure.
    pub failing: Option<(Provider, Failure)>,
    /// How long the last wait for an answer took, in milliseconds.
    pub answer_ms: u64,
    /// What else goes wrong.
    pub chaos: Option<Chaos>,
    /// When the owner ended the job.
    pub cancelled_at: Option<Timestamp>,
    /// Calls that left after that.
    pub sent_after_cancel: u32,
    /// How long the job could run: time that passed without jumps of the clock, in milliseconds.
    pub ran_ms: u64,
    /// Part of it in which nobody ran the job, at most, in milliseconds.
    pub overslept_ms: u64,
}

/// Faults beyond crashes and failing calls, in percent of their occasions.
#[derive(Clone, Copy, Debug)]
pub struct Chaos {
    /// The isolate dies at a boundary.
    pub crash: u64,
    /// An alarm is lost: the sweeper finds out.
    pub lost_alarm: u64,
    /// An alarm comes twice.
    pub double_alarm: u64,
    /// An alarm comes late, by up to a minute.
    pub late_alarm: u64,
    /// The clock jumps a day forward or an hour back between two isolates.
    pub clock_jump: u64,
    /// The owner cancels at an answer.
    pub cancel: u64,
    /// The owner steers at an answer.
    pub steer: u64,
    /// An answer takes half a minute.
    pub slow_answer: u64,
}

impl Chaos {
    /// Worlds differ in what goes wrong in them, and how often.
    pub fn of(seed: u64) -> Self {
        let share = |shift: u32, most: u64| (seed.wrapping_mul(0x2545_F491_4F6C_DD1D) >> shift) % (most + 1);
        Self {
            crash: share(3, 6),
            lost_alarm: share(9, 15),
            double_alarm: share(14, 30),
            late_alarm: share(20, 30),
            clock_jump: share(27, 4),
            cancel: if seed.is_multiple_of(6) { 2 } else { 0 },
            steer: share(33, 3),
            slow_answer: share(40, 12),
        }
    }
}

/// The job that does one thing after the other.
pub fn one_after_the_other(mut accepted: Event) -> Event {
    if let Event::Accepted { limits, .. } = &mut accepted {
        limits.overlaps = false;
    }
    accepted
}

/// A lost alarm is found by the sweep after lease and interval at the latest.
const SWEPT_MS: u64 = 20_000 + 90_000;

/// The isolate died.
pub struct Crash;

impl World {
    /// A world whose completions are ordered by `seed`, with a job for `request` accepted that does one thing after the
    /// other: what it finds does not depend on who is quick.
    pub fn new(seed: u64, request: ResearchRequest) -> Self {
        Self::of(seed, request, one_after_the_other)
    }

    /// The same with a job whose stages overlap, as those of models do.
    pub fn overlapping(seed: u64, request: ResearchRequest) -> Self {
        Self::of(seed, request, |accepted| accepted)
    }

    fn of(seed: u64, request: ResearchRequest, change: fn(Event) -> Event) -> Self {
        let now = Timestamp(1_795_305_600_000);
        let terms = Terms {
            id: "res_1".into(),
            request,
            providers: vec![Provider::Library, Provider::Searxng],
            models: Chains::named("m"),
            prices: Prices {
                search_micros: [(Provider::Searxng, 1_000)].into(),
                page_micros: 100,
                input_micros_per_mtok: 150_000,
                output_micros_per_mtok: 600_000,
                ..Prices::default()
            },
            seed: 7,
            occurrence: None,
        };
        let accepted = change(Job::accept(terms, now));
        let disk = vec![journal::encode(0, &accepted).unwrap()];
        Self { disk, alarm: Some(now), now, rng: seed | 1, echo: true, answer_ms: 50, ..Self::default() }
    }

    /// Runs isolate after isolate until the job is over.
    pub fn run(&mut self) -> Job {
        for _ in 0..ISOLATES_MAX {
            let alarm = self.alarm.expect("a live job always owns an alarm");
            self.sleep_until(alarm);
            let _ = self.isolate();
            if self.happens(|c| c.double_alarm) {
                let _ = self.isolate();
            }
            let job = self.durable();
            if job.is_terminal() {
                return job;
            }
        }
        panic!(
            "the job never ended; journal tail: {:#?}",
            self.disk.iter().rev().take(8).collect::<Vec<_>>()
        );
    }

    /// Time passes until the alarm fires, and a little longer when somebody loses or delays it.
    fn sleep_until(&mut self, alarm: Timestamp) {
        let wait_ms = alarm.ms_since(self.now);
        // The clock was set back under the alarm: the sweeper finds one that is further off than any wait.
        let far = wait_ms > WAIT_MS_MAX;
        self.pass_ms(if far { SWEPT_MS } else { wait_ms });
        self.overslept_ms += if far { SWEPT_MS } else { 0 };
        let late_ms = if self.happens(|c| c.lost_alarm) {
            SWEPT_MS
        } else if self.happens(|c| c.late_alarm) {
            self.random() % 60_000
        } else {
            0
        };
        self.pass_ms(late_ms);
        self.overslept_ms += late_ms;
        if self.happens(|c| c.clock_jump) {
            let jump_ms = if self.random().is_multiple_of(2) { 24 * 3_600_000 } else { -3_600_000 };
            self.now = Timestamp(self.now.0 + jump_ms);
        }
    }

    fn pass_ms(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        self.ran_ms += ms;
    }

    fn happens(&mut self, percent: impl Fn(&Chaos) -> u64) -> bool {
        let Some(chaos) = self.chaos else { return false };
        self.random() % 100 < percent(&chaos)
    }

    /// Stores the texts of the pages that the journal says were read.
    pub fn restore_pages(&mut self) {
        for (seq, text) in (0..).zip(&self.disk) {
            let event = journal::decode(seq, text).unwrap();
            if let Event::StepSucceeded { step: StepId::Read(page), reply: Reply::Page(record), .. } = event {
                self.pages.insert(page, page_text(&record.url));
            }
        }
    }

    /// The job as the disk tells it.
    pub fn durable(&self) -> Job {
        let events = (0..).zip(&self.disk).map(|(seq, text)| journal::decode(seq, text).unwrap());
        Job::fold(events).expect("the journal begins with acceptance")
    }

    /// One handler run: load, resume, perform and commit until nothing is out or the isolate dies.
    fn isolate(&mut self) -> Result<(), Crash> {
        let mut job = self.durable();
        self.shadow = Some(job.clone());
        self.commit(&mut job, Input::Resumed, WIDTH)?;
        let mut out: Vec<Effect> = Vec::new();
        let mut flying = BTreeSet::new();
        for answers in 1..ANSWERS_MAX {
            for effect in job.due() {
                if flying.insert((effect.step, effect.attempt)) {
                    self.send(&effect)?;
                    out.push(effect);
                }
            }
            if out.is_empty() {
                break;
            }
            // The order in which answers come is not ours to choose.
            let pick = usize::try_from(self.random() % out.len() as u64).unwrap();
            let effect = out.swap_remove(pick);
            let outcome = self.answered(&effect);
            let slow_ms = if self.happens(|c| c.slow_answer) { 30_000 } else { 0 };
            // What was out when the job ended is answered all the same, but nobody waits for it.
            if !job.is_terminal() {
                self.pass_ms(self.answer_ms + slow_ms);
            }
            if self.happens(|c| c.steer) {
                let questions = vec![format!("How does gamma {} work?", self.ops)];
                let steering = Steering { questions, ..Steering::default() };
                self.commit(&mut job, Input::Steered(steering), WIDTH)?;
            }
            if self.happens(|c| c.cancel) && !job.is_terminal() {
                self.commit(&mut job, Input::CancelRequested, WIDTH)?;
                self.cancelled_at = Some(self.now);
            }
            let (step, attempt) = (effect.step, effect.attempt);
            if self.echo && attempt > 1 {
                self.expect_ignored(
                    &job,
                    Input::StepFinished { step, attempt: attempt - 1, outcome: outcome.clone() },
                    "stale",
                );
            }
            let spent = self.slice > 0 && answers >= self.slice;
            let room = if spent { 0 } else { WIDTH };
            self.commit(&mut job, Input::StepFinished { step, attempt, outcome: outcome.clone() }, room)?;
            if self.echo {
                self.expect_ignored(&job, Input::StepFinished { step, attempt, outcome }, "duplicate");
            }
        }
        let next = self.now.plus_ms(1);
        // The wait is what the platform is told; a clock that is set back must not make it longer than any wait of a job.
        self.alarm = job.wake_at().map(|at| if self.slice > 0 { next } else { at.max(next) });
        let wait_ms = self.alarm.map_or(0, |at| at.ms_since(self.now));
        assert!(wait_ms <= WAIT_MS_MAX, "a job that waits for {wait_ms} ms has lost its way");
        Ok(())
    }

    fn expect_ignored(&self, job: &Job, input: Input, what: &str) {
        let facts = job.decide(input.clone(), self.now, WIDTH);
        assert!(facts.is_empty(), "a {what} answer had consequences: {input:?} -> {facts:?}");
    }

    /// Commits are atomic; the isolate may die just before or just after.
    fn commit(&mut self, job: &mut Job, input: Input, room: usize) -> Result<(), Crash> {
        self.boundary()?;
        let was_terminal = job.is_terminal();
        let events = job.decide(input, self.now, room);
        assert!(!was_terminal || events.is_empty(), "facts after the end: {events:?}");
        for event in &events {
            let seq = self.disk.len() as u64;
            let text = journal::encode(seq, event).unwrap();
            let shadow = self.shadow.as_mut().expect("an isolate begins by folding the journal");
            shadow.apply(journal::decode(seq, &text).unwrap());
            self.disk.push(text);
            job.apply(event.clone());
        }
        assert_eq!(
            self.shadow.as_ref(),
            Some(&*job),
            "the journal tells of another job than the one in memory"
        );
        self.alarm = (!job.is_terminal()).then(|| self.now.plus_ms(LEASE_MS));
        assert_eq!(
            job.is_terminal(),
            job.wake_at().is_none(),
            "a live job must know when to wake, an ended one must not"
        );
        self.boundary()
    }

    fn boundary(&mut self) -> Result<(), Crash> {
        let here = self.ops;
        self.ops += 1;
        if self.crash_at.contains(&here) || self.happens(|c| c.crash) {
            self.crashes += 1;
            // Until the lease has run out nobody takes the work up again.
            self.overslept_ms += LEASE_MS;
            return Err(Crash);
        }
        Ok(())
    }

    /// A call leaves; with the isolate its answer may be lost.
    fn send(&mut self, effect: &Effect) -> Result<(), Crash> {
        let (step, attempt) = (effect.step, effect.attempt);
        assert!(
            self.durable().is_running(step, attempt),
            "{step} attempt {attempt} left before it was durable"
        );
        *self.sent.entry(step).or_default() += 1;
        self.sent_after_cancel += u32::from(self.cancelled_at.is_some());
        let paid = step.kind() != StepKind::Think || effect.model.is_some();
        *self.paid.entry(step).or_default() += u32::from(paid);
        self.boundary()
    }

    fn answered(&mut self, effect: &Effect) -> Result<Reply, Failure> {
        if effect.step.kind() == StepKind::Search && self.now < self.searches_down_until {
            return Err(Failure::transient("503"));
        }
        if let (StepId::Search { provider, .. }, Some((failing, failure))) = (effect.step, &self.failing)
            && provider == *failing
        {
            return Err(failure.clone());
        }
        if self.fault_percent > 0 && self.random() % 100 < self.fault_percent {
            if effect.model.is_some() && self.random().is_multiple_of(3) {
                let tokens = Tokens { input: 900, output: 200, cached: 0 };
                return Err(Failure::Unreadable {
                    cause: "no JSON".into(),
                    tokens,
                    again: effect.attempt < 2,
                });
            }
            return Err(Failure::transient("503"));
        }
        let mut reply = self.answer(&effect.call);
        if let (Reply::Thought { tokens, .. }, None) = (&mut reply, &effect.model) {
            *tokens = Tokens::default();
        }
        Ok(reply)
    }

    /// Answers are a pure function of the call.
    fn answer(&mut self, call: &Call) -> Reply {
        match call {
            Call::Search(provider, query) => Reply::Hits { hits: hits(*provider, query) },
            Call::Read { url, .. } if url.ends_with("/gone") => Reply::Rejected { reason: "404".into() },
            Call::Read { page, url, .. } => {
                let text = page_text(url);
                self.pages.insert(*page, text.clone());
                Reply::Page(Box::new(PageRecord {
                    url: url.clone(),
                    title: format!("About {url}"),
                    author: None,
                    modified: None,
                    site_name: None,
                    published: None,
                    language: None,
                    words: u32::try_from(text.split_whitespace().count()).unwrap(),
                    excerpt: String::new(),
                    retrieved_at: Timestamp(0),
                    truncated: false,
                    sha256: sha256_hex(page_text(url)),
                    bytes: 0,
                    simhash: None,
                    injection_flags: Vec::new(),
                    page_starts: Vec::new(),
                    rendered: false,
                }))
            }
            Call::Analyze { page, task, .. } => {
                let text = self.pages.get(page).expect("a page is stored before it is analysed");
                let sub_question = if task.url.contains("beta") { 2 } else { 1 };
                let claims = text.lines().map(|line| Claim {
                    fact: line.into(),
                    quote: line.into(),
                    sub_question,
                    relevance: 50,
                    ..Claim::default()
                });
                let verified = analyze::Checked::of(text).verify(claims.collect());
                let claims = verified.claims.into_iter().map(|c| (c.claim, c.start, c.end)).collect();
                Reply::Evidence(Evidence {
                    claims,
                    repaired: verified.repaired,
                    dropped: verified.dropped,
                    ..Evidence::default()
                })
            }
            Call::Think(task) => {
                let tokens = Tokens { input: 900, output: 200, cached: 100 };
                Reply::Thought { answer: think(task), tokens, loss: None }
            }
        }
    }

    fn random(&mut self) -> u64 {
        self.rng ^= self.rng << 13;
        self.rng ^= self.rng >> 7;
        self.rng ^= self.rng << 17;
        self.rng
    }
}

/// A request of two rounds and four sources: small enough to crash at every boundary.
pub fn two_rounds() -> ResearchRequest {
    ResearchRequest {
        query: "How do alpha and beta engines work?".into(),
        deep: false,
        max_iterations: Some(2),
        max_sources: Some(4),
        ..ResearchRequest::default()
    }
}

/// What a poller sees, without what interruptions may change: times, and spend whose answers were lost.
pub fn outcome(job: &Job) -> JobView {
    let mut view = job.view(Timestamp(0));
    view.elapsed_ms = 0;
    view.completed_at = None;
    view.usage = (&Spent::default()).into();
    // The methodology says how long the search took.
    view.report = view
        .report
        .map(|text| text.lines().filter(|l| !l.starts_with("- **Search:**")).collect::<Vec<_>>().join("\n"));
    view
}

/// Says where two outcomes differ; whole views are too long to compare by eye.
#[track_caller]
pub fn assert_same(left: &JobView, right: &JobView, when: &str) {
    if left == right {
        return;
    }
    let lines = |view: &JobView| {
        format!("{view:#?}").replace("\\n", "\n").lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (left, right) = (lines(left), lines(right));
    let place = left.iter().zip(&right).position(|(l, r)| l != r).unwrap_or(left.len().min(right.len()));
    panic!("{when}: differs at line {place}:\n  {:?}\n  {:?}", left.get(place), right.get(place));
}

fn hits(provider: Provider, query: &SearchQuery) -> Vec<Hit> {
    let word = if query.text.contains("beta") { "beta" } else { "alpha" };
    let hit = |host: &str, path: &str| Hit {
        url: format!("https://{host}.example/{path}"),
        title: format!("{path} at {host}"),
        snippet: String::new(),
        document: None,
    };
    match provider {
        Provider::Library => vec![hit(word, "one"), hit(word, "gone"), hit("shared", word)],
        _ => vec![hit("other", word), hit(word, "one")],
    }
}

fn page_text(url: &str) -> String {
    let name = url.trim_start_matches("https://").replace(['.', '/'], " ");
    format!("The {name} engine turns with great care.\nEvery {name} engine needs oil twice a year.")
}

fn think(task: &Task) -> Answer {
    match task {
        Task::Plan(_) => Answer::Plan(Plan {
            evidence: Vec::new(),
            sub_questions: vec!["How does alpha work?".into(), "How does beta work?".into()],
            queries: vec!["alpha engine".into(), "alpha oil".into()],
        }),
        Task::Reflect(reflect) => {
            let missing = reflect.coverage.iter().filter(|c| !c.covered).count();
            Answer::Queries((0..missing.min(2)).map(|n| format!("beta engine {n}")).collect())
        }
        Task::Outline(outline) => {
            let section = |n: u32| SectionPlan {
                title: format!("Part {n}"),
                findings: outline.findings.iter().filter(|f| f.sub_question == n).map(|f| f.id).collect(),
            };
            Answer::Outline([1, 2].map(section).into_iter().filter(|s| !s.findings.is_empty()).collect())
        }
        Task::Section(section) => {
            Answer::Text(section.findings.iter().map(|f| format!("{} [{}]\n\n", f.fact, f.id)).collect())
        }
        Task::Summary(summary) => {
            Answer::Text(summary.findings.iter().take(2).map(|f| format!("{} [{}] ", f.fact, f.id)).collect())
        }
        Task::Fields(fields) => {
            let filled = fields.findings.iter().take(1).map(|f| FilledField {
                path: "/maker".into(),
                value: f.fact.clone().into(),
                findings: vec![f.id],
            });
            Answer::Fields(filled.collect())
        }
        Task::Analyze(_) => panic!("analysis is a call of its own"),
    }
}
