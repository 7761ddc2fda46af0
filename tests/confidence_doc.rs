//! The tables in `docs/confidence.md` say what the rule of confidence does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use footnote::research::confidence::{Confidence, Modifier, SourceClass, level, rules_of};
use std::path::Path;

const CLASSES: &str = "| source | `source_class` | rules | one site | two | three or more |\n\
                       | --- | --- | --- | --- | --- | --- |\n";
const MODIFIERS: &str = "| when | high becomes | medium becomes |\n| --- | --- | --- |\n";

#[test]
fn the_tables_of_confidence_say_what_the_rule_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/confidence.md");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let classes = CLASSES.to_owned() + &SourceClass::ALL.into_iter().map(rows).collect::<String>();
    let modifiers = MODIFIERS.to_owned() + &Modifier::ALL.into_iter().map(row).collect::<String>();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        for (head, table) in [(CLASSES, &classes), (MODIFIERS, &modifiers)] {
            let (before, rest) = text.split_once(head).expect("a table to replace");
            // The rows end at the first empty line; a head without rows has it at once.
            let rows: usize =
                rest.lines().take_while(|line| !line.is_empty()).map(|line| line.len() + 1).sum();
            let after = rest.get(rows..).expect("a blank line behind the table");
            text = format!("{before}{table}{after}");
        }
        std::fs::write(&path, text).unwrap();
        return;
    }
    for table in [classes, modifiers] {
        assert!(
            text.contains(&table),
            "docs/confidence.md should hold (UPDATE_GOLDEN=1 writes it):\n{table}"
        );
    }
}

fn rows(class: SourceClass) -> String {
    let name = serde_json::to_value(class).unwrap();
    let line = |what: String, answerable| {
        let levels: Vec<&str> = (1..=3).map(|sites| level(class, sites, answerable).name()).collect();
        format!("| {what} | `{}` | {} | {} |\n", name.as_str().unwrap(), rules_of(class), levels.join(" | "))
    };
    if class == SourceClass::Website {
        let what = class.phrase_with_article();
        return line(format!("{what} that answers for itself"), true) + &line(what.to_owned(), false);
    }
    line(class.phrase_with_article().to_owned(), false)
}

fn row(modifier: Modifier) -> String {
    let after = |confidence| modifier.after(confidence).name();
    format!("| {} | {} | {} |\n", modifier.when(), after(Confidence::High), after(Confidence::Medium))
}
