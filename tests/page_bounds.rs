//! Hostile and monstrous pages: each gives an answer, and none makes the extractor hold more than 16 MB.
//! One test, since it counts every byte that the process holds.

#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use footnote::page::{Extractor, Limits, Outcome, PageContext};
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
    ] {
        let (outcome, peak) = endless(begin, piece, end);
        assert!(peak < HEAP_BYTES_MAX, "{name}: {peak} bytes held");
        let markdown = &outcome.page.markdown;
        assert!(!markdown.is_empty(), "{name}: no text, {:?}", outcome.rejection);
        assert!(markdown.len() <= Limits::default().markdown_bytes_max, "{name}: {} bytes", markdown.len());
        assert!(outcome.page.truncated, "{name}: the page was not said to be cut");
    }
}
