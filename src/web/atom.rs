//! Atom feeds (RFC 4287), as far as APIs of papers speak it: entries as lists of named texts.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One entry of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Texts by the names of their elements (`author/name` for one within another), in their order; white space and
    /// references as in the feed. An empty element with a `term` has that as its text.
    fields: Vec<(String, String)>,
    /// Where the entry's page stands: its link that is an alternate; empty when it names none.
    pub page: String,
}

/// Why a text gave no entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAFeed {
    /// It is something else.
    #[error("a reply that is not a feed")]
    Other,
    /// It is a feed's beginning.
    #[error("a feed that was cut off")]
    Cut,
}

/// Elements within elements; a feed has four.
const DEPTH_MAX: usize = 32;
/// Longest text of an element, in bytes; abstracts have up to 2 KB.
const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Elements of one entry: papers of large experiments have some thousand authors, each with a name and a place.
const FIELDS_MAX: usize = 20_000;

/// The first `max` entries of a feed.
///
/// # Errors
/// [`NotAFeed`], whatever was read before.
pub fn entries(feed: &str, max: usize) -> Result<Vec<Entry>, NotAFeed> {
    let mut reader = Reader::from_str(feed);
    let mut path: Vec<String> = Vec::new();
    let (mut entries, mut open, mut is_feed) = (Vec::new(), Entry::default(), false);
    loop {
        let within = matches!(path.as_slice(), [_, entry, ..] if entry == "entry");
        let broken = if is_feed { NotAFeed::Cut } else { NotAFeed::Other };
        match reader.read_event().map_err(|_| broken)? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                is_feed |= path.is_empty() && name == "feed";
                if !is_feed || path.len() >= DEPTH_MAX {
                    return Err(NotAFeed::Other);
                }
                path.push(name);
                if within {
                    open.take(path.get(2..).unwrap_or_default(), &start);
                }
            }
            Event::Empty(start) if within => {
                let name = start.local_name().as_ref().to_owned();
                let place = path.get(2..).unwrap_or_default().iter().cloned().chain([name]);
                open.take(&place.collect::<Vec<_>>(), &start);
            }
            Event::End(_) => {
                if within && path.len() == 2 {
                    let entry = std::mem::take(&mut open);
                    if entries.len() < max {
                        entries.push(entry);
                    }
                }
                path.pop();
            }
            Event::Text(text) if within => open.add(&text),
            Event::CData(text) if within => open.add(&text),
            Event::GeneralRef(name) if within => open.add(&format!("&{};", &*name)),
            Event::Eof if is_feed && path.is_empty() => return Ok(entries),
            Event::Eof => return Err(broken),
            _ => {}
        }
    }
}

impl Entry {
    /// The texts of that name, in their order, each as one line with its references resolved.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = String> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, text)| plain(text))
    }

    /// The first text of that name; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.texts(name).next().unwrap_or_default()
    }

    /// The first text of that name as it stands in the feed, for whoever resolves references and drops markup anyway.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text)
    }

    /// An element begins.
    fn take(&mut self, place: &[String], start: &BytesStart) {
        let attribute = |wanted: &str| {
            let found = start.attributes().flatten().find(|a| a.key.as_ref() == wanted)?;
            Some(plain(&found.value))
        };
        if let [name] = place
            && name == "link"
            && attribute("rel").is_none_or(|rel| rel == "alternate")
            && let Some(href) = attribute("href")
        {
            self.page = href;
        }
        if self.fields.len() < FIELDS_MAX {
            self.fields.push((place.join("/"), attribute("term").unwrap_or_default()));
        }
    }

    /// Text goes to the element that began last: those that are asked for hold no others.
    fn add(&mut self, more: &str) {
        if let Some((_, text)) = self.fields.last_mut()
            && text.len().saturating_add(more.len()) <= TEXT_BYTES_MAX
        {
            text.push_str(more);
        }
    }
}

/// One line of text.
fn plain(xml: &str) -> String {
    htmlize::unescape(xml).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Query</title>\
        <entry><id>http://arxiv.org/abs/1</id><title>A\n  &amp; B</title><link rel='related' href='https://x.example/pdf'/>\
        <link href='https://x.example/1?a=1&amp;b=2' rel='alternate'/><author><name>Ada</name></author>\
        <author><name>Ben</name></author><category term='cs.LG'/><summary><![CDATA[One < two]]></summary></entry>\
        <entry><id>2</id></entry></feed>";

    #[test]
    fn an_entry_is_a_list_of_named_texts() {
        let found = entries(FEED, 20).unwrap();
        assert_eq!(found.len(), 2);
        let first = &found[0];
        assert_eq!((first.text("title").as_str(), first.text("summary").as_str()), ("A & B", "One < two"));
        assert_eq!(first.texts("author/name").collect::<Vec<_>>(), ["Ada", "Ben"]);
        assert_eq!(
            (first.text("category").as_str(), first.page.as_str()),
            ("cs.LG", "https://x.example/1?a=1&b=2")
        );
        assert_eq!((found[1].text("id").as_str(), found[1].text("title").as_str()), ("2", ""));
        assert_eq!(entries(FEED, 1).unwrap().len(), 1);
    }

    #[test]
    fn half_a_feed_is_told_from_none() {
        for end in [90, 200, FEED.len() - 3] {
            let half = FEED.get(..end).unwrap();
            assert_eq!(entries(half, 20), Err(NotAFeed::Cut), "{half}");
        }
        let deep = format!("<feed>{}", "<a>".repeat(50_000));
        for text in ["", "<html><body>no</body></html>", "{\"a\": 1}", "<rss/>", &deep] {
            assert_eq!(entries(text, 20), Err(NotAFeed::Other), "{text:.30}");
        }
        assert_eq!(entries("<feed></feed>", 20), Ok(Vec::new()));
    }
}
