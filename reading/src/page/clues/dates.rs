//! When a page was published and changed: every date that was heard, weighed once all are known.

use super::Clues;
use crate::page::byline::Byline;
use crate::page::date::{self, Order};
use serde::{Deserialize, Serialize};
use url::Url;

/// Where a date was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSource {
    /// JSON-LD about the page.
    JsonLd,
    /// A `<meta>` element.
    Meta,
    /// A `<time>` element.
    Time,
    /// The page's address.
    Url,
    /// A line near the title.
    Byline,
    /// The record of a PDF that says when it was published.
    Record,
    /// When the file of a PDF was made, which may be long after.
    FileDate,
}

/// A day, `YYYY-MM-DD`, and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    pub(crate) day: String,
    pub(crate) from: DateSource,
}

impl Dated {
    pub(crate) fn parted(dated: Option<Self>) -> (Option<String>, Option<DateSource>) {
        dated.map(|dated| (dated.day, dated.from)).unzip()
    }
}

/// Both days of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) published: Option<Dated>,
    pub(crate) modified: Option<Dated>,
}

/// What a date is the date of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Published,
    Modified,
    Unsaid,
}

/// A date as it was written.
#[derive(Debug)]
pub(super) struct Note {
    moment: Moment,
    /// Text blocks before it; `None` for a `<meta>`, which stands nowhere.
    place: Option<usize>,
    text: String,
}

impl Note {
    /// A `<meta>` says that the page was published: most pages that are no text of an author do not.
    pub(super) fn is_stated_publication(&self) -> bool {
        self.moment == Moment::Published && self.place.is_none()
    }
}

/// Dates that are remembered; a thread of a hundred posts has some hundred, and the first is what counts.
const NOTES_MAX: usize = 48;
/// Longest date that is remembered.
const NOTE_CHARS_MAX: usize = 64;
/// Blocks around the title in which a `<time>` belongs to it rather than to a list of other pages.
const BEFORE_TITLE: usize = 8;
const BEHIND_TITLE: usize = 24;

impl Clues {
    /// A `<time>` or another element with a date, after so many blocks of text.
    pub(crate) fn time(&mut self, text: &str, moment: Moment, place: usize) {
        self.note_date(text, moment, Some(place));
    }

    /// A `<meta>` of this name. Says whether it is the name of a date.
    pub(super) fn meta_date(&mut self, key: &str, content: &str) -> bool {
        let Some(moment) = moment_of(key) else { return false };
        self.note_date(content, moment, None);
        true
    }

    fn note_date(&mut self, text: &str, moment: Moment, place: Option<usize>) {
        if self.dates.len() < NOTES_MAX && text.bytes().any(|byte| byte.is_ascii_digit()) {
            let text = text.trim().chars().take(NOTE_CHARS_MAX).collect();
            self.dates.push(Note { moment, place, text });
        }
    }

    /// The days of the page whose title is shown by the block at `title_at`.
    pub(crate) fn best_days(
        &self,
        url: &Url,
        order: Order,
        byline: &Byline,
        title_at: Option<usize>,
    ) -> Days {
        let noted = |moment, times: bool| {
            let notes =
                self.dates.iter().filter(move |note| note.moment == moment && note.place.is_some() == times);
            notes.filter_map(move |note| Some((note, date::day(&note.text, order)?)))
        };
        let near = |note: &Note| {
            note.place.zip(title_at).is_some_and(|(place, title)| {
                (title.saturating_sub(BEFORE_TITLE)..=title.saturating_add(BEHIND_TITLE)).contains(&place)
            })
        };
        let from = |from| move |day| Dated { day, from };
        let said = |text: &Option<String>| date::day(text.as_deref()?, order).map(from(DateSource::JsonLd));
        let meta = |moment| noted(moment, false).next().map(|(_, day)| day).map(from(DateSource::Meta));
        let close_time = |moment| {
            noted(moment, true).find(|(note, _)| near(note)).map(|(_, day)| day).map(from(DateSource::Time))
        };
        let time = |moment| {
            close_time(moment)
                .or_else(|| noted(moment, true).next().map(|(_, day)| day).map(from(DateSource::Time)))
        };
        let line = |day: &Option<String>| day.clone().map(from(DateSource::Byline));
        let modified = said(&self.said.modified)
            .or_else(|| meta(Moment::Modified))
            .or_else(|| time(Moment::Modified))
            .or_else(|| line(&byline.modified));
        let published = self
            .day_in_address(url)
            .map(from(DateSource::Url))
            .or_else(|| said(&self.said.published))
            .or_else(|| meta(Moment::Published))
            .or_else(|| time(Moment::Published))
            .or_else(|| close_time(Moment::Unsaid))
            .or_else(|| line(&byline.published))
            .or_else(|| time(Moment::Unsaid));
        Days { published: published.or_else(|| modified.clone()), modified }
    }

    /// The day in one of the page's addresses: of all sources the one that is right most often, and in the author's own
    /// time zone.
    fn day_in_address(&self, url: &Url) -> Option<String> {
        let stated = [self.canonical.as_deref(), self.og_url.as_deref()];
        date::day_in_path(url.path()).or_else(|| stated.into_iter().flatten().find_map(date::day_in_path))
    }
}

/// Names that `<meta>` elements give to dates, without their prefix and signs: Open Graph, Dublin Core, Highwire, Parse.ly, Sailthru and the many homes of
/// content systems.
fn moment_of(key: &str) -> Option<Moment> {
    let key = key.rsplit(':').next().unwrap_or(key).replace(['-', '_', '.', ' '], "");
    match key.as_str() {
        "publishedtime"
        | "datepublished"
        | "date"
        | "pubdate"
        | "publishdate"
        | "dcdate"
        | "dcdateissued"
        | "dctermscreated"
        | "dctermsdate"
        | "dctermsissued"
        | "dcdatecreated"
        | "sailthrudate"
        | "parselypubdate"
        | "citationpublicationdate"
        | "citationdate"
        | "citationonlinedate"
        | "articlepublished"
        | "publisheddate"
        | "published"
        | "publicationdate"
        | "issued"
        | "created"
        | "datecreated"
        | "originalpublicationdate"
        | "pdate"
        | "ptime"
        | "displaydate"
        | "wpublisheddate"
        | "msdate"
        | "firstpublished"
        | "uploaddate"
        | "releasedate"
        | "publishtime"
        | "createdate"
        | "cxenseparserecspublishtime"
        | "articledate"
        | "pubtime" => Some(Moment::Published),
        "modifiedtime" | "updatedtime" | "datemodified" | "lastmodified" | "modified" | "updated"
        | "revised" | "lastmod" | "dctermsmodified" | "dcdatemodified" | "modifieddate" | "lastupdated"
        | "lastmodifieddate" | "updatedat" | "lastupdate" | "articlemodified" | "revisiondate" => {
            Some(Moment::Modified)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(
        clues: &Clues,
        url: &str,
        byline: Byline,
        title_at: Option<usize>,
    ) -> (Option<(String, DateSource)>, Option<String>) {
        let days = clues.best_days(&Url::parse(url).expect("a URL"), Order::MonthFirst, &byline, title_at);
        (days.published.map(|dated| (dated.day, dated.from)), days.modified.map(|dated| dated.day))
    }

    #[test]
    fn the_better_source_of_a_date_wins() {
        let mut clues = Clues::default();
        clues.time("2021-01-01", Moment::Unsaid, 3);
        assert_eq!(
            days(&clues, "https://e.com/x", Byline::default(), None).0,
            Some(("2021-01-01".into(), DateSource::Time))
        );
        clues.meta("dcterms.issued", "2 March 2019");
        assert_eq!(
            days(&clues, "https://e.com/x", Byline::default(), None).0,
            Some(("2019-03-02".into(), DateSource::Meta))
        );
        clues.json_ld(r#"{"@type":"Article","datePublished":"2018-05-06","dateModified":"2018-07-08"}"#);
        assert_eq!(
            days(&clues, "https://e.com/x", Byline::default(), None),
            (Some(("2018-05-06".into(), DateSource::JsonLd)), Some("2018-07-08".into()))
        );
        assert_eq!(
            days(&clues, "https://e.com/2018/05/05/x", Byline::default(), None).0,
            Some(("2018-05-05".into(), DateSource::Url))
        );
    }

    #[test]
    fn a_time_near_the_title_beats_one_in_a_list_before_it() {
        let mut clues = Clues::default();
        clues.time("2021-01-01", Moment::Unsaid, 3);
        clues.time("2022-02-02", Moment::Unsaid, 41);
        let (published, _) = days(&clues, "https://e.com/", Byline::default(), Some(40));
        assert_eq!(published, Some(("2022-02-02".into(), DateSource::Time)));
    }

    #[test]
    fn a_page_that_only_says_when_it_changed_dates_from_then() {
        let mut clues = Clues::default();
        clues.meta("article:modified_time", "2024-03-01");
        let (published, modified) = days(&clues, "https://e.com/", Byline::default(), None);
        assert_eq!(
            (published, modified),
            (Some(("2024-03-01".into(), DateSource::Meta)), Some("2024-03-01".into()))
        );
    }
}
