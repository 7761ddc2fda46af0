//! Domains that nobody uses: for sale, expired, or with nothing but a host's own greeting.

use super::Case;

/// A page about domain trading says more.
const WORDS_MAX: u32 = 120;
const TINY_WORDS: u32 = 50;
const POINTS_MIN: u32 = 2;

pub(super) fn stands(case: &Case) -> bool {
    if case.kept > WORDS_MAX || case.told {
        return false;
    }
    let says = case.says(&PHRASES, false);
    let titled = case
        .titles
        .iter()
        .chain(&case.headings)
        .any(|title| PHRASES.iter().any(|phrase| title.contains(phrase)));
    let points = 2 * u32::from(case.marks.parking)
        + says.min(1)
        + u32::from(titled)
        + u32::from(case.all <= TINY_WORDS && says > 0);
    points >= POINTS_MIN && (says > 0 || titled || case.all <= TINY_WORDS)
}

#[rustfmt::skip]
const PHRASES: [&str; 31] = [
    "domain is for sale", "domain name is for sale", "domain may be for sale", "buy this domain", "domain is parked", "domain has been parked", "parked free", "domain parking", "domain name has expired", "domain has expired", "this domain is available",
    "inquire about this domain", "make an offer on this domain", "domain is registered, but", "domain owner", "future home of", "welcome to nginx", "apache2 default page", "apache2 ubuntu default page", "iis windows server", "default web page", "account has been suspended",
    "site is under construction", "website coming soon", "diese domain steht zum verkauf", "domain steht zum verkauf", "ce domaine est à vendre", "este dominio está a la venta", "domena jest na sprzedaż", "домен продается", "域名出售",
];
