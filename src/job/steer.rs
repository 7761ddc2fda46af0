//! What a change of course means for the next round.

use crate::job::budget::Spend;
use crate::job::step::{Analyst, Step, StepId, StepState};
use crate::job::{Job, Timestamp};
use crate::research::request::Steering;
use crate::research::{PageId, SUB_QUESTIONS_MAX};
use url::Url;

/// Sub-questions that steering may add: as many again as a plan may have.
const ADDED_QUESTIONS_MAX: usize = SUB_QUESTIONS_MAX;
/// Words of the question that go into the query for a focus: what a person would type.
const QUERY_WORDS_MAX: usize = 8;
/// Why pages of a blocked domain count for nothing.
const BLOCKED: &str = "its domain was excluded by the owner";

impl Job {
    /// Questions of steering that counts from the next round on, each once.
    pub(super) fn steered_questions(&self) -> Vec<String> {
        let known = self.sub_questions();
        let room = ADDED_QUESTIONS_MAX.saturating_sub(self.added_questions.len());
        let mut added: Vec<String> = Vec::new();
        for question in self.pending().flat_map(|s| &s.questions) {
            if !known.contains(question) && !added.contains(question) && added.len() < room {
                added.push(question.clone());
            }
        }
        added
    }

    /// What to search for because of steering: each added question, and each focus with the question's own words.
    pub(super) fn steered_queries(&self) -> Vec<String> {
        let question: Vec<&str> = self.question().split_whitespace().take(QUERY_WORDS_MAX).collect();
        let focus = self.pending().filter_map(|s| s.focus.as_ref());
        let focus = focus.map(|focus| format!("{focus} {}", question.join(" ")));
        self.steered_questions().into_iter().chain(focus).collect()
    }

    /// Takes what excluded domains said out of the evidence, and what is on its way from them too: never means never.
    pub(super) fn drop_excluded(&mut self, at: Timestamp) {
        let rules = self.domain_rules();
        let excluded = |url: &str| {
            Url::parse(url).is_ok_and(|url| {
                let host = crate::web::canonical::host_key(&url);
                rules.exclude.iter().any(|rule| crate::web::canonical::domain_matches(&host, rule))
            })
        };
        let read = |page: &PageId| self.pages.get(page).is_some_and(|p| excluded(&p.url));
        let pages: Vec<PageId> = self
            .chosen
            .iter()
            .filter(|(page, c)| excluded(&c.url) || read(page))
            .map(|(page, _)| *page)
            .collect();
        for page in pages {
            self.findings.retain(|_, finding| finding.page != page);
            self.rejected.insert(page, BLOCKED.to_owned());
            for step in [StepId::Read(page), StepId::Analyze(page)] {
                let known = self.steps.entry(step).or_insert(Step {
                    attempts: 0,
                    failures: 0,
                    analyst: Analyst::Configured,
                    started_at: at,
                    held: Spend::default(),
                    state: StepState::Waiting { retry_at: at },
                });
                if !known.is_settled() {
                    known.state = StepState::Failed { cause: BLOCKED.to_owned() };
                }
            }
        }
    }

    fn pending(&self) -> impl Iterator<Item = &Steering> {
        self.steerings.iter().skip(self.steerings_applied)
    }
}
