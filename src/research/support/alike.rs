//! Words that say the same: forms of one word, and synonyms of everyday prose.

use crate::text::term;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Shortest word whose forms are told by their common beginning.
const FORM_CHARS_MIN: usize = 4;
/// Letters that two forms share at least when both have an ending.
const COMMON_CHARS_MIN: usize = 5;

/// The term that stands for all that mean the same.
pub(crate) fn meaning(term: &str) -> &str {
    MEANINGS.get(term).copied().unwrap_or(term)
}

/// The term of a word before synonyms are made one. "Found" is what was found, and not what was founded.
pub(crate) fn term_of(word: &str) -> Option<String> {
    if word.eq_ignore_ascii_case("found") { Some("find".to_owned()) } else { term(word) }
}

/// Every synonym with the term that stands for it.
static MEANINGS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let pairs = SYNONYMS.iter().filter_map(|group| Some((group, *group.first()?)));
    pairs.flat_map(|(group, first)| group.iter().map(move |term| (*term, first))).collect()
});

/// Whether `set` holds the term or another form of it.
pub(super) fn holds(set: &BTreeSet<String>, term: &str) -> bool {
    if set.contains(term) {
        return true;
    }
    let head: String = term.chars().take(FORM_CHARS_MIN).collect();
    if head.chars().count() < FORM_CHARS_MIN || term.contains('_') {
        return false;
    }
    set.range(head.clone()..).take_while(|other| other.starts_with(&head)).any(|other| forms(term, other))
}

/// Whether two terms are forms of one word.
fn forms(a: &str, b: &str) -> bool {
    if a.contains('_') || b.contains('_') {
        return false;
    }
    let tail = |of: &str, common: usize| of.char_indices().nth(common).map_or(of.len(), |(at, _)| at);
    let common = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(tail(a, common)..).unwrap_or_default(), b.get(tail(b, common)..).unwrap_or_default());
    match (a, b) {
        ("", long) | (long, "") => {
            common >= FORM_CHARS_MIN && (ENDINGS.contains(&long) || ADDED.contains(&long))
        }
        (a, b) => common >= COMMON_CHARS_MIN && ENDINGS.contains(&a) && ENDINGS.contains(&b),
    }
}

/// Endings in which the stems of two forms of one word may differ: the stemmer takes the regular ones off.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "e", "i", "y", "o", "a", "s", "es", "t", "ed", "er", "or", "en", "em", "et", "te", "ten", "ing", "ung", "ion", "ition", "ation", "ant", "anc", "ent",
    "enc", "at", "ate", "al", "ial", "ic", "iti", "ment", "abl", "ibl", "iv", "ativ", "ist", "ism", "iz", "is", "ifi", "age", "ag", "ur", "us",
];
/// Endings that only a whole word takes on.
const ADDED: &[&str] = &["d", "n", "r", "ship", "hood", "ness", "man", "men", "ward", "th", "x"];

/// Stems that stand for each other in a paraphrase. Opposites and degrees are kept apart: see `scales` and `hedges`.
#[rustfmt::skip]
const SYNONYMS: &[&[&str]] = &[
    &["use", "util", "utilis", "employ", "appli", "usag"],
    &["need", "requir", "necessari", "mandatori", "requisit"],
    &["allow", "permit", "enabl", "let", "possibl"],
    &["start", "begin", "began", "begun", "launch", "commenc", "initi"],
    &["finish", "complet", "conclud"],
    &["end", "stop", "termin", "ceas", "expir"],
    &["call", "invok", "invoc"],
    &["show", "display", "demonstr", "reveal", "indic", "present", "exhibit"],
    &["find", "discov", "detect", "identifi"],
    &["make", "made", "creat", "produc", "generat", "build", "built", "construct", "manufactur"],
    &["chang", "modifi", "modif", "alter", "adjust", "updat"],
    &["delet", "remov", "eras", "discard", "drop", "gone"],
    &["add", "introduc", "insert", "append"],
    &["get", "obtain", "receiv", "retriev", "fetch", "acquir", "bought", "buy", "purchas", "gain"],
    &["send", "sent", "transmit", "transmiss"],
    &["keep", "kept", "retain", "stay", "remain", "preserv", "store", "save", "hold", "held", "contain"],
    &["give", "given", "gave", "provid", "suppli", "offer", "deliv", "grant"],
    &["run", "execut", "ran", "perform"],
    &["help", "assist", "aid"],
    &["support", "handl"],
    &["link", "connect", "associ", "relat", "tie", "correl"],
    &["caus", "lead", "led", "due", "result", "trigger", "blame", "owe", "respons"],
    &["prevent", "avoid", "protect", "inhibit"],
    &["limit", "restrict", "cap", "constrain", "bound"],
    &["set", "configur", "specifi", "specif", "config"],
    &["entir", "whole", "full"],
    &["part", "portion", "piec", "section", "segment"],
    &["larg", "big", "huge", "size"],
    &["small", "tini", "littl"],
    &["quick", "fast", "rapid", "speed"],
    &["import", "crucial", "essenti", "key", "vital"],
    &["error", "fault", "mistak", "bug"],
    &["function", "method", "procedur", "routin"],
    &["paramet", "argument", "option"],
    &["folder", "directori"],
    &["say", "said", "state", "tell", "told", "announc", "declar", "report"],
    &["write", "wrote", "written", "author"],
    &["die", "death", "dead", "deceas"],
    &["kill", "murder"],
    &["live", "resid", "inhabit", "popul"],
    &["work", "oper"],
    &["replac", "supersed", "supplant"],
    &["follow", "succeed", "subsequ"],
    &["defeat", "beat"],
    &["found", "establish"],
    &["purpos", "goal", "aim", "object"],
    &["revenu", "sale", "turnov"],
    &["compani", "firm", "busi", "corpor", "enterpris"],
    &["car", "automobil", "vehicl"],
    &["child", "children", "kid"],
    &["woman", "women"],
    &["man", "men"],
    &["person", "peopl", "human"],
    &["foot", "feet"],
    &["understand", "understood"],
    &["choos", "chose", "chosen", "select", "pick"],
    &["take", "took", "taken"],
    &["happen", "occur", "place"],
    &["publish", "releas", "issu", "ship"],
    &["describ", "explain", "explan", "document"],
    &["amount", "quantiti", "number"],
    &["rise", "rose", "risen", "increas", "grow", "grew", "grown", "growth", "climb"],
    &["fall", "fell", "fallen", "decreas", "declin", "reduc", "reduct", "lower", "shrink", "shrank"],
    &["high", "higher", "greater", "exceed"],
    &["independ", "separ", "own"],
    &["simultan", "concurr", "parallel"],
    &["check", "verifi", "verif", "valid", "test"],
    &["recov", "better", "cure"],
    &["move", "transfer", "migrat", "shift", "reloc", "flow", "travel", "stream"],
    &["wait", "pend"],
    &["lack", "miss", "absent", "absenc"],
    &["enough", "suffici"],
    &["common", "frequent", "usual", "typic"],
    &["main", "primari", "chief", "princip", "major"],
    &["near", "almost", "close"],
    &["repeat", "repet"],
    &["reach", "attain", "achiev", "came", "total"],
    &["clean", "clear"],
    &["rewrit", "rewritten", "rewrot"],
    &["speak", "spoke", "spoken", "talk"],
    &["think", "thought", "believ"],
    &["know", "knew", "known"],
    &["pay", "paid", "payment"],
    &["sell", "sold"],
    &["win", "won", "winner"],
    &["lose", "lost", "loss"],
    &["read", "reader"],
    &["see", "saw", "seen"],
    &["go", "went", "goe"],
    &["drive", "drove", "driven"],
    &["sink", "sank", "sunk"],
    &["sing", "sang", "sung"],
    &["teach", "taught"],
    &["catch", "caught"],
    &["break", "broke", "broken"],
    &["freez", "froze", "frozen"],
    &["hide", "hid", "hidden"],
    &["lie", "lay", "lain", "locat", "situat"],
    &["leav", "left"],
    &["meet", "met"],
    &["spend", "spent"],
    &["bring", "brought"],
    &["draw", "drew", "drawn"],
    &["throw", "threw", "thrown", "rais"],
    &["ban", "prohibit", "forbid", "forbidden", "outlaw"],
    &["debut", "first"],
    &["disk", "disc"],
    &["async", "asynchron"],
    &["approxim", "about", "rough"],
    &["annual", "year"],
    &["appear", "arriv", "emerg"],
    &["suffer", "undergo", "underw"],
    &["spread", "distribut"],
    &["seek", "sought"],
    &["mean", "meant", "signifi"],
    &["learn", "learnt"],
    &["intern", "insid"],
    &["divid", "split"],
    &["join", "merg", "combin"],
    &["search", "look"],
    &["wish", "want", "desir"],
    &["assign", "alloc"],
    &["purg", "vacuum"],
    &["lock", "latch"],
    &["rank", "rate"],
    &["crash", "panic", "abort"],
    &["price", "cost"],
    &["doctor", "physician"],
    &["film", "movi"],
    &["ill", "sick", "diseas"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_term_stands_for_two_things() {
        let all: Vec<&&str> = SYNONYMS.iter().copied().flatten().collect();
        let twice: Vec<_> = all.iter().filter(|t| all.iter().filter(|o| o == t).count() > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn forms_of_a_word_are_one_and_words_that_only_begin_alike_are_not() {
        let same = |a: &str, b: &str| {
            let of = |word: &str| meaning(&term_of(word).unwrap()).to_owned();
            holds(&BTreeSet::from([of(a)]), &of(b))
        };
        for (a, b) in [
            ("stabilised", "stability"),
            ("compress", "compression"),
            ("election", "elected"),
            ("population", "populated"),
            ("owner", "ownership"),
            ("founded", "established"),
            ("found", "discovered"),
            ("Mauer", "Mauern"),
            ("parser", "parsing"),
            ("dictionary", "dictionaries"),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("chlorine", "chloride"),
            ("methane", "methanol"),
            ("founded", "discovered"),
            ("burned", "destroyed"),
            ("nitrate", "nitrogen"),
            ("sulphate", "sulphide"),
            ("ethane", "ethanol"),
            ("protein", "protest"),
            ("function", "work"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }
}
