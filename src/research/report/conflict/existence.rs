//! Whether a version exists at all: one sentence says that there is none, another tells what it does.

use super::date::Date;
use super::quantity::Version;
use super::statement::Statement;

/// What a sentence says against the existence of a version.
pub(super) enum Denied<'a> {
    /// "There is no Tokio 2.0."
    Version(&'a Version),
    /// "The latest version of Tokio is 1.47": nothing with a greater first number is out.
    Beyond(Version),
}

impl Denied<'_> {
    /// Whether the other sentence speaks of such a version as a fact.
    pub(super) fn is_contradicted_by(&self, other: &Statement) -> bool {
        if other.is_conditional() || denied(other).is_some() {
            return false;
        }
        other.versions.iter().any(|version| match self {
            Self::Version(none) => {
                version.product.is_some() && none.is_of_same(version) && none.is_same(version)
            }
            Self::Beyond(latest) => {
                version.product.is_some() && version.product == latest.product && version.is_major_of(latest)
            }
        })
    }

    /// Whether both name the latest version of one thing, and not the same one.
    pub(super) fn is_other_latest(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Beyond(a), Self::Beyond(b)) => a.product == b.product && !a.is_same(b),
            _ => false,
        }
    }

    /// Whether what was true at `mine` may have changed by `other`.
    pub(super) fn may_have_changed(&self, mine: Option<&Date>, other: Option<&Date>) -> bool {
        matches!(self, Self::Beyond(_)) && mine.zip(other).is_some_and(|(mine, other)| mine.is_before(other))
    }
}

/// What the sentence denies, if it does.
pub(super) fn denied(statement: &Statement) -> Option<Denied<'_>> {
    let word = |i: Option<usize>| i.and_then(|i| statement.tokens.get(i)).map_or("", |t| t.folded.as_str());
    for version in &statement.versions {
        let (start, end) = (version.tokens.start, version.tokens.end);
        let none = (1..=3).filter_map(|n| start.checked_sub(n)).any(|i| {
            // "There is no Tokio 2.0", "No Tokio 2.0 is out"; but not the Portuguese "no Apache 2.1".
            let after = word(i.checked_sub(1));
            word(Some(i)) == "no"
                && (i == 0
                    || matches!(after, "is" | "are" | "was" | "been" | "be" | "as" | "yet" | "," | "still"))
        });
        let denies = |i: &usize| matches!(word(Some(*i)), "not" | "never") || word(Some(*i)).ends_with("n't");
        let linked = |i: &usize| denies(i) || LINKS.contains(&word(Some(*i)));
        let never = (end..end.saturating_add(DENIAL_WORDS_MAX))
            .take_while(linked)
            .find(denies)
            .is_some_and(|i| (i + 1..=i + 4).any(|j| EXISTS.contains(&word(Some(j)))));
        if none || never {
            return Some(Denied::Version(version));
        }
    }
    // "The latest version of Tokio is 1.47.1", "Tokio is still at 1.x".
    let still = statement.tokens.windows(2).any(|w| {
        matches!(w, [a, b] if a.is("still") && (b.is("at") || b.is("on") || b.is("in") || b.is_number() || b.is("a")))
    });
    let [version] = statement.versions.as_slice() else { return None };
    let named_at = version.tokens.start;
    let named_at = named_at
        .saturating_sub(usize::from(version.product.as_deref() == Some(word(named_at.checked_sub(1)))));
    let latest = (0..named_at).rev().take(LATEST_WORDS_MAX).any(|i| {
        matches!(word(Some(i)), "latest" | "newest" | "current")
            && (i + 1..=i + 3).any(|j| matches!(word(Some(j)), "version" | "release" | "stable" | "series"))
    }) && matches!(
        word(named_at.checked_sub(1)),
        "is" | "was" | "remains" | ":" | "," | "(" | "version" | "release" | "at"
    );
    if !(latest || still) || statement.is_conditional() {
        return None;
    }
    let named = version.product.clone().or_else(|| {
        let names =
            statement.tokens.iter().filter(|t| t.term.as_deref().is_some_and(|term| statement.is_name(term)));
        let mut names: Vec<String> = names.map(|t| t.folded.clone()).collect();
        names.dedup();
        // With two names nobody knows whose version it is.
        if names.len() == 1 { names.pop() } else { None }
    })?;
    Some(Denied::Beyond(Version { product: Some(named), ..version.clone() }))
}

/// Words behind a version in which its denial is looked for.
const DENIAL_WORDS_MAX: usize = 6;
/// Words before a version in which `latest` is looked for: `the newest release of the project so far is`.
const LATEST_WORDS_MAX: usize = 10;
/// What may stand between a version and its denial.
const LINKS: [&str; 16] = [
    "has", "have", "had", "does", "do", "did", "is", "was", "were", "are", "still", "yet", "also",
    "actually", "so", "far",
];
const EXISTS: [&str; 11] = [
    "exist",
    "exists",
    "existed",
    "released",
    "out",
    "available",
    "shipped",
    "launched",
    "announced",
    "published",
    "happened",
];

#[cfg(test)]
mod tests {
    use super::super::statement::names;
    use super::*;

    fn contradicts(a: &str, b: &str) -> bool {
        let names = names([a, b].into_iter());
        let (a, b) = (Statement::new(a, &names), Statement::new(b, &names));
        denied(&a).is_some_and(|d| d.is_contradicted_by(&b))
    }

    #[test]
    fn a_version_that_does_not_exist_does_nothing() {
        let does = "With Tokio 2.0 the timers cost 40 percent less.";
        for none in [
            "There is no Tokio 2.0.",
            "Tokio 2.0 does not exist.",
            "As of today, Tokio 2.0 has not been released.",
            "There is no version 2.0 of Tokio.",
            "The latest release of Tokio is 1.47.1.",
            "The current stable version is Tokio 1.47.",
            "In the wild, Tokio is still at 1.x.",
        ] {
            assert!(contradicts(none, does), "{none}");
        }
        for fine in [
            "The latest release of Tokio is 2.1.",
            "The latest release of Smol is 1.3.",
            "Tokio 1.47 has not been yanked.",
            "The current Tokio 1.47 timers are fast.",
        ] {
            assert!(!contradicts(fine, does), "{fine}");
        }
        assert!(!contradicts("There is no Tokio 2.0.", "In the end, Tokio 2.0 will cut the cost of timers."));
        assert!(!contradicts("There is no Tokio 2.0.", "In short, Tokio 1.47 cut the cost of timers."));
    }
}
