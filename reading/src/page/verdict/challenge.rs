//! Bot checks, captchas and refusals that a site's guard sends in place of a page.

use super::Case;

/// Guards explain themselves in fewer words than this; the longest known, a search engine's, has 150.
const WORDS_MAX: u32 = 200;
/// The same for a page without any mark of a guard in its elements: a note on a guard's message is longer.
const WORDS_MAX_UNMARKED: u32 = 90;
/// Below this there is hardly room for anything else.
const TINY_WORDS: u32 = 60;
/// Points at which it is one.
const POINTS_MIN: u32 = 3;

pub(super) fn stands(case: &Case) -> bool {
    let marked = case.marks.interstitial || case.marks.captcha;
    if case.all > if marked { WORDS_MAX } else { WORDS_MAX_UNMARKED } {
        return false;
    }
    let named = |titles: &[String]| {
        titles.iter().any(|title| {
            NAMES.contains(&title.as_str()) || STARTS.iter().any(|start| title.starts_with(start))
        })
    };
    let (titled, headed) = (named(&case.titles), named(&case.headings));
    let tiny = case.all <= TINY_WORDS;
    // Words alone may be quoted; they count only beside a sign that nobody quotes.
    if !(titled || tiny || headed || marked) {
        return false;
    }
    let unscripted = PHRASES.iter().any(|phrase| case.noscript.contains(phrase));
    let phrases = case.says(&PHRASES, false).saturating_add(u32::from(unscripted));
    let points = 2 * u32::from(case.marks.interstitial)
        + u32::from(case.marks.captcha)
        + if titled { 2 } else { u32::from(headed) }
        + phrases.min(2)
        + u32::from(case.says(&REFERENCES, false) > 0)
        + u32::from(tiny);
    points.saturating_sub(2 * u32::from(case.told)) >= POINTS_MIN
}

/// Whole titles, or parts of titles, and headings.
#[rustfmt::skip]
const NAMES: [&str; 48] = [
    "just a moment", "attention required", "access denied", "security check", "robot check", "are you a robot", "human verification",
    "one moment, please", "one moment please", "ddos-guard", "request rejected", "vercel security checkpoint", "bot verification",
    "verify you are human", "security verification", "forbidden", "403 forbidden", "pardon our interruption",
    "please verify you are a human", "sorry, you have been blocked", "you have been blocked", "request unsuccessful", "client challenge",
    "prove your humanity", "are you human", "radware bot manager captcha", "radware captcha page", "validate captcha",
    "einen moment", "nur einen moment", "einen moment bitte", "zugriff verweigert", "sicherheitsüberprüfung", "un instant", "accès refusé",
    "un momento", "acceso denegado", "chwileczkę", "odmowa dostępu", "доступ запрещен", "доступ запрещён", "один момент", "вы не робот",
    "请稍候", "安全验证", "百度安全验证", "しばらくお待ちください", "アクセスが拒否されました",
];

/// How such titles begin.
#[rustfmt::skip]
const STARTS: [&str; 13] = [
    "checking your browser", "verifying you are human", "making sure you're not a bot", "verifying your browser", "we're verifying your browser",
    "access to this page has been denied", "ddos protection by", "please wait while we verify", "confirm you are human", "let's confirm you are human",
    "confirm that you are not a robot", "подтвердите, что", "έλεγχος ασφαλείας",
];

/// What they say.
#[rustfmt::skip]
const PHRASES: [&str; 68] = [
    "checking your browser before", "checking if the site connection is secure", "verify you are human", "verifying you are human",
    "verify that you are human", "verify that you're not a robot", "verify you're not a robot", "confirm you are human", "you are human by completing",
    "making sure you're not a bot", "enable javascript and cookies to continue", "complete the security check", "performing security verification",
    "protected by anubis", "ddos protection by", "unusual traffic from your", "press & hold", "press and hold", "unusual activity from your",
    "needs to review the security of your connection", "you have been blocked", "you are unable to access", "don't have permission to access",
    "access to this page has been denied", "automated (bot) activity", "using automation tools", "request unsuccessful", "the requested url was rejected",
    "what happened to your connection", "pardon our interruption", "make sure you're not a robot", "not a robot", "solve this captcha", "solve the captcha",
    "complete the captcha", "type the characters you see", "enter the characters you see", "we're verifying your browser", "verifying your browser",
    "security service to protect itself", "blocked by the security rules", "banned your ip", "your request has been blocked", "proof-of-work",
    "browser fingerprint", "please enable js and disable any ad blocker", "slide to verify", "slide right to secure",
    "dass sie ein mensch sind", "dass sie kein roboter sind", "überprüfung ihres browsers", "ihr browser wird überprüft", "vous êtes humain", "vous n'êtes pas un robot",
    "vérification de votre navigateur", "es un ser humano", "no eres un robot", "no es un robot", "comprobando su navegador", "jesteś człowiekiem", "nie jesteś robotem",
    "sprawdzanie przeglądarki", "что вы человек", "что вы не робот", "проверка браузера", "είστε άνθρωπος", "确认您是真人", "あなたが人間であることを",
];

/// Numbers by which a site's owner can look up what happened.
#[rustfmt::skip]
const REFERENCES: [&str; 10] = [
    "ray id", "reference #", "incident id", "reference id", "support id", "event id", "request id", "error 1020", "error code: 10", "your ip",
];
