//! Pages that cannot be used: bot checks, errors, walls, shells, lists of words, almost no text. Each rule weighs a few
//! signs, those in the page's structure above those in its words, and every rule lets pages pass that say much: a page
//! about captchas is no captcha.

mod case;
mod challenge;
mod consent;
mod dump;
mod login;
mod marks;
mod not_found;
mod parked;
mod shell;

pub(crate) use case::Case;
pub(crate) use marks::Marks;

use super::Rejection;
use super::block::{Block, count_words};
use super::clues::Clues;
use super::language::{self, Language, Tongue};
use super::skeleton::Skeleton;
use super::tag::Tag;

/// A page with fewer words of main content is refused: below a sentence or two nothing can be quoted. Documents may be short.
pub(crate) const THIN_WORDS_MIN: u32 = 20;
/// A page that asks for scripts is a shell below this many words.
pub(crate) const SHELL_WORDS_MAX: u32 = 30;

/// Says why a page cannot be used, if so. `keep` says which of `blocks`, all text of the page, are main content: `kept` words.
pub(crate) fn reject(
    clues: &Clues,
    blocks: &[Block],
    skeleton: &Skeleton,
    keep: &[bool],
    kept: u32,
) -> Option<Rejection> {
    let content = || blocks.iter().zip(keep).filter(|(_, keep)| **keep).map(|(block, _)| block);
    if kept <= case::WORDS_MAX {
        let case = Case::of(clues, blocks, content(), kept);
        // The most telling first: a login page may hold a captcha, and all of them may ask for scripts.
        let found = if login::stands(&case) {
            Some(Rejection::LoginWall)
        } else if challenge::stands(&case) {
            Some(Rejection::ChallengePage)
        } else if not_found::stands(&case) {
            Some(Rejection::NotFound)
        } else if parked::stands(&case) {
            Some(Rejection::ParkedDomain)
        } else if consent::stands(&case) {
            Some(Rejection::ConsentWall)
        } else if shell::stands(&case) {
            Some(Rejection::JavascriptShell { words: kept })
        } else {
            None
        };
        if found.is_some() {
            return found;
        }
    }
    if let Some(thin) = reject_thin(kept) {
        return Some(thin);
    }
    let in_cell =
        |block: &Block| skeleton.nearest(block.node, |node| matches!(node.tag, Tag::Cell { .. })).is_some();
    dump::judge(content().filter(|block| !in_cell(block)))
}

/// Whether a text is in another language than the one asked for. A text whose language is not clear passes.
pub(crate) fn reject_language(asked: Option<Language>, tongue: Tongue) -> Option<Rejection> {
    let (asked, found) = (asked?, tongue.tag?);
    language::is_foreign(asked.as_str(), found)
        .then(|| Rejection::WrongLanguage { found: found.to_owned(), asked: asked.as_str().to_owned() })
}

/// Says why plain text cannot be used, if so.
pub(crate) fn reject_text(text: &str) -> Option<Rejection> {
    reject_thin(count_words(text))
}

/// Says that there are too few words, if so.
pub(crate) fn reject_thin(words: u32) -> Option<Rejection> {
    (words < THIN_WORDS_MIN).then_some(Rejection::TooThin { words })
}
