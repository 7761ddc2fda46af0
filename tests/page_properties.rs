//! What holds for every page: no panic, no dependence on chunks, and Markdown that reads back as what the page showed.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use footnote::page::{Extractor, Flow, Limits, Page, PageContext, Rejection};
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use url::Url;

const FILLER: &str = "<p>These words only make the page long enough to be read, which takes at least twenty words in all, and here they are.</p>";

fn read_with(
    body: &[u8],
    chunk: usize,
    content_type: Option<&str>,
    limits: Limits,
) -> Result<Page, Rejection> {
    let url = Url::parse("https://e.com/").expect("a URL");
    let mut extractor =
        Extractor::new(PageContext { url: &url, content_type, content_language: None }, limits)?;
    for piece in body.chunks(chunk.max(1)) {
        extractor.push(piece);
    }
    extractor.finish()
}

/// What is read of a page, whatever the verdict on it.
fn read(html: &str) -> Page {
    let url = Url::parse("https://e.com/").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let mut extractor = Extractor::new(context, Limits::default()).expect("HTML is read");
    extractor.push(html.as_bytes());
    extractor.outcome().page
}

/// What a reader of the Markdown sees: (kind, text) of headings, code blocks, cells and paragraphs.
fn seen(markdown: &str) -> Vec<(&'static str, String)> {
    let mut seen = Vec::new();
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::CodeBlock(_) | Tag::TableCell) => {
                text.clear()
            }
            Event::End(TagEnd::Heading(_)) => seen.push(("heading", text.clone())),
            Event::End(TagEnd::Paragraph) => seen.push(("text", text.clone())),
            Event::End(TagEnd::CodeBlock) => seen.push(("code", text.clone())),
            Event::End(TagEnd::TableCell) => seen.push(("cell", text.clone())),
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak => text.push('\n'),
            Event::Html(html) | Event::InlineHtml(html) => panic!("markup leaked: {html} in {markdown}"),
            _ => {}
        }
    }
    seen
}

fn shown(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text full of what Markdown might take for markup.
fn tricky() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "word",
        "Ünï",
        "1",
        "12.",
        "3)",
        " ",
        " ",
        " ",
        "*",
        "**",
        "_",
        "__",
        "`",
        "``",
        "[",
        "]",
        "(",
        ")",
        "!",
        "<",
        ">",
        "&",
        "&amp;",
        "amp;",
        "#",
        "##",
        "-",
        "+",
        "=",
        "~~",
        "~",
        "|",
        "\\",
        "\\\\",
        ":",
        "](x)",
        "[x]: y",
        "<b>",
        "---",
        "日",
        "\u{2014}",
        "\"",
        "'",
        "/",
        "http://x.y/z_w",
    ]);
    prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_any_chunks_give_the_same_answer(bytes in prop::collection::vec(any::<u8>(), 0..600), chunk in 1_usize..50) {
        for content_type in [None, Some("text/html"), Some("text/plain"), Some("text/markdown; charset=gbk")] {
            let whole = read_with(&bytes, usize::MAX, content_type, Limits::default());
            prop_assert_eq!(read_with(&bytes, chunk, content_type, Limits::default()), whole);
        }
    }

    #[test]
    fn any_tag_soup_in_any_chunks_gives_the_same_answer(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "<p>", "</p>", "<div class=menu>", "<div>", "</div>", "<ul>", "<li>", "</ul>", "<ol start=7>", "</ol>", "<table>", "<tr>", "<td>",
            "<th rowspan=2 colspan=3>", "</table>", "<b>", "</b>", "<a href='/x?a&amp;b'>", "</a>", "<pre>", "</pre>", "<code>", "</code>",
            "<h2>", "</h2>", "<br>", "<blockquote>", "</blockquote>", "<script>", "</script>", "<svg>", "</svg>", "<template>",
            "</template>", "<math>", "<annotation encoding='application/x-tex'>", "</math>", "<select><xmp>", "<title>", "</title>",
            "<!-- c -->", "<noscript>", "</noscript>", "<p hidden>", "<dl><dt>", "<dd>", "</dl>", "&am", "p;", "&#x", "41;", "words of text ",
            "mehr W\u{f6}rter ", "\n", "\t  ", "<", "</", "&", "\u{202e}", "<plaintext",
        ]), 0..120),
        chunk in 1_usize..30,
        body_bytes_max in 1_usize..3_000,
    ) {
        let html = tokens.concat() + FILLER;
        let limits = Limits { body_bytes_max, markdown_bytes_max: 700, links_max: 2, ..Limits::default() };
        let whole = read_with(html.as_bytes(), usize::MAX, Some("text/html"), limits);
        if let Ok(page) = &whole {
            prop_assert!(page.markdown.len() <= 700);
            prop_assert!(page.links.len() <= 2);
        }
        prop_assert_eq!(read_with(html.as_bytes(), chunk, Some("text/html"), limits), whole);
    }

    #[test]
    fn text_reads_back_as_it_was(text in tricky(), head in tricky(), cell in tricky()) {
        let (text, head, cell) = (shown(&text), shown(&head), shown(&cell));
        prop_assume!([&text, &head, &cell].iter().all(|t| t.chars().any(char::is_alphanumeric)));
        let page = read(&format!(
            "{FILLER}<h2>{}</h2><p>{}</p><table><tr><th>k<th>v<tr><td>{}<td>x</table>{FILLER}",
            escaped(&head), escaped(&text), escaped(&cell),
        ));
        let seen = seen(&page.markdown);
        prop_assert!(seen.contains(&("heading", head.clone())), "heading {:?} in {}", head, page.markdown);
        prop_assert!(seen.contains(&("text", text.clone())), "text {:?} in {}", text, page.markdown);
        prop_assert!(seen.contains(&("cell", cell.clone())), "cell {:?} in {}", cell, page.markdown);
    }

    #[test]
    fn styled_text_reads_back_as_it_was(parts in prop::collection::vec((tricky(), 0_usize..5), 1..5)) {
        let styles = [("", ""), ("<b>", "</b>"), ("<em>", "</em>"), ("<code>", "</code>"), ("<a href='/u_(v)'>", "</a>")];
        let (mut inside, mut plain, mut before) = (String::new(), String::new(), 0);
        for (text, style) in &parts {
            let (open, close) = styles[*style];
            // Links side by side are words of their own, with a blank or without.
            let blank = if (before, *style) == (4, 4) { " " } else { "" };
            inside.push_str(&format!("{blank}{open}{}{close}", escaped(text)));
            plain.push_str(&format!("{blank}{text}"));
            before = *style;
        }
        let plain = shown(&plain);
        prop_assume!(plain.chars().any(char::is_alphanumeric));
        // Enough plain words that the paragraph is never mistaken for a list of links.
        let rest = "and so it goes on ".repeat(20);
        let page = read(&format!("{FILLER}<p>so {inside} {rest}</p>{FILLER}"));
        let wanted = shown(&format!("so {plain} {rest}"));
        let found = seen(&page.markdown).into_iter().any(|(kind, text)| kind == "text" && shown(&text) == wanted);
        prop_assert!(found, "{:?} in {}", wanted, page.markdown);
    }

    #[test]
    fn code_reads_back_to_the_byte(code in "[ a-z`~\\n\\t<>&*_#|\\\\]{0,60}", depth in 0_usize..3) {
        // A mark of chat templates is taken apart, in code too.
        prop_assume!(!code.contains("<|") && !code.contains("|>"));
        let code = format!("x{code}y");
        let (open, close) = ("<ul><li>item".repeat(depth), "</ul>".repeat(depth));
        let page = read(&format!("{FILLER}{open}<pre><code class=language-rust>{}</code></pre>{close}{FILLER}", escaped(&code)));
        let wanted = format!("{code}\n");
        prop_assert!(seen(&page.markdown).contains(&("code", wanted.clone())), "{:?} in {}", wanted, page.markdown);
    }
}

#[test]
fn code_keeps_its_language() {
    let page = read(&format!("{FILLER}<pre><code class='language-rust ignore'>fn a() {{}}</code></pre>"));
    let language = Parser::new(&page.markdown).find_map(|event| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => Some(language.to_string()),
        _ => None,
    });
    assert_eq!(language.as_deref(), Some("rust"));
}

#[test]
fn a_charset_that_is_said_late_is_heard() {
    // Three foreign letters are too few to guess by.
    let mut body = format!("<!--{}--><meta charset=koi8-r>{FILLER}<p>", "comment ".repeat(300)).into_bytes();
    body.extend_from_slice(b"\xCD\xCF\xDA");
    for chunk in [1, 1000, usize::MAX] {
        let page = read_with(&body, chunk, Some("text/html"), Limits::default()).expect("a page");
        assert!(page.markdown.ends_with("\u{43c}\u{43e}\u{437}\n"), "{}", page.markdown);
    }
}

#[test]
fn a_body_beyond_the_cap_is_cut_and_marked() {
    let url = Url::parse("https://e.com/").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let limits = Limits { body_bytes_max: 4_000, ..Limits::default() };
    let mut extractor = Extractor::new(context, limits).expect("HTML is read");
    let body = FILLER.repeat(100);
    let (head, tail) = body.split_at(4_000);
    assert_eq!(extractor.push(head.as_bytes()), Flow::More);
    assert_eq!(extractor.push(tail.as_bytes()), Flow::Full);
    let page = extractor.outcome().page;
    assert!(page.truncated);
    assert!(page.markdown.len() < 4_000);
}

#[test]
fn what_the_parser_cannot_hold_still_gives_its_beginning() {
    let nested = "<div>".repeat(300_000);
    let page = read(&format!("{FILLER}{nested}{FILLER}"));
    assert!(page.truncated);
    assert!(page.markdown.starts_with("These words"));
}

#[test]
fn deep_nesting_of_lists_stays_bounded() {
    let page = read(&format!("{}{FILLER}", "<ul><li>deep words ".repeat(3_000)));
    let longest = page.markdown.lines().map(str::len).max().unwrap_or(0);
    assert!(longest < 60_000, "{longest}");
}

#[test]
fn a_refused_page_still_says_where_it_leads() {
    let url = Url::parse("https://e.com/").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let entry =
        "<li><a href=/a>The same words of one chapter again</a><p>The same words of one chapter again";
    for (body, reason) in [("<a href=/a>On</a>".to_owned(), "too_thin"), (entry.repeat(60), "repeated_text")]
    {
        let mut extractor = Extractor::new(context, Limits::default()).expect("HTML is read");
        extractor.push(body.as_bytes());
        let outcome = extractor.outcome();
        let json = serde_json::to_value(outcome.rejection).expect("JSON");
        assert_eq!(json["reason"], reason);
        assert_eq!(outcome.page.links, ["https://e.com/a"], "{reason}");
    }
}

#[test]
fn what_is_no_page_is_refused_with_a_reason() {
    let refuse = |body: &str| {
        read_with(body.as_bytes(), 5, Some("text/html"), Limits::default()).expect_err("refused")
    };
    let challenge =
        "<title>Just a moment...</title><noscript>Enable JavaScript and cookies to continue</noscript>";
    assert_eq!(refuse(challenge), Rejection::ChallengePage);
    let anubis = "<title>Making sure you&#39;re not a bot!</title><h1>Making sure you're not a bot!</h1><p>Protected by Anubis";
    assert_eq!(refuse(anubis), Rejection::ChallengePage);
    let shell = "<title>App</title><noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>";
    assert_eq!(refuse(shell), Rejection::JavascriptShell { words: 0 });
    assert_eq!(refuse("<p>Just five words in here"), Rejection::TooThin { words: 5 });
    assert_eq!(refuse("<p>a\0b"), Rejection::Binary);
    let json = serde_json::to_string(&refuse("<p>Just two")).expect("JSON");
    assert_eq!(json, r#"{"reason":"too_thin","words":2}"#);
}

#[test]
fn the_text_of_a_page_made_by_scripts_is_read_from_its_json_ld() {
    let body = "First line of the told text & its 3 < 4 signs, with quite a few words.\\n".repeat(6);
    let html = format!(
        r#"<title>Told</title><div id=app></div><script src=app.js></script>
        <script type="application/ld+json">{{"@type":"NewsArticle","headline":"Told","articleBody":"{body}"}}</script>"#
    );
    let page = read(&html);
    assert_eq!(
        page.markdown.matches("First line of the told text & its 3 < 4 signs").count(),
        6,
        "{}",
        page.markdown
    );
    // A page with text of its own is not replaced by what its JSON-LD says.
    let own = format!("<p>{}</p>{html}", "Words that stand on the page itself, for all to see. ".repeat(9));
    assert!(!read(&own).markdown.contains("First line"));
}

#[test]
fn a_thread_served_without_scripts_is_read() {
    let page = read(&format!(
        "<title>Thread</title><noscript><div><h1>Thread</h1>{FILLER}</div></noscript><div id=app></div>"
    ));
    assert!(page.markdown.starts_with("# Thread\n\nThese words"));
}
