//! The Markdown of a page, parsed back, says what its kept blocks said: text, levels, nesting, rows, code and targets.
//! `PAGES=FOLDER cargo test --profile quick --lib round_trip -- --nocapture` asks that of every page of a folder.

use super::inline::{Place, destination, outline};
use super::markdown::path_of;
use super::*;
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag as Mark, TagEnd};
use std::collections::BTreeSet;

/// What a reader sees of one block: where it stands (`q`uotes, `i`tems, `n`otes), what it is, its text, its targets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    path: String,
    kind: String,
    text: String,
    targets: Vec<String>,
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A target as it is written into Markdown.
fn written(target: &str) -> String {
    let mut out = String::new();
    destination(&mut out, target);
    let inner = out.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
    let inner = inner.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(inner);
    inner.replace("&amp;", "&")
}

/// Reads `html` as a page; its Markdown and what its kept blocks say. Tables are told as their rows' texts.
fn told(url: &Url, html: &[u8]) -> (String, bool, Vec<Seen>) {
    let limits = Limits { markdown_bytes_max: usize::MAX, ..Limits::default() };
    let prefix = html.get(..PREFIX_BYTES.min(html.len())).unwrap_or_default();
    let mut stream = HtmlStream::new(url, Utf8Stream::new(None, prefix), limits.links_max);
    stream.push(html.get(..limits.body_bytes_max).unwrap_or(html));
    let (mut choice, _) = Choice::best(url, stream, limits);
    decide::drop_insets(&mut choice.collected.blocks, &choice.keep, &choice.collected.skeleton);
    let (collected, tables) = (&choice.collected, &choice.tables);
    let kept: Vec<&Block> = collected
        .blocks
        .iter()
        .zip(&choice.keep)
        .filter(|(_, keep)| **keep)
        .map(|(block, _)| block)
        .collect();
    let place = Place { targets: &collected.targets, page: url.as_str(), ..Place::default() };
    let notes = Notes::find(&kept, &collected.skeleton, &collected.notes, place);
    let place = Place { notes: Some(&notes), ..place };
    let (markdown, _) =
        markdown::render(&kept, &collected.skeleton, tables, place, limits.markdown_bytes_max);
    let mut told = Vec::new();
    let mut told_tables = BTreeSet::new();
    for block in &kept {
        let path = |node| path_of(&collected.skeleton, Some(&notes), node);
        for inset in &block.insets {
            let (kind, text, target) = match &inset.kind {
                block::InsetKind::Rule => ("rule", "", None),
                block::InsetKind::Image(text, source) => ("image", text.as_str(), Some(source)),
                block::InsetKind::Video(title, source) => ("text", title.as_str(), Some(source)),
            };
            let targets = target.map(|target| written(target)).into_iter().collect();
            told.push(Seen { path: path(inset.node), kind: kind.into(), text: squeezed(text), targets });
        }
        if let Some(table) = tables.data_table(block) {
            let cell = Place { cell: true, ..place };
            let (text, targets) = outline(block, cell);
            if told_tables.insert(table) {
                told.push(Seen {
                    path: path(table),
                    kind: "table".into(),
                    text: String::new(),
                    targets: Vec::new(),
                });
            }
            let at = told.iter_mut().rev().find(|seen| seen.kind == "table").expect("the table");
            at.text = squeezed(&format!("{} {text}", at.text));
            at.targets.extend(targets.iter().map(|target| written(target)));
            continue;
        }
        let (kind, text, targets) = match &block.kind {
            Kind::Code(language) => (format!("code {language}"), format!("{}\n", block.text), Vec::new()),
            Kind::Heading(level) => {
                let (text, targets) = outline(block, place);
                (format!("heading {level}"), squeezed(&text), targets)
            }
            Kind::Text | Kind::Term => {
                let (text, targets) = outline(block, place);
                ("text".into(), squeezed(&text), targets)
            }
        };
        if !text.trim().is_empty() {
            let targets = targets.iter().map(|target| written(target)).collect();
            told.push(Seen { path: path(block.node), kind, text, targets });
        }
    }
    (markdown, kept.iter().any(|block| block.has_math()), told)
}

/// What the Markdown says.
fn parsed(markdown: &str, math: bool) -> Vec<Seen> {
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    options.set(Options::ENABLE_MATH, math);
    let mut seen: Vec<Seen> = Vec::new();
    let mut path = String::new();
    let mut now = Seen { path: String::new(), kind: "text".into(), text: String::new(), targets: Vec::new() };
    let mut in_table = false;
    let mut flush = |now: &mut Seen, path: &str, kind: &str| {
        let mut done = std::mem::replace(
            now,
            Seen { path: path.into(), kind: "text".into(), text: String::new(), targets: Vec::new() },
        );
        if !kind.starts_with("code") {
            done.text = squeezed(&done.text);
        }
        done.path = path.into();
        done.kind = kind.into();
        if !done.text.trim().is_empty() || matches!(kind, "rule" | "image" | "table") {
            seen.push(done);
        }
    };
    let mut kind = String::from("text");
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(
                mark @ (Mark::BlockQuote(_) | Mark::Item | Mark::FootnoteDefinition(_) | Mark::List(_)),
            ) => {
                flush(&mut now, &path, "text");
                match mark {
                    Mark::BlockQuote(_) => path.push('q'),
                    Mark::Item => path.push('i'),
                    Mark::FootnoteDefinition(_) => path.push('n'),
                    _ => {}
                }
            }
            Event::End(
                mark @ (TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition | TagEnd::List(_)),
            ) => {
                flush(&mut now, &path, "text");
                if !matches!(mark, TagEnd::List(_)) {
                    path.pop();
                }
            }
            Event::Start(Mark::Paragraph | Mark::Heading { .. }) => flush(&mut now, &path, "text"),
            Event::Start(Mark::CodeBlock(code)) => {
                flush(&mut now, &path, "text");
                let language = match code {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => "indented".into(),
                };
                kind = format!("code {language}");
            }
            Event::End(TagEnd::CodeBlock) => flush(&mut now, &path, &kind),
            Event::End(TagEnd::Heading(level)) => {
                let level = match level {
                    HeadingLevel::H1 => 1,
                    HeadingLevel::H2 => 2,
                    HeadingLevel::H3 => 3,
                    HeadingLevel::H4 => 4,
                    HeadingLevel::H5 => 5,
                    HeadingLevel::H6 => 6,
                };
                flush(&mut now, &path, &format!("heading {level}"));
            }
            Event::End(TagEnd::Paragraph) => flush(&mut now, &path, "text"),
            Event::Start(Mark::Table(_)) => {
                flush(&mut now, &path, "text");
                in_table = true;
            }
            Event::End(TagEnd::Table) => {
                flush(&mut now, &path, "table");
                in_table = false;
            }
            Event::End(TagEnd::TableCell) => now.text.push(' '),
            Event::Rule => flush(&mut now, &path, "rule"),
            Event::Start(Mark::Link { dest_url, .. }) => now.targets.push(dest_url.to_string()),
            Event::Start(Mark::Image { dest_url, .. }) => now.targets.push(dest_url.to_string()),
            Event::End(TagEnd::Image) if !in_table => flush(&mut now, &path, "image"),
            Event::Text(text) | Event::Code(text) => now.text.push_str(&text),
            Event::InlineMath(tex) | Event::DisplayMath(tex) => now.text.push_str(&tex),
            Event::SoftBreak | Event::HardBreak => now.text.push(' '),
            Event::Html(html) | Event::InlineHtml(html) => now.text.push_str(&format!("<<<{html}>>>")),
            _ => {}
        }
    }
    flush(&mut now, &path, "text");
    seen
}

/// The first place where Markdown and blocks part.
fn difference(markdown: &str, math: bool, told: &[Seen]) -> Option<String> {
    let parsed = parsed(markdown, math);
    for at in 0..told.len().max(parsed.len()) {
        let (wanted, found) = (told.get(at), parsed.get(at));
        let same = match (wanted, found) {
            (Some(wanted), Some(found)) if wanted.kind == "table" => {
                // Cells that span rows are repeated, those that nothing is in are dropped.
                let words: BTreeSet<&str> = found.text.split(' ').collect();
                found.kind == "table"
                    && found.path == wanted.path
                    && wanted.text.split(' ').all(|word| words.contains(word))
                    && wanted.targets.iter().all(|target| found.targets.contains(target))
            }
            (Some(wanted), Some(found)) => wanted == found,
            _ => false,
        };
        if !same {
            return Some(format!("block {at}: told {wanted:?}, read {found:?}"));
        }
    }
    None
}

#[test]
fn pages_read_back_as_their_blocks() {
    let Some(folder) = std::env::var_os("PAGES") else { return };
    let mut names: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    names.sort();
    let url = Url::parse("https://page.invalid/").expect("a URL");
    let (mut pages, mut blocks, mut wrong) = (0, 0, 0);
    for name in names.iter().filter(|name| name.to_string_lossy().ends_with(".html.gz")) {
        let mut html = Vec::new();
        let file = std::fs::File::open(name).expect("a page");
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut html).expect("gzip");
        let (markdown, math, told) = told(&url, &html);
        pages += 1;
        blocks += told.len();
        if let Some(difference) = difference(&markdown, math, &told) {
            wrong += 1;
            println!("{}: {difference}", name.display());
        }
    }
    println!("{wrong} of {pages} pages with {blocks} blocks read back otherwise");
    assert_eq!(wrong, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tag_soup_reads_back_as_its_blocks(tokens in prop::collection::vec(prop::sample::select(vec![
        "<p>", "</p>", "<div>", "</div>", "<div class='admonition note'>", "<p class=admonition-title>", "<ul>", "<li>", "</ul>",
        "<ol start=7>", "</ol>", "<table>", "<tr>", "<td>", "<th rowspan=2 colspan=3>", "</table>", "<b>", "</b>", "<del>", "</del>",
        "<a href='/x?a&amp;b'>", "<a href='y (z)'>", "<a href=#fn1>", "<a href=#fn2>", "</a>", "<li id=fn1>", "<p id=fn2>", "<sup>", "</sup>",
        "<pre>", "</pre>", "<code class=language-rust>", "</code>", "<span class=line>", "</span>", "<h2>", "</h2>", "<h4>", "</h4>", "<br>",
        "<blockquote>", "</blockquote>", "<math alttext='a_b|c'></math>", "<hr>", "<figure>", "<figcaption>", "</figure>",
        "<img src=a.png alt='a cat [on] a *mat*'>", "<dl><dt>", "<dd>", "</dl>", "<q>", "</q>", "words of text ", "1", "*", "[x]: y", "a_b",
        "`", "``` ", "# ", "- ", "1. ", "> ", "| a | b |", "---", "\n", "\n\n", "  ", "$5 ", "~~", "a~b ", "&lt;b>", "&amp;amp;", "\\", "![", "](", "[^1]", "(", ":",
        "<details><summary>", "</details>", "<div style='white-space:pre-wrap'>", "<input type=checkbox disabled>",
    ]), 0..80)) {
        let filler = tests::FILLER.repeat(2);
        let html = format!("{filler}{}{filler}", tokens.concat());
        let url = Url::parse("https://e.com/").expect("a URL");
        let (markdown, math, told) = told(&url, html.as_bytes());
        let difference = difference(&markdown, math, &told);
        prop_assert!(difference.is_none(), "{} in\n{}\nof {}", difference.unwrap_or_default(), markdown, html);
    }
}
