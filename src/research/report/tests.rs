use super::fixture::page;
use super::*;
use crate::research::analyze::{Checked, EvidencedClaim};
use crate::research::{Claim, FindingKind};
use proptest::prelude::*;

mod rendering;

const TEXTS: [(&str, &str, &str); 4] = [
    (
        "https://docs.rs/tokio",
        "Tokio docs",
        "# Tokio\n\nTokio uses a work-stealing scheduler with up to 512 blocking threads. Tokio is not fair across all tasks.\n",
    ),
    (
        "https://corrode.dev/blog/async/",
        "The State of Async Rust [2024] <b>",
        "async-std counts 1,754 public crates as dependents. Tokio uses a work-stealing scheduler for its tasks.\n",
    ),
    (
        "https://dev.to/x/tokio",
        "Tokio!",
        "Tokio uses a work-stealing scheduler with up to 256 blocking threads.\n\nRuntime lock-in is a risk for libraries.\n",
    ),
    ("library:notes.md", "Notes", "The team chose Tokio in 2021 because sqlx depended on it.\n"),
];

fn claim(fact: &str, quote: &str, sub_question: u32, kind: FindingKind, value: Option<&str>) -> Claim {
    let value = value.map(str::to_owned);
    let unit = value.as_ref().map(|_| "threads".to_owned());
    Claim {
        fact: fact.into(),
        quote: quote.into(),
        sub_question,
        kind,
        value,
        unit,
        date: None,
        relevance: 80,
        built_in: false,
    }
}

fn input() -> ReportInput {
    use FindingKind::{Fact, Risk, Statistic};
    let per_page = [
        vec![
            claim(
                "Tokio uses a work-stealing scheduler.",
                "Tokio uses a work-stealing scheduler",
                1,
                Fact,
                None,
            ),
            claim(
                "Tokio uses a work-stealing scheduler with up to 512 blocking threads.",
                "Tokio uses a work-stealing scheduler with up to 512 blocking threads.",
                1,
                Statistic,
                Some("512"),
            ),
        ],
        vec![
            claim(
                "async-std has 1,754 dependents.",
                "async-std counts 1,754 public crates as dependents.",
                2,
                Fact,
                None,
            ),
            claim(
                "Tokio has a work-stealing scheduler.",
                "Tokio uses a work-stealing scheduler for its tasks.",
                1,
                Fact,
                None,
            ),
        ],
        vec![
            claim(
                "Tokio uses a work-stealing scheduler with up to 256 blocking threads.",
                "Tokio uses a work-stealing scheduler with up to 256 blocking threads.",
                1,
                Statistic,
                Some("256"),
            ),
            claim(
                "Runtime lock-in is a risk for libraries.",
                "Runtime lock-in is a risk for libraries.",
                1,
                Risk,
                None,
            ),
        ],
        vec![claim(
            "The team chose Tokio in 2021.",
            "The team chose Tokio in 2021 because sqlx depended on it.",
            2,
            Fact,
            None,
        )],
    ];
    let mut findings = Vec::new();
    for ((claims, (_, _, text)), n) in per_page.into_iter().zip(TEXTS).zip(1..) {
        let verified = Checked::of(text).verify(claims);
        assert_eq!(verified.dropped, 0);
        for EvidencedClaim { claim, start, end } in verified.claims {
            let id = FindingId(u32::try_from(findings.len()).unwrap() + 1);
            findings.push(Finding { id, page: PageId(n), claim, start, end });
        }
    }
    let mut pages: BTreeMap<PageId, PageRecord> =
        TEXTS.iter().zip(1..).map(|((url, title, _), n)| (PageId(n), page(url, title))).collect();
    pages.insert(PageId(9), page("https://unused.example/", "Never cited"));
    ReportInput {
        question: "How do Rust's async runtimes <compare>?".into(),
        sub_questions: vec!["How does Tokio schedule?".into(), "Who uses async-std?".into(), "What is Embassy?".into()],
        deep: false,
        sections: vec![
            SectionDraft {
                title: "Scheduling".into(),
                findings: vec![FindingId(1), FindingId(2), FindingId(4), FindingId(5)],
                markdown: "Tokio uses a **work-stealing** scheduler [F1][F4]. It was bought by Oracle [F99]. Tokio uses up to 512 blocking threads [F4].".into(),
            },
            SectionDraft {
                title: "Adoption".into(),
                findings: vec![FindingId(3), FindingId(7)],
                markdown: "async-std counts 1,754 crates as dependents [F3].".into(),
            },
        ],
        summary: "Tokio uses a work-stealing scheduler [F1].".into(),
        findings,
        pages,
        rejected: vec![RejectedPage { url: "https://spam.example/?a=[1]".into(), reason: "challenge page".into() }],
        rounds: 2,
        queries: vec!["tokio scheduler [9]".into()],
        stop_reason: Some(StopReason::NothingNew),
        started_at: Timestamp(1_795_305_400_000),
        finished_at: Timestamp(1_795_305_472_123),
        analyst: "extractive".into(),
        told: false,
        degraded: None,
        warnings: Vec::new(),
        output: None,
        language: None,
    }
}

fn stored(page: PageId) -> Option<String> {
    TEXTS.get(usize::try_from(page.0).ok()?.checked_sub(1)?).map(|t| t.2.to_owned())
}

#[track_caller]
fn sound(report: &Report) {
    assert_eq!(check(report, stored), Vec::<String>::new(), "{}", report.markdown);
}

#[test]
fn a_report_has_its_chapters_in_order_and_every_number_resolves() {
    let report = assemble(&input());
    sound(&report);
    let headings: Vec<&str> =
        report.markdown.lines().filter(|l| l.starts_with("## ") || l.starts_with("### ")).collect();
    assert_eq!(
        headings,
        [
            "## Contents",
            "## 1. Executive Summary",
            "## 2. Key Findings",
            "### 2.1 Scheduling",
            "### 2.2 Adoption",
            "## 3. Data & Statistics",
            "## 4. Risk Factors",
            "## 5. Conflicting Evidence",
            "## 6. Methodology & Data Quality",
            "## 7. Data Gaps",
            "## 8. Temporal Notes",
            "## 9. Sources",
        ]
    );
    assert!(report.markdown.starts_with("# How do Rust's async runtimes &lt;compare>?\n"));
    assert!(report.markdown.contains("(#3-data--statistics)") && report.markdown.contains("queries: 1;"));
    assert!(!report.markdown.contains("Oracle") && !report.markdown.contains("Never cited"));
    assert!(report.markdown.contains("Nothing was found on: What is Embassy?"));
    assert_eq!(report.sources.len(), 3);
}

#[test]
fn a_swapped_mark_is_repaired_and_counted() {
    let report = assemble(&input());
    assert!(report.markdown.contains("Tokio uses up to 512 blocking threads [1]."), "{}", report.markdown);
    assert_eq!((report.audit.repaired, report.audit.unsupported_sentences), (1, 1));
}

#[test]
fn figures_that_disagree_are_shown_and_the_better_source_is_preferred() {
    let report = assemble(&input());
    assert_eq!(report.conflicts.len(), 1);
    assert_eq!(report.conflicts[0].preferred, Some(FindingId(2)));
    assert!(report.markdown.contains("512 threads") && report.markdown.contains("256 threads"));
    let chapter =
        report.markdown.split("Conflicting Evidence\n\n").nth(1).and_then(|t| t.split("\n\n").next());
    assert_eq!(
        chapter.unwrap_or_default(),
        "- **The figures differ.** `docs.rs` (first-hand source, no date): “Tokio uses a work-stealing scheduler with up to \
         512 blocking threads.” [1]. `dev.to/x` (user-generated page, no date): “Tokio uses a work-stealing scheduler with \
         up to 256 blocking threads.” [3]. This report goes by the first: it comes from a first-hand source and the other \
         from a user-generated page."
    );
}

#[test]
fn without_findings_the_report_says_so_and_cites_nothing() {
    let mut empty = input();
    empty.findings.clear();
    let report = assemble(&empty);
    sound(&report);
    assert!(report.sources.is_empty() && report.citations.is_empty());
    assert!(report.markdown.contains("No answer to this question was found."));
    assert!(
        report.markdown.contains("Pages Read That Did Not Answer") && report.markdown.contains("Never cited")
    );
    assert!(!report.markdown.contains("Key Findings"));
}

#[test]
fn without_drafts_the_report_is_made_of_findings_alone() {
    let mut bare = input();
    bare.sections.clear();
    bare.summary.clear();
    let report = assemble(&bare);
    sound(&report);
    assert!(report.markdown.contains("### 2.1 How does Tokio schedule?"));
    assert!(report.markdown.contains("1,754"));
}

#[test]
fn a_source_that_speaks_for_all_gives_way_where_others_say_the_same() {
    let mut one_sided = input();
    one_sided.summary = "Tokio uses a work-stealing scheduler [F1].".into();
    one_sided.sections.truncate(1);
    one_sided.sections[0].markdown = "Tokio uses a work-stealing scheduler [F1]. A work-stealing scheduler is used [F1]. Up to 512 blocking threads are used [F2]. Tokio uses stealing [F1].".into();
    let report = assemble(&one_sided);
    sound(&report);
    let section =
        report.markdown.split("### 2.1").nth(1).and_then(|t| t.split("## 3").next()).unwrap_or_default();
    assert!(section.contains("[2]"), "{section}");
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Tokio uses a work-stealing scheduler [F1]. "),
        Just("async-std counts 1,754 crates as dependents [F3] "),
        Just("[9] "),
        Just("[F99] "),
        Just("[F2](https://evil.example) "),
        Just("![x](https://evil.example/t.png) "),
        Just("[a](javascript:alert(1)) "),
        Just("<script>alert(1)</script> "),
        Just("<img src=x onerror=y>\n"),
        Just("# Heading\n\n"),
        Just("## 9. Sources\n\n[1] fake\n\n"),
        Just("\n\n- "),
        Just("\n    1. "),
        Just("\n> "),
        Just("\n\n| a | b |\n|---|---|\n| Tokio work-stealing scheduler | [F1] |\n\n"),
        Just("\n```\ncode [F1]\n```\n"),
        Just("`[1]` Tokio work-stealing `[F1]` scheduler [F1]. "),
        Just("[F1]: https://evil.example\n\n"),
        Just("https://evil.example Tokio uses work-stealing [F1]. "),
        Just("**Tokio uses"),
        Just("** scheduler [F1]"),
        Just("\\[1\\] \\"),
        Just("[[9]9] [F[F1]1] "),
        Just("&lt;b&gt; &#91;1&#93; Tokio uses stealing [F1]. "),
        Just("\u{e000}1\u{e001}\u{e002} "),
        Just("世界。é "),
    ];
    prop::collection::vec(prop_oneof![4 => piece.prop_map(str::to_owned), 1 => "[ -~\n]{0,12}"], 0..14)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]
    #[test]
    fn whatever_is_written_the_report_is_sound(
        text in hostile(), summary in hostile(), title in hostile(), question in hostile(), degraded in proptest::option::of(hostile()),
    ) {
        let mut wild = input();
        wild.sections[0].markdown = text;
        wild.sections[0].title = title.clone();
        wild.summary = summary;
        wild.sub_questions[0] = question.clone();
        wild.queries.push(title.clone());
        wild.rejected.push(RejectedPage { url: title.clone(), reason: question.clone() });
        for page in wild.pages.values_mut() {
            page.title = title.clone();
            page.published = Some(question.clone());
        }
        wild.question = question;
        wild.degraded = degraded;
        let report = assemble(&wild);
        let wrong = check(&report, stored);
        prop_assert!(wrong.is_empty(), "{:?}\n{}", wrong, report.markdown);
        let shorter = fit(&report, 500);
        let wrong = check(&shorter, stored);
        prop_assert!(wrong.is_empty(), "{:?}\n{}", wrong, shorter.markdown);
        prop_assert!(!html(&report, CitationStyle::Numeric).contains("<script"));
        wild.sections.clear();
        wild.summary.clear();
        let wrong = check(&assemble(&wild), stored);
        prop_assert!(wrong.is_empty(), "{:?}", wrong);
    }
}

#[test]
fn kinds_with_a_chapter_of_their_own_stand_there_once() {
    use FindingKind::{Definition, Projection};
    let mut list = input();
    let kinds = [(2, Definition), (6, Projection)];
    for (place, kind) in kinds {
        list.findings[place].claim.kind = kind;
        list.findings[place].claim.value = None;
    }
    list.sections.truncate(1);
    let report = assemble(&list);
    sound(&report);
    let chapter = |title: &str| {
        let text = report.markdown.split(title).nth(2).unwrap_or_default();
        text.split("\n## ").next().unwrap_or_default().to_owned()
    };
    assert!(
        chapter("Context & Background").contains("async-std has 1,754 dependents [2]"),
        "{}",
        report.markdown
    );
    assert!(
        chapter("Projections & Scenarios").contains("The team chose Tokio in 2021"),
        "{}",
        report.markdown
    );
    list.sections[0].findings.push(FindingId(3));
    list.sections[0].markdown.push_str(" async-std counts 1,754 crates as dependents [F3].");
    assert!(!assemble(&list).markdown.contains("Context & Background"), "said once is enough");
}

#[test]
fn what_a_model_s_text_leaves_out_is_listed_below_it() {
    let left_out = "\n\n- The team chose Tokio in 2021";
    let told = assemble(&ReportInput { told: true, ..input() });
    sound(&told);
    let adoption = told.markdown.split("### 2.2").nth(1).unwrap();
    assert!(adoption.contains(left_out) && adoption.find("1,754") < adoption.find(left_out), "{adoption}");
    assert!(told.findings_used.contains(&FindingId(7)));
    let own = assemble(&input());
    assert!(!own.markdown.contains(left_out), "the built-in analyst means what it leaves out");
}

#[test]
fn methodology_and_dates_are_computed() {
    let mut list = input();
    list.pages.get_mut(&PageId(1)).unwrap().published = Some("2020-02-03".into());
    list.pages.get_mut(&PageId(2)).unwrap().published = Some("2027-01-01".into());
    let report = assemble(&list);
    sound(&report);
    for expected in [
        "| 1. Tokio docs | first-hand source | 2020-02-03 | 2 | high: 1; medium: 1 |",
        "| How does Tokio schedule? | 5 | 3 |",
        "- Newest dated source: 2020-02-03 (1).",
        "- Sources more than three years old: 2020-02-03 (1).",
        "- Sources dated after this report: 2027-01-01 (2).",
        "- Sources that state no day: 1/3 (3).",
        "- Retrieved: 2026-11-21.",
    ] {
        assert!(report.markdown.contains(expected), "{expected} in {}", report.markdown);
    }
}

#[test]
fn the_first_paragraph_of_the_summary_is_the_answer() {
    let mut list = input();
    list.summary =
        "Tokio uses a work-stealing scheduler [F1].\n\nasync-std counts 1,754 crates as dependents [F3]."
            .into();
    let report = assemble(&list);
    assert_eq!(report.answer.as_deref(), Some("Tokio uses a work-stealing scheduler [1]."));
    let short = fit(&report, REPORT_TOKENS_MIN);
    sound(&short);
    assert_eq!(short.answer, report.answer);
    list.findings.clear();
    assert_eq!(assemble(&list).answer, None);
}

#[test]
fn headings_are_in_the_reader_s_language() {
    let mut list = input();
    list.language = Some("de-CH".into());
    let report = assemble(&list);
    sound(&report);
    assert_eq!(report.language.as_deref(), Some("de"));
    for expected in [
        "## Inhalt",
        "## 1. Zusammenfassung",
        "| hoch | [1] |",
        "**Datum:**",
        "Nichts gefunden zu: What is Embassy?",
    ] {
        assert!(report.markdown.contains(expected), "{expected} in {}", report.markdown);
    }
    sound(&fit(&report, 500));
    assert!(html(&report, CitationStyle::Numeric).contains("<html lang=\"de\">"));
    for tag in ["fr", "es", "it", "pt", "nl", "pl", "ru", "zh", "ja", "fi"] {
        list.language = Some(tag.into());
        sound(&assemble(&list));
    }
}

#[test]
fn lists_of_findings_keep_code_and_tables_say_one_sentence() {
    let mut list = input();
    list.findings[5].claim.fact = "Runtime `lock-in` is a risk for `libraries`.".into();
    list.findings[1].claim.fact =
        "Tokio uses a work-stealing scheduler. It has up to 512 blocking threads.".into();
    let report = assemble(&list);
    sound(&report);
    assert!(
        report.markdown.contains("- Runtime `lock-in` is a risk for `libraries` [3]."),
        "{}",
        report.markdown
    );
    assert!(
        report.markdown.contains("| It has up to 512 blocking threads | 512 threads |"),
        "{}",
        report.markdown
    );
}
