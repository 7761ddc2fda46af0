//! What a block's own text shows: its characters, the words of labels in it, the words of the title.

use super::share;
use crate::page::block::{Block, Kind, count_words, is_word};

/// The characters of a text by class.
pub(super) struct Shape {
    pub(super) chars: u32,
    pub(super) letters: u32,
    pub(super) upper: u32,
    pub(super) digits: u32,
    pub(super) lines: u32,
    /// How it ends: 2 like a sentence, 1 with another mark, 0 with a letter.
    pub(super) ends: u16,
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        let mut shape = Self { chars: 0, letters: 0, upper: 0, digits: 0, lines: 1, ends: 0 };
        let mut rest = text;
        loop {
            let ascii = rest.bytes().take_while(u8::is_ascii).count();
            let (plain, behind) = rest.split_at_checked(ascii).unwrap_or((rest, ""));
            for byte in plain.bytes() {
                shape.letters = shape.letters.wrapping_add(u32::from(byte.is_ascii_alphabetic()));
                shape.upper = shape.upper.wrapping_add(u32::from(byte.is_ascii_uppercase()));
                shape.digits = shape.digits.wrapping_add(u32::from(byte.is_ascii_digit()));
                shape.lines = shape.lines.wrapping_add(u32::from(byte == b'\n'));
            }
            shape.chars = shape.chars.saturating_add(u32::try_from(ascii).unwrap_or(u32::MAX));
            let mut foreign = behind.chars();
            let Some(c) = foreign.next() else { break };
            shape.chars = shape.chars.saturating_add(1);
            if c.is_alphabetic() {
                shape.letters = shape.letters.saturating_add(1);
                shape.upper = shape.upper.saturating_add(u32::from(c.is_uppercase()));
            }
            rest = foreign.as_str();
        }
        shape.ends = match text
            .trim_end_matches(['"', '\'', ')', '\u{201d}', '\u{2019}', '\u{bb}'])
            .chars()
            .next_back()
        {
            Some('.' | '!' | '?' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}' | '\u{964}' | '\u{2026}') => 2,
            Some(c) if !c.is_alphanumeric() => 1,
            _ => 0,
        };
        shape
    }
}

/// Words that the furniture of pages is made of, sorted: English, German, French, Spanish, Italian, Portuguese, Polish,
/// Russian, Greek, Dutch, Swedish.
#[rustfmt::skip]
pub(super) const LABELS: [&str; 358] = [
    "abonnez", "abonnieren", "accedi", "account", "accueil", "ad", "add", "address", "ads", "adverteren",
    "advertisement", "advertising", "affiliate", "agb", "ago", "also", "altri", "ancora", "anmelden",
    "annons", "anterior", "anzeige", "anzeigen", "app", "archive", "article", "articles", "articoli",
    "artigos", "artikel", "artikelen", "artículos", "assine", "auteur", "author", "autor", "back", "basket",
    "blog", "browse", "buscar", "buy", "by", "careers", "carrito", "cart", "categories", "category", "cerca",
    "checkout", "click", "close", "comentar", "comentario", "comentarios", "comentários", "comment",
    "commenta", "commentaire", "commentaires", "commented", "commenti", "comments", "commission",
    "compartilhar", "compartilhe", "compartir", "conditions", "condividi", "connexion", "contact",
    "contactez", "contacto", "contato", "contatti", "cookie", "cookies", "copyright", "czytaj", "dalej",
    "datenschutz", "dela", "delen", "delivery", "disclaimer", "disclosure", "dodaj", "download", "drucken",
    "drukuj", "dyskusja", "edit", "email", "empfehlen", "enter", "facebook", "faq", "featured", "feedback",
    "filter", "flag", "folgen", "follow", "followers", "footer", "forum", "free", "galeria", "help", "home",
    "hours", "impressum", "imprimer", "imprimir", "inbox", "iniciar", "inicio", "inscription", "instagram",
    "iscriviti", "join", "jump", "kategoria", "kategorie", "komentarz", "komentarze", "komentarzy",
    "kommentar", "kommentare", "kommentarer", "kontakt", "latest", "leave", "leer", "lees", "leggi", "leia",
    "lesen", "like", "likes", "linkedin", "links", "lire", "load", "log", "logga", "login", "logout",
    "logowanie", "läs", "mail", "mais", "meer", "mehr", "mentions", "menu", "mer", "merken", "mins", "more",
    "najczęściej", "najnowsze", "następny", "navigation", "newsletter", "newsletters", "next", "notify",
    "notícias", "nutzungsbedingungen", "offers", "page", "panier", "partager", "password", "passwort",
    "permalink", "pesquisar", "pin", "pinterest", "podobne", "polecamy", "poleć", "policy", "politique",
    "poprzedni", "popular", "post", "posted", "posts", "previous", "print", "privacidad", "privacy",
    "products", "promo", "précédent", "pubblicato", "pubblicità", "publicado", "publicidad", "publicidade",
    "publicité", "published", "publié", "rate", "reacties", "read", "reageer", "recent", "rechercher",
    "recommended", "register", "registrarse", "registrieren", "regulamin", "reklama", "relacionadas",
    "relacionados", "related", "replies", "reply", "report", "reserved", "respond", "rights", "rss", "sale",
    "save", "search", "seite", "serwis", "sesión", "share", "shares", "shop", "sign", "signup", "siguiente",
    "site", "skip", "skomentuj", "sponsored", "stampa", "startseite", "strona", "subscribe", "successivo",
    "suche", "suchen", "suivant", "suivez", "suscríbete", "szukaj", "síguenos", "sök", "tags", "tarifs",
    "teilen", "terms", "themen", "trending", "tutti", "tweet", "twitter", "udostępnij", "updated",
    "warenkorb", "weitere", "weiterlesen", "werbung", "wiadomości", "więcej", "wydrukuj", "wyślij", "zaloguj",
    "zarejestruj", "zobacz", "zoeken", "zurück", "źródło", "άρθρα", "άρθρο", "αναζήτηση", "αποστολή",
    "αρχείο", "αρχειο", "αρχική", "δημοσιεύθηκε", "δημοφιλή", "διαβάστε", "διαφήμιση", "διαφημιστείτε",
    "εγγραφή", "ειδήσεις", "εκτύπωση", "επικοινωνία", "επιστροφή", "επόμενο", "κατηγορία", "κοινοποίηση",
    "μέλη", "περισσότερα", "προηγούμενο", "πρόσφατα", "σελίδα", "σχετικά", "σχολίασε", "σχόλιά", "σχόλια",
    "σχόλιο", "σύνδεση", "τελευταία", "φίλο", "χρήσης", "όροι", "автор", "войти", "вход", "главная", "далее",
    "добавить", "другие", "другу", "еще", "ещё", "категория", "комментариев", "комментарии", "комментарий",
    "контакты", "логин", "новости", "обсудить", "ответить", "отправить", "пароль", "печати", "печать",
    "поделиться", "подписаться", "поиск", "популярное", "последние", "похожие", "правила", "предыдущая",
    "регистрация", "реклама", "рубрика", "следующая", "ссылка", "статьи", "также", "теги", "теме", "читайте",
    "читать",
];

/// The same in scripts without spaces.
#[rustfmt::skip]
const UNSPACED: [&str; 52] = [
    "上一篇", "下一篇", "分享", "打印", "收藏", "评论", "責任編輯", "责任编辑", "编辑", "来源", "热门", "推荐", "相关", "更多", "首页", "登录",
    "注册", "搜索", "广告", "版权所有", "联系我们", "关于我们", "网站地图", "免责声明", "点击", "阅读", "字号", "转发", "复制", "返回", "频道",
    "專題", "专题", "微博", "論壇", "论坛", "留言", "博客", "投稿", "関連記事", "シェア", "ログイン", "検索", "広告", "前へ", "次へ",
    "お問い合わせ", "댓글", "공유", "로그인", "검색", "관련기사",
];

/// Longer texts are told, not labels.
pub(super) const LABEL_WORDS_MAX: u32 = 25;

/// How many of a block's words furniture is made of, in percent. `words` are those of its text.
pub(super) fn label_percent(block: &Block, words: &[u64]) -> u16 {
    if block.words == 0 || block.words > LABEL_WORDS_MAX {
        return 0;
    }
    let mut found = words.iter().filter(|word| is_label(**word)).count();
    if !block.text.is_ascii() && block.text.contains(is_word) {
        for label in UNSPACED.iter().filter(|label| block.text.contains(**label)) {
            // Each of their characters counts as a word.
            found = found.saturating_add(count_words(label) as usize);
        }
    }
    u16::try_from(share(found, block.words as usize)).unwrap_or(100).min(100)
}

fn is_label(word: u64) -> bool {
    let (_, behind) = HASHES.split_at_checked(place_of(word)).unwrap_or((&[], &[]));
    behind.iter().take_while(|hash| **hash != 0).any(|hash| *hash == word)
}

/// Places for the hashes of labels: so many that most words find theirs empty.
const PLACES: usize = 1 << 10;
/// Behind the last place there is room for labels that found theirs taken.
const PLACES_BEHIND: usize = 32;

const fn place_of(hash: u64) -> usize {
    (hash >> 54) as usize
}

/// The hashes of the labels, each at its own place or the next that was free; 0 where none is.
const HASHES: [u64; PLACES + PLACES_BEHIND] = {
    let mut hashes = [0; PLACES + PLACES_BEHIND];
    let mut rest: &[&str] = LABELS.as_slice();
    while let Some((label, behind)) = rest.split_first() {
        let hash = hash_of_label(label);
        let (_, mut places) = hashes.split_at_mut(place_of(hash));
        while let Some((place, others)) = places.split_first_mut() {
            if *place == 0 {
                *place = hash;
                break;
            }
            places = others;
        }
        rest = behind;
    }
    hashes
};

/// The same as [`word_hashes`] of a word in lower case whose letters have one or two bytes.
const fn hash_of_label(label: &str) -> u64 {
    let mut hash = HASH_START;
    let mut rest = label.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        let mut letter = *byte as u32;
        if let (0xc0..=0xdf, [second, others @ ..]) = (*byte, behind) {
            letter = ((letter & 0x1f) << 6) | (*second as u32 & 0x3f);
            rest = others;
        }
        hash = mix(hash, letter);
    }
    hash
}

/// The words of some texts, sorted.
pub(super) fn words_of(texts: &[&str]) -> Vec<u64> {
    let mut words: Vec<u64> = texts.iter().flat_map(|text| word_hashes(text)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// FNV-1a of each word in lower case; words are those of [`count_words`].
pub(super) fn word_hashes(text: &str) -> impl Iterator<Item = u64> {
    let mut rest = text.chars();
    std::iter::from_fn(move || {
        let mut hash = HASH_START;
        let mut begun = false;
        loop {
            let here = rest.clone();
            let Some(c) = rest.next() else { return begun.then_some(hash) };
            match LOWER.get(c as usize) {
                Some(0) if begun => return Some(hash),
                Some(0) => continue,
                Some(lower) => hash = mix(hash, u32::from(*lower)),
                None if !c.is_alphanumeric() && begun => return Some(hash),
                None if !c.is_alphanumeric() => continue,
                None if is_word(c) => {
                    if begun {
                        rest = here;
                        return Some(hash);
                    }
                    return Some(c.to_lowercase().fold(HASH_START, |hash, c| mix(hash, c.into())));
                }
                None => hash = c.to_lowercase().fold(hash, |hash, c| mix(hash, c.into())),
            }
            begun = true;
        }
    })
}

/// ASCII letters and digits in lower case; 0 for all that parts words.
const LOWER: [u8; 128] = {
    let mut lower = [0; 128];
    let mut rest = lower.as_mut_slice();
    let mut byte = 0_u8;
    while let Some((slot, behind)) = rest.split_first_mut() {
        if byte.is_ascii_alphanumeric() {
            *slot = byte.to_ascii_lowercase();
        }
        byte = byte.saturating_add(1);
        rest = behind;
    }
    lower
};

const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

const fn mix(hash: u64, part: u32) -> u64 {
    (hash ^ part as u64).wrapping_mul(0x0100_0000_01b3)
}

/// Titles are shorter than this.
pub(super) const TITLE_WORDS_MAX: u32 = 40;

/// How many of a block's words are among the title's, in percent.
pub(super) fn overlap(block: &Block, words: &[u64], title: &[u64]) -> u16 {
    if block.words == 0 || block.words > TITLE_WORDS_MAX || title.is_empty() {
        return 0;
    }
    let found = words.iter().filter(|word| title.binary_search(word).is_ok()).count();
    u16::try_from(share(found, block.words as usize)).unwrap_or(100).min(100)
}

/// The first-level heading that says most of the title, else any heading or block that does.
pub(super) fn shows_title(blocks: &[Block], titled: &[u16], title_words: usize) -> u32 {
    let rate = |block: &Block, share: u16| {
        let heading = match block.kind {
            Kind::Heading(1) => 30,
            Kind::Heading(2) => 15,
            Kind::Heading(_) => 5,
            _ => 0,
        };
        let covers = u32::try_from(title_words).unwrap_or(u32::MAX).min(10);
        u32::from(share).saturating_mul(block.words.min(covers)) / covers.max(1) + heading
    };
    let mut best = (70_u32, 0_u32);
    for ((number, block), share) in (1_u32..).zip(blocks).zip(titled) {
        let rate = rate(block, *share);
        if rate > best.0 {
            best = (rate, number);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_found_by_its_hash() {
        for label in LABELS {
            let hashes: Vec<u64> = word_hashes(label).collect();
            assert!(matches!(hashes.as_slice(), [hash] if is_label(*hash)), "{label}");
        }
        assert!(!word_hashes("the rates rise again in spring").any(is_label));
    }

    #[test]
    fn furniture_is_known_in_many_languages() {
        let percent = |text: &str| {
            let mut block = Block::default();
            block.push_flow(text, crate::page::block::Style::default());
            block.finish();
            label_percent(&block, &word_hashes(text).collect::<Vec<u64>>())
        };
        assert_eq!(percent("Leave a reply"), 66);
        assert_eq!(percent("\u{397}\u{20}\u{3a3}\u{3a7}\u{39f}\u{39b}\u{399}\u{391}"), 0);
        assert_eq!(percent("\u{3a3}\u{3c7}\u{3cc}\u{3bb}\u{3b9}\u{3b1}"), 100);
        assert_eq!(percent("\u{76f8}\u{5173}\u{9605}\u{8bfb}"), 100);
        assert_eq!(percent("The rates rise again in spring"), 0);
    }

    #[test]
    fn words_hash_alike_in_any_case_and_script() {
        let hashes = |text: &str| word_hashes(text).collect::<Vec<_>>();
        assert_eq!(hashes("Rates RISE"), hashes("rates - rise"));
        assert_eq!(hashes("\u{c9}tude"), hashes("\u{e9}tude"));
        assert_ne!(hashes("a"), hashes("b"));
        assert_eq!(hashes("\u{65e5}\u{672c}\u{8a9e}ok").len(), 4);
    }
}
