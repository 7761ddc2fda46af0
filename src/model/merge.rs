//! What the built-in analyst adds to a model's work: a small model overlooks things that a look at the words finds, and may
//! take the question for another. What it says stays; what answers the question's own words stands beside it.

use super::{
    AnalyzeTask, Answer, Coverage, FindingNote, OutlineTask, ReflectTask, SectionPlan, Task, extractive,
};
use crate::order::sort_by_key;
use crate::research::analyze::EvidencedClaim;
use crate::research::audit::audit;
use crate::research::figures::Figures;
use crate::research::{Claim, Finding, FindingId, PageId};
use crate::text::term_set;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Most claims added to those of a model about one page: of the facts that the built-in analyst finds for 45 questions with
/// known answers, nine in ten are among the six best claims of their page.
const ADDED_MAX: usize = 6;
/// Least relevance of a claim that is added where the model found something else on the page.
const RELEVANCE_MIN: u32 = 30;
/// The same where the model found nothing worth noting, which a good one says of a page that does not help.
const RELEVANCE_ALONE_MIN: u32 = 65;
/// Share of a claim's words, or of its stretch of the page, that another claim must hold to state the same.
const SAME_PERCENT: usize = 70;
/// A text of which less than this share of what was asked for is borne out gives way to the built-in analyst's.
const THIN_PERCENT: usize = 25;
/// A text of so many words is no thin one, whatever was asked for.
const ENOUGH_WORDS: usize = 120;
/// Fewest findings that one section is too few for, when they answer several sub-questions.
const ONE_SECTION_FINDINGS_MAX: usize = 8;

/// Share of the claims there may be about one page, in percent, that a model is asked for: its best. A claim is 50 tokens as a rule,
/// more than half a second of a reply that everybody waits for, and what it leaves out is looked for here.
const ASKED_PERCENT: usize = 40;

/// Claims that a model is asked for about one page when there may be `claims_max` in all, at least one.
#[must_use]
pub fn claims_asked(claims_max: usize) -> usize {
    claims_max.saturating_mul(ASKED_PERCENT).div_ceil(100).max(1)
}

/// Queries that a model is asked for when there may be `queries_max` in all: half, rounded up. The others are the built-in
/// analyst's, of the question's own words, so that a poor plan costs no more than half of what is looked for.
#[must_use]
pub const fn queries_asked(queries_max: usize) -> usize {
    queries_max.div_ceil(2)
}

/// What the built-in analyst is asked about a page beside a model: the question's own parts, whatever the model made of it.
#[must_use]
pub fn look(task: &AnalyzeTask) -> AnalyzeTask {
    AnalyzeTask { sub_questions: extractive::parts(&task.question), ..task.clone() }
}

/// The claims of such a look under the sub-questions of the plan: each under the one that has most words in common with
/// the claim and with the part of the question that it answers.
#[must_use]
pub fn placed(mut found: Vec<Claim>, looked: &AnalyzeTask, sub_questions: &[String]) -> Vec<Claim> {
    let asked: Vec<BTreeSet<String>> = sub_questions.iter().map(|q| term_set(q)).collect();
    for claim in &mut found {
        let part = place(claim.sub_question).and_then(|at| looked.sub_questions.get(at));
        let said = term_set(&format!("{} {}", claim.fact, part.map_or("", String::as_str)));
        let shared =
            |(at, asked): (usize, &BTreeSet<String>)| (asked.intersection(&said).count(), Reverse(at));
        let best = asked.iter().enumerate().map(shared).max();
        let at = best.map_or(0, |(_, Reverse(at))| at);
        claim.sub_question = u32::try_from(at).unwrap_or(0).saturating_add(1);
    }
    found
}

/// The index of a 1-based place.
fn place(sub_question: u32) -> Option<usize> {
    usize::try_from(sub_question).ok()?.checked_sub(1)
}

/// Adds to a model's checked claims about a page the best of the built-in analyst's that they do not state, at most
/// [`ADDED_MAX`]; where some of the model's did not stand the check (`dropped`), which is a sign that it cannot read the page,
/// all. Never more than `claims_max` together.
#[must_use]
pub fn claims(
    mut said: Vec<EvidencedClaim>,
    dropped: u32,
    mut found: Vec<EvidencedClaim>,
    claims_max: usize,
) -> Vec<EvidencedClaim> {
    let least = if said.is_empty() && dropped == 0 { RELEVANCE_ALONE_MIN } else { RELEVANCE_MIN };
    let added_max = if dropped == 0 { ADDED_MAX } else { claims_max };
    let room = said.len().saturating_add(added_max).min(claims_max);
    sort_by_key(&mut found, |claim| Reverse(claim.claim.relevance));
    for mut one in found {
        if said.len() >= room || one.claim.relevance < least {
            break;
        }
        if !said.iter().any(|other| states(other, &one)) {
            one.claim.built_in = true;
            said.push(one);
        }
    }
    said
}

/// Whether a claim rests on the same words of the page, or says nearly the same. One that quotes more of what belongs to it
/// says more.
fn states(other: &EvidencedClaim, one: &EvidencedClaim) -> bool {
    let length = |start: u32, end: u32| u64::from(end.saturating_sub(start));
    let common = length(other.start.max(one.start), other.end.min(one.end));
    let overlap = common * 100 >= length(one.start, one.end) * SAME_PERCENT as u64;
    let terms = term_set(&one.claim.fact);
    let theirs = term_set(&format!("{} {}", other.claim.fact, other.claim.quote));
    let shared = terms.intersection(&theirs).count();
    overlap
        || (shared * 100 >= terms.len() * SAME_PERCENT
            && Figures::of(&other.claim.quote).vouch_for(&one.claim.fact))
}

/// A model's answer to any other task, with what the built-in analyst puts beside or in its place, and in words what was
/// put in its place.
#[must_use]
pub fn answer(task: &Task, given: Answer) -> (Answer, Option<&'static str>) {
    match (task, given) {
        (Task::Plan(t), Answer::Plan(mut plan)) => {
            if let Answer::Plan(own) = extractive::answer(task) {
                plan.queries = with_own(plan.queries, own.queries, t.queries_max);
            }
            (Answer::Plan(plan), None)
        }
        // A model that has nothing more to ask ends the research.
        (Task::Reflect(t), Answer::Queries(queries)) if !queries.is_empty() => {
            let own = match extractive::answer(&Task::Reflect(about_the_question(t))) {
                Answer::Queries(own) => own,
                _ => Vec::new(),
            };
            (Answer::Queries(with_own(queries, own, t.queries_max)), None)
        }
        (Task::Outline(t), Answer::Outline(sections)) if is_thin(&sections, t) => (
            extractive::answer(task),
            Some("the built-in analyst arranged the report, whose outline was too thin"),
        ),
        (Task::Section(t), Answer::Text(text)) => {
            let stood_in = "the built-in analyst wrote a section of which too little was borne out";
            written(task, text, &t.findings, t.words)
                .map_or_else(|text| (text, None), |text| (text, Some(stood_in)))
        }
        (Task::Summary(t), Answer::Text(text)) => {
            let stood_in = "the built-in analyst wrote the summary, of which too little was borne out";
            written(task, text, &t.findings, t.words)
                .map_or_else(|text| (text, None), |text| (text, Some(stood_in)))
        }
        (_, given) => (given, None),
    }
}

/// A model's queries and the built-in analyst's by turns, its first: a search engine knows the question's own words best.
/// Those of the same words are asked once.
fn with_own(given: Vec<String>, own: Vec<String>, queries_max: usize) -> Vec<String> {
    let turns = given.len().max(own.len());
    let (mut given, mut own) = (given.into_iter(), own.into_iter());
    let mut seen = BTreeSet::new();
    let by_turns = (0..turns).flat_map(|_| [own.next(), given.next()]).flatten();
    by_turns.filter(|query| seen.insert(term_set(query))).take(queries_max).collect()
}

/// The same search for what is missing, for the question's own parts: which of them are answered is not known.
fn about_the_question(task: &ReflectTask) -> ReflectTask {
    let facts: Vec<String> = task.coverage.iter().flat_map(|c| c.facts.iter().cloned()).collect();
    let open = |sub_question| Coverage { sub_question, facts: facts.clone(), hosts: 0, covered: false };
    ReflectTask {
        coverage: extractive::parts(&task.question).into_iter().map(open).collect(),
        ..task.clone()
    }
}

/// One heading over everything, though there is much and of several kinds.
fn is_thin(sections: &[SectionPlan], task: &OutlineTask) -> bool {
    sections.len() < 2
        && task.sections_max > 1
        && task.sub_questions.len() > 1
        && task.findings.len() > ONE_SECTION_FINDINGS_MAX
}

/// `Ok` with the built-in analyst's text where too little of a model's is borne out, `Err` with the model's.
fn written(task: &Task, text: String, notes: &[FindingNote], words: usize) -> Result<Answer, Answer> {
    let findings: Vec<Finding> = notes.iter().map(finding).collect();
    let allowed: BTreeMap<FindingId, &Finding> = findings.iter().map(|f| (f.id, f)).collect();
    let count = |text: &str| text.split_whitespace().count();
    let kept = count(&audit(&text, &allowed).markdown);
    if kept >= ENOUGH_WORDS.min(words) {
        return Err(Answer::Text(text));
    }
    let Answer::Text(own) = extractive::answer(task) else { return Err(Answer::Text(text)) };
    let possible = count(&own).min(words);
    if kept * 100 < possible * THIN_PERCENT { Ok(Answer::Text(own)) } else { Err(Answer::Text(text)) }
}

fn finding(note: &FindingNote) -> Finding {
    let claim = Claim {
        fact: note.fact.clone(),
        quote: note.quote.clone(),
        sub_question: note.sub_question,
        kind: note.kind,
        relevance: note.relevance,
        ..Claim::default()
    };
    Finding { id: note.id, page: PageId(0), claim, start: 0, end: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Plan, PlanTask, SectionTask};
    use crate::research::FindingKind;

    fn claim(fact: &str, sub_question: u32, start: u32, kind: FindingKind) -> EvidencedClaim {
        let claim = Claim {
            fact: fact.into(),
            quote: fact.into(),
            sub_question,
            kind,
            relevance: 80,
            ..Claim::default()
        };
        EvidencedClaim { claim, start, end: start + 10 }
    }

    fn facts(claims: &[EvidencedClaim]) -> Vec<(&str, bool)> {
        claims.iter().map(|c| (c.claim.fact.as_str(), c.claim.built_in)).collect()
    }

    #[test]
    fn what_the_model_does_not_state_is_added_and_marked() {
        let said = vec![claim("A table has up to 1600 columns.", 1, 0, FindingKind::Fact)];
        let found = vec![
            claim("Columns of a table: 1600 at most.", 1, 5, FindingKind::Statistic),
            claim("A table has up to 1600 columns, then.", 1, 50, FindingKind::Fact),
            claim("A row has at most 400 gigabytes.", 1, 80, FindingKind::Statistic),
            claim("Indexes are made of columns of any kind.", 2, 100, FindingKind::Fact),
            EvidencedClaim { start: 2, ..claim("Below them stands why.", 1, 0, FindingKind::Fact) },
        ];
        assert_eq!(
            facts(&claims(said, 0, found, 8)),
            [
                ("A table has up to 1600 columns.", false),
                ("A row has at most 400 gigabytes.", true),
                ("Indexes are made of columns of any kind.", true)
            ]
        );
    }

    #[test]
    fn a_page_of_which_a_model_says_nothing_gets_little_and_a_full_one_nothing() {
        let mut weak = claim("Something beside the point.", 1, 0, FindingKind::Fact);
        weak.claim.relevance = 60;
        assert!(claims(Vec::new(), 0, vec![weak.clone()], 8).is_empty());
        assert_eq!(claims(Vec::new(), 1, vec![weak.clone()], 8).len(), 1, "its own claims did not stand");
        let many: Vec<_> = (0..9)
            .map(|n| claim(&format!("{n}{n}{n} things of kind {n}"), n, n * 20, FindingKind::Fact))
            .collect();
        assert_eq!(claims(Vec::new(), 0, many.clone(), 8).len(), ADDED_MAX);
        assert_eq!(claims(vec![weak.clone()], 1, many.clone(), 8).len(), 8, "it cannot read the page");
        assert_eq!(claims(vec![weak.clone(), weak], 0, many, 2).len(), 2);
    }

    fn note(id: u32, fact: &str) -> FindingNote {
        FindingNote {
            published: None,
            id: FindingId(id),
            fact: fact.into(),
            quote: fact.into(),
            source: "S".into(),
            host: "h".into(),
            sub_question: 1,
            kind: FindingKind::Fact,
            relevance: 80,
        }
    }

    #[test]
    fn a_section_of_which_nothing_is_borne_out_gives_way_and_one_that_is_stays() {
        let facts = [
            "Tokio uses a work-stealing scheduler for its tasks.",
            "The runtime starts one worker thread for each core by default.",
            "Blocking tasks run on threads of their own, 512 at most.",
        ];
        let task = Task::Section(SectionTask {
            conflicts: Vec::new(),
            language: None,
            instructions: None,
            question: "How does Tokio schedule?".into(),
            title: "Scheduling".into(),
            other_titles: Vec::new(),
            findings: facts.iter().zip(1..).map(|(fact, id)| note(id, fact)).collect(),
            words: 100,
            today: "2026-11-22".into(),
        });
        let (text, loss) = answer(&task, Answer::Text("It is loved by everyone.".into()));
        assert!(matches!(text, Answer::Text(t) if t.contains("512")) && loss.is_some());
        let good = Answer::Text(format!("{} [F1] {} [F3]", facts[0], facts[2]));
        assert_eq!(answer(&task, good.clone()), (good, None));
    }

    #[test]
    fn a_plan_asks_in_the_question_s_own_words_too() {
        let task = Task::Plan(PlanTask {
            language: None,
            question: "How many columns may a PostgreSQL table have?".into(),
            topic: None,
            today: "2026-11-22".into(),
            sub_questions_max: 3,
            queries_max: 3,
        });
        let plan = Plan {
            sub_questions: vec!["Columns?".into()],
            queries: ["postgresql table columns", "sql limits"].map(String::from).to_vec(),
            evidence: Vec::new(),
        };
        let (Answer::Plan(more), None) = answer(&task, Answer::Plan(plan)) else { panic!() };
        assert_eq!(
            more.queries,
            ["columns PostgreSQL table", "field attribute PostgreSQL relation", "sql limits"]
        );
        assert_eq!(queries_asked(6), 3);
    }

    #[test]
    fn follow_ups_ask_for_the_question_itself_unless_the_model_has_nothing_to_ask() {
        let task = Task::Reflect(ReflectTask {
            question: "How many columns may a PostgreSQL table have?".into(),
            coverage: vec![Coverage {
                sub_question: "What is known about rows?".into(),
                facts: vec!["A row has a header.".into()],
                hosts: 1,
                covered: true,
            }],
            asked: vec!["columns PostgreSQL table".into()],
            today: "2026-11-22".into(),
            queries_max: 4,
            evidence: Vec::new(),
        });
        let given = Answer::Queries(vec!["row header".into()]);
        let (Answer::Queries(queries), None) = answer(&task, given) else { panic!() };
        assert_eq!(queries[1], "row header");
        assert!(queries.iter().any(|query| query.contains("columns")), "{queries:?}");
        let nothing = Answer::Queries(Vec::new());
        assert_eq!(answer(&task, nothing.clone()), (nothing, None));
    }

    #[test]
    fn what_answers_the_question_itself_stands_under_the_part_of_the_plan_it_is_closest_to() {
        let task = AnalyzeTask {
            question: "How many columns may a PostgreSQL table have?".into(),
            sub_questions: vec!["How large is a row?".into(), "What limits the columns of a table?".into()],
            title: String::new(),
            url: String::new(),
            published: None,
            today: "2026-11-22".into(),
            passages: Vec::new(),
            claims_max: 8,
            restate_in: None,
        };
        let looked = look(&task);
        assert_eq!(looked.sub_questions, [task.question.as_str()]);
        let found = vec![claim("There may be 1600 columns.", 1, 0, FindingKind::Fact).claim];
        assert_eq!(placed(found, &looked, &task.sub_questions)[0].sub_question, 2);
    }
}
