//! Letters whose accent is a glyph of its own, as in the older fonts of TeX.

/// An accent, the letters it stands on, and what they are together.
const LETTERS: [(char, &str, &str); 10] = [
    ('\u{b4}', "aeiouyAEIOUYcnszlrCNSZ\u{131}", "áéíóúýÁÉÍÓÚÝćńśźĺŕĆŃŚŹí"),
    ('`', "aeiouAEIOU\u{131}", "àèìòùÀÈÌÒÙì"),
    ('\u{a8}', "aeiouyAEIOU\u{131}", "äëïöüÿÄËÏÖÜï"),
    ('\u{2c6}', "aeiouAEIOU\u{131}cgswy", "âêîôûÂÊÎÔÛîĉĝŝŵŷ"),
    ('\u{2dc}', "anoANO", "ãñõÃÑÕ"),
    ('\u{b8}', "cCsStT", "çÇşŞţŢ"),
    ('\u{2c7}', "cdenrstzCDENRSTZ", "čďěňřšťžČĎĚŇŘŠŤŽ"),
    ('\u{2da}', "auAU", "åůÅŮ"),
    ('\u{2dd}', "ouOU", "őűŐŰ"),
    ('\u{2d8}', "agAG", "ăğĂĞ"),
];

/// The letter with its accent, if there is such a letter.
pub(super) fn composed(accent: char, letter: char) -> Option<char> {
    let accent = match accent {
        '^' => '\u{2c6}',
        '~' => '\u{2dc}',
        other => other,
    };
    let (_, letters, whole) = LETTERS.iter().find(|(mark, ..)| *mark == accent)?;
    letters.chars().zip(whole.chars()).find(|(plain, _)| *plain == letter).map(|(_, whole)| whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_take_their_accents() {
        assert_eq!((composed('\u{b4}', 'e'), composed('~', 'n')), (Some('é'), Some('ñ')));
        assert_eq!((composed('\u{b4}', '1'), composed('x', 'e')), (None, None));
        for (_, letters, whole) in LETTERS {
            assert_eq!(letters.chars().count(), whole.chars().count());
        }
    }
}
