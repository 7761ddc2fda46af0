//! A sentence as words, figures and signs: what quantities and subjects are read from.

use crate::text::{folded, term};

/// Most tokens of one sentence that are looked at: three times a long sentence of 60 words.
const TOKENS_MAX: usize = 180;

/// One piece of a sentence.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// As written.
    pub(super) text: String,
    /// In lower case.
    pub(super) folded: String,
    /// The term of a word; `None` for function words, figures and signs.
    pub(super) term: Option<String>,
    /// Stands right behind the token before.
    pub(super) glued: bool,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters.
    Word,
    /// Digits with the separators between them.
    Number,
    /// Anything else, one character.
    Sign,
}

impl Token {
    pub(super) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }

    pub(super) fn is_number(&self) -> bool {
        self.kind == Kind::Number
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.folded == text
    }

    /// Whether it is a word with a digit in it.
    pub(super) fn has_digit(&self) -> bool {
        self.is_word() && self.text.contains(|c: char| c.is_ascii_digit())
    }

    /// Whether it begins with a capital letter.
    pub(super) fn is_capital(&self) -> bool {
        self.is_word() && self.text.starts_with(char::is_uppercase)
    }
}

/// The tokens of `sentence`, at most [`TOKENS_MAX`]. Hyphens between letters part words; emphasis is dropped.
pub(super) fn tokens(sentence: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut rest = sentence;
    let mut glued = false;
    while let Some(c) = rest.chars().next() {
        if found.len() >= TOKENS_MAX {
            break;
        }
        if c.is_whitespace() || matches!(c, '*' | '`' | '_' | '\u{200b}') {
            glued = glued && !c.is_whitespace();
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        }
        // The letter of "v2.3" is no word.
        let bare = rest
            .strip_prefix(['v', 'V'])
            .filter(|bare| !glued && bare.starts_with(|d: char| d.is_ascii_digit()));
        if let Some(bare) = bare {
            rest = bare;
            continue;
        }
        let (kind, len) = if c.is_ascii_digit() {
            (Kind::Number, number_len(rest))
        } else if c.is_alphanumeric() {
            (Kind::Word, word_len(rest))
        } else {
            (Kind::Sign, c.len_utf8())
        };
        let (text, tail) = rest.split_at_checked(len.max(1)).unwrap_or((rest, ""));
        rest = tail;
        found.push(token(kind, text, glued));
        glued = true;
    }
    found
}

fn token(kind: Kind, text: &str, glued: bool) -> Token {
    let folded = folded(text);
    let term = if kind == Kind::Word { term(&folded) } else { None };
    Token { kind, text: text.to_owned(), folded, term, glued }
}

/// Digits with separators that stand between digits, or a version's open end (`1.x`).
fn number_len(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, n)| *n);
        let joins = matches!(c, '.' | ',' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}' | '\u{2009}')
            && next.is_some_and(|n| n.is_ascii_digit());
        if c.is_ascii_digit() || joins {
            end = at + c.len_utf8();
        } else {
            let open = text.get(at..).is_some_and(|t| {
                t.strip_prefix(".x").is_some_and(|t| !t.starts_with(|c: char| c.is_alphanumeric()))
            });
            return if open { at + 2 } else { end };
        }
    }
    end
}

fn word_len(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, n)| *n);
        let joins = matches!(c, '\'' | '\u{2019}') && next.is_some_and(char::is_alphabetic);
        if c.is_alphanumeric() || joins {
            end = at + c.len_utf8();
        } else {
            return end;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_units_and_words_come_apart() {
        let texts = |s: &str| tokens(s).into_iter().map(|t| t.text).collect::<Vec<_>>();
        assert_eq!(texts("Rust 1.85.0, v2.3 and 1.x."), ["Rust", "1.85.0", ",", "2.3", "and", "1.x", "."]);
        assert_eq!(
            texts("10M+ req/s at 1.77x in 2024H2"),
            ["10", "M", "+", "req", "/", "s", "at", "1.77", "x", "in", "2024", "H2"]
        );
        assert_eq!(texts("async-std's **1,754** crates"), ["async", "-", "std's", "1,754", "crates"]);
        assert_eq!(term("stabilised"), term("stabilization"));
    }
}
