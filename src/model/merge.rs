//! What the built-in analyst adds to a model's work: a small model overlooks things that a look at the words finds. Only
//! what the model left open is added, so that the work of a strong one stays as it is.

use super::{Answer, FindingNote, OutlineTask, Plan, SectionPlan, Task, extractive};
use crate::order::sort_by_key;
use crate::research::analyze::EvidencedClaim;
use crate::research::audit::audit;
use crate::research::figures::Figures;
use crate::research::{Claim, Finding, FindingId, FindingKind, PageId};
use crate::text::term_set;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Most claims added to those of a model about one page.
const ADDED_MAX: usize = 6;
/// Least relevance of a claim that is added where the model found something else on the page.
const RELEVANCE_MIN: u32 = 30;
/// The same where the model found nothing worth noting, which a good one says of a page that does not help.
const RELEVANCE_ALONE_MIN: u32 = 65;
/// Share of a claim's words that another claim must hold to state the same.
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

/// Adds to a model's checked claims about a page at most [`ADDED_MAX`] of the built-in analyst's: what they do not state
/// where it noted as many as it was asked for, so that there may be more; else those that answer a sub-question, give a
/// figure or a definition which none of the model's does. Where some of the model's did not stand the check (`dropped`),
/// which is a sign that it cannot read the page, whatever they do not state. Never more than `claims_max` in all.
#[must_use]
pub fn claims(
    mut said: Vec<EvidencedClaim>,
    dropped: u32,
    mut found: Vec<EvidencedClaim>,
    claims_max: usize,
) -> Vec<EvidencedClaim> {
    let least = if said.is_empty() && dropped == 0 { RELEVANCE_ALONE_MIN } else { RELEVANCE_MIN };
    let own = said.len();
    let may_be_more = dropped > 0 || own >= claims_asked(claims_max);
    let added_max = if dropped == 0 { ADDED_MAX } else { claims_max };
    sort_by_key(&mut found, |claim| Reverse(claim.claim.relevance));
    for mut one in found {
        if said.len() >= claims_max || said.len() - own >= added_max || one.claim.relevance < least {
            break;
        }
        let is_new = !said.iter().any(|other| states(other, &one));
        if is_new && (may_be_more || opens_something(&one, &said)) {
            one.claim.built_in = true;
            said.push(one);
        }
    }
    said
}

/// Whether a claim that no other states is of a kind that is worth adding.
fn opens_something(one: &EvidencedClaim, said: &[EvidencedClaim]) -> bool {
    let answered = said.iter().any(|other| other.claim.sub_question == one.claim.sub_question);
    let defined = said.iter().any(|other| other.claim.kind == FindingKind::Definition);
    let figures = Figures::of(&one.claim.quote);
    let counted = said.iter().any(|other| Figures::of(&other.claim.quote).shares(&figures));
    !answered
        || (one.claim.kind == FindingKind::Definition && !defined)
        || (one.claim.kind == FindingKind::Statistic && !figures.is_empty() && !counted)
}

/// Whether a claim rests on the same words of the page, or says nearly the same.
fn states(other: &EvidencedClaim, one: &EvidencedClaim) -> bool {
    let overlap = other.start < one.end && one.start < other.end;
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
        (Task::Plan(t), Answer::Plan(plan)) => {
            (Answer::Plan(with_own_words(plan, task, t.queries_max)), None)
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

/// The plan with a query in the question's own words, if there is room for one: a search engine knows them best.
fn with_own_words(mut plan: Plan, task: &Task, queries_max: usize) -> Plan {
    if let Answer::Plan(own) = extractive::answer(task)
        && let Some(query) = own.queries.into_iter().next()
        && plan.queries.len() < queries_max
        && !plan.queries.iter().any(|q| term_set(q) == term_set(&query))
    {
        plan.queries.push(query);
    }
    plan
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
    use crate::model::{PlanTask, SectionTask};

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
    fn only_what_the_model_left_open_is_added_and_marked() {
        let said = vec![claim("A table has up to 1600 columns.", 1, 0, FindingKind::Fact)];
        let found = vec![
            claim("Columns of a table: 1600 at most.", 1, 0, FindingKind::Statistic),
            claim("A table with many columns is slow to read.", 1, 50, FindingKind::Fact),
            claim("A row has at most 400 gigabytes.", 1, 80, FindingKind::Statistic),
            claim("Indexes are made of columns of any kind.", 2, 100, FindingKind::Fact),
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
    fn where_a_model_noted_as_many_as_it_was_asked_for_there_may_be_more() {
        let own = |n: u32| claim(&format!("Thing {n}{n}{n} of kind {n}."), 1, n * 20, FindingKind::Fact);
        let plain = claim("Reading is slow beside writing.", 1, 500, FindingKind::Fact);
        let asked = u32::try_from(claims_asked(8)).unwrap();
        let added = |said: u32| {
            let merged = claims((1..=said).map(own).collect(), 0, vec![plain.clone()], 8);
            merged.iter().any(|c| c.claim.built_in)
        };
        assert_eq!((added(asked), added(asked - 1)), (true, false));
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
            queries: vec!["sql limits".into()],
            evidence: Vec::new(),
        };
        let (Answer::Plan(more), None) = answer(&task, Answer::Plan(plan)) else { panic!() };
        assert_eq!(more.queries.len(), 2, "{more:?}");
        assert!(more.queries[1].contains("columns"), "{more:?}");
    }
}
