//! How pages are read: how close together a host is visited, how long others' readings will do, which sites are read through
//! their API, and who renders what only scripts make.

use crate::web::known::{Apis, Keys};
use crate::web::politeness::Pace;
use crate::web::render::Renderer;
use url::Url;

/// How pages are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// `SITE_DELAY_MS`, `SITE_CONNECTIONS`: how close together all jobs visit one host.
    pub pace: Pace,
    /// `PAGE_CACHE_S`, in milliseconds: a page that any job read so lately is not asked for again.
    pub cache_ms: u64,
    /// `SITE_APIS`, `GITHUB_API_KEY`, `STACKEXCHANGE_API_KEY`: sites that are read through their API.
    pub apis: Apis,
    /// `RENDER_URL`, `RENDER_TOKEN`: who renders pages that only scripts make.
    pub renderer: Option<Renderer>,
}

/// A page that was read within a quarter of an hour: what the jobs of one deadline share.
const CACHE_S: u64 = 15 * 60;
/// What is older is forgotten anyhow.
const CACHE_S_MAX: u64 = 24 * 60 * 60;
/// A longer delay than a site itself may ask for would end most reads.
const DELAY_MS_MAX: u64 = 30_000;
/// An invocation has no more connections.
const CONNECTIONS_MAX: u64 = 6;

/// Reads the settings through `lookup`; all problems at once.
///
/// # Errors
/// A sentence for each setting that cannot be used.
pub fn reading(lookup: impl Fn(&str) -> Option<String>) -> Result<Reading, Vec<String>> {
    let mut problems = Vec::new();
    let mut whole = |name: &str, usual: u64, least: u64, most: u64| match lookup(name) {
        None => usual,
        Some(text) => match text.parse::<u64>() {
            Ok(n) if (least..=most).contains(&n) => n,
            _ => {
                problems
                    .push(format!("{name} must be a whole number from {least} to {most}, such as {usual}"));
                usual
            }
        },
    };
    let usual = Pace::default();
    let delay_ms = whole("SITE_DELAY_MS", usual.delay_ms, 0, DELAY_MS_MAX);
    let connections = whole("SITE_CONNECTIONS", usual.connections as u64, 1, CONNECTIONS_MAX);
    let cache_ms = whole("PAGE_CACHE_S", CACHE_S, 0, CACHE_S_MAX).saturating_mul(1_000);
    let pace = Pace { delay_ms, connections: usize::try_from(connections).unwrap_or(usual.connections) };
    let keys = Keys { github: lookup("GITHUB_API_KEY"), stackexchange: lookup("STACKEXCHANGE_API_KEY") };
    let apis = Apis::new(&lookup("SITE_APIS").unwrap_or_default(), keys);
    let apis = apis.map_err(|problem| problems.push(problem)).unwrap_or_default();
    let renderer = renderer(&lookup).map_err(|problem| problems.push(problem)).unwrap_or_default();
    if problems.is_empty() { Ok(Reading { pace, cache_ms, apis, renderer }) } else { Err(problems) }
}

fn renderer(lookup: &impl Fn(&str) -> Option<String>) -> Result<Option<Renderer>, String> {
    let token = lookup("RENDER_TOKEN");
    if token.as_deref().is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err("RENDER_TOKEN holds a character that no token has: set the token alone".into());
    }
    match (lookup("RENDER_URL"), token) {
        (None, None) => Ok(None),
        (None, Some(_)) => {
            Err("RENDER_TOKEN is set but RENDER_URL is not: set where pages are rendered".into())
        }
        (Some(text), token) => {
            let url = Url::parse(&text).ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            let url =
                url.ok_or("RENDER_URL is not an http(s) URL: set one such as http://127.0.0.1:3000/content")?;
            Ok(Some(Renderer { url, token }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn a_host_is_visited_once_a_second_by_one_unless_the_operator_says_otherwise() {
        let usual = reading(set(&[])).unwrap();
        assert_eq!((usual.pace, usual.cache_ms), (Pace::default(), 900_000));
        let own = set(&[("SITE_DELAY_MS", "0"), ("SITE_CONNECTIONS", "6"), ("PAGE_CACHE_S", "0")]);
        let own = reading(own).unwrap();
        assert_eq!((own.pace, own.cache_ms), (Pace { delay_ms: 0, connections: 6 }, 0));
    }

    #[test]
    fn pages_are_rendered_only_where_the_operator_says_by_whom() {
        assert_eq!(reading(set(&[])).unwrap().renderer, None);
        let both = set(&[("RENDER_URL", "http://127.0.0.1:3000/content"), ("RENDER_TOKEN", "s3cret")]);
        let renderer = reading(both).unwrap().renderer.unwrap();
        assert_eq!((renderer.url.path(), renderer.token.as_deref()), ("/content", Some("s3cret")));
        for (wrong, says) in [
            (set(&[("RENDER_TOKEN", "s3cret")]), "RENDER_URL is not: set"),
            (set(&[("RENDER_URL", "s3cret")]), "RENDER_URL is not an http(s) URL"),
            (set(&[("RENDER_URL", "http://h/"), ("RENDER_TOKEN", "s3cret two")]), "RENDER_TOKEN holds"),
            (set(&[("SITE_APIS", "s3cret")]), "SITE_APIS"),
        ] {
            let problems = reading(wrong).unwrap_err().join("; ");
            assert!(problems.contains(says) && !problems.contains("s3cret"), "{problems}");
        }
    }

    #[test]
    fn every_setting_that_is_out_of_range_is_named() {
        let wrong = set(&[("SITE_DELAY_MS", "1s"), ("SITE_CONNECTIONS", "7"), ("PAGE_CACHE_S", "-1")]);
        let problems = reading(wrong).unwrap_err().join("; ");
        for name in ["SITE_DELAY_MS", "SITE_CONNECTIONS", "PAGE_CACHE_S"] {
            assert!(problems.contains(name), "{name}: {problems}");
        }
    }
}
