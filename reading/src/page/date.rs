//! Days as pages write them: machine-readable, in numbers, or in words of some twenty languages.

use chrono::{Datelike, NaiveDate};

/// The first day found in a text, as `YYYY-MM-DD`: `2024-03-01T10:00Z`, `2024/3/1`, `20240301`, `1.3.2024`, `2024年3月1日`,
/// `March 1st, 2024`, `1 de marzo de 2024`, `2024 Mar 1`. The day is taken as written, whatever its time zone. A month
/// without a day is no day, and words such as "yesterday" are not guessed at.
pub(crate) fn day(text: &str, order: Order) -> Option<String> {
    let parts = parts(text);
    if let Some(first) = parts.first()
        && first.number
        && matches!(first.text.len(), 8 | 14)
    {
        let digits = |range: std::ops::Range<usize>| first.text.get(range);
        if let Some(day) = ymd(digits(0..4)?, digits(4..6)?, digits(6..8)?) {
            return Some(day);
        }
    }
    (0..parts.len()).find_map(|at| {
        let rest = parts.get(at..)?;
        in_numbers(rest, at.checked_sub(1).and_then(|before| parts.get(before)), order)
            .or_else(|| in_words(rest))
    })
}

/// Which of day and month stands first where both are numbers parted by slashes: 1/3/2024 has two meanings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nothing tells: only a number above 12 does.
    #[default]
    Unknown,
    DayFirst,
    MonthFirst,
}

impl Order {
    /// By the page's language, and by the country of its host for English, which only the United States write month first.
    pub(crate) fn of(language: Option<&str>, host: &str) -> Self {
        let tag = language.unwrap_or_default().to_ascii_lowercase();
        let country = host.rsplit('.').next().unwrap_or_default();
        let elsewhere =
            matches!(country, "uk" | "au" | "nz" | "ie" | "za" | "in" | "sg" | "my" | "ng" | "ke" | "eu");
        match tag.split('-').next().unwrap_or_default() {
            "" if country.len() == 2 && !matches!(country, "us" | "io" | "co" | "ai" | "tv" | "me") => {
                Self::DayFirst
            }
            "" => Self::Unknown,
            "en" if elsewhere => Self::DayFirst,
            "en" if matches!(tag.as_str(), "en" | "en-us" | "en-ph") => Self::MonthFirst,
            _ => Self::DayFirst,
        }
    }
}

/// A day in a URL's path: `/2024/03/01/title`, `/2024-03-01-title` or `/20240301/title`.
pub(crate) fn day_in_path(path: &str) -> Option<String> {
    let numbers: Vec<&str> = path.split(['/', '-', '_', '.', '+']).take(URL_PARTS_MAX).collect();
    let parted = numbers.windows(3).find_map(|parts| {
        let [year, month, day] = parts else { return None };
        let month = if month.len() == 3 { self::month(month)? } else { month };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let day = day.get(..2).filter(|two| digits(two) && !digits(day)).unwrap_or(day);
        (year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len()))
            .then(|| ymd(year, month, day))
            .flatten()
    });
    // `/2024/0301/c1-2.html`, as Chinese papers do.
    let halved = || {
        numbers.windows(2).find_map(|parts| {
            let [year, rest] = parts else { return None };
            (year.len() == 4 && rest.len() == 4).then(|| ymd(year, rest.get(..2)?, rest.get(2..)?)).flatten()
        })
    };
    parted.or_else(halved).or_else(|| {
        let whole = |part: &&&str| part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit());
        numbers.iter().filter(whole).find_map(|part| ymd(part.get(..4)?, part.get(4..6)?, part.get(6..)?))
    })
}

/// The name of a month, in any of the languages.
pub(crate) fn is_month(word: &str) -> bool {
    month(word).is_some()
}

/// A path has no more segments before its day.
const URL_PARTS_MAX: usize = 64;
/// A line of text has no more words and numbers than this before its day.
const PARTS_MAX: usize = 80;
/// Nothing dates from before; a page that says so shows the zero of some program.
const YEAR_MIN: i32 = 1900;
/// A page has no clock, but years beyond this are mistakes: the next ten from when this was written.
const YEAR_MAX: i32 = 2036;

/// A run of digits or of letters, and what stands between it and the run before.
struct Part<'a> {
    gap: &'a str,
    text: &'a str,
    number: bool,
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while parts.len() < PARTS_MAX {
        let Some(start) = rest.find(is_part) else { break };
        let (gap, from) = rest.split_at_checked(start).unwrap_or(("", rest));
        let number = from.starts_with(|c: char| c.is_ascii_digit());
        let same = |c: char| is_part(c) && c.is_ascii_digit() == number;
        let end = from.find(|c| !same(c)).unwrap_or(from.len());
        let (text, after) = from.split_at_checked(end).unwrap_or((from, ""));
        parts.push(Part { gap, text, number });
        rest = after;
    }
    parts
}

/// The signs for year, month and day of Chinese, Japanese and Korean part numbers rather than being words.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '年' | '月' | '日' | '년' | '월' | '일')
}

fn in_numbers(parts: &[Part<'_>], before: Option<&Part<'_>>, order: Order) -> Option<String> {
    let [a, b, c, ..] = parts else { return None };
    if !(a.number && b.number && c.number) {
        return None;
    }
    let (gap, next_gap) = (b.gap.trim(), c.gap.trim());
    if a.text.len() == 4 {
        let parted = gap == next_gap && matches!(gap, "-" | "/" | "." | "\u{2013}" | "");
        let signed = matches!((gap, next_gap), ("年", "月") | ("년", "월"));
        return (parted || signed).then(|| ymd(a.text, b.text, c.text)).flatten();
    }
    if gap != next_gap || !matches!(gap, "." | "/" | "-") || a.text.len() > 2 || b.text.len() > 2 {
        return None;
    }
    // Numbers of versions and of telephones go on.
    let goes_on = parts.get(3).is_some_and(|next| next.number && next.gap == c.gap)
        || before.is_some_and(|before| before.number && a.gap == b.gap);
    if goes_on || !(c.text.len() == 4 || (c.text.len() == 2 && gap != "-" && b.text.len() == 2)) {
        return None;
    }
    let year = if c.text.len() == 2 { format!("20{}", c.text) } else { c.text.to_owned() };
    let (first, second): (u32, u32) = (a.text.parse().ok()?, b.text.parse().ok()?);
    let day_first = match order {
        _ if first > 12 => true,
        _ if second > 12 => false,
        _ if gap == "." || first == second => true,
        Order::Unknown => return None,
        Order::DayFirst => true,
        Order::MonthFirst => false,
    };
    if day_first { ymd(&year, b.text, a.text) } else { ymd(&year, a.text, b.text) }
}

/// `1 March 2024`, `March 1st 2024`, `2024 Mar 1`, with the small words that languages put between.
fn in_words(parts: &[Part<'_>]) -> Option<String> {
    let filler = |part: &&Part<'_>| {
        !matches!(
            part.text,
            "st" | "nd" | "rd" | "th" | "er" | "de" | "del" | "of" | "the" | "o" | "ª" | "º" | "ος" | "η"
        )
    };
    let mut words = parts.iter().take(WORDS_OF_DAY_MAX).filter(filler);
    let (a, b, c) = (words.next()?, words.next()?, words.next()?);
    let short = |part: &Part<'_>| part.number && part.text.len() <= 2;
    let year = |part: &Part<'_>| part.number && part.text.len() == 4;
    if short(a) && year(c) {
        ymd(c.text, month(b.text)?, a.text)
    } else if short(b) && year(c) {
        ymd(c.text, month(a.text)?, b.text)
    } else if year(a) && short(c) {
        ymd(a.text, month(b.text)?, c.text)
    } else {
        None
    }
}

/// Day, month, year and at most three small words: `1 st of March de 2024`.
const WORDS_OF_DAY_MAX: usize = 6;

fn month(name: &str) -> Option<&'static str> {
    const MONTHS: [(&str, &str); 12] = [
        (
            "1",
            "january jan januar jänner jän janvier janv enero ene gennaio gen januari janeiro janv stycznia styczeń sty января январь янв січня ιανουαρίου ιανουάριος ιανουαριου ιαν ocak leden ledna ianuarie január tammikuuta",
        ),
        (
            "2",
            "february feb februar februari feber février févr fév fevrier febrero febbraio febr fevereiro fev lutego luty lut февраля февраль фев лютого φεβρουαρίου φεβρουάριος φεβρουαριου φεβ φεβρ şubat února únor februarie február helmikuuta",
        ),
        (
            "3",
            "march mar märz maerz mär mars marzo maart mrt março marca marzec марта март мар березня μαρτίου μάρτιος μαρτιου μαρ mart března březen martie március maaliskuuta marts",
        ),
        (
            "4",
            "april apr avril avr abril abr aprile kwietnia kwiecień kwi апреля апрель апр квітня απριλίου απρίλιος απριλιου απρ nisan dubna duben aprilie április huhtikuuta",
        ),
        (
            "5",
            "may mai mayo maggio mag mei maio maja maj мая май травня μαΐου μαίου μάιος μαΐ μαϊου mayıs května květen május toukokuuta",
        ),
        (
            "6",
            "june jun juni juin junio giugno giu junho czerwca czerwiec cze июня июнь июн червня ιουνίου ιούνιος ιουνιου ιουν haziran června červen iunie június kesäkuuta",
        ),
        (
            "7",
            "july jul juli juillet juil julio luglio lug julho lipca lipiec lip июля июль июл липня ιουλίου ιούλιος ιουλιου ιουλ temmuz července červenec iulie július heinäkuuta",
        ),
        (
            "8",
            "august aug août aout agosto ago augustus augusti sierpnia sierpień sie августа август авг серпня αυγούστου αύγουστος αυγουστου αυγ ağustos srpna srpen augusztus elokuuta",
        ),
        (
            "9",
            "september sep sept septembre septiembre settembre setembro set września wrzesień wrz сентября сентябрь сен сент вересня σεπτεμβρίου σεπτέμβριος σεπτεμβριου σεπ σεπτ eylül září septembrie szeptember syyskuuta",
        ),
        (
            "10",
            "october oct oktober okt octobre octubre ottobre ott outubro out października październik paź октября октябрь окт жовтня οκτωβρίου οκτώβριος οκτωβριου οκτ ekim října říjen octombrie október lokakuuta",
        ),
        (
            "11",
            "november nov novembre noviembre novembro listopada listopad lis ноября ноябрь ноя нояб νοεμβρίου νοέμβριος νοεμβριου νοε noiembrie kasım marraskuuta",
        ),
        (
            "12",
            "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro desember des grudnia grudzień gru декабря декабрь дек грудня δεκεμβρίου δεκέμβριος δεκεμβριου δεκ aralık prosince prosinec decembrie joulukuuta",
        ),
    ];
    let name = name.to_lowercase();
    let known = MONTHS.iter().find(|(_, names)| lists(names, &name));
    known.map(|(number, _)| *number)
}

/// Whether a list of words between single blanks has this one. Short lists are read in less time than a searcher for blanks
/// takes to be made.
pub(crate) fn lists(list: &str, word: &str) -> bool {
    if word.bytes().any(|byte| byte == b' ') {
        return false;
    }
    let mut rest = list.as_bytes();
    loop {
        if let Some(behind) = rest.strip_prefix(word.as_bytes())
            && behind.first().is_none_or(|byte| *byte == b' ')
        {
            return true;
        }
        let Some(blank) = rest.iter().position(|byte| *byte == b' ') else { return false };
        rest = rest.get(blank.saturating_add(1)..).unwrap_or_default();
    }
}

fn ymd(year: &str, month: &str, day: &str) -> Option<String> {
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let zero_of_unix = date.year() == 1970 && date.ordinal() == 1;
    ((YEAR_MIN..=YEAR_MAX).contains(&date.year()) && !zero_of_unix)
        .then(|| date.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_in_the_forms_that_pages_use() {
        for text in [
            "2024-03-01",
            "2024-03-01T23:59:00-08:00",
            "2024/3/1",
            "20240301",
            "20240301T101500Z",
            "20240301101500",
            "Fri, 01 Mar 2024 10:00:00 GMT",
            "March 1st, 2024",
            "Published on 1 March 2024",
            "Mar. 1, 2024",
            "2024 Mar 1",
            "1.3.2024",
            "01.03.24, 10:15",
            "发布时间:2024年3月1日 10:15",
            "发布时间:2024-03-01",
            "2024년 3월 1일",
            "Veröffentlicht am 1. März 2024",
            "1er mars 2024",
            "1 de marzo de 2024",
            "1 marca 2024 r.",
            "1 марта 2024, 10:15",
            "Παρασκευή, 1 Μαρτίου 2024",
        ] {
            assert_eq!(day(text, Order::Unknown).as_deref(), Some("2024-03-01"), "{text}");
        }
    }

    #[test]
    fn slashes_are_read_by_the_pages_country() {
        let read = |text, language, host| day(text, Order::of(language, host));
        assert_eq!(read("1/3/2024", Some("en-GB"), "e.com").as_deref(), Some("2024-03-01"));
        assert_eq!(read("1/3/2024", Some("en"), "e.co.uk").as_deref(), Some("2024-03-01"));
        assert_eq!(read("3/1/2024", Some("en"), "e.com").as_deref(), Some("2024-03-01"));
        assert_eq!(read("31/3/2024", Some("en-US"), "e.com").as_deref(), Some("2024-03-31"));
        assert_eq!(read("1/3/2024", None, "e.com"), None);
        assert_eq!(read("1/3/2024", None, "e.gr").as_deref(), Some("2024-03-01"));
    }

    #[test]
    fn what_is_no_day_is_not_taken_for_one() {
        for text in [
            "",
            "yesterday",
            "2024",
            "2024-13-01",
            "2024-02-30",
            "12345678",
            "\u{fc}2024-1",
            "3 May",
            "version 1.2.24.1",
            "1970-01-01T00:00:00Z",
            "0001-01-01",
            "2199-01-01",
            "at 10:15:20",
        ] {
            assert_eq!(day(text, Order::MonthFirst), None, "{text}");
        }
    }

    #[test]
    fn a_path_may_hold_the_day() {
        for path in [
            "/news/2024/03/01/title",
            "/2024-03-01-title",
            "/2024/mar/01/title",
            "/2024/3/1",
            "/20240301/title",
            "/2024/0301/c1-9.html",
            "/2024-03/01/c_1.htm",
        ] {
            assert_eq!(day_in_path(path).as_deref(), Some("2024-03-01"), "{path}");
        }
        assert_eq!(day_in_path("/issue/2024/03/"), None);
        assert_eq!(day_in_path("/p/12345678/x"), None);
    }
}
