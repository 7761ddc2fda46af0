//! British and American spelling of one English word: whoever asks spells by one, the page often by the other.
//!
//! Rules by endings rather than a list: both sides of a comparison go through the same rule, so a word that only looks
//! British ("raise") is changed on both and stays equal to itself.

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
    ("yses", "yzes"),
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
        "or" | "ors" => {
            ["behavi", "col", "fav", "flav", "hon", "lab", "neighb", "harb", "rum", "vig", "arm", "endeav"]
                .iter()
                .any(|known| stem.ends_with(known))
        }
        _ => stem.len() >= 2,
    }
}

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
    fn words_with_one_spelling_stay() {
        for word in [
            "filter", "number", "error", "vector", "sequence", "four", "hour", "log", "gram", "table",
            "Größe",
        ] {
            assert_eq!((american(word), other(word)), (word.into(), None), "{word}");
        }
    }
}
