//! Prose from findings: every sentence is a fact with its marks, and the same fact from several sources is said once.

use super::analyze::similarity;
use super::sentences::word_count;
use super::terms::Lexicon;
use crate::model::{FindingNote, SectionTask, SummaryTask};
use crate::order::{sort_by, sort_by_key};
use crate::research::{FindingId, FindingKind};
use crate::text::sentence::sentences;
use std::collections::{BTreeMap, BTreeSet};

/// Facts that share more of their words, and all their numbers, are one.
const SAME: f64 = 0.6;
/// Most sentences of one paragraph.
const PARAGRAPH_SENTENCES_MAX: usize = 5;
/// Fewer figures stay in the running text.
const LIST_MIN: usize = 3;
/// Most marks behind one sentence; more do not make it truer.
const MARKS_MAX: usize = 4;
/// Most paragraphs of a summary.
const SUMMARY_PARAGRAPHS_MAX: usize = 3;

/// One fact with all findings that state it.
struct Said<'a> {
    note: &'a FindingNote,
    marks: Vec<FindingId>,
    keys: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

/// The text of a section.
pub(super) fn section(task: &SectionTask) -> String {
    let chosen = within(merged(&task.findings, &task.question), task.words);
    let rows = chosen.iter().filter(|s| listable(s.note)).count();
    let (list, prose): (Vec<Said<'_>>, Vec<Said<'_>>) =
        chosen.into_iter().partition(|s| rows >= LIST_MIN && listable(s.note));
    let mut blocks: Vec<String> = paragraphs(prose);
    if !list.is_empty() {
        blocks.push(list.iter().map(|s| format!("- {}", sentence(s))).collect::<Vec<_>>().join("\n"));
    }
    blocks.join("\n\n")
}

/// The text of the summary: the best of each sub-question, one paragraph for each while there are few.
pub(super) fn summary(task: &SummaryTask) -> String {
    let said = merged(&task.findings, &task.question);
    let mut groups: BTreeMap<u32, Vec<Said<'_>>> = BTreeMap::new();
    for one in said {
        groups.entry(one.note.sub_question).or_default().push(one);
    }
    let mut queues: Vec<std::vec::IntoIter<Said<'_>>> = groups.into_values().map(Vec::into_iter).collect();
    let mut chosen: Vec<Vec<Said<'_>>> = queues.iter().map(|_| Vec::new()).collect();
    let mut words = 0;
    'full: loop {
        let mut any = false;
        for (queue, picked) in queues.iter_mut().zip(&mut chosen) {
            let Some(one) = queue.next() else { continue };
            words += word_count(&one.note.fact);
            if words > task.words && !picked.is_empty() {
                break 'full;
            }
            any = true;
            picked.push(one);
        }
        if !any {
            break;
        }
    }
    chosen.retain(|picked| !picked.is_empty());
    let paragraphs = chosen.len().min(SUMMARY_PARAGRAPHS_MAX);
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for picked in chosen {
        let sentences: Vec<String> = picked.iter().map(sentence).collect();
        let full = blocks.len() >= paragraphs;
        match blocks.last_mut() {
            Some(last) if full => last.extend(sentences),
            _ => blocks.push(sentences),
        }
    }
    blocks.into_iter().map(|b| b.join(" ")).collect::<Vec<_>>().join("\n\n")
}

/// Distinct facts, best first.
fn merged<'a>(findings: &'a [FindingNote], question: &str) -> Vec<Said<'a>> {
    let lexicon = Lexicon::of(question);
    let mut notes: Vec<&FindingNote> = findings.iter().collect();
    sort_by(&mut notes, |a, b| b.relevance.cmp(&a.relevance).then(a.id.cmp(&b.id)));
    let mut said: Vec<Said<'a>> = Vec::new();
    for note in notes {
        let keys = lexicon.content(&note.fact);
        let numbers: BTreeSet<String> =
            keys.iter().filter(|k| k.chars().any(|c| c.is_ascii_digit())).cloned().collect();
        match said.iter_mut().find(|s| s.numbers == numbers && similarity(&s.keys, &keys) > SAME) {
            Some(same) if same.marks.len() < MARKS_MAX => same.marks.push(note.id),
            Some(_) => {}
            None => said.push(Said { note, marks: vec![note.id], keys, numbers }),
        }
    }
    said
}

/// The best facts that fit; at least one.
fn within(said: Vec<Said<'_>>, words: usize) -> Vec<Said<'_>> {
    let mut used = 0;
    said.into_iter()
        .enumerate()
        .take_while(|(at, s)| {
            used += word_count(&s.note.fact);
            *at == 0 || used <= words
        })
        .map(|(_, s)| s)
        .collect()
}

/// A table row or a short figure reads better in a list.
fn listable(note: &FindingNote) -> bool {
    note.quote.trim_start().starts_with('|')
        || (note.kind == FindingKind::Statistic && word_count(&note.fact) <= 15)
}

/// Facts of one page stay together and in its order; pages with a single fact share paragraphs. Best page first.
fn paragraphs(said: Vec<Said<'_>>) -> Vec<String> {
    let mut pages: Vec<(String, Vec<Said<'_>>)> = Vec::new();
    for one in said {
        let page = format!("{} {}", one.note.host, one.note.source);
        match pages.iter_mut().find(|(known, _)| *known == page) {
            Some((_, group)) => group.push(one),
            None => pages.push((page, vec![one])),
        }
    }
    let mut out: Vec<String> = Vec::new();
    let mut singles: Vec<String> = Vec::new();
    for (_, mut group) in pages {
        sort_by_key(&mut group, |s| s.note.id);
        let sentences: Vec<String> = group.iter().map(sentence).collect();
        if sentences.len() == 1 {
            singles.extend(sentences);
        } else {
            out.extend(even_chunks(&sentences));
        }
    }
    out.extend(even_chunks(&singles));
    out
}

/// Paragraphs of about the same length, none longer than [`PARAGRAPH_SENTENCES_MAX`].
fn even_chunks(sentences: &[String]) -> Vec<String> {
    let count = sentences.len().div_ceil(PARAGRAPH_SENTENCES_MAX).max(1);
    let size = sentences.len().div_ceil(count).max(1);
    sentences.chunks(size).map(|c| c.join(" ")).collect()
}

/// A fact as cited Markdown; each of its sentences carries the marks.
fn sentence(said: &Said<'_>) -> String {
    let marks: String = said.marks.iter().map(|id| format!("[{id}]")).collect();
    let fact = said.note.fact.trim();
    let parts: Vec<String> = sentences(fact)
        .into_iter()
        .filter_map(|range| fact.get(range))
        .map(|part| {
            let (body, end) = match part.chars().next_back() {
                Some('.') if !part.ends_with("..") => (part.strip_suffix('.').unwrap_or(part), '.'),
                Some('!') => (part.trim_end_matches('!'), '.'),
                Some(c @ ('?' | '。')) => (part.strip_suffix(c).unwrap_or(part), c),
                _ => (part, '.'),
            };
            format!("{} {marks}{end}", escaped(&capital(body)))
        })
        .collect();
    parts.join(" ")
}

/// A capital at the beginning, unless the word is an identifier.
fn capital(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    let word = first.trim_end_matches([',', ';', ':']);
    if !word.is_empty() && word.chars().all(|c| c.is_lowercase() || matches!(c, '-' | '\'')) {
        let mut chars = text.chars();
        let upper: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
        return format!("{upper}{}", chars.as_str());
    }
    text.to_owned()
}

/// Page text that Markdown would read as markup, a citation or HTML is escaped; code spans stay.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // With an odd backtick it is unclear which are code; then all are escaped.
    let code = text.matches('`').count().is_multiple_of(2);
    let mut inside = false;
    // At the beginning of a line these would open a heading, quotation or list.
    if text.starts_with(['#', '>', '-', '+', '=']) {
        out.push('\\');
    }
    for c in text.chars() {
        if c == '`' {
            if code {
                inside = !inside;
            } else {
                out.push('\\');
            }
        } else if !inside && matches!(c, '[' | ']' | '<' | '*' | '_' | '\\' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: u32, host: &str, fact: &str) -> FindingNote {
        FindingNote {
            id: FindingId(id),
            fact: fact.into(),
            quote: fact.into(),
            source: "S".into(),
            host: host.into(),
            sub_question: 1,
            kind: FindingKind::Fact,
            relevance: 90 - id.min(80),
            published: None,
        }
    }

    fn written(findings: Vec<FindingNote>, words: usize) -> String {
        section(&SectionTask {
            question: "How does Tokio work?".into(),
            title: "T".into(),
            other_titles: vec![],
            findings,
            words,
            today: "2026-11-22".into(),
            conflicts: Vec::new(),
            language: None,
            instructions: None,
        })
    }

    #[test]
    fn every_sentence_carries_its_mark() {
        let text = written(
            vec![
                note(1, "a", "Tokio steals work from busy threads."),
                note(2, "a", "It has a timer wheel. The wheel has six levels!"),
            ],
            100,
        );
        assert_eq!(
            text,
            "Tokio steals work from busy threads [F1]. It has a timer wheel [F2]. The wheel has six levels [F2]."
        );
    }

    #[test]
    fn the_same_fact_from_two_hosts_is_said_once() {
        let text = written(
            vec![
                note(3, "a", "Tokio steals work from busy threads."),
                note(9, "b", "Tokio steals work from its busy threads."),
            ],
            100,
        );
        assert_eq!(text, "Tokio steals work from busy threads [F3][F9].");
    }

    #[test]
    fn facts_with_other_numbers_are_never_merged() {
        let text = written(
            vec![
                note(3, "a", "The default interval is 300 seconds."),
                note(9, "b", "The default interval is 500 seconds."),
            ],
            100,
        );
        assert!(text.contains("[F3]") && text.contains("500 seconds [F9]"), "{text}");
    }

    #[test]
    fn page_text_cannot_forge_marks_or_markup() {
        let text = written(vec![note(1, "a", "See [F9] and <img src=x> with `Vec<T>` and snake_case")], 100);
        assert_eq!(text, r"See \[F9\] and \<img src=x> with `Vec<T>` and snake\_case [F1].");
    }

    #[test]
    fn words_bound_a_section_but_one_fact_always_stands() {
        let many: Vec<FindingNote> = (1..40)
            .map(|id| note(id, "a", &format!("Fact number{id} tells thing{id} about item{id} and part{id}.")))
            .collect();
        let text = written(many.clone(), 50);
        assert!((30..=70).contains(&word_count(&text)), "{text}");
        assert!(written(many, 1).contains("[F1]"));
        assert_eq!(written(vec![], 50), "");
    }

    #[test]
    fn short_figures_become_a_list() {
        let mut findings: Vec<FindingNote> =
            (1..4).map(|id| note(id, "a", &format!("Limit{id} of kind{id} is {id}00 bytes."))).collect();
        findings.iter_mut().for_each(|f| f.kind = FindingKind::Statistic);
        findings.push(note(7, "b", "Tokio steals work from busy threads."));
        let text = written(findings, 100);
        assert!(
            text.starts_with("Tokio steals") && text.contains("\n\n- Limit1 of kind1 is 100 bytes [F1].\n- "),
            "{text}"
        );
    }

    #[test]
    fn a_summary_takes_turns_among_sub_questions() {
        let mut findings = vec![
            note(1, "a", "Tokio steals work from busy threads."),
            note(2, "a", "Timers live in a hashed wheel."),
            note(3, "a", "Blocking calls stall whole workers."),
        ];
        findings[2].sub_question = 2;
        let text = summary(&SummaryTask {
            question: "How?".into(),
            findings,
            words: 13,
            today: "2026-11-22".into(),
            language: None,
            instructions: None,
        });
        assert_eq!(
            text,
            "Tokio steals work from busy threads [F1].\n\nBlocking calls stall whole workers [F3]."
        );
    }
}
