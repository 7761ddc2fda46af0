//! What a document says about itself: its information dictionary, its XMP record, and its first page.

use super::encoding::string_text;
use super::file::File;
use super::layout::Line;
use super::object::Dict;
use crate::page::block::clean_line;
use crate::page::clues::{self, DateSource, Dated};
use crate::page::date::{Order, day};

/// Title, author, day and language, as far as stated.
#[derive(Debug, Default)]
pub(crate) struct About {
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    /// The day on which it was published, if it says so.
    pub(crate) published: Option<String>,
    pub(crate) language: Option<String>,
    /// The day on which the file was made.
    created: Option<String>,
}

/// Longest title and author.
const CHARS_MAX: usize = 300;
/// Names that are read of a list of authors.
const AUTHORS_MAX: usize = 20;
/// Lines of the first page that may state its day.
const DAY_LINES_MAX: usize = 30;
/// Longer lines are running text, whose days are those of other things.
const DAY_CHARS_MAX: usize = 70;

impl About {
    pub(crate) fn read(file: &mut File, root: &Dict) -> Self {
        let trailer = file.trailer.clone();
        let info = file.dict(&trailer, "Info").unwrap_or_default();
        let record = root.get(b"Metadata".as_slice()).and_then(|record| file.stream(record));
        let record =
            record.map(|record| String::from_utf8_lossy(&record.data).into_owned()).unwrap_or_default();
        let mut stated = |key: &str| {
            let text = file.get(&info, key).text().map(string_text).unwrap_or_default();
            Some(clean_line(&text, CHARS_MAX)).filter(|text| !text.is_empty())
        };
        let first = |name: &str| values(&record, name).into_iter().next();
        let title =
            first("dc:title").filter(|t| is_title(t)).or_else(|| stated("Title").filter(|t| is_title(t)));
        let creators = values(&record, "dc:creator").join(", ");
        let author =
            Some(creators).filter(|a| is_author(a)).or_else(|| stated("Author").filter(|a| is_author(a)));
        let stated_day = |name: &str| first(name).and_then(|text| day(&text, Order::Unknown));
        let published =
            ["prism:publicationDate", "prism:coverDate", "dc:date"].into_iter().find_map(stated_day);
        let made = stated("CreationDate");
        // `D:20240301120000+01'00'`, of which only the year must be there.
        let made = made.map(|made| made.chars().filter(char::is_ascii_digit).take(8).collect::<String>());
        let created =
            made.and_then(|made| day(&made, Order::Unknown)).or_else(|| stated_day("xmp:CreateDate"));
        let language = file.get(root, "Lang").text().map(string_text).or_else(|| first("dc:language"));
        let language = language.and_then(|tag| clues::language_tag(&tag));
        Self { title, author, published, language, created }
    }

    /// The day on which it was published, by its record or by a line of the first page, else that on which the file was made.
    /// A day that comes later than the file is another thing's.
    pub(crate) fn day(&self, first: &[Line], aside: &str) -> Option<Dated> {
        let dated = |from| move |day: String| Dated { day, from };
        let short = |line: &&Line| line.text.chars().count() <= DAY_CHARS_MAX;
        let lines = first.iter().take(DAY_LINES_MAX).filter(short).map(|line| line.text.as_str());
        let possible = |day: &String| self.created.as_ref().is_none_or(|created| day <= created);
        let told = || {
            let days = std::iter::once(aside).chain(lines).filter_map(|line| day(line, Order::Unknown));
            days.into_iter().find(possible)
        };
        let stated = self.published.clone().map(dated(DateSource::Record));
        stated
            .or_else(|| told().map(dated(DateSource::Byline)))
            .or_else(|| self.created.clone().map(dated(DateSource::FileDate)))
    }
}

/// The text in the largest type of the first page.
pub(crate) fn largest_text(lines: &[Line]) -> Option<String> {
    let letters = |line: &&Line| line.text.chars().filter(|c| c.is_alphabetic()).count() > 2;
    let largest = lines.iter().filter(letters).map(|line| line.size).fold(0.0, f32::max);
    let large = |line: &&Line| line.size > 0.97 * largest;
    let title: Vec<&str> = lines
        .iter()
        .skip_while(|line| !large(line))
        .take_while(large)
        .take(4)
        .map(|line| line.text.as_str())
        .collect();
    let shown = lines.iter().filter(|line| !large(line)).count();
    let title = clean_line(&title.join(" ").replace('\t', " "), CHARS_MAX);
    // Where everything is of one size nothing tells.
    (shown > 0 && is_title(&title)).then_some(title)
}

/// Whether a title was given by a person rather than left by a program.
fn is_title(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    let program = [
        "microsoft word",
        "microsoft powerpoint",
        "powerpoint pr",
        "untitled",
        "document",
        "slide 1",
        "print",
        "no title",
        "layout 1",
        "template",
        "full page",
        "()",
        "none",
    ];
    let ending = [
        ".doc", ".docx", ".dvi", ".tex", ".indd", ".qxd", ".pdf", ".ps", ".ppt", ".pptx", ".xls", ".xlsx",
        ".rtf", ".odt", ".eps", ".cdr", ".pmd", ".fm", ".md", ".html", ".p65",
    ];
    let words = lower.split_whitespace().count();
    lower.chars().filter(|c| c.is_alphabetic()).count() > 3
        && !program
            .iter()
            .any(|start| lower.starts_with(start) && (words <= 2 || start.starts_with("microsoft")))
        && !ending.iter().any(|end| lower.ends_with(end))
        && !lower.contains('\\')
        && (words > 1 || !lower.contains(['_', '/']))
}

fn is_author(author: &str) -> bool {
    let lower = author.trim().to_lowercase();
    let program = [
        "administrator",
        "admin",
        "user",
        "unknown",
        "root",
        "author",
        "owner",
        "anonymous",
        "default",
        "none",
        "microsoft",
    ];
    lower.chars().filter(|c| c.is_alphabetic()).count() > 2
        && !program.iter().any(|name| lower.starts_with(name) && !lower.contains(' '))
}

/// The values of an element or attribute of an XMP record: the items of its list, or its text.
fn values(record: &str, name: &str) -> Vec<String> {
    let clean = |text: &str| clean_line(&htmlize::unescape(text), CHARS_MAX);
    let inner = record.split_once(&format!("<{name}")).and_then(|(_, tail)| {
        let (attributes, content) = tail.split_once('>')?;
        if attributes.ends_with('/') {
            return None;
        }
        content.split_once(&format!("</{name}>")).map(|(inner, _)| inner)
    });
    let values: Vec<String> = match inner {
        Some(inner) if inner.contains("<rdf:li") => {
            let items = inner.split("<rdf:li").skip(1).take(AUTHORS_MAX);
            items.filter_map(|item| Some(clean(item.split_once('>')?.1.split('<').next()?))).collect()
        }
        Some(inner) => vec![clean(inner.split('<').next().unwrap_or_default())],
        None => {
            let value = record.split_once(&format!("{name}=\"")).and_then(|(_, tail)| tail.split('"').next());
            value.map(clean).into_iter().collect()
        }
    };
    values.into_iter().filter(|value| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xmp_is_read_in_both_of_its_forms() {
        let record = r#"<rdf:Description xmp:CreateDate="2024-03-01T10:00:00Z"><dc:title><rdf:Alt>
            <rdf:li xml:lang="x-default">Cats &amp; dogs</rdf:li></rdf:Alt></dc:title>
            <dc:creator><rdf:Seq><rdf:li>Ada L.</rdf:li><rdf:li>Bo M.</rdf:li></rdf:Seq></dc:creator><dc:date/>"#;
        assert_eq!(values(record, "dc:title"), ["Cats & dogs"]);
        assert_eq!(values(record, "dc:creator"), ["Ada L.", "Bo M."]);
        assert_eq!(values(record, "xmp:CreateDate"), ["2024-03-01T10:00:00Z"]);
        assert!(values(record, "dc:date").is_empty());
    }

    #[test]
    fn what_programs_leave_is_no_title() {
        for title in [
            "Microsoft Word - report final.doc",
            "untitled",
            "paper.dvi",
            "Document1",
            "C:\\x\\y",
            "12",
            "main_v2",
        ] {
            assert!(!is_title(title), "{title}");
        }
        for title in [
            "Attention is all you need",
            "Documents of the old world",
            "Untitled poems of a great poet",
            "R-intro",
        ] {
            assert!(is_title(title), "{title}");
        }
    }

    #[test]
    fn the_first_page_states_the_day_unless_it_is_later_than_the_file() {
        let line = |text: &str| Line { text: text.into(), ..Line::default() };
        let about = About { created: Some("2024-05-05".into()), ..About::default() };
        let day = |lines: &[Line], aside: &str| about.day(lines, aside).map(|dated| (dated.day, dated.from));
        let (stated, made) = (DateSource::Byline, DateSource::FileDate);
        assert_eq!(day(&[line("A title"), line("March 1, 2024")], ""), Some(("2024-03-01".into(), stated)));
        assert_eq!(day(&[line("March 1, 2030")], ""), Some(("2024-05-05".into(), made)));
        assert_eq!(day(&[], "arXiv:2005.1v1 [cs.CL] 22 Jul 2020"), Some(("2020-07-22".into(), stated)));
    }
}
