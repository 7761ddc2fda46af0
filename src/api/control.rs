//! Bodies of `POST /v1/research/{id}/steer` and `POST /v1/research/{id}/fork`.

use crate::api::ApiError;
use crate::api::request::{BODY_BYTES_MAX, Fields, json_object};
use crate::job::budget::{ROUNDS_MAX, SOURCES_MAX};
use crate::research::SUB_QUESTIONS_MAX;
use crate::research::request::{Budget, ResearchRequest, Steering};
use crate::research::sources::Source;
use crate::research::structured::OutputSchema;
use serde_json::{Map, Value};

/// A copy to be made of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkOrder {
    /// Last round that is copied.
    pub from_round: u32,
    /// What the copy looks for beyond the original.
    pub steering: Steering,
    /// What the copy may do where it differs.
    changes: Changes,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Changes {
    max_sources: Option<u32>,
    max_iterations: Option<u32>,
    topic: Option<String>,
    deep: Option<bool>,
    budget: Option<Budget>,
    webhook_url: Option<String>,
    output_schema: Option<OutputSchema>,
    sources: Option<Vec<Source>>,
    language: Option<String>,
}

/// Longest focus or added question, in characters.
const TEXT_CHARS_MAX: usize = 500;

/// Reads a steering: `focus`, `questions`, `include_domains`, `exclude_domains`, at least one of them. `add_questions`,
/// `add_domains` and `block_domains` are other names for the lists.
pub fn steering(body: &[u8]) -> Result<Steering, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut fields = Fields::of(&object);
    let steering = fields.steering();
    if steering == Steering::default() && fields.problems.is_empty() {
        fields.problems.push(
            "nothing to steer by: send `focus`, `questions`, `include_domains` or `exclude_domains`".into(),
        );
    }
    fields.done(steering)
}

/// Reads a fork: `from_round`, and `changes` with what a steering or a request may hold.
pub fn fork_order(body: &[u8]) -> Result<ForkOrder, ApiError> {
    let object = json_object(body, BODY_BYTES_MAX)?;
    let mut fields = Fields::of(&object);
    let from_round = fields.count(&["from_round", "fromRound"], ROUNDS_MAX);
    if from_round.is_none() && fields.problems.is_empty() {
        fields.problems.push("`from_round` is required: the last round to copy, from 1".into());
    }
    let none = Map::new();
    let members = match fields.get(&["changes"]) {
        None => &none,
        Some((_, Value::Object(members))) => members,
        Some(_) => {
            fields.problems.push("`changes` must be an object".into());
            &none
        }
    };
    let mut inner = Fields::of(members);
    let order = ForkOrder {
        from_round: from_round.unwrap_or(1),
        steering: inner.steering(),
        changes: Changes {
            max_sources: inner.count(&["max_sources", "maxSources"], SOURCES_MAX),
            max_iterations: inner.count(&["max_iterations", "maxIterations"], ROUNDS_MAX),
            topic: inner.topic(),
            deep: members.contains_key("deep").then(|| inner.flag("deep")),
            budget: members.contains_key("budget").then(|| inner.budget()),
            webhook_url: inner.webhook_url(),
            output_schema: inner.output_schema(),
            language: inner.language(),
            sources: members.contains_key("sources").then(|| inner.sources()),
        },
    };
    fields.problems.extend(inner.problems.into_iter().map(|p| format!("in `changes`: {p}")));
    fields.done(order)
}

impl ForkOrder {
    /// The request of the copy, the round to copy to, and what it is steered by from there.
    #[must_use]
    pub fn applied_to(self, mut request: ResearchRequest) -> (ResearchRequest, u32, Option<Steering>) {
        let Self { from_round, steering, changes } = self;
        request.max_sources = changes.max_sources.or(request.max_sources);
        request.max_iterations = changes.max_iterations.or(request.max_iterations);
        request.topic = changes.topic.or(request.topic);
        request.deep = changes.deep.unwrap_or(request.deep);
        request.budget = changes.budget.unwrap_or(request.budget);
        request.language = changes.language.or(request.language);
        request.sources = changes.sources.unwrap_or(request.sources);
        request.output_schema = changes.output_schema.or(request.output_schema);
        // The copy's end is told where the copy says, if at all; what the original followed up came with its facts.
        request.webhook_url = changes.webhook_url;
        request.previous_id = None;
        // It was asked for in our own words.
        request.wording = None;
        let steering = (steering != Steering::default()).then_some(steering);
        (request, from_round, steering)
    }
}

impl Fields<'_> {
    fn steering(&mut self) -> Steering {
        Steering {
            focus: self.text("focus", TEXT_CHARS_MAX),
            questions: self.texts(&["questions", "add_questions"]),
            include_domains: self.domains(&["include_domains", "add_domains", "includeDomains"]),
            exclude_domains: self.domains(&["exclude_domains", "block_domains", "excludeDomains"]),
        }
    }

    fn texts(&mut self, names: &[&'static str]) -> Vec<String> {
        let Some((name, value)) = self.get(names) else { return Vec::new() };
        let texts: Option<Vec<String>> = value
            .as_array()
            .map(|items| items.iter().map(|i| i.as_str().map(|t| t.trim().to_owned())).collect())
            .unwrap_or_default();
        let fits = |t: &String| !t.is_empty() && t.chars().count() <= TEXT_CHARS_MAX;
        match texts {
            Some(texts) if texts.len() <= SUB_QUESTIONS_MAX && texts.iter().all(fits) => texts,
            _ => {
                self.problems.push(format!(
                    "`{name}` must be a list of at most {SUB_QUESTIONS_MAX} questions of at most {TEXT_CHARS_MAX} characters"
                ));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steering_is_read_under_both_names_of_its_lists() {
        let one = steering(br#"{"questions":[" How? "],"exclude_domains":["X.example"]}"#).unwrap();
        let other = steering(br#"{"add_questions":["How?"],"block_domains":["x.example"]}"#).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.questions, ["How?"]);
    }

    #[test]
    fn a_steering_that_says_nothing_or_nonsense_is_refused() {
        for body in [
            "{}",
            r#"{"questions":[]}"#,
            r#"{"questions":"How?"}"#,
            r#"{"questions":[""]}"#,
            r#"{"focus":7}"#,
            r#"{"exclude_domains":["https://a.b/c"]}"#,
        ] {
            assert_eq!(steering(body.as_bytes()).unwrap_err().status(), 400, "{body}");
        }
    }

    #[test]
    fn a_fork_changes_what_it_names_and_keeps_the_rest() {
        let original = ResearchRequest {
            query: "q".into(),
            max_sources: Some(5),
            max_iterations: Some(2),
            webhook_url: Some("https://x.example/".into()),
            ..ResearchRequest::default()
        };
        let order =
            fork_order(br#"{"from_round":1,"changes":{"max_sources":20,"focus":"cost","deep":true,"sources":["library"],"language":"de"}}"#)
                .unwrap();
        let (request, round, steering) = order.applied_to(original);
        assert_eq!(
            (round, request.max_sources, request.max_iterations, request.deep),
            (1, Some(20), Some(2), true)
        );
        assert_eq!((request.webhook_url, request.sources.len()), (None, 1));
        assert_eq!(request.language.as_deref(), Some("de"));
        assert_eq!(steering.unwrap().focus.as_deref(), Some("cost"));
    }

    #[test]
    fn a_fork_without_a_round_is_refused_with_all_its_problems() {
        let error = fork_order(br#"{"changes":{"max_sources":0,"budget":{"max_pages":0}}}"#).unwrap_err();
        let text = error.to_string();
        for name in ["`from_round`", "`max_sources`", "`max_pages`"] {
            assert!(text.contains(name), "{name} is missing in {text}");
        }
    }
}
