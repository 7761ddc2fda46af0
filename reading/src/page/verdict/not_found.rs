//! Pages that say that there is no such page, under a status that says that all is well.

use super::Case;

/// With the name of a template, sites fill such pages with recent posts; without it, they say little.
const WORDS_MAX: u32 = 400;
const WORDS_MAX_UNNAMED: u32 = 120;
const TINY_WORDS: u32 = 60;
const POINTS_MIN: u32 = 3;

pub(super) fn stands(case: &Case) -> bool {
    let limit = if case.marks.error_template { WORDS_MAX } else { WORDS_MAX_UNNAMED };
    if case.kept > limit {
        return false;
    }
    let headed = case.is_headed(&NAMES)
        || case.headings.iter().any(|heading| PHRASES.iter().any(|phrase| heading.contains(phrase)));
    let plain = 2 * u32::from(case.is_titled(&NAMES)) + 2 * u32::from(headed);
    let vague = u32::from(case.is_titled(&VAGUE)) + u32::from(case.is_headed(&VAGUE));
    let bare = case.kept < super::THIN_WORDS_MIN;
    let says = case.says(&PHRASES, !bare) > 0;
    // What may mean something else counts only where the page says so or says nothing else.
    if !(plain > 0 || says && (vague > 0 || bare || case.marks.error_template) || vague > 0 && bare) {
        return false;
    }
    let points = 3 * u32::from(case.marks.error_template)
        + plain
        + vague
        + u32::from(says)
        + u32::from(bare)
        + u32::from(case.kept <= TINY_WORDS);
    points.saturating_sub(2 * u32::from(case.told)) >= POINTS_MIN
}

/// Titles and headings that mean nothing else.
#[rustfmt::skip]
const NAMES: [&str; 54] = [
    "page not found", "article not found", "post not found", "product not found", "content not found", "404 not found", "error 404", "404 error", "404 page not found", "page not found (404)", "404 page", "page not found 404",
    "not found (404)", "oops! that page can't be found", "nothing found", "page does not exist", "this page could not be found", "404 - page not found",
    "page introuvable", "page non trouvée", "erreur 404", "seite nicht gefunden", "seite wurde nicht gefunden", "fehler 404", "404 fehler", "404 seite nicht gefunden",
    "página no encontrada", "pagina no encontrada", "error 404 página no encontrada", "página não encontrada", "pagina non trovata", "pagina niet gevonden", "sidan hittades inte",
    "nie znaleziono strony", "strona nie istnieje", "strona nie została znaleziona", "błąd 404", "stránka nenalezena",
    "страница не найдена", "ошибка 404", "404 страница не найдена", "сторінку не знайдено", "η σελίδα δεν βρέθηκε", "σφάλμα 404", "sayfa bulunamadı",
    "页面不存在", "找不到页面", "页面未找到", "找不到網頁", "ページが見つかりません", "お探しのページは見つかりませんでした", "ページが見つかりませんでした", "404エラー", "페이지를 찾을 수 없습니다",
];

/// Titles that may mean something else.
const VAGUE: [&str; 12] = [
    "404",
    "not found",
    "error",
    "oops",
    "nicht gefunden",
    "introuvable",
    "no encontrado",
    "nie znaleziono",
    "не найдено",
    "δεν βρέθηκε",
    "未找到",
    "見つかりません",
];

/// What such pages say.
#[rustfmt::skip]
const PHRASES: [&str; 67] = [
    "page you are looking for", "page you're looking for", "page you were looking for", "page you requested", "article you requested", "product you requested", "article you are looking for", "product you are looking for", "content you are looking for", "content you requested", "page could not be found", "page can't be found",
    "page cannot be found", "page doesn't exist", "page does not exist", "page no longer exists", "nothing was found at this location", "couldn't find the page",
    "couldn't find that page", "can't find the page", "could not find the page", "cannot find the page", "can't seem to find the page", "we can't find that page",
    "requested url was not found", "page isn't available", "page is not available", "page is no longer available", "content isn't available", "page has been removed", "page has moved",
    "may have been moved or deleted", "article is no longer available", "product is no longer available", "link may be broken", "you followed a broken link", "we've lost that page",
    "seite konnte nicht gefunden", "seite wurde nicht gefunden", "seite existiert nicht", "seite ist nicht mehr verfügbar", "gesuchte seite", "gewünschte seite", "angeforderte seite",
    "page que vous recherchez", "page que vous cherchez", "page demandée", "page n'existe pas", "página que buscas", "página que está buscando", "página solicitada", "página no existe",
    "strona, której szukasz", "podana strona nie istnieje", "strona nie istnieje", "nie możemy znaleźć", "запрашиваемая страница", "такой страницы не существует", "страница, которую вы", "страница не существует", "страница была удалена",
    "η σελίδα που ζητήσατε", "η σελίδα που αναζητάτε", "您访问的页面", "您要查看的页面", "お探しのページ", "指定されたページ",
];
