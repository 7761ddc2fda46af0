//! Words with an opposite: faster and slower, before and after, minimum and maximum, enabled and disabled. Two texts that
//! share every other word say the opposite when they stand at opposite ends of one of these scales.

use super::alike::holds;
use super::reading::{Clause, Token};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Most words of one entry.
const ENTRY_WORDS_MAX: usize = 4;
/// How many words before an entry a denial may stand to turn it round.
const DENIAL_WORDS: usize = 3;

/// A word of a scale where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    scale: usize,
    /// At the first end of its scale.
    first: bool,
    /// The words it takes.
    from: usize,
    to: usize,
}

impl Mark {
    /// Whether it takes the word at `at`.
    pub(super) fn covers(&self, at: usize) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// The words it takes, of the clause that it stands in.
    pub(super) fn tokens<'a>(&self, clause: &'a [Token]) -> &'a [Token] {
        clause.get(self.from..self.to).unwrap_or_default()
    }
}

struct Scale {
    ends: [&'static [&'static str]; 2],
    /// It compares what stands before it with what stands behind it, so that both turned round say the same.
    compares: bool,
    /// A denial turns it round: what is not enabled is disabled.
    turns: bool,
    /// A statement may not say it unless the quote does.
    strict: bool,
}

/// Whether the statement stands at the other end of a scale than the quote, or compares the other way round.
pub(super) fn contradict(statement: &Clause, quote: &Clause) -> bool {
    // What follows "unless" is what does not hold.
    if statement.tokens.first().is_some_and(|t| matches!(t.word.as_str(), "unless" | "until")) {
        return false;
    }
    SCALES.iter().enumerate().any(|(n, scale)| {
        let of = |clause: &Clause| -> Vec<Mark> {
            clause.marks.iter().filter(|m| m.scale == n).cloned().collect()
        };
        let (said, quoted) = (of(statement), of(quote));
        if said.is_empty() || quoted.is_empty() {
            return false;
        }
        let agrees = |s: &Mark, q: &Mark| {
            let turned = scale.compares && turned(statement, s, quote, q);
            (s.first == q.first) != turned
        };
        // Each must have its match: of "the lower is inclusive, the upper exclusive" neither may be turned round.
        !said.iter().all(|s| quoted.iter().any(|q| agrees(s, q)))
    })
}

impl Mark {
    /// Whether it is at the same end of the same scale.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.is_of_scale_of(other) && self.first == other.first
    }

    /// Whether it is on the same scale.
    pub(super) fn is_of_scale_of(&self, other: &Self) -> bool {
        self.scale == other.scale
    }
}

/// Whether the statement uses a word of degree or state that neither the quote nor its surroundings have.
pub(super) fn unheard(statement: &Clause, heard: impl Fn(&Mark) -> bool) -> bool {
    statement.marks.iter().any(|m| SCALES.get(m.scale).is_some_and(|s| s.strict) && !heard(m))
}

/// Whether what one clause has before the mark the other has behind it, and the other way round.
fn turned(a: &Clause, at: &Mark, b: &Clause, bt: &Mark) -> bool {
    let (left_a, right_a) = sides(&a.tokens, at.from, at.to);
    let (left_b, right_b) = sides(&b.tokens, bt.from, bt.to);
    crossed(&left_a, &right_a, &left_b, &right_b)
}

/// Whether two pairs of sides are each other's reverse rather than the same.
pub(super) fn crossed(
    left_a: &BTreeSet<String>,
    right_a: &BTreeSet<String>,
    left_b: &BTreeSet<String>,
    right_b: &BTreeSet<String>,
) -> bool {
    let shared = |x: &BTreeSet<String>, y: &BTreeSet<String>| x.iter().filter(|t| holds(y, t)).count();
    let (out, back) = (shared(left_a, right_b), shared(right_a, left_b));
    let same = shared(left_a, left_b) + shared(right_a, right_b);
    out > 0 && back > 0 && out + back > same
}

/// Content terms before and behind a word; where nothing stands before it, what follows the first comma is taken for it:
/// "after the vote, the debate began".
pub(super) fn sides(tokens: &[Token], from: usize, to: usize) -> (BTreeSet<String>, BTreeSet<String>) {
    let terms =
        |range: &[Token]| -> BTreeSet<String> { range.iter().filter_map(|t| t.term.clone()).collect() };
    let left = terms(tokens.get(..from).unwrap_or_default());
    let behind = tokens.get(to..).unwrap_or_default();
    if left.is_empty()
        && let Some(comma) = behind.iter().position(|t| t.after_comma).filter(|at| *at > 0)
    {
        return (
            terms(behind.get(comma..).unwrap_or_default()),
            terms(behind.get(..comma).unwrap_or_default()),
        );
    }
    (left, terms(behind))
}

/// Every word of a scale in a clause, longest entry first.
pub(super) fn marks(tokens: &[Token]) -> Vec<Mark> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match entry_at(tokens, at) {
            Some((scale, first, length)) => {
                let denied = SCALES.get(scale).is_some_and(|s| s.turns) && denied(tokens, at);
                found.push(Mark { scale, first: first != denied, from: at, to: at + length });
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

fn denied(tokens: &[Token], at: usize) -> bool {
    let from = at.saturating_sub(DENIAL_WORDS);
    tokens.get(from..at).unwrap_or_default().iter().any(|t| {
        matches!(
            t.word.as_str(),
            "not" | "no" | "never" | "cannot" | "without" | "nicht" | "non" | "pas" | "niet"
        ) || t.word.ends_with("n't")
    })
}

fn entry_at(tokens: &[Token], at: usize) -> Option<(usize, bool, usize)> {
    let letter = tokens.get(at)?.word.chars().next()?;
    let fits = |entry: &&Entry| {
        entry.parts.iter().enumerate().all(|(i, part)| {
            tokens.get(at + i).is_some_and(|t| match part.strip_suffix('*') {
                Some(head) => t.word.starts_with(head),
                None => t.word == *part,
            })
        })
    };
    let longest = ENTRIES.get(&letter)?.iter().filter(fits).max_by_key(|e| e.parts.len())?;
    Some((longest.scale, longest.first, longest.parts.len()))
}

/// One entry of a scale, in words.
struct Entry {
    scale: usize,
    first: bool,
    parts: Vec<&'static str>,
}

/// All entries by their first letter.
static ENTRIES: LazyLock<BTreeMap<char, Vec<Entry>>> = LazyLock::new(|| {
    let mut all: BTreeMap<char, Vec<Entry>> = BTreeMap::new();
    for (scale, entries) in SCALES.iter().enumerate() {
        for (end, entries) in entries.ends.iter().enumerate() {
            for entry in *entries {
                let Some(letter) = entry.chars().next() else { continue };
                let parts = entry.split(' ').take(ENTRY_WORDS_MAX).collect();
                all.entry(letter).or_default().push(Entry { scale, first: end == 0, parts });
            }
        }
    }
    all
});

const fn scale(
    first: &'static [&'static str],
    second: &'static [&'static str],
    [compares, turns, strict]: [bool; 3],
) -> Scale {
    Scale { ends: [first, second], compares, turns, strict }
}

const PLAIN: [bool; 3] = [false, false, false];
const COMPARES: [bool; 3] = [true, false, false];
const TURNS: [bool; 3] = [false, true, false];
const STATE: [bool; 3] = [false, true, true];
const STRICT: [bool; 3] = [false, false, true];
const CAUSE: [bool; 3] = STRICT;
const EXACT: [bool; 3] = PLAIN;

/// Entries are whole words, beginnings of words (`*`) or phrases.
#[rustfmt::skip]
static SCALES: &[Scale] = &[
    // Comparisons.
    scale(&["faster", "quicker", "outperform*", "fast", "quick", "quickly", "rapid", "rapidly", "schneller", "schnell", "rapide*", "r\u{e1}pid*"],
        &["slower", "slow", "slowly", "sluggish", "langsamer", "langsam", "lent", "lente", "lento", "lenta"], COMPARES),
    scale(&["more", "higher", "greater", "larger", "bigger", "exceed*", "surpass*", "taller", "mehr", "h\u{f6}her", "gr\u{f6}\u{df}er", "mayor", "hoger", "meer"],
        &["less", "fewer", "lower", "smaller", "weniger", "niedriger", "kleiner", "moins", "menos", "menor", "lager", "minder"], COMPARES),
    scale(&["longer than"], &["shorter than"], COMPARES),
    scale(&["older", "\u{e4}lter"], &["younger", "newer", "j\u{fc}nger"], COMPARES),
    scale(&["better", "besser", "mejor", "meilleur*"], &["worse", "schlechter", "peor", "pire"], COMPARES),
    scale(&["cheaper", "billiger", "moins cher*", "m\u{e1}s barat*"], &["dearer", "costlier", "more expensive", "teurer", "plus cher*", "m\u{e1}s car*"], COMPARES),
    scale(&["stronger", "harder", "heavier", "thicker", "wider", "deeper", "warmer", "hotter"],
        &["weaker", "softer", "lighter", "thinner", "narrower", "shallower", "colder", "cooler"], COMPARES),
    scale(&["before", "prior to", "earlier", "preced*", "bevor", "vor", "avant", "antes", "prima"],
        &["after", "later", "afterwards", "following", "nachdem", "nach", "apr\u{e8}s", "despu\u{e9}s", "dopo"], COMPARES),
    scale(&["since", "as of", "starting", "onwards", "seit", "depuis", "desde"], &["until", "till", "bis", "jusqu*", "hasta"], PLAIN),
    scale(&["north", "northern"], &["south", "southern"], PLAIN),
    scale(&["east", "eastern"], &["west", "western"], PLAIN),
    // Extremes.
    scale(&["maximum", "maximal", "maximally", "max", "at most", "up to", "no more than", "not more than", "less than", "fewer than", "upper limit",
            "no later than", "not exceed*", "limited to", "capped at", "restricted to", "below", "under", "h\u{f6}chst*", "maximal*", "m\u{e1}xim*", "au plus", "como m\u{e1}ximo"],
        &["minimum", "minimal", "minimally", "min", "at least", "no fewer than", "no less than", "not less than", "not fewer than", "more than", "over",
            "above", "upwards of", "lower limit", "mindest*", "m\u{ed}nim*", "au moins", "al menos"], PLAIN),
    scale(&["fastest", "quickest"], &["slowest"], STRICT),
    scale(&["highest", "largest", "biggest", "greatest", "tallest", "gr\u{f6}\u{df}te*", "h\u{f6}chste*"],
        &["lowest", "smallest", "fewest", "kleinste*", "niedrigste*"], STRICT),
    scale(&["best"], &["worst"], STRICT),
    scale(&["longest"], &["shortest"], STRICT),
    scale(&["oldest"], &["youngest"], STRICT),
    scale(&["earliest"], &["newest", "latest"], PLAIN),
    scale(&["strongest", "heaviest", "hottest", "warmest", "deepest"], &["weakest", "lightest", "coldest", "shallowest"], STRICT),
    scale(&["cheapest"], &["most expensive", "dearest"], STRICT),
    // Movements.
    scale(&["increas*", "grew", "grow", "grows", "growing", "growth", "rise", "rises", "risen", "rising", "rose", "went up", "climb*", "gained", "doubled",
            "tripled", "expanded", "soar*", "surg*", "gestiegen", "stieg*", "steigt", "wuchs", "zugenommen", "augment*", "hausse", "aument*", "subi\u{f3}",
            "sube*", "crec*", "cresciut*", "toegenomen", "gestegen", "\u{589e} \u{52a0}", "\u{5897} \u{52a0}"],
        &["decreas*", "decline", "declines", "declined", "declining", "fell", "fall", "falls", "fallen", "falling", "shrank", "shrink*", "shrunk",
            "went down", "dwindl*", "plung*", "halved", "dropped", "reduc*", "gesunken", "sank", "sinkt", "fiel", "gefallen", "abgenommen", "diminu*",
            "baiss*", "baisse", "disminuy*", "disminui*", "baj\u{f3}", "baja", "cay\u{f3}", "diminuit*", "gedaald", "afgenomen", "\u{6e1b} \u{5c11}", "\u{51cf} \u{5c11}"], PLAIN),
    scale(&["won", "wins", "win", "winner", "winning", "gewann", "gewonnen", "gagn*", "gan\u{f3}", "ganaron"], &["lost", "loses", "lose", "loser", "losing", "verlor*", "perd*"], PLAIN),
    scale(&["profit", "profits", "profitable", "gewinn"], &["loss", "losses", "verlust"], PLAIN),
    scale(&["accelerat*", "sped up", "speeds up"], &["decelerat*", "slowed", "slows"], PLAIN),
    scale(&["improv*"], &["worsen*", "deteriorat*", "degrad*"], PLAIN),
    scale(&["strengthen*"], &["weaken*"], PLAIN),
    scale(&["buy", "buys", "bought", "buyer"], &["sell", "sells", "sold", "seller"], PLAIN),
    // States.
    scale(&["enabled", "is on", "are on", "turned on", "switched on", "on by default", "activated", "aktiviert", "eingeschaltet", "activ\u{e9}*", "activad*"],
        &["disabled", "is off", "are off", "turned off", "switched off", "off by default", "off unless", "deactivated", "deaktiviert",
            "ausgeschaltet", "d\u{e9}sactiv*", "desactivad*"], TURNS),
    scale(&["allow", "allows", "allowed", "permit", "permits", "permitted", "legal", "legally", "erlaubt", "lawful"],
        &["forbid*", "forbade", "prohibit*", "disallow*", "illegal", "illegally", "banned", "bans", "outlaw*", "verboten", "unlawful", "interdi*",
            "prohibid*"], TURNS),
    scale(&["require", "requires", "required", "must", "mandatory", "compulsory", "obligatory", "necessary"],
        &["optional", "optionally", "voluntary", "unnecessary", "needless"], TURNS),
    scale(&["accept*", "approved", "approves", "adopted", "confirmed", "confirms", "angenommen", "acept*", "approuv*"],
        &["reject*", "refus*", "denied", "denies", "declined to", "vetoed", "abgelehnt", "ablehn*", "rejet*", "rechaz*"], TURNS),
    scale(&["include", "includes", "included", "including", "inclusive"], &["exclude*", "excluding", "exclusive", "omit", "omits", "omitted"], TURNS),
    scale(&["added", "adds", "introduc*", "install*"],
        &["remov*", "delet*", "dropped", "gone", "no longer", "discard*", "uninstall*", "eliminat*", "strip*", "purg*"], STRICT),
    scale(&["succeeds", "successful", "successfully", "succeeded in"], &["fails", "failed", "fail", "failure", "unsuccessful*"], TURNS),
    scale(&["safe", "safely", "secure", "securely", "harmless"],
        &["unsafe", "unsafely", "insecure", "vulnerable", "dangerous", "harmful", "hazardous"], STATE),
    scale(&["stable", "stabili*"], &["unstable", "experimental"], TURNS),
    scale(&["supported", "maintained"], &["unsupported", "unmaintained", "discontinued", "abandoned"], TURNS),
    scale(&["synchronous", "synchronously"], &["asynchronous", "asynchronously"], PLAIN),
    scale(&["mutable"], &["immutable"], TURNS),
    scale(&["public", "publicly"], &["private", "privately"], PLAIN),
    scale(&["ascending"], &["descending"], PLAIN),
    scale(&["forward", "forwards"], &["backward", "backwards"], PLAIN),
    scale(&["internal", "internally"], &["external", "externally"], PLAIN),
    scale(&["positive", "positively"], &["negative", "negatively"], PLAIN),
    scale(&["encrypt", "encrypts", "encrypted"], &["decrypt*", "unencrypted"], PLAIN),
    scale(&["lossless"], &["lossy"], PLAIN),
    scale(&["signed"], &["unsigned"], PLAIN),
    scale(&["read only"], &["writable", "read write"], PLAIN),
    scale(&["horizontal", "horizontally"], &["vertical", "vertically"], PLAIN),
    scale(&["left"], &["right"], PLAIN),
    scale(&["guilty", "convicted"], &["innocent", "acquitted", "not guilty"], PLAIN),
    scale(&["inside"], &["outside"], PLAIN),
    scale(&["open", "opened", "opens", "ge\u{f6}ffnet", "er\u{f6}ffnet", "ouvert", "abiert*", "apert*", "geopend"],
        &["closed", "closes", "shut", "geschlossen", "ferm\u{e9}", "cerrad*", "chius*", "gesloten"], TURNS),
    scale(&["true"], &["false", "untrue"], TURNS),
    scale(&["temporar*"], &["permanent*"], PLAIN),
    scale(&["odd"], &["even number*"], PLAIN),
    scale(&["upper"], &["lower bound"], PLAIN),
    scale(&["rich", "wealthy"], &["poor"], PLAIN),
    // Words that a statement may not add.
    scale(&["deprecated", "obsolete", "outdated", "superseded", "legacy", "discouraged", "no longer recommended", "replaced"], &["\u{0}"], STATE),
    scale(&["cause", "causes", "caused", "causing", "leads to", "led to", "triggers", "triggered", "because", "due to", "result*", "therefore", "thus",
            "so that", "responsible for", "means that", "owing to", "thanks to", "blames", "blamed"], &["\u{0}"], CAUSE),
    scale(&["unlimited", "unbounded", "limitless", "without limit", "no limit"], &["\u{0}"], STRICT),
    scale(&["free of charge", "costs nothing", "for free", "gratis"], &["\u{0}"], STRICT),
    scale(&["unanimous*"], &["\u{0}"], STRICT),
    scale(&["proven", "proves", "proved", "guarantee*", "certainly", "definitely", "undoubtedly"], &["\u{0}"], STRICT),
    scale(&["completely", "entirely", "totally", "fully", "perfectly"], &["\u{0}"], STRICT),
    scale(&["exactly", "precisely", "genau", "exactement", "exactamente"], &["about", "approximately", "roughly", "around", "nearly", "almost", "circa",
            "etwa", "rund", "environ", "unos", "unas", "ungef\u{e4}hr"], EXACT),
];
