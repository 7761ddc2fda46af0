//! Any text in any place of a page reads back from the Markdown as what it was.
#![no_main]

use footnote::page::{PageContext, extract};
use libfuzzer_sys::fuzz_target;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use url::Url;

const FILLER: &str = "<p>These words only make the page long enough to be read, which takes at least twenty words in all, and here they are.</p>";

/// Four lines of at most twelve words and three around them, told twice, and the filler make less than 150 words: longer
/// pages are chosen from by the page model, which may leave short lines out.
const LINES_MAX: usize = 4;
const CHARS_MAX: usize = 24;

fuzz_target!(|data: &str| {
    let mut html = String::from(FILLER);
    let mut wanted = Vec::new();
    for (index, line) in data.lines().take(LINES_MAX).enumerate() {
        let mut chars = line.chars().take(CHARS_MAX);
        let place = chars.next().map_or(0, |c| c as usize);
        let text = shown(&chars.collect::<String>());
        // What no reader sees is dropped, labels of furniture and bare signs are too.
        if !text.chars().all(|c| c.is_ascii_graphic() || c == ' ') || !text.chars().any(char::is_alphanumeric) {
            continue;
        }
        let text = format!("Line {index} {text} ends");
        let inner = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (kind, markup) = match place % 8 {
            0 => ("text", format!("<p>{inner}</p>")),
            1 => ("heading", format!("<h3>{inner}</h3><p>below</p>")),
            2 => ("text", format!("<ul><li><p>{inner}</p><p>more</p></ul>")),
            3 => ("text", format!("<blockquote><p>{inner}</p></blockquote>")),
            4 => ("code", format!("<pre>{inner}</pre>")),
            5 => ("cell", format!("<table><tr><th>k<th>v<tr><td>{inner}<td>x<tr><td>a<td>b</table>")),
            6 => ("text", format!("<p><b>{inner}</b> and <a href='/u_(v)?a&b'>{inner}</a></p>")),
            _ => ("text", format!("<p><em>{inner}</em><code>{inner}</code></p>")),
        };
        let text = match place % 8 {
            4 => format!("{text}\n"),
            6 => format!("{text} and {text}"),
            7 => format!("{text}{text}"),
            _ => text,
        };
        html.push_str(&markup);
        wanted.push((kind, text));
    }
    let url = Url::parse("https://e.com/a").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    // Words such as "enable JavaScript" make it no page.
    let Ok(page) = extract(context, html.as_bytes()) else { return };
    let seen = seen(&page.markdown);
    for (kind, text) in wanted {
        // A heading that says that its section leads away takes the section with it; these all begin with "Line".
        assert!(seen.contains(&(kind, text.clone())), "{kind} {text:?} in {}", page.markdown);
    }
});

fn shown(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn seen(markdown: &str) -> Vec<(&'static str, String)> {
    let mut seen = Vec::new();
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::CodeBlock(_) | Tag::TableCell) => text.clear(),
            Event::End(TagEnd::Heading(_)) => seen.push(("heading", text.clone())),
            Event::End(TagEnd::Paragraph) => seen.push(("text", text.clone())),
            Event::End(TagEnd::CodeBlock) => seen.push(("code", text.clone())),
            Event::End(TagEnd::TableCell) => seen.push(("cell", text.clone())),
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::Html(html) | Event::InlineHtml(html) => panic!("markup leaked: {html} in {markdown}"),
            _ => {}
        }
    }
    seen
}
