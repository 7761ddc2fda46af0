//! The fixed words of a report in the languages that readers ask in; English where a language has none of its own.

/// The fixed words of one language: a line of its file each, `Name: words`.
#[derive(Clone, Copy)]
pub(super) struct Phrases {
    tag: &'static str,
    lines: &'static str,
}

const ENGLISH: Phrases = Phrases { tag: "en", lines: include_str!("phrases/en.txt") };

/// Every language that has words of its own.
const LANGUAGES: [Phrases; 11] = [
    ENGLISH,
    Phrases { tag: "de", lines: include_str!("phrases/de.txt") },
    Phrases { tag: "fr", lines: include_str!("phrases/fr.txt") },
    Phrases { tag: "es", lines: include_str!("phrases/es.txt") },
    Phrases { tag: "it", lines: include_str!("phrases/it.txt") },
    Phrases { tag: "pt", lines: include_str!("phrases/pt.txt") },
    Phrases { tag: "nl", lines: include_str!("phrases/nl.txt") },
    Phrases { tag: "pl", lines: include_str!("phrases/pl.txt") },
    Phrases { tag: "ru", lines: include_str!("phrases/ru.txt") },
    Phrases { tag: "zh", lines: include_str!("phrases/zh.txt") },
    Phrases { tag: "ja", lines: include_str!("phrases/ja.txt") },
];

impl Phrases {
    /// Those of a language by its BCP 47 tag.
    pub(super) fn of(language: Option<&str>) -> Self {
        let primary = language.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default();
        LANGUAGES.into_iter().find(|known| known.tag.eq_ignore_ascii_case(primary)).unwrap_or(ENGLISH)
    }

    /// BCP 47 tag of the language.
    pub(super) fn tag(self) -> &'static str {
        self.tag
    }

    /// The words for a phrase.
    pub(super) fn get(self, phrase: Phrase) -> &'static str {
        self.named(phrase.name()).unwrap_or_default()
    }

    /// The words with a capital, as a heading.
    pub(super) fn head(self, phrase: Phrase) -> String {
        let mut chars = self.get(phrase).chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
    }

    /// The words behind a name that comes from data, such as a class of sources.
    pub(super) fn named(self, name: &str) -> Option<&'static str> {
        let find = |lines: &'static str| {
            lines.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| *known == name))
        };
        find(self.lines).or_else(|| find(ENGLISH.lines)).map(|(_, words)| words)
    }

    /// `pages read: 12`
    pub(super) fn count<N: std::fmt::Display>(self, phrase: Phrase, n: N) -> String {
        format!("{}: {n}", self.get(phrase))
    }
}

macro_rules! phrases {
    ($($name:ident),* $(,)?) => {
        /// A phrase, by the name that it has in the files.
        #[derive(Clone, Copy)]
        pub(super) enum Phrase { $($name),* }

        impl Phrase {
            const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

phrases! {
    // Chapters.
    Contents, Summary, Context, Findings, Statistics, Projections, Risks, Conflicts, Methodology, Gaps, Temporal,
    Unhelpful, Sources,
    // Under the title.
    Report, Classification, Open, Date, Scope, Evidence, Note, Degraded,
    // Counts.
    Rounds, Queries, PagesRead, PagesRejected, SourcesCited, FindingsMade, FindingsCited, Seconds, More,
    // Nothing found.
    NoAnswer, NothingClaimed, Further, NotAnswered, NotAnsweredPart, Nearest, NotConfirmed, Closest,
    // Heads of tables.
    What, Value, AsOf, ConfidenceOf, Source, Class, Dated, SubQuestion, Sites, Covered, Yes, No,
    // Methodology.
    Search, Reading, ConfidenceOfFindings, Audit, Verified, Repaired, Dropped, Cut, OneSided, Analyst, QueriesAsked,
    Warning, RejectedPages, CoverageOf, Rule,
    // Why the search ended.
    StopCovered, StopNothingNew, StopRounds, StopSources, StopBudget, StopDeadline, StopNot,
    // Gaps.
    GapNothing, GapSingle, GapThin, GapOpen, GapUnsure,
    // Dates.
    Oldest, Newest, Undated, Future, Old, Retrieved, Published,
    // Conflicts.
    ConflictFigure, ConflictDate, ConflictVersion, ConflictExistence, ConflictDenial, GoesByFirst, GoesByNone, BecauseClass,
    BecauseSites, BecauseConfidence, BecauseLater, BecauseEven, CitesBoth, CitesFirst, CitesSecond, CitesNeither, NoDay,
    // Forms.
    Private, Shortened, Quotes, Table,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_phrase_once() {
        for language in LANGUAGES {
            let names: Vec<&str> =
                language.lines.lines().filter_map(|l| l.split_once(": ")).map(|(n, _)| n).collect();
            for phrase in Phrase::ALL {
                let times = names.iter().filter(|name| **name == phrase.name()).count();
                assert_eq!(times, 1, "{} in {}", phrase.name(), language.tag);
            }
            for line in language.lines.lines() {
                let (name, words) =
                    line.split_once(": ").unwrap_or_else(|| panic!("{line} in {}", language.tag));
                assert!(ENGLISH.named(name).is_some(), "{name} in {}", language.tag);
                // What is printed as it is must mean nothing to Markdown.
                assert!(
                    !words.is_empty() && !words.contains(['[', ']', '*', '_', '`', '<', '|', '#']),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn a_language_without_words_of_its_own_has_english_ones() {
        assert_eq!(Phrases::of(Some("de-CH")).get(Phrase::Sources), "Quellen");
        for tag in [None, Some("en-GB"), Some("fi"), Some("")] {
            assert_eq!(Phrases::of(tag).get(Phrase::Sources), "Sources");
        }
        assert_eq!(Phrases::of(Some("de")).named("unknown"), None);
    }
}
