//! Pages that show nothing but a question about cookies.

use super::Case;

/// The longest such page known explains itself in 350 words; a policy that explains every cookie has more.
const WORDS_MAX: u32 = 400;
/// Words of the whole page, its furniture included: behind a wall there is a page, around a dialog there is one.
const ALL_WORDS_MAX: u32 = 600;
/// Words that speak of anything else: buttons, names, a line about the site.
const OTHER_WORDS_MAX: u32 = 40;
const SHORT_WORDS: u32 = 120;
const POINTS_MIN: u32 = 3;

pub(super) fn stands(case: &Case) -> bool {
    // Where a consent manager names itself, its list of purposes may speak of other things; half must be about consent.
    let other_max = if case.marks.consent { case.kept / 2 } else { OTHER_WORDS_MAX.min(case.kept / 2) };
    if case.kept > WORDS_MAX || case.all > ALL_WORDS_MAX || case.other > other_max || case.told {
        return false;
    }
    let mut names = case.titles.iter().chain(&case.headings);
    let titled = names.any(|name| STARTS.iter().any(|start| name.starts_with(start)));
    let in_content = case.kept >= super::THIN_WORDS_MIN;
    let asks = case.says(&ASKS, in_content);
    let speaks = speaks_of_consent(if in_content { &case.content } else { &case.text });
    if asks == 0 && !titled || !speaks {
        return false;
    }
    let points = 2 * u32::from(case.marks.consent)
        + u32::from(titled)
        + u32::from(case.marks.consent_buttons > 0)
        + asks.min(2)
        + u32::from(case.kept <= SHORT_WORDS);
    points >= POINTS_MIN
}

/// A block that has one of these speaks of cookies or consent.
pub(super) fn speaks_of_consent(text: &str) -> bool {
    const WORDS: [&str; 31] = [
        "cookie",
        "consent",
        "gdpr",
        "legitimate interest",
        "our partners",
        "advertising partners",
        "personal data",
        "personalised ads",
        "personalized ads",
        "privacy",
        "accept all",
        "reject all",
        "manage options",
        "your choices",
        "einwilligung",
        "zustimmung",
        "zustimmen",
        "datenschutz",
        "personenbezogen",
        "consentement",
        "données personnelles",
        "vie privée",
        "consentimiento",
        "privacidad",
        "datos personales",
        "ciasteczk",
        "prywatnoś",
        "zgod",
        "персональн",
        "隐私",
        "クッキー",
    ];
    WORDS.iter().any(|word| text.contains(word))
}

/// How titles and headings of such pages begin.
#[rustfmt::skip]
const STARTS: [&str; 28] = [
    "before you continue", "your privacy", "we value your privacy", "we care about your privacy", "cookie consent", "cookie wall", "cookie settings", "privacy gate", "dpg media privacy gate", "this website uses cookies", "this site uses cookies",
    "we use cookies", "consent", "manage your privacy", "privacy settings", "bevor sie fortfahren", "bevor sie weiter", "datenschutzeinstellungen", "wir benötigen ihre zustimmung", "ihre privatsphäre", "cookie-einstellungen", "avant de continuer", "votre vie privée",
    "antes de continuar", "tu privacidad", "zanim przejdziesz", "szanujemy twoją prywatność", "πριν συνεχίσετε",
];

/// What such pages ask for. A policy tells; it does not ask.
#[rustfmt::skip]
const ASKS: [&str; 45] = [
    "accept all", "accept cookies", "allow all cookies", "i accept", "i agree", "accept and continue", "agree and continue", "accept & continue", "reject all", "manage options", "manage preferences", "manage settings", "more options",
    "by clicking", "if you choose to", "click accept", "click 'accept", "click \"accept", "do you agree", "give your consent", "your consent to", "continue without accepting", "must accept cookies", "accept our cookies", "to continue to the site",
    "alle akzeptieren", "alle ablehnen", "akzeptieren und weiter", "zustimmen und weiter", "mit werbung weiterlesen", "lesen sie mit werbung", "zustimmung ist jederzeit", "wenn sie zustimmen", "stimmen sie zu", "tout accepter", "tout refuser", "continuer sans accepter", "aceptar todo", "rechazar todo", "aceptar y continuar",
    "zaakceptuj wszystko", "przejdź do serwisu", "принять все", "αποδοχή όλων", "全部接受",
];
