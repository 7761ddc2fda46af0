//! The chapter on conflicting evidence: both sides, and which one this report goes by.

use super::super::super::markdown::escape_line;
use super::super::super::{Finding, FindingId, PageId, PageRecord};
use super::super::extract::plain;
use super::{Conflict, ConflictKind};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One bullet a conflict, citing `[F12]`; empty when there is none.
pub(in super::super) fn chapter(
    conflicts: &[Conflict],
    findings: &BTreeMap<FindingId, &Finding>,
    _pages: &BTreeMap<PageId, PageRecord>,
) -> String {
    let mut out = String::new();
    for conflict in conflicts {
        let (Some(a), Some(b)) = (findings.get(&conflict.a), findings.get(&conflict.b)) else {
            continue;
        };
        let what = match conflict.kind {
            ConflictKind::Figure => "Figures differ",
            ConflictKind::Date => "Dates differ",
            ConflictKind::Denial => "One source denies what the other says",
        };
        let said =
            |f: &Finding| format!("{} [{}]", escape_line(plain(&f.claim.fact).trim_end_matches('.')), f.id);
        let verdict =
            if conflict.preferred.is_some() { "the first is preferred" } else { "none is preferred" };
        let _ =
            writeln!(out, "- **{what}:** {}; but {}. Here {verdict}: {}.", said(a), said(b), conflict.reason);
    }
    out
}
