//! Pages that cannot be used: challenges, empty shells, almost no text.

use super::Rejection;
use super::block::{Block, boundary_at_or_before, count_words};

/// A page with fewer words of main content is refused: below a sentence or two nothing can be quoted. Documents may be short.
pub(crate) const THIN_WORDS_MIN: u32 = 20;
/// A page that asks for scripts is a shell below this many words.
pub(crate) const SHELL_WORDS_MAX: u32 = 30;
/// Challenge pages explain themselves in fewer words than this.
const CHALLENGE_WORDS_MAX: u32 = 200;
/// Of the text of a short page this much is searched for the phrases of challenges.
const TEXT_BYTES_MAX: usize = 4_096;

/// Says why a page cannot be used, if so. `kept` are the words of main content, `blocks` all text of the page.
pub(crate) fn reject(
    title: &str,
    blocks: &[Block],
    noscript: &str,
    scripts: bool,
    kept: u32,
) -> Option<Rejection> {
    let all = blocks.iter().fold(0_u32, |sum, block| sum.saturating_add(block.words));
    let mut text = String::new();
    for block in blocks {
        if text.len() > TEXT_BYTES_MAX {
            break;
        }
        text.push_str(&block.text.to_lowercase());
        text.push('\n');
    }
    let noscript =
        noscript.get(..boundary_at_or_before(noscript, TEXT_BYTES_MAX)).unwrap_or_default().to_lowercase();
    if all < CHALLENGE_WORDS_MAX && is_challenge(&title.trim().to_lowercase(), &text) {
        return Some(Rejection::ChallengePage);
    }
    let wants_scripts = asks_for_scripts(&text) || asks_for_scripts(&noscript);
    if kept < SHELL_WORDS_MAX && (wants_scripts || (kept == 0 && all < SHELL_WORDS_MAX && scripts)) {
        return Some(Rejection::JavascriptShell { words: kept });
    }
    (kept < THIN_WORDS_MIN).then_some(Rejection::TooThin { words: kept, links: Vec::new() })
}

/// Says why plain text cannot be used, if so.
pub(crate) fn reject_text(text: &str) -> Option<Rejection> {
    let words = count_words(text);
    (words < THIN_WORDS_MIN).then_some(Rejection::TooThin { words, links: Vec::new() })
}

fn is_challenge(title: &str, text: &str) -> bool {
    const TITLES: [&str; 12] = [
        "just a moment",
        "attention required! | cloudflare",
        "making sure you're not a bot",
        "checking your browser",
        "verifying you are human",
        "ddos-guard",
        "one moment, please",
        "robot check",
        "are you a robot",
        "human verification",
        "access denied",
        "security check",
    ];
    const PHRASES: [&str; 14] = [
        "checking your browser before",
        "checking if the site connection is secure",
        "verify you are human",
        "verifying you are human",
        "verify that you are human",
        "making sure you're not a bot",
        "enable javascript and cookies to continue",
        "please complete the security check",
        "performing security verification",
        "protected by anubis",
        "ddos protection by",
        "unusual traffic from your",
        "press & hold to confirm",
        "needs to review the security of your connection",
    ];
    TITLES.iter().any(|start| title.starts_with(start)) || PHRASES.iter().any(|phrase| text.contains(phrase))
}

fn asks_for_scripts(text: &str) -> bool {
    const PHRASES: [&str; 7] = [
        "enable javascript",
        "javascript is disabled",
        "requires javascript",
        "javascript is required",
        "turn on javascript",
        "without javascript",
        "javascript to be enabled",
    ];
    PHRASES.iter().any(|phrase| text.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Vec<Block> {
        let mut block = Block::default();
        block.push_flow(text, crate::page::block::Style::default());
        block.finish();
        vec![block]
    }

    #[test]
    fn a_challenge_is_told_from_a_page_about_challenges() {
        let text = "Checking your browser before accessing example.com.";
        assert_eq!(reject("Just a moment...", &page(text), "", true, 6), Some(Rejection::ChallengePage));
        let article = format!("{text} {}", "words about it ".repeat(100));
        assert_eq!(reject("How challenges work", &page(&article), "", true, 300), None);
    }

    #[test]
    fn a_shell_asks_for_scripts() {
        let noscript = "You need to enable JavaScript to run this app.";
        assert_eq!(reject("App", &[], noscript, true, 0), Some(Rejection::JavascriptShell { words: 0 }));
        assert_eq!(
            reject("App", &page("two words"), "", true, 2),
            Some(Rejection::TooThin { words: 2, links: Vec::new() })
        );
    }
}
