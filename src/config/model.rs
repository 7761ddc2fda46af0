//! Who thinks: `MODEL`, `MODEL_PLAN`, `MODEL_ANALYZE`, `MODEL_WRITE`, `MODEL_TIMEOUT_S`, and the settings of each API.

use super::Settings;
use crate::model::chain::{
    Api, CHAIN_MAX, CONTEXT_TOKENS_HOSTED, Chains, Duty, ModelRef, TIMEOUT_S, TIMEOUT_S_LOCAL, TIMEOUT_S_MAX,
};
use crate::model::extractive;
use crate::model::wire::{Dialect, Endpoint, REASONING_TOKENS};
use crate::model::workers_ai;
use std::collections::BTreeMap;
use url::{Host, Url};

/// The models of a deployment.
#[derive(Clone, Debug, Default)]
pub struct Models {
    /// Who is asked for what.
    pub chains: Chains,
    /// Where each model of the chains answers.
    endpoints: Vec<Endpoint>,
}

/// What is assumed of a server on a private address: what llama.cpp and Ollama are usually started with, or more. Servers
/// that cut too long a prompt without a word would lose the rules, which stand first.
const CONTEXT_TOKENS_LOCAL: u32 = 8_192;
/// Below this the rules and a question leave no room for a page.
const CONTEXT_TOKENS_MIN: u32 = 2_048;
/// No model writes a plan in less.
const TIMEOUT_S_MIN: u32 = 10;
/// More is a typing error.
const CONTEXT_TOKENS_MAX: u32 = 10_000_000;
/// Longest name of a model, in bytes; the longest in use are paths of about 100.
const NAME_BYTES_MAX: usize = 200;

impl Models {
    /// Where a model answers that a job remembers; `None` when it is no longer configured.
    #[must_use]
    pub fn endpoint(&self, model: &ModelRef) -> Option<&Endpoint> {
        self.endpoints.iter().find(|e| e.api == model.api && e.model == model.model)
    }
}

/// The settings of one API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// The model that is meant when `MODEL` names the API alone.
    pub model: &'static str,
    /// Its key; none for a binding.
    pub key: Option<&'static str>,
    /// Its address in place of the public one; none for a binding.
    pub base_url: Option<&'static str>,
    /// The public address.
    public: &'static str,
}

impl ApiSettings {
    /// Those of an API.
    #[must_use]
    pub fn of(api: Api) -> Self {
        let served =
            |model, key, base_url, public| Self { model, key: Some(key), base_url: Some(base_url), public };
        match api {
            Api::OpenAi => {
                served("OPENAI_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1")
            }
            Api::Anthropic => served(
                "ANTHROPIC_MODEL",
                "ANTHROPIC_API_KEY",
                "ANTHROPIC_BASE_URL",
                "https://api.anthropic.com",
            ),
            Api::Gemini => served(
                "GEMINI_MODEL",
                "GEMINI_API_KEY",
                "GEMINI_BASE_URL",
                "https://generativelanguage.googleapis.com",
            ),
            Api::WorkersAi => Self { model: "WORKERS_AI_MODEL", key: None, base_url: None, public: "" },
        }
    }
}

/// What each setting that names a chain is for; `MODEL` stands for those that are not set.
const DUTIES: [(Duty, &str); 3] =
    [(Duty::Plan, "MODEL_PLAN"), (Duty::Analyze, "MODEL_ANALYZE"), (Duty::Write, "MODEL_WRITE")];

impl Settings<'_> {
    /// All models; problems go onto the list.
    pub(super) fn models(&mut self) -> Models {
        let contexts = self.contexts();
        let timeout_s = self.timeout_s();
        let mut models = Models::default();
        let general = self.chain("MODEL");
        for (duty, name) in DUTIES {
            let named = if self.text(name).is_some() { self.chain(name) } else { general.clone() };
            let chain = named
                .into_iter()
                .map(|(api, model)| models.add(self, api, model, &contexts, timeout_s))
                .collect();
            match duty {
                Duty::Plan => models.chains.plan = chain,
                Duty::Analyze => models.chains.analyze = chain,
                Duty::Write => models.chains.write = chain,
            }
        }
        let mut used: Vec<Api> = models.endpoints.iter().map(|e| e.api).collect();
        used.sort_unstable();
        used.dedup();
        used.into_iter().for_each(|api| self.check(api));
        models
    }

    /// `anthropic:claude-sonnet-4-5,openai` as APIs and names; `extractive` ends a chain.
    fn chain(&mut self, setting: &str) -> Vec<(Api, String)> {
        let text = self.text(setting).unwrap_or_else(|| extractive::NAME.to_owned());
        let mut chain: Vec<(Api, String)> = Vec::new();
        let mut ended = false;
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            if ended {
                self.problems.push(format!(
                    "{setting} names a model after extractive, which cannot fail: put extractive last"
                ));
                break;
            }
            let (api, name) =
                part.split_once(':').map_or((part, None), |(api, name)| (api, Some(name.trim())));
            let api = api.trim().to_ascii_lowercase();
            if api == extractive::NAME && name.is_none() {
                ended = true;
                continue;
            }
            let Some(api) = Api::from_name(&api) else {
                self.problems.push(format!(
                    "{setting} names an API that is not known: use openai, anthropic, gemini, workers-ai or \
                     extractive, with :MODEL behind it where needed, or several with commas"
                ));
                continue;
            };
            let unnamed = ApiSettings::of(api).model;
            let name = match name {
                Some(name) => Some(name.to_owned()),
                None => self.text(unnamed),
            };
            let said = format!("{setting}={}", api.name());
            match name.filter(|n| !n.is_empty()) {
                None => self.problems.push(format!(
                    "{said} needs {unnamed}: set the model's name as its server knows it, or name it in {setting} as {}:NAME",
                    api.name()
                )),
                Some(name) if name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) => {
                    self.problems.push(format!("{said} has a model name of more than {NAME_BYTES_MAX} bytes or with control characters"));
                }
                Some(name) if chain.contains(&(api, name.clone())) => {}
                Some(name) => chain.push((api, name)),
            }
        }
        if chain.len() > CHAIN_MAX {
            self.problems.push(format!(
                "{setting} names {} models: at most {CHAIN_MAX} take over one after the other",
                chain.len()
            ));
        }
        chain
    }

    /// Whether what an API in use needs is there; each problem is told once, however often the API is named.
    fn check(&mut self, api: Api) {
        let settings = ApiSettings::of(api);
        let (Some(key), Some(base_url)) = (settings.key, settings.base_url) else {
            if self.text(workers_ai::BINDING).is_none() {
                self.problems.push(format!(
                    "MODEL names {} but the Worker has no binding {}: add [ai] with binding = \"{}\" to wrangler.toml \
                     (it exists on Cloudflare only), or name another API",
                    api.name(),
                    workers_ai::BINDING,
                    workers_ai::BINDING
                ));
            }
            return;
        };
        let key_set = self.text(key).is_some();
        if self.text(base_url).is_none() && !key_set {
            self.problems.push(format!("MODEL={} without {base_url} needs {key}", api.name()));
        }
        // What a header cannot hold would fail every call.
        if self.text(key).is_some_and(|k| !k.bytes().all(|b| b.is_ascii_graphic())) {
            self.problems.push(format!("{key} holds characters that no key has: set the key alone"));
        }
        if let Some(url) = self.url(base_url)
            && (!url.username().is_empty() || url.password().is_some() || url.query().is_some())
        {
            self.problems.push(format!(
                "{base_url} holds a name, a password or a query: set the address alone, and the key in {key}"
            ));
        }
    }

    /// `CONTEXT_TOKENS`: a number for all models, or `name=number` for single ones.
    fn contexts(&mut self) -> BTreeMap<String, u32> {
        let mut contexts = BTreeMap::new();
        for part in self.text("CONTEXT_TOKENS").unwrap_or_default().split(',').map(str::trim) {
            let (name, number) = part.rsplit_once('=').unwrap_or(("", part));
            match number.trim().parse::<u32>() {
                _ if part.is_empty() => {}
                Ok(n) if (CONTEXT_TOKENS_MIN..=CONTEXT_TOKENS_MAX).contains(&n) => {
                    contexts.insert(name.trim().to_owned(), n);
                }
                _ => self.problems.push(format!(
                    "CONTEXT_TOKENS must be a number of tokens from {CONTEXT_TOKENS_MIN} on such as 32768, or \
                     MODEL=NUMBER, or several with commas"
                )),
            }
        }
        contexts
    }

    /// `MODEL_TIMEOUT_S`: how long one call to any model may take.
    fn timeout_s(&mut self) -> Option<u32> {
        let text = self.text("MODEL_TIMEOUT_S")?;
        let seconds = text.parse::<u32>().ok().filter(|s| (TIMEOUT_S_MIN..=TIMEOUT_S_MAX).contains(s));
        if seconds.is_none() {
            self.problems.push(format!(
                "MODEL_TIMEOUT_S must be a whole number of seconds from {TIMEOUT_S_MIN} to {TIMEOUT_S_MAX}"
            ));
        }
        seconds
    }
}

impl Models {
    /// Adds a model where it is not known yet, and gives what jobs remember of it.
    fn add(
        &mut self,
        settings: &Settings<'_>,
        api: Api,
        model: String,
        contexts: &BTreeMap<String, u32>,
        timeout_s: Option<u32>,
    ) -> ModelRef {
        let names = ApiSettings::of(api);
        let base_url = names.base_url.and_then(|name| settings.text(name));
        let local = base_url.as_deref().is_some_and(is_private);
        let assumed = if local { CONTEXT_TOKENS_LOCAL } else { CONTEXT_TOKENS_HOSTED };
        let assumed_s = if local { TIMEOUT_S_LOCAL } else { TIMEOUT_S };
        let context_tokens = contexts.get(&model).or_else(|| contexts.get("")).copied().unwrap_or(assumed);
        let endpoint = Endpoint {
            api,
            base_url: base_url.unwrap_or_else(|| names.public.to_owned()),
            api_key: names.key.and_then(|name| settings.text(name)),
            model: model.clone(),
            timeout_ms: u64::from(timeout_s.unwrap_or(assumed_s)).saturating_mul(1_000),
        };
        let reasoning_tokens = if Dialect::of(&endpoint).reasoning { REASONING_TOKENS } else { 0 };
        if !self.endpoints.contains(&endpoint) {
            self.endpoints.push(endpoint);
        }
        ModelRef { api, model, context_tokens, reasoning_tokens, timeout_s: timeout_s.unwrap_or(assumed_s) }
    }
}

/// Whether a server is on this machine or in this network, as far as its address tells.
fn is_private(base_url: &str) -> bool {
    let Ok(url) = Url::parse(base_url) else { return false };
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Some(Host::Domain(name)) => {
            !name.contains('.') || name.ends_with(".local") || name.ends_with(".internal")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, ConfigError};
    use super::*;
    use crate::model::prompt::{self, Prompt};
    use crate::model::wire::{self, Feature};
    use crate::model::{ReflectTask, Task};

    fn config(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    fn chain(models: &[ModelRef]) -> String {
        models.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn an_openai_compatible_server_needs_no_key() {
        let config = config(&[
            ("MODEL", "OpenAI"),
            ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
            ("OPENAI_MODEL", "qwen"),
        ])
        .unwrap();
        assert_eq!(config.models.chains.name(), "qwen");
    }

    #[test]
    fn a_chain_names_models_in_the_order_in_which_they_take_over_and_each_duty_may_have_its_own() {
        let config = config(&[
            ("MODEL", "anthropic:claude-sonnet-4-5, openai:llama3.1:8b,openai, extractive"),
            ("MODEL_PLAN", "gemini"),
            ("MODEL_ANALYZE", "extractive"),
            ("ANTHROPIC_API_KEY", "k-anthropic"),
            ("OPENAI_API_KEY", "k-openai"),
            ("OPENAI_MODEL", "gpt-5-mini"),
            ("GEMINI_API_KEY", "k-gemini"),
            ("GEMINI_MODEL", "gemini-2.5-flash"),
        ])
        .unwrap();
        let Chains { plan, analyze, write } = &config.models.chains;
        assert_eq!(chain(plan), "gemini:gemini-2.5-flash");
        assert_eq!(chain(analyze), "");
        assert_eq!(chain(write), "anthropic:claude-sonnet-4-5,openai:llama3.1:8b,openai:gpt-5-mini");
        let endpoint = config.models.endpoint(&write[0]).unwrap();
        assert_eq!(
            (endpoint.base_url.as_str(), endpoint.api_key.as_deref()),
            ("https://api.anthropic.com", Some("k-anthropic"))
        );
        assert!(plan[0].reasoning_tokens > 0 && write[0].reasoning_tokens == 0);
    }

    #[test]
    fn a_server_of_ones_own_may_take_longer_and_a_setting_rules_both() {
        let local = [
            ("MODEL", "openai:qwen,anthropic:claude"),
            ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
            ("ANTHROPIC_API_KEY", "k"),
        ];
        let waits = |pairs: &[(&str, &str)]| -> Vec<(u64, u64)> {
            let models = config(pairs).unwrap().models;
            let of = |m: &ModelRef| (m.timeout_ms(), models.endpoint(m).unwrap().timeout_ms);
            models.chains.write.iter().map(of).collect()
        };
        assert_eq!(waits(&local), [(300_000, 300_000), (90_000, 90_000)]);
        let set: Vec<_> = local.into_iter().chain([("MODEL_TIMEOUT_S", "600")]).collect();
        assert_eq!(waits(&set), [(600_000, 600_000); 2]);
        let odd: Vec<_> = local.into_iter().chain([("MODEL_TIMEOUT_S", "5")]).collect();
        let problem = config(&odd).unwrap_err().to_string();
        assert!(
            problem.contains("MODEL_TIMEOUT_S must be a whole number of seconds from 10 to 600"),
            "{problem}"
        );
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once_and_no_value_is() {
        let error = config(&[
            ("MODEL", "anthropic,openai:sk-leaked-secret,altavista:x"),
            ("MODEL_PLAN", "gemini:g,workers-ai"),
            ("MODEL_WRITE", "extractive,openai:m"),
            ("GEMINI_BASE_URL", "http://user:hunter2@h"),
            ("OPENAI_API_KEY", "two words"),
            ("CONTEXT_TOKENS", "12"),
        ])
        .unwrap_err()
        .to_string();
        for said in [
            "MODEL=anthropic needs ANTHROPIC_MODEL",
            "MODEL names an API that is not known",
            "MODEL_PLAN=workers-ai needs WORKERS_AI_MODEL",
            "MODEL_WRITE names a model after extractive",
            "GEMINI_BASE_URL holds a name",
            "OPENAI_API_KEY holds characters",
            "CONTEXT_TOKENS must be",
        ] {
            assert!(error.contains(said), "{said} is missing in: {error}");
        }
        for secret in ["sk-leaked", "hunter2", "two words", "altavista"] {
            assert!(!error.contains(secret), "{error}");
        }
        let keyless = config(&[("MODEL", "anthropic:c,gemini:g,openai:o")]).unwrap_err().to_string();
        for key in ["ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY"] {
            assert!(keyless.contains(key), "{keyless}");
        }
    }

    /// The cells of an API's row in docs/providers.md.
    fn documented(api: &str) -> Vec<&'static str> {
        let rows = include_str!("../../docs/providers.md").lines();
        let row = rows
            .filter(|row| row.matches('|').count() == 7)
            .find(|row| row.starts_with(&format!("| `{api}` |")));
        row.unwrap_or_else(|| panic!("{api} is not in the table")).split('|').skip(1).collect()
    }

    fn words(cell: &'static str) -> impl Iterator<Item = &'static str> {
        cell.split('`').skip(1).step_by(2)
    }

    #[test]
    fn the_table_of_models_says_what_the_codecs_do() {
        for api in Api::ALL {
            let cells = documented(api.name());
            let settings = ApiSettings::of(api);
            for setting in [Some(settings.model), settings.key, settings.base_url].into_iter().flatten() {
                assert!(words(cells[1]).any(|word| word == setting), "{setting} of {}", api.name());
            }
            let endpoint = Endpoint {
                api,
                base_url: "http://h".into(),
                api_key: Some("k".into()),
                model: "m".into(),
                timeout_ms: 90_000,
            };
            let asked = sent(&endpoint);
            for word in words(cells[2]) {
                assert!(asked.contains(&format!("\"{word}\"")), "{} never sends {word}: {asked}", api.name());
            }
            let headers = wire::request(&endpoint, &prompt(), Dialect::of(&endpoint)).map(|r| r.headers);
            for name in words(cells[3]) {
                let sent = headers.iter().flatten().any(|(header, _)| header == name);
                assert!(sent, "{} sends no {name}", api.name());
            }
            for word in words(cells[4]) {
                assert!(codec(api).contains(word), "{} reads no {word}", api.name());
            }
            assert!(cells[5].contains(&CONTEXT_TOKENS_HOSTED.to_string()));
        }
        assert!(documented("openai")[5].contains(&CONTEXT_TOKENS_LOCAL.to_string()));
        assert_eq!(documented("extractive")[2].trim(), "");
    }

    /// Everything that an endpoint is sent for one prompt in its stronger two ways.
    fn sent(endpoint: &Endpoint) -> String {
        let first = Dialect::of(endpoint);
        let second = first.without(Feature::ReplyFormat).unwrap();
        let body = |dialect| match wire::request(endpoint, &prompt(), dialect) {
            Some(request) => request.body.unwrap_or_default(),
            None => workers_ai::input(&prompt(), dialect).to_string(),
        };
        [first, second].map(body).concat()
    }

    fn prompt() -> Prompt {
        let task = ReflectTask {
            question: "Why?".into(),
            coverage: Vec::new(),
            asked: Vec::new(),
            today: "2026-11-22".into(),
            queries_max: 3,
            evidence: Vec::new(),
        };
        prompt::prompt(&Task::Reflect(task), "K")
    }

    fn codec(api: Api) -> &'static str {
        match api {
            Api::OpenAi => include_str!("../model/openai.rs"),
            Api::Anthropic => include_str!("../model/anthropic.rs"),
            Api::Gemini => include_str!("../model/gemini.rs"),
            Api::WorkersAi => include_str!("../model/workers_ai.rs"),
        }
    }

    #[test]
    fn workers_ai_needs_its_binding() {
        let settings = [("MODEL", "workers-ai:@cf/meta/llama-3.3-70b-instruct-fp8-fast")];
        let error = config(&settings).unwrap_err().to_string();
        assert!(error.contains("no binding AI"), "{error}");
        let config = config(&[settings[0], ("AI", "bound")]).unwrap();
        assert_eq!(config.models.chains.name(), "@cf/meta/llama-3.3-70b-instruct-fp8-fast");
    }

    #[test]
    fn a_local_server_is_taken_to_hold_less_unless_it_is_said() {
        let context = |more: &[(&str, &str)]| {
            let mut settings = vec![("MODEL", "openai:m"), ("OPENAI_API_KEY", "k")];
            settings.extend_from_slice(more);
            config(&settings).unwrap().models.chains.write[0].context_tokens
        };
        assert_eq!(context(&[]), 128_000);
        for local in ["http://127.0.0.1:11434", "http://[::1]:1/v1", "http://10.0.0.7", "http://ollama:11434"]
        {
            assert_eq!(context(&[("OPENAI_BASE_URL", local)]), 8_192, "{local}");
        }
        assert_eq!(context(&[("OPENAI_BASE_URL", "https://openrouter.ai/api/v1")]), 128_000);
        assert_eq!(context(&[("CONTEXT_TOKENS", "16384,m=32768")]), 32_768);
        assert_eq!(context(&[("CONTEXT_TOKENS", "16384,other=32768")]), 16_384);
    }
}
