//! What a figure counts: `30 ms` and `30 s` are two statements, `30 ms` and `30 milliseconds` one.

use crate::text::{folded, words};
use std::collections::BTreeSet;
use std::ops::Range;

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
    let code = before.rsplit(|c: char| !c.is_alphanumeric()).next().map(folded);
    sign.or_else(|| behind(after))
        .or_else(|| {
            code.as_deref().filter(|c| matches!(*c, "eur" | "usd" | "gbp" | "chf" | "jpy")).and_then(unit_of)
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
    let named = words(text).filter(|(_, w)| w.len() > 1).filter_map(|(_, word)| unit_of(&folded(word)));
    signs.chain(named).collect()
}

/// The unit that a word names.
pub(super) fn unit_named(word: &str) -> Option<Unit> {
    unit_of(&folded(word))
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
    let mut list = words(tail).map(|(_, w)| folded(w));
    let mut first = list.next().filter(|w| tail.to_lowercase().starts_with(w.as_str()))?;
    // The scale of the figure stands between it and what it counts: `2.4 million euros`.
    if matches!(
        first.as_str(),
        "thousand" | "million" | "billion" | "trillion" | "bn" | "mn" | "millionen" | "millions"
    ) {
        first = list.next()?;
    }
    let second = list.next().unwrap_or_default();
    match (first.as_str(), second.as_str()) {
        ("per", "cent") | ("pour", "cent") | ("por", "ciento") => Some("%"),
        ("percentage" | "percent", "point" | "points") => Some("pp"),
        ("points", "de") => Some("pp"),
        (first, _) => unit_of(first),
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

/// The unit that a lower-case word names.
#[rustfmt::skip]
fn unit_of(word: &str) -> Option<Unit> {
    Some(match word {
        "ns" | "nanosecond" | "nanoseconds" => "ns",
        "us" | "\u{b5}s" | "\u{3bc}s" | "microsecond" | "microseconds" => "us",
        "ms" | "msec" | "millisecond" | "milliseconds" | "millisekunden" | "millisecondes" | "milisegundos" => "ms",
        "s" | "sec" | "secs" | "seconds" | "second" | "sekunde" | "sekunden" | "seconde" | "secondes" | "segundo" | "segundos" => "s",
        "min" | "mins" | "minute" | "minutes" | "minuten" | "minuto" | "minutos" => "min",
        "h" | "hour" | "hours" | "hrs" | "stunde" | "stunden" | "heure" | "heures" | "hora" | "horas" => "h",
        "day" | "days" | "tag" | "tage" | "tagen" | "jour" | "jours" | "d\u{ed}a" | "d\u{ed}as" => "d",
        "week" | "weeks" | "woche" | "wochen" | "semaine" | "semaines" | "semana" | "semanas" => "wk",
        "month" | "months" | "monat" | "monate" | "monaten" | "mois" | "mes" | "meses" => "mo",
        "year" | "years" | "jahr" | "jahre" | "jahren" | "an" | "ans" | "ann\u{e9}es" | "a\u{f1}o" | "a\u{f1}os" => "yr",
        "decade" | "decades" => "decade",
        "century" | "centuries" => "century",
        "%" | "percent" | "prozent" => "%",
        "pp" | "prozentpunkte" | "prozentpunkten" => "pp",
        "bit" | "bits" => "bit",
        "byte" | "bytes" => "B",
        "kb" | "kib" | "kilobyte" | "kilobytes" | "kibibytes" => "KB",
        "mb" | "mib" | "megabyte" | "megabytes" | "mebibytes" => "MB",
        "gb" | "gib" | "gigabyte" | "gigabytes" | "gibibytes" => "GB",
        "tb" | "tib" | "terabyte" | "terabytes" => "TB",
        "pb" | "pib" | "petabyte" | "petabytes" => "PB",
        "kbit" | "kbps" => "kbit",
        "mbit" | "mbps" => "Mbit",
        "gbit" | "gbps" => "Gbit",
        "usd" | "dollar" | "dollars" => "$",
        "eur" | "euro" | "euros" => "\u{20ac}",
        "gbp" => "\u{a3}",
        "jpy" | "yen" => "\u{a5}",
        "chf" | "franc" | "francs" | "franken" => "CHF",
        "mm" | "millimetre" | "millimetres" | "millimeter" | "millimeters" => "mm",
        "cm" | "centimetre" | "centimetres" | "centimeter" | "centimeters" => "cm",
        "metre" | "metres" | "meter" | "meters" => "m",
        "km" | "kilometre" | "kilometres" | "kilometer" | "kilometers" => "km",
        "mile" | "miles" => "mile",
        "foot" | "feet" | "ft" => "ft",
        "inch" | "inches" => "in",
        "mg" | "milligram" | "milligrams" => "mg",
        "gram" | "grams" => "g",
        "kg" | "kilogram" | "kilograms" | "kilo" | "kilos" => "kg",
        "tonne" | "tonnes" | "ton" | "tons" | "tonnen" => "t",
        "lb" | "lbs" | "pound" | "pounds" => "lb",
        "oz" | "ounce" | "ounces" => "oz",
        "kw" | "kilowatt" | "kilowatts" => "kW",
        "mw" | "megawatt" | "megawatts" => "MW",
        "gw" | "gigawatt" | "gigawatts" => "GW",
        "tw" | "terawatt" | "terawatts" => "TW",
        "kwh" => "kWh",
        "mwh" => "MWh",
        "gwh" => "GWh",
        "twh" => "TWh",
        "hz" | "hertz" => "Hz",
        "khz" => "kHz",
        "mhz" => "MHz",
        "ghz" => "GHz",
        "ml" | "millilitre" | "millilitres" | "milliliters" => "ml",
        "litre" | "litres" | "liter" | "liters" => "l",
        "gallon" | "gallons" => "gal",
        "\u{b0}c" | "celsius" => "\u{b0}C",
        "\u{b0}f" | "fahrenheit" => "\u{b0}F",
        "kelvin" => "K",
        _ => return None,
    })
}
