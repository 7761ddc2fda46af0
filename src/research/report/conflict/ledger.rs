//! The chapter on conflicting evidence: both sides, and which one this report goes by.

use super::super::super::markdown::{code, escape_line};
use super::super::super::{Finding, FindingId, PageId, PageRecord};
use super::super::document::class_name;
use super::super::extract::plain;
use super::super::phrases::{Phrase, Phrases};
use super::{Because, Conflict, ConflictKind};
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
    pub(in super::super) phrases: Phrases,
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
                ConflictKind::Figure => Phrase::ConflictFigure,
                ConflictKind::Date => Phrase::ConflictDate,
                ConflictKind::Denial => Phrase::ConflictDenial,
                ConflictKind::Version => Phrase::ConflictVersion,
                ConflictKind::Existence => Phrase::ConflictExistence,
            };
            let (what, verdict) = (self.phrases.get(what), self.verdict(conflict));
            let _ = writeln!(out, "- **{what}.** {a}. {b}. {verdict}.");
        }
        out
    }

    /// `docs.rs (first-hand source, 2025-02-20): "..." [F1]`
    fn side(&self, id: FindingId) -> Option<String> {
        let finding = self.findings.get(&id)?;
        let page = self.pages.get(&finding.page)?;
        let class = class_name(self.phrases, self.ratings.get(&id)?.source_class);
        let site =
            if is_private(&page.url) { self.phrases.head(Phrase::Private) } else { code(&page.site()) };
        let day = page.day().unwrap_or(self.phrases.get(Phrase::NoDay));
        let quote = plain(&finding.claim.quote);
        let short = clip(&quote, QUOTE_CHARS_MAX);
        let rest = if short.len() < quote.len() { "…" } else { "" };
        Some(format!("{site} ({class}, {day}): “{}{rest}” [{id}]", escape_line(short.trim())))
    }

    fn verdict(&self, conflict: &Conflict) -> String {
        let used = |id: FindingId| self.text.contains(&format!("[{id}]"));
        let decided = conflict.preferred.is_some();
        let cites = match (used(conflict.a), used(conflict.b)) {
            (true, true) => Some(Phrase::CitesBoth),
            (false, true) => Some(Phrase::CitesSecond),
            (true, false) if decided => None,
            (true, false) => Some(Phrase::CitesFirst),
            (false, false) => Some(Phrase::CitesNeither),
        };
        let reason = match conflict.because {
            // English says it with the classes and figures themselves.
            _ if self.phrases.tag() == "en" => conflict.reason.as_str(),
            Because::Class => self.phrases.get(Phrase::BecauseClass),
            Because::Sites => self.phrases.get(Phrase::BecauseSites),
            Because::Confidence => self.phrases.get(Phrase::BecauseConfidence),
            Because::Later => self.phrases.get(Phrase::BecauseLater),
            Because::Even => self.phrases.get(Phrase::BecauseEven),
        };
        let goes = self.phrases.get(if decided { Phrase::GoesByFirst } else { Phrase::GoesByNone });
        let cites = cites.map_or(String::new(), |phrase| format!("; {}", self.phrases.get(phrase)));
        format!("{goes}: {reason}{cites}")
    }
}
