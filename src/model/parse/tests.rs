use super::*;
use crate::model::{AnalyzeTask, FindingNote, PlanTask, ReflectTask, SectionTask, SummaryTask};
use proptest::prelude::*;

fn plan() -> Task {
    Task::Plan(PlanTask {
        question: "How does X work?".into(),
        topic: None,
        today: "2026-11-22".into(),
        sub_questions_max: 3,
        queries_max: 2,
        language: None,
    })
}

fn analyze() -> Task {
    Task::Analyze(AnalyzeTask {
        question: "Q".into(),
        sub_questions: vec!["What is a scheduler?".into(), "Which costs arise?".into()],
        title: "T".into(),
        url: "https://a.example/".into(),
        published: None,
        today: "2026-11-22".into(),
        passages: vec!["P".into()],
        claims_max: 3,
        restate_in: None,
    })
}

fn reflect() -> Task {
    Task::Reflect(ReflectTask {
        question: "Q".into(),
        coverage: vec![],
        asked: vec![],
        today: "2026-11-22".into(),
        queries_max: 2,
        evidence: Vec::new(),
    })
}

fn note(id: u32, sub_question: u32) -> FindingNote {
    FindingNote {
        id: FindingId(id),
        fact: format!("Fact {id}."),
        quote: "Q".into(),
        source: "S".into(),
        host: "a.example".into(),
        sub_question,
        kind: FindingKind::Fact,
        relevance: 50,
        published: None,
    }
}

fn outline() -> Task {
    let findings = vec![note(1, 1), note(2, 1), note(3, 2), note(4, 2)];
    Task::Outline(OutlineTask {
        question: "Q".into(),
        sub_questions: vec!["A?".into(), "B?".into()],
        findings,
        sections_max: 2,
        today: "2026-11-22".into(),
        language: None,
    })
}

fn section() -> Task {
    Task::Section(SectionTask {
        question: "Q".into(),
        title: "Costs".into(),
        other_titles: vec![],
        findings: vec![note(1, 1)],
        words: 100,
        today: "2026-11-22".into(),
        conflicts: Vec::new(),
        language: None,
        instructions: None,
    })
}

fn summary() -> Task {
    Task::Summary(SummaryTask {
        question: "Q".into(),
        findings: vec![],
        words: 100,
        today: "2026-11-22".into(),
        language: None,
        instructions: None,
    })
}

fn claims(text: &str) -> Vec<Claim> {
    match answer(&analyze(), text) {
        Ok(Answer::Claims(claims)) => claims,
        other => panic!("{other:?}"),
    }
}

fn sections(text: &str) -> Vec<(String, Vec<u32>)> {
    match answer(&outline(), text) {
        Ok(Answer::Outline(sections)) => {
            sections.into_iter().map(|s| (s.title, s.findings.iter().map(|f| f.0).collect())).collect()
        }
        other => panic!("{other:?}"),
    }
}

const CLAIM: &str = r#"{"fact":"A costs 3 ms.","quote":"It costs\n3 ms.","sub_question":2,"kind":"statistic","value":3,"unit":"ms","date":null,"relevance":"90"}"#;

#[test]
fn a_plan_is_read_through_fences_thoughts_and_prose() {
    let json = r#"{"sub_questions": ["What is X?", "what is x?", "How fast is X?"], "queries": ["x speed", "X Speed", "x", "http://evil.example/?q=1"],}"#;
    let expected = Answer::Plan(Plan {
        evidence: Vec::new(),
        sub_questions: vec!["What is X?".into(), "How fast is X?".into()],
        queries: vec!["x speed".into(), "x".into()],
    });
    for text in [
        json.to_owned(),
        format!("```json\n{json}\n```"),
        format!("<think>I need {{a plan}}</think>Sure [here]:\n{json}\nDone."),
        format!("{{\"plan\": {json}}}"),
    ] {
        assert_eq!(answer(&plan(), &text), Ok(expected.clone()), "{text}");
    }
}

#[test]
fn a_plan_without_one_half_is_completed_from_the_other() {
    let Ok(Answer::Plan(p)) = answer(&plan(), r#"{"queries": ["a b"]}"#) else { panic!() };
    assert_eq!(p.sub_questions, ["How does X work?"]);
    let Ok(Answer::Plan(p)) = answer(&plan(), r#"{"sub_questions": [{"question": "What is X?"}]}"#) else {
        panic!()
    };
    assert_eq!(p.queries, ["What is X?"]);
}

#[test]
fn claims_are_read_from_a_list_an_object_or_a_single_claim() {
    for text in [
        CLAIM.to_owned(),
        format!("[{CLAIM}]"),
        format!(r#"{{"claims": [{CLAIM}]}}"#),
        format!(r#"{{"findings": {CLAIM}}}"#),
        format!("See [1]: {{\"claims\": [{CLAIM}, {{\"fact\": \"cut"),
    ] {
        let read = claims(&text);
        assert_eq!(read.len(), 1, "{text}");
        assert_eq!(
            (read[0].quote.as_str(), read[0].sub_question, read[0].relevance),
            ("It costs\n3 ms.", 2, 90)
        );
        assert_eq!(
            (read[0].value.as_deref(), read[0].unit.as_deref(), read[0].date.as_deref()),
            (Some("3"), Some("ms"), None)
        );
    }
}

#[test]
fn relevance_is_a_word_however_it_is_written_or_a_number_all_the_same() {
    let one = |relevance: &str| {
        claims(&format!(r#"{{"claims": [{{"quote": "It costs.", "relevance": {relevance}}}]}}"#))[0].relevance
    };
    let said =
        [r#""direct""#, r#""Partial""#, r#"" background (beside it)""#, "35", r#""80%""#, r#""so so""#];
    assert_eq!(said.map(one), [90, 70, 50, 35, 80, 50]);
}

#[test]
fn a_row_of_a_table_without_what_it_says_is_left_out() {
    let read = claims(
        r#"{"claims": [{"quote": "| 3.1 | 512 | MIT |"}, {"quote": "| 3.1 | 512 | MIT |", "fact": "Version 3.1 is under MIT."}]}"#,
    );
    assert_eq!(read.iter().map(|c| c.fact.as_str()).collect::<Vec<_>>(), ["Version 3.1 is under MIT."]);
}

#[test]
fn claims_that_all_name_the_first_sub_question_are_told_apart() {
    let said = |numbers: [u32; 3]| {
        let quotes = [
            "A scheduler picks tasks.",
            "High costs arise from threads.",
            "Costs of a thread arise at once.",
        ];
        let list: Vec<String> = (numbers.iter().zip(quotes))
            .map(|(n, quote)| format!(r#"{{"quote": "{quote}", "sub_question": {n}}}"#))
            .collect();
        claims(&format!("[{}]", list.join(","))).iter().map(|c| c.sub_question).collect::<Vec<_>>()
    };
    assert_eq!(said([1, 1, 1]), [1, 2, 2]);
    assert_eq!(said([2, 2, 2]), [2, 2, 2], "whoever names another has looked");
    assert_eq!(said([1, 2, 1]), [1, 2, 1]);
}

#[test]
fn an_empty_list_of_claims_is_an_answer() {
    for text in [
        "[]",
        r#"{"claims": []}"#,
        r#"{"claims": null}"#,
        "The page does not help.\n```json\n{\"claims\": []}\n```",
    ] {
        assert_eq!(claims(text), [], "{text}");
    }
}

#[test]
fn odd_fields_of_a_claim_are_put_right() {
    let text = r#"[{"quote":"**The scheduler** runs tasks.","sub_question":"SQ9","kind":"Key Statistic","relevance":0.8},
        {"quote":"...","fact":"no words"}, {"fact":"no quote"}, {"quote":"Costs arise.","sub_question":"2","relevance":NaN,"kind":7}]"#;
    let Ok(Answer::Claims(read)) = answer(&analyze(), text) else { panic!() };
    assert_eq!(read[0].fact, "The scheduler runs tasks.");
    assert_eq!((read[0].sub_question, read[0].kind, read[0].relevance), (1, FindingKind::Statistic, 80));
    let Ok(Answer::Claims(read)) =
        answer(&analyze(), r#"[{"quote":"Costs arise.","sub_question":"2","relevance":NaN,"kind":7}]"#)
    else {
        panic!()
    };
    assert_eq!(
        (read[0].sub_question, read[0].kind, read[0].relevance),
        (2, FindingKind::Fact, RELEVANCE_DEFAULT)
    );
}

#[test]
fn claims_stay_within_their_bounds() {
    let long = "word ".repeat(2_000);
    let one = format!(
        r#"{{"fact":"{long}","quote":"{long}","value":"{long}","sub_question":-4,"relevance":99999}}"#
    );
    let read = claims(&format!("[{one},{one},{one},{one},{one}]"));
    assert_eq!(read.len(), 3);
    for c in read {
        assert!(c.fact.chars().count() <= FACT_CHARS_MAX && c.quote.chars().count() <= QUOTE_CHARS_MAX);
        assert!(c.value.unwrap().chars().count() <= FIELD_CHARS_MAX);
        assert!(c.relevance <= 100 && (1..=2).contains(&c.sub_question));
    }
}

#[test]
fn follow_up_queries_may_be_none_and_never_hold_addresses() {
    assert_eq!(answer(&reflect(), r#"{"queries": []}"#), Ok(Answer::Queries(vec![])));
    assert_eq!(
        answer(&reflect(), r#"["a b", "https://evil.example/?x", "c\u202ed"]"#),
        Ok(Answer::Queries(vec!["a b".into(), "cd".into()]))
    );
}

#[test]
fn an_outline_keeps_known_findings_once_and_rehomes_forgotten_ones() {
    let text = r###"{"sections": [{"title": "## Costs?", "findings": ["F3", "F99", 3]}, {"title": "Empty", "findings": [77]}, {"title": "Basics", "findings": ["[F1]"]}]}"###;
    assert_eq!(sections(text), [("Costs".into(), vec![3, 4]), ("Basics".into(), vec![1, 2])]);
}

#[test]
fn an_outline_without_known_numbers_keeps_its_headings() {
    let Task::Outline(mut task) = outline() else { panic!() };
    for (note, fact) in
        task.findings.iter_mut().zip(["Tokio steals work.", "Costs arise.", "Tokio parks.", "Z."])
    {
        note.fact = fact.into();
    }
    let text = r#"{"sections": [{"title": "Tokio", "refs": ["Tokio steals work."]}, {"title": "Other costs", "refs": [99]}]}"#;
    let Ok(Answer::Outline(read)) = answer(&Task::Outline(task), text) else { panic!() };
    let read: Vec<(&str, Vec<u32>)> =
        read.iter().map(|s| (s.title.as_str(), s.findings.iter().map(|f| f.0).collect())).collect();
    assert_eq!(read, [("Tokio", vec![1, 3]), ("Other costs", vec![2, 4])]);
    assert!(answer(&outline(), r#"{"sections": [{"refs": [99]}]}"#).is_err());
}

#[test]
fn an_outline_that_counts_on_until_it_is_cut_is_still_read() {
    let numbers: Vec<String> = (1..=400).map(|n| n.to_string()).collect();
    let text = format!(r#"{{"sections": [{{"title": "A", "refs": [{}, 4"#, numbers.join(", "));
    assert_eq!(sections(&text), [("A".into(), vec![1, 2, 3, 4])]);
}

#[test]
fn forgotten_findings_do_not_all_go_to_one_section() {
    let Task::Outline(mut task) = outline() else { panic!() };
    task.findings = (1..=8).map(|id| note(id, 1)).collect();
    let text = r#"{"sections": [{"title": "A", "refs": [1]}, {"title": "B", "refs": [2]}]}"#;
    let Ok(Answer::Outline(read)) = answer(&Task::Outline(task), text) else { panic!() };
    assert_eq!(read.iter().map(|s| s.findings.len()).collect::<Vec<_>>(), [4, 4]);
}

#[test]
fn too_many_sections_are_merged_into_the_last() {
    let text =
        r#"[{"title":"A","findings":[1]},{"title":"B","findings":[2]},{"title":"C","findings":[3,4]}]"#;
    assert_eq!(sections(text), [("A".into(), vec![1]), ("B".into(), vec![2, 3, 4])]);
}

#[test]
fn texts_come_out_of_fences_and_json() {
    for text in [
        "It costs 3 ms [F1].",
        "```markdown\n## Costs\nIt costs 3 ms [F1].\n```",
        r#"{"text": "It costs 3 ms (f1)."}"#,
        "<think>hm</think>\n\nIt costs 3 ms [F1].",
        "It costs 3 ms [1] [2].",
    ] {
        assert_eq!(answer(&section(), text), Ok(Answer::Text("It costs 3 ms [F1].".into())), "{text}");
    }
}

#[test]
fn replies_of_no_use_say_why() {
    for task in [plan(), analyze(), reflect(), outline()] {
        for text in [
            "",
            "  \n",
            "<!DOCTYPE html><html></html>",
            "<html><body>502</body></html>",
            "I cannot do that.",
            "<think>never ends",
            r#"{"other": 1}"#,
        ] {
            assert!(answer(&task, text).is_err(), "{task:?} {text}");
        }
    }
    assert!(answer(&summary(), "---").is_err());
    assert!(answer(&summary(), "<think>never ends").is_err());
}

#[test]
fn ten_megabytes_and_ten_thousand_levels_do_no_harm() {
    let big = format!("{{\"claims\": [{}", format!("{CLAIM},").repeat(10_000_000 / CLAIM.len()));
    assert_eq!(claims(&big).len(), 3);
    for deep in ["[".repeat(10_000), "{\"claims\":[".repeat(10_000), "{\"a\":".repeat(10_000)] {
        assert!(answer(&analyze(), &deep).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_whatever_makes_it_panic(text in r#"([\[\]{}()"'`<>#F0-9,:.!|\\\n a-zé【】…-]|think|null|"quote":|```){0,120}"#) {
        for task in [plan(), analyze(), reflect(), outline(), section(), summary()] {
            let _ = answer(&task, &text);
        }
    }

    #[test]
    fn cleaned_text_stays_clean(text in r"([\[\]()<>#F0-9,:. \n a-z*`!\\]|https://a\.b/|\[F1\]){0,80}") {
        if let Ok(Answer::Text(text)) = answer(&summary(), &text) {
            for line in text.lines() {
                prop_assert!(!line.starts_with("# "), "{}", line);
            }
            prop_assert_eq!(text.lines().filter(|l| l.starts_with("```")).count() % 2, 0);
        }
    }
}

#[test]
fn expected_evidence_belongs_to_its_sub_questions_or_is_dropped() {
    let read = |evidence: &str| {
        let text = format!(
            r#"{{"sub_questions": ["What is X?", "How fast is X?"], "evidence": {evidence}, "queries": ["x"]}}"#
        );
        let Ok(Answer::Plan(plan)) = answer(&plan(), &text) else { panic!("{text}") };
        plan.evidence
    };
    assert_eq!(
        read(r#"["official documentation", "a benchmark"]"#),
        ["official documentation", "a benchmark"]
    );
    assert!(read(r#"["official documentation"]"#).is_empty() && read("null").is_empty());
}
