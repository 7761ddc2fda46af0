//! Settings, read once from a lookup closure and validated as a whole.

pub mod access;
pub mod model;
pub mod reading;
pub mod search;
pub mod spending;

use crate::account::Quotas;
use crate::config::access::Access;
use crate::config::model::Models;
use crate::config::reading::Reading;
use crate::config::search::Search;
use crate::job::budget::Prices;
use crate::web::admission::Admission;
use std::fmt;
use url::Url;

/// Everything a deployment can set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who may use the API: `API_KEYS`, `ALLOW_ANONYMOUS`, `ADMIN_KEY`, `METRICS_TOKEN`.
    pub access: Access,
    /// Where to search: `SEARCH` and the providers' own settings.
    pub search: Search,
    /// Who thinks: `MODEL`, its three variants and the APIs' own settings.
    pub models: Models,
    /// Which URLs may be fetched: `ALLOW_PRIVATE_HOSTS`.
    pub admission: Admission,
    /// Address under which the deployment is reached: `PUBLIC_URL`; without one, the request's own origin.
    pub public_url: Option<Url>,
    /// How pages are read: `SITE_DELAY_MS`, `SITE_CONNECTIONS`, `PAGE_CACHE_S`.
    pub reading: Reading,
    /// What outside work costs: `PRICES`.
    pub prices: Prices,
    /// What an owner without quotas of its own may do: `QUOTA_*`.
    pub quotas: Quotas,
    /// How long a finished job is kept, in milliseconds: `RETENTION_DAYS`; none for ever.
    pub retention_ms: Option<u64>,
    /// Waits before each attempt at a webhook, in milliseconds: `WEBHOOK_RETRIES_S`.
    pub webhook_retries_ms: Vec<u64>,
}

/// Every problem of the settings at once, so that one restart is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// One sentence each: which setting, what is wrong, what to set. Never the value: it may be a secret that was put into
    /// the wrong place, and `/health` shows these sentences to anybody.
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings have {} problem(s): {}", self.problems.len(), self.problems.join("; "))
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads all settings through `lookup`, which gives a setting's text or `None`; blank counts as not set.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings { lookup: &lookup, problems: Vec::new() };
        let access = settings.access();
        let search = settings.noted_all(search::search(|name| settings.text(name)));
        let models = settings.models();
        let admission = settings.admission();
        let reading = reading::reading(|name| settings.text(name));
        let reading = reading.map_err(|problems| settings.problems.extend(problems)).ok();
        let public_url = settings.url("PUBLIC_URL");
        let prices = spending::prices(&settings.text("PRICES").unwrap_or_default());
        let prices = settings.noted(prices).unwrap_or_default();
        let quotas = spending::quotas(|name| settings.text(name)).unwrap_or_else(|problems| {
            settings.problems.extend(problems);
            Quotas::default()
        });
        let retention = spending::retention_ms(settings.text("RETENTION_DAYS").as_deref());
        let retention_ms = settings.noted(retention).flatten();
        let retries = spending::webhook_retries_ms(settings.text("WEBHOOK_RETRIES_S").as_deref());
        let webhook_retries_ms = settings.noted(retries).unwrap_or_default();
        match (access, search, admission, reading) {
            (Some(access), Some(search), Some(admission), Some(reading)) if settings.problems.is_empty() => {
                Ok(Self {
                    access,
                    search,
                    models,
                    admission,
                    reading,
                    public_url,
                    prices,
                    quotas,
                    retention_ms,
                    webhook_retries_ms,
                })
            }
            _ => Err(ConfigError { problems: settings.problems }),
        }
    }
}

struct Settings<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl Settings<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    }

    fn problem<T>(&mut self, problem: impl Into<String>) -> Option<T> {
        self.problems.push(problem.into());
        None
    }

    /// The value, or the problem on the list.
    fn noted<T>(&mut self, read: Result<T, String>) -> Option<T> {
        read.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// The value, or all its problems on the list.
    fn noted_all<T>(&mut self, read: Result<T, Vec<String>>) -> Option<T> {
        read.map_err(|problems| self.problems.extend(problems)).ok()
    }

    fn flag(&mut self, name: &str) -> Option<bool> {
        match self.text(name).as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("0" | "false" | "no" | "off") => Some(false),
            Some("1" | "true" | "yes" | "on") => Some(true),
            Some(_) => self.problem(format!("{name} is neither true nor false: set 1 or 0")),
        }
    }

    fn url(&mut self, name: &str) -> Option<Url> {
        let text = self.text(name)?;
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
            _ => self
                .problem(format!("{name} is not an http(s) URL: set one such as https://search.example.org")),
        }
    }

    fn access(&mut self) -> Option<Access> {
        let keys = self.text("API_KEYS").unwrap_or_default();
        let anonymous = self.flag("ALLOW_ANONYMOUS");
        let admin_key = self.text("ADMIN_KEY");
        let metrics_token = self.text("METRICS_TOKEN");
        let access = Access::new(&keys, anonymous.unwrap_or(false), admin_key.as_deref())
            .and_then(|access| access.with_metrics_token(metrics_token.as_deref()));
        match access {
            Ok(access) => Some(access),
            Err(problem) => self.problem(problem),
        }
    }

    fn admission(&mut self) -> Option<Admission> {
        match Admission::new(&self.text("ALLOW_PRIVATE_HOSTS").unwrap_or_default()) {
            Ok(admission) => Some(admission),
            Err(problem) => self.problem(format!("ALLOW_PRIVATE_HOSTS: {problem}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn nothing_set_gives_a_closed_deployment_that_needs_no_key() {
        let config = config(&[]).unwrap();
        assert!(config.models.chains.is_empty());
        assert!(config.access.authenticate(None).is_err());
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let error = config(&[
            ("SEARCH", "searxng,brave,altavista"),
            ("MODEL", "openai"),
            ("ALLOW_ANONYMOUS", "perhaps"),
            ("PUBLIC_URL", "ftp://x"),
            ("ALLOW_PRIVATE_HOSTS", "nonsense"),
        ])
        .unwrap_err();
        let text = error.to_string();
        for name in [
            "SEARCH names an unknown",
            "SEARXNG_URL",
            "BRAVE_API_KEY",
            "OPENAI_MODEL",
            "ALLOW_ANONYMOUS",
            "PUBLIC_URL",
            "ALLOW_PRIVATE_HOSTS",
        ] {
            assert!(text.contains(name), "{name} is missing in: {text}");
        }
    }
}
