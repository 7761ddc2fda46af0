//! The prompt that looks for what is missing. It holds facts, and no page.

use super::{NOTE_CHARS_MAX, Prompt, QUESTION_CHARS_MAX, UNTRUSTED_RULE, fenced, object, opening, strings};
use crate::model::ReflectTask;
use crate::model::merge::queries_asked;
use crate::text::clip;

/// Reply cap of a reflection: 3 queries of 40 tokens, four times.
const REFLECT_TOKENS_MAX: u32 = 500;

pub(super) fn reflect(task: &ReflectTask, marker: &str) -> Prompt {
    let system = format!(
        "You steer web research. Given what was found for each sub-question, write the web search queries that would \
         close the gaps.\n{}\
         Rules:\n\
         - Sub-questions that are not covered come first; then facts that rest on one host, contradict each other or are old.\n\
         - Where the kind of evidence that is expected is named, look for that kind.\n\
         - Use names and terms from the facts found. Never repeat a query that was asked, nor the same words in another order.\n\
         - 3 to 8 key words each, without URLs; quotes around an exact name and `site:` before a domain only where they clearly help. An empty list when nothing worth asking is left.\n\
         Reply with JSON only, in this shape:\n\
         {{\"queries\": [\"tokio work stealing scheduler latency\"]}}",
        UNTRUSTED_RULE
    );
    let mut user = format!(
        "Today: {}\nQuestion: {}\nAt most {} queries.\nAlready asked:\n",
        task.today,
        clip(&task.question, QUESTION_CHARS_MAX),
        queries_asked(task.queries_max)
    );
    for query in &task.asked {
        user.push_str(&format!("- {}\n", clip(query, 300)));
    }
    user.push_str(&opening(marker));
    for (place, coverage) in task.coverage.iter().enumerate() {
        let state = if coverage.covered { "covered" } else { "NOT covered" };
        user.push_str(&format!(
            "{}. {} ({state}, {} hosts)\n",
            place + 1,
            fenced(&coverage.sub_question, marker, NOTE_CHARS_MAX),
            coverage.hosts
        ));
        if let Some(evidence) = task.evidence.get(place).filter(|text| !text.is_empty() && !coverage.covered)
        {
            user.push_str(&format!("   expected: {}\n", fenced(evidence, marker, 200)));
        }
        for fact in coverage.facts.iter().take(12) {
            user.push_str(&format!("   - {}\n", fenced(fact, marker, 300)));
        }
    }
    user.push_str(&format!("{marker}>>>\nNow the JSON."));
    Prompt {
        system,
        user,
        schema_name: "queries",
        schema: Some(object(&[("queries", strings())])),
        reply_tokens_max: REFLECT_TOKENS_MAX,
    }
}
