//! The chapter on conflicting evidence: both sides, and which one this report goes by.

use super::super::super::markdown::{code, escape_line};
use super::super::super::{Finding, FindingId, PageId, PageRecord};
use super::super::extract::plain;
use super::{Conflict, ConflictKind};
use crate::research::confidence::{Rating, is_private};
use crate::text::clip;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Longest quote in characters; the whole one is a click away.
const QUOTE_CHARS_MAX: usize = 280;

/// What the chapter is made from.
pub(in super::super) struct Ledger<'a> {
    pub(in super::super) findings: &'a BTreeMap<FindingId, &'a Finding>,
    pub(in super::super) pages: &'a BTreeMap<PageId, PageRecord>,
    pub(in super::super) ratings: &'a BTreeMap<FindingId, Rating>,
    /// The report's own text, citing `[F12]`: it tells which side was used.
    pub(in super::super) text: String,
}

impl Ledger<'_> {
    /// One item a conflict, citing `[F12]`; empty when there is none.
    pub(in super::super) fn chapter(&self, conflicts: &[Conflict]) -> String {
        let mut out = String::new();
        for conflict in conflicts {
            let (Some(a), Some(b)) = (self.side(conflict.a), self.side(conflict.b)) else { continue };
            let what = match conflict.kind {
                ConflictKind::Figure => "The figures differ.",
                ConflictKind::Date => "The dates differ.",
                ConflictKind::Denial => "One denies what the other says.",
                ConflictKind::Version => "The versions differ.",
                ConflictKind::Existence => {
                    "One speaks of a version that does not exist according to the other."
                }
            };
            let _ = writeln!(out, "- **{what}** {a}. {b}. {}", self.verdict(conflict));
        }
        out
    }

    /// `docs.rs, a first-hand source of 2025-02-20: "..." [F1]`
    fn side(&self, id: FindingId) -> Option<String> {
        let finding = self.findings.get(&id)?;
        let page = self.pages.get(&finding.page)?;
        let class = self.ratings.get(&id)?.source_class.phrase_with_article();
        let site = if is_private(&page.url) { "The private library".to_owned() } else { code(&page.site()) };
        let day = match page.published.as_ref().or(page.modified.as_ref()).filter(|d| is_day(d)) {
            Some(day) => format!("of {day}"),
            None => "without a date".to_owned(),
        };
        let quote = plain(&finding.claim.quote);
        let short = clip(&quote, QUOTE_CHARS_MAX);
        let rest = if short.len() < quote.len() { "…" } else { "" };
        Some(format!("{site}, {class} {day}: “{}{rest}” [{id}]", escape_line(short.trim())))
    }

    fn verdict(&self, conflict: &Conflict) -> String {
        let used = |id: FindingId| self.text.contains(&format!("[{id}]"));
        let (first, second) = (used(conflict.a), used(conflict.b));
        if conflict.preferred.is_none() {
            let text = match (first, second) {
                (true, true) => "its text cites both",
                (true, false) => "its text cites the first",
                (false, true) => "its text cites the second",
                (false, false) => "its text cites neither",
            };
            return format!("This report does not decide between them, because {}; {text}.", conflict.reason);
        }
        let text = match (first, second) {
            (true, true) => "; its text cites both, so read the second with this reservation",
            (false, true) => "; its text cites the second all the same, so read that with this reservation",
            (_, false) => "",
        };
        format!("This report goes by the first, because {}{text}.", conflict.reason)
    }
}

fn is_day(date: &str) -> bool {
    date.len() == 10 && date.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}
