//! Walls that open only to those who log in or pay.

use super::Case;

/// A page with more words of main content than this has something to read beside its form.
const WORDS_MAX: u32 = 130;
const TINY_WORDS: u32 = 60;
const POINTS_MIN: u32 = 4;

pub(super) fn stands(case: &Case) -> bool {
    if case.kept > WORDS_MAX || case.marks.interstitial {
        return false;
    }
    let titled = case.is_titled(&NAMES)
        || case.titles.iter().any(|title| STARTS.iter().any(|start| title.starts_with(start)));
    let headed = case.is_headed(&NAMES)
        || case.headings.iter().any(|heading| STARTS.iter().any(|start| heading.starts_with(start)));
    let says = case.says(&PHRASES, case.kept >= super::THIN_WORDS_MIN).min(2);
    let field = case.marks.passwords > 0;
    // A small box for regular visitors stands on many pages: the page itself must speak of logging in.
    if !titled && !headed && says == 0 {
        return false;
    }
    let points = 2 * u32::from(field)
        + 2 * u32::from(titled)
        + u32::from(headed)
        + u32::from(case.marks.login_form)
        + 2 * says.min(1)
        + u32::from(says > 1)
        + u32::from(case.kept <= TINY_WORDS);
    points.saturating_sub(2 * u32::from(case.told && !field)) >= POINTS_MIN
}

#[rustfmt::skip]
const NAMES: [&str; 49] = [
    "log in", "login", "log on", "logon", "sign in", "sign on", "signin", "log in or sign up", "login required", "sign in required", "member login", "user login", "account login", "customer login", "welcome back",
    "please log in", "please sign in", "log in to your account", "sign in to your account", "single sign-on", "authentication required", "subscribe to continue", "subscribe to read", "login or register", "create an account",
    "anmelden", "anmeldung", "einloggen", "bitte anmelden", "anmelden oder registrieren", "connexion", "se connecter", "s'identifier", "iniciar sesión", "inicia sesión", "acceder", "accedi",
    "logowanie", "zaloguj się", "zaloguj", "вход", "войти", "авторизация", "вход в систему", "σύνδεση", "登录", "登入", "ログイン", "サインイン",
];

#[rustfmt::skip]
const STARTS: [&str; 14] = [
    "log in to ", "login to ", "log into ", "sign in to ", "sign in with ", "sign into ", "subscribe to continue", "subscribe to read", "subscribers only", "melden sie sich an", "connectez-vous", "inicia sesión en", "zaloguj się do", "войдите в",
];

/// What walls say. A box in the margin says "log in"; a wall says what for.
#[rustfmt::skip]
const PHRASES: [&str; 63] = [
    "you must be logged in", "you must log in", "you need to be logged in", "you need to log in", "you need to sign in", "log in to continue", "login to continue", "sign in to continue", "sign up to continue", "log in to view", "login to view",
    "sign in to view", "log in to see", "sign in to see", "please log in to", "please login to", "please sign in to", "sign in or create", "log in or create", "log in or register to", "requires you to log in", "restricted to members", "for members only", "members-only",
    "subscribe to continue", "subscribe to read", "subscribe now to read", "to continue reading", "to keep reading", "for subscribers only", "only available to subscribers", "exclusively for subscribers", "this content is for subscribers", "already a subscriber", "forgot your password", "forgot password",
    "enter your email or phone", "enter your password", "don't have an account", "new to this site", "not authorised to read", "not authorized to view", "keep me signed in", "keep me logged in", "remember me",
    "melden sie sich an, um", "bitte melden sie sich an", "passwort vergessen", "nur für abonnenten", "weiterlesen mit", "connectez-vous pour", "mot de passe oublié", "réservé aux abonnés", "inicia sesión para", "olvidaste tu contraseña", "olvidó su contraseña",
    "zaloguj się, aby", "nie pamiętasz hasła", "забыли пароль", "войдите, чтобы", "ξεχάσατε τον κωδικό", "忘记密码", "パスワードをお忘れ",
];
