//! Where in a report its citations stand, for clients that want positions in place of `[1]`.

use super::Report;
use super::style::{at_sources, mark};

/// One `[n]` in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Number of the source.
    pub n: u32,
    /// Its opening bracket: Unicode characters (code points) before it in the Markdown.
    pub start: usize,
    /// The same behind its closing bracket.
    pub end: usize,
}

/// Every citation of a known source, in the order of the text; the list of sources at the end has none.
#[must_use]
pub fn marks(report: &Report) -> Vec<Mark> {
    let (body, _) = at_sources(report);
    let mut found = Vec::new();
    let (mut rest, mut at) = (body, 0_usize);
    while let Some((before, tail)) = rest.find('[').and_then(|bracket| rest.split_at_checked(bracket)) {
        at = at.saturating_add(before.chars().count());
        let behind = match mark(tail) {
            Some((n, behind)) => {
                let chars = tail.len().saturating_sub(behind.len());
                if report.sources.iter().any(|source| source.n == n) {
                    found.push(Mark { n, start: at, end: at.saturating_add(chars) });
                }
                behind
            }
            None => tail.get(1..).unwrap_or_default(),
        };
        // A mark, as a bracket alone, is ASCII: as many characters as bytes.
        at = at.saturating_add(tail.len().saturating_sub(behind.len()));
        rest = behind;
    }
    found
}
