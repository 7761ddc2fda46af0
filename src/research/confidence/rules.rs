//! The rules of `classes.txt`, looked up by host and path.

use super::SourceClass;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The class that a rule gives to a page; `None` when nothing lists it. `host` is in lower case, without `www.` and
/// port, `path` in lower case.
pub(super) fn listed(host: &str, path: &str) -> Option<SourceClass> {
    let rules = &*RULES;
    let domains = || suffixes(host);
    let by_path = domains().find_map(|domain| {
        let own = rules.paths.get(domain)?;
        own.iter().filter(|(rule, _)| begins(path, rule)).max_by_key(|(rule, _)| rule.len()).map(|(_, c)| *c)
    });
    if by_path.is_some() {
        return by_path;
    }
    let by_domain = domains().find_map(|domain| {
        let class = rules.domains.get(domain).or_else(|| rules.endings.get(country_ending(domain)?))?;
        Some((domain.len() == host.len(), *class))
    });
    let by_label = host
        .split_once('.')
        .filter(|(_, rest)| rest.contains('.'))
        .and_then(|(label, _)| rules.labels.get(label).copied());
    match (by_domain, by_label) {
        (Some((false, _)) | None, Some(class)) | (Some((_, class)), _) => Some(class),
        (None, None) => {
            let parts = || path.split('/').filter(|p| !p.is_empty()).take(PATH_PARTS_MAX);
            parts().find_map(|part| rules.any_path.get(part).copied())
        }
    }
}

/// How many rules there are, and of which class.
#[must_use]
pub fn rules_of(class: SourceClass) -> usize {
    lines().filter(|(of, _)| *of == class).count()
}

/// Parts of a path that are looked at; an address is at most a few thousand characters, and tells by its beginning.
const PATH_PARTS_MAX: usize = 16;

const TEXT: &str = include_str!("classes.txt");

static RULES: LazyLock<Rules> = LazyLock::new(Rules::read);

#[derive(Default)]
struct Rules {
    domains: BTreeMap<&'static str, SourceClass>,
    /// `gov` of `gov.??`.
    endings: BTreeMap<&'static str, SourceClass>,
    /// `forum` of `forum.*`.
    labels: BTreeMap<&'static str, SourceClass>,
    /// By domain.
    paths: BTreeMap<&'static str, Vec<(&'static str, SourceClass)>>,
    /// `docs` of `*/docs`.
    any_path: BTreeMap<&'static str, SourceClass>,
}

impl Rules {
    fn read() -> Self {
        let mut rules = Self::default();
        for (class, rule) in lines() {
            if let Some(part) = rule.strip_prefix("*/") {
                rules.any_path.insert(part, class);
            } else if let Some((domain, path)) = rule.split_once('/') {
                rules.paths.entry(domain).or_default().push((path, class));
            } else if let Some(label) = rule.strip_suffix(".*") {
                rules.labels.insert(label, class);
            } else if let Some(second) = rule.strip_suffix(".??") {
                rules.endings.insert(second, class);
            } else {
                rules.domains.insert(rule, class);
            }
        }
        rules
    }
}

fn lines() -> impl Iterator<Item = (SourceClass, &'static str)> {
    let mut class = None;
    TEXT.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(
        move |line| match line.strip_prefix('[').and_then(|head| head.strip_suffix(']')) {
            Some(head) => {
                class = SourceClass::ALL.into_iter().find(|c| c.name() == head);
                None
            }
            None => Some((class?, line)),
        },
    )
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |rest| rest.split_once('.').map(|(_, tail)| tail))
}

/// `gov` of `gov.uk`.
fn country_ending(domain: &str) -> Option<&str> {
    let (second, country) = domain.split_once('.')?;
    (country.len() == 2 && country.bytes().all(|b| b.is_ascii_lowercase())).then_some(second)
}

fn begins(path: &str, rule: &str) -> bool {
    let mut parts = path.split('/').filter(|p| !p.is_empty());
    rule.split('/').all(|wanted| {
        let Some(part) = parts.next() else { return false };
        match wanted.split_once('*') {
            Some((head, tail)) => {
                part.len() >= head.len().saturating_add(tail.len())
                    && part.starts_with(head)
                    && part.ends_with(tail)
            }
            None => part == wanted,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_rule_of_some_class_and_stands_once() {
        let rules: Vec<&str> = lines().map(|(_, rule)| rule).collect();
        assert!(rules.len() > 900, "{}", rules.len());
        let mut sorted = rules.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), rules.len());
        for rule in rules {
            assert!(!rule.contains(|c: char| c.is_whitespace() || c.is_uppercase()), "{rule}");
        }
        for head in TEXT.lines().filter_map(|l| l.strip_prefix('[')?.strip_suffix(']')) {
            assert!(SourceClass::ALL.iter().any(|c| c.name() == head), "{head}");
        }
        for class in SourceClass::ALL {
            assert_eq!(rules_of(class) > 20, class != SourceClass::Website, "{class:?}");
        }
    }

    #[test]
    fn the_longest_rule_that_fits_decides() {
        use SourceClass::{Community, PeerReviewed, Primary, Publisher, UserGenerated};
        for (host, path, class) in [
            ("bls.gov", "/x", Some(Primary)),
            ("ncbi.nlm.nih.gov", "/pmc/articles/pmc1/", Some(PeerReviewed)),
            ("nature.com", "/articles/s41586-1", Some(PeerReviewed)),
            ("nature.com", "/articles/d41586-1", Some(Publisher)),
            ("users.rust-lang.org", "/t/1", Some(Community)),
            ("docs.github.com", "/en", Some(Primary)),
            ("docs.google.com", "/d/1", Some(UserGenerated)),
            ("github.com", "/a/b/issues/1", Some(Community)),
            ("github.com", "/a/b/blob/main/x.md", Some(Primary)),
            ("notreddit.com", "/", None),
            ("gov.uk", "/", Some(Primary)),
            ("gov.example", "/", None),
            ("docs.com", "/", None),
            ("some.site", "/en/docs/x", Some(Primary)),
            ("nytimes.com", "/en/docs/x", Some(Publisher)),
        ] {
            assert_eq!(listed(host, path), class, "{host}{path}");
        }
    }
}
