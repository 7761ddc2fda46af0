//! Findings by sub-question, large groups divided by the words they share.

use super::analyze::similarity;
use super::terms::Lexicon;
use crate::model::{FindingNote, OutlineTask};
use crate::order::sort_by;
use crate::research::SectionPlan;
use crate::text::clip;
use std::collections::{BTreeMap, BTreeSet};

/// More findings than this in one section are divided by theme.
const GROUP_MAX: usize = 12;
/// Fewer findings make no theme.
const THEME_MIN: usize = 3;
/// Statements of one host that share more of their words are duplicates.
const SAME: f64 = 0.75;
/// Longest heading, in characters.
const TITLE_CHARS_MAX: usize = 90;

/// One section per answered sub-question in their order, or several when there is much; never an empty one.
pub(super) fn outline(task: &OutlineTask) -> Vec<SectionPlan> {
    let lexicon = Lexicon::of(&task.question);
    let sections_max = task.sections_max.max(1);
    let mut groups: BTreeMap<u32, Vec<&FindingNote>> = BTreeMap::new();
    for note in distinct(&task.findings, &lexicon) {
        groups.entry(note.sub_question).or_default().push(note);
    }
    let mut sections: Vec<(String, Vec<&FindingNote>)> = Vec::new();
    let mut spare = sections_max.saturating_sub(groups.len());
    for (sub_question, notes) in groups {
        let asked = place(sub_question)
            .and_then(|at| task.sub_questions.get(at))
            .map_or(task.question.as_str(), String::as_str);
        let title = heading(asked);
        let (rest, themes) = themes(notes, asked, &lexicon, spare);
        spare = spare.saturating_sub(themes.len());
        sections.push((title.clone(), rest));
        sections.extend(themes.into_iter().map(|(theme, notes)| (format!("{title}: {theme}"), notes)));
    }
    // More sub-questions than sections: the last section takes the rest.
    if sections.len() > sections_max {
        let rest: Vec<&FindingNote> = sections.drain(sections_max..).flat_map(|(_, notes)| notes).collect();
        if let Some((_, last)) = sections.last_mut() {
            last.extend(rest);
        }
    }
    sections
        .into_iter()
        .filter(|(_, notes)| !notes.is_empty())
        .map(|(title, notes)| SectionPlan { title, findings: notes.iter().map(|n| n.id).collect() })
        .collect()
}

fn place(sub_question: u32) -> Option<usize> {
    usize::try_from(sub_question).ok()?.checked_sub(1)
}

/// Best first, without what the same host says twice. The same from another host stays: it is evidence.
fn distinct<'a>(findings: &'a [FindingNote], lexicon: &Lexicon) -> Vec<&'a FindingNote> {
    let mut notes: Vec<&FindingNote> = findings.iter().collect();
    sort_by(&mut notes, |a, b| b.relevance.cmp(&a.relevance).then(a.id.cmp(&b.id)));
    let mut kept: Vec<(&FindingNote, BTreeSet<String>)> = Vec::new();
    for note in notes {
        let keys = lexicon.content(&note.fact);
        if !kept.iter().any(|(other, known)| other.host == note.host && similarity(known, &keys) > SAME) {
            kept.push((note, keys));
        }
    }
    kept.into_iter().map(|(note, _)| note).collect()
}

type Theme<'a> = (String, Vec<&'a FindingNote>);

/// What several findings may have in common: a name, or two telling words side by side.
struct Phrase {
    keys: Vec<String>,
    surface: String,
}

fn phrases(fact: &str, lexicon: &Lexicon) -> Vec<Phrase> {
    let wordy = |w: &str| w.chars().count() > 2 && w.chars().all(|c| c.is_alphabetic() || c == '-');
    let terms = lexicon.terms(fact);
    let names = terms.iter().filter(|t| t.name() && wordy(&t.surface));
    let names = names.map(|t| Phrase { keys: vec![t.key.clone()], surface: t.surface.clone() });
    let pairs = terms.windows(2).filter_map(|pair| match pair {
        [a, b] if !a.generic() && !b.generic() && wordy(&a.surface) && wordy(&b.surface) => {
            let surface = format!("{} {}", a.surface, b.surface);
            fact.contains(&surface).then(|| Phrase { keys: vec![a.key.clone(), b.key.clone()], surface })
        }
        _ => None,
    });
    names.chain(pairs).collect()
}

/// Takes at most `themes_max` themes out of a large group: the phrase that most findings share, again and again.
fn themes<'a>(
    mut notes: Vec<&'a FindingNote>,
    asked: &str,
    lexicon: &Lexicon,
    themes_max: usize,
) -> (Vec<&'a FindingNote>, Vec<Theme<'a>>) {
    let known: BTreeSet<String> = lexicon.content(asked);
    let mut themes: Vec<Theme<'a>> = Vec::new();
    while notes.len() > GROUP_MAX && themes.len() < themes_max {
        let mut counts: BTreeMap<Vec<String>, (usize, String)> = BTreeMap::new();
        for note in &notes {
            for theme in phrases(&note.fact, lexicon) {
                if !theme.keys.iter().all(|k| known.contains(k)) {
                    counts.entry(theme.keys).or_insert((0, theme.surface)).0 += 1;
                }
            }
        }
        let most = notes.len() * 2 / 3;
        let theme = counts
            .into_iter()
            .filter(|(_, (count, _))| (THEME_MIN..=most).contains(count))
            .max_by(|a, b| a.1.0.cmp(&b.1.0).then_with(|| b.0.cmp(&a.0)));
        let Some((keys, (_, surface))) = theme else { break };
        let (with, without): (Vec<_>, Vec<_>) =
            notes.into_iter().partition(|n| phrases(&n.fact, lexicon).iter().any(|p| p.keys == keys));
        themes.push((surface, with));
        notes = without;
    }
    (notes, themes)
}

/// A heading made of a sub-question: "What is X in Y?" becomes "X in Y", "How does X work?" becomes "How X works".
pub(super) fn heading(sub_question: &str) -> String {
    let body = sub_question.trim().trim_end_matches(['?', '.', '!', ':', ' ']);
    let body = body.split(" (").next().unwrap_or(body);
    let words: Vec<&str> = body.split_whitespace().collect();
    let lower: Vec<String> = words.iter().map(|w| w.to_lowercase()).collect();
    let word = |at: usize| lower.get(at).map(String::as_str).unwrap_or_default();
    let be = |w: &str| matches!(w, "is" | "are" | "was" | "were");
    let articles = |at: usize| usize::from(matches!(word(at), "the" | "a" | "an"));
    let rest = |from: usize| words.iter().skip(from).copied().collect::<Vec<_>>().join(" ");
    let text = match (word(0), word(1)) {
        ("what", w) if be(w) => rest(2 + articles(2)),
        ("what", "characterizes") => rest(2),
        ("how" | "why" | "when" | "where", "do" | "did") => {
            format!("{} {}", words.first().copied().unwrap_or_default(), rest(2))
        }
        ("how" | "why" | "when" | "where", "does") => {
            let verb = (3..words.len()).find(|at| super::plan::VERBS.contains(&word(*at)));
            match verb {
                Some(verb) => {
                    let inflected = words
                        .iter()
                        .enumerate()
                        .skip(2)
                        .map(|(at, w)| if at == verb { third_person(w) } else { (*w).to_owned() });
                    format!(
                        "{} {}",
                        words.first().copied().unwrap_or_default(),
                        inflected.collect::<Vec<_>>().join(" ")
                    )
                }
                None => body.to_owned(),
            }
        }
        ("explain" | "describe" | "list" | "summarize" | "summarise" | "outline", _) => rest(1 + articles(1)),
        _ => body.to_owned(),
    };
    let text = shortened(if text.trim().is_empty() { body } else { &text });
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    // An identifier such as `serde_json` keeps its case.
    let code = text
        .split(' ')
        .next()
        .is_some_and(|w| w.contains(['_', '.', '`']) || w.chars().skip(1).any(char::is_uppercase));
    if code { text } else { format!("{first}{}", chars.as_str()) }
}

fn third_person(verb: &str) -> String {
    if verb.ends_with(['s', 'x']) || verb.ends_with("ch") { format!("{verb}es") } else { format!("{verb}s") }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= TITLE_CHARS_MAX {
        return text.to_owned();
    }
    let cut = clip(text, TITLE_CHARS_MAX);
    format!("{} …", cut.rsplit_once(' ').map_or(cut, |(head, _)| head).trim_end_matches([',', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::{FindingId, FindingKind};

    fn note(id: u32, sub_question: u32, host: &str, fact: &str) -> FindingNote {
        FindingNote {
            id: FindingId(id),
            fact: fact.into(),
            quote: fact.into(),
            source: "S".into(),
            host: host.into(),
            sub_question,
            kind: FindingKind::Fact,
            relevance: 90 - id.min(80),
            published: None,
        }
    }

    fn outlined(findings: Vec<FindingNote>, sections_max: usize) -> Vec<(String, Vec<u32>)> {
        let sub_questions = vec![
            "How do runtimes in Rust schedule tasks?".into(),
            "What are the trade-offs of runtimes in Rust?".into(),
        ];
        let task = OutlineTask {
            question: "How do runtimes in Rust schedule tasks, and what are the trade-offs?".into(),
            sub_questions,
            findings,
            sections_max,
            today: "2026-11-22".into(),
            language: None,
        };
        outline(&task).into_iter().map(|s| (s.title, s.findings.iter().map(|f| f.0).collect())).collect()
    }

    #[test]
    fn headings_are_made_of_questions() {
        for (question, title) in [
            ("What is ownership in Rust?", "Ownership in Rust"),
            ("What are the trade-offs of X?", "Trade-offs of X"),
            ("How do async runtimes in Rust schedule tasks?", "How async runtimes in Rust schedule tasks"),
            ("How does borrowing work in Rust?", "How borrowing works in Rust"),
            ("What characterizes Tokio for web servers?", "Tokio for web servers"),
            ("Which view counts them (PostgreSQL replica)?", "Which view counts them"),
            ("Wie funktioniert das?", "Wie funktioniert das"),
        ] {
            assert_eq!(heading(question), title);
        }
        assert!(heading(&"very long words ".repeat(30)).chars().count() <= TITLE_CHARS_MAX + 2);
    }

    #[test]
    fn sections_follow_the_sub_questions_and_hold_each_finding_once() {
        let found = outlined(
            vec![
                note(1, 2, "a", "Stealing costs locks."),
                note(2, 1, "a", "Tokio steals work."),
                note(3, 1, "b", "Smol runs one executor."),
            ],
            5,
        );
        assert_eq!(
            found,
            [
                ("How runtimes in Rust schedule tasks".into(), vec![2, 3]),
                ("Trade-offs of runtimes in Rust".into(), vec![1])
            ]
        );
    }

    #[test]
    fn only_another_host_may_say_the_same_again() {
        let same = "Tokio steals work from busy threads.";
        let found = outlined(vec![note(1, 1, "a", same), note(2, 1, "a", same), note(3, 1, "b", same)], 5);
        assert_eq!(found[0].1, [1, 3]);
    }

    #[test]
    fn a_large_group_is_divided_by_theme_within_the_bound() {
        let mut findings = Vec::new();
        for id in 0..10 {
            findings.push(note(
                id,
                1,
                &format!("h{id}"),
                &format!("Work stealing moves item{id} between queue{id}a and queue{id}b."),
            ));
            findings.push(note(
                id + 20,
                1,
                &format!("h{id}"),
                &format!("Timers wake entry{id} after slot{id}x passes mark{id}."),
            ));
        }
        let found = outlined(findings.clone(), 5);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found.iter().map(|(_, f)| f.len()).sum::<usize>(), 20);
        assert_eq!(outlined(findings, 1).len(), 1);
    }
}
