//! What kind of statement a sentence is, and the figure it holds.

use crate::research::FindingKind;
use crate::text::MONTHS;

/// Words that may follow a figure as its unit; sorted.
const UNITS: &[&str] = &[
    "b",
    "bits",
    "bytes",
    "characters",
    "columns",
    "connections",
    "cores",
    "cpus",
    "cycles",
    "days",
    "degrees",
    "dimensions",
    "dollars",
    "dpi",
    "eur",
    "euros",
    "files",
    "fps",
    "gb",
    "ghz",
    "gib",
    "hours",
    "hz",
    "iterations",
    "items",
    "kb",
    "kg",
    "khz",
    "kib",
    "kilobytes",
    "km",
    "kw",
    "kwh",
    "lines",
    "m",
    "mb",
    "megabytes",
    "meters",
    "mhz",
    "mib",
    "microseconds",
    "miles",
    "milliseconds",
    "minutes",
    "months",
    "ms",
    "mw",
    "nanoseconds",
    "ns",
    "objects",
    "pages",
    "people",
    "percent",
    "pixels",
    "points",
    "processes",
    "queries",
    "records",
    "requests",
    "rows",
    "rps",
    "s",
    "sec",
    "seconds",
    "secs",
    "servers",
    "tables",
    "tasks",
    "tb",
    "terabytes",
    "threads",
    "times",
    "tokens",
    "tonnes",
    "tons",
    "transactions",
    "usd",
    "users",
    "versions",
    "w",
    "weeks",
    "workers",
    "years",
    "µs",
    "μs",
];
/// Powers that belong to the figure.
const POWERS: &[&str] = &["thousand", "million", "billion", "trillion", "hundred"];
/// Words of danger, cost and limits.
const RISKS: &[&str] = &[
    "drawback",
    "downside",
    "disadvantage",
    "limitation",
    "risk",
    "danger",
    "vulnerab",
    "overhead",
    "caveat",
    "pitfall",
    "trade-off",
    "tradeoff",
    "deadlock",
    "data loss",
    "data race",
    "corrupt",
    "unsafe",
    "cannot guarantee",
    "at the cost of",
    "comes at a cost",
    "problematic",
    "leak",
    "starv",
    "insecure",
];
/// Words about what is to come.
const PROJECTIONS: &[&str] = &[
    "is expected to",
    "are expected to",
    "is projected",
    "are projected",
    "forecast",
    "is planned",
    "are planned",
    "is predicted",
    "will be removed",
    "in the future",
    "by 2030",
    "is likely to",
    "roadmap",
    "is scheduled for",
];
/// Words of judgement.
const OPINIONS: &[&str] = &[
    "we believe",
    "i believe",
    "i think",
    "we think",
    "in my opinion",
    "in our view",
    "arguably",
    "we recommend",
    "recommended",
    "should prefer",
    "is the best",
    "is better",
    "my favorite",
    "we suggest",
];

/// What was made out about a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Detected {
    pub(crate) kind: FindingKind,
    pub(crate) value: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) date: Option<String>,
}

/// Kind, first figure with its unit, and date of a statement.
pub(crate) fn detect(text: &str) -> Detected {
    let lower = text.to_lowercase();
    let has = |phrases: &[&str]| phrases.iter().any(|p| lower.contains(p));
    let figure = figure(text);
    let with_unit = figure.as_ref().is_some_and(|(_, unit)| unit.is_some());
    let kind = if has(PROJECTIONS) {
        FindingKind::Projection
    } else if has(RISKS) {
        FindingKind::Risk
    } else if with_unit {
        FindingKind::Statistic
    } else if has(OPINIONS) {
        FindingKind::Opinion
    } else if is_definition(&lower) {
        FindingKind::Definition
    } else {
        FindingKind::Fact
    };
    let (value, unit) =
        figure.filter(|(_, unit)| unit.is_some()).map_or((None, None), |(value, unit)| (Some(value), unit));
    Detected { kind, value, unit, date: date(text) }
}

/// First figure with a unit, else the first figure that is no year, list number or part of a name.
fn figure(text: &str) -> Option<(String, Option<String>)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut bare = None;
    for (at, word) in words.iter().enumerate() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '%' | '$' | '€' | '£'));
        let sign: String = word.chars().take_while(|c| matches!(c, '$' | '€' | '£')).collect();
        let digits: String = word
            .chars()
            .skip(sign.chars().count())
            .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
            .collect();
        let digits = digits.trim_end_matches(['.', ',']);
        if digits.is_empty() {
            continue;
        }
        let rest = word.get(sign.len() + digits.len()..).unwrap_or_default();
        let next = words.get(at + 1).map(|w| trimmed(w).to_lowercase()).unwrap_or_default();
        let ends = words.get(at).is_some_and(|w| w.ends_with([',', ';', ')', '.']));
        let power = POWERS.contains(&next.as_str()) && !ends;
        let value = if power { format!("{digits} {next}") } else { digits.to_owned() };
        let after =
            words.get(at + 1 + usize::from(power)).map(|w| trimmed(w).to_lowercase()).unwrap_or_default();
        let unit = if !sign.is_empty() {
            Some(sign)
        } else if rest.starts_with('%') {
            Some("%".to_owned())
        } else if !rest.is_empty() {
            let unit = rest.trim_start_matches('-').to_lowercase();
            UNITS.contains(&unit.as_str()).then(|| rest.trim_start_matches('-').to_owned())
        } else if !ends && UNITS.contains(&after.as_str()) {
            words.get(at + 1 + usize::from(power)).map(|w| trimmed(w).to_owned())
        } else {
            None
        };
        if unit.is_some() {
            return Some((value, unit));
        }
        if bare.is_none() && rest.is_empty() && !is_year(digits) {
            bare = Some((value, None));
        }
    }
    bare
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '%')
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.parse::<u32>().is_ok_and(|y| (1800..2100).contains(&y))
}

/// First date: `2026-01-31`, `31 January 2026`, `January 2026` or a year, as written.
fn date(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let month = |w: &str| MONTHS.contains(&w.to_lowercase().as_str()) && w.starts_with(char::is_uppercase);
    let day = |w: &str| w.len() <= 2 && w.parse::<u32>().is_ok_and(|d| (1..=31).contains(&d));
    for (at, word) in words.iter().enumerate() {
        let iso: Vec<&str> = word.split('-').collect();
        if let [y, m, d] = iso.as_slice()
            && is_year(y)
            && m.parse::<u32>().is_ok()
            && d.parse::<u32>().is_ok()
        {
            return Some((*word).to_owned());
        }
        if !is_year(word) {
            continue;
        }
        let back = |n: usize| at.checked_sub(n).and_then(|i| words.get(i)).copied().unwrap_or_default();
        let from = if month(back(1)) && day(back(2)) || month(back(2)) && day(back(1)) {
            2
        } else {
            usize::from(month(back(1)))
        };
        // A bare number such as 2,000 is kept out by its comma; 2048 without a word of time before it is no year.
        let timely = ["in", "since", "of", "by", "until", "from", "during", "before", "after"]
            .contains(&back(1).to_lowercase().as_str());
        if from > 0 || timely {
            return words.get(at - from..=at).map(|w| w.join(" "));
        }
    }
    None
}

fn is_definition(lower: &str) -> bool {
    let phrases = [
        " is a ",
        " is an ",
        " are a ",
        " refers to ",
        " is defined as ",
        " means that ",
        " stands for ",
        " is called ",
        " is the process ",
        " is the practice ",
    ];
    phrases.iter().any(|p| {
        lower.find(p).is_some_and(|at| lower.get(..at).is_some_and(|h| h.split_whitespace().count() <= 5))
    })
}

/// The sentence begins by saying what `word` is.
pub(super) fn defines(text: &str, word: &str) -> bool {
    let lower = text.to_lowercase();
    let word = word.to_lowercase();
    let verbs = [
        " is a ",
        " is an ",
        " is the ",
        " are ",
        " is ",
        " refers to ",
        " means ",
        " lets ",
        " enables ",
        " allows ",
    ];
    let head = verbs.iter().filter_map(|v| lower.find(v)).min().and_then(|at| lower.get(..at));
    head.is_some_and(|h| {
        h.split_whitespace().count() <= 4
            && h.split(|c: char| !c.is_alphanumeric())
                .any(|w| w == word || w.strip_suffix('s') == Some(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (FindingKind, Option<String>, Option<String>, Option<String>) {
        let d = detect(text);
        (d.kind, d.value, d.unit, d.date)
    }

    #[test]
    fn figures_come_with_their_units() {
        for (text, value, unit) in [
            ("The default is 300 seconds.", "300", "seconds"),
            ("SLT runs 7.2 million queries in total.", "7.2 million", "queries"),
            ("Memory grew by 20% in 3.11.", "20", "%"),
            ("It must be shorter than 8000 bytes.", "8000", "bytes"),
            ("Latency fell to 42ms.", "42", "ms"),
            ("It costs $1,200.", "1,200", "$"),
        ] {
            let (kind, v, u, _) = found(text);
            assert_eq!(
                (kind, v.as_deref(), u.as_deref()),
                (FindingKind::Statistic, Some(value), Some(unit)),
                "{text}"
            );
        }
        assert_eq!(found("Python 3.11 removed the module."), (FindingKind::Fact, None, None, None));
    }

    #[test]
    fn dates_are_taken_as_written() {
        for (text, date) in [
            ("Released on 31 January 2026 to all.", Some("31 January 2026")),
            ("Since March 2025, it works.", Some("March 2025")),
            ("On 2026-02-03 it ended.", Some("2026-02-03")),
            ("It began in 2019.", Some("2019")),
            ("It has 2048 slots.", None),
        ] {
            assert_eq!(detect(text).date.as_deref(), date, "{text}");
        }
    }

    #[test]
    fn kinds_are_told_apart() {
        for (text, kind) in [
            ("A future is a value that may not be ready yet.", FindingKind::Definition),
            ("The main drawback of threads is memory.", FindingKind::Risk),
            ("The module is expected to vanish in 3.12.", FindingKind::Projection),
            ("We recommend the multi-threaded runtime.", FindingKind::Opinion),
            ("The runtime polls tasks.", FindingKind::Fact),
        ] {
            assert_eq!(found(text).0, kind, "{text}");
        }
    }

    #[test]
    fn a_definition_names_its_word_first() {
        assert!(defines("Ownership is a set of rules.", "ownership"));
        assert!(!defines("The rules of the game are called ownership.", "ownership"));
    }
}
