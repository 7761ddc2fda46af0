//! Pages whose content only scripts make.

use super::{Case, SHELL_WORDS_MAX};

pub(super) fn stands(case: &Case) -> bool {
    if case.kept >= SHELL_WORDS_MAX {
        return false;
    }
    let asks = PHRASES.iter().any(|phrase| case.text.contains(phrase) || case.noscript.contains(phrase));
    let empty = case.kept == 0 && case.all < SHELL_WORDS_MAX && case.scripts;
    // What stands in the element that scripts fill is at most a word about waiting.
    let waits = case.marks.mount && case.marks.script_files > 0 && case.all < SHELL_WORDS_MAX;
    asks || empty || waits
}

#[rustfmt::skip]
const PHRASES: [&str; 29] = [
    "enable javascript", "javascript is disabled", "javascript is not enabled", "requires javascript", "javascript is required", "turn on javascript", "without javascript", "javascript to be enabled", "javascript must be enabled", "need javascript", "javascript enabled",
    "activate javascript", "javascript to run this app", "doesn't work properly without", "javascript aktivieren", "aktivieren sie javascript", "javascript ist deaktiviert", "activer javascript", "activez javascript", "javascript est désactivé", "habilite javascript", "activa javascript", "active javascript",
    "włącz javascript", "włączyć obsługę javascript", "включите javascript", "ενεργοποιήστε", "启用javascript", "javascriptを有効",
];
