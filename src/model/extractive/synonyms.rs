//! Words of technical English that mean about the same. Whoever asks seldom uses the page's own words.

use super::terms::{Lexicon, Term};
use crate::text::stem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Words added for one term of a query.
const OTHERS_MAX: usize = 2;
/// Most words of a query in other words.
const QUERY_WORDS_MAX: usize = 16;

/// Each line is one meaning, the most usual words first.
const GROUPS: &[&str] = &[
    "maximum limit most largest biggest longest highest upper ceiling cap",
    "minimum least smallest shortest lowest lower",
    "delete remove drop erase purge discard",
    "create make build generate construct",
    "start begin launch startup boot",
    "stop end finish terminate quit shutdown",
    "change modify alter edit update adjust",
    "choose select pick",
    "show display print",
    "save store keep persist dump write",
    "fetch retrieve download obtain",
    "send transmit deliver pass",
    "receive accept get",
    "password credential secret passphrase",
    "login authentication logon authenticate",
    "folder directory",
    "picture image photo photograph",
    "machine host server computer",
    "replica standby secondary slave mirror",
    "primary master main",
    "option setting parameter configuration preference",
    "directive setting",
    "flag switch option",
    "command program tool utility",
    "module extension plugin addon",
    "error failure fault problem",
    "crash failure abort",
    "slow delay latency",
    "wait timeout delay pause",
    "quick fast speed",
    "interval frequency period frequently often",
    "schedule regular periodic cron",
    "size length large big",
    "text string",
    "message notification payload",
    "notify signal alert",
    "function routine method procedure",
    "thread worker",
    "pool executor",
    "memory ram",
    "memory cache buffer",
    "maintenance housekeeping cleanup",
    "clean vacuum sweep",
    "compress deflate gzip zip",
    "decompress inflate unpack extract",
    "encrypt cipher encryption",
    "decrypt decipher decryption",
    "release version",
    "old obsolete deprecated legacy",
    "allow permit enable",
    "forbid deny refuse reject disallow prohibit block",
    "need require",
    "copy clone duplicate",
    "join merge combine",
    "split divide partition",
    "simultaneous concurrent parallel",
    "row tuple record",
    "column field attribute",
    "table relation",
    "computed generated derived",
    "log journal",
    "disk storage drive",
    "disable deactivate",
    "enlarge scale resize upscale zoom",
    "shrink scale reduce",
    "colour color",
    "website site",
    "answer reply response",
    "request query",
    "check verify validate examine",
    "find search locate discover",
    "kind type sort",
    "default preset",
    "ban block blacklist",
    "atomic transactional",
    "spatial geographic geometry",
    "duplicate identical same",
    "damage corrupt ruin break destroy",
    "lock latch mutex",
    "undo revert rollback restore",
    "backup snapshot dump",
    "repository repo",
    "commit revision",
    "name identifier label",
    "rule policy",
    "vote majority election",
    "developer maintainer contributor",
    "owner user account",
    "permission privilege right access",
    "group team",
    "network connection",
    "encoding charset",
    "certificate tls ssl",
    "hash digest checksum",
    "random arbitrary",
    "guess estimate predict",
    "grow increase rise expand",
    "shrink decrease fall reduce",
    "cost price expense",
    "consumption usage use",
    "huge large big",
    "tiny small",
    "wrong incorrect invalid bad",
    "correct right valid",
    "part piece portion section",
    "whole entire complete full",
    "empty blank missing absent",
    "list array sequence",
    "dictionary map mapping",
    "number figure count amount quantity",
    "loop cycle iteration",
    "garbage unreachable collector",
    "print paper printing",
    "resolution dpi ppi pixels",
    "quality fidelity",
    "layer level",
];

/// The groups of each stem.
static MEANINGS: LazyLock<BTreeMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut meanings: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, group) in GROUPS.iter().enumerate() {
        for word in group.split(' ') {
            meanings.entry(stem(word)).or_default().push(place);
        }
    }
    meanings
});

/// The stems of each group.
static STEMS: LazyLock<Vec<Vec<String>>> =
    LazyLock::new(|| GROUPS.iter().map(|group| group.split(' ').map(stem).collect()).collect());

/// Stems that mean about the same as this one.
pub(super) fn of(key: &str) -> impl Iterator<Item = &'static str> {
    let groups = MEANINGS.get(key).map_or(&[][..], Vec::as_slice);
    let stems = groups.iter().filter_map(|place| STEMS.get(*place)).flatten();
    let own = key.to_owned();
    stems.map(String::as_str).filter(move |stem| *stem != own)
}

/// A query of a question's names and of other words for its other words; empty where no other words are known.
pub(super) fn in_other_words(terms: &[Term], lexicon: &Lexicon) -> String {
    if !lexicon.english() {
        return String::new();
    }
    let mut words: Vec<&str> = Vec::new();
    let mut known = BTreeSet::new();
    let mut others = 0;
    for term in terms {
        if term.name() {
            words.push(&term.surface);
            continue;
        }
        let groups = MEANINGS.get(&term.key).map_or(&[][..], Vec::as_slice);
        let other = groups.iter().filter_map(|place| GROUPS.get(*place)).flat_map(|group| group.split(' '));
        let other: Vec<&str> =
            other.filter(|word| stem(word) != term.key && known.insert(*word)).take(OTHERS_MAX).collect();
        others += other.len();
        words.extend(if other.is_empty() { vec![term.surface.as_str()] } else { other });
    }
    words.truncate(QUERY_WORDS_MAX);
    if others == 0 { String::new() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_those_of_its_meanings_but_not_itself() {
        let lexicon = Lexicon::of("How long does the server wait?");
        let others: Vec<&str> = of(&lexicon.key("folders")).collect();
        assert_eq!(others, [stem("directory")]);
        assert_eq!(of("zyx").count(), 0);
    }

    #[test]
    fn a_query_in_other_words_keeps_the_names() {
        let question = "Which folder does Postfix use for pictures?";
        let lexicon = Lexicon::of(question);
        let terms: Vec<Term> = lexicon.terms(question).into_iter().filter(|t| !t.generic()).collect();
        assert_eq!(in_other_words(&terms, &lexicon), "directory Postfix image photo");
        let names = lexicon.terms("Is it Postfix?");
        assert_eq!(in_other_words(&names, &lexicon), "");
    }
}
