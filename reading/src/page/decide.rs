//! Which blocks are the page's main content, once all blocks and the skeleton are complete: by the model's chances, and
//! where a page was too much for that, by rules about zones.

mod lists;
pub(crate) mod neighbours;

use super::block::{Block, InsetKind, Kind};
use super::model::CERTAIN;
use super::skeleton::{Skeleton, Traits};
use super::sums::{Sums, is_long, percent};
use super::tables::Tables;
use super::tag::Tag;
use std::collections::BTreeMap;

/// One flag per block: keep it? By the model's chances, one per block, in parts of [`CERTAIN`].
///
/// The blocks above a bar are kept. With right chances the best bar for a page's F1 is half of the F1 that it leads to,
/// so the bar is found by trying all: a page of clear prose gets a high one, a shop's list of vague scraps a low one.
pub(crate) fn by_chances(blocks: &[Block], chances: &[u32], skeleton: &Skeleton) -> Vec<bool> {
    let mut order: Vec<(u32, u32)> =
        chances.iter().zip(blocks).map(|(chance, block)| (*chance, block.words)).collect();
    order.sort_unstable_by_key(|(chance, _)| std::cmp::Reverse(*chance));
    let certain = u64::from(CERTAIN);
    let expected: u64 =
        order.iter().map(|(chance, words)| u64::from(*chance).saturating_mul((*words).into())).sum();
    let (mut sure, mut size, mut best) = (0_u64, 0_u64, 0_u64);
    for (chance, words) in &order {
        sure = sure.saturating_add(u64::from(*chance).saturating_mul((*words).into()));
        size = size.saturating_add((*words).into());
        let half =
            sure.saturating_mul(certain).checked_div(size.saturating_mul(certain).saturating_add(expected));
        best = best.max(half.unwrap_or(0));
    }
    let vague = (certain / 2).saturating_sub(best).saturating_mul(VAGUE_PERCENT) / 100;
    let bar = (best.saturating_mul(BAR_PERCENT) / 100).saturating_sub(vague).max(BAR_MIN);
    let mut keep: Vec<bool> = chances.iter().map(|chance| u64::from(*chance) >= bar).collect();
    keep_between(chances, bar, &mut keep);
    keep_siblings(blocks, skeleton, &mut keep);
    lists::keep_lists(blocks, chances, skeleton, bar, &mut keep);
    keep
}

/// Right between two kept blocks less is asked of one.
fn keep_between(chances: &[u32], bar: u64, keep: &mut [bool]) {
    let bar = bar.saturating_mul(BETWEEN_PERCENT) / 100;
    let above_bar = keep.to_vec();
    let inner = keep.iter_mut().zip(chances).skip(1);
    for ((kept, chance), three) in inner.zip(above_bar.windows(3)) {
        *kept |= matches!(three, [true, _, true]) && u64::from(*chance) >= bar;
    }
}

/// Pictures and rules belong to the text around them: they stay between kept blocks, a picture also above its kept
/// caption.
pub(crate) fn drop_insets(blocks: &mut [Block], keep: &[bool], skeleton: &Skeleton) {
    let figure = |node: u32| skeleton.nearest(node, |node| node.tag == Tag::Figure).map(|(place, _)| place);
    let mut kept_before = false;
    for (block, kept) in blocks.iter_mut().zip(keep) {
        if !block.insets.is_empty() {
            let captioned = skeleton.nearest(block.node, |node| node.tag == Tag::Caption).is_some();
            let of_caption = figure(block.node).filter(|_| captioned && *kept);
            block.insets.retain(|inset| match &inset.kind {
                InsetKind::Rule => *kept && kept_before,
                InsetKind::Image(text, _) => {
                    let above_caption = of_caption.is_some() && figure(inset.node) == of_caption;
                    above_caption || (*kept && kept_before && !text.is_empty())
                }
                InsetKind::Video(..) => *kept && kept_before,
            });
        }
        kept_before = *kept;
    }
}

/// A paragraph among paragraphs that are kept belongs to them, whatever its own chance.
fn keep_siblings(blocks: &[Block], skeleton: &Skeleton, keep: &mut [bool]) {
    let holder = |block: &Block| skeleton.get(block.node).map_or(0, |node| node.parent);
    let long =
        |block: &Block| is_long(block) && skeleton.get(block.node).is_some_and(|node| node.tag == Tag::P);
    let mut words: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for (block, kept) in blocks.iter().zip(keep.iter()).filter(|(block, _)| long(block)) {
        let (all, of_kept) = words.entry(holder(block)).or_default();
        *all = all.saturating_add(block.words);
        *of_kept = of_kept.saturating_add(if *kept { block.words } else { 0 });
    }
    for (block, kept) in blocks.iter().zip(keep.iter_mut()).filter(|(block, _)| long(block)) {
        let (all, of_kept) = words.get(&holder(block)).copied().unwrap_or_default();
        *kept |= percent(of_kept, all) >= SIBLINGS_PERCENT_MIN;
    }
}

/// Of the words of an element's own paragraphs, when the rest follows.
const SIBLINGS_PERCENT_MIN: u64 = 60;

/// One flag per block: keep it? By rules about the zones of a page.
pub(crate) fn by_zones(blocks: &[Block], skeleton: &Skeleton, tables: &Tables) -> Vec<bool> {
    let sums = Sums::of(blocks, skeleton);
    let choose = |by_name| Zones::find(skeleton, &sums, by_name).survivors(blocks, skeleton, tables, &sums);
    let mut keep = choose(true);
    let words = words_kept(blocks, &keep);
    if words < STRICT_WORDS_MIN {
        let looser = choose(false);
        if words_kept(blocks, &looser) > words.saturating_mul(2) {
            keep = looser;
        }
    }
    narrow(blocks, skeleton, &mut keep);
    drop_tail(blocks, &mut keep);
    drop_idle_headings(blocks, &mut keep);
    keep
}

/// A bar a little below the best one loses nothing of the F1 out of fold and keeps more of what must not be missing.
const BAR_PERCENT: u64 = 95;
/// Of what the F1's half lacks to its most, in percent, so much lower still: the vaguer a page, the more of it is missed.
const VAGUE_PERCENT: u64 = 80;
/// Of the bar, in percent, what is asked of a block between two kept ones: a line among lines of one text.
const BETWEEN_PERCENT: u64 = 65;
/// The lowest bar, in parts of [`CERTAIN`]: the chances are not right enough for extremes.
const BAR_MIN: u64 = 1_200;

/// Words of the blocks that are kept.
pub(crate) fn words_kept(blocks: &[Block], keep: &[bool]) -> u32 {
    let kept = blocks.iter().zip(keep).filter(|(_, keep)| **keep);
    kept.fold(0, |sum, (block, _)| sum.saturating_add(block.words))
}

/// If class names leave fewer words than this, they probably misled.
const STRICT_WORDS_MIN: u32 = 60;
/// A zone with more than this share of all words, in percent, is a wrapper with a misleading name.
const WRAPPER_PERCENT: u64 = 55;
/// Comments go only when at least this many words are left without them; else the page is a thread.
const THREAD_WORDS_MIN: u32 = 150;
/// Blocks with more link words than this, in percent, lead elsewhere.
const LINK_PERCENT_MAX: u64 = 65;

/// Which records lie in a zone that is not main content.
struct Zones {
    dropped: Vec<bool>,
}

impl Zones {
    fn find(skeleton: &Skeleton, sums: &Sums, by_name: bool) -> Self {
        const BY_NAME: Traits = Traits::RELATED
            .or(Traits::SHARE)
            .or(Traits::COOKIE)
            .or(Traits::CRUMB)
            .or(Traits::SIDEBAR)
            .or(Traits::CONTENTS)
            .or(Traits::NEWSLETTER)
            .or(Traits::POPUP)
            .or(Traits::AD)
            .or(Traits::PAGER)
            .or(Traits::MENU)
            .or(Traits::LOGIN)
            .or(Traits::FOOT);
        const BY_TAG: Traits =
            Traits::NAV.or(Traits::FOOTER).or(Traits::ASIDE).or(Traits::DIALOG).or(Traits::FORM);
        let total = sums.words(0);
        let without_comments = total.saturating_sub(comment_words(skeleton, sums));
        let comments_go = by_name && without_comments >= THREAD_WORDS_MIN;
        let mut dropped: Vec<bool> = Vec::with_capacity(skeleton.nodes().len());
        // In a main element or an article a header holds its title, not the site's.
        let mut inside: Vec<bool> = Vec::with_capacity(skeleton.nodes().len());
        for (place, node) in (0_u32..).zip(skeleton.nodes()) {
            let parent = node.parent as usize;
            let in_main = inside.get(parent).copied().unwrap_or(false);
            let share = percent(sums.words(place), total);
            let named = by_name
                && !matches!(node.tag, Tag::Html | Tag::Body | Tag::Main | Tag::Article | Tag::Heading(_));
            let callout = node.tag == Tag::Aside
                && in_main
                && sums.link_percent(place) < 15
                && !node.traits.any(BY_NAME);
            let zone = (node.traits.any(BY_TAG) && !callout)
                || (node.traits.any(Traits::HEADER) && !in_main)
                || (named && node.traits.any(BY_NAME));
            let comment = comments_go && named && node.traits.any(Traits::COMMENT) && share < 80;
            let goes = (zone && share < WRAPPER_PERCENT) || comment;
            dropped.push(place != 0 && (goes || dropped.get(parent).copied().unwrap_or(false)));
            inside.push(in_main || node.traits.any(Traits::MAIN.or(Traits::ARTICLE)));
        }
        Self { dropped }
    }

    fn survivors(&self, blocks: &[Block], skeleton: &Skeleton, tables: &Tables, sums: &Sums) -> Vec<bool> {
        blocks
            .iter()
            .map(|block| {
                if self.dropped.get(block.node as usize).copied().unwrap_or(false) || is_noise(block) {
                    return false;
                }
                if matches!(block.kind, Kind::Heading(_) | Kind::Code(_)) {
                    return true;
                }
                let around = tables.data_table(block).or_else(|| {
                    let list = skeleton.nearest(block.node, |n| matches!(n.tag, Tag::Ul | Tag::Ol | Tag::Dl));
                    list.map(|(place, _)| place)
                });
                let links =
                    around.map_or_else(|| percent(block.link_words, block.words), |at| sums.link_percent(at));
                (block.words > 0 || around.is_some()) && links <= LINK_PERCENT_MAX
            })
            .collect()
    }
}

fn comment_words(skeleton: &Skeleton, sums: &Sums) -> u32 {
    let mut inside: Vec<bool> = Vec::with_capacity(skeleton.nodes().len());
    let mut words = 0_u32;
    for (place, node) in (0_u32..).zip(skeleton.nodes()) {
        let within = inside.get(node.parent as usize).copied().unwrap_or(false);
        let own = node.traits.any(Traits::COMMENT);
        if own && !within {
            words = words.saturating_add(sums.words(place));
        }
        inside.push(own || within);
    }
    words
}

/// Labels that belong to the page's furniture wherever they stand.
fn is_noise(block: &Block) -> bool {
    const LABELS: [&str; 23] = [
        "advertisement",
        "share",
        "share this",
        "share this article",
        "print",
        "email",
        "menu",
        "search",
        "loading",
        "loading...",
        "read more",
        "skip to content",
        "skip to main content",
        "back to top",
        "close",
        "copy link",
        "tweet",
        "sign up",
        "log in",
        "subscribe",
        "follow us",
        "expand description",
        "reply",
    ];
    let is_label = |text: &str| LABELS.iter().any(|label| label.eq_ignore_ascii_case(text));
    block.words <= 4 && !block.is_code() && is_label(block.text.trim())
}

/// Restricts the choice to the element that holds the content, when one clearly does.
fn narrow(blocks: &[Block], skeleton: &Skeleton, keep: &mut [bool]) {
    let kept = blocks.iter().zip(keep.iter()).filter(|(_, keep)| **keep).map(|(block, _)| block);
    let sums = Sums::of(kept, skeleton);
    let largest = |traits: Traits, share_min: u64| {
        (1_u32..)
            .zip(skeleton.nodes().iter().skip(1))
            .filter(|(_, node)| node.traits.any(traits))
            .max_by_key(|(place, _)| (sums.words(*place), std::cmp::Reverse(*place)))
            .map(|(place, _)| place)
            .filter(|place| percent(sums.words(*place), sums.words(0)) >= share_min)
    };
    let scope = largest(Traits::ARTICLE, 60).or_else(|| largest(Traits::MAIN, 35)).or_else(|| {
        // Like Readability's top candidate: the deepest element that holds nearly all told text.
        let told = sums.long(0);
        (told >= THREAD_WORDS_MIN).then_some(())?;
        (1_u32..)
            .zip(skeleton.nodes().iter().skip(1))
            .filter(|(place, _)| percent(sums.long(*place), told) >= 85)
            .map(|(place, _)| place)
            .last()
    });
    let Some(scope) = scope else { return };
    let first =
        blocks.iter().position(|block| skeleton.ancestry(block.node).any(|(place, _)| place == scope));
    for (index, (block, keep)) in blocks.iter().zip(keep.iter_mut()).enumerate() {
        let inside = skeleton.ancestry(block.node).any(|(place, _)| place == scope);
        let title = block.kind == Kind::Heading(1) && first.is_some_and(|first| index < first);
        *keep = *keep && (inside || title);
    }
}

/// Drops sections whose heading says that they lead away.
fn drop_tail(blocks: &[Block], keep: &mut [bool]) {
    const AWAY: [&str; 18] = [
        "related",
        "comments",
        "leave a reply",
        "leave a comment",
        "recommended",
        "you may also like",
        "more from",
        "share this",
        "read next",
        "newsletter",
        "subscribe",
        "about the author",
        "popular posts",
        "recent posts",
        "related posts",
        "related articles",
        "trending",
        "most read",
    ];
    let mut away: Option<u8> = None;
    for (block, keep) in blocks.iter().zip(keep.iter_mut()) {
        if let Kind::Heading(level) = block.kind
            && *keep
        {
            let text = block.text.trim().to_lowercase();
            let leads_away = block.words <= 5 && AWAY.iter().any(|start| text.starts_with(start));
            away = if leads_away {
                Some(away.map_or(level, |old| old.min(level)))
            } else {
                away.filter(|old| level > *old)
            };
        }
        if away.is_some() {
            *keep = false;
        }
    }
}

/// Drops headings with nothing kept below them before the next heading of the same or a higher rank.
fn drop_idle_headings(blocks: &[Block], keep: &mut [bool]) {
    // Per rank, whether something was kept since the last heading of that rank or higher, seen from the end.
    let mut used = [false; 7];
    for (block, keep) in blocks.iter().zip(keep.iter_mut()).rev() {
        if let Kind::Heading(level) = block.kind {
            let level = usize::from(level.min(6));
            *keep = *keep && used.get(level).copied().unwrap_or(false);
            let kept = *keep;
            for (rank, slot) in used.iter_mut().enumerate() {
                *slot = if rank >= level { false } else { *slot || kept };
            }
        } else if *keep {
            used = [true; 7];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::block::Style;
    use crate::page::tests::{FILLER, markdown_of};

    fn words(count: usize) -> Block {
        let mut block = Block::default();
        block.push_flow(&"word ".repeat(count), Style::default());
        block.finish();
        block
    }

    #[test]
    fn the_bar_follows_how_clear_the_page_is() {
        // Beside clear prose a vague scrap goes; on a page of nothing but vague scraps they are all there is.
        let chosen = |blocks: &[Block], chances: &[u32]| by_chances(blocks, chances, &Skeleton::new());
        assert_eq!(chosen(&[words(300), words(10)], &[CERTAIN, 4_000]), [true, false]);
        assert_eq!(chosen(&[words(10), words(10)], &[4_000, 4_000]), [true, true]);
        assert_eq!(chosen(&[words(10)], &[0]), [false]);
        // Right between kept blocks less is asked.
        let page = [words(300), words(10), words(300)];
        assert_eq!(chosen(&page, &[CERTAIN, 3_500, CERTAIN]), [true; 3]);
        assert_eq!(chosen(&page, &[CERTAIN, 1_000, CERTAIN]), [true, false, true]);
    }

    #[test]
    fn zones_go_by_tag_role_and_class() {
        let html = format!(
            "<nav>one</nav><div role=banner>two</div><div class=cookie-bar>three</div><div id=sidebar>four</div>{FILLER}<footer>five</footer>"
        );
        assert_eq!(markdown_of(&html), markdown_of(FILLER));
    }

    #[test]
    fn a_wrapper_with_a_misleading_name_stays() {
        let html = format!("<form><div class=sidebar-layout>{FILLER}</div></form><nav>one</nav>");
        assert_eq!(markdown_of(&html), markdown_of(FILLER));
    }

    #[test]
    fn comments_go_from_an_article_but_stay_in_a_thread() {
        let comments = format!("<div class=comments>{FILLER}</div>");
        assert_eq!(markdown_of(&comments), markdown_of(FILLER));
        let told = |number: u32| FILLER.replace("These words", &format!("The {number} words of this part"));
        let article: String = (1..=8).map(told).collect();
        assert_eq!(markdown_of(&format!("{article}{comments}")), markdown_of(&article));
    }

    #[test]
    fn a_main_element_beats_what_stands_around_it() {
        let html = format!("<div>Around the words</div><main>{FILLER}</main><div>More around</div>");
        assert_eq!(markdown_of(&html), markdown_of(FILLER));
    }

    #[test]
    fn headings_stay_only_with_something_below() {
        let html = format!(
            "<h2>Used</h2>{FILLER}<h2>Idle</h2><h3>Deeper</h3><h2>Related posts</h2><p>Away from here</p>"
        );
        assert_eq!(markdown_of(&html), format!("## Used\n\n{}", markdown_of(FILLER)));
    }
}
