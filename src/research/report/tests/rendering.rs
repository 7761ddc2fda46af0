//! The forms that a finished report is given in.

use super::*;

/// What a Markdown reader sees: links, footnotes and words.
fn links(markdown: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES);
    let targets = parser.filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
        Event::FootnoteReference(name) => Some(format!("^{name}")),
        Event::Start(Tag::FootnoteDefinition(name)) => Some(format!("={name}")),
        _ => None,
    });
    targets.collect()
}

#[test]
fn a_report_read_back_and_printed_is_the_same_report() {
    let mut list = input();
    list.sections[1].markdown = "- async-std counts 1,754 crates as dependents [F3].\n    - Tokio was chosen in 2021 [F7].\n\n| a | b |\n|---|---|\n| async-std dependents | 1,754 [F3] |\n| sqlx depended on Tokio in 2021 | [F7] |".into();
    list.degraded = Some("no model. Two sentences.".into());
    for report in [assemble(&list), assemble(&input())] {
        let printed = reading::Reading::of(&report).print(true, &BTreeMap::new());
        assert_eq!(printed, report.markdown);
    }
}

#[test]
fn a_shorter_report_keeps_the_answer_and_is_as_sound() {
    let report = assemble(&input());
    let whole = tokens(&report.markdown);
    let mut lengths = Vec::new();
    for wanted in [whole, whole - 1, whole * 3 / 4, whole / 2, REPORT_TOKENS_MIN] {
        let shorter = fit(&report, wanted);
        sound(&shorter);
        assert!(tokens(&shorter.markdown) <= wanted, "{wanted}: {}", shorter.markdown);
        assert!(
            shorter.markdown.contains("Tokio uses a work-stealing scheduler [1]"),
            "{}",
            shorter.markdown
        );
        assert_eq!(shorter.markdown.contains("*Shortened. Left out: "), wanted < whole);
        let used: Vec<u32> = shorter.citations.iter().map(|c| c.n).collect();
        assert!(shorter.sources.iter().all(|s| used.contains(&s.n)));
        lengths.push(shorter.markdown.len());
    }
    assert!(lengths.is_sorted_by(|a, b| a >= b), "{lengths:?}");
    let smallest = fit(&report, REPORT_TOKENS_MIN);
    assert!(!smallest.markdown.contains("Methodology & Data Quality\n"), "{}", smallest.markdown);
    assert!(smallest.sources.len() < report.sources.len());
}

#[test]
fn what_a_report_of_an_older_release_has_no_names_for_is_shortened_as_well() {
    let mut report = assemble(&input());
    let today = fit(&report, 500);
    report.chapters.clear();
    assert_eq!(fit(&report, 500).markdown, today.markdown);
}

#[test]
fn citations_are_written_as_readers_want_them() {
    let mut dated = input();
    for page in dated.pages.values_mut() {
        page.published = Some("2024-05-06".into());
        page.author = Some("Jane *Doe*".into());
    }
    let report = assemble(&dated);
    assert_eq!(styled(&report, CitationStyle::Numeric), report.markdown);

    let notes = styled(&report, CitationStyle::Footnotes);
    let found = links(&notes);
    for source in &report.sources {
        assert!(
            found.contains(&format!("^{}", source.n)) && found.contains(&format!("={}", source.n)),
            "{notes}"
        );
    }
    assert!(notes.contains("scheduler [^1]."), "{notes}");

    let linked = styled(&report, CitationStyle::Links);
    assert!(linked.contains("scheduler ([docs.rs](https://docs.rs/tokio))."), "{linked}");
    assert!(linked.contains("\n- [Tokio docs](https://docs.rs/tokio)"), "{linked}");

    let dated = styled(&report, CitationStyle::AuthorDate);
    assert!(dated.contains(r"** scheduler (Jane \*Doe\*, 2024b)."), "{dated}");
    assert!(dated.contains(r"- Jane \*Doe\*, 2024a: [Tokio docs]("), "{dated}");

    let bare = styled(&report, CitationStyle::None);
    assert!(bare.contains("work-stealing** scheduler.") && bare.contains("\n- [Tokio docs]("), "{bare}");
    for other in [linked, dated, bare] {
        assert_eq!(check::numbers(&other), [] as [u32; 0], "{other}");
    }
}

#[test]
fn a_page_of_html_holds_anchors_quotes_and_nothing_that_runs() {
    let mut hostile = input();
    hostile.question = "How <script>alert(1)</script> \"do\" runtimes compare?".into();
    hostile.pages.values_mut().for_each(|p| p.title = "<img src=x onerror=alert(1)>".into());
    let report = assemble(&hostile);
    for (_, style) in CitationStyle::ALL {
        let page = html(&report, style);
        for wrong in ["<script", "<img", "javascript:", "<link", "@import", "url("] {
            assert!(!page.contains(wrong), "{wrong} in {page}");
        }
        for source in &report.sources {
            assert!(page.contains(&format!("id=\"source-{}\"", source.n)), "{page}");
        }
        assert!(
            page.contains("<blockquote><p>Tokio uses a work-stealing scheduler with up to 512"),
            "{page}"
        );
        // Every anchor has its place.
        for target in page.split("href=\"#").skip(1).filter_map(|t| t.split_once('"')).map(|(id, _)| id) {
            assert!(page.contains(&format!("id=\"{target}\"")), "{target} is nowhere in {page}");
        }
    }
    let page = html(&report, CitationStyle::Numeric);
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    assert!(
        page.contains("<a href=\"#source-1\" title=\"Tokio uses a work-stealing scheduler\">[1]</a>"),
        "{page}"
    );
    assert!(page.contains("<title>How &lt;script&gt;"), "{page}");
}

#[test]
fn brackets_of_a_page_are_no_citations_in_html_either() {
    let mut list = input();
    list.pages.values_mut().for_each(|p| p.title = "sys.argv[1] and [2024]".into());
    let report = assemble(&list);
    let (body, _) = style::at_sources(&report);
    for (style, marks) in [(CitationStyle::Numeric, check::numbers(body).len()), (CitationStyle::None, 0)] {
        let page = html(&report, style);
        let (page, _) = page.split_once("class=\"sources\"").unwrap();
        assert_eq!(page.matches("href=\"#source-").count(), marks, "{page}");
        assert!(page.contains("sys.argv[1] and [2024]"), "{page}");
    }
}

#[test]
fn the_answer_of_a_shorter_report_is_what_the_report_still_says() {
    let mut list = ReportInput { told: true, ..input() };
    list.summary = "Tokio uses a work-stealing scheduler with up to 512 blocking threads [F1]. ".repeat(7);
    list.question = "How do the asynchronous runtimes of Rust compare with each other? ".repeat(3);
    list.degraded =
        Some("the model did not answer, and what stands here is less than was asked for. ".repeat(3));
    let report = assemble(&list);
    let said = |report: &Report| report.answer.as_deref().unwrap_or_default().matches("[1]").count();
    let mut shortest = said(&report);
    assert!(shortest > 3, "{:?}", report.answer);
    for wanted in (REPORT_TOKENS_MIN..tokens(&report.markdown)).step_by(20) {
        let shorter = fit(&report, wanted);
        sound(&shorter);
        shortest = shortest.min(said(&shorter));
    }
    assert!((1..said(&report)).contains(&shortest), "{shortest} sentences in the shortest");
}
