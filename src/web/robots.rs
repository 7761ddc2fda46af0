//! What a host's `robots.txt` allows (RFC 9309).

use crate::job::Timestamp;
use serde::{Deserialize, Serialize};
use url::{Position, Url};

/// The name by which sites address us in `robots.txt`, and with which the `User-Agent` header begins.
pub const PRODUCT: &str = "Footnote";
/// Bytes of the file that are read: RFC 9309 2.5 asks for 500 KiB at least, and robotxt looks at no more. By the one beyond
/// it sees that the last line was cut.
pub const ROBOTS_BYTES_MAX: usize = robotxt::BYTE_LIMIT + 1;
/// RFC 9309 2.4 allows a day; within an hour a site's owner sees that a change was understood.
const KEEP_MS: u64 = 60 * 60 * 1_000;
/// A file that could not be read is asked for again after this long. Until then nothing of the host is read.
const UNREACHABLE_MS: u64 = 60 * 1_000;
/// A longer `Crawl-delay` counts as this: with two pages a minute a job still gets something from its site in time.
const CRAWL_DELAY_MS_MAX: u64 = 30_000;

/// What asking for the file brought (RFC 9309 2.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RobotsFile {
    /// Its text, at most [`ROBOTS_BYTES_MAX`] bytes of it.
    Found(String),
    /// A status from 400 to 499 other than 429, or more than five redirects: everything is allowed.
    Unavailable,
    /// No answer, 429 or 5xx: nothing is allowed until it can be read.
    Unreachable,
}

impl RobotsFile {
    /// What a status other than 2xx and redirects stands for.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            429 | 500.. => Self::Unreachable,
            _ => Self::Unavailable,
        }
    }
}

/// The rules of one host for us.
#[derive(Clone, Debug)]
pub struct Rules {
    robots: Option<robotxt::Robots>,
    until: Timestamp,
}

impl Rules {
    /// The rules that follow from a file that was asked for at `at`.
    #[must_use]
    pub fn of(file: &RobotsFile, at: Timestamp) -> Self {
        let robots = match file {
            RobotsFile::Found(text) => Some(robotxt::Robots::parse(text.as_bytes(), PRODUCT)),
            RobotsFile::Unavailable => Some(robotxt::Robots::allow_all()),
            RobotsFile::Unreachable => None,
        };
        let keep_ms = if robots.is_some() { KEEP_MS } else { UNREACHABLE_MS };
        Self { robots, until: at.plus_ms(keep_ms) }
    }

    /// They may still be gone by.
    #[must_use]
    pub fn are_fresh(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Whether the page may be read; `None` while nobody can tell, because the file cannot be read.
    #[must_use]
    pub fn allow(&self, url: &Url) -> Option<bool> {
        self.robots.as_ref().map(|robots| robots.is_allowed(&url[Position::BeforePath..Position::AfterQuery]))
    }

    /// What the site asks to wait between two requests, in milliseconds, at most 30,000.
    #[must_use]
    pub fn crawl_delay_ms(&self) -> u64 {
        let delay = self.robots.as_ref().and_then(robotxt::Robots::crawl_delay);
        delay.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX).min(CRAWL_DELAY_MS_MAX))
    }

    /// The sitemaps that the file names, at most `max`.
    #[must_use]
    pub fn sitemaps(&self, max: usize) -> Vec<Url> {
        self.robots.iter().flat_map(|r| r.sitemaps()).take(max).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Rules {
        Rules::of(&RobotsFile::Found(text.into()), Timestamp(0))
    }

    fn allows(rules: &Rules, path: &str) -> bool {
        rules.allow(&Url::parse("https://example.org").unwrap().join(path).unwrap()).unwrap()
    }

    #[test]
    fn the_longest_match_counts_and_allow_wins_a_tie() {
        let rules = rules(
            "User-agent: *\nDisallow: /a\nAllow: /a/open\nDisallow: /b$\nAllow: /*.txt\nDisallow: /c/*/d\n",
        );
        for (path, allowed) in [
            ("/", true),
            ("/a", false),
            ("/a/x", false),
            ("/a/open/x", true),
            ("/b", false),
            ("/bc", true),
            ("/a.txt", true),
            ("/c/1/2/d/e", false),
            ("/c/d", true),
            ("/robots.txt", true),
        ] {
            assert_eq!(allows(&rules, path), allowed, "{path}");
        }
    }

    #[test]
    fn a_group_for_us_replaces_the_one_for_everybody_and_groups_of_one_name_are_merged() {
        let rules = rules(
            "user-agent: *\ndisallow: /\n\nUser-Agent: footnote\nUser-agent: other\nDisallow: /private # not this\n\n\
             User-agent: FOOTNOTE\nDisallow: /drafts?x=1\nCrawl-delay: 2.5\n",
        );
        assert!(allows(&rules, "/page"));
        assert!(!allows(&rules, "/private/x"));
        assert!(!allows(&rules, "/drafts?x=1&y=2"));
        assert!(allows(&rules, "/drafts"));
        assert_eq!(rules.crawl_delay_ms(), 2_500);
    }

    #[test]
    fn escapes_are_compared_by_what_they_stand_for() {
        let rules = rules("User-agent: *\nDisallow: /caf%C3%A9\nDisallow: /ü\n");
        assert!(!allows(&rules, "/café"));
        assert!(!allows(&rules, "/%C3%BC"));
    }

    #[test]
    fn a_missing_file_allows_everything_and_an_unreachable_one_says_nothing() {
        let url = Url::parse("https://example.org/x").unwrap();
        for (status, allowed) in
            [(404, Some(true)), (403, Some(true)), (410, Some(true)), (429, None), (503, None)]
        {
            let rules = Rules::of(&RobotsFile::of_status(status), Timestamp(0));
            assert_eq!(rules.allow(&url), allowed, "{status}");
        }
        assert!(!Rules::of(&RobotsFile::Unreachable, Timestamp(0)).are_fresh(Timestamp(60_000)));
        assert!(rules("").are_fresh(Timestamp(3_599_999)));
    }

    #[test]
    fn whatever_a_file_holds_there_are_rules() {
        for text in [
            "",
            "\u{feff}User-agent: *\nDisallow: /x",
            "<html>no</html>",
            "Disallow: /",
            &"Disallow: /a\n".repeat(60_000),
        ] {
            let _ = allows(&rules(text), "/x");
        }
        assert!(!allows(&rules("\u{feff}User-agent: *\nDisallow: /x"), "/x"));
        assert_eq!(rules("User-agent: *\nCrawl-delay: 1e9\n").crawl_delay_ms(), 30_000);
        assert_eq!(rules("User-agent: *\nCrawl-delay: -1\n").crawl_delay_ms(), 0);
    }
}
