//! Sitemaps (sitemaps.org 0.9): lists of a site's pages, and lists of such lists; as XML, as text, and packed with gzip.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use quick_xml::Reader;
use quick_xml::events::Event;

/// What a sitemap lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// Pages, in document order.
    pub pages: Vec<Entry>,
    /// Further sitemaps, in document order.
    pub sitemaps: Vec<String>,
}

/// A page of a sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its URL, as written.
    pub url: String,
    /// When it last changed, as written.
    pub lastmod: Option<String>,
}

/// A body that is no sitemap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no sitemap: neither XML with `urlset` or `sitemapindex` nor a list of URLs")]
pub struct NotASitemap;

/// Most bytes of a sitemap, packed or unpacked: 50,000 pages, which is the most that one may list, at 200 bytes each.
/// What is behind is left out.
pub const BYTES_MAX: usize = 10_000_000;
/// Most entries taken from one: a crawl knows twice 2,000 pages, and half of a site may lie outside its folder.
const ENTRIES_MAX: usize = 8_000;
/// Longest text of an element, in bytes: that of a URL that is fetched, with each `&` written out.
const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Elements within elements; sitemaps have three, their extensions five.
const DEPTH_MAX: usize = 16;

/// Reads a sitemap; one that is cut off gives what it has.
///
/// # Errors
/// [`NotASitemap`].
pub fn read(body: &[u8]) -> Result<Sitemap, NotASitemap> {
    let unpacked;
    let body = if body.starts_with(&[0x1f, 0x8b]) {
        unpacked = gunzip(body);
        unpacked.as_slice()
    } else {
        body.get(..BYTES_MAX).unwrap_or(body)
    };
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') { xml(text) } else { list(text) }
}

/// Whether what was seen at `seen_at` (RFC 3339) is still what a page with this `lastmod` shows. A date counts to its
/// end, wherever on earth it is written; what cannot be read says nothing.
#[must_use]
pub fn is_current(lastmod: &str, seen_at: &str) -> bool {
    let Ok(seen_at) = DateTime::parse_from_rfc3339(seen_at) else { return false };
    let moment = DateTime::parse_from_rfc3339(lastmod.trim()).map(|moment| moment.with_timezone(&Utc)).ok();
    let end_of_day = || {
        let day = NaiveDate::parse_from_str(lastmod.trim().get(..10)?, "%Y-%m-%d").ok()?;
        day.and_time(NaiveTime::MIN).and_utc().checked_add_signed(Duration::hours(24 + 12))
    };
    moment.or_else(end_of_day).is_some_and(|changed_at| changed_at < seen_at)
}

fn xml(text: &str) -> Result<Sitemap, NotASitemap> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut sitemap = Sitemap::default();
    let (mut url, mut lastmod) = (String::new(), String::new());
    let mut known = false;
    // A sitemap that is broken or cut off gives what stands before the damage.
    while let Ok(event) = reader.read_event() {
        let inside = path.iter().map(String::as_str).collect::<Vec<_>>();
        let text = match (inside.as_slice(), &event) {
            (["urlset", "url", "loc"] | ["sitemapindex", "sitemap", "loc"], _) => Some(&mut url),
            (["urlset", "url", "lastmod"], _) => Some(&mut lastmod),
            _ => None,
        };
        match event {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                known |= path.is_empty() && matches!(name.as_str(), "urlset" | "sitemapindex");
                if !known || path.len() >= DEPTH_MAX {
                    break;
                }
                path.push(name);
            }
            Event::Text(piece) => add(text, &piece),
            Event::CData(piece) => add(text, &piece),
            Event::GeneralRef(name) => add(text, &format!("&{};", &*name)),
            Event::End(_) => {
                path.pop();
                if path.len() == 1 {
                    let is_index = path.first().is_some_and(|root| root == "sitemapindex");
                    let url = htmlize::unescape(std::mem::take(&mut url).trim()).into_owned();
                    let lastmod = std::mem::take(&mut lastmod).trim().to_owned();
                    if !url.is_empty() && is_index {
                        sitemap.sitemaps.push(url);
                    } else if !url.is_empty() {
                        sitemap.pages.push(Entry { url, lastmod: Some(lastmod).filter(|l| !l.is_empty()) });
                    }
                }
                if sitemap.pages.len().saturating_add(sitemap.sitemaps.len()) >= ENTRIES_MAX {
                    break;
                }
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if known { Ok(sitemap) } else { Err(NotASitemap) }
}

fn add(text: Option<&mut String>, piece: &str) {
    if let Some(text) = text
        && text.len().saturating_add(piece.len()) <= TEXT_BYTES_MAX
    {
        text.push_str(piece);
    }
}

/// One URL a line.
fn list(text: &str) -> Result<Sitemap, NotASitemap> {
    let is_url = |line: &&str| line.starts_with("http://") || line.starts_with("https://");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let pages: Vec<Entry> = lines
        .take(ENTRIES_MAX)
        .take_while(is_url)
        .map(|line| Entry { url: line.to_owned(), lastmod: None })
        .collect();
    if pages.is_empty() { Err(NotASitemap) } else { Ok(Sitemap { pages, sitemaps: Vec::new() }) }
}

/// The first member of a gzip file (RFC 1952), at most [`BYTES_MAX`] of it; what is behind damage is left out.
fn gunzip(packed: &[u8]) -> Vec<u8> {
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const CHECKSUM: u8 = 2;
    let flags = packed.get(3).copied().unwrap_or(0);
    let mut at = 10_usize;
    if flags & EXTRA != 0 {
        let length = |n: usize| packed.get(at.saturating_add(n)).copied().map_or(0, usize::from);
        at = at.saturating_add(2).saturating_add(length(0)).saturating_add(length(1).saturating_mul(256));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let rest = packed.get(at..).unwrap_or_default();
            let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
            at = at.saturating_add(end).saturating_add(1);
        }
    }
    if flags & CHECKSUM != 0 {
        at = at.saturating_add(2);
    }
    let deflated = packed.get(at..).unwrap_or_default();
    decompress_to_vec_with_limit(deflated, BYTES_MAX).unwrap_or_else(|stopped| stopped.output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    const PAGES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://a.example/x?b=1&amp;c=2 </loc><lastmod>2024-05-01</lastmod><priority>0.5</priority>
    <image:image><image:loc>https://a.example/picture.png</image:loc></image:image></url>
  <url><loc><![CDATA[https://a.example/y]]></loc></url>
  <url><lastmod>2024-05-01</lastmod></url>
</urlset>"#;

    fn urls(sitemap: &Sitemap) -> Vec<&str> {
        sitemap.pages.iter().map(|page| page.url.as_str()).collect()
    }

    #[test]
    fn a_sitemap_lists_pages_with_the_day_of_their_last_change() {
        let sitemap = read(PAGES.as_bytes()).unwrap();
        assert_eq!(urls(&sitemap), ["https://a.example/x?b=1&c=2", "https://a.example/y"]);
        assert_eq!(sitemap.pages[0].lastmod.as_deref(), Some("2024-05-01"));
        assert_eq!(sitemap.pages[1].lastmod, None);
    }

    #[test]
    fn an_index_lists_sitemaps() {
        let index = r#"<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
            <loc>https://a.example/1.xml.gz</loc><lastmod>2024-05-01</lastmod></sitemap></sitemapindex>"#;
        let sitemap = read(index.as_bytes()).unwrap();
        assert_eq!(
            (sitemap.sitemaps, sitemap.pages),
            (vec!["https://a.example/1.xml.gz".to_owned()], vec![])
        );
    }

    #[test]
    fn packed_listed_and_cut_sitemaps_are_read_too() {
        let mut gzip = flate2::GzBuilder::new()
            .filename("sitemap.xml")
            .comment("x")
            .extra(vec![1, 2, 3])
            .write(Vec::new(), flate2::Compression::default());
        gzip.write_all(PAGES.as_bytes()).unwrap();
        assert_eq!(read(&gzip.finish().unwrap()), read(PAGES.as_bytes()));
        let listed = read("\u{feff}https://a.example/1\r\n\nhttps://a.example/2\n".as_bytes()).unwrap();
        assert_eq!(urls(&listed), ["https://a.example/1", "https://a.example/2"]);
        let cut = PAGES.find("<image:image>").unwrap();
        assert_eq!(read(&PAGES.as_bytes()[..cut]).unwrap().pages.len(), 0);
        let cut = PAGES.find("<url><loc><!").unwrap();
        assert_eq!(read(&PAGES.as_bytes()[..cut]).unwrap().pages.len(), 1);
    }

    #[test]
    fn what_is_no_sitemap_is_told() {
        for body in
            ["", "<html><body>Not found</body></html>", "words", "<!DOCTYPE html>", "{}", "<rss></rss>"]
        {
            assert_eq!(read(body.as_bytes()), Err(NotASitemap), "{body}");
        }
    }

    #[test]
    fn a_bomb_and_a_billion_laughs_stay_small() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            gzip.write_all(&vec![b' '; 1_000_000]).unwrap();
        }
        assert_eq!(read(&gzip.finish().unwrap()), Err(NotASitemap));
        let laughs = r#"<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><urlset><url><loc>https://a.example/&b;</loc></url></urlset>"#;
        assert_eq!(urls(&read(laughs.as_bytes()).unwrap()), ["https://a.example/&b;"]);
        let deep = format!("<urlset>{}", "<url>".repeat(100_000));
        assert!(read(deep.as_bytes()).unwrap().pages.is_empty());
        let many = format!("<urlset>{}</urlset>", "<url><loc>https://a.example/</loc></url>".repeat(60_000));
        assert_eq!(read(many.as_bytes()).unwrap().pages.len(), ENTRIES_MAX);
    }

    #[test]
    fn a_page_is_current_when_it_was_seen_after_its_last_change() {
        let seen_at = "2024-05-03T12:00:00Z";
        for (lastmod, current) in [
            ("2024-05-01", true),
            ("2024-05-01T23:00:00+02:00", true),
            ("2024-05-02", false),
            ("2024-05-03", false),
            ("2024-05-03T11:59:59Z", true),
            ("2024-05-03T12:00:01.5Z", false),
            ("2024-05-01T10:00", true),
            ("2024-05", false),
            ("yesterday", false),
            ("", false),
        ] {
            assert_eq!(is_current(lastmod, seen_at), current, "{lastmod}");
        }
        assert!(!is_current("2024-05-01", "never"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), packed in any::<bool>()) {
            let mut body = if packed { vec![0x1f, 0x8b, 8] } else { b"<urlset><url>".to_vec() };
            body.extend(bytes);
            let _ = read(&body);
        }
    }
}
