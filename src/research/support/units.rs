//! What a figure counts: `30 ms` and `30 s` are two statements, `30 ms` and `30 milliseconds` one.

use crate::text::{folded, words};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// A unit by its usual sign.
pub(super) type Unit = &'static str;

/// Longest gap between a figure and its unit, in bytes: a blank, a no-break blank or a hyphen.
const GAP_BYTES_MAX: usize = 4;
/// Bytes on each side of a figure in which its unit is looked for: the gap, a word of scale and two words of twelve letters.
const NEAR_BYTES: usize = 40;

/// The unit of the figure at `range`; of `5-10 ms` both figures have it.
pub(super) fn unit_at(text: &str, range: &Range<usize>, next: Option<&Range<usize>>) -> Option<Unit> {
    let before = near_before(text, range.start).trim_end();
    let after = near_behind(text, range.end);
    let sign = before.chars().next_back().and_then(currency);
    let code = before.rsplit(|c: char| !c.is_alphanumeric()).next();
    sign.or_else(|| behind(after))
        .or_else(|| {
            code.filter(|c| {
                matches!(*c, "EUR" | "USD" | "GBP" | "CHF" | "JPY" | "eur" | "usd" | "gbp" | "chf" | "jpy")
            })
            .and_then(unit_of)
        })
        .or_else(|| {
            let next = next?;
            let gap = text.get(range.end..next.start).filter(|gap| gap.len() <= NEAR_BYTES)?.trim();
            let joined =
                matches!(gap, "-" | "\u{2013}" | "to" | "and" | "or" | "bis" | "und" | "et" | "y" | "a");
            joined.then(|| behind(near_behind(text, next.end))).flatten()
        })
}

/// The last bytes before a place in a text.
fn near_before(text: &str, at: usize) -> &str {
    let from = (at.saturating_sub(NEAR_BYTES)..=at).find(|i| text.is_char_boundary(*i)).unwrap_or(at);
    text.get(from..at).unwrap_or_default()
}

/// The first bytes behind a place in a text.
fn near_behind(text: &str, at: usize) -> &str {
    let end = text.len().min(at.saturating_add(NEAR_BYTES));
    let to = (at..=end).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(at);
    text.get(at..to).unwrap_or_default()
}

/// Every unit that a text names.
pub(super) fn mentioned(text: &str) -> BTreeSet<Unit> {
    let signs = text.chars().filter_map(|c| if c == '%' { Some("%") } else { currency(c) });
    let named = words(text).filter(|(_, w)| w.len() > 1).filter_map(|(_, word)| unit_of(word));
    signs.chain(named).collect()
}

/// Whether a lower-case word names a unit, or the scale of the figure before it.
pub(super) fn is_unit(word: &str) -> bool {
    unit_of(word).is_some()
        || matches!(
            word,
            "million"
                | "millions"
                | "billion"
                | "billions"
                | "thousand"
                | "cent"
                | "percentage"
                | "points"
                | "point"
        )
}

fn behind(after: &str) -> Option<Unit> {
    let tail = after.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-', '*', '_', '`']);
    if after.len() - tail.len() > GAP_BYTES_MAX {
        return None;
    }
    if tail.starts_with('%') {
        let word = tail.get(1..).unwrap_or_default().trim_start().to_lowercase();
        return Some(if word.starts_with("point") { "pp" } else { "%" });
    }
    if let Some(sign) = tail.chars().next().and_then(currency) {
        return Some(sign);
    }
    if let Some(degrees) = tail.strip_prefix('\u{b0}') {
        return unit_of(&format!("\u{b0}{}", degrees.chars().take(1).collect::<String>().to_lowercase()));
    }
    let mut list = words(tail).map(|(_, w)| w);
    let mut first = list.next().filter(|w| tail.starts_with(w))?;
    // "5m" is five million, or five minutes.
    if first == "m" && tail.len() == after.len() {
        return None;
    }
    // The scale of the figure stands between it and what it counts: `2.4 million euros`.
    if matches!(
        folded(first).as_str(),
        "thousand" | "million" | "billion" | "trillion" | "bn" | "mn" | "millionen" | "millions"
    ) {
        first = list.next()?;
    }
    let second = list.next().unwrap_or_default();
    match (folded(first).as_str(), folded(second).as_str()) {
        ("per", "cent") | ("pour", "cent") | ("por", "ciento") => Some("%"),
        ("percentage" | "percent", "point" | "points") => Some("pp"),
        ("points", "de") => Some("pp"),
        _ => unit_of(first),
    }
}

fn currency(c: char) -> Option<Unit> {
    Some(match c {
        '$' => "$",
        '\u{20ac}' => "\u{20ac}",
        '\u{a3}' => "\u{a3}",
        '\u{a5}' => "\u{a5}",
        _ => return None,
    })
}

/// The unit that a word names: as it is written first, since mW is not MW, then in small letters.
pub(super) fn unit_of(word: &str) -> Option<Unit> {
    let written = EXACT.get(word).copied();
    written.or_else(|| ANY_CASE.get(folded(word).as_str()).copied())
}

/// Every name as it is written.
static EXACT: LazyLock<BTreeMap<&str, Unit>> = LazyLock::new(|| {
    UNITS.iter().flat_map(|(unit, names)| names.iter().map(move |name| (*name, *unit))).collect()
});

/// Every name of more than one letter in small letters; of two that are one then, the first.
static ANY_CASE: LazyLock<BTreeMap<String, Unit>> = LazyLock::new(|| {
    let names = UNITS
        .iter()
        .rev()
        .flat_map(|(unit, names)| names.iter().rev().map(move |name| (folded(name), *unit)));
    names.filter(|(name, _)| name.chars().count() > 1).collect()
});

/// Units with their signs and names; where letters tell two signs apart by their case only, the commoner one is first.
#[rustfmt::skip]
const UNITS: &[(Unit, &[&str])] = &[
    ("ns", &["ns", "nanosecond", "nanoseconds"]),
    ("us", &["us", "\u{b5}s", "\u{3bc}s", "microsecond", "microseconds"]),
    ("ms", &["ms", "msec", "millisecond", "milliseconds", "millisekunden", "millisecondes", "milisegundos"]),
    ("s", &["s", "sec", "secs", "seconds", "second", "sekunde", "sekunden", "seconde", "secondes", "segundo", "segundos"]),
    ("min", &["min", "mins", "minute", "minutes", "minuten", "minuto", "minutos"]),
    ("h", &["h", "hour", "hours", "hrs", "stunde", "stunden", "heure", "heures", "hora", "horas"]),
    ("d", &["day", "days", "tag", "tage", "tagen", "jour", "jours", "d\u{ed}a", "d\u{ed}as"]),
    ("wk", &["week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas"]),
    ("mo", &["month", "months", "monat", "monate", "monaten", "mois", "mes", "meses"]),
    ("yr", &["year", "years", "jahr", "jahre", "jahren", "an", "ans", "ann\u{e9}es", "a\u{f1}o", "a\u{f1}os"]),
    ("decade", &["decade", "decades"]),
    ("century", &["century", "centuries"]),
    ("%", &["%", "percent", "prozent"]),
    ("pp", &["pp", "prozentpunkte", "prozentpunkten"]),
    ("ppm", &["ppm"]),
    ("bit", &["bit", "bits"]),
    ("B", &["byte", "bytes", "B"]),
    ("KB", &["KB", "kB", "KiB", "kilobyte", "kilobytes", "kibibytes"]),
    ("MB", &["MB", "MiB", "megabyte", "megabytes", "mebibytes"]),
    ("GB", &["GB", "GiB", "gigabyte", "gigabytes", "gibibytes"]),
    ("TB", &["TB", "TiB", "terabyte", "terabytes"]),
    ("PB", &["PB", "PiB", "petabyte", "petabytes"]),
    ("kbit", &["kbit", "kbps", "Kb", "kb/s"]),
    ("Mbit", &["Mbit", "Mbps", "Mb"]),
    ("Gbit", &["Gbit", "Gbps", "Gb"]),
    ("$", &["USD", "dollar", "dollars"]),
    ("\u{20ac}", &["EUR", "euro", "euros"]),
    ("\u{a3}", &["GBP"]),
    ("\u{a5}", &["JPY", "yen"]),
    ("CHF", &["CHF", "franc", "francs", "franken"]),
    ("crown", &["crown", "crowns", "krone", "kroner", "kronor"]),
    ("rupee", &["rupee", "rupees"]),
    ("yuan", &["yuan"]),
    ("\u{b5}m", &["\u{b5}m", "\u{3bc}m", "micrometre", "micrometres", "micrometer", "micrometers", "micron", "microns"]),
    ("nm", &["nm", "nanometre", "nanometres", "nanometer", "nanometers"]),
    ("mm", &["mm", "millimetre", "millimetres", "millimeter", "millimeters"]),
    ("cm", &["cm", "centimetre", "centimetres", "centimeter", "centimeters"]),
    ("m", &["m", "metre", "metres", "meter", "meters"]),
    ("km", &["km", "kilometre", "kilometres", "kilometer", "kilometers"]),
    ("mile", &["mile", "miles"]),
    ("ft", &["foot", "feet", "ft"]),
    ("in", &["inch", "inches"]),
    ("ha", &["ha", "hectare", "hectares", "hektar"]),
    ("acre", &["acre", "acres"]),
    ("\u{b5}g", &["\u{b5}g", "\u{3bc}g", "mcg", "microgram", "micrograms"]),
    ("mg", &["mg", "milligram", "milligrams"]),
    ("g", &["g", "gram", "grams", "gramm"]),
    ("kg", &["kg", "kilogram", "kilograms", "kilo", "kilos"]),
    ("t", &["t", "tonne", "tonnes", "ton", "tons", "tonnen"]),
    ("lb", &["lb", "lbs", "pound", "pounds"]),
    ("oz", &["oz", "ounce", "ounces"]),
    ("W", &["W", "watt", "watts"]),
    ("kW", &["kW", "kilowatt", "kilowatts"]),
    ("MW", &["MW", "megawatt", "megawatts"]),
    ("mW", &["mW", "milliwatt", "milliwatts"]),
    ("GW", &["GW", "gigawatt", "gigawatts"]),
    ("TW", &["TW", "terawatt", "terawatts"]),
    ("Wh", &["Wh"]),
    ("kWh", &["kWh"]),
    ("MWh", &["MWh"]),
    ("mWh", &["mWh"]),
    ("GWh", &["GWh"]),
    ("TWh", &["TWh"]),
    ("V", &["V", "volt", "volts"]),
    ("mV", &["mV", "millivolt", "millivolts"]),
    ("kV", &["kV", "kilovolt", "kilovolts"]),
    ("MV", &["MV"]),
    ("mA", &["mA", "milliamp", "milliamps"]),
    ("mAh", &["mAh"]),
    ("J", &["joule", "joules"]),
    ("kJ", &["kJ", "kilojoule", "kilojoules"]),
    ("MJ", &["MJ", "megajoule", "megajoules"]),
    ("kcal", &["kcal"]),
    ("Hz", &["Hz", "hertz"]),
    ("kHz", &["kHz"]),
    ("MHz", &["MHz"]),
    ("mHz", &["mHz"]),
    ("GHz", &["GHz"]),
    ("dB", &["dB", "decibel", "decibels"]),
    ("hPa", &["hPa"]),
    ("kPa", &["kPa"]),
    ("MPa", &["MPa"]),
    ("mPa", &["mPa"]),
    ("ml", &["ml", "mL", "millilitre", "millilitres", "milliliter", "milliliters"]),
    ("l", &["l", "L", "litre", "litres", "liter", "liters"]),
    ("gal", &["gallon", "gallons"]),
    ("\u{b0}C", &["\u{b0}c", "celsius"]),
    ("\u{b0}F", &["\u{b0}f", "fahrenheit"]),
    ("K", &["kelvin"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sign_stands_for_two_units_and_case_tells_them_apart() {
        let names: Vec<&&str> = UNITS.iter().flat_map(|(_, names)| names.iter()).collect();
        assert_eq!(names.len(), EXACT.len());
        for (word, unit) in [
            ("MW", Some("MW")),
            ("mW", Some("mW")),
            ("mw", Some("MW")),
            ("MB", Some("MB")),
            ("mb", Some("MB")),
            ("Mb", Some("Mbit")),
            ("m", Some("m")),
            ("M", None),
            ("G", None),
            ("t", Some("t")),
            ("T", None),
            ("Tonnes", Some("t")),
            ("users", None),
        ] {
            assert_eq!(unit_of(word), unit, "{word}");
        }
    }

    #[test]
    fn a_glued_m_is_a_million_and_one_behind_a_blank_a_metre() {
        let unit = |text: &str| unit_at(text, &(0..1), None);
        assert_eq!(
            (unit("5m users"), unit("5 m high"), unit("5g of salt"), unit("5G networks")),
            (None, Some("m"), Some("g"), None)
        );
        assert_eq!(
            (unit("5 g"), unit("5 W"), unit("5 l"), unit("5 t")),
            (Some("g"), Some("W"), Some("l"), Some("t"))
        );
    }
}
