//! What an element's name means for text: block or inline, dropped or kept, and which open elements it ends.

/// An element as far as extraction tells elements apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    // Containers of blocks.
    Html,
    Head,
    Body,
    Main,
    Article,
    Section,
    Nav,
    Header,
    Footer,
    Aside,
    Form,
    Div,
    Figure,
    Address,
    Details,
    Blockquote,
    Ul,
    Ol,
    Dl,
    Table,
    RowGroup { head: bool },
    Row,
    // Blocks that usually hold text themselves.
    P,
    Heading(u8),
    Li,
    Dt,
    Dd,
    Cell { header: bool },
    Caption,
    Summary,
    Pre,
    // Inline.
    A,
    Strong,
    Em,
    Code,
    Sup,
    Del,
    Quotation,
    Input,
    Inline,
    Math,
    Formula,
    Annotation,
    // Without content.
    Br,
    Hr,
    Image,
    Iframe,
    // Read for metadata only.
    Base,
    Link,
    Meta,
    Script,
    Title,
    Noscript,
    // Never shown as text.
    Button,
    Dialog,
    Skipped,
}

impl Tag {
    /// From an element's lower-case name. Names with a hyphen are custom elements, which nearly always wrap blocks.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "html" => Self::Html,
            "head" => Self::Head,
            "body" => Self::Body,
            "main" => Self::Main,
            "article" => Self::Article,
            "section" => Self::Section,
            "nav" => Self::Nav,
            "header" => Self::Header,
            "footer" => Self::Footer,
            "aside" => Self::Aside,
            "form" => Self::Form,
            "div" | "center" | "fieldset" | "hgroup" | "search" | "legend" | "slot" => Self::Div,
            "figure" => Self::Figure,
            "address" => Self::Address,
            "details" => Self::Details,
            "blockquote" => Self::Blockquote,
            "ul" | "menu" | "dir" => Self::Ul,
            "ol" => Self::Ol,
            "dl" => Self::Dl,
            "table" => Self::Table,
            "thead" => Self::RowGroup { head: true },
            "tbody" | "tfoot" => Self::RowGroup { head: false },
            "tr" => Self::Row,
            "p" => Self::P,
            "h1" => Self::Heading(1),
            "h2" => Self::Heading(2),
            "h3" => Self::Heading(3),
            "h4" => Self::Heading(4),
            "h5" => Self::Heading(5),
            "h6" => Self::Heading(6),
            "li" => Self::Li,
            "dt" => Self::Dt,
            "dd" => Self::Dd,
            "td" => Self::Cell { header: false },
            "th" => Self::Cell { header: true },
            "caption" | "figcaption" => Self::Caption,
            "summary" => Self::Summary,
            "pre" | "listing" | "xmp" => Self::Pre,
            "a" => Self::A,
            "b" | "strong" => Self::Strong,
            "i" | "em" => Self::Em,
            "code" | "kbd" | "samp" | "tt" => Self::Code,
            "sup" => Self::Sup,
            "del" | "s" | "strike" => Self::Del,
            "q" => Self::Quotation,
            "input" => Self::Input,
            "iframe" => Self::Iframe,
            "math" => Self::Math,
            "mfrac" | "msup" | "msub" | "msubsup" | "msqrt" | "mroot" | "mrow" | "mi" | "mn" | "mo"
            | "mtext" | "mstyle" | "mpadded" | "mfenced" | "mover" | "munder" | "munderover" => Self::Formula,
            "annotation" | "annotation-xml" => Self::Annotation,
            "br" => Self::Br,
            "hr" => Self::Hr,
            "img" => Self::Image,
            "base" => Self::Base,
            "link" => Self::Link,
            "meta" => Self::Meta,
            "script" => Self::Script,
            "title" => Self::Title,
            "noscript" => Self::Noscript,
            "button" => Self::Button,
            "dialog" => Self::Dialog,
            "style" | "template" | "svg" | "select" | "option" | "optgroup" | "datalist" | "textarea"
            | "noframes" | "noembed" | "canvas" | "object" | "audio" | "video" | "map" | "rp" | "rt"
            | "progress" | "meter" | "frameset" => Self::Skipped,
            // MathJax sets its formulas in custom elements.
            custom if custom.contains('-') && !custom.starts_with("mjx-") => Self::Div,
            _ => Self::Inline,
        }
    }

    /// Starts and ends a block of text, and gets a record in the skeleton.
    pub(crate) fn is_block(self) -> bool {
        !self.is_inline()
            && !matches!(
                self,
                Self::Br
                    | Self::Image
                    | Self::Iframe
                    | Self::Base
                    | Self::Link
                    | Self::Meta
                    | Self::Script
                    | Self::Title
                    | Self::Noscript
                    | Self::Button
                    | Self::Skipped
            )
    }

    /// Flows within a block.
    pub(crate) fn is_inline(self) -> bool {
        matches!(
            self,
            Self::A
                | Self::Strong
                | Self::Em
                | Self::Code
                | Self::Sup
                | Self::Del
                | Self::Quotation
                | Self::Input
                | Self::Inline
                | Self::Math
                | Self::Formula
                | Self::Annotation
                | Self::Button
        )
    }

    /// May stand in `<head>` without ending it.
    fn belongs_in_head(self) -> bool {
        matches!(
            self,
            Self::Base
                | Self::Link
                | Self::Meta
                | Self::Script
                | Self::Title
                | Self::Noscript
                | Self::Iframe
                | Self::Skipped
        )
    }
}

/// How many of the open elements stay open when `new` starts, by HTML's rules for omitted end tags.
pub(crate) fn still_open(open: impl DoubleEndedIterator<Item = Tag> + ExactSizeIterator, new: Tag) -> usize {
    let all = open.len();
    let mut kept = all;
    for (place, tag) in (0..all).rev().zip(open.rev()) {
        let verdict = ends(new, tag);
        if verdict.ends {
            kept = place;
        }
        if verdict.stop {
            break;
        }
    }
    kept
}

struct Verdict {
    ends: bool,
    stop: bool,
}

fn ends(new: Tag, open: Tag) -> Verdict {
    const PASS: Verdict = Verdict { ends: false, stop: false };
    const STOP: Verdict = Verdict { ends: false, stop: true };
    const END: Verdict = Verdict { ends: true, stop: true };
    const END_AND_GO_ON: Verdict = Verdict { ends: true, stop: false };
    match (new, open) {
        (_, Tag::Head) if !new.belongs_in_head() && new != Tag::Html => END,
        (Tag::Li, Tag::Li) | (Tag::Dt | Tag::Dd, Tag::Dt | Tag::Dd) => END,
        (Tag::Li | Tag::Dt | Tag::Dd, Tag::P) => END_AND_GO_ON,
        (Tag::Li | Tag::Dt | Tag::Dd, Tag::Div | Tag::Address) => PASS,
        (Tag::Cell { .. }, Tag::Cell { .. } | Tag::Caption)
        | (Tag::Row, Tag::Row | Tag::Caption)
        | (Tag::RowGroup { .. }, Tag::RowGroup { .. } | Tag::Caption) => END,
        (Tag::Cell { .. }, Tag::Row) | (Tag::Cell { .. } | Tag::Row | Tag::RowGroup { .. }, Tag::Table) => {
            STOP
        }
        (Tag::Cell { .. } | Tag::Row | Tag::RowGroup { .. }, _) => PASS,
        (Tag::A, Tag::A) => END,
        (Tag::Heading(_), Tag::Heading(_)) => END,
        (_, Tag::P) if new.is_block() => END,
        (_, open) if open.is_inline() => PASS,
        _ => STOP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(open: &[&str], new: &str) -> usize {
        still_open(open.iter().map(|n| Tag::of(n)), Tag::of(new))
    }

    #[test]
    fn a_paragraph_ends_at_the_next_block_but_not_at_inline_elements() {
        assert_eq!(left(&["body", "p", "b"], "div"), 1);
        assert_eq!(left(&["body", "p"], "p"), 1);
        assert_eq!(left(&["body", "p"], "b"), 2);
        assert_eq!(left(&["p", "table", "tr", "td"], "p"), 4);
    }

    #[test]
    fn list_items_end_each_other_only_within_their_own_list() {
        assert_eq!(left(&["ul", "li", "p"], "li"), 1);
        assert_eq!(left(&["ul", "li", "div", "p", "b"], "li"), 1);
        assert_eq!(left(&["ul", "li", "ul"], "li"), 3);
        assert_eq!(left(&["dl", "dt"], "dd"), 1);
    }

    #[test]
    fn cells_and_rows_end_each_other_only_within_their_own_table() {
        assert_eq!(left(&["table", "tr", "td", "div"], "td"), 2);
        assert_eq!(left(&["table", "tbody", "tr", "td"], "tr"), 2);
        assert_eq!(left(&["table", "thead", "tr", "th"], "tbody"), 1);
        assert_eq!(left(&["table", "tr", "td", "table"], "tr"), 4);
    }

    #[test]
    fn the_head_ends_at_the_first_element_of_the_body() {
        assert_eq!(left(&["html", "head"], "p"), 1);
        assert_eq!(left(&["html", "head"], "meta"), 2);
    }
}
