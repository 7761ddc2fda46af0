//! One small record per block-level element: what is left of the document tree once its text is in flat blocks.

use super::block::boundary_at_or_before;
use super::tag::Tag;

/// The block-level elements in document order; a parent always stands before its children. Record 0 is the root.
pub(crate) struct Skeleton {
    nodes: Vec<Node>,
}

/// One block-level element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Place of the parent; the root is its own parent.
    pub(crate) parent: u32,
    /// Which element.
    pub(crate) tag: Tag,
    /// What its tag, role, class and id say about it.
    pub(crate) traits: Traits,
    /// For an item of an ordered list its number, else 0.
    pub(crate) number: u32,
    /// For a cell how many columns it spans, else 1.
    pub(crate) columns: u8,
    /// For a cell how many rows it spans, else 1.
    pub(crate) rows: u8,
    /// Elements with the same tag and class have the same look.
    pub(crate) look: u32,
}

/// Most records, a third more than there may be blocks. Elements beyond it count as part of the record they stand in.
const NODES_MAX: usize = 32_768;
/// Only this much of a class or id is looked at; longer ones are generated.
const NAMES_BYTES_MAX: usize = 256;

impl Skeleton {
    pub(crate) fn new() -> Self {
        let root =
            Node { parent: 0, tag: Tag::Html, traits: Traits::NONE, number: 0, columns: 1, rows: 1, look: 0 };
        Self { nodes: vec![root] }
    }

    /// Adds a record and returns its place; when full, the parent's place.
    pub(crate) fn push(&mut self, node: Node) -> u32 {
        if self.nodes.len() >= NODES_MAX {
            return node.parent;
        }
        push_lean(&mut self.nodes, node);
        u32::try_from(self.nodes.len().saturating_sub(1)).unwrap_or(0)
    }

    pub(crate) fn get(&self, place: u32) -> Option<&Node> {
        self.nodes.get(place as usize)
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The places from `place` up to, but without, the root.
    pub(crate) fn ancestry(&self, place: u32) -> impl Iterator<Item = (u32, &Node)> {
        let mut next = place;
        std::iter::from_fn(move || {
            if next == 0 {
                return None;
            }
            let here = next;
            let node = self.get(here)?;
            next = node.parent;
            Some((here, node))
        })
    }

    /// The nearest record at or above `place` that `wanted` accepts.
    pub(crate) fn nearest(&self, place: u32, wanted: impl Fn(&Node) -> bool) -> Option<(u32, &Node)> {
        self.ancestry(place).find(|(_, node)| wanted(node))
    }
}

/// Pushes like [`Vec::push`], but grows by a quarter: while a list moves, both its places count as held, and doubling the
/// lists of a page would come near to the size of the page itself.
pub(crate) fn push_lean<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 4).max(16));
    }
    list.push(item);
}

/// A set of things that an element's tag, ARIA role, class and id say about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits(u64);

impl Traits {
    pub(crate) const NONE: Self = Self(0);
    // From class and id.
    pub(crate) const COMMENT: Self = Self(1);
    pub(crate) const RELATED: Self = Self(1 << 1);
    pub(crate) const SHARE: Self = Self(1 << 2);
    pub(crate) const COOKIE: Self = Self(1 << 3);
    pub(crate) const CRUMB: Self = Self(1 << 4);
    pub(crate) const SIDEBAR: Self = Self(1 << 5);
    pub(crate) const CONTENTS: Self = Self(1 << 6);
    pub(crate) const NEWSLETTER: Self = Self(1 << 7);
    pub(crate) const POPUP: Self = Self(1 << 8);
    pub(crate) const AD: Self = Self(1 << 9);
    pub(crate) const PAGER: Self = Self(1 << 10);
    pub(crate) const MENU: Self = Self(1 << 11);
    pub(crate) const LOGIN: Self = Self(1 << 12);
    pub(crate) const FOOT: Self = Self(1 << 13);
    pub(crate) const BYLINE: Self = Self(1 << 14);
    pub(crate) const BODY: Self = Self(1 << 15);
    pub(crate) const UNSEEN: Self = Self(1 << 16);
    pub(crate) const GUTTER: Self = Self(1 << 17);
    /// A note, tip or warning set off from the text.
    pub(crate) const CALLOUT: Self = Self(1 << 18);
    /// The title of one.
    pub(crate) const CALLOUT_TITLE: Self = Self(1 << 19);
    // From the tag or the ARIA role.
    pub(crate) const NAV: Self = Self(1 << 20);
    pub(crate) const HEADER: Self = Self(1 << 21);
    pub(crate) const FOOTER: Self = Self(1 << 22);
    pub(crate) const ASIDE: Self = Self(1 << 23);
    pub(crate) const FORM: Self = Self(1 << 24);
    pub(crate) const DIALOG: Self = Self(1 << 25);
    pub(crate) const MAIN: Self = Self(1 << 26);
    pub(crate) const ARTICLE: Self = Self(1 << 27);
    pub(crate) const LAYOUT: Self = Self(1 << 28);
    /// An editor's or highlighter's lines of code without a `pre`.
    pub(crate) const CODE: Self = Self(1 << 29);
    // More from class and id, which only the model weighs.
    pub(crate) const HEADLINE: Self = Self(1 << 32);
    pub(crate) const CAPTION: Self = Self(1 << 33);
    pub(crate) const PRODUCT: Self = Self(1 << 34);
    pub(crate) const DETAILS: Self = Self(1 << 35);
    pub(crate) const REVIEW: Self = Self(1 << 36);
    pub(crate) const CARD: Self = Self(1 << 37);
    pub(crate) const HERO: Self = Self(1 << 38);
    pub(crate) const QUESTION: Self = Self(1 << 39);
    pub(crate) const TAB: Self = Self(1 << 40);
    pub(crate) const THREAD: Self = Self(1 << 41);
    pub(crate) const LEAD: Self = Self(1 << 42);
    pub(crate) const MEDIA: Self = Self(1 << 43);
    pub(crate) const FILTER: Self = Self(1 << 44);
    pub(crate) const ENTRY: Self = Self(1 << 45);
    pub(crate) const WRAPPER: Self = Self(1 << 46);
    pub(crate) const ACTION: Self = Self(1 << 47);
    pub(crate) const TAGS: Self = Self(1 << 48);
    pub(crate) const PROFILE: Self = Self(1 << 49);
    pub(crate) const BRAND: Self = Self(1 << 50);
    pub(crate) const GRID: Self = Self(1 << 51);
    pub(crate) const PROSE: Self = Self(1 << 52);

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set as bits; which bit is which stays as it is, since the model knows them by place.
    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    /// Has any of these.
    pub(crate) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What the tag itself says.
    pub(crate) fn of_tag(tag: Tag) -> Self {
        match tag {
            Tag::Nav => Self::NAV,
            Tag::Header => Self::HEADER,
            Tag::Footer => Self::FOOTER,
            Tag::Aside => Self::ASIDE,
            Tag::Form => Self::FORM,
            Tag::Dialog => Self::DIALOG,
            Tag::Main => Self::MAIN,
            Tag::Article => Self::ARTICLE,
            _ => Self::NONE,
        }
    }

    /// What the ARIA role says.
    pub(crate) fn of_role(role: &str) -> Self {
        match role {
            "navigation" | "menu" | "menubar" | "tablist" | "toolbar" => Self::NAV,
            "banner" => Self::HEADER,
            "contentinfo" => Self::FOOTER,
            "complementary" => Self::ASIDE,
            "search" | "form" => Self::FORM,
            "dialog" | "alertdialog" | "tooltip" => Self::DIALOG,
            "main" => Self::MAIN,
            "article" => Self::ARTICLE,
            "presentation" | "none" => Self::LAYOUT,
            "doc-toc" => Self::CONTENTS,
            _ => Self::NONE,
        }
    }

    /// What the words of a class or id say. `has-sidebar`, `no-comments` and the like speak of something else.
    pub(crate) fn of_names(names: &str) -> Self {
        let end = boundary_at_or_before(names, NAMES_BYTES_MAX);
        let names = names.get(..end).unwrap_or_default();
        names
            .split_ascii_whitespace()
            .map(str::as_bytes)
            .fold(Self::NONE, |all, name| all.or(Self::of_whole(name)).or(of_name(name)))
    }

    /// What a class says as a whole.
    fn of_whole(name: &[u8]) -> Self {
        const HEADING: &[u8] = b"admonitionheading_";
        if name.get(..HEADING.len()).is_some_and(|start| start.eq_ignore_ascii_case(HEADING)) {
            return Self::CALLOUT_TITLE;
        }
        let mut lower = [0; WORD_BYTES_MAX];
        let Some(lower) = lower.get_mut(..name.len()) else { return Self::NONE };
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        match &*lower {
            b"sr-only"
            | b"visually-hidden"
            | b"visuallyhidden"
            | b"screen-reader-text"
            | b"screenreader"
            | b"mw-editsection"
            | b"print-only"
            | b"noprint-hidden"
            | b"a11y-hidden"
            | b"vh"
            | b"mathjax_preview"
            | b"mjx_assistive_mathml"
            | b"mw-cite-backlink"
            | b"footnote-backref"
            | b"footnote-back"
            | b"footnote-backlink"
            | b"reversefootnote"
            | b"footnote-return" => Self::UNSEEN,
            b"line-numbers" | b"line-number" | b"linenumber" | b"hljs-ln-numbers" | b"rouge-gutter" => {
                Self::GUTTER
            }
            b"markdown-alert" | b"admonition" | b"theme-admonition" | b"admonitionblock" | b"callout"
            | b"custom-block" | b"notecard" | b"hint" | b"bd-callout" | b"starlight-aside"
            | b"nextra-callout" | b"markdown-callout" | b"alert-info" | b"alert-warning" | b"alert-note"
            | b"alert-tip" => Self::CALLOUT,
            b"markdown-alert-title"
            | b"admonition-title"
            | b"callout-title"
            | b"custom-block-title"
            | b"admonition-heading"
            | b"starlight-aside__title" => Self::CALLOUT_TITLE,
            b"syntaxhighlighter" | b"codemirror-code" | b"cm-content" | b"view-lines" => Self::CODE,
            _ => Self::NONE,
        }
    }
}

/// What classes say, remembered: a page uses few, again and again.
#[derive(Debug, Default)]
pub(crate) struct NameCache {
    /// Fingerprint, what the class says, and its look.
    slots: Vec<(u64, Traits, u32)>,
    misses: usize,
}

/// Classes that are remembered at first, and at most; where two share a slot the later one takes it. Most of 1,497 real
/// pages use fewer than 300 classes.
const CACHE_SLOTS_MIN: usize = 32;
const CACHE_SLOTS_MAX: usize = 512;

impl NameCache {
    /// The same as [`Traits::of_names`] and [`look`].
    pub(crate) fn of_names(&mut self, names: &str) -> (Traits, u32) {
        if names.is_empty() {
            return (Traits::NONE, look(names));
        }
        if self.misses >= self.slots.len() && self.slots.len() < CACHE_SLOTS_MAX {
            let slots = self.slots.len().saturating_mul(2).max(CACHE_SLOTS_MIN);
            self.slots = vec![(0, Traits::NONE, 0); slots];
            self.misses = 0;
        }
        let print = fingerprint(names.as_bytes());
        let place = usize::try_from(print >> 48).unwrap_or(0) % self.slots.len().max(1);
        let Some(slot) = self.slots.get_mut(place) else { return (Traits::of_names(names), look(names)) };
        if slot.0 != print {
            *slot = (print, Traits::of_names(names), look(names));
            self.misses = self.misses.saturating_add(1);
        }
        (slot.1, slot.2)
    }
}

/// A hash of eight bytes at a time. Different texts of one page share one about never, and little depends on it.
pub(crate) fn fingerprint(text: &[u8]) -> u64 {
    let mix = |hash: u64, part: u64| {
        let mixed = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32)
    };
    let (words, rest) = text.as_chunks::<8>();
    let hash = words.iter().fold(text.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let tail = rest.iter().fold(0_u64, |tail, byte| (tail << 8) | u64::from(*byte));
    mix(hash, tail)
}

/// FNV-1a of a class without its digits, which count or identify.
pub(crate) fn look(class: &str) -> u32 {
    class
        .bytes()
        .filter(|byte| !byte.is_ascii_digit())
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// What the words of one class name say: cut at punctuation and before capitals.
fn of_name(name: &[u8]) -> Traits {
    let mut all = Traits::NONE;
    // The word so far in lower case; longer ones are none of those that are known.
    let mut word = [0_u8; WORD_BYTES_MAX];
    let mut length = 0_usize;
    let mut first = true;
    let mut before_upper = true;
    for byte in name.iter().chain(b"-") {
        let ends = !byte.is_ascii_alphanumeric();
        let upper = byte.is_ascii_uppercase();
        if (ends || (upper && !before_upper)) && length > 0 {
            let known = word.get(..length).unwrap_or_default();
            if std::mem::take(&mut first)
                && matches!(
                    known,
                    b"has" | b"no" | b"with" | b"without" | b"is" | b"hide" | b"enable" | b"disable"
                )
            {
                return Traits::NONE;
            }
            all = all.or(of_word(known));
            length = 0;
        }
        if !ends {
            if let Some(slot) = word.get_mut(length) {
                *slot = byte.to_ascii_lowercase();
            }
            length = length.saturating_add(1);
        }
        before_upper = upper || ends;
    }
    all
}

/// More than any word that is known has: `recommendations` has 15.
const WORD_BYTES_MAX: usize = 24;

/// What a word says, in lower case. Bytes are matched one after the other, strings would be compared one by one.
fn of_word(word: &[u8]) -> Traits {
    match word {
        b"comment" | b"comments" | b"commentlist" | b"disqus" | b"reply" | b"replies" | b"respond"
        | b"commentary" => Traits::COMMENT,
        b"related" | b"recommended" | b"recommendation" | b"recommendations" | b"recirc"
        | b"recirculation" | b"suggested" | b"similar" | b"trending" | b"popular" | b"mostread"
        | b"readnext" | b"upsell" | b"crosssell" | b"taboola" | b"outbrain" | b"zergnet" => Traits::RELATED,
        b"share" | b"sharing" | b"shares" | b"social" | b"sharedaddy" | b"addthis" | b"addtoany"
        | b"sociallinks" | b"socials" | b"sharebar" => Traits::SHARE,
        b"cookie" | b"cookies" | b"consent" | b"gdpr" | b"onetrust" | b"ccpa" | b"cookiebot" => {
            Traits::COOKIE
        }
        b"breadcrumb" | b"breadcrumbs" | b"crumb" | b"crumbs" => Traits::CRUMB,
        b"sidebar" | b"sidenav" | b"aside" | b"rail" | b"widget" | b"widgets" | b"sidecol" => Traits::SIDEBAR,
        b"toc" | b"tableofcontents" | b"onthispage" | b"tocbot" => Traits::CONTENTS,
        b"newsletter" | b"newsletters" | b"subscribe" | b"subscription" | b"signup" | b"optin"
        | b"mailchimp" | b"mailing" => Traits::NEWSLETTER,
        b"popup" | b"popups" | b"modal" | b"modals" | b"overlay" | b"lightbox" | b"tooltip" | b"dropdown"
        | b"flyout" | b"offcanvas" | b"drawer" | b"toast" | b"popover" => Traits::POPUP,
        b"ad" | b"ads" | b"advert" | b"adverts" | b"advertisement" | b"advertising" | b"adsbygoogle"
        | b"sponsor" | b"sponsored" | b"sponsors" | b"promo" | b"promos" | b"promotion" | b"adslot"
        | b"dfp" => Traits::AD,
        b"pagination" | b"pager" | b"paging" | b"prevnext" | b"pagenav" | b"paginator" => Traits::PAGER,
        b"nav" | b"navbar" | b"navigation" | b"menu" | b"menubar" | b"submenu" | b"megamenu" | b"topbar"
        | b"topnav" | b"skip" | b"skiplink" | b"navbox" | b"toolbar" | b"masthead" | b"hamburger" => {
            Traits::MENU
        }
        b"login" | b"signin" | b"cart" | b"minicart" | b"wishlist" => Traits::LOGIN,
        b"footer" | b"copyright" | b"colophon" | b"sitefooter" | b"pagefooter" | b"disclaimer"
        | b"catlinks" => Traits::FOOT,
        b"byline" | b"author" | b"authors" | b"dateline" | b"meta" | b"timestamp" | b"postmeta" | b"date"
        | b"time" | b"published" => Traits::BYLINE,
        b"tags" | b"tagcloud" | b"tag" | b"category" | b"categories" | b"label" | b"labels" | b"badge" => {
            Traits::TAGS
        }
        b"content" | b"main" | b"body" | b"story" | b"text" => Traits::BODY,
        b"article" | b"entry" | b"post" | b"blog" | b"single" | b"news" | b"recipe" => Traits::ENTRY,
        b"prose" | b"richtext" | b"rich" | b"rte" | b"wysiwyg" | b"markdown" | b"copy" | b"paragraph"
        | b"editor" | b"formatted" | b"html" => Traits::PROSE,
        b"page" | b"wrapper" | b"container" | b"wrap" | b"site" | b"layout" | b"inner" | b"outer"
        | b"app" | b"root" => Traits::WRAPPER,
        b"title" | b"headline" | b"heading" | b"subtitle" | b"subheading" => Traits::HEADLINE,
        b"caption" | b"figcaption" | b"credit" | b"figure" => Traits::CAPTION,
        b"product" | b"products" | b"price" | b"prices" | b"sku" | b"variant" | b"shipping" | b"stock"
        | b"bundle" => Traits::PRODUCT,
        b"description" | b"desc" | b"details" | b"detail" | b"info" | b"about" | b"overview" | b"specs"
        | b"specification" | b"specifications" | b"features" | b"feature" | b"attributes" => Traits::DETAILS,
        b"review" | b"reviews" | b"rating" | b"ratings" | b"stars" | b"testimonial" | b"testimonials" => {
            Traits::REVIEW
        }
        b"card" | b"cards" | b"tile" | b"tiles" | b"teaser" | b"teasers" | b"item" | b"items"
        | b"listing" | b"listings" | b"result" | b"results" => Traits::CARD,
        b"grid" | b"row" | b"col" | b"column" | b"columns" | b"list" | b"collection" | b"archive"
        | b"loop" => Traits::GRID,
        b"hero" | b"banner" | b"jumbotron" | b"cover" | b"splash" => Traits::HERO,
        b"faq" | b"faqs" | b"accordion" | b"question" | b"questions" | b"answer" | b"answers"
        | b"collapse" | b"toggle" => Traits::QUESTION,
        b"tab" | b"tabs" | b"tabpanel" | b"pane" | b"panel" => Traits::TAB,
        b"thread" | b"threads" | b"message" | b"messages" | b"topic" | b"topics" | b"forum" | b"postbody"
        | b"bbwrapper" | b"bbcode" | b"discussion" | b"cooked" => Traits::THREAD,
        b"summary" | b"lead" | b"lede" | b"intro" | b"excerpt" | b"standfirst" | b"dek" | b"abstract" => {
            Traits::LEAD
        }
        b"image" | b"images" | b"img" | b"gallery" | b"slider" | b"slide" | b"slideshow" | b"carousel"
        | b"video" | b"media" | b"photo" | b"player" | b"swiper" | b"slick" => Traits::MEDIA,
        b"filter" | b"filters" | b"facet" | b"facets" | b"sort" | b"sorting" | b"search" | b"refine" => {
            Traits::FILTER
        }
        b"button" | b"btn" | b"cta" | b"action" | b"actions" | b"form" | b"contact" => Traits::ACTION,
        b"profile" | b"bio" | b"user" | b"avatar" | b"member" | b"username" | b"signature" => Traits::PROFILE,
        b"logo" | b"brand" | b"header" | b"head" | b"top" => Traits::BRAND,
        b"lineno" | b"linenos" | b"gutter" | b"linenodiv" | b"linenumbers" => Traits::GUTTER,
        _ => Traits::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names_are_read_word_by_word() {
        assert!(Traits::of_names("post-comments__list").any(Traits::COMMENT));
        assert!(Traits::of_names("siteSideBar relatedPosts").any(Traits::RELATED));
        assert!(Traits::of_names("cookie_consent").any(Traits::COOKIE));
        assert!(!Traits::of_names("download adapter").any(Traits::AD));
    }

    #[test]
    fn remembered_classes_say_the_same() {
        let mut cache = NameCache::default();
        let long = format!("{} comments", "x".repeat(NAMES_BYTES_MAX));
        for names in
            ["comments", "c\u{e9}", "cookies", "comments", "has-sidebar", "", &long, "related a", &long]
        {
            assert_eq!(cache.of_names(names), (Traits::of_names(names), look(names)), "{names}");
        }
    }

    #[test]
    fn a_class_that_speaks_of_another_part_says_nothing() {
        assert_eq!(Traits::of_names("has-sidebar no-comments with-toc"), Traits::NONE);
    }

    #[test]
    fn a_full_skeleton_hands_out_the_parent() {
        let mut skeleton = Skeleton::new();
        let node =
            Node { parent: 7, tag: Tag::Div, traits: Traits::NONE, number: 0, columns: 1, rows: 1, look: 0 };
        for _ in 1..NODES_MAX {
            assert_ne!(skeleton.push(node), 7 + 65_536);
        }
        assert_eq!(skeleton.push(node), 7);
        assert_eq!(skeleton.nodes().len(), NODES_MAX);
    }
}
