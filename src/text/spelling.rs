//! British and American spelling of one English word: whoever asks spells by one, the page often by the other.
//!
//! Rules by endings, with the words that they would part from their own forms ("precise" and "precision") left out: both
//! sides of a comparison go through the same rule.

use std::borrow::Cow;

/// Shorter words have no such ending: "our", "hour", "wise".
const LETTERS_MIN: usize = 5;

/// British endings and the American ones in their place; longer ones first; the first that fits is changed.
const ENDINGS: &[(&str, &str)] = &[
    ("isations", "izations"),
    ("ellation", "elation"),
    ("isation", "ization"),
    ("ourless", "orless"),
    ("ourable", "orable"),
    ("ourites", "orites"),
    ("grammes", "grams"),
    ("ioural", "ioral"),
    ("ouring", "oring"),
    ("ourful", "orful"),
    ("ourite", "orite"),
    ("elling", "eling"),
    ("ellers", "elers"),
    ("logues", "logs"),
    ("gramme", "gram"),
    ("ising", "izing"),
    ("isers", "izers"),
    ("ysing", "yzing"),
    ("iours", "iors"),
    ("oured", "ored"),
    ("elled", "eled"),
    ("eller", "eler"),
    ("ences", "enses"),
    ("logue", "log"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("ises", "izes"),
    ("ysed", "yzed"),
    ("iour", "ior"),
    ("ours", "ors"),
    ("tres", "ters"),
    ("bres", "bers"),
    ("ence", "ense"),
    ("ise", "ize"),
    ("yse", "yze"),
    ("our", "or"),
    ("tre", "ter"),
    ("bre", "ber"),
];

/// The word as Americans spell it; lower case in, lower case out.
pub(crate) fn american(word: &str) -> Cow<'_, str> {
    changed(word, |(british, american)| (british, american)).map_or(Cow::Borrowed(word), Cow::Owned)
}

/// The word in the other spelling, if its ending may have one: for an index that knows words as they are written.
pub(crate) fn other(word: &str) -> Option<String> {
    changed(word, |(british, american)| (british, american))
        .or_else(|| changed(word, |(british, american)| (american, british)))
}

fn changed(
    word: &str,
    ends: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Option<String> {
    if word.len() < LETTERS_MIN || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let mut found = ENDINGS.iter().map(|pair| ends(*pair));
    found.find_map(|(from, to)| {
        let stem = word.strip_suffix(from)?;
        // "ence" is of "defence" and "licence", not of "sequence": see below.
        (!stem.is_empty() && fits(from, stem)).then(|| format!("{stem}{to}"))
    })
}

/// Whether an ending after this beginning is one that the two spell differently.
fn fits(ending: &str, stem: &str) -> bool {
    match ending {
        "ence" | "ense" | "ences" | "enses" => ["def", "off", "lic", "pret"].contains(&stem),
        // "filter" and "number" are no "filtre" and "numbre".
        "ter" | "ters" => ["cen", "me", "li", "thea", "kilome", "fib", "spec"].contains(&stem),
        "ber" | "bers" | "bre" | "bres" => ["fi", "som", "sa", "cali"].contains(&stem),
        "log" | "logs" => ["cata", "dia", "ana", "mono", "pro", "epi"].contains(&stem),
        "gram" | "grams" | "gramme" | "grammes" => ["pro", "kilo"].contains(&stem),
        // "error" and "vector" are not British "errour".
        "or" | "ors" => is_our(stem),
        // "precise" and "revise" have no z anywhere, and their other forms would part from them.
        "ise" | "ised" | "ises" | "iser" | "isers" | "ising" | "ize" | "ized" | "izes" | "izer" | "izers"
        | "izing" => stem.len() >= 2 && !NO_Z.iter().any(|known| stem.ends_with(known)),
        "elled" | "elling" | "eller" | "ellers" | "eled" | "eling" | "eler" | "elers" => {
            DOUBLED.iter().any(|known| stem.ends_with(known))
        }
        // "scoured" and "poured" are no "scored" and "pored".
        "our" | "ours" | "oured" | "ouring" | "ored" | "oring" => is_our(stem),
        _ => stem.len() >= 2,
    }
}

/// What stands before "ise" in words that both spell with an s.
const NO_Z: [&str; 24] = [
    "prec", "conc", "rev", "dev", "adv", "superv", "prov", "improv", "surpr", "compr", "enterpr", "prom",
    "prem", "exerc", "exc", "inc", "ra", "no", "cru", "br", "disgu", "franch", "telev", "pra",
];
/// What stands before "el" in verbs whose l the British double.
const DOUBLED: [&str; 16] = [
    "canc", "lab", "mod", "trav", "fu", "lev", "pan", "chann", "tunn", "jew", "marv", "quarr", "shov",
    "snork", "tow", "unrav",
];

fn is_our(stem: &str) -> bool {
    OUR.iter().any(|known| stem.ends_with(known))
}

/// What stands before "our" where Americans write "or".
const OUR: [&str; 20] = [
    "behavi", "col", "fav", "flav", "hon", "lab", "neighb", "harb", "rum", "vig", "arm", "endeav", "hum",
    "vap", "tum", "od", "sav", "val", "parl", "clam",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one() {
        for (british, us) in [
            ("memoising", "memoizing"),
            ("normalisation", "normalization"),
            ("behaviour", "behavior"),
            ("colours", "colors"),
            ("coloured", "colored"),
            ("centre", "center"),
            ("cancelled", "canceled"),
            ("labelling", "labeling"),
            ("licence", "license"),
            ("catalogue", "catalog"),
            ("analyse", "analyze"),
            ("programme", "program"),
        ] {
            assert_eq!((american(british), american(us)), (us.into(), us.into()), "{british}");
            assert_eq!(other(british).as_deref(), Some(us));
            assert_eq!(other(us).as_deref(), Some(british), "{us}");
        }
    }

    #[test]
    fn the_forms_of_one_word_stay_together_and_two_words_apart() {
        let same = |words: &[&str]| {
            let stems: std::collections::BTreeSet<String> =
                words.iter().map(|w| crate::text::stem(w)).collect();
            assert_eq!(stems.len(), 1, "{words:?}: {stems:?}");
        };
        same(&["precise", "precision", "precisely"]);
        same(&["revise", "revised", "revision"]);
        same(&["supervise", "supervision"]);
        same(&["spell", "spelling", "spelled"]);
        same(&["dwell", "dwelling"]);
        same(&["organise", "organising", "organize", "organizing"]);
        same(&["modelling", "modeling", "models"]);
        assert_ne!(crate::text::stem("scoured"), crate::text::stem("scored"));
    }

    #[test]
    fn words_with_one_spelling_stay() {
        for word in [
            "filter", "number", "error", "vector", "sequence", "four", "hour", "log", "gram", "table",
            "Größe",
        ] {
            assert_eq!((american(word), other(word)), (word.into(), None), "{word}");
        }
    }
}
