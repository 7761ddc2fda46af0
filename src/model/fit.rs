//! The guard of a model's context window: pages are read in parts, findings are left out from the least relevant on, so
//! that no prompt is longer than what the model holds.

use super::chain::ModelRef;
use super::prompt::{Prompt, prompt};
use super::{AnalyzeTask, FindingNote, Task};
use std::cmp::Reverse;

/// What a model holds at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Prompt and reply together.
    pub tokens: u32,
    /// Part of it that hidden reasoning may take.
    pub reasoning: u32,
}

/// Bytes that make a token at least. English has about four, code and markup about three, Chinese three bytes a character
/// and about a token each.
const BYTES_PER_TOKEN: u64 = 3;
/// Tokens beside the prompt: roles, the schema of the reply.
const OVERHEAD_TOKENS: u64 = 400;
/// The share of a small window that the reply gets at most: a quarter of 4,096 still holds six claims of 150 tokens.
const REPLY_SHARE: u32 = 4;
/// Parts in which one page is read at most: four calls for one page are enough to pay.
const PARTS_MAX: usize = 4;
/// Smallest part of a page worth a call: about 100 words.
const PART_BYTES_MIN: usize = 600;
/// Rounds of leaving out a quarter: 0.75^24 leaves a thousandth.
const TRIMS_MAX: usize = 24;
/// Stands for the random marker that delimits untrusted text: 16 characters.
const MARKER: &str = "0000000000000000";

impl Window {
    /// The window that a model is said to have.
    #[must_use]
    pub fn of(model: &ModelRef) -> Self {
        // Reasoning that takes more than half of a window leaves nothing to reason about.
        Self { tokens: model.context_tokens, reasoning: model.reasoning_tokens.min(model.context_tokens / 2) }
    }

    /// The window of a model that found a prompt of so many tokens, reply included, too long.
    #[must_use]
    pub fn halved(self, used: u64) -> Self {
        let used = u32::try_from(used).unwrap_or(u32::MAX).min(self.tokens);
        Self { tokens: used / 2, reasoning: self.reasoning.min(used / 4) }
    }

    /// Tokens of a reply that wants so many.
    #[must_use]
    pub fn reply_tokens(self, wanted: u32) -> u32 {
        wanted.min(self.tokens / REPLY_SHARE).max(1)
    }

    /// Tokens that a prompt may have whose reply wants so many.
    fn prompt_tokens(self, reply: u32) -> u64 {
        let kept = self.reply_tokens(reply).saturating_add(self.reasoning);
        self.tokens.saturating_sub(kept).into()
    }
}

/// The most tokens that a prompt has, its schema included.
#[must_use]
pub fn tokens(prompt: &Prompt) -> u64 {
    let bytes = prompt.system.len().saturating_add(prompt.user.len());
    u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(BYTES_PER_TOKEN).saturating_add(OVERHEAD_TOKENS)
}

/// The most tokens that a task takes of a window, prompt and reply.
#[must_use]
pub fn tokens_with_reply(task: &Task, window: Window) -> u64 {
    let prompt = prompt(task, MARKER);
    tokens(&prompt).saturating_add(window.reply_tokens(prompt.reply_tokens_max).into())
}

/// The most tokens that a prompt and its reply have in a window: what is longer is made to fit.
#[must_use]
pub fn tokens_max(task: &Task, window: Window) -> (u64, u64) {
    let prompt = prompt(task, MARKER);
    let reply =
        u64::from(window.reply_tokens(prompt.reply_tokens_max)).saturating_add(window.reasoning.into());
    (tokens(&prompt).min(window.tokens.into()), reply)
}

/// How a page is shown to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassageRoom {
    /// Passages of one call, in bytes.
    pub part_bytes: usize,
    /// Calls, 1 or more.
    pub parts: usize,
}

impl PassageRoom {
    /// Passages of all calls, in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.part_bytes.saturating_mul(self.parts)
    }
}

/// How `passage_bytes_max` of a page are shown to a model; `task` without passages.
#[must_use]
pub fn passage_room(task: &AnalyzeTask, passage_bytes_max: usize, window: Window) -> PassageRoom {
    let bare = prompt(&Task::Analyze(task.clone()), MARKER);
    let left = window.prompt_tokens(bare.reply_tokens_max).saturating_sub(tokens(&bare));
    let bytes = usize::try_from(left.saturating_mul(BYTES_PER_TOKEN)).unwrap_or(usize::MAX);
    let part_bytes = bytes.clamp(PART_BYTES_MIN, passage_bytes_max.max(PART_BYTES_MIN));
    PassageRoom { part_bytes, parts: passage_bytes_max.div_ceil(part_bytes).clamp(1, PARTS_MAX) }
}

/// The task in parts, each with its share of the passages, in their order. A passage is cut only where it does not fit
/// otherwise, between two words.
#[must_use]
pub fn parts(task: &AnalyzeTask, room: PassageRoom) -> Vec<AnalyzeTask> {
    let mut parts: Vec<Vec<String>> = vec![Vec::new()];
    let mut filled = 0_usize;
    let mut rest: usize = task.passages.iter().map(String::len).sum();
    for passage in &task.passages {
        let mut passage = passage.as_str();
        // Every turn but the last fills a part.
        for _ in 0..=PARTS_MAX {
            let left = room.part_bytes.saturating_sub(filled);
            let later = room.parts.saturating_sub(parts.len()).saturating_mul(room.part_bytes);
            let head = if passage.len() <= left {
                passage
            } else if passage.len() <= room.part_bytes && rest <= later {
                ""
            } else {
                head_of(passage, left, filled == 0)
            };
            if let Some(part) = parts.last_mut().filter(|_| !head.is_empty()) {
                part.push(head.to_owned());
            }
            filled = filled.saturating_add(head.len());
            let tail = passage.get(head.len()..).unwrap_or_default().trim_start();
            rest = rest.saturating_sub(passage.len().saturating_sub(tail.len()));
            passage = tail;
            if passage.is_empty() || parts.len() >= room.parts {
                break;
            }
            parts.push(Vec::new());
            filled = 0;
        }
    }
    parts.retain(|passages| !passages.is_empty());
    parts.into_iter().map(|passages| AnalyzeTask { passages, ..task.clone() }).collect()
}

/// The longest beginning of at most so many bytes that ends between two words; within a word only when it must not be empty.
fn head_of(text: &str, bytes_max: usize, some: bool) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let head = text.get(..end).unwrap_or_default();
    let words = head.rfind(char::is_whitespace).and_then(|at| head.get(..at)).unwrap_or_default();
    if words.is_empty() && some { head } else { words }
}

/// The task as far as it fits, and in words what was left out. An analysis is made to fit by [`parts`].
#[must_use]
pub fn trimmed(task: &Task, window: Window) -> (Task, Option<&'static str>) {
    let mut task = task.clone();
    let mut lost = None;
    for _ in 0..TRIMS_MAX {
        let asked = prompt(&task, MARKER);
        if tokens(&asked) <= window.prompt_tokens(asked.reply_tokens_max) {
            break;
        }
        match shortened(&mut task) {
            Some(what) => lost = Some(what),
            None => break,
        }
    }
    (task, lost)
}

/// Leaves out a part of the material, the least relevant first; `None` when nothing can be spared.
fn shortened(task: &mut Task) -> Option<&'static str> {
    match task {
        Task::Plan(_) | Task::Analyze(_) => None,
        Task::Reflect(t) => {
            let most = t.coverage.iter().map(|c| c.facts.len()).max().unwrap_or(0);
            let kept = most - most.div_ceil(4);
            t.coverage.iter_mut().for_each(|c| c.facts.truncate(kept));
            if most == 0 {
                let old = t.asked.len().div_ceil(4);
                t.asked.drain(..old);
                (old > 0).then_some(())?;
            }
            Some("follow-up queries were thought of from part of the facts")
        }
        Task::Outline(t) => {
            leave_out(&mut t.findings).then_some("the outline was made from the more relevant findings only")
        }
        Task::Fields(t) => {
            leave_out(&mut t.findings).then_some("fields were filled from the more relevant findings only")
        }
        Task::Section(t) => leave_out(&mut t.findings)
            .then_some("sections were written from their more relevant findings only"),
        Task::Summary(t) => leave_out(&mut t.findings)
            .then_some("the summary was written from the more relevant findings only"),
    }
}

/// Drops the least relevant quarter, order kept; false when only one is left.
fn leave_out(findings: &mut Vec<FindingNote>) -> bool {
    let keep = findings.len() - findings.len().div_ceil(4);
    if keep == 0 {
        return false;
    }
    let mut ranks: Vec<_> = findings.iter().map(|f| (Reverse(f.relevance), f.id)).collect();
    ranks.sort_unstable();
    let Some(last) = keep.checked_sub(1).and_then(|at| ranks.get(at)).copied() else { return false };
    findings.retain(|f| (Reverse(f.relevance), f.id) <= last);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OutlineTask;
    use crate::research::{FindingId, FindingKind};
    use proptest::prelude::*;

    fn window(tokens: u32) -> Window {
        Window { tokens, reasoning: 0 }
    }

    fn analysis(passages: Vec<String>) -> AnalyzeTask {
        AnalyzeTask {
            question: "Why?".into(),
            sub_questions: vec!["Why?".into()],
            title: "T".into(),
            url: "https://a.example/".into(),
            published: None,
            today: "2026-11-22".into(),
            passages,
            claims_max: 6,
            restate_in: None,
        }
    }

    fn notes(n: u32) -> Vec<FindingNote> {
        (1..=n)
            .map(|id| FindingNote {
                id: FindingId(id),
                fact: "A fact of some length about something. ".repeat(5),
                quote: "A quote.".into(),
                source: "S".into(),
                host: "h".into(),
                sub_question: 1,
                kind: FindingKind::Fact,
                relevance: id % 100,
                published: None,
            })
            .collect()
    }

    #[test]
    fn a_usual_page_is_one_call_in_a_usual_window_and_several_in_a_small_one() {
        let task = analysis(Vec::new());
        for (tokens, parts) in [(1_000_000, 1), (128_000, 1), (8_192, 1), (4_096, 2), (2_048, 4), (1, 4)] {
            let room = passage_room(&task, 12_000, window(tokens));
            assert_eq!(room.parts, parts, "{tokens}: {room:?}");
        }
    }

    #[test]
    fn passages_that_fit_into_a_part_are_not_cut() {
        let passages = ["a ".repeat(300), "b ".repeat(300), "c ".repeat(300)].map(|p| p.trim().to_owned());
        let room = PassageRoom { part_bytes: 700, parts: 3 };
        let got = parts(&analysis(passages.to_vec()), room);
        assert_eq!(got.iter().map(|p| p.passages.clone()).collect::<Vec<_>>(), passages.map(|p| vec![p]));
    }

    #[test]
    fn the_least_relevant_findings_are_left_out_until_the_prompt_fits_and_that_is_said() {
        let task = Task::Outline(OutlineTask {
            question: "Why?".into(),
            sub_questions: vec!["Why?".into()],
            findings: notes(200),
            sections_max: 8,
            today: "2026-11-22".into(),
            language: None,
        });
        let (same, lost) = trimmed(&task, window(128_000));
        assert_eq!((same, lost), (task.clone(), None));
        let (less, lost) = trimmed(&task, window(4_096));
        assert!(lost.is_some_and(|l| l.contains("outline")), "{lost:?}");
        let Task::Outline(less) = less else { panic!() };
        assert!(less.findings.len() > 5 && less.findings.len() < 100, "{}", less.findings.len());
        let weakest = less.findings.iter().map(|f| f.relevance).min().unwrap();
        assert!(weakest > 50, "{weakest}");
        assert!(less.findings.windows(2).all(|w| w[0].id < w[1].id));
    }

    #[test]
    fn a_prompt_that_was_too_long_is_halved_twice_at_most_to_something() {
        let first = window(128_000).halved(10_000);
        assert_eq!(first.tokens, 5_000);
        assert_eq!(first.halved(20_000).tokens, 2_500);
        assert_eq!(window(0).reply_tokens(4_000), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn parts_keep_the_order_and_their_bounds_and_lose_only_a_tail(
            passages in proptest::collection::vec("([a-zé世]{1,9} ){1,60}", 1..12),
            part_bytes in 40usize..400, wanted in 1usize..5,
        ) {
            let room = PassageRoom { part_bytes, parts: wanted };
            let task = analysis(passages.clone());
            let got = parts(&task, room);
            prop_assert!(got.len() <= wanted);
            for part in &got {
                prop_assert!(part.passages.iter().map(String::len).sum::<usize>() <= part_bytes);
            }
            let words = |p: &[String]| p.join(" ").split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let shown: Vec<String> = got.iter().flat_map(|p| words(&p.passages)).collect();
            let mut all = words(&passages).into_iter();
            prop_assert!(shown.iter().all(|word| all.any(|w| w == *word)));
        }
    }
}
