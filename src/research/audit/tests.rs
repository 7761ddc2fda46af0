//! Drafts and what is left of them.

use super::super::report::fixture::finding;
use super::*;

fn findings() -> Vec<Finding> {
    vec![
        finding(
            1,
            1,
            "Tokio uses a work-stealing scheduler.",
            "Tokio uses a work-stealing scheduler with 512 blocking threads.",
        ),
        finding(
            2,
            2,
            "async-std has 1,754 dependents.",
            "async-std counts 1,754 public crates as dependents.",
        ),
        finding(
            3,
            3,
            "The async book is a draft.",
            "The official async book is still a draft and does not cover cancellation.",
        ),
    ]
}

fn run(text: &str) -> Audited {
    let list = findings();
    let audited = audit(text, &list.iter().map(|f| (f.id, f)).collect());
    assert_eq!(audited.total, audited.verified + audited.repaired + audited.dropped);
    audited
}

#[test]
fn a_sentence_that_its_quote_bears_out_stays() {
    let a = run("Tokio uses a **work-stealing** scheduler [F1]. The async book is still a draft. [F3]");
    assert_eq!(
        a.markdown,
        "Tokio uses a **work-stealing** scheduler [F1]. The async book is still a draft [F3]."
    );
    assert_eq!((a.verified, a.dropped, a.unsupported_sentences), (2, 0, 0));
}

#[test]
fn an_invented_mark_cannot_get_past() {
    let a = run(
        "Oracle bought Tokio for a billion dollars [F99]. Tokio uses a work-stealing scheduler [F1][F99].",
    );
    assert_eq!(a.markdown, "Tokio uses a work-stealing scheduler [F1].");
    assert_eq!((a.total, a.verified, a.dropped, a.unsupported_sentences), (3, 1, 2, 1));
}

#[test]
fn a_swapped_or_missing_mark_is_put_right() {
    let a = run("Tokio uses a work-stealing scheduler [F2]. async-std counts 1754 crates as dependents.");
    assert_eq!(
        a.markdown,
        "Tokio uses a work-stealing scheduler [F1]. async-std counts 1754 crates as dependents [F2]."
    );
    assert_eq!((a.repaired, a.verified, a.dropped), (2, 0, 0));
    let a = run("Tokio has 512 blocking threads [F2], whereas async-std counts 1,754 dependents [F1].");
    assert_eq!(
        a.markdown,
        "Tokio has 512 blocking threads [F1], whereas async-std counts 1,754 dependents [F2]."
    );
}

#[test]
fn a_changed_figure_name_or_denial_gives_way_to_what_the_finding_says() {
    for text in [
        "Tokio uses 256 blocking threads [F1].",
        "Smol uses a work-stealing scheduler [F1].",
        "Tokio never uses a work-stealing scheduler [F1].",
    ] {
        let a = run(text);
        assert_eq!(a.markdown, "Tokio uses a work-stealing scheduler [F1].", "{text}");
        assert_eq!((a.total, a.repaired, a.unsupported_sentences), (1, 1, 0), "{text}");
    }
}

#[test]
fn what_no_finding_of_its_own_can_put_right_is_cut() {
    let said = "Tokio uses a work-stealing scheduler [F1].";
    for text in
        ["Tokio uses 256 blocking threads [F1].", "Rust is loved by everyone.", "Tokio is slow [F98]."]
    {
        let a = run(&format!("{said} {text}"));
        assert_eq!((a.markdown.as_str(), a.unsupported_sentences), (said, 1), "{text}");
    }
}

#[test]
fn two_marks_may_bear_out_one_sentence_together() {
    let a = run("Tokio has 512 blocking threads and async-std counts 1,754 public dependents [F1, F2].");
    assert_eq!(a.verified, 2);
    assert!(a.markdown.ends_with("[F1][F2]."));
}

#[test]
fn type_parameters_in_prose_are_not_taken_for_html() {
    let list = [finding(1, 1, "Buffers are Vec<u8>.", "Read buffers are of type Vec<u8>.")];
    let a = audit("Read buffers are Vec<u8> [F1].<br>", &list.iter().map(|f| (f.id, f)).collect());
    assert_eq!(a.markdown, "Read buffers are Vec&lt;u8> [F1].");
}

#[test]
fn marks_on_the_parts_of_a_list_in_prose_join_behind_it() {
    let a = run("Tokio [F1] and async-std [F2], counting 512 blocking threads and 1,754 dependents, differ.");
    assert_eq!(
        a.markdown,
        "Tokio and async-std, counting 512 blocking threads and 1,754 dependents, differ [F1][F2]."
    );
}

#[test]
fn lists_and_tables_are_checked_item_by_item_and_row_by_row() {
    let a = run(
        "- Tokio uses a work-stealing scheduler [F1]\n- Go is faster [F1]\n    - async-std counts 1,754 dependents [F2]\n\n\
         | What | Figure |\n|---|---|\n| async-std dependents | 1,754 [F2] |\n| Tokio dependents | 9,000 [F2] |\n",
    );
    assert_eq!(
        a.markdown,
        "- Tokio uses a work-stealing scheduler [F1]\n    - async-std counts 1,754 dependents [F2]\n\n\
         | What | Figure |\n| --- | --- |\n| async-std dependents | 1,754 [F2] |"
    );
    assert_eq!(a.unsupported_sentences, 2);
}

#[test]
fn a_column_title_says_little_that_its_rows_do_not() {
    for title in [
        "Threads in 2031",
        "Threads as Oracle says",
        "Users lose their data every single night",
        "Threads of Oracle",
        "Bribes paid",
        "See evil.example",
        &"thread ".repeat(20),
    ] {
        let a = run(&format!("| {title} | Blocking threads |\n|---|---|\n| Tokio threads | 512 [F1] |\n"));
        assert!(a.markdown.starts_with("|  | Blocking threads |"), "{title}: {}", a.markdown);
    }
    for title in ["Runtime", "Maximum Number of Threads", "Default Value", "Threads of Tokio"] {
        let a = run(&format!("| {title} | Figure |\n|---|---|\n| Tokio threads | 512 [F1] |\n"));
        assert!(a.markdown.starts_with(&format!("| {title} | Figure |")), "{}", a.markdown);
    }
}

#[test]
fn headings_code_links_images_html_and_foreign_citations_are_taken_out() {
    let a = run(
        "# Tokio wins\n\n<script>x</script>\n\n```\nrm -rf\n```\n\nTokio uses a [work-stealing](https://evil.example) \
         scheduler [9] ![x](http://t.example/p.png) [F1](https://evil.example).",
    );
    assert_eq!(a.markdown, "Tokio uses a work-stealing scheduler [F1].");
}

/// Drafts that once took memory or time with the square of their length, a little shorter than is read.
#[test]
fn drafts_near_the_limit_are_judged_in_bounded_work() {
    let filled = |unit: &str| unit.repeat(draft::DRAFT_BYTES_MAX / unit.len());
    let list: Vec<Finding> = (1..=400)
        .map(|n| {
            let said = format!("Tokio uses a work-stealing scheduler with {n} blocking threads.");
            finding(n, n, &said, &said)
        })
        .collect();
    let allowed: BTreeMap<FindingId, &Finding> = list.iter().map(|f| (f.id, f)).collect();
    for unit in [
        "1.",
        "x1",
        "www.a ",
        "[",
        "[F1](",
        "a [F1] b [F2] ",
        "1 ",
        "Tokio ",
        "more ",
        "Tokio uses a work-stealing scheduler with blocking threads of gold and silver [F7]. ",
    ] {
        let a = audit(&filled(unit), &allowed);
        assert!(a.unsupported_sentences as usize <= draft::DRAFT_BYTES_MAX / 4, "{unit}");
        assert!(a.verified + a.repaired <= STATEMENTS_MAX, "{unit}");
    }
}

#[test]
fn no_more_statements_are_judged_than_a_long_section_has() {
    let a = run(&"Tokio uses a work-stealing scheduler [F1]. ".repeat(STATEMENTS_MAX as usize + 7));
    assert_eq!((a.verified, a.unsupported_sentences), (STATEMENTS_MAX, 7));
}
