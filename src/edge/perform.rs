//! Carrying out a job's effects: one attempt in, one outcome out. Never touches the job itself.

mod search;
mod think;

use think::Asking;
pub use think::Dialects;

use crate::api::library::DocumentText;
use crate::config::Config;
use crate::edge::read::{self, NotRead};
use crate::edge::slice::Permit;
use crate::edge::visit::Visitor;
use crate::edge::{clock, reply, settings};
use crate::job::step::StepId;
use crate::job::{Call, Effect, Failure, Reply};
use crate::model::exchange::{Exchange, Record};
use crate::page::simhash::simhash;
use crate::page::{Language, Limits, Page};
use crate::research::{PageId, PageRecord};
use std::rc::Rc;
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
    /// What a model was asked and what it said.
    pub exchanges: Vec<Exchange>,
}

/// What every attempt of a job needs.
pub struct Performer {
    /// The platform's bindings.
    pub env: Env,
    /// All settings.
    pub config: Rc<Config>,
    /// Whose job it is.
    pub owner: String,
    /// What each model was seen to understand.
    pub dialects: Dialects,
    /// Withdrawn when the job is ended by its owner.
    pub permit: Permit,
}

/// Longest excerpt kept with a page, in characters.
const EXCERPT_CHARS_MAX: usize = 300;

impl Performer {
    /// Performs one attempt. `stored` gives the text of a page of this job.
    pub async fn perform(
        &self,
        effect: Effect,
        stored: impl Fn(PageId) -> Result<String, Failure>,
    ) -> Performed {
        let Effect { step, attempt, deadline_at, model, call } = effect;
        let timeout_ms = deadline_at.ms_since(clock::now()).max(1);
        let mut text = None;
        let record = Record::default();
        let asking = Asking { model: model.as_ref(), attempt, record: &record };
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
                    self.analyze(task, passage_bytes_max, asking, &stored(page)?).await
                }
                Call::Think(task) => self.think(&task, asking).await,
            }
        };
        let outcome = clock::in_time(timeout_ms, work).await;
        Performed { step, attempt, outcome, text, exchanges: record.into_inner() }
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
}

fn library_down(error: &worker::Error) -> Failure {
    crate::edge::log::error("library", error);
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
