//! Which of a page's texts is its main content: what its elements show, or where they are an empty shell what it keeps for
//! readers without scripts, for search engines or for its scripts.

use super::charset::Utf8Stream;
use super::collect::Collector;
use super::features::Features;
use super::stream::HtmlStream;
use super::tables::Tables;
use super::{Limits, decide, model, verdict};
use url::Url;

/// What the pass gathered and which of its blocks are main content.
pub(crate) struct Choice {
    pub(crate) collected: Collector,
    pub(crate) tables: Tables,
    /// What the rules by zones would keep.
    pub(crate) ruled: Vec<bool>,
    pub(crate) keep: Vec<bool>,
    /// Words of what is kept.
    pub(crate) words: u32,
}

impl Choice {
    /// The page's choice, or where that is next to nothing that of its markup for readers without scripts (forums serve
    /// the whole thread in `noscript`, and an empty page around it), the text in its JSON-LD, or that in the data of its
    /// scripts. The flag says that the parser's limit cut it short.
    pub(crate) fn best(url: &Url, stream: HtmlStream, limits: Limits) -> (Self, bool) {
        let (collected, gave_up) = stream.finish();
        let mut choice = Self::of(collected);
        let data = std::mem::take(&mut choice.collected.clues.islands);
        // By the rules, not by the model: what it is trained on must not depend on it.
        let words = choice.ruled_words();
        if words >= verdict::SHELL_WORDS_MAX {
            return (choice, gave_up);
        }
        let clues = &choice.collected.clues;
        let noscript =
            clues.noscript_text().contains('<').then(|| Self::of(reread(url, clues.noscript_text(), limits)));
        let shown = choice.all_words();
        let is_furniture = shown < FURNITURE_WORDS_MAX;
        // A word to readers without scripts does not stand in for a page of short pieces that the rules make nothing of.
        let noscript = noscript
            .filter(|other| other.ruled_words() > words && (is_furniture || other.all_words() > shown));
        if let Some(mut other) = noscript {
            other.collected.clues = choice.collected.clues;
            return (other, gave_up);
        }
        let said = Self::island(url, clues.said_body(), limits)
            .filter(|said| said.words > if is_furniture { words.saturating_mul(2) } else { shown });
        let is_empty = words < verdict::THIN_WORDS_MIN && is_furniture;
        let held =
            if is_empty { Self::island(url, &data.into_markup(&clues.titles()), limits) } else { None };
        let held = held.filter(|island| island.words > shown);
        let island = [said, held].into_iter().flatten().max_by_key(|island| island.words);
        let Some(mut island) = island else { return (choice, gave_up) };
        island.collected.clues = choice.collected.clues;
        island.collected.links = choice.collected.links;
        (island, gave_up)
    }

    /// All of the page. The flag says that the parser's limit cut it short.
    pub(crate) fn all(stream: HtmlStream) -> (Self, bool) {
        let (collected, gave_up) = stream.finish();
        (Self::whole(collected), gave_up)
    }

    /// Text from elsewhere in the page, if it is more than a teaser.
    fn island(url: &Url, markup: &str, limits: Limits) -> Option<Self> {
        if markup.is_empty() {
            return None;
        }
        Some(Self::whole(reread(url, markup, limits))).filter(|island| island.words >= ISLAND_WORDS_MIN)
    }

    /// All of it is content.
    fn whole(collected: Collector) -> Self {
        let tables = Tables::find(&collected.skeleton, &collected.blocks);
        let keep = vec![true; collected.blocks.len()];
        let mut choice = Self { collected, tables, ruled: keep.clone(), keep, words: 0 };
        choice.words = choice.all_words();
        choice
    }

    /// Words of all text, kept or not.
    fn all_words(&self) -> u32 {
        self.collected.blocks.iter().fold(0_u32, |sum, block| sum.saturating_add(block.words))
    }

    fn ruled_words(&self) -> u32 {
        decide::words_kept(&self.collected.blocks, &self.ruled)
    }

    fn of(collected: Collector) -> Self {
        let tables = Tables::find(&collected.skeleton, &collected.blocks);
        let ruled = decide::by_zones(&collected.blocks, &collected.skeleton, &tables);
        let words = collected.blocks.iter().fold(0_u32, |sum, block| sum.saturating_add(block.words));
        let mut keep = ruled.clone();
        if words >= SCORED_WORDS_MIN && !collected.full {
            let features =
                Features::of(&collected.blocks, &collected.skeleton, &tables, &collected.clues, &ruled);
            let chances = model::chances(&features, collected.blocks.len());
            let scored = decide::by_chances(&collected.blocks, &chances, &collected.skeleton);
            // A page that the model makes nothing of may be unlike all that it has seen.
            if decide::words_kept(&collected.blocks, &scored) >= verdict::THIN_WORDS_MIN {
                keep = scored;
            }
        }
        decide::neighbours::complete(&collected.blocks, &collected.skeleton, &tables, &mut keep);
        let words = decide::words_kept(&collected.blocks, &keep);
        Self { collected, tables, ruled, keep, words }
    }
}

/// Pages of fewer words are decided by the rules about zones, like those that are cut short: their numbers say little, and
/// they have no furniture to speak of.
const SCORED_WORDS_MIN: u32 = 150;

/// Text in JSON-LD or in the data of scripts below this is a teaser rather than the page.
const ISLAND_WORDS_MIN: u32 = 60;

/// An empty page still shows menus, a footer and a word about scripts. One that shows more than this is read as it is, unless
/// its JSON-LD says even more.
const FURNITURE_WORDS_MAX: u32 = 300;

/// Reads markup that was found within a page.
pub(crate) fn reread(url: &Url, html: &str, limits: Limits) -> Collector {
    let decoder = Utf8Stream::new(Some("text/html; charset=utf-8"), &[]);
    let mut stream = HtmlStream::new(url, decoder, limits.links_max);
    stream.push(html.as_bytes());
    stream.finish().0
}

#[cfg(test)]
mod tests {
    use crate::page::tests::{FILLER, markdown_of};

    fn story() -> String {
        "The mill at the edge of the village ground its last flour in the spring of that year. ".repeat(6)
    }

    fn next_page(shown: &str, data: &str) -> String {
        format!(
            "<title>Mills</title><body><div id=__next>{shown}</div>\
            <script id=__NEXT_DATA__ type=application/json>{data}</script><script src=a.js></script>"
        )
    }

    #[test]
    fn an_empty_page_is_read_from_the_data_of_its_scripts() {
        let story = story();
        let post = format!(
            r#"{{"props":{{"pageProps":{{"post":{{"title":"The last mill","body":"<p>{story}</p>"}}}}}}}}"#
        );
        let expected = format!("## The last mill\n\n{}\n", story.trim());
        assert_eq!(markdown_of(&next_page("Loading", &post)), expected);
        let nuxt = format!(
            r#"<div id=__nuxt></div><script>window.__NUXT__={{data:[{{title:"The last mill",body:"<p>{story}<\/p>"}}]}}</script>"#
        );
        assert_eq!(markdown_of(&nuxt), expected);
        let svelte = format!(
            r#"<script type=application/json data-sveltekit-fetched data-url=/api>{{"status":200,"body":{}}}</script>"#,
            serde_json::Value::from(post)
        );
        assert_eq!(markdown_of(&svelte), expected);
    }

    #[test]
    fn a_page_that_shows_its_text_is_not_replaced_by_data() {
        let story = story();
        let settings = format!(r#"{{"props":{{"pageProps":{{"help":{{"text":"{story}"}}}}}}}}"#);
        assert_eq!(markdown_of(&next_page(FILLER, &settings)), markdown_of(FILLER));
    }

    #[test]
    fn a_word_to_readers_without_scripts_does_not_replace_a_page_of_short_pieces() {
        let wares = "<li><a href=/a>Lamp of blue glass</a>".repeat(100);
        let word = format!("<noscript>{FILLER}</noscript>");
        assert!(!markdown_of(&format!("<ul>{wares}</ul>{word}")).contains("long enough"));
        assert!(markdown_of(&format!("<ul><li><a href=/a>Lamp</a></ul>{word}")).contains("long enough"));
    }

    #[test]
    fn links_of_the_shell_stay_the_pages_links() {
        let data = format!(r#"{{"text":"{}"}}"#, story());
        let page = crate::page::tests::read(&next_page("<a href=/next>On</a>", &data));
        assert_eq!(page.links, ["https://e.com/next"]);
    }
}
