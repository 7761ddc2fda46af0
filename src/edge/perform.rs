//! Carrying out a job's effects: one attempt in, one outcome out. Never touches the job itself.

mod search;

use crate::api::library::DocumentText;
use crate::config::{Config, Model};
use crate::edge::read::{self, NotRead};
use crate::edge::slice::Permit;
use crate::edge::visit::Visitor;
use crate::edge::{clock, entropy, outgoing, reply, settings};
use crate::job::budget::Tokens;
use crate::job::event::Evidence;
use crate::job::step::{Analyst, StepId};
use crate::job::{Call, Effect, Failure, Reply};
use crate::model::openai::{self, Endpoint, JsonMode, ModelFailure};
use crate::model::{AnalyzeTask, Answer, Task, extractive, parse, prompt};
use crate::page::simhash::simhash;
use crate::page::{Language, Limits, Page};
use crate::research::{PageId, PageRecord, analyze};
use std::cell::Cell;
use worker::{Env, Method};

/// What an attempt brought: the answer for the journal and, for a page, the text to be stored in the same commit.
pub struct Performed {
    /// Which step.
    pub step: StepId,
    /// Which attempt.
    pub attempt: u32,
    /// How it ended.
    pub outcome: Result<Reply, Failure>,
    /// Text of the page that was read.
    pub text: Option<(PageId, String)>,
}

/// What every attempt of a job needs.
pub struct Performer {
    /// The platform's bindings.
    pub env: Env,
    /// All settings.
    pub config: Config,
    /// Whose job it is.
    pub owner: String,
    /// The strongest way of asking for JSON that the model's server was seen to understand.
    pub json_mode: Cell<JsonMode>,
    /// Withdrawn when the job is ended by its owner.
    pub permit: Permit,
}

/// Longest excerpt kept with a page, in characters.
const EXCERPT_CHARS_MAX: usize = 300;
/// Attempts at a task whose answers cannot be read: a model that failed twice tends to fail the same way again.
const UNREADABLE_MAX: u32 = 2;
/// Ways of asking for JSON, each tried at most once in one attempt.
const JSON_MODES: usize = 3;

impl Performer {
    /// Performs one attempt. `stored` gives the text of a page of this job.
    pub async fn perform(
        &self,
        effect: Effect,
        stored: impl Fn(PageId) -> Result<String, Failure>,
    ) -> Performed {
        let Effect { step, attempt, deadline_at, analyst, call } = effect;
        let timeout_ms = deadline_at.ms_since(clock::now()).max(1);
        let mut text = None;
        let work = async {
            match call {
                Call::Search(provider, query) => {
                    self.search(provider, &query).await.map(|hits| Reply::Hits { hits })
                }
                Call::Read { page, url, document, language, fresh } => {
                    let (reply, markdown) = match document {
                        Some(id) => self.read_document(&id).await?,
                        None => self.read_page(&url, language, fresh, timeout_ms).await?,
                    };
                    text = markdown.map(|m| (page, m));
                    Ok(reply)
                }
                Call::Analyze { page, task, passage_bytes_max } => {
                    self.analyze(page, task, passage_bytes_max, (analyst, attempt), &stored).await
                }
                Call::Think(task) => {
                    let (answer, tokens) = self.think(&task, analyst, attempt).await?;
                    Ok(Reply::Thought { answer, tokens })
                }
            }
        };
        let outcome = clock::within(timeout_ms, |_| work).await;
        Performed { step, attempt, outcome, text }
    }

    async fn read_document(&self, id: &str) -> Result<(Reply, Option<String>), Failure> {
        let stub = settings::library(&self.env, &self.owner).map_err(|e| library_down(&e))?;
        let path = format!("/documents/{id}");
        let reply = reply::call::<()>(&stub, Method::Get, &path, None).await.map_err(|e| library_down(&e))?;
        match reply::decoded::<DocumentText>(reply).await.map_err(|e| library_down(&e))? {
            None => {
                Ok((Reply::Rejected { reason: "the document was deleted from the library".into() }, None))
            }
            Some(DocumentText { document, markdown, page_starts }) => {
                let record = PageRecord {
                    url: document.url,
                    title: document.title,
                    author: document.author,
                    published: document.published,
                    modified: None,
                    site_name: None,
                    language: document.language,
                    words: document.words,
                    excerpt: excerpt(&markdown),
                    retrieved_at: clock::now(),
                    truncated: document.truncated,
                    sha256: document.content_sha256,
                    bytes: 0,
                    simhash: simhash(&markdown),
                    injection_flags: Vec::new(),
                    page_starts,
                    rendered: false,
                };
                Ok((Reply::Page(Box::new(record)), Some(markdown)))
            }
        }
    }

    async fn read_page(
        &self,
        url: &str,
        language: Option<Language>,
        fresh: bool,
        timeout_ms: u64,
    ) -> Result<(Reply, Option<String>), Failure> {
        let visitor = Visitor {
            env: &self.env,
            admission: &self.config.admission,
            pace: self.config.reading.pace,
            age_ms_max: if fresh { 0 } else { self.config.reading.cache_ms },
            apis: &self.config.reading.apis,
            renderer: self.config.reading.renderer.as_ref(),
            contact: self.config.public_url.as_ref(),
            permit: &self.permit,
        };
        let limits = Limits { language, ..Limits::default() };
        match read::page(&visitor, url, limits, timeout_ms).await {
            Ok(read) => {
                let Page {
                    markdown,
                    title,
                    author,
                    published,
                    modified,
                    site_name,
                    language,
                    words,
                    sha256,
                    truncated,
                    simhash,
                    injection_flags,
                    page_starts,
                    ..
                } = read.page;
                let record = PageRecord {
                    title: if title.is_empty() { read.url.to_string() } else { title },
                    url: read.url.to_string(),
                    author,
                    published,
                    modified,
                    site_name,
                    language,
                    words,
                    excerpt: excerpt(&markdown),
                    retrieved_at: clock::now(),
                    truncated,
                    sha256,
                    bytes: read.bytes,
                    simhash,
                    injection_flags,
                    page_starts,
                    rendered: read.rendered,
                };
                Ok((Reply::Page(Box::new(record)), Some(markdown)))
            }
            Err(NotRead::Rejected { reason, .. }) => Ok((Reply::Rejected { reason }, None)),
            Err(NotRead::Failed(failure)) => Err(failure),
        }
    }

    async fn analyze(
        &self,
        page: PageId,
        mut task: AnalyzeTask,
        passage_bytes_max: usize,
        (analyst, attempt): (Analyst, u32),
        stored: &impl Fn(PageId) -> Result<String, Failure>,
    ) -> Result<Reply, Failure> {
        let text = stored(page)?;
        task.passages = clock::in_turn(|| {
            analyze::passages(&text, &task.sub_questions, &task.question, passage_bytes_max)
        })
        .await;
        if task.passages.is_empty() {
            return Ok(Reply::Evidence(Evidence::default()));
        }
        let (answer, tokens) = self.think(&Task::Analyze(task), analyst, attempt).await?;
        let claims = match answer {
            Answer::Claims(claims) => claims,
            _ => return Err(Failure::transient("the analyst answered another question")),
        };
        let verified = clock::in_turn(|| analyze::verify(claims, &text)).await;
        let claims = verified.claims.into_iter().map(|c| (c.claim, c.start, c.end)).collect();
        Ok(Reply::Evidence(Evidence {
            claims,
            repaired: verified.repaired,
            dropped: verified.dropped,
            tokens,
        }))
    }

    async fn think(&self, task: &Task, analyst: Analyst, attempt: u32) -> Result<(Answer, Tokens), Failure> {
        match (analyst, &self.config.model) {
            (Analyst::Configured, Model::OpenAi(endpoint)) => self.ask(endpoint, task, attempt).await,
            _ => Ok((clock::in_turn(|| extractive::answer(task)).await, Tokens::default())),
        }
    }

    async fn ask(&self, endpoint: &Endpoint, task: &Task, attempt: u32) -> Result<(Answer, Tokens), Failure> {
        let marker = entropy::bytes::<8>().map_err(|e| Failure::transient(e.to_string()))?;
        let marker = format!("{:016x}", u64::from_be_bytes(marker));
        let prompt = prompt::prompt(task, &marker);
        for _ in 0..JSON_MODES {
            let mode = self.json_mode.get();
            let reply = outgoing::send(&openai::request(endpoint, &prompt, mode), &self.permit).await?;
            match openai::parse(&reply) {
                Ok(completion) => {
                    let answer = parse::answer(task, &completion.text).map_err(|cause| {
                        let cause = format!("the model's answer cannot be used: {cause}");
                        if attempt < UNREADABLE_MAX {
                            Failure::transient(cause)
                        } else {
                            Failure::permanent(cause)
                        }
                    })?;
                    return Ok((answer, completion.tokens));
                }
                Err(ModelFailure::SchemaUnsupported { cause }) => match mode.weaker() {
                    // Another call may have found out more in the meantime.
                    Some(weaker) => self.json_mode.set(weaker.max(self.json_mode.get())),
                    None => return Err(Failure::permanent(cause)),
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(Failure::permanent("the model's server refuses every way of asking for JSON"))
    }
}

fn library_down(error: &worker::Error) -> Failure {
    worker::console_error!("library: {error}");
    Failure::transient("the library is not reachable at the moment")
}

fn excerpt(markdown: &str) -> String {
    let words = markdown.split_whitespace().filter(|w| !w.chars().all(|c| "#>*-`|=_".contains(c)));
    let mut excerpt = String::new();
    for word in words {
        if excerpt.chars().count() + word.chars().count() >= EXCERPT_CHARS_MAX {
            break;
        }
        if !excerpt.is_empty() {
            excerpt.push(' ');
        }
        excerpt.push_str(word);
    }
    excerpt
}
