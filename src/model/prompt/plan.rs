//! The prompt that takes a question apart. It holds nothing but the question: what plans never reads pages.

use super::{Prompt, QUESTION_CHARS_MAX, language_line, object, strings};
use crate::model::PlanTask;
use crate::model::merge::queries_asked;
use crate::text::clip;
use serde_json::json;

/// Reply cap: 5 sub-questions and 3 queries of 40 tokens and 5 kinds of evidence of 10, and as much for JSON and slack.
const PLAN_TOKENS_MAX: u32 = 900;
/// Most sub-questions asked for: their sections are written side by side with the summary, on six connections.
const SUB_QUESTIONS_MAX: usize = 5;
/// What settles a question. Words of a list are short, and mean the same in every plan.
const EVIDENCE: [&str; 8] = [
    "official documentation",
    "release notes",
    "law or standard",
    "measured figure",
    "peer-reviewed study",
    "news report",
    "expert opinion",
    "any",
];

pub(super) fn plan(task: &PlanTask) -> Prompt {
    let system = format!(
        "You plan web research. Take the question apart into the sub-questions that must be answered to answer \
         it fully, and write the first web search queries.\n\
         Rules:\n\
         - Stay within the question: no sub-question about things it does not ask for. A simple question has one.\n\
         - Each sub-question stands alone: name its subject, use no pronouns.\n\
         - `evidence` names, for each sub-question in order, the kind of evidence that would settle it, one of: {}.\n\
         - Queries are 3 to 8 key words as a person would type them; each looks for something different; together they \
         cover all sub-questions. Quotes around an exact name, `OR` between two names of one thing and `site:` before the \
         domain of the one who must know are allowed where they clearly help, in a third of the queries at most.\n\
         - Use the question's language; where most sources on the subject are written in another, write some queries in \
         that one. Take today's date into account when the question depends on time: the newest state is wanted unless \
         the question names another.\n\
         Reply with JSON only, in this shape:\n\
         {{\"sub_questions\": [\"What is X?\", \"How does X compare with Y?\"], \"evidence\": [\"official documentation\", \
         \"measured figure\"], \"queries\": [\"X definition\", \"X vs Y benchmark\"]}}",
        EVIDENCE.join(", ")
    );
    let topic = task.topic.as_deref().map(|t| format!("Topic: {}\n", clip(t, 100))).unwrap_or_default();
    let user = format!(
        "Today: {}\n{topic}{}At most {} sub-questions and {} queries.\nQuestion: {}",
        task.today,
        language_line("Sub-questions in", task.language.as_deref()),
        task.sub_questions_max.min(SUB_QUESTIONS_MAX),
        queries_asked(task.queries_max),
        clip(&task.question, QUESTION_CHARS_MAX)
    );
    Prompt {
        system,
        user,
        schema_name: "plan",
        schema: Some(object(&[
            ("sub_questions", strings()),
            ("evidence", json!({"type": "array", "items": {"type": "string", "enum": EVIDENCE}})),
            ("queries", strings()),
        ])),
        reply_tokens_max: PLAN_TOKENS_MAX,
    }
}
