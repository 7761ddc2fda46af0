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
        match name.as_bytes() {
            b"html" => Self::Html,
            b"head" => Self::Head,
            b"body" => Self::Body,
            b"main" => Self::Main,
            b"article" => Self::Article,
            b"section" => Self::Section,
            b"nav" => Self::Nav,
            b"header" => Self::Header,
            b"footer" => Self::Footer,
            b"aside" => Self::Aside,
            b"form" => Self::Form,
            b"div" | b"center" | b"fieldset" | b"hgroup" | b"search" | b"legend" | b"slot" => Self::Div,
            b"figure" => Self::Figure,
            b"address" => Self::Address,
            b"details" => Self::Details,
            b"blockquote" => Self::Blockquote,
            b"ul" | b"menu" | b"dir" => Self::Ul,
            b"ol" => Self::Ol,
            b"dl" => Self::Dl,
            b"table" => Self::Table,
            b"thead" => Self::RowGroup { head: true },
            b"tbody" | b"tfoot" => Self::RowGroup { head: false },
            b"tr" => Self::Row,
            b"p" => Self::P,
            b"h1" => Self::Heading(1),
            b"h2" => Self::Heading(2),
            b"h3" => Self::Heading(3),
            b"h4" => Self::Heading(4),
            b"h5" => Self::Heading(5),
            b"h6" => Self::Heading(6),
            b"li" => Self::Li,
            b"dt" => Self::Dt,
            b"dd" => Self::Dd,
            b"td" => Self::Cell { header: false },
            b"th" => Self::Cell { header: true },
            b"caption" | b"figcaption" => Self::Caption,
            b"summary" => Self::Summary,
            b"pre" | b"listing" | b"xmp" => Self::Pre,
            b"a" => Self::A,
            b"b" | b"strong" => Self::Strong,
            b"i" | b"em" => Self::Em,
            b"code" | b"kbd" | b"samp" | b"tt" => Self::Code,
            b"sup" => Self::Sup,
            b"del" | b"s" | b"strike" => Self::Del,
            b"q" => Self::Quotation,
            b"input" => Self::Input,
            b"iframe" => Self::Iframe,
            b"math" => Self::Math,
            b"mfrac" | b"msup" | b"msub" | b"msubsup" | b"msqrt" | b"mroot" | b"mrow" | b"mi" | b"mn"
            | b"mo" | b"mtext" | b"mstyle" | b"mpadded" | b"mfenced" | b"mover" | b"munder"
            | b"munderover" => Self::Formula,
            b"annotation" | b"annotation-xml" => Self::Annotation,
            b"br" => Self::Br,
            b"hr" => Self::Hr,
            b"img" => Self::Image,
            b"base" => Self::Base,
            b"link" => Self::Link,
            b"meta" => Self::Meta,
            b"script" => Self::Script,
            b"title" => Self::Title,
            b"noscript" => Self::Noscript,
            b"button" => Self::Button,
            b"dialog" => Self::Dialog,
            b"style" | b"template" | b"svg" | b"select" | b"option" | b"optgroup" | b"datalist"
            | b"textarea" | b"noframes" | b"noembed" | b"canvas" | b"object" | b"audio" | b"video"
            | b"map" | b"rp" | b"rt" | b"progress" | b"meter" | b"frameset" => Self::Skipped,
            // MathJax sets its formulas in custom elements.
            custom if custom.contains(&b'-') && !custom.starts_with(b"mjx-") => Self::Div,
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
