//! From marks to numbers: `[F12]` becomes `[3]`, counted in the order of first mention.

use super::super::confidence::source_class;
use super::super::{Finding, FindingId, PageId, PageRecord};
use super::extract::plain;
use super::{Citation, Source};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use url::Url;

/// Words at each end of a quote that a text fragment names; browsers search for the first run and the last.
const FRAGMENT_WORDS: usize = 5;

/// Gives numbers while the document is put together.
pub(super) struct Numbering<'a> {
    findings: &'a BTreeMap<FindingId, &'a Finding>,
    pages: &'a BTreeMap<PageId, PageRecord>,
    numbers: BTreeMap<PageId, u32>,
    pub(super) sources: Vec<Source>,
    pub(super) citations: Vec<Citation>,
    /// How often each source is cited.
    pub(super) uses: BTreeMap<u32, u32>,
}

impl<'a> Numbering<'a> {
    pub(super) fn new(
        findings: &'a BTreeMap<FindingId, &'a Finding>,
        pages: &'a BTreeMap<PageId, PageRecord>,
    ) -> Self {
        let (numbers, uses) = (BTreeMap::new(), BTreeMap::new());
        Self { findings, pages, numbers, sources: Vec::new(), citations: Vec::new(), uses }
    }

    /// `text` with its marks as numbers; marks next to each other that name one source become one.
    pub(super) fn number(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut group: Vec<u32> = Vec::new();
        while let Some(at) = rest.find("[F") {
            let (before, tail) = rest.split_at(at);
            let mark = tail
                .find(']')
                .and_then(|end| Some((tail.get(2..end)?.parse().ok().map(FindingId)?, end + 1)));
            if !before.is_empty() {
                group.clear();
            }
            out.push_str(before);
            let Some((id, len)) = mark else {
                group.clear();
                out.push_str("[F");
                rest = tail.get(2..).unwrap_or_default();
                continue;
            };
            if let Some(n) = self.cite(id).filter(|n| !group.contains(n)) {
                group.push(n);
                *self.uses.entry(n).or_insert(0) += 1;
                let _ = write!(out, "[{n}]");
            }
            rest = tail.get(len..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }

    fn cite(&mut self, id: FindingId) -> Option<u32> {
        let finding = self.findings.get(&id)?;
        let page = self.pages.get(&finding.page)?;
        let next = u32::try_from(self.sources.len()).ok()?.saturating_add(1);
        let n = *self.numbers.entry(finding.page).or_insert(next);
        if n == next {
            self.sources.push(source(n, finding.page, page));
        }
        if !self.citations.iter().any(|c| c.finding == id) {
            self.citations.push(Citation {
                n,
                finding: id,
                quote: finding.claim.quote.clone(),
                start: finding.start,
                end: finding.end,
                url: page.url.clone(),
                page: page.page_number(finding.start),
                text_fragment_url: quote_url(page, finding),
            });
        }
        Some(n)
    }
}

/// An address that opens `page` at the finding's quote; `None` for what is not on the web.
#[must_use]
pub fn quote_url(page: &PageRecord, finding: &Finding) -> Option<String> {
    match page.page_number(finding.start) {
        Some(number) => numbered(&page.url, number),
        None => fragment(&page.url, &finding.claim.quote),
    }
}

/// A page as the source of that number.
#[must_use]
pub fn source(n: u32, id: PageId, page: &PageRecord) -> Source {
    Source {
        n,
        page: id,
        url: page.url.clone(),
        title: if page.title.trim().is_empty() { page.url.clone() } else { page.title.clone() },
        words: page.words,
        summary: page.excerpt.clone(),
        excerpt: page.excerpt.clone(),
        author: page.author.clone(),
        published: page.published.clone(),
        modified: page.modified.clone(),
        site_name: page.site_name.clone(),
        language: page.language.clone(),
        retrieved_at: page.retrieved_at,
        truncated: page.truncated,
        content_sha256: page.sha256.clone(),
        source_class: source_class(page),
        injection_flags: page.injection_flags.clone(),
        rendered: page.rendered,
    }
}

/// `url#page=3`, which viewers of PDFs follow (RFC 8118); `None` when the PDF is not on the web.
fn numbered(url: &str, page: u32) -> Option<String> {
    let mut url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_fragment(Some(&format!("page={page}")));
    Some(url.into())
}

/// `url#:~:text=first words,last words`, or `None` when the page is not on the web.
fn fragment(url: &str, quote: &str) -> Option<String> {
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return None;
    }
    let text = plain(quote);
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    let joint = if url.contains('#') { ":~:text=" } else { "#:~:text=" };
    let encoded = |words: &[&str]| percent_encoded(&words.join(" "));
    Some(if words.len() <= 2 * FRAGMENT_WORDS {
        format!("{url}{joint}{}", encoded(&words))
    } else {
        let first = words.get(..FRAGMENT_WORDS).unwrap_or_default();
        let last = words.get(words.len() - FRAGMENT_WORDS..).unwrap_or_default();
        format!("{url}{joint}{},{}", encoded(first), encoded(last))
    })
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{finding, page};
    use super::*;

    #[test]
    fn numbers_follow_first_mention_and_neighbours_of_one_source_become_one() {
        let list = [finding(1, 7, "a", "a b"), finding(2, 7, "b", "b"), finding(3, 4, "c", "c")];
        let findings = list.iter().map(|f| (f.id, f)).collect();
        let pages =
            [(PageId(7), page("https://a.example/", "A")), (PageId(4), page("library:c", "C"))].into();
        let mut numbering = Numbering::new(&findings, &pages);
        assert_eq!(numbering.number("x [F3]. y [F1][F2][F3] z [F9] [Fx]"), "x [1]. y [2][1] z  [Fx]");
        assert_eq!(numbering.citations.len(), 3);
        assert_eq!(numbering.citations[0].text_fragment_url, None);
        assert_eq!(
            numbering.citations[1].text_fragment_url.as_deref(),
            Some("https://a.example/#:~:text=a%20b")
        );
    }

    #[test]
    fn a_quote_from_a_pdf_names_its_page() {
        let list = [finding(1, 7, "a", "a b")];
        let findings = list.iter().map(|f| (f.id, f)).collect();
        let mut record = page("https://a.example/a.pdf", "A");
        let start = list[0].start;
        for (starts, number) in
            [(vec![0, start, start + 1], Some(2)), (vec![start + 1], None), (vec![], None)]
        {
            record.page_starts = starts;
            let pages = [(PageId(7), record.clone())].into();
            let mut numbering = Numbering::new(&findings, &pages);
            numbering.number("x [F1]");
            let citation = &numbering.citations[0];
            assert_eq!(citation.page, number);
            let named = citation.text_fragment_url.as_deref() == Some("https://a.example/a.pdf#page=2");
            assert_eq!(named, number == Some(2));
        }
    }
}
