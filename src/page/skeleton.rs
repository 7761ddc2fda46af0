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
        self.nodes.push(node);
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
        let mut all = Self::NONE;
        let lower = names.to_ascii_lowercase();
        for (name, name_lower) in names.split_ascii_whitespace().zip(lower.split_ascii_whitespace()) {
            match name_lower {
                "sr-only"
                | "visually-hidden"
                | "visuallyhidden"
                | "screen-reader-text"
                | "screenreader"
                | "mw-editsection"
                | "print-only"
                | "noprint-hidden"
                | "a11y-hidden"
                | "vh"
                | "mathjax_preview"
                | "mjx_assistive_mathml"
                | "mw-cite-backlink"
                | "footnote-backref"
                | "footnote-back"
                | "footnote-backlink"
                | "reversefootnote"
                | "footnote-return" => {
                    all = all.or(Self::UNSEEN);
                }
                "line-numbers" | "line-number" | "linenumber" | "hljs-ln-numbers" | "rouge-gutter" => {
                    all = all.or(Self::GUTTER);
                }
                "markdown-alert" | "admonition" | "theme-admonition" | "admonitionblock" | "callout"
                | "custom-block" | "notecard" | "hint" | "bd-callout" | "starlight-aside"
                | "nextra-callout" | "markdown-callout" | "alert-info" | "alert-warning" | "alert-note"
                | "alert-tip" => {
                    all = all.or(Self::CALLOUT);
                }
                "markdown-alert-title"
                | "admonition-title"
                | "callout-title"
                | "custom-block-title"
                | "admonition-heading"
                | "starlight-aside__title" => all = all.or(Self::CALLOUT_TITLE),
                "syntaxhighlighter" | "codemirror-code" | "cm-content" | "view-lines" => {
                    all = all.or(Self::CODE);
                }
                _ if name_lower.starts_with("admonitionheading_") => all = all.or(Self::CALLOUT_TITLE),
                _ => {}
            }
            all = all.or(of_name(name, name_lower));
        }
        all
    }
}

/// What classes say, remembered: a page uses few, again and again.
#[derive(Debug, Default)]
pub(crate) struct NameCache {
    slots: Vec<(String, Traits)>,
}

/// Classes that are remembered; where two share a slot the later one takes it.
const CACHE_SLOTS: usize = 64;

impl NameCache {
    /// The same as [`Traits::of_names`].
    pub(crate) fn of_names(&mut self, names: &str) -> Traits {
        if names.is_empty() {
            return Traits::NONE;
        }
        let bytes = names.as_bytes();
        let ends = [bytes.first(), bytes.get(bytes.len() / 2), bytes.last()];
        let mix = ends
            .iter()
            .flatten()
            .fold(bytes.len(), |mix, byte| mix.wrapping_mul(31).wrapping_add(usize::from(**byte)));
        self.slots.resize(CACHE_SLOTS, (String::new(), Traits::NONE));
        let Some((known, traits)) = self.slots.get_mut(mix % CACHE_SLOTS) else {
            return Traits::of_names(names);
        };
        if known != names {
            *traits = Traits::of_names(names);
            known.clear();
            known.push_str(names.get(..boundary_at_or_before(names, NAMES_BYTES_MAX)).unwrap_or_default());
        }
        *traits
    }
}

/// What the words of one class name say: cut at punctuation and before capitals.
fn of_name(name: &str, lower: &str) -> Traits {
    let mut all = Traits::NONE;
    let mut start = 0_usize;
    let mut first = true;
    let mut before_upper = true;
    for (at, byte) in name.bytes().chain([b'-']).enumerate() {
        let ends = !byte.is_ascii_alphanumeric();
        let upper = byte.is_ascii_uppercase();
        if ends || (upper && !before_upper) {
            let word = lower.get(start..at).unwrap_or_default();
            if !word.is_empty() {
                if std::mem::take(&mut first)
                    && matches!(
                        word,
                        "has" | "no" | "with" | "without" | "is" | "hide" | "enable" | "disable"
                    )
                {
                    return Traits::NONE;
                }
                all = all.or(of_word(word));
            }
            start = if ends { at.saturating_add(1) } else { at };
        }
        before_upper = upper || ends;
    }
    all
}

fn of_word(word: &str) -> Traits {
    match word {
        "comment" | "comments" | "commentlist" | "disqus" | "reply" | "replies" | "respond"
        | "commentary" => Traits::COMMENT,
        "related" | "recommended" | "recommendation" | "recommendations" | "recirc" | "recirculation"
        | "suggested" | "similar" | "trending" | "popular" | "mostread" | "readnext" | "upsell"
        | "crosssell" | "taboola" | "outbrain" | "zergnet" => Traits::RELATED,
        "share" | "sharing" | "shares" | "social" | "sharedaddy" | "addthis" | "addtoany" | "sociallinks"
        | "socials" | "sharebar" => Traits::SHARE,
        "cookie" | "cookies" | "consent" | "gdpr" | "onetrust" | "ccpa" | "cookiebot" => Traits::COOKIE,
        "breadcrumb" | "breadcrumbs" | "crumb" | "crumbs" => Traits::CRUMB,
        "sidebar" | "sidenav" | "aside" | "rail" | "widget" | "widgets" | "sidecol" => Traits::SIDEBAR,
        "toc" | "tableofcontents" | "onthispage" | "tocbot" => Traits::CONTENTS,
        "newsletter" | "newsletters" | "subscribe" | "subscription" | "signup" | "optin" | "mailchimp"
        | "mailing" => Traits::NEWSLETTER,
        "popup" | "popups" | "modal" | "modals" | "overlay" | "lightbox" | "tooltip" | "dropdown"
        | "flyout" | "offcanvas" | "drawer" | "toast" | "popover" => Traits::POPUP,
        "ad" | "ads" | "advert" | "adverts" | "advertisement" | "advertising" | "adsbygoogle" | "sponsor"
        | "sponsored" | "sponsors" | "promo" | "promos" | "promotion" | "adslot" | "dfp" => Traits::AD,
        "pagination" | "pager" | "paging" | "prevnext" | "pagenav" | "paginator" => Traits::PAGER,
        "nav" | "navbar" | "navigation" | "menu" | "menubar" | "submenu" | "megamenu" | "topbar"
        | "topnav" | "skip" | "skiplink" | "navbox" | "toolbar" | "masthead" | "hamburger" => Traits::MENU,
        "login" | "signin" | "cart" | "minicart" | "wishlist" => Traits::LOGIN,
        "footer" | "copyright" | "colophon" | "sitefooter" | "pagefooter" | "disclaimer" | "catlinks" => {
            Traits::FOOT
        }
        "byline" | "author" | "authors" | "dateline" | "meta" | "timestamp" | "postmeta" | "date"
        | "time" | "published" => Traits::BYLINE,
        "tags" | "tagcloud" | "tag" | "category" | "categories" | "label" | "labels" | "badge" => {
            Traits::TAGS
        }
        "content" | "main" | "body" | "story" | "text" => Traits::BODY,
        "article" | "entry" | "post" | "blog" | "single" | "news" | "recipe" => Traits::ENTRY,
        "prose" | "richtext" | "rich" | "rte" | "wysiwyg" | "markdown" | "copy" | "paragraph" | "editor"
        | "formatted" | "html" => Traits::PROSE,
        "page" | "wrapper" | "container" | "wrap" | "site" | "layout" | "inner" | "outer" | "app"
        | "root" => Traits::WRAPPER,
        "title" | "headline" | "heading" | "subtitle" | "subheading" => Traits::HEADLINE,
        "caption" | "figcaption" | "credit" | "figure" => Traits::CAPTION,
        "product" | "products" | "price" | "prices" | "sku" | "variant" | "shipping" | "stock" | "bundle" => {
            Traits::PRODUCT
        }
        "description" | "desc" | "details" | "detail" | "info" | "about" | "overview" | "specs"
        | "specification" | "specifications" | "features" | "feature" | "attributes" => Traits::DETAILS,
        "review" | "reviews" | "rating" | "ratings" | "stars" | "testimonial" | "testimonials" => {
            Traits::REVIEW
        }
        "card" | "cards" | "tile" | "tiles" | "teaser" | "teasers" | "item" | "items" | "listing"
        | "listings" | "result" | "results" => Traits::CARD,
        "grid" | "row" | "col" | "column" | "columns" | "list" | "collection" | "archive" | "loop" => {
            Traits::GRID
        }
        "hero" | "banner" | "jumbotron" | "cover" | "splash" => Traits::HERO,
        "faq" | "faqs" | "accordion" | "question" | "questions" | "answer" | "answers" | "collapse"
        | "toggle" => Traits::QUESTION,
        "tab" | "tabs" | "tabpanel" | "pane" | "panel" => Traits::TAB,
        "thread" | "threads" | "message" | "messages" | "topic" | "topics" | "forum" | "postbody"
        | "bbwrapper" | "bbcode" | "discussion" | "cooked" => Traits::THREAD,
        "summary" | "lead" | "lede" | "intro" | "excerpt" | "standfirst" | "dek" | "abstract" => Traits::LEAD,
        "image" | "images" | "img" | "gallery" | "slider" | "slide" | "slideshow" | "carousel" | "video"
        | "media" | "photo" | "player" | "swiper" | "slick" => Traits::MEDIA,
        "filter" | "filters" | "facet" | "facets" | "sort" | "sorting" | "search" | "refine" => {
            Traits::FILTER
        }
        "button" | "btn" | "cta" | "action" | "actions" | "form" | "contact" => Traits::ACTION,
        "profile" | "bio" | "user" | "avatar" | "member" | "username" | "signature" => Traits::PROFILE,
        "logo" | "brand" | "header" | "head" | "top" => Traits::BRAND,
        "lineno" | "linenos" | "gutter" | "linenodiv" | "linenumbers" => Traits::GUTTER,
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
            assert_eq!(cache.of_names(names), Traits::of_names(names), "{names}");
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
