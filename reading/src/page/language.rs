//! In which language a text is written: by its script, its letters and its words of grammar.

mod words;

use std::borrow::Cow;
use words::{TAGS, languages_of};

/// A language that a reader asks for: the first part of a BCP 47 tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// Two or three lower-case letters, the rest blanks.
    letters: [u8; 3],
}

impl Language {
    /// The language of a BCP 47 tag such as `de` or `pt-BR`; `None` when it is none.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?.as_bytes();
        let sound = matches!(primary.len(), 2 | 3) && primary.iter().all(u8::is_ascii_alphabetic);
        let mut letters = [b' '; 3];
        for (slot, letter) in letters.iter_mut().zip(primary) {
            *slot = letter.to_ascii_lowercase();
        }
        sound.then_some(Self { letters })
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.letters).unwrap_or_default().trim_end()
    }
}

/// What the beginning of a text says about its language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tongue {
    /// BCP 47 tag; `None` when the text is too short or nothing is clear.
    pub(crate) tag: Option<&'static str>,
    /// Words that were looked at.
    pub(crate) words: u32,
    /// Of these, words of grammar of any known language.
    pub(crate) grammar: u32,
}

/// Words that are looked at: the counts of languages part long before.
const WORDS_MAX: u32 = 600;
/// Characters that are looked at: 600 words of 13 letters.
const CHARS_MAX: usize = 8_000;
/// Below this many letters a script says nothing.
const LETTERS_MIN: u32 = 40;
/// Words of its own grammar that a language must show, and their share in percent. English prose has 40 %, Finnish 10 %.
const GRAMMAR_MIN: u32 = 5;
const GRAMMAR_PERCENT_MIN: u32 = 7;
/// How far the best language must lead, in percent of the second. Neighbours such as Danish and Norwegian share more.
const LEAD_PERCENT_MIN: u32 = 110;
/// A Chinese or Japanese character is about half a word: it weighs as much as three letters.
const IDEOGRAPH_WEIGHT: u32 = 3;

/// Looks at the beginning of the texts, in their order.
pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Tongue {
    let (letters, counts, mut tongue) = counted(texts);
    tongue.tag = letters.tag().or_else(|| letters.latin_tag(&counts, tongue.words));
    tongue
}

/// The language of a question: its script, or words of grammar of which one language has more than any other; `None`
/// where nothing tells. A question is too short for the shares that a page must show.
#[must_use]
pub fn language_of_question(question: &str) -> Option<&'static str> {
    let (letters, ..) = counted(std::iter::once(question));
    match letters.script_tag(QUESTION_LETTERS_MIN) {
        // A few words may lack the letters that only Russian has; Bulgarian hardly goes without its own.
        Some("bg") if !question.contains(['ъ', 'Ъ']) => return Some("ru"),
        Some(tag) => return Some(tag),
        None => {}
    }
    // Names are of no language: "Las Vegas" is not Spanish, nor "NO" Catalan.
    let is_name = |(place, word): &(usize, &str)| {
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        capitals > usize::from(*place == 0)
    };
    let all = question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let plain: Vec<&str> =
        all.enumerate().filter(|word| !is_name(word)).map(|(_, w)| w).take(WORDS_MAX as usize).collect();
    let (_, counts, _) = counted(plain.iter().copied());
    let lower = plain.join(" ").to_lowercase();
    let words: Vec<&str> = lower.split(' ').collect();
    let counts = counts.iter().zip(TAGS).map(|(count, tag)| {
        let asking = ASKING.iter().filter(|(of, word)| *of == tag && words.contains(word)).count();
        (count.saturating_add(2 * u32::from(asking > 0)), tag)
    });
    let mut counts: Vec<(u32, &'static str)> = counts.collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    match counts.as_slice() {
        [(best, tag), (second, _), ..] => (*best >= QUESTION_GRAMMAR_MIN && best > second).then_some(*tag),
        _ => None,
    }
}

/// Words that questions begin with, in languages that share many words of grammar.
const ASKING: [(&str, &str); 55] = [
    ("en", "what"),
    ("en", "how"),
    ("en", "which"),
    ("en", "who"),
    ("en", "why"),
    ("en", "when"),
    ("en", "where"),
    ("en", "does"),
    ("en", "do"),
    ("en", "did"),
    ("en", "is"),
    ("en", "are"),
    ("en", "was"),
    ("de", "wie"),
    ("de", "was"),
    ("de", "welche"),
    ("de", "wer"),
    ("de", "warum"),
    ("de", "wann"),
    ("fr", "quel"),
    ("fr", "quelle"),
    ("fr", "quels"),
    ("fr", "quelles"),
    ("fr", "comment"),
    ("fr", "pourquoi"),
    ("fr", "combien"),
    ("es", "qué"),
    ("es", "cuál"),
    ("es", "cuáles"),
    ("es", "quién"),
    ("es", "cómo"),
    ("es", "cuándo"),
    ("es", "cuánto"),
    ("es", "dónde"),
    ("it", "qual"),
    ("it", "quale"),
    ("it", "quali"),
    ("it", "chi"),
    ("it", "perché"),
    ("it", "quando"),
    ("pt", "qual"),
    ("pt", "quais"),
    ("pt", "quem"),
    ("pt", "como"),
    ("pt", "quando"),
    ("pt", "onde"),
    ("nl", "wat"),
    ("nl", "hoe"),
    ("nl", "welke"),
    ("nl", "waarom"),
    ("nl", "wanneer"),
    ("pl", "jaka"),
    ("pl", "jaki"),
    ("pl", "jak"),
    ("pl", "kto"),
];

/// Letters of a script that make a question one in it: a word.
const QUESTION_LETTERS_MIN: u32 = 4;
/// Words of grammar that make a question one in their language.
const QUESTION_GRAMMAR_MIN: u32 = 2;

/// What the beginning of the texts holds; without a judgement.
fn counted<'a>(texts: impl Iterator<Item = &'a str>) -> (Letters, [u32; TAGS.len()], Tongue) {
    let mut letters = Letters::default();
    let mut counts = [0_u32; TAGS.len()];
    let mut tongue = Tongue::default();
    let mut room = CHARS_MAX;
    for text in texts {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if room < length || tongue.words >= WORDS_MAX {
                return (letters, counts, tongue);
            }
            room = room.saturating_sub(length);
            // Most words are in lower case already.
            let lower = if word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
                Cow::Borrowed(word)
            } else {
                Cow::Owned(word.to_lowercase())
            };
            lower.chars().for_each(|c| letters.count(c));
            if !word.chars().any(char::is_alphabetic) {
                continue;
            }
            tongue.words = tongue.words.saturating_add(1);
            let mut bits = languages_of(&lower);
            tongue.grammar = tongue.grammar.saturating_add(u32::from(bits != 0));
            // One turn for each language that has the word.
            while bits != 0 {
                if let Some(count) = counts.get_mut(bits.trailing_zeros() as usize) {
                    *count = count.saturating_add(1);
                }
                bits &= bits.wrapping_sub(1);
            }
        }
    }
    (letters, counts, tongue)
}

/// The language of a page by what it declares and what its text shows: many pages carry the tag of their template.
pub(crate) fn settle(declared: Option<String>, tongue: Tongue) -> Option<String> {
    let shown = tongue.tag.map(str::to_owned);
    match (declared, tongue.tag) {
        (Some(tag), Some(found)) if tongue.words >= SHOWN_WORDS_MIN && is_foreign(&tag, found) => shown,
        (Some(tag), _) => Some(tag),
        (None, _) => shown,
    }
}

/// Below this many words a text does not speak against what its page declares: it may be a quotation.
const SHOWN_WORDS_MIN: u32 = 60;

/// Whether a reader of `asked` would take a text in `found` for another language. Neighbours that share most of their words
/// of grammar are not told apart, since these counts cannot.
pub(crate) fn is_foreign(asked: &str, found: &str) -> bool {
    const KIN: [&[&str]; 5] = [
        &["da", "no", "nb", "nn", "sv"],
        &["cs", "sk"],
        &["hr", "sr", "bs", "sl", "mk", "bg"],
        &["id", "ms"],
        &["ru", "be", "uk"],
    ];
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let (asked, found) = (primary(asked), primary(found));
    let kin = |group: &&[&str]| group.contains(&asked.as_str()) && group.contains(&found.as_str());
    asked != found && !KIN.iter().any(kin) && !asked.is_empty()
}

/// Whether most letters of a text are of a script whose words of grammar are known.
pub(crate) fn knows_script(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (known, all) = letters.take(CHARS_MAX).fold((0_u32, 0_u32), |(known, all), c| {
        let here = matches!(c as u32, 0x41..=0x24f | 0x370..=0x3ff | 0x400..=0x52f);
        (known.saturating_add(u32::from(here)), all.saturating_add(1))
    });
    known.saturating_mul(10) >= all.saturating_mul(9)
}

/// Letters by script, and those that only some languages of a script have.
#[derive(Debug, Default)]
struct Letters {
    latin: u32,
    cyrillic: u32,
    greek: u32,
    han: u32,
    kana: u32,
    hangul: u32,
    arabic: u32,
    hebrew: u32,
    thai: u32,
    devanagari: u32,
    ukrainian: u32,
    belarusian: u32,
    serbian: u32,
    russian: u32,
    persian: u32,
    urdu: u32,
}

impl Letters {
    fn count(&mut self, c: char) {
        let slot = match c as u32 {
            0x61..=0x7a | 0xdf..=0x24f | 0x1e00..=0x1eff => &mut self.latin,
            0x370..=0x3ff | 0x1f00..=0x1fff => &mut self.greek,
            0x400..=0x52f => &mut self.cyrillic,
            0x590..=0x5ff => &mut self.hebrew,
            0x600..=0x6ff | 0x750..=0x77f => &mut self.arabic,
            0x900..=0x97f => &mut self.devanagari,
            0xe00..=0xe7f => &mut self.thai,
            0x3040..=0x30ff => &mut self.kana,
            0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff => &mut self.han,
            0x1100..=0x11ff | 0xac00..=0xd7af => &mut self.hangul,
            _ => return,
        };
        *slot = slot.saturating_add(1);
        let own = match c {
            'і' | 'ї' | 'є' | 'ґ' => &mut self.ukrainian,
            'ў' => &mut self.belarusian,
            'ј' | 'љ' | 'њ' | 'ђ' | 'ћ' => &mut self.serbian,
            'ы' | 'э' | 'ё' => &mut self.russian,
            'پ' | 'چ' | 'ژ' | 'گ' => &mut self.persian,
            'ٹ' | 'ڈ' | 'ے' | 'ں' => &mut self.urdu,
            _ => return,
        };
        *own = own.saturating_add(1);
    }

    /// The language of a text that is not written with Latin letters.
    fn tag(&self) -> Option<&'static str> {
        self.script_tag(LETTERS_MIN)
    }

    /// The same, from so many letters on.
    fn script_tag(&self, letters_min: u32) -> Option<&'static str> {
        let ideographs = self.han.saturating_add(self.kana);
        let scripts = [
            (self.latin, ""),
            (self.cyrillic, self.cyrillic_tag()),
            (self.greek, "el"),
            (
                ideographs.saturating_mul(IDEOGRAPH_WEIGHT),
                if self.kana.saturating_mul(10) > ideographs { "ja" } else { "zh" },
            ),
            (self.hangul.saturating_mul(IDEOGRAPH_WEIGHT), "ko"),
            (self.arabic, self.arabic_tag()),
            (self.hebrew, "he"),
            (self.thai, "th"),
            (self.devanagari, "hi"),
        ];
        let (count, tag) = scripts.into_iter().max_by_key(|(count, _)| *count)?;
        (count >= letters_min && !tag.is_empty()).then_some(tag)
    }

    fn cyrillic_tag(&self) -> &'static str {
        if self.belarusian > 0 && self.russian > 0 {
            "be"
        } else if self.ukrainian > self.russian {
            "uk"
        } else if self.serbian > self.russian {
            "sr"
        } else if self.russian.saturating_mul(200) >= self.cyrillic {
            "ru"
        } else {
            "bg"
        }
    }

    fn arabic_tag(&self) -> &'static str {
        if self.urdu.saturating_mul(50) > self.arabic {
            "ur"
        } else if self.persian.saturating_mul(100) > self.arabic {
            "fa"
        } else {
            "ar"
        }
    }

    /// The language of a text in Latin letters by its words of grammar.
    fn latin_tag(&self, counts: &[u32; TAGS.len()], words: u32) -> Option<&'static str> {
        let (best, tag) = counts.iter().copied().zip(TAGS).max_by_key(|(count, _)| *count)?;
        let second =
            counts.iter().zip(TAGS).filter(|(_, other)| *other != tag).map(|(count, _)| *count).max()?;
        let clear = best >= GRAMMAR_MIN
            && best.saturating_mul(100) >= words.saturating_mul(GRAMMAR_PERCENT_MIN)
            && best.saturating_mul(100) >= second.saturating_mul(LEAD_PERCENT_MIN);
        (self.latin >= LETTERS_MIN && clear).then_some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Option<&'static str> {
        of(std::iter::once(text)).tag
    }

    #[test]
    fn languages_are_told_by_script_and_grammar() {
        let samples = [
            (
                "en",
                "The harbour was closed for three days because the ice had blocked the entrance, and no ship could leave.",
            ),
            (
                "de",
                "Der Hafen war drei Tage lang geschlossen, weil das Eis die Einfahrt versperrte und kein Schiff auslaufen konnte.",
            ),
            (
                "fr",
                "Le port est resté fermé pendant trois jours, car la glace bloquait l'entrée et aucun navire ne pouvait en sortir.",
            ),
            (
                "es",
                "El puerto estuvo cerrado durante tres días porque el hielo bloqueaba la entrada y ningún barco podía salir del muelle.",
            ),
            (
                "pl",
                "Port był zamknięty przez trzy dni, ponieważ lód zablokował wejście i żaden statek nie mógł z niego wypłynąć, co jest rzadkie.",
            ),
            (
                "ru",
                "Порт был закрыт три дня, потому что лёд перекрыл вход, и ни одно судно не могло выйти в море.",
            ),
            ("uk", "Порт був закритий три дні, бо лід перекрив вхід, і жодне судно не могло вийти в море."),
            ("el", "Το λιμάνι έμεινε κλειστό για τρεις ημέρες επειδή ο πάγος είχε φράξει την είσοδο."),
            ("zh", "由于冰层封锁了入口,港口关闭了三天,没有一艘船能够出海。渔民们只好等待天气好转。"),
            ("ja", "氷が入り口をふさいだため、港は三日間閉鎖され、一隻の船も出航できなかった。"),
            ("ko", "얼음이 입구를 막아 항구가 사흘 동안 폐쇄되었고 어떤 배도 출항할 수 없었다."),
        ];
        for (language, text) in samples {
            assert_eq!(tag(text), Some(language), "{text}");
        }
        assert_eq!(tag("Photon RX-200 Ultra 4K HDMI Cable"), None);
        assert_eq!(tag(""), None);
    }

    #[test]
    fn the_language_of_a_short_question_is_told() {
        for (language, question) in [
            ("en", "What is the default port of the server?"),
            ("de", "Wie hoch ist der Eiffelturm und wer hat ihn gebaut?"),
            ("fr", "Quelle est la hauteur de la tour Eiffel ?"),
            ("es", "¿Cuál es la altura de la torre Eiffel y quién la construyó?"),
            ("it", "Qual è l'altezza della torre Eiffel e chi l'ha costruita?"),
            ("pt", "Qual é a altura da torre Eiffel e quem a construiu em Paris?"),
            ("nl", "Wat is de hoogte van de Eiffeltoren?"),
            ("pl", "Jaka jest wysokość wieży Eiffla i kto ją zbudował w Paryżu?"),
            ("ru", "Какова высота Эйфелевой башни?"),
            ("zh", "埃菲尔铁塔有多高?"),
            ("ja", "エッフェル塔の高さは?"),
        ] {
            assert_eq!(language_of_question(question), Some(language), "{question}");
        }
        assert_eq!(language_of_question("tokio work_mem default"), None);
        for question in [
            "Was Einstein born in Ulm?",
            "Was Tesla profitable in 2023?",
            "Was Python 2 deprecated in 2020?",
            "Compare Los Angeles and Las Vegas housing prices",
            "NO emissions per vehicle km",
            "Lake Como hotels in July",
            "Is Die Welt a daily newspaper?",
        ] {
            assert!(matches!(language_of_question(question), None | Some("en")), "{question}");
        }
        assert_eq!(language_of_question("Was ist die Hauptstadt der Mongolei?"), Some("de"));
        assert_eq!(language_of_question("Was kostet eine Wärmepumpe für ein Haus?"), Some("de"));
    }

    #[test]
    fn a_long_text_overrules_what_its_page_declares() {
        let tongue = |words| Tongue { tag: Some("de"), words, grammar: 9 };
        assert_eq!(settle(Some("en-US".into()), tongue(200)).as_deref(), Some("de"));
        assert_eq!(settle(Some("en-US".into()), tongue(20)).as_deref(), Some("en-US"));
        assert_eq!(settle(Some("de-CH".into()), tongue(200)).as_deref(), Some("de-CH"));
        assert_eq!(settle(None, tongue(20)).as_deref(), Some("de"));
    }

    #[test]
    fn an_asked_language_is_the_first_part_of_its_tag() {
        assert_eq!(Language::of_tag("pt-BR").map(|l| l.as_str().to_owned()).as_deref(), Some("pt"));
        assert_eq!(Language::of_tag(" DE ").map(|l| l.as_str().to_owned()).as_deref(), Some("de"));
        assert!(Language::of_tag("german").is_none() && Language::of_tag("").is_none());
    }

    #[test]
    fn neighbours_are_not_foreign() {
        assert!(is_foreign("de", "en") && is_foreign("de-CH", "fr"));
        assert!(!is_foreign("en-GB", "en-US") && !is_foreign("nb", "da") && !is_foreign("", "en"));
    }

    #[test]
    fn other_texts_have_no_grammar() {
        let tongue = of(["abalone abbey cable dapper eagle fable gable"].into_iter());
        assert_eq!((tongue.words, tongue.grammar), (7, 0));
    }
}
