//! Which models think for a job: for each duty a chain, of which one takes over where the one before it fails for good.
//! The built-in analyst stands behind every chain without being named.

use super::extractive;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The models of a job, best first. An empty chain leaves its duty to the built-in analyst from the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chains {
    /// For plans and follow-up queries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<ModelRef>,
    /// For reading pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analyze: Vec<ModelRef>,
    /// For outline, sections and summary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub write: Vec<ModelRef>,
}

/// Most models of one chain: each that is down may cost every step four tries before the next is asked.
pub const CHAIN_MAX: usize = 4;

/// What a model is asked for: the six tasks in three groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Take the question apart, think of follow-up queries.
    Plan,
    /// Read a page.
    Analyze,
    /// Outline, section, summary.
    Write,
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plan, Self::Analyze, Self::Write];
}

/// The APIs that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Api {
    /// Chat completions, by OpenAI or any server that is compatible.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic's Messages.
    #[serde(rename = "anthropic")]
    Anthropic,
    /// Google's `generateContent`.
    #[serde(rename = "gemini")]
    Gemini,
    /// The binding of Cloudflare's Workers AI.
    #[serde(rename = "workers-ai")]
    WorkersAi,
}

impl Api {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Anthropic, Self::Gemini, Self::WorkersAi];

    /// As settings, journals and replies spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::WorkersAi => "workers-ai",
        }
    }

    /// The API of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.name() == name)
    }
}

/// One model as a job remembers it; where it is and which key it wants only the deployment knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModelRef {
    /// How to talk to it.
    pub api: Api,
    /// Its name there.
    pub model: String,
    /// Tokens that it holds at once, prompt and reply together.
    pub context_tokens: u32,
    /// Tokens that its hidden reasoning may take beside the reply.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reasoning_tokens: u32,
    /// Seconds after which one call is given up; 0 stands for [`TIMEOUT_S`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timeout_s: u32,
}

/// Given up after this long: 4,000 reply tokens at a slow 50 tokens/s are 80 s.
pub const TIMEOUT_S: u32 = 90;
/// The same for a server in the own network: 1,000 reply tokens at 5 tokens/s behind two other calls are 600 s, half of
/// that is usual.
pub const TIMEOUT_S_LOCAL: u32 = 300;
/// A longer wait outlasts the quarter of an hour in which an alarm's handler must be done.
pub const TIMEOUT_S_MAX: u32 = 600;

impl ModelRef {
    /// One call is given up after this long.
    #[must_use]
    pub fn timeout_ms(&self) -> u64 {
        let seconds = if self.timeout_s == 0 { TIMEOUT_S } else { self.timeout_s };
        u64::from(seconds).saturating_mul(1_000)
    }
}

/// What is assumed where nothing is known: the smallest window among the hosted models in use.
pub const CONTEXT_TOKENS_HOSTED: u32 = 128_000;

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl fmt::Display for ModelRef {
    /// `anthropic:claude-sonnet-4-5`, as settings name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.api.name(), self.model)
    }
}

impl Chains {
    /// The same model for everything.
    #[must_use]
    pub fn of_one(model: ModelRef) -> Self {
        Self { plan: vec![model.clone()], analyze: vec![model.clone()], write: vec![model] }
    }

    /// What a journal means that names only its analyst.
    #[must_use]
    pub fn named(analyst: &str) -> Self {
        if analyst == extractive::NAME {
            return Self::default();
        }
        let (api, model) = (Api::OpenAi, analyst.to_owned());
        Self::of_one(ModelRef {
            api,
            model,
            context_tokens: CONTEXT_TOKENS_HOSTED,
            reasoning_tokens: 0,
            timeout_s: 0,
        })
    }

    /// The models of a duty, best first.
    #[must_use]
    pub fn of(&self, duty: Duty) -> &[ModelRef] {
        match duty {
            Duty::Plan => &self.plan,
            Duty::Analyze => &self.analyze,
            Duty::Write => &self.write,
        }
    }

    /// Whether the built-in analyst does everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Duty::ALL.iter().all(|duty| self.of(*duty).is_empty())
    }

    /// Whether a model of this API is among them.
    #[must_use]
    pub fn speaks(&self, api: Api) -> bool {
        Duty::ALL.iter().flat_map(|duty| self.of(*duty)).any(|model| model.api == api)
    }

    /// Who analyses, as replies say it: the first of each duty, each once, pages first.
    #[must_use]
    pub fn name(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for duty in [Duty::Analyze, Duty::Plan, Duty::Write] {
            let name = self.of(duty).first().map_or(extractive::NAME, |m| m.model.as_str());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_reads_back_as_itself_and_an_old_journal_has_one_model() {
        let chains = Chains::named("gpt-5-mini");
        let text = serde_json::to_string(&chains).unwrap();
        assert!(text.contains(r#""api":"openai","model":"gpt-5-mini""#), "{text}");
        assert_eq!(serde_json::from_str::<Chains>(&text).unwrap(), chains);
        assert!(Chains::named("extractive").is_empty());
        assert_eq!(serde_json::to_string(&Chains::default()).unwrap(), "{}");
    }

    #[test]
    fn the_name_tells_each_first_model_once() {
        assert_eq!(Chains::default().name(), "extractive");
        assert_eq!(Chains::named("m").name(), "m");
        let mixed = Chains { plan: Vec::new(), ..Chains::named("m") };
        assert_eq!(mixed.name(), "m, extractive");
    }

    #[test]
    fn every_api_has_a_name_of_its_own() {
        for api in Api::ALL {
            assert_eq!(Api::from_name(api.name()), Some(api));
            assert_eq!(serde_json::to_string(&api).unwrap(), format!("\"{}\"", api.name()));
        }
    }
}
