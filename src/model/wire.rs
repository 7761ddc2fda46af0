//! The seam between prompts and the APIs of models: one request, one reply, whatever is spoken in between.

mod failure;

pub use failure::{Feature, ModelFailure};
pub(super) use failure::{Refusal, garbage, refused};

use super::chain::Api;
use super::prompt::Prompt;
use super::{anthropic, gemini, openai};
use crate::job::budget::Tokens;
use crate::web::http::{HttpReply, HttpRequest, Method};
use serde_json::Value;

/// A longer reply body fails the call: 16,000 tokens x 4 bytes, escaped and wrapped, is about 200 KB; reasoning text may
/// come on top of it.
pub const REPLY_BYTES_MAX: usize = 2_000_000;
/// Room for hidden reasoning where the reply's limit counts it: what providers spend on short tasks at medium effort.
pub const REASONING_TOKENS: u32 = 8_000;

/// Where a model answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What it speaks.
    pub api: Api,
    /// Base URL with or without its version segment, such as `https://api.openai.com` or `http://127.0.0.1:8080/v1`;
    /// empty for a binding.
    pub base_url: String,
    /// Its key, when the server wants one.
    pub api_key: Option<String>,
    /// Model name as the server knows it.
    pub model: String,
    /// One call is given up after this long.
    pub timeout_ms: u64,
}

impl std::fmt::Debug for Endpoint {
    /// Never shows the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("api", &self.api)
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key.as_ref().map(|_| "set"))
            .field("model", &self.model)
            .finish()
    }
}

/// How a model is told to answer in JSON, strongest first. What each means is the API's own affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonMode {
    /// With the schema of the reply.
    Schema,
    /// In the API's second way.
    Object,
    /// By the prompt's words alone.
    Instruction,
}

impl JsonMode {
    /// The next weaker mode.
    #[must_use]
    pub fn weaker(self) -> Option<Self> {
        match self {
            Self::Schema => Some(Self::Object),
            Self::Object => Some(Self::Instruction),
            Self::Instruction => None,
        }
    }
}

/// What a model was seen to understand. Begins strong, and gives way to what the server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// How to ask for JSON.
    pub json: JsonMode,
    /// The limit of the reply is called `max_completion_tokens`, not `max_tokens`.
    pub completion_tokens: bool,
    /// Whether that name was changed already: a server that refuses both takes neither.
    renamed: bool,
    /// The reply's limit leaves room for hidden reasoning.
    pub reasoning: bool,
    /// The rules stand at the head of the user's message: the model knows no system role.
    pub system_in_user: bool,
}

impl Dialect {
    /// What to begin with.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let newer = endpoint.api == Api::OpenAi && openai::counts_reasoning(&endpoint.base_url);
        Self {
            json: JsonMode::Schema,
            completion_tokens: newer,
            renamed: false,
            reasoning: newer || endpoint.api == Api::Gemini,
            system_in_user: false,
        }
    }

    /// The dialect without a feature that was refused; `None` when nothing is left to give up.
    #[must_use]
    pub fn without(self, feature: Feature) -> Option<Self> {
        match feature {
            Feature::ReplyFormat => self.json.weaker().map(|json| Self { json, ..self }),
            Feature::TokenLimitName if self.renamed => None,
            // Whoever asks for the newer name counts reasoning, too.
            Feature::TokenLimitName => Some(Self {
                completion_tokens: !self.completion_tokens,
                reasoning: !self.completion_tokens,
                renamed: true,
                ..self
            }),
            Feature::LongReply => self.reasoning.then_some(Self { reasoning: false, ..self }),
            Feature::ShortReply => (!self.reasoning).then_some(Self { reasoning: true, ..self }),
            Feature::SystemRole => (!self.system_in_user).then_some(Self { system_in_user: true, ..self }),
        }
    }

    /// Most tokens of the reply to `prompt`, reasoning included.
    #[must_use]
    pub fn reply_tokens(self, prompt: &Prompt) -> u32 {
        let reasoning = if self.reasoning { REASONING_TOKENS } else { 0 };
        prompt.reply_tokens_max.saturating_add(reasoning)
    }
}

/// Changes of dialect within one attempt at most: two weaker ways of JSON, the limit's name, its room, the system role.
pub const ADAPTATIONS_MAX: usize = 5;

/// Why the reply ends where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model was done, or the server does not say.
    Stop,
    /// Cut at the token limit; whole elements can still be used.
    Length,
}

/// A model's reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Its text, never empty.
    pub text: String,
    /// What it cost, hidden reasoning included; zero when the server does not say.
    pub tokens: Tokens,
    /// Whether it is whole.
    pub finish: Finish,
}

/// The call for one prompt; `None` where the API is a binding rather than a server. No temperature is sent: reasoning
/// models refuse any but their own.
#[must_use]
pub fn request(endpoint: &Endpoint, prompt: &Prompt, dialect: Dialect) -> Option<HttpRequest> {
    match endpoint.api {
        Api::OpenAi => Some(openai::request(endpoint, prompt, dialect)),
        Api::Anthropic => Some(anthropic::request(endpoint, prompt, dialect)),
        Api::Gemini => Some(gemini::request(endpoint, prompt, dialect)),
        Api::WorkersAi => None,
    }
}

/// Reads a reply.
///
/// # Errors
/// See [`ModelFailure`]. Causes never hold the key, whatever the server says.
pub fn parse(endpoint: &Endpoint, reply: &HttpReply) -> Result<Completion, ModelFailure> {
    let parsed = match endpoint.api {
        Api::OpenAi => openai::parse(reply),
        Api::Anthropic => anthropic::parse(reply),
        Api::Gemini => gemini::parse(reply),
        Api::WorkersAi => Err(garbage("a binding answers without HTTP")),
    };
    parsed.map_err(|failure| failure.without_secret(endpoint.api_key.as_deref()))
}

/// A POST of JSON to a model, with the API's own headers.
pub(super) fn post(endpoint: &Endpoint, url: String, own: Vec<(&str, String)>, body: &Value) -> HttpRequest {
    let common = [("content-type", "application/json".to_owned()), ("accept", "application/json".to_owned())];
    let headers = common.into_iter().chain(own).map(|(name, value)| (name.to_owned(), value)).collect();
    HttpRequest {
        method: Method::Post,
        url,
        headers,
        body: Some(body.to_string()),
        timeout_ms: endpoint.timeout_ms,
        reply_bytes_max: REPLY_BYTES_MAX,
    }
}

/// The body as JSON, if it is.
pub(super) fn json_body(reply: &HttpReply) -> Option<Value> {
    serde_json::from_str(&String::from_utf8_lossy(&reply.body)).ok()
}

/// A count of the reply's usage; 0 when it is not told.
pub(super) fn counted(body: &Value, pointer: &str) -> u64 {
    body.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// `base` with `version` and `path` behind it, whatever part of them it has already. A base with any version segment in
/// its path keeps that one.
pub(super) fn versioned(base: &str, version: &str, path: &str) -> String {
    let base = base.trim().trim_end_matches('/');
    if base.ends_with(path) {
        return base.to_owned();
    }
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    let has_version = rest.split('/').skip(1).any(|segment| {
        segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    if has_version { format!("{base}{path}") } else { format!("{base}/{version}{path}") }
}

#[cfg(test)]
pub(super) mod tests;
