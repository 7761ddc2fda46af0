//! Thinking: one task to one model of the chain, in as many parts as its context wants, or to the built-in analyst.

use super::Performer;
use crate::edge::{ai, entropy, outgoing, turn};
use crate::job::budget::Tokens;
use crate::job::event::Evidence;
use crate::job::{Failure, Reply};
use crate::model::chain::{Api, ModelRef};
use crate::model::exchange::{Exchange, Record};
use crate::model::fit::{self, Window};
use crate::model::prompt::{self, Prompt};
use crate::model::wire::{self, ADAPTATIONS_MAX, Completion, Dialect, Endpoint, Finish, ModelFailure};
use crate::model::{AnalyzeTask, Answer, Task, extractive, merge, parse, workers_ai};
use crate::order::sort_by_key;
use crate::research::analyze;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Attempts at a task whose answers cannot be read: a model that failed twice tends to fail the same way again.
const UNREADABLE_MAX: u32 = 2;
/// Times that a prompt is halved because the model finds it too long: a window that is off by more than four is a wrong
/// setting.
const HALVINGS_MAX: usize = 2;

/// What each model was seen to understand, by its name.
pub type Dialects = RefCell<BTreeMap<String, Dialect>>;

/// Who is asked, and where what is said is kept.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    /// None for the built-in analyst.
    pub(super) model: Option<&'a ModelRef>,
    /// Which attempt.
    pub(super) attempt: u32,
    /// Every prompt and what came of it.
    pub(super) record: &'a Record,
}

/// What came of a task.
pub(super) struct Thought {
    answer: Answer,
    tokens: Tokens,
    /// What the model was not shown.
    loss: Option<String>,
}

/// A task as a model is asked it.
struct Fitted {
    tasks: Vec<Task>,
    lost: Option<&'static str>,
}

impl Performer {
    /// Finds what a stored page says.
    pub(super) async fn analyze(
        &self,
        mut task: AnalyzeTask,
        passage_bytes_max: usize,
        asking: Asking<'_>,
        text: &str,
    ) -> Result<Reply, Failure> {
        let look = merge::look(&task);
        // A model is shown what bears on the question's own words, too, whatever its plan made of them.
        let asked = if asking.model.is_some() {
            &[&look.sub_questions[..], &task.sub_questions].concat()
        } else {
            &task.sub_questions
        };
        let ranked = turn::in_turn(|| analyze::Ranked::of(text, asked, &task.question)).await;
        // The built-in analyst reads more of a page than a model, whose tokens cost.
        let passages = ranked.within(extractive::PASSAGE_BYTES_MAX);
        if passages.is_empty() {
            return Ok(Reply::Evidence(Evidence::default()));
        }
        let shown = AnalyzeTask { passages, ..task.clone() };
        let claims_max = task.claims_max;
        let thought = match asking.model {
            None => built_in(&Task::Analyze(shown.clone())).await,
            Some(model) => {
                task.claims_max = merge::claims_asked(claims_max);
                task.passages = ranked.within(passage_bytes_max);
                let whole = task.passages.len();
                // As many calls as were reserved; what still does not fit is left out, the least fitting passages first.
                let first = fit::passage_room(&task, passage_bytes_max, Window::of(model));
                let fitted = |window| {
                    let bare = AnalyzeTask { passages: Vec::new(), ..task.clone() };
                    let room = fit::passage_room(&bare, passage_bytes_max, window);
                    let room = fit::PassageRoom { parts: room.parts.min(first.parts), ..room };
                    let passages = ranked.within(room.bytes());
                    let lost = (passages.len() < whole).then_some("pages were analysed in part");
                    let tasks = fit::parts(&AnalyzeTask { passages, ..bare }, room);
                    Fitted { tasks: tasks.into_iter().map(Task::Analyze).collect(), lost }
                };
                self.ask_fitting(model, asking, fitted).await?
            }
        };
        let Answer::Claims(mut claims) = thought.answer else {
            return Err(Failure::transient("the analyst answered another question"));
        };
        if claims.len() > claims_max {
            sort_by_key(&mut claims, |claim| Reverse(claim.relevance));
            claims.truncate(claims_max);
        }
        let page = analyze::Checked::of(text);
        let verified = turn::in_turn(|| page.verify(claims)).await;
        // The built-in analyst is asked only where there is room for what it adds.
        let claims = if asking.model.is_none() || verified.claims.len() >= claims_max {
            verified.claims
        } else {
            let look = AnalyzeTask { passages: shown.passages, ..look };
            let Answer::Claims(found) = built_in(&Task::Analyze(look.clone())).await.answer else {
                return Err(Failure::transient("the built-in analyst answered another question"));
            };
            let found = merge::placed(found, &look, &task.sub_questions);
            let found = turn::in_turn(|| page.verify(found)).await;
            merge::claims(verified.claims, verified.dropped, found.claims, claims_max)
        };
        let claims = claims.into_iter().map(|c| (c.claim, c.start, c.end)).collect();
        let (tokens, loss) = (thought.tokens, thought.loss);
        Ok(Reply::Evidence(Evidence {
            claims,
            repaired: verified.repaired,
            dropped: verified.dropped,
            tokens,
            loss,
        }))
    }

    /// Any other thinking.
    pub(super) async fn think(&self, task: &Task, asking: Asking<'_>) -> Result<Reply, Failure> {
        let Thought { answer, tokens, loss } = match asking.model {
            None => built_in(task).await,
            Some(model) => {
                let fitted = |window| {
                    let (task, lost) = fit::trimmed(task, window);
                    Fitted { tasks: vec![task], lost }
                };
                let thought = self.ask_fitting(model, asking, fitted).await?;
                let (answer, stood_in) = turn::in_turn(|| merge::answer(task, thought.answer)).await;
                let loss = thought.loss.or_else(|| stood_in.map(str::to_owned));
                Thought { answer, loss, ..thought }
            }
        };
        Ok(Reply::Thought { answer, tokens, loss })
    }

    /// Asks within the model's window, and with less when the model finds even that too long.
    async fn ask_fitting(
        &self,
        model: &ModelRef,
        asking: Asking<'_>,
        fitted: impl Fn(Window) -> Fitted,
    ) -> Result<Thought, Failure> {
        let unset = || Failure::permanent(format!("the model {model} is no longer configured"));
        let endpoint = self.config.models.endpoint(model).ok_or_else(unset)?;
        let mut window = Window::of(model);
        let mut too_long = String::new();
        for _ in 0..=HALVINGS_MAX {
            let Fitted { tasks, lost } = turn::in_turn(|| fitted(window)).await;
            match self.ask_all(endpoint, &tasks, window, asking).await {
                Ok((answer, tokens)) => {
                    let name = &model.model;
                    let loss = lost.map(|what| format!("{what}: the context of {name} holds no more"));
                    return Ok(Thought { answer, tokens, loss });
                }
                Err(ModelFailure::ContextTooLong { cause }) => {
                    let used = tasks.iter().map(|task| fit::tokens_with_reply(task, window)).max();
                    window = window.halved(used.unwrap_or(0));
                    too_long = cause;
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Failure::Declined { cause: too_long })
    }

    /// Asks for each part of a task, one after the other, and joins the answers.
    async fn ask_all(
        &self,
        endpoint: &Endpoint,
        tasks: &[Task],
        window: Window,
        asking: Asking<'_>,
    ) -> Result<(Answer, Tokens), ModelFailure> {
        let mut claims = Vec::new();
        let mut tokens = Tokens::default();
        for task in tasks {
            let (answer, taken) = match self.ask(endpoint, task, window, asking).await {
                Ok(answered) => answered,
                // The parts before it were paid too.
                Err(ModelFailure::Failed(Failure::Unreadable { cause, tokens: taken, again })) => {
                    let tokens = tokens.plus(taken);
                    return Err(failed(Failure::Unreadable { cause, tokens, again }));
                }
                Err(other) => return Err(other),
            };
            tokens = tokens.plus(taken);
            match answer {
                Answer::Claims(found) => claims.extend(found),
                whole => return Ok((whole, tokens)),
            }
        }
        Ok((Answer::Claims(claims), tokens))
    }

    async fn ask(
        &self,
        endpoint: &Endpoint,
        task: &Task,
        window: Window,
        asking: Asking<'_>,
    ) -> Result<(Answer, Tokens), ModelFailure> {
        let marker = entropy::bytes::<8>().map_err(|e| failed(Failure::transient(e.to_string())))?;
        let marker = format!("{:016x}", u64::from_be_bytes(marker));
        let mut prompt = prompt::prompt(task, &marker);
        prompt.reply_tokens_max = window.reply_tokens(prompt.reply_tokens_max);
        for _ in 0..=ADAPTATIONS_MAX {
            let dialect = self.dialect(endpoint);
            let outcome = self.exchange(endpoint, &prompt, dialect).await;
            let said = outcome.as_ref().map(|c| c.text.as_str()).map_err(ModelFailure::cause);
            asking.record.borrow_mut().push(Exchange::of(&endpoint.model, &prompt, said));
            match outcome {
                Ok(completion) => return read(task, completion, asking.attempt),
                Err(ModelFailure::Unsupported { feature, cause }) => match dialect.without(feature) {
                    // Another call may have found out more in the meantime.
                    Some(_) if self.dialect(endpoint) != dialect => {}
                    Some(adapted) => {
                        self.dialects.borrow_mut().insert(endpoint.model.clone(), adapted);
                    }
                    None => return Err(failed(ModelFailure::Unsupported { feature, cause }.into())),
                },
                Err(other) => return Err(other),
            }
        }
        Err(failed(Failure::permanent("the model's server refuses every way of asking")))
    }

    async fn exchange(
        &self,
        endpoint: &Endpoint,
        prompt: &Prompt,
        dialect: Dialect,
    ) -> Result<Completion, ModelFailure> {
        match wire::request(endpoint, prompt, dialect) {
            Some(request) => {
                let reply = outgoing::send(&request, &self.permit).await.map_err(failed)?;
                wire::parse(endpoint, &reply)
            }
            None => {
                debug_assert_eq!(endpoint.api, Api::WorkersAi);
                self.permit.check().map_err(failed)?;
                let input = workers_ai::input(prompt, dialect);
                match ai::run(&self.env, &endpoint.model, &input.to_string()).await {
                    Ok(output) => workers_ai::parse(&output),
                    Err(thrown) => Err(workers_ai::thrown(&thrown)),
                }
            }
        }
    }

    fn dialect(&self, endpoint: &Endpoint) -> Dialect {
        let known = self.dialects.borrow().get(&endpoint.model).copied();
        known.unwrap_or_else(|| Dialect::of(endpoint))
    }
}

async fn built_in(task: &Task) -> Thought {
    let answer = turn::in_turn(|| extractive::answer(task)).await;
    Thought { answer, tokens: Tokens::default(), loss: None }
}

/// The answer in a model's words.
fn read(task: &Task, completion: Completion, attempt: u32) -> Result<(Answer, Tokens), ModelFailure> {
    let answer = parse::answer(task, &completion.text).map_err(|cause| {
        let cut = if completion.finish == Finish::Length { " (it was cut at its token limit)" } else { "" };
        let cause = format!("the model's answer cannot be used: {cause}{cut}");
        failed(Failure::Unreadable { cause, tokens: completion.tokens, again: attempt < UNREADABLE_MAX })
    })?;
    Ok((answer, completion.tokens))
}

fn failed(failure: Failure) -> ModelFailure {
    ModelFailure::Failed(failure)
}
