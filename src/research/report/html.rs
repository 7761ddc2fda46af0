//! The report as one page of HTML that needs nothing else: no script, no request, quotes behind their numbers.

use super::super::markdown::{anchor, escape};
use super::phrases::{Phrase, Phrases};
use super::reading::number_of;
use super::style::{CitationStyle, at_sources, labels, replaced, site_name};
use super::{Citation, Report, Source};
use crate::text::sentence::{MARK_CLOSE, MARK_OPEN};
use crate::text::{clip, term_set};
use htmlize::{escape_attribute, escape_text};
use pulldown_cmark::html::push_html;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};
use std::collections::BTreeMap;

/// Longest quote shown when a pointer rests on a citation, in characters; all of it stands in the list of sources.
const HINT_CHARS_MAX: usize = 300;
/// What a browser may do with the page: show it.
pub const HTML_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8886;--soft:#8882}\
body{font:1.05rem/1.6 Georgia,'Times New Roman',serif;max-width:46rem;margin:2rem auto;padding:0 1.2rem;overflow-wrap:break-word}\
h1,h2,h3{font-family:system-ui,sans-serif;line-height:1.25}h1{font-size:1.9rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}\
nav,.scroll,footer{font-family:system-ui,sans-serif;font-size:.95rem}.scroll{overflow-x:auto}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top}\
th{background:var(--soft)}blockquote{margin:.5rem 0;padding:.1rem 1rem;border-left:3px solid var(--line)}\
code{font-size:.9em;background:var(--soft);padding:.1em .25em}.cite{font-size:.85em;white-space:nowrap}\
li:target{background:var(--soft)}@media print{body{max-width:none;margin:0}nav{display:none}}";

/// The report with its citations written in `style`; footnotes are written as numbers, since a page has links.
///
/// Everything that came from pages is escaped, whatever it was. Each citation names its quote, and leads to the source
/// with all its quotes, each of which leads to its place in the page.
#[must_use]
pub fn html(report: &Report, style: CitationStyle) -> String {
    let (body, list) = at_sources(report);
    let phrases = Phrases::of(report.language.as_deref());
    let writer = Writer { report, style, phrases, labels: labels(&report.sources, phrases) };
    let title = title(body);
    let language = report.language.as_deref().unwrap_or("en");
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{HTML_POLICY}\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escape_attribute(language),
        escape_text(title.as_str())
    );
    out.push_str(&writer.prose(body));
    out.push_str(&writer.sources(list));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn parse(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    TextMergeStream::new(Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH))
}

/// The words of the first heading.
fn title(markdown: &str) -> String {
    let mut words = String::new();
    for event in parse(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::End(TagEnd::Heading(_)) => break,
            _ => {}
        }
    }
    words
}

struct Writer<'a> {
    report: &'a Report,
    style: CitationStyle,
    phrases: Phrases,
    labels: BTreeMap<u32, String>,
}

impl Writer<'_> {
    fn prose(&self, markdown: &str) -> String {
        // Told apart before the parser takes the escapes of a page's own brackets off.
        let markdown =
            replaced(markdown, |group| group.iter().map(|n| format!("{MARK_OPEN}{n}{MARK_CLOSE}")).collect());
        let mut events: Vec<Event<'_>> = Vec::new();
        // Where the open heading began, with its words so far.
        let mut heading: Option<(usize, HeadingLevel, String)> = None;
        let mut in_contents = false;
        let mut in_link = false;
        for event in parse(&markdown) {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    heading = Some((events.len(), level, String::new()));
                    events.push(Event::Html(CowStr::Borrowed("")));
                }
                Event::End(TagEnd::Heading(level)) => {
                    if let Some((at, _, words)) = heading.take() {
                        // The contents are the first chapter, and have no number.
                        let numbered = words.starts_with(|c: char| c.is_ascii_digit());
                        let contents = level == HeadingLevel::H2 && !numbered;
                        let before = match (contents, in_contents) {
                            (true, false) => {
                                format!("<nav aria-label=\"{}\">\n", escape_attribute(words.as_str()))
                            }
                            (false, true) => "</nav>\n".to_owned(),
                            _ => String::new(),
                        };
                        in_contents = contents;
                        let open =
                            format!("{before}<{level} id=\"{}\">", escape_attribute(anchor(&words).as_str()));
                        if let Some(slot) = events.get_mut(at) {
                            *slot = Event::Html(open.into());
                        }
                    }
                    events.push(Event::Html(format!("</{level}>\n").into()));
                }
                Event::Start(Tag::Table(columns)) => {
                    let name = escape_attribute(self.phrases.get(Phrase::Table));
                    let open = format!(
                        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{name}\">"
                    );
                    events.push(Event::Html(open.into()));
                    events.push(Event::Start(Tag::Table(columns)));
                }
                Event::End(TagEnd::Table) => {
                    events.extend([Event::End(TagEnd::Table), Event::Html("</div>\n".into())])
                }
                Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link) => {
                    in_link = matches!(event, Event::Start(_));
                    events.push(event);
                }
                // A report holds none; should one get in, it is shown as what it is.
                Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
                Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
                Event::Text(text) => {
                    if let Some((_, _, words)) = &mut heading {
                        words.push_str(&in_brackets(&text));
                    }
                    if in_link {
                        events.push(Event::Text(in_brackets(&text).into()));
                    } else {
                        events.push(Event::InlineHtml(self.cited(&text).into()));
                    }
                }
                Event::Code(text) => {
                    let text = in_brackets(&text);
                    if let Some((_, _, words)) = &mut heading {
                        words.push_str(&text);
                    }
                    events.push(Event::Code(text.into()));
                }
                other => events.push(other),
            }
        }
        let mut out = String::new();
        push_html(&mut out, events.into_iter());
        if in_contents {
            out.push_str("</nav>\n");
        }
        out
    }

    /// Text as HTML, its marks as links to their sources.
    fn cited(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(MARK_OPEN) {
            let (before, mut tail) = rest.split_at(at);
            let mut group = Vec::new();
            while let Some((n, behind)) = tail.strip_prefix(MARK_OPEN).and_then(|t| t.split_once(MARK_CLOSE))
            {
                group.extend(n.parse::<u32>());
                tail = behind;
            }
            let cited: Vec<String> = group.iter().filter_map(|n| self.link(*n, before)).collect();
            let before = if cited.is_empty() { before.trim_end_matches(' ') } else { before };
            out.push_str(&escape_text(before));
            out.push_str(&match self.style {
                _ if cited.is_empty() => String::new(),
                CitationStyle::Links => format!("<span class=\"cite\">({})</span>", cited.join(", ")),
                CitationStyle::AuthorDate => {
                    format!("<span class=\"cite\">({})</span>", cited.join("; "))
                }
                _ => format!("<span class=\"cite\">{}</span>", cited.concat()),
            });
            rest = tail.strip_prefix(MARK_OPEN).unwrap_or(tail);
        }
        out.push_str(&escape_text(rest));
        out
    }

    /// A citation of source `n` behind the words `said`.
    fn link(&self, n: u32, said: &str) -> Option<String> {
        let source = self.report.sources.iter().find(|s| s.n == n)?;
        let hint = self.quote(n, said).map(|c| clip(&c.quote, HINT_CHARS_MAX)).unwrap_or_default();
        let on_web = is_on_web(&source.url);
        let (target, words) = match self.style {
            CitationStyle::None => return None,
            CitationStyle::Links if on_web => (source.url.clone(), site_name(source, self.phrases)),
            CitationStyle::Links => (format!("#source-{n}"), site_name(source, self.phrases)),
            CitationStyle::AuthorDate => (format!("#source-{n}"), self.labels.get(&n)?.clone()),
            CitationStyle::Numeric | CitationStyle::Footnotes => (format!("#source-{n}"), format!("[{n}]")),
        };
        Some(format!(
            "<a href=\"{}\" title=\"{}\">{}</a>",
            escape_attribute(target.as_str()),
            escape_attribute(hint),
            escape_text(words.as_str())
        ))
    }

    /// The quote of the source that shares most with the words.
    fn quote(&self, n: u32, said: &str) -> Option<&Citation> {
        let said = term_set(said);
        let shared = |c: &&Citation| term_set(&c.quote).intersection(&said).count();
        let quotes: Vec<&Citation> = self.report.citations.iter().filter(|c| c.n == n).collect();
        quotes.into_iter().rev().max_by_key(shared)
    }

    /// The list of sources with the quotes that were cited.
    fn sources(&self, list: &str) -> String {
        let mut items = String::new();
        let mut heading = String::new();
        let mut note = String::new();
        for line in list.lines().filter(|line| !line.is_empty()) {
            let source = number_of(line).and_then(|n| self.report.sources.iter().find(|s| s.n == n));
            match (source, line.split_once("] ")) {
                (Some(source), Some((_, entry))) => items.push_str(&self.source(source, entry)),
                _ if items.is_empty() => heading.push_str(&self.prose(line)),
                _ => note.push_str(&self.prose(line)),
            }
        }
        if items.is_empty() {
            return format!("{heading}{note}");
        }
        let list =
            if matches!(self.style, CitationStyle::Numeric | CitationStyle::Footnotes) { "ol" } else { "ul" };
        format!("{heading}<{list} class=\"sources\">\n{items}</{list}>\n{note}")
    }

    fn source(&self, source: &Source, entry: &str) -> String {
        let quotes: String = self
            .report
            .citations
            .iter()
            .filter(|c| c.n == source.n)
            .map(|c| {
                let place = c.text_fragment_url.as_deref().filter(|url| is_on_web(url)).map(|url| {
                    format!(
                        " <a href=\"{}\" aria-label=\"{}\">↗</a>",
                        escape_attribute(url),
                        escape_attribute(&*site_name(source, self.phrases))
                    )
                });
                format!(
                    "<blockquote><p>{}{}</p></blockquote>\n",
                    escape_text(c.quote.as_str()),
                    place.unwrap_or_default()
                )
            })
            .collect();
        let entry = match (self.style, self.labels.get(&source.n)) {
            (CitationStyle::AuthorDate, Some(label)) => format!("{}: {entry}", escape(label)),
            _ => entry.to_owned(),
        };
        let count = self.report.citations.iter().filter(|c| c.n == source.n).count();
        format!(
            "<li id=\"source-{}\">{}<details><summary>{}: {count}</summary>\n{quotes}</details></li>\n",
            source.n,
            self.prose(&entry).trim(),
            escape_text(self.phrases.get(Phrase::Quotes))
        )
    }
}

/// Marks as they are written: where no link is made of them.
fn in_brackets(text: &str) -> String {
    text.replace(MARK_OPEN, "[").replace(MARK_CLOSE, "]")
}

fn is_on_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}
