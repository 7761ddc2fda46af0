//! What elements of a page say about its purpose: password fields, captchas, consent dialogs, error templates. Kept as
//! flags and small counts while the page passes.

use crate::page::attributes::Attributes;
use crate::page::tag::Tag;
use lol_html::html_content::Element;

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Fields for a password that a reader can see.
    pub(crate) passwords: u32,
    /// A form whose address or name speaks of logging in.
    pub(crate) login_form: bool,
    /// Something that only a page has that stands in another page's place until its visitor proves to be a person.
    pub(crate) interstitial: bool,
    /// A captcha, which forms on ordinary pages have too.
    pub(crate) captcha: bool,
    /// A dialog or form of a consent manager.
    pub(crate) consent: bool,
    /// Buttons that give or refuse consent.
    pub(crate) consent_buttons: u32,
    /// The name of a template for pages that do not exist.
    pub(crate) error_template: bool,
    /// An element that scripts fill with the page.
    pub(crate) mount: bool,
    /// Scripts from files.
    pub(crate) script_files: u32,
    /// A script of a service that sells parked domains.
    pub(crate) parking: bool,
    scripts_seen: u32,
}

/// Of an address, name or value this much is looked at.
const VALUE_BYTES_MAX: usize = 512;
/// Beginnings of scripts that are looked at: a page that stands in another's place has one to three.
const SCRIPTS_MAX: u32 = 16;

impl Marks {
    /// A form, field, script or frame that readers can see.
    pub(crate) fn element(&mut self, name: &str, element: &Element<'_, '_>) {
        let value = |attribute| short(element.get_attribute(attribute));
        match name {
            "input" => {
                if value("type") == "password" {
                    self.passwords = self.passwords.saturating_add(1);
                }
                let said = [value("id"), value("name"), value("class"), value("value")].join(" ");
                self.button(&said);
            }
            "button" => {
                self.button(
                    &[value("id"), value("name"), value("class"), value("value"), value("title")].join(" "),
                );
            }
            "form" => {
                let action = value("action");
                let said = [action.clone(), value("id"), value("name"), value("class")].join(" ");
                self.login_form |= has(
                    &said,
                    &["login", "signin", "sign-in", "sign_in", "log-in", "logon", "/auth", "/sso", "saml"],
                );
                self.consent |= has(&action, &["consent."])
                    || has(&said, &["consent-form", "consentform", "collectconsent"]);
                self.interstitial |= has(
                    &said,
                    &[
                        "challenge-form",
                        "captcha-form",
                        "validatecaptcha",
                        "/showcaptcha",
                        "checkcaptcha",
                        "/_sec/verify",
                    ],
                );
            }
            "script" | "iframe" => {
                let source = value("src");
                if source.is_empty() {
                    return;
                }
                if name == "script" {
                    self.script_files = self.script_files.saturating_add(1);
                }
                self.interstitial |= has(
                    &source,
                    &[
                        "captcha-delivery.com",
                        "captcha.px-c",
                        "/cdn-cgi/challenge-platform/h/",
                        "/.within.website/x/cmd/anubis",
                        "/.well-known/ddos-guard/",
                    ],
                ) || (name == "iframe" && source.contains("_incapsula_resource"));
                self.captcha |= has(
                    &source,
                    &[
                        "challenges.cloudflare.com/turnstile",
                        "hcaptcha.com",
                        "recaptcha",
                        "captcha",
                        "awswaf.com",
                        "arkoselabs.com",
                    ],
                );
                self.consent |= has(
                    &source,
                    &["consent.google.", "consent.yahoo.", "privacy-mgmt.com", "cmp.inmobi.com/choice"],
                ) && name == "iframe";
                self.parking |= has(
                    &source,
                    &[
                        "parkingcrew.net",
                        "sedoparking.com",
                        "parklogic.com",
                        "bodis.com",
                        "above.com/js",
                        "/adsense/domains/caf.js",
                        "d38psrni17bvxu.cloudfront.net",
                    ],
                );
            }
            _ => {}
        }
    }

    /// Class and id of any element that readers can see.
    pub(crate) fn names(&mut self, name: &str, tag: Tag, attributes: &Attributes<'_>) {
        if matches!(tag, Tag::Html | Tag::Body) {
            let tokens = attributes.class.split_ascii_whitespace().chain([attributes.id.trim()]);
            self.error_template |= tokens.map(str::to_ascii_lowercase).any(|token| {
                matches!(
                    token.as_str(),
                    "error404"
                        | "error-404"
                        | "error_404"
                        | "template-404"
                        | "template--404"
                        | "page-404"
                        | "page-template-404"
                        | "path-404"
                        | "page--404"
                        | "http-404"
                        | "page-not-found"
                        | "page_not_found"
                        | "pagenotfound"
                        | "not-found-page"
                        | "notfound"
                        | "not-found"
                        | "is-404"
                        | "status-404"
                        | "__next_error__"
                )
            });
        }
        self.mount |= name == "app-root";
        match attributes.id.as_ref() {
            "" => {}
            "root" | "app" | "__next" | "__nuxt" | "___gatsby" | "app-root" | "svelte" | "react-root"
            | "ember-app" | "q-app" => {
                self.mount = true;
            }
            "challenge-form"
            | "challenge-running"
            | "challenge-stage"
            | "challenge-error-text"
            | "challenge-body-text"
            | "cf-challenge-running"
            | "cf-error-details"
            | "cf-wrapper"
            | "px-captcha"
            | "captcha-form"
            | "sec-if-cpt-container"
            | "sec-cpt-if"
            | "anubis_challenge"
            | "anubis_version"
            | "cmsg"
            | "aws-waf-captcha"
            | "ddg-captcha" => self.interstitial = true,
            "onetrust-consent-sdk"
            | "onetrust-banner-sdk"
            | "cybotcookiebotdialog"
            | "CybotCookiebotDialog"
            | "didomi-host"
            | "didomi-popup"
            | "qc-cmp2-container"
            | "qc-cmp2-ui"
            | "usercentrics-root"
            | "cmpbox"
            | "consent-page"
            | "consent-wall"
            | "cookie-wall" => {
                self.consent = true;
            }
            _ => {}
        }
    }

    /// The beginning of a script in the page.
    pub(crate) fn script(&mut self, text: &str) {
        if self.scripts_seen >= SCRIPTS_MAX {
            return;
        }
        self.scripts_seen = self.scripts_seen.saturating_add(1);
        let bytes = text.as_bytes();
        let head = bytes.get(..VALUE_BYTES_MAX).unwrap_or(bytes);
        const NEEDLES: [&[u8]; 6] = [
            b"_cf_chl_opt",
            b"gokuProps",
            b"captcha-delivery.com",
            b"_pxBlockScript",
            b"sucuri_cloudproxy_js",
            b"_pxUuid",
        ];
        let holds = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
        self.interstitial |= NEEDLES.iter().any(|needle| holds(needle));
    }

    fn button(&mut self, said: &str) {
        if has(
            said,
            &[
                "accept",
                "agree",
                "consent",
                "reject",
                "zustimmen",
                "akzeptieren",
                "aceptar",
                "accepter",
                "alle ablehnen",
            ],
        ) {
            self.consent_buttons = self.consent_buttons.saturating_add(1);
        }
    }
}

fn has(text: &str, needles: &[&str]) -> bool {
    needles.iter().any(|needle| text.contains(needle))
}

/// Lower case, and no longer than what is looked at.
fn short(value: Option<String>) -> String {
    let value = value.unwrap_or_default();
    let end = crate::page::block::boundary_at_or_before(&value, VALUE_BYTES_MAX);
    value.get(..end).unwrap_or_default().trim().to_lowercase()
}
