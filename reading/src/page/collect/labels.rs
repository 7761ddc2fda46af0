//! Labels side by side: a style sheet sets the brand apart from the name of the ware behind it, the markup does not.

/// Whether the text to come is a label of its own right behind another one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Labels {
    /// Where in the block's text the last `span` or link began, if nothing else began or ended a block since.
    start: Option<usize>,
    /// Texts since then.
    texts: u8,
    /// Links began there.
    links: bool,
    /// A label ended right before.
    behind: Behind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Behind {
    #[default]
    Nothing,
    Label,
    /// Both are links.
    Link,
}

impl Labels {
    /// An element begins behind this text.
    pub(super) fn element(&mut self, is_link: bool, is_span: bool, text: &str) {
        if !is_link && !is_span {
            *self = Self::default();
        } else if self.start == Some(text.len()) {
            self.links |= is_link;
        } else {
            let label = self.start.and_then(|start| text.get(start..)).filter(|_| self.texts == 1);
            let is_label = label.is_some_and(|label| label.chars().nth(1).is_some());
            self.behind = match (is_label, self.links && is_link) {
                (false, _) => Behind::Nothing,
                (true, false) => Behind::Label,
                (true, true) => Behind::Link,
            };
            (self.start, self.links) = (Some(text.len()), is_link);
        }
        self.texts = 0;
    }

    /// Text follows. Does a space part it from what stands before? A word that only changes its looks goes on in small
    /// letters, and scripts without capitals part no words by spaces.
    pub(super) fn part(&mut self, before: &str, text: &str) -> bool {
        self.texts = self.texts.saturating_add(1);
        let behind = std::mem::take(&mut self.behind);
        if behind == Behind::Nothing {
            return false;
        }
        let ends = before.chars().next_back().is_some_and(|c| c == ':' || is_cased(c) || c.is_ascii_digit());
        let begins =
            |c: char| c.is_uppercase() || c.is_ascii_digit() || (behind == Behind::Link && is_cased(c));
        let parts = ends && text.chars().next().is_some_and(begins);
        // The space belongs to neither.
        self.start = self.start.map(|start| start.saturating_add(usize::from(parts)));
        parts
    }
}

fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

#[cfg(test)]
mod tests {
    use crate::page::tests::after;

    #[test]
    fn labels_side_by_side_are_words_of_their_own() {
        let ware = "Worn on most days: <a href=/a><span class=brand>HOKA</span><span>Clifton 10</span></a>";
        assert_eq!(after(ware), "Worn on most days: [HOKA Clifton 10](https://e.com/a)");
        assert_eq!(after("<span>2026</span><span>1h 54m</span><span>PG</span>"), "2026 1h 54m PG");
        assert_eq!(after("<span>Item number:</span><span>3353</span>"), "Item number: 3353");
        assert_eq!(
            after("What it is all about: <a href=/a>physics</a><a href=/b>optics</a>"),
            "What it is all about: [physics](https://e.com/a) [optics](https://e.com/b)"
        );
    }

    #[test]
    fn a_word_that_changes_its_looks_stays_one() {
        for word in [
            "<span>I</span><span>PHONE</span>",
            "<span>word</span><span>ing</span>",
            "<b>Foo</b><i>Bar</i>",
            "In<span>Starship</span>",
            "Fe<sub>2</sub>O<sub>3</sub>",
            "<span>Histo</span><wbr><span>Gram</span>",
            "<span>\u{6771}\u{4eac}</span><span>\u{5927}\u{5b66}</span>",
        ] {
            assert!(!after(word).contains(' '), "{}", after(word));
        }
        assert_eq!(after("<code><span>let</span><span>X</span></code>"), "`letX`");
    }
}
