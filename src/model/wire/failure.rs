//! What models' servers say when they do not answer, by what to do next.

use crate::job::Failure;
use crate::text::one_line;
use crate::web::http::HttpReply;
use serde_json::Value;

/// Why there is no usable reply, by what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelFailure {
    /// Wait and ask again, or give up, as the [`Failure`] says.
    Failed(Failure),
    /// Ask again without this feature.
    Unsupported {
        /// Which.
        feature: Feature,
        /// One sentence for a person.
        cause: String,
    },
    /// This prompt never fits this model: ask with less material, or give up.
    ContextTooLong {
        /// One sentence for a person.
        cause: String,
    },
}

/// What a server may not understand, or a model not manage with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// The way in which JSON was asked for.
    ReplyFormat,
    /// The name of the reply's limit.
    TokenLimitName,
    /// A limit of the reply with room for reasoning: more than the model ever writes.
    LongReply,
    /// A limit of the reply without room for reasoning: it was used up before the answer began.
    ShortReply,
    /// The system role.
    SystemRole,
}

impl From<ModelFailure> for Failure {
    fn from(failure: ModelFailure) -> Self {
        match failure {
            ModelFailure::Failed(failure) => failure,
            // A reply that is cut before it begins may begin next time; nothing else changes by itself.
            ModelFailure::Unsupported { feature: Feature::ShortReply, cause } => Self::transient(cause),
            ModelFailure::Unsupported { cause, .. } => Self::permanent(cause),
            ModelFailure::ContextTooLong { cause } => Self::Declined { cause },
        }
    }
}

/// Keys shorter than this are not looked for in causes: they would be found in any text.
const SECRET_BYTES_MIN: usize = 6;

impl ModelFailure {
    /// One sentence for a person.
    #[must_use]
    pub fn cause(&self) -> &str {
        match self {
            Self::Failed(failure) => failure.cause(),
            Self::Unsupported { cause, .. } | Self::ContextTooLong { cause } => cause,
        }
    }

    /// The same without the key, should the server have repeated it.
    pub(super) fn without_secret(mut self, secret: Option<&str>) -> Self {
        let cause = match &mut self {
            Self::Failed(failure) => failure.cause_mut(),
            Self::Unsupported { cause, .. } | Self::ContextTooLong { cause } => cause,
        };
        if let Some(secret) = secret.filter(|s| s.len() >= SECRET_BYTES_MIN) {
            *cause = cause.replace(secret, "[key]");
        }
        self
    }
}

/// Most characters of the other side's error text that are passed on to a person.
const CAUSE_CHARS_MAX: usize = 200;

/// What another side says, short enough for a sentence.
fn brief(text: &str) -> String {
    one_line(text).chars().take(CAUSE_CHARS_MAX).collect()
}

/// A reply that is no answer; another may be.
pub(in crate::model) fn garbage(cause: &str) -> ModelFailure {
    ModelFailure::Failed(Failure::transient(cause))
}

/// The model would not answer; asking again does not change its mind.
pub(in crate::model) fn refused(why: &str) -> ModelFailure {
    let colon = if why.trim().is_empty() { String::new() } else { format!(": {}", brief(why)) };
    ModelFailure::Failed(Failure::Declined { cause: format!("the model refused{colon}") })
}

/// An error as the server tells it.
pub(in crate::model) struct Refusal<'a> {
    /// Its status, or the one that it stands for.
    pub(in crate::model) status: u16,
    /// With the server's headers.
    pub(in crate::model) reply: &'a HttpReply,
    /// The whole error.
    pub(in crate::model) body: Option<&'a Value>,
    /// How long to wait, where the body says so, in milliseconds.
    pub(in crate::model) retry_after_ms: Option<u64>,
}

/// Where servers put the sentence for a person, in the order in which they are looked at.
const MESSAGES: [&str; 9] = [
    "/error/message",
    "/error",
    "/message",
    "/0/error/message",
    "/errors/0/message",
    "/detail/0/msg",
    "/detail",
    "/msg",
    "/error/metadata/raw",
];

/// Names of the reply's limit.
const LIMIT_NAMES: [&str; 3] = ["max_completion_tokens", "max_tokens", "maxoutputtokens"];
/// The reply's limit has another name here.
const UNKNOWN: [&str; 5] = ["unsupported", "not supported", "unrecognized", "unknown", "extra"];
/// The reply's limit is beyond what the model ever writes.
const BEYOND: [&str; 3] = ["too large", "supported range", "maximum allowed number of output"];
/// The prompt is longer than the model's window: OpenAI, llama.cpp, vLLM, Anthropic, Gemini, Workers AI.
const TOO_LONG: [&str; 12] = [
    "context_length_exceeded",
    "exceed_context_size",
    "context length",
    "context window",
    "context size",
    "exceed context limit",
    "prompt is too long",
    "too many tokens",
    "input token count",
    "request_too_large",
    "too large for model",
    "reduce the length of the messages",
];
/// A way of asking for JSON is not taken: OpenAI's, llama.cpp's grammars, Anthropic's tools, Gemini's schema.
const FORMAT: [&str; 15] = [
    "response_format",
    "json_schema",
    "json_object",
    "structured output",
    "grammar",
    "json mode",
    "json_validate_failed",
    "tool_choice",
    "input_schema",
    "output_config",
    "tools.0",
    "does not support tools",
    "response_schema",
    "responseschema",
    "response_mime_type",
];
/// The account is empty, and waiting does not fill it.
const NO_CREDIT: [&str; 5] = [
    "insufficient_quota",
    "credit balance is too low",
    "enforced_spend_limit_reached",
    "insufficient credits",
    "daily free allocation",
];
/// The key is wrong, whatever the status says: Gemini answers 400.
const WRONG_KEY: [&str; 4] = ["api_key_invalid", "api key not valid", "invalid x-api-key", "invalid_api_key"];

impl Refusal<'_> {
    /// What to do about it.
    pub(in crate::model) fn failure(self) -> ModelFailure {
        let Self { status, reply, body, retry_after_ms } = self;
        let said = body.and_then(|b| MESSAGES.iter().find_map(|at| b.pointer(at).and_then(Value::as_str)));
        let message = said.map(brief).unwrap_or_default();
        let lower = body.map(|b| b.to_string().to_lowercase()).unwrap_or_default();
        let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
        let colon = if message.is_empty() { String::new() } else { format!(": {message}") };
        let permanent = |cause: String| ModelFailure::Failed(Failure::Permanent { cause });
        let unsupported = |feature, what: &str| ModelFailure::Unsupported {
            feature,
            cause: format!("the model server does not take this {what} ({status}){colon}"),
        };
        let refused_input = matches!(status, 400 | 413 | 415 | 422 | 500 | 501);
        match status {
            // The message may repeat the key.
            401 | 403 => permanent(wrong_key(status)),
            400 if says(&WRONG_KEY) => permanent(wrong_key(status)),
            402 => permanent(format!("the model account has no credit left (402){colon}")),
            400 | 429 if says(&NO_CREDIT) => {
                permanent(format!("the model account has no quota left ({status}){colon}"))
            }
            404 | 405 => permanent(format!(
                "the model server knows no such model or path ({status}){colon}; check the model name and base URL"
            )),
            _ if refused_input && (status == 413 || says(&TOO_LONG)) => ModelFailure::ContextTooLong {
                cause: format!("the prompt is too long for the model ({status}){colon}"),
            },
            _ if refused_input && says(&LIMIT_NAMES) && says(&UNKNOWN) => {
                unsupported(Feature::TokenLimitName, "limit of the reply")
            }
            _ if refused_input && says(&LIMIT_NAMES) && says(&BEYOND) => {
                unsupported(Feature::LongReply, "limit of the reply")
            }
            _ if refused_input && says(&FORMAT) => unsupported(Feature::ReplyFormat, "reply format"),
            _ if refused_input && says(&["system"]) && says(&["role"]) && says(&["support", "only user"]) => {
                unsupported(Feature::SystemRole, "system role")
            }
            _ => {
                let quiet = HttpReply { status, headers: reply.headers.clone(), body: message.into_bytes() };
                match quiet.success("the model server") {
                    Err(Failure::Transient { cause, retry_after_ms: told }) => {
                        let retry_after_ms = told.max(retry_after_ms.map(|ms| ms.min(RETRY_AFTER_MS_MAX)));
                        ModelFailure::Failed(Failure::Transient { cause, retry_after_ms })
                    }
                    Err(failure) => ModelFailure::Failed(failure),
                    Ok(_) => garbage("the model server reported an error without a status"),
                }
            }
        }
    }
}

/// A wait beyond this is treated as this: longer than any job's deadline is as good as never.
const RETRY_AFTER_MS_MAX: u64 = 15 * 60 * 1_000;

fn wrong_key(status: u16) -> String {
    format!("the model server refused the key ({status}); check the model key and what it may use")
}
