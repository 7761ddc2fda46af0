//! Hostile and monstrous pages: each gives an answer, and none makes the extractor hold more than 16 MB.
//! One test, since it counts every byte that the process holds.

#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use footnote::page::{Extractor, Flow, Limits, Outcome, PageContext};
use peak_alloc::PeakAlloc;
use url::Url;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What the extractor may hold, whatever the page.
const HEAP_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Feeds `piece` again and again until the extractor has enough, then `end`.
fn endless(begin: &str, piece: &str, end: &str) -> (Outcome, usize) {
    let url = Url::parse("https://e.com/").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    // Handed over in 64 KB, as a network does.
    let chunk = piece.repeat((64 * 1024 / piece.len()).max(1));
    let held = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let mut extractor = Extractor::new(context, Limits::default()).expect("HTML is read");
    extractor.push(begin.as_bytes());
    for _ in 0..(Limits::default().body_bytes_max / chunk.len() + 2) {
        extractor.push(chunk.as_bytes());
    }
    extractor.push(end.as_bytes());
    let outcome = extractor.outcome();
    (outcome, HEAP.peak_usage().saturating_sub(held))
}

#[test]
fn monstrous_pages_are_answered_within_16_mb() {
    let text = "Some ordinary words that make up a sentence, and then some more of them. ";
    let paragraph = format!("<p>{text}</p>");
    let begin = format!("<title>A page</title>{}", paragraph.repeat(12));
    for (name, begin, piece, end) in [
        ("nested divs", begin.as_str(), "<div>", ""),
        ("unclosed paragraphs", begin.as_str(), "<p>a", ""),
        ("nested lists", begin.as_str(), "<ul><li>a ", ""),
        ("an attribute without end", &format!("{begin}<p class='"), "long words in a class ", "'>"),
        ("a table without end", &format!("{begin}<table>"), "<tr><td>cell<td colspan=99 rowspan=99>cell", ""),
        ("text without end", &format!("{begin}<p>"), text, ""),
        ("links without end", begin.as_str(), "<a href='/a/b/c/d?e=f'>a word</a> ", ""),
        ("styles without end", &format!("{begin}<p>"), "<b>a</b><i>b</i>", ""),
        ("a script without end", &format!("{begin}<script type=application/ld+json>"), "{\"a\":[", ""),
        ("noscript without end", &format!("{begin}<noscript>"), "<p>a", ""),
        ("code without end", &format!("{begin}<pre>"), "let a = `b`;\n", ""),
        ("entities without end", &format!("{begin}<p>"), "&amp;&lt;&#x1F600;&notanentity", ""),
        ("a comment without end", &format!("{begin}<!--"), "word ", ""),
        ("titles without end", begin.as_str(), "<h1>A page</h1><p>By Ada Lovelace", ""),
        ("nested tables", begin.as_str(), "<table><tr><td>a", ""),
        ("nested quotes", begin.as_str(), "<blockquote>a", ""),
        ("lines of code in elements", &format!("{begin}<pre>"), "<span class=line>let a</span>", ""),
        ("formulas without end", &format!("{begin}<p>"), "<math alttext='a_b'></math>", ""),
        ("pictures without end", begin.as_str(), "<p>a<img src=a.png alt='a cat on a mat'>", ""),
        ("references and notes without end", begin.as_str(), "<a href=#fn1>1</a><li id=fn1>a<p id=fn2>b", ""),
        ("kept line ends without end", &format!("{begin}<div style='white-space:pre'>"), "a\nb\n\n", ""),
        ("bytes of no encoding", begin.as_str(), "<p>\u{fffd}\u{85} word", ""),
    ] {
        let (outcome, peak) = endless(begin, piece, end);
        assert!(peak < HEAP_BYTES_MAX, "{name}: {peak} bytes held");
        let markdown = &outcome.page.markdown;
        assert!(!markdown.is_empty(), "{name}: no text, {:?}", outcome.rejection);
        assert!(markdown.len() <= Limits::default().markdown_bytes_max, "{name}: {} bytes", markdown.len());
        assert!(outcome.page.truncated, "{name}: the page was not said to be cut");
    }
    // A million elements of one kind, or an attribute of 100 MB, of which nothing more is read than the cap allows.
    for (name, piece, count) in [
        ("divs", "<div>", 1_000_000),
        ("inline elements", "<i>", 1_000_000),
        ("data", "data:image/png;base64,", 5_000_000),
    ] {
        let begin = if name == "data" { format!("{begin}<img src='") } else { begin.clone() };
        let (outcome, peak, taken) = flood(&begin, piece, count);
        assert!(peak < HEAP_BYTES_MAX, "{name}: {peak} bytes held");
        assert!(taken <= Limits::default().body_bytes_max + 2 * 64 * 1024, "{name}: {taken} bytes taken");
        assert!(outcome.page.markdown.starts_with("Some ordinary words"), "{name}: {:?}", outcome.rejection);
        assert!(outcome.page.truncated, "{name}: the page was not said to be cut");
    }
}

/// Offers `count` pieces, as long as the extractor wants more: what it made of them, held at most, and took.
fn flood(begin: &str, piece: &str, count: usize) -> (Outcome, usize, usize) {
    let url = Url::parse("https://e.com/").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("text/html"), content_language: None };
    let at_once = 64 * 1024 / piece.len();
    let chunk = piece.repeat(at_once);
    let held = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let mut extractor = Extractor::new(context, Limits::default()).expect("HTML is read");
    let mut taken = begin.len();
    let mut flow = extractor.push(begin.as_bytes());
    for _ in 0..count / at_once {
        if flow == Flow::Full {
            break;
        }
        taken += chunk.len();
        flow = extractor.push(chunk.as_bytes());
    }
    let outcome = extractor.outcome();
    (outcome, HEAP.peak_usage().saturating_sub(held), taken)
}
