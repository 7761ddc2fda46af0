//! Words that say the same: forms of one word, and synonyms of everyday prose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Shortest word whose forms are told by their common beginning.
const FORM_CHARS_MIN: usize = 4;
/// Letters that a longer form may have behind a shorter word that it begins with.
const ENDING_CHARS_MAX: usize = 3;
/// Letters that two forms share at least, and the share of the longer one that they must be.
const COMMON_CHARS_MIN: usize = 5;
const COMMON_PERCENT_MIN: usize = 70;

/// The term that stands for all that mean the same.
pub(crate) fn meaning(term: &str) -> &str {
    MEANINGS.get(term).copied().unwrap_or(term)
}

/// Every synonym with the term that stands for it: its first group counts.
static MEANINGS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let pairs = SYNONYMS.iter().rev().filter_map(|group| Some((group, *group.first()?)));
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
    let common = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let (short, long) = (a.chars().count().min(b.chars().count()), a.chars().count().max(b.chars().count()));
    (common == short && short >= FORM_CHARS_MIN && long - short <= ENDING_CHARS_MAX)
        || (common >= COMMON_CHARS_MIN && common * 100 >= long * COMMON_PERCENT_MIN)
}

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
    &["find", "found", "discov", "detect", "identifi"],
    &["make", "made", "creat", "produc", "generat", "build", "built", "construct", "manufactur"],
    &["chang", "modifi", "modif", "alter", "adjust", "updat"],
    &["delet", "remov", "eras", "discard", "drop", "gone"],
    &["add", "introduc", "insert", "append"],
    &["get", "obtain", "receiv", "retriev", "fetch", "acquir", "bought", "buy", "purchas", "gain"],
    &["send", "sent", "transmit", "transmiss"],
    &["keep", "kept", "retain", "stay", "remain", "preserv", "store", "save", "hold", "held", "contain"],
    &["give", "given", "gave", "provid", "suppli", "offer", "deliv", "grant"],
    &["run", "execut", "ran", "perform"],
    &["build", "compil"],
    &["help", "assist", "aid"],
    &["support", "handl"],
    &["link", "connect", "associ", "relat", "tie", "correl"],
    &["caus", "lead", "led", "due", "result", "trigger", "blame", "owe", "respons"],
    &["prevent", "avoid", "protect", "inhibit"],
    &["limit", "restrict", "cap", "constrain", "bound"],
    &["set", "configur", "specifi", "specif"],
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
    &["work", "oper", "function"],
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
    &["describ", "explain", "document"],
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
    &["reach", "attain", "achiev", "amount", "came", "total"],
    &["clean", "clear"],
    &["rewrit", "rewritten", "rewrot"],
    &["speak", "spoke", "spoken", "talk"],
    &["think", "thought", "believ"],
    &["know", "knew", "known"],
    &["pay", "paid", "payment"],
    &["sell", "sold"],
    &["buy", "bought"],
    &["win", "won", "winner"],
    &["lose", "lost", "loss"],
    &["read", "reader"],
    &["see", "saw", "seen"],
    &["go", "went", "goe"],
    &["drive", "drove", "driven"],
    &["sink", "sank", "sunk"],
    &["grow", "grown", "grew"],
    &["sing", "sang", "sung"],
    &["teach", "taught"],
    &["catch", "caught"],
    &["break", "broke", "broken"],
    &["freez", "froze", "frozen"],
    &["hide", "hid", "hidden"],
    &["lie", "lay", "lain"],
    &["leav", "left"],
    &["meet", "met"],
    &["spend", "spent"],
    &["bring", "brought"],
    &["draw", "drew", "drawn"],
    &["throw", "threw", "thrown", "rais"],
    &["ban", "prohibit", "forbid", "forbidden", "outlaw"],
    &["destroy", "burn"],
    &["debut", "first"],
    &["disk", "disc"],
    &["async", "asynchron"],
    &["config", "configur"],
    &["approxim", "about", "rough"],
    &["annual", "year"],
    &["big", "major"],
    &["appear", "arriv", "emerg"],
    &["explan", "explain"],
    &["suffer", "undergo", "underw"],
    &["locat", "situat", "lie"],
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
